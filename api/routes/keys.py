"""Keys holders sign with: offered, registered, enrolled by a login, shown, revoked (docs/signers.md).

As with grants no token of ours is needed. Nothing in an address or an answer names the holder; what the terms say of
them is a commitment.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from api.adapters import signers
from api.errors import LoginRefusedError
from api.routes import edge
from api.signerschemas import KeyIn, KeyProposalIn, WithdrawalIn
from authz.enrolment import EnrolmentTerms, revocation
from authz.signers import SignerKind
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.enrolments import SigningKey

router = APIRouter(prefix="/v1", tags=["keys"])


def document(key: SigningKey) -> dict[str, Any]:
    """A key as whoever knows its id sees it."""
    told = {name: value for name, value in asdict(key).items() if name not in {"id", "kind"}}
    times = {name: rfc3339(told[name]) for name in ("enrolled_at", "full_from")}
    ended = {"revoked_at": rfc3339(key.revoked_at) if key.revoked_at else None}
    state = "revoked" if key.revoked_at else "active"
    return {"key_id": key.id, "kind": key.kind.value, "state": state} | told | times | ended


@router.post("/login/token", summary="Exchange the login provider's code", tags=["token"])
def exchange(
    request: Request,
    code: Annotated[str, Form(min_length=1, max_length=2048)],
    redirect_uri: Annotated[str, Form(min_length=1, max_length=1024)],
    code_verifier: Annotated[str, Form(pattern=r"^[A-Za-z0-9._~-]{43,128}$")],
) -> Response:
    """For pages of this node: the ID token for a code, which the client's secret is needed for (RFC 6749 4.1.3).

    The demo's provider has an endpoint of its own and needs no secret.
    """
    node = edge.node_of(request)
    provider = node.login_client
    origins = (node.settings.base_url, *signers.site(node.settings).origins)
    if provider is None or not any(redirect_uri.startswith(f"{origin}/") for origin in origins):
        raise LoginRefusedError
    token = provider.exchange(code, redirect_uri, code_verifier)
    return Response(edge.dump({"id_token": token}), 200, {"Cache-Control": "no-store"}, "application/json")


@router.post("/keys/offers", status_code=201, summary="What a phone needs to make a key")
def offer(request: Request) -> dict[str, Any]:
    """A fresh id, and `PublicKeyCredentialCreationOptionsJSON` for a passkey of that id. Nothing is stored."""
    key_id, options = edge.node_of(request).enrolments.offer()
    return {"key_id": key_id, "public_key": options}


@router.post("/keys/proposals", summary="What to log in over to enrol a key")
def propose(request: Request, body: KeyProposalIn) -> dict[str, Any]:
    """The terms a registration makes, and their digest: log in with it as `nonce`. Nothing is stored."""
    held = edge.node_of(request).enrolments
    terms = held.propose(body.key_id, SignerKind(body.kind), body.registration, body.holder)
    return {"terms": terms.document(), "digest": terms.digest}


@router.post("/keys", status_code=201, summary="Enrol a key")
def enrol(request: Request, body: KeyIn) -> Response:
    """Hand in terms, what opens them, the registration and the login over them. Needs an Idempotency-Key.

    The holder is told by another channel. Until `full_from` the key opens nothing of level 3 or more.
    """
    node = edge.node_of(request)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        terms = EnrolmentTerms.of(body.terms)
        return 201, document(node.enrolments.enrol(db, terms, body.salt, body.registration, body.id_token))

    return edge.once(node, request, f"key {str(body.terms.get('id'))[:64]}", body, act)


@router.get("/keys/{key_id}", summary="A key")
def get(request: Request, key_id: str) -> dict[str, Any]:
    """Its kind and state, for whoever was told its id."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        return document(node.enrolments.get(db, edge.uuid(key_id)))


@router.get("/keys/{key_id}/revocation", summary="What to sign to revoke a key")
def what_to_revoke(key_id: str) -> dict[str, Any]:
    """The canonical words and their digest."""
    terms, digest = revocation(edge.uuid(key_id))
    return {"terms": json.loads(terms), "digest": digest}


@router.post("/keys/{key_id}/revocation", summary="Revoke a key")
def revoke(request: Request, key_id: str, body: WithdrawalIn) -> Response:
    """End a key for every signature taken after this; what it signed stands until withdrawn.

    Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    held = edge.uuid(key_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 200, document(node.enrolments.revoke(db, held, body.signed))

    return edge.once(node, request, f"key {held}", body, act)
