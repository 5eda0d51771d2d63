"""Uses: decided, spent and recorded together; closed in time; ordered against withdrawal."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import event, text

from authz.duties import DutyEntry
from authz.errors import (
    UnknownOperatorError,
    UnknownUseError,
    UseClosedError,
    UseRefusedError,
)
from authz.model import Basis, Mode, PartyKind, Presence, Role, ShareClass, UseState
from authz.refusals import open_why
from authz.store.uses import is_repeated
from authz.uses import LINGER, WINDOW
from ledger.consentform import why_digest
from ledger.merkle import leaf_hash
from ledger.steps import execute, run
from ledger.strictjson import base64url
from tests.authz.races import interleave
from tests.authz.world import CASE, DIGESTS, DRAWING, ITEM, LEASE, SIZE, World

NOBODY = "00000000-0000-7000-8000-000000000000"


def refused(world: World, *args: Any, **request: Any) -> Any:
    with pytest.raises(UseRefusedError) as raised:
        world.use(*args, **request)
    return raised.value


def left(world: World, grant: Any) -> Any:
    with world.database.unit() as db:
        return world.grants.find(db, grant.id).uses_left


def deliver(world: World, use: Any, start: Any = 0, end: Any = SIZE) -> Any:
    with world.database.unit() as db:
        return run(db, world.uses.delivered(use.id, start, end))


def gate(world: World, use: Any, caller: Any = None) -> Any:
    with world.database.unit() as db:
        return run(db, world.uses.gate(use.id, caller or world.caller))


def expire(world: World) -> Any:
    with world.database.unit() as db:
        return world.uses.expire(db)


class TestOpen:
    def test_spends_one_and_records_the_intent(self, world: World) -> None:
        grant = world.grant()
        use = world.use()
        assert use.basis is Basis.grant
        assert (use.grant_id, use.uses_left) == (grant.id, 2)
        assert use.policies == ("use-by-grant",)
        fact, parties = world.record(use.intent_entry_id)
        assert fact["type"] == "use.intended"
        assert fact["digests"] == DIGESTS
        assert fact["size"] == SIZE
        assert {name: parties[name] for name in ("use", "requester", "case", "item", "cause", "operator", "terms")} == {
            "use": use.id,
            "requester": "11310118XX00000B0W",
            "case": CASE,
            "item": ITEM,
            "cause": use.cause,
            "operator": "qp-103",
            "terms": grant.digest,
        }
        assert parties["operator_roles"] == ["window"]
        assert parties["policy_version"] == world.decider.version
        assert world.firm not in json.dumps(parties)

    def test_promise_is_of_the_entry(self, world: World) -> None:
        world.grant()
        use = world.use()
        assert use.intent_promise["entry"] == use.intent_entry_id

    def test_used_up(self, world: World) -> None:
        grant = world.grant(max_uses=1)
        world.use()
        assert refused(world).code == "grant-used-up"
        assert left(world, grant) == 0

    def test_many_at_once_never_overspend(self, world: World) -> Any:
        grant = world.grant(max_uses=5)

        def attempt(_: object) -> Any:
            try:
                return world.use()
            except UseRefusedError as refusal:
                return refusal.code

        with ThreadPoolExecutor(6) as pool:
            got = list(pool.map(attempt, range(12)))
        assert got.count("grant-used-up") == 7
        assert left(world, grant) == 0
        assert world.types().count("use.intended") == 5

    def test_refusal_leaves_nothing(self, world: World) -> None:
        before = world.types()
        assert refused(world).code == "grant-required"
        assert world.types() == before
        assert world.run("SELECT count(*) FROM authz.use_")[0][0] == 0
        assert world.run("SELECT sum(use_seq) FROM authz.holder")[0][0] == 0

    def test_key_opens_one_use(self, world: World) -> None:
        grant = world.grant()
        world.use(key="k")
        with pytest.raises(UniqueViolation) as repeated:
            world.use(key="k")
        assert is_repeated(repeated.value)
        assert left(world, grant) == 2
        assert world.types().count("use.intended") == 1

    def test_unknown_operator(self, world: World) -> None:
        world.grant()
        for handle in ("nobody", "bs-017", ""):
            with pytest.raises(UnknownOperatorError):
                world.use(operator=handle)

    def test_disabled_operator(self, world: World) -> None:
        world.grant()
        with world.database.unit() as db:
            world.parties.disable_operator(db, world.qingpu.party_id, "qp-103")
        with pytest.raises(UnknownOperatorError):
            world.use()

    def test_prefers_a_usable_grant_and_among_them_the_one_that_ends_first(self, world: World) -> None:
        world.withdraw(world.grant().id)
        world.grant(max_uses=9, valid_to=world.clock.now() + timedelta(days=20))
        soon = world.grant(max_uses=9, valid_to=world.clock.now() + timedelta(days=2))
        assert world.use().grant_id == soon.id

    def test_takes_the_grant_that_is_named_and_no_other(self, world: World) -> None:
        first, second = world.grant(), world.grant()
        assert world.use(grant_id=second.id).grant_id == second.id
        world.withdraw(second.id)
        assert refused(world, grant_id=second.id).code == "grant-withdrawn"
        assert left(world, first) == 3

    def test_unknown_grant_and_anothers_look_alike(self, world: World) -> None:
        other = world.call(world.baoshan)
        foreign = world.grant(caller=other)
        said = {refused(world, grant_id=grant_id).code for grant_id in (foreign.id, NOBODY)}
        assert said == {"grant-of-another"}

    def test_grant_of_another_holder(self, world: World) -> None:
        grant = world.grant("xu", world.xu)
        assert refused(world, grant_id=grant.id).code == "grant-of-another"

    def test_change_of_representative_suspends_what_the_old_one_gave(self, world: World) -> None:
        world.grant()
        with world.database.unit() as db:
            world.representations.end(db, world.represented.id, source=world.baoshan.party_id, operator="bs-002")
        assert refused(world).code == "grant-representation"

    def test_period(self, world: World) -> None:
        now = world.clock.now()
        world.grant(valid_from=now + timedelta(hours=1), valid_to=now + timedelta(hours=2))
        assert refused(world).code == "grant-not-yet-valid"
        world.clock.at = now + timedelta(hours=1)
        assert world.use()
        world.clock.at = now + timedelta(hours=2) - timedelta(milliseconds=1)
        assert world.use()
        world.clock.at = now + timedelta(hours=2)
        assert refused(world).code == "grant-expired"

    @pytest.mark.parametrize(
        ("regions", "allowed"),
        [(["310118"], True), (["310000"], True), (["310100"], True), (["310113"], False), (["330000"], False)],
    )
    def test_regions(self, world: World, regions: Any, allowed: Any) -> None:
        world.grant(regions=regions)
        if allowed:
            assert world.use()
        else:
            assert refused(world).code == "grant-region"

    @pytest.mark.parametrize(("given", "asked"), [(g, a) for g in Mode for a in Mode])
    def test_modes_include_the_ones_before(self, world: World, given: Any, asked: Any) -> None:
        world.grant(mode=given, fields=["name"])
        fields = ("name",) if asked is Mode.data else ()
        if list(Mode).index(asked) <= list(Mode).index(given):
            assert world.use(mode=asked, fields=fields)
        else:
            assert refused(world, mode=asked, fields=fields).code == "grant-mode"

    def test_fields(self, world: World) -> None:
        world.grant(mode=Mode.data, fields=["name", "address"])
        assert world.use(mode=Mode.data, fields=("name",))
        assert refused(world, mode=Mode.data, fields=("name", "phone")).code == "grant-fields"

    def test_another_type_is_not_covered(self, world: World) -> None:
        grant = world.grant()
        drawing = world.lease(id=DRAWING, type_code="CL025")
        assert refused(world, drawing, object_id=DRAWING).code == "grant-required"
        assert refused(world, drawing, object_id=DRAWING, grant_id=grant.id).code == "grant-objects"

    def test_named_object_is_covered_and_another_of_its_type_is_not(self, world: World) -> None:
        world.grant(types=[], objects=[LEASE])
        assert world.use()
        other = world.lease(id=DRAWING)
        assert refused(world, other, object_id=DRAWING).code == "grant-required"

    def test_another_partys_grant_does_not_help(self, world: World) -> None:
        world.grant(caller=world.call(world.baoshan))
        assert refused(world).code == "grant-required"

    @pytest.mark.parametrize("cause", ["", "  ", "查310199199001010018", "13800000000", "a\x07"])
    def test_cause_must_say_something_and_name_nobody(self, world: World, cause: Any) -> None:
        world.grant()
        assert refused(world, cause=cause).code == "cause-invalid"


class TestProject:
    def shared(self, world: World, **other: Any) -> Any:
        resource = world.lease(holder_id=world.xu, project_id="p1", **other)
        return resource, world.facts(project_id="p1", project_lead_id=world.chen)

    def test_applicants_grant_covers_what_was_given_to_the_project(self, world: World) -> None:
        world.grant()
        resource, facts = self.shared(world, share_in_project=True)
        assert world.use(resource, facts)

    def test_applicants_grant_does_not_cover_anothers_own(self, world: World) -> None:
        world.grant()
        resource, facts = self.shared(world)
        assert refused(world, resource, facts).code == "unrelated-holder"

    def test_leads_grant_covers_the_members(self, world: World) -> None:
        world.grant("chen", world.chen)
        resource, facts = self.shared(world)
        assert world.use(resource, facts)

    def test_members_own_grant_covers_theirs(self, world: World) -> None:
        world.grant("xu", world.xu)
        resource, facts = self.shared(world)
        assert world.use(resource, facts)

    @pytest.mark.parametrize("project", [None, "p2"])
    def test_nothing_across_projects(self, world: World, project: Any) -> None:
        world.grant("chen", world.chen)
        world.grant()
        resource, facts = self.shared(world, share_in_project=True)
        assert refused(world, resource, replace(facts, project_id=project)).code == "unrelated-holder"


class TestOtherBases:
    def publish(self, world: World, **other: Any) -> Any:
        entry = DutyEntry(
            **(
                {
                    "org_code": "11310118XX00000B0W",
                    "article": "食品安全法 第三十五条",
                    "item_code": ITEM,
                    "types": ("CL022",),
                    "mode": Mode.copy,
                    "valid_from": world.clock.now(),
                }
                | other
            )
        )
        return world.publish_duties(entry)

    def test_duty_needs_no_grant_and_names_its_article(self, world: World) -> None:
        catalogue = self.publish(world)
        use = world.use()
        assert use.basis is Basis.duty
        assert (use.grant_id, use.uses_left) == (None, None)
        parties = world.record(use.intent_entry_id)[1]
        assert (parties["duties"], parties["article"]) == (str(catalogue.version), "食品安全法 第三十五条")

    @pytest.mark.parametrize(
        "change",
        [
            {"org_code": "11310113XX00000A2R"},
            {"item_code": "other"},
            {"types": ("CL025",)},
        ],
        ids=str,
    )
    def test_entry_for_something_else_does_not_help(self, world: World, change: Any) -> None:
        self.publish(world, **change)
        assert refused(world).code == "grant-required"

    def test_entry_that_does_not_reach_far_enough(self, world: World) -> None:
        self.publish(world, mode=Mode.verify)
        assert refused(world).code == "duty-scope"
        assert world.use(mode=Mode.verify)

    def test_entry_out_of_its_period(self, world: World) -> None:
        now = world.clock.now()
        self.publish(world, valid_from=now + timedelta(days=1), valid_to=now + timedelta(days=2))
        assert refused(world).code == "duty-scope"

    def test_superseded_catalogue_does_not_help(self, world: World) -> None:
        self.publish(world)
        world.clock.pass_(1)
        world.publish_duties()
        assert refused(world).code == "grant-required"

    def test_grant_goes_before_duty(self, world: World) -> None:
        self.publish(world)
        world.grant()
        assert world.use().basis is Basis.grant

    def test_duty_where_the_grant_is_over(self, world: World) -> None:
        world.withdraw(world.grant().id)
        self.publish(world)
        assert world.use().basis is Basis.duty

    def test_unconditional_sharing_spends_nothing(self, world: World) -> None:
        grant = world.grant()
        use = world.use(world.lease(share_class=ShareClass.unconditional))
        assert use.basis is Basis.open
        assert left(world, grant) == 3

    def test_unconditional_sharing_ends_at_level_2(self, world: World) -> None:
        assert refused(world, world.lease(share_class=ShareClass.unconditional, level=3)).code == "ask-holder"

    def test_denied_is_denied_even_with_a_grant(self, world: World) -> None:
        world.grant()
        assert refused(world, world.lease(share_class=ShareClass.denied)).code == "share-denied"

    def test_social_party_uses_by_grant_and_up_to_level_2(self, world: World) -> None:
        with world.database.unit() as db:
            bank = world.department(db, "bank", "某银行", "91310118XX00000271", "310118", PartyKind.social)
            world.parties.register_operator(db, bank.party_id, "qp-103", {Role.window})
        caller = world.call(bank)
        assert (
            refused(world, world.lease(share_class=ShareClass.unconditional), caller=caller).code == "kind-not-allowed"
        )
        world.grant(caller=caller)
        assert world.use(caller=caller)
        assert refused(world, world.lease(level=3), caller=caller).code == "kind-not-allowed"


class TestWhatIsSaid:
    """DESIGN 7: outside the own open case one `not-found`; inside it full reasons up to level 2, above it `ask-holder`."""

    def test_absent_and_forbidden_look_alike_above_level_2(self, world: World) -> Any:
        def said(resource: Any) -> Any:
            with world.database.unit() as db, pytest.raises(UseRefusedError) as raised:
                run(db, world.uses.open(world.caller, world.request(), resource, world.facts(), SIZE, DIGESTS, "k"))
            return raised.value.code, raised.value.fields

        kinds = [
            None,
            world.lease(level=3),
            world.lease(level=4),
            world.lease(level=3, status="superseded"),
            world.lease(level=3, holder_id=world.xu),
        ]
        assert {json.dumps(said(resource)) for resource in kinds} == {'["ask-holder", {}]'}

    def test_full_reason_after_consent(self, world: World) -> None:
        world.grant()
        assert refused(world, world.lease(level=3, status="superseded")).code == "status-superseded"
        assert world.use(world.lease(level=3))

    @pytest.mark.parametrize(
        ("facts", "said"),
        [
            (
                {
                    "exists": False,
                    "own_org": False,
                    "open": False,
                    "item_code": None,
                    "presence": Presence.none,
                    "demanded": False,
                },
                "case-not-yours",
            ),
            ({"own_org": False}, "case-not-yours"),
            ({"open": False}, "case-closed"),
            ({"item_code": "other"}, "item-mismatch"),
            ({"presence": Presence.none}, "presence-required"),
        ],
        ids=["no case", "another's case", "closed", "other item", "nobody there"],
    )
    def test_reasons_about_the_case_do_not_depend_on_the_thing(self, world: World, facts: Any, said: Any) -> None:
        world.grant()
        told = set()
        for resource in (None, world.lease(), world.lease(level=4), world.lease(status="destroyed")):
            with world.database.unit() as db, pytest.raises(UseRefusedError) as raised:
                run(
                    db,
                    world.uses.open(world.caller, world.request(), resource, world.facts(**facts), SIZE, DIGESTS, "k"),
                )
            told.add(raised.value.code)
        assert told == {said}

    def test_overseeing_role_uses_nothing(self, world: World) -> None:
        world.grant()
        assert refused(world, operator="qp-900").code == "operator-role"


class TestRefuse:
    def test_records_what_was_so_and_what_was_said(self, world: World) -> None:
        refusal = refused(world, world.lease(level=3))
        with world.database.unit() as db:
            execute(db, world.uses.refuse(world.caller, world.request(), refusal))
        (row,) = world.run("SELECT reason, said, object_id::text, entry_id FROM authz.refusal")
        assert row[:3] == ("grant-required", "ask-holder", LEASE)
        fact, parties = world.record(row[3])
        assert fact["type"] == "use.refused"
        assert parties["said"] == "ask-holder"
        assert "digests" not in fact

    def test_commits_to_why_and_keeps_what_opens_it(self, world: World) -> None:
        refusal = refused(world, world.lease(level=3))
        with world.database.unit() as db:
            execute(db, world.uses.refuse(world.caller, world.request(), refusal))
        (row,) = world.run("SELECT why, entry_id, id::text FROM authz.refusal")
        opened, parties = open_why(bytes(row[0])), world.record(row[1])[1]
        holder = world.holders.pairwise(world.firm, world.qingpu.party_id)
        assert (opened["content"]["reason"], opened["content"]["holder"]) == ("grant-required", holder)
        assert parties["why"] == why_digest(base64url(opened["salt"], "salt"), opened["content"])
        assert not {"reason", "holder", "policies"} & parties.keys()  # who asked may open the record
        assert refusal.fields == {"refusal_id": row[2]}

    def test_keeps_no_personal_text_of_the_request(self, world: World) -> None:
        asked = {"case_no": "310199199001010018", "item_code": "13800000000", "operator": "qp-103"}
        refusal = refused(world, facts=world.facts(own_org=False), **asked)
        with world.database.unit() as db:
            execute(db, world.uses.refuse(world.caller, world.request(**asked), refusal))
        stored = str(world.run("SELECT r::text FROM authz.refusal r")) + str(
            world.run("SELECT convert_from(parties, 'UTF8') FROM ledger.record")
        )
        assert "310199199001010018" not in stored
        assert "13800000000" not in stored

    def test_of_nothing_is_no_history_of_anything(self, world: World) -> None:
        with world.database.unit() as db, pytest.raises(UseRefusedError) as raised:
            run(db, world.uses.open(world.caller, world.request(), None, world.facts(), 0, {}, "k"))
        with world.database.unit() as db:
            execute(db, world.uses.refuse(world.caller, world.request(), raised.value))
            assert world.uses.history(db, LEASE, limit=9) == []


class TestGate:
    def test_lets_the_same_client_and_key_pass(self, world: World) -> None:
        world.grant()
        use = world.use()
        assert gate(world, use).id == use.id

    def test_hides_from_everybody_else(self, world: World) -> None:
        world.grant()
        use = world.use()
        others = [
            world.call(world.baoshan),
            replace(world.caller, jkt="another key"),
            replace(world.caller, client_id="another system"),
        ]
        for caller in others:
            with pytest.raises(UnknownUseError):
                gate(world, use, caller)
        with pytest.raises(UnknownUseError):
            gate(world, replace(use, id=NOBODY))

    def test_closes_after_the_window(self, world: World) -> None:
        world.grant()
        use = world.use()
        world.clock.at = use.opened_at + WINDOW - timedelta(milliseconds=1)
        gate(world, use)
        world.clock.at = use.opened_at + WINDOW
        with pytest.raises(UseClosedError):
            gate(world, use)

    def test_lingers_after_the_first_full_delivery(self, world: World) -> None:
        world.grant()
        use = world.use()
        world.clock.pass_(10)
        deliver(world, use)
        world.clock.pass_(LINGER.total_seconds() - 1)
        gate(world, use)
        world.clock.pass_(1)
        with pytest.raises(UseClosedError):
            gate(world, use)

    def test_late_delivery_does_not_lengthen_the_window(self, world: World) -> None:
        world.grant()
        use = world.use()
        world.clock.at = use.closes_at - timedelta(seconds=5)
        assert deliver(world, use).closes_at == use.closes_at
        assert gate(world, use).closes_at == use.closes_at

    def test_closes_on_withdrawal(self, world: World) -> None:
        grant = world.grant()
        use = world.use()
        world.withdraw(grant.id)
        with pytest.raises(UseClosedError) as raised:
            gate(world, use)
        assert raised.value.fields == {"why": "withdrawn"}

    def test_closes_on_withdrawal_after_delivery_too(self, world: World) -> None:
        grant = world.grant()
        use = world.use()
        deliver(world, use)
        world.withdraw(grant.id)
        with pytest.raises(UseClosedError):
            gate(world, use)


class TestDelivered:
    def test_pieces_in_any_order_complete_once(self, world: World) -> None:
        grant = world.grant()
        use = world.use()
        for start, end in ((100_000, 150_000), (0, 60_000), (50_000, 100_000), (150_000, SIZE - 1)):
            assert deliver(world, use, start, end).state is UseState.open
        done = deliver(world, use, SIZE - 1, SIZE)
        assert done.state is UseState.delivered
        deliver(world, use)
        assert world.types().count("use.completed") == 1
        assert left(world, grant) == 2
        fact, parties = world.record(done.outcome_entry_id)
        assert fact["digests"] == DIGESTS
        assert parties["use"] == use.id
        with world.database.unit() as db:
            assert world.uses.get(db, world.caller, use.id).outcome_entry_id == done.outcome_entry_id

    def test_one_missing_byte_is_not_everything(self, world: World) -> None:
        world.grant()
        use = world.use()
        deliver(world, use, 0, 1000)
        assert deliver(world, use, 1001, SIZE).state is UseState.open

    def test_two_at_once_complete_once(self, world: World) -> None:
        world.grant()
        use = world.use()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: deliver(world, use), range(8)))
        assert world.types().count("use.completed") == 1

    def test_unknown(self, world: World) -> None:
        with world.database.unit() as db, pytest.raises(UnknownUseError):
            run(db, world.uses.delivered(NOBODY, 0, 1))


class TestExpire:
    def test_aborts_what_was_not_delivered_in_time(self, world: World) -> None:
        world.grant()
        whole, part, fresh = world.use(), world.use(), None
        deliver(world, whole)
        deliver(world, part, 0, 1000)
        deliver(world, part, 5000, 5500)
        world.clock.pass_(WINDOW.total_seconds() - 1)
        fresh = world.use()
        assert expire(world) == 0
        world.clock.pass_(1)
        assert expire(world) == 1
        assert expire(world) == 0
        with world.database.unit() as db:
            ended = world.uses.get(db, world.caller, part.id)
            assert ended.state is UseState.aborted
            assert world.uses.get(db, world.caller, whole.id).state is UseState.delivered
            assert world.uses.get(db, world.caller, fresh.id).state is UseState.open
        fact, parties = world.record(ended.outcome_entry_id)
        assert fact["type"] == "use.aborted"
        assert (parties["use"], parties["bytes"]) == (part.id, 1500)
        with pytest.raises(UseClosedError):
            gate(world, part)

    def test_ends_open_uses_of_a_withdrawn_grant_at_once(self, world: World) -> None:
        grant = world.grant()
        world.use()
        world.withdraw(grant.id)
        assert expire(world) == 1

    def test_second_worker_at_each_step_of_the_first(self, world: World) -> None:
        step, last = 0, False
        while not last:
            world.__init__(world.database)
            world.grant()
            world.use()
            world.clock.pass_(WINDOW.total_seconds())
            outcome, last = interleave(world, lambda: expire(world), lambda: expire(world), step)
            assert sorted(outcome.values()) == [0, 1]
            assert world.types().count("use.aborted") == 1
            step += 1
        assert step >= 3  # select, update, commit; the entries go by COPY

    def test_workers_side_by_side_end_each_use_once(self, world: World) -> None:
        world.grant(max_uses=20)
        for _ in range(20):
            world.use()
        world.clock.pass_(WINDOW.total_seconds())
        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(lambda _: expire(world), range(8))) == 20
        assert world.types().count("use.aborted") == 20


class TestHolderChain:
    """A holder's uses are numbered and each names the one before, so an omission shows (DESIGN 5)."""

    def test_each_use_names_the_one_before(self, world: World) -> None:
        world.grant(max_uses=9)
        previous = None
        for number in range(1, 5):
            use = world.use()
            parties = world.record(use.intent_entry_id)[1]
            assert parties["holder_seq"] == number
            assert parties["holder_prev"] == previous
            (leaf,) = world.run("SELECT leaf FROM ledger.entry WHERE id = :id", id=use.intent_entry_id)[0]
            previous = leaf_hash(bytes(leaf)).hex()
        (head,) = world.run("SELECT use_head FROM authz.holder WHERE id = :id", id=world.firm)[0]
        assert bytes(head).hex() == previous

    def test_chain_is_the_holders_across_parties(self, world: World) -> None:
        world.grant()
        other = world.call(world.baoshan)
        world.grant(caller=other, regions=["310113"])
        world.use()
        use = world.use(caller=other, operator="bs-017")
        assert world.record(use.intent_entry_id)[1]["holder_seq"] == 2

    def test_many_at_once_leave_no_hole(self, world: World) -> None:
        world.grant(max_uses=20)
        with ThreadPoolExecutor(6) as pool:
            uses = list(pool.map(lambda _: world.use(), range(18)))
        numbers = sorted(world.record(use.intent_entry_id)[1]["holder_seq"] for use in uses)
        assert numbers == list(range(1, 19))


