"""Bundles whose log does not hold: steps 5 to 9."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final

from ledger.clock import rfc3339
from ledger.record import canonical
from tests.ledger.corpus.case import Case, at, bad, changed, cut, failed, flip64, put
from tests.ledger.corpus.logs import START, clear_checkpoint, cosignature, signer
from tests.ledger.corpus.world import CITY, OLD_SIZE, TWO, WITNESSES, envelope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ledger.corpus.world import World

_ENTRY: Final = ("sections", "deposit", "entries", 0)
_CHECKPOINT: Final = ("sections", "log", "checkpoint")
_SUPERIOR: Final = ("sections", "log", "superiors", 0)


def cases(world: World) -> Iterator[Case]:
    """All of them."""
    yield from _inclusion(world)
    yield from _checkpoint(world)
    yield from _superiors(world)
    yield from _witnesses(world)
    yield from _promise(world)


def _inclusion(world: World) -> Iterator[Case]:
    base, size = world.bundle("deposit", "deposit", chain=False), world.size
    entry, path = at(base, *_ENTRY), at(base, *_ENTRY, "inclusion")
    place = (*_ENTRY, "inclusion")
    other = world.acts["given"].shown(size)["inclusion"]
    text = at(base, *_CHECKPOINT)
    root = text.split("\n")[2]
    mute = put(
        world.bundle("use", "intended", "completed", chain=False), None, "sections", "use", "entries", 0, "opening"
    )
    twice = put(mute, at(mute, "sections", "use", "entries", 0), "sections", "use", "entries", 1)
    for name, value in {
        "index-one-more": put(base, entry["index"] + 1, *_ENTRY, "index"),
        "index-one-less": put(base, entry["index"] - 1, *_ENTRY, "index"),
        "index-is-the-size": put(base, size, *_ENTRY, "index"),
        "index-plus-a-power-of-two": put(base, entry["index"] + 64, *_ENTRY, "index"),
        "index-of-2-to-53-less-1": put(base, 2**53 - 1, *_ENTRY, "index"),
        "hash-flipped": put(base, flip64(path[2]), *place, 2),
        "first-hash-missing": put(base, path[1:], *place),
        "last-hash-missing": put(base, path[:-1], *place),
        "hash-added": put(base, [*path, path[0]], *place),
        "hash-doubled": put(base, [path[0], *path], *place),
        "reordered": put(base, path[::-1], *place),
        "empty": put(base, [], *place),
        "of-another-entry": put(base, other, *place),
        "in-a-tree-of-another-size": put(base, world.acts["deposit"].shown(size - 1)["inclusion"], *place),
        "under-another-root": put(
            base, text.replace(root, b64encode(world.city.root(OLD_SIZE)).decode(), 1), *_CHECKPOINT
        ),
        "under-an-older-checkpoint": put(base, world.city.checkpoint(OLD_SIZE, *TWO), *_CHECKPOINT),
        "in-an-empty-tree": put(base, text.replace(f"\n{size}\n", "\n0\n", 1), *_CHECKPOINT),
        "two-entries-at-one-index": twice,
    }.items():
        yield bad(f"inclusion-{name}", 5, value)


def _checkpoint(world: World) -> Iterator[Case]:
    base, size = world.bundle("deposit", "deposit"), world.size
    text, good = world.city.text(size), world.city.checkpoint(size, *TWO)
    cosigned = "".join(cosignature(text, name) for name in TWO)
    lines = good.split("\n\n")[1]
    old_line = world.city.checkpoint(OLD_SIZE).split("\n\n")[1]
    for name, note in {
        "signature-flipped": good.replace(lines.split("\n")[0], _flip_line(lines.split("\n")[0]), 1),
        "signature-of-another-checkpoint": f"{text}\n{old_line}{cosigned}",
        "signed-by-another-key-of-that-name": world.city.checkpoint(size, *TWO, key=signer(CITY, " other")),
        "signed-by-witnesses-only": f"{text}\n{cosigned}",
        "second-line-of-the-log-bad": good + _flip_line(lines.split("\n")[0]) + "\n",
        "signature-cut": good.replace(lines.split("\n")[0], _cut_line(lines.split("\n")[0]), 1),
        "extension-line-added-later": f"{text}added\n\n{lines}",
        "signed-under-the-name-of-a-witness": f"{text}\n{signer(TWO[0]).sign(text)}{cosigned}",
    }.items():
        yield bad(f"checkpoint-{name}", 6, put(base, note, *_CHECKPOINT))
    renamed = put(base, "log.example/310000/", "sections", "log", "origin")
    other = put(base, world.district.origin, "sections", "log", "origin")
    for name, value in {"of-a-log-of-another-name": renamed, "of-another-trusted-log": other}.items():
        yield Case(f"checkpoint-{name}", bad("", 6, value).content, (failed(6), failed(6, None)))
    for name in ("other-key", "other-log", "retired-before"):
        yield bad(f"checkpoint-{name}-in-the-trust-file", 6, base, f"trust-{name}.json")
    rotated = put(base, world.city.checkpoint(size + 1, *TWO), *_CHECKPOINT)
    rotated["sections"]["deposit"]["entries"] = [world.acts["deposit"].shown(size + 1)]
    for name in ("rotated", "frozen"):
        yield bad(f"checkpoint-beyond-the-size-of-a-{name}-key", 6, rotated, f"trust-{name}.json")
    second = put(base, world.city.checkpoint(size, *TWO, key=signer(CITY, " second")), *_CHECKPOINT)
    yield bad("checkpoint-signed-by-a-key-not-yet-trusted", 6, second)


def _flip_line(line: str) -> str:
    """A signature line whose signature is another."""
    return line[:-20] + flip64(line[-20:])


def _cut_line(line: str) -> str:
    """A signature line whose signature lacks its last three bytes."""
    start, _, encoded = line.rpartition(" ")
    return f"{start} {b64encode(b64decode(encoded)[:-3]).decode()}"


def _superiors(world: World) -> Iterator[Case]:
    base = world.district_bundle()
    good, text = world.superior(), world.city.text(world.size)
    forged = world.district.checkpoint(world.district_size - 1)
    note = world.district_note
    spaced = good["leaf"].replace('"v":1', '"v": 1')
    stamped = {"type": "district.checkpoint", "time": rfc3339(START), "district": "310199", "checkpoint": note}
    register = {
        "type": "register.published",
        "time": rfc3339(START),
        "register": "duties",
        "version": 1,
        "owner": "11310199XX00000C1X",
        "sha256": "00" * 32,
        "sm3": "00" * 32,
    }
    leaves = {
        "another-checkpoint": clear_checkpoint(forged).decode(),
        "a-forged-root": good["leaf"].replace("\\n6\\n", "\\n7\\n", 1),
        "a-register": _clear(register),
        "a-sealed-leaf": world.acts["deposit"].sealed.leaf.decode(),
        "another-spelling": spaced,
        "an-unknown-member": _clear(stamped | {"more": 1}),
        "a-malformed-district": _clear(stamped | {"district": "31019"}),
        "a-time-without-milliseconds": _clear(stamped | {"time": "2026-11-21T04:00:00Z"}),
        "a-checkpoint-that-is-none": clear_checkpoint("x").decode(),
        "version-2": good["leaf"].replace('"v":1}', '"v":2}'),
        "duplicate-keys": good["leaf"].replace('"v":1', '"v":1,"v":1'),
        "no-json": "x",
    }
    cases = {f"leaf-is-{name}": put(base, leaf, *_SUPERIOR, "leaf") for name, leaf in leaves.items()}
    cases |= {
        "index-of-another-entry": put(base, good["index"] + 1, *_SUPERIOR, "index"),
        "hash-flipped": put(base, flip64(good["inclusion"][0]), *_SUPERIOR, "inclusion", 0),
        "path-empty": put(base, [], *_SUPERIOR, "inclusion"),
        "older-checkpoint": put(base, world.city.checkpoint(OLD_SIZE, *TWO), *_SUPERIOR, "checkpoint"),
        "doubled": put(base, [good, good], *_SUPERIOR[:-1]),
        "reordered": put(base, [world.supreme(), good], *_SUPERIOR[:-1]),
        "one-left-out": put(base, [world.supreme()], *_SUPERIOR[:-1]),
    }
    own = world.bundle("deposit", "deposit", chain=False)
    own["sections"]["deposit"]["entries"] = [world.acts["deposit"].shown(world.early)]
    own["sections"]["log"] = {
        "origin": CITY,
        "checkpoint": world.city.checkpoint(world.early),
        "superiors": [
            {
                "leaf": world.city.leaves[world.own_index].decode(),
                **world.city.proof(world.own_index, world.size),
                "checkpoint": world.city.checkpoint(world.size, *TWO),
            }
        ],
    }
    cases["above-itself"] = own
    for name, value in cases.items():
        yield Case(f"superior-{name}", bad("", 7, value).content, (failed(7), failed(7, None)))
    for name in list(world.upper_places)[1:]:  # these lie in the tree: only reading the leaf strictly stops them
        value = world.upper_bundle(name)
        yield Case(f"superior-in-tree-{name}", bad("", 7, value).content, (failed(7), failed(7, None)))
    other = world.city.checkpoint(world.size, *TWO, key=signer(CITY, " other"))
    flipped = good["checkpoint"].split("\n\n")[1].split("\n")[0]
    for name, checkpoint in {
        "signed-by-another-key": other,
        "signature-flipped": good["checkpoint"].replace(flipped, _flip_line(flipped), 1),
        "signed-by-witnesses-only": f"{text}\n" + "".join(cosignature(text, name) for name in TWO),
    }.items():
        yield bad(f"superior-{name}", 7, put(base, checkpoint, *_SUPERIOR, "checkpoint"))
    yield bad("superior-not-in-the-trust-file", 7, base, "trust-district-only.json")
    yield bad("superior-missing", 8, cut(base, "sections", "log", "superiors"))
    cosigned = put(
        cut(base, "sections", "log", "superiors"), world.district.checkpoint(world.district_size, *TWO), *_CHECKPOINT
    )
    yield bad("superior-missing-under-its-anchor", 10, cosigned)


def _clear(content: dict[str, Any]) -> str:
    return canonical({"clear": content, "v": 1}).decode()


def _witnesses(world: World) -> Iterator[Case]:
    base, size = world.bundle("deposit", "deposit"), world.size
    text = world.city.text(size)
    signed = f"{text}\n{world.city.signer.sign(text)}"
    one, two, three = WITNESSES
    old = world.city.text(OLD_SIZE)

    def late(line: str) -> str:
        """Another time than the signed one in a line."""
        start, _, encoded = line.rstrip().rpartition(" ")
        raw = b64decode(encoded)
        return f"{start} {b64encode(raw[:11] + bytes([raw[11] ^ 1]) + raw[12:]).decode()}\n"

    for name, lines in {
        "none": "",
        "one-of-two": cosignature(text, one),
        "one-twice": cosignature(text, one) * 2,
        "one-twice-at-two-times": cosignature(text, one) + cosignature(text, one, 1795240000),
        "a-stranger": cosignature(text, one) + cosignature(text, "witness.example/stranger"),
        "time-zero": cosignature(text, one) + cosignature(text, two, 0),
        "time-of-2-to-63": cosignature(text, one) + cosignature(text, two, 1 << 63),
        "another-time-than-signed": cosignature(text, one) + late(cosignature(text, two)),
        "another-key": cosignature(text, one) + cosignature(text, two, signed_by=three),
        "of-another-checkpoint": cosignature(text, one) + cosignature(old, two),
        "cut": cosignature(text, one) + _cut_line(cosignature(text, two).rstrip()) + "\n",
        "without-time": cosignature(text, one) + _without_time(cosignature(text, two)),
        "third-line-bad": cosignature(text, one) + cosignature(text, two) + late(cosignature(text, three)),
        "renamed": cosignature(text, one) + cosignature(text, two).replace(two, three, 1),
    }.items():
        yield bad(f"witness-{name}", 8, put(base, signed + lines, *_CHECKPOINT))
    yield bad("witness-two-of-three-demanded", 8, base, "trust-quorum-3.json")
    below = put(world.district_bundle(), world.city.checkpoint(size, one), *_SUPERIOR, "checkpoint")
    below = put(below, world.district.checkpoint(world.district_size, *TWO), *_CHECKPOINT)
    yield bad("witness-quorum-below-and-not-on-top", 8, below)


def _without_time(line: str) -> str:
    start, _, encoded = line.rstrip().rpartition(" ")
    raw = b64decode(encoded)
    return f"{start} {b64encode(raw[:4] + raw[12:]).decode()}\n"


def _promise(world: World) -> Iterator[Case]:
    entry, other = world.pending.promised(), world.late.promised()["promise"]
    base = envelope("deposit", {"log": {"origin": CITY}, "deposit": {"entries": [entry]}})
    batch = world.pending.promised(batch=(world.late, world.pending, world.acts["evidence"]))
    many, place = put(base, batch, *_ENTRY), (*_ENTRY, "promise")
    promise, together = entry["promise"], batch["promise"]
    consistent = {
        "of-another-leaf": put(base, other, *place),
        "of-another-leaf-in-text-only": put(base, other["leaf"], *place, "leaf"),
        "of-another-log": put(base, promise | {"log": "log.example/other"}, *place),
        "path-flipped": put(many, flip64(together["path"][0]), *place, "path", 0),
        "path-missing": put(many, [], *place, "path"),
        "another-position": put(many, 0, *place, "position"),
        "position-is-the-count": put(base, 1, *place, "position"),
        "another-root": put(base, other["root"], *place, "root"),
        "deadline-before-the-promise": put(base, "2026-11-21T04:00:00.000Z", *place, "deadline"),
    }
    for name, value in consistent.items():
        yield Case(f"promise-{name}", bad("", 9, value).content, (failed(9), failed(9, None)))
    elsewhere = world.pending.promised(key=signer(CITY, " other"))
    for name, value in {
        "deadline-extended": put(base, "2030-01-01T00:00:00.000Z", *place, "deadline"),
        "time-changed": put(base, "2026-11-21T04:05:00.001Z", *place, "promised_at"),
        "signature-flipped": put(base, flip64(promise["signature"]), *place, "signature"),
        "signature-of-another-promise": put(base, other["signature"], *place, "signature"),
        "count-changed": put(many, 4, *place, "count"),
        "by-another-key-of-that-name": put(base, elsewhere, *_ENTRY),
    }.items():
        yield bad(f"promise-{name}", 9, value)
    yield bad("promise-by-a-retired-key", 9, base, "trust-frozen.json")
    yield bad("promise-by-the-old-key-after-rotation", 9, base, "trust-rotated.json")
    yield bad("promise-of-a-log-the-trust-file-does-not-name", 6, base, "trust-other-log.json")
    glued = changed(
        world.bundle("use", "intended"), lambda made: made["sections"]["use"]["entries"].append(world.late.promised())
    )
    glued["sections"]["use"]["entries"][1]["promise"] = promise
    yield bad("promise-of-another-entry-beside-a-proof", 9, glued)
