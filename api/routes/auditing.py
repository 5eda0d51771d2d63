"""The auditor's pages (`web/auditor`), and what auditors look at within their scope.

The pages and everything about the log are public. Records are for members of staff with the role `auditor`, who come
in by the console's door (`api.staffdoor`) or by their organisation's system; each look is written down
(`authz.auditlooks`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response, Security
from fastapi.responses import RedirectResponse

from api import browsers
from api.auditschemas import LookIn
from api.browsers import FRESH, Pages
from api.errors import MalformedRequestError
from api.problems import TABLE
from api.routes import edge
from api.schemas import Code, Uuid
from authz.auditlooks import LookKind, Reach, Subject
from authz.errors import NotPermittedError
from authz.model import Act
from authz.reasons import WORDING, Reason
from ledger import bundle, store
from ledger.clock import rfc3339
from ledger.envelope import opening_json
from ledger.record import Opening
from materials.auditing import COUNTED
from materials.auditlines import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from api.node import Node
    from authz.model import Caller, Party
    from authz.store.auditlooks import HeldLook
    from ledger.model import EntryStatus, StoredRecord
    from materials.auditing import LookPage
    from materials.auditlines import Line, Version

router = APIRouter()

_PAGES: Final = Pages("auditor/dist", browsers.policy())
_SIGNED: Final = [Security(edge.signed)]
MOST: Final = 200
_REASONS: Final = frozenset(Reason)
Operator = Annotated[Code, Query()]
Limit = Annotated[int, Query(ge=1, le=MOST)]


@router.get("/auditor", include_in_schema=False)
def short() -> Response:
    """The address as people type it."""
    return RedirectResponse("/auditor/", 308)


@router.get("/auditor/", include_in_schema=False)
def page(request: Request) -> Response:
    """The pages."""
    return _PAGES.page(request)


@router.get("/auditor/config.json", include_in_schema=False)
def config(request: Request) -> Response:
    """Where to log in."""
    node = edge.node_of(request)
    held = {"demo": node.settings.demo, "node": node.settings.base_url, "login": browsers.login_of(node)}
    return Response(edge.dump(held), 200, _PAGES.headers | FRESH, "application/json")


@router.get("/auditor/{name}", include_in_schema=False)
def beside(request: Request, name: str) -> Response:
    """A file beside the page."""
    return _PAGES.file(request, name)


@router.get("/auditor/assets/{name}", include_in_schema=False)
def asset(request: Request, name: str) -> Response:
    """A file whose name says its content."""
    return _PAGES.asset(request, name)


@router.post("/v1/audit/looks", status_code=201, summary="Look at a case, thing or department", tags=["audit"],
             dependencies=_SIGNED)  # fmt: skip
def look(request: Request, body: LookIn) -> Response:
    """Write down who looks at what and why; its pages can be turned for an hour. Needs an Idempotency-Key.

    By an auditor: of the node everything, of another organisation its own. What is outside looks like what is not.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request)
    kind, since, until = LookKind(body.kind), body.since, body.until
    if (since or until) and (kind is not LookKind.department or (since and until and since >= until)):
        raise MalformedRequestError(parameter="since, until")
    wanted = Subject(kind, body.value, since, until)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 201, _look(node, db, node.auditing.look(db, caller, body.operator, wanted, body.cause))

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/v1/audit/looks", summary="What auditors looked at", tags=["audit"], dependencies=_SIGNED)
def looks(
    request: Request,
    operator: Operator,
    after: Annotated[Uuid | None, Query(description="last look of the page before")] = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Of your organisation; for the node's own overseers, of every organisation. The newest first."""
    node = edge.node_of(request)
    caller = edge.caller(node, request)
    with node.database.unit() as db:
        found = node.audit_looks.listed(db, caller, operator, after, limit + 1)
        shown = [_look(node, db, each) for each in found[:limit]]
    return {"looks": shown, "after": found[limit - 1].id if len(found) > limit else None}


@router.get("/v1/audit/looks/{look_id}", summary="One look of yours", tags=["audit"], dependencies=_SIGNED)
def one_look(request: Request, look_id: str, operator: Operator) -> dict[str, Any]:
    """What is looked at, why, and until when its pages can be turned."""
    node = edge.node_of(request)
    caller = edge.caller(node, request)
    with node.database.unit() as db:
        return _look(node, db, node.audit_looks.standing(db, caller, operator, edge.uuid(look_id)))


@router.get("/v1/audit/looks/{look_id}/lines", summary="What was done, page by page", tags=["audit"],
            dependencies=_SIGNED)  # fmt: skip
def lines(
    request: Request,
    look_id: str,
    operator: Operator,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 100,
    only: Annotated[Part | None, Query(description="of a department, this part of what it did")] = None,
) -> dict[str, Any]:
    """Each with organisation, case, basis and log entry; nobody's name and no content.

    In the order of time; of a department the newest first, and everything it did: uses, refusals, deposits, acts on
    licences, cases, scans. Of anything else `limit` counts uses, refusals, scans, deliveries and a case's deposits.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request)
    with node.database.unit() as db:
        held = _standing(node, db, caller, operator, look_id, of_department=only is not None)
        return _page(node, db, node.auditing.page(db, caller, held, cursor, limit, only))


@router.get("/v1/audit/looks/{look_id}/sums", summary="How much a department did", tags=["audit"],
            dependencies=_SIGNED)  # fmt: skip
def sums(request: Request, look_id: str, operator: Operator) -> dict[str, Any]:
    """In the time of a look at a department, by parts. Counted up to `most`; what is more says one more."""
    node = edge.node_of(request)
    caller = edge.caller(node, request)
    with node.database.unit() as db:
        held = _standing(node, db, caller, operator, look_id, of_department=True)
        return {"most": COUNTED, "sums": node.auditing.sums(db, held)}


@router.get("/v1/audit/looks/{look_id}/bundles/{version_id}", summary="How a version came in, as evidence",
            tags=["audit"], dependencies=_SIGNED)  # fmt: skip
def version_bundle(request: Request, look_id: str, version_id: str, operator: Operator) -> dict[str, Any]:
    """The bundle of the deposit or issue of a material's or licence's version, to be taken away and verified offline.

    It proves time and digests, so that a document can be held against it; who took part stays shut.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request)
    with node.database.unit() as db:
        held = node.audit_looks.standing(db, caller, operator, edge.uuid(look_id))
        act, entry = node.auditing.came_in(db, caller, held, edge.uuid(version_id))
        return node.lag.say(db, bundle.build(db, node.evidence, act, [entry], hide_parties=True))


