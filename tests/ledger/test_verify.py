"""Bundles built from a real log and a real chain, and every way in which one must not pass."""

from __future__ import annotations

import copy
import io
import json
import secrets
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert

from ledger import bundle, chainproof, store, tables
from ledger.chain import Chain
from ledger.chainproof import ChainIdentity
from ledger.errors import (
    AnchorMismatchError,
    BundleFormatError,
    BundleTooLargeError,
    DocumentMismatchError,
    EntryNotFoundError,
    LeafMismatchError,
    LogProofError,
    RecordErasedError,
    UntrustedLogError,
    VerificationError,
)
from ledger.note import NoteSigner, NoteVerifier, key_id
from ledger.report import StepState, Verdict
from ledger.trust import Trust
from ledger.verify import load_bundle, verify
from tests.ledger.chains import member_accounts, settle
from tests.ledger.logs import ORIGIN, Log, digests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.db import Database
    from ledger.report import Report

DOCUMENT = "公司章程 · articles of association\n".encode() * 5000


class World:
    """A deposit and a use in a log that was anchored once, and the trust file of its reader."""

    def __init__(self, database: Database, chain_url: str) -> None:
        self.log = Log(database)
        self.log.append(300)
        fact = {"digests": digests(DOCUMENT), "size": len(DOCUMENT)}
        self.deposit = self.log.record({"type": "material.deposited", **fact})
        self.intended = self.log.record({"type": "use.intended", **fact}, {"use": "u-1", "case": "C-1"})
        self.completed = self.log.record({"type": "use.completed", **fact}, {"use": "u-1"})
        self.other_use = self.log.record({"type": "use.completed", **fact}, {"use": "u-2"})
        self.refused = self.log.record({"type": "use.refused"}, {"use": "u-3"})
        self.log.append(5)
        self.head = self.log.integrate()
        assert self.head is not None
        self.identity = self._anchor(chain_url)
        self.log.append(7)
        self.log.integrate()
        self.trust = Trust((self.log.key,), chain=self.identity)

    def _anchor(self, url: str) -> ChainIdentity:
        assert self.head is not None
        member, chain, log = secrets.token_bytes(32), Chain(url, secrets.token_bytes(32)), chainproof.log_id(ORIGIN)
        chain.deploy(member_accounts([member]), 1)
        chain.register_log(log, b"\x07" * 32, [member])
        settle(chain, chain.build_anchor_tx(log, 0, self.head.size, self.head.root, [], chain.nonce()))
        proof = chain.proof_of(log)
        with self.log.database.unit() as db:
            db.execute(
                insert(tables.anchor).values(
                    size=self.head.size, root=self.head.root, state="confirmed", proof=proof.section
                )
            )
        return chain.identity()

    def bundle(self, kind: str, *entries: str, hide_parties: bool = False) -> dict[str, Any]:
        with self.log.database.unit() as db:
            return bundle.build(db, self.log.evidence, kind, entries, hide_parties=hide_parties)

    def deposit_bundle(self) -> dict[str, Any]:
        return copy.deepcopy(self.bundle("deposit", self.deposit))

    def use_bundle(self) -> dict[str, Any]:
        return self.bundle("use", self.intended, self.completed)


@pytest.fixture(scope="module")
def world(database: Database, chain_url: str) -> Iterator[World]:
    return World(database, chain_url)


def check(value: dict[str, Any], trust: Trust | None, document: bytes | None = None) -> Report:
    raw = json.dumps(value).encode()
    return verify(load_bundle(raw), trust, None if document is None else io.BytesIO(document))


def refusal(value: dict[str, Any], trust: Trust | None, document: bytes | None = None) -> VerificationError:
    with pytest.raises(VerificationError) as refused:
        check(value, trust, document)
    return refused.value


def states(report: Report) -> dict[int, StepState]:
    return {step.number: step.state for step in report.steps}


