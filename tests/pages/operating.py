"""Who stands around the desk of those who keep a node running, for `tests/web/browser/operating.test.mjs`."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from sqlalchemy import text

from api.node import Node
from ledger import outbox
from tests.api.conftest import open_case
from tests.materials.reading.samples import lease_pdf
from tests.web.department import Department

if TYPE_CHECKING:
    from pathlib import Path

    from api.client import Client
    from api.stack.exchange import Exchange

LEASE = "CL022"
KIND = "notice"


class Upkeep(Department):
    """Departments that ask, deliveries that fail, keys of who wants to join."""

    def __init__(self, exchange: Exchange, qingpu: Client, baoshan: Client, operations: Client, folder: Path) -> None:
        super().__init__(qingpu, lambda **more: open_case(qingpu, **more), lambda: "")
        self._exchange, self._operations, self._folder = exchange, operations, folder
        self._baoshan = baoshan
        self._acts |= {
            "open_case": self._open_case,
            "give_up": self._give_up,
            "replays": self._replays,
            "provider": self._provider,
            "access": self._access,
            "application": self._application,
            "jwk": self._jwk,
            "lease": self._lease,
            "material": self._material,
            "draft": self._draft,
        }

    def _give_up(self, count: int) -> dict[str, Any]:
        """Notices nobody knows, as they are when they were tried too often."""
        node = Node(self._exchange.settings)
        try:
            keys = [str(uuid.uuid4()) for _ in range(count)]
            with node.database.unit() as db:
                for key in keys:
                    outbox.emit(db, KIND, key, {"notice": key}, node.clock.now())
                db.execute(
                    text(
                        "UPDATE ledger.outbox SET dead_at = now(), attempts = 12, last_error = 'notice-not-taken' "
                        "WHERE kind = :kind AND key = ANY(:keys)"
                    ),
                    {"kind": KIND, "keys": keys},
                )
        finally:
            node.close()
        return {}

    def _replays(self) -> dict[str, Any]:
        """What the log says of deliveries that were begun anew."""
        node = Node(self._exchange.settings)
        try:
            with node.database.unit() as db:
                rows = db.execute(text("SELECT fact, parties FROM ledger.record")).all()
        finally:
            node.close()
        return {"held": [json.loads(said) for fact, said in rows if json.loads(fact)["type"] == "outbox.replayed"]}

    def _lease(self) -> dict[str, Any]:
        path = self._folder / "lease.pdf"
        path.write_bytes(lease_pdf())
        return {"path": str(path)}

    def _material(self, material_id: str) -> dict[str, Any]:
        return self._client.call("GET", f"/v1/materials/{material_id}")

    def _draft(self, operator: str, kind: str, code: str, members: dict[str, Any]) -> dict[str, Any]:
        """A colleague keeps a draft: the one that is open, or what is in force, with other members."""
        found = self._baoshan.call("GET", f"/v1/definition-drafts?operator={operator}&kind={kind}")["drafts"]
        held = next((each["text"] for each in found if each["code"] == code), None)
        document = json.loads(held) if held else self._baoshan.call("GET", f"/v1/{kind}s/{code}/definition")
        body = {"kind": kind, "operator": operator, "text": json.dumps(document | members, ensure_ascii=False)}
        return self._baoshan.call("POST", "/v1/definition-drafts", body, key=str(uuid.uuid4()))

    def _provider(self) -> dict[str, Any]:
        body = {"operator": "op-901", "org_code": "11310113XX00000A2R"}
        return self._operations.call("POST", f"/v1/access-providers/{LEASE}", body, key=str(uuid.uuid4()))

    def _access(self) -> dict[str, Any]:
        return self._client.call("GET", "/v1/access-requests")

    def _application(self, org_code: str) -> dict[str, Any]:
        found = self._operations.call("GET", "/v1/parties/applications?operator=op-902")["applications"]
        return next(each for each in found if each["org_code"] == org_code)

    @staticmethod
    def _jwk() -> dict[str, Any]:
        key = ec.generate_private_key(ec.SECP256R1())
        return {"public": ECAlgorithm.to_jwk(key.public_key()), "private": ECAlgorithm.to_jwk(key)}
