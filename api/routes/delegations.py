"""Delegations: signed by whoever gives, used by signing in another's name, ended by any of their parties.

As with grants no token of ours is needed: the ID token in the body, whose `nonce` is the digest of the terms, is login
and evidence. The terms name people by salted commitments; codes and salts come beside them, never stored in clear.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response, Security

from api.routes import edge
from api.signerschemas import DelegationIn, WithdrawalIn
from authz.delegations import Named
from authz.delegationterms import DelegationBody, ending
from authz.errors import InvalidTermsError
from authz.noticekinds import NoticeKind
from ledger import bundle
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from api.signerschemas import NamedIn
    from authz.delegations import Delegation

router = APIRouter(prefix="/v1", tags=["delegations"])


def document(node: Node, held: Delegation) -> dict[str, Any]:
    """A delegation as its parties see it."""
    over = node.clock.now() >= held.terms.valid_to
    return {
        "delegation_id": held.terms.id,
        "state": "ended" if held.ended_at else "expired" if over else "active",
        "terms": held.terms.document(),
        "digest": held.digest,
        "chain": list(held.chain),
        "given_at": rfc3339(held.given_at),
        "ended_at": rfc3339(held.ended_at) if held.ended_at else None,
        "entry_id": held.entry_id,
    }


@router.post("/delegations", status_code=201, summary="Let somebody act for you, or for whom you represent")
def give(request: Request, body: DelegationIn) -> Response:
    """Hand in terms and a signature over their digest. Needs an Idempotency-Key.

    `principal` and `delegate` open the commitments in the terms: SHA-256 over the salt (16 bytes) and the canonical
    `{"code","country","type"}`, base64url. A child names its `parent` and is signed by the parent's delegate.
    """
    node = edge.node_of(request)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        terms = DelegationBody.of(body.terms)
        made = node.delegations.give(db, terms, _named(body.principal), _named(body.delegate), body.signed)
        _tell(node, db, made, NoticeKind.delegation_given)
        return 201, document(node, made)

    return edge.once(node, request, f"delegation {str(body.terms.get('id'))[:64]}", body, act)


@router.get("/delegations/{delegation_id}", summary="A delegation")
def get(request: Request, delegation_id: str) -> dict[str, Any]:
    """Its terms and state, for whoever was told its id; it names nobody."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        return document(node, node.delegations.get(db, edge.uuid(delegation_id)))


@router.get(
    "/delegations/{delegation_id}/evidence",
    summary="The proof of a delegation that a grant to you rests on",
    dependencies=[Security(edge.signed)],
)
def evidence(request: Request, delegation_id: str) -> dict[str, Any]:
    """The evidence bundle of a chain of delegations: what was signed, by whom, with which key; verifies offline.

    For organisations that hold a grant signed by it, or by one below it.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        return evidence_of(node, db, node.consents.relied_on(db, caller, edge.uuid(delegation_id)))


def evidence_of(node: Node, db: Connection, held: Delegation) -> dict[str, Any]:
    """The evidence bundle of a delegation and those above it, as grantees and its parties get it."""
    shown = node.consents.of_delegation(db, held)
    links = shown.entries.pop("delegation")
    made = bundle.build(db, node.evidence, "delegation", links, beside=shown.entries, members=shown.members)
    return node.lag.say(db, made)


@router.get("/delegations/{delegation_id}/end", summary="What to sign to end a delegation")
def what_to_end(delegation_id: str) -> dict[str, Any]:
    """The canonical words and their digest."""
    terms, digest = ending(edge.uuid(delegation_id))
    return {"terms": json.loads(terms), "digest": digest}


@router.post("/delegations/{delegation_id}/end", summary="End a delegation")
def end(request: Request, delegation_id: str, body: WithdrawalIn) -> Response:
    """End it, and all that hangs below it, for every use recorded after this. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    held = edge.uuid(delegation_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        ended = node.delegations.end(db, held, body.signed)
        _tell(node, db, ended, NoticeKind.delegation_ended)
        return 200, document(node, ended)

    return edge.once(node, request, f"delegation {held}", body, act)


def _tell(node: Node, db: Connection, held: Delegation, kind: NoticeKind) -> None:
    """Tell everybody who has a part in it, by another channel than the one it was signed by."""
    for holder_id in dict.fromkeys((held.principal_id, held.delegator_id, held.delegate_id)):
        node.notices.tell(db, holder_id, kind, held.terms.id)


def _named(given: NamedIn) -> Named:
    kind, name, identifiers = edge.named(given.holder)
    if len(identifiers) != 1:
        raise InvalidTermsError(term="identifiers")
    try:
        salt = urlsafe_b64decode(given.salt + "==")
    except ValueError as error:
        raise InvalidTermsError(term="salt") from error
    return Named(kind, name, identifiers[0], salt)
