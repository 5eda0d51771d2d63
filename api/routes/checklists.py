"""Checklists: for every material of a case, how it is supplied without asking the applicant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api.caseschemas import ConfirmationIn, ConfirmationTermsIn
from api.errors import NotFoundError
from api.routes import edge
from api.schemas import Code
from authz.model import Act
from ledger.clock import rfc3339
from ledger.steps import run
from materials.checklist import reasons
from materials.checklist.model import LineState
from materials.checklist.service import Checklists, Confirmed

if TYPE_CHECKING:
    from api.node import Node
    from authz.model import Caller
    from materials.checklist.model import Line, Offer
    from materials.checklist.service import Checklist

router = APIRouter(prefix="/v1", tags=["cases"], dependencies=[Security(edge.signed)])


def document(node: Node, caller: Caller, shown: Checklist) -> dict[str, Any]:
    """A checklist as it is answered: with names, and with use codes instead of the ids of licences."""
    states = [line.state for line in shown.lines]
    return {
        "case_no": shown.case.case_no,
        "item_code": shown.item.item_code,
        "item_version": shown.case.item_version,
        "item": {"zh": shown.item.name, "en": shown.item.name_en},
        "scenario": shown.case.scenario,
        "stage": shown.case.stage,
        "at": rfc3339(shown.at),
        "complete": not shown.open_lines,
        "uploads": shown.uploads,
        "states": {state.value: states.count(state) for state in LineState},
        "lines": [_line(node, caller, shown, line) for line in shown.lines],
    }


def _line(node: Node, caller: Caller, shown: Checklist, line: Line) -> dict[str, Any]:
    kind = node.catalogue.type(line.demand.type_code)
    return {
        "line": line.key,
        "type_code": kind.code,
        "name": kind.name,
        "name_en": kind.name_en,
        "of": line.of,
        "need": line.demand.need,
        "state": line.state.value,
        "route": None if line.offer is None else _route(line.offer),
        "evidence": {} if line.offer is None else _evidence(node, caller, shown, line.offer),
        "conditions": [_said(each, reasons.condition_wording(each)) for each in line.offer.conditions]
        if line.offer
        else [],
        "refused": [
            {"route": each.route.value} | _said(each.reason, reasons.wording(each.reason)) for each in line.refused
        ],
    }


def _route(offer: Offer) -> dict[str, str]:
    return _said(offer.route.value, reasons.ROUTES[offer.route.value])


def _said(code: str, words: tuple[str, str]) -> dict[str, str]:
    return {"code": code, "zh": words[0], "en": words[1]}


def _evidence(node: Node, caller: Caller, shown: Checklist, offer: Offer) -> dict[str, str]:
    """Evidence for the caller. A licence's id stays here: what finds it in this case is a use code."""
    told = dict(offer.evidence)
    licence = told.pop("licence", None)
    if licence is not None:
        told["use_code"] = node.use_codes.make(licence, caller.party_id, shown.case.case_no)
    return told


@router.get("/cases/{case_no}/checklist", summary="How each material of a case is supplied")
def checklist(request: Request, case_no: Code, operator: Annotated[Code | None, Query()] = None) -> dict[str, Any]:
    """For every required material the route that holds now, and why each better route was refused.

    Also what the route stands on and what must still be confirmed. Before the holder's consent, nothing is said of
    things of level 3 and 4.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.glance() as db:
        if operator is not None:
            node.counter.let(db, caller, operator, Act.search)
        shown = run(db, node.checklists.get(caller, case_no, operator))
    return document(node, caller, shown)


@router.get("/cases/{case_no}/checklist/kept", summary="The checklist a case was accepted with")
def kept(request: Request, case_no: Code) -> dict[str, Any]:
    """The canonical checklist as it stood at acceptance, its SHA-256 and the log entry that names it."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.glance() as db:
        node.cases.get(db, caller, case_no)
        held = node.checklists.kept(db, case_no)
    if held is None:
        raise NotFoundError
    return held


@router.post("/cases/{case_no}/confirmations/terms", summary="What a holder signs to confirm reuse")
def what_to_sign(request: Request, case_no: Code, body: ConfirmationTermsIn) -> dict[str, Any]:
    """The canonical words and their digest; nothing is kept."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.glance() as db:
        node.cases.open_one(db, caller, case_no)
    terms, digest = Checklists.terms(case_no, _confirmed(body))
    return {"terms": json.loads(terms), "digest": digest}


@router.post("/cases/{case_no}/confirmations", status_code=201, summary="Confirm reuse, and that nothing changed")
def confirm(request: Request, case_no: Code, body: ConfirmationIn) -> Response:
    """By the holder's signature, or as stated at the counter by an applicant who is there. Answers with the checklist.

    Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    return edge.once(
        node,
        request,
        caller.client_id,
        body,
        lambda db: (
            201,
            document(
                node,
                caller,
                node.checklists.confirm(db, caller, case_no, _confirmed(body), body.operator, body.signature),
            ),
        ),
    )


def _confirmed(body: ConfirmationTermsIn) -> list[Confirmed]:
    return [Confirmed(each.line, each.material, tuple(each.conditions)) for each in body.lines]
