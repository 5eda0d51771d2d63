"""The acts of a client that are cut short: each prepared anew, done under one key until it is answered, then checked."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx2

from certs.licencetypes import years_after
from certs.lifecycle import day_of
from ledger import store
from ledger.clock import rfc3339
from ledger.record import Record
from tests.api import test_archive as archive
from tests.api.conftest import open_case, pdf, send_deposit
from tests.api.test_session import business_licence
from tests.survival.site import FAILURES, is_open, persist, until

if TYPE_CHECKING:
    from tests.survival.site import Site

USE = {"mode": "copy", "cause": "食品经营许可新办审查", "operator": "qp-103"}
PREMISES = "上海市宝山区示例路 88 号"
ASK = {"type_codes": ["CL022"], "mode": "copy", "max_uses": 3, "valid_days": 30, "cause": "审查", "operator": "qp-103"}


@dataclass
class Held:
    """What an act works on and what came of it."""

    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    content: bytes = b""
    case: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    answers: list[dict[str, Any]] = field(default_factory=list)


class Acts:
    """What clients do at a site, one method to prepare and one to do each.

    The clients live as long as this: tokens are asked for once, so that nothing but the act itself is seen.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.baoshan, self.qingpu, self.chen = (
            site.client("baoshan-window"),
            site.client("qingpu-market"),
            site.citizen(),
        )
        self.market = site.client("baoshan-market")
        self.case: dict[str, Any] = {}
        self.material: dict[str, Any] = {}
        self.large: dict[str, Any] = {}
        self.licence_id = ""
        self.repeated = 0  # tries of acts that no answer came to

    def close(self) -> None:
        for each in (self.baoshan, self.qingpu, self.market, self.chen._http):
            each.close()

    def begin(self) -> None:
        """A case and a material that all further acts share, and a licence, so that every client has its token."""
        self.case = persist(lambda: open_case(self.qingpu))
        self.material = self.finish("deposit", self.prepare("deposit"))
        self.finish("issue", self.prepare("issue"))
        self.site.settle(anchor=False)  # nothing integrates by itself here, and what waits too long stops intake
        self.licence_id = self._business_licence()
        self.large = self.finish("deposit", Held(content=pdf(str(uuid.uuid4()), 1_200_000)))

    def _business_licence(self) -> str:
        """The firm's; it can have one, so whoever comes later finds it."""
        held = "SELECT id::text FROM certs.licence WHERE type_code = 'LT01' AND successor_id IS NULL"
        with self.site.node.database.unit() as db:
            found: str | None = db.exec_driver_sql(held).scalar_one_or_none()
        if found is not None:
            return found
        key = str(uuid.uuid4())
        done = persist(lambda: self.market.call("POST", "/v1/licences", business_licence(), key=key))
        self.site.acknowledge(done["promise"]["entry"])
        return str(done["licence_id"])

    def prepare(self, act: str) -> Held:
        """What the act needs."""
        return {
            "deposit": lambda: Held(content=pdf(str(uuid.uuid4()), 30_000)),
            "issue": lambda: Held(values={"place": f"上海市宝山区示例路 {uuid.uuid4()} 号"}),
            "grant": self._asked,
            "withdrawal": self._granted,
            "use": self._granted,
            "fetch": lambda: self._opened(self.material),
            "stream": lambda: self._opened(self.large),
            "copy": self._copied,
            "check": self._asked_of_the_source,
            "document": self._case,
            "form": self._case,
            "evidence": lambda: Held(content=os.urandom(32)),
            "bulk": lambda: Held(content=os.urandom(32)),
            "intake": self._begun,
        }[act]()

    def once(self, act: str, held: Held) -> dict[str, Any]:
        """One try."""
        self.repeated += 1
        done: dict[str, Any] = getattr(self, f"_{act}")(held)
        self.repeated -= 1
        held.answers.append(done)
        return done

    def is_answered(self, act: str, held: Held) -> bool:
        """One try that may fail, but only in a way that says nothing about the effect."""
        try:
            self.once(act, held)
        except FAILURES as failure:
            if not is_open(failure):
                raise
            return False
        return True

    def finish(self, act: str, held: Held) -> dict[str, Any]:
        """Try until it is answered, and write down what was acknowledged."""
        done: dict[str, Any] = persist(lambda: self.once(act, held))
        getattr(self, f"_check_{act}")(held, done)
        return done

    # --- deposit -------------------------------------------------------------------------------------------------

    def _deposit(self, held: Held) -> dict[str, Any]:
        return send_deposit(self.baoshan, held.content, key=held.key)

    def _check_deposit(self, held: Held, done: dict[str, Any]) -> None:
        digest = hashlib.sha256(held.content).digest()
        assert done["sha256"] == digest.hex()
        rows = (
            "SELECT count(*) FROM materials.material m JOIN ledger.object o ON o.id = m.object_id WHERE o.sha256 = :sum"
        )
        assert self.site.count(rows, sum=digest) == 1, "one deposit, one material"
        with self.site.node.database.unit() as db:
            material = db.exec_driver_sql(
                "SELECT object_id::text FROM materials.material WHERE id = %s", (done["material_id"],)
            ).scalar_one()
        self.site.acknowledge(done["promise"]["entry"], material, digest.hex())

    # --- bulk intake of an archive -------------------------------------------------------------------------------

    def _begun(self) -> Held:
        return self.begun(1)

    def begun(self, count: int) -> Held:
        """An intake of so many files, and the request that sends them all."""
        files = [pdf(str(uuid.uuid4()), 20_000) for _ in range(count)]
        begun = persist(lambda: self.baoshan.begin_intake(os.urandom(32).hex(), count, "bs-017"))
        packed = archive.body(*((archive.row_of(number, file), file) for number, file in enumerate(files, 1)))
        return Held(content=packed, values={"intake": begun["intake_id"], "files": files})

    def _intake(self, held: Held) -> dict[str, Any]:
        *rows, last = self.baoshan.take_rows(held.values["intake"], held.content, len(held.content), key=held.key)
        return last | {"rows": rows}

    def _check_intake(self, held: Held, done: dict[str, Any]) -> None:
        files = held.values["files"]
        assert (done["taken"] + done["known"], done["refused"]) == (len(files), 0)
        digests = [hashlib.sha256(file).digest() for file in files]
        assert [row["sha256"] for row in done["rows"]] == [digest.hex() for digest in digests]
        rows = "SELECT count(*) FROM materials.intake_row WHERE intake_id = :intake"
        assert self.site.count(rows, intake=held.values["intake"]) == len(files)
        kept = "SELECT count(*) FROM materials.material WHERE sha256 = ANY(:sums)"
        assert self.site.count(kept, sums=digests) == len(files), "one row, one material"
        for row in done["rows"]:
            with self.site.node.database.unit() as db:
                material = db.exec_driver_sql(
                    "SELECT object_id::text FROM materials.material WHERE id = %s", (row["material_id"],)
                ).scalar_one()
            self.site.acknowledge(row["entry_id"], material, row["sha256"])

    # --- issue ---------------------------------------------------------------------------------------------------

    def _issue(self, held: Held) -> dict[str, Any]:
        premises = held.values["place"]
        today = day_of(datetime.now(UTC))
        licence = {
            "type_code": "LT12",
            "licence_no": f"JY{held.key}",
            "holders": [{"name": "宝山青禾餐饮管理有限公司", "code_type": "001", "code": "91310113XX0000019X"}],
            "face": {
                "business_kind": "餐饮服务经营者",
                "business_items": "热食类食品制售",
                "premises": premises,
                "legal_representative": "陈安澜",
            },
            "valid_from": today.isoformat(),
            "valid_to": years_after(today, 5).isoformat(),
            "operator": "bm-002",
        }
        return self.market.call("POST", "/v1/licences", licence, key=held.key)

    def _check_issue(self, held: Held, done: dict[str, Any]) -> None:
        assert {each["licence_id"] for each in held.answers} == {done["licence_id"]}
        rows = "SELECT count(*) FROM certs.licence WHERE pdf_sha256 = :sum OR id = :id"
        sum_ = bytes.fromhex(done["pdf"]["sha256"])
        assert self.site.count(rows, sum=sum_, id=done["licence_id"]) == 1
        # Whatever died on the way left nothing that stands: a second licence for these premises would be refused.
        slots = (
            "SELECT count(*) FROM certs.licence_holder a JOIN certs.licence_holder b USING (holder_id, slot)"
            " WHERE a.licence_id = :id"
        )
        assert self.site.count(slots, id=done["licence_id"]) == 1
        with self.site.node.database.unit() as db:
            pdf_object = db.exec_driver_sql(
                "SELECT pdf_object_id::text FROM certs.licence WHERE id = %s", (done["licence_id"],)
            ).scalar_one()
        self.site.acknowledge(done["promise"]["entry"], pdf_object, done["pdf"]["sha256"])

    def _login(self, digest: str) -> str:
        """An ID token; a provider that was killed half-way has forgotten the code, so begin again."""

        def log_in() -> str | None:
            with suppress(*FAILURES):
                return self.chen.login(digest)
            return None

        return str(until(log_in))

    # --- grant and withdrawal ------------------------------------------------------------------------------------

    def _asked(self) -> Held:
        asked = persist(lambda: self.qingpu.ask(case_no=self.case["case_no"], **ASK))
        return Held(values={"ask_id": asked["ask_id"], "id_token": self._login(asked["digest"])})

    def _grant(self, held: Held) -> dict[str, Any]:
        return self._signed("/v1/grants", held)

    def _check_grant(self, _held: Held, done: dict[str, Any]) -> None:
        assert self.site.count("SELECT count(*) FROM authz.grant_ WHERE id = :id", id=done["grant_id"]) == 1
        self.site.acknowledge(done["entry_id"])

    def _granted(self) -> Held:
        grant = self.finish("grant", self._asked())
        address = f"{self.site.values['base_url']}/v1/grants/{grant['grant_id']}/withdrawal"
        asked = persist(lambda: self.chen._http.get(address).raise_for_status().json())
        return Held(values={"id_token": self._login(asked["digest"])}, case={"grant_id": grant["grant_id"]})

    def _withdrawal(self, held: Held) -> dict[str, Any]:
        return self._signed(f"/v1/grants/{held.case['grant_id']}/withdrawal", held)

    def _check_withdrawal(self, held: Held, done: dict[str, Any]) -> None:
        assert done["state"] == "withdrawn"
        with self.site.node.database.unit() as db:
            entry = db.exec_driver_sql(
                "SELECT withdrawal_entry_id::text FROM authz.grant_ WHERE id = %s", (held.case["grant_id"],)
            ).scalar_one()
        self.site.acknowledge(entry)

    def _signed(self, path: str, held: Held) -> dict[str, Any]:
        headers = {"Idempotency-Key": held.key}
        answer = self.chen._http.post(self.site.values["base_url"] + path, json=held.values, headers=headers)
        return dict(answer.raise_for_status().json())

    # --- use and delivery ----------------------------------------------------------------------------------------

    def _use(self, held: Held) -> dict[str, Any]:
        wanted = USE | {name: self.case[name] for name in ("case_no", "item_code")}
        return self.qingpu.use(
            key=held.key, object_id=self.material["material_id"], grant_id=held.case["grant_id"], **wanted
        )

    def _check_use(self, held: Held, done: dict[str, Any]) -> None:
        spent = "SELECT max_uses - uses_left FROM authz.grant_ WHERE id = :id"
        assert self.site.count(spent, id=held.case["grant_id"]) == 1, "one use, spent once"
        assert all(answer == done for answer in held.answers)
        self.site.acknowledge(done["entry_id"])

    def _opened(self, material: dict[str, Any]) -> Held:
        wanted = USE | {name: self.case[name] for name in ("case_no", "item_code")}
        grant = self._granted().case["grant_id"]
        key = str(uuid.uuid4())
        use = persist(lambda: self.qingpu.use(key=key, object_id=material["material_id"], grant_id=grant, **wanted))
        self.site.acknowledge(use["entry_id"])
        return Held(values=use)

    def _fetch(self, held: Held) -> dict[str, Any]:
        content = b"".join(self.qingpu.chunks(held.values["use_id"]))
        return {"sha256": hashlib.sha256(content).hexdigest()}

    def _check_fetch(self, held: Held, done: dict[str, Any]) -> None:
        assert done["sha256"] == held.values["sha256"]
        use = "SELECT outcome_entry_id::text FROM authz.use_ WHERE id = %s AND state = 'delivered'"

        def completed() -> str | None:
            with self.site.node.database.unit() as db:
                found: str | None = db.exec_driver_sql(use, (held.values["use_id"],)).scalar_one_or_none()
            return found

        self.site.acknowledge(str(until(completed)))  # a stream's completion is written after its last byte

    _stream, _check_stream = _fetch, _check_fetch

    def _copied(self) -> Held:
        """A use of the firm's business licence, which needs no consent."""
        wanted = USE | {name: self.case[name] for name in ("case_no", "item_code")}
        key = str(uuid.uuid4())
        use = persist(lambda: self.qingpu.use(key=key, object_id=self.licence_id, **wanted))
        self.site.acknowledge(use["entry_id"])
        return Held(values=use)

    _copy = _fetch

    def _check_copy(self, held: Held, done: dict[str, Any]) -> None:
        made = "SELECT encode(sha256, 'hex') FROM certs.copy WHERE use_id = %s"
        with self.site.node.database.unit() as db:
            assert db.exec_driver_sql(made, (held.values["use_id"],)).scalar_one() == done["sha256"]
        self._check_fetch(Held(values=held.values | {"sha256": done["sha256"]}), done)

    # --- routes without upload -----------------------------------------------------------------------------------

    def _case(self) -> Held:
        return Held(case=persist(lambda: open_case(self.qingpu)))

    def _asked_of_the_source(self) -> Held:
        """A case whose applicant agreed that the register of leases is asked."""
        held = self._case()
        wanted = ASK | {"mode": "verify", "case_no": held.case["case_no"]}
        asked = persist(lambda: self.qingpu.ask(**wanted))
        self.finish("grant", Held(values={"ask_id": asked["ask_id"], "id_token": self._login(asked["digest"])}))
        return held

    def _in_case(self, held: Held, what: str, **more: Any) -> dict[str, Any]:
        body = {"cause": USE["cause"], "operator": USE["operator"]} | more
        return self.qingpu.call("POST", f"/v1/cases/{held.case['case_no']}/{what}", body, key=held.key)

    def _check(self, held: Held) -> dict[str, Any]:
        return self._in_case(held, "checks", type_code="CL022", given={"address": PREMISES})

    def _check_check(self, held: Held, done: dict[str, Any]) -> None:
        assert (done["state"], done["result"]) == ("answered", "yes")
        kept = "SELECT count(*) FROM materials.data_check WHERE case_no = :case AND state = 'answered'"
        assert self.site.count(kept, case=held.case["case_no"]) == 1, "one answer"
        self._spent_once(held, 1)
        self.site.acknowledge(done["entry_id"])

    def _document(self, held: Held) -> dict[str, Any]:
        form = {"area": "120", "rooms": ["就餐区", "操作区", "清洗区"]}
        return self._in_case(held, "documents", type_code="CL025", form=form)

    def _check_document(self, held: Held, done: dict[str, Any]) -> None:
        kept = "SELECT count(*) FROM materials.generated WHERE case_no = :case"
        assert self.site.count(kept, case=held.case["case_no"]) == 1, "one document"
        self._spent_once(held, 1)
        with self.site.node.database.unit() as db:
            material = db.exec_driver_sql(
                "SELECT object_id::text FROM materials.material WHERE id = %s", (done["material_id"],)
            ).scalar_one()
        self.site.acknowledge(done["entry_id"], material, done["sha256"])

    def _form(self, held: Held) -> dict[str, Any]:
        return self._in_case(held, "form")

    def _check_form(self, held: Held, done: dict[str, Any]) -> None:
        kept = "SELECT count(*) FROM materials.form WHERE case_no = :case"
        assert self.site.count(kept, case=held.case["case_no"]) == 1, "one version"
        assert done["prefilled"] > 0
        self._spent_once(
            held,
            self.site.count(
                "SELECT count(*) FROM materials.form_source WHERE case_no = :case", case=held.case["case_no"]
            ),
        )
        self.site.acknowledge(done["entry_id"])

    def _spent_once(self, held: Held, times: int) -> None:
        """However often it was begun, what it rests on was used so many times."""
        used = "SELECT count(*) FROM authz.use_ WHERE case_no = :case"
        assert self.site.count(used, case=held.case["case_no"]) == times

    # --- evidence of documents kept elsewhere --------------------------------------------------------------------

    def _evidence(self, held: Held) -> dict[str, Any]:
        row = {"reference": held.key, "sha256": held.content.hex()}
        return self.qingpu.call("POST", "/v1/evidence", row, key=held.key)

    def _check_evidence(self, held: Held, done: dict[str, Any]) -> None:
        assert self._kept(held) == [done["entry_id"]]
        self.site.acknowledge(done["entry_id"])

    def _bulk(self, held: Held) -> dict[str, Any]:
        rows = [{"reference": f"{held.key}-{number}", "sha256": held.content.hex()} for number in range(3)]
        headers = self.qingpu.headers("POST", "/v1/evidence")
        headers |= {"Idempotency-Key": held.key, "Content-Type": "application/x-ndjson"}
        body = "".join(json.dumps(row) + "\n" for row in rows).encode()
        answer = httpx2.post(self.qingpu.base_url + "/v1/evidence", content=body, headers=headers, timeout=60)
        lines = [json.loads(line) for line in answer.raise_for_status().text.splitlines()]
        return {"entries": [line["entry_id"] for line in lines[:-1]], "taken": lines[-1]["taken"]}

    def _check_bulk(self, held: Held, done: dict[str, Any]) -> None:
        assert done["taken"] == 3
        assert self._kept(held) == sorted(done["entries"])
        for entry in done["entries"]:
            self.site.acknowledge(entry)

    def _kept(self, held: Held) -> list[str]:
        """Entries over a document: each row of a request once, however often it was sent."""
        with self.site.node.database.unit() as db:
            found = db.exec_driver_sql("SELECT entry_id::text FROM ledger.kept WHERE sha256 = %s", (held.content,))
            return sorted(found.scalars())


def append(site: Site, count: int) -> None:
    """Promise entries, as any service does, and write the promises down."""
    clock = site.node.clock
    with site.node.database.unit() as db:
        records = [
            Record({"type": "evidence.recorded", "time": rfc3339(clock.now()), "number": number}, {"case": "C-1"})
            for number in range(count)
        ]
        promises = site.node.evidence.append_many(db, records)
    for promise in promises:
        site.acknowledge(promise.entry_id)


def sizes(site: Site) -> tuple[int, int]:
    """Entries with an index, and entries under a checkpoint."""
    with site.node.database.unit() as db:
        head, newest = store.log_head(db), store.newest_checkpoint(db)
    return head.size if head else 0, newest.head.size if newest else 0
