"""What the node says of itself, and the log as strangers' tools read it (C2SP tlog-tiles), recomputed by other code than ours."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi.testclient import TestClient

from api.app import create_app
from api.node import Node
from api.stack.exchange import Exchange
from ledger.clock import rfc3339
from ledger.record import Record
from tests.api.test_journey import until

Act = Callable[..., dict[str, Any]]
WIDTH = 256


@pytest.fixture(scope="module")
def web(exchange: Exchange) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=exchange.base_url, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def long_log(exchange: Exchange) -> None:
    """More entries than one tile takes."""
    node = Node(exchange.settings)
    fact = {"type": "test.filling", "time": rfc3339(node.clock.now())}
    with node.database.unit() as db:
        node.evidence.append_many(db, [Record(fact, {"number": number}) for number in range(WIDTH + 20)])
    node.close()


@pytest.fixture
def grown(web: httpx2.Client, long_log: None, deposit: Act) -> int:
    """Size of a log with something in it, at rest: nothing pending, and a published checkpoint over all."""
    deposit()

    def settled() -> int | None:
        figures = web.get("/healthz").json()["figures"]
        return (
            figures["log_size"]
            if figures["log_pending"] == 0 and figures["published_size"] == figures["log_size"]
            else None
        )

    return int(until(settled))


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def root(hashes: list[bytes]) -> bytes:
    """Merkle tree hash over leaf hashes, word for word as RFC 6962 2.1 defines it."""
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha(b"\x01" + root(hashes[:k]) + root(hashes[k:]))


def path_of(kind: str, number: int, width: int = WIDTH) -> str:
    """`x001/x234/067` and `.p/W`, as C2SP tlog-tiles writes them."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    return f"/log/tile/{kind}/{'/'.join(groups)}" + (f".p/{width}" if width < WIDTH else "")


def split(bundle: bytes) -> list[bytes]:
    """Entries of a bundle: two bytes of length, big-endian, then the entry; nothing may be left over."""
    found = []
    while bundle:
        length = int.from_bytes(bundle[:2])
        assert len(bundle) >= 2 + length
        found.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    return found


def pieces(size: int) -> list[tuple[int, int]]:
    """Number and width of each tile of level 0 in a tree of that size."""
    whole, rest = divmod(size, WIDTH)
    return [(number, WIDTH) for number in range(whole)] + ([(whole, rest)] if rest else [])


class TestLivez:
    def test_answers_even_when_nothing_else_does(self, exchange: Exchange, web: httpx2.Client) -> None:
        assert web.get("/livez").json() == {"status": "live"}
        cut_off = {"s3_endpoint": "127.0.0.1:9", "database_url": "postgresql+psycopg://x:x@127.0.0.1:9/x"}
        with TestClient(create_app(without(exchange, cut_off))) as client:
            assert client.get("/livez").status_code == 200


class TestReadyz:
    def test_names_each_part(self, web: httpx2.Client) -> None:
        answer = web.get("/readyz")
        assert answer.status_code == 200
        parts = {"database": "ok", "log": "ok", "objects": "ok"}
        assert answer.json() == {"status": "ready", "parts": parts, "warnings": []}

    def test_says_which_part_is_gone(self, exchange: Exchange) -> None:
        with TestClient(create_app(without(exchange, {"s3_endpoint": "127.0.0.1:9"}))) as client:
            answer = client.get("/readyz")
        assert answer.status_code == 503
        parts = answer.json()["parts"]
        assert (parts["database"], parts["log"]) == ("ok", "ok")
        assert parts["objects"] != "ok"


def without(exchange: Exchange, change: dict[str, Any]) -> Any:
    """The node's settings with some address wrong."""
    return type(exchange.settings).model_validate(exchange.settings.model_dump() | change)


class TestHealthz:
    def test_tells_sizes_lags_and_limits(self, exchange: Exchange, web: httpx2.Client, grown: int) -> None:
        held = web.get("/healthz").json()
        assert held["origin"] == exchange.settings.origin
        assert held["limits"] == {"limit_1": 14_400, "limit_2": 86_400}
        assert held["figures"]["log_size"] >= grown
        assert held["figures"]["anchored_size"] <= held["figures"]["checkpoint_size"]
        assert held["lag_warning"] is False

    def test_warns_at_seventy_percent_of_the_first_limit(self, exchange: Exchange, deposit: Act) -> None:
        deposit()
        with TestClient(create_app(without(exchange, {"lag_limit_1": 0}))) as client:
            assert client.get("/healthz").json()["lag_warning"] is True


class TestMetrics:
    def count(self, web: httpx2.Client, name: str, labels: str = "") -> float:
        lines = web.get("/metrics").text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name) and labels in line)

    def test_adds_up_all_workers(self, exchange: Exchange) -> None:
        """Many short connections reach both processes; whichever answers knows of all of them."""
        asked = 40
        with httpx2.Client(base_url=exchange.base_url) as web:
            before = self.count(web, "cailian_http_requests_total{", 'route="/livez"')
        for _ in range(asked):
            assert httpx2.get(exchange.base_url + "/livez").status_code == 200
        for _ in range(6):
            with httpx2.Client(base_url=exchange.base_url) as web:
                assert self.count(web, "cailian_http_requests_total{", 'route="/livez"') == before + asked

    def test_counts_deposits_and_decisions(self, web: httpx2.Client, deposit: Act) -> None:
        before = self.count(web, "cailian_deposits_total{", 'type="CL022"')
        deposit()
        assert self.count(web, "cailian_deposits_total{", 'type="CL022"') == before + 1

    def test_shows_the_logs_figures(self, web: httpx2.Client, grown: int) -> None:
        assert self.count(web, "cailian_log_size ") >= grown
        assert self.count(web, "cailian_log_pending ") >= 0

    def test_labels_are_templates(self, web: httpx2.Client) -> None:
        web.get("/v1/cases/31011820260101000001")
        text = web.get("/metrics").text
        assert "31011820260101000001" not in text
        assert 'route="/v1/cases/{case_no}"' in text


