"""Cases with what is true of them, and the errors that can be seeded: one for every check point of every item.

`truth` draws a clean case, `ERRORS` spoils one thing of it for one check point, `labelled` turns it into what an exchange
would know: a form, faces of licences, documents, seals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.materials.reading.generator.sheet import Sheet
from tests.materials.reading.generator.values import Values
from tests.materials.review.generator.papers import MAKERS

TODAY = date(2026, 11, 20)
Truth = dict[str, Any]
_ROOMS = ("操作区", "烹饪区", "粗加工区", "切配区"), ("清洗区", "清洗消毒区", "洗消间"), ("就餐区", "用餐区", "堂食区")


@dataclass
class Labelled:
    """What an exchange would know of a case.

    Attributes:
        form: content by field.
        faces: values of licences by source; a list where several persons have one.
        statuses: status and standing by licence type.
        sheets: documents by type.
        seals: organisations whose seal is on a document, by type; a problem begins with `!`.
        organisations: codes by side.
        wrong: check point that an error was seeded for; None of a clean case.
    """

    item_code: str
    answers: dict[str, str]
    form: dict[str, str | tuple[str, ...]]
    faces: dict[str, list[str]] = field(default_factory=dict)
    statuses: dict[str, tuple[str, str]] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    seals: dict[str, tuple[str, ...]] = field(default_factory=dict)
    organisations: dict[str, frozenset[str]] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)
    wrong: str | None = None


# One thing in several ways


def spelt(v: Values, address: str) -> str:
    """An address as somebody else would write it."""
    text = address
    for say in v.random.sample((_wide, _spaced, _other_signs, _short), 2):
        text = say(text)
    return text


def _wide(text: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) if each.isascii() and each.isalnum() else each for each in text)


def _spaced(text: str) -> str:
    return text.replace("路", "路 ").replace("号", " 号 ").strip()


def _other_signs(text: str) -> str:
    return text.replace("幢", "栋").replace("楼A", "层A")


def _short(text: str) -> str:
    return text.removeprefix("上海市").removesuffix("室")


def _bracketed(v: Values, name: str) -> str:
    return name.translate({0x28: 0xFF08, 0x29: 0xFF09}) if v.one(True, False) else name


def _elsewhere(v: Values, address: str) -> str:
    """Another house of the same road."""
    head, _, tail = address.partition("路")
    number, _, rest = tail.partition("号")
    return f"{head}路{int(number) + v.random.randrange(2, 90)}号{rest}"


# What is true


def firm(v: Values) -> Truth:
    """A firm, its premises and people."""
    name, code, _ = v.firm()
    address = v.address()
    starts = date(2025, v.random.randrange(1, 12), 1)
    return {
        "firm": name,
        "code": code,
        "scope": v.one("餐饮服务;食品销售", "许可项目:餐饮服务;一般项目:日用百货销售"),
        "status": ("01", "active"),
        "form_name": _bracketed(v, name),
        "form_premises": spelt(v, address),
        "premises": address,
        "plan_premises": spelt(v, address),
        "lessor": v.one(v.firm()[0], v.person()),
        "lessee": name,
        "area": Decimal(v.random.randrange(3000, 60000)) / 100,
        "starts": starts,
        "ends": starts.replace(year=starts.year + v.one(2, 3, 5)) - timedelta(days=1),
        "rent": v.random.randrange(40, 900) * 100,
        "rooms": [v.one(*each) for each in _ROOMS],
        "owners": [v.person() for _ in range(v.one(1, 2, 3))],
        "location": v.address(),
        "letter_signature": v.person(),
    }


def collective(v: Values) -> Truth:
    """A collective contract."""
    t = firm(v)
    heads = v.one(3, 4, 5)
    members = v.random.randrange(30, 99)
    present = members - v.random.randrange(0, members // 5)
    signed = TODAY - timedelta(days=v.random.randrange(1, 9))
    begins = (signed + timedelta(days=v.random.randrange(1, 40))).replace(day=v.random.randrange(1, 29))
    chief, union_chief = v.person(), v.person()
    return (
        t
        | {
            "employer": t["firm"],
            "union": v.one(f"{t['firm']}工会委员会", f"{t['firm']}工会"),
            "union_code": v.uscc("310113", "81"),
            "chief": chief,
            "union_chief": union_chief,
            "signature": chief,
            "union_signature": union_chief,
            "delegates": [chief, *(v.person() for _ in range(heads - 1))],
            "union_delegates": [union_chief, *(v.person() for _ in range(heads - 1))],
            "begins": begins,
            "ends": begins.replace(year=begins.year + v.one(1, 2, 3)) - timedelta(days=1),
            "lowest_wage": v.one(2740, 2800, 3000, 3500),
            "wage_rise": v.one(3, 4, 5, 6),
            "hours": v.one(40, 40, 44),
            "protection": True,
            "disputes": True,
            "signed_on": signed,
            "congress_on": signed - timedelta(days=v.random.randrange(0, 20)),
            "members": members,
            "present": present,
            "in_favour": max(present - v.random.randrange(0, 5), members // 2 + 1),
            "seals": (t["code"], ""),
        }
        | {"faces_union": None}
    )


def _union(t: Truth) -> Truth:
    t["faces_union"] = t["union"]
    t["seals"] = (t["code"], t["union_code"])
    return t


def registration(v: Values) -> Truth:
    """A company that is founded."""
    t = firm(v)
    capital = v.random.randrange(2, 60) * 100_000
    shares = [capital // len(t["owners"])] * len(t["owners"])
    shares[0] += capital - sum(shares)
    return t | {
        "capital": capital,
        "shares": shares,
        "cards": list(t["owners"]),
        "articles_firm": t["firm"],
        "adopted_on": TODAY - timedelta(days=v.random.randrange(2, 20)),
        "certified_on": TODAY - timedelta(days=v.random.randrange(5, 200)),
    }


def food(v: Values) -> Truth:
    """A restaurant."""
    examined = TODAY - timedelta(days=v.random.randrange(10, 300))
    return firm(v) | {
        "worker": v.person(),
        "examined_on": examined,
        "healthy_until": examined.replace(year=examined.year + 1, day=min(examined.day, 28)),
        "manager": v.person(),
        "passed_on": TODAY - timedelta(days=v.random.randrange(30, 900)),
    }


def hygiene(v: Values) -> Truth:
    """A public venue."""
    t = firm(v)
    return t | {
        "report_address": spelt(v, t["premises"]),
        "tested_on": TODAY - timedelta(days=v.random.randrange(5, 300)),
    }


def fund(v: Values) -> Truth:
    """An employer that pays into the fund."""
    heads = v.random.randrange(31, 400)
    disabled = v.random.randrange(0, 4)
    payroll = Decimal(heads * v.random.randrange(60_000, 200_000))
    rate = Decimal("0.5") if disabled >= heads * Decimal("0.01") else Decimal("0.9")
    due = max(Decimal(0), heads * Decimal("0.015") - disabled) * payroll / heads * rate
    return firm(v) | {
        "head_count": heads,
        "disabled": disabled,
        "payroll": payroll,
        "due": due.quantize(Decimal("0.01")),
    }


def subsidy(v: Values) -> Truth:
    """An employer that took on workers."""
    insured = v.random.randrange(3, 20)
    return firm(v) | {"workers": insured - v.random.randrange(0, 3), "insured": insured}


def hazardous(v: Values) -> Truth:
    """A driver who changes employer."""
    return firm(v) | {
        "old_employer": v.firm()[0],
        "statuses": {"LT21": ("01", "active"), "LT22": ("01", "active")},
        "permit_scope": v.one("危险货物运输(3类)", "道路危险货物运输;普通货运"),
    }


def newborn(v: Values) -> Truth:
    """A child whose parents register it."""
    mother, father = v.person(), v.person()
    return {"mother": mother, "father": father, "cards": [mother, father], "child": v.person()}


def change(v: Values) -> Truth:
    """A firm that changes its name or domicile, and its articles."""
    t = firm(v)
    what = v.one("name", "domicile")
    adopted = v.day(2012, 2024)
    return t | {
        "what": what,
        "subject": {"name": "名称", "domicile": "住所"}[what],
        "other_firm": v.firm()[0],
        "resolved_on": TODAY - timedelta(days=v.random.randrange(1, 20)),
        "articles_firm": t["firm"],
        "amended_firm": t["firm"],
        "adopted_on": adopted,
        "base_on": adopted,
        "capital": 1_000_000,
    }


def vehicle(v: Values) -> Truth:
    """Somebody who bought an electric bicycle."""
    buyer, code = v.person(), v.digits(15)
    shop, shop_code, _ = v.firm()
    bought = v.day(2026, 2026)
    return {
        "owner": buyer,
        "invoice_buyer": buyer,
        "vehicle": code,
        "invoice_vehicle": code,
        "shop": shop,
        "shop_code": shop_code,
        "bought_on": bought,
        "made_on": bought - timedelta(days=60),
        "paid": v.money(1800, 5000, cents=True),
        "maker": f"无锡{v.one('远捷', '速达')}车业有限公司",
        "brand": v.one("远捷", "速达"),
        "model": f"TDT{v.digits(4)}Z",
        "motor": f"BL{v.digits(10)}",
        "blurred": (),
    }


def transfer(v: Values) -> Truth:
    """A flat that is sold."""
    sellers = [v.person() for _ in range(v.one(1, 2))]
    price = v.random.randrange(80, 900) * 10_000
    unit = f"310113{v.digits(6)}GB{v.digits(5)}F{v.digits(8)}"
    return {
        "seller": "、".join(sellers),
        "owners_on_record": "、".join(reversed(sellers)),
        "buyer": v.person(),
        "location": v.address(),
        "area": Decimal(v.random.randrange(3000, 20000)) / 100,
        "price": price,
        "taxable": v.one(f"{price:.2f}", f"{price // 10_000}万元"),
        "unit": unit,
        "contract_unit": unit,
    }


# What can be wrong: check point, and what spoils it

Spoil = Callable[[Values, Truth], None]


def put(**values: Any) -> Spoil:
    """Set something; a callable makes it from the case."""

    def spoil(v: Values, t: Truth) -> None:
        t.update({name: held(v, t) if callable(held) else held for name, held in values.items()})

    return spoil


def _other_firm(v: Values, _: Truth) -> str:
    return v.firm()[0]


def _someone(v: Values, _: Truth) -> str:
    return v.person()


_STANDING = ("02", "suspended"), ("04", "cancelled"), ("07", "permit-withdrawn")
_FIRM: dict[str, tuple[Spoil, ...]] = {
    "name-matches": (put(form_name=_other_firm),),
    "licence-stands": tuple(put(status=each) for each in _STANDING),
}
_PREMISES: dict[str, tuple[Spoil, ...]] = {
    "same-address": (
        put(form_premises=lambda v, t: _elsewhere(v, t["premises"])),
        put(plan_premises=lambda v, t: _elsewhere(v, t["premises"])),
        put(premises=lambda v, t: _elsewhere(v, t["premises"])),
    )
}
_COLLECTIVE: dict[str, tuple[Spoil, ...]] = {
    "parties-named": (put(union=None), put(employer=None)),
    "employer-matches": (put(employer=_other_firm),),
    "union-matches": (put(union=lambda v, _: f"{v.firm()[0]}工会"),),
    "employer-seal": (
        put(seals=lambda _, t: ("", t["union_code"])),
        put(seals=lambda _, t: ("!licence-file-altered",)),
    ),
    "union-seal": (put(seals=lambda _, t: (t["code"],)), put(seals=lambda _, t: ("!changed-after-sealing",))),
    "chief-employer": (put(signature=""), put(signature=_someone)),
    "chief-union": (put(union_signature=""), put(union_signature=_someone)),
    "delegates-equal": (put(union_delegates=lambda v, t: [*t["union_delegates"], v.person()]),),
    "delegates-three": (
        put(delegates=lambda _, t: t["delegates"][:2], union_delegates=lambda _, t: t["union_delegates"][:2]),
    ),
    "term": (
        put(ends=lambda _, t: t["begins"] + timedelta(days=365 * 4 + 1)),
        put(ends=lambda _, t: t["begins"] + timedelta(days=180)),
    ),
    "dates": (put(ends=lambda _, t: t["begins"] - timedelta(days=365)),),
    "congress-quorum": (
        put(present=lambda _, t: t["members"] * 2 // 3 - 1, in_favour=lambda _, t: t["members"] * 3 // 5),
    ),
    "congress-majority": (put(in_favour=lambda _, t: t["members"] // 2 - 1),),
    "congress-date": (put(congress_on=lambda _, t: t["signed_on"] + timedelta(days=3)),),
    "wage-floor": (put(lowest_wage=2420), put(lowest_wage=2690)),
    "wage-rise": (put(wage_rise=None),),
    "hours": (put(hours=48), put(hours=56)),
    "women-minors": (put(protection=False),),
    "disputes": (put(disputes=False),),
    "filed-in-time": (
        put(signed_on=TODAY - timedelta(days=20), congress_on=TODAY - timedelta(days=25)),
        put(signed_on=TODAY - timedelta(days=11), congress_on=TODAY - timedelta(days=15)),
    ),
}


@dataclass(frozen=True)
class Kind:
    """An item of the set.

    Attributes:
        papers: types of its documents.
        legible: check points that only a picture can fail, by the document's type.
        also: check points that rightly fail with another, by that other.
    """

    item_code: str
    answers: dict[str, str]
    truth: Callable[[Values], Truth]
    errors: dict[str, tuple[Spoil, ...]]
    papers: tuple[str, ...] = ()
    legible: dict[str, str] = field(default_factory=dict)
    also: dict[str, frozenset[str]] = field(default_factory=dict)


_QP, _BS = "11310118XX00000B0W", "11310113XX00000A2R"
KINDS: dict[str, Kind] = {
    "collective": Kind(
        f"{_BS}4311000103000",
        {"kind": "general", "agent": "no"},
        lambda v: _union(collective(v)),
        _COLLECTIVE,
        ("CL054", "CL055"),
        also={
            "dates": frozenset({"term"}),
            "employer-seal": frozenset({"union-seal"}),
            "union-seal": frozenset({"employer-seal"}),
            "congress-quorum": frozenset({"congress-majority"}),
        },
    ),
    "food": Kind(
        f"{_QP}4310100101000",
        {"business": "restaurant", "tenure": "lease", "agent": "no", "commitment": "no"},
        food,
        _FIRM
        | _PREMISES
        | {
            "cl022-in-time": (put(ends=TODAY - timedelta(days=40)),),
            "cl040-in-time": (put(examined_on=date(2025, 3, 2), healthy_until=date(2026, 3, 1)),),
            "cl041-in-time": (put(passed_on=date(2023, 6, 1)),),
            "scope-covers": (put(scope="软件开发;信息系统集成服务"),),
            "plan-rooms": (put(rooms=lambda _, t: t["rooms"][:1] + t["rooms"][2:]),),
        },
        ("CL022", "CL025", "CL040", "CL041"),
        {"cl025-legible": "CL025"},
    ),
    "drainage": Kind(
        f"{_QP}4310101101000", {"tenure": "lease", "drain": "no"}, firm, _FIRM | _PREMISES, ("CL022", "CL025")
    ),
    "hygiene": Kind(
        f"{_BS}4310100102000",
        {"central_air": "no", "staff_contact": "yes", "agent": "no"},
        hygiene,
        _FIRM
        | {
            "report-address": (put(report_address=lambda v, t: _elsewhere(v, t["premises"])),),
            "cl044-in-time": (put(tested_on=TODAY - timedelta(days=500)),),
            "letter-signed": (put(letter_signature=""),),
        },
        ("CL020", "CL044"),
    ),
    "registration": Kind(
        f"{_QP}4310700201000",
        {"tenure": "shared", "agent": "no", "corporate": "no"},
        registration,
        {
            "capital-adds-up": (put(shares=lambda _, t: [t["shares"][0] - 10_000, *t["shares"][1:]]),),
            "articles-name": (put(articles_firm=_other_firm),),
            "cl024-in-time": (put(certified_on=TODAY - timedelta(days=420)),),
            "identity-matches": (put(cards=lambda v, t: [v.person(), *t["cards"][1:]]),),
        },
        ("CL015", "CL024"),
    ),
    "fund": Kind(
        f"{_BS}4310400401000",
        {"employs": "yes"},
        fund,
        {"licence-stands": _FIRM["licence-stands"]}
        | {
            "count": (put(disabled=lambda _, t: t["head_count"] + 5, due=Decimal("0.00")),),
            "amount": (
                put(due=lambda _, t: t["due"] + Decimal("120.50")),
                put(due=lambda _, t: t["due"] / 2 + 1),
            ),
        },
    ),
    "subsidy": Kind(
        f"{_BS}4310500701000",
        {"again": "no"},
        subsidy,
        {"licence-stands": _FIRM["licence-stands"], "insured": (put(workers=lambda _, t: t["insured"] + 3),)},
    ),
    "fire": Kind(
        f"{_QP}4310101301000",
        {"tenure": "lease", "fire": "no"},
        firm,
        _FIRM | {"letter-signed": (put(letter_signature=""),)},
        ("CL020",),
    ),
    "hazardous": Kind(
        f"{_BS}4310700501000",
        {},
        hazardous,
        {
            "qualification-stands": (put(statuses={"LT21": ("05", "expired"), "LT22": ("01", "active")}),),
            "driving-stands": (put(statuses={"LT21": ("01", "active"), "LT22": ("02", "suspended")}),),
            "permit-covers": (put(permit_scope="道路普通货物运输"),),
            "not-the-same": (put(old_employer=lambda _, t: t["firm"]),),
        },
    ),
    "newborn": Kind(
        f"{_QP}4310700901000",
        {"married": "yes"},
        newborn,
        {"mother-matches": (put(cards=lambda v, t: [v.person(), t["father"]]),)},
    ),
    "change": Kind(
        f"{_BS}4310700801000",
        {"what": "name", "articles": "yes"},
        change,
        {"licence-stands": _FIRM["licence-stands"]}
        | {
            "resolution-matches": (put(subject="法定代表人"),),
            "amendment-base": (put(base_on=date(2009, 5, 6)), put(amended_firm=_other_firm)),
        },
        ("CL015", "CL016", "CL017"),
    ),
    "vehicle": Kind(
        f"{_BS}4310700301000",
        {"resident": "local"},
        vehicle,
        {"invoice-vehicle": (put(invoice_vehicle=lambda v, _: v.digits(15)),), "buyer": (put(invoice_buyer=_someone),)},
        ("CL056", "CL057"),
        {"cl056-legible": "CL056", "cl057-legible": "CL057"},
    ),
    "transfer": Kind(
        f"{_QP}4310700601000",
        {"marriage": "single", "loan": "no"},
        transfer,
        {
            "seller-owns": (put(owners_on_record=_someone),),
            "price-agrees": (put(taxable=lambda _, t: f"{t['price'] - 100_000}"),),
            "unit-agrees": (put(contract_unit=lambda v, _: f"310113{v.digits(6)}GB{v.digits(5)}F{v.digits(8)}"),),
        },
        ("CL026",),
    ),
    "deregistration": Kind(f"{_BS}4310700901000", {"procedure": "simple", "permits": "no", "agent": "no"}, firm, _FIRM),
    "sign": Kind(f"{_QP}4312001201000", {"tenure": "lease"}, firm, _FIRM),
}


def labelled(name: str, seed: int, wrong: str | None = None, variant: int = 0) -> Labelled:
    """A case of an item: clean, or with an error for one check point."""
    kind, v = KINDS[name], Values(seed)
    t = kind.truth(v)
    if wrong is not None and wrong not in kind.legible:
        spoils = kind.errors[wrong]
        spoils[variant % len(spoils)](v, t)
    answers = kind.answers | ({"what": t["what"]} if name == "change" else {})
    held = Labelled(kind.item_code, answers, _form(name, v, t), wrong=wrong)
    held.faces, held.statuses = _faces(name, t), _statuses(name, t)
    held.answered = _answered(name, t)
    held.sheets = {code: MAKERS[code](v, t) for code in kind.papers}
    if name == "collective":
        held.seals = {"CL054": tuple(each for each in t["seals"] if each)}
        held.organisations = {"applicant": frozenset({t["code"]}), "union": frozenset({t["union_code"]})}
    return held


def _form(name: str, v: Values, t: Truth) -> dict[str, str | tuple[str, ...]]:
    if name == "registration":
        return _founding(v, t)
    if name == "fund":
        counts = {"head_count": str(t["head_count"]), "disabled_workers": str(t["disabled"])}
        return counts | {"payroll": f"{t['payroll']:.2f}", "due": f"{t['due']:.2f}"}
    other: dict[str, Callable[[], dict[str, str | tuple[str, ...]]]] = {
        "transfer": lambda: {"seller": t["seller"], "price": f"{t['price']:.2f}", "unit_no": t["unit"]},
        "hazardous": lambda: {"old_employer": t["old_employer"], "new_employer": t["form_name"]},
        "subsidy": lambda: {"workers": str(t["workers"])},
    }
    if name in other:
        return other[name]()
    if name in {"newborn", "vehicle", "change", "collective"}:
        return {}
    return {"unit_name": t["form_name"], "premises": t["form_premises"], "venue_address": t["form_premises"]}


def _founding(v: Values, t: Truth) -> dict[str, str | tuple[str, ...]]:
    say = v.one("{} {}", "{}:{}元", "{} {:,}.00", "{},{}")
    lines = tuple(say.format(owner, share) for owner, share in zip(t["owners"], t["shares"], strict=True))
    capital = v.one(f"{t['capital']:.2f}", f"{t['capital']}", f"{t['capital'] // 10_000}万元")
    return {"company_name": t["form_name"], "registered_capital": capital, "shareholders": lines}


def _faces(name: str, t: Truth) -> dict[str, list[str]]:
    if name == "newborn":
        return {"LT05.name": t["cards"], "LT09.mother_name": [t["mother"]]}
    if name == "vehicle":
        return {"LT05.name": [t["owner"]]}
    if name == "transfer":
        return {"LT10.right_holders": [t["owners_on_record"]]}
    faces = {"LT01.holder_name": [t["firm"]], "LT01.business_scope": [t["scope"]]}
    if name == "collective":
        faces["LT04.union_name"] = [t["faces_union"]]
    if name == "registration":
        faces["LT05.name"] = t["cards"]
    if name == "hazardous":
        faces["LT17.business_scope"] = [t["permit_scope"]]
    return faces


def _statuses(name: str, t: Truth) -> dict[str, tuple[str, str]]:
    if name == "hazardous":
        return t["statuses"]
    return {"LT01": t["status"]} if "status" in t else {}


def _answered(name: str, t: Truth) -> dict[str, str]:
    if name == "subsidy":
        return {"connector:social.insurance.new_workers": str(t["insured"])}
    return {"connector:tax.deed-tax.taxable": t["taxable"]} if name == "transfer" else {}
