"""`cailian item`: the service items, and their publication."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from api.commands.calls import As  # noqa: TC001 - Typer reads it
from api.commands.output import AsJson, out, say
from api.commands.registering import publish as publish_entries
from materials.catalogue import Catalogue

app = typer.Typer(help="Service items: what each demands, and their publication.", no_args_is_help=True)

KIND = "items"


@app.command("list")
def listed(
    entries: Annotated[bool, typer.Option("--entries", help="as entries of the register `items`, JSON")] = False,
    as_json: AsJson = False,
) -> None:
    """The items that come with this version."""
    catalogue = Catalogue.load()
    if entries or as_json:
        say({"entries": catalogue.entries()}, as_json=True)
        return
    table = Table("code", "名称", "name", "scenarios", "materials", "days")
    for each in catalogue.items.values():
        days = f"{each.limits.promised}/{each.limits.statutory}"
        scenarios = ", ".join(scenario.code for scenario in each.scenarios)
        table.add_row(each.item_code, each.name, each.name_en, scenarios, str(len(each.demands)), days)
    out.print(table)


@app.command("publish")
def publish(
    operator: Annotated[str, typer.Option(help="a registrar's handle")],
    owner: Annotated[str, typer.Option(help="code of the organisation that answers for the items")],
    key: Annotated[str | None, typer.Option(help="Idempotency-Key, to try again safely")] = None,
    who: As = "baoshan-window",
    as_json: AsJson = False,
) -> None:
    """Publish the items as the next version of the register `items`: in the log, and on the chain by name."""
    publish_entries(KIND, Catalogue.load().entries(), (who, owner, operator), key, as_json=as_json)
