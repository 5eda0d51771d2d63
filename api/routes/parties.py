"""Organisations over HTTP: joining, standing, limits and statistics, for the node's staff; credentials for the clients.

What the staff do needs scope `oversee` and a security officer or administrator as operator; who files an application
does not decide on it. What a client does to its own credentials needs nothing but one that is good.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response, Security

from api.lean import LeanRoute
from api.partyschemas import ApplicationDecisionIn, ApplicationIn, CredentialAddIn, LimitsIn, StandingIn
from api.routes import edge
from api.schemas import Code
from authz import limits
from authz.errors import UnknownPartyError
from authz.model import Act, PartyKind, Role
from authz.onboarding import OVERSEE, Applicant, Contact
from authz.store import selfchecks
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from api.node import Node
    from authz.model import Party
    from authz.onboarding import Application
    from authz.parties import Credential

router = APIRouter(prefix="/v1", tags=["parties"], dependencies=[Security(edge.signed)])

Handle = Annotated[Code, Query(description="a security officer's or administrator's handle")]
_LONGEST: Final = 366
_REPORTS: Final = 50


def application_document(held: Application) -> dict[str, Any]:
    """An application as the node's staff see it. The contact is asked for by itself."""
    return {
        "application_id": held.id,
        "state": held.state,
        "kind": held.kind.value,
        "name": held.name,
        "org_code": held.org_code,
        "division": held.division,
        "client_id": held.client_id,
        "scopes": list(held.scopes),
        "operators": held.operators,
        "basis": held.basis,
        "keys": list(held.keys),
        "certificates": list(held.certificates),
        "filed_by": held.filed_by,
        "filed_at": rfc3339(held.filed_at),
        "decided_by": held.decided_by,
        "decided_at": _time(held.decided_at),
        "reason": held.reason,
        "party_id": held.party_id,
    }


def party_document(party: Party) -> dict[str, Any]:
    """An organisation as the node's staff see it in a list."""
    return {
        "party_id": party.id,
        "kind": party.kind.value,
        "name": party.name,
        "org_code": party.org_code,
        "division": party.division,
        "state": "active" if party.enabled else "suspended",
    }


