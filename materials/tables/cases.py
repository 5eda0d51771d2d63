"""Projects, bundles and cases, and what was said and kept in a case."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from materials.tables.base import id_column, metadata, moment_column, text_column

project: Final = Table(
    "project",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    text_column("code"),
    text_column("name"),
    id_column("lead_holder_id"),
    id_column("party_id"),
    moment_column("created_at"),
    UniqueConstraint("code"),
)

project_member: Final = Table(
    "project_member",
    metadata,
    Column("project_id", Uuid(as_uuid=False), ForeignKey(project.c.id), primary_key=True),
    Column("holder_id", Uuid(as_uuid=False), primary_key=True),
    Column("role", Text, nullable=False, server_default=text("'member'")),
    moment_column("joined_at", nullable=True),
    Column("proof", LargeBinary, comment="encrypted: what the lead signed"),
    id_column("entry_id", nullable=True),
    CheckConstraint("role IN ('lead','owner','contractor','designer','supervisor','operator','member')", name="role"),
    Index("ix_project_member_holder_id", "holder_id"),
)
"""Who belongs to a project, and as what. A member added later is there by the lead's signature."""

bundle_run: Final = Table(
    "bundle_run",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    text_column("bundle_code"),
    text_column("bundle_version"),
    id_column("applicant_holder_id"),
    id_column("party_id"),
    moment_column("opened_at"),
    Index("ix_bundle_run_party_id_id", "party_id", "id"),
)
"""A bundle (一件事) applied for: its cases name it."""

case_serial: Final = Sequence("case_serial", metadata=metadata, schema="materials")
"""The running part of case numbers."""

case: Final = Table(
    "case_",
    metadata,
    Column("case_no", Text, primary_key=True),
    text_column("item_code"),
    text_column("item_version"),
    text_column("scenario"),
    id_column("applicant_holder_id"),
    Column("project_id", Uuid(as_uuid=False), ForeignKey(project.c.id)),
    text_column("presence"),
    Column("presence_digest", Text, comment="keyed digest of what the terminal read"),
    id_column("party_id"),
    text_column("operator"),
    text_column("division"),
    text_column("state"),
    moment_column("opened_at"),
    moment_column("closed_at", nullable=True),
    id_column("entry_id"),
    id_column("closing_entry_id", nullable=True),
    Column("answers", LargeBinary, comment="encrypted; answers of the questionnaire"),
    moment_column("accepted_at", nullable=True),
    moment_column("due_at", nullable=True),
    moment_column("statutory_due_at", nullable=True),
    id_column("acceptance_entry_id", nullable=True),
    Column("send_backs", Integer, nullable=False, server_default=text("0")),
    text_column("decision", nullable=True),
    id_column("result_id", nullable=True),
    text_column("from_case_no", nullable=True),
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
    Index("ix_case_party_id_opened_at_entry_id", "party_id", "opened_at", "entry_id"),
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
    id_column("holder_id"),
    UniqueConstraint("case_no", "role", "holder_id"),
)
"""Who else a case is about: shareholders, parents, sellers, workers, the agent."""

confirmation: Final = Table(
    "confirmation",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("case_no", Text, ForeignKey(case.c.case_no), nullable=False),
    text_column("line"),
    id_column("object_id"),
    Column("conditions", ARRAY(Text), nullable=False),
    text_column("stated_by"),
    id_column("signer_id", nullable=True),
    Column("signature", LargeBinary, comment="encrypted; what the holder signed, and the signature as it was kept"),
    text_column("operator"),
    moment_column("at"),
    id_column("entry_id"),
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
    moment_column("kept_at"),
    id_column("entry_id"),
    Index("ix_kept_checklist_kept_at", "kept_at"),
)
"""Checklists as they stood at acceptance: by which route each material came, and why no better one."""
