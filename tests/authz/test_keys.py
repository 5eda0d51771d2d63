"""Keys holders sign with: enrolled by a login that names them, good for what they signed, and for nothing else."""

import contextlib
import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from authz import passkeys
from authz.enrolment import EnrolmentTerms, registration_challenge, revocation
from authz.errors import (
    CredentialError,
    EnrolmentRefusedError,
    GrantClosedError,
    IdTokenRefusedError,
    InvalidTermsError,
    KeyRefusedError,
    SignerNotHolderError,
    UnknownKeyError,
    UseRefusedError,
)
from authz.noticekinds import NoticeKind
from authz.passkeys import Site
from authz.signers import Assurance, SignerKind
from authz.terms import GrantBody, refusal_digest
from authz.vault import base64url
from ledger.ids import new_id
from tests.authz.phones import UP, Enrolling, Passkey, Phone, enrol, prepare, respelled
from tests.authz.world import LEASE, LOGIN, SITE, Key, World

DEVICE = Passkey()
NOBODY = "00000000-0000-7000-8000-000000000000"


def phone(world: World) -> Phone:
    return Phone(world.app_key, world.clock)


def devices(world: World) -> list[Passkey | Phone]:
    return [Passkey(), phone(world)]


def take(world: World, made: Enrolling) -> Any:
    with world.database.unit() as db:
        return world.enrolments.enrol(db, made.terms, made.salt, made.registration, made.id_token)


def give(world: World, device: Passkey | Phone, *, signature: str | None = None, **terms: Any) -> Any:
    ask = world.ask(**terms)
    with world.database.unit() as db:
        return world.asks.approve(db, ask.id, signature or device.sign(ask.digest))


class TestTerms:
    def terms(self, **changes: Any) -> EnrolmentTerms:
        held = {
            "id": new_id(), "kind": SignerKind.passkey, "holder": "A" * 43, "key": Key().jwk, "credential": "AA",
            "rp": SITE,
        }  # fmt: skip
        return EnrolmentTerms(**(held | changes))

    def test_are_read_as_they_are_written(self) -> None:
        terms = self.terms()
        assert EnrolmentTerms.decode(terms.encode()) == terms

    @pytest.mark.parametrize(
        "change",
        [
            {"id": "x"},
            {"kind": SignerKind.oidc},
            {"kind": SignerKind.counter},
            {"holder": "A"},
            {"key": {"kty": "oct", "k": "AA"}},
            {"key": Key().jwk | {"d": "AA"}},
            {"key": Key().jwk | {"alg": "ES256"}},
            {"credential": ""},
            {"credential": "a b"},
            {"rp": ""},
            {"rp": "exchange.test/"},
        ],
        ids=lambda change: str(list(change)) if isinstance(change, dict) else None,
    )
    def test_refuses(self, change: Any) -> None:
        with pytest.raises(InvalidTermsError):
            self.terms(**change)

    @pytest.mark.parametrize("change", [{"v": 2}, {"type": "cailian/grant"}, {"more": 1}, {"kind": "x"}, {"id": 1}])
    def test_reads_only_what_it_would_write(self, change: Any) -> None:
        with pytest.raises(InvalidTermsError):
            EnrolmentTerms.of(self.terms().document() | change)

    @pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"x"', b"{}", b"\xff"])
    def test_refuses_what_is_no_terms(self, body: Any) -> None:
        with pytest.raises(InvalidTermsError):
            EnrolmentTerms.decode(body)


