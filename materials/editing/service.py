"""Definitions edited by one person and published by another; every process takes up what was published.

A draft is a whole definition: of an item, a material type or a licence type. It is checked by the code that reads the
files, by what must stay of the version in force (`staying`), and by the whole it would be part of (`whole`). Publishing
writes the next version of the kind's register, whose entry holds the definition's digest, in the log and on the chain
like any other, and keeps the definition for ever. What the newest registers name decides: a definition kept here, or
else the one that came with the program. So a process that starts later, or after an upgrade, comes to the same.
"""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from authz.model import Act
from authz.onboardingerrors import SamePersonError
from authz.registerforms import form_of
from certs.errors import CertsError
from ledger import registers
from ledger.errors import NotCanonicalError
from ledger.ids import new_id
from ledger.record import canonical
from materials.editing import rows, texts
from materials.editing.errors import (
    DefinitionDraftChangedError,
    DefinitionDraftStaleError,
    DefinitionDraftTakenError,
    RegisterByDraftsError,
    UnknownDefinitionDraftError,
)
from materials.editing.kinds import KINDS
from materials.editing.whole import ITEM, Whole
from materials.errors import MaterialsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.model import Caller
    from certs.catalogue import LicenceCatalogue
    from ledger.clock import Clock
    from ledger.registers import Registers, RegisterVersion
    from materials.catalogue import Catalogue
    from materials.editing.rows import DefinitionDraft

_REGISTERS: Final = tuple(kind.register for kind in KINDS.values())


