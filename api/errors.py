"""Errors that belong to the edge itself: requests that are malformed before any package sees them."""

from __future__ import annotations

from typing import ClassVar


class EdgeError(Exception):
    """Root of the edge's own errors; `fields` never hold personal data."""

    code: ClassVar[str] = "edge-error"

    def __init__(self, **fields: str | int) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in fields.items()) or self.code)
        self.fields = fields


class IdempotencyKeyMissingError(EdgeError):
    """A route that changes something was called without an Idempotency-Key."""

    code = "idempotency-key-missing"


class IdempotencyKeyReusedError(EdgeError):
    """The Idempotency-Key was used before with another body."""

    code = "idempotency-key-reused"


class MalformedRequestError(EdgeError):
    """The body or a parameter cannot be read."""

    code = "malformed-request"


class BodyTooLargeError(EdgeError):
    """The body is larger than the limit."""

    code = "body-too-large"


class TooManyRowsError(EdgeError):
    """A bulk request has more rows than one may have; nothing of it was taken."""

    code = "too-many-rows"


class MalformedRowError(EdgeError):
    """A row, or the one document of a request, is not one JSON object with each member once, or is too long."""

    code = "row-malformed"


class PersonalReferenceError(EdgeError):
    """A reference holds what looks like an identity or phone number; references are ours to keep and must be opaque."""

    code = "reference-personal"


class MediaTypeError(EdgeError):
    """The body is of a media type, or encoded in a way, that the route does not take."""

    code = "media-type-not-allowed"


class UpgradeOfferedError(EdgeError):
    """A request with a body offers another protocol (`Upgrade`); the body would be lost (`api/limits.py`)."""

    code = "upgrade-offered"


class RangeNotSatisfiableError(EdgeError):
    """The Range header asks for bytes that do not exist (RFC 9110 14.2)."""

    code = "range-not-satisfiable"


class NotFoundError(EdgeError):
    """No such resource, or none that the caller may know of."""

    code = "not-found"


class SettingsError(EdgeError):
    """A setting is missing or wrong; the node does not start."""

    code = "settings"


class LoginRefusedError(EdgeError):
    """The login provider refused the code, or this node has no provider for its pages."""

    code = "login-refused"


class LoginUnavailableError(EdgeError):
    """The login provider cannot be asked."""

    code = "login-unavailable"


class AnchorOverdueError(EdgeError):
    """Nobody outside vouched for the log for longer than a limit; intake waits (DESIGN 10)."""

    code = "anchor-overdue"


class MergeOverdueError(EdgeError):
    """What was promised is not in the log yet; it goes before anything new (RELIABILITY L5)."""

    code = "merge-overdue"


class RegisterOwnerError(EdgeError):
    """The owner of a register's version is not a member of the exchange, or shut out of it."""

    code = "register-owner-unknown"


class BackupInvalidError(EdgeError):
    """A backup is incomplete, damaged, or cannot be opened with the given key."""

    code = "backup-invalid"


class WebhookUrlRefusedError(EdgeError):
    """The address of a webhook is none we go to: not HTTPS, not public, or leading to our own network."""

    code = "webhook-url-refused"


class WebhookFailedError(EdgeError):
    """A receiver did not take a message."""

    code = "webhook-failed"


class UnknownWebhookError(EdgeError):
    """No such webhook or message of the caller's organisation."""

    code = "unknown-webhook"


class TooManyWebhooksError(EdgeError):
    """The organisation has as many webhooks as one may have."""

    code = "too-many-webhooks"


class NoThumbnailError(EdgeError):
    """The use delivers no derived file of which there could be a picture."""

    code = "no-thumbnail"


class NoticeNotTakenError(EdgeError):
    """A message centre or gateway refused a notice; it is tried again."""

    code = "notice-not-taken"


class PingNotTakenError(EdgeError):
    """A client's receiver refused its ping; it is tried again."""

    code = "ping-not-taken"


class ForeignPageError(EdgeError):
    """A browser's request that comes with a session, and not from a page of this node."""

    code = "foreign-page"


class NothingToReplayError(EdgeError):
    """No delivery of that kind is given up or waits after a failure."""

    code = "nothing-to-replay"
