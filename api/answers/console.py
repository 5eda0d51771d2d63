"""Answers to a department's desk about its cases (`api.routes.cases` and what hangs below them)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.answers.base import Answer, Day, HolderOut, Kind, Moment, Said, Words

Value = str | list[str]


class StaffOut(Answer):
    """Who works here, and until when."""

    operator: str
    roles: list[str]
    organisation: str
    org_code: str
    division: str
    scopes: list[str]
    until: Moment
    seconds_left: int


class ItemOut(Answer):
    """A service item."""

    item_code: str
    version: str
    name: str
    name_en: str
    division: str
    scenarios: list[str]
    applicant_kinds: list[Kind]
    promise_days: int
    demands: list[str]
    materials: list[Any]


class ItemsOut(Answer):
    """The service items."""

    items: list[ItemOut]


class ScenarioOut(Said):
    """A scenario, and the answers that lead to it."""

    answers: dict[str, str]


class QuestionOut(Said):
    """A question of a questionnaire."""

    help: Words
    choices: list[Said]


class DemandOut(Answer):
    """A material that is demanded."""

    type_code: str
    name: str
    name_en: str
    need: Literal["required", "optional"]
    whose: str
    routes: list[Said]


class FullItemOut(ItemOut):
    """A service item in full."""

    roles: dict[str, Words]
    questions: list[QuestionOut]
    scenarios_in_full: list[ScenarioOut]
    materials_in_full: list[DemandOut]


class StepOut(Answer):
    """The next question of a questionnaire; after the last, the scenario and what it demands."""

    next: QuestionOut | None
    left: int
    answers: dict[str, str]
    scenario: Said | None = None
    materials: list[DemandOut] | None = None


class FirmsOut(Answer):
    """Organisations found by the beginning of their names."""

    firms: list[HolderOut]


class CaseOut(Answer):
    """A case."""

    case_no: str
    item_code: str
    item_version: str
    scenario: str
    presence: str
    operator: str
    state: Literal["draft", "open", "closed"]
    stage: str
    opened_at: Moment
    accepted_at: Moment | None
    due_at: Moment | None
    statutory_due_at: Moment | None
    send_backs: int
    closed_at: Moment | None
    decision: str | None
    result: str | None
    from_case: str | None
    application: str | None
    entry_id: str


class CasesOut(Answer):
    """A page of cases."""

    cases: list[CaseOut]
    next_cursor: str | None


class PeopleOut(Answer):
    """Who a case is about, by part."""

    people: dict[str, list[HolderOut]]


class RefusedRouteOut(Said):
    """Why a better route does not hold."""

    route: str


class ChecklistLineOut(Answer):
    """A material of a case: how it is supplied."""

    line: str
    type_code: str
    name: str
    name_en: str
    of: str
    need: Literal["required", "optional"]
    state: Literal["supplied", "offered", "waiting", "owed", "missing"]
    route: Said | None
    evidence: dict[str, str]
    conditions: list[Said]
    refused: list[RefusedRouteOut]


class LineCountsOut(Answer):
    """How many lines are in each state."""

    supplied: int
    offered: int
    waiting: int
    owed: int
    missing: int


class ChecklistOut(Answer):
    """Every material of a case."""

    case_no: str
    item_code: str
    item_version: str
    item: Words
    scenario: str
    stage: str
    at: Moment
    complete: bool
    uploads: int
    states: LineCountsOut
    lines: list[ChecklistLineOut]


class KeptChecklistOut(Answer):
    """The checklist a case was accepted with, as the log names it."""

    sha256: str
    entry_id: str
    kept_at: Moment


class FreshnessOut(Answer):
    """How old a value is."""

    live: bool
    age_days: int


class CandidateOut(Answer):
    """A value that a field might have."""

    value: Value
    kind: str
    source: str
    id: str | None
    entry_id: str | None
    as_of: Moment
    freshness: FreshnessOut
    outdated: bool


class ValueSourceOut(Answer):
    """Where a value comes from."""

    kind: str
    source: str | None = None
    by: str | None = None
    entry_id: str | None
    as_of: Moment


class MissingSourceOut(Said):
    """Why a source gives nothing."""

    source: str


class FormLineOut(Answer):
    """A field of a form."""

    code: str
    name: str
    name_en: str
    kind: str
    state: str
    value: Value | None
    source: ValueSourceOut | None
    candidates: list[CandidateOut]
    missing: list[MissingSourceOut]


class FormAskOut(Answer):
    """What a consent would fill."""

    source: str
    type_code: str
    fields: list[str]
    of: str


class FormOut(Answer):
    """A pre-filled form."""

    case_no: str
    item_code: str
    version: int
    saved_at: Moment
    complete: bool
    prefilled: int
    total: int
    fields: list[FormLineOut]
    entry_id: str
    asks: list[FormAskOut] | None = None


class FindingPlaceOut(Answer):
    """Where a finding is."""

    material_id: str | None = None
    type: str | None = None
    field: str | None = None
    page: int | None = None


class ResolutionOut(Answer):
    """How a finding was settled."""

    verdict: Literal["resolved", "false-alarm"]
    operator: str
    at: Moment
    entry_id: str
    reason: str | None = None


class FindingOut(Words):
    """What one check point found."""

    code: str
    rule: Any
    state: Literal["passed", "failed", "unclear", "not-applicable"]
    why: str | None
    what_to_do: Words | None
    places: list[FindingPlaceOut]
    digest: str
    resolution: ResolutionOut | None
    values: list[dict[str, Any]] | None = None


class ReviewOut(Answer):
    """A pre-review."""

    case_no: str
    item_code: str
    version: int
    cause: str
    as_of: Moment
    clean: bool
    counts: dict[str, int]
    findings: list[FindingOut]
    entry_id: str


class ProgressOut(Answer):
    """How far a reading is."""

    pages: int | None
    done: int


class ReadingOut(Answer):
    """A reading of a document, without what was read."""

    reading_id: str
    material_id: str
    state: Literal["queued", "read", "failed", "confirmed"]
    asked_at: Moment
    ended_at: Moment | None
    progress: ProgressOut
    failure: str | None
    confirmed_at: Moment | None
    verify_level: str | None
    entry_id: str | None


class ReadingsOut(Answer):
    """Readings of a document."""

    readings: list[ReadingOut]


class GuessOut(Answer):
    """What a document seems to be."""

    type_code: str | None
    confidence: int


class FieldReadOut(Answer):
    """A field as it was read, and where."""

    code: str
    name_zh: str | None = None
    name_en: str | None = None
    value: str
    confidence: int
    page: int
    box: Annotated[tuple[int, int, int, int], Field(description="ten-thousandths of the page: x0, y0, x1, y1")]
    problems: list[str]


class ContradictionOut(Answer):
    """What speaks against what was read."""

    problem: str
    field: str | None
    can_be_acknowledged: bool


class FullReadingOut(ReadingOut):
    """A reading with what was read."""

    pages: list[dict[str, Any]]
    type: GuessOut | None
    fields: list[FieldReadOut]
    missing: list[str]
    contradictions: list[ContradictionOut]
    confirmed: dict[str, Any] | None


class SlotOut(Answer):
    """A value that a template takes."""

    name: str
    title_zh: str
    title_en: str
    kind: str
    required: bool
    sources: list[str]


class TemplateOut(Answer):
    """A document that can be made."""

    code: str
    version: int | str
    name: str
    name_en: str
    type_codes: list[str]
    slots: list[SlotOut]


class TemplatesOut(Answer):
    """Documents that can be made."""

    templates: list[TemplateOut]


class TitledOut(Answer):
    """A name and its titles."""

    name: str
    title_zh: str
    title_en: str


class CheckQuestionOut(Answer):
    """A question that a source answers."""

    code: str
    name: str
    name_en: str
    type_codes: list[str]
    source: str
    source_name: str
    given: list[TitledOut]


class CheckQuestionsOut(Answer):
    """Questions that sources answer."""

    questions: list[CheckQuestionOut]


class FailureOut(Answer):
    """Why a source did not answer."""

    code: str
    title: str
    title_zh: str


class CheckOut(Answer):
    """A check with a source."""

    check_id: str
    state: str
    result: str | None
    failure: FailureOut | None
    entry_id: str | None


class UseOut(Answer):
    """A use."""

    use_id: str
    object_id: str
    mode: str
    state: str
    basis: str
    uses_left: int | None
    opened_at: Moment
    closes_at: Moment
    content: str
    receipt: str
    entry_id: str


class DepositedOut(Answer):
    """A material as it was taken in."""

    material_id: str
    type_code: str
    status: str
    size: int
    media_type: str
    sha256: str
    verify_level: str
    deposited_at: Moment


class SeenLicenceOut(Answer):
    """What a scan tells of a licence."""

    type: str
    name: str
    name_en: str
    status: str
    status_zh: str
    disputed: bool
    valid_from: Day
    valid_to: Day | None


class SeenOut(Answer):
    """A scan of a code at a counter."""

    presentation_id: str
    at: Moment
    licence: SeenLicenceOut
    values: dict[str, Any]
    holder: str


class SignOut(Answer):
    """A counter's sign."""

    org: str
    counter: str
    text: str
    svg: str


