"""What a type of e-licence is: its face, its rule of validity, who sees how much of it (DOMAIN e).

Values only; the types themselves are data files of `certs.catalogue`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from certs.errors import LicenceCatalogueError, LicencePeriodError

FIELD_KINDS: Final = frozenset({"text", "date", "number", "person_name", "id_code", "address", "list"})
MASKS: Final = frozenset({"name", "id_code", "address", "number"})
EARLY_DAYS: Final = 366
"""A renewal or change before the end keeps the days that were left: so much longer may its period be."""

_TYPE: Final = re.compile(r"LT\d{2}")
_TYPE_CODE: Final = re.compile(r"[0-9A-Z]{18}\d{3}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
VERSION: Final = re.compile(r"20\d{2}\.[1-9]\d{0,3}")
"""A version of a type: the year, and a number in it."""


def order(version: str) -> tuple[int, ...]:
    """The place of a version among versions; an empty one comes before all."""
    return tuple(int(part) for part in version.split(".")) if version else ()


class LicenceValidityKind(StrEnum):
    """How long a licence of a type may run."""

    live = "live"
    """As long as the register says so; no last day."""
    permanent = "permanent"
    dated = "dated"
    """Until any stated day."""
    years = "years"
    """One of some numbers of years."""
    up_to_years = "up_to_years"


@dataclass(frozen=True, slots=True)
class LicenceValidity:
    """A type's rule.

    Attributes:
        years: the allowed terms, or the longest one for `up_to_years`.
        long: 长期 is allowed too: no last day.
    """

    kind: LicenceValidityKind
    years: tuple[int, ...] = ()
    long: bool = False

    def __post_init__(self) -> None:
        """A rule in years has years."""
        if (self.kind in {LicenceValidityKind.years, LicenceValidityKind.up_to_years}) != bool(self.years):
            raise LicenceCatalogueError(rule=self.kind.value, problem="years")

    def check(self, first: date, last: date | None, *, carried: bool = False) -> None:
        """Check a period.

        Args:
            first, last: first and last day; no last day where None.
            carried: a renewal or change, which may carry over days that were left or had begun.

        Raises:
            LicencePeriodError: the rule does not allow it.
        """
        endless = self.kind in {LicenceValidityKind.live, LicenceValidityKind.permanent}
        if last is None:
            if not (endless or self.long):
                raise LicencePeriodError(problem="the type has a last day", rule=self.kind.value)
            return
        if endless:
            raise LicencePeriodError(problem="the type has no last day", rule=self.kind.value)
        if last < first:
            raise LicencePeriodError(problem="ends before it begins")
        if self.kind is LicenceValidityKind.dated:
            return
        ends = [years_after(first, count) for count in self.years]
        if carried or self.kind is LicenceValidityKind.up_to_years:
            if last > max(ends) + timedelta(days=EARLY_DAYS if carried else 0):
                raise LicencePeriodError(problem="too long", rule=self.kind.value)
        elif last not in ends and last + timedelta(days=1) not in ends:  # both ways of counting are printed
            raise LicencePeriodError(problem="not one of the type's terms", rule=self.kind.value)


def years_after(day: date, count: int) -> date:
    """The same day `count` years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + count)
    except ValueError:
        return date(day.year + count, 3, 1)


@dataclass(frozen=True, slots=True)
class FaceField:
    """One field of a face.

    Attributes:
        name: ASCII key, as in credentials and grants.
        kind: of `FIELD_KINDS`.
        level: security level 1 to 4; 1 may be printed in a code.
        mask: how it is masked by default, of `MASKS`; None where it is shown.
        since: version of the type that added it; empty where it was there from the first. Older licences do not have
            it, and the metadata that their credentials pin do not name it.
    """

    name: str
    title_zh: str
    title_en: str
    kind: str
    required: bool
    level: int
    mask: str | None = None
    since: str = ""

    def __post_init__(self) -> None:
        """Refuse what no field can be."""
        known = self.kind in FIELD_KINDS and (self.mask is None or self.mask in MASKS)
        known = known and (not self.since or VERSION.fullmatch(self.since) is not None)
        if not (known and _NAME.fullmatch(self.name) and 1 <= self.level <= 4 and self.title_zh and self.title_en):
            raise LicenceCatalogueError(field=self.name, problem="name, kind, mask, level, titles or since")


def _base(*, personal: bool) -> tuple[FaceField, ...]:
    """The fields every licence has (GB/T 36903, DOMAIN c1); of people their names and numbers are masked."""
    name = ("person_name", 2, "name") if personal else ("text", 1, None)
    number = ("id_code", 3, "id_code") if personal else ("text", 1, None)

    def field_of(key: str, zh: str, en: str, kind: str, level: int = 1, mask: str | None = None) -> FaceField:
        return FaceField(key, zh, en, kind, required=True, level=level, mask=mask)

    return (
        field_of("licence_id", "电子证照标识", "Licence id", "text", 2 if personal else 1),
        field_of("licence_name", "证照名称", "Name of the licence", "text"),
        field_of("licence_no", "证照编号", "Number", *number),
        field_of("holder_name", "持证主体", "Holder", *name),
        field_of("holder_code", "持证主体代码", "Code of the holder", *number),
        field_of("holder_code_type", "持证主体代码类型", "Kind of the holder's code", "text"),
        field_of("issuer_name", "颁发机构", "Issuer", "text"),
        field_of("issuer_code", "颁发机构代码", "Code of the issuer", "text"),
        field_of("issue_date", "颁发日期", "Date of issue", "date"),
        field_of("valid_from", "有效期起始", "Valid from", "date"),
        field_of("valid_to", "有效期截止", "Valid to", "date"),
        field_of("status", "证照状态", "Status", "text"),
    )


