"""A whole exchange, started once for the tests of the edge."""

from __future__ import annotations

import json
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.client import Client
from api.demo.citizen import Citizen
from api.stack.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FIRM = {
    "kind": "organisation",
    "name": "宝山青禾餐饮管理有限公司",
    "identifiers": [{"type": "001", "code": "91310113XX0000019X"}],
}
OTHER_FIRM = {
    "kind": "organisation",
    "name": "青浦云岫食品有限公司",
    "identifiers": [{"type": "001", "code": "91310118XX00000271"}],
}
FOOD = "11310118XX00000B0W4310100101000"


def pdf(text: str = "content", size: int = 0) -> bytes:
    """A small valid PDF, different for each text, padded to a size."""
    head = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n% "
    tail = b"\nxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 3>>\nstartxref\n100\n%%EOF\n"
    filling = text.encode().hex().encode()
    return head + filling.ljust(max(len(filling), size - len(head) - len(tail)), b"0") + tail


@pytest.fixture(scope="session")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """A running exchange with demo people; anchors every second so that tests need not wait."""
    folder = tmp_path_factory.mktemp("exchange")
    held = Exchange(folder, demo=True, anchor_interval=1.0, figures_interval=1.0, log_level="info")
    try:
        held.up()
        settle(held)
        yield held
    finally:
        held.down()


def settle(exchange: Exchange) -> None:
    """Wait until what the start wrote is in the log: on a slow machine the first request would find it overdue."""
    ends = time.monotonic() + 300
    while not exchange.integrated():
        assert time.monotonic() < ends, "the log does not go on"
        threading.Event().wait(0.1)


@pytest.fixture(scope="session")
def operations(exchange: Exchange) -> Iterator[Client]:
    """The client of the exchange's own operator."""
    with exchange.client("cailian-operations") as client:
        yield client


@pytest.fixture(scope="session")
def baoshan(exchange: Exchange) -> Iterator[Client]:
    """The depositing window's client."""
    with exchange.client("baoshan-window") as client:
        yield client


@pytest.fixture(scope="session")
def qingpu(exchange: Exchange) -> Iterator[Client]:
    """The asking department's client."""
    with exchange.client("qingpu-market") as client:
        yield client


@pytest.fixture(scope="module")
def market(exchange: Exchange) -> Iterator[Client]:
    """Who issues business and food licences; the places of what a module issued are free again after it."""
    with exchange.client("baoshan-market") as client:
        yield client
        end_licences(client, "bm-002")


@pytest.fixture(scope="module")
def police(exchange: Exchange) -> Iterator[Client]:
    """Who issues identity cards; as `market`."""
    with exchange.client("shanghai-police") as client:
        yield client
        end_licences(client, "ga-002")


def end_licences(client: Client, operator: str) -> None:
    """Cancel what a holder may have only one of."""
    for code in ("LT01", "LT05", "LT22"):
        held = client.call("GET", f"/v1/licences?type_code={code}&limit=200")["licences"]
        for licence in (each for each in held if each["origin"] == "issued" and each["status"] in {"01", "02"}):
            body = {"operation": "cancel", "status": "04", "reason": "test-over", "operator": operator}
            client.call("POST", f"/v1/licences/{licence['licence_id']}/status", body, key=str(uuid.uuid4()))


@pytest.fixture(scope="session")
def legal_representative(exchange: Exchange) -> Iterator[Citizen]:
    """Who speaks for the firm."""
    with Citizen(exchange.base_url, "demo-person-chen") as citizen:
        yield citizen


@pytest.fixture
def deposit(baoshan: Client) -> Callable[..., dict[str, Any]]:
    """Deposit bytes with metadata changed at will."""

    def act(content: bytes | None = None, **changes: Any) -> dict[str, Any]:
        return send_deposit(baoshan, pdf(str(uuid.uuid4())) if content is None else content, **changes)

    return act


def send_deposit(
    client: Client,
    content: bytes,
    *,
    file_name: str = "lease.pdf",
    media_type: str = "application/pdf",
    key: str | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """One deposit over HTTP; raises what the client raises."""
    metadata = {"type_code": "CL022", "holder": FIRM, "operator": "bs-017"} | changes
    headers = client.headers("POST", "/v1/materials") | {"Idempotency-Key": key or str(uuid.uuid4())}
    parts = [
        ("metadata", (None, json.dumps(metadata).encode(), "application/json")),
        ("file", (file_name, content, media_type)),
    ]
    answer = httpx2.post(client.base_url + "/v1/materials", files=parts, headers=headers, timeout=60)
    return Client._read(answer)


@pytest.fixture
def case(qingpu: Client) -> dict[str, Any]:
    """A fresh open case of the food licence for the firm."""
    return open_case(qingpu)


def open_case(client: Client, **changes: Any) -> dict[str, Any]:
    """Open a case of the food licence for the firm."""
    wanted: dict[str, Any] = {
        "item_code": FOOD,
        "scenario": "default",
        "applicant": FIRM,
        "presence": {"kind": "id_card_read", "evidence": "reader"},
        "operator": "qp-103",
    }
    return client.open_case(**(wanted | changes))


@pytest.fixture
def use(qingpu: Client) -> Callable[..., dict[str, Any]]:
    """Ask for a use of an object in a case."""

    def act(case: dict[str, Any], object_id: str, key: str | None = None, **changes: Any) -> dict[str, Any]:
        wanted = {
            "object_id": object_id,
            "mode": "copy",
            "case_no": case["case_no"],
            "item_code": case["item_code"],
            "cause": "食品经营许可新办审查",
            "operator": "qp-103",
        }
        return qingpu.use(key=key, **(wanted | changes))

    return act


@pytest.fixture
def grant(qingpu: Client, legal_representative: Citizen) -> Callable[..., dict[str, Any]]:
    """Ask for a grant in a case and let the legal representative give it."""

    def act(case: dict[str, Any], **changes: Any) -> dict[str, Any]:
        wanted = {
            "type_codes": ["CL022"],
            "mode": "copy",
            "max_uses": 3,
            "valid_days": 30,
            "cause": "审查",
            "operator": "qp-103",
        }
        asked = qingpu.ask(case_no=case["case_no"], **(wanted | changes))
        return legal_representative.approve(asked["ask_id"])

    return act


def write(path: Path, value: object) -> Path:
    """Write JSON and give the path back."""
    path.write_text(json.dumps(value))
    return path
