"""Checklists over HTTP: docs/reuse.md runs line by line, and a firm the exchange knows hands in nothing."""

from __future__ import annotations

import io
import json
import re
import shlex
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from rich.console import Console
from typer.testing import CliRunner

from api import caseschemas, reviewschemas, schemas
from api.checklisttable import table
from api.cli import app
from api.client import Client, ProblemError
from api.demo import licences, reuse
from api.demo.citizen import Citizen
from api.demo.story import Story
from tests.api.conftest import FIRM, FOOD, OTHER_FIRM, pdf, send_deposit

if TYPE_CHECKING:
    from api.stack.exchange import Exchange

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/reuse.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines()]
BODIES = dict(re.findall(r"`(\w+\.json)`, the [^\n]*:\n\n```json\n(.*?)```", GUIDE, re.DOTALL))
PERSON_FIRM = {"kind": "person", "name": "徐行舟", "identifiers": [{"type": "111", "code": "31019919900128027X"}]}


def open_case(client: Client, firm: dict[str, Any] = FIRM, **changes: Any) -> str:
    whole: dict[str, Any] = {"item_code": FOOD, "answers": reuse.ANSWERS, "applicant": firm, "operator": "qp-103"}
    whole |= {"presence": {"kind": "id_card_read"}}
    return str(client.call("POST", "/v1/cases", whole | changes)["case_no"])


def look(client: Client, case_no: str) -> dict[str, dict[str, Any]]:
    shown = client.call("GET", f"/v1/cases/{case_no}/checklist")
    return {line["line"]: line for line in shown["lines"]}


class TestGuide:
    def test_runs_in_its_order(self, exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "var").symlink_to(exchange.folder)
        (tmp_path / "plan.pdf").write_bytes(pdf(str(uuid.uuid4())))
        known: dict[str, str] = {}
        assert len(COMMANDS) > 12
        for line in COMMANDS:
            for name, shown in BODIES.items():
                body = shown
                for word in ("MATERIAL_ID", "DIGEST"):
                    body = body.replace(word, known.get(word, "none"))
                (tmp_path / name).write_text(body, "utf-8")
            told = line.replace("CASE_NO", known.get("CASE_NO", "none"))
            done = CliRunner().invoke(app, [*shlex.split(told)[1:], "--json"])
            assert done.exit_code == 0, f"{told}\n{done.output}"
            answer = json.loads(done.stdout)
            known |= {name: answer[name.lower()] for name in ("CASE_NO", "MATERIAL_ID") if name.lower() in answer}
            found = [each["digest"] for each in answer.get("findings", ()) if each["code"] == "same-address"]
            known["DIGEST"] = next(iter(found), known.get("DIGEST", "none"))

    def test_shows_bodies_that_the_schemas_take(self) -> None:
        models = {
            "plan.json": schemas.DepositIn,
            "case.json": caseschemas.CaseIn,
            "confirm.json": caseschemas.ConfirmationIn,
            "settle.json": reviewschemas.SettlementIn,
        }
        assert models.keys() == BODIES.keys()
        for name, model in models.items():
            body = BODIES[name].replace("MATERIAL_ID", str(uuid.uuid4())).replace("DIGEST", "0" * 64)
            model.model_validate_json(body)

    def test_names_only_routes_that_exist(self, exchange: Exchange) -> None:
        paths = httpx2.get(exchange.base_url + "/openapi.json").json()["paths"]
        known = {re.sub(r"\{\w+\}", "{id}", path) for path in paths}
        shown = {re.sub(r"\{\w+\}", "{id}", path) for path in re.findall(r"`(?:GET|POST) (/[\w/{}-]+)", GUIDE)}
        assert shown
        assert shown <= known


class TestKnownFirm:
    @pytest.fixture
    def told(
        self, exchange: Exchange, baoshan: Client, qingpu: Client, market: Client, police: Client, tmp_path: Path
    ) -> tuple[Story, str]:
        """The demo's chapter on a firm the exchange knows, and what it printed."""
        today = (datetime.now(UTC) + timedelta(hours=8)).date()
        until = today.replace(year=today.year + 20, day=min(today.day, 28)) - timedelta(days=1)
        market.call("POST", "/v1/licences", licences.business(today.isoformat()))
        police.call("POST", "/v1/licences", licences.card(today.isoformat(), until.isoformat()))
        for code in ("CL025", "CL053"):
            send_deposit(baoshan, pdf(str(uuid.uuid4())), type_code=code, verify_level="staff_checked")
        printed = io.StringIO()
        story = Story(tmp_path, Console(file=printed, width=140))
        (tmp_path / "received").mkdir()
        with Citizen(exchange.base_url, "demo-person-chen") as chen:
            reuse._known(story, qingpu, chen)
        return story, printed.getvalue()

    def test_hands_in_nothing(self, told: tuple[Story, str]) -> None:
        story, printed = told
        (case,) = story.cases
        assert (case["known"], case["uploads"]) == (True, 0)
        routes = {line["line"]: (line["state"], line["route"]) for line in case["lines"]}
        assert {state for state, _ in routes.values()} == {"supplied"}
        assert routes["CL001"] == ("supplied", "licence")
        assert routes["CL006.legal_rep"] == ("supplied", "licence")
        assert routes["CL025"] == ("supplied", "reuse")
        assert all(line["evidence"] for line in case["lines"])
        assert "调证" in printed
        assert "复用" in printed


