"""Credentials and status lists in the eyes of an implementation that is not ours: npm `@sd-jwt/*` on Node."""

from __future__ import annotations

import json
import random
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from certs.credentials import binding, metadata, sdjwt, statuslist
from certs.credentials.binding import Challenge
from tests.certs.issuers import ISSUER, LIBRARY, NOW, TYPE, TestCa, TestSigner, sheet

SCRIPT = Path(__file__).with_name("credentials.mjs")
BASE = "http://node.test"
LIST = f"{BASE}/v1/status-lists/a1"
CHALLENGE = Challenge("https://counter.test", "n-0S6_WzA2Mj")
INDEX = 4711


@pytest.fixture(scope="module")
def ca() -> TestCa:
    return TestCa()


@pytest.fixture(scope="module")
def library(ca: TestCa) -> TestSigner:
    return ca.issuer(LIBRARY, "证照库")


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def credential(ca: TestCa, key: ec.EllipticCurvePrivateKey) -> str:
    jwk = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    held = sheet(holders=(("陈安澜", "111", "310199199001010018"), ("徐行舟", "111", "31019919900128027X")))
    return sdjwt.issue(held, ca.issuer(), base_url=BASE, holder_key=jwk, status=(LIST, INDEX), now=NOW)


def ask(ca: TestCa, **asked: Any) -> dict[str, Any]:
    asked |= {"root": b64encode(ca.root.certificate).decode(), "at": int(NOW.timestamp())}
    done = subprocess.run(["node", str(SCRIPT)], input=json.dumps(asked).encode(), capture_output=True, check=True)
    return json.loads(done.stdout)


def listed(library: TestSigner, *statuses: tuple[int, int]) -> str:
    return statuslist.sign(statuslist.pack(statuses), LIST, library, NOW)


class TestTheirVerifier:
    def test_accepts_a_bound_presentation_with_status_and_type_metadata(
        self, ca: TestCa, library: TestSigner, key: ec.EllipticCurvePrivateKey, credential: str
    ) -> None:
        shown = binding.bind(sdjwt.disclose(credential, ["sex", "scope", "holder_name"]), key, CHALLENGE, NOW)
        text = metadata.document(TYPE, BASE).decode()
        told = ask(
            ca, act="verify", presentation=shown, nonce=CHALLENGE.nonce, metadata=text, list=listed(library, (7, 2))
        )
        payload = told["payload"]
        assert payload["face"] == {"sex": "女", "scope": ["甲", "乙"]}
        assert payload["holders"] == [{"name": "陈安澜"}, {"name": "徐行舟"}]
        assert payload["issuer_code"] == ISSUER
        assert not {"licence_no", "licence_id"} & payload.keys()
        assert told["kb"]["aud"] == CHALLENGE.audience
        assert told["metadata"]["mergedTypeMetadata"]["vct"] == payload["vct"] == metadata.vct(TYPE, BASE)

    def test_reads_everything_of_a_whole_credential(self, ca: TestCa, library: TestSigner, credential: str) -> None:
        payload = ask(ca, act="verify", presentation=credential, list=listed(library))["payload"]
        assert payload["face"] == {key: list(v) if isinstance(v, tuple) else v for key, v in sheet().face.items()}
        assert payload["holders"][1] == {"name": "徐行舟", "code_type": "111", "code": "31019919900128027X"}
        assert payload["valid_to"] == "2036-11-19"

    @pytest.mark.parametrize("status", [1, 2])
    def test_refuses_a_status(self, ca: TestCa, library: TestSigner, credential: str, status: int) -> None:
        told = ask(ca, act="verify", presentation=credential, list=listed(library, (INDEX, status)))
        assert told == {"error": "Status is not valid"}

    def test_refuses_what_ours_refuses(
        self, ca: TestCa, library: TestSigner, key: ec.EllipticCurvePrivateKey, credential: str
    ) -> None:
        good = listed(library)
        shown = binding.bind(sdjwt.disclose(credential, ["sex"]), key, CHALLENGE, NOW)
        token, *_ = credential.split("~")
        signed, _, signature = token.rpartition(".")
        changed = f"{signed}.{signature[:10]}{'A' if signature[10] != 'A' else 'B'}{signature[11:]}~"
        for presentation, nonce in (
            (changed, None),
            (shown, "another"),
            (shown.replace("~", "~WyJhIiwgImIiLCAxXQ~", 1), CHALLENGE.nonce),
        ):
            told = ask(ca, act="verify", presentation=presentation, nonce=nonce, list=good)
            assert told.keys() == {"error"}, presentation


class TestTheirWallet:
    def test_presents_a_credential_of_ours_to_our_verifier(
        self, ca: TestCa, key: ec.EllipticCurvePrivateKey, credential: str
    ) -> None:
        told = ask(
            ca,
            act="present",
            credential=credential,
            key=json.loads(ECAlgorithm.to_jwk(key)),
            audience=CHALLENGE.audience,
            nonce=CHALLENGE.nonce,
            frame={"face": {"sex": True}, "licence_no": True},
        )
        held = sdjwt.verify(told["presentation"], ca.trusted, at=NOW, challenge=CHALLENGE)
        assert held.is_bound
        assert held.claims["face"] == {"sex": "女"}
        assert held.claims["licence_no"] == sheet().licence_no
        assert "holders" not in held.claims


class TestTheirStatusList:
    def test_reads_the_same_statuses(self, ca: TestCa, library: TestSigner) -> None:
        chosen = random.Random(7)
        statuses = {index: chosen.choice([1, 2]) for index in chosen.sample(range(statuslist.CAPACITY), 5000)}
        indices = [*statuses, *chosen.sample(range(statuslist.CAPACITY), 5000), 0, statuslist.CAPACITY - 1]
        told = ask(ca, act="list", list=listed(library, *statuses.items()), indices=indices)
        assert told == {"size": statuslist.CAPACITY, "statuses": [statuses.get(index, 0) for index in indices]}
