"""What a verification says: one line for each step of `ledger.verify`'s plan, and a verdict in one word."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ledger.clock import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

_NAMES: Final = {
    1: ("form", "格式"),
    2: ("leaf", "叶子承诺"),
    3: ("record", "记录内容"),
    4: ("document", "文件摘要"),
    5: ("inclusion", "日志包含证明"),
    6: ("checkpoint", "检查点签名"),
    7: ("superiors", "上级日志"),
    8: ("witnesses", "见证签名"),
    9: ("promise", "入链承诺"),
    10: ("chain", "链上锚定"),
    11: ("finality", "区块终局性"),
    12: ("signature", "持有人签名"),
    13: ("enrolment", "密钥登记"),
    14: ("delegation", "委托链"),
    15: ("enforcement", "授权限制"),
}


class StepState(StrEnum):
    """What a step found. A step that fails raises and has no state."""

    ok = "ok"
    skipped = "skipped"
    """Nothing to check: the bundle has no such part, or no document was given."""
    unproven = "unproven"
    """Looked at, and nothing proves it."""


class Verdict(StrEnum):
    """What the whole report says, from strong to weak."""

    proven = "proven"
    """In the trusted log and anchored on the trusted chain."""
    logged = "logged"
    """In the trusted log, no anchor shown: the log's operator could still rewrite it unseen."""
    promised = "promised"
    """The trusted log promised to integrate it. Not a proof."""
    mute = "mute"
    """A record was erased: something is in the log, and nobody can say what."""
    unknown = "consistent, trust unknown"
    """The parts agree with each other; nothing says whose they are."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a report."""

    number: int
    name: str
    state: StepState
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found out.

    Attributes:
        verdict: see `Verdict`.
        trust: `checked`, or `unknown` without a trust file.
        kind: of the bundle.
        steps: all of them, in order.
        records: the records, `{"act": ..., "fact": ..., "parties": ...}`; None for what is shut or erased.
        log: origin of the log.
        size: of its checkpoint, None before integration.
        superiors: origins of the logs above, nearest first.
        anchored_at: time of the block that anchored it, None where nothing proves one.
        ignored: sections that this program does not know and that were not critical.
        document_is: what the given file is, where the records say more than that it is theirs: `original`,
            `original-ofd`, `copy` (加注件), `data` or `verify`.
    """

    verdict: Verdict
    trust: str
    kind: str
    steps: tuple[Step, ...]
    records: tuple[dict[str, Any], ...]
    log: str
    size: int | None
    superiors: tuple[str, ...]
    anchored_at: datetime | None
    ignored: tuple[str, ...]
    document_is: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "verdict": self.verdict.value,
            "trust": self.trust,
            "kind": self.kind,
            "log": self.log,
            "size": self.size,
            "superiors": list(self.superiors),
            "anchored_at": rfc3339(self.anchored_at) if self.anchored_at else None,
            "ignored": list(self.ignored),
            "document_is": self.document_is,
            "steps": [
                {"number": s.number, "name": s.name, "state": s.state.value, "zh": s.zh, "en": s.en} for s in self.steps
            ],
            "records": list(self.records),
        }


class Steps(list[Step]):
    """The report's lines as they are written."""

    def add(self, number: int, state: StepState, zh: str, en: str) -> None:
        """Write what step `number` found, in both languages."""
        name, title = _NAMES[number]
        self.append(Step(number, name, state, f"{title}：{zh}", f"{name}: {en}"))

    def ok(self, number: int, zh: str, en: str) -> None:
        """The step held."""
        self.add(number, StepState.ok, zh, en)

    def skip(self, number: int, zh: str, en: str) -> None:
        """There was nothing to check."""
        self.add(number, StepState.skipped, zh, en)

    def unproven(self, number: int, zh: str, en: str) -> None:
        """Nothing proves it."""
        self.add(number, StepState.unproven, zh, en)
