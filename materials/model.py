"""Words and values of materials: types, items, cases, projects and the materials themselves.

A *material* is one version of a document of one type about one holder. It is *active* until a newer version supersedes
it, its time is over (*expired*, computed when asked), it is *disputed*, *withdrawn* or *destroyed*.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from certs.licencetypes import VERSION
from materials.errors import CatalogueError, FileNameInvalidError, FileNameTooLongError, PeriodInvalidError

if TYPE_CHECKING:
    from datetime import datetime

MAX_FILE_NAME: Final = 200
"""Bytes of UTF-8; most file systems stop at 255, and a copy gets a suffix."""

_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_DIRECTION: Final = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidirectional controls (UAX 9): they make `exe.fdp` look like `pdf.exe` backwards."""


class MaterialStatus(StrEnum):
    """Where a material stands."""

    active = "active"
    superseded = "superseded"
    expired = "expired"
    disputed = "disputed"
    withdrawn = "withdrawn"
    destroyed = "destroyed"


class CaseState(StrEnum):
    """Where a case stands. Only an open one can be used, before and after its acceptance (受理)."""

    draft = "draft"
    open = "open"
    closed = "closed"


class Outcome(StrEnum):
    """How a case was decided: 准予, 不予, 撤回."""

    granted = "granted"
    refused = "refused"
    withdrawn = "withdrawn"


class Obstacle(StrEnum):
    """Why a material may not be reused in a case (`materials.validity`)."""

    superseded = "superseded"
    expired = "expired"
    not_yet_valid = "not-yet-valid"
    disputed = "disputed"
    withdrawn = "withdrawn"
    destroyed = "destroyed"
    other_matter = "other-matter"
    other_project = "other-project"


class Condition(StrEnum):
    """What must be confirmed before a material is reused: no date and no row of ours can tell."""

    recheck_at_source = "recheck-at-source"
    end_unstated = "end-unstated"
    same_premises = "same-premises"
    same_vehicle = "same-vehicle"
    same_project = "same-project"
    same_representative = "same-representative"
    same_base_version = "same-base-version"


@dataclass(frozen=True, slots=True)
class Reuse:
    """Whether a material may be reused in a case.

    Attributes:
        obstacles: why not; empty where it may.
        conditions: what must be confirmed first.
    """

    obstacles: tuple[Obstacle, ...]
    conditions: tuple[Condition, ...]

    @property
    def allowed(self) -> bool:
        """Nothing stands against it; the conditions still have to be confirmed."""
        return not self.obstacles


class ValidityKind(StrEnum):
    """How long a type may be reused (DOMAIN e)."""

    live = "live"
    until_valid_to = "until_valid_to"
    until_superseded = "until_superseded"
    permanent = "permanent"
    months = "months"
    days = "days"
    year = "year"
    one_case = "one_case"


@dataclass(frozen=True, slots=True)
class Validity:
    """A type's rule of reuse.

    Attributes:
        kind: the rule.
        months, days: its length where it has one; for `until_superseded` a cap.
        same: reuse only for the same `premises`, `vehicle`, `project`, `case`, `representative` or `base_version`.
        live: also re-check at the source on each use.
    """

    kind: ValidityKind
    months: int | None = None
    days: int | None = None
    same: str | None = None
    live: bool = False

    def __post_init__(self) -> None:
        """A rule of a length must have that length."""
        if (self.kind is ValidityKind.months and not self.months) or (self.kind is ValidityKind.days and not self.days):
            raise CatalogueError(rule=self.kind.value, problem="length missing")


