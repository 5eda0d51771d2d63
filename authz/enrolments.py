"""Enrolling and revoking the keys holders sign with (DESIGN 7).

1. **Offered.** A phone asks for the id of a new key and, for a passkey, for what its browser needs (`offer`).
2. **Registered.** It makes the key and shows it (`propose`): a passkey by its registration, with the person verified; a
   host app's key by the attestation of the app's operator. The answer is the terms (`enrolment`) and their digest.
3. **Enrolled.** The holder logs in with `nonce` = digest. The ID token, the registration and the row are kept, the log
   gets `key.enrolled`, and the holder is told by another channel, so that a key enrolled behind their back does not
   stay unseen. Until it is 24 hours old it opens nothing of level 3 or more (`policies/grants.cedar`).
4. **Revoked.** By a signature of any kind; from then on it signs nothing. What it signed before stands until withdrawn.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from authz import jose, passkeys
from authz.enrolment import EnrolmentTerms, registration_challenge, revocation
from authz.errors import (
    CredentialError,
    EnrolmentRefusedError,
    IdTokenRefusedError,
    KeyRefusedError,
    SignerNotHolderError,
    UnknownKeyError,
)
from authz.holderkeys import Enrolment
from authz.noticekinds import NoticeKind
from authz.signers import SignerKind, write
from authz.store import keys as store
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.holderkeys import HolderKeys
    from authz.holders import Holders
    from authz.idtokens import IdTokens, Login
    from authz.notices import Notices
    from authz.signatures import HolderSignatures
    from authz.store.keys import Held
    from authz.vault import IdentityVault
    from ledger.clock import Clock
    from ledger.evidence import Evidence

WAITS: Final = timedelta(hours=24)
"""How long a new key opens nothing of level 3 or more; the policies hold it, this is for telling."""
MAX_KEYS: Final = 20
"""Most keys of one holder that are not revoked."""
_LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An enrolled key as its holder sees it; it names nobody.

    Attributes:
        full_from: from then on it may sign for things of every level.
    """

    id: str
    kind: SignerKind
    rp: str
    assurance: int
    entry_id: str
    enrolled_at: datetime
    full_from: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Registered:
    """A registration that holds: the terms it makes, the key's counter, and what is kept of it."""

    terms: EnrolmentTerms
    count: int
    registration: dict[str, Any]


