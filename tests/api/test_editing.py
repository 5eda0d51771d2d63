"""Definitions edited by one registrar and published by another: checked by the whole, readable for ever, in force."""

from __future__ import annotations

import json
import time
import uuid
from base64 import b64encode, urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest

from api import definitionkeeper
from api.client import Client, ProblemError
from api.demo.citizen import Citizen
from api.node import Node
from certs.catalogue import LicenceCatalogue
from certs.credentials import sdjwt
from ledger import registers
from ledger.clock import rfc3339
from ledger.steps import run
from materials.catalogue import Catalogue
from materials.editing import Editing, differences
from materials.editing.errors import DefinitionInvalidError
from materials.editing.whole import Whole
from materials.editing.words import in_chinese
from materials.errors import CatalogueError, UnknownItemError
from tests.api.conftest import FIRM, open_case
from tests.api.test_console import Desk, code_of
from tests.api.test_presentations import QINGPU, Holder, scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.stack.exchange import Exchange

ITEM = "11310118XX00000B0W4310101101000"
"""排水许可新办: no other test looks at its days."""
WITH_WORKERS: Final = "11310113XX00000A2R4310700501000"
"""Its cases are about others, and are decided without a person."""
WITH_SELLERS: Final = "11310118XX00000B0W4310700601000"
OWN_AND_ANOTHER: Final = '"11100000XX00000435905", "11100000MB0143028R901"'
"""Type codes: of LT22, and of LT01."""
OWN_AND_SHORT: Final = '"11100000XX00000435905", "11100000XX0000043590"'
NUMBERS_AS_WIDE_AS_A_CODE: Final = '"version": "2026.2", "case_number": "{serial:0{org}}"'
HUGE_NUMBERS: Final = '"version": "2026.2", "case_number": "{serial:0999999999d}"'
SCENARIO: Final = "SCN-310118-009"
ANSWERS: Final = {"tenure": "lease", "drain": "yes"}


@pytest.fixture(scope="module")
def editing() -> Editing:
    held = (Catalogue.load(), LicenceCatalogue.load())
    return Editing(*held, None, None, None)  # type: ignore[arg-type]  # checking asks nobody


def staff(exchange: Exchange, handle: str) -> Desk:
    held = Desk(exchange.base_url, f"demo-staff-{handle}")
    assert held.enter().status_code == 201
    return held


@pytest.fixture(scope="module")
def editor(exchange: Exchange) -> Iterator[Desk]:
    with staff(exchange, "bs-002") as held:
        yield held


@pytest.fixture(scope="module")
def publisher(exchange: Exchange) -> Iterator[Desk]:
    with staff(exchange, "bs-003") as held:
        yield held


def a_case(client: Client, **changes: Any) -> dict[str, Any]:
    return open_case(client, item_code=ITEM, answers=ANSWERS, **changes)


def definition(desk: Desk, path: str = f"items/{ITEM}") -> dict[str, Any]:
    held: dict[str, Any] = desk.http.get(f"/v1/{path}/definition").json()
    return held


def text_of(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1)


