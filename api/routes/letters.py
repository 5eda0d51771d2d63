"""Letters of commitment (告知承诺书) as they are signed: on the phone, at the counter, or not at all.

The holder reads the letter whole, as it was rendered, and signs the digest of its terms (`POST
/v1/commitments/{commitment_id}/signature`). Stating at a counter needs no Idempotency-Key: a statement repeated is
answered the same.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api.automaticschemas import ByIn
from api.observe import LOOKS
from api.routes import edge
from api.routes.commitments import document
from api.routes.previews import page_of
from api.routes.session import PRIVATE, capacities, looking
from api.schemas import Code
from api.showschemas import SignedIn
from api.signerschemas import AssistanceStatementIn, CounterSignatureIn
from authz.errors import AssistanceRefusedError
from authz.model import HolderKind, Role
from authz.vault import digest_of
from certs import qr
from ledger.clock import rfc3339
from ledger.steps import run
from materials import store
from materials.errors import NoPagesError
from materials.model import CaseState

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from materials.commitmentrows import Commitment, Owed
    from materials.counterrows import CounterSignature

router = APIRouter(prefix="/v1", tags=["commitments"])


def shown(node: Node, db: Connection, held: Commitment, owed: list[Owed]) -> dict[str, Any]:
    """A commitment as its holder sees it: who asks, for what, what is owed by when, what follows from a breach."""
    party, item = node.parties.party(db, held.party_id), node.catalogue.items.get(held.item_code)
    case = run(db, store.case_of(held.case_no, held.party_id))
    is_free = case is not None and case.state is not CaseState.closed and case.accepted_at is None
    return {
        "commitment_id": held.id,
        "state": held.state,
        "kind": held.kind,
        "holder": node.holders.get(db, held.holder_id).name,
        "org": {"name": party.name, "code": party.org_code},
        "item": {
            "code": held.item_code,
            "name": item.name if item else held.item_code,
            "name_en": item.name_en if item else held.item_code,
        },
        "terms": json.loads(held.terms),
        "digest": digest_of(held.terms),
        "owed": [
            {
                "type_code": each.type_code,
                "name": node.catalogue.type(each.type_code).name,
                "name_en": node.catalogue.type(each.type_code).name_en,
                "due_at": rfc3339(each.due_at),
                "fulfilled_at": rfc3339(each.fulfilled_at) if each.fulfilled_at else None,
            }
            for each in owed
        ],
        "can_refuse": is_free and held.state in {"proposed", "signed", "overdue"},
        "proposed_at": rfc3339(held.proposed_at),
        "signed_at": rfc3339(held.signed_at) if held.signed_at else None,
        "ended_at": rfc3339(held.ended_at) if held.ended_at else None,
        "checked_at": rfc3339(held.checked_at) if held.checked_at else None,
        "barred_until": rfc3339(held.barred_until) if held.barred_until else None,
        "entry_id": held.end_entry_id or held.check_entry_id or held.entry_id,
    }


# By the department


@router.get("/commitments", summary="Commitments you still have to check", dependencies=[Security(edge.signed)])
def to_check(request: Request) -> dict[str, Any]:
    """What was promised to your organisation and is not checked yet (批后核查): the 200 most urgent first.

    `check_due_at` is the day by the item's rule; on it the webhook event `commitment.changed` says `check-due`.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        held = node.routes.commitments.to_check(db, caller)
    return {"commitments": [document(each, owed) for each, owed in held]}


@router.get(
    "/commitments/{commitment_id}/qr", summary="A QR code that leads the holder to a letter", response_class=Response
)
def qr_code(request: Request, commitment_id: str) -> Response:
    """SVG for the screen at the counter; the letter is shown to whoever may sign it, after they logged in."""
    node = edge.node_of(request)
    held = edge.uuid(commitment_id)
    with node.database.unit() as db:
        node.routes.commitments.terms(db, held)
    picture = qr.svg(node.letter_link(held))
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@router.post(
    "/commitments/{commitment_id}/withdrawal",
    summary="Take back what you proposed",
    dependencies=[Security(edge.signed)],
)
def take_back(request: Request, commitment_id: str, body: ByIn) -> Response:
    """Before it was signed, or on the holder's word before the case is accepted. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    wanted = edge.uuid(commitment_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        node.routes.commitments.take_back(db, caller, wanted, body.operator)
        return 200, document(*node.routes.commitments.get(db, caller, wanted))

    return edge.once(node, request, caller.client_id, body, act)


# At the counter


def counter_document(held: CounterSignature) -> dict[str, Any]:
    """A signature at the counter, as its organisation sees it."""
    return {
        "assisted_id": held.id,
        "commitment_id": held.commitment_id,
        "state": "signed" if held.signed_at else "begun",
        "identified_by": held.identified_by,
        "staff": [each for each in (held.first_operator, held.second_operator) if each is not None],
        "created_at": rfc3339(held.created_at),
        "expires_at": rfc3339(held.expires_at),
        "signed_at": rfc3339(held.signed_at) if held.signed_at else None,
    }


@router.post(
    "/commitments/{commitment_id}/assisted-signatures",
    status_code=201,
    summary="Begin to sign a letter at the counter",
    dependencies=[Security(edge.signed)],
)
def begin(request: Request, commitment_id: str, body: CounterSignatureIn) -> Response:
    """Hand in who is there and what they drew under the letter; the answer is what two of your staff state.

    The case must say that the person is there by `id_card_read` or `live_code`. Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    wanted = edge.uuid(commitment_id)
    try:
        pad = base64.b64decode(body.pad, validate=True)
    except ValueError as error:
        raise AssistanceRefusedError(check="pad") from error

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        if body.person.kind != HolderKind.person.value:
            raise AssistanceRefusedError(check="person")
        letters, person_id = node.routes.counter_letters, edge.holder(node, db, body.person)
        held = letters.begin(db, caller, body.operator, wanted, person_id, pad)
        claims = letters.statement(db, held).claims("", Role.window)
        told = {name: value for name, value in claims.items() if name not in {"operator", "role"}}
        return 201, counter_document(held) | {"statement": told}

    return edge.once(node, request, caller.client_id, body, act)


