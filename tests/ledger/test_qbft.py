"""Seals of QBFT validators: what a real chain wrote is accepted, and every way to fall short of it is named."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rlp
from coincurve import PrivateKey
from hypothesis import given, strategies as st

from ledger import chainproof, qbft
from ledger.chainproof import ChainIdentity
from ledger.errors import ChainProofError, TrustFileError
from tests.ledger.sealing import account_of, bytes_of, seal

RECORDED: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "qbft" / "chain.json").read_text())
HISTORY = qbft.history_of(RECORDED["chain"]["qbft"])
SECTIONS = {each["name"]: each for each in RECORDED["sections"]}
HEADERS = {each["name"]: each for each in RECORDED["headers"]}
SEALED = [name for name in HEADERS if name != "genesis"]
HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
"""Half the order of secp256k1 (SEC 2, 2.4.1)."""


def identity(**changes: Any) -> ChainIdentity:
    """The recorded chain, as a trust file names it."""
    names = ("genesis_hash", "registry", "anchor", "code_hash")
    raw = {name: bytes.fromhex(RECORDED["chain"][name][2:]) for name in names}
    return ChainIdentity(**{"chain_id": RECORDED["chain"]["chain_id"], **raw, "qbft": HISTORY, **changes})


def fields_of(name: str) -> dict[str, bytes]:
    """A recorded header."""
    return bytes_of(HEADERS[name]["header"])


def trusted_for(fields: dict[str, bytes]) -> tuple[bytes, ...]:
    """The trusted set for a header."""
    return qbft.validators_at(HISTORY, int.from_bytes(fields["number"], "big"))


class TestRecordedChain:
    """What four and five real validators wrote."""

    @pytest.mark.parametrize("name", HEADERS)
    def test_our_block_hash_is_the_nodes(self, name: str) -> None:
        assert "0x" + chainproof.header_hash(fields_of(name)).hex() == HEADERS[name]["hash"]

    @pytest.mark.parametrize("name", SEALED)
    def test_is_sealed_by_its_validators(self, name: str) -> None:
        fields = fields_of(name)
        seals = qbft.verify_seals(fields, trusted_for(fields))
        assert len(set(seals.signers)) == len(seals.signers) >= qbft.quorum(seals.validators)

    @pytest.mark.parametrize("name", SECTIONS)
    def test_sections_prove_their_anchors(self, name: str) -> None:
        kept = SECTIONS[name]
        proven = chainproof.verify(
            kept["section"],
            identity(),
            log=chainproof.log_id(RECORDED["log"]),
            size=kept["size"],
            root=bytes.fromhex(kept["root"]),
        )
        assert proven.seals is not None
        assert proven.finality == (
            f"chain finality: sealed by {len(proven.seals.signers)} of {proven.seals.validators} validators"
        )
        assert "0x" + proven.block_hash.hex() == HEADERS[name]["hash"]
        assert proven.seals.round == (1 if name.endswith("round-above-0") else 0)

    def test_the_recording_holds_what_it_is_for(self) -> None:
        extras = {name: qbft.ExtraData.parse(fields_of(name)["extraData"]) for name in HEADERS}
        assert extras["vote-add"].items[2][-2:] == b"\x81\xff"
        assert extras["vote-drop"].items[2][-1:] == b"\x80"
        assert {name: len(extra.validators) for name, extra in extras.items()} | {"genesis": 4} == {
            name: 5 if "five" in name or name == "vote-drop" else 4 for name in HEADERS
        }
        assert extras["last-of-four"].validators != extras["first-of-five"].validators

    def test_the_set_is_that_of_the_height(self) -> None:
        """A set that has changed since, or not yet, seals nothing."""
        for name, other in (("first-of-five", 0), ("last-of-four", 1), ("vote-drop", 2), ("first-of-four-again", 1)):
            with pytest.raises(ChainProofError, match=r"proposer|validators"):
                qbft.verify_seals(fields_of(name), HISTORY[other].validators)

    def test_the_seal_hash_is_not_the_block_hash(self) -> None:
        """Above round 0. Seals recovered over the block hash give wrong addresses that look like any others."""
        for name, is_same in (("four-validators", True), ("five-validators-one-down-round-above-0", False)):
            fields = fields_of(name)
            extra = qbft.ExtraData.parse(fields["extraData"])
            assert (qbft.seal_hash(list(fields.values()), extra) == chainproof.header_hash(fields)) is is_same
            found = qbft._signer(extra.seals[0], chainproof.header_hash(fields))
            assert (found in extra.validators) is is_same

    def test_every_changed_field_breaks_the_seals(self) -> None:
        for name in ("four-validators", "vote-add", "five-validators-one-down-round-above-0"):
            fields = fields_of(name)
            trusted = trusted_for(fields)
            for field, value in fields.items():
                changed = bytes([value[0] ^ 1]) + value[1:] if value else b"\x01"
                with pytest.raises(ChainProofError):
                    qbft.verify_seals(fields | {field: changed}, trusted)

    def test_every_changed_bit_of_the_extra_data_breaks_the_seals(self) -> None:
        fields = fields_of("four-validators")
        trusted, raw = trusted_for(fields), fields["extraData"]
        for place in range(8 * len(raw)):
            changed = bytearray(raw)
            changed[place // 8] ^= 1 << place % 8
            with pytest.raises(ChainProofError):
                qbft.verify_seals(fields | {"extraData": bytes(changed)}, trusted)


class TestVerifySeals:
    """`verify_seals` on headers made here, with keys made here."""

    KEYS = sorted((PrivateKey(bytes([number]) * 32) for number in range(1, 8)), key=account_of)

    def sealed(
        self, validators: int = 4, signers: int | None = None, round_number: int = 0, **changes: bytes
    ) -> tuple[dict[str, bytes], list[bytes]]:
        """A header sealed by as many validators as are needed, and the set."""
        listed = [account_of(key) for key in self.KEYS[:validators]]
        fields = fields_of("four-validators") | {"miner": listed[0]} | changes
        count = qbft.quorum(validators) if signers is None else signers
        seal(fields, self.KEYS[:count], listed=listed, round_number=round_number)
        return fields, listed

    def reason(self, fields: dict[str, bytes], trusted: list[bytes]) -> str:
        """Why a header is refused."""
        with pytest.raises(ChainProofError) as refused:
            qbft.verify_seals(fields, trusted)
        assert refused.value.fields["step"] == 8
        return str(refused.value.fields["reason"])

    @pytest.mark.parametrize("validators", range(1, 8))
    def test_needs_two_thirds(self, validators: int) -> None:
        needed = -(-2 * validators // 3)
        for signers in range(validators + 1):
            fields, trusted = self.sealed(validators, signers)
            if signers >= needed:
                assert len(qbft.verify_seals(fields, trusted).signers) == signers
            else:
                assert self.reason(fields, trusted) == "too-few-seals"

    @pytest.mark.parametrize("round_number", [0, 1, 127, 128, 255, 256, 2**32 - 1])
    def test_reads_any_round(self, round_number: int) -> None:
        assert qbft.verify_seals(*self.sealed(round_number=round_number)).round == round_number

    @pytest.mark.parametrize("more", [[], [b""], [b"", bytes(32)], [b"", bytes(32), b"", b"", bytes(32)]])
    def test_reads_headers_of_later_forks(self, more: list[bytes]) -> None:
        """Fields after the nonce are under both hashes: 15, 16, 17 and 20 of them."""
        names = [name for name, _ in chainproof.HEADER_FIELDS[15 : 15 + len(more)]]
        plain, _ = self.sealed()
        fields, trusted = self.sealed(**dict(zip(names, more, strict=True)))
        assert len(qbft.verify_seals(fields, trusted).signers) == 3
        assert (chainproof.header_hash(fields) == chainproof.header_hash(plain)) is (not more)
        for name in names:
            changed = b"\x01" if fields[name] == b"" else bytes([1]) + fields[name][1:]
            assert self.reason(fields | {name: changed}, trusted) == "seal-stranger"

    def test_refuses_what_is_not_marked(self) -> None:
        fields, trusted = self.sealed(mixHash=bytes(32))
        assert self.reason(fields, trusted) == "mix-hash"

    @pytest.mark.parametrize("difficulty", [b"", b"\x02", b"\x01\x00"])
    def test_refuses_another_difficulty(self, difficulty: bytes) -> None:
        fields, trusted = self.sealed(difficulty=difficulty)
        assert self.reason(fields, trusted) == "difficulty"

    def test_refuses_a_proposer_without_a_seat(self) -> None:
        fields, trusted = self.sealed(miner=account_of(self.KEYS[5]))
        assert self.reason(fields, trusted) == "proposer"

    def test_refuses_validators_that_are_not_the_trusted_ones(self) -> None:
        """A forger's own set with a perfect quorum of its own."""
        fields, listed = self.sealed()
        assert self.reason(fields, [*listed[:3], account_of(self.KEYS[6])]) == "validators"
        assert self.reason(fields, listed[:3]) == "validators"
        seal(fields, self.KEYS[:3], listed=listed[::-1])
        assert self.reason(fields, listed) == "validators"
        seal(fields, self.KEYS[:3], listed=[])  # validators chosen by contract
        assert self.reason(fields, listed) == "validators"

    def test_refuses_a_strangers_seal(self) -> None:
        fields, listed = self.sealed()
        seal(fields, [*self.KEYS[:3], self.KEYS[6]], listed=listed)
        assert self.reason(fields, listed) == "seal-stranger"

    def test_refuses_a_doubled_seal(self) -> None:
        fields, listed = self.sealed()
        seal(fields, [*self.KEYS[:3], self.KEYS[0]], listed=listed)
        assert self.reason(fields, listed) == "seal-twice"

    def test_refuses_one_signer_with_two_signatures(self) -> None:
        """ECDSA lets anybody turn (r, s, v) into (r, -s, 1 - v): another signature, the same signer."""
        fields, listed = self.sealed(signers=2)
        items = rlp.decode(fields["extraData"])
        first = items[4][0]
        order = 2 * HALF_ORDER + 1
        mirrored = first[:32] + (order - int.from_bytes(first[32:64], "big")).to_bytes(32, "big")
        items[4] = [*items[4], mirrored + bytes([1 - first[64]])]
        assert self.reason(fields | {"extraData": rlp.encode(items)}, listed) == "seal-twice"

    def test_accepts_a_high_s(self) -> None:
        """Besu has no low-s rule for seals."""
        fields, listed = self.sealed()
        items = rlp.decode(fields["extraData"])
        order = 2 * HALF_ORDER + 1
        items[4] = [
            each[:32] + (order - int.from_bytes(each[32:64], "big")).to_bytes(32, "big") + bytes([1 - each[64]])
            for each in items[4]
        ]
        assert len(qbft.verify_seals(fields | {"extraData": rlp.encode(items)}, listed).signers) == 3

    @pytest.mark.parametrize(
        "broken",
        [
            lambda one: one[:64] + b"\x02",
            lambda one: one[:64] + b"\x1b",
            lambda one: one[:64],
            lambda one: one + b"\x00",
            lambda one: bytes(32) + one[32:],
            lambda one: one[:32] + bytes(32) + one[64:],
            lambda one: b"\xff" * 32 + one[32:],
            lambda _: b"",
        ],
    )
    def test_refuses_malformed_seals(self, broken: Any) -> None:
        fields, listed = self.sealed()
        items = rlp.decode(fields["extraData"])
        items[4] = [broken(items[4][0]), *items[4][1:]]
        assert self.reason(fields | {"extraData": rlp.encode(items)}, listed) == "seal"

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda i: [*i, b""], "extra-data"),
            (lambda i: i[:4], "extra-data"),
            (lambda i: [*i[:2], *i[3:]], "extra-data"),
            (lambda i: [bytes(31), *i[1:]], "vanity"),
            (lambda i: [bytes(33), *i[1:]], "vanity"),
            (lambda i: [[], *i[1:]], "rlp"),
            (lambda i: [i[0], b"", *i[2:]], "rlp"),
            (lambda i: [i[0], [each[1:] for each in i[1]], *i[2:]], "validators"),
            (lambda i: [*i[:2], b"", *i[3:]], "rlp"),
            (lambda i: [*i[:2], [bytes(20)], *i[3:]], "vote"),
            (lambda i: [*i[:2], [bytes(20), b"\xfe"], *i[3:]], "vote"),
            (lambda i: [*i[:2], [bytes(20), b"\x00"], *i[3:]], "vote"),  # the drop vote of IBFT 2
            (lambda i: [*i[:2], [bytes(19), b"\xff"], *i[3:]], "vote"),
            (lambda i: [*i[:2], [bytes(20), b"\xff", b""], *i[3:]], "vote"),
            (lambda i: [*i[:3], b"\x00", i[4]], "round"),
            (lambda i: [*i[:3], bytes(4), i[4]], "round"),  # the round of IBFT 2
            (lambda i: [*i[:3], b"\x00\x01", i[4]], "round"),
            (lambda i: [*i[:3], b"\x01" + bytes(4), i[4]], "round"),
            (lambda i: [*i[:3], [], i[4]], "rlp"),
            (lambda i: [*i[:4], b""], "rlp"),
        ],
    )
    def test_refuses_malformed_extra_data(self, change: Any, reason: str) -> None:
        fields, listed = self.sealed()
        changed = rlp.encode(change(rlp.decode(fields["extraData"])))
        assert self.reason(fields | {"extraData": changed}, listed) == reason

    def test_refuses_other_encodings_of_the_same(self) -> None:
        fields, listed = self.sealed()
        raw = fields["extraData"]
        assert raw[:1] == b"\xf9"
        for other in (raw + b"\x00", raw[:-1], b"\xfa\x00" + raw[1:], b"", b"\x80", b"\xc0", b"\xf9\x01"):
            assert self.reason(fields | {"extraData": other}, listed) in {"rlp", "extra-data"}
        long_round = raw.replace(b"\xc0\x80\xf8", b"\xc0\x81\x00\xf8", 1)  # 0 as a byte, without mending the lengths
        assert long_round != raw
        assert self.reason(fields | {"extraData": long_round}, listed) == "rlp"

    @given(st.binary(max_size=300))
    def test_raises_nothing_else(self, raw: bytes) -> None:
        with pytest.raises(ChainProofError):
            qbft.ExtraData.parse(raw)
        with pytest.raises(ChainProofError):
            qbft.block_hash([bytes(32)] * 12 + [raw, b"", b""], 3)


