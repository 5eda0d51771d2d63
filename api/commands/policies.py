"""`cailian policy`: look at a set of policies, try it on a situation, publish it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import httpx2
import typer
from rich.table import Table

from api.client import ProblemError
from api.commands.calls import As, client
from api.commands.output import USAGE, AsJson, fail, out, say
from authz import explain, policy, policyregister
from authz.errors import AuthzError
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from authz.policy import PolicyBook

app = typer.Typer(help="the policies that decide: check, explain, publish", no_args_is_help=True)

Folder = Annotated[
    Path, typer.Option("--folder", exists=True, file_okay=False, help="schema.cedarschema and *.cedar; else our own")
]


@app.command("check")
def check(folder: Folder = policy.FOLDER, as_json: AsJson = False) -> None:
    """Load a set as publishing would: exit code 0, or what is wrong with it."""
    book = _book(folder, as_json=as_json)
    counts = {"files": len(book.texts), "policies": len(book.names), "refusing": len(book.reasons)}
    say({"policy_version": book.version, **counts}, as_json=as_json)


@app.command("explain")
def explain_situation(
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", help="PART.NAME=VALUE changes one fact of an allowed use, e.g. thing.level=3"),
    ] = None,
    folder: Folder = policy.FOLDER,
    every: Annotated[bool, typer.Option("--all", help="also the policies that say nothing here")] = False,
    facts: Annotated[bool, typer.Option("--facts", help="show the facts that can be set, and stop")] = False,
    as_json: AsJson = False,
) -> None:
    """What each policy says to a use, and the decision. Exit code 0 allowed, 1 refused."""
    if facts:
        say({part: dict(names) for part, names in explain.SITUATION.items()}, as_json=True)
        return
    book = _book(folder, as_json=as_json)
    try:
        situation = explain.situation(dict(each.split("=", 1) for each in changes or []))
    except (ValueError, AuthzError) as error:
        fail("bad-fact", f"--set PART.NAME=VALUE ({error}); see --facts", as_json=as_json, exit_code=USAGE)
    found = explain.answer(book, situation)
    lines = [line for line in found.lines if every or line.holds is not False]
    if as_json:
        say({"allowed": found.allowed, "reasons": list(found.reasons), "policy_version": book.version,
             "policies": [_line(line) for line in lines]}, as_json=True)  # fmt: skip
    else:
        table = Table("policy", "effect", "holds", "原因", "reason")
        for line in lines:
            said = line.wording
            table.add_row(
                line.policy, line.effect, _HOLDS[line.holds], said.zh if said else "", said.en if said else ""
            )
        out.print(table)
        out.print("✓ 允许 allowed" if found.allowed else f"✗ 拒绝 refused: {', '.join(found.reasons) or 'no permit'}")
    if not found.allowed:
        raise typer.Exit(1)


@app.command("publish")
def publish(
    folder: Folder,
    operator: Annotated[str, typer.Option(help="a security officer's handle")],
    owner: Annotated[str, typer.Option(help="code of the organisation that answers for the policies")],
    key: Annotated[str | None, typer.Option(help="Idempotency-Key, to try again safely")] = None,
    who: As = "cailian-operations",
    as_json: AsJson = False,
) -> None:
    """Publish a set as the next version of the register `policies`; every process takes it up within seconds."""
    book = _book(folder, as_json=as_json)
    with client(who, as_json=as_json) as node:
        try:
            newest = _newest(node)
            body = {
                "version": newest + 1,
                "owner": owner,
                "adopted_at": rfc3339(datetime.now(UTC)),
                "operator": operator,
                "entries": policyregister.entries_of(book.texts),
            }
            held = node.call("POST", "/v1/registers/policies", body, key=key)
        except (ProblemError, httpx2.TransportError) as error:
            fail(getattr(error, "code", "no-answer"), str(error), as_json=as_json)
    shown = {name: held[name] for name in ("register", "version", "owner", "sha256", "changes")}
    say({**shown, "policy_version": book.version}, as_json=as_json)


_HOLDS = {True: "yes", False: "no", None: "error"}


def _line(line: explain.Line) -> dict[str, Any]:
    said = line.wording
    told = {"reason_zh": said.zh, "reason": said.en} if said else {}
    return {"policy": line.policy, "effect": line.effect, "holds": line.holds, **told}


def _newest(node: Any) -> int:
    try:
        return int(node.call("GET", "/v1/registers/policies")["version"])
    except ProblemError as error:
        if error.code == "register-version-unknown":
            return 0
        raise


def _book(folder: Path, *, as_json: bool) -> PolicyBook:
    try:
        book = policy.load(folder)
        policyregister.check(book)
    except AuthzError as error:
        fail(error.code, f"{folder}: {error}", as_json=as_json, exit_code=1, fields=error.fields)
    return book
