"""Each of the web's pages stands by itself: what two of them need is shared, and nothing reaches into another's sources."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
MAY = {
    "shared": {"shared"},
    "verifier": {"verifier"},
    "home": {"home", "shared"},
    "console": {"console", "shared"},
    "citizen": {"citizen", "shared", "verifier"},
    "auditor": {"auditor", "shared", "verifier"},
}
"""Whose sources each may import. The verifier is a program of its own, which the log's pages and citizens' proofs use."""
PACKED = "pack.mjs"
"""What every build ends with."""
IMPORTED = re.compile(r"""(?:from|import\(?)\s*["'](\.[^"']+)["']""")


def imported(part: str) -> set[str]:
    """The parts of `web` that a part's sources import."""
    found = set()
    for path in (WEB / part).rglob("*"):
        if path.suffix in {".ts", ".vue"} and not {"node_modules", "dist"} & set(path.relative_to(WEB).parts):
            for target in IMPORTED.findall(path.read_text(encoding="utf-8")):
                place = (path.parent / target).resolve().relative_to(WEB)
                found.add(place.parts[0])
    return found


@pytest.mark.parametrize("part", MAY)
def test_imports_nothing_of_another(part: str) -> None:
    held = imported(part)
    assert held
    assert held - {PACKED} <= MAY[part]
