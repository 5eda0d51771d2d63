"""The corpus of bundles: what it expects of every verifier, and that it is what its maker makes.

`web/verifier` is driven by the same `expected.json` (tests/web).
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from ledger.errors import OriginalGivenError, TrustFileError, VerificationError
from ledger.trust import Trust
from ledger.verify import load_bundle, verify
from tests.ledger.corpus.make import files
from tests.ledger.corpus.world import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST: Final = json.loads((FOLDER / "expected.json").read_text())
RUNS: Final[list[dict[str, Any]]] = MANIFEST["runs"]
KEPT: Final = {"chain.json", "README.md"}
TOLD: Final = ("failed", "verdict", "steps", "ignored", "document_is")


def content(name: str) -> bytes:
    """A file of the corpus."""
    return (FOLDER / name).read_bytes()


def outcome(run: dict[str, Any]) -> dict[str, Any]:
    """What our verifier says of a run, in the manifest's words."""
    raw = content(run["bundle"]).ljust(run.get("pad_to", 0))
    trust = Trust.parse(content(run["trust"])) if run["trust"] else None
    document = io.BytesIO(content(run["document"])) if "document" in run else None
    try:
        report = verify(load_bundle(raw), trust, document)
    except VerificationError as error:
        told = {"document_is": "original"} if isinstance(error, OriginalGivenError) else {}
        return {"failed": {"step": error.step, "name": error.name}, **told}
    steps = {step.name: step.state.value for step in report.steps}
    told = {"document_is": report.document_is} if report.document_is else {}
    return {"verdict": report.verdict.value, "steps": steps, "ignored": list(report.ignored), **told}


def identity(run: dict[str, Any]) -> str:
    """A run's name in the test's report."""
    parts = [run["bundle"].removesuffix(".cailian.json"), run["trust"] or "no-trust", run.get("document", "")]
    return "-".join(part for part in parts if part)


class TestRuns:
    @pytest.mark.parametrize("run", RUNS, ids=identity)
    def test_is_as_expected(self, run: dict[str, Any]) -> None:
        expected = {name: run[name] for name in TOLD if name in run}
        assert outcome(run) == expected


class TestTrustFiles:
    @pytest.mark.parametrize("held", MANIFEST["trust_files"], ids=lambda held: held["trust"])
    def test_is_read_or_refused(self, held: dict[str, Any]) -> None:
        if held["accepted"]:
            assert Trust.parse(content(held["trust"])).to_json() == json.loads(content(held["trust"]))
        else:
            with pytest.raises(TrustFileError):
                Trust.parse(content(held["trust"]))


class TestCorpus:
    def test_is_what_its_maker_makes(self) -> None:
        def names(paths: list[Path]) -> set[str]:
            return {str(path.relative_to(FOLDER)) for path in paths if path.is_file() and path.name not in KEPT}

        made = files()
        assert names(list(FOLDER.rglob("*"))) == made.keys()
        assert [name for name, value in made.items() if content(name) != value] == []

    def test_every_step_is_failed_and_held(self) -> None:
        failed = {run["failed"]["step"] for run in RUNS if "failed" in run}
        assert failed == set(range(1, 16))
        states: dict[str, set[str]] = {}
        for run in RUNS:
            for name, state in run.get("steps", {}).items():
                states.setdefault(name, set()).add(state)
        assert [name for name, found in states.items() if "ok" not in found] == ["promise"]  # never a proof
        assert {run["verdict"] for run in RUNS if "verdict" in run} >= {"proven", "logged", "promised", "mute"}

    def test_only_whole_files_are_called_good(self) -> None:
        for run in RUNS:
            assert ("verdict" in run) is run["bundle"].startswith("good-"), run
        assert len({run["bundle"] for run in RUNS}) >= 60

    def test_breaks_consent_in_many_ways_at_each_of_its_steps(self) -> None:
        broken = [(run["bundle"], run["failed"]["step"]) for run in RUNS if run["bundle"].startswith("consent-")]
        for step in (12, 13, 14, 15):
            assert len({name for name, failed in broken if failed == step}) >= 10

    @pytest.mark.parametrize("section", ["licence", "derived"])
    def test_breaks_every_later_section_in_many_ways(self, section: str) -> None:
        broken = {run["bundle"] for run in RUNS if "failed" in run and run["bundle"].startswith(f"{section}-")}
        assert len(broken) >= 15
        assert {run["failed"]["step"] for run in RUNS if run["bundle"] in broken} >= {1, 2, 3, 4, 5, 9}
