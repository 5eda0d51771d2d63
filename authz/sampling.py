"""抽查: which duty uses an auditor looks at, drawn so that nobody can steer it, and what came of each.

**The draw.** A use is drawn on once a checkpoint covers its log entry: the *first* one, with its quorum of witnesses
where the node has one. Nobody knows that checkpoint when the use is made; who uses cannot choose it, and the log cannot
without its witnesses, whose signatures are part of the seed:

    seed   = SHA-256("cailian/sampling/v1" ‖ 0x00 ‖ root of the checkpoint ‖ lines of cosignatures, sorted, LF each)
    picked = first 8 bytes, big-endian, of SHA-256(seed ‖ use id as text) < rate / 1000 * 2^64

Where a log was frozen before a checkpoint of it counted, the first one that counts of the log after it is the draw's.
Nobody knew that one either.

The rate is a setting that everybody can read (`GET /v1/duty-uses/sampling`), and each draw's entry `duty.sampled`
says which rate, checkpoint, note and uses it was made of, so anybody who may see it can draw again.

**The audit.** Within working days an auditor says of each: *lawful*, *unclear* or *unlawful*. What is not lawful the
organisation answers within working days; the auditor closes it. What waits too long is counted and shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from authz.errors import SampleClosedError, UnknownSampleError
from authz.model import Act
from authz.store import dutyuses as store
from authz.vault import digest_of
from ledger import archive, store as log
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.model import Caller
    from authz.store.dutyuses import Sample
    from authz.vault import IdentityVault
    from authz.workdays import Workdays
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.model import PublishedCheckpoint

DOMAIN: Final = b"cailian/sampling/v1\0"
VERDICTS: Final = ("lawful", "unclear", "unlawful")
LAWFUL: Final = "lawful"
JUDGE_DAYS: Final = 10
ANSWER_DAYS: Final = 10
"""Working days an auditor has for a verdict, and an organisation for its answer."""
_AT_ONCE: Final = 500
_LISTED: Final = 200
_FIRST: Final = (datetime(1, 1, 1, tzinfo=UTC), "00000000-0000-0000-0000-000000000000")
_COSIGNED: Final = "\u2014 "
"""How a signature line of a note begins (signed-note: em dash, space)."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What auditor and organisation wrote to each other."""

    finding: str | None
    answer: str | None


def seed_of(root: bytes, note: str, origin: str) -> bytes:
    """The seed of a draw: root of a checkpoint and the witnesses' signatures on it.

    Args:
        note: the signed note as it is kept; the log's own lines, which are no surprise to it, are left out.
        origin: the log's name.
    """
    lines = sorted(line for line in note.splitlines() if line.startswith(_COSIGNED))
    witnessed = [line for line in lines if not line.startswith(f"{_COSIGNED}{origin} ")]
    return sha256(DOMAIN + root + "".join(f"{line}\n" for line in witnessed).encode()).digest()


def is_picked(seed: bytes, use_id: str, permille: int) -> bool:
    """Whether a draw picks a use."""
    score = int.from_bytes(sha256(seed + use_id.encode()).digest()[:8])
    return score * 1000 < permille << 64


