"""What a person sees of their own at this node's pages, in a session: licences, materials, uses, notices, delegations.

Everything here looks, and changes nothing but the date a notice was first read; whatever has an effect is signed by
itself. `on_behalf` is a name from `GET /v1/my/session`: whom the person represents. Answers are never cached, and no
address holds more than an id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.observe import LOOKS
from api.routes import citizen, codes, deliveries, disputes, edge, me, notices
from api.routes.delegations import document as delegation_document, evidence_of as delegation_evidence
from api.routes.session import PRIVATE, capacities, looking, organisation_code, whose
from api.routes.uses import evidence_of
from api.signerschemas import OpenedIn
from authz.errors import UnknownDelegationError
from authz.noticekinds import NoticeKind
from certs import masks
from certs.errors import UnknownLicenceError
from certs.lifecycle import status_on
from certs.showing import values
from ledger.clock import rfc3339
from ledger.steps import run
from materials import store as materials
from materials.errors import UnknownMaterialError
from materials.validity import status_at

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.sessions import Session
    from certs.model import Licence
    from materials.model import Material

router = APIRouter(prefix="/v1/my", tags=["session"])

OnBehalf = Annotated[str | None, Query(max_length=22, description="of `GET /v1/my/session`: whom you represent")]
LISTED = 100
"""Most licences or materials of one page."""


@router.post("/consents", summary="What waits for you, and what you gave")
def consents(request: Request, body: OpenedIn, on_behalf: OnBehalf = None) -> Response:
    """The newest asks and grants, as `POST /v1/me/consents` lists them."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held = citizen.consents_of(node, db, whose(node, db, looking(node, request, db), on_behalf), body.batches)
    return _private(held)


