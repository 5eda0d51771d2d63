"""The token tables of RELIABILITY A1, A3, A8: every refusal has one shape, and nothing refused is remembered as used."""

import base64
import hashlib
import hmac
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm
from sqlalchemy import Connection

from authz.errors import (
    CredentialError,
    InvalidClientError,
    InvalidDpopProofError,
    InvalidScopeError,
    InvalidTokenError,
    InvalidTokenRequestError,
    UnknownPartyError,
    UnsupportedGrantTypeError,
)
from authz.tokenproofs import REPLAY_RESET
from authz.tokens import TokenService
from tests.authz.world import ISSUER, TOKEN_URL, USES_URL, Key, World


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(text: str) -> str:
    return b64(text.encode())


def raw(world: World, header: str, claims: str) -> str:
    """A token with exactly these texts, signed by the department's key (ES256)."""
    signed = f"{part(header)}.{part(claims)}"
    signature = ECAlgorithm(ECAlgorithm.SHA256).sign(signed.encode(), world.qingpu.key.private)
    return f"{signed}.{b64(signature)}"


def claims_of(world: World, **other: Any) -> Any:
    now = world.clock.seconds
    name = world.qingpu.client_id
    claims = {"iss": name, "sub": name, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": str(uuid.uuid4())} | other
    return {key: value for key, value in claims.items() if value is not None}


def header_of(world: World, **other: Any) -> Any:
    header = {"alg": "ES256", "kid": world.qingpu.key.thumbprint} | other
    return {key: value for key, value in header.items() if value is not None}


def issue(world: World, assertion: Any, proof: Any = None, key: Any = None, **form: Any) -> Any:
    proof = proof or world.proof(key or world.qingpu.key, "POST", TOKEN_URL)
    with world.database.unit() as db:
        return world.tokens.issue(db, world.form(assertion, **form), proof, "POST", TOKEN_URL)


def pem(world: World) -> bytes:
    public = world.qingpu.key.private.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def hs256(world: World, secret: bytes) -> str:
    signed = f"{part(json.dumps(header_of(world, alg='HS256')))}.{part(json.dumps(claims_of(world)))}"
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), 'sha256'))}"


