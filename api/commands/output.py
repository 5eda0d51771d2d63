"""How every command speaks: a table for people, JSON with `--json`, and the same exit codes everywhere.

Exit codes: 0 done; 1 refused or failed, the reason named; 2 wrong usage; 3 consistent, but not proven (verify).
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Mapping

FAILED = 1
USAGE = 2
UNKNOWN_TRUST = 3

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of text")]


def say(value: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a result: one line a field, or JSON."""
    if as_json:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")
        return
    width = max((len(name) for name in value), default=0)
    for name, held in value.items():
        shown = json.dumps(held, ensure_ascii=False) if isinstance(held, (dict, list)) else held
        out.print(f"[bold]{name:<{width}}[/bold]  {shown}", highlight=False)


def fail(code: str, message: str, *, as_json: bool, exit_code: int = FAILED, **more: Any) -> NoReturn:
    """Print why the command failed and leave."""
    if as_json:
        sys.stdout.write(json.dumps({"code": code, "message": message, **more}, ensure_ascii=False, default=str) + "\n")
    else:
        err.print(f"[red]{code}[/red]: {message}", highlight=False)
    raise typer.Exit(exit_code)
