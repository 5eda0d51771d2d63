"""certs: derived copies; api: webhooks.

Revision: 0013, after 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column(
        "use_",
        sa.Column(
            "content_size",
            sa.BigInteger(),
            nullable=True,
            comment="bytes delivered where that is not the object itself",
        ),
        schema="authz",
    )
    _files()
    _copy()
    _webhook()
    _webhook_message()


def _files() -> None:
    for name in ("pdf_sha256", "ofd_sha256"):
        op.create_index(
            f"ix_licence_{name}",
            "licence",
            [name],
            unique=False,
            schema="certs",
            postgresql_where=sa.text(f"{name} IS NOT NULL"),
        )


def _copy() -> None:
    op.create_table(
        "copy",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("use_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("licence_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("rendition", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("object_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("sm3", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("rendition IN ('copy', 'data', 'verify')", name=op.f("ck_copy_rendition")),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_copy_period")),
        sa.CheckConstraint(
            "(made_at IS NULL) = (object_id IS NULL) AND (made_at IS NULL) = (sha256 IS NULL)"
            " AND (made_at IS NULL) = (sm3 IS NULL) AND (made_at IS NULL) = (entry_id IS NULL)",
            name=op.f("ck_copy_made"),
        ),
        sa.ForeignKeyConstraint(["licence_id"], ["certs.licence.id"], name=op.f("fk_copy_licence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy")),
        sa.UniqueConstraint("use_id", name=op.f("uq_copy_use_id")),
        schema="certs",
    )
    op.create_index(
        "ix_copy_sha256",
        "copy",
        ["sha256"],
        unique=False,
        schema="certs",
        postgresql_where=sa.text("sha256 IS NOT NULL"),
    )


def _webhook() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False, comment="encrypted"),
        sa.Column("older_secret", sa.LargeBinary(), nullable=True, comment="encrypted; signs too until older_until"),
        sa.Column("older_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('active', 'disabled', 'removed')", name=op.f("ck_webhook_state")),
        sa.CheckConstraint("(older_secret IS NULL) = (older_until IS NULL)", name=op.f("ck_webhook_older")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        schema="api",
    )
    op.create_index("ix_webhook_party_id", "webhook", ["party_id"], unique=False, schema="api")


def _webhook_message() -> None:
    op.create_table(
        "webhook_message",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("webhook_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("event", sa.Text(), nullable=False, comment="names what happened"),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="JSON as it is sent; ids only"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("replays", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True, comment="a code, never a message"),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'delivered', 'failed')", name=op.f("ck_webhook_message_state")),
        sa.ForeignKeyConstraint(["webhook_id"], ["api.webhook.id"], name=op.f("fk_webhook_message_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_message")),
        sa.UniqueConstraint("webhook_id", "event", name=op.f("uq_webhook_message_webhook_id_event")),
        schema="api",
    )
    op.create_index(
        "ix_webhook_message_webhook_id_id", "webhook_message", ["webhook_id", "id"], unique=False, schema="api"
    )
    op.create_index(
        "ix_webhook_message_failed",
        "webhook_message",
        ["webhook_id", "id"],
        unique=False,
        schema="api",
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.create_index(
        "ix_webhook_message_created_at",
        "webhook_message",
        ["created_at"],
        unique=False,
        schema="api",
        postgresql_where=sa.text("state <> 'pending'"),
    )


def downgrade() -> None:
    """Go down."""
    op.drop_table("webhook_message", schema="api")
    op.drop_table("webhook", schema="api")
    op.drop_table("copy", schema="certs")
    for name in ("pdf_sha256", "ofd_sha256"):
        op.drop_index(f"ix_licence_{name}", table_name="licence", schema="certs")
    op.drop_column("use_", "content_size", schema="authz")
