"""Errors of authorisation. Each carries a stable kebab-case `code`; `api/problems.py` maps it to HTTP.

The refusals of the token endpoint and of a request's authentication carry the words of RFC 6749 5.2 and RFC 9449
(`invalid_client`, `invalid_dpop_proof`) as their code, since callers' libraries read those.
"""

from __future__ import annotations


class AuthzError(Exception):
    """Root of everything `authz` raises on bad data or a refusal.

    Keyword arguments become typed fields and the message; they never hold personal data (DESIGN 5).
    """

    code: str = "authz-error"

    def __init__(self, **fields: str | int) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in fields.items()) or self.code)
        self.fields = fields


# Who


class InvalidIdentityError(AuthzError):
    """An identity code fails its checksum, date, division or alphabet (GB 11643, GB 32100)."""

    code = "invalid-identity"


class UnknownHolderError(AuthzError):
    """No holder has this identifier."""

    code = "unknown-holder"


class IdentityConflictError(AuthzError):
    """Identifiers given together belong to different holders; joining them is an act of two people, not of a call."""

    code = "identity-conflict"


class SealBrokenError(AuthzError):
    """A stored code, name or token does not open: another key, another row, or changed bytes."""

    code = "seal-broken"


class UnknownPartyError(AuthzError):
    """No such relying party or client."""

    code = "unknown-party"


class UnknownOperatorError(AuthzError):
    """The caller's organisation has no such operator, or the operator is disabled."""

    code = "unknown-operator"


class ScenarioRefusedError(AuthzError):
    """The organisation has no such application scenario in force, or not for this type of licence."""

    code = "scenario-refused"


class InvalidRegistrationError(AuthzError):
    """A party, client, operator or node cannot be registered so: wrong key, mixed roles, bad division, taken name."""

    code = "invalid-registration"


# Tokens


class CredentialError(AuthzError):
    """A credential is refused. Every refusal of one kind looks the same outside; `reason` is for the audit log only.

    Args:
        reason: what was wrong, a short constant without any of the credential's content.
    """

    code = "invalid_request"

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class InvalidClientError(CredentialError):
    """The client assertion does not authenticate the client (RFC 6749 5.2, RFC 7523 3)."""

    code = "invalid_client"


class InvalidTokenError(CredentialError):
    """The access token is missing, malformed, expired or revoked (RFC 6750 3.1)."""

    code = "invalid_token"


class InvalidDpopProofError(CredentialError):
    """The DPoP proof is missing, malformed, replayed, or made for another request, token or key (RFC 9449 7.1)."""

    code = "invalid_dpop_proof"


class InvalidTokenRequestError(CredentialError):
    """The token request is incomplete (RFC 6749 5.2)."""

    code = "invalid_request"


class UnsupportedGrantTypeError(CredentialError):
    """Only `client_credentials` is served (RFC 6749 5.2)."""

    code = "unsupported_grant_type"


class InvalidScopeError(CredentialError):
    """The client asks for a scope it was not given (RFC 6749 5.2)."""

    code = "invalid_scope"


# Asking through the backchannel (OpenID CIBA 1.0, 11 and 13)


class AuthorizationPendingError(CredentialError):
    """The holder has not answered yet."""

    code = "authorization_pending"


class SlowDownError(CredentialError):
    """The client polls more often than `interval` allows; its interval grew by five seconds."""

    code = "slow_down"


class ExpiredTokenError(CredentialError):
    """The request's time is over without an answer."""

    code = "expired_token"


class AccessDeniedError(CredentialError):
    """The holder refused everything."""

    code = "access_denied"


class InvalidGrantError(CredentialError):
    """The `auth_req_id` is unknown, used, or another client's."""

    code = "invalid_grant"


class UnknownUserIdError(CredentialError):
    """The hint names nobody whom this client may ask."""

    code = "unknown_user_id"


class InvalidBindingMessageError(CredentialError):
    """The message is too long, empty, or names a person."""

    code = "invalid_binding_message"


class InvalidAuthorizationDetailsError(CredentialError):
    """They are not of the published type (RFC 9396 5)."""

    code = "invalid_authorization_details"


class UnauthorizedClientError(CredentialError):
    """A client wants to be pinged and never said where."""

    code = "unauthorized_client"


class InsufficientScopeError(AuthzError):
    """The token does not carry the scope this call needs (RFC 6750 3.1)."""

    code = "insufficient_scope"


# Grants, asks, duties


class InvalidTermsError(AuthzError):
    """The terms of a grant or duty are not well formed; `term` names the one."""

    code = "invalid-terms"


class UnknownAskError(AuthzError):
    """No such ask, or it is another organisation's."""

    code = "unknown-ask"


class AskClosedError(AuthzError):
    """The ask was answered already or has expired."""

    code = "ask-closed"


class ConsentBundledError(AuthzError):
    """A thing of level 3 or 4 was asked together with others; each needs a consent of its own (单独同意)."""

    code = "consent-bundled"


class UnknownCessationError(AuthzError):
    """No withdrawn grant of the caller's waits for it to stop or delete."""

    code = "unknown-cessation"


class CessationClosedError(AuthzError):
    """The recipient said already what it did."""

    code = "cessation-closed"


class IdTokenRefusedError(AuthzError):
    """The holder's ID token is no evidence: wrong provider, signature, audience, age, or made for something else."""

    code = "id-token-refused"


class KeyRefusedError(AuthzError):
    """A key's signature is no evidence: unknown, revoked or inserted key, or made for something else; see `check`."""

    code = "key-refused"


class UnknownKeyError(AuthzError):
    """No such enrolled key."""

    code = "unknown-key"


class EnrolmentRefusedError(AuthzError):
    """A key cannot be enrolled: its registration does not hold, it is known already, or there are too many."""

    code = "enrolment-refused"


