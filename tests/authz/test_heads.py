"""The daily heads, and what they show a holder whose use was left out."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import IntegrityError

from authz import omission
from authz.errors import HeadsMissingError, HeadsProofError
from authz.heads import BEIJING, Head, Heads, leaf
from authz.omission import Finding
from authz.store import heads as store
from ledger import bundle, merkle
from ledger.errors import VerificationError
from ledger.note import NoteSigner, NoteVerifier
from ledger.sequencer import Sequencer, create_log
from ledger.trust import LogKey, Trust
from tests.authz.world import World

if TYPE_CHECKING:
    from authz.model import Use
    from ledger.db import Database

LOG = NoteSigner("log.test/authz", Ed25519PrivateKey.from_private_bytes(bytes(32)))
TRUST = Trust((LogKey(NoteVerifier.parse(LOG.vkey)),))
DAY = date(2026, 11, 21)


class Node:
    """A world with a log that is sequenced, and its heads."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.heads = Heads(world.evidence, b"h" * 32, world.clock)
        with world.database.unit() as db:
            create_log(db, LOG.name, LOG.key_id)

    def uses(self, count: int) -> list[Use]:
        made = []
        for _ in range(count):
            self.world.clock.pass_(1)
            made.append(self.world.use())
        return made

    def midnight(self) -> None:
        """Ten minutes past the end of the day."""
        self.world.clock.at = datetime(2026, 11, 22, 0, 10, tzinfo=BEIJING).astimezone(UTC)

    def commit(self, heads: dict[str, Head] | None = None) -> store.Day:
        """Commit the day; with `heads`, what a lying node commits instead of the truth."""
        self.midnight()
        day, time = self.heads.due()
        with self.world.database.unit() as db:
            hashes, after = self.heads.page(db, day, "")
            assert after == ""
            if heads is not None:
                tags = {holder: self.heads._tag(day, holder) for holder in heads}
                hashes = [merkle.leaf_hash(leaf(day, head, tags[holder])) for holder, head in heads.items()]
            made = self.heads.commit(db, day, time, hashes)
        self.integrate()
        return made

    def integrate(self) -> None:
        sequencer = Sequencer(self.world.database, LOG, self.world.clock)
        while sequencer.index_batch():
            pass
        self.world.clock.pass_(2)
        sequencer.publish()

    def proof(self, holder: str | None = None) -> dict[str, Any]:
        with self.world.database.unit() as db:
            return self.heads.prove(db, holder or self.world.firm, DAY)

    def receipt(self, use: Use) -> omission.Receipt:
        with self.world.database.unit() as db:
            made = bundle.build(db, self.world.evidence, "use", [use.intent_entry_id])
        return omission.open_receipt(json.dumps(made).encode(), TRUST)

    def head(self, use: Use, seq: int) -> Head:
        return Head(seq, self.receipt(use).leaf)


@pytest.fixture
def node(database: Database) -> Node:
    made = Node(World(database))
    made.world.grant(max_uses=10)
    return made


def opened(proof: dict[str, Any]) -> omission.ProvenHead:
    return omission.open_proof(json.dumps(proof).encode(), TRUST)


class TestDue:
    def test_is_the_day_that_ended_last_in_beijing(self, node: Node) -> None:
        node.world.clock.at = datetime(2026, 11, 21, 15, 59, tzinfo=UTC)  # 23:59 there
        assert node.heads.due()[0] == date(2026, 11, 20)
        node.world.clock.at = datetime(2026, 11, 21, 16, 0, 30, tzinfo=UTC)  # units of the day may still be open
        assert node.heads.due() is None
        node.world.clock.at = datetime(2026, 11, 21, 16, 1, 1, tzinfo=UTC)
        day, time = node.heads.due()
        assert (day, time.astimezone(UTC)) == (DAY, datetime(2026, 11, 21, 16, 0, 1, tzinfo=UTC))