ASSERTIONS = {
    "alg none": lambda w: f"{part(json.dumps(header_of(w, alg='none')))}.{part(json.dumps(claims_of(w)))}.",
    "alg none with a signature": lambda w: raw(w, json.dumps(header_of(w, alg="none")), json.dumps(claims_of(w))),
    "HS256 with the public key as PEM": lambda w: hs256(w, pem(w)),
    "HS256 with the public key as JWK": lambda w: hs256(w, json.dumps(w.qingpu.key.jwk).encode()),
    "alg of another key": lambda w: raw(w, json.dumps(header_of(w, alg="EdDSA")), json.dumps(claims_of(w))),
    "alg missing": lambda w: raw(w, json.dumps(header_of(w, alg=None)), json.dumps(claims_of(w))),
    "alg as list": lambda w: raw(w, json.dumps(header_of(w, alg=["ES256"])), json.dumps(claims_of(w))),
    "unknown crit": lambda w: w.assertion(w.qingpu, {"crit": ["x"], "x": 1}),
    "b64 false": lambda w: raw(w, json.dumps(header_of(w, b64=False, crit=["b64"])), json.dumps(claims_of(w))),
    "own jwk": lambda w: w.assertion(w.qingpu, {"jwk": w.qingpu.key.jwk}),
    "jku": lambda w: w.assertion(w.qingpu, {"jku": "http://127.0.0.1:1/jwks"}),
    "x5u": lambda w: w.assertion(w.qingpu, {"x5u": "http://127.0.0.1:1/x"}),
    "x5c": lambda w: w.assertion(w.qingpu, {"x5c": ["AA=="]}),
    "kid with a path": lambda w: w.assertion(w.qingpu, {"kid": "../../../../dev/null"}),
    "kid with SQL": lambda w: w.assertion(w.qingpu, {"kid": "' OR 1=1 --"}),
    "kid with NUL": lambda w: w.assertion(w.qingpu, {"kid": "a\0b"}),
    "kid as object": lambda w: raw(w, json.dumps(header_of(w, kid={"a": 1})), json.dumps(claims_of(w))),
    "kid missing": lambda w: raw(w, json.dumps(header_of(w, kid=None)), json.dumps(claims_of(w))),
    "duplicate kid": lambda w: raw(
        w, json.dumps(header_of(w))[:-1] + f',"kid":"{w.qingpu.key.thumbprint}"}}', json.dumps(claims_of(w))
    ),
    "kid of another client": lambda w: w.assertion(w.qingpu, {"kid": w.baoshan.key.thumbprint}),
    "wrong typ": lambda w: w.assertion(w.qingpu, {"typ": "at+jwt"}),
    "typ as object": lambda w: raw(w, json.dumps(header_of(w, typ={"a": 1})), json.dumps(claims_of(w))),
    "typ of a proof": lambda w: w.assertion(w.qingpu, {"typ": "dpop+jwt"}),
    "zip": lambda w: w.assertion(w.qingpu, {"zip": "DEF"}),
    "missing exp": lambda w: w.assertion(w.qingpu, exp=None),
    "missing iat": lambda w: w.assertion(w.qingpu, iat=None),
    "missing jti": lambda w: w.assertion(w.qingpu, jti=None),
    "jti as number": lambda w: w.assertion(w.qingpu, jti=1),
    "missing aud": lambda w: w.assertion(w.qingpu, aud=None),
    "aud of another server": lambda w: w.assertion(w.qingpu, aud="https://other.test"),
    "aud as list of two": lambda w: w.assertion(w.qingpu, aud=[ISSUER, "https://other.test"]),
    "aud as list of one": lambda w: w.assertion(w.qingpu, aud=[ISSUER]),
    "aud without scheme": lambda w: w.assertion(w.qingpu, aud="exchange.test"),
    "iss of another": lambda w: w.assertion(w.qingpu, iss="baoshan-window"),
    "sub of another": lambda w: w.assertion(w.qingpu, sub="baoshan-window"),
    "unknown client": lambda w: w.assertion(w.qingpu, iss="nobody", sub="nobody"),
    "iss as list": lambda w: raw(w, json.dumps(header_of(w)), json.dumps(claims_of(w, iss=["qingpu-market"]))),
    "exp as text": lambda w: raw(w, json.dumps(header_of(w)), json.dumps(claims_of(w, exp="soon"))),
    "exp as boolean": lambda w: raw(w, json.dumps(header_of(w)), json.dumps(claims_of(w, exp=True))),
    "exp infinite": lambda w: raw(
        w, json.dumps(header_of(w)), json.dumps(claims_of(w)).replace(str(w.clock.seconds + 60), "1e999")
    ),
    "exp huge": lambda w: raw(w, json.dumps(header_of(w)), json.dumps(claims_of(w, exp=10**400))),
    "exp NaN": lambda w: raw(
        w, json.dumps(header_of(w)), json.dumps(claims_of(w)).replace(str(w.clock.seconds + 60), "NaN")
    ),
    "exp an hour on": lambda w: w.assertion(w.qingpu, exp=w.clock.seconds + 3600),
    "expired": lambda w: w.assertion(w.qingpu, exp=w.clock.seconds - 11),
    "from the future": lambda w: w.assertion(w.qingpu, iat=w.clock.seconds + 11),
    "not yet": lambda w: w.assertion(w.qingpu, nbf=w.clock.seconds + 30),
    "duplicate claim": lambda w: raw(
        w, json.dumps(header_of(w)), json.dumps(claims_of(w))[:-1] + f',"aud":"{ISSUER}"}}'
    ),
    "claims as list": lambda w: raw(w, json.dumps(header_of(w)), "[]"),
    "claims as NaN": lambda w: raw(w, json.dumps(header_of(w)), "NaN"),
    "no JSON": lambda w: raw(w, json.dumps(header_of(w)), "{"),
    "deep JSON": lambda w: raw(w, json.dumps(header_of(w)), "[" * 5000 + "]" * 5000),
    "deep header": lambda w: raw(w, '{"a":' * 300 + "1" + "}" * 300, json.dumps(claims_of(w))),
    "1 MB header": lambda w: raw(w, json.dumps(header_of(w, pad="x" * 2**20)), json.dumps(claims_of(w))),
    "3 kB header": lambda w: raw(w, json.dumps(header_of(w, pad="x" * 3000)), json.dumps(claims_of(w))),
    "not UTF-8": lambda w: f"{b64(bytes([0xFF, 0xFE]))}.{part(json.dumps(claims_of(w)))}.AA",
    "four parts": lambda w: w.assertion(w.qingpu) + ".AAAA",
    "five parts (JWE)": lambda w: ".".join(["AAAA"] * 5),
    "padding": lambda w: w.assertion(w.qingpu) + "=",
    "white space": lambda w: " " + w.assertion(w.qingpu),
    "changed signature": lambda w: w.assertion(w.qingpu)[:-4] + "AAAA",
    "empty signature": lambda w: w.assertion(w.qingpu).rsplit(".", 1)[0] + ".",
    "of another key": lambda w: Key().sign(claims_of(w), {"kid": w.qingpu.key.thumbprint}),
    "a DPoP proof": lambda w: w.proof(w.qingpu.key, "POST", TOKEN_URL),
    "an access token": lambda w: w.token(w.qingpu),
}


