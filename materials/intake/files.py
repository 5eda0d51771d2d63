"""The files of a manifest, looked at where they lie: there, whole, what their bytes say they are, their digest.

One pass over a file does it all; the exchange looks again at what arrives (`materials.content`).
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from materials.content import HEAD, MEDIA_TYPES, TAIL, Inspector
from materials.errors import ContentTypeMismatchError, EmptyFileError
from materials.intake.errors import IntakeDigestError, IntakeFileError
from materials.marks import Kind, sniff
from materials.structure import package

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import BinaryIO

_PIECE: Final = 1024 * 1024
_TYPES: Final = {kind: media_type for media_type, kind in MEDIA_TYPES.items()}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a file is: its size in bytes, SHA-256 in hexadecimal, and media type by its bytes."""

    size: int
    sha256: str
    media_type: str


def resolve(root: Path, path: str) -> Path:
    """Where a file of a manifest lies.

    Args:
        root: the manifest's folder, resolved; nothing outside is ever opened, not by `..` and not by a link.
        path: as the manifest says, with `/`, or the backslash of manifests made on Windows.

    Raises:
        IntakeFileError: missing, outside, or no regular file.
    """
    try:
        found = (root / path.replace("\\", "/")).resolve(strict=True)
        mode = found.stat().st_mode
    except FileNotFoundError:
        raise IntakeFileError(problem="missing") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise IntakeFileError(problem=_reason(error)) from None
    if not found.is_relative_to(root):
        raise IntakeFileError(problem="outside the folder")
    if not stat.S_ISREG(mode):
        raise IntakeFileError(problem="no regular file")
    return found


def look(file: Path, given: Mapping[str, Any]) -> Seen:
    """Look at a file, and compare what its row says of it.

    Args:
        file: as `resolve` found it.
        given: the row's members.

    Raises:
        IntakeFileError: it cannot be read.
        IntakeDigestError: another size or digest than the row says.
        MaterialsError: it is not what it should be (`materials.content`).
    """
    try:
        with file.open("rb") as stream:
            seen = _look(stream, os.fstat(stream.fileno()).st_size)
    except OSError as error:
        raise IntakeFileError(problem=_reason(error)) from None
    if given.get("size", seen.size) != seen.size:
        raise IntakeDigestError(stated=int(given["size"]), size=seen.size)
    if str(given.get("sha256", seen.sha256)).lower() != seen.sha256:
        raise IntakeDigestError(problem="sha256")
    stated = given.get("media_type")
    if stated and Inspector(str(stated), MEDIA_TYPES.keys()).media_type != seen.media_type:
        raise ContentTypeMismatchError(declared=str(stated)[:64], detected=seen.media_type)
    return seen


def _look(stream: BinaryIO, size: int) -> Seen:
    if not size:
        raise EmptyFileError
    media_type = _media_type(stream, size)
    stream.seek(0)
    inspector, digest, read = Inspector(media_type, {media_type}), hashlib.sha256(), 0
    while piece := stream.read(_PIECE):
        inspector.feed(piece)
        digest.update(piece)
        read += len(piece)
    inspector.finish()
    return Seen(read, digest.hexdigest(), media_type)


def _media_type(stream: BinaryIO, size: int) -> str:
    """By the first bytes, and for packages by their directory at the end.

    Raises:
        ContentTypeMismatchError: of no kind that is taken.
    """
    kind = sniff(stream.read(HEAD))
    if kind is Kind.ZIP:
        stream.seek(max(size - TAIL, 0))
        kind = package(stream.read(TAIL), size)
    if kind not in _TYPES:
        raise ContentTypeMismatchError(declared="any that is taken", detected=kind.value)
    return _TYPES[kind]


def _reason(error: Exception) -> str:
    """What the system says, without the path."""
    return (getattr(error, "strerror", None) or "not a path").lower()
