"""Verification of an evidence bundle: pure, no network, no database, no clock.

A bundle never supplies what it is checked against: keys, quorum and chain come from the trust file (DESIGN 6). The
plan, whose numbers `VerificationError.step` and the report use (docs/evidence.md, section 6, is the same in prose):

1. **form**: size, strict JSON, known version, kind, sections and members; every note taken apart. Stops a file that
   two programs read in two ways, and a critical section that an old program would skip.
2. **leaf**: every opening opens its leaf. Stops an edited record.
3. **record**: the records are those the kind demands, opened as far as it demands, and belong to one act
   (`ledger.acts`). Stops a receipt of one use being glued to the completion of another, and a refusal shown as a use.
4. **document**: size, SHA-256 and SM3 of the file are those of the record, of what was released where that is not the
   original (`ledger.documentcheck`). Stops an exchanged or changed file, and an original passed off as a derived copy.
5. **inclusion**: every entry that is said to be integrated lies at its index under the checkpoint's root. Stops a
   record that was never logged.
6. **checkpoint**: the log's key of the trust file signed the checkpoint. Stops a log of somebody's own making, and a
   stolen key that was retired before.
7. **superiors**: each log above holds the checkpoint below in clear, at its index, under a checkpoint signed by its
   own trusted key. Stops a district's log that the city never saw.
8. **witnesses**: a quorum of the trust file's witnesses cosigned the topmost checkpoint. Stops a log that shows each
   reader another tree.
9. **promise**: what is not integrated yet is promised by the log's key. A promise is not a proof, and the report never
   says `proven` for one.
10. **chain**: the anchor contract of the trusted chain holds the topmost root for its log and size
    (`ledger.chainproof`). Stops a history rewritten together with its signatures.
11. **finality**: the trusted validators sealed the block of step 10. Stops a block that nobody agreed on.

12 to 15, **signature**, **enrolment**, **delegation** and **enforcement**: what the holder signed
(`ledger.consentsteps`). Stops an edited consent or refusal, and a key that somebody put into the database.

Steps 6 to 11, and who signed in 12 to 14, need a trust file. Without one the bundle is at best *consistent*, and the
report says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

from ledger import acts, chainproof, consent, consentsteps, documentcheck, licencewords, qbft
from ledger.clear import DistrictCheckpoint, read_clear
from ledger.clock import rfc3339
from ledger.envelope import Bundle, SignedHead, Superior, parse
from ledger.errors import (
    AnchorMismatchError,
    ChainProofError,
    ClearLeafError,
    CommitmentError,
    LeafMismatchError,
    LogProofError,
    NoteError,
    PromiseInvalidError,
    ProofError,
    UntrustedLogError,
)
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.note import Note, parse_checkpoint
from ledger.record import open_leaf
from ledger.report import Report, Steps, Verdict

if TYPE_CHECKING:
    from ledger.chainproof import ProvenAnchor
    from ledger.documentcheck import Given
    from ledger.promise import Promise
    from ledger.trust import LogKey, Trust

__all__ = ["Bundle", "Report", "load_bundle", "verify"]

_NO_TRUST: Final = ("没有信任文件", "no trust file")
_NO_CHECKPOINT: Final = ("尚无检查点", "no checkpoint yet")


def load_bundle(raw: bytes) -> Bundle:
    """Step 1: read a bundle.

    Raises:
        BundleFormatError, BundleTooLargeError: it is not one that this program knows wholly.
    """
    return parse(raw, acts.KINDS)


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
    ignored = "、".join(bundle.ignored), ", ".join(bundle.ignored)
    steps.ok(
        1,
        f"证据包 v1，{bundle.kind}" + (f"；忽略了未知部分 {ignored[0]}" if bundle.ignored else ""),
        f"evidence bundle v1, {bundle.kind}" + (f"; unknown sections ignored: {ignored[1]}" if bundle.ignored else ""),
    )
    _check_leaves(bundle, steps)  # 2
    _check_records(bundle, steps)  # 3
    given = _check_document(bundle, document, steps)  # 4
    _check_inclusion(bundle, steps)  # 5
    _check_checkpoint(bundle, trust, steps)  # 6
    _check_superiors(bundle, trust, steps)  # 7
    _check_witnesses(bundle.top, trust, steps)  # 8
    promised = _check_promises(bundle, trust, steps)  # 9
    anchor = _check_chain(bundle, trust, steps)  # 10, 11
    consentsteps.check(bundle, trust, steps)  # 12 to 15
    return Report(
        _verdict(bundle, trust, promised=promised, anchor=anchor),
        "unknown" if trust is None else "checked",
        bundle.kind,
        tuple(steps),
        tuple(
            {"act": name, "fact": entry.fact, "parties": entry.parties}
            for name in (bundle.kind, *(other for other in bundle.acts if other != bundle.kind))
            for entry in bundle.acts[name]
        ),
        bundle.origin,
        bundle.checkpoint.head.size if bundle.checkpoint else None,
        tuple(each.checkpoint.head.origin for each in bundle.superiors),
        anchor.anchored_at if anchor else None,
        bundle.ignored,
        given.value if given else None,
    )


def _verdict(bundle: Bundle, trust: Trust | None, *, promised: bool, anchor: ProvenAnchor | None) -> Verdict:
    if trust is None:
        return Verdict.unknown
    if any(entry.opening is None for entry in bundle.entries):
        return Verdict.mute
    if promised:
        return Verdict.promised
    return Verdict.proven if anchor else Verdict.logged


def _check_leaves(bundle: Bundle, steps: Steps) -> None:
    """2."""
    opened = [entry for entry in bundle.entries if entry.opening is not None]
    for entry in opened:
        try:
            open_leaf(entry.leaf, entry.opening)  # type: ignore[arg-type]  # the line above
        except CommitmentError as error:
            raise LeafMismatchError(2, "leaf", "the record is not what the leaf commits to") from error
    if not opened:
        steps.skip(2, "记录已删除，叶子不再说明内容", "the record was erased, the leaf says nothing")
        return
    hidden = any(entry.parties is None for entry in opened)
    steps.ok(
        2,
        "记录与叶子一致" + ("（当事方未展示）" if hidden else ""),
        "the record is what the leaf commits to" + (" (parties kept shut)" if hidden else ""),
    )


def _check_records(bundle: Bundle, steps: Steps) -> None:
    """3."""
    types = acts.check(bundle)
    mute = len(bundle.entries) - len(types)
    if mute:
        steps.unproven(
            3, f"{mute} 条记录已删除，无法再说明内容", f"{mute} records were erased and say nothing any more"
        )
    else:
        said = [("、".join(types), ", ".join(types)), *licencewords.told(bundle)]
        if bundle.why is not None:
            reason = consent.printable(bundle.why.reason)
            said.append((f"拒绝原因代码：{reason}", f"refused for the reason {reason}"))
        steps.ok(3, "；".join(zh for zh, _ in said), "; ".join(en for _, en in said))


def _check_document(bundle: Bundle, document: BinaryIO | None, steps: Steps) -> Given | None:
    """4. What the document is."""
    if document is None:
        steps.skip(4, "未提供文件", "no document given")
        return None
    found = documentcheck.compare(bundle, document)
    agrees = ("SHA-256 与 SM3 一致", "SHA-256 and SM3 agree") if found.both else ("SHA-256 一致", "SHA-256 agrees")
    zh, en = f"{found.size} 字节，{agrees[0]}", f"{found.size} bytes, {agrees[1]}"
    if found.given is not None:
        words = licencewords.DOCUMENTS[found.given]
        zh, en = f"{zh}；{words[0]}", f"{en}; {words[1]}"
    steps.ok(4, zh, en)
    return found.given


def _check_inclusion(bundle: Bundle, steps: Steps) -> None:
    """5."""
    if bundle.checkpoint is None:
        steps.skip(5, "尚未入树，没有包含证明", "not integrated yet, no proof of inclusion")
        return
    head, places = bundle.checkpoint.head, []
    for entry in bundle.entries:
        if entry.index is None:
            continue
        try:
            verify_inclusion(leaf_hash(entry.leaf), entry.index, head.size, entry.inclusion, head.root)
        except ProofError as error:
            raise LogProofError(5, "inclusion", "the entry is not under the checkpoint's root") from error
        places.append(entry.index)
    if len(set(places)) != len(places):
        raise LogProofError(5, "inclusion", "two entries at one index")
    shown = ", ".join(map(str, places))
    steps.ok(5, f"第 {shown} 条，共 {head.size} 条", f"entry {shown} of {head.size}")


def _trusted(origin: str, trust: Trust, step: int, name: str) -> tuple[LogKey, ...]:
    """Keys of a log: from the trust file, never from the bundle."""
    keys = trust.keys(origin)
    if not keys:
        raise UntrustedLogError(step, name, "the trust file does not name this log")
    return keys


def _check_signature(signed: SignedHead, trust: Trust, step: int, name: str) -> str:
    """That a log's trusted key signed its checkpoint; the log's name."""
    origin = signed.head.origin
    keys = _trusted(origin, trust, step, name)
    try:
        signers = signed.note.verified_by([held.key for held in keys])
    except NoteError as error:
        raise UntrustedLogError(step, name, "bad signature of the log") from error
    if not signers:
        raise UntrustedLogError(step, name, "not signed by a trusted key of the log")
    if not any(held.key in signers and held.covers(signed.head.size) for held in keys):
        raise UntrustedLogError(step, name, "signed by a retired key, beyond the size it is good for")
    return origin


def _check_checkpoint(bundle: Bundle, trust: Trust | None, steps: Steps) -> None:
    """6."""
    if trust is not None:
        _trusted(bundle.origin, trust, 6, "checkpoint")
    if bundle.checkpoint is None:
        steps.skip(6, *_NO_CHECKPOINT)
        return
    if bundle.checkpoint.head.origin != bundle.origin:
        raise UntrustedLogError(6, "checkpoint", "checkpoint of another log")
    if trust is None:
        steps.unproven(6, *_NO_TRUST)
        return
    signer = _check_signature(bundle.checkpoint, trust, 6, "checkpoint")
    steps.ok(6, f"由 {signer} 签名", f"signed by {signer}")


def _check_superiors(bundle: Bundle, trust: Trust | None, steps: Steps) -> None:
    """7."""
    if bundle.checkpoint is None or not bundle.superiors:
        steps.skip(7, "没有上级日志", "no superior log")
        return
    below, origins = bundle.checkpoint, [bundle.origin]
    for superior in bundle.superiors:
        head = superior.checkpoint.head
        _check_clear(superior, below.note)
        try:
            verify_inclusion(leaf_hash(superior.leaf), superior.index, head.size, superior.inclusion, head.root)
        except ProofError as error:
            raise LogProofError(7, "superiors", "the checkpoint below is not in the superior log") from error
        if head.origin in origins:
            raise LogProofError(7, "superiors", "a log above itself")
        if trust is not None:
            _check_signature(superior.checkpoint, trust, 7, "superiors")
        below = superior.checkpoint
        origins.append(head.origin)
    if trust is None:
        steps.unproven(7, *_NO_TRUST)
        return
    shown = " → ".join(origins)
    steps.ok(7, f"检查点已记入上级日志：{shown}", f"checkpoint logged by {shown}")


def _check_clear(superior: Superior, below: Note) -> None:
    """That a superior's leaf says, in clear, exactly the checkpoint below."""
    try:
        clear = read_clear(superior.leaf)
        held = Note.parse(clear.checkpoint) if isinstance(clear, DistrictCheckpoint) else None
        if held is not None:
            parse_checkpoint(held.text)
    except (ClearLeafError, NoteError) as error:
        raise LogProofError(7, "superiors", "not the leaf of a checkpoint") from error
    if held is None or held.text != below.text:
        raise LogProofError(7, "superiors", "leaf of another checkpoint")


