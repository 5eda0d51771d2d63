"""The small world of these tests, fresh for each."""

import pytest

from ledger.db import Database
from tests.authz.world import World


@pytest.fixture
def world(database: Database) -> World:
    return World(database)
