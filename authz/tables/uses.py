"""Uses and refused uses, and what proves that none is missing."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE

from authz.tables.base import bytes_column, id_column, key_column, metadata, moment_column, text_column, texts_column
from authz.tables.consent import grant
from authz.tables.duty import break_glass, duty
from authz.tables.people import holder

use: Final = Table(
    "use_",
    metadata,
    key_column(),
    text_column("client_id"),
    text_column("key"),
    text_column("jkt"),
    id_column("party_id"),
    text_column("operator"),
    id_column("object_id"),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    Column("holder_seq", BigInteger, nullable=False),
    text_column("mode"),
    text_column("basis"),
    id_column("grant_id", nullable=True),
    id_column("duty_id", nullable=True),
    id_column("emergency_id", nullable=True),
    text_column("case_no"),
    text_column("item_code"),
    text_column("cause"),
    texts_column("policies"),
    text_column("policy_version"),
    Column("size", BigInteger, nullable=False),
    text_column("sha256"),
    text_column("sm3"),
    text_column("state"),
    Column("delivered", INT8MULTIRANGE, nullable=False, server_default=text("'{}'")),
    Column("content_size", BigInteger, comment="bytes delivered where that is not the object itself"),
    moment_column("opened_at"),
    moment_column("closes_at"),
    moment_column("delivered_at", nullable=True),
    id_column("intent_entry_id"),
    id_column("outcome_entry_id", nullable=True),
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
    Index("ix_use_party_id_opened_at_id", "party_id", "opened_at", "id"),
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
    moment_column("opened_at"),
    Index("ix_use_grant_grant_id", "grant_id"),
    Index("ix_use_grant_grantor_id", "grantor_id"),
)
"""Further grants a use rested on beside its own: those of the other holders of a thing (`authz.jointconsent`)."""

use_holder: Final = Table(
    "use_holder",
    metadata,
    Column("use_id", Uuid(as_uuid=False), ForeignKey(use.c.id), primary_key=True),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), primary_key=True),
    moment_column("opened_at"),
    Index("ix_use_holder_holder_id_opened_at_use_id", "holder_id", "opened_at", "use_id"),
)
"""Who holds the thing of a use together with its holder, whatever the use rested on: it stands in their ledgers too."""

refusal: Final = Table(
    "refusal",
    metadata,
    key_column(),
    text_column("client_id"),
    id_column("party_id"),
    text_column("operator"),
    id_column("object_id", nullable=True),
    id_column("holder_id", nullable=True),
    id_column("emergency_id", nullable=True),
    text_column("case_no"),
    text_column("item_code"),
    text_column("mode"),
    text_column("reason"),
    text_column("said"),
    moment_column("at"),
    id_column("entry_id"),
    bytes_column("why", nullable=True),
    Index("ix_refusal_object_id_at", "object_id", "at", postgresql_where=text("object_id IS NOT NULL")),
    Index("ix_refusal_party_id_at_id", "party_id", "at", "id"),
    Index("ix_refusal_case_no_at_id", "case_no", "at", "id"),
    Index("ix_refusal_holder_id_at", "holder_id", "at", postgresql_where=text("holder_id IS NOT NULL")),
    Index("ix_refusal_emergency_id_at", "emergency_id", "at", postgresql_where=text("emergency_id IS NOT NULL")),
)
"""Refused uses: `reason` is what was so, `said` what the caller was told. `object_id` is null where there is none, and
`emergency_id` is what the request named, whether or not there is such an emergency. `why` opens the reason in the
record (`authz.refusals`)."""

report: Final = Table(
    "report",
    metadata,
    key_column(),
    id_column("line_id"),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    id_column("party_id"),
    bytes_column("text"),
    moment_column("at"),
    id_column("entry_id"),
    bytes_column("answer", nullable=True),
    text_column("answered_by", nullable=True),
    moment_column("answered_at", nullable=True),
    id_column("answer_entry_id", nullable=True),
    CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answer"),
    Index("ix_report_holder_id_at", "holder_id", "at"),
    Index("ix_report_open", "at", "id", postgresql_where=text("answered_at IS NULL")),
)
"""What holders say of uses in their ledger; `line_id` is a use or a refusal."""

heads: Final = Table(
    "heads",
    metadata,
    Column("day", Date, primary_key=True),
    Column("count", BigInteger, nullable=False),
    bytes_column("root"),
    moment_column("time"),
    id_column("entry_id"),
    CheckConstraint("octet_length(root) = 32", name="root"),
)
"""The daily commitment to the head of every holder's chain of uses (`authz.heads`)."""

heads_tile: Final = Table(
    "heads_tile",
    metadata,
    Column("day", Date, primary_key=True),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    bytes_column("first"),
    bytes_column("hashes"),
    Index("ix_heads_tile_first", "day", "level", "first"),
)
"""Tiles of each day's tree: leaf hashes in ascending order and what stands over them; `first` finds a leaf's tile."""