class TestHistory:
    def test_tells_uses_outcomes_and_refusals_in_order(self, world: World) -> None:
        world.grant()
        first = world.use()
        world.clock.pass_(1)
        deliver(world, first)
        second = world.use()
        world.clock.pass_(1)
        refusal = refused(world, operator="qp-900")
        with world.database.unit() as db:
            execute(db, world.uses.refuse(world.caller, world.request(operator="qp-900"), refusal))
        world.clock.pass_(WINDOW.total_seconds())
        expire(world)
        with world.database.unit() as db:
            told = world.uses.history(db, LEASE, limit=9)
            assert world.uses.history(db, DRAWING, limit=9) == []
        assert [[(each.kind, each.use_id) for each in line.events] for line in told] == [
            [("used", first.id), ("completed", first.id)],
            [("used", second.id), ("aborted", second.id)],
            [("refused", None)],
        ]
        assert told[-1].events[0].reason == "operator-role"

    def test_is_told_page_by_page_and_of_one_organisation(self, world: World) -> None:
        world.grant(max_uses=5)
        made = []
        for _ in range(5):
            made.append(world.use().id)
            world.clock.pass_(1)
        with world.database.unit() as db:
            first = world.uses.history(db, LEASE, limit=2)
            after = (first[-1].at, first[-1].id)
            rest = world.uses.history(db, LEASE, after=after, party_id=world.qingpu.party_id, limit=9)
            assert world.uses.history(db, LEASE, party_id=world.baoshan.party_id, limit=9) == []
        assert [line.id for line in (*first, *rest)] == made
        assert {event.basis for line in first for event in line.events} == {"grant"}


