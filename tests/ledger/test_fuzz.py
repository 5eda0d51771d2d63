"""Every parser of the ledger against damaged input: our errors and no others, no hang, and nothing invalid taken in.

Inputs grow from whole ones (the corpus of bundles) by cutting, flipping, doubling and gluing. What once broke a parser is
kept in `tests/vectors/fuzz/found.json` and tried first at every run.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import rlp as reference_rlp
from hypothesis import example, given, settings, strategies as st

from ledger import canonicalrlp, chainproof, qbft
from ledger.clear import clear_leaf, read_clear
from ledger.clock import parse_rfc3339, rfc3339
from ledger.errors import (
    ChainProofError,
    ClearLeafError,
    NotCanonicalError,
    NoteError,
    PromiseInvalidError,
    ProofError,
    TileNotFoundError,
    TrustFileError,
    VerificationError,
)
from ledger.merkle import inclusion_proof, leaf_hash, verify_consistency, verify_inclusion
from ledger.note import Note, NoteVerifier, checkpoint_text, parse_checkpoint
from ledger.promise import Promise
from ledger.record import canonical
from ledger.strictjson import read
from ledger.tiles import TileAddress, decode_entries, encode_entries
from ledger.tlogproof import TlogProof
from ledger.trust import Trust
from ledger.verify import load_bundle, verify
from tests.ledger.corpus.logs import Log
from tests.ledger.corpus.world import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.report import Report

FOUND: Final[dict[str, list[str]]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "fuzz" / "found.json").read_text(encoding="utf-8")
)
FEW: Final = settings(max_examples=80, deadline=None)
LOG: Final = Log("log.example/fuzz")
LOG.fill(300)
NOTE: Final = LOG.checkpoint(300, "witness.example/one", "witness.example/two")


def compact(name: str) -> bytes:
    """A file of the corpus without white space, so that every byte of it matters."""
    value = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def damaged(*seeds: bytes) -> st.SearchStrategy[bytes]:
    """Whole inputs, damaged in up to three places."""

    @st.composite
    def draw_damaged(draw: st.DrawFn) -> bytes:
        data = draw(st.sampled_from(seeds))
        for _ in range(draw(st.integers(1, 3))):
            at = draw(st.integers(0, len(data)))
            piece = draw(st.integers(0, 40))
            data = draw(
                st.sampled_from(
                    [
                        data[:at] + data[at + piece :],
                        data[:at] + data[at : at + piece] * 2 + data[at + piece :],
                        data[:at] + draw(st.binary(max_size=4)) + data[at:],
                        data[:at]
                        + bytes(each ^ 1 << draw(st.integers(0, 7)) for each in data[at : at + 1])
                        + data[at + 1 :],
                        data[:at] + draw(st.sampled_from(seeds))[at:],
                    ]
                )
            )
        return data

    return draw_damaged() | st.binary(max_size=200)


def refused(error: type[Exception] | tuple[type[Exception], ...], act: Callable[[], Any]) -> bool:
    """Whether an input is refused in the one way in which it may be."""
    try:
        act()
    except error:
        return True
    return False


def known(parser: str) -> Any:
    """What once broke a parser, as explicit examples."""

    def decorate(test: Any) -> Any:
        for text in FOUND[parser]:
            test = example(text.encode("utf-8", "surrogatepass"))(test)
        return test

    return decorate


BUNDLES: Final = {
    "good-qbft-three-of-four.cailian.json": "trust-qbft.json",
    "good-district-city-chain.cailian.json": "trust.json",
    "good-use-completion-promised.cailian.json": "trust.json",
    "good-deposit-erased.cailian.json": "trust.json",
}
TRUSTS: Final = {name: Trust.parse((FOLDER / name).read_bytes()) for name in set(BUNDLES.values())}


def judged(raw: bytes, trust: str) -> Report | None:
    """The report, or None for a bundle that is refused."""
    try:
        return verify(load_bundle(raw), TRUSTS[trust])
    except VerificationError:
        return None


FACTS: Final = {
    canonical(entry["opening"]["fact"]["content"])
    for name in BUNDLES
    for section in json.loads(compact(name))["sections"].values()
    for entry in section.get("entries", ())
    if entry["opening"]
}


class TestBundle:
    @known("bundle")
    @given(damaged(*map(compact, BUNDLES)))
    @settings(max_examples=200, deadline=None)
    def test_is_refused_or_means_the_same(self, raw: bytes) -> None:
        for trust in TRUSTS:
            report = judged(raw, trust)
            for record in report.records if report and report.trust == "checked" else ():
                assert record["fact"] is None or canonical(record["fact"]) in FACTS

    @pytest.mark.parametrize("name", ["good-district-city-chain", "good-use-completion-promised"])
    def test_no_byte_beside_the_chain_may_change(self, name: str) -> None:
        value = json.loads(compact(f"{name}.cailian.json"))
        del value["sections"]["chain"]
        value["critical"].remove("chain")
        raw = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        handle = raw.find(b'"entry":"') + len(b'"entry":"')  # of a promise: covered by nothing, as the page says
        free = range(handle, handle + 36) if name.endswith("promised") else range(0)
        assert judged(raw, "trust.json") is not None
        for place in sorted(set(range(len(raw))) - set(free)):
            changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
            assert judged(changed, "trust.json") is None, raw[max(0, place - 12) : place + 12]


class TestTrust:
    @known("trust")
    @given(damaged(*(compact(name) for name in ("trust.json", "trust-rotated.json", "trust-qbft.json"))))
    @FEW
    def test_is_refused_or_read_whole(self, raw: bytes) -> None:
        try:
            trust = Trust.parse(raw)
        except TrustFileError:
            return
        assert canonical(trust.to_json()) == canonical(read(raw, len(raw)))


class TestNote:
    @known("note")
    @given(damaged(NOTE.encode()))
    @FEW
    def test_is_refused_or_comes_back_letter_by_letter(self, raw: bytes) -> None:
        text = raw.decode(errors="surrogateescape")
        try:
            note = Note.parse(text)
        except NoteError:
            return
        lines = text.removeprefix(note.text + "\n")
        assert note.text.endswith("\n")
        assert len(lines.splitlines()) == len(note.signatures)
        try:
            head = parse_checkpoint(note.text)
        except NoteError:
            return
        assert note.text.startswith(checkpoint_text(head))

    @given(damaged(NOTE.encode()))
    @FEW
    def test_only_the_signed_text_is_verified(self, raw: bytes) -> None:
        key = NoteVerifier.parse(LOG.signer.vkey)
        try:
            note = Note.parse(raw.decode(errors="replace"))
            signed = note.verified_by([key])
        except NoteError:
            return
        assert not signed or note.text == LOG.text(300)

    @given(damaged(LOG.signer.vkey.encode()))
    @FEW
    def test_verifier_keys_come_back(self, raw: bytes) -> None:
        text = raw.decode(errors="replace")
        if not refused(NoteError, lambda: NoteVerifier.parse(text)):
            assert NoteVerifier.parse(text).vkey == text


class TestTile:
    @given(damaged(b"0/x001/x234/067", b"entries/000.p/17", b"63/255.p/255", b"entries/x000/001"))
    @FEW
    def test_a_path_has_one_spelling(self, raw: bytes) -> None:
        text = raw.decode(errors="replace")
        try:
            address = TileAddress.parse(text)
        except TileNotFoundError:
            return
        assert address.path == text

    @known("entries")
    @given(damaged(encode_entries(LOG.leaves[:5]), encode_entries([b"", b"\0" * 300])))
    @FEW
    def test_an_entry_bundle_is_refused_or_comes_back(self, raw: bytes) -> None:
        try:
            entries = decode_entries(raw)
        except ProofError:
            return
        assert encode_entries(entries) == raw


class TestPromise:
    PROMISE: Final = LOG.add("evidence.anchored", {"requester": "x"}).promised()["promise"]

    @known("promise")
    @given(damaged(canonical(PROMISE)))
    @settings(max_examples=150, deadline=None)
    def test_is_refused_or_is_the_one_that_was_signed(self, raw: bytes) -> None:
        try:
            promise = Promise.from_json(read(raw, 100_000))
            promise.verify(NoteVerifier.parse(LOG.signer.vkey))
        except (NotCanonicalError, PromiseInvalidError):
            return
        signed = Promise.from_json(self.PROMISE)
        assert (promise.leaf, promise.promised_at, promise.deadline) == (
            signed.leaf,
            signed.promised_at,
            signed.deadline,
        )


class TestProofs:
    @given(st.integers(0, 299), st.data())
    @FEW
    def test_an_inclusion_proof_holds_for_one_leaf_at_one_place(self, index: int, data: st.DataObject) -> None:
        nodes, root = LOG.nodes(300), LOG.root(300)
        path = inclusion_proof(nodes, index, 300)
        leaf = leaf_hash(LOG.leaves[index])
        verify_inclusion(leaf, index, 300, path, root)
        place = data.draw(st.integers(0, len(path) - 1))
        bit = 1 << data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(path[place], "big") ^ bit).to_bytes(32, "big")
        for proof in (
            [*path[:place], flipped, *path[place + 1 :]],
            path[:place] + path[place + 1 :],
            [*path[:place], path[place], *path[place:]],
            [*path[:place], path[place][:-1], *path[place + 1 :]],
        ):
            assert refused(ProofError, lambda proof=proof: verify_inclusion(leaf, index, 300, proof, root))
        other = data.draw(st.integers(0, 400).filter(lambda each: each != index))
        assert refused(ProofError, lambda: verify_inclusion(leaf, other, 300, path, root))

    @given(st.integers(0, 400), st.integers(0, 400), st.lists(st.binary(min_size=31, max_size=33), max_size=12))
    @FEW
    def test_random_consistency_proofs_are_refused(self, old: int, new: int, proof: list[bytes]) -> None:
        assert refused(ProofError, lambda: verify_consistency(old, new, proof, b"\1" * 32, b"\2" * 32))

    @known("tlog-proof")
    @given(
        damaged(
            TlogProof(3, (b"\1" * 32, b"\2" * 32), NOTE).encode().encode(),
            TlogProof(3, (), NOTE, b"extra").encode().encode(),
        )
    )
    @FEW
    def test_a_tlog_proof_is_refused_or_comes_back(self, raw: bytes) -> None:
        try:
            proof = TlogProof.parse(raw)
        except NoteError:
            return
        assert proof.encode().encode() == raw


SECTION: Final = json.loads(compact("good-qbft-three-of-four.cailian.json"))["sections"]["chain"]
NODES: Final = [bytes.fromhex(node[2:]) for node in (*SECTION["account"], *SECTION["storage"])]
EXTRA: Final = bytes.fromhex(SECTION["header"]["extraData"][2:])


class TestRlp:
    @given(damaged(*NODES, EXTRA))
    @settings(max_examples=200, deadline=None)
    def test_agrees_with_a_strict_reader_of_another_hand(self, raw: bytes) -> None:
        try:
            items = canonicalrlp.split(raw, 3)
        except ChainProofError:
            # The other reader may take in what lies deeper than one level only where all of it is canonical.
            with pytest.raises((reference_rlp.DecodingError, AssertionError)):
                assert isinstance(reference_rlp.decode(raw), (list, tuple))
            return
        assert canonicalrlp.join(items) == raw

    @given(damaged(EXTRA))
    @FEW
    def test_extra_data_is_refused_or_comes_back(self, raw: bytes) -> None:
        try:
            extra = qbft.ExtraData.parse(raw)
        except ChainProofError:
            return
        assert canonicalrlp.join(list(extra.items)) == raw

    @given(damaged(*NODES), st.integers(0, len(SECTION["storage"]) - 1))
    @FEW
    def test_a_trie_proves_nothing_with_a_changed_node(self, node: bytes, place: int) -> None:
        nodes = [bytes.fromhex(each[2:]) for each in SECTION["storage"]]
        if node == nodes[place]:
            return
        changed = [*nodes[:place], node, *nodes[place + 1 :]]
        root = canonicalrlp.string(canonicalrlp.split(NODES[len(SECTION["account"]) - 1], 4)[1], 4)
        root = canonicalrlp.string(canonicalrlp.split(root, 4)[2], 4)
        slot = chainproof.storage_slot(chainproof.log_id("log.example/310000"), SECTION["size"])
        assert chainproof.prove(root, slot, nodes, step=6)
        assert refused(ChainProofError, lambda: chainproof.prove(root, slot, changed, step=6))

    def test_no_byte_of_a_sealed_section_may_change(self) -> None:
        value = json.loads(compact("good-qbft-three-of-four.cailian.json"))
        head = parse_checkpoint(Note.parse(value["sections"]["log"]["checkpoint"]).text)
        trusted, log = TRUSTS["trust-qbft.json"].chain, chainproof.log_id(head.origin)
        raw = json.dumps(SECTION, separators=(",", ":")).encode()
        assert trusted is not None

        def prove(section: bytes) -> None:
            chainproof.verify(read(section, len(raw)), trusted, log=log, size=head.size, root=head.root)

        prove(raw)
        for place in range(len(raw)):
            changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
            wrong = (ChainProofError, NotCanonicalError)
            assert refused(wrong, lambda changed=changed: prove(changed)), raw[max(0, place - 12) : place + 12]

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("0x"),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(sorted(SECTION)), inner),
            max_leaves=12,
        ),
        st.sampled_from(sorted(SECTION)),
    )
    @FEW
    def test_a_section_of_any_shape_is_refused(self, value: Any, member: str) -> None:
        if value == SECTION[member]:
            return
        trusted = TRUSTS["trust-qbft.json"].chain
        assert trusted is not None
        section = SECTION | {member: value}
        act = lambda: chainproof.verify(section, trusted, log=bytes(32), size=SECTION["size"], root=bytes(32))  # noqa: E731
        assert refused(ChainProofError, act)


class TestClear:
    LEAF: Final = json.loads(compact("good-district-city-chain.cailian.json"))["sections"]["log"]["superiors"][0][
        "leaf"
    ]

    @known("clear")
    @given(damaged(LEAF.encode()))
    @FEW
    def test_is_refused_or_comes_back(self, raw: bytes) -> None:
        try:
            clear = read_clear(raw)
        except ClearLeafError:
            return
        assert clear_leaf(clear) == raw


class TestTime:
    @known("time")
    @given(damaged(b"2026-11-21T04:00:00.000Z", b"0001-01-01T00:00:00.000+01:00", b"9999-12-31T23:59:59.999-01:00"))
    @settings(max_examples=150, deadline=None)
    def test_is_refused_or_comes_back(self, raw: bytes) -> None:
        try:
            moment = parse_rfc3339(raw.decode(errors="replace"))
        except ValueError:
            return
        assert parse_rfc3339(rfc3339(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
