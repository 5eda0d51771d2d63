"""Errors of licence files. Those of a file's check say what is wrong with it, never what it says."""

from __future__ import annotations

from certs.errors import CertsError


class NotRenderedError(CertsError):
    """A licence's face cannot be set: a character the fonts lack, or a template that fails."""

    code = "licence-not-rendered"


class MalformedFileError(CertsError):
    """Not a PDF or OFD of ours, or one that breaks its format."""

    code = "malformed-licence-file"


class SealMissingError(CertsError):
    """A seal that must be there is not."""

    code = "seal-missing"


class SealUnexpectedError(CertsError):
    """There is a seal of somebody who has none to set here."""

    code = "seal-unexpected"


class FileAlteredError(CertsError):
    """Something a seal covers was changed."""

    code = "licence-file-altered"


class ChangedAfterSealingError(CertsError):
    """Something was added after the last seal."""

    code = "changed-after-sealing"


class TimestampError(CertsError):
    """The time-stamping authority does not answer, or not as it should; nothing was sealed."""

    code = "timestamp-unavailable"
