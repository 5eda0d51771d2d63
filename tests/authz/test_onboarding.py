"""Onboarding: two people, nothing registered before the second, contacts shut, suspension at once."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from authz.clientcertificates import ClientCertificate
from authz.errors import (
    AuthzError,
    InvalidIdentityError,
    InvalidRegistrationError,
    InvalidTermsError,
    InvalidTokenError,
    NotPermittedError,
    UnknownPartyError,
    UseClosedError,
)
from authz.model import OVERSEEING, PartyKind, Role
from authz.onboarding import KEPT, SCOPES, Applicant, Contact, Onboarding
from authz.onboardingerrors import (
    ApplicationDecidedError,
    InvalidCertificateError,
    PartyStandingError,
    SamePersonError,
    UnknownApplicationError,
)
from ledger.steps import run
from tests.authz.world import USES_URL, Department, Key, World

if TYPE_CHECKING:
    from authz.onboarding import Application
    from ledger.db import Database

NOW = datetime(2026, 11, 21, tzinfo=UTC)
KEYS = (Key(), Key())
CONTACT = Contact("示例联系人", "021-00000000", "open@example.org")


def certificate(
    key: Any = None, *, begins: datetime = NOW - timedelta(days=1), days: int = 365, name: str = "qingpu-bank"
) -> str:
    """A self-signed certificate, PEM."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(begins)
    signed = built.not_valid_after(begins + timedelta(days=days)).sign(key, SHA256())
    return signed.public_bytes(Encoding.PEM).decode()


class Office:
    """The node's own staff, in a small world; it is the department in Baoshan here."""

    def __init__(self, database: Database) -> None:
        self.world = world = World(database)
        self.onboarding = Onboarding(world.evidence, world.parties, world.counter, world.vault, world.clock)
        self.caller = world.call(world.baoshan)
        self.key = Key()
        with world.database.unit() as db:
            for handle, role in (("o-1", "security_officer"), ("o-2", "administrator"), ("o-3", "auditor")):
                world.parties.register_operator(db, world.baoshan.party_id, handle, {Role(role)})

    def applicant(self, **changes: Any) -> Applicant:
        held = {
            "kind": PartyKind.social,
            "name": "青浦示例银行",
            "org_code": "91310118XX00000271",
            "division": "310118",
            "client_id": "qingpu-bank",
            "scopes": ("use", "present", "case"),
            "keys": (self.key.jwk,),
            "certificates": (),
            "operators": {"qb-001": (Role.window,)},
            "contact": CONTACT,
            "basis": "应用场景 SCN-310118-101 合作协议",
        }
        return Applicant(**(held | changes))

    def file(self, operator: str = "o-1", **changes: Any) -> Application:
        with self.world.database.unit() as db:
            return self.onboarding.file(db, self.caller, operator, self.applicant(**changes))

    def decide(
        self, held: Application, operator: str = "o-2", *, approve: bool = True, reason: str | None = None
    ) -> Application:
        with self.world.database.unit() as db:
            return self.onboarding.decide(db, self.caller, operator, held.id, approve=approve, reason=reason)


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


