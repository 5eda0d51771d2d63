"""The decision of a witness on one checkpoint, by the rules and in the order of tlog-witness, "add-checkpoint".

1. body of the protocol's form, else 400;
2. a log we watch, else 404;
3. signed by a key we know it by, else 403 (also when such a key's signature is bad: the note is malformed);
4. old size not above the checkpoint's, else 400;
5. old size what we cosigned last, else 409 with the true one; stops a roll-back and a race of two senders;
6. the empty tree has the empty root, no proof from the empty tree, same size same root, else the proof leads from the
   last root to this one, else 422; stops a rewritten past;
7. remember, durably; only then answer with the cosignature.

Whoever sends a signed checkpoint that is refused in steps 4 to 6 may have sent evidence that the log signed two trees:
it is compared with what we cosigned before, and kept (`ledger.equivocation`).
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from api.witness.errors import (
    ConflictError,
    InconsistentError,
    MalformedError,
    NotTrustedError,
    RefusalError,
    UnknownLogError,
)
from api.witness.memory import Kept, Seen
from ledger.cosign import AddCheckpoint, origin_hash
from ledger.equivocation import examine, gather
from ledger.errors import NoteError, ProofError
from ledger.merkle import EMPTY_ROOT, verify_consistency
from ledger.note import Note, NoteVerifier, parse_checkpoint, signature_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from api.witness.memory import Memory
    from ledger.cosign import Cosigner
    from ledger.model import Checkpoint


class Witness:
    """A witness for some logs.

    Args:
        cosigner: its key.
        memory: what it remembers.
        logs: verifier keys of the logs it watches; several may share an origin (a log that changes its key).
        now: the time in POSIX seconds.

    Raises:
        NoteError: one of the keys is none, or is a witness's.
    """

    def __init__(self, cosigner: Cosigner, memory: Memory, logs: Iterable[str], now: Callable[[], float]) -> None:
        self.cosigner = cosigner
        self.memory = memory
        self._now = now
        self._logs: dict[str, list[NoteVerifier]] = {}
        for vkey in logs:
            key = NoteVerifier.parse(vkey)
            if key.is_witness:
                raise NoteError(reason="a witness's key is no log's")
            self._logs.setdefault(key.name, []).append(key)

    def add_checkpoint(self, body: bytes) -> str:
        """Judge a request; the cosignature line.

        Raises:
            RefusalError: see the steps at the top of the module.
            sqlite3.OperationalError: it cannot be remembered, so it is not signed.
        """
        try:  # 1
            request = AddCheckpoint.parse(body)
        except NoteError as error:
            raise MalformedError from error
        keys = self._logs.get(request.note.partition("\n")[0])  # 2
        if keys is None:
            raise UnknownLogError
        head, note = _opened(request.note, keys)  # 3
        refusal: RefusalError | None
        with self.memory.act():
            last = self.memory.last(head.origin)
            refusal = _judge(request, head, last)
            if refusal is None:
                return self._cosign(head, note)
            self._suspect(request, head, note, keys, last)
        raise refusal

    def _cosign(self, head: Checkpoint, note: str) -> str:
        """Step 7. Times never go back, whatever the clock does, and are never zero."""
        time = max(int(self._now()), self.memory.last_time(), 1)
        line = self.cosigner.cosign(note.partition("\n\n")[0] + "\n", time)
        self.memory.remember(head.origin, origin_hash(head.origin), Seen(head.size, head.root, note + line, time))
        return line

    def _suspect(
        self, request: AddCheckpoint, head: Checkpoint, note: str, keys: list[NoteVerifier], last: Seen | None
    ) -> None:
        """Keep a refused checkpoint if it contradicts one that we cosigned."""
        before = self.memory.head(head.origin, head.size)
        proof: tuple[bytes, ...] = ()
        if before is None or before.root == head.root:
            if last is None or not last.size == request.old < head.size:
                return
            before, proof = last, request.proof
        for key in keys:
            try:
                evidence = gather(key, (_only(before.note, key), _only(note, key)), proof)
                kind = examine(evidence).kind
            except NoteError:  # not both signed by this key of the log
                continue
            pair = sha256("\n".join(each.partition("\n\n")[0] for each in evidence.notes).encode()).digest()
            self.memory.keep_evidence(Kept(0, head.origin, kind, int(self._now())), evidence.encode(), pair)
            return


def _opened(raw: str, keys: list[NoteVerifier]) -> tuple[Checkpoint, str]:
    """A checkpoint and its note with the signatures of the log's keys only."""
    try:
        note = Note.parse(raw)
        head = parse_checkpoint(note.text)
    except NoteError as error:
        raise MalformedError from error
    try:
        signers = note.verified_by(keys)
    except NoteError as error:
        raise NotTrustedError from error
    if not signers:
        raise NotTrustedError
    return head, _only(raw, *signers)


def _only(raw: str, *keys: NoteVerifier) -> str:
    """A note with one signature line of each of some keys."""
    note = Note.parse(raw)
    lines: dict[NoteVerifier, str] = {}
    for each in note.signatures:
        for key in keys:
            if (each.name, each.key_id) == (key.name, key.key_id):
                lines.setdefault(key, signature_line(each.name, each.key_id, each.signature))
    if not lines:
        raise NoteError(reason="not signed by the log")
    return f"{note.text}\n{''.join(lines.values())}"


def _judge(request: AddCheckpoint, head: Checkpoint, last: Seen | None) -> RefusalError | None:
    """Steps 4 to 6."""
    size, root = (last.size, last.root) if last else (0, EMPTY_ROOT)
    if request.old > head.size:  # 4
        return MalformedError()
    if request.old != size:  # 5
        return ConflictError(size)
    if head.size == 0 and head.root != EMPTY_ROOT:  # 6
        return InconsistentError()
    try:
        verify_consistency(size, head.size, request.proof, root, head.root)
    except ProofError:
        return InconsistentError()
    return None
