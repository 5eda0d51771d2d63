"""The form of an evidence bundle, version 1 (docs/evidence.md, sections 1, 2 and 4). Pure; nothing is verified here.

What is read here is well-formed to the last signature line, so that every later step of `ledger.verify` speaks about
meaning only. The two exceptions are named in the page: the chain section (`ledger.chainproof` reads it) and the clear
leaf of a superior log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ledger import consentform
from ledger.errors import BundleFormatError, BundleTooLargeError, NotCanonicalError, NoteError, PromiseInvalidError
from ledger.note import Note, parse_checkpoint
from ledger.promise import Promise
from ledger.record import SALT_SIZE, Opening, Part, canonical
from ledger.strictjson import b64, base64, integer, items, mapping, members, read, text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ledger.consentform import Consent, Link, Why
    from ledger.model import Checkpoint

FORMAT: Final = "cailian-evidence"
VERSION: Final = 1
LOG: Final = "log"
CHAIN: Final = "chain"
MAX_SIZE: Final = 1 << 20
"""Bytes. An honest bundle has about 20 kB, most of it the chain's proof."""
MAX_PROOF: Final = 63
"""Hashes of the longest path in a tree of 2^63 leaves."""
MAX_CLEAR: Final = 65_535
"""Bytes of a clear leaf: what fits an entry bundle (C2SP tlog-tiles)."""
MAX_ENTRIES: Final = 4
"""Entries of most acts."""
MAX_EARLIER: Final = 31
"""Entries of the section `earlier`: uses of a grant before the one the bundle is about."""
_MEMBERS: Final = {
    "grant": {"consent"},
    "delegation": {"links"},
    "refusal": {"decision"},
    "refused-use": {"why"},
}
"""What acts may hold beside their entries."""
_MAX_SUPERIORS: Final = 4
_MAX_SECTIONS: Final = 64
_STEP: Final = 1
_NAME: Final = "form"
_HASH: Final = 32
_SIGNATURE: Final = 64
_SECTION: Final = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)
_LEAF: Final = re.compile(r'\{"c":"[A-Za-z0-9_-]{43}","v":1\}', re.ASCII)
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A checkpoint taken apart: what it says, and the note that says it."""

    head: Checkpoint
    note: Note


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """One entry of a bundle: leaf and opening, and either a proof (index and inclusion path) or a promise.

    Attributes:
        leaf: the entry as the log holds it.
        opening: None where the record was erased: the entry is mute.
        fact: content of the opened part; None with `opening`.
        parties: the same; also None where that part is kept shut.
        index: 0-based place in the log, None for a promised entry.
        inclusion: hashes from the leaf's sibling up.
        promise: None for an entry with an index.
    """

    leaf: bytes
    opening: Opening | None
    fact: Mapping[str, Any] | None
    parties: Mapping[str, Any] | None
    index: int | None
    inclusion: tuple[bytes, ...]
    promise: Promise | None


@dataclass(frozen=True, slots=True)
class Superior:
    """A log above: the clear leaf that holds the checkpoint below, its proof, and the checkpoint it lies under."""

    leaf: bytes
    index: int
    inclusion: tuple[bytes, ...]
    checkpoint: SignedHead


@dataclass(frozen=True, slots=True)
class Bundle:
    """A well-formed bundle of which nothing is verified yet.

    Attributes:
        kind: name of the main act.
        origin: name of the log that holds the entries.
        checkpoint: covers every entry with an index; None if there is none.
        superiors: logs above, nearest first.
        acts: entries by act.
        chain: the chain section, of which only `ledger.chainproof` knows the form.
        ignored: sections that are unknown and not critical.
        consent: what the section `grant` holds beside its entries; None where it holds nothing.
        links: the same of `delegation`, one for each entry.
        decision, why: the same of `refusal` and of `refused-use`.
    """

    kind: str
    origin: str
    checkpoint: SignedHead | None
    superiors: tuple[Superior, ...]
    acts: Mapping[str, tuple[BundleEntry, ...]]
    chain: Mapping[str, Any] | None
    ignored: tuple[str, ...]
    consent: Consent | None = None
    links: tuple[Link, ...] | None = None
    decision: Consent | None = None
    why: Why | None = None

    @property
    def entries(self) -> tuple[BundleEntry, ...]:
        """Every entry, the main act's first."""
        others = (entry for name, entries in self.acts.items() if name != self.kind for entry in entries)
        return (*self.acts[self.kind], *others)

    @property
    def top(self) -> SignedHead | None:
        """The checkpoint that witnesses cosign and the chain holds."""
        return self.superiors[-1].checkpoint if self.superiors else self.checkpoint


