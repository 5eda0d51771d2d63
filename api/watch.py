"""What the worker does once a minute: look for gaps and for what waits too long, commit the heads of yesterday."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError, IntegrityError

from api import gaps
from api.observe import log
from authz.store import heads as store
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from threading import Event

    from api.node import Node

SECONDS: Final = 60.0


def run(node: Node, stop: Event) -> None:
    """Watch until told to stop. What goes wrong is logged and tried again in a minute."""
    while not stop.wait(SECONDS):
        for look in (alarm, remind, commit_heads):
            try:
                look(node)
            except (DBAPIError, LedgerError) as error:
                log.warning("watch failed", look=look.__name__, kind=type(error).__name__)


def alarm(node: Node) -> dict[str, int]:
    """Say in the log which gaps there are; how many of each kind."""
    with node.database.unit() as db:
        found = gaps.count(db, node.clock.now(), node.settings).named()
    for kind, count in found.items():
        if count:
            log.error("gap", gap=kind, count=count)
    return found


def remind(node: Node) -> list[str]:
    """Say in the log what people should have looked at by now; what it is."""
    with node.database.unit() as db:
        waiting = node.overdue(db)
    for each in waiting:
        log.warning("overdue", what=each)
    return waiting


def commit_heads(node: Node) -> store.Day | None:
    """Commit the day that ended last, once, whoever comes first; None where there is nothing to do."""
    due = node.heads.due()
    if due is None:
        return None
    day, time = due
    with node.database.unit() as db:
        if store.has(db, day):
            return None
    hashes: list[bytes] = []
    after, more = "", True
    while more:
        with node.database.unit() as db:
            page, after = node.heads.page(db, day, after)
        hashes += page
        more = bool(after)
    try:
        with node.database.unit() as db:
            made = node.heads.commit(db, day, time, hashes)
    except IntegrityError:  # another worker was quicker
        return None
    log.info("holder heads", day=day.isoformat(), count=made.count)
    return made
