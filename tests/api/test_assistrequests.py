"""Requests between departments over HTTP: asked, answered by statement or material, refused, withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import pytest

from api.client import Client, ProblemError
from api.node import Node
from api.stack.exchange import Exchange
from ledger.record import canonical
from tests.api.conftest import FIRM, pdf, send_deposit

CAUSE = "食品经营许可新办审查"
HOUSING = "11310199XX0000211B"


@pytest.fixture
def housing(exchange: Exchange) -> Iterator[Client]:
    """The department that is asked."""
    with exchange.client("shanghai-housing") as client:
        yield client


@pytest.fixture
def consented(case: dict[str, Any], grant: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    grant(case, type_codes=["CL022"])
    return case


def ask(client: Client, case: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"type_code": "CL022", "to": HOUSING, "question": "该地址租约是否备案", "cause": CAUSE, "operator": "qp-103"}
    path = f"/v1/cases/{case['case_no']}/assistance-requests"
    return client.call("POST", path, body | more, key=str(uuid.uuid4()))


def act(client: Client, held: dict[str, Any], what: str, **body: Any) -> dict[str, Any]:
    return client.call("POST", f"/v1/assistance-requests/{held['request_id']}/{what}", body, key=str(uuid.uuid4()))


class TestLife:
    def test_statement(self, qingpu: Client, housing: Client, consented: dict[str, Any]) -> None:
        held = ask(qingpu, consented)
        assert (held["state"], held["case_no"]) == ("asked", consented["case_no"])
        assert "subject" not in held
        seen = housing.call("GET", f"/v1/assistance-requests/{held['request_id']}")
        assert (seen["subject"]["name"], seen["case_no"]) == (FIRM["name"], None)
        assert seen["question"] == "该地址租约是否备案"
        received = housing.call("GET", "/v1/assistance-requests?box=received")["requests"]
        assert received[0]["request_id"] == held["request_id"]
        done = act(housing, held, "answer", result="yes", words="已备案", operator="fg-011")
        assert "subject" not in done  # who has answered needs to know no more
        told = qingpu.call("GET", f"/v1/assistance-requests/{held['request_id']}")
        assert (told["state"], told["result"], told["words"]) == ("answered", "yes", "已备案")
        use = qingpu.call("GET", f"/v1/uses/{told['use_id']}")
        said = canonical({"request": held["request_id"], "result": "yes", "words": "已备案"})
        assert (use["mode"], use["state"], use["sha256"]) == ("verify", "delivered", sha256(said).hexdigest())
        assert done["use_id"] is None  # the holder's ledger is no matter of who answered

    def test_material_is_found_in_the_case(self, qingpu: Client, housing: Client, consented: dict[str, Any]) -> None:
        held = ask(qingpu, consented)
        lease = send_deposit(housing, pdf(str(uuid.uuid4())), operator="fg-011")
        done = act(
            housing,
            held,
            "answer",
            result="material",
            words="附租约",
            material_id=lease["material_id"],
            operator="fg-011",
        )
        assert done["material_id"] == lease["material_id"]
        found = qingpu.search(case_no=consented["case_no"], type_code="CL022")["materials"]
        assert lease["material_id"] in {each["material_id"] for each in found}

    def test_refused_and_asked_again(self, qingpu: Client, housing: Client, consented: dict[str, Any]) -> None:
        held = ask(qingpu, consented)
        with pytest.raises(ProblemError) as twice:
            ask(qingpu, consented)
        assert twice.value.code == "assist-request-open"
        assert (
            act(housing, held, "answer", result="refused", words="非本部门职责", operator="fg-011")["state"]
            == "refused"
        )
        again = ask(qingpu, consented)
        assert act(qingpu, again, "withdrawal", operator="qp-103")["state"] == "withdrawn"
        with pytest.raises(ProblemError) as late:
            act(housing, again, "answer", result="yes", words="已备案", operator="fg-011")
        assert late.value.code == "assist-request-closed"
        states = [each["state"] for each in _of_case(qingpu, consented)]
        assert states == ["withdrawn", "refused"]


class TestAsk:
    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"to": "11310118XX00000B0W"}, "assist-party-invalid"),
            ({"to": "91310113XX0000019X"}, "assist-party-invalid"),
            ({"to": None}, "assist-party-invalid"),
            ({"type_code": "CL054"}, "ask-not-demanded"),
            ({"type_code": "CL040"}, "ask-holder"),
            ({"operator": "nobody"}, "unknown-operator"),
        ],
    )
    def test_refuses(self, qingpu: Client, consented: dict[str, Any], more: dict[str, Any], code: str) -> None:
        with pytest.raises(ProblemError) as refused:
            ask(qingpu, consented, **more)
        assert refused.value.code == code

    def test_refusal_stands_in_the_holders_ledger(
        self, exchange: Exchange, qingpu: Client, case: dict[str, Any]
    ) -> None:
        with pytest.raises(ProblemError) as refused:
            ask(qingpu, case)
        node = Node(exchange.settings)
        try:
            with node.database.glance() as db:
                row = "SELECT said, holder_id IS NOT NULL FROM authz.refusal WHERE case_no = %(case)s"
                told = [tuple(each) for each in db.exec_driver_sql(row, {"case": case["case_no"]})]
        finally:
            node.close()
        assert told == [(refused.value.code, True)]


class TestAnswer:
    def test_only_who_was_asked(self, qingpu: Client, baoshan: Client, consented: dict[str, Any]) -> None:
        held = ask(qingpu, consented)
        for client, operator in ((baoshan, "bs-017"), (qingpu, "qp-103")):
            with pytest.raises(ProblemError) as refused:
                act(client, held, "answer", result="yes", words="已备案", operator=operator)
            assert refused.value.code == "unknown-assist-request"
        with pytest.raises(ProblemError) as unseen:
            baoshan.call("GET", f"/v1/assistance-requests/{held['request_id']}")
        assert unseen.value.code == "unknown-assist-request"

    def test_material_of_another_type_or_department(
        self, qingpu: Client, housing: Client, consented: dict[str, Any]
    ) -> None:
        held = ask(qingpu, consented)
        other = send_deposit(housing, pdf(str(uuid.uuid4())), type_code="CL015", operator="fg-011")
        theirs = send_deposit(qingpu, pdf(str(uuid.uuid4())), operator="qp-103")
        for material in (other["material_id"], theirs["material_id"], None):
            with pytest.raises(ProblemError) as refused:
                act(housing, held, "answer", result="material", words="附件", material_id=material, operator="fg-011")
            assert refused.value.code == "assist-answer-invalid"


def _of_case(client: Client, case: dict[str, Any]) -> list[dict[str, Any]]:
    return list(client.call("GET", f"/v1/cases/{case['case_no']}/assistance-requests")["requests"])
