"""Staff at the console over HTTP: who gets in, what their cookie opens and what it does not, what rides on it: nothing."""

from __future__ import annotations

import io
import json
import select
import socket
import uuid
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx2
import pytest
from PIL import Image

from api.client import ProblemError
from api.demo import oidc
from api.demo.citizen import Citizen
from api.limits import LARGEST_PAGE, PATIENCE
from api.node import Node
from api.routes.pictures import AT_ONCE
from authz.staff import words
from authz.vault import digest_of
from tests.api.conftest import FIRM, FOOD, open_case, pdf
from tests.api.test_journey import until
from tests.materials.reading.samples import lease_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.client import Client
    from api.stack.exchange import Exchange

CONSOLE = {"X-Cailian-Page": "console"}
CASE = {
    "item_code": FOOD,
    "applicant": FIRM,
    "presence": {"kind": "id_card_read"},
    "operator": "qp-103",
}


class Desk:
    """A browser with the console open: it keeps the cookie."""

    def __init__(self, base_url: str, subject: str = "demo-staff-qp-103") -> None:
        self.http = httpx2.Client(base_url=base_url, headers=CONSOLE, trust_env=False, timeout=60)
        self.subject = subject

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def login(self, session_id: str = "") -> dict[str, str]:
        held = session_id or str(uuid.uuid4())
        with Citizen(str(self.http.base_url).rstrip("/"), self.subject) as person:
            return {"id": held, "id_token": person.login(digest_of(words(held)))}

    def enter(self, body: dict[str, str] | None = None) -> httpx2.Response:
        return self.http.post("/v1/console/session", json=body or self.login())

    def post(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        return self.http.post(path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())} | headers)


@pytest.fixture(scope="module")
def desk(exchange: Exchange) -> Iterator[Desk]:
    with Desk(exchange.base_url) as held:
        assert held.enter().status_code == 201
        yield held


@pytest.fixture
def outside(exchange: Exchange) -> Iterator[Desk]:
    with Desk(exchange.base_url) as held:
        yield held


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestSession:
    def test_is_a_cookie_no_script_reads_and_no_other_site_sends(self, outside: Desk) -> None:
        answer = outside.enter()
        kept = answer.headers["set-cookie"].lower()
        for each in ("cailian-staff=", "httponly", "samesite=strict", "path=/"):
            assert each in kept
        assert answer.headers["cache-control"] == "private, no-store"
        told = answer.json()
        assert (told["operator"], told["roles"]) == ("qp-103", ["window"])
        assert told["organisation"] == "青浦区市场监督管理局"
        assert 1700 < told["seconds_left"] <= 1800
        assert outside.http.get("/v1/console/session").json()["operator"] == "qp-103"

    def test_is_nobodys_who_is_no_staff(self, exchange: Exchange) -> None:
        with Desk(exchange.base_url, "demo-person-chen") as held:
            assert code_of(held.enter()) == (403, "not-staff")
            assert held.http.get("/v1/console/session").status_code == 204

    def test_wants_a_login_over_these_words(self, outside: Desk) -> None:
        assert code_of(outside.enter(outside.login() | {"id": str(uuid.uuid4())})) == (403, "id-token-refused")

    def test_is_renewed_and_left_for_good(self, outside: Desk) -> None:
        body = outside.login()
        outside.enter(body)
        assert "cailian-staff=" in outside.http.post("/v1/console/session/renewal").headers["set-cookie"]
        kept = outside.http.cookies["cailian-staff"]
        assert outside.http.delete("/v1/console/session").status_code == 204
        assert outside.http.get("/v1/console/session").status_code == 204
        outside.http.cookies.set("cailian-staff", kept)
        assert code_of(outside.http.get("/v1/cases")) == (401, "session-over")
        assert code_of(outside.enter(body)) == (401, "session-over")

    @pytest.mark.parametrize("headers", [{"X-Cailian-Page": "1"}, {"Sec-Fetch-Site": "cross-site"}])
    def test_is_not_begun_from_elsewhere(self, outside: Desk, headers: dict[str, str]) -> None:
        answer = outside.http.post("/v1/console/session", json=outside.login(), headers=headers)
        assert code_of(answer) == (403, "foreign-page")

    def test_ends_with_the_operators_login(self, exchange: Exchange, operations: Client) -> None:
        party = operations.call("GET", "/v1/parties?operator=op-902&org_code=11310199XX0000211B")["parties"][0]
        path = f"/v1/parties/{party['party_id']}/logins"
        body = {"operator": "op-902", "handle": "fg-012"}
        with Desk(exchange.base_url, "demo-staff-fg-012") as held:
            held.enter()
            assert held.http.get("/v1/cases").status_code == 200
            operations.call("POST", f"{path}/withdrawal", body, key=str(uuid.uuid4()))
            assert code_of(held.http.get("/v1/cases")) == (401, "session-over")
            assert code_of(held.enter()) == (403, "not-staff")
            account = {"issuer": oidc.issuer(exchange.base_url), "subject": "demo-staff-fg-012"}
            operations.call("POST", path, body | account, key=str(uuid.uuid4()))
            assert held.enter().status_code == 201

    def test_logins_are_given_by_overseers_alone(self, qingpu: Client, operations: Client) -> None:
        party = operations.call("GET", "/v1/parties?operator=op-902&org_code=11310118XX00000B0W")["parties"][0]
        body = {"operator": "qp-103", "handle": "qp-103", "issuer": "https://x.test", "subject": "x"}
        with pytest.raises(ProblemError) as raised:
            qingpu.call("POST", f"/v1/parties/{party['party_id']}/logins", body, key=str(uuid.uuid4()))
        assert raised.value.code == "insufficient_scope"


