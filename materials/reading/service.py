"""Readings of materials: asked for by the depositor, carried out page by page, confirmed or corrected by staff.

What was read is a claim until somebody looked: nothing else in the exchange goes by it. A confirmation is an act with
an entry of its own (`material.read`), which holds digests only; the values stay here, encrypted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from authz.model import Act
from authz.vault import digest_of
from ledger import outbox
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record, canonical
from ledger.steps import run
from materials import store as materials
from materials.errors import MaterialNotActiveError, UnknownMaterialError
from materials.model import MaterialStatus
from materials.reading import fieldrules, store, values
from materials.reading.contradictions import Contradiction, Deposit, contradictions, end_of
from materials.reading.document import READABLE
from materials.reading.errors import (
    ReadingContradictedError,
    ReadingFieldError,
    ReadingStateError,
    ReadingUnsupportedError,
    UnknownReadingError,
)
from materials.reading.layout import plain
from materials.reading.model import Findings, PageText, ReadingState
from materials.reading.store import HeldPage
from materials.validity import LOCAL

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from authz.model import Caller
    from materials.desk import Desk
    from materials.model import Material
    from materials.reading.store import Held

PAGE: Final = "reading.page"
"""Kind of the outbox's messages: read one page."""
MAX_BYTES: Final = 64 * 1024**2
KEPT: Final = timedelta(days=30)
"""What was read and never confirmed is forgotten after this."""
LOOKED_AT: Final = timedelta(days=1)
"""So long after its confirmation staff may look at the document again, to see what they confirmed."""
_READ: Final = "material.read"
_LEVELS: Final = ("self_declared", "staff_checked", "source_verified", "issuer_signed")
_STAFF: Final = "staff_checked"
_HISTORY: Final = 50


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What staff say after looking at the document.

    Attributes:
        fields: values they vouch for; what is left out is not confirmed.
        acknowledged: problems of contradictions that they found to be right.
    """

    type_code: str
    fields: Mapping[str, str]
    acknowledged: Collection[str]
    operator: str


@dataclass(frozen=True, slots=True)
class Told:
    """A reading as its depositor sees it.

    Attributes:
        findings: None until it is done, and after it was forgotten.
        confirmed: the values staff vouch for.
        contradictions: of what was read, or confirmed, with the deposit.
    """

    held: Held
    pages: tuple[HeldPage, ...]
    findings: Findings | None
    confirmed: Mapping[str, str] | None
    contradictions: tuple[Contradiction, ...]


class Readings:
    """Asks for readings, keeps their pages, takes confirmations."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # By the depositor

    def ask(self, db: Connection, caller: Caller, material_id: str, operator: str) -> Told:
        """Have a deposit of the caller's organisation read; the work is a job.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownMaterialError: no such deposit of the caller's organisation.
            MaterialNotActiveError: it has ended.
            ReadingUnsupportedError: files like this are not read.
            ReadingRunningError: it is being read already.
        """
        self._desk.counter.let(db, caller, operator, Act.deposit)
        material = self._deposit(db, caller, material_id)
        if material.media_type not in READABLE:
            raise ReadingUnsupportedError(problem="media-type", media_type=material.media_type)
        if material.size > MAX_BYTES:
            raise ReadingUnsupportedError(problem="too-large", limit=MAX_BYTES)
        reading_id, now = new_id(), self._desk.clock.now()
        row: dict[str, Any] = {"id": reading_id, "material_id": material.id, "party_id": caller.party_id}
        row |= {"operator": operator, "state": ReadingState.queued.value, "asked_at": now, "pages_done": 0}
        store.insert_reading(db, row)
        self._emit(db, reading_id, 1)
        return self._told(db, self._known(db, reading_id), material)

    def get(self, db: Connection, caller: Caller, material_id: str, reading_id: str) -> Told:
        """A reading of a deposit of the caller's organisation: its progress, then its findings.

        Raises:
            UnknownReadingError: there is none; another organisation's looks the same.
        """
        held = store.get(db, reading_id)
        if held is None or (held.material_id, held.party_id) != (material_id, caller.party_id):
            raise UnknownReadingError
        material = run(db, materials.material(material_id))
        if material is None:
            raise UnknownReadingError
        return self._told(db, held, material)

    def original(self, db: Connection, caller: Caller, material_id: str, reading_id: str) -> tuple[str, str]:
        """The document of a reading: id of its object, and media type; to be looked at by whoever confirms it.

        Raises:
            UnknownReadingError: as `get`.
            MaterialNotActiveError: the material has ended.
            ReadingStateError: it was confirmed more than a day ago; from then on the document is had by a use.
        """
        held = store.get(db, reading_id)
        if held is None or (held.material_id, held.party_id) != (material_id, caller.party_id):
            raise UnknownReadingError
        if held.confirmed_at is not None and held.confirmed_at + LOOKED_AT < self._desk.clock.now():
            raise ReadingStateError(state=held.state.value)
        material = self._deposit(db, caller, material_id)
        return material.object_id, material.media_type

    def of_material(self, db: Connection, caller: Caller, material_id: str) -> list[Held]:
        """The newest readings of a deposit of the caller's organisation.

        Raises:
            UnknownMaterialError: no such deposit.
        """
        found = run(db, materials.material(material_id))
        if found is None or found.party_id != caller.party_id:
            raise UnknownMaterialError
        return store.of_material(db, material_id, _HISTORY)

    def confirm(self, db: Connection, caller: Caller, material_id: str, reading_id: str, given: Confirmation) -> Told:
        """Take what staff vouch for; the material counts as looked at by staff from then on.

        Also where they vouch for no value: then they say what kind of document it is, which is all that many can say.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownReadingError, UnknownMaterialError, MaterialNotActiveError: as `get` and `ask`.
            ReadingStateError: it is not done, confirmed already, or what was read is forgotten.
            ReadingFieldError: a value that none of its kind can be, or a field that the type does not have.
            ReadingContradictedError: it goes against the deposit, and staff did not, or cannot, acknowledge that.
        """
        self._desk.counter.let(db, caller, given.operator, Act.deposit)
        held = store.get(db, reading_id, lock=True)
        if held is None or (held.material_id, held.party_id) != (material_id, caller.party_id):
            raise UnknownReadingError
        if held.state is not ReadingState.read:
            raise ReadingStateError(state=held.state.value)
        if held.findings is None:  # nobody confirmed them in time; the document can be read again
            raise ReadingStateError(state="forgotten")
        material = self._deposit(db, caller, material_id, lock=True)
        fields = {code: _checked(given.type_code, code, value) for code, value in sorted(given.fields.items())}
        now = self._desk.clock.now()
        found = contradictions(given.type_code, fields, self._as_deposited(db, material), now)
        for each in found:
            if each.grave or each.problem not in given.acknowledged:
                raise ReadingContradictedError(problem=each.problem, field=each.field or "type_code")
        level = max(material.verify_level, _STAFF, key=_LEVELS.index)
        last = end_of(given.type_code, fields) if material.valid_to is None else None
        # Valid to the end of its last day, here.
        end = None if last is None else datetime.combine(last + timedelta(days=1), time(), LOCAL)
        store.raise_level(db, material.id, level, end)
        entry = self._entry(db, caller, held, replace(material, verify_level=level, valid_to=end), given, fields)
        store.change(
            db,
            held.id,
            state=ReadingState.confirmed.value,
            confirmed=self._desk.vault.shut(canonical(fields).decode(), _place("confirmed", held.id)),
            confirmed_by=given.operator,
            confirmed_at=now,
            verify_level=level,
            entry_id=entry,
        )
        return self._told(db, self._known(db, held.id), material)

    # By the job

    def plan(self, db: Connection, reading_id: str, number: int) -> tuple[Material, bool] | None:
        """What a job is to read: the material, and whether the page was read before; None where all is over."""
        held = store.get(db, reading_id)
        if held is None or held.state is not ReadingState.queued:
            return None
        material = run(db, materials.material(held.material_id))
        return None if material is None else (material, held.pages_done >= number)

    def took(self, db: Connection, reading_id: str, pages: int, text: PageText, milliseconds: int) -> None:
        """Keep a page; the next one's message is written with it. A page that came twice is kept once."""
        held = store.get(db, reading_id, lock=True)
        if held is None or held.state is not ReadingState.queued or held.pages_done >= text.number:
            return
        sealed = self._desk.vault.shut(
            json.dumps(text.to_json(), ensure_ascii=False), _place(f"page {text.number}", reading_id)
        )
        page = HeldPage(text.number, text.source, len(text.lines), milliseconds, text.failure, sealed)
        store.insert_page(db, reading_id, page)
        store.change(db, reading_id, pages=pages, pages_done=text.number)
        if text.number < pages:
            self._emit(db, reading_id, text.number + 1)

    @staticmethod
    def pages_of(db: Connection, reading_id: str) -> int:
        """How many pages a reading has; 0 before its document was opened."""
        held = store.get(db, reading_id)
        return 0 if held is None else held.pages or 0

    @staticmethod
    def material_of(db: Connection, reading_id: str) -> str | None:
        """What a reading is of; None where there is none."""
        held = store.get(db, reading_id)
        return None if held is None else held.material_id

    def texts(self, db: Connection, reading_id: str) -> list[PageText] | None:
        """All pages of a reading whose last page was read; None before that."""
        held = store.get(db, reading_id)
        if held is None or held.state is not ReadingState.queued or held.pages != held.pages_done:
            return None
        kept = [page for page in store.pages(db, reading_id) if page.content is not None]
        opened = (self._desk.vault.open(page.content or b"", _place(f"page {page.number}", held.id)) for page in kept)
        return [PageText.of_json(json.loads(each)) for each in opened]

    def finish(self, db: Connection, reading_id: str, findings: Findings) -> None:
        """Keep what was found; the pages' text is forgotten."""
        held = store.get(db, reading_id, lock=True)
        if held is None or held.state is not ReadingState.queued:
            return
        sealed = self._desk.vault.shut(
            json.dumps(findings.to_json(), ensure_ascii=False), _place("findings", reading_id)
        )
        now = self._desk.clock.now()
        store.change(db, reading_id, state=ReadingState.read.value, findings=sealed, ended_at=now)
        store.drop_content(db, reading_id)

    def fail(self, db: Connection, reading_id: str, failure: str) -> None:
        """The document cannot be read; why, kebab-case."""
        held = store.get(db, reading_id, lock=True)
        if held is None or held.state is not ReadingState.queued:
            return
        now = self._desk.clock.now()
        store.change(db, reading_id, state=ReadingState.failed.value, failure=failure, ended_at=now)
        store.drop_content(db, reading_id)

    def sweep(self, db: Connection) -> None:
        """Housekeeping: forget what was read and nobody confirmed."""
        store.forget_unconfirmed(db, self._desk.clock.now() - KEPT)

    @staticmethod
    def forget(db: Connection, object_id: str) -> None:
        """Forget all that was read in a document whose key was destroyed."""
        store.forget_values(db, object_id)

    # What these share

    def _emit(self, db: Connection, reading_id: str, number: int) -> None:
        body = {"reading": reading_id, "page": number}
        outbox.emit(db, PAGE, f"{reading_id}:{number}", body, self._desk.clock.now())

    def _deposit(self, db: Connection, caller: Caller, material_id: str, *, lock: bool = False) -> Material:
        found = run(db, materials.material(material_id, lock=lock))
        if found is None or found.party_id != caller.party_id:
            raise UnknownMaterialError
        if found.status is not MaterialStatus.active:
            raise MaterialNotActiveError(status=found.status.value)
        return found

    @staticmethod
    def _known(db: Connection, reading_id: str) -> Held:
        held = store.get(db, reading_id)
        if held is None:
            raise UnknownReadingError
        return held

    def _as_deposited(self, db: Connection, material: Material) -> Deposit:
        codes: dict[str, set[str]] = {}
        for each in self._desk.holders.identifiers(db, material.holder_id):
            codes.setdefault(each.type, set()).add(each.code)
        name = self._desk.holders.get(db, material.holder_id).name
        known = {kind: frozenset(held) for kind, held in codes.items()}
        return Deposit(material.type_code, known, name, material.valid_to)

    def _told(self, db: Connection, held: Held, material: Material) -> Told:
        findings = confirmed = None
        if held.findings is not None:
            opened = self._desk.vault.open(held.findings, _place("findings", held.id))
            findings = Findings.of_json(json.loads(opened))
        if held.confirmed is not None:
            confirmed = json.loads(self._desk.vault.open(held.confirmed, _place("confirmed", held.id)))
        found: tuple[Contradiction, ...] = ()
        if held.state is ReadingState.read and findings is not None:
            read = {each.code: each.value for each in findings.fields}
            deposit = self._as_deposited(db, material)
            found = contradictions(findings.guess.type_code, read, deposit, self._desk.clock.now())
        return Told(held, tuple(store.pages(db, held.id)), findings, confirmed, found)

    def _entry(
        self,
        db: Connection,
        caller: Caller,
        held: Held,
        material: Material,
        given: Confirmation,
        fields: Mapping[str, str],
    ) -> str:
        """Write the entry of a confirmation: digests of what was read and of what was confirmed, no value.

        Args:
            material: as it stands from now on; its end only where it was taken from the document.
        """
        findings = json.loads(self._desk.vault.open(held.findings or b"", _place("findings", held.id)))
        read = {each["code"]: each["value"] for each in findings["fields"]}
        parties: dict[str, object] = {
            "requester": caller.org_code,
            "operator": given.operator,
            "material": material.id,
            "material_type": given.type_code,
            "reading": held.id,
            "read": digest_of(held.id.encode() + b"\0" + canonical(findings)),
            "confirmed": digest_of(held.id.encode() + b"\0" + canonical(dict(fields))),
            "corrected": sorted(code for code, value in fields.items() if read.get(code) != value),
            "acknowledged": sorted(given.acknowledged),
            "verify_level": material.verify_level,
            "valid_to": None if material.valid_to is None else rfc3339(material.valid_to),
            "holder": self._desk.holders.pairwise(material.holder_id, caller.party_id),
        }
        fact = {
            "type": _READ,
            "time": rfc3339(self._desk.clock.now()),
            "digests": {"sha256": material.sha256, "sm3": material.sm3},
        }
        return self._desk.evidence.append(db, Record(fact, parties)).entry_id


def _checked(type_code: str, code: str, value: str) -> str:
    """A value staff vouch for, in its one form.

    Raises:
        ReadingFieldError: the type has no such field, or no value of its kind looks like this.
    """
    rule = fieldrules.rules().field(type_code, code)
    if rule is None:
        raise ReadingFieldError(field=code[:40], problem="unknown-field")
    text = plain(value)
    parsed = values.parse(rule.kind, text)
    if text == values.LONG and rule.kind == "end_date":
        return values.LONG
    if parsed is None or (parsed.end - parsed.start) < len(text.strip(":,.;、。元人民币¥")):
        raise ReadingFieldError(field=code, problem="no-value-of-its-kind")
    grave = [problem for problem in parsed.problems if problem not in {"unusual-name", "unlikely-address"}]
    if grave:
        raise ReadingFieldError(field=code, problem=grave[0])
    return parsed.value


def _place(what: str, reading_id: str) -> bytes:
    return f"reading {what} {reading_id}".encode()
