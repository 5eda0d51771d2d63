"""What was erased stays erased, also after a backup from before is restored; what was proven stays proven (P2, R1)."""

from __future__ import annotations

import io
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, text

from api import backup
from api.errors import BackupInvalidError
from api.stack.postgres import binaries
from ledger import bundle, erasure, objectrows, store
from ledger.db import Database
from ledger.erasure import Kind
from ledger.errors import (
    EntryNotFoundError,
    ErasureRefusedError,
    ObjectErasedError,
    ObjectNotFoundError,
    RecordErasedError,
)
from ledger.fsck import fsck
from ledger.objects import ObjectStore
from ledger.s3 import S3Settings
from ledger.sealing import Profile
from ledger.secrets import KeyRing
from ledger.steps import execute, run, together
from ledger.trust import LogKey, Trust
from ledger.verify import load_bundle, verify
from tests.ledger.logs import Log, digests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.stack.model import Parts
    from tests.conftest import Bucket

KEY = b"backup key of at least 32 bytes!" * 2
TOOLS = backup.Tools(binaries())
NOBODY = str(uuid.UUID(int=7))


@dataclass(frozen=True)
class Deposit:
    """A document with its entry and the evidence its owner was given."""

    object_id: str
    entry_id: str
    content: bytes
    evidence: dict[str, Any]


class Exchange:
    """The parts of a node that erase and keep: log, objects, database."""

    def __init__(self, database: Database, s3: Bucket) -> None:
        self.log = Log(database)
        self.database = database
        settings = S3Settings(s3.endpoint, s3.access_key, s3.secret_key, s3.region, s3.bucket)
        self.objects = ObjectStore(settings, KeyRing(b"k" * 32), profile=Profile.INTL)
        self.trust = Trust((LogKey(self.log.key),))

    def deposit(self, name: str) -> Deposit:
        content = f"{name} {uuid.uuid4()}".encode()
        stored = self.objects.put(io.BytesIO(content), retain_until=datetime.now(UTC) + timedelta(days=2))
        with self.database.unit() as db:
            execute(db, together(*objectrows.write(stored)))
        entry_id = self.log.record({"type": "material.deposited", "digests": digests(content)}, {"requester": "X"})
        self.log.integrate()
        return Deposit(stored.object_id, entry_id, content, self.bundle(entry_id))

    def bundle(self, entry_id: str, database: Database | None = None) -> dict[str, Any]:
        with (database or self.database).unit() as db:
            return bundle.build(db, self.log.evidence, "deposit", [entry_id])

    def verdict(self, evidence: dict[str, Any], content: bytes | None = None) -> str:
        document = None if content is None else io.BytesIO(content)
        return str(verify(load_bundle(json.dumps(evidence).encode()), self.trust, document).verdict)

    def read(self, deposit: Deposit, database: Database | None = None) -> bytes:
        with (database or self.database).unit() as db:
            stored = run(db, self.objects.lookup(deposit.object_id))
        return bytes(self.objects.open(stored).read_all())

    def approve(self, deposit: Deposit, by: str) -> None:
        with self.database.unit() as db:
            erasure.approve(db, self.log.evidence, Kind.object, deposit.object_id, by, self.log.clock)

    def erase(self, deposit: Deposit) -> list[str]:
        entries = []
        for kind, which in ((Kind.object, deposit.object_id), (Kind.record, deposit.entry_id)):
            with self.database.unit() as db:
                erasure.propose(db, kind, which, "court order 7", "op-1", self.log.clock)
            with self.database.unit() as db:
                entries.append(erasure.approve(db, self.log.evidence, kind, which, "op-2", self.log.clock).entry_id)
        self.log.integrate()
        return entries


@pytest.fixture(scope="module")
def exchange(database: Database, s3: Bucket) -> Iterator[Exchange]:
    held = Exchange(database, s3)
    yield held
    held.objects.close()


