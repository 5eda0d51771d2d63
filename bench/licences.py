"""E-licences: issuing with files and seals, gathering a file, verifying what is shown, the list of a million.

Everything runs against the exchange as it is, over HTTP or by the command, but for the codes that are scanned: a live
code is made by its holder's login and lasts a minute, so thousands at once are copied from one in the database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import statistics
import subprocess
import sys
import time
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx2
from sqlalchemy import create_engine, text

from api.demo.citizen import Citizen
from api.node import CODES_DOMAIN, Node
from bench import synthetic
from bench.load import Target
from bench.paced import Stream
from bench.wire import Shot
from certs.codetext import CodeTexts
from certs.credentials import statuslist
from certs.credentials.publishing import StatusLists
from certs.store import statuslists
from ledger.ids import new_id

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bench.suite import Suite
    from bench.world import Bench

MILLION: Final = 1_000_000
REVOKED: Final = 0.03
SUSPENDED: Final = 0.01
"""Shares of the million; every one makes the list longer, so they are generous."""
GATHERED: Final = 20_000
PER_SECOND: Final = 200
HOLDERS: Final = 40
SCENARIO: Final = "SCN-310118-900"
QINGPU: Final = "11310118XX00000B0W"
_CHEN: Final = {"name": "陈安澜", "code": "310199199001010018"}
_COPIES: Final = text("""
INSERT INTO certs.code (id, kind, lookup, holder_id, licence_id, channel, signer_id, representation, request, id_token,
  party_id, operator, audience_org, audience_counter, fields, made_at, expires_at, entry_id)
SELECT e.id, c.kind, e.lookup, h.holder_id, e.licence, c.channel, c.signer_id, c.representation, c.request, c.id_token,
  c.party_id, c.operator, c.audience_org, c.audience_counter, c.fields, now(), now() + interval '60 s', c.entry_id
