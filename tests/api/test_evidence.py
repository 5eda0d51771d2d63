"""Evidence over HTTP: one or many digests in, promises out; found again by whoever anchored them, and nobody else."""

from __future__ import annotations

import hashlib
import io
import json
import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api import rows
from api.client import Client, ProblemError
from ledger.merkle import LeafNodes, leaf_hash, root
from ledger.note import NoteVerifier
from ledger.promise import BatchPromise, Promise
from ledger.trust import Trust
from ledger.verify import load_bundle, verify
from tests.api.test_journey import refusal, until

if TYPE_CHECKING:
    from api.stack.exchange import Exchange

PATH = "/v1/evidence"


def document(content: bytes | None = None, **more: Any) -> dict[str, Any]:
    content = os.urandom(40) if content is None else content
    number = uuid.uuid4().hex
    # In groups, since a chance run of digits may look like a phone number.
    return {"reference": f"QP-{number[:6]}-{number[6:12]}", "sha256": hashlib.sha256(content).hexdigest()} | more


def lines(*documents: Any) -> bytes:
    return b"\n".join(each if isinstance(each, bytes) else json.dumps(each).encode() for each in documents)


def post(client: Client, body: bytes, **headers: str) -> httpx2.Response:
    """One bulk request, its headers changed at will."""
    given = client.headers("POST", PATH) | {
        "Content-Type": "application/x-ndjson",
        "Idempotency-Key": str(uuid.uuid4()),
    }
    return httpx2.post(client.base_url + PATH, content=body, headers=given | headers, timeout=60)


def log_key(exchange: Exchange) -> NoteVerifier:
    return NoteVerifier.parse(exchange.trust()["logs"][0]["vkey"])


