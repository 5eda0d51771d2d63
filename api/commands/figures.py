"""`figures`: what was collected, reused and spared, as the exchange counts it; and counting it all again."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - Typer reads it at run time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import httpx2
import typer
from rich.table import Table

from api.client import ProblemError
from api.commands.calls import As, client
from api.commands.output import AsJson, fail, out, say
from api.commands.shards import Folder, standing

_SHOWN = (
    *("deposits", "archived", "cases", "materials", "by_upload", "reused", "spared_rate", "prefill_rate"),
    *("first_pass_rate", "second_back_rate", "in_time_rate", "compliance_rate"),
)


def figures(
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="first day")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="last day")] = None,
    by: Annotated[str, typer.Option(help="item, org, district or day")] = "item",
    operator: Annotated[str, typer.Option(help="handle of an overseer: of all organisations")] = "",
    rebuild: Annotated[bool, typer.Option("--rebuild", help="on the node: forget all sums, count again")] = False,
    data_dir: Folder = Path("var"),
    who: As = "qingpu-market",
    as_json: AsJson = False,
) -> None:
    """Show the figures of your organisation, or, as an overseer, of the node (docs/figures.md)."""
    if rebuild:
        _rebuild(data_dir, as_json=as_json)
        return
    asked = {"by": by} | ({"everywhere": "true", "operator": operator} if operator else {})
    asked |= {name: day.date().isoformat() for name, day in (("from", first), ("to", last)) if day}
    with client(who, as_json=as_json) as node:
        try:
            told = node.call("GET", f"/v1/figures?{urlencode(asked)}")
        except ProblemError as problem:
            fail(problem.code, str(problem), as_json=as_json)
        except httpx2.TransportError as error:
            fail("no-answer", str(error), as_json=as_json)
    if as_json:
        say(told, as_json=True)
        return
    _show(told)


def _show(told: dict[str, Any]) -> None:
    table = Table(title=f"{told['from']} .. {told['to']}, counted through {told['through']}, {told['overdue']} overdue")
    table.add_column(str(told["by"]))
    for name in _SHOWN:
        table.add_column(name.removesuffix("_rate").replace("_", " "), justify="right")
    for row in [*told["rows"], {told["by"]: "", "name": "total"} | told["total"]]:
        table.add_row(row.get("name") or str(row[told["by"]]), *(_cell(name, row[name]) for name in _SHOWN))
    out.print(table)


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{100 * value:.1f} %" if name.endswith("_rate") else str(value)


def _rebuild(data_dir: Path, *, as_json: bool) -> None:
    from api import figurejobs

    with standing(data_dir, as_json=as_json) as (_, node):
        with node.database.unit() as db:
            node.figures.rebuild(db)
        figurejobs.run_once(node)
    say({"rebuilt": True}, as_json=as_json)
