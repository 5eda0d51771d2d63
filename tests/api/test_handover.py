"""A whole exchange goes on in the next log, and under other keys; what it proved before stays proven (L7, L8)."""

from __future__ import annotations

import json
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from sqlalchemy import text

from api import handover, keys
from api.client import ProblemError
from api.node import Node
from api.stack.exchange import Exchange
from ledger import store
from ledger.clock import rfc3339
from ledger.errors import LogMismatchError
from ledger.note import NoteVerifier, open_checkpoint
from ledger.record import Record
from ledger.tiles import decode_entries
from ledger.trust import Trust
from ledger.verify import load_bundle, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NEXT = "cailian.example/log/310199-2"


def until(true: Callable[[], bool], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        threading.Event().wait(0.1)


class Kept:
    """What outlives a restart: evidence and its digests, by the client's own bookkeeping."""

    def __init__(self, folder: Path) -> None:
        self.exchange = Exchange(folder, demo=True, anchor_interval=0.5, workers=1)

    def up(self) -> None:
        self.exchange.up()

    def again(self) -> None:
        """Stop, and start with what the folder says now."""
        folder = self.exchange.folder
        self.exchange.down()
        self.exchange = Exchange(folder, demo=True, anchor_interval=0.5, workers=1)
        self.exchange.up()

    def anchor(self) -> str:
        """Anchor a digest and wait until the chain holds it."""
        with self.exchange.client("cailian-operations") as client:
            body = {"reference": f"R-{uuid.uuid4()}", "sha256": uuid.uuid4().hex * 2}
            entry_id = client.call("POST", "/v1/evidence", body)["entry_id"]
            until(lambda: client.call("GET", f"/v1/entries/{entry_id}")["state"] == "anchored")
        return entry_id

    def bundle(self, entry_id: str) -> dict[str, Any]:
        with self.exchange.client("cailian-operations") as client:
            return client.call("GET", f"/v1/evidence/{entry_id}/bundle")

    def trust(self) -> Trust:
        return Trust.from_json(self.exchange.trust())

    def node(self) -> Node:
        return Node(self.exchange.settings)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    held = Kept(tmp_path_factory.mktemp("handover"))
    try:
        held.up()
        yield held
    finally:
        held.exchange.down()


@pytest.fixture(scope="module")
def before(kept: Kept) -> dict[str, Any]:
    """Evidence and its receipt from the first days of the node."""
    entry_id = kept.anchor()
    return {"entry_id": entry_id, "bundle": kept.bundle(entry_id), "trust": kept.trust()}


def record(node: Node) -> Record:
    return Record({"type": "test", "time": rfc3339(node.clock.now())}, {})


def proven(bundle: dict[str, Any], trust: Trust) -> str:
    return str(verify(load_bundle(json.dumps(bundle).encode()), trust, None).verdict)


class TestShard:
    def test_freezes_and_goes_on_in_the_next_log(self, kept: Kept, before: dict[str, Any]) -> None:
        old = kept.node()
        origin = old.settings.origin
        ended = handover.freeze(old)
        with kept.exchange.client("cailian-operations") as client, pytest.raises(ProblemError) as refused:
            client.call("POST", "/v1/evidence", {"reference": "R-1", "sha256": "0" * 64})
        assert (refused.value.status, refused.value.code) == (503, "log-frozen")
        said = handover.open_next(old, NEXT)
        assert handover.open_next(old, NEXT) == said  # once more after a crash
        kept.exchange.remember_origin(NEXT)
        old.close()
        kept.again()

        entry_id = kept.anchor()
        trust, base = kept.trust(), kept.exchange.base_url
        late = kept.bundle(entry_id)
        assert late["sections"]["log"]["origin"] == NEXT
        assert proven(late, trust) == "proven"
        for bundle in (before["bundle"], kept.bundle(before["entry_id"])):
            assert bundle["sections"]["log"]["origin"] == origin
            assert proven(bundle, trust) == "proven"
        document = httpx2.get(f"{base}/v1/entries/{before['entry_id']}").json()
        assert (document["log"], document["state"]) == (origin, "anchored")

        note = httpx2.get(f"{base}/log/1/checkpoint").text
        vkey = next(held.key for held in trust.keys(origin) if held.until_size == ended["size"])
        assert open_checkpoint(note, vkey).size == ended["size"]
        width = min(ended["size"], 256)
        part = "" if width == 256 else f".p/{width}"
        entries = httpx2.get(f"{base}/log/1/tile/entries/000{part}").content
        leaves = decode_entries(entries)
        sealed = [leaf for leaf in leaves if not leaf.startswith(b'{"clear"')]
        assert len(leaves) == width
        assert {len(leaf) for leaf in sealed} == {57}
        assert (
            open_checkpoint(httpx2.get(f"{base}/log/checkpoint").text, NoteVerifier.parse(said["vkey"])).origin == NEXT
        )
        assert httpx2.get(f"{base}/log/2/checkpoint").status_code == 404
        report = kept.exchange.fsck()
        assert report["defects"] == []
        assert report["entries"] > ended["size"]

    def test_refuses_a_process_with_the_old_settings(self, kept: Kept) -> None:
        settings = kept.exchange.settings.model_copy(update={"origin": "cailian.example/log/310199"})
        stale = Node(settings)
        assert stale.readiness()["log"] == "another log"
        with pytest.raises(LogMismatchError):
            stale.sequencer.index_batch()
        stale.close()


class TestWrappingKey:
    def test_renews_every_row_and_forgets(self, kept: Kept) -> None:
        keys.rotate_wrapping(kept.exchange.settings.secrets_dir)
        node = kept.node()
        with node.database.unit() as db:
            stale = db.execute(text("SELECT count(*) FROM ledger.secret WHERE kind = 'object'")).scalar_one()
        seal_keys = len(list((kept.exchange.settings.secrets_dir / "seals").glob("*.key")))
        assert seal_keys
        assert handover.rewrap(node) == stale + seal_keys
        assert handover.rewrap(node) == 0
        node.close()
        assert keys.forget_wrapping(kept.exchange.settings.secrets_dir) == 1


class TestLogKey:
    def test_goes_on_under_a_fresh_key(self, kept: Kept, before: dict[str, Any]) -> None:
        stale = kept.node()
        said = handover.rotate_log_key(stale)
        assert [each["vkey"] for each in said["retired"]] == [stale.signer.vkey]
        with pytest.raises(LogMismatchError), stale.database.unit() as db:
            stale.evidence.append(db, record(stale))
        stale.close()
        fresh = kept.node()
        assert fresh.signer.vkey == said["vkey"]
        with fresh.database.unit() as db:
            fresh.evidence.append(db, record(fresh))
        fresh.sequencer.index_batch()
        until(lambda: fresh.sequencer.publish() is not None)
        with fresh.database.unit() as db:
            note = store.newest_checkpoint(db).note  # published when the witnesses know the key
        fresh.close()
        assert open_checkpoint(note, NoteVerifier.parse(said["vkey"])).size > said["retired"][0]["until_size"]
        trust = kept.trust()
        assert proven(before["bundle"], trust) == "proven"
        assert proven(kept.bundle(before["entry_id"]), trust) == "proven"
        assert kept.exchange.fsck()["defects"] == []

    def test_goes_on_when_the_key_is_lost(self, kept: Kept, before: dict[str, Any]) -> None:
        lost = kept.node()
        vkey = lost.signer.vkey
        lost.close()
        keys.stage(kept.exchange.settings.secrets_dir)
        keys.promote(kept.exchange.settings.secrets_dir)  # what an operator puts in place of the lost one
        fresh = kept.node()
        with pytest.raises(LogMismatchError):
            fresh.sequencer.index_batch()
        said = handover.rotate_log_key(fresh, lost=vkey)
        assert said["vkey"] == fresh.signer.vkey != vkey
        assert vkey in [each["vkey"] for each in said["retired"]]
        with fresh.database.unit() as db:
            fresh.evidence.append(db, record(fresh))
        fresh.close()
        assert proven(before["bundle"], kept.trust()) == "proven"