class AssistanceRefusedError(AuthzError):
    """Consent at the counter is not as it must be: presence, pad, statement or staff. `check` names what failed."""

    code = "assistance-refused"


class UnknownAssistanceError(AuthzError):
    """No such consent at the counter, or no grant with this withdrawal code."""

    code = "unknown-assistance"


class SignerNotHolderError(AuthzError):
    """Who signed is neither the holder nor the holder's representative."""

    code = "signer-not-holder"


class UnknownNoticeError(AuthzError):
    """The holder has no such notice."""

    code = "unknown-notice"


class UnknownGrantError(AuthzError):
    """No such grant, or it does not concern the caller."""

    code = "unknown-grant"


class UnknownDelegationError(AuthzError):
    """No such delegation, or whoever asks has no part in it."""

    code = "unknown-delegation"


class DelegationClosedError(AuthzError):
    """The delegation is withdrawn, over, or was made already."""

    code = "delegation-closed"


class DelegationTooWideError(AuthzError):
    """It gives more than its parent, or than may be given; `term` names what."""

    code = "delegation-too-wide"


class LedgerCursorError(AuthzError):
    """The cursor is not one the ledger gave."""

    code = "ledger-cursor-invalid"


class UnknownLineError(AuthzError):
    """No such line in this holder's ledger."""

    code = "unknown-line"


class UnknownRefusalError(AuthzError):
    """No such refusal, or none of whose proof the caller may have."""

    code = "unknown-refusal"


class UnknownReportError(AuthzError):
    """No such report."""

    code = "unknown-report"


class ReportClosedError(AuthzError):
    """The report was answered already."""

    code = "report-closed"


class GrantClosedError(AuthzError):
    """The grant is withdrawn already."""

    code = "grant-closed"


# Decision and uses


class PolicyError(AuthzError):
    """Policies or schema cannot be used: unreadable, empty, not valid against the schema, without id or reason."""

    code = "policy-invalid"


class PolicySetRefusedError(AuthzError):
    """A set of policies that must not come into force: it does not load, does not fit, or could not be replaced."""

    code = "policy-set-refused"


class NotPermittedError(AuthzError):
    """The operator's role does not permit the act."""

    code = "operator-role"


class UseRefusedError(AuthzError):
    """A use is refused. `code` is the reason as the caller may see it (`authz.reasons`); `reason` the true first one.

    Once it is recorded, `fields` has the `refusal_id` under which its proof is found, whatever the reason.

    Args:
        code: what is said.
        reason: what is so; for the refusal's record, never for the caller.
        policies: ids of the policies that decided.
        holder_id: whose thing it is; None where there is no such thing. Never told.
    """

    code = "use-refused"

    def __init__(self, code: str, *, reason: str, policies: tuple[str, ...] = (), holder_id: str | None = None) -> None:
        super().__init__()
        self.code = code
        self.reason = reason
        self.policies = policies
        self.holder_id = holder_id


class UnknownUseError(AuthzError):
    """No such use of this client and key."""

    code = "unknown-use"


class UseClosedError(AuthzError):
    """The use's content is closed: time over, delivered, aborted, or its grant withdrawn."""

    code = "use-closed"


class UseRepeatedError(AuthzError):
    """Another request with this Idempotency-Key opened its use first."""

    code = "use-repeated"


class HeadsMissingError(AuthzError):
    """The heads of that day were not committed, or the holder had no use by then."""

    code = "heads-missing"


class HeadsProofError(AuthzError):
    """A proof of a holder's head does not hold; `reason` says where."""

    code = "heads-proof-invalid"


class SessionOverError(AuthzError):
    """There is no session, its time is over, or it was left."""

    code = "session-over"


class NotAtKioskError(AuthzError):
    """A session at a kiosk does not reach this: it is for one's own device, or for a counter."""

    code = "not-at-kiosk"


class CardRefusedError(AuthzError):
    """A reading of an identity card is no evidence: another reader, too old, for something else; see `check`."""

    code = "card-refused"


class NotStaffError(AuthzError):
    """Whoever logged in is no member of staff who may work at this node's console."""

    code = "not-staff"


class AssuranceTooLowError(AuthzError):
    """A session begun by a login of low assurance does not show what is of level 3 or more."""

    code = "assurance-too-low"


class KeyTooNewError(AuthzError):
    """A session begun by a new key does not show what is of level 3 or more."""

    code = "key-too-new"


class UnknownDelayError(AuthzError):
    """No such delay of notices of the caller's organisation."""

    code = "unknown-delay"


class DelayClosedError(AuthzError):
    """The delay is over: everything it held back was told."""

    code = "delay-closed"


class UnknownSampleError(AuthzError):
    """No such sampled use, or none the caller has to answer."""

    code = "unknown-sample"


class SampleClosedError(AuthzError):
    """The sampled use was judged, answered or closed already; or it waits for its organisation's answer."""

    code = "sample-closed"


class UnknownLookError(AuthzError):
    """No such look of this auditor, or its hour is over."""

    code = "unknown-look"


class UnknownBreakGlassError(AuthzError):
    """No such emergency of the caller's organisation."""

    code = "unknown-break-glass"


class BreakGlassClosedError(AuthzError):
    """The emergency was approved or reviewed already, or nobody approved it in time."""

    code = "break-glass-closed"


class SecondPersonError(AuthzError):
    """This takes another person than the one who acted before."""

    code = "second-person-needed"


class HolidaysInvalidError(AuthzError):
    """The operator's file of holidays is malformed; `problem` says how."""

    code = "holidays-invalid"


class HolidaysUnknownError(AuthzError):
    """A term reaches into a year whose holidays nobody has told this node."""

    code = "holidays-unknown"
