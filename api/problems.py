"""Problem documents (RFC 9457): one table from the packages' error codes to HTTP, in Chinese and English.

Below `api` nobody knows HTTP: packages raise errors with a stable `code`, this module says what a caller sees. A test
walks every error class of every package and fails when a code has no row in `problems.json`; `docs/problems.md` is the
same table for people.
"""

from __future__ import annotations

import json
import traceback
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from certs.errors import CertsError
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.errors import EdgeError
from api.observe import log
from authz.errors import AuthzError
from ledger.errors import LedgerError
from materials.errors import MaterialsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

MEDIA_TYPE: Final = "application/problem+json"
ROOTS: Final = (LedgerError, AuthzError, CertsError, MaterialsError, EdgeError)
RETRY_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the table: status, then title and advice in Chinese and English."""

    status: int
    title_zh: str
    title_en: str
    advice_zh: str
    advice_en: str


TABLE: Final[Mapping[str, Kind]] = {
    code: Kind(*row) for code, row in json.loads(files("api").joinpath("problems.json").read_text("utf-8")).items()
}


def document(code: str, request_id: str, fields: Mapping[str, str | int]) -> dict[str, Any]:
    """One problem document.

    Args:
        code: a code of the table; an unknown one is answered as `internal`.
        request_id: the id under which the node's log tells the rest.
        fields: what the error carries; never personal data.
    """
    kind = TABLE.get(code, TABLE["internal"])
    return {
        "type": f"/docs/problems#{code}",
        "title": kind.title_en,
        "status": kind.status,
        "code": code,
        "detail": f"{kind.title_en}. {kind.advice_en}".strip(),
        "title_zh": kind.title_zh,
        "detail_zh": f"{kind.title_zh}。{kind.advice_zh}".strip(),
        "request_id": request_id,
    } | ({"fields": dict(fields)} if fields else {})


def respond(request: Request, code: str, fields: Mapping[str, str | int] | None = None) -> Response:
    """The answer for a code."""
    body = document(code, request.scope["state"]["request_id"], fields or {})
    headers = {"Cache-Control": "no-store"}
    if body["status"] in {429, 503}:
        headers["Retry-After"] = str(RETRY_SECONDS)
    if body["status"] == 401:  # noqa: PLR2004 - RFC 9110 15.5.2 wants the challenge
        headers["WWW-Authenticate"] = f'DPoP error="{code}", algs="ES256 EdDSA"'
    return Response(json.dumps(body, ensure_ascii=False), body["status"], headers, MEDIA_TYPE)


MISSING: Final = {"item_code": "item-missing", "cause": "cause-missing", "operator": "operator-missing"}


def _validation(request: Request, error: Exception) -> Response:
    """What pydantic found, by place and kind; the offending values are never repeated (they may be personal)."""
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    for finding in found:
        name = str(finding["loc"][-1])
        if name in MISSING and finding["type"] in {"missing", "string_too_short"}:
            return respond(request, MISSING[name])
    places = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['type']}" for item in found[:10])
    return respond(request, "malformed-request", {"places": places})


def _http(request: Request, error: Exception) -> Response:
    codes = {404: "not-found", 405: "method-not-allowed", 413: "body-too-large"}
    status = error.status_code if isinstance(error, HTTPException) else 500
    return respond(request, codes.get(status, "malformed-request" if status < 500 else "internal"))  # noqa: PLR2004


def _known(request: Request, error: Exception) -> Response:
    code = getattr(error, "code", "internal")
    if reason := getattr(error, "reason", ""):  # why in truth; never told, and never part of a credential's content
        log.info("refused", code=code, reason=reason, request_id=request.scope["state"]["request_id"])
    if TABLE.get(code, TABLE["internal"]).status >= 500:  # noqa: PLR2004
        log.error(
            "failed", code=code, request_id=request.scope["state"]["request_id"], cause=type(error.__cause__).__name__
        )
    return respond(request, code, getattr(error, "fields", {}))


def _database(request: Request, error: Exception) -> Response:
    """A database that does not answer: nothing was acknowledged, the caller may repeat."""
    log.error("database", request_id=request.scope["state"]["request_id"], kind=type(error).__name__)
    lost = isinstance(error, PoolTimeoutError) or getattr(error, "connection_invalidated", False)
    return respond(request, "database-unavailable" if lost or "Operational" in type(error).__name__ else "internal")


def _unknown(request: Request, error: Exception) -> Response:
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-8:]
    ]
    # The message is left out on purpose: a library may have put a caller's value into it.
    log.error("bug", request_id=request.scope["state"]["request_id"], kind=type(error).__name__, frames=frames)
    return respond(request, "internal")


def install(app: FastAPI) -> None:
    """Let every error leave as a problem document."""
    for root in ROOTS:
        app.add_exception_handler(root, _known)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeoutError, _database)
    app.add_exception_handler(Exception, _unknown)
