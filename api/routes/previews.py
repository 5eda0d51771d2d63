"""What would be released, shown to its holder before they decide; and their own files as pictures.

A preview is made as a use would make it: the same fields under the same masks (`certs.showing`), the same page with
the same remark (`certs.files`). It is no use: nothing is spent, nothing is recorded of it in the ledger, nothing that
anybody could rely on leaves; only the number of looks is counted. Whoever looks has logged in, and is the holder who
was asked or somebody who may answer for them; to everybody else an ask has no preview.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response

from api.observe import LOOKS
from api.routes import edge
from api.routes.mine import OnBehalf, own_licence, own_material
from api.routes.session import PRIVATE, capacities, looking, whose
from authz.errors import UnknownAskError
from authz.grants import scope_of
from authz.model import Mode
from authz.terms import GrantBody
from certs import derived, masks
from certs.files.model import Stamp
from certs.lifecycle import end_of, status_on
from certs.model import Licence
from certs.showing import values
from ledger.steps import run
from materials import pages, store as materials
from materials.errors import NoPagesError
from materials.licence_uses import ACTIVE, standing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.model import Ask
    from authz.sessions import Session
    from materials.model import Material

router = APIRouter(prefix="/v1/my", tags=["session"])

OF_A_TYPE: Final = 20
"""Most things of one type that a preview names."""
NUMBER: Final = "预览 PREVIEW"
"""In place of a copy's number: there is no copy."""
_PNG: Final = PRIVATE | {"Content-Security-Policy": "sandbox; default-src 'none'"}


@router.get("/asks/{ask_id}/preview", summary="What would be released, before you decide")
def preview(request: Request, ask_id: str) -> Response:
    """Each thing that is meant: its values as they would be read, or how many pages of it would be copied."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held, ask, terms = _asked(node, db, request, ask_id)
        shown = [_thing(node, db, held, terms, each) for each in _things(node, db, ask, terms)]
    LOOKS.labels("preview").inc()
    return Response(
        edge.dump({"ask_id": ask.id, "mode": terms.mode.value, "things": shown}), 200, PRIVATE, "application/json"
    )


@router.get(
    "/asks/{ask_id}/things/{object_id}/pages/{page}", summary="A page as it would be copied", response_class=Response
)
def asked_page(request: Request, ask_id: str, object_id: str, page: int) -> Response:
    """PNG; of a licence with the remark that the copy would bear. `X-Pages` says how many there are."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held, ask, terms = _asked(node, db, request, ask_id)
        wanted = edge.uuid(object_id)
        thing = next((each for each in _things(node, db, ask, terms) if each.id == wanted), None)
        if thing is None or terms.mode is not Mode.copy:
            raise NoPagesError
        _let(node, held, _level(node, thing))
        stamp = _stamp(node, db, ask, terms, thing) if isinstance(thing, Licence) else None
    LOOKS.labels("preview").inc()
    return page_of(node, thing, page, stamp)


@router.get("/licences/{licence_id}/pages/{page}", summary="A page of a licence of yours", response_class=Response)
def licence_page(request: Request, licence_id: str, page: int, on_behalf: OnBehalf = None) -> Response:
    """PNG of the sealed original; the file itself is not handed out."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held = looking(node, request, db)
        thing = own_licence(node, db, whose(node, db, held, on_behalf), licence_id)
        _let(node, held, thing.level)
    LOOKS.labels("licence").inc()
    return page_of(node, thing, page, None)


@router.get("/materials/{material_id}/pages/{page}", summary="A page of a material of yours", response_class=Response)
def material_page(request: Request, material_id: str, page: int, on_behalf: OnBehalf = None) -> Response:
    """PNG, drawn by a process of its own with caps on memory and time."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held = looking(node, request, db)
        thing = own_material(db, whose(node, db, held, on_behalf), material_id)
        _let(node, held, _level(node, thing))
    LOOKS.labels("material").inc()
    return page_of(node, thing, page, None)


def _asked(node: Node, db: Connection, request: Request, ask_id: str) -> tuple[Session, Ask, GrantBody]:
    """An ask and its terms, for whoever may answer it.

    Raises:
        UnknownAskError: there is none, or it is not theirs to answer.
    """
    held = looking(node, request, db)
    ask = node.asks.get(db, edge.uuid(ask_id))
    terms = GrantBody.decode(ask.body)
    mine = {held.person_id, *(holder for holder, _ in capacities(node, db, held).values())}
    if ask.grantor_id not in mine and not node.delegations.acts_for(
        db, held.person_id, ask.grantor_id, scope_of(terms)
    ):
        raise UnknownAskError
    return held, ask, terms


