"""What a report says of who signed: the login, and no more than is proven. What must not pass is the corpus's business."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ledger.consent import printable
from ledger.trust import Trust
from ledger.verify import load_bundle, verify

if TYPE_CHECKING:
    from ledger.report import Step

BUNDLES = Path(__file__).parents[1] / "vectors/bundles"
NOT_PROVEN = "that this is the holder, or who may sign for them, is the node's word and not proven"


def steps_of(name: str) -> dict[str, Step]:
    trust = Trust.parse((BUNDLES / "trust.json").read_bytes())
    report = verify(load_bundle((BUNDLES / f"{name}.cailian.json").read_bytes()), trust)
    return {step.name: step for step in report.steps}


def consent_in(name: str) -> dict[str, str]:
    held: dict[str, Any] = json.loads((BUNDLES / f"{name}.cailian.json").read_text())
    return dict(held["sections"]["grant"]["consent"])


def login_in(token: str) -> str:
    claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return f"{claims['sub']} ({claims['iss']})"


class TestSignature:
    def test_names_the_login(self) -> None:
        login = login_in(consent_in("good-consent-withdrawn-oidc")["signature"])
        step = steps_of("good-consent-withdrawn-oidc")["signature"]
        assert step.en == f"signature: login {login} signed these terms; the withdrawal is signed too; {NOT_PROVEN}"
        assert f"登录 {login} 签署了这些条款；撤回也有签名；" in step.zh

    @pytest.mark.parametrize(("how", "words"), [("by-passkey", "a passkey"), ("by-host-app", "a key in a city app")])
    def test_of_a_key_the_login_is_named_where_it_is_proven(self, how: str, words: str) -> None:
        name = f"good-consent-{how}"
        login = login_in(json.loads(consent_in(name)["signature"])["enrolment"]["id_token"])
        steps = steps_of(name)
        assert steps["signature"].en == f"signature: {words} signed these terms; {NOT_PROVEN}"
        assert f"the key is of login {login}" in steps["enrolment"].en
        assert f"登录 {login}" in steps["enrolment"].zh

    def test_at_a_counter_nobody_signed_but_staff(self) -> None:
        said = steps_of("good-consent-at-counter")["signature"].en
        assert said == f"signature: two of the staff at a counter stated consent to these terms; {NOT_PROVEN}"


class TestPrintable:
    def test_drives_no_terminal_and_turns_nothing_around(self) -> None:
        assert printable("陈 a-1\x1b[2J\u202eb\n") == "陈 a-1\\u{1b}[2J\\u{202e}b\\u{a}"

    def test_is_cut(self) -> None:
        assert printable("x" * 201) == "x" * 200 + "…"
