"""A kiosk: what an identity card's reading begins, what its session reaches, and what ends it."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any, Self

import httpx2
import pytest

from api import keys
from api.app import interface
from api.demo import cards
from api.routes.session import AT_KIOSK
from tests.api.conftest import open_case
from tests.api.test_consent_evidence import execute
from tests.api.test_session import PAGE, business_licence, identity_card

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.client import Client
    from api.stack.exchange import Exchange

KIOSK = {"X-Cailian-Page": "kiosk"}
CHEN, XU = "310199199001010018", "31019919900128027X"


class Kiosk:
    """A kiosk's browser, and its reader."""

    def __init__(self, exchange: Exchange) -> None:
        self.http = httpx2.Client(base_url=exchange.base_url, headers=KIOSK, trust_env=False)
        self.key = keys.load(exchange.folder / "secrets").login_key
        self.node = exchange.base_url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def read(self, action: str = "session", subject: str = "", code: str = CHEN, **changed: Any) -> dict[str, Any]:
        """A request, and the card read for it."""
        wanted = {"action": action, "subject": subject or str(uuid.uuid4()), "terms": {}}
        asked = self.http.post("/v1/holder-requests", json=wanted).json()
        claims = {"nonce": asked["digest"]} | changed
        reading = cards.reading(self.key, self.node, code, **claims)
        return {"request": asked["request"], "reading": reading}

    def enter(self, **how: Any) -> httpx2.Response:
        return self.http.post("/v1/my/kiosk-session", json=self.read(**how))

    def get(self, path: str) -> httpx2.Response:
        return self.http.get(f"/v1/my/{path}")


@pytest.fixture
def kiosk(exchange: Exchange) -> Iterator[Kiosk]:
    with Kiosk(exchange) as held:
        yield held


@pytest.fixture(scope="module")
def card(police: Client) -> str:
    wanted = identity_card("陈安澜", CHEN)
    return str(police.call("POST", "/v1/licences", wanted, key=str(uuid.uuid4()))["licence_id"])


class TestBegin:
    def test_is_by_the_card_and_says_how_sure_that_is(self, kiosk: Kiosk) -> None:
        answer = kiosk.enter()
        assert answer.status_code == 201, answer.text
        told = answer.json()
        assert (told["name"], told["channel"], told["signer_kind"]) == ("陈安澜", "kiosk", "id_card")
        assert told["assurance"] == "low"
        assert told["seconds_left"] <= 600
        kept = answer.headers["set-cookie"].lower()
        assert kept.startswith("cailian-kiosk=")
        assert "httponly" in kept
        assert "samesite=strict" in kept

    @pytest.mark.parametrize(
        ("changed", "check"),
        [
            ({"nonce": "A" * 43}, "nonce"),
            ({"iat": int(time.time()) - 3600}, "iat"),
            ({"aud": "https://elsewhere.example"}, "typ or aud"),
            ({"iss": "another-reader"}, "reader"),
            ({"compared": "face"}, "compared"),
            ({"card": {"type": "414", "code": "E12345678"}}, "card"),
            ({"card": {"type": "111", "code": CHEN, "valid_to": "2020-01-01"}}, "valid_to"),
            ({"card": {"type": "111", "code": "310199199001010017", "valid_to": None}}, "code"),
        ],
        ids=["nonce", "old", "node", "reader", "compared", "passport", "expired", "no-code"],
    )
    def test_takes_no_reading_that_is_none(self, kiosk: Kiosk, changed: dict[str, Any], check: str) -> None:
        answer = kiosk.enter(**changed)
        assert (answer.status_code, answer.json()["code"]) == (403, "card-refused"), answer.text
        assert answer.json()["fields"]["check"] == check
        assert "set-cookie" not in answer.headers

    def test_takes_none_that_a_page_signed(self, kiosk: Kiosk) -> None:
        body = kiosk.read()
        head, claims, _ = body["reading"].split(".")
        answer = kiosk.http.post("/v1/my/kiosk-session", json=body | {"reading": f"{head}.{claims}.{'A' * 86}"})
        assert answer.json()["code"] == "card-refused"

    def test_knows_nobody_by_a_card_it_does_not_know(self, kiosk: Kiosk) -> None:
        assert kiosk.enter(code="310199198001019990").json()["code"] == "signer-not-holder"

    def test_is_for_the_kiosk_alone(self, kiosk: Kiosk) -> None:
        answer = kiosk.http.post("/v1/my/kiosk-session", json=kiosk.read(), headers=PAGE)
        assert answer.json()["code"] == "foreign-page"


