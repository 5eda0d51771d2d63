"""Hostile requests over HTTP: whatever comes in, the answer is a problem document that repeats nothing of it."""

from __future__ import annotations

import json
import socket
import uuid
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anyio
import httpx2
import pytest
from starlette.exceptions import HTTPException

from api.limits import PATIENCE, BodyLimit
from tests.api.conftest import FIRM, FOOD, pdf, send_deposit
from tests.api.test_journey import refusal
from tests.api.test_session import PAGE, Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message

    from api.client import Client
    from api.demo.citizen import Citizen
    from api.stack.exchange import Exchange

NOBODYS = "019a0000-0000-7000-8000-000000000000"
SECRET = "310199199001010018"
CASE = {
    "item_code": FOOD,
    "scenario": "default",
    "applicant": FIRM,
    "presence": {"kind": "id_card_read"},
    "operator": "qp-103",
}
USE = {"object_id": NOBODYS, "case_no": "1", "item_code": FOOD, "cause": "审查", "operator": "qp-103"}


def post(client: Client, path: str, content: bytes, **headers: str) -> httpx2.Response:
    """One signed POST of raw bytes."""
    signed = client.headers("POST", path) | {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"}
    return httpx2.post(client.base_url + path, content=content, headers=signed | headers, timeout=30)


def problem(answer: httpx2.Response) -> dict[str, Any]:
    """The problem document of an answer, which repeats no secret and is no fault of ours."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert 400 <= answer.status_code < 500
    assert SECRET not in answer.text
    held: dict[str, Any] = answer.json()
    assert held["code"] != "internal"
    return held


def raw(exchange: Exchange, request: bytes) -> tuple[bytes, bytes]:
    """Head and body of the answer to bytes that no HTTP library would send."""
    address = urlsplit(exchange.base_url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=20) as held:
        held.sendall(request)
        answer = b"".join(iter(lambda: held.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


def _is_text(schema: dict[str, Any]) -> bool:
    return any(each.get("type") == "string" for each in (schema, *schema.get("anyOf", ())))


def _plausible(schema: dict[str, Any]) -> str:
    """A value that gets past the form of a parameter."""
    held = next((each for each in (schema, *schema.get("anyOf", ())) if "type" in each and each["type"] != "null"), {})
    if "enum" in held:
        return str(held["enum"][0])
    if held.get("type") in {"integer", "boolean"}:
        return "1"
    return {"date": "2026-11-21", "date-time": "2026-11-21T04:00:00Z"}.get(held.get("format", ""), NOBODYS)


def _example(description: dict[str, Any], held: dict[str, Any]) -> Any:
    """What an operation shows as its body; None where it takes no JSON."""
    schema = held.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    return description["components"]["schemas"][name]["examples"][0] if name else None


def _ask(
    web: httpx2.Client,
    caller: Client,
    method: str,
    path: str,
    parameters: list[dict[str, Any]],
    name: str,
    body: Any,
    more: dict[str, str],
) -> httpx2.Response:
    """One request whose parameter `name` is a NUL, with everything else in order."""
    query = []
    real, signed = path, path
    for each in parameters:
        value = "%00" if each["name"] == name else _plausible(each["schema"])
        if each["in"] == "path":
            real = real.replace(f"{{{each['name']}}}", value)
            signed = signed.replace(f"{{{each['name']}}}", value.replace("%00", "\0"))
        elif each["name"] == name or each.get("required"):
            query.append(f"{each['name']}={value}")
    headers = caller.headers(method.upper(), signed) | {"Idempotency-Key": str(uuid.uuid4())} | more
    address = f"{caller.base_url}{real}?{'&'.join(query)}"
    return web.request(method.upper(), address, json=body, headers=headers)


class TestJson:
    @pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 100_000, b'{"a":[' * 50_000])
    def test_deep_nesting_is_refused_and_kills_nobody(self, exchange: Exchange, content: bytes) -> None:
        before = dict(exchange.stack.pids)
        held = problem(
            httpx2.post(f"{exchange.base_url}/v1/cases", content=content, headers={"Content-Type": "application/json"})
        )
        assert held["code"] == "malformed-json"
        assert exchange.stack.pids == before
        assert not any(exchange.stack.restarts.get(name) for name in before if name.startswith("api"))

    @pytest.mark.parametrize(
        "content",
        [
            b"", b"null", b"[]", b'"' + SECRET.encode() + b'"', SECRET.encode() + b"{", b'{"a":"\xff\xfe"}',
            b'{"' + SECRET.encode() + b'": 1}', b'{"\\ud800": 1}', b'{"own": NaN}', b'{"own": ' + b"9" * 5000 + b"}",
        ],
        ids=range(10),
    )  # fmt: skip
    def test_garbage_is_refused_and_not_repeated(self, baoshan: Client, content: bytes) -> None:
        assert problem(post(baoshan, "/v1/materials/search", content))["code"] in {
            "malformed-json",
            "malformed-request",
        }

    @pytest.mark.parametrize(
        ("path", "media_type", "start"),
        [
            ("/v1/cases", "application/json", b'{"a":"'),
            ("/v1/grants", "application/json", b'{"a":"'),
            ("/oauth/token", "application/x-www-form-urlencoded", b"grant_type="),
        ],
    )
    def test_a_body_over_the_limit_is_refused(
        self, exchange: Exchange, path: str, media_type: str, start: bytes
    ) -> None:
        content = start + b"x" * (exchange.settings.max_body + 1)
        answer = httpx2.post(exchange.base_url + path, content=content, headers={"Content-Type": media_type})
        assert problem(answer)["code"] == "body-too-large"

    @pytest.mark.parametrize("char", ["\0", "\x1b", "\r\n", "\u202e"], ids=["nul", "escape", "line", "rtl"])
    @pytest.mark.parametrize(
        ("path", "body", "name"),
        [
            ("/v1/cases", CASE, "operator"),
            ("/v1/cases", CASE, "scenario"),
            ("/v1/cases", CASE, "item_code"),
            ("/v1/uses", USE, "case_no"),
            ("/v1/uses", USE, "item_code"),
            ("/v1/uses", USE, "operator"),
            ("/v1/cases/1/closing", {}, "operator"),
        ],
    )
    def test_text_nobody_can_print_is_refused(
        self, qingpu: Client, path: str, body: dict[str, Any], name: str, char: str
    ) -> None:
        content = json.dumps(body | {name: f"{SECRET}{char}"}).encode()
        assert problem(post(qingpu, path, content))["code"] == "malformed-request"

    def test_an_unknown_scenario_is_not_repeated(self, qingpu: Client) -> None:
        answer = post(qingpu, "/v1/cases", json.dumps(CASE | {"scenario": SECRET}).encode())
        assert problem(answer)["code"] == "unknown-scenario"


class TestAddress:
    @pytest.mark.parametrize("given", ["%00", "a%00b", "%FF%FE", "..%2F..", "-1", "x" * 5000])
    def test_a_garbled_entry_id_is_no_entry(self, exchange: Exchange, given: str) -> None:
        assert problem(httpx2.get(f"{exchange.base_url}/v1/entries/{given}"))["code"] == "not-found"

    def test_a_query_nobody_can_print_is_refused(self, qingpu: Client) -> None:
        path = f"/v1/materials/{NOBODYS}"
        answer = httpx2.get(f"{qingpu.base_url}{path}?case_no=%00", headers=qingpu.headers("GET", path))
        assert problem(answer)["code"] == "malformed-request"

    def test_a_nul_in_any_text_of_an_address_is_refused(
        self, exchange: Exchange, legal_representative: Citizen
    ) -> None:
        """PostgreSQL takes none. Each operation is asked by two clients that have all scopes, and by a holder's page."""
        description = httpx2.get(exchange.base_url + "/openapi.json", timeout=60).json()
        asked, failed = 0, set()
        with ExitStack() as open_:
            callers = [open_.enter_context(exchange.client(name)) for name in ("baoshan-window", "cailian-operations")]
            page = open_.enter_context(Page(exchange.base_url))
            web = open_.enter_context(httpx2.Client(timeout=30))
            page.enter(legal_representative)
            as_page = PAGE | {"Cookie": f"cailian={page.http.cookies['cailian']}"}
            for path, methods in description["paths"].items():
                for method, held in methods.items():
                    parameters = [each for each in held["parameters"] if each["in"] in {"path", "query"}]
                    texts = [each for each in parameters if _is_text(each["schema"])]
                    body = _example(description, held)
                    for text in texts if path.startswith("/v1/") else []:
                        for caller in callers:
                            answer = _ask(web, caller, method, path, parameters, text["name"], body, as_page)
                            asked += 1
                            if not 400 <= answer.status_code < 500 or answer.json()["code"] == "internal":
                                failed.add((method, path, text["name"]))
        assert failed == set()
        assert asked > 200

    def test_another_method_names_those_there_are(self, exchange: Exchange) -> None:
        answer = httpx2.delete(f"{exchange.base_url}/v1/cases")
        assert problem(answer)["code"] == "method-not-allowed"
        assert answer.headers["allow"] == "POST"


class TestWire:
    @pytest.mark.parametrize(
        "request_",
        [
            b"\x16\x03\x01\x02\x00garbage\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"FOO /livez HTTP/1.1\r\nHost: x\r\n\r\n",
            b"POST /v1/cases HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
            b"POST /v1/cases HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            b"POST /v1/cases HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"GET /livez HTTP/1.1\r\nHost: x\r\nX: \0\r\n\r\n",
        ],
        ids=["tls", "http2", "method", "negative", "two-lengths", "smuggled", "nul"],
    )
    def test_what_is_no_http_gets_a_problem_document(self, exchange: Exchange, request_: bytes) -> None:
        head, body = raw(exchange, request_)
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"application/problem+json" in head
        assert json.loads(body)["code"] == "malformed-request"

    def test_an_upgrade_is_not_followed(self, exchange: Exchange) -> None:
        request_ = (
            b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: aaaaaaaaaaaaaaaaaaaaaa==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert raw(exchange, request_)[0].startswith(b"HTTP/1.1 200 ")


class TestDeposit:
    @pytest.mark.parametrize("boundary", ["", "x" * 71, "x" * 5000])
    def test_a_boundary_against_rfc_2046_is_refused(self, baoshan: Client, boundary: str) -> None:
        answer = post(baoshan, "/v1/materials", b"", **{"Content-Type": f"multipart/form-data; boundary={boundary}"})
        assert problem(answer)["code"] == "malformed-request"

    @pytest.mark.parametrize(
        "change",
        [
            {"operator": "bs\0"}, {"type_code": "CL\0"}, {"project_code": "a\0"}, {"origin_case_no": "a\0"},
            {"valid_to": "0001-01-01T00:00:00+23:00"}, {"valid_from": "9999-12-31T23:59:59-23:00"},
            {"valid_to": "2027-01-01T00:00:00"}, {SECRET: 1},
        ],
        ids=range(8),
    )  # fmt: skip
    def test_metadata_that_cannot_be_kept_is_refused(self, baoshan: Client, change: dict[str, Any]) -> None:
        held = refusal(lambda: send_deposit(baoshan, pdf(), **change))
        assert (held.status, held.code) == (422, "malformed-request")
        assert SECRET not in json.dumps(held.document)

    def test_deposits_that_stand_still_keep_nobody_else_waiting(self, exchange: Exchange, baoshan: Client) -> None:
        """More bodies begun and not continued than there are threads for routes, in all processes together."""
        begun = 2 * exchange.settings.threads * exchange.settings.workers
        address = urlsplit(exchange.base_url)
        with ExitStack() as connections:
            for _ in range(begun):
                signed = baoshan.headers("POST", "/v1/materials") | {"Idempotency-Key": str(uuid.uuid4())}
                lines = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
                head = (
                    f"POST /v1/materials HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: 5000000\r\n"
                    "Content-Type: multipart/form-data; boundary=XX\r\n\r\n--XX\r\n"
                )
                held = socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=20)
                connections.callback(held.close)
                held.sendall(head.encode())
            for _ in range(10):
                # Threads that those bodies held would be free again after their patience, not before.
                answer = httpx2.get(f"{exchange.base_url}/v1/entries/{NOBODYS}", timeout=PATIENCE - 5)
                assert answer.json()["code"] == "entry-not-found"


class TestBodyLimit:
    @staticmethod
    def read_all(receive: Callable[[], Any], path: str = "/v1/materials") -> int:
        """Read a body through the layer; its size."""
        size = 0

        async def app(scope: Any, receive: Any, send: Any) -> None:
            nonlocal size
            more = True
            while more:
                message = await receive()
                size, more = size + len(message.get("body", b"")), message.get("more_body", False)

        async def send(message: Message) -> None:
            raise AssertionError(message)

        layer = BodyLimit(app, limit=10, patience=0.05)
        anyio.run(layer, {"type": "http", "method": "POST", "path": path, "headers": []}, receive, send)
        return size

    def test_gives_up_on_a_body_that_does_not_come(self) -> None:
        async def never() -> Message:
            await anyio.sleep_forever()
            raise AssertionError

        with pytest.raises(HTTPException) as caught:
            self.read_all(never)
        assert caught.value.status_code == 408

    def test_lets_a_large_body_take_its_time(self) -> None:
        left = 8

        async def steady() -> Message:
            nonlocal left
            await anyio.sleep(0.02)
            left -= 1
            return {"type": "http.request", "body": b"x" * 4096, "more_body": left > 0}

        assert self.read_all(steady) == 8 * 4096

    def test_counts_pauses_together(self) -> None:
        async def trickle() -> Message:
            await anyio.sleep(0.02)
            return {"type": "http.request", "body": b"x", "more_body": True}

        with pytest.raises(HTTPException) as caught:
            self.read_all(trickle)
        assert caught.value.status_code == 408
