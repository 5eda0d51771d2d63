"""Forms over HTTP: filled from licence, register and last case; conflicts, overwriting, and what needs consent first."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api.client import Client, ProblemError
from api.demo.licences import business as demo_business
from api.stack.exchange import Exchange
from ledger.trust import Trust
from ledger.verify import load_bundle, verify
from tests.api.conftest import end_licences

CAUSE = "食品经营许可新办预填"
Grant = Callable[..., dict[str, Any]]


@pytest.fixture
def business(market: Client) -> Iterator[str]:
    """A business licence of the firm."""
    end_licences(market, "bm-002")
    yield str(market.call("POST", "/v1/licences", demo_business("2026-01-01"))["licence_id"])
    end_licences(market, "bm-002")


def fill(client: Client, case: dict[str, Any], key: str | None = None, **more: Any) -> dict[str, Any]:
    body = {"cause": CAUSE, "operator": "qp-103"} | more
    return client.call("POST", f"/v1/cases/{case['case_no']}/form", body, key=key or str(uuid.uuid4()))


def state(client: Client, form: dict[str, Any], **values: Any) -> dict[str, Any]:
    body = {"version": form["version"], "values": values, "operator": "qp-103"}
    return client.call("PATCH", f"/v1/cases/{form['case_no']}/form", body, key=str(uuid.uuid4()))


def field(form: dict[str, Any], code: str) -> dict[str, Any]:
    return next(each for each in form["fields"] if each["code"] == code)


class TestFill:
    def test_names_source_entry_time_and_freshness(self, qingpu: Client, business: str, case: dict[str, Any]) -> None:
        form = fill(qingpu, case)
        held = field(form, "domicile")
        assert (held["state"], held["value"]) == ("filled", "上海市宝山区示例路 88 号")
        assert (held["source"]["kind"], held["source"]["source"]) == ("licence", "LT01.domicile")
        assert held["source"]["freshness"] == {"live": True, "age_days": 0}
        use = qingpu.call("GET", f"/v1/uses/{held['source']['id']}")
        assert (use["object_id"], use["mode"], use["state"]) == (business, "data", "delivered")
        assert use["entry_id"] == held["source"]["entry_id"]
        assert qingpu.call("GET", f"/v1/cases/{case['case_no']}/form")["fields"] == form["fields"]
        assert form["prefilled"] == sum(each["source"] is not None for each in form["fields"])

    def test_what_it_read_has_a_receipt_that_verifies(
        self, exchange: Exchange, qingpu: Client, business: str, case: dict[str, Any]
    ) -> None:
        held = field(fill(qingpu, case), "domicile")
        receipt = qingpu.receipt(held["source"]["id"])
        verify(load_bundle(json.dumps(receipt).encode()), Trust.from_json(exchange.trust()))
        issued, used = (receipt["sections"][name]["entries"][0] for name in ("licence", "use"))
        assert issued["opening"]["fact"]["content"]["type"] == "licence.issued"
        assert used["opening"]["fact"]["content"]["type"] == "use.intended"

    def test_once_for_one_key(self, qingpu: Client, case: dict[str, Any]) -> None:
        key = str(uuid.uuid4())
        assert fill(qingpu, case, key) == fill(qingpu, case, key)
        assert fill(qingpu, case)["version"] == 2

    def test_says_what_to_ask_and_fills_from_it_after_consent(
        self, qingpu: Client, case: dict[str, Any], grant: Grant
    ) -> None:
        form = fill(qingpu, case)
        missing = {each["source"]: each["code"] for each in field(form, "premises")["missing"]}
        assert missing["connector:housing.address.address"] == "consent"
        asks = [each for each in form["asks"] if each["type_code"] == "CL022"]
        fields = sorted({name for each in asks for name in each["fields"]})
        grant(case, type_codes=["CL022"], mode="data", fields=fields)
        held = field(fill(qingpu, case), "premises")
        assert "connector:housing.address.address" not in {each["source"] for each in held["missing"]}
        assert (held["value"], held["source"]["kind"]) == ("上海市宝山区示例路 88 号", "connector")

    def test_of_anothers_case_looks_like_none(self, baoshan: Client, qingpu: Client, case: dict[str, Any]) -> None:
        fill(qingpu, case)
        for act in (
            lambda: baoshan.call("GET", f"/v1/cases/{case['case_no']}/form"),
            lambda: fill(baoshan, case, operator="bs-017"),
        ):
            with pytest.raises(ProblemError) as refused:
                act()
            assert (refused.value.status, refused.value.code) == (404, "unknown-case")


class TestChange:
    def test_stands_beside_what_the_source_said(self, qingpu: Client, business: str, case: dict[str, Any]) -> None:
        form = state(qingpu, fill(qingpu, case), legal_representative="林知微", business_items=["热食类食品制售"])
        held = field(form, "legal_representative")
        assert (held["state"], held["value"], held["source"]["kind"]) == ("stated", "林知微", "applicant")
        assert [each["value"] for each in held["candidates"]] == ["陈安澜"]
        assert field(form, "business_items")["value"] == ["热食类食品制售"]
        back = state(qingpu, form, legal_representative=None)
        assert field(back, "legal_representative")["value"] == "陈安澜"

    def test_of_an_older_version_is_refused(self, qingpu: Client, case: dict[str, Any]) -> None:
        form = fill(qingpu, case)
        state(qingpu, form, contact_name="陈安澜")
        with pytest.raises(ProblemError) as refused:
            state(qingpu, form, contact_name="林知微")
        assert (refused.value.status, refused.value.code) == (409, "form-changed")

    def test_of_what_no_field_can_hold_is_refused(self, qingpu: Client, case: dict[str, Any]) -> None:
        form = fill(qingpu, case)
        with pytest.raises(ProblemError) as refused:
            state(qingpu, form, area="big")
        assert (refused.value.status, refused.value.code) == (422, "form-field-invalid")

    def test_before_filling_is_refused(self, qingpu: Client, case: dict[str, Any]) -> None:
        with pytest.raises(ProblemError) as refused:
            state(qingpu, {"case_no": case["case_no"], "version": 1}, contact_name="陈安澜")
        assert (refused.value.status, refused.value.code) == (404, "unknown-form")
