"""`read`: what a document says, offline: the same reader and rules as the exchange, no exchange needed."""

from __future__ import annotations

import mimetypes
from pathlib import Path  # noqa: TC003 - Typer reads the annotation
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.commands.output import AsJson, err, fail, out, say

if TYPE_CHECKING:
    from materials.reading.model import FieldRead, Findings, PageText

_SURE, _FAIR = 90, 60
"""Percent from which a value is shown green, and from which yellow."""


def read(
    file: Annotated[Path, typer.Argument(help="PDF, OFD, JPEG, PNG, TIFF or BMP")],
    type_code: Annotated[str, typer.Option("--type", help="read the fields of this type, e.g. CL022")] = "",
    text: Annotated[bool, typer.Option("--text", help="also print every line as it was read")] = False,
    as_json: AsJson = False,
) -> None:
    """Read a document: its type and fields, each with how sure it is and where it stands. Nothing leaves here."""
    from materials.reading.errors import ReaderFailedError, UnreadableError
    from materials.reading.fieldrules import rules
    from materials.reading.findings import find
    from materials.reading.reader import Document, Reader

    if not file.is_file():
        fail("no-such-file", str(file), as_json=as_json, exit_code=2)
    if type_code and not rules().of(type_code):
        fail("usage", f"fields are read of {', '.join(sorted(rules().types))}", as_json=as_json, exit_code=2)
    document = Document(file.read_bytes(), _media_type(file))
    try:
        with Reader() as reader:
            pages = _pages(reader, document, quiet=as_json)
    except (UnreadableError, ReaderFailedError) as error:
        fail(error.code, str(error.fields["problem"]), as_json=as_json)
    findings = find(pages, type_code or None)
    if as_json:
        found: dict[str, Any] = findings.to_json()
        found["pages"] = [_page(page, with_lines=text) for page in pages]
        say(found, as_json=True)
        return
    _show(file.name, pages, findings, type_code)
    if text:
        for page in pages:
            for line in page.lines:
                out.print(f"[dim]{page.number:>3}  {line.score:>3} %[/dim]  ", end="")
                out.print(line.text, markup=False, highlight=False)


def _media_type(file: Path) -> str:
    """By the name's ending, as the one who hands a file in would state it."""
    if file.suffix.lower() == ".ofd":
        return "application/ofd"
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"


def _pages(reader: Any, document: Any, *, quiet: bool) -> list[PageText]:
    """Every page, with a bar that moves as they come."""
    columns = (TextColumn("识读 Reading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=quiet) as progress:
        count = reader.pages("file", lambda: document)
        bar = progress.add_task("pages", total=count)
        pages = []
        for number in range(1, count + 1):
            pages.append(reader.page("file", number, lambda: document))
            progress.advance(bar)
    return pages


def _page(page: PageText, *, with_lines: bool) -> dict[str, Any]:
    held: dict[str, Any] = {
        "page": page.number,
        "source": page.source.value,
        "lines": len(page.lines),
        "failure": page.failure,
    }
    if with_lines:
        held["text"] = [{"text": line.text, "confidence": line.score, "box": line.box.as_list()} for line in page.lines]
    return held


def _show(name: str, pages: list[PageText], findings: Findings, type_code: str) -> None:
    from materials.catalogue import Catalogue
    from materials.reading.fieldrules import rules

    types, guess = Catalogue.load().types, findings.guess
    known = types.get(guess.type_code or "")
    seen = f"{known.code} {known.name} · {known.name_en}" if known else "未能识别 · not recognised"
    sources = ", ".join(sorted({page.source.value for page in pages}))
    out.print(f"[bold]{name}[/bold]  {seen}  {_percent(guess.confidence)}  [dim]{len(pages)} 页 pages, {sources}[/dim]")
    for page in (each for each in pages if each.failure):
        out.print(f"[red]第 {page.number} 页未能识读 · page {page.number} was not read: {page.failure}[/red]")
    shown = type_code or guess.type_code or ""
    by_code = {each.code: each for each in findings.fields}
    if not rules().of(shown):
        out.print("[dim]此类材料只识别类型 · of this type only the type is recognised[/dim]")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("字段 field", no_wrap=True)
    table.add_column("值 value", overflow="fold", ratio=1)
    table.add_column("可信度 sure", no_wrap=True)
    table.add_column("页 page, ‰", no_wrap=True)
    table.add_column("存疑 doubts", overflow="fold")
    for rule in rules().of(shown):
        found = by_code.get(rule.code)
        if found is not None or not rule.optional:
            table.add_row(rule.zh, *_cells(found))
    out.print(table)


def _cells(found: FieldRead | None) -> tuple[str, ...]:
    if found is None:
        return ("[red]—[/red]", "", "", "[red]missing[/red]")
    x0, y0, x1, y1 = (round(each / 10) for each in found.box.as_list())
    doubts = f"[red]{', '.join(found.problems)}[/red]" if found.problems else ""
    return (found.value.replace("[", r"\["), _percent(found.confidence), f"{found.page}: {x0},{y0}–{x1},{y1}", doubts)


def _percent(value: int) -> str:
    colour = "green" if value >= _SURE else "yellow" if value >= _FAIR else "red"
    return f"[{colour}]{'█' * round(value / 20):<5} {value:>3} %[/{colour}]"
