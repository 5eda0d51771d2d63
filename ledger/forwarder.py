"""District sub-chains, the district's side: show our checkpoints to the superior log and keep what it answers.

One round does all there is to do, whatever happened before:

1. a published checkpoint is newer than the last one the superior took, or it is time to be heard again: send the newest
   with its consistency proof (`ledger.districts`, or any witness's `add-checkpoint`, has the other side);
2. rows wait for their proof or anchor: ask for the receipt, verify it against the superior's trust file, keep it.

The row of a checkpoint is written after the superior took it. Dying between the two costs a repetition, which the
superior answers as before. Kept receipts make our own evidence bundles complete offline: leaf, our checkpoint, the
superior's entry, its checkpoint, the chain (docs/evidence.md, 2.2). Nothing unverified is kept, so that a superior
cannot make us give out bundles that do not verify.

A superior that knows a larger tree of ours than we have means that our database is an old backup; one that calls us
forked means worse. Both are logged as errors at every round, and nothing is sent until a person has looked.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeoutError

from ledger import chainproof, merkle, proofs, store, tables
from ledger.clear import DistrictCheckpoint, read_clear
from ledger.cosign import AddCheckpoint, proof_hash
from ledger.errors import (
    ChainProofError,
    ClearLeafError,
    NotCanonicalError,
    NoteError,
    ProofError,
    RollbackDetectedError,
    StorageFullError,
    SuperiorError,
    SuperiorProofError,
    SuperiorRefusedError,
    SuperiorUnavailableError,
)
from ledger.note import Note
from ledger.registerproof import trusted_head
from ledger.strictjson import read

if TYPE_CHECKING:
    import threading
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.clock import Clock
    from ledger.db import Database
    from ledger.model import PublishedCheckpoint
    from ledger.trust import Trust

HEARTBEAT_SECONDS: Final = 60.0
"""How often an idle district shows its tree again (`ledger.districts.SILENT_SECONDS` is far more)."""
MAX_ANSWER: Final = 1 << 20
_LOOK_SECONDS: Final = 0.5
_RECEIPT_SECONDS: Final = 2.0
"""Receipts are asked for at most so often: the superior anchors every few seconds."""
_RECEIPTS: Final = 8
"""Receipts asked for in one round, oldest first."""
_ATTEMPTS: Final = 2
"""Sends of one checkpoint in a round: a size we did not know, then the right one."""
_OK: Final = 200
_logger: Final = logging.getLogger(__name__)
_table = tables.superior


class Answer(NamedTuple):
    """What came back over HTTP."""

    status: int
    body: bytes


class SuperiorLine(Protocol):
    """The line to the superior; implemented by `api.adapters.superior`."""

    def send(self, division: str, body: bytes) -> Answer:
        """`POST /v1/districts/{division}/checkpoints`.

        Raises:
            SuperiorUnavailableError: no answer in time, or one that is too large.
        """
        ...

    def receipt(self, division: str, size: int) -> Answer:
        """`GET /v1/districts/{division}/checkpoints/{size}`.

        Raises:
            SuperiorUnavailableError: see `send`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """What proves that the superior's log holds a checkpoint of ours, verified.

    Attributes:
        proof: `{"leaf", "index", "inclusion", "checkpoint"}` as in a bundle's `superiors`.
        chain: the superior's chain section, None before it is anchored.
    """

    proof: dict[str, Any]
    chain: dict[str, Any] | None


class Forwarder:
    """Shows the log of a district to its superior.

    Args:
        database: of the district.
        line: to the superior.
        trust: the superior's trust file: its log's keys, witnesses and chain.
        clock: the time.
        division: our division code.
        interval: least seconds between two sends of something new.
    """

    def __init__(  # each is needed
        self,
        database: Database,
        line: SuperiorLine,
        trust: Trust,
        clock: Clock,
        division: str,
        *,
        interval: float = 15.0,
    ) -> None:
        self._database = database
        self._line = line
        self._trust = trust
        self._clock = clock
        self._division = division
        self._interval = interval
        self._known: int | None = None
        self._sent_at = self._asked_at = 0.0  # by time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Forward until told to stop. What fails is logged and tried again; nothing of ours waits for it."""
        while not stop.is_set():
            pause = _LOOK_SECONDS
            try:
                self.run_once()
            except SuperiorUnavailableError as error:
                _logger.warning("superior: %s", error)
                pause = self._interval
            except (SuperiorError, RollbackDetectedError) as error:
                _logger.error("superior: %s: %s", error.code, error)  # the trace says nothing more
                pause = self._interval
            except (DBAPIError, PoolTimeoutError, StorageFullError) as error:
                _logger.warning("superior: database error %s", type(error).__name__)
                pause = self._interval
            stop.wait(pause)

    def run_once(self) -> bool:
        """One round; whether anything was sent or kept.

        Raises:
            SuperiorUnavailableError: it does not answer; nothing is lost.
            SuperiorRefusedError: it refused our checkpoint; `reason` is its code.
            SuperiorProofError: its receipt does not prove what it must.
            RollbackDetectedError: it knows a larger tree of ours than we do.
        """
        changed = self._forward()
        if time.monotonic() - self._asked_at < min(_RECEIPT_SECONDS, self._interval):
            return changed
        self._asked_at = time.monotonic()
        with self._database.unit() as db:
            waiting = unproven(db, _RECEIPTS)
        for size, note in waiting:
            changed |= self._fetch(size, note)
        return changed

    # --- sending -------------------------------------------------------------------------------------------------

    def _forward(self) -> bool:
        with self._database.unit() as db:
            newest = store.newest_published(db)
            last = last_sent(db)
        if newest is None:
            return False
        age = time.monotonic() - self._sent_at
        is_new = newest.head.size > last
        if self._sent_at and age < (self._interval if is_new else HEARTBEAT_SECONDS):
            return False
        self._sent_at = time.monotonic()
        self._send(newest, last if self._known is None else self._known)
        with self._database.unit() as db:
            keep_sent(db, newest, self._clock.now())
        return is_new

    def _send(self, newest: PublishedCheckpoint, known: int) -> None:
        size = newest.head.size
        for _ in range(_ATTEMPTS):
            if known > size:
                raise RollbackDetectedError(size=size, published=known)
            with self._database.unit() as db:
                proof = proofs.consistency(db, known, size)
            body = AddCheckpoint(known, tuple(proof), newest.note).encode()
            answer = self._line.send(self._division, body)
            if answer.status in {_OK, 201}:
                self._known = size
                return
            code, fields = _problem(answer.body)
            if code not in {"checkpoint-old-size", "checkpoint-rollback"} or type(fields.get("size")) is not int:
                raise SuperiorRefusedError(reason=code)
            known = self._known = fields["size"]
        raise SuperiorRefusedError(reason="its size moves with every question")

    # --- receipts ------------------------------------------------------------------------------------------------

    def _fetch(self, size: int, note: str) -> bool:
        """Ask for one receipt; whether it told more than we knew."""
        answer = self._line.receipt(self._division, size)
        if answer.status != _OK:
            raise SuperiorRefusedError(reason=_problem(answer.body)[0])
        held = check_receipt(answer.body, note, self._division, self._trust)
        if held is None:
            return False
        with self._database.unit() as db:
            return keep_receipt(db, size, held, self._clock.now())


