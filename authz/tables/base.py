"""What all tables of the schema share: its metadata, and columns of the common kinds."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, DateTime, LargeBinary, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

metadata: Final = MetaData(
    schema="authz",
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)


def id_column(name: str = "id", *, nullable: bool = False) -> Column[str]:
    """A UUID that is not the key."""
    return Column(name, Uuid(as_uuid=False), nullable=nullable)


def key_column() -> Column[str]:
    """The key `id`, a UUID."""
    return Column("id", Uuid(as_uuid=False), primary_key=True)


def moment_column(name: str, *, nullable: bool = False) -> Column[object]:
    """A moment, with its zone."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def text_column(name: str, *, nullable: bool = False) -> Column[str]:
    """Text."""
    return Column(name, Text, nullable=nullable)


def bytes_column(name: str, *, nullable: bool = False) -> Column[bytes]:
    """Bytes: what was signed or hashed, or ciphertext."""
    return Column(name, LargeBinary, nullable=nullable)


def texts_column(name: str) -> Column[list[str]]:
    """A list of texts."""
    return Column(name, ARRAY(Text), nullable=False)