class TestReach:
    def test_is_the_departments_own_interface(self, desk: Desk, qingpu: Client) -> None:
        made = desk.post("/v1/cases", CASE)
        assert made.status_code == 201, made.text
        held = qingpu.call("GET", f"/v1/cases/{made.json()['case_no']}")
        assert (held["operator"], held["state"]) == ("qp-103", "open")

    def test_counts_an_act_once(self, desk: Desk) -> None:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        first, again = desk.post("/v1/cases", CASE, **key), desk.post("/v1/cases", CASE, **key)
        assert first.json()["case_no"] == again.json()["case_no"]

    @pytest.mark.parametrize(
        ("path", "more"),
        [
            ("/v1/cases", CASE),
            ("/v1/uses", {"object_id": str(uuid.uuid4()), "case_no": "1", "item_code": FOOD, "cause": "审查"}),
            ("/v1/presentations", {"code": "CL1:310199:" + "A" * 32, "counter": "3", "scenario": "SCN-310199-002"}),
            ("/v1/firms/search", {"beginning": "宝山"}),
        ],
    )
    def test_nobody_acts_as_a_colleague(self, desk: Desk, path: str, more: dict[str, Any]) -> None:
        assert code_of(desk.post(path, more | {"operator": "qp-204"})) == (403, "unknown-operator")

    def test_a_role_is_a_role(self, exchange: Exchange) -> None:
        with Desk(exchange.base_url, "demo-staff-qp-204") as reviewer:
            reviewer.enter()
            assert code_of(reviewer.post("/v1/cases", CASE | {"operator": "qp-204"})) == (403, "operator-role")

    def test_a_scope_is_the_departments(self, exchange: Exchange) -> None:
        with Desk(exchange.base_url, "demo-staff-ga-002") as registrar:
            registrar.enter()
            assert code_of(registrar.http.get("/v1/cases")) == (403, "insufficient_scope")

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/v1/webhooks"), ("GET", "/v1/client-credentials"), ("GET", "/v1/usage"), ("POST", "/v1/grants")],
    )
    def test_opens_no_route_that_was_not_meant_for_it(self, desk: Desk, method: str, path: str) -> None:
        assert desk.http.request(method, path, json={}).status_code in {401, 422}

    @pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
    def test_nothing_rides_on_it(self, desk: Desk, headers: dict[str, str]) -> None:
        assert code_of(desk.post("/v1/cases", CASE, **headers)) == (403, "foreign-page")

    def test_counts_with_the_header_of_our_pages_alone(self, desk: Desk, exchange: Exchange) -> None:
        cookies = {"cailian-staff": desk.http.cookies["cailian-staff"]}
        assert httpx2.get(f"{exchange.base_url}/v1/cases", cookies=cookies).json()["code"] == "invalid_token"


