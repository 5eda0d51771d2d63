"""Errors of onboarding, access requests and limits."""

from __future__ import annotations

from authz.errors import AuthzError


class UnknownApplicationError(AuthzError):
    """No such application of an organisation that wants to join."""

    code = "unknown-application"


class ApplicationDecidedError(AuthzError):
    """The application was approved or refused before."""

    code = "application-decided"


class SamePersonError(AuthzError):
    """Who asked may not answer: it takes two people (RELIABILITY 4.17)."""

    code = "same-person"


class InvalidCertificateError(AuthzError):
    """No X.509 certificate that a client could be known by: unreadable, over, a weak key, or known already."""

    code = "invalid-certificate"


class TooManyCredentialsError(AuthzError):
    """The client has as many keys and certificates as one may have: at a time, or in all."""

    code = "too-many-credentials"


class PartyStandingError(AuthzError):
    """The organisation is suspended already, or was not."""

    code = "party-standing"


class AccessNotNeededError(AuthzError):
    """Nobody is named who answers for this type, or the asking organisation is it: nothing need be asked."""

    code = "access-not-needed"


class AccessStandingError(AuthzError):
    """The organisation asked for this type and item before, and that request is open or approved."""

    code = "access-standing"


class UnknownAccessRequestError(AuthzError):
    """No such access request of the caller's, or for the caller to answer."""

    code = "unknown-access-request"


class AccessRequestClosedError(AuthzError):
    """The access request was answered before, or is not one that could be ended."""

    code = "access-request-closed"


class RateExceededError(AuthzError):
    """The organisation sends more requests a minute than it may."""

    code = "rate-exceeded"


class QuotaSpentError(AuthzError):
    """The organisation used up what it may use of something in a day."""

    code = "quota-spent"
