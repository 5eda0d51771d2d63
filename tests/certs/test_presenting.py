"""亮证: what a verifier sees by a code, and what a code refuses (RELIABILITY Z8)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from authz.errors import NotPermittedError, ScenarioRefusedError, UnknownOperatorError
from authz.model import Identifier
from certs.errors import (
    CodeAudienceError,
    CodeElsewhereError,
    CodeExpiredError,
    CodeUsedError,
    CodeVoidError,
    IdentityCardMismatchError,
    IdentityCardRequiredError,
    NothingToShowError,
    PresentationRefusedError,
    UnknownCodeError,
    UnknownPresentationError,
)
from certs.model import LicenceStatus, Operation
from certs.presenting import REPEATABLE_FOR, Seen
from ledger.db import Database
from ledger.ids import new_id
from ledger.steps import run
from tests.certs.shows import Shows
from tests.certs.world import CHEN, FACES, LIN, XU

CHENS_CARD = Identifier(CHEN[1], CHEN[2])
PRESENTED = ["address", "born_on", "issuing_authority", "name", "sex"]


@pytest.fixture
def shows(database: Database) -> Shows:
    return Shows(database)


@pytest.fixture
def card(shows: Shows) -> Any:
    """An identity card of 陈安澜."""
    return shows.issue("LT05")


class TestLiveCode:
    def test_shows_the_fields_of_the_scope_and_the_live_status(self, shows: Shows, card: Any) -> None:
        seen = shows.scan(shows.show(card, shows.hotel), shows.hotel)
        assert sorted(seen.values) == PRESENTED
        assert seen.values["name"] == "陈**"
        assert seen.values["issuing_authority"] == FACES["LT05"]["issuing_authority"]
        assert (seen.status, seen.licence.id, seen.kind.code) == (LicenceStatus.valid, card.id, "LT05")

    def test_shows_in_clear_only_what_the_scope_names_so(self, shows: Shows, card: Any) -> None:
        fields = ["name:clear", "holder_code:clear", "born_on"]
        shows.publish(shows.scenario(shows.hotel, fields=fields), version=2)
        seen = shows.scan(shows.show(card, shows.hotel), shows.hotel)
        assert seen.values == {"name": CHEN[0], "holder_code": CHEN[2], "born_on": "1990-**-**"}
        assert seen.presentation.fields == ("holder_code:clear", "name:clear", "born_on")

    def test_shows_no_more_than_the_holder_chose(self, shows: Shows, card: Any) -> None:
        seen = shows.scan(shows.show(card, shows.hotel, fields=["name"]), shows.hotel)
        assert seen.values == {"name": "陈**"}

    def test_answers_a_scope_that_only_verifies_with_the_status_alone(self, shows: Shows, card: Any) -> None:
        shows.publish(shows.scenario(shows.hotel, mode="verify"), version=2)
        seen = shows.scan(shows.show(card, shows.hotel), shows.hotel)
        assert (seen.values, seen.status) == ({}, LicenceStatus.valid)

    def test_leaves_one_record_for_both_sides(self, shows: Shows, card: Any) -> None:
        seen = shows.scan(shows.show(card, shows.hotel), shows.hotel, counter="3")
        held = seen.presentation
        fact, parties = shows.opened(held.entry_id)
        assert fact.keys() == {"type", "time"}
        assert fact["type"] == "licence.presented"
        assert parties == {
            "requester": shows.hotel.org_code,
            "operator": "desk",
            "counter": "3",
            "scenario": "SCN-0271",
            "scenarios": 1,
            "presentation": held.id,
            "licence": card.id,
            "licence_id": card.licence_id,
            "fields": list(held.fields),
            "status": "01",
            "holder": shows.holders.pairwise(shows.holder(CHEN), shows.hotel.party_id),
            "code_kind": "live",
        }
        assert seen.promise.entry_id == held.entry_id
        chen = shows.holder(CHEN)
        with shows.database.unit() as db:
            assert shows.presentations.of_party(db, shows.hotel, held.id) == held
            assert shows.presentations.of_holder(db, chen) == [held]
            assert shows.presentations.of_code(db, held.code_id) == [held]
            with pytest.raises(UnknownPresentationError):
                shows.presentations.of_party(db, shows.police, held.id)

    def test_names_each_verifier_another_holder(self, shows: Shows, card: Any) -> None:
        seen = [shows.scan(shows.show(card, each), each).holder for each in (shows.hotel, shows.police, shows.hotel)]
        assert seen[0] == seen[2] != seen[1]

    def test_is_opaque(self, shows: Shows, card: Any) -> None:
        text = shows.show(card, shows.hotel)
        assert text.startswith("CL1:310199:")
        assert len(text) == 43
        again = shows.show(card, shows.hotel)
        assert again[11:] != text[11:]
        assert shows.count("certs.code") == 2


class TestReplay:
    """RELIABILITY Z8: the same code twice, another verifier, another counter, after its time."""

    def test_a_code_serves_once(self, shows: Shows, card: Any) -> None:
        text = shows.show(card, shows.hotel)
        shows.scan(text, shows.hotel)
        with pytest.raises(CodeUsedError):
            shows.scan(text, shows.hotel)

    def test_of_two_scans_at_once_one_is_answered(self, shows: Shows, card: Any) -> None:
        for _ in range(5):
            text = shows.show(card, shows.hotel)
            with ThreadPoolExecutor(4) as pool:
                found = list(pool.map(lambda _, text=text: shows.try_scan(text, shows.hotel), range(4)))
            assert sorted(type(each).__name__ for each in found) == ["CodeUsedError"] * 3 + ["Seen"]

    def test_another_verifier_is_refused_and_the_code_stays_good(self, shows: Shows, card: Any) -> None:
        text = shows.show(card, shows.hotel)
        with pytest.raises(CodeAudienceError):
            shows.scan(text, shows.police)
        assert isinstance(shows.scan(text, shows.hotel), Seen)

    def test_a_screenshot_at_another_counter_is_refused(self, shows: Shows, card: Any) -> None:
        text = shows.show(card, shows.hotel, counter="3")
        with pytest.raises(CodeAudienceError):
            shows.scan(text, shows.hotel, counter="4")
        assert isinstance(shows.scan(text, shows.hotel, counter="3"), Seen)

    def test_another_verifier_learns_nothing_of_a_code(self, shows: Shows, card: Any) -> None:
        """Used, expired or fresh: whoever it was not made for gets one answer."""
        text = shows.show(card, shows.hotel)
        shows.scan(text, shows.hotel)
        shows.clock.pass_(61)
        with pytest.raises(CodeAudienceError):
            shows.scan(text, shows.police)

    @pytest.mark.parametrize(("seconds", "good"), [(59, True), (60, False), (3600, False)])
    def test_lives_sixty_seconds(self, shows: Shows, card: Any, seconds: float, good: bool) -> None:
        text = shows.show(card, shows.hotel)
        shows.clock.pass_(seconds)
        found = shows.try_scan(text, shows.hotel)
        assert isinstance(found, Seen if good else CodeExpiredError)

    def test_refusals_are_kept_for_the_holder(self, shows: Shows, card: Any) -> None:
        text = shows.show(card, shows.hotel)
        shows.try_scan(text, shows.police, counter="9")
        shows.scan(text, shows.hotel)
        shows.try_scan(text, shows.hotel)
        chen = shows.holder(CHEN)
        with shows.database.unit() as db:
            scans = shows.presentations.of_holder(db, chen)
        assert [(each.reason, each.counter, each.fields == ()) for each in scans] == [
            ("code-used", "1", True),
            (None, "1", False),
            ("code-other-counter", "9", True),
        ]
        assert [each.entry_id is None for each in scans] == [True, False, True]

    @pytest.mark.parametrize(
        ("text", "refusal"),
        [
            ("CL1:310199:" + "A" * 32, UnknownCodeError),
            ("CL1:310113:" + "A" * 32, CodeElsewhereError),
            ("CL1:310199:" + "A" * 31, UnknownCodeError),
            ("cl1:310199:" + "a" * 32, UnknownCodeError),
            ("", UnknownCodeError),
            ("310199199001010018", UnknownCodeError),
            ("\0" * 43, UnknownCodeError),
        ],
    )
    def test_what_is_no_code_of_ours_is_refused(self, shows: Shows, text: str, refusal: Any) -> None:
        with pytest.raises(refusal):
            shows.scan(text, shows.hotel)
        assert shows.count("certs.presentation") == 0


class TestRepetition:
    def test_a_lost_answer_may_be_asked_for_again(self, shows: Shows, card: Any) -> None:
        key = new_id()
        first = shows.scan(shows.show(card, shows.hotel), shows.hotel, key)
        with shows.database.unit() as db:
            before = run(db, shows.presentations.find(shows.hotel.client_id, key))
            again = run(db, shows.presentations.again(shows.hotel, before))
        assert (again.values, again.presentation) == (first.values, first.presentation)
        assert again.promise is None
        assert shows.count("certs.presentation") == 1

    def test_with_the_status_of_now_and_nothing_of_a_licence_that_was_suspended_meanwhile(
        self, shows: Shows, card: Any
    ) -> None:
        key = new_id()
        shows.scan(shows.show(card, shows.hotel), shows.hotel, key)
        shows.change(card, Operation.suspend)
        with shows.database.unit() as db:
            before = run(db, shows.presentations.find(shows.hotel.client_id, key))
            again = run(db, shows.presentations.again(shows.hotel, before))
        assert (again.status, again.values) == (LicenceStatus.suspended, {})

    def test_not_for_ever(self, shows: Shows, card: Any) -> None:
        key = new_id()
        shows.scan(shows.show(card, shows.hotel), shows.hotel, key)
        shows.clock.pass_(REPEATABLE_FOR.total_seconds())
        with shows.database.unit() as db:
            before = run(db, shows.presentations.find(shows.hotel.client_id, key))
            with pytest.raises(CodeExpiredError):
                run(db, shows.presentations.again(shows.hotel, before))

    def test_another_clients_key_finds_nothing(self, shows: Shows, card: Any) -> None:
        key = new_id()
        shows.scan(shows.show(card, shows.hotel), shows.hotel, key)
        with shows.database.unit() as db:
            assert run(db, shows.presentations.find(shows.police.client_id, key)) is None


class TestStatus:
    """What happened to a licence is seen by the next scan, and a licence that does not stand shows nothing else."""

    def test_suspended(self, shows: Shows, card: Any) -> None:
        text = shows.show(card, shows.hotel)
        shows.change(card, Operation.suspend)
        seen = shows.scan(text, shows.hotel)
        assert (seen.status, seen.values) == (LicenceStatus.suspended, {})
        assert shows.opened(seen.presentation.entry_id)[1]["status"] == "02"

    def test_revoked(self, shows: Shows, card: Any) -> None:
        text = shows.show(card, shows.hotel)
        shows.change(card, Operation.cancel, to=LicenceStatus.revoked)
        seen = shows.scan(text, shows.hotel)
        assert (seen.status, seen.values) == (LicenceStatus.revoked, {})

    def test_disputed(self, shows: Shows, card: Any) -> None:
        text = shows.show(card, shows.hotel)
        with shows.database.unit() as db:
            shows.changes.freeze(db, card.id, frozen=True)
        seen = shows.scan(text, shows.hotel)
        assert (seen.status, seen.licence.frozen, seen.values) == (LicenceStatus.valid, True, {})

    def test_past_its_last_day(self, shows: Shows, card: Any) -> None:
        sheet = shows.company(shows.issue("LT01"))
        shows.issue("LT14")
        shows.clock.at += timedelta(days=200)
        assert shows.scan(sheet[1], shows.hotel, licence_type="LT14").status is LicenceStatus.valid
        with shows.database.unit() as db:
            db.exec_driver_sql("UPDATE certs.licence SET valid_to = '2027-01-01' WHERE type_code = 'LT14'")
        seen = shows.scan(sheet[1], shows.hotel, licence_type="LT14")
        assert (seen.status, seen.values) == (LicenceStatus.lapsed, {})


class TestScope:
    def test_an_operator_without_office_is_refused(self, shows: Shows, card: Any) -> None:
        text = shows.show(card, shows.hotel)
        with pytest.raises(NotPermittedError):
            shows.scan(text, shows.hotel, operator="boss")
        with pytest.raises(UnknownOperatorError):
            shows.scan(text, shows.hotel, operator="nobody")

    @pytest.mark.parametrize(
        "change",
        [
            {"types": ["CL001"]},
            {"valid_from": "2027-01-01T00:00:00.000Z"},
            {"valid_to": "2026-06-01T00:00:00.000Z"},
            {"party_kind": "government"},
            {"org": "11310113XX00000A2R"},
            {"code": "SCN-other"},
        ],
    )
    def test_a_scenario_that_does_not_cover_it_is_refused(
        self, shows: Shows, card: Any, change: dict[str, Any]
    ) -> None:
        text = shows.show(card, shows.hotel)
        shows.publish(shows.scenario(shows.hotel, **change), version=2)
        with pytest.raises(ScenarioRefusedError):
            shows.scan(text, shows.hotel)

    def test_another_organisations_scenario_is_refused(self, shows: Shows, card: Any) -> None:
        with pytest.raises(ScenarioRefusedError):
            shows.scan(shows.show(card, shows.police), shows.police, scenario="SCN-0271")

    def test_a_type_may_be_named_by_its_own_code(self, shows: Shows, card: Any) -> None:
        shows.publish(shows.scenario(shows.hotel, types=["LT05"]), version=2)
        assert shows.scan(shows.show(card, shows.hotel), shows.hotel).values

    def test_a_refusal_for_want_of_a_scope_spends_nothing(self, shows: Shows, card: Any) -> None:
        text = shows.show(card, shows.hotel)
        with pytest.raises(ScenarioRefusedError):
            shows.scan(text, shows.hotel, scenario="SCN-none")
        assert shows.scan(text, shows.hotel).values


class TestPrintedCode:
    def test_shows_level_1_beside_the_identity_card(self, shows: Shows, card: Any) -> None:
        fields = ["name:clear", "issuing_authority", "valid_to", "holder_code:clear"]
        shows.publish(shows.scenario(shows.hotel, fields=fields), version=2)
        _, text = shows.print_(card)
        seen = shows.scan(text, shows.hotel, identity=CHENS_CARD)
        assert seen.values == {"issuing_authority": "宝山分局", "valid_to": card.valid_to.isoformat()}

    def test_serves_again_and_again_to_anybody(self, shows: Shows, card: Any) -> None:
        _, text = shows.print_(card)
        for verifier in (shows.hotel, shows.police, shows.hotel):
            assert shows.scan(text, verifier, identity=CHENS_CARD).status is LicenceStatus.valid

    def test_needs_the_identity_card(self, shows: Shows, card: Any) -> None:
        _, text = shows.print_(card)
        with pytest.raises(IdentityCardRequiredError):
            shows.scan(text, shows.hotel)

    @pytest.mark.parametrize("person", [LIN, XU])
    def test_a_found_sheet_is_refused(self, shows: Shows, card: Any, person: Any) -> None:
        _, text = shows.print_(card)
        with pytest.raises(IdentityCardMismatchError):
            shows.scan(text, shows.hotel, identity=Identifier(person[1], person[2]))

    def test_an_unknown_card_is_refused_alike(self, shows: Shows, card: Any) -> None:
        _, text = shows.print_(card)
        with pytest.raises(IdentityCardMismatchError):
            shows.scan(text, shows.hotel, identity=Identifier("111", "310199202606010015"))

    @pytest.mark.parametrize(("days", "good"), [(179, True), (180, False)])
    def test_lives_180_days(self, shows: Shows, card: Any, days: int, good: bool) -> None:
        _, text = shows.print_(card)
        shows.clock.pass_(days * 86400)
        found = shows.try_scan(text, shows.hotel, identity=CHENS_CARD)
        assert isinstance(found, Seen if good else CodeExpiredError)

    def test_is_void_when_revoked(self, shows: Shows, card: Any) -> None:
        code, text = shows.print_(card)
        shows.void(code)
        with pytest.raises(CodeVoidError):
            shows.scan(text, shows.hotel, identity=CHENS_CARD)

    def test_is_void_when_printed_anew(self, shows: Shows, card: Any) -> None:
        _, old = shows.print_(card)
        _, new = shows.print_(card)
        with pytest.raises(CodeVoidError):
            shows.scan(old, shows.hotel, identity=CHENS_CARD)
        assert isinstance(shows.scan(new, shows.hotel, identity=CHENS_CARD), Seen)

    def test_is_void_when_the_licence_is_reissued(self, shows: Shows, card: Any) -> None:
        _, text = shows.print_(card)
        shows.issue("LT05", operation=Operation.change, predecessor=card.id, licence_no=card.licence_no)
        with pytest.raises(CodeVoidError):
            shows.scan(text, shows.hotel, identity=CHENS_CARD)


class TestCompanyCode:
    def test_shows_the_business_licence_and_what_else_there_is(self, shows: Shows) -> None:
        licence = shows.issue("LT01")
        shows.issue("LT14")
        _, text = shows.company(licence)
        seen = shows.scan(text, shows.hotel)
        assert (seen.kind.code, seen.others) == ("LT01", ("LT14",))
        assert seen.values["domicile"] == FACES["LT01"]["domicile"]

    def test_shows_another_licence_where_asked(self, shows: Shows) -> None:
        _, text = shows.company(shows.issue("LT01"))
        shows.issue("LT14")
        seen = shows.scan(text, shows.police, licence_type="LT14")
        assert (seen.kind.code, seen.others) == ("LT14", ("LT01",))

    def test_follows_the_newest_version(self, shows: Shows) -> None:
        licence = shows.issue("LT01")
        _, text = shows.company(licence)
        newer = shows.issue("LT01", operation=Operation.change, predecessor=licence.id, licence_no=licence.licence_no)
        assert shows.scan(text, shows.hotel).licence.id == newer.id

    def test_shows_nothing_outside_the_scope(self, shows: Shows) -> None:
        _, text = shows.company(shows.issue("LT01"))
        shows.issue("LT14")
        shows.publish(shows.scenario(shows.hotel, types=["CL001"]), version=2)
        assert shows.scan(text, shows.hotel).others == ()
        with pytest.raises(NothingToShowError):
            shows.scan(text, shows.hotel, licence_type="LT14")

    def test_shows_no_conditionally_shared_licence(self, shows: Shows) -> None:
        estate = shows.issue("LT10", holders=(("宝山青禾餐饮管理有限公司", "001", "91310113XX0000019X"),))
        assert estate.share_class == "C"
        _, text = shows.company(shows.issue("LT01"))
        seen = shows.scan(text, shows.police)
        assert seen.others == ()
        with pytest.raises(NothingToShowError):
            shows.scan(text, shows.police, licence_type="LT10")

    def test_is_void_when_made_anew(self, shows: Shows) -> None:
        licence = shows.issue("LT01")
        _, old = shows.company(licence)
        _, new = shows.company(licence)
        with pytest.raises(CodeVoidError):
            shows.scan(old, shows.hotel)
        assert isinstance(shows.scan(new, shows.hotel), Seen)

    def test_refusals_are_all_of_one_family(self) -> None:
        assert issubclass(CodeVoidError, PresentationRefusedError)
