"""The parts behind the routes of a checklist, put together once for a node (part of the composition root)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.adapters import connectors
from api.checking import Checking
from materials.checks import Checks

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.settings import Settings
    from authz.uses import Uses
    from ledger.db import Database
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.desk import Desk


class RouteParts:
    """Checks at the source and what stands beside them.

    Args:
        settings: of the node.
        database: for acts of several units.
        catalogue, cases: what is demanded where.
        uses: decides.
        desk: who acts, the log, the time.

    Raises:
        ConnectorConfigError: the operator's file of sources is malformed.
    """

    def __init__(
        self, settings: Settings, database: Database, catalogue: Catalogue, cases: Cases, uses: Uses, desk: Desk
    ) -> None:
        register = connectors.read(settings.connectors)
        asked = connectors.connect(register, settings.secrets_dir, tuple(settings.source_networks), desk.clock)
        self.checks = Checks(register, catalogue, cases, uses, desk)
        self.checking = Checking(database, self.checks, asked)

    def sweep(self, db: Connection) -> None:
        """Housekeeping of the worker."""
        self.checks.sweep(db)
