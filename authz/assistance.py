"""What staff state when somebody consents at their counter (帮办): two statements, signed by their own system.

    header  {"typ": "cailian-assistance+jwt", "alg", "kid"}
    claims  {"iss": client, "aud": node, "iat", "assistance", "terms", "signer", "identified_by", "pad", "operator",
             "role"}

`terms` is the digest of what was consented to, `pad` SHA-256 of the signature drawn on the pad. The system's private
key is its organisation's alone, so a statement cannot be made here. That the organisation states its own consent is
the weakness of this kind, hence its limits: level 2, two staff in different roles, a slip to withdraw by, the auditor's
list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from authz import jose
from authz.errors import CredentialError
from authz.model import Role
from authz.signers import VERSION, Assurance, SignerKind, Standing
from ledger.clock import parse_rfc3339, rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

TYP: Final = "cailian-assistance+jwt"
FRESH_SECONDS: Final = 300
AHEAD_SECONDS: Final = 10
ROLES: Final = (Role.window, Role.reviewer)
"""In which roles the two state: the first serves, the second looks on."""
IDENTIFIED_BY: Final = frozenset({"id_card_read", "live_code"})
"""Ways of presence in which staff see the person; the values are those of a case's presence."""
_SHARED: Final = ("assistance", "terms", "signer", "identified_by", "pad")


@dataclass(frozen=True, slots=True)
class Statement:
    """What both state.

    Attributes:
        assistance: id of the consent at the counter.
        terms: digest of the terms, base64url.
        signer: the person, as the organisation knows them (pairwise).
        identified_by: how staff identified the person.
        pad: SHA-256 of the drawn signature, hexadecimal.
    """

    assistance: str
    terms: str
    signer: str
    identified_by: str
    pad: str

    def claims(self, operator: str, role: Role) -> dict[str, str]:
        """The statement of one of them."""
        return {name: str(getattr(self, name)) for name in _SHARED} | {"operator": operator, "role": role.value}


def check(jws: jose.Jws, expected: Mapping[str, str], client_id: str, audience: str, now: datetime) -> None:
    """Check what a statement says; its signature was checked before.

    Args:
        expected: from `Statement.claims`.
        audience: this node's base address.

    Raises:
        CredentialError: it says something else, says more, or is not fresh.
    """
    error = CredentialError
    if jws.header.get("typ") != TYP:
        raise error("typ")
    if dict(jws.claims) != dict(expected) | {"iss": client_id, "aud": audience, "iat": jws.claims.get("iat")}:
        raise error("statement")
    if not -AHEAD_SECONDS <= now.timestamp() - jose.number(jws.claims, "iat", error) <= FRESH_SECONDS:
        raise error("iat")


def kept(statements: Sequence[tuple[str, Mapping[str, str]]], at: datetime) -> dict[str, Any]:
    """Both statements as they are kept: each with the key that signed it."""
    signed = [{"jws": jws, "key": dict(jwk)} for jws, jwk in statements]
    return {"v": VERSION, "kind": SignerKind.counter.value, "at": rfc3339(at), "statements": signed}


def again(members: Mapping[str, Any], digest: str) -> Standing:
    """Look again at what was kept: two statements of one thing, by two people in the two roles.

    Raises:
        CredentialError: it is not that.
    """
    error = CredentialError
    try:
        version, taken, signed = members["v"], parse_rfc3339(members["at"]), members["statements"]
        told = [(jose.parse(each["jws"], error), each["key"]) for each in signed]
    except (KeyError, TypeError, ValueError) as cause:
        raise error("form") from cause
    if version != VERSION or len(told) != len(ROLES):
        raise error("form")
    for jws, jwk in told:
        jose.PublicKey.of(jwk, error).verify(jws, error)
        if jws.header.get("typ") != TYP:
            raise error("typ")
    first, second = (jws.claims for jws, _ in told)
    if any(first.get(name) != second.get(name) for name in (*_SHARED, "iss", "aud")) or first.get("terms") != digest:
        raise error("statement")
    if tuple(claims.get("role") for claims in (first, second)) != ROLES or first["operator"] == second["operator"]:
        raise error("staff")
    return Standing(SignerKind.counter, Assurance.substantial, at=taken)
