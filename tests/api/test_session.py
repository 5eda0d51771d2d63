"""A holder's short session over HTTP: who begins one, what it opens, what ends it, and what rides on it: nothing."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Self

import httpx2
import pytest

from api.demo.citizen import Citizen
from tests.api.conftest import FIRM, open_case, pdf, send_deposit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.client import Client
    from api.stack.exchange import Exchange

PAGE = {"X-Cailian-Page": "1"}


class Page:
    """A browser with a page of the node open: it keeps the cookie."""

    def __init__(self, base_url: str) -> None:
        self.http = httpx2.Client(base_url=base_url, headers=PAGE, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def prepare(self) -> dict[str, Any]:
        wanted = {"action": "session", "subject": str(uuid.uuid4()), "terms": {}}
        return dict(self.http.post("/v1/holder-requests", json=wanted).json())

    def enter(self, citizen: Citizen) -> dict[str, Any]:
        asked = self.prepare()
        body = {"request": asked["request"], "id_token": citizen.login(asked["digest"])}
        answer = self.http.post("/v1/my/session", json=body)
        assert answer.status_code == 201, answer.text
        return body

    def get(self, path: str) -> Any:
        return self.http.get(f"/v1/my/{path}").raise_for_status().json()


@pytest.fixture
def page(exchange: Exchange) -> Iterator[Page]:
    with Page(exchange.base_url) as held:
        yield held


@pytest.fixture
def chen(page: Page, legal_representative: Citizen) -> Page:
    page.enter(legal_representative)
    return page


def firm_of(page: Page) -> str:
    return str(next(each for each in page.get("session")["represents"] if each["code"])["on_behalf"])


class TestBegin:
    def test_sets_a_cookie_no_script_reads_and_no_other_site_sends(
        self, page: Page, legal_representative: Citizen
    ) -> None:
        asked = page.prepare()
        body = {"request": asked["request"], "id_token": legal_representative.login(asked["digest"])}
        answer = page.http.post("/v1/my/session", json=body)
        kept = answer.headers["set-cookie"].lower()
        assert "httponly" in kept
        assert "samesite=strict" in kept
        assert "max-age=900" in kept
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.json()["name"] == "陈安澜"

    def test_names_whom_the_person_represents(self, chen: Page) -> None:
        (firm,) = chen.get("session")["represents"]
        assert (firm["name"], firm["capacity"]) == (FIRM["name"], "legal_representative")

    def test_wants_a_login_over_that_very_request(self, page: Page, legal_representative: Citizen) -> None:
        asked, other = page.prepare(), page.prepare()
        body = {"request": asked["request"], "id_token": legal_representative.login(other["digest"])}
        answer = page.http.post("/v1/my/session", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "id-token-refused")
        assert "set-cookie" not in answer.headers

    def test_takes_no_request_for_something_else(self, page: Page, legal_representative: Citizen) -> None:
        wanted = {"action": "inbox", "subject": str(uuid.uuid4()), "terms": {}}
        asked = page.http.post("/v1/holder-requests", json=wanted).json()
        body = {"request": asked["request"], "id_token": legal_representative.login(asked["digest"])}
        assert page.http.post("/v1/my/session", json=body).json()["code"] == "holder-request-invalid"

    def test_a_request_made_by_nobodys_clock_is_refused_before_any_signature(self, page: Page) -> None:
        last = "ffffffff-ffff-7fff-8fff-ffffffffffff"  # in the year 10889
        parts = dict.fromkeys(("client_data_json", "authenticator_data", "signature"), "AA")
        signature = {"kind": "passkey", "key_id": str(uuid.uuid4())} | parts
        body = {"request": page.prepare()["request"] | {"id": last, "subject": last}, "signature": signature}
        answer = page.http.post("/v1/my/session", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "holder-request-invalid")


class TestLeave:
    def test_ends_it_everywhere_and_the_login_begins_no_other(self, page: Page, legal_representative: Citizen) -> None:
        body = page.enter(legal_representative)
        stolen = page.http.cookies["cailian"]
        assert page.http.delete("/v1/my/session").status_code == 204
        assert page.http.get("/v1/my/session").status_code == 204
        page.http.cookies.set("cailian", stolen)
        assert page.http.get("/v1/my/session").status_code == 204
        assert page.http.get("/v1/my/licences").json()["code"] == "session-over"
        assert page.http.post("/v1/my/session", json=body).json()["code"] == "session-over"

    def test_is_nothing_where_there_is_none(self, page: Page) -> None:
        assert page.http.delete("/v1/my/session").status_code == 204


class TestOthers:
    @pytest.mark.parametrize("path", ["delegations", "licences", "materials", "uses", "uses.csv", "notices", "inbox"])
    def test_without_a_session_nothing_is_told(self, page: Page, path: str) -> None:
        assert page.http.get(f"/v1/my/{path}").json()["code"] == "session-over"

    @pytest.mark.parametrize(
        "headers", [{"X-Cailian-Page": ""}, {"X-Cailian-Page": "1", "Sec-Fetch-Site": "cross-site"}]
    )
    def test_another_site_rides_on_nothing(self, chen: Page, headers: dict[str, str]) -> None:
        answer = chen.http.get("/v1/my/licences", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign-page")
        assert chen.http.delete("/v1/my/session", headers=headers).status_code == 403
        assert chen.http.get("/v1/my/session").status_code == 200

    def test_a_cookie_that_was_altered_opens_nothing(self, chen: Page) -> None:
        kept = chen.http.cookies["cailian"]
        changed = kept[:-6] + ("A" if kept[-6] != "A" else "B") + kept[-5:]
        answer = httpx2.get(f"{chen.http.base_url}/v1/my/licences", headers=PAGE | {"Cookie": f"cailian={changed}"})
        assert answer.json()["code"] == "session-over"

    def test_a_name_that_somebody_else_was_told_is_none(self, exchange: Exchange, chen: Page) -> None:
        with Citizen(exchange.base_url, "demo-person-lin") as lin, Page(exchange.base_url) as other:
            other.enter(lin)
            answer = other.http.get("/v1/my/materials", params={"on_behalf": firm_of(chen)})
        assert (answer.status_code, answer.json()["code"]) == (401, "session-over")


class TestLooking:
    def test_shows_a_firms_materials_and_uses_to_who_represents_it(
        self,
        chen: Page,
        baoshan: Client,
        qingpu: Client,
        grant: Callable[..., dict[str, Any]],
        use: Callable[..., dict[str, Any]],
    ) -> None:
        held = send_deposit(baoshan, pdf(str(uuid.uuid4())))
        case = open_case(qingpu)
        given = grant(case)
        opened = use(case, held["material_id"])
        firm = firm_of(chen)
        own = chen.get(f"materials?on_behalf={firm}")["materials"]
        assert held["material_id"] in [each["material_id"] for each in own]
        assert chen.get("materials")["materials"] == []
        line = next(each for each in chen.get(f"uses?on_behalf={firm}")["lines"] if each["line_id"] == opened["use_id"])
        assert (line["organisation"], line["grant_id"]) == ("青浦区市场监督管理局", given["grant_id"])
        bundle = chen.get(f"uses/{opened['use_id']}/evidence?on_behalf={firm}")
        assert bundle["format"] == "cailian-evidence"
        assert chen.http.get(f"/v1/my/uses/{opened['use_id']}/evidence").status_code == 404
        csv = chen.http.get("/v1/my/uses.csv", params={"on_behalf": firm})
        assert "青浦区市场监督管理局" in csv.text
        grants = chen.http.post("/v1/my/consents", params={"on_behalf": firm}, json={"batches": []}).json()["grants"]
        assert given["grant_id"] in [each["grant_id"] for each in grants]

    def test_dates_the_first_reading_of_a_notice(self, chen: Page, qingpu: Client) -> None:
        open_case(qingpu)
        firm = firm_of(chen)
        newest = chen.get(f"notices?on_behalf={firm}")["notices"][0]
        assert (newest["kind"], newest["first_read_at"]) == ("case-opened", None)
        assert chen.get(f"notices?on_behalf={firm}")["notices"][0]["first_read_at"] is not None

    def test_shows_a_licence_to_its_holder_alone(self, exchange: Exchange, chen: Page, police: Client) -> None:
        card = police.call("POST", "/v1/licences", identity_card("陈安澜", "310199199001010018"), key=str(uuid.uuid4()))
        found = next(each for each in chen.get("licences")["licences"] if each["licence_id"] == card["licence_id"])
        assert found["number"] == "3101**********0018"
        full = chen.get(f"licences/{card['licence_id']}")
        assert full["number"] == "310199199001010018"
        assert {"zh": "姓名", "value": "陈安澜"}.items() <= {
            name: value for name, value in full["face"][0].items() if name in {"zh", "value"}
        }.items()
        with Citizen(exchange.base_url, "demo-person-xu") as xu, Page(exchange.base_url) as other:
            other.enter(xu)
            assert other.http.get(f"/v1/my/licences/{card['licence_id']}").status_code == 404
            assert other.http.get(f"/v1/my/licences/{card['licence_id']}/pages/1").status_code == 404


def identity_card(name: str, code: str) -> dict[str, Any]:
    """What an identity card is issued from."""
    return {
        "type_code": "LT05",
        "licence_no": code,
        "holders": [{"name": name, "code_type": "111", "code": code}],
        "face": {
            "name": name,
            "sex": "男",
            "ethnicity": "汉",
            "born_on": "1990-01-01",
            "address": "上海市宝山区示例路 1 弄 2 号 303 室",
            "issuing_authority": "宝山分局",
        },
        "valid_from": "2026-01-01",
        "valid_to": "2045-12-31",
        "operator": "ga-002",
    }


def business_licence() -> dict[str, Any]:
    """What the firm's business licence is issued from."""
    chen = {"name": "陈安澜", "code_type": "111", "code": "310199199001010018"}
    return {
        "type_code": "LT01",
        "licence_no": "310199000000001",
        "holders": [{"name": FIRM["name"], "code_type": "001", "code": "91310113XX0000019X"}],
        "face": {
            "entity_type": "有限责任公司(自然人投资或控股)",
            "legal_representative": chen["name"],
            "registered_capital": "100万元整",
            "established_on": "2025-03-01",
            "domicile": "上海市宝山区示例路 88 号",
            "business_scope": "餐饮服务;食品销售",
            "registration_authority": "宝山区市场监督管理局",
        },
        "related": [{"role": "legal_representative", "person": chen}],
        "valid_from": "2026-01-01",
        "operator": "bm-002",
    }
