"""A small library of licences for tests: issuers, people, firms, every service real, all data synthetic.

Files and credential of an issue are described without being made: what makes them has tests of its own.
"""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from authz.counter import Counter
from authz.decider import Decider
from authz.holders import Holders
from authz.model import Caller, Identifier, PartyKind, Role
from authz.parties import Parties
from authz.vault import IdentityVault
from certs.catalogue import LicenceCatalogue
from certs.changes import Changes
from certs.drafts import Draft, Plan, Prepared
from certs.facts import LicenceFacts, Related
from certs.issuing import Issuing
from certs.lifecycle import day_of
from certs.model import Licence, Operation
from certs.representation import Representations
from certs.store import issuers
from certs.store.licences import LicenceStore
from ledger import store as ledger_store
from ledger.evidence import Evidence
from ledger.note import NoteSigner
from ledger.record import Opening, open_leaf
from ledger.steps import execute, run
from tests.emptied import empty
from tests.materials.world import POLICIES, HandClock, stored

if TYPE_CHECKING:
    from ledger.db import Database

CHEN = ("陈安澜", "111", "310199199001010018")
LIN = ("林知微", "111", "31019919991231002X")
XU = ("徐行舟", "111", "31019919900128027X")
FIRM = ("宝山青禾餐饮管理有限公司", "001", "91310113XX0000019X")
OTHER_FIRM = ("青浦云岫食品有限公司", "001", "91310118XX00000271")
PREMISES = "上海市宝山区示例路 88 号 1 层"

FACES: dict[str, dict[str, Any]] = {
    "LT01": {
        "entity_type": "有限责任公司",
        "legal_representative": CHEN[0],
        "registered_capital": "100万元整",
        "established_on": "2025-03-01",
        "domicile": PREMISES,
        "business_scope": "餐饮服务",
        "registration_authority": "宝山区市场监督管理局",
    },
    "LT05": {
        "name": CHEN[0],
        "sex": "男",
        "ethnicity": "汉",
        "born_on": "1990-01-01",
        "address": "上海市宝山区示例路 1 弄 2 号 303 室",
        "issuing_authority": "宝山分局",
    },
    "LT08": {
        "name_a": CHEN[0],
        "code_a": CHEN[2],
        "name_b": LIN[0],
        "code_b": LIN[2],
        "registered_on": "2025-05-20",
        "registration_authority": "宝山区民政局",
        "register_no": "J310113-2025-000001",
    },
    "LT09": {
        "child_name": "陈一诺",
        "sex": "男",
        "born_at": "2026-06-01 08:30",
        "gestation_weeks": "39",
        "mother_name": LIN[0],
        "mother_code": LIN[2],
        "father_name": CHEN[0],
        "father_code": CHEN[2],
        "delivering_institution": "示例医院",
    },
    "LT10": {
        "right_holders": [CHEN[0], LIN[0]],
        "co_ownership": "共同共有",
        "location": PREMISES,
        "unit_no": "310113001001GB00001F00010001",
        "right_kind": "房屋所有权",
        "usage": "居住",
        "area": "88.6",
    },
    "LT12": {
        "business_kind": "餐饮服务经营者",
        "business_items": "热食类食品制售",
        "premises": PREMISES,
        "legal_representative": CHEN[0],
    },
    "LT14": {
        "unit_name": FIRM[0],
        "address": PREMISES,
        "permitted_items": "旅店",
        "person_in_charge": CHEN[0],
    },
    "LT26": {"trade": "餐饮", "premises": PREMISES},
}
HOLDERS: dict[str, tuple[Any, ...]] = {
    "LT05": (CHEN,),
    "LT08": (CHEN, LIN),
    "LT09": (("陈一诺", "111", "310199202606010015"),),
    "LT10": (CHEN, LIN),
}
RELATED: dict[str, tuple[Related, ...]] = {
    "LT01": (Related("legal_representative", CHEN),),
    "LT09": (Related("guardian", LIN), Related("guardian", CHEN)),
}
YEARS = {"LT05": 20, "LT12": 5, "LT14": 4}


