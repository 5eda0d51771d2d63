"""ofdrw, the reference reader of GB/T 33190 in Java, opens our OFD, verifies its seals and draws it."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from certs.files import ofd
from certs.signing.model import Algorithm
from tests.certs.made import UNION, Files, files
from tests.certs.sheets import business
from tests.certs.test_ofd import PAGE, changed

PROJECT = Path(__file__).parent / "ofdrw"
TODAY = datetime.now(UTC)


@pytest.fixture(scope="module")
def held() -> Files:
    return files(TODAY)


@pytest.fixture(scope="module")
def ofdrw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the Maven project, compiled."""
    if shutil.which("mvn") is None:
        pytest.skip("mvn is not on this machine")
    folder = tmp_path_factory.mktemp("ofdrw") / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target"))
    done = subprocess.run(["mvn", "-q", "-B", "compile"], cwd=folder, capture_output=True, text=True, check=False)
    if "Could not transfer" in done.stdout or "Could not resolve" in done.stdout:
        pytest.skip(f"ofdrw cannot be had here: {done.stdout.strip()[-200:]}")
    assert done.returncode == 0, done.stdout
    return folder


def opened(ofdrw: Path, data: bytes) -> subprocess.CompletedProcess[str]:
    (ofdrw / "file.ofd").write_bytes(data)
    arguments = ["mvn", "-q", "-B", "-o", "exec:java", "-Dexec.args=file.ofd pictures"]
    return subprocess.run(arguments, cwd=ofdrw, capture_output=True, text=True, timeout=300, check=False)


class TestOfdrw:
    def test_reads_text_and_metadata_and_verifies_the_seal(self, ofdrw: Path, held: Files) -> None:
        done = opened(ofdrw, held.made.ofd)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"ZZBS {business().licence_id}" in done.stdout
        assert "陈安澜" in done.stdout
        assert "seal name 青浦区市场监督管理局电子证照专用章" in done.stdout
        assert "seal Seal holds" in done.stdout
        page = Image.open(ofdrw / "pictures" / "0.png").convert("RGB")
        red = sum(1 for r, g, b in page.resize((210, 297)).get_flattened_data() if r > 170 and g < 120 and b < 120)
        assert red > 100  # the seal is drawn

    def test_verifies_two_seals(self, ofdrw: Path, held: Files) -> None:
        both = ofd.seal(held.made.ofd, held.keys.seal(UNION, Algorithm.SM2, TODAY), ofd.Spot(20, 220), TODAY)
        assert opened(ofdrw, both).stdout.count("seal Seal holds") == 2

    def test_refuses_a_changed_page(self, ofdrw: Path, held: Files) -> None:
        done = opened(ofdrw, changed(held.made.ofd, PAGE, "陈安澜".encode(), "林知微".encode()))
        assert done.returncode != 0
        assert f"/{PAGE} 文件被篡改" in done.stdout
