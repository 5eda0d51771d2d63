"""What a holder was told: the inbox of notices, for whoever signs a request for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response

from api.routes import edge
from api.routes.me import whose
from api.showschemas import SignedIn
from authz.noticekinds import NoticeKind
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.noticekinds import Notice

router = APIRouter(prefix="/v1/me", tags=["me"])

_PRIVATE: Final = {"Cache-Control": "private, no-store"}


def document(node: Node, db: Connection, notice: Notice) -> dict[str, Any]:
    """A notice as its holder sees it."""
    party = None if notice.party_id is None else node.parties.party(db, notice.party_id)
    zh, en = notice.words("" if party is None else party.name)
    return {
        "notice_id": notice.id,
        "kind": notice.kind.value,
        "subject": notice.subject,
        "organisation": None if party is None else party.org_code,
        "zh": zh,
        "en": en,
        "link": _link(node, notice),
        "at": rfc3339(notice.due_at),
        "made_at": rfc3339(notice.created_at),
        "first_read_at": rfc3339(notice.read_at) if notice.read_at else None,
    }


def _link(node: Node, notice: Notice) -> str | None:
    """Where to answer what a notice asks."""
    if notice.kind is NoticeKind.ask:
        return node.ask_link(notice.subject)
    return node.letter_link(notice.subject) if notice.kind is NoticeKind.commitment_asked else None


@router.post("/notices", summary="What you were told")
def notices(request: Request, body: SignedIn) -> Response:
    """Your newest 200 notices, or those of an organisation you represent; listing them dates their first reading.

    Sign a request `ledger`, whose `terms` name the organisation, or nobody.
    """
    node = edge.node_of(request)
    asked = edge.asked_of(node, body, "ledger")
    with node.database.unit() as db:
        holder_id = whose(node, db, asked, body.signed)
        found = node.notices.of_holder(db, holder_id)
        held = [document(node, db, each) for each in found]
        node.notices.read(db, holder_id, found)
    return Response(edge.dump({"notices": held}), 200, _PRIVATE, "application/json")
