"""Rows of materials, PostgreSQL schema `materials`. Seen by the stores of this package only.

Holders, parties and objects belong to packages to the right: their ids are kept here without a foreign key.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

metadata: Final = MetaData(
    schema="materials",
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)


OF_CASE: Final = (
    *("by_licence", "by_check", "by_reuse", "by_assistance", "by_generated", "by_commitment", "by_upload"),
    *("avoidable", "fields", "prefilled"),
)
"""What one accepted case counts for; docs/figures.md defines each."""
MEASURES: Final = (
    *("deposits", "archived", "cases"),
    *OF_CASE,
    *("intakes", "first_pass", "second_back", "decided", "in_time", "in_law"),
)
"""What is counted for a day."""


def _id(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Uuid(as_uuid=False), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


project: Final = Table(
    "project",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    _text("code"),
    _text("name"),
    _id("lead_holder_id"),
    _id("party_id"),
    _moment("created_at"),
    UniqueConstraint("code"),
)

project_member: Final = Table(
    "project_member",
    metadata,
    Column("project_id", Uuid(as_uuid=False), ForeignKey(project.c.id), primary_key=True),
    Column("holder_id", Uuid(as_uuid=False), primary_key=True),
    Column("role", Text, nullable=False, server_default=text("'member'")),
    _moment("joined_at", nullable=True),
    Column("proof", LargeBinary, comment="encrypted: what the lead signed"),
    _id("entry_id", nullable=True),
    CheckConstraint("role IN ('lead','owner','contractor','designer','supervisor','operator','member')", name="role"),
    Index("ix_project_member_holder_id", "holder_id"),
)
"""Who belongs to a project, and as what. A member added later is there by the lead's signature."""

bundle_run: Final = Table(
    "bundle_run",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    _text("bundle_code"),
    _text("bundle_version"),
    _id("applicant_holder_id"),
    _id("party_id"),
    _moment("opened_at"),
    Index("ix_bundle_run_party_id_id", "party_id", "id"),
)
"""A bundle (一件事) applied for: its cases name it."""

case_serial: Final = Sequence("case_serial", metadata=metadata, schema="materials")
"""The running part of case numbers."""

