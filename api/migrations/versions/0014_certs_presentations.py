"""certs: codes, presentations, deliveries, disputes; authz: scenarios in force.

Revision: 0014, after 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "scenario",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("org_code", sa.Text(), nullable=False),
        sa.Column("party_kind", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_scenario")),
        schema="authz",
    )
    op.create_table(
        "code",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False, comment="SHA-256 of the code"),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("licence_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("signer_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("representation", sa.Text(), nullable=True),
        sa.Column("request", sa.LargeBinary(), nullable=True, comment="canonical bytes of what was signed"),
        sa.Column("id_token", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("audience_org", sa.Text(), nullable=True),
        sa.Column("audience_counter", sa.Text(), nullable=True),
        sa.Column(
            "fields",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="what the holder shows; all the type presents where null",
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "refused",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="a scan was, so it is kept",
        ),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("void_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("(kind = 'company') = (licence_id IS NULL)", name=op.f("ck_code_licence")),
        sa.CheckConstraint("(kind = 'live') = (audience_org IS NOT NULL)", name=op.f("ck_code_audience")),
        sa.CheckConstraint("(kind = 'live') = (entry_id IS NULL)", name=op.f("ck_code_entry")),
        sa.CheckConstraint("channel IN ('app', 'relative', 'kiosk', 'window')", name=op.f("ck_code_channel")),
        sa.CheckConstraint("kind IN ('live', 'printed', 'company')", name=op.f("ck_code_kind")),
        sa.CheckConstraint("used_at IS NULL OR kind = 'live'", name=op.f("ck_code_used")),
        sa.CheckConstraint(
            "(signer_id IS NULL) = (id_token IS NULL) AND (signer_id IS NULL) = (request IS NULL)",
            name=op.f("ck_code_signed"),
        ),
        sa.CheckConstraint(
            "(signer_id IS NULL) = (party_id IS NOT NULL AND operator IS NOT NULL)", name=op.f("ck_code_made_by")
        ),
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name=op.f("ck_code_voided")),
        sa.CheckConstraint("expires_at > made_at", name=op.f("ck_code_period")),
        sa.ForeignKeyConstraint(["licence_id"], ["certs.licence.id"], name=op.f("fk_code_licence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code")),
        sa.UniqueConstraint("lookup", name=op.f("uq_code_lookup")),
        schema="certs",
    )
    op.create_index(
        "ix_code_expires_at_unseen",
        "code",
        ["expires_at"],
        unique=False,
        schema="certs",
        postgresql_where=sa.text("kind = 'live' AND used_at IS NULL AND NOT refused"),
    )
    op.create_index(
        "ix_code_holder_id_made_at_lasting",
        "code",
        ["holder_id", "made_at"],
        unique=False,
        schema="certs",
        postgresql_where=sa.text("kind <> 'live'"),
    )
    op.create_index(
        "uq_code_company",
        "code",
        ["holder_id"],
        unique=True,
        schema="certs",
        postgresql_where=sa.text("kind = 'company' AND voided_at IS NULL"),
    )
    op.create_index(
        "uq_code_printed",
        "code",
        ["holder_id", "licence_id"],
        unique=True,
        schema="certs",
        postgresql_where=sa.text("kind = 'printed' AND voided_at IS NULL"),
    )
    op.create_table(
        "presentation",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("licence_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False, comment="SHA-256 of the request"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it was refused; null where it was shown"),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("(reason IS NULL) = (entry_id IS NOT NULL)", name=op.f("ck_presentation_shown")),
        sa.CheckConstraint(
            "entry_id IS NULL OR (licence_id IS NOT NULL AND status IS NOT NULL)", name=op.f("ck_presentation_licence")
        ),
        sa.ForeignKeyConstraint(["code_id"], ["certs.code.id"], name=op.f("fk_presentation_code_id")),
        sa.ForeignKeyConstraint(["licence_id"], ["certs.licence.id"], name=op.f("fk_presentation_licence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presentation")),
        schema="certs",
    )
    op.create_index("ix_presentation_code_id_at", "presentation", ["code_id", "at"], unique=False, schema="certs")
    op.create_index("ix_presentation_holder_id_at", "presentation", ["holder_id", "at"], unique=False, schema="certs")
    op.create_index(
        "ix_presentation_licence_id_party_id",
        "presentation",
        ["licence_id", "party_id"],
        unique=False,
        schema="certs",
        postgresql_where=sa.text("reason IS NULL"),
    )
    op.create_index(
        "uq_presentation_client_id_key",
        "presentation",
        ["client_id", "key"],
        unique=True,
        schema="certs",
        postgresql_where=sa.text("reason IS NULL"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("licence_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=True),
        sa.Column(
            "id_token", sa.LargeBinary(), nullable=True, comment="encrypted; the holder's, where the holder opened it"
        ),
        sa.Column("opened_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint(
            "(id_token IS NULL) = (opened_by IS DISTINCT FROM 'holder')", name=op.f("ck_delivery_id_token")
        ),
        sa.CheckConstraint("channel IN ('app', 'sms', 'email', 'post', 'window')", name=op.f("ck_delivery_channel")),
        sa.CheckConstraint("opened_by IN ('holder', 'operator')", name=op.f("ck_delivery_opened_by")),
        sa.CheckConstraint(
            "(opened_at IS NULL) = (opened_by IS NULL) AND (opened_at IS NULL) = (opened_entry_id IS NULL)",
            name=op.f("ck_delivery_opened"),
        ),
        sa.ForeignKeyConstraint(["licence_id"], ["certs.licence.id"], name=op.f("fk_delivery_licence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        schema="certs",
    )
    op.create_index("ix_delivery_holder_id_sent_at", "delivery", ["holder_id", "sent_at"], unique=False, schema="certs")
    op.create_index(
        "ix_delivery_licence_id_sent_at", "delivery", ["licence_id", "sent_at"], unique=False, schema="certs"
    )
    op.create_table(
        "dispute",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("licence_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("issuer_party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("signer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("representation", sa.Text(), nullable=True),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "request",
            sa.LargeBinary(),
            nullable=False,
            comment="encrypted; canonical text of what was signed, claim and all",
        ),
        sa.Column("id_token", sa.LargeBinary(), nullable=False, comment="encrypted"),
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
        sa.ForeignKeyConstraint(["licence_id"], ["certs.licence.id"], name=op.f("fk_dispute_licence_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["certs.licence.id"], name=op.f("fk_dispute_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        schema="certs",
    )
    op.create_index(
        "ix_dispute_due_at_open",
        "dispute",
        ["due_at"],
        unique=False,
        schema="certs",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_dispute_holder_id_opened_at", "dispute", ["holder_id", "opened_at"], unique=False, schema="certs"
    )
    op.create_index(
        "ix_dispute_issuer_party_id_open",
        "dispute",
        ["issuer_party_id", "opened_at", "id"],
        unique=False,
        schema="certs",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_dispute_issuer_party_id_opened_at_id",
        "dispute",
        ["issuer_party_id", "opened_at", "id"],
        unique=False,
        schema="certs",
    )
    op.create_index(
        "uq_dispute_open",
        "dispute",
        ["licence_id"],
        unique=True,
        schema="certs",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "correction",
        sa.Column("dispute_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["dispute_id"], ["certs.dispute.id"], name=op.f("fk_correction_dispute_id")),
        sa.PrimaryKeyConstraint("dispute_id", "party_id", name=op.f("pk_correction")),
        schema="certs",
    )
    op.create_index(
        "ix_correction_party_id_at_dispute_id",
        "correction",
        ["party_id", "at", "dispute_id"],
        unique=False,
        schema="certs",
    )


def downgrade() -> None:
    """Go down."""
    op.drop_table("correction", schema="certs")
    op.drop_table("dispute", schema="certs")
    op.drop_table("delivery", schema="certs")
    op.drop_table("presentation", schema="certs")
    op.drop_table("code", schema="certs")
    op.drop_table("scenario", schema="authz")
