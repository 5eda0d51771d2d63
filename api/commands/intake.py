"""`intake`: take an existing archive in by its manifest, with a dry run, a bar, a report, and going on after a stop."""

from __future__ import annotations

import time
from pathlib import Path  # noqa: TC003 - Typer reads it at run time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from api.commands.calls import As, client
from api.commands.output import USAGE, AsJson, err, fail, say
from api.intaking import DryRun, IntakeRun, IntakeStoppedError
from materials.errors import MaterialsError
from materials.intake.manifest import Manifest

if TYPE_CHECKING:
    from api.intaking import Progress as Held


def intake(
    manifest: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="*.csv, or JSON lines: docs/intake.md")],
    operator: Annotated[str, typer.Option(help="handle of the member of staff who takes it in")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check every row and file, write nothing")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="go on with an intake that was begun")] = False,
    report: Annotated[Path | None, typer.Option(help="report, a line for each row [MANIFEST.report.csv]")] = None,
    encoding: Annotated[str, typer.Option(help="of the manifest: utf-8 or gb18030")] = "utf-8",
    parallel: Annotated[int, typer.Option(min=1, max=8, help="requests at once")] = 2,
    patience: Annotated[float, typer.Option(help="seconds to ask an exchange again that takes nothing")] = 300.0,
    who: As = "baoshan-window",
    as_json: AsJson = False,
) -> None:
    """Take in the files of an archive, each a deposit of its own with channel `archive`.

    Stopped or killed, `--resume` goes on; no row is taken twice. The report says of every row what became of it and,
    where it was refused, why and what to do; where any was, the exit code is 1.
    """
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[told]}"),
        TimeRemainingColumn(),
    )
    name = "check" if dry_run else "report"
    file = report or manifest.with_name(f"{manifest.name}.{name}.csv")
    began = time.monotonic()
    with client(who, as_json=as_json) as node, Progress(*columns, console=err, transient=True) as progress:
        try:
            terms: dict[str, Any] = {"operator": operator, "report": file, "parallel": parallel, "patience": patience}
            held = Manifest(manifest, encoding)
            work = DryRun(node, held, **terms) if dry_run else IntakeRun(node, held, **terms)
            task = progress.add_task("", total=work.progress.rows, told="")

            def tell(now: Held) -> None:
                progress.update(task, completed=now.done, told=_told(now, time.monotonic() - began))

            done = work.run(tell) if isinstance(work, DryRun) else work.run(tell, resume=resume)
        except MaterialsError as error:
            fail(error.code, f"{manifest}: {error}", as_json=as_json, exit_code=USAGE)
        except OSError as error:
            fail("unreadable", f"{error.filename}: {error.strerror}", as_json=as_json, exit_code=USAGE)
        except IntakeStoppedError as error:
            fail(error.code, str(error), as_json=as_json)
    shown = _summary(done, time.monotonic() - began) | {"report": str(file)}
    if isinstance(work, IntakeRun):
        shown = {"intake_id": work.intake_id} | shown
    say({"dry_run": dry_run, "manifest_sha256": work.digest} | shown, as_json=as_json)
    if done.states["refused"]:
        raise typer.Exit(1)


def _told(now: Held, seconds: float) -> str:
    rate = now.done / max(seconds, 0.001)
    words = f"{now.done} of {now.rows} rows, {rate:.0f}/s, {now.states['refused']} refused"
    return f"{words}, waiting: {now.waiting}" if now.waiting else words


def _summary(done: Held, seconds: float) -> dict[str, Any]:
    counted = {state: done.states[state] for state in ("good", "taken", "known", "refused") if done.states[state]}
    return {
        "rows": done.rows,
        **counted,
        "refused_by_code": dict(done.codes.most_common()),
        "bytes": done.bytes,
        "seconds": round(seconds, 1),
        "rows_per_second": round(done.done / max(seconds, 0.001)),
        "mb_per_second": round(done.bytes / max(seconds, 0.001) / 1e6, 1),
    }
