"""告知承诺 and 容缺受理: letters, signatures, what is owed, and the check afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response, Security

from api.routes import edge, instalments
from api.routeschemas import CommitmentIn, CommitmentSignatureIn, FulfilmentIn, PostCheckIn
from api.schemas import Code
from authz.vault import digest_of
from ledger.clock import rfc3339
from materials.commitments import TEMPLATE
from materials.generated.model import Wanted
from materials.promising import LETTER

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from api.routes.instalments import Keep
    from authz.model import Caller
    from materials.commitmentrows import Commitment, Owed
    from materials.generated.rows import Generated
    from materials.model import Material

router = APIRouter(prefix="/v1", tags=["commitments"])


def document(held: Commitment, owed: list[Owed]) -> dict[str, Any]:
    """A commitment as the organisation it was made to sees it."""
    return {
        "commitment_id": held.id,
        "case_no": held.case_no,
        "item_code": held.item_code,
        "kind": held.kind,
        "state": held.state,
        "letter_id": held.letter_id,
        "digest": digest_of(held.terms),
        "owed": [
            {
                "type_code": each.type_code,
                "due_at": rfc3339(each.due_at),
                "fulfilled_at": rfc3339(each.fulfilled_at) if each.fulfilled_at else None,
                "material_id": each.material_id,
            }
            for each in owed
        ],
        "proposed_at": rfc3339(held.proposed_at),
        "signed_at": rfc3339(held.signed_at) if held.signed_at else None,
        "checked_at": rfc3339(held.checked_at) if held.checked_at else None,
        "barred_until": rfc3339(held.barred_until) if held.barred_until else None,
        "ended_at": rfc3339(held.ended_at) if held.ended_at else None,
        "check_due_at": rfc3339(held.check_due_at) if held.check_due_at else None,
        "entry_id": held.end_entry_id or held.check_entry_id or held.entry_id,
    }


@router.post(
    "/cases/{case_no}/commitments",
    status_code=201,
    summary="Propose a commitment",
    dependencies=[Security(edge.signed)],
)
def propose(request: Request, case_no: Code, body: CommitmentIn) -> Response:
    """Make the letter, with what will be owed and by when, for the applicant to sign. Needs an Idempotency-Key.

    Days are working days from the acceptance of the case. It binds nobody until it is signed.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    return instalments.once(
        node, request, caller.client_id, body, lambda kept: _propose(node, caller, case_no, body, kept)
    )


def _propose(node: Node, caller: Caller, case_no: str, body: CommitmentIn, kept: Keep) -> None:
    commitments = node.routes.commitments
    with node.database.unit() as db:
        proposal = commitments.plan(db, caller, case_no, body.kind, body.type_codes, body.operator)
    form: dict[str, str | tuple[str, ...]] = {"statement": body.statement} if body.statement else {}
    wanted = Wanted(case_no, LETTER, body.operator, body.cause, TEMPLATE, form)

    def keep(db: Connection, material: Material, _: Generated) -> None:
        made = commitments.propose(db, caller, proposal, material)
        held, owed = commitments.get(db, caller, made.id)
        kept(db, 201, document(held, owed) | _terms(held.terms) | {"link": node.letter_link(held.id)})

    node.routes.generating.make(caller, wanted, kept.key, keep, proposal.letter())


@router.get("/commitments/{commitment_id}/terms", summary="What the holder signs")
def terms(request: Request, commitment_id: str) -> dict[str, Any]:
    """The canonical words of a commitment and their digest: ids, types and days, for whoever was handed the id."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        words, _ = node.routes.commitments.terms(db, edge.uuid(commitment_id))
    return _terms(words)


def _terms(words: bytes) -> dict[str, Any]:
    return {"terms": json.loads(words), "digest": digest_of(words)}


@router.post("/commitments/{commitment_id}/signature", summary="Sign a commitment")
def sign(request: Request, commitment_id: str, body: CommitmentSignatureIn) -> Response:
    """Take the signature of the holder, or who represents it, over the digest; from now on it binds.

    Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    held_id = edge.uuid(commitment_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        held = node.routes.commitments.sign(db, held_id, body.signed)
        return 200, {
            "commitment_id": held.id,
            "state": held.state,
            "signed_at": rfc3339(held.signed_at) if held.signed_at else None,
            "entry_id": held.entry_id,
        }

    return edge.once(node, request, f"commitment {held_id}", body, act)


@router.get("/cases/{case_no}/commitments", summary="Commitments of a case", dependencies=[Security(edge.signed)])
def listed(request: Request, case_no: Code) -> dict[str, Any]:
    """The newest 200 commitments of a case of yours, with what each owes."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        held = node.routes.commitments.of_case(db, caller, case_no)
    return {"commitments": [document(each, owed) for each, owed in held]}


@router.get("/commitments/{commitment_id}", summary="A commitment", dependencies=[Security(edge.signed)])
def get_commitment(request: Request, commitment_id: str) -> dict[str, Any]:
    """A commitment made to your organisation: state, and what is owed by when."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        return document(*node.routes.commitments.get(db, caller, edge.uuid(commitment_id)))


@router.post(
    "/commitments/{commitment_id}/fulfilments",
    summary="Take what was owed",
    dependencies=[Security(edge.signed)],
)
def fulfil(request: Request, commitment_id: str, body: FulfilmentIn) -> Response:
    """Name the material that was owed: handed in at your organisation, of the holder and type.

    Possible after the case is closed, and late. Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    held_id = edge.uuid(commitment_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        commitments = node.routes.commitments
        commitments.fulfil(db, caller, held_id, body.type_code, body.material_id, body.operator)
        return 200, document(*commitments.get(db, caller, held_id))

    return edge.once(node, request, caller.client_id, body, act)


@router.post(
    "/commitments/{commitment_id}/post-check",
    summary="Say what the check afterwards found",
    dependencies=[Security(edge.signed)],
)
def post_check(request: Request, commitment_id: str, body: PostCheckIn) -> Response:
    """Kept, or breached: a breach is recorded, told to the holder, and bars them from commitments for the item's time.

    Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    held_id = edge.uuid(commitment_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        commitments = node.routes.commitments
        commitments.check(db, caller, held_id, body.result, body.finding, body.operator)
        return 200, document(*commitments.get(db, caller, held_id))

    return edge.once(node, request, caller.client_id, body, act)
