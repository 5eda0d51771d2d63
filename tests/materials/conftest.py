"""A fresh world for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.materials.world import World, offline_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.db import Database
    from ledger.objects import ObjectStore


@pytest.fixture
def offline() -> Iterator[ObjectStore]:
    """An object store that is never asked for S3."""
    held = offline_objects()
    yield held
    held.close()


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    """Departments, people and services on an empty database."""
    objects = offline_objects()
    yield World(database, objects)
    objects.close()
