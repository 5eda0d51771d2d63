"""District sub-chains (区级子链): a district's worker shows its checkpoints here; anybody may look how they stand.

Like a witness, `POST` needs no token: the signature under the checkpoint is the credential, and repeating a request
changes nothing, so it takes no Idempotency-Key either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response

from api.routes import edge
from api.schemas import Code
from ledger import districts, shown, store
from ledger.clock import rfc3339
from ledger.cosign import AddCheckpoint
from ledger.districts import Refused
from ledger.errors import CheckpointRequestError, NoteError
from ledger.strictjson import b64

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.districts import Refusal, Status

router = APIRouter(prefix="/v1", tags=["districts"])

_LARGEST: Final = 2**53 - 1
_EXAMPLE: Final = "old 0\n\ncailian.example/log/310113\n1\n<root>\n\n— cailian.example/log/310113 <signature>\n"
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "add-checkpoint of C2SP tlog-witness: old size, consistency proof, empty line, checkpoint",
        "content": {"text/plain": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


async def raw_body(request: Request) -> bytes:
    """The body as it came; `api.limits` has bounded it."""
    return await request.body()


@router.get("/districts", summary="The districts whose logs this node watches")
def list_districts(request: Request) -> dict[str, Any]:
    """Each with its newest accepted checkpoint, how long ago it was heard, and what was refused."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held = districts.statuses(db)
    now = node.clock.now()
    return {"division": node.settings.division, "districts": [status_document(each, now) for each in held]}


@router.get("/districts/{division}", summary="One district, with the refusals kept as evidence")
def one_district(request: Request, division: Code) -> dict[str, Any]:
    """As above; each refusal holds the signed note that contradicts an accepted one, and where that one is logged."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held, kept = districts.status(db, division), districts.refusals(db, division)
    return status_document(held, node.clock.now()) | {"refusals": [refusal_document(each) for each in kept]}


@router.get("/districts/{division}/checkpoints/{size}", summary="The receipt of an accepted checkpoint")
def receipt(request: Request, division: Code, size: Annotated[int, Path(ge=1, le=_LARGEST)]) -> dict[str, Any]:
    """The clear entry that holds the checkpoint, its proof and its anchor: what a district keeps for its bundles."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        entry_id = districts.accepted_entry(db, division, size)
        held, status = shown.show(db, entry_id), store.entry_state(db, entry_id)
    return {
        "district": division,
        "size": size,
        "entry_id": entry_id,
        "state": status.state.value,
        "leaf": held.leaf.decode(),
        "index": held.index if held.checkpoint else None,
        "inclusion": [b64(each) for each in held.inclusion],
        "checkpoint": held.checkpoint,
        "chain": held.chain,
    }


@router.post(
    "/districts/{division}/checkpoints",
    summary="Show a checkpoint of a district's log (C2SP tlog-witness, add-checkpoint)",
    openapi_extra=_BODY,
    responses={201: {"description": "accepted, with an entry of its own"}},
)
def add_checkpoint(
    request: Request, response: Response, division: Code, body: Annotated[bytes, Depends(raw_body)]
) -> dict[str, Any]:
    """Checked for signature and consistency and logged in clear; 200 for one that was accepted before."""
    node = edge.node_of(request)
    try:
        asked = AddCheckpoint.parse(body)
    except NoteError as error:
        raise CheckpointRequestError(reason=str(error.fields["reason"])) from error
    with node.database.unit() as db:
        outcome = node.districts.accept(db, division, asked)
    if isinstance(outcome, Refused):  # after the commit: what convicts a fork must stay
        raise outcome.error
    response.status_code = 201 if outcome.is_new else 200
    return {"district": division, "size": outcome.size, "entry_id": outcome.entry_id}


def status_document(held: Status, now: datetime) -> dict[str, Any]:
    """A district as everybody may see it."""
    district = held.district

    def age(moment: datetime | None) -> int | None:
        return None if moment is None else max(0, int((now - moment).total_seconds()))

    return {
        "division": district.card.division,
        "name": district.card.name,
        "endpoint": district.card.endpoint,
        "origin": district.card.origin,
        "vkey": district.card.vkey,
        "account": "0x" + district.card.account.hex(),
        "standing": held.standing(now),
        "size": district.size,
        "root": b64(district.root),
        "accepted_at": rfc3339(district.accepted_at) if district.accepted_at else None,
        "lag_seconds": age(district.accepted_at),
        "heard_seconds": age(district.heard_at),
        "entry_id": held.entry_id,
        "entry_state": held.entry.state.value if held.entry else None,
        "anchored_at": rfc3339(held.entry.anchored_at) if held.entry and held.entry.anchored_at else None,
        "forks": held.forks,
        "inconsistent": held.inconsistent,
        "chain_state": district.chain_state,
    }


def refusal_document(held: Refusal) -> dict[str, Any]:
    """A kept refusal, complete: with the clear leaf of `known_entry_id` it convicts a fork without us."""
    return {
        "reason": held.reason,
        "size": held.size,
        "note": held.note,
        "proof": held.proof,
        "known_size": held.known_size,
        "known_entry_id": held.known_entry_id,
        "seen": held.seen,
        "first_at": rfc3339(held.first_at),
        "last_at": rfc3339(held.last_at),
    }
