"""Digests of documents that their owners keep themselves: anchored here, never seen here.

An organisation hands in a digest and its own reference; the log holds one sealed entry for it like for any other act
(`evidence.anchored`). Record, salts, entry and the row by which the owner finds it again are written together, by
COPY, in the caller's unit.

    fact     {"digests": {"sha256": hex, "sm3": hex}, "size": bytes, "time": ..., "type": "evidence.anchored",
              "type_code": ...}         `sm3`, `size` and `type_code` only where they were given
    parties  {"reference": ..., "requester": organisation code}
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ledger import keptrows
from ledger.clock import rfc3339
from ledger.entryrows import copy_records, record_statements
from ledger.errors import EntryNotFoundError, InvalidKeptDocumentError
from ledger.ids import new_id
from ledger.record import SALTS_SIZE, seal_parts
from ledger.steps import execute, run, together

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.promise import BatchPromise
    from ledger.record import SealedRecord
    from ledger.sequencer import Sequencer
    from ledger.steps import Statement, Steps

TYPE: Final = "evidence.anchored"
MAX_FOUND: Final = 100
"""Entries in one answer of a look-up."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
_TYPE_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,31}")
_MAX_SIZE: Final = 2**53 - 1
_MEMBERS: Final = frozenset({"reference", "sha256", "sm3", "type_code", "size"})


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document kept elsewhere.

    Attributes:
        reference: the owner's own, opaque to us: 1 to 128 characters `A-Za-z0-9._:/-`.
        sha256: digest of the document, lower case hex.
        sm3: the same by GB/T 32905, or None.
        type_code: what kind of document it is, in the owner's own code, or None.
        size: bytes, or None.

    Raises:
        InvalidKeptDocumentError: one of them has another form; the field `member` says which, never its value.
    """

    reference: str
    sha256: str
    sm3: str | None = None
    type_code: str | None = None
    size: int | None = None

    def __post_init__(self) -> None:
        """Check the form; it lets the canonical bytes be written without a second look."""
        if type(self.sha256) is not str or not _DIGEST.fullmatch(self.sha256):
            raise InvalidKeptDocumentError(member="sha256")
        if type(self.reference) is not str or not _REFERENCE.fullmatch(self.reference):
            raise InvalidKeptDocumentError(member="reference")
        if self.sm3 is not None and (type(self.sm3) is not str or not _DIGEST.fullmatch(self.sm3)):
            raise InvalidKeptDocumentError(member="sm3")
        if self.type_code is not None and (type(self.type_code) is not str or not _TYPE_CODE.fullmatch(self.type_code)):
            raise InvalidKeptDocumentError(member="type_code")
        if self.size is not None and not (type(self.size) is int and 0 <= self.size <= _MAX_SIZE):
            raise InvalidKeptDocumentError(member="size")

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> KeptDocument:
        """Read the JSON form: exactly these members, `null` like absent.

        Raises:
            InvalidKeptDocumentError: another member, or as above.
        """
        if not value.keys() <= _MEMBERS:
            raise InvalidKeptDocumentError(member="unknown")
        get = value.get
        return cls(get("reference", ""), get("sha256", ""), get("sm3"), get("type_code"), get("size"))


@dataclass(frozen=True, slots=True)
class Keeping:
    """One document to anchor: whose it is (`owner`, an opaque UUID), under which organisation code it is recorded."""

    owner: str
    requester: str
    document: KeptDocument


Beside: TypeAlias = "Callable[[BatchPromise, Sequence[str | None]], Statement]"
"""Told the promise and the earlier entries of a batch, gives one more statement of its unit."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What anchoring a batch gave.

    Attributes:
        promise: over all entries, in order.
        earlier: for each the entry with which its owner had anchored the same digest before, if any.
        first_index: index of the first entry, or None while they are pending.
    """

    promise: BatchPromise
    earlier: tuple[str | None, ...]
    first_index: int | None


class KeptDocuments:
    """Anchors digests of documents kept elsewhere, and finds them again.

    Args:
        evidence: signs promises.
        sequencer: takes the entries in.
        clock: the time.
    """

    def __init__(self, evidence: Evidence, sequencer: Sequencer, clock: Clock) -> None:
        self._evidence = evidence
        self._sequencer = sequencer
        self._clock = clock

    def anchor(self, db: Connection, batch: Sequence[Keeping], beside: Beside, *, waiting: bool = False) -> Kept:
        """Anchor many in the caller's unit, as the unit's last act (`Sequencer.take_in`), by COPY.

        One digest may be anchored any number of times; that is said, not refused. Two units that run at the same time
        do not see each other's.

        Args:
            db: the caller's unit.
            batch: at least one.
            beside: gives what the caller writes in the same unit, before the lead is taken.
            waiting: leave them pending.

        Raises:
            LogBusyError: do the whole unit again with `waiting`.
        """
        sealed = _Sealed.of(batch, run(db, keptrows.earlier(_digests(batch))), self._clock.now())
        copy_records(db, sealed.rows)
        keptrows.copy(db, sealed.places)
        promise = self._evidence.promise_batch(sealed.entries, sealed.at)
        execute(db, beside(promise, sealed.earlier))
        return Kept(promise, sealed.earlier, self._sequencer.take_in(db, sealed.entries, sealed.at, waiting=waiting))

    def anchor_few(
        self,
        batch: Sequence[Keeping],
        beside: Beside,
        *,
        waiting: bool = False,
    ) -> Steps[None]:
        """`anchor` for some dozens, as steps of a unit that ends with them.

        Args:
            batch: at least one.
            beside: as `anchor`.
            waiting: leave them pending.

        Raises:
            LogBusyError: as `anchor`.
        """
        known = yield from keptrows.earlier(_digests(batch))
        sealed = _Sealed.of(batch, known, self._clock.now())
        more = beside(self._evidence.promise_batch(sealed.entries, sealed.at), sealed.earlier)
        yield together(*record_statements(sealed.rows), keptrows.insert(sealed.places), more)
        yield from self._sequencer.take_in_few(sealed.entries, sealed.at, waiting=waiting)

    def check_owner(self, db: Connection, owner: str, entry_id: str) -> None:
        """See to it that an entry is this owner's.

        Raises:
            EntryNotFoundError: it is not, or it was erased.
        """
        if not keptrows.owned(db, owner, entry_id):
            raise EntryNotFoundError

    def find(
        self, db: Connection, owner: str, *, reference: str | None, sha256: str | None, before: str | None
    ) -> list[keptrows.Found]:
        """The owner's entries with this reference or digest, newest first, at most `MAX_FOUND`.

        Args:
            reference: the owner's reference, or None to look for the digest.
            sha256: hex; used where `reference` is None.
            before: entry id where the answer before ended, or None.

        Raises:
            InvalidKeptDocumentError: what to look for has no valid form.
        """
        if reference is not None:
            if not _REFERENCE.fullmatch(reference):
                raise InvalidKeptDocumentError(member="reference")
            return keptrows.by_reference(db, owner, reference, before, MAX_FOUND)
        if not _DIGEST.fullmatch(sha256 or ""):
            raise InvalidKeptDocumentError(member="sha256")
        return keptrows.by_sha256(db, owner, sha256 or "", before, MAX_FOUND)


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A batch ready to be written: all lists in its order."""

    at: datetime
    rows: list[tuple[str, SealedRecord]]
    entries: list[tuple[str, bytes]]
    places: list[keptrows.Place]
    earlier: tuple[str | None, ...]

    @classmethod
    def of(cls, batch: Sequence[Keeping], known: Sequence[str | None], at: datetime) -> _Sealed:
        time, salts = rfc3339(at), os.urandom(SALTS_SIZE * len(batch))
        rows, places, earlier, first = [], [], [], dict[tuple[str, str], str]()
        for number, (each, before) in enumerate(zip(batch, known, strict=True)):
            entry_id, document = new_id(), each.document
            own = salts[number * SALTS_SIZE : (number + 1) * SALTS_SIZE]
            rows.append((entry_id, seal_parts(_fact(document, time), _parties(each), own)))
            places.append((entry_id, each.owner, document.reference, document.sha256))
            digest = each.owner, document.sha256
            earlier.append(before or first.get(digest))
            first.setdefault(digest, entry_id)
        return cls(at, rows, [(entry_id, sealed.leaf) for entry_id, sealed in rows], places, tuple(earlier))


def _digests(batch: Sequence[Keeping]) -> list[tuple[str, str]]:
    return [(each.owner, each.document.sha256) for each in batch]


# Both parts are written out instead of calling `canonical`, as the leaf is: no value can hold a character that needs
# an escape (`KeptDocument`; organisation codes are checked at registration).


def _fact(document: KeptDocument, time: str) -> bytes:
    sm3 = f',"sm3":"{document.sm3}"' if document.sm3 else ""
    size = f'"size":{document.size},' if document.size is not None else ""
    code = f',"type_code":"{document.type_code}"' if document.type_code else ""
    return f'{{"digests":{{"sha256":"{document.sha256}"{sm3}}},{size}"time":"{time}","type":"{TYPE}"{code}}}'.encode()


def _parties(each: Keeping) -> bytes:
    return f'{{"reference":"{each.document.reference}","requester":"{each.requester}"}}'.encode()
