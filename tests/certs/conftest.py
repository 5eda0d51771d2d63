"""A fresh library of licences for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.certs.world import Library

if TYPE_CHECKING:
    from ledger.db import Database


@pytest.fixture
def library(database: Database) -> Library:
    """Issuers, people and services on an empty database."""
    return Library(database)
