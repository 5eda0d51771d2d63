"""Taking organisations in, and shutting them out: filed by one person of the node's own staff, decided by another.

An application names the organisation and its kind (DESIGN 7), one of its systems with keys or certificates, the staff
it begins with, a contact, and on what basis it calls: the law and its duties, or of a social party the agreement and
the application scenario (应用场景) it has. The contact is a person, so it is encrypted like every other, and an
application keeps it for a month after the decision. What is approved is registered in the same unit as the entry
`party.registered`; suspending and resuming are entries too.

A suspended organisation is refused from the commit on, in every process: each request reads whether it may call, and
its tokens are void for good. What it is downloading stops at the next piece.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from authz import jose
from authz.clientcertificates import ClientCertificate
from authz.errors import InvalidRegistrationError, InvalidTermsError, UnknownPartyError
from authz.identifiers import check_organisation
from authz.model import OVERSEEING, Act, PartyKind, Role
from authz.onboardingerrors import (
    ApplicationDecidedError,
    PartyStandingError,
    SamePersonError,
    UnknownApplicationError,
)
from authz.parties import CURRENT, check_client, check_operator, check_party, read_key
from authz.store import applications as store
from authz.terms import check_cause
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.model import Caller, Party
    from authz.parties import Parties
    from authz.vault import IdentityVault
    from ledger.clock import Clock
    from ledger.evidence import Evidence

_COMMON: Final = frozenset({"case", "use", "present", "evidence"})
SCOPES: Final[Mapping[PartyKind, frozenset[str]]] = {
    PartyKind.government: _COMMON | {"deposit", "register", "issue", "gather", "dispute"},
    PartyKind.enforcement: _COMMON | {"deposit"},
    PartyKind.social: _COMMON,
}
"""What the clients of each kind may be given."""
OVERSEE: Final = "oversee"
"""The scope of the node's own staff; no application gets it."""
ALL_SCOPES: Final = tuple(sorted(frozenset().union(*SCOPES.values()) | {OVERSEE}))

