"""Section `derived`, what was released in the place of a licence's original: whole bundles, and ways to break them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.ledger.corpus.case import UNKNOWN, Case, at, bad, changed, cut, failed, flip64, good, held, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ledger.corpus.world import World

_PDF: Final = "documents/licence.txt"
_COPY: Final = "documents/copy.txt"
_DATA: Final = "documents/data.txt"
_ANSWER: Final = "documents/answer.txt"
_NO_CHAIN: Final = {"chain": "skipped", "finality": "skipped"}
_ACT: Final = ("sections", "derived", "entries")
_RECEIPT: Final = {"grant": ["given"], "licence": ["issued"], "derived": ["copy"]}


def cases(world: World) -> Iterator[Case]:
    """All of them."""
    yield from _good(world)
    yield from _form(world)
    yield from _leaves(world)
    yield from _records(world)
    yield from _beside(world)
    yield from _documents(world)
    yield from _proofs(world)


def _shown(world: World, name: str, *, shut: bool = False, mute: bool = False) -> Any:
    return world.licences.entries[name].shown(world.licences.size, shut=shut, mute=mute)


def _receipt(world: World, *, chain: bool = False) -> Any:
    """The receipt of a use of a licence."""
    return world.licence_bundle("use", "intended", "completed", beside=_RECEIPT, chain=chain)


def _good(world: World) -> Iterator[Case]:
    def logged(document: str | None = None, document_is: str = "", **states: str) -> Any:
        return held("logged", document=document, document_is=document_is, **_NO_CHAIN, **states)

    receipt = _receipt(world, chain=True)
    yield good(
        "use-of-a-licence",
        receipt,
        held("proven", document=_COPY, document_is="copy"),
        held("proven"),
        held(UNKNOWN, None, _COPY, document_is="copy"),
    )
    alone = world.licence_bundle("derived", "copy", chain=True)
    yield good("derived", alone, held("proven", document=_COPY, document_is="copy"), held(UNKNOWN, None))
    shut = put(world.licence_bundle("derived", "copy"), _shown(world, "copy", shut=True), *_ACT, 0)
    yield good("derived-parties-shut", shut, logged(_COPY, "copy"))
    for name, document, told in (("data", _DATA, "data"), ("answer", _ANSWER, "verify")):
        yield good(f"derived-{name}", world.licence_bundle("derived", name), logged(document, told))
    before = world.licence_bundle("use", "intended", beside={"licence": ["issued"]})
    yield good("use-of-a-licence-before-anything-left", before, logged(_PDF, "original"))
    status = world.licence_bundle("use", "intended", beside=_RECEIPT | {"licence": ["issued", "suspended"]})
    yield good("use-of-a-licence-suspended-since", status, logged(_COPY, "copy"))
    face = {"licence": ["gathered"], "derived": ["data-face"]}
    of_face = world.licence_bundle("use", "intended-face", beside=face)
    yield good("use-of-a-licence-without-a-file", of_face, logged(_DATA, "data"))
    log = {"origin": world.licences.log.origin}
    late = {"log": log, "derived": {"entries": [world.licences.entries["copy-late"].promised()]}}
    skipped = dict.fromkeys(("inclusion", "checkpoint", "witnesses", "chain", "finality"), "skipped")
    promised = put(put(alone, late, "sections"), ["derived", "log"], "critical")
    states = skipped | {"promise": "unproven"}
    yield good("derived-promised", promised, held("promised", document=_COPY, document_is="copy", **states))
    for act in ("derived", "licence"):
        erased = put(receipt, None, "sections", act, "entries", 0, "opening")
        document = {} if act == "derived" else {"document": _COPY, "document_is": "copy"}
        yield good(f"use-of-a-licence-{act}-erased", erased, held("mute", record="unproven", **document))
    no_licence = world.licence_bundle("use", "intended", beside={"derived": ["copy"]})
    yield good("use-of-a-licence-from-another-log", no_licence, logged(_COPY, "copy"))


def _form(world: World) -> Iterator[Case]:
    base = world.licence_bundle("derived", "copy")
    for name, value in {
        "section-missing": cut(put(base, ["log"], "critical"), *_ACT[:2]),
        "entries-empty": put(base, [], *_ACT),
        "unknown-member": put(base, 1, *_ACT[:2], "parent"),
        "entries-is-an-object": put(base, at(base, *_ACT, 0), *_ACT),
        "with-a-licence-beside": world.licence_bundle("derived", "copy", beside={"licence": ["issued"]}),
        "with-a-use-beside": world.licence_bundle("derived", "copy", beside={"use": ["intended"]}),
        "beside-a-deposit": world.licence_bundle("deposit", "deposit", beside={"derived": ["copy"]}),
        "beside-a-grant": world.licence_bundle("grant", "given", beside={"derived": ["copy"]}),
    }.items():
        yield bad(f"derived-{name}", 1, value)


def _leaves(world: World) -> Iterator[Case]:
    base = _receipt(world)
    opening = (*_ACT, 0, "opening")
    fact, parties = (*opening, "fact", "content"), (*opening, "parties", "content")
    for name, value in {
        "period-extended": put(base, "2036-12-21T04:00:00.000Z", *parties, "valid_to"),
        "requester-edited": put(base, "11310199XX00000D1B", *parties, "requester"),
        "digest-of-another-file": put(base, "ab" * 32, *fact, "digests", "sha256"),
        "parent-exchanged": put(base, at(base, *fact, "digests"), *fact, "parent"),
        "rendition-edited": put(base, "data", *fact, "rendition"),
        "copy-with-the-leaf-of-the-use": put(base, at(base, "sections", "use", "entries", 0, "leaf"), *_ACT, 0, "leaf"),
    }.items():
        yield bad(f"derived-{name}", 2, value)


def _records(world: World) -> Iterator[Case]:
    for name, kind, entries in (
        ("twice", "derived", ("copy", "data")),
        ("with-a-change", "derived", ("copy", "suspended")),
        ("licence-shown-as-copy", "derived", ("issued",)),
        ("use-shown-as-copy", "derived", ("intended",)),
        ("copy-shown-as-deposit", "deposit", ("copy",)),
        ("copy-shown-as-completion", "use", ("intended", "copy")),
    ):
        yield bad(f"derived-{name}", 3, world.licence_bundle(kind, *entries))
    mute = world.licence_bundle("derived", "copy")
    second = _shown(world, "data", mute=True)
    yield bad("derived-with-a-mute-second-record", 3, changed(mute, lambda made: at(made, *_ACT).append(second)))
    facts = ("other-", "wrong-", "of-another", "late")
    for name in world.licences.entries:
        if name.startswith("copy-") and not name.removeprefix("copy-").startswith(facts):
            yield bad(f"derived-{name}", 3, world.licence_bundle("derived", name))


def _beside(world: World) -> Iterator[Case]:
    for name, copy in (
        ("another-original", "copy-of-another"),
        ("another-use", "copy-other-use"),
        ("another-requester", "copy-other-requester"),
        ("another-licence", "copy-other-licence"),
        ("the-original-itself", "copy-is-original"),
    ):
        made = world.licence_bundle("use", "intended", beside={"derived": [copy]})
        yield bad(f"derived-of-{name}-beside", 3, made)
    both = _RECEIPT | {"licence": ["issued", "suspended"], "derived": ["copy-other-licence-id"]}
    yield bad("derived-of-another-licence-id-beside", 3, world.licence_bundle("use", "intended", beside=both))
    both = {"licence": ["issued", "suspended"], "derived": ["copy-other-licence"]}
    made = world.licence_bundle("use", "intended-without-object", beside=both)
    yield bad("derived-of-another-licence-than-the-one-beside", 3, made)
    aborted = world.licence_bundle("use", "intended", "completed", beside={"derived": ["copy", "data"]})
    yield bad("derived-twice-beside", 3, aborted)
    for mute in (False, True):  # the copy must say of which use it is, also where the use itself is erased
        shut = put(_receipt(world), _shown(world, "copy", shut=True), *_ACT, 0)
        value = put(shut, None, "sections", "use", "entries", 0, "opening") if mute else shut
        yield bad(f"derived-kept-shut-beside{'-an-erased-use' if mute else ''}", 3, value)


def _documents(world: World) -> Iterator[Case]:
    receipt, alone = _receipt(world), world.licence_bundle("derived", "copy")
    for name, value in {"beside": receipt, "alone": alone}.items():
        yield bad(f"derived-document-is-the-original-{name}", 4, value, document=_PDF, document_is="original")
    data = world.licence_bundle("derived", "data")
    yield bad("derived-document-is-the-original-of-data", 4, data, document=_PDF, document_is="original")
    for name in ("copy-flipped", "licence-flipped", "licence-ofd", "data", "empty"):
        yield bad(f"derived-document-{name}", 4, receipt, document=f"documents/{name}.txt")
    for name in ("wrong-size", "wrong-sm3"):
        made = world.licence_bundle("derived", f"copy-{name}")
        yield bad(f"derived-document-{name}", 4, made, document=_COPY)
    erased = put(receipt, None, *_ACT, 0, "opening")
    for name, document in (("copy", _COPY), ("original", _PDF)):
        yield bad(f"derived-document-{name}-of-an-erased-record", 4, erased, document=document)


def _proofs(world: World) -> Iterator[Case]:
    base = _receipt(world, chain=True)
    path = (*_ACT, 0, "inclusion")
    for name, value in {
        "not-in-the-log": put(base, flip64(at(base, *path)[1]), *path, 1),
        "at-the-place-of-the-use": put(base, at(base, "sections", "use", "entries", 0, "index"), *_ACT, 0, "index"),
        "with-the-path-of-the-licence": put(base, at(base, "sections", "licence", "entries", 0, "inclusion"), *path),
    }.items():
        yield bad(f"derived-{name}", 5, value)
    late, other = (world.licences.entries[name].promised() for name in ("copy-late", "suspended-late"))
    glued = put(base, late | {"promise": other["promise"]}, *_ACT, 0)
    yield Case("derived-under-another-promise", bad("", 9, glued).content, (failed(9), failed(9, None)))
    yield bad("derived-in-a-log-nobody-trusts", 6, base, "trust-other-log.json")