class TestCases:
    def test_are_listed_page_by_page_the_newest_first(self, desk: Desk, qingpu: Client) -> None:
        made = [open_case(qingpu)["case_no"] for _ in range(3)]
        first = desk.http.get("/v1/cases", params={"limit": 2, "operator": "qp-103", "stage": "intake"}).json()
        assert [each["case_no"] for each in first["cases"]] == [made[2], made[1]]
        then = desk.http.get("/v1/cases", params={"limit": 1, "cursor": first["next_cursor"]}).json()
        assert [each["case_no"] for each in then["cases"]] == [made[0]]

    def test_of_a_stage_and_of_no_other_organisation(self, desk: Desk, baoshan: Client) -> None:
        assert desk.http.get("/v1/cases", params={"stage": "draft"}).json()["cases"] == []
        own = {each["case_no"] for each in baoshan.call("GET", "/v1/cases?limit=100")["cases"]}
        seen = {each["case_no"] for each in desk.http.get("/v1/cases", params={"limit": 100}).json()["cases"]}
        assert not own & seen

    def test_tell_whom_they_are_about_while_they_are_open(self, desk: Desk, qingpu: Client, baoshan: Client) -> None:
        number = open_case(qingpu)["case_no"]
        answer = desk.http.get(f"/v1/cases/{number}/people", params={"operator": "qp-103"})
        assert answer.headers["cache-control"] == "private, no-store"
        told = answer.json()["people"]
        assert told.keys() == {"applicant"}  # the legal representative was named by nobody here
        assert told["applicant"][0]["name"] == FIRM["name"]
        assert told["applicant"][0]["identifiers"][0]["code"] == "91310113XX0000019X"
        with pytest.raises(ProblemError) as raised:
            baoshan.call("GET", f"/v1/cases/{number}/people?operator=bs-017")
        assert raised.value.code == "unknown-case"
        qingpu.call("POST", f"/v1/cases/{number}/closing", {"operator": "qp-103"}, key=str(uuid.uuid4()))
        again = desk.http.get(f"/v1/cases/{number}/people", params={"operator": "qp-103"})
        assert code_of(again) == (409, "case-closed")

    def test_tell_nothing_of_who_is_not_there(self, desk: Desk, qingpu: Client) -> None:
        number = open_case(qingpu, presence={"kind": "none"})["case_no"]
        answer = desk.http.get(f"/v1/cases/{number}/people", params={"operator": "qp-103"})
        assert answer.json()["code"] == "presence-required"


class TestFirms:
    def test_are_found_by_the_beginning_of_their_name(self, desk: Desk) -> None:
        found = desk.post("/v1/firms/search", {"beginning": "宝山青禾", "operator": "qp-103"}).json()["firms"]
        assert found[0] == {
            "kind": "organisation",
            "name": FIRM["name"],
            "identifiers": [{"type": "001", "country": "156", "code": "91310113XX0000019X"}],
        }

    def test_persons_are_not(self, desk: Desk) -> None:
        body = {"beginning": "陈安", "operator": "qp-103"}
        assert desk.post("/v1/firms/search", body).json() == {"firms": []}


