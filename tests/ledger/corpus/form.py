"""Bundles that are not well-formed: step 1."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tests.ledger.corpus.case import Case, at, bad, changed, cut, encode, failed, put
from tests.ledger.corpus.logs import cosignature
from tests.ledger.corpus.world import CITY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ledger.corpus.world import World

_ENTRY: Final = ("sections", "deposit", "entries", 0)
_OPENING: Final = (*_ENTRY, "opening")
_LOG: Final = ("sections", "log")


def cases(world: World) -> Iterator[Case]:
    """All of them."""
    base = world.bundle("deposit", "deposit", chain=False)
    yield from _json(base)
    yield from _envelope(base)
    yield from _entries(base)
    yield from _log(world, base)
    yield from _notes(world, base)
    yield from _promises(world)


def _json(base: dict[str, Any]) -> Iterator[Case]:
    whole, text = encode(base), json.dumps(base, ensure_ascii=False)
    raw = {
        "empty": b"",
        "truncated": whole[:-3],
        "truncated-in-the-middle": whole[: len(whole) // 2],
        "doubled": whole + whole,
        "array": b"[" + whole + b"]",
        "trailing-garbage": whole + b"x",
        "literal-cut-at-the-end": whole.rstrip()[:-1] + b', "later": fals',
        "escape-cut-at-the-end": whole.rstrip()[:-1] + b', "later": "\\u12',
        "byte-order-mark": b"\xef\xbb\xbf" + whole,
        "utf-16": text.encode("utf-16-le"),
        "not-utf-8": whole.replace(b"cailian", b"cailian\xff", 1),
        "overlong-utf-8": whole.replace(b'"kind"', b'"\xc1\xabind"', 1),
        "comment": whole.replace(b"{", b"{ // bundle\n", 1),
        "trailing-comma": whole.rstrip()[:-1] + b",}",
        "single-quotes": whole.replace(b'"deposit"', b"'deposit'", 1),
        "raw-control-character": whole.replace(b'"C-2026', b'"C\x01-2026', 1).replace(b'"kind"', b'"ki\nnd"', 1),
    }
    for name, content in raw.items():
        yield bad(f"json-{name}", 1, content)
    texts = {
        "duplicate-key": ('"version": 1', '"version": 1, "version": 1'),
        "duplicate-key-escaped": ('"version": 1', '"version": 1, "\\u0076ersion": 1'),
        "duplicate-key-in-a-record": ('"size": ', '"size": 0, "size": '),
        "float": ('"version": 1', '"version": 1.0'),
        "exponent": ('"version": 1', '"version": 1e0'),
        "float-in-a-record": ('"size": ', '"rate": 0.5, "size": '),
        "integer-of-2-to-53": ('"size": ', '"big": 9007199254740992, "size": '),
        "integer-of-minus-2-to-53": ('"size": ', '"big": -9007199254740992, "size": '),
        "integer-of-5000-digits": ('"size": ', f'"big": {"1" * 5000}, "size": '),
        "minus-zero": ('"size": ', '"zero": -0, "size": '),
        "leading-zero": ('"version": 1', '"version": 01'),
        "plus-sign": ('"version": 1', '"version": +1'),
        "not-a-number": ('"size": ', '"rate": NaN, "size": '),
        "infinity": ('"size": ', '"rate": -Infinity, "size": '),
        "lone-surrogate": ('"size": ', '"text": "\\ud800", "size": '),
        "lone-low-surrogate": ('"size": ', '"text": "\\udc00x", "size": '),
        "key-beyond-ascii": ('"size": ', '"größe": 1, "size": '),
        "key-of-lone-surrogate": ('"size": ', '"\\ud800": 1, "size": '),
        "bad-escape": ('"size": ', '"text": "\\x41", "size": '),
        "escape-not-hexadecimal": ('"size": ', '"text": "\\u12g4", "size": '),
        "escape-with-underscore": ('"size": ', '"text": "\\u1_23", "size": '),
        "escape-with-sign": ('"size": ', '"text": "\\u+123", "size": '),
        "escape-with-space": ('"size": ', '"text": "\\u 123", "size": '),
        "escape-of-three-digits": ('"size": ', '"text": "\\u123", "size": '),
        "literal-cut": ('"size": ', '"flag": tru, "size": '),
        "literal-cut-before-a-space": ('"size": ', '"flag": tru , "size": '),
        "literal-misspelt": ('"size": ', '"flag": falsy, "size": '),
        "null-misspelt": ('"size": ', '"flag": nulL, "size": '),
        "literal-in-capitals": ('"size": ', '"flag": True, "size": '),
        "literal-followed-by-a-letter": ('"size": ', '"flag": nulls, "size": '),
        "nested-33-deep": ('"kind"', f'"later": {"[" * 32}{"]" * 32}, "kind"'),
        "nested-50000-deep": ('"kind"', f'"later": {"[" * 50_000}, "kind"'),
    }
    for name, (old, new) in texts.items():
        if old not in text:
            raise ValueError(name)
        yield bad(f"json-{name}", 1, text.replace(old, new, 1).encode())
    yield Case(
        "json-one-byte-too-large", whole, (failed(1, pad_to=(1 << 20) + 1), failed(1, None, pad_to=(1 << 20) + 1))
    )


def _envelope(base: dict[str, Any]) -> Iterator[Case]:
    for name, value in {
        "format-of-another": put(base, "cailian-trust", "format"),
        "format-missing": cut(base, "format"),
        "version-0": put(base, 0, "version"),
        "version-2": put(base, 2, "version"),
        "version-as-text": put(base, "1", "version"),
        "version-true": put(base, True, "version"),
        "kind-unknown": put(base, "exchange", "kind"),
        "kind-is-log": put(base, "log", "kind"),
        "kind-is-a-list": put(base, ["deposit"], "kind"),
        "kind-without-its-section": put(base, "grant", "kind"),
        "log-missing": cut(put(base, ["deposit"], "critical"), *_LOG),
        "critical-missing": cut(base, "critical"),
        "critical-is-text": put(base, "log", "critical"),
        "critical-holds-a-number": put(base, [1], "critical"),
        "critical-named-twice": put(base, ["log", "log"], "critical"),
        "critical-section-missing": put(base, ["chain", "deposit", "log"], "critical"),
        "critical-section-unknown": changed(
            base, lambda made: (made["critical"].append("exchange"), made["sections"].update(exchange={"entries": []}))
        ),
        "member-unknown": put(base, 1, "more"),
        "member-of-empty-name": put(base, 1, ""),
        "sections-is-a-list": put(base, [], "sections"),
        "section-name-malformed": put(base, {}, "sections", "Later"),
        "section-name-of-33": put(base, {}, "sections", "a" * 33),
        "section-name-empty": put(base, {}, "sections", ""),
        "section-of-an-act-that-does-not-go-with-the-kind": put(
            base, at(base, "sections", "deposit"), "sections", "use"
        ),
    }.items():
        yield bad(f"form-{name}", 1, value)


def _entries(base: dict[str, Any]) -> Iterator[Case]:
    entry, act = at(base, *_ENTRY), ("sections", "deposit")
    hashes = entry["inclusion"]
    shut = {"commitment": hashes[0]}
    for name, value in {
        "act-unknown-member": put(base, 1, *act, "more"),
        "act-member-of-empty-name": put(base, 1, *act, ""),
        "act-is-a-list": put(base, [entry], *act),
        "entries-empty": put(base, [], *act, "entries"),
        "entries-five": put(base, [entry] * 5, *act, "entries"),
        "entry-unknown-member": put(base, 1, *_ENTRY, "more"),
        "entry-member-of-empty-name": put(base, 1, *_ENTRY, ""),
        "entry-without-proof": cut(cut(base, *_ENTRY, "index"), *_ENTRY, "inclusion"),
        "entry-without-inclusion": cut(base, *_ENTRY, "inclusion"),
        "entry-with-proof-and-promise": put(base, {}, *_ENTRY, "promise"),
        "entry-without-opening": cut(base, *_OPENING),
        "index-negative": put(base, -1, *_ENTRY, "index"),
        "index-as-text": put(base, "3", *_ENTRY, "index"),
        "index-true": put(base, True, *_ENTRY, "index"),
        "inclusion-of-64": put(base, hashes[:1] * 64, *_ENTRY, "inclusion"),
        "inclusion-is-text": put(base, hashes[0], *_ENTRY, "inclusion"),
        "hash-of-31": put(base, "A" * 40 + "AA==", *_ENTRY, "inclusion", 0),
        "hash-is-null": put(base, None, *_ENTRY, "inclusion", 0),
        "base64-with-other-last-bits": put(base, hashes[0][:-2] + _next(hashes[0][-2]) + "=", *_ENTRY, "inclusion", 0),
        "base64-without-padding": put(base, hashes[0].rstrip("="), *_ENTRY, "inclusion", 0),
        "base64-with-space": put(base, hashes[0][:8] + " " + hashes[0][8:], *_ENTRY, "inclusion", 0),
        "base64url": put(base, "-_" + "A" * 41 + "=", *_ENTRY, "inclusion", 0),
        "leaf-short": put(base, entry["leaf"][:-1], *_ENTRY, "leaf"),
        "leaf-of-version-2": put(base, entry["leaf"].replace(":1}", ":2}"), *_ENTRY, "leaf"),
        "leaf-with-newline": put(base, entry["leaf"] + "\n", *_ENTRY, "leaf"),
        "leaf-in-clear": put(base, '{"clear":{"type":"district.checkpoint"},"v":1}', *_ENTRY, "leaf"),
        "opening-unknown-member": put(base, 1, *_OPENING, "more"),
        "opening-member-of-empty-name": put(base, 1, *_OPENING, ""),
        "opening-is-false": put(base, False, *_OPENING),
        "salt-of-15": put(base, "A" * 20, *_OPENING, "salt"),
        "salt-of-17": put(base, "A" * 20 + "AAA=", *_OPENING, "fact", "salt"),
        "fact-shut": put(base, shut, *_OPENING, "fact"),
        "fact-is-a-list": put(base, [], *_OPENING, "fact", "content"),
        "parties-open-and-shut": put(base, at(entry, "opening", "parties") | shut, *_OPENING, "parties"),
        "commitment-of-31": put(base, {"commitment": "A" * 40 + "AA=="}, *_OPENING, "parties"),
    }.items():
        yield bad(f"form-{name}", 1, value)


def _next(character: str) -> str:
    """The next character of base64's alphabet: the same bytes with other bits behind them."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return alphabet[alphabet.index(character) + 1]


