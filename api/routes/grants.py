"""Asks, grants and withdrawals: a department asks, a holder signs exactly what is asked, and may take it back.

The holder's routes need no token of ours: the ID token in the body, whose `nonce` is the digest of what is signed, is
both login and evidence (DESIGN 7). The id of an ask or grant is the only thing in an address.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response, Security

from api.routes import edge
from api.schemas import AskIn
from api.signerschemas import GrantIn, WithdrawalIn
from authz.model import AskState, Mode
from authz.noticekinds import NoticeKind
from authz.terms import Frequency, withdrawal
from ledger import bundle
from ledger.clock import rfc3339
from materials.asking import Request as Asked, Wanted

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from api.schemas import AskedIn
    from authz.model import Ask, Grant

router = APIRouter(prefix="/v1", tags=["grants"])


def ask_document(node: Node, ask: Ask) -> dict[str, Any]:
    """An ask as both sides see it: the terms, and the digest to sign."""
    expired = ask.state is AskState.pending and node.clock.now() >= ask.expires_at
    return {
        "ask_id": ask.id,
        "state": "expired" if expired else ask.state.value,
        "terms": json.loads(ask.body),
        "digest": ask.digest,
        "created_at": rfc3339(ask.created_at),
        "expires_at": rfc3339(ask.expires_at),
        "grant_id": ask.grant_id,
        "batch_id": ask.batch_id,
    }


def grant_document(node: Node, grant: Grant) -> dict[str, Any]:
    """A grant and what is left of it."""
    now = node.clock.now()
    state = grant.state.value
    if state == "active":
        state = "expired" if now >= grant.valid_to else "used_up" if grant.uses_left == 0 else "active"
    return {
        "grant_id": grant.id,
        "state": state,
        "digest": grant.digest,
        "terms": json.loads(grant.body),
        "uses_left": grant.uses_left,
        "max_uses": grant.max_uses,
        "valid_from": rfc3339(grant.valid_from),
        "valid_to": rfc3339(grant.valid_to),
        "given_at": rfc3339(grant.given_at),
        "withdrawn_at": rfc3339(grant.withdrawn_at) if grant.withdrawn_at else None,
        "entry_id": grant.entry_id,
    }


def wanted(given: AskedIn) -> Wanted:
    """What a request wants, as `materials` knows it."""
    return Wanted(
        tuple(given.objects),
        tuple(given.type_codes),
        tuple(given.fields),
        Mode(given.mode),
        given.max_uses,
        given.valid_days,
        Frequency(given.frequency.count, given.frequency.unit) if given.frequency else None,
        given.fresh_days,
        tuple(given.regions),
    )


@router.post("/asks", status_code=201, summary="Ask a holder", dependencies=[Security(edge.signed)])
def ask(request: Request, body: AskIn) -> Response:
    """Ask the applicant of an open case to allow uses of named objects or types. Needs an Idempotency-Key.

    One consent: things of security level 3 or 4 are asked each by itself, or in a batch (`POST /v1/ask-batches`).
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        asked = Asked(body.case_no, body.operator, body.cause, (wanted(body),), body.channel, of=body.of)
        batch = node.asking.ask(db, caller, asked, single=True)
        return 201, ask_document(node, batch.asks[0])

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/asks/{ask_id}", summary="What is asked")
def get_ask(request: Request, ask_id: str) -> dict[str, Any]:
    """The exact terms and their digest, for the holder to read and sign."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        return ask_document(node, node.asks.get(db, edge.uuid(ask_id)))


@router.post("/grants", status_code=201, summary="Give what is asked")
def give(request: Request, body: GrantIn) -> Response:
    """Hand in a signature over the digest of the ask: an ID token with it as `nonce`, or one by an enrolled key.

    Needs an Idempotency-Key.
    """
    node = edge.node_of(request)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 201, grant_document(node, node.asks.approve(db, body.ask_id, body.signed))

    return edge.once(node, request, f"ask {body.ask_id}", body, act)


@router.get("/grants/{grant_id}", summary="A grant made to you", dependencies=[Security(edge.signed)])
def get_grant(request: Request, grant_id: str) -> dict[str, Any]:
    """State and remaining uses of a grant whose grantee you are."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        return grant_document(node, node.grants.of_grantee(db, caller, edge.uuid(grant_id)))


@router.get(
    "/grants/{grant_id}/evidence", summary="The proof of a grant made to you", dependencies=[Security(edge.signed)]
)
def grant_evidence(request: Request, grant_id: str) -> dict[str, Any]:
    """The evidence bundle of a grant and of its end: what was signed, by whom, with which key; verifies offline."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        shown = node.consents.of_grant(db, node.grants.of_grantee(db, caller, edge.uuid(grant_id)))
        given = shown.entries.pop("grant")
        made = bundle.build(db, node.evidence, "grant", given, beside=shown.entries, members=shown.members)
        return node.lag.say(db, made)


@router.get("/grants/{grant_id}/withdrawal", summary="What to sign to withdraw a grant")
def what_to_withdraw(grant_id: str) -> dict[str, Any]:
    """The canonical withdrawal and its digest."""
    terms, digest = withdrawal(edge.uuid(grant_id))
    return {"terms": json.loads(terms), "digest": digest}


@router.post("/grants/{grant_id}/withdrawal", summary="Withdraw a grant")
def withdraw(request: Request, grant_id: str, body: WithdrawalIn) -> Response:
    """Take a grant back, with effect for every use recorded after it. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    held = edge.uuid(grant_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        grant = node.grants.withdraw(db, held, body.signed)
        node.notices.tell(db, grant.grantor_id, NoticeKind.grant_withdrawn, grant.id, party_id=grant.grantee_id)
        return 200, grant_document(node, grant)

    return edge.once(node, request, f"grant {held}", body, act)
