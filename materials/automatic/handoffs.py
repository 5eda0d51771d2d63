"""Handing a round's people over to whoever pays: one file, signed, its digests in the log, nobody twice.

The file is prepared in a unit, signed outside any, and written in one more that checks all of it again. The state of
the row and the unique key of programme, period and holder make it once for each.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from authz.model import Act
from authz.noticekinds import NoticeKind
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record, canonical
from materials.automatic import roundrows as rows
from materials.automatic.errors import RoundStateError, UnknownRoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.model import Caller
    from materials.automatic.entitled import Programme, Programmes
    from materials.automatic.objections import Objections
    from materials.automatic.roundrows import Entitlement, HandOff, Round
    from materials.desk import Desk

MOST: Final = 500
"""People of one file; a larger round makes several."""
_HANDED: Final = "entitlement.handed-off"
_COLUMNS: Final = ("序号", "姓名或名称", "证件类型", "证件号码", "金额(元)")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file before it is signed.

    Attributes:
        body: canonical JSON.
        table: the same as CSV, UTF-8 with a byte order mark.
        claims: what is signed: the digests of both, and what they are of.
        runs: whose it is about.
    """

    id: str
    body: bytes
    table: bytes
    claims: Mapping[str, Any]
    runs: tuple[str, ...]


class HandOffs:
    """Prepares and keeps files.

    Args:
        programmes: what there is.
        objections: what stands against a payment.
        desk: who acts, the log, the time.
    """

    def __init__(self, programmes: Programmes, objections: Objections, desk: Desk) -> None:
        self._programmes = programmes
        self._objections = objections
        self._desk = desk

    def prepare(self, db: Connection, caller: Caller, round_id: str, operator: str) -> Prepared:
        """What would be handed over now; nothing is written.

        Raises:
            UnknownOperatorError, NotPermittedError, UnknownRoundError: as they say.
            RoundStateError: not published, an objection to the list is open, or nobody can be handed over.
        """
        self._desk.counter.let(db, caller, operator, Act.close_case)
        held = self._own(db, caller, round_id)
        self._check_open(db, held)
        now, programme = self._desk.clock.now(), self._programme(held)
        found = rows.ready(db, held.id, now, MOST)
        if not found:
            raise RoundStateError(problem="empty")
        people = [self._person(db, number, each, programme) for number, each in enumerate(found, 1)]
        file_id = new_id()
        document = {
            "v": 1,
            "type": "cailian/hand-off",
            "id": file_id,
            "programme": {"code": programme.code, "version": held.version, "name": programme.name},
            "rules": held.rules,
            "round": held.id,
            "period": held.period,
            "org": caller.org_code,
            "made_at": rfc3339(now),
            "total": format(sum((Decimal(each["amount"]) for each in people), Decimal(0)), "f"),
            "people": people,
        }
        body, table = canonical(document), _table(people, programme.payee)
        claims = {
            "hand_off": file_id,
            "round": held.id,
            "people": len(people),
            "total": document["total"],
            "json_sha256": sha256(body).hexdigest(),
            "csv_sha256": sha256(table).hexdigest(),
        }
        return Prepared(file_id, body, table, claims, tuple(each.run_id for each in found))

    def hand_off(
        self, db: Connection, caller: Caller, round_id: str, prepared: Prepared, signature: str, operator: str
    ) -> HandOff:
        """Hand over what was prepared and signed, if all of it still may be.

        Raises:
            UnknownOperatorError, NotPermittedError, UnknownRoundError: as they say.
            RoundStateError: somebody was handed over, or objects, meanwhile.
        """
        self._desk.counter.let(db, caller, operator, Act.close_case)
        held = self._own(db, caller, round_id, lock=True)
        self._check_open(db, held)
        now = self._desk.clock.now()
        claims = dict(prepared.claims)
        parties = self._parties(held, caller.org_code, operator) | {"hand_off": prepared.id, "people": claims["people"]}
        parties |= {name: claims[name] for name in ("json_sha256", "csv_sha256", "total")}
        values = {
            "id": prepared.id,
            "round": held.id,
            "party": caller.party_id,
            "operator": operator,
            "body": self._desk.vault.shut(prepared.body.decode(), place("file", prepared.id)),
            "signature": signature,
            "people": claims["people"],
            "at": now,
            "entry": self._append(db, _HANDED, parties),
        }
        rows.insert_file(db, values)
        if rows.hand(db, prepared.runs, prepared.id, now) != len(prepared.runs):
            raise RoundStateError(problem="open")
        for run_id in prepared.runs:
            one = rows.entitlement(db, run_id)
            if one is not None:
                self._desk.notices.tell(
                    db, one.holder_id, NoticeKind.entitlement_handed, run_id, party_id=held.party_id
                )
        return self.file(db, caller, prepared.id)

    def file(self, db: Connection, caller: Caller, file_id: str) -> HandOff:
        """A file of the caller's organisation.

        Raises:
            UnknownRoundError: there is none.
        """
        held = rows.file(db, file_id)
        if held is None or held.party_id != caller.party_id:
            raise UnknownRoundError
        return held

    def content(self, held: HandOff, form: str) -> bytes:
        """The bytes of a file as they were signed: `json` or `csv`."""
        body = self._desk.vault.open(held.body, place("file", held.id)).encode()
        if form == "json":
            return body
        document = json.loads(body)
        return _table(document["people"], self._programmes.get(document["programme"]["code"]).payee)

    def _person(self, db: Connection, number: int, each: Entitlement, programme: Programme) -> dict[str, Any]:
        holder = self._desk.holders.get(db, each.holder_id)
        codes = {one.type: one.code for one in self._desk.holders.identifiers(db, each.holder_id)}
        code_type = next((kind for kind in ("001", "111") if kind in codes), "")
        payee = json.loads(self._desk.vault.open(each.payee or b"", place("payee", each.run_id)))
        return {
            "number": number,
            "entitlement": each.run_id,
            "name": holder.name,
            "code_type": code_type,
            "code": codes.get(code_type, ""),
            "amount": self._amount(each),
            "payee": {code: payee[code] for code in programme.payee},
        }

    def _amount(self, each: Entitlement) -> str:
        return self._desk.vault.open(each.amount or b"", place("amount", each.run_id))

    def _check_open(self, db: Connection, held: Round) -> None:
        if held.state != "published":
            raise RoundStateError(problem="matching")
        if self._objections.is_open(db, held.id):
            raise RoundStateError(problem="objection")

    def _programme(self, held: Round) -> Programme:
        return self._programmes.get(held.programme)

    def _own(self, db: Connection, caller: Caller, round_id: str, *, lock: bool = False) -> Round:
        held = rows.get(db, round_id, lock=lock)
        if held is None or held.party_id != caller.party_id:
            raise UnknownRoundError
        return held

    @staticmethod
    def _get(db: Connection, round_id: str) -> Round:
        held = rows.get(db, round_id)
        if held is None:
            raise UnknownRoundError
        return held

    @staticmethod
    def _parties(held: Round, org_code: str, operator: str) -> dict[str, Any]:
        told = {"requester": org_code, "operator": operator, "round": held.id, "programme": held.programme}
        return told | {"version": held.version, "rules": held.rules, "period": held.period}

    def _append(self, db: Connection, kind: str, parties: Mapping[str, Any]) -> str:
        record = Record({"type": kind, "time": rfc3339(self._desk.clock.now())}, dict(parties))
        return self._desk.evidence.append(db, record).entry_id


def _table(people: Sequence[Mapping[str, Any]], payee: Sequence[str]) -> bytes:
    """People as CSV: UTF-8 with a byte order mark, as spreadsheets want it; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*_COLUMNS, *payee])
    for each in people:
        account = [_text(each["payee"][code]) for code in payee]
        cells = [str(each["number"]), each["name"], each["code_type"], each["code"], each["amount"], *account]
        writer.writerow([f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def _text(content: object) -> str:
    return "、".join(content) if isinstance(content, list) else str(content)


def place(column: str, entitlement_id: str) -> bytes:
    """What a value of an entitlement is bound to when encrypted."""
    return f"entitlement/{column}/{entitlement_id}".encode()
