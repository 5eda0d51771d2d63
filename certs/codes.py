"""The codes that holders show: a live code on a screen (亮证), a printed one (离线随申码), one of a company (一企一码).

| | live | printed | company |
|---|---|---|---|
| shows | one licence | one licence of a person | every openly shared licence of a company |
| how long | 60 s, once | 180 days | 366 days |
| to whom | one organisation, one counter where named | any verifier that reads the identity card | any verifier |
| fields | what the holder chose | level 1 | level 1, for authorities level 2 |
| made by | the holder's signature | the holder, a relative, a kiosk or window | the legal representative |
| void by | use, time | revocation, reissue, a newer version of the licence, time | revocation, reissue, time |
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from authz.signatures import CONSENTING
from certs import showing
from certs.errors import (
    CodeKeyReusedError,
    CodeVoidError,
    InvalidRequestError,
    LicenceNotShownError,
    UnknownCodeError,
    UnknownLicenceError,
)
from certs.lifecycle import status_on
from certs.model import Code, CodeKind, LicenceStatus, RepresentationKind
from certs.store import codes as store
from ledger.clock import rfc3339
from ledger.record import Record
from ledger.steps import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.model import Caller
    from authz.signatures import HolderSignatures, Signer
    from authz.vault import IdentityVault
    from certs.catalogue import LicenceCatalogue
    from certs.codetext import CodeTexts
    from certs.model import Licence
    from certs.requests import HolderRequest
    from certs.store.licences import LicenceStore
    from ledger.clock import Clock
    from ledger.evidence import Evidence

LIVE_FOR: Final = timedelta(seconds=60)
PRINTED_FOR: Final = timedelta(days=180)
COMPANY_FOR: Final = timedelta(days=366)
RELATIVES: Final = (RepresentationKind.guardian.value, RepresentationKind.spouse.value)
"""Who may print a code for another: it shows little, and only beside the other's identity card."""

_LISTED: Final = 200
_ISSUED: Final = "licence.code-issued"
_VOIDED: Final = "licence.code-voided"