class TestFile:
    def test_registers_nothing_yet(self, office: Office) -> None:
        held = office.file()
        assert (held.state, held.filed_by, held.keys) == ("open", "o-1", (office.key.thumbprint,))
        with office.world.database.unit() as db, pytest.raises(UnknownPartyError):
            office.world.parties.party_of(db, "91310118XX00000271")

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"org_code": "91310118XX00000272"}, InvalidIdentityError),
            ({"scopes": ("use", "deposit")}, InvalidRegistrationError),
            ({"scopes": ("oversee",)}, InvalidRegistrationError),
            ({"scopes": ()}, InvalidRegistrationError),
            ({"keys": ()}, InvalidRegistrationError),
            ({"keys": ({"kty": "oct", "k": "AA"},)}, InvalidRegistrationError),
            ({"certificates": ("x",)}, InvalidCertificateError),
            ({"operators": {"a": (Role.auditor,)}}, InvalidRegistrationError),
            ({"operators": {"a b": (Role.window,)}}, InvalidRegistrationError),
            ({"operators": {"a": ()}}, InvalidRegistrationError),
            ({"operators": {}}, InvalidRegistrationError),
            ({"client_id": "a b"}, InvalidRegistrationError),
            ({"name": " "}, InvalidRegistrationError),
            ({"division": "31011"}, InvalidRegistrationError),
            ({"keys": tuple(key.jwk | {"kid": "one"} for key in KEYS)}, InvalidRegistrationError),
            ({"keys": (KEYS[0].jwk, KEYS[0].jwk)}, InvalidRegistrationError),
            ({"basis": ""}, InvalidRegistrationError),
            ({"basis": "联系 13900000000"}, InvalidRegistrationError),
        ],
        ids=itertools.count(),
    )
    def test_refuses_what_could_not_be_registered(
        self, office: Office, changes: dict[str, Any], error: type[AuthzError]
    ) -> None:
        with pytest.raises(error):
            office.file(**changes)

    def test_needs_a_role_that_onboards(self, office: Office) -> None:
        for operator in ("o-3", "bs-017"):
            with pytest.raises(NotPermittedError):
                office.file(operator)

    def test_contact_is_read_by_nobody_from_the_database(self, office: Office) -> None:
        office.decide(office.file())
        dump = office.world.run("SELECT a::text || p::text FROM authz.application a, authz.party p")
        for row in dump:
            for secret in ("示例联系人", "021-00000000", "open@example.org"):
                assert secret not in row[0]
                assert secret.encode().hex() not in row[0]

    def test_contact_is_forgotten_a_month_after_the_decision(self, office: Office) -> None:
        world = office.world
        waiting = office.file(client_id="other-bank", keys=(Key().jwk,))
        office.decide(office.file(), approve=False, reason="场景未登记")
        party_id = office.decide(office.file()).party_id or ""
        for seconds, forgotten in ((KEPT.total_seconds() - 1, 0), (2, 2), (1, 0)):
            world.clock.pass_(seconds)
            with world.database.unit() as db:
                assert office.onboarding.forget(db) == forgotten
        assert world.run("SELECT id::text FROM authz.application WHERE contact IS NOT NULL") == [(waiting.id,)]
        with world.database.unit() as db:
            assert office.onboarding.contact(db, office.caller, "o-1", party_id) == CONTACT


