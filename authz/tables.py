"""Rows of authorisation, PostgreSQL schema `authz`. Seen by the stores of this package only.

What was signed or hashed is `bytea`. Identity codes, names and ID tokens are ciphertext (DESIGN 5); codes are found by
a keyed HMAC. `jti` is UNLOGGED: a database crash empties it, which `authz.replay` notices and answers.
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
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INT8MULTIRANGE, JSONB

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


def _id(name: str = "id", *, nullable: bool = False) -> Column[str]:
    """A UUID column that is not the key."""
    return Column(name, Uuid(as_uuid=False), nullable=nullable)


def _key() -> Column[str]:
    return Column("id", Uuid(as_uuid=False), primary_key=True)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _bytes(name: str, *, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=nullable)


def _texts(name: str) -> Column[list[str]]:
    return Column(name, ARRAY(Text), nullable=False)


# Who

holder: Final = Table(
    "holder",
    metadata,
    _key(),
    _text("kind"),
    _bytes("name"),
    Column("use_seq", BigInteger, nullable=False, server_default=text("0")),
    _bytes("use_head", nullable=True),
    _moment("created_at"),
    CheckConstraint("kind IN ('person', 'organisation')", name="kind"),
    CheckConstraint("(use_seq = 0) = (use_head IS NULL)", name="use_chain"),
)
"""`use_seq` and `use_head` (leaf hash of the last use entry) chain a holder's uses, so that a gap shows (DESIGN 5)."""

identifier: Final = Table(
    "identifier",
    metadata,
    Column("lookup", LargeBinary, primary_key=True),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    _text("type"),
    _text("country"),
    _bytes("code"),
    _moment("created_at"),
    Index("ix_identifier_holder_id", "holder_id"),
)
"""Identity codes: `lookup` is HMAC-SHA-256 under the look-up key, `code` ciphertext."""

party: Final = Table(
    "party",
    metadata,
    _key(),
    _text("kind"),
    _text("name"),
    _text("org_code"),
    _text("division"),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    _moment("created_at"),
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
    _texts("scopes"),
    Column("epoch", Integer, nullable=False, server_default=text("0")),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    _moment("created_at"),
    Index("ix_client_party_id", "party_id"),
)
"""`epoch` grows on revocation: tokens of an earlier epoch are void at once, cached or not."""

client_key: Final = Table(
    "client_key",
    metadata,
    Column("client_id", Text, ForeignKey(client.c.id), primary_key=True),
    Column("kid", Text, primary_key=True),
    _text("alg"),
    Column("jwk", JSONB, nullable=False),
    _moment("created_at"),
    _moment("not_after", nullable=True),
    CheckConstraint("alg IN ('ES256', 'EdDSA', 'SM2')", name="alg"),
)
"""One algorithm per key, fixed at registration; a JWT header never chooses."""

client_certificate: Final = Table(
    "client_certificate",
    metadata,
    Column("client_id", Text, ForeignKey(client.c.id), primary_key=True),
    Column("thumbprint", Text, primary_key=True),
    _bytes("certificate"),
    _moment("created_at"),
    _moment("not_after"),
)
"""Certificates of clients (RFC 8705): X.509 DER; `thumbprint` is its SHA-256, base64url. It ends early when retired."""

