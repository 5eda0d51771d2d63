"""Fetching licences (调证): what is there, one licence or all of a case, and whose file this is.

What is fetched is a use like any other: decided, recorded and receipted (`api.routes.uses`); its content, thumbnail and
receipt are at the addresses that the answer names. Identity codes stand in bodies only.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from fastapi import APIRouter, Request, Response, Security

from api import idempotency, metering, problems
from api.fetchschemas import AskingIn, FetchBatchIn, FetchIn, FetchSearchIn, FileCheckIn, SelectorIn, WantedIn
from api.routes import edge
from api.routes.uses import decided
from authz.limits import Cost
from authz.model import Identifier, Mode, UseRequest
from certs.errors import CertsError
from certs.files.check import check_ofd, check_pdf
from ledger.clock import rfc3339
from materials.fetching import AVAILABLE, Asking, Selector

if TYPE_CHECKING:
    from datetime import datetime

    from api.idempotency import Answer
    from api.node import Node
    from api.schemas import IdentifierIn
    from authz.model import Caller
    from certs.signing.model import TrustedCas
    from materials.fetching import FileFinding, Finding

router = APIRouter(prefix="/v1/fetch", tags=["fetch"], dependencies=[Security(edge.signed)])


@router.post("/search", summary="What there is for a case")
def search(request: Request, body: FetchSearchIn) -> dict[str, Any]:
    """For every licence the item demands: may it be used now, or what a use would be refused with. No content.

    Up to level 2 the answer is the full reason; above, before consent, only `ask-holder`, whether there is one or not.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    asking, holder = _asking(body), _identifier(body.holder)
    with node.database.glance() as db:
        found = node.fetching.search(db, caller, asking, Mode(body.mode), holder, body.type_codes)
    with node.database.unit() as db:
        entry_id = node.fetching.record(db, caller, asking, holder, sorted({each.kind.code for each in found}))
    return {"licences": [_finding(each) for each in found], "entry_id": entry_id}


@router.post("", status_code=201, summary="Use the licence that is meant")
async def fetch(request: Request, body: FetchIn) -> Response:
    """By holder and type, by 电子证照标识, by 用证码 or by its number; answered like `POST /v1/uses`.

    Mode `verify` says whether it stands, `data` gives named fields, masked unless granted in clear, `copy` a file with
    a mark of who took it and why. Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = await edge.caller_async(node, request, "use")
    key = idempotency.check_key(request.headers.get("idempotency-key"))
    return edge.json_response(await _use(node, caller, _asking(body), body, key, edge.fingerprint(request, body)))


@router.post("/batch", summary="Use many licences in one case")
async def batch(request: Request, body: FetchBatchIn) -> dict[str, Any]:
    """Each row is a use of its own, with its own answer: a status, and the use or a problem. Needs an Idempotency-Key.

    Without `wanted`, every licence of the applicant that the item demands and that may be used now.
    """
    node = edge.node_of(request)
    caller = await edge.caller_async(node, request, "use")
    key = idempotency.check_key(request.headers.get("idempotency-key"))
    asking = _asking(body)
    wanted = list(body.wanted)
    if not wanted:
        found = await anyio.to_thread.run_sync(_search, node, caller, asking, Mode(body.mode))
        wanted = [
            WantedIn(use_code=each.use_code, mode=body.mode, fields=body.fields)
            for each in found
            if each.answer == AVAILABLE
        ]
    metering.further(node, caller, Cost.uses, len(wanted))
    asked, whole = edge.fingerprint(request, body), sha256(key.encode()).hexdigest()
    rows = []
    for number, row in enumerate(wanted):
        given = await _row(request, node, caller, asking, row, f"{whole}/{number}", asked)
        rows.append({"row": number, **given})
    return {"rows": rows}


@router.post("/file-check", summary="Whose file this is")
def check_file(request: Request, body: FileCheckIn) -> dict[str, Any]:
    """A sealed original of this library, a derived copy and for how long it may be relied on, or neither.

    `unknown` is every file of which one byte differs from what was issued; where the file itself was sent, `seal` says
    what is wrong with it: altered, added to, its seal removed, its signer expired or revoked.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    asking = _asking(body)
    digest = sha256(body.content).hexdigest() if body.content is not None else body.sha256 or ""
    with node.database.unit() as db:
        found = node.fetching.recognise(db, caller, asking, digest)
        entry_id = node.fetching.record(db, caller, asking, None, [found.what])
        trusted = node.seal_register.trusted(db)
    told = _file(found) | {"entry_id": entry_id}
    if body.content is not None:
        told["seal"] = _seal(body.content, trusted, _moment(found, node.clock.now()))
    return told


