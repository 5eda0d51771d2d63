"""What is said of a refusal, to whom, before and after consent (DESIGN 7, "What is said"): one table over all reasons.

Each row makes its refusal happen, against the database, for a thing of level 2 and one of level 3, and holds what the
requester was told against the table. The citizen is told the true reason, in both languages, whatever was said. What is
absent is told in the same words, after the same statements, as what is forbidden: nobody learns from the wait either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from authz.breakglass import BreakGlass, Wanted
from authz.decider import Decider
from authz.duties import DutyEntry
from authz.errors import UseRefusedError
from authz.holderledger import HolderLedger
from authz.model import Mode, PartyKind, Presence, Role, ShareClass
from authz.policy import PolicyBook
from authz.reasons import WORDING, Reason
from authz.store import accessrequests
from authz.terms import Frequency
from authz.workdays import Workdays
from ledger.steps import execute, run
from tests.authz.phones import Phone, enrol
from tests.authz.world import CASE, DIGESTS, ITEM, SIZE, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from authz.model import Caller

OTHER = "31011820261121009999"
NOBODY = "019a0000-0000-7000-8000-00000000dead"


@dataclass
class Asked:
    """A request as a row of the table makes it."""

    resource: dict[str, Any]
    facts: dict[str, Any]
    request: dict[str, Any]
    caller: Caller | None = None
    absent: bool = False


@dataclass(frozen=True)
class Row:
    """A reason, and how it comes about.

    Attributes:
        make: prepares the world for a thing of a level; what is asked then.
        consented: the holder gave the caller a grant that names the thing or its type.
        levels: the levels at which it can come about.
    """

    make: Callable[[World, int], Asked]
    consented: bool = False
    levels: tuple[int, ...] = (2, 3)


def asked(**parts: Any) -> Callable[[World, int], Asked]:
    """A request that needs no preparation; parts by what they change."""
    return lambda world, level: Asked(
        {"level": level} | parts.get("resource", {}), parts.get("facts", {}), parts.get("request", {})
    )


def granted(resource: dict[str, Any] | None = None, request: dict[str, Any] | None = None, **terms: Any) -> Any:
    """A request after a grant with some terms."""

    def make(world: World, level: int) -> Asked:
        world.grant(**{name: each(world) if callable(each) else each for name, each in terms.items()})
        held = {name: each(world) if callable(each) else each for name, each in (resource or {}).items()}
        return Asked({"level": level} | held, {}, request or {})

    return make


def named(subject: str = "chen", grantor: Callable[[World], str] | None = None, **terms: Any) -> Any:
    """A request that names a grant."""

    def make(world: World, level: int) -> Asked:
        grant = world.grant(subject, None if grantor is None else grantor(world), **terms)
        return Asked({"level": level}, {}, {"grant_id": grant.id})

    return make


def after(do: Callable[[World, int, Any], None], **terms: Any) -> Any:
    """A request after something was done to a grant."""

    def make(world: World, level: int) -> Asked:
        do(world, level, world.grant(**terms))
        return Asked({"level": level}, {}, {})

    return make


def social(world: World, level: int) -> Asked:
    name = f"hotel-{level}"
    with world.database.unit() as db:
        code = "91310118XX00000271" if level == 2 else "91310113XX0000019X"
        hotel = world.department(db, name, "示例酒店", code, "310118", PartyKind.social)
        world.parties.register_operator(db, hotel.party_id, "qp-103", {Role.window})
    return Asked({"level": level}, {}, {}, world.call(hotel))


def unrepresented(world: World, level: int) -> Asked:
    world.grant()
    with world.database.unit() as db:
        if level == 2:
            world.representations.end(db, world.represented.id, source=world.baoshan.party_id, operator="bs-002")
    return Asked({"level": level}, {}, {})


def unapproved(world: World, level: int) -> Asked:
    world.grant()
    with world.database.unit() as db:
        accessrequests.name_provider(db, "CL022", world.baoshan.party_id, world.clock.now())
    return Asked({"level": level, "depositor_party_id": NOBODY}, {}, {})


def by_duty(world: World, level: int) -> Asked:
    if level == 2:
        world.publish_duties(
            DutyEntry("11310118XX00000B0W", "第一条", ITEM, ("CL022",), Mode.verify, world.clock.now())
        )
    return Asked({"level": level}, {}, {})


def urgent(world: World, level: int) -> Asked:
    glass = BreakGlass(world.counter, world.evidence, world.holders, world.vault, Workdays(), world.clock)
    with world.database.unit() as db:
        if level == 2:
            world.parties.register_operator(db, world.qingpu.party_id, "qp-204", {Role.reviewer})
        wanted = Wanted(CASE, world.firm, ["CL025"], Mode.copy, "property", "x")
        held = glass.open(db, world.caller, wanted, "qp-103")
        glass.approve(db, world.caller, held.emergency.id, "qp-204")
    return Asked({"level": level}, {"presence": Presence.none}, {"break_glass_id": held.emergency.id})


def young_key(world: World, level: int) -> Asked:
    phone = Phone(world.app_key, world.clock)
    enrol(world, phone)
    ask = world.ask(world.chen)
    with world.database.unit() as db:
        world.asks.approve(db, ask.id, phone.sign(ask.digest))
    return Asked({"level": level, "holder_id": world.chen}, {"applicant_holder_id": world.chen}, {})


def low(world: World, level: int) -> Asked:
    ask = world.ask()
    with world.database.unit() as db:
        world.asks.approve(db, ask.id, world.id_token("chen", ask.digest, acr="sms"))
    return Asked({"level": level}, {}, {})


def broken(world: World, level: int) -> Asked:
    world.uses._decider = Decider(PolicyBook(None, None, {}, {}, "v"))  # type: ignore[arg-type]
    return Asked({"level": level}, {}, {})


def spend(world: World, level: int, _: Any) -> None:
    world.use(world.lease(level=level))


DAY = timedelta(days=1)
STATUSES = {each: each.value.removeprefix("status-") for each in Reason if each.value.startswith("status-")}
TABLE: dict[Reason, Row] = {
    Reason.cause_invalid: Row(asked(request={"cause": " "})),
    Reason.operator_role: Row(asked(request={"operator": "qp-900"})),
    Reason.case_not_yours: Row(asked(facts={"exists": False, "own_org": False, "open": False, "item_code": None})),
    Reason.case_closed: Row(asked(facts={"open": False})),
    Reason.item_mismatch: Row(asked(facts={"item_code": "other"})),
    Reason.emergency_over: Row(asked(request={"break_glass_id": NOBODY})),
    Reason.presence_required: Row(asked(facts={"presence": Presence.none})),
    Reason.not_found: Row(lambda _world, level: Asked({"level": level}, {}, {}, absent=True)),
    Reason.share_denied: Row(asked(resource={"share_class": ShareClass.denied})),
    Reason.kind_not_allowed: Row(social),
    **{reason: Row(asked(resource={"status": status})) for reason, status in STATUSES.items()},
    Reason.unrelated_holder: Row(asked(facts={"applicant_holder_id": NOBODY})),
    Reason.not_demanded: Row(asked(facts={"demanded": False})),
    Reason.grant_of_another: Row(named("xu", lambda world: world.xu)),
    Reason.grant_altered: Row(
        after(lambda world, _level, _grant: world.run("UPDATE authz.grant_ SET max_uses = 9")), consented=True
    ),
    Reason.grant_withdrawn: Row(after(lambda world, _level, grant: world.withdraw(grant.id) and None), consented=True),
    Reason.grant_used_up: Row(after(spend, max_uses=1), consented=True),
    Reason.grant_expired: Row(after(lambda world, _level, _grant: world.clock.pass_(31 * 86_400)), consented=True),
    Reason.grant_not_yet_valid: Row(granted(valid_from=lambda world: world.clock.now() + DAY), consented=True),
    Reason.grant_frequency: Row(after(spend, frequency=Frequency(1, "day")), consented=True),
    Reason.grant_representation: Row(unrepresented, consented=True, levels=(2,)),
    Reason.grant_assurance: Row(low, consented=True, levels=(3,)),
    Reason.grant_key_new: Row(young_key, consented=True, levels=(3,)),
    Reason.grant_region: Row(granted(regions=["330000"]), consented=True),
    Reason.grant_purpose: Row(named(case_no=OTHER), consented=True),
    Reason.grant_mode: Row(granted(mode=Mode.verify), consented=True),
    Reason.grant_fields: Row(
        granted(mode=Mode.data, fields=["name"], request={"mode": Mode.data, "fields": ("phone",)}), consented=True
    ),
    Reason.grant_objects: Row(named(types=["CL025"])),
    Reason.grant_stale: Row(
        granted({"dated": lambda world: world.clock.now() - 2 * DAY}, fresh_days=1), consented=True
    ),
    Reason.grant_not_separate: Row(granted(types=["CL022", "CL025"]), consented=True, levels=(3,)),
    Reason.grant_joint: Row(granted({"co_holders": lambda world: frozenset({world.xu})}), consented=True),
    Reason.emergency_scope: Row(urgent),
    Reason.duty_scope: Row(by_duty),
    Reason.access_required: Row(unapproved, consented=True),
    Reason.grant_required: Row(asked()),
    Reason.policy_error: Row(broken),
}
"""Every reason but `ask-holder`, which is only ever said."""


def said_to_requester(reason: Reason, level: int, *, consented: bool) -> Reason:
    """The table of DESIGN 7, inside an open case of one's own with the applicant there."""
    if WORDING[reason].about_request or level <= 2 or consented:
        return reason
    return Reason.ask_holder


