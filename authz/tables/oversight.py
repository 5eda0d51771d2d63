"""What watches over uses that no holder was asked about."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Uuid, text

from authz.tables.base import bytes_column, id_column, key_column, metadata, moment_column, text_column
from authz.tables.parties import party
from authz.tables.uses import use

notice_delay: Final = Table(
    "notice_delay",
    metadata,
    key_column(),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    text_column("case_no"),
    text_column("ground"),
    text_column("article"),
    text_column("decided_by"),
    moment_column("decided_at"),
    moment_column("until"),
    id_column("entry_id"),
    text_column("ended_by", nullable=True),
    moment_column("ended_at", nullable=True),
    id_column("end_entry_id", nullable=True),
    CheckConstraint("until > decided_at", name="until"),
    CheckConstraint(
        "(ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (end_entry_id IS NULL)", name="ended"
    ),
    Index(
        "ix_notice_delay_party_id_case_no_until",
        "party_id",
        "case_no",
        "until",
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("ix_notice_delay_party_id_decided_at", "party_id", "decided_at"),
    Index("ix_notice_delay_until_standing", "until", postgresql_where=text("ended_at IS NULL")),
)
"""Decisions that holders hear later of the duty uses of a case (`authz.dutynotices`)."""

duty_use: Final = Table(
    "duty_use",
    metadata,
    Column("use_id", Uuid(as_uuid=False), ForeignKey(use.c.id), primary_key=True),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    id_column("entry_id"),
    moment_column("opened_at"),
    Column("delay_id", Uuid(as_uuid=False), ForeignKey(notice_delay.c.id)),
    moment_column("drawn_at", nullable=True),
    Index("ix_duty_use_delay_id", "delay_id", postgresql_where=text("delay_id IS NOT NULL")),
    Index("ix_duty_use_opened_at_undrawn", "opened_at", postgresql_where=text("drawn_at IS NULL")),
    Index("ix_duty_use_party_id", "party_id"),
)
"""Duty uses: which delay each was made under, and whether a draw has seen it."""

duty_draw: Final = Table(
    "duty_draw",
    metadata,
    key_column(),
    Column("checkpoint_size", BigInteger, nullable=False),
    bytes_column("root"),
    text_column("note"),
    bytes_column("seed"),
    Column("permille", Integer, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("picked", Integer, nullable=False),
    moment_column("at"),
    id_column("entry_id"),
    CheckConstraint("permille BETWEEN 0 AND 1000 AND picked BETWEEN 0 AND uses", name="counts"),
    Index("ix_duty_draw_at", "at"),
)
"""Draws of duty uses for audit, each with what makes it reproducible (`authz.sampling`)."""

duty_sample: Final = Table(
    "duty_sample",
    metadata,
    Column("use_id", Uuid(as_uuid=False), ForeignKey(use.c.id), primary_key=True),
    Column("draw_id", Uuid(as_uuid=False), ForeignKey(duty_draw.c.id), nullable=False),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    moment_column("picked_at"),
    moment_column("due_at"),
    text_column("verdict", nullable=True),
    Column("finding", LargeBinary, comment="encrypted"),
    text_column("judged_by", nullable=True),
    moment_column("judged_at", nullable=True),
    id_column("entry_id", nullable=True),
    moment_column("follow_due_at", nullable=True),
    Column("answer", LargeBinary, comment="encrypted"),
    text_column("answered_by", nullable=True),
    moment_column("answered_at", nullable=True),
    id_column("answer_entry_id", nullable=True),
    text_column("closed_by", nullable=True),
    moment_column("closed_at", nullable=True),
    id_column("close_entry_id", nullable=True),
    CheckConstraint("verdict IN ('lawful', 'unclear', 'unlawful')", name="verdict"),
    CheckConstraint(
        "(judged_at IS NULL) = (verdict IS NULL) AND (judged_at IS NULL) = (finding IS NULL)", name="judged"
    ),
    CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
    CheckConstraint("closed_at IS NULL OR judged_at IS NOT NULL", name="closed"),
    Index("ix_duty_sample_draw_id", "draw_id"),
    Index("ix_duty_sample_due_at_use_id_open", "due_at", "use_id", postgresql_where=text("closed_at IS NULL")),
    Index("ix_duty_sample_party_id_follow_due_at", "party_id", "follow_due_at"),
)
"""Duty uses that were drawn, the auditor's verdict on each, and what followed."""

audit_look: Final = Table(
    "audit_look",
    metadata,
    key_column(),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    text_column("operator"),
    text_column("kind"),
    text_column("subject"),
    text_column("scope"),
    moment_column("since", nullable=True),
    moment_column("until", nullable=True),
    bytes_column("cause"),
    moment_column("at"),
    id_column("entry_id"),
    CheckConstraint("kind IN ('case', 'licence', 'material', 'department')", name="kind"),
    CheckConstraint("scope IN ('node', 'organisation')", name="scope"),
    CheckConstraint("since IS NULL OR until IS NULL OR since < until", name="period"),
    Index("ix_audit_look_party_id_at_id", "party_id", "at", "id"),
    Index("ix_audit_look_at_id", "at", "id"),
)
"""What auditors looked at, each with its log entry (`authz.auditlooks`); `cause` is encrypted."""
