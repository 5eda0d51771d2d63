"""Problem documents (RFC 9457): one table from the packages' error codes to HTTP, in Chinese and English.

Below `api` nobody knows HTTP: packages raise errors with a stable `code`, this module says what a caller sees. A test
walks every error class of every package and fails when a code has no row in `problems.json`; `docs/problems.md` is the
same table for people (`python -m api.problems > docs/problems.md`), and so is the page `/docs/problems` of a node, to
which the `type` of every problem points.
"""

from __future__ import annotations

import html
import json
import sys
import traceback
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import psycopg
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.errors import EdgeError
from api.observe import log
from authz.errors import AuthzError
from authz.jose import SIGNING
from certs.errors import CertsError
from ledger.errors import LedgerError
from materials.errors import MaterialsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
        **({"error": code} if "_" in code else {}),  # RFC 6749 5.2: where OAuth libraries look
        **({"fields": dict(fields)} if fields else {}),
    }


_INTRO: Final = """\
# Problems · 错误代码

Every refusal is a problem document (RFC 9457, `application/problem+json`). `code` is stable, programs should look at
nothing else; `title` and `detail` are for people, with the Chinese text in `title_zh` and `detail_zh`; `fields` holds
what the advice speaks of, never personal data; `request_id` is what the operator of the node needs. With 429 and 503
comes `Retry-After`. Every code below has its row in `api/problems.json`; this page is made from it by
`python -m api.problems`.

| code | HTTP | 含义 · meaning | 怎么办 · what to do |
|---|---|---|---|
"""


def markdown() -> str:
    """The table for people, as `docs/problems.md` keeps it."""
    rows = (
        f'| <a id="{code}"></a>`{code}` | {kind.status} | {kind.title_zh}<br>{kind.title_en}'
        f" | {kind.advice_zh}<br>{kind.advice_en} |"
        for code, kind in sorted(TABLE.items())
    )
    return _INTRO + "\n".join(rows) + "\n"


_PAGE: Final = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<title>Cailian 材链 · 错误代码 Problems</title><meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:0 auto;padding:1rem;color:#1c2430}}
table{{border-collapse:collapse}}td,th{{border-bottom:1px solid #d5dae1;padding:.5rem;text-align:left}}
tr:target{{background:#fff3c4}}code{{white-space:nowrap}}</style></head>
<body><h1>错误代码 <small lang="en">Problems</small></h1><table>
<thead><tr><th>code</th><th>HTTP</th><th>含义 · meaning</th><th>怎么办 · what to do</th></tr></thead>
<tbody>
{rows}
</tbody></table></body></html>
"""


def page() -> str:
    """The same table as a page of the node, with an anchor for each code."""
    rows = (
        f'<tr id="{code}"><td><code>{code}</code></td><td>{kind.status}</td>'
        f'<td>{html.escape(kind.title_zh)}<br><span lang="en">{html.escape(kind.title_en)}</span></td>'
        f'<td>{html.escape(kind.advice_zh)}<br><span lang="en">{html.escape(kind.advice_en)}</span></td></tr>'
        for code, kind in sorted(TABLE.items())
    )
    return _PAGE.format(rows="\n".join(rows))


def respond(request: Request, code: str, fields: Mapping[str, str | int] | None = None) -> Response:
    """The answer for a code."""
    body = document(code, request.scope["state"]["request_id"], fields or {})
    headers = {"Cache-Control": "no-store"}
    if body["status"] in {429, 503}:
        headers["Retry-After"] = str((fields or {}).get("retry_after", RETRY_SECONDS))
    if body["status"] == 401:
        headers["WWW-Authenticate"] = f'DPoP error="{code}", algs="{" ".join(SIGNING)}"'
    return Response(json.dumps(body, ensure_ascii=False), body["status"], headers, MEDIA_TYPE)


MISSING: Final = {"item_code": "item-missing", "cause": "cause-missing", "operator": "operator-missing"}


def places(findings: Sequence[Any]) -> str:
    """Where pydantic found what kind of fault, the first ten; an unknown field's name is the caller's: left out.

    Args:
        findings: as `ValidationError.errors()` gives them.
    """

    def place(finding: Any) -> str:
        known = finding["loc"][:-1] if finding["type"] == "extra_forbidden" else finding["loc"]
        return f"{'.'.join(map(str, known))}: {finding['type']}"

    return "; ".join(place(finding) for finding in findings[:10])


def _validation(request: Request, error: Exception) -> Response:
    """What pydantic found, by place and kind; the offending values are never repeated (they may be personal)."""
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if any(finding["type"] == "json_invalid" for finding in found):
        return respond(request, "malformed-json")
    for finding in found:
        name = str(finding["loc"][-1])
        if name in MISSING and finding["type"] in {"missing", "string_too_short"}:
            return respond(request, MISSING[name])
    return respond(request, "malformed-request", {"places": places(found)})


def _http(request: Request, error: Exception) -> Response:
    codes = {
        400: "malformed-json",
        404: "not-found",
        405: "method-not-allowed",
        408: "body-too-slow",
        413: "body-too-large",
    }
    status = error.status_code if isinstance(error, HTTPException) else 500
    answer = respond(request, codes.get(status, "malformed-request" if status < 500 else "internal"))
    if isinstance(error, HTTPException) and error.headers:  # Allow, which RFC 9110 15.5.6 wants
        answer.headers.update(error.headers)
    return answer


def _known(request: Request, error: Exception) -> Response:
    code = getattr(error, "code", "internal")
    if reason := getattr(error, "reason", ""):  # why in truth; never told, and never part of a credential's content
        log.info("refused", code=code, reason=reason, request_id=request.scope["state"]["request_id"])
    if TABLE.get(code, TABLE["internal"]).status >= 500:
        log.error(
            "failed", code=code, request_id=request.scope["state"]["request_id"], cause=type(error.__cause__).__name__
        )
    return respond(request, code, getattr(error, "fields", {}))


def _database(request: Request, error: Exception) -> Response:
    """A database that does not answer: nothing was acknowledged, the caller may repeat."""
    log.error("database", request_id=request.scope["state"]["request_id"], kind=type(error).__name__)
    lost = isinstance(error, (PoolTimeoutError, psycopg.OperationalError)) or getattr(
        error, "connection_invalidated", False
    )
    return respond(request, "database-unavailable" if lost or "Operational" in type(error).__name__ else "internal")


def _unknown(request: Request, error: Exception) -> Response:
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-8:]
    ]
    # The message is left out on purpose: a library may have put a caller's value into it.
    log.error("bug", request_id=request.scope["state"]["request_id"], kind=type(error).__name__, frames=frames)
    return respond(request, "internal")


_HANDLERS: Final[tuple[tuple[type[Exception], Callable[[Request, Exception], Response]], ...]] = (
    *((root, _known) for root in ROOTS),
    (RequestValidationError, _validation),
    (HTTPException, _http),
    (DBAPIError, _database),
    (PoolTimeoutError, _database),
    (psycopg.Error, _database),
    (Exception, _unknown),
)


def install(app: FastAPI) -> None:
    """Let every error leave as a problem document."""
    for kind, handler in _HANDLERS:
        app.add_exception_handler(kind, handler)


def answer(request: Request, error: Exception) -> Response:
    """The problem document of an error, for routes outside the application."""
    return next(handler for kind, handler in _HANDLERS if isinstance(error, kind))(request, error)


if __name__ == "__main__":
    sys.stdout.write(markdown())
