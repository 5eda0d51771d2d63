"""The decision: one function, Cedar policies, deny on any error (DESIGN 7, RELIABILITY Z1 to Z3).

Pure: everything it needs is an argument. A lawful basis is tried at a time, in this order, and the first that the
policies permit is taken:

1. `open`: unconditionally shared things, which cost the holder nothing;
2. `grant`: what the holder allowed;
3. `duty`: what the law lets the organisation do without asking.

A request that names its grant is judged by that grant alone, and one that names an emergency by that alone. cedarpy
skips a `forbid` whose evaluation errors, so the rest would allow; therefore any diagnostics error denies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import cedarpy

from authz import policy
from authz.errors import InvalidTermsError, NotPermittedError
from authz.model import CLEAR, Act, Basis, Decision, ShareClass
from authz.reasons import Reason, most_telling
from authz.terms import check_cause
from ledger.signedterms import MODES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from authz.model import Caller, CaseFacts, Duty, Emergency, Grant, Operator, Resource, UseRequest
    from authz.policy import PolicyBook

_NO_BASIS: Final = "none"
_REMEMBERED: Final = 4096
"""Permissions of acts that are remembered; refusals never are."""
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class GrantStanding:
    """A grant and what is known of it beyond its row.

    Attributes:
        intact: the row says what the holder signed.
        represented: who signed is the holder, or still represents it.
        joint: every further holder gave a grant for this use too; None where there is none (`authz.jointconsent`).
    """

    grant: Grant
    intact: bool
    represented: bool
    joint: bool | None = None


class Decider:
    """Decides by a set of policies.

    Args:
        book: the loaded policies; the package's own where None.

    Raises:
        PolicyError: the package's own do not load.
    """

    def __init__(self, book: PolicyBook | None = None) -> None:
        self._book = policy.load() if book is None else book
        self._permitted: set[tuple[object, ...]] = set()

    @property
    def version(self) -> str:
        """SHA-256 over schema and policies, hexadecimal."""
        return self._book.version

    def use(self, book: PolicyBook) -> None:
        """Decide by another set from now on; a decision under way ends by the one it began with."""
        self._book = book

    def decide(  # noqa: PLR0913 - everything a decision depends on
        self,
        caller: Caller,
        operator: Operator,
        request: UseRequest,
        resource: Resource | None,
        facts: CaseFacts,
        grant: GrantStanding | None,
        duty: Duty | None,
        now: datetime,
        emergency: Emergency | None = None,
    ) -> Decision:
        """Decide on a use.

        Args:
            caller: the organisation that asks.
            operator: its member of staff.
            request: what is asked.
            resource: the thing; None where there is no such thing, which is refused like any other.
            facts: of the case.
            grant: the grant to try.
            duty: the duty entry to try.
            now: the moment of the decision.
            emergency: the emergency the request names.
        """
        book = self._book
        entities, fixed = _describe(caller, operator, request, resource, facts, now)
        bases: list[tuple[str, dict[str, Any]]] = []
        if request.break_glass_id is not None:
            meant = _emergency_facts(caller, operator, request, facts, emergency, now)
            bases.append((Basis.emergency, {} if meant is None else {"emergency": meant}))
            grant = duty = None
        elif resource is not None and resource.share_class is ShareClass.unconditional and request.grant_id is None:
            bases.append((Basis.open, {}))
        if grant is not None:
            bases.append((Basis.grant, {"grant": _grant_facts(caller, resource, facts, grant, now)}))
        if duty is not None and request.grant_id is None:
            bases.append((Basis.duty, {"duty": _duty_facts(duty)}))
        refusals: dict[str, tuple[tuple[str, ...], set[Reason]]] = {}
        for basis, more in bases or [(_NO_BASIS, {})]:
            related = _is_related(basis, caller, resource, facts, grant)
            context = fixed | more | {"basis": str(basis), "related": related}
            allowed, policies, reasons = evaluate(book, request.mode.value, entities, context)
            if allowed:
                grant_id = grant.grant.id if grant is not None and basis == Basis.grant else None
                duty_id = duty.id if duty is not None and basis == Basis.duty else None
                rests_on = emergency.id if emergency is not None and basis == Basis.emergency else None
                return Decision(True, Basis(basis), grant_id, duty_id, policies, (), book.version, rests_on)
            refusals[basis] = (policies, reasons)
        # What the holder could change is the most useful thing to be told, hence the grant's refusal before others.
        policies, reasons = refusals.get(Basis.grant) or list(refusals.values())[-1]
        # A grant that does not exist and one that is somebody else's are told alike.
        missing = Reason.grant_required if request.grant_id is None or grant is not None else Reason.grant_of_another
        told = most_telling(reasons or {missing})
        return Decision(False, None, None, None, policies, told, book.version)

    def permit(self, caller: Caller, operator: Operator, act: Act) -> None:
        """Let an operator do something at the counter, or refuse.

        Raises:
            NotPermittedError: the role does not permit it.
        """
        book = self._book
        # Everything the answer depends on: scans of one counter ask the same again and again.
        key = (book.version, caller.party_id, caller.party_kind, caller.org_code, caller.division, operator.roles, act)
        if key in self._permitted:
            return
        entities = [_party(caller), {"uid": {"type": "Node", "id": "this"}, "attrs": {}, "parents": []}]
        context = {"roles": sorted(operator.roles)}
        allowed, _, _ = evaluate(book, act.value, entities, context)
        if not allowed:
            raise NotPermittedError(act=act.value)
        if len(self._permitted) >= _REMEMBERED:
            self._permitted.clear()
        self._permitted.add(key)


def eligible_grantors(resource: Resource, facts: CaseFacts) -> tuple[str, ...]:
    """Holders whose grant can cover a thing (DESIGN 7 and 8).

    The holder; within the case's project also its lead; and the applicant, where the depositor gave the thing to the
    project.
    """
    grantors = [resource.holder_id]
    if resource.project_id is not None and resource.project_id == facts.project_id:
        if facts.project_lead_id is not None:
            grantors.append(facts.project_lead_id)
        if resource.share_in_project and facts.applicant_holder_id is not None:
            grantors.append(facts.applicant_holder_id)
    return tuple(dict.fromkeys(grantors))


def is_own(caller: Caller, resource: Resource | None, facts: CaseFacts, grant: Grant) -> bool:
    """Whether a grant was made to the caller, by a holder who may grant this thing."""
    if resource is None or grant.grantee_id != caller.party_id:
        return False
    return grant.grantor_id in eligible_grantors(resource, facts)


def covers(grant: Grant, resource: Resource | None) -> bool:
    """Whether a grant names a thing or its type."""
    return resource is not None and (resource.id in grant.objects or resource.type_code in grant.types)


def is_cause(cause: str) -> bool:
    """Whether a cause says something and names nobody."""
    try:
        check_cause(cause)
    except InvalidTermsError:
        return False
    return True


def divisions_of(division: str) -> list[str]:
    """A division code and those it lies in (GB/T 2260): district, city, province."""
    return sorted({division, division[:4] + "00", division[:2] + "0000"})


def evaluate(
    book: PolicyBook, action: str, entities: list[dict[str, Any]], context: Mapping[str, Any]
) -> tuple[bool, tuple[str, ...], set[Reason]]:
    """One evaluation: whether allowed, which policies decided, the reasons of those that forbade."""
    asked = {
        "principal": entities[0]["uid"],
        "action": {"type": "Action", "id": action},
        "resource": entities[1]["uid"],
        "context": context,
    }
    try:
        answer = cedarpy.is_authorized(asked, book.policies, entities, book.schema)
        policies = tuple(sorted(book.names[each] for each in answer.diagnostics.reasons))
        failed = bool(answer.diagnostics.errors) or answer.decision not in {
            cedarpy.Decision.Allow,
            cedarpy.Decision.Deny,
        }
    except Exception:  # noqa: BLE001 - whatever the engine trips over, the answer is no
        return False, (), {Reason.policy_error}
    if failed:
        return False, policies, {Reason.policy_error}
    reasons = {book.reasons[each] for each in policies if each in book.reasons}
    return answer.decision is cedarpy.Decision.Allow, policies, reasons


def _describe(
    caller: Caller,
    operator: Operator,
    request: UseRequest,
    resource: Resource | None,
    facts: CaseFacts,
    now: datetime,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The entities of a request and what its context holds whatever the basis."""
    context = {
        "now": _milliseconds(now),
        "mode": MODES[request.mode],
        "fields": sorted(request.fields),
        "cause_valid": is_cause(request.cause),
        "roles": sorted(operator.roles),
        "item": request.item_code,
        "case_no": request.case_no,
        "case_org": facts.exists and facts.own_org,
        "case_open": facts.open,
        "case_item": facts.item_code or "",
        "demanded_by_item": facts.demanded,
        "presence": facts.presence.value,
    }
    return [_party(caller), _thing(resource)], context


