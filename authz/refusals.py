"""Refusals and their proof: of an ask by its holder, and of a use by the node (docs/evidence.md, 2.4).

What a holder signed to say no is kept as what they sign to say yes is. Of a refused use the record holds what was told
to who asked; why it was so (the true reason, whose thing it is, which policies decided) is in it as a commitment, whose
opening is kept beside the row: the holder and an auditor are shown it, who asked is not (`authz.reasons`).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authz import decisions
from authz.errors import SealBrokenError
from authz.store import grants, refusals as store
from authz.terms import GrantBody
from ledger.clock import rfc3339
from ledger.consentform import why_digest
from ledger.record import SALT_SIZE, Record, canonical
from ledger.strictjson import unpadded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.model import Ask
    from authz.signers import Signer
    from authz.store.refusals import RefusedUse
    from authz.vault import IdentityVault
    from ledger.evidence import Evidence


@dataclass(frozen=True, slots=True)
class RefusedAsk:
    """A holder's no.

    Attributes:
        signature: as it was kept; None where it was changed in the database so that it opens no more.
        representation: in which capacity it was signed; None by the holder.
    """

    ask: Ask
    at: datetime
    entry_id: str
    signature: str | None
    representation: str | None


class Refusals:
    """Keeps what was refused, and finds it for who may have its proof.

    Args:
        evidence: the log.
        holders: names holders pairwise.
        vault: encrypts the kept signatures.
    """

    def __init__(self, evidence: Evidence, holders: Holders, vault: IdentityVault) -> None:
        self._evidence = evidence
        self._holders = holders
        self._vault = vault

    def keep(self, db: Connection, ask: Ask, signer: Signer, answer: bytes | None, at: datetime) -> None:
        """Record a holder's no, and keep what was signed.

        Args:
            signer: who said so; checked by the caller.
            answer: what was signed, where other asks were answered with it.
        """
        told = decisions.decided(self._holders, GrantBody.decode(ask.body), ask.grantor_id, signer, answer)
        record = Record({"type": "ask.refused", "time": rfc3339(at)}, {"ask": ask.id} | told)
        entry = self._evidence.append(db, record).entry_id
        sealed = self._vault.shut(signer.kept, _place(ask.id))
        store.insert(db, ask.id, sealed, signer.representation, entry, at)

    def of_ask(self, db: Connection, ask_id: str) -> RefusedAsk | None:
        """What a holder signed to refuse; None where they did not: another holder's no closed the ask, or nobody."""
        ask, kept = grants.ask(db, ask_id), store.of_ask(db, ask_id)
        if ask is None or kept is None:
            return None
        sealed, representation, entry_id, at = kept
        try:
            signature: str | None = self._vault.open(sealed, _place(ask_id))
        except SealBrokenError:
            signature = None
        return RefusedAsk(ask, at, entry_id, signature, representation)

    @staticmethod
    def of_use(db: Connection, refusal_id: str) -> RefusedUse | None:
        """A refused use."""
        return store.of_use(db, refusal_id)


def shut_why(content: Mapping[str, Any]) -> tuple[str, bytes]:
    """Why a use is refused, as a commitment for its record, and what opens it.

    Args:
        content: `holder`, `policies`, `reason`.
    """
    salt = os.urandom(SALT_SIZE)
    return why_digest(salt, content), salt + canonical(dict(content))


def open_why(kept: bytes) -> dict[str, Any]:
    """What `shut_why` kept, as a bundle shows it.

    Raises:
        ValueError: it was changed in the database so that it is none any more.
    """
    return {"salt": unpadded(kept[:SALT_SIZE]), "content": json.loads(kept[SALT_SIZE:])}


def _place(ask_id: str) -> bytes:
    return f"ask/refused/{ask_id}".encode()
