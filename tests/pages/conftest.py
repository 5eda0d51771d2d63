"""An exchange of its own for the pages: what a person sees there must be what these tests made, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.stack.exchange import Exchange
from tests.api.conftest import baoshan, market, operations, police, qingpu, settle

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["baoshan", "market", "operations", "police", "qingpu"]


@pytest.fixture(scope="session")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """A running exchange with demo people; anchors every second so that tests need not wait."""
    held = Exchange(
        tmp_path_factory.mktemp("pages"), demo=True, anchor_interval=1.0, figures_interval=2.0, log_level="info"
    )
    try:
        held.up()
        settle(held)
        yield held
    finally:
        held.down()
