"""Access tokens bound to a key, and the proof that comes with every request.

Client credentials by a signed assertion (RFC 6749 4.4, RFC 7523 2.2, FAPI 2.0 Security Profile 5.3.2), DPoP (RFC 9449).
Tokens are JWTs of RFC 9068, five minutes, `cnf.jkt` naming the key; a stolen one is worth nothing without the key.

Clocks (RELIABILITY A3): a proof or assertion up to 10 s from the future is taken, up to 60 s old; anything further is
refused. 10 s covers clocks kept by NTP; beyond them we would rather have the clock repaired than the window widened.

Replay (RELIABILITY A8): each proof is remembered in an UNLOGGED table that all processes share. A database crash
empties it, so it carries the moment of its birth, and proofs older than that are refused; `tend` writes it. What
remains: a proof from a clock running ahead, used in the last 10 s before a crash, could be used once more after it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from hmac import compare_digest
from threading import Lock
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import jwt

from authz import jose
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
    from collections.abc import Collection, Mapping, Sequence

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from sqlalchemy import Connection

    from ledger.clock import Clock
    from ledger.steps import Statement, Steps

TOKEN_SECONDS: Final = 300
AHEAD_SECONDS: Final = 10
OLD_SECONDS: Final = 60
ASSERTION_SECONDS: Final = 300
"""Longest life of a client assertion."""
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""RFC 7523, 2.2."""

REPLAY_RESET: Final = "replay store without a birth"
"""`reason` of the refusal while nobody has called `tend` since the replay table was emptied."""

_TOKEN_TYP: Final = "at+jwt"  # noqa: S105 - RFC 9068 2.1
_PROOF_TYP: Final = "dpop+jwt"
_CACHED: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Known:
    """A verified token: whom it stands for, until when (seconds), under which epoch of its client."""

    caller: Caller
    expires: float
    epoch: int