class TestIssue:
    def test_gives_a_bound_token(self, world: World) -> None:
        answer = issue(world, world.assertion(world.qingpu))
        assert answer["token_type"] == "DPoP"
        assert answer["expires_in"] == 300
        assert answer["scope"] == "case use"
        claims = jwt.decode(
            answer["access_token"],
            world.node_key.public_key(),
            ["ES256"],
            audience=ISSUER,
            options={"verify_exp": False, "verify_iat": False},
        )
        assert claims["cnf"]["jkt"] == world.qingpu.key.thumbprint
        assert claims["exp"] - claims["iat"] == 300

    @pytest.mark.parametrize("case", ASSERTIONS)
    def test_refuses_assertion(self, world: World, case: Any) -> None:
        with pytest.raises(InvalidClientError) as raised:
            issue(world, ASSERTIONS[case](world))
        assert raised.value.fields == {}
        assert raised.value.code == "invalid_client"

    @pytest.mark.parametrize("aud", [ISSUER, TOKEN_URL])
    def test_takes_either_name_of_this_server(self, world: World, aud: Any) -> None:
        assert issue(world, world.assertion(world.qingpu, aud=aud))

    @pytest.mark.parametrize("claims", [{"iat": 10}, {"nbf": 10}, {"exp": -5}, {"exp": 300}, {"iat": 0.5}], ids=str)
    def test_takes_skew_within_the_limits(self, world: World, claims: Any) -> None:
        assert issue(world, world.assertion(world.qingpu, **{k: world.clock.seconds + v for k, v in claims.items()}))

    def test_assertion_serves_once(self, world: World) -> None:
        assertion = world.assertion(world.qingpu)
        issue(world, assertion)
        with pytest.raises(InvalidClientError):
            issue(world, assertion)

    def test_jti_of_another_client_does_not_stop_mine(self, world: World) -> None:
        issue(world, world.assertion(world.qingpu, jti="same"))
        issue(world, world.assertion(world.baoshan, jti="same"), key=world.baoshan.key)

    def test_refused_proof_leaves_the_assertion_unspent(self, world: World) -> None:
        assertion = world.assertion(world.qingpu)
        with pytest.raises(InvalidDpopProofError):
            issue(world, assertion, world.proof(world.qingpu.key, "GET", TOKEN_URL))
        assert issue(world, assertion)

    def test_proof_serves_once(self, world: World) -> None:
        proof = world.proof(world.qingpu.key, "POST", TOKEN_URL)
        issue(world, world.assertion(world.qingpu), proof)
        with pytest.raises(InvalidDpopProofError):
            issue(world, world.assertion(world.qingpu), proof)

    def test_assertion_older_than_the_replay_table_is_refused(self, world: World) -> None:
        assertion = world.assertion(world.qingpu)
        world.clock.pass_(5)
        world.run("TRUNCATE authz.jti")  # what a database crash does to an UNLOGGED table
        with world.database.unit() as db:
            world.tokens.tend(db)
        world.clock.pass_(2)
        with pytest.raises(InvalidClientError):
            issue(world, assertion)
        assert issue(world, world.assertion(world.qingpu))

    def test_narrows_scope(self, world: World) -> None:
        assert issue(world, world.assertion(world.qingpu), scope="use")["scope"] == "use"

    @pytest.mark.parametrize("scope", ["deposit", "use deposit", "use  case", "*"])
    def test_never_widens_scope(self, world: World, scope: Any) -> None:
        with pytest.raises(InvalidScopeError):
            issue(world, world.assertion(world.qingpu), scope=scope)

    def test_refuses_a_request_without_a_grant_type(self, world: World) -> None:
        with world.database.unit() as db, pytest.raises(InvalidTokenRequestError):
            world.tokens.issue(db, {}, None, "POST", TOKEN_URL)

    def test_refuses_another_grant_type(self, world: World) -> None:
        with world.database.unit() as db, pytest.raises(UnsupportedGrantTypeError):
            world.tokens.issue(db, {"grant_type": "password"}, None, "POST", TOKEN_URL)

    def test_refuses_a_form_without_assertion(self, world: World) -> None:
        with world.database.unit() as db, pytest.raises(InvalidTokenRequestError):
            world.tokens.issue(db, {"grant_type": "client_credentials"}, None, "POST", TOKEN_URL)

    def test_takes_an_ed25519_key_and_no_other_algorithm_for_it(self, world: World) -> None:
        private = Ed25519PrivateKey.generate()
        jwk = json.loads(OKPAlgorithm.to_jwk(private.public_key()))
        with world.database.unit() as db:
            world.parties.add_key(db, "qingpu-market", {"crv": jwk["crv"], "kty": "OKP", "x": jwk["x"], "kid": "ed"})
        assert issue(world, jwt.encode(claims_of(world), private, "EdDSA", {"kid": "ed"}))
        with pytest.raises(InvalidClientError):
            issue(world, world.assertion(world.qingpu, {"kid": "ed"}))

    def test_retired_key_ends(self, world: World) -> None:
        with world.database.unit() as db:
            world.parties.retire_key(db, "qingpu-market", world.qingpu.key.thumbprint)
        world.clock.pass_(1)
        with pytest.raises(InvalidClientError):
            issue(world, world.assertion(world.qingpu))


