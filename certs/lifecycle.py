"""What may be done to a licence: the statuses and operations of the national list as a state machine (DOMAIN c1).

Pure functions. One table says which operation leads from which status to which; whatever is not in it is refused. Time
is no operation: a licence past its last day is *lapsed* for everybody from the first second of the next day, whether or
not somebody has written that down yet.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from certs.errors import LicenceTransitionError, StatusReasonError
from certs.model import LicenceStatus, Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from certs.model import Licence

_S: Final = LicenceStatus

SHANGHAI: Final = timezone(timedelta(hours=8))
"""Days on a licence are days in China, which has one time without changes."""

TRANSITIONS: Final[Mapping[Operation, Mapping[LicenceStatus, frozenset[LicenceStatus]]]] = MappingProxyType(
    {
        Operation.suspend: {_S.valid: frozenset({_S.suspended})},
        Operation.restore: {_S.suspended: frozenset({_S.valid})},
        Operation.expire: {_S.valid: frozenset({_S.lapsed}), _S.suspended: frozenset({_S.lapsed})},
        Operation.cancel: {
            _S.valid: frozenset({_S.revoked, _S.cancelled, _S.transferred, _S.withdrawn_permit}),
            _S.suspended: frozenset({_S.revoked, _S.cancelled, _S.withdrawn_permit}),
            # A permit that ran out can still be struck off, and one can turn out never to have been lawful.
            _S.lapsed: frozenset({_S.revoked, _S.cancelled}),
            _S.other: frozenset({_S.revoked, _S.cancelled, _S.withdrawn_permit}),
        },
        Operation.undo_transfer: {_S.transferred: frozenset({_S.valid})},
        Operation.other: {_S.valid: frozenset({_S.other}), _S.other: frozenset({_S.valid})},
    }
)
"""Operation -> status before -> statuses after. The ones that make a version (`MAKES_VERSION`) are not here."""

MAKES: Final = frozenset({Operation.issue, Operation.transfer_in})
"""Operations that make a licence."""
MAKES_VERSION: Final = frozenset({Operation.renew, Operation.change})
"""Operations that make a new version; the one before lapses with the reason `superseded`."""

RENEWABLE: Final[Mapping[Operation, frozenset[LicenceStatus]]] = MappingProxyType(
    {
        Operation.renew: frozenset({_S.valid, _S.lapsed}),  # a permit is often renewed a little late
        Operation.change: frozenset({_S.valid}),
    }
)
"""From which status a new version may be made."""

SUPERSEDED: Final = "superseded"
RAN_OUT: Final = "ran-out"

_REASON: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def status_on(licence: Licence, at: datetime) -> LicenceStatus:
    """The status that holds at a moment: as stored, or lapsed where the last day is over."""
    over = licence.valid_to is not None and day_of(at) > licence.valid_to
    return LicenceStatus.lapsed if over and licence.status.is_standing else licence.status


def has_begun(licence: Licence, at: datetime) -> bool:
    """Whether the first day has come."""
    return day_of(at) >= licence.valid_from


def day_of(at: datetime) -> date:
    """The day in China at a moment."""
    return at.astimezone(SHANGHAI).date()


def end_of(day: date) -> datetime:
    """The first moment after a day in China, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC) + timedelta(days=1)


def start_of(day: date) -> datetime:
    """The first moment of a day in China, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def check_transition(operation: Operation, before: LicenceStatus, after: LicenceStatus) -> None:
    """Refuse a step that the table does not have.

    Raises:
        LicenceTransitionError: it does not; `before`, `operation` and `after` are codes of the national list.
    """
    if after not in TRANSITIONS.get(operation, {}).get(before, frozenset()):
        raise LicenceTransitionError(before=before.value, operation=operation.value, after=after.value)


def check_new_version(operation: Operation, before: LicenceStatus) -> None:
    """Refuse a new version of a licence that cannot have one.

    Raises:
        LicenceTransitionError: as `check_transition`.
    """
    if before not in RENEWABLE.get(operation, frozenset()):
        raise LicenceTransitionError(before=before.value, operation=operation.value, after=LicenceStatus.valid.value)


def check_reason(reason: str) -> None:
    """A reason is a code, so that nothing personal can stand in it.

    Raises:
        StatusReasonError: it is not: kebab-case, 1 to 64 characters.
    """
    if not (len(reason) <= 64 and _REASON.fullmatch(reason)):
        raise StatusReasonError