@router.get("/uses", summary="Every use of what is yours")
def uses(
    request: Request,
    on_behalf: OnBehalf = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Uses and refused uses, the newest first, and what you reported of them."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        holder_id = whose(node, db, looking(node, request, db), on_behalf)
        page = node.holder_ledger.page(db, holder_id, cursor=cursor, limit=limit)
        reports = [me.report_document(each) for each in node.holder_ledger.reports_of(db, holder_id)]
        held = {"lines": me.shown_lines(node, db, page.lines), "cursor": page.cursor, "reports": reports}
    return _private(held)


@router.get("/uses.csv", summary="Export your ledger")
def export(
    request: Request, on_behalf: OnBehalf = None, cursor: Annotated[str | None, Query(max_length=400)] = None
) -> Response:
    """10,000 lines as CSV; where more follow, `X-Next-Cursor` begins the next."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        holder_id = whose(node, db, looking(node, request, db), on_behalf)
        lines, after = me.many_lines(node, db, holder_id, cursor)
        return me.csv_of(me.shown_lines(node, db, lines), after)


@router.get("/uses/{use_id}/evidence", summary="The proof of one use of what is yours")
def evidence(request: Request, use_id: str, on_behalf: OnBehalf = None) -> Response:
    """The evidence bundle of a use; it verifies offline, and in the page."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        holder_id = whose(node, db, looking(node, request, db), on_behalf)
        held = evidence_of(db, node, node.holder_ledger.use(db, holder_id, edge.uuid(use_id)))
    return _private(held)


@router.get("/notices", summary="What you were told")
def told(request: Request, on_behalf: OnBehalf = None) -> Response:
    """The newest 200; listing them dates their first reading."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        holder_id = whose(node, db, looking(node, request, db), on_behalf)
        found = node.notices.of_holder(db, holder_id)
        held = [notices.document(node, db, each) for each in found]
        node.notices.read(db, holder_id, found)
    return _private({"notices": held})


@router.get("/inbox", summary="Disputes, scans, lasting codes and deliveries of yours")
def inbox(request: Request, on_behalf: OnBehalf = None) -> Response:
    """The newest 200 of each."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        holder_id = whose(node, db, looking(node, request, db), on_behalf)
        held = {
            "disputes": disputes.of_holder(node, db, holder_id),
            "scans": codes.scan_documents(node, db, node.presentations.of_holder(db, holder_id)),
            "codes": [codes.held_document(node, each) for each in node.codes.of_holder(db, holder_id)],
            "deliveries": [deliveries.document(each) for each in node.deliveries.of_holder(db, holder_id)],
        }
    return _private(held)


@router.get("/delegations", summary="Who acts for whom, as far as you have a part in it")
def delegations(request: Request) -> Response:
    """Given by you, to you, and in the name of whom you represent, the newest first; each with its chain by name."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held = looking(node, request, db)
        shown = [_delegation(node, db, held, each) for each in sorted(_parts(node, db, held), reverse=True)]
    return _private({"delegations": shown})


@router.get("/delegations/{delegation_id}/evidence", summary="The proof of a delegation you have a part in")
def delegation_proof(request: Request, delegation_id: str) -> Response:
    """The evidence bundle of a delegation and those above it; it verifies offline, and in the page."""
    node, wanted = edge.node_of(request), edge.uuid(delegation_id)
    with node.database.unit() as db:
        if wanted not in _parts(node, db, looking(node, request, db)):
            raise UnknownDelegationError
        held = delegation_evidence(node, db, node.delegations.get(db, wanted))
    return _private(held)


def _parts(node: Node, db: Connection, held: Session) -> set[str]:
    """Delegations that somebody has a part in: everybody was told of those when they were given."""
    mine = {held.person_id, *(holder for holder, _ in capacities(node, db, held).values())}
    return {each for holder in mine for each in node.notices.subjects(db, holder, NoticeKind.delegation_given)}


def _delegation(node: Node, db: Connection, held: Session, delegation_id: str) -> dict[str, Any]:
    """A delegation for one of its parties, who know each other's names."""
    found = node.delegations.get(db, delegation_id)
    links = [node.delegations.get(db, each) for each in found.chain]
    names = {each: node.holders.get(db, each).name for link in links for each in (link.delegator_id, link.delegate_id)}
    return delegation_document(node, found) | {
        "principal": (principal := node.holders.get(db, found.principal_id)).name,
        "principal_kind": principal.kind.value,
        "principal_code": organisation_code(node, db, found.principal_id),
        "links": [
            {
                "delegation_id": link.terms.id,
                "from": names[link.delegator_id],
                "to": names[link.delegate_id],
                "ended": link.ended_at is not None,
            }
            for link in links
        ],
        "yours": "given"
        if found.delegator_id == held.person_id
        else "taken"
        if found.delegate_id == held.person_id
        else "represented",
    }


@router.get("/licences", summary="Your licences")
def licences(request: Request, on_behalf: OnBehalf = None) -> Response:
    """The newest 100, those that are over too; without their faces."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        holder_id = whose(node, db, looking(node, request, db), on_behalf)
        found = run(db, node.licences.of_holder(holder_id, node.licence_types.types, standing=False, limit=LISTED))
        shown = [_licence(node, db, each) for each in found if each.is_current_version]
    return _private({"licences": shown})


@router.get("/licences/{licence_id}", summary="A licence of yours, with its face")
def licence(request: Request, licence_id: str, on_behalf: OnBehalf = None) -> Response:
    """What stands on it; of level 3 or more it stays masked for a session that a new key or a weak login began."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held = looking(node, request, db)
        found = own_licence(node, db, whose(node, db, held, on_behalf), licence_id)
        kind, now = node.licence_types.type(found.type_code), node.clock.now()
        content = run(db, node.licences.content(found.id))
        issuer = node.parties.party(db, found.issuer_party_id)
        fields = [*kind.fields]
        clear = masks.CLEAR if held.closed(kind.level_of(found.level), now) is None else ""
        names = tuple(each.name + clear for each in fields)
        face = values(kind, names, found, content, issuer, status_on(found, now)) if content else {}
        shown = _licence(node, db, found) | {
            "face": [
                {"name": each.name, "zh": each.title_zh, "en": each.title_en, "value": face[each.name]}
                for each in fields
                if each.name in face
            ],
            "holders": [name for name, _, _ in content.holders] if content else [],
            "number": found.licence_no if clear else masks.number(found.licence_no),
            "events": [
                {"at": rfc3339(each.at), "status": each.status.value, "entry_id": each.entry_id}
                for each in run(db, node.licences.events(found.id))
            ],
        }
    LOOKS.labels("licence").inc()
    return _private(shown)


@router.get("/materials", summary="Your materials")
def listing(request: Request, on_behalf: OnBehalf = None) -> Response:
    """The newest 100 that stand."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        holder_id = whose(node, db, looking(node, request, db), on_behalf)
        wanted = materials.Wanted(node.catalogue.types.keys())
        found = materials.of_holder(db, holder_id, wanted, after=None, limit=LISTED)
        shown = [_material(node, db, each) for each in found]
    return _private({"materials": shown})


def own_licence(node: Node, db: Connection, holder_id: str, licence_id: str) -> Licence:
    """A licence of a holder.

    Raises:
        UnknownLicenceError: there is none; another's looks the same.
    """
    found = run(db, node.licences.get(edge.uuid(licence_id)))
    if found is None or holder_id not in found.holder_ids:
        raise UnknownLicenceError
    return found


def own_material(db: Connection, holder_id: str, material_id: str) -> Material:
    """A material of a holder.

    Raises:
        UnknownMaterialError: there is none; another's looks the same.
    """
    found = run(db, materials.material(edge.uuid(material_id)))
    if found is None or found.holder_id != holder_id:
        raise UnknownMaterialError
    return found


def _licence(node: Node, db: Connection, held: Licence) -> dict[str, Any]:
    kind = node.licence_types.type(held.type_code)
    return {
        "licence_id": held.id,
        "type_code": held.type_code,
        "name": kind.name,
        "name_en": kind.name_en,
        "issuer": node.parties.party(db, held.issuer_party_id).name,
        "number": masks.number(held.licence_no),
        "identifier": held.licence_id,
        "status": status_on(held, node.clock.now()).value,
        "frozen": held.frozen,
        "level": held.level,
        "holder_kind": held.holder_kind,
        "valid_from": held.valid_from.isoformat(),
        "valid_to": held.valid_to.isoformat() if held.valid_to else None,
        "has_file": held.pdf is not None,
        "presents": [each.name for each in kind.fields if each.name in kind.presenting],
        "entry_id": held.entry_id,
    }


def _material(node: Node, db: Connection, held: Material) -> dict[str, Any]:
    kind = node.catalogue.type(held.type_code)
    return {
        "material_id": held.id,
        "type_code": held.type_code,
        "name": kind.name,
        "name_en": kind.name_en,
        "level": kind.level,
        "depositor": node.parties.party(db, held.party_id).name,
        "deposited_at": rfc3339(held.deposited_at),
        "valid_from": rfc3339(held.valid_from) if held.valid_from else None,
        "valid_to": rfc3339(held.valid_to) if held.valid_to else None,
        "status": status_at(held, kind, node.clock.now()).value,
        "media_type": held.media_type,
        "size": held.size,
        "sha256": held.sha256,
        "entry_id": held.entry_id,
    }


def _private(held: dict[str, Any]) -> Response:
    return Response(edge.dump(held), 200, PRIVATE, "application/json")