class TestEnrol:
    @pytest.mark.parametrize("which", [0, 1], ids=["passkey", "host app"])
    def test_is_evidence_and_is_told(self, world: World, which: int) -> None:
        device = devices(world)[which]
        key = enrol(world, device)
        fact, parties = world.record(key.entry_id)
        assert (fact["type"], parties["key"], parties["kind"]) == ("key.enrolled", key.id, device.kind.value)
        assert (parties["provider"], parties["assurance"]) == (LOGIN, 2)
        assert key.full_from - key.enrolled_at == timedelta(hours=24)
        with world.database.unit() as db:
            told = world.notices.of_holder(db, world.chen)
            assert [(notice.kind, notice.subject) for notice in told] == [(NoticeKind.key_enrolled, key.id)]
            assert world.enrolments.of_holder(db, world.chen) == [key]
            assert world.enrolments.of_holder(db, world.xu) == []

    def test_row_names_nobody(self, world: World) -> None:
        enrol(world, Passkey())
        row = world.run("SELECT convert_from(body, 'UTF8') || encode(enrolment, 'escape') FROM authz.signing_key")[0][0]
        assert "chen" not in row
        assert world.chen not in row
        assert "eyJ" not in row

    def test_no_acr_is_what_the_provider_is_known_for(self, world: World) -> None:
        for acr, assurance in (("face", 3), ("sms", 1), ("something", 2), (None, 2)):
            device = Passkey()
            made = prepare(world, device)
            made.id_token = world.id_token("chen", made.terms.digest, acr=acr)
            assert take(world, made).assurance == assurance

    def test_login_of_somebody_else_is_refused(self, world: World) -> None:
        with pytest.raises(IdTokenRefusedError):
            take(world, prepare(world, Passkey(), "xu", named="chen"))

    def test_login_of_a_stranger_is_refused(self, world: World) -> None:
        with pytest.raises(SignerNotHolderError):
            take(world, prepare(world, Passkey(), "nobody"))

    def test_another_salt_is_refused(self, world: World) -> None:
        made = prepare(world, Passkey())
        made.salt = "A" * 22
        with pytest.raises(IdTokenRefusedError):
            take(world, made)

    @pytest.mark.parametrize(
        "claims", [{"nonce": "x" * 43}, {"iat": 0}, {"aud": "other"}, {"iss": "https://evil.test"}]
    )
    def test_token_of_something_else_is_refused(self, world: World, claims: Any) -> None:
        made = prepare(world, Passkey())
        made.id_token = world.id_token("chen", **({"nonce": made.terms.digest} | claims))
        with pytest.raises(IdTokenRefusedError):
            take(world, made)

    def test_a_key_enrols_no_other(self, world: World) -> None:
        device = Passkey()
        enrol(world, device)
        made = prepare(world, Passkey())
        made.id_token = device.sign(made.terms.digest)
        with pytest.raises(IdTokenRefusedError):
            take(world, made)

    def test_registration_of_another_key_is_refused(self, world: World) -> None:
        made, other = prepare(world, Passkey()), Passkey()
        made.registration = other.register(registration_challenge(made.terms.id))
        with pytest.raises(EnrolmentRefusedError):
            take(world, made)

    def test_twice(self, world: World) -> None:
        device = Passkey()
        made = prepare(world, device)
        take(world, made)
        with pytest.raises(EnrolmentRefusedError):
            take(world, made)
        with pytest.raises(EnrolmentRefusedError):
            enrol(world, device, "xu")
        assert world.types().count("key.enrolled") == 1

    def test_number_of_keys_is_limited(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("authz.enrolments.MAX_KEYS", 1)
        enrol(world, Passkey())
        with pytest.raises(EnrolmentRefusedError):
            enrol(world, Passkey())
        assert enrol(world, Passkey(), "xu")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"flags": UP},
            {"flags": 0x04},
            {"challenge": "A" * 43},
            {"type": "webauthn.get"},
            {"origin": "https://evil.test"},
            {"origin": "http://exchange.test"},
        ],
        ids=lambda change: str(list(change)) if isinstance(change, dict) else None,
    )
    def test_passkey_that_was_not_made_so_is_refused(self, world: World, wrong: Any) -> None:
        key_id, options = world.enrolments.offer()
        registration = Passkey().register(wrong.get("challenge", options["challenge"]), **wrong)
        with pytest.raises(EnrolmentRefusedError):
            world.enrolments.propose(key_id, SignerKind.passkey, registration, "A" * 43)

    @pytest.mark.parametrize("registration", [{}, {"id": "AA"}, {"id": "AA", "response": []}, {"id": 1, "response": {}},
                                              {"id": "AA", "response": {"clientDataJSON": "", "attestationObject": "a"}}])  # fmt: skip
    def test_what_is_no_registration_is_refused(self, world: World, registration: Any) -> None:
        for kind in SignerKind:
            with pytest.raises(EnrolmentRefusedError):
                world.enrolments.propose(new_id(), kind, registration, "A" * 43)

    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "other-app"},
            {"aud": "https://another.test"},
            {"iat": 0},
            {"nonce": NOBODY},
            {"jkt": "A" * 43},
            {"storage": "software"},
        ],
        ids=lambda change: str(list(change)) if isinstance(change, dict) else None,
    )
    def test_host_app_key_that_is_not_vouched_for_is_refused(self, world: World, claims: Any) -> None:
        key_id = new_id()
        with pytest.raises(EnrolmentRefusedError):
            world.enrolments.propose(key_id, SignerKind.host_app, phone(world).attest(key_id, **claims), "A" * 43)

    def test_host_app_vouched_for_by_somebody_else_is_refused(self, world: World) -> None:
        key_id = new_id()
        registration = Phone(Key(), world.clock).attest(key_id)
        with pytest.raises(EnrolmentRefusedError):
            world.enrolments.propose(key_id, SignerKind.host_app, registration, "A" * 43)


