"""Damaged bundles and trust files, made from whole ones by a seeded generator: the same in every run."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from copy import deepcopy
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import NotCanonicalError
from ledger.record import canonical

if TYPE_CHECKING:
    from random import Random

TOKENS: Final = (
    *(b"null", b"true", b"0", b"-0", b"1e2", b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\u0000", b"\\ud800", b"\\"),
    *(b"\xff", b"\xef\xbb\xbf", b"\x00", b"\n", b" ", b"=", b"9007199254740993", b'"v":1,', b"\xe2\x80\x94 x y\\n"),
)
VALUES: Final = (None, True, False, 0, 1, -1, 2**53 - 1, 2**53, 1.5, "", "0x", "A", "\u2028", [], {}, [[]], {"a": 1})
TEXTS: Final = ("\n", "+", "=", "A", "0", "f", " ", "\u00a0", "\ufeff", "\u0085", "\u2014", "\U0001f600", "\x7f")


def bytes_mutant(random: Random, raw: bytes) -> bytes:
    """The file with a few bytes flipped, dropped, doubled, exchanged or put in."""
    held = bytearray(raw)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        at, end = sorted((random.randrange(len(held) + 1), random.randrange(len(held) + 1)))
        end = min(end, at + random.choice((1, 2, 8, 64, 4096)))
        match random.randrange(5):
            case 0 if at < len(held):
                held[at] ^= 1 << random.randrange(8)
            case 1:
                del held[at:end]
            case 2:
                held[at:at] = held[at:end]
            case 3:
                held[at:at] = random.choice(TOKENS)
            case _:
                held[at:end] = held[at:end][::-1]
        held = held or bytearray(b"{")
    return bytes(held)


def value_mutant(random: Random, raw: bytes) -> bytes:
    """The file with one value of its JSON changed, wherever it is; half the time its leaves are made to fit again."""
    value = json.loads(raw)
    for _ in range(random.choice((1, 1, 2))):
        _change(random, *_place(random, value))
    if random.random() < 0.5:  # a coin
        seal_again(value)
    return json.dumps(value, ensure_ascii=random.random() < 0.5).encode(errors="surrogatepass")


def _place(random: Random, value: Any) -> tuple[Any, Any]:
    """A member or item, with what holds it: a walk from the root, so that small parts are met as often as long lists."""
    key = random.choice(list(value) if isinstance(value, dict) else range(len(value)))
    held = value[key]
    if not isinstance(held, (dict, list)) or not held or random.random() < 0.1:
        return value, key
    return _place(random, held)


def _change(random: Random, holder: Any, key: Any) -> None:
    if isinstance(holder, list):
        if key >= len(holder):
            return
        if random.random() < 0.3:  # of a list, the order and number too
            holder.insert(random.randrange(len(holder) + 1), deepcopy(holder[key]))
            if random.random() < 0.5:
                del holder[random.randrange(len(holder))]
            return
    elif key not in holder:
        return
    old = holder[key]
    if isinstance(holder, dict) and random.random() < 0.15:
        del holder[key]
        holder[random.choice((key + "x", "__proto__", "constructor", key.upper()))] = old
    elif isinstance(old, str) and old and random.random() < 0.7:
        holder[key] = _text_mutant(random, old)
    elif type(old) is int and random.random() < 0.7:
        holder[key] = old + random.choice((1, -1, 2, 256, 2**32))
    else:
        holder[key] = deepcopy(random.choice(VALUES))


def _text_mutant(random: Random, text: str) -> str:
    at = random.randrange(len(text))
    match random.randrange(5):
        case 0:
            return text[:at] + text[at + 1 :]
        case 1:
            return text[:at] + random.choice(TEXTS) + text[at:]
        case 2:
            return text[:at] + random.choice(TEXTS) + text[at + 1 :]
        case 3:
            return text[at:] + text[:at]
        case _:
            return text + text[at:]


def seal_again(bundle: Any) -> None:
    """Commit to the changed records, so that what is wrong in them is met by the step that should meet it."""
    try:
        for section in bundle["sections"].values():
            for entry in section.get("entries", ()) if isinstance(section, dict) else ():
                entry["leaf"] = _leaf(entry["opening"])
                if "promise" in entry:
                    entry["promise"]["leaf"] = entry["leaf"]
    except (KeyError, TypeError, ValueError, AttributeError, NotCanonicalError):
        return  # what is too broken to be sealed is a good case as it stands


def _leaf(opening: Any) -> str:
    commitments = {}
    for name in ("fact", "parties"):
        part = opening[name]
        if "commitment" in part:
            commitments[name] = b64decode(part["commitment"]).hex()
        else:
            domain = f"cailian/{name}/v1\0".encode()
            commitments[name] = sha256(domain + b64decode(part["salt"]) + canonical(part["content"])).hexdigest()
    inner = canonical(commitments | {"v": 1})
    c = sha256(b"cailian/record/v1\0" + b64decode(opening["salt"]) + inner).digest()
    return canonical({"c": urlsafe_b64encode(c).rstrip(b"=").decode(), "v": 1}).decode()


def text(raw: bytes) -> str:
    """Bytes as they stand in a file of cases."""
    return b64encode(raw).decode()
