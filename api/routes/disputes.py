"""Disputes (异议) of licences and materials: a claim freezes, its issuer or depositor answers, who relied on it hears.

One shape and one set of addresses for both; a dispute says by `licence_id` or `material_id` what it is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api.routes import edge
from api.schemas import Uuid
from api.showschemas import DisputeAnswerIn, SignedIn
from certs.errors import UnknownDisputeError
from certs.model import DisputeState
from ledger.clock import rfc3339
from ledger.steps import run
from materials import store as materials

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from certs.disputing import Disputing
    from certs.model import Correction, Dispute

router = APIRouter(prefix="/v1", tags=["disputes"])

Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[Uuid | None, Query(description="last id of the page before")]
LICENCE = "licence_id"
MATERIAL = "material_id"


def kinds(node: Node) -> dict[str, Disputing]:
    """Who keeps disputes, by what they are about."""
    return {LICENCE: node.disputes, MATERIAL: node.material_disputes}


def document(node: Node, held: Dispute, about: str) -> dict[str, Any]:
    """A dispute as everybody sees it who has its id; what was written is `texts`.

    Args:
        about: name of what it is about, of `kinds`.
    """
    return {
        "dispute_id": held.id,
        about: held.subject_id,
        "state": held.state.value,
        "fields": list(held.fields),
        "opened_at": rfc3339(held.opened_at),
        "due_at": rfc3339(held.due_at),
        "overdue": held.is_overdue(node.clock.now()),
        "answered_at": rfc3339(held.answered_at) if held.answered_at else None,
        "successor_id": held.successor_id,
        "entry_id": held.entry_id,
        "answer_entry_id": held.answer_entry_id,
    }


def texts(node: Node, held: Dispute, about: str) -> dict[str, Any]:
    """What holder and who answers wrote to each other, for their eyes only."""
    keeper = kinds(node)[about]
    return {"claim": keeper.claim(held), "answer": keeper.answer_of(held)}


def of_holder(node: Node, db: Connection, holder_id: str) -> list[dict[str, Any]]:
    """A holder's disputes with what was written, the newest first."""
    found = [(each, about) for about, keeper in kinds(node).items() for each in keeper.of_holder(db, holder_id)]
    found.sort(key=lambda pair: (pair[0].opened_at, pair[0].id), reverse=True)
    return [document(node, each, about) | texts(node, each, about) for each, about in found]


def correction_document(held: Correction, about: str) -> dict[str, Any]:
    """A correction as an organisation that relied on the thing sees it."""
    return {
        "dispute_id": held.dispute_id,
        about: held.subject_id,
        "successor_id": held.successor_id,
        "fields": list(held.fields),
        "at": rfc3339(held.at),
        "seen_at": rfc3339(held.seen_at) if held.seen_at else None,
    }


def _about(node: Node, db: Connection, dispute_id: str) -> str:
    """What kind of thing a dispute is about.

    Raises:
        UnknownDisputeError: there is no such dispute.
    """
    for about, keeper in kinds(node).items():
        try:
            keeper.get(db, dispute_id)
        except UnknownDisputeError:
            continue
        return about
    raise UnknownDisputeError