@dataclass(frozen=True, slots=True)
class _Proof:
    """A verified proof or assertion: its key, what to remember of it until when, and its own time (seconds)."""

    jkt: str
    seen: bytes
    expires: datetime
    at: float


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
        self, db: Connection, form: Mapping[str, str], dpop: str | None, method: str, url: str
    ) -> dict[str, str | int]:
        """Answer a token request (RFC 6749 4.4.2).

        Args:
            form: `grant_type`, `client_assertion_type`, `client_assertion`, optionally `scope`.
            dpop: the DPoP header.
            method: HTTP method of the request.
            url: address of the token endpoint.

        Returns:
            `access_token`, `token_type`, `expires_in` (seconds), `scope`.

        Raises:
            UnsupportedGrantTypeError, InvalidTokenRequestError: the form.
            InvalidClientError: the assertion.
            InvalidDpopProofError: the proof.
            InvalidScopeError: a scope the client was not given.
        """
        if form.get("grant_type", "client_credentials") != "client_credentials":
            raise UnsupportedGrantTypeError("grant_type")
        if "grant_type" not in form:
            raise InvalidTokenRequestError("grant_type")
        now = self._clock.now()
        client_id, given, assertion = self._assertion(db, form, now)
        proof = self._proof(dpop, method, url, now)
        epoch = run(db, self._see(assertion, client_id, InvalidClientError))
        run(db, self._see(proof, client_id, InvalidDpopProofError))
        scopes = self._scopes(form.get("scope"), given)
        return self._mint(client_id, scopes, epoch, proof.jkt, now)

    def identify(
        self, db: Connection, form: Mapping[str, str], dpop: str | None, method: str, url: str
    ) -> tuple[Caller, int]:
        """Who asks for a token by another grant type, with the epoch it will be bound to: assertion and proof, spent.

        Commit the unit whatever comes of the request: what was spent must stay spent.

        Returns:
            The client with the scopes it may have, and with the key of its proof.

        Raises:
            InvalidTokenRequestError, InvalidClientError, InvalidDpopProofError: the form, the assertion, the proof.
        """
        caller = self.client(db, form)
        proof = self._proof(dpop, method, url, self._clock.now())
        epoch = run(db, self._see(proof, caller.client_id, InvalidDpopProofError))
        return replace(caller, jkt=proof.jkt), epoch

    def client(self, db: Connection, form: Mapping[str, str]) -> Caller:
        """Who asks at an endpoint that takes a client assertion and gives no token; the assertion is spent.

        Raises:
            InvalidTokenRequestError, InvalidClientError: the form, the assertion.
        """
        client_id, scopes, assertion = self._assertion(db, form, self._clock.now())
        run(db, self._see(assertion, client_id, InvalidClientError))
        party_id, kind, org_code, division = db.exec_driver_sql(*store.caller(client_id)).one()
        return Caller(client_id, party_id, PartyKind(kind), org_code, division, frozenset(scopes), assertion.jkt)

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

    def _mint(self, client_id: str, scopes: str, epoch: int, jkt: str, now: datetime) -> dict[str, str | int]:
        claims = {
            "iss": self.issuer,
            "aud": self.issuer,
            "sub": client_id,
            "client_id": client_id,
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + TOKEN_SECONDS,
            "jti": new_id(),
            "scope": scopes,
            "epoch": epoch,
            "cnf": {"jkt": jkt},
        }
        token = jwt.encode(claims, self._key, "ES256", {"typ": _TOKEN_TYP, "kid": self._public.thumbprint})
        return {"access_token": token, "token_type": "DPoP", "expires_in": TOKEN_SECONDS, "scope": scopes}

    def authenticate(self, authorization: str | None, dpop: str | None, method: str, url: str) -> Steps[Caller]:
        """Who makes this request. Run it in a unit of its own: a rolled back proof could be used again.

        Args:
            authorization: the Authorization header, scheme `DPoP`.
            dpop: the DPoP header.
            method: HTTP method.
            url: the address the request came to, without query and fragment.

        Raises:
            InvalidTokenError: the token.
            InvalidDpopProofError: the proof, also a replayed one.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "dpop" or not token:
            raise InvalidTokenError("scheme")
        now = self._clock.now()
        digest = sha256(token.encode(errors="surrogatepass")).digest()
        known = self._known.get(digest) or (yield from self._learn(token, digest, now))
        if now.timestamp() >= known.expires:
            self._forget(digest)
            raise InvalidTokenError("exp")
        proof = self._proof(dpop, method, url, now, ath=base64url(digest))
        if not compare_digest(proof.jkt, known.caller.jkt):
            raise InvalidDpopProofError("jkt")
        epoch = yield from self._see(proof, known.caller.client_id, InvalidDpopProofError)
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
                while not store.is_see(statement):  # a token that this process has not seen
                    statement = steps.send((yield statement))
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

    def introspect(self, db: Connection, form: Mapping[str, str]) -> dict[str, object]:
        """What a token is, to a client of the organisation it was given to (RFC 7662).

        Args:
            form: `token`, `client_assertion_type`, `client_assertion`.

        Returns:
            `{"active": false}` for what is no token, is over or revoked, or is another organisation's; all look alike.

        Raises:
            InvalidTokenRequestError, InvalidClientError: the form, the assertion.
        """
        caller, now = self.client(db, form), self._clock.now()
        held = self._held(db, _token_in(form), now)
        if held is None or held.caller.party_id != caller.party_id:
            return {"active": False}
        return {
            "active": True,
            "token_type": "DPoP",
            "client_id": held.caller.client_id,
            "scope": " ".join(sorted(held.caller.scopes)),
            "exp": int(held.expires),
            "iss": self.issuer,
            "aud": self.issuer,
            "cnf": {"jkt": held.caller.jkt},
        }

    def revoke(self, db: Connection, form: Mapping[str, str]) -> None:
        """End a client's tokens (RFC 7009).

        The token names the client; all it has end with it, at once and in every process: tokens live five minutes, and
        whoever lost one does not know which others went the same way. What is no good token needs no revoking.

        Args:
            form: `token`, `client_assertion_type`, `client_assertion`.

        Raises:
            InvalidTokenRequestError, InvalidClientError: the form, the assertion.
        """
        caller, now = self.client(db, form), self._clock.now()
        held = self._held(db, _token_in(form), now)
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

    def _assertion(self, db: Connection, form: Mapping[str, str], now: datetime) -> tuple[str, list[str], _Proof]:
        """Verify a client assertion (RFC 7523 3), all but its replay; the client, its scopes, what to remember."""
        if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
            raise InvalidTokenRequestError("client_assertion")
        error = InvalidClientError
        jws = jose.parse(form["client_assertion"], error)
        if jws.header.get("typ", "JWT") not in ("JWT", "client-authentication+jwt"):
            raise error("typ")
        client_id = jose.text(jws.claims, "iss", error)
        row = store.client_key(db, client_id, jose.text(jws.header, "kid", error), now)
        if row is None:
            raise error("client or kid")
        key = jose.PublicKey.of(row[1], error)
        if key.alg != row[0]:
            raise error("registered algorithm")
        key.verify(jws, error)
        # FAPI 2.0 wants one audience as a string: a list would let one assertion serve two servers.
        audiences = (self.issuer, f"{self.issuer}/oauth/token")
        if jws.claims.get("sub") != client_id or jws.claims.get("aud") not in audiences:
            raise error("sub or aud")
        moment = now.timestamp()
        expires = jose.number(jws.claims, "exp", error)
        if not moment - AHEAD_SECONDS < expires <= moment + ASSERTION_SECONDS + AHEAD_SECONDS:
            raise error("exp")
        # RFC 7523 leaves `iat` optional; without it we could not tell an assertion older than the replay table.
        at = jose.number(jws.claims, "iat", error)
        if max(at, jose.number({"nbf": at, **jws.claims}, "nbf", error)) > moment + AHEAD_SECONDS:
            raise error("iat or nbf")
        seen = _seen("assertion", client_id, jose.text(jws.claims, "jti", error))
        return client_id, row[2], _Proof(key.thumbprint, seen, _moment(expires + AHEAD_SECONDS), at)

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
        jkt = jose.text(confirmation, "jkt", error)
        caller = Caller(client_id, party_id, PartyKind(kind), org_code, division, scopes, jkt)
        known = _Known(caller, expires, epoch)
        with self._lock:
            while len(self._known) >= _CACHED:  # bounded: the oldest goes first
                self._known.pop(next(iter(self._known)))
            self._known[digest] = known
        return known

    def _proof(self, dpop: str | None, method: str, url: str, now: datetime, ath: str | None = None) -> _Proof:
        """Verify a DPoP proof (RFC 9449 4.3), all but its replay."""
        error = InvalidDpopProofError
        jws = jose.parse(dpop, error, allow=frozenset({"jwk"}))
        if jws.header.get("typ") != _PROOF_TYP:
            raise error("typ")
        key = jose.PublicKey.of(jws.header.get("jwk"), error)
        key.verify(jws, error)
        claims = jws.claims
        if claims.get("htm") != method or _plain(jose.text(claims, "htu", error, longest=2048)) != _plain(url):
            raise error("htm or htu")
        at = jose.number(claims, "iat", error)
        if not now.timestamp() - OLD_SECONDS <= at <= now.timestamp() + AHEAD_SECONDS:
            raise error("iat")
        if ath is not None and claims.get("ath") != ath:
            raise error("ath")
        jti = jose.text(claims, "jti", error)
        expires = _moment(at + OLD_SECONDS + AHEAD_SECONDS)
        return _Proof(key.thumbprint, _seen("dpop", key.thumbprint, jti), expires, at)

    def _forget(self, digest: bytes) -> None:
        with self._lock:
            self._known.pop(digest, None)

    @staticmethod
    def _see(proof: _Proof, client_id: str, error: type[CredentialError]) -> Steps[int]:
        """Remember a proof or assertion; the client's epoch."""
        rows = yield store.see(proof.seen, proof.expires, client_id)
        fresh, since, epoch, may_call = rows[0] if rows else (0, None, 0, False)
        if not may_call:
            raise (InvalidClientError if error is InvalidClientError else InvalidTokenError)("client")
        if since is None:
            raise error(REPLAY_RESET)
        if proof.at <= since.timestamp():
            raise error("older than the replay store")
        if not fresh:
            raise error("replayed")
        return int(epoch)

    @staticmethod
    def _scopes(asked: str | None, given: list[str]) -> str:
        if not asked:
            return " ".join(given)
        scopes = asked.split(" ")
        if not set(scopes) <= set(given):
            raise InvalidScopeError("scope")
        return " ".join(sorted(set(scopes)))


def _public(key: EllipticCurvePrivateKey) -> jose.PublicKey:
    point = key.public_key().public_numbers()
    raw = {"crv": "P-256", "kty": "EC", "x": base64url(point.x.to_bytes(32)), "y": base64url(point.y.to_bytes(32))}
    return jose.PublicKey.of(raw, InvalidTokenError)


def _token_in(form: Mapping[str, str]) -> str:
    if not form.get("token"):
        raise InvalidTokenRequestError("token")
    return form["token"]


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
