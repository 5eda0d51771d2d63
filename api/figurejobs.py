"""What the worker does for the figures, twice a minute by default: count new acceptances, sum up the last two days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeoutError

from api.observe import log
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from threading import Event

    from api.node import Node

_DAYS: Final = 7
"""Days summed up in one unit; a worker that was away long, or a rebuilding, takes several."""


def run(node: Node, stop: Event) -> None:
    """Keep the figures until told to stop. What goes wrong is logged and tried again at the next turn."""
    while not stop.wait(node.settings.figures_interval):
        try:
            run_once(node, stop)
        except (DBAPIError, PoolTimeoutError, LedgerError) as error:
            log.warning("figures failed", kind=type(error).__name__)


def run_once(node: Node, stop: Event | None = None) -> None:
    """Count everything that is not counted, and sum up what is due."""
    more = True
    while more and not (stop and stop.is_set()):
        with node.database.unit() as db:
            more = node.figures.count(db)
    with node.database.glance() as db:
        days = node.figures.due(db)
    while days and not (stop and stop.is_set()):
        with node.database.unit() as db:
            node.figures.roll(db, days[:_DAYS])
        days = days[_DAYS:]
