"""Uses: decided, spent and recorded in one unit before a byte leaves; closed and recorded when it is over (DESIGN 4.5).

Order against withdrawal (RELIABILITY Z6): opening a use and withdrawing its grant both lock the grant's row before they
write their log entry, so the entries stand in the order of the locks, and no use recorded after a withdrawal exists.

A holder's uses form a chain: each `use.intended` carries the holder's running number and the leaf hash of the use
before it, inside the commitment, so an omitted use leaves a hole that any later receipt shows (DESIGN 5).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from authz.consentnotice import SENSITIVE
from authz.decider import GrantStanding, covers, eligible_grantors, is_own
from authz.errors import UnknownOperatorError, UnknownUseError, UseClosedError, UseRefusedError
from authz.identifiers import names_a_person
from authz.model import Basis, Foresight, Mode, Operator, Presence, Role, Use, UseState
from authz.reasons import Reason, visible_reason
from authz.store import uses as store
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.merkle import leaf_hash
from ledger.record import Record
from ledger.steps import run, together

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.decider import Decider
    from authz.grants import Grants
    from authz.holders import Holders
    from authz.model import Caller, CaseFacts, Decision, Resource, UseEvent, UseRequest
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.promise import Promise
    from ledger.steps import Statement, Steps

WINDOW: Final = timedelta(minutes=15)
LINGER: Final = timedelta(seconds=60)
"""How long content is given: in all, and after the first full delivery (DESIGN 4.5)."""

_LONGEST: Final = timedelta(days=1)
"""No window is longer, whatever the setting."""

_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_HISTORY: Final = 1000
_LOGGED: Final = 64
"""Longest piece of a refused request that its record repeats."""


class Uses:
    """Opens, guards and ends uses.

    Args:
        evidence: the log.
        decider: the policies.
        grants: looks whether a grant still stands.
        holders: names holders pairwise.
        clock: tells the time.
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
        *,
        window: timedelta = WINDOW,
        linger: timedelta = LINGER,
    ) -> None:
        self._evidence = evidence
        self._decider = decider
        self._grants = grants
        self._holders = holders
        self._clock = clock
        self._window = window
        self._linger = linger

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
        operator, held, decision = yield from self._decide(caller, request, resource, facts, now)
        if resource is None or not decision.allowed or decision.basis is None:
            raise self._refusal(caller, resource, facts, held, decision)
        use_id = new_id()
        parties = self._parties(use_id, caller, operator, request, resource, held, decision)
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
        )
        return use, writes + store.open_use(_row(use, key, held.use_seq + 1, leaf_hash(promise.leaf)))

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
        _, held, decision = yield from self._decide(caller, request, resource, facts, self._clock.now(), type_code)
        if decision.allowed:
            return Foresight(decision.basis, None)
        sought = (type_code, level) if resource is None else None
        return Foresight(None, self._refusal(caller, resource, facts, held, decision, sought).code)

    def refuse(self, caller: Caller, request: UseRequest, refusal: UseRefusedError) -> Statement:
        """What records a refused use: what was asked by whom, and why not; no values.

        Args:
            refusal: as `open` raised it.
        """
        now = self._clock.now()
        holder_id = refusal.holder_id
        parties = {
            "requester": caller.org_code,
            "client": caller.client_id,
            "operator": _safe(request.operator),
            "case": _safe(request.case_no),
            "item": _safe(request.item_code),
            "mode": request.mode.value,
            "object": request.object_id,
            "reason": refusal.reason,
            "said": refusal.code,
            "policies": list(refusal.policies),
            "policy_version": self._decider.version,
            "holder": None if holder_id is None else self._holders.pairwise(holder_id, caller.party_id),
        }
        promise, writes = self._evidence.prepare(Record({"type": "use.refused", "time": rfc3339(now)}, parties))
        row = {
            "id": new_id(),
            "client": caller.client_id,
            "party": caller.party_id,
            "operator": _safe(request.operator),
            "object": request.object_id if holder_id is not None else None,
            "holder": holder_id,
            "case": _safe(request.case_no),
            "item": _safe(request.item_code),
            "mode": request.mode.value,
            "reason": refusal.reason,
            "said": refusal.code,
            "at": now,
            "entry": promise.entry_id,
        }
        return together(*writes, store.refuse(row))

    def get(self, db: Connection, caller: Caller, use_id: str) -> Use:
        """A use of the caller's organisation.

        Raises:
            UnknownUseError: there is none; another organisation's looks the same.
        """
        found = run(db, store.use(use_id))
        if found is None or found[0].party_id != caller.party_id:
            raise UnknownUseError
        return found[0]

    @staticmethod
    def of_holder(db: Connection, holder_id: str, use_id: str) -> Use:
        """A use of what is a holder's.

        Raises:
            UnknownUseError: there is none; another holder's looks the same.
        """
        found = run(db, store.use(use_id))
        if found is None or found[0].holder_id != holder_id:
            raise UnknownUseError
        return found[0]

    def gate(self, use_id: str, caller: Caller) -> Steps[Use]:
        """Let content of a use pass, now. Ask before every piece.

        Raises:
            UnknownUseError: no such use of this client and key.
            UseClosedError: its time is over, or its grant was withdrawn.
        """
        found = yield from store.use(use_id)
        if found is None or (found[0].client_id, found[0].jkt) != (caller.client_id, caller.jkt):
            raise UnknownUseError
        use, withdrawn = found
        if withdrawn:
            raise UseClosedError(why="withdrawn")
        if use.state is UseState.aborted or self._clock.now() >= use.closes_at:
            raise UseClosedError(why="over")
        return use

    def delivered(self, use_id: str, start: int, end: int) -> Steps[Use]:
        """Write down that bytes were handed to the connection; the first time they are all, the use is completed.

        Args:
            start: first byte.
            end: byte after the last.

        Raises:
            UnknownUseError: no such use.
        """
        found = yield from store.delivered(use_id, start, end)
        if found is None:
            held = yield from store.use(use_id)
            if held is None:
                raise UnknownUseError
            return held[0]
        use, whole = found
        if not whole:
            return use
        now = self._clock.now()
        promise, writes = self._completion(use, now)
        yield together(*writes, store.complete(use_id, now, now + self._linger, promise.entry_id))
        closes = min(use.closes_at, now + self._linger)
        return replace(
            use, state=UseState.delivered, delivered_at=now, closes_at=closes, outcome_entry_id=promise.entry_id
        )

    def finish(self, use: Use) -> Steps[bool]:
        """The gate once more, and the completion, for a whole document about to be sent: one statement, no unit needed.

        Returns:
            Whether it was written. If not, ask `hand_over` in a unit, which also knows what to tell.
        """
        now = self._clock.now()
        promise, writes = self._completion(use, now, "FROM head")
        return bool((yield together(store.finish(use.id, now, now + self._linger, promise.entry_id), *writes)))

    def hand_over(self, use_id: str, caller: Caller, start: int, end: int) -> Steps[Use]:
        """The gate once more, and `delivered`, for bytes that are about to be sent.

        Raises:
            UnknownUseError, UseClosedError: as `gate`.
        """
        yield from self.gate(use_id, caller)
        return (yield from self.delivered(use_id, start, end))

    @staticmethod
    def rendered(use_id: str, size: int) -> Statement:
        """What writes down how many bytes a use delivers, where it delivers a rendition and not the object itself."""
        return store.rendered(use_id, size)

    @staticmethod
    def users(db: Connection, object_id: str) -> list[str]:
        """Parties that ever opened a use of a thing."""
        return store.users(db, object_id)

    def _completion(self, use: Use, now: datetime, where: str = "") -> tuple[Promise, list[Statement]]:
        digests = {"sha256": use.sha256, "sm3": use.sm3}
        fact = {"type": "use.completed", "time": rfc3339(now), "digests": digests, "size": use.size}
        return self._evidence.prepare(Record(fact, self._outcome(use)), where=where)

    def expire(self, db: Connection, limit: int = 500) -> int:
        """End uses whose time is over without everything delivered; how many. Run by one worker or many."""
        now = self._clock.now()
        over = store.expired(db, now, limit)
        if not over:
            return 0
        records = [
            Record({"type": "use.aborted", "time": rfc3339(now)}, self._outcome(use) | {"bytes": count})
            for use, count in over
        ]
        promises = self._evidence.append_many(db, records)
        store.abort(db, [use.id for use, _ in over], [promise.entry_id for promise in promises])
        return len(over)

    def history(self, db: Connection, object_id: str) -> list[UseEvent]:
        """The first 1,000 uses, outcomes and refusals of one thing, in the order of time."""
        return store.history(db, object_id, _HISTORY)

    def _decide(
        self,
        caller: Caller,
        request: UseRequest,
        resource: Resource | None,
        facts: CaseFacts,
        now: datetime,
        type_code: str = "",
    ) -> Steps[tuple[Operator, store.Loaded, Decision]]:
        held = yield from self._load(caller, request, resource, facts, now, type_code)
        if held.roles is None:
            raise UnknownOperatorError
        operator = Operator(caller.party_id, request.operator, frozenset(Role(role) for role in held.roles))
        standing = yield from self._standing(held, resource, now)
        return (
            operator,
            held,
            self._decider.decide(caller, operator, request, resource, facts, standing, held.duty, now),
        )

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
            "dated": resource.dated if resource else None,
            "sensitive": resource is not None and resource.level >= SENSITIVE,
            "now": now,
        }
        return store.load(named=request.grant_id is not None, values=values)

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
        held: store.Loaded,
        decision: Decision,
        sought: tuple[str, int] | None = None,
    ) -> UseRefusedError:
        grant = held.grant
        reason = Reason(decision.reasons[0])
        level = resource.level if resource else sought[1] if sought else None
        if sought is None:
            consented = grant is not None and is_own(caller, resource, facts, grant) and covers(grant, resource)
        else:
            consented = grant is not None and grant.grantee_id == caller.party_id and sought[0] in grant.types
        said = visible_reason(
            reason,
            level=level,
            in_own_open_case=facts.exists and facts.own_org and facts.open,
            present=facts.presence is not Presence.none,
            consented=consented,
        )
        holder_id = resource.holder_id if resource else None
        return UseRefusedError(said.value, reason=reason.value, policies=decision.policies, holder_id=holder_id)

    def _parties(
        self,
        use_id: str,
        caller: Caller,
        operator: Operator,
        request: UseRequest,
        resource: Resource,
        held: store.Loaded,
        decision: Decision,
    ) -> dict[str, Any]:
        """What a receipt binds: requester, role, case, purpose, basis with its version, and the holder's chain."""
        basis: dict[str, Any] = {"basis": None if decision.basis is None else decision.basis.value}
        if decision.basis is Basis.grant and held.grant is not None:
            basis |= {"grant": held.grant.id, "terms": held.grant.digest, "given_entry": held.grant.entry_id}
        if decision.basis is Basis.duty and held.duty is not None:
            basis |= {"duty": held.duty.id, "duties": held.duty.version, "article": held.duty.article}
        return basis | {
            "use": use_id,
            "requester": caller.org_code,
            "client": caller.client_id,
            "operator": operator.handle,
            "operator_roles": sorted(operator.roles),
            "case": request.case_no,
            "item": request.item_code,
            "cause": request.cause,
            "mode": request.mode.value,
            "fields": sorted(request.fields),
            "object": resource.id,
            "object_type": resource.type_code,
            "policies": list(decision.policies),
            "policy_version": decision.policy_version,
            "holder": self._holders.pairwise(resource.holder_id, caller.party_id),
            "holder_seq": held.use_seq + 1,
            "holder_prev": None if held.use_head is None else held.use_head.hex(),
        }

    def _outcome(self, use: Use) -> dict[str, Any]:
        return {
            "use": use.id,
            "client": use.client_id,
            "case": use.case_no,
            "grant": use.grant_id,
            "intended": use.intent_entry_id,
            "holder": self._holders.pairwise(use.holder_id, use.party_id),
        }


