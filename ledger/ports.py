"""What the evidence layer needs from the packages to its left (DESIGN 2); wired in `api`."""

from __future__ import annotations

from typing import Protocol


class Source(Protocol):
    """A document that arrives: a file, or a request's body."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty only at the end."""
        ...


class Inspector(Protocol):
    """Looks at a document while it passes into the object store; implemented by `materials.content`.

    It sees every byte, in order, before the piece is sent. Whatever it raises leaves `ObjectStore.put` unchanged and
    the document is not stored.
    """

    def feed(self, piece: bytes, /) -> None:
        """The next piece of the document."""

    def finish(self) -> None:
        """The document has ended."""
