"""The decision on a line: which route holds now, and why each better one does not. Pure.

1. What is there already, by whichever route, is supplied; what a signed commitment promises is owed.
2. Otherwise the routes are tried in the order of `Route`; the first that holds is offered. Every better one stays with
   its reason: also one that the item does not foresee, so that nobody has to guess.
3. Nothing here tells more than a use would be told. Before the holder has consented, what a use answers with
   `ask-holder` is offered as "ask the holder", with no evidence, whether or not there is such a thing (DESIGN 7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from authz.reasons import Reason
from materials.checklist.model import Confirm, Line, LineState, Offer, Refused, Route
from materials.checklist.reasons import WhyNot
from materials.validity import LOCAL

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from materials.catalogue.items import CommitmentRule, Demand
    from materials.checklist.facts import CheckFact, Facts, LineFacts, Thing

    Held: TypeAlias = tuple[LineState, Offer]
    Verdict: TypeAlias = tuple[LineState, Offer] | str
    Judge: TypeAlias = Callable[[Demand, LineFacts, Facts], "Verdict"]

CURABLE: Final = frozenset(
    {
        *(Reason.ask_holder, Reason.grant_required, Reason.duty_scope, Reason.grant_expired, Reason.grant_used_up),
        *(
            Reason.grant_not_yet_valid,
            Reason.grant_purpose,
            Reason.grant_mode,
            Reason.grant_fields,
            Reason.grant_region,
        ),
        *(Reason.grant_objects, Reason.grant_stale, Reason.grant_not_separate, Reason.grant_assurance),
        *(Reason.grant_representation, Reason.grant_of_another),
    }
)
"""Refusals that a consent given now cures. One the holder took back is not asked for again by itself."""
_UNCHANGED: Final = (Confirm.unchanged.value,)
_FAILURES: Final = {each.value: each for each in (WhyNot.source_unavailable, WhyNot.source_contradicts)}
"""Failures of a check that are told as they are; any other is one of the line, the signature or the time."""


def decide(demand: Demand, held: LineFacts, facts: Facts, number: int = 0) -> Line:
    """Decide on one line.

    Args:
        demand: of the item.
        held: what is known for it.
        facts: what holds for the whole case.
        number: of several persons of one role.
    """
    there = _there(demand, held, facts)
    refused: list[Refused] = []
    passed_over: list[Route] = []
    for route in demand.better:
        if there is not None and there[1].route is route:
            return Line(demand, *there, tuple(refused), held.holder_id, number, tuple(passed_over))
        verdict = _judged(route, demand, held, facts)
        if isinstance(verdict, str):
            refused.append(Refused(route, verdict))
        elif there is None:
            return Line(demand, verdict[0], verdict[1], tuple(refused), held.holder_id, number)
        elif Confirm.consent not in verdict[1].conditions:  # else it was the holder's to choose
            passed_over.append(route)
    state, offer = there if there is not None else (LineState.missing, None)
    return Line(demand, state, offer, tuple(refused), held.holder_id, number, tuple(passed_over))


def takes_commitment(rule: CommitmentRule | None, scenario: str) -> bool:
    """Whether an item takes a commitment in a scenario."""
    return rule is not None and (not rule.scenarios or scenario in rule.scenarios)


def _judged(route: Route, demand: Demand, held: LineFacts, facts: Facts) -> Verdict:
    if route not in demand.routes:
        return WhyNot.not_foreseen.value
    if held.holder_id is None and route is not Route.upload:
        return WhyNot.holder_unknown.value
    return _JUDGES[route](demand, held, facts)


def _there(demand: Demand, held: LineFacts, facts: Facts) -> Held | None:
    """What supplies the line already, the best way first, or promises it."""
    found = (there(demand, held, facts) for there in _THERE)
    return next((each for each in found if each is not None), None)


def _passed_on(_demand: Demand, held: LineFacts, _facts: Facts) -> Held | None:
    passed = held.passed
    if passed is None or passed.result_id is None or not passed.stands:
        return None
    return LineState.supplied, Offer(Route.licence, {"case": passed.case_no, "result": passed.result_id})


def _fetched(_demand: Demand, held: LineFacts, _facts: Facts) -> Held | None:
    for thing in held.licences:
        if thing.use_id is not None and not thing.obstacles:
            return LineState.supplied, Offer(Route.licence, {**thing.evidence, "use": thing.use_id})
    return None


def _checked(_demand: Demand, held: LineFacts, facts: Facts) -> Held | None:
    check = held.check
    if check is None or check.state != "answered" or check.result not in {"yes", "value"}:
        return None
    if check.valid_until is None or facts.at >= check.valid_until:
        return None
    return LineState.supplied, Offer(Route.check, _check_evidence(held))


def _reused(demand: Demand, held: LineFacts, _facts: Facts) -> Held | None:
    if Route.reuse not in demand.routes:
        return None
    thing = next((each for each in held.materials if not each.here and _was_reused(each, demand)), None)
    return None if thing is None else (LineState.supplied, Offer(Route.reuse, _with_use(thing)))


def _assisted(demand: Demand, held: LineFacts, _facts: Facts) -> Held | None:
    assist = held.assist
    if assist is None or assist.state != "answered":
        return None
    if assist.result == "yes":
        return LineState.supplied, Offer(Route.assistance, _assist_evidence(held))
    thing = _named(held, assist.material_id)  # what a department handed in is used like any other
    if thing is None or not _was_reused(thing, demand):
        return None
    return LineState.supplied, Offer(Route.assistance, _assist_evidence(held) | _with_use(thing))


def _handed_in(demand: Demand, held: LineFacts, _facts: Facts) -> Held | None:
    for thing in held.materials:
        if thing.here and thing.signed is not False and _serves(thing, demand):
            return LineState.supplied, Offer(Route.generated if thing.made else Route.upload, thing.evidence)
    return None


def _promised(demand: Demand, held: LineFacts, _facts: Facts) -> Held | None:
    owed = held.owed
    if owed is None or owed.state == "breached":
        return None
    if owed.state != "fulfilled":
        return LineState.owed, Offer(Route.commitment, {"commitment": owed.commitment_id, "due": _day(owed.due_at)})
    thing = _named(held, owed.material_id)
    if thing is None or not _serves(thing, demand):
        return None
    return LineState.supplied, Offer(Route.commitment, {"commitment": owed.commitment_id, "material": thing.id})


def _named(held: LineFacts, material_id: str | None) -> Thing | None:
    return next((thing for thing in held.materials if thing.id == material_id), None)


def _serves(thing: Thing, demand: Demand) -> bool:
    """Whether a material is good for a line as it stands now."""
    return not thing.obstacles and thing.verify_level >= demand.min_level


def _was_reused(thing: Thing, demand: Demand) -> bool:
    return thing.use_id is not None and _serves(thing, demand) and not _left(thing, _UNCHANGED)


def _with_use(thing: Thing) -> dict[str, str]:
    return {**thing.evidence, "use": thing.use_id or ""}


_THERE: Final[tuple[Callable[[Demand, LineFacts, Facts], Held | None], ...]] = (
    *(_passed_on, _fetched, _checked, _reused, _assisted, _handed_in, _promised),
)


def _licence(demand: Demand, held: LineFacts, _facts: Facts) -> Verdict:
    if held.passed is not None and held.passed.decision is None:
        return LineState.waiting, Offer(Route.licence, {"case": held.passed.case_no, "gives": demand.type_code})
    if held.licence_type is None:
        return WhyNot.no_licence_type.value
    verdict = _usable(held.licences, held.licence_said, WhyNot.no_licence, ())
    if isinstance(verdict, str):
        return verdict
    evidence, conditions = verdict
    kind = {"licence_type": held.licence_type}
    return LineState.offered, Offer(Route.licence, kind | evidence, conditions)


def _reuse(demand: Demand, held: LineFacts, _facts: Facts) -> Verdict:
    before = [thing for thing in held.materials if not thing.here]
    fit = tuple(thing for thing in before if thing.verify_level >= demand.min_level or thing.said == Reason.ask_holder)
    if before and not fit:
        return WhyNot.level_too_low.value
    verdict = _usable(fit, held.material_said, WhyNot.no_material, _UNCHANGED)
    if isinstance(verdict, str):
        return WhyNot.not_shared.value if verdict == Reason.unrelated_holder else verdict
    return LineState.offered, Offer(Route.reuse, *verdict)


def _usable(
    things: tuple[Thing, ...], said_of_none: str, none: WhyNot, more: tuple[str, ...]
) -> tuple[dict[str, str], tuple[str, ...]] | str:
    """Evidence and conditions of the best thing that can be used; else the most useful reason."""
    free = [thing for thing in things if not thing.obstacles and thing.basis is not None]
    if free:
        best = free[0]
        evidence = {**best.evidence, "basis": best.basis or "", "mode": best.mode}
        return evidence, (*_left(best, more), Confirm.fetch.value)
    askable = [thing for thing in things if not thing.obstacles and thing.said in CURABLE]
    known = [thing for thing in askable if thing.said != Reason.ask_holder]
    if known:
        return dict(known[0].evidence), (Confirm.consent.value, *_left(known[0], more), Confirm.fetch.value)
    if askable or said_of_none == Reason.ask_holder:
        return {}, (Confirm.consent.value, *more, Confirm.fetch.value)
    for thing in things:
        if thing.obstacles:
            return thing.obstacles[0]
        if thing.said is not None:
            return thing.said
    return none.value if said_of_none in {Reason.not_found, *CURABLE} else said_of_none


def _left(thing: Thing, more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in (*more, *thing.conditions) if each not in thing.confirmed)


def _check(demand: Demand, held: LineFacts, facts: Facts) -> Verdict:
    if demand.check not in facts.sources:
        return WhyNot.no_source.value
    if held.check is not None and held.check.state == "asked":
        return LineState.waiting, Offer(Route.check, _check_evidence(held))
    if (why := _came_to_nothing(held.check)) is not None:
        return why
    question = {"question": demand.check or ""}
    if held.check_basis is not None:
        return LineState.offered, Offer(Route.check, question | {"basis": held.check_basis}, (Confirm.ask.value,))
    if held.check_said in CURABLE:
        return LineState.offered, Offer(Route.check, question, (Confirm.consent.value, Confirm.ask.value))
    return held.check_said or WhyNot.no_source.value


def _came_to_nothing(check: CheckFact | None) -> str | None:
    """Why an answer that came is of no use; None where none came yet, or it is only too old."""
    if check is None:
        return None
    if check.state == "failed":
        return _FAILURES.get(check.failure or "", WhyNot.source_unavailable).value
    answers = {"no": WhyNot.source_denies, "unknown": WhyNot.source_unknowing}
    return answers[check.result].value if check.result in answers else None


def _assistance(demand: Demand, held: LineFacts, facts: Facts) -> Verdict:
    assist = held.assist
    if assist is None:
        return LineState.offered, Offer(Route.assistance, {"department": demand.assist or ""}, (Confirm.ask.value,))
    if assist.state == "asked":
        return LineState.waiting, Offer(Route.assistance, _assist_evidence(held))
    if assist.state == "answered" and assist.result == "material":
        return _handed_over(demand, held, facts)
    reasons = {"overdue": WhyNot.department_overdue, "withdrawn": WhyNot.request_withdrawn}
    return reasons.get(assist.state, WhyNot.department_refused).value


def _handed_over(demand: Demand, held: LineFacts, _facts: Facts) -> Verdict:
    """The reuse of what a department answered with."""
    thing = _named(held, held.assist.material_id if held.assist else None)
    if thing is not None and thing.verify_level < demand.min_level:
        return WhyNot.level_too_low.value
    verdict = _usable(() if thing is None else (thing,), held.material_said, WhyNot.no_material, _UNCHANGED)
    if isinstance(verdict, str):
        return verdict
    return LineState.offered, Offer(Route.assistance, _assist_evidence(held) | verdict[0], verdict[1])


def _generated(demand: Demand, held: LineFacts, facts: Facts) -> Verdict:
    if demand.generate not in facts.templates:
        return WhyNot.no_template.value
    template = {"template": demand.generate or ""}
    if not held.letter:
        return LineState.offered, Offer(Route.generated, template, (Confirm.make.value,))
    if _is_barred(facts):
        return WhyNot.commitment_barred.value
    # It is made with the commitment it belongs to, and says nothing before that is signed.
    proposed = next((thing for thing in held.materials if thing.signed is False and not thing.obstacles), None)
    evidence = template | dict(proposed.evidence if proposed else {})
    return LineState.offered, Offer(Route.generated, evidence, (Confirm.sign.value,))


def _is_barred(facts: Facts) -> bool:
    return facts.barred_until is not None and facts.at < facts.barred_until


def _commitment(demand: Demand, held: LineFacts, facts: Facts) -> Verdict:
    if not takes_commitment(facts.rule, facts.scenario):
        return WhyNot.commitment_other_scenario.value
    if held.owed is not None:
        thing = _named(held, held.owed.material_id)
        if thing is not None:  # it was fulfilled, by what does not serve any more
            return thing.obstacles[0] if thing.obstacles else WhyNot.level_too_low.value
        return WhyNot.commitment_breached.value
    if _is_barred(facts):
        return WhyNot.commitment_barred.value
    return LineState.offered, Offer(Route.commitment, {"working_days": str(demand.owed_days)}, (Confirm.sign.value,))


def _upload(_demand: Demand, held: LineFacts, _facts: Facts) -> Verdict:
    handed_in = next((thing for thing in held.materials if thing.here and not thing.made and not thing.obstacles), None)
    if handed_in is not None:  # it is there, but nobody has looked at it as closely as the item wants
        return LineState.waiting, Offer(Route.upload, handed_in.evidence, (Confirm.verify.value,))
    return LineState.missing, Offer(Route.upload)


def _check_evidence(held: LineFacts) -> dict[str, str]:
    check = held.check
    if check is None:
        return {}
    told = {"check": check.id, "source": check.source, "result": check.result or ""}
    if check.valid_until is not None:
        told["valid_until"] = _day(check.valid_until)
    return told | ({"entry": check.entry_id} if check.entry_id else {})


def _assist_evidence(held: LineFacts) -> dict[str, str]:
    assist = held.assist
    if assist is None:
        return {}
    told = {"request": assist.id, "due": _day(assist.due_at)}
    return told | ({"material": assist.material_id} if assist.material_id else {})


def _day(moment: datetime) -> str:
    return moment.astimezone(LOCAL).date().isoformat()


_JUDGES: Final[dict[Route, Judge]] = {
    Route.licence: _licence,
    Route.check: _check,
    Route.reuse: _reuse,
    Route.assistance: _assistance,
    Route.generated: _generated,
    Route.commitment: _commitment,
    Route.upload: _upload,
}
