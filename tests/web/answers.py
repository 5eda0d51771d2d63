"""Holds what pages were really answered to what the interface's description says (`tests/web/browser/answers.mjs`)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from api.answers import ANSWERS, check

if TYPE_CHECKING:
    from pathlib import Path

_KNOWN: Final = [
    (method, path, re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))) for method, path in ANSWERS
]


def heard(place: Path) -> set[tuple[str, str]]:
    """The operations whose answers a run wrote down, each of which was as described.

    Raises:
        pydantic.ValidationError: one was not.
    """
    found = set()
    for line in place.read_text().splitlines():
        held = json.loads(line)
        for method, path, pattern in _KNOWN:
            # Of two that fit, the one without braces is meant.
            if method == held["method"] and pattern.fullmatch(held["path"]):
                if "{" in path and (method, held["path"]) in ANSWERS:
                    continue
                check(method, path, held["answer"])
                found.add((method, path))
    return found
