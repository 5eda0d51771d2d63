"""智能预审: the check points of a case, each with where to look and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response, Security

from api.reviewschemas import ReviewIn, SettlementIn
from api.routes import edge, instalments
from api.schemas import Code
from ledger.clock import rfc3339
from materials.review.model import State, Verdict

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.routes.instalments import Keep
    from materials.review.gathering import Gathered
    from materials.review.model import Finding, Resolution, Review

router = APIRouter(prefix="/v1", tags=["reviews"], dependencies=[Security(edge.signed)])


def document(held: Review, *, values: bool) -> dict[str, Any]:
    """A review as its organisation sees it.

    Args:
        values: what was compared, and reasons that staff gave, stand in it. Answers that are kept for an
            Idempotency-Key have none.
    """
    return {
        "case_no": held.case_no,
        "item_code": held.item_code,
        "version": held.version,
        "cause": held.cause.value,
        "as_of": rfc3339(held.as_of),
        "clean": held.clean,
        "counts": {state.value: held.count(state) for state in State},
        "findings": [_finding(each, held.resolutions.get(each.code), values=values) for each in held.findings],
        "entry_id": held.entry_id,
    }


def _finding(held: Finding, settled: Resolution | None, *, values: bool) -> dict[str, Any]:
    told = {
        "code": held.code,
        "rule": held.rule,
        "state": held.state.value,
        "why": held.why or None,
        "zh": held.zh,
        "en": held.en,
        "what_to_do": None if held.what_to_do is None else {"zh": held.what_to_do[0], "en": held.what_to_do[1]},
        "places": [dict(each) for each in held.places],
        "digest": held.digest,
        "resolution": None if settled is None else _resolution(settled, values=values),
    }
    return told | ({"values": [dict(each) for each in held.values]} if values else {})


def _resolution(held: Resolution, *, values: bool) -> dict[str, Any]:
    told = {
        "verdict": held.verdict.value,
        "operator": held.operator,
        "at": rfc3339(held.at),
        "entry_id": held.entry_id,
    }
    return told | ({"reason": held.reason} if values else {})


@router.post("/cases/{case_no}/review", status_code=201, summary="Review the check points of a case")
def review(request: Request, case_no: Code, body: ReviewIn) -> Response:
    """Evaluate every check point (审查要点) of the item anew; needs an Idempotency-Key.

    Licences and other departments' documents are read by uses of their own, sources are asked by checks, as far as it
    is lawful now; `asks` says what the holder would have to allow first. Documents handed in here that nobody had read
    are put in the queue. What was compared is in `GET`, not in this answer.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")

    def keep(kept: Keep, db: Connection, held: Review, seen: Gathered) -> None:
        kept(db, 201, document(held, values=False) | {"asks": _asks(seen)})

    return instalments.once(
        node,
        request,
        caller.client_id,
        body,
        lambda kept: node.routes.reviewing.review(
            caller, case_no, body.operator, body.cause, lambda db, held, seen: keep(kept, db, held, seen)
        ),
    )


def _asks(seen: Gathered) -> list[dict[str, Any]]:
    return [
        {"source": each.source, "type_code": each.type_code, "fields": list(each.fields), "of": each.of}
        for each in seen.asks
    ]


@router.get("/cases/{case_no}/review", summary="The review of a case")
def get_review(request: Request, case_no: Code) -> dict[str, Any]:
    """The newest review: each check point with its state, where to look and what to do.

    `passed`, `failed`, `unclear` (a source is missing or not sure: somebody has to look) or `not-applicable`. `values`
    are what was compared. For the organisation of the case only, as its form.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.glance() as db:
        return document(node.routes.reviews.get(db, caller, case_no), values=True)


@router.post("/cases/{case_no}/review/settlements", summary="Settle a finding")
def settle(request: Request, case_no: Code, body: SettlementIn) -> Response:
    """State that a finding was put right, or was a false alarm, and why; needs an Idempotency-Key.

    It stands for this very finding: when what was compared changes, the finding is open again.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    decision = Verdict(body.verdict), body.reason, body.operator

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        held = node.routes.reviews.settle(db, caller, case_no, (body.code, body.digest), decision)
        return 200, document(held, values=False)

    return edge.once(node, request, caller.client_id, body, act)
