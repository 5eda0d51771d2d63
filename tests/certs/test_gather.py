"""Bulk gathering: what is taken, what is refused and why, what is written, on a real PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from authz.counter import Counter
from authz.decider import Decider
from authz.errors import NotPermittedError, UnknownOperatorError
from authz.model import Identifier, Role
from authz.vault import IdentityVault
from certs.catalogue import LicenceCatalogue
from certs.credentials import statuslist
from certs.gather import Flaw, Gathered, Gathering, Refusal, rows
from certs.licenceid import LicenceId
from certs.model import LicenceStatus
from certs.store import gathered, issuers, statuslists
from certs.store.licences import LicenceStore
from ledger.steps import execute, run
from tests.materials.world import World, offline_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.db import Database

REGISTRAR = "qp-500"
FIRM = "91310113XX0000019X"
FACE = {
    "business_kind": "餐饮服务经营者",
    "business_items": "热食类食品制售",
    "premises": "上海市青浦区试验路1号",
    "legal_representative": "陈安澜",
}
CATALOGUE = LicenceCatalogue.load()
TODAY = date(2026, 11, 21)
TYPE_CODE = "11100000MB0143028R902"
ORG = "11310118XX00000B0W"


def row(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "type": "LT12",
        "licence_no": "JY23101139900011",
        "holders": [{"name": "宝山青禾餐饮管理有限公司", "type": "001", "code": FIRM}],
        "face": FACE,
        "issued_on": "2026-11-20",
        "valid_to": "2031-11-19",
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def card(number: int = 0, **changes: Any) -> dict[str, Any]:
    """A row about a person: an identity card, one a holder."""
    codes = ["310199199001010018", "310199199912310026", "31019919900128027X"]
    names = ["陈安澜", "林青", "徐行舟"]
    code = codes[number]
    face = {"name": names[number], "sex": "男" if int(code[16]) % 2 else "女", "ethnicity": "汉"}
    face |= {"born_on": f"{code[6:10]}-{code[10:12]}-{code[12:14]}", "address": "上海市试验区一号"}
    face |= {"issuing_authority": "上海市公安局试验分局"}
    whole = {
        "type": "LT05",
        "licence_no": codes[number],
        "holders": [{"name": names[number], "type": "111", "code": codes[number]}],
        "face": face,
        "issued_on": "2026-11-20",
        "valid_to": "2046-11-19",
    }
    return whole | changes


@dataclass
class Place:
    world: World
    store: LicenceStore
    gathering: Gathering

    def gather(self, *given: object, operator: str = REGISTRAR, **terms: Any) -> Gathered:
        read = self.gathering.read(self.world.qingpu, enumerate(given, 1))
        with self.world.database.unit() as db:
            return self.gathering.take(db, self.world.qingpu, operator, read, **terms)


def refused(given: object) -> tuple[str, Flaw, dict[str, Any]]:
    """Code, broken rule and fields of a row that is refused by itself."""
    held = rows.read(1, given, CATALOGUE, ORG, TODAY)
    assert isinstance(held, Refusal)
    return held.code, held.flaw, dict(held.fields)


@pytest.fixture
def place(database: Database) -> Iterator[Place]:
    objects = offline_objects()
    world = World(database, objects)
    store = LicenceStore(IdentityVault(b"l" * 32, b"i" * 32, b"p" * 32))
    counter = Counter(world.parties, Decider())
    with database.unit() as db:
        world.parties.register_operator(db, world.qingpu.party_id, REGISTRAR, {Role.registrar})
        execute(db, issuers.add(world.qingpu.party_id, ["LT05", "LT12"], world.clock.now()))
    yield Place(world, store, Gathering(CATALOGUE, store, world.evidence, world.holders, counter, world.clock))
    objects.close()


class TestTake:
    def test_writes_licence_holder_history_and_entry(self, place: Place) -> None:
        told = place.gather(row())
        ((licence, licence_id),) = told.taken.values()
        with place.world.database.unit() as db:
            held = run(db, place.store.get(licence))
            content = run(db, place.store.content(licence))
            events = run(db, place.store.events(licence))
            firm = place.world.holders.resolve(db, Identifier("001", FIRM))
        assert held is not None
        assert content is not None
        assert (held.licence_id, held.licence_no, held.origin) == (licence_id, "JY23101139900011", "gathered")
        assert held.holder_ids == (firm,)
        assert (held.valid_from, held.valid_to) == (date(2026, 11, 20), date(2031, 11, 19))
        assert content.face == FACE
        assert [(event.operation.value, event.status) for event in events] == [("01", LicenceStatus.valid)]
        fact, parties = place.world.opened(held.entry_id)
        assert fact == {
            "type": "licence.issued",
            "time": fact["time"],
            "face": {"sha256": held.face_sha256, "sm3": held.face_sm3},
        }
        assert parties.keys() == {
            "requester", "operator", "licence", "licence_id", "licence_type", "version", "operation", "predecessor",
            "holders", "ofd", "credential", "valid_from", "valid_to",
        }  # fmt: skip
        assert parties["holders"] == [place.world.holders.pairwise(firm, place.world.qingpu.party_id)]
        assert told.promise is not None
        assert [entry_id for entry_id, _ in told.promise.entries] == [held.entry_id]

    def test_nothing_of_a_person_lies_in_clear(self, place: Place) -> None:
        place.gather(card())
        with place.world.database.unit() as db:
            for table in ("certs.licence", "certs.licence_holder", "authz.holder", "authz.identifier"):
                whole = db.execute(text(f"SELECT string_agg(t::text, '') FROM {table} t")).scalar_one()
                assert "310199199001010018" not in whole
                assert b"310199199001010018".hex() not in whole
                assert "陈安澜".encode().hex() not in whole

    def test_keeps_the_id_a_licence_has(self, place: Place) -> None:
        own = LicenceId(TYPE_CODE, ORG, "QP2026000001", 3)
        ((licence, licence_id),) = place.gather(row(licence_id=str(own))).taken.values()
        with place.world.database.unit() as db:
            held = run(db, place.store.get(licence))
        assert held is not None
        assert (licence_id, held.version) == (str(own), 3)

    @pytest.mark.parametrize(
        ("status", "operation"), [("02", "03"), ("03", "05"), ("04", "05"), ("05", "04"), ("07", "05"), ("99", "07")]
    )
    def test_a_status_comes_with_its_entry(self, place: Place, status: str, operation: str) -> None:
        ((licence, _),) = place.gather(row(status=status, reason="by-the-register")).taken.values()
        with place.world.database.unit() as db:
            held = run(db, place.store.get(licence))
            events = run(db, place.store.events(licence))
        assert held is not None
        assert held.changed_entry_id is not None
        fact, parties = place.world.opened(held.changed_entry_id)
        assert fact["type"] == "licence.changed"
        assert (parties["status"], parties["operation"], parties["reason"]) == (status, operation, "by-the-register")
        assert parties["issued_entry"] == held.entry_id
        assert held.status_list is not None
        list_id, index = held.status_list
        with place.world.database.unit() as db:
            _, listed = statuslists.changes(db, list_id, None)
        assert dict(listed)[index] == statuslist.status_of(held.status)
        assert [event.status.value for event in events] == ["01", status]

    def test_good_rows_are_taken_and_bad_ones_told(self, place: Place) -> None:
        told = place.gather(card(0), "no row", card(1, licence_no=""), row(), card(2))
        assert sorted(told.taken) == [1, 4, 5]
        assert [(each.number, each.code) for each in told.refused] == [(2, "gather-row"), (3, "gather-incomplete")]
        assert place.world.count("certs.licence") == 3
        assert place.world.count("ledger.entry WHERE idx IS NULL") >= 3

    def test_a_holder_met_twice_is_one(self, place: Place) -> None:
        place.gather(row(), row(licence_no="JY2", face=FACE | {"premises": "另一处"}))
        with place.world.database.unit() as db:
            holders = db.execute(text("SELECT count(DISTINCT holder_id) FROM certs.licence_holder")).scalar_one()
        assert holders == 1

    def test_a_file_sent_again_changes_nothing(self, place: Place) -> None:
        given = row(licence_id=str(LicenceId(TYPE_CODE, ORG, "QP2026000001", 1)))
        place.gather(given)
        told = place.gather(given)
        assert (told.known, told.taken, told.refused, told.promise) == ({1}, {}, [], None)
        assert place.world.count("certs.licence") == 1

    def test_a_dry_run_says_the_same_and_writes_nothing(self, place: Place) -> None:
        given = [card(0), card(0), "no row", row(status="99")]
        dry = place.gather(*given, dry_run=True)
        for table in ("certs.licence", "certs.gathering", "ledger.entry"):
            assert place.world.count(table) == 0
        wet = place.gather(*given)
        assert dry.refused == wet.refused
        assert sorted(dry.taken) == sorted(wet.taken) == [1, 4]
        assert dry.figures == wet.figures

    def test_lets_registrars_of_a_listed_issuer_only(self, place: Place) -> None:
        with pytest.raises(NotPermittedError):
            place.gather(row(), operator="qp-103")
        with pytest.raises(UnknownOperatorError):
            place.gather(row(), operator="bs-017")

    def test_refuses_a_type_the_caller_does_not_issue(self, place: Place) -> None:
        with place.world.database.unit() as db:
            db.execute(text("DELETE FROM certs.issuer WHERE type_code = 'LT12'"))
        told = place.gather(row())
        assert ([each.code for each in told.refused], told.taken) == (["issuer-not-listed"], {})
        assert place.world.count("certs.licence") == 0


class TestTheGuide:
    def test_its_row_is_one(self) -> None:
        guide = (Path(__file__).parents[2] / "docs/licences.md").read_text("utf-8")
        shown = json.loads(guide.split("```json\n")[1].split("```")[0])
        assert isinstance(rows.read(1, shown, CATALOGUE, "11310113XX00001315", TODAY), rows.GatheredRow)


class TestAccuracy:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"holders": [{"name": "某公司", "type": "001", "code": "91310113MA1ABCDE0X"}]}, "invalid-identity"),
            ({"holders": [{"name": "陈安澜", "type": "111", "code": "310199199001010018"}]}, "licence-holders"),
            ({"licence_id": "1.2.156.3005.2.11100000MB0143028R902.11310118XX00000B0W.X1.001.0"}, "licence-id-invalid"),
            ({"licence_id": str(LicenceId("11100000MB0143028R901", ORG, "X1", 1))}, "licence-id-invalid"),
            ({"licence_id": str(LicenceId(TYPE_CODE, "11310113XX00000A2R", "X1", 1))}, "licence-id-invalid"),
            ({"type": "LT99"}, "unknown-licence-type"),
            ({"valid_to": None}, "licence-period"),
            ({"valid_to": "2036-11-19"}, "licence-period"),
            ({"valid_to": "2025-11-19"}, "licence-period"),
            ({"issued_on": "2026-11-22"}, "licence-period"),
            ({"issued_on": "2019-11-20", "valid_to": "2024-11-19"}, "licence-period"),
            ({"updated_on": "2026-11-19"}, "licence-period"),
            ({"updated_on": "2026-12-01"}, "licence-period"),
            ({"issued_on": "20.11.2026"}, "gather-row"),
            ({"issued_on": "20261120"}, "gather-row"),
            ({"status": "08"}, "gather-row"),
            ({"reason": "Bad Reason"}, "status-reason-invalid"),
            ({"face": FACE | {"colour": "red"}}, "face-invalid"),
            ({"face": FACE | {"premises": ["a"]}}, "face-invalid"),
            ({"face": FACE | {"premises": 5}}, "gather-row"),
            ({"face": "text"}, "gather-row"),
            ({"licence_no": 12}, "gather-row"),
            ({"licence_no": "x" * 65}, "licence-no-invalid"),
            ({"more": 1}, "gather-row"),
        ],
    )  # fmt: skip
    def test_refuses(self, changes: dict[str, Any], code: str) -> None:
        given, flaw, fields = refused(row(**changes))
        assert (given, flaw) == (code, Flaw.inaccurate)
        assert not any(str(value) in str(fields.values()) for value in ("310199199001010018", "陈安澜"))

    def test_refuses_a_face_that_contradicts_the_code(self) -> None:
        given = card(0)
        code, flaw, fields = refused(
            given | {"face": given["face"] | {"sex": "女" if given["face"]["sex"] == "男" else "男"}}
        )
        assert (code, flaw, fields["field"]) == ("face-invalid", Flaw.inaccurate, "sex")

    def test_refuses_a_second_card_here_or_in_the_batch(self, place: Place) -> None:
        told = place.gather(card(0), card(0, licence_no="310199199001010018X"))
        assert [each.code for each in told.refused] == ["second-licence"]
        told = place.gather(card(0, licence_no="another"))
        assert [each.code for each in told.refused] == ["second-licence"]
        assert place.world.count("certs.licence") == 1

    def test_refuses_a_number_or_id_that_is_taken(self, place: Place) -> None:
        place.gather(row())
        told = place.gather(row(face=FACE | {"premises": "另一处"}), row(face=FACE | {"premises": "第三处"}))
        assert [each.code for each in told.refused] == ["licence-no-taken"] * 2
        own = str(LicenceId(TYPE_CODE, ORG, "QP1", 1))
        told = place.gather(
            row(licence_id=own, licence_no="A", status="04", face=FACE | {"premises": "四"}),
            row(licence_id=own, licence_no="B", status="04", face=FACE | {"premises": "五"}),
        )
        assert [(each.number, each.code) for each in told.refused] == [(2, "licence-no-taken")]

    def test_refuses_two_permits_for_one_place(self, place: Place) -> None:
        told = place.gather(row(), row(licence_no="JY2"))
        assert [(each.number, each.code) for each in told.refused] == [(2, "licence-overlap")]

    def test_what_ended_stands_in_nobodys_way(self, place: Place) -> None:
        told = place.gather(row(status="04"), row(), row(status="03"))
        assert len(told.taken) == 3


class TestCompleteness:
    @pytest.mark.parametrize("member", ["type", "licence_no", "holders", "issued_on"])
    def test_refuses_a_row_that_lacks(self, member: str) -> None:
        assert refused(row(**{member: None})) == ("gather-incomplete", Flaw.incomplete, {"member": member})

    def test_refuses_a_holder_without_a_code_and_a_face_without_a_field(self) -> None:
        assert refused(row(holders=[{"name": "某公司", "type": "001"}]))[1] is Flaw.incomplete
        less = {name: value for name, value in FACE.items() if name != "premises"}
        code, flaw, fields = refused(row(face=less))
        assert (code, flaw, fields["field"]) == ("face-invalid", Flaw.incomplete, "premises")


class TestTimeliness:
    def test_a_late_row_is_taken_and_counted(self, place: Place) -> None:
        late = row(issued_on="2026-11-19", valid_to="2031-11-18")
        told = place.gather(card(0), late)
        assert told.late == {2}
        assert sorted(told.taken) == [1, 2]

    def test_a_backlog_is_not_late(self, place: Place) -> None:
        late = row(issued_on="2026-11-10", valid_to="2031-11-09")
        assert place.gather(late, since=date(2026, 11, 11)).late == set()

    def test_the_last_change_counts_not_the_issue(self, place: Place) -> None:
        assert place.gather(row(issued_on="2024-01-02", valid_to="2029-01-01", updated_on="2026-11-21")).late == set()


class TestFigures:
    def test_add_up_over_batches_and_types(self, place: Place) -> None:
        place.gather(card(0), card(1, licence_no=""), "no row")
        told = place.gather(card(2), row(issued_on="2026-11-19", valid_to="2031-11-18"), row(type="LT12", status="08"))
        assert told.whole.compliance == pytest.approx(1 / 3)
        with place.world.database.unit() as db:
            day = TODAY
            held = gathered.figures_of(db, place.world.qingpu.party_id, day, day)
            assert gathered.figures_of(db, place.world.baoshan.party_id, day, day) == {}
        assert {code: (each.rows, each.taken) for code, each in held.items()} == {
            "": (1, 0),
            "LT05": (3, 2),
            "LT12": (2, 1),
        }
        assert (held["LT05"].incomplete, held["LT12"].inaccurate, held["LT12"].late) == (1, 1, 1)
        assert held["LT12"].compliance == 0

    def test_rows_that_are_known_do_not_count(self, place: Place) -> None:
        given = row(licence_id=str(LicenceId(TYPE_CODE, ORG, "QP1", 1)))
        place.gather(given)
        assert place.gather(given).whole.rows == 0
