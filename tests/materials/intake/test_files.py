"""Files of a manifest where they lie: what is not there, not inside, not what it says."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from materials.errors import MaterialsError
from materials.intake.errors import IntakeFileError
from materials.intake.files import look, resolve
from tests.api.conftest import pdf

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a file, and one outside of it."""
    (tmp_path / "archive" / "2024").mkdir(parents=True)
    (tmp_path / "archive" / "2024" / "a.pdf").write_bytes(pdf("a"))
    (tmp_path / "secret.pdf").write_bytes(pdf("secret"))
    return (tmp_path / "archive").resolve()


class TestResolve:
    @pytest.mark.parametrize("path", ["2024/a.pdf", "2024\\a.pdf", "./2024/../2024/a.pdf"])
    def test_finds_what_is_inside(self, root: Path, path: str) -> None:
        assert resolve(root, path) == root / "2024" / "a.pdf"

    @pytest.mark.parametrize(
        ("path", "problem"),
        [
            ("2024/b.pdf", "missing"),
            ("2024", "no regular file"),
            ("../secret.pdf", "outside the folder"),
            ("/etc/hostname", "outside the folder"),
            ("link.pdf", "outside the folder"),
            ("a\0b", "not a path"),
            ("loop", None),
            ("x" * 300, None),
        ],
    )
    def test_refuses_the_rest(self, root: Path, path: str, problem: str | None) -> None:
        (root / "link.pdf").symlink_to("../secret.pdf")
        (root / "loop").symlink_to("loop")
        with pytest.raises(IntakeFileError) as refused:
            resolve(root, path)
        if problem is not None:
            assert refused.value.fields["problem"] == problem

    def test_does_not_open_a_pipe(self, root: Path) -> None:
        os.mkfifo(root / "pipe")
        with pytest.raises(IntakeFileError, match="no regular file"):
            resolve(root, "pipe")


class TestLook:
    def test_sees_size_digest_and_kind(self, root: Path) -> None:
        content = pdf("a")
        seen = look(root / "2024" / "a.pdf", {})
        digest = hashlib.sha256(content).hexdigest()
        assert (seen.size, seen.sha256, seen.media_type) == (len(content), digest, "application/pdf")
        assert look(root / "2024" / "a.pdf", {"size": seen.size, "sha256": digest.upper()}) == seen

    def test_tells_packages_by_what_is_in_them(self, root: Path) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("OFD.xml", "<ofd/>")
        (root / "x.bin").write_bytes(packed.getvalue())
        assert look(root / "x.bin", {"media_type": "application/vnd.ofd"}).media_type == "application/ofd"

    @pytest.mark.parametrize(
        ("content", "given", "code"),
        [
            (b"", {}, "empty-file"),
            (pdf("a")[:-40], {}, "file-truncated"),
            (b"MZ\x90\0" + bytes(64), {}, "content-type-mismatch"),
            (pdf("a"), {"media_type": "image/png"}, "content-type-mismatch"),
            (pdf("a"), {"media_type": "text/html"}, "content-type-not-allowed"),
            (pdf("a"), {"size": 5}, "intake-digest-mismatch"),
            (pdf("a"), {"sha256": "0" * 64}, "intake-digest-mismatch"),
        ],
        ids=["empty", "cut off", "program", "not a PNG", "no such kind", "size", "digest"],
    )
    def test_refuses_what_is_not_what_it_should_be(
        self, root: Path, content: bytes, given: dict[str, Any], code: str
    ) -> None:
        (root / "x.pdf").write_bytes(content)
        with pytest.raises(MaterialsError) as refused:
            look(root / "x.pdf", given)
        assert refused.value.code == code

    def test_says_what_the_system_says_of_an_unreadable_file_without_its_path(self, root: Path) -> None:
        with pytest.raises(IntakeFileError) as refused:
            look(root / "2024", {})
        assert "archive" not in str(refused.value)
