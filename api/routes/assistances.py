"""Consent at the counter (帮办): begun by a drawn signature, stated by two of the staff, withdrawn by a slip.

Stating and withdrawing need no Idempotency-Key: a statement repeated is answered the same, and an answer that holds the
code of a slip must not be kept.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api.routes import edge
from api.routes.grants import grant_document
from api.schemas import Code
from api.signerschemas import AssistanceIn, AssistanceStatementIn, SlipIn
from authz.counterconsents import printed
from authz.errors import AssistanceRefusedError
from authz.model import HolderKind, Presence, Role
from authz.terms import GrantBody
from authz.workdays import LOCAL
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.counterconsents import Assistance
    from authz.model import Grant

router = APIRouter(prefix="/v1", tags=["grants"])

_PRIVATE = {"Cache-Control": "private, no-store"}


def document(held: Assistance) -> dict[str, Any]:
    """One of them, as its organisation sees it."""
    given = held.grant_id is not None
    state = "withdrawn" if held.withdrawn_at else "given" if given else "begun"
    return {
        "assistance_id": held.id,
        "ask_id": held.ask_id,
        "case_no": held.case_no,
        "state": state,
        "identified_by": held.statement.identified_by,
        "staff": list(held.staff),
        "grant_id": held.grant_id,
        "created_at": rfc3339(held.created_at),
        "expires_at": rfc3339(held.expires_at),
        "given_at": rfc3339(held.given_at) if held.given_at else None,
        "withdrawn_at": rfc3339(held.withdrawn_at) if held.withdrawn_at else None,
    }


@router.post(
    "/assisted-consents", status_code=201, summary="Begin consent at the counter", dependencies=[Security(edge.signed)]
)
def begin(request: Request, body: AssistanceIn) -> Response:
    """Hand in who is there and what they drew; the answer is what two of your staff state. Needs an Idempotency-Key.

    The case must say that the person is there by `id_card_read` or `live_code`. The grant covers level 1 and 2 only.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    pad = _image(body.pad)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        ask = node.asks.of_party(db, caller, body.ask_id)
        case = node.cases.open_one(db, caller, GrantBody.decode(ask.body).case_no or "")
        if body.person.kind != HolderKind.person.value:
            raise AssistanceRefusedError(check="person")
        person_id = edge.holder(node, db, body.person)
        begun = node.assisted.begin(db, caller, body.operator, ask.id, person_id, Presence(case.presence), pad)
        shared = begun.statement.claims("", Role.window)
        told = {name: value for name, value in shared.items() if name not in {"operator", "role"}}
        return 201, document(begun) | {"statement": told}

    return edge.once(node, request, caller.client_id, body, act)


@router.post(
    "/assisted-consents/{assistance_id}/statements",
    summary="State what you saw at the counter",
    dependencies=[Security(edge.signed)],
)
def state(request: Request, assistance_id: str, body: AssistanceStatementIn) -> Response:
    """First the operator at the window, then another in the role of reviewer. With the second the grant is given.

    The answer then holds the slip: print it for the person. Repeat the request if the answer was lost.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        held, code = node.assisted.state(db, caller, body.operator, edge.uuid(assistance_id), body.statement)
        told = document(held)
        if code is not None and held.grant_id is not None:
            party = node.parties.party(db, caller.party_id).name
            told["slip"] = _slip(party, node.grants.of_grantee(db, caller, held.grant_id), code, node.ask_link(""))
    return Response(edge.dump(told), media_type="application/json", headers=_PRIVATE)


@router.get("/assisted-consents", summary="Consent at your counters", dependencies=[Security(edge.signed)])
def listed(request: Request, operator: Annotated[Code, Query()]) -> dict[str, Any]:
    """The newest 200 of your organisation, also those that came to nothing; for an auditor or another overseer."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        return {"assisted_consents": [document(held) for held in node.assisted.listed(db, caller, operator)]}


@router.post("/assisted-consents/withdrawal", summary="Withdraw by the code on a slip")
def withdraw(request: Request, body: SlipIn) -> dict[str, Any]:
    """Whoever holds the slip may, without any login, at any counter or page."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        grant = node.assisted.withdraw(db, body.code)
        return {"state": grant_document(node, grant)["state"], "withdrawn_at": rfc3339(node.clock.now())}


def _image(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise AssistanceRefusedError(check="pad") from error


def _slip(party: str, grant: Grant, code: str, place: str) -> dict[str, Any]:
    """What is printed: the code, and in plain words what was consented to and how to take it back."""
    terms = GrantBody.decode(grant.body)
    until = terms.valid_to.astimezone(LOCAL).date().isoformat()
    return {
        "code": printed(code),
        "zh": [
            f"您已授权{party}为“{terms.cause}”(办件{terms.case_no})使用您的材料。",
            f"最多使用{terms.max_uses}次,至{until}止。",
            f"如需撤回,请凭撤回码 {printed(code)} 到任一窗口办理,或在 {place} 输入。",
            "请妥善保管本凭条,持有撤回码者均可撤回。",
        ],
        "en": [
            f"You allowed {party} to use what is yours for “{terms.cause}” (case {terms.case_no}).",
            f"It may be used at most {terms.max_uses} times, until {until}.",
            f"To withdraw, give the code {printed(code)} at any counter, or enter it at {place}.",
            "Keep this slip: whoever has the code can withdraw.",
        ],
    }
