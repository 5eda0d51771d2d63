"""Codes that holders show, and what holders sign for them: 亮证, 离线随申码, 一企一码, and the holder's inbox.

The holder's routes need no token of ours: the signature in the body over the digest of `request`, by a login or by an
enrolled key, is login and evidence (DESIGN 7). The id of a request names what comes of it, so sending it again changes
nothing and gives the same answer; that is also why answers with a code in them are not kept under an Idempotency-Key.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response, Security

from api import idempotency
from api.routes import deliveries, disputes, edge
from api.showschemas import CounterCodeIn, HolderRequestIn, SignedIn
from authz.model import Act, Identifier
from certs import qr
from certs.errors import UnknownLicenceError
from certs.model import CodeKind
from certs.requests import HolderRequest
from ledger.clock import rfc3339
from ledger.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from api.node import Node
    from authz.model import Party
    from certs.model import Code, Presentation

router = APIRouter(prefix="/v1", tags=["presentation"])

_PRIVATE: Final = {"Cache-Control": "no-store"}


def code_document(node: Node, code: Code, text: str) -> dict[str, Any]:
    """A code as its holder's app shows it."""
    return {
        "kind": code.kind.value,
        "code": text,
        "svg": qr.svg(text),
        "png": base64.b64encode(qr.png(text)).decode(),
        "made_at": rfc3339(code.made_at),
        "expires_at": rfc3339(code.expires_at),
        "seconds_left": max(0, int((code.expires_at - node.clock.now()).total_seconds())),
        "entry_id": code.entry_id,
    }


def held_document(node: Node, code: Code) -> dict[str, Any]:
    """A code as its holder sees it afterwards, by whomever it was made; without its text."""
    live = code.kind is CodeKind.live
    return {
        "code_id": code.id,
        "kind": code.kind.value,
        "state": state_of(node, code),
        "licence_id": code.licence_id,
        "channel": code.channel,
        "audience": {"org": code.audience_org, "counter": code.audience_counter} if live else None,
        "made_at": rfc3339(code.made_at),
        "expires_at": rfc3339(code.expires_at),
        "void_reason": code.void_reason,
    }


def state_of(node: Node, code: Code) -> str:
    """Where a code stands, in one word."""
    if code.voided_at is not None:
        return "void"
    if code.used_at is not None:
        return "shown"
    return "expired" if node.clock.now() >= code.expires_at else "waiting"


def scan_documents(node: Node, db: Connection, held: Sequence[Presentation]) -> list[dict[str, Any]]:
    """Scans as the holder sees them: who, where, for what, and what they saw."""
    parties = {party_id: node.parties.party(db, party_id) for party_id in {each.party_id for each in held}}
    return [scan_document(each, parties[each.party_id]) for each in held]


def scan_document(held: Presentation, party: Party) -> dict[str, Any]:
    """One of them."""
    return {
        "presentation_id": held.id,
        "organisation": party.name,
        "org_code": party.org_code,
        "counter": held.counter,
        "scenario": held.scenario,
        "code_kind": held.code_kind,
        "licence_id": held.licence_id,
        "fields": list(held.fields),
        "status": held.status,
        "refused": held.reason,
        "at": rfc3339(held.at),
        "entry_id": held.entry_id,
    }


@router.post("/holder-requests", summary="What a holder has to sign")
def prepare(body: HolderRequestIn) -> dict[str, Any]:
    """The canonical request with a fresh id, and its digest: log in with it as `nonce`. Nothing is kept."""
    fresh = new_id()
    subject = fresh if body.action in {"inbox", "session", "ledger"} else body.subject
    asked = HolderRequest(body.action, fresh, subject, body.terms)
    return {"request": asked.document(), "digest": asked.digest}


@router.post("/codes", status_code=201, summary="Make a code to show")
def make(request: Request, body: SignedIn) -> Response:
    """Make a live code (`show`, 60 seconds, once), a printed one (`print-code`) or a company's (`company-code`).

    Sent again while the code stands, the same request gives the same code.
    """
    node = edge.node_of(request)
    asked = edge.asked_of(node, body, "show", "print-code", "company-code")
    makers = {"show": node.codes.show, "print-code": node.codes.print_, "company-code": node.codes.company}
    with node.database.unit() as db:
        code, text = makers[asked.action](db, asked, body.signed)
    answer = {"code_id": code.id, **code_document(node, code, text)}
    return Response(edge.dump(answer), 201, _PRIVATE, "application/json")


@router.post(
    "/codes/counter", status_code=201, summary="Print a code at a counter", dependencies=[Security(edge.signed)]
)
def make_at_counter(request: Request, body: CounterCodeIn) -> Response:
    """Make a printed code for the holder whose identity card was read at a kiosk or window. Needs an Idempotency-Key.

    The one before is void. Its id is the holder's to know and not told here.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "present")
    key = idempotency.check_key(request.headers.get("idempotency-key"))
    identity = Identifier(body.identity.type, body.identity.code, body.identity.country)
    with node.database.unit() as db:
        node.counter.let(db, caller, body.operator, Act.assist)
        holder_id = node.holders.resolve(db, identity)
        if holder_id is None:
            raise UnknownLicenceError
        code, text = node.codes.print_at_counter(
            db, caller, body.operator, key=key, licence_id=body.licence_id, holder_id=holder_id, channel=body.channel
        )
    return Response(edge.dump(code_document(node, code, text)), 201, _PRIVATE, "application/json")


@router.get("/codes/{code_id}", summary="What became of a code")
def get_code(request: Request, code_id: str) -> dict[str, Any]:
    """State of a code and its newest 200 scans, refused ones too; for the holder's app, which alone has the id."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        code = node.codes.get(db, edge.uuid(code_id))
        scans = scan_documents(node, db, node.presentations.of_code(db, code.id))
    return held_document(node, code) | {"scans": scans}


@router.post("/codes/{code_id}/revocation", summary="Revoke a lasting code")
def revoke(request: Request, code_id: str, body: SignedIn) -> Response:
    """Void a printed code or a company's (`void-code`), from now on. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    asked = edge.holder_asks(request, body, "void-code", code_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        code = node.codes.void(db, asked, body.signed)
        return 200, {"code_id": code.id, "state": state_of(node, code), "void_reason": code.void_reason}

    return edge.once(node, request, f"code {asked.subject}", body, act)


@router.post("/inbox", summary="What came to a holder, and who saw what")
def inbox(request: Request, body: SignedIn) -> Response:
    """Deliveries, disputes, scans and lasting codes of the person who signs (`inbox`): the newest 200 of each."""
    node = edge.node_of(request)
    asked = edge.asked_of(node, body, "inbox")
    with node.database.unit() as db:
        holder_id = node.signatures.person(db, body.signed, asked.digest, reading=True).holder_id
        held = {
            "deliveries": [deliveries.document(each) for each in node.deliveries.of_holder(db, holder_id)],
            "disputes": disputes.of_holder(node, db, holder_id),
            "scans": scan_documents(node, db, node.presentations.of_holder(db, holder_id)),
            "codes": [held_document(node, each) for each in node.codes.of_holder(db, holder_id)],
        }
    return Response(edge.dump(held), 200, _PRIVATE, "application/json")
