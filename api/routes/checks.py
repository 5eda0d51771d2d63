"""数据核验: questions to the sources of facts in a case."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response, Security

from api import problems
from api.routes import edge, instalments
from api.routeschemas import CheckIn
from api.schemas import Code
from ledger.clock import rfc3339
from materials.checks import Asking

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from api.routes.instalments import Keep
    from materials.checkrows import Check
    from materials.connectors.port import QuestionKind

router = APIRouter(prefix="/v1", tags=["checks"], dependencies=[Security(edge.signed)])


def document(node: Node, held: Check) -> dict[str, Any]:
    """A check as its organisation sees it."""
    return {
        "check_id": held.id,
        "case_no": held.case_no,
        "type_code": held.type_code,
        "question": held.question,
        "source": held.source,
        "state": held.state,
        "result": held.result if held.state == "answered" else None,
        "values": node.routes.checks.values(held),
        "failure": _failure(held.failure) if held.failure else None,
        "stands": held.stands(node.clock.now()),
        "asked_at": rfc3339(held.asked_at),
        "answered_at": rfc3339(held.answered_at) if held.answered_at else None,
        "as_of": rfc3339(held.as_of) if held.as_of else None,
        "valid_until": rfc3339(held.valid_until) if held.valid_until else None,
        "use_id": held.use_id,
        "entry_id": held.entry_id or held.asked_entry_id,
    }


def _failure(code: str) -> dict[str, str]:
    kind = problems.TABLE[code]
    return {"code": code, "title": kind.title_en, "title_zh": kind.title_zh} | {
        "detail": kind.advice_en,
        "detail_zh": kind.advice_zh,
    }


@router.get("/check-questions", summary="What may be asked of which source")
def questions(request: Request) -> dict[str, Any]:
    """The node's sources and the questions they answer, each with the material types it stands for."""
    node = edge.node_of(request)
    edge.caller(node, request, "case")
    register = node.routes.checks.register
    return {"questions": [_question(register.sources[each.source].zh, each) for each in register.questions.values()]}


def _question(source: str, kind: QuestionKind) -> dict[str, Any]:
    return {
        "code": kind.code,
        "name": kind.zh,
        "name_en": kind.en,
        "type_codes": list(kind.types),
        "source": kind.source,
        "source_name": source,
        "kind": kind.kind.value,
        "fields": [{"name": each.name, "title_zh": each.zh, "title_en": each.en} for each in kind.fields],
        "given": [{"name": each.name, "title_zh": each.zh, "title_en": each.en} for each in kind.given],
        "valid_hours": kind.valid_hours,
    }


@router.post("/cases/{case_no}/checks", status_code=201, summary="Ask the source of a fact")
def ask(request: Request, case_no: Code, body: CheckIn) -> Response:
    """Put the question that stands for a material to its source; needs an Idempotency-Key.

    The answer is a use of the holder's data, under the same grant or duty as any other. Where the source does not
    answer in time, cannot be believed or contradicts itself, `state` is `failed`, `failure` says how, and the checklist
    offers the next route.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    asking = Asking(case_no, body.type_code, body.cause, body.operator, body.question, body.given, body.of)

    def keep(kept: Keep, db: Connection, held: Check) -> None:
        kept(db, 201, document(node, held))

    return instalments.once(
        node,
        request,
        caller.client_id,
        body,
        lambda kept: node.routes.checking.ask(caller, asking, partial(keep, kept)),
    )


@router.get("/cases/{case_no}/checks", summary="What was asked in a case")
def listed(request: Request, case_no: Code) -> dict[str, Any]:
    """The newest 200 checks of a case of yours."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        return {"checks": [document(node, each) for each in node.routes.checks.of_case(db, caller, case_no)]}


@router.get("/checks/{check_id}", summary="A check of yours")
def get_check(request: Request, check_id: str) -> dict[str, Any]:
    """State, result and values of a check, and the source's own text (`proof`).

    The digests of the check's entry and use are those of the canonical JSON `{"check": check_id, "proof": proof}`.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        held = node.routes.checks.get(db, caller, edge.uuid(check_id))
        return document(node, held) | {"proof": node.routes.checks.proof(held)}
