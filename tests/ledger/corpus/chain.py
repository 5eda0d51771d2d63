"""Anchors the corpus's logs on a chain of one's own and keeps what it says, so that the corpus can be made without one.

    python -m tests.ledger.corpus.chain

Needed again only when the logs of `world` change. anvil, with fixed keys and a fixed first block time.
"""

from __future__ import annotations

import json
from hashlib import sha256

from ledger import chainproof
from ledger.chain import Chain
from tests.ledger.chains import member_accounts, private_node, rpc, settle
from tests.ledger.corpus.logs import START
from tests.ledger.corpus.world import FOLDER, World

MEMBER = sha256(b"cailian corpus member").digest()
OPERATOR = sha256(b"cailian corpus operator").digest()


def record() -> None:
    """Anchor, and write `chain.json`."""
    world = World()
    with private_node(None, "--timestamp", str(int(START.timestamp()))) as url:
        chain = Chain(url, OPERATOR)
        chain.deploy(member_accounts([MEMBER]), 1)
        anchors, sizes = [], dict.fromkeys((log.origin for log, _ in world.anchored()), 0)
        for origin in sizes:
            chain.register_log(chainproof.log_id(origin), b"\x07" * 32, [MEMBER])
        for log, size in world.anchored():
            name, old = chainproof.log_id(log.origin), sizes[log.origin]
            proof = log.consistency(old, size) if old else []
            settle(chain, chain.build_anchor_tx(name, old, size, log.root(size), proof, chain.nonce()))
            sizes[log.origin] = size
            rpc(url, "anvil_mine", "0x1")
        for log, size in world.anchored()[1:]:  # of the city only the newest is asked for: its older anchor is covered
            section = chain.proof_of(chainproof.log_id(log.origin)).section
            anchors.append({"origin": log.origin, "size": size, "root": log.root(size).hex(), "section": section})
        identity = chain.identity()
    names = ("genesis_hash", "registry", "anchor", "code_hash")
    held = {name: "0x" + getattr(identity, name).hex() for name in names}
    value = {"chain": {"chain_id": identity.chain_id, **held, "qbft": None}, "anchors": anchors}
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "chain.json").write_text(json.dumps(value, indent=1) + "\n")


if __name__ == "__main__":
    record()