def _check_witnesses(top: SignedHead | None, trust: Trust | None, steps: Steps) -> None:
    """8."""
    if top is None:
        steps.skip(8, *_NO_CHECKPOINT)
    elif trust is None:
        steps.unproven(8, *_NO_TRUST)
    elif trust.quorum == 0:
        steps.unproven(8, "信任文件未要求见证", "the trust file demands no witness")
    else:
        try:
            seen = len(top.note.verified_by(trust.witnesses))
        except NoteError as error:
            raise UntrustedLogError(8, "witnesses", "bad signature of a witness") from error
        if seen < trust.quorum:
            raise UntrustedLogError(8, "witnesses", f"{seen} of {trust.quorum} witnesses")
        steps.ok(8, f"{seen} 个见证（至少 {trust.quorum} 个）", f"{seen} witnesses (at least {trust.quorum})")


def _check_promises(bundle: Bundle, trust: Trust | None, steps: Steps) -> bool:
    """9. Whether an entry stands on a promise only."""
    promises = [(entry, entry.promise) for entry in bundle.entries if entry.promise is not None]
    if not promises:
        steps.skip(9, "不需要，已有证明", "not needed, there is a proof")
        return False
    for entry, promise in promises:
        if promise.leaf != entry.leaf or promise.log != bundle.origin:
            raise UntrustedLogError(9, "promise", "promise for another entry")
        if promise.deadline < promise.promised_at:
            raise UntrustedLogError(9, "promise", "deadline before the promise")
        try:
            verify_inclusion(leaf_hash(promise.leaf), promise.position, promise.count, promise.path, promise.root)
        except ProofError as error:
            raise UntrustedLogError(9, "promise", "the entry is not under the promise's root") from error
        if trust is not None:
            _check_promised(promise, trust)
    until = rfc3339(max(promise.deadline for _, promise in promises))
    zh, en = f"仅为承诺，不是证明；应于 {until} 前入树", f"a promise, not a proof; due in the log by {until}"
    steps.unproven(9, zh, en)
    return True