def later(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    year, number = document["version"].split(".")
    return document | {"version": f"{year}.{int(number) + 1}"} | changes


def next_of(document: dict[str, Any], days: int) -> dict[str, Any]:
    return later(document, limits=document["limits"] | {"promised": days})


def save(desk: Desk, document: dict[str, Any], kind: str = "item") -> dict[str, Any]:
    said = {"operator": desk.subject.removeprefix("demo-staff-"), "kind": kind}
    answer = desk.post("/v1/definition-drafts", said | {"text": text_of(document)})
    assert answer.status_code == 201, answer.text
    held: dict[str, Any] = answer.json()
    return held


def publish(desk: Desk, draft: dict[str, Any]) -> Any:
    said = {"operator": desk.subject.removeprefix("demo-staff-"), "sha256": draft["sha256"]}
    return desk.post(f"/v1/definition-drafts/{draft['draft_id']}/publication", said)


def published(editor: Desk, publisher: Desk, document: dict[str, Any], kind: str) -> dict[str, Any]:
    """What became of a definition that one saved and the other published; every process goes by it."""
    answer = publish(publisher, save(editor, document, kind))
    assert answer.status_code == 200, answer.text
    until_held_everywhere(editor, document["version"], document["code"])
    held: dict[str, Any] = answer.json()
    return held


def version_of(desk: Desk, code: str) -> str:
    """Of a definition, as whichever process takes this connection goes by it."""
    base = str(desk.http.base_url).rstrip("/")
    if code == ITEM:
        return str(httpx2.get(f"{base}/v1/items/{ITEM}").json()["version"])
    if code.startswith("LT"):
        return str(httpx2.get(f"{base}/v1/licence-types/{code}").json()["version"])
    types = httpx2.get(f"{base}/v1/material-types").json()["types"]
    return str(next((each["version"] for each in types if each["type_code"] == code), ""))


def until_held_everywhere(desk: Desk, version: str, code: str = ITEM) -> None:
    """Wait until each process goes by a version of a definition."""
    ends = time.monotonic() + 60
    seen = 0
    while seen < 20:
        assert time.monotonic() < ends, "a process does not take it up"
        seen = seen + 1 if version_of(desk, code) == version else 0
        Event().wait(0.05)


class TestPublishing:
    def test_takes_two_and_holds_everywhere(self, editor: Desk, publisher: Desk, baoshan: Client) -> None:
        before = definition(editor)
        wanted = next_of(before, before["limits"]["promised"] - 1)
        draft = save(editor, wanted)
        assert {each["path"] for each in draft["changes"]} == {"version", "limits.promised"}
        assert code_of(publish(editor, draft)) == (403, "same-person")
        listed = publisher.http.get("/v1/definition-drafts", params={"operator": "bs-003"}).json()["drafts"]
        assert [each["draft_id"] for each in listed] == [draft["draft_id"]]
        answer = publish(publisher, draft)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["register"], answer.json()["owner"]) == ("items", "11310113XX00000A2R")
        assert all(definition(editor) == wanted for _ in range(20))  # whichever process answers
        until_held_everywhere(editor, wanted["version"])
        newest = baoshan.call("GET", "/v1/registers/items")["version"]
        register = editor.http.get(f"/v1/registers/items/versions/{newest}/document").json()
        entry = next(each for each in register["entries"] if each["code"] == ITEM)
        digest = sha256(editor.http.get(f"/v1/items/{ITEM}/definition").content).hexdigest()
        assert (entry["version"], entry["sha256"]) == (wanted["version"], digest)
        assert editor.http.get(f"/v1/items/{ITEM}").json()["limits"]["promised"] == wanted["limits"]["promised"]
        older = editor.http.get(f"/v1/items/{ITEM}/versions/{before['version']}/definition")
        assert older.json() == before
        versions = editor.http.get(f"/v1/items/{ITEM}/versions").json()["versions"]
        assert {before["version"], wanted["version"]} <= {each["version"] for each in versions}
        assert code_of(publish(publisher, draft)) == (404, "unknown-definition-draft")

    def test_is_of_what_was_looked_at(self, editor: Desk, publisher: Desk) -> None:
        now = definition(editor)
        seen = save(editor, next_of(now, 6))
        save(publisher, next_of(now, 1))
        assert code_of(publish(editor, seen)) == (409, "definition-draft-changed")
        assert definition(editor) == now
        publisher.post(f"/v1/definition-drafts/{seen['draft_id']}/removal", {"operator": "bs-003"})

    def test_leaves_cases_that_were_handed_in(
        self, exchange: Exchange, editor: Desk, publisher: Desk, qingpu: Client
    ) -> None:
        before = definition(editor)
        opened, drafted = a_case(qingpu), a_case(qingpu, draft=True)
        demands = [each for each in before["demands"] if each["type_code"] != "CL053"]
        wanted = next_of(before, before["limits"]["promised"]) | {"demands": demands}
        assert publish(publisher, save(editor, wanted)).status_code == 200
        for _ in range(6):  # whichever process takes the connection, a moment after
            with Client(exchange.base_url, qingpu.client_id, qingpu.key) as client:
                assert a_case(client)["item_version"] == wanted["version"]
        until_held_everywhere(editor, wanted["version"])

        def types(case: dict[str, Any]) -> tuple[str, bool]:
            held = qingpu.call("GET", f"/v1/cases/{case['case_no']}/checklist")
            return held["item_version"], "CL053" in {line["type_code"] for line in held["lines"]}

        assert types(opened) == (before["version"], True)
        handed_in = qingpu.call("POST", f"/v1/cases/{drafted['case_no']}/submission", {"operator": "qp-103"})
        assert handed_in["item_version"] == wanted["version"]
        assert types(drafted) == types(a_case(qingpu)) == (wanted["version"], False)

    def test_asks_anew_what_a_draft_does_not_answer(self, editor: Desk, publisher: Desk, qingpu: Client) -> None:
        before = definition(editor)
        drafted = a_case(qingpu, draft=True)
        question = next(each for each in before["questions"] if each["code"] == "drain")
        more = question | {"code": "season", "choices": question["choices"]}
        scenarios = [each | {"answers": each["answers"] | {"season": "yes"}} for each in before["scenarios"]]
        wanted = next_of(before, before["limits"]["promised"])
        wanted |= {"questions": [*before["questions"], more], "scenarios": scenarios}
        assert publish(publisher, save(editor, wanted)).status_code == 200
        until_held_everywhere(editor, wanted["version"])
        path = f"/v1/cases/{drafted['case_no']}"
        with pytest.raises(ProblemError) as raised:
            qingpu.call("POST", f"{path}/submission", {"operator": "qp-103"})
        assert raised.value.code == "answers-incomplete"
        answers = ANSWERS | {"season": "no"}
        qingpu.call("POST", f"{path}/answers", {"operator": "qp-103", "answers": answers})
        held = qingpu.call("POST", f"{path}/submission", {"operator": "qp-103"})
        assert held["item_version"] == wanted["version"]

    def test_refuses_a_version_that_was_and_a_draft_of_another(self, editor: Desk, publisher: Desk) -> None:
        now = definition(editor)
        same = save(editor, now | {"name_en": now["name_en"] + " anew"})
        assert code_of(publish(publisher, same)) == (409, "definition-draft-stale")
        answer = editor.post(f"/v1/definition-drafts/{same['draft_id']}/removal", {"operator": "bs-002"})
        assert answer.json()["state"] == "dropped"
        assert editor.http.get("/v1/definition-drafts", params={"operator": "bs-002"}).json()["drafts"] == []

    def test_one_draft_of_an_item_is_open_and_saved_in_its_place(self, editor: Desk) -> None:
        now = definition(editor)
        first, second = save(editor, next_of(now, 3)), save(editor, next_of(now, 2))
        assert first["draft_id"] == second["draft_id"]
        editor.post(f"/v1/definition-drafts/{first['draft_id']}/removal", {"operator": "bs-002"})

    @pytest.mark.parametrize(("handle", "code"), [("bs-017", "operator-role"), ("qp-204", "insufficient_scope")])
    def test_is_for_registrars(self, exchange: Exchange, editor: Desk, handle: str, code: str) -> None:
        text = text_of(next_of(definition(editor), 3))
        with staff(exchange, handle) as other:
            assert code_of(other.post("/v1/definition-drafts", {"operator": handle, "kind": "item", "text": text})) == (
                403,
                code,
            )

    def test_absent_drafts_are_not_there(self, publisher: Desk) -> None:
        assert code_of(publish(publisher, {"draft_id": str(uuid.uuid4()), "sha256": "0" * 64})) == (
            404,
            "unknown-definition-draft",
        )

    def test_wrong_definitions_are_refused_with_the_line(self, editor: Desk) -> None:
        text = text_of(definition(editor)).replace('"CL021"', '"CL999"')
        answer = editor.http.post("/v1/definition-checks", json={"kind": "item", "text": text})
        assert code_of(answer) == (422, "definition-invalid")
        line = text.splitlines()[answer.json()["fields"]["line"] - 1]
        assert '"CL999"' in line


