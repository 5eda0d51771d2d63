"""What an exchange knows of the generated applicants, put there by its own services.

Licences are gathered from their issuers; leases and papers are deposited, read and vouched for; registers are views of
a front-end database that the SQL connector asks.
"""

from __future__ import annotations

import json
import os
import secrets
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from api.adapters.connectors import FOLDER
from authz.model import Caller, HolderKind, Identifier, PartyKind, Role
from certs.licencetypes import years_after
from certs.model import LicenceStatus
from certs.store import issuers
from ledger.steps import execute, run
from materials.model import DepositMeta
from materials.reading.model import Box, FieldRead, Findings, Guess
from materials.reading.service import Confirmation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from api.node import Node
    from bench.applicants import Applicant

BAOSHAN: Final = "11310113XX00000A2R"
QINGPU: Final = "11310118XX00000B0W"
HOUSING: Final = "11310199XX0000211B"
_ISSUERS: Final = {"LT01": ("11310113XX00001315", "bm-002"), "LT05": ("11310199XX000014XF", "ga-002")}
_WINDOWS: Final = {BAOSHAN: "bs-017", QINGPU: "qp-103", HOUSING: "fg-011"}
_ROLE: Final = "cailian_prefill"
_BATCH: Final = 200
_VIEWS: Final[dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "registration": ("market.registration", ("CL001",), ("name", "legal_representative", "domicile")),
    "premises": ("housing.address", ("CL022", "CL023"), ("address",)),
    "officer": ("market.food-safety-officer", ("CL041",), ("name",)),
    "staff": ("health.staff", ("CL040",), ("count",)),
    "payroll": ("tax.payroll", ("CL049",), ("head_count", "total")),
    "disabled": ("disability.employed", ("CL050",), ("count",)),
    "insurance": ("social.insurance", ("CL048",), ("new_workers",)),
    "liquidation": ("market.liquidation-notice", ("CL019",), ("dissolved_on", "leader", "number")),
    "clearance": ("tax.clearance", ("CL019",), ("number",)),
    "name_reserved": ("market.name-reserved", ("CL001",), ("name",)),
}
"""Of each view: the question it answers, the types that stands for, the columns."""
_LAPSED: Final = {"status": LicenceStatus.lapsed.value}
_PDF: Final = b"%%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF\n%% %s"


