"""What people promise and confirm on the phone, and what is decided without them coming: over HTTP, and in a browser.

`tests/web/browser/promises.test.mjs` is what a browser does. The exchange is this file's own (`conftest.py`): duties are
published here, and people's licences are those that this file issues.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import signal
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from api.client import ProblemError
from api.demo.citizen import Citizen
from ledger.clock import rfc3339
from tests.api.conftest import FIRM, OTHER_FIRM, open_case, send_deposit
from tests.api.test_citizen import pages
from tests.api.test_journey import until
from tests.api.test_keys import PAD, Browser, send
from tests.api.test_session import Page, business_licence, identity_card
from tests.materials.reading.samples import lease_pdf
from tests.web.department import CAUSE, Department
from tests.web.test_browser import chromium
from tests.web.test_verifier import node, passed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.client import Client
    from api.stack.exchange import Exchange

__all__ = ["chromium", "pages"]

BAOSHAN = "11310113XX00000A2R"
CODE = "91310113XX0000019X"
STAFF = "11310113XX00000A2R4310700501000"
HIRING = "11310113XX00000A2R4310500701000"
WORKER = {"name": "林知微", "code_type": "111", "code": "31019919991231002X"}
HOLDER = {"name": FIRM["name"], "code_type": "001", "code": CODE}
MOST = 240.0


@pytest.fixture(scope="module", autouse=True)
def licences(baoshan: Client, market: Client, police: Client) -> None:
    """What the firm and the worker hold, each with its sealed PDF."""
    place = "上海市宝山区示例路 88 号"
    market.call("POST", "/v1/licences", business_licence(), key=key())
    card = identity_card(WORKER["name"], WORKER["code"])
    card["face"] |= {"sex": "女", "born_on": "1999-12-31"}
    police.call("POST", "/v1/licences", card, key=key())
    drives = {"vehicle_classes": "A2", "first_issued_on": "2018-01-01", "driving_status": "正常", "points": "0"}
    works = {"qualification": "道路危险货物运输驾驶员", "first_issued_on": "2020-01-01", "integrity_rating": "AAA"}
    works["employer"] = "上海旧运危货运输有限公司"
    scope = {"business_scope": "危险货物运输(3类)", "address": place}
    for client, code, holder, face, operator in (
        (police, "LT22", WORKER, drives, "ga-002"),
        (baoshan, "LT21", WORKER, works, "bs-002"),
        (baoshan, "LT17", HOLDER, scope, "bs-002"),
    ):
        issue(client, code, holder, face, operator)


def key() -> str:
    return str(uuid.uuid4())


def issue(client: Client, code: str, holder: dict[str, str], face: dict[str, Any], operator: str) -> dict[str, Any]:
    body = {"type_code": code, "licence_no": f"{code}-{key()[:8]}", "holders": [holder], "face": face}
    last = {"LT12": 2030, "LT17": 2029, "LT21": 2031, "LT22": 2035}[code]
    period = {"valid_from": "2026-01-01", "valid_to": f"{last}-12-31", "operator": operator}
    return client.call("POST", "/v1/licences", body | period, key=key())


def act(client: Client, path: str, **body: Any) -> dict[str, Any]:
    return client.call("POST", path, {"operator": "bs-017"} | body, key=key())


def when(look: Callable[[], dict[str, Any]], holds: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    def seen() -> dict[str, Any] | None:
        held = look()
        return held if holds(held) else None

    return dict(until(seen, MOST))


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(ProblemError) as caught:
        act()
    return str(caught.value.code)


def problem(answer: httpx2.Response) -> str:
    return str(answer.json()["code"])


def approve(citizen: Citizen, base_url: str, batch: str) -> None:
    told = httpx2.get(f"{base_url}/v1/ask-batches/{batch}").json()
    citizen.answer(batch, [each["ask_id"] for each in told["asks"]])


@pytest.fixture(scope="module")
def chen(exchange: Exchange) -> Iterator[Citizen]:
    """Who speaks for the firm."""
    with Citizen(exchange.base_url, "demo-person-chen") as citizen:
        yield citizen


@pytest.fixture(scope="module")
def lin(exchange: Exchange) -> Iterator[Citizen]:
    """The worker."""
    with Citizen(exchange.base_url, "demo-person-lin") as citizen:
        yield citizen


def propose(client: Client, case: dict[str, Any]) -> dict[str, Any]:
    body = {"type_codes": ["CL040"], "cause": CAUSE, "operator": "qp-103"}
    return client.call("POST", f"/v1/cases/{case['case_no']}/commitments", body, key=key())


def line(client: Client, case: dict[str, Any], code: str) -> dict[str, Any]:
    lines = client.call("GET", f"/v1/cases/{case['case_no']}/checklist")["lines"]
    return next(each for each in lines if each["type_code"] == code)


class TestLetter:
    def test_is_read_whole_and_signed_and_the_line_is_owed(
        self, exchange: Exchange, qingpu: Client, chen: Citizen, lin: Citizen
    ) -> None:
        case = open_case(qingpu, scenario="commitment")
        held = propose(qingpu, case)
        assert held["link"].endswith(f"/m/#/commitments/{held['commitment_id']}")
        assert httpx2.get(f"{exchange.base_url}/v1/commitments/{held['commitment_id']}/qr").text.startswith("<")
        with Page(exchange.base_url) as page, Page(exchange.base_url) as other:
            page.enter(chen)
            (mine,) = [
                each
                for each in page.get("commitments")["commitments"]
                if each["commitment_id"] == held["commitment_id"]
            ]
            assert (mine["state"], mine["holder"], mine["can_refuse"]) == ("proposed", FIRM["name"], True)
            assert mine["terms"] == held["terms"]
            picture = page.http.get(f"/v1/my/commitments/{held['commitment_id']}/pages/1")
            assert (picture.content[:4], int(picture.headers["x-pages"]) >= 1) == (b"\x89PNG", True)
            other.enter(lin)
            answer = other.http.get(f"/v1/my/commitments/{held['commitment_id']}")
            assert (answer.status_code, problem(answer)) == (404, "unknown-commitment")
        assert chen.commit(held["commitment_id"])["state"] == "signed"
        assert line(qingpu, case, "CL040")["state"] == "owed"
        waiting = qingpu.call("GET", "/v1/commitments")["commitments"]
        assert held["commitment_id"] in {each["commitment_id"] for each in waiting}

    def test_by_a_passkey_and_taken_back(self, exchange: Exchange, qingpu: Client, chen: Citizen) -> None:
        browser = Browser(exchange, chen)
        browser.enrol()
        case = open_case(qingpu, scenario="commitment")
        held = propose(qingpu, case)
        path = f"/v1/commitments/{held['commitment_id']}"
        signed = send(exchange, f"{path}/signature", browser.sign(held["digest"]))
        assert (signed.status_code, signed.json()["state"]) == (200, "signed")
        wanted = {"action": "refuse-commitment", "subject": held["commitment_id"], "terms": {}}
        asked = httpx2.post(f"{exchange.base_url}/v1/holder-requests", json=wanted).json()
        ended = send(exchange, f"{path}/refusal", {"request": asked["request"]} | browser.sign(asked["digest"]))
        assert (ended.status_code, ended.json()["state"]) == (200, "withdrawn")
        assert line(qingpu, case, "CL040")["state"] == "offered"
        assert refused(lambda: act(qingpu, f"{path}/withdrawal", operator="qp-103")) == "commitment-not-signed"

    def test_at_the_counter_by_two_of_the_staff(self, qingpu: Client) -> None:
        case = open_case(qingpu, scenario="commitment")
        held = propose(qingpu, case)
        person = {"kind": "person", "name": "陈安澜", "identifiers": [{"type": "111", "code": "310199199001010018"}]}
        pad = base64.b64encode(PAD).decode()
        begun = act(
            qingpu,
            f"/v1/commitments/{held['commitment_id']}/assisted-signatures",
            operator="qp-103",
            person=person,
            pad=pad,
        )
        for operator, role in (("qp-103", "window"), ("qp-204", "reviewer")):
            told = qingpu.state_letter(begun, operator, role)
        assert (told["state"], told["staff"]) == ("signed", ["qp-103", "qp-204"])
        assert line(qingpu, case, "CL040")["state"] == "owed"


def begin(baoshan: Client) -> dict[str, Any]:
    """A case of a driver's change of employer that is to be decided automatically."""
    worker = {"kind": "person", "name": WORKER["name"], "identifiers": [{"type": "111", "code": WORKER["code"]}]}
    opened = baoshan.call(
        "POST",
        "/v1/cases",
        {
            "item_code": STAFF,
            "operator": "bs-017",
            "presence": {"kind": "id_card_read"},
            "scenario": "default",
            "people": {"worker": [worker]},
            "applicant": FIRM,
        },
        key=key(),
    )
    path = f"/v1/cases/{opened['case_no']}/automatic"
    return act(baoshan, path, registrar="bs-002", cause="危货从业人员变更服务单位")


