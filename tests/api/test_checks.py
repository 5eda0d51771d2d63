"""Checks at the source over HTTP: a signing service in its own process, a view read by a login role of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from api.client import Client, ProblemError
from api.stack.exchange import Exchange
from ledger.record import canonical
from tests.api.conftest import OTHER_FIRM, open_case

CAUSE = "食品经营许可新办审查"
ADDRESS = "上海市宝山区示例路 88 号"
Grant = Callable[..., dict[str, Any]]


def ask(client: Client, case: dict[str, Any], type_code: str, key: str | None = None, **more: Any) -> dict[str, Any]:
    body = {"type_code": type_code, "cause": CAUSE, "operator": "qp-103"} | more
    return client.call("POST", f"/v1/cases/{case['case_no']}/checks", body, key=key or str(uuid.uuid4()))


@pytest.fixture
def consented(case: dict[str, Any], grant: Grant) -> dict[str, Any]:
    """A case whose applicant allowed the types that the sources know of."""
    for code in ("CL041", "CL022"):
        grant(case, type_codes=[code], mode="verify")
    return case


class TestAsk:
    def test_signed_source_says_yes(self, qingpu: Client, consented: dict[str, Any]) -> None:
        held = ask(qingpu, consented, "CL041")
        assert (held["state"], held["result"], held["stands"]) == ("answered", "yes", True)
        assert held["source"] == "market"
        seen = qingpu.call("GET", f"/v1/checks/{held['check_id']}")
        proof = seen.pop("proof")
        assert seen == held
        use = qingpu.call("GET", f"/v1/uses/{held['use_id']}")
        assert use["sha256"] == sha256(canonical({"check": held["check_id"], "proof": proof})).hexdigest()
        assert qingpu.call("GET", f"/v1/cases/{consented['case_no']}/checks")["checks"] == [held]

    def test_is_a_use_in_the_holders_ledger(self, qingpu: Client, consented: dict[str, Any]) -> None:
        held = ask(qingpu, consented, "CL041")
        use = qingpu.call("GET", f"/v1/uses/{held['use_id']}")
        assert (use["mode"], use["case_no"], use["state"]) == ("verify", consented["case_no"], "delivered")

    def test_view_answers_for_the_address_that_is_asked(self, qingpu: Client, consented: dict[str, Any]) -> None:
        held = ask(qingpu, consented, "CL022", given={"address": ADDRESS})
        assert (held["state"], held["result"]) == ("answered", "yes")
        assert held["as_of"] is not None
        other = ask(qingpu, consented, "CL022", given={"address": "上海市宝山区示例路 89 号"})
        assert (other["state"], other["result"], other["stands"]) == ("answered", "no", False)

    def test_same_key_asks_once(self, qingpu: Client, consented: dict[str, Any]) -> None:
        key = str(uuid.uuid4())
        assert ask(qingpu, consented, "CL041", key) == ask(qingpu, consented, "CL041", key)
        assert len(qingpu.call("GET", f"/v1/cases/{consented['case_no']}/checks")["checks"]) == 1

    def test_needs_the_holders_consent(self, qingpu: Client, case: dict[str, Any]) -> None:
        with pytest.raises(ProblemError) as refused:
            ask(qingpu, case, "CL041")
        assert refused.value.status == 403
        assert qingpu.call("GET", f"/v1/cases/{case['case_no']}/checks")["checks"] == []

    def test_unconditional_type_needs_none(self, qingpu: Client, case: dict[str, Any]) -> None:
        assert ask(qingpu, case, "CL001")["result"] == "yes"

    def test_source_says_no(self, qingpu: Client) -> None:
        other = open_case(qingpu, applicant=OTHER_FIRM)
        assert ask(qingpu, other, "CL001")["result"] == "yes"

    @pytest.mark.parametrize(
        ("type_code", "more", "status", "code"),
        [
            ("CL054", {}, 422, "ask-not-demanded"),
            ("CL025", {}, 422, "no-source"),
            ("CL022", {}, 422, "check-given-invalid"),
            ("CL041", {"given": {"address": ADDRESS}}, 422, "check-given-invalid"),
            ("CL041", {"question": "tax.payroll"}, 422, "no-source"),
            ("CL041", {"operator": "nobody"}, 403, "unknown-operator"),
        ],
    )
    def test_refuses(
        self, qingpu: Client, consented: dict[str, Any], type_code: str, more: dict[str, Any], status: int, code: str
    ) -> None:
        with pytest.raises(ProblemError) as refused:
            ask(qingpu, consented, type_code, **more)
        assert (refused.value.status, refused.value.code) == (status, code)

    def test_another_organisations_case_is_unknown(self, baoshan: Client, consented: dict[str, Any]) -> None:
        with pytest.raises(ProblemError) as refused:
            ask(baoshan, consented, "CL041", operator="bs-017")
        assert refused.value.code == "unknown-case"


class TestQuestions:
    def test_are_listed_with_what_they_stand_for(self, qingpu: Client) -> None:
        held = {each["code"]: each for each in qingpu.call("GET", "/v1/check-questions")["questions"]}
        assert held["housing.lease-registered"]["given"][0]["name"] == "address"
        assert held["market.food-safety-manager"]["type_codes"] == ["CL041"]


class TestReader:
    def test_role_sees_its_views_and_nothing_else(self, exchange: Exchange) -> None:
        dsn = (exchange.folder / "secrets" / "sources" / "front.dsn").read_text()
        with psycopg.connect(dsn) as db:
            assert db.execute("SELECT count(*) FROM front.registered_lease").fetchone() is not None
            with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
                db.execute("SELECT 1 FROM front.lease")
        node = make_url(exchange.settings.database_url.get_secret_value()).database
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(dsn, dbname=node)
