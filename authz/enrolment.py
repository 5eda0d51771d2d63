"""The terms of enrolling a key: the canonical object a holder logs in over, which ties the key to them (DESIGN 7).

    {"v": 1, "type": "cailian/key", "id", "kind", "holder", "key": {"crv", "kty", "x", "y"}, "credential", "rp",
     "notice"}

`holder` is a commitment to the holder's login (issuer and subject) under a salt of 16 bytes, as in delegations: the
terms can lie about without naming anybody, and whoever has salt and ID token can check that the login which signed
them is the one they name. So neither key nor holder can be exchanged afterwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from authz import jose
from authz.delegationterms import commitment
from authz.errors import CredentialError, InvalidTermsError
from authz.signers import KEY_KINDS, SignerKind
from authz.terms import NOTICE_VERSION
from authz.termsdocument import SignedTerms
from authz.vault import digest_of
from ledger.record import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from authz.idtokens import Login

VERSION: Final = 1
KIND: Final = "cailian/key"
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COMMITMENT: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_CREDENTIAL: Final = re.compile(r"[A-Za-z0-9_-]{1,1364}")
_RP: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,252}")
_CODE: Final = re.compile(r"[0-9A-Za-z.-]{1,32}")


@dataclass(frozen=True, slots=True)
class EnrolmentTerms(SignedTerms):
    """The terms of one enrolment.

    Attributes:
        id: of the key.
        holder: commitment to the login, base64url.
        key: its public key, a P-256 JWK with the members RFC 7638 hashes.
        credential: a passkey's credential id; of a host app's key its RFC 7638 thumbprint.
        rp: a passkey's relying party id; of a host app's key the app.

    Raises:
        InvalidTermsError: a term is malformed; `term` names it.
    """

    id: str
    kind: SignerKind
    holder: str
    key: Mapping[str, str]
    credential: str
    rp: str
    notice: str = NOTICE_VERSION

    def __post_init__(self) -> None:
        """Refuse what no verifier could read."""
        checks = {
            "id": is_id(self.id),
            "kind": self.kind in KEY_KINDS,
            "holder": bool(_COMMITMENT.fullmatch(self.holder)),
            "key": self.public_key.alg == "ES256" and dict(self.key) == dict(self.public_key.jwk),
            "credential": bool(_CREDENTIAL.fullmatch(self.credential)),
            "rp": bool(_RP.fullmatch(self.rp)),
            "notice": bool(_CODE.fullmatch(self.notice)),
        }
        for term, good in checks.items():
            if not good:
                raise InvalidTermsError(term=term)

    @property
    def public_key(self) -> jose.PublicKey:
        """The key, ready to verify with."""
        try:
            return jose.PublicKey.of(dict(self.key), CredentialError)
        except CredentialError as error:
            raise InvalidTermsError(term="key") from error

    def document(self) -> dict[str, Any]:
        """As `SignedTerms.document`."""
        return {
            "v": VERSION,
            "type": KIND,
            "id": self.id,
            "kind": self.kind.value,
            "holder": self.holder,
            "key": dict(self.key),
            "credential": self.credential,
            "rp": self.rp,
            "notice": self.notice,
        }

    def is_of(self, login: Login, salt: bytes) -> bool:
        """Whether these terms are of whoever logged in.

        Raises:
            InvalidTermsError: a salt of another length than 16 bytes.
        """
        return commitment(login.identifier, salt) == self.holder

    @classmethod
    def _read(cls, document: Mapping[str, Any]) -> Self:
        held = dict(document)
        texts = [held[name] for name in ("id", "holder", "credential", "rp", "notice")]
        if not all(isinstance(each, str) for each in texts):
            raise InvalidTermsError(term="form")
        return cls(texts[0], SignerKind(held["kind"]), texts[1], dict(held["key"]), texts[2], texts[3], texts[4])


def is_id(text: str) -> bool:
    """Whether a text is an id in its one spelling."""
    return _UUID.fullmatch(text) is not None


def registration_challenge(key_id: str) -> str:
    """What a new passkey's registration answers: SHA-256 over the key's id, base64url; a registration serves one id."""
    return digest_of(canonical({"action": "enrol", "key": key_id, "v": VERSION}))


def revocation(key_id: str) -> tuple[bytes, str]:
    """What is signed to revoke a key: the canonical bytes, and their digest."""
    document = canonical({"action": "revoke", "key": key_id, "v": VERSION})
    return document, digest_of(document)