class TestCommit:
    def test_is_made_once_a_day(self, node: Node) -> None:
        node.uses(1)
        made = node.commit()
        assert (made.day, made.count) == (DAY, 1)
        with pytest.raises(IntegrityError):
            node.commit()
        assert node.world.types().count("holder.heads") == 1
        fact, parties = node.world.record(made.entry_id)
        assert fact == {
            "type": "holder.heads",
            "time": "2026-11-21T16:09:00.000Z",
            "day": "2026-11-21",
            "count": 1,
            "root": made.root.hex(),
        }
        assert parties == {}

    def test_takes_every_holder_with_a_use_page_by_page(self, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
        node.uses(1)
        for number in range(5):
            node.world.run(
                "INSERT INTO authz.holder (id, kind, name, use_seq, use_head, created_at) "
                "VALUES (gen_random_uuid(), 'person', '', :seq, :head, now())",
                seq=number + 1,
                head=bytes([number]) * 32,
            )
        monkeypatch.setattr("authz.heads.PAGE", 2)
        found, after, more = [], "", True
        while more:
            with node.world.database.unit() as db:
                page, after = node.heads.page(db, DAY, after)
            found += page
            more = bool(after)
        assert len(found) == len(set(found)) == 6

    def test_says_nothing_without_the_key(self, node: Node) -> None:
        """Number and head of a use are known to its requester; without the tag they open no leaf."""
        use = node.uses(1)[0]
        other = Heads(node.world.evidence, b"x" * 32, node.world.clock)
        with node.world.database.unit() as db:
            mine, theirs = node.heads.page(db, DAY, "")[0], other.page(db, DAY, "")[0]
            tomorrow = node.heads.page(db, date(2026, 11, 22), "")[0]
        assert len({*mine, *theirs, *tomorrow}) == 3
        assert node.world.firm.encode() not in leaf(DAY, Head(1, b"h" * 32), node.heads._tag(DAY, node.world.firm))
        assert use.holder_id == node.world.firm


class TestProve:
    def test_shows_the_head_of_that_day(self, node: Node) -> None:
        uses = node.uses(3)
        node.commit()
        proof = node.proof()
        node.uses(2)  # of the next day
        node.integrate()
        assert {**node.proof(), "bundle": None} == {**proof, "bundle": None}
        proven = opened(proof)
        assert (proven.day, proven.head, proven.verdict) == (DAY, node.head(uses[2], 3), "logged")

    def test_shows_one_among_many(self, node: Node) -> None:
        """More holders than a tile is wide."""
        uses = node.uses(1)
        others = {f"holder-{number}": Head(1, number.to_bytes(32)) for number in range(600)}
        node.integrate()
        made = node.commit({**others, node.world.firm: node.head(uses[0], 1)})
        assert made.count == 601
        assert opened(node.proof()).head.seq == 1

    @pytest.mark.parametrize("missing", ["day", "holder"])
    def test_has_nothing_to_show_without_day_or_use(self, node: Node, missing: str) -> None:
        node.uses(1)
        if missing == "holder":
            node.commit()
        with pytest.raises(HeadsMissingError):
            node.proof(node.world.xu if missing == "holder" else None)

    @pytest.mark.parametrize("change", ["seq", "head", "tag", "index", "path", "day", "version", "more", "bundle"])
    def test_is_refused_when_changed(self, node: Node, change: str) -> None:
        node.uses(2)
        node.commit({node.world.firm: Head(2, node_head(node)), "other": Head(1, b"o" * 32)})
        proof = node.proof()
        assert opened(proof).head.seq == 2
        other = {
            "seq": 1,
            "head": "00" * 32,
            "tag": "00" * 32,
            "index": 1 - proof["index"],
            "path": [b64encode(bytes(32)).decode()],
            "day": "2026-11-20",
            "version": 2,
            "more": 1,
        }
        if change == "bundle":
            proof["bundle"]["sections"]["heads"]["entries"][0]["opening"]["fact"]["content"]["count"] = 1
        else:
            proof[change] = other[change]
        with pytest.raises((HeadsProofError, VerificationError)):
            opened(proof)


def node_head(node: Node) -> bytes:
    return bytes(node.world.run("SELECT use_head FROM authz.holder WHERE id = :id", id=node.world.firm)[0][0])


class TestCompare:
    def test_finds_nothing_where_all_is_there(self, node: Node) -> None:
        uses = node.uses(3)
        node.commit()
        later = node.uses(1)
        node.integrate()
        assert omission.compare([node.receipt(use) for use in [*uses, *later]], opened(node.proof())) == []

    def test_names_the_numbers_without_receipt(self, node: Node) -> None:
        uses = node.uses(4)
        node.commit()
        receipts = [node.receipt(use) for use in (uses[1], uses[3])]
        assert omission.compare(receipts, opened(node.proof())) == [Finding("missing", 1), Finding("missing", 3)]

    def test_names_a_receipt_that_the_commitment_left_out(self, node: Node) -> None:
        """The node shows two uses; a department holds the receipt of a third."""
        uses = node.uses(3)
        node.integrate()
        node.commit({node.world.firm: node.head(uses[1], 2)})
        found = omission.compare([node.receipt(use) for use in uses], opened(node.proof()))
        assert found == [Finding("newer", 3)]

    def test_names_a_use_that_was_swapped(self, node: Node) -> None:
        uses = node.uses(2)
        node.integrate()
        receipts = [node.receipt(use) for use in uses]
        node.commit()
        lie = omission.ProvenHead(DAY, "2026-11-21T16:09:00.000Z", Head(2, b"z" * 32), "logged")
        assert omission.compare(receipts, lie) == [Finding("conflict", 2)]

    def test_names_two_receipts_of_one_number_and_a_broken_chain(self, node: Node) -> None:
        uses = node.uses(2)
        node.commit()
        one, two = (node.receipt(use) for use in uses)
        proven = opened(node.proof())
        twin = omission.Receipt(1, b"t" * 32, None, one.time)
        assert omission.compare([one, twin, two], proven) == [Finding("conflict", 1)]
        torn = omission.Receipt(2, two.leaf, b"t" * 32, two.time)
        assert omission.compare([one, torn], proven) == [Finding("conflict", 2)]
        headless = omission.Receipt(1, one.leaf, b"t" * 32, one.time)
        assert Finding("conflict", 1) in omission.compare([headless, two], proven)

    def test_believes_no_receipt_of_another_log(self, node: Node) -> None:
        use = node.uses(1)[0]
        node.commit()
        with node.world.database.unit() as db:
            made = bundle.build(db, node.world.evidence, "use", [use.intent_entry_id])
        stranger = NoteSigner(LOG.name, Ed25519PrivateKey.from_private_bytes(b"s" * 32))
        with pytest.raises(VerificationError):
            omission.open_receipt(json.dumps(made).encode(), Trust((LogKey(NoteVerifier.parse(stranger.vkey)),)))

    def test_takes_no_promise_for_a_receipt(self, node: Node) -> None:
        use = node.uses(1)[0]
        with pytest.raises(HeadsProofError, match="promised"):
            node.receipt(use)