class TestDecide:
    def test_approval_registers_all_and_is_an_entry(self, office: Office) -> None:
        world, pem = office.world, certificate()
        held = office.decide(office.file(certificates=(pem,)))
        with world.database.unit() as db:
            party = world.parties.party_of(db, "91310118XX00000271")
            assert (party.id, party.kind) == (held.party_id, PartyKind.social)
            assert run(db, world.parties.operator(party.id, "qb-001")).roles == {Role.window}
            assert office.onboarding.contact(db, office.caller, "o-1", party.id) == CONTACT
            names = {each.name for each in world.parties.credentials(db, "qingpu-bank")}
        assert names == {office.key.thumbprint, ClientCertificate.read(pem, NOW).thumbprint}
        world.clock.pass_(2)
        caller = world.call(Department(party.id, "qingpu-bank", office.key))
        assert (caller.party_kind, caller.scopes) == (PartyKind.social, {"use", "present", "case"})
        entry = world.run("SELECT entry_id::text FROM ledger.record WHERE fact LIKE '%party.registered%'")[0][0]
        assert world.record(entry)[1]["credentials"] == sorted(names)  # without a name of their own, the thumbprints
        assert (world.record(entry)[1]["filed_by"], world.record(entry)[1]["decided_by"]) == ("o-1", "o-2")

    def test_entry_names_the_keys_themselves(self, office: Office) -> None:
        office.decide(office.file(keys=(office.key.jwk | {"kid": "of-my-choice"},)))
        entry = office.world.run("SELECT entry_id::text FROM ledger.record WHERE fact LIKE '%party.registered%'")[0][0]
        assert office.world.record(entry)[1]["credentials"] == [office.key.thumbprint]

    def test_reason_names_nobody(self, office: Office) -> None:
        held = office.file()
        with pytest.raises(InvalidTermsError):
            office.decide(held, approve=False, reason="联系 13900000000")

    def test_takes_another_person(self, office: Office) -> None:
        held = office.file()
        with pytest.raises(SamePersonError):
            office.decide(held, "o-1")
        assert office.decide(held).state == "approved"

    def test_database_too_wants_another_person(self, office: Office) -> None:
        office.file()
        with pytest.raises(Exception, match="ck_application_two"):
            office.world.run("UPDATE authz.application SET state = 'approved', decided_at = now(), decided_by = 'o-1'")

    def test_is_made_once(self, office: Office) -> None:
        held = office.file()
        office.decide(held)
        with pytest.raises(ApplicationDecidedError):
            office.decide(held)

    def test_refusal_needs_a_reason_and_registers_nothing(self, office: Office) -> None:
        held = office.file()
        with pytest.raises(InvalidRegistrationError):
            office.decide(held, approve=False)
        assert office.decide(held, approve=False, reason="场景未登记").reason == "场景未登记"
        with office.world.database.unit() as db, pytest.raises(UnknownPartyError):
            office.world.parties.party_of(db, "91310118XX00000271")

    def test_of_another_organisation_is_not_seen(self, office: Office) -> None:
        held = office.file()
        with office.world.database.unit() as db:
            office.world.parties.register_operator(db, office.world.qingpu.party_id, "q-1", {Role.administrator})
            with pytest.raises(UnknownApplicationError):
                office.onboarding.decide(db, office.world.caller, "q-1", held.id, approve=True, reason=None)

    def test_a_further_system_joins_the_organisation_that_is_there(self, office: Office) -> None:
        first = office.decide(office.file())
        again = office.file(client_id="qingpu-bank-2", keys=(Key().jwk,), operators={})
        assert office.decide(again).party_id == first.party_id
        staff = office.file(client_id="qingpu-bank-3", keys=(Key().jwk,), operators={"qb-002": (Role.window,)})
        assert office.decide(staff).party_id == first.party_id
        other = office.file(kind=PartyKind.enforcement, client_id="x", keys=(Key().jwk,))
        with pytest.raises(InvalidRegistrationError):
            office.decide(other)

    def test_taken_names_register_nothing(self, office: Office) -> None:
        held = office.file(client_id="qingpu-market")
        with pytest.raises(InvalidRegistrationError):
            office.decide(held)
        with office.world.database.unit() as db, pytest.raises(UnknownPartyError):
            office.world.parties.party_of(db, "91310118XX00000271")


class TestSuspend:
    def change(
        self, office: Office, *, suspend: bool, party_id: str | None = None, reason: str = "密钥疑似泄露"
    ) -> None:
        do = office.onboarding.suspend if suspend else office.onboarding.resume
        with office.world.database.unit() as db:
            do(db, office.caller, "o-1", party_id or office.world.qingpu.party_id, reason)

    def test_refuses_at_once_and_voids_tokens_for_good(self, office: Office) -> None:
        world = office.world
        token = world.token(world.qingpu)
        world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token))
        self.change(office, suspend=True)
        with pytest.raises(InvalidTokenError):
            world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token))
        with pytest.raises(AuthzError):
            world.token(world.qingpu)
        self.change(office, suspend=False)
        with pytest.raises(InvalidTokenError):
            world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token))
        assert world.call(world.qingpu)
        assert [each for each in world.types() if each.startswith("party.")] == ["party.suspended", "party.resumed"]

    def test_cuts_a_download_that_runs(self, office: Office) -> None:
        world = office.world
        world.grant()
        use = world.use()
        with world.database.unit() as db:
            assert run(db, world.uses.gate(use.id, world.caller))
        self.change(office, suspend=True)
        with world.database.unit() as db, pytest.raises(UseClosedError):
            run(db, world.uses.gate(use.id, world.caller))

    def test_is_one_step_each_way(self, office: Office) -> None:
        with pytest.raises(PartyStandingError):
            self.change(office, suspend=False)
        self.change(office, suspend=True)
        with pytest.raises(PartyStandingError):
            self.change(office, suspend=True)

    def test_never_of_ones_own(self, office: Office) -> None:
        with pytest.raises(PartyStandingError):
            self.change(office, suspend=True, party_id=office.caller.party_id)

    def test_says_why_and_names_nobody(self, office: Office) -> None:
        for reason in ("", "13900000000"):
            with pytest.raises(InvalidTermsError):
                self.change(office, suspend=True, reason=reason)


