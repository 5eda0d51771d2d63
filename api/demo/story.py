"""The demonstration: the exchange's main job once, on real files and real parts, each step timed and kept.

What it makes stays in `var/demo/`: `files/` (what was deposited), `received/` (what the department got), `evidence/`
(receipts and bundles, `*.cailian.json`), `trust.json` and `report.json`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any, Final

from rich.markup import escape

from api.client import Client, CutOffError, ProblemError
from api.demo import licences, reuse, samples
from api.demo.citizen import Citizen
from api.stack.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console

FIRM: Final = {
    "kind": "organisation",
    "name": "宝山青禾餐饮管理有限公司",
    "identifiers": [{"type": "001", "code": "91310113XX0000019X"}],
}
FOOD: Final = "11310118XX00000B0W4310100101000"
CAUSE: Final = "食品经营许可新办审查"
WAIT: Final = 60.0


class DemoFailedError(Exception):
    """A step did not do what it must; the demonstration ends with exit code 1."""


@dataclass(slots=True)
class Story:
    """One run.

    Attributes:
        folder: `var/demo`; removed and made anew.
        console: where the steps are told.
        cases: each with its route and evidence by material, for the report.
    """

    folder: Path
    console: Console
    steps: list[dict[str, Any]] = field(default_factory=list)
    known: dict[str, Any] = field(default_factory=dict)
    cases: list[dict[str, Any]] = field(default_factory=list)

    def run(self) -> dict[str, Any]:
        """Tell the whole story; the report that is also written to `report.json`.

        Raises:
            DemoFailedError: a step did not hold.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("files", "received", "evidence"):
            (self.folder / name).mkdir(parents=True)
        started = time.perf_counter()
        with self.step("准备演示文件", "Make the demo's files") as note:
            self.known["files"] = samples.produce(self.folder / "files")
            note["files"] = {path.name: path.stat().st_size for path in sorted((self.folder / "files").iterdir())}
        exchange = Exchange(self.folder / "node", demo=True, port=0)
        try:
            with self.step("启动交换平台", "Start the exchange: PostgreSQL, S3, chain, witness, API, worker") as note:
                note["address"] = exchange.up()
            self.act(exchange)
        finally:
            exchange.down()
        report = {"result": "passed", "seconds": round(time.perf_counter() - started, 1)}
        report |= {"cases": self.cases, "steps": self.steps}
        (self.folder / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1))
        return report

    def act(self, exchange: Exchange) -> None:
        """Everything between the first start and the last stop."""
        with self.clients(exchange) as (baoshan, qingpu):
            self.deposit(baoshan)
            self.open_case(qingpu)
            self.consent(qingpu, exchange.base_url)
            self.fetch(qingpu)
            self.not_demanded(qingpu)
            licences.tell(self, exchange, qingpu)
            reuse.tell(self, exchange, baoshan, qingpu)
            self.keep_evidence(baoshan, qingpu, exchange)
        with self.step("停止平台,离线验证", "Stop the exchange and verify file and receipt offline") as note:
            exchange.down()
            note["verdict"] = self.verify("use-lease", "lease.pdf", expect=0)
            note["copy"] = self.verify("use-licence", "business-licence.pdf", expect=0)
        with self.step("翻转一个字节", "One flipped byte is caught") as note:
            document = (self.folder / "received" / "lease.pdf").read_bytes()
            middle = len(document) // 2
            flipped = document[:middle] + bytes([document[middle] ^ 1]) + document[middle + 1 :]
            (self.folder / "received" / "lease-flipped.pdf").write_bytes(flipped)
            note["verdict"] = self.verify("use-lease", "lease-flipped.pdf", expect=1)
        with self.step("再次启动", "Second start") as note:
            note["address"] = exchange.up()
        with self.clients(exchange) as (baoshan, qingpu):
            self.supersede(baoshan, qingpu)
            self.withdraw(qingpu, exchange.base_url)
            with self.step("溯源", "The life of the lease as a timeline") as note:
                note["events"] = [event["event"] for event in baoshan.provenance(self.known["lease"])["events"]]
        with self.step("全量校验", "fsck recomputes the whole log from raw bytes") as note:
            self.until(lambda: exchange.integrated() or None, "integration of all entries")
            note.update(exchange.fsck())
            self.expect(not note["defects"], "fsck found defects")

    # The steps

    def deposit(self, baoshan: Client) -> None:
        """The Baoshan window takes in the articles, the lease and the drawing."""
        files = self.known["files"]
        for name, type_code in (("articles", "CL015"), ("lease", "CL022"), ("drawing", "CL025")):
            path, media_type = files[name]
            with self.step(f"宝山窗口归集{path.stem}", f"Baoshan deposits {path.name}") as note:
                held = self.deposit_file(baoshan, path, media_type, type_code)
                self.known[name] = held["material_id"]
                note |= {"material_id": held["material_id"], "size": held["size"], "sm3": held["sm3"]}
        with self.step("入日志并上链", "Integrated in the log, anchored on the chain") as note:
            note["entry"] = self.until(lambda: self.anchored(baoshan, self.known["drawing"]), "an anchor")

    def open_case(self, qingpu: Client) -> None:
        """A Qingpu department opens a case and asks too early."""
        with self.step("青浦部门开办件", "Qingpu opens a case; the checklist type is there already") as note:
            item = next(each for each in qingpu.call("GET", "/v1/items")["items"] if each["item_code"] == FOOD)
            presence = {"kind": "id_card_read", "evidence": "demo reader 7"}
            case = {"item_code": item["item_code"], "scenario": item["scenarios"][0], "applicant": FIRM}
            opened = qingpu.open_case(**case, presence=presence, operator="qp-103")
            self.known |= {"case_no": opened["case_no"], "item_code": opened["item_code"]}
            found = qingpu.search(case_no=opened["case_no"])["materials"]
            note |= {"case_no": opened["case_no"], "found": sorted(material["type_code"] for material in found)}
        with self.step("未经授权,拒绝", "Refused for want of a grant") as note:
            note["code"] = self.refused(lambda: self.use(qingpu, "lease"))

    def consent(self, qingpu: Client, base_url: str) -> None:
        """The department asks, the firm's legal representative signs exactly what is asked."""
        with self.step("发起授权请求", "The department asks the holder") as note:
            wanted = {"case_no": self.known["case_no"], "type_codes": ["CL022", "CL025"], "mode": "copy", "max_uses": 3}
            asked = qingpu.ask(**wanted, valid_days=30, cause=CAUSE, operator="qp-103")
            note |= {"ask_id": asked["ask_id"], "digest": asked["digest"]}
        with self.step("法定代表人登录并签署", "The legal representative logs in and signs that digest") as note:
            with Citizen(base_url, "demo-person-chen") as representative:
                grant = representative.approve(asked["ask_id"])
            self.known["grant"] = grant["grant_id"]
            note |= {"grant_id": grant["grant_id"], "uses_left": grant["uses_left"]}

    def fetch(self, qingpu: Client) -> None:
        """Fetch the lease, and the drawing with a cut line."""
        with self.step("调用租赁合同", "Fetch the lease") as note:
            use = self.use(qingpu, "lease")
            target = qingpu.download(use["use_id"], self.folder / "received" / "lease.pdf")
            self.known["use-lease"] = use["use_id"]
            self.same(target, self.known["files"]["lease"][0])
            note |= {"use_id": use["use_id"], "basis": use["basis"], "policies": use["policies"]}
        with self.step("图纸断点续传,只计一次", "The drawing, cut off and resumed, spends one use") as note:
            before = self.uses_left(qingpu)
            use = self.use(qingpu, "drawing")
            target, cuts = self.folder / "received" / "drawing.pdf", 0
            for limit in (9_000_000, 30_000_000, None):
                try:
                    qingpu.download(use["use_id"], target, stop_after=limit)
                except CutOffError:
                    cuts += 1
            self.known["use-drawing"] = use["use_id"]
            self.same(target, self.known["files"]["drawing"][0])
            note |= {"cuts": cuts, "spent": before - self.uses_left(qingpu), "size": target.stat().st_size}
            self.expect(note["spent"] == 1 and cuts == 2, "a resumed download must spend one use")

    def not_demanded(self, qingpu: Client) -> None:
        """The item does not demand the articles of association."""
        with self.step("事项不需要的材料,拒绝", "A type the item does not demand is refused") as note:
            note["code"] = self.refused(lambda: self.use(qingpu, "articles"))

    def keep_evidence(self, baoshan: Client, qingpu: Client, exchange: Exchange) -> None:
        """Receipts of the uses, bundles of the deposits, the trust file."""
        with self.step("回执与证据", "Receipts and evidence bundles, anchored") as note:
            for name in ("use-lease", "use-drawing"):
                receipt = self.until(lambda name=name: self.complete(qingpu.receipt(self.known[name])), "a receipt")
                self.write(f"evidence/{name}.cailian.json", receipt)
            for name in ("articles", "lease", "drawing"):
                self.write(f"evidence/deposit-{name}.cailian.json", baoshan.evidence(self.known[name]))
            self.write("trust.json", exchange.trust())
            note["files"] = sorted(path.name for path in (self.folder / "evidence").iterdir())

    def supersede(self, baoshan: Client, qingpu: Client) -> None:
        """A scanned, signed lease replaces the first; the old one is named as superseded."""
        with self.step("新版本取代旧版本", "A newer lease supersedes the old; the old is named as such") as note:
            path, media_type = self.known["files"]["scan"]
            held = self.deposit_file(baoshan, path, media_type, "CL022", supersedes=self.known["lease"])
            note["code"] = self.refused(lambda: self.use(qingpu, "lease"), names=held["material_id"])
            note |= {"current": held["material_id"], "version": held["version"]}
            self.known["scan"] = held["material_id"]

    def withdraw(self, qingpu: Client, base_url: str) -> None:
        """The holder withdraws; the next use is refused."""
        with self.step("撤回授权,下一次调用被拒", "The grant is withdrawn and the next use refused") as note:
            with Citizen(base_url, "demo-person-chen") as representative:
                representative.withdraw(self.known["grant"])
            note["code"] = self.refused(lambda: self.use(qingpu, "drawing"))

    # What the steps share

    @contextmanager
    def step(self, zh: str, en: str) -> Iterator[dict[str, Any]]:
        """Time a step, keep what it notes, print a line."""
        note: dict[str, Any] = {}
        number, started = len(self.steps) + 1, time.perf_counter()
        try:
            yield note
        except Exception as error:
            self.console.print(f"[red]✗ {number:>2}  {zh} · {en}[/red]  {escape(str(error))}", highlight=False)
            raise
        seconds = time.perf_counter() - started
        self.steps.append({"step": number, "zh": zh, "en": en, "seconds": round(seconds, 3), **note})
        self.console.print(f"[green]✓[/green] {number:>2}  {zh} · {en} [dim]{seconds:6.2f} s[/dim]", highlight=False)
        for name, value in note.items():
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            self.console.print(f"        [dim]{name}[/dim] {escape(shown)}", highlight=False)

    @contextmanager
    def clients(self, exchange: Exchange) -> Iterator[tuple[Client, Client]]:
        """The two departments' clients."""
        with exchange.client("baoshan-window") as baoshan, exchange.client("qingpu-market") as qingpu:
            yield baoshan, qingpu

    def deposit_file(
        self, client: Client, path: Path, media_type: str, type_code: str, supersedes: str | None = None
    ) -> dict[str, Any]:
        """One deposit by the Baoshan window."""
        metadata: dict[str, Any] = {"type_code": type_code, "holder": FIRM, "operator": "bs-017", "channel": "counter"}
        if supersedes:
            metadata["supersedes"] = supersedes
        return client.deposit(path, metadata, content_type=media_type)

    def use(self, client: Client, name: str) -> dict[str, Any]:
        """Ask for a use of one of the materials in the open case."""
        wanted = {"object_id": self.known[name], "mode": "copy", "case_no": self.known["case_no"]}
        return client.use(**wanted, item_code=self.known["item_code"], cause=CAUSE, operator="qp-103")

    def uses_left(self, client: Client) -> int:
        """What the grant still allows."""
        return int(client.call("GET", f"/v1/grants/{self.known['grant']}")["uses_left"])

    def refused(self, act: Any, names: str | None = None) -> str:
        """The code with which the node refuses; not being refused is a failure of the demonstration."""
        try:
            act()
        except ProblemError as problem:
            self.expect(problem.status in {403, 404, 409}, f"refused with status {problem.status}")
            self.expect(names is None or names in json.dumps(problem.document), "the current version is not named")
            return problem.code
        raise DemoFailedError("allowed what must be refused")

    def anchored(self, client: Client, material_id: str) -> dict[str, Any] | None:
        """The entry of a deposit once it is anchored."""
        entry = client.material(material_id)["entry"]
        return entry if entry["state"] == "anchored" else None

    @staticmethod
    def complete(receipt: dict[str, Any]) -> dict[str, Any] | None:
        """A receipt with its chain section, of whose entries none is only promised."""
        entries = [entry for section in receipt["sections"].values() for entry in section.get("entries", ())]
        proven = "chain" in receipt["sections"] and not any("promise" in entry for entry in entries)
        return receipt if proven else None

    def until(self, look: Any, what: str) -> Any:
        """Ask again, four times a second, until the answer is there."""
        pause, ends = Event(), time.monotonic() + WAIT
        while (held := look()) is None:
            self.expect(time.monotonic() < ends, f"waited {WAIT:.0f} s for {what}")
            pause.wait(0.25)
        return held

    def verify(self, bundle: str, document: str, *, expect: int) -> str:
        """Run `cailian verify` as a stranger would, in a process of its own."""
        files = [self.folder / "evidence" / f"{bundle}.cailian.json", self.folder / "received" / document]
        command = [sys.executable, "-m", "api.cli", "verify", "--json", "--trust", self.folder / "trust.json", *files]
        ran = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)  # noqa: S603
        self.expect(
            ran.returncode == expect, f"verify ended with {ran.returncode}, not {expect}: {ran.stdout}{ran.stderr}"
        )
        return str(json.loads(ran.stdout)["verdict"])

    def same(self, received: Path, sent: Path) -> None:
        """The department received exactly what was deposited."""
        digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (received, sent)]
        self.expect(digests[0] == digests[1], f"{received.name} differs from what was deposited")

    def write(self, name: str, value: dict[str, Any]) -> None:
        """Keep a JSON file in the demo's folder."""
        (self.folder / name).write_text(json.dumps(value, ensure_ascii=False, indent=1))

    @staticmethod
    def expect(holds: bool, otherwise: str) -> None:  # noqa: FBT001
        """Fail the demonstration when something does not hold."""
        if not holds:
            raise DemoFailedError(otherwise)
