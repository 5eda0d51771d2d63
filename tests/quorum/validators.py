"""Four validators of a QBFT chain on loopback, to be stopped and started one by one.

The node is GoQuorum, whose QBFT has the header rules of Besu's. `CAILIAN_QUORUM_GETH` names its `geth` executable; the
project neither brings nor builds it. Genesis block and keys are made on the spot, and everything ends with the block.

    CAILIAN_QUORUM_GETH=/opt/quorum/geth python -m tests.quorum.validators     # four nodes until interrupted
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx2
import rlp
from eth_keys import keys

from tests.ledger.chains import rpc

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

CHAIN_ID = 310199
EXECUTABLE = "CAILIAN_QUORUM_GETH"
MIX_HASH = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365"
_BLOCK_SECONDS = 1
_ROUND_SECONDS = 2
_FORKS = ("homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople", "petersburg", "istanbul", "berlin")


class Validator:
    """One node: its key, where it listens, and its process while it runs."""

    def __init__(self, home: Path, number: int) -> None:
        self.key = keys.PrivateKey(secrets.token_bytes(32))
        self.address: bytes = self.key.public_key.to_canonical_address()
        self.home = home / str(number)
        self.peer_port, self.rpc_port = free_ports(2)
        self.url = f"http://127.0.0.1:{self.rpc_port}"
        self.enode = f"enode://{self.key.public_key.to_hex()[2:]}@127.0.0.1:{self.peer_port}"
        self.process: subprocess.Popen[bytes] | None = None

    def prepare(self, executable: str, genesis: Path, enodes: Sequence[str]) -> None:
        """Write key, configuration and the genesis block."""
        (self.home / "geth").mkdir(parents=True)
        (self.home / "geth" / "nodekey").write_text(self.key.to_hex()[2:])
        others = json.dumps([enode for enode in enodes if enode != self.enode])
        (self.home / "config.toml").write_text(
            f'[Node]\nDataDir = "{self.home}"\nIPCPath = ""\nUseLightweightKDF = true\n'
            f'[Node.P2P]\nListenAddr = "127.0.0.1:{self.peer_port}"\nNoDiscovery = true\nStaticNodes = {others}\n'
        )
        command = [executable, "--datadir", str(self.home), "init", str(genesis)]
        subprocess.run(command, check=True, capture_output=True, env=self._environment())

    def start(self, executable: str) -> None:
        """Run the node; it catches up with the others by itself."""
        options = ["--config", self.home / "config.toml", "--networkid", CHAIN_ID, "--syncmode", "full", "--mine"]
        options += ["--nodiscover", "--nat", "none", "--netrestrict", "127.0.0.0/8", "--ipcdisable", "--cache", 64]
        options += ["--http", "--http.addr", "127.0.0.1", "--http.port", self.rpc_port, "--gcmode", "archive"]
        options += ["--http.api", "eth,net,web3,istanbul,debug,txpool", "--miner.gasprice", 0, "--verbosity", 3]
        with (self.home / "node.log").open("ab") as log:
            self.process = subprocess.Popen(
                [executable, *map(str, options)], stdout=log, stderr=log, env=self._environment()
            )

    def stop(self) -> None:
        """End the process as a crash would: nothing is written any more."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def call(self, method: str, *parameters: Any) -> Any:
        """One call of the node."""
        return rpc(self.url, method, *parameters)

    def height(self) -> int:
        """Number of the newest block; -1 while the node does not answer."""
        try:
            return int(self.call("eth_blockNumber"), 16)
        except httpx2.HTTPError:
            return -1

    def _environment(self) -> dict[str, str]:
        return {"HOME": str(self.home), "PATH": os.environ["PATH"], "PRIVATE_CONFIG": "ignore"}


class Validators:
    """A chain of validators, and candidates that run without a seat.

    Args:
        executable: `geth` of GoQuorum.
        seats: validators of the genesis block.
        candidates: further nodes.
    """

    def __init__(self, executable: str, seats: int = 4, candidates: int = 0) -> None:
        self._executable = executable
        self._scratch = tempfile.TemporaryDirectory(prefix="qbft-")
        home = Path(self._scratch.name)
        self.nodes = [Validator(home, number) for number in range(seats + candidates)]
        self.seats = self.nodes[:seats]
        genesis = home / "genesis.json"
        genesis.write_text(json.dumps(genesis_block([node.address for node in self.seats])))
        for node in self.nodes:
            node.prepare(executable, genesis, [each.enode for each in self.nodes])

    def __enter__(self) -> Self:
        """Start all and wait for the first blocks."""
        for node in self.nodes:
            node.start(self._executable)
        self.until(lambda: min(node.height() for node in self.nodes) >= 2)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop all and forget everything."""
        for node in self.nodes:
            node.stop()
        self._scratch.cleanup()

    def start(self, node: Validator) -> None:
        """Start a node again."""
        node.start(self._executable)

    def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Wait for a condition; a node that ended on its own, or no end in sight, is an error."""
        deadline = time.monotonic() + seconds
        while not condition():
            for node in self.nodes:
                if node.process is not None and node.process.poll() is not None:
                    raise RuntimeError(node.home.joinpath("node.log").read_text()[-2000:])
            if time.monotonic() > deadline:
                raise TimeoutError(self.seats[0].home.joinpath("node.log").read_text()[-2000:])
            threading.Event().wait(0.1)


def genesis_block(validators: Sequence[bytes]) -> dict[str, Any]:
    """The genesis file of a QBFT chain whose validators stand in the block header.

    Args:
        validators: their accounts, 20 bytes each.
    """
    extra = rlp.encode([bytes(32), sorted(validators), [], b"", []])
    qbft = {"epochlength": 30000, "blockperiodseconds": _BLOCK_SECONDS, "requesttimeoutseconds": _ROUND_SECONDS}
    config: dict[str, Any] = {"chainId": CHAIN_ID, "isQuorum": True, "qbft": {**qbft, "policy": 0, "ceil2Nby3Block": 0}}
    config |= {f"{fork}Block": 0 for fork in _FORKS}
    return {
        "config": config,
        "nonce": "0x0",
        "timestamp": "0x0",
        "gasLimit": "0x1c9c380",
        "difficulty": "0x1",
        "mixHash": MIX_HASH,
        "coinbase": "0x" + "00" * 20,
        "extraData": "0x" + extra.hex(),
        "alloc": {},
    }


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def main() -> int:
    """Run four validators until interrupted."""
    executable = os.environ.get(EXECUTABLE)
    if not executable:
        sys.stderr.write(f"{EXECUTABLE} must name GoQuorum's geth\n")
        return 2
    with Validators(executable) as chain:
        sys.stdout.write("".join(f"{node.url} 0x{node.address.hex()}\n" for node in chain.nodes))
        sys.stdout.flush()
        try:
            chain.until(lambda: False, float("inf"))
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
