"""What holders are asked and give: asks, grants, delegations, by whatever channel; and what ended."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from authz.tables.base import bytes_column, id_column, key_column, metadata, moment_column, text_column, texts_column
from authz.tables.parties import client, party
from authz.tables.people import holder

ask_batch: Final = Table(
    "ask_batch",
    metadata,
    key_column(),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    Column("grantor_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    text_column("operator"),
    text_column("channel"),
    bytes_column("notice"),
    text_column("notice_digest"),
    moment_column("created_at"),
    moment_column("expires_at"),
    CheckConstraint("channel IN ('app', 'qr', 'ciba')", name="channel"),
    Index("ix_ask_batch_grantor_id_created_at", "grantor_id", "created_at"),
)
"""What was asked together, under one notice (告知书), byte for byte as it was shown."""

ask: Final = Table(
    "ask",
    metadata,
    key_column(),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    Column("grantor_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    text_column("operator"),
    bytes_column("body"),
    text_column("digest"),
    text_column("state"),
    moment_column("created_at"),
    moment_column("expires_at"),
    id_column("grant_id", nullable=True),
    Column("batch_id", Uuid(as_uuid=False), ForeignKey(ask_batch.c.id)),
    Column("joint_id", Uuid(as_uuid=False), ForeignKey("ask.id"), comment="the applicant's ask, of another holder's"),
    UniqueConstraint("digest"),
    CheckConstraint("state IN ('pending', 'approved', 'refused')", name="state"),
    Index("ix_ask_grantor_id_created_at", "grantor_id", "created_at"),
    Index("ix_ask_party_id_created_at", "party_id", "created_at"),
    Index("ix_ask_batch_id", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
    Index("ix_ask_joint_id", "joint_id", postgresql_where=text("joint_id IS NOT NULL")),
)

ask_refusal: Final = Table(
    "ask_refusal",
    metadata,
    Column("ask_id", Uuid(as_uuid=False), ForeignKey(ask.c.id), primary_key=True),
    bytes_column("signature"),
    text_column("representation", nullable=True),
    id_column("entry_id"),
    moment_column("refused_at"),
)
"""What holders signed to refuse, encrypted; none of an ask that another holder's no closed."""

