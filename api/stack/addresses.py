"""Ports on 127.0.0.1: chosen free, remembered in `stack.json`, chosen anew when somebody else took one."""

from __future__ import annotations

import json
import random
import socket
from typing import TYPE_CHECKING, Final

from api.stack.errors import PortsExhaustedError
from api.stack.keyring import write_private

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HOST: Final = "127.0.0.1"
LOWEST: Final = 11000
HIGHEST: Final = 22700
"""Below the range from which Linux (32768) and macOS (49152) take ports of outgoing connections, which would take a
remembered port now and then; and low enough that a partner port 10,000 higher stays below it too."""

PARTNER_OFFSET: Final = 10000
"""The S3 server's maintenance worker looks for gRPC at the HTTP port plus 10,000 whatever the flags say (4.48)."""
_SPREAD: Final = random.SystemRandom()
"""Two stacks that start at once choose apart, whatever seeds the program around them."""


def is_free(port: int) -> bool:
    """Whether a server can listen on this port now."""
    with socket.socket() as probe:
        # Connections of a server that just ended linger; without this the port would look taken for a minute.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def is_listening(port: int) -> bool:
    """Whether somebody accepts connections on this port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


class PortBook:
    """The ports of one data directory.

    Args:
        path: the file that remembers them (`stack.json`).
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, int]:
        """Ports as last written; empty before the first start."""
        try:
            ports: dict[str, int] = json.loads(self._path.read_bytes())["ports"]
        except FileNotFoundError:
            return {}
        return ports

    def settle(self, names: Iterable[str]) -> dict[str, int]:
        """A free port for every name: the remembered one where nobody took it. `x.grpc` is `x` plus 10,000.

        Raises:
            PortsExhaustedError: no free port was found.
        """
        remembered, settled = self.read(), dict[str, int]()
        for name in names:
            if name.endswith(".grpc"):
                continue
            port = remembered.get(name)
            if port is None or port in settled.values() or not (is_free(port) and is_free(port + PARTNER_OFFSET)):
                port = self._choose(set(settled.values()) | set(remembered.values()))
            settled[name] = port
            settled[f"{name}.grpc"] = port + PARTNER_OFFSET
        write_private(self._path, json.dumps({"version": 1, "host": HOST, "ports": settled}, indent=1).encode())
        return settled

    def _choose(self, taken: set[int]) -> int:
        for _ in range(500):
            port = _SPREAD.randint(LOWEST, HIGHEST)
            if port not in taken and is_free(port) and is_free(port + PARTNER_OFFSET):
                return port
        raise PortsExhaustedError(lowest=LOWEST, highest=HIGHEST)
