"""`cailian party`: organisations that call: joining, standing, limits, access; for the node's staff."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path  # noqa: TC003 - Typer reads it at run time
from typing import TYPE_CHECKING, Annotated, Any

import httpx2
import typer
from rich.table import Table

from api.client import ProblemError
from api.commands import partychecks
from api.commands.calls import As, client
from api.commands.output import USAGE, AsJson, fail, out, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from api.client import Client

app = typer.Typer(help="organisations that call: joining, standing, limits, access", no_args_is_help=True)
app.command("sandbox")(partychecks.sandbox)
app.command("self-check")(partychecks.self_check)

Operator = Annotated[str, typer.Option(help="handle of a security officer or administrator")]
Code = Annotated[str, typer.Argument(help="unified social credit code of the organisation")]
Why = Annotated[str, typer.Option(help="why, in words that name nobody")]
Key = Annotated[str | None, typer.Option(help="Idempotency-Key, to try again safely")]
OPERATIONS = "cailian-operations"


@contextmanager
def _calling(who: str, *, as_json: bool) -> Iterator[Client]:
    """The client; what the node refuses ends the command with its code."""
    with client(who, as_json=as_json) as node:
        try:
            yield node
        except (ProblemError, httpx2.TransportError) as error:
            document = error.document if isinstance(error, ProblemError) else {}
            fail(getattr(error, "code", "no-answer"), str(error), as_json=as_json, problem=document)


@app.command("list")
def listing(
    operator: Operator,
    kind: Annotated[str | None, typer.Option(help="government, enforcement or social")] = None,
    who: As = OPERATIONS,
    as_json: AsJson = False,
) -> None:
    """Show the organisations of the exchange."""
    with _calling(who, as_json=as_json) as node:
        query = f"operator={operator}" + (f"&kind={kind}" if kind else "")
        held = node.call("GET", f"/v1/parties?{query}")
    _table(held["parties"], ("org_code", "name", "kind", "division", "state"), held, as_json=as_json)


@app.command("show")
def show(org_code: Code, operator: Operator, who: As = OPERATIONS, as_json: AsJson = False) -> None:
    """Show one organisation: contact, clients with their keys, usage and limits."""
    with _calling(who, as_json=as_json) as node:
        say(node.call("GET", f"/v1/parties/{_id(node, org_code, operator)}?operator={operator}"), as_json=as_json)


@app.command("file")
def file(
    application: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON as docs/onboarding.md shows")],
    operator: Operator,
    key: Key = None,
    who: As = OPERATIONS,
    as_json: AsJson = False,
) -> None:
    """File an application to join; somebody else decides on it."""
    try:
        body = json.loads(application.read_text("utf-8")) | {"operator": operator}
    except (ValueError, TypeError) as error:
        fail("bad-application", f"{application}: {error}", as_json=as_json, exit_code=USAGE)
    with _calling(who, as_json=as_json) as node:
        say(node.call("POST", "/v1/parties/applications", body, key=key), as_json=as_json)


@app.command("applications")
def applications(operator: Operator, who: As = OPERATIONS, as_json: AsJson = False) -> None:
    """Show applications, those that wait first."""
    with _calling(who, as_json=as_json) as node:
        held = node.call("GET", f"/v1/parties/applications?operator={operator}")
    columns = ("application_id", "state", "kind", "name", "client_id", "filed_by", "decided_by")
    _table(held["applications"], columns, held, as_json=as_json)


@app.command("decide")
def decide(
    application_id: Annotated[str, typer.Argument(help="from `applications`")],
    operator: Operator,
    approve: Annotated[bool, typer.Option("--approve/--refuse", help="what is decided")],
    reason: Annotated[str | None, typer.Option(help="why; a refusal needs one")] = None,
    key: Key = None,
    who: As = OPERATIONS,
    as_json: AsJson = False,
) -> None:
    """Approve an application, which registers everything, or refuse it; not who filed it."""
    body = {"operator": operator, "decision": "approve" if approve else "refuse", "reason": reason}
    with _calling(who, as_json=as_json) as node:
        path = f"/v1/parties/applications/{application_id}/decision"
        say(node.call("POST", path, body, key=key), as_json=as_json)


@app.command("suspend")
def suspend(
    org_code: Code, operator: Operator, reason: Why, key: Key = None, who: As = OPERATIONS, as_json: AsJson = False
) -> None:
    """Shut an organisation out, at once and everywhere."""
    _change("suspension", org_code, {"operator": operator, "reason": reason}, key, who, as_json=as_json)


@app.command("resume")
def resume(
    org_code: Code, operator: Operator, reason: Why, key: Key = None, who: As = OPERATIONS, as_json: AsJson = False
) -> None:
    """Let a suspended organisation in again."""
    _change("resumption", org_code, {"operator": operator, "reason": reason}, key, who, as_json=as_json)


@app.command("login")
def login(
    org_code: Code,
    handle: Annotated[str, typer.Argument(help="of the member of staff")],
    operator: Operator,
    issuer: Annotated[str, typer.Option(help="login provider; none: take the operator's logins away")] = "",
    subject: Annotated[str, typer.Option(help="their account there")] = "",
    key: Key = None,
    who: As = OPERATIONS,
    as_json: AsJson = False,
) -> None:
    """Let an account at the login provider work at the console as an operator, or take all of theirs away."""
    body = {"operator": operator, "handle": handle}
    if issuer:
        _change("logins", org_code, body | {"issuer": issuer, "subject": subject}, key, who, as_json=as_json)
    else:
        _change("logins/withdrawal", org_code, body, key, who, as_json=as_json)


@app.command("limit")
def limit(
    org_code: Code,
    limits: Annotated[list[str], typer.Argument(help="NAME=AMOUNT, or NAME= for what its kind has; names: `show`")],
    operator: Operator,
    key: Key = None,
    who: As = OPERATIONS,
    as_json: AsJson = False,
) -> None:
    """Set limits of one organisation apart from its kind's, e.g. uses=1000 bytes=1000000000."""
    try:
        wanted = {name: int(amount) if amount else None for name, amount in (each.split("=", 1) for each in limits)}
    except ValueError:
        fail("bad-limit", "NAME=AMOUNT", as_json=as_json, exit_code=USAGE)
    _change("limits", org_code, {"operator": operator, "limits": wanted}, key, who, as_json=as_json)