def _is_related(
    basis: str, caller: Caller, resource: Resource | None, facts: CaseFacts, grant: GrantStanding | None
) -> bool:
    """Whether a thing belongs to the case, for a use that would rest on one basis.

    What a holder gave relates a thing to the case for uses that rest on it, and for no other: a duty or an emergency
    reaches to the applicant's things, a duty also to what is shared in the project.
    """
    if resource is None:
        return False
    if resource.holder_id == facts.applicant_holder_id:
        return True
    if basis == Basis.emergency:
        return False
    own_grant = basis == Basis.grant and grant is not None and is_own(caller, resource, facts, grant.grant)
    is_open = basis != Basis.duty and resource.share_class is ShareClass.unconditional
    # With no basis at all nothing is permitted; the reason is then that theirs was not asked for, not that they are
    # strangers to the case.
    if resource.holder_id in facts.people and (own_grant or is_open or basis == _NO_BASIS):
        return True
    if resource.project_id is None or resource.project_id != facts.project_id:
        return False
    return resource.share_in_project or own_grant


def _party(caller: Caller) -> dict[str, Any]:
    attributes = {
        "kind": caller.party_kind.value,
        "org": caller.org_code,
        "divisions": divisions_of(caller.division),
    }
    return {"uid": {"type": "Party", "id": caller.party_id}, "attrs": attributes, "parents": []}


