"""The signers of this node: looked up in the database for every seal, so that a revocation counts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certs.signing.errors import NoSealKeyError
from certs.signing.model import Algorithm
from certs.store import seals as store
from ledger.db import outside_any_unit

if TYPE_CHECKING:
    from datetime import datetime

    from certs.signing.model import Signer
    from certs.signing.workshop import Workshop
    from ledger.db import Database


class StoredSealKeys:
    """Implements `certs.signing.model.SealKeys` over the register.

    Args:
        database: of this node; each look-up is a glance of its own.
        workshop: knows the providers.
    """

    def __init__(self, database: Database, workshop: Workshop) -> None:
        self._database = database
        self._workshop = workshop

    def seal(self, org_code: str, algorithm: str, at: datetime) -> Signer:
        """As `SealKeys.seal`."""
        outside_any_unit("asking for a seal key")
        with self._database.glance() as db:
            key = store.current(db, org_code, Algorithm(algorithm))
        if key is None:
            raise NoSealKeyError(algorithm=algorithm)
        if not key.valid_from <= at <= key.valid_to:
            raise NoSealKeyError(algorithm=algorithm, problem="its certificate does not cover this moment")
        return self._workshop.signer(key)
