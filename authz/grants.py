"""Grants: proposed by a department, signed by the holder, spent at uses, withdrawn by the holder.

See README.md, "The life of a grant".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from authz import decisions
from authz.delegations import DELEGATE
from authz.delegationterms import Scope
from authz.errors import GrantClosedError, InvalidTermsError, SealBrokenError, UnknownGrantError
from authz.model import Caller, Grant, GrantState, Mode
from authz.signers import Signer, Standing
from authz.store import cessations, grants as store
from authz.terms import CONSENT, GrantBody, approves, sorted_terms, withdrawal
from authz.vault import digest_of
from ledger import failpoints, outbox
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.delegations import Delegations
    from authz.holders import Holders
    from authz.signatures import HolderSignatures
    from authz.terms import Frequency
    from authz.vault import IdentityVault
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.steps import Steps

WITHDRAWN: Final = "grant.withdrawn"
"""Kind of outbox message: a recipient has to stop or delete."""
CEASE_WITHIN: Final = timedelta(days=10)
"""How long a recipient has to say that it did; 个人信息保护法, article 47, wants it done without being told."""
_LISTED: Final = 200
_REMEMBERED: Final = 10_000
_TAKEN_WITHIN: Final = timedelta(minutes=1)
"""Longest time between taking a signature and giving the grant by it, which is one act."""


class Grants:
    """Makes, finds and ends grants.

    Args:
        evidence: the log.
        holders: names holders pairwise.
        signatures: checks who signed.
        delegations: says who may sign for another.
        vault: encrypts the kept signatures.
        clock: tells the time.
    """

    def __init__(
        self,
        evidence: Evidence,
        holders: Holders,
        signatures: HolderSignatures,
        delegations: Delegations,
        vault: IdentityVault,
        clock: Clock,
    ) -> None:
        self._evidence = evidence
        self._holders = holders
        self._signatures = signatures
        self._delegations = delegations
        self._vault = vault
        self._clock = clock
        self._intact: dict[bytes, tuple[GrantBody, Standing]] = {}

    def propose(  # noqa: PLR0913 - the terms of a grant
        self,
        caller: Caller,
        grantor_id: str,
        *,
        item_code: str,
        case_no: str | None,
        cause: str,
        objects: Collection[str] = (),
        types: Collection[str] = (),
        fields: Collection[str] = (),
        mode: Mode = Mode.copy,
        max_uses: int = 1,
        valid_from: datetime,
        valid_to: datetime,
        regions: Collection[str] | None = None,
        basis: str = CONSENT,
        frequency: Frequency | None = None,
        fresh_days: int | None = None,
    ) -> GrantBody:
        """Terms a department would like; nothing is stored.

        Args:
            caller: the grantee.
            grantor_id: the holder.
            regions: division codes; the caller's own where None.

        Raises:
            InvalidTermsError: a term is malformed.
        """
        return GrantBody(
            id=new_id(),
            grantor=self._holders.pairwise(grantor_id, caller.party_id),
            org_code=caller.org_code,
            party_id=caller.party_id,
            item_code=item_code,
            case_no=case_no,
            cause=cause,
            objects=sorted_terms(objects),
            types=sorted_terms(types),
            fields=sorted_terms(fields),
            mode=mode,
            max_uses=max_uses,
            valid_from=_millisecond(valid_from),
            valid_to=_millisecond(valid_to),
            regions=sorted_terms([caller.division] if regions is None else regions),
            basis=basis,
            frequency=frequency,
            fresh_days=fresh_days,
        )

    def for_another(self, caller: Caller, body: GrantBody, grantor_id: str) -> GrantBody:
        """The same terms for another holder of the same thing; nothing is stored.

        Args:
            body: terms for the caller, from `propose`.
        """
        return replace(body, id=new_id(), grantor=self._holders.pairwise(grantor_id, caller.party_id))

    def accept(
        self,
        db: Connection,
        body: GrantBody,
        *,
        grantor_id: str,
        signature: str | Signer,
        answer: bytes | None = None,
    ) -> Grant:
        """Take a holder's signature over terms and give the grant.

        Args:
            body: the terms, as proposed.
            grantor_id: the holder they are about.
            signature: over the terms' digest, as it was handed in; or who gave it, where that was checked before.
            answer: what was signed instead, where the terms were approved together with others.

        Raises:
            InvalidTermsError: the terms are about another holder, or over.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
            GrantClosedError: these terms were signed already.
        """
        now = self._clock.now()
        if body.grantor != self._holders.pairwise(grantor_id, body.party_id):
            raise InvalidTermsError(term="grantor")
        if body.valid_to <= now:
            raise InvalidTermsError(term="valid_to")
        if answer is not None and not approves(answer, body.digest):
            raise InvalidTermsError(term="answer")
        signed = body.digest if answer is None else digest_of(answer)
        signer = self._signer(db, signature, signed, grantor_id, scope_of(body))
        failpoints.reach("grant.signed")
        promise = self._evidence.append(db, self._given(body, grantor_id, signer, now, answer))
        values = {
            "id": body.id,
            "digest": body.digest,
            "body": body.encode(),
            "grantor": grantor_id,
            "signer": signer.holder_id,
            "signer_kind": signer.kind.value,
            "assurance": int(signer.assurance),
            "key": signer.key_id,
            "key_since": signer.key_since,
            "representation": signer.representation,
            "grantee": body.party_id,
            "item": body.item_code,
            "case": body.case_no,
            "mode": body.mode.value,
            "objects": list(body.objects),
            "types": list(body.types),
            "fields": list(body.fields),
            "regions": list(body.regions),
            "max_uses": body.max_uses,
            "valid_from": body.valid_from,
            "valid_to": body.valid_to,
            "frequency_count": None if body.frequency is None else body.frequency.count,
            "frequency_seconds": None if body.frequency is None else body.frequency.seconds,
            "fresh_days": body.fresh_days,
            "answer": answer,
            "id_token": self._vault.shut(signer.kept, _token_of(body.id, "given")),
            "entry": promise.entry_id,
            "at": now,
        }
        if not store.insert_grant(db, values):
            raise GrantClosedError(problem="signed already")
        failpoints.reach("grant.recorded")
        return self.find(db, body.id)

    def withdraw(self, db: Connection, grant_id: str, signature: str | Signer) -> Grant:
        """End a grant for every use recorded after this. The row lock orders it against uses (RELIABILITY Z6).

        Args:
            signature: over the digest of `withdrawal_of(grant_id)`; or who gave it, where it was a slip's code.

        Raises:
            UnknownGrantError: no such grant.
            GrantClosedError: it is withdrawn already.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
        """
        grant = store.grant(db, grant_id, lock=True)
        if grant is None:
            raise UnknownGrantError
        narrow = Scope(frozenset({grant.item_code}), grant.types, grant.mode, frozenset())
        signer = self._signer(db, signature, withdrawal(grant_id)[1], grant.grantor_id, narrow)
        if grant.state is GrantState.withdrawn:
            raise GrantClosedError(problem="withdrawn already")
        failpoints.reach("withdrawal.signed")
        now = self._clock.now()
        told = decisions.signed(self._holders, grant.digest, grant.grantor_id, grant.grantee_id, signer)
        parties = {"grant": grant.id} | told | {"given_entry": grant.entry_id}
        record = Record({"type": "grant.withdrawn", "time": rfc3339(now)}, parties)
        promise = self._evidence.append(db, record)
        token = self._vault.shut(signer.kept, _token_of(grant_id, "withdrawn"))
        store.withdraw(db, grant_id, now, token, promise.entry_id)
        if cessations.open_(db, grant_id, now, now + CEASE_WITHIN):
            body = {"grant_id": grant_id, "party": grant.grantee_id, "due_at": rfc3339(now + CEASE_WITHIN)}
            outbox.emit(db, WITHDRAWN, grant_id, body | {"at": rfc3339(now)}, now)
        failpoints.reach("withdrawal.recorded")
        return self.find(db, grant_id)

    @staticmethod
    def withdrawal_of(grant_id: str) -> tuple[bytes, str]:
        """What a holder signs to withdraw a grant: the canonical bytes, and their digest."""
        return withdrawal(grant_id)

    def of_grantee(self, db: Connection, caller: Caller, grant_id: str) -> Grant:
        """A grant of which the caller's organisation is the grantee.

        Raises:
            UnknownGrantError: there is none; somebody else's looks the same.
        """
        grant = store.grant(db, grant_id)
        if grant is None or grant.grantee_id != caller.party_id:
            raise UnknownGrantError
        return grant

    def find(self, db: Connection, grant_id: str) -> Grant:
        """A grant, for the holder's own page.

        Raises:
            UnknownGrantError: there is none.
        """
        grant = store.grant(db, grant_id)
        if grant is None:
            raise UnknownGrantError
        return grant

    def of_holder(self, db: Connection, holder_id: str) -> list[Grant]:
        """A holder's newest 200 grants."""
        return store.grants_of(db, holder_id, _LISTED)

    def consented(
        self, db: Connection, party_id: str, grantor_id: str, item_code: str, case_no: str
    ) -> tuple[frozenset[str], frozenset[str]]:
        """What a party may be told of a holder's things in a case: types and ids that grants in force name."""
        named = store.consented(db, party_id, grantor_id, item_code, case_no, self._clock.now())
        return (
            frozenset(code for types, _ in named for code in types),
            frozenset(thing for _, things in named for thing in things),
        )

    def withdrawn_over(self, db: Connection, holder_id: str, object_id: str, type_code: str) -> list[Grant]:
        """A holder's withdrawn grants that covered a thing, for the thing's history."""
        return store.withdrawn(db, holder_id, object_id, type_code, _LISTED)

    def is_intact(self, grant: Grant, sealed_token: bytes) -> bool:
        """Whether a grant's row says what the holder signed (RELIABILITY W2, W4).

        Row and terms are compared each time. The signature over the terms is checked once per process: the key of what
        is remembered is everything it depends on. The count of uses left is not signed; the log's entries prove it.

        Args:
            sealed_token: the kept signature as the row holds it.
        """
        answer = grant.answer or b""
        key = sha256(b"\0".join((grant.id.encode(), grant.body, answer, sealed_token))).digest()
        known = self._intact.get(key)
        if known is None:
            known = self._check_again(grant, sealed_token)
            if known is None:
                return False
            if len(self._intact) >= _REMEMBERED:
                self._intact.clear()
            self._intact[key] = known
        terms, signed = known
        if (grant.signer_kind, grant.key_since) != (signed.kind, signed.key_since):
            return False
        if grant.assurance > signed.assurance:
            return False
        if signed.at is not None and abs(signed.at - grant.given_at) > _TAKEN_WITHIN:
            return False
        return (
            *(grant.id, grant.digest, grant.grantee_id, grant.item_code, grant.case_no, grant.mode),
            *(grant.objects, grant.types, grant.fields, grant.regions),
            *(grant.frequency_count, grant.frequency_seconds, grant.fresh_days),
            *(
                grant.max_uses,
                grant.valid_from,
                grant.valid_to,
                self._holders.pairwise(grant.grantor_id, terms.party_id),
            ),
        ) == (
            *(terms.id, terms.digest, terms.party_id, terms.item_code, terms.case_no, terms.mode),
            *(frozenset(terms.objects), frozenset(terms.types), frozenset(terms.fields), frozenset(terms.regions)),
            *((None, None) if terms.frequency is None else (terms.frequency.count, terms.frequency.seconds)),
            terms.fresh_days,
            *(terms.max_uses, terms.valid_from, terms.valid_to, terms.grantor),
        )

    def _check_again(self, grant: Grant, sealed_token: bytes) -> tuple[GrantBody, Standing] | None:
        try:
            kept = self._vault.open(sealed_token, _token_of(grant.id, "given"))
            terms = GrantBody.decode(grant.body)
        except (SealBrokenError, InvalidTermsError):
            return None
        if grant.answer is not None and not approves(grant.answer, terms.digest):
            return None
        signed = self._signatures.again(kept, terms.digest if grant.answer is None else digest_of(grant.answer))
        return None if signed is None else (terms, signed)

    def still_represented(self, grant: Grant, type_code: str | None, at: datetime) -> Steps[bool]:
        """Whether who signed is the grantor, still represents it, or is still its delegate for such a thing.

        Args:
            type_code: of the thing that is used; None where there is no such thing.
        """
        if grant.representation is None:
            return grant.signer_id == grant.grantor_id
        if grant.representation.startswith(DELEGATE):
            types = frozenset({type_code} if type_code else ())
            scope = Scope(frozenset({grant.item_code}), types, grant.mode, grant.regions)
            return (
                yield from self._delegations.stands(grant.representation, grant.signer_id, grant.grantor_id, scope, at)
            )
        return (
            yield from self._signatures.still_represents(grant.signer_id, grant.grantor_id, grant.representation, at)
        )

    def evidence_of(self, db: Connection, grant_id: str) -> tuple[str, str | None]:
        """The kept signatures of giving and withdrawing, for the grant's evidence.

        Raises:
            UnknownGrantError: no such grant.
            SealBrokenError: one was changed in the database.
        """
        held = store.evidence(db, grant_id)
        if held is None:
            raise UnknownGrantError
        given = self._vault.open(held[0], _token_of(grant_id, "given"))
        return given, None if held[1] is None else self._vault.open(held[1], _token_of(grant_id, "withdrawn"))

    def _signer(self, db: Connection, signature: str | Signer, digest: str, grantor_id: str, scope: Scope) -> Signer:
        if isinstance(signature, Signer):
            return signature
        return self._delegations.signer(db, signature, digest, grantor_id, scope)

    def _given(self, body: GrantBody, grantor_id: str, signer: Signer, at: datetime, answer: bytes | None) -> Record:
        told = decisions.decided(self._holders, body, grantor_id, signer, answer)
        return Record({"type": "grant.given", "time": rfc3339(at)}, {"grant": body.id} | told)


def scope_of(body: GrantBody) -> Scope:
    """What whoever signs these terms must be allowed to give; a thing named by its id is judged at its use."""
    return Scope(frozenset({body.item_code}), frozenset(body.types), body.mode, frozenset(body.regions), body.valid_to)


def _token_of(grant_id: str, act: str) -> bytes:
    return f"grant/{act}/{grant_id}".encode()


def _millisecond(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
