"""Consent at the counter (帮办): for a person without a phone, by a drawn signature and two of the staff (DESIGN 7).

1. **Begun.** At the window somebody present, known by their identity card or live code, draws their signature under the
   terms of an ask. The drawing is kept encrypted.
2. **Stated.** The operator at the window, then another in the role of reviewer, state what they saw; their
   organisation's system signs both statements (`authz.assistance`).
3. **Given.** With the second statement the grant is given. It covers things of level 2 at most, by policy. The person
   gets a printed slip with a code, and is told like everybody whose consent was given.
4. **Withdrawn** by the code alone, at any counter or page, by whoever holds the slip; or as any other grant.

Each of them, also where it came to nothing, is in the list the organisation's auditor sees.
"""

from __future__ import annotations

import json
from base64 import b32encode
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from authz import assistance, statements
from authz.assistance import Statement
from authz.errors import (
    AskClosedError,
    AssistanceRefusedError,
    GrantClosedError,
    UnknownAssistanceError,
)
from authz.model import Act, AskState, Role
from authz.noticekinds import NoticeKind
from authz.signers import VERSION, Assurance, Signer, SignerKind, write
from authz.store import assistances as store
from authz.terms import GrantBody
from authz.vault import base64url
from ledger.clock import rfc3339
from ledger.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.asks import Asks
    from authz.counter import Counter
    from authz.grants import Grants
    from authz.model import Caller, Grant, Presence
    from authz.notices import Notices
    from authz.signatures import HolderSignatures
    from authz.store.assistances import Held
    from authz.vault import IdentityVault
    from ledger.clock import Clock

OPEN_FOR: Final = timedelta(minutes=30)
MAX_PAD: Final = 65_536
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_CODE_BYTES: Final = 10
"""80 bits: nobody finds a code by trying."""
_LISTED: Final = 200
_LIKE: Final = str.maketrans("018", "OIB", " -")
"""Figures that are no letters of base32 (RFC 4648, 6), as what they are taken for."""


@dataclass(frozen=True, slots=True)
class Assistance:
    """One consent at the counter, as its organisation sees it.

    Attributes:
        statement: what both of the staff state.
        staff: handles of who stated it so far.
        grant_id: the grant, once both did.
    """

    id: str
    party_id: str
    ask_id: str
    case_no: str
    statement: Statement
    staff: tuple[str, ...]
    grant_id: str | None
    created_at: datetime
    expires_at: datetime
    given_at: datetime | None
    withdrawn_at: datetime | None = None