@router.post("/parties/applications", status_code=201, summary="File an application to join")
def file(request: Request, body: ApplicationIn) -> Response:
    """Keep it for another person to decide on. Compare the keys' thumbprints in the answer with the applicant's by
    another way, e.g. by telephone. Needs an Idempotency-Key.
    """  # noqa: D205 - one thought
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    wanted = Applicant(
        kind=PartyKind(body.kind),
        name=body.name,
        org_code=body.org_code,
        division=body.division,
        client_id=body.client_id,
        scopes=tuple(body.scopes),
        keys=tuple(body.keys),
        certificates=tuple(body.certificates),
        operators={each.handle: tuple(Role(role) for role in each.roles) for each in body.operators},
        contact=Contact(body.contact.name, body.contact.phone, body.contact.email),
        basis=body.basis,
    )

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 201, application_document(node.onboarding.file(db, caller, body.operator, wanted))

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/parties/applications", summary="Applications to join")
def applications(request: Request, operator: Handle) -> dict[str, Any]:
    """The 200 newest, those that wait for a decision first."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    with node.database.unit() as db:
        return {"applications": [application_document(each) for each in node.onboarding.listed(db, caller, operator)]}


@router.post("/parties/applications/{application_id}/decision", summary="Approve or refuse an application")
def decide(request: Request, application_id: str, body: ApplicationDecisionIn) -> Response:
    """Approving registers organisation, client and staff at once. Who filed it may not. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    held = edge.uuid(application_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        approve = body.decision == "approve"
        made = node.onboarding.decide(db, caller, body.operator, held, approve=approve, reason=body.reason)
        return 200, application_document(made)

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/parties", summary="Organisations of the exchange")
def listing(
    request: Request,
    operator: Handle,
    kind: Annotated[str | None, Query(pattern="^(government|enforcement|social)$")] = None,
    org_code: Annotated[Code | None, Query(description="that one, or none")] = None,
) -> dict[str, Any]:
    """The 500 that came last, of one kind or all; or the one with a unified social credit code."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    with node.database.unit() as db:
        node.counter.let(db, caller, operator, Act.inspect)
        if org_code is None:
            found = node.parties.listed(db, PartyKind(kind) if kind else None)
        else:
            found = _of_code(node, db, org_code)
    return {"parties": [party_document(each) for each in found]}


def _of_code(node: Node, db: Connection, org_code: str) -> list[Party]:
    try:
        return [node.parties.party_of(db, org_code)]
    except UnknownPartyError:
        return []


@router.get("/parties/statistics", summary="What organisations used, by kind and day")
def statistics(
    request: Request, operator: Handle, days: Annotated[int, Query(ge=1, le=_LONGEST)] = 31
) -> dict[str, Any]:
    """Government and enforcement (政务类) and social parties (社会化) apart: requests, searches, asks, uses, bytes."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    now = node.clock.now()
    metered = limits.begin_of(limits.Cost.requests, now)
    with node.database.unit() as db:
        node.counter.let(db, caller, operator, Act.inspect)
        rows = limits.statistics(db, metered - timedelta(days=days - 1), now)
    return {
        "statistics": [
            {"kind": kind.value, "day": day, "what": what.value, "amount": amount, "organisations": parties}
            for kind, day, what, amount, parties in rows
        ]
    }


@router.get("/parties/{party_id}", summary="One organisation, with its clients")
def get(request: Request, party_id: str, operator: Handle) -> dict[str, Any]:
    """Its standing, clients with credentials, limits, and who answers for it."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    held = edge.uuid(party_id)
    with node.database.unit() as db:
        contact = node.onboarding.contact(db, caller, operator, held)
        party = node.parties.party(db, held)
        return party_document(party) | {
            "contact": contact and {"name": contact.name, "phone": contact.phone, "email": contact.email},
            "clients": [
                {
                    "client_id": client_id,
                    "scopes": scopes,
                    "credentials": [credential_document(each) for each in node.parties.credentials(db, client_id)],
                }
                for client_id, scopes, _ in node.parties.clients_of(db, held)
            ],
            "usage": _usage(node, party.id, party.kind),
        }


@router.get("/parties/{party_id}/self-checks", summary="What an organisation's systems tried in the sandbox")
def self_checks(request: Request, party_id: str, operator: Handle) -> dict[str, Any]:
    """The 50 newest reports, each step passed or open; a node in earnest has none. Needs an overseer."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    held = edge.uuid(party_id)
    with node.database.unit() as db:
        node.counter.let(db, caller, operator, Act.inspect)
        found = selfchecks.of_party(db, node.parties.party(db, held).id, _REPORTS)
    return {"reports": [each | {"at": rfc3339(each["at"])} for each in found]}


@router.post("/parties/{party_id}/suspension", summary="Suspend an organisation")
def suspend(request: Request, party_id: str, body: StandingIn) -> Response:
    """It is refused from the answer on, everywhere, and its tokens are void. Needs an Idempotency-Key."""
    return _change(request, party_id, body, suspend=True)


@router.post("/parties/{party_id}/resumption", summary="Let a suspended organisation in again")
def resume(request: Request, party_id: str, body: StandingIn) -> Response:
    """It asks for new tokens. Needs an Idempotency-Key."""
    return _change(request, party_id, body, suspend=False)


def _change(request: Request, party_id: str, body: StandingIn, *, suspend: bool) -> Response:
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    held = edge.uuid(party_id)
    do = node.onboarding.suspend if suspend else node.onboarding.resume

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 200, party_document(do(db, caller, body.operator, held, body.reason))

    return edge.once(node, request, caller.client_id, body, act)


@router.post("/parties/{party_id}/limits", summary="Set limits of one organisation")
def set_limits(request: Request, party_id: str, body: LimitsIn) -> Response:
    """In force within a second. Names as in `GET /v1/usage`. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    held = edge.uuid(party_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        party = node.party_changes.set_limits(db, caller, body.operator, held, body.limits)
        return 200, party_document(party) | {"limits": dict(body.limits)}

    return edge.once(node, request, caller.client_id, body, act)


# What a client asks of itself


@router.get("/usage", summary="What your organisation used, and may use")
async def usage(request: Request) -> dict[str, Any]:
    """Of the present minute and day (China Standard Time), up to a second late; any token will do."""
    node = edge.node_of(request)
    caller = await edge.caller_together(node, request, "")
    return {"usage": _usage(node, caller.party_id, caller.party_kind)}


async def _usage_lean(request: Request, _: str) -> Response:
    return Response(edge.dump(await usage(request)), media_type="application/json")


def _usage(node: Node, party_id: str, kind: PartyKind) -> list[dict[str, Any]]:
    return [
        {"what": each.what.value, "used": each.used, "limit": each.limit, "until": rfc3339(each.until)}
        for each in node.meter.standing(party_id, kind)
    ]


def credential_document(held: Credential) -> dict[str, Any]:
    """A key or certificate."""
    return {
        "name": held.name,
        "kind": held.kind,
        "thumbprint": held.thumbprint,
        "created_at": rfc3339(held.created_at),
        "not_after": _time(held.not_after),
    }


@router.get("/client-credentials", summary="Keys and certificates of the calling client")
def credentials(request: Request) -> dict[str, Any]:
    """Also those that ended, the newest first; any token will do."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "")
    with node.database.glance() as db:
        held = node.parties.credentials(db, caller.client_id)
        return {"client_id": caller.client_id, "credentials": [credential_document(each) for each in held]}


@router.post("/client-credentials", status_code=201, summary="Add a key or certificate")
def add_credential(request: Request, body: CredentialAddIn) -> Response:
    """The first half of a rotation: add, change over, retire the old one. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        held = node.party_changes.add_credential(db, caller, jwk=body.jwk, certificate=body.certificate)
        return 201, {"client_id": caller.client_id, "credentials": [credential_document(each) for each in held]}

    return edge.once(node, request, caller.client_id, body, act)


@router.post("/client-credentials/{name}/retirement", summary="End a key or certificate")
def retire_credential(request: Request, name: str) -> Response:
    """It ends at once, and with it every token of the client; the last one cannot. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        held = node.party_changes.retire_credential(db, caller, name)
        return 200, {"client_id": caller.client_id, "credentials": [credential_document(each) for each in held]}

    return edge.once(node, request, caller.client_id, None, act)


def _time(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)


LEAN: Final = (LeanRoute("GET", "/v1/usage", "/v1/usage", _usage_lean),)
