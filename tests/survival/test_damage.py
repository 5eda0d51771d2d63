"""One flipped bit anywhere (RELIABILITY D8): fsck names the place, and the sequencer does not sign over it.

The database's own pages carry checksums (`initdb --data-checksums`), so what is flipped here is what they cannot see: a
value that was changed by a statement, in memory, or by the storage below S3.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import uuid
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ledger import chainproof, objectcheck, store
from ledger.crosscheck import Beside
from ledger.errors import LogDivergedError
from ledger.fsck import fsck
from tests.ledger.faults import line_to
from tests.ledger.logs import Log
from tests.survival.acts import Acts, append
from tests.survival.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.stack.model import Parts
    from ledger.db import Database
    from tests.conftest import Bucket
    from tests.ledger.faults import Answer

FLIPS = int(os.environ.get("CAILIAN_TEST_FLIPS", "500"))
SEED = int(os.environ.get("CAILIAN_TEST_SEED", "0")) or random.SystemRandom().getrandbits(32)

FIELDS = {
    "entry": ("id", "leaf", "idx"),
    "record": ("entry_id", "fact", "parties"),
    "secret": ("kind", "id", "value"),
    "tile": ("level", "n", "hashes"),
    "checkpoint": ("size", "root", "note"),
    "anchor": ("size", "root", "tx_hash", "raw_tx", "block_number", "block_hash", "block_time", "proof"),
    "log": ("origin", "key_id", "size", "root"),
    "object": ("id", "key", "version_id", "size", "cipher_size", "profile", "chunk", "sha256", "sm3"),
}
"""What is evidence. Left out are columns that nothing is proven by: times of bookkeeping, nonces, states, retention."""

TOGETHER = (("entry", "tile"), "record", "secret", "checkpoint", "anchor", "object")
"""Flipped in one round: one of each; the log's own row alone, since nothing can be told of a log that is none."""


@dataclass(frozen=True, slots=True)
class Flip:
    """One bit of one value of one row."""

    table: str
    column: str
    row: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.table}.{self.column} of {self.row}: {self.before!r} -> {self.after!r}"


