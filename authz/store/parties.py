"""Queries over parties, clients, operators and nodes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import IntegrityError

from authz.errors import InvalidRegistrationError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from ledger.steps import Steps

_PARTY: Final = "SELECT id::text, kind, name, org_code, division, enabled FROM authz.party"
_INSERT_PARTY: Final = """
INSERT INTO authz.party (id, kind, name, org_code, division, created_at)
VALUES (%(id)s, %(kind)s, %(name)s, %(org_code)s, %(division)s, %(at)s)"""
_INSERT_CLIENT: Final = """
INSERT INTO authz.client (id, party_id, scopes, created_at) VALUES (%(id)s, %(party)s, %(scopes)s, %(at)s)"""
_INSERT_KEY: Final = """
INSERT INTO authz.client_key (client_id, kid, alg, jwk, created_at)
VALUES (%(client)s, %(kid)s, %(alg)s, %(jwk)s, %(at)s)"""
_INSERT_OPERATOR: Final = """
INSERT INTO authz.operator (party_id, handle, roles, created_at) VALUES (%(party)s, %(handle)s, %(roles)s, %(at)s)"""
_INSERT_CERTIFICATE: Final = """
INSERT INTO authz.client_certificate (thumbprint, client_id, certificate, created_at, not_after)
VALUES (%(thumbprint)s, %(client)s, %(der)s, %(at)s, %(until)s)"""
_INSERT_NODE: Final = """
INSERT INTO authz.node (code, division, endpoint, keys, created_at)
VALUES (%(code)s, %(division)s, %(endpoint)s, %(keys)s, %(at)s)"""
_OPERATOR: Final = """
SELECT roles FROM authz.operator WHERE party_id = %(party)s AND handle = %(handle)s AND enabled FOR SHARE"""
_DISABLE_OPERATOR: Final = """
UPDATE authz.operator SET enabled = false WHERE party_id = %(party)s AND handle = %(handle)s"""
_REVOKE: Final = "UPDATE authz.client SET epoch = epoch + 1 WHERE id = %(id)s"
_DISABLE_PARTY: Final = "UPDATE authz.party SET enabled = false WHERE id = %(id)s"
_RETIRE_KEY: Final = """
UPDATE authz.client_key SET not_after = %(at)s WHERE client_id = %(client)s AND kid = %(kid)s"""
_RETIRE_CERTIFICATE: Final = """
UPDATE authz.client_certificate SET not_after = %(at)s
WHERE client_id = %(client)s AND thumbprint = %(name)s AND not_after > %(at)s"""
_ENABLE_PARTY: Final = "UPDATE authz.party SET enabled = true WHERE id = %(id)s"
_VOID: Final = "UPDATE authz.client SET epoch = epoch + 1 WHERE party_id = %(id)s"
_CREDENTIALS: Final = """
SELECT kid, alg, created_at, not_after, jwk FROM authz.client_key WHERE client_id = %(client)s
UNION ALL
SELECT thumbprint, 'x5t#S256', created_at, not_after, NULL FROM authz.client_certificate WHERE client_id = %(client)s
ORDER BY 3 DESC, 1"""
_LISTED: Final = (
    _PARTY
    + """