@pytest.fixture
def empty(parts: Parts) -> Iterator[Database]:
    """A database in which nothing is."""
    name = f"restored_{uuid.uuid4().hex[:12]}"
    admin = create_engine(parts.database_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as db:
        db.execute(text(f"create database {name}"))
    database = Database(parts.database_url.rsplit("/", 1)[0] + f"/{name}")
    yield database
    database.close()
    with admin.connect() as db:
        db.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


class TestErasure:
    def test_leaves_the_proof_valid_and_the_entry_mute(self, exchange: Exchange) -> None:
        gone, stays = exchange.deposit("gone"), exchange.deposit("stays")
        evidence = exchange.erase(gone)
        assert exchange.verdict(exchange.bundle(gone.entry_id)) == "mute"
        assert exchange.verdict(gone.evidence, gone.content) == "logged"  # what its owner holds is theirs
        with pytest.raises(ObjectErasedError):
            exchange.read(gone)
        assert exchange.read(stays) == stays.content
        assert exchange.verdict(exchange.bundle(stays.entry_id), stays.content) == "logged"
        assert fsck(exchange.database, exchange.log.key).defects == []
        with exchange.database.unit() as db:
            facts = [json.loads(store.record(db, entry).fact) for entry in evidence]
        assert [fact["type"] for fact in facts] == ["object.erased", "record.erased"]
        assert gone.content not in json.dumps(facts).encode()

    def test_leaves_nothing_of_the_record_in_the_database(self, exchange: Exchange) -> None:
        gone = exchange.deposit("gone")
        digest = digests(gone.content)["sha256"].encode().hex()
        found = text("SELECT count(*) FROM ledger.record WHERE encode(fact, 'hex') LIKE :digest")
        with exchange.database.unit() as db:
            assert db.execute(found, {"digest": f"%{digest}%"}).scalar_one() == 1
        exchange.erase(gone)
        with exchange.database.unit() as db:
            assert db.execute(found, {"digest": f"%{digest}%"}).scalar_one() == 0

    @pytest.mark.parametrize("reason", [" ", "x" * 201])
    def test_takes_a_reason(self, exchange: Exchange, reason: str) -> None:
        held = exchange.deposit("asked")
        with pytest.raises(ErasureRefusedError), exchange.database.unit() as db:
            erasure.propose(db, Kind.object, held.object_id, reason, "op-1", exchange.log.clock)

    def test_takes_two_people(self, exchange: Exchange) -> None:
        held = exchange.deposit("asked")
        with exchange.database.unit() as db:
            erasure.propose(db, Kind.object, held.object_id, "order", "op-1", exchange.log.clock)
        for alone in ("op-1", " "):
            with pytest.raises(ErasureRefusedError):
                exchange.approve(held, alone)
        assert exchange.read(held) == held.content
        with exchange.database.unit() as db:
            erasure.withdraw(db, Kind.object, held.object_id)

    def test_is_proposed_once_and_done_once(self, exchange: Exchange) -> None:
        held = exchange.deposit("once")
        with exchange.database.unit() as db:
            erasure.propose(db, Kind.object, held.object_id, "order", "op-1", exchange.log.clock)
        with pytest.raises(ErasureRefusedError), exchange.database.unit() as db:
            erasure.propose(db, Kind.object, held.object_id, "order", "op-3", exchange.log.clock)
        with exchange.database.unit() as db:
            assert [each.id for each in erasure.proposed(db)] == [held.object_id]
            erasure.withdraw(db, Kind.object, held.object_id)
        exchange.erase(held)
        with pytest.raises(ErasureRefusedError):
            exchange.approve(held, "op-3")
        with pytest.raises(ErasureRefusedError), exchange.database.unit() as db:
            erasure.withdraw(db, Kind.object, held.object_id)

    def test_knows_what_is_there(self, exchange: Exchange) -> None:
        for kind, error in ((Kind.object, ObjectNotFoundError), (Kind.record, EntryNotFoundError)):
            with pytest.raises(error), exchange.database.unit() as db:
                erasure.propose(db, kind, NOBODY, "order", "op-1", exchange.log.clock)


class TestDrill:
    @pytest.mark.parametrize("key", [None, KEY], ids=["clear", "sealed"])
    def test_restores_what_was_proven_and_not_what_was_erased(
        self, exchange: Exchange, empty: Database, tmp_path: Path, key: bytes | None
    ) -> None:
        gone, stays = exchange.deposit("gone"), exchange.deposit("stays")
        backup.make(exchange.database.url, tmp_path / "old", exchange.log.clock, TOOLS, key=key)
        exchange.erase(gone)
        newest = backup.make(exchange.database.url, tmp_path / "new", exchange.log.clock, TOOLS, key=key)
        said = backup.restore(empty.url, tmp_path / "old", TOOLS, key=key, erasures=tmp_path / "new" / backup.ERASURES)
        assert said["erased_again"] == 2
        assert said["size"] < newest["size"]
        assert exchange.read(stays, empty) == stays.content
        with pytest.raises(ObjectErasedError):
            exchange.read(gone, empty)
        with pytest.raises(RecordErasedError), empty.unit() as db:
            store.record(db, gone.entry_id)
        assert exchange.verdict(exchange.bundle(gone.entry_id, empty)) == "mute"
        for held in (gone, stays):  # receipts from before the wipe
            assert exchange.verdict(held.evidence, held.content) == "logged"
        again = exchange.bundle(stays.entry_id, empty)
        assert exchange.verdict(again, stays.content) == "logged"
        assert fsck(empty, exchange.log.key).defects == []

    def test_it_is_the_list_that_erases_again(self, exchange: Exchange, empty: Database, tmp_path: Path) -> None:
        gone = exchange.deposit("gone")
        backup.make(exchange.database.url, tmp_path / "old", exchange.log.clock, TOOLS)
        exchange.erase(gone)
        assert backup.restore(empty.url, tmp_path / "old", TOOLS)["erased_again"] == 0
        assert exchange.read(gone, empty) == gone.content

    def test_keeps_secrets_out_of_the_long_lived_part(
        self, exchange: Exchange, empty: Database, tmp_path: Path
    ) -> None:
        exchange.deposit("kept")
        backup.make(exchange.database.url, tmp_path / "old", exchange.log.clock, TOOLS)
        TOOLS.run(
            "pg_restore",
            ["--no-owner", "--dbname", empty.url.rsplit("/", 1)[1], str(tmp_path / "old" / backup.MAIN)],
            empty.url,
        )
        with empty.unit() as db:
            assert db.execute(text("SELECT count(*) FROM ledger.record")).scalar_one() > 0
            assert db.execute(text("SELECT count(*) FROM ledger.secret")).scalar_one() == 0


@pytest.fixture(scope="module")
def made(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Path:
    exchange.deposit("kept")
    folder = tmp_path_factory.mktemp("backup") / "made"
    backup.make(exchange.database.url, folder, exchange.log.clock, TOOLS, key=KEY)
    return folder


class TestRefusals:
    @pytest.mark.parametrize("key", [None, b"another key of at least 32 bytes"], ids=["none", "another"])
    def test_without_its_key(self, made: Path, empty: Database, key: bytes | None) -> None:
        with pytest.raises(BackupInvalidError):
            backup.restore(empty.url, made, TOOLS, key=key)

    @pytest.mark.parametrize("name", [backup.MAIN, backup.SECRET, backup.ERASURES, backup.MANIFEST])
    def test_damaged(self, made: Path, empty: Database, tmp_path: Path, name: str) -> None:
        copy = tmp_path / "copy"
        copy.mkdir()
        for path in made.iterdir():
            content = path.read_bytes()
            (copy / path.name).write_bytes(content[: len(content) // 2] if path.name == name else content)
        with pytest.raises(BackupInvalidError):
            backup.restore(empty.url, copy, TOOLS, key=KEY)
        with empty.unit() as db:
            assert db.execute(text("SELECT to_regclass('ledger.log')")).scalar_one() is None

    def test_into_a_database_that_is_not_empty(self, exchange: Exchange, made: Path) -> None:
        with pytest.raises(BackupInvalidError):
            backup.restore(exchange.database.url, made, TOOLS, key=KEY)
