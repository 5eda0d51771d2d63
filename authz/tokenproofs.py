"""What proves a client: a signed assertion, a DPoP proof, a TLS certificate; and that each proof serves once.

Clocks (RELIABILITY A3): a proof or assertion up to 10 s from the future is taken, up to 60 s old; anything further is
refused. 10 s covers clocks kept by NTP; beyond them we would rather have the clock repaired than the window widened.

Replay (RELIABILITY A8): each proof is remembered in an UNLOGGED table that all processes share. A database crash
empties it, so it carries the moment of its birth, and proofs older than that are refused; `TokenService.tend` writes
it. What remains: a proof from a clock running ahead, used in the last 10 s before a crash, could be used once more
after it.

A certificate needs no replay record: TLS proves its key anew for each connection. It counts only while it is registered
for its client, and only by the word of the proxy that ended the TLS connection (`api.certificates`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from authz import jose
from authz.errors import (
    CredentialError,
    InvalidClientError,
    InvalidDpopProofError,
    InvalidTokenError,
    InvalidTokenRequestError,
)
from authz.model import PartyKind
from authz.store import tokens as store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger.steps import Steps

AHEAD_SECONDS: Final = 10
OLD_SECONDS: Final = 60
ASSERTION_SECONDS: Final = 300
"""Longest life of a client assertion."""
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""RFC 7523, 2.2."""
REPLAY_RESET: Final = "replay store without a birth"
"""`reason` of the refusal while nobody has called `tend` since the replay table was emptied."""

_PROOF_TYP: Final = "dpop+jwt"
_OWN_KEY: Final = frozenset({"jwk"})


