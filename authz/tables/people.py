"""Holders, their codes and keys."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from authz.tables.base import bytes_column, id_column, key_column, metadata, moment_column, text_column

holder: Final = Table(
    "holder",
    metadata,
    key_column(),
    text_column("kind"),
    bytes_column("name"),
    Column("use_seq", BigInteger, nullable=False, server_default=text("0")),
    bytes_column("use_head", nullable=True),
    moment_column("created_at"),
    CheckConstraint("kind IN ('person', 'organisation')", name="kind"),
    CheckConstraint("(use_seq = 0) = (use_head IS NULL)", name="use_chain"),
)
"""`use_seq` and `use_head` (leaf hash of the last use entry) chain a holder's uses, so that a gap shows (DESIGN 5)."""

identifier: Final = Table(
    "identifier",
    metadata,
    Column("lookup", LargeBinary, primary_key=True),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    text_column("type"),
    text_column("country"),
    bytes_column("code"),
    moment_column("created_at"),
    Index("ix_identifier_holder_id", "holder_id"),
)
"""Identity codes: `lookup` is HMAC-SHA-256 under the look-up key, `code` ciphertext."""

firm_name: Final = Table(
    "firm_name",
    metadata,
    Column("beginning", LargeBinary, primary_key=True),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), primary_key=True),
    Index("ix_firm_name_holder_id", "holder_id"),
)
"""By which beginnings of their names organisations are found: HMAC-SHA-256 of each (`authz.firms`)."""

signing_key: Final = Table(
    "signing_key",
    metadata,
    key_column(),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    text_column("kind"),
    text_column("digest"),
    bytes_column("body"),
    text_column("credential"),
    Column("assurance", SmallInteger, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    bytes_column("enrolment"),
    id_column("entry_id"),
    moment_column("enrolled_at"),
    moment_column("revoked_at", nullable=True),
    bytes_column("revocation", nullable=True),
    id_column("revocation_entry_id", nullable=True),
    UniqueConstraint("digest"),
    UniqueConstraint("kind", "credential"),
    CheckConstraint("kind IN ('passkey', 'host_app')", name="kind"),
    CheckConstraint("(revoked_at IS NULL) = (revocation_entry_id IS NULL)", name="revoked"),
    Index("ix_signing_key_holder_id_enrolled_at", "holder_id", "enrolled_at"),
)
"""Keys holders sign with. `body` holds the terms of enrolment, `enrolment` the ID token over them, encrypted."""