def ahead(seconds: Any) -> Any:
    return lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL, t, iat=w.clock.seconds + seconds)


def private_in_header(world: World, token: Any) -> Any:
    whole = json.loads(ECAlgorithm.to_jwk(world.qingpu.key.private))
    return world.proof(world.qingpu.key, "POST", USES_URL, token, {"jwk": whole})


PROOFS = {
    "missing": lambda w, t: None,
    "empty": lambda w, t: "",
    "two proofs": lambda w, t: ", ".join([w.proof(w.qingpu.key, "POST", USES_URL, t)] * 2),
    "other method": lambda w, t: w.proof(w.qingpu.key, "GET", USES_URL, t),
    "method in lower case": lambda w, t: w.proof(w.qingpu.key, "post", USES_URL, t),
    "other path": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL + "/1", t),
    "other host": lambda w, t: w.proof(w.qingpu.key, "POST", "https://other.test/v1/uses", t),
    "other scheme": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL.replace("https", "http"), t),
    "other port": lambda w, t: w.proof(w.qingpu.key, "POST", "https://exchange.test:8443/v1/uses", t),
    "broken port": lambda w, t: w.proof(w.qingpu.key, "POST", "https://exchange.test:x/v1/uses", t),
    "htu as list": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL, t, htu=[USES_URL]),
    "ath missing": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL),
    "ath of another token": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL, t + "x"),
    "of another key": lambda w, t: w.proof(w.baoshan.key, "POST", USES_URL, t),
    "another key, our jwk": lambda w, t: Key().sign(
        {
            "jti": "1",
            "htm": "POST",
            "htu": USES_URL,
            "iat": w.clock.seconds,
            "ath": b64(hashlib.sha256(t.encode()).digest()),
        },
        {"typ": "dpop+jwt", "jwk": w.qingpu.key.jwk},
    ),
    "jwk with the private key": private_in_header,
    "jwk missing": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL, t, {"jwk": None}),
    "jwk symmetric": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL, t, {"jwk": {"kty": "oct", "k": "AA"}}),
    "jwk not on the curve": lambda w, t: w.proof(
        w.qingpu.key, "POST", USES_URL, t, {"jwk": w.qingpu.key.jwk | {"x": b64(bytes(32))}}
    ),
    "jwk of P-384": lambda w, t: w.proof(
        w.qingpu.key, "POST", USES_URL, t, {"jwk": w.qingpu.key.jwk | {"crv": "P-384"}}
    ),
    "wrong typ": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL, t, {"typ": "JWT"}),
    "jku": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL, t, {"jku": "http://127.0.0.1:1"}),
    "crit": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL, t, {"crit": ["x"], "x": 1}),
    "jti missing": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL, t, jti=None),
    "jti too long": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL, t, jti="x" * 513),
    "iat missing": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL, t, iat=None),
    "iat as text": lambda w, t: w.proof(w.qingpu.key, "POST", USES_URL, t, {"typ": "dpop+jwt"}, iat="now"),
    "11 s ahead": ahead(11),
    "30 s ahead": ahead(30),
    "61 s ahead": ahead(61),
    "61 s old": ahead(-61),
    "an hour old": ahead(-3600),
}


