"""`cailian item`: the service items, and their publication."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import httpx2
import typer
from rich.table import Table

from api.client import ProblemError
from api.commands.calls import As, client, refused
from api.commands.output import AsJson, out, say
from ledger.clock import rfc3339
from materials.catalogue import Catalogue

if TYPE_CHECKING:
    from api.client import Client

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
    with client(who, as_json=as_json) as node:
        try:
            held = node.call("POST", f"/v1/registers/{KIND}", _draft(node, owner, operator), key=key)
        except (ProblemError, httpx2.TransportError) as error:
            refused(error, as_json=as_json)
    say({name: held[name] for name in ("register", "version", "owner", "sha256", "changes")}, as_json=as_json)


def _draft(node: Client, owner: str, operator: str) -> dict[str, object]:
    try:
        newest = int(node.call("GET", f"/v1/registers/{KIND}")["version"])
    except ProblemError as problem:
        if problem.code != "register-version-unknown":
            raise
        newest = 0
    adopted = rfc3339(datetime.now(UTC))
    draft = {"version": newest + 1, "owner": owner, "adopted_at": adopted, "operator": operator}
    return draft | {"entries": Catalogue.load().entries()}