def _log(world: World, base: dict[str, Any]) -> Iterator[Case]:
    district, superiors = world.district_bundle(), (*_LOG, "superiors")
    promised = {"log": {"origin": CITY}, "deposit": {"entries": [world.pending.promised()]}}
    pending = put(put(base, promised, "sections"), ["deposit", "log"], "critical")
    for name, value in {
        "log-unknown-member": put(base, 1, *_LOG, "more"),
        "log-without-origin": cut(base, *_LOG, "origin"),
        "origin-is-a-number": put(base, 1, *_LOG, "origin"),
        "proof-without-checkpoint": cut(base, *_LOG, "checkpoint"),
        "checkpoint-without-proof": put(pending, at(base, *_LOG, "checkpoint"), *_LOG, "checkpoint"),
        "chain-without-checkpoint": put(pending, {}, "sections", "chain"),
        "chain-is-a-list": put(base, [], "sections", "chain"),
        "superiors-without-checkpoint": put(pending, [world.superior()], *superiors),
        "superiors-empty": put(base, [], *superiors),
        "superiors-five": put(district, [world.superior()] * 5, *superiors),
        "superior-unknown-member": put(district, 1, *superiors, 0, "more"),
        "superior-without-checkpoint": cut(district, *superiors, 0, "checkpoint"),
        "superior-checkpoint-is-no-note": put(district, "x", *superiors, 0, "checkpoint"),
        "superior-leaf-is-an-object": put(district, {}, *superiors, 0, "leaf"),
        "superior-leaf-of-65536": put(district, "x" * 65_536, *superiors, 0, "leaf"),
        "superior-index-negative": put(district, -1, *superiors, 0, "index"),
    }.items():
        yield bad(f"form-{name}", 1, value)