@dataclass(frozen=True, slots=True)
class MaterialType:
    """One of the 57 types.

    Attributes:
        version: of the definition.
        licence_type: LTnn where an e-licence of it exists.
        share_class: O unconditional, C conditional, D denied.
        level: security level 1 to 4.
        retention_years: how long the document is kept; None for ever.
        media_types: what a file of it may be.
    """

    code: str
    version: str
    name: str
    name_en: str
    issuer: str
    licence_type: str | None
    validity: Validity
    share_class: str
    level: int
    retention_years: int | None
    media_types: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what no type can be."""
        sensible = self.share_class in {"O", "C", "D"} and 1 <= self.level <= 4
        if not re.fullmatch(r"CL\d{3}", self.code) or not sensible:
            raise CatalogueError(type=self.code, problem="code, class or level")
        years = self.retention_years
        if not VERSION.fullmatch(self.version) or not (years is None or (type(years) is int and years > 0)):
            raise CatalogueError(type=self.code, problem="version or retention")
        if not self.media_types or not self.name or not self.name_en:
            raise CatalogueError(type=self.code, problem="names or media types")


@dataclass(frozen=True, slots=True)
class Project:
    """A project whose members may share materials."""

    id: str
    code: str
    name: str
    lead_holder_id: str
    party_id: str


LEAD: Final = "lead"
PROJECT_ROLES: Final = frozenset({"owner", "contractor", "designer", "supervisor", "operator", "member"})
"""What a member of a project is, beside its lead."""


@dataclass(frozen=True, slots=True)
class Member:
    """Who belongs to a project.

    Attributes:
        role: `lead`, or of `PROJECT_ROLES`.
        joined_at, entry_id: of who joined later, by the lead's signature; None of who was there from the beginning.
    """

    holder_id: str
    role: str
    joined_at: datetime | None
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """One application of one applicant at one organisation.

    Attributes:
        accepted_at: when it was accepted (受理); None before.
        due_at, statutory_due_at: when the decision is due, as promised and by law.
        send_backs: how often the applicant was asked for more (补正).
        decision: of `Outcome`, once closed with one.
        result_id: the licence or material that was the result.
        from_case_no: the older case this one was made from (再来一单).
        bundle_run_id: the application for a bundle it is part of.
        people: other holders it is about: legal representative, shareholders, parents, the agent.
    """

    case_no: str
    item_code: str
    item_version: str
    scenario: str
    applicant_holder_id: str
    project_id: str | None
    presence: str
    party_id: str
    operator: str
    division: str
    state: CaseState
    opened_at: datetime
    closed_at: datetime | None
    entry_id: str
    accepted_at: datetime | None = None
    due_at: datetime | None = None
    statutory_due_at: datetime | None = None
    send_backs: int = 0
    decision: str | None = None
    result_id: str | None = None
    from_case_no: str | None = None
    bundle_run_id: str | None = None
    people: frozenset[str] = frozenset()

    @property
    def stage(self) -> str:
        """`draft`, `intake`, `accepted`, the decision, or `closed` without one."""
        if self.state is CaseState.open:
            return "intake" if self.accepted_at is None else "accepted"
        return self.decision or self.state.value


@dataclass(frozen=True, slots=True)
class DepositMeta:
    """What is said of a document when it is handed in; checked when made.

    Attributes:
        holder_id: whom it is about, resolved by the caller.
        file_name: as the depositor calls it; kept for people, never used as a path or key.
        media_type: as declared; the content must be of that type.
        supersedes: the version this one replaces.

    Raises:
        FileNameTooLongError, FileNameInvalidError, PeriodInvalidError: as they say.
    """

    type_code: str
    holder_id: str
    file_name: str
    media_type: str
    operator: str
    channel: str
    verify_level: str
    origin_case_no: str | None = None
    project_code: str | None = None
    share_in_project: bool = False
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    supersedes: str | None = None

    def __post_init__(self) -> None:
        """Check the name and the period."""
        check_file_name(self.file_name)
        if any(moment is not None and moment.tzinfo is None for moment in (self.valid_from, self.valid_to)):
            raise PeriodInvalidError(problem="a time without a zone")
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise PeriodInvalidError(problem="ends before it begins")


def check_file_name(name: str) -> None:
    """Refuse names that could be a path, a header or a trick (RELIABILITY F1).

    Raises:
        FileNameTooLongError: over 200 bytes of UTF-8.
        FileNameInvalidError: empty, path parts, control or direction characters, reserved on some system.
    """
    if len(name.encode("utf-8", "surrogatepass")) > MAX_FILE_NAME:
        raise FileNameTooLongError(limit=MAX_FILE_NAME)
    odd = any(each in _DIRECTION or unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} for each in name)
    if not name.strip(" .") or odd or any(mark in name for mark in '/\\:*?"<>|') or _RESERVED.fullmatch(name.strip()):
        raise FileNameInvalidError


@dataclass(frozen=True, slots=True)
class Material:
    """One version of a document.

    Attributes:
        version: 1 for the first; one more than what it supersedes.
        status: as stored; `materials.validity` says whether time has run out.
        sha256, sm3: digests of the document, hexadecimal.
        entry_id: log entry `material.deposited`.
        ended_at, ended_entry_id: when and in which entry it was superseded or withdrawn.
    """

    id: str
    type_code: str
    holder_id: str
    version: int
    status: MaterialStatus
    object_id: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    sm3: str
    division: str
    party_id: str
    operator: str
    channel: str
    verify_level: str
    origin_case_no: str | None
    project_id: str | None
    share_in_project: bool
    valid_from: datetime | None
    valid_to: datetime | None
    supersedes: str | None
    superseded_by: str | None
    deposited_at: datetime
    entry_id: str
    ended_at: datetime | None = None
    ended_entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A line of a material's life, with nothing in it that its reader may not know.

    Attributes:
        event: deposited, superseded, withdrawn, used, completed, aborted or refused.
        party_id, organisation: who did it, by id and display name.
        reason: why a use was refused; only for who may know the whole history.
        material_id: the successor, of `superseded`.
    """

    event: str
    at: datetime
    entry_id: str
    party_id: str | None = None
    organisation: str | None = None
    case_no: str | None = None
    use_id: str | None = None
    basis: str | None = None
    reason: str | None = None
    material_id: str | None = None