class TestProven:
    def test_a_deposit_with_its_document(self, world: World) -> None:
        report = check(world.deposit_bundle(), world.trust, DOCUMENT)
        assert (report.verdict, report.trust, report.size) == (Verdict.proven, "checked", world.head.size)
        assert report.anchored_at is not None
        assert [step.number for step in report.steps] == list(range(1, 11))
        assert states(report) == dict.fromkeys([1, 2, 3, 4, 5, 6, 9], StepState.ok) | {
            7: StepState.unproven,
            8: StepState.skipped,
            10: StepState.unproven,
        }
        assert chainproof.FINALITY_NOT_PROVEN in report.steps[9].en
        assert json.loads(json.dumps(report.as_json()))["verdict"] == "proven"

    def test_a_use_binds_both_its_records(self, world: World) -> None:
        report = check(world.use_bundle(), world.trust, DOCUMENT)
        assert report.verdict is Verdict.proven
        assert [record["fact"]["type"] for record in report.records] == ["use.intended", "use.completed"]
        assert report.records[0]["parties"] == {"use": "u-1", "case": "C-1"}

    def test_a_deposit_whose_parties_stay_shut(self, world: World) -> None:
        shut = world.bundle("deposit", world.deposit, hide_parties=True)
        assert "C-1" not in json.dumps(shut)
        report = check(shut, world.trust, DOCUMENT)
        assert (report.verdict, report.records[0]["parties"]) == (Verdict.proven, None)


class TestWeaker:
    def test_without_trust_nothing_is_proven(self, world: World) -> None:
        report = check(world.use_bundle(), None, DOCUMENT)
        assert (report.verdict, report.trust, report.anchored_at) == (Verdict.unknown, "unknown", None)
        assert {states(report)[number] for number in (6, 7, 9, 10)} == {StepState.unproven}

    def test_before_anchoring_it_is_logged(self, world: World) -> None:
        new = world.log.record({"type": "material.deposited", "digests": digests(b"x")})
        world.log.integrate()
        value = world.bundle("deposit", new)
        assert "chain" not in value
        report = check(value, world.trust, b"x")
        assert (report.verdict, states(report)[9]) == (Verdict.logged, StepState.skipped)

    def test_before_integration_it_is_promised_and_never_called_proven(self, world: World) -> None:
        new = world.log.record({"type": "material.deposited", "digests": digests(b"x")})
        value = world.bundle("deposit", new)
        assert "checkpoint" not in value["log"]
        report = check(value, world.trust, b"x")
        assert (report.verdict, report.size) == (Verdict.promised, None)
        assert states(report)[8] is StepState.unproven
        assert "not a proof" in report.steps[7].en
        assert check(value, None, b"x").verdict is Verdict.unknown

    def test_a_use_whose_completion_is_pending_mixes_proof_and_promise(self, world: World) -> None:
        fact = {"digests": digests(DOCUMENT), "size": len(DOCUMENT)}
        late = world.log.record({"type": "use.completed", **fact}, {"use": "u-1"})
        value = world.bundle("use", world.intended, late)
        report = check(value, world.trust, DOCUMENT)
        assert report.verdict is Verdict.promised
        assert [states(report)[number] for number in (5, 8, 9)] == [StepState.ok, StepState.unproven, StepState.ok]

    def test_a_trust_file_without_a_chain_proves_the_log_only(self, world: World) -> None:
        report = check(world.deposit_bundle(), replace(world.trust, chain=None))
        assert report.verdict is Verdict.logged

    def test_leaving_out_the_chain_makes_it_weaker(self, world: World) -> None:
        value = world.deposit_bundle()
        del value["chain"]
        assert check(value, world.trust).verdict is Verdict.logged