@router.post("/disputes", status_code=201, summary="Dispute a licence or a material")
def open_(request: Request, body: SignedIn) -> Response:
    """Take a holder's claim (`dispute`) and freeze the licence or material at once. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    asked = edge.holder_asks(request, body, "dispute")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        about = LICENCE if run(db, materials.material(asked.subject)) is None else MATERIAL
        return 201, document(node, kinds(node)[about].open(db, asked, body.signed), about)

    return edge.once(node, request, f"dispute {asked.subject}", body, act)


@router.get("/disputes/{dispute_id}/state", summary="Where a dispute stands")
def state(request: Request, dispute_id: str) -> dict[str, Any]:
    """For the holder's app; what both sides wrote is in the view of who answers and in the holder's inbox only."""
    node = edge.node_of(request)
    held = edge.uuid(dispute_id)
    with node.database.unit() as db:
        about = _about(node, db, held)
        return document(node, kinds(node)[about].get(db, held), about)


@router.post("/disputes/{dispute_id}/withdrawal", summary="Take a dispute back")
def withdraw(request: Request, dispute_id: str, body: SignedIn) -> Response:
    """End a dispute by its holder (`withdraw-dispute`); what was disputed counts again. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    asked = edge.holder_asks(request, body, "withdraw-dispute", dispute_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        about = _about(node, db, asked.subject)
        return 200, document(node, kinds(node)[about].withdraw(db, asked, body.signed), about)

    return edge.once(node, request, f"dispute {asked.subject}", body, act)


@router.get("/disputes", summary="Disputes you answer", dependencies=[Security(edge.signed)])
def of_party(request: Request, state: DisputeState | None = None, after: After = None, limit: Limit = 50) -> Any:
    """Of what you issued or deposited, the newest first; `state=open` waits for an answer, `overdue` waits too long."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "dispute")
    only_open = state is DisputeState.open
    with node.database.unit() as db:
        since = None
        if after is not None:
            last = kinds(node)[_about(node, db, after)].of_issuer(db, caller, after)
            since = (last.opened_at, last.id)
        found = [
            (each, about)
            for about, keeper in kinds(node).items()
            for each in keeper.of_party(db, caller, only_open=only_open, after=since, limit=limit)
        ]
    found = sorted(found, key=lambda pair: (pair[0].opened_at, pair[0].id), reverse=True)[:limit]
    shown = [document(node, each, about) for each, about in found if state in {None, each.state}]
    return {"disputes": shown, "after": found[-1][0].id if len(found) == limit else None}


@router.get("/disputes/{dispute_id}", summary="A dispute you answer", dependencies=[Security(edge.signed)])
def of_issuer(request: Request, dispute_id: str) -> dict[str, Any]:
    """With the holder's claim, and how many who relied on the thing were told of a correction and took notice."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "dispute")
    with node.database.unit() as db:
        about = _about(node, db, edge.uuid(dispute_id))
        keeper = kinds(node)[about]
        held = keeper.of_issuer(db, caller, edge.uuid(dispute_id))
        told, seen = keeper.told(db, held)
    return document(node, held, about) | texts(node, held, about) | {"told": told, "seen": seen}


@router.post("/disputes/{dispute_id}/answer", summary="Answer a dispute", dependencies=[Security(edge.signed)])
def answer(request: Request, dispute_id: str, body: DisputeAnswerIn) -> Response:
    """Say that it was right, or that it is corrected: then change, replace or withdraw it first.

    Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "dispute")
    held = edge.uuid(dispute_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        about = _about(node, db, held)
        done = kinds(node)[about].answer(
            db, caller, held, corrected=body.outcome == "corrected", answer=body.answer, operator=body.operator
        )
        return 200, document(node, done, about)

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/corrections", summary="What you relied on and was corrected", dependencies=[Security(edge.signed)])
def corrections(request: Request, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """Corrections of what your organisation used or was shown, the newest first; the webhooks tell the same."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        since = None
        if after is not None:
            at = kinds(node)[_about(node, db, after)].corrected_at(db, caller, after)
            if at is None:
                raise UnknownDisputeError
            since = (at, after)
        found = [
            (each, about)
            for about, keeper in kinds(node).items()
            for each in keeper.corrections(db, caller, after=since, limit=limit)
        ]
    found = sorted(found, key=lambda pair: (pair[0].at, pair[0].dispute_id), reverse=True)[:limit]
    shown = [correction_document(each, about) for each, about in found]
    return {"corrections": shown, "after": found[-1][0].dispute_id if len(found) == limit else None}


@router.post("/corrections/{dispute_id}/notice", summary="Take notice", dependencies=[Security(edge.signed)])
def take_notice(request: Request, dispute_id: str) -> Response:
    """Say that your organisation knows of a correction. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    held = edge.uuid(dispute_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        kinds(node)[_about(node, db, held)].take_notice(db, caller, held)
        return 200, {"dispute_id": held}

    return edge.once(node, request, caller.client_id, None, act)
