"""Well-formed bundles whose records do not hold: steps 2 to 4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.ledger.corpus.case import Case, at, bad, changed, flip64, put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.ledger.corpus.world import World

_LEASE: Final = "documents/lease.txt"
_OPENING: Final = ("entries", 0, "opening")


def cases(world: World) -> Iterator[Case]:
    """All of them."""
    yield from _leaves(world)
    yield from _records(world)
    yield from _beside(world)
    yield from _documents(world)


def _leaves(world: World) -> Iterator[Case]:
    base = world.bundle("use", "intended", "completed", chain=False)
    opening, entry = ("sections", "use", *_OPENING), at(base, "sections", "use", "entries", 0)
    salts = {name: at(base, *opening, *path) for name, path in {"outer": ("salt",), "fact": ("fact", "salt")}.items()}
    shut = world.acts["intended"].shown(world.size, shut=True)["opening"]["parties"]
    swapped = put(put(base, salts["fact"], *opening, "salt"), salts["outer"], *opening, "fact", "salt")
    for name, value in {
        "fact-edited": put(base, "2026-11-21T03:00:00.000Z", *opening, "fact", "content", "time"),
        "parties-edited": put(base, "C-2026-2", *opening, "parties", "content", "case"),
        "parties-member-added": put(base, 1, *opening, "parties", "content", "more"),
        "integer-for-text": put(base, "1", *opening, "parties", "content", "holder_seq"),
        "null-for-false": put(base, False, *opening, "parties", "content", "holder_prev"),
        "outer-salt-flipped": put(base, flip64(salts["outer"]), *opening, "salt"),
        "fact-salt-flipped": put(base, flip64(salts["fact"]), *opening, "fact", "salt"),
        "salts-exchanged": swapped,
        "commitment-flipped": put(base, {"commitment": flip64(shut["commitment"])}, *opening, "parties"),
        "of-another-entry": put(
            base, at(base, "sections", "use", "entries", 1, "leaf"), "sections", "use", "entries", 0, "leaf"
        ),
        "flipped": put(base, flip64(entry["leaf"], 8), "sections", "use", "entries", 0, "leaf"),
    }.items():
        yield bad(f"leaf-{name}", 2, value)


def _records(world: World) -> Iterator[Case]:
    for name, kind, entries in (
        ("use-shown-as-deposit", "deposit", ("intended",)),
        ("deposit-shown-as-use", "use", ("deposit",)),
        ("deposit-with-a-second-record", "deposit", ("deposit", "completed")),
        ("completion-without-intent", "use", ("completed",)),
        ("refusal-shown-as-use", "use", ("refused",)),
        ("refusal-shown-as-completion", "use", ("intended", "refused")),
        ("reordered", "use", ("completed", "intended")),
        ("intent-doubled", "use", ("intended", "intended")),
        ("completed-and-aborted", "use", ("intended", "completed", "aborted")),
        ("completion-of-another-use", "use", ("intended", "other-use")),
        ("completion-of-no-use", "use", ("intended", "no-use")),
        ("completion-of-another-document", "use", ("intended", "other-document")),
        ("use-without-requester", "use", ("no-requester", "completed")),
        ("withdrawal-without-grant", "grant", ("withdrawn",)),
        ("withdrawal-of-another-grant", "grant", ("given", "other-withdrawn")),
        ("grant-shown-as-evidence", "evidence", ("given",)),
        ("without-digests", "deposit", ("no-digests",)),
        ("deposit-without-sm3", "deposit", ("no-sm3",)),
        ("digest-in-capitals", "deposit", ("upper-digest",)),
        ("digests-are-text", "evidence", ("digests-are-text",)),
        ("third-digest", "evidence", ("third-digest",)),
        ("size-negative", "deposit", ("negative-size",)),
        ("size-as-text", "deposit", ("text-size",)),
        ("without-time", "deposit", ("no-time",)),
        ("time-with-offset", "deposit", ("time-with-offset",)),
        ("time-on-31-november", "deposit", ("time-31-november",)),
        ("time-to-the-second", "deposit", ("time-to-the-second",)),
    ):
        yield bad(f"record-{name}", 3, world.bundle(kind, *entries, chain=False))
    yield bad("record-evidence-shown-as-heads", 3, world.heads_bundle(1))
    yield bad("record-heads-with-a-second-record", 3, world.heads_bundle(0, 1))
    doubled = world.bundle("deposit", "deposit", chain=False)
    second: Any = world.acts["completed"].shown(world.size, mute=True)
    yield bad("record-deposit-with-a-mute-second-record", 3, changed(doubled, _add_entry("deposit", second)))
    yield bad("record-use-without-handle", 3, world.licence_bundle("use", "intended-without-use"))
    base = world.bundle("use", "intended", "completed", chain=False)
    for place, name in enumerate(("intended", "completed")):
        shut = world.acts[name].shown(world.size, shut=True)
        yield bad(f"record-use-with-parties-shut-in-{name}", 3, put(base, shut, "sections", "use", "entries", place))
    grant = world.bundle("grant", "given", "withdrawn", chain=False)
    shut = world.acts["given"].shown(world.size, shut=True)
    yield bad("record-withdrawal-of-a-grant-kept-shut", 3, put(grant, shut, "sections", "grant", "entries", 0))


def _add_entry(act: str, entry: Any) -> Callable[[Any], object]:
    return lambda made: made["sections"][act]["entries"].append(entry)


def _beside(world: World) -> Iterator[Case]:
    for name, beside in (
        ("deposit-of-another-document-beside", {"deposit": ["other-deposit"]}),
        ("another-grant-beside", {"grant": ["other-grant"]}),
        ("grant-of-other-terms-beside", {"grant": ["other-terms"]}),
        ("withdrawal-of-another-grant-beside", {"grant": ["given", "other-withdrawn"]}),
    ):
        yield bad(f"record-{name}", 3, world.bundle("use", "intended", beside=beside, chain=False))
    numbers = world.licence_bundle("use", "intended-terms-5", beside={"grant": ["given-terms-5"]})
    yield bad("record-terms-are-a-number-beside", 3, numbers)
    shut = world.bundle("use", "intended", beside={"grant": ["given"]}, chain=False)
    shut["sections"]["grant"]["entries"] = [world.acts["given"].shown(world.size, shut=True)]
    yield bad("record-grant-kept-shut-beside", 3, shut)


def _documents(world: World) -> Iterator[Case]:
    deposit = world.bundle("deposit", "deposit", chain=False)
    for name in ("other", "empty", "lease-cut", "lease-longer", "lease-flipped"):
        yield bad(f"document-{name}", 4, deposit, document=f"documents/{name}.txt")
    sized = world.licence_bundle("evidence", "evidence-sized")
    yield bad("document-of-equal-size-under-sha256-only", 4, sized, document="documents/data-flipped.txt")
    mute: Any = put(deposit, None, "sections", "deposit", *_OPENING)
    for name, value in {
        "of-a-mute-record": mute,
        "of-a-grant": world.bundle("grant", "given", chain=False),
        "with-another-sm3": world.bundle("deposit", "wrong-sm3", chain=False),
        "with-another-size": world.bundle("deposit", "wrong-size", chain=False),
    }.items():
        yield bad(f"document-{name}", 4, value, document=_LEASE)
