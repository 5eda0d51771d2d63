"""Enrolled keys, as signatures by them are checked: a row alone makes nothing (RELIABILITY W1, W4).

Before a key counts, each time it signs:

1. it is there and not revoked;
2. its row says what its enrolment says, and opens under this node's key: a changed or copied row;
3. a provider we trust signed the enrolment, and the login is the one its terms commit to: a key inserted here;
4. that login belongs to the row's holder: a key moved to somebody else;
5. the log holds `key.enrolled` with the same terms: a key put in behind the log's back;
6. it signed this digest, by the rules of its kind;
7. the verifiers of evidence say so too: what they could not read would prove nothing later.

What is kept of a signature holds the enrolment, so that 3 and 6 are looked at again at every use without a database.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authz import passkeys, signers
from authz.enrolment import EnrolmentTerms, is_id
from authz.errors import CredentialError, InvalidTermsError, KeyRefusedError, SealBrokenError
from authz.signers import VERSION, Assurance, Signer, SignerKind, Standing
from authz.store import keys as store
from ledger import consent, store as log
from ledger.clock import parse_rfc3339, rfc3339
from ledger.errors import ConsentError, NotCanonicalError, RecordErasedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.hostapps import HostApps
    from authz.idtokens import IdTokens, Login
    from authz.passkeys import Site
    from authz.store.keys import Held
    from authz.vault import IdentityVault
    from ledger.clock import Clock


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What ties a key to its holder.

    Attributes:
        salt: opens the commitment of the terms, base64url.
        id_token: the provider's, over the terms.
    """

    terms: EnrolmentTerms
    salt: str
    id_token: str

    def members(self) -> dict[str, Any]:
        """As it is kept."""
        return {"terms": self.terms.document(), "salt": self.salt, "id_token": self.id_token}

    def check(self, login: Login) -> None:
        """3: the login is the one the terms commit to.

        Raises:
            CredentialError: it is another's.
        """
        try:
            same = self.terms.is_of(login, urlsafe_b64decode(self.salt + "=="))
        except (InvalidTermsError, ValueError) as error:
            raise CredentialError("holder") from error
        if not same:
            raise CredentialError("holder")


