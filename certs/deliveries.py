"""送达: a licence is sent to one of its holders by a channel, and the moment it was opened is on the log (送达回执).

An issuer sends what it issued. In the app, by SMS or mail the holder opens it, which takes the holder's signature;
over the counter or by post a member of staff says that it was handed over. Sending and opening are two log entries;
the second names the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz.model import Act
from certs.errors import DeliveryOpenedError, UnknownDeliveryError, UnknownLicenceError
from certs.model import Delivery
from certs.store import deliveries as store
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record
from ledger.steps import run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.holders import Holders
    from authz.model import Caller
    from authz.signatures import HolderSignatures, Signer
    from authz.vault import IdentityVault
    from certs.model import Licence
    from certs.requests import HolderRequest
    from certs.store.licences import LicenceStore
    from ledger.clock import Clock
    from ledger.evidence import Evidence

HANDED: Final = frozenset({"post", "window"})
"""Channels by which paper or a person goes; a member of staff says when it arrived."""
_DELIVERED: Final = "licence.delivered"
_OPENED: Final = "licence.delivery-opened"
_LISTED: Final = 200


class Deliveries:
    """Sends licences and takes the receipt."""

    def __init__(
        self,
        licences: LicenceStore,
        signatures: HolderSignatures,
        counter: Counter,
        evidence: Evidence,
        holders: Holders,
        vault: IdentityVault,
        clock: Clock,
    ) -> None:
        self._licences = licences
        self._signatures = signatures
        self._counter = counter
        self._evidence = evidence
        self._holders = holders
        self._vault = vault
        self._clock = clock

    def send(
        self, db: Connection, caller: Caller, *, licence_id: str, holder_id: str, channel: str, operator: str
    ) -> Delivery:
        """Send a licence that the caller's organisation issued to one of its holders.

        Args:
            channel: how the caller tells the holder: app, sms, email, post or window; in the holder's inbox it is in
                any case, and over the window it is handed over at once.
            operator: handle of a member of staff at the counter.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownLicenceError: none of the organisation's, or not this holder's.
        """
        self._counter.let(db, caller, operator, Act.deliver)
        licence = run(db, self._licences.get(licence_id))
        if licence is None or licence.issuer_party_id != caller.party_id or holder_id not in licence.holder_ids:
            raise UnknownLicenceError
        now, delivery_id = self._clock.now(), new_id()
        parties = {
            "requester": caller.org_code,
            "operator": operator,
            "licence": licence.id,
            "licence_id": licence.licence_id,
            "delivery": delivery_id,
            "channel": channel,
            "issued_entry": licence.entry_id,
            "holder": self._holders.pairwise(holder_id, caller.party_id),
        }
        entry = self._evidence.append(db, Record({"type": _DELIVERED, "time": rfc3339(now)}, parties)).entry_id
        sent = Delivery(delivery_id, licence.id, holder_id, caller.party_id, operator, channel, now, entry)
        store.insert(db, sent)
        if channel == "window":
            return self._opened(db, sent, licence, operator=operator)
        return sent

    def open(self, db: Connection, request: HolderRequest, signature: str) -> Delivery:
        """Take the holder's receipt.

        Args:
            request: `open-delivery`, about the delivery.
            signature: of the holder or who represents it, of whatever kind.

        Raises:
            UnknownDeliveryError: there is none.
            IdTokenRefusedError, SignerNotHolderError: the signature.
            DeliveryOpenedError: it was opened before.
        """
        sent = self._waiting(db, request.subject)
        signer = self._signatures.check(db, signature, request.digest, sent.holder_id)
        if sent.opened_at is not None:
            raise DeliveryOpenedError
        return self._opened(db, sent, self._licence(db, sent), request=request, signer=signer)

    def handed_over(self, db: Connection, caller: Caller, delivery_id: str, operator: str) -> Delivery:
        """Say that a delivery by post was handed over.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownDeliveryError: none of the organisation's by post.
            DeliveryOpenedError: that was said before.
        """
        self._counter.let(db, caller, operator, Act.deliver)
        sent = self._waiting(db, delivery_id)
        if sent.party_id != caller.party_id or sent.channel not in HANDED:
            raise UnknownDeliveryError
        if sent.opened_at is not None:
            raise DeliveryOpenedError
        return self._opened(db, sent, self._licence(db, sent), operator=operator)

    @staticmethod
    def get(db: Connection, delivery_id: str) -> Delivery:
        """A delivery, for whoever was handed its id in the notice.

        Raises:
            UnknownDeliveryError: there is none.
        """
        found = store.get(db, delivery_id)
        if found is None:
            raise UnknownDeliveryError
        return found

    @staticmethod
    def of_licence(db: Connection, caller: Caller, licence_id: str) -> list[Delivery]:
        """What the caller's organisation sent of a licence: the newest 200."""
        return store.of_licence(db, licence_id, caller.party_id, _LISTED)

    @staticmethod
    def of_holder(db: Connection, holder_id: str) -> list[Delivery]:
        """A holder's inbox: the newest 200."""
        return store.of_holder(db, holder_id, _LISTED)

    @staticmethod
    def _waiting(db: Connection, delivery_id: str) -> Delivery:
        sent = store.get(db, delivery_id, lock=True)
        if sent is None:
            raise UnknownDeliveryError
        return sent

    def _licence(self, db: Connection, sent: Delivery) -> Licence:
        licence = run(db, self._licences.get(sent.licence_id))
        if licence is None:
            raise UnknownLicenceError
        return licence

    def _opened(
        self,
        db: Connection,
        sent: Delivery,
        licence: Licence,
        *,
        operator: str | None = None,
        request: HolderRequest | None = None,
        signer: Signer | None = None,
    ) -> Delivery:
        now = self._clock.now()
        by = "holder" if request is not None else "operator"
        parties = {
            "licence": licence.id,
            "licence_id": licence.licence_id,
            "delivery": sent.id,
            "channel": sent.channel,
            "opened_by": by,
            "operator": operator,
            "terms": None if request is None else request.digest,
            **({} if signer is None else signer.told()),
            "delivered_entry": sent.entry_id,
            "holder": self._holders.pairwise(sent.holder_id, sent.party_id),
        }
        entry = self._evidence.append(db, Record({"type": _OPENED, "time": rfc3339(now)}, parties)).entry_id
        sealed = self._vault.shut(signer.kept, f"delivery/id_token/{sent.id}".encode()) if signer else None
        store.open_(db, {"id": sent.id, "at": now, "by": by, "id_token": sealed, "entry": entry})
        return self.get(db, sent.id)
