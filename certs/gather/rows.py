"""One row to be gathered, and the rules of quality it is judged by (数据质量: 完整性, 准确性, 及时性).

    {"type": "LT12", "licence_id": "1.2.156...", "licence_no": "JY...", "holders": [{"name", "type", "code"}],
     "face": {...}, "issued_on": "2024-05-06", "valid_from": "2024-05-06", "valid_to": "2029-05-05",
     "status": "01", "reason": "", "updated_on": "2024-05-06"}

*Complete*: nothing is missing that the type requires. *Accurate*: codes pass their check digits, the id is of this type
and issuer, dates exist and follow each other and the type's rule, the face does not contradict the holder's code, and
no other licence stands in the place. A row that is not both is refused as a whole. *Timely*: it came by the day after
its last change (同步制发, else that day's increment on the same day); a late row is taken and counted.

Pure. A refusal names a member and a rule, never a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from authz.errors import InvalidIdentityError
from authz.model import Identifier
from certs import faces
from certs.drafts import check_number
from certs.errors import (
    CertsError,
    FaceInvalidError,
    GatherIncompleteError,
    GatherRowError,
    LicenceIdError,
    LicencePeriodError,
)
from certs.licenceid import LicenceId
from certs.lifecycle import check_reason
from certs.model import LicenceStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from certs.catalogue import LicenceCatalogue
    from certs.faces import Holder
    from certs.licencetypes import LicenceType
    from certs.model import Face

TIMELY: Final = timedelta(days=1)
"""How many days after its last change a licence may come and still be in time."""
GATHERED: Final = "gathered"
"""Reason of a status that came with the row without one."""
_REQUIRED: Final = ("type", "licence_no", "holders", "issued_on")
_MEMBERS: Final = {*_REQUIRED, "licence_id", "face", "valid_from", "valid_to", "status", "reason", "updated_on"}
_HOLDER: Final = {"name", "type", "code"}


class Flaw(StrEnum):
    """Which rule of quality a row breaks."""

    incomplete = "incomplete"
    inaccurate = "inaccurate"
    late = "late"


@dataclass(frozen=True, slots=True)
class GatheredRow:
    """A row that reads well.

    Attributes:
        number: of the row, from 1.
        licence_id: the licence's own, or None where it has none yet.
        updated_on: day of its last change at the source.
    """

    number: int
    kind: LicenceType
    licence_id: LicenceId | None
    licence_no: str
    holders: tuple[Holder, ...]
    identifiers: tuple[Identifier, ...]
    holder_kind: str
    face: Face
    issued_on: date
    valid_from: date
    valid_to: date | None
    status: LicenceStatus
    reason: str
    updated_on: date


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not taken: number, type code where known, the error's code and fields, the broken rule."""

    number: int
    type_code: str
    code: str
    fields: Mapping[str, str | int]
    flaw: Flaw

    @classmethod
    def of(cls, number: int, type_code: str, error: CertsError | InvalidIdentityError) -> Refusal:
        """From the error that a rule raised."""
        missing = isinstance(error, GatherIncompleteError) or (
            isinstance(error, FaceInvalidError) and error.fields.get("problem") == "missing"
        )
        flaw = Flaw.incomplete if missing else Flaw.inaccurate
        return cls(number, type_code, error.code, error.fields, flaw)


def read(
    number: int, given: object, catalogue: LicenceCatalogue, issuer_code: str, today: date
) -> GatheredRow | Refusal:
    """Read and judge one row by itself.

    Args:
        number: of the row, from 1.
        given: the row's JSON value.
        catalogue: the types.
        issuer_code: organisation code of who gathers; its own licences only.
        today: in China.
    """
    known = given.get("type") if isinstance(given, dict) else None
    type_code = known if isinstance(known, str) and known in catalogue.types else ""
    try:
        return _read(number, given, catalogue, issuer_code, today)
    except (CertsError, InvalidIdentityError) as error:
        return Refusal.of(number, type_code, error)


def is_late(row: GatheredRow, today: date, since: date | None) -> bool:
    """Whether a row comes later than it should.

    Args:
        since: 归集起始时间: licences whose last change is older are a backlog, which is not judged.
    """
    return row.updated_on + TIMELY < today and (since is None or row.updated_on >= since)


