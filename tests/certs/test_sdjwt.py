"""SD-JWT VC of a licence: what is issued, what a presentation shows, and every way one is refused."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from certs.credentials import binding, disclosures, jws, metadata, sdjwt
from certs.credentials.binding import Challenge
from certs.errors import (
    CertsError,
    CredentialNotCurrentError,
    HolderBindingError,
    InvalidCredentialError,
    UnknownCredentialFieldError,
)
from certs.signing.errors import SignerExpiredError, SignerRevokedError, SignerUntrustedError
from certs.signing.model import Algorithm
from certs.signing.x509 import Certificate
from tests.certs.issuers import ISSUER, LIBRARY, NOW, TYPE, TestCa, TestSigner, sheet

BASE = "http://node.test"
STATUS = (f"{BASE}/v1/status-lists/a1", 4711)
CHALLENGE = Challenge("https://counter.test", "n-0S6_WzA2Mj")
KEY = ec.generate_private_key(ec.SECP256R1())
JWK = json.loads(ECAlgorithm.to_jwk(KEY.public_key()))
FIELDS = {"sex", "licence_no", "holder_name"}


@pytest.fixture(scope="module")
def ca() -> TestCa:
    return TestCa()


@pytest.fixture(scope="module")
def issuer(ca: TestCa) -> TestSigner:
    return ca.issuer()


def issue(signer: TestSigner, *, key: dict[str, Any] | None = JWK, **changes: Any) -> str:
    return sdjwt.issue(sheet(**changes), signer, base_url=BASE, holder_key=key, status=STATUS, now=NOW)


@pytest.fixture(scope="module")
def credential(issuer: TestSigner) -> str:
    return issue(issuer)


def decoded(part: str) -> Any:
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def encoded(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def payload(credential: str) -> dict[str, Any]:
    return decoded(credential.split(".")[1])


def resigned(signer: TestSigner, claims: dict[str, Any], texts: list[str], typ: str = sdjwt.TYPE) -> str:
    return "~".join([jws.sign(typ, claims, signer), *texts, ""])


class TestIssue:
    def test_shows_nothing_of_holder_or_face_before_disclosure(self, credential: str) -> None:
        seen = payload(credential)
        visible = {"vct", "vct#integrity", "issuer_code", "iat", "nbf", "exp", "status", "cnf"}
        assert seen.keys() == visible | {"_sd", "_sd_alg", "face"}
        assert seen["face"].keys() == {"_sd"}

    def test_numbers_of_fields_are_hidden_by_decoys(self, issuer: TestSigner) -> None:
        some = payload(issue(issuer, face={"name": "陈安澜"}))
        more = payload(issue(issuer))
        assert len(some["face"]["_sd"]) == len(more["face"]["_sd"]) == 8
        assert more["_sd"] == sorted(more["_sd"])

    def test_pins_the_type_metadata(self, credential: str) -> None:
        text = metadata.document(TYPE, BASE)
        assert payload(credential)["vct"] == json.loads(text)["vct"] == f"{BASE}/v1/vct/LT05"
        digest = urlsafe_b64encode(sha256(text).digest()).decode().replace("-", "+").replace("_", "/")
        assert payload(credential)["vct#integrity"] == f"sha256-{digest}"

    def test_holds_from_the_first_moment_of_the_first_day_to_the_last_of_the_last(self, issuer: TestSigner) -> None:
        seen = payload(issue(issuer, valid_from=date(2026, 11, 20), valid_to=date(2027, 11, 19)))
        assert datetime.fromtimestamp(seen["nbf"], NOW.tzinfo) == datetime(2026, 11, 19, 16, tzinfo=NOW.tzinfo)
        assert datetime.fromtimestamp(seen["exp"], NOW.tzinfo) == datetime(2027, 11, 19, 16, tzinfo=NOW.tzinfo)

    @pytest.mark.parametrize("valid_to", [None, date(2099, 1, 1)])
    def test_never_outlives_its_certificate(self, issuer: TestSigner, valid_to: date | None) -> None:
        ends = Certificate(issuer.certificate).not_after
        assert payload(issue(issuer, valid_to=valid_to))["exp"] == int(ends.timestamp())

    def test_two_of_one_licence_share_no_salt(self, issuer: TestSigner) -> None:
        assert not set(issue(issuer).split("~")[1:-1]) & set(issue(issuer).split("~")[1:-1])

    def test_refuses_a_key_that_is_private_or_of_another_kind(self, issuer: TestSigner) -> None:
        for bad in (json.loads(ECAlgorithm.to_jwk(KEY)), {"kty": "oct", "k": "AA"}, JWK | {"crv": "P-384"}):
            with pytest.raises(InvalidCredentialError):
                issue(issuer, key=bad)

    def test_refuses_a_signer_of_another_algorithm(self, issuer: TestSigner) -> None:
        with pytest.raises(InvalidCredentialError, match="algorithm"):
            issue(replace(issuer, algorithm=Algorithm.SM2))

    def test_refuses_a_licence_that_begins_after_the_certificate_ends(self, issuer: TestSigner) -> None:
        with pytest.raises(InvalidCredentialError, match="certificate"):
            issue(issuer, valid_from=date(2040, 1, 1), valid_to=date(2041, 1, 1))


class TestDisclose:
    def test_shows_what_was_asked_and_no_more(self, ca: TestCa, credential: str) -> None:
        held = sdjwt.verify(sdjwt.disclose(credential, FIELDS), ca.trusted, at=NOW)
        assert held.claims["face"] == {"sex": "女"}
        assert held.claims["holders"] == [{"name": "陈安澜"}]
        assert held.claims["licence_no"] == sheet().licence_no
        assert held.claims.keys() == {"face", "holders", "licence_no", "issuer_code", "iat", "nbf", "exp"}

    def test_a_face_field_and_a_member_of_the_holder_of_one_name_are_two(self, ca: TestCa, credential: str) -> None:
        face = sdjwt.verify(sdjwt.disclose(credential, ["name"]), ca.trusted, at=NOW)
        assert face.claims["face"] == {"name": "陈安澜"}
        assert "holders" not in face.claims
        holder = sdjwt.verify(sdjwt.disclose(credential, ["holder_name"]), ca.trusted, at=NOW)
        assert holder.claims["holders"] == [{"name": "陈安澜"}]
        assert holder.claims["face"] == {}

    def test_shows_each_of_several_holders(self, ca: TestCa, issuer: TestSigner) -> None:
        two = issue(issuer, holders=(("陈安澜", "111", "310199199001010018"), ("徐行舟", "111", "31019919900128027X")))
        held = sdjwt.verify(sdjwt.disclose(two, ["holder_code"]), ca.trusted, at=NOW)
        assert held.claims["holders"] == [{"code": "310199199001010018"}, {"code": "31019919900128027X"}]

    @pytest.mark.parametrize("field", ["blood_type", "holders", "face", "_sd", "vct", "姓名"])
    def test_refuses_an_unknown_field(self, credential: str, field: str) -> None:
        with pytest.raises(UnknownCredentialFieldError):
            sdjwt.disclose(credential, [field])

    def test_refuses_to_cut_a_bound_presentation(self, credential: str) -> None:
        bound = binding.bind(sdjwt.disclose(credential, FIELDS), KEY, CHALLENGE, NOW)
        with pytest.raises(InvalidCredentialError):
            sdjwt.disclose(bound, ["sex"])


class TestVerify:
    def test_tells_issuer_status_and_key(self, ca: TestCa, credential: str) -> None:
        held = sdjwt.verify(credential, ca.trusted, at=NOW)
        assert (held.issuer_code, held.status, held.is_bound) == (ISSUER, STATUS, False)
        assert held.holder_key is not None
        assert held.claims["face"] == {k: list(v) if isinstance(v, tuple) else v for k, v in sheet().face.items()}

    @pytest.mark.parametrize(
        "bad",
        ["", "~", "a.b.c~", "a.b~", "陈~", "." * 200_000],
        ids=["empty", "tilde", "no base64", "two parts", "no ascii", "too long"],
    )
    def test_refuses_what_is_no_presentation(self, ca: TestCa, bad: str) -> None:
        with pytest.raises(InvalidCredentialError):
            sdjwt.verify(bad, ca.trusted, at=NOW)

    def test_refuses_every_changed_character_of_the_signed_text(self, ca: TestCa, credential: str) -> None:
        token, _, rest = credential.partition("~")
        for at in range(0, len(token) - 1, 97):  # of the last one, four bits mean nothing
            other = "A" if token[at] != "A" else "B"
            with pytest.raises(CertsError):
                sdjwt.verify(f"{token[:at]}{other}{token[at + 1 :]}~{rest}", ca.trusted, at=NOW)

    @pytest.mark.parametrize("typ", ["vc+sd-jwt", "JWT", "statuslist+jwt", "kb+jwt"])
    def test_refuses_another_kind_of_token(self, ca: TestCa, issuer: TestSigner, credential: str, typ: str) -> None:
        with pytest.raises(InvalidCredentialError, match="type"):
            sdjwt.verify(resigned(issuer, payload(credential), [], typ), ca.trusted, at=NOW)

    @pytest.mark.parametrize("alg", ["none", "HS256", "ES384"])
    def test_refuses_another_algorithm(self, ca: TestCa, credential: str, alg: str) -> None:
        header, rest = credential.split(".", 1)
        changed = encoded(decoded(header) | {"alg": alg})
        with pytest.raises(InvalidCredentialError, match="algorithm"):
            sdjwt.verify(f"{changed}.{rest}", ca.trusted, at=NOW)

    @pytest.mark.parametrize("x5c", [None, [], [1], ["%%"], "text", ["AA"] * 9])
    def test_refuses_a_chain_that_is_none(self, ca: TestCa, credential: str, x5c: object) -> None:
        header, rest = credential.split(".", 1)
        with pytest.raises(InvalidCredentialError, match="certificates"):
            sdjwt.verify(f"{encoded(decoded(header) | {'x5c': x5c})}.{rest}", ca.trusted, at=NOW)

    def test_refuses_a_department_that_issues_in_anothers_name(self, ca: TestCa) -> None:
        with pytest.raises(InvalidCredentialError, match="issuer"):
            sdjwt.verify(issue(ca.issuer(LIBRARY, "证照库")), ca.trusted, at=NOW)

    def test_refuses_a_stranger_s_ca(self, ca: TestCa) -> None:
        with pytest.raises(SignerUntrustedError):
            sdjwt.verify(issue(TestCa().issuer()), ca.trusted, at=NOW)

    def test_refuses_an_expired_signer(self, ca: TestCa) -> None:
        held = issue(ca.issuer(lasts=timedelta(days=60)))
        with pytest.raises(SignerExpiredError):
            sdjwt.verify(held, ca.trusted, at=NOW + timedelta(days=40))

    def test_refuses_a_revoked_signer(self, ca: TestCa, issuer: TestSigner, credential: str) -> None:
        revoked = replace(ca.trusted, revoked=((Certificate(issuer.certificate).fingerprint, NOW),))
        with pytest.raises(SignerRevokedError):
            sdjwt.verify(credential, revoked, at=NOW)

    @pytest.mark.parametrize("days", [-3, 400])
    def test_refuses_one_out_of_its_time(self, ca: TestCa, issuer: TestSigner, days: int) -> None:
        held = issue(issuer, valid_to=date(2027, 11, 19))
        with pytest.raises(CredentialNotCurrentError):
            sdjwt.verify(held, ca.trusted, at=NOW + timedelta(days=days))

    def test_refuses_disclosures_that_do_not_fit(self, ca: TestCa, issuer: TestSigner, credential: str) -> None:
        token, *texts, _ = credential.split("~")
        other = issue(issuer).split("~")[1]
        for wrong in ([other], [texts[0], texts[0]], [encoded(["salt", "sex", "男"])], ["%"], [encoded(["salt"])]):
            with pytest.raises(InvalidCredentialError):
                sdjwt.verify("~".join([token, *wrong, ""]), ca.trusted, at=NOW)

    @pytest.mark.parametrize("jwk", [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}, {}, "text"])
    def test_refuses_a_confirmation_key_of_another_kind(
        self, ca: TestCa, issuer: TestSigner, credential: str, jwk: object
    ) -> None:
        with pytest.raises(InvalidCredentialError):
            sdjwt.verify(resigned(issuer, payload(credential) | {"cnf": {"jwk": jwk}}, []), ca.trusted, at=NOW)

    @pytest.mark.parametrize(
        "status", [None, {}, {"status_list": {"idx": -1, "uri": "u"}}, {"status_list": {"idx": "1"}}]
    )
    def test_refuses_a_credential_without_a_status(
        self, ca: TestCa, issuer: TestSigner, credential: str, status: object
    ) -> None:
        with pytest.raises(InvalidCredentialError, match="status"):
            sdjwt.verify(resigned(issuer, payload(credential) | {"status": status}, []), ca.trusted, at=NOW)


class TestBinding:
    def test_proves_the_holder(self, ca: TestCa, credential: str) -> None:
        shown = binding.bind(sdjwt.disclose(credential, FIELDS), KEY, CHALLENGE, NOW)
        assert sdjwt.verify(shown, ca.trusted, at=NOW, challenge=CHALLENGE).is_bound

    def test_a_credential_without_a_key_is_read_and_said_to_prove_no_holder(
        self, ca: TestCa, issuer: TestSigner
    ) -> None:
        held = sdjwt.verify(issue(issuer, key=None), ca.trusted, at=NOW, challenge=CHALLENGE)
        assert (held.is_bound, held.holder_key) == (False, None)

    def test_a_key_binding_without_a_key_is_refused(self, ca: TestCa, issuer: TestSigner) -> None:
        shown = binding.bind(issue(issuer, key=None), KEY, CHALLENGE, NOW)
        with pytest.raises(InvalidCredentialError):
            sdjwt.verify(shown, ca.trusted, at=NOW, challenge=CHALLENGE)

    def test_refuses_a_copy_without_binding(self, ca: TestCa, credential: str) -> None:
        with pytest.raises(HolderBindingError, match="missing"):
            sdjwt.verify(sdjwt.disclose(credential, FIELDS), ca.trusted, at=NOW, challenge=CHALLENGE)

    @pytest.mark.parametrize(
        ("challenge", "seconds", "reason"),
        [
            (replace(CHALLENGE, audience="https://other.test"), 0, "aud"),
            (replace(CHALLENGE, nonce="another"), 0, "nonce"),
            (CHALLENGE, binding.FRESH.total_seconds() + 1, "time"),
            (CHALLENGE, -binding.SKEW.total_seconds() - 1, "time"),
        ],
    )
    def test_refuses_one_for_another_counter_request_or_time(
        self, ca: TestCa, credential: str, challenge: Challenge, seconds: float, reason: str
    ) -> None:
        shown = binding.bind(sdjwt.disclose(credential, FIELDS), KEY, CHALLENGE, NOW)
        with pytest.raises(HolderBindingError, match=reason):
            sdjwt.verify(shown, ca.trusted, at=NOW + timedelta(seconds=seconds), challenge=challenge)

    def test_refuses_another_key(self, ca: TestCa, credential: str) -> None:
        thief = ec.generate_private_key(ec.SECP256R1())
        with pytest.raises(HolderBindingError, match="signature"):
            sdjwt.verify(binding.bind(credential, thief, CHALLENGE, NOW), ca.trusted, at=NOW, challenge=CHALLENGE)

    def test_refuses_a_field_more_or_less_than_was_signed(self, ca: TestCa, credential: str) -> None:
        shown = binding.bind(sdjwt.disclose(credential, FIELDS), KEY, CHALLENGE, NOW)
        *parts, bound = shown.split("~")
        more = next(text for text in credential.split("~")[1:-1] if text not in parts)
        for changed in (parts[:-1], [*parts, more]):
            with pytest.raises(HolderBindingError, match="sd_hash"):
                sdjwt.verify("~".join([*changed, bound]), ca.trusted, at=NOW, challenge=CHALLENGE)

    def test_refuses_another_kind_of_token_by_the_same_key(self, ca: TestCa, credential: str) -> None:
        shown = binding.bind(credential, KEY, CHALLENGE, NOW)
        head, _, bound = shown.rpartition("~")
        header, claims, signature = bound.split(".")
        changed = f"{head}~{encoded(decoded(header) | {'typ': 'dpop+jwt'})}.{claims}.{signature}"
        with pytest.raises(HolderBindingError, match="type"):
            sdjwt.verify(changed, ca.trusted, at=NOW, challenge=CHALLENGE)


class TestReveal:
    """RFC 9901 7.1 step 3 on texts made by hand."""

    def test_puts_members_elements_and_nested_ones_in_their_place(self) -> None:
        inner = disclosures.member("b", 1)
        outer = disclosures.member("a", {"_sd": [inner.digest], "c": 2})
        item, decoy = disclosures.element("x"), disclosures.element("y")
        held = {"_sd": [outer.digest], "list": ["v", {"...": item.digest}, {"...": decoy.digest}], "_sd_alg": "sha-256"}
        texts = [inner.disclosure, outer.disclosure, item.disclosure]
        assert disclosures.reveal(held, texts) == {"a": {"b": 1, "c": 2}, "list": ["v", "x"]}

    @pytest.mark.parametrize("name", ["_sd", "..."])
    def test_refuses_a_reserved_name(self, name: str) -> None:
        hidden = disclosures.member(name, 1)
        with pytest.raises(InvalidCredentialError, match="name"):
            disclosures.reveal({"_sd": [hidden.digest]}, [hidden.disclosure])

    def test_refuses_a_name_that_is_there(self) -> None:
        hidden = disclosures.member("a", 1)
        with pytest.raises(InvalidCredentialError, match="twice"):
            disclosures.reveal({"_sd": [hidden.digest], "a": 2}, [hidden.disclosure])

    def test_refuses_one_digest_in_two_places(self) -> None:
        hidden = disclosures.member("a", 1)
        with pytest.raises(InvalidCredentialError, match="twice"):
            disclosures.reveal({"_sd": [hidden.digest], "b": {"_sd": [hidden.digest]}}, [hidden.disclosure])

    def test_refuses_a_member_for_an_element_and_the_other_way(self) -> None:
        member, element = disclosures.member("a", 1), disclosures.element(1)
        with pytest.raises(InvalidCredentialError, match="wrong place"):
            disclosures.reveal({"list": [{"...": member.digest}]}, [member.disclosure])
        with pytest.raises(InvalidCredentialError, match="wrong place"):
            disclosures.reveal({"_sd": [element.digest]}, [element.disclosure])

    def test_refuses_another_digest_algorithm(self) -> None:
        with pytest.raises(InvalidCredentialError, match="algorithm"):
            disclosures.reveal({"_sd_alg": "md5"}, [])

    def test_refuses_too_many_and_too_deep(self) -> None:
        with pytest.raises(InvalidCredentialError, match="number"):
            disclosures.reveal({}, ["a"] * (disclosures.MAX_DISCLOSURES + 1))
        deep: Any = 1
        for _ in range(40):
            deep = [deep]
        with pytest.raises(InvalidCredentialError, match="depth"):
            disclosures.reveal({"a": deep}, [])