LEASE: Final = "CL022"
DRIVING: Final = "LT22"
"""机动车驾驶证: no other test of this exchange looks at it."""
LIN: Final = {"name": "林知微", "code_type": "111", "code": "31019919991231002X"}
XU: Final = {"name": "徐行舟", "code_type": "111", "code": "31019919900128027X"}
DRIVES: Final = {"vehicle_classes": "C1", "first_issued_on": "2018-01-01", "driving_status": "正常", "points": "0"}
FIELD: Final = {
    "name": "gear",
    "title_zh": "变速器",
    "title_en": "Gear",
    "kind": "text",
    "required": True,
    "level": 1,
    "mask": None,
}


class TestMaterialType:
    def test_decides_the_next_use_in_every_process(
        self, editor: Desk, publisher: Desk, qingpu: Client, deposit: Any, case: dict[str, Any], use: Any
    ) -> None:
        object_id = deposit(holder=FIRM)["material_id"]
        path, before = f"material-types/{LEASE}", definition(editor, f"material-types/{LEASE}")

        def refused() -> str:
            with pytest.raises(ProblemError) as raised:
                use(case, object_id)
            return raised.value.code

        assert refused() == "grant-required"
        freer = later(before, share_class="O")
        told = published(editor, publisher, freer, "material-type")
        try:
            assert told["register"] == "materials"
            assert LEASE in told["changes"]["changed"] + told["changes"]["added"]  # of an empty register all is new
            assert {use(case, object_id)["use_id"] for _ in range(4)}
        finally:
            stricter = later(freer, share_class="C", level=3)
            published(editor, publisher, stricter, "material-type")
        assert {refused() for _ in range(20)} == {"ask-holder"}  # level 3: each time for itself
        newest = qingpu.call("GET", "/v1/registers/materials")["version"]
        register = editor.http.get(f"/v1/registers/materials/versions/{newest}/document").json()
        entry = next(each for each in register["entries"] if each["code"] == LEASE)
        digest = sha256(editor.http.get(f"/v1/{path}/definition").content).hexdigest()
        assert (entry["level"], entry["version"], entry["sha256"]) == (3, stricter["version"], digest)
        published(editor, publisher, later(stricter, level=before["level"]), "material-type")
        assert editor.http.get(f"/v1/{path}/versions/{freer['version']}/definition").json() == freer
        versions = editor.http.get(f"/v1/{path}/versions").json()["versions"]
        assert {before["version"], freer["version"]} <= {each["version"] for each in versions}

    def test_says_what_would_be_freer(self, editor: Desk) -> None:
        held = definition(editor, f"material-types/{LEASE}")
        freer = later(held, share_class="O", level=1, retention_years=1)
        told = editor.http.post("/v1/definition-checks", json={"kind": "material-type", "text": text_of(freer)}).json()
        assert (told["kind"], told["code"], told["version"]) == ("material-type", LEASE, freer["version"])
        changes = {each["path"]: (each["before"], each["after"]) for each in told["changes"]}
        assert changes["share_class"] == ("C", "O")
        assert changes.keys() == {"version", "share_class", "level", "retention_years"}

    def test_may_be_new(self, editor: Desk, publisher: Desk, deposit: Any) -> None:
        wanted = definition(editor, f"material-types/{LEASE}") | {
            "code": "CL901",
            "version": "2026.1",
            "name": "演示用材料",
            "name_en": "A material for tests",
            "validity": {"kind": "permanent"},
        }
        assert code_of(editor.http.get("/v1/material-types/CL901/definition")) == (422, "unknown-material-type")
        draft = save(editor, wanted, "material-type")
        assert (draft["name"], draft["name_en"]) == ("演示用材料", "A material for tests")
        listed = editor.http.get("/v1/definition-drafts", params={"operator": "bs-002", "kind": "item"}).json()
        assert draft["draft_id"] not in {each["draft_id"] for each in listed["drafts"]}
        answer = publish(publisher, draft)
        assert "CL901" in answer.json()["changes"]["added"]
        until_held_everywhere(editor, "2026.1", "CL901")
        assert deposit(type_code="CL901", holder=FIRM)["material_id"]
        assert editor.http.get("/v1/material-types/CL901/definition").json() == wanted


