"""Documents made from templates over HTTP: what is in them, where it came from, and what is refused."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from api.client import Client, ProblemError
from api.demo.licences import _business
from tests.api.conftest import end_licences

CAUSE = "食品经营许可新办审查"
PLAN = {"area": "120", "rooms": ["就餐区", "操作区", "清洗区"]}
Grant = Callable[..., dict[str, Any]]


def make(client: Client, case: dict[str, Any], type_code: str, key: str | None = None, **more: Any) -> dict[str, Any]:
    body = {"type_code": type_code, "cause": CAUSE, "operator": "qp-103"} | more
    return client.call("POST", f"/v1/cases/{case['case_no']}/documents", body, key=key or str(uuid.uuid4()))


@pytest.fixture
def business(market: Client) -> Iterator[str]:
    """A business licence of the firm."""
    end_licences(market, "bm-002")
    yield str(market.call("POST", "/v1/licences", _business("2026-01-01"))["licence_id"])
    end_licences(market, "bm-002")


def text_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(BytesIO(path.read_bytes()))
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


class TestMake:
    def test_fills_from_licence_and_form_and_names_both(
        self, qingpu: Client, business: str, case: dict[str, Any]
    ) -> None:
        made = make(qingpu, case, "CL025", form=PLAN)
        sources = made["sources"]
        assert (sources["name"]["value"], sources["name"]["from"]) == ("宝山青禾餐饮管理有限公司", "LT01.holder_name")
        assert sources["premises"]["from"] == "LT01.domicile"
        assert (sources["rooms"]["value"], sources["rooms"]["from"]) == (PLAN["rooms"], "form.rooms")
        assert made["verify_level"] == "self_declared"
        use = qingpu.call("GET", f"/v1/uses/{sources['name']['reference']}")
        assert (use["object_id"], use["mode"], use["state"]) == (business, "data", "delivered")
        assert sources["name"]["entry_id"] == use["entry_id"]
        assert qingpu.call("GET", f"/v1/documents/{made['material_id']}")["sources"] == sources

    def test_is_a_material_that_says_what_was_filled_in(
        self, qingpu: Client, business: str, case: dict[str, Any], grant: Grant, use: Any, tmp_path: Path
    ) -> None:
        made = make(qingpu, case, "CL025", form=PLAN)
        grant(case, type_codes=["CL025"])
        opened = use(case, made["material_id"])
        held = text_of(qingpu.download(opened["use_id"], tmp_path / "plan.pdf"))
        for word in ("经营场所布局平面图", "上海市宝山区示例路88号", "操作区", "申请人填报", "电子证照《营业执照》"):
            assert word in held

    def test_without_a_licence_the_next_source_is_taken(
        self, qingpu: Client, market: Client, case: dict[str, Any]
    ) -> None:
        end_licences(market, "bm-002")
        sources = make(qingpu, case, "CL025", form=PLAN | {"premises": "上海市宝山区示例路 88 号"})["sources"]
        assert sources["name"]["from"] == "applicant.name"
        assert sources["premises"]["from"] == "form.premises"

    def test_same_key_makes_one(self, qingpu: Client, business: str, case: dict[str, Any]) -> None:
        key = str(uuid.uuid4())
        assert make(qingpu, case, "CL025", key, form=PLAN) == make(qingpu, case, "CL025", key, form=PLAN)
        assert len(qingpu.call("GET", f"/v1/cases/{case['case_no']}/documents")["documents"]) == 1

    def test_missing_source_is_named(self, qingpu: Client, market: Client, case: dict[str, Any]) -> None:
        end_licences(market, "bm-002")
        with pytest.raises(ProblemError) as refused:
            make(qingpu, case, "CL025", form=PLAN)
        assert (refused.value.status, refused.value.code) == (422, "document-source-missing")
        assert refused.value.document["fields"]["field"] == "premises"
        assert qingpu.call("GET", f"/v1/cases/{case['case_no']}/documents")["documents"] == []

    @pytest.mark.parametrize(
        ("type_code", "more", "code"),
        [
            ("CL054", {}, "ask-not-demanded"),
            ("CL001", {}, "unknown-template"),
            ("CL025", {"template": "resolution"}, "unknown-template"),
            ("CL025", {"form": PLAN | {"colour": "red"}}, "document-form-invalid"),
            ("CL025", {"form": PLAN | {"name": "另一家公司"}}, "document-form-invalid"),
            ("CL025", {"form": {"area": "120", "rooms": ["𠮷野家区"]}}, "document-not-rendered"),
            ("CL025", {"form": PLAN, "operator": "nobody"}, "unknown-operator"),
        ],
    )
    def test_refuses(
        self, qingpu: Client, business: str, case: dict[str, Any], type_code: str, more: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(ProblemError) as refused:
            make(qingpu, case, type_code, **more)
        assert refused.value.code == code


class TestTemplates:
    def test_tell_what_they_take(self, qingpu: Client) -> None:
        held = {each["code"]: each for each in qingpu.call("GET", "/v1/templates")["templates"]}
        assert [each["name"] for each in held["collective-contract"]["seals"]] == ["firm", "union"]
        assert {"commitment-letter", "power-of-attorney", "resolution", "equipment-list"} <= held.keys()