class Sampling:
    """Draws duty uses and keeps what came of the audit.

    Args:
        counter: who audits, who answers.
        evidence: the log.
        vault: keeps findings and answers.
        workdays: counts days.
        clock: tells the time.
        permille: of a thousand duty uses, how many are drawn.
        witnessed: a checkpoint counts with its quorum of witnesses only.
    """

    def __init__(
        self,
        counter: Counter,
        evidence: Evidence,
        vault: IdentityVault,
        workdays: Workdays,
        clock: Clock,
        *,
        permille: int,
        witnessed: bool,
    ) -> None:
        self.permille = permille
        self._counter = counter
        self._evidence = evidence
        self._vault = vault
        self._workdays = workdays
        self._clock = clock
        self._witnessed = witnessed

    def draw(self, db: Connection) -> int:
        """Draw from the duty uses that a checkpoint has covered since; how many uses that were.

        Run by one worker or many: what one looks at is locked for the others.
        """
        found = dict(store.undrawn(db, _AT_ONCE))
        if not found:
            return 0
        states = log.entry_states(db, list(found.values()))
        frozen = {each.origin: each.number for each in archive.shards(db)}
        groups: dict[tuple[int, int | None], list[str]] = {}
        for use_id, entry_id in found.items():
            state = states[entry_id]
            number = len(frozen) + 1 if state.origin is None else frozen[state.origin]
            size = state.cosigned_size if self._witnessed else state.checkpoint_size
            groups.setdefault((number, size), []).append(use_id)
        drawn = 0
        for (number, size), uses in groups.items():
            checkpoint = self._checkpoint(db, number, size, len(frozen))
            if checkpoint is not None:
                self._draw(db, checkpoint, sorted(uses))
                drawn += len(uses)
        return drawn

    def _checkpoint(self, db: Connection, number: int, size: int | None, frozen: int) -> PublishedCheckpoint | None:
        """The checkpoint that draws what lies in one log; None where it is still to come.

        Args:
            number: of the log; the current one comes after the frozen ones.
            size: of its first checkpoint that counts for what is drawn; None where it has none.
            frozen: how many frozen logs there are.
        """
        if size is not None:
            with archive.through(db, number if number <= frozen else None):
                return log.checkpoint(db, size)
        quorum = 1 if self._witnessed else None
        for later in range(number + 1, frozen + 2):
            with archive.through(db, later if later <= frozen else None):
                if found := log.checkpoints(db, at_least=1, limit=1, quorum=quorum):
                    return found[0]
        return None

    def _draw(self, db: Connection, checkpoint: PublishedCheckpoint, uses: list[str]) -> None:
        head, now = checkpoint.head, self._clock.now()
        seed = seed_of(head.root, checkpoint.note, head.origin)
        picked = [each for each in uses if is_picked(seed, each, self.permille)]
        parties: dict[str, object] = {
            "checkpoint": head.size,
            "note": checkpoint.note,
            "seed": seed.hex(),
            "permille": self.permille,
            "uses": uses,
            "picked": picked,
        }
        entry = self._evidence.append(db, Record({"type": "duty.sampled", "time": rfc3339(now)}, parties)).entry_id
        values: dict[str, Any] = {"id": new_id(), "size": head.size, "root": head.root, "note": checkpoint.note}
        values |= {"seed": seed, "permille": self.permille, "uses": len(uses), "picked": len(picked)}
        store.draw(db, values | {"at": now, "entry": entry}, uses, picked, self._workdays.office_due(now, JUDGE_DAYS))

    @staticmethod
    def draws(db: Connection) -> list[tuple[Any, ...]]:
        """The newest 200 draws: (id, log, checkpoint size, root, seed, permille, uses, picked, at, entry)."""
        return store.draws(db, _LISTED)

    # The auditor's side

    def waiting(self, db: Connection, *, after: str | None = None, limit: int) -> list[Sample]:
        """Samples that are not closed, the most urgent first.

        Args:
            after: the last use of the page before.

        Raises:
            UnknownSampleError: there is no such sample.
        """
        since = _FIRST
        if after is not None:
            last = self.get(db, after)
            since = (last.due_at, last.use_id)
        return store.waiting(db, since, limit)

    @staticmethod
    def get(db: Connection, use_id: str) -> Sample:
        """A sample.

        Raises:
            UnknownSampleError: there is none.
        """
        found = store.sample(db, use_id)
        if found is None:
            raise UnknownSampleError
        return found

    def judge(
        self, db: Connection, caller: Caller, use_id: str, *, verdict: str, finding: str, operator: str
    ) -> Sample:
        """Say whether a use was lawful; what was not, its organisation has to answer.

        Args:
            verdict: of `VERDICTS`.
            finding: in words, for the organisation.
            operator: handle of an overseer.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownSampleError: there is none.
            SampleClosedError: it was judged.
        """
        self._counter.let(db, caller, operator, Act.inspect)
        held = self._locked(db, use_id)
        if held.judged_at is not None:
            raise SampleClosedError
        now = self._clock.now()
        parties = {"operator": operator, "requester": caller.org_code, "use": use_id, "verdict": verdict}
        parties |= {"finding": digest_of(f"{use_id}\0{finding}".encode()), "intended": held.intent_entry_id}
        entry = self._evidence.append(db, Record({"type": "duty.audited", "time": rfc3339(now)}, parties)).entry_id
        done = verdict == LAWFUL
        values: dict[str, Any] = {"id": use_id, "verdict": verdict, "operator": operator, "at": now, "entry": entry}
        values |= {"finding": self._vault.shut(finding, _place("finding", use_id))}
        values |= {"follow": None if done else self._workdays.office_due(now, ANSWER_DAYS)}
        values |= (
            {"closed_by": operator, "closed": now, "close_entry": entry}
            if done
            else dict.fromkeys(("closed_by", "closed", "close_entry"))
        )
        store.judge(db, values)
        return self.get(db, use_id)

    def close(self, db: Connection, caller: Caller, use_id: str, operator: str) -> Sample:
        """Have done with a sample whose organisation answered.

        Raises:
            UnknownOperatorError, NotPermittedError, UnknownSampleError: as they say.
            SampleClosedError: it is closed, or nobody answered yet.
        """
        self._counter.let(db, caller, operator, Act.inspect)
        held = self._locked(db, use_id)
        if held.closed_at is not None or held.answered_at is None:
            raise SampleClosedError
        now = self._clock.now()
        parties = {"operator": operator, "requester": caller.org_code, "use": use_id, "audited_entry": held.entry_id}
        entry = self._evidence.append(db, Record({"type": "duty.audit-closed", "time": rfc3339(now)}, parties)).entry_id
        store.close(db, {"id": use_id, "operator": operator, "at": now, "entry": entry})
        return self.get(db, use_id)

    # The organisation's side

    @staticmethod
    def followed(db: Connection, caller: Caller) -> list[Sample]:
        """What the caller's organisation has to answer, or answered, until it is closed: the first 200."""
        return store.followed(db, caller.party_id, _LISTED)

    def answer(self, db: Connection, caller: Caller, use_id: str, *, answer: str, operator: str) -> Sample:
        """Answer a finding.

        Args:
            operator: handle of a reviewer who did not make the use.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownSampleError: none that the organisation answers, or the operator's own use.
            SampleClosedError: it was answered.
        """
        self._counter.let(db, caller, operator, Act.answer_audit)
        held = store.sample(db, use_id, lock=True)
        if held is None or held.party_id != caller.party_id or held.follow_due_at is None or held.operator == operator:
            raise UnknownSampleError
        if held.answered_at is not None or held.closed_at is not None:
            raise SampleClosedError
        now = self._clock.now()
        parties: dict[str, object] = {"operator": operator, "requester": caller.org_code, "use": use_id}
        parties["audited_entry"] = held.entry_id
        parties |= {"answer": digest_of(f"{use_id}\0{answer}".encode()), "overdue": held.is_overdue(now)}
        record = Record({"type": "duty.audit-answered", "time": rfc3339(now)}, parties)
        entry = self._evidence.append(db, record).entry_id
        sealed = self._vault.shut(answer, _place("answer", use_id))
        store.answer(db, {"id": use_id, "answer": sealed, "operator": operator, "at": now, "entry": entry})
        return self.get(db, use_id)

    # What both share

    def texts(self, held: Sample) -> Texts:
        """What was written, for auditor and organisation."""

        def opened(part: str, sealed: bytes | None) -> str | None:
            return None if sealed is None else self._vault.open(sealed, _place(part, held.use_id))

        return Texts(opened("finding", held.finding), opened("answer", held.answer))

    def count(self, db: Connection) -> tuple[int, int]:
        """How many samples wait for a verdict, and how many wait for auditor or organisation too long."""
        return store.count(db, self._clock.now())

    @staticmethod
    def _locked(db: Connection, use_id: str) -> Sample:
        held = store.sample(db, use_id, lock=True)
        if held is None:
            raise UnknownSampleError
        return held


def _place(part: str, use_id: str) -> bytes:
    return f"duty/{part}/{use_id}".encode()
