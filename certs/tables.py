"""Rows of e-licences and facts of representation, PostgreSQL schema `certs`. Seen by the stores of this package only.

Holders, parties and objects belong to packages to the right: their ids are kept here without a foreign key. Numbers,
faces and credentials are encrypted (`authz.vault`); what must be found by them has a keyed HMAC beside it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

metadata: Final = MetaData(
    schema="certs",
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)

representation: Final = Table(
    "representation",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("organisation_id", Uuid(as_uuid=False), nullable=False),
    Column("person_id", Uuid(as_uuid=False), nullable=False),
    Column("kind", Text, nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    Column("source_party_id", Uuid(as_uuid=False), nullable=False),
    Column("operator", Text, nullable=False),
    Column("entry_id", Uuid(as_uuid=False), nullable=False),
    Column("end_entry_id", Uuid(as_uuid=False)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("licence_id", Uuid(as_uuid=False), comment="first version of the licence it follows from"),
    CheckConstraint("organisation_id <> person_id", name="two"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
    CheckConstraint("kind IN ('legal_representative', 'guardian', 'spouse', 'co_owner')", name="kind"),
    Index("ix_representation_person_id_organisation_id", "person_id", "organisation_id"),
    Index("ix_representation_organisation_id_kind", "organisation_id", "kind"),
    Index(
        "uq_representation_open",
        "organisation_id",
        unique=True,
        postgresql_where=text("kind = 'legal_representative' AND valid_to IS NULL"),
    ),
    Index(
        "ix_representation_licence_id_open",
        "licence_id",
        postgresql_where=text("licence_id IS NOT NULL AND valid_to IS NULL"),
    ),
)
"""Who represents whom, as an authority states it; `organisation_id` is the represented holder, a ward for a guardian.

A fact ends, it is never changed or deleted: a grant of last year is judged by who represented the firm last year."""


licence_serial: Final = Sequence("licence_serial", metadata=metadata, schema="certs")
"""The running part of licence ids that this node gives."""

licence: Final = Table(
    "licence",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("licence_id", Text, nullable=False, comment="GB/T 36904"),
    Column("type_code", Text, nullable=False),
    Column("licence_no", LargeBinary, nullable=False, comment="encrypted"),
    Column("no_mac", LargeBinary, nullable=False, comment="keyed, over type, issuer and number"),
    Column("version", SmallInteger, nullable=False),
    Column("first_id", Uuid(as_uuid=False), nullable=False),
    Column("predecessor_id", Uuid(as_uuid=False), ForeignKey("licence.id")),
    Column("successor_id", Uuid(as_uuid=False), ForeignKey("licence.id")),
    Column("issuer_party_id", Uuid(as_uuid=False), nullable=False),
    Column("holder_kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("status_reason", Text, nullable=False),
    Column("status_at", DateTime(timezone=True), nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("level", SmallInteger, nullable=False),
    Column("share_class", Text, nullable=False),
    Column("division", Text, nullable=False),
    Column("frozen", Boolean, nullable=False),
    Column("face", LargeBinary, nullable=False, comment="encrypted; salt, holders and face data"),
    Column("face_sha256", LargeBinary, nullable=False),
    Column("face_sm3", LargeBinary, nullable=False),
    Column("pdf_object_id", Uuid(as_uuid=False)),
    Column("pdf_size", BigInteger),
    Column("pdf_sha256", LargeBinary),
    Column("pdf_sm3", LargeBinary),
    Column("ofd_object_id", Uuid(as_uuid=False)),
    Column("ofd_size", BigInteger),
    Column("ofd_sha256", LargeBinary),
    Column("ofd_sm3", LargeBinary),
    Column("credential", LargeBinary, comment="encrypted; SD-JWT VC as issued"),
    Column("credential_sha256", LargeBinary),
    Column("status_list_id", Text),
    Column("status_index", Integer),
    Column("origin", Text, nullable=False),
    Column("entry_id", Uuid(as_uuid=False), nullable=False),
    Column("changed_entry_id", Uuid(as_uuid=False)),
    UniqueConstraint("licence_id"),
    CheckConstraint("status IN ('01','02','03','04','05','06','07','99')", name="status"),
    CheckConstraint("origin IN ('issued','gathered')", name="origin"),
    CheckConstraint("holder_kind IN ('person','organisation','mixed')", name="holder_kind"),
    CheckConstraint("version BETWEEN 1 AND 999", name="version"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
    CheckConstraint("successor_id IS NULL OR status NOT IN ('01','02')", name="one_standing_version"),
    CheckConstraint("num_nulls(pdf_object_id, pdf_size, pdf_sha256, pdf_sm3) IN (0, 4)", name="pdf"),
    CheckConstraint("num_nulls(ofd_object_id, ofd_size, ofd_sha256, ofd_sm3) IN (0, 4)", name="ofd"),
    CheckConstraint("(credential IS NULL) = (credential_sha256 IS NULL)", name="credential"),
    CheckConstraint("(status_list_id IS NULL) = (status_index IS NULL)", name="status_list"),
    Index(
        "uq_licence_predecessor_id", "predecessor_id", unique=True, postgresql_where=text("predecessor_id IS NOT NULL")
    ),
    Index("uq_licence_no_mac_standing", "no_mac", unique=True, postgresql_where=text("status IN ('01','02')")),
    Index("ix_licence_first_id_version", "first_id", "version"),
    Index("ix_licence_issuer_party_id_id", "issuer_party_id", "id"),
    Index("ix_licence_issuer_party_id_type_code_id", "issuer_party_id", "type_code", "id"),
    Index(
        "ix_licence_valid_to_standing",
        "valid_to",
        postgresql_where=text("status IN ('01','02') AND valid_to IS NOT NULL"),
    ),
)
"""E-licences, one row a version. A number of one type and issuer stands once; a version has one successor."""

licence_holder: Final = Table(
    "licence_holder",
    metadata,
    Column("licence_id", Uuid(as_uuid=False), ForeignKey(licence.c.id), primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("holder_id", Uuid(as_uuid=False), nullable=False),
    Column("type_code", Text, nullable=False),
    Column("slot", LargeBinary, comment="keyed; what a holder may have one standing licence for"),
    Column("standing", Boolean, nullable=False),
    UniqueConstraint("licence_id", "holder_id"),
    Index("ix_licence_holder_holder_id_type_code_licence_id", "holder_id", "type_code", "licence_id"),
    Index(
        "uq_licence_holder_slot_standing",
        "holder_id",
        "slot",
        unique=True,
        postgresql_where=text("standing AND slot IS NOT NULL"),
    ),
)
"""Who stands on a licence. The unique key is the last word on "a second licence where only one may be"."""

licence_event: Final = Table(
    "licence_event",
    metadata,
    Column("licence_id", Uuid(as_uuid=False), ForeignKey(licence.c.id), primary_key=True),
    Column("entry_id", Uuid(as_uuid=False), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("operation", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("party_id", Uuid(as_uuid=False), nullable=False),
    Column("operator", Text, nullable=False),
    Index("ix_licence_event_licence_id_at", "licence_id", "at"),
)
"""What was done to a licence, each act with its log entry."""

licence_member: Final = Table(
    "licence_member",
    metadata,
    Column("composite_id", Uuid(as_uuid=False), ForeignKey(licence.c.id), primary_key=True),
    Column("member_first_id", Uuid(as_uuid=False), ForeignKey(licence.c.id), primary_key=True),
    Column("position", SmallInteger, nullable=False),
    Index("ix_licence_member_member_first_id", "member_first_id"),
)
"""Which licences a 综合许可 lists, by their first version: a renewed member stays a member."""
