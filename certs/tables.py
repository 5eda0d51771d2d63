"""Rows of licences, PostgreSQL schema `certs`. Holders and parties belong to `authz`: ids without a foreign key."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, DateTime, Index, MetaData, Table, Text, Uuid, text

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
    Column("valid_to", DateTime(timezone=True), nullable=True),
    Column("source_id", Uuid(as_uuid=False), nullable=False, comment="party that stated it"),
    Column("operator", Text, nullable=False),
    Column("entry_id", Uuid(as_uuid=False), nullable=False),
    Column("ending_entry_id", Uuid(as_uuid=False), nullable=True),
    CheckConstraint("kind IN ('legal_representative')", name="kind"),
    CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="period"),
    Index("ix_representation_person_id_organisation_id", "person_id", "organisation_id"),
    Index(
        "uq_representation_standing",
        "organisation_id",
        "kind",
        unique=True,
        postgresql_where=text("valid_to IS NULL"),
    ),
)
"""Who acts for whom. An organisation has one standing legal representative; the next one ends the one before."""