class Codes:
    """Makes, finds and voids codes.

    Args:
        texts: of the codes.
        licences: what is shown.
        catalogue: which fields a type presents.
        evidence: the log.
        holders: names holders pairwise.
        signatures: who signed what.
        vault: keeps the ID tokens.
        clock: tells the time.
    """

    def __init__(
        self,
        texts: CodeTexts,
        licences: LicenceStore,
        catalogue: LicenceCatalogue,
        evidence: Evidence,
        holders: Holders,
        signatures: HolderSignatures,
        vault: IdentityVault,
        clock: Clock,
    ) -> None:
        self._texts = texts
        self._licences = licences
        self._catalogue = catalogue
        self._evidence = evidence
        self._holders = holders
        self._signatures = signatures
        self._vault = vault
        self._clock = clock

    # Making

    def show(self, db: Connection, request: HolderRequest, signature: str) -> tuple[Code, str]:
        """Make a live code of a licence for one verifier.

        Args:
            request: `show`.
            signature: the holder's over it, of whatever kind.

        Returns:
            The code and its text.

        Raises:
            UnknownLicenceError: no such licence.
            IdTokenRefusedError, SignerNotHolderError: the signature.
            LicenceNotShownError: the licence is not valid now.
            InvalidRequestError: a field that the type does not present.
        """
        licence = self._licence(db, request.subject)
        holder_id, signer = self._signer(db, licence, request, signature, CONSENTING)
        if (before := self._again(db, request, holder_id, CodeKind.live)) is not None:
            return before
        self._check_shown(licence)
        terms = request.terms
        presented = showing.presentable(self._catalogue.type(licence.type_code))
        if terms["fields"] is not None and not set(terms["fields"]) <= set(presented):
            raise InvalidRequestError(term="fields")
        now = self._clock.now()
        code = Code(
            id=request.id,
            kind=CodeKind.live,
            holder_id=holder_id,
            licence_id=licence.id,
            channel="app",
            signer_id=signer.holder_id,
            party_id=None,
            audience_org=terms["org"],
            audience_counter=terms["counter"],
            fields=None if terms["fields"] is None else tuple(terms["fields"]),
            made_at=now,
            expires_at=now + LIVE_FOR,
        )
        return self._keep(db, code, signer=signer, request=request)

    def print_(self, db: Connection, request: HolderRequest, signature: str) -> tuple[Code, str]:
        """Make a printed code, signed for by the holder or a relative; the one before is void.

        Args:
            request: `print-code`.

        Raises:
            UnknownLicenceError, IdTokenRefusedError, SignerNotHolderError, LicenceNotShownError: as `show`.
            InvalidRequestError: the licence is not a person's.
        """
        licence = self._licence(db, request.subject)
        holder_id, signer = self._signer(db, licence, request, signature, RELATIVES)
        if (before := self._again(db, request, holder_id, CodeKind.printed)) is not None:
            return before
        self._check_personal(licence)
        channel = "app" if signer.representation is None else "relative"
        code = self._lasting(request.id, CodeKind.printed, holder_id, licence.id, channel, signer.holder_id, None)
        return self._issue(db, code, None, signer=signer, request=request)

    def print_at_kiosk(self, db: Connection, request: HolderRequest, signer: Signer) -> tuple[Code, str]:
        """Make a printed code for whoever's identity card lies on a kiosk's reader; the one before is void.

        Args:
            request: `print-code`.
            signer: whose card it is, by the reader's word for just this request.

        Raises:
            UnknownLicenceError: no such licence of theirs.
            LicenceNotShownError, InvalidRequestError: as `print_`.
        """
        licence = self._licence(db, request.subject)
        if signer.holder_id not in licence.holder_ids:
            raise UnknownLicenceError
        if (before := self._again(db, request, signer.holder_id, CodeKind.printed)) is not None:
            return before
        self._check_personal(licence)
        holder_id = signer.holder_id
        code = self._lasting(request.id, CodeKind.printed, holder_id, licence.id, "kiosk", holder_id, None)
        return self._issue(db, code, None, signer=signer, request=request)

    def print_at_counter(
        self, db: Connection, caller: Caller, operator: str, *, key: str, licence_id: str, holder_id: str, channel: str
    ) -> tuple[Code, str]:
        """Make a printed code at a kiosk or window, for a holder whose identity card was read there.

        Args:
            operator: handle; its right to do so is the caller's to check.
            key: Idempotency-Key.
            holder_id: whose card was read.
            channel: kiosk or window.

        Raises:
            UnknownLicenceError: no such licence of this holder.
            LicenceNotShownError, InvalidRequestError: as `print_`.
            CodeKeyReusedError: the key made a code of something else.
        """
        licence = self._licence(db, licence_id)
        if holder_id not in licence.holder_ids:
            raise UnknownLicenceError
        code_id = self._texts.id_at_counter(caller.client_id, key)
        before = store.get(db, code_id)
        if before is not None:
            if (before.holder_id, before.licence_id, before.channel) != (holder_id, licence_id, channel):
                raise CodeKeyReusedError
            return self._standing(before), self._texts.of(code_id)
        self._check_personal(licence)
        code = self._lasting(code_id, CodeKind.printed, holder_id, licence.id, channel, None, caller.party_id)
        return self._issue(db, code, caller, operator=operator)

    def company(self, db: Connection, request: HolderRequest, signature: str) -> tuple[Code, str]:
        """Make the code of a company, signed for by its legal representative; the one before is void.

        Args:
            request: `company-code`, about any valid licence of the company.

        Raises:
            UnknownLicenceError, IdTokenRefusedError, SignerNotHolderError, LicenceNotShownError: as `show`.
            InvalidRequestError: the licence is not a company's.
        """
        licence = self._licence(db, request.subject)
        holder_id, signer = self._signer(db, licence, request, signature, CONSENTING[:1])
        if (before := self._again(db, request, holder_id, CodeKind.company)) is not None:
            return before
        self._check_shown(licence)
        if licence.holder_kind != "organisation":
            raise InvalidRequestError(term="subject")
        code = self._lasting(request.id, CodeKind.company, holder_id, None, "app", signer.holder_id, None)
        return self._issue(db, code, None, signer=signer, request=request)

    # Voiding and looking

    def void(self, db: Connection, request: HolderRequest, signature: str) -> Code:
        """Revoke a lasting code; from this commit on nobody sees anything by it.

        Args:
            request: `void-code`.

        Raises:
            UnknownCodeError: there is none.
            IdTokenRefusedError, SignerNotHolderError: the signature.
            CodeVoidError: it is void already.
        """
        code = store.get(db, request.subject, lock=True)
        if code is None or code.kind is CodeKind.live:
            raise UnknownCodeError
        capacities = RELATIVES if code.kind is CodeKind.printed else CONSENTING[:1]
        self._signatures.check(db, signature, request.digest, code.holder_id, capacities)
        if code.voided_at is not None:
            raise CodeVoidError
        self._void(db, code, "revoked")
        return self.get(db, code.id)

    @staticmethod
    def get(db: Connection, code_id: str) -> Code:
        """A code, for whoever has its id: the holder's app, which chose it. It is not in the QR code.

        Raises:
            UnknownCodeError: there is none.
        """
        code = store.get(db, code_id)
        if code is None:
            raise UnknownCodeError
        return code

    @staticmethod
    def of_holder(db: Connection, holder_id: str) -> list[Code]:
        """The newest 200 lasting codes of a holder, void ones too, whoever had them made."""
        return store.lasting(db, holder_id, _LISTED)

    def forget(self, db: Connection) -> int:
        """Remove live codes that nobody scanned, a day after their time; how many."""
        return store.forget_unused(db, self._clock.now() - timedelta(days=1))

    # What making shares

    def _licence(self, db: Connection, licence_id: str) -> Licence:
        licence = run(db, self._licences.get(licence_id))
        if licence is None:
            raise UnknownLicenceError
        return licence

    def _signer(
        self, db: Connection, licence: Licence, request: HolderRequest, signature: str, capacities: Sequence[str]
    ) -> tuple[str, Signer]:
        """The holder of the licence who is bound, and the person who signed."""
        return self._signatures.for_any(db, signature, request.digest, licence.holder_ids, capacities, reading=True)

    def _again(self, db: Connection, request: HolderRequest, holder_id: str, kind: CodeKind) -> tuple[Code, str] | None:
        """The code that this very request made before, so that a lost answer can be asked for again."""
        before = store.get(db, request.id)
        if before is None:
            return None
        if (before.holder_id, before.kind) != (holder_id, kind):  # somebody else's id, taken on purpose
            raise InvalidRequestError(term="id")
        return self._standing(before), self._texts.of(before.id)

    def _standing(self, code: Code) -> Code:
        if code.voided_at is not None or self._clock.now() >= code.expires_at:
            raise CodeVoidError
        return code

    def _check_shown(self, licence: Licence) -> None:
        if status_on(licence, self._clock.now()) is not LicenceStatus.valid or licence.frozen:
            raise LicenceNotShownError
        if not licence.is_current_version:
            raise LicenceNotShownError

    def _check_personal(self, licence: Licence) -> None:
        self._check_shown(licence)
        if licence.holder_kind != "person":
            raise InvalidRequestError(term="subject")

    def _lasting(
        self,
        code_id: str,
        kind: CodeKind,
        holder_id: str,
        licence_id: str | None,
        channel: str,
        signer_id: str | None,
        party_id: str | None,
    ) -> Code:
        now = self._clock.now()
        ends = now + (PRINTED_FOR if kind is CodeKind.printed else COMPANY_FOR)
        return Code(code_id, kind, holder_id, licence_id, channel, signer_id, party_id, None, None, None, now, ends)

    def _issue(
        self,
        db: Connection,
        code: Code,
        caller: Caller | None,
        *,
        operator: str | None = None,
        signer: Signer | None = None,
        request: HolderRequest | None = None,
    ) -> tuple[Code, str]:
        """Void the code before, record and keep this one."""
        store.lock_holder(db, code.holder_id)
        before = store.standing(db, code.kind, code.holder_id, code.licence_id)
        if before is not None:
            self._void(db, before, "reissued")
        parties = {
            "requester": None if caller is None else caller.org_code,
            "operator": operator,
            "code": code.id,
            "code_kind": code.kind.value,
            "licence": code.licence_id,
            "channel": code.channel,
            "terms": None if request is None else request.digest,
            "representation": None if signer is None else signer.representation,
            **({} if signer is None else signer.told()),
            "replaces": None if before is None else before.id,
            "valid_to": rfc3339(code.expires_at),
            # Whoever asked knows the holder otherwise; nobody else shall link two codes of one holder.
            "holder": self._holders.pairwise(code.holder_id, code.id if caller is None else caller.party_id),
        }
        record = Record({"type": _ISSUED, "time": rfc3339(code.made_at)}, parties)
        recorded = replace(code, entry_id=self._evidence.append(db, record).entry_id)
        return self._keep(db, recorded, signer=signer, request=request, operator=operator)

    def _keep(
        self,
        db: Connection,
        code: Code,
        *,
        signer: Signer | None,
        request: HolderRequest | None,
        operator: str | None = None,
    ) -> tuple[Code, str]:
        text = self._texts.of(code.id)
        row = {
            "id": code.id,
            "kind": code.kind.value,
            "lookup": self._texts.lookup(text),
            "holder": code.holder_id,
            "licence": code.licence_id,
            "channel": code.channel,
            "signer": code.signer_id,
            "representation": None if signer is None else signer.representation,
            "request": None if request is None else request.encode(),
            "id_token": None if signer is None else self._vault.shut(signer.kept, f"code/id_token/{code.id}".encode()),
            "party": code.party_id,
            "operator": operator,
            "org": code.audience_org,
            "counter": code.audience_counter,
            "fields": None if code.fields is None else list(code.fields),
            "at": code.made_at,
            "expires": code.expires_at,
            "entry": code.entry_id,
        }
        store.insert(db, row)
        return code, text

    def _void(self, db: Connection, code: Code, reason: str) -> None:
        now: datetime = self._clock.now()
        parties = {
            "code": code.id,
            "code_kind": code.kind.value,
            "reason": reason,
            "issued_entry": code.entry_id,
            "holder": self._holders.pairwise(code.holder_id, code.id),
        }
        entry_id = self._evidence.append(db, Record({"type": _VOIDED, "time": rfc3339(now)}, parties)).entry_id
        store.void(db, code.id, reason, now, entry_id)
