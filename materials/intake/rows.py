"""Reading and judging one row by itself: pure, before anything is looked up or stored."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from authz.errors import InvalidIdentityError
from authz.identifiers import names_a_person
from authz.model import HolderKind, Identifier
from materials.content import Inspector
from materials.errors import MaterialsError
from materials.intake.errors import IntakeRowError
from materials.intake.model import CHANNEL, MAX_ROWS, IntakeRow, Refusal
from materials.model import DepositMeta
from materials.validity import LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from materials.catalogue import Catalogue

REQUIRED: Final = ("row", "file_name", "media_type", "size", "sha256", "type_code", "holder_name", "holder_code")
MEMBERS: Final = frozenset(
    {
        *REQUIRED,
        *("holder_code_type", "holder_country", "verify_level", "dated_on", "valid_to", "reference"),
        *("project", "supersedes"),
    }
)
LEVELS: Final = ("self_declared", "staff_checked", "source_verified", "issuer_signed")
MAX_REFERENCE: Final = 128
_ORGANISATION_TYPES: Final = frozenset({"001", "099"})
_ORGANISATION: Final = "001"
_CHINA: Final = "156"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MAX_SIZE: Final = 2**40


def read(given: object, catalogue: Catalogue, operator: str, today: date) -> IntakeRow | Refusal:
    """Read one row and judge it by itself.

    Args:
        given: its JSON value.
        catalogue: the types.
        operator: who takes it in.
        today: in China.
    """
    number = given.get("row") if isinstance(given, dict) else None
    if not (type(number) is int and 1 <= number <= MAX_ROWS):
        return Refusal.of(0, IntakeRowError(member="row", problem="not a number from 1 on"))
    try:
        return _read(number, given, catalogue, operator, today)  # type: ignore[arg-type]  # a dict: it has a row
    except (MaterialsError, InvalidIdentityError) as error:
        return Refusal.of(number, error)


def _read(number: int, given: Mapping[str, Any], catalogue: Catalogue, operator: str, today: date) -> IntakeRow:
    if unknown := sorted(given.keys() - MEMBERS):
        raise IntakeRowError(member=unknown[0][:32], problem="no such member")
    for name in REQUIRED:
        if given.get(name) in (None, ""):
            raise IntakeRowError(member=name, problem="missing")
    for name in MEMBERS - {"row", "size"}:
        if not isinstance(given.get(name, ""), str):
            raise IntakeRowError(member=name, problem="not a text")
    kind = catalogue.type(given["type_code"])
    holder, holder_kind = _holder(given)
    size = given["size"]
    if not (type(size) is int and 0 < size <= _MAX_SIZE):
        raise IntakeRowError(member="size", problem="not a number of bytes, or an empty file")
    if not _DIGEST.fullmatch(given["sha256"]):
        raise IntakeRowError(member="sha256", problem="not 64 hexadecimal digits in lower case")
    if given.get("verify_level", LEVELS[0]) not in LEVELS:
        raise IntakeRowError(member="verify_level", problem=f"not one of {', '.join(LEVELS)}")
    dated_on, valid_to = _day(given, "dated_on"), _day(given, "valid_to")
    if dated_on is not None and dated_on > today:
        raise IntakeRowError(member="dated_on", problem="after today")
    meta = DepositMeta(
        type_code=kind.code,
        holder_id="",
        file_name=given["file_name"],
        media_type=Inspector(given["media_type"], kind.media_types).media_type,
        operator=operator,
        channel=CHANNEL,
        verify_level=given.get("verify_level", LEVELS[0]),
        valid_from=None if dated_on is None else _start(dated_on),
        # The last day counts, so its end is the first moment of the next.
        valid_to=None if valid_to is None else _start(valid_to + timedelta(days=1)),
        project_code=given.get("project") or None,
        supersedes=_material(given),
    )
    return IntakeRow(
        number=number,
        type=kind,
        holder=holder,
        holder_kind=holder_kind,
        holder_name=given["holder_name"].strip(),
        meta=meta,
        size=size,
        sha256=given["sha256"],
        reference=_reference(given),
    )


def _holder(given: Mapping[str, Any]) -> tuple[Identifier, HolderKind]:
    code_type = given.get("holder_code_type") or _ORGANISATION
    holder = Identifier(code_type, given["holder_code"].strip().upper(), given.get("holder_country") or _CHINA)
    if code_type == "oidc":
        raise InvalidIdentityError(type=code_type, problem="login")
    name = given["holder_name"].strip()
    if not (name and len(name) <= 200 and name.isprintable()):
        raise InvalidIdentityError(problem="name")
    kind = HolderKind.organisation if code_type in _ORGANISATION_TYPES else HolderKind.person
    return holder, kind


def _reference(given: Mapping[str, Any]) -> str | None:
    reference = str(given.get("reference") or "").strip()
    if len(reference) > MAX_REFERENCE or "\\" in reference or not reference.isprintable():
        raise IntakeRowError(member="reference", problem=f"over {MAX_REFERENCE} characters, or one that is no print")
    # Full-width digits are digits too: an identity number is none the less one.
    if names_a_person(unicodedata.normalize("NFKC", reference)):
        raise IntakeRowError(member="reference", problem="holds an identity or phone number")
    return reference or None


def _material(given: Mapping[str, Any]) -> str | None:
    text = given.get("supersedes") or None
    if text is not None and not _UUID.fullmatch(text):
        raise IntakeRowError(member="supersedes", problem="not the id of a material")
    return text


def _day(given: Mapping[str, Any], name: str) -> date | None:
    text = given.get(name) or ""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text or not 1850 <= day.year <= 9000:
        raise IntakeRowError(member=name, problem="not a date YYYY-MM-DD")
    return day


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL)
