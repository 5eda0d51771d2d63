"""The proof of a refusal: of an ask that its holder refused, of a use that the node refused (docs/evidence.md, 8.7).

One address for both, since who looks has an id and wants its proof: the ask's, or the `refusal_id` that a refused use
was answered with, whatever there was. For who may not have it, it is as if it were not there.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api.routes import edge
from api.routes.me import whose as signed_by
from api.routes.session import PRIVATE, looking, whose
from api.schemas import Code
from api.showschemas import SignedIn
from authz.auditlooks import LookKind, Reach
from authz.consentevidence import nameless
from authz.errors import UnknownRefusalError
from authz.refusals import open_why
from authz.terms import GrantBody
from ledger import bundle

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from api.node import Node
    from authz.refusals import RefusedAsk
    from authz.store.auditlooks import HeldLook
    from authz.store.refusals import RefusedUse

router = APIRouter(prefix="/v1")

OnBehalf = Annotated[str | None, Query(max_length=22, description="of `GET /v1/my/session`: whom you represent")]


@router.get(
    "/refusals/{refusal_id}/evidence",
    tags=["grants"],
    summary="The proof of a refusal of what you asked",
    dependencies=[Security(edge.signed)],
)
def of_party(request: Request, refusal_id: str) -> dict[str, Any]:
    """The evidence bundle of a refused ask (by its id) or use (by `refusal_id`) of yours; it verifies offline.

    Of a use it says what you were told; the reason itself stays a commitment that the holder can open.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use", "case")
    with node.database.unit() as db:
        asked, used = _find(node, db, edge.uuid(refusal_id))
        if asked is not None and asked.ask.party_id == caller.party_id:
            return _of_ask(node, db, asked)
        # What was recorded before reasons were committed to says the reason openly: it is not for who asked.
        if used is not None and used.party_id == caller.party_id and used.why is not None:
            return _of_use(node, db, used, openly=False)
        raise UnknownRefusalError


@router.get("/my/refusals/{refusal_id}/evidence", tags=["session"], summary="The proof of a refusal in your ledger")
def of_holder(request: Request, refusal_id: str, on_behalf: OnBehalf = None) -> Response:
    """The evidence bundle of what you refused, or of a refused use of what is yours, with the true reason."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        holder_id = whose(node, db, looking(node, request, db), on_behalf)
        held = _shown(node, db, holder_id, edge.uuid(refusal_id))
    return Response(edge.dump(held), 200, PRIVATE, "application/json")


@router.post("/me/refusals/{refusal_id}/evidence", tags=["me"], summary="The proof of a refusal, by a signed request")
def of_signer(request: Request, refusal_id: str, body: SignedIn) -> Response:
    """As `GET /v1/my/refusals/{refusal_id}/evidence`, for whoever signs a request `ledger`."""
    node = edge.node_of(request)
    asked = edge.asked_of(node, body, "ledger")
    with node.database.unit() as db:
        held = _shown(node, db, signed_by(node, db, asked, body.signed), edge.uuid(refusal_id))
    return Response(edge.dump(held), 200, PRIVATE, "application/json")


@router.get(
    "/audit/looks/{look_id}/refusals/{refusal_id}/evidence",
    tags=["audit"],
    summary="The proof of a refusal that a look is about",
    dependencies=[Security(edge.signed)],
)
def of_auditor(request: Request, look_id: str, refusal_id: str, operator: Annotated[Code, Query()]) -> dict[str, Any]:
    """The evidence bundle, true reason included, of a refused ask or use in the case, thing or department looked at.

    Where the login provider's token tells a name or telephone number, the bundle comes without the signature.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request)
    with node.database.unit() as db:
        look = node.audit_looks.standing(db, caller, operator, edge.uuid(look_id))
        asked, used = _find(node, db, edge.uuid(refusal_id))
        if asked is not None and _is_about(node, db, look, _Place.of_ask(asked)):
            return _of_ask(node, db, asked, named=False)
        if used is not None and _is_about(node, db, look, _Place(used.party_id, used.case_no, used.object_id, used.at)):
            return _of_use(node, db, used, openly=True)
        raise UnknownRefusalError


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose refusal it is, in which case, of which thing, when."""

    party_id: str
    case_no: str | None
    object_id: str | None
    at: datetime

    @classmethod
    def of_ask(cls, asked: RefusedAsk) -> _Place:
        terms = GrantBody.decode(asked.ask.body)
        return cls(asked.ask.party_id, terms.case_no, terms.objects[0] if len(terms.objects) == 1 else None, asked.at)


def _is_about(node: Node, db: Connection, look: HeldLook, place: _Place) -> bool:
    """Whether a look shows it: what an auditor may look at was decided when the look was written down."""
    if look.scope != Reach.node.value and place.party_id != look.party_id:
        return False
    if look.kind == LookKind.department.value:
        since, until = look.since, look.until
        in_time = (since is None or since <= place.at) and (until is None or place.at < until)
        return in_time and node.parties.party(db, place.party_id).org_code == look.subject
    if look.kind == LookKind.case.value:
        return look.subject == place.case_no
    return place.object_id in node.auditing.things(db, look)  # of any version: all of them are told


def _shown(node: Node, db: Connection, holder_id: str, refusal_id: str) -> dict[str, Any]:
    """For the holder: what they refused, and what was refused of theirs that they may know of by now."""
    asked, used = _find(node, db, refusal_id)
    if asked is not None and asked.ask.grantor_id == holder_id:
        return _of_ask(node, db, asked)
    if used is not None and holder_id in node.holder_ledger.holders_of(db, refusal_id):
        return _of_use(node, db, used, openly=True)
    raise UnknownRefusalError


def _find(node: Node, db: Connection, refusal_id: str) -> tuple[RefusedAsk | None, RefusedUse | None]:
    """Both are looked for each time, so that which of them is missing shows in no time that is spent."""
    return node.refusals.of_ask(db, refusal_id), node.refusals.of_use(db, refusal_id)


def _of_ask(node: Node, db: Connection, asked: RefusedAsk, *, named: bool = True) -> dict[str, Any]:
    shown = node.consents.of_refusal(db, asked)
    if not named:
        shown = nameless(shown, "refusal")
    entries = shown.entries.pop("refusal")
    made = bundle.build(db, node.evidence, "refusal", entries, beside=shown.entries, members=shown.members)
    return node.lag.say(db, made)


def _of_use(node: Node, db: Connection, used: RefusedUse, *, openly: bool) -> dict[str, Any]:
    members = {}
    if openly and used.why is not None:
        with suppress(ValueError):  # changed in the database so that it is no JSON: the bundle then shows no reason
            members["refused-use"] = {"why": open_why(used.why)}
    return node.lag.say(db, bundle.build(db, node.evidence, "refused-use", [used.entry_id], members=members))