class Enrolments:
    """Enrols, shows and revokes keys.

    Args:
        evidence: the log.
        holders: finds and names holders.
        keys: checks and seals enrolments.
        id_tokens: of the providers this node trusts.
        signatures: checks who revokes.
        notices: tells the holder.
        vault: encrypts what revoked a key.
        clock: tells the time.
    """

    def __init__(
        self,
        evidence: Evidence,
        holders: Holders,
        keys: HolderKeys,
        id_tokens: IdTokens,
        signatures: HolderSignatures,
        notices: Notices,
        vault: IdentityVault,
        clock: Clock,
    ) -> None:
        self._evidence = evidence
        self._holders = holders
        self._keys = keys
        self._id_tokens = id_tokens
        self._signatures = signatures
        self._notices = notices
        self._vault = vault
        self._clock = clock

    def offer(self) -> tuple[str, dict[str, Any]]:
        """The id of a key to be, and what a browser needs to make a passkey of it. Nothing is stored."""
        key_id = new_id()
        return key_id, passkeys.options(self._keys.site, key_id, _bytes(registration_challenge(key_id)))

    def propose(self, key_id: str, kind: SignerKind, registration: Mapping[str, Any], holder: str) -> EnrolmentTerms:
        """Check a new key's registration; the terms to log in over. Nothing is stored.

        Args:
            registration: of a passkey what `navigator.credentials.create()` gave; of a host app's key `key` (a JWK)
                and `attestation`.
            holder: commitment to the login, as the terms hold it.

        Raises:
            EnrolmentRefusedError: the registration does not hold.
            InvalidTermsError: a malformed id or commitment.
        """
        return self._registered(key_id, kind, registration, holder).terms

    def enrol(
        self, db: Connection, terms: EnrolmentTerms, salt: str, registration: Mapping[str, Any], id_token: str
    ) -> SigningKey:
        """Enrol a key.

        Args:
            terms: from `propose`.
            salt: opens the commitment, base64url.
            registration: as for `propose`.
            id_token: whose `nonce` is the terms' digest; no key enrols another.

        Raises:
            EnrolmentRefusedError: the registration does not hold or says something else, the key is known, or the
                holder has too many.
            IdTokenRefusedError: it is no evidence of these terms, or of another login than they commit to.
            SignerNotHolderError: the login of nobody we know.
        """
        made = self._registered(terms.id, terms.kind, registration, terms.holder)
        if made.terms != terms:
            raise EnrolmentRefusedError(check="terms")
        now = self._clock.now()
        enrolment = Enrolment(terms, salt, id_token)
        try:
            login = self._id_tokens.fresh(id_token, terms.digest, now)
            enrolment.check(login)
        except CredentialError as error:
            raise IdTokenRefusedError(check=error.reason) from error
        holder_id = self._holders.resolve(db, login.identifier)
        if holder_id is None:
            raise SignerNotHolderError
        if store.standing(db, holder_id) >= MAX_KEYS:
            raise EnrolmentRefusedError(check="number")
        promise = self._evidence.append(db, self._enrolled(made, holder_id, login, enrolment, now))
        values = {
            "id": terms.id,
            "holder": holder_id,
            "kind": terms.kind.value,
            "digest": terms.digest,
            "body": terms.encode(),
            "credential": terms.credential,
            "assurance": int(login.assurance),
            "count": made.count,
            "enrolment": self._keys.seal(enrolment, made.registration),
            "entry": promise.entry_id,
            "at": now,
        }
        if not store.insert(db, values):
            raise EnrolmentRefusedError(check="known")
        self._notices.tell(db, holder_id, NoticeKind.key_enrolled, terms.id)
        return self.get(db, terms.id)

    def get(self, db: Connection, key_id: str) -> SigningKey:
        """A key, for whoever was told its id.

        Raises:
            UnknownKeyError: there is none.
        """
        return _shown(self._held(db, key_id))

    def of_holder(self, db: Connection, holder_id: str) -> list[SigningKey]:
        """A holder's newest 100 keys."""
        return [_shown(held) for held in store.of_holder(db, holder_id, _LISTED)]

    def revoke(self, db: Connection, key_id: str, signature: str) -> SigningKey:
        """End a key for every signature taken after this.

        Args:
            signature: of its holder, of any kind, over the digest of `revocation`.

        Raises:
            UnknownKeyError: there is none, or it is somebody else's.
            IdTokenRefusedError, KeyRefusedError: the signature, or the key is revoked already.
        """
        held = self._held(db, key_id)
        signer = self._signatures.person(db, signature, revocation(key_id)[1])
        if signer.holder_id != held.holder_id:
            raise UnknownKeyError
        if held.revoked_at is not None:
            raise KeyRefusedError(check="revoked")
        now = self._clock.now()
        parties = {
            "key": key_id,
            "terms": held.digest,
            "enrolled_entry": held.entry_id,
            "holder": self._holders.pairwise(held.holder_id, key_id),
        }
        revoked = Record({"type": "key.revoked", "time": rfc3339(now)}, parties | {"by": signer.told()})
        promise = self._evidence.append(db, revoked)
        sealed = self._vault.shut(signer.kept, f"key/revocation/{key_id}".encode())
        store.revoke(db, key_id, now, sealed, self._keys.retire(held), promise.entry_id)
        self._notices.tell(db, held.holder_id, NoticeKind.key_revoked, key_id)
        return self.get(db, key_id)

    def _held(self, db: Connection, key_id: str) -> Held:
        held = store.get(db, key_id)
        if held is None:
            raise UnknownKeyError
        return held

    def _registered(self, key_id: str, kind: SignerKind, registration: Mapping[str, Any], holder: str) -> _Registered:
        try:
            if kind is SignerKind.passkey:
                challenge = _bytes(registration_challenge(key_id))
                told = passkeys.essence(registration)
                credential, jwk, count = passkeys.registered(self._keys.site, told, challenge)
                terms = EnrolmentTerms(key_id, kind, holder, jwk, credential, self._keys.site.rp_id)
                return _Registered(terms, count, told)
            if kind is SignerKind.host_app:
                key = jose.PublicKey.of(registration.get("key"), CredentialError)
                app = self._keys.apps.attested(registration.get("attestation"), key_id, key, self._clock.now())
                terms = EnrolmentTerms(key_id, kind, holder, key.jwk, key.thumbprint, app)
                return _Registered(terms, 0, {"key": dict(key.jwk), "attestation": str(registration["attestation"])})
        except CredentialError as error:
            raise EnrolmentRefusedError(check=error.reason) from error
        raise EnrolmentRefusedError(check="kind")

    def _enrolled(
        self,
        made: _Registered,
        holder_id: str,
        login: Login,
        enrolment: Enrolment,
        at: datetime,
    ) -> Record:
        terms = made.terms
        parties = {
            "key": terms.id,
            "kind": terms.kind.value,
            "terms": terms.digest,
            "holder": self._holders.pairwise(holder_id, terms.id),
            "provider": login.issuer,
            "assurance": int(login.assurance),
            "id_token": {"sha256": sha256(enrolment.id_token.encode()).hexdigest()},
            "registration": {"sha256": sha256(write(made.registration).encode()).hexdigest()},
        }
        return Record({"type": "key.enrolled", "time": rfc3339(at)}, parties)


def _shown(held: Held) -> SigningKey:
    terms = EnrolmentTerms.decode(held.body)
    return SigningKey(
        held.id,
        terms.kind,
        terms.rp,
        held.assurance,
        held.entry_id,
        held.enrolled_at,
        held.enrolled_at + WAITS,
        held.revoked_at,
    )


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
