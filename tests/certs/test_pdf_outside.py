"""Other implementations judge our PDFs: pdfsig of poppler, with an NSS database that trusts our root.

Skipped where `pdfsig` and `certutil` are not on the machine (Debian: poppler-utils, libnss3-tools). One that the lock
files bring everywhere is in tests/interop/test_pdf.py.
"""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certs.signing.model import Algorithm
from tests.certs.made import FIRM, UNION, Files, files
from tests.certs.sealing import renderer
from tests.certs.sheets import business

TODAY = datetime.now(UTC)


@pytest.fixture(scope="module")
def held() -> Files:
    return files(TODAY)


@pytest.fixture(scope="module")
def trusting(held: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An NSS database that trusts the demo root."""
    for tool in ("pdfsig", "certutil"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not on this machine")
    folder = tmp_path_factory.mktemp("nss")
    root = folder / "root.der"
    root.write_bytes(held.keys.cas[Algorithm.ES256].root)
    subprocess.run(["certutil", "-N", "-d", folder, "--empty-password"], check=True)
    subprocess.run(["certutil", "-A", "-d", folder, "-n", "root", "-t", "C,C,C", "-i", root], check=True)
    return folder


def pdfsig(data: bytes, trusting: Path, *options: str) -> str:
    path = trusting / "file.pdf"
    path.write_bytes(data)
    arguments = ["pdfsig", "-nssdir", trusting, *options, path]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False).stdout


class TestPdfsig:
    def test_trusts_a_licence(self, held: Files, trusting: Path) -> None:
        said = pdfsig(held.made.pdf, trusting)
        assert "Signature is Valid." in said
        assert "Certificate is Trusted." in said
        assert "Total document signed" in said
        assert "Signer Certificate Common Name: 青浦区市场监督管理局" in said
        assert "ETSI.CAdES.detached" in said

    def test_trusts_a_copy_as_its_makers(self, held: Files, trusting: Path) -> None:
        said = pdfsig(held.copy, trusting)
        assert "Signature is Valid." in said
        assert "青浦区" not in said

    def test_sees_both_seals_of_a_contract(self, held: Files, trusting: Path) -> None:
        one = held.maker.countersign(renderer().face(business(), TODAY), FIRM, TODAY, place=1, final=False)
        said = pdfsig(held.maker.countersign(one, UNION, TODAY), trusting)
        assert said.count("Signature is Valid.") == 2
        assert said.count("Certificate is Trusted.") == 2

    def test_refuses_a_changed_page(self, held: Files, trusting: Path) -> None:
        place = held.made.pdf.index(b"/Creator") + 12
        changed = held.made.pdf[:place] + bytes([held.made.pdf[place] ^ 1]) + held.made.pdf[place + 1 :]
        assert "Digest Mismatch" in pdfsig(changed, trusting)

    def test_notices_what_comes_after(self, held: Files, trusting: Path) -> None:
        assert "Not total document signed" in pdfsig(held.made.pdf + b"\n%%EOF\n", trusting)

    def test_trusts_nobody_without_the_root(self, held: Files, trusting: Path, tmp_path: Path) -> None:
        subprocess.run(["certutil", "-N", "-d", tmp_path, "--empty-password"], check=True)
        assert "Certificate is Trusted." not in pdfsig(held.made.pdf, tmp_path)
