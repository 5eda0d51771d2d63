"""authz: enrolled keys, consent at the counter, how a grant was signed.

Revision: 0016, after 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_KINDS = "ck_grant__signer_kind"


def upgrade() -> None:
    """Go up."""
    op.add_column(
        "grant_", sa.Column("assurance", sa.SmallInteger(), server_default="2", nullable=False), schema="authz"
    )
    op.alter_column("grant_", "assurance", server_default=None, schema="authz")
    op.add_column("grant_", sa.Column("key_id", sa.Uuid(as_uuid=False), nullable=True), schema="authz")
    op.add_column("grant_", sa.Column("key_since", sa.DateTime(timezone=True), nullable=True), schema="authz")
    op.drop_constraint(_KINDS, "grant_", schema="authz")
    kinds = "signer_kind IN ('oidc', 'passkey', 'host_app', 'counter')"
    op.create_check_constraint(op.f(_KINDS), "grant_", kinds, schema="authz")
    with_key = "(signer_kind IN ('passkey', 'host_app')) = (key_since IS NOT NULL)"
    op.create_check_constraint(op.f("ck_grant__key"), "grant_", with_key, schema="authz")
    op.create_check_constraint(op.f("ck_grant__assurance"), "grant_", "assurance BETWEEN 1 AND 3", schema="authz")
    _keys()
    _assistance()


def _keys() -> None:
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("assurance", sa.SmallInteger(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("enrolment", sa.LargeBinary(), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revocation", sa.LargeBinary(), nullable=True),
        sa.Column("revocation_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("kind IN ('passkey', 'host_app')", name=op.f("ck_signing_key_kind")),
        sa.CheckConstraint("(revoked_at IS NULL) = (revocation_entry_id IS NULL)", name=op.f("ck_signing_key_revoked")),
        sa.ForeignKeyConstraint(["holder_id"], ["authz.holder.id"], name=op.f("fk_signing_key_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_signing_key_digest")),
        sa.UniqueConstraint("kind", "credential", name=op.f("uq_signing_key_kind_credential")),
        schema="authz",
    )
    op.create_index(
        "ix_signing_key_holder_id_enrolled_at",
        "signing_key",
        ["holder_id", "enrolled_at"],
        unique=False,
        schema="authz",
    )


def _assistance() -> None:
    op.create_table(
        "assistance",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ask_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("signer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("identified_by", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("pad", sa.LargeBinary(), nullable=False),
        sa.Column("pad_sha256", sa.Text(), nullable=False),
        sa.Column("first_operator", sa.Text(), nullable=True),
        sa.Column("first_statement", sa.LargeBinary(), nullable=True),
        sa.Column("second_operator", sa.Text(), nullable=True),
        sa.Column("grant_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("slip", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("identified_by IN ('id_card_read', 'live_code')", name=op.f("ck_assistance_identified_by")),
        sa.CheckConstraint("first_operator <> second_operator", name=op.f("ck_assistance_staff")),
        sa.CheckConstraint(
            "(grant_id IS NULL) = (given_at IS NULL) AND (grant_id IS NULL) = (slip IS NULL)",
            name=op.f("ck_assistance_given"),
        ),
        sa.ForeignKeyConstraint(["ask_id"], ["authz.ask.id"], name=op.f("fk_assistance_ask_id")),
        sa.ForeignKeyConstraint(["party_id"], ["authz.party.id"], name=op.f("fk_assistance_party_id")),
        sa.ForeignKeyConstraint(["signer_id"], ["authz.holder.id"], name=op.f("fk_assistance_signer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistance")),
        sa.UniqueConstraint("slip", name=op.f("uq_assistance_slip")),
        schema="authz",
    )
    op.create_index(
        "ix_assistance_party_id_created_at", "assistance", ["party_id", "created_at"], unique=False, schema="authz"
    )
    op.create_index("ix_assistance_created_at", "assistance", ["created_at"], unique=False, schema="authz")
    op.create_index("ix_assistance_ask_id", "assistance", ["ask_id"], unique=False, schema="authz")


def downgrade() -> None:
    """Go down; grants that another kind of signature gave cannot be kept then."""
    op.drop_index("ix_assistance_created_at", table_name="assistance", schema="authz")
    op.drop_index("ix_assistance_ask_id", table_name="assistance", schema="authz")
    op.drop_index("ix_assistance_party_id_created_at", table_name="assistance", schema="authz")
    op.drop_table("assistance", schema="authz")
    op.drop_index("ix_signing_key_holder_id_enrolled_at", table_name="signing_key", schema="authz")
    op.drop_table("signing_key", schema="authz")
    op.drop_constraint("ck_grant__assurance", "grant_", schema="authz")
    op.drop_constraint("ck_grant__key", "grant_", schema="authz")
    op.drop_constraint(_KINDS, "grant_", schema="authz")
    op.create_check_constraint(op.f(_KINDS), "grant_", "signer_kind IN ('oidc')", schema="authz")
    for column in ("key_since", "key_id", "assurance"):
        op.drop_column("grant_", column, schema="authz")
