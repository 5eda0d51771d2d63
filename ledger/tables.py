"""Rows of the evidence layer, PostgreSQL schema `ledger`. Seen by the stores of this package only.

Canonical bytes are kept as `bytea`, never as JSON columns: what was hashed must come back byte for byte.
Which table may be deleted from: `secret`, `record` and `kept` (erasure, DESIGN 5) and `outbox`. Never `entry`, `tile`,
`checkpoint` or `anchor`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata: Final = MetaData(
    schema="ledger",
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)


def _moment(name: str, *, nullable: bool = False, now: bool = False) -> Column[object]:
    """A `timestamptz` column."""
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=func.now() if now else None)


def _only_row() -> Column[int]:
    """The key of a table that holds one row."""
    return Column("id", SmallInteger, primary_key=True, autoincrement=False, server_default=text("1"))


log: Final = Table(
    "log",
    metadata,
    _only_row(),
    Column("origin", Text, nullable=False),
    Column("key_id", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    _moment("created_at", now=True),
    _moment("frozen_at", nullable=True),
    CheckConstraint("id = 1", name="one_row"),
    CheckConstraint("size >= 0", name="size"),
    CheckConstraint("octet_length(root) = 32", name="root"),
)
"""The head of the current log. `sequencer.create_log` makes the row; `ledger.shards` moves it away with its log."""

entry: Final = Table(
    "entry",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("id", Uuid(as_uuid=False), nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("idx", BigInteger, nullable=True),
    _moment("created_at"),
    UniqueConstraint("id"),
    UniqueConstraint("idx"),
    Index("ix_entry_pending", "seq", postgresql_where=text("idx IS NULL")),
)
"""What the log commits to. `idx` is null while the entry is pending and never changes afterwards."""

record: Final = Table(
    "record",
    metadata,
    Column("entry_id", Uuid(as_uuid=False), primary_key=True),
    Column("fact", LargeBinary, nullable=False),
    Column("parties", LargeBinary, nullable=False),
)
"""The canonical parts an entry's commitment opens to; the salts are in `secret`, kind `record`."""

