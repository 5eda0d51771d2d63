"""A development chain: `anvil` with free gas, its state written by us so that a crash leaves the old file or the new.

The node's own periodic dump is neither atomic nor small (PROTOCOLS 5.5). Ours holds blocks, transactions and the newest
state, about 1.4 kB a block; historical states would make it grow with the square of the blocks (22 MB instead of 2 at
600) and are not needed: proofs are kept with their anchors, and the contract keeps every root, so that any later block
proves it (DESIGN 4). What was mined within about the last second before a kill is lost; that is case C3 of RELIABILITY.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import platform
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import urllib3

from api.stack.addresses import HOST
from api.stack.errors import PartFailedError, PartMissingError
from api.stack.keyring import write_private
from api.stack.model import Command

if TYPE_CHECKING:
    from api.stack.model import StopPlan

_log = logging.getLogger(__name__)

CHAIN_ID: Final = 31337
"""The usual number of development chains; the genesis hash, different at every creation, tells two of them apart."""

HARDFORK: Final = "shanghai"
"""The last fork Besu's QBFT fixtures cover (LIBRARIES.md 4): the same rules on both chains."""

STATES_IN_MEMORY: Final = 128
"""Older states are dropped; by default the node writes each to its home, again with the square of the blocks."""

DUMP_INTERVAL_SECONDS: Final = 1.0
DUMP_SHARE: Final = 20.0
"""A dump that takes long is repeated more seldom: at most one twentieth of the time goes into dumping."""

_WITHOUT_TRANSACTIONS: Final = False

GZIP_MAGIC: Final = b"\x1f\x8b"


def binary() -> str:
    """The native program (the npm wrapper leaves it running when killed).

    Raises:
        PartMissingError: npm dependencies of `contracts/` are not installed, or there is no build for this machine.
    """
    system = {"linux": "linux", "darwin": "darwin"}.get(sys.platform, sys.platform)
    machine = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower(), platform.machine()
    )
    root = Path(__file__).resolve().parents[2]
    found = root / "contracts" / "node_modules" / "@foundry-rs" / f"anvil-{system}-{machine}" / "bin" / "anvil"
    if not found.exists():
        raise PartMissingError(part="chain", package=f"@foundry-rs/anvil-{system}-{machine}")
    return str(found)


class Chain:
    """The chain node of one data directory.

    Args:
        home: its directory; `state.json` below it is the chain.
        port: TCP port on 127.0.0.1.
    """

    name = "chain"
    stop_plan: StopPlan = ((signal.SIGINT, 15.0),)
    orphan_signal = signal.SIGINT

    def __init__(self, home: Path, port: int) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._home = home
        self._state = home / "state.json"
        self._port = port
        self._binary = binary()
        self._http = urllib3.PoolManager(retries=False, maxsize=2)
        self._dumping = threading.Lock()
        self._dumped_head = ""
        self._halt = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """JSON-RPC address."""
        return f"http://{HOST}:{self._port}"

    def command(self) -> Command:
        """Load the last state when there is one. The very first start makes a genesis block of its own time."""
        loaded = ("--load-state", str(self._state)) if self._state.exists() else ()
        return Command(
            (
                self._binary, "--host", HOST, "--port", str(self._port), "--chain-id", str(CHAIN_ID),
                "--hardfork", HARDFORK, "--gas-price", "0", "--base-fee", "0", "--no-cors", "--color", "never",
                "--prune-history", str(STATES_IN_MEMORY), *loaded,
            ),
            {"PATH": os.defpath, "HOME": str(self._home)},
            cwd=self._home,
        )  # fmt: skip

    def ready(self) -> bool:
        """The node answers."""
        try:
            self._call("eth_blockNumber", timeout=1.0)
        except (urllib3.exceptions.HTTPError, PartFailedError):
            return False
        return True

    def is_ill(self) -> bool:
        """Never: it ends when it cannot go on."""
        return False

    def before_stop(self) -> None:
        """Keep the newest blocks: the node itself forgets everything."""
        self.stop_keeping()
        try:
            self.keep()
        except (urllib3.exceptions.HTTPError, PartFailedError, OSError):
            _log.warning("chain state could not be written before the stop; the last written one stays")

    def after_exit(self) -> None:
        """The next process starts from the file."""
        self._dumped_head = ""

    def close(self) -> None:
        """End the writing thread and close the connections of our own client."""
        self.stop_keeping()
        self._http.clear()

    def start_keeping(self) -> None:
        """Write the state now, so that the genesis block is settled, and from then on after new blocks."""
        self.keep()
        self._halt.clear()
        self._thread = threading.Thread(target=self._keep_on, name="stack-chain-state", daemon=True)
        self._thread.start()

    def stop_keeping(self) -> None:
        """End the writing thread."""
        self._halt.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def keep(self) -> bool:
        """Write the state if the newest block changed since the last time. Returns whether it was written.

        Raises:
            PartFailedError: the node answered with an error or with something that is no state.
        """
        with self._dumping:
            head: str = self._call("eth_getBlockByNumber", "latest", _WITHOUT_TRANSACTIONS)["hash"]
            if head == self._dumped_head and self._state.exists():
                return False
            packed = bytes.fromhex(self._call("anvil_dumpState").removeprefix("0x"))
            state = gzip.decompress(packed) if packed.startswith(GZIP_MAGIC) else packed
            if not state.startswith(b"{") or not state.rstrip().endswith(b"}"):
                raise PartFailedError(part=self.name, step="dump", log="not a state")
            write_private(self._state, state)
            self._dumped_head = head
            return True

    def _keep_on(self) -> None:
        pause = DUMP_INTERVAL_SECONDS
        while not self._halt.wait(pause):
            begun = time.monotonic()
            try:
                self.keep()
            except (urllib3.exceptions.HTTPError, PartFailedError):
                pass  # the node is between two lives
            except OSError as error:
                _log.error("chain state could not be written: %s", error)
            pause = max(DUMP_INTERVAL_SECONDS, DUMP_SHARE * (time.monotonic() - begun))

    def _call(self, method: str, *params: object, timeout: float = 60.0) -> Any:
        answer = self._http.request(
            "POST",
            self.url,
            body=json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}),
            headers={"content-type": "application/json"},
            timeout=timeout,
        ).json()
        if "result" not in answer:
            raise PartFailedError(part=self.name, step=method, log=str(answer.get("error"))[:500])
        return answer["result"]