def registers(folder: Path, secrets_dir: Path, admin_url: str, applicants: Sequence[Applicant]) -> Path:
    """Make the registers and the operator's file of them; the file."""
    url, password = make_url(admin_url), secrets.token_hex(24)
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as db:
        db.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(_ROLE), sql.Literal(password)))
        db.execute("CREATE SCHEMA registers")
        for name, (_, _, columns) in _VIEWS.items():
            table, view = sql.Identifier("registers", f"{name}_row"), sql.Identifier("registers", name)
            each = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(column)) for column in columns)
            db.execute(sql.SQL("CREATE TABLE {} (uscc text PRIMARY KEY, {})").format(table, each))
            db.execute(sql.SQL("CREATE VIEW {} AS SELECT * FROM {}").format(view, table))
            db.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(view, sql.Identifier(_ROLE)))
            held = [
                (one.code, *(one.rows[name][column] for column in columns)) for one in applicants if name in one.rows
            ]
            with db.cursor() as cursor:
                marks = sql.SQL(", ").join([sql.Placeholder()] * (len(columns) + 1))
                cursor.executemany(sql.SQL("INSERT INTO {} VALUES ({})").format(table, marks), held)
        db.execute(sql.SQL("GRANT USAGE ON SCHEMA registers TO {}").format(sql.Identifier(_ROLE)))
    reader = url.set(drivername="postgresql", username=_ROLE, password=password)
    (secrets_dir / FOLDER).mkdir(exist_ok=True, mode=0o700)
    dsn = os.open(secrets_dir / FOLDER / "registers.dsn", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(dsn, "w") as file:
        file.write(reader.render_as_string(hide_password=False))
    path = folder / "registers.json"
    path.write_text(json.dumps(_register(), ensure_ascii=False))
    return path


def _register() -> dict[str, Any]:
    source = {"name": "registers", "kind": "sql", "zh": "试验前置库", "en": "Registers of the benchmark", "timeout": 5}
    questions = [
        {
            "code": code,
            "zh": code,
            "en": code,
            "types": list(types),
            "source": "registers",
            "kind": "value",
            "valid_hours": 24,
            "fields": [{"name": column, "zh": column, "en": column} for column in columns],
            "view": {
                "view": f"registers.{name}",
                "match": {"uscc": "subject"},
                "values": {column: column for column in columns},
            },
        }
        for name, (code, types, columns) in _VIEWS.items()
    ]
    return {"sources": [source], "questions": questions}


class PrefillWorld:
    """Departments of the demo, and what they put in.

    Args:
        node: of a running exchange.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self.callers: dict[str, Caller] = {}
        with node.database.unit() as db:
            for org in {*_WINDOWS, *(org for org, _ in _ISSUERS.values())}:
                party = node.parties.party_of(db, org)
                self.callers[org] = Caller(
                    "bench", party.id, PartyKind.government, org, party.division, frozenset(), "bench"
                )
            housing = self.callers[HOUSING].party_id
            node.parties.register_operator(db, housing, "fg-002", {Role.registrar})
            execute(db, issuers.add(housing, ["LT10"], node.clock.now()))

    def desk(self, item_code: str) -> tuple[Caller, str]:
        """Who runs an item, and its window."""
        return self.callers[item_code[:18]], _WINDOWS[item_code[:18]]

    def register(self, applicants: Sequence[Applicant]) -> None:
        """Let every applicant be known by code."""
        with self._node.database.unit() as db:
            for each in applicants:
                kind, code = (HolderKind.person, "111") if each.kind == "person" else (HolderKind.organisation, "001")
                each.holder_id = self._node.holders.register(db, kind, each.name, [Identifier(code, each.code)])

    def gather(self, applicants: Sequence[Applicant]) -> None:
        """Licences, from their issuers."""
        firms = [each for each in applicants if each.kind == "organisation"]
        self._take(*_ISSUERS["LT01"], [_business(each) for each in firms])
        self._take(*_ISSUERS["LT05"], [_card(each) for each in applicants if each.kind == "person"])
        self._take(*_ISSUERS["LT01"], [_permit(each) for each in firms if each.item == "change"])
        self._take(HOUSING, "fg-002", [_property(each) for each in firms if each.owns])

    def _take(self, org: str, operator: str, rows: Sequence[dict[str, Any]]) -> None:
        gathering = self._node.gathering
        for first in range(0, len(rows), _BATCH):
            read = gathering.read(self.callers[org], enumerate(rows[first : first + _BATCH], 1))
            with self._node.database.unit() as db:
                told = gathering.take(db, self.callers[org], operator, read)
            if told.refused:
                msg = f"the library refused a generated licence: {told.refused[0]}"
                raise RuntimeError(msg)

    def leases(self, applicants: Sequence[Applicant]) -> None:
        """Leases, taken in by the housing department and vouched for."""
        for each in applicants:
            if each.lease:
                self.vouched(self.callers[HOUSING], _WINDOWS[HOUSING], each, "CL022", each.lease, None)

    def vouched(
        self,
        caller: Caller,
        operator: str,
        each: Applicant,
        type_code: str,
        values: dict[str, str],
        case_no: str | None,
    ) -> None:
        """A document handed in, read, and its values vouched for by staff."""
        node = self._node
        meta = DepositMeta(
            type_code=type_code,
            holder_id=each.holder_id,
            file_name=f"{type_code}.pdf",
            media_type="application/pdf",
            operator=operator,
            channel="counter",
            verify_level="staff_checked",
            origin_case_no=case_no,
        )
        with node.database.unit() as db:
            checked = run(db, node.deposits.check(caller, meta))
        body = _PDF % f"{type_code} {each.number} {case_no}".encode()
        stored = node.objects.put(BytesIO(body), retain_until=checked.retain_until)
        read = tuple(FieldRead(code, value, 90, 1, Box(0, 0, 1, 1)) for code, value in values.items())
        with node.database.unit() as db:
            material, _ = run(db, node.deposits.record(caller, checked, stored))
            reading = node.readings.ask(db, caller, material.id, operator).held.id
            node.readings.finish(db, reading, Findings(Guess(type_code, 99), read))
            given = Confirmation(type_code, values, ("holder-name-differs",), operator)
            node.readings.confirm(db, caller, material.id, reading, given)


def _business(each: Applicant) -> dict[str, Any]:
    face = {
        "entity_type": "有限责任公司",
        "legal_representative": each.truth["legal_representative"],
        "established_on": "2015-03-01",
        "domicile": each.truth["domicile"],
        "business_scope": "餐饮服务;食品销售",
        "registration_authority": "宝山区市场监督管理局",
    }
    row = _row("LT01", f"B{each.number:08d}", (each.name, "001", each.code), face, "2015-03-01")
    return row | ({"valid_to": "2025-02-28"} | _LAPSED if each.stale else {})


def _card(each: Applicant) -> dict[str, Any]:
    code = each.code
    face = {
        "name": each.name,
        "sex": "男" if int(code[16]) % 2 else "女",
        "ethnicity": "汉",
        "born_on": f"{code[6:10]}-{code[10:12]}-{code[12:14]}",
        "address": f"上海市试验区试验路 {each.number} 号",
        "issuing_authority": "上海市公安局试验分局",
    }
    first = "2012-05-06" if each.stale else "2022-05-06"
    row = _row("LT05", code, (each.name, "111", code), face, first)
    row["valid_to"] = years_after(date.fromisoformat(first), 10).isoformat()
    return row | (_LAPSED if each.stale else {})


def _permit(each: Applicant) -> dict[str, Any]:
    """What a change of the business licence carries with it: nobody applies for the linked change without one."""
    face = {
        "business_kind": "餐饮服务经营者",
        "business_items": "热食类食品制售",
        "premises": each.truth["premises"],
        "legal_representative": each.truth["legal_representative"],
    }
    row = _row("LT12", f"JY{each.number:012d}", (each.name, "001", each.code), face, "2024-05-06")
    return row | {"valid_to": "2029-05-05"}


def _property(each: Applicant) -> dict[str, Any]:
    face = {
        "right_holders": [each.name],
        "co_ownership": "单独所有",
        "location": each.truth["premises"],
        "unit_no": f"310118001001GB{each.number:05d}F00010001",
        "right_kind": "国有建设用地使用权/房屋所有权",
        "usage": "商业",
        "area": each.truth["area"],
    }
    return _row("LT10", f"沪2020青字{each.number:06d}", (each.name, "001", each.code), face, "2020-05-06")


def _row(code: str, number: str, holder: tuple[str, str, str], face: dict[str, Any], first: str) -> dict[str, Any]:
    name, kind, identity = holder
    holders = [{"name": name, "type": kind, "code": identity}]
    return {"type": code, "licence_no": number, "holders": holders, "face": face, "issued_on": first}