def inquiry(citizen: Citizen, run: str, organisation: str | None = None) -> dict[str, Any] | None:
    held = citizen.inquiries(organisation)["inquiries"]
    return next((each for each in held if each["statement"]["subject"] == run), None)


class TestDriver:
    def test_from_the_application_to_the_signed_receipt(self, baoshan: Client, chen: Citizen, lin: Citizen) -> None:
        run = begin(baoshan)
        asked = inquiry(chen, run["run_id"], CODE)
        assert asked is not None
        chen.reply(asked)
        confirm = until(lambda: inquiry(lin, run["run_id"]), MOST)
        assert confirm["kind"] == "confirmation"
        batch = httpx2.get(f"{baoshan.base_url}/v1/ask-batches/{confirm['batch_id']}").json()
        assert batch["notice"]["confirms"] == confirm["statement"]
        things = {thing["type"] for part in batch["notice"]["asked"] for thing in part["things"]}
        assert {"CL038", "CL006", "CL039"} <= things
        with pytest.raises(httpx2.HTTPStatusError) as closed:
            lin.reply(confirm)
        assert problem(closed.value.response) == "inquiry-together"
        approve(lin, baoshan.base_url, confirm["batch_id"])
        seen = when(lambda: look(baoshan, run), lambda held: held["asks"] or held["state"] in {"granted", "person"})
        for each in seen["asks"]:  # of the firm
            approve(chen, baoshan.base_url, each)
        done = when(lambda: look(baoshan, run), lambda held: held["state"] in {"granted", "person"})
        assert (done["state"], done["reason"], done["details"]) == ("granted", None, [])
        claims = json.loads(base64.urlsafe_b64decode(done["receipt"].split(".")[1] + "=="))
        assert (claims["decision"], claims["fields"]["new_employer"]) == ("granted", FIRM["name"])
        licence = baoshan.call("GET", f"/v1/licences/{claims['result']}")
        assert (licence["type_code"], licence["version"]) == ("LT21", 2)
        told = [each for each in lin.inquiries()["inquiries"] if each["batch_id"] == confirm["batch_id"]]
        assert [each["answer"] for each in told] == ["yes"]


