"""Commitments over HTTP: a letter, the holder's signature, what is owed, and the check afterwards."""

from __future__ import annotations

import uuid
from typing import Any

import httpx2
import pytest

from api.client import Client, ProblemError
from api.demo.citizen import Citizen
from api.stack.exchange import Exchange
from tests.api.conftest import FIRM, OTHER_FIRM, open_case, pdf, send_deposit

CAUSE = "食品经营许可新办审查"


def propose(client: Client, case: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"type_codes": ["CL040"], "cause": CAUSE, "operator": "qp-103"} | more
    return client.call("POST", f"/v1/cases/{case['case_no']}/commitments", body, key=str(uuid.uuid4()))


def act(client: Client, held: dict[str, Any], what: str, **body: Any) -> dict[str, Any]:
    path = f"/v1/commitments/{held['commitment_id']}/{what}"
    return client.call("POST", path, {"operator": "qp-103"} | body, key=str(uuid.uuid4()))


@pytest.fixture
def committing(qingpu: Client) -> dict[str, Any]:
    """A case in the scenario that takes commitments."""
    return open_case(qingpu, scenario="commitment")


class TestLife:
    def test_is_signed_fulfilled_and_kept(
        self, qingpu: Client, committing: dict[str, Any], legal_representative: Citizen
    ) -> None:
        held = propose(qingpu, committing, statement="已符合条件")
        assert (held["state"], [each["type_code"] for each in held["owed"]]) == ("proposed", ["CL040"])
        letter = qingpu.call("GET", f"/v1/documents/{held['letter_id']}")
        assert letter["sources"]["owed"]["from"] == "letter.owed"
        assert letter["sources"]["owed"]["reference"] == held["commitment_id"]
        assert held["terms"]["letter"]["sha256"] == qingpu.material(held["letter_id"])["sha256"]
        signed = legal_representative.commit(held["commitment_id"])
        assert signed["state"] == "signed"
        made = send_deposit(qingpu, pdf(str(uuid.uuid4())), type_code="CL040", operator="qp-103")
        done = act(qingpu, held, "fulfilments", type_code="CL040", material_id=made["material_id"])
        assert done["owed"][0]["material_id"] == made["material_id"]
        kept = act(qingpu, held, "post-check", result="kept", finding="现场核查符合", operator="qp-204")
        assert (kept["state"], kept["barred_until"]) == ("kept", None)

    def test_wrong_material_is_no_fulfilment(
        self, qingpu: Client, baoshan: Client, committing: dict[str, Any], legal_representative: Citizen
    ) -> None:
        held = propose(qingpu, committing)
        legal_representative.commit(held["commitment_id"])
        lease = send_deposit(qingpu, pdf(str(uuid.uuid4())), type_code="CL022", operator="qp-103")
        elsewhere = send_deposit(baoshan, pdf(str(uuid.uuid4())), type_code="CL040")
        for material in (lease, elsewhere):
            with pytest.raises(ProblemError) as refused:
                act(qingpu, held, "fulfilments", type_code="CL040", material_id=material["material_id"])
            assert refused.value.code == "fulfilment-refused"
        with pytest.raises(ProblemError) as refused:
            act(qingpu, held, "post-check", result="kept", finding="未见材料", operator="qp-204")
        assert refused.value.code == "commitment-owed"


class TestSign:
    def test_only_who_speaks_for_the_holder(
        self, exchange: Exchange, qingpu: Client, committing: dict[str, Any], legal_representative: Citizen
    ) -> None:
        held = propose(qingpu, committing)
        with (
            Citizen(exchange.base_url, "demo-person-lin") as stranger,
            pytest.raises(httpx2.HTTPStatusError) as refused,
        ):
            stranger.commit(held["commitment_id"])
        assert refused.value.response.json()["code"] == "signer-not-holder"
        legal_representative.commit(held["commitment_id"])
        with pytest.raises(httpx2.HTTPStatusError) as again:
            legal_representative.commit(held["commitment_id"])
        assert again.value.response.json()["code"] == "commitment-signed"

    def test_nothing_is_taken_before(self, qingpu: Client, committing: dict[str, Any]) -> None:
        held = propose(qingpu, committing)
        with pytest.raises(ProblemError) as refused:
            act(qingpu, held, "post-check", result="kept", finding="尚未签署", operator="qp-204")
        assert refused.value.code == "commitment-not-signed"


class TestPropose:
    @pytest.mark.parametrize(
        ("scenario", "more", "code"),
        [
            ("default", {}, "commitment-not-offered"),
            ("commitment", {"type_codes": ["CL001"]}, "commitment-not-offered"),
            ("commitment", {"type_codes": ["CL040", "CL001", "CL006", "CL025"]}, "commitment-not-offered"),
            ("commitment", {"operator": "nobody"}, "unknown-operator"),
        ],
    )
    def test_refuses(self, qingpu: Client, scenario: str, more: dict[str, Any], code: str) -> None:
        with pytest.raises(ProblemError) as refused:
            propose(qingpu, open_case(qingpu, scenario=scenario), **more)
        assert refused.value.code == code

    def test_terms_can_be_read_before_any_login(
        self, exchange: Exchange, qingpu: Client, committing: dict[str, Any]
    ) -> None:
        held = propose(qingpu, committing)
        with Citizen(exchange.base_url, "demo-person-chen") as citizen:
            told = citizen.commitment(held["commitment_id"])
        assert (told["terms"], told["digest"]) == (held["terms"], held["digest"])
        assert FIRM["name"] not in str(told)


class TestBreach:
    def test_bars_the_holder_and_is_told(
        self, exchange: Exchange, qingpu: Client, committing: dict[str, Any], legal_representative: Citizen
    ) -> None:
        """Its own firm: the bar holds for two years."""
        held = propose(qingpu, open_case(qingpu, scenario="commitment", applicant=OTHER_FIRM))
        with Citizen(exchange.base_url, "demo-person-lin") as representative:
            representative.commit(held["commitment_id"])
        broken = act(qingpu, held, "post-check", result="breached", finding="从业人员无健康证明", operator="qp-204")
        assert broken["state"] == "breached"
        assert broken["barred_until"] > "2027"
        with pytest.raises(ProblemError) as refused:
            propose(qingpu, open_case(qingpu, scenario="commitment", applicant=OTHER_FIRM))
        assert refused.value.code == "commitment-barred"
        assert propose(qingpu, committing)["state"] == "proposed"
