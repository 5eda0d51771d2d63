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
from sqlalchemy.dialects.postgresql import ARRAY

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
    Index("ix_representation_licence_id", "licence_id", postgresql_where=text("licence_id IS NOT NULL")),
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
    Index("ix_licence_pdf_sha256", "pdf_sha256", postgresql_where=text("pdf_sha256 IS NOT NULL")),
    Index("ix_licence_ofd_sha256", "ofd_sha256", postgresql_where=text("ofd_sha256 IS NOT NULL")),
    Index("ix_licence_issuer_party_id_id", "issuer_party_id", "id"),
    Index("ix_licence_issuer_party_id_type_code_id", "issuer_party_id", "type_code", "id"),
    Index(
        "ix_licence_type_code_division_id_valid",
        "type_code",
        "division",
        "id",
        postgresql_where=text("status = '01'"),
    ),
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
    Index("ix_licence_event_party_id_at_licence_id", "party_id", "at", "licence_id"),
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


code: Final = Table(
    "code",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("lookup", LargeBinary, nullable=False, comment="SHA-256 of the code"),
    Column("holder_id", Uuid(as_uuid=False), nullable=False),
    Column("licence_id", Uuid(as_uuid=False), ForeignKey(licence.c.id)),
    Column("channel", Text, nullable=False),
    Column("signer_id", Uuid(as_uuid=False)),
    Column("representation", Text),
    Column("request", LargeBinary, comment="canonical bytes of what was signed"),
    Column("id_token", LargeBinary, comment="encrypted"),
    Column("party_id", Uuid(as_uuid=False)),
    Column("operator", Text),
    Column("audience_org", Text),
    Column("audience_counter", Text),
    Column("fields", ARRAY(Text), comment="what the holder shows; all the type presents where null"),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    Column("refused", Boolean, nullable=False, server_default=text("false"), comment="a scan was, so it is kept"),
    Column("voided_at", DateTime(timezone=True)),
    Column("void_reason", Text),
    Column("entry_id", Uuid(as_uuid=False)),
    Column("void_entry_id", Uuid(as_uuid=False)),
    UniqueConstraint("lookup"),
    CheckConstraint("kind IN ('live', 'printed', 'company')", name="kind"),
    CheckConstraint("channel IN ('app', 'relative', 'kiosk', 'window')", name="channel"),
    CheckConstraint("(kind = 'company') = (licence_id IS NULL)", name="licence"),
    CheckConstraint("(kind = 'live') = (audience_org IS NOT NULL)", name="audience"),
    CheckConstraint("(kind = 'live') = (entry_id IS NULL)", name="entry"),
    CheckConstraint("used_at IS NULL OR kind = 'live'", name="used"),
    CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="voided"),
    CheckConstraint(
        "(signer_id IS NULL) = (id_token IS NULL) AND (signer_id IS NULL) = (request IS NULL)", name="signed"
    ),
    CheckConstraint("(signer_id IS NULL) = (party_id IS NOT NULL AND operator IS NOT NULL)", name="made_by"),
    CheckConstraint("expires_at > made_at", name="period"),
    Index("ix_code_holder_id_made_at_lasting", "holder_id", "made_at", postgresql_where=text("kind <> 'live'")),
    Index(
        "uq_code_printed",
        "holder_id",
        "licence_id",
        unique=True,
        postgresql_where=text("kind = 'printed' AND voided_at IS NULL"),
    ),
    Index("uq_code_company", "holder_id", unique=True, postgresql_where=text("kind = 'company' AND voided_at IS NULL")),
    Index(
        "ix_code_expires_at_unseen",
        "expires_at",
        postgresql_where=text("kind = 'live' AND used_at IS NULL AND NOT refused"),
    ),
)
"""Codes that holders show. The code itself is nowhere: it is made from the id by a key the database does not know."""

