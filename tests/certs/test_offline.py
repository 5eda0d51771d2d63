"""A wallet shows a licence where there is no network: what is seen, and every way it is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from certs import offline
from certs.credentials import binding, sdjwt, statuslist
from certs.credentials.binding import Challenge
from certs.credentials.statuslist import Status
from certs.errors import (
    CredentialNotCurrentError,
    HolderBindingError,
    InvalidCredentialError,
    InvalidKitError,
    InvalidStatusListError,
)
from certs.offline import Kit
from certs.signing.errors import SignerRevokedError, SignerUntrustedError
from certs.signing.model import TrustedCas
from certs.signing.x509 import Certificate
from tests.certs.issuers import LIBRARY, NOW, TestCa, TestSigner, sheet

BASE = "http://node.test"
LIST = f"{BASE}/v1/status-lists/a1"
PHONE = ec.generate_private_key(ec.SECP256R1())
JWK = {name: json.loads(ECAlgorithm.to_jwk(PHONE.public_key()))[name] for name in ("kty", "crv", "x", "y")}
COUNTER = Challenge("11310118XX00000B0W", "n-once")
FIELDS = ("sex", "holder_name")


@pytest.fixture(scope="module")
def ca() -> TestCa:
    return TestCa()


@pytest.fixture(scope="module")
def issuer(ca: TestCa) -> TestSigner:
    return ca.issuer()


@pytest.fixture(scope="module")
def credential(issuer: TestSigner) -> str:
    return sdjwt.issue(sheet(), issuer, base_url=BASE, holder_key=JWK, status=(LIST, 7), now=NOW)


def kit(ca: TestCa, *statuses: tuple[int, int], uri: str = LIST, **changes: Any) -> Kit:
    library = ca.issuer(LIBRARY)
    token = statuslist.sign(statuslist.pack(statuses), uri, library, NOW)
    held = Kit(NOW, LIBRARY, TrustedCas((ca.root.certificate,)), {uri: token})
    return Kit.read(json.loads(json.dumps(replace(held, **changes).document())))


def shown(credential: str, challenge: Challenge = COUNTER, key: Any = PHONE) -> str:
    return binding.bind(sdjwt.disclose(credential, FIELDS), key, challenge, NOW)


class TestCheck:
    def test_shows_what_was_disclosed_and_how_old_the_status_is(self, ca: TestCa, credential: str) -> None:
        seen = offline.check(shown(credential), kit(ca), COUNTER, NOW + timedelta(minutes=2))
        assert seen.shown.claims["face"] == {"sex": "女"}
        assert [each.keys() for each in seen.shown.claims["holders"]] == [{"name"}]
        assert seen.status_at == NOW

    @pytest.mark.parametrize(
        "challenge", [Challenge(COUNTER.audience, "n-other"), Challenge("11310113XX00000A2R", COUNTER.nonce)]
    )
    def test_a_replay_or_another_verifier_is_refused(self, ca: TestCa, credential: str, challenge: Challenge) -> None:
        with pytest.raises(HolderBindingError):
            offline.check(shown(credential, challenge), kit(ca), COUNTER, NOW)

    def test_a_copy_without_the_phone_is_refused(self, ca: TestCa, credential: str) -> None:
        with pytest.raises(HolderBindingError):
            offline.check(sdjwt.disclose(credential, FIELDS), kit(ca), COUNTER, NOW)
        thief = ec.generate_private_key(ec.SECP256R1())
        with pytest.raises(HolderBindingError):
            offline.check(shown(credential, key=thief), kit(ca), COUNTER, NOW)

    def test_a_credential_without_a_key_is_refused(self, ca: TestCa, issuer: TestSigner) -> None:
        loose = sdjwt.issue(sheet(), issuer, base_url=BASE, holder_key=None, status=(LIST, 7), now=NOW)
        with pytest.raises(HolderBindingError):
            offline.check(sdjwt.disclose(loose, FIELDS), kit(ca), COUNTER, NOW)

    def test_an_old_screen_is_refused(self, ca: TestCa, credential: str) -> None:
        with pytest.raises(HolderBindingError):
            offline.check(shown(credential), kit(ca), COUNTER, NOW + timedelta(hours=2))

    def test_a_changed_field_is_refused(self, ca: TestCa, credential: str) -> None:
        token, *texts = sdjwt.disclose(credential, FIELDS).split("~")
        texts[0] = texts[0][:-2] + "AA"
        with pytest.raises((InvalidCredentialError, HolderBindingError)):
            offline.check(binding.bind("~".join([token, *texts]), PHONE, COUNTER, NOW), kit(ca), COUNTER, NOW)

    @pytest.mark.parametrize("status", [Status.suspended, Status.invalid])
    def test_what_is_suspended_or_ended_is_refused(self, ca: TestCa, credential: str, status: Status) -> None:
        with pytest.raises(CredentialNotCurrentError):
            offline.check(shown(credential), kit(ca, (7, status)), COUNTER, NOW)

    def test_a_kit_without_the_list_or_of_yesterday_is_refused(self, ca: TestCa, credential: str) -> None:
        with pytest.raises(InvalidStatusListError):
            offline.check(shown(credential), kit(ca, uri=f"{BASE}/v1/status-lists/b2"), COUNTER, NOW)
        late = NOW + timedelta(hours=25)
        fresh = binding.bind(sdjwt.disclose(credential, FIELDS), PHONE, COUNTER, late)
        with pytest.raises(InvalidStatusListError):
            offline.check(fresh, kit(ca), COUNTER, late)

    def test_an_issuer_nobody_trusts_or_that_was_revoked_is_refused(
        self, ca: TestCa, issuer: TestSigner, credential: str
    ) -> None:
        with pytest.raises(SignerUntrustedError):
            offline.check(shown(credential), kit(ca, trusted=TrustedCas((TestCa().root.certificate,))), COUNTER, NOW)
        revoked = ((Certificate(issuer.certificate).fingerprint, NOW - timedelta(days=1)),)
        with pytest.raises(SignerRevokedError):
            offline.check(shown(credential), kit(ca, trusted=TrustedCas((ca.root.certificate,), revoked)), COUNTER, NOW)


class TestKit:
    @pytest.mark.parametrize(
        "change",
        [
            {"v": 2},
            {"type": "other"},
            {"roots": "x"},
            {"revoked": [["zz", "now"]]},
            {"status_lists": []},
            {"made_at": 1},
        ],
    )
    def test_refuses_what_is_none(self, ca: TestCa, change: dict[str, Any]) -> None:
        with pytest.raises(InvalidKitError):
            Kit.read(kit(ca).document() | change)
