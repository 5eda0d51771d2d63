"""Registers over HTTP, from publication to the chain and an auditor's check without us."""

from __future__ import annotations

import json
import threading
import uuid
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli import app
from api.client import Client, ProblemError
from api.node import Node
from api.stack.exchange import Exchange
from authz import policy
from authz.policyregister import entries_of
from ledger import registerproof
from ledger.chain import Chain
from ledger.errors import RegisterProofError
from ledger.note import NoteVerifier
from ledger.registry import word
from ledger.tlogproof import TlogProof, verify as verify_proof
from ledger.trust import LogKey, Trust
from tests.api.conftest import FOOD
from tests.authz.test_registerforms import GOOD

OWNER = "11310113XX00000A2R"
OPERATOR = "bs-002"


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def get(exchange: Exchange, path: str) -> httpx2.Response:
    return httpx2.get(f"{exchange.base_url}/v1/registers{path}")


class Publisher:
    """The registrar, who always knows the next version."""

    def __init__(self, exchange: Exchange, client: Client) -> None:
        self.exchange = exchange
        self.client = client

    def next(self, kind: str) -> int:
        answer = get(self.exchange, f"/{kind}")
        return 1 + (answer.json()["version"] if answer.status_code == 200 else 0)

    def body(self, kind: str, **changes: Any) -> dict[str, Any]:
        code = f"{uuid.uuid4().hex[:12]}"
        named = {"duties": {"article": code}, "licences": {}, "materials": {"name_en": code}}
        entry = GOOD.get(kind, {}) | named.get(kind, {"code": code})
        return {
            "version": self.next(kind) if kind in GOOD else 1,
            "owner": OWNER,
            "adopted_at": now(),
            "operator": OPERATOR,
            "entries": [entry],
        } | changes

    def publish(self, kind: str, *, key: str | None = None, **changes: Any) -> dict[str, Any]:
        return self.client.call("POST", f"/v1/registers/{kind}", self.body(kind, **changes), key=key)

    def refused(self, kind: str, **changes: Any) -> tuple[int, str, dict[str, Any]]:
        before = self.next(kind) if kind in GOOD else 1
        with pytest.raises(ProblemError) as raised:
            self.publish(kind, **changes)
        assert (self.next(kind) if kind in GOOD else 1) == before
        return raised.value.status, raised.value.code, raised.value.document.get("fields", {})


@pytest.fixture(scope="module")
def publisher(exchange: Exchange, baoshan: Client) -> Publisher:
    return Publisher(exchange, baoshan)


def until(look: Any) -> Any:
    for _ in range(1200):
        if found := look():
            return found
        threading.Event().wait(0.05)
    raise AssertionError


BY_DRAFTS = {"items", "licences", "materials"}
"""Registers of definitions: two people change them."""


class TestPublish:
    @pytest.mark.parametrize("kind", sorted(GOOD.keys() - {"policies"} - BY_DRAFTS))
    def test_shows_what_was_published(self, exchange: Exchange, publisher: Publisher, kind: str) -> None:
        held = publisher.publish(kind)
        shown = get(exchange, f"/{kind}/versions/{held['version']}").json()
        for name in ("register", "version", "owner", "sha256", "sm3", "document", "changes", "published_at"):
            assert shown[name] == held[name], name
        raw = get(exchange, f"/{kind}/versions/{held['version']}/document")
        assert raw.headers["etag"] == f'"{held["sha256"]}"'
        assert sha256(raw.content).hexdigest() == held["sha256"]
        assert json.loads(raw.content) == held["document"]
        assert get(exchange, f"/{kind}").json()["versions"][0]["sha256"] == held["sha256"]
        listed = {each["register"]: each for each in get(exchange, "").json()["registers"]}
        assert listed[kind]["version"] == held["version"]
        assert json.loads(held["entry"]["leaf"])["clear"]["sha256"] == held["sha256"]

    @pytest.mark.parametrize("kind", sorted(BY_DRAFTS))
    def test_one_person_alone_puts_no_other_definitions_in_force(
        self, exchange: Exchange, publisher: Publisher, kind: str
    ) -> None:
        assert publisher.refused(kind) == (409, "register-by-drafts", {"register": kind})
        newest = get(exchange, f"/{kind}")
        if newest.is_success:  # nor do entries that were in force once, or all but one of those that are
            path = f"/{kind}/versions/{newest.json()['version']}/document"
            entries = get(exchange, path).json()["entries"]
            assert publisher.refused(kind, entries=entries[1:])[1] == "register-by-drafts"

    def test_tells_what_changes(self, publisher: Publisher) -> None:
        first = publisher.publish("systems")
        (old,) = first["document"]["entries"]
        kept, fresh = old | {"state": "retired"}, GOOD["systems"] | {"code": uuid.uuid4().hex[:8]}
        second = publisher.publish("systems", entries=[kept, fresh])
        assert second["changes"] == {"added": [fresh["code"]], "removed": [], "changed": [old["code"]]}

    def test_same_key_publishes_once(self, publisher: Publisher) -> None:
        key, body = str(uuid.uuid4()), publisher.body("standards")
        answers = [publisher.client.call("POST", "/v1/registers/standards", body, key=key) for _ in range(2)]
        assert answers[0] == answers[1]
        assert publisher.next("standards") == body["version"] + 1

    def test_duties_are_in_force_from_that_moment(self, exchange: Exchange, publisher: Publisher) -> None:
        entry = GOOD["duties"] | {"item": FOOD, "article": "食品安全法 第三十五条", "types": ["CL025"]}
        held = publisher.publish("duties", entries=[entry])
        node = Node(exchange.settings)
        try:
            with node.database.unit() as db:
                row = db.execute(text("select version, digest from authz.duty_version where current")).one()
                lines = db.execute(
                    text("select org_code, types from authz.duty where version = :version"), {"version": row.version}
                ).all()
        finally:
            node.close()
        assert (row.version, row.digest) == (str(held["version"]), held["sha256"])
        assert [tuple(line) for line in lines] == [(entry["org"], ["CL025"])]