def cut(db: Connection, object_id: str, at: datetime) -> None:
    """End the time of every use of a thing, in the unit in which the thing is suspended, frozen or ended.

    A use that was opened before has its row by then: it reads the thing `FOR SHARE`, and whoever calls this has changed
    the thing. So no byte of it is recorded as delivered after the change.
    """
    store.cut(db, object_id, at, at - _LONGEST)


def _row(use: Use, key: str, seq: int, head: bytes) -> dict[str, Any]:
    return {
        "id": use.id,
        "client": use.client_id,
        "key": key,
        "jkt": use.jkt,
        "party": use.party_id,
        "operator": use.operator,
        "object": use.object_id,
        "holder": use.holder_id,
        "seq": seq,
        "head": head,
        "mode": use.mode.value,
        "basis": use.basis.value,
        "grant": use.grant_id,
        "duty": use.duty_id,
        "case": use.case_no,
        "item": use.item_code,
        "cause": use.cause,
        "policies": list(use.policies),
        "policy_version": use.policy_version,
        "size": use.size,
        "sha256": use.sha256,
        "sm3": use.sm3,
        "at": use.opened_at,
        "closes": use.closes_at,
        "entry": use.intent_entry_id,
    }


def _safe(text: str) -> str:
    """A piece of a refused request as its record may repeat it: short, and no identity or phone number in it."""
    return "(withheld)" if names_a_person(text) or not text.isprintable() else text[:_LOGGED]
