"""`bench`: all benchmarks in one run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from api.commands.output import AsJson, err, out, say


def bench(
    seconds: Annotated[
        float, typer.Option(help="length of each measured run; a figure is the median of five pairs")
    ] = 4.0,
    only: Annotated[str | None, typer.Option(help="one benchmark by name")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="read every page of the labelled set, half an hour; check 100,000 rows")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure what the exchange costs over the raw parts below it (var/bench/report.json)."""
    from bench.suite import run_all

    folder = Path("var/bench")

    def tell(text: str) -> None:
        err.print(f"[dim]{text}[/dim]", highlight=False)

    report = run_all(folder, seconds=seconds, only=only, tell=tell, full=full)
    (folder / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1))
    if as_json:
        say(report, as_json=True)
        return
    for row in report["rows"]:
        mark = "[green]✓[/green]" if row["met"] else "[red]✗[/red]" if row["met"] is False else " "
        out.print(f"{mark} {row['name']:<44} {row['shown']:<44} target {row['target']}", highlight=False)