@router.post(
    "/assisted-signatures/{assisted_id}/statements",
    summary="State what you saw of a signature at the counter",
    dependencies=[Security(edge.signed)],
)
def state(request: Request, assisted_id: str, body: AssistanceStatementIn) -> dict[str, Any]:
    """First the operator at the window, then another in the role of reviewer; with the second the letter is signed."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        held = node.routes.counter_letters.state(db, caller, body.operator, edge.uuid(assisted_id), body.statement)
    return counter_document(held)


@router.get("/assisted-signatures", summary="Letters signed at your counters", dependencies=[Security(edge.signed)])
def listed(request: Request, operator: Annotated[Code, Query()]) -> dict[str, Any]:
    """The newest 200 of your organisation, also those that came to nothing; for an auditor or another overseer."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        held = node.routes.counter_letters.listed(db, caller, operator)
    return {"assisted_signatures": [counter_document(each) for each in held]}


# By the holder


@router.post("/commitments/{commitment_id}/refusal", tags=["me"], summary="Refuse to sign, or take it back")
def refuse(request: Request, commitment_id: str, body: SignedIn) -> Response:
    """A signed request `refuse-commitment`: before it was signed, or until the case is accepted with it.

    Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    asked = edge.holder_asks(request, body, "refuse-commitment", commitment_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        held = node.routes.commitments.refuse(db, asked, body.signed)
        ended = rfc3339(held.ended_at) if held.ended_at else None
        told = {"commitment_id": held.id, "state": held.state, "ended_at": ended, "entry_id": held.end_entry_id}
        return 200, told

    return edge.once(node, request, f"refuse {asked.subject}", body, act)


def _mine(node: Node, db: Connection, request: Request) -> set[str]:
    """Whose letters somebody may sign: their own, and those of whom they represent."""
    held = looking(node, request, db)
    return {held.person_id, *(holder for holder, _ in capacities(node, db, held).values())}


@router.get("/my/commitments", tags=["session"], summary="Letters of commitment you were asked to sign, or signed")
def mine(request: Request) -> Response:
    """Your own, and those of everybody you represent; the newest 200."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        found = node.routes.commitments.of_holders(db, _mine(node, db, request))
        held = {"commitments": [shown(node, db, each, owed) for each, owed in found]}
    return Response(edge.dump(held), 200, PRIVATE, "application/json")


@router.get("/my/commitments/{commitment_id}", tags=["session"], summary="A letter of commitment of yours")
def one(request: Request, commitment_id: str) -> Response:
    """Who asks, the terms that are signed, what is owed by when, and what follows from a breach."""
    node = edge.node_of(request)
    wanted = edge.uuid(commitment_id)
    with node.database.unit() as db:
        held = shown(node, db, *node.routes.commitments.for_holders(db, wanted, _mine(node, db, request)))
    return Response(edge.dump(held), 200, PRIVATE, "application/json")


@router.get(
    "/my/commitments/{commitment_id}/pages/{page}",
    tags=["session"],
    summary="A page of the letter, as it was rendered",
    response_class=Response,
)
def page(request: Request, commitment_id: str, page: int) -> Response:
    """PNG of the very document whose digest stands in the terms."""
    node = edge.node_of(request)
    wanted = edge.uuid(commitment_id)
    with node.database.unit() as db:
        held, _ = node.routes.commitments.for_holders(db, wanted, _mine(node, db, request))
        letter = run(db, store.material(held.letter_id))
    LOOKS.labels("letter").inc()
    if letter is None:
        raise NoPagesError
    return page_of(node, letter, page, None)
