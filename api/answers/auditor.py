"""Answers to auditors, and what everybody is told of the log (`api.routes.auditing`, `api.routes.logview`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.answers.base import Answer, Moment, Words


class LookOut(Answer):
    """What an auditor looks at, why, and until when its pages can be turned."""

    look_id: str
    kind: Literal["case", "licence", "material", "department"]
    subject: str
    scope: Literal["node", "organisation"]
    since: Moment | None
    until: Moment | None
    cause: str
    organisation: str | None
    org_code: str | None
    operator: str
    at: Moment
    open_until: Moment
    is_open: bool
    entry_id: str


class LooksOut(Answer):
    """A page of what auditors looked at."""

    looks: list[LookOut]
    after: str | None


class EntryStateOut(Answer):
    """Where an entry is in the log."""

    entry_id: str
    state: Literal["pending", "integrated", "cosigned", "anchored"]
    log: Annotated[str | None, Field(description="the log that holds it; null while it is in none")]
    index: int | None
    anchored_at: Moment | None


class AuditLineOut(Answer):
    """Something that was done: no name, no content."""

    kind: str
    id: str
    at: Moment
    organisation: str | None
    org_code: str | None
    operator: str | None
    object_id: str | None
    type_code: str | None
    case_no: str | None
    item_code: str | None
    mode: str | None
    basis: str | None
    reason: str | None
    reason_text: Annotated[Words | None, Field(description="what the reason of a refusal says")]
    state: str | None
    ended_at: Moment | None
    related: str | None
    copy_sha256: Annotated[str | None, Field(description="of the derived copy that left by a use")]
    code_kind: Annotated[Literal["live", "printed", "company"] | None, Field(description="of a scan")]
    scenario: Annotated[str | None, Field(description="of a scan, the verifier's published scope")]
    fields: Annotated[list[str], Field(description="of a scan, names of what was seen")]
    entry: Annotated[EntryStateOut | None, Field(description="null of a refused scan, which the log does not hold")]
    outcome_entry: EntryStateOut | None
    copy_entry: EntryStateOut | None


class LookVersionOut(Answer):
    """A version of a material or licence that is looked at."""

    id: str
    type_code: str
    version: int
    status: str
    organisation: str | None
    org_code: str | None
    at: Moment
    sha256: Annotated[str | None, Field(description="null of another organisation's version, outside the scope")]
    origin_case_no: str | None
    licence_id: str | None
    erased_at: Annotated[Moment | None, Field(description="when the key of its document was destroyed")]


class LookPageOut(Answer):
    """A page of a look."""

    versions: list[LookVersionOut]
    lines: list[AuditLineOut]
    next_cursor: str | None


class PartsOut(Answer):
    """How many there are of each part of what a department did."""

    uses: int
    refusals: int
    deposits: int
    licences: int
    cases: int
    scans: int


class SumsOut(Answer):
    """How much a department did: up to `most`, and one more where there is more."""

    most: int
    sums: PartsOut


class FactContentOut(Answer):
    """What a record says: its type and time, and more by type."""

    type: str
    time: Moment


class FactOut(Answer):
    """What a record says, and the salt it is committed under."""

    content: FactContentOut
    salt: str


class ShutOut(Answer):
    """A part that stays shut."""

    commitment: str


class OpenedFactOut(Answer):
    """What opens a leaf, with the parties shut."""

    salt: str
    fact: FactOut
    parties: ShutOut


class OpenedEntryOut(Answer):
    """An entry of the log with its record's fact."""

    index: int
    opening: OpenedFactOut


class OpenedEntriesOut(Answer):
    """Entries of the log with their records' facts; erased ones are left out."""

    entries: list[OpenedEntryOut]


class RetiredKeyOut(Answer):
    """A key the log signed with, until a size."""

    vkey: str
    until_size: int


class WatchingOut(Answer):
    """A witness, and how far it has cosigned."""

    vkey: str
    size: int
    cosigned_at: Moment | None


class ContractsOut(Answer):
    """The chain a log is anchored on."""

    chain_id: int
    genesis_hash: str
    registry: str
    anchor: str
    code_hash: str


class FrozenOut(Answer):
    """A log that came before and grows no more."""

    number: int
    origin: str
    size: int
    frozen_at: Moment


class LogOut(Answer):
    """What a log says about itself."""

    origin: str
    vkey: str
    retired_keys: list[RetiredKeyOut]
    size: int
    checkpoint: str | None
    checkpoint_at: Moment | None
    quorum: int
    witnesses: list[WatchingOut]
    chain: ContractsOut | None
    superior: bool
    frozen: list[FrozenOut]


class AnchoredInOut(Answer):
    """The block that holds a checkpoint."""

    transaction: str | None
    block_number: int
    block_hash: str
    block_time: Moment


class CheckpointOut(Answer):
    """A checkpoint with its cosignatures and its anchor."""

    size: int
    note: str
    at: Moment
    anchor: AnchoredInOut | None


class CheckpointsOut(Answer):
    """A page of checkpoints."""

    checkpoints: list[CheckpointOut]
    next: int | None


class AnchorProofOut(Answer):
    """Proof that the chain holds a checkpoint: the section `chain` of evidence bundles."""

    size: int
    chain: Annotated[dict[str, Any], Field(description="docs/evidence.md, 2.3")]
