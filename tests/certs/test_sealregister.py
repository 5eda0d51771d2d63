"""Seal keys on record: enrolled, rotated, revoked; each an entry of the log, each counting at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from certs.errors import CertsError
from certs.files.check import check_ofd, check_pdf
from certs.files.maker import LicenceFiles
from certs.signing import ca
from certs.signing.errors import (
    InvalidSealCertificateError,
    NoSealKeyError,
    SealKeyEndedError,
    SealKeyUnreadableError,
    SignerExpiredError,
    SignerUntrustedError,
    UnknownSealKeyError,
)
from certs.signing.eseal import SealTerms, make_seal
from certs.signing.model import Algorithm, SealCa, SealKey, TrustedCas
from certs.signing.providers import FileKeys
from certs.signing.register import SealRegister
from certs.signing.stored import StoredSealKeys
from certs.signing.workshop import NewKey, Workshop
from certs.signing.x509 import Certificate, Subject
from ledger.ids import new_id
from ledger.secrets import KeyRing
from tests.certs.sealing import renderer
from tests.certs.sheets import ISSUER, POLICE, business
from tests.certs.world import Library

ORG = Subject("青浦区市场监督管理局", ISSUER)
OTHER = Subject("宝山区行政服务中心", POLICE)


class Office:
    """Register, workshop and keys of one node, with demo roots."""

    def __init__(self, library: Library, folder: Path) -> None:
        self.database, self.clock, self.opened = library.database, library.clock, library.opened
        self.register = SealRegister(library.evidence, library.clock)
        self.provider = FileKeys(folder, KeyRing(b"k" * 32))
        self.workshop = Workshop({"file": self.provider})
        self.keys = StoredSealKeys(library.database, self.workshop)
        self.cas = {algorithm: self.workshop.demo_ca(algorithm, library.clock.now()) for algorithm in Algorithm}
        with self.database.unit() as db:
            assert all(self.register.trust(db, each) for each in self.cas.values())

    def make(self, algorithm: Algorithm = Algorithm.ES256, subject: Subject = ORG, *, years: int = 5) -> NewKey:
        picture = renderer().seal(subject.name, subject.org_code)
        return self.workshop.make(subject, self.cas[algorithm], picture, self.clock.now(), years=years)

    def enrol(self, new: NewKey) -> SealKey:
        with self.database.unit() as db:
            return self.register.enrol(db, new, operator="op-1")

    def new(self, algorithm: Algorithm = Algorithm.ES256, subject: Subject = ORG) -> SealKey:
        return self.enrol(self.make(algorithm, subject))

    def revoke(self, key: SealKey, **more: object) -> SealKey:
        with self.database.unit() as db:
            return self.register.revoke(db, key.id, **({"reason": "key-compromise", "operator": "op-1"} | more))

    def held(self, org_code: str = ISSUER) -> list[SealKey]:
        with self.database.unit() as db:
            return self.register.of(db, org_code)

    def trusted(self) -> TrustedCas:
        with self.database.unit() as db:
            return self.register.trusted(db)


@pytest.fixture
def office(library: Library, tmp_path: Path) -> Office:
    return Office(library, tmp_path)


def refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(CertsError) as error:
        act()
    assert error.value.code == code


class TestEnrol:
    def test_is_on_record(self, office: Office) -> None:
        key = office.new()
        fact, parties = office.opened(key.entry_id)
        assert fact["type"] == "seal-key.enrolled"
        assert (parties["requester"], parties["seal_key"], parties["operator"]) == (ISSUER, key.id, "op-1")
        assert parties["certificate"] == Certificate(key.certificate).fingerprint.hex()
        assert office.held() == [key]

    @pytest.mark.parametrize("algorithm", list(Algorithm))
    def test_private_halves_are_not_in_the_database(self, office: Office, algorithm: Algorithm) -> None:
        key = office.new(algorithm)
        office.provider.sign(key.id, algorithm, b"")
        private = office.provider._opened[key.id][1]
        with office.database.unit() as db:
            row = db.exec_driver_sql("SELECT * FROM certs.seal_key WHERE id = %s", (key.id,)).one()
        assert not any(private in bytes(value) for value in row if isinstance(value, bytes | memoryview))

    def test_refuses_a_strangers_certificate(self, office: Office) -> None:
        root = office.workshop.demo_ca(Algorithm.ES256, office.clock.now())
        new = office.workshop.make(ORG, root, b"", office.clock.now())
        with pytest.raises(SignerUntrustedError):
            office.enrol(new)
        assert office.held() == []

    def test_refuses_a_certificate_that_names_another(self, office: Office) -> None:
        with pytest.raises(InvalidSealCertificateError):
            office.enrol(replace(office.make(), org_code=POLICE))

    def test_refuses_one_that_is_over(self, office: Office) -> None:
        new = office.make(years=0)
        office.clock.pass_(3600)
        with pytest.raises(SignerExpiredError):
            office.enrol(new)

    def test_refuses_the_same_twice(self, office: Office) -> None:
        new = office.make()
        office.enrol(new)
        with pytest.raises(SealKeyEndedError):
            office.enrol(replace(new, id=new_id()))
        assert len(office.held()) == 1


class TestSeal:
    def test_gives_the_current_key(self, office: Office) -> None:
        keys = {algorithm: office.new(algorithm) for algorithm in Algorithm}
        for algorithm, key in keys.items():
            assert office.keys.seal(ISSUER, algorithm, office.clock.now()).kid == key.id

    def test_none_of_another_organisation_or_algorithm(self, office: Office) -> None:
        office.new()
        for org_code, algorithm in ((POLICE, "ES256"), (ISSUER, "SM2")):
            with pytest.raises(NoSealKeyError):
                office.keys.seal(org_code, algorithm, office.clock.now())

    def test_none_once_its_certificate_is_over(self, office: Office) -> None:
        office.new()
        with pytest.raises(NoSealKeyError):
            office.keys.seal(ISSUER, "ES256", office.clock.now() + timedelta(days=3000))

    def test_not_inside_a_unit(self, office: Office) -> None:
        office.new()
        with office.database.unit(), pytest.raises(RuntimeError):
            office.keys.seal(ISSUER, "ES256", office.clock.now())


class TestRotation:
    def test_the_newer_seals_and_the_older_stays_good(self, office: Office) -> None:
        for algorithm in Algorithm:
            office.new(algorithm)
        maker = LicenceFiles(office.keys)
        before = maker.make(business(), office.clock.now())
        newer = {algorithm: office.new(algorithm) for algorithm in Algorithm}
        after = maker.make(business(), office.clock.now())
        for made in (before, after):
            check_pdf(made.pdf, office.trusted(), office.clock.now())
            check_ofd(made.ofd, office.trusted(), office.clock.now())
        assert office.keys.seal(ISSUER, "SM2", office.clock.now()).kid == newer[Algorithm.SM2].id
        assert [key.retired_at is None for key in office.held()] == [False, False, True, True]


class TestRevoke:
    def test_is_on_record_and_ends_sealing_at_once(self, office: Office) -> None:
        key = office.new()
        office.revoke(key)
        office.workshop.destroy(key)
        held = office.held()[0]
        assert held.revoked_reason == "key-compromise"
        fact, parties = office.opened(str(held.end_entry_id))
        assert (fact["type"], parties["enrolled_entry"]) == ("seal-key.revoked", key.entry_id)
        with pytest.raises(NoSealKeyError):
            office.keys.seal(ISSUER, "ES256", office.clock.now())
        with pytest.raises(SealKeyUnreadableError):
            office.provider.sign(key.id, Algorithm.ES256, b"x")

    def test_its_seals_are_refused_from_then_on(self, office: Office) -> None:
        keys = {algorithm: office.new(algorithm) for algorithm in Algorithm}
        made, sealed_at = LicenceFiles(office.keys).make(business(), office.clock.now()), office.clock.now()
        office.clock.pass_(60)
        for key in keys.values():
            office.revoke(key)
        trusted, now = office.trusted(), office.clock.now()
        for check, data in ((check_pdf, made.pdf), (check_ofd, made.ofd)):
            check(data, trusted, sealed_at)  # what the log shows to be older stays good
            refused("signer-revoked", lambda check=check, data=data: check(data, trusted, now))

    def test_may_reach_back(self, office: Office) -> None:
        """A key that was stolen last week sealed what it sealed since then for the thief."""
        key = office.new(Algorithm.SM2)
        office.new(Algorithm.ES256)
        made, sealed_at = LicenceFiles(office.keys).make(business(), office.clock.now()), office.clock.now()
        office.clock.pass_(60)
        office.revoke(key, since=sealed_at - timedelta(seconds=1))
        trusted = office.trusted()
        refused("signer-revoked", lambda: check_ofd(made.ofd, trusted, sealed_at))

    def test_once_only(self, office: Office) -> None:
        key = office.new()
        office.revoke(key)
        with pytest.raises(SealKeyEndedError):
            office.revoke(key)

    def test_refuses_an_unknown_key(self, office: Office) -> None:
        with pytest.raises(UnknownSealKeyError):
            office.revoke(replace(office.new(), id=new_id()))

    @pytest.mark.parametrize("more", [{"reason": "mood"}, {"since": timedelta(hours=1)}])
    def test_refuses_other_reasons_and_times_to_come(self, office: Office, more: dict[str, object]) -> None:
        key = office.new()
        if "since" in more:
            more = {"since": office.clock.now() + more["since"]}
        with pytest.raises(ValueError, match="reason"):
            office.revoke(key, **more)


class TestTrust:
    def test_a_root_of_others(self, office: Office) -> None:
        foreign = office.workshop.demo_ca(Algorithm.SM2, office.clock.now())
        with office.database.unit() as db:
            assert office.register.trust(db, SealCa(new_id(), Algorithm.SM2, foreign.certificate))
            assert not office.register.trust(db, SealCa(new_id(), Algorithm.SM2, foreign.certificate))
        assert foreign.certificate in office.trusted().roots

    def test_one_root_of_our_own(self, office: Office) -> None:
        """Two processes that start at once both make one; the first counts."""
        second = office.workshop.demo_ca(Algorithm.ES256, office.clock.now())
        with office.database.unit() as db:
            assert not office.register.trust(db, second)
        assert second.certificate not in office.trusted().roots

    def test_refuses_a_leaf(self, office: Office) -> None:
        leaf = office.make().certificate
        with office.database.unit() as db, pytest.raises(InvalidSealCertificateError):
            office.register.trust(db, SealCa(new_id(), Algorithm.ES256, leaf))


class TestInstall:
    """A key whose certificate a licensed authority gives."""

    def authority(self, office: Office) -> ca.DemoCa:
        held = office.cas[Algorithm.SM2]
        return ca.DemoCa(office.provider, held.id, held.certificate)

    def test_seals_after_its_certificate_came(self, office: Office) -> None:
        key_id, _ = office.workshop.request(ORG, Algorithm.SM2)
        public = public_of(office, key_id)
        certificate = self.authority(office).certify(ORG, public, office.clock.now())
        now, maker = office.clock.now(), office.workshop.signer(office.new(Algorithm.SM2, OTHER))
        terms = SealTerms("1", "章", b"png", now, now - timedelta(1), now + timedelta(1))
        seal = make_seal(terms, [certificate], maker)
        key = office.enrol(office.workshop.install(key_id, certificate, [], seal))
        assert (key.id, key.org_code) == (key_id, ISSUER)
        assert office.keys.seal(ISSUER, "SM2", office.clock.now()).kid == key_id

    def test_refuses_the_certificate_of_another_key(self, office: Office) -> None:
        key_id, _ = office.workshop.request(ORG, Algorithm.ES256)
        with pytest.raises(InvalidSealCertificateError):
            office.workshop.install(key_id, office.make().certificate, [])

    def test_refuses_sm2_without_an_electronic_seal(self, office: Office) -> None:
        key_id, _ = office.workshop.request(ORG, Algorithm.SM2)
        certificate = self.authority(office).certify(ORG, public_of(office, key_id), office.clock.now())
        with pytest.raises(InvalidSealCertificateError):
            office.workshop.install(key_id, certificate, [])

    def test_refuses_an_unknown_key(self, office: Office) -> None:
        with pytest.raises(SealKeyUnreadableError):
            office.workshop.install(new_id(), office.make().certificate, [])


def public_of(office: Office, key_id: str) -> bytes:
    office.provider.sign(key_id, Algorithm.SM2, b"")
    return office.provider._opened[key_id][2]
