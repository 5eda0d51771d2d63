"""Access tokens bound to a key, and the proof that comes with every request.

Client credentials by a signed assertion (RFC 6749 4.4, RFC 7523 2.2, FAPI 2.0 Security Profile 5.3.2) or by a
certificate (RFC 8705 2.2). Tokens are JWTs of RFC 9068, five minutes, bound to a key: `cnf.jkt` names that of DPoP
proofs (RFC 9449), `cnf.x5t#S256` a TLS certificate (RFC 8705 3). A stolen one is worth nothing without the key.

Proofs, clocks and replay: `authz.tokenproofs`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from authz import jose, tokenproofs
from authz.errors import (
    CredentialError,
    InvalidClientError,
    InvalidDpopProofError,
    InvalidScopeError,
    InvalidTokenError,
    InvalidTokenRequestError,
    UnsupportedGrantTypeError,
)
from authz.model import Caller, PartyKind
from authz.store import tokens as store
from authz.vault import base64url
from ledger.ids import new_id
from ledger.steps import run

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from sqlalchemy import Connection

    from ledger.clock import Clock
    from ledger.steps import Statement, Steps

TOKEN_SECONDS: Final = 300
THUMBPRINT: Final = "x5t#S256"
"""Member of `cnf` that binds a token to a certificate (RFC 8705 3.1)."""

_TOKEN_TYP: Final = "at+jwt"  # noqa: S105 - RFC 9068 2.1
_BY_CERTIFICATE: Final = f"{THUMBPRINT}:"
"""Before the thumbprint in `Caller.jkt`, so that a certificate and a key never pass for each other."""
_CACHED: Final = 10_000
_ES256: Final = ECDSA(SHA256())


@dataclass(frozen=True, slots=True)
class _Known:
    """A verified token: whom it stands for, until when (seconds), under which epoch of its client."""

    caller: Caller
    expires: float
    epoch: int


class TokenService:
    """Issues access tokens and authenticates requests.

    Args:
        issuer: base address of the node: issuer and audience of tokens, audience of assertions.
        key: P-256 key that signs tokens (ES256).
        clock: tells the time.
        older: keys that signed before it, whose tokens are still good: a rotation refuses nobody.
    """

    def __init__(
        self, issuer: str, key: EllipticCurvePrivateKey, clock: Clock, older: Sequence[EllipticCurvePrivateKey] = ()
    ) -> None:
        self.issuer = issuer
        self._key = key
        self._clock = clock
        self._public = _public(key)
        header = {"alg": "ES256", "kid": self._public.thumbprint, "typ": _TOKEN_TYP}
        self._header = base64url(json.dumps(header).encode())
        self._verifying = {each.thumbprint: each for each in (self._public, *map(_public, older))}
        self._known: dict[bytes, _Known] = {}
        self._lock = Lock()

    @property
    def public_jwks(self) -> list[dict[str, str]]:
        """The keys that verify our tokens, as JWKs, the one that signs now first."""
        return [{**each.jwk, "alg": "ES256", "use": "sig", "kid": kid} for kid, each in self._verifying.items()]

    def tend(self, db: Connection, limit: int = 10_000) -> int:
        """Keep the replay table: write its birth where a crash took it, drop what is past. At start and every second.

        Returns:
            How many rows were dropped.
        """
        store.bear(db, self._clock.now())
        return store.forget(db, self._clock.now(), limit)

    def issue(
        self,
        db: Connection,
        form: Mapping[str, str],
        dpop: str | None,
        method: str,
        url: str,
        certificate: str | None = None,
    ) -> dict[str, str | int]:
        """As `issuing`, in a unit."""
        return run(db, self.issuing(form, dpop, method, url, certificate))

    def issuing(
        self,
        form: Mapping[str, str],
        dpop: str | None,
        method: str,
        url: str,
        certificate: str | None = None,
        admit: Callable[[str, PartyKind], None] | None = None,
    ) -> Steps[dict[str, str | int]]:
        """Answer a token request (RFC 6749 4.4.2). Commit whatever comes of it: what was spent must stay spent.

        Args:
            form: `grant_type`, `client_assertion_type`, `client_assertion`, optionally `scope`; or, of a client with a
                certificate, `client_id` in place of the assertion.
            dpop: the DPoP header; the token is bound to its key.
            method: HTTP method of the request.
            url: address of the token endpoint.
            certificate: SHA-256 thumbprint of the client's certificate, base64url, by the word of a trusted proxy. A
                token without a DPoP proof is bound to it.
            admit: told the organisation and its kind once the client is proven; raises where it may have no token now.

        Returns:
            `access_token`, `token_type`, `expires_in` (seconds), `scope`.

        Raises:
            UnsupportedGrantTypeError, InvalidTokenRequestError: the form.
            InvalidClientError: the assertion or the certificate.
            InvalidDpopProofError: the proof.
            InvalidScopeError: a scope the client was not given.
        """
        if form.get("grant_type", "client_credentials") != "client_credentials":
            raise UnsupportedGrantTypeError("grant_type")
        if "grant_type" not in form:
            raise InvalidTokenRequestError("grant_type")
        now = self._clock.now()
        held = yield from tokenproofs.client(form, self.issuer, certificate, now)
        scopes = _scopes(form.get("scope"), held.scopes)
        epoch, bound = yield from self._bind(held, dpop, method, url, certificate, now)
        if admit is not None:
            admit(held.party_id, held.kind)
        return self._mint(held.client_id, scopes, epoch, bound, now)

    def _bind(
        self,
        held: tokenproofs.Authenticated,
        dpop: str | None,
        method: str,
        url: str,
        certificate: str | None,
        now: datetime,
    ) -> Steps[tuple[int, str]]:
        """Spend what a client proved itself with; its epoch, and what its token is bound to (as `Caller.jkt`)."""
        spent: list[tuple[tokenproofs.Proof, type[CredentialError]]] = []
        if held.assertion is not None:
            spent.append((held.assertion, InvalidClientError))
        if dpop is not None or certificate is None:
            proof = tokenproofs.dpop(dpop, method, url, now)
            epoch = yield from tokenproofs.spend(held.client_id, *spent, (proof, InvalidDpopProofError))
            return epoch, proof.jkt
        epoch = yield from self._standing(held.client_id, certificate, now, InvalidClientError)
        if spent:
            epoch = yield from tokenproofs.spend(held.client_id, *spent)
        return epoch, _BY_CERTIFICATE + certificate

    def identify(
        self,
        db: Connection,
        form: Mapping[str, str],
        dpop: str | None,
        method: str,
        url: str,
        certificate: str | None = None,
    ) -> tuple[Caller, int]:
        """Who asks for a token by another grant type, with the epoch it will be bound to: assertion and proof, spent.

        Commit the unit whatever comes of the request: what was spent must stay spent.

        Args:
            form, dpop, method, url, certificate: as `issuing`.

        Returns:
            The client with the scopes it may have, and with the key of its proof.

        Raises:
            InvalidTokenRequestError, InvalidClientError, InvalidDpopProofError: the form, the assertion, the proof.
        """
        now = self._clock.now()
        held = run(db, tokenproofs.client(form, self.issuer, certificate, now))
        epoch, bound = run(db, self._bind(held, dpop, method, url, certificate, now))
        return self._caller(db, held, bound), epoch

    def client(self, db: Connection, form: Mapping[str, str], certificate: str | None = None) -> Caller:
        """Who asks at an endpoint that takes a client assertion and gives no token; the assertion is spent.

        Raises:
            InvalidTokenRequestError, InvalidClientError: the form, the assertion or the certificate.
        """
        now = self._clock.now()
        held = run(db, tokenproofs.client(form, self.issuer, certificate, now))
        if held.assertion is not None:
            run(db, tokenproofs.spend(held.client_id, (held.assertion, InvalidClientError)))
            return self._caller(db, held, held.assertion.jkt)
        run(db, self._standing(held.client_id, str(certificate), now, InvalidClientError))
        return self._caller(db, held, _BY_CERTIFICATE + str(certificate))

    @staticmethod
    def _caller(db: Connection, held: tokenproofs.Authenticated, bound: str) -> Caller:
        party_id, kind, org_code, division = db.exec_driver_sql(*store.caller(held.client_id)).one()
        return Caller(held.client_id, party_id, PartyKind(kind), org_code, division, frozenset(held.scopes), bound)

    @staticmethod
    def _standing(client_id: str, certificate: str, now: datetime, error: type[CredentialError]) -> Steps[int]:
        """The epoch of a client that may call with a certificate."""
        rows = yield store.standing(client_id, certificate, now)
        if not rows or not rows[0][1]:
            raise tokenproofs.shut_out(error)
        return int(rows[0][0])

    def mint(self, caller: Caller, epoch: int, scopes: Collection[str]) -> dict[str, str | int]:
        """A token for a client that `identify` named, as `issue` answers it."""
        return self._mint(caller.client_id, " ".join(sorted(scopes)), epoch, caller.jkt, self._clock.now())

    def id_token(self, client_id: str, subject: str, auth_time: datetime, more: Mapping[str, str]) -> str:
        """An ID token of ours (OpenID Connect Core 1.0, 2), telling a client who consented.

        Args:
            subject: the holder as the client's organisation knows it.
            auth_time: when they signed.
            more: further claims.
        """
        now = int(self._clock.now().timestamp())
        claims = {"iss": self.issuer, "sub": subject, "aud": client_id, "iat": now, "exp": now + TOKEN_SECONDS}
        claims |= {"auth_time": int(auth_time.timestamp()), **more}
        return jwt.encode(claims, self._key, "ES256", {"typ": "JWT", "kid": self._public.thumbprint})

    def _mint(self, client_id: str, scopes: str, epoch: int, bound: str, now: datetime) -> dict[str, str | int]:
        certificate = bound.removeprefix(_BY_CERTIFICATE) if bound.startswith(_BY_CERTIFICATE) else None
        at = int(now.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": self.issuer,
            "sub": client_id,
            "client_id": client_id,
            "iat": at,
            "exp": at + TOKEN_SECONDS,
            "jti": new_id(),
            "scope": scopes,
            "epoch": epoch,
            "cnf": {"jkt": bound} if certificate is None else {THUMBPRINT: certificate},
        }
        kind = "DPoP" if certificate is None else "Bearer"
        return {"access_token": self._sign(claims), "token_type": kind, "expires_in": TOKEN_SECONDS, "scope": scopes}

    def _sign(self, claims: Mapping[str, Any]) -> str:
        """A JWS by our key (RFC 7515 3.1); PyJWT's way to it costs three times the signature."""
        signed = f"{self._header}.{base64url(json.dumps(claims, separators=(',', ':')).encode())}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), _ES256))
        return f"{signed}.{base64url(r.to_bytes(32) + s.to_bytes(32))}"

    def authenticate(
        self, authorization: str | None, dpop: str | None, method: str, url: str, certificate: str | None = None
    ) -> Steps[Caller]:
        """Who makes this request. Run it in a unit of its own: a rolled back proof could be used again.

        Args:
            authorization: the Authorization header: scheme `DPoP`, or `Bearer` of a token bound to a certificate.
            dpop: the DPoP header.
            method: HTTP method.
            url: the address the request came to, without query and fragment.
            certificate: as `issuing`.

        Raises:
            InvalidTokenError: the token, also one without its certificate.
            InvalidDpopProofError: the proof, also a replayed one.
        """
        scheme, _, token = (authorization or "").partition(" ")
        scheme = scheme.lower()
        if scheme not in {"dpop", "bearer"} or not token or (scheme == "bearer" and certificate is None):
            raise InvalidTokenError("scheme")
        now = self._clock.now()
        digest = sha256(token.encode(errors="surrogatepass")).digest()
        known = self._known.get(digest) or (yield from self._learn(token, digest, now))
        if now.timestamp() >= known.expires:
            self._forget(digest)
            raise InvalidTokenError("exp")
        client_id, bound = known.caller.client_id, known.caller.jkt
        if (scheme == "bearer") != bound.startswith(_BY_CERTIFICATE):
            raise InvalidTokenError("scheme of another binding")
        if scheme == "dpop":
            proof = tokenproofs.dpop(dpop, method, url, now, ath=base64url(digest))
            if not compare_digest(proof.jkt, bound):
                raise InvalidDpopProofError("jkt")
            epoch = yield from tokenproofs.spend(client_id, (proof, InvalidDpopProofError))
        else:
            if not compare_digest(f"{_BY_CERTIFICATE}{certificate}".encode(), bound.encode()):
                raise InvalidTokenError("certificate")
            epoch = yield from self._standing(client_id, str(certificate), now, InvalidTokenError)
        if epoch != known.epoch:
            self._forget(digest)
            raise InvalidTokenError("revoked")
        return known.caller

    @staticmethod
    def authenticate_all(begun: Sequence[tuple[Steps[Caller], Statement]]) -> Steps[list[Caller | Exception]]:
        """Carry several `authenticate` to their end, with one statement for the proofs of all.

        Args:
            begun: steps, and the statement they yielded first: token and proof of most are checked by then.

        Returns:
            The caller or the refusal of each.
        """
        done: list[Caller | Exception] = [InvalidTokenError("unfinished")] * len(begun)
        left: list[tuple[int, Steps[Caller], Statement]] = []
        for place, (steps, first) in enumerate(begun):
            statement = first
            try:
                while not store.is_see(statement):  # a token that this process has not seen, or one with a certificate
                    statement = steps.send((yield statement))
            except StopIteration as ended:
                done[place] = ended.value
            except CredentialError as error:
                done[place] = error
            else:
                left.append((place, steps, statement))
        rows = (yield store.see_all([statement for _, _, statement in left])) if left else []
        for (place, steps, _), row in zip(left, rows, strict=True):
            try:
                steps.send([row])
            except StopIteration as ended:
                done[place] = ended.value
            except CredentialError as error:
                done[place] = error
        return done

    def introspect(self, db: Connection, caller: Caller, form: Mapping[str, str]) -> dict[str, object]:
        """What a token is, to a client of the organisation it was given to (RFC 7662).

        Args:
            caller: as `client` named it.
            form: `token`.

        Returns:
            `{"active": false}` for what is no token, is over or revoked, or is another organisation's; all look alike.

        Raises:
            InvalidTokenRequestError: there is no token.
        """
        held = self._held(db, _token_in(form), self._clock.now())
        if held is None or held.caller.party_id != caller.party_id:
            return {"active": False}
        bound = held.caller.jkt
        by_certificate = bound.startswith(_BY_CERTIFICATE)
        cnf = {THUMBPRINT: bound.removeprefix(_BY_CERTIFICATE)} if by_certificate else {"jkt": bound}
        return {
            "active": True,
            "token_type": "DPoP" if "jkt" in cnf else "Bearer",
            "client_id": held.caller.client_id,
            "scope": " ".join(sorted(held.caller.scopes)),
            "exp": int(held.expires),
            "iss": self.issuer,
            "aud": self.issuer,
            "cnf": cnf,
        }

    def revoke(self, db: Connection, caller: Caller, form: Mapping[str, str]) -> None:
        """End a client's tokens (RFC 7009).

        The token names the client; all it has end with it, at once and in every process: tokens live five minutes, and
        whoever lost one does not know which others went the same way. What is no good token needs no revoking.

        Args:
            caller: as `client` named it.
            form: `token`.

        Raises:
            InvalidTokenRequestError: there is no token.
        """
        held = self._held(db, _token_in(form), self._clock.now())
        if held is not None and held.caller.party_id == caller.party_id:
            store.revoke(db, held.caller.client_id)

    def _held(self, db: Connection, token: str, now: datetime) -> _Known | None:
        """A good token; None for anything else."""
        digest = sha256(token.encode(errors="surrogatepass")).digest()
        try:
            known = self._known.get(digest) or run(db, self._learn(token, digest, now))
        except CredentialError:
            return None
        alive = now.timestamp() < known.expires and store.epoch(db, known.caller.client_id) == known.epoch
        return known if alive else None

    def _learn(self, token: str, digest: bytes, now: datetime) -> Steps[_Known]:
        """Verify an access token that this process has not seen (RFC 9068 4)."""
        error = InvalidTokenError
        jws = jose.parse(token, error)
        if jws.header.get("typ") != _TOKEN_TYP:
            raise error("typ")
        key = self._verifying.get(jose.text(jws.header, "kid", error))
        if key is None:
            raise error("kid")
        key.verify(jws, error)
        if jws.claims.get("iss") != self.issuer or jws.claims.get("aud") != self.issuer:
            raise error("iss or aud")
        expires = jose.number(jws.claims, "exp", error)
        confirmation, epoch = jws.claims.get("cnf"), jws.claims.get("epoch")
        if not isinstance(confirmation, dict) or not isinstance(epoch, int) or expires <= now.timestamp():
            raise error("cnf, epoch or exp")
        client_id = jose.text(jws.claims, "client_id", error)
        rows = yield store.caller(client_id)
        if not rows:
            raise error("client")
        party_id, kind, org_code, division = rows[0]
        scopes = frozenset(jose.text(jws.claims, "scope", error).split(" "))
        bound = jose.text(confirmation, "jkt", error) if "jkt" in confirmation else _certificate_of(confirmation)
        caller = Caller(client_id, party_id, PartyKind(kind), org_code, division, scopes, bound)
        known = _Known(caller, expires, epoch)
        with self._lock:
            while len(self._known) >= _CACHED:  # bounded: the oldest goes first
                self._known.pop(next(iter(self._known)))
            self._known[digest] = known
        return known

    def _forget(self, digest: bytes) -> None:
        with self._lock:
            self._known.pop(digest, None)


def _scopes(asked: str | None, given: Sequence[str]) -> str:
    if not asked:
        return " ".join(given)
    scopes = asked.split(" ")
    if not set(scopes) <= set(given):
        raise InvalidScopeError("scope")
    return " ".join(sorted(set(scopes)))


def _certificate_of(confirmation: Mapping[str, Any]) -> str:
    return _BY_CERTIFICATE + jose.text(confirmation, THUMBPRINT, InvalidTokenError)


def _public(key: EllipticCurvePrivateKey) -> jose.PublicKey:
    point = key.public_key().public_numbers()
    raw = {"crv": "P-256", "kty": "EC", "x": base64url(point.x.to_bytes(32)), "y": base64url(point.y.to_bytes(32))}
    return jose.PublicKey.of(raw, InvalidTokenError)


def _token_in(form: Mapping[str, str]) -> str:
    if not form.get("token"):
        raise InvalidTokenRequestError("token")
    return form["token"]
