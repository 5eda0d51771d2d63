"""`import`: anchor a whole file of digests, with a bar, and go on after whatever stopped it."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - Typer reads it at run time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from api.client import Import, ImportStoppedError
from api.client.bulk import BATCH
from api.commands.calls import As, client
from api.commands.output import AsJson, err, fail, say

if TYPE_CHECKING:
    from api.client.bulk import State


class InDoubt(StrEnum):
    """What to do with rows sent so long ago that the node has forgotten whether it took them."""

    send = "send"
    skip = "skip"


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="*.ndjson, or *.csv with a head line")],
    batch: Annotated[int, typer.Option(min=1, max=10_000, help="rows of one request")] = BATCH,
    parallel: Annotated[int, typer.Option(min=1, max=8, help="requests at once")] = 2,
    patience: Annotated[float, typer.Option(help="seconds to try a node that does not answer")] = 300.0,
    in_doubt: Annotated[
        InDoubt | None, typer.Option(help="rows sent over 20 h ago and never answered: send again, or skip")
    ] = None,
    who: As = "qingpu-market",
    as_json: AsJson = False,
) -> None:
    """Anchor digests of documents you keep, one a line: reference, sha256, optionally sm3, type_code and size.

    Stopped or killed, the same command goes on where it was; no row is anchored twice. Refused rows are written to
    FILE.refused.ndjson with their line and reason; where there are any, the exit code is 1.
    """
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows, {task.fields[rate]}/s, {task.fields[refused]} refused"),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    with client(who, as_json=as_json) as node, Progress(*columns, console=err, transient=True) as progress:
        try:
            work = Import(node, file, batch=batch, parallel=parallel, patience=patience, in_doubt=in_doubt)
            before = work.state.rows
            task = progress.add_task("", total=file.stat().st_size, rows=before, rate=0, refused=0)

            def tell(state: State) -> None:
                rate = (state.rows - before) / (time.monotonic() - began)
                progress.update(
                    task, completed=state.offset, rows=state.rows, rate=f"{rate:.0f}", refused=state.refused
                )

            held = work.run(tell)
        except ImportStoppedError as error:
            fail(error.code, f"{error}; run the same command again to go on", as_json=as_json)
    seconds = time.monotonic() - began
    shown = {"rows": held.rows, "taken": held.taken, "refused": held.refused, "seconds": round(seconds, 1)}
    shown["rows_per_second"] = round((held.rows - before) / seconds)
    if held.refused:
        say(shown | {"refused_rows": str(work.refused_file)}, as_json=as_json)
        raise typer.Exit(1)
    work.refused_file.unlink(missing_ok=True)
    say(shown, as_json=as_json)
