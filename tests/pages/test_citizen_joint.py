"""The citizen pages on what several decide together and on what was used without asking; `joint.test.mjs` says what.

A house of two people, a duty use whose notice was delayed, an emergency, a withdrawal nobody acknowledged.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import create_engine, text

from ledger.clock import rfc3339
from tests.api.conftest import FOOD, open_case, send_deposit
from tests.api.test_citizen import pages
from tests.authz.test_registerforms import GOOD
from tests.certs.world import FACES
from tests.web.department import CAUSE, Department
from tests.web.test_browser import chromium
from tests.web.test_verifier import node, passed
from tests.web.world import lease

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.client import Client
    from api.stack.exchange import Exchange

__all__ = ["chromium", "pages"]

CHEN: Final = ("陈安澜", "310199199001010018")
XU: Final = ("徐行舟", "31019919900128027X")
QINGPU: Final = "11310118XX00000B0W"
OWNED: Final = {"business": "restaurant", "tenure": "own", "agent": "no", "commitment": "no"}


def person(name: str, code: str) -> dict[str, Any]:
    return {"kind": "person", "name": name, "identifiers": [{"type": "111", "code": code}]}


def run(exchange: Exchange, statement: str, **values: Any) -> None:
    """As the operator of the database: what no client may do, or only time does."""
    engine = create_engine(exchange.settings.database_url.get_secret_value())
    with engine.begin() as db:
        db.execute(text(statement), values)
    engine.dispose()


class Couple(Department):
    """A department that asks for what two people hold, and uses what it need not ask for."""

    def __init__(self, exchange: Exchange, qingpu: Client, baoshan: Client, police: Client, operations: Client) -> None:
        super().__init__(qingpu, lambda **of: open_case(qingpu, applicant=person(*CHEN), **of), self._of_chen)
        self._exchange, self._baoshan, self._police, self._operations = exchange, baoshan, police, operations
        self._houses: dict[str, str] = {}
        self._acts |= {
            "ask_house": self._ask_house,
            "use_house": self._use_house,
            "late": self._late,
            "emergency": self._emergency,
            "review": self._review,
            "overdue": self._overdue,
            "acknowledge": self._acknowledge,
        }
        issuer = "INSERT INTO certs.issuer SELECT id, 'LT10', now() FROM authz.party WHERE org_code = :org"
        run(exchange, issuer, org="11310199XX000014XF")

    def _of_chen(self) -> str:
        kept = {"file_name": "lease.png", "media_type": "image/png", "holder": person(*CHEN)}
        return str(send_deposit(self._baoshan, lease(), **kept)["material_id"])

    def _ask_house(self) -> dict[str, Any]:
        """A house of both, and an ask for it: the department asks the applicant, who is one of them."""
        number = uuid.uuid4().int
        body = {
            "type_code": "LT10",
            "licence_no": f"D{number % 10**14}",
            "holders": [{"name": name, "code_type": "111", "code": code} for name, code in (CHEN, XU)],
            "face": FACES["LT10"] | {"right_holders": [CHEN[0], XU[0]], "unit_no": f"310113{number % 10**20:020}"},
            "valid_from": "2026-01-01",
            "operator": "ga-002",
        }
        house = self._police.call("POST", "/v1/licences", body, key=str(uuid.uuid4()))["licence_id"]
        batch = self._asked([{"objects": [house], "mode": "copy", "max_uses": 2, "valid_days": 30}], answers=OWNED)
        self._houses[batch["batch_id"]] = house
        return batch

    def _use_house(self, batch: str) -> dict[str, Any]:
        return self._used(self._houses[batch], self._cases[batch])

    def _used(self, object_id: str, case: dict[str, Any], **more: Any) -> dict[str, Any]:
        wanted = {"object_id": object_id, "mode": "copy", "case_no": case["case_no"], "item_code": case["item_code"]}
        return self._client.use(**wanted, cause=CAUSE, operator="qp-103", **more)

    def _late(self) -> dict[str, Any]:
        """A duty use whose notice a reviewer put off, and let go by now."""
        entry = GOOD["duties"] | {"org": QINGPU, "mode": "copy", "valid_from": "2026-01-01T00:00:00.000Z"}
        body = {"version": 1, "owner": "11310113XX00000A2R", "adopted_at": rfc3339(datetime.now(UTC))}
        body |= {"operator": "bs-002", "entries": [entry]}
        self._baoshan.call("POST", "/v1/registers/duties", body, key=str(uuid.uuid4()))
        case, until = self._open_case(), (datetime.now(UTC) + timedelta(days=3)).isoformat()
        wanted = {"case_no": case["case_no"], "ground": "investigation", "article": "个人信息保护法 第三十五条"}
        wanted |= {"until": until, "operator": "qp-204"}
        delay = self._client.call("POST", "/v1/duty-delays", wanted, key=str(uuid.uuid4()))
        used = self._used(self._deposit(), case)
        assert used["basis"] == "duty"
        path = f"/v1/duty-delays/{delay['delay_id']}/end"
        told = self._client.call("POST", path, {"operator": "qp-204"}, key=str(uuid.uuid4()))
        return {"use_id": used["use_id"], "told": told["told"]}

    def _emergency(self, reason: str) -> dict[str, Any]:
        """Two people let a thing be used at once; of a type that no duty names."""
        case = self._open_case(presence={"kind": "none"})
        wanted = {"case_no": case["case_no"], "types": ["CL022"], "mode": "copy", "ground": "public-health"}
        made = self._client.call(
            "POST", "/v1/break-glass", wanted | {"reason": reason, "operator": "qp-103"}, key=str(uuid.uuid4())
        )
        glass = made["break_glass_id"]
        self._client.call("POST", f"/v1/break-glass/{glass}/approval", {"operator": "qp-204"}, key=str(uuid.uuid4()))
        return {"use_id": self._used(self._deposit(), case, break_glass_id=glass)["use_id"], "glass": glass}

    def _review(self, glass: str) -> dict[str, Any]:
        body = {"verdict": "unjustified", "finding": "可以先征得同意", "operator": "op-900"}
        path = f"/v1/operations/break-glass/{glass}/review"
        return self._operations.call("POST", path, body, key=str(uuid.uuid4()))

    def _overdue(self, grant: str) -> dict[str, Any]:
        """Ten days pass without a word."""
        run(
            self._exchange,
            "UPDATE authz.cessation SET due_at = now() - interval '1 day' WHERE grant_id = :id",
            id=grant,
        )
        return {}

    def _acknowledge(self, grant: str) -> dict[str, Any]:
        body = {"action": "retained", "reason": "食品安全法 第四十二条", "operator": "qp-103"}
        path = f"/v1/cessations/{grant}/acknowledgement"
        return self._client.call("POST", path, body, key=str(uuid.uuid4()))


@pytest.fixture(scope="module")
def couple(exchange: Exchange, qingpu: Client, baoshan: Client, police: Client, operations: Client) -> Iterator[Couple]:
    with Couple(exchange, qingpu, baoshan, police, operations) as held:
        yield held


class TestJoint:
    def test_in_chromium(self, exchange: Exchange, pages: None, couple: Couple, chromium: str) -> None:
        assert GOOD["duties"]["item"] == FOOD
        done = node(
            *("--test", "--test-reporter=tap", "--test-concurrency=1", "tests/web/browser/joint.test.mjs"),
            limit=1200,
            BASE_URL=exchange.base_url.replace("127.0.0.1", "localhost"),
            DEPARTMENT=couple.address,
            CHROMIUM=chromium,
        )
        assert passed(done) > 8
