"""Cases decided without a person: begun, followed, taken over; what holders are asked and object to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response, Security

from api.automaticschemas import AutomaticIn, ByIn, ObjectionAnswerIn
from api.routes import edge, me
from api.routes.session import PRIVATE, looking, whose
from api.schemas import Code, Uuid
from api.showschemas import SignedIn
from ledger.clock import rfc3339
from materials.automatic import runrows
from materials.automatic.runs import Beginning

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from materials.automatic.runrows import Run

router = APIRouter(prefix="/v1", tags=["automatic"])

OnBehalf = Annotated[str | None, Query(max_length=22, description="of `GET /v1/my/session`: whom you represent")]
State = Literal["running", "waiting", "person", "declined", "granted", "listed", "excluded"]


def document(node: Node, held: Run, *, facts: bool = False) -> dict[str, Any]:
    """A run as its department, and whom it is about, see it.

    Args:
        facts: with what the rules read and what came of each.
    """
    told: dict[str, Any] = {
        "run_id": held.id,
        "case_no": held.case_no,
        "item_code": held.item_code,
        "item_version": held.item_version,
        "rules": held.rules,
        "round": held.round_id,
        "state": held.state,
        "step": held.step,
        "reason": held.reason,
        "details": list(held.details),
        "wait_until": rfc3339(held.wait_until) if held.wait_until else None,
        "asks": list(held.asks),
        "started_at": rfc3339(held.started_at),
        "decided_at": rfc3339(held.decided_at) if held.decided_at else None,
        "result": held.result_id,
        "ended_at": rfc3339(held.ended_at) if held.ended_at else None,
        "entry_id": held.decision_entry_id or held.entry_id,
    }
    return told | ({"facts": node.automatic.runs.facts(held)} if facts else {})


# By the department


@router.post(
    "/cases/{case_no}/automatic",
    status_code=201,
    summary="Have a case decided automatically",
    dependencies=[Security(edge.signed)],
)
def begin(request: Request, case_no: Code, body: AutomaticIn) -> Response:
    """Ask the applicant to sign; then the case goes on by itself, by the rules of its item's file.

    Whatever is unclear leaves the case to you, with the reason. Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        runs = node.automatic.runs
        held = runs.begin(db, caller, Beginning(case_no, body.operator, body.registrar, body.cause))
        asked = node.automatic.inquiries.of_subject(db, held.id, "application")
        return 201, document(node, held) | {"inquiry_id": asked[0].id}

    return edge.once(node, request, caller.client_id, body, act)


@router.get(
    "/cases/{case_no}/automatic", summary="Where an automatic case stands", dependencies=[Security(edge.signed)]
)
def of_case(request: Request, case_no: Code) -> dict[str, Any]:
    """The step, or why a person has to look; with what the rules read once they were judged."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.unit() as db:
        return document(node, node.automatic.runs.of_case(db, caller, case_no), facts=True)


@router.get("/automatic", summary="Your automatic cases", dependencies=[Security(edge.signed)])
def listed(
    request: Request,
    state: Annotated[State | None, Query(description="`person`: those that wait for somebody of yours")] = None,
    after: Annotated[Uuid | None, Query(description="last run id of the page before")] = None,
) -> dict[str, Any]:
    """The newest 200 first."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.unit() as db:
        held = node.automatic.runs.listed(db, caller, state, after)
    return {"runs": [document(node, each) for each in held]}


@router.get("/automatic/{run_id}", summary="An automatic case", dependencies=[Security(edge.signed)])
def get(request: Request, run_id: str) -> dict[str, Any]:
    """As `GET /v1/cases/{case_no}/automatic`, with the signed receipt once there is one."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.unit() as db:
        held = node.automatic.runs.get(db, caller, edge.uuid(run_id))
    return document(node, held, facts=True) | {"receipt": node.automatic.runs.receipt(held)}


@router.post("/automatic/{run_id}/take-over", summary="Go on with a case by hand", dependencies=[Security(edge.signed)])
def take_over(request: Request, run_id: str, body: ByIn) -> Response:
    """From now on nothing happens in the case by itself. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    held = edge.uuid(run_id)
    return edge.once(
        node,
        request,
        caller.client_id,
        body,
        lambda db: (200, document(node, node.automatic.runs.take_over(db, caller, held, body.operator))),
    )