KEPT: Final = timedelta(days=30)
"""How long the contact of an application is kept after the decision."""
_LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Contact:
    """Who answers for an organisation: a person, never shown but to those who onboard."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    email: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Applicant:
    """What an organisation wants to join as.

    Attributes:
        org_code: unified social credit code.
        division: division code, six digits.
        client_id: of its system.
        scopes: what that system shall be allowed to do.
        keys: public JWKs.
        certificates: PEM.
        operators: staff to begin with: roles by handle; none where a further system of a known organisation joins.
        basis: the law, or the agreement and scenario; names nobody.
    """

    kind: PartyKind
    name: str
    org_code: str
    division: str
    client_id: str
    scopes: tuple[str, ...]
    keys: tuple[Mapping[str, str], ...]
    certificates: tuple[str, ...]
    operators: Mapping[str, tuple[Role, ...]]
    contact: Contact
    basis: str

    def check(self, now: datetime) -> None:
        """Refuse what could not be registered, before anybody is asked to decide on it.

        Raises:
            InvalidIdentityError, InvalidRegistrationError, InvalidCertificateError: what is wrong.
        """
        check_organisation(self.org_code)
        check_party(self.name, self.division)
        check_client(self.client_id, self.keys, self.certificates)
        if not set(self.scopes) or not set(self.scopes) <= SCOPES[self.kind]:
            raise InvalidRegistrationError(problem="scopes", kind=self.kind.value)
        names = [read_key(key)[0] for key in self.keys]
        names += [ClientCertificate.read(each, now).thumbprint for each in self.certificates]
        if len(names) > CURRENT or len(set(names)) < len(names):
            raise InvalidRegistrationError(problem="keys or certificates")
        for handle, roles in self.operators.items():
            check_operator(handle, roles)
            if OVERSEEING & set(roles):
                raise InvalidRegistrationError(problem="roles")
        try:
            check_cause(self.basis)
        except InvalidTermsError as error:
            raise InvalidRegistrationError(problem="basis") from error


@dataclass(frozen=True, slots=True)
class Application:
    """An application as it stands.

    Attributes:
        operators: roles by handle.
        keys, certificates: RFC 7638 and certificate thumbprints, to be compared by another way than this one.
        filed_for: the organisation whose staff deal with it.
        filed_by, decided_by: handles.
    """

    id: str
    kind: PartyKind
    name: str
    org_code: str
    division: str
    client_id: str
    scopes: tuple[str, ...]
    operators: Mapping[str, list[str]]
    basis: str
    state: str
    filed_by: str
    filed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    party_id: str | None
    keys: tuple[str, ...]
    certificates: tuple[str, ...]


class Onboarding:
    """Takes applications, decides on them, suspends and resumes.

    Args:
        evidence: the log.
        parties: registers.
        counter: who may.
        vault: encrypts contacts.
        clock: tells the time.
    """

    def __init__(
        self, evidence: Evidence, parties: Parties, counter: Counter, vault: IdentityVault, clock: Clock
    ) -> None:
        self._evidence = evidence
        self._parties = parties
        self._counter = counter
        self._vault = vault
        self._clock = clock

    def file(self, db: Connection, caller: Caller, operator: str, applicant: Applicant) -> Application:
        """Keep an application for somebody else to decide on.

        Args:
            operator: handle of who files it.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            InvalidIdentityError, InvalidRegistrationError, InvalidCertificateError: see `Applicant.check`; or a new
                organisation begins without staff.
        """
        self._counter.let(db, caller, operator, Act.onboard)
        now = self._clock.now()
        applicant.check(now)
        if not applicant.operators and self._known(db, applicant.org_code) is None:
            raise InvalidRegistrationError(problem="operators")
        application_id = new_id()
        store.insert(
            db,
            {
                "id": application_id,
                "kind": applicant.kind.value,
                "name": applicant.name,
                "org": applicant.org_code,
                "division": applicant.division,
                "client": applicant.client_id,
                "scopes": sorted(set(applicant.scopes)),
                "keys": json.dumps([dict(key) for key in applicant.keys]),
                "certificates": list(applicant.certificates),
                "operators": json.dumps({name: sorted(roles) for name, roles in applicant.operators.items()}),
                "contact": self._shut(applicant.contact, b"application", application_id),
                "basis": applicant.basis,
                "for": caller.party_id,
                "by": operator,
                "at": now,
            },
        )
        return self.get(db, caller, operator, application_id)

    def decide(
        self, db: Connection, caller: Caller, operator: str, application_id: str, *, approve: bool, reason: str | None
    ) -> Application:
        """Approve, which registers everything, or refuse with a reason.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownApplicationError, ApplicationDecidedError: there is none, or none that is open.
            SamePersonError: the operator filed it.
            InvalidRegistrationError: a name was taken meanwhile, or a refusal has no reason.
            InvalidTermsError: the reason names somebody.
        """
        self._counter.let(db, caller, operator, Act.onboard)
        held = store.application(db, application_id, lock=True)
        if held is None or held["filed_for"] != caller.party_id:
            raise UnknownApplicationError
        if held["state"] != "open":
            raise ApplicationDecidedError
        if held["filed_by"] == operator:
            raise SamePersonError
        if not approve and not (reason or "").strip():
            raise InvalidRegistrationError(problem="reason")
        if reason is not None:
            check_cause(reason)
        party_id = self._register(db, caller, operator, held) if approve else None
        state = "approved" if approve else "refused"
        said = {"state": state, "by": operator, "at": self._clock.now(), "reason": reason, "party": party_id}
        store.decide(db, application_id, said)
        return self.get(db, caller, operator, application_id)

    def _register(self, db: Connection, caller: Caller, operator: str, held: Mapping[str, Any]) -> str:
        """Organisation, client and staff of an approved application, and the entry that says so."""
        party_id = self._party(db, held)
        contact = self._vault.open(bytes(held["contact"]), _place(b"application", held["id"]))
        store.keep_contact(db, party_id, self._vault.shut(contact, _place(b"party", party_id)))
        self._parties.register_client(
            db, held["client_id"], party_id, held["keys"], held["scopes"], held["certificates"]
        )
        for handle, roles in held["operators"].items():
            self._parties.register_operator(db, party_id, handle, [Role(role) for role in roles])
        credentials = self._parties.credentials(db, held["client_id"])
        parties = {
            "requester": caller.org_code,
            "organisation": held["org_code"],
            "kind": held["kind"],
            "client": held["client_id"],
            "credentials": sorted(each.thumbprint for each in credentials),
            "scopes": list(held["scopes"]),
            "application": held["id"],
            "filed_by": held["filed_by"],
            "decided_by": operator,
        }
        record = Record({"type": "party.registered", "time": rfc3339(self._clock.now())}, parties)
        self._evidence.append(db, record)
        return party_id

    def _party(self, db: Connection, held: Mapping[str, Any]) -> str:
        """The organisation: registered now, or there already and joining with a further system."""
        party = self._known(db, held["org_code"])
        if party is None:
            kind, name, division = PartyKind(held["kind"]), held["name"], held["division"]
            return self._parties.register_party(db, kind=kind, name=name, org_code=held["org_code"], division=division)
        if (party.kind.value, party.division) != (held["kind"], held["division"]) or not party.enabled:
            raise InvalidRegistrationError(problem="organisation known otherwise")
        return party.id

    def _known(self, db: Connection, org_code: str) -> Party | None:
        try:
            return self._parties.party_of(db, org_code)
        except UnknownPartyError:
            return None

    def suspend(self, db: Connection, caller: Caller, operator: str, party_id: str, reason: str) -> Party:
        """Shut an organisation out at once.

        Args:
            reason: names nobody.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownPartyError, PartyStandingError: there is none, or it is suspended already, or the caller's own.
            InvalidTermsError: no reason.
        """
        return self._change(db, caller, operator, party_id, reason, suspend=True)

    def resume(self, db: Connection, caller: Caller, operator: str, party_id: str, reason: str) -> Party:
        """Let an organisation in again; raises as `suspend`."""
        return self._change(db, caller, operator, party_id, reason, suspend=False)

    def _change(
        self, db: Connection, caller: Caller, operator: str, party_id: str, reason: str, *, suspend: bool
    ) -> Party:
        self._counter.let(db, caller, operator, Act.onboard)
        check_cause(reason)
        store.lock_party(db, party_id)
        if self._parties.party(db, party_id).enabled is not suspend or party_id == caller.party_id:
            raise PartyStandingError
        change = self._parties.disable_party if suspend else self._parties.enable_party
        change(db, party_id)
        now = self._clock.now()
        fact = {"type": "party.resumed", "time": rfc3339(now)}
        if suspend:
            store.cut(db, party_id, now)
            fact |= {"type": "party.suspended"}
        party = self._parties.party(db, party_id)
        parties = {
            "requester": caller.org_code,
            "organisation": party.org_code,
            "operator": operator,
            "reason": reason,
        }
        self._evidence.append(db, Record(fact, parties))
        return party

    def get(self, db: Connection, caller: Caller, operator: str, application_id: str) -> Application:
        """An application.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownApplicationError: there is none of the caller's organisation.
        """
        self._counter.let(db, caller, operator, Act.onboard)
        held = store.application(db, application_id)
        if held is None or held["filed_for"] != caller.party_id:
            raise UnknownApplicationError
        return _application(held)

    def listed(self, db: Connection, caller: Caller, operator: str) -> list[Application]:
        """The 200 newest, those that are open first; raises as `get`."""
        self._counter.let(db, caller, operator, Act.onboard)
        return [_application(held) for held in store.listed(db, caller.party_id, _LISTED)]

    def contact(self, db: Connection, caller: Caller, operator: str, party_id: str) -> Contact | None:
        """Who answers for an organisation; None where nobody was named.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
        """
        self._counter.let(db, caller, operator, Act.onboard)
        sealed = store.contact(db, party_id)
        return None if sealed is None else Contact(**json.loads(self._vault.open(sealed, _place(b"party", party_id))))

    def forget(self, db: Connection) -> int:
        """Drop the contacts of applications that were decided on thirty days ago; how many. A party keeps its own."""
        return store.forget_contacts(db, self._clock.now() - KEPT)

    def _shut(self, contact: Contact, table: bytes, row: str) -> bytes:
        text = json.dumps({"name": contact.name, "phone": contact.phone, "email": contact.email}, ensure_ascii=False)
        return self._vault.shut(text, _place(table, row))


def _place(table: bytes, row: str) -> bytes:
    return b"authz." + table + b".contact " + row.encode()


def _application(held: Mapping[str, Any]) -> Application:
    def refuse(_: str) -> Exception:
        return InvalidRegistrationError(problem="key")

    now = held["filed_at"]
    return Application(
        id=held["id"],
        kind=PartyKind(held["kind"]),
        name=held["name"],
        org_code=held["org_code"],
        division=held["division"],
        client_id=held["client_id"],
        scopes=tuple(held["scopes"]),
        operators=held["operators"],
        basis=held["basis"],
        state=held["state"],
        filed_by=held["filed_by"],
        filed_at=held["filed_at"],
        decided_by=held["decided_by"],
        decided_at=held["decided_at"],
        reason=held["reason"],
        party_id=held["party_id"],
        keys=tuple(jose.PublicKey.of(key, refuse).thumbprint for key in held["keys"]),
        certificates=tuple(ClientCertificate.read(each, now).thumbprint for each in held["certificates"]),
    )
