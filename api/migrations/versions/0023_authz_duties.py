"""authz: delayed notices, sampling audit, break-glass, joint consent; materials: disputes.

Revision: 0023, after 0022.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_BEFORE = "(basis = 'grant') = (grant_id IS NOT NULL) AND (basis = 'duty') = (duty_id IS NOT NULL)"
_BASIS = _BEFORE + " AND (basis = 'emergency') = (emergency_id IS NOT NULL)"


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "duty_draw",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("checkpoint_size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=False),
        sa.Column("permille", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("picked", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint(
            "permille BETWEEN 0 AND 1000 AND picked BETWEEN 0 AND uses", name=op.f("ck_duty_draw_counts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_draw")),
        schema="authz",
    )
    op.create_index("ix_duty_draw_at", "duty_draw", ["at"], unique=False, schema="authz")
    op.create_table(
        "break_glass",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False, comment="encrypted"),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approval_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("reviewer_party_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("finding", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("mode IN ('verify', 'data', 'copy')", name=op.f("ck_break_glass_mode")),
        sa.CheckConstraint("verdict IN ('justified', 'unjustified')", name=op.f("ck_break_glass_verdict")),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by IS NULL) AND (approved_at IS NULL) = (ends_at IS NULL) AND "
            "(approved_at IS NULL) = (review_due_at IS NULL) AND (approved_at IS NULL) = (approval_entry_id IS NULL)",
            name=op.f("ck_break_glass_approved"),
        ),
        sa.CheckConstraint(
            "(reviewed_at IS NULL) = (verdict IS NULL) AND (reviewed_at IS NULL) = (reviewed_by IS NULL)",
            name=op.f("ck_break_glass_reviewed"),
        ),
        sa.CheckConstraint("opened_by <> approved_by", name=op.f("ck_break_glass_two_people")),
        sa.ForeignKeyConstraint(["holder_id"], ["authz.holder.id"], name=op.f("fk_break_glass_holder_id")),
        sa.ForeignKeyConstraint(["party_id"], ["authz.party.id"], name=op.f("fk_break_glass_party_id")),
        sa.ForeignKeyConstraint(
            ["reviewer_party_id"], ["authz.party.id"], name=op.f("fk_break_glass_reviewer_party_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass")),
        schema="authz",
    )
    op.create_index("ix_break_glass_holder_id", "break_glass", ["holder_id"], unique=False, schema="authz")
    op.create_index(
        "ix_break_glass_party_id_opened_at", "break_glass", ["party_id", "opened_at"], unique=False, schema="authz"
    )
    op.create_index(
        "ix_break_glass_review_due_at_open",
        "break_glass",
        ["review_due_at"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("approved_at IS NOT NULL AND reviewed_at IS NULL"),
    )
    op.create_index(
        "ix_break_glass_reviewer_party_id", "break_glass", ["reviewer_party_id"], unique=False, schema="authz"
    )
    op.create_table(
        "notice_delay",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (end_entry_id IS NULL)",
            name=op.f("ck_notice_delay_ended"),
        ),
        sa.CheckConstraint("until > decided_at", name=op.f("ck_notice_delay_until")),
        sa.ForeignKeyConstraint(["party_id"], ["authz.party.id"], name=op.f("fk_notice_delay_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_delay")),
        schema="authz",
    )
    op.create_index(
        "ix_notice_delay_party_id_case_no_until",
        "notice_delay",
        ["party_id", "case_no", "until"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_notice_delay_party_id_decided_at", "notice_delay", ["party_id", "decided_at"], unique=False, schema="authz"
    )
    op.create_index(
        "ix_notice_delay_until_standing",
        "notice_delay",
        ["until"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "duty_sample",
        sa.Column("use_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("draw_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("picked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("finding", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("judged_by", sa.Text(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("follow_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("verdict IN ('lawful', 'unclear', 'unlawful')", name=op.f("ck_duty_sample_verdict")),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name=op.f("ck_duty_sample_answered")),
        sa.CheckConstraint(
            "(judged_at IS NULL) = (verdict IS NULL) AND (judged_at IS NULL) = (finding IS NULL)",
            name=op.f("ck_duty_sample_judged"),
        ),
        sa.CheckConstraint("closed_at IS NULL OR judged_at IS NOT NULL", name=op.f("ck_duty_sample_closed")),
        sa.ForeignKeyConstraint(["draw_id"], ["authz.duty_draw.id"], name=op.f("fk_duty_sample_draw_id")),
        sa.ForeignKeyConstraint(["party_id"], ["authz.party.id"], name=op.f("fk_duty_sample_party_id")),
        sa.ForeignKeyConstraint(["use_id"], ["authz.use_.id"], name=op.f("fk_duty_sample_use_id")),
        sa.PrimaryKeyConstraint("use_id", name=op.f("pk_duty_sample")),
        schema="authz",
    )
    op.create_index("ix_duty_sample_draw_id", "duty_sample", ["draw_id"], unique=False, schema="authz")
    op.create_index(
        "ix_duty_sample_due_at_use_id_open",
        "duty_sample",
        ["due_at", "use_id"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_duty_sample_party_id_follow_due_at",
        "duty_sample",
        ["party_id", "follow_due_at"],
        unique=False,
        schema="authz",
    )
    op.create_table(
        "duty_use",
        sa.Column("use_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("delay_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["delay_id"], ["authz.notice_delay.id"], name=op.f("fk_duty_use_delay_id")),
        sa.ForeignKeyConstraint(["party_id"], ["authz.party.id"], name=op.f("fk_duty_use_party_id")),
        sa.ForeignKeyConstraint(["use_id"], ["authz.use_.id"], name=op.f("fk_duty_use_use_id")),
        sa.PrimaryKeyConstraint("use_id", name=op.f("pk_duty_use")),
        schema="authz",
    )
    op.create_index(
        "ix_duty_use_delay_id",
        "duty_use",
        ["delay_id"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("delay_id IS NOT NULL"),
    )
    op.create_index(
        "ix_duty_use_opened_at_undrawn",
        "duty_use",
        ["opened_at"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("drawn_at IS NULL"),
    )
    op.create_index("ix_duty_use_party_id", "duty_use", ["party_id"], unique=False, schema="authz")
    op.create_table(
        "use_grant",
        sa.Column("use_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("grant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("grantor_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["authz.grant_.id"], name=op.f("fk_use_grant_grant_id")),
        sa.ForeignKeyConstraint(["grantor_id"], ["authz.holder.id"], name=op.f("fk_use_grant_grantor_id")),
        sa.ForeignKeyConstraint(["use_id"], ["authz.use_.id"], name=op.f("fk_use_grant_use_id")),
        sa.PrimaryKeyConstraint("use_id", "grant_id", name=op.f("pk_use_grant")),
        schema="authz",
    )
    op.create_index("ix_use_grant_grant_id", "use_grant", ["grant_id"], unique=False, schema="authz")
    op.create_index(
        "ix_use_grant_grantor_id_opened_at_use_id",
        "use_grant",
        ["grantor_id", "opened_at", "use_id"],
        unique=False,
        schema="authz",
    )
    op.create_table(
        "dispute",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("material_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("depositor_party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("signer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("representation", sa.Text(), nullable=True),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False, comment="encrypted; canonical text of what was signed"),
        sa.Column("id_token", sa.LargeBinary(), nullable=False, comment="the kept signature, encrypted"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("successor_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (answered_at IS NULL) AND (state = 'open') = (answer_entry_id IS NULL)",
            name=op.f("ck_dispute_answered"),
        ),
        sa.CheckConstraint(
            "(state IN ('rejected', 'corrected')) = (answer IS NOT NULL AND operator IS NOT NULL)",
            name=op.f("ck_dispute_answer"),
        ),
        sa.CheckConstraint("state = 'corrected' OR successor_id IS NULL", name=op.f("ck_dispute_successor")),
        sa.CheckConstraint("state IN ('open', 'rejected', 'corrected', 'withdrawn')", name=op.f("ck_dispute_state")),
        sa.ForeignKeyConstraint(["material_id"], ["materials.material.id"], name=op.f("fk_dispute_material_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["materials.material.id"], name=op.f("fk_dispute_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        schema="materials",
    )
    op.create_index(
        "ix_dispute_depositor_party_id_open",
        "dispute",
        ["depositor_party_id", "opened_at", "id"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_dispute_depositor_party_id_opened_at_id",
        "dispute",
        ["depositor_party_id", "opened_at", "id"],
        unique=False,
        schema="materials",
    )
    op.create_index(
        "ix_dispute_due_at_open",
        "dispute",
        ["due_at"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_dispute_holder_id_opened_at", "dispute", ["holder_id", "opened_at"], unique=False, schema="materials"
    )
    op.create_index(
        "ix_dispute_material_id_opened_at", "dispute", ["material_id", "opened_at"], unique=False, schema="materials"
    )
    op.create_index(
        "ix_dispute_successor_id",
        "dispute",
        ["successor_id"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("successor_id IS NOT NULL"),
    )
    op.create_index(
        "uq_dispute_open",
        "dispute",
        ["material_id"],
        unique=True,
        schema="materials",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "correction",
        sa.Column("dispute_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["dispute_id"], ["materials.dispute.id"], name=op.f("fk_correction_dispute_id")),
        sa.PrimaryKeyConstraint("dispute_id", "party_id", name=op.f("pk_correction")),
        schema="materials",
    )
    op.create_index(
        "ix_correction_party_id_at_dispute_id",
        "correction",
        ["party_id", "at", "dispute_id"],
        unique=False,
        schema="materials",
    )
    op.add_column(
        "ask",
        sa.Column(
            "joint_id", sa.Uuid(as_uuid=False), nullable=True, comment="the applicant's ask, of another holder's"
        ),
        schema="authz",
    )
    op.create_index(
        "ix_ask_joint_id",
        "ask",
        ["joint_id"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("joint_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_ask_joint_id"), "ask", "ask", ["joint_id"], ["id"], source_schema="authz", referent_schema="authz"
    )
    op.add_column("use_", sa.Column("emergency_id", sa.Uuid(as_uuid=False), nullable=True), schema="authz")
    op.create_index(
        "ix_use_emergency_id",
        "use_",
        ["emergency_id"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("emergency_id IS NOT NULL"),
    )
    op.create_foreign_key(
        "fk_use_emergency_id",
        "use_",
        "break_glass",
        ["emergency_id"],
        ["id"],
        source_schema="authz",
        referent_schema="authz",
    )
    op.drop_constraint(op.f("ck_use__basis"), "use_", schema="authz", type_="check")
    op.create_check_constraint(op.f("ck_use__basis"), "use_", _BASIS, schema="authz")


def downgrade() -> None:
    """Go down."""
    op.drop_constraint(op.f("ck_use__basis"), "use_", schema="authz", type_="check")
    op.create_check_constraint(op.f("ck_use__basis"), "use_", _BEFORE, schema="authz")
    op.drop_constraint("fk_use_emergency_id", "use_", schema="authz", type_="foreignkey")
    op.drop_index(
        "ix_use_emergency_id", table_name="use_", schema="authz", postgresql_where=sa.text("emergency_id IS NOT NULL")
    )
    op.drop_column("use_", "emergency_id", schema="authz")
    op.drop_constraint(op.f("fk_ask_joint_id"), "ask", schema="authz", type_="foreignkey")
    op.drop_index("ix_ask_joint_id", table_name="ask", schema="authz", postgresql_where=sa.text("joint_id IS NOT NULL"))
    op.drop_column("ask", "joint_id", schema="authz")
    op.drop_index("ix_correction_party_id_at_dispute_id", table_name="correction", schema="materials")
    op.drop_table("correction", schema="materials")
    op.drop_index(
        "uq_dispute_open", table_name="dispute", schema="materials", postgresql_where=sa.text("state = 'open'")
    )
    op.drop_index(
        "ix_dispute_successor_id",
        table_name="dispute",
        schema="materials",
        postgresql_where=sa.text("successor_id IS NOT NULL"),
    )
    op.drop_index("ix_dispute_material_id_opened_at", table_name="dispute", schema="materials")
    op.drop_index("ix_dispute_holder_id_opened_at", table_name="dispute", schema="materials")
    op.drop_index(
        "ix_dispute_due_at_open", table_name="dispute", schema="materials", postgresql_where=sa.text("state = 'open'")
    )
    op.drop_index("ix_dispute_depositor_party_id_opened_at_id", table_name="dispute", schema="materials")
    op.drop_index(
        "ix_dispute_depositor_party_id_open",
        table_name="dispute",
        schema="materials",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("dispute", schema="materials")
    op.drop_index("ix_use_grant_grantor_id_opened_at_use_id", table_name="use_grant", schema="authz")
    op.drop_index("ix_use_grant_grant_id", table_name="use_grant", schema="authz")
    op.drop_table("use_grant", schema="authz")
    op.drop_index("ix_duty_use_party_id", table_name="duty_use", schema="authz")
    op.drop_index(
        "ix_duty_use_opened_at_undrawn",
        table_name="duty_use",
        schema="authz",
        postgresql_where=sa.text("drawn_at IS NULL"),
    )
    op.drop_index(
        "ix_duty_use_delay_id", table_name="duty_use", schema="authz", postgresql_where=sa.text("delay_id IS NOT NULL")
    )
    op.drop_table("duty_use", schema="authz")
    op.drop_index("ix_duty_sample_party_id_follow_due_at", table_name="duty_sample", schema="authz")
    op.drop_index(
        "ix_duty_sample_due_at_use_id_open",
        table_name="duty_sample",
        schema="authz",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_duty_sample_draw_id", table_name="duty_sample", schema="authz")
    op.drop_table("duty_sample", schema="authz")
    op.drop_index(
        "ix_notice_delay_until_standing",
        table_name="notice_delay",
        schema="authz",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_notice_delay_party_id_decided_at", table_name="notice_delay", schema="authz")
    op.drop_index(
        "ix_notice_delay_party_id_case_no_until",
        table_name="notice_delay",
        schema="authz",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("notice_delay", schema="authz")
    op.drop_index("ix_break_glass_reviewer_party_id", table_name="break_glass", schema="authz")
    op.drop_index(
        "ix_break_glass_review_due_at_open",
        table_name="break_glass",
        schema="authz",
        postgresql_where=sa.text("approved_at IS NOT NULL AND reviewed_at IS NULL"),
    )
    op.drop_index("ix_break_glass_party_id_opened_at", table_name="break_glass", schema="authz")
    op.drop_index("ix_break_glass_holder_id", table_name="break_glass", schema="authz")
    op.drop_table("break_glass", schema="authz")
    op.drop_index("ix_duty_draw_at", table_name="duty_draw", schema="authz")
    op.drop_table("duty_draw", schema="authz")
