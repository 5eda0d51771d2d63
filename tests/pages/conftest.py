"""An exchange of its own for each file of pages: what a person sees there must be what the file made, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.stack.exchange import Exchange
from tests.api.conftest import market, police, settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.client import Client

__all__ = ["market", "police"]


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def operations(exchange: Exchange) -> Iterator[Client]:
    """The client of the exchange's own operator."""
    with exchange.client("cailian-operations") as client:
        yield client


@pytest.fixture(scope="module")
def baoshan(exchange: Exchange) -> Iterator[Client]:
    """The depositing window's client."""
    with exchange.client("baoshan-window") as client:
        yield client


@pytest.fixture(scope="module")
def qingpu(exchange: Exchange) -> Iterator[Client]:
    """The asking department's client."""
    with exchange.client("qingpu-market") as client:
        yield client
