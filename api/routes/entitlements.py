"""免申即享: programmes, their rounds, the public list, and the files handed over for payment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response, Security

from api.automaticschemas import ByIn, RoundIn
from api.routes import edge, instalments
from api.schemas import Uuid
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from api.routes.instalments import Keep
    from authz.model import Caller
    from materials.automatic.entitled import Programme
    from materials.automatic.roundrows import HandOff, Round

router = APIRouter(prefix="/v1", tags=["entitlements"])

_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


def programme_document(held: Programme) -> dict[str, Any]:
    """A programme as anybody may read it: who is entitled, by which rules, to what."""
    return {
        "code": held.code,
        "version": held.version,
        "name": held.name,
        "name_en": held.name_en,
        "item_code": held.item_code,
        "legal_basis": {"zh": held.legal_basis[0], "en": held.legal_basis[1]},
        "match": {"licence": held.licence},
        "rules": [
            {"code": each.code, "zh": each.zh, "en": each.en, "rule": dict(each.test), "decisive": each.decisive}
            for each in held.automatic.rules
        ],
        "amount": held.amount,
        "most": format(held.most, "f"),
        "publicity_days": held.publicity_days,
        "willing_days": held.willing_days,
        "sha256": held.automatic.sha256,
    }


def document(held: Round) -> dict[str, Any]:
    """A round as its department sees it."""
    return {
        "round_id": held.id,
        "programme": held.programme,
        "version": held.version,
        "rules": held.rules,
        "period": held.period,
        "state": held.state,
        "started_at": rfc3339(held.started_at),
        "published_at": rfc3339(held.published_at) if held.published_at else None,
        "entry_id": held.publish_entry_id or held.entry_id,
    }


def file_document(held: HandOff) -> dict[str, Any]:
    """A file handed over, without its content."""
    return {
        "hand_off_id": held.id,
        "round_id": held.round_id,
        "people": held.people,
        "at": rfc3339(held.at),
        "signature": held.signature,
        "entry_id": held.entry_id,
    }


@router.get("/programmes", summary="Benefits nobody has to apply for")
def programmes(request: Request) -> dict[str, Any]:
    """Every programme of this node with its rules; `sha256` is that of the canonical JSON of its file."""
    node = edge.node_of(request)
    return {"programmes": [programme_document(each) for each in node.automatic.programmes.by_code.values()]}


@router.post(
    "/programmes/{code}/rounds", status_code=201, summary="Begin a round", dependencies=[Security(edge.signed)]
)
def begin(request: Request, code: str, body: RoundIn) -> Response:
    """Find who is entitled for a period: the node matches by itself, on your published duty. Needs an Idempotency-Key.

    Whatever is unclear waits for somebody of yours: `GET /v1/automatic?state=person`.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        held = node.automatic.rounds.begin(db, caller, code, body.period, body.operator, body.cause)
        return 201, document(held)

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/rounds", summary="Your rounds", dependencies=[Security(edge.signed)])
def listed(request: Request) -> dict[str, Any]:
    """The newest 200 first."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.unit() as db:
        return {"rounds": [document(each) for each in node.automatic.rounds.listed(db, caller)]}


@router.get("/rounds/{round_id}", summary="A round", dependencies=[Security(edge.signed)])
def get(request: Request, round_id: str) -> dict[str, Any]:
    """How many people stand where, and the files that were handed over."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.unit() as db:
        held, counts, files = node.automatic.rounds.get(db, caller, edge.uuid(round_id))
    return document(held) | {"counts": counts, "hand_offs": [file_document(each) for each in files]}


@router.post("/rounds/{round_id}/publication", summary="Publish a round's list", dependencies=[Security(edge.signed)])
def publish(request: Request, round_id: str, body: ByIn) -> Response:
    """Once everybody was decided about. Who is on the list is told and asked (意愿确认). Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    held = edge.uuid(round_id)
    return edge.once(
        node,
        request,
        caller.client_id,
        body,
        lambda db: (200, document(node.automatic.rounds.publish(db, caller, held, body.operator))),
    )


@router.get("/rounds/{round_id}/list", summary="The public list of a round (公示)")
def public(
    request: Request,
    round_id: str,
    after: Annotated[Uuid | None, Query(description="last number of the page before")] = None,
) -> dict[str, Any]:
    """For anybody, while it is public: persons by masked names. Who objects signs `POST /v1/objections`."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held, found = node.automatic.rounds.public(db, edge.uuid(round_id), after)
        org = node.parties.party(db, held.party_id)
    programme = node.automatic.programmes.get(held.programme)
    return {
        "round_id": held.id,
        "programme": {"code": programme.code, "name": programme.name, "name_en": programme.name_en},
        "period": held.period,
        "org": {"name": org.name, "code": org.org_code},
        "published_at": rfc3339(held.published_at) if held.published_at else None,
        "people": found,
    }


@router.post(
    "/rounds/{round_id}/hand-offs",
    status_code=201,
    summary="Hand over for payment",
    dependencies=[Security(edge.signed)],
)
def hand_off(request: Request, round_id: str, body: ByIn) -> Response:
    """One signed file of everybody who was shown long enough, said yes, and has no open objection; nobody twice.

    Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    held = edge.uuid(round_id)
    return instalments.once(
        node, request, caller.client_id, body, lambda kept: _hand_off(node, caller, held, body.operator, kept)
    )


def _hand_off(node: Node, caller: Caller, round_id: str, operator: str, kept: Keep) -> None:
    rounds = node.automatic.rounds
    with node.database.unit() as db:
        prepared = rounds.prepare(db, caller, round_id, operator)
    signature = node.automatic.sign(caller.org_code, "cailian-hand-off+jwt", prepared.claims)
    with node.database.unit() as db:
        made = rounds.hand_off(db, caller, round_id, prepared, signature, operator)
        kept(db, 201, file_document(made))


@router.get("/hand-offs/{file_id}", summary="A file for payment", dependencies=[Security(edge.signed)])
def content(
    request: Request,
    file_id: str,
    form: Annotated[Literal["json", "csv"], Query(alias="format", description="both were signed")] = "json",
) -> Response:
    """The very bytes whose SHA-256 the signature and the log entry name (`json_sha256`, `csv_sha256`)."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.unit() as db:
        held = node.automatic.rounds.file(db, caller, edge.uuid(file_id))
    name = f"attachment; filename=hand-off-{held.id}.{form}"
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return Response(node.automatic.rounds.content(held, form), 200, headers, _TYPES[form])
