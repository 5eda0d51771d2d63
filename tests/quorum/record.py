"""Records what a running QBFT chain says, as vectors: headers, proofs and validator sets of one life of a chain.

    CAILIAN_QUORUM_GETH=/opt/quorum/geth python -m tests.quorum.record

Four validators make blocks; two checkpoints are anchored; a fifth validator is voted in; one fails, so that rounds above 0
occur; it is voted out. Keys, and so all hashes and signatures, are new at each run.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger import chainproof, qbft
from ledger.chain import Chain
from tests.ledger.chains import member_accounts, settle
from tests.ledger.corpus.logs import real_log
from tests.quorum.validators import EXECUTABLE, Validators

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.quorum.validators import Validator

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors" / "qbft"
LOG = chainproof.log_id(real_log().origin)
EVM_VERSION = "berlin"
"""GoQuorum is a fork of geth 1.10.3, which knows no later one."""


def older_artefacts(folder: Path) -> Path:
    """Compile our contracts for the node's EVM."""
    command = ["node", str(Path(__file__).parent / "compile.mjs"), EVM_VERSION]
    compiled = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for name, artefact in compiled.items():
        (folder / f"{name}.json").write_text(json.dumps(artefact))
    return folder


class Recorder:
    """One chain and what was kept of it."""

    def __init__(self, chain: Validators, artefacts: Path) -> None:
        self.chain = chain
        self.member = secrets.token_bytes(32)
        self.node = chain.seats[0]
        self.client = Chain(self.node.url, secrets.token_bytes(32), artefacts=artefacts)
        self.log = real_log()
        self.size = 0
        self.sections: list[dict[str, Any]] = []
        self.headers: list[dict[str, Any]] = []

    def set_up(self) -> None:
        """Deploy the contracts and register the log."""
        self.client.deploy(member_accounts([self.member]), 1)
        self.client.register_log(LOG, b"\x07" * 32, [self.member])

    def anchor(self, size: int) -> None:
        """Anchor a tree."""
        proof = self.log.consistency(self.size, size) if self.size else []
        arguments = (LOG, self.size, size, self.log.root(size), proof, self.client.nonce())
        settle(self.client, self.client.build_anchor_tx(*arguments))
        self.size = size

    def keep_section(self, name: str, wanted: Callable[[qbft.ExtraData], bool] = lambda _: True) -> None:
        """Keep a proof of the newest anchor under the next block that is as wanted."""
        height = self.find(self.node.height(), wanted)
        proof = self.client.proof_of(LOG, hex(height))
        root = self.log.root(self.size)
        self.sections.append({"name": name, "size": self.size, "root": root.hex(), "section": proof.section})
        self.keep_header(name, height)

    def keep_header(self, name: str, height: int) -> None:
        """Keep a header with the hash that the node gives its block."""
        block = self.node.call("eth_getBlockByNumber", hex(height), False)
        fields = {field: block[field] for field, _ in chainproof.HEADER_FIELDS if field in block}
        self.headers.append({"name": name, "hash": block["hash"], "header": fields})

    def find(self, start: int, wanted: Callable[[qbft.ExtraData], bool]) -> int:
        """The first block from a height on whose extra data is as wanted; waits for it."""
        height = start
        while not wanted(self.extra(height)):
            height += 1
            self.chain.until(lambda: self.node.height() >= height)  # noqa: B023 -- called before the next turn
        return height

    def extra(self, height: int) -> qbft.ExtraData:
        """Extra data of a block."""
        block = self.node.call("eth_getBlockByNumber", hex(height), False)
        return qbft.ExtraData.parse(bytes.fromhex(block["extraData"][2:]))

    def vote(self, candidate: Validator, *, admit: bool) -> tuple[int, int]:
        """Have all that run vote; heights of the first block with a vote and of the first with the new set."""
        start = self.node.height()
        for node in self.chain.nodes:
            if node.process is not None and node is not candidate:
                node.call("istanbul_propose", "0x" + candidate.address.hex(), admit)
        voted = self.find(start, lambda extra: extra.items[2] != b"\xc0")
        changed = self.find(voted, lambda extra: (candidate.address in extra.validators) is admit)
        for node in self.chain.nodes:
            if node.process is not None:
                node.call("istanbul_discard", "0x" + candidate.address.hex())
        return voted, changed


def record(recorder: Recorder) -> dict[str, Any]:
    """The life of the chain."""
    chain, node = recorder.chain, recorder.node
    recorder.set_up()
    recorder.anchor(5)
    recorder.keep_section("four-validators")
    recorder.anchor(9)
    recorder.keep_section("four-validators-second-anchor")
    recorder.keep_header("genesis", 0)
    fifth = chain.nodes[4]
    voted, changed = recorder.vote(fifth, admit=True)
    for name, height in (("vote-add", voted), ("last-of-four", changed - 1), ("first-of-five", changed)):
        recorder.keep_header(name, height)
    recorder.anchor(300)
    recorder.keep_section("five-validators")
    failed = chain.nodes[3]
    failed.stop()
    recorder.keep_section("five-validators-one-down-round-above-0", lambda extra: extra.round > 0)
    voted, changed = recorder.vote(failed, admit=False)
    for name, height in (("vote-drop", voted), ("first-of-four-again", changed)):
        recorder.keep_header(name, height)
    recorder.anchor(301)
    recorder.keep_section("four-validators-again")
    identity = recorder.client.identity()
    history = recorder.client.validator_history()
    assert history is not None
    return {
        "origin": "recorded from a running chain by tests/quorum/record.py; see README.md",
        "client": node.call("web3_clientVersion"),
        "log": recorder.log.origin,
        "chain": {
            "chain_id": identity.chain_id,
            **{
                field: "0x" + getattr(identity, field).hex()
                for field in ("genesis_hash", "registry", "anchor", "code_hash")
            },
            "qbft": [each.to_json() for each in history],
        },
        "sections": recorder.sections,
        "headers": recorder.headers,
    }


def main() -> int:
    """Write the vectors."""
    executable = os.environ.get(EXECUTABLE)
    if not executable:
        sys.stderr.write(f"{EXECUTABLE} must name GoQuorum's geth\n")
        return 2
    artefacts = ROOT / "var" / "quorum"
    artefacts.mkdir(parents=True, exist_ok=True)
    with Validators(executable, candidates=1) as chain:
        recorded = record(Recorder(chain, older_artefacts(artefacts)))
    VECTORS.mkdir(parents=True, exist_ok=True)
    (VECTORS / "chain.json").write_text(json.dumps(recorded, indent=1) + "\n")
    sys.stdout.write(f"{len(recorded['sections'])} sections, {len(recorded['headers'])} headers\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
