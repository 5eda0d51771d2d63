"""Bulk gathering (归集) of licences: NDJSON in, an answer for each row, and the figures of quality.

`POST /v1/licences/gathering` is one unit with one promise. Good rows are taken and bad ones told by number, code and
the rule of quality they break; with `dry_run=true` nothing is written. The share of rows without a flaw is what the
policy documents measure (数据归集合规率); `TARGET` is their figure.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Final

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response, Security
from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError

from api import idempotency, problems, rows
from api.errors import MalformedRequestError, MediaTypeError
from api.idempotency import Answer
from api.node import Node
from api.routes import edge
from api.schemas import Code
from authz.model import Caller
from certs.gather import Gathered, GatheredRow, Refusal
from certs.lifecycle import day_of
from certs.store import gathered
from certs.store.gathered import Figures
from ledger.steps import execute, run

router = APIRouter(prefix="/v1/licences", tags=["licences"], dependencies=[Security(edge.signed)])

SCOPE: Final = "gather"
NDJSON: Final = "application/x-ndjson"
MINIMAL: Final = "return=minimal"
"""RFC 7240 4.2: only refused and late rows are told, and the last line."""
TARGET: Final = 0.976
"""数据归集合规率 97.6 % (DESIGN 8)."""
MAX_ROW: Final = 64 * 1024
"""Bytes of one row; scopes of business are long."""
_DAYS: Final = 30
_TRIES: Final = 3

_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {NDJSON: {"schema": {"type": "string", "description": "one licence a line, see docs/licences.md"}}},
    },
    "responses": {
        "200": {
            "description": "a line for each row, then one with figures and promise",
            "content": {NDJSON: {"schema": {"type": "string"}}},
        }
    },
}
Handle = Annotated[Code, Query(description="handle of a registrar; nobody else may gather")]
Since = Annotated[date | None, Query(description="归集起始时间: what changed before is a backlog, never late")]


@router.post("/gathering", summary="Gather licences issued elsewhere or before", openapi_extra=_BODY)
async def gather(request: Request, operator: Handle = "", since: Since = None, *, dry_run: bool = False) -> Response:
    """Take in many licences (`application/x-ndjson`), each judged by itself. Needs an Idempotency-Key.

    At most 10,000 rows and 4 MiB. The answer is the acknowledgement: rows taken are durable and promised for the log.
    With `dry_run` everything is judged and nothing written.
    """
    node = edge.node_of(request)
    caller = await edge.caller_async(node, request, SCOPE)
    key = idempotency.check_key(request.headers.get("idempotency-key"))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != NDJSON or request.headers.get("content-encoding", "identity").lower() != "identity":
        raise MediaTypeError
    body = await rows.receive(request.stream())
    terms = {"operator": operator, "since": since, "dry_run": dry_run}
    return await anyio.to_thread.run_sync(_take, node, request, caller, key, body, terms)


def _take(node: Node, request: Request, caller: Caller, key: str, body: bytes, terms: dict[str, Any]) -> Response:
    """The work, in a thread."""
    minimal = MINIMAL in request.headers.get("prefer", "").replace(" ", "").lower()
    asked = edge.fingerprint(request, None, f"{terms}\n".encode() + body)
    with node.database.glance() as db:
        before = run(db, node.answers.find(caller.client_id, key, asked))
        if before is None:
            node.refuse_bulk_when_overdue(db)
    if before is not None:
        return _lines(before)
    read = node.gathering.read(caller, rows.values(body, longest=MAX_ROW))
    tries = 0
    while True:
        try:
            return _lines(_write(node, caller, (key, asked), read, terms, minimal=minimal))
        except (UniqueViolation, IntegrityError):
            # Another unit took the number or place of a row between our look and our write, or answered this very
            # request: a second look tells.
            with node.database.glance() as db:
                before = run(db, node.answers.find(caller.client_id, key, asked))
            tries += 1
            if before is None and tries == _TRIES:
                raise
        if before is not None:
            return _lines(before)


def _write(
    node: Node,
    caller: Caller,
    name: tuple[str, bytes],
    read: list[GatheredRow | Refusal],
    terms: dict[str, Any],
    *,
    minimal: bool,
) -> Answer:
    """The unit; its answer is kept with it, but for a dry run."""
    operator, since, dry_run = terms["operator"], terms["since"], terms["dry_run"]
    with node.database.unit() as db:
        told = node.gathering.take(db, caller, operator, read, since=since, dry_run=dry_run)
        answer = Answer(200, _told(told, minimal=minimal))
        if not dry_run:
            execute(db, node.answers.keep(caller.client_id, *name, answer))
    return answer


def _told(told: Gathered, *, minimal: bool) -> bytes:
    lines: dict[int, dict[str, Any]] = {}
    if not minimal:
        for number, (licence, licence_id) in told.taken.items():
            lines[number] = {"licence": licence, "licence_id": licence_id} if licence else {"would": "take"}
        lines |= {number: {"known": True} for number in told.known}
    for number in told.late:
        lines.setdefault(number, {})["flaw"] = "late"
    for each in told.refused:
        said = problems.TABLE[each.code]
        lines[each.number] = {"code": each.code, "title": said.title_en, "title_zh": said.title_zh}
        lines[each.number] |= {"flaw": each.flaw.value} | ({"fields": dict(each.fields)} if each.fields else {})
    whole = told.whole
    figures = {name: getattr(whole, name) for name in Figures.__slots__} | {"known": len(told.known)}
    last = {"taken": len(told.taken), "refused": len(told.refused), "figures": figures}
    last |= {"promise": told.promise.to_json() if told.promise else None}
    rows_ = [{"row": number, **lines[number]} for number in sorted(lines)]
    return b"".join(edge.dump(line) + b"\n" for line in [*rows_, last])


@router.get("/gathering", summary="What was gathered, and how well")
def figures(request: Request, first: date | None = None, last: date | None = None) -> dict[str, Any]:
    """Rows gathered by your organisation from day to day (the last 30 days), by type, with the compliance rate."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    until = last or day_of(node.clock.now())
    since = first or until - timedelta(days=_DAYS)
    if since > until:
        raise MalformedRequestError(places="first, last")
    with node.database.glance() as db:
        held = gathered.figures_of(db, caller.party_id, since, until)
    whole = Figures(*(sum(getattr(each, name) for each in held.values()) for name in Figures.__slots__))
    return {
        "first": since.isoformat(),
        "last": until.isoformat(),
        "target": TARGET,
        "whole": _shown(whole),
        "types": [{"type": code or None, **_shown(each)} for code, each in held.items()],
    }


def _shown(held: Figures) -> dict[str, Any]:
    """Figures with the rates of the three rules and of all of them together."""
    shown: dict[str, Any] = {name: getattr(held, name) for name in Figures.__slots__}
    rate = held.compliance
    if rate is not None:
        flaws = {"completeness": held.incomplete, "accuracy": held.inaccurate, "timeliness": held.late}
        shown |= {name: round(1 - count / held.rows, 4) for name, count in flaws.items()}
    return shown | {"compliance": None if rate is None else round(rate, 4)}


def _lines(answer: Answer) -> Response:
    return Response(answer.body, answer.status, media_type=NDJSON)
