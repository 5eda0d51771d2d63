"""Whole bundles, and what each shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ledger.note import signature_line
from tests.ledger.corpus.case import UNKNOWN, Case, changed, good, held, put
from tests.ledger.corpus.logs import cosignature, signer
from tests.ledger.corpus.world import CITY, DELTA, DISTRICT, TWO, WITNESSES, envelope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ledger.corpus.world import World

_LEASE: Final = "documents/lease.txt"
_OTHER: Final = "documents/other.txt"
_EMPTY: Final = "documents/empty.txt"
_CHECKPOINT: Final = ("sections", "log", "checkpoint")
_NO_CHAIN: Final = {"chain": "skipped", "finality": "skipped"}
_PROMISED: Final = dict.fromkeys(("inclusion", "checkpoint", "witnesses", "chain", "finality"), "skipped") | {
    "promise": "unproven"
}


def cases(world: World) -> Iterator[Case]:
    """All of them."""
    yield from _acts(world)
    yield from _promises(world)
    yield from _mute(world)
    yield from _logs(world)
    yield from _notes(world)
    yield from _forms(world)


def _acts(world: World) -> Iterator[Case]:
    yield good(
        "deposit",
        world.bundle("deposit", "deposit"),
        held("proven", document=_LEASE),
        held("proven"),
        held(UNKNOWN, None, _LEASE),
        held("logged", "trust-no-chain.json", chain="unproven"),
        held("proven", "trust-no-witnesses.json", witnesses="unproven"),
    )
    shut = world.bundle("deposit", "deposit", chain=False)
    shut["sections"]["deposit"]["entries"] = [world.acts["deposit"].shown(world.size, shut=True)]
    yield good("deposit-parties-shut", shut, held("logged", document=_LEASE, **_NO_CHAIN))
    yield good("deposit-not-anchored", world.bundle("deposit", "deposit", chain=False), held("logged", **_NO_CHAIN))
    completed = world.bundle("use", "intended", "completed")
    yield good("use-completed", completed, held("proven", document=_LEASE), held(UNKNOWN, None))
    for name, acts in (("use-aborted", ("intended", "aborted")), ("use-intended-only", ("intended",))):
        yield good(name, world.bundle("use", *acts, chain=False), held("logged", document=_LEASE, **_NO_CHAIN))
    beside = {"deposit": ["deposit"], "grant": ["given", "withdrawn"]}
    whole = world.bundle("use", "intended", "completed", beside=beside)
    yield good("use-with-deposit-and-grant", whole, held("proven", document=_LEASE))
    for name, acts in (("grant", ("given",)), ("grant-withdrawn", ("given", "withdrawn"))):
        yield good(name, world.bundle("grant", *acts, chain=False), held("logged", **_NO_CHAIN))
    for name in ("evidence", "evidence-sm3"):
        made = world.bundle("evidence", name, chain=False)
        yield good(name, made, held("logged", document=_OTHER, **_NO_CHAIN))
    yield good("heads", world.heads_bundle(0), held("logged", **_NO_CHAIN))
    alone = world.alone.shown(1)
    log = {"origin": world.single.origin, "checkpoint": world.single.checkpoint(1, *TWO)}
    single = envelope("evidence", {"log": log, "evidence": {"entries": [alone]}})
    yield good("tree-of-one-empty-document", single, held("logged", document=_EMPTY, **_NO_CHAIN))


def _promises(world: World) -> Iterator[Case]:
    log = {"origin": CITY}
    alone = envelope("deposit", {"log": log, "deposit": {"entries": [world.pending.promised()]}})
    yield good(
        "deposit-promised", alone, held("promised", document=_OTHER, **_PROMISED), held(UNKNOWN, None, **_PROMISED)
    )
    batch = (world.late, world.pending, world.acts["evidence"])
    many = envelope("deposit", {"log": log, "deposit": {"entries": [world.pending.promised(batch=batch)]}})
    yield good("promise-in-a-batch", many, held("promised", **_PROMISED))
    mixed = world.bundle("use", "intended")
    mixed["sections"]["use"]["entries"].append(world.late.promised())
    yield good("use-completion-promised", mixed, held("promised", document=_LEASE, promise="unproven"))


def _mute(world: World) -> Iterator[Case]:
    erased = world.bundle("deposit", "deposit")
    erased["sections"]["deposit"]["entries"][0]["opening"] = None
    yield good("deposit-erased", erased, held("mute", leaf="skipped", record="unproven"))
    half = put(
        world.bundle("use", "intended", "completed", chain=False), None, "sections", "use", "entries", 1, "opening"
    )
    yield good("use-completion-erased", half, held("mute", document=_LEASE, record="unproven", **_NO_CHAIN))


def _logs(world: World) -> Iterator[Case]:
    district = world.district_bundle()
    yield good(
        "district-city-chain",
        district,
        held("proven", document=_LEASE, superiors="ok"),
        held(UNKNOWN, None, superiors="unproven"),
    )
    higher = put(district, [world.superior(), world.supreme()], "sections", "log", "superiors")
    higher["sections"]["chain"] = world.chain_section(DELTA)
    yield good("district-city-delta-chain", higher, held("proven", superiors="ok"))
    log = {"origin": DISTRICT, "checkpoint": world.district.checkpoint(world.district_size, *TWO)}
    entries = {"entries": [world.local.shown(world.district_size)]}
    own = envelope("deposit", {"log": log, "chain": world.chain_section(DISTRICT), "deposit": entries})
    yield good("district-anchored-itself", own, held("proven"))
    yield good(
        "district-under-a-log-with-malformed-leaves",
        world.upper_bundle("whole"),
        held("logged", superiors="ok", document=_LEASE, **_NO_CHAIN),
    )
    cosigned = put(district, world.district.checkpoint(world.district_size, WITNESSES[2]), *_CHECKPOINT)
    yield good("district-cosigned-after-the-city-took-it", cosigned, held("proven", superiors="ok"))


def _notes(world: World) -> Iterator[Case]:
    base, size = world.bundle("deposit", "deposit", chain=False), world.size
    logged = held("logged", **_NO_CHAIN)

    def note(content: str, name: str, *runs: Any) -> Case:
        return good(name, put(base, content, *_CHECKPOINT), *(runs or (logged,)))

    text = world.city.text(size)
    rotated, frozen = (held("logged", f"trust-{name}.json", **_NO_CHAIN) for name in ("rotated", "frozen"))
    yield note(world.city.checkpoint(size, *TWO), "old-key-at-its-last-size", rotated, frozen)
    new = signer(CITY, " second")
    yield note(world.city.checkpoint(size, *TWO, key=new), "new-key-after-rotation", rotated)
    both = world.city.checkpoint(size, *TWO) + new.sign(text)
    yield note(
        both, "signed-by-old-and-new-key", rotated, logged, held("logged", "trust-retired-before.json", **_NO_CHAIN)
    )
    yield note(
        world.city.checkpoint(size, *WITNESSES),
        "three-witnesses",
        logged,
        held("logged", "trust-quorum-3.json", **_NO_CHAIN),
    )
    strangers = cosignature(text, "witness.example/stranger") + signature_line("pq.example", b"\6\6\6\6", bytes(2420))
    yield note(world.city.checkpoint(size, *TWO) + strangers, "unknown-signatures-skipped")
    twice = world.city.checkpoint(size, *TWO) + cosignature(text, TWO[0], 1795240000)
    yield note(twice, "witness-line-twice-and-another")
    extended = text + "extension line\n"
    lines = world.city.signer.sign(extended) + "".join(cosignature(extended, name) for name in TWO)
    yield note(f"{extended}\n{lines}", "checkpoint-with-extension-line")


def _forms(world: World) -> Iterator[Case]:
    base = world.bundle("deposit", "deposit", chain=False)
    logged = held("logged", **_NO_CHAIN)
    spread = json.dumps(dict(reversed(base.items())), indent=3).replace("\n", "\r\n\t").encode()
    yield good("other-spelling-of-the-same", b" \n" + spread + b"\n", logged)
    unknown = changed(base, lambda made: made["sections"].update({"later-1": {"any": ["thing", 1, None, True]}}))
    yield good("unknown-section-ignored", unknown, held("logged", ignored=("later-1",), **_NO_CHAIN))
    yield good("nothing-critical", put(base, [], "critical"), logged)
    yield good("padded-to-the-limit", base, held("logged", pad_to=1 << 20, **_NO_CHAIN))
    deep: Any = "x"
    for _ in range(30):
        deep = [deep]
    yield good(
        "nested-32-deep",
        changed(base, lambda made: made["sections"].update(later=deep)),
        held("logged", ignored=("later",), **_NO_CHAIN),
    )
    numbers = changed(
        base, lambda made: made["sections"].update(later=[2**53 - 1, -(2**53 - 1), 0, "\u0000\u007f\U0001f600"])
    )
    yield good("largest-integers", numbers, held("logged", ignored=("later",), **_NO_CHAIN))
