"""The audit of duty uses (抽查): the draw everybody can check, the auditor's list, what the organisation answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api.dutyschemas import ActedIn, AuditAnswerIn, VerdictIn
from api.routes import edge
from api.routes.operations import SCOPE as OVERSEE
from api.schemas import Code, Uuid
from authz.model import Act
from authz.sampling import ANSWER_DAYS, JUDGE_DAYS
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.store.dutyuses import Sample

router = APIRouter(prefix="/v1", tags=["duty use"])
_SIGNED = [Security(edge.signed)]

Operator = Annotated[Code, Query()]
After = Annotated[Uuid | None, Query(description="last use of the page before")]
Limit = Annotated[int, Query(ge=1, le=200)]


def document(node: Node, held: Sample) -> dict[str, Any]:
    """A sampled use as auditor and organisation see it, with the entry of the catalogue it rested on."""
    texts = node.sampling.texts(held)
    return {
        "use_id": held.use_id,
        "object_id": held.object_id,
        "mode": held.mode,
        "duty_id": held.duty_id,
        "article": held.article,
        "duties_version": held.duties,
        "case_no": held.case_no,
        "item_code": held.item_code,
        "cause": held.cause,
        "operator": held.operator,
        "opened_at": rfc3339(held.opened_at),
        "use_state": held.state,
        "use_entry_id": held.intent_entry_id,
        "draw_id": held.draw_id,
        "picked_at": rfc3339(held.picked_at),
        "due_at": rfc3339(held.due_at),
        "overdue": held.is_overdue(node.clock.now()),
        "verdict": held.verdict,
        "finding": texts.finding,
        "judged_at": rfc3339(held.judged_at) if held.judged_at else None,
        "entry_id": held.entry_id,
        "answer_due_at": rfc3339(held.follow_due_at) if held.follow_due_at else None,
        "answer": texts.answer,
        "answered_at": rfc3339(held.answered_at) if held.answered_at else None,
        "closed_at": rfc3339(held.closed_at) if held.closed_at else None,
    }


def _overseen(node: Node, db: Connection, held: Sample) -> dict[str, Any]:
    party = node.parties.party(db, held.party_id)
    return document(node, held) | {"organisation": party.name, "org_code": party.org_code}


@router.get("/duty-uses/sampling", summary="How duty uses are drawn for audit")
def published(request: Request) -> dict[str, Any]:
    """The rate, the rule, and the newest 200 draws: whoever has the id of a use can tell whether it was drawn."""
    node = edge.node_of(request)
    with node.database.glance() as db:
        draws = node.sampling.draws(db)
    names = ("draw_id", "log", "checkpoint_size", "root", "seed", "permille", "uses", "picked", "at", "entry_id")
    return {
        "permille": node.sampling.permille,
        "judged_within_working_days": JUDGE_DAYS,
        "answered_within_working_days": ANSWER_DAYS,
        "rule": "first 8 bytes of SHA-256(seed || use id) < permille / 1000 * 2^64; see docs/duty-use.md",
        "draws": [dict(zip(names, each, strict=True)) | {"at": rfc3339(each[8])} for each in draws],
    }


@router.get("/operations/duty-samples", summary="Sampled duty uses that wait", dependencies=_SIGNED)
def waiting(request: Request, operator: Operator, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """For the auditor, the most urgent first: without a verdict, or until the organisation's answer is closed."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    with node.database.unit() as db:
        node.counter.let(db, caller, operator, Act.inspect)
        held = node.sampling.waiting(db, after=after, limit=limit)
        shown = [_overseen(node, db, each) for each in held]
    return {"samples": shown, "after": held[-1].use_id if len(held) == limit else None}


@router.post("/operations/duty-samples/{use_id}/verdict", summary="Judge a sampled duty use", dependencies=_SIGNED)
def judge(request: Request, use_id: str, body: VerdictIn) -> Response:
    """What is not lawful its organisation has to answer. Needs an overseer as operator and an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    held = edge.uuid(use_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        done = node.sampling.judge(db, caller, held, verdict=body.verdict, finding=body.finding, operator=body.operator)
        return 200, _overseen(node, db, done)

    return edge.once(node, request, caller.client_id, body, act)


@router.post("/operations/duty-samples/{use_id}/closing", summary="Close a sampled duty use", dependencies=_SIGNED)
def close(request: Request, use_id: str, body: ActedIn) -> Response:
    """Have done with one whose organisation answered. Needs an overseer as operator and an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    held = edge.uuid(use_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 200, _overseen(node, db, node.sampling.close(db, caller, held, body.operator))

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/duty-samples", summary="Findings you answer", dependencies=_SIGNED)
def followed(request: Request) -> dict[str, Any]:
    """Duty uses of yours that an auditor found unclear or unlawful, the most urgent first; the first 200."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.glance() as db:
        return {"samples": [document(node, each) for each in node.sampling.followed(db, caller)]}


@router.post("/duty-samples/{use_id}/answer", summary="Answer a finding", dependencies=_SIGNED)
def answer(request: Request, use_id: str, body: AuditAnswerIn) -> Response:
    """By a reviewer who did not make the use. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    held = edge.uuid(use_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 200, document(node, node.sampling.answer(db, caller, held, answer=body.answer, operator=body.operator))

    return edge.once(node, request, caller.client_id, body, act)