def _notes(world: World, base: dict[str, Any]) -> Iterator[Case]:
    note = at(base, *_LOG, "checkpoint")
    text = world.city.text(world.size)
    size, root = f"\n{world.size}\n", text.split("\n")[2]
    signature = note.split("\n\n")[1].split("\n")[0]
    for name, value in {
        "empty": "",
        "without-signatures": text + "\n",
        "without-empty-line": note.replace("\n\n", "\n", 1),
        "without-last-newline": note[:-1],
        "with-carriage-return": note.replace("\n", "\r\n"),
        "with-tab": note.replace("— ", "—\t", 1),
        "with-hyphen-for-dash": note.replace("— ", "- ", 1),
        "signature-not-base64": note.replace(signature[-8:], "!!!!!!!!", 1),
        "signature-of-four-bytes": text + f"\n— {CITY} AAAAAA==\n",
        "key-name-with-plus": note.replace(f"— {CITY}", f"— {CITY}+x", 1),
        "key-name-empty": note.replace(f"— {CITY}", "— ", 1),
        "65-signatures": text + "\n" + (signature + "\n") * 65,
        "of-two-lines": note.replace("\n" + root, "", 1),
        "size-with-leading-zero": note.replace(size, f"\n0{world.size}\n", 1),
        "size-of-2-to-63": note.replace(size, f"\n{1 << 63}\n", 1),
        "size-negative": note.replace(size, "\n-1\n", 1),
        "size-hexadecimal": note.replace(size, "\n0x2d\n", 1),
        "root-of-31": note.replace(root, "A" * 40 + "AA==", 1),
        "root-with-other-last-bits": note.replace(root, root[:-2] + _next(root[-2]) + "=", 1),
        "without-origin": note.replace(CITY + "\n", "\n", 1),
        "with-empty-extension-line": note.replace(root + "\n", root + "\n\nx\n", 1).replace("\n\n— ", "\n— ", 1),
        "too-large": text + "\n" + signature + "\n" + cosignature(text, "w" * 65_536),
    }.items():
        yield bad(f"note-{name}", 1, put(base, value, *_LOG, "checkpoint"))


