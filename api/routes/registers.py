"""Facts that an authority states (who represents whom), and the registers by which the exchange works (上链).

Registers are public: whoever is judged by a catalogue may read it, with its proof, without a client.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response, Security
from fastapi.responses import PlainTextResponse

from api.errors import RegisterOwnerError
from api.routes import edge
from api.schemas import Code, RegisterIn, RepresentationIn
from authz import registerforms
from authz.duties import KIND as DUTIES, DutyEntry
from authz.errors import UnknownPartyError
from authz.model import Act
from authz.policyregister import KIND as POLICIES
from authz.scenarios import KIND as SCENARIOS
from ledger import registers, shown, store
from ledger.clock import rfc3339
from ledger.errors import UnknownRegisterVersionError
from ledger.strictjson import b64
from ledger.tlogproof import TlogProof

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from ledger.registers import Changes, RegisterVersion
    from ledger.shown import ShownEntry

router = APIRouter(prefix="/v1", tags=["registers"])

_LARGEST: Final = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=_LARGEST)]


@router.post(
    "/representations",
    status_code=201,
    summary="State who represents an organisation",
    dependencies=[Security(edge.signed)],
)
def state(request: Request, body: RepresentationIn) -> Response:
    """Record a legal representative; needs a registrar as operator and an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "register")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        node.counter.let(db, caller, body.operator, Act.register)
        made = node.representations.record(
            db,
            organisation=edge.holder(node, db, body.organisation),
            person=edge.holder(node, db, body.person),
            kind=body.kind,
            valid_from=body.valid_from,
            valid_to=body.valid_to,
            source=caller.party_id,
            operator=body.operator,
        )
        return 201, {
            "representation_id": made.id,
            "kind": made.kind.value,
            "valid_from": rfc3339(made.valid_from),
            "valid_to": rfc3339(made.valid_to) if made.valid_to else None,
            "entry_id": made.entry_id,
        }

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/registers", summary="The registers and their newest versions")
def list_registers(request: Request) -> dict[str, Any]:
    """What the exchange works by, and what is proven of it on the chain; `version` 0: not published yet."""
    node = edge.node_of(request)
    found = []
    with node.database.unit() as db:
        for kind, (name, name_en) in registers.KINDS.items():
            newest = next(iter(registers.heads(db, kind, limit=1)), None)
            version, digest, at = newest or (0, None, None)
            found.append(
                {
                    "register": kind,
                    "name": name,
                    "name_en": name_en,
                    "version": version,
                    "sha256": digest,
                    "published_at": rfc3339(at) if at else None,
                }
            )
    return {"division": node.settings.division, "registers": found}


@router.get("/registers/{kind}", summary="The newest version of a register, and which there are")
def newest_version(
    request: Request, kind: Code, below: Annotated[int | None, Query(ge=1, le=_LARGEST)] = None
) -> dict[str, Any]:
    """Document, hashes, owner, log entry with proof, and anchor; `versions` lists the newest hundred below `below`."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held = version_document(node, db, registers.version(db, kind))
        versions = registers.heads(db, kind, below=below)
    listed = [{"version": number, "sha256": digest, "published_at": rfc3339(at)} for number, digest, at in versions]
    return held | {"versions": listed}


@router.get("/registers/{kind}/versions/{number}", summary="One version of a register")
def one_version(request: Request, kind: Code, number: Number) -> dict[str, Any]:
    """As above, for any version; `changes` compares it with the one before."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held = registers.version(db, kind, number)
        before = registers.version(db, kind, number - 1).entries if number > 1 else []
        key = registerforms.form_of(kind).key_of
        return version_document(node, db, held) | {
            "changes": changes_document(registers.Changes.between(before, held.entries, key))
        }


@router.get(
    "/registers/{kind}/versions/{number}/document",
    summary="The document of a version, byte for byte as it was hashed",
    response_class=Response,
)
def document_bytes(request: Request, kind: Code, number: Number) -> Response:
    """Canonical JSON; SHA-256 of exactly these bytes is in the log and on the chain, and is the ETag."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held = registers.version(db, kind, number)
    headers = {"ETag": f'"{held.sha256}"', "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(held.document, media_type="application/json", headers=headers)


@router.get(
    "/registers/{kind}/versions/{number}/proof",
    summary="The log's proof of a version (C2SP tlog-proof)",
    response_class=PlainTextResponse,
)
def version_proof(request: Request, kind: Code, number: Number) -> PlainTextResponse:
    """A `.tlog-proof` file whose `extra` line is the entry in clear; 404 while no checkpoint covers it."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held = shown.show(db, registers.version(db, kind, number).entry_id)
    if held.index is None or held.checkpoint is None:
        raise UnknownRegisterVersionError(reason="not integrated yet")
    proof = TlogProof(held.index, held.inclusion, held.checkpoint, held.leaf)
    name = f'attachment; filename="{kind}-{number}.tlog-proof"'
    return PlainTextResponse(proof.encode(), headers={"Content-Disposition": name})