@app.command("statistics")
def statistics(
    operator: Operator,
    days: Annotated[int, typer.Option(help="how many days back, today included")] = 31,
    who: As = OPERATIONS,
    as_json: AsJson = False,
) -> None:
    """Show what government (政务类) and social (社会化) organisations used, day by day."""
    with _calling(who, as_json=as_json) as node:
        held = node.call("GET", f"/v1/parties/statistics?operator={operator}&days={days}")
    _table(held["statistics"], ("day", "kind", "what", "amount", "organisations"), held, as_json=as_json)


@app.command("provider")
def provider(
    type_code: Annotated[str, typer.Argument(help="a conditionally shared type, e.g. CL022")],
    operator: Operator,
    org_code: Annotated[str | None, typer.Argument(help="who answers for it; none: nobody")] = None,
    key: Key = None,
    who: As = OPERATIONS,
    as_json: AsJson = False,
) -> None:
    """Say who answers access requests for a type (提供部门)."""
    body = {"operator": operator, "org_code": org_code}
    with _calling(who, as_json=as_json) as node:
        say(node.call("POST", f"/v1/access-providers/{type_code}", body, key=key), as_json=as_json)


@app.command("overdue")
def overdue(operator: Operator, who: As = OPERATIONS, as_json: AsJson = False) -> None:
    """Show access requests that nobody answered in time."""
    with _calling(who, as_json=as_json) as node:
        held = node.call("GET", f"/v1/operations/overdue-access?operator={operator}")
    columns = ("due_at", "provider", "organisation", "type_code", "item_code", "access_request_id")
    _table(held["access_requests"], columns, held, as_json=as_json)


def _id(node: Client, org_code: str, operator: str) -> str:
    found = node.call("GET", f"/v1/parties?operator={operator}&org_code={org_code}")["parties"]
    if not found:
        raise ProblemError(404, {"code": "unknown-party", "title": "no such organisation"})
    return str(found[0]["party_id"])


def _change(act: str, org_code: str, body: dict[str, Any], key: str | None, who: str, *, as_json: bool) -> None:
    with _calling(who, as_json=as_json) as node:
        party_id = _id(node, org_code, body["operator"])
        say(node.call("POST", f"/v1/parties/{party_id}/{act}", body, key=key), as_json=as_json)


def _table(rows: Sequence[dict[str, Any]], columns: Sequence[str], whole: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say(whole, as_json=True)
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
    out.print(table)