class TestDeposit:
    def test_streams_in_and_its_pages_are_the_depositors_to_look_at(self, desk: Desk, baoshan: Client) -> None:
        number = desk.post("/v1/cases", CASE).json()["case_no"]
        metadata = {"type_code": "CL022", "holder": FIRM, "operator": "qp-103", "origin_case_no": number}
        parts = [
            ("metadata", (None, json.dumps(metadata).encode(), "application/json")),
            ("file", ("lease.pdf", pdf(str(uuid.uuid4())), "application/pdf")),
        ]
        made = desk.http.post("/v1/materials", files=parts, headers={"Idempotency-Key": str(uuid.uuid4())})
        assert made.status_code == 201, made.text
        readings = f"/v1/materials/{made.json()['material_id']}/readings"
        reading = desk.post(readings, {"operator": "qp-103"}).json()["reading_id"]
        page = f"{readings}/{reading}/pages/1"
        assert desk.http.get(page, params={"operator": "qp-204"}).json()["code"] == "unknown-operator"
        with pytest.raises(ProblemError) as raised:
            baoshan.call("GET", f"{page}?operator=bs-017")
        assert raised.value.code == "unknown-reading"
        assert desk.http.get(f"{readings}/{reading}/pages/0", params={"operator": "qp-103"}).status_code == 422


class TestPaper:
    """Pages that are looked at before they are handed in."""

    def look(self, desk: Desk, body: bytes, operator: str = "qp-103", kind: str = "application/pdf") -> httpx2.Response:
        headers = {"Content-Type": kind}
        return desk.http.post("/v1/page-pictures", content=body, params={"operator": operator}, headers=headers)

    def test_is_drawn_and_nothing_is_kept(self, exchange: Exchange, desk: Desk) -> None:
        node, counts = Node(exchange.settings), "SELECT count(*) FROM ledger.secret"
        with node.database.glance() as db:
            before = db.exec_driver_sql(counts).scalar_one()
        answer = self.look(desk, lease_pdf())
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert answer.headers["cache-control"] == "private, no-store"
        with Image.open(io.BytesIO(answer.content)) as drawn:
            assert drawn.width == 360
            assert drawn.convert("L").getextrema()[0] < 100, "there are letters on it"
        with node.database.glance() as db:
            assert db.exec_driver_sql(counts).scalar_one() == before, "no object has a key that it had not"
        node.close()

    def test_is_for_staff_who_hand_in(self, desk: Desk, outside: Desk, exchange: Exchange) -> None:
        assert code_of(self.look(outside, lease_pdf()))[0] == 401
        assert code_of(self.look(desk, lease_pdf(), "qp-999")) == (403, "unknown-operator")
        with Desk(exchange.base_url, "demo-staff-op-902") as overseer:
            assert overseer.enter().status_code == 201
            assert code_of(self.look(overseer, lease_pdf(), "op-902"))[0] == 403

    def test_refuses_what_is_no_page(self, desk: Desk) -> None:
        assert code_of(self.look(desk, b"%PDF-1.7 and no more")) == (422, "preview-unavailable")
        assert code_of(self.look(desk, b"a page", kind="text/html"))[0] == 415
        assert code_of(self.look(desk, b"%PDF-1.7" + bytes(LARGEST_PAGE)))[0] == 413

    def test_keeps_so_many_in_memory_however_slowly_they_come(self, exchange: Exchange, desk: Desk) -> None:
        address, cookie = urlsplit(exchange.base_url), desk.http.cookies["cailian-staff"]
        head = (
            f"POST /v1/page-pictures?operator=qp-103 HTTP/1.1\r\nHost: x\r\nX-Cailian-Page: console\r\n"
            f"Cookie: cailian-staff={cookie}\r\nContent-Type: application/pdf\r\nContent-Length: 100\r\n\r\n%PDF-1.7"
        )
        with ExitStack() as connections:
            held = []
            for _ in range(AT_ONCE * exchange.settings.workers + 1):
                connection = socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=20)
                connections.callback(connection.close)
                connection.sendall(head.encode())
                held.append(connection)
            answered, _, _ = select.select(held, [], [], PATIENCE / 2)
            assert answered[0].recv(65536).startswith(b"HTTP/1.1 503")
        assert until(lambda: self.look(desk, lease_pdf()).status_code == 200 or None)