def _moment(found: FileFinding, now: datetime) -> datetime:
    """When the seals of a file must have been good: when it was made, where we made it, else now."""
    if found.copy is not None and found.copy.made_at is not None:
        return found.copy.made_at
    return now if found.licence is None else found.licence.issued_at


def _seal(content: bytes, trusted: TrustedCas, at: datetime) -> dict[str, Any]:
    """Whether a file's seals hold, and whose they are."""
    check = check_ofd if content.startswith(b"PK") else check_pdf
    try:
        checked = check(content, trusted, at)
    except CertsError as error:
        return {"problem": error.code, "sealed_by": []}
    return {"problem": None, "sealed_by": [each.org_code for each in checked.seals]}


async def _row(
    request: Request, node: Node, caller: Caller, asking: Asking, row: WantedIn, key: str, asked: bytes
) -> dict[str, Any]:
    try:
        given = await _use(node, caller, asking, row, key, asked)
    except problems.ROOTS as error:
        request_id = request.scope["state"]["request_id"]
        problem = problems.document(error.code, request_id, getattr(error, "fields", {}))
        return {"status": problem["status"], "problem": problem}
    return {"status": given.status, "use": edge.load(given)}


async def _use(
    node: Node, caller: Caller, asking: Asking, wanted: FetchIn | WantedIn, key: str, asked: bytes
) -> Answer:
    object_id = await anyio.to_thread.run_sync(_select, node, caller, asking, wanted)
    request = UseRequest(
        object_id,
        Mode(wanted.mode),
        asking.case_no,
        asking.item_code,
        asking.cause,
        asking.operator,
        wanted.grant_id,
        tuple(sorted(set(wanted.fields))),
    )
    return await decided(node, caller, request, key, asked)


def _select(node: Node, caller: Caller, asking: Asking, wanted: SelectorIn) -> str:
    selector = Selector(
        wanted.identifier,
        wanted.use_code,
        wanted.type_code,
        _identifier(wanted.holder),
        wanted.licence_no,
        wanted.issuer_code,
    )
    with node.database.glance() as db:
        return node.fetching.select(db, caller, asking, selector)


def _search(node: Node, caller: Caller, asking: Asking, mode: Mode) -> list[Finding]:
    with node.database.glance() as db:
        return node.fetching.search(db, caller, asking, mode, None, ())


def _asking(body: AskingIn) -> Asking:
    return Asking(body.case_no, body.item_code, body.cause, body.operator)


def _identifier(given: IdentifierIn | None) -> Identifier | None:
    return None if given is None else Identifier(given.type, given.code, given.country)


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "licence_type": found.kind.code,
        "type_code": found.kind.material_type,
        "name": found.kind.name,
        "answer": found.answer,
        "basis": found.basis,
        "use_code": found.use_code,
    }


def _file(found: FileFinding) -> dict[str, Any]:
    told: dict[str, Any] = {"what": found.what}
    if found.licence is not None:
        told |= {
            "licence_type": found.licence.type_code,
            "version": found.licence.version,
            "status": found.status,
            "standing": found.standing,
        }
    if found.copy is not None:
        told |= {
            "copy_id": found.copy.id,
            "rendition": found.copy.rendition.value,
            "valid_from": rfc3339(found.copy.valid_from),
            "valid_to": rfc3339(found.copy.valid_to),
        }
    return told
