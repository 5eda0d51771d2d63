"""Identifiers: UUID version 7 (RFC 9562 5.7), so that rows made together lie together."""

from __future__ import annotations

import uuid_utils


def new_id() -> str:
    """A fresh identifier, 36 characters, sortable by the millisecond of its making."""
    return str(uuid_utils.uuid7())
