"""综合许可 (一业一证): one licence whose face lists member licences and whose status follows from theirs.

Pure. A composite never outlives or outshines its members: its last day is the earliest of theirs, and while one of them
is suspended or has ended, so has the composite. The change is written in the same unit as the member's, so every path
that reads the composite sees it at once. A member that comes back brings a suspended composite back; one that ended
does not: the issuer makes a new version without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from certs.errors import CompositeMembersError
from certs.lifecycle import has_begun, status_on
from certs.model import LicenceStatus, Operation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from certs.catalogue import LicenceCatalogue
    from certs.licencetypes import LicenceType
    from certs.model import Licence

MIN_MEMBERS: Final = 2
MAX_MEMBERS: Final = 20
SUSPENDED: Final = "member-suspended"
RESTORED: Final = "member-restored"
ENDED: Final = "member-ended"


def check_members(
    kind: LicenceType, catalogue: LicenceCatalogue, members: Sequence[Licence], at: datetime
) -> date | None:
    """Check the members of a new composite; the last day it may have.

    Args:
        kind: the composite's type.
        catalogue: of all types.
        members: of the composite's own holders, in the order of the face.
        at: time of issue.

    Raises:
        CompositeMembersError: members for a type that has none, too few or many, one twice, one that is not
            valid, or itself a composite.
    """
    if not kind.composite:
        if members:
            raise CompositeMembersError(problem="the type lists no members")
        return None
    if not MIN_MEMBERS <= len(members) <= MAX_MEMBERS or len({each.first_id for each in members}) < len(members):
        raise CompositeMembersError(problem="number of members")
    for number, each in enumerate(members):
        if catalogue.type(each.type_code).composite:
            raise CompositeMembersError(problem="a member is a composite", member=number)
        current = each.is_current_version and has_begun(each, at)
        if not current or each.frozen or status_on(each, at) is not LicenceStatus.valid:
            raise CompositeMembersError(problem="a member is not valid", member=number)
    return min((each.valid_to for each in members if each.valid_to), default=None)


def listed(catalogue: LicenceCatalogue, members: Sequence[Licence]) -> tuple[str, ...]:
    """The members as the face lists them: name and number."""
    return tuple(f"{catalogue.type(each.type_code).name} {each.licence_no}" for each in members)


def derive(own: Licence, members: Sequence[LicenceStatus]) -> tuple[Operation, LicenceStatus, str] | None:
    """What has to be done to a composite because of its members; None where nothing.

    Args:
        own: the composite, standing.
        members: statuses of the newest versions of its members.
    """
    if any(not each.is_standing for each in members):
        return Operation.expire, LicenceStatus.lapsed, ENDED
    if LicenceStatus.suspended in members:
        if own.status is LicenceStatus.valid:
            return Operation.suspend, LicenceStatus.suspended, SUSPENDED
        return None
    # What its own issuer suspended stays so: only a suspension that came from a member goes with it.
    if own.status is LicenceStatus.suspended and own.status_reason == SUSPENDED:
        return Operation.restore, LicenceStatus.valid, RESTORED
    return None