class CounterConsents:
    """Takes consent at counters.

    Args:
        asks, grants: what is consented to.
        signatures: who may sign for whom.
        counter: what an operator may do.
        notices: tells the holder.
        vault: encrypts what was drawn, names the person pairwise, makes the codes.
        audience: this node's base address.
        clock: tells the time.
    """

    def __init__(
        self,
        asks: Asks,
        grants: Grants,
        signatures: HolderSignatures,
        counter: Counter,
        notices: Notices,
        vault: IdentityVault,
        audience: str,
        clock: Clock,
    ) -> None:
        self._asks = asks
        self._grants = grants
        self._signatures = signatures
        self._counter = counter
        self._notices = notices
        self._vault = vault
        self._audience = audience
        self._clock = clock

    def begin(
        self, db: Connection, caller: Caller, operator: str, ask_id: str, person_id: str, presence: Presence, pad: bytes
    ) -> Assistance:
        """Begin, with somebody who is there.

        Args:
            operator: at the window.
            person_id: who is there, as their card or code names them: the grantor, or who represents it.
            presence: of the ask's case.
            pad: what they drew, PNG.

        Raises:
            UnknownOperatorError, NotPermittedError: the operator.
            UnknownAskError, AskClosedError: the ask.
            AssistanceRefusedError: nobody is seen to be there, the ask names no case, or nothing was drawn.
            SignerNotHolderError: the person cannot consent to this.
        """
        self._counter.let(db, caller, operator, Act.assist)
        ask = self._asks.of_party(db, caller, ask_id)
        now = self._clock.now()
        if ask.state is not AskState.pending or ask.expires_at <= now:
            raise AskClosedError(state=ask.state.value if ask.state is not AskState.pending else "expired")
        case_no = GrantBody.decode(ask.body).case_no
        if case_no is None or presence.value not in assistance.IDENTIFIED_BY:
            raise AssistanceRefusedError(check="presence")
        if len(pad) > MAX_PAD or not pad.startswith(_PNG):
            raise AssistanceRefusedError(check="pad")
        self._signatures.standing_for(db, _person(person_id, caller.org_code, ""), ask.grantor_id)
        made = new_id()
        values = {
            "id": made,
            "ask": ask.id,
            "party": caller.party_id,
            "signer": person_id,
            "identified_by": presence.value,
            "case": case_no,
            "pad": self._vault.shut(base64url(pad), _place("pad", made)),
            "pad_sha256": sha256(pad).hexdigest(),
            "at": now,
            "expires": min(now + OPEN_FOR, ask.expires_at),
        }
        store.insert(db, values)
        return self._shown(self._held(db, caller, made))

    def state(
        self, db: Connection, caller: Caller, operator: str, assistance_id: str, statement: str
    ) -> tuple[Assistance, str | None]:
        """Take a statement: the first from the window, the second from a reviewer, who gives the grant with it.

        Whoever stated it already may ask again, and is answered the same.

        Args:
            statement: compact JWS of the caller's own system (`authz.assistance`).

        Returns:
            How it stands; and the code on the slip, once the grant is given.

        Raises:
            UnknownOperatorError, NotPermittedError: the operator.
            UnknownAssistanceError: the organisation has none of that id.
            AssistanceRefusedError: too late, the same person twice, or the statement does not hold.
            UnknownAskError, AskClosedError, SignerNotHolderError, InvalidTermsError: as `Asks.approve`.
        """
        held = self._held(db, caller, assistance_id)
        role = Role.window if held.first_operator in (None, operator) else Role.reviewer
        self._counter.let(db, caller, operator, Act.assist if role is Role.window else Act.countersign)
        if operator not in {held.first_operator, held.second_operator}:
            if held.grant_id is not None or self._clock.now() >= held.expires_at:
                raise AssistanceRefusedError(check="time")
            expected, now = self._statement(held).claims(operator, role), self._clock.now()
            told = statements.check(db, caller, expected, statement, self._audience, now)
            if held.first_operator is None:
                sealed = self._vault.shut(write({"jws": statement, "key": dict(told)}), _place("first", held.id))
                store.first(db, held.id, operator, sealed)
            else:
                self._give(db, caller, operator, held, (statement, told))
            held = self._held(db, caller, assistance_id)
        return self._shown(held), None if held.grant_id is None else self._code(held.id)

    def withdraw(self, db: Connection, code: str) -> Grant:
        """Withdraw what was consented to at a counter, by the code on the slip.

        Args:
            code: as printed; case, spaces and dashes do not matter.

        Raises:
            UnknownAssistanceError: no such code.
            GrantClosedError: it is withdrawn already.
        """
        plain = code.upper().translate(_LIKE) if code.isascii() else ""
        held = store.by_slip(db, self._vault.keyed("slip", plain))
        if held is None or held.grant_id is None:
            raise UnknownAssistanceError
        grant = self._grants.find(db, held.grant_id)
        kept = {"v": VERSION, "kind": SignerKind.counter.value, "at": rfc3339(self._clock.now()), "code": plain}
        signer = Signer(
            grant.signer_id, grant.representation, "slip", Assurance(grant.assurance), write(kept), SignerKind.counter
        )
        if grant.withdrawn_at is not None:
            raise GrantClosedError(problem="withdrawn already")
        return self._grants.withdraw(db, grant.id, signer)

    def listed(self, db: Connection, caller: Caller, operator: str, *, everywhere: bool = False) -> list[Assistance]:
        """The newest 200, for those who oversee.

        Args:
            everywhere: of all organisations; the edge lets only the node's own operator ask that.

        Raises:
            UnknownOperatorError, NotPermittedError: the operator.
        """
        self._counter.let(db, caller, operator, Act.inspect)
        found = store.newest(db, None if everywhere else caller.party_id, _LISTED)
        return [self._shown(held, withdrawn) for held, withdrawn in found]

    def _give(
        self, db: Connection, caller: Caller, operator: str, held: Held, second: tuple[str, Mapping[str, str]]
    ) -> None:
        """3. Give the grant by both statements."""
        now = self._clock.now()
        first = json.loads(self._vault.open(held.first_statement or b"", _place("first", held.id)))
        code = self._code(held.id)
        kept = assistance.kept([(first["jws"], first["key"]), second], now)
        kept |= {"slip": {"sha256": sha256(code.encode()).hexdigest()}}
        signer = _person(held.signer_id, caller.org_code, write(kept))
        ask = self._asks.of_party(db, caller, held.ask_id)
        grant = self._asks.approve(db, ask.id, self._signatures.standing_for(db, signer, ask.grantor_id))
        store.given(db, held.id, operator, grant.id, self._vault.keyed("slip", code), now)
        self._notices.tell(db, ask.grantor_id, NoticeKind.counter_consent, grant.id, party_id=caller.party_id)

    def _held(self, db: Connection, caller: Caller, assistance_id: str) -> Held:
        held = store.get(db, assistance_id)
        if held is None or held.party_id != caller.party_id:
            raise UnknownAssistanceError
        return held

    def _statement(self, held: Held) -> Statement:
        signer = self._vault.pairwise(held.signer_id, held.party_id)
        return Statement(held.id, held.terms, signer, held.identified_by, held.pad_sha256)

    def _shown(self, held: Held, withdrawn_at: datetime | None = None) -> Assistance:
        return Assistance(
            held.id,
            held.party_id,
            held.ask_id,
            held.case_no,
            self._statement(held),
            tuple(each for each in (held.first_operator, held.second_operator) if each is not None),
            held.grant_id,
            held.created_at,
            held.expires_at,
            held.given_at,
            withdrawn_at,
        )

    def _code(self, assistance_id: str) -> str:
        """The code on the slip: made anew whenever it is asked for, so that it is kept nowhere."""
        return b32encode(self._vault.keyed("slip-code", assistance_id)[:_CODE_BYTES]).decode()


def printed(code: str) -> str:
    """A code as a slip shows it: four groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _person(person_id: str, org_code: str, kept: str) -> Signer:
    return Signer(person_id, None, org_code, Assurance.substantial, kept, SignerKind.counter)


def _place(what: str, assistance_id: str) -> bytes:
    return f"assistance/{what}/{assistance_id}".encode()