def _things(node: Node, db: Connection, ask: Ask, terms: GrantBody) -> list[Licence | Material]:
    """What is meant by the terms as things stand now: what is named, and what there is of the types that are named."""
    named: list[Licence | Material | None] = []
    for each in terms.objects:
        material = run(db, materials.material(each))
        named.append(material or run(db, node.licences.get(each)))
    found = [each for each in named if each is not None and ask.grantor_id in _holders(each)]
    for code in terms.types:
        kind = node.licence_types.for_material(code)
        if kind is not None:
            held = run(db, node.licences.of_holder(ask.grantor_id, [kind.code], limit=OF_A_TYPE))
            found += [each for each in held if standing(each, node.clock.now()) == ACTIVE]
        wanted = materials.Wanted([code])
        found += materials.of_holder(db, ask.grantor_id, wanted, after=None, limit=OF_A_TYPE)
    return list({each.id: each for each in found}.values())


def _holders(thing: Licence | Material) -> tuple[str, ...]:
    return thing.holder_ids if isinstance(thing, Licence) else (thing.holder_id,)


def _level(node: Node, thing: Licence | Material) -> int:
    if isinstance(thing, Licence):
        return node.licence_types.type(thing.type_code).level_of(thing.level)
    return node.catalogue.type(thing.type_code).level


def _let(node: Node, held: Session, level: int) -> None:
    if (why := held.closed(level, node.clock.now())) is not None:
        raise why


def _thing(node: Node, db: Connection, held: Session, terms: GrantBody, thing: Licence | Material) -> dict[str, Any]:
    """One thing: what of it would be released."""
    why = held.closed(_level(node, thing), node.clock.now())
    closed = None if why is None else why.code
    if not isinstance(thing, Licence):
        kind = node.catalogue.type(thing.type_code)
        released = "copy" if terms.mode is Mode.copy else "nothing"  # a material has no fields to give
        drawn = released == "copy" and thing.media_type in pages.DRAWN
        told = {"name": kind.name, "name_en": kind.name_en, "remarked": False, "of": kind.code}
        told |= {"file": {"media_type": thing.media_type, "size": thing.size, "sha256": thing.sha256}}
        return {
            "object_id": thing.id,
            "kind": "material",
            "released": released,
            "drawn": drawn,
            "closed": closed,
        } | told
    face = node.licence_types.type(thing.type_code)
    released = terms.mode.value if terms.mode is not Mode.copy or thing.pdf is not None else "nothing"
    told = {"name": face.name, "name_en": face.name_en, "remarked": True, "of": face.material_type or face.code}
    told |= {"object_id": thing.id, "kind": "licence", "released": released, "closed": closed}
    told["drawn"] = released == "copy"
    told["status"] = status_on(thing, node.clock.now()).value
    if terms.mode is Mode.data and closed is None:
        told["fields"] = _fields(node, db, terms, thing)
    return told


def _fields(node: Node, db: Connection, terms: GrantBody, thing: Licence) -> list[dict[str, Any]]:
    """Values exactly as a use would read them; what would not leave at all is named without a value."""
    kind, content = node.licence_types.type(thing.type_code), run(db, node.licences.content(thing.id))
    if content is None:
        return []
    issuer, status = node.parties.party(db, thing.issuer_party_id), status_on(thing, node.clock.now())
    shared = derived.sharable(kind)
    found = []
    for name in terms.fields:
        field = kind.field_of(masks.bare(name))
        if field is None:
            continue
        held = values(kind, (name,), thing, content, issuer, status) if field.name in shared else {}
        clear = masks.is_clear(name)
        found.append(
            {"name": name, "zh": field.title_zh, "en": field.title_en, "clear": clear, "value": held.get(field.name)}
        )
    return found


def _stamp(node: Node, db: Connection, ask: Ask, terms: GrantBody, thing: Licence) -> Stamp:
    """What the copy would say of itself, were it made now."""
    now = node.clock.now()
    ends = now + timedelta(days=node.settings.copy_days)
    if thing.valid_to is not None:
        ends = min(ends, end_of(thing.valid_to))
    party, held = node.parties.party(db, ask.party_id), derived.parent(thing)
    return Stamp(
        copy_id=NUMBER,
        licence_id=thing.licence_id,
        requester=party.name,
        requester_code=party.org_code,
        cause=terms.cause,
        valid_from=now,
        valid_to=ends,
        maker=node.settings.library_name,
        maker_code=node.settings.library_code,
        parent_sha256=held["sha256"],
        parent_sm3=held["sm3"],
    )


def page_of(node: Node, thing: Licence | Material, page: int, stamp: Stamp | None) -> Response:
    """A page of a file as PNG, drawn outside any unit."""
    object_id = thing.object_id if not isinstance(thing, Licence) else thing.pdf.object_id if thing.pdf else None
    if object_id is None or page < 1:
        raise NoPagesError
    with node.database.glance() as db:
        stored = run(db, node.objects.lookup(object_id))
    if stored.size > pages.MOST_BYTES:
        raise NoPagesError
    with pages.turn():
        data = bytes(node.objects.open(stored).read_all())
        if stamp is not None:
            png, count = node.licence_files.preview(data, stamp, node.clock.now(), page - 1)
        else:
            media_type = "application/pdf" if isinstance(thing, Licence) else thing.media_type
            picture = pages.draw(data, media_type, page - 1)
            png, count = picture.png, picture.pages
    if png is None:
        raise NoPagesError
    return Response(png, 200, _PNG | {"X-Pages": str(count)}, "image/png")
