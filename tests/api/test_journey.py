"""The main job over HTTP: deposit, ask, consent, use, receipt; and everything that must be refused on the way."""

from __future__ import annotations

import hashlib
import io
import time
from threading import Event
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.client import Client, CutOffError, ProblemError
from ledger.errors import VerificationError
from ledger.trust import Trust
from ledger.verify import load_bundle, verify
from tests.api.conftest import FIRM, FOOD, OTHER_FIRM, open_case, pdf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.demo.citizen import Citizen
    from api.stack.exchange import Exchange

Act = "Callable[..., dict[str, Any]]"


def refusal(act: Callable[[], object]) -> ProblemError:
    """The problem with which something is refused."""
    with pytest.raises(ProblemError) as caught:
        act()
    return caught.value


class TestDeposit:
    def test_answers_with_digests_and_a_signed_promise(self, exchange: Exchange, deposit: Act) -> None:
        content = pdf("one")
        held = deposit(content)
        assert held["sha256"] == hashlib.sha256(content).hexdigest()
        assert held["promise"]["log"] == exchange.settings.origin

    def test_gives_the_same_answer_to_the_same_request(self, deposit: Act) -> None:
        first, again = (deposit(pdf("same"), key="deposit-same") for _ in range(2))
        assert first == again

    @pytest.mark.parametrize("change", [{"content": pdf("b")}, {"verify_level": "self_declared"}])
    def test_refuses_the_same_key_with_another_body(self, deposit: Act, change: dict[str, Any]) -> None:
        key = f"deposit-other-{sorted(change)}"
        deposit(pdf("a"), key=key)
        assert refusal(lambda: deposit(**({"content": pdf("a"), "key": key} | change))).code == "idempotency-key-reused"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"type_code": "CL058"}, "unknown-material-type"),
            ({"holder": FIRM | {"identifiers": [{"type": "001", "code": "91310113XX0000018X"}]}}, "invalid-identity"),
            (
                {
                    "holder": {
                        "kind": "person",
                        "name": "陈",
                        "identifiers": [{"type": "111", "code": "310199199001010019"}],
                    }
                },
                "invalid-identity",
            ),
            ({"content": b"\xff\xd8\xff\xe0 not a pdf \xff\xd9"}, "content-type-mismatch"),
            ({"content": b"<html>", "media_type": "text/html"}, "content-type-not-allowed"),
            ({"content": b""}, "empty-file"),
            ({"content": pdf()[:-8]}, "file-truncated"),
            ({"file_name": "x" * 201 + ".pdf"}, "file-name-too-long"),
            ({"file_name": "../../etc/passwd"}, "file-name-invalid"),
            ({"operator": "nobody"}, "unknown-operator"),
            ({"origin_case_no": "31011820260101000001"}, "unknown-case"),
            ({"project_code": "none"}, "unknown-project"),
            ({"supersedes": "019a0000-0000-7000-8000-000000000000"}, "supersede-refused"),
            ({"surprise": 1}, "malformed-request"),
            ({"valid_from": "2026-02-01T00:00:00Z", "valid_to": "2026-01-01T00:00:00Z"}, "period-invalid"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_refuses_bad_input_and_stores_nothing(
        self, baoshan: Client, deposit: Act, change: dict[str, Any], code: str
    ) -> None:
        before = newest(baoshan)
        problem = refusal(lambda: deposit(**change))
        assert problem.code == code
        assert problem.document["title_zh"]
        assert newest(baoshan) == before

    def test_wants_an_idempotency_key(self, baoshan: Client) -> None:
        headers = baoshan.headers("POST", "/v1/materials")
        answer = httpx2.post(baoshan.base_url + "/v1/materials", files={"metadata": (None, b"{}")}, headers=headers)
        assert answer.json()["code"] == "idempotency-key-missing"

    def test_reaches_the_log_and_the_chain(self, baoshan: Client, deposit: Act) -> None:
        held = deposit()
        entry = until(lambda: anchored(baoshan, held["material_id"]))
        assert entry["index"] is not None

    def test_streams_a_large_file(self, deposit: Act) -> None:
        content = pdf("large", 12_000_000)
        assert deposit(content)["sha256"] == hashlib.sha256(content).hexdigest()

    def test_leaves_nothing_of_a_large_file_that_is_not_whole(self, deposit: Act) -> None:
        assert refusal(lambda: deposit(pdf("large", 12_000_000)[:-9])).code == "file-truncated"

    def test_can_be_taken_back(self, baoshan: Client, deposit: Act, case: dict[str, Any], use: Act) -> None:
        held = deposit()
        path = f"/v1/materials/{held['material_id']}/withdrawal"
        assert baoshan.call("POST", path, {"operator": "bs-017"})["status"] == "withdrawn"
        assert refusal(lambda: use(case, held["material_id"])).code == "status-withdrawn"
        assert refusal(lambda: baoshan.call("POST", path, {"operator": "bs-017"})).code == "material-not-active"

    def test_refuses_identifiers_of_two_holders_before_the_file_is_stored(self, deposit: Act) -> None:
        deposit(holder=OTHER_FIRM)
        both = FIRM | {"identifiers": FIRM["identifiers"] + OTHER_FIRM["identifiers"]}
        assert refusal(lambda: deposit(b"not even a pdf", holder=both)).code == "identity-conflict"


class TestCase:
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"item_code": "nothing"}, "unknown-item"),
            ({"item_code": "11310113XX00000A2R4310100102000"}, "item-not-yours"),
            ({"scenario": "nothing"}, "unknown-scenario"),
            ({"operator": "bs-017"}, "unknown-operator"),
            ({"project_code": "nothing"}, "unknown-project"),
        ],
    )
    def test_refuses_what_does_not_fit(self, qingpu: Client, change: dict[str, Any], code: str) -> None:
        assert refusal(lambda: open_case(qingpu, **change)).code == code

    def test_is_unknown_to_another_organisation(self, baoshan: Client, case: dict[str, Any]) -> None:
        assert refusal(lambda: baoshan.call("GET", f"/v1/cases/{case['case_no']}")).code == "unknown-case"

    def test_shows_nothing_personal_without_presence(self, qingpu: Client) -> None:
        case = open_case(qingpu, presence={"kind": "none"})
        assert refusal(lambda: qingpu.search(case_no=case["case_no"])).code == "presence-required"
        assert qingpu.call("GET", f"/v1/cases/{case['case_no']}")["materials"]

    def test_finds_what_the_applicant_handed_in_elsewhere(
        self, qingpu: Client, deposit: Act, case: dict[str, Any]
    ) -> None:
        held, hidden = deposit(), deposit(type_code="CL015")
        found = {each["material_id"] for each in qingpu.search(case_no=case["case_no"])["materials"]}
        assert held["material_id"] in found
        assert hidden["material_id"] not in found


