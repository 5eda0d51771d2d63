"""Asking a holder for a yes or no, on their phone: to an application, a change of employer, a benefit (意愿确认).

What is asked is one canonical statement, shown word for word; the holder signs a request `answer`
(`certs.requests`) that names the statement's digest and the answer, by any kind of signature that counts for a consent.
An answer is given once, by the holder or who represents them, and is an entry of the log.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from authz.model import AskState
from authz.noticekinds import NoticeKind
from authz.vault import digest_of
from certs.errors import InvalidRequestError
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record, canonical
from materials.automatic import inquiryrows as rows
from materials.automatic.errors import InquiryClosedError, InquiryTogetherError, UnknownInquiryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.askbatches import AskBatches
    from authz.signatures import HolderSignatures
    from certs.requests import HolderRequest
    from materials.automatic.inquiryrows import Inquiry
    from materials.desk import Desk

    Together = Callable[[Connection, str, Mapping[str, Any]], str | None]

YES: Final = "yes"
NO: Final = "no"
VERSION: Final = 1
_LISTED: Final = 200
_TOLD: Final = {"willingness": NoticeKind.entitlement_listed}
_ANSWERED: Final = "inquiry.answered"


@dataclass(frozen=True, slots=True)
class Words:
    """What is asked.

    Attributes:
        kind: `application`, `confirmation` or `willingness`.
        subject_id: of the run it belongs to.
        item: code and names of what it is about.
        zh, en: the question in words.
        facts: what else the holder must see, by name: values are text.
    """

    kind: str
    subject_id: str
    party_id: str
    item: tuple[str, str, str]
    zh: str
    en: str
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)


class Inquiries:
    """Asks, and takes answers.

    Args:
        signatures: who signed.
        batches: consents that are asked together with something.
        desk: names, notices, vault, the log, the time.
    """

    def __init__(self, signatures: HolderSignatures, batches: AskBatches, desk: Desk) -> None:
        self._signatures = signatures
        self._batches = batches
        self._desk = desk

    def ask(
        self,
        db: Connection,
        words: Words,
        holders: Sequence[str],
        due_at: datetime,
        together: Together | None = None,
    ) -> list[Inquiry]:
        """Ask each of several holders and tell them; who was asked about the same before is not asked again.

        Args:
            together: asks a holder for the consents that are wanted of them too, in one notice with the statement.
        """
        known = {each.holder_id for each in rows.of_subject(db, words.subject_id, words.kind)}
        org = self._desk.parties.party(db, words.party_id)
        now = self._desk.clock.now()
        for holder_id in dict.fromkeys(holders):
            if holder_id in known:
                continue
            inquiry_id = new_id()
            code, name, name_en = words.item
            said: dict[str, Any] = {
                "v": VERSION,
                "type": "cailian/inquiry",
                "id": inquiry_id,
                "kind": words.kind,
                "subject": words.subject_id,
                "org": {"name": org.name, "code": org.org_code},
                "item": {"code": code, "name": name, "name_en": name_en},
                "zh": words.zh,
                "en": words.en,
                "facts": dict(words.facts),
                "choices": [YES, NO],
                "due": rfc3339(due_at),
            }
            statement, batch_id = canonical(said), together(db, holder_id, said) if together is not None else None
            values = {
                "id": inquiry_id,
                "kind": words.kind,
                "subject": words.subject_id,
                "party": words.party_id,
                "holder": holder_id,
                "statement": self._desk.vault.shut(statement.decode(), _place("statement", inquiry_id)),
                "choices": [YES, NO],
                "at": now,
                "due": due_at,
                "batch": batch_id,
            }
            rows.insert(db, values)
            if batch_id is not None:
                continue  # the notice of the consents says it
            told = _TOLD.get(words.kind, NoticeKind.inquiry_asked)
            self._desk.notices.tell(db, holder_id, told, inquiry_id, party_id=words.party_id)
        return rows.of_subject(db, words.subject_id, words.kind)

    def answer(self, db: Connection, asked: HolderRequest, signature: str) -> Inquiry:
        """Take a signed answer.

        Args:
            asked: a request `answer` whose subject is the inquiry.

        Raises:
            UnknownInquiryError: there is none.
            InvalidRequestError: no such answer, or to another statement than the one that was asked.
            InquiryClosedError: it was answered or taken back, or it is too late.
            InquiryTogetherError: it is answered with the consents it was asked with.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
        """
        held = rows.get(db, asked.subject, lock=True)
        if held is None:
            raise UnknownInquiryError
        if held.batch_id is not None:
            raise InquiryTogetherError(batch=held.batch_id)
        said = str(asked.terms["answer"])
        if said not in held.choices or asked.terms["statement"] != digest_of(self.statement(held)):
            raise InvalidRequestError(term="terms")
        signer = self._signatures.check(db, signature, asked.digest, held.holder_id)
        now = self._desk.clock.now()
        if not held.is_open(now):
            raise InquiryClosedError(state=held.state if held.state != "open" else "expired")
        parties = {
            "requester": self._desk.parties.party(db, held.party_id).org_code,
            "inquiry": held.id,
            "kind": held.kind,
            "subject": held.subject_id,
            "statement": asked.terms["statement"],
            "request": asked.digest,
            "answer": said,
            "holder": self._desk.holders.pairwise(held.holder_id, held.party_id),
            "signer": self._desk.holders.pairwise(signer.holder_id, held.party_id),
            "representation": signer.representation,
        }
        entry = self._desk.evidence.append(
            db, Record({"type": _ANSWERED, "time": rfc3339(now)}, parties | signer.told())
        ).entry_id
        kept = json.dumps({"request": asked.document(), "signature": signer.kept}, ensure_ascii=False)
        sealed = self._desk.vault.shut(kept, _place("signature", held.id))
        values = {"id": held.id, "answer": said, "at": now, "signer": signer.holder_id}
        rows.answer(db, values | {"signature": sealed, "entry": entry})
        return self.get(db, held.id)

    def settle(self, db: Connection, held: Inquiry) -> str:
        """Whether a holder has answered an inquiry with the consents it was asked with.

        Whoever approves all of them says yes, whoever refuses all says no: by the signature over the answer, which
        names the notice and so the statement, and which every grant and refusal keeps.

        Returns:
            `yes`, `no`, `partly`, `late` or `waiting`.
        """
        if held.answer is not None or held.batch_id is None:
            return held.answer or "waiting"
        batch = self._batches.get(db, held.batch_id)
        states = {each.state for each in batch.asks}
        if batch.open(self._desk.clock.now()):
            return "waiting"
        if AskState.approved in states and AskState.refused in states:
            return "partly"
        if states not in ({AskState.approved}, {AskState.refused}):
            return "late"
        said = YES if states == {AskState.approved} else NO
        now, statement = self._desk.clock.now(), digest_of(self.statement(held))
        parties = {
            "requester": self._desk.parties.party(db, held.party_id).org_code,
            "inquiry": held.id,
            "kind": held.kind,
            "subject": held.subject_id,
            "statement": statement,
            "batch": batch.id,
            "notice": batch.notice_digest,
            "grants": sorted(each.grant_id for each in batch.asks if each.grant_id is not None),
            "answer": said,
            "holder": self._desk.holders.pairwise(held.holder_id, held.party_id),
        }
        record = Record({"type": _ANSWERED, "time": rfc3339(now)}, parties)
        entry = self._desk.evidence.append(db, record).entry_id
        kept = canonical({"batch": batch.id, "notice": batch.notice_digest}).decode()
        sealed = self._desk.vault.shut(kept, _place("signature", held.id))
        rows.answer(db, {"id": held.id, "answer": said, "at": now, "signer": None, "signature": sealed, "entry": entry})
        return said

    @staticmethod
    def get(db: Connection, inquiry_id: str) -> Inquiry:
        """An inquiry.

        Raises:
            UnknownInquiryError: there is none.
        """
        held = rows.get(db, inquiry_id)
        if held is None:
            raise UnknownInquiryError
        return held

    @staticmethod
    def of_subject(db: Connection, subject_id: str, kind: str) -> list[Inquiry]:
        """Everybody who was asked about something."""
        return rows.of_subject(db, subject_id, kind)

    @staticmethod
    def of_holder(db: Connection, holder_id: str) -> list[Inquiry]:
        """What a holder was asked, the newest 200 first."""
        return rows.of_holder(db, holder_id, _LISTED)

    @staticmethod
    def withdraw(db: Connection, subject_id: str) -> None:
        """Nobody needs to answer about this any more."""
        rows.withdraw(db, subject_id)

    def statement(self, held: Inquiry) -> bytes:
        """What is asked, byte for byte; for whoever it was asked of."""
        return self._desk.vault.open(held.statement, _place("statement", held.id)).encode()

    def document(self, held: Inquiry) -> dict[str, Any]:
        """An inquiry as its holder sees it."""
        statement = self.statement(held)
        return {
            "inquiry_id": held.id,
            "kind": held.kind,
            "state": "expired" if held.state == "open" and not held.is_open(self._desk.clock.now()) else held.state,
            "statement": json.loads(statement),
            "digest": digest_of(statement),
            "due_at": rfc3339(held.due_at),
            "answer": held.answer,
            "answered_at": rfc3339(held.answered_at) if held.answered_at else None,
            "entry_id": held.entry_id,
            "batch_id": held.batch_id,
        }


def _place(column: str, inquiry_id: str) -> bytes:
    return f"inquiry/{column}/{inquiry_id}".encode()
