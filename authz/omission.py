"""Finding out that a use was left out, offline: a holder's receipts against the holder's head of a day. Pure.

Receipts are evidence bundles of kind `use`; the proof is what `authz.heads` gives a holder. Both are checked with a
trust file first: a proof of nothing proves no omission.

Found, each with the numbers that show it:

- `missing`: numbers from 1 to the head's for which no receipt was given to me. Not yet a reproach: some receipts are
  with those who asked. What is shown to me as *all my uses* must have none.
- `newer`: a receipt whose use was intended before the day's time, with a number above the head: the commitment left it
  out.
- `conflict`: a receipt with the head's own number and another leaf, two receipts of one number, or one whose
  predecessor is not the receipt of the number before: the node keeps two chains.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from authz.errors import HeadsProofError
from authz.heads import FORMAT, TYPE, VERSION, Head, leaf
from ledger import merkle
from ledger.errors import LedgerError, NotCanonicalError
from ledger.strictjson import base64, integer, items, members, read, text
from ledger.verify import load_bundle, verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.envelope import Bundle
    from ledger.trust import Trust

_MAX_SIZE: Final = 2 * 1024**2
_MAX_PATH: Final = 63
_MEMBERS: Final = ("format", "version", "day", "seq", "head", "tag", "index", "path", "bundle")
_TRUSTED: Final = frozenset({"proven", "logged"})


@dataclass(frozen=True, slots=True)
class ProvenHead:
    """What a proof says: at `time` the holder's last use was number `seq` with the leaf hash `head`."""

    day: date
    time: str
    head: Head
    verdict: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What of a receipt counts here: number, leaf hash, predecessor's leaf hash, time of the intent."""

    seq: int
    leaf: bytes
    before: bytes | None
    time: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction or gap: `missing`, `newer` or `conflict`, and the number it is about."""

    kind: str
    seq: int


def open_proof(raw: bytes, trust: Trust) -> ProvenHead:
    """Check a proof of a holder's head.

    Raises:
        HeadsProofError: it does not hold; `reason` names the part.
        VerificationError: its bundle fails a step of the plan.
    """
    try:
        held = members(read(raw, _MAX_SIZE), _MEMBERS, (), "proof")
        if (held["format"], held["version"]) != (FORMAT, VERSION):
            raise HeadsProofError(reason="format")
        day = date.fromisoformat(text(held["day"], "day"))
        head = Head(integer(held["seq"], "seq"), bytes.fromhex(text(held["head"], "head")))
        tag, index = bytes.fromhex(text(held["tag"], "tag")), integer(held["index"], "index")
        path = [base64(each, 32, "path") for each in items(held["path"], _MAX_PATH, "path")]
    except (NotCanonicalError, ValueError) as error:
        raise HeadsProofError(reason="form") from error
    bundle = load_bundle(json.dumps(held["bundle"]).encode())
    verdict = _trusted(bundle, trust)
    fact = bundle.acts["heads"][0].fact if bundle.kind == "heads" else None
    if fact is None or fact["type"] != TYPE or fact.get("day") != day.isoformat():
        raise HeadsProofError(reason="not the heads of this day")
    try:
        merkle.verify_inclusion(
            merkle.leaf_hash(leaf(day, head, tag)), index, fact["count"], path, bytes.fromhex(fact["root"])
        )
    except (LedgerError, KeyError, TypeError, ValueError) as error:
        raise HeadsProofError(reason="not in the tree of this day") from error
    return ProvenHead(day, fact["time"], head, verdict)


def open_receipt(raw: bytes, trust: Trust) -> Receipt:
    """Check a receipt of a use and take out what counts here.

    Raises:
        HeadsProofError: it is no receipt of a use, or mute.
        VerificationError: it fails a step of the plan.
    """
    bundle = load_bundle(raw)
    _trusted(bundle, trust)
    entry = bundle.acts["use"][0] if bundle.kind == "use" else None
    if entry is None or entry.fact is None or entry.parties is None:
        raise HeadsProofError(reason="not a receipt that says what it is about")
    try:
        before = entry.parties["holder_prev"]
        return Receipt(
            integer(entry.parties["holder_seq"], "holder_seq"),
            merkle.leaf_hash(entry.leaf),
            None if before is None else bytes.fromhex(before),
            entry.fact["time"],
        )
    except (KeyError, TypeError, ValueError, NotCanonicalError) as error:
        raise HeadsProofError(reason="a receipt without the holder's number") from error


def compare(receipts: Sequence[Receipt], proven: ProvenHead) -> list[Finding]:
    """What is missing or contradictory, by number."""
    by_seq: dict[int, Receipt] = {}
    found = set()
    for receipt in receipts:
        if by_seq.setdefault(receipt.seq, receipt).leaf != receipt.leaf:
            found.add(Finding("conflict", receipt.seq))
        # Times of one form compare like texts (docs/evidence.md, section 1).
        if receipt.seq > proven.head.seq and receipt.time < proven.time:
            found.add(Finding("newer", receipt.seq))
    last = by_seq.get(proven.head.seq)
    if last is not None and last.leaf != proven.head.head:
        found.add(Finding("conflict", last.seq))
    for seq, receipt in by_seq.items():
        before = by_seq.get(seq - 1)
        if (receipt.before is None) != (seq == 1) or (before is not None and before.leaf != receipt.before):
            found.add(Finding("conflict", seq))
    found |= {Finding("missing", seq) for seq in range(1, proven.head.seq + 1) if seq not in by_seq}
    return sorted(found, key=lambda each: (each.seq, each.kind))


def _trusted(bundle: Bundle, trust: Trust) -> str:
    report: Any = verify(bundle, trust, None)
    if report.verdict not in _TRUSTED:
        raise HeadsProofError(reason=str(report.verdict))
    return str(report.verdict)