grant: Final = Table(
    "grant_",
    metadata,
    key_column(),
    text_column("digest"),
    bytes_column("body"),
    Column("grantor_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    Column("signer_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    text_column("signer_kind"),
    Column("assurance", SmallInteger, nullable=False),
    id_column("key_id", nullable=True),
    moment_column("key_since", nullable=True),
    text_column("representation", nullable=True),
    Column("grantee_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    text_column("item_code"),
    text_column("case_no", nullable=True),
    text_column("mode"),
    Column("objects", ARRAY(Uuid(as_uuid=False)), nullable=False),
    texts_column("types"),
    texts_column("fields"),
    texts_column("regions"),
    Column("max_uses", Integer, nullable=False),
    Column("uses_left", Integer, nullable=False),
    moment_column("valid_from"),
    moment_column("valid_to"),
    text_column("state"),
    bytes_column("id_token"),
    id_column("entry_id"),
    moment_column("given_at"),
    moment_column("withdrawn_at", nullable=True),
    bytes_column("withdrawal_token", nullable=True),
    id_column("withdrawal_entry_id", nullable=True),
    Column("frequency_count", Integer, comment="at most so many uses"),
    Column("frequency_seconds", Integer, comment="in so long a time"),
    Column("fresh_days", Integer, comment="nothing older than this is covered"),
    Column("recent", ARRAY(DateTime(timezone=True)), nullable=False, server_default=text("'{}'")),
    Column("answer", LargeBinary, comment="what was signed, where that names several terms"),
    UniqueConstraint("digest"),
    CheckConstraint("uses_left BETWEEN 0 AND max_uses", name="uses_left"),
    CheckConstraint("valid_from < valid_to", name="period"),
    CheckConstraint("(frequency_count IS NULL) = (frequency_seconds IS NULL)", name="frequency"),
    CheckConstraint("mode IN ('verify', 'data', 'copy')", name="mode"),
    CheckConstraint("signer_kind IN ('oidc', 'passkey', 'host_app', 'counter')", name="signer_kind"),
    CheckConstraint("(signer_kind IN ('passkey', 'host_app')) = (key_since IS NOT NULL)", name="key"),
    CheckConstraint("assurance BETWEEN 1 AND 3", name="assurance"),
    CheckConstraint("(state = 'active') = (withdrawn_at IS NULL)", name="state"),
    CheckConstraint("(signer_id = grantor_id) = (representation IS NULL)", name="representation"),
    Index("ix_grant_grantee_id_grantor_id", "grantee_id", "grantor_id"),
    Index("ix_grant_grantor_id_given_at", "grantor_id", "given_at"),
)
"""Grants, under the name `grant_`: the plain word is reserved in SQL. The columns repeat `body` for look-ups.

`recent` holds the times of the last `frequency_count` uses: the oldest of them says whether there may be one more.
"""

delegation: Final = Table(
    "delegation",
    metadata,
    key_column(),
    text_column("digest"),
    bytes_column("body"),
    Column("principal_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    Column("delegator_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    text_column("representation", nullable=True),
    Column("delegate_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    Column("path", ARRAY(Uuid(as_uuid=False)), nullable=False),
    bytes_column("id_token"),
    id_column("entry_id"),
    moment_column("given_at"),
    moment_column("ended_at", nullable=True),
    bytes_column("end_token", nullable=True),
    id_column("end_entry_id", nullable=True),
    UniqueConstraint("digest"),
    CheckConstraint("delegate_id NOT IN (principal_id, delegator_id)", name="delegate"),
    CheckConstraint("cardinality(path) BETWEEN 1 AND 3", name="path"),
    CheckConstraint("(ended_at IS NULL) = (end_entry_id IS NULL)", name="ended"),
    Index("ix_delegation_delegate_id_principal_id", "delegate_id", "principal_id"),
)
"""Links of chains of delegation; `path` runs from the first of the chain to this one. The terms are in `body`."""

assistance: Final = Table(
    "assistance",
    metadata,
    key_column(),
    Column("ask_id", Uuid(as_uuid=False), ForeignKey(ask.c.id), nullable=False),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    Column("signer_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    text_column("identified_by"),
    text_column("case_no"),
    bytes_column("pad"),
    text_column("pad_sha256"),
    text_column("first_operator", nullable=True),
    bytes_column("first_statement", nullable=True),
    text_column("second_operator", nullable=True),
    id_column("grant_id", nullable=True),
    bytes_column("slip", nullable=True),
    moment_column("created_at"),
    moment_column("expires_at"),
    moment_column("given_at", nullable=True),
    UniqueConstraint("slip"),
    CheckConstraint("identified_by IN ('id_card_read', 'live_code')", name="identified_by"),
    CheckConstraint("first_operator <> second_operator", name="staff"),
    CheckConstraint("(grant_id IS NULL) = (given_at IS NULL) AND (grant_id IS NULL) = (slip IS NULL)", name="given"),
    Index("ix_assistance_party_id_created_at", "party_id", "created_at"),
    Index("ix_assistance_created_at", "created_at"),
    Index("ix_assistance_ask_id", "ask_id"),
)
"""Consent at the counter, also where it came to nothing. `pad`: what was drawn, encrypted; `slip`: the code, keyed."""

backchannel_client: Final = Table(
    "backchannel_client",
    metadata,
    Column("client_id", Text, ForeignKey(client.c.id), primary_key=True),
    text_column("endpoint"),
    text_column("operator"),
    moment_column("registered_at"),
)
"""Clients that are pinged (OpenID CIBA), and where."""

backchannel: Final = Table(
    "backchannel",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("client_id", Text, ForeignKey(client.c.id), nullable=False),
    Column("batch_id", Uuid(as_uuid=False), ForeignKey(ask_batch.c.id), nullable=False),
    text_column("scope"),
    Column("interval", Integer, nullable=False),
    bytes_column("request_id"),
    bytes_column("notification_token", nullable=True),
    moment_column("created_at"),
    moment_column("expires_at"),
    moment_column("polled_at", nullable=True),
    moment_column("redeemed_at", nullable=True),
    UniqueConstraint("batch_id"),
)
"""Requests of OpenID CIBA; `id` is SHA-256 of the `auth_req_id`, which is kept encrypted with the ping's token."""

cessation: Final = Table(
    "cessation",
    metadata,
    Column("grant_id", Uuid(as_uuid=False), ForeignKey(grant.c.id), primary_key=True),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    Column("uses", Integer, nullable=False),
    moment_column("asked_at"),
    moment_column("due_at"),
    moment_column("acknowledged_at", nullable=True),
    text_column("action", nullable=True),
    text_column("reason", nullable=True),
    text_column("operator", nullable=True),
    id_column("entry_id", nullable=True),
    CheckConstraint("action IN ('stopped', 'deleted', 'retained')", name="action"),
    CheckConstraint("(acknowledged_at IS NULL) = (entry_id IS NULL)", name="acknowledged"),
    Index("ix_cessation_party_id_due_at", "party_id", "due_at"),
    Index("ix_cessation_due_at_open", "due_at", postgresql_where=text("acknowledged_at IS NULL")),
)
"""Withdrawn grants whose recipient has to stop or delete, and say so."""