class TestAuthenticate:
    def test_knows_the_caller(self, world: World) -> None:
        caller = world.call(world.qingpu)
        assert (caller.client_id, caller.party_id) == ("qingpu-market", world.qingpu.party_id)
        assert (caller.org_code, caller.division) == ("11310118XX00000B0W", "310118")
        assert caller.scopes == {"case", "use"}
        assert caller.jkt == world.qingpu.key.thumbprint

    @pytest.mark.parametrize("cached", [False, True], ids=["first", "cached"])
    @pytest.mark.parametrize("case", PROOFS)
    def test_refuses_proof(self, world: World, case: Any, cached: Any) -> None:
        token = world.token(world.qingpu)
        world.clock.pass_(100)
        if cached:
            world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token))
        proof = PROOFS[case](world, token)
        with pytest.raises(InvalidDpopProofError) as raised:
            world.authenticate(token, proof)
        assert raised.value.fields == {}
        assert raised.value.code == "invalid_dpop_proof"

    @pytest.mark.parametrize("seconds", [10, 5, 0, -30, -60])
    def test_takes_skew_within_the_limits(self, world: World, seconds: Any) -> None:
        token = world.token(world.qingpu)
        world.clock.pass_(100)
        assert world.authenticate(token, ahead(seconds)(world, token))

    @pytest.mark.parametrize(
        "htu", ["https://EXCHANGE.test/v1/uses", "https://exchange.test:443/v1/uses", USES_URL + "?q=1#f"]
    )
    def test_compares_addresses_as_the_standard_says(self, world: World, htu: Any) -> None:
        token = world.token(world.qingpu)
        assert world.authenticate(token, world.proof(world.qingpu.key, "POST", htu, token))

    def test_proof_serves_once_on_whatever_node(self, world: World) -> None:
        token = world.token(world.qingpu)
        proof = world.proof(world.qingpu.key, "POST", USES_URL, token)
        world.authenticate(token, proof)
        another = TokenService(ISSUER, world.node_key, world.clock)
        for tokens in (world.tokens, another):
            with pytest.raises(InvalidDpopProofError):
                world.authenticate(token, proof, tokens)

    def test_of_many_at_once_one_passes(self, world: World) -> Any:
        token = world.token(world.qingpu)
        proof = world.proof(world.qingpu.key, "POST", USES_URL, token)

        def attempt(_: object) -> Any:
            try:
                return world.authenticate(token, proof)
            except InvalidDpopProofError:
                return None

        with ThreadPoolExecutor(6) as pool:
            assert sum(found is not None for found in pool.map(attempt, range(12))) == 1

    def test_refused_proof_is_not_spent(self, world: World) -> None:
        token = world.token(world.qingpu)
        proof = world.proof(world.qingpu.key, "POST", USES_URL, token)
        with pytest.raises(InvalidDpopProofError):
            world.authenticate(token, proof, method="DELETE")
        assert world.authenticate(token, proof)

    def test_replay_table_emptied_by_a_crash(self, world: World) -> None:
        token = world.token(world.qingpu)
        proof = world.proof(world.qingpu.key, "POST", USES_URL, token)
        world.authenticate(token, proof)
        world.run("TRUNCATE authz.jti")
        with pytest.raises(InvalidDpopProofError) as raised:
            world.authenticate(token, proof)
        assert raised.value.reason == REPLAY_RESET
        world.clock.pass_(1)
        with world.database.unit() as db:
            world.tokens.tend(db)
        world.clock.pass_(1)
        with pytest.raises(InvalidDpopProofError):
            world.authenticate(token, proof)
        assert world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token))

    def test_table_is_unlogged(self, world: World) -> None:
        assert world.run("SELECT relpersistence FROM pg_class WHERE oid = 'authz.jti'::regclass")[0][0] == "u"

    def test_expires(self, world: World) -> None:
        token = world.token(world.qingpu)
        world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token))
        for tokens in (world.tokens, TokenService(ISSUER, world.node_key, world.clock)):
            world.clock.pass_(300)
            with pytest.raises(InvalidTokenError):
                world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token), tokens)

    @pytest.mark.parametrize("act", ["revoke", "disable"])
    def test_revocation_reaches_cached_tokens_at_once(self, world: World, act: Any) -> None:
        token = world.token(world.qingpu)
        world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token))
        with world.database.unit() as db:
            if act == "revoke":
                world.parties.revoke(db, "qingpu-market")
            else:
                world.parties.disable_party(db, world.qingpu.party_id)
        for _ in range(2):
            with pytest.raises(InvalidTokenError):
                world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token))

    def test_token_after_revocation_passes(self, world: World) -> None:
        with world.database.unit() as db:
            world.parties.revoke(db, "qingpu-market")
        assert world.call(world.qingpu)

    def test_revoking_nobody(self, world: World) -> None:
        with world.database.unit() as db, pytest.raises(UnknownPartyError):
            world.parties.revoke(db, "nobody")

    @pytest.mark.parametrize("scheme", ["Bearer", "", "Basic"])
    def test_refuses_another_scheme(self, world: World, scheme: Any) -> None:
        token = world.token(world.qingpu)
        with pytest.raises(InvalidTokenError):
            world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token), scheme=scheme)

    def node_signed(self, world: World, header: Any = None, **other: Any) -> Any:
        now = world.clock.seconds
        claims = {
            "iss": ISSUER,
            "aud": ISSUER,
            "sub": "qingpu-market",
            "client_id": "qingpu-market",
            "iat": now,
            "exp": now + 300,
            "jti": "1",
            "scope": "use",
            "epoch": 0,
            "cnf": {"jkt": world.qingpu.key.thumbprint},
        } | other
        claims = {key: value for key, value in claims.items() if value is not None}
        kid = world.tokens.public_jwks[0]["kid"]
        return jwt.encode(claims, world.node_key, "ES256", {"typ": "at+jwt", "kid": kid} | (header or {}))

    def test_takes_what_this_node_signed(self, world: World) -> None:
        token = self.node_signed(world)
        assert world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token))

    @pytest.mark.parametrize(
        ("header", "claims"),
        [
            ({"typ": "JWT"}, {}),
            ({"typ": None}, {}),
            ({"kid": "../../x"}, {}),
            ({}, {"iss": "https://other.test"}),
            ({}, {"aud": "https://other.test"}),
            ({}, {"aud": [ISSUER]}),
            ({}, {"exp": None}),
            ({}, {"cnf": None}),
            ({}, {"cnf": {"x5t#S256": "x"}}),
            ({}, {"cnf": "x"}),
            ({}, {"client_id": "nobody"}),
            ({}, {"client_id": None}),
            ({}, {"epoch": "0"}),
            ({}, {"epoch": 7}),
            ({}, {"scope": None}),
            ({"crit": ["x"], "x": 1}, {}),
        ],
        ids=str,
    )
    def test_refuses_other_tokens_of_this_node(self, world: World, header: Any, claims: Any) -> None:
        token = self.node_signed(world, header, **claims)
        with pytest.raises(InvalidTokenError) as raised:
            world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token))
        assert raised.value.fields == {}

    @pytest.mark.parametrize("token", ["x", "a.b.c", "", "\ud800", "A" * 9000, "ï.b.c"])
    def test_refuses_what_is_no_token(self, world: World, token: Any) -> None:
        with pytest.raises(InvalidTokenError):
            world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, "x"))

    def test_refuses_a_token_signed_by_the_client_itself(self, world: World) -> None:
        key = world.qingpu.key
        token = key.sign(
            {
                "iss": ISSUER,
                "aud": ISSUER,
                "client_id": "qingpu-market",
                "exp": world.clock.seconds + 60,
                "epoch": 0,
                "scope": "use",
                "cnf": {"jkt": key.thumbprint},
            },
            {"typ": "at+jwt"},
        )
        with pytest.raises(InvalidTokenError):
            world.authenticate(token, world.proof(key, "POST", USES_URL, token))

    def test_refuses_an_id_token_and_an_assertion(self, world: World) -> None:
        for token in (world.id_token("chen", "x"), world.assertion(world.qingpu)):
            with pytest.raises(InvalidTokenError):
                world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token))

    def test_every_refusal_carries_no_credential(self, world: World) -> None:
        token = world.token(world.qingpu)
        with pytest.raises(CredentialError) as raised:
            world.authenticate(token, PROOFS["ath of another token"](world, token))
        assert token not in str(raised.value)
        assert token not in raised.value.reason

    def test_cache_is_bounded(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("authz.tokens._CACHED", 2)
        for _ in range(4):
            world.call(world.qingpu)
        assert len(world.tokens._known) == 2


class TestTend:
    def test_drops_what_is_past_and_keeps_the_birth(self, world: World) -> None:
        world.call(world.qingpu)
        before = world.run("SELECT count(*) FROM authz.jti")[0][0]
        world.clock.pass_(1000)
        with world.database.unit() as db:
            assert world.tokens.tend(db) == before - 1
        assert world.run("SELECT count(*) FROM authz.jti")[0][0] == 1

    def test_does_not_move_the_birth(self, world: World) -> None:
        born = world.run("SELECT expires_at FROM authz.jti WHERE id = :id", id=bytes(32))
        world.clock.pass_(1000)
        with world.database.unit() as db:
            world.tokens.tend(db)
        assert world.run("SELECT expires_at FROM authz.jti WHERE id = :id", id=bytes(32)) == born


class TestPublicJwk:
    def test_verifies_our_tokens_and_is_public(self, world: World) -> None:
        (jwk,) = world.tokens.public_jwks
        assert "d" not in jwk
        key = jwt.PyJWK(jwk)
        assert jwt.decode(
            world.token(world.qingpu),
            key.key,
            ["ES256"],
            audience=ISSUER,
            options={"verify_exp": False, "verify_iat": False},
        )

    def test_another_curve_is_no_token_key(self, world: World) -> None:
        public = ec.generate_private_key(ec.SECP384R1()).public_key()
        with world.database.unit() as db, pytest.raises(Exception, match="key"):
            world.parties.add_key(db, "qingpu-market", json.loads(ECAlgorithm.to_jwk(public)))


def calls(world: World, token: str, tokens: TokenService | None = None) -> Any:
    """The caller that a token of the department stands for."""
    return world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token), tokens)