application: Final = Table(
    "application",
    metadata,
    _key(),
    _text("kind"),
    _text("name"),
    _text("org_code"),
    _text("division"),
    _text("client_id"),
    _texts("scopes"),
    Column("keys", JSONB, nullable=False),
    _texts("certificates"),
    Column("operators", JSONB, nullable=False),
    _bytes("contact", nullable=True),
    _text("basis"),
    _text("state"),
    Column("filed_for", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    _text("filed_by"),
    _moment("filed_at"),
    _text("decided_by", nullable=True),
    _moment("decided_at", nullable=True),
    _text("reason", nullable=True),
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
    _moment("named_at"),
    Index("ix_provider_party_id", "party_id"),
)
"""Who answers for a conditionally shared type (有条件共享): others need its consent to use it here."""

access_request: Final = Table(
    "access_request",
    metadata,
    _key(),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    Column("provider_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    _text("type_code"),
    _text("item_code"),
    _text("purpose"),
    _text("basis"),
    _text("operator"),
    _moment("asked_at"),
    _moment("due_at"),
    _id("entry_id"),
    _text("state"),
    _text("answered_by", nullable=True),
    _moment("answered_at", nullable=True),
    _text("reason", nullable=True),
    _id("answer_entry_id", nullable=True),
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
    _moment("set_at"),
    CheckConstraint("amount >= 0", name="amount"),
)
"""Limits that differ from those of the organisation's kind."""

self_check: Final = Table(
    "self_check",
    metadata,
    _key(),
    Column("client_id", Text, ForeignKey(client.c.id), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("report", JSONB, nullable=False),
    _moment("at"),
    Index("ix_self_check_client_id_at", "client_id", "at"),
)
"""Reports on what a client of the sandbox did (`api.sandbox`)."""

operator: Final = Table(
    "operator",
    metadata,
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), primary_key=True),
    Column("handle", Text, primary_key=True),
    _texts("roles"),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    _moment("created_at"),
)

operator_login: Final = Table(
    "operator_login",
    metadata,
    Column("lookup", LargeBinary, primary_key=True),
    Column("party_id", Uuid(as_uuid=False), nullable=False),
    _text("handle"),
    _moment("created_at"),
    ForeignKeyConstraint(["party_id", "handle"], [operator.c.party_id, operator.c.handle]),
    Index("ix_operator_login_party_id_handle", "party_id", "handle"),
)
"""With which login a member of staff comes to the console: `lookup` is HMAC-SHA-256 over issuer and subject."""

firm_name: Final = Table(
    "firm_name",
    metadata,
    Column("beginning", LargeBinary, primary_key=True),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), primary_key=True),
    Index("ix_firm_name_holder_id", "holder_id"),
)
"""By which beginnings of their names organisations are found: HMAC-SHA-256 of each (`authz.firms`)."""

