"""A city and a district, two nodes with a database and a log each, one chain: what the district writes is proven down
to the chain by one file, and a district that forks is refused and convicted."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from api import bootstrap, keys, migrations, onboard
from api.adapters import superior
from api.cli import app
from api.lag import Lag
from api.node import Node
from api.settings import Settings
from api.stack.exchange import Exchange
from api.worker import Worker
from ledger import forwarder, store
from ledger.bundle import build
from ledger.clear import read_clear
from ledger.clock import rfc3339
from ledger.cosign import AddCheckpoint
from ledger.errors import (
    RollbackDetectedError,
    SuperiorProofError,
    SuperiorRefusedError,
    UntrustedLogError,
    VerificationError,
)
from ledger.forwarder import Answer, Forwarder, check_receipt
from ledger.model import Checkpoint
from ledger.note import Note, NoteSigner, parse_checkpoint, sign_checkpoint
from ledger.record import Record
from ledger.tiles import WIDTH, TileAddress
from ledger.trust import Trust
from ledger.verify import load_bundle, verify

DIVISION = "310199001"
DIGESTS = {"sha256": "ab" * 32, "sm3": "cd" * 32}


def wait(look: Callable[[], Any], seconds: float = 60) -> Any:
    """What `look` gives, as soon as it gives something."""
    for _ in range(int(seconds / 0.05)):
        if found := look():
            return found
        Event().wait(0.05)
    raise AssertionError(look)


class District:
    """A district's node, with its own database, keys and log, under the city's exchange."""

    def __init__(self, city: Exchange, template: str, folder: Path, division: str = DIVISION) -> None:
        self.city = city
        self.folder = folder
        self.name = f"district_{uuid.uuid4().hex[:12]}"
        held = city.settings
        self.url = held.database_url.get_secret_value().rsplit("/", 1)[0] + f"/{self.name}"
        self.admin = create_engine(city.stack.site.database_admin_url, isolation_level="AUTOCOMMIT")
        with self.admin.connect() as db:
            db.execute(text(f"create database {self.name} template {template} owner cailian"))
        keys.ensure(folder / "secrets")
        (folder / "city.json").write_text(json.dumps(city.trust()))
        self.settings = Settings(
            **held.model_dump()
            | {
                "database_url": self.url,
                "s3_secret_key": held.s3_secret_key.get_secret_value(),
                "secrets_dir": folder / "secrets",
                "demo": False,
                "connectors": None,
                "base_url": f"https://{division}.example",
                "division": division,
                "origin": f"cailian.example/log/{division}",
                "witnesses": [],
                "witness_quorum": 0,
                "superior_url": city.base_url,
                "superior_trust": str(folder / "city.json"),
                "superior_interval": 0.2,
            }
        )
        bootstrap.prepare(self.settings, folder / "clients")
        self.node = Node(self.settings)

    def close(self) -> None:
        self.node.close()
        with self.admin.connect() as db:
            db.execute(text(f"drop database if exists {self.name} with (force)"))
        self.admin.dispose()

    def card(self) -> Path:
        path = self.folder / "card.json"
        path.write_text(json.dumps(onboard.card(self.node, "示范街道").to_json()))
        return path

    def deposit(self) -> str:
        """An entry of the district."""
        fact = {"type": "material.deposited", "time": rfc3339(self.node.clock.now()), "digests": DIGESTS}
        with self.node.database.unit() as db:
            return self.node.evidence.append(db, Record(fact, {"requester": "11310113XX00000A2R"})).entry_id

    def integrate(self) -> Checkpoint:
        while self.node.sequencer.index_batch():
            pass
        return wait(self.node.sequencer.publish)

    def state(self, entry_id: str) -> str:
        with self.node.database.unit() as db:
            return store.entry_state(db, entry_id).state.value

    def bundle(self, entry_id: str) -> dict[str, Any]:
        with self.node.database.unit() as db:
            return build(db, self.node.evidence, "deposit", [entry_id])

    def forwarder(self) -> Forwarder:
        assert self.node.forwarder is not None
        return self.node.forwarder

    def forwarder_of(self) -> Forwarder:
        """That of a process started anew: it knows what the database knows."""
        made = superior.forwarder(self.settings, self.node.database, self.node.clock)
        assert made is not None
        return made


def command(*arguments: str | Path) -> dict[str, Any]:
    """A command that succeeds, and its JSON."""
    done = CliRunner().invoke(app, [str(each) for each in (*arguments, "--json")])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def city(exchange: Exchange) -> Exchange:
    return exchange


@pytest.fixture(scope="module")
def template(city: Exchange) -> Iterator[str]:
    """A database with every schema and no log, on the city's server."""
    name, url = f"template_{uuid.uuid4().hex[:12]}", city.settings.database_url.get_secret_value()
    admin = create_engine(city.stack.site.database_admin_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as db:
        db.execute(text(f"create database {name} owner cailian"))
    engine = create_engine(url.rsplit("/", 1)[0] + f"/{name}")
    with engine.begin() as db:
        migrations.upgrade(db)
    engine.dispose()
    yield name
    with admin.connect() as db:
        db.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


@pytest.fixture(scope="module")
def city_node(city: Exchange) -> Iterator[Node]:
    """The city's node as its operator's commands see it."""
    node = Node(city.settings)
    yield node
    node.close()


@pytest.fixture(scope="module")
def district(city: Exchange, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    held = District(city, template, tmp_path_factory.mktemp("district"))
    try:
        command("district", "add", held.card(), "--data-dir", city.folder)
        yield held
    finally:
        held.close()


@pytest.fixture(scope="module")
def anchored(district: District) -> tuple[str, dict[str, Any]]:
    """An entry of the district that is on the chain, through the city; the district's worker did it all."""
    worker = Worker(district.node)
    entry_id = district.deposit()
    thread = Thread(target=worker.run)
    thread.start()
    try:
        wait(lambda: district.state(entry_id) == "anchored")
    finally:
        worker.stop.set()
        thread.join(30)
    assert worker.failed == []
    return entry_id, district.bundle(entry_id)


def listed(city: Exchange, division: str = DIVISION) -> dict[str, Any]:
    rows = httpx2.get(city.base_url + "/v1/districts").json()["districts"]
    return next(row for row in rows if row["division"] == division)


class TestOnboarding:
    def test_is_one_command_and_repeatable(self, city: Exchange, district: District) -> None:
        said = command("district", "add", district.card(), "--data-dir", city.folder)
        assert said == {
            "division": DIVISION,
            "origin": district.settings.origin,
            "changed": False,
            "state": "active",
            "node_on_chain": "recorded",
            "log_on_chain": "recorded",
        }

    def test_is_on_the_chain(self, city: Exchange, district: District) -> None:
        shown = command("district", "show", DIVISION, "--data-dir", city.folder)
        assert (shown["node_on_chain"], shown["log_on_chain"], shown["chain_state"]) == ("active", True, "recorded")
        assert listed(city)["vkey"] == district.node.signer.vkey

    def test_suspended_and_let_in_again(self, city: Exchange, district: District) -> None:
        said = command("district", "suspend", DIVISION, "--data-dir", city.folder)
        assert (said["state"], said["node_on_chain"]) == ("suspended", "recorded")
        assert command("district", "show", DIVISION, "--data-dir", city.folder)["node_on_chain"] == "suspended"
        assert listed(city)["standing"] == "suspended"
        command("district", "suspend", DIVISION, "--resume", "--data-dir", city.folder)
        assert command("district", "show", DIVISION, "--data-dir", city.folder)["node_on_chain"] == "active"

    def test_unknown_ones_are_named(self, city: Exchange) -> None:
        done = CliRunner().invoke(app, ["district", "show", "310199999", "--data-dir", str(city.folder), "--json"])
        assert done.exit_code == 1
        assert json.loads(done.stdout)["code"] == "district-unknown"


class TestProof:
    """Leaf, district, city, chain, in one file, without a database and a network."""

    def test_bundle_proves_the_leaf_down_to_the_chain(
        self, city: Exchange, district: District, anchored: tuple[str, dict[str, Any]]
    ) -> None:
        raw = json.dumps(anchored[1]).encode()
        report = verify(load_bundle(raw), Trust.from_json(bootstrap.trust(district.settings)))
        assert report.verdict == "proven"
        superiors = next(step for step in report.steps if step.name == "superiors")
        assert superiors.state == "ok"
        assert city.settings.origin in superiors.en
        with pytest.raises(UntrustedLogError):  # the city's file alone does not say whose the district's log is
            verify(load_bundle(raw), Trust.from_json(city.trust()))

    def test_the_command_line_proves_it(
        self, district: District, anchored: tuple[str, dict[str, Any]], tmp_path: Path
    ) -> None:
        (tmp_path / "trust.json").write_text(json.dumps(bootstrap.trust(district.settings)))
        (tmp_path / "one.cailian.json").write_text(json.dumps(anchored[1]))
        said = command("verify", "--trust", tmp_path / "trust.json", tmp_path / "one.cailian.json")
        assert said["verdict"] == "proven"

    @pytest.mark.parametrize(
        ("old", "new"),
        [(DIVISION, "310199002"), ("\\n1\\n", "\\n2\\n"), ('"v":1', '"v": 1')],
        ids=["division", "size", "space"],
    )
    def test_another_entry_above_fails(self, anchored: tuple[str, dict[str, Any]], old: str, new: str) -> None:
        bundle = json.loads(json.dumps(anchored[1]))
        superior = bundle["sections"]["log"]["superiors"][0]
        assert old in superior["leaf"]
        superior["leaf"] = superior["leaf"].replace(old, new)
        with pytest.raises(VerificationError) as raised:
            verify(load_bundle(json.dumps(bundle).encode()), None)
        assert raised.value.name == "superiors"

    def test_city_shows_where_the_district_stands(
        self, city: Exchange, district: District, anchored: tuple[str, dict[str, Any]]
    ) -> None:
        row = wait(lambda: (held := listed(city))["entry_state"] == "anchored" and held)
        assert (row["standing"], row["forks"], row["size"]) == ("current", 0, 1)
        assert row["lag_seconds"] >= 0
        entry = httpx2.get(f"{city.base_url}/v1/entries/{row['entry_id']}").json()
        assert entry["state"] == "anchored"

    def test_bundles_of_the_city_log_serve_clear_entries(self, city: Exchange, district: District) -> None:
        """What strangers' tools read: the clear leaf stands in the entry bundle at its index."""
        size = listed(city)["size"]
        receipt = httpx2.get(f"{city.base_url}/v1/districts/{DIVISION}/checkpoints/{size}").json()
        size = int(httpx2.get(f"{city.base_url}/log/checkpoint").text.split("\n")[1])
        n = receipt["index"] // WIDTH
        address = TileAddress(None, n, min(WIDTH, size - n * WIDTH))
        raw = httpx2.get(f"{city.base_url}/log/tile/{address.path}").content
        leaves = []
        while raw:
            length = int.from_bytes(raw[:2], "big")
            leaves.append(raw[2 : 2 + length])
            raw = raw[2 + length :]
        assert leaves[receipt["index"] % WIDTH].decode() == receipt["leaf"]
        assert read_clear(leaves[receipt["index"] % WIDTH]).type == "district.checkpoint"

    @pytest.mark.usefixtures("anchored")
    def test_fsck_of_both_logs_finds_nothing(self, city: Exchange, district: District) -> None:
        for settings in (city.settings, district.settings):
            report = bootstrap.fsck(settings)
            assert report["defects"] == []
        assert bootstrap.fsck(city.settings)["clear"] >= 1

    def test_lag_of_the_district_ends_with_the_anchor_of_the_city(
        self, district: District, anchored: tuple[str, dict[str, Any]]
    ) -> None:
        with district.node.database.unit() as db:
            assert store.newest_anchor_size(db) == 1
            db.execute(text("update ledger.entry set created_at = now() - interval '2 days'"))
            assert Lag(district.settings).look(db).anchor == 0
            db.execute(text("update ledger.superior set anchored_at = null"))
            assert Lag(district.settings).look(db).anchor > 100_000
            db.rollback()


class TestReceipt:
    """What the district keeps was verified before."""

    @pytest.fixture
    def receipt(self, city: Exchange, anchored: tuple[str, dict[str, Any]]) -> dict[str, Any]:
        return dict(httpx2.get(f"{city.base_url}/v1/districts/{DIVISION}/checkpoints/1").json())

    @pytest.fixture
    def note(self, district: District) -> str:
        with district.node.database.unit() as db:
            return store.checkpoints(db, limit=1)[0].note

    def check(self, city: Exchange, receipt: dict[str, Any], note: str) -> Any:
        return check_receipt(json.dumps(receipt).encode(), note, DIVISION, Trust.from_json(city.trust()))

    def test_is_taken_whole(self, city: Exchange, receipt: dict[str, Any], note: str) -> None:
        assert self.check(city, receipt, note).chain == receipt["chain"]
        assert self.check(city, receipt | {"checkpoint": None}, note) is None

    @pytest.mark.parametrize("member", ["leaf", "index", "inclusion", "checkpoint", "chain"])
    def test_missing_member(self, city: Exchange, receipt: dict[str, Any], note: str, member: str) -> None:
        del receipt[member]
        if member == "checkpoint":
            assert self.check(city, receipt, note) is None
            return
        with pytest.raises(SuperiorProofError):
            self.check(city, receipt, note)

    @pytest.mark.parametrize(
        ("member", "value"),
        [
            ("leaf", '{"c":"' + "A" * 43 + '","v":1}'),
            ("leaf", 7),
            ("index", 99_999),
            ("index", "0"),
            ("inclusion", ["AAAA"]),
            ("inclusion", None),
            ("checkpoint", "nonsense"),
            ("chain", {"size": 1}),
        ],
    )
    def test_changed_member(
        self, city: Exchange, receipt: dict[str, Any], note: str, member: str, value: object
    ) -> None:
        with pytest.raises(SuperiorProofError):
            self.check(city, receipt | {member: value}, note)

    def test_of_another_checkpoint_or_district(self, city: Exchange, receipt: dict[str, Any], note: str) -> None:
        other = note.replace("\n1\n", "\n2\n", 1)
        with pytest.raises(SuperiorProofError):
            self.check(city, receipt, other)
        with pytest.raises(SuperiorProofError):
            check_receipt(json.dumps(receipt).encode(), note, "310199002", Trust.from_json(city.trust()))

    def test_signed_by_a_log_we_do_not_trust(
        self, city: Exchange, district: District, receipt: dict[str, Any], note: str
    ) -> None:
        head = parse_checkpoint(Note.parse(receipt["checkpoint"]).text)
        thief = NoteSigner(head.origin, district.node.keys.log_key)
        with pytest.raises(SuperiorProofError):
            self.check(city, receipt | {"checkpoint": sign_checkpoint(head, thief)}, note)


class TestForwarding:
    """Rounds of the district's worker, one by one."""

    @pytest.fixture
    def other(self, city: Exchange, city_node: Node, template: str, tmp_path: Path) -> Iterator[District]:
        """A district of its own, for what does not end well."""
        held = District(city, template, tmp_path, f"310199{uuid.uuid4().int % 900 + 100}")
        try:
            with city_node.database.unit() as db:
                city_node.districts.add(db, onboard.card(held.node, "示范街道"))
            yield held
        finally:
            held.close()

    def test_dying_after_the_city_took_it_costs_a_repetition(self, city: Exchange, other: District) -> None:
        """The row is lost with the process; the next one asks again and is answered as before."""
        other.deposit()
        other.integrate()
        other.forwarder().run_once()
        before = listed(city, other.settings.division)
        with other.node.database.unit() as db:
            db.execute(text("delete from ledger.superior"))
        again = other.forwarder_of()
        again.run_once()
        with other.node.database.unit() as db:
            assert forwarder.last_sent(db) == 1
        assert listed(city, other.settings.division)["entry_id"] == before["entry_id"]

    def test_newest_only(self, city: Exchange, other: District) -> None:
        for _ in range(3):
            other.deposit()
            other.integrate()
        other.forwarder().run_once()
        row = listed(city, other.settings.division)
        assert row["size"] == 3
        assert httpx2.get(f"{city.base_url}/v1/districts/{row['division']}/checkpoints/2").status_code == 404

    def test_an_old_backup_is_noticed_and_nothing_sent(self, city: Exchange, other: District) -> None:
        for _ in range(2):
            other.deposit()
        other.integrate()
        other.forwarder().run_once()
        with other.node.database.unit() as db:  # what restoring a backup of an hour ago does
            db.execute(text("truncate ledger.checkpoint, ledger.superior, ledger.tile, ledger.entry"))
            db.execute(text("delete from ledger.log"))
        bootstrap.prepare(other.settings, other.folder / "clients")
        other.deposit()
        other.integrate()
        with pytest.raises(RollbackDetectedError):
            other.forwarder_of().run_once()
        row = listed(city, other.settings.division)
        assert (row["size"], row["inconsistent"]) == (2, 0)

    def test_a_fork_is_refused_and_convicts(self, city: Exchange, other: District) -> None:
        for _ in range(2):
            other.deposit()
        head = other.integrate()
        other.forwarder().run_once()
        forged = sign_checkpoint(Checkpoint(head.origin, 2, b"\x07" * 32), other.node.signer)
        address = f"{city.base_url}/v1/districts/{other.settings.division}/checkpoints"
        for _ in range(2):
            answer = httpx2.post(
                address, content=AddCheckpoint(0, (), forged).encode(), headers={"Content-Type": "text/plain"}
            )
            assert (answer.status_code, answer.json()["code"]) == (409, "checkpoint-fork")
        shown = httpx2.get(f"{city.base_url}/v1/districts/{other.settings.division}").json()
        assert (shown["standing"], shown["forks"], shown["size"]) == ("forked", 1, 2)
        (kept,) = shown["refusals"]
        assert (kept["reason"], kept["note"], kept["seen"]) == ("fork", forged, 2)
        with other.node.database.unit() as db:
            honest = store.checkpoints(db, limit=1)[0].note
        accepted = httpx2.get(f"{address}/{kept['known_size']}").json()["leaf"]
        assert Note.parse(honest).text in json.loads(accepted)["clear"]["checkpoint"]

    def test_a_rewritten_log_is_refused(self, city: Exchange, other: District) -> None:
        for _ in range(3):
            other.deposit()
        other.integrate()
        other.forwarder().run_once()
        with other.node.database.unit() as db:
            db.execute(text("truncate ledger.checkpoint, ledger.superior, ledger.tile, ledger.entry"))
            db.execute(text("delete from ledger.log"))
        bootstrap.prepare(other.settings, other.folder / "clients")
        for _ in range(5):
            other.deposit()
        other.integrate()
        with pytest.raises(SuperiorRefusedError) as refused:
            other.forwarder_of().run_once()
        assert refused.value.fields == {"reason": "checkpoint-inconsistent"}
        shown = httpx2.get(f"{city.base_url}/v1/districts/{other.settings.division}").json()
        assert (shown["size"], shown["inconsistent"], shown["refusals"][0]["size"]) == (3, 1, 5)

    def test_a_suspended_district_is_refused(self, city_node: Node, other: District) -> None:
        with city_node.database.unit() as db:
            city_node.districts.set_state(db, other.settings.division, "suspended")
        other.deposit()
        other.integrate()
        with pytest.raises(SuperiorRefusedError) as refused:
            other.forwarder().run_once()
        assert refused.value.fields == {"reason": "district-suspended"}

    def test_a_city_that_lies_is_not_believed(self, city: Exchange, other: District) -> None:
        class Liar:
            def send(self, division: str, body: bytes) -> Answer:
                return Answer(201, b"{}")

            def receipt(self, division: str, size: int) -> Answer:
                held = httpx2.get(f"{city.base_url}/v1/districts/{DIVISION}/checkpoints/1")
                return Answer(200, held.content)

        other.deposit()
        other.integrate()
        trust = Trust.from_json(city.trust())
        lied = Forwarder(other.node.database, Liar(), trust, other.node.clock, other.settings.division, interval=0.1)
        with pytest.raises(SuperiorProofError):
            lied.run_once()
        with other.node.database.unit() as db:
            assert store.superior_over(db, 1, anchored=False) is None


class TestRequests:
    """Bad requests, each with its own code and nothing stored."""

    def post(self, city: Exchange, body: bytes, division: str = DIVISION) -> tuple[int, str]:
        address = f"{city.base_url}/v1/districts/{division}/checkpoints"
        answer = httpx2.post(address, content=body, headers={"Content-Type": "text/plain"})
        return answer.status_code, answer.json()["code"]

    @pytest.mark.parametrize(
        "body", [b"", b"old 1", b"old x\n\nnote", b"\xff\xfe", b"old 0\nAAAA\n\nnote", b"old 0\n\nnote"]
    )
    def test_malformed(self, city: Exchange, district: District, body: bytes) -> None:
        assert self.post(city, body) == (400, "checkpoint-malformed")

    def test_unknown_district(self, city: Exchange, district: District) -> None:
        with district.node.database.unit() as db:
            note = store.checkpoints(db, limit=1)[0].note
        assert self.post(city, AddCheckpoint(0, (), note).encode(), "310199999") == (404, "district-unknown")

    def test_bad_signature(self, city: Exchange, district: District) -> None:
        head = Checkpoint(district.settings.origin, 5, b"\x01" * 32)
        thief = NoteSigner(head.origin, Ed25519PrivateKey.generate())
        note = sign_checkpoint(head, thief)
        assert self.post(city, AddCheckpoint(0, (), note).encode()) == (403, "checkpoint-unsigned")

    def test_too_large(self, city: Exchange, district: District) -> None:
        assert self.post(city, b"old 0\n\n" + b"x" * 90_000) == (400, "checkpoint-malformed")

    def test_receipt_of_nothing(self, city: Exchange, district: District) -> None:
        for path in (f"{DIVISION}/checkpoints/999", "310199999/checkpoints/1", "310199999"):
            answer = httpx2.get(f"{city.base_url}/v1/districts/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "district-unknown")

    @pytest.mark.parametrize(
        "path", ["%00", "%00/checkpoints/1", f"{DIVISION}/checkpoints/0", f"{DIVISION}/checkpoints/x"]
    )
    def test_addresses_that_name_nothing(self, city: Exchange, path: str) -> None:
        answer = httpx2.get(f"{city.base_url}/v1/districts/{path}")
        assert (answer.status_code, answer.json()["code"]) == (422, "malformed-request")
