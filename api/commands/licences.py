"""`cailian licence`: the types of licence, their publication, and who issues what here (发证清单)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx2
import typer
from rich.table import Table

from api.client import ProblemError
from api.commands.calls import As, client
from api.commands.output import AsJson, fail, out, say
from api.commands.shards import Folder, standing
from authz.errors import AuthzError
from certs.catalogue import LicenceCatalogue
from certs.errors import CertsError
from ledger.clock import rfc3339
from ledger.steps import execute, run

app = typer.Typer(help="Types of e-licence, and who issues them.", no_args_is_help=True)

KIND = "licences"


@app.command("types")
def types(
    entries: Annotated[bool, typer.Option("--entries", help="as entries of the register `licences`, JSON")] = False,
    as_json: AsJson = False,
) -> None:
    """The catalogue that comes with this version."""
    catalogue = LicenceCatalogue.load()
    if entries or as_json:
        say({"version": catalogue.version, "entries": catalogue.entries()}, as_json=True)
        return
    table = Table("code", "证照类型代码", "name", "名称", "class", "level", "fields")
    for each in catalogue.types.values():
        level, fields = str(each.level), str(len(each.fields))
        table.add_row(each.code, each.type_code, each.name_en, each.name, each.share_class, level, fields)
    out.print(table)


@app.command("publish")
def publish(
    operator: Annotated[str, typer.Option(help="a registrar's handle")],
    owner: Annotated[str, typer.Option(help="code of the organisation that answers for the catalogue")],
    key: Annotated[str | None, typer.Option(help="Idempotency-Key, to try again safely")] = None,
    who: As = "baoshan-window",
    as_json: AsJson = False,
) -> None:
    """Publish the catalogue as the next version of the register `licences`: in the log, and on the chain by name."""
    catalogue = LicenceCatalogue.load()
    with client(who, as_json=as_json) as node:
        try:
            newest = node.call("GET", f"/v1/registers/{KIND}")["version"]
        except ProblemError as error:
            if error.code != "register-version-unknown":
                fail(error.code, str(error), as_json=as_json)
            newest = 0
        body = {
            "version": newest + 1,
            "owner": owner,
            "adopted_at": rfc3339(datetime.now(UTC)),
            "operator": operator,
            "entries": catalogue.entries(),
        }
        try:
            held = node.call("POST", f"/v1/registers/{KIND}", body, key=key)
        except (ProblemError, httpx2.TransportError) as error:
            fail(getattr(error, "code", "no-answer"), str(error), as_json=as_json)
    shown = {name: held[name] for name in ("register", "version", "owner", "sha256", "changes")}
    say({**shown, "catalogue": catalogue.version}, as_json=as_json)


@app.command("issuer")
def issuer(
    org_code: Annotated[str, typer.Argument(help="unified social credit code of an organisation of the exchange")],
    types: Annotated[list[str] | None, typer.Argument(help="types it shall issue, e.g. LT01 LT12; none: show")] = None,
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Show or extend what an organisation issues here; it also needs seal keys (`cailian seal`)."""
    from certs.store import issuers

    with standing(data_dir, as_json=as_json) as (_, node):
        try:
            wanted = [node.licence_types.type(each).code for each in types or []]
            with node.database.unit() as db:
                party = node.parties.party_of(db, org_code)
                if wanted:
                    execute(db, issuers.add(party.id, wanted, node.clock.now()))
                held = run(db, issuers.types(party.id))
        except (AuthzError, CertsError) as error:
            fail(error.code, str(error), as_json=as_json)
    say({"organisation": party.org_code, "name": party.name, "issues": held}, as_json=as_json)
