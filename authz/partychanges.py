"""What changes of an organisation after it joined: its limits, by the node's staff; its systems' keys, by themselves.

Each change is an entry in the unit that makes it: who set which limit, and with which credential a client gave itself
another or ended one. A credential is named by its thumbprint there; its own name is chosen by whoever adds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from authz import limits
from authz.errors import InvalidRegistrationError
from authz.model import Act
from ledger.clock import rfc3339
from ledger.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.model import Caller, Party
    from authz.parties import Credential, Parties
    from ledger.clock import Clock
    from ledger.evidence import Evidence


class PartyChanges:
    """Sets limits, adds and retires credentials.

    Args:
        evidence: the log.
        parties: the organisations.
        counter: who may.
        clock: tells the time.
    """

    def __init__(self, evidence: Evidence, parties: Parties, counter: Counter, clock: Clock) -> None:
        self._evidence = evidence
        self._parties = parties
        self._counter = counter
        self._clock = clock

    def set_limits(
        self, db: Connection, caller: Caller, operator: str, party_id: str, wanted: Mapping[str, int | None]
    ) -> Party:
        """Set limits of one organisation apart from its kind's; None: as its kind.

        Args:
            operator: handle of who sets them.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            InvalidRegistrationError, UnknownPartyError: as `limits.set_limits`.
        """
        self._counter.let(db, caller, operator, Act.onboard)
        now = self._clock.now()
        limits.set_limits(db, party_id, wanted, now)
        party = self._parties.party(db, party_id)
        parties: dict[str, object] = {"requester": caller.org_code, "operator": operator}
        parties |= {"organisation": party.org_code, "limits": dict(wanted)}
        self._evidence.append(db, Record({"type": "party.limits-set", "time": rfc3339(now)}, parties))
        return party

    def add_credential(
        self, db: Connection, caller: Caller, *, jwk: Mapping[str, str] | None, certificate: str | None
    ) -> list[Credential]:
        """Give the calling client a further key or certificate, one of the two; all it has then.

        Raises:
            InvalidRegistrationError: both or neither; or as `Parties.add_key`.
            InvalidCertificateError, TooManyCredentialsError: as `Parties.add_certificate`.
        """
        if (jwk is None) == (certificate is None):
            raise InvalidRegistrationError(problem="jwk or certificate")
        self._parties.hold(db, caller.client_id)
        before = self._parties.credentials(db, caller.client_id)
        if jwk is not None:
            self._parties.add_key(db, caller.client_id, jwk)
        else:
            self._parties.add_certificate(db, caller.client_id, str(certificate))
        return self._written(db, caller, {"type": "party.credential-added"}, before)

    def retire_credential(self, db: Connection, caller: Caller, name: str) -> list[Credential]:
        """End a key or certificate of the calling client, and every token given until now; all it had.

        Raises:
            UnknownPartyError, InvalidRegistrationError: as `Parties.retire`.
        """
        self._parties.hold(db, caller.client_id)
        before = self._parties.credentials(db, caller.client_id)
        self._parties.retire(db, caller.client_id, name)
        return self._written(db, caller, {"type": "party.credential-retired"}, before)

    def _written(
        self, db: Connection, caller: Caller, fact: dict[str, str], before: list[Credential]
    ) -> list[Credential]:
        held = self._parties.credentials(db, caller.client_id)
        (changed,) = set(held) - set(before)
        parties: dict[str, object] = {"requester": caller.org_code, "client": caller.client_id, "by": caller.jkt}
        parties |= {"credential": changed.thumbprint, "kind": changed.kind, "name": changed.name}
        self._evidence.append(db, Record(fact | {"time": rfc3339(self._clock.now())}, parties))
        return held
