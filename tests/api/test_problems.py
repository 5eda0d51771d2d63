"""The table of problems is complete, says what to do, and its page for people is the same table."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

import api
import authz
import certs
import ledger
import materials
from api import problems
from api.stack.errors import StackError
from authz.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.stack.exchange import Exchange

ROOT = Path(__file__).parents[2]
EDGE_ONLY = {
    "internal",
    "malformed-json",
    "body-too-slow",
    "method-not-allowed",
    "database-unavailable",
    *problems.MISSING.values(),
}
"""Codes that `api.problems` itself gives to what a library raised."""

ONE_MEANING = {
    "case-closed": {"CaseClosedError", "case_closed"},
    "presence-required": {"PresenceRequiredError", "presence_required"},
    "operator-role": {"NotPermittedError", "operator_role"},
    "not-found": {"NotFoundError", "not_found"},
    "invalid_request": {"CredentialError", "InvalidTokenRequestError"},  # RFC 6749 5.2; the root is never raised itself
}
"""Codes that two carry on purpose: an error met before the decision, and the same thing as a reason of the decision."""


def subclasses(kind: type) -> Iterator[type]:
    yield kind
    for each in kind.__subclasses__():
        yield from subclasses(each)


def carriers() -> dict[str, set[str]]:
    """Every code, with the classes and reasons that carry it, of all modules of all packages."""
    for package in (ledger, authz, certs, materials, api):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.endswith("__main__") and ".migrations." not in module.name:
                importlib.import_module(module.name)
    held: dict[str, set[str]] = defaultdict(set)
    for root in problems.ROOTS:
        for kind in subclasses(root):
            held[kind.code].add(kind.__name__)
    for reason in Reason:
        held[reason.value].add(reason.name)
    return held


class TestTable:
    def test_has_a_row_for_every_error_and_reason(self) -> None:
        assert carriers().keys() - problems.TABLE.keys() == set()

    def test_has_no_row_that_nothing_carries(self) -> None:
        assert problems.TABLE.keys() - carriers().keys() == EDGE_ONLY

    def test_gives_no_code_two_meanings(self) -> None:
        assert {code: names for code, names in carriers().items() if len(names) > 1} == ONE_MEANING

    def test_knows_no_error_of_the_embedded_stack(self) -> None:
        assert not {kind.code for kind in subclasses(StackError)} & problems.TABLE.keys()
        assert not issubclass(StackError, problems.ROOTS)

    def test_is_served_by_a_program_that_does_not_load_the_stack(self) -> None:
        look = "import sys, api.serve, api.worker; sys.exit(any(name.startswith('api.stack') for name in sys.modules))"
        assert subprocess.run([sys.executable, "-c", look], cwd=ROOT, check=False).returncode == 0

    @pytest.mark.parametrize("code", sorted(problems.TABLE))
    def test_row_tells_both_languages_what_to_do(self, code: str) -> None:
        row = problems.TABLE[code]
        assert 400 <= row.status < 600
        for chinese in (row.title_zh, row.advice_zh):
            assert chinese
        assert re.search("[\u4e00-\u9fff]", row.title_zh)
        for english in (row.title_en, row.advice_en):
            assert english.isascii()
            assert english[:1].isupper()
            assert not english.endswith(".")
        assert row.advice_en != row.title_en

    def test_codes_are_kebab_case_or_those_of_oauth(self) -> None:
        odd = {code for code in problems.TABLE if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)}
        assert odd == {
            "invalid_request",
            "invalid_client",
            "invalid_token",
            "invalid_dpop_proof",
            "invalid_scope",
            "insufficient_scope",
            "unsupported_grant_type",
            # OpenID CIBA 1.0, 11 and 13; RFC 9396, 5
            "authorization_pending",
            "slow_down",
            "expired_token",
            "access_denied",
            "invalid_grant",
            "unknown_user_id",
            "invalid_binding_message",
            "invalid_authorization_details",
            "unauthorized_client",
        }


class TestDocument:
    def test_carries_what_rfc_9457_and_the_house_want(self) -> None:
        held = problems.document("grant-required", "r-1", {"type": "CL022"})
        assert held["type"] == "/docs/problems#grant-required"
        assert held["status"] == 403
        assert held["code"] == "grant-required"
        assert "POST /v1/asks" in held["detail"]
        assert "持有人" in held["title_zh"]
        assert held["request_id"] == "r-1"
        assert held["fields"] == {"type": "CL022"}

    def test_answers_an_unknown_code_as_an_internal_error(self) -> None:
        held = problems.document("never-seen", "r-1", {})
        assert held["status"] == 500


class TestPages:
    def test_markdown_is_the_table(self) -> None:
        assert (ROOT / "docs/problems.md").read_text("utf-8") == problems.markdown(), (
            "run: python -m api.problems > docs/problems.md"
        )

    def test_type_of_a_problem_leads_to_its_row(self, exchange: Exchange) -> None:
        with httpx2.Client(base_url=exchange.base_url, trust_env=False) as web:
            refused = web.get("/v1/cases/none")
            assert refused.headers["content-type"] == problems.MEDIA_TYPE
            address, anchor = refused.json()["type"].split("#")
            page = web.get(address)
        assert page.status_code == 200
        assert f'id="{anchor}"' in page.text


class TestAnswers:
    """What libraries raise leaves as a problem too."""

    @pytest.mark.parametrize(
        ("method", "path", "sent", "status", "code"),
        [
            ("GET", "/nowhere", {}, 404, "not-found"),
            ("DELETE", "/v1/items", {}, 405, "method-not-allowed"),
            ("POST", "/v1/uses", {"content": b"{"}, 400, "malformed-json"),
            (
                "POST",
                "/v1/cases",
                {"content": b"{", "headers": {"Content-Type": "application/json"}},
                400,
                "malformed-json",
            ),
            ("POST", "/v1/uses", {"content": b"{}"}, 422, "item-missing"),
            ("GET", "/v1/cases/none", {}, 401, "invalid_token"),
            ("POST", "/oauth/token", {"data": {"grant_type": "password"}}, 400, "unsupported_grant_type"),
        ],
    )
    def test_is_a_problem_with_its_code(
        self, exchange: Exchange, method: str, path: str, sent: dict[str, Any], status: int, code: str
    ) -> None:
        answer = httpx2.request(method, exchange.base_url + path, **sent)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == problems.MEDIA_TYPE
        assert answer.headers["x-request-id"] == answer.json()["request_id"]
        assert answer.headers["cache-control"] == "no-store"

    def test_speaks_to_oauth_libraries_too(self, exchange: Exchange) -> None:
        answer = httpx2.post(exchange.base_url + "/oauth/token", data={"grant_type": "password"})
        assert answer.json()["error"] == "unsupported_grant_type"

    def test_names_the_upgrade_that_would_lose_a_body(self, exchange: Exchange) -> None:
        offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"}
        lost = httpx2.post(exchange.base_url + "/oauth/token", data={"grant_type": "x"}, headers=offer)
        assert lost.json()["code"] == "upgrade-offered"
        assert httpx2.get(exchange.base_url + "/livez", headers=offer).status_code == 200

    def test_challenges_who_is_not_known(self, exchange: Exchange) -> None:
        answer = httpx2.get(exchange.base_url + "/v1/cases/none")
        assert answer.headers["www-authenticate"].startswith("DPoP ")