node: Final = Table(
    "node",
    metadata,
    Column("code", Text, primary_key=True),
    _text("division"),
    _text("endpoint"),
    Column("keys", JSONB, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    _moment("created_at"),
)
"""Other nodes as the registry contract names them; a local copy for look-ups."""

jti: Final = Table(
    "jti",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    _moment("expires_at"),
    Index("ix_jti_expires_at", "expires_at"),
    prefixes=["UNLOGGED"],
)
"""Proofs and assertions seen, by SHA-256; the all-zero id is the birth of the table."""

# Terms

ask_batch: Final = Table(
    "ask_batch",
    metadata,
    _key(),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    Column("grantor_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    _text("operator"),
    _text("channel"),
    _bytes("notice"),
    _text("notice_digest"),
    _moment("created_at"),
    _moment("expires_at"),
    CheckConstraint("channel IN ('app', 'qr', 'ciba')", name="channel"),
    Index("ix_ask_batch_grantor_id_created_at", "grantor_id", "created_at"),
)
"""What was asked together, under one notice (告知书), byte for byte as it was shown."""

ask: Final = Table(
    "ask",
    metadata,
    _key(),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    Column("grantor_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    _text("operator"),
    _bytes("body"),
    _text("digest"),
    _text("state"),
    _moment("created_at"),
    _moment("expires_at"),
    _id("grant_id", nullable=True),
    Column("batch_id", Uuid(as_uuid=False), ForeignKey(ask_batch.c.id)),
    Column("joint_id", Uuid(as_uuid=False), ForeignKey("ask.id"), comment="the applicant's ask, of another holder's"),
    UniqueConstraint("digest"),
    CheckConstraint("state IN ('pending', 'approved', 'refused')", name="state"),
    Index("ix_ask_grantor_id_created_at", "grantor_id", "created_at"),
    Index("ix_ask_party_id_created_at", "party_id", "created_at"),
    Index("ix_ask_batch_id", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
    Index("ix_ask_joint_id", "joint_id", postgresql_where=text("joint_id IS NOT NULL")),
)

grant: Final = Table(
    "grant_",
    metadata,
    _key(),
    _text("digest"),
    _bytes("body"),
    Column("grantor_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    Column("signer_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    _text("signer_kind"),
    Column("assurance", SmallInteger, nullable=False),
    _id("key_id", nullable=True),
    _moment("key_since", nullable=True),
    _text("representation", nullable=True),
    Column("grantee_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    _text("item_code"),
    _text("case_no", nullable=True),
    _text("mode"),
    Column("objects", ARRAY(Uuid(as_uuid=False)), nullable=False),
    _texts("types"),
    _texts("fields"),
    _texts("regions"),
    Column("max_uses", Integer, nullable=False),
    Column("uses_left", Integer, nullable=False),
    _moment("valid_from"),
    _moment("valid_to"),
    _text("state"),
    _bytes("id_token"),
    _id("entry_id"),
    _moment("given_at"),
    _moment("withdrawn_at", nullable=True),
    _bytes("withdrawal_token", nullable=True),
    _id("withdrawal_entry_id", nullable=True),
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
    _key(),
    _text("digest"),
    _bytes("body"),
    Column("principal_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    Column("delegator_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    _text("representation", nullable=True),
    Column("delegate_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    Column("path", ARRAY(Uuid(as_uuid=False)), nullable=False),
    _bytes("id_token"),
    _id("entry_id"),
    _moment("given_at"),
    _moment("ended_at", nullable=True),
    _bytes("end_token", nullable=True),
    _id("end_entry_id", nullable=True),
    UniqueConstraint("digest"),
    CheckConstraint("delegate_id NOT IN (principal_id, delegator_id)", name="delegate"),
    CheckConstraint("cardinality(path) BETWEEN 1 AND 3", name="path"),
    CheckConstraint("(ended_at IS NULL) = (end_entry_id IS NULL)", name="ended"),
    Index("ix_delegation_delegate_id_principal_id", "delegate_id", "principal_id"),
)
"""Links of chains of delegation; `path` runs from the first of the chain to this one. The terms are in `body`."""

signing_key: Final = Table(
    "signing_key",
    metadata,
    _key(),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    _text("kind"),
    _text("digest"),
    _bytes("body"),
    _text("credential"),
    Column("assurance", SmallInteger, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    _bytes("enrolment"),
    _id("entry_id"),
    _moment("enrolled_at"),
    _moment("revoked_at", nullable=True),
    _bytes("revocation", nullable=True),
    _id("revocation_entry_id", nullable=True),
    UniqueConstraint("digest"),
    UniqueConstraint("kind", "credential"),
    CheckConstraint("kind IN ('passkey', 'host_app')", name="kind"),
    CheckConstraint("(revoked_at IS NULL) = (revocation_entry_id IS NULL)", name="revoked"),
    Index("ix_signing_key_holder_id_enrolled_at", "holder_id", "enrolled_at"),
)
"""Keys holders sign with. `body` holds the terms of enrolment, `enrolment` the ID token over them, encrypted."""

assistance: Final = Table(
    "assistance",
    metadata,
    _key(),
    Column("ask_id", Uuid(as_uuid=False), ForeignKey(ask.c.id), nullable=False),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    Column("signer_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    _text("identified_by"),
    _text("case_no"),
    _bytes("pad"),
    _text("pad_sha256"),
    _text("first_operator", nullable=True),
    _bytes("first_statement", nullable=True),
    _text("second_operator", nullable=True),
    _id("grant_id", nullable=True),
    _bytes("slip", nullable=True),
    _moment("created_at"),
    _moment("expires_at"),
    _moment("given_at", nullable=True),
    UniqueConstraint("slip"),
    CheckConstraint("identified_by IN ('id_card_read', 'live_code')", name="identified_by"),
    CheckConstraint("first_operator <> second_operator", name="staff"),
    CheckConstraint("(grant_id IS NULL) = (given_at IS NULL) AND (grant_id IS NULL) = (slip IS NULL)", name="given"),
    Index("ix_assistance_party_id_created_at", "party_id", "created_at"),
    Index("ix_assistance_created_at", "created_at"),
    Index("ix_assistance_ask_id", "ask_id"),
)
"""Consent at the counter, also where it came to nothing. `pad`: what was drawn, encrypted; `slip`: the code, keyed."""

duty_version: Final = Table(
    "duty_version",
    metadata,
    Column("version", Text, primary_key=True),
    _text("digest"),
    _bytes("document"),
    _id("entry_id"),
    _moment("published_at"),
    Column("current", Boolean, nullable=False),
    Index("uq_duty_version_current", "current", unique=True, postgresql_where=text("current")),
)
"""Published versions of the duty catalogue; one is current."""

duty: Final = Table(
    "duty",
    metadata,
    _key(),
    Column("version", Text, ForeignKey(duty_version.c.version), nullable=False),
    _text("org_code"),
    _text("article"),
    _text("item_code"),
    _texts("types"),
    _texts("fields"),
    _text("mode"),
    _moment("valid_from"),
    _moment("valid_to", nullable=True),
    Index("ix_duty_version_org_code_item_code", "version", "org_code", "item_code"),
)

scenario: Final = Table(
    "scenario",
    metadata,
    Column("code", Text, primary_key=True),
    _text("org_code"),
    _text("party_kind"),
    _text("purpose"),
    _texts("types"),
    Column("fields", ARRAY(Text)),
    _text("mode"),
    _moment("valid_from"),
    _moment("valid_to", nullable=True),
    Column("version", Integer, nullable=False),
)
"""The application scenarios in force: the entries of the newest version of their register, no other."""

break_glass: Final = Table(
    "break_glass",
    metadata,
    _key(),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    _text("case_no"),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    _texts("types"),
    _text("mode"),
    _text("ground"),
    Column("reason", LargeBinary, nullable=False, comment="encrypted"),
    _text("opened_by"),
    _moment("opened_at"),
    _id("entry_id"),
    _text("approved_by", nullable=True),
    _moment("approved_at", nullable=True),
    _id("approval_entry_id", nullable=True),
    _moment("ends_at", nullable=True),
    _moment("review_due_at", nullable=True),
    _text("reviewed_by", nullable=True),
    Column("reviewer_party_id", Uuid(as_uuid=False), ForeignKey(party.c.id)),
    _text("verdict", nullable=True),
    Column("finding", LargeBinary, comment="encrypted"),
    _moment("reviewed_at", nullable=True),
    _id("review_entry_id", nullable=True),
    CheckConstraint("mode IN ('verify', 'data', 'copy')", name="mode"),
    CheckConstraint("opened_by <> approved_by", name="two_people"),
    CheckConstraint(
        "(approved_at IS NULL) = (approved_by IS NULL) AND (approved_at IS NULL) = (ends_at IS NULL)"
        " AND (approved_at IS NULL) = (review_due_at IS NULL) AND (approved_at IS NULL) = (approval_entry_id IS NULL)",
        name="approved",
    ),
    CheckConstraint(
        "(reviewed_at IS NULL) = (verdict IS NULL) AND (reviewed_at IS NULL) = (reviewed_by IS NULL)", name="reviewed"
    ),
    CheckConstraint("verdict IN ('justified', 'unjustified')", name="verdict"),
    Index("ix_break_glass_party_id_opened_at", "party_id", "opened_at"),
    Index("ix_break_glass_holder_id", "holder_id"),
    Index("ix_break_glass_reviewer_party_id", "reviewer_party_id"),
    Index(
        "ix_break_glass_review_due_at_open",
        "review_due_at",
        postgresql_where=text("approved_at IS NOT NULL AND reviewed_at IS NULL"),
    ),
)
"""Emergencies: opened by one, approved by another, reviewed by a third (`authz.breakglass`)."""

# Uses

use: Final = Table(
    "use_",
    metadata,
    _key(),
    _text("client_id"),
    _text("key"),
    _text("jkt"),
    _id("party_id"),
    _text("operator"),
    _id("object_id"),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    Column("holder_seq", BigInteger, nullable=False),
    _text("mode"),
    _text("basis"),
    _id("grant_id", nullable=True),
    _id("duty_id", nullable=True),
    _id("emergency_id", nullable=True),
    _text("case_no"),
    _text("item_code"),
    _text("cause"),
    _texts("policies"),
    _text("policy_version"),
    Column("size", BigInteger, nullable=False),
    _text("sha256"),
    _text("sm3"),
    _text("state"),
    Column("delivered", INT8MULTIRANGE, nullable=False, server_default=text("'{}'")),
    Column("content_size", BigInteger, comment="bytes delivered where that is not the object itself"),
    _moment("opened_at"),
    _moment("closes_at"),
    _moment("delivered_at", nullable=True),
    _id("intent_entry_id"),
    _id("outcome_entry_id", nullable=True),
    UniqueConstraint("client_id", "key"),
    UniqueConstraint("holder_id", "holder_seq"),
    ForeignKeyConstraint(["grant_id"], [grant.c.id], name="fk_use_grant_id"),
    ForeignKeyConstraint(["duty_id"], [duty.c.id], name="fk_use_duty_id"),
    ForeignKeyConstraint(["emergency_id"], [break_glass.c.id], name="fk_use_emergency_id"),
    CheckConstraint("state IN ('open', 'delivered', 'aborted')", name="state"),
    CheckConstraint(
        "(basis = 'grant') = (grant_id IS NOT NULL) AND (basis = 'duty') = (duty_id IS NOT NULL)"
        " AND (basis = 'emergency') = (emergency_id IS NOT NULL)",
        name="basis",
    ),
    CheckConstraint("(state = 'open') = (outcome_entry_id IS NULL)", name="outcome"),
    CheckConstraint("size > 0", name="size"),
    Index("ix_use_object_id_opened_at", "object_id", "opened_at"),
    Index("ix_use_case_no", "case_no"),
    Index("ix_use_grant_id", "grant_id", postgresql_where=text("grant_id IS NOT NULL")),
    Index("ix_use_closes_at_open", "closes_at", postgresql_where=text("state = 'open'")),
    Index("ix_use_emergency_id", "emergency_id", postgresql_where=text("emergency_id IS NOT NULL")),
)

use_grant: Final = Table(
    "use_grant",
    metadata,
    Column("use_id", Uuid(as_uuid=False), ForeignKey(use.c.id), primary_key=True),
    Column("grant_id", Uuid(as_uuid=False), ForeignKey(grant.c.id), primary_key=True),
    Column("grantor_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    _moment("opened_at"),
    Index("ix_use_grant_grant_id", "grant_id"),
    Index("ix_use_grant_grantor_id", "grantor_id"),
)
"""Further grants a use rested on beside its own: those of the other holders of a thing (`authz.jointconsent`)."""

use_holder: Final = Table(
    "use_holder",
    metadata,
    Column("use_id", Uuid(as_uuid=False), ForeignKey(use.c.id), primary_key=True),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), primary_key=True),
    _moment("opened_at"),
    Index("ix_use_holder_holder_id_opened_at_use_id", "holder_id", "opened_at", "use_id"),
)
"""Who holds the thing of a use together with its holder, whatever the use rested on: it stands in their ledgers too."""

notice_delay: Final = Table(
    "notice_delay",
    metadata,
    _key(),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    _text("case_no"),
    _text("ground"),
    _text("article"),
    _text("decided_by"),
    _moment("decided_at"),
    _moment("until"),
    _id("entry_id"),
    _text("ended_by", nullable=True),
    _moment("ended_at", nullable=True),
    _id("end_entry_id", nullable=True),
    CheckConstraint("until > decided_at", name="until"),
    CheckConstraint(
        "(ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (end_entry_id IS NULL)", name="ended"
    ),
    Index(
        "ix_notice_delay_party_id_case_no_until",
        "party_id",
        "case_no",
        "until",
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("ix_notice_delay_party_id_decided_at", "party_id", "decided_at"),
    Index("ix_notice_delay_until_standing", "until", postgresql_where=text("ended_at IS NULL")),
)
"""Decisions that holders hear later of the duty uses of a case (`authz.dutynotices`)."""

duty_use: Final = Table(
    "duty_use",
    metadata,
    Column("use_id", Uuid(as_uuid=False), ForeignKey(use.c.id), primary_key=True),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    _id("entry_id"),
    _moment("opened_at"),
    Column("delay_id", Uuid(as_uuid=False), ForeignKey(notice_delay.c.id)),
    _moment("drawn_at", nullable=True),
    Index("ix_duty_use_delay_id", "delay_id", postgresql_where=text("delay_id IS NOT NULL")),
    Index("ix_duty_use_opened_at_undrawn", "opened_at", postgresql_where=text("drawn_at IS NULL")),
    Index("ix_duty_use_party_id", "party_id"),
)
"""Duty uses: which delay each was made under, and whether a draw has seen it."""

duty_draw: Final = Table(
    "duty_draw",
    metadata,
    _key(),
    Column("checkpoint_size", BigInteger, nullable=False),
    _bytes("root"),
    _text("note"),
    _bytes("seed"),
    Column("permille", Integer, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("picked", Integer, nullable=False),
    _moment("at"),
    _id("entry_id"),
    CheckConstraint("permille BETWEEN 0 AND 1000 AND picked BETWEEN 0 AND uses", name="counts"),
    Index("ix_duty_draw_at", "at"),
)
"""Draws of duty uses for audit, each with what makes it reproducible (`authz.sampling`)."""

duty_sample: Final = Table(
    "duty_sample",
    metadata,
    Column("use_id", Uuid(as_uuid=False), ForeignKey(use.c.id), primary_key=True),
    Column("draw_id", Uuid(as_uuid=False), ForeignKey(duty_draw.c.id), nullable=False),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    _moment("picked_at"),
    _moment("due_at"),
    _text("verdict", nullable=True),
    Column("finding", LargeBinary, comment="encrypted"),
    _text("judged_by", nullable=True),
    _moment("judged_at", nullable=True),
    _id("entry_id", nullable=True),
    _moment("follow_due_at", nullable=True),
    Column("answer", LargeBinary, comment="encrypted"),
    _text("answered_by", nullable=True),
    _moment("answered_at", nullable=True),
    _id("answer_entry_id", nullable=True),
    _text("closed_by", nullable=True),
    _moment("closed_at", nullable=True),
    _id("close_entry_id", nullable=True),
    CheckConstraint("verdict IN ('lawful', 'unclear', 'unlawful')", name="verdict"),
    CheckConstraint(
        "(judged_at IS NULL) = (verdict IS NULL) AND (judged_at IS NULL) = (finding IS NULL)", name="judged"
    ),
    CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
    CheckConstraint("closed_at IS NULL OR judged_at IS NOT NULL", name="closed"),
    Index("ix_duty_sample_draw_id", "draw_id"),
    Index("ix_duty_sample_due_at_use_id_open", "due_at", "use_id", postgresql_where=text("closed_at IS NULL")),
    Index("ix_duty_sample_party_id_follow_due_at", "party_id", "follow_due_at"),
)
"""Duty uses that were drawn, the auditor's verdict on each, and what followed."""

refusal: Final = Table(
    "refusal",
    metadata,
    _key(),
    _text("client_id"),
    _id("party_id"),
    _text("operator"),
    _id("object_id", nullable=True),
    _id("holder_id", nullable=True),
    _id("emergency_id", nullable=True),
    _text("case_no"),
    _text("item_code"),
    _text("mode"),
    _text("reason"),
    _text("said"),
    _moment("at"),
    _id("entry_id"),
    Index("ix_refusal_object_id_at", "object_id", "at", postgresql_where=text("object_id IS NOT NULL")),
    Index("ix_refusal_holder_id_at", "holder_id", "at", postgresql_where=text("holder_id IS NOT NULL")),
    Index("ix_refusal_emergency_id_at", "emergency_id", "at", postgresql_where=text("emergency_id IS NOT NULL")),
)
"""Refused uses: `reason` is what was so, `said` what the caller was told. `object_id` is null where there is none, and
`emergency_id` is what the request named, whether or not there is such an emergency."""

report: Final = Table(
    "report",
    metadata,
    _key(),
    _id("line_id"),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    _id("party_id"),
    _bytes("text"),
    _moment("at"),
    _id("entry_id"),
    _bytes("answer", nullable=True),
    _text("answered_by", nullable=True),
    _moment("answered_at", nullable=True),
    _id("answer_entry_id", nullable=True),
    CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answer"),
    Index("ix_report_holder_id_at", "holder_id", "at"),
    Index("ix_report_open", "at", "id", postgresql_where=text("answered_at IS NULL")),
)
"""What holders say of uses in their ledger; `line_id` is a use or a refusal."""

# What proves that no use is missing

heads: Final = Table(
    "heads",
    metadata,
    Column("day", Date, primary_key=True),
    Column("count", BigInteger, nullable=False),
    _bytes("root"),
    _moment("time"),
    _id("entry_id"),
    CheckConstraint("octet_length(root) = 32", name="root"),
)
"""The daily commitment to the head of every holder's chain of uses (`authz.heads`)."""

heads_tile: Final = Table(
    "heads_tile",
    metadata,
    Column("day", Date, primary_key=True),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    _bytes("first"),
    _bytes("hashes"),
    Index("ix_heads_tile_first", "day", "level", "first"),
)
"""Tiles of each day's tree: leaf hashes in ascending order and what stands over them; `first` finds a leaf's tile."""

# Asking and telling

notice: Final = Table(
    "notice",
    metadata,
    _key(),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    _text("kind"),
    _text("subject"),
    _id("party_id", nullable=True),
    _moment("created_at"),
    _moment("due_at"),
    _moment("read_at", nullable=True),
    UniqueConstraint("holder_id", "kind", "subject"),
    Index("ix_notice_holder_id_due_at", "holder_id", "due_at"),
)
"""What holders are told; the words follow from the kind."""

notice_told: Final = Table(
    "notice_told",
    metadata,
    Column("notice_id", Uuid(as_uuid=False), ForeignKey(notice.c.id), primary_key=True),
    Column("person_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), primary_key=True),
    Column("channel", Text, primary_key=True),
    _moment("at"),
)

contact: Final = Table(
    "contact",
    metadata,
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), primary_key=True),
    _bytes("phone"),
    _moment("learned_at"),
)
"""Telephone numbers that a login provider verified, encrypted."""

backchannel_client: Final = Table(
    "backchannel_client",
    metadata,
    Column("client_id", Text, ForeignKey(client.c.id), primary_key=True),
    _text("endpoint"),
    _text("operator"),
    _moment("registered_at"),
)
"""Clients that are pinged (OpenID CIBA), and where."""

backchannel: Final = Table(
    "backchannel",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("client_id", Text, ForeignKey(client.c.id), nullable=False),
    Column("batch_id", Uuid(as_uuid=False), ForeignKey(ask_batch.c.id), nullable=False),
    _text("scope"),
    Column("interval", Integer, nullable=False),
    _bytes("request_id"),
    _bytes("notification_token", nullable=True),
    _moment("created_at"),
    _moment("expires_at"),
    _moment("polled_at", nullable=True),
    _moment("redeemed_at", nullable=True),
    UniqueConstraint("batch_id"),
)
"""Requests of OpenID CIBA; `id` is SHA-256 of the `auth_req_id`, which is kept encrypted with the ping's token."""

cessation: Final = Table(
    "cessation",
    metadata,
    Column("grant_id", Uuid(as_uuid=False), ForeignKey(grant.c.id), primary_key=True),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    Column("uses", Integer, nullable=False),
    _moment("asked_at"),
    _moment("due_at"),
    _moment("acknowledged_at", nullable=True),
    _text("action", nullable=True),
    _text("reason", nullable=True),
    _text("operator", nullable=True),
    _id("entry_id", nullable=True),
    CheckConstraint("action IN ('stopped', 'deleted', 'retained')", name="action"),
    CheckConstraint("(acknowledged_at IS NULL) = (entry_id IS NULL)", name="acknowledged"),
    Index("ix_cessation_party_id_due_at", "party_id", "due_at"),
    Index("ix_cessation_due_at_open", "due_at", postgresql_where=text("acknowledged_at IS NULL")),
)
"""Withdrawn grants whose recipient has to stop or delete, and say so."""
