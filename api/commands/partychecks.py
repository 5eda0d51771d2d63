"""`cailian party sandbox` and `self-check`: a newcomer's first calls, really made, and the report on them.

`sandbox` makes a key, opens a tenant for it and leaves a client file. `self-check` then makes every call a department's
system makes, with that key, those that must be refused too, checks the receipt offline, and asks the node what it saw.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import httpx2
import typer
from cryptography.hazmat.primitives.asymmetric import ec
from rich.table import Table

from api.client import ClientKey, ProblemError
from api.commands.calls import As, client
from api.commands.output import AsJson, fail, out, say
from api.keys import private_pem
from ledger.errors import LedgerError
from ledger.trust import Trust
from ledger.verify import load_bundle, verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.client import Client

Json = dict[str, Any]
TRUST: Final = Path("var/trust.json")
_CAUSE: Final = "沙箱自检"
_FACTS: Final = ("operator", "item_code", "type_code", "applicant")


def sandbox(
    target: Annotated[Path, typer.Argument(dir_okay=False, help="client file to write")],
    node: Annotated[str, typer.Option(help="address of a node in demo mode")] = "http://127.0.0.1:8080",
    as_json: AsJson = False,
) -> None:
    """Open a tenant of the sandbox with a fresh key; the client file is for `--as`."""
    pem = private_pem(ec.generate_private_key(ec.SECP256R1()))
    body = {"keys": [ClientKey(pem).public_jwk]}
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    try:
        answer = httpx2.post(f"{node.rstrip('/')}/v1/sandbox/tenants", json=body, headers=headers, timeout=30)
    except httpx2.TransportError as error:
        fail("no-answer", f"{error}; is the node up?", as_json=as_json)
    held = answer.json()
    if answer.is_error:
        fail(str(held.get("code")), str(held.get("detail")), as_json=as_json, problem=held)
    kept = {"base_url": held["base_url"], "client_id": held["client_id"], "key": pem}
    kept |= {"sandbox": {name: held[name] for name in _FACTS}}
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(kept, file, ensure_ascii=False, indent=1)
    say(held | {"file": str(target)}, as_json=as_json)


def self_check(
    who: As,
    trust: Annotated[
        Path | None,
        typer.Option(exists=True, help="the node's trust file, got another way; else var/trust.json"),
    ] = None,
    report: Annotated[Path | None, typer.Option(dir_okay=False, help="write the report here")] = None,
    as_json: AsJson = False,
) -> None:
    """Make every call of a department's system in the sandbox, and report. Exit code 1 where a step fails."""
    with client(who, as_json=as_json) as node:
        facts = _facts(who, as_json=as_json)
        held = trust or (TRUST if TRUST.exists() else None)
        try:
            done = SelfCheck(node, facts, Trust.load(held) if held else None).run()
        except LedgerError as error:
            fail(error.code, f"{held}: {error}", as_json=as_json)
        except httpx2.TransportError as error:
            fail("no-answer", str(error), as_json=as_json)
    if report is not None:
        report.write_text(json.dumps(done, ensure_ascii=False, indent=1))
    if as_json:
        say(done, as_json=True)
    else:
        table = Table("", "step", "步骤", "seen")
        for step in done["steps"]:
            mark = "[green]✓[/green]" if step["passed"] else "[red]✗[/red]"
            table.add_row(mark, step["en"], step["zh"], str(step["seen"]))
        out.print(table)
    if not done["passed"]:
        raise typer.Exit(1)