class TestParsing:
    """Whatever a browser or somebody posing as one sends is refused by name, or holds (RELIABILITY R5)."""

    SITE_ = Site(SITE, (f"https://{SITE}",))

    @staticmethod
    def bent(text: str, place: int, bits: int) -> str:
        raw = bytearray(urlsafe_b64decode(text + "=="))
        raw[place % len(raw)] ^= bits
        return base64url(bytes(raw))

    @settings(max_examples=40)
    @given(
        st.sampled_from(["clientDataJSON", "attestationObject"]),
        st.integers(0, 400),
        st.integers(1, 255),
        st.booleans(),
    )
    def test_of_a_bent_registration(self, part: str, place: int, bits: int, cut: bool) -> None:
        told = passkeys.essence(DEVICE.register("A" * 43))
        text = self.bent(told["response"][part], place, bits)
        told["response"][part] = text[: place % len(text)] if cut else text
        with contextlib.suppress(CredentialError):
            passkeys.registered(self.SITE_, told, bytes(32))

    @settings(max_examples=40)
    @given(
        st.sampled_from(["client_data_json", "authenticator_data", "signature"]),
        st.integers(0, 400),
        st.integers(1, 255),
    )
    def test_of_a_bent_signature(self, part: str, place: int, bits: int) -> None:
        told = json.loads(DEVICE.sign("A" * 43))
        told[part] = self.bent(told[part], place, bits)
        credential = base64url(DEVICE.credential)
        with pytest.raises(CredentialError):
            passkeys.verify(self.SITE_, told, "A" * 43, credential, DEVICE.key.jwk)

    @given(
        st.dictionaries(st.sampled_from(["client_data_json", "authenticator_data", "signature"]), st.text(max_size=20))
    )
    def test_of_anything(self, told: dict[str, str]) -> None:
        with pytest.raises(CredentialError):
            passkeys.verify(self.SITE_, told, "A" * 43, "AA", DEVICE.key.jwk)


