"""Nothing personal where it does not belong (RELIABILITY P1): seeded codes, names, phones and tokens are looked for everywhere.

Everything the exchange writes about itself or shows to strangers is searched: its logs and those of its parts, metrics, figures,
problem documents, addresses, the log's entries, evidence bundles and receipts, and the chain's calldata. A code counts as found
also as its plain digest, since eighteen digits are quickly tried out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from cryptography.hazmat.primitives import hashes

from api import gaps
from api.app import ROUTES
from api.client import Client, ProblemError
from api.demo import world
from api.demo.citizen import Citizen
from api.node import Node
from api.stack.exchange import Exchange
from authz.store import heads
from ledger import bundle, erasure
from tests.api.conftest import FIRM, FOOD, pdf, send_deposit
from tests.api.test_journey import until, with_chain

PERSON = {"kind": "person", "name": "沈砚秋", "identifiers": [{"type": "111", "code": "310199198808080020"}]}
PHONES = ("13912345678", "021-56781234")
CODES = (
    PERSON["identifiers"][0]["code"],
    *(each["code"] for each in world.WORLD["people"]),
    *(each["code"] for each in world.WORLD["firms"]),
)
NAMES = (PERSON["name"], *(each["name"] for each in (*world.WORLD["people"], *world.WORLD["firms"])))
NOBODY = "019a0000-0000-7000-8000-000000000000"


def digests(code: str) -> list[bytes]:
    """Plain digests of a code, as somebody in a hurry would pseudonymise it."""
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update(code.encode())
    return [*(hashlib.new(name, code.encode()).digest() for name in ("sha256", "md5", "sha1")), sm3.finalize()]


def spellings(text: str) -> set[bytes]:
    """A text as programs write it."""
    plain = text.encode()
    forms = [
        plain,
        json.dumps(text)[1:-1].encode(),
        quote(text).encode(),
        plain.hex().encode(),
        base64.b64encode(plain)[:-4],
    ]
    return {form.lower() for form in forms}


def needles(tokens: list[str]) -> dict[bytes, str]:
    """What must not be found, in lower case, with what it is."""
    held = {form: "code" for code in CODES for form in spellings(code)}
    held |= {form: "name" for name in NAMES for form in spellings(name)}
    held |= {form: "phone" for phone in PHONES for form in spellings(phone)}
    for raw in (digest for code in CODES for digest in digests(code)):
        for form in (
            raw,
            raw.hex().encode(),
            base64.b64encode(raw).rstrip(b"="),
            base64.urlsafe_b64encode(raw).rstrip(b"="),
        ):
            held[form.lower()] = "digest of a code"
    return held | {token.encode().lower(): "token" for token in tokens}


@dataclass
class Journey:
    """One whole life of a person's and a firm's materials, refusals included, and what it left behind."""

    exchange: Exchange
    tokens: list[str] = field(default_factory=list)
    problems: dict[str, bytes] = field(default_factory=dict)
    bundles: list[bytes] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def refused(self, act: Callable[[], object]) -> str:
        with pytest.raises(ProblemError) as caught:
            act()
        self.problems[f"{len(self.problems)} {caught.value.code}"] = json.dumps(
            caught.value.document, ensure_ascii=False
        ).encode()
        return caught.value.code

    def raw(self, method: str, path: str, **sent: Any) -> None:
        answer = httpx2.request(method, self.exchange.base_url + path, **sent)
        assert answer.is_error
        self.problems[f"{len(self.problems)} {answer.json()['code']}"] = answer.content + str(answer.headers).encode()


@pytest.fixture(scope="module")
def journey(exchange: Exchange) -> Journey:
    held = Journey(exchange)
    chen = Citizen(exchange.base_url, "demo-person-chen")
    chen_signs = chen.login

    def login(nonce: str) -> str:
        held.tokens.append(chen_signs(nonce))
        return held.tokens[-1]

    chen.login = login  # type: ignore[method-assign]
    with exchange.client("baoshan-window") as baoshan, exchange.client("qingpu-market") as qingpu, chen:
        _succeed(held, baoshan, qingpu, chen)
        _fail(held, baoshan, qingpu)
        held.tokens += [client.token() for client in (baoshan, qingpu)]
    assert until(lambda: exchange.integrated() or None)
    return held


def _succeed(held: Journey, baoshan: Client, qingpu: Client, chen: Citizen) -> None:
    """Deposits of both holders, a case of each, a grant, a use, its receipt, a withdrawal."""
    card = send_deposit(
        baoshan, pdf("card"), type_code="CL006", holder=PERSON, file_name=f"{PERSON['name']}{CODES[0]}.pdf"
    )
    lease = send_deposit(baoshan, pdf("privacy"), file_name=f"租约 {PHONES[0]}.pdf")
    reader = {"kind": "id_card_read", "evidence": f"{PERSON['name']} {CODES[0]} {PHONES[1]}"}
    case = {"item_code": FOOD, "scenario": "default", "presence": reader, "operator": "qp-103"}
    persons = qingpu.open_case(**case, applicant=PERSON)
    firms = qingpu.open_case(**case, applicant=FIRM)
    wanted = {"mode": "copy", "item_code": FOOD, "cause": "食品经营许可新办审查", "operator": "qp-103"}
    held.refused(lambda: qingpu.use(**wanted, object_id=card["material_id"], case_no=persons["case_no"]))
    asked = qingpu.ask(case_no=firms["case_no"], type_codes=["CL022"], cause="审查", operator="qp-103", max_uses=2)
    grant = chen.approve(asked["ask_id"])
    use = qingpu.use(**wanted, object_id=lease["material_id"], case_no=firms["case_no"])
    assert b"".join(qingpu.chunks(use["use_id"])) == pdf("privacy")
    baoshan.search(own=True, holder=PERSON["identifiers"][0])
    receipt = until(lambda: with_chain(qingpu.receipt(use["use_id"])))
    evidence = [baoshan.evidence(each["material_id"]) for each in (card, lease)]
    timeline = baoshan.provenance(card["material_id"])
    shown = (receipt, *evidence, timeline, *_said_by_the_node(held.exchange, lease["entry"]["entry_id"]))
    held.bundles = [json.dumps(each, ensure_ascii=False).encode() for each in shown]
    chen.withdraw(grant["grant_id"])
    held.refused(lambda: qingpu.use(**wanted, object_id=lease["material_id"], case_no=firms["case_no"]))
    held.ids = [
        card["material_id"],
        lease["material_id"],
        firms["case_no"],
        use["use_id"],
        grant["grant_id"],
        asked["ask_id"],
    ]


def _said_by_the_node(exchange: Exchange, entry_id: str) -> list[Any]:
    """A bundle with parties shut, the gaps, every holder's proof of the day, and the erasure list."""
    node = Node(exchange.settings)
    try:
        with node.database.unit() as db:
            day = date(2000, 1, 1)  # one that no worker commits
            node.heads.commit(db, day, node.clock.now(), node.heads.page(db, day, "")[0])
            hidden = bundle.build(db, node.evidence, "deposit", [entry_id], hide_parties=True)
            found = gaps.listing(db, node.clock.now() + timedelta(days=2), exchange.settings)
            proofs = [node.heads.prove(db, holder, day) for holder, *_ in heads.holders(db, str(uuid.UUID(int=0)), 100)]
            return [hidden, found, proofs, erasure.erased(db)]
    finally:
        node.close()


