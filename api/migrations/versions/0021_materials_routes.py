"""materials: checks, requests between departments, generated documents, commitments.

Revision: 0021, after 0020.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    _data_check()
    _generated()
    _assist_request()
    _commitment()
    _owed()


def _data_check() -> None:
    op.create_table(
        "data_check",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column(
            "asked_mac",
            sa.LargeBinary(),
            nullable=False,
            comment="keyed digest of question, subject and what it brings",
        ),
        sa.Column("answer_mac", sa.LargeBinary(), nullable=True, comment="keyed digest of result and values"),
        sa.Column("given", sa.LargeBinary(), nullable=False, comment="encrypted"),
        sa.Column(
            "answer", sa.LargeBinary(), nullable=True, comment="encrypted: values, and the source's answer as it came"
        ),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("use_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("asked_entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint(
            "(state = 'answered') <= (result IS NOT NULL AND valid_until IS NOT NULL)",
            name=op.f("ck_data_check_answered"),
        ),
        sa.CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name=op.f("ck_data_check_answered_at")),
        sa.CheckConstraint("(state = 'asked') = (entry_id IS NULL)", name=op.f("ck_data_check_entry")),
        sa.CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name=op.f("ck_data_check_failure")),
        sa.CheckConstraint("result IN ('yes','no','value','unknown')", name=op.f("ck_data_check_result")),
        sa.CheckConstraint("state IN ('asked','answered','failed')", name=op.f("ck_data_check_state")),
        sa.ForeignKeyConstraint(["case_no"], ["materials.case_.case_no"], name=op.f("fk_data_check_case_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_check")),
        schema="materials",
    )
    op.create_index(
        "ix_data_check_asked_at_open",
        "data_check",
        ["asked_at"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_index(
        "ix_data_check_asked_mac_answered_at",
        "data_check",
        ["asked_mac", "answered_at"],
        unique=False,
        schema="materials",
    )
    op.create_index(
        "ix_data_check_case_no_asked_at", "data_check", ["case_no", "asked_at"], unique=False, schema="materials"
    )


def _generated() -> None:
    op.create_table(
        "generated",
        sa.Column("material_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("template_version", sa.Text(), nullable=False),
        sa.Column("sources", sa.LargeBinary(), nullable=False, comment="encrypted: each value and where it came from"),
        sa.Column("seals", postgresql.ARRAY(sa.Text()), nullable=False, comment="places that are sealed already"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["materials.case_.case_no"], name=op.f("fk_generated_case_no")),
        sa.ForeignKeyConstraint(["material_id"], ["materials.material.id"], name=op.f("fk_generated_material_id")),
        sa.PrimaryKeyConstraint("material_id", name=op.f("pk_generated")),
        schema="materials",
    )
    op.create_index("ix_generated_case_no", "generated", ["case_no"], unique=False, schema="materials")


def _assist_request() -> None:
    op.create_table(
        "assist_request",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("to_party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False, comment="encrypted"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False, comment="working days"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_operator", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("material_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("ended_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint(
            "(result = 'material') <= (material_id IS NOT NULL)", name=op.f("ck_assist_request_material")
        ),
        sa.CheckConstraint("(state = 'answered') = (result IS NOT NULL)", name=op.f("ck_assist_request_answered")),
        sa.CheckConstraint(
            "(state IN ('asked','overdue')) = (ended_at IS NULL)", name=op.f("ck_assist_request_ended_at")
        ),
        sa.CheckConstraint("result IN ('yes','no','material')", name=op.f("ck_assist_request_result")),
        sa.CheckConstraint(
            "state IN ('asked','overdue','answered','refused','withdrawn')", name=op.f("ck_assist_request_state")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_entry_id IS NULL)", name=op.f("ck_assist_request_ended")),
        sa.CheckConstraint(
            "(overdue_at IS NULL) = (overdue_entry_id IS NULL)", name=op.f("ck_assist_request_overdue_at")
        ),
        sa.CheckConstraint("days > 0", name=op.f("ck_assist_request_days")),
        sa.ForeignKeyConstraint(["case_no"], ["materials.case_.case_no"], name=op.f("fk_assist_request_case_no")),
        sa.ForeignKeyConstraint(["material_id"], ["materials.material.id"], name=op.f("fk_assist_request_material_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assist_request")),
        schema="materials",
    )
    op.create_index("ix_assist_request_case_no", "assist_request", ["case_no"], unique=False, schema="materials")
    op.create_index(
        "ix_assist_request_due_at_open",
        "assist_request",
        ["due_at"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_index(
        "ix_assist_request_party_id_id", "assist_request", ["party_id", "id"], unique=False, schema="materials"
    )
    op.create_index(
        "ix_assist_request_to_party_id_id", "assist_request", ["to_party_id", "id"], unique=False, schema="materials"
    )


def _commitment() -> None:
    op.create_table(
        "commitment",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("item_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("letter_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "terms", sa.LargeBinary(), nullable=False, comment="canonical bytes that are signed; ids and dates only"
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signer_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "next_due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="of what is still owed, the earliest",
        ),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_result", sa.Text(), nullable=True),
        sa.Column("checked_by", sa.Text(), nullable=True),
        sa.Column("finding", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("check_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("barred_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'breached') = (barred_until IS NOT NULL)", name=op.f("ck_commitment_barred")),
        sa.CheckConstraint("(state = 'proposed') = (signed_at IS NULL)", name=op.f("ck_commitment_signed_at")),
        sa.CheckConstraint("check_result IN ('kept','breached')", name=op.f("ck_commitment_check_result")),
        sa.CheckConstraint("kind IN ('commitment','tolerant')", name=op.f("ck_commitment_kind")),
        sa.CheckConstraint(
            "state IN ('proposed','signed','kept','overdue','breached')", name=op.f("ck_commitment_state")
        ),
        sa.CheckConstraint("(checked_at IS NULL) = (check_entry_id IS NULL)", name=op.f("ck_commitment_checked_at")),
        sa.CheckConstraint("(signed_at IS NULL) = (entry_id IS NULL)", name=op.f("ck_commitment_entry")),
        sa.CheckConstraint("(signed_at IS NULL) = (signature IS NULL)", name=op.f("ck_commitment_signature")),
        sa.ForeignKeyConstraint(["case_no"], ["materials.case_.case_no"], name=op.f("fk_commitment_case_no")),
        sa.ForeignKeyConstraint(["letter_id"], ["materials.material.id"], name=op.f("fk_commitment_letter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        schema="materials",
    )
    op.create_index("ix_commitment_case_no", "commitment", ["case_no"], unique=False, schema="materials")
    op.create_index(
        "ix_commitment_holder_id_broken",
        "commitment",
        ["holder_id"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("state IN ('overdue','breached')"),
    )
    op.create_index(
        "ix_commitment_next_due_at_open",
        "commitment",
        ["next_due_at"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("state = 'signed'"),
    )


def _owed() -> None:
    op.create_table(
        "owed",
        sa.Column("commitment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fulfilled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("material_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("(fulfilled_at IS NULL) = (entry_id IS NULL)", name=op.f("ck_owed_entry")),
        sa.CheckConstraint("(fulfilled_at IS NULL) = (material_id IS NULL)", name=op.f("ck_owed_fulfilled")),
        sa.ForeignKeyConstraint(["commitment_id"], ["materials.commitment.id"], name=op.f("fk_owed_commitment_id")),
        sa.ForeignKeyConstraint(["material_id"], ["materials.material.id"], name=op.f("fk_owed_material_id")),
        sa.PrimaryKeyConstraint("commitment_id", "type_code", name=op.f("pk_owed")),
        schema="materials",
    )


def downgrade() -> None:
    """Go down."""
    op.drop_table("owed", schema="materials")
    op.drop_table("commitment", schema="materials")
    op.drop_table("assist_request", schema="materials")
    op.drop_table("generated", schema="materials")
    op.drop_table("data_check", schema="materials")
