"""Making what a use of a licence delivers, when it is first fetched (DESIGN 4.5, RELIABILITY Z7).

Short units around the work outside: read and judge, then render and store, then judge again and record. The record is
committed before the first byte leaves. Two requests may make the same copy at the same time: one is recorded, the other
is never recorded and so can be opened by nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Final

from authz.model import Mode
from certs import derived
from certs.errors import LicenceFileMissingError
from certs.files.model import Stamp
from ledger import failpoints
from ledger.steps import execute, run

if TYPE_CHECKING:
    from authz.model import Caller, Party, Use
    from authz.parties import Parties
    from authz.uses import Uses
    from certs.faces import Content
    from certs.files.maker import LicenceFiles
    from certs.model import Licence
    from certs.store.copies import Copy
    from ledger.clock import Clock
    from ledger.db import Database
    from ledger.objectrows import StoredObject
    from ledger.objects import ObjectStore
    from materials.licence_uses import LicenceUses

KEPT: Final = timedelta(days=1)
"""How long a rendition is locked in the object store after the time it may be relied on."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be made, as it was read in one unit."""

    use: Use
    copy: Copy
    licence: Licence
    content: Content
    issuer: Party
    requester: Party
    parent: StoredObject | None


class Renditions:
    """Makes renditions of licences.

    Args:
        database: for units of its own.
        objects: where originals are and renditions go.
        uses: the gate.
        licence_uses: reads, plans and records.
        parties: names of organisations.
        files: makes derived files.
        maker: the library that makes them: name and unified social credit code.
        clock: tells the time.
    """

    def __init__(
        self,
        database: Database,
        objects: ObjectStore,
        uses: Uses,
        licence_uses: LicenceUses,
        parties: Parties,
        files: LicenceFiles,
        maker: tuple[str, str],
        clock: Clock,
    ) -> None:
        self._database = database
        self._objects = objects
        self._uses = uses
        self._licence_uses = licence_uses
        self._parties = parties
        self._files = files
        self._maker = maker
        self._clock = clock

    def make(self, use_id: str, caller: Caller) -> None:
        """Make, store and record what a use delivers, unless somebody did.

        Raises:
            UnknownUseError: no such use of this client and key, or it is of something else.
            UseClosedError: its time is over, its grant was withdrawn, or the licence no longer stands.
            NoSealKeyError: the library cannot seal now.
        """
        wanted = self._read(use_id, caller)
        if wanted.copy.made_at is not None:
            return
        made = self._render(wanted)
        failpoints.reach("copy.made")
        stored = self._objects.put(BytesIO(made), retain_until=wanted.copy.valid_to + KEPT)
        failpoints.reach("copy.stored")
        with self._database.unit() as db:
            use = run(db, self._uses.gate(use_id, caller))
            copy, licence = run(db, self._licence_uses.check(use))
            first, *writes = self._licence_uses.made(copy, licence, use, stored, caller.org_code)
            if not execute(db, first):
                return  # another request was quicker
            for each in (*writes, *self._objects.record(stored), self._uses.rendered(use.id, stored.size)):
                execute(db, each)
            failpoints.reach("copy.recorded")
        failpoints.reach("copy.committed")

    def thumbnail(self, data: bytes) -> bytes:
        """A small picture of a derived file's first page, PNG."""
        return self._files.thumbnail(data)

    def _read(self, use_id: str, caller: Caller) -> _Wanted:
        with self._database.unit() as db:
            use = run(db, self._uses.gate(use_id, caller))
            copy, licence = run(db, self._licence_uses.check(use))
            content = run(db, self._licence_uses.content(licence))
            parent = None
            if copy.rendition is Mode.copy and licence.pdf is not None:
                parent = run(db, self._objects.lookup(licence.pdf.object_id))
            if content is None or (copy.rendition is Mode.copy and parent is None):
                raise LicenceFileMissingError
            issuer = self._parties.party(db, licence.issuer_party_id)
            requester = self._parties.party(db, use.party_id)
        return _Wanted(use, copy, licence, content, issuer, requester, parent)

    def _render(self, wanted: _Wanted) -> bytes:
        now = self._clock.now()
        if wanted.parent is None:
            return self._licence_uses.document(
                wanted.copy, wanted.licence, wanted.content, wanted.issuer, wanted.requester, wanted.use
            )
        held = derived.parent(wanted.licence)
        name, code = self._maker
        stamp = Stamp(
            copy_id=wanted.copy.id,
            licence_id=wanted.licence.licence_id,
            requester=wanted.requester.name,
            requester_code=wanted.requester.org_code,
            cause=wanted.use.cause,
            valid_from=wanted.copy.valid_from,
            valid_to=wanted.copy.valid_to,
            maker=name,
            maker_code=code,
            parent_sha256=held["sha256"],
            parent_sm3=held["sm3"],
        )
        return self._files.derive(bytes(self._objects.open(wanted.parent).read_all()), stamp, now)
