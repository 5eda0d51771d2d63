"""One file of the corpus, and what a verifier must say of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

STEPS: Final = (
    "form",
    "leaf",
    "record",
    "document",
    "inclusion",
    "checkpoint",
    "superiors",
    "witnesses",
    "promise",
    "chain",
    "finality",
    "signature",
    "enrolment",
    "delegation",
    "enforcement",
)
CONSENT: Final = STEPS[11:]
"""Steps there is nothing for where the bundle holds no grant."""
TRUST: Final = "trust.json"
UNKNOWN: Final = "consistent, trust unknown"
_WITHOUT_TRUST: Final = 5
"""The last step that fails in the same way without a trust file."""


@dataclass(frozen=True, slots=True)
class Run:
    """One verification of a file.

    Attributes:
        expected: what the manifest says beside the file's name.
        trust: trust file, None for none.
        document: document, None for none.
        pad_to: bytes to which the file is padded with spaces first; 0 for as it is.
    """

    expected: dict[str, Any]
    trust: str | None = TRUST
    document: str | None = None
    pad_to: int = 0

    def as_json(self, name: str) -> dict[str, Any]:
        """The run as the manifest holds it."""
        padded = {"pad_to": self.pad_to} if self.pad_to else {}
        document = {"document": self.document} if self.document else {}
        return {"bundle": f"{name}.cailian.json", "trust": self.trust, **document, **padded, **self.expected}


@dataclass(frozen=True, slots=True)
class Case:
    """One file: its name without ending, its content, its runs."""

    name: str
    content: bytes
    runs: tuple[Run, ...] = field(default=())


def encode(value: Any) -> bytes:
    """A bundle as it stands in a file."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def held(
    verdict: str,
    trust: str | None = TRUST,
    document: str | None = None,
    *,
    ignored: tuple[str, ...] = (),
    pad_to: int = 0,
    document_is: str = "",
    **states: str,
) -> Run:
    """A run that fails nowhere.

    Args:
        verdict: what the report says.
        trust: trust file.
        document: document.
        ignored: sections the report names.
        pad_to: see `Run`.
        document_is: what the document is, where the records say more than that it is theirs.
        states: what differs from an anchored deposit on a chain without seals, by name of the step.
    """
    usual = dict.fromkeys(STEPS, "ok") | dict.fromkeys(("superiors", "promise", *CONSENT), "skipped")
    usual["finality"] = "unproven"
    usual["document"] = "ok" if document else "skipped"
    if trust is None:
        usual |= dict.fromkeys(("checkpoint", "witnesses", "chain"), "unproven")
    told = {"document_is": document_is} if document_is else {}
    return Run({"verdict": verdict, "steps": usual | states, "ignored": list(ignored), **told}, trust, document, pad_to)


def failed(
    step: int, trust: str | None = TRUST, document: str | None = None, *, pad_to: int = 0, document_is: str = ""
) -> Run:
    """A run that fails at a step; `document_is` if the wrong document is told as what it is."""
    told = {"document_is": document_is} if document_is else {}
    return Run({"failed": {"step": step, "name": STEPS[step - 1]}, **told}, trust, document, pad_to)


def good(name: str, value: Any, *runs: Run) -> Case:
    """A whole file; one with a grant whose signature it does not show."""
    if isinstance(value, bytes):
        return Case(f"good-{name}", value, runs)
    unproven = {
        "signature": ("grant" in value["sections"]),
        "enforcement": {"use", "grant"} <= value["sections"].keys(),
    }
    states = {step: "unproven" for step, applies in unproven.items() if applies}
    for run in runs:
        run.expected["steps"].update(states)
    return Case(f"good-{name}", encode(value), runs)


def bad(
    name: str, step: int, value: Any, trust: str = TRUST, document: str | None = None, document_is: str = ""
) -> Case:
    """A broken file, named by its defect; what needs no trust must fail without it as well."""
    content = value if isinstance(value, bytes) else encode(value)
    runs = [failed(step, trust, document, document_is=document_is)]
    if step <= _WITHOUT_TRUST:
        runs.append(failed(step, None, document, document_is=document_is))
    return Case(name, content, tuple(runs))


def changed(value: Any, change: Callable[[Any], object]) -> Any:
    """A copy with a change."""
    made = copy.deepcopy(value)
    change(made)
    return made


def put(value: Any, new: Any, *path: str | int) -> Any:
    """A copy with another value at a place."""

    def change(made: Any) -> None:
        for name in path[:-1]:
            made = made[name]
        made[path[-1]] = new

    return changed(value, change)


def cut(value: Any, *path: str | int) -> Any:
    """A copy without what is at a place."""

    def change(made: Any) -> None:
        for name in path[:-1]:
            made = made[name]
        del made[path[-1]]

    return changed(value, change)


def at(value: Any, *path: str | int) -> Any:
    """What is at a place."""
    for name in path:
        value = value[name]
    return value


def flip64(text: str, place: int = 0) -> str:
    """Base64 of other bytes of the same length."""
    return text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :]


def flip_hex(text: str, place: int = -1) -> str:
    """Hex of other bytes of the same length."""
    digits = list(text)
    digits[place] = "2" if digits[place] == "1" else "1"
    return "".join(digits)