@router.post(
    "/registers/{kind}",
    status_code=201,
    summary="Publish the next version of a register",
    dependencies=[Security(edge.signed)],
)
def publish(request: Request, kind: Code, body: RegisterIn) -> Response:
    """Publish the next version as a whole; needs a registrar as operator and an Idempotency-Key.

    Of `items`, `materials` and `licences` only what is in force already: a change is a draft that another registrar
    publishes (`POST /v1/definition-drafts`). A version of `policies` needs a security officer instead. One of
    `policies`, `duties` or `scenarios` is in force from that moment. Stops when anchoring is overdue past
    limit 1 (DESIGN 10).
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "oversee" if kind == POLICIES else "register")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        node.counter.let(db, caller, body.operator, Act.publish_policies if kind == POLICIES else Act.register)
        registerforms.check(kind, body.entries)
        _check_owner(node, db, body.owner)
        node.editing.check_entries(db, kind, body.entries)
        node.refuse_bulk_when_overdue(db)
        if kind == DUTIES:
            lines = [DutyEntry.read(entry) for entry in body.entries]
            published, changes = node.duties.publish(db, body.version, body.owner, body.adopted_at, lines)
        else:
            draft = registers.Draft(kind, body.version, body.owner, body.adopted_at, body.entries)
            if kind == SCENARIOS:
                published, changes = node.scenarios.publish(db, draft)
            elif kind == POLICIES:
                published, changes = node.policies.publish(db, draft)
            else:
                published, changes = node.registers.publish(db, draft, registerforms.form_of(kind).key_of)
        return 201, version_document(node, db, published) | {"changes": changes_document(changes)}

    return edge.once(node, request, caller.client_id, body, act)


def _check_owner(node: Node, db: Connection, code: str) -> None:
    """Who answers for a register must be of the exchange.

    Raises:
        RegisterOwnerError: it is not, or is shut out.
    """
    try:
        party = node.parties.party_of(db, code)
    except UnknownPartyError:
        raise RegisterOwnerError from None
    if not party.enabled:
        raise RegisterOwnerError


def changes_document(changes: Changes) -> dict[str, Any]:
    """What a version changes, by the keys of entries."""
    return {"added": changes.added, "removed": changes.removed, "changed": changes.changed}


def version_document(node: Node, db: Connection, held: RegisterVersion) -> dict[str, Any]:
    """A version with everything that proves it."""
    name, name_en = registers.KINDS[held.kind]
    under_superior = node.forwarder is not None
    return {
        "register": held.kind,
        "name": name,
        "name_en": name_en,
        "version": held.version,
        "owner": held.owner,
        "adopted_at": rfc3339(held.adopted_at),
        "published_at": rfc3339(held.published_at),
        "sha256": held.sha256,
        "sm3": held.sm3,
        "document": json.loads(held.document),
        "entry": entry_document(node, db, shown.show(db, held.entry_id)),
        "chain": {
            "register": f"{node.settings.division}/{held.kind}",
            "contract": "0x" + node.chain.registry.hex(),
            "state": "through-superior" if under_superior else held.chain_state,
            "recorded_at": rfc3339(held.recorded_at) if held.recorded_at else None,
        },
    }


def entry_document(node: Node, db: Connection, held: ShownEntry) -> dict[str, Any]:
    """An entry in clear with its proof and anchor, as far as they are there."""
    status = store.entry_state(db, held.entry_id)
    return {
        "entry_id": held.entry_id,
        "log": node.settings.origin,
        "state": status.state.value,
        "leaf": held.leaf.decode(),
        "index": held.index if held.checkpoint else None,
        "inclusion": [b64(each) for each in held.inclusion],
        "checkpoint": held.checkpoint,
        "superiors": list(held.superiors),
        "anchored_at": rfc3339(status.anchored_at) if status.anchored_at else None,
        "chain": held.chain,
    }
