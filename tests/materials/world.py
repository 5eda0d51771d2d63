"""A small exchange for tests of materials: departments, people, a log; every service real, all data synthetic."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm
from sqlalchemy import text

from authz import policy
from authz.counter import Counter
from authz.decider import Decider
from authz.delegations import Delegations
from authz.dutynotices import DutyNotices
from authz.grants import Grants
from authz.holders import Holders
from authz.model import Caller, HolderKind, Identifier, Mode, PartyKind, Presence, Role, UseRequest
from authz.notices import Notices
from authz.parties import Parties
from authz.ports import Provider
from authz.providers import PinnedProviders
from authz.signatures import HolderSignatures
from authz.uses import Uses
from authz.vault import IdentityVault
from authz.workdays import Workdays
from certs.catalogue import LicenceCatalogue
from certs.codetext import CodeTexts
from certs.disputing import Court
from certs.presence import LiveCodes
from certs.representation import Representations
from certs.store.licences import LicenceStore
from ledger import store as ledger_store
from ledger.evidence import Evidence
from ledger.ids import new_id
from ledger.note import NoteSigner
from ledger.objects import ObjectStore, StoredObject
from ledger.record import Opening as RecordOpening, open_leaf
from ledger.s3 import S3Settings
from ledger.sealing import Profile
from ledger.secrets import KeyRing
from ledger.steps import run
from materials.cases import Cases
from materials.catalogue import Catalogue
from materials.deposits import Deposits
from materials.desk import Desk
from materials.disputes import MaterialDisputes
from materials.licence_uses import LicenceUses
from materials.model import DepositMeta
from materials.openings import Opening
from materials.presence import Presences
from materials.projects import Projects
from materials.provenance import Provenance
from materials.uses import MaterialUses
from materials.vault import Vault
from tests.emptied import empty

if TYPE_CHECKING:
    from ledger.db import Database
    from materials.model import Case, Material, Project

FOOD = "11310118XX00000B0W4310100101000"
HYGIENE = "11310113XX00000A2R4310100102000"
LOGIN = "https://login.test"
CHEN_CODE = "310199199001010018"
POLICIES = policy.load()
"""Parsed once: that takes as long as most tests."""


@dataclass
class HandClock:
    """A clock the test sets; each look at it is a little later, as with a real one."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 21, 4, tzinfo=UTC))

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def offline_objects() -> ObjectStore:
    """An object store for tests that hand in no file: it writes rows and is never asked for S3."""
    nowhere = S3Settings(endpoint="127.0.0.1:1", access_key="a", secret_key="s", region="r", bucket="none")
    return ObjectStore(nowhere, KeyRing(b"k" * 32), profile=Profile.INTL, threads=1)


