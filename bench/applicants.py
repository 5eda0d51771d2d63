"""Firms and people that do not exist, each applying for something; seeded, so that every run has the same ones.

What is true of an applicant is made first; what the library, the vault and the registers know of it is a part of that:
30 % of the firms have no lease (half of those own their premises), 20 % of the licences in the library have lapsed,
half of the firms have applied for the same thing before, a lease is registered in four cases of five, and one
registered address in twenty is not the one of the lease.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Final

from bench.synthetic import firm, person

SHARES: Final = {
    "food": 120,
    "change": 80,
    "closing": 40,
    "vehicle": 80,
    "fund": 60,
    "hygiene": 40,
    "drainage": 20,
    "subsidy": 20,
    "fire": 20,
    "sign": 20,
}
"""Of 500; the names are those of the report."""
_SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN: Final = "安宁清和远山云舟知微行简"
_NO_LEASE: Final = 0.3
_STALE: Final = 0.2
_KNOWN: Final = 0.5
_REGISTERED: Final = 0.8
_MOVED: Final = 0.05


@dataclass(slots=True)
class Applicant:
    """One applicant.

    Attributes:
        item: key of `SHARES`.
        kind: `organisation` or `person`.
        truth: what each field of the form should hold, where it is known.
        typed: what was typed into the form of an earlier case.
        known: there was one.
        stale: the library's copy of the licence has lapsed.
        lease: values of the lease in the vault; none where there is none.
        owns: the land register knows the premises.
        papers: handed in with this very case, by type.
        rows: what the registers hold, by view.
    """

    item: str
    number: int
    kind: str
    name: str
    code: str
    answers: dict[str, str]
    truth: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)
    known: bool = False
    stale: bool = False
    lease: dict[str, str] = field(default_factory=dict)
    owns: bool = False
    papers: dict[str, dict[str, str]] = field(default_factory=dict)
    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    holder_id: str = ""


def applicants(count: int, seed: int) -> list[Applicant]:
    """So many applicants, spread over the items as `SHARES` says."""
    chance = random.Random(seed)  # noqa: S311 - synthetic data, the same in each run
    kinds = [item for item, share in SHARES.items() for _ in range(share)]
    step = len(kinds) / count
    return [_applicant(chance, kinds[int(number * step)], number) for number in range(count)]


def _applicant(chance: random.Random, item: str, number: int) -> Applicant:
    if item == "vehicle":
        return _rider(chance, number)
    name = f"试验{number:03d}号餐饮管理有限公司"
    tenure = "lease" if chance.random() >= _NO_LEASE else chance.choice(("own", "shared"))
    answers = _answers(chance, item, tenure)
    held = Applicant(item, number, "organisation", name, firm(700_000 + number), answers)
    held.stale, held.known = chance.random() < _STALE, chance.random() < _KNOWN
    held.owns = tenure == "own"
    premises = f"上海市青浦区试验路{number + 1}号1层"
    area, staff = str(chance.randint(30, 900)), str(chance.randint(5, 300))
    leader = chance.choice(_SURNAMES) + "".join(chance.sample(_GIVEN, 2))
    held.truth = {
        "unit_name": name,
        "unit_code": held.code,
        "legal_representative": leader,
        "domicile": premises,
        "premises": premises,
        "venue_name": name,
        "venue_address": premises,
        "area": area,
        "staff": staff,
        "sign_text": name,
        "business_items": ("热食类食品制售", "冷食类食品制售"),
        "permit_items": ("美容店",),
        "seats": str(chance.randint(10, 300)),
        "water_use": str(chance.randint(1, 60)),
        "account_bank": "试验银行青浦支行",
        "account_no": f"31050{number:014d}",
        "workers": str(chance.randint(1, 9)),
        "food_safety_manager": chance.choice(_SURNAMES) + chance.choice(_GIVEN),
        "contact_name": leader,
        "contact_phone": f"021-5555{number:04d}",
        "sign_size": "300cm×80cm",
        "procedure": {"simple": "简易注销", "general": "一般注销"}.get(answers.get("procedure", "")),
        "dissolved_on": "2026-09-15",
        "liquidator": leader,
        "notice_no": f"清算备{number:06d}",
        "tax_clearance_no": f"沪税清{number:06d}",
        "new_name": f"试验{number:03d}号食品有限公司",
        "new_domicile": f"上海市青浦区试验支路{number + 1}号",
    }
    held.typed = {code: value for code, value in held.truth.items() if not code.startswith("new_")}
    if tenure == "lease":
        held.lease = {"premises": premises, "area": area, "lessee": name, "starts_on": "2025-01-01"}
        held.lease["ends_on"] = "2030-12-31"
    held.rows = _registers(chance, held, tenure)
    return held


def _answers(chance: random.Random, item: str, tenure: str) -> dict[str, str]:
    business, change, employs, procedure = (
        chance.choice(each)
        for each in (
            ("restaurant", "canteen", "drinks"),
            ("name", "domicile", "representative"),
            ("yes", "no"),
            ("simple", "general"),
        )
    )
    return {
        "food": {"business": business, "tenure": tenure, "agent": "no", "commitment": "no"},
        "change": {"what": change, "articles": "no"},
        "closing": {"procedure": procedure, "permits": "no", "agent": "no"},
        "fund": {"employs": employs},
        "hygiene": {"central_air": "no", "staff_contact": "yes", "agent": "no"},
        "fire": {"tenure": tenure, "fire": "no"},
        "drainage": {"tenure": tenure, "drain": "no"},
        "subsidy": {"again": "no"},
        "sign": {"tenure": tenure},
    }[item]


def _registers(chance: random.Random, held: Applicant, tenure: str) -> dict[str, dict[str, str]]:
    truth = held.truth
    rows = {
        "registration": {
            "name": held.name,
            "legal_representative": truth["legal_representative"],
            "domicile": truth["domicile"],
        },
        "clearance": {"number": truth["tax_clearance_no"]},
        "insurance": {"new_workers": truth["workers"]},
        "name_reserved": {"name": truth["new_name"]},
    }
    if held.item == "change":
        rows["premises"] = {"address": truth["new_domicile"]}
    elif tenure == "lease" and chance.random() < _REGISTERED:
        moved = chance.random() < _MOVED
        rows["premises"] = {"address": f"上海市青浦区旧址路{held.number}号" if moved else truth["premises"]}
    if chance.random() < 0.85:  # the firm has told who it employs for it
        rows["officer"] = {"name": truth["food_safety_manager"]}
    if chance.random() < 0.75:  # the others' staff is examined elsewhere
        rows["staff"] = {"count": truth["staff"]}
    if held.item == "closing" and chance.random() < 0.9:  # the others published in a newspaper
        rows["liquidation"] = {
            "dissolved_on": truth["dissolved_on"],
            "leader": truth["liquidator"],
            "number": truth["notice_no"],
        }
    head_count, disabled = chance.randint(10, 600), chance.randint(0, 6) if held.answers.get("employs") == "yes" else 0
    payroll = head_count * chance.randint(60_000, 200_000)
    rows["payroll"] = {"head_count": str(head_count), "total": f"{payroll}.00"}
    rows["disabled"] = {"count": str(disabled)}
    truth |= {"head_count": str(head_count), "payroll": f"{payroll}.00", "disabled_workers": str(disabled)}
    return rows


def _rider(chance: random.Random, number: int) -> Applicant:
    name = chance.choice(_SURNAMES) + "".join(chance.sample(_GIVEN, 2))
    held = Applicant("vehicle", number, "person", name, person(40_000 + number), {"resident": "local"})
    held.stale = chance.random() < _STALE
    brand, model = chance.choice(("试验牌", "样例牌")), f"TDT{chance.randint(100, 999)}Z"
    vehicle, motor = f"{chance.randint(10**14, 10**15 - 1)}", f"M{chance.randint(10**8, 10**9 - 1)}"
    bought = f"2026-10-{chance.randint(1, 28):02d}"
    held.papers = {
        "CL057": {"brand": brand, "model": model, "vehicle_code": vehicle, "motor_no": motor},
        "CL056": {"issued_on": bought, "buyer": name},
    }
    held.truth = {
        "owner": name,
        "owner_code": held.code,
        "brand": brand,
        "model": model,
        "vehicle_code": vehicle,
        "motor_number": motor,
        "bought_on": bought,
    }
    return held
