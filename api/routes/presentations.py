"""Scans: a verifier's terminal sends what it read and gets the fields of its scope and the live status.

The answer is about people, so it is kept nowhere: a request sent again with its Idempotency-Key within a minute is
answered anew from the record of the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response, Security
from psycopg.errors import UniqueViolation

from api import idempotency, lean
from api.errors import IdempotencyKeyReusedError
from api.lean import LeanRoute
from api.observe import SCANS
from api.routes import edge
from api.showschemas import Counter, ScanIn
from authz.model import Identifier
from certs import qr
from certs.errors import PresentationRefusedError
from certs.model import LicenceStatus, Presentation
from certs.presenting import Scan
from certs.store.presentations import is_repeated
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from api.node import Node
    from authz.model import Caller
    from certs.presenting import Seen
    from ledger.steps import Steps

router = APIRouter(prefix="/v1", tags=["presentation"], dependencies=[Security(edge.signed)])

SCOPE: Final = "present"
SIGN: Final = "CLS1"
"""What a counter's own sign begins with: a holder's app reads from it for whom it makes a live code."""
_STATUS_ZH: Final = {
    LicenceStatus.valid: "有效",
    LicenceStatus.suspended: "暂扣",
    LicenceStatus.revoked: "撤销",
    LicenceStatus.cancelled: "注销",
    LicenceStatus.lapsed: "失效",
    LicenceStatus.transferred: "办理转出",
    LicenceStatus.withdrawn_permit: "吊销",
    LicenceStatus.other: "其他",
}


def record(held: Presentation) -> dict[str, Any]:
    """A presentation as its verifier keeps it: names of fields, no values."""
    return {
        "presentation_id": held.id,
        "code_kind": held.code_kind,
        "operator": held.operator,
        "counter": held.counter,
        "scenario": held.scenario,
        "fields": list(held.fields),
        "status": held.status,
        "at": rfc3339(held.at),
        "entry_id": held.entry_id,
    }


def document(seen: Seen) -> dict[str, Any]:
    """What a verifier sees."""
    licence, kind = seen.licence, seen.kind
    return {
        **record(seen.presentation),
        "licence": {
            "type": kind.code,
            "name": kind.name,
            "name_en": kind.name_en,
            "status": seen.status.value,
            "status_zh": _STATUS_ZH[seen.status],
            "status_at": rfc3339(licence.status_at),
            "disputed": licence.frozen,
            "valid_from": licence.valid_from.isoformat(),
            "valid_to": licence.valid_to.isoformat() if licence.valid_to else None,
        },
        "values": dict(seen.values),
        "holder": seen.holder,
        "others": list(seen.others),
        "promise": seen.promise.to_json() if seen.promise else None,
    }


@router.post("/presentations", status_code=201, summary="Verify a code that was scanned")
async def scan(request: Request, body: ScanIn) -> Response:
    """The fields of your scope and the status of this moment. Needs an Idempotency-Key and the scope `present`.

    A live code serves once, at the counter it was made for; with a printed code send the number of the identity card.
    """
    node = edge.node_of(request)
    caller = await edge.caller_async(node, request, SCOPE)
    key = idempotency.check_key(request.headers.get("idempotency-key"))
    asked = edge.fingerprint(request, body)
    card = body.identity
    identity = None if card is None else Identifier(card.type, card.code, card.country)
    wanted = Scan(body.code, body.operator, body.counter, body.scenario, identity, body.licence_type)
    try:
        seen = await node.loop_database.unit(_scan(node, caller, wanted, key, asked))
    except UniqueViolation as error:
        if not is_repeated(error):
            raise
        seen = await node.loop_database.unit(_repeated(node, caller, key, asked))
    if isinstance(seen, PresentationRefusedError):
        SCANS.labels(seen.code).inc()
        raise seen
    SCANS.labels("shown").inc()
    return Response(edge.dump(document(seen)), 201, {"Cache-Control": "no-store"}, "application/json")


def _scan(node: Node, caller: Caller, wanted: Scan, key: str, asked: bytes) -> Steps[Seen | PresentationRefusedError]:
    """The unit of a scan: the first of its key, or the same answer again."""
    yield from node.lag.refuse_rolled_back()
    answer = yield from node.presentations.scan(caller, wanted, key, asked)
    return (yield from _again(node, caller, answer, asked)) if isinstance(answer, Presentation) else answer


def _repeated(node: Node, caller: Caller, key: str, asked: bytes) -> Steps[Seen]:
    """The answer to a request whose key another of the same client used at the same time or before."""
    before = yield from node.presentations.find(caller.client_id, key)
    if before is None:
        raise IdempotencyKeyReusedError
    return (yield from _again(node, caller, before, asked))


def _again(node: Node, caller: Caller, before: Presentation, asked: bytes) -> Steps[Seen]:
    if before.fingerprint != asked:
        raise IdempotencyKeyReusedError
    return (yield from node.presentations.again(caller, before))


async def _scan_lean(request: Request, _: str) -> Response:
    return await scan(request, await lean.body(request, ScanIn))


@router.get("/presentations/{presentation_id}", summary="A presentation to your organisation")
def get_presentation(request: Request, presentation_id: str) -> dict[str, Any]:
    """Who scanned, where and when, which fields were seen, and the log entry; no values."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    with node.database.unit() as db:
        return record(node.presentations.of_party(db, caller, edge.uuid(presentation_id)))


@router.get("/counter-signs/{counter}", summary="A sign for your counter")
def counter_sign(request: Request, counter: Counter) -> dict[str, Any]:
    """The QR code a counter puts up: holders' apps read from it for whom they make a live code."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    text = f"{SIGN}:{caller.org_code}:{counter}"
    return {"org": caller.org_code, "counter": counter, "text": text, "svg": qr.svg(text)}


LEAN: Final = (LeanRoute("POST", "/v1/presentations", "/v1/presentations", _scan_lean),)
"""The hot path of a scan."""
