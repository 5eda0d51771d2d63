"""What goes into and comes out of the making and the checking of licence files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from certs.files.metadata import COPY_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Made:
    """Both files of one licence, sealed by its issuer."""

    pdf: bytes
    ofd: bytes


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a derived copy (加注件) says about itself, on its face and in its metadata (GB/T 36905: 加注件 JZJ*).

    Attributes:
        copy_id: UUID of the copy.
        licence_id: 电子证照标识 of the licence.
        requester: name of the organisation it was made for.
        requester_code: its unified social credit code.
        cause: 加注件制作事由, as the use states it.
        valid_from, valid_to: when the copy may be relied on.
        maker: name of the library that made it (加注件制作者).
        maker_code: its unified social credit code; its key seals the copy.
        parent_sha256, parent_sm3: digests of the sealed original, hexadecimal.
    """

    copy_id: str
    licence_id: str
    requester: str
    requester_code: str
    cause: str
    valid_from: datetime
    valid_to: datetime
    maker: str
    maker_code: str
    parent_sha256: str
    parent_sm3: str


@dataclass(frozen=True, slots=True)
class SealedBy:
    """One seal that holds: whose it is, when it says it was set."""

    org_code: str
    org_name: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file that passed its check says.

    Attributes:
        seals: in the order they were set.
        metadata: by pinyin initials; empty for a document that is no licence.
    """

    seals: tuple[SealedBy, ...]
    metadata: Mapping[str, str]

    @property
    def is_copy(self) -> bool:
        """Whether it is a copy with a remark (加注件) and not a licence."""
        return all(name in self.metadata for name in COPY_NAMES)
