"""A short way to the routes that are called most, past the framework's general machinery.

A request through FastAPI passes its middleware, a walk over all routes, dependency resolution and two exit stacks; for
a use that is a quarter of the work (PERFORMANCE: framework-bound). The routes named here are answered in front of it,
by the same functions that FastAPI declares, documents and would call, with the same problem documents for errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from api import problems

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from fastapi import FastAPI
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class LeanRoute:
    """One route: `path`, in which one `{}` may stand for a piece without a slash.

    Attributes:
        method: HTTP method.
        path: as the world writes it.
        declared: the path as FastAPI declares it, under which the request is counted.
        answer: called with the request and the piece ("" where there is none).
    """

    method: str
    path: str
    declared: str
    answer: Callable[[Request, str], Awaitable[Response]]


class _Named:
    """What `api.observe` asks of a route."""

    def __init__(self, path: str) -> None:
        self.path = path


class Lean:
    """ASGI layer: answers lean routes, hands everything else on.

    Args:
        app: what is behind it.
        fastapi: whose state the routes use.
        routes: those answered here.
    """

    def __init__(self, app: ASGIApp, fastapi: FastAPI, routes: Sequence[LeanRoute]) -> None:
        self._app = app
        self._fastapi = fastapi
        self._exact = {(route.method, route.path): route for route in routes if "{}" not in route.path}
        self._open = [
            (route, before, after) for route in routes for before, found, after in [route.path.partition("{}")] if found
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        found = self._find(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        route, piece = found
        scope["app"], scope["route"] = self._fastapi, _Named(route.declared)
        request = Request(scope, receive)
        try:
            answer = await route.answer(request, piece)
        except Exception as error:  # noqa: BLE001 - each kind has its problem document
            answer = problems.answer(request, error)
        await answer(scope, receive, send)

    def _find(self, method: str, path: str) -> tuple[LeanRoute, str] | None:
        if exact := self._exact.get((method, path)):
            return exact, ""
        for route, before, after in self._open:
            if route.method == method and path.startswith(before) and path.endswith(after):
                piece = path[len(before) : len(path) - len(after)]
                if piece and "/" not in piece:
                    return route, piece
        return None


async def body(request: Request, model: type[M]) -> M:
    """The JSON body of a request.

    Raises:
        RequestValidationError: not JSON, or not of that form.
    """
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        # Places as FastAPI names them.
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from None
