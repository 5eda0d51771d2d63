"""Errors of bulk intake."""

from __future__ import annotations

from materials.errors import MaterialsError


class UnknownIntakeError(MaterialsError):
    """The organisation has no such bulk intake."""

    code = "unknown-intake"


class IntakeBodyError(MaterialsError):
    """The archive of a bulk intake's request is not what it should be; nothing of it was taken."""

    code = "intake-body-invalid"


class IntakeRowError(MaterialsError):
    """A row of a manifest says something it cannot say; `member` and `problem` tell which."""

    code = "intake-row-invalid"


class IntakeDuplicateError(MaterialsError):
    """The same document of the same type and holder is here already, or in an earlier row."""

    code = "intake-duplicate"


class IntakeDigestError(MaterialsError):
    """A file is not the one its row describes: another size or digest."""

    code = "intake-digest-mismatch"


class IntakeFileError(MaterialsError):
    """A file that a manifest names cannot be read; `problem` says why."""

    code = "intake-file-unavailable"