def _fail(held: Journey, baoshan: Client, qingpu: Client) -> None:
    """Personal data in every place where a caller could put it."""
    code, name, phone = CODES[0], PERSON["name"], PHONES[0]
    wrong = {**PERSON, "identifiers": [{"type": "111", "code": code[:-1] + ("7" if code[-1] != "7" else "6")}]}
    for change in (
        {"holder": wrong},
        {"holder": {**PERSON, "identifiers": [{"type": "111", "code": code}, FIRM["identifiers"][0]]}},
        {"holder": {**PERSON, code: name}},
        {"operator": code},
        {"origin_case_no": code},
        {"project_code": name},
        {"type_code": phone},
        {"supersedes": code},
        {"valid_from": f"{name} {code}"},
        {"file_name": f"../{name}{code}.pdf"},
        {"file_name": f"{name}{code}" * 20},
        {"content": f"{name} {code}".encode()},
        {"media_type": f"text/{code}"},
        {"key": code * 12},
    ):
        held.refused(lambda change=change: send_deposit(baoshan, **({"content": pdf("refused")} | change)))
    case = {"item_code": FOOD, "applicant": PERSON, "presence": {"kind": "id_card_read"}, "operator": "qp-103"}
    for change in ({"item_code": code}, {"scenario": code}, {"operator": name}, {"project_code": code}, {name: code}):
        held.refused(lambda change=change: qingpu.open_case(**(case | change)))
    use = {
        "object_id": NOBODY,
        "mode": "copy",
        "case_no": code,
        "item_code": FOOD,
        "cause": "审查",
        "operator": "qp-103",
    }
    for change in ({}, {"cause": f"{name} {code} {phone}"}, {"operator": code}, {"object_id": code}, {"mode": code}):
        held.refused(lambda change=change: qingpu.use(**(use | change)))
    opened = qingpu.open_case(**case)
    ask = {"case_no": opened["case_no"], "type_codes": ["CL022"], "cause": f"{code}", "operator": "qp-103"}
    held.refused(lambda: qingpu.ask(**ask))
    held.refused(lambda: qingpu.ask(**(ask | {"type_codes": [code], "cause": "审查"})))
    held.refused(lambda: qingpu.search(case_no=opened["case_no"], cursor=code))
    held.refused(lambda: qingpu.call("GET", f"/v1/cases/{code}"))
    held.refused(lambda: qingpu.call("GET", f"/v1/uses/{code}?name={quote(name)}"))
    spoken = f"/v1/materials/{code}?holder={quote(name)}&phone={phone}"
    for method, path in (
        ("GET", spoken),
        ("GET", f"/{code}"),
        ("DELETE", f"/v1/uses/{code}"),
        ("GET", f"/log/tile/{code}"),
    ):
        held.raw(
            method, path, headers={"Authorization": f"Bearer {code}", "X-Request-Id": code, "User-Agent": name.encode()}
        )
    held.raw("POST", "/v1/uses", content=f'{{"cause": "{name} {code}'.encode())
    held.raw(
        "POST",
        "/v1/grants",
        json={"ask_id": NOBODY, "id_token": f"{code}.{'x' * 20}"},
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    held.raw("POST", "/oauth/token", data={"grant_type": "client_credentials", "client_assertion": code, "scope": name})
    held.raw("GET", "/demo/oidc/authorize", params={"client_id": name, "redirect_uri": code, "nonce": code})


class Search:
    """Look for every needle; a hit names what and where, never the needle itself."""

    def __init__(self, journey: Journey) -> None:
        self._needles = needles(journey.tokens)

    def __call__(self, where: str, hay: bytes) -> list[str]:
        lower = hay.lower()
        return [f"{what} in {where}" for needle, what in self._needles.items() if needle in lower]


@pytest.fixture(scope="module")
def search(journey: Journey) -> Search:
    return Search(journey)


class TestSearch:
    @pytest.mark.parametrize(
        "planted",
        [
            CODES[0],
            NAMES[0],
            json.dumps(NAMES[0]),
            quote(NAMES[0]),
            PHONES[0],
            hashlib.sha256(CODES[0].encode()).hexdigest().upper(),
            base64.b64encode(digests(CODES[1])[3]).decode(),
        ],
    )
    def test_finds_what_is_planted(self, search: Search, planted: str) -> None:
        assert search("here", f"before {planted} after".encode())

    def test_finds_tokens(self, journey: Journey, search: Search) -> None:
        assert len(journey.tokens) == 4
        assert search("here", journey.tokens[0].encode())


def consent_of(shown: Any) -> dict[str, Any]:
    """What a bundle shows of a consent; nothing where it is no bundle."""
    sections = shown.get("sections", {}) if isinstance(shown, dict) else {}
    return dict(sections.get("grant", {})).get("consent", {})


class TestNothingPersonal:
    def test_in_the_logs(self, journey: Journey, search: Search) -> None:
        files = sorted((journey.exchange.folder / "log").rglob("*.log"))
        names = {file.stem for file in files}
        assert {"api-1", "api-2", "worker"} <= names
        assert len(names) >= 6
        assert [hit for file in files for hit in search(file.name, file.read_bytes())] == []

    @pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz", "/v1/items", "/log/checkpoint"])
    def test_in_what_everybody_may_read(self, journey: Journey, search: Search, path: str) -> None:
        answer = httpx2.get(journey.exchange.base_url + path)
        assert answer.status_code == 200
        assert search(path, answer.content) == []

    def test_in_problem_documents(self, journey: Journey, search: Search) -> None:
        assert len(journey.problems) > 20
        assert [hit for code, body in journey.problems.items() for hit in search(code, body)] == []

    def test_in_log_entries(self, journey: Journey, search: Search) -> None:
        entries = all_entries(journey.exchange)
        assert len(entries) >= 8
        sealed = [entry for entry in entries if not entry.startswith(b'{"clear":')]
        assert {len(entry) for entry in sealed} == {57}
        assert search("entries", b"\n".join(entries)) == []
        opened = [base64.urlsafe_b64decode(json.loads(entry)["c"] + "=") for entry in sealed]
        assert search("commitments", b"".join(opened)) == []

    def test_in_receipts_and_bundles_but_the_signature(self, journey: Journey, search: Search) -> None:
        """A login that signed a consent is its evidence: it is shown to the grantee, in its place and nowhere else."""
        shown = [json.loads(body) for body in journey.bundles]
        signed = [consent.pop("signature") for each in shown if (consent := consent_of(each))]
        assert signed
        assert set(signed) <= set(journey.tokens)
        left = [json.dumps(each, ensure_ascii=False).encode() for each in shown]
        assert [hit for number, body in enumerate(left) for hit in search(f"bundle {number}", body)] == []

    def test_in_the_chains_calldata(self, journey: Journey, search: Search) -> None:
        calldata = transactions(journey.exchange.settings.chain_url)
        assert any(calldata)
        assert [hit for data in calldata for hit in search("calldata", data)] == []


class TestAccessLog:
    def test_names_templates_never_addresses(self, journey: Journey) -> None:
        api = httpx2.get(journey.exchange.base_url + "/openapi.json").json()
        pages = {str(getattr(each, "path", "")) for module in ROUTES for each in module.router.routes}
        known = {*api["paths"], *pages, "/openapi.json", "none"}  # pages are not in the description
        lines = [
            json.loads(line)
            for file in (journey.exchange.folder / "log").glob("api-*.log")
            for line in file.read_text("utf-8").splitlines()
            if line.startswith("{")
        ]
        requests = [line for line in lines if line["event"] == "request"]
        assert len(requests) > 40
        assert {line["route"] for line in requests} <= known
        allowed = {"event", "route", "method", "status", "ms", "request_id", "client", "level", "timestamp"}
        assert {name for line in requests for name in line} <= allowed

    def test_names_no_thing(self, journey: Journey) -> None:
        text = "".join(file.read_text("utf-8") for file in (journey.exchange.folder / "log").glob("api-*.log"))
        assert [each for each in journey.ids if each in text] == []

    def test_takes_no_request_id_that_could_be_a_code(self, journey: Journey) -> None:
        for given in (CODES[0], PHONES[0]):
            answer = httpx2.get(journey.exchange.base_url + "/livez", headers={"X-Request-Id": given})
            assert answer.headers["x-request-id"] != given
        own = str(uuid.uuid4())
        answer = httpx2.get(journey.exchange.base_url + "/livez", headers={"X-Request-Id": own})
        assert answer.headers["x-request-id"] == own


def all_entries(exchange: Exchange) -> list[bytes]:
    """Every entry of the log as a stranger reads it (C2SP tlog-tiles: two bytes of length, then the entry)."""
    with httpx2.Client(base_url=exchange.base_url) as web:
        size = int(web.get("/log/checkpoint").text.splitlines()[1])
        found: list[bytes] = []
        for number in range((size + 255) // 256):
            width = min(256, size - 256 * number)
            path = f"/log/tile/entries/{number:03d}" + (f".p/{width}" if width < 256 else "")
            body = web.get(path).raise_for_status().content
            while body:
                length = int.from_bytes(body[:2])
                found.append(body[2 : 2 + length])
                body = body[2 + length :]
    assert len(found) == size
    return found


def transactions(chain_url: str) -> list[bytes]:
    """Calldata of every transaction on the chain."""
    with httpx2.Client() as web:

        def ask(method: str, *params: object) -> Any:
            body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            return web.post(chain_url, json=body).json()["result"]

        newest = int(ask("eth_blockNumber"), 16)
        blocks = (ask("eth_getBlockByNumber", hex(number), True) for number in range(newest + 1))
        return [bytes.fromhex(each["input"][2:]) for block in blocks for each in block["transactions"]]
