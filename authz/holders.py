"""Holders: who materials are about, found by a code without the code being stored in clear.

One holder has many identifiers. Whoever deposits may name a new holder; attaching a further identifier to a known one
is another act (`link`), since it would let one organisation decide whose login speaks for whom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz import firms
from authz.errors import IdentityConflictError, InvalidIdentityError, UnknownHolderError
from authz.model import Holder, HolderKind, Identifier
from authz.store import firms as firmrows, holders as store
from ledger.ids import new_id
from ledger.steps import run

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from authz.vault import IdentityVault
    from ledger.clock import Clock
    from ledger.steps import Steps

MAX_NAME: Final = 200
MAX_IDENTIFIERS: Final = 8
LOGIN: Final = "oidc"
_ORGANISATION_TYPES: Final = frozenset({"001", "099"})
"""Holder code types of organisations (DOMAIN c1); every other one is a person's."""


class Holders:
    """Registers and finds holders.

    Args:
        vault: the keys over identity.
        clock: dates the rows.
    """

    def __init__(self, vault: IdentityVault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    def resolve(self, db: Connection, identifier: Identifier) -> str | None:
        """The holder with this identifier, or None."""
        lookup = self._vault.find_by(identifier)
        return run(db, store.owners([lookup])).get(lookup)

    def owner(self, identifier: Identifier) -> Steps[str | None]:
        """As `resolve`, in steps."""
        lookup = self._vault.find_by(identifier)
        return (yield from store.owners([lookup])).get(lookup)

    def known(self, kind: HolderKind, name: str, identifiers: Sequence[Identifier]) -> Steps[str | None]:
        """The holder with these identifiers, or None where none of them is known.

        Args:
            kind, name, identifiers: as `register`.

        Raises:
            InvalidIdentityError, IdentityConflictError: as `register`.
        """
        self._check(kind, name, identifiers)
        return self._known([self._vault.find_by(identifier) for identifier in identifiers])

    def register(self, db: Connection, kind: HolderKind, name: str, identifiers: Sequence[Identifier]) -> str:
        """The holder with these identifiers, made where none of them is known.

        Args:
            kind: person or organisation; must fit the identifiers' types.
            name: 1 to 200 printable characters; kept as given first, encrypted.
            identifiers: 1 to 8; no login, which only `link` attaches.

        Raises:
            InvalidIdentityError: they do not fit `kind`, or the name is not one.
            IdentityConflictError: they belong to different holders, or only some of them are known.
        """
        by_lookup = {self._vault.find_by(identifier): identifier for identifier in identifiers}
        known = run(db, self.known(kind, name, identifiers))
        if known is not None:
            return known
        holder_id, at = new_id(), self._clock.now()
        race = db.begin_nested()
        store.insert_holder(db, holder_id, kind.value, self._vault.shut(name, _name_of(holder_id)), at)
        # In one order everywhere, so that two registrations of the same codes wait for each other and never cross.
        if all(self._insert(db, holder_id, lookup, by_lookup[lookup]) for lookup in sorted(by_lookup)):
            if kind is HolderKind.organisation:
                firmrows.insert(db, {holder_id: firms.beginnings(self._vault, name)})
            race.commit()
            return holder_id
        race.rollback()
        return run(db, self._known(list(by_lookup))) or self.register(db, kind, name, identifiers)

    def known_many(self, db: Connection, identifiers: Collection[Identifier]) -> dict[Identifier, str]:
        """Those of some identifiers that are known, with their holders."""
        by_lookup = {self._vault.find_by(identifier): identifier for identifier in identifiers}
        found = run(db, store.owners(list(by_lookup)))
        return {by_lookup[lookup]: holder_id for lookup, holder_id in found.items()}

    def register_many(
        self, db: Connection, given: Mapping[Identifier, tuple[HolderKind, str]]
    ) -> dict[Identifier, str]:
        """`register` for many holders with one identifier each, in three statements.

        Args:
            given: kind and name by identifier.

        Raises:
            InvalidIdentityError: as `register`.
        """
        for identifier, (kind, name) in given.items():
            self._check(kind, name, [identifier])
        known, new = self.known_many(db, given), []
        found_by: dict[str, list[bytes]] = {}
        for identifier in given.keys() - known.keys():
            (kind, name), holder_id, lookup = given[identifier], new_id(), self._vault.find_by(identifier)
            if kind is HolderKind.organisation:
                found_by[holder_id] = firms.beginnings(self._vault, name)
            sealed = self._vault.shut(name, _name_of(holder_id)), self._vault.shut(identifier.code, _code_of(lookup))
            new.append(
                store.NewHolder(
                    holder_id, kind.value, sealed[0], lookup, identifier.type, identifier.country, sealed[1]
                )
            )
        if not new:
            return known
        store.insert_many(db, new, self._clock.now())
        firmrows.insert(db, found_by)
        return self.known_many(db, given)

    def link(self, db: Connection, holder_id: str, identifier: Identifier) -> None:
        """Attach a further identifier, among them a login, to a holder. For the node's own administration only.

        Raises:
            IdentityConflictError: it is another holder's.
        """
        lookup = self._vault.find_by(identifier)
        if not self._insert(db, holder_id, lookup, identifier) and run(db, store.owners([lookup]))[lookup] != holder_id:
            raise IdentityConflictError(type=identifier.type)

    def pairwise(self, holder_id: str, party_id: str) -> str:
        """The id under which one party knows a holder (DESIGN 5)."""
        return self._vault.pairwise(holder_id, party_id)

    def get(self, db: Connection, holder_id: str) -> Holder:
        """A holder with its name in clear.

        Raises:
            UnknownHolderError: there is none.
        """
        row = store.holder(db, holder_id)
        if row is None:
            raise UnknownHolderError
        return Holder(holder_id, HolderKind(row[0]), self._vault.open(row[1], _name_of(holder_id)))

    def identifiers(self, db: Connection, holder_id: str) -> list[Identifier]:
        """A holder's identifiers in clear, the oldest first."""
        return [
            Identifier(type_, self._vault.open(code, _code_of(lookup)), country)
            for lookup, type_, country, code in store.identifiers(db, holder_id)
        ]

    @staticmethod
    def _known(lookups: list[bytes]) -> Steps[str | None]:
        owners = yield from store.owners(lookups)
        if not owners:
            return None
        if len(owners) < len(lookups) or len(set(owners.values())) > 1:
            raise IdentityConflictError(known=len(owners), given=len(lookups))
        return next(iter(owners.values()))

    def _insert(self, db: Connection, holder_id: str, lookup: bytes, identifier: Identifier) -> bool:
        code = self._vault.shut(identifier.code, _code_of(lookup))
        at = self._clock.now()
        return store.insert_identifier(db, holder_id, lookup, identifier.type, identifier.country, code, at)

    @staticmethod
    def _check(kind: HolderKind, name: str, identifiers: Sequence[Identifier]) -> None:
        if not 1 <= len(identifiers) <= MAX_IDENTIFIERS:
            raise InvalidIdentityError(problem="number of identifiers")
        if not (name.strip() and len(name) <= MAX_NAME and name.isprintable()):
            raise InvalidIdentityError(problem="name")
        for identifier in identifiers:
            if identifier.type == LOGIN:
                raise InvalidIdentityError(type=LOGIN, problem="login")
            if (identifier.type in _ORGANISATION_TYPES) != (kind is HolderKind.organisation):
                raise InvalidIdentityError(type=identifier.type, problem="kind")


def _name_of(holder_id: str) -> bytes:
    return f"holder/name/{holder_id}".encode()


def _code_of(lookup: bytes) -> bytes:
    return b"identifier/code/" + lookup
