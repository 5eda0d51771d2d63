"""What all tables of the schema share: its metadata, and columns of the common kinds."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, DateTime, MetaData, Text, Uuid

metadata: Final = MetaData(
    schema="materials",
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)


def id_column(name: str, *, nullable: bool = False) -> Column[str]:
    """A UUID that is not the key."""
    return Column(name, Uuid(as_uuid=False), nullable=nullable)


def text_column(name: str, *, nullable: bool = False) -> Column[str]:
    """Text."""
    return Column(name, Text, nullable=nullable)


def moment_column(name: str, *, nullable: bool = False) -> Column[object]:
    """A moment, with its zone."""
    return Column(name, DateTime(timezone=True), nullable=nullable)
