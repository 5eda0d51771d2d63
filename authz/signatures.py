"""A holder's signature, of whatever kind: who signed a digest, and whether they can sign it for its holder (DESIGN 7).

1. What was handed in is a signature of its kind: an ID token (`authz.idtokens`) or one by an enrolled key
   (`authz.holderkeys`). Consent at the counter is not handed in here: staff bring it (`authz.counterconsents`).
2. Whoever signed is a holder we know: a stranger's login, a key of somebody else.
3. They are the grantor, or stand for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from authz import assistance, signers
from authz.errors import CredentialError, IdTokenRefusedError, KeyRefusedError, SignerNotHolderError
from authz.idtokens import IdTokens
from authz.signers import Signer, SignerKind, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.holderkeys import HolderKeys
    from authz.holders import Holders
    from authz.ports import ProviderKeys, RepresentationSource
    from ledger.clock import Clock
    from ledger.steps import Steps

CONSENTING: Final = ("legal_representative", "guardian")
"""Kinds of representation that may consent for the holder, the strongest first."""


class HolderSignatures:
    """Checks that a holder, or who represents it, signed a digest.

    Args:
        holders: finds the person behind a login.
        providers: the login providers that count.
        representation: who stands for whom.
        clock: tells the time.
        keys: the enrolled keys; none count where None.
    """

    def __init__(
        self,
        holders: Holders,
        providers: ProviderKeys,
        representation: RepresentationSource,
        clock: Clock,
        keys: HolderKeys | None = None,
    ) -> None:
        self._holders = holders
        self._id_tokens = IdTokens(providers)
        self._representation = representation
        self._clock = clock
        self._keys = keys

    def check(
        self, db: Connection, signature: str, digest: str, grantor_id: str, capacities: Sequence[str] = CONSENTING
    ) -> Signer:
        """Check a signature over a digest for a grantor.

        Args:
            signature: as handed in: an ID token, or a key's signature as `signers` writes it.
            digest: base64url of SHA-256, as `terms` makes it.
            grantor_id: the holder it must bind.
            capacities: in which another may sign for the holder, the strongest first.

        Raises:
            IdTokenRefusedError, KeyRefusedError: it is no evidence of this digest.
            SignerNotHolderError: a good one of somebody who cannot sign for the grantor.
        """
        return self.standing_for(db, self.person(db, signature, digest), grantor_id, capacities)

    def for_any(
        self,
        db: Connection,
        signature: str,
        digest: str,
        grantors: Sequence[str],
        capacities: Sequence[str] = CONSENTING,
        *,
        reading: bool = False,
    ) -> tuple[str, Signer]:
        """Check a signature for one of several holders; the first that whoever signed is, or stands for.

        The signature is looked at once: a key that counts its signatures refuses the same one a second time.

        Args:
            reading: as `person`; also for what gives the same answer when it is asked again.

        Raises:
            IdTokenRefusedError, KeyRefusedError: it is no evidence of this digest.
            SignerNotHolderError: a good one of somebody who cannot sign for any of them.
        """
        person = self.person(db, signature, digest, reading=reading)
        for grantor_id in grantors:
            try:
                return grantor_id, self.standing_for(db, person, grantor_id, capacities)
            except SignerNotHolderError:
                continue
        raise SignerNotHolderError

    def standing_for(
        self, db: Connection, signer: Signer, grantor_id: str, capacities: Sequence[str] = CONSENTING
    ) -> Signer:
        """In which capacity somebody signs for a grantor.

        Raises:
            SignerNotHolderError: in none.
        """
        if signer.holder_id == grantor_id:
            return signer
        kinds = self._representation.kinds(db, signer.holder_id, grantor_id, self._clock.now())
        for kind in capacities:
            if kind in kinds:
                return replace(signer, representation=kind)
        raise SignerNotHolderError

    def person(self, db: Connection, signature: str, digest: str, *, reading: bool = False) -> Signer:
        """Who signed a digest, for nobody but themselves.

        Args:
            reading: what is signed only reads, so that the same signature may be handed in again to turn a page. The
                caller makes sure that what is signed is fresh: a passkey's signature holds no time.

        Raises:
            IdTokenRefusedError, KeyRefusedError: it is no evidence of this digest.
            SignerNotHolderError: a good one of somebody nobody knows.
        """
        try:
            by_key = signers.read(signature)
        except CredentialError as error:
            raise KeyRefusedError(check=error.reason) from error
        if by_key is not None:
            if self._keys is None:
                raise KeyRefusedError(check="kind")
            return self._keys.check(db, by_key, digest, reading=reading)
        try:
            login = self._id_tokens.fresh(signature, digest, self._clock.now())
        except CredentialError as error:
            raise IdTokenRefusedError(check=error.reason) from error
        person = self._holders.resolve(db, login.identifier)
        if person is None:
            raise SignerNotHolderError
        return Signer(person, None, login.issuer, login.assurance, signature)

    def still_represents(self, signer_id: str, grantor_id: str, kind: str, at: datetime) -> Steps[bool]:
        """Whether who signed for a grantor still stands for it; asked at every use."""
        return self._representation.check(signer_id, grantor_id, kind, at)

    def again(self, kept: str, digest: str) -> Standing | None:
        """What a kept signature over a digest says of itself; None where it is none, or its root is trusted no more.

        Asks no database: what was kept is whole.
        """
        try:
            members = signers.read(kept)
            if members is None:
                return Standing(SignerKind.oidc, self._id_tokens.ever(kept, digest).assurance)
            if signers.kind_of(members) is SignerKind.counter:
                return assistance.again(members, digest)
            return self._keys.again(members, digest) if self._keys is not None else None
        except CredentialError:
            return None

    def covers(self, kept: str, digest: str) -> bool:
        """Whether a kept signature signs a digest, at whatever time; for looking again later."""
        return self.again(kept, digest) is not None


__all__ = ["CONSENTING", "HolderSignatures", "Signer"]