def _promises(world: World) -> Iterator[Case]:
    entry = world.pending.promised()
    log = {"origin": CITY}
    base = {
        "format": "cailian-evidence",
        "version": 1,
        "kind": "deposit",
        "critical": ["deposit", "log"],
        "sections": {"log": log, "deposit": {"entries": [entry]}},
    }
    promise, place = entry["promise"], (*_ENTRY, "promise")
    for name, value in {
        "is-null": None,
        "version-2": promise | {"v": 2},
        "version-true": promise | {"v": True},
        "unknown-member": promise | {"more": 1},
        "member-of-empty-name": promise | {"": 1},
        "without-root": {name: each for name, each in promise.items() if name != "root"},
        "time-on-30-february": promise | {"promised_at": "2026-02-30T00:00:00.000Z"},
        "time-in-year-0": promise | {"promised_at": "0000-11-21T00:00:00.000Z"},
        "time-at-24-hours": promise | {"promised_at": "2026-11-21T24:00:00.000Z"},
        "time-with-leap-second": promise | {"promised_at": "2026-12-31T23:59:60.000Z"},
        "time-without-milliseconds": promise | {"deadline": "2026-11-21T04:06:00Z"},
        "time-with-offset": promise | {"deadline": "2026-11-21T12:06:00.000+08:00"},
        "time-before-the-calendar": promise | {"deadline": "0001-01-01T00:00:00.000+01:00"},
        "count-as-text": promise | {"count": "1"},
        "count-negative": promise | {"count": -1},
        "path-of-64": promise | {"path": [promise["root"]] * 64},
        "path-hash-of-31": promise | {"path": ["A" * 40 + "AA=="]},
        "root-of-33": promise | {"root": "A" * 44},
        "signature-of-63": promise | {"signature": "A" * 84},
    }.items():
        yield bad(f"promise-{name}", 1, put(base, value, *place))
