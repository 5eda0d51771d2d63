"""A library whose licences are shown: holders who sign, verifiers with scenarios, codes, disputes, deliveries."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from authz.model import Caller, HolderKind, Identifier, PartyKind, Role
from authz.notices import Notices
from authz.ports import Provider
from authz.providers import PinnedProviders
from authz.scenarios import Scenarios
from authz.signatures import HolderSignatures
from authz.uses import Uses
from authz.workdays import Workdays
from certs.codes import Codes
from certs.codetext import CodeTexts
from certs.deliveries import Deliveries
from certs.disputes import Disputes
from certs.disputing import Court
from certs.errors import PresentationRefusedError
from certs.presenting import Answer, Presentations, Scan, Seen
from certs.requests import HolderRequest
from ledger.ids import new_id
from ledger.registers import Draft, Registers
from ledger.steps import run
from tests.certs.world import CHEN, LIN, XU, Library

if TYPE_CHECKING:
    from certs.model import Code, Licence
    from ledger.db import Database

LOGIN = "https://login.test"
SUBJECTS = {CHEN: "chen", LIN: "lin", XU: "xu"}
TYPES = ["CL001", "CL006", "CL011", "CL021", "CL029", "CL031"]
ANSWER_DAYS = 10


class Shows(Library):
    """Everything of `Library`, and what shows its licences."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._login = ec.generate_private_key(ec.SECP256R1())
        jwk = json.loads(ECAlgorithm.to_jwk(self._login.public_key())) | {"alg": "ES256"}
        providers = PinnedProviders([Provider(LOGIN, "cailian", {"k": jwk})])
        self.signatures = HolderSignatures(self.holders, providers, self.representations, self.clock)
        self.registers = Registers(self.evidence, self.clock, "310199")
        self.scenarios = Scenarios(self.registers, self.counter, self.clock)
        self.texts = CodeTexts(b"c" * 32, "310199")
        self.codes = Codes(
            self.texts, self.store, self.catalogue, self.evidence, self.holders, self.signatures, self.vault, self.clock
        )
        self.presentations = Presentations(
            self.texts,
            self.store,
            self.catalogue,
            self.scenarios,
            self.parties,
            self.holders,
            self.evidence,
            self.clock,
        )
        self.deliveries = Deliveries(
            self.store, self.signatures, self.counter, self.evidence, self.holders, self.vault, self.clock
        )
        self.notices = Notices(self.holders, self.representations, self.vault, self.clock)
        people = (self.signatures, self.counter, self.notices, self.evidence, self.holders, self.vault)
        uses = Uses(self.evidence, None, None, self.holders, self.clock, None)  # asked for users only
        self.disputes = Disputes(
            self.store, self.catalogue, self.changes, uses, Court(*people, Workdays(), self.clock, ANSWER_DAYS)
        )
        with database.unit() as db:
            for person, subject in SUBJECTS.items():
                name, kind, code = person
                holder_id = self.holders.register(db, HolderKind.person, name, [Identifier(kind, code)])
                self.holders.link(db, holder_id, Identifier.oidc(LOGIN, subject))
            self.parties.register_operator(db, self.issuer.party_id, "boss", {Role.auditor})
            self.hotel = self._verifier(db, "示例酒店", "91310118XX00000271", PartyKind.social)
            self.police = self._verifier(db, "青浦公安分局", "11310199XX00000C94", PartyKind.enforcement)
        self.publish()

    def _verifier(self, db: Any, name: str, org_code: str, kind: PartyKind) -> Caller:
        party = self.parties.register_party(db, kind=kind, name=name, org_code=org_code, division="310118")
        self.parties.register_operator(db, party, "desk", {Role.window})
        self.parties.register_operator(db, party, "boss", {Role.auditor})
        return Caller(f"client-{org_code[-4:]}", party, kind, org_code, "310118", frozenset(), "jkt")

    def scenario(self, caller: Caller, **changes: Any) -> dict[str, Any]:
        """A line of the register of scenarios for a verifier."""
        return {
            "code": f"SCN-{caller.org_code[-4:]}",
            "name": "前台核验",
            "org": caller.org_code,
            "party_kind": caller.party_kind.value,
            "purpose": "入住登记",
            "types": TYPES,
            "mode": "data",
            "valid_from": "2026-01-01T00:00:00.000Z",
        } | changes

    def publish(self, *lines: dict[str, Any], version: int = 1) -> None:
        """Put scenarios in force; those of all verifiers where none is given."""
        entries = lines or tuple(map(self.scenario, (self.hotel, self.police, self.elsewhere)))
        draft = Draft("scenarios", version, self.issuer.org_code, datetime(2026, 1, 1, tzinfo=UTC), entries)
        with self.database.unit() as db:
            self.scenarios.publish(db, draft)

    # What holders do

    def token(self, digest: str, person: tuple[str, str, str] = CHEN, **changes: Any) -> str:
        """A login of a person over a digest."""
        at = int(self.clock.now().timestamp())
        claims = {"iss": LOGIN, "aud": "cailian", "sub": SUBJECTS[person], "iat": at, "exp": at + 300, "nonce": digest}
        return jwt.encode(claims | changes, self._login, "ES256", {"kid": "k"})

    def request(self, action: str, subject: str, **terms: Any) -> HolderRequest:
        """A fresh request of a holder."""
        return HolderRequest(action, new_id(), subject, terms)

    def ask_to_show(self, licence: Licence, to: Caller, **terms: Any) -> HolderRequest:
        """A request to show a licence to a verifier."""
        whole = {"org": to.org_code, "counter": None, "fields": None} | terms
        return self.request("show", licence.id, **whole)

    def show(self, licence: Licence, to: Caller, person: tuple[str, str, str] = CHEN, **terms: Any) -> str:
        """Make a live code; its text."""
        request = self.ask_to_show(licence, to, **terms)
        with self.database.unit() as db:
            return self.codes.show(db, request, self.token(request.digest, person))[1]

    def print_(self, licence: Licence, person: tuple[str, str, str] = CHEN) -> tuple[Code, str]:
        """Make a printed code."""
        request = self.request("print-code", licence.id)
        with self.database.unit() as db:
            return self.codes.print_(db, request, self.token(request.digest, person))

    def company(self, licence: Licence, person: tuple[str, str, str] = CHEN) -> tuple[Code, str]:
        """Make a company's code."""
        request = self.request("company-code", licence.id)
        with self.database.unit() as db:
            return self.codes.company(db, request, self.token(request.digest, person))

    def void(self, code: Code, person: tuple[str, str, str] = CHEN) -> Code:
        """Revoke a lasting code."""
        request = self.request("void-code", code.id)
        with self.database.unit() as db:
            return self.codes.void(db, request, self.token(request.digest, person))

    # What verifiers do

    def scan(self, text: str, caller: Caller, key: str | None = None, **changes: Any) -> Seen:
        """Scan a code; raises what refuses it."""
        found = self.try_scan(text, caller, key, **changes)
        if isinstance(found, PresentationRefusedError):
            raise found
        assert isinstance(found, Seen)
        return found

    def try_scan(self, text: str, caller: Caller, key: str | None = None, **changes: Any) -> Answer:
        """Scan a code in a unit that commits, whatever the answer is."""
        whole: dict[str, Any] = {"operator": "desk", "counter": "1", "scenario": f"SCN-{caller.org_code[-4:]}"}
        if caller is self.elsewhere:
            whole["operator"] = "window"
        with self.database.unit() as db:
            return run(db, self.presentations.scan(caller, Scan(text, **(whole | changes)), key or new_id(), b"f" * 32))
