"""The group commit of evidence on a bare log; `python -m tests.api.queue URL` anchors until somebody kills it."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.idempotency import Answers
from api.intake import Intake
from ledger.asyncdb import AsyncDatabase
from ledger.clock import SystemClock
from ledger.db import Database
from ledger.evidence import Evidence
from ledger.kept import Keeping, KeptDocument, KeptDocuments
from ledger.note import NoteSigner
from ledger.sequencer import Sequencer
from tests.ledger.logs import ORIGIN

if TYPE_CHECKING:
    from ledger.steps import Steps

KEY = bytes(range(32))
OWNER = "019a0000-0000-7000-8000-000000000001"


def keeping(name: str) -> Keeping:
    return Keeping(OWNER, "11310113XX00000A2R", KeptDocument(f"REF-{name}", hashlib.sha256(name.encode()).hexdigest()))


def open_door() -> Steps[None]:
    """Nothing is overdue."""
    yield from ()


class Queue:
    """An intake with what it needs."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.loop_database = AsyncDatabase(url, size=4)
        clock = SystemClock()
        signer = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
        self.documents = KeptDocuments(Evidence(ORIGIN, signer, clock), Sequencer(self.database, signer, clock), clock)
        self.intake = Intake(self.documents, Answers(KEY), self.loop_database, open_door)

    async def close(self) -> None:
        await self.loop_database.close()
        self.database.close()


async def anchor_for_ever(url: str) -> None:
    queue = Queue(url)

    async def one(client: int) -> None:
        number = 0
        while True:
            name = f"{client}-{number}"
            await queue.intake.anchor("client", name, hashlib.sha256(name.encode()).digest(), keeping(name))
            print(name, flush=True)
            number += 1

    await asyncio.gather(*(one(client) for client in range(20)))


if __name__ == "__main__":
    asyncio.run(anchor_for_ever(sys.argv[1]))