def parse(raw: bytes, kinds: Mapping[str, Collection[str] | None]) -> Bundle:
    """Read a bundle.

    Args:
        raw: the file.
        kinds: acts the verifier knows, each with those that may stand beside it where it is the bundle's kind; None of
            one that only stands beside others.

    Raises:
        BundleTooLargeError: more than 1 MiB.
        BundleFormatError: another format, version, kind or shape; the reason names which.
    """
    if len(raw) > MAX_SIZE:
        raise BundleTooLargeError(_STEP, _NAME, f"larger than {MAX_SIZE} bytes")
    try:
        return _bundle(read(raw, MAX_SIZE), kinds)
    except NotCanonicalError as error:
        raise BundleFormatError(_STEP, _NAME, str(error.fields.get("reason", "not canonical"))) from error


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


def is_time(value: object) -> bool:
    """Whether a value is a time as records hold it: RFC 3339, UTC, three digits of a second, in the calendar."""
    return isinstance(value, str) and bool(_TIME.fullmatch(value)) and _in_calendar(value)


def _in_calendar(spelled: str) -> bool:
    try:
        datetime.fromisoformat(spelled)
    except ValueError:
        return False
    return True


def _bundle(value: dict[str, Any], kinds: Mapping[str, Collection[str] | None]) -> Bundle:
    if value.get("format") != FORMAT:
        raise NotCanonicalError(reason="not an evidence bundle")
    if value.get("version") != VERSION or isinstance(value["version"], bool):
        raise NotCanonicalError(reason="unknown version")
    members(value, {"format", "version", "kind", "critical", "sections"}, (), "bundle")
    kind, sections = value["kind"], mapping(value["sections"], "sections")
    beside = kinds.get(kind) if isinstance(kind, str) else None
    if beside is None:
        raise NotCanonicalError(reason="unknown kind")
    ignored = _ignored(value["critical"], sections, kinds)
    for name in (LOG, kind):
        if name not in sections:
            raise NotCanonicalError(reason=f"missing section: {name}")
    astray = (sections.keys() & kinds.keys()) - {kind, *beside}
    if astray:
        raise NotCanonicalError(reason=f"section that does not go with a {kind}: {min(astray)}")
    origin, checkpoint, superiors = _log(sections[LOG])
    acts = {name: _act(sections[name], name) for name in kinds if name in sections}
    included = any(entry.index is not None for entries in acts.values() for entry in entries)
    chain = mapping(sections[CHAIN], CHAIN) if CHAIN in sections else None
    if included != (checkpoint is not None):
        raise NotCanonicalError(reason="checkpoint without a proof" if checkpoint else "proof without a checkpoint")
    if checkpoint is None and (superiors or chain is not None):
        raise NotCanonicalError(reason="superiors or chain without a checkpoint")
    grant, delegation = sections.get("grant", {}), sections.get("delegation", {})
    consent = consentform.consent(grant["consent"]) if "consent" in grant else None
    links = consentform.links(delegation["links"], len(acts["delegation"])) if "links" in delegation else None
    refusal, refused = sections.get("refusal", {}), sections.get("refused-use", {})
    decision = consentform.decision(refusal["decision"]) if "decision" in refusal else None
    why = consentform.why(refused["why"]) if "why" in refused else None
    return Bundle(kind, origin, checkpoint, superiors, acts, chain, ignored, consent, links, decision, why)


def _ignored(critical: object, sections: Mapping[str, Any], kinds: Collection[str]) -> tuple[str, ...]:
    names = [text(name, "critical") for name in items(critical, _MAX_SECTIONS, "critical")]
    if len(set(names)) != len(names):
        raise NotCanonicalError(reason="critical section named twice")
    if len(sections) > _MAX_SECTIONS or not all(_SECTION.fullmatch(name) for name in sections):
        raise NotCanonicalError(reason="name of a section")
    for name in names:
        if name not in sections:
            raise NotCanonicalError(reason="missing critical section")
        if name not in {LOG, CHAIN, *kinds}:
            raise NotCanonicalError(reason=f"unknown critical section: {name}")
    return tuple(sorted(sections.keys() - {LOG, CHAIN, *kinds}))


