"""Answers to a holder about what is theirs (`api.routes.mine`, `api.routes.codes`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.answers.base import Answer, Day, Kind, Mode, Moment, Words


class RepresentedOut(Answer):
    """Whom a person may look for."""

    on_behalf: str
    name: str
    kind: Kind
    capacity: Literal["legal_representative", "guardian"]
    code: str | None


class SessionOut(Answer):
    """Who is logged in, how sure that is, and until when."""

    name: str
    until: Moment
    seconds_left: int
    signer_kind: str
    assurance: Literal["low", "substantial", "high"]
    channel: Literal["page", "kiosk"]
    represents: list[RepresentedOut]


class LicenceOut(Answer):
    """A licence of a holder's, without its face."""

    licence_id: str
    type_code: str
    name: str
    name_en: str
    issuer: str
    number: Annotated[str, Field(description="masked")]
    identifier: str
    status: str
    frozen: bool
    level: int
    holder_kind: Literal["person", "organisation", "mixed"]
    valid_from: Day
    valid_to: Day | None
    has_file: bool
    presents: list[str]
    entry_id: str


class LicencesOut(Answer):
    """Licences of a holder."""

    licences: list[LicenceOut]


class FaceFieldOut(Words):
    """A field of a licence's face."""

    name: str
    value: str | list[str]


class LicenceEventOut(Answer):
    """What became of a licence."""

    at: Moment
    status: str
    entry_id: str


class FullLicenceOut(LicenceOut):
    """A licence with its face."""

    face: list[FaceFieldOut]
    holders: list[str]
    events: list[LicenceEventOut]


class MaterialOut(Answer):
    """A material of a holder's."""

    material_id: str
    type_code: str
    name: str
    name_en: str
    level: int
    depositor: str
    deposited_at: Moment
    valid_from: Moment | None
    valid_to: Moment | None
    status: str
    media_type: str
    size: int
    sha256: str
    entry_id: str


class SuppliedOut(Words):
    """A material that a case was accepted with, and by which route it was supplied."""

    type_code: str
    route: Words | None
    owed: bool


class ReceiptOut(Answer):
    """A case of a holder's, as its receipt says it (收件凭证)."""

    case_no: str
    item: Words
    organisation: str
    stage: Literal["intake", "accepted", "closed"]
    opened_at: Moment
    accepted_at: Moment | None
    due_at: Moment | None
    materials: list[SuppliedOut]
    sha256: Annotated[str | None, Field(description="of the checklist that was kept at acceptance")]
    entry_id: str


class ReceiptsOut(Answer):
    """Cases of a holder."""

    cases: list[ReceiptOut]


class MaterialsOut(Answer):
    """Materials of a holder."""

    materials: list[MaterialOut]


class AudienceOut(Answer):
    """To whom a live code is shown."""

    org: str | None
    counter: str | None


class HeldCodeOut(Answer):
    """A code as its holder sees it afterwards, without its text."""

    code_id: str
    kind: Literal["live", "printed", "company"]
    state: Literal["waiting", "shown", "expired", "void"]
    licence_id: str | None
    channel: str
    audience: AudienceOut | None
    made_at: Moment
    expires_at: Moment
    void_reason: str | None


class MadeCodeOut(Answer):
    """A code as it was just made: told this once."""

    code_id: str
    kind: Literal["live", "printed", "company"]
    code: str
    svg: str
    png: Annotated[str, Field(description="base64")]
    made_at: Moment
    expires_at: Moment
    seconds_left: int
    entry_id: str | None


class ScanOut(Answer):
    """A scan of a code: who saw what."""

    presentation_id: str
    organisation: str
    org_code: str
    counter: str
    scenario: str
    code_kind: str
    licence_id: str | None
    fields: list[str]
    status: str | None
    refused: str | None
    at: Moment
    entry_id: Annotated[str | None, Field(description="null of a scan that was refused")]


class ScannedCodeOut(HeldCodeOut):
    """A code and its scans."""

    scans: list[ScanOut]


class LineOut(Answer):
    """A line of a holder's ledger: a use, or a refusal of one."""

    line_id: str
    kind: Literal["use", "refusal"]
    at: Moment
    organisation: str
    org_code: str
    item: str
    item_code: str
    case_no: str
    cause: str | None
    object_id: str | None
    type: str | None
    mode: Mode
    basis: str | None
    grant_id: str | None
    state: str
    reason: str | None
    reason_zh: str | None
    reason_en: str | None
    seq: int | None
    entry_id: str
    outcome_entry_id: str | None
    proof: str


class ReportOut(Answer):
    """What a holder reported of a use."""

    report_id: str
    line_id: str
    text: str
    at: Moment
    entry_id: str
    answer: str | None
    answered_at: Moment | None
    answer_entry_id: str | None


class LedgerOut(Answer):
    """A page of a holder's ledger."""

    lines: list[LineOut]
    cursor: str | None
    reports: list[ReportOut]


class DisputeOut(Answer):
    """A dispute as whoever raised it sees it."""

    dispute_id: str
    licence_id: str | None = None
    material_id: str | None = None
    state: Literal["open", "rejected", "corrected", "withdrawn"]
    fields: list[str]
    opened_at: Moment
    due_at: Moment
    overdue: bool
    answered_at: Moment | None
    claim: str
    answer: str | None


class InboxOut(Answer):
    """Disputes, scans, codes and deliveries of a holder."""

    disputes: list[DisputeOut]
    scans: list[ScanOut]
    codes: list[HeldCodeOut]
    deliveries: list[dict[str, Any]]


