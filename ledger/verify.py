"""Verification of an evidence bundle: pure, no network, no database, no clock.

A bundle never supplies what it is checked against: keys, quorum and chain come from the trust file (DESIGN 6). The
plan, whose numbers `VerificationError.step` and the report use:

1. **form**: size, strict JSON, known format, version, kind and members. Stops a file that two programs read in two
   ways, and a section that an old program would skip.
2. **leaf**: every opening opens its leaf. Stops an edited record.
3. **record**: the records are those the kind demands, opened as far as it demands, and belong to one act. Stops a
   receipt of one use being glued to the completion of another, and a refusal being shown as a use.
4. **document**: size, SHA-256 and SM3 of the file are those of the record. Stops an exchanged or changed file.
5. **inclusion**: every entry that is said to be integrated lies at its index under the checkpoint's root. Stops a
   record that was never logged.
6. **checkpoint**: the log's key of the trust file signed the checkpoint. Stops a log of somebody's own making.
7. **witnesses**: a quorum of the trust file's witnesses cosigned it. Stops a log that shows each reader another tree.
8. **promise**: what is not integrated yet is promised by the log's key. A promise is not a proof, and the report never
   says `proven` for one.
9. **chain**: the anchor contract of the trusted chain holds this root for this log and size (`ledger.chainproof`).
   Stops a history rewritten together with its signatures.
10. **finality**: what is known about the block of step 9.

Steps 6 to 10 need a trust file. Without one the bundle is at best *consistent*, and the report says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, Final

from cryptography.hazmat.primitives import hashes

from ledger import chainproof
from ledger.clock import rfc3339
from ledger.envelope import Bundle, BundleEntry, parse
from ledger.errors import (
    AnchorMismatchError,
    ChainProofError,
    CommitmentError,
    DocumentMismatchError,
    LeafMismatchError,
    LogProofError,
    NoteError,
    PromiseInvalidError,
    ProofError,
    UntrustedLogError,
)
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.note import Note, NoteVerifier, parse_checkpoint
from ledger.record import open_leaf
from ledger.report import Report, Steps, StepState, Verdict

if TYPE_CHECKING:
    from ledger.chainproof import ProvenAnchor
    from ledger.model import Checkpoint
    from ledger.trust import Trust

__all__ = ["Bundle", "Report", "load_bundle", "verify"]

_READ: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a kind of bundle must hold: the type of its first record, and those that may follow, each at most once."""

    first: str
    later: frozenset[str]
    opened: bool
    """Whether `parties` must be open: a receipt that hides who asked is none."""
    binds: str | None
    """Member that all records share."""


_KINDS: Final = {
    "deposit": _Kind("material.deposited", frozenset(), opened=False, binds=None),
    "use": _Kind("use.intended", frozenset({"use.completed", "use.aborted"}), opened=True, binds="use"),
    "grant": _Kind("grant.given", frozenset({"grant.withdrawn"}), opened=False, binds="grant"),
}


def load_bundle(raw: bytes) -> Bundle:
    """Step 1: read a bundle.

    Raises:
        BundleFormatError, BundleTooLargeError: it is not one that this program knows wholly.
    """
    return parse(raw, frozenset(_KINDS))


def verify(bundle: Bundle, trust: Trust | None, document: BinaryIO | None = None) -> Report:
    """Check a bundle by the plan above.

    Args:
        bundle: from `load_bundle`.
        trust: what to check against; None gives at best the verdict `consistent, trust unknown`.
        document: the file the bundle is about, read to its end; None leaves step 4 out.

    Raises:
        VerificationError: the step that failed, by number and name.
    """
    steps = Steps()
    steps.ok(1, f"证据包 v0，{bundle.kind}", f"evidence bundle v0, {bundle.kind}")
    _check_leaves(bundle, steps)
    _check_records(bundle, steps)
    _check_document(bundle, document, steps)
    head, note = _read_checkpoint(bundle)
    _check_inclusion(bundle, head, steps)
    key = _trusted_log(bundle, trust)
    _check_checkpoint(note, key, steps)
    _check_witnesses(note, trust, steps)
    promised = _check_promises(bundle, key, steps)
    anchor = _check_chain(bundle, head, trust, steps)
    if trust is None:
        verdict = Verdict.unknown
    elif promised:
        verdict = Verdict.promised
    else:
        verdict = Verdict.proven if anchor else Verdict.logged
    return Report(
        verdict,
        "unknown" if trust is None else "checked",
        bundle.kind,
        tuple(steps),
        tuple({"fact": entry.fact, "parties": entry.parties} for entry in bundle.entries),
        bundle.origin,
        head.size if head else None,
        anchor.anchored_at if anchor else None,
    )


