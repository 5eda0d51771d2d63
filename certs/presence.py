"""A live code shown to prove that its holder is there: the code is spent, and nothing of its licence is seen.

The rules of a scan hold that are about the code (`certs.presenting`, 2 to 5): one of ours, made for this organisation
and counter, in its time, unused. The code's row is locked, so of a scan and a presence one comes second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from certs.errors import CodeAudienceError, CodeExpiredError, CodeUsedError, CodeVoidError, UnknownCodeError
from certs.model import CodeKind
from certs.store import codes
from ledger.steps import execute, run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.model import Caller
    from certs.codetext import CodeTexts
    from ledger.clock import Clock


class LiveCodes:
    """Spends live codes.

    Args:
        texts: of the codes.
        clock: tells the time.
    """

    def __init__(self, texts: CodeTexts, clock: Clock) -> None:
        self._texts = texts
        self._clock = clock

    def spend(self, db: Connection, caller: Caller, text: str, counter: str | None) -> str:
        """The holder whose live code was shown to the caller; in the unit of what it proves.

        Args:
            counter: where, in the caller's own naming.

        Raises:
            UnknownCodeError, CodeElsewhereError: not a live code of ours.
            CodeAudienceError, CodeVoidError, CodeUsedError, CodeExpiredError: as they say.
        """
        code = run(db, codes.by_lookup(self._texts.lookup(text)))
        if code is None or code.kind is not CodeKind.live:
            raise UnknownCodeError
        if code.audience_org != caller.org_code or code.audience_counter not in {None, counter}:
            raise CodeAudienceError
        now = self._clock.now()
        if code.voided_at is not None:
            raise CodeVoidError
        if code.used_at is not None:
            raise CodeUsedError
        if now >= code.expires_at:
            raise CodeExpiredError
        execute(db, codes.use(code.id, now))
        return code.holder_id
