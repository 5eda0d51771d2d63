"""Credentials for holders' wallets: the licence as SD-JWT VC, bound to a key of the holder's device.

A holder asks with a signature over the device's public key; the issuer's key signs a fresh credential outside any
unit, and the log says that it was given, with the thumbprint of the key. The place in the status list is the licence's
own, so what happens to the licence happens to every credential of it. The credential itself is not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from authz.jose import PublicKey
from certs.credentials import sdjwt
from certs.errors import InvalidRequestError, LicenceNotShownError, UnknownLicenceError
from certs.lifecycle import day_of, status_on
from certs.model import LicenceStatus, Sheet
from certs.signing.model import Algorithm
from ledger.clock import rfc3339
from ledger.record import Record
from ledger.steps import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.parties import Parties
    from authz.signatures import HolderSignatures
    from certs.catalogue import LicenceCatalogue
    from certs.model import Licence
    from certs.requests import HolderRequest
    from certs.signing.model import SealKeys
    from certs.store.licences import LicenceStore
    from ledger.clock import Clock
    from ledger.evidence import Evidence

_GIVEN: Final = "licence.credential-given"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A credential about to be made.

    Attributes:
        sheet: what it says.
        holder_id: who asked, or whom they represent.
        status: list and index of the licence.
    """

    request: HolderRequest
    licence: Licence
    sheet: Sheet
    holder_id: str
    status: tuple[str, int]


class Wallets:
    """Gives credentials to wallets.

    Args:
        licences, catalogue, parties: what they say.
        signatures: who asks.
        holders: names holders pairwise.
        evidence: the log.
        clock: tells the time.
    """

    def __init__(
        self,
        licences: LicenceStore,
        catalogue: LicenceCatalogue,
        parties: Parties,
        signatures: HolderSignatures,
        holders: Holders,
        evidence: Evidence,
        clock: Clock,
    ) -> None:
        self._licences = licences
        self._catalogue = catalogue
        self._parties = parties
        self._signatures = signatures
        self._holders = holders
        self._evidence = evidence
        self._clock = clock

    def ask(self, db: Connection, request: HolderRequest, signature: str) -> Wanted:
        """Judge a holder's request; nothing is written.

        Args:
            request: `credential`, about a licence, with the public key of the device.
            signature: the holder's over it, of whatever kind.

        Raises:
            UnknownLicenceError: no such licence.
            IdTokenRefusedError, SignerNotHolderError: the signature.
            LicenceNotShownError: it is not valid now, or has no place in a status list.
            InvalidRequestError: not a P-256 key.
        """
        licence = run(db, self._licences.get(request.subject))
        if licence is None:
            raise UnknownLicenceError
        holder_id = self._holder(db, licence, request, signature)
        standing = status_on(licence, self._clock.now()) is LicenceStatus.valid and licence.is_current_version
        if not standing or licence.frozen or licence.status_list is None:
            raise LicenceNotShownError
        if PublicKey.of(request.terms["key"], _refuse).alg != Algorithm.ES256.value:
            raise InvalidRequestError(term="key")
        content = run(db, self._licences.content(licence.id))
        before = run(db, self._licences.get(licence.predecessor_id)) if licence.predecessor_id else None
        if content is None:
            raise UnknownLicenceError
        issuer = self._parties.party(db, licence.issuer_party_id)
        sheet = Sheet(
            type=self._catalogue.type(licence.type_code),
            licence_id=licence.licence_id,
            licence_no=licence.licence_no,
            version=licence.version,
            issuer_name=issuer.name,
            issuer_code=issuer.org_code,
            holders=content.holders,
            face=content.face,
            issue_date=day_of(licence.issued_at),
            valid_from=licence.valid_from,
            valid_to=licence.valid_to,
            related_licence_id=None if before is None else before.licence_id,
        )
        return Wanted(request, licence, sheet, holder_id, licence.status_list)

    def make(self, wanted: Wanted, keys: SealKeys, uri_of: Callable[[str], str], base_url: str) -> str:
        """Make the credential; outside any unit, since the issuer's key may lie in a hardware module.

        Args:
            keys: seal keys of the issuers.
            uri_of: address of a status list.
            base_url: of the node.

        Raises:
            NoSealKeyError: the issuer has no key.
        """
        now = self._clock.now()
        signer = keys.seal(wanted.sheet.issuer_code, Algorithm.ES256, now)
        key, (list_id, index) = wanted.request.terms["key"], wanted.status
        return sdjwt.issue(
            wanted.sheet, signer, base_url=base_url, holder_key=key, status=(uri_of(list_id), index), now=now
        )

    def give(self, db: Connection, wanted: Wanted, credential: str) -> str:
        """Record that a credential is given; the log entry. The caller hands it out after the commit.

        Raises:
            LicenceNotShownError: the licence changed meanwhile.
        """
        held = run(db, self._licences.get(wanted.licence.id, lock="share"))
        if held is None or (held.status, held.frozen, held.successor_id) != (LicenceStatus.valid, False, None):
            raise LicenceNotShownError
        parties = {
            "licence": held.id,
            "licence_id": held.licence_id,
            "terms": wanted.request.digest,
            "credential": sha256(credential.encode()).hexdigest(),
            "key": PublicKey.of(wanted.request.terms["key"], _refuse).thumbprint,
            "issued_entry": held.entry_id,
            "holder": self._holders.pairwise(wanted.holder_id, held.issuer_party_id),
        }
        record = Record({"type": _GIVEN, "time": rfc3339(self._clock.now())}, parties)
        return self._evidence.append(db, record).entry_id

    def _holder(self, db: Connection, licence: Licence, request: HolderRequest, signature: str) -> str:
        # The request sent again gives another credential for the same device key, so its signature may come again.
        return self._signatures.for_any(db, signature, request.digest, licence.holder_ids, reading=True)[0]


def _refuse(_reason: str) -> InvalidRequestError:
    return InvalidRequestError(term="key")
