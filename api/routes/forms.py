"""智能预填: the form of a case, every field with the sources of its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response, Security

from api.formschemas import FormChangeIn, FormIn
from api.routes import edge, instalments
from api.schemas import Code
from ledger.clock import rfc3339
from materials.checklist import reasons
from materials.checklist.model import Confirm
from materials.forms.service import Change

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from api.node import Node
    from api.routes.instalments import Keep
    from materials.forms.model import Candidate, Content, Form, FormLine, Statement
    from materials.forms.plans import Plan

router = APIRouter(prefix="/v1", tags=["forms"], dependencies=[Security(edge.signed)])
_CONFIRMS = {each.value for each in Confirm}


def document(node: Node, held: Form, plan: Plan | None = None) -> dict[str, Any]:
    """A form as its organisation sees it.

    Args:
        plan: it was just filled by; then it says what would need consent first.
    """
    item = node.catalogue.at(held.item_code, held.item_version)
    names = {each.code: (each.zh, each.en) for each in item.fields}
    now = node.clock.now()
    told = {
        "case_no": held.case_no,
        "item_code": held.item_code,
        "version": held.version,
        "saved_at": rfc3339(held.saved_at),
        "complete": held.complete,
        "prefilled": held.prefilled,
        "total": len(held.lines),
        "fields": [_line(each, names.get(each.code, (each.code, each.code)), now) for each in held.lines],
        "entry_id": held.entry_id,
    }
    if plan is not None:
        told["asks"] = [
            {"source": each.source, "type_code": each.type_code, "fields": list(each.fields), "of": each.of}
            for each in plan.asks
        ]
    return told


def _line(line: FormLine, names: tuple[str, str], now: datetime) -> dict[str, Any]:
    return {
        "code": line.code,
        "name": names[0],
        "name_en": names[1],
        "kind": line.kind,
        "state": line.state.value,
        "value": _plain(line.content),
        "source": _source(line, now),
        "candidates": [_candidate(each, now) for each in line.candidates],
        "stated": None if line.statement is None else _statement(line.statement),
        "missing": [{"source": each.source} | _said(each.reason) for each in line.missing],
    }


def _source(line: FormLine, now: datetime) -> dict[str, Any] | None:
    """Where the value that stands comes from."""
    if line.statement is not None:
        held = _statement(line.statement)
        return {"kind": "applicant", "by": held["by"], "entry_id": held["entry_id"], "as_of": held["at"]}
    if line.chosen is None:
        return None
    return {name: value for name, value in _candidate(line.chosen, now).items() if name not in {"value", "outdated"}}


def _candidate(held: Candidate, now: datetime) -> dict[str, Any]:
    return {
        "value": _plain(held.content),
        "kind": held.origin.kind.value,
        "source": held.origin.source,
        "id": held.origin.id,
        "entry_id": held.origin.entry_id,
        "as_of": rfc3339(held.origin.as_of),
        "freshness": {"live": held.origin.live, "age_days": max(0, (now - held.origin.as_of).days)},
        "outdated": held.outdated,
    }


def _statement(held: Statement) -> dict[str, Any]:
    return {
        "value": _plain(held.content),
        "by": held.by,
        "operator": held.operator,
        "at": rfc3339(held.at),
        "entry_id": held.entry_id,
    }


def _plain(content: Content | None) -> str | list[str] | None:
    return list(content) if isinstance(content, tuple) else content


def _said(code: str) -> dict[str, str]:
    words = reasons.condition_wording(code) if code in _CONFIRMS else reasons.wording(code)
    return {"code": code, "zh": words[0], "en": words[1]}


@router.post("/cases/{case_no}/form", status_code=201, summary="Fill the form of a case")
def fill(request: Request, case_no: Code, body: FormIn) -> Response:
    """Fill each field from the sources its item names, the best first; needs an Idempotency-Key.

    Licences and other departments' materials are read by uses of their own, sources are asked by checks, each only as
    far as it is lawful now; `asks` says what the holder would have to allow first. Every field names source, log entry,
    time and freshness of its value. Where sources differ, all their values are shown and none is chosen. Filling again
    asks only for what is new, and keeps what was stated.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")

    def keep(kept: Keep, db: Connection, held: Form, plan: Plan) -> None:
        kept(db, 201, document(node, held, plan))

    return instalments.once(
        node,
        request,
        caller.client_id,
        body,
        lambda kept: node.routes.filling.fill(
            caller, case_no, body.operator, body.cause, lambda db, held, plan: keep(kept, db, held, plan)
        ),
    )


@router.patch("/cases/{case_no}/form", summary="State values of a form")
def change(request: Request, case_no: Code, body: FormChangeIn) -> Response:
    """Overwrite fields in the name of the applicant or the window; needs an Idempotency-Key.

    What the sources said stays beside it. Computed fields follow. `null` takes a statement back.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    values = {name: tuple(held) if isinstance(held, list) else held for name, held in body.values.items()}
    changed = Change(case_no, body.operator, body.by, body.version, values)
    return edge.once(
        node,
        request,
        caller.client_id,
        body,
        lambda db: (200, document(node, node.routes.forms.change(db, caller, changed))),
    )


@router.get("/cases/{case_no}/form", summary="The form of a case")
def get_form(request: Request, case_no: Code) -> dict[str, Any]:
    """The newest version of the form, with the sources of every field; also of a closed case."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.glance() as db:
        return document(node, node.routes.forms.get(db, caller, case_no))