def _read(number: int, given: object, catalogue: LicenceCatalogue, issuer_code: str, today: date) -> GatheredRow:
    if not isinstance(given, dict) or not given.keys() <= _MEMBERS:
        raise GatherRowError(member="unknown" if isinstance(given, dict) else "row")
    for name in _REQUIRED:
        if not given.get(name):
            raise GatherIncompleteError(member=name)
    kind = catalogue.type(_text(given, "type"))
    if kind.composite:
        raise GatherRowError(member="type", problem="a composite licence is issued, never gathered")
    holders = _holders(given["holders"])
    holder_kind = faces.check_holders(kind, holders)
    face = _face(kind, given.get("face") or {})
    wrong = faces.contradictions(holders, face)
    if wrong:
        raise FaceInvalidError(field=wrong[0], problem="contradicts the holder")
    issued_on = _day(given, "issued_on")
    valid_from = _day(given, "valid_from") if given.get("valid_from") else issued_on
    valid_to = _day(given, "valid_to") if given.get("valid_to") else None
    updated_on = _day(given, "updated_on") if given.get("updated_on") else issued_on
    status = _status(given)
    # A row of long ago may carry days over like a renewal; which one it was does not show any more.
    kind.validity.check(valid_from, valid_to, carried=True)
    if status.is_standing and valid_to is not None and valid_to < today:
        raise LicencePeriodError(problem="over, and said to stand")
    if not issued_on <= updated_on <= today:
        raise LicencePeriodError(problem="issued or changed after today, or changed before it was issued")
    licence_no = _text(given, "licence_no").strip()
    check_number(licence_no)
    reason = _text(given, "reason") if given.get("reason") else GATHERED
    check_reason(reason)
    return GatheredRow(
        number=number,
        kind=kind,
        licence_id=_licence_id(given, kind, issuer_code),
        licence_no=licence_no,
        holders=holders,
        identifiers=tuple(Identifier(code_type, code) for _, code_type, code in holders),
        holder_kind=holder_kind,
        face=face,
        issued_on=issued_on,
        valid_from=valid_from,
        valid_to=valid_to,
        status=status,
        reason=reason,
        updated_on=updated_on,
    )


def _holders(given: object) -> tuple[Holder, ...]:
    if not isinstance(given, list):
        raise GatherRowError(member="holders")
    held = []
    for each in given:
        if not isinstance(each, dict) or not each.keys() <= _HOLDER:
            raise GatherRowError(member="holders")
        for name in sorted(_HOLDER):
            if not each.get(name):
                raise GatherIncompleteError(member=f"holders.{name}")
        name, code_type, code = _text(each, "name"), _text(each, "type"), _text(each, "code")
        held.append((name.strip(), code_type, code.upper()))
    return tuple(held)


def _face(kind: LicenceType, given: object) -> Face:
    values = given.values() if isinstance(given, dict) else [None]
    if not all(isinstance(v, str) or (isinstance(v, list) and all(isinstance(e, str) for e in v)) for v in values):
        raise GatherRowError(member="face")
    # What the type got later cannot be asked of a licence that was issued before.
    later = {each.name for each in kind.fields if each.since}
    return faces.check_face(kind, given, later)  # type: ignore[arg-type]  # just looked at


def _licence_id(given: Mapping[str, Any], kind: LicenceType, issuer_code: str) -> LicenceId | None:
    if not given.get("licence_id"):
        return None
    held = LicenceId.parse(_text(given, "licence_id"))
    if held.type_code not in kind.type_codes:
        raise LicenceIdError(problem="type")
    if held.issuer_code not in {issuer_code, issuer_code[2:8]}:  # old ids name the issuer by its division only
        raise LicenceIdError(problem="issuer")
    return held


def _status(given: Mapping[str, Any]) -> LicenceStatus:
    try:
        return LicenceStatus(given.get("status") or LicenceStatus.valid)
    except ValueError:
        raise GatherRowError(member="status") from None


def _day(given: Mapping[str, Any], name: str) -> date:
    text = _text(given, name)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise GatherRowError(member=name, problem="not a date YYYY-MM-DD") from None
    if day.isoformat() != text:
        raise GatherRowError(member=name, problem="not a date YYYY-MM-DD")
    return day


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given[name]
    if not isinstance(value, str):
        raise GatherRowError(member=name, problem="not a text")
    return value
