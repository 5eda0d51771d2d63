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
from typing import TYPE_CHECKING, Final, Self

from api.stack.addresses import PortBook
from api.stack.chain import Chain
from api.stack.errors import StackBusyError
from api.stack.keyring import Keyring
from api.stack.model import Parts
from api.stack.postgres import Postgres
from api.stack.s3 import PORTS as S3_PORTS
from api.stack.s3 import REGION, S3
from api.stack.supervisor import Supervisor

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from api.stack.model import Part, S3Doors, S3Identity

LEFTOVER_SECONDS: Final = 20.0
"""How long to wait for the processes of a killed supervisor, which got their stop signal when it died."""


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
        self._supervisor: Supervisor | None = None
        self._postgres: Postgres | None = None
        self._s3: S3 | None = None
        self._chain: Chain | None = None
        self._parts: Parts | None = None

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    def up(self, timeout: float = 60.0) -> Parts:
        """Start everything and wait until it serves.

        Args:
            timeout: seconds for the three servers together.

        Raises:
            StackBusyError: another supervisor has this directory.
            PartMissingError: a server is not installed.
            PartFailedError: a server does not start; its last output is in the error.
        """
        if self._parts is not None:
            return self._parts
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        try:
            return self._start(timeout)
        except BaseException:
            self.down()
            raise

    def add(self, part: Part, timeout: float = 60.0) -> None:
        """Start one more process under the same supervisor and wait until it is ready; it stops before the others.

        Raises:
            PartFailedError: it does not start.
        """
        self._running.start([part], timeout)

    def down(self) -> None:
        """Stop everything, in reverse order of starting. Safe to call twice."""
        supervisor, self._supervisor, self._parts = self._supervisor, None, None
        if supervisor is not None:
            supervisor.stop()
        if self._chain is not None:
            self._chain.stop_keeping()
            self._chain.close()
        if self._s3 is not None:
            self._s3.close()
        self._postgres = self._s3 = self._chain = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def parts(self) -> Parts:
        """Addresses and run-time credentials."""
        if self._parts is None:
            msg = "the stack is not up"
            raise RuntimeError(msg)
        return self._parts

    @property
    def s3_admin(self) -> S3Identity:
        """The S3 identity that makes buckets; the running exchange never gets it."""
        return self._objects.admin

    @property
    def s3_doors(self) -> S3Doors:
        """The object store's other addresses, for the WORM probe."""
        return self._objects.doors

    @property
    def pids(self) -> dict[str, int]:
        """Process id by part name."""
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
        self._objects.create_bucket(name)

    @property
    def _running(self) -> Supervisor:
        if self._supervisor is None:
            msg = "the stack is not up"
            raise RuntimeError(msg)
        return self._supervisor

    @property
    def _objects(self) -> S3:
        if self._s3 is None:
            msg = "the stack is not up"
            raise RuntimeError(msg)
        return self._s3

    def _start(self, timeout: float) -> Parts:
        if self._lock is None:
            raise StackBusyError(data_dir=str(self._data_dir))
        keyring = Keyring(self._data_dir / "secrets")
        book = PortBook(self._data_dir / "stack.json")
        ports = book.settle(("postgres", *S3_PORTS, "chain"))
        password = keyring.slot("postgres", lambda: {"user": "postgres", "password": secrets.token_hex(24)})["password"]
        self._postgres = Postgres(self._data_dir / "postgres", ports["postgres"], password)
        self._s3 = S3(self._data_dir / "s3", ports, keyring, hardened=self._hardened)
        self._chain = Chain(self._data_dir / "chain", ports["chain"])
        self._postgres.initialise()
        self._supervisor = Supervisor(self._data_dir / "log", keep_fds=(self._lock,))
        self._supervisor.start([self._postgres, self._s3, self._chain], timeout)
        self._chain.start_keeping()
        self._s3.require_fsync()
        self._parts = Parts(
            database_url=self._postgres.url,
            s3_endpoint=self._s3.endpoint,
            s3_access_key=self._s3.node.access_key,
            s3_secret_key=self._s3.node.secret_key,
            s3_region=REGION,
            chain_url=self._chain.url,
        )
        return self._parts

    def _take_lock(self) -> None:
        """Lock the directory; wait for the servers of a killed supervisor, refuse a living one.

        Raises:
            StackBusyError: a living supervisor, or processes that do not end, hold it.
        """
        path = self._data_dir / "stack.lock"
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + LEFTOVER_SECONDS
        patience = threading.Event()
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = int(os.pread(lock, 20, 0) or b"0")
                if _is_alive(holder) or time.monotonic() > deadline:
                    os.close(lock)
                    raise StackBusyError(data_dir=str(self._data_dir), pid=holder) from None
                patience.wait(0.05)
            else:
                break
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock


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