@router.post(
    "/automatic/{run_id}/resumption", summary="Let a case go on by itself", dependencies=[Security(edge.signed)]
)
def resume(request: Request, run_id: str, body: ByIn) -> Response:
    """At the step where it was left to a person, after that was put right. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    held = edge.uuid(run_id)
    return edge.once(
        node,
        request,
        caller.client_id,
        body,
        lambda db: (200, document(node, node.automatic.runs.resume(db, caller, held, body.operator))),
    )


@router.get("/objections", summary="Objections to your decisions and lists", dependencies=[Security(edge.signed)])
def objections(request: Request) -> dict[str, Any]:
    """The newest 200, with what was written."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    kept = node.automatic.objections
    with node.database.unit() as db:
        return {"objections": [kept.document(each, words=True) for each in kept.of_party(db, caller)]}


@router.post("/objections/{objection_id}/answer", summary="Answer an objection", dependencies=[Security(edge.signed)])
def answer_objection(request: Request, objection_id: str, body: ObjectionAnswerIn) -> Response:
    """Uphold it or reject it, with words for the holder, who is told. Needs an Idempotency-Key.

    An upheld one takes effect by itself: who is about to be paid comes off the list, a decision is open to a person
    again and its holder told, a change of a licence is not made. `next` says where somebody goes on, in one step.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    held = edge.uuid(objection_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        told = (body.outcome, body.answer, body.operator)
        return 200, node.automatic.answered(db, caller, held, told, body.runs)

    return edge.once(node, request, caller.client_id, body, act)


# By the holder


@router.post("/inquiries/{inquiry_id}/answer", tags=["me"], summary="Answer what you were asked")
def answer(request: Request, inquiry_id: str, body: SignedIn) -> Response:
    """A signed request `answer`: yes or no, to the statement whose digest it names. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    asked = edge.holder_asks(request, body, "answer", inquiry_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        held = node.automatic.inquiries.answer(db, asked, body.signed)
        runrows.nudge(db, held.subject_id, node.clock.now())
        return 200, node.automatic.inquiries.document(held)

    return edge.once(node, request, f"answer {asked.subject}", body, act)


@router.post("/objections", status_code=201, tags=["me"], summary="Object to a decision, a list or a change")
def object_(request: Request, body: SignedIn) -> Response:
    """A signed request `object` about an automatic decision, a published list or a linked change of a licence.

    A person answers; until then nothing more is done about you. Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    asked = edge.holder_asks(request, body, "object")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        held = node.automatic.object_to(db, asked, body.signed)
        return 201, node.automatic.objections.document(held, words=False)

    return edge.once(node, request, f"object {asked.subject}", body, act)


@router.get("/my/inquiries", tags=["session"], summary="What waits for your yes or no, and what became of it")
def mine(request: Request, on_behalf: OnBehalf = None) -> Response:
    """Inquiries, automatic decisions with their rules and receipts, linked changes, objections: the newest 200 each."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held = _of_holder(node, db, whose(node, db, looking(node, request, db), on_behalf))
    return Response(edge.dump(held), 200, PRIVATE, "application/json")


@router.post("/me/inquiries", tags=["me"], summary="What waits for your yes or no, by signature")
def by_signature(request: Request, body: SignedIn) -> Response:
    """As `GET /v1/my/inquiries`, for whoever signs a request `ledger`; its `terms` may name whom they represent."""
    node = edge.node_of(request)
    asked = edge.asked_of(node, body, "ledger")
    with node.database.unit() as db:
        held = _of_holder(node, db, me.whose(node, db, asked, body.signed))
    return Response(edge.dump(held), 200, PRIVATE, "application/json")


def _of_holder(node: Node, db: Connection, holder_id: str) -> dict[str, Any]:
    kept = node.automatic
    return {
        "inquiries": [kept.inquiries.document(each) for each in kept.inquiries.of_holder(db, holder_id)],
        "decisions": [
            document(node, each, facts=True) | {"receipt": kept.runs.receipt(each)}
            for each in kept.runs.of_holder(db, holder_id)
        ],
        "linked": [kept.linking.document(each) for each in kept.linking.of_holder(db, holder_id)],
        "objections": [kept.objections.document(each, words=True) for each in kept.objections.of_holder(db, holder_id)],
    }
