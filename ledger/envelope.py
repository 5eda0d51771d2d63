"""The form of an evidence bundle, version 0: reading it strictly and writing its parts. Pure, nothing is verified here.

    {"format": "cailian-evidence", "version": 0, "kind": "deposit" | "use" | "grant",
     "log":     {"origin": ..., "checkpoint": <signed note>},
     "entries": [{"leaf": ..., "opening": {...}, "index": n, "inclusion": [base64, ...]} or
                 {"leaf": ..., "opening": {...}, "promise": {...}}],
     "chain":   {... see ledger.chainproof ...}}

`checkpoint` is missing before anything of the bundle is integrated, `chain` before it is anchored. Every member is
critical: a reader that does not know one must not say that the bundle is good, so unknown members are refused.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import BundleFormatError, BundleTooLargeError, NotCanonicalError, PromiseInvalidError
from ledger.promise import Promise
from ledger.record import LEAF_SIZE, Opening, Part, canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT: Final = "cailian-evidence"
VERSION: Final = 0
MAX_SIZE: Final = 1 << 20
"""Bytes. An honest bundle has about 20 kB, most of it the chain's proof."""
MAX_PROOF: Final = 63
"""Hashes of the longest path in a tree of 2^63 leaves."""
_MAX_ENTRIES: Final = 4
_STEP: Final = 1
_NAME: Final = "form"


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """One entry of a bundle: leaf and opening, and either a proof (index and inclusion path) or a promise.

    `fact` and `parties` are the parsed contents of the opened parts; `parties` is None where they are kept shut.
    """

    leaf: bytes
    opening: Opening
    fact: Mapping[str, Any]
    parties: Mapping[str, Any] | None
    index: int | None
    inclusion: tuple[bytes, ...]
    promise: Promise | None


@dataclass(frozen=True, slots=True)
class Bundle:
    """A well-formed bundle of which nothing is verified yet."""

    kind: str
    origin: str
    checkpoint: str | None
    entries: tuple[BundleEntry, ...]
    chain: Mapping[str, Any] | None


def strict_json(raw: bytes, limit: int = MAX_SIZE) -> dict[str, Any]:
    """Read one JSON object of the canonical subset.

    Two readers of one text must see one meaning: a duplicate key or a float of which they could disagree is refused.

    Raises:
        BundleTooLargeError: more than `limit` bytes.
        BundleFormatError: not UTF-8, not JSON, not an object, a duplicate key, a float, a large integer, too deep.
    """
    if len(raw) > limit:
        raise BundleTooLargeError(_STEP, _NAME, f"larger than {limit} bytes")
    try:
        value = json.loads(
            raw.decode(), object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float, parse_int=_integer
        )
        canonical(value)
    except (ValueError, RecursionError) as error:
        raise BundleFormatError(_STEP, _NAME, "not JSON") from error
    except NotCanonicalError as error:
        raise BundleFormatError(_STEP, _NAME, str(error.fields.get("reason", "not canonical"))) from error
    if not isinstance(value, dict):
        raise BundleFormatError(_STEP, _NAME, "not an object")
    return value


def parse(raw: bytes, kinds: frozenset[str]) -> Bundle:
    """Read a bundle.

    Args:
        raw: the file.
        kinds: kinds of bundle the verifier knows.

    Raises:
        BundleFormatError: another format, version, kind or shape; the reason names which.
    """
    value = strict_json(raw)
    if value.get("format") != FORMAT:
        raise BundleFormatError(_STEP, _NAME, "not an evidence bundle")
    if value.get("version") != VERSION or isinstance(value["version"], bool):
        raise BundleFormatError(_STEP, _NAME, "unknown version")
    if value.get("kind") not in kinds:
        raise BundleFormatError(_STEP, _NAME, "unknown kind")
    _members(value, {"format", "version", "kind", "log", "entries"}, {"chain"}, "section")
    log = _object(value["log"], "log")
    _members(log, {"origin"}, {"checkpoint"}, "member of log")
    entries = value["entries"]
    if not isinstance(entries, list) or not 0 < len(entries) <= _MAX_ENTRIES:
        raise BundleFormatError(_STEP, _NAME, "entries")
    bundle = Bundle(
        value["kind"],
        _text(log["origin"], "origin"),
        _text(log["checkpoint"], "checkpoint") if "checkpoint" in log else None,
        tuple(_entry(_object(entry, "entry")) for entry in entries),
        _object(value["chain"], "chain") if "chain" in value else None,
    )
    if bundle.checkpoint is None and (bundle.chain is not None or any(e.index is not None for e in bundle.entries)):
        raise BundleFormatError(_STEP, _NAME, "proof without a checkpoint")
    return bundle