class TestReach:
    def test_looks_at_licences_uses_and_cases(self, kiosk: Kiosk, card: str) -> None:
        kiosk.enter()
        assert card in [each["licence_id"] for each in kiosk.get("licences").json()["licences"]]
        assert {"lines", "cursor"} <= kiosk.get("uses").json().keys()
        assert "cases" in kiosk.get("cases").json()

    def test_reaches_nothing_else_of_what_a_page_reaches(self, kiosk: Kiosk) -> None:
        kiosk.enter()
        found = 0
        for path, methods in interface().openapi()["paths"].items():
            if not path.startswith("/v1/my/") or path in AT_KIOSK or path == "/v1/my/kiosk-session":
                continue
            real = path.replace("{page}", "1")
            while "{" in real:
                real = f"{real[: real.index('{')]}{uuid.uuid4()}{real[real.index('}') + 1 :]}"
            for method in methods:
                answer = kiosk.http.request(method.upper(), real, json={} if method == "post" else None)
                assert (answer.status_code, answer.json()["code"]) == (403, "not-at-kiosk"), (method, path, answer.text)
                found += 1
        assert found > 8

    def test_is_no_session_of_a_page_nor_a_page_s_of_a_kiosk(self, kiosk: Kiosk) -> None:
        kiosk.enter()
        kept = kiosk.http.cookies["cailian-kiosk"]
        for header, name in (("1", "cailian"), ("1", "cailian-kiosk")):
            answer = httpx2.get(
                f"{kiosk.node}/v1/my/licences", headers={"X-Cailian-Page": header, "Cookie": f"{name}={kept}"}
            )
            assert answer.status_code in {401, 403}


class TestCases:
    def test_are_told_though_the_item_of_one_is_in_no_catalogue(
        self, exchange: Exchange, kiosk: Kiosk, qingpu: Client
    ) -> None:
        chen = {"kind": "person", "name": "陈安澜", "identifiers": [{"type": "111", "code": CHEN}]}
        known, gone = (open_case(qingpu, applicant=chen)["case_no"] for _ in range(2))
        execute(exchange, "UPDATE materials.case_ SET item_code = 'gone' WHERE case_no = :case", case=gone)
        kiosk.enter()
        names = {each["case_no"]: each["item"]["zh"] for each in kiosk.get("cases").json()["cases"]}
        assert names[known]
        assert names[gone] == "gone"


class TestPrinting:
    def test_a_code_takes_the_card_once_more(self, kiosk: Kiosk, card: str) -> None:
        kiosk.enter()
        body = kiosk.read("print-code", card)
        made = kiosk.http.post("/v1/my/kiosk-codes", json=body)
        assert made.status_code == 201, made.text
        assert made.json()["kind"] == "printed"
        again = kiosk.http.post("/v1/my/kiosk-codes", json=body).json()
        assert (again["code_id"], again["code"]) == (made.json()["code_id"], made.json()["code"])

    def test_not_by_the_reading_that_began_the_session(self, kiosk: Kiosk, card: str) -> None:
        begun = kiosk.read()
        kiosk.http.post("/v1/my/kiosk-session", json=begun)
        body = kiosk.read("print-code", card) | {"reading": begun["reading"]}
        assert kiosk.http.post("/v1/my/kiosk-codes", json=body).json()["code"] == "card-refused"

    def test_not_by_somebody_else_s_card(self, kiosk: Kiosk, card: str) -> None:
        kiosk.enter()
        answer = kiosk.http.post("/v1/my/kiosk-codes", json=kiosk.read("print-code", card, XU))
        assert answer.json()["code"] == "signer-not-holder"

    def test_not_of_what_is_another_s(self, kiosk: Kiosk, market: Client) -> None:
        other = market.call("POST", "/v1/licences", business_licence(), key=str(uuid.uuid4()))["licence_id"]
        kiosk.enter()
        answer = kiosk.http.post("/v1/my/kiosk-codes", json=kiosk.read("print-code", other))
        assert answer.json()["code"] == "unknown-licence"

    def test_not_without_a_session(self, kiosk: Kiosk, card: str) -> None:
        answer = kiosk.http.post("/v1/my/kiosk-codes", json=kiosk.read("print-code", card))
        assert answer.json()["code"] == "session-over"


class TestEnd:
    def test_leaving_ends_it_and_the_browser_forgets(self, kiosk: Kiosk) -> None:
        body = kiosk.read()
        kiosk.http.post("/v1/my/kiosk-session", json=body)
        kept = kiosk.http.cookies["cailian-kiosk"]
        answer = kiosk.http.delete("/v1/my/session")
        assert answer.status_code == 204
        assert answer.headers["clear-site-data"] == '"cache", "storage"'
        stale = httpx2.get(f"{kiosk.node}/v1/my/licences", headers=KIOSK | {"Cookie": f"cailian-kiosk={kept}"})
        assert stale.json()["code"] == "session-over"
        assert kiosk.http.post("/v1/my/kiosk-session", json=body).json()["code"] == "session-over"


class TestPage:
    def test_goes_with_a_policy_and_is_kept_by_no_browser(self, kiosk: Kiosk) -> None:
        answer = kiosk.http.get("/kiosk/")
        assert answer.headers["cache-control"] == "no-store"
        policy = answer.headers["content-security-policy"]
        for each in ("default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"):
            assert each in policy
        assert "unsafe" not in policy
        assert kiosk.http.get("/kiosk", follow_redirects=False).headers["location"] == "/kiosk/"
        assert kiosk.http.get("/kiosk/config.json").json()["card_reader"]["kind"] == "demo"
