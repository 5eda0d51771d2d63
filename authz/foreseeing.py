"""Looking ahead at many uses at once: what each would be answered now, in a fixed number of statements.

The decision is the one of a use (`authz.decider`), on what a use would read, and a refusal says what a use would say.
Nothing is locked, spent or recorded, so an answer holds for the moment only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from authz.accesschecks import held_back
from authz.consentnotice import SENSITIVE
from authz.decider import eligible_grantors
from authz.errors import UnknownOperatorError
from authz.model import Foresight, Mode, Operator, Role
from authz.store import foresight as store
from ledger.steps import remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from authz.decider import Decider, GrantStanding
    from authz.model import Caller, CaseFacts, Decision, Resource, UseRequest
    from authz.store.uses import Loaded
    from ledger.steps import Rows, Steps

    Standing = Callable[[Loaded, Resource | None, datetime], Steps[GrantStanding | None]]

_NOTHING: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Sought:
    """Something a use might be of.

    Attributes:
        resource: the thing; None where the holder has none of the type.
        holder_id: whose.
        type_code, level: of the type, which the caller knows whether there is such a thing or not.
        facts: of the case, for this type.
        modes: tried in this order; the first that is allowed is the answer.
    """

    resource: Resource | None
    holder_id: str
    type_code: str
    level: int
    facts: CaseFacts
    modes: tuple[Mode, ...] = (Mode.copy,)


@dataclass(frozen=True, slots=True)
class Eyes:
    """How a use is judged, as `authz.uses` does it.

    Attributes:
        decider: decides.
        standing: what is known of a grant beyond its row.
        said: what a refused decision says.
        alone: looks at one thing by itself; for what several holders have to consent to.
    """

    decider: Decider
    standing: Standing
    said: Callable[[Sought, Operator, Loaded, Decision], str]
    alone: Callable[[Caller, UseRequest, Resource | None, CaseFacts, str, int], Steps[Foresight]]


def foresee_all(
    eyes: Eyes, caller: Caller, request: UseRequest, sought: Sequence[Sought], now: datetime
) -> Steps[list[Foresight]]:
    """What a use of each thing would be answered now.

    Args:
        eyes: how it is judged.
        request: what is common to all: case, item, cause, operator; its thing and mode are not looked at.
        sought: the things.

    Raises:
        UnknownOperatorError: the caller's organisation has no such operator.
    """
    if not sought:
        return []
    common = {"party": caller.party_id, "operator": request.operator, "org": caller.org_code, "now": now}
    common |= {"item": request.item_code, "case": request.case_no}
    loaded = yield from store.load(common, [_wanted(request, each) for each in sought])
    if loaded[0].roles is None or not caller.speaks_for(request.operator):
        raise UnknownOperatorError
    operator = Operator(caller.party_id, request.operator, frozenset(Role(role) for role in loaded[0].roles))
    known: dict[str, Rows] = {}
    answers = []
    for each, held in zip(sought, loaded, strict=True):
        if each.resource is not None and each.resource.co_holders:
            answers.append((yield from _alone(eyes, caller, request, each)))
            continue
        stands = yield from remembered(eyes.standing(held, each.resource, now), known)
        answers.append(_judge(eyes, caller, request, each, operator, held, stands, now))
    return answers


def _judge(
    eyes: Eyes,
    caller: Caller,
    request: UseRequest,
    each: Sought,
    operator: Operator,
    held: Loaded,
    stands: GrantStanding | None,
    now: datetime,
) -> Foresight:
    said: str | None = None
    for mode in each.modes:
        asked = _asked(request, each, mode)
        decision = eyes.decider.decide(caller, operator, asked, each.resource, each.facts, stands, held.duty, now)
        decision = held_back(caller, each.resource, decision, missing=held.access_missing)
        if decision.allowed:
            return Foresight(decision.basis, None, mode)
        said = said or eyes.said(each, operator, held, decision)
    return Foresight(None, said)


def _alone(eyes: Eyes, caller: Caller, request: UseRequest, each: Sought) -> Steps[Foresight]:
    said: str | None = None
    for mode in each.modes:
        asked = _asked(request, each, mode)
        found = yield from eyes.alone(caller, asked, each.resource, each.facts, each.type_code, each.level)
        if found.basis is not None:
            return replace(found, mode=mode)
        said = said or found.said
    return Foresight(None, said)


def _asked(request: UseRequest, each: Sought, mode: Mode) -> UseRequest:
    return replace(request, object_id=each.resource.id if each.resource else _NOTHING, mode=mode)


def _wanted(request: UseRequest, each: Sought) -> store.Wanted:
    thing = each.resource
    lowest = min(list(Mode).index(mode) for mode in each.modes)
    best = [*each.modes, *(mode for mode in list(Mode)[lowest:] if mode not in each.modes)]
    return store.Wanted(
        thing.id if thing else _NOTHING,
        each.type_code,
        eligible_grantors(thing, each.facts) if thing else (each.holder_id,),
        thing.dated if thing else None,
        thing is not None and thing.level >= SENSITIVE,
        [mode.value for mode in best],
        sorted(request.fields) if set(each.modes) == {Mode.data} else (),
    )
