"""Bodies that are a tar archive: one list of rows, then files, read as they come.

POSIX ustar (IEEE Std 1003.1, pax, "ustar Interchange Format") with regular files only; GNU tar and Python make it with
`--format=ustar` and `tarfile.USTAR_FORMAT`. Python's own reader is not used: extended headers, of which it reads any
length into memory, sparse files and links have no place here, and names are only compared, never used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from materials.intake.errors import IntakeBodyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROWS: Final = "rows.ndjson"
"""Name of the first member."""
MAX_LIST: Final = 1024 * 1024
_BLOCK: Final = 512
_REGULAR: Final = frozenset({b"0", b"\0"})


class TarFile:
    """One file within the archive; a `ledger.ports.Source`."""

    def __init__(self, body: TarBody, size: int) -> None:
        self._body = body
        self.left = size

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        piece = self._body.take(min(size, self.left))
        self.left -= len(piece)
        return piece

    def rest(self) -> bytes:
        """All that is left, for files of a known small size."""
        pieces = []
        while self.left:
            pieces.append(self.read(self.left))
        return b"".join(pieces)


class TarBody:
    """Reads an archive once, from front to back.

    Args:
        pull: gives the next bytes of the body, none at its end.
    """

    def __init__(self, pull: Callable[[], bytes]) -> None:
        self._pull = pull
        self._held = memoryview(b"")

    def rows(self) -> bytes:
        """The first member.

        Raises:
            IntakeBodyError: it is another, or too long.
        """
        head = self._header()
        if head is None or head[0] != ROWS:
            raise IntakeBodyError(problem=f"does not begin with {ROWS}")
        if head[1] > MAX_LIST:
            raise IntakeBodyError(problem=f"{ROWS} is over {MAX_LIST} bytes")
        listed = self._exactly(head[1])
        self._exactly(-head[1] % _BLOCK)
        return listed

    def files(self) -> Iterator[tuple[str, int, TarFile]]:
        """The other members: name, size and content. What was left unread of one is passed over.

        Raises:
            IntakeBodyError: no regular file, a wrong checksum, or the archive ends too early.
        """
        while (head := self._header()) is not None:
            name, size = head
            file = TarFile(self, size)
            yield name, size, file
            while file.left:
                file.read(1024 * 1024)
            self._exactly(-size % _BLOCK)

    def take(self, size: int) -> bytes:
        """Up to `size` bytes, at least one.

        Raises:
            IntakeBodyError: the body is over.
        """
        if not size:
            return b""
        if not self._held:
            self._held = memoryview(self._pull())
            if not self._held:
                raise IntakeBodyError(problem="ends too early")
        piece = bytes(self._held[:size])
        self._held = self._held[size:]
        return piece

    def _exactly(self, size: int) -> bytes:
        pieces = []
        while size:
            pieces.append(self.take(size))
            size -= len(pieces[-1])
        return b"".join(pieces)

    def _header(self) -> tuple[str, int] | None:
        """Name and size of the next member; None at the end, which is a block of zeros."""
        block = self._exactly(_BLOCK)
        if not any(block):
            return None
        # The checksum is over the block with its own field as spaces.
        if _octal(block[148:156]) != sum(block) - sum(block[148:156]) + 8 * 32:
            raise IntakeBodyError(problem="no tar, or damaged")
        if block[257:262] != b"ustar" or block[156:157] not in _REGULAR:
            raise IntakeBodyError(problem="a member that is no regular file")
        name = block[:100].partition(b"\0")[0]
        return name.decode("ascii", "replace"), _octal(block[124:136])


def _octal(field: bytes) -> int:
    text = field.strip(b" \0")
    if not text or text.strip(b"01234567"):
        raise IntakeBodyError(problem="no tar, or damaged")
    return int(text, 8)
