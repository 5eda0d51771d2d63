"""One node whose processes are killed and whose wires are cut, and the oracle of RELIABILITY section 3.

The oracle stands outside: it keeps what was acknowledged in a file of its own, fsynced, and every checkpoint it ever
saw; after each restart it proves that (a) every acknowledged thing is readable byte for byte, (b) in the log with a
valid inclusion proof, (c) nothing else is half visible, (d) fsck recomputes the root from raw bytes, (e) every earlier
checkpoint is consistent with the newest.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any

import httpx2
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from api import keys
from api.client import Client, ProblemError
from api.demo import sources, world
from api.demo.citizen import Citizen
from api.node import Node
from api.settings import Settings
from api.witness import home
from ledger import chainproof, fsckrows, merkle, proofs, store
from ledger.fsck import fsck
from ledger.note import NoteSigner, NoteVerifier, open_checkpoint
from ledger.sequencer import create_log
from ledger.steps import run
from tests.survival import child
from tests.survival.child import Jobs, Order, started

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

    from api.stack.model import Parts
    from ledger.model import Checkpoint
    from tests.conftest import Bucket
    from tests.survival.recorder import Recorder

PATIENCE = 90.0
"""Seconds after which something is taken never to come; far above what any machine needs."""

_HALVES = {
    "a material without its object": "SELECT id FROM materials.material WHERE object_id NOT IN"
    " (SELECT id FROM ledger.object)",
    "an object of nothing": "SELECT id FROM ledger.object WHERE id NOT IN (SELECT object_id FROM materials.material"
    " UNION ALL SELECT object_id FROM certs.copy WHERE object_id IS NOT NULL UNION ALL SELECT unnest(ARRAY[pdf_object_id, ofd_object_id]) FROM certs.licence WHERE pdf_object_id IS NOT NULL)",
    "a licence without its files": "SELECT id FROM certs.licence WHERE pdf_object_id NOT IN"
    " (SELECT id FROM ledger.object) OR ofd_object_id NOT IN (SELECT id FROM ledger.object)",
    "a licence without its entry": "SELECT id FROM certs.licence WHERE entry_id NOT IN (SELECT id FROM ledger.entry)",
    "a licence without its history": "SELECT id FROM certs.licence WHERE entry_id NOT IN"
    " (SELECT entry_id FROM certs.licence_event)",
    "an object without its key": "SELECT o.id FROM ledger.object o WHERE NOT EXISTS"
    " (SELECT FROM ledger.secret s WHERE s.kind = 'object' AND s.id = o.id)",
    "a material without its entry": "SELECT id FROM materials.material WHERE entry_id NOT IN (SELECT id FROM ledger.entry)",
    "a grant without its entry": "SELECT id FROM authz.grant_ WHERE entry_id NOT IN (SELECT id FROM ledger.entry)",
    "a use without its entry": "SELECT id FROM authz.use_ WHERE intent_entry_id NOT IN (SELECT id FROM ledger.entry)",
    "a delivered use without its entry": "SELECT id FROM authz.use_ WHERE state <> 'open' AND (outcome_entry_id IS NULL"
    " OR outcome_entry_id NOT IN (SELECT id FROM ledger.entry))",
    "a grant spent and not used, or the reverse": "SELECT g.id FROM authz.grant_ g WHERE max_uses - uses_left <>"
    " (SELECT count(*) FROM authz.use_ u WHERE u.grant_id = g.id)",
    "an entry without a record": "SELECT id FROM ledger.entry WHERE id NOT IN (SELECT entry_id FROM ledger.record"
    " UNION ALL SELECT entry_id FROM ledger.register_version)",  # a register is in clear
    "two anchors under way": "SELECT min(size) FROM ledger.anchor WHERE state = 'sending' HAVING count(*) > 1",
}
"""What no moment may show: an act by halves."""

_FACTS = {
    "material.deposited": "SELECT count(*) FROM materials.material",
    "licence.issued": "SELECT count(*) FROM certs.licence",
    "grant.given": "SELECT count(*) FROM authz.grant_",
    "grant.withdrawn": "SELECT count(*) FROM authz.grant_ WHERE state = 'withdrawn'",
    "licence.derived": "SELECT count(*) FROM certs.copy WHERE made_at IS NOT NULL",
    "check.asked": "SELECT count(*) FROM materials.data_check",
    "check.answered": "SELECT count(*) FROM materials.data_check WHERE state = 'answered'",
    "form.filled": "SELECT count(*) FROM materials.form",
    "use.intended": "SELECT count(*) FROM authz.use_",
    "use.completed": "SELECT count(*) FROM authz.use_ WHERE state = 'delivered'",
}
"""Entries of a type, and the rows they speak of: as many of one as of the other."""
_OF_TYPE = "SELECT count(*) FROM ledger.record WHERE convert_from(fact, 'UTF8')::jsonb ->> 'type' = :type"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One thing a client was told is done."""

    entry_id: str
    object_id: str | None = None
    sha256: str | None = None