class TestForm:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"format": "other"}, "not an evidence bundle"),
            ({"version": 1}, "unknown version"),
            ({"version": False}, "unknown version"),
            ({"kind": "licence"}, "unknown kind"),
            ({"grant": {}}, "unknown section: grant"),
            ({"entries": []}, "entries"),
            ({"entries": [{}]}, "missing member of entry"),
            ({"log": []}, "log is not an object"),
            ({"log": {"origin": ORIGIN}}, "proof without a checkpoint"),
            ({"log": {"origin": 1, "checkpoint": ""}}, "origin is not text"),
            ({"chain": 1}, "chain is not an object"),
        ],
    )
    def test_refuses_by_name(self, world: World, change: dict[str, Any], reason: str) -> None:
        error = refusal(world.deposit_bundle() | change, world.trust)
        assert isinstance(error, BundleFormatError)
        assert (error.step, error.name) == (1, "form")
        assert reason in error.reason

    @pytest.mark.parametrize(
        ("place", "value"),
        [
            (("more",), 1),
            (("index",), -1),
            (("index",), True),
            (("index",), "1"),
            (("inclusion",), "x"),
            (("inclusion",), ["?"]),
            (("inclusion",), [""] * 64),
            (("leaf",), "short"),
            (("opening", "more"), 1),
            (("opening", "fact"), {"commitment": "AAAA"}),
            (("opening", "fact"), {"content": [], "salt": ""}),
            (("opening", "parties"), {"content": {}, "salt": "", "commitment": ""}),
            (("opening", "salt"), 7),
            (("promise",), {}),
        ],
    )
    def test_refuses_an_entry_of_another_form(self, world: World, place: tuple[str, ...], value: object) -> None:
        changed = world.deposit_bundle()
        inner = changed["entries"][0]
        for name in place[:-1]:
            inner = inner[name]
        inner[place[-1]] = value
        assert refusal(changed, world.trust).step == 1

    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            (b"", "not JSON"),
            (b"[]", "not an object"),
            (b"\xff", "not JSON"),
            (b"\xef\xbb\xbf{}", "not JSON"),
            (b'{"format":"cailian-evidence","format":"cailian-evidence"}', "duplicate key"),
            (b'{"version":0.0}', "not an integer"),
            (b'{"version":1e3}', "not an integer"),
            (b'{"version":NaN}', "not an integer"),
            (b'{"version":9007199254740992}', "integer of 2^53 or more"),
            (b'{"version":' + b"1" * 5000 + b"}", "integer of 2^53 or more"),
            (b'{"a":' * 50_000, "not JSON"),
            (b'{"a":' * 40 + b"1" + b"}" * 40, "nested too deeply"),
            (b'{"a":"\\ud800"}', "lone surrogate"),
        ],
    )
    def test_refuses_json_that_two_readers_could_read_in_two_ways(self, raw: bytes, reason: str) -> None:
        with pytest.raises(BundleFormatError) as refused:
            load_bundle(raw)
        assert refused.value.reason == reason

    def test_refuses_a_file_of_unreasonable_size(self) -> None:
        with pytest.raises(BundleTooLargeError):
            load_bundle(b" " * (1 << 20) + b"{}")


class TestLeaf:
    @pytest.mark.parametrize("trusted", [True, False])
    def test_refuses_an_edited_record(self, world: World, trusted: bool) -> None:
        value = world.use_bundle()
        value["entries"][0]["opening"]["parties"]["content"]["case"] = "C-2"
        error = refusal(value, world.trust if trusted else None)
        assert isinstance(error, LeafMismatchError)
        assert (error.step, error.name) == (2, "leaf")


class TestRecord:
    def cases(self, world: World) -> list[tuple[str, tuple[str, ...]]]:
        return [
            ("deposit", (world.intended,)),
            ("deposit", (world.deposit, world.completed)),
            ("use", (world.completed,)),
            ("use", (world.refused,)),
            ("use", (world.completed, world.intended)),
            ("use", (world.intended, world.intended)),
            ("use", (world.intended, world.other_use)),
            ("use", (world.intended, world.completed, world.completed)),
            ("grant", (world.deposit,)),
        ]

    @pytest.mark.parametrize("case", range(9))
    def test_refuses_records_that_are_not_of_one_such_act(self, world: World, case: int) -> None:
        kind, entries = self.cases(world)[case]
        error = refusal(world.bundle(kind, *entries), world.trust)
        assert isinstance(error, LeafMismatchError)
        assert (error.step, error.name) == (3, "record")

    def test_refuses_a_receipt_that_hides_who_asked(self, world: World) -> None:
        assert refusal(world.bundle("use", world.intended, hide_parties=True), world.trust).step == 3

    def test_refuses_records_of_two_documents(self, world: World) -> None:
        other = world.log.record({"type": "use.completed", "digests": digests(b"other")}, {"use": "u-1"})
        assert refusal(world.bundle("use", world.intended, other), world.trust).step == 3