class TestCredentials:
    def test_rotation_is_without_a_gap(self, office: Office) -> None:
        world, fresh = office.world, Key()
        old = world.qingpu
        with world.database.unit() as db:
            world.parties.add_key(db, old.client_id, fresh.jwk)
        new = Department(old.party_id, old.client_id, fresh)
        assert world.call(old)
        assert world.call(new)
        with world.database.unit() as db:
            world.parties.retire(db, old.client_id, old.key.thumbprint)
        world.clock.pass_(1)
        assert world.call(new)
        with pytest.raises(AuthzError):
            world.call(old)

    def test_the_last_one_stays(self, office: Office) -> None:
        world = office.world
        with world.database.unit() as db, pytest.raises(InvalidRegistrationError):
            world.parties.retire(db, world.qingpu.client_id, world.qingpu.key.thumbprint)

    def test_of_another_client_is_unknown(self, office: Office) -> None:
        world = office.world
        with world.database.unit() as db, pytest.raises(UnknownPartyError):
            world.parties.retire(db, world.qingpu.client_id, world.baoshan.key.thumbprint)


WEAK = {
    "nothing": lambda: "",
    "no certificate": lambda: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "two": lambda: certificate() * 2,
    "over": lambda: certificate(begins=NOW - timedelta(days=400)),
    "not yet": lambda: certificate(begins=NOW + timedelta(days=1)),
    "RSA of 1024 bits": lambda: certificate(rsa.generate_private_key(65537, 1024)),  # noqa: S505 - to be refused
    "P-192": lambda: certificate(ec.generate_private_key(ec.SECP192R1())),
    "too long": lambda: certificate() + " " * 20_000,
}


class TestClientCertificate:
    @pytest.mark.parametrize("case", WEAK)
    def test_refuses(self, case: str) -> None:
        with pytest.raises(InvalidCertificateError):
            ClientCertificate.read(WEAK[case](), NOW)

    def test_is_registered_once_by_a_client_whoever_else_did(self, office: Office) -> None:
        world, pem = office.world, certificate()
        with world.database.unit() as db:
            world.parties.add_certificate(db, "qingpu-market", pem)  # it proves nothing: certificates are public
        with world.database.unit() as db:
            world.parties.add_certificate(db, "baoshan-window", pem)
        with world.database.unit() as db, pytest.raises(InvalidCertificateError):
            world.parties.add_certificate(db, "baoshan-window", pem)


class TestScopes:
    def test_of_social_parties_neither_put_in_nor_issue_nor_oversee(self) -> None:
        assert SCOPES[PartyKind.social] == {"case", "use", "present", "evidence"}
        assert "oversee" not in frozenset().union(*SCOPES.values())

    def test_of_staff_that_oversees_are_never_applied_for(self, office: Office) -> None:
        assert json.dumps(office.file().operators) == '{"qb-001": ["window"]}'
        assert not OVERSEEING & {Role.window, Role.reviewer, Role.registrar}