WHERE %(kind)s::text IS NULL OR kind = %(kind)s ORDER BY created_at DESC, id LIMIT %(limit)s"""
)
_ENABLED: Final = "SELECT id::text FROM authz.party WHERE id = ANY(%(ids)s::uuid[]) AND enabled ORDER BY id"
_CLIENTS: Final = "SELECT id, scopes, enabled FROM authz.client WHERE party_id = %(id)s ORDER BY id"
_NODES: Final = "SELECT code, division, endpoint, keys FROM authz.node WHERE enabled ORDER BY code"


def insert(db: Connection, what: str, values: Iterable[Mapping[str, Any]]) -> None:
    """Store rows of one kind: `party`, `client`, `client_key`, `certificate`, `operator` or `node`.

    Raises:
        InvalidRegistrationError: the name is taken, or what it belongs to does not exist.
    """
    statement = {
        "party": _INSERT_PARTY,
        "client": _INSERT_CLIENT,
        "client_key": _INSERT_KEY,
        "certificate": _INSERT_CERTIFICATE,
        "operator": _INSERT_OPERATOR,
        "node": _INSERT_NODE,
    }[what]
    try:
        for row in values:
            written = {name: json.dumps(value) if name in {"jwk", "keys"} else value for name, value in row.items()}
            db.exec_driver_sql(statement, written)
    except IntegrityError as error:
        raise InvalidRegistrationError(problem="taken or unknown", what=what) from error


def party(db: Connection, party_id: str) -> Sequence[Any] | None:
    """A party by its id."""
    return db.exec_driver_sql(_PARTY + " WHERE id = %(id)s", {"id": party_id}).first()


def known_party(party_id: str) -> Steps[Sequence[Any] | None]:
    """As `party`, in steps."""
    rows = yield _PARTY + " WHERE id = %(id)s", {"id": party_id}
    return rows[0] if rows else None


def several(db: Connection, party_ids: Collection[str]) -> list[Sequence[Any]]:
    """Parties by their ids."""
    ids = {"ids": sorted(party_ids)}
    return [tuple(row) for row in db.exec_driver_sql(_PARTY + " WHERE id = ANY(%(ids)s::uuid[])", ids)]


def party_of(db: Connection, org_code: str) -> Sequence[Any] | None:
    """A party by its unified social credit code."""
    return db.exec_driver_sql(_PARTY + " WHERE org_code = %(code)s", {"code": org_code}).first()


def operator_roles(party_id: str, handle: str) -> Steps[Sequence[str] | None]:
    """Roles of an enabled operator, the row locked against a change until the unit ends; None where there is none."""
    rows = yield _OPERATOR, {"party": party_id, "handle": handle}
    return rows[0][0] if rows else None


def disable_operator(db: Connection, party_id: str, handle: str) -> bool:
    """Disable an operator; False where there is none."""
    return db.exec_driver_sql(_DISABLE_OPERATOR, {"party": party_id, "handle": handle}).rowcount == 1


def disable_party(db: Connection, party_id: str) -> bool:
    """Disable a party and void its clients' tokens; False where there is none."""
    db.exec_driver_sql(_VOID, {"id": party_id})
    return db.exec_driver_sql(_DISABLE_PARTY, {"id": party_id}).rowcount == 1


def enable_party(db: Connection, party_id: str) -> bool:
    """Enable a party; False where there is none."""
    return db.exec_driver_sql(_ENABLE_PARTY, {"id": party_id}).rowcount == 1


def listed(db: Connection, kind: str | None, limit: int) -> list[Sequence[Any]]:
    """Parties, of one kind or all, the newest first."""
    return [tuple(row) for row in db.exec_driver_sql(_LISTED, {"kind": kind, "limit": limit})]


def clients_of(db: Connection, party_id: str) -> list[tuple[str, list[str], bool]]:
    """Clients of a party."""
    return [(row[0], list(row[1]), row[2]) for row in db.exec_driver_sql(_CLIENTS, {"id": party_id})]


def enabled(db: Connection, party_ids: Collection[str]) -> list[str]:
    """Of several parties those that may call: who is suspended is told nothing either."""
    return [row[0] for row in db.exec_driver_sql(_ENABLED, {"ids": sorted(party_ids)})]


def lock_client(db: Connection, client_id: str) -> None:
    """Let nobody else change a client's credentials until the unit ends."""
    db.exec_driver_sql("SELECT 1 FROM authz.client WHERE id = %(id)s FOR UPDATE", {"id": client_id})


def credentials(db: Connection, client_id: str) -> list[Sequence[Any]]:
    """Keys and certificates of a client: name, kind, since when, until when, and of a key its JWK."""
    return [tuple(row) for row in db.exec_driver_sql(_CREDENTIALS, {"client": client_id})]


def retire_certificate(db: Connection, client_id: str, name: str, at: object) -> bool:
    """End a client's certificate; False where there is none that is good."""
    values = {"client": client_id, "name": name, "at": at}
    return db.exec_driver_sql(_RETIRE_CERTIFICATE, values).rowcount == 1


def revoke(db: Connection, client_id: str) -> bool:
    """Void every token of a client given until now; False where there is no such client."""
    return db.exec_driver_sql(_REVOKE, {"id": client_id}).rowcount == 1


def retire_key(db: Connection, client_id: str, kid: str, at: object) -> bool:
    """End a client's key; False where there is none."""
    return db.exec_driver_sql(_RETIRE_KEY, {"client": client_id, "kid": kid, "at": at}).rowcount == 1


def nodes(db: Connection) -> list[Sequence[Any]]:
    """Every enabled node."""
    return [tuple(row) for row in db.exec_driver_sql(_NODES)]