class Site:
    """A node over shared servers.

    Args:
        parts, bucket, database: the real servers; the database by its address.
        folder: for keys, client files and the list of what was acknowledged.
    """

    def __init__(self, parts: Parts, bucket: Bucket, database: str, folder: Path) -> None:
        self.folder = folder
        self.values: dict[str, Any] = {
            "data_dir": folder,
            "secrets_dir": folder / "secrets",
            "demo": True,
            "port": _free_port(),
            "database_url": database,
            "s3_endpoint": bucket.endpoint,
            "s3_access_key": bucket.access_key,
            "s3_secret_key": bucket.secret_key,
            "s3_region": bucket.region,
            "s3_bucket": bucket.bucket,
            "chain_url": parts.chain_url,
            "origin": f"{uuid.uuid4().hex}.test/log",
            "anchor_interval": 0.0,
            "log_level": "critical",
        }
        self.values["base_url"] = f"http://127.0.0.1:{self.values['port']}"
        signer = NoteSigner(self.values["origin"], keys.ensure(self.values["secrets_dir"]).log_key)
        self.key = NoteVerifier.parse(signer.vkey)
        self._start_witness()
        self.node = Node(Settings(**self.values))
        self._found(self.node)
        self._acknowledged: list[Acknowledged] = []
        self._read: set[str] = set()
        self._list = (folder / "acknowledged").open("a")
        self._seen: dict[int, Checkpoint] = {}
        self.ahead = 0.0
        self.http = 0
        self._nursery: ForkServerProcess | None = None

    def _found(self, node: Node) -> None:
        with node.database.unit() as db:
            create_log(db, node.settings.origin, node.signer.key_id)
            node.tokens.tend(db)
        node.chain.deploy([node.chain.account], 1)
        log_id = chainproof.log_id(node.settings.origin)
        key_hash = hashlib.sha256(node.signer.vkey.encode()).digest()
        node.chain.register_log(log_id, key_hash, [node.keys.chain])
        world.populate(node, self.folder / "clients")
        held = sources.prepare(self.folder / "sources", self.values["secrets_dir"], self.values["database_url"], 9)
        self.values |= {"connectors": held, "source_networks": ["127.0.0.0/8"]}

    def _start_witness(self) -> None:
        folder, name, port = self.folder / "witness", "witness.test/survival", _free_port()
        folder.mkdir()
        self.values |= {"witnesses": [f"{home.vkey(folder, name)} http://127.0.0.1:{port}"], "witness_quorum": 1}
        self.witness = started(child.witness, folder, name, self.key.vkey, port)
        until(lambda: _answers(port) or None)
        self.witness_address = f"127.0.0.1:{port}"

    def reroute(self, **settings: object) -> None:
        """Tell children other addresses than this process uses."""
        self.values |= settings

    def close(self) -> None:
        """End what was started."""
        for process in (self.witness, self._nursery):
            if process is not None:
                process.kill()
                process.join(10)
        self._list.close()
        self.node.close()

    # --- processes -----------------------------------------------------------------------------------------------

    def order(self, recorder: Recorder | None = None) -> Order:
        """What the next child is told: two seconds later than the one before."""
        self.ahead += 2.0
        return Order(self.values, recorder.address if recorder else "", self.ahead)

    def raise_children(self, recorder: Recorder | None = None) -> None:
        """Make the process that all others are forked from; the one before ends."""
        if self._nursery is not None:
            self._nursery.kill()
            self._nursery.join(10)
        self._pipe, theirs = child.CONTEXT.Pipe()
        self._nursery = started(child.nursery, self.order(recorder), theirs)
        theirs.close()

    def start_http(self) -> None:
        """Start the HTTP server and wait until it answers."""
        self._pipe.send(("serve",))
        self.http = self._pipe.recv()
        until(lambda: _answers(self.values["port"]) or None)

    def stop_http(self) -> int:
        """Kill the HTTP server with -9; how it had ended."""
        with suppress(ProcessLookupError):
            os.kill(self.http, signal.SIGKILL)
        return self.wait_http()

    def wait_http(self) -> int:
        """Wait for the end of the HTTP server, and say how it was."""
        self._pipe.send(("reap", self.http))
        return int(self._pipe.recv())

    def work(self, *parts: str) -> tuple[str, int]:
        """Run parts of the worker in a child: what it said (nothing where it died) and its exit code."""
        self.ahead += 2.0
        self._pipe.send(("work", self.ahead, parts))
        self._pipe.recv()
        said = self._pipe.recv()
        return ("", said) if isinstance(said, int) else (said, self._pipe.recv())

    def client(self, name: str) -> Client:
        """A demo department's client."""
        held = json.loads((self.folder / "clients" / f"{name}.json").read_text())
        return Client(self.values["base_url"], held["client_id"], held["key"], timeout=60)

    def citizen(self) -> Citizen:
        """The firm's legal representative."""
        return Citizen(self.values["base_url"], "demo-person-chen")

    # --- the oracle ----------------------------------------------------------------------------------------------

    def acknowledge(self, entry_id: str, object_id: str | None = None, sha256: str | None = None) -> None:
        """Write down, for good, what a client was told is done."""
        held = Acknowledged(entry_id, object_id, sha256)
        self._list.write(f"{entry_id} {object_id} {sha256}\n")
        self._list.flush()
        os.fsync(self._list.fileno())
        self._acknowledged.append(held)

    def settle(self, *, anchor: bool) -> None:
        """Get everything under a published checkpoint, in this process and past any line: the ordinary jobs."""
        self.ahead += 2.0
        jobs = Jobs(self.node, self.ahead, ())
        until(lambda: jobs.sequence() or self.is_integrated() or None)  # who just died may lead for an instant more
        jobs.cosign()
        if anchor:
            jobs.anchor()

    def is_integrated(self) -> bool:
        """Whether everything promised is under a checkpoint."""
        with self.node.database.unit() as db:
            head, newest = store.log_head(db), store.newest_checkpoint(db)
            return (
                not fsckrows.pending_records(db, 0, 1)
                and head is not None
                and newest is not None
                and newest.head.size == head.size
            )

    def see(self) -> None:
        """Remember the newest checkpoint, as anybody who fetched it."""
        with self.node.database.unit() as db:
            newest = store.newest_checkpoint(db)
        if newest is not None:
            head = open_checkpoint(newest.note, self.key)
            assert self._seen.setdefault(head.size, head) == head, "two checkpoints of one size"

    def prove(self, *, anchor: bool = False) -> None:
        """The oracle.

        Args:
            anchor: bring everything to the chain first.
        """
        self.see()
        self._nothing_by_halves()  # before anything is repaired by going on
        self.settle(anchor=anchor)
        self.see()
        self._nothing_by_halves()
        self._all_in_the_log()
        self._all_readable()
        self._all_consistent()
        report = fsck(self.node.database, self.key, objects=self.node.objects)
        assert report.as_json()["defects"] == []
        newest = self._seen[max(self._seen)]
        assert (report.root, report.entries, report.pending) == (newest.root.hex(), newest.size, 0)

    def _nothing_by_halves(self) -> None:
        with self.node.database.unit() as db:
            for what, query in _HALVES.items():
                found = db.execute(text(query)).all()
                assert not found, f"{what}: {found}"
            for kind, query in _FACTS.items():
                entries = db.execute(text(_OF_TYPE), {"type": kind}).scalar_one()
                assert entries == db.execute(text(query)).scalar_one(), f"{kind} by halves"

    def _all_in_the_log(self) -> None:
        newest = self._seen[max(self._seen)]
        with self.node.database.unit() as db:
            for held in self._acknowledged:
                entry = store.entry(db, held.entry_id)
                assert entry.index is not None, f"acknowledged and not in the log: {held.entry_id}"
                proof = proofs.inclusion(db, entry.index, newest.size)
                merkle.verify_inclusion(merkle.leaf_hash(entry.leaf), entry.index, newest.size, proof, newest.root)

    def _all_readable(self) -> None:
        for held in self._acknowledged:
            if held.object_id is None or held.object_id in self._read:
                continue
            with self.node.database.unit() as db:
                stored = run(db, self.node.objects.lookup(held.object_id))
            content = bytes(self.node.objects.open(stored).read_all())
            assert hashlib.sha256(content).hexdigest() == held.sha256
            self._read.add(held.object_id)

    def _all_consistent(self) -> None:
        newest = self._seen[max(self._seen)]
        with self.node.database.unit() as db:
            for size, head in self._seen.items():
                proof = proofs.consistency(db, size, newest.size)
                merkle.verify_consistency(size, newest.size, proof, head.root, newest.root)

    def count(self, query: str, **values: object) -> int:
        """A number from the database."""
        with self.node.database.unit() as db:
            return int(db.execute(text(query), values).scalar_one())