class TestUse:
    def test_needs_a_grant(self, deposit: Act, case: dict[str, Any], use: Act) -> None:
        held = deposit()
        assert refusal(lambda: use(case, held["material_id"])).code == "grant-required"

    def test_delivers_on_a_grant_and_spends_it(
        self, qingpu: Client, deposit: Act, case: dict[str, Any], use: Act, grant: Act, tmp_path: Path
    ) -> None:
        content = pdf("granted")
        held = deposit(content)
        given = grant(case, max_uses=2)
        opened = use(case, held["material_id"])
        assert opened["basis"] == "grant"
        assert qingpu.download(opened["use_id"], tmp_path / "a.pdf").read_bytes() == content
        assert qingpu.call("GET", f"/v1/grants/{given['grant_id']}")["uses_left"] == 1
        use(case, held["material_id"])
        assert refusal(lambda: use(case, held["material_id"])).code == "grant-used-up"

    def test_resumes_without_spending_again(
        self, qingpu: Client, deposit: Act, case: dict[str, Any], use: Act, grant: Act, tmp_path: Path
    ) -> None:
        content = pdf("resumed", 5_000_000)
        held, given = deposit(content), grant(case)
        opened = use(case, held["material_id"])
        with pytest.raises(CutOffError):
            qingpu.download(opened["use_id"], tmp_path / "a.pdf", stop_after=1_500_000)
        assert qingpu.download(opened["use_id"], tmp_path / "a.pdf").read_bytes() == content
        assert qingpu.call("GET", f"/v1/grants/{given['grant_id']}")["uses_left"] == 2

    def test_gives_the_same_use_to_the_same_request(
        self, qingpu: Client, deposit: Act, case: dict[str, Any], use: Act, grant: Act
    ) -> None:
        held, given = deposit(), grant(case)
        first, again = (use(case, held["material_id"], key=f"use-{held['material_id']}") for _ in range(2))
        assert first == again
        assert qingpu.call("GET", f"/v1/grants/{given['grant_id']}")["uses_left"] == 2

    def test_refuses_what_the_item_does_not_demand(self, deposit: Act, case: dict[str, Any], use: Act) -> None:
        held = deposit(type_code="CL015")
        assert refusal(lambda: use(case, held["material_id"])).code == "not-demanded"

    def test_refuses_after_withdrawal_and_cuts_a_running_use(
        self, qingpu: Client, deposit: Act, case: dict[str, Any], use: Act, grant: Act, legal_representative: Citizen
    ) -> None:
        held, given = deposit(pdf("withdrawn")), grant(case)
        opened = use(case, held["material_id"])
        legal_representative.withdraw(given["grant_id"])
        assert refusal(lambda: list(qingpu.chunks(opened["use_id"]))).code == "use-closed"
        assert refusal(lambda: use(case, held["material_id"])).code == "grant-withdrawn"

    def test_names_the_version_that_superseded(self, deposit: Act, case: dict[str, Any], use: Act) -> None:
        old = deposit()
        new = deposit(supersedes=old["material_id"])
        problem = refusal(lambda: use(case, old["material_id"]))
        assert problem.code == "status-superseded"
        assert problem.document["fields"]["current"] == new["material_id"]
        assert refusal(lambda: deposit(supersedes=old["material_id"])).code == "supersede-refused"

    def test_looks_alike_for_what_is_absent_and_what_is_anothers(self, deposit: Act, use: Act) -> None:
        held = deposit()
        nowhere = {"case_no": "31011820260101000001", "item_code": FOOD}
        absent = refusal(lambda: use(nowhere, "019a0000-0000-7000-8000-000000000000"))
        forbidden = refusal(lambda: use(nowhere, held["material_id"]))
        told = [each.document | {"request_id": ""} for each in (absent, forbidden)]
        ids = {each.pop("fields")["refusal_id"] for each in told}
        assert len(ids) == 2
        assert told[0] == told[1]

    def test_refuses_a_closed_case(
        self, qingpu: Client, deposit: Act, use: Act, grant: Act, case: dict[str, Any]
    ) -> None:
        held = deposit()
        grant(case)
        qingpu.close_case(case["case_no"], "qp-103")
        assert refusal(lambda: use(case, held["material_id"])).code == "case-closed"

    def test_refuses_a_grant_of_another_holder(self, deposit: Act, use: Act, grant: Act, case: dict[str, Any]) -> None:
        others = deposit(holder=OTHER_FIRM)
        given = grant(case)
        problem = refusal(lambda: use(case, others["material_id"], grant_id=given["grant_id"]))
        assert problem.code in {"unrelated-holder", "grant-of-another"}

    @pytest.mark.parametrize(
        ("missing", "code"),
        [("item_code", "item-missing"), ("cause", "cause-missing"), ("operator", "operator-missing")],
    )
    def test_wants_item_cause_and_operator(self, qingpu: Client, case: dict[str, Any], missing: str, code: str) -> None:
        wanted = {
            "object_id": "019a0000-0000-7000-8000-000000000000", "mode": "copy", "case_no": case["case_no"], "item_code": FOOD,
            "cause": "审查", "operator": "qp-103",
        }  # fmt: skip
        wanted.pop(missing)
        assert refusal(lambda: qingpu.call("POST", "/v1/uses", wanted)).code == code

    def test_refuses_an_unknown_operator(self, deposit: Act, case: dict[str, Any], use: Act) -> None:
        held = deposit()
        assert refusal(lambda: use(case, held["material_id"], operator="nobody")).code == "unknown-operator"

    def test_is_the_clients_alone(
        self, baoshan: Client, deposit: Act, case: dict[str, Any], use: Act, grant: Act
    ) -> None:
        held = deposit()
        grant(case)
        opened = use(case, held["material_id"])
        assert refusal(lambda: list(baoshan.chunks(opened["use_id"]))).code == "unknown-use"


