"""Relying parties, their clients with keys, their operators; and the other nodes.

Registration is the node's own administration. What is registered here is all a caller can be: a token is given only
to a client with a key in this table, a use only to an operator with a role in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from authz import jose
from authz.clientcertificates import ClientCertificate
from authz.errors import InvalidClientError, InvalidRegistrationError, UnknownOperatorError, UnknownPartyError
from authz.identifiers import check_organisation
from authz.model import OVERSEEING, Operator, Party, PartyKind, Role
from authz.onboardingerrors import InvalidCertificateError, TooManyCredentialsError
from authz.store import parties as store
from ledger.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.clock import Clock
    from ledger.steps import Steps

_HANDLE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIVISION: Final = re.compile(r"[0-9]{6}")
_KID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")
"""A `kid` stands in addresses, and with every key in the trust file, which has 256 KiB for all."""
MAX_NAME: Final = 200
CURRENT: Final = 8
"""Credentials of a client that are good at a time: one for each of its machines, and two while one is exchanged."""
EVER: Final = 64
"""In all. A key that ended is kept, since what it signed is looked at for years."""
_LISTED: Final = 500


@dataclass(frozen=True, slots=True)
class Credential:
    """What a client proves itself with.

    Attributes:
        name: `kid` of a key, thumbprint of a certificate.
        kind: `ES256`, `EdDSA`, `SM2`, or `x5t#S256` for a certificate.
        not_after: when it ended or will end; None: no end.
        thumbprint: of the key (RFC 7638) or certificate itself, whatever its name.
    """

    name: str
    kind: str
    created_at: datetime
    not_after: datetime | None
    thumbprint: str

    def is_current(self, now: datetime) -> bool:
        """Whether it may be used."""
        return self.not_after is None or now < self.not_after


class Parties:
    """Registers and finds parties, clients, operators and nodes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def register_party(self, db: Connection, *, kind: PartyKind, name: str, org_code: str, division: str) -> str:
        """Register an organisation; its party id.

        Args:
            org_code: unified social credit code.
            division: division code, six digits.

        Raises:
            InvalidIdentityError: the code fails GB 32100.
            InvalidRegistrationError: it is registered already, or the name or division is not one.
        """
        check_organisation(org_code)
        check_party(name, division)
        party_id = new_id()
        row = {"id": party_id, "kind": kind.value, "name": name, "org_code": org_code, "division": division}
        store.insert(db, "party", [row | {"at": self._clock.now()}])
        return party_id

    def register_client(
        self,
        db: Connection,
        client_id: str,
        party_id: str,
        keys: Sequence[Mapping[str, str]],
        scopes: Collection[str],
        certificates: Sequence[str] = (),
    ) -> None:
        """Register a system of a party with its public keys, its certificates, or both.

        Args:
            keys: public JWKs (RFC 7517), P-256, SM2 or Ed25519; `kid` defaults to the RFC 7638 thumbprint.
            scopes: what its tokens may carry.
            certificates: PEM.

        Raises:
            InvalidCertificateError: as `add_certificate`.
            InvalidRegistrationError: the id is taken, the party unknown, no key, or a key is not a public one.
        """
        check_client(client_id, keys, certificates)
        at = self._clock.now()
        row = {"id": client_id, "party": party_id, "scopes": sorted(scopes), "at": at}
        store.insert(db, "client", [row])
        for key in keys:
            self.add_key(db, client_id, key)
        for certificate in certificates:
            self.add_certificate(db, client_id, certificate)

    def add_key(self, db: Connection, client_id: str, key: Mapping[str, str]) -> None:
        """Give a client a further key.

        Raises:
            InvalidRegistrationError: see `read_key`, or its `kid` is taken.
            TooManyCredentialsError: the client has as many as one may have.
        """
        kid, public = read_key(key)
        self._check_room(db, client_id)
        row = {"client": client_id, "kid": kid, "alg": public.alg}
        store.insert(db, "client_key", [row | {"jwk": public.jwk, "at": self._clock.now()}])

    def add_certificate(self, db: Connection, client_id: str, certificate: str) -> str:
        """Give a client a certificate to prove itself with behind a proxy (RFC 8705); its thumbprint.

        Args:
            certificate: PEM.

        Raises:
            InvalidCertificateError: see `ClientCertificate.read`, or it is known already.
            TooManyCredentialsError: the client has as many as one may have.
        """
        now = self._clock.now()
        held = ClientCertificate.read(certificate, now)
        self._check_room(db, client_id)
        row = {"thumbprint": held.thumbprint, "client": client_id, "der": held.der, "until": held.not_after}
        try:
            store.insert(db, "certificate", [row | {"at": now}])
        except InvalidRegistrationError as error:
            raise InvalidCertificateError(problem="known") from error
        return held.thumbprint

    def _check_room(self, db: Connection, client_id: str) -> None:
        store.lock_client(db, client_id)
        held, now = self.credentials(db, client_id), self._clock.now()
        if sum(each.is_current(now) for each in held) >= CURRENT:
            raise TooManyCredentialsError(current=CURRENT)
        if len(held) >= EVER:
            raise TooManyCredentialsError(ever=EVER)

    @staticmethod
    def hold(db: Connection, client_id: str) -> None:
        """Let nobody else change a client's credentials until the unit ends."""
        store.lock_client(db, client_id)

    def credentials(self, db: Connection, client_id: str) -> list[Credential]:
        """Keys and certificates of a client, also those that ended, the newest first."""
        return [
            Credential(name, kind, since, until, name if jwk is None else read_key(jwk)[1].thumbprint)
            for name, kind, since, until, jwk in store.credentials(db, client_id)
        ]

    def retire(self, db: Connection, client_id: str, name: str) -> None:
        """End a key, by its `kid`, or a certificate, by its thumbprint, and every token given until now.

        Raises:
            UnknownPartyError: no such client, or no such credential of it.
            InvalidRegistrationError: it is the last one, and the client would be shut out: revoke or suspend instead.
        """
        now = self._clock.now()
        store.lock_client(db, client_id)
        current = {each.name for each in self.credentials(db, client_id) if each.is_current(now)}
        if name not in current:
            raise UnknownPartyError
        if len(current) == 1:
            raise InvalidRegistrationError(problem="last credential")
        if not store.retire_key(db, client_id, name, now):
            store.retire_certificate(db, client_id, name, now)
        self.revoke(db, client_id)

    def retire_key(self, db: Connection, client_id: str, kid: str) -> None:
        """End a key and every token given until now.

        Raises:
            UnknownPartyError: no such client or key.
        """
        if not store.retire_key(db, client_id, kid, self._clock.now()):
            raise UnknownPartyError
        self.revoke(db, client_id)

    def revoke(self, db: Connection, client_id: str) -> None:
        """Void every token of a client given until now, in every process, from the commit on.

        Raises:
            UnknownPartyError: no such client.
        """
        if not store.revoke(db, client_id):
            raise UnknownPartyError

    def disable_party(self, db: Connection, party_id: str) -> None:
        """Shut out an organisation, its tokens included.

        Raises:
            UnknownPartyError: no such party.
        """
        if not store.disable_party(db, party_id):
            raise UnknownPartyError

    def enable_party(self, db: Connection, party_id: str) -> None:
        """Let an organisation in again; its tokens from before stay void.

        Raises:
            UnknownPartyError: no such party.
        """
        if not store.enable_party(db, party_id):
            raise UnknownPartyError

    def listed(self, db: Connection, kind: PartyKind | None = None) -> list[Party]:
        """Organisations, those that came last first: 500."""
        return [self._party(row) for row in store.listed(db, None if kind is None else kind.value, _LISTED)]

    def clients_of(self, db: Connection, party_id: str) -> list[tuple[str, list[str], bool]]:
        """Clients of an organisation: id, scopes, whether enabled."""
        return store.clients_of(db, party_id)

    def register_operator(self, db: Connection, party_id: str, handle: str, roles: Collection[Role]) -> None:
        """Register a member of staff.

        Args:
            handle: 1 to 64 characters that name nobody outside the organisation.
            roles: at least one; an overseeing role stands alone (separation of duty, RELIABILITY 4.17).

        Raises:
            InvalidRegistrationError: taken, malformed, no role, or roles that may not meet in one person.
        """
        roles = frozenset(roles)
        check_operator(handle, roles)
        row = {"party": party_id, "handle": handle, "roles": sorted(roles), "at": self._clock.now()}
        store.insert(db, "operator", [row])

    def disable_operator(self, db: Connection, party_id: str, handle: str) -> None:
        """Shut out a member of staff.

        Raises:
            UnknownOperatorError: no such operator.
        """
        if not store.disable_operator(db, party_id, handle):
            raise UnknownOperatorError

    @staticmethod
    def operator(party_id: str, handle: str) -> Steps[Operator]:
        """An enabled operator of a party.

        Raises:
            UnknownOperatorError: there is none.
        """
        roles = yield from store.operator_roles(party_id, handle)
        if roles is None:
            raise UnknownOperatorError
        return Operator(party_id, handle, frozenset(Role(role) for role in roles))

    def party(self, db: Connection, party_id: str) -> Party:
        """A party by its id.

        Raises:
            UnknownPartyError: there is none.
        """
        return self._party(store.party(db, party_id))

    def known(self, party_id: str) -> Steps[Party]:
        """As `party`, in steps."""
        return self._party((yield from store.known_party(party_id)))

    def several(self, db: Connection, party_ids: Collection[str]) -> dict[str, Party]:
        """Those parties of several that there are, by id, in one query."""
        return {party.id: party for party in map(self._party, store.several(db, party_ids))}

    def party_of(self, db: Connection, org_code: str) -> Party:
        """A party by its unified social credit code.

        Raises:
            UnknownPartyError: there is none.
        """
        return self._party(store.party_of(db, org_code))

    def register_node(
        self, db: Connection, *, code: str, division: str, endpoint: str, keys: Sequence[Mapping[str, str]]
    ) -> None:
        """Keep another node as the registry names it.

        Raises:
            InvalidRegistrationError: malformed or known already.
        """
        if not _HANDLE.fullmatch(code) or not _DIVISION.fullmatch(division) or not endpoint.startswith("https://"):
            raise InvalidRegistrationError(problem="code, division or endpoint")
        row = {"code": code, "division": division, "endpoint": endpoint, "keys": [dict(key) for key in keys]}
        store.insert(db, "node", [row | {"at": self._clock.now()}])

    @staticmethod
    def _party(row: Sequence[Any] | None) -> Party:
        if row is None:
            raise UnknownPartyError
        return Party(row[0], PartyKind(row[1]), *row[2:6])