@router.get("/v1/audit/entries", summary="What kind of records the log's entries hold", tags=["audit"],
            dependencies=_SIGNED)  # fmt: skip
def entries(
    request: Request,
    operator: Operator,
    low: Annotated[int, Query(ge=0, le=1 << 62, description="index of the first")],
    limit: Limit = 50,
) -> dict[str, Any]:
    """For an auditor of the node: the opened fact (type, time, digests) of each entry, its parties shut.

    What opens the leaf that everybody can read; whoever looks checks that it does. Erased records are left out.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request)
    with node.database.unit() as db:
        if node.audit_looks.reach(db, caller, operator) is not Reach.node:
            raise NotPermittedError(act=Act.audit.value)
        found = list(store.records_between(db, low, low + limit))
    return {"entries": [{"index": index, "opening": _opening(each)} for index, each in found]}


def _standing(
    node: Node, db: Connection, caller: Caller, operator: str, look_id: str, *, of_department: bool
) -> HeldLook:
    held = node.audit_looks.standing(db, caller, operator, edge.uuid(look_id))
    if of_department and held.kind != LookKind.department:
        raise MalformedRequestError(parameter="only")
    return held


def _opening(held: StoredRecord) -> dict[str, object]:
    shut = Opening.of(held.fact, held.parties, held.salts, hide_parties=True)
    return opening_json(shut, fact=json.loads(held.fact), parties=None)


def _look(node: Node, db: Connection, held: HeldLook) -> dict[str, Any]:
    until = node.audit_looks.until(held)
    return {
        "look_id": held.id,
        "kind": held.kind,
        "subject": held.subject,
        "scope": held.scope,
        "since": rfc3339(held.since) if held.since else None,
        "until": rfc3339(held.until) if held.until else None,
        "cause": node.audit_looks.cause(held),
        **_party(node.parties.party(db, held.party_id)),
        "operator": held.operator,
        "at": rfc3339(held.at),
        "open_until": rfc3339(until),
        "is_open": until > node.clock.now(),
        "entry_id": held.entry_id,
    }


def _page(node: Node, db: Connection, found: LookPage) -> dict[str, Any]:
    states = node.entry_states(db, [each for line in found.lines for each in line.entry_ids])
    named = {each.party_id for each in found.lines if each.party_id} | {each.party_id for each in found.versions}
    parties = node.parties.several(db, named)
    types = node.auditing.types_of(db, {each.object_id for each in found.lines if each.object_id})
    return {
        "versions": [_version(each, parties) for each in found.versions],
        "lines": [_line(each, parties, states, types) for each in found.lines],
        "next_cursor": found.next_cursor,
    }


def _party(held: Party | None) -> dict[str, Any]:
    return {"organisation": held.name if held else None, "org_code": held.org_code if held else None}


def _version(held: Version, parties: Mapping[str, Party]) -> dict[str, Any]:
    return {
        "id": held.id,
        "type_code": held.code,
        "version": held.version,
        "status": held.status,
        **_party(parties.get(held.party_id)),
        "at": rfc3339(held.at),
        "sha256": held.sha256,
        "origin_case_no": held.origin_case_no,
        "licence_id": held.licence_id,
        "erased_at": rfc3339(held.erased_at) if held.erased_at else None,
    }


def _line(
    held: Line, parties: Mapping[str, Party], states: Mapping[str, EntryStatus], types: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "kind": held.kind,
        "id": held.id,
        "at": rfc3339(held.at),
        **_party(parties.get(held.party_id or "")),
        "operator": held.operator,
        "object_id": held.object_id,
        "type_code": types.get(held.object_id or ""),
        "case_no": held.case_no,
        "item_code": held.item_code,
        "mode": held.mode,
        "basis": held.basis,
        "reason": held.reason,
        "reason_text": _wording(held.reason),
        "state": held.state,
        "ended_at": rfc3339(held.ended_at) if held.ended_at else None,
        "related": held.related,
        "copy_sha256": held.copy_sha256,
        "code_kind": held.code_kind,
        "scenario": held.scenario,
        "fields": list(held.fields),
        "entry": _entry(held.entry_id, states),
        "outcome_entry": _entry(held.outcome_entry_id, states),
        "copy_entry": _entry(held.copy_entry_id, states),
    }


def _wording(reason: str | None) -> dict[str, str] | None:
    """What the reason of a refusal says; None for other codes."""
    if reason is None:
        return None
    if reason in _REASONS:
        said = WORDING[Reason(reason)]
        return {"zh": said.zh, "en": said.en}
    if reason in TABLE:  # of a scan, which is refused as its verifier was told
        return {"zh": TABLE[reason].title_zh, "en": TABLE[reason].title_en}
    return None


def _entry(entry_id: str | None, states: Mapping[str, EntryStatus]) -> dict[str, Any] | None:
    """Where an entry is in the log; None of what has none."""
    if entry_id is None:
        return None
    held = states.get(entry_id)
    return {
        "entry_id": entry_id,
        "state": held.state.value if held else "pending",
        "log": held.origin if held else None,
        "index": held.index if held else None,
        "anchored_at": rfc3339(held.anchored_at) if held and held.anchored_at else None,
    }
