"""Words and values of a bulk intake (docs/intake.md).

An *intake* is one manifest of one organisation. A *row* names one file; it is *taken* once, whatever is sent how often:
the intake's row number is the key. What is refused is not kept here and may be sent again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from authz.errors import InvalidIdentityError
    from authz.model import HolderKind, Identifier
    from ledger.objects import StoredObject
    from ledger.promise import BatchPromise
    from materials.errors import MaterialsError
    from materials.model import DepositMeta, MaterialType

CHANNEL: Final = "archive"
"""How these materials came; says in every later answer that nobody handed them in at that time."""
MAX_ROWS: Final = 100_000
"""Of one manifest; a larger archive is several."""
MAX_BATCH: Final = 256
"""Files in one request."""


@dataclass(frozen=True, slots=True)
class Intake:
    """One manifest of one organisation.

    Attributes:
        manifest: SHA-256 of its bytes, hexadecimal.
        rows: it has.
        taken: of these, so far.
    """

    id: str
    party_id: str
    manifest: str
    rows: int
    operator: str
    opened_at: datetime
    taken: int = 0


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """A row that is sound by itself.

    Attributes:
        number: from 1, in the manifest's order; the head line of a table does not count.
        holder: the code of whom the document is about.
        meta: of the deposit; its holder is not resolved yet.
        size, sha256: of the file, as whoever read it says.
        reference: the archive's own number (档号).
    """

    number: int
    type: MaterialType
    holder: Identifier
    holder_kind: HolderKind
    holder_name: str = field(repr=False)
    meta: DepositMeta
    size: int
    sha256: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not taken: the error's code and fields."""

    number: int
    code: str
    fields: Mapping[str, str | int]

    @classmethod
    def of(cls, number: int, error: MaterialsError | InvalidIdentityError) -> Refusal:
        """From the error that a rule raised."""
        return cls(number, error.code, error.fields)


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that is in.

    Attributes:
        sha256: of the document, hexadecimal.
    """

    number: int
    material_id: str
    entry_id: str
    sha256: str
    size: int


@dataclass(slots=True)
class Judged:
    """Rows of one request, judged against what is here.

    Attributes:
        known: taken before, by number.
        refused: by themselves or as duplicates.
        good: to be taken, by number.
    """

    known: dict[int, Taken] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    good: dict[int, IntakeRow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """A row whose file lies sealed in the object store, recorded nowhere yet."""

    row: IntakeRow
    object: StoredObject


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the rows of one request.

    Attributes:
        taken: now.
        known: taken before.
        refused: and why.
        promise: over the entries of what was taken now; None where nothing was.
    """

    taken: tuple[Taken, ...]
    known: tuple[Taken, ...]
    refused: tuple[Refusal, ...]
    promise: BatchPromise | None
