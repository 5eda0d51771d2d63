"""certs: licences, versions, events.

Revision: 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.execute(sa.schema.CreateSequence(sa.Sequence("licence_serial", schema="certs")))
    op.create_table(
        "issuer",
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "type_code", name=op.f("pk_issuer")),
        schema="certs",
    )
    op.create_table(
        "licence",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("licence_id", sa.Text(), nullable=False, comment="GB/T 36904"),
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("licence_no", sa.LargeBinary(), nullable=False, comment="encrypted"),
        sa.Column("no_mac", sa.LargeBinary(), nullable=False, comment="keyed, over type, issuer and number"),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("first_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("predecessor_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("successor_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("issuer_party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=False),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("share_class", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("face", sa.LargeBinary(), nullable=False, comment="encrypted; salt, holders and face data"),
        sa.Column("face_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("face_sm3", sa.LargeBinary(), nullable=False),
        sa.Column("pdf_object_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("pdf_size", sa.BigInteger(), nullable=True),
        sa.Column("pdf_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("pdf_sm3", sa.LargeBinary(), nullable=True),
        sa.Column("ofd_object_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("ofd_size", sa.BigInteger(), nullable=True),
        sa.Column("ofd_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("ofd_sm3", sa.LargeBinary(), nullable=True),
        sa.Column("credential", sa.LargeBinary(), nullable=True, comment="encrypted; SD-JWT VC as issued"),
        sa.Column("credential_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("status_list_id", sa.Text(), nullable=True),
        sa.Column("status_index", sa.Integer(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("changed_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("holder_kind IN ('person','organisation','mixed')", name=op.f("ck_licence_holder_kind")),
        sa.CheckConstraint("origin IN ('issued','gathered')", name=op.f("ck_licence_origin")),
        sa.CheckConstraint("status IN ('01','02','03','04','05','06','07','99')", name=op.f("ck_licence_status")),
        sa.CheckConstraint(
            "successor_id IS NULL OR status NOT IN ('01','02')", name=op.f("ck_licence_one_standing_version")
        ),
        sa.CheckConstraint("(credential IS NULL) = (credential_sha256 IS NULL)", name=op.f("ck_licence_credential")),
        sa.CheckConstraint(
            "num_nulls(ofd_object_id, ofd_size, ofd_sha256, ofd_sm3) IN (0, 4)", name=op.f("ck_licence_ofd")
        ),
        sa.CheckConstraint(
            "num_nulls(pdf_object_id, pdf_size, pdf_sha256, pdf_sm3) IN (0, 4)", name=op.f("ck_licence_pdf")
        ),
        sa.CheckConstraint("(status_list_id IS NULL) = (status_index IS NULL)", name=op.f("ck_licence_status_list")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_licence_period")),
        sa.CheckConstraint("version BETWEEN 1 AND 999", name=op.f("ck_licence_version")),
        sa.ForeignKeyConstraint(["predecessor_id"], ["certs.licence.id"], name=op.f("fk_licence_predecessor_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["certs.licence.id"], name=op.f("fk_licence_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence")),
        sa.UniqueConstraint("licence_id", name=op.f("uq_licence_licence_id")),
        schema="certs",
    )
    op.create_index("ix_licence_first_id_version", "licence", ["first_id", "version"], unique=False, schema="certs")
    op.create_index("ix_licence_issuer_party_id_id", "licence", ["issuer_party_id", "id"], unique=False, schema="certs")
    op.create_index(
        "ix_licence_issuer_party_id_type_code_id",
        "licence",
        ["issuer_party_id", "type_code", "id"],
        unique=False,
        schema="certs",
    )
    op.create_index(
        "ix_licence_valid_to_standing",
        "licence",
        ["valid_to"],
        unique=False,
        schema="certs",
        postgresql_where=sa.text("status IN ('01','02') AND valid_to IS NOT NULL"),
    )
    op.create_index(
        "uq_licence_no_mac_standing",
        "licence",
        ["no_mac"],
        unique=True,
        schema="certs",
        postgresql_where=sa.text("status IN ('01','02')"),
    )
    op.create_index(
        "uq_licence_predecessor_id",
        "licence",
        ["predecessor_id"],
        unique=True,
        schema="certs",
        postgresql_where=sa.text("predecessor_id IS NOT NULL"),
    )
    op.create_table(
        "licence_event",
        sa.Column("licence_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["licence_id"], ["certs.licence.id"], name=op.f("fk_licence_event_licence_id")),
        sa.PrimaryKeyConstraint("licence_id", "entry_id", name=op.f("pk_licence_event")),
        schema="certs",
    )
    op.create_index(
        "ix_licence_event_licence_id_at", "licence_event", ["licence_id", "at"], unique=False, schema="certs"
    )
    op.create_table(
        "licence_holder",
        sa.Column("licence_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column(
            "slot", sa.LargeBinary(), nullable=True, comment="keyed; what a holder may have one standing licence for"
        ),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["licence_id"], ["certs.licence.id"], name=op.f("fk_licence_holder_licence_id")),
        sa.PrimaryKeyConstraint("licence_id", "position", name=op.f("pk_licence_holder")),
        sa.UniqueConstraint("licence_id", "holder_id", name=op.f("uq_licence_holder_licence_id_holder_id")),
        schema="certs",
    )
    op.create_index(
        "ix_licence_holder_holder_id_type_code_licence_id",
        "licence_holder",
        ["holder_id", "type_code", "licence_id"],
        unique=False,
        schema="certs",
    )
    op.create_index(
        "uq_licence_holder_slot_standing",
        "licence_holder",
        ["holder_id", "slot"],
        unique=True,
        schema="certs",
        postgresql_where=sa.text("standing AND slot IS NOT NULL"),
    )
    op.create_table(
        "licence_member",
        sa.Column("composite_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("member_first_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["composite_id"], ["certs.licence.id"], name=op.f("fk_licence_member_composite_id")),
        sa.ForeignKeyConstraint(
            ["member_first_id"], ["certs.licence.id"], name=op.f("fk_licence_member_member_first_id")
        ),
        sa.PrimaryKeyConstraint("composite_id", "member_first_id", name=op.f("pk_licence_member")),
        schema="certs",
    )
    op.create_index(
        "ix_licence_member_member_first_id", "licence_member", ["member_first_id"], unique=False, schema="certs"
    )
    op.add_column(
        "representation",
        sa.Column(
            "licence_id", sa.Uuid(as_uuid=False), nullable=True, comment="first version of the licence it follows from"
        ),
        schema="certs",
    )
    op.create_index(
        "ix_representation_licence_id",
        "representation",
        ["licence_id"],
        unique=False,
        schema="certs",
        postgresql_where=sa.text("licence_id IS NOT NULL"),
    )
    op.drop_constraint("ck_representation_kind", "representation", schema="certs")
    op.create_check_constraint(
        op.f("ck_representation_kind"),
        "representation",
        "kind IN ('legal_representative', 'guardian', 'spouse', 'co_owner')",
        schema="certs",
    )


def downgrade() -> None:
    """Go down; facts that version 0009 does not know are dropped with what they came from."""
    op.execute("DELETE FROM certs.representation WHERE licence_id IS NOT NULL OR kind IN ('spouse', 'co_owner')")
    op.drop_constraint("ck_representation_kind", "representation", schema="certs")
    op.create_check_constraint(
        op.f("ck_representation_kind"), "representation", "kind IN ('legal_representative', 'guardian')", schema="certs"
    )
    op.drop_index(
        "ix_representation_licence_id",
        table_name="representation",
        schema="certs",
        postgresql_where=sa.text("licence_id IS NOT NULL"),
    )
    op.drop_column("representation", "licence_id", schema="certs")
    op.drop_index("ix_licence_member_member_first_id", table_name="licence_member", schema="certs")
    op.drop_table("licence_member", schema="certs")
    op.drop_index(
        "uq_licence_holder_slot_standing",
        table_name="licence_holder",
        schema="certs",
        postgresql_where=sa.text("standing AND slot IS NOT NULL"),
    )
    op.drop_index("ix_licence_holder_holder_id_type_code_licence_id", table_name="licence_holder", schema="certs")
    op.drop_table("licence_holder", schema="certs")
    op.drop_index("ix_licence_event_licence_id_at", table_name="licence_event", schema="certs")
    op.drop_table("licence_event", schema="certs")
    op.drop_index(
        "uq_licence_predecessor_id",
        table_name="licence",
        schema="certs",
        postgresql_where=sa.text("predecessor_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_licence_no_mac_standing",
        table_name="licence",
        schema="certs",
        postgresql_where=sa.text("status IN ('01','02')"),
    )
    op.drop_index(
        "ix_licence_valid_to_standing",
        table_name="licence",
        schema="certs",
        postgresql_where=sa.text("status IN ('01','02') AND valid_to IS NOT NULL"),
    )
    op.drop_index("ix_licence_issuer_party_id_type_code_id", table_name="licence", schema="certs")
    op.drop_index("ix_licence_issuer_party_id_id", table_name="licence", schema="certs")
    op.drop_index("ix_licence_first_id_version", table_name="licence", schema="certs")
    op.drop_table("licence", schema="certs")
    op.drop_table("issuer", schema="certs")
    op.execute(sa.schema.DropSequence(sa.Sequence("licence_serial", schema="certs")))
