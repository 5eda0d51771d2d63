"""What a holder is told beyond the ledger's line: how a use without their consent came about, and who held together.

Of a duty use the law it rested on and, where they were told late, why; of an emergency in which roles two people let it
happen, on which ground, and what a third person found. Of what they withdrew, what its recipient did with what it had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.routes import edge
from api.routes.cessations import document as cessation_document
from api.routes.session import PRIVATE, looking, whose
from authz.identifiers import names_a_person
from authz.model import AskState, GrantState, Role
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.model import Ask, Cessation
    from authz.store.breakglass import HeldGlass
    from authz.store.dutyuses import Delay

router = APIRouter(prefix="/v1/my", tags=["session"])

OnBehalf = Annotated[str | None, Query(max_length=22, description="of `GET /v1/my/session`: whom you represent")]


@router.get("/uses/{use_id}/circumstances", summary="How a use without your consent came about")
def circumstances(request: Request, use_id: str, on_behalf: OnBehalf = None) -> Response:
    """Of a duty use: the law, and why you were told late, if so. Of an emergency: who decided, by role, and why."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        holder_id = whose(node, db, looking(node, request, db), on_behalf)
        use = node.holder_ledger.use(db, holder_id, edge.uuid(use_id))
        delay = node.duty_notices.of_late(db, use.id)
        glass = None if use.emergency_id is None else node.break_glass.get(db, use.emergency_id)
        held = {
            "use_id": use.id,
            "basis": use.basis.value,
            "article": node.duty_notices.article(db, use.id),
            "delay": None if delay is None else _delay(delay),
            "emergency": None if glass is None else _emergency(node, glass),
        }
    return Response(edge.dump(held), 200, PRIVATE, "application/json")


@router.get("/cessations", summary="What became of what you withdrew")
def cessations(request: Request, on_behalf: OnBehalf = None) -> Response:
    """Of each withdrawn grant that was used: whether its recipient said that it stopped or deleted, and by when."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        holder_id = whose(node, db, looking(node, request, db), on_behalf)
        found = node.cessations.of_holder(db, holder_id)
        shown = [_cessation(node, db, each) for each in found]
    return Response(edge.dump({"cessations": shown}), 200, PRIVATE, "application/json")


def _cessation(node: Node, db: Connection, held: Cessation) -> dict[str, Any]:
    """With who it is, and what the grant was for and of."""
    party, grant = node.parties.party(db, held.party_id), node.grants.find(db, held.grant_id)
    item, types = node.catalogue.items.get(grant.item_code), node.catalogue.types
    named = [types[code] for code in sorted(grant.types) if code in types]
    return cessation_document(node, held) | {
        "organisation": party.name,
        "org_code": party.org_code,
        "item": item.name if item else grant.item_code,
        "item_en": item.name_en if item else grant.item_code,
        "things": [{"name": each.name, "name_en": each.name_en} for each in named],
    }


def _delay(held: Delay) -> dict[str, Any]:
    """Who decided is told by role: a reviewer who was not the user."""
    return {
        "ground": held.ground,
        "article": held.article,
        "decided_at": rfc3339(held.decided_at),
        "decided_by": Role.reviewer.value,
        "until": rfc3339(held.until),
        "lifted_at": rfc3339(held.ended_at) if held.ended_at else None,
    }


def _emergency(node: Node, held: HeldGlass) -> dict[str, Any]:
    """The two people by the roles that alone may open and approve (`policies/acts.cedar`); a third one reviews."""
    asked = held.emergency
    return {
        "ground": held.ground,
        "reason": _impersonal(node.break_glass.reason(held)),
        "opened_by": Role.window.value,
        "opened_at": rfc3339(asked.opened_at),
        "approved_by": Role.reviewer.value,
        "approved_at": rfc3339(held.approved_at) if held.approved_at else None,
        "ends_at": rfc3339(asked.ends_at) if asked.ends_at else None,
        "review_due_at": rfc3339(held.review_due_at) if held.review_due_at else None,
        "reviewed_at": rfc3339(held.reviewed_at) if held.reviewed_at else None,
        "verdict": held.verdict,
        "finding": _impersonal(node.break_glass.finding(held)),
    }


def _impersonal(words: str | None) -> str | None:
    """What staff wrote, unless it holds somebody's code or number: that may be a third person's."""
    return None if words is None or names_a_person(words) else words


def joint(node: Node, db: Connection, ask: Ask) -> dict[str, Any] | None:
    """How far the consent of several holders has come, and whose it is that is there or missing; None of one holder's.

    Holders of one thing know each other: their names stand on it. Who of them refused is not told to the others.
    """
    state = node.asks.joint_state(db, ask)
    if state is None:
        return None
    people = [
        {
            "name": node.holders.get(db, each.grantor_id).name,
            "you": each.id == ask.id,
            "state": _signed(node, db, each, own=each.id == ask.id),
        }
        for each in node.asks.joint_asks(db, ask)
    ]
    if state["state"] == "complete" and any(each["state"] == "withdrawn" for each in people):
        state |= {"state": "withdrawn"}
    elif any(each["state"] == "expired" for each in people):
        state |= {"state": "expired"}
    return state | {"people": sorted(people, key=lambda each: (not each["you"], str(each["name"])))}


def _signed(node: Node, db: Connection, ask: Ask, *, own: bool) -> str:
    if ask.grant_id is not None:
        withdrawn = node.grants.find(db, ask.grant_id).state is GrantState.withdrawn
        return "withdrawn" if withdrawn else "signed"
    if ask.state is AskState.pending:
        return "missing" if node.clock.now() < ask.expires_at else "expired"
    return "refused" if own and node.refusals.of_ask(db, ask.id) is not None else "closed"