class TestCheckpoint:
    def test_is_a_note_signed_by_the_trusted_key(self, exchange: Exchange, web: httpx2.Client, grown: int) -> None:
        answer = web.get("/log/checkpoint")
        assert answer.headers["content-type"].startswith("text/plain")
        assert "no-cache" in answer.headers["cache-control"]
        body, _, signatures = answer.text.partition("\n\n")
        origin, size, head = body.split("\n")
        assert origin == exchange.settings.origin
        assert int(size) >= grown
        assert len(base64.b64decode(head)) == 32
        name, identifier, key = exchange.trust()["logs"][0]["vkey"].split("+", 2)
        raw = base64.b64decode(key)
        assert (name, raw[0]) == (origin, 1)  # type 1: Ed25519
        found = re.match(r"— (\S+) (\S+)\n", signatures)  # the witness's cosignature follows
        assert found is not None
        blob = base64.b64decode(found[2])
        assert found[1] == origin
        assert blob[:4].hex() == identifier == sha(origin.encode() + b"\n" + raw)[:4].hex()
        signer = Ed25519PublicKey.from_public_bytes(raw[1:])
        signer.verify(blob[4:], (body + "\n").encode())
        with pytest.raises(InvalidSignature):
            signer.verify(blob[4:], body.replace(size, str(int(size) + 1)).encode() + b"\n")


class TestTiles:
    def test_entries_recompute_to_the_signed_root(self, web: httpx2.Client, grown: int) -> None:
        assert grown > WIDTH
        head = web.get("/log/checkpoint").text.split("\n")
        size, signed = int(head[1]), base64.b64decode(head[2])
        entries: list[bytes] = []
        for number, width in pieces(size):
            bundle = split(web.get(path_of("entries", number, width)).raise_for_status().content)
            assert len(bundle) == width
            entries += bundle
        leaves = [sha(b"\x00" + entry) for entry in entries]
        assert root(leaves) == signed
        tiles = b"".join(web.get(path_of("0", number, width)).content for number, width in pieces(size))
        assert tiles == b"".join(leaves)
        above = web.get(path_of("1", 0, size // WIDTH)).content
        assert above[:32] == root(leaves[:WIDTH])

    def test_smaller_tiles_of_the_past_stay(self, web: httpx2.Client, grown: int) -> None:
        number, width = pieces(grown)[-1]
        now = web.get(path_of("0", number, width)).content
        for smaller in {1, width // 2 or 1, width}:
            assert web.get(path_of("0", number, smaller)).content == now[: 32 * smaller]
            assert len(split(web.get(path_of("entries", number, smaller)).content)) == smaller

    def test_may_be_kept_for_ever(self, web: httpx2.Client, grown: int) -> None:
        number, width = pieces(grown)[-1]
        for kind in ("0", "entries"):
            answer = web.get(path_of(kind, number, width))
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert answer.headers["content-type"] == "application/octet-stream"

    @pytest.mark.parametrize(
        "path",
        [
            "0/999", "0/x001/000", "1/999", "2/000", "63/000", "64/000", "entries/999", "0/000.p/0", "0/000.p/256", "0/0", "0/0000", "x/000",
            "0/-01", "entries/x000/000", "0/000.p/01", "", "0", "0/000/000",
        ],
    )  # fmt: skip
    def test_are_not_found_where_there_are_none(self, web: httpx2.Client, path: str) -> None:
        answer = web.get(f"/log/tile/{path}")
        assert answer.status_code == 404
        assert "immutable" not in answer.headers.get("cache-control", "")

    def test_beyond_the_head_are_not_found(self, web: httpx2.Client, grown: int) -> None:
        number, _ = pieces(grown)[-1]
        assert web.get(path_of("0", number + 5)).status_code == 404
        assert web.get(path_of("entries", number + 5, 3)).status_code == 404


class TestEntries:
    def test_tells_how_far_an_entry_has_come_and_nothing_else(self, web: httpx2.Client, deposit: Act) -> None:
        held = deposit()
        entry_id = held["entry"]["entry_id"]

        def look() -> dict[str, Any]:
            return dict(web.get(f"/v1/entries/{entry_id}").json())

        sizes = {"checkpoint_size", "cosigned_size", "anchor_size"}
        assert look().keys() == {"entry_id", "log", "state", "index", "anchored_at"} | sizes
        anchored = until(lambda: found if (found := look())["state"] == "anchored" else None)
        assert anchored["index"] < anchored["anchor_size"]
        assert anchored["anchored_at"].endswith("Z")

    @pytest.mark.parametrize("entry_id", ["none", "019a0000-0000-7000-8000-000000000000", "%00", "' or 1=1"])
    def test_knows_no_other(self, web: httpx2.Client, entry_id: str) -> None:
        assert web.get(f"/v1/entries/{entry_id}").status_code == 404