@dataclass(frozen=True, slots=True)
class Proof:
    """A verified proof or assertion: its key, what to remember of it until when, and its own time (seconds)."""

    jkt: str
    seen: bytes
    expires: datetime
    at: float


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A client that proved itself.

    Attributes:
        scopes: those it may have.
        party_id, kind: its organisation.
        assertion: to be spent; None where a certificate did it.
    """

    client_id: str
    scopes: Sequence[str]
    party_id: str
    kind: PartyKind
    assertion: Proof | None


def client(form: Mapping[str, str], issuer: str, certificate: str | None, now: datetime) -> Steps[Authenticated]:
    """Who asks at an endpoint for clients: by `private_key_jwt`, or by a certificate (RFC 8705 2.2) where none comes.

    Args:
        form: `client_assertion_type` and `client_assertion`, or `client_id`.
        issuer: base address of the node.
        certificate: SHA-256 thumbprint of the client's certificate, base64url; None where there is none.

    Raises:
        InvalidTokenRequestError, InvalidClientError: the form, the assertion or certificate.
    """
    if certificate is None or form.get("client_assertion") or form.get("client_assertion_type"):
        return (yield from _by_assertion(form, issuer, now))
    client_id = form.get("client_id", "")
    rows = yield store.certificate(client_id, certificate, now)
    if not rows:
        raise InvalidClientError("certificate")
    scopes, party_id, kind = rows[0]
    return Authenticated(client_id, scopes, party_id, PartyKind(kind), None)


def _by_assertion(form: Mapping[str, str], issuer: str, now: datetime) -> Steps[Authenticated]:
    """Verify a client assertion (RFC 7523 3), all but its replay."""
    if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
        raise InvalidTokenRequestError("client_assertion")
    error = InvalidClientError
    jws = jose.parse(form["client_assertion"], error)
    if jws.header.get("typ", "JWT") not in ("JWT", "client-authentication+jwt"):
        raise error("typ")
    client_id = jose.text(jws.claims, "iss", error)
    rows = yield store.key(client_id, jose.text(jws.header, "kid", error), now)
    if not rows:
        raise error("client or kid")
    alg, jwk, scopes, party_id, kind = rows[0]
    key = jose.PublicKey.of(jwk, error)
    if key.alg != alg:
        raise error("registered algorithm")
    key.verify(jws, error)
    # FAPI 2.0 wants one audience as a string: a list would let one assertion serve two servers.
    audiences = (issuer, f"{issuer}/oauth/token")
    if jws.claims.get("sub") != client_id or jws.claims.get("aud") not in audiences:
        raise error("sub or aud")
    if form.get("client_id", client_id) not in ("", client_id):
        raise error("client_id")
    moment = now.timestamp()
    expires = jose.number(jws.claims, "exp", error)
    if not moment - AHEAD_SECONDS < expires <= moment + ASSERTION_SECONDS + AHEAD_SECONDS:
        raise error("exp")
    # RFC 7523 leaves `iat` optional; without it we could not tell an assertion older than the replay table.
    at = jose.number(jws.claims, "iat", error)
    if max(at, jose.number({"nbf": at, **jws.claims}, "nbf", error)) > moment + AHEAD_SECONDS:
        raise error("iat or nbf")
    seen = _seen("assertion", client_id, jose.text(jws.claims, "jti", error))
    proof = Proof(key.thumbprint, seen, _moment(expires + AHEAD_SECONDS), at)
    return Authenticated(client_id, scopes, party_id, PartyKind(kind), proof)


def dpop(header: str | None, method: str, url: str, now: datetime, ath: str | None = None) -> Proof:
    """Verify a DPoP proof (RFC 9449 4.3), all but its replay.

    Args:
        header: the DPoP header.
        method: HTTP method of the request.
        url: its address, without query and fragment.
        ath: SHA-256 of the access token that comes with it, base64url; None where a token is only asked for.

    Raises:
        InvalidDpopProofError: it is missing or wrong.
    """
    error = InvalidDpopProofError
    jws = jose.parse(header, error, allow=_OWN_KEY)
    if jws.header.get("typ") != _PROOF_TYP:
        raise error("typ")
    key = jose.PublicKey.of(jws.header.get("jwk"), error)
    claims = jws.claims
    if claims.get("htm") != method or _plain(jose.text(claims, "htu", error, longest=2048)) != _plain(url):
        raise error("htm or htu")
    at = jose.number(claims, "iat", error)
    if not now.timestamp() - OLD_SECONDS <= at <= now.timestamp() + AHEAD_SECONDS:
        raise error("iat")
    if ath is not None and claims.get("ath") != ath:
        raise error("ath")
    jti = jose.text(claims, "jti", error)
    key.verify(jws, error)  # what costs most comes last
    expires = _moment(at + OLD_SECONDS + AHEAD_SECONDS)
    return Proof(key.thumbprint, _seen("dpop", key.thumbprint, jti), expires, at)


def spend(client_id: str, *proofs: tuple[Proof, type[CredentialError]]) -> Steps[int]:
    """Remember proofs of one client, in one statement; the client's epoch.

    Commit whatever comes of the request: what was spent must stay spent.

    Args:
        proofs: each with the error that refuses it.

    Raises:
        CredentialError: of the given class: replayed, or older than the table.
        InvalidClientError, InvalidTokenError: the client or its organisation is shut out.
    """
    statements = [store.see(proof.seen, proof.expires, client_id) for proof, _ in proofs]
    rows = yield statements[0] if len(statements) == 1 else store.see_all(statements)
    if not rows:
        raise shut_out(proofs[0][1])
    epoch = 0
    for row, (proof, error) in zip(rows, proofs, strict=True):
        fresh, since, epoch, may_call = row
        if not may_call:
            raise shut_out(error)
        if since is None:
            raise error(REPLAY_RESET)
        if proof.at <= since.timestamp():
            raise error("older than the replay store")
        if not fresh:
            raise error("replayed")
    return int(epoch)


def shut_out(error: type[CredentialError]) -> CredentialError:
    """The refusal of a client that may not call, at an endpoint that refuses proofs by an error."""
    return (InvalidClientError if error is InvalidClientError else InvalidTokenError)("client")


def _seen(kind: str, owner: str, jti: str) -> bytes:
    return sha256(f"{kind}\0{owner}\0{jti}".encode(errors="surrogatepass")).digest()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@lru_cache(1024)  # both sides of the comparison are the same few addresses, split at some cost
def _plain(url: str) -> tuple[str, str, str]:
    """An address for comparison (RFC 9449 4.3, RFC 3986 6.2.2 and 6.2.3): no query, no fragment, no default port."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidDpopProofError("htu") from error
    host = (parts.hostname or "").lower()
    default = {"http": 80, "https": 443}.get(parts.scheme.lower())
    return parts.scheme.lower(), host if port in {None, default} else f"{host}:{port}", parts.path or "/"
