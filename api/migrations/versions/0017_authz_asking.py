"""authz: asking, and telling people.

Revision: 0017, after 0016.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "ask_batch",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("grantor_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("notice", sa.LargeBinary(), nullable=False),
        sa.Column("notice_digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel IN ('app', 'qr', 'ciba')", name=op.f("ck_ask_batch_channel")),
        sa.ForeignKeyConstraint(["grantor_id"], ["authz.holder.id"], name=op.f("fk_ask_batch_grantor_id")),
        sa.ForeignKeyConstraint(["party_id"], ["authz.party.id"], name=op.f("fk_ask_batch_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask_batch")),
        schema="authz",
    )
    op.create_index(
        "ix_ask_batch_grantor_id_created_at", "ask_batch", ["grantor_id", "created_at"], unique=False, schema="authz"
    )
    op.create_table(
        "contact",
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["authz.holder.id"], name=op.f("fk_contact_holder_id")),
        sa.PrimaryKeyConstraint("holder_id", name=op.f("pk_contact")),
        schema="authz",
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["holder_id"], ["authz.holder.id"], name=op.f("fk_notice_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("holder_id", "kind", "subject", name=op.f("uq_notice_holder_id_kind_subject")),
        schema="authz",
    )
    op.create_index("ix_notice_holder_id_due_at", "notice", ["holder_id", "due_at"], unique=False, schema="authz")
    op.create_table(
        "backchannel",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.LargeBinary(), nullable=False),
        sa.Column("notification_token", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["authz.ask_batch.id"], name=op.f("fk_backchannel_batch_id")),
        sa.ForeignKeyConstraint(["client_id"], ["authz.client.id"], name=op.f("fk_backchannel_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backchannel")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_backchannel_batch_id")),
        schema="authz",
    )
    op.create_table(
        "backchannel_client",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["authz.client.id"], name=op.f("fk_backchannel_client_client_id")),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_backchannel_client")),
        schema="authz",
    )
    op.create_table(
        "cessation",
        sa.Column("grant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("action IN ('stopped', 'deleted', 'retained')", name=op.f("ck_cessation_action")),
        sa.CheckConstraint("(acknowledged_at IS NULL) = (entry_id IS NULL)", name=op.f("ck_cessation_acknowledged")),
        sa.ForeignKeyConstraint(["grant_id"], ["authz.grant_.id"], name=op.f("fk_cessation_grant_id")),
        sa.ForeignKeyConstraint(["party_id"], ["authz.party.id"], name=op.f("fk_cessation_party_id")),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_cessation")),
        schema="authz",
    )
    op.create_index(
        "ix_cessation_due_at_open",
        "cessation",
        ["due_at"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    op.create_index("ix_cessation_party_id_due_at", "cessation", ["party_id", "due_at"], unique=False, schema="authz")
    op.create_table(
        "notice_told",
        sa.Column("notice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["authz.notice.id"], name=op.f("fk_notice_told_notice_id")),
        sa.ForeignKeyConstraint(["person_id"], ["authz.holder.id"], name=op.f("fk_notice_told_person_id")),
        sa.PrimaryKeyConstraint("notice_id", "person_id", "channel", name=op.f("pk_notice_told")),
        schema="authz",
    )
    op.add_column("ask", sa.Column("batch_id", sa.Uuid(as_uuid=False), nullable=True), schema="authz")
    op.create_index(
        "ix_ask_batch_id",
        "ask",
        ["batch_id"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_ask_batch_id"),
        "ask",
        "ask_batch",
        ["batch_id"],
        ["id"],
        source_schema="authz",
        referent_schema="authz",
    )
    op.add_column(
        "grant_",
        sa.Column("frequency_count", sa.Integer(), nullable=True, comment="at most so many uses"),
        schema="authz",
    )
    op.add_column(
        "grant_",
        sa.Column("frequency_seconds", sa.Integer(), nullable=True, comment="in so long a time"),
        schema="authz",
    )
    op.add_column(
        "grant_",
        sa.Column("fresh_days", sa.Integer(), nullable=True, comment="nothing older than this is covered"),
        schema="authz",
    )
    op.add_column(
        "grant_",
        sa.Column("recent", sa.ARRAY(sa.DateTime(timezone=True)), server_default=sa.text("'{}'"), nullable=False),
        schema="authz",
    )
    op.add_column(
        "grant_",
        sa.Column("answer", sa.LargeBinary(), nullable=True, comment="what was signed, where that names several terms"),
        schema="authz",
    )
    op.create_check_constraint(
        op.f("ck_grant__frequency"), "grant_", "(frequency_count IS NULL) = (frequency_seconds IS NULL)", schema="authz"
    )


def downgrade() -> None:
    """Go down."""
    op.drop_constraint(op.f("ck_grant__frequency"), "grant_", schema="authz", type_="check")
    op.drop_column("grant_", "answer", schema="authz")
    op.drop_column("grant_", "recent", schema="authz")
    op.drop_column("grant_", "fresh_days", schema="authz")
    op.drop_column("grant_", "frequency_seconds", schema="authz")
    op.drop_column("grant_", "frequency_count", schema="authz")
    op.drop_constraint(op.f("fk_ask_batch_id"), "ask", schema="authz", type_="foreignkey")
    op.drop_index("ix_ask_batch_id", table_name="ask", schema="authz", postgresql_where=sa.text("batch_id IS NOT NULL"))
    op.drop_column("ask", "batch_id", schema="authz")
    op.drop_table("notice_told", schema="authz")
    op.drop_index("ix_cessation_party_id_due_at", table_name="cessation", schema="authz")
    op.drop_index(
        "ix_cessation_due_at_open",
        table_name="cessation",
        schema="authz",
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    op.drop_table("cessation", schema="authz")
    op.drop_table("backchannel_client", schema="authz")
    op.drop_table("backchannel", schema="authz")
    op.drop_index("ix_notice_holder_id_due_at", table_name="notice", schema="authz")
    op.drop_table("notice", schema="authz")
    op.drop_table("contact", schema="authz")
    op.drop_index("ix_ask_batch_grantor_id_created_at", table_name="ask_batch", schema="authz")
    op.drop_table("ask_batch", schema="authz")