class TestUnknownFirm:
    def test_is_told_what_is_asked_and_why(self, qingpu: Client) -> None:
        stranger = {**OTHER_FIRM}
        lines = look(qingpu, open_case(qingpu, stranger, answers=reuse.ANSWERS | {"tenure": "shared"}))
        held = lines["CL024"]
        assert (held["state"], held["route"]["code"]) == ("missing", "upload")
        assert {each["code"] for each in held["refused"]} == {"not-foreseen", "no-material"}
        assert all(each["zh"] and each["en"] for each in held["refused"])


class TestWhatIsSaid:
    def test_gives_a_use_code_instead_of_a_licences_id(self, qingpu: Client, market: Client) -> None:
        today = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
        try:
            held = market.call("POST", "/v1/licences", licences.business(today))["licence_id"]
        except ProblemError:  # the firm has one from the test before
            held = market.call("GET", "/v1/licences?type_code=LT01&limit=1")["licences"][0]["licence_id"]
        case_no = open_case(qingpu)
        evidence = look(qingpu, case_no)["CL001"]["evidence"]
        assert held not in json.dumps(evidence)
        body = {"case_no": case_no, "item_code": FOOD, "cause": "审查", "operator": "qp-103", "mode": "copy"}
        assert qingpu.call("POST", "/v1/fetch", body | {"use_code": evidence["use_code"]})["basis"] == "open"

    def test_shows_no_case_of_others_and_no_line_without_presence(self, baoshan: Client, qingpu: Client) -> None:
        case_no = open_case(qingpu)
        for client, number, code in (
            (baoshan, case_no, "unknown-case"),
            (qingpu, open_case(qingpu, presence={"kind": "none"}), "presence-required"),
            (qingpu, open_case(qingpu, draft=True), "case-not-submitted"),
        ):
            with pytest.raises(ProblemError) as refused:
                client.call("GET", f"/v1/cases/{number}/checklist")
            assert refused.value.code == code

    def test_accepts_nothing_incomplete_and_names_what_is(self, qingpu: Client) -> None:
        case_no = open_case(qingpu)
        with pytest.raises(ProblemError) as refused:
            qingpu.call("POST", f"/v1/cases/{case_no}/acceptance", {"operator": "qp-103"})
        assert refused.value.code == "case-incomplete"
        assert "CL022" in json.dumps(refused.value.document)


class TestProjects:
    def test_lets_somebody_join_by_the_leads_signature(self, qingpu: Client, legal_representative: Citizen) -> None:
        code = f"P-{uuid.uuid4().hex[:8]}"
        qingpu.call("POST", "/v1/projects", {"code": code, "name": "示例", "lead": FIRM, "operator": "qp-103"})
        member = {"member": PERSON_FIRM, "role": "contractor"}
        asked = qingpu.call("POST", f"/v1/projects/{code}/members/terms", member)
        signed = member | {"operator": "qp-103", "signature": legal_representative.login(asked["digest"])}
        qingpu.call("POST", f"/v1/projects/{code}/members", signed)
        held = qingpu.call("GET", f"/v1/projects/{code}")
        assert [each["role"] for each in held["members"]] == ["lead", "contractor"]
        with pytest.raises(ProblemError) as refused:
            qingpu.call("POST", f"/v1/projects/{code}/members", signed)
        assert refused.value.code == "already-member"

    def test_takes_no_other_signature(self, qingpu: Client, exchange: Exchange) -> None:
        code = f"P-{uuid.uuid4().hex[:8]}"
        qingpu.call("POST", "/v1/projects", {"code": code, "name": "示例", "lead": FIRM, "operator": "qp-103"})
        member = {"member": PERSON_FIRM, "role": "member"}
        asked = qingpu.call("POST", f"/v1/projects/{code}/members/terms", member)
        with Citizen(exchange.base_url, "demo-person-xu") as xu:
            signed = member | {"operator": "qp-103", "signature": xu.login(asked["digest"])}
        with pytest.raises(ProblemError) as refused:
            qingpu.call("POST", f"/v1/projects/{code}/members", signed)
        assert refused.value.code == "signer-not-holder"


class TestBundle:
    def test_opens_a_case_for_each_member(self, qingpu: Client) -> None:
        bundle = qingpu.call("GET", "/v1/bundles/open-restaurant")
        answers = {question["code"]: question["choices"][-1]["code"] for question in bundle["questions"]}
        step = qingpu.call("POST", "/v1/bundles/open-restaurant/questionnaire", {"answers": answers})
        assert step["next"] is None
        assert "CL001" not in {each["type_code"] for each in step["materials"] if each["whose"] == "applicant"}
        body = {"applicant": PERSON_FIRM, "presence": {"kind": "id_card_read"}, "operator": "qp-103"}
        made = qingpu.call("POST", "/v1/bundles/open-restaurant/cases", body | {"answers": answers})
        held = qingpu.call("GET", f"/v1/applications/{made['application']}")
        assert [each["item_code"] for each in held["cases"]] == bundle["items"]
        waiting = look(qingpu, held["cases"][1]["case_no"])["CL001"]
        assert (waiting["state"], waiting["evidence"]["case"]) == ("waiting", held["cases"][0]["case_no"])


class TestTable:
    def test_names_routes_evidence_and_reasons(self, qingpu: Client) -> None:
        shown = qingpu.call("GET", f"/v1/cases/{open_case(qingpu)}/checklist")
        printed = io.StringIO()
        Console(file=printed, width=160).print(table(shown))
        for line in shown["lines"]:
            assert line["line"] in printed.getvalue()
