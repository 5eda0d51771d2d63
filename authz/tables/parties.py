"""Organisations, their clients and staff, what they applied for and used; other nodes.

`jti` is UNLOGGED: a database crash empties it, which `authz.tokenproofs` notices and answers.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from authz.tables.base import bytes_column, id_column, key_column, metadata, moment_column, text_column, texts_column

party: Final = Table(
    "party",
    metadata,
    key_column(),
    text_column("kind"),
    text_column("name"),
    text_column("org_code"),
    text_column("division"),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    moment_column("created_at"),
    Column("contact", LargeBinary, comment="who answers for it, encrypted"),
    UniqueConstraint("org_code"),
    CheckConstraint("kind IN ('government', 'enforcement', 'social')", name="kind"),
    Index("ix_party_created_at", "created_at"),
)

client: Final = Table(
    "client",
    metadata,
    Column("id", Text, primary_key=True),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    texts_column("scopes"),
    Column("epoch", Integer, nullable=False, server_default=text("0")),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    moment_column("created_at"),
    Index("ix_client_party_id", "party_id"),
)
"""`epoch` grows on revocation: tokens of an earlier epoch are void at once, cached or not."""

client_key: Final = Table(
    "client_key",
    metadata,
    Column("client_id", Text, ForeignKey(client.c.id), primary_key=True),
    Column("kid", Text, primary_key=True),
    text_column("alg"),
    Column("jwk", JSONB, nullable=False),
    moment_column("created_at"),
    moment_column("not_after", nullable=True),
    CheckConstraint("alg IN ('ES256', 'EdDSA', 'SM2')", name="alg"),
)
"""One algorithm per key, fixed at registration; a JWT header never chooses."""

client_certificate: Final = Table(
    "client_certificate",
    metadata,
    Column("client_id", Text, ForeignKey(client.c.id), primary_key=True),
    Column("thumbprint", Text, primary_key=True),
    bytes_column("certificate"),
    moment_column("created_at"),
    moment_column("not_after"),
)
"""Certificates of clients (RFC 8705): X.509 DER; `thumbprint` is its SHA-256, base64url. It ends early when retired."""

application: Final = Table(
    "application",
    metadata,
    key_column(),
    text_column("kind"),
    text_column("name"),
    text_column("org_code"),
    text_column("division"),
    text_column("client_id"),
    texts_column("scopes"),
    Column("keys", JSONB, nullable=False),
    texts_column("certificates"),
    Column("operators", JSONB, nullable=False),
    bytes_column("contact", nullable=True),
    text_column("basis"),
    text_column("state"),
    Column("filed_for", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    text_column("filed_by"),
    moment_column("filed_at"),
    text_column("decided_by", nullable=True),
    moment_column("decided_at", nullable=True),
    text_column("reason", nullable=True),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id)),
    CheckConstraint("kind IN ('government', 'enforcement', 'social')", name="kind"),
    CheckConstraint("state IN ('open', 'approved', 'refused')", name="state"),
    CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
    CheckConstraint("decided_by IS DISTINCT FROM filed_by", name="two"),
    Index("ix_application_filed_at", "filed_at"),
    Index("ix_application_filed_for", "filed_for"),
    Index(
        "ix_application_decided_at_contact",
        "decided_at",
        postgresql_where=text("state <> 'open' AND contact IS NOT NULL"),
    ),
    Index("ix_application_party_id", "party_id", postgresql_where=text("party_id IS NOT NULL")),
)
"""Organisations that want to join; `filed_for` is the organisation whose staff filed and decide it: the node's own."""

provider: Final = Table(
    "provider",
    metadata,
    Column("type_code", Text, primary_key=True),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    moment_column("named_at"),
    Index("ix_provider_party_id", "party_id"),
)
"""Who answers for a conditionally shared type (有条件共享): others need its consent to use it here."""

access_request: Final = Table(
    "access_request",
    metadata,
    key_column(),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    Column("provider_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    text_column("type_code"),
    text_column("item_code"),
    text_column("purpose"),
    text_column("basis"),
    text_column("operator"),
    moment_column("asked_at"),
    moment_column("due_at"),
    id_column("entry_id"),
    text_column("state"),
    text_column("answered_by", nullable=True),
    moment_column("answered_at", nullable=True),
    text_column("reason", nullable=True),
    id_column("answer_entry_id", nullable=True),
    CheckConstraint("state IN ('open', 'approved', 'refused', 'ended')", name="state"),
    CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered"),
    CheckConstraint("party_id <> provider_id", name="two"),
    Index(
        "uq_access_request_standing",
        "party_id",
        "type_code",
        "item_code",
        unique=True,
        postgresql_where=text("state IN ('open', 'approved')"),
    ),
    Index("ix_access_request_party_id_asked_at", "party_id", "asked_at"),
    Index("ix_access_request_provider_id_asked_at", "provider_id", "asked_at"),
    Index("ix_access_request_due_at_open", "due_at", postgresql_where=text("state = 'open'")),
    Index("ix_access_request_type_code_standing", "type_code", postgresql_where=text("state IN ('open', 'approved')")),
)

party_usage: Final = Table(
    "party_usage",
    metadata,
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), primary_key=True),
    Column("what", Text, primary_key=True),
    Column("since", DateTime(timezone=True), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Index("ix_party_usage_since", "since"),
    Index("ix_party_usage_what_since", "what", "since"),
)
"""What organisations used, by day, and by minute for the last hour (`authz.limits`)."""

party_limit: Final = Table(
    "party_limit",
    metadata,
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), primary_key=True),
    Column("what", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    moment_column("set_at"),
    CheckConstraint("amount >= 0", name="amount"),
)
"""Limits that differ from those of the organisation's kind."""

self_check: Final = Table(
    "self_check",
    metadata,
    key_column(),
    Column("client_id", Text, ForeignKey(client.c.id), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("report", JSONB, nullable=False),
    moment_column("at"),
    Index("ix_self_check_client_id_at", "client_id", "at"),
)
"""Reports on what a client of the sandbox did (`api.sandbox`)."""

operator: Final = Table(
    "operator",
    metadata,
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), primary_key=True),
    Column("handle", Text, primary_key=True),
    texts_column("roles"),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    moment_column("created_at"),
)

operator_login: Final = Table(
    "operator_login",
    metadata,
    Column("lookup", LargeBinary, primary_key=True),
    Column("party_id", Uuid(as_uuid=False), nullable=False),
    text_column("handle"),
    moment_column("created_at"),
    ForeignKeyConstraint(["party_id", "handle"], [operator.c.party_id, operator.c.handle]),
    Index("ix_operator_login_party_id_handle", "party_id", "handle"),
)
"""With which login a member of staff comes to the console: `lookup` is HMAC-SHA-256 over issuer and subject."""

node: Final = Table(
    "node",
    metadata,
    Column("code", Text, primary_key=True),
    text_column("division"),
    text_column("endpoint"),
    Column("keys", JSONB, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    moment_column("created_at"),
)
"""Other nodes as the registry contract names them; a local copy for look-ups."""

jti: Final = Table(
    "jti",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    moment_column("expires_at"),
    Index("ix_jti_expires_at", "expires_at"),
    prefixes=["UNLOGGED"],
)
"""Proofs and assertions seen, by SHA-256; the all-zero id is the birth of the table."""