case: Final = Table(
    "case_",
    metadata,
    Column("case_no", Text, primary_key=True),
    _text("item_code"),
    _text("item_version"),
    _text("scenario"),
    _id("applicant_holder_id"),
    Column("project_id", Uuid(as_uuid=False), ForeignKey(project.c.id)),
    _text("presence"),
    Column("presence_digest", Text, comment="keyed digest of what the terminal read"),
    _id("party_id"),
    _text("operator"),
    _text("division"),
    _text("state"),
    _moment("opened_at"),
    _moment("closed_at", nullable=True),
    _id("entry_id"),
    _id("closing_entry_id", nullable=True),
    Column("answers", LargeBinary, comment="encrypted; answers of the questionnaire"),
    _moment("accepted_at", nullable=True),
    _moment("due_at", nullable=True),
    _moment("statutory_due_at", nullable=True),
    _id("acceptance_entry_id", nullable=True),
    Column("send_backs", Integer, nullable=False, server_default=text("0")),
    _text("decision", nullable=True),
    _id("result_id", nullable=True),
    _text("from_case_no", nullable=True),
    Column("bundle_run_id", Uuid(as_uuid=False), ForeignKey(bundle_run.c.id)),
    CheckConstraint("state IN ('draft', 'open', 'closed')", name="state"),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    CheckConstraint("decision IN ('granted', 'refused', 'withdrawn')", name="decision"),
    CheckConstraint("decision IS NULL OR state = 'closed'", name="decided"),
    CheckConstraint("decision <> 'granted' OR accepted_at IS NOT NULL", name="granted"),
    CheckConstraint("result_id IS NULL OR decision = 'granted'", name="result"),
    CheckConstraint(
        "(accepted_at IS NULL) = (acceptance_entry_id IS NULL) AND (accepted_at IS NULL) = (due_at IS NULL)"
        " AND (accepted_at IS NULL) = (statutory_due_at IS NULL)",
        name="accepted",
    ),
    CheckConstraint("state <> 'draft' OR accepted_at IS NULL", name="draft"),
    Index("ix_case_party_id_opened_at", "party_id", "opened_at"),
    Index("ix_case_due_at_open", "party_id", "due_at", postgresql_where=text("state = 'open' AND due_at IS NOT NULL")),
    Index("ix_case_bundle_run_id", "bundle_run_id", postgresql_where=text("bundle_run_id IS NOT NULL")),
    Index("ix_case_project_id_open", "project_id", "party_id", postgresql_where=text("state = 'open'")),
    Index("ix_case_closed_at", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
)
"""Cases, under the name `case_`: the plain word is reserved in SQL."""

case_person: Final = Table(
    "case_person",
    metadata,
    Column("case_no", Text, ForeignKey(case.c.case_no), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    _id("holder_id"),
    UniqueConstraint("case_no", "role", "holder_id"),
)
"""Who else a case is about: shareholders, parents, sellers, workers, the agent."""

confirmation: Final = Table(
    "confirmation",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("case_no", Text, ForeignKey(case.c.case_no), nullable=False),
    _text("line"),
    _id("object_id"),
    Column("conditions", ARRAY(Text), nullable=False),
    _text("stated_by"),
    _id("signer_id", nullable=True),
    Column("signature", LargeBinary, comment="encrypted; what the holder signed, and the signature as it was kept"),
    _text("operator"),
    _moment("at"),
    _id("entry_id"),
    CheckConstraint("stated_by IN ('holder','counter')", name="stated_by"),
    CheckConstraint("(stated_by = 'holder') = (signature IS NOT NULL AND signer_id IS NOT NULL)", name="signed"),
    UniqueConstraint("case_no", "line", "object_id", "conditions"),
)
"""What was confirmed before a material is reused: that nothing has changed, that it is the same premises."""

kept_checklist: Final = Table(
    "kept_checklist",
    metadata,
    Column("case_no", Text, ForeignKey(case.c.case_no), primary_key=True),
    Column("body", LargeBinary, nullable=False, comment="encrypted; the canonical checklist as it was accepted"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the body in clear; also in the entry"),
    _moment("kept_at"),
    _id("entry_id"),
    Index("ix_kept_checklist_kept_at", "kept_at"),
)
"""Checklists as they stood at acceptance: by which route each material came, and why no better one."""

material: Final = Table(
    "material",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    _text("type_code"),
    _id("holder_id"),
    Column("version", Integer, nullable=False),
    _text("status"),
    _id("object_id"),
    _text("file_name"),
    _text("media_type"),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("sm3", LargeBinary, nullable=False),
    _text("division"),
    _id("party_id"),
    _text("operator"),
    _text("channel"),
    _text("verify_level"),
    _text("origin_case_no", nullable=True),
    Column("project_id", Uuid(as_uuid=False), ForeignKey(project.c.id)),
    Column("share_in_project", Boolean, nullable=False),
    _moment("valid_from", nullable=True),
    _moment("valid_to", nullable=True),
    Column("supersedes", Uuid(as_uuid=False), ForeignKey("material.id")),
    Column("superseded_by", Uuid(as_uuid=False), ForeignKey("material.id")),
    _moment("deposited_at"),
    _id("entry_id"),
    _moment("ended_at", nullable=True),
    _id("ended_entry_id", nullable=True),
    UniqueConstraint("object_id"),
    CheckConstraint("status IN ('active','superseded','disputed','withdrawn','destroyed')", name="status"),
    CheckConstraint("channel IN ('counter','web','app','kiosk','system','archive')", name="channel"),
    CheckConstraint(
        "verify_level IN ('self_declared','staff_checked','source_verified','issuer_signed')", name="verify_level"
    ),
    CheckConstraint("(status = 'superseded') <= (superseded_by IS NOT NULL)", name="superseded"),
    CheckConstraint("(status IN ('superseded','withdrawn')) <= (ended_entry_id IS NOT NULL)", name="ended"),
    CheckConstraint("(ended_at IS NULL) = (ended_entry_id IS NULL)", name="ended_at"),
    CheckConstraint("version > 0 AND size > 0", name="positive"),
    CheckConstraint("NOT share_in_project OR project_id IS NOT NULL", name="share_in_project"),
    Index("uq_material_supersedes", "supersedes", unique=True, postgresql_where=text("supersedes IS NOT NULL")),
    Index("ix_material_holder_id_type_code_id", "holder_id", "type_code", "id"),
    Index("ix_material_party_id_id", "party_id", "id"),
    Index("ix_material_party_id_type_code_id", "party_id", "type_code", "id"),
    Index("ix_material_party_id_holder_id_id", "party_id", "holder_id", "id"),
    Index(
        "ix_material_project_id_type_code_id",
        "project_id",
        "type_code",
        "id",
        postgresql_where=text("share_in_project"),
    ),
    Index(
        "ix_material_project_id_active",
        "project_id",
        "type_code",
        "holder_id",
        "share_in_project",
        "id",
        postgresql_where=text("project_id IS NOT NULL AND status = 'active'"),
    ),
    Index("ix_material_holder_ended", "holder_id", "type_code", "id", postgresql_where=text("status <> 'active'")),
    Index("ix_material_party_id_sha256_holder_id", "party_id", "sha256", "holder_id"),
    Index("ix_material_deposited_at", "deposited_at"),
)
"""Materials, one row a version. The unique `supersedes` is the rule that a version has one successor.

Truth values compare as false < true, so `a <= b` reads "a implies b".
"""

dispute: Final = Table(
    "dispute",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("material_id", Uuid(as_uuid=False), ForeignKey(material.c.id), nullable=False),
    _id("depositor_party_id"),
    _id("holder_id"),
    _id("signer_id"),
    _text("representation", nullable=True),
    Column("fields", ARRAY(Text), nullable=False),
    Column("request", LargeBinary, nullable=False, comment="encrypted; canonical text of what was signed"),
    Column("id_token", LargeBinary, nullable=False, comment="the kept signature, encrypted"),
    _moment("opened_at"),
    _moment("due_at"),
    _id("entry_id"),
    _text("state"),
    _text("operator", nullable=True),
    Column("answer", LargeBinary, comment="encrypted"),
    Column("successor_id", Uuid(as_uuid=False), ForeignKey(material.c.id)),
    _moment("answered_at", nullable=True),
    _id("answer_entry_id", nullable=True),
    CheckConstraint("state IN ('open', 'rejected', 'corrected', 'withdrawn')", name="state"),
    CheckConstraint(
        "(state = 'open') = (answered_at IS NULL) AND (state = 'open') = (answer_entry_id IS NULL)", name="answered"
    ),
    CheckConstraint(
        "(state IN ('rejected', 'corrected')) = (answer IS NOT NULL AND operator IS NOT NULL)", name="answer"
    ),
    CheckConstraint("state = 'corrected' OR successor_id IS NULL", name="successor"),
    Index("uq_dispute_open", "material_id", unique=True, postgresql_where=text("state = 'open'")),
    Index("ix_dispute_material_id_opened_at", "material_id", "opened_at"),
    Index("ix_dispute_depositor_party_id_opened_at_id", "depositor_party_id", "opened_at", "id"),
    Index(
        "ix_dispute_depositor_party_id_open",
        "depositor_party_id",
        "opened_at",
        "id",
        postgresql_where=text("state = 'open'"),
    ),
    Index("ix_dispute_holder_id_opened_at", "holder_id", "opened_at"),
    Index("ix_dispute_due_at_open", "due_at", postgresql_where=text("state = 'open'")),
    Index("ix_dispute_successor_id", "successor_id", postgresql_where=text("successor_id IS NOT NULL")),
)
"""A holder's disputes (异议) of materials; one open at a time stands against a material. Shaped as `certs.dispute`."""

correction: Final = Table(
    "correction",
    metadata,
    Column("dispute_id", Uuid(as_uuid=False), ForeignKey(dispute.c.id), primary_key=True),
    Column("party_id", Uuid(as_uuid=False), primary_key=True),
    _moment("at"),
    _moment("seen_at", nullable=True),
    Index("ix_correction_party_id_at_dispute_id", "party_id", "at", "dispute_id"),
)
"""Whom a correction was told: every organisation that had used the material or a version before it."""

data_check: Final = Table(
    "data_check",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("case_no", Text, ForeignKey(case.c.case_no), nullable=False),
    _id("party_id"),
    _id("holder_id"),
    _text("type_code"),
    _text("question"),
    _text("source"),
    _text("operator"),
    _text("cause"),
    _text("state"),
    _text("result", nullable=True),
    _text("failure", nullable=True),
    Column("asked_mac", LargeBinary, nullable=False, comment="keyed digest of question, subject and what it brings"),
    Column("answer_mac", LargeBinary, comment="keyed digest of result and values"),
    Column("given", LargeBinary, nullable=False, comment="encrypted"),
    Column("answer", LargeBinary, comment="encrypted: values, and the source's answer as it came"),
    _moment("as_of", nullable=True),
    _moment("asked_at"),
    _moment("answered_at", nullable=True),
    _moment("valid_until", nullable=True),
    _id("use_id", nullable=True),
    _id("asked_entry_id"),
    _id("entry_id", nullable=True),
    CheckConstraint("state IN ('asked','answered','failed')", name="state"),
    CheckConstraint("result IN ('yes','no','value','unknown')", name="result"),
    CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name="answered_at"),
    CheckConstraint("(state = 'asked') = (entry_id IS NULL)", name="entry"),
    CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failure"),
    CheckConstraint("(state = 'answered') <= (result IS NOT NULL AND valid_until IS NOT NULL)", name="answered"),
    Index("ix_data_check_case_no_asked_at", "case_no", "asked_at"),
    Index("ix_data_check_asked_mac_answered_at", "asked_mac", "answered_at"),
    Index("ix_data_check_asked_at_open", "asked_at", postgresql_where=text("state = 'asked'")),
)
"""Questions to the source of a fact. The keyed digests tell a changed answer without opening either."""

generated: Final = Table(
    "generated",
    metadata,
    Column("material_id", Uuid(as_uuid=False), ForeignKey(material.c.id), primary_key=True),
    Column("case_no", Text, ForeignKey(case.c.case_no), nullable=False),
    _id("party_id"),
    _id("holder_id"),
    _text("type_code"),
    _text("template"),
    _text("template_version"),
    Column("sources", LargeBinary, nullable=False, comment="encrypted: each value and where it came from"),
    Column("seals", ARRAY(Text), nullable=False, comment="places that are sealed already"),
    _moment("made_at"),
    _id("entry_id"),
    Index("ix_generated_case_no", "case_no"),
)
"""Documents made from templates; each is a material, and each set of seals is a version of it."""

assist_request: Final = Table(
    "assist_request",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("case_no", Text, ForeignKey(case.c.case_no), nullable=False),
    _id("party_id"),
    _id("to_party_id"),
    _id("holder_id"),
    _text("type_code"),
    _text("operator"),
    Column("question", LargeBinary, nullable=False, comment="encrypted"),
    _text("state"),
    Column("days", Integer, nullable=False, comment="working days"),
    _moment("asked_at"),
    _moment("due_at"),
    _id("entry_id"),
    _moment("overdue_at", nullable=True),
    _id("overdue_entry_id", nullable=True),
    _moment("ended_at", nullable=True),
    _text("ended_operator", nullable=True),
    _text("result", nullable=True),
    Column("answer", LargeBinary, comment="encrypted"),
    Column("material_id", Uuid(as_uuid=False), ForeignKey(material.c.id)),
    _id("ended_entry_id", nullable=True),
    _text("client_id"),
    _text("cause"),
    _id("use_id", nullable=True),
    CheckConstraint("state IN ('asked','overdue','answered','refused','withdrawn')", name="state"),
    CheckConstraint("result IN ('yes','no','material')", name="result"),
    CheckConstraint("(state IN ('asked','overdue')) = (ended_at IS NULL)", name="ended_at"),
    CheckConstraint("(ended_at IS NULL) = (ended_entry_id IS NULL)", name="ended"),
    CheckConstraint("(state = 'answered') = (result IS NOT NULL)", name="answered"),
    CheckConstraint("(result = 'material') <= (material_id IS NOT NULL)", name="material"),
    CheckConstraint("(overdue_at IS NULL) = (overdue_entry_id IS NULL)", name="overdue_at"),
    CheckConstraint("days > 0", name="days"),
    Index("ix_assist_request_case_no", "case_no"),
    Index(
        "uq_assist_request_open",
        "case_no",
        "type_code",
        "holder_id",
        unique=True,
        postgresql_where=text("state IN ('asked','overdue')"),
    ),
    Index("ix_assist_request_party_id_id", "party_id", "id"),
    Index("ix_assist_request_to_party_id_id", "to_party_id", "id"),
    Index("ix_assist_request_due_at_open", "due_at", postgresql_where=text("state = 'asked'")),
)
"""Requests to another department for a fact or a document (行政协助)."""

commitment: Final = Table(
    "commitment",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("case_no", Text, ForeignKey(case.c.case_no), nullable=False),
    _id("party_id"),
    _id("holder_id"),
    _text("item_code"),
    _text("kind"),
    _text("operator"),
    Column("letter_id", Uuid(as_uuid=False), ForeignKey(material.c.id), nullable=False),
    Column("terms", LargeBinary, nullable=False, comment="canonical bytes that are signed; ids and dates only"),
    _text("state"),
    _moment("proposed_at"),
    _moment("signed_at", nullable=True),
    _id("signer_id", nullable=True),
    Column("signature", LargeBinary, comment="encrypted"),
    _id("entry_id", nullable=True),
    Column("next_due_at", DateTime(timezone=True), comment="of what is still owed, the earliest"),
    _moment("checked_at", nullable=True),
    _text("check_result", nullable=True),
    _text("checked_by", nullable=True),
    Column("finding", LargeBinary, comment="encrypted"),
    _id("check_entry_id", nullable=True),
    _moment("barred_until", nullable=True),
    CheckConstraint("kind IN ('commitment','tolerant')", name="kind"),
    CheckConstraint("state IN ('proposed','signed','kept','overdue','breached')", name="state"),
    CheckConstraint("(state = 'proposed') = (signed_at IS NULL)", name="signed_at"),
    CheckConstraint("(signed_at IS NULL) = (entry_id IS NULL)", name="entry"),
    CheckConstraint("(signed_at IS NULL) = (signature IS NULL)", name="signature"),
    CheckConstraint("(checked_at IS NULL) = (check_entry_id IS NULL)", name="checked_at"),
    CheckConstraint("check_result IN ('kept','breached')", name="check_result"),
    CheckConstraint("(state = 'breached') = (barred_until IS NOT NULL)", name="barred"),
    Index("ix_commitment_case_no", "case_no"),
    Index("ix_commitment_next_due_at_open", "next_due_at", postgresql_where=text("state = 'signed'")),
    Index(
        "ix_commitment_holder_id_broken",
        "holder_id",
        postgresql_where=text("state IN ('overdue','breached')"),
    ),
)
"""Commitments (告知承诺) and tolerant acceptance (容缺受理)."""

owed: Final = Table(
    "owed",
    metadata,
    Column("commitment_id", Uuid(as_uuid=False), ForeignKey(commitment.c.id), primary_key=True),
    Column("type_code", Text, primary_key=True),
    _moment("due_at"),
    _moment("fulfilled_at", nullable=True),
    Column("material_id", Uuid(as_uuid=False), ForeignKey(material.c.id)),
    _id("entry_id", nullable=True),
    CheckConstraint("(fulfilled_at IS NULL) = (material_id IS NULL)", name="fulfilled"),
    CheckConstraint("(fulfilled_at IS NULL) = (entry_id IS NULL)", name="entry"),
)
"""Materials that a commitment owes."""

reading: Final = Table(
    "reading",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("material_id", Uuid(as_uuid=False), ForeignKey(material.c.id), nullable=False),
    _id("party_id"),
    _text("operator"),
    _text("state"),
    _moment("asked_at"),
    Column("pages", Integer),
    Column("pages_done", Integer, nullable=False),
    _moment("ended_at", nullable=True),
    _text("failure", nullable=True),
    Column("findings", LargeBinary, comment="encrypted: type and fields as they were read"),
    Column("confirmed", LargeBinary, comment="encrypted: fields as staff confirmed them"),
    _text("confirmed_by", nullable=True),
    _moment("confirmed_at", nullable=True),
    _text("verify_level", nullable=True),
    _id("entry_id", nullable=True),
    CheckConstraint("state IN ('queued','read','failed','confirmed')", name="state"),
    CheckConstraint("(state = 'queued') = (ended_at IS NULL)", name="ended_at"),
    CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failure"),
    CheckConstraint("(state = 'confirmed') = (entry_id IS NOT NULL)", name="entry"),
    CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_at"),
    CheckConstraint("pages_done >= 0 AND (pages IS NULL OR pages_done <= pages)", name="pages"),
    Index("ix_reading_material_id_id", "material_id", "id"),
    Index("uq_reading_material_id_queued", "material_id", unique=True, postgresql_where=text("state = 'queued'")),
    Index("ix_reading_ended_at_held", "ended_at", postgresql_where=text("findings IS NOT NULL")),
)
"""Readings of materials: one at a time for each. Values are encrypted, and forgotten when the document is erased."""

reading_page: Final = Table(
    "reading_page",
    metadata,
    Column("reading_id", Uuid(as_uuid=False), ForeignKey(reading.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    _text("source"),
    Column("lines", Integer, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    _text("failure", nullable=True),
    Column("content", LargeBinary, comment="encrypted: lines and places, until the reading ends"),
    CheckConstraint("source IN ('text','ocr','unread')", name="source"),
    CheckConstraint("number > 0 AND lines >= 0 AND milliseconds >= 0", name="sizes"),
)
"""Pages of a reading as they come: its progress, and where a worker goes on that died."""

form_source: Final = Table(
    "form_source",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("case_no", Text, ForeignKey(case.c.case_no), nullable=False),
    _id("holder_id"),
    _text("kind"),
    _id("thing_id"),
    Column("fields", ARRAY(Text), nullable=False, comment="as the use named them"),
    Column("body", LargeBinary, nullable=False, comment="encrypted: the values of those fields"),
    _moment("as_of"),
    _moment("read_at"),
    _id("use_id"),
    _id("entry_id"),
    CheckConstraint("kind IN ('licence','material','generated')", name="kind"),
    Index("ix_form_source_case_no", "case_no"),
)
"""What was read of a licence or material to fill a case's form; each row is a use."""

form: Final = Table(
    "form",
    metadata,
    Column("case_no", Text, ForeignKey(case.c.case_no), primary_key=True),
    Column("version", Integer, primary_key=True),
    _id("party_id"),
    _id("holder_id"),
    _text("item_code"),
    _text("operator"),
    Column("body", LargeBinary, nullable=False, comment="encrypted: every field with its values and their sources"),
    Column("fields", Integer, nullable=False),
    Column("prefilled", Integer, nullable=False),
    _moment("saved_at"),
    _id("entry_id"),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint("prefilled >= 0 AND prefilled <= fields", name="prefilled"),
    Index("ix_form_holder_id_item_code_party_id_saved_at", "holder_id", "item_code", "party_id", "saved_at"),
)
"""Forms of cases; a filling or change makes a version, and none is overwritten."""

intake: Final = Table(
    "intake",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    _id("party_id"),
    Column("manifest", LargeBinary, nullable=False, comment="SHA-256 of the manifest's bytes"),
    Column("rows", Integer, nullable=False, comment="the manifest has; refused ones count"),
    _text("operator"),
    _moment("opened_at"),
    CheckConstraint("rows > 0", name="rows"),
    UniqueConstraint("party_id", "manifest"),
)
"""Bulk intakes: one for each manifest of an organisation."""

intake_row: Final = Table(
    "intake_row",
    metadata,
    Column("intake_id", Uuid(as_uuid=False), ForeignKey(intake.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("material_id", Uuid(as_uuid=False), ForeignKey(material.c.id), nullable=False),
    _text("reference", nullable=True),
    CheckConstraint("number > 0", name="number"),
    UniqueConstraint("material_id"),
)
"""Rows of a manifest that were taken in. The primary key is the rule that none is taken twice."""


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


figure_case: Final = Table(
    "figure_case",
    metadata,
    Column("case_no", Text, ForeignKey(case.c.case_no), primary_key=True),
    Column("day", Date, nullable=False),
    *(_count(name) for name in OF_CASE),
    Index("ix_figure_case_day", "day"),
)
"""What an accepted case counts for (docs/figures.md): read once from its kept checklist and its form."""

figure_day: Final = Table(
    "figure_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("item_code", Text, primary_key=True),
    Column("party_id", Uuid(as_uuid=False), primary_key=True),
    Column("division", Text, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in MEASURES),
    Index("ix_figure_day_party_id_day", "party_id", "day"),
)
"""Figures of a day, by item (empty where a deposit belongs to no case), organisation and division. Made from
the records, and made anew from them at any time (`materials.figures`)."""

entitlement_round: Final = Table(
    "entitlement_round",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    _text("programme"),
    _text("version"),
    _text("rules"),
    _text("period"),
    _id("party_id"),
    _text("client_id"),
    _text("jkt"),
    _text("operator"),
    _text("cause"),
    _text("state"),
    Column("cursor", Uuid(as_uuid=False), comment="the last licence that was looked at"),
    _moment("next_at", nullable=True),
    _moment("started_at"),
    _id("entry_id"),
    _moment("published_at", nullable=True),
    _id("publish_entry_id", nullable=True),
    UniqueConstraint("programme", "period", "party_id"),
    CheckConstraint("state IN ('matching','matched','published')", name="state"),
    CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published_at"),
    CheckConstraint("(published_at IS NULL) = (publish_entry_id IS NULL)", name="publish_entry"),
    Index("ix_entitlement_round_party_id_id", "party_id", "id"),
    Index("ix_entitlement_round_next_at_open", "next_at", postgresql_where=text("next_at IS NOT NULL")),
)
"""Rounds of programmes (免申即享): one for each programme, period and department."""

automatic_run: Final = Table(
    "automatic_run",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("case_no", Text, ForeignKey(case.c.case_no), nullable=False, unique=True),
    Column("round_id", Uuid(as_uuid=False), ForeignKey(entitlement_round.c.id)),
    _id("party_id"),
    _id("holder_id"),
    _text("client_id"),
    _text("jkt"),
    _text("operator"),
    _text("registrar", nullable=True),
    _text("cause"),
    _text("item_code"),
    _text("item_version"),
    Column("rules", Text, nullable=False, comment="SHA-256 of the rules, hexadecimal"),
    _text("state"),
    _text("step"),
    _text("reason", nullable=True),
    Column("details", ARRAY(Text), nullable=False, comment="codes of rules and lines that a person should look at"),
    Column("turn", Integer, nullable=False, server_default=text("0")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    _moment("next_at", nullable=True),
    _moment("wait_until", nullable=True),
    Column("asks", ARRAY(Uuid(as_uuid=False)), nullable=False, comment="batches the holders were asked in"),
    _moment("started_at"),
    _id("entry_id"),
    _moment("decided_at", nullable=True),
    Column("facts", LargeBinary, comment="encrypted: what the rules read and what came of each"),
    _id("decision_entry_id", nullable=True),
    _id("result_id", nullable=True),
    Column("receipt", LargeBinary, comment="encrypted: as it was signed"),
    _moment("ended_at", nullable=True),
    CheckConstraint("state IN ('running','waiting','person','declined','granted','listed','excluded')", name="state"),
    CheckConstraint("(state IN ('running','waiting')) = (next_at IS NOT NULL)", name="next_at"),
    CheckConstraint("(state = 'person') = (reason IS NOT NULL)", name="reason"),
    CheckConstraint("(decided_at IS NULL) = (decision_entry_id IS NULL)", name="decided_at"),
    Index("ix_automatic_run_next_at_open", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("ix_automatic_run_party_id_id", "party_id", "id"),
    Index("ix_automatic_run_holder_id_id", "holder_id", "id"),
    Index("ix_automatic_run_round_id_id", "round_id", "id"),
)
"""Cases on their way to a decision without a person, or to a list of those entitled."""

inquiry: Final = Table(
    "inquiry",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    _text("kind"),
    _id("subject_id"),
    _id("party_id"),
    _id("holder_id"),
    Column("statement", LargeBinary, nullable=False, comment="encrypted: canonical words of what is asked"),
    Column("choices", ARRAY(Text), nullable=False),
    _text("state"),
    _moment("asked_at"),
    _moment("due_at"),
    _text("answer", nullable=True),
    _moment("answered_at", nullable=True),
    _id("signer_id", nullable=True),
    Column("signature", LargeBinary, comment="encrypted"),
    _id("entry_id", nullable=True),
    UniqueConstraint("subject_id", "kind", "holder_id"),
    CheckConstraint("kind IN ('application','confirmation','willingness')", name="kind"),
    CheckConstraint("state IN ('open','answered','withdrawn')", name="state"),
    CheckConstraint("(state = 'answered') = (entry_id IS NOT NULL)", name="entry"),
    CheckConstraint("(answer IS NULL) = (entry_id IS NULL)", name="answer"),
    Index("ix_inquiry_holder_id_id", "holder_id", "id"),
)
"""What a holder is asked to say yes or no to, and the signed answer."""

objection: Final = Table(
    "objection",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    _text("about"),
    _id("subject_id"),
    _id("party_id"),
    _id("holder_id"),
    Column("claim", LargeBinary, nullable=False, comment="encrypted"),
    Column("signature", LargeBinary, nullable=False, comment="encrypted"),
    _text("state"),
    _moment("opened_at"),
    _moment("due_at"),
    _id("entry_id"),
    _text("operator", nullable=True),
    Column("answer", LargeBinary, comment="encrypted"),
    _moment("answered_at", nullable=True),
    _id("answer_entry_id", nullable=True),
    CheckConstraint("about IN ('run','round','linked')", name="about"),
    CheckConstraint("state IN ('open','upheld','rejected')", name="state"),
    CheckConstraint("(state = 'open') = (answer_entry_id IS NULL)", name="answer"),
    Index("ix_objection_party_id_id", "party_id", "id"),
    Index("ix_objection_subject_id_state", "subject_id", "state"),
    Index("ix_objection_holder_id_id", "holder_id", "id"),
)
"""What holders say against an automatic decision, a list, a change that follows another."""

hand_off: Final = Table(
    "hand_off",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("round_id", Uuid(as_uuid=False), ForeignKey(entitlement_round.c.id), nullable=False),
    _id("party_id"),
    _text("operator"),
    Column("body", LargeBinary, nullable=False, comment="encrypted: canonical JSON"),
    Column("signature", Text, nullable=False, comment="JWS over the digest, by the department's seal"),
    Column("people", Integer, nullable=False),
    _moment("at"),
    _id("entry_id"),
    CheckConstraint("people > 0", name="people"),
    Index("ix_hand_off_round_id_id", "round_id", "id"),
)
"""Files handed to whoever pays."""

entitlement: Final = Table(
    "entitlement",
    metadata,
    Column("run_id", Uuid(as_uuid=False), ForeignKey(automatic_run.c.id), primary_key=True),
    Column("round_id", Uuid(as_uuid=False), ForeignKey(entitlement_round.c.id), nullable=False),
    _id("holder_id"),
    _text("programme"),
    _text("period"),
    _text("state"),
    Column("amount", LargeBinary, comment="encrypted"),
    Column("payee", LargeBinary, comment="encrypted"),
    _moment("public_until", nullable=True),
    Column("hand_off_id", Uuid(as_uuid=False), ForeignKey(hand_off.c.id)),
    UniqueConstraint("programme", "period", "holder_id"),
    CheckConstraint("state IN ('looked','listed','handed')", name="state"),
    CheckConstraint("(state = 'handed') = (hand_off_id IS NOT NULL)", name="hand_off"),
    CheckConstraint("(state = 'looked') = (amount IS NULL)", name="amount"),
    Index("ix_entitlement_round_id_state_run_id", "round_id", "state", "run_id"),
    Index("ix_entitlement_hand_off_id", "hand_off_id"),
)
"""Who a round found: each person once for a programme and period."""

link_adoption: Final = Table(
    "link_adoption",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("party_id", Uuid(as_uuid=False), primary_key=True),
    _text("client_id"),
    _text("jkt"),
    _text("operator"),
    _moment("adopted_at"),
    _id("entry_id"),
    _moment("ended_at", nullable=True),
)
"""Issuers who let a rule change their licences, and the registrar who answers for it."""

linked_change: Final = Table(
    "linked_change",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    _text("rule"),
    _text("rules"),
    _id("cause_id"),
    _id("licence_id"),
    _id("party_id"),
    _id("holder_id"),
    Column("fields", LargeBinary, nullable=False, comment="encrypted: what the licence will say"),
    _text("state"),
    _text("reason", nullable=True),
    Column("turn", Integer, nullable=False, server_default=text("0")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    _moment("next_at", nullable=True),
    _moment("announced_at"),
    _moment("due_at", nullable=True),
    _id("entry_id"),
    _id("result_id", nullable=True),
    _moment("ended_at", nullable=True),
    UniqueConstraint("cause_id", "licence_id"),
    CheckConstraint("state IN ('announced','objected','person','changed')", name="state"),
    CheckConstraint("(state = 'announced') = (next_at IS NOT NULL)", name="next_at"),
    CheckConstraint("(state = 'changed') = (result_id IS NOT NULL)", name="result"),
    Index("ix_linked_change_next_at_open", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("ix_linked_change_party_id_id", "party_id", "id"),
    Index("ix_linked_change_holder_id_id", "holder_id", "id"),
)
"""Changes of licences that follow the change of another (免申即办)."""

review: Final = Table(
    "review",
    metadata,
    Column("case_no", Text, ForeignKey(case.c.case_no), primary_key=True),
    Column("version", Integer, primary_key=True),
    _id("party_id"),
    _id("holder_id"),
    _text("item_code"),
    _text("operator"),
    _text("cause"),
    Column("body", LargeBinary, nullable=False, comment="encrypted: every finding with its places and values"),
    Column("passed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("unclear", Integer, nullable=False),
    Column("skipped", Integer, nullable=False, comment="check points that do not apply"),
    _moment("reviewed_at"),
    _id("entry_id"),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint("cause IN ('asked','submitted','accepted','automatic')", name="cause"),
    CheckConstraint("passed >= 0 AND failed >= 0 AND unclear >= 0 AND skipped >= 0", name="counts"),
)
"""Check points of cases as they came out; a run makes a version, and none is overwritten."""

review_resolution: Final = Table(
    "review_resolution",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("case_no", Text, nullable=False),
    Column("version", Integer, nullable=False),
    _text("code"),
    _text("verdict"),
    Column("finding", LargeBinary, nullable=False, comment="digest of the finding that was decided about"),
    Column("reason", LargeBinary, nullable=False, comment="encrypted"),
    _text("operator"),
    _moment("at"),
    _id("entry_id"),
    ForeignKeyConstraint(["case_no", "version"], ["materials.review.case_no", "materials.review.version"]),
    CheckConstraint("verdict IN ('resolved','false-alarm')", name="verdict"),
    CheckConstraint("length(finding) = 32", name="finding"),
    Index("ix_review_resolution_case_no_version", "case_no", "version"),
)
"""What staff decided about findings."""

paper_seals: Final = Table(
    "paper_seals",
    metadata,
    Column("material_id", Uuid(as_uuid=False), ForeignKey(material.c.id), primary_key=True),
    Column("seals", ARRAY(Text), nullable=False, comment="codes of the organisations whose seal holds"),
    _text("problem"),
    _moment("checked_at"),
)
"""What the check of a document's electronic seals said, for pre-review."""
