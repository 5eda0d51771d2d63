"""Collecting cosignatures for our checkpoints (c2sp.org/tlog-witness, the client's side).

A checkpoint waits until a quorum of witnesses has cosigned it; then it is published: served, and anchored. The log
itself never waits: entries are indexed and checkpoints signed whatever the witnesses do.

All witnesses are asked for the same checkpoint, the *target*, each in a thread of its own, so that slow ones hold up
nobody. Were each asked for the newest one at its own pace, two slow witnesses might never cosign the same. The target
moves on to the newest checkpoint when it is published, when every witness has cosigned it, or after
`ROUND_SECONDS`. Late cosignatures are still added. What each witness cosigned last is kept, so a restart asks on.

What a witness can do to us: nothing but not cosign. A wrong signature, a time of zero, an answer of another form, a
size that moves with every question (a *slippery* witness) or no answer is a failure, after which it is left alone for
a while. One thing it can tell us is believed, since only our own key can have signed it: a checkpoint of a larger tree
than ours. Then this database is an old backup, and the sequencer stops (`RollbackDetectedError`, RELIABILITY D9).
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeoutError

from ledger import failpoints, proofs, store, witnessrows as rows
from ledger.cosign import SIZE_TYPE, AddCheckpoint, origin_hash, read_cosignature, read_size
from ledger.errors import LedgerError, NoteError, StorageFullError, WitnessError
from ledger.note import Note, NoteVerifier, open_checkpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.clock import Clock
    from ledger.db import Database
    from ledger.model import PublishedCheckpoint

ROUND_SECONDS: Final = 12.0
"""How long the witnesses are asked for one checkpoint: longer than two answers at the time-out."""
LOOK_SECONDS: Final = 0.1
"""How often the job looks for a new checkpoint; they come at most once a second."""
_NOBODY_SECONDS: Final = 60.0
"""The same where the node has no witnesses."""
FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 10.0
"""A witness that failed is left alone this long at most; pauses double up to it."""
ATTEMPTS: Final = 3
"""Questions to one witness about one checkpoint; an honest one needs two (its size, then its cosignature)."""

_logger: Final = logging.getLogger(__name__)


class Answer(NamedTuple):
    """What came back over HTTP."""

    status: int
    content_type: str
    body: bytes


class WitnessLine(Protocol):
    """The line to witnesses; implemented by `api.adapters.witnesses`."""

    def add_checkpoint(self, url: str, body: bytes) -> Answer:
        """`POST <url>/add-checkpoint`.

        Raises:
            WitnessError: no answer in time, or one that is too large.
        """
        ...

    def checkpoint(self, url: str, name: str) -> Answer:
        """`GET <url>/<name>/checkpoint`, `name` from `ledger.cosign.origin_hash`.

        Raises:
            WitnessError: see `add_checkpoint`.
        """
        ...


class Seat(NamedTuple):
    """A witness we ask: its key, and the prefix of its addresses."""

    key: NoteVerifier
    url: str

    @classmethod
    def parse(cls, text: str) -> Seat:
        """Read `VKEY URL`.

        Raises:
            NoteError: not a witness's key and an HTTP address.
        """
        vkey, _, url = text.partition(" ")
        key = NoteVerifier.parse(vkey)
        if not key.is_witness or not url.startswith(("http://", "https://")) or " " in url:
            raise NoteError(reason="a witness is its verifier key and its address")
        return cls(key, url.rstrip("/"))


def ask(
    database: Database, line: WitnessLine, seat: Seat, target: PublishedCheckpoint, log: NoteVerifier
) -> str | None:
    """Ask one witness to cosign one checkpoint; its signature line, verified; None when it has cosigned a newer one.

    Args:
        database: of this node.
        line: to the witness.
        seat: the witness.
        target: our checkpoint.
        log: our own key.

    Raises:
        WitnessError: it did not; `reason` says why.
        LogDivergedError: our own tiles are damaged.
    """
    text = Note.parse(target.note).text
    with database.unit() as db:
        known = rows.size(db, seat.key.vkey)
    for _ in range(ATTEMPTS):
        with database.unit() as db:
            newest = store.newest_checkpoint(db)
            proof = proofs.consistency(db, known, target.head.size) if known <= target.head.size else []
        if known > target.head.size:
            if newest is not None and known <= newest.head.size:  # asked by another process of this node
                return None
            look_ahead(database, line, seat, log)
            raise WitnessError(reason="it cosigned a larger tree under our name")
        answer = line.add_checkpoint(seat.url, AddCheckpoint(known, tuple(proof), target.note).encode())
        if answer.status == 409:
            known = _conflict(answer)
        elif answer.status == 200:
            try:
                return read_cosignature(answer.body, text, seat.key)
            except NoteError as error:
                raise WitnessError(reason=f"wrong answer: {error.fields['reason']}") from error
        else:
            raise WitnessError(reason=f"status {answer.status}")
    raise WitnessError(reason="its size moves with every question")


def _conflict(answer: Answer) -> int:
    """The size in an answer 409 (tlog-witness, "add-checkpoint")."""
    if answer.content_type != SIZE_TYPE:
        raise WitnessError(reason="wrong answer: type")
    try:
        return read_size(answer.body)
    except NoteError as error:
        raise WitnessError(reason=f"wrong answer: {error.fields['reason']}") from error


def look_ahead(database: Database, line: WitnessLine, seat: Seat, log: NoteVerifier) -> None:
    """Ask a witness what it saw of our log, and write down what is beyond our own: only our key can have signed it.

    Raises:
        WitnessError: it shows no checkpoint of ours.
    """
    answer = line.checkpoint(seat.url, origin_hash(log.name))
    try:
        note = answer.body.decode()
        seen = open_checkpoint(note, log)
    except (NoteError, UnicodeDecodeError) as error:
        raise WitnessError(reason="claims a larger tree and does not show it") from error
    with database.unit() as db:
        if seen.size > store.newest_published_size(db):
            rows.showed(db, seat.key.vkey, seen.size, note)
            _logger.error("witness: a checkpoint of size %d bears our key and is not ours any more", seen.size)


class Cosigning:
    """The job that gets our checkpoints cosigned.

    Args:
        database: of this node.
        line: to the witnesses.
        clock: the time.
        log: our log's key.
        seats: the witnesses.
        quorum: how many of them a checkpoint waits for.
    """

    def __init__(
        self, database: Database, line: WitnessLine, clock: Clock, log: NoteVerifier, seats: Sequence[Seat], quorum: int
    ) -> None:
        self._database = database
        self._line = line
        self._clock = clock
        self._log = log
        self._seats = tuple(seats)
        self._keys = tuple(seat.key for seat in seats)
        self._quorum = quorum
        self._changed = threading.Condition()
        self._target: PublishedCheckpoint | None = None
        self._since = 0.0
        self._done: set[Seat] = set()

    def run(self, stop: threading.Event) -> None:
        """Get checkpoints cosigned until told to stop. A witness that hangs then is not waited for."""
        threads = [threading.Thread(target=self._sit, args=(seat, stop), daemon=True) for seat in self._seats]
        for thread in threads:
            thread.start()
        first = True
        while not stop.is_set():
            try:
                if first:
                    self._publish_waiting()
                    first = False
                self.look()
            except (DBAPIError, PoolTimeoutError, StorageFullError) as error:
                _logger.warning("witness: database error %s", type(error).__name__)
            stop.wait(LOOK_SECONDS if self._seats else _NOBODY_SECONDS)
        with self._changed:
            self._changed.notify_all()

    def run_once(self) -> None:
        """Ask every witness once, one after the other, for the checkpoint that waits; for commands."""
        self._publish_waiting()
        self.look()
        for seat in self._seats:
            self.serve(seat)

    def look(self) -> None:
        """Move the target on, if it is time to."""
        with self._changed:
            held = self._target.head.size if self._target else 0
            is_over = self._round_over()
        with self._database.glance() as db:
            size, is_there, waits = store.prospect(db, held)
            if size is None or (is_there and (size <= held or (waits and not is_over))):
                return
            newest = store.newest_checkpoint(db)
        with self._changed:
            self._target, self._since, self._done = newest, time.monotonic(), set()
            self._changed.notify_all()

    def serve(self, seat: Seat) -> bool:
        """Ask one witness for the target, if it has not cosigned that; False when it failed."""
        with self._changed:
            target = self._target
        if target is None or seat in self._done:
            return True
        vkey = seat.key.vkey
        failpoints.reach("cosign.asking")
        try:
            line = ask(self._database, self._line, seat, target, self._log)
        except WitnessError as error:
            with self._database.unit() as db:
                known = rows.states(db).get(vkey)
                rows.failed(db, vkey, str(error.fields["reason"]), self._clock.now())
            if known is None or known.failure is None:
                _logger.warning("witness: %s does not cosign: %s", seat.key.name, error.fields["reason"])
            return False
        failpoints.reach("cosign.answered")
        if line is not None:
            with self._database.unit() as db:
                now = self._clock.now()
                rows.cosigned(db, target.head.size, seat.key, line, now, self._keys, self._quorum)
                failpoints.reach("cosign.kept")
        failpoints.reach("cosign.committed")
        with self._changed:
            if self._target is target:
                self._done.add(seat)
        return True

    def _publish_waiting(self) -> None:
        """Publish what waited for more witnesses than the settings now demand."""
        with self._database.unit() as db:
            rows.publish_waiting(db, self._keys, self._quorum)

    def _round_over(self) -> bool:
        return len(self._done) == len(self._seats) or time.monotonic() - self._since >= ROUND_SECONDS

    def _sit(self, seat: Seat, stop: threading.Event) -> None:
        """The life of one witness's thread. Whatever happens in it, the log goes on."""
        pause = FIRST_PAUSE_SECONDS
        while not stop.is_set():
            try:
                good = self.serve(seat)
            except (DBAPIError, PoolTimeoutError, LedgerError) as error:
                _logger.warning("witness: %s: %s", seat.key.name, type(error).__name__)
                good = False
            except Exception as error:  # noqa: BLE001 - a bug met by a strange answer must not stop the sequencer
                _logger.error("witness: %s: bug: %s", seat.key.name, type(error).__name__)
                good = False
            if good:
                pause = FIRST_PAUSE_SECONDS
                with self._changed:
                    self._changed.wait_for(lambda: stop.is_set() or self._has_work(seat), LOOK_SECONDS * 10)
            else:
                stop.wait(pause)
                pause = min(LONGEST_PAUSE_SECONDS, 2 * pause)

    def _has_work(self, seat: Seat) -> bool:
        return self._target is not None and seat not in self._done
