"""Reading documents: how much of the labelled set is read rightly, and what it costs.

The pages are the held-out split of the generator in `tests/materials/reading/generator`, which shares nothing with the
exchange's own files; no rule was tuned on them. They go through the reader's process as a deposit would. What a page
costs is that process's CPU time, so that a busy machine does not change it much.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil

from materials.reading.findings import find
from materials.reading.layout import plain
from materials.reading.model import Source
from materials.reading.reader import Document, Reader

if TYPE_CHECKING:
    from bench.suite import Suite

ROOT: Final = Path(__file__).parents[1]
KEY_TYPES: Final = ("CL001", "CL006", "CL015", "CL022", "CL056", "CL057")
"""Types whose fields are read."""
EACH: Final = 4
OTHERS: Final = 16
"""Of 40 pages: so many of each of those types, so many of others, spread over the list."""


@dataclass(slots=True)
class _Tally:
    """What was seen so far; `wrong` names pages and fields, never values."""

    pages: int = 0
    types: int = 0
    fields: int = 0
    right: int = 0
    lines: int = 0
    cpu: float = 0.0
    text_milliseconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def measure(suite: Suite, *, full: bool) -> None:
    """Read 40 pages, or all of the held-out split."""
    sys.path.insert(0, str(ROOT))  # the set belongs to the tests, which are installed nowhere
    labelled: Any = import_module("tests.materials.reading.generator.pages")
    held = labelled.pages("held")
    chosen = held if full else _forty(held)
    tally = _Tally()
    with Reader() as reader:
        _warm(reader, labelled.make(next(each for each in labelled.pages("dev") if each.form != "text")))
        for place, page in enumerate(chosen, 1):
            _page(reader, labelled.make(page), tally)
            if place % 20 == 0:
                suite.tell(f"reading: {place} of {len(chosen)} pages")
        memory = _process(reader).memory_info().rss / 1024**2
    _rows(suite, tally, memory)


def _forty(held: list[Any]) -> list[Any]:
    """Some of each type whose fields are read, and others spread over the list."""
    keys = [page for code in KEY_TYPES for page in [each for each in held if each.type_code == code][:EACH]]
    others = [page for page in held if page.type_code not in KEY_TYPES]
    return keys + others[:: len(others) // OTHERS][:OTHERS]


def _warm(reader: Reader, labelled: Any) -> None:
    """Load the models, which a running exchange does once."""
    reader.page("warm", 1, lambda: Document(labelled.content, labelled.page.media_type))


def _process(reader: Reader) -> psutil.Process:
    """The process that reads."""
    assert reader.pid is not None
    return psutil.Process(reader.pid)


def _page(reader: Reader, labelled: Any, tally: _Tally) -> None:
    before = _process(reader).cpu_times()
    began = time.perf_counter()
    text = reader.page(labelled.page.id, 1, lambda: Document(labelled.content, labelled.page.media_type))
    took = time.perf_counter() - began
    after = _process(reader).cpu_times()
    if text.source is Source.text:
        tally.text_milliseconds.append(took * 1000)
    else:
        tally.cpu += after.user + after.system - before.user - before.system
        tally.lines += len(text.lines)
    findings = find([text])
    tally.pages += 1
    tally.types += findings.guess.type_code == labelled.page.type_code
    if findings.guess.type_code != labelled.page.type_code:
        tally.wrong.append(f"{labelled.page.id} {labelled.page.form} type")
    read = {each.code: plain(each.value) for each in findings.fields}
    for code, value in labelled.fields.items():
        tally.fields += 1
        tally.right += read.get(code) == plain(value)
        if read.get(code) != plain(value):
            tally.wrong.append(f"{labelled.page.id} {labelled.page.form} {code}")


def _rows(suite: Suite, tally: _Tally, memory: float) -> None:
    types, fields = tally.types / tally.pages, tally.right / max(1, tally.fields)
    shown = f"{types:.1%}  ({tally.types} of {tally.pages} pages, 57 types)"
    suite.row("reading: type", shown, ">= 95 %", types >= 0.95, share=types, wrong=tally.wrong)
    shown = f"{fields:.1%}  ({tally.right} of {tally.fields} values)"
    suite.row("reading: key fields", shown, ">= 95 %", fields >= 0.95, share=fields)
    line = tally.cpu / max(1, tally.lines)
    shown = f"{line:.3f} CPU-s a line  ({tally.lines} lines; {memory:.0f} MiB held)"
    suite.row("reading: OCR", shown, "<= 0.35 CPU-s", line <= 0.35, seconds=line, mebibytes=memory)
    page = statistics.median(tally.text_milliseconds)
    shown = f"{page:.1f} ms a page  (of {len(tally.text_milliseconds)}, opening included)"
    suite.row("reading: text layer", shown, "< 100 ms", page < 100, milliseconds=page)
