"""Every file of the corpus as bytes."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ledger.note import NoteVerifier, key_id
from tests.ledger.corpus import chains, consents, derived, form, good, licences, proofs, real, records, refusals
from tests.ledger.corpus.case import changed, encode, flip_hex, put
from tests.ledger.corpus.licencelog import ANSWER, COPY, DATA, LICENCE, OFD
from tests.ledger.corpus.logs import signer
from tests.ledger.corpus.world import CITY, DISTRICT, EMPTY, LEASE, OTHER, World

if TYPE_CHECKING:
    from tests.ledger.corpus.case import Case


_MODULES: Final = (good, form, records, proofs, licences, derived, consents, refusals, chains, real)


def files() -> dict[str, bytes]:
    """Name and content of every file, expected.json included.

    Raises:
        ValueError: two cases have one name.
    """
    world = World()
    cases: list[Case] = [case for module in _MODULES for case in module.cases(world)]
    names = [case.name for case in cases]
    if len(set(names)) != len(names):
        raise ValueError(sorted(name for name in names if names.count(name) > 1))
    made = {f"{case.name}.cailian.json": case.content for case in cases}
    made |= {f"documents/{name}.txt": content for name, content in documents().items()}
    good_trust, bad_trust = trusts(world), bad_trusts(world)
    made |= {f"{name}.json": encode(value) for name, value in good_trust.items()}
    made |= {f"{name}.json": value for name, value in bad_trust.items()}
    manifest = {
        "format": "cailian-bundle-corpus",
        "version": 1,
        "runs": [run.as_json(case.name) for case in sorted(cases, key=lambda case: case.name) for run in case.runs],
        "trust_files": [
            *({"trust": f"{name}.json", "accepted": True} for name in sorted(good_trust)),
            *({"trust": f"{name}.json", "accepted": False} for name in sorted(bad_trust)),
        ],
    }
    made["expected.json"] = (json.dumps(manifest, indent=1) + "\n").encode()
    return made


def documents() -> dict[str, bytes]:
    """Documents that runs are given."""
    return {
        "lease": LEASE,
        "other": OTHER,
        "empty": EMPTY,
        "lease-cut": LEASE[:-1],
        "lease-longer": LEASE + b"\0",
        "lease-flipped": bytes([LEASE[0] ^ 1]) + LEASE[1:],
        "licence": LICENCE,
        "licence-flipped": LICENCE[:-1] + bytes([LICENCE[-1] ^ 1]),
        "licence-ofd": OFD,
        "licence-ofd-flipped": OFD[:-1] + bytes([OFD[-1] ^ 1]),
        "copy": COPY,
        "copy-flipped": COPY[:-1] + bytes([COPY[-1] ^ 1]),
        "data": DATA,
        "data-flipped": DATA[:-1] + bytes([DATA[-1] ^ 1]),
        "answer": ANSWER,
    }


def trusts(world: World) -> dict[str, Any]:
    """Trust files that are whole, by name."""
    base, chain = world.trust(), world.trust()["chain"]
    city = {"vkey": signer(CITY).vkey}
    new = {"vkey": signer(CITY, " second").vkey}

    def with_logs(*logs: dict[str, Any]) -> Any:
        return put(base, list(logs), "logs")

    def with_history(*sets: tuple[int, list[bytes]]) -> Any:
        history = [
            {"from_block": height, "validators": ["0x" + each.hex() for each in accounts]} for height, accounts in sets
        ]
        return put(base, history, "chain", "qbft")

    four, fifth = chains.validators(), chains.account_of(chains.KEYS[4])
    block = int(world.chain_section()["header"]["number"], 16)
    return {
        "trust": base,
        "trust-no-chain": put(base, None, "chain"),
        "trust-no-witnesses": put(base, {"quorum": 0, "vkeys": []}, "witnesses"),
        "trust-quorum-3": put(base, 3, "witnesses", "quorum"),
        "trust-rotated": with_logs(city | {"until_size": world.size}, new),
        "trust-frozen": with_logs(city | {"until_size": world.size}),
        "trust-retired-before": with_logs(city | {"until_size": world.size - 1}, new),
        "trust-other-key": with_logs({"vkey": signer(CITY, " other").vkey}),
        "trust-other-log": with_logs({"vkey": signer("log.example/other").vkey}),
        "trust-district-only": with_logs({"vkey": signer(DISTRICT).vkey}),
        "trust-other-chain-id": put(base, chain["chain_id"] + 1, "chain", "chain_id"),
        "trust-other-genesis": put(base, flip_hex(chain["genesis_hash"]), "chain", "genesis_hash"),
        "trust-other-contract": put(base, flip_hex(chain["anchor"]), "chain", "anchor"),
        "trust-other-code": put(base, flip_hex(chain["code_hash"]), "chain", "code_hash"),
        "trust-qbft-real": real.trust(base),
        "trust-qbft": with_history((0, four)),
        "trust-qbft-second-set": with_history((0, [fifth]), (block, four), (block + 1, [fifth])),
        "trust-qbft-others": with_history((0, sorted([*four[:3], fifth]))),
        "trust-qbft-later": with_history((block + 1, four)),
        **consents.trusts(base),
    }


def bad_trusts(world: World) -> dict[str, bytes]:
    """Trust files that must be refused, named by their defect."""
    base = world.trust()
    key, witness = base["logs"][0]["vkey"], base["witnesses"]["vkeys"][0]
    four = ["0x" + each.hex() for each in chains.validators()]
    text = json.dumps(base)
    history = ("chain", "qbft")
    values = {
        "version-0": put(base, 0, "version"),
        "version-2": put(base, 2, "version"),
        "format": put(base, "cailian-evidence", "format"),
        "unknown-member": put(base, 1, "more"),
        "no-logs": put(base, [], "logs"),
        "log-is-a-witness": put(base, witness, "logs", 0, "vkey"),
        "log-key-twice": changed(base, lambda made: made["logs"].append({"vkey": key, "until_size": 5})),
        "two-current-keys": changed(base, lambda made: made["logs"].append({"vkey": signer(CITY, " second").vkey})),
        "until-size-negative": put(base, -1, "logs", 0, "until_size"),
        "until-size-null": put(base, None, "logs", 0, "until_size"),
        "vkey-with-another-id": put(base, flip_hex(key, key.index("+") + 1), "logs", 0, "vkey"),
        "vkey-of-an-unknown-type": put(base, _of_type(6), "logs", 0, "vkey"),
        "quorum-beyond-the-witnesses": put(base, 4, "witnesses", "quorum"),
        "quorum-negative": put(base, -1, "witnesses", "quorum"),
        "quorum-true": put(base, True, "witnesses", "quorum"),
        "witness-twice": put(base, [witness, witness], "witnesses", "vkeys"),
        "witness-twice-under-two-names": put(base, [witness, _renamed(witness)], "witnesses", "vkeys"),
        "witness-is-a-log": put(base, [key] * 2, "witnesses", "vkeys"),
        "chain-without-qbft": changed(base, lambda made: made["chain"].pop("qbft")),
        "chain-id-zero": put(base, 0, "chain", "chain_id"),
        "address-of-19": put(base, "0x" + "11" * 19, "chain", "anchor"),
        "address-with-space": put(base, "0x" + " 11" * 13 + " ", "chain", "anchor"),
        "hash-in-capitals": put(base, "0x" + "AB" * 32, "chain", "genesis_hash"),
        "qbft-empty": put(base, [], *history),
        "qbft-no-validators": put(base, [{"from_block": 0, "validators": []}], *history),
        "qbft-validators-descending": put(base, [{"from_block": 0, "validators": four[::-1]}], *history),
        "qbft-validator-twice": put(base, [{"from_block": 0, "validators": [four[0], four[0]]}], *history),
        "qbft-heights-equal": put(base, [{"from_block": 5, "validators": four}] * 2, *history),
        "qbft-height-negative": put(base, [{"from_block": -1, "validators": four}], *history),
        **consents.bad_trusts(base),
    }
    raw = {
        "duplicate-key": text.replace('"version": 1', '"version": 1, "version": 1', 1).encode(),
        "float": text.replace('"version": 1', '"version": 1.0', 1).encode(),
        "truncated": text[:-1].encode(),
    }
    encoded = {name: encode(value) for name, value in values.items()}
    return {f"bad-trust-{name}": value for name, value in (encoded | raw).items()}


def _of_type(kind: int) -> str:
    """A verifier key of a signature type that we do not know."""
    name, raw = "log.example/type", bytes(32)
    return f"{name}+{key_id(name, raw, bytes([kind])).hex()}+{b64encode(bytes([kind]) + raw).decode()}"


def _renamed(vkey: str) -> str:
    """The same witness key under another name."""
    return replace(NoteVerifier.parse(vkey), name="witness.example/again").vkey
