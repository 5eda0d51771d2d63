"""Rows of e-licences, PostgreSQL schema `certs`; in this version the facts of representation."""

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
    Column("valid_to", DateTime(timezone=True)),
    Column("source_party_id", Uuid(as_uuid=False), nullable=False),
    Column("operator", Text, nullable=False),
    Column("entry_id", Uuid(as_uuid=False), nullable=False),
    Column("end_entry_id", Uuid(as_uuid=False)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("organisation_id <> person_id", name="two"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
    CheckConstraint("kind IN ('legal_representative', 'guardian')", name="kind"),
    Index("ix_representation_person_id_organisation_id", "person_id", "organisation_id"),
    Index("ix_representation_organisation_id_kind", "organisation_id", "kind"),
    Index(
        "uq_representation_open",
        "organisation_id",
        unique=True,
        postgresql_where=text("kind = 'legal_representative' AND valid_to IS NULL"),
    ),
)
"""Who represents whom, as an authority states it; `organisation_id` is the represented holder, a ward for a guardian.

A fact ends, it is never changed or deleted: a grant of last year is judged by who represented the firm last year."""
