"""Cases: opened, changed, accepted, decided, begun again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response, Security

from api.caseschemas import ActIn, AgainIn, AmendmentIn, CaseClosingIn, CaseIn, SendBackIn
from api.routes import checklists, edge
from api.schemas import Code
from authz.holders import LOGIN
from authz.model import Act, Identifier, Presence
from ledger.clock import rfc3339
from materials.handling import Again
from materials.model import Outcome
from materials.openings import Amendment, Decision, Opening
from materials.presence import Proof, presence_terms
from materials.review.model import Cause

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from api.node import Node
    from api.schemas import HolderIn, PresenceIn
    from materials.model import Case

router = APIRouter(prefix="/v1", tags=["cases"], dependencies=[Security(edge.signed)])


def document(case: Case) -> dict[str, Any]:
    """A case as its organisation sees it."""
    return {
        "case_no": case.case_no,
        "item_code": case.item_code,
        "item_version": case.item_version,
        "scenario": case.scenario,
        "presence": case.presence,
        "operator": case.operator,
        "state": case.state.value,
        "stage": case.stage,
        "opened_at": rfc3339(case.opened_at),
        "accepted_at": rfc3339(case.accepted_at) if case.accepted_at else None,
        "due_at": rfc3339(case.due_at) if case.due_at else None,
        "statutory_due_at": rfc3339(case.statutory_due_at) if case.statutory_due_at else None,
        "send_backs": case.send_backs,
        "closed_at": rfc3339(case.closed_at) if case.closed_at else None,
        "decision": case.decision,
        "result": case.result_id,
        "from_case": case.from_case_no,
        "application": case.bundle_run_id,
        "entry_id": case.entry_id,
    }


@router.post("/cases", status_code=201, summary="Open a case")
def open_case(request: Request, body: CaseIn) -> Response:
    """Open a case of one of your items for an applicant, by answers of its questionnaire or by the name of a scenario.

    Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        node.editing.look(db)
        opening = Opening(
            item_code=body.item_code,
            scenario=body.scenario,
            applicant_id=edge.holder(node, db, body.applicant),
            applicant_kind=body.applicant.kind,
            presence=Presence(body.presence.kind),
            evidence=body.presence.evidence,
            project_code=body.project_code,
            operator=body.operator,
            proof=proof_of(body.presence),
            answers=body.answers,
            people=people_of(node, db, body.people),
            draft=body.draft,
        )
        return 201, document(node.cases.open(db, caller, opening))

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/cases", summary="Cases of your organisation")
def listed(
    request: Request,
    operator: Annotated[Code | None, Query(description="only those this operator opened")] = None,
    stage: Annotated[Literal["draft", "intake", "accepted", "closed"] | None, Query()] = None,
    cursor: Annotated[Code | None, Query(description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:
    """The newest first, `limit` at a time; `closed` are those that ended, decided or not."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.glance() as db:
        found = node.cases.listed(db, caller, operator=operator, stage=stage, after=cursor, limit=limit + 1)
    more = len(found) > limit
    return {
        "cases": [document(each) for each in found[:limit]],
        "next_cursor": found[limit - 1].case_no if more else None,
    }


@router.get("/cases/{case_no}/people", summary="Who a case of yours is about")
def people(request: Request, case_no: Code, operator: Annotated[Code, Query()]) -> Response:
    """Applicant and others as your organisation named them, so that a deposit can name them again, a slip be printed.

    Names and codes; of a case that is open, and whose applicant is there.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.unit() as db:
        node.counter.let(db, caller, operator, Act.search)
        named = node.cases.people(db, caller, case_no)
        told = {role: [_person(node, db, each) for each in held] for role, held in named.items()}
    return Response(edge.dump({"people": told}), 200, {"Cache-Control": "private, no-store"}, "application/json")


def _person(node: Node, db: Connection, holder_id: str) -> dict[str, Any]:
    held = node.holders.get(db, holder_id)
    codes = [each for each in node.holders.identifiers(db, holder_id) if each.type != LOGIN]
    return {
        "kind": held.kind.value,
        "name": held.name,
        "identifiers": [{"type": each.type, "country": each.country, "code": each.code} for each in codes],
    }


@router.get("/cases/presence/{login_id}", summary="What an applicant signs to be there by login")
def what_to_sign(request: Request, login_id: str, item_code: Annotated[Code, Query()]) -> dict[str, Any]:
    """The canonical words and their digest, for presence `holder_login` in a case of this item or bundle of yours."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    terms, digest = presence_terms(edge.uuid(login_id), caller.org_code, item_code)
    return {"terms": json.loads(terms), "digest": digest}


def people_of(node: Node, db: Connection, named: Mapping[str, Sequence[HolderIn]]) -> dict[str, list[str]]:
    """Ids of holders by role, made known where they are new."""
    return {role: [edge.holder(node, db, each) for each in holders] for role, holders in named.items()}


def proof_of(given: PresenceIn) -> Proof:
    """What shall prove a presence."""
    card = given.card
    return Proof(
        login_id=given.login_id,
        signature=given.id_token,
        code=given.code,
        counter=given.counter,
        card=None if card is None else Identifier(card.type, card.code, card.country),
        delegation_id=given.delegation_id,
    )


@router.get("/cases/{case_no}", summary="A case of your organisation")
def get_case(request: Request, case_no: Code) -> dict[str, Any]:
    """State of a case, and the item's generic material list, which may always be shown."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.unit() as db:
        case = node.cases.get(db, caller, case_no)
    return document(case) | {"materials": node.catalogue.of(case).generic}


@router.post("/cases/{case_no}/answers", summary="Change answers and people before acceptance")
def amend(request: Request, case_no: Code, body: AmendmentIn) -> Response:
    """Other answers lead to another scenario and another checklist. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        change = Amendment(body.operator, body.answers, people_of(node, db, body.people))
        return 200, document(node.cases.amend(db, caller, case_no, change))

    return edge.once(node, request, caller.client_id, body, act)


@router.post("/cases/{case_no}/submission", summary="Hand in a draft")
def submit(request: Request, case_no: Code, body: ActIn) -> Response:
    """From now on the case can be used; its check points are reviewed at once. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    done: list[str] = []

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        node.editing.look(db)
        case = node.cases.submit(db, caller, case_no, body.operator)
        done.append(case.case_no)
        return 200, document(case)

    answer = edge.once(node, request, caller.client_id, body, act)
    for each in done:
        node.routes.reviewing.after(caller, each, body.operator, Cause.submitted)
    return answer


@router.post("/cases/{case_no}/acceptance", summary="Accept a case")
def accept(request: Request, case_no: Code, body: ActIn) -> Response:
    """Accept a case (受理) whose required materials are there or owed.

    The checklist is kept with it, and the deadlines run from now, in working days; its check points are reviewed.
    Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    done: list[str] = []

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        case, shown = node.handling.accept(db, caller, case_no, body.operator)
        done.append(case.case_no)
        return 200, document(case) | {"checklist": checklists.document(node, caller, shown)}

    answer = edge.once(node, request, caller.client_id, body, act)
    for each in done:
        node.routes.reviewing.after(caller, each, body.operator, Cause.accepted)
    return answer


@router.post("/cases/{case_no}/send-backs", summary="Ask the applicant for what is outstanding")
def send_back(request: Request, case_no: Code, body: SendBackIn) -> Response:
    """Everything that is missing, named at once (补正, 一次告知); the applicant is told. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    return edge.once(
        node,
        request,
        caller.client_id,
        body,
        lambda db: (200, document(node.handling.send_back(db, caller, case_no, body.lines, body.operator))),
    )


@router.post("/cases/{case_no}/again", status_code=201, summary="A new case from an old one")
def again(request: Request, case_no: Code, body: AgainIn) -> Response:
    """A draft for the same item, applicant, people and answers (再来一单); hand it in with .../submission.

    Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    terms = Again(
        body.operator, Presence(body.presence.kind), body.presence.evidence, proof_of(body.presence), body.answers
    )

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        node.editing.look(db)
        return 201, document(node.handling.again(db, caller, case_no, terms))

    return edge.once(node, request, caller.client_id, body, act)


@router.post("/cases/{case_no}/closing", summary="Close a case")
def close_case(request: Request, case_no: Code, body: CaseClosingIn) -> Response:
    """Close a case, with its decision and result; nothing can be used in it afterwards. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    decision = Decision(None if body.decision is None else Outcome(body.decision), body.result)
    return edge.once(
        node,
        request,
        caller.client_id,
        body,
        lambda db: (200, document(node.handling.close(db, caller, case_no, body.operator, decision))),
    )