class TestSign:
    @pytest.mark.parametrize("which", [0, 1], ids=["passkey", "host app"])
    def test_gives_uses_withdraws_and_refuses(self, world: World, which: int) -> None:
        device = devices(world)[which]
        key = enrol(world, device)
        grant = give(world, device)
        assert (grant.signer_kind, grant.representation) == (device.kind.value, "legal_representative")
        assert grant.assurance is not None
        _, parties = world.record(grant.entry_id)
        assert (parties["signer_kind"], parties["key"], parties["assurance"]) == (device.kind.value, key.id, 2)
        assert "id_token" not in parties
        assert world.use().uses_left == 2
        assert world.use().uses_left == 1
        with world.database.unit() as db:
            digest = world.grants.withdrawal_of(grant.id)[1]
            assert world.grants.withdraw(db, grant.id, device.sign(digest)).withdrawn_at is not None
        ask = world.ask()
        with world.database.unit() as db:
            assert world.asks.refuse(db, ask.id, device.sign(refusal_digest(ask.id))).state == "refused"

    def test_evidence_is_whole(self, world: World) -> None:
        device = Passkey()
        enrol(world, device)
        grant = give(world, device)
        with world.database.unit() as db:
            kept = json.loads(world.grants.evidence_of(db, grant.id)[0])
        terms = EnrolmentTerms.of(kept["enrolment"]["terms"])
        assert world.id_tokens.ever(kept["enrolment"]["id_token"], terms.digest).subject == "chen"
        assert world.signatures.covers(json.dumps(kept), grant.digest)

    def test_serves_one_ask(self, world: World) -> None:
        device = Passkey()
        enrol(world, device)
        ask, other = world.ask(), world.ask()
        signature = device.sign(ask.digest)
        with world.database.unit() as db:
            world.asks.approve(db, ask.id, signature)
        with world.database.unit() as db, pytest.raises(KeyRefusedError):
            world.asks.approve(db, other.id, signature)
        with world.database.unit() as db, pytest.raises(GrantClosedError):
            world.grants.accept(db, GrantBody.decode(ask.body), grantor_id=world.firm, signature=signature)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"flags": UP},
            {"flags": 0x04},
            {"flags": 0},
            {"type_": "webauthn.create"},
            {"challenge": "A" * 43},
            {"origin": "https://evil.test"},
            {"origin": "https://exchange.test.evil.test"},
            {"crossOrigin": True},
        ],
        ids=lambda change: str(list(change)) if isinstance(change, dict) else None,
    )
    def test_passkey_that_signs_otherwise_is_refused(self, world: World, wrong: Any) -> None:
        device = Passkey()
        enrol(world, device)
        ask = world.ask()
        with world.database.unit() as db, pytest.raises(KeyRefusedError):
            world.asks.approve(db, ask.id, device.sign(ask.digest, **wrong))
        with world.database.unit() as db:
            assert world.asks.approve(db, ask.id, device.sign(ask.digest))

    @pytest.mark.parametrize(
        "wrong",
        [{"iss": "other"}, {"aud": "x"}, {"nonce": "A" * 43}, {"uv": "none"}, {"uv": None}, {"iat": 0}],
        ids=lambda change: str(list(change)) if isinstance(change, dict) else None,
    )
    def test_phone_that_signs_otherwise_is_refused(self, world: World, wrong: Any) -> None:
        device = phone(world)
        enrol(world, device)
        ask = world.ask()
        with world.database.unit() as db, pytest.raises(KeyRefusedError):
            world.asks.approve(db, ask.id, device.sign(ask.digest, **wrong))

    @pytest.mark.parametrize(
        "wrong", ["a time with a fraction", "a claim with a fraction", "a large number", "spelling"]
    )
    def test_phone_is_refused_that_verifiers_of_evidence_would_not_read(self, world: World, wrong: str) -> None:
        device = phone(world)
        enrol(world, device)
        ask = world.ask()
        claims: dict[str, dict[str, Any]] = {
            "a time with a fraction": {"iat": world.clock.seconds - 0.5},
            "a claim with a fraction": {"score": 0.98},
            "a large number": {"serial": 1 << 53},
        }
        signed = json.loads(device.sign(ask.digest, **claims.get(wrong, {})))
        if wrong == "spelling":
            signed["jws"] = respelled(signed["jws"])
        with world.database.unit() as db, pytest.raises(KeyRefusedError):
            world.asks.approve(db, ask.id, json.dumps(signed))
        assert "grant.given" not in world.types()

    @pytest.mark.parametrize("wrong", ["a fraction", "padding", "more"])
    def test_passkey_is_refused_that_verifiers_of_evidence_would_not_read(self, world: World, wrong: str) -> None:
        device = Passkey()
        enrol(world, device)
        ask = world.ask()
        signed = json.loads(device.sign(ask.digest, **({"zoom": 1.5} if wrong == "a fraction" else {})))
        if wrong == "padding":
            signed["client_data_json"] += "=" * (-len(signed["client_data_json"]) % 4) or "===="
        if wrong == "more":
            signed["userHandle"] = "AA"
        with world.database.unit() as db, pytest.raises(KeyRefusedError):
            world.asks.approve(db, ask.id, json.dumps(signed))
        assert "grant.given" not in world.types()

    def test_phone_with_another_key_typ_or_kid_is_refused(self, world: World) -> None:
        device, other = phone(world), phone(world)
        enrol(world, device)
        other.key_id = device.key_id
        ask = world.ask()
        wrong = [other.sign(ask.digest), *(device.sign(ask.digest, {n: "x"}) for n in ("typ", "kid"))]
        for signature in wrong:
            with world.database.unit() as db, pytest.raises(KeyRefusedError):
                world.asks.approve(db, ask.id, signature)

    def test_other_site_or_other_persons_key_is_refused(self, world: World) -> None:
        mine, theirs = Passkey(), Passkey()
        enrol(world, mine)
        enrol(world, theirs, "xu")
        ask = world.ask()
        with world.database.unit() as db, pytest.raises(SignerNotHolderError):
            world.asks.approve(db, ask.id, theirs.sign(ask.digest))
        theirs.key_id = mine.key_id
        with world.database.unit() as db, pytest.raises(KeyRefusedError):
            world.asks.approve(db, ask.id, theirs.sign(ask.digest))
        mine.rp_id = "evil.test"
        with world.database.unit() as db, pytest.raises(KeyRefusedError):
            world.asks.approve(db, ask.id, mine.sign(ask.digest))

    def test_counter_that_goes_back_is_refused(self, world: World) -> None:
        device = Passkey(count=5)
        enrol(world, device)
        device.count = 7
        give(world, device)
        for count in (7, 6, 0):
            device.count = count
            with pytest.raises(KeyRefusedError):
                give(world, device)
        device.count = 8
        give(world, device)

    @pytest.mark.parametrize(
        "signature",
        [
            "{",
            "{}",
            "[]",
            '{"kind":"passkey"}',
            '{"kind":"counter"}',
            '{"kind":"oidc"}',
            f'{{"kind":"passkey","key_id":"{NOBODY}"}}',
            '{"kind":"passkey","key_id":7}',
            '{"kind":"passkey","key_id":"x"}',
            '{"kind":["passkey"]}',
            "{" * 5000,
        ],
    )
    def test_what_is_no_signature_is_refused(self, world: World, signature: str) -> None:
        ask = world.ask()
        with world.database.unit() as db, pytest.raises((KeyRefusedError, IdTokenRefusedError)):
            world.asks.approve(db, ask.id, signature)

    def test_edited_terms_are_noticed_after_signing(self, world: World) -> None:
        device = Passkey()
        enrol(world, device)
        grant = give(world, device)
        world.run("UPDATE authz.grant_ SET max_uses = 900, uses_left = 900 WHERE id = :id", id=grant.id)
        with pytest.raises(UseRefusedError) as raised:
            world.use(grant_id=grant.id)
        assert raised.value.reason == "grant-altered"