def look(client: Client, run: dict[str, Any]) -> dict[str, Any]:
    return client.call("GET", f"/v1/automatic/{run['run_id']}")


@pytest.fixture(scope="module")
def duty(baoshan: Client) -> None:
    """What the subsidy's department may look at by a published duty."""
    now = datetime.now(UTC)
    fields = ["holder_name:clear", "holder_code:clear", "legal_representative:clear", "domicile:clear", "holder_name"]
    fields += ["holder_code", "legal_representative", "domicile", "name", "new_workers"]
    common = {"org": BAOSHAN, "item": HIRING, "valid_from": rfc3339(now - timedelta(days=1))}
    entries = [
        common | {"article": "就业促进法 第十七条", "types": ["CL001", "CL048"], "mode": "copy"},
        common
        | {"article": "就业促进法 第十八条", "types": ["CL001", "CL048"], "mode": "data", "fields": sorted(fields)},
    ]
    body = {"version": 1, "owner": BAOSHAN, "adopted_at": rfc3339(now), "operator": "bs-002", "entries": entries}
    baoshan.call("POST", "/v1/registers/duties", body, key=key())


class TestRound:
    def test_from_the_match_to_the_file_for_payment(
        self, exchange: Exchange, baoshan: Client, chen: Citizen, duty: None
    ) -> None:
        paid_before(baoshan)
        body = {"period": "2026", "cause": "用人单位吸纳就业补贴免申即享"}
        held = act(baoshan, "/v1/programmes/hiring-subsidy/rounds", **body)
        path = f"/v1/rounds/{held['round_id']}"

        def decided(seen: dict[str, Any]) -> bool:
            return seen["state"] == "matched" and not set(seen["counts"]) & {"running", "matching"}

        seen = when(lambda: baoshan.call("GET", path), decided)
        runs = when(
            lambda: {"runs": baoshan.call("GET", "/v1/automatic")["runs"]},
            lambda held: all(each["state"] not in {"running", "waiting"} for each in held["runs"]),
        )["runs"]
        mine = next(each for each in runs if each["item_code"] == HIRING)
        assert mine["state"] == "listed", (mine, seen)
        act(baoshan, f"{path}/publication")
        asked = until(lambda: inquiry(chen, mine["run_id"], CODE), MOST)
        assert asked["kind"] == "willingness"
        public = httpx2.get(f"{exchange.base_url}{path}/list").json()
        assert [(each["name"], each["amount"]) for each in public["people"]] == [(FIRM["name"], "6000.00")]
        chen.reply(asked)
        assert refused(lambda: act(baoshan, f"{path}/hand-offs")) == "round-state"  # nobody was shown long enough
        objection = chen.object_to(mine["run_id"], "人数应为四人")
        overdue(exchange, "UPDATE materials.entitlement SET public_until = now() - interval '1 second'")
        assert (
            refused(lambda: act(baoshan, f"{path}/hand-offs")) == "round-state"
        )  # whoever objects waits for an answer
        answer = f"/v1/objections/{objection['objection_id']}/answer"
        act(baoshan, answer, outcome="rejected", answer="已核对参保数据")
        file = act(baoshan, f"{path}/hand-offs")
        assert file["people"] == 1
        content = raw(baoshan, f"/v1/hand-offs/{file['hand_off_id']}?format=csv")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert len(rows) == 2
        assert "6000.00" in rows[1]
        with pytest.raises(ProblemError) as again:
            act(baoshan, f"{path}/hand-offs")
        assert again.value.code == "round-state"

    def test_an_upheld_objection_takes_the_holder_off_and_leads_somebody_to_the_case(
        self, exchange: Exchange, baoshan: Client, chen: Citizen, duty: None
    ) -> None:
        body = {"period": "2027", "cause": "用人单位吸纳就业补贴免申即享"}
        held = act(baoshan, "/v1/programmes/hiring-subsidy/rounds", **body)
        path = f"/v1/rounds/{held['round_id']}"
        when(lambda: baoshan.call("GET", path), lambda seen: seen["counts"].get("listed"))
        act(baoshan, f"{path}/publication")
        run = next(
            each
            for each in baoshan.call("GET", "/v1/automatic")["runs"]
            if each["item_code"] == HIRING and each["state"] == "listed"
        )
        objection = chen.object_to(run["run_id"], "人数有误")
        answered = act(
            baoshan,
            f"/v1/objections/{objection['objection_id']}/answer",
            outcome="upheld",
            answer="将重新核定",
        )
        assert answered["next"]["run_id"] == run["run_id"]
        after = look(baoshan, run)
        assert (after["state"], after["reason"]) == ("person", "objection-upheld")
        public = httpx2.get(f"{exchange.base_url}{path}/list").json()
        assert public["people"] == []