class Editing:
    """Checks, keeps and publishes drafts of definitions; takes up what was published.

    Args:
        catalogue, licences: of this process; changed in place by `refresh`.
        counter: who may.
        registers: publishes.
        clock: tells the time.

    Raises:
        CatalogueError, LicenceCatalogueError: what came with the program does not go together.
    """

    def __init__(
        self, catalogue: Catalogue, licences: LicenceCatalogue, counter: Counter, registers: Registers, clock: Clock
    ) -> None:
        self._whole = Whole(catalogue, licences)
        self._shipped = self._whole.changed({})
        self._counter = counter
        self._registers = registers
        self._clock = clock
        self._seen: dict[str, int] = {}
        self._refused: dict[str, int] = {}
        self._taking = Lock()

    def check(self, kind: str, text: str) -> dict[str, Any]:
        """The definition that a text is, as the catalogue would read it.

        Args:
            kind: of `KINDS`.

        Raises:
            DefinitionInvalidError: it is none, with the line where that is known.
            UnknownItemError, UnknownMaterialTypeError, UnknownLicenceTypeError: of nothing there is, or may be.
        """
        document, held = texts.read(text), KINDS[kind]
        code = document.get(held.member)
        if not isinstance(code, str):
            raise texts.invalid(1, "no code", member=held.member)
        now = self._whole.definitions(kind).get(code)
        if now is None and not (held.addable and held.addable.fullmatch(code)):
            raise held.unknown()
        try:
            wanted = self._whole.changed({kind: {code: document}})
            if now is not None:
                held.stays(json.loads(now), json.loads(wanted.definitions(kind)[code]))
        except (MaterialsError, CertsError) as error:
            raise texts.located(text, error) from error
        except (NotCanonicalError, TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
            raise texts.invalid(1, "incomplete") from error
        if path := texts.silent(document):
            raise texts.invalid(1, "nothing to read", path=path)
        return document

    def changes(self, kind: str, document: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What a definition changes of the one in force, path by path; of a new one all of it."""
        now = self._whole.definitions(kind).get(str(document[KINDS[kind].member]), b"{}")
        return texts.differences(json.loads(now), document)

    def save(self, db: Connection, caller: Caller, operator: str, kind: str, text: str) -> DefinitionDraft:
        """Keep a draft of a definition, in place of the one that is open.

        Raises:
            UnknownOperatorError, NotPermittedError: no registrar.
            DefinitionInvalidError: as `check`, and so are codes that are not there.
            DefinitionDraftTakenError: another organisation's draft of it is open.
        """
        self._counter.let(db, caller, operator, Act.register)
        self.look(db)
        code = self.check(kind, text)[KINDS[kind].member]
        values = {"id": new_id(), "kind": kind, "code": code, "base": self._digest(kind, code), "document": text}
        values |= {"party": caller.party_id, "by": operator, "at": self._clock.now()}
        draft_id = rows.save(db, values)
        if draft_id is None:
            raise DefinitionDraftTakenError
        return self._open(db, caller, draft_id)

    def publish(
        self, db: Connection, caller: Caller, operator: str, draft_id: str, seen: str
    ) -> tuple[RegisterVersion, registers.Changes]:
        """Publish a draft that somebody else saved, as the next version of its kind's register.

        Args:
            seen: SHA-256 of the text that the operator looked at, hexadecimal: whoever saves while they look does not
                get published what nobody looked at.

        Raises:
            UnknownOperatorError, NotPermittedError: no registrar.
            UnknownDefinitionDraftError: there is none that is open, of this organisation.
            SamePersonError: the operator saved it last.
            DefinitionDraftChangedError: it was saved again since.
            DefinitionDraftStaleError: it was made of another version than the one in force, or names one that was.
            DefinitionInvalidError: it does not go with the others any more.
            CatalogueError, LicenceCatalogueError: this process could not take up what is in force.
        """
        self._counter.let(db, caller, operator, Act.register)
        rows.lock(db)
        held = self._open(db, caller, draft_id)
        if held.edited_by == operator:
            raise SamePersonError
        if held.sha256 != seen:
            raise DefinitionDraftChangedError
        newest = self._renew(db)
        document, kind = self.check(held.kind, held.document), KINDS[held.kind]
        used = {each[0] for each in rows.versions(db, held.kind, held.code)} | {self._version(held.kind, held.code)}
        if held.base != self._digest(held.kind, held.code) or document["version"] in used:
            raise DefinitionDraftStaleError
        at = self._clock.now()
        entries = self._whole.changed({held.kind: {held.code: document}}).entries(held.kind)
        draft = registers.Draft(kind.register, newest[kind.register] + 1, caller.org_code, at, entries)
        published = self._registers.publish(db, draft, form_of(kind.register).key_of)
        self.keep(db)
        self._keep(db, (held.kind, held.code), canonical(document), draft.version, held.id)
        rows.decide(db, held.id, "published", operator, at)
        return published

    def check_entries(self, db: Connection, register: str, entries: Sequence[Mapping[str, Any]]) -> None:
        """Refuse entries that one person publishes and that would put other definitions in force than are.

        What is in force may be published as it is, so that a node whose registers are empty gets them proven.

        Raises:
            RegisterByDraftsError: they differ from the definitions in force.
        """
        kind = next((each for each in KINDS.values() if each.register == register), None)
        if kind is None:
            return
        rows.lock(db)
        self.look(db)
        now = {str(each["code"]): each for each in self._whole.entries(kind.name)}
        if {str(each["code"]): dict(each) for each in entries} != now:
            raise RegisterByDraftsError(register=register)

    def drop(self, db: Connection, caller: Caller, operator: str, draft_id: str) -> None:
        """Give a draft up.

        Raises:
            UnknownOperatorError, NotPermittedError: no registrar.
            UnknownDefinitionDraftError: there is none that is open, of this organisation.
        """
        self._counter.let(db, caller, operator, Act.register)
        rows.decide(db, self._open(db, caller, draft_id).id, "dropped", operator, self._clock.now())

    def drafts(self, db: Connection, caller: Caller, operator: str, kind: str | None = None) -> list[DefinitionDraft]:
        """What is open of the caller's organisation, of one kind or all.

        Raises:
            UnknownOperatorError, NotPermittedError: no registrar.
        """
        self._counter.let(db, caller, operator, Act.register)
        self.look(db)
        held = (each for each in rows.open_drafts(db) if each.party_id == caller.party_id)
        return [each for each in held if kind in {None, each.kind}]

    def versions(self, db: Connection, kind: str, code: str) -> list[dict[str, Any]]:
        """Every version of a definition that can be read here, the newest first.

        Raises:
            UnknownItemError, UnknownMaterialTypeError, UnknownLicenceTypeError: there is none.
        """
        self.look(db)
        now = self._version(kind, code)
        if not now:
            raise KINDS[kind].unknown()
        held = [
            {"version": number, "sha256": digest, "register_version": register or None, "published_at": at}
            for number, digest, register, at in rows.versions(db, kind, code)
        ]
        if now not in {each["version"] for each in held}:
            shown = {"version": now, "sha256": self._digest(kind, code)}
            held.insert(0, shown | {"register_version": None, "published_at": None})
        return held

    def definition(self, db: Connection, kind: str, code: str, version: str | None = None) -> bytes:
        """Canonical JSON of a version of a definition, in force or not; of the one in force without a version.

        Raises:
            UnknownItemError, UnknownMaterialTypeError, UnknownLicenceTypeError: there is none.
        """
        self.look(db)
        now = self._whole.definitions(kind).get(code)
        if now is not None and version in {None, self._version(kind, code)}:
            return now
        found = rows.version(db, kind, code, str(version)) if now is not None else None
        if found is None:
            raise KINDS[kind].unknown()
        return found

    def refresh(self, db: Connection) -> bool:
        """Take up the definitions that the newest registers name; whether something is new.

        Raises:
            CatalogueError, LicenceCatalogueError: they do not fit what this version of the program has, or do not go
                together; said once. The definitions stay what they are.
        """
        newest = registers.newest(db, _REGISTERS)
        if newest in (self._seen, self._refused):
            return False
        try:
            self._renew(db)
        except (MaterialsError, CertsError):
            self._refused = newest
            raise
        return True

    def look(self, db: Connection) -> None:
        """Go by the newest registers at once: for acts that a definition decides, and for who reads definitions.

        What cannot be taken up is said by `refresh`, and the definitions stay what they are.
        """
        if registers.newest(db, _REGISTERS) not in (self._seen, self._refused):
            with suppress(MaterialsError, CertsError):
                self._renew(db)

    def keep(self, db: Connection) -> None:
        """Keep the definitions in force, those that came with the program among them: cases go on under them after an
        upgrade, and they stay readable.
        """  # noqa: D205 - one thought
        held = rows.digests(db)
        for kind in KINDS:
            for code, document in self._whole.definitions(kind).items():
                if self._digest(kind, code) not in held:
                    self._keep(db, (kind, code), document, 0, None)

    def _renew(self, db: Connection) -> dict[str, int]:
        """Go by the newest registers, which are told. Whoever asks while another thread takes them up waits for it."""
        with self._taking:
            newest = registers.newest(db, _REGISTERS)
            if newest != self._seen:
                documents = {name: self._named(db, name, newest[kind.register]) for name, kind in KINDS.items()}
                past = [json.loads(document) for document in rows.all_documents(db, ITEM)]
                self._whole.adopt(self._shipped.changed(documents), past)
                self._seen = newest
            return newest

    def _named(self, db: Connection, kind: str, newest: int) -> dict[str, dict[str, Any]]:
        """Definitions that a version of a register names, and what was added to the program's for good."""
        register, shipped = KINDS[kind].register, self._shipped.definitions(kind)
        entries = registers.version(db, register, newest).entries if newest else []
        # What the register names and nobody kept came with the program, now or before an upgrade.
        held = rows.known(db, kind, [str(entry.get("sha256")) for entry in entries])
        if KINDS[kind].addable:
            held = rows.added(db, kind, list(shipped)) | held
        else:
            held = {code: document for code, document in held.items() if code in shipped}
        return {code: json.loads(document) for code, document in held.items()}

    def _open(self, db: Connection, caller: Caller, draft_id: str) -> DefinitionDraft:
        held = rows.draft(db, draft_id)
        if held is None or held.state != "open" or held.party_id != caller.party_id:
            raise UnknownDefinitionDraftError
        return held

    def _digest(self, kind: str, code: str) -> str:
        held = self._whole.definitions(kind).get(code)
        return "" if held is None else sha256(held).hexdigest()

    def _version(self, kind: str, code: str) -> str:
        """Of the definition in force; empty where there is none."""
        return str(json.loads(self._whole.definitions(kind).get(code, b"{}")).get("version", ""))

    def _keep(self, db: Connection, of: tuple[str, str], document: bytes, register: int, draft: str | None) -> None:
        values: dict[str, Any] = {"sha256": sha256(document).hexdigest(), "kind": of[0], "code": of[1]}
        values |= {"document": document, "at": self._clock.now()}
        values |= {"version": json.loads(document)["version"], "register": register, "draft": draft}
        rows.keep(db, values)
