"""The verification page in a browser: milliseconds a full bundle takes (`bench/browser.mjs` measures)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from bench.suite import Suite

ROOT: Final = Path(__file__).parents[1]
MOST: Final = 15.0
"""Milliseconds for a full bundle, at the median."""


def script(path: str, **environment: str) -> dict[str, Any]:
    """Run a script of ours and read what it prints."""
    done = subprocess.run(
        [shutil.which("node") or "node", path],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    held: dict[str, Any] = json.loads(done.stdout)
    return held


def measure(suite: Suite) -> None:
    """Add a row for each kind of bundle; without a Chromium one that says so."""
    ready = script("tests/web/browser/ready.mjs")
    if "missing" in ready:
        suite.row("browser: verify a bundle", f"not measured: {ready['missing']}", f"<= {MOST:g} ms", None)
        return
    for name, held in script("bench/browser.mjs", CHROMIUM=ready["chromium"])["results"].items():
        shown = f"{held['median']:.1f} ms  (95th {held['p95']:.1f}, first {held['first']:.1f})"
        suite.row(f"browser: verify {name}", shown, f"<= {MOST:g} ms", held["median"] <= MOST, **held)