class HolderKeys:
    """Finds enrolled keys and checks what they signed.

    Args:
        holders: finds the person behind a login.
        id_tokens: of the providers this node trusts.
        site: where passkeys are used.
        apps: which host apps count.
        vault: encrypts enrolments.
        clock: tells the time.
    """

    def __init__(
        self, holders: Holders, id_tokens: IdTokens, site: Site, apps: HostApps, vault: IdentityVault, clock: Clock
    ) -> None:
        self.site = site
        self.apps = apps
        self._holders = holders
        self._id_tokens = id_tokens
        self._vault = vault
        self._clock = clock

    def check(self, db: Connection, members: Mapping[str, Any], digest: str, *, reading: bool = False) -> Signer:
        """Check a signature that was handed in.

        Args:
            members: `kind`, `key_id`, and what the kind says.
            digest: of what is signed.
            reading: the key's last signature may be handed in again.

        Raises:
            KeyRefusedError: a step fails; `check` names it.
        """
        try:
            return self._check(db, members, digest, reading=reading)
        except CredentialError as error:
            raise KeyRefusedError(check=error.reason) from error

    def again(self, members: Mapping[str, Any], digest: str) -> Standing:
        """Steps 3 and 6 once more for a signature that was kept.

        Raises:
            CredentialError: one does not hold, or the provider, app or site is trusted no more.
        """
        try:
            held, signature, taken = members["enrolment"], members["signature"], parse_rfc3339(members["at"])
            enrolment = Enrolment(EnrolmentTerms.of(held["terms"]), str(held["salt"]), str(held["id_token"]))
        except (KeyError, TypeError, ValueError, InvalidTermsError) as error:
            raise CredentialError("form") from error
        if members.get("v") != VERSION or enrolment.terms.kind is not signers.kind_of(members):
            raise CredentialError("form")
        login = self._id_tokens.ever(enrolment.id_token, enrolment.terms.digest)
        enrolment.check(login)
        self._verify(enrolment.terms, signature, digest, None)
        return Standing(enrolment.terms.kind, login.assurance, enrolment.terms.id, login.at, taken)

    def seal(self, enrolment: Enrolment, registration: Mapping[str, Any]) -> bytes:
        """An enrolment as its row holds it, with what registered the key."""
        text = signers.write(enrolment.members() | {"registration": dict(registration)})
        return self._vault.shut(text, _enrolment_of(enrolment.terms.id))

    def retire(self, held: Held) -> bytes:
        """An enrolment as the row of a revoked key holds it: it opens as evidence, and for no signature any more.

        So whoever takes the revocation out of the row has still no key that signs.
        """
        try:
            kept = self._vault.open(held.enrolment, _enrolment_of(held.id))
        except SealBrokenError:  # changed before: it signs nothing as it is, and nothing may hinder a revocation
            return held.enrolment
        return self._vault.shut(kept, _retired_of(held.id))

    def _check(self, db: Connection, members: Mapping[str, Any], digest: str, *, reading: bool) -> Signer:
        kind, key_id = signers.kind_of(members), members.get("key_id")
        held = store.get(db, key_id) if isinstance(key_id, str) and is_id(key_id) else None
        if held is None or held.kind != kind.value:  # 1
            raise CredentialError("key")
        if held.revoked_at is not None:
            raise CredentialError("revoked")
        enrolment, login = self._enrolled(db, held)
        signature = {name: value for name, value in members.items() if name not in {"kind", "key_id"}}
        now = self._clock.now()
        before = held.sign_count - 1 if reading and held.sign_count else held.sign_count
        count = self._verify(enrolment.terms, signature, digest, (before, now))  # 6
        store.counted(db, held.id, count)
        kept = signers.write(
            {
                "v": VERSION,
                "kind": kind.value,
                "at": rfc3339(now),
                "enrolment": enrolment.members(),
                "signature": signature,
            }
        )
        try:  # 7
            consent.check_taken(kept, kind.value, held.id, digest, rfc3339(now))
        except (ConsentError, NotCanonicalError) as error:
            raise CredentialError("form") from error
        assurance = Assurance(min(held.assurance, login.assurance))
        return Signer(held.holder_id, None, login.issuer, assurance, kept, kind, held.id, login.at)

    def _enrolled(self, db: Connection, held: Held) -> tuple[Enrolment, Login]:
        """Steps 2 to 5."""
        try:
            kept = json.loads(self._vault.open(held.enrolment, _enrolment_of(held.id)))
            terms = EnrolmentTerms.decode(held.body)
        except (SealBrokenError, InvalidTermsError) as error:
            raise CredentialError("enrolment") from error
        enrolment = Enrolment(terms, kept["salt"], kept["id_token"])
        said = (terms.id, terms.digest, terms.kind.value, terms.credential)
        if kept["terms"] != terms.document() or said != (held.id, held.digest, held.kind, held.credential):
            raise CredentialError("enrolment")
        login = self._id_tokens.ever(enrolment.id_token, terms.digest)
        enrolment.check(login)
        if self._holders.resolve(db, login.identifier) != held.holder_id:
            raise CredentialError("holder")
        if not _is_logged(db, held.entry_id, terms):
            raise CredentialError("log")
        return enrolment, login

    def _verify(
        self, terms: EnrolmentTerms, signature: Mapping[str, Any], digest: str, new: tuple[int, datetime] | None
    ) -> int:
        """Step 6.

        Args:
            new: the key's counter and the time, of a signature that is handed in; None when looking again.

        Returns:
            The key's counter now.
        """
        if terms.kind is SignerKind.passkey:
            if terms.rp != self.site.rp_id:
                raise CredentialError("rp")
            before = 0 if new is None else new[0]
            return passkeys.verify(self.site, signature, digest, terms.credential, terms.key, before)
        jws = self.apps.verify(signature.get("jws"), digest, terms.id, terms.rp, terms.key)
        if new is not None:
            self.apps.fresh(jws, new[1])
        return 0


def _is_logged(db: Connection, entry_id: str, terms: EnrolmentTerms) -> bool:
    """5. Whether the log's entry is the enrolment of this key by these terms."""
    try:
        record = log.record(db, entry_id)
    except RecordErasedError:
        return False
    fact, parties = json.loads(record.fact), json.loads(record.parties)
    told = (fact.get("type"), parties.get("key"), parties.get("terms"))
    return told == ("key.enrolled", terms.id, terms.digest)


def _enrolment_of(key_id: str) -> bytes:
    return f"key/enrolment/{key_id}".encode()


def _retired_of(key_id: str) -> bytes:
    return f"key/retired/{key_id}".encode()