class TestRefuse:
    """Bad input: each its own code, nothing stored."""

    def test_unknown_kind(self, exchange: Exchange, publisher: Publisher) -> None:
        assert publisher.refused("people", entries=[])[:2] == (404, "register-unknown")
        for path in ("/people", "/people/versions/1", "/people/versions/1/document", "/people/versions/1/proof"):
            answer = get(exchange, path)
            assert (answer.status_code, answer.json()["code"]) == (404, "register-unknown")

    def test_unknown_version(self, exchange: Exchange, publisher: Publisher) -> None:
        publisher.publish("data")
        for path in ("/data/versions/99999", "/data/versions/99999/document", "/data/versions/99999/proof"):
            answer = get(exchange, path)
            assert (answer.status_code, answer.json()["code"]) == (404, "register-version-unknown")
        for path in ("/data/versions/0", "/data/versions/x", "/data/versions/99999999999", f"/data?below={10**30}"):
            assert get(exchange, path).status_code == 422

    @pytest.mark.parametrize("step", [-1, 1, 50])
    def test_version_gap(self, publisher: Publisher, step: int) -> None:
        publisher.publish("data")
        expected = publisher.next("data")
        refused = publisher.refused("data", version=expected + step)
        assert refused == (409, "register-version-gap", {"expected": expected})

    def test_unchanged(self, publisher: Publisher) -> None:
        held = publisher.publish("data")
        refused = publisher.refused("data", entries=held["document"]["entries"])
        assert refused == (409, "register-unchanged", {"version": held["version"]})

    @pytest.mark.parametrize("owner", ["91310118XX00000271", "11310113XX00000A2X", "nobody"])
    def test_owner_who_is_no_member(self, publisher: Publisher, owner: str) -> None:
        assert publisher.refused("data", owner=owner)[:2] == (422, "register-owner-unknown")

    def test_future(self, publisher: Publisher) -> None:
        later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        assert publisher.refused("data", adopted_at=later) == (422, "register-time", {"reason": "future"})

    def test_before_the_version_it_follows(self, publisher: Publisher) -> None:
        publisher.publish("data")
        earlier = "2020-01-01T00:00:00Z"
        assert publisher.refused("data", adopted_at=earlier)[:2] == (422, "register-time")

    def test_entries_are_named_in_both_languages(self, publisher: Publisher) -> None:
        entry = GOOD["systems"] | {"org": "11310118XX00000B0X", "protection_level": 9}
        status, code, fields = publisher.refused("systems", entries=[entry])
        assert (status, code, fields["count"]) == (422, "register-invalid", 2)
        assert "entries[0].org: not a valid unified social credit code" in fields["problems"]
        assert "entries[0].protection_level:须为 1, 2, 3, 4 之一" in fields["problems_zh"]
        assert "11310118XX00000B0X" not in json.dumps(fields)

    def test_window_clerk(self, publisher: Publisher) -> None:
        assert publisher.refused("systems", operator="bs-017")[:2] == (403, "operator-role")

    def test_department_without_the_scope(self, qingpu: Client, publisher: Publisher) -> None:
        with pytest.raises(ProblemError) as raised:
            qingpu.call("POST", "/v1/registers/systems", publisher.body("systems"))
        assert raised.value.code == "insufficient_scope"