def paid_before(baoshan: Client) -> None:
    """An earlier application, in which the firm stated its account."""
    case = {
        "item_code": HIRING,
        "operator": "bs-017",
        "presence": {"kind": "id_card_read"},
        "answers": {"again": "no"},
        "applicant": FIRM,
    }
    opened = baoshan.call("POST", "/v1/cases", case, key=key())
    path = f"/v1/cases/{opened['case_no']}"
    form = act(baoshan, f"{path}/form", cause="就业补贴预填")
    stated = {"account_bank": "示例银行宝山支行", "account_no": "6200000000000000000", "contact_name": "陈安澜"}
    body = {"version": form["version"], "values": stated, "by": "applicant", "operator": "bs-017"}
    baoshan.call("PATCH", f"{path}/form", body, key=key())
    act(baoshan, f"{path}/closing", decision="withdrawn")


def overdue(exchange: Exchange, statement: str) -> None:
    """Let a term pass."""
    engine = create_engine(exchange.settings.database_url.get_secret_value())
    with engine.begin() as db:
        db.execute(text(statement))
    engine.dispose()


def front(exchange: Exchange, statement: str) -> None:
    """Change what the source's own database says."""
    url = make_url(exchange.stack.site.database_admin_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    with engine.begin() as db:
        db.execute(text(statement))
    engine.dispose()


def raw(client: Client, path: str) -> bytes:
    answer = httpx2.get(client.base_url + path, headers=client.headers("GET", path.partition("?")[0]))
    answer.raise_for_status()
    return answer.content


class TestBadInput:
    """What is wrong is refused with a code, and the list says the next way."""

    def test_disputed_material_is_not_reused(self, qingpu: Client, baoshan: Client, chen: Citizen) -> None:
        plan = send_deposit(baoshan, lease_pdf(), type_code="CL025", verify_level="staff_checked")["material_id"]
        before = open_case(qingpu)
        assert route(line(qingpu, before, "CL025")) == "reuse"
        wanted = {"action": "dispute", "subject": plan, "terms": {"claim": "平面图有误", "fields": []}}
        asked = httpx2.post(f"{baoshan.base_url}/v1/holder-requests", json=wanted).json()
        body = {"request": asked["request"], "id_token": chen.login(asked["digest"])}
        headers = {"Idempotency-Key": key()}
        httpx2.post(f"{baoshan.base_url}/v1/disputes", json=body, headers=headers).raise_for_status()
        held = line(qingpu, open_case(qingpu), "CL025")
        assert route(held) == "generated"  # the next of the item
        assert {each["route"]: each["code"] for each in held["refused"]}["reuse"] == "disputed"

    def test_superseded_version_gives_way_to_the_newer(self, qingpu: Client, baoshan: Client) -> None:
        given = {"type_code": "CL052", "verify_level": "staff_checked"}
        old = send_deposit(baoshan, lease_pdf(), **given)["material_id"]
        new = send_deposit(baoshan, lease_pdf(), supersedes=old, **given)["material_id"]
        case = venue(baoshan)
        held = line(baoshan, case, "CL052")
        assert (route(held), held["evidence"]["material"]) == ("reuse", new)
        body = {"object_id": old, "mode": "copy", "case_no": case["case_no"], "item_code": case["item_code"]}
        body |= {"cause": "公共场所卫生许可审查", "operator": "bs-017"}
        assert refused(lambda: baoshan.call("POST", "/v1/uses", body, key=key())) == "status-superseded"

    def test_another_persons_project_and_an_unknown_scenario(self, qingpu: Client, baoshan: Client) -> None:
        project = {"code": f"P-{key()[:8]}", "name": "试验项目", "lead": FIRM, "members": [], "operator": "bs-017"}
        baoshan.call("POST", "/v1/projects", project, key=key())
        assert (
            refused(lambda: open_case(qingpu, applicant=OTHER_FIRM, project_code=project["code"])) == "unknown-project"
        )
        assert refused(lambda: open_case(qingpu, scenario="nothing")) == "unknown-scenario"

    def test_what_a_machine_read_against_the_form_fails_once_it_was_read(self, qingpu: Client) -> None:
        """The review that queued the reading is made anew when it has ended."""
        case = open_case(qingpu)
        path = f"/v1/cases/{case['case_no']}"
        more = {
            "holder": FIRM,
            "operator": "qp-103",
            "origin_case_no": case["case_no"],
            "verify_level": "staff_checked",
        }
        send_deposit(qingpu, lease_pdf(), type_code="CL022", **more)
        form = act(qingpu, f"{path}/form", operator="qp-103", cause=CAUSE)
        body = {"version": form["version"], "values": {"premises": "上海市静安区别处路 9 号"}, "by": "applicant"}
        qingpu.call("PATCH", f"{path}/form", body | {"operator": "qp-103"}, key=key())
        first = act(qingpu, f"{path}/review", operator="qp-103", cause=CAUSE)
        assert finding(first, "same-address")["state"] == "unclear"
        second = when(
            lambda: qingpu.call("GET", f"{path}/review"),
            lambda held: finding(held, "same-address")["state"] == "failed",
        )
        assert second["version"] > first["version"]
        assert any(each.get("type") == "CL022" for each in finding(second, "same-address")["places"])

    def test_document_without_its_source_is_not_made(self, qingpu: Client) -> None:
        case = open_case(qingpu, applicant=OTHER_FIRM)
        body = {"type_code": "CL041", "form": {}, "cause": CAUSE, "operator": "qp-103"}
        code = refused(lambda: qingpu.call("POST", f"/v1/cases/{case['case_no']}/documents", body, key=key()))
        assert code in {"document-source-missing", "unknown-template"}
        assert route(line(qingpu, case, "CL041")) != "generated"

    def test_source_that_changes_its_answer_is_believed_no_more(
        self, exchange: Exchange, qingpu: Client, chen: Citizen
    ) -> None:
        address = "上海市宝山区示例路 88 号"
        ask = {"type_code": "CL022", "given": {"address": address}, "cause": CAUSE, "operator": "qp-103"}
        held = []
        for recorded in ("current_date + 400", "current_date - 400"):
            front(exchange, f"UPDATE front.lease SET ends = {recorded}")
            case = open_case(qingpu)
            asked = qingpu.ask(
                case_no=case["case_no"], type_codes=["CL022"], mode="verify", cause=CAUSE, operator="qp-103"
            )
            chen.approve(asked["ask_id"])
            held.append(qingpu.call("POST", f"/v1/cases/{case['case_no']}/checks", ask, key=key()))
        assert (held[0]["result"], held[1]["state"]) == ("yes", "failed")
        assert held[1]["failure"]["code"] == "source-contradicts"
        left = line(qingpu, case, "CL022")
        assert {each["route"]: each["code"] for each in left["refused"]}["check"] == "source-contradicts"
        assert route(left) not in {None, "check"}  # the next way, whichever there is

    def test_source_that_is_silent_is_told_and_the_next_way_offered(self, exchange: Exchange, qingpu: Client) -> None:
        with stopped(exchange):
            case = open_case(qingpu, applicant=OTHER_FIRM)
            body = {"type_code": "CL001", "cause": CAUSE, "operator": "qp-103"}
            held = qingpu.call("POST", f"/v1/cases/{case['case_no']}/checks", body, key=key())
            assert (held["state"], held["failure"]["code"]) == ("failed", "source-timeout")
            left = line(qingpu, case, "CL001")
            assert {each["route"]: each["code"] for each in left["refused"]}["check"] == "source-unavailable"
            assert route(left) == "upload"


def route(held: dict[str, Any]) -> str | None:
    return held["route"]["code"] if held["route"] else None


def finding(review: dict[str, Any], code: str) -> dict[str, Any]:
    return next(each for each in review["findings"] if each["code"] == code)


def venue(baoshan: Client) -> dict[str, Any]:
    """A case for a public venue's permit."""
    body = {
        "item_code": "11310113XX00000A2R4310100102000",
        "operator": "bs-017",
        "presence": {"kind": "id_card_read"},
        "answers": {"central_air": "no", "staff_contact": "yes", "agent": "no"},
        "applicant": FIRM,
    }
    return baoshan.call("POST", "/v1/cases", body, key=key())


@contextmanager
def stopped(exchange: Exchange) -> Iterator[None]:
    """The demo's source process answers nothing."""
    pids = [
        int(each.name)
        for each in Path("/proc").iterdir()
        if each.name.isdigit() and is_source(each, str(exchange.folder))
    ]
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def is_source(process: Path, folder: str) -> bool:
    try:
        told = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return False
    return "api.demo.source" in told and folder in told


class Around(Department):
    """Who stands around the phone: the window that asks, the department that decides by itself."""

    def __init__(self, qingpu: Client, baoshan: Client, chen: Citizen) -> None:
        super().__init__(qingpu, lambda **more: open_case(qingpu, **more), lambda: "")
        self._baoshan, self._chen = baoshan, chen
        self._acts |= {"propose": self._propose, "begin": self._begin, "commitment": self._commitment}

    def _propose(self) -> dict[str, Any]:
        return propose(self._client, open_case(self._client, scenario="commitment"))

    def _commitment(self, commitment: str) -> dict[str, Any]:
        return self._client.call("GET", f"/v1/commitments/{commitment}")

    def _begin(self) -> dict[str, Any]:
        """A driver's change that waits for the employer's signature."""
        return begin(self._baoshan)


class TestPages:
    def test_in_a_browser(
        self, exchange: Exchange, qingpu: Client, baoshan: Client, chen: Citizen, pages: None, chromium: str
    ) -> None:
        with Around(qingpu, baoshan, chen) as around:
            done = node(
                *("--test", "--test-reporter=tap", "--test-concurrency=1", "tests/web/browser/promises.test.mjs"),
                limit=900,
                BASE_URL=exchange.base_url.replace("127.0.0.1", "localhost"),
                DEPARTMENT=around.address,
                CHROMIUM=chromium,
            )
        assert passed(done) >= 5


class TestLinked:
    def test_a_permit_follows_a_licence_that_came_by_bulk(
        self, exchange: Exchange, market: Client, chen: Citizen
    ) -> None:
        """The old licence has ended, and another one was gathered in its place: announced, then issued with its PDF."""
        body = {"operator": "bm-002"}
        market.call("POST", "/v1/linked-rules/business-licence/adoption", body, key=key())
        permit = issue(
            market,
            "LT12",
            HOLDER,
            {
                "business_kind": "餐饮服务经营者",
                "business_items": "热食类食品制售",
                "premises": "上海市宝山区示例路 88 号",
                "legal_representative": "陈安澜",
            },
            "bm-002",
        )
        (old,) = [
            each
            for each in market.call("GET", "/v1/licences?type_code=LT01&limit=50")["licences"]
            if each["status"] == "01"
        ]
        gone = {"operation": "cancel", "status": "04", "reason": "replaced", "operator": "bm-002"}
        market.call("POST", f"/v1/licences/{old['licence_id']}/status", gone, key=key())
        today = datetime.now(UTC).date().isoformat()
        face = business_licence()["face"] | {"legal_representative": "林知微"}
        row = {"type": "LT01", "licence_no": f"G{key()[:8]}", "face": face, "issued_on": today, "valid_from": today}
        row["holders"] = [{"name": FIRM["name"], "type": "001", "code": CODE}]
        told = market.gather(json.dumps(row).encode() + b"\n", operator="bm-002")
        assert told[-1]["taken"] == 1, told

        def mine() -> dict[str, Any]:
            found = market.call("GET", "/v1/linked-changes")["changes"]
            return next((each for each in found if each["licence"] == permit["licence_id"]), {"state": ""})

        announced = when(mine, lambda held: held["state"])
        assert (announced["state"], announced["fields"]) == ("announced", {"legal_representative": "林知微"})
        overdue(exchange, "UPDATE materials.linked_change SET due_at = now(), next_at = now()")
        done = when(mine, lambda held: held["state"] in {"changed", "person"})
        assert done["state"] == "changed", done
        newest = market.call("GET", f"/v1/licences/{done['result']}")
        assert (newest["version"], newest["pdf"]["size"] > 1000) == (2, True)