class TestEvidence:
    def test_receipt_verifies_offline_and_catches_a_flipped_byte(
        self, exchange: Exchange, qingpu: Client, deposit: Act, case: dict[str, Any], use: Act, grant: Act
    ) -> None:
        content = pdf("receipt")
        held = deposit(content)
        grant(case)
        opened = use(case, held["material_id"])
        assert b"".join(qingpu.chunks(opened["use_id"])) == content
        receipt = until(lambda: with_chain(qingpu.receipt(opened["use_id"])))
        trust = Trust.from_json(exchange.trust())
        raw = httpx2.Response(200, json=receipt).content
        report = verify(load_bundle(raw), trust, io.BytesIO(content))
        assert report.verdict == "proven"
        assert {"deposit", "grant", "use"} <= receipt["sections"].keys()
        (deposited,), (given,) = (receipt["sections"][name]["entries"] for name in ("deposit", "grant"))
        assert deposited["opening"]["parties"].keys() == {"commitment"}
        assert given["opening"]["parties"]["content"]["grant"] == opened["grant_id"]
        with pytest.raises(VerificationError):
            verify(load_bundle(raw), trust, io.BytesIO(content[:-1] + b"\r"))
        assert verify(load_bundle(raw), None, io.BytesIO(content)).verdict != "proven"

    def test_fsck_finds_nothing_wrong(self, exchange: Exchange, deposit: Act) -> None:
        deposit()
        report = exchange.fsck()
        assert report["defects"] == []
        assert report["entries"] > 0

    def test_timeline_tells_deposit_uses_and_refusals(
        self, baoshan: Client, deposit: Act, case: dict[str, Any], use: Act, grant: Act
    ) -> None:
        held = deposit()
        refusal(lambda: use(case, held["material_id"]))
        grant(case)
        use(case, held["material_id"])
        events = [event["event"] for event in baoshan.provenance(held["material_id"])["events"]]
        assert events == ["deposited", "refused", "used"]


