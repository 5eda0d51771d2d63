"""An exchange to measure: a firm with materials, an open case, a grant that lasts."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine, text

from api import migrations
from api.demo.citizen import Citizen
from api.stack.exchange import BUCKET, Exchange
from bench import ledger_bulk
from bench.load import Target, document
from ledger.clock import SystemClock
from ledger.db import Database
from ledger.note import NoteSigner
from ledger.sequencer import create_log

if TYPE_CHECKING:
    from types import TracebackType

    from api.client import Client
    from bench.ledger_bulk import BulkFigures

FIRM = {
    "kind": "organisation",
    "name": "宝山青禾餐饮管理有限公司",
    "identifiers": [{"type": "001", "code": "91310113XX0000019X"}],
}
OBJECTS = 24


class Bench:
    """A running exchange with something to measure.

    Args:
        folder: its data; the caller removes it.
        profile: crypto profile.
    """

    def __init__(self, folder: Path, profile: str) -> None:
        self.exchange = Exchange(folder, demo=True, crypto_profile=profile, log_level="warning")

    def __enter__(self) -> Self:
        self.exchange.up()
        pause = Event()
        while not self.exchange.integrated():  # on a busy machine the worker starts long after the interface
            pause.wait(0.2)
        self._lift_limits()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.exchange.down()

    def _lift_limits(self) -> None:
        """Whoever measures sends more than one organisation may."""
        with self.exchange.client("cailian-operations") as staff:
            limits = {each["what"]: 10**12 for each in staff.call("GET", "/v1/usage")["usage"]}
            for party in staff.call("GET", "/v1/parties?operator=op-901")["parties"]:
                body = {"operator": "op-901", "limits": limits}
                staff.call("POST", f"/v1/parties/{party['party_id']}/limits", body)

    def target(self, size: int) -> Target:
        """What the load processes need: materials of that size, an open case, a grant for it."""
        metadata = {"type_code": "CL025", "holder": FIRM, "operator": "bs-017"}
        with self.exchange.client("baoshan-window") as baoshan, tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "bench.pdf"
            objects = []
            for _ in range(OBJECTS):
                file.write_bytes(document(size))
                objects.append(baoshan.deposit(file, metadata, content_type="application/pdf")["material_id"])
        with self.exchange.client("qingpu-market") as qingpu:
            use = self._case(qingpu, objects)
        parts = asdict(self.exchange.stack.parts)
        s3 = {name: parts[f"s3_{name}"] for name in ("endpoint", "access_key", "secret_key", "region")}
        work = {"metadata": metadata, "objects": objects, "use": use, "keys": self.exchange.object_keys(OBJECTS)}
        return Target(self.exchange.base_url, self.exchange.client_files(), s3 | {"bucket": BUCKET}, size, work)

    def ledger_alone(self) -> BulkFigures:
        """Entries a second of the ledger without the rest, on a database of its own in the same PostgreSQL."""
        address = self.exchange.stack.site.database_admin_url
        server = create_engine(address, isolation_level="AUTOCOMMIT")
        with server.connect() as db:
            db.execute(text("create database bulk"))
        server.dispose()
        database = Database(address.rsplit("/", 1)[0] + "/bulk")
        signer = NoteSigner("cailian.example/log/bench", Ed25519PrivateKey.generate())
        try:
            with database.unit() as db:
                migrations.upgrade(db)
                create_log(db, signer.name, signer.key_id)
            return ledger_bulk.measure(database, signer, SystemClock())
        finally:
            database.close()

    def _case(self, qingpu: Client, objects: list[str]) -> dict[str, Any]:
        items = qingpu.call("GET", "/v1/items")["items"]
        item = next(item for item in items if {"CL022", "CL025"} <= set(item["demands"]))
        presence = {"kind": "id_card_read", "evidence": "bench"}
        case = qingpu.open_case(
            item_code=item["item_code"],
            scenario=item["scenarios"][0],
            applicant=FIRM,
            presence=presence,
            operator="qp-103",
        )
        with Citizen(self.exchange.base_url, "demo-person-chen") as holder:
            for (
                object_id
            ) in objects:  # one grant each, as in life: uses of different objects do not wait for each other
                wanted = {"objects": [object_id], "mode": "copy", "max_uses": 1000, "valid_days": 30}
                asked = qingpu.ask(case_no=case["case_no"], cause="性能测试", operator="qp-103", **wanted)
                holder.approve(asked["ask_id"])
        return {
            "mode": "copy",
            "case_no": case["case_no"],
            "item_code": item["item_code"],
            "cause": "性能测试",
            "operator": "qp-103",
        }