def refuse(world: World, held: Asked, *, absent: bool = False) -> tuple[UseRefusedError, list[str]]:
    """What a request is refused with, and the statements it took."""
    seen: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        seen.append(statement)

    caller = held.caller or world.caller
    request = world.request(**held.request)
    resource = None if absent or held.absent else world.lease(**held.resource)
    event.listen(world.database.engine, "before_cursor_execute", listen)
    try:
        with world.database.unit() as db, pytest.raises(UseRefusedError) as caught:
            run(db, world.uses.open(caller, request, resource, world.facts(**held.facts), SIZE, DIGESTS, "k"))
    finally:
        event.remove(world.database.engine, "before_cursor_execute", listen)
    with world.database.unit() as db:
        execute(db, world.uses.refuse(caller, request, caught.value))
    return caught.value, seen


class TestTable:
    def test_has_every_reason(self) -> None:
        assert set(TABLE) == set(Reason) - {Reason.ask_holder}

    @pytest.mark.parametrize("reason", TABLE, ids=str)
    def test_tells_requester_and_citizen(self, world: World, reason: Reason) -> None:
        row = TABLE[reason]
        ledger = HolderLedger(world.evidence, world.holders, world.parties, world.vault, world.clock)
        for level in row.levels:
            held = row.make(world, level)
            world.clock.pass_(1)
            refusal, statements = refuse(world, held)
            assert refusal.reason == reason.value
            expected = said_to_requester(reason, 3 if held.absent else level, consented=row.consented)
            assert refusal.code == expected.value, level
            if held.absent:
                assert refusal.holder_id is None
                continue
            holder = world.lease(**held.resource).holder_id
            with world.database.unit() as db:
                (line, *_) = ledger.page(db, holder).lines
            assert (line.state, line.reason) == ("refused", reason.value)
            assert WORDING[Reason(line.reason)].zh
            assert WORDING[Reason(line.reason)].en
            if level == 3 and not row.consented:
                nothing, same = refuse(world, held, absent=True)
                assert nothing.code == refusal.code
                assert nothing.fields.keys() == refusal.fields.keys() == {"refusal_id"}
                assert same == statements

    def test_of_a_thing_held_together_takes_as_long_as_of_nothing(self, world: World) -> None:
        held = Asked({"level": 3, "co_holders": frozenset({world.xu})}, {}, {})
        refusal, statements = refuse(world, held)
        nothing, same = refuse(world, held, absent=True)
        assert refusal.code == nothing.code == "ask-holder"
        assert len(statements) == len(same)

    def test_ordinary_uses_take_the_round_trips_they_took(self, world: World) -> None:
        """Loading, and whatever the caller writes together: decision 0007."""
        world.grant()
        seen: list[str] = []
        with world.database.unit() as db:
            steps = world.uses.open(world.caller, world.request(), world.lease(), world.facts(), SIZE, DIGESTS, "k")
            statement = next(steps)
            try:
                while True:
                    seen.append(statement[0])
                    statement = steps.send(execute(db, statement))
            except StopIteration as ended:
                _, writes = ended.value
        assert len(seen) == 2  # what is decided on, and who still represents the holder
        assert len(writes) == 6  # the entry, its record and its salts; spent, counted, stored