def _check_promised(promise: Promise, trust: Trust) -> None:
    """That a key of the log that is not retired made the promise."""
    keys = [held.key for held in _trusted(promise.log, trust, 9, "promise") if held.covers(None)]
    for key in keys:  # at most one: a trust file has one current key for each log
        try:
            return promise.verify(key)
        except PromiseInvalidError as error:
            raise UntrustedLogError(9, "promise", "not promised by the log's trusted key") from error
    raise UntrustedLogError(9, "promise", "every key of the log is retired")


def _check_chain(bundle: Bundle, trust: Trust | None, steps: Steps) -> ProvenAnchor | None:
    """10 and 11."""
    top = bundle.top
    if bundle.chain is None or top is None:
        for step in (10, 11):
            steps.skip(step, "尚未锚定", "not anchored yet")
        return None
    if trust is None or trust.chain is None:
        for step in (10, 11):
            steps.unproven(
                step, *(_NO_TRUST if trust is None else ("信任文件未指明链", "the trust file names no chain"))
            )
        return None
    head = top.head
    try:
        log = chainproof.log_id(head.origin)
        anchor = chainproof.verify(bundle.chain, trust.chain, log=log, size=head.size, root=head.root)
    except ChainProofError as error:
        if error.fields.get("step") == qbft.STEP:
            raise AnchorMismatchError(11, "finality", f"the block is not sealed: {error}") from error
        raise AnchorMismatchError(10, "chain", f"the anchor is not proven: {error}") from error
    at = rfc3339(anchor.anchored_at)
    steps.ok(10, f"{at} 已锚定，区块 {anchor.block_number}", f"anchored at {at}, shown by block {anchor.block_number}")
    if anchor.seals is None:
        steps.unproven(11, "未证明（开发链）", anchor.finality)
    else:
        signed, needed = len(anchor.seals.signers), anchor.seals.validators
        steps.ok(11, f"区块由 {needed} 个验证者中的 {signed} 个签封", anchor.finality)
    return anchor