def _log(value: object) -> tuple[str, SignedHead | None, tuple[Superior, ...]]:
    log = members(value, {"origin"}, {"checkpoint", "superiors"}, LOG)
    superiors: list[Superior] = []
    for each in items(log["superiors"], _MAX_SUPERIORS, "superiors", least=1) if "superiors" in log else []:
        held = members(each, {"leaf", "index", "inclusion", "checkpoint"}, (), "superior")
        leaf = text(held["leaf"], "leaf").encode()
        if len(leaf) > MAX_CLEAR:
            raise NotCanonicalError(reason="clear leaf too large")
        superiors.append(
            Superior(leaf, integer(held["index"], "index"), _path(held["inclusion"]), _head(held["checkpoint"]))
        )
    checkpoint = _head(log["checkpoint"]) if "checkpoint" in log else None
    return text(log["origin"], "origin"), checkpoint, tuple(superiors)


def _head(value: object) -> SignedHead:
    try:
        note = Note.parse(text(value, "checkpoint"))
        return SignedHead(parse_checkpoint(note.text), note)
    except NoteError as error:
        raise NotCanonicalError(reason=str(error.fields.get("reason", "checkpoint"))) from error


def _act(value: object, name: str) -> tuple[BundleEntry, ...]:
    act = members(value, {"entries"}, _MEMBERS.get(name, ()), name)
    most = MAX_EARLIER if name == "earlier" else MAX_ENTRIES
    return tuple(_entry(each) for each in items(act["entries"], most, "entries", least=1))


def _entry(value: object) -> BundleEntry:
    shown = {"promise"} if isinstance(value, dict) and "promise" in value else {"index", "inclusion"}
    entry = members(value, {"leaf", "opening"} | shown, (), "entry")
    leaf = text(entry["leaf"], "leaf")
    if not _LEAF.fullmatch(leaf):
        raise NotCanonicalError(reason="leaf of another form")
    opening, fact, parties = None, None, None
    if entry["opening"] is not None:
        opening, fact, parties = _opening(entry["opening"])
    if "promise" in entry:
        return BundleEntry(leaf.encode(), opening, fact, parties, None, (), _promise(entry["promise"]))
    index, inclusion = integer(entry["index"], "index"), _path(entry["inclusion"])
    return BundleEntry(leaf.encode(), opening, fact, parties, index, inclusion, None)


def _opening(value: object) -> tuple[Opening, dict[str, Any], dict[str, Any] | None]:
    opening = members(value, {"salt", "fact", "parties"}, (), "opening")
    outer = base64(opening["salt"], SALT_SIZE, "salt")
    fact, content = _part(opening["fact"], "fact")
    shut = isinstance(opening["parties"], dict) and "commitment" in opening["parties"]
    if shut:
        held = members(opening["parties"], {"commitment"}, (), "parties")
        return Opening(outer, fact, base64(held["commitment"], _HASH, "commitment")), content, None
    parties, parties_content = _part(opening["parties"], "parties")
    return Opening(outer, fact, parties), content, parties_content


def _part(value: object, name: str) -> tuple[Part, dict[str, Any]]:
    part = members(value, {"content", "salt"}, (), name)
    content = mapping(part["content"], f"content of {name}")
    return Part(base64(part["salt"], SALT_SIZE, "salt"), canonical(content)), content


def _promise(value: object) -> Promise:
    held = mapping(value, "promise")
    if type(held.get("v")) is not int:  # `true` equals 1 in Python, and nowhere else
        raise NotCanonicalError(reason="promise: unknown version")
    for name in ("promised_at", "deadline"):
        if not is_time(held.get(name)):
            raise NotCanonicalError(reason=f"{name} is not a time")
    try:
        promise = Promise.from_json(held)
    except PromiseInvalidError as error:
        raise NotCanonicalError(reason=f"promise: {error.fields.get('reason', 'malformed')}") from error
    _path(held["path"])
    base64(held["root"], _HASH, "root of the promise")
    base64(held["signature"], _SIGNATURE, "signature of the promise")
    integer(promise.count, "count")
    integer(promise.position, "position")
    return promise


def _path(value: object) -> tuple[bytes, ...]:
    return tuple(base64(each, _HASH, "hash of a path") for each in items(value, MAX_PROOF, "path"))
