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

from authz.asks import Asks
from authz.counter import Counter
from authz.counterconsents import CounterConsents
from authz.decider import Decider
from authz.delegations import Delegations
from authz.duties import Duties
from authz.dutynotices import DutyNotices
from authz.enrolments import Enrolments
from authz.grants import Grants
from authz.holderkeys import HolderKeys
from authz.holders import Holders
from authz.hostapps import HostApp, HostApps
from authz.idtokens import IdTokens
from authz.model import (
    CaseFacts,
    HolderKind,
    Identifier,
    Mode,
    PartyKind,
    Presence,
    Resource,
    Role,
    ShareClass,
    UseRequest,
)
from authz.notices import Notices
from authz.parties import Parties
from authz.passkeys import Site
from authz.ports import Provider
from authz.providers import PinnedProviders
from authz.refusals import Refusals
from authz.signatures import HolderSignatures
from authz.signers import Assurance
from authz.tokenproofs import ASSERTION_TYPE
from authz.tokens import TokenService
from authz.uses import Uses
from authz.vault import IdentityVault, base64url
from certs.representation import Representations
from ledger.evidence import Evidence
from ledger.note import NoteSigner
from ledger.registers import Registers, RegisterVersion, heads
from ledger.steps import run, together
from tests.emptied import empty

if TYPE_CHECKING:
    from collections.abc import Mapping

    from authz.duties import DutyEntry
    from authz.model import Ask, Caller, Grant, Use
    from ledger.db import Database
    from ledger.steps import Statement, Steps

ISSUER = "https://exchange.test"
TOKEN_URL = f"{ISSUER}/oauth/token"
LOGIN = "https://login.test"
SITE = "exchange.test"
APP = "city-app"
USES_URL = f"{ISSUER}/v1/uses"
AUDIENCE = "cailian"
ITEM = "11310118XX00000B0W4310100101000"
CASE = "31011820261121000001"
CAUSE = "食品经营许可新办审查"
LEASE = "019a0000-0000-7000-8000-000000000001"
DRAWING = "019a0000-0000-7000-8000-000000000002"
DIGESTS = {"sha256": "ab" * 32, "sm3": "cd" * 32}
SIZE = 200_000