BASE_FIELDS: Final = {personal: {each.name: each for each in _base(personal=personal)} for personal in (False, True)}
"""Fields beside the face, by whether the type is about people; they may always be asked for."""


@dataclass(frozen=True, slots=True)
class RelatedRole:
    """Somebody beside the holder that a licence names with an identity code, and the fact that follows.

    Attributes:
        kind: of `RepresentationKind`.
        field: the face field that shows the name.
        required: an issue must name one.
        most: how many there may be.
        until_age: years after the holder's birth at which the fact ends; None for as long as the licence.
    """

    kind: str
    field: str
    required: bool = False
    most: int = 1
    until_age: int | None = None


@dataclass(frozen=True, slots=True)
class LicenceType:
    """A type of e-licence.

    Attributes:
        code: LTnn.
        version: of the definition, as `VERSION`.
        type_codes: 证照类型代码, 21 characters; the first is the one issued under, others are accepted on gathering.
        defining_org: unified social credit code of the body that defines it, the first 18 of its type code.
        issuer: name of the kind of body that issues it.
        material_type: the material it stands for, CLnnn; None where it stands for none.
        holder_kinds: person, organisation.
        several_holders: more than one holder may stand on it.
        joint_consent: where several do, a grant of each is needed to use it (`authz.jointconsent`).
        unique_per_holder: a holder has at most one standing licence of it.
        object_field: the face field that names what it is bound to (premises, unit): a holder has at most one standing
            licence of the type for each.
        sharing: fields that may leave as data.
        presenting: fields that a presentation (亮证) may show.
        template: name of the face template.
        vct: type of its credential (SD-JWT VC), below the node's address.
        related: people it names beside the holder.
        mutual: a fact that binds its holders to each other: spouse or co_owner.
        composite: 综合许可: its face lists member licences.
    """

    code: str
    version: str
    name: str
    name_en: str
    type_codes: tuple[str, ...]
    defining_org: str
    issuer: str
    material_type: str | None
    holder_kinds: tuple[str, ...]
    several_holders: bool
    validity: LicenceValidity
    share_class: str
    level: int
    unique_per_holder: bool
    sharing: tuple[str, ...]
    presenting: tuple[str, ...]
    fields: tuple[FaceField, ...]
    template: str
    vct: str
    object_field: str | None = None
    related: tuple[RelatedRole, ...] = ()
    mutual: str | None = None
    composite: bool = False
    joint_consent: bool = False
    by_name: dict[str, FaceField] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what no type can be."""
        object.__setattr__(self, "by_name", {each.name: each for each in self.fields})
        named = {*self.sharing, *self.presenting, *(each.field for each in self.related)}
        if self.object_field:
            named.add(self.object_field)
        if named & BASE_FIELDS[False].keys() or self.by_name.keys() & BASE_FIELDS[False].keys():
            raise LicenceCatalogueError(type=self.code, problem="a field every licence has anyway")
        if not VERSION.fullmatch(self.version) or any(order(each.since) > order(self.version) for each in self.fields):
            raise LicenceCatalogueError(type=self.code, problem="version")
        if not _TYPE.fullmatch(self.code) or not self.type_codes:
            raise LicenceCatalogueError(type=self.code, problem="codes")
        if strange := [code for code in self.type_codes if not _TYPE_CODE.fullmatch(code)]:
            raise LicenceCatalogueError(type=self.code, type_code=strange[0], problem="spelling of a type code")
        if self.type_codes[0][:18] != self.defining_org or self.share_class not in {"O", "C"}:
            raise LicenceCatalogueError(type=self.code, problem="defining organisation or class")
        if len(self.by_name) != len(self.fields) or not named <= self.by_name.keys() or not 1 <= self.level <= 4:
            raise LicenceCatalogueError(type=self.code, problem="fields or level")
        if self.joint_consent and not self.several_holders:
            raise LicenceCatalogueError(type=self.code, problem="joint consent of one holder")
        if not self.holder_kinds or not set(self.holder_kinds) <= {"person", "organisation"}:
            raise LicenceCatalogueError(type=self.code, problem="holder kinds")

    @property
    def type_code(self) -> str:
        """The 证照类型代码 licences are issued under."""
        return self.type_codes[0]

    @property
    def extended(self) -> str:
        """The version that last added a field; empty where none did."""
        return max((each.since for each in self.fields), key=order)

    def level_of(self, issued: int) -> int:
        """The security level of a licence that was issued under one: never lower than the type's is now."""
        return max(issued, self.level)

    def class_of(self, issued: str) -> str:
        """The sharing class of a licence that was issued under one: conditional where either is."""
        return "C" if "C" in {issued, self.share_class} else issued

    @property
    def is_personal(self) -> bool:
        """Whether its holders can be people."""
        return "person" in self.holder_kinds

    def field_of(self, name: str) -> FaceField | None:
        """A field of the face, or one that every licence has; None where the type has none of that name."""
        return self.by_name.get(name) or BASE_FIELDS[self.is_personal].get(name)