class SelfCheck:
    """The calls, one after the other; each is a step of the report.

    Args:
        node: the tenant's client.
        facts: what `sandbox` was told: operator, item, type, applicant.
        trust: what the receipt is checked against; None leaves that to the node.
    """

    def __init__(self, node: Client, facts: Json, trust: Trust | None) -> None:
        self._node = node
        self._facts = facts
        self._trust = trust
        self._steps: list[Json] = []

    def run(self) -> Json:
        """Everything; what cannot go on ends it with the step that failed."""
        node, facts = self._node, self._facts
        operator = facts["operator"]
        try:
            self._own()
            material = self._did("deposit", "归集一份样例材料", "a sample is deposited", self._deposit)["material_id"]
            opening = {"item_code": facts["item_code"], "scenario": "default", "applicant": facts["applicant"]}
            opening |= {"presence": {"kind": "id_card_read"}, "operator": operator}
            case = self._did("case", "开立办件", "a case is opened", lambda: node.open_case(**opening))
            use = {"object_id": material, "mode": "copy", "case_no": case["case_no"], "item_code": facts["item_code"]}
            use |= {"cause": _CAUSE, "operator": operator}
            self._refused(use)
            asking = {"case_no": case["case_no"], "type_codes": [facts["type_code"]], "mode": "copy", "max_uses": 1}
            asking |= {"valid_days": 1, "cause": _CAUSE, "operator": operator}
            asked = self._did("ask", "向持有人征求授权", "the holder is asked", lambda: node.ask(**asking))
            path = f"/v1/sandbox/asks/{asked['ask_id']}/approval"
            self._did("consent", "持有人同意 (沙箱代答)", "the holder consents", lambda: node.call("POST", path))
            used = self._did("use", "凭授权用证", "a use on that consent", lambda: node.use(**use))
            self._deliver(used)
        except _StopError:
            return {"passed": False, "client_id": node.client_id, "steps": self._steps}
        except ProblemError as problem:
            self._step("delivery", "取回内容与回执", "content and receipt are fetched", problem.code, passed=False)
        passed = all(step["passed"] for step in self._steps)
        return {"passed": passed, "client_id": node.client_id, "steps": self._steps}

    def _own(self) -> None:
        """What the client must do right before anything else: token, proof, and neither twice nor alone."""
        node = self._node
        self._did("token", "以 private_key_jwt 取得令牌", "a token by private_key_jwt", lambda: {"got": _got(node)})
        headers = node.headers("GET", "/v1/usage")
        self._status("proof", "带 DPoP 证明的请求被接受", "a call with a DPoP proof is answered", headers, 200)
        self._status("replay", "同一证明再次使用被拒绝", "the same proof again is refused", headers, 401)
        alone = {"Authorization": headers["Authorization"]}
        self._status("alone", "没有证明的令牌被拒绝", "a token without a proof is refused", alone, 401)

    def _status(self, name: str, zh: str, en: str, headers: dict[str, str], wanted: int) -> None:
        got = httpx2.get(f"{self._node.base_url}/v1/usage", headers=headers, timeout=30).status_code
        self._step(name, zh, en, str(got), passed=got == wanted)

    def _refused(self, use: Json) -> None:
        name, zh, en = "use-unasked", "未获同意的用证被拒绝", "a use without consent is refused"
        try:
            self._node.use(**use)
        except ProblemError as problem:
            self._step(name, zh, en, problem.code, passed=problem.status in {403, 404})
        else:
            self._step(name, zh, en, "allowed", passed=False)

    def _did(self, name: str, zh: str, en: str, act: Callable[[], Json]) -> Json:
        try:
            held = act()
        except ProblemError as problem:
            self._step(name, zh, en, problem.code, passed=False)
            raise _StopError from problem
        self._step(name, zh, en, next((each for each in held.values() if isinstance(each, str)), None), passed=True)
        return held

    def _deposit(self) -> Json:
        metadata = {"type_code": self._facts["type_code"], "holder": self._facts["applicant"]}
        metadata |= {"operator": self._facts["operator"]}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "sample.pdf"
            file.write_bytes(_sample())
            return self._node.deposit(file, metadata, content_type="application/pdf")

    def _deliver(self, used: Json) -> None:
        node, use_id = self._node, used["use_id"]
        data = b"".join(node.chunks(use_id))
        digest = hashlib.sha256(data).hexdigest()
        self._step("delivery", "取回全部内容且摘要一致", "delivered whole, with the digest promised", digest,
                   passed=digest == used["sha256"])  # fmt: skip
        receipt = node.receipt(use_id)
        try:
            found = verify(load_bundle(json.dumps(receipt, ensure_ascii=False).encode()), self._trust)
            self._step("receipt", "回执离线验证", "the receipt verifies offline", found.verdict.value, passed=True)
        except LedgerError as error:
            self._step("receipt", "回执离线验证", "the receipt verifies offline", error.code, passed=False)
        seen = node.call("POST", "/v1/sandbox/self-checks", {"receipt": receipt, "sha256": digest})
        for step in seen["steps"]:
            self._steps.append(step | {"name": f"node-{step['name']}"})

    def _step(self, name: str, zh: str, en: str, seen: str | None, *, passed: bool) -> None:
        self._steps.append({"name": name, "passed": passed, "zh": zh, "en": en, "seen": seen})


class _StopError(Exception):
    """A step failed without which there is no next."""


def _facts(who: str, *, as_json: bool) -> Json:
    path = Path(who) if who.endswith(".json") else Path("var/clients") / f"{who}.json"
    held: Json = json.loads(path.read_text()).get("sandbox", {})
    if held.keys() < set(_FACTS):
        fail("no-tenant", f"{path}: not of the sandbox; `cailian party sandbox {path}`", as_json=as_json)
    return held


def _got(node: Client) -> str:
    node.token()
    return "DPoP"


def _sample() -> bytes:
    """A small PDF, different each time."""
    head = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%"
    tail = b"\nxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 3>>\nstartxref\n100\n%%EOF\n"
    return head + uuid.uuid4().hex.encode() + tail
