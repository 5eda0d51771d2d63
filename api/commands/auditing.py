"""`audit`: is the log that a node serves the log that it signed, entry by entry."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 -- read by typer when the command runs
from typing import Annotated

import httpx2
import typer
from rich.progress import Progress

from api.commands.checks import PINNED, read_trust
from api.commands.output import UNKNOWN_TRUST, AsJson, err, fail, say
from ledger.audit import Audit
from ledger.errors import LedgerError
from ledger.note import Note, parse_checkpoint
from ledger.tiles import WIDTH, TileAddress


def audit(
    node: Annotated[str, typer.Argument(help="address of the node")] = "http://127.0.0.1:8080",
    trust_file: Annotated[
        Path | None, typer.Option("--trust", exists=True, help="trust file; else the pinned one")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read every entry of a log as the public sees it and compare the root with the signed checkpoint.

    Exit code 0: this is the log that was signed and cosigned; 1: it is not; 3: entries and checkpoint agree, and there
    is no trust file to check the signatures against.
    """
    chosen = trust_file or (PINNED if PINNED.exists() else None)
    held = read_trust(chosen, as_json=as_json) if chosen else None
    try:
        with httpx2.Client(base_url=node, timeout=30) as web, Progress(console=err, transient=True) as progress:
            note = _read(web, "/log/checkpoint").decode()
            head = held.open_checkpoint(note) if held else parse_checkpoint(Note.parse(note).text)
            taken, task = Audit(), progress.add_task("entries", total=head.size)
            while taken.size < head.size:
                number = taken.size // WIDTH
                width = min(WIDTH, head.size - taken.size)
                taken.add(_read(web, f"/log/tile/{TileAddress(None, number, width).path}"))
                progress.update(task, completed=taken.size)
            taken.check(head)
    except LedgerError as error:
        fail(error.code, str(error), as_json=as_json)
    except (httpx2.HTTPError, UnicodeDecodeError) as error:
        fail("log-unreadable", f"{node}: {type(error).__name__}", as_json=as_json)
    verdict = "whole" if held else "consistent, trust unknown"
    say({"log": head.origin, "entries": head.size, "root": head.root.hex(), "verdict": verdict}, as_json=as_json)
    if not held:
        raise typer.Exit(UNKNOWN_TRUST)


def _read(web: httpx2.Client, path: str) -> bytes:
    answer = web.get(path)
    answer.raise_for_status()
    return answer.content