class TestLag:
    def test_stops_past_limit_1(self, exchange: Exchange, publisher: Publisher) -> None:
        """The same node with a limit that is passed at once."""
        settings = exchange.settings.model_copy(update={"lag_limit_1": -1})
        body, path = publisher.body("systems"), "/v1/registers/systems"
        headers = publisher.client.headers("POST", path) | {"Idempotency-Key": str(uuid.uuid4())}
        with TestClient(create_app(settings)) as web:
            answer = web.post(path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (503, "anchor-overdue")
        assert publisher.next("systems") == body["version"]


@pytest.fixture(scope="module")
def proven(exchange: Exchange, publisher: Publisher) -> dict[str, Any]:
    """A version that is on the chain, as anybody sees it."""
    held = publisher.publish("scenarios")
    path = f"/scenarios/versions/{held['version']}"

    def whole() -> dict[str, Any] | None:
        shown: dict[str, Any] = get(exchange, path).json()
        return shown if shown["entry"]["chain"] and shown["chain"]["state"] == "recorded" else None

    return dict(until(whole))


class TestProven:
    def test_the_hash_is_on_the_chain(self, exchange: Exchange, proven: dict[str, Any]) -> None:
        registry = bytes.fromhex(proven["chain"]["contract"][2:])
        chain = Chain(exchange.settings.chain_url, b"\x01" * 32, registry=registry)
        name = word(proven["chain"]["register"])
        ((digest, owner, at),) = chain.ask_registry("registerOf", name, proven["version"])
        assert (digest.hex(), owner) == (proven["sha256"], word(OWNER))
        assert at > 0

    def test_an_auditor_needs_nothing_of_ours(self, exchange: Exchange, proven: dict[str, Any]) -> None:
        report = registerproof.verify(json.dumps(proven).encode(), Trust.from_json(exchange.trust()))
        assert (report.verdict, report.register, report.version) == ("proven", "scenarios", proven["version"])
        assert report.logs == (exchange.settings.origin,)
        assert report.sha256 == proven["sha256"]

    def test_strangers_tools_take_the_proof(self, exchange: Exchange, proven: dict[str, Any]) -> None:
        answer = get(exchange, f"/scenarios/versions/{proven['version']}/proof")
        proof = TlogProof.parse(answer.content)
        assert proof.extra == proven["entry"]["leaf"].encode()
        assert verify_proof(proof, proof.extra, Trust.from_json(exchange.trust())).size > proof.index

    @pytest.mark.parametrize(
        ("step", "change"),
        [
            ("document", lambda held: held["document"]["entries"][0].update(name="另一场景")),
            ("document", lambda held: held["document"].update(version=held["version"] + 1)),
            ("document", lambda held: held["document"].pop("owner")),
            ("document", lambda held: held["entry"].update(leaf=held["entry"]["leaf"] + " ")),
            ("document", lambda held: held["entry"].update(leaf='{"c":"' + "A" * 43 + '","v":1}')),
            ("inclusion", lambda held: held["entry"].update(index=held["entry"]["index"] + 1)),
            ("inclusion", lambda held: held["entry"].update(inclusion=["AA"])),
            ("inclusion", lambda held: held["entry"].update(checkpoint=None)),
            ("superiors", lambda held: held["entry"].update(superiors=[{}])),
            ("chain", lambda held: held["entry"]["chain"].update(anchored_at=1)),
            ("form", lambda held: held.pop("entry")),
        ],
    )
    def test_what_was_changed_is_named(
        self, exchange: Exchange, proven: dict[str, Any], step: str, change: Any
    ) -> None:
        held = json.loads(json.dumps(proven))
        change(held)
        with pytest.raises(RegisterProofError) as raised:
            registerproof.verify(json.dumps(held).encode(), Trust.from_json(exchange.trust()))
        assert raised.value.fields["step"] == step

    def test_a_log_nobody_trusts(self, exchange: Exchange, proven: dict[str, Any]) -> None:
        trust = Trust.from_json(exchange.trust())
        (held,) = trust.logs
        stranger = NoteVerifier(held.key.name, bytes(31) + b"\x01")
        with pytest.raises(RegisterProofError) as raised:
            registerproof.verify(json.dumps(proven).encode(), Trust((LogKey(stranger),), chain=trust.chain))
        assert raised.value.fields["step"] == "checkpoint"

    def test_without_a_chain_it_is_only_logged(self, exchange: Exchange, proven: dict[str, Any]) -> None:
        trust = Trust.from_json(exchange.trust())
        report = registerproof.verify(json.dumps(proven).encode(), Trust(trust.logs))
        assert (report.verdict, report.anchored_at) == ("logged", None)

    @pytest.mark.parametrize(
        "raw", [b"", b"[]", b"{", b'{"entry": 1, "document": 2}', b'{"entry": {"leaf": 1}, "document": {}}']
    )
    def test_nonsense(self, exchange: Exchange, raw: bytes) -> None:
        with pytest.raises(RegisterProofError):
            registerproof.verify(raw, Trust.from_json(exchange.trust()))


class TestCommands:
    def run(self, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
        done = CliRunner().invoke(app, [str(each) for each in (*arguments, "--json")])
        return done.exit_code, dict(json.loads(done.stdout))

    def test_publish_show_verify(self, exchange: Exchange, publisher: Publisher, tmp_path: Path) -> None:
        who = ("--as", exchange.folder / "clients" / "baoshan-window.json")
        entry = GOOD["standards"] | {"code": uuid.uuid4().hex[:12]}
        (tmp_path / "entries.json").write_text(json.dumps([entry]))
        publish = (
            "register",
            "publish",
            "standards",
            tmp_path / "entries.json",
            "--owner",
            OWNER,
            "--operator",
            OPERATOR,
        )
        version = publisher.next("standards")
        code, said = self.run(*publish, "--dry-run", *who)
        assert (code, said["version"], said["added"]) == (0, version, [entry["code"]])
        assert publisher.next("standards") == version
        code, said = self.run(*publish, *who)
        assert (code, said["version"], said["changes"]["added"]) == (0, version, [entry["code"]])
        code, said = self.run(*publish, *who)
        assert (code, said["code"]) == (1, "register-unchanged")

        saved = tmp_path / "standards.json"
        until(lambda: self.run("register", "show", "standards", "--save", saved, *who)[1]["entry"]["chain"])
        (tmp_path / "trust.json").write_text(json.dumps(exchange.trust()))
        code, said = self.run("register", "verify", saved, "--trust", tmp_path / "trust.json")
        assert (code, said["verdict"], said["version"]) == (0, "proven", version)
        saved.write_text(saved.read_text("utf-8").replace(entry["code"], "other"), "utf-8")
        code, said = self.run("register", "verify", saved, "--trust", tmp_path / "trust.json")
        assert (code, said["code"], said["step"]) == (1, "register-proof-invalid", "document")

    def test_wrong_entries_never_leave_the_machine(self, exchange: Exchange, tmp_path: Path) -> None:
        (tmp_path / "entries.json").write_text(json.dumps([GOOD["systems"] | {"network": "wifi"}]))
        code, said = self.run(
            "register", "publish", "systems", tmp_path / "entries.json", "--owner", OWNER, "--operator", OPERATOR
        )
        assert (code, said["code"]) == (2, "register-invalid")
        assert "network" in said["fields"]["problems"]


class TestPolicies:
    def body(self, exchange: Exchange, note: str) -> dict[str, Any]:
        texts = policy.read(policy.FOLDER)
        texts["acts.cedar"] += f"\n// {note}\n"
        return {
            "version": get(exchange, "/policies").json()["version"] + 1,
            "owner": "11310199XX00000C94",
            "adopted_at": now(),
            "operator": "op-901",
            "entries": entries_of(texts),
        }

    def test_officer_s_set_is_in_force_in_every_process_within_seconds(
        self, exchange: Exchange, operations: Client
    ) -> None:
        body = self.body(exchange, uuid.uuid4().hex)
        held = operations.call("POST", "/v1/registers/policies", body)
        wanted = policy.from_texts({each["file"]: each["text"] for each in body["entries"]}).version
        shown = get(exchange, "/policies").json()
        assert shown["sha256"] == held["sha256"]
        address = exchange.base_url + "/healthz"

        def everywhere() -> bool:
            each = [httpx2.get(address).json()["policies"] for _ in range(8)]
            return all(one["policy_version"] == wanted for one in each)

        until(everywhere)
        answer = httpx2.get(address).json()["policies"]
        assert answer == {"register_version": held["version"], "policy_version": wanted, "refused": None}

    @pytest.mark.parametrize(("operator", "code"), [("op-900", "operator-role"), ("op-999", "unknown-operator")])
    def test_only_a_security_officer_publishes(
        self, exchange: Exchange, operations: Client, operator: str, code: str
    ) -> None:
        with pytest.raises(ProblemError) as raised:
            operations.call("POST", "/v1/registers/policies", self.body(exchange, "x") | {"operator": operator})
        assert raised.value.code == code

    def test_registrar_s_client_lacks_the_scope(self, exchange: Exchange, baoshan: Client) -> None:
        with pytest.raises(ProblemError) as raised:
            baoshan.call("POST", "/v1/registers/policies", self.body(exchange, "x") | {"operator": OPERATOR})
        assert raised.value.code == "insufficient_scope"

    def test_broken_set_is_refused_by_its_own_code(self, exchange: Exchange, operations: Client) -> None:
        body = self.body(exchange, "x")
        body["entries"] = [each for each in body["entries"] if each["file"] != "acts.cedar"]
        with pytest.raises(ProblemError) as raised:
            operations.call("POST", "/v1/registers/policies", body)
        assert (raised.value.status, raised.value.code) == (422, "policy-set-refused")
        assert get(exchange, "/policies").json()["version"] == body["version"] - 1
