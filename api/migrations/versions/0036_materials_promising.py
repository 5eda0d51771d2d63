"""materials_promising

Revision: 0036, after 0035.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_STATES = "state IN ('proposed','declined','signed','withdrawn','kept','overdue','breached')"
_STATES_BEFORE = "state IN ('proposed','signed','kept','overdue','breached')"
_SIGNED = "(state IN ('proposed','declined')) = (signed_at IS NULL)"
_SIGNED_BEFORE = "(state = 'proposed') = (signed_at IS NULL)"


def upgrade() -> None:
    """Go up."""
    for column in (
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "end_signature",
            sa.LargeBinary(),
            nullable=True,
            comment="of the holder who took it back, encrypted",
        ),
        sa.Column("end_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "check_due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it is to be checked afterwards; null: not countable yet",
        ),
        sa.Column("check_told_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("commitment", column, schema="materials")
    _checks({"state": _STATES, "signed_at": _SIGNED})
    for name, test in {
        "ended_at": "(state IN ('declined','withdrawn')) = (ended_at IS NOT NULL)",
        "end_entry": "(ended_at IS NULL) = (end_entry_id IS NULL)",
    }.items():
        op.create_check_constraint(op.f(f"ck_commitment_{name}"), "commitment", test, schema="materials")
    op.create_index("ix_commitment_holder_id_id", "commitment", ["holder_id", "id"], unique=False, schema="materials")
    op.create_index(
        "ix_commitment_check_due_at_open",
        "commitment",
        ["check_due_at"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("state IN ('signed','overdue') AND check_told_at IS NULL"),
    )
    op.create_index(
        "ix_commitment_party_id_check_due_at",
        "commitment",
        ["party_id", "check_due_at"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("state IN ('signed','overdue')"),
    )
    _counter_signature()
    batch = sa.Column(
        "batch_id",
        sa.Uuid(as_uuid=False),
        nullable=True,
        comment="the consents it is answered with, by one signature",
    )
    op.add_column("inquiry", batch, schema="materials")


def _counter_signature() -> None:
    op.create_table(
        "counter_signature",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("commitment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("signer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("identified_by", sa.Text(), nullable=False),
        sa.Column("pad", sa.LargeBinary(), nullable=False, comment="encrypted"),
        sa.Column("pad_sha256", sa.Text(), nullable=False),
        sa.Column("first_operator", sa.Text(), nullable=True),
        sa.Column("first_statement", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("second_operator", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "identified_by IN ('id_card_read', 'live_code')", name=op.f("ck_counter_signature_identified_by")
        ),
        sa.CheckConstraint("first_operator <> second_operator", name=op.f("ck_counter_signature_staff")),
        sa.CheckConstraint("(second_operator IS NULL) = (signed_at IS NULL)", name=op.f("ck_counter_signature_signed")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["materials.commitment.id"], name=op.f("fk_counter_signature_commitment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_signature")),
        schema="materials",
    )
    op.create_index(
        "ix_counter_signature_commitment_id", "counter_signature", ["commitment_id"], unique=False, schema="materials"
    )
    op.create_index(
        "ix_counter_signature_party_id_id", "counter_signature", ["party_id", "id"], unique=False, schema="materials"
    )


def downgrade() -> None:
    """Go down; what was taken back was never more than proposed, and goes."""
    op.drop_column("inquiry", "batch_id", schema="materials")
    op.drop_table("counter_signature", schema="materials")
    op.execute(
        "DELETE FROM materials.owed WHERE commitment_id IN "
        "(SELECT id FROM materials.commitment WHERE state IN ('declined','withdrawn'))"
    )
    op.execute("DELETE FROM materials.commitment WHERE state IN ('declined','withdrawn')")
    for name in (
        "ix_commitment_party_id_check_due_at",
        "ix_commitment_check_due_at_open",
        "ix_commitment_holder_id_id",
    ):
        op.drop_index(name, table_name="commitment", schema="materials")
    for name in ("end_entry", "ended_at"):
        op.drop_constraint(op.f(f"ck_commitment_{name}"), "commitment", schema="materials")
    _checks({"state": _STATES_BEFORE, "signed_at": _SIGNED_BEFORE})
    for name in ("check_told_at", "check_due_at", "end_entry_id", "end_signature", "ended_at"):
        op.drop_column("commitment", name, schema="materials")


def _checks(tests: dict[str, str]) -> None:
    for name, test in tests.items():
        op.drop_constraint(op.f(f"ck_commitment_{name}"), "commitment", schema="materials")
        op.create_check_constraint(op.f(f"ck_commitment_{name}"), "commitment", test, schema="materials")
