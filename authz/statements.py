"""What staff state at a counter, as their organisation's own system signs it: whose key it was, and that it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authz import assistance, jose
from authz.errors import AssistanceRefusedError, CredentialError
from authz.store import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.model import Caller


def check(
    db: Connection, caller: Caller, expected: Mapping[str, str], statement: str, audience: str, now: datetime
) -> Mapping[str, str]:
    """The key that signed a statement, one of the caller's own client.

    Args:
        expected: what it has to say, of `assistance.Statement.claims`.
        statement: compact JWS.
        audience: this node's base address.

    Raises:
        AssistanceRefusedError: another key, something else, or not fresh.
    """
    error = CredentialError
    try:
        jws = jose.parse(statement, error)
        jose.check_lasting(statement, error)
        row = tokens.client_key(db, caller.client_id, jose.text(jws.header, "kid", error), now)
        if row is None:
            raise error("kid")
        key = jose.PublicKey.of(row[1], error)
        key.verify(jws, error)
        assistance.check(jws, expected, caller.client_id, audience, now)
    except CredentialError as refused:
        raise AssistanceRefusedError(check=refused.reason) from refused
    return key.jwk