DECIDER = Decider()
"""Policies do not change from one test to the next."""


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
        self.app_key = Key()
        acr = {"face": Assurance.high, "sms": Assurance.low}
        provider = Provider(LOGIN, AUDIENCE, {"k1": {**self.login_key.jwk, "alg": "ES256"}}, acr=acr)
        self.representations = Representations(self.evidence, self.holders, self.parties, self.clock)
        providers = PinnedProviders([provider])
        apps = HostApps(ISSUER, {APP: HostApp(APP, {"a1": self.app_key.jwk})})
        site = Site(SITE, (f"https://{SITE}",))
        self.id_tokens = IdTokens(providers)
        self.keys = HolderKeys(self.holders, self.id_tokens, site, apps, self.vault, self.clock)
        self.signatures = HolderSignatures(self.holders, providers, self.representations, self.clock, self.keys)
        self.delegations = Delegations(
            self.evidence, self.holders, self.signatures, self.representations, self.vault, self.clock
        )
        self.grants = Grants(self.evidence, self.holders, self.signatures, self.delegations, self.vault, self.clock)
        self.notices = Notices(self.holders, self.representations, self.vault, self.clock)
        self.enrolments = Enrolments(
            self.evidence,
            self.holders,
            self.keys,
            self.id_tokens,
            self.signatures,
            self.notices,
            self.vault,
            self.clock,
        )
        self.notices = Notices(self.holders, self.representations, self.vault, self.clock)
        self.refusals = Refusals(self.evidence, self.holders, self.vault)
        self.asks = Asks(self.refusals, self.grants, self.holders, self.delegations, self.notices, self.clock)
        self.counter = Counter(self.parties, DECIDER)
        self.assisted = CounterConsents(
            self.asks, self.grants, self.signatures, self.counter, self.notices, self.vault, ISSUER, self.clock
        )
        self.registers = Registers(self.evidence, self.clock, "310199")
        self.duties = Duties(self.registers, self.clock)
        self.decider = DECIDER
        self.duty_notices = DutyNotices(self.counter, self.evidence, self.clock)
        self.uses = Uses(self.evidence, self.decider, self.grants, self.holders, self.clock, self.duty_notices)
        with database.unit() as db:
            empty(db, "authz", "certs", "ledger")
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
            self.represented = self.representations.record(
                db,
                organisation=self.firm,
                person=self.chen,
                kind="legal_representative",
                valid_from=self.clock.now(),
                valid_to=None,
                source=self.baoshan.party_id,
                operator="bs-002",
            )
        self.clock.pass_(2)
        self.caller = self.call(self.qingpu)

    def department(
        self, db: Any, client_id: str, name: str, org_code: str, division: str, kind: PartyKind = PartyKind.government
    ) -> Department:
        party_id = self.parties.register_party(db, kind=kind, name=name, org_code=org_code, division=division)
        key = Key()
        self.parties.register_client(db, client_id, party_id, [key.jwk], ["case", "use"])
        return Department(party_id, client_id, key)

    def person(self, db: Any, name: str, code: str, subject: str) -> str:
        holder_id = self.holders.register(db, HolderKind.person, name, [Identifier("111", code)])
        self.holders.link(db, holder_id, Identifier.oidc(LOGIN, subject))
        return holder_id

    def publish_duties(self, *entries: DutyEntry) -> RegisterVersion:
        """The next version of the duty catalogue, in force at once."""
        with self.database.unit() as db:
            version = 1 + len(heads(db, "duties"))
            owner = "11310118XX00000B0W"
            return self.duties.publish(db, version, owner, self.clock.now(), entries)[0]

    # What clients send

    def assertion(self, department: Department, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        now = self.clock.seconds
        whole = {
            "iss": department.client_id,
            "sub": department.client_id,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
        } | claims
        whole = {name: value for name, value in whole.items() if value is not None}
        return department.key.sign(whole, {"kid": department.key.thumbprint} | dict(header or {}))

    def proof(
        self,
        key: Key,
        method: str,
        url: str,
        token: str | None = None,
        header: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        whole = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": self.clock.seconds} | claims
        if token is not None and "ath" not in claims:
            whole["ath"] = base64url(sha256(token.encode()).digest())
        whole = {name: value for name, value in whole.items() if value is not None}
        return key.sign(whole, {"typ": "dpop+jwt", "jwk": key.jwk} | dict(header or {}))

    def form(self, assertion: str, **more: str) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        } | more

    def token(self, department: Department, tokens: TokenService | None = None) -> str:
        proof = self.proof(department.key, "POST", TOKEN_URL)
        with self.database.unit() as db:
            answer = (tokens or self.tokens).issue(db, self.form(self.assertion(department)), proof, "POST", TOKEN_URL)
        return str(answer["access_token"])

    def authenticate(
        self,
        token: str,
        proof: str | None,
        tokens: TokenService | None = None,
        *,
        method: str = "POST",
        url: str = USES_URL,
        scheme: str = "DPoP",
    ) -> Caller:
        with self.database.unit() as db:
            return run(db, (tokens or self.tokens).authenticate(f"{scheme} {token}", proof, method, url))

    def call(self, department: Department) -> Caller:
        token = self.token(department)
        return self.authenticate(token, self.proof(department.key, "POST", USES_URL, token))

    # What holders sign

    def id_token(
        self, subject: str, nonce: str, header: Mapping[str, Any] | None = None, key: Key | None = None, **claims: Any
    ) -> str:
        now = self.clock.seconds
        whole = {
            "iss": LOGIN,
            "sub": subject,
            "aud": AUDIENCE,
            "iat": now,
            "auth_time": now,
            "exp": now + 300,
            "nonce": nonce,
            "acr": "demo",
        } | claims
        whole = {name: value for name, value in whole.items() if value is not None}
        head = {"kid": "k1", "typ": "JWT"} | dict(header or {})
        head = {name: value for name, value in head.items() if value is not None}
        return (key or self.login_key).sign(whole, head)

    def ask(self, grantor: str | None = None, caller: Caller | None = None, **terms: Any) -> Ask:
        grantor, caller = grantor or self.firm, caller or self.caller
        now = self.clock.now()
        whole = {
            "item_code": ITEM,
            "case_no": CASE,
            "cause": CAUSE,
            "types": ["CL022"],
            "mode": Mode.copy,
            "max_uses": 3,
            "valid_from": now,
            "valid_to": now + timedelta(days=30),
        } | terms
        with self.database.unit() as db:
            body = self.grants.propose(caller, grantor, **whole)
            return self.asks.create(db, caller, grantor, "qp-103", body)

    def grant(
        self, subject: str = "chen", grantor: str | None = None, caller: Caller | None = None, **terms: Any
    ) -> Grant:
        ask = self.ask(grantor, caller, **terms)
        with self.database.unit() as db:
            return self.asks.approve(db, ask.id, self.id_token(subject, ask.digest))

    def withdraw(self, grant_id: str, subject: str = "chen") -> Grant:
        digest = self.grants.withdrawal_of(grant_id)[1]
        with self.database.unit() as db:
            return self.grants.withdraw(db, grant_id, self.id_token(subject, digest))

    # What is used

    def lease(self, **other: Any) -> Resource:
        return Resource(
            **(
                {
                    "kind": "material",
                    "id": LEASE,
                    "type_code": "CL022",
                    "share_class": ShareClass.conditional,
                    "level": 2,
                    "status": "active",
                    "holder_id": self.firm,
                    "division": "310113",
                    "project_id": None,
                    "depositor_party_id": self.baoshan.party_id,
                }
                | other
            )
        )

    def facts(self, **other: Any) -> CaseFacts:
        return CaseFacts(
            **(
                {
                    "case_no": CASE,
                    "exists": True,
                    "open": True,
                    "own_org": True,
                    "item_code": ITEM,
                    "demanded": True,
                    "presence": Presence.id_card_read,
                    "applicant_holder_id": self.firm,
                }
                | other
            )
        )

    def request(self, **other: Any) -> UseRequest:
        return UseRequest(
            **(
                {
                    "object_id": LEASE,
                    "mode": Mode.copy,
                    "case_no": CASE,
                    "item_code": ITEM,
                    "cause": CAUSE,
                    "operator": "qp-103",
                }
                | other
            )
        )

    def use(
        self,
        resource: Resource | None = None,
        facts: CaseFacts | None = None,
        caller: Caller | None = None,
        key: str | None = None,
        **request: Any,
    ) -> Use:
        with self.database.unit() as db:
            steps = self.uses.open(
                caller or self.caller,
                self.request(**request),
                resource or self.lease(),
                facts or self.facts(),
                SIZE,
                DIGESTS,
                key or str(uuid.uuid4()),
            )
            return run(db, written(steps))

    # What the log holds

    def record(self, entry_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        with self.database.unit() as db:
            row = db.execute(
                text("SELECT fact, parties FROM ledger.record WHERE entry_id = :id"), {"id": entry_id}
            ).one()
        return json.loads(row.fact), json.loads(row.parties)

    def types(self) -> list[str]:
        """Types of all records, in the order of the log."""
        with self.database.unit() as db:
            rows = db.execute(
                text("SELECT r.fact FROM ledger.entry e JOIN ledger.record r ON r.entry_id = e.id ORDER BY e.seq")
            ).scalars()
            return [json.loads(fact)["type"] for fact in rows]

    def run(self, statement: str, **values: Any) -> Any:
        """Do to the database what only its administrator could."""
        with self.database.unit() as db:
            result = db.execute(text(statement), values)
            return result.all() if result.returns_rows else result.rowcount


def written(steps: Steps[tuple[Use, list[Statement]]]) -> Steps[Use]:
    """Open a use and write what comes with it, as the route does."""
    use, writes = yield from steps
    yield together(*writes)
    return use