class TestDocument:
    @pytest.mark.parametrize(
        "document",
        [b"", DOCUMENT[:-1], DOCUMENT + b"\0", bytes([DOCUMENT[0] ^ 1]) + DOCUMENT[1:]],
        ids=["empty", "cut", "longer", "flipped"],
    )
    def test_refuses_another_document(self, world: World, document: bytes) -> None:
        error = refusal(world.deposit_bundle(), world.trust, document)
        assert isinstance(error, DocumentMismatchError)
        assert (error.step, error.name) == (4, "document")

    @pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
    def test_both_digests_must_agree(self, world: World, algorithm: str) -> None:
        wrong = digests(DOCUMENT) | {algorithm: digests(b"other")[algorithm]}
        entry = world.log.record({"type": "material.deposited", "digests": wrong})
        assert refusal(world.bundle("deposit", entry), world.trust, DOCUMENT).step == 4

    def test_refuses_a_document_for_a_record_that_names_none(self, world: World) -> None:
        entry = world.log.record({"type": "grant.given"}, {"grant": "g-1"})
        assert refusal(world.bundle("grant", entry), world.trust, DOCUMENT).step == 4


class TestInclusion:
    @pytest.mark.parametrize("trusted", [True, False])
    def test_refuses_another_place_or_path(self, world: World, trusted: bool) -> None:
        trust = world.trust if trusted else None
        for name, value in [("index", 299), ("index", 10**9), ("inclusion", [])]:
            changed = world.deposit_bundle()
            changed["entries"][0][name] = value
            error = refusal(changed, trust)
            assert isinstance(error, LogProofError)
            assert (error.step, error.name) == (5, "inclusion")

    def test_refuses_any_flipped_hash_of_the_path(self, world: World) -> None:
        for place in range(len(world.deposit_bundle()["entries"][0]["inclusion"])):
            changed = world.deposit_bundle()
            path = changed["entries"][0]["inclusion"]
            path[place] = ("B" if path[place][0] == "A" else "A") + path[place][1:]
            assert refusal(changed, world.trust).step == 5

    def test_refuses_a_checkpoint_that_is_none_or_anothers(self, world: World) -> None:
        for checkpoint in ("", "x\n", world.deposit_bundle()["log"]["checkpoint"].replace(ORIGIN, "other", 1)):
            changed = world.deposit_bundle()
            changed["log"]["checkpoint"] = checkpoint
            assert refusal(changed, world.trust).step == 5


class TestCheckpoint:
    def test_refuses_a_log_the_reader_does_not_trust(self, world: World) -> None:
        trust = replace(world.trust, logs=(NoteVerifier("other", world.log.key.public_key),))
        error = refusal(world.deposit_bundle(), trust)
        assert isinstance(error, UntrustedLogError)
        assert (error.step, error.name) == (6, "checkpoint")

    def test_refuses_a_log_of_the_same_name_with_another_key(self, world: World) -> None:
        key = Ed25519PrivateKey.from_private_bytes(bytes(32))
        trust = replace(world.trust, logs=(NoteVerifier.parse(NoteSigner(ORIGIN, key).vkey),))
        assert refusal(world.deposit_bundle(), trust).step == 6
        new = world.log.record({"type": "material.deposited"})
        assert refusal(world.bundle("deposit", new), trust).step == 8

    def test_refuses_a_broken_signature(self, world: World) -> None:
        changed = world.deposit_bundle()
        note = changed["log"]["checkpoint"]
        at = note.rindex(" ") + 20
        changed["log"]["checkpoint"] = note[:at] + ("B" if note[at] == "A" else "A") + note[at + 1 :]
        assert refusal(changed, world.trust).step == 6