class TestLevels:
    def refused(self, world: World, level: int, grant_id: str) -> str:
        with pytest.raises(UseRefusedError) as raised:
            world.use(world.lease(level=level), grant_id=grant_id)
        return raised.value.code

    def test_new_key_waits_for_level_3(self, world: World) -> None:
        device = Passkey()
        enrol(world, device)
        young = give(world, device)
        assert self.refused(world, 3, young.id) == "grant-key-new"
        assert self.refused(world, 4, young.id) == "grant-key-new"
        assert world.use(world.lease(level=2), grant_id=young.id)
        world.clock.pass_(24 * 3600 - 1)
        almost = give(world, device)
        assert self.refused(world, 3, almost.id) == "grant-key-new"
        world.clock.pass_(1)
        old = give(world, device)
        assert world.use(world.lease(level=3), grant_id=old.id)
        # What was signed too early stays what it is.
        assert self.refused(world, 3, young.id) == "grant-key-new"

    def test_low_assurance_is_not_enough_for_level_3(self, world: World) -> None:
        ask = world.ask()
        with world.database.unit() as db:
            grant = world.asks.approve(db, ask.id, world.id_token("chen", ask.digest, acr="sms"))
        assert grant.assurance == Assurance.low
        assert self.refused(world, 3, grant.id) == "grant-assurance"
        assert world.use(grant_id=grant.id)

    @pytest.mark.parametrize("change", ["assurance = 3", "key_since = key_since - interval '2 days'", "given_at = given_at + interval '2 days'"])  # fmt: skip
    def test_administrator_who_lifts_them_is_noticed(self, world: World, change: str) -> None:
        device = Passkey()
        enrol(world, device)
        grant = give(world, device)
        world.run(f"UPDATE authz.grant_ SET {change} WHERE id = :id", id=grant.id)
        with pytest.raises(UseRefusedError) as raised:
            world.use(world.lease(level=3), grant_id=grant.id)
        assert raised.value.reason == "grant-altered"

    def test_administrator_who_calls_it_a_login_is_noticed(self, world: World) -> None:
        device = Passkey()
        enrol(world, device)
        grant = give(world, device)
        world.run("UPDATE authz.grant_ SET signer_kind = 'oidc', key_since = NULL, key_id = NULL")
        with pytest.raises(UseRefusedError) as raised:
            world.use(world.lease(level=3), grant_id=grant.id)
        assert raised.value.reason == "grant-altered"