class World:
    """Everything on one database, emptied first."""

    def __init__(self, database: Database, objects: ObjectStore) -> None:
        self.database = database
        self.clock = HandClock()
        self.identity = vault = IdentityVault(b"l" * 32, b"i" * 32, b"p" * 32)
        self.holders = Holders(vault, self.clock)
        self.parties = Parties(self.clock)
        signer = NoteSigner("log.test/materials", Ed25519PrivateKey.from_private_bytes(bytes(32)))
        self.evidence = Evidence("log.test/materials", signer, self.clock)
        self._login = ec.generate_private_key(ec.SECP256R1())
        jwk = json.loads(ECAlgorithm.to_jwk(self._login.public_key())) | {"alg": "ES256"}
        providers = PinnedProviders([Provider(LOGIN, "cailian", {"k": jwk})])
        representations = Representations(self.evidence, self.holders, self.parties, self.clock)
        signatures = HolderSignatures(self.holders, providers, representations, self.clock)
        delegations = Delegations(self.evidence, self.holders, signatures, representations, vault, self.clock)
        self.signatures, self.delegations, self.representations = signatures, delegations, representations
        self.grants = Grants(self.evidence, self.holders, signatures, delegations, vault, self.clock)
        decider = Decider(POLICIES)
        self.counter = counter = Counter(self.parties, decider)
        told = DutyNotices(counter, self.evidence, self.clock)
        self.authz = Uses(self.evidence, decider, self.grants, self.holders, self.clock, told)
        self.catalogue = Catalogue.load()
        people = (self.evidence, self.holders, counter, self.clock)
        live_codes = LiveCodes(CodeTexts(b"c" * 32, "310199"), self.clock)
        presences = Presences(self.holders, signatures, representations, delegations, live_codes, self.clock)
        self.notices = Notices(self.holders, representations, vault, self.clock)
        self.desk = Desk(self.holders, self.parties, counter, self.notices, vault, self.evidence, self.clock)
        self.cases = Cases(self.catalogue, presences, self.desk)
        self.projects = Projects(signatures, self.desk)
        self.deposits = Deposits(self.catalogue, objects, *people)
        self.vault = Vault(self.catalogue, self.cases, self.grants)
        self.licence_types = LicenceCatalogue.load()
        self.licences = LicenceStore(vault)
        period = timedelta(days=30)
        self.licence_uses = LicenceUses(
            self.licence_types, self.licences, self.evidence, self.holders, self.clock, period=period
        )
        self.uses = MaterialUses(self.catalogue, self.cases, self.authz, self.licence_uses, self.clock)
        people = (signatures, counter, self.notices, self.evidence, self.holders, vault)
        self.disputes = MaterialDisputes(self.authz, Court(*people, Workdays(), self.clock, 10))
        self.provenance = Provenance(self.authz, self.parties, self.disputes)
        self._people()

    def _people(self) -> None:
        with self.database.unit() as db:
            empty(db, "authz", "certs", "ledger", "materials")
            self.baoshan = self.department(db, "宝山区行政服务中心", "11310113XX00000A2R", "310113", "bs-017")
            self.qingpu = self.department(db, "青浦区市场监督管理局", "11310118XX00000B0W", "310118", "qp-103")
            self.parties.register_operator(db, self.qingpu.party_id, "qp-900", {Role.auditor})
            self.chen = self._person(db, "陈安澜", CHEN_CODE, "chen")
            self.xu = self._person(db, "徐行舟", "31019919900128027X", "xu")
            self.firm = self.holders.register(
                db, HolderKind.organisation, "宝山青禾餐饮管理有限公司", [Identifier("001", "91310113XX0000019X")]
            )

    def department(self, db: Any, name: str, org_code: str, division: str, operator: str) -> Caller:
        party_id = self.parties.register_party(
            db, kind=PartyKind.government, name=name, org_code=org_code, division=division
        )
        self.parties.register_operator(db, party_id, operator, {Role.window})
        return Caller(f"{operator}-client", party_id, PartyKind.government, org_code, division, frozenset(), "jkt")

    def _person(self, db: Any, name: str, code: str, subject: str) -> str:
        holder_id = self.holders.register(db, HolderKind.person, name, [Identifier("111", code)])
        self.holders.link(db, holder_id, Identifier.oidc(LOGIN, subject))
        return holder_id

    def operator(self, caller: Caller) -> str:
        return caller.client_id.removesuffix("-client")

    # Acts, each in a unit of its own

    def open_case(self, caller: Caller | None = None, applicant: str | None = None, **changes: Any) -> Case:
        caller = caller or self.qingpu
        whole: dict[str, Any] = {
            "item_code": FOOD if caller is self.qingpu else HYGIENE,
            "scenario": "commitment",
            "applicant_id": applicant or self.chen,
            "applicant_kind": "person",
            "presence": Presence.id_card_read,
            "evidence": CHEN_CODE,
            "project_code": None,
            "operator": self.operator(caller),
        }
        with self.database.unit() as db:
            return self.cases.open(db, caller, Opening(**(whole | changes)))

    def close(self, case: Case, caller: Caller | None = None) -> Case:
        with self.database.unit() as db:
            return self.cases.close(db, caller or self.qingpu, case.case_no, self.operator(caller or self.qingpu))

    def project(self, lead: str, *members: str, code: str = "P-1") -> Project:
        with self.database.unit() as db:
            return self.projects.create(
                db,
                self.baoshan,
                code=code,
                name="青禾广场改造",
                lead=lead,
                members=dict.fromkeys(members, "member"),
                operator="bs-017",
            )

    def meta(self, caller: Caller | None = None, **changes: Any) -> DepositMeta:
        whole: dict[str, Any] = {
            "type_code": "CL022",
            "holder_id": self.chen,
            "file_name": "租赁合同.pdf",
            "media_type": "application/pdf",
            "operator": self.operator(caller or self.baoshan),
            "channel": "counter",
            "verify_level": "staff_checked",
        }
        return DepositMeta(**(whole | changes))

    def deposit(self, caller: Caller | None = None, **changes: Any) -> Material:
        caller = caller or self.baoshan
        with self.database.unit() as db:
            checked = run(db, self.deposits.check(caller, self.meta(caller, **changes)))
        with self.database.unit() as db:
            return run(db, self.deposits.record(caller, checked, stored()))[0]

    def grant(self, case: Case, grantor: str | None = None, **terms: Any) -> str:
        """Let the holder allow uses in a case; the grant's id."""
        whole: dict[str, Any] = {
            "item_code": case.item_code,
            "case_no": case.case_no,
            "cause": "食品经营许可新办审查",
            "types": ["CL022"],
            "max_uses": 3,
            "valid_from": self.clock.now(),
            "valid_to": self.clock.now() + timedelta(days=30),
        }
        body = self.grants.propose(self.qingpu, grantor or self.chen, **(whole | terms))
        token = self.token(body.digest, "xu" if grantor == self.xu else "chen")
        with self.database.unit() as db:
            return self.grants.accept(db, body, grantor_id=grantor or self.chen, signature=token).id

    def token(self, digest: str, subject: str = "chen") -> str:
        """A fresh login at the provider whose nonce is a digest."""
        at = int(self.clock.now().timestamp())
        claims = {"iss": LOGIN, "aud": "cailian", "sub": subject, "iat": at, "exp": at + 300, "nonce": digest}
        return jwt.encode(claims, self._login, "ES256", {"kid": "k"})

    def request(self, material_id: str, case: Case, **changes: Any) -> UseRequest:
        whole: dict[str, Any] = {
            "object_id": material_id,
            "mode": Mode.copy,
            "case_no": case.case_no,
            "item_code": case.item_code,
            "cause": "食品经营许可新办审查",
            "operator": "qp-103",
        }
        return UseRequest(**(whole | changes))

    # What was written

    def opened(self, entry_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Fact and parties of an entry, after checking that its leaf commits to them."""
        with self.database.unit() as db:
            held = ledger_store.record(db, entry_id)
            open_leaf(ledger_store.entry(db, entry_id).leaf, RecordOpening.of(held.fact, held.parties, held.salts))
        return json.loads(held.fact), json.loads(held.parties)

    def count(self, table: str) -> int:
        with self.database.unit() as db:
            return int(db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def stored(content: bytes | None = None) -> StoredObject:
    """An object as the store would describe it after a PUT."""
    content = content if content is not None else os.urandom(32)
    return StoredObject(
        object_id=new_id(),
        key=os.urandom(16).hex(),
        version_id="",
        size=len(content),
        cipher_size=len(content) + 64,
        sha256=sha256(content).hexdigest(),
        sm3="5c" * 32,
        profile="intl",
        chunk=65536,
        retain_until=datetime(2056, 1, 1, tzinfo=UTC),
        wrapped_key=b"w" * 40,
    )
