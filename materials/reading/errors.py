"""Errors of reading. `UnreadableError` and `ReaderFailedError` are met by jobs and by `cailian read`."""

from __future__ import annotations

from materials.errors import MaterialsError


class UnreadableError(MaterialsError):
    """The document cannot be read; `problem` says why, kebab-case."""

    code = "document-unreadable"


class ReaderFailedError(MaterialsError):
    """The reader's process ended or took too long over a page; it was stopped and will be started anew."""

    code = "reader-failed"


class ReadingUnsupportedError(MaterialsError):
    """Files of this media type, or so large, are not read; `problem` says which."""

    code = "reading-unsupported"


class ReadingRunningError(MaterialsError):
    """The material is being read already."""

    code = "reading-running"


class UnknownReadingError(MaterialsError):
    """No such reading of the material, or none the caller may know of."""

    code = "unknown-reading"


class ReadingStateError(MaterialsError):
    """The reading is not waiting to be confirmed; `state` says where it stands."""

    code = "reading-state"


class ReadingFieldError(MaterialsError):
    """What staff state for a field is no value of it; `field` and `problem` say what is wrong."""

    code = "reading-field"


class ReadingContradictedError(MaterialsError):
    """What was read contradicts what the material was deposited as; `problem` and `field` say how."""

    code = "reading-contradicted"