class TestRotation:
    def test_tokens_of_the_key_before_stay_good_and_new_ones_name_the_new_key(self, world: World) -> None:
        before = world.token(world.qingpu)
        fresh = ec.generate_private_key(ec.SECP256R1())
        rotated = TokenService(ISSUER, fresh, world.clock, older=[world.node_key])
        assert calls(world, before, rotated).client_id == world.qingpu.client_id
        after = world.token(world.qingpu, rotated)
        kids = [jwk["kid"] for jwk in rotated.public_jwks]
        assert jwt.get_unverified_header(after)["kid"] == kids[0]
        assert jwt.get_unverified_header(before)["kid"] == kids[1]
        with pytest.raises(InvalidTokenError):
            calls(world, after)

    def test_key_of_two_rotations_ago_is_over(self, world: World) -> None:
        before = world.token(world.qingpu)
        later = TokenService(ISSUER, ec.generate_private_key(ec.SECP256R1()), world.clock)
        with pytest.raises(InvalidTokenError):
            calls(world, before, later)


def asked(world: World, token: str, department: Any = None) -> dict[str, str]:
    return world.form(world.assertion(department or world.qingpu)) | {"token": token}


def introspect(world: World, db: Connection, form: dict[str, str]) -> dict[str, object]:
    return world.tokens.introspect(db, world.tokens.client(db, form), form)