class Library:
    """Everything on one database, emptied first; the issuer gives out every type."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandClock()
        self.vault = IdentityVault(b"l" * 32, b"i" * 32, b"p" * 32)
        self.holders = Holders(self.vault, self.clock)
        self.parties = Parties(self.clock)
        signer = NoteSigner("log.test/certs", Ed25519PrivateKey.from_private_bytes(bytes(32)))
        self.evidence = Evidence("log.test/certs", signer, self.clock)
        self.representations = Representations(self.evidence, self.holders, self.parties, self.clock)
        self.catalogue = LicenceCatalogue.load()
        self.store = LicenceStore(self.vault)
        self.counter = Counter(self.parties, Decider(POLICIES))
        people = (self.evidence, self.holders, self.parties, self.counter, self.clock)
        self.changes = Changes(self.catalogue, self.store, LicenceFacts(self.representations, self.clock), *people)
        self.issuing = Issuing(self.catalogue, self.store, self.changes, *people)
        with database.unit() as db:
            empty(db, "authz", "certs", "ledger")
            self.issuer = self._issuer(db, "宝山区市场监督管理局", "11310113XX00000A2R", "310113", "bs-002")
            self.elsewhere = self._issuer(db, "青浦区市场监督管理局", "11310118XX00000B0W", "310118", "qp-002")

    def _issuer(self, db: Any, name: str, org_code: str, division: str, operator: str) -> Caller:
        kind = PartyKind.government
        party = self.parties.register_party(db, kind=kind, name=name, org_code=org_code, division=division)
        self.parties.register_operator(db, party, operator, {Role.registrar})
        self.parties.register_operator(db, party, "window", {Role.window})
        execute(db, issuers.add(party, self.catalogue.types, self.clock.now()))
        return Caller(f"{operator}-client", party, kind, org_code, division, frozenset(), "jkt")

    def draft(self, code: str = "LT01", **changes: Any) -> Draft:
        """A good draft of a type."""
        first = day_of(self.clock.at)
        years = YEARS.get(code)
        last = first.replace(year=first.year + years) - timedelta(days=1) if years else None
        whole: dict[str, Any] = {
            "type_code": code,
            "licence_no": f"{code}-{self.clock.now().timestamp():.3f}",
            "holders": HOLDERS.get(code, (FIRM,)),
            "face": FACES[code],
            "valid_from": first,
            "valid_to": last,
            "operator": "bs-002",
            "related": RELATED.get(code, ()),
        }
        return Draft(**(whole | changes))

    def plan(self, code: str = "LT01", caller: Caller | None = None, **changes: Any) -> Plan:
        """Judge a draft in a unit of its own."""
        with self.database.unit() as db:
            return self.issuing.plan(db, caller or self.issuer, self.draft(code, **changes))

    def issue(self, code: str = "LT01", caller: Caller | None = None, **changes: Any) -> Licence:
        """Issue a licence."""
        return self.record(self.plan(code, caller, **changes), caller)

    def record(self, plan: Plan, caller: Caller | None = None) -> Licence:
        """Write what was planned, as if files and credential had been made; read it back."""
        credential = "eyJ.e30.c2ln~" + plan.id
        prepared = Prepared(stored(), stored(), credential, sha256(credential.encode()).hexdigest())
        with self.database.unit() as db:
            made, _ = self.issuing.record(db, caller or self.issuer, plan, prepared)
        held = self.get(made.id)
        assert held == made
        return held

    def change(self, licence: Licence, operation: Operation, **terms: Any) -> Licence:
        """Change a licence as its issuer."""
        whole: dict[str, Any] = {"reason": "inspection-found", "operator": "bs-002"}
        with self.database.unit() as db:
            return self.changes.change(db, self.issuer, licence.id, operation, **(whole | terms))

    def get(self, licence: str) -> Licence:
        """A licence as it is now."""
        with self.database.unit() as db:
            held = run(db, self.store.get(licence))
        assert held is not None
        return held

    def holder(self, holder: tuple[str, str, str]) -> str:
        """Id of a holder that is known."""
        with self.database.unit() as db:
            found = self.holders.resolve(db, Identifier(holder[1], holder[2]))
        assert found is not None
        return found

    def opened(self, entry_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Fact and parties of an entry, after checking that its leaf commits to them."""
        with self.database.unit() as db:
            held = ledger_store.record(db, entry_id)
            open_leaf(ledger_store.entry(db, entry_id).leaf, Opening.of(held.fact, held.parties, held.salts))
        return json.loads(held.fact), json.loads(held.parties)

    def count(self, table: str) -> int:
        """Rows of a table."""
        with self.database.unit() as db:
            return int(db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def messages(self) -> list[dict[str, Any]]:
        """What users and reactions will hear, in order."""
        with self.database.unit() as db:
            rows = db.execute(text("SELECT body FROM ledger.outbox WHERE kind = 'licence.changed' ORDER BY id"))
            return [row[0] for row in rows]
