"""Documents made from templates over HTTP: what is in them, where it came from, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from api.client import Client, ProblemError
from api.demo.citizen import Citizen
from api.demo.licences import business as licence
from api.stack.exchange import Exchange
from tests.api.conftest import FIRM, end_licences

CAILIAN = Path(sys.executable).with_name("cailian")
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
    yield str(market.call("POST", "/v1/licences", licence("2026-01-01"))["licence_id"])
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


UNION = {
    "kind": "organisation",
    "name": "宝山青禾餐饮管理有限公司工会",
    "identifiers": [{"type": "001", "code": "81310113XX0000318W"}],
}
TERMS = {
    "union_name": "宝山青禾餐饮管理有限公司工会",
    "union_chair": "徐行舟",
    "representative": "陈安澜",
    "from": "2027年1月1日",
    "to": "2029年12月31日",
    "staff": "42",
    "average_wage": "8300",
    "raise": "5%",
}


@pytest.fixture
def contract(baoshan: Client) -> dict[str, Any]:
    """A collective contract of firm and union, made in a case that names both."""
    case = baoshan.open_case(
        item_code="11310113XX00000A2R4311000103000",
        scenario="default",
        applicant=FIRM,
        presence={"kind": "id_card_read", "evidence": "reader"},
        operator="bs-017",
        people={"union": [UNION]},
    )
    body = {"type_code": "CL054", "form": TERMS, "cause": "集体合同审查", "operator": "bs-017"}
    made = baoshan.call("POST", f"/v1/cases/{case['case_no']}/documents", body, key=str(uuid.uuid4()))
    return made | {"case": case}


def seal(client: Client, citizen: Citizen, material_id: str, place: str) -> dict[str, Any]:
    path = f"/v1/documents/{material_id}/seals/{place}"
    told = client.call("GET", path)
    body = {"id_token": citizen.login(told["digest"]), "operator": "bs-017"}
    return client.call("POST", path, body, key=str(uuid.uuid4()))


class TestSeal:
    def test_two_parties_seal_one_contract(
        self,
        exchange: Exchange,
        baoshan: Client,
        legal_representative: Citizen,
        contract: dict[str, Any],
        tmp_path: Path,
    ) -> None:
        first = seal(baoshan, legal_representative, contract["material_id"], "firm")
        assert (first["version"], first["seals"]) == (2, ["firm"])
        with pytest.raises(ProblemError) as old:
            seal(baoshan, legal_representative, contract["material_id"], "union")
        assert (old.value.code, old.value.document["fields"]["current"]) == (
            "material-not-active",
            first["material_id"],
        )
        with Citizen(exchange.base_url, "demo-person-xu") as chair:
            whole = seal(baoshan, chair, first["material_id"], "union")
        assert (whole["version"], whole["seals"]) == (3, ["firm", "union"])
        assert whole["sources"] == contract["sources"]
        case = contract["case"]
        asked = baoshan.ask(
            case_no=case["case_no"],
            type_codes=["CL054"],
            mode="copy",
            max_uses=1,
            valid_days=1,
            cause="审查",
            operator="bs-017",
        )
        legal_representative.approve(asked["ask_id"])
        use = baoshan.use(
            object_id=whole["material_id"],
            mode="copy",
            case_no=case["case_no"],
            item_code=case["item_code"],
            cause="审查",
            operator="bs-017",
        )
        path = baoshan.download(use["use_id"], tmp_path / "contract.pdf")
        parties = [word for code in ("91310113XX0000019X", "81310113XX0000318W") for word in ("--by", code)]
        done = subprocess.run(
            [CAILIAN, "seal", "check", path, "--json", "--data-dir", exchange.folder, *parties],
            check=True,
            capture_output=True,
        )
        sealed = [each["code"] for each in json.loads(done.stdout)["seals"]]
        assert sealed == ["91310113XX0000019X", "81310113XX0000318W"]

    def test_only_who_speaks_for_the_organisation(
        self, baoshan: Client, legal_representative: Citizen, contract: dict[str, Any]
    ) -> None:
        with pytest.raises(ProblemError) as refused:
            seal(baoshan, legal_representative, contract["material_id"], "union")
        assert refused.value.code == "signer-not-holder"

    def test_each_place_once(self, baoshan: Client, legal_representative: Citizen, contract: dict[str, Any]) -> None:
        first = seal(baoshan, legal_representative, contract["material_id"], "firm")
        for place in ("firm", "witness"):
            with pytest.raises(ProblemError) as refused:
                seal(baoshan, legal_representative, first["material_id"], place)
            assert refused.value.code == "seal-place-invalid"
