"""What the embedded stack is made of, as plain values: addresses, credentials, commands and parts (DESIGN 3)."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

StopPlan = tuple[tuple[signal.Signals, float], ...]
"""Signals to send in turn, each with the seconds to wait for the end; SIGKILL follows the last."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Addresses and run-time credentials of a running stack: all that the exchange itself gets to know."""

    database_url: str = field(repr=False)
    s3_endpoint: str
    s3_access_key: str
    s3_secret_key: str = field(repr=False)
    s3_region: str
    chain_url: str


@dataclass(frozen=True, slots=True)
class S3Identity:
    """One S3 identity."""

    access_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class S3Doors:
    """Where the S3 server can be reached beside its S3 port: what the WORM probe tries to abuse.

    Args:
        master, filer, volume: `host:port` of the plain HTTP ports.
        master_grpc, filer_grpc: ports of the gRPC services.
        binary: the `weed` program, for its shell.
        config_dir: directory with the certificates of this node (`security.toml`).
    """

    master: str
    filer: str
    volume: str
    master_grpc: int
    filer_grpc: int
    binary: str
    config_dir: Path

    def shell_targets(self) -> tuple[str, str]:
        """`-master` and `-filer` arguments of `weed shell`."""
        return f"-master={self.master}.{self.master_grpc}", f"-filer={self.filer}.{self.filer_grpc}"


@dataclass(frozen=True, slots=True)
class Site:
    """A stack as an administrator sees it.

    Args:
        parts: what the exchange gets to know.
        database_admin_url: the database server as its superuser.
        s3_admin: the identity that makes buckets.
        s3_doors: the object store's other addresses.
        data_dir: where it all lies.
    """

    parts: Parts
    database_admin_url: str = field(repr=False)
    s3_admin: S3Identity
    s3_doors: S3Doors
    data_dir: Path


class Identity(StrEnum):
    """Under which user a part runs; PostgreSQL refuses to run as root."""

    SELF = "self"
    USER_NAMESPACE = "user-namespace"
    """Root outside, an ordinary user inside: files keep their owner, nothing needs to be opened to others."""
    NOBODY = "nobody"
    """An unprivileged user that owns the data, where user namespaces are refused (most containers)."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to execute. Never holds a secret: arguments are visible to every user of the machine."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path | None = None
    identity: Identity = Identity.SELF
    pass_fds: tuple[int, ...] = ()


class Part(Protocol):
    """A process the supervisor keeps alive."""

    @property
    def name(self) -> str:
        """Short name, also of its log file."""

    @property
    def stop_plan(self) -> StopPlan:
        """How to end it."""

    @property
    def orphan_signal(self) -> signal.Signals:
        """What it gets when the supervisor is gone."""

    def command(self) -> Command:
        """Prepare the ground for one start (also after a crash) and say what to run."""

    def ready(self) -> bool:
        """Whether it serves now. Called often; must answer within a second and not raise."""

    def is_ill(self) -> bool:
        """Whether it runs but has to be started anew to be of use. Asked all the time; must not wait or raise."""

    def before_stop(self) -> None:
        """Last words while it still runs."""

    def after_exit(self) -> None:
        """Tidy up what the dead process leaves behind."""


@dataclass(frozen=True, slots=True)
class Process:
    """One of our own processes (api, worker) under the same supervisor.

    Args:
        name: short name, also of its log file.
        argv: program and arguments, no secrets.
        env: its whole environment.
        ready: whether it serves now; answers within a second, does not raise.
        stop_signal: asks it to end.
        stop_seconds: how long it may take before SIGKILL.
        cwd: working directory.
        pass_fds: descriptors it inherits under the same numbers (a listening socket).
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20.0
    cwd: Path | None = None
    pass_fds: tuple[int, ...] = ()

    @property
    def stop_plan(self) -> StopPlan:
        """The stop signal, then SIGKILL."""
        return ((self.stop_signal, self.stop_seconds),)

    @property
    def orphan_signal(self) -> signal.Signals:
        """The stop signal."""
        return self.stop_signal

    def command(self) -> Command:
        """The same command at each start."""
        return Command(tuple(self.argv), self.env, self.cwd, pass_fds=self.pass_fds)

    def is_ill(self) -> bool:
        """Never: it ends when it cannot go on."""
        return False

    def before_stop(self) -> None:
        """Nothing: our own processes drain on their stop signal."""

    def after_exit(self) -> None:
        """Nothing is left behind."""
