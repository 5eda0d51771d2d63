"""The whole embedded stack of one data directory: database, objects, chain, and whatever is added on top.

The life of a data directory: lock it (or say who holds it), settle ports, make secrets once, start the three servers
together, make the object store sync, serve; at the end stop the last started first. The lock is inherited by every
process, so it is free only when none is left: two supervisors can never work on one directory, not even when one was
killed and its servers are still ending.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from api.stack.addresses import PortBook
from api.stack.chain import Chain
from api.stack.errors import StackBusyError, StackDownError
from api.stack.keeper import Keeper
from api.stack.keyring import Keyring
from api.stack.model import Parts, Process, Site
from api.stack.postgres import Postgres
from api.stack.s3 import PORTS as S3_PORTS, REGION, S3

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from types import TracebackType

    from api.stack.model import Part

__all__ = ["NAMES", "Process", "Stack", "attach"]

LEFTOVER_SECONDS: Final = 20.0
"""How long to wait for the processes of a killed supervisor, which got their stop signal when it died."""

NAMES: Final = ("postgres", "s3", "chain")
"""The servers, in the order of starting."""


class Stack:
    """Real PostgreSQL, S3 and chain as child processes.

    Args:
        data_dir: everything is kept below it; made when missing. Not to be shared between machines.
        hardened: close the object store's back doors; False only to measure what closing costs.
    """

    def __init__(self, data_dir: Path, *, hardened: bool = True) -> None:
        self._data_dir = data_dir.resolve()
        self._hardened = hardened
        self._lock: int | None = None
        self._keeper: Keeper | None = None
        self._servers: _Servers | None = None
        self._up = False

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    def up(self, timeout: float = 60.0, only: Collection[str] = NAMES) -> Parts:
        """Start everything and wait until it serves.

        Args:
            timeout: seconds for the servers together.
            only: names of the servers needed ("postgres", "s3", "chain"), for tools that look at data at rest.

        Raises:
            StackBusyError: another supervisor has this directory.
            PartMissingError: a server is not installed.
            PartFailedError: a server does not start; its last output is in the error.
        """
        if self._up:
            return self.parts
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._lock = _take_lock(self._data_dir)
        try:
            servers = self._servers = _Servers.of(self._data_dir, settle=True, hardened=self._hardened)
            if "postgres" in only:
                servers.postgres.initialise()
            self._keeper = Keeper(self._data_dir / "log", keep_fds=(self._lock,))
            self._keeper.start([part for part in servers.in_order() if part.name in only], timeout)
            if "postgres" in only:
                servers.postgres.settle()
            if "chain" in only:
                servers.chain.start_keeping()
            if "s3" in only:
                servers.s3.require_fsync()
        except BaseException:
            self.down()
            raise
        self._up = True
        return self.parts

    def add(self, part: Part, timeout: float = 60.0) -> None:
        """Start one more process under the same supervisor and wait until it is ready; it stops before the others.

        Raises:
            PartFailedError: it does not start.
        """
        self._running.start([part], timeout)

    def check(self) -> None:
        """Make sure that the parts are still watched; dead ones are brought back without being asked.

        Raises:
            PartFailedError: the watching thread has ended.
        """
        self._running.check()

    def down(self) -> None:
        """Stop everything, in reverse order of starting. Safe to call twice."""
        keeper, servers, lock = self._keeper, self._servers, self._lock
        self._keeper = self._servers = self._lock = None
        self._up = False
        if keeper is not None:
            keeper.stop()
        if servers is not None:
            servers.close()
        if lock is not None:
            os.close(lock)

    @property
    def parts(self) -> Parts:
        """Addresses and run-time credentials."""
        return self.site.parts

    @property
    def site(self) -> Site:
        """Everything an administrator may know about the running stack."""
        return self._known.site(self._data_dir)

    @property
    def pids(self) -> dict[str, int]:
        """Process id by part name, of the parts that run now."""
        return self._running.pids()

    @property
    def restarts(self) -> dict[str, int]:
        """How often each part was brought back."""
        return self._running.restarts()

    def wait_restarted(self, name: str, restarts: int, timeout: float = 30.0) -> bool:
        """Wait until a part was brought back at least so many times and serves again; False when time is up."""
        return self._running.wait_ready(name, restarts, timeout)

    def create_bucket(self, name: str) -> None:
        """Make a bucket with Object Lock, as the admin identity, unless it is there."""
        self._known.s3.create_bucket(name)

    @property
    def _running(self) -> Keeper:
        if self._keeper is None:
            raise StackDownError(data_dir=str(self._data_dir))
        return self._keeper

    @property
    def _known(self) -> _Servers:
        if self._servers is None:
            raise StackDownError(data_dir=str(self._data_dir))
        return self._servers


@dataclass(frozen=True, slots=True)
class _Servers:
    """The three servers of a data directory, running or not."""

    postgres: Postgres
    s3: S3
    chain: Chain

    @classmethod
    def of(cls, data_dir: Path, *, settle: bool, hardened: bool = True) -> _Servers:
        """Make them from what the directory remembers; with `settle`, choose what it does not remember yet."""
        book = PortBook(data_dir / "stack.json")
        ports = book.settle(("postgres", *S3_PORTS, "chain")) if settle else book.read()
        keyring = Keyring(data_dir / "secrets")
        held = keyring.slot("postgres", lambda: {"user": "postgres", "password": secrets.token_hex(24)})
        node = keyring.slot("postgres-node", lambda: {"user": "cailian", "password": secrets.token_hex(24)})
        return cls(
            Postgres(data_dir / "postgres", ports["postgres"], held["password"], node["password"]),
            S3(data_dir / "s3", ports, keyring, hardened=hardened),
            Chain(data_dir / "chain", ports["chain"]),
        )

    def in_order(self) -> tuple[Part, ...]:
        """In the order of starting."""
        return self.postgres, self.s3, self.chain

    def site(self, data_dir: Path) -> Site:
        """What an administrator may know."""
        parts = Parts(
            database_url=self.postgres.url,
            s3_endpoint=self.s3.endpoint,
            s3_access_key=self.s3.node.access_key,
            s3_secret_key=self.s3.node.secret_key,
            s3_region=REGION,
            chain_url=self.chain.url,
        )
        return Site(parts, self.postgres.admin_url, self.s3.admin, self.s3.doors, data_dir)

    def close(self) -> None:
        """Close our own clients of them."""
        self.chain.close()
        self.s3.close()


def attach(data_dir: Path) -> Site | None:
    """Addresses of a stack that another process keeps up, or None when none runs on this directory.

    Args:
        data_dir: as given to `Stack`.
    """
    data_dir = data_dir.resolve()
    try:
        lock = os.open(data_dir / "stack.lock", os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        if "chain" not in PortBook(data_dir / "stack.json").read():
            return None  # its very first start is still under way
        servers = _Servers.of(data_dir, settle=False)
        servers.close()
        return servers.site(data_dir)
    else:
        return None
    finally:
        os.close(lock)


def _take_lock(data_dir: Path) -> int:
    """Lock the directory; wait for the servers of a killed supervisor, refuse a living one.

    Returns:
        The descriptor that holds the lock, to be inherited by every process of the stack.

    Raises:
        StackBusyError: a living supervisor, or processes that do not end, hold it.
    """
    lock = os.open(data_dir / "stack.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LEFTOVER_SECONDS
    pause = threading.Event()
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = int(os.pread(lock, 20, 0) or b"0")
            if _is_alive(holder) or time.monotonic() >= deadline:
                os.close(lock)
                raise StackBusyError(data_dir=str(data_dir), pid=holder) from None
            pause.wait(0.05)
        else:
            break
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def _is_alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
