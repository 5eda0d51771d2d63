"""Figures over HTTP: one's own, everybody's for overseers, and what everybody may read."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx2
import pytest

from api.client import Client, ProblemError
from tests.api.conftest import open_case, pdf, send_deposit
from tests.api.test_journey import until

if TYPE_CHECKING:
    from api.stack.exchange import Exchange


def told(client: Client, **asked: Any) -> dict[str, Any]:
    return client.call("GET", f"/v1/figures?{urlencode(asked)}")


def count(client: Client, name: str, **asked: Any) -> int:
    return int(told(client, **asked)["total"][name])


class TestOwn:
    def test_follows_the_records(self, baoshan: Client, qingpu: Client, operations: Client) -> None:
        """The worker counts what is done here, and each sees their own."""

        def counted(title: str) -> None:
            before = count(baoshan, "deposits")
            send_deposit(baoshan, pdf(title))
            until(lambda: count(baoshan, "deposits") > before or None)

        for each in ("first", "second"):  # the turn that counts the second counted all that was there before the first
            counted(f"figures, {each}")
        others = count(qingpu, "deposits")
        everybody = count(operations, "deposits", everywhere="true", operator="op-902")
        case = open_case(qingpu)
        counted("figures, outside a case")
        assert count(operations, "deposits", everywhere="true", operator="op-902") > everybody
        assert count(qingpu, "deposits") == others
        assert case["case_no"] not in str(told(qingpu, by="item"))

    def test_tells_apart_by_item_org_district_and_day(self, baoshan: Client) -> None:
        until(lambda: count(baoshan, "deposits") or None)
        for by in ("item", "org", "district", "day"):
            held = told(baoshan, by=by)
            assert held["rows"]
            assert all(by in row for row in held["rows"])
            assert sum(row["deposits"] for row in held["rows"]) == held["total"]["deposits"]
        (row,) = told(baoshan, by="org")["rows"]
        assert row["name"]
        assert held["through"] >= (date.fromisoformat(held["to"]) - timedelta(days=1)).isoformat()

    def test_is_a_table_where_a_table_is_asked_for(self, baoshan: Client) -> None:
        until(lambda: count(baoshan, "deposits") or None)
        path = "/v1/figures"
        headers = baoshan.headers("GET", path) | {"Accept": "text/csv"}
        answer = httpx2.get(f"{baoshan.base_url}{path}?by=day", headers=headers)
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert rows
        assert {"day", "deposits", "spared_rate", "compliance_rate"} <= rows[0].keys()

    @pytest.mark.parametrize(
        "asked",
        [
            {"from": "2026-11-02", "to": "2026-11-01"},
            {"from": "2020-01-01", "to": "2026-11-01"},
            {"by": "holder"},
            {"from": "yesterday"},
        ],
        ids=["backwards", "too long", "no such key", "no day"],
    )
    def test_refuses_what_it_cannot_tell(self, baoshan: Client, asked: dict[str, str]) -> None:
        with pytest.raises(ProblemError) as refused:
            told(baoshan, **asked)
        assert refused.value.code == "malformed-request"


class TestEverywhere:
    def test_is_for_overseers_only(self, baoshan: Client, operations: Client) -> None:
        for client, operator, code in (
            (baoshan, "bs-017", "insufficient_scope"),
            (operations, "nobody", "unknown-operator"),
            (operations, "", "operator-missing"),
        ):
            with pytest.raises(ProblemError) as refused:
                told(client, everywhere="true", operator=operator)
            assert refused.value.code == code

    def test_names_every_organisation(self, baoshan: Client, operations: Client) -> None:
        until(lambda: count(baoshan, "deposits") or None)
        rows = told(operations, everywhere="true", operator="op-902", by="org")["rows"]
        assert "11310113XX00000A2R" in {row["org"] for row in rows}


class TestPublic:
    def test_tells_whole_months_that_are_over(self, exchange: Exchange) -> None:
        url = f"{exchange.base_url}/v1/figures/public"
        held = httpx2.get(f"{url}?by=item").json()
        assert held["from"].endswith("-01")
        assert held["to"] < date.today().isoformat()  # noqa: DTZ011 - the exchange's day differs by hours at most
        assert "deposits" not in held["total"]
        for month in (f"{date.today():%Y-%m}", "2026-13", "2026-1", "x"):  # noqa: DTZ011
            assert httpx2.get(f"{url}?month={month}").json()["code"] == "malformed-request"
        assert httpx2.get(f"{url}?by=org").json()["code"] == "malformed-request"