class TestExtraData:
    """`ExtraData`."""

    def test_reads_besus_own_example(self) -> None:
        """The values and the encoding of Besu's QbftExtraDataCodecTest (tests/vectors/qbft/README.md)."""
        one, two = (number.to_bytes(20, "big") for number in (1, 2))
        seals = [r.to_bytes(32, "big") + s.to_bytes(32, "big") + b"\x00" for r, s in ((1, 10), (10, 1))]
        raw = rlp.encode([bytes(range(1, 33)), [one, two], [one, b"\xff"], bytes.fromhex("fedcba"), seals])
        assert sha256(raw).hexdigest() == "c8202b0928f86ebd6d78530912098d270fc91a174cb5da87894078c13a1733f7"
        extra = qbft.ExtraData.parse(raw)
        assert (extra.validators, extra.round, extra.seals) == ((one, two), 0xFEDCBA, tuple(seals))


class TestHistory:
    """`validators_at`, `history_of`, `ValidatorSet`."""

    def test_the_newest_set_not_above_the_height_holds(self) -> None:
        heights = [each.from_block for each in HISTORY]
        for number, expected in ((0, 0), (heights[1] - 1, 0), (heights[1], 1), (heights[2], 2), (10**9, 2)):
            assert qbft.validators_at(HISTORY, number) == HISTORY[expected].validators

    def test_refuses_a_height_before_the_first(self) -> None:
        with pytest.raises(ChainProofError, match="no-validators"):
            qbft.validators_at(HISTORY[1:], HISTORY[1].from_block - 1)
        section = SECTIONS["four-validators"]
        with pytest.raises(ChainProofError, match="no-validators"):
            chainproof.verify(
                section["section"],
                identity(qbft=HISTORY[1:]),
                log=chainproof.log_id(RECORDED["log"]),
                size=section["size"],
                root=bytes.fromhex(section["root"]),
            )

    def test_survives_json(self) -> None:
        assert qbft.history_of([each.to_json() for each in HISTORY]) == HISTORY

    @pytest.mark.parametrize(
        "change",
        [
            lambda h: [],
            lambda h: {},
            lambda h: h[::-1],
            lambda h: [h[0], h[0]],
            lambda h: [{**h[0], "more": 1}],
            lambda h: [{"from_block": 0}],
            lambda h: [[]],
            lambda h: [{**h[0], "from_block": -1}],
            lambda h: [{**h[0], "from_block": True}],
            lambda h: [{**h[0], "from_block": "0"}],
            lambda h: [{**h[0], "validators": []}],
            lambda h: [{**h[0], "validators": h[0]["validators"][::-1]}],
            lambda h: [{**h[0], "validators": [h[0]["validators"][0]] * 4}],
            lambda h: [{**h[0], "validators": [each.upper() for each in h[0]["validators"]]}],
            lambda h: [{**h[0], "validators": [each[2:] for each in h[0]["validators"]]}],
            lambda h: [{**h[0], "validators": [each + "00" for each in h[0]["validators"]]}],
            lambda h: [{**h[0], "validators": [0]}],
            lambda h: [{**h[0], "validators": ["0x" + number.to_bytes(20, "big").hex() for number in range(257)]}],
        ],
    )
    def test_refuses_what_could_count_one_twice_or_mean_two_things(self, change: Any) -> None:
        with pytest.raises(TrustFileError):
            qbft.history_of(change([each.to_json() for each in HISTORY]))

    def test_the_history_is_no_part_of_which_chain_it_is(self) -> None:
        assert identity(qbft=None) == identity()
        assert identity(chain_id=1) != identity()


class TestFinality:
    """What a verifier says about the block."""

    def test_without_a_history_nothing_is_proven(self) -> None:
        """A trust file that says "no seals" does not make seals count."""
        kept = SECTIONS["four-validators"]
        proven = chainproof.verify(
            kept["section"],
            identity(qbft=None),
            log=chainproof.log_id(RECORDED["log"]),
            size=kept["size"],
            root=bytes.fromhex(kept["root"]),
        )
        assert proven.seals is None
        assert proven.finality == chainproof.FINALITY_NOT_PROVEN