def _check_leaves(bundle: Bundle, steps: Steps) -> None:
    """2."""
    for entry in bundle.entries:
        try:
            open_leaf(entry.leaf, entry.opening)
        except CommitmentError as error:
            raise LeafMismatchError(2, "leaf", "the record is not what the leaf commits to") from error
    hidden = any(entry.parties is None for entry in bundle.entries)
    steps.ok(
        2,
        "记录与叶子一致" + ("（当事方未展示）" if hidden else ""),
        "the record is what the leaf commits to" + (" (parties kept shut)" if hidden else ""),
    )


def _check_records(bundle: Bundle, steps: Steps) -> None:
    """3."""
    kind = _KINDS[bundle.kind]
    types = [entry.fact.get("type") for entry in bundle.entries]
    if types[0] != kind.first or len(set(types)) != len(types) or not kind.later.issuperset(types[1:]):
        raise LeafMismatchError(3, "record", f"not the records of a {bundle.kind}")
    if kind.opened and any(entry.parties is None for entry in bundle.entries):
        raise LeafMismatchError(3, "record", "parties must be open")
    if kind.binds and len(types) > 1:
        shared = {_member(entry, kind.binds) for entry in bundle.entries}
        if len(shared) != 1 or None in shared:
            raise LeafMismatchError(3, "record", f"records of more than one {kind.binds}")
    digests = [entry.fact["digests"] for entry in bundle.entries if "digests" in entry.fact]
    if any(each != digests[0] for each in digests):
        raise LeafMismatchError(3, "record", "records of more than one document")
    steps.ok(3, "、".join(map(str, types)), ", ".join(map(str, types)))


def _member(entry: BundleEntry, name: str) -> str | None:
    value = entry.fact.get(name, (entry.parties or {}).get(name))
    return value if isinstance(value, str) else None


def _check_document(bundle: Bundle, document: BinaryIO | None, steps: Steps) -> None:
    """4."""
    if document is None:
        steps.skip(4, "未提供文件", "no document given")
        return
    fact = bundle.entries[0].fact
    digests = fact.get("digests")
    if not isinstance(digests, dict) or not {"sha256", "sm3"} <= digests.keys():
        raise DocumentMismatchError(4, "document", "the record names no document")
    first, second, size = sha256(), hashes.Hash(hashes.SM3()), 0
    while chunk := document.read(_READ):
        first.update(chunk)
        second.update(chunk)
        size += len(chunk)
    if "size" in fact and fact["size"] != size:
        raise DocumentMismatchError(4, "document", "size differs")
    if first.hexdigest() != digests["sha256"]:
        raise DocumentMismatchError(4, "document", "SHA-256 differs")
    if second.finalize().hex() != digests["sm3"]:
        raise DocumentMismatchError(4, "document", "SM3 differs")
    steps.ok(4, f"{size} 字节，SHA-256 与 SM3 一致", f"{size} bytes, SHA-256 and SM3 agree")


def _read_checkpoint(bundle: Bundle) -> tuple[Checkpoint | None, Note | None]:
    """5, first half: what the checkpoint says."""
    if bundle.checkpoint is None:
        return None, None
    try:
        note = Note.parse(bundle.checkpoint)
        head = parse_checkpoint(note.text)
    except NoteError as error:
        raise LogProofError(5, "inclusion", str(error)) from error
    if head.origin != bundle.origin:
        raise LogProofError(5, "inclusion", "checkpoint of another log")
    return head, note


def _check_inclusion(bundle: Bundle, head: Checkpoint | None, steps: Steps) -> None:
    """5."""
    proven = [entry for entry in bundle.entries if entry.index is not None]
    if head is None or not proven:
        steps.skip(5, "尚未入树，没有包含证明", "not integrated yet, no proof of inclusion")
        return
    if len({entry.index for entry in proven}) != len(proven):
        raise LogProofError(5, "inclusion", "two entries at one index")
    for entry in proven:
        try:
            verify_inclusion(leaf_hash(entry.leaf), entry.index or 0, head.size, entry.inclusion, head.root)
        except ProofError as error:
            raise LogProofError(5, "inclusion", "the entry is not under the checkpoint's root") from error
    places = ", ".join(str(entry.index) for entry in proven)
    steps.ok(5, f"第 {places} 条，共 {head.size} 条", f"entry {places} of {head.size}")


