"""The world of materials, for reviews of cases."""

from __future__ import annotations

from tests.materials.conftest import offline

__all__ = ["offline"]
