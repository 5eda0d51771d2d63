"""A checklist as a table, for the command line and the demonstration."""

from __future__ import annotations

from typing import Any, Final

from rich.table import Table

_SHOWN: Final = 27
_MARKS: Final = {"supplied": "[green]✓[/green]", "owed": "[yellow]◷[/yellow]", "missing": "[red]✗[/red]"}


def table(shown: dict[str, Any]) -> Table:
    """A checklist for people: material, route, evidence, what is still to be done, why no better route."""
    title = f"{shown['item']['zh']} · {shown['case_no']}"
    made = Table(title=title, title_justify="left", expand=True, show_lines=True, pad_edge=False)
    made.add_column("材料\nMaterial", ratio=5, overflow="fold")
    made.add_column("途径与证据\nRoute and evidence", ratio=6, overflow="fold")
    made.add_column("待确认\nTo confirm", ratio=4, overflow="fold")
    made.add_column("为何不用更优途径\nWhy no better", ratio=5, overflow="fold")
    for line in shown["lines"]:
        route = line["route"]
        evidence = [f"[dim]{name}[/dim] {_short(value)}" for name, value in line["evidence"].items()]
        made.add_row(
            f"{_MARKS.get(line['state'], '•')}\u00a0{line['name']}\n[dim]{line['line']} {line['state']}[/dim]",
            "\n".join([f"[bold]{route['zh']} {route['en']}[/bold]" if route else "—", *evidence]),
            "\n".join(each["zh"] for each in line["conditions"]),
            "\n".join(
                f"[dim]{each['route']}[/dim] {each['zh']}" for each in line["refused"] if each["code"] != "not-foreseen"
            ),
        )
    return made


def _short(value: str) -> str:
    """A value as far as it fits; ids are in full in the report."""
    return value if len(value) <= _SHOWN else f"{value[:8]}…"
