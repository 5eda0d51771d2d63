"""All queries on readings. Every path has an index (`materials.tables.readings`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - fields of a dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from materials import tables
from materials.reading.errors import ReadingRunningError
from materials.reading.model import ReadingState, Source

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

_READING: Final = tables.readings.reading.c
_PAGE: Final = tables.readings.reading_page.c


@dataclass(frozen=True, slots=True)
class Held:
    """A reading as it is kept.

    Attributes:
        pages: None until the document was opened.
        findings, confirmed: encrypted.
        verify_level: of the material, after staff confirmed.
    """

    id: str
    material_id: str
    party_id: str
    operator: str
    state: ReadingState
    asked_at: datetime
    pages: int | None
    pages_done: int
    ended_at: datetime | None
    failure: str | None
    findings: bytes | None
    confirmed: bytes | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    verify_level: str | None
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class HeldPage:
    """A page that was read; `content` is encrypted and gone when the reading ends."""

    number: int
    source: Source
    lines: int
    milliseconds: int
    failure: str | None
    content: bytes | None


_COLUMNS: Final = [_READING[name] for name in Held.__slots__]
_PAGE_COLUMNS: Final = [_PAGE[name] for name in HeldPage.__slots__]


def _held(row: Row[Any]) -> Held:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return Held(**(values | {"state": ReadingState(values["state"])}))


def insert_reading(db: Connection, held: dict[str, Any]) -> None:
    """Write a new reading.

    Raises:
        ReadingRunningError: another of the same material is queued.
    """
    try:
        with db.begin_nested():
            db.execute(insert(tables.readings.reading), held)
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) == "uq_reading_material_id_queued":
            raise ReadingRunningError from error
        raise


def get(db: Connection, reading_id: str, *, lock: bool = False) -> Held | None:
    """One reading."""
    query = select(*_COLUMNS).where(_READING.id == reading_id)
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _held(row)


def of_material(db: Connection, material_id: str, limit: int) -> list[Held]:
    """The newest readings of a material."""
    query = select(*_COLUMNS).where(_READING.material_id == material_id).order_by(_READING.id.desc()).limit(limit)
    return [_held(row) for row in db.execute(query)]


def change(db: Connection, reading_id: str, **values: Any) -> None:
    """Change columns of a reading locked by the caller."""
    db.execute(update(tables.readings.reading).where(_READING.id == reading_id).values(values))


def insert_page(db: Connection, reading_id: str, page: HeldPage) -> None:
    """Write a page of a reading locked by the caller."""
    values = {name: getattr(page, name) for name in HeldPage.__slots__}
    db.execute(insert(tables.readings.reading_page), values | {"reading_id": reading_id, "source": page.source.value})


def pages(db: Connection, reading_id: str) -> list[HeldPage]:
    """The pages of a reading in their order."""
    query = select(*_PAGE_COLUMNS).where(_PAGE.reading_id == reading_id).order_by(_PAGE.number)
    rows = (dict(row._mapping) for row in db.execute(query))  # noqa: SLF001 - as above
    return [HeldPage(**(row | {"source": Source(row["source"])})) for row in rows]


def drop_content(db: Connection, reading_id: str) -> None:
    """Forget the text of a reading's pages."""
    db.execute(update(tables.readings.reading_page).where(_PAGE.reading_id == reading_id).values(content=None))


def raise_level(db: Connection, material_id: str, level: str, valid_to: datetime | None) -> None:
    """Note on a material, locked by the caller, that staff looked at it; its end only where none was stated."""
    held = tables.things.material.c
    values: dict[str, Any] = {"verify_level": level}
    if valid_to is not None:
        values["valid_to"] = valid_to
    db.execute(update(tables.things.material).where(held.id == material_id).values(values))


_FORGET: Final = text("""
UPDATE materials.reading SET findings = NULL WHERE id IN (
  SELECT id FROM materials.reading
  WHERE findings IS NOT NULL AND state = 'read' AND ended_at < :before ORDER BY ended_at LIMIT 500)""")


def forget_unconfirmed(db: Connection, before: datetime) -> int:
    """Forget what was read and never confirmed; how many readings that were."""
    return db.execute(_FORGET, {"before": before}).rowcount


def forget_values(db: Connection, object_id: str) -> None:
    """Forget every value that was read in a stored document."""
    held = tables.things.material.c
    owned = (
        select(_READING.id)
        .join(tables.things.material, held.id == _READING.material_id)
        .where(held.object_id == object_id)
    )
    found = list(db.execute(owned).scalars())
    db.execute(update(tables.readings.reading_page).where(_PAGE.reading_id.in_(found)).values(content=None))
    db.execute(update(tables.readings.reading).where(_READING.id.in_(found)).values(findings=None, confirmed=None))