INSERTED = """
INSERT INTO authz.signing_key (id, holder_id, kind, digest, body, credential, assurance, sign_count, enrolment,
  entry_id, enrolled_at)
SELECT :id, :holder, kind, :digest, :body, :credential, 3, 0, enrolment, entry_id, enrolled_at FROM authz.signing_key
"""


class TestInserted:
    """A database administrator puts a key in (RELIABILITY W4)."""

    def refused(self, world: World, device: Passkey) -> str:
        with pytest.raises(KeyRefusedError) as raised:
            give(world, device)
        return str(raised.value.fields["check"])

    def insert(self, world: World, made: Enrolling) -> None:
        world.run(
            INSERTED,
            id=made.terms.id,
            holder=world.chen,
            digest=made.terms.digest,
            body=made.terms.encode(),
            credential=made.terms.credential,
        )

    def test_with_the_enrolment_of_another_is_refused(self, world: World) -> None:
        enrol(world, Passkey())
        device = Passkey()
        self.insert(world, prepare(world, device))
        assert self.refused(world, device) == "enrolment"

    def test_with_all_the_nodes_secrets_is_refused(self, world: World) -> None:
        """Even whoever can encrypt as the node does cannot make the provider's signature, nor the log's entry."""
        enrol(world, Passkey())
        device = Passkey()
        made = prepare(world, device)
        self.insert(world, made)
        for token, check in (
            (world.id_token("chen", made.terms.digest, key=Key()), "signature"),
            (made.id_token, "log"),
        ):
            whole = {"terms": made.terms.document(), "salt": made.salt, "id_token": token, "registration": {}}
            sealed = world.vault.shut(json.dumps(whole), f"key/enrolment/{made.terms.id}".encode())
            world.run("UPDATE authz.signing_key SET enrolment = :e WHERE id = :id", e=sealed, id=made.terms.id)
            assert self.refused(world, device) == check

    def test_moved_to_another_holder_is_refused(self, world: World) -> None:
        device = Passkey()
        enrol(world, device, "xu")
        world.run("UPDATE authz.signing_key SET holder_id = :chen", chen=world.chen)
        assert self.refused(world, device) == "holder"

    @pytest.mark.parametrize(
        "change",
        [
            "body = convert_to(replace(convert_from(body, 'UTF8'), '\"kty\"', '\"ktx\"'), 'UTF8')",
            "digest = 'x'",
            "credential = 'AA'",
            "enrolment = set_byte(enrolment, 20, (get_byte(enrolment, 20) + 1) % 256)",
        ],
    )
    def test_changed_row_is_refused(self, world: World, change: str) -> None:
        device = Passkey()
        enrol(world, device)
        world.run(f"UPDATE authz.signing_key SET {change}")
        assert self.refused(world, device) == "enrolment"

    def test_exchanged_key_is_refused(self, world: World) -> None:
        device, other = Passkey(), Passkey()
        enrol(world, device)
        made = prepare(world, other)
        body = made.terms.document() | {"id": device.key_id}
        terms = EnrolmentTerms.of(body)
        other.key_id = device.key_id
        world.run(
            "UPDATE authz.signing_key SET body = :body, digest = :digest, credential = :credential",
            body=terms.encode(),
            digest=terms.digest,
            credential=terms.credential,
        )
        assert self.refused(world, other) == "enrolment"

    def test_entry_that_was_erased_is_refused(self, world: World) -> None:
        device = Passkey()
        key = enrol(world, device)
        world.run("DELETE FROM ledger.record WHERE entry_id = :id", id=key.entry_id)
        assert self.refused(world, device) == "log"

    def test_grant_by_a_key_that_was_not_enrolled_is_refused_at_its_use(self, world: World) -> None:
        device = Passkey()
        enrol(world, device)
        grant = give(world, device)
        forged = Passkey(key_id=device.key_id)
        with world.database.unit() as db:
            kept = json.loads(world.grants.evidence_of(db, grant.id)[0])
        terms = kept["enrolment"]["terms"] | {"key": forged.key.jwk}
        signature = json.loads(forged.sign(grant.digest))
        parts = {name: signature[name] for name in ("client_data_json", "authenticator_data", "signature")}
        kept |= {"enrolment": kept["enrolment"] | {"terms": terms}, "signature": parts}
        sealed = world.vault.shut(json.dumps(kept), f"grant/given/{grant.id}".encode())
        world.run("UPDATE authz.grant_ SET id_token = :sealed WHERE id = :id", sealed=sealed, id=grant.id)
        with pytest.raises(UseRefusedError) as raised:
            world.use(grant_id=grant.id)
        assert raised.value.reason == "grant-altered"


