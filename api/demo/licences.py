"""The demonstration's chapter on e-licences: issue, show by code, fetch for the case, suspend."""

from __future__ import annotations

import base64
import json
import time
import zlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx2

from api.demo.citizen import Citizen
from certs.catalogue import LicenceCatalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.client import Client
    from api.demo.story import Story
    from api.stack.exchange import Exchange

QINGPU: Final = "11310118XX00000B0W"
COUNTER: Final = "3"
SCENARIO: Final = "SCN-310118-001"
CAUSE: Final = "食品经营许可新办审查"
CHEN: Final = {"name": "陈安澜", "code_type": "111", "code": "310199199001010018"}
SCOPE: Final[dict[str, Any]] = {
    "code": SCENARIO,
    "name": "窗口核验",
    "org": QINGPU,
    "party_kind": "government",
    "purpose": "核对办事人身份",
    "types": ["CL001", "CL006"],
    "fields": ["name:clear", "sex", "holder_code", "issuing_authority", "domicile"],
    "mode": "data",
    "valid_from": "2026-01-01T00:00:00.000Z",
}
"""What the counter may see: an entry of the register of application scenarios."""
NOTICE_SECONDS: Final = 1.0
"""Within which every path must know that a licence was suspended."""


def tell(story: Story, exchange: Exchange, qingpu: Client) -> None:
    """All steps of the chapter.

    Args:
        story: tells, times and keeps the steps; its case is open.
        qingpu: the department with the case.
    """
    with (
        exchange.client("baoshan-window") as registrar,
        exchange.client("baoshan-market") as market,
        exchange.client("shanghai-police") as police,
        Citizen(exchange.base_url, "demo-person-chen") as chen,
    ):
        with story.step(
            "发布证照目录与应用场景", "The licence catalogue and the counter's scope are published"
        ) as note:
            for kind, entries in (("licences", LicenceCatalogue.load().entries()), ("scenarios", [SCOPE])):
                note[kind] = _publish(registrar, kind, entries)
        _issue(story, market, police)
        _show(story, chen, qingpu)
        _fetch(story, qingpu)
        _suspend(story, exchange, chen, market, qingpu)


def _issue(story: Story, market: Client, police: Client) -> None:
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    with story.step(
        "签发营业执照", "A business licence is issued: record, sealed PDF and OFD, credential, entry"
    ) as note:
        held = market.call("POST", "/v1/licences", business(today.isoformat()))
        story.known["business"] = held["licence_id"]
        note |= {"identifier": held["identifier"], "pdf": held["pdf"]["size"], "ofd": held["ofd"]["size"]}
    with story.step("签发居民身份证", "An identity card is issued to the legal representative") as note:
        until = today.replace(year=today.year + 20, day=min(today.day, 28)) - timedelta(days=1)
        held = police.call("POST", "/v1/licences", card(today.isoformat(), until.isoformat()))
        story.known["card"] = held["licence_id"]
        note |= {"identifier": held["identifier"], "status": held["status"]}


def business(day: str) -> dict[str, Any]:
    """A business licence of the demo's firm, to be issued from a day on."""
    return {
        "type_code": "LT01",
        "licence_no": "310199000000001",
        "holders": [{"name": "宝山青禾餐饮管理有限公司", "code_type": "001", "code": "91310113XX0000019X"}],
        "face": {
            "entity_type": "有限责任公司(自然人投资或控股)",
            "legal_representative": CHEN["name"],
            "registered_capital": "100万元整",
            "established_on": "2025-03-01",
            "domicile": "上海市宝山区示例路 88 号",
            "business_scope": "餐饮服务;食品销售",
            "registration_authority": "宝山区市场监督管理局",
        },
        "related": [{"role": "legal_representative", "person": CHEN}],
        "valid_from": day,
        "operator": "bm-002",
    }


def card(day: str, until: str) -> dict[str, Any]:
    """The identity card of who leads it."""
    return {
        "type_code": "LT05",
        "licence_no": CHEN["code"],
        "holders": [CHEN],
        "face": {
            "name": CHEN["name"],
            "sex": "男",
            "ethnicity": "汉",
            "born_on": "1990-01-01",
            "address": "上海市宝山区示例路 1 弄 2 号 303 室",
            "issuing_authority": "宝山分局",
        },
        "valid_from": day,
        "valid_to": until,
        "operator": "ga-002",
    }


