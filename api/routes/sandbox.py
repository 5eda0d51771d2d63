"""The sandbox over HTTP, on nodes in demo mode only (`api.demo.sandbox`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Request, Response, Security
from pydantic import Field

from api.demo import sandbox
from api.partyschemas import Jwk, Pem
from api.routes import edge, grants
from api.schemas import Strict, shown
from authz.store import selfchecks
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

router = APIRouter(prefix="/v1/sandbox", tags=["sandbox"])

_LISTED = 50


class TenantIn(Strict):
    """Public keys or certificates of the system that wants to try."""

    model_config = shown(
        {
            "keys": [
                {
                    "kty": "EC",
                    "crv": "P-256",
                    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                }
            ]
        }
    )

    keys: Annotated[tuple[Jwk, ...], Field(max_length=4)] = ()
    certificates: Annotated[tuple[Pem, ...], Field(max_length=4)] = ()


class SelfCheckIn(Strict):
    """What the system kept of its use: the receipt, and the digest of what it received."""

    model_config = shown({"receipt": None, "sha256": None})

    receipt: dict[str, Any] | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


@router.post("/tenants", status_code=201, summary="Open a tenant of the sandbox")
def tenant(request: Request, body: TenantIn) -> Response:
    """A client for the given keys, with all that its first calls need. No login: nothing here is real.

    Needs an Idempotency-Key.
    """
    node = edge.node_of(request)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 201, sandbox.open_tenant(node, db, body.keys, body.certificates)

    return edge.once(node, request, "sandbox", body, act)


@router.post("/asks/{ask_id}/approval", summary="Let the holder approve", dependencies=[Security(edge.signed)])
def approval(request: Request, ask_id: str) -> Response:
    """The demo holder signs what you asked, as on a telephone. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    held = edge.uuid(ask_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 201, grants.grant_document(node, sandbox.approve(node, db, caller, held))

    return edge.once(node, request, caller.client_id, None, act)


@router.post(
    "/self-checks", status_code=201, summary="A report on what you tried", dependencies=[Security(edge.signed)]
)
def self_check(request: Request, body: SelfCheckIn) -> Response:
    """Each step passed or open, from what this node saw you do. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "")
    receipt = sandbox.read(node, body.receipt)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 201, sandbox.check(node, db, caller, receipt, body.sha256)

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/self-checks", summary="Your reports", dependencies=[Security(edge.signed)])
def self_checks(request: Request) -> dict[str, Any]:
    """The 50 newest."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "")
    with node.database.glance() as db:
        held = selfchecks.listed(db, caller.client_id, _LISTED)
    return {"reports": [each | {"at": rfc3339(each["at"])} for each in held]}