def _trusted_log(bundle: Bundle, trust: Trust | None) -> NoteVerifier | None:
    """6, first half: the key must come from the trust file, never from the bundle."""
    if trust is None:
        return None
    key = trust.log(bundle.origin)
    if key is None:
        raise UntrustedLogError(6, "checkpoint", "the trust file does not name this log")
    return key


def _check_checkpoint(note: Note | None, key: NoteVerifier | None, steps: Steps) -> None:
    """6."""
    if note is None:
        steps.skip(6, "尚无检查点", "no checkpoint yet")
        return
    if key is None:
        steps.add(6, StepState.unproven, "没有信任文件", "no trust file")
        return
    try:
        signed = note.verified_by([key])
    except NoteError as error:
        raise UntrustedLogError(6, "checkpoint", "bad signature of the log") from error
    if not signed:
        raise UntrustedLogError(6, "checkpoint", "not signed by the log's trusted key")
    steps.ok(6, f"由 {key.name} 签名", f"signed by {key.name}")


def _check_witnesses(note: Note | None, trust: Trust | None, steps: Steps) -> None:
    """7."""
    if note is None:
        steps.skip(7, "尚无检查点", "no checkpoint yet")
    elif trust is None:
        steps.add(7, StepState.unproven, "没有信任文件", "no trust file")
    elif trust.quorum == 0:
        steps.add(7, StepState.unproven, "信任文件未要求见证", "the trust file demands no witness")
    else:
        try:
            seen = len(note.verified_by(trust.witnesses))
        except NoteError as error:
            raise UntrustedLogError(7, "witnesses", "bad signature of a witness") from error
        if seen < trust.quorum:
            raise UntrustedLogError(7, "witnesses", f"{seen} of {trust.quorum} witnesses")
        steps.ok(7, f"{seen} 个见证（至少 {trust.quorum} 个）", f"{seen} witnesses (at least {trust.quorum})")


def _check_promises(bundle: Bundle, key: NoteVerifier | None, steps: Steps) -> bool:
    """8. Whether an entry stands on a promise only."""
    promises = [(entry, entry.promise) for entry in bundle.entries if entry.promise is not None]
    if not promises:
        steps.skip(8, "不需要，已有证明", "not needed, there is a proof")
        return False
    for entry, promise in promises:
        if promise.leaf != entry.leaf or promise.log != bundle.origin:
            raise UntrustedLogError(8, "promise", "promise for another entry")
        if key is None:
            continue
        try:
            promise.verify(key)
        except PromiseInvalidError as error:
            raise UntrustedLogError(8, "promise", "not promised by the log's trusted key") from error
    until = rfc3339(max(promise.deadline for _, promise in promises))
    zh, en = f"仅为承诺，不是证明；应于 {until} 前入树", f"a promise, not a proof; due in the log by {until}"
    steps.add(8, StepState.unproven, zh, en)
    return True


def _check_chain(bundle: Bundle, head: Checkpoint | None, trust: Trust | None, steps: Steps) -> ProvenAnchor | None:
    """9 and 10."""
    if bundle.chain is None or head is None:
        steps.skip(9, "尚未锚定", "not anchored yet")
        steps.skip(10, "尚未锚定", "not anchored yet")
        return None
    if trust is None or trust.chain is None:
        reason = ("没有信任文件", "no trust file")
        if trust is not None:
            reason = ("信任文件未指明链", "the trust file names no chain")
        steps.add(9, StepState.unproven, *reason)
        steps.add(10, StepState.unproven, *reason)
        return None
    try:
        anchor = chainproof.verify(
            bundle.chain, trust.chain, log=chainproof.log_id(head.origin), size=head.size, root=head.root
        )
    except ChainProofError as error:
        raise AnchorMismatchError(9, "chain", f"the anchor is not proven: {error}") from error
    at = rfc3339(anchor.anchored_at)
    steps.ok(9, f"{at} 已锚定，区块 {anchor.block_number}", f"anchored at {at}, shown by block {anchor.block_number}")
    if anchor.seals is None:
        steps.add(10, StepState.unproven, "未证明（开发链）", anchor.finality)
    else:
        signed, needed = len(anchor.seals.signers), anchor.seals.validators
        steps.ok(10, f"区块由 {needed} 个验证者中的 {signed} 个签封", anchor.finality)
    return anchor
