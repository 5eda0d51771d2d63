"""Section `licence`: whole bundles, and one for each way to break them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.ledger.corpus.case import UNKNOWN, Case, at, bad, changed, cut, failed, flip64, good, held, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ledger.corpus.world import World

_PDF: Final = "documents/licence.txt"
_OFD: Final = "documents/licence-ofd.txt"
_COPY: Final = "documents/copy.txt"
_NO_CHAIN: Final = {"chain": "skipped", "finality": "skipped"}
_ACT: Final = ("sections", "licence", "entries")


def cases(world: World) -> Iterator[Case]:
    """All of them."""
    yield from _good(world)
    yield from _form(world)
    yield from _leaves(world)
    yield from _records(world)
    yield from _beside(world)
    yield from _documents(world)
    yield from _proofs(world)


def _shut(world: World, value: Any, name: str, place: int = 0) -> Any:
    held_ = world.licences
    return put(value, held_.entries[name].shown(held_.size, shut=True), *_ACT, place)


def _good(world: World) -> Iterator[Case]:
    def logged(document: str | None = None, document_is: str = "", **states: str) -> Any:
        return held("logged", document=document, document_is=document_is, **_NO_CHAIN, **states)

    issued = world.licence_bundle("licence", "issued", chain=True)
    yield good(
        "licence",
        issued,
        held("proven", document=_PDF, document_is="original"),
        held("proven", document=_OFD, document_is="original-ofd"),
        held("proven"),
        held(UNKNOWN, None, _PDF, document_is="original"),
        held(UNKNOWN, None, _OFD, document_is="original-ofd"),
    )
    suspended = world.licence_bundle("licence", "issued", "suspended", chain=True)
    yield good("licence-suspended", suspended, held("proven", document=_PDF, document_is="original"))
    yield good("licence-restored", world.licence_bundle("licence", "issued", "restored"), logged(_PDF, "original"))
    yield good("licence-new-version", world.licence_bundle("licence", "new-version"), logged(_PDF, "original"))
    yield good("licence-without-a-file", world.licence_bundle("licence", "gathered"), logged())
    shut = _shut(world, world.licence_bundle("licence", "issued"), "issued")
    yield good("licence-parties-shut", shut, logged(_PDF, "original"))
    late = world.licences.entries["suspended-late"].promised()
    promised = changed(issued, lambda made: at(made, *_ACT).append(late))
    yield good("licence-suspension-promised", promised, held("promised", promise="unproven"))
    for place, name in enumerate(("issue", "change")):
        erased = put(world.licence_bundle("licence", "issued", "suspended"), None, *_ACT, place, "opening")
        yield good(f"licence-{name}-erased", erased, held("mute", record="unproven", **_NO_CHAIN))


def _form(world: World) -> Iterator[Case]:
    base = world.licence_bundle("licence", "issued")
    entry = at(base, *_ACT, 0)
    two = world.licence_bundle("licence", "issued", beside={"derived": ["copy"]})
    for name, value in {
        "section-missing": cut(put(base, ["log"], "critical"), *_ACT[:2]),
        "entries-empty": put(base, [], *_ACT),
        "entries-missing": put(base, {}, *_ACT[:2]),
        "unknown-member": put(base, 1, *_ACT[:2], "status"),
        "with-a-use-beside": world.licence_bundle("licence", "issued", beside={"use": ["intended"]}),
        "with-a-copy-beside": two,
        "beside-a-deposit": world.licence_bundle("deposit", "deposit", beside={"licence": ["issued"]}),
        "beside-a-grant": world.licence_bundle("grant", "given", beside={"licence": ["issued"]}),
        "critical-and-missing": put(base, ["derived", "licence", "log"], "critical"),
        "parties-open-and-shut": put(
            base, at(entry, "opening", "parties") | {"commitment": "A" * 43 + "="}, *_ACT, 0, "opening", "parties"
        ),
    }.items():
        yield bad(f"licence-{name}", 1, value)


def _leaves(world: World) -> Iterator[Case]:
    base = world.licence_bundle("licence", "issued", "suspended")
    first, second = ((*_ACT, place, "opening") for place in (0, 1))
    for name, value in {
        "validity-extended": put(base, "2066-11-20", *first, "parties", "content", "valid_to"),
        "holder-exchanged": put(base, ["p-2"], *first, "parties", "content", "holders"),
        "digest-exchanged": put(base, "ab" * 32, *first, "fact", "content", "digests", "sha256"),
        "status-edited": put(base, "01", *second, "parties", "content", "status"),
        "change-postponed": put(base, "2027-11-21T04:00:07.000Z", *second, "fact", "content", "time"),
        "change-with-the-leaf-of-the-issue": put(base, at(base, *_ACT, 0, "leaf"), *_ACT, 1, "leaf"),
        "salt-of-the-parties-flipped": put(
            base, flip64(at(base, *first, "parties", "salt")), *first, "parties", "salt"
        ),
    }.items():
        yield bad(f"licence-{name}", 2, value)


def _records(world: World) -> Iterator[Case]:
    for name, entries in (
        ("change-without-issue", ("suspended",)),
        ("reordered", ("suspended", "issued")),
        ("issued-twice", ("issued", "new-version")),
        ("with-two-changes", ("issued", "suspended", "restored")),
        ("deposit-shown-as-licence", ("deposit",)),
        ("copy-shown-as-licence", ("copy",)),
        ("copy-shown-as-change", ("issued", "copy")),
        ("change-of-another", ("issued", "changed-another")),
        ("change-of-another-id", ("issued", "changed-another-id")),
        ("change-of-the-version-before", ("new-version", "suspended")),
        ("change-of-no-licence", ("issued", "changed-without-licence")),
        ("change-with-another-document", ("issued", "changed-with-digests")),
        ("status-unknown", ("issued", "changed-to-08")),
        ("status-as-number", ("issued", "changed-to-a-number")),
        ("status-as-list", ("issued", "changed-to-a-list")),
        ("status-missing", ("issued", "changed-without-status")),
        ("operation-unknown", ("issued", "changed-by-11")),
        ("operation-missing", ("issued", "changed-without-operation")),
    ):
        yield bad(f"licence-{name}", 3, world.licence_bundle("licence", *entries))
    names = [name for name in world.licences.entries if name.startswith("issued-") and name != "issued-another"]
    for name in names:
        yield bad(f"licence-{name}", 3, world.licence_bundle("licence", name))
    base = world.licence_bundle("licence", "issued", "suspended")
    for place, (name, entry) in enumerate((("issue", "issued"), ("change", "suspended"))):
        yield bad(f"licence-change-with-the-{name}-kept-shut", 3, _shut(world, base, entry, place))


def _beside(world: World) -> Iterator[Case]:
    for name, use, licence in (
        ("of-another-document-beside", "intended", ["issued-another"]),
        ("of-a-face-beside-the-use-of-a-file", "intended", ["gathered"]),
        ("of-a-file-beside-the-use-of-a-face", "intended-face", ["issued"]),
        ("change-of-another-beside", "intended", ["issued", "changed-another"]),
        ("change-without-issue-beside", "intended", ["suspended"]),
    ):
        yield bad(f"licence-{name}", 3, world.licence_bundle("use", use, beside={"licence": licence}))
    both = world.licence_bundle("use", "intended", beside={"licence": ["issued", "suspended"]})
    yield bad("licence-change-kept-shut-beside", 3, _shut(world, both, "suspended", 1))


def _documents(world: World) -> Iterator[Case]:
    base = world.licence_bundle("licence", "issued")
    for name in ("licence-flipped", "licence-ofd-flipped", "copy", "empty"):
        yield bad(f"licence-document-{name}", 4, base, document=f"documents/{name}.txt")
    shut = _shut(world, base, "issued")
    yield bad("licence-ofd-with-parties-shut", 4, shut, document=_OFD)
    yield bad("licence-document-of-a-face", 4, world.licence_bundle("licence", "gathered"), document=_PDF)
    deposit = world.licence_bundle("deposit", "deposit-with-ofd")
    yield bad("licence-ofd-of-a-deposit", 4, deposit, document=_OFD)
    erased = put(base, None, *_ACT, 0, "opening")
    yield bad("licence-document-of-an-erased-record", 4, erased, document=_PDF)


def _proofs(world: World) -> Iterator[Case]:
    base = world.licence_bundle("licence", "issued", "suspended", chain=True)
    path = (*_ACT, 1, "inclusion")
    for name, value in {
        "change-not-in-the-log": put(base, flip64(at(base, *path)[0]), *path, 0),
        "change-at-the-place-of-the-issue": put(base, at(base, *_ACT, 0, "index"), *_ACT, 1, "index"),
        "issue-one-place-on": put(base, at(base, *_ACT, 0, "index") + 1, *_ACT, 0, "index"),
    }.items():
        yield bad(f"licence-{name}", 5, value)
    issued = world.licence_bundle("licence", "issued", chain=True)
    late, other = (world.licences.entries[name].promised() for name in ("suspended-late", "copy-late"))
    glued = changed(issued, lambda made: at(made, *_ACT).append(late | {"promise": other["promise"]}))
    yield Case("licence-change-under-another-promise", bad("", 9, glued).content, (failed(9), failed(9, None)))
    yield bad("licence-in-a-log-nobody-trusts", 6, issued, "trust-other-log.json")
