"""The kinds of a holder's signature, how sure each is of who signed, and the forms they travel in (docs/signers.md).

A signature is one text, whatever its kind. An ID token is its own; a key's is a JSON object. What is *kept* of it is
whole: with a key's signature its enrolment, so that it can be looked at again without asking a row of the database.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from authz.errors import CredentialError
from ledger.errors import NotCanonicalError
from ledger.record import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

VERSION: Final = 1
MAX_SIZE: Final = 65_536
"""Characters of a signature; a passkey's is about 1,000 as handed in, and 3,000 as kept."""


class SignerKind(StrEnum):
    """How a holder signs (DESIGN 7)."""

    oidc = "oidc"
    passkey = "passkey"
    host_app = "host_app"
    counter = "counter"
    id_card = "id_card"
    """A card read at a kiosk: looks, and prints a code; consents to nothing (`authz.cards`)."""


KEY_KINDS: Final = frozenset({SignerKind.passkey, SignerKind.host_app})
"""Kinds that sign with an enrolled key."""


class Assurance(IntEnum):
    """How sure it is who signed; the order is that of ISO/IEC 29115 and of Regulation (EU) 910/2014, article 8."""

    low = 1
    substantial = 2
    high = 3


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, and how.

    Attributes:
        holder_id: the person.
        representation: in which capacity for the grantor; None where they are one.
        issuer: who vouches for the person: the provider, or the organisation at whose counter they signed.
        assurance: how sure it is.
        kept: the signature as it is kept.
        key_id: the enrolled key that signed; None where none did.
        key_since: when it was enrolled, by the provider's clock.
        delegations: digests of the chain of delegations by which the person signs, the first one first.
    """

    holder_id: str
    representation: str | None
    issuer: str
    assurance: Assurance
    kept: str
    kind: SignerKind = SignerKind.oidc
    key_id: str | None = None
    key_since: datetime | None = None
    delegations: tuple[str, ...] = ()

    def told(self) -> dict[str, object]:
        """What a record says of a signature; the digest is of what is kept, under the name of what that is."""
        told: dict[str, object] = {
            "signer_kind": self.kind.value,
            "provider": self.issuer,
            "assurance": int(self.assurance),
        }
        told["id_token" if self.kind is SignerKind.oidc else "signature"] = {
            "sha256": sha256(self.kept.encode()).hexdigest()
        }
        return told if self.key_id is None else told | {"key": self.key_id}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a kept signature says of itself when it is looked at again.

    Attributes:
        at: when it was taken; None of kind `oidc`, whose text is the provider's and holds nothing of ours.
    """

    kind: SignerKind
    assurance: Assurance
    key_id: str | None = None
    key_since: datetime | None = None
    at: datetime | None = None


def read(text: str) -> dict[str, Any] | None:
    """A signature by a key, or one that was kept, as its members; None of an ID token.

    Raises:
        CredentialError: it is neither.
    """
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text) if len(text) <= MAX_SIZE else None
    except (ValueError, RecursionError) as error:
        raise CredentialError("form") from error
    if not isinstance(found, dict):
        raise CredentialError("form")
    return found


def write(members: Mapping[str, Any]) -> str:
    """A signature as text, in its one spelling.

    Raises:
        CredentialError: it holds something that has no canonical form.
    """
    try:
        return canonical(dict(members)).decode()
    except NotCanonicalError as error:
        raise CredentialError("form") from error


def kind_of(members: Mapping[str, Any]) -> SignerKind:
    """The kind a signature says it is of.

    Raises:
        CredentialError: no kind we know.
    """
    try:
        return SignerKind(str(members.get("kind")))
    except ValueError as error:
        raise CredentialError("kind") from error
