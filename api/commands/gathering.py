"""`gather`: take in a file of licences issued elsewhere or before (归集), and go on after whatever stopped it."""

from __future__ import annotations

import json
import time
from datetime import datetime  # noqa: TC003 - Typer reads it at run time
from pathlib import Path  # noqa: TC003 - Typer reads it at run time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from api.client import ImportStoppedError
from api.client.gathering import BATCH, Gather, MappingError, RowMapping
from api.commands.calls import As, client
from api.commands.importing import InDoubt  # noqa: TC001 - Typer reads it at run time
from api.commands.output import USAGE, AsJson, err, fail, say

if TYPE_CHECKING:
    from api.client.bulk import State

TARGET = 0.976
"""数据归集合规率 of the policy documents."""


def gather(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="*.csv, *.json (a list) or *.ndjson")],
    operator: Annotated[str, typer.Option(help="handle of a registrar")],
    mapping: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="mapping file; needed for CSV, see docs/licences.md"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="judge every row, write nothing")] = False,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="older licences are a backlog, never late")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, max=10_000, help="rows of one request")] = BATCH,
    parallel: Annotated[int, typer.Option(min=1, max=8, help="requests at once")] = 2,
    patience: Annotated[float, typer.Option(help="seconds to try a node that does not answer")] = 300.0,
    in_doubt: Annotated[
        InDoubt | None, typer.Option(help="rows sent over 20 h ago and never answered: send again, or skip")
    ] = None,
    who: As = "baoshan-market",
    as_json: AsJson = False,
) -> None:
    """Gather a file of licences: each row judged for completeness, accuracy and timeliness, good ones taken.

    Stopped or killed, the same command goes on where it was. FILE.gather-report.ndjson tells every row that was refused
    or came late; where rows were refused, the exit code is 1.
    """
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows, {task.fields[rate]}/s, {task.fields[refused]} refused"),
        TimeRemainingColumn(),
    )
    terms: dict[str, Any] = {"batch": batch, "parallel": parallel, "patience": patience, "in_doubt": in_doubt}
    day = None if since is None else since.date().isoformat()
    began = time.monotonic()
    with client(who, as_json=as_json) as node, Progress(*columns, console=err, transient=True) as progress:
        try:
            rules = None if mapping is None else RowMapping.of(json.loads(mapping.read_text("utf-8")))
            work = Gather(node, file, rules, operator=operator, since=day, dry_run=dry_run, **terms)
            before = work.state.rows
            task = progress.add_task("", total=work.size, rows=before, rate=0, refused=0)

            def tell(state: State) -> None:
                rate = (state.rows - before) / (time.monotonic() - began)
                progress.update(
                    task, completed=state.offset, rows=state.rows, rate=f"{rate:.0f}", refused=state.refused
                )

            held = work.run(tell)
        except (MappingError, ValueError) as error:
            fail("bad-mapping", f"{mapping}: {error}", as_json=as_json, exit_code=USAGE)
        except ImportStoppedError as error:
            fail(error.code, f"{error}; run the same command again to go on", as_json=as_json)
    say(_summary(held, time.monotonic() - began, before, dry_run=dry_run, report=work.refused_file), as_json=as_json)
    if held.refused:
        raise typer.Exit(1)


def _summary(held: State, seconds: float, before: int, *, dry_run: bool, report: Path) -> dict[str, object]:
    counted = held.figures
    judged = counted.get("rows", 0)
    flaws = {name: counted.get(name, 0) for name in ("incomplete", "inaccurate", "late")}
    compliance = round(1 - sum(flaws.values()) / judged, 4) if judged else None
    shown: dict[str, object] = {"dry_run": dry_run, "rows": held.rows, "taken": held.taken, "refused": held.refused}
    shown |= {"known": counted.get("known", 0)} | flaws
    shown |= {"compliance": compliance, "target": TARGET, "seconds": round(seconds, 1)}
    shown["rows_per_second"] = round((held.rows - before) / seconds)
    if held.refused_bytes:
        shown["report"] = str(report)
    return shown
