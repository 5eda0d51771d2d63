"""Errors inside the reader's process; the edge never sees them (`materials.errors` has what it sees)."""

from __future__ import annotations

from materials.errors import MaterialsError


class UnreadableError(MaterialsError):
    """The document cannot be read; `problem` says why, kebab-case."""

    code = "document-unreadable"


class ReaderFailedError(MaterialsError):
    """The reader's process ended or took too long over a page; it was stopped and will be started anew."""

    code = "reader-failed"
