"""Routes answered in front of the framework: which requests they take, and that errors look as everywhere."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api import lean
from api.lean import Lean, LeanRoute
from authz.errors import UnknownUseError

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send


class Thing(BaseModel):
    word: str


async def show(request: Request, piece: str) -> Response:
    return Response(f"{request.method} {piece} {request.app.title}")


async def take(request: Request, _: str) -> Response:
    return Response((await lean.body(request, Thing)).word)


async def fail(_request: Request, piece: str) -> Response:
    raise {"unknown": UnknownUseError, "bug": ZeroDivisionError}.get(piece) or HTTPException(413)


ROUTES = (
    LeanRoute("GET", "/things/{}/shown", "/things/{thing_id}/shown", show),
    LeanRoute("POST", "/things", "/things", take),
    LeanRoute("GET", "/failures/{}", "/failures/{kind}", fail),
)


async def behind(scope: Scope, _receive: Receive, send: Send) -> None:
    """What is behind the layer."""
    scope["route"] = None
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"behind"})


def call(method: str, path: str, body: bytes = b"") -> tuple[int, bytes, Any]:
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
    scope["state"] = {"request_id": "r"}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Lean(behind, FastAPI(title="app"), ROUTES)(scope, receive, send))
    return sent[0]["status"], b"".join(each.get("body", b"") for each in sent), scope["route"]


class TestLean:
    def test_gives_the_piece_and_counts_under_the_declared_path(self) -> None:
        status, body, route = call("GET", "/things/7/shown")
        assert (status, body, route.path) == (200, b"GET 7 app", "/things/{thing_id}/shown")

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/things/7/shown"),
            ("HEAD", "/things/7/shown"),
            ("GET", "/things//shown"),
            ("GET", "/things/a/b/shown"),
            ("GET", "/things/shown"),
            ("GET", "/things/7/shown/"),
            ("GET", "/things"),
            ("POST", "/things/"),
        ],
    )
    def test_hands_on_what_is_not_its_own(self, method: str, path: str) -> None:
        assert call(method, path)[:2] == (299, b"behind")

    @pytest.mark.parametrize(
        ("kind", "status", "code"),
        [("unknown", 404, "unknown-use"), ("bug", 500, "internal"), ("x", 413, "body-too-large")],
    )
    def test_errors_are_problem_documents(self, kind: str, status: int, code: str) -> None:
        answered, body, _ = call("GET", f"/failures/{kind}")
        assert (answered, json.loads(body)["code"]) == (status, code)


class TestBody:
    def test_reads_a_model(self) -> None:
        assert call("POST", "/things", b'{"word": "a"}')[:2] == (200, b"a")

    @pytest.mark.parametrize(
        ("sent", "status", "code"),
        [
            (b"{", 400, "malformed-json"),
            (b"", 400, "malformed-json"),
            (b'{"word": "\xff"}', 400, "malformed-json"),
            (b"[" * 100_000, 400, "malformed-json"),
            (b"[]", 422, "malformed-request"),
            (b'{"word": 1}', 422, "malformed-request"),
        ],
    )
    def test_refuses_what_is_none(self, sent: bytes, status: int, code: str) -> None:
        answered, body, _ = call("POST", "/things", sent)
        assert (answered, json.loads(body)["code"]) == (status, code)