@pytest.fixture(scope="module")
def whole(parts: Parts, database: Database, s3: Bucket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node with documents, grants, uses, some three hundred entries, checkpoints and anchors; nothing wrong with it."""
    with closing(Site(parts, s3, database.url, tmp_path_factory.mktemp("site"))) as site:
        site.raise_children()
        site.start_http()
        with closing(Acts(site)) as acts:
            acts.begin()
            acts.finish("fetch", acts.prepare("fetch"))
        site.stop_http()
        for count in (1, 120, 180):
            append(site, count)
            site.prove(anchor=True)
        assert found(site) == []
        yield site


def found(site: Site) -> list[str]:
    """Every defect that `cailian fsck --deep` names."""
    node = site.node
    beside = Beside(witnesses=[seat.key for seat in node.witnesses], identity=IDENTITY[site], now=node.clock.now())
    report = fsck(node.database, site.key, beside=beside, objects=node.objects)
    return report.as_json()["defects"] + objectcheck.check(node.database, node.objects)


class _Identities(dict[Site, chainproof.ChainIdentity]):
    """The chain of a site, as its trust file pins it."""

    def __missing__(self, site: Site) -> chainproof.ChainIdentity:
        self[site] = site.node.chain.identity()
        return self[site]


IDENTITY = _Identities()


def flipped(value: Any, dice: random.Random) -> Any:
    """The value with one bit changed."""
    if isinstance(value, bytes | memoryview):
        content = bytearray(value)
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        return bytes(content)
    if isinstance(value, uuid.UUID):
        return uuid.UUID(bytes=flipped(value.bytes, dice))
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1 << dice.randrange(40)) * dice.choice((-1, 1))
    if isinstance(value, int):
        return value ^ 1 << dice.randrange(31)
    while True:
        written = json.dumps(value) if isinstance(value, dict) else value
        content = flipped(written.encode(), dice)
        try:
            read = json.loads(content) if isinstance(value, dict) else content.decode()
        except ValueError:
            continue
        if "\0" not in content.decode() and read != value:
            return read


def choose(site: Site, table: str, dice: random.Random) -> Flip:
    """One of all bits of the fields of a table."""
    column = dice.choice(FIELDS[table])
    with site.node.database.unit() as db:
        condition = "WHERE state = 'confirmed'" if table == "anchor" else ""
        rows = db.execute(text(f'SELECT ctid::text, {column} FROM ledger."{table}" {condition} ORDER BY ctid')).all()
        row, before = dice.choice([row for row in rows if row[1] not in (None, "", b"")])
    return Flip(table, column, row, before, flipped(before, dice))


def write(site: Site, flip: Flip, value: Any, where: str) -> str:
    """Put a value into a row; where the row is now."""
    cast = "::jsonb" if isinstance(value, dict) else ""
    query = f'UPDATE ledger."{flip.table}" SET {flip.column} = CAST(:value AS text){cast}' if cast else (
        f'UPDATE ledger."{flip.table}" SET {flip.column} = :value'
    )  # fmt: skip
    with site.node.database.unit() as db:
        db.execute(text("SET LOCAL session_replication_role = replica"))
        held = json.dumps(value) if cast else value
        return str(
            db.execute(
                text(query + " WHERE ctid = CAST(:at AS tid) RETURNING ctid::text"), {"value": held, "at": where}
            ).scalar_one()
        )


def names(site: Site, flip: Flip) -> list[str]:
    """How the place may be called: by the row's own name, before or after."""
    with site.node.database.unit() as db:
        row = (
            db.execute(text(f'SELECT * FROM ledger."{flip.table}" WHERE ctid = CAST(:at AS tid)'), {"at": flip.row})
            .mappings()
            .one()
        )
        key = row.get("entry_id") or row.get("id")
        index = db.execute(text("SELECT idx FROM ledger.entry WHERE id::text = :key"), {"key": str(key)}).scalar()
        size = store.log_head(db)
    called = (
        [f"entry {key}", f"object {key}", f"index {index}"]
        if flip.table in ("entry", "record", "secret", "object")
        else []
    )
    if flip.table in ("checkpoint", "anchor"):
        called += [f"size {row['size']}"]
    if flip.table == "tile":
        called += [f"tile {row['level']}/{row['n']:03d}"]
    if flip.table == "log":
        called += [f"size {size.size if size else 0}", str(row["origin"]), "index ", "size ", "tile "]
    if flip.column in ("id", "entry_id"):
        called += [f"entry {flip.after}", f"object {flip.after}"]
    if flip.column == "size":
        called += [f"size {flip.after}"]
    return called


class TestFsck:
    def test_names_every_flipped_bit(self, whole: Site) -> None:
        dice, done = random.Random(SEED), 0
        print(f"{FLIPS} flips, CAILIAN_TEST_SEED={SEED}")
        rounds = itertools.cycle([TOGETHER, TOGETHER, ("log",)])
        while done < FLIPS:
            tables = [dice.choice(each) if isinstance(each, tuple) else each for each in next(rounds)]
            done += self._one_round(whole, [choose(whole, table, dice) for table in tables])
        assert found(whole) == []

    @staticmethod
    def _one_round(site: Site, flips: list[Flip]) -> int:
        """Flip several at once, so that none may hide another; how many the database took."""
        made: list[tuple[Flip, str, list[str]]] = []
        for flip in flips:
            called = names(site, flip)
            if any(set(called) & set(other) for _, _, other in made):
                continue
            with suppress(DBAPIError):  # a rule of the table: the database itself does not take it
                made.append((flip, write(site, flip, flip.after, flip.row), called))
        defects = found(site)
        for flip, row, _ in reversed(made):
            write(site, flip, flip.before, row)
        for flip, _, called in made:
            assert any(name in defect for name in called for defect in defects), f"seed {SEED}: {flip}: {defects[:9]}"
        return len(made)

    @pytest.mark.parametrize("how", ["bit", "torn", "gone"])
    def test_names_an_object_that_s3_spoiled(self, whole: Site, how: str) -> None:
        with whole.node.database.unit() as db:
            ids = db.execute(text("SELECT id::text, key FROM ledger.object ORDER BY id")).all()
        dice = random.Random(SEED)
        for object_id, key in ids:
            assert self._spoiled(whole, key, how, dice) == [f"object-damaged: object {object_id}"]

    @staticmethod
    def _spoiled(site: Site, key: str, how: str, dice: random.Random) -> list[str]:
        """What a deep check says when S3 gives other bytes for one object."""
        with line_to(site.node.settings.s3_endpoint) as line:
            wanted = []

            def spoil(method: str, answer: Answer) -> Answer:
                if method != "GET" or key not in line.requests[-1]:
                    return answer
                wanted.append(key)
                if how == "bit":
                    return replace(answer, body=flipped(answer.body, dice))
                cut = dice.randrange(len(answer.body)) if how == "torn" else 0
                answer.set("Content-Length", str(cut))
                return replace(answer, body=answer.body[:cut])

            line.spoil_answer = spoil
            settings = site.node.settings.model_copy(update={"s3_endpoint": line.endpoint})
            node = type(site.node)(settings)
            try:
                return objectcheck.check(node.database, node.objects)
            finally:
                node.close()
                assert wanted


class TestSequencer:
    @pytest.mark.parametrize(
        ("what", "where"),
        [
            ("entry SET leaf = {leaf}", "idx = 300"),
            ("entry SET leaf = {leaf}", "idx = 699"),
            ("tile SET hashes = {hashes}", "level = 0 AND n = 1"),
            ("tile SET hashes = {hashes}", "level = 0 AND n = 2"),
            ("tile SET hashes = {hashes}", "level = 1"),
            ("log SET root = {root}", "true"),
            ("checkpoint SET root = {root}", "true"),
        ],
        ids=["leaf", "newest leaf", "full tile", "edge", "tile above", "head", "last checkpoint"],
    )
    def test_signs_nothing_over_it(self, database: Database, what: str, where: str) -> None:
        log = Log(database)
        log.append(10)
        log.integrate()
        log.append(690)
        while log.sequencer.index_batch():
            pass
        flips = {name: f"set_byte({name}, 40, get_byte({name}, 40) # 1)" for name in ("leaf", "hashes")}
        flips["root"] = "set_byte(root, 9, get_byte(root, 9) # 1)"
        assert log.run(f"UPDATE ledger.{what.format(**flips)} WHERE {where}") == 1
        log.clock.pass_(2)
        with pytest.raises(LogDivergedError):
            log.another_sequencer().publish()
        assert log.run("SELECT count(*) FROM ledger.checkpoint")[0][0] == 1

    def test_signs_when_it_is_mended(self, database: Database) -> None:
        log = Log(database)
        log.append(700)
        log.sequencer.index_batch()
        for _ in range(2):
            log.run("UPDATE ledger.entry SET leaf = set_byte(leaf, 40, get_byte(leaf, 40) # 1) WHERE idx = 300")
        log.clock.pass_(2)
        published = log.another_sequencer().publish()
        assert published is not None
        assert published.size == 700

    def test_signs_what_came_while_it_could_not(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        """More than one statement's worth, ending inside a tile."""
        monkeypatch.setattr("ledger.recheck._STEP", 1024)
        log = Log(database)
        log.append(300)
        log.integrate()
        for _ in range(2):
            log.append(4096)
            log.sequencer.index_batch()
        log.clock.pass_(2)
        published = log.another_sequencer().publish()
        assert published is not None
        assert published.size == 300 + 2 * 4096
