"""authz: what auditors looked at, and what lets them find it.

Revision: 0034, after 0033.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "audit_look",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("cause", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("kind IN ('case', 'licence', 'material', 'department')", name=op.f("ck_audit_look_kind")),
        sa.CheckConstraint("scope IN ('node', 'organisation')", name=op.f("ck_audit_look_scope")),
        sa.CheckConstraint("since IS NULL OR until IS NULL OR since < until", name=op.f("ck_audit_look_period")),
        sa.ForeignKeyConstraint(["party_id"], ["authz.party.id"], name=op.f("fk_audit_look_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_look")),
        schema="authz",
    )
    op.create_index(
        "ix_audit_look_party_id_at_id", "audit_look", ["party_id", "at", "id"], unique=False, schema="authz"
    )
    op.create_index("ix_audit_look_at_id", "audit_look", ["at", "id"], unique=False, schema="authz")
    op.create_index(
        "ix_use_party_id_opened_at_id", "use_", ["party_id", "opened_at", "id"], unique=False, schema="authz"
    )
    op.create_index("ix_refusal_party_id_at_id", "refusal", ["party_id", "at", "id"], unique=False, schema="authz")
    op.create_index("ix_refusal_case_no_at_id", "refusal", ["case_no", "at", "id"], unique=False, schema="authz")
    op.create_index(
        "ix_material_origin_case_no",
        "material",
        ["origin_case_no"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("origin_case_no IS NOT NULL"),
    )


def downgrade() -> None:
    """Go down."""
    op.drop_index("ix_material_origin_case_no", table_name="material", schema="materials")
    op.drop_index("ix_refusal_case_no_at_id", table_name="refusal", schema="authz")
    op.drop_index("ix_refusal_party_id_at_id", table_name="refusal", schema="authz")
    op.drop_index("ix_use_party_id_opened_at_id", table_name="use_", schema="authz")
    op.drop_table("audit_look", schema="authz")
