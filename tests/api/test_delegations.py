"""Delegation over HTTP: the manager of a demo firm lets an agent sign; the end of the chain is the end of the agent."""

from __future__ import annotations

import base64
import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.demo.citizen import Citizen
from authz.delegationterms import commitment
from authz.model import Identifier
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.stack.exchange import Exchange

FIRM = {
    "kind": "organisation",
    "name": "宝山青禾餐饮管理有限公司",
    "identifiers": [{"type": "001", "code": "91310113XX0000019X"}],
}
XU = {"kind": "person", "name": "徐行舟", "identifiers": [{"type": "111", "code": "31019919900128027X"}]}


def made(**changes: Any) -> tuple[dict[str, Any], tuple[dict[str, Any], bytes], tuple[dict[str, Any], bytes]]:
    now = datetime.now(UTC)
    named = [(holder, os.urandom(16)) for holder in (FIRM, XU)]
    commitments = [
        commitment(Identifier(held["identifiers"][0]["type"], held["identifiers"][0]["code"]), salt)
        for held, salt in named
    ]
    terms = {
        "v": 1, "type": "cailian/delegation", "id": str(uuid.uuid4()), "parent": None,
        "principal": commitments[0], "delegate": commitments[1], "items": ["*"], "types": ["*"], "mode": "copy",
        "regions": ["310000"], "levels": 0, "valid_from": rfc3339(now), "valid_to": rfc3339(now + timedelta(days=1)),
        "notice": "2026-11",
    }  # fmt: skip
    return terms | changes, named[0], named[1]


@pytest.fixture
def chen(exchange: Exchange) -> Iterator[Citizen]:
    with Citizen(exchange.base_url, "demo-person-chen") as citizen:
        yield citizen


class TestDelegations:
    def test_is_given_shown_without_names_and_ended(self, exchange: Exchange, chen: Citizen) -> None:
        held = chen.delegate(*made())
        assert held["state"] == "active"
        shown = httpx2.get(f"{exchange.base_url}/v1/delegations/{held['delegation_id']}")
        assert shown.json() == held
        assert "徐行舟" not in shown.text
        assert "31019919900128027X" not in shown.text
        assert chen.end_delegation(held["delegation_id"])["state"] == "ended"

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"levels": 3}, 422, "invalid-terms"),
            ({"mode": "all"}, 422, "invalid-terms"),
            ({"more": 1}, 422, "invalid-terms"),
            ({"delegate": "A" * 43}, 422, "invalid-terms"),
            ({"parent": str(uuid.UUID(int=7))}, 404, "unknown-delegation"),
        ],
    )
    def test_bad_terms_have_their_own_codes(
        self, exchange: Exchange, chen: Citizen, changes: dict[str, Any], status: int, code: str
    ) -> None:
        good = made()
        terms = good[0] | changes
        token = chen.login("x" * 43)
        if code == "unknown-delegation":
            with pytest.raises(httpx2.HTTPStatusError) as raised:
                chen.delegate(terms, *good[1:])
            answer = raised.value.response
        else:
            salts = ["A" * 22, "A" * 22]
            named = [{"holder": held, "salt": salt} for (held, _), salt in zip(good[1:], salts, strict=True)]
            body = {"terms": terms, "principal": named[0], "delegate": named[1], "id_token": token}
            key = {"Idempotency-Key": str(uuid.uuid4())}
            answer = httpx2.post(f"{exchange.base_url}/v1/delegations", json=body, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_signature_over_other_terms_is_refused(self, exchange: Exchange, chen: Citizen) -> None:
        terms, principal, delegate = made()
        token = chen.login("x" * 43)
        named = {
            role: {"holder": held, "salt": base64.urlsafe_b64encode(salt).rstrip(b"=").decode()}
            for role, (held, salt) in (("principal", principal), ("delegate", delegate))
        }
        answer = httpx2.post(
            f"{exchange.base_url}/v1/delegations",
            json={"terms": terms, "id_token": token} | named,
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        assert answer.json()["code"] == "id-token-refused"
        assert httpx2.get(f"{exchange.base_url}/v1/delegations/{terms['id']}").status_code == 404