class TestWitnesses:
    def witness(self, number: int) -> tuple[str, Ed25519PrivateKey, NoteVerifier]:
        name, key = f"witness-{number}.test", Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        return name, key, NoteVerifier(name, key.public_key().public_bytes_raw(), b"\4")

    def cosign(self, value: dict[str, Any], *numbers: int) -> dict[str, Any]:
        text = value["log"]["checkpoint"].partition("\n\n")[0] + "\n"
        for number in numbers:
            name, key, witness = self.witness(number)
            signature = key.sign(f"cosignature/v1\ntime 1795233600\n{text}".encode())
            raw = key_id(name, witness.public_key, b"\4") + (1795233600).to_bytes(8, "big") + signature
            value["log"]["checkpoint"] += f"— {name} {b64encode(raw).decode()}\n"
        return value

    def test_counts_to_the_quorum_and_no_witness_twice(self, world: World) -> None:
        keys = tuple(self.witness(number)[2] for number in (1, 2, 3))
        trust = replace(world.trust, witnesses=keys, quorum=2)
        report = check(self.cosign(world.deposit_bundle(), 1, 3), trust)
        assert (report.verdict, states(report)[7]) == (Verdict.proven, StepState.ok)
        for signed in ((), (1,), (2, 2), (1, 9)):
            error = refusal(self.cosign(world.deposit_bundle(), *signed), trust)
            assert isinstance(error, UntrustedLogError)
            assert (error.step, error.name) == (7, "witnesses")


class TestPromise:
    def test_refuses_a_promise_for_another_entry_or_changed(self, world: World) -> None:
        one = world.log.record({"type": "material.deposited"})
        two = world.log.record({"type": "material.deposited"})
        other = world.bundle("deposit", two)["entries"][0]["promise"]
        for change in (other, other | {"deadline": "2030-01-01T00:00:00.000Z"}):
            value = world.bundle("deposit", one)
            value["entries"][0]["promise"] = change
            assert refusal(value, world.trust).step == 8
        value = world.bundle("deposit", one)
        value["entries"][0]["promise"]["deadline"] = "2030-01-01T00:00:00.000Z"
        error = refusal(value, world.trust)
        assert isinstance(error, UntrustedLogError)
        assert (error.step, error.name) == (8, "promise")


class TestChain:
    def test_refuses_the_proof_of_another_contract_or_chain(self, world: World) -> None:
        for change in ({"anchor": bytes(20)}, {"code_hash": bytes(32)}, {"chain_id": 1}, {"genesis_hash": bytes(32)}):
            fields = {name: getattr(world.identity, name) for name in ChainIdentity.__slots__} | change
            error = refusal(world.deposit_bundle(), replace(world.trust, chain=ChainIdentity(**fields)))
            assert isinstance(error, AnchorMismatchError)
            assert (error.step, error.name) == (9, "chain")

    def test_refuses_an_anchor_of_another_size(self, world: World) -> None:
        value = world.deposit_bundle()
        newest = world.log.record({"type": "material.deposited"})
        world.log.integrate()
        longer = world.bundle("deposit", newest)
        longer["chain"] = value["chain"]
        assert refusal(longer, world.trust).step == 9

    def test_refuses_a_changed_section(self, world: World) -> None:
        value = world.deposit_bundle()
        value["chain"]["anchored_at"] -= 3600
        assert refusal(value, world.trust).step == 9


class TestBuild:
    def test_an_erased_record_cannot_be_shown(self, world: World) -> None:
        entry = world.log.record({"type": "material.deposited"})
        with world.log.database.unit() as db:
            store.erase_record(db, entry)
        with pytest.raises(RecordErasedError):
            world.bundle("deposit", entry)

    def test_an_unknown_entry_is_named(self, world: World) -> None:
        with pytest.raises(EntryNotFoundError):
            world.bundle("deposit", "01890000-0000-7000-8000-000000000000")

    def test_any_single_change_of_a_byte_is_refused_or_leaves_the_same_meaning(self, world: World) -> None:
        raw = json.dumps(world.use_bundle(), ensure_ascii=False, separators=(",", ":")).encode()
        good = check(world.use_bundle(), world.trust)
        for at in range(0, len(raw), 97):
            changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
            try:
                report = verify(load_bundle(changed), world.trust)
            except VerificationError:
                continue
            assert report.as_json() == good.as_json()
