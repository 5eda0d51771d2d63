"""共同同意: a thing of several holders whose type says so (a marriage, a house) takes the grant of each of them.

What one use rests on is then one grant a holder: the applicant's as always, and of each further holder the newest that
covers the same use by itself. Each is judged by the same policies, as if its holder were the applicant, so that no
limit of one can be stretched by the other's. Missing one, the grant basis is refused with `grant-joint`; a withdrawal
by one therefore ends the whole for every use recorded after it. All are spent, and all stand in the use's record.

Locks: the grants of all holders are locked first, in one order, by the statement that locks what every use locks
(`authz.store.uses`). Only where the applicant consented is there a statement more, so that a thing nobody consented to
is refused after as long a wait as one that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from authz.decider import GrantStanding
from authz.model import Basis
from authz.store import jointgrants as store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from authz.decider import Decider
    from authz.grants import Grants
    from authz.model import Caller, CaseFacts, Grant, Operator, Resource, UseRequest
    from ledger.steps import Steps

    Candidates: TypeAlias = Sequence[tuple[Grant, bytes]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A use, as far as the grants of further holders are judged by it."""

    caller: Caller
    operator: Operator
    request: UseRequest
    resource: Resource
    facts: CaseFacts


def candidates(caller: Caller, request: UseRequest, resource: Resource, now: datetime) -> Steps[Candidates]:
    """Grants of all holders of a thing that name it and can still be used, as they are now; they are locked already."""
    values = {
        "party": caller.party_id,
        "holders": sorted({resource.holder_id, *resource.co_holders}),
        "item": request.item_code,
        "case": request.case_no,
        "object": resource.id,
        "type": resource.type_code,
        "now": now,
    }
    return store.lock(values)


def others(
    decider: Decider, grants: Grants, asked: Asked, found: Candidates, main: Grant, now: datetime
) -> Steps[tuple[GrantStanding, ...] | None]:
    """Of each holder but the one who gave `main`, a grant that covers the use too; None where one has none.

    Args:
        found: from `candidates`.
    """
    chosen = []
    for holder in sorted({asked.resource.holder_id, *asked.resource.co_holders} - {main.grantor_id}):
        good = yield from _of(decider, grants, asked, [each for each in found if each[0].grantor_id == holder], now)
        if good is None:
            return None
        chosen.append(good)
    return tuple(chosen)


def _of(
    decider: Decider, grants: Grants, asked: Asked, found: Candidates, now: datetime
) -> Steps[GrantStanding | None]:
    for grant, sealed in found:
        standing = GrantStanding(
            grant,
            intact=grants.is_intact(grant, sealed),
            represented=(yield from grants.still_represented(grant, asked.resource.type_code, now)),
        )
        decision = decider.decide(
            asked.caller,
            asked.operator,
            replace(asked.request, grant_id=None),
            replace(asked.resource, holder_id=grant.grantor_id, co_holders=frozenset()),
            replace(asked.facts, applicant_holder_id=grant.grantor_id),
            standing,
            None,
            now,
        )
        if decision.allowed and decision.basis is Basis.grant:
            return standing
    return None