class RegisterOut(Answer):
    """The newest version of a register."""

    kind: str = Field(alias="register")
    version: int


class FiguresOut(Answer):
    """Figures, by row and in all."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    by: str | None
    rows: list[dict[str, str | float | int | None]]
    total: dict[str, str | float | int | None]
    overdue: int | None = None


class ReadyOut(Answer):
    """Which parts can be used."""

    status: str
    parts: dict[str, str]
    warnings: list[str]


class LagLimitsOut(Answer):
    """Seconds without an anchor after which less is taken in."""

    limit_1: int
    limit_2: int


class HealthOut(Answer):
    """Sizes, lags and states in figures."""

    origin: str
    figures: dict[str, float | int | None]
    limits: LagLimitsOut
    lag_warning: bool
    witnesses: list[dict[str, Any]]


class GapsOut(Answer):
    """What was begun and not ended, by kind."""

    counts: dict[str, int]


class OwedLineOut(Answer):
    """A document that is owed, and by when."""

    type_code: str
    due_at: Moment
    fulfilled_at: Moment | None
    material_id: str | None


class CommitmentOut(Answer):
    """A letter of commitment (告知承诺) as the organisation it was made to sees it."""

    commitment_id: str
    case_no: str
    state: str
    digest: str
    owed: list[OwedLineOut]
    proposed_at: Moment
    signed_at: Moment | None


class CommitmentsOut(Answer):
    """Letters of commitment of a case."""

    commitments: list[CommitmentOut]


class DocumentOut(Answer):
    """A document that was made from a template."""

    material_id: str
    case_no: str
    type_code: str
    template: str
    made_at: Moment
    entry_id: str


class AssistanceOut(Answer):
    """A question to another department."""

    request_id: str
    state: str