presentation: Final = Table(
    "presentation",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("code_id", Uuid(as_uuid=False), ForeignKey(code.c.id), nullable=False),
    Column("holder_id", Uuid(as_uuid=False), nullable=False),
    Column("licence_id", Uuid(as_uuid=False), ForeignKey(licence.c.id)),
    Column("client_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("party_id", Uuid(as_uuid=False), nullable=False),
    Column("operator", Text, nullable=False),
    Column("counter", Text, nullable=False),
    Column("scenario", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False, comment="SHA-256 of the request"),
    Column("reason", Text, comment="why it was refused; null where it was shown"),
    Column("fields", ARRAY(Text), nullable=False),
    Column("status", Text),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("entry_id", Uuid(as_uuid=False)),
    CheckConstraint("(reason IS NULL) = (entry_id IS NOT NULL)", name="shown"),
    CheckConstraint("entry_id IS NULL OR (licence_id IS NOT NULL AND status IS NOT NULL)", name="licence"),
    Index("uq_presentation_client_id_key", "client_id", "key", unique=True, postgresql_where=text("reason IS NULL")),
    Index("ix_presentation_code_id_at", "code_id", "at"),
    Index("ix_presentation_holder_id_at", "holder_id", "at"),
    Index("ix_presentation_licence_id_party_id", "licence_id", "party_id", postgresql_where=text("reason IS NULL")),
    Index(
        "ix_presentation_licence_id_at_id", "licence_id", "at", "id", postgresql_where=text("licence_id IS NOT NULL")
    ),
    Index("ix_presentation_party_id_at_id", "party_id", "at", "id"),
)
"""Who was shown what, and who was refused with a code of somebody's. Names of fields only, no values."""

delivery: Final = Table(
    "delivery",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("licence_id", Uuid(as_uuid=False), ForeignKey(licence.c.id), nullable=False),
    Column("holder_id", Uuid(as_uuid=False), nullable=False),
    Column("party_id", Uuid(as_uuid=False), nullable=False),
    Column("operator", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("entry_id", Uuid(as_uuid=False), nullable=False),
    Column("opened_at", DateTime(timezone=True)),
    Column("opened_by", Text),
    Column("id_token", LargeBinary, comment="encrypted; the holder's, where the holder opened it"),
    Column("opened_entry_id", Uuid(as_uuid=False)),
    CheckConstraint("channel IN ('app', 'sms', 'email', 'post', 'window')", name="channel"),
    CheckConstraint("opened_by IN ('holder', 'operator')", name="opened_by"),
    CheckConstraint(
        "(opened_at IS NULL) = (opened_by IS NULL) AND (opened_at IS NULL) = (opened_entry_id IS NULL)", name="opened"
    ),
    CheckConstraint("(id_token IS NULL) = (opened_by IS DISTINCT FROM 'holder')", name="id_token"),
    Index("ix_delivery_licence_id_sent_at", "licence_id", "sent_at"),
    Index("ix_delivery_holder_id_sent_at", "holder_id", "sent_at"),
)
"""What was sent to a holder, by which channel, and when it was opened (送达)."""

dispute: Final = Table(
    "dispute",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("licence_id", Uuid(as_uuid=False), ForeignKey(licence.c.id), nullable=False),
    Column("issuer_party_id", Uuid(as_uuid=False), nullable=False),
    Column("holder_id", Uuid(as_uuid=False), nullable=False),
    Column("signer_id", Uuid(as_uuid=False), nullable=False),
    Column("representation", Text),
    Column("fields", ARRAY(Text), nullable=False),
    Column(
        "request", LargeBinary, nullable=False, comment="encrypted; canonical text of what was signed, claim and all"
    ),
    Column("id_token", LargeBinary, nullable=False, comment="encrypted"),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("entry_id", Uuid(as_uuid=False), nullable=False),
    Column("state", Text, nullable=False),
    Column("operator", Text),
    Column("answer", LargeBinary, comment="encrypted"),
    Column("successor_id", Uuid(as_uuid=False), ForeignKey(licence.c.id)),
    Column("answered_at", DateTime(timezone=True)),
    Column("answer_entry_id", Uuid(as_uuid=False)),
    CheckConstraint("state IN ('open', 'rejected', 'corrected', 'withdrawn')", name="state"),
    CheckConstraint(
        "(state = 'open') = (answered_at IS NULL) AND (state = 'open') = (answer_entry_id IS NULL)", name="answered"
    ),
    CheckConstraint(
        "(state IN ('rejected', 'corrected')) = (answer IS NOT NULL AND operator IS NOT NULL)", name="answer"
    ),
    CheckConstraint("state = 'corrected' OR successor_id IS NULL", name="successor"),
    Index("uq_dispute_open", "licence_id", unique=True, postgresql_where=text("state = 'open'")),
    Index("ix_dispute_issuer_party_id_opened_at_id", "issuer_party_id", "opened_at", "id"),
    Index(
        "ix_dispute_issuer_party_id_open", "issuer_party_id", "opened_at", "id", postgresql_where=text("state = 'open'")
    ),
    Index("ix_dispute_holder_id_opened_at", "holder_id", "opened_at"),
    Index("ix_dispute_due_at_open", "due_at", postgresql_where=text("state = 'open'")),
)
"""A holder's disputes (异议); one open at a time stands against a licence."""

correction: Final = Table(
    "correction",
    metadata,
    Column("dispute_id", Uuid(as_uuid=False), ForeignKey(dispute.c.id), primary_key=True),
    Column("party_id", Uuid(as_uuid=False), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True)),
    Index("ix_correction_party_id_at_dispute_id", "party_id", "at", "dispute_id"),
)
"""Whom a correction was told: every organisation that had used the licence or had been shown it."""

issuer: Final = Table(
    "issuer",
    metadata,
    Column("party_id", Uuid(as_uuid=False), primary_key=True),
    Column("type_code", Text, primary_key=True),
    Column("added_at", DateTime(timezone=True), nullable=False),
)
"""发证清单: which organisation issues which types here."""


status_place: Final = Sequence("status_place", metadata=metadata, schema="certs")
"""Numbers the places of status lists; one that no licence got after all is a decoy more."""

status_list: Final = Table(
    "status_list",
    metadata,
    Column("id", Text, primary_key=True, comment="random, in the list's address"),
    Column("number", Integer, nullable=False),
    Column("key", LargeBinary, nullable=False, comment="scatters its places; licence rows say as much"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("number"),
)
"""Status lists, made when the first place of one is given out."""

status_entry: Final = Table(
    "status_entry",
    metadata,
    Column("list_id", Text, ForeignKey(status_list.c.id), primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("status", SmallInteger, nullable=False),
    Column("changed_in", BigInteger, nullable=False, comment="pg_current_xact_id() of its last change"),
    CheckConstraint("status IN (0, 1, 2)", name="status"),
    Index("ix_status_entry_list_id_changed_in", "list_id", "changed_in"),
)
"""Entries that are, or once were, anything but valid: of licences, and of decoys."""

copy: Final = Table(
    "copy",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("use_id", Uuid(as_uuid=False), nullable=False),
    Column("licence_id", Uuid(as_uuid=False), ForeignKey(licence.c.id), nullable=False),
    Column("rendition", Text, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True), nullable=False),
    Column("object_id", Uuid(as_uuid=False)),
    Column("sha256", LargeBinary),
    Column("sm3", LargeBinary),
    Column("made_at", DateTime(timezone=True)),
    Column("entry_id", Uuid(as_uuid=False)),
    UniqueConstraint("use_id"),
    CheckConstraint("rendition IN ('copy', 'data', 'verify')", name="rendition"),
    CheckConstraint("valid_to > valid_from", name="period"),
    CheckConstraint(
        "(made_at IS NULL) = (object_id IS NULL) AND (made_at IS NULL) = (sha256 IS NULL)"
        " AND (made_at IS NULL) = (sm3 IS NULL) AND (made_at IS NULL) = (entry_id IS NULL)",
        name="made",
    ),
    Index("ix_copy_sha256", "sha256", postgresql_where=text("sha256 IS NOT NULL")),
)
"""What left of a licence in one use (加注件): asked for when the use is opened, made when it is first fetched."""

gathering: Final = Table(
    "gathering",
    metadata,
    Column("party_id", Uuid(as_uuid=False), primary_key=True),
    Column("type_code", Text, primary_key=True, comment="LTnn; empty for rows of no known type"),
    Column("day", Date, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("taken", BigInteger, nullable=False),
    Column("incomplete", BigInteger, nullable=False),
    Column("inaccurate", BigInteger, nullable=False),
    Column("late", BigInteger, nullable=False),
)
"""What an organisation gathered on a day, and in how many rows which quality rule was broken."""

seal_ca: Final = Table(
    "seal_ca",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("algorithm", Text, nullable=False),
    Column("certificate", LargeBinary, nullable=False, comment="DER"),
    Column("fingerprint", LargeBinary, nullable=False, comment="SHA-256"),
    Column("provider", Text, comment="where the key of a root of our own lies"),
    Column("maker_id", Uuid(as_uuid=False)),
    Column("maker_certificate", LargeBinary),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("fingerprint"),
    CheckConstraint("algorithm IN ('ES256', 'SM2')", name="algorithm"),
    Index("uq_seal_ca_own", "algorithm", unique=True, postgresql_where=text("provider IS NOT NULL")),
)
"""Roots that certificates of seals may lead to."""

seal_key: Final = Table(
    "seal_key",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("org_code", Text, nullable=False),
    Column("org_name", Text, nullable=False),
    Column("algorithm", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("certificate", LargeBinary, nullable=False, comment="DER"),
    Column("fingerprint", LargeBinary, nullable=False, comment="SHA-256"),
    Column("chain", ARRAY(LargeBinary), nullable=False),
    Column("eseal", LargeBinary, comment="GB/T 38540, SM2 only"),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("retired_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_reason", Text),
    Column("entry_id", Uuid(as_uuid=False), nullable=False),
    Column("end_entry_id", Uuid(as_uuid=False)),
    UniqueConstraint("fingerprint"),
    CheckConstraint("algorithm IN ('ES256', 'SM2')", name="algorithm"),
    CheckConstraint("(algorithm = 'SM2') = (eseal IS NOT NULL)", name="eseal"),
    CheckConstraint("(revoked_at IS NULL) = (end_entry_id IS NULL)", name="revoked"),
    Index("ix_seal_key_org_code", "org_code"),
    Index("ix_seal_key_revoked_at", "revoked_at", postgresql_where=text("revoked_at IS NOT NULL")),
    Index(
        "uq_seal_key_current",
        "org_code",
        "algorithm",
        unique=True,
        postgresql_where=text("retired_at IS NULL AND revoked_at IS NULL"),
    ),
)
"""Keys that seal and sign for organisations; private halves lie with their providers and never here."""