def _thing(resource: Resource | None) -> dict[str, Any]:
    attributes: dict[str, Any] = {"exists": False, "ref": "", "type": "", "share": "C", "level": 4, "status": "active"}
    if resource is not None:
        attributes = {
            "exists": True,
            "ref": resource.id,
            "type": resource.type_code,
            "share": resource.share_class.value,
            "level": resource.level,
            "status": resource.status,
        }
        if resource.dated is not None:
            attributes["dated"] = _milliseconds(resource.dated)
    return {"uid": {"type": "Thing", "id": attributes["ref"] or "none"}, "attrs": attributes, "parents": []}


def _grant_facts(
    caller: Caller, resource: Resource | None, facts: CaseFacts, standing: GrantStanding, now: datetime
) -> dict[str, Any]:
    grant = standing.grant
    told: dict[str, Any] = {
        "things": len(grant.objects) + len(grant.types),
        "own": is_own(caller, resource, facts, grant),
        "intact": standing.intact,
        "represented": standing.represented,
        "state": grant.state.value,
        "uses_left": grant.uses_left,
        "valid_from": _milliseconds(grant.valid_from),
        "valid_to": _milliseconds(grant.valid_to),
        "item": grant.item_code,
        "mode": MODES[grant.mode],
        "objects": sorted(grant.objects),
        "types": sorted(grant.types),
        "fields": _with_masked(grant.fields),
        "regions": sorted(grant.regions),
        "signer": grant.signer_kind,
        "assurance": grant.assurance,
    }
    if standing.joint is not None:
        told["joint"] = standing.joint
    if grant.key_since is not None:
        told["key_hours"] = (grant.given_at - grant.key_since) // _HOUR
    if grant.case_no is not None:
        told["case"] = grant.case_no
    if grant.frequency_count is not None and grant.frequency_seconds is not None:
        since = now - timedelta(seconds=grant.frequency_seconds)
        told |= {"frequency": grant.frequency_count, "recent": sum(at > since for at in grant.recent)}
    if grant.fresh_days is not None:
        told["fresh_after"] = _milliseconds(now - timedelta(days=grant.fresh_days))
    return told


def _duty_facts(duty: Duty) -> dict[str, Any]:
    told: dict[str, Any] = {
        "org": duty.org_code,
        "item": duty.item_code,
        "types": sorted(duty.types),
        "fields": _with_masked(duty.fields),
        "mode": MODES[duty.mode],
        "valid_from": _milliseconds(duty.valid_from),
    }
    return told if duty.valid_to is None else told | {"valid_to": _milliseconds(duty.valid_to)}


def _emergency_facts(
    caller: Caller,
    operator: Operator,
    request: UseRequest,
    facts: CaseFacts,
    emergency: Emergency | None,
    now: datetime,
) -> dict[str, Any] | None:
    if emergency is None:
        return None
    ours = (emergency.party_id, emergency.case_no, emergency.opened_by)
    standing = emergency.stands(now) and ours == (caller.party_id, request.case_no, operator.handle)
    standing = standing and emergency.holder_id == facts.applicant_holder_id
    return {"standing": standing, "types": sorted(emergency.types), "mode": MODES[emergency.mode]}


def _with_masked(fields: frozenset[str]) -> list[str]:
    """Fields of a basis: who may have one in clear may have it masked."""
    return sorted(fields | {field.removesuffix(CLEAR) for field in fields})


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
