"""Reviews over HTTP on a whole exchange: made when asked and when a draft is handed in, seen by their own organisation."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from api.client import Client, ProblemError
from api.demo.citizen import Citizen
from tests.api.conftest import FIRM, open_case, send_deposit
from tests.api.test_documents import TERMS, UNION, seal
from tests.materials.reading.samples import lease_pdf

if TYPE_CHECKING:
    from api.stack.exchange import Exchange

Grant = Callable[..., dict[str, Any]]
SECONDS = 120
RESTAURANT = {"business": "restaurant", "tenure": "lease", "agent": "no", "commitment": "no"}


def review(client: Client, case_no: str, operator: str = "qp-103", key: str | None = None) -> dict[str, Any]:
    body = {"cause": "食品经营许可新办预审", "operator": operator}
    return client.call("POST", f"/v1/cases/{case_no}/review", body, key=key or str(uuid.uuid4()))


def shown(client: Client, case_no: str) -> dict[str, dict[str, Any]]:
    held = client.call("GET", f"/v1/cases/{case_no}/review")
    return {each["code"]: each for each in held["findings"]}


def settle(client: Client, case_no: str, finding: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {"code": finding["code"], "digest": finding["digest"], "verdict": "false-alarm", "reason": "已核对原件"}
    path = f"/v1/cases/{case_no}/review/settlements"
    return client.call("POST", path, body | {"operator": "qp-103"} | changes, key=str(uuid.uuid4()))


def wait(act: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not act():
        assert time.monotonic() < until
        time.sleep(0.2)


class TestReview:
    def test_reads_what_was_handed_in_and_says_where(self, qingpu: Client, case: dict[str, Any]) -> None:
        case_no = case["case_no"]
        made = send_deposit(
            qingpu, lease_pdf(), origin_case_no=case_no, operator="qp-103", verify_level="self_declared"
        )
        first = {each["code"]: each for each in review(qingpu, case_no)["findings"]}
        assert first["cl022-in-time"]["state"] == "unclear"
        path = f"/v1/materials/{made['material_id']}/readings"
        wait(lambda: qingpu.call("GET", path)["readings"][0]["state"] == "read")
        answer = review(qingpu, case_no)
        assert "values" not in answer["findings"][0]
        held = shown(qingpu, case_no)
        assert held["cl022-in-time"]["state"] == "passed"
        form = {"cause": "预填", "operator": "qp-103"}
        version = qingpu.call("POST", f"/v1/cases/{case_no}/form", form, key=str(uuid.uuid4()))["version"]
        stated = {"version": version, "values": {"premises": "上海市宝山区友谊路1588号2幢302室"}, "operator": "qp-103"}
        qingpu.call("PATCH", f"/v1/cases/{case_no}/form", stated, key=str(uuid.uuid4()))
        review(qingpu, case_no)
        found = shown(qingpu, case_no)["same-address"]
        assert (found["state"], found["why"], found["rule"]) == ("failed", "differs", "equal-all")
        place = next(each for each in found["places"] if each.get("material_id"))
        assert (place["material_id"], place["type"], place["page"]) == (made["material_id"], "CL022", 1)
        assert len(place["box"]) == 4
        assert "上海市宝山区友谊路1588号2幢301室" in {each["value"] for each in found["values"]}
        assert found["what_to_do"]["zh"]

    def test_says_what_to_ask_and_reads_licences_by_uses(
        self, qingpu: Client, market: Client, case: dict[str, Any]
    ) -> None:
        from api.demo import licences  # noqa: PLC0415

        market.call("POST", "/v1/licences", licences.business("2026-01-05"))
        form = {"cause": "预填", "operator": "qp-103"}
        qingpu.call("POST", f"/v1/cases/{case['case_no']}/form", form, key=str(uuid.uuid4()))
        answer = review(qingpu, case["case_no"])
        held = shown(qingpu, case["case_no"])
        assert held["licence-stands"]["state"] == held["name-matches"]["state"] == "passed"
        use = next(each for each in held["name-matches"]["places"] if each["source"] == "LT01.holder_name")
        assert qingpu.call("GET", f"/v1/uses/{use['licence']}")["mode"] == "data"
        assert answer["counts"]["passed"] >= 2
        assert {"source", "type_code", "fields", "of"} <= set(answer["asks"][0]) if answer["asks"] else True

    def test_once_for_one_key(self, qingpu: Client, case: dict[str, Any]) -> None:
        key = str(uuid.uuid4())
        first = review(qingpu, case["case_no"], key=key)
        assert review(qingpu, case["case_no"], key=key) == first
        assert review(qingpu, case["case_no"])["version"] == first["version"] + 1

    def test_is_made_when_a_draft_is_handed_in(self, qingpu: Client) -> None:
        case_no = open_case(qingpu, draft=True)["case_no"]
        with pytest.raises(ProblemError) as early:
            review(qingpu, case_no)
        assert early.value.code == "case-not-submitted"
        qingpu.call("POST", f"/v1/cases/{case_no}/submission", {"operator": "qp-103"}, key=str(uuid.uuid4()))
        held = qingpu.call("GET", f"/v1/cases/{case_no}/review")
        assert (held["version"], held["cause"], held["clean"]) == (1, "submitted", False)

    def test_of_anothers_case_looks_like_none(self, baoshan: Client, qingpu: Client, case: dict[str, Any]) -> None:
        found = review(qingpu, case["case_no"])["findings"][0]
        for act in (
            lambda: baoshan.call("GET", f"/v1/cases/{case['case_no']}/review"),
            lambda: review(baoshan, case["case_no"], "bs-017"),
            lambda: settle(baoshan, case["case_no"], found, operator="bs-017"),
            lambda: baoshan.call("GET", "/v1/cases/31011820261121999999/review"),
        ):
            with pytest.raises(ProblemError) as refused:
                act()
            assert (refused.value.status, refused.value.code) == (404, "unknown-case")

    def test_before_any_there_is_none(self, qingpu: Client, case: dict[str, Any]) -> None:
        with pytest.raises(ProblemError) as refused:
            shown(qingpu, case["case_no"])
        assert (refused.value.status, refused.value.code) == (404, "unknown-review")


class TestSettle:
    def test_takes_a_finding_off_with_its_reason(self, qingpu: Client, case: dict[str, Any]) -> None:
        found = next(each for each in review(qingpu, case["case_no"])["findings"] if each["state"] == "unclear")
        answer = settle(qingpu, case["case_no"], found, verdict="resolved")
        assert "已核对原件" not in str(answer)
        held = shown(qingpu, case["case_no"])[found["code"]]["resolution"]
        assert (held["verdict"], held["reason"], held["operator"]) == ("resolved", "已核对原件", "qp-103")
        assert held["entry_id"]

    def test_of_another_finding_is_refused(self, qingpu: Client, case: dict[str, Any]) -> None:
        found = next(each for each in review(qingpu, case["case_no"])["findings"] if each["state"] == "unclear")
        for change, code in (({"digest": "0" * 64}, "finding-changed"), ({"code": "no-such"}, "unknown-finding")):
            with pytest.raises(ProblemError) as refused:
                settle(qingpu, case["case_no"], found, **change)
            assert refused.value.code == code


class TestCollectiveContract:
    @pytest.fixture
    def case_no(self, baoshan: Client) -> str:
        return str(
            baoshan.open_case(
                item_code="11310113XX00000A2R4311000103000",
                scenario="default",
                applicant=FIRM,
                presence={"kind": "id_card_read", "evidence": "reader"},
                operator="bs-017",
                people={"union": [UNION]},
            )["case_no"]
        )

    def test_its_seals_count_on_a_document_made_here(
        self, exchange: Exchange, baoshan: Client, legal_representative: Citizen, case_no: str
    ) -> None:
        body = {"type_code": "CL054", "form": TERMS, "cause": "集体合同审查", "operator": "bs-017"}
        made = baoshan.call("POST", f"/v1/cases/{case_no}/documents", body, key=str(uuid.uuid4()))
        review(baoshan, case_no, "bs-017")
        before = shown(baoshan, case_no)
        assert (before["employer-seal"]["state"], before["employer-seal"]["why"]) == ("failed", "no-seal")
        assert before["term"]["state"] == "passed"
        assert before["wage-rise"]["state"] == "passed"
        first = seal(baoshan, legal_representative, made["material_id"], "firm")
        with Citizen(exchange.base_url, "demo-person-xu") as chair:
            seal(baoshan, chair, first["material_id"], "union")
        review(baoshan, case_no, "bs-017")
        after = shown(baoshan, case_no)
        for code in ("employer-seal", "union-seal", "chief-employer", "chief-union"):
            assert after[code]["state"] == "passed", after[code]

    def test_a_file_without_seals_fails(self, baoshan: Client, case_no: str) -> None:
        send_deposit(baoshan, lease_pdf(), type_code="CL054", origin_case_no=case_no, verify_level="self_declared")
        review(baoshan, case_no, "bs-017")
        held = shown(baoshan, case_no)
        assert (held["employer-seal"]["state"], held["employer-seal"]["why"]) == ("failed", "no-seal")
        assert held["parties-named"]["state"] == "unclear"