class TestCredentials:
    def test_refuses_a_replayed_proof(self, qingpu: Client, case: dict[str, Any]) -> None:
        path = f"/v1/cases/{case['case_no']}"
        headers = qingpu.headers("GET", path)
        first, again = (httpx2.get(qingpu.base_url + path, headers=headers) for _ in range(2))
        assert (first.status_code, again.status_code) == (200, 401)
        assert again.json()["code"] == "invalid_dpop_proof"

    def test_refuses_a_proof_for_another_address(self, qingpu: Client, case: dict[str, Any]) -> None:
        headers = qingpu.headers("GET", "/v1/cases/other")
        answer = httpx2.get(f"{qingpu.base_url}/v1/cases/{case['case_no']}", headers=headers)
        assert answer.json()["code"] == "invalid_dpop_proof"

    def test_refuses_a_plain_bearer_token(self, qingpu: Client) -> None:
        answer = httpx2.get(f"{qingpu.base_url}/v1/cases/x", headers={"Authorization": f"Bearer {qingpu.token()}"})
        assert answer.json()["code"] == "invalid_token"

    def test_refuses_an_assertion_for_another_audience(self, qingpu: Client) -> None:
        url = f"{qingpu.base_url}/oauth/token"
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": qingpu.key.assertion(qingpu.client_id, "https://elsewhere.example"),
        }
        answer = httpx2.post(url, data=form, headers={"DPoP": qingpu.key.proof("POST", url)})
        assert answer.json()["code"] == "invalid_client"

    def test_refuses_a_scope_that_was_not_given(self, qingpu: Client) -> None:
        body = {"organisation": FIRM, "person": {"kind": "person", "name": "陈", "identifiers": [{"type": "111", "code": "310199199001010018"}]},
                "valid_from": "2026-01-01T00:00:00Z", "operator": "qp-103"}  # fmt: skip
        assert refusal(lambda: qingpu.call("POST", "/v1/representations", body)).code == "insufficient_scope"


def until(look: Callable[[], Any], seconds: float = 90.0) -> Any:
    """Ask until there is an answer, at most so long."""
    ends, pause = time.monotonic() + seconds, Event()
    while (held := look()) is None:
        assert time.monotonic() < ends, "waited too long"
        pause.wait(0.1)
    return held


def anchored(client: Client, material_id: str) -> dict[str, Any] | None:
    entry = client.material(material_id)["entry"]
    return entry if entry["state"] == "anchored" else None


def with_chain(receipt: dict[str, Any]) -> dict[str, Any] | None:
    entries = [entry for section in receipt["sections"].values() for entry in section.get("entries", ())]
    whole = "chain" in receipt["sections"] and not any("promise" in entry for entry in entries)
    return receipt if whole else None


def newest(client: Client) -> list[str]:
    return [each["material_id"] for each in client.search(own=True, limit=1)["materials"]]
