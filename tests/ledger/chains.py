"""Chains for tests: a private node that may be reset, and a node that fails on command.

`Wire` stands between us and a real node. It fails a chosen call before it reaches the node (nothing happened) or after
(it happened, and we do not learn of it): the two ways in which every send can fail. It can also lie.
"""

from __future__ import annotations

import json
import socket
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from ledger.chain import Chain, address_of
from ledger.errors import ChainUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.chain import Receipt, Transaction

NODE_MODULES = Path(__file__).parents[2] / "contracts" / "node_modules"


class Wire:
    """A proxy before a node, with a fault to play once or for ever.

    Attributes:
        calls: methods called, in order.
        sent: signed transactions handed in, each once.
        forge: changes what the node answers, by method and parameters; None tells the truth.
    """

    def __init__(self, node_url: str) -> None:
        self.calls: list[str] = []
        self.sent: set[str] = set()
        self.forge: Callable[[str, list[Any], Any], Any] | None = None
        self._fault: tuple[str, int, str, bool] | None = None
        self._node = httpx2.Client(base_url=node_url, timeout=10)
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = wire.pass_on(body)
                if answer is None:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def fail(self, method: str = "", *, skip: int = 0, after: bool = False, always: bool = False) -> None:
        """Fail a call of a method (any by default), letting `skip` of them pass first."""
        self._fault = (method, skip, "after" if after else "before", always)

    def heal(self) -> None:
        """Fail nothing, and tell the truth."""
        self._fault = self.forge = None

    def pass_on(self, body: bytes) -> bytes | None:
        """What the node answers, None to cut the line."""
        call = json.loads(body)
        method = call["method"]
        self.calls.append(method)
        if method == "eth_sendRawTransaction":
            self.sent.add(call["params"][0])
        when = self._due(method)
        if when == "before":
            return None
        answer = self._node.post("", content=body, headers={"Content-Type": "application/json"}).content
        if self.forge is not None:
            content = json.loads(answer)
            answer = json.dumps(
                {**content, "result": self.forge(method, call["params"], content.get("result"))}
            ).encode()
        return None if when == "after" else answer

    def _due(self, method: str) -> str:
        if self._fault is None or self._fault[0] not in {"", method}:
            return ""
        wanted, skip, when, always = self._fault
        if skip:
            self._fault = (wanted, skip - 1, when, always)
            return ""
        if not always:
            self._fault = None
        return when

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._node.close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def private_node(port: int | None = None, *options: str) -> Iterator[str]:
    """A chain node of one's own, and its address."""
    port = port or free_port()
    binary = next((NODE_MODULES / "@foundry-rs").glob("anvil-*/bin/anvil"))
    command = [str(binary), "--port", str(port), "--gas-price", "0", "--base-fee", "0", "--silent", *options]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as home, subprocess.Popen(command, env={"HOME": home}) as process:
        try:
            chain = Chain(url, b"\x01" * 32)
            for _ in range(3000):
                try:
                    chain.nonce()
                    break
                except ChainUnavailableError:
                    threading.Event().wait(0.02)
            yield url
        finally:
            process.terminate()
            process.wait(10)


def rpc(url: str, method: str, *parameters: Any) -> Any:
    """One call of a node's own language, for what `Chain` has no business to do."""
    answer = httpx2.post(url, json={"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}).json()
    assert "error" not in answer, answer
    return answer["result"]


def anchored_sizes(chain: Chain, url: str, log_id: bytes) -> list[int]:
    """Sizes the contract ever announced for a log, in order: one for each anchor made."""
    logs = rpc(url, "eth_getLogs", {"fromBlock": "0x1", "toBlock": "latest", "address": "0x" + chain.anchor.hex()})
    return [
        int(log["topics"][2], 16) for log in logs if len(log["topics"]) == 3 and log["topics"][1] == "0x" + log_id.hex()
    ]


def settle(chain: Chain, transaction: Transaction) -> Receipt:
    """Send, and wait for the block: a node may answer from the state before it for a moment."""
    chain.send(transaction)
    receipt = chain.await_receipt(transaction.hash)
    assert receipt is not None
    return receipt


def member_accounts(keys: list[bytes]) -> list[bytes]:
    """Accounts of keys."""
    return [address_of(key) for key in keys]
