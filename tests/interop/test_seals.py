"""Strangers' code in Go judges our sealed licences: smallstep's pkcs7 the PDF, gmsm's SM2 and SM3 the OFD.

Skipped where Go, or the modules it needs, cannot be had.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certs.files import ofd
from certs.signing.model import Algorithm
from tests.certs.made import FIRM, UNION, Files, files
from tests.certs.sealing import renderer
from tests.certs.sheets import business
from tests.interop.test_interop import built

HERE = Path(__file__).parent
TODAY = datetime.now(UTC)
Judge = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def held() -> Files:
    return files(TODAY)


@pytest.fixture(scope="module")
def judge(held: Files, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """Runs the Go program on bytes, trusting the demo root of an algorithm."""
    folder = tmp_path_factory.mktemp("seals")
    program = built(folder / "seals", HERE / "seals")

    def run(kind: str, data: bytes, trusted: Algorithm) -> subprocess.CompletedProcess[str]:
        (folder / "file").write_bytes(data)
        (folder / "root").write_bytes(held.keys.cas[trusted].root)
        arguments = [program, kind, folder / "file", folder / "root"]
        return subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)

    return run


class TestPdf:
    def test_holds(self, judge: Judge, held: Files) -> None:
        done = judge("pdf", held.made.pdf, Algorithm.ES256)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("holds: 青浦区市场监督管理局,")

    def test_a_copy_holds(self, judge: Judge, held: Files) -> None:
        assert judge("pdf", held.copy, Algorithm.ES256).returncode == 0

    def test_both_seals_of_a_contract_hold(self, judge: Judge, held: Files) -> None:
        one = held.maker.countersign(renderer().face(business(), TODAY), FIRM, TODAY, place=1, final=False)
        done = judge("pdf", held.maker.countersign(one, UNION, TODAY), Algorithm.ES256)
        assert done.stdout.count("holds: ") == 2

    def test_a_changed_byte_does_not(self, judge: Judge, held: Files) -> None:
        changed = held.made.pdf[:5000] + bytes([held.made.pdf[5000] ^ 1]) + held.made.pdf[5001:]
        assert judge("pdf", changed, Algorithm.ES256).returncode == 1

    def test_nor_does_an_update(self, judge: Judge, held: Files) -> None:
        assert judge("pdf", held.made.pdf + b"%more", Algorithm.ES256).returncode == 1


class TestOfd:
    def test_holds(self, judge: Judge, held: Files) -> None:
        done = judge("ofd", held.made.ofd, Algorithm.SM2)
        assert (done.returncode, done.stderr) == (0, "")
        assert "青浦区市场监督管理局电子证照专用章, version 4" in done.stdout

    def test_both_seals_of_a_contract_hold(self, judge: Judge, held: Files) -> None:
        wider = ofd.seal(held.made.ofd, held.keys.seal(UNION, Algorithm.SM2, TODAY), ofd.Spot(20, 220), TODAY)
        assert judge("ofd", wider, Algorithm.SM2).stdout.count("holds: ") == 2

    def test_not_under_another_root(self, judge: Judge, held: Files) -> None:
        assert judge("ofd", held.made.ofd, Algorithm.ES256).returncode == 1
