"""authz: onboarding, limits.

Revision: 0018, after 0017.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "access_request",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("provider_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("item_code", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("answer_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("(state = 'open') = (answered_at IS NULL)", name=op.f("ck_access_request_answered")),
        sa.CheckConstraint("state IN ('open', 'approved', 'refused', 'ended')", name=op.f("ck_access_request_state")),
        sa.CheckConstraint("party_id <> provider_id", name=op.f("ck_access_request_two")),
        sa.ForeignKeyConstraint(["party_id"], ["authz.party.id"], name=op.f("fk_access_request_party_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["authz.party.id"], name=op.f("fk_access_request_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_request")),
        schema="authz",
    )
    op.create_index(
        "ix_access_request_due_at_open",
        "access_request",
        ["due_at"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_access_request_party_id_asked_at", "access_request", ["party_id", "asked_at"], unique=False, schema="authz"
    )
    op.create_index(
        "ix_access_request_provider_id_asked_at",
        "access_request",
        ["provider_id", "asked_at"],
        unique=False,
        schema="authz",
    )
    op.create_index(
        "uq_access_request_standing",
        "access_request",
        ["party_id", "type_code", "item_code"],
        unique=True,
        schema="authz",
        postgresql_where=sa.text("state IN ('open', 'approved')"),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("org_code", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("keys", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("certificates", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("operators", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("filed_for", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_application_decided")),
        sa.CheckConstraint("kind IN ('government', 'enforcement', 'social')", name=op.f("ck_application_kind")),
        sa.CheckConstraint("state IN ('open', 'approved', 'refused')", name=op.f("ck_application_state")),
        sa.CheckConstraint("decided_by IS DISTINCT FROM filed_by", name=op.f("ck_application_two")),
        sa.ForeignKeyConstraint(["filed_for"], ["authz.party.id"], name=op.f("fk_application_filed_for")),
        sa.ForeignKeyConstraint(["party_id"], ["authz.party.id"], name=op.f("fk_application_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        schema="authz",
    )
    op.create_index("ix_application_filed_at", "application", ["filed_at"], unique=False, schema="authz")
    op.create_index("ix_application_filed_for", "application", ["filed_for"], unique=False, schema="authz")
    op.create_index(
        "ix_application_party_id",
        "application",
        ["party_id"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("party_id IS NOT NULL"),
    )
    op.create_table(
        "party_limit",
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_party_limit_amount")),
        sa.ForeignKeyConstraint(["party_id"], ["authz.party.id"], name=op.f("fk_party_limit_party_id")),
        sa.PrimaryKeyConstraint("party_id", "what", name=op.f("pk_party_limit")),
        schema="authz",
    )
    op.create_table(
        "party_usage",
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["authz.party.id"], name=op.f("fk_party_usage_party_id")),
        sa.PrimaryKeyConstraint("party_id", "what", "since", name=op.f("pk_party_usage")),
        schema="authz",
    )
    op.create_index("ix_party_usage_since", "party_usage", ["since"], unique=False, schema="authz")
    op.create_table(
        "provider",
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["authz.party.id"], name=op.f("fk_provider_party_id")),
        sa.PrimaryKeyConstraint("type_code", name=op.f("pk_provider")),
        schema="authz",
    )
    op.create_index("ix_provider_party_id", "provider", ["party_id"], unique=False, schema="authz")
    op.create_table(
        "client_certificate",
        sa.Column("thumbprint", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["authz.client.id"], name=op.f("fk_client_certificate_client_id")),
        sa.PrimaryKeyConstraint("thumbprint", name=op.f("pk_client_certificate")),
        schema="authz",
    )
    op.create_index(
        "ix_client_certificate_client_id", "client_certificate", ["client_id"], unique=False, schema="authz"
    )
    op.create_table(
        "self_check",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["authz.client.id"], name=op.f("fk_self_check_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_check")),
        schema="authz",
    )
    op.create_index("ix_self_check_client_id_at", "self_check", ["client_id", "at"], unique=False, schema="authz")
    op.add_column(
        "party",
        sa.Column("contact", sa.LargeBinary(), nullable=True, comment="who answers for it, encrypted"),
        schema="authz",
    )
    op.create_index("ix_party_created_at", "party", ["created_at"], unique=False, schema="authz")
    op.drop_constraint("ck_client_key_alg", "client_key", schema="authz", type_="check")
    op.create_check_constraint(
        op.f("ck_client_key_alg"), "client_key", "alg IN ('ES256', 'EdDSA', 'SM2')", schema="authz"
    )


def downgrade() -> None:
    """Go down."""
    op.execute("DELETE FROM authz.client_key WHERE alg = 'SM2'")
    op.drop_constraint("ck_client_key_alg", "client_key", schema="authz", type_="check")
    op.create_check_constraint(op.f("ck_client_key_alg"), "client_key", "alg IN ('ES256', 'EdDSA')", schema="authz")

    op.drop_index("ix_party_created_at", table_name="party", schema="authz")
    op.drop_column("party", "contact", schema="authz")
    op.drop_index("ix_self_check_client_id_at", table_name="self_check", schema="authz")
    op.drop_table("self_check", schema="authz")
    op.drop_index("ix_client_certificate_client_id", table_name="client_certificate", schema="authz")
    op.drop_table("client_certificate", schema="authz")
    op.drop_index("ix_provider_party_id", table_name="provider", schema="authz")
    op.drop_table("provider", schema="authz")
    op.drop_index("ix_party_usage_since", table_name="party_usage", schema="authz")
    op.drop_table("party_usage", schema="authz")
    op.drop_table("party_limit", schema="authz")
    op.drop_index(
        "ix_application_party_id",
        table_name="application",
        schema="authz",
        postgresql_where=sa.text("party_id IS NOT NULL"),
    )
    op.drop_index("ix_application_filed_for", table_name="application", schema="authz")
    op.drop_index("ix_application_filed_at", table_name="application", schema="authz")
    op.drop_table("application", schema="authz")
    op.drop_index(
        "uq_access_request_standing",
        table_name="access_request",
        schema="authz",
        postgresql_where=sa.text("state IN ('open', 'approved')"),
    )
    op.drop_index("ix_access_request_provider_id_asked_at", table_name="access_request", schema="authz")
    op.drop_index("ix_access_request_party_id_asked_at", table_name="access_request", schema="authz")
    op.drop_index(
        "ix_access_request_due_at_open",
        table_name="access_request",
        schema="authz",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("access_request", schema="authz")
