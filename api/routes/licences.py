"""Licences: their types, issuing, what is done to them, and what their issuer knows of them.

No route here returns a face or a file: whoever needs one opens a use (`POST /v1/uses`) or is shown it by its holder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security
from sqlalchemy.exc import IntegrityError

from api import idempotency
from api.idempotency import Answer
from api.licenceschemas import LicenceIn, LicenceStatusIn
from api.observe import ISSUED
from api.routes import edge
from api.schemas import TypeCode, Uuid
from certs.drafts import Draft
from certs.errors import UnknownLicenceError
from certs.facts import Related
from certs.lifecycle import has_begun, status_on
from certs.model import LicenceStatus, Operation
from certs.store import composites, issuers
from ledger import bundle, failpoints
from ledger.clock import rfc3339
from ledger.steps import execute, run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.licenceschemas import LicenceHolderIn
    from api.node import Node
    from authz.model import Caller
    from certs.drafts import Plan, Prepared
    from certs.licencetypes import FaceField, LicenceType
    from certs.model import FileRef, Licence

router = APIRouter(prefix="/v1", tags=["licences"])

Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[Uuid | None, Query(description="last licence id of the page before")]


# Types


@router.get("/licence-types", summary="Types of licence")
def list_types(request: Request) -> dict[str, Any]:
    """The licence catalogue of this node, with every field of every face."""
    catalogue = edge.node_of(request).licence_types
    return {"version": catalogue.version, "types": [type_document(each) for each in catalogue.types.values()]}


@router.get("/licence-types/{code}", summary="A type of licence")
def get_type(request: Request, code: TypeCode) -> dict[str, Any]:
    """One type by its code LTnn."""
    return type_document(edge.node_of(request).licence_types.type(code))


def type_document(kind: LicenceType) -> dict[str, Any]:
    """A type as JSON."""
    return {
        "code": kind.code,
        "version": kind.version,
        "name": kind.name,
        "name_en": kind.name_en,
        "licence_type_code": kind.type_code,
        "issuer": kind.issuer,
        "material_type": kind.material_type,
        "holder_kinds": list(kind.holder_kinds),
        "several_holders": kind.several_holders,
        "joint_consent": kind.joint_consent,
        "validity": {
            "kind": kind.validity.kind.value,
            "years": list(kind.validity.years),
            "long": kind.validity.long,
        },
        "share_class": kind.share_class,
        "level": kind.level,
        "unique_per_holder": kind.unique_per_holder,
        "object_field": kind.object_field,
        "composite": kind.composite,
        "related": [{"role": each.kind, "required": each.required, "most": each.most} for each in kind.related],
        "fields": [_field_document(kind, each) for each in kind.fields],
    }


def _field_document(kind: LicenceType, field: FaceField) -> dict[str, Any]:
    return {
        "name": field.name,
        "title_zh": field.title_zh,
        "title_en": field.title_en,
        "kind": field.kind,
        "required": field.required,
        "level": field.level,
        "mask": field.mask,
        "since": field.since,
        "shared": field.name in kind.sharing,
        "presented": field.name in kind.presenting,
    }


# Issuing


@router.post("/licences", status_code=201, summary="Issue a licence", dependencies=[Security(edge.signed)])
def issue(request: Request, body: LicenceIn) -> Response:
    """Make record, sealed PDF and OFD, credential and log entry together (同步制发); also a renewal or change.

    Needs a registrar as operator and an Idempotency-Key. The answer is the acknowledgement: the licence stands, its
    files are durable, and its entry is promised for the log within 60 s.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "issue")
    key = idempotency.check_key(request.headers.get("idempotency-key"))
    asked = edge.fingerprint(request, body)
    failpoints.reach("issue.asked")
    with node.database.unit() as db:
        given = run(db, node.answers.find(caller.client_id, key, asked))
        if given is not None:
            return edge.json_response(given)
        run(db, node.refuse_when_overdue())
        node.editing.look(db)
        plan = node.issuing.plan(db, caller, draft(body))
    failpoints.reach("issue.planned")
    prepared = node.making.make(plan)
    failpoints.reach("issue.stored")
    try:
        answer = _record(node, caller, plan, prepared, key, asked)
    except IntegrityError as error:  # the files just stored stay unreadable: their keys go with this call
        if not idempotency.is_taken(error):
            raise
        with node.database.glance() as db:
            given = run(db, node.answers.find(caller.client_id, key, asked))
        if given is None:
            raise
        return edge.json_response(given)
    failpoints.reach("issue.committed")
    ISSUED.labels(body.type_code).inc()
    return edge.json_response(answer)


def draft(body: LicenceIn) -> Draft:
    """What is to be issued, as the services know it."""
    return Draft(
        type_code=body.type_code,
        licence_no=body.licence_no,
        holders=tuple(_named(each) for each in body.holders),
        face=body.face,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        operator=body.operator,
        operation=Operation[body.operation],
        predecessor=body.predecessor,
        related=tuple(Related(each.role, _named(each.person)) for each in body.related),
        members=body.members,
        origin_id=body.origin_id,
        holder_key=body.holder_key.model_dump() if body.holder_key else None,
    )