def check_receipt(raw: bytes, note: str, division: str, trust: Trust) -> Receipt | None:
    """Verify a receipt, offline.

    Args:
        raw: the superior's answer.
        note: our checkpoint.
        division: ours.
        trust: what we know of the superior.

    Returns:
        The receipt; None while the superior has not integrated its entry.

    Raises:
        SuperiorProofError: a part is missing, malformed or proves something else; `reason` says which.
    """
    try:
        value = read(raw, MAX_ANSWER)
        if value.get("checkpoint") is None:
            return None
        leaf = value["leaf"].encode()
        clear = read_clear(leaf)
        if not isinstance(clear, DistrictCheckpoint) or clear.district != division:
            raise SuperiorProofError(reason="leaf of another district")
        if Note.parse(clear.checkpoint).text != Note.parse(note).text:
            raise SuperiorProofError(reason="leaf of another checkpoint")
        head = trusted_head(value["checkpoint"], trust, top=True)
        path = [proof_hash(each) for each in value["inclusion"]]
        merkle.verify_inclusion(merkle.leaf_hash(leaf), value["index"], head.size, path, head.root)
        if (chain := value["chain"]) is not None and trust.chain is not None:
            chainproof.verify(chain, trust.chain, log=chainproof.log_id(head.origin), size=head.size, root=head.root)
    except (NoteError, ProofError, ClearLeafError, ChainProofError, NotCanonicalError) as error:
        raise SuperiorProofError(reason=f"{error.code}: {error}") from error
    except (KeyError, TypeError, AttributeError, UnicodeEncodeError) as error:
        raise SuperiorProofError(reason="malformed") from error
    proof = {name: value[name] for name in ("leaf", "index", "inclusion", "checkpoint")}
    return Receipt(proof, chain)


# --- rows --------------------------------------------------------------------------------------------------------


def last_sent(db: Connection) -> int:
    """Size of the newest checkpoint that the superior took, 0 for none."""
    return int(db.execute(select(func.coalesce(func.max(_table.c.size), 0))).scalar_one())


def keep_sent(db: Connection, newest: PublishedCheckpoint, at: datetime) -> None:
    """Note that the superior took a checkpoint."""
    values = {"size": newest.head.size, "note": newest.note, "sent_at": at}
    db.execute(upsert(_table).values(**values).on_conflict_do_nothing(index_elements=["size"]))


def unproven(db: Connection, limit: int) -> list[tuple[int, str]]:
    """(size, note) of checkpoints the superior took whose anchor we do not hold, oldest first.

    Those older than the newest anchored one are left out: bundles never need them any more.
    """
    c = _table.c
    anchored = select(func.coalesce(func.max(c.size), 0)).where(c.anchored_at.is_not(None)).scalar_subquery()
    query = select(c.size, c.note).where(c.anchored_at.is_(None), c.size > anchored).order_by(c.size).limit(limit)
    return [(row.size, row.note) for row in db.execute(query)]


def keep_receipt(db: Connection, size: int, held: Receipt, at: datetime) -> bool:
    """Keep a verified receipt; False where it says no more than the one we have."""
    c = _table.c
    changed = update(_table).where(c.size == size, c.anchored_at.is_(None))
    if held.chain is None:
        changed = changed.where(c.proof.is_(None)).values(proof=held.proof)
    else:
        changed = changed.values(proof=held.proof, chain=held.chain, anchored_at=at)
    return db.execute(changed).rowcount == 1


def _problem(body: bytes) -> tuple[str, dict[str, Any]]:
    """Code and fields of a problem document."""
    try:
        value = json.loads(body)
        code, fields = str(value["code"])[:64], value.get("fields", {})
    except (ValueError, KeyError, TypeError, RecursionError):
        return "unreadable", {}
    return code, fields if isinstance(fields, dict) else {}
