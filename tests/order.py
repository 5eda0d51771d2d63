"""Which files of tests start first when several processes share them: the longest, so that none is left alone at the end.

How long each takes is in `seconds.json`, shortest ones left out. Measured anew by

    PYTEST_ADDOPTS=--junitxml=var/junit.xml make test; .venv/bin/python -m tests.order var/junit.xml
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    import pytest

ROOT: Final = Path(__file__).parents[1]
TABLE: Final = Path(__file__).with_name("seconds.json")
_SHORTEST: Final = 10
"""Seconds of a file that is worth a line."""
_OF_A_TEST: Final = 0.1
"""Seconds of a test in a file that has none."""


def longest_first(items: list[pytest.Item]) -> None:
    """Sort tests by how long their file takes; within a file they stay as they are."""
    seconds: dict[str, float] = json.loads(TABLE.read_text())
    paths = {item: item.path.relative_to(ROOT).as_posix() for item in items}
    counts = Counter(paths.values())
    items.sort(key=lambda item: -seconds.get(paths[item], _OF_A_TEST * counts[paths[item]]))


def measured(report: Path) -> dict[str, int]:
    """Seconds by file, of a report in JUnit's form, longest first."""
    seconds: Counter[str] = Counter()
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it
        words = case.get("classname", "").split(".")
        module = "/".join(word for word in words if not word[:1].isupper())
        seconds[f"{module}.py"] += float(case.get("time", "0"))
    return {path: round(held) for path, held in seconds.most_common() if held >= _SHORTEST and (ROOT / path).exists()}


if __name__ == "__main__":
    TABLE.write_text(json.dumps(measured(Path(sys.argv[1])), indent=2) + "\n")
