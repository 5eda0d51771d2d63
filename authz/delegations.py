"""Delegation (委托授权, 多级授权): a holder, or who represents it, lets somebody act, who may let another act.

A delegation is a chain of signed terms: legal representative -> manager -> agent. It is used by signing in another's
name: a grant signed by a delegate names the digests of its chain, and at every use the whole chain is looked at again:

1. every link's row is what its delegator signed (a database administrator can widen nothing);
2. no link has ended, each covers what is done, and each is within the one above it;
3. each link's delegator is the delegate of the one above;
4. whoever began the chain is the principal, or still represents it: when the legal representative changes, everything
   that hangs below the old one stands still.

The rows are read `FOR SHARE`, so an end is ordered against uses like a withdrawal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from authz.delegationterms import DelegationBody, Scope, commitment, ending
from authz.errors import (
    DelegationClosedError,
    DelegationTooWideError,
    InvalidTermsError,
    SealBrokenError,
    SignerNotHolderError,
    UnknownDelegationError,
)
from authz.model import HolderKind
from authz.store import delegations as store
from ledger.clock import rfc3339
from ledger.record import Record
from ledger.steps import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.model import Identifier
    from authz.ports import RepresentationSource
    from authz.signatures import HolderSignatures, Signer
    from authz.store.delegations import Held
    from authz.vault import IdentityVault
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.steps import Steps

DELEGATE: Final = "delegate"
"""Kind of representation of a grant that a delegate signed; its row names the delegation behind a colon."""
_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Named:
    """A holder as terms name it: by a commitment, opened here.

    Attributes:
        name: as the holder is to be known where it is new.
        identifier: the code that was committed to.
        salt: 16 bytes.
    """

    kind: HolderKind
    name: str
    identifier: Identifier
    salt: bytes


@dataclass(frozen=True, slots=True)
class Delegation:
    """A delegation as its parties see it.

    Attributes:
        terms: what was signed.
        digest: of the terms, base64url.
        principal_id, delegate_id, delegator_id: holders.
        chain: ids from the first of the chain to this one.
        entry_id: log entry `delegation.given`.
        ended_at: None while it stands.
    """

    terms: DelegationBody
    digest: str
    principal_id: str
    delegator_id: str
    delegate_id: str
    chain: tuple[str, ...]
    entry_id: str
    given_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A delegation as evidence shows it: its terms, its delegator's kept signature, its entry."""

    body: bytes
    signature: str
    entry_id: str