class TestGet:
    def test_hides_another_organisations(self, world: World) -> None:
        world.grant()
        use = world.use()
        other = world.call(world.baoshan)
        with world.database.unit() as db:
            assert world.uses.get(db, world.caller, use.id).id == use.id
            with pytest.raises(UnknownUseError):
                world.uses.get(db, other, use.id)


class TestRaceWithWithdrawal:
    """RELIABILITY Z6: whichever comes first in the log, no use stands after the withdrawal."""

    def check(self, world: World, used: Any) -> None:
        types = world.types()
        withdrawn = types.index("grant.withdrawn")
        assert "use.intended" not in types[withdrawn:]
        assert ("use.intended" in types) == (not isinstance(used, str))
        assert used == "grant-withdrawn" or not isinstance(used, str)

    def test_withdrawal_at_each_step_of_a_use(self, world: World) -> None:
        order, step, last = set(), 0, False
        while not last:
            world.__init__(world.database)
            grant = world.grant()
            outcome, last = interleave(world, world.use, lambda g=grant: world.withdraw(g.id), step)
            self.check(world, outcome["slow"])
            if not isinstance(outcome["slow"], str):
                with pytest.raises(UseClosedError):
                    gate(world, outcome["slow"])
            order.add(isinstance(outcome["slow"], str))
            step += 1
        assert step >= 4  # load, representation, write, commit
        assert order == {True, False}

    def test_use_at_each_step_of_a_withdrawal(self, world: World) -> None:
        order, step, last = set(), 0, False
        while not last:
            world.__init__(world.database)
            grant = world.grant()
            outcome, last = interleave(world, lambda g=grant: world.withdraw(g.id), world.use, step)
            self.check(world, outcome["fast"])
            order.add(isinstance(outcome["fast"], str))
            step += 1
        assert step >= 5
        assert order == {True, False}

    def test_end_of_a_representation_at_each_step_of_a_use(self, world: World) -> None:
        step, last = 0, False
        while not last:
            world.__init__(world.database)
            world.grant()

            def end() -> None:
                with world.database.unit() as db:
                    world.representations.end(
                        db, world.represented.id, source=world.baoshan.party_id, operator="bs-002"
                    )

            outcome, last = interleave(world, world.use, end, step)
            types = world.types()
            assert "use.intended" not in types[types.index("representation.ended") :]
            assert outcome["slow"] == "grant-representation" or "use.intended" in types
            step += 1