kept: Final = Table(
    "kept",
    metadata,
    Column("entry_id", Uuid(as_uuid=False), primary_key=True),
    Column("owner", Uuid(as_uuid=False), nullable=False, comment="who may ask for it; an opaque id"),
    Column("reference", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("digest_key", BigInteger, nullable=False, comment="8 bytes of SHA-256 over owner and digest"),
    Index("ix_kept_reference", "owner", "reference", "entry_id"),
    Index("ix_kept_digest_key", "digest_key"),
)
"""Where to find what `ledger.kept` anchored, by its owner's reference or digest. Goes with the record on erasure.

Digests are random, so their index is written all over, at every place as often as at its end. `digest_key` makes it a
fifth as large, which keeps it in memory, and the cost of an entry flat, at ten million entries and beyond.
"""

secret: Final = Table(
    "secret",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
"""Wrapped data keys (`object`) and salts (`record`). Deleting a row erases; it has its own short backup history."""

tile: Final = Table(
    "tile",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("width", SmallInteger, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    CheckConstraint("width BETWEEN 1 AND 256", name="width"),
    CheckConstraint("octet_length(hashes) = 32 * width", name="hashes"),
)
"""Tiles of the Merkle tree (C2SP tlog-tiles): only the right edge is ever updated, a full tile never."""

checkpoint: Final = Table(
    "checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    _moment("at"),
    Column("quorum", SmallInteger),
    CheckConstraint("quorum >= 0", name="quorum"),
    Index("ix_checkpoint_published", "size", postgresql_where=text("quorum IS NOT NULL")),
    Index("ix_checkpoint_cosigned", "size", postgresql_where=text("quorum > 0")),
)
"""Signed heads, one per size (C2SP tlog-checkpoint). Lines are added to `note` as witnesses cosign. `quorum` is how
many of them it had to wait for when it was published, 0 where none is demanded, and null while it waits."""

witness: Final = Table(
    "witness",
    metadata,
    Column("vkey", Text, primary_key=True),
    Column("size", BigInteger, nullable=False, server_default=text("0")),
    _moment("cosigned_at", nullable=True),
    Column("failure", Text),
    _moment("failed_at", nullable=True),
    Column("seen_size", BigInteger),
    Column("seen_note", Text),
    CheckConstraint("size >= 0", name="size"),
)
"""What we know of each witness: the size it last cosigned, the code of its last failure until it cosigns again, and the
greatest head under our own signature that it showed us and we do not have (`ledger.witness`)."""

anchor: Final = Table(
    "anchor",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("nonce", BigInteger),
    Column("tx_hash", LargeBinary),
    Column("raw_tx", LargeBinary),
    Column("block_number", BigInteger),
    Column("block_hash", LargeBinary),
    _moment("block_time", nullable=True),
    Column("proof", JSONB),
    _moment("created_at", now=True),
    _moment("confirmed_at", nullable=True),
    CheckConstraint("state IN ('sending', 'confirmed', 'void')", name="state"),
    Index("uq_anchor_sending", "state", unique=True, postgresql_where=text("state = 'sending'")),
    Index("ix_anchor_confirmed", "size", postgresql_where=text("state = 'confirmed'")),
)
"""Checkpoints sent to the chain; the partial unique index is the rule "one transaction in flight" (DESIGN 4)."""

chain_identity: Final = Table(
    "chain_identity",
    metadata,
    _only_row(),
    Column("chain_id", BigInteger, nullable=False),
    Column("genesis_hash", LargeBinary, nullable=False),
    Column("registry", LargeBinary, nullable=False),
    Column("anchor_address", LargeBinary, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
"""The chain this node anchors to: another genesis under the same address is another chain."""

object_: Final = Table(
    "object",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("key", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("cipher_size", BigInteger, nullable=False),
    Column("profile", Text, nullable=False),
    Column("chunk", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("sm3", LargeBinary, nullable=False),
    Column("version_id", Text, nullable=False),
    _moment("retain_until"),
    _moment("created_at", now=True),
    UniqueConstraint("key"),
)
"""What lies in S3: sizes in bytes, digests of the plaintext, `chunk` the plaintext bytes per AEAD chunk."""

outbox: Final = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    _moment("due_at"),
    _moment("created_at"),
    _moment("done_at", nullable=True),
    _moment("dead_at", nullable=True),
    Column("last_error", Text),
    UniqueConstraint("kind", "key"),
    Index("ix_outbox_due", "due_at", postgresql_where=text("done_at IS NULL AND dead_at IS NULL")),
    Index("ix_outbox_kind_id", "kind", "id", postgresql_where=text("done_at IS NULL")),
)
"""Intents written in the caller's unit, delivered afterwards (DESIGN 2). `last_error` is a code, never a message."""

register_version: Final = Table(
    "register_version",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("owner", Text, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("sm3", LargeBinary, nullable=False),
    Column("entry_id", Uuid(as_uuid=False), nullable=False),
    _moment("adopted_at"),
    _moment("published_at"),
    Column("chain_state", Text, nullable=False, server_default=text("'waiting'")),
    _moment("recorded_at", nullable=True),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint("chain_state IN ('waiting', 'approved', 'recorded', 'conflict')", name="chain_state"),
    UniqueConstraint("entry_id"),
    Index("ix_register_version_unrecorded", "kind", postgresql_where=text("chain_state IN ('waiting', 'approved')")),
)
"""Published registers (上链): the canonical document of each version, and how far its hash is on the chain."""

district: Final = Table(
    "district",
    metadata,
    Column("division", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("vkey", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("account", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("size", BigInteger, nullable=False, server_default=text("0")),
    Column("root", LargeBinary, nullable=False),
    Column("chain_state", Text, nullable=False, server_default=text("'waiting'")),
    _moment("added_at"),
    _moment("accepted_at", nullable=True),
    _moment("heard_at", nullable=True),
    CheckConstraint("state IN ('active', 'suspended')", name="state"),
    CheckConstraint("chain_state IN ('waiting', 'approved', 'recorded')", name="chain_state"),
    CheckConstraint("octet_length(root) = 32", name="root"),
    UniqueConstraint("origin"),
)
"""Districts whose logs this node watches; `size` and `root` are the newest tree it accepted, all it trusts of them.
`heard_at`: when the district last showed that tree, also when nothing was new."""

district_checkpoint: Final = Table(
    "district_checkpoint",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("entry_id", Uuid(as_uuid=False), nullable=False),
    _moment("accepted_at"),
    UniqueConstraint("entry_id"),
)
"""Accepted checkpoints, each with its entry in clear. The key is the rule "at most one entry per checkpoint"."""

district_refusal: Final = Table(
    "district_refusal",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True, comment="SHA-256 of the refused checkpoint's text"),
    Column("reason", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("proof", Text, nullable=False, comment="as it came, base64 hashes by line"),
    Column("known_size", BigInteger, nullable=False),
    Column("known_entry_id", Uuid(as_uuid=False), comment="entry whose clear leaf holds the checkpoint it contradicts"),
    Column("seen", Integer, nullable=False, server_default=text("1")),
    _moment("first_at"),
    _moment("last_at"),
    CheckConstraint("reason IN ('fork', 'inconsistent')", name="reason"),
)
"""Checkpoints that a district's key signed and we refused, kept as evidence; one row however often it is sent."""

superior: Final = Table(
    "superior",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("proof", JSONB),
    Column("chain", JSONB),
    _moment("sent_at"),
    _moment("anchored_at", nullable=True),
    Index("ix_superior_anchored", "size", postgresql_where=text("anchored_at IS NOT NULL")),
    Index("ix_superior_waiting", "size", postgresql_where=text("anchored_at IS NULL")),
)
"""What a district keeps of its superior: for each checkpoint of ours that the superior's log took, leaf, index,
inclusion, checkpoint (`proof`) and anchor (`chain`), so that our bundles are complete offline."""

# Logs and keys of the past, and what was erased

shard: Final = Table(
    "shard",
    metadata,
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    _moment("frozen_at"),
    _moment("archived_at"),
    UniqueConstraint("origin"),
    CheckConstraint("number > 0", name="number"),
)
"""Frozen logs, in order. Their own tables lie in the schema `ledger_<number>` (`ledger.shards`)."""

log_key: Final = Table(
    "log_key",
    metadata,
    Column("vkey", Text, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("until_size", BigInteger, nullable=False),
    _moment("retired_at"),
    Index("ix_log_key_origin", "origin", "retired_at"),
    CheckConstraint("until_size >= 0", name="until_size"),
)
"""Log keys that sign no more; each is good for checkpoints of its log up to `until_size` (trust file, `until_size`)."""

erasure: Final = Table(
    "erasure",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("proposer", Text, nullable=False),
    _moment("proposed_at"),
    Column("approver", Text),
    _moment("erased_at", nullable=True),
    Column("entry_id", Uuid(as_uuid=False)),
    CheckConstraint("kind IN ('object', 'record')", name="kind"),
    CheckConstraint("approver IS NULL OR approver <> proposer", name="two_people"),
    CheckConstraint("(erased_at IS NULL) = (approver IS NULL)", name="erased"),
    Index("ix_erasure_proposed", "proposed_at", postgresql_where=text("erased_at IS NULL")),
)
"""What was or shall be erased, by id. Kept outside the backups of `secret`, so that a restore erases again."""
