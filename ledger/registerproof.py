"""Checking a version of a register offline: what `GET /v1/registers/{kind}/versions/{n}` answers, against a trust file.

1. **document**: its canonical bytes have the SHA-256 and SM3 of the entry in clear, and it says of itself what the
   entry says: register, version, owner. Stops another document, and one version shown as another.
2. **inclusion**: the entry lies in the log under the checkpoint. Stops a version that was never published.
3. **checkpoint**: a key of the trust file signed it; stops a log of somebody's own making.
4. **superiors**: where there is a log above, its entry in clear holds that checkpoint, and the same again for its own.
5. **witnesses**: the topmost checkpoint has the quorum the trust file demands. Stops a log that shows two trees.
6. **chain**: the topmost checkpoint is anchored on the trusted chain. Skipped where the trust file names none; a
   version that is not anchored yet is `logged` and not `proven`.

Pure: no network, no database, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger import chainproof, merkle
from ledger.clear import DistrictCheckpoint, RegisterPublished, read_clear
from ledger.clock import rfc3339
from ledger.cosign import proof_hash
from ledger.digests import digest
from ledger.errors import ChainProofError, ClearLeafError, NotCanonicalError, NoteError, ProofError, RegisterProofError
from ledger.note import Note, parse_checkpoint
from ledger.record import canonical
from ledger.strictjson import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.model import Checkpoint
    from ledger.trust import Trust

MAX_SIZE: Final = 8 << 20
"""Bytes: a document of 10,000 entries and its proofs."""
_MAX_SUPERIORS: Final = 4


@dataclass(frozen=True, slots=True)
class RegisterReport:
    """What a verification found: the version, its log and place, and the time of the block that anchors it."""

    register: str
    version: int
    owner: str
    published_at: str
    sha256: str
    logs: tuple[str, ...]
    index: int
    anchored_at: str | None

    @property
    def verdict(self) -> str:
        """`proven` on the trusted chain, or `logged` in the trusted log only."""
        return "logged" if self.anchored_at is None else "proven"


def trusted_head(note: str, trust: Trust, *, top: bool) -> Checkpoint:
    """A checkpoint that a log of the trust file signed, and, at the top, its witnesses.

    Args:
        note: the signed note.
        trust: whom we believe.
        top: whether it is the topmost one, which needs the quorum.

    Raises:
        NoteError: malformed, not signed by a key that is good for its size, or without the quorum.
    """
    parsed = Note.parse(note)
    head = parse_checkpoint(parsed.text)
    held = trust.keys(head.origin)
    signed = parsed.verified_by(each.key for each in held)  # a bad signature of a retired key is bad, too
    if not any(each.key in signed and each.covers(head.size) for each in held):
        raise NoteError(reason=f"{head.origin}: not signed by a trusted key")
    if top and len(parsed.verified_by(trust.witnesses)) < trust.quorum:
        raise NoteError(reason="too few witnesses")
    return head


def verify(raw: bytes, trust: Trust) -> RegisterReport:
    """Check a version by the plan above.

    Raises:
        RegisterProofError: a step failed; `step` names it.
    """
    step = "form"
    try:
        value = read(raw, MAX_SIZE)
        entry, document = value["entry"], value["document"]
        step = "document"
        clear = _document(entry["leaf"], document)
        step = "inclusion"
        note, superiors = entry["checkpoint"], entry["superiors"]
        if note is None:
            raise RegisterProofError(step=step, reason="not integrated yet")
        head = _included(entry)
        step = "checkpoint"
        trusted_head(note, trust, top=not superiors)
        step = "superiors"
        logs = [head.origin]
        if len(superiors) > _MAX_SUPERIORS:
            raise RegisterProofError(step=step, reason="too many")
        for number, above in enumerate(superiors, 1):
            _holds(above["leaf"], note)
            head, note = _included(above), above["checkpoint"]
            trusted_head(note, trust, top=number == len(superiors))
            logs.append(head.origin)
        step = "chain"
        anchored = _anchored(entry["chain"], head, trust)
    except (NoteError, ProofError, ClearLeafError, ChainProofError, NotCanonicalError) as error:
        raise RegisterProofError(step=step, reason=f"{error.code}: {error}") from error
    except (KeyError, TypeError, AttributeError, UnicodeEncodeError) as error:
        raise RegisterProofError(step=step, reason="malformed") from error
    return RegisterReport(
        clear.register,
        clear.version,
        clear.owner,
        rfc3339(clear.time),
        clear.sha256,
        tuple(logs),
        entry["index"],
        anchored,
    )


def _document(leaf: str, document: Mapping[str, Any]) -> RegisterPublished:
    """1."""
    clear = read_clear(leaf.encode())
    if not isinstance(clear, RegisterPublished):
        raise RegisterProofError(step="document", reason="entry of another type")
    both = digest(canonical(document))
    if (both.sha256.hex(), both.sm3.hex()) != (clear.sha256, clear.sm3):
        raise RegisterProofError(step="document", reason="digest differs")
    told = (document["register"], document["version"], document["owner"])
    if told != (clear.register, clear.version, clear.owner):
        raise RegisterProofError(step="document", reason="says another register, version or owner")
    return clear


def _included(entry: Mapping[str, Any]) -> Checkpoint:
    """2: the checkpoint over a leaf, nothing of its signatures checked."""
    head = parse_checkpoint(Note.parse(entry["checkpoint"]).text)
    path = [proof_hash(each) for each in entry["inclusion"]]
    merkle.verify_inclusion(merkle.leaf_hash(entry["leaf"].encode()), entry["index"], head.size, path, head.root)
    return head


def _holds(leaf: str, note: str) -> None:
    """4: the entry above holds the checkpoint below, text for text."""
    clear = read_clear(leaf.encode())
    if not isinstance(clear, DistrictCheckpoint) or Note.parse(clear.checkpoint).text != Note.parse(note).text:
        raise RegisterProofError(step="superiors", reason="entry of another checkpoint")


def _anchored(chain: Mapping[str, Any] | None, head: Checkpoint, trust: Trust) -> str | None:
    """6: the time of the anchor's block, None where nothing proves one."""
    if chain is None or trust.chain is None:
        return None
    log = chainproof.log_id(head.origin)
    return rfc3339(chainproof.verify(chain, trust.chain, log=log, size=head.size, root=head.root).anchored_at)