class TellingOut(Answer):
    """A notice to a holder."""

    notice_id: str
    kind: str
    subject: str
    organisation: str | None
    zh: str
    en: str
    link: str | None
    at: Moment
    made_at: Annotated[Moment, Field(description="earlier than `at` where a law let it be told later")]
    first_read_at: Moment | None


class NoticesOut(Answer):
    """What a holder was told."""

    notices: list[TellingOut]


class DelayOut(Answer):
    """Why a holder was told late."""

    ground: str
    article: str
    decided_at: Moment
    decided_by: Annotated[str, Field(description="a role")]
    until: Moment
    lifted_at: Moment | None


class EmergencyOut(Answer):
    """An emergency as the holder sees it: people by their roles, words only where they name nobody."""

    ground: str
    reason: str | None
    opened_by: Annotated[str, Field(description="a role")]
    opened_at: Moment
    approved_by: Annotated[str, Field(description="a role")]
    approved_at: Moment | None
    ends_at: Moment | None
    review_due_at: Moment | None
    reviewed_at: Moment | None
    verdict: Literal["justified", "unjustified"] | None
    finding: str | None


class CircumstancesOut(Answer):
    """How a use came about."""

    use_id: str
    basis: str
    article: str | None
    delay: DelayOut | None
    emergency: EmergencyOut | None


class NamedThing(Answer):
    """A kind of thing by name."""

    name: str
    name_en: str


class CessationOut(Answer):
    """What the recipient of a withdrawn grant did."""

    grant_id: str
    item: str
    item_en: str
    things: list[NamedThing]
    organisation: str
    org_code: str
    state: Literal["open", "overdue", "acknowledged"]
    uses: int
    asked_at: Moment
    due_at: Moment
    acknowledged_at: Moment | None
    action: Literal["stopped", "deleted", "retained"] | None
    reason: str | None
    entry_id: str | None


class CessationsOut(Answer):
    """What became of what a holder withdrew."""

    cessations: list[CessationOut]


class OrgNamed(Answer):
    """An organisation by name."""

    name: str


class ItemNamed(Answer):
    """An item by name."""

    name: str
    name_en: str


class StatementOut(Words):
    """What somebody says yes or no to."""

    org: OrgNamed
    item: ItemNamed
    facts: dict[str, str]


class InquiryOut(Answer):
    """A question to a holder; `digest` is of the statement."""

    inquiry_id: str
    kind: Literal["application", "confirmation", "willingness"]
    state: Literal["open", "answered", "expired", "withdrawn"]
    statement: StatementOut
    digest: str
    due_at: Moment
    answer: str | None
    answered_at: Moment | None
    entry_id: str | None
    batch_id: str | None


class DecidedOut(Answer):
    """An automatic case of a holder's."""

    run_id: str
    case_no: str
    state: Literal["running", "waiting", "person", "declined", "granted", "listed", "excluded"]
    started_at: Moment
    decided_at: Moment | None


class LinkedOut(Answer):
    """A change that follows another."""

    linked_id: str
    state: Literal["announced", "objected", "person", "changed"]
    fields: dict[str, str]
    announced_at: Moment
    due_at: Moment
    entry_id: str


class ObjectionOut(Answer):
    """What a holder held against a decision, a list or a change."""

    objection_id: str
    about: str
    state: Literal["open", "upheld", "rejected"]
    opened_at: Moment
    due_at: Moment
    answered_at: Moment | None
    claim: str
    answer: str | None


class InquiriesOut(Answer):
    """What waits for a holder's yes or no, and what became of it."""

    inquiries: list[InquiryOut]
    decisions: list[DecidedOut]
    linked: list[LinkedOut]
    objections: list[ObjectionOut]


class FileOut(Answer):
    """A file that would be copied."""

    media_type: str
    size: int
    sha256: str


class PreviewFieldOut(Words):
    """A value as it would be released; none where it would not."""

    name: str
    clear: bool
    value: str | list[str] | None


class PreviewThingOut(Answer):
    """One thing: what of it would be released."""

    object_id: str
    kind: Literal["material", "licence"]
    name: str
    name_en: str
    of: str
    released: Literal["verify", "data", "copy", "nothing"]
    drawn: bool
    closed: str | None
    remarked: bool
    status: str | None = None
    file: FileOut | None = None
    fields: list[PreviewFieldOut] | None = None


class PreviewOut(Answer):
    """What an ask would release."""

    ask_id: str
    mode: Mode
    things: list[PreviewThingOut]


class OrganisationOut(Answer):
    """An organisation by name and code."""

    name: str
    code: str


class NamedItemOut(Answer):
    """An item by its names."""

    code: str
    name: str
    name_en: str


class OwedTermOut(Answer):
    """What a letter of commitment owes, as it is signed."""

    type: str
    due: Moment


class LetterTermsOut(Answer):
    """What is signed of a letter of commitment, by its digest."""

    action: str
    id: str
    org: str
    case: str
    barred_days: int
    post_check_days: int
    owed: list[OwedTermOut]


class OwedOut(Answer):
    """A document that a letter owes."""

    type_code: str
    name: str
    name_en: str
    due_at: Moment
    fulfilled_at: Moment | None


class LetterOut(Answer):
    """A letter of commitment (承诺书) as its holder sees it."""

    commitment_id: str
    state: Literal["proposed", "declined", "signed", "withdrawn", "kept", "overdue", "breached"]
    holder: str
    org: OrganisationOut
    item: NamedItemOut
    terms: LetterTermsOut
    digest: str
    owed: list[OwedOut]
    can_refuse: bool
    proposed_at: Moment
    signed_at: Moment | None


class LettersOut(Answer):
    """Letters of commitment of a holder."""

    commitments: list[LetterOut]
