"""certs: issuers' seal and signing keys.

Revision: 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "seal_ca",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False, comment="DER"),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False, comment="SHA-256"),
        sa.Column("provider", sa.Text(), nullable=True, comment="where the key of a root of our own lies"),
        sa.Column("maker_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("maker_certificate", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("algorithm IN ('ES256', 'SM2')", name=op.f("ck_seal_ca_algorithm")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_ca")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_seal_ca_fingerprint")),
        schema="certs",
    )
    op.create_index(
        "uq_seal_ca_own",
        "seal_ca",
        ["algorithm"],
        unique=True,
        schema="certs",
        postgresql_where=sa.text("provider IS NOT NULL"),
    )
    op.create_table(
        "seal_key",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("org_code", sa.Text(), nullable=False),
        sa.Column("org_name", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False, comment="DER"),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False, comment="SHA-256"),
        sa.Column("chain", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("eseal", sa.LargeBinary(), nullable=True, comment="GB/T 38540, SM2 only"),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("end_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("algorithm IN ('ES256', 'SM2')", name=op.f("ck_seal_key_algorithm")),
        sa.CheckConstraint("(algorithm = 'SM2') = (eseal IS NOT NULL)", name=op.f("ck_seal_key_eseal")),
        sa.CheckConstraint("(revoked_at IS NULL) = (end_entry_id IS NULL)", name=op.f("ck_seal_key_revoked")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_key")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_seal_key_fingerprint")),
        schema="certs",
    )
    op.create_index("ix_seal_key_org_code", "seal_key", ["org_code"], schema="certs")
    op.create_index(
        "ix_seal_key_revoked_at",
        "seal_key",
        ["revoked_at"],
        schema="certs",
        postgresql_where=sa.text("revoked_at IS NOT NULL"),
    )
    op.create_index(
        "uq_seal_key_current",
        "seal_key",
        ["org_code", "algorithm"],
        unique=True,
        schema="certs",
        postgresql_where=sa.text("retired_at IS NULL AND revoked_at IS NULL"),
    )


def downgrade() -> None:
    """Go down."""
    op.drop_table("seal_key", schema="certs")
    op.drop_table("seal_ca", schema="certs")
