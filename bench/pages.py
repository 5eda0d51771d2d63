"""The built pages in a browser: Lighthouse's score of performance, the median of three (`bench/pages.mjs` measures).

It is reported and fails nothing: a score depends on the machine. What gates the tests are accessibility and good
practice (`tests/web/browser/quality.test.mjs`), and the bytes of the first load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.browser import script

if TYPE_CHECKING:
    from bench.suite import Suite

LEAST: Final = 95


def measure(suite: Suite, base_url: str) -> None:
    """Add a row for each page; without a Chromium one that says so.

    Args:
        base_url: of a node that serves the built pages.
    """
    ready = script("tests/web/browser/ready.mjs")
    if "missing" in ready:
        suite.row("pages: Lighthouse performance", f"not measured: {ready['missing']}", f">= {LEAST}", None)
        return
    held = script("bench/pages.mjs", CHROMIUM=ready["chromium"], BASE_URL=base_url)
    for name, found in held["results"].items():
        paints = found["figures"]["largest-contentful-paint"] / 1000
        shown = f"{found['performance']}  (largest paint {paints:.1f} s)"
        suite.row(f"pages: {name}", shown, f">= {LEAST}", found["performance"] >= LEAST, **found)
