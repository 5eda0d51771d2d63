"""The edge's own rows: answers kept for repeated requests, webhooks."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData(
    schema="api",
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("principal", Text, primary_key=True, comment="client that sent the key"),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False, comment="SHA-256 of the request"),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="the answer's JSON, given again to a repetition"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_idempotency_created_at", "created_at"),
)

beat = Table(
    "beat",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, comment="last success"),
)
"""When a background job last succeeded: what one process did and another reports."""

webhook = Table(
    "webhook",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("party_id", Uuid(as_uuid=False), nullable=False),
    Column("url", Text, nullable=False),
    Column("events", ARRAY(Text), nullable=False),
    Column("operator", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("secret", LargeBinary, nullable=False, comment="encrypted"),
    Column("older_secret", LargeBinary, comment="encrypted; signs too until older_until"),
    Column("older_until", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("state IN ('active', 'disabled', 'removed')", name="state"),
    CheckConstraint("(older_secret IS NULL) = (older_until IS NULL)", name="older"),
    Index("ix_webhook_party_id", "party_id"),
)
"""Where parties want to be told of changes."""

webhook_message = Table(
    "webhook_message",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("webhook_id", Uuid(as_uuid=False), ForeignKey(webhook.c.id), nullable=False),
    Column("event", Text, nullable=False, comment="names what happened"),
    Column("type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="JSON as it is sent; ids only"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("replays", Integer, nullable=False, server_default=text("0")),
    Column("last_status", Integer),
    Column("last_error", Text, comment="a code, never a message"),
    Column("delivered_at", DateTime(timezone=True)),
    UniqueConstraint("webhook_id", "event"),
    CheckConstraint("state IN ('pending', 'delivered', 'failed')", name="state"),
    Index("ix_webhook_message_webhook_id_id", "webhook_id", "id"),
    Index("ix_webhook_message_failed", "webhook_id", "id", postgresql_where=text("state = 'failed'")),
    Index("ix_webhook_message_created_at", "created_at", postgresql_where=text("state <> 'pending'")),
)
"""What was told to whom, for replay; kept for thirty days."""