class Delegations:
    """Takes, follows and ends delegations.

    Args:
        evidence: the log.
        holders: finds and names holders.
        signatures: checks who signed.
        representation: who stands for whom.
        vault: encrypts the kept signatures.
        clock: tells the time.
    """

    def __init__(
        self,
        evidence: Evidence,
        holders: Holders,
        signatures: HolderSignatures,
        representation: RepresentationSource,
        vault: IdentityVault,
        clock: Clock,
    ) -> None:
        self._evidence = evidence
        self._holders = holders
        self._signatures = signatures
        self._representation = representation
        self._vault = vault
        self._clock = clock
        self._intact: dict[bytes, DelegationBody] = {}

    def give(
        self, db: Connection, terms: DelegationBody, principal: Named, delegate: Named, signature: str
    ) -> Delegation:
        """Take a signature over terms and let the delegation stand.

        Args:
            terms: what was signed.
            principal: whom the delegate will act for; a holder we know.
            delegate: a person, made known where new.
            signature: over the terms' digest.

        Raises:
            InvalidTermsError: the terms are over, or commit to somebody else.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
            UnknownDelegationError, DelegationClosedError: the parent, or these terms were used already.
            DelegationTooWideError: more than the parent gives, or to oneself.
        """
        now = self._clock.now()
        if terms.valid_to <= now:
            raise InvalidTermsError(term="valid_to")
        for term, named in (("principal", principal), ("delegate", delegate)):
            if getattr(terms, term) != commitment(named.identifier, named.salt):
                raise InvalidTermsError(term=term)
        if delegate.kind is not HolderKind.person:
            raise InvalidTermsError(term="delegate")
        signer = self._signatures.person(db, signature, terms.digest)
        principal_id = run(db, self._holders.known(principal.kind, principal.name, [principal.identifier]))
        if principal_id is None:
            raise SignerNotHolderError
        path: tuple[str, ...] = ()
        if terms.parent is None:
            signer = self._signatures.standing_for(db, signer, principal_id)
        else:
            path = self._parent(db, terms, signer, principal_id, now)
        delegate_id = self._holders.register(db, delegate.kind, delegate.name, [delegate.identifier])
        if delegate_id in (signer.holder_id, principal_id):
            raise DelegationTooWideError(term="delegate")
        record = self._record(
            "delegation.given", terms.id, terms.digest, principal_id, delegate_id, signer, terms.parent
        )
        values = {
            "id": terms.id,
            "digest": terms.digest,
            "body": terms.encode(),
            "principal": principal_id,
            "delegator": signer.holder_id,
            "representation": signer.representation,
            "delegate": delegate_id,
            "path": [*path, terms.id],
            "id_token": self._vault.shut(signer.kept, _token_of(terms.id, "given")),
            "entry": self._evidence.append(db, record).entry_id,
            "at": now,
        }
        if not store.insert(db, values):
            raise DelegationClosedError(problem="made already")
        return self.get(db, terms.id)

    def end(self, db: Connection, delegation_id: str, signature: str) -> Delegation:
        """End a delegation, and with it what hangs below it, for every use recorded after this.

        Whoever gave it or one above it may, the principal or who represents it now, and the delegate.

        Args:
            signature: over the digest of `ending`.

        Raises:
            UnknownDelegationError: there is none, or the signer has no part in it.
            DelegationClosedError: it has ended already.
            IdTokenRefusedError, KeyRefusedError: the signature.
        """
        held = store.get(db, delegation_id)
        if held is None:
            raise UnknownDelegationError
        signer = self._signatures.person(db, signature, ending(delegation_id)[1])
        above = run(db, store.chain(delegation_id))
        if signer.holder_id not in {held.delegate_id, *(link.delegator_id for link in above)}:
            try:
                signer = self._signatures.standing_for(db, signer, held.principal_id)
            except SignerNotHolderError:
                raise UnknownDelegationError from None
        if held.ended_at is not None:
            raise DelegationClosedError(problem="ended already")
        record = self._record("delegation.ended", held.id, held.digest, held.principal_id, held.delegate_id, signer)
        entry_id = self._evidence.append(db, record).entry_id
        token = self._vault.shut(signer.kept, _token_of(delegation_id, "ended"))
        store.end(db, delegation_id, self._clock.now(), token, entry_id)
        return self.get(db, delegation_id)

    def get(self, db: Connection, delegation_id: str) -> Delegation:
        """A delegation.

        Raises:
            UnknownDelegationError: there is none.
        """
        held = store.get(db, delegation_id)
        if held is None:
            raise UnknownDelegationError
        return Delegation(
            DelegationBody.decode(held.body),
            held.digest,
            held.principal_id,
            held.delegator_id,
            held.delegate_id,
            held.path,
            held.entry_id,
            held.given_at,
            held.ended_at,
        )

    def signer(self, db: Connection, signature: str, digest: str, grantor_id: str, scope: Scope) -> Signer:
        """Who signed a digest for a grantor: itself, who represents it, or a delegate whose chain covers the scope.

        Raises:
            IdTokenRefusedError, KeyRefusedError: it is no evidence of this digest.
            SignerNotHolderError: a good one of somebody who cannot sign this for the grantor.
        """
        person = self._signatures.person(db, signature, digest)
        try:
            return self._signatures.standing_for(db, person, grantor_id)
        except SignerNotHolderError:
            pass
        for found in store.of_delegate(db, person.holder_id, grantor_id):
            links = run(db, store.chain(found))
            if run(db, self._stands(links, person.holder_id, grantor_id, scope, self._clock.now())):
                chain = tuple(link.digest for link in links)
                return replace(person, representation=f"{DELEGATE}:{found}", delegations=chain)
        raise SignerNotHolderError

    def acts_for(self, db: Connection, person_id: str, principal_id: str, scope: Scope) -> bool:
        """Whether somebody may act for a principal by a chain of delegations that covers the scope now."""
        return any(
            run(db, self._stands(run(db, store.chain(found)), person_id, principal_id, scope, self._clock.now()))
            for found in store.of_delegate(db, person_id, principal_id)
        )

    def evidence_of(self, db: Connection, delegation_id: str) -> list[Shown]:
        """A chain with the signatures it was given by, the first delegation first; empty where there is none.

        Raises:
            SealBrokenError: one was changed in the database.
        """
        return [
            Shown(link.body, self._vault.open(link.sealed_token, _token_of(link.id, "given")), link.entry_id)
            for link in run(db, store.chain(delegation_id))
        ]

    def stands(self, representation: str, signer_id: str, grantor_id: str, scope: Scope, at: datetime) -> Steps[bool]:
        """Whether a delegate who signed a grant may still do what is done by it; asked at every use.

        Args:
            representation: of the grant's row, `delegate:` and the delegation.
            scope: the use.
        """
        links = yield from store.chain(representation.removeprefix(f"{DELEGATE}:"))
        return (yield from self._stands(links, signer_id, grantor_id, scope, at))

    def _stands(
        self, links: Sequence[Held], signer_id: str, grantor_id: str, scope: Scope, at: datetime
    ) -> Steps[bool]:
        if not links or links[-1].delegate_id != signer_id or links[-1].path != tuple(link.id for link in links):
            return False
        if any(link.ended_at is not None or link.principal_id != grantor_id for link in links):  # 2
            return False
        terms = [signed for link in links if (signed := self._signed(link)) is not None]  # 1
        if len(terms) < len(links) or not all(signed.covers(scope, at) for signed in terms):  # 1, 2
            return False
        first, chained = links[0], list(zip(links, terms, strict=True))
        if not all(_hangs(lower, narrow, upper, wide) for (upper, wide), (lower, narrow) in pairwise(chained)):
            return False
        if first.representation is None:  # 4
            return first.delegator_id == grantor_id
        return (yield from self._representation.check(first.delegator_id, grantor_id, first.representation, at))

    def _signed(self, link: Held) -> DelegationBody | None:
        """The terms of a link as its delegator signed them; None where the row is not what was signed.

        Looked at once per process and row: the key of what is remembered is everything it depends on.
        """
        key = sha256(b"\0".join((link.id.encode(), link.digest.encode(), link.body, link.sealed_token))).digest()
        if (known := self._intact.get(key)) is not None:
            return known
        try:
            kept = self._vault.open(link.sealed_token, _token_of(link.id, "given"))
            terms = DelegationBody.decode(link.body)
        except (SealBrokenError, InvalidTermsError):
            return None
        if (terms.id, terms.digest) != (link.id, link.digest) or not self._signatures.covers(kept, terms.digest):
            return None
        if len(self._intact) >= _REMEMBERED:
            self._intact.clear()
        self._intact[key] = terms
        return terms

    def _parent(
        self, db: Connection, terms: DelegationBody, signer: Signer, principal_id: str, now: datetime
    ) -> tuple[str, ...]:
        """The chain above a child, which stands and which the signer is the end of."""
        links = run(db, store.chain(str(terms.parent)))
        if not links or links[-1].delegate_id != signer.holder_id or links[-1].principal_id != principal_id:
            raise UnknownDelegationError
        upper = self._signed(links[-1])
        if upper is None:
            raise UnknownDelegationError
        upper.check_child(terms)
        scope = Scope(frozenset(), frozenset(), terms.mode, frozenset())
        if not run(db, self._stands(links, signer.holder_id, principal_id, scope, max(now, upper.valid_from))):
            raise DelegationClosedError(problem="the one above it does not stand")
        return links[-1].path

    def _record(
        self,
        kind: str,
        delegation_id: str,
        digest: str,
        principal_id: str,
        delegate_id: str,
        signer: Signer,
        parent: str | None = None,
    ) -> Record:
        parties = {
            "delegation": delegation_id,
            "terms": digest,
            "holder": self._holders.pairwise(principal_id, delegation_id),
            "delegate": self._holders.pairwise(delegate_id, delegation_id),
            "signer": self._holders.pairwise(signer.holder_id, delegation_id),
            "representation": signer.representation,
            **above(self._holders, parent, principal_id, signer.holder_id),
            **signer.told(),
        }
        return Record({"type": kind, "time": rfc3339(self._clock.now())}, parties)


def above(holders: Holders, delegation_id: str | None, principal_id: str, delegate_id: str) -> dict[str, object]:
    """What a record says of the delegation its signer acts by; nothing where there is none.

    It repeats the names under which that delegation's record knows its principal and its delegate: whoever sees both
    knows that it was the delegate who signed, and nobody learns who that is.
    """
    if not delegation_id:
        return {}
    named = {"holder": principal_id, "delegate": delegate_id}
    told = {name: holders.pairwise(holder_id, delegation_id) for name, holder_id in named.items()}
    return {"above": {"delegation": delegation_id} | told}


def _hangs(lower: Held, narrow: DelegationBody, upper: Held, wide: DelegationBody) -> bool:
    """2 and 3: whether a link hangs below another and gives no more."""
    try:
        wide.check_child(narrow)
    except DelegationTooWideError:
        return False
    return narrow.parent == upper.id and lower.delegator_id == upper.delegate_id


def _token_of(delegation_id: str, act: str) -> bytes:
    return f"delegation/{act}/{delegation_id}".encode()