class TestOne:
    def test_answers_with_a_promise_of_the_log(self, exchange: Exchange, qingpu: Client) -> None:
        held = qingpu.anchor(**document(size=12))
        Promise.from_json(held["promise"]).verify(log_key(exchange))
        assert held["promise"]["entry"] == held["entry_id"]
        assert held["earlier_entry_id"] is None

    def test_has_its_index_when_it_is_answered(self, qingpu: Client) -> None:
        held = qingpu.anchor(**document())
        assert qingpu.call("GET", f"/v1/entries/{held['entry_id']}")["index"] is not None

    def test_gives_the_same_answer_to_the_same_request(self, qingpu: Client) -> None:
        wanted, key = document(), str(uuid.uuid4())
        first, again = (qingpu.anchor(key=key, **wanted) for _ in range(2))
        assert first == again
        assert len(qingpu.call("GET", f"{PATH}?reference={wanted['reference']}")["items"]) == 1

    def test_has_one_effect_for_a_key_sent_many_times_at_once(self, exchange: Exchange) -> None:
        wanted, key = document(), str(uuid.uuid4())
        with exchange.client("qingpu-market") as client, ThreadPoolExecutor(8) as pool:
            client.token()
            answers = list(pool.map(lambda _: client.anchor(key=key, **wanted), range(16)))
            assert all(answer == answers[0] for answer in answers)
            assert len(client.call("GET", f"{PATH}?reference={wanted['reference']}")["items"]) == 1

    def test_refuses_the_same_key_with_another_body(self, qingpu: Client) -> None:
        key = str(uuid.uuid4())
        qingpu.anchor(key=key, **document())
        assert refusal(lambda: qingpu.anchor(key=key, **document())).code == "idempotency-key-reused"

    def test_names_the_earlier_entry_of_the_same_digest(self, qingpu: Client, baoshan: Client) -> None:
        first = qingpu.anchor(**document(b"the same"))
        assert qingpu.anchor(**document(b"the same"))["earlier_entry_id"] == first["entry_id"]
        assert baoshan.anchor(**document(b"the same"))["earlier_entry_id"] is None

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"sha256": "AB" * 32}, 422, "evidence-invalid"),
            ({"sha256": None}, 422, "evidence-invalid"),
            ({"reference": "张三 的合同"}, 422, "evidence-invalid"),
            ({"reference": "310199199001010018"}, 422, "reference-personal"),
            ({"size": -1}, 422, "evidence-invalid"),
            ({"owner": "x"}, 422, "evidence-invalid"),
        ],
    )
    def test_refuses_a_bad_document_in_both_languages(
        self, qingpu: Client, change: dict[str, Any], status: int, code: str
    ) -> None:
        problem = refusal(lambda: qingpu.anchor(**(document() | change)))
        assert (problem.status, problem.code) == (status, code)
        assert problem.document["title_zh"]
        assert "310199199001010018" not in json.dumps(problem.document)

    @pytest.mark.parametrize(
        ("headers", "status", "code"),
        [
            ({"Content-Type": "text/plain"}, 415, "media-type-not-allowed"),
            ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415, "media-type-not-allowed"),
            ({"Content-Type": "application/json; charset=utf-8"}, 201, None),
            ({"Content-Type": "application/json", "Idempotency-Key": ""}, 422, "malformed-request"),
            ({"Authorization": "DPoP x"}, 401, "invalid_token"),
            ({"DPoP": "x"}, 401, "invalid_dpop_proof"),
        ],
    )
    def test_refuses_a_bad_request(
        self, qingpu: Client, headers: dict[str, str], status: int, code: str | None
    ) -> None:
        answer = post(qingpu, lines(document()), **headers)
        assert (answer.status_code, answer.json().get("code")) == (status, code)

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"reference":"a","reference":"b"}', b"\xff"])
    def test_refuses_what_is_not_one_json_object(self, qingpu: Client, body: bytes) -> None:
        answer = post(qingpu, body, **{"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed-json")

    def test_refuses_a_document_too_large_for_one(self, qingpu: Client) -> None:
        answer = post(qingpu, b" " * 2000, **{"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")

    def test_needs_the_scope(self, exchange: Exchange, qingpu: Client) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": qingpu.key.assertion(qingpu.client_id, exchange.base_url),
            "scope": "use",
        }
        url = exchange.base_url + "/oauth/token"
        token = httpx2.post(url, data=form, headers={"DPoP": qingpu.key.proof("POST", url)}).json()["access_token"]
        headers = {
            "Authorization": f"DPoP {token}",
            "DPoP": qingpu.key.proof("POST", exchange.base_url + PATH, token),
            "Idempotency-Key": "scope",
        }
        answer = httpx2.post(exchange.base_url + PATH, json=document(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")

    def test_refuses_a_replayed_proof(self, qingpu: Client) -> None:
        headers = qingpu.headers("POST", PATH) | {"Content-Type": "application/json"}
        answers = [
            httpx2.post(
                qingpu.base_url + PATH, json=document(), headers=headers | {"Idempotency-Key": str(uuid.uuid4())}
            )
            for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [201, 401]


class TestMany:
    def test_keeps_good_rows_and_tells_bad_ones(self, exchange: Exchange, qingpu: Client) -> None:
        good = [document() for _ in range(3)]
        answer = post(qingpu, lines(good[0], b"nonsense", good[1], {"reference": "R", "sha256": "zz"}, good[2]))
        *told, last = [json.loads(line) for line in answer.text.splitlines()]
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
        assert [row["row"] for row in told] == [1, 2, 3, 4, 5]
        assert [row.get("code") for row in told] == [None, "row-malformed", None, "evidence-invalid", None]
        assert told[3]["fields"] == {"member": "sha256"}
        assert told[1]["title_zh"]
        assert (last["taken"], last["refused"]) == (3, 2)
        for row, sent in zip([told[0], told[2], told[4]], good, strict=True):
            assert qingpu.call("GET", f"{PATH}/{row['entry_id']}")["reference"] == sent["reference"]
        self._check_promise(exchange, told, last)

    @staticmethod
    def _check_promise(exchange: Exchange, told: list[dict[str, Any]], last: dict[str, Any]) -> None:
        entries = [(row["entry_id"], row["leaf"].encode()) for row in told if "leaf" in row]
        promise = BatchPromise.from_json(last["promise"], entries)
        promise.verify(log_key(exchange))
        hashes = [leaf_hash(leaf) for _, leaf in entries]
        assert promise.root == root(LeafNodes(hashes), len(hashes))

    def test_tells_refused_rows_only_on_request(self, qingpu: Client) -> None:
        answer = post(qingpu, lines(document(), b"x", document()), Prefer="return=minimal")
        assert answer.headers["preference-applied"] == "return=minimal"
        told = [json.loads(line) for line in answer.text.splitlines()]
        assert [row.get("row") for row in told] == [2, None]
        assert (told[1]["taken"], told[1]["promise"]["count"]) == (2, 2)

    def test_gives_the_same_answer_to_the_same_request(self, qingpu: Client) -> None:
        body, key = lines(document(), b"x", document()), str(uuid.uuid4())
        first, again = (post(qingpu, body, **{"Idempotency-Key": key}) for _ in range(2))
        assert first.content == again.content
        other = post(qingpu, lines(document()), **{"Idempotency-Key": key})
        assert other.json()["code"] == "idempotency-key-reused"

    def test_has_one_effect_for_a_key_sent_many_times_at_once(self, exchange: Exchange) -> None:
        wanted, key = document(), str(uuid.uuid4())
        with exchange.client("qingpu-market") as client, ThreadPoolExecutor(4) as pool:
            client.token()
            sent = list(pool.map(lambda _: post(client, lines(wanted), **{"Idempotency-Key": key}), range(8)))
            assert len({answer.content for answer in sent}) == 1
            assert len(client.call("GET", f"{PATH}?reference={wanted['reference']}")["items"]) == 1

    def test_names_earlier_entries_within_and_before(self, qingpu: Client) -> None:
        one = document()
        first, second, _ = qingpu.anchor_many(lines(one, one))
        (third, _) = qingpu.anchor_many(lines(one))
        assert "earlier_entry_id" not in first
        assert second["earlier_entry_id"] == third["earlier_entry_id"] == first["entry_id"]

    @pytest.mark.parametrize("body", [b"", b"x", b"\n"])
    def test_takes_nothing_from_a_body_without_a_good_row(self, qingpu: Client, body: bytes) -> None:
        answer = post(qingpu, body)
        assert answer.status_code == 200, answer.text
        last = json.loads(answer.text.splitlines()[-1])
        assert (last["taken"], last["promise"]) == (0, None)

    def test_refuses_the_whole_of_what_is_too_large(self, qingpu: Client) -> None:
        one = document()
        many = post(qingpu, lines(one, *[b"{}"] * rows.MAX_ROWS))
        large = post(qingpu, lines(one, b" " * rows.MAX_BYTES))
        assert [(many.status_code, many.json()["code"]), (large.status_code, large.json()["code"])] == [
            (413, "too-many-rows"),
            (413, "body-too-large"),
        ]
        assert qingpu.call("GET", f"{PATH}?reference={one['reference']}")["items"] == []

    def test_takes_as_many_rows_as_it_says(self, qingpu: Client) -> None:
        sent = [document() for _ in range(rows.MAX_ROWS)]
        (last,) = qingpu.anchor_many(lines(*sent), minimal=True)
        assert (last["taken"], last["promise"]["count"]) == (rows.MAX_ROWS, rows.MAX_ROWS)
        assert len(qingpu.call("GET", f"{PATH}?reference={sent[-1]['reference']}")["items"]) == 1


class TestRead:
    def test_shows_what_was_anchored(self, qingpu: Client) -> None:
        wanted = document(sm3="cd" * 32, type_code="CL022", size=7)
        held = qingpu.anchor(**wanted)
        shown = qingpu.call("GET", f"{PATH}/{held['entry_id']}")
        assert {name: shown[name] for name in wanted} == wanted
        assert shown["entry"]["entry_id"] == held["entry_id"]
        assert shown["time"] == held["promise"]["promised_at"]

    def test_finds_by_reference_and_digest(self, qingpu: Client) -> None:
        wanted = document()
        held = qingpu.anchor(**wanted)
        for query in (f"reference={wanted['reference']}", f"sha256={wanted['sha256']}"):
            found = qingpu.call("GET", f"{PATH}?{query}")
            assert [item["entry_id"] for item in found["items"]] == [held["entry_id"]]
            assert found["next"] is None

    @pytest.mark.parametrize("query", ["", "?reference=a&sha256=b", "?reference=a%20b", "?sha256=zz"])
    def test_wants_one_thing_to_look_for(self, qingpu: Client, query: str) -> None:
        assert refusal(lambda: qingpu.call("GET", PATH + query)).status == 422

    def test_does_not_exist_for_others(self, qingpu: Client, baoshan: Client) -> None:
        wanted = document()
        held = qingpu.anchor(**wanted)
        absent = str(uuid.uuid4())
        for path in ("/{}", "/{}/bundle"):
            theirs, none = (
                refusal(lambda p=path, e=each: baoshan.call("GET", PATH + p.format(e)))
                for each in (held["entry_id"], absent)
            )
            assert (theirs.status, theirs.code) == (none.status, none.code) == (404, "not-found")
        for query in (f"?reference={wanted['reference']}", f"?sha256={wanted['sha256']}"):
            assert baoshan.call("GET", PATH + query)["items"] == []

    def test_other_acts_are_no_evidence_of_this_kind(self, qingpu: Client, baoshan: Client, deposit: Any) -> None:
        entry_id = deposit()["promise"]["entry"]
        assert refusal(lambda: baoshan.call("GET", f"{PATH}/{entry_id}")).code == "not-found"


class TestBundle:
    def test_proves_the_document_offline(self, exchange: Exchange, qingpu: Client) -> None:
        content = b"a document that never left the department"
        held = qingpu.anchor(**document(content, size=len(content)))
        trust = Trust.from_json(exchange.trust())

        def anchored() -> dict[str, Any] | None:
            made = qingpu.call("GET", f"{PATH}/{held['entry_id']}/bundle")
            return made if "chain" in made["sections"] else None

        made = json.dumps(until(anchored)).encode()
        report = verify(load_bundle(made), trust, io.BytesIO(content))
        assert (report.verdict.value, report.kind) == ("proven", "evidence")
        with pytest.raises(Exception, match="document"):
            verify(load_bundle(made), trust, io.BytesIO(content + b"."))


class TestPrivacy:
    def test_no_log_names_reference_or_digest(self, exchange: Exchange, qingpu: Client) -> None:
        wanted = document(reference=f"SECRET-{uuid.uuid4().hex}")
        qingpu.anchor(**wanted)
        qingpu.call("GET", f"{PATH}?reference={wanted['reference']}")
        with pytest.raises(ProblemError):
            qingpu.anchor(**(wanted | {"size": -1}))
        for file in (exchange.folder / "log").glob("*.log"):
            text = file.read_text(errors="replace")
            assert wanted["reference"] not in text
            assert wanted["sha256"] not in text
