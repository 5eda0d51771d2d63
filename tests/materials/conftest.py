"""A fresh world for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.materials.world import World

if TYPE_CHECKING:
    from ledger.db import Database


@pytest.fixture
def world(database: Database) -> World:
    """Departments, people and services on an empty database."""
    return World(database)
