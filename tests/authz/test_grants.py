"""Grants: only what the holder signed, only for whom, only while it stands; and a changed row is noticed."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from authz.errors import (
    AskClosedError,
    GrantClosedError,
    IdTokenRefusedError,
    InvalidTermsError,
    SealBrokenError,
    SignerNotHolderError,
    UnknownAskError,
    UnknownGrantError,
    UseRefusedError,
)
from authz.model import AskState, GrantState, Mode
from authz.terms import GrantBody, refusal_digest
from authz.vault import digest_of
from ledger.record import canonical
from tests.authz.world import AUDIENCE, CASE, CAUSE, ITEM, LEASE, LOGIN, Key, World

NOBODY = "00000000-0000-7000-8000-000000000000"


class TestTerms:
    def test_digest_is_of_the_canonical_terms(self, world: World) -> None:
        ask = world.ask()
        body = GrantBody.decode(ask.body)
        assert canonical(json.loads(ask.body)) == ask.body
        assert body.digest == ask.digest == digest_of(ask.body)

    def test_two_asks_with_the_same_terms_differ(self, world: World) -> None:
        assert world.ask().digest != world.ask().digest

    def test_names_the_holder_pairwise_only(self, world: World) -> None:
        text = world.ask().body.decode()
        assert world.firm not in text
        assert world.holders.pairwise(world.firm, world.qingpu.party_id) in text

    @pytest.mark.parametrize(
        ("term", "value"),
        [
            ("cause", ""),
            ("cause", "  "),
            ("cause", "为310199199001010018办理"),
            ("cause", "请致电13800000000"),
            ("cause", "a\nb"),
            ("cause", "长" * 201),
            ("objects", ["../x"]),
            ("types", []),
            ("types", [""]),
            ("types", [f"CL{n:03d}" for n in range(201)]),
            ("regions", []),
            ("regions", ["31"]),
            ("regions", ["上海310000"]),
            ("max_uses", 0),
            ("max_uses", -1),
            ("max_uses", 1001),
            ("max_uses", True),
            ("mode", Mode.data),  # without fields
            ("fields", ["a b"]),
            ("item_code", ""),
            ("case_no", "a b"),
        ],
    )
    def test_refuses_terms(self, world: World, term: Any, value: Any) -> None:
        with pytest.raises(InvalidTermsError):
            world.ask(**{term: value})

    @pytest.mark.parametrize("days", [0, -1, 367])
    def test_refuses_periods(self, world: World, days: Any) -> None:
        with pytest.raises(InvalidTermsError):
            world.ask(valid_to=world.clock.now() + timedelta(days=days))

    @pytest.mark.parametrize(
        "change",
        [
            {"v": 2},
            {"type": "cailian/other"},
            {"extra": 1},
            {"parent": "x"},
            {"mode": "own"},
            {"max_uses": "3"},
            {"max_uses": 3.0},
            {"types": ["CL022", "CL022"]},
            {"types": ["CL025", "CL022"]},
            {"valid_from": "2026-11-21"},
            {"purpose": None},
            {"grantee": []},
            {"regions": "310000"},
        ],
        ids=str,
    )
    def test_reads_only_what_it_would_write(self, world: World, change: Any) -> None:
        document = json.loads(world.ask(max_uses=3).body) | change
        with pytest.raises(InvalidTermsError):
            GrantBody.decode(json.dumps(document, sort_keys=True, separators=(",", ":")).encode())

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff", b'{"id":1}'])
    def test_refuses_what_is_no_terms(self, body: Any) -> None:
        with pytest.raises(InvalidTermsError):
            GrantBody.decode(body)


class TestPropose:
    def test_ask_for_another_party_or_holder_is_refused(self, world: World) -> None:
        other = world.call(world.baoshan)
        now = world.clock.now()
        body = world.grants.propose(
            world.caller,
            world.firm,
            item_code=ITEM,
            case_no=None,
            cause=CAUSE,
            types=["CL022"],
            valid_from=now,
            valid_to=now + timedelta(days=1),
        )
        with world.database.unit() as db:
            for caller, holder in ((other, world.firm), (world.caller, world.xu)):
                with pytest.raises(InvalidTermsError):
                    world.asks.create(db, caller, holder, "qp-103", body)


TOKENS = {
    "other nonce": lambda w, d: w.id_token("chen", d[:-1] + ("A" if d[-1] != "A" else "B")),
    "no nonce": lambda w, d: w.id_token("chen", None),
    "other audience": lambda w, d: w.id_token("chen", d, aud="another-service"),
    "two audiences": lambda w, d: w.id_token("chen", d, aud=[AUDIENCE, "another"]),
    "unknown issuer": lambda w, d: w.id_token("chen", d, iss="https://evil.test"),
    "issuer with a slash": lambda w, d: w.id_token("chen", d, iss=LOGIN + "/"),
    "issuer as list": lambda w, d: w.id_token("chen", d, iss=None, **{"iss ": [LOGIN]}),
    "other key": lambda w, d: w.id_token("chen", d, key=Key()),
    "unknown kid": lambda w, d: w.id_token("chen", d, {"kid": "k2"}),
    "no kid": lambda w, d: w.id_token("chen", d, {"kid": None}),
    "own jwk": lambda w, d: w.id_token("chen", d, {"jwk": w.login_key.jwk}),
    "a typ that verifiers do not know": lambda w, d: w.id_token("chen", d, {"typ": "Jwt"}),
    "a time with a fraction": lambda w, d: w.id_token("chen", d, iat=w.clock.seconds - 0.5),
    "a claim with a fraction": lambda w, d: w.id_token("chen", d, height=1.5),
    "wrong typ": lambda w, d: w.id_token("chen", d, {"typ": "at+jwt"}),
    "old": lambda w, d: w.id_token("chen", d, iat=w.clock.seconds - 301),
    "old login": lambda w, d: w.id_token("chen", d, auth_time=w.clock.seconds - 301),
    "from the future": lambda w, d: w.id_token("chen", d, iat=w.clock.seconds + 11),
    "expired": lambda w, d: w.id_token("chen", d, exp=w.clock.seconds),
    "no exp": lambda w, d: w.id_token("chen", d, exp=None),
    "no sub": lambda w, d: w.id_token(None, d),
    "no token": lambda w, d: "x",
    "signed by the department": lambda w, d: w.id_token("chen", d, key=w.qingpu.key),
}


class TestApprove:
    def test_holder_signs_for_themselves(self, world: World) -> None:
        grant = world.grant("xu", world.xu)
        assert (grant.signer_id, grant.representation) == (world.xu, None)
        assert grant.uses_left == grant.max_uses == 3
        assert grant.regions == {"310118"}

    def test_legal_representative_signs_for_the_firm(self, world: World) -> None:
        grant = world.grant("chen")
        assert (grant.signer_id, grant.representation) == (world.chen, "legal_representative")

    def test_writes_its_entry(self, world: World) -> None:
        grant = world.grant()
        fact, parties = world.record(grant.entry_id)
        token, withdrawn = self.evidence(world, grant.id)
        assert fact["type"] == "grant.given"
        assert parties["terms"] == grant.digest
        assert parties["signer"] == world.holders.pairwise(world.chen, world.qingpu.party_id)
        assert parties["id_token"]["sha256"] == sha256(token.encode()).hexdigest()
        assert withdrawn is None
        assert world.firm not in json.dumps(parties)
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["nonce"] == grant.digest

    def evidence(self, world: World, grant_id: Any) -> Any:
        with world.database.unit() as db:
            return world.grants.evidence_of(db, grant_id)

    @pytest.mark.parametrize("subject", ["xu", "nobody"])
    def test_refuses_somebody_else(self, world: World, subject: Any) -> None:
        with pytest.raises(SignerNotHolderError):
            world.grant(subject)
        assert world.run("SELECT count(*) FROM authz.grant_")[0][0] == 0
        assert "grant.given" not in world.types()

    @pytest.mark.parametrize("case", TOKENS)
    def test_refuses_token(self, world: World, case: Any) -> None:
        ask = world.ask()
        token = TOKENS[case](world, ask.digest)
        with world.database.unit() as db, pytest.raises(IdTokenRefusedError):
            world.asks.approve(db, ask.id, token)

    def test_takes_one_audience_as_list(self, world: World) -> None:
        ask = world.ask()
        with world.database.unit() as db:
            assert world.asks.approve(db, ask.id, world.id_token("chen", ask.digest, aud=[AUDIENCE]))

    def test_token_serves_one_ask(self, world: World) -> None:
        ask, other = world.ask(), world.ask()
        token = world.id_token("chen", ask.digest)
        with world.database.unit() as db:
            world.asks.approve(db, ask.id, token)
        with world.database.unit() as db, pytest.raises(AskClosedError):
            world.asks.approve(db, ask.id, token)
        with world.database.unit() as db, pytest.raises(IdTokenRefusedError):
            world.asks.approve(db, other.id, token)

    def test_terms_are_given_once_whatever_the_way(self, world: World) -> None:
        ask = world.ask()
        token = world.id_token("chen", ask.digest)
        with world.database.unit() as db:
            world.asks.approve(db, ask.id, token)
        with world.database.unit() as db, pytest.raises(GrantClosedError):
            world.grants.accept(db, GrantBody.decode(ask.body), grantor_id=world.firm, signature=token)

    def test_ask_expires(self, world: World) -> None:
        ask = world.ask()
        world.clock.at = ask.expires_at
        with world.database.unit() as db, pytest.raises(AskClosedError):
            world.asks.approve(db, ask.id, world.id_token("chen", ask.digest))

    def test_changed_ask_is_noticed(self, world: World) -> None:
        ask = world.ask()
        body = ask.body.replace(b'"max_uses":3', b'"max_uses":9')
        world.run("UPDATE authz.ask SET body = :body WHERE id = :id", body=body, id=ask.id)
        with world.database.unit() as db, pytest.raises(InvalidTermsError):
            world.asks.approve(db, ask.id, world.id_token("chen", ask.digest))

    def test_former_representative_is_refused(self, world: World) -> None:
        with world.database.unit() as db:
            world.representations.end(db, world.represented.id, source=world.baoshan.party_id, operator="bs-002")
        with pytest.raises(SignerNotHolderError):
            world.grant("chen")

    def test_unknown(self, world: World) -> None:
        with world.database.unit() as db, pytest.raises(UnknownAskError):
            world.asks.approve(db, NOBODY, "x")

    def test_takes_a_provider_with_rs256_and_no_other_algorithm(self, world: World) -> None:
        private = rsa.generate_private_key(65537, 2048)
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
        keys = {"r1": {"kty": "RSA", "n": jwk["n"], "e": jwk["e"], "alg": "RS256"}}
        provider = world.signatures._id_tokens._providers._providers[LOGIN]
        object.__setattr__(provider, "keys", keys)
        ask = world.ask()
        now = world.clock.seconds
        claims = {"iss": LOGIN, "sub": "chen", "aud": AUDIENCE, "iat": now, "exp": now + 60, "nonce": ask.digest}
        with world.database.unit() as db, pytest.raises(IdTokenRefusedError):
            world.asks.approve(db, ask.id, jwt.encode(claims, private, "PS256", {"kid": "r1"}))
        with world.database.unit() as db:
            assert world.asks.approve(db, ask.id, jwt.encode(claims, private, "RS256", {"kid": "r1"}))


class TestRefuse:
    def test_holder_says_no(self, world: World) -> None:
        ask = world.ask()
        with world.database.unit() as db:
            refused = world.asks.refuse(db, ask.id, world.id_token("chen", refusal_digest(ask.id)))
        assert refused.state is AskState.refused
        assert "ask.refused" in world.types()
        with world.database.unit() as db, pytest.raises(AskClosedError):
            world.asks.approve(db, ask.id, world.id_token("chen", ask.digest))

    def test_a_yes_is_no_no(self, world: World) -> None:
        ask = world.ask()
        with world.database.unit() as db, pytest.raises(IdTokenRefusedError):
            world.asks.refuse(db, ask.id, world.id_token("chen", ask.digest))

    def test_nobody_else_refuses(self, world: World) -> None:
        ask = world.ask()
        with world.database.unit() as db, pytest.raises(SignerNotHolderError):
            world.asks.refuse(db, ask.id, world.id_token("xu", refusal_digest(ask.id)))


class TestAsksGet:
    def test_shows_to_whoever_holds_the_id(self, world: World) -> None:
        ask = world.ask()
        with world.database.unit() as db:
            assert world.asks.get(db, ask.id) == ask
            assert world.asks.of_holder(db, world.firm) == [ask]
            assert world.asks.of_holder(db, world.xu) == []

    def test_of_party_hides_another_organisations(self, world: World) -> None:
        ask = world.ask()
        other = world.call(world.baoshan)
        with world.database.unit() as db:
            assert world.asks.of_party(db, world.caller, ask.id) == ask
            for caller, ask_id in ((other, ask.id), (world.caller, NOBODY)):
                with pytest.raises(UnknownAskError):
                    world.asks.of_party(db, caller, ask_id)


class TestWithdraw:
    def test_ends_the_grant_and_writes_its_entry(self, world: World) -> None:
        grant = world.withdraw(world.grant().id)
        assert grant.state is GrantState.withdrawn
        fact, parties = world.record(grant.withdrawal_entry_id)
        assert fact["type"] == "grant.withdrawn"
        assert parties["grant"] == grant.id
        assert parties["given_entry"] == grant.entry_id
        with world.database.unit() as db:
            assert world.grants.evidence_of(db, grant.id)[1] is not None
        with pytest.raises(UseRefusedError) as raised:
            world.use()
        assert raised.value.code == "grant-withdrawn"

    def test_twice(self, world: World) -> None:
        grant = world.withdraw(world.grant().id)
        with pytest.raises(GrantClosedError):
            world.withdraw(grant.id)

    def test_only_by_the_holder(self, world: World) -> None:
        grant = world.grant()
        with pytest.raises(SignerNotHolderError):
            world.withdraw(grant.id, "xu")
        assert world.use()

    def test_signature_of_the_grant_is_none_of_its_withdrawal(self, world: World) -> None:
        grant = world.grant()
        with world.database.unit() as db, pytest.raises(IdTokenRefusedError):
            world.grants.withdraw(db, grant.id, world.id_token("chen", grant.digest))

    def test_signature_over_another_grants_withdrawal(self, world: World) -> None:
        grant, other = world.grant(), world.grant()
        token = world.id_token("chen", world.grants.withdrawal_of(other.id)[1])
        with world.database.unit() as db, pytest.raises(IdTokenRefusedError):
            world.grants.withdraw(db, grant.id, token)

    def test_new_representative_may_withdraw_what_the_old_one_gave(self, world: World) -> None:
        grant = world.grant()
        with world.database.unit() as db:
            world.representations.end(db, world.represented.id, source=world.baoshan.party_id, operator="bs-002")
            world.representations.record(
                db,
                organisation=world.firm,
                person=world.xu,
                kind="legal_representative",
                valid_from=world.clock.now(),
                valid_to=None,
                source=world.baoshan.party_id,
                operator="bs-002",
            )
        with pytest.raises(SignerNotHolderError):
            world.withdraw(grant.id, "chen")
        assert world.withdraw(grant.id, "xu").state is GrantState.withdrawn

    def test_unknown(self, world: World) -> None:
        with pytest.raises(UnknownGrantError):
            world.withdraw(NOBODY)


class TestOfGrantee:
    def test_hides_anothers_grant(self, world: World) -> None:
        grant = world.grant()
        other = world.call(world.baoshan)
        with world.database.unit() as db:
            assert world.grants.of_grantee(db, world.caller, grant.id) == grant
            for caller, grant_id in ((other, grant.id), (world.caller, NOBODY)):
                with pytest.raises(UnknownGrantError):
                    world.grants.of_grantee(db, caller, grant_id)


class TestListing:
    def test_of_holder_and_withdrawn_over(self, world: World) -> None:
        kept, ended = world.grant(), world.grant(types=[], objects=[LEASE])
        world.withdraw(ended.id)
        with world.database.unit() as db:
            assert {grant.id for grant in world.grants.of_holder(db, world.firm)} == {kept.id, ended.id}
            assert [grant.id for grant in world.grants.withdrawn_over(db, world.firm, LEASE, "CL022")] == [ended.id]
            assert world.grants.withdrawn_over(db, world.firm, NOBODY, "CL022") == []
            with pytest.raises(UnknownGrantError):
                world.grants.find(db, NOBODY)
            with pytest.raises(UnknownGrantError):
                world.grants.evidence_of(db, NOBODY)


CHANGES = {
    "uses": "max_uses = 1000, uses_left = 1000",
    "period": "valid_to = valid_to + interval '1 year'",
    "begin": "valid_from = valid_from - interval '1 day'",
    "types": "types = ARRAY['CL022', 'CL025']",
    "objects": f"objects = ARRAY['{LEASE}']::uuid[]",
    "regions": "regions = ARRAY['310118', '330000']",
    "fields": "fields = ARRAY['name']",
    "mode": "mode = 'data'",
    "case": "case_no = NULL",
    "digest": "digest = 'x'",
    "body": "body = convert_to(replace(convert_from(body, 'UTF8'), '\"max_uses\"\\:3', '\"max_uses\"\\:9'), 'UTF8')",
    "body and column": "max_uses = 9, uses_left = 9, "
    "body = convert_to(replace(convert_from(body, 'UTF8'), '\"max_uses\"\\:3', '\"max_uses\"\\:9'), 'UTF8')",
    "token": "id_token = set_byte(id_token, 12, 255 - get_byte(id_token, 12))",
}


class TestIsIntact:
    """A database administrator changes a row (RELIABILITY W2, W4)."""

    @pytest.mark.parametrize("used_before", [False, True], ids=["first", "remembered"])
    @pytest.mark.parametrize("change", CHANGES)
    def test_changed_row_is_refused(self, world: World, change: Any, used_before: Any) -> None:
        grant = world.grant()
        if used_before:
            world.use()
        world.run(f"UPDATE authz.grant_ SET {CHANGES[change]} WHERE id = :id", id=grant.id)
        with pytest.raises(UseRefusedError) as raised:
            world.use(grant_id=grant.id)
        assert raised.value.reason == "grant-altered"

    def test_body_with_matching_digest_is_refused(self, world: World) -> None:
        grant = world.grant()
        body = grant.body.replace(b'"max_uses":3', b'"max_uses":9')
        world.run(
            "UPDATE authz.grant_ SET body = :body, digest = :digest, max_uses = 9, uses_left = 9 WHERE id = :id",
            body=body,
            digest=digest_of(body),
            id=grant.id,
        )
        with pytest.raises(UseRefusedError) as raised:
            world.use(grant_id=grant.id)
        assert raised.value.reason == "grant-altered"

    def test_grant_of_another_holder_moved_here_is_refused(self, world: World) -> None:
        world.grant("xu", world.xu)
        world.run("UPDATE authz.grant_ SET grantor_id = :f, signer_id = :f", f=world.firm)
        with pytest.raises(UseRefusedError) as raised:
            world.use()
        assert raised.value.reason == "grant-altered"

    def test_token_of_another_grant_is_refused(self, world: World) -> None:
        grant, other = world.grant(), world.grant()
        world.run(
            "UPDATE authz.grant_ SET id_token = (SELECT id_token FROM authz.grant_ WHERE id = :o) WHERE id = :g",
            o=other.id,
            g=grant.id,
        )
        with pytest.raises(UseRefusedError) as raised:
            world.use(grant_id=grant.id)
        assert raised.value.reason == "grant-altered"
        with world.database.unit() as db, pytest.raises(SealBrokenError):
            world.grants.evidence_of(db, grant.id)

    def test_provider_that_is_no_longer_trusted(self, world: World) -> None:
        world.grant()
        world.signatures._id_tokens._providers._providers.clear()
        with pytest.raises(UseRefusedError) as raised:
            world.use()
        assert raised.value.reason == "grant-altered"

    def test_untouched_row_passes_again_and_again(self, world: World) -> None:
        world.grant()
        assert [world.use().uses_left for _ in range(3)] == [2, 1, 0]


class TestCaseOfAGrant:
    def test_none_covers_every_case_of_the_item(self, world: World) -> None:
        world.grant(case_no=None)
        assert world.use(facts=world.facts(case_no="other"), case_no="other")

    def test_one_covers_that_only(self, world: World) -> None:
        grant = world.grant(case_no=CASE)
        with pytest.raises(UseRefusedError) as raised:
            world.use(facts=world.facts(case_no="other"), case_no="other", grant_id=grant.id)
        assert raised.value.code == "grant-purpose"
