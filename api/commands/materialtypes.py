"""`cailian material`: the material types, and their publication."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from api.commands.calls import As  # noqa: TC001 - Typer reads it
from api.commands.output import AsJson, out, say
from api.commands.registering import publish as publish_entries
from materials.catalogue import Catalogue

app = typer.Typer(help="Material types: how each is shared and kept, and their publication.", no_args_is_help=True)

KIND = "materials"


@app.command("list")
def listed(
    entries: Annotated[bool, typer.Option("--entries", help="as entries of the register `materials`, JSON")] = False,
    as_json: AsJson = False,
) -> None:
    """The material types that come with this version."""
    catalogue = Catalogue.load()
    if entries or as_json:
        say({"entries": catalogue.type_entries()}, as_json=True)
        return
    table = Table("code", "名称", "name", "class", "level", "years", "licence")
    for each in catalogue.types.values():
        years = str(each.retention_years or "长期")
        named = (each.code, each.name, each.name_en, each.share_class)
        table.add_row(*named, str(each.level), years, each.licence_type or "")
    out.print(table)


@app.command("publish")
def publish(
    operator: Annotated[str, typer.Option(help="a registrar's handle")],
    owner: Annotated[str, typer.Option(help="code of the organisation that answers for the types")],
    key: Annotated[str | None, typer.Option(help="Idempotency-Key, to try again safely")] = None,
    who: As = "baoshan-window",
    as_json: AsJson = False,
) -> None:
    """Publish the types as the next version of the register `materials`: in the log, and on the chain by name."""
    publish_entries(KIND, Catalogue.load().type_entries(), (who, owner, operator), key, as_json=as_json)