class TestPlans:
    """Every statement of the hot path finds its rows by an index, however large the tables are (DESIGN 11)."""

    def test_no_scan_of_a_large_table(self, world: World) -> None:
        grant = world.grant()
        use = world.use()
        seen = []

        def listen(_c: Any, _cursor: Any, statement: Any, parameters: Any, *_: object) -> None:
            seen.append((statement, parameters))

        event.listen(world.database.engine, "before_cursor_execute", listen)
        token = world.token(world.qingpu)
        world.authenticate(token, world.proof(world.qingpu.key, "POST", "https://exchange.test/v1/uses", token))
        world.use()
        world.use(grant_id=grant.id)
        gate(world, use)
        deliver(world, use, 0, 10)
        expire(world)
        with world.database.unit() as db:
            world.uses.history(db, LEASE, limit=9)
            world.asks.of_holder(db, world.firm)
            world.grants.of_holder(db, world.firm)
        event.remove(world.database.engine, "before_cursor_execute", listen)
        scans = []
        with world.database.unit() as db:
            db.execute(text("SET LOCAL enable_seqscan = off"))
            for statement, parameters in seen:
                if statement.split()[0].upper() not in {"SELECT", "INSERT", "UPDATE", "WITH"}:
                    continue
                rows = db.exec_driver_sql("EXPLAIN " + statement, parameters)
                plan = "\n".join(row[0] for row in rows)
                scans += [line for line in plan.splitlines() if "Seq Scan on" in line]
        assert len(seen) > 12
        # With sequential scans priced out, one that is left has no index to use.
        assert [line for line in scans if "duty_version" not in line] == []
