"""docs/verify.md: its sample is run as a stranger would, over the whole corpus, and its figures are those of the example."""

from __future__ import annotations

import base64
import io
import json
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.ledger.corpus.world import FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE: Final = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")
SAMPLE: Final = compile(re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0], "check.py", "exec")
OUTPUT: Final = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0]
RUNS: Final[list[dict[str, Any]]] = json.loads((FOLDER / "expected.json").read_text())["runs"]
LENIENT: Final = re.compile(
    r"form-.*|json-(exponent|float|nested).*|note-.*|rlp-.*|record-.*|chain-.*|(account|storage)-.*|superior-above-itself"
    r"|qbft-(extra-data|round|vanity|vote).*|superior-in-tree-.*|(licence|derived)-(unknown-member|critical-and-missing)"
    r"|licence-(issued|status|operation)-.*|licence-change-of-another-id|derived-copy-.*|derived-of-another-licence-id-.*"
    r"|consent-(?!record-terms-edited).*|refusal-(form|signature|key|chain|record-(?!edited)).*|refused-use-(form|record-(?!said)).*"
)
"""Where the page says that its sample is lenient: second spellings, headers nobody sealed, members of some records, and
what the page leaves to evidence.md: the consent behind a record, steps 12 to 15."""


def said(monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str]) -> tuple[bool, str]:
    """Whether the sample accepts, and what it prints."""
    monkeypatch.chdir(FOLDER)
    monkeypatch.setattr(sys, "argv", ["check.py", *arguments])
    spoken = io.StringIO()
    try:
        with redirect_stdout(spoken):
            exec(SAMPLE, {"__name__": "check"})  # noqa: S102 -- the page's own code
    except SystemExit as refused:
        return False, str(refused.code)
    except Exception as error:  # noqa: BLE001 -- a sample need not name every malformed file
        return False, repr(error)
    return True, spoken.getvalue()


def arguments(run: dict[str, Any]) -> list[str]:
    """How the sample is called for a run of the corpus."""
    return [run["bundle"], run["trust"], *([run["document"]] if "document" in run else [])]


class TestSample:
    def test_prints_what_the_page_shows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        example = ["good-deposit.cailian.json", "trust.json", "documents/lease.txt"]
        assert said(monkeypatch, example) == (True, OUTPUT)

    def test_accepts_every_whole_bundle_it_knows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = [run for run in RUNS if run.get("verdict") in {"proven", "logged"} and run["trust"]]
        assert [run["bundle"] for run in whole if not said(monkeypatch, arguments(run))[0]] == []
        assert len(whole) > 30

    def test_refuses_every_forgery(self, monkeypatch: pytest.MonkeyPatch) -> None:
        broken = [
            run for run in RUNS if "failed" in run and run["trust"] and not LENIENT.fullmatch(run["bundle"][:-13])
        ]
        accepted = [run["bundle"] for run in broken if said(monkeypatch, arguments(run))[0] and "pad_to" not in run]
        assert accepted == []
        assert len(broken) > 150

    def test_names_the_step_of_the_plan(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, trust, step in (
            ("leaf-fact-edited", "trust.json", "2 leaf"),
            ("inclusion-hash-flipped", "trust.json", "5 inclusion"),
            ("witness-one-of-two", "trust.json", "8 witnesses"),
            ("chain-time-one-more", "trust.json", "10 chain"),
            ("qbft-two-of-four", "trust-qbft.json", "11 finality"),
        ):
            assert said(monkeypatch, [f"{name}.cailian.json", trust]) == (False, f"FAILED at step {step}")


class TestExample:
    def test_every_long_figure_is_in_the_example_or_computed_from_it(self) -> None:
        """A figure that was not made anew with the corpus would send a reader astray."""
        known = (FOLDER / "good-deposit.cailian.json").read_text() + (FOLDER / "trust.json").read_text() + OUTPUT
        prose = PAGE.split("## The sample")[0]
        for figure in re.findall(r"`([A-Za-z0-9+/]{43}=)`", prose):
            assert figure in known
        for salt in re.findall(r"\b[0-9a-f]{32}\b", prose):
            assert base64.b64encode(bytes.fromhex(salt)).decode() in known

    def test_names_the_number_of_files(self) -> None:
        assert f"lists {len({run['bundle'] for run in RUNS})} files" in PAGE