FROM unnest(CAST(:ids AS uuid[]), CAST(:lookups AS bytea[]), CAST(:licences AS uuid[])) AS e (id, lookup, licence)
JOIN certs.licence_holder h ON h.licence_id = e.licence
JOIN certs.code c ON c.id = CAST(:code AS uuid)""")
_ENTRIES: Final = text("""
INSERT INTO certs.status_entry (list_id, index, status, changed_in)
SELECT :list, n, CASE WHEN random() < :suspended THEN 2 ELSE 1 END, pg_current_xact_id()::text::bigint
FROM (SELECT DISTINCT floor(random() * :capacity)::integer AS n FROM generate_series(1, :count)) AS drawn""")


def measure(suite: Suite, bench: Bench) -> None:
    """All four, on one exchange."""
    if not suite.wanted("licences"):
        return
    work = _Work(suite, bench)
    try:
        work.status_list()
        work.issue()
        work.gather()
        work.present()
    finally:
        work.engine.dispose()


class _Work:
    """One exchange with licences in it."""

    def __init__(self, suite: Suite, bench: Bench) -> None:
        self.suite, self.exchange = suite, bench.exchange
        self.engine: Engine = create_engine(bench.exchange.settings.database_url.get_secret_value())
        self.today = datetime.now(timezone(timedelta(hours=8))).date()

    def status_list(self) -> None:
        """A list of a million from the database to the signed token."""
        node = Node(self.exchange.settings)
        try:
            with node.database.unit() as db:
                list_id, _ = statuslists.allocate(db, 1, node.clock.now())[0]
            count = int(MILLION * (REVOKED + SUSPENDED))
            shares = {"suspended": SUSPENDED / (REVOKED + SUSPENDED), "capacity": statuslist.CAPACITY}
            with self.engine.begin() as db:
                db.execute(_ENTRIES, {"list": list_id, "count": count} | shares)
            took, token = [], ""
            for _ in range(5):
                lists = StatusLists(
                    node.seal_keys, node.settings.library_code, node.settings.base_url, node.clock
                )  # one that has seen nothing
                began = time.perf_counter()
                with node.database.glance() as db:
                    lists.look(db, list_id)
                token = lists.token(list_id)
                took.append(time.perf_counter() - began)
        finally:
            node.close()
        seconds, size = statistics.median(took), len(token)
        shown = f"{seconds:.2f} s, {size / 1000:.0f} kB  ({REVOKED:.0%} revoked, {SUSPENDED:.0%} suspended)"
        met = seconds < 2 and size < 200_000
        self.suite.row("licences: status list of a million", shown, "< 2 s, < 200 kB", met, seconds=seconds, size=size)

    def issue(self) -> None:
        """Licences a second: record, sealed PDF and OFD, credential, entry; eight clients."""
        work = {"first": 0, "today": self.today.isoformat()}
        target = Target(self.exchange.base_url, self.exchange.client_files(), {}, 0, work)
        self.suite.load.run(target, "issue", clients=2, seconds=2)  # fonts are loaded when first needed
        runs = []
        for turn in range(3):
            begun = Target(target.base_url, target.clients, {}, 0, work | {"first": (turn + 1) * 100_000})
            runs.append(self.suite.load.run(begun, "issue", clients=8, seconds=max(self.suite.seconds, 6)))
        rate = statistics.median(run.rate for run in runs)
        alone = statistics.median(run.at(0.5) for run in runs)
        shown = f"{rate:.1f}/s  (p50 {alone:.0f} ms with 8 clients)"
        self.suite.row("licences: issue with PDF, OFD and seals", shown, ">= 20/s", rate >= 20, rate=rate)

    def gather(self) -> None:
        """A file by command, as a department would; without rendering."""
        rates = []
        for _ in range(3):
            name = uuid.uuid4().hex[:6].upper()
            file = self.suite.folder / f"permits-{name}.ndjson"
            rows = (json.dumps(synthetic.permit(name, number), ensure_ascii=False) for number in range(GATHERED))
            file.write_text("\n".join(rows) + "\n")
            who = self.exchange.folder / "clients" / "baoshan-market.json"
            command = [str(Path(sys.executable).with_name("cailian")), "gather", str(file), "--operator", "bm-002"]
            began = time.perf_counter()
            done = subprocess.run([*command, "--as", str(who), "--json"], check=False, capture_output=True)
            rates.append(GATHERED / (time.perf_counter() - began))
            assert json.loads(done.stdout).get("taken") == GATHERED, done.stdout
            self.suite.tell(f"gather: {rates[-1]:.0f}/s")
        rate = statistics.median(rates)
        shown = f"{rate:.0f}/s  ({GATHERED} rows by command, its start included)"
        self.suite.row("licences: bulk gather", shown, ">= 1000/s", rate >= 1000, rate=rate)

    def present(self) -> None:
        """Live codes scanned at two hundred a second, each once."""
        licences = self._cards()
        self._scope()
        code, texts = self._code(licences[0]), self._texts()
        seconds = max(8, int(self.suite.seconds * 2))
        runs = []
        for _ in range(3):
            bodies = self._codes(code, texts, licences, PER_SECOND * seconds)
            client = self.exchange.client_files()["qingpu-market"]
            base = self.exchange.base_url
            shot = Shot(base, base, client, "POST", "/v1/presentations", 1, 48, seconds, len(bodies))
            runs.append(self.suite.load.stream(Stream(shot, tuple(bodies), PER_SECOND)))
            assert len(runs[-1].each) == len(bodies)
        late = statistics.median(run.at(0.99) for run in runs)
        middle = statistics.median(run.at(0.5) for run in runs)
        rate = statistics.median(run.rate for run in runs)
        shown = f"p99 {late:.1f} ms, p50 {middle:.1f} ms  (at {rate:.0f}/s)"
        met = late < 50 and rate > PER_SECOND * 0.97
        wanted = f"p99 < 50 ms at {PER_SECOND}/s"
        self.suite.row("licences: verify a live code", shown, wanted, met, p99=late, p50=middle)

    def _cards(self) -> list[str]:
        """Identity cards of different people; the first is of a demo person who can log in."""
        cards = [synthetic.card(5_000_000 + number, self.today) for number in range(HOLDERS)]
        own = {"holders": [{"name": _CHEN["name"], "code_type": "111", "code": _CHEN["code"]}]}
        face = cards[0]["face"] | {"name": _CHEN["name"], "sex": "男", "born_on": "1990-01-01"}
        cards[0] |= own | {"licence_no": _CHEN["code"], "face": face}
        with self.exchange.client("shanghai-police") as police:
            return [police.call("POST", "/v1/licences", each, key=str(uuid.uuid4()))["licence_id"] for each in cards]

    def _scope(self) -> None:
        """What the verifier may see, published."""
        scenario = {"code": SCENARIO, "name": "窗口核验", "org": QINGPU, "party_kind": "government", "types": ["LT05"]}
        scenario |= {"purpose": "核对办事人身份", "fields": ["name:clear", "sex", "address"], "mode": "data"}
        scenario |= {"valid_from": "2026-01-01T00:00:00.000Z"}
        with self.exchange.client("baoshan-window") as registrar:
            held = registrar.call("GET", "/v1/registers")["registers"]
            newest = max((each["version"] or 0 for each in held if each["register"] == "scenarios"), default=0)
            body = {"version": newest + 1, "owner": "11310113XX00000A2R", "adopted_at": "2026-01-01T00:00:00Z"}
            body |= {"operator": "bs-002", "entries": [scenario]}
            registrar.call("POST", "/v1/registers/scenarios", body, key=str(uuid.uuid4()))

    def _code(self, licence: str) -> str:
        """One live code made as its holder makes it; its id."""
        base = self.exchange.base_url
        wanted = {"action": "show", "subject": licence, "terms": {"org": QINGPU, "counter": None, "fields": None}}
        with Citizen(base, "demo-person-chen") as holder, httpx2.Client(base_url=base, timeout=30) as http:
            asked = http.post("/v1/holder-requests", json=wanted).raise_for_status().json()
            signed = {"request": asked["request"], "id_token": holder.login(asked["digest"])}
            headers = {"Idempotency-Key": str(uuid.uuid4())}
            return str(http.post("/v1/codes", json=signed, headers=headers).raise_for_status().json()["code_id"])

    def _texts(self) -> CodeTexts:
        settings = self.exchange.settings
        held = json.loads((settings.secrets_dir / "node.json").read_text())
        key = hmac.digest(base64.b64decode(held["pairwise"]), CODES_DOMAIN, "sha256")
        return CodeTexts(key, settings.division)

    def _codes(self, code: str, texts: CodeTexts, licences: list[str], count: int) -> list[bytes]:
        """Fresh codes of all the licences; the requests that scan them."""
        ids = [new_id() for _ in range(count)]
        shown = [texts.of(each) for each in ids]
        values = {
            "code": code,
            "ids": ids,
            "lookups": [hashlib.sha256(each.encode()).digest() for each in shown],
            "licences": [licences[number % len(licences)] for number in range(count)],
        }
        with self.engine.begin() as db:
            db.execute(_COPIES, values)
        return [
            json.dumps({"code": each, "operator": "qp-103", "counter": "3", "scenario": SCENARIO}).encode()
            for each in shown
        ]