def opening_json(opening: Opening, *, fact: Mapping[str, Any], parties: Mapping[str, Any] | None) -> dict[str, object]:
    """An opening as it stands in a bundle; `parties` None where that part stays shut."""

    def part(held: Part | bytes, content: Mapping[str, Any] | None) -> dict[str, object]:
        if isinstance(held, Part):
            return {"content": content, "salt": b64(held.salt)}
        return {"commitment": b64(held)}

    return {
        "salt": b64(opening.salt),
        "fact": part(opening.fact, fact),
        "parties": part(opening.parties, parties),
    }


def b64(raw: bytes) -> str:
    """Standard base64, as in the C2SP formats."""
    return b64encode(raw).decode()


def _entry(value: dict[str, Any]) -> BundleEntry:
    proven = "index" in value
    shown = {"index", "inclusion"} if proven else {"promise"}
    _members(value, {"leaf", "opening"} | shown, set(), "member of entry")
    opening = _object(value["opening"], "opening")
    _members(opening, {"salt", "fact", "parties"}, set(), "member of opening")
    fact, fact_content = _part(opening["fact"], "fact")
    parties, parties_content = _part(opening["parties"], "parties")
    if fact_content is None:
        raise BundleFormatError(_STEP, _NAME, "fact is not opened")
    leaf = _text(value["leaf"], "leaf").encode()
    if len(leaf) != LEAF_SIZE:
        raise BundleFormatError(_STEP, _NAME, "leaf of another version")
    index, inclusion, promise = None, [], None
    if proven:
        index, inclusion = value["index"], value["inclusion"]
        if type(index) is not int or index < 0:
            raise BundleFormatError(_STEP, _NAME, "index")
        if not isinstance(inclusion, list) or len(inclusion) > MAX_PROOF:
            raise BundleFormatError(_STEP, _NAME, "inclusion")
    else:
        try:
            promise = Promise.from_json(value["promise"])
        except PromiseInvalidError as error:
            raise BundleFormatError(_STEP, _NAME, "promise") from error
    return BundleEntry(
        leaf,
        Opening(_bytes(opening["salt"], "salt"), fact, parties),
        fact_content,
        parties_content,
        index,
        tuple(_bytes(each, "inclusion") for each in inclusion),
        promise,
    )


def _part(value: object, name: str) -> tuple[Part | bytes, dict[str, Any] | None]:
    part = _object(value, name)
    if part.keys() == {"commitment"}:
        return _bytes(part["commitment"], name), None
    _members(part, {"content", "salt"}, set(), f"member of {name}")
    content = _object(part["content"], name)
    return Part(_bytes(part["salt"], name), canonical(content)), content


def _members(value: Mapping[str, Any], needed: set[str], allowed: set[str], what: str) -> None:
    unknown, missing = value.keys() - needed - allowed, needed - value.keys()
    if unknown:
        raise BundleFormatError(_STEP, _NAME, f"unknown {what}: {min(unknown)[:40]}")
    if missing:
        raise BundleFormatError(_STEP, _NAME, f"missing {what}: {min(missing)}")


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BundleFormatError(_STEP, _NAME, f"{what} is not an object")
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise BundleFormatError(_STEP, _NAME, f"{what} is not text")
    return value


def _bytes(value: object, what: str) -> bytes:
    try:
        return b64decode(_text(value, what), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BundleFormatError(_STEP, _NAME, f"{what} is not base64") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotCanonicalError(reason="duplicate key")
    return value


def _no_float(_: str) -> float:
    raise NotCanonicalError(reason="not an integer")


def _integer(text: str) -> int:
    if len(text) > 17 or text == "-0":
        raise NotCanonicalError(reason="integer of 2^53 or more")
    return int(text)
