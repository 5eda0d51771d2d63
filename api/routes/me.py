"""The citizen's ledger over HTTP: who used what of mine, on what basis, and what I say to that.

A holder proves who they are by signing a request (`ledger`, `report`) by a login or an enrolled key; the signature is
good for five minutes, so that pages can be turned. Nothing here names a value, and no address holds more than an id.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response, Security

from api.routes import edge
from api.routes.operations import SCOPE as OVERSEE
from api.routes.uses import evidence_of
from api.schemas import Code
from api.showschemas import LedgerIn, ReportAnswerIn, SignedIn
from authz.errors import SignerNotHolderError, UnknownLineError
from authz.model import Act, Identifier
from authz.reasons import WORDING, Reason
from certs.store import licences
from ledger.clock import rfc3339
from materials import store as materials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from api.node import Node
    from authz.holderledger import Report
    from authz.store.ledger import Line
    from certs.requests import HolderRequest

router = APIRouter(prefix="/v1", tags=["me"])

_PRIVATE: Final = {"Cache-Control": "private, no-store"}
EXPORTED: Final = 10_000
"""Most lines of one export; whoever has more asks for the next."""
_AT_ONCE: Final = 500
_COLUMNS: Final = {
    "at": "时间",
    "organisation": "用证单位",
    "item": "事项",
    "cause": "事由",
    "type": "材料",
    "mode": "方式",
    "basis": "依据",
    "state": "结果",
    "reason_zh": "拒绝原因",
    "case_no": "办件编号",
    "entry_id": "日志条目",
    "seq": "序号",
}


@router.post("/me/ledger", summary="Every use of what is yours")
def ledger(request: Request, body: LedgerIn) -> Response:
    """A page, the newest first: uses and refused uses; or 10,000 lines at a time as CSV with `format` `csv`.

    Where more follow, `cursor` in the answer, or the header `X-Next-Cursor` of a CSV, begins the next. The request's
    `terms` name an organisation whose representative you are, or nobody: then it is your own.
    """
    node = edge.node_of(request)
    asked = edge.asked_of(node, body, "ledger")
    with node.database.unit() as db:
        holder_id = whose(node, db, asked, body.signed)
        if body.format == "csv":
            lines, after = many_lines(node, db, holder_id, body.cursor)
            return csv_of(shown_lines(node, db, lines), after)
        page = node.holder_ledger.page(db, holder_id, cursor=body.cursor, limit=body.limit)
        held = {
            "lines": shown_lines(node, db, page.lines),
            "cursor": page.cursor,
            "reports": [report_document(each) for each in node.holder_ledger.reports_of(db, holder_id)],
        }
    return Response(edge.dump(held), 200, _PRIVATE, "application/json")


@router.post("/me/uses/{use_id}/evidence", summary="The proof of one use of what is yours")
def evidence(request: Request, use_id: str, body: SignedIn) -> Response:
    """The evidence bundle of a use: verifies offline like its receipt. Sign a request `ledger`."""
    node = edge.node_of(request)
    asked = edge.asked_of(node, body, "ledger")
    with node.database.unit() as db:
        holder_id = whose(node, db, asked, body.signed)
        held = evidence_of(db, node, node.holder_ledger.use(db, holder_id, edge.uuid(use_id)))
    return Response(edge.dump(held), 200, _PRIVATE, "application/json")


@router.post("/me/lines/{line_id}/report", status_code=201, summary="Report a use")
def report(request: Request, line_id: str, body: SignedIn) -> Response:
    """Say what is wrong with a use or a refusal (`report`); the node's overseers answer. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    asked = edge.holder_asks(request, body, "report", line_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        try:
            holders = node.holder_ledger.holders_of(db, asked.subject)
            holder_id, signer = node.signatures.for_any(db, body.signed, asked.digest, holders)
        except SignerNotHolderError:
            raise UnknownLineError from None
        made = node.holder_ledger.report(db, holder_id, asked.subject, asked.id, asked.terms["text"])
        return 201, report_document(made) | {"by_representative": signer.representation is not None}

    return edge.once(node, request, f"line {asked.subject}", body, act)