def revoke(world: World, db: Connection, form: dict[str, str]) -> None:
    world.tokens.revoke(db, world.tokens.client(db, form), form)


class TestIntrospect:
    def test_tells_a_client_of_the_same_organisation(self, world: World) -> None:
        token = world.token(world.qingpu)
        with world.database.unit() as db:
            held = introspect(world, db, asked(world, token))
        claims = jwt.decode(token, options={"verify_signature": False})
        assert held == {
            "active": True,
            "token_type": "DPoP",
            "client_id": "qingpu-market",
            "scope": "case use",
            "exp": claims["exp"],
            "iss": ISSUER,
            "aud": ISSUER,
            "cnf": claims["cnf"],
        }

    def test_says_one_thing_of_all_that_is_no_token_of_yours(self, world: World) -> None:
        token = world.token(world.qingpu)
        for case in (token[:-4] + "AAAA", "x", world.token(world.baoshan)):
            with world.database.unit() as db:
                assert introspect(world, db, asked(world, case)) == {"active": False}
        world.clock.pass_(301)
        with world.database.unit() as db:
            assert introspect(world, db, asked(world, token)) == {"active": False}

    def test_assertion_serves_once(self, world: World) -> None:
        form = asked(world, world.token(world.qingpu))
        with world.database.unit() as db:
            introspect(world, db, form)
        with world.database.unit() as db, pytest.raises(InvalidClientError):
            introspect(world, db, form)

    @pytest.mark.parametrize("missing", ["token", "client_assertion", "client_assertion_type"])
    def test_refuses_a_form_that_is_not_whole(self, world: World, missing: str) -> None:
        form = asked(world, world.token(world.qingpu))
        del form[missing]
        with world.database.unit() as db, pytest.raises(InvalidTokenRequestError):
            introspect(world, db, form)


class TestRevoke:
    def test_ends_the_client_s_tokens_at_once(self, world: World) -> None:
        token, other = world.token(world.qingpu), world.token(world.qingpu)
        calls(world, token)
        with world.database.unit() as db:
            revoke(world, db, asked(world, token))
        for each in (token, other):
            with pytest.raises(InvalidTokenError):
                calls(world, each)
        with world.database.unit() as db:
            assert introspect(world, db, asked(world, token)) == {"active": False}
        assert calls(world, world.token(world.qingpu)).client_id == "qingpu-market"

    def test_of_another_organisation_changes_nothing(self, world: World) -> None:
        token = world.token(world.qingpu)
        with world.database.unit() as db:
            revoke(world, db, asked(world, token, world.baoshan))
            revoke(world, db, asked(world, "no token"))
        assert calls(world, token).client_id == "qingpu-market"
