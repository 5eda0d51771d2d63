"""`cailian verify` says in plain words whether a file is a licence as issued or what was released in its place."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from api.cli import app
from tests.ledger.corpus.world import FOLDER

RUNNER: Final = CliRunner()


def verify(name: str, document: str, *more: str) -> tuple[int, str]:
    """Exit code, and everything that was said without line breaks of the terminal."""
    trust, bundle = FOLDER / "trust.json", FOLDER / f"good-{name}.cailian.json"
    paths = [str(path) for path in (trust, bundle, FOLDER / "documents" / f"{document}.txt")]
    done = RUNNER.invoke(app, ["verify", *more, "--trust", *paths])
    return done.exit_code, done.output


class TestVerify:
    @pytest.mark.parametrize(
        ("name", "document", "zh", "en"),
        [
            (
                "use-of-a-licence",
                "copy",
                "这是加注件（为一次调用制作的副本），不是证照原件",
                "a derived copy for one use",
            ),
            ("derived", "copy", "给出的是加注件，不是原件", "a derived copy, not the original"),
            ("licence", "licence", "这是签发的证照原件，不是加注件", "the licence as issued, not a derived copy"),
            ("licence", "licence-ofd", "证照原件（OFD）", "as issued (in OFD)"),
            ("licence-suspended", "licence", "证照状态：暂扣", "state of the licence: suspended"),
        ],
    )
    def test_names_what_the_file_is(self, name: str, document: str, zh: str, en: str) -> None:
        code, said = verify(name, document)
        assert code == 0
        assert zh in said
        assert en in said

    def test_an_original_in_the_copys_place_fails_and_is_called_one(self) -> None:
        code, said = verify("use-of-a-licence", "licence")
        assert code == 1
        assert "step 4 document" in said
        assert "所给的是原件,不是调出的加注件" in said
        assert "This is the original, not the copy" in said

    @pytest.mark.parametrize(
        ("document", "found"),
        [
            ("copy", {"verdict": "proven", "document_is": "copy"}),
            ("licence", {"verdict": "failed", "step": 4, "code": "bundle-original-given"}),
            ("copy-flipped", {"verdict": "failed", "step": 4, "code": "bundle-document-mismatch"}),
        ],
    )
    def test_tells_programs_too(self, document: str, found: dict[str, Any]) -> None:
        _, said = verify("use-of-a-licence", document, "--json")
        assert json.loads(said).items() >= found.items()