@router.get("/operations/reports", summary="Holders' reports that wait", dependencies=[Security(edge.signed)])
def reports(request: Request, operator: Annotated[Code, Query()]) -> dict[str, Any]:
    """The oldest 200 without an answer; needs an overseer as operator."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    with node.database.unit() as db:
        node.counter.let(db, caller, operator, Act.inspect)
        return {"reports": [_overseen(node, db, each) for each in node.holder_ledger.open_reports(db)]}


@router.post("/operations/reports/{report_id}/answer", summary="Answer a report", dependencies=[Security(edge.signed)])
def answer(request: Request, report_id: str, body: ReportAnswerIn) -> Response:
    """The holder reads the answer in their ledger. Needs an overseer as operator and an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    held = edge.uuid(report_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        node.counter.let(db, caller, body.operator, Act.inspect)
        made = node.holder_ledger.answer(db, held, answer=body.answer, operator=body.operator)
        return 200, _overseen(node, db, made)

    return edge.once(node, request, caller.client_id, body, act)


def report_document(held: Report) -> dict[str, Any]:
    """A report as its holder sees it."""
    return {
        "report_id": held.id,
        "line_id": held.line_id,
        "text": held.text,
        "at": rfc3339(held.at),
        "entry_id": held.entry_id,
        "answer": held.answer,
        "answered_at": rfc3339(held.answered_at) if held.answered_at else None,
        "answer_entry_id": held.answer_entry_id,
    }


def _overseen(node: Node, db: Connection, held: Report) -> dict[str, Any]:
    party = node.parties.party(db, held.party_id)
    return report_document(held) | {"organisation": party.name, "org_code": party.org_code}


def whose(node: Node, db: Connection, asked: HolderRequest, signature: str) -> str:
    """Whose ledger a signed request may see: the signer's, or that of an organisation the signer represents."""
    code = asked.terms["organisation"]
    signer = node.signatures.person(db, signature, asked.digest, reading=True)
    if code is None:
        return signer.holder_id
    holder_id = node.holders.resolve(db, Identifier("001", code))
    if holder_id is None:
        raise SignerNotHolderError
    node.signatures.standing_for(db, signer, holder_id)
    return holder_id


def many_lines(node: Node, db: Connection, holder_id: str, cursor: str | None) -> tuple[list[Line], str | None]:
    """The lines of one export, and where the next begins."""
    lines: list[Line] = []
    while True:
        page = node.holder_ledger.page(db, holder_id, cursor=cursor, limit=min(_AT_ONCE, EXPORTED - len(lines)))
        lines += page.lines
        cursor = page.cursor
        if cursor is None or len(lines) >= EXPORTED:
            return lines, cursor


def shown_lines(node: Node, db: Connection, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Lines with the names a person reads."""
    parties = {each: node.parties.party(db, each) for each in {line.party_id for line in lines}}
    objects = {line.object_id for line in lines if line.object_id}
    types = materials.types_of(db, objects) | licences.types_of(db, objects)
    items = node.catalogue.items
    shown = []
    for line in lines:
        reason = WORDING[Reason(line.reason)] if line.reason in set(Reason) else None
        shown.append(
            {
                "line_id": line.id,
                "kind": line.kind,
                "at": rfc3339(line.at),
                "organisation": parties[line.party_id].name,
                "org_code": parties[line.party_id].org_code,
                "item": items[line.item_code].name if line.item_code in items else line.item_code,
                "item_code": line.item_code,
                "case_no": line.case_no,
                "cause": line.cause,
                "object_id": line.object_id,
                "type": _type_name(node, types.get(line.object_id or "")),
                "mode": line.mode,
                "basis": line.basis,
                "grant_id": line.grant_id,
                "state": line.state,
                "reason": line.reason,
                "reason_zh": reason.zh if reason else None,
                "reason_en": reason.en if reason else None,
                "seq": line.seq,
                "entry_id": line.entry_id,
                "outcome_entry_id": line.outcome_entry_id,
                "proof": f"{node.settings.base_url}/v1/entries/{line.entry_id}/proof",
            }
        )
    return shown


def _type_name(node: Node, code: str | None) -> str | None:
    if code is None:
        return None
    if code in node.catalogue.types:
        return node.catalogue.types[code].name
    return node.licence_types.types[code].name if code in node.licence_types.types else code


def csv_of(lines: list[dict[str, Any]], after: str | None) -> Response:
    """RFC 4180 with a header in Chinese; a cell that a spreadsheet would take for a formula is quoted off."""
    out = io.StringIO()
    out.write("\ufeff")  # by which spreadsheets know UTF-8
    writer = csv.writer(out)
    writer.writerow(_COLUMNS.values())
    for line in lines:
        writer.writerow([_cell(line[name]) for name in _COLUMNS])
    headers = _PRIVATE | {"Content-Disposition": 'attachment; filename="ledger.csv"'}
    headers |= {"X-Next-Cursor": after} if after else {}
    return Response(out.getvalue().encode(), 200, headers, "text/csv; charset=utf-8")


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in {"=", "+", "-", "@"} else text