_YOUNGER = frozenset({"invalid_dpop_proof", "invalid_client"})
"""A server refuses proofs of the second in which it started: it cannot know whether it saw them before."""

FAILURES = (ProblemError, httpx2.HTTPStatusError, httpx2.TransportError)
"""What a client's request may end with instead of an answer."""


def persist(act: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Do what a careful client does: repeat the same request until it is answered.

    A 5xx or a lost connection says nothing about the effect; a proof refused because the server is younger is made anew.
    """
    ends, pause = time.monotonic() + seconds, Event()
    while True:
        try:
            return act()
        except FAILURES as failure:
            if not is_open(failure) or time.monotonic() > ends:
                raise
        pause.wait(0.05)


def is_open(failure: Exception) -> bool:
    """Whether a failure says nothing about the effect, so that the same request must be sent again."""
    if isinstance(failure, ProblemError):
        return failure.status >= 500 or failure.code in _YOUNGER
    if isinstance(failure, httpx2.HTTPStatusError):
        return bool(failure.response.status_code >= 500)
    return isinstance(failure, httpx2.TransportError)


def until(look: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Ask until there is an answer, at most so long."""
    ends, pause = time.monotonic() + seconds, Event()
    while (held := look()) is None:
        assert time.monotonic() < ends, "waited too long"
        pause.wait(0.01)
    return held


def copy_of(database_url: str, name: str) -> str:
    """A copy of a database, as a backup would hold it; its address. Nobody may be connected to the original."""
    url = make_url(database_url)
    admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{url.database}"'))
    admin.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