def check_party(name: str, division: str) -> None:
    """Judge what an organisation is called, and where it is.

    Raises:
        InvalidRegistrationError: the name or division is not one.
    """
    if not _DIVISION.fullmatch(division) or not (name.strip() and len(name) <= MAX_NAME and name.isprintable()):
        raise InvalidRegistrationError(problem="name or division")


def check_client(client_id: str, keys: Sequence[Mapping[str, str]], certificates: Sequence[str]) -> None:
    """Judge a system's id, and that there is something it can prove itself with.

    Raises:
        InvalidRegistrationError: the id is malformed, or there is no key.
    """
    if not _HANDLE.fullmatch(client_id) or not (keys or certificates):
        raise InvalidRegistrationError(problem="client id or keys")


def check_operator(handle: str, roles: Collection[Role]) -> None:
    """Judge a member of staff.

    Raises:
        InvalidRegistrationError: malformed, no role, or roles that may not meet in one person.
    """
    if not _HANDLE.fullmatch(handle) or not roles or (set(roles) & OVERSEEING and len(set(roles)) > 1):
        raise InvalidRegistrationError(problem="handle or roles")


def read_key(key: Mapping[str, str]) -> tuple[str, jose.PublicKey]:
    """A client's public key (RFC 7517) and its `kid`, by default the RFC 7638 thumbprint.

    Raises:
        InvalidRegistrationError: not a public P-256, SM2 or Ed25519 key, or a `kid` of another form.
    """
    try:
        public = jose.PublicKey.of(dict(key), InvalidClientError)
    except InvalidClientError as error:
        raise InvalidRegistrationError(problem="key") from error
    kid = str(key.get("kid") or public.thumbprint)
    if not _KID.fullmatch(kid):
        raise InvalidRegistrationError(problem="kid")
    return kid, public
