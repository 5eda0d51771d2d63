"""Pre-review: of errors seeded for every check point, how many are found, and how many findings are false alarms.

The cases are the held-out seeds of the generator in `tests/materials/review/generator`: no rule or pattern was tuned on
them. Their documents go through the reader as deposits would: text layers directly, some as photographs and scans
through the reader's process, where an illegible one is a photograph out of focus.
"""

from __future__ import annotations

import io
import sys
import time
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PIL import ImageFilter

from materials.reading.reader import Document, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.suite import Suite
    from materials.reading.model import PageText

ROOT: Final = Path(__file__).parents[1]
CASES: Final = {False: (1, 2), True: (6, 40)}
"""Cases for each check point with an error, and without one for each item; the second is the full set."""
LOOKED: Final = {False: 1, True: 4}
"""Cases of each item with documents whose pages are looked at, beside those of legibility."""
PHOTOGRAPHED: Final = ("food", "vehicle", "collective")
DPI: Final = 150
_OUT_OF_FOCUS: Final = 9


def measure(suite: Suite, *, full: bool) -> None:
    """Evaluate the cases and count."""
    sys.path.insert(0, str(ROOT))  # the set belongs to the tests, which are installed nowhere
    scoring: Any = import_module("tests.materials.review.generator.scoring")
    base: int = import_module("tests.materials.review.generator").HELD
    world = scoring.World()
    errors, clean = CASES[full]
    began = time.perf_counter()
    written = (each for each in scoring.plan(base, errors, clean) if not _legible(scoring, each))
    tally = scoring.score(world, written)
    _rows(suite, "prereview: text layer", tally, time.perf_counter() - began)
    with Reader() as reader:
        looked = scoring.score(world, _looked(scoring, base, LOOKED[full], full=full), _Eyes(reader))
    _rows(suite, "prereview: photographs and scans", looked, None)


def _legible(scoring: Any, case: tuple[str, int, str | None, int]) -> bool:
    """Whether a case is about a picture nobody can read."""
    return case[2] in scoring.KINDS[case[0]].legible


def _looked(scoring: Any, base: int, count: int, *, full: bool) -> Iterator[tuple[str, int, str | None, int]]:
    """Cases whose pages are looked at: the illegible ones, and some of each of three items."""
    cases = list(scoring.plan(base + 200_000, 2 if full else 1, count))
    yield from (each for each in cases if _legible(scoring, each))
    for name in PHOTOGRAPHED:
        own = [each for each in cases if each[0] == name and not _legible(scoring, each)]
        yield from islice(own, count)
        yield from islice((each for each in own if each[2] is not None), count)


class _Eyes:
    """Looks at pages as photographs, through the reader's process."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._wear: Any = import_module("tests.materials.reading.generator.noise").wear
        self._count = 0

    def __call__(self, sheet: Any, blurred: bool) -> PageText:  # noqa: FBT001 - a fact
        """What can be seen on a page."""
        self._count += 1
        drawn, seals = sheet.picture(DPI)
        if blurred:
            drawn = drawn.filter(ImageFilter.GaussianBlur(_OUT_OF_FOCUS))
            held = io.BytesIO()
            drawn.save(held, "JPEG", quality=70)
            content = held.getvalue()
        else:
            content = self._wear(drawn, seals, "office", DPI, self._count)
        return self._reader.page(f"prereview-{self._count}", 1, lambda: Document(content, "image/jpeg"))


def _rows(suite: Suite, name: str, tally: Any, seconds: float | None) -> None:
    took = "" if seconds is None else f"; {seconds * 1000 / max(1, tally.seeded + tally.clean):.1f} ms a check point"
    shown = f"{tally.share_found:.1%}  ({tally.found} of {tally.seeded} seeded errors{took})"
    found, alarms = tally.share_found, tally.share_alarms
    suite.row(f"{name}, found", shown, ">= 95 %", found >= 0.95, share=found, missed=tally.missed)
    open_ones = f"{tally.unclear / max(1, tally.clean):.1%} unclear"
    shown = f"{alarms:.2%}  ({len(tally.alarms)} of {tally.clean} sound check points; {open_ones})"
    suite.row(f"{name}, false alarms", shown, "< 2 %", alarms < 0.02, share=alarms, alarms=tally.alarms)