class TestLicenceType:
    def test_gets_a_field_and_older_licences_go_on(
        self, exchange: Exchange, editor: Desk, publisher: Desk, baoshan: Client, qingpu: Client, police: Client
    ) -> None:
        self.scope(baoshan)
        number = f"JS{uuid.uuid4().hex[:10]}"
        older = self.issue(police, LIN, DRIVES, licence_no=number)
        path, before = f"licence-types/{DRIVING}", definition(editor, f"licence-types/{DRIVING}")
        node = Node(exchange.settings)
        try:
            pinned = self.credential(node, older)
            after = later(before)
            after["fields"] = [*before["fields"], FIELD | {"since": after["version"]}]
            after |= {use: [*before[use], "gear"] for use in ("sharing", "presenting")}
            told = published(editor, publisher, after, "licence-type")
            assert told["register"] == "licences"
            assert DRIVING in told["changes"]["changed"] + told["changes"]["added"]
            with pytest.raises(ProblemError) as raised:
                self.issue(police, XU, DRIVES)
            assert raised.value.code == "face-invalid"
            newer = self.issue(police, XU, DRIVES | {"gear": "自动"})
            with (
                Citizen(exchange.base_url, "demo-person-lin") as lin,
                Citizen(exchange.base_url, "demo-person-xu") as xu,
            ):
                shown = [self.shown(qingpu, Holder(lin), older), self.shown(qingpu, Holder(xu), newer)]
            assert [each.get("gear") for each in shown] == [None, "自动"]
            assert {each["vehicle_classes"] for each in shown} == {"C1"}
            assert self.credential(node, older) == pinned
            address, integrity = pinned
            assert integrity == self.integrity(editor, address)
            address, integrity = self.credential(node, newer)
            assert address.endswith(f"/v1/vct/{DRIVING}/{after['version']}")
            assert integrity == self.integrity(editor, address)
            document = editor.http.get(address).json()
            assert (document["extends"], document["extends#integrity"]) == pinned
            # A change of the older one goes on without the field: nobody can say what it never said.
            change = {"operation": "change", "predecessor": older["licence_id"]}
            newest = self.issue(police, LIN, DRIVES | {"points": "3"}, licence_no=number, **change)
            assert newest["version"] == 2
            assert police.call("GET", f"/v1/licences/{older['licence_id']}/evidence")["sections"]["licence"]
        finally:
            node.close()
        assert editor.http.get(f"/v1/{path}/versions/{before['version']}/definition").json() == before

    def test_comes_again_after_a_restart(self, exchange: Exchange, editor: Desk) -> None:
        node = Node(exchange.settings)
        try:
            with node.database.unit() as db:
                assert node.editing.refresh(db)
                assert not node.editing.refresh(db)
            assert json.loads(node.licence_types.definitions[DRIVING]) == definition(editor, f"licence-types/{DRIVING}")
            assert node.licence_types.for_material("CL039") is node.licence_types.type(DRIVING)
            held = definition(editor, f"material-types/{LEASE}")
            assert json.loads(node.catalogue.type_definitions[LEASE]) == held
            assert node.catalogue.type("CL901").name == "演示用材料"
        finally:
            node.close()

    def test_is_waited_for_while_another_thread_takes_it_up(
        self, exchange: Exchange, editor: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        node = Node(exchange.settings)
        adopt, newest = Whole.adopt, registers.newest
        adopting, asked = Event(), Event()

        def slowly(whole: Whole, *others: Any) -> None:
            adopting.set()
            assert asked.wait(60)
            adopt(whole, *others)

        def told(*asking: Any) -> dict[str, int]:
            held = newest(*asking)
            if adopting.is_set():
                asked.set()
            return held

        monkeypatch.setattr(Whole, "adopt", slowly)
        monkeypatch.setattr(registers, "newest", told)
        try:
            with ThreadPoolExecutor(1) as keeper:
                done = keeper.submit(definitionkeeper.refresh, node)
                assert adopting.wait(60)
                with node.database.glance() as db:
                    held = node.editing.definition(db, "licence-type", DRIVING)
                done.result(60)
            assert json.loads(held) == definition(editor, f"licence-types/{DRIVING}")
        finally:
            node.close()

    def test_is_left_where_it_does_not_fit_the_program(self, exchange: Exchange) -> None:
        """A program without 食品生产许可证, whose material the register has with it."""
        licences = LicenceCatalogue.load()
        kinds = [each for each in licences.types.values() if each.code != "LT13"]
        fewer = LicenceCatalogue(
            kinds, licences.version, {each.code: licences.definitions[each.code] for each in kinds}
        )
        alone = json.loads(Catalogue.load().type_definitions["CL030"]) | {"licence_type": None}
        catalogue = Catalogue.load().changed(types={"CL030": alone})
        held = Editing(catalogue, fewer, None, None, None)  # type: ignore[arg-type]  # taking up asks nobody
        node = Node(exchange.settings)
        try:
            with node.database.unit() as db:
                with pytest.raises(CatalogueError) as raised:
                    held.refresh(db)
                assert raised.value.fields["problem"] == "licence and material do not name each other"
                assert not held.refresh(db)
                assert held.definition(db, "material-type", "CL030") == catalogue.type_definitions["CL030"]
            assert catalogue.type("CL030").licence_type is None
        finally:
            node.close()

    @staticmethod
    def scope(baoshan: Client) -> None:
        """Qingpu's terminals may see driving licences."""
        try:
            newest = baoshan.call("GET", "/v1/registers/scenarios")["version"]
        except ProblemError:
            newest = 0
        entry = {
            "code": SCENARIO,
            "name": "窗口核验",
            "org": QINGPU,
            "party_kind": "government",
            "purpose": "核对驾驶资格",
            "types": [DRIVING],
            "mode": "data",
            "valid_from": "2026-01-01T00:00:00.000Z",
        }
        body = {"version": newest + 1, "owner": "11310113XX00000A2R", "adopted_at": rfc3339(datetime.now(UTC))}
        body |= {"operator": "bs-002", "entries": [entry]}
        baoshan.call("POST", "/v1/registers/scenarios", body, key=str(uuid.uuid4()))

    @staticmethod
    def issue(police: Client, holder: dict[str, str], face: dict[str, str], **changes: Any) -> dict[str, Any]:
        body = {"type_code": DRIVING, "licence_no": f"JS{uuid.uuid4().hex[:10]}", "holders": [holder], "face": face}
        body |= {"valid_from": "2026-01-01", "valid_to": "2035-12-31", "operator": "ga-002"}
        return police.call("POST", "/v1/licences", body | changes, key=str(uuid.uuid4()))

    @staticmethod
    def shown(qingpu: Client, holder: Holder, licence: dict[str, Any]) -> dict[str, Any]:
        code = holder.show(licence["licence_id"])["code"]
        seen: dict[str, Any] = scan(qingpu, code, scenario=SCENARIO)["values"]
        return seen

    @staticmethod
    def credential(node: Node, licence: dict[str, Any]) -> tuple[str, str]:
        """Address and digest of the metadata that a licence's credential pins."""
        with node.database.unit() as db:
            token = run(db, node.licences.credential(licence["licence_id"]))
        assert token is not None
        payload = token.split("~")[0].split(".")[1]
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert sdjwt.disclose(token, ["vehicle_classes"])
        return claims["vct"], claims["vct#integrity"]

    @staticmethod
    def integrity(desk: Desk, address: str) -> str:
        return "sha256-" + b64encode(sha256(desk.http.get(address).content).digest()).decode()


class TestCheck:
    @pytest.mark.parametrize(
        ("before", "after", "said"),
        [
            ('"promised"', '"promissed"', "promissed"),
            ('"type_code": "CL022"', '"type_kode": "CL022"', "type_kode"),
            ('"q": "drain"', '"q": "drainage"', "drainage"),
            ('"upload"', '"uplaod"', "uplaod"),
            ('"type_code": "CL022"', '"type_code": "CL999"', "CL022"),
        ],
    )
    def test_names_the_line(self, editing: Editing, before: str, after: str, said: str) -> None:
        text = text_of(json.loads(Catalogue.load().definitions[ITEM])).replace(before, after, 1)
        with pytest.raises(DefinitionInvalidError) as raised:
            editing.check("item", text)
        assert said in text.splitlines()[int(raised.value.fields["line"]) - 1]

    @pytest.mark.parametrize("text", ['{"item_code": "', "[]", "null", '{"item_code": 7}', "{" * 2000])
    def test_refuses_what_is_no_item(self, editing: Editing, text: str) -> None:
        with pytest.raises(DefinitionInvalidError):
            editing.check("item", text)

    def test_leaves_the_catalogue_as_it_is(self, editing: Editing) -> None:
        before = dict(Catalogue.load().definitions)
        document = json.loads(before[ITEM])
        assert editing.changes("item", editing.check("item", text_of(next_of(document, 1))))
        assert editing.changes("item", document) == []

    def test_knows_no_other_items(self, editing: Editing) -> None:
        document = json.loads(Catalogue.load().definitions[ITEM])
        with pytest.raises(UnknownItemError):
            editing.check("item", text_of(document | {"item_code": "11310118XX00000B0W4310109909000"}))

    @pytest.mark.parametrize(
        ("kind", "code", "before", "after", "problem"),
        [
            ("item", ITEM, '"LT01.holder_name"', '"LT01.share"', "no such shared field"),
            ("material-type", "CL039", '"level": 3', '"level": 4', "the licence is freer than its material"),
            ("material-type", "CL039", '"LT22"', "null", "licence and material do not name each other"),
            ("material-type", "CL022", '"licence_type": null', '"licence_type": "LT22"', "licence and material"),
            ("material-type", "CL022", '"2026.1"', '"2026"', "version or retention"),
            ("licence-type", "LT22", '"level": 2,', '"level": 1,', "told more freely than was promised"),
            ("licence-type", "LT05", '"mask": "name"', '"mask": null', "told more freely than was promised"),
            ("licence-type", "LT22", '"name": "points"', '"name": "marks"', "fields or level"),
            ("licence-type", "LT22", '"kind": "number"', '"kind": "text"', "standing licences show it so"),
            ("licence-type", "LT22", '"title_zh": "状态"', '"title_zh": "情况"', "standing licences show it so"),
            ("licence-type", "LT22", '"/v1/vct/LT22"', '"/v1/vct/LT23"', "standing licences rely on it"),
            ("licence-type", "LT22", '"card"', '"certificate"', "standing licences rely on it"),
            ("licence-type", "LT01", '"organisation"', '"person"', "a kind of holder goes"),
            ("licence-type", "LT22", '"CL039"', '"CL053"', "licence and material do not name each other"),
            ("licence-type", "LT22", '"LT22"', '"LT21"', "a code is there twice"),
            ("licence-type", "LT22", '"11100000XX00000435905"', OWN_AND_ANOTHER, "a code is there twice"),
            ("licence-type", "LT22", '"11100000XX00000435905"', OWN_AND_SHORT, "spelling of a type code"),
            ("item", WITH_SELLERS, '"seller": [', '"Seller": [', "code of a role"),
            ("item", WITH_SELLERS, '"seller": [', '"agent": [', "code of a role"),
            ("item", WITH_SELLERS, '"seller": [', '"buyer": [" ", "Buyer"], "seller": [', "names of a role"),
            ("item", WITH_SELLERS, '"seller": [', '"buyer": "ab", "seller": [', "incomplete"),
            ("item", WITH_WORKERS, '"wait_days": 10', '"wait_days": 61', "automatic: wait_days"),
            ("item", WITH_WORKERS, '"shown": [', '"shown": ["nothing", ', "automatic: unknown field"),
            ("item", WITH_WORKERS, '"role": "worker",', '"role": "boss",', "automatic: who confirms"),
            ("item", WITH_WORKERS, '"employer": "new_employer"', '"boss": "new_employer"', "no such field of the"),
            ("item", WITH_WORKERS, '"op": "differs"', '"op": "contains"', "names what is not there"),
            ("item", WITH_WORKERS, '"version": "2026.2"', '"version": "2026.2", "case_number": "X-1"', "pattern of"),
            ("item", WITH_WORKERS, '"version": "2026.2"', HUGE_NUMBERS, "pattern of case numbers"),
            ("item", WITH_WORKERS, '"version": "2026.2"', NUMBERS_AS_WIDE_AS_A_CODE, "pattern of case numbers"),
            ("item", WITH_WORKERS, '"en": "Qualification number"', '"en": ""', "nothing to read"),
            ("item", WITH_WORKERS, '"zh": "新旧单位不同"', '"zh": " "', "words of a rule"),
            ("item", WITH_WORKERS, '"zh": "{applicant}申请', '"zh": "{申请人}申请', "automatic: what is asked"),
            ("item", WITH_WORKERS, '"{applicant} applies', '"{applicant:9} applies', "automatic: what is asked"),
        ],
    )
    def test_refuses_what_does_not_go_together(
        self, editing: Editing, kind: str, code: str, before: str, after: str, problem: str
    ) -> None:
        held = {"item": Catalogue.load().definitions, "material-type": Catalogue.load().type_definitions}
        held["licence-type"] = LicenceCatalogue.load().definitions
        text = text_of(json.loads(held[kind][code])).replace(before, after, 1)
        assert after in text
        with pytest.raises(DefinitionInvalidError) as raised:
            editing.check(kind, text)
        assert str(raised.value.fields["problem"]).startswith(problem)
        assert raised.value.fields["problem_zh"] != "内容不符合要求"
        assert raised.value.fields["line"]

    def test_says_in_chinese_what_begins_like_another(self) -> None:
        assert in_chinese("members or code") == "规则缺项、多项,或编码有误"
        assert in_chinese("members of it") == "含有未知成员:of it"

    def test_says_where_a_field_is_freer(self, editing: Editing) -> None:
        document = json.loads(LicenceCatalogue.load().definitions["LT22"])
        document["fields"][3]["level"] = 2
        with pytest.raises(DefinitionInvalidError) as raised:
            editing.check("licence-type", text_of(document))
        assert '"name": "points"' in text_of(document).splitlines()[int(raised.value.fields["line"]) - 1]

    @pytest.mark.parametrize("change", ["since", "order", "presenting"])
    def test_refuses_a_field_that_comes_otherwise(self, editing: Editing, change: str) -> None:
        document = later(json.loads(LicenceCatalogue.load().definitions["LT22"]))
        if change == "since":
            document["fields"] = [*document["fields"], FIELD]
        elif change == "order":
            document["fields"] = document["fields"][::-1]
        else:
            document["presenting"] = [*document["presenting"], "points"]
        with pytest.raises(DefinitionInvalidError):
            editing.check("licence-type", text_of(document))


class TestDifferences:
    def test_says_where(self) -> None:
        before, after = {"a": 1, "b": [1, {"c": 2}], "d": 4}, {"a": 1, "b": [1, {"c": 3}, 5], "e": 6}
        assert differences(before, after) == [
            {"path": "b[2].c", "before": 2, "after": 3},
            {"path": "b[3]", "before": None, "after": 5},
            {"path": "d", "before": 4, "after": None},
            {"path": "e", "before": None, "after": 6},
        ]