def _named(given: LicenceHolderIn) -> tuple[str, str, str]:
    return given.name, given.code_type, given.code


def _record(node: Node, caller: Caller, plan: Plan, prepared: Prepared, key: str, asked: bytes) -> Answer:
    """The unit of an issue; its commit is the acknowledgement."""
    with node.database.unit() as db:
        licence, promise = node.issuing.record(db, caller, plan, prepared)
        answer = Answer(201, edge.dump(licence_document(node, licence) | {"promise": promise.to_json()}))
        execute(db, node.answers.keep(caller.client_id, key, asked, answer))
        failpoints.reach("issue.recorded")
    return answer


# What is done to a licence


@router.post("/licences/{licence_id}/status", summary="Change a licence's status", dependencies=[Security(edge.signed)])
def change_status(request: Request, licence_id: str, body: LicenceStatusIn) -> Response:
    """Suspend, give back, cancel, revoke, withdraw or transfer a licence of yours; every path sees it at once.

    Needs a registrar as operator and an Idempotency-Key. Never stops for a log that lags.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "issue")
    held = edge.uuid(licence_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        changed = node.changes.change(
            db,
            caller,
            held,
            Operation[body.operation],
            reason=body.reason,
            operator=body.operator,
            to=LicenceStatus(body.status) if body.status else None,
        )
        return 200, licence_document(node, changed)

    return edge.once(node, request, caller.client_id, body, act)


# What its issuer knows of it


@router.get("/licences", summary="What you issued", dependencies=[Security(edge.signed)])
def list_issued(
    request: Request, type_code: TypeCode | None = None, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    """Licences of your organisation, the newest first, and the types it issues."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "issue")
    with node.database.glance() as db:
        held = run(db, node.licences.issued_by(caller.party_id, type_code=type_code, after=after, limit=limit))
        types = run(db, issuers.types(caller.party_id))
    shown = [licence_document(node, each) for each in held]
    return {"licences": shown, "after": held[-1].id if len(held) == limit else None, "issues": types}


@router.get("/licences/{licence_id}", summary="A licence you issued", dependencies=[Security(edge.signed)])
def get_licence(request: Request, licence_id: str) -> dict[str, Any]:
    """Status, versions and what was done to it; a licence of somebody else looks like one that does not exist."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "issue")
    with node.database.unit() as db:
        held = _own(node, db, caller, edge.uuid(licence_id))
        versions = run(db, node.licences.versions(held.first_id))
        events = run(db, node.licences.events(held.id))
        members = run(db, composites.members(held.id))
        states = node.entry_states(db, [each.entry_id for each in events])
    return licence_document(node, held) | {
        "versions": [{"licence_id": each.id, "version": each.version} for each in versions],
        "members": members,
        "events": [
            {
                "at": rfc3339(each.at),
                "operation": each.operation.value,
                "status": each.status.value,
                "reason": each.reason,
                "operator": each.operator,
                "entry_id": each.entry_id,
                "entry_state": states[each.entry_id].state.value,
            }
            for each in events
        ],
    }


@router.get("/licences/{licence_id}/evidence", summary="Evidence of a licence", dependencies=[Security(edge.signed)])
def evidence(request: Request, licence_id: str) -> dict[str, Any]:
    """What proves, offline, that this licence was issued and what became of it; `cailian verify` checks it."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "issue")
    with node.database.unit() as db:
        held = _own(node, db, caller, edge.uuid(licence_id))
        entries = [held.entry_id, held.changed_entry_id] if held.changed_entry_id else [held.entry_id]
        return node.lag.say(db, bundle.build(db, node.evidence, "licence", entries))


def _own(node: Node, db: Connection, caller: Caller, licence_id: str) -> Licence:
    held = run(db, node.licences.get(licence_id))
    if held is None or held.issuer_party_id != caller.party_id:
        raise UnknownLicenceError
    return held


def licence_document(node: Node, held: Licence) -> dict[str, Any]:
    """A licence as its issuer sees it: no face, no number, no holder."""
    kind, now = node.licence_types.type(held.type_code), node.clock.now()
    return {
        "licence_id": held.id,
        "identifier": held.licence_id,
        "type_code": held.type_code,
        "type_name": kind.name,
        "version": held.version,
        "predecessor": held.predecessor_id,
        "successor": held.successor_id,
        "status": status_on(held, now).value,
        "status_reason": held.status_reason,
        "status_at": rfc3339(held.status_at),
        "disputed": held.frozen,
        "begun": has_begun(held, now),
        "issued_at": rfc3339(held.issued_at),
        "valid_from": held.valid_from.isoformat(),
        "valid_to": held.valid_to.isoformat() if held.valid_to else None,
        "origin": held.origin,
        "pdf": _file_document(held.pdf),
        "ofd": _file_document(held.ofd),
        "credential_sha256": held.credential_sha256,
        "status_list": held.status_list
        and {"uri": node.status_lists.uri(held.status_list[0]), "index": held.status_list[1]},
        "entry_id": held.entry_id,
        "changed_entry_id": held.changed_entry_id,
    }


def _file_document(held: FileRef | None) -> dict[str, Any] | None:
    return None if held is None else {"size": held.size, "sha256": held.sha256, "sm3": held.sm3}
