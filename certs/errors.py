"""Errors of e-licences. Each carries a stable kebab-case `code`; `api/problems.py` maps it to HTTP."""

from __future__ import annotations

from typing import ClassVar


class CertsError(Exception):
    """Root of everything `certs` raises on bad data.

    Keyword arguments become typed fields and the message; they never hold personal data (DESIGN 5).
    """

    code: ClassVar[str] = "certs-error"

    def __init__(self, **fields: str | int) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in fields.items()) or self.code)
        self.fields = fields


class InvalidRepresentationError(CertsError):
    """A fact of representation is malformed: nobody represents themselves, an end before the beginning."""

    code = "invalid-representation"


class RepresentationOverlapError(CertsError):
    """The organisation has a legal representative for some of that time; end that fact first."""

    code = "representation-overlap"


class UnknownRepresentationError(CertsError):
    """No such fact, or another organisation stated it."""

    code = "unknown-representation"


class RepresentationEndedError(CertsError):
    """The fact has ended already."""

    code = "representation-ended"


class LicenceCatalogueError(CertsError):
    """The files of licence types contradict themselves; the node does not start."""

    code = "licence-catalogue"


class LicencePeriodError(CertsError):
    """The period is not one the type allows, or ends before it begins."""

    code = "licence-period"


# Credentials


class InvalidCredentialError(CertsError):
    """The credential or its presentation is not one of ours, was changed, or its issuer is not trusted.

    `reason` is a short constant; nothing of the credential is in it.
    """

    code = "credential-invalid"


class CredentialNotCurrentError(CertsError):
    """The credential's time has not come or is over."""

    code = "credential-not-current"


class HolderBindingError(CertsError):
    """Who presents the credential did not prove, to this verifier and now, that it is theirs."""

    code = "holder-binding"


class UnknownCredentialFieldError(CertsError):
    """The credential has no such field."""

    code = "credential-field-unknown"


class InvalidStatusListError(CertsError):
    """The status list is malformed, out of date, of another address, or not signed by whom we trust."""

    code = "status-list-invalid"


class UnknownStatusListError(CertsError):
    """There is no such status list."""

    code = "status-list-unknown"


class UnknownLicenceTypeError(CertsError):
    """There is no such type of licence."""

    code = "unknown-licence-type"
