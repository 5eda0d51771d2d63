"""A whole exchange in one folder: the embedded parts, a witness, the HTTP workers and the background worker.

`cailian up`, the demonstration, the benchmarks and the tests all start the exchange here: what is tested is what runs.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Final

from api import bootstrap, keys
from api.client import Client
from api.doctor import PROBE_BUCKET
from api.settings import Settings, environment
from api.stack.model import Process
from api.stack.supervisor import Stack, attach
from api.witness import home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from api.stack.model import Parts, Site

ROOT = Path(__file__).parents[2]
BUCKET = "cailian-materials"
WITNESS = "cailian.example/witness/embedded"
START_SECONDS: Final = 30.0
"""So long a start waits for the log to take in what was written before."""


class Exchange:
    """One node with everything it needs.

    Args:
        folder: where its data lives; made when missing.
        demo: seed demo people and departments, allow the built-in login.
        port: where HTTP listens; 0 picks a free one, and the same one again next time.
        workers: HTTP processes.
        witness: start a witness of our own beside it. It only detects, since one body runs both (docs/witness.md).
        more: further settings by name, e.g. `crypto_profile`.
    """

    def __init__(
        self, folder: Path, *, demo: bool, port: int = 0, workers: int = 2, witness: bool = True, **more: object
    ) -> None:
        self.folder = folder.resolve()
        self.demo = demo
        self.stack = Stack(self.folder)
        self._port = port
        self._workers = workers
        self._more = more
        self._witness = folder.resolve() / "witness" if witness else None
        self._listeners: dict[str, socket.socket] = {}
        self._child: dict[str, str] = {}

    def up(self, tell: Callable[[str], None] = lambda _: None) -> str:
        """Start everything and wait until it answers; the base address.

        Args:
            tell: is told each part as it is started.
        """
        tell("PostgreSQL, S3, chain")
        parts = self.stack.up()
        for bucket in (BUCKET, PROBE_BUCKET):
            self.stack.create_bucket(bucket)
        listener = self._listeners["api"] = self._listen(self.folder / "port", self._port)
        if self._witness:
            self._witness.mkdir(exist_ok=True)
            self._listeners["witness"] = self._listen(self._witness / "port", 0)
        self._settle(parts)
        keys.ensure(self.settings.secrets_dir)
        if self.demo:
            tell("sources of facts")
            self._prepare_sources(parts)
        child = self._child = self._environment()
        if self._witness:  # before the first look at it: its socket listens already, and would keep a caller waiting
            tell("witness")
            self._start_witness(self._witness, child)
        if self.demo:
            self._start_sources(child)
        tell("schemas, contracts, log")
        bootstrap.prepare(self.settings, self.folder / "clients")
        tell("API and worker")
        ready = lambda: self._answers(self.base_url + "/readyz")  # noqa: E731
        for number in range(1, self._workers + 1):
            argv = [sys.executable, "-m", "api.serve", "--fd", str(listener.fileno())]
            self.stack.add(Process(f"api-{number}", argv, child, ready=ready, pass_fds=(listener.fileno(),)))
        self.stack.add(Process("worker", [sys.executable, "-m", "api.worker"], child, ready=lambda: True))
        self._wait_for_the_log()
        return self.base_url

    def down(self) -> None:
        """Stop everything; the data stays."""
        self.stack.down()
        for listener in self._listeners.values():
            listener.close()
        self._listeners.clear()

    def beside(self, module: str, processes: int) -> str:
        """Start HTTP processes of another program on this node's parts, for measuring; their address.

        Args:
            module: takes `--fd N` and the environment of `api.serve`, answers `/livez`.
            processes: how many, on one socket.
        """
        listener = self._listeners[module] = self._listen(self.folder / "run" / f"{module}.port", 0)
        address, number = f"http://127.0.0.1:{listener.getsockname()[1]}", listener.fileno()
        ready = lambda: self._answers(address + "/livez")  # noqa: E731
        for index in range(1, processes + 1):
            argv = [sys.executable, "-m", module, "--fd", str(number)]
            part = Process(f"{module}-{index}", argv, self._child, ready=ready, pass_fds=(number,))
            self.stack.add(part)
        return address

    def client(self, name: str) -> Client:
        """A demo department's client."""
        held = json.loads((self.folder / "clients" / f"{name}.json").read_text())
        return Client(self.base_url, held["client_id"], held["key"])

    def client_files(self) -> dict[str, dict[str, str]]:
        """The demo departments' client files, by name."""
        return {path.stem: json.loads(path.read_text()) for path in (self.folder / "clients").glob("*.json")}

    def trust(self) -> dict[str, Any]:
        """The trust file of this node, as an auditor would get it from the operator."""
        return bootstrap.trust(self.settings)

    def fsck(
        self, progress: Callable[[int, int], None] | None = None, *, deep: bool = False, resume: Path | None = None
    ) -> dict[str, Any]:
        """Recompute the log from raw bytes.

        Args:
            progress: told how many of how many entries are done.
            deep: also read, open and hash every stored document.
            resume: file to keep the state in, and to go on from.
        """
        return bootstrap.fsck(self.settings, progress, deep=deep, resume=resume)

    def _wait_for_the_log(self) -> None:
        """Wait until what was written so far is in the log: on a slow machine it would be overdue when the first asks.

        Where the log cannot go on, the exchange is up all the same, and `/readyz` says why.
        """
        ends = time.monotonic() + START_SECONDS
        while not self.integrated() and time.monotonic() < ends:
            self.stack.check()
            Event().wait(0.05)

    def integrated(self) -> bool:
        """Whether every entry promised so far is in the log."""
        with urllib.request.urlopen(self.base_url + "/healthz", timeout=START_SECONDS) as answer:  # noqa: S310 - our own address
            return bool(json.load(answer)["figures"]["log_pending"] == 0)

    def object_keys(self, count: int) -> list[str]:
        """S3 keys of the newest stored objects, for measuring the raw store beside the exchange."""
        return bootstrap.object_keys(self.settings, count)

    def remember(self, settings: Mapping[str, str]) -> None:
        """Keep further settings with the folder, so that every command finds the same node.

        Raises:
            ValueError: a name is no setting.
        """
        if unknown := settings.keys() - Settings.model_fields.keys():
            msg = f"unknown settings {sorted(unknown)}"
            raise ValueError(msg)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "settings.json").write_text(json.dumps(self._remembered() | dict(settings), indent=1))

    def _remembered(self) -> dict[str, str]:
        path = self.folder / "settings.json"
        held: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        return held

    def remember_origin(self, origin: str) -> None:
        """Let the exchange start with this log from now on (`cailian shard open`)."""
        (self.folder / "origin").write_text(origin)

    @contextmanager
    def standing(self) -> Iterator[Site]:
        """The parts for an administrator: those of a running exchange, else started for as long as needed."""
        site = attach(self.folder)
        if site is not None:
            self._settle(site.parts)
            yield site
            return
        try:
            self._settle(self.stack.up())
            yield self.stack.site
        finally:
            self.stack.down()

    def _settle(self, parts: Parts) -> None:
        """Fix address and settings for these parts."""
        port = int((self.folder / "port").read_text())
        self.base_url = f"http://127.0.0.1:{port}"
        self.settings = Settings(**self._values(asdict(parts), port))

    def _values(self, parts: dict[str, Any], port: int) -> dict[str, Any]:
        return {
            "data_dir": self.folder,
            "secrets_dir": self.folder / "secrets",
            "demo": self.demo,
            "port": port,
            "base_url": f"http://127.0.0.1:{port}",
            "workers": self._workers,
            "s3_bucket": BUCKET,
            **self._witness_values(),
            **self._source_values(),
            **{name: parts[name] for name in Settings.model_fields if name in parts},
            **self._remembered(),
            **({"origin": remembered.read_text()} if (remembered := self.folder / "origin").exists() else {}),
            **self._more,
        }

    def _environment(self) -> dict[str, str]:
        """What a child process is told: our settings, the way home, nothing else of the caller's."""
        metrics = self.folder / "run" / "metrics"
        metrics.mkdir(parents=True, exist_ok=True)
        for stale in metrics.glob("*.db"):
            stale.unlink()
        shown = self.settings.model_dump()
        for name in ("database_url", "s3_secret_key"):
            shown[name] = shown[name].get_secret_value()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return kept | environment(shown) | {"PROMETHEUS_MULTIPROC_DIR": str(metrics), "PYTHONPATH": str(ROOT)}

    def _witness_values(self) -> dict[str, Any]:
        """Our own witness in the settings; one that was started before is asked for ever, so it stays in them."""
        if self._witness is None or not (self._witness / "port").exists():
            return {}
        address = f"http://127.0.0.1:{(self._witness / 'port').read_text()}"
        return {"witnesses": [f"{home.vkey(self._witness, WITNESS)} {address}"], "witness_quorum": 1}

    def _start_witness(self, folder: Path, child: dict[str, str]) -> None:
        """Start the witness; it is told nothing but our log's key."""
        log = bootstrap.log_vkey(self.settings)
        descriptor = self._listeners["witness"].fileno()
        argv = [sys.executable, "-m", "api.witness", "--data-dir", str(folder), "--name", WITNESS, "--log", log]
        outside = {name: value for name, value in child.items() if not name.startswith("CAILIAN_")}
        port = (folder / "port").read_text()
        ready = lambda: self._answers(f"http://127.0.0.1:{port}/livez")  # noqa: E731
        argv += ["--fd", str(descriptor)]
        self.stack.add(Process("witness", argv, outside, ready=ready, pass_fds=(descriptor,)))

    def _prepare_sources(self, parts: Parts) -> None:
        """The demo's sources of facts: keys, a view in the database, and the file that names them."""
        from api.demo import sources  # noqa: PLC0415 - a node in earnest loads nothing of the demo

        folder = self.folder / "sources"
        folder.mkdir(exist_ok=True)
        listener = self._listeners["source"] = self._listen(folder / "port", 0)
        sources.prepare(
            folder, self.settings.secrets_dir, self.stack.site.database_admin_url, listener.getsockname()[1]
        )
        self._settle(parts)  # the settings now name the file

    def _start_sources(self, child: dict[str, str]) -> None:
        """Start the signing source; it is told nothing of the node's."""
        folder, descriptor = self.folder / "sources", self._listeners["source"].fileno()
        outside = {name: value for name, value in child.items() if not name.startswith("CAILIAN_")}
        argv = [sys.executable, "-m", "api.demo.source", "--folder", str(folder), "--fd", str(descriptor)]
        port = (folder / "port").read_text()
        ready = lambda: self._answers(f"http://127.0.0.1:{port}/")  # noqa: E731
        self.stack.add(Process("source", argv, outside, ready=ready, pass_fds=(descriptor,)))

    def _source_values(self) -> dict[str, Any]:
        """The demo's sources in the settings, once they were prepared."""
        path = self.folder / "sources" / "connectors.json"
        if not self.demo or not path.exists():
            return {}
        holidays = ROOT / "api" / "demo" / "holidays.json"
        return {"connectors": path, "source_networks": ["127.0.0.0/8"], "holidays": holidays}

    @staticmethod
    def _listen(remembered: Path, given: int) -> socket.socket:
        """Listen on a given port, or on the remembered one, or on a free one; remember it."""
        wanted = given or (int(remembered.read_text()) if remembered.exists() else 0)
        for port in (wanted, given):
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                listener.close()
                if given:
                    raise
                continue
            listener.listen(512)
            remembered.write_text(str(listener.getsockname()[1]))
            return listener
        msg = "no free port"
        raise OSError(msg)

    @staticmethod
    def _answers(address: str) -> bool:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own loopback address
                return bool(answer.status == 200)
        except OSError:
            return False
