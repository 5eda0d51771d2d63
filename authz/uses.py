"""Uses: decided, spent and recorded in one unit before a byte leaves (DESIGN 4.5); what follows is `authz.useends`.

Order against withdrawal (RELIABILITY Z6): opening a use and withdrawing its grant both lock the grant's row before they
write their log entry, so the entries stand in the order of the locks, and no use recorded after a withdrawal exists.

A holder's uses form a chain: each `use.intended` carries the holder's running number and the leaf hash of the use
before it, inside the commitment, so an omitted use leaves a hole that any later receipt shows (DESIGN 5).

An ordinary use takes the same round trips whatever else there is: only things of several holders
(`authz.jointconsent`), duty use (`authz.dutynotices`) and emergencies (`authz.breakglass`) ask and write more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from authz import accesschecks, jointconsent, userecords
from authz.consentnotice import SENSITIVE
from authz.decider import GrantStanding, covers, eligible_grantors, is_own
from authz.errors import UnknownOperatorError, UseRefusedError
from authz.foreseeing import Eyes, foresee_all
from authz.model import Basis, Foresight, Mode, Operator, Presence, Role, Use, UseState
from authz.reasons import Reason, visible_reason
from authz.store import breakglass, jointgrants, ledger, uses as store
from authz.useends import LINGER, WINDOW, UseEnds, cut
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.merkle import leaf_hash
from ledger.record import Record
from ledger.steps import together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from authz.decider import Decider
    from authz.dutynotices import DutyNotices
    from authz.foreseeing import Sought
    from authz.grants import Grants
    from authz.holders import Holders
    from authz.model import Caller, CaseFacts, Decision, Emergency, Resource, UseRequest
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.steps import Statement, Steps

_NOBODY: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class _Judged:
    """A decision with what it was made of."""

    operator: Operator
    held: store.Loaded
    joint: tuple[GrantStanding, ...]
    emergency: Emergency | None
    decision: Decision


class Uses(UseEnds):
    """Opens uses; guards and ends them (`authz.useends`).

    Args:
        evidence: the log.
        decider: the policies.
        grants: looks whether a grant still stands.
        holders: names holders pairwise.
        clock: tells the time.
        duty_notices: tells holders of uses they were not asked about.
        window: how long a use is open.
        linger: how long it stays open after the first full delivery.
    """

    def __init__(
        self,
        evidence: Evidence,
        decider: Decider,
        grants: Grants,
        holders: Holders,
        clock: Clock,
        duty_notices: DutyNotices,
        *,
        window: timedelta = WINDOW,
        linger: timedelta = LINGER,
    ) -> None:
        super().__init__(evidence, holders, clock, linger)
        self._decider = decider
        self._grants = grants
        self._duty_notices = duty_notices
        self._window = window

    def open(
        self,
        caller: Caller,
        request: UseRequest,
        resource: Resource | None,
        facts: CaseFacts,
        size: int,
        digests: Mapping[str, str],
        key: str,
    ) -> Steps[tuple[Use, list[Statement]]]:
        """Decide on a use.

        Args:
            caller: the client that asks.
            request: what it asks.
            resource: the thing; None where there is no such thing. The same work is done for both.
            facts: of the case.
            size: bytes of the thing.
            digests: its `sha256` and `sm3`, hexadecimal.
            key: Idempotency-Key.

        Returns:
            The use, and what spends and records it: write that in the same unit, `together` with anything of your own,
            and commit before anything is released. The writing fails by `is_repeated` where the key was used before.

        Raises:
            UnknownOperatorError: the caller's organisation has no such operator.
            UseRefusedError: refused; nothing was written yet. Record it with `refuse`.
        """
        now = self._clock.now()
        judged = yield from self._decide(caller, request, resource, facts, now)
        held, decision = judged.held, judged.decision
        if resource is None or not decision.allowed or decision.basis is None:
            raise self._refusal(caller, resource, facts, judged, now)
        use_id = new_id()
        parties = {"use": use_id} | userecords.basis_of(held, decision, judged.joint, judged.emergency)
        parties |= userecords.intended(self._holders, caller, judged.operator, request, resource, held, decision)
        fact = {"type": "use.intended", "time": rfc3339(now), "digests": dict(digests), "size": size}
        promise, writes = self._evidence.prepare(Record(fact, parties))
        use = Use(
            id=use_id,
            client_id=caller.client_id,
            jkt=caller.jkt,
            party_id=caller.party_id,
            operator=request.operator,
            object_id=resource.id,
            holder_id=resource.holder_id,
            mode=request.mode,
            basis=decision.basis,
            grant_id=decision.grant_id,
            duty_id=decision.duty_id,
            case_no=request.case_no,
            item_code=request.item_code,
            cause=request.cause,
            policies=decision.policies,
            policy_version=decision.policy_version,
            size=size,
            sha256=digests["sha256"],
            sm3=digests["sm3"],
            state=UseState.open,
            opened_at=now,
            closes_at=now + self._window,
            intent_entry_id=promise.entry_id,
            intent_promise=promise.to_json(),
            uses_left=held.grant.uses_left - 1 if decision.grant_id is not None and held.grant is not None else None,
            emergency_id=decision.emergency_id,
        )
        writes += store.open_use(userecords.row(use, key, held.use_seq + 1, leaf_hash(promise.leaf)))
        if judged.joint and use.basis is Basis.grant:
            writes += jointgrants.spend([each.grant.id for each in judged.joint], use.id, now)
        if resource.co_holders:
            writes.append(ledger.held_with(use.id, resource.co_holders, now))
        if use.basis in {Basis.duty, Basis.emergency}:
            writes += yield from self._duty_notices.of_use(use, resource.co_holders)
        return use, writes

    def foresee(
        self,
        caller: Caller,
        request: UseRequest,
        resource: Resource | None,
        facts: CaseFacts,
        type_code: str,
        level: int,
    ) -> Steps[Foresight]:
        """What `open` would answer now. Nothing is spent or recorded, and nothing kept locked outside a unit.

        Args:
            resource: the thing; None where the applicant has none of the type.
            type_code, level: of the type that is asked for, which the caller knows whether there is such a thing or
                not: what is said of nothing depends on them too.

        Raises:
            UnknownOperatorError: the caller's organisation has no such operator.
        """
        now = self._clock.now()
        judged = yield from self._decide(caller, request, resource, facts, now, type_code)
        if judged.decision.allowed:
            return Foresight(judged.decision.basis, None)
        sought = (type_code, level) if resource is None else None
        return Foresight(None, self._refusal(caller, resource, facts, judged, now, sought).code)

    def foresee_all(self, caller: Caller, request: UseRequest, sought: Sequence[Sought]) -> Steps[list[Foresight]]:
        """As `foresee`, for many things in a fixed number of statements (`authz.foreseeing`).

        Things of several holders cost statements of their own.

        Raises:
            UnknownOperatorError: the caller's organisation has no such operator.
        """
        now = self._clock.now()

        def said(each: Sought, operator: Operator, held: store.Loaded, decision: Decision) -> str:
            judged = _Judged(operator, held, (), None, decision)
            looked_for = (each.type_code, each.level) if each.resource is None else None
            return self._refusal(caller, each.resource, each.facts, judged, now, looked_for).code

        eyes = Eyes(self._decider, self._standing, said, self.foresee)
        return foresee_all(eyes, caller, request, sought, now)

    def refuse(self, caller: Caller, request: UseRequest, refusal: UseRefusedError) -> Statement:
        """What records a refused use: what was asked by whom, and why not; no values.

        Args:
            refusal: as `open` raised it; it tells from now on under which id its proof is found.
        """
        now, refusal_id = self._clock.now(), new_id()
        holder_id = refusal.holder_id
        refusal.fields = {**refusal.fields, "refusal_id": refusal_id}
        parties, why = userecords.refused(self._holders, caller, request, refusal, self._decider.version)
        promise, writes = self._evidence.prepare(Record({"type": "use.refused", "time": rfc3339(now)}, parties))
        row = {
            "id": refusal_id,
            "client": caller.client_id,
            "party": caller.party_id,
            "operator": userecords.safe(request.operator),
            "object": request.object_id if holder_id is not None else None,
            "holder": holder_id,
            "emergency": request.break_glass_id,
            "case": userecords.safe(request.case_no),
            "item": userecords.safe(request.item_code),
            "mode": request.mode.value,
            "reason": refusal.reason,
            "said": refusal.code,
            "at": now,
            "entry": promise.entry_id,
            "why": why,
        }
        return together(*writes, store.refuse(row))

    def _decide(
        self,
        caller: Caller,
        request: UseRequest,
        resource: Resource | None,
        facts: CaseFacts,
        now: datetime,
        type_code: str = "",
    ) -> Steps[_Judged]:
        emergency = None
        if request.break_glass_id is not None:
            emergency = yield from breakglass.for_use(request.break_glass_id)
        held = yield from self._load(caller, request, resource, facts, now, type_code)
        if held.roles is None or not caller.speaks_for(request.operator):
            raise UnknownOperatorError
        operator = Operator(caller.party_id, request.operator, frozenset(Role(role) for role in held.roles))
        standing = yield from self._standing(held, resource, now)
        joint: tuple[GrantStanding, ...] | None = ()
        if standing is not None and resource is not None and resource.co_holders:
            found = yield from jointconsent.candidates(caller, request, resource, now)
            asked = jointconsent.Asked(caller, operator, request, resource, facts)
            joint = yield from jointconsent.others(self._decider, self._grants, asked, found, standing.grant, now)
            standing = replace(standing, joint=joint is not None)
        decision = self._decider.decide(caller, operator, request, resource, facts, standing, held.duty, now, emergency)
        decision = accesschecks.held_back(caller, resource, decision, missing=held.access_missing)
        return _Judged(operator, held, joint or (), emergency, decision)

    def _load(
        self,
        caller: Caller,
        request: UseRequest,
        resource: Resource | None,
        facts: CaseFacts,
        now: datetime,
        type_code: str,
    ) -> Steps[store.Loaded]:
        applicant = facts.applicant_holder_id if type_code and facts.applicant_holder_id else _NOBODY
        values = {
            "grant": request.grant_id,
            "party": caller.party_id,
            "operator": request.operator,
            "org": caller.org_code,
            "item": request.item_code,
            "case": request.case_no,
            "object": resource.id if resource else _NOBODY,
            "type": resource.type_code if resource else type_code,
            "grantors": list(eligible_grantors(resource, facts)) if resource else [applicant],
            "holder": resource.holder_id if resource else _NOBODY,
            "modes": [each.value for each in Mode][list(Mode).index(request.mode) :],
            "fields": sorted(request.fields) if request.mode is Mode.data else [],
            "dated": resource.dated if resource else None,
            "sensitive": resource is not None and resource.level >= SENSITIVE,
            "now": now,
        }
        joint = resource is not None and bool(resource.co_holders)
        if resource is not None and joint:
            values["holders"] = sorted({resource.holder_id, *resource.co_holders})
        return store.load(named=request.grant_id is not None, joint=joint, values=values)

    def _standing(self, held: store.Loaded, resource: Resource | None, now: datetime) -> Steps[GrantStanding | None]:
        if held.grant is None:
            return None
        return GrantStanding(
            held.grant,
            intact=self._grants.is_intact(held.grant, held.sealed_token),
            represented=(
                yield from self._grants.still_represented(held.grant, resource.type_code if resource else None, now)
            ),
        )

    @staticmethod
    def _refusal(
        caller: Caller,
        resource: Resource | None,
        facts: CaseFacts,
        judged: _Judged,
        now: datetime,
        sought: tuple[str, int] | None = None,
    ) -> UseRefusedError:
        grant, decision = judged.held.grant, judged.decision
        reason = Reason(decision.reasons[0])
        level = resource.level if resource else sought[1] if sought else None
        if sought is None:
            consented = grant is not None and is_own(caller, resource, facts, grant) and covers(grant, resource)
        else:
            consented = grant is not None and grant.grantee_id == caller.party_id and sought[0] in grant.types
        emergency = judged.emergency
        if emergency is not None and emergency.party_id != caller.party_id:
            emergency = None  # somebody else's says nothing here
        said = visible_reason(
            reason,
            level=level,
            in_own_open_case=facts.exists and facts.own_org and facts.open,
            present=facts.presence is not Presence.none or (emergency is not None and emergency.stands(now)),
            consented=consented,
        )
        holder_id = resource.holder_id if resource else None
        return UseRefusedError(said.value, reason=reason.value, policies=decision.policies, holder_id=holder_id)


__all__ = ["LINGER", "WINDOW", "Uses", "cut"]