class TestRevoke:
    @pytest.mark.parametrize("by", ["login", "itself"])
    def test_ends_every_signature_after_it(self, world: World, by: str) -> None:
        device = phone(world)
        key = enrol(world, device)
        grant = give(world, device)
        digest = revocation(key.id)[1]
        signature = world.id_token("chen", digest) if by == "login" else device.sign(digest)
        with world.database.unit() as db:
            assert world.enrolments.revoke(db, key.id, signature).revoked_at == world.clock.now()
        assert "key.revoked" in world.types()
        with pytest.raises(KeyRefusedError):
            give(world, device)
        assert world.use(grant_id=grant.id)
        with world.database.unit() as db:
            kinds = [notice.kind for notice in world.notices.of_holder(db, world.chen)]
            assert NoticeKind.key_revoked in kinds
        with world.database.unit() as db, pytest.raises(KeyRefusedError):
            world.enrolments.revoke(db, key.id, world.id_token("chen", digest))

    def test_administrator_who_takes_it_back_has_no_key(self, world: World) -> None:
        device = Passkey()
        key = enrol(world, device)
        with world.database.unit() as db:
            world.enrolments.revoke(db, key.id, device.sign(revocation(key.id)[1]))
        world.run("UPDATE authz.signing_key SET revoked_at = NULL, revocation = NULL, revocation_entry_id = NULL")
        with pytest.raises(KeyRefusedError) as raised:
            give(world, device)
        assert raised.value.fields["check"] == "enrolment"

    def test_only_by_its_holder(self, world: World) -> None:
        key = enrol(world, Passkey())
        digest = revocation(key.id)[1]
        with world.database.unit() as db, pytest.raises(UnknownKeyError):
            world.enrolments.revoke(db, key.id, world.id_token("xu", digest))
        with world.database.unit() as db, pytest.raises(UnknownKeyError):
            world.enrolments.revoke(db, NOBODY, world.id_token("chen", revocation(NOBODY)[1]))
        with world.database.unit() as db, pytest.raises(IdTokenRefusedError):
            world.enrolments.revoke(db, key.id, world.id_token("chen", "A" * 43))


class TestObjects:
    def test_signed_for_one_thing_only(self, world: World) -> None:
        device = Passkey()
        enrol(world, device)
        give(world, device, types=[], objects=[LEASE])
        assert world.use()
