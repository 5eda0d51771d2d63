"""A process that appends, sequences and says what it acknowledged, until somebody kills it."""

from __future__ import annotations

import sys
import threading

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.clock import SystemClock
from ledger.db import Database
from ledger.evidence import Evidence
from ledger.note import NoteSigner
from ledger.record import Record
from ledger.sequencer import Sequencer
from tests.ledger.logs import ORIGIN


def main(url: str) -> None:
    database, clock = Database(url), SystemClock()
    signer = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    evidence = Evidence(ORIGIN, signer, clock)
    threading.Thread(target=Sequencer(database, signer, clock).run, args=(threading.Event(),), daemon=True).start()
    while True:
        with database.unit() as db:
            promises = evidence.append_many(db, [Record({"type": "x"}, {})] * 7)
        for promise in promises:
            print(promise.entry_id, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
