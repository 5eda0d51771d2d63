"""`verify`, `trust`, `fsck` and `doctor`: is it true, is it whole, is it well."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress, TextColumn

from api.commands.output import UNKNOWN_TRUST, USAGE, AsJson, err, fail, out, say
from api.errors import SettingsError
from api.stack.errors import StackError
from ledger.errors import FsckStateError, LedgerError, VerificationError
from ledger.trust import Trust
from ledger.verify import load_bundle, verify as check

if TYPE_CHECKING:
    from api.stack.exchange import Exchange

PINNED = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "cailian" / "trust.json"

trust = typer.Typer(help="The trust file that `verify` checks against when none is given.", no_args_is_help=True)


@trust.command("add")
def trust_add(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="trust file you obtained and checked")],
    as_json: AsJson = False,
) -> None:
    """Pin a trust file for this user."""
    held = read_trust(file, as_json=as_json)
    PINNED.parent.mkdir(parents=True, exist_ok=True)
    PINNED.write_bytes(file.read_bytes())
    say({"pinned": str(PINNED), **held.summary()}, as_json=as_json)


@trust.command("show")
def trust_show(as_json: AsJson = False) -> None:
    """Show the pinned trust file."""
    if not PINNED.exists():
        fail("no-trust", f"nothing pinned; `cailian trust add FILE` ({PINNED})", as_json=as_json)
    say({"pinned": str(PINNED), **read_trust(PINNED, as_json=as_json).summary()}, as_json=as_json)


def read_trust(path: Path, *, as_json: bool) -> Trust:
    """Read a trust file, or leave with its error."""
    try:
        return Trust.load(path)
    except LedgerError as error:
        fail(error.code, f"{path}: {error}", as_json=as_json, exit_code=USAGE)


def verify(
    bundle: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="evidence bundle, *.cailian.json")],
    document: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="the document it is about")
    ] = None,
    trust_file: Annotated[
        Path | None, typer.Option("--trust", exists=True, help="trust file; else the pinned one")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a receipt or bundle, and its document, without network or database.

    Exit code 0: proven; 1: a step failed and is named; 3: consistent but not proven, since there is no trust file to
    check against or the entry is not anchored yet.
    """
    chosen = trust_file or (PINNED if PINNED.exists() else None)
    held = read_trust(chosen, as_json=as_json) if chosen else None
    try:
        if document is None:
            report = check(load_bundle(bundle.read_bytes()), held, None)
        else:
            with document.open("rb") as stream:
                report = check(load_bundle(bundle.read_bytes()), held, stream)
    except VerificationError as error:
        shown = {"verdict": "failed", "step": error.step, "name": error.name, "code": error.code, "why": str(error)}
        if as_json:
            say(shown, as_json=True)
        else:
            err.print(f"[bold red]✗ step {error.step} {error.name}: {error}[/bold red]", highlight=False)
            from api import problems  # loads the web framework, which a bundle that holds can do without

            kind = problems.TABLE[error.code]
            err.print(f"{kind.title_zh}。{kind.advice_zh}。\n{kind.title_en}. {kind.advice_en}.", highlight=False)
        raise typer.Exit(1) from error
    if as_json:
        say(report.as_json(), as_json=True)
    else:
        for step in report.steps:
            mark = {"ok": "[green]✓[/green]", "failed": "[red]✗[/red]"}.get(step.state, "[yellow]–[/yellow]")
            out.print(f"{mark} {step.number} {step.zh} · {step.en}", highlight=False)
        out.print(f"[bold]{report.verdict}[/bold]")
    if report.verdict != "proven":
        raise typer.Exit(UNKNOWN_TRUST)


def _exchange(folder: Path, *, as_json: bool) -> Exchange:
    """The exchange in a folder; looking at one must never make one."""
    if not (folder / "port").exists():
        fail("no-exchange", f"{folder}: no exchange was ever up here; --data-dir", as_json=as_json, exit_code=USAGE)
    from api.stack.exchange import Exchange  # loads the chain's libraries, which `verify` can do without

    return Exchange(folder, demo=True)


def fsck(
    data_dir: Annotated[Path, typer.Option(help="folder of the exchange")] = Path("var"),
    deep: Annotated[bool, typer.Option("--deep", help="also read, open and hash every stored document")] = False,
    resume: Annotated[Path | None, typer.Option(help="keep the state in this file; go on from it")] = None,
    as_json: AsJson = False,
) -> None:
    """Recompute the whole log from raw bytes and name every defect. Starts the parts where they are not running.

    Exit code 0: whole. 1: defects, each by name and place. 2: could not be checked. Of a log too long for one evening
    name a file with --resume: a run that is stopped goes on from there.
    """
    exchange = _exchange(data_dir, as_json=as_json)
    columns = (*Progress.get_default_columns(), TextColumn("{task.fields[speed]}"))
    with Progress(*columns, console=err, transient=True) as progress:
        task, began, first = progress.add_task("log", total=None, speed=""), time.monotonic(), -1

        def tell(done: int, total: int) -> None:
            nonlocal began, first
            if first < 0:
                began, first = time.monotonic(), done
            speed = (done - first) / max(time.monotonic() - began, 1e-3)
            progress.update(task, completed=done, total=total, speed=f"{speed:,.0f}/s")

        try:
            with exchange.standing():
                started = time.monotonic()
                report = exchange.fsck(tell, deep=deep, resume=resume)
                seconds = time.monotonic() - started
        except (StackError, SettingsError, FsckStateError, OSError) as error:
            fail(getattr(error, "code", "cannot-read"), str(error), as_json=as_json, exit_code=USAGE)
    timing = {"seconds": round(seconds, 3), "entries_per_second": round(report["entries"] / max(seconds, 1e-3))}
    say(report | timing, as_json=as_json)
    if report["defects"]:
        raise typer.Exit(1)


def doctor(
    data_dir: Annotated[Path, typer.Option(help="folder of the exchange")] = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Look at every part and say what to do. Starts the parts where they are not running."""
    from api import bootstrap  # as above
    from api.doctor import check_log, examine_site
    from api.stack.exchange import BUCKET

    exchange = _exchange(data_dir, as_json=as_json)
    try:
        with err.status("looking", spinner="dots"), exchange.standing() as site:
            found = examine_site(site, BUCKET, bootstrap.expectation(exchange.settings))
            found += check_log(bootstrap.warnings(exchange.settings))
            checks = [check.as_dict() for check in found]
    except (StackError, SettingsError, OSError) as error:
        fail(getattr(error, "code", "cannot-look"), str(error), as_json=as_json)
    if as_json:
        say({"checks": checks}, as_json=True)
    else:
        _table(checks)
    if any(check["state"] == "fail" for check in checks):
        raise typer.Exit(1)


def _table(checks: list[dict[str, Any]]) -> None:
    marks = {"ok": "[green]✓[/green]", "warn": "[yellow]![/yellow]", "fail": "[red]✗[/red]"}
    for each in checks:
        detail = each["detail"] if isinstance(each["detail"], str) else json.dumps(each["detail"], ensure_ascii=False)
        out.print(f"{marks[each['state']]} [bold]{each['part']}[/bold] {each['check']}: {detail}", highlight=False)
        if each["state"] != "ok":
            out.print(f"    {each['zh']}\n    {each['en']}", highlight=False)
