"""The world of materials, for readings of them."""

from __future__ import annotations

from tests.materials.conftest import offline, world

__all__ = ["offline", "world"]
