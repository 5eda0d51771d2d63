"""The staff door beside the pages that come in by it."""

from __future__ import annotations

import re
from pathlib import Path

from api.app import interface
from api.staffdoor import REACHED

WEB = Path(__file__).parents[2] / "web"


def unnamed(path: str) -> str:
    """An address whose parts in braces have no names, declared or as a page puts it together."""
    return re.sub(r"\$?\{[^}]*\}", "{}", path)


def asked() -> set[str]:
    """Addresses in the sources of the pages of staff."""
    folders = (WEB / "console/src", WEB / "auditor/src", WEB / "shared/staff")
    texts = [each.read_text() for folder in folders for each in folder.rglob("*") if each.suffix in {".ts", ".vue"}]
    return {unnamed(path) for text in texts for path in re.findall(r"[\"`](/v1/[^\"`?]+)", text)}


class TestReached:
    def test_is_all_that_the_pages_of_staff_ask_and_only_a_caller_gets(self) -> None:
        signed = {
            unnamed(path)
            for path, operations in interface().openapi()["paths"].items()
            if all(each.get("security") for each in operations.values())
        }
        needed = asked() & signed
        assert len(needed) > 40
        assert needed - {unnamed(path) for path in REACHED} == set()