def _show(story: Story, chen: Citizen, qingpu: Client) -> None:
    with story.step("亮证:出示一次性二维码", "The holder shows the card by a live code, the counter scans it") as note:
        code = chen.show(story.known["card"], QINGPU, COUNTER)
        (story.folder / "received" / "live-code.png").write_bytes(base64.b64decode(code["png"]))
        seen = _scan(qingpu, code["code"])
        story.expect(seen["licence"]["status"] == "01", "a good card is shown as something else")
        note |= {"seconds_left": code["seconds_left"], "values": seen["values"], "entry_id": seen["entry_id"]}
    with story.step("同一二维码再扫,拒绝", "The same code again is refused") as note:
        note["code"] = story.refused(lambda: _scan(qingpu, code["code"]))


def _publish(registrar: Client, kind: str, entries: list[dict[str, Any]]) -> str:
    """The first version of a register; its SHA-256."""
    body = {"version": 1, "owner": "11310113XX00000A2R", "adopted_at": "2026-01-01T00:00:00Z", "operator": "bs-002"}
    return str(registrar.call("POST", f"/v1/registers/{kind}", body | {"entries": entries})["sha256"])


def _scan(client: Client, code: str) -> dict[str, Any]:
    body = {"code": code, "operator": "qp-103", "counter": COUNTER, "scenario": SCENARIO}
    return client.call("POST", "/v1/presentations", body)


def _fetch(story: Story, qingpu: Client) -> None:
    with story.step("调证:取得加注件", "The case fetches the licence: a derived copy, never the original") as note:
        use = _take(story, qingpu)
        target = qingpu.download(use["use_id"], story.folder / "received" / "business-licence.pdf")
        story.known["use-licence"] = use["use_id"]
        story.expect(target.read_bytes()[:5] == b"%PDF-", "the copy is no PDF")
        note |= {"use_id": use["use_id"], "basis": use["basis"], "size": target.stat().st_size}
    with story.step("加注件回执", "Its receipt binds use, licence and copy; kept to be verified offline") as note:
        receipt = story.until(lambda: story.complete(qingpu.receipt(use["use_id"])), "a receipt")
        story.write("evidence/use-licence.cailian.json", receipt)
        note["sections"] = sorted(receipt["sections"])


def _take(story: Story, client: Client) -> dict[str, Any]:
    wanted = {"case_no": story.known["case_no"], "item_code": story.known["item_code"], "cause": CAUSE}
    return client.call("POST", "/v1/fetch", wanted | {"operator": "qp-103", "type_code": "LT01", "mode": "copy"})


def _suspend(story: Story, exchange: Exchange, chen: Citizen, market: Client, qingpu: Client) -> None:
    licence = story.known["business"]
    place = market.call("GET", f"/v1/licences/{licence}")["status_list"]
    with story.step("暂扣,各通道一秒内知悉", "The licence is suspended; every path knows within a second") as note:
        code = chen.show(licence, QINGPU, COUNTER)
        _change(market, licence, "suspend")
        began, paths = time.perf_counter(), dict[str, int]()
        looks: dict[str, Callable[[], bool]] = {
            "fetch": lambda: story.refused(lambda: _take(story, qingpu)) == "status-suspended",
            "scan": lambda: _scan(qingpu, code["code"])["licence"]["status"] == "02",
            "search": lambda: _found(story, qingpu) == "status-suspended",
            "status list": lambda: _listed(exchange, place) == 2,
        }
        for name, look in looks.items():
            story.expect(look(), f"{name} does not know")
            paths[name] = round((time.perf_counter() - began) * 1000)
        note["milliseconds"] = paths
        story.expect(max(paths.values()) <= NOTICE_SECONDS * 1000, "it took longer than a second")
    with story.step("发还后恢复使用", "Given back, it serves again") as note:
        _change(market, licence, "restore")
        note["use_id"] = _take(story, qingpu)["use_id"]


def _change(market: Client, licence: str, operation: str) -> None:
    body = {"operation": operation, "reason": "inspection-found", "operator": "bm-002"}
    market.call("POST", f"/v1/licences/{licence}/status", body)


def _found(story: Story, client: Client) -> str:
    asking = {"case_no": story.known["case_no"], "item_code": story.known["item_code"], "cause": CAUSE}
    told = client.call("POST", "/v1/fetch/search", asking | {"operator": "qp-103", "type_codes": ["LT01"]})
    return str(told["licences"][0]["answer"])


def _listed(exchange: Exchange, place: dict[str, Any]) -> int:
    """What anybody reads for a credential in its status list (Token Status List, 2 bits)."""
    address = str(place["uri"])
    path = address[address.index("/v1/") :]
    answer = httpx2.get(exchange.base_url + path, trust_env=False, timeout=60).raise_for_status()
    body = answer.text.split(".")[1]
    held = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["status_list"]
    packed = held["lst"]
    data = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    bits, index = int(held["bits"]), int(place["index"])
    return data[index * bits // 8] >> (index * bits % 8) & (1 << bits) - 1
