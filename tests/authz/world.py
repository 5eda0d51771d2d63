"""A small world for tests of authorisation: a log, parties with keys, people with logins; all synthetic."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm
from sqlalchemy import text

from authz.holders import Holders
from authz.model import HolderKind, Identifier, PartyKind, Role
from authz.parties import Parties
from authz.tokens import ASSERTION_TYPE, TokenService
from authz.vault import IdentityVault, base64url
from ledger.evidence import Evidence
from ledger.note import NoteSigner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from authz.model import Caller
    from ledger.db import Database

ISSUER = "https://exchange.test"
TOKEN_URL = f"{ISSUER}/oauth/token"
LOGIN = "https://login.test"
USES_URL = f"{ISSUER}/v1/uses"


@dataclass
class HandClock:
    """A clock the test sets."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 21, 4, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    @property
    def seconds(self) -> int:
        return int(self.at.timestamp())


class Key:
    """A P-256 key of a client or provider and what it signs."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        whole = json.loads(ECAlgorithm.to_jwk(self.private.public_key()))
        self.jwk = {name: whole[name] for name in ("crv", "kty", "x", "y")}
        canonical = json.dumps(self.jwk, separators=(",", ":"), sort_keys=True)
        self.thumbprint = base64url(sha256(canonical.encode()).digest())

    def sign(self, claims: Mapping[str, Any], header: Mapping[str, Any]) -> str:
        return jwt.encode(dict(claims), self.private, "ES256", dict(header))


@dataclass
class Department:
    """A party with one client."""

    party_id: str
    client_id: str
    key: Key


class World:
    """Everything the services need, on one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandClock()
        self.vault = IdentityVault(b"l" * 32, b"i" * 32, b"p" * 32)
        self.holders = Holders(self.vault, self.clock)
        self.parties = Parties(self.clock)
        self.evidence = Evidence(
            "log.test/authz", NoteSigner("log.test/authz", Ed25519PrivateKey.from_private_bytes(bytes(32))), self.clock
        )
        self.node_key = ec.generate_private_key(ec.SECP256R1())
        self.tokens = TokenService(ISSUER, self.node_key, self.clock)
        self.login_key = Key()
        with database.unit() as db:
            names = db.execute(
                text("SELECT string_agg(schemaname || '.' || tablename, ', ') FROM pg_tables"
                     " WHERE schemaname IN ('authz', 'certs', 'ledger')")
            ).scalar_one()
            db.execute(text(f"TRUNCATE {names}"))
            self.tokens.tend(db)
            self.qingpu = self.department(db, "qingpu-market", "青浦区市场监督管理局", "11310118XX00000B0W", "310118")
            self.baoshan = self.department(db, "baoshan-window", "宝山区行政服务中心", "11310113XX00000A2R", "310113")
            self.parties.register_operator(db, self.qingpu.party_id, "qp-103", {Role.window})
            self.parties.register_operator(db, self.qingpu.party_id, "qp-900", {Role.auditor})
            self.parties.register_operator(db, self.baoshan.party_id, "bs-017", {Role.window})
            self.chen = self.person(db, "陈安澜", "310199199001010018", "chen")
            self.xu = self.person(db, "徐行舟", "31019919900128027X", "xu")
            self.firm = self.holders.register(
                db, HolderKind.organisation, "宝山青禾餐饮管理有限公司", [Identifier("001", "91310113XX0000019X")]
            )
        self.clock.pass_(2)

    def department(self, db: Any, client_id: str, name: str, org_code: str, division: str,
                   kind: PartyKind = PartyKind.government) -> Department:
        party_id = self.parties.register_party(db, kind=kind, name=name, org_code=org_code, division=division)
        key = Key()
        self.parties.register_client(db, client_id, party_id, [key.jwk], ["case", "use"])
        return Department(party_id, client_id, key)

    def person(self, db: Any, name: str, code: str, subject: str) -> str:
        holder_id = self.holders.register(db, HolderKind.person, name, [Identifier("111", code)])
        self.holders.link(db, holder_id, Identifier.oidc(LOGIN, subject))
        return holder_id

    # What clients send

    def assertion(self, department: Department, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        now = self.clock.seconds
        whole = {"iss": department.client_id, "sub": department.client_id, "aud": ISSUER, "iat": now, "exp": now + 60,
                 "jti": str(uuid.uuid4())} | claims
        whole = {name: value for name, value in whole.items() if value is not None}
        return department.key.sign(whole, {"kid": department.key.thumbprint} | dict(header or {}))

    def proof(self, key: Key, method: str, url: str, token: str | None = None,
              header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        whole = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": self.clock.seconds} | claims
        if token is not None and "ath" not in claims:
            whole["ath"] = base64url(sha256(token.encode()).digest())
        whole = {name: value for name, value in whole.items() if value is not None}
        return key.sign(whole, {"typ": "dpop+jwt", "jwk": key.jwk} | dict(header or {}))

    def form(self, assertion: str, **more: str) -> dict[str, str]:
        return {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion} | more

    def token(self, department: Department, tokens: TokenService | None = None) -> str:
        proof = self.proof(department.key, "POST", TOKEN_URL)
        with self.database.unit() as db:
            answer = (tokens or self.tokens).issue(db, self.form(self.assertion(department)), proof, "POST", TOKEN_URL)
        return str(answer["access_token"])

    def authenticate(self, token: str, proof: str | None, tokens: TokenService | None = None, *,
                     method: str = "POST", url: str = USES_URL, scheme: str = "DPoP") -> Caller:
        with self.database.unit() as db:
            return (tokens or self.tokens).authenticate(db, f"{scheme} {token}", proof, method, url)

    def call(self, department: Department) -> Caller:
        token = self.token(department)
        return self.authenticate(token, self.proof(department.key, "POST", USES_URL, token))
