"""`checklist`: how each material of a case is supplied, as a table."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import httpx2
import typer

from api.checklisttable import table
from api.client import ProblemError
from api.commands.calls import As, client, refused
from api.commands.output import AsJson, out, say


def checklist(
    case_no: Annotated[str, typer.Argument(help="the case")],
    operator: Annotated[str | None, typer.Option(help="who asks; who opened the case where left out")] = None,
    kept: Annotated[bool, typer.Option("--kept", help="as it was kept at acceptance, JSON")] = False,
    who: As = "qingpu-market",
    as_json: AsJson = False,
) -> None:
    """Show how each material of a case is supplied, on which evidence, and why no better route holds."""
    path = f"/v1/cases/{quote(case_no, safe='')}/checklist"
    address = f"{path}/kept" if kept else f"{path}?operator={quote(operator, safe='')}" if operator else path
    try:
        with client(who, as_json=as_json) as node:
            shown = node.call("GET", address)
    except (ProblemError, httpx2.TransportError) as error:
        refused(error, as_json=as_json)
    if as_json or kept:
        say(shown, as_json=True)
        return
    out.print(table(shown))
    states = "  ".join(f"{name} {count}" for name, count in shown["states"].items() if count)
    verdict = "[green]可受理 complete[/green]" if shown["complete"] else "[yellow]尚未齐备 not complete[/yellow]"
    out.print(f"{verdict}  {states}  uploads {shown['uploads']}", highlight=False)
