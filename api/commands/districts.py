"""`district` and `register`: sub-chains of districts, and the published registers (docs/registers-and-districts.md)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import httpx2
import typer

from api.client import ProblemError
from api.commands.calls import As, client
from api.commands.checks import PINNED, read_trust
from api.commands.output import UNKNOWN_TRUST, USAGE, AsJson, fail, say
from api.commands.shards import Folder, standing
from authz import registerforms
from ledger import districts, registerproof
from ledger.clock import rfc3339
from ledger.errors import LedgerError, NodeCardError, RegisterProofError
from ledger.nodecard import NodeCard
from ledger.registers import KINDS, Changes

if TYPE_CHECKING:
    from api.client import Client

district = typer.Typer(help="District sub-chains (区级子链) under this node.", no_args_is_help=True)
register = typer.Typer(help="Published registers (目录上链).", no_args_is_help=True)

Members = Annotated[
    list[Path] | None,
    typer.Option("--member-key", exists=True, dir_okay=False, help="private key, hex, of a further registry member"),
]
Kind = Annotated[str, typer.Argument(help=", ".join(KINDS))]
_KEY: Final = re.compile(r"(0x)?[0-9a-f]{64}\s*")


@district.command("card")
def district_card(
    name: Annotated[str, typer.Option(help="name of the district, for people")],
    data_dir: Folder = Path("var"),
    as_json: AsJson = True,
) -> None:
    """Print this node's card; run it on the district, carry it to the city by a way of its own."""
    from api import onboard

    with standing(data_dir, as_json=as_json) as (_, node):
        held = onboard.card(node, name)
    say(held.to_json(), as_json=True)


@district.command("add")
def district_add(
    card: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the district's node card")],
    replace: Annotated[bool, typer.Option("--replace", help="go on with another log or key of this division")] = False,
    member_key: Members = None,
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Take a district in: listen to its log, record node and log on the chain. Repeat it to go on where it stopped."""
    from api import onboard

    try:
        held = NodeCard.parse(card.read_bytes())
    except NodeCardError as error:
        fail(error.code, f"{card}: {error}", as_json=as_json, exit_code=USAGE)
    members = _keys(member_key, as_json=as_json)
    with standing(data_dir, as_json=as_json) as (_, node):
        said = onboard.add(node, held, replace=replace, members=members)
    say(said, as_json=as_json)


@district.command("suspend")
def district_suspend(
    division: Annotated[str, typer.Argument(help="division code")],
    resume: Annotated[bool, typer.Option("--resume", help="let it in again")] = False,
    member_key: Members = None,
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Take no more checkpoints of a district, and say so on the chain."""
    from api import onboard

    members = _keys(member_key, as_json=as_json)
    with standing(data_dir, as_json=as_json) as (_, node):
        said = onboard.set_state(node, division, "active" if resume else "suspended", members=members)
    say(said, as_json=as_json)


@district.command("list")
def district_list(data_dir: Folder = Path("var"), as_json: AsJson = False) -> None:
    """Show every district with how it stands and how far behind it is."""
    from api.routes.districts import status_document

    with standing(data_dir, as_json=as_json) as (_, node), node.database.unit() as db:
        rows = [status_document(each, node.clock.now()) for each in districts.statuses(db)]
    if as_json:
        say({"districts": rows}, as_json=True)
        return
    for row in rows:
        shown = ("division", "name", "standing", "size", "lag_seconds", "entry_state", "forks", "chain_state")
        say({name: row[name] for name in shown}, as_json=False)


@district.command("show")
def district_show(
    division: Annotated[str, typer.Argument(help="division code")],
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Show one district, what was refused, and what the chain says of it."""
    from api import onboard
    from api.routes.districts import refusal_document, status_document

    with standing(data_dir, as_json=as_json) as (_, node):
        with node.database.unit() as db:
            held, kept = districts.status(db, division), districts.refusals(db, division)
        said = status_document(held, node.clock.now()) | onboard.on_chain(node, held.district.card)
    say(said | {"refusals": [refusal_document(each) for each in kept]}, as_json=as_json)


def _keys(files: list[Path] | None, *, as_json: bool) -> list[bytes]:
    found = []
    for path in files or []:
        text = path.read_text()
        if path.stat().st_mode & 0o077 or not _KEY.fullmatch(text):
            fail("bad-member-key", f"{path}: 64 hexadecimal digits, mode 0600", as_json=as_json, exit_code=USAGE)
        found.append(bytes.fromhex(text.strip().removeprefix("0x")))
    return found


@register.command("publish")
def register_publish(
    kind: Kind,
    entries: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON list of all entries")],
    owner: Annotated[str, typer.Option(help="code of the organisation that answers for the content")],
    operator: Annotated[str, typer.Option(help="handle of the registrar")],
    version: Annotated[int | None, typer.Option(help="one more than the newest; looked up where not given")] = None,
    adopted_at: Annotated[str | None, typer.Option(help="when it was adopted, RFC 3339; now where not given")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check and compare, publish nothing")] = False,
    key: Annotated[str | None, typer.Option(help="Idempotency-Key, to make a repetition safe")] = None,
    who: As = "baoshan-window",
    as_json: AsJson = False,
) -> None:
    """Publish the next version of a register, and show what it changes."""
    lines = _lines(entries, as_json=as_json)
    try:
        registerforms.check(kind, lines)
    except LedgerError as error:
        fail(error.code, f"{entries}: {error}", as_json=as_json, exit_code=USAGE, fields=error.fields)
    with client(who, as_json=as_json) as node:
        try:
            newest = _newest(node, kind)
            if dry_run:
                before = newest["document"]["entries"] if newest else []
                changes = Changes.between(before, lines, registerforms.form_of(kind).key_of)
                say(
                    {"register": kind, "version": 1 + (newest["version"] if newest else 0), "added": changes.added,
                     "removed": changes.removed, "changed": changes.changed}, as_json=as_json,
                )  # fmt: skip
                return
            body = {
                "version": version or 1 + (newest["version"] if newest else 0),
                "owner": owner,
                "adopted_at": adopted_at or rfc3339(datetime.now(UTC)),
                "operator": operator,
                "entries": lines,
            }
            held = node.call("POST", f"/v1/registers/{kind}", body, key=key)
        except (ProblemError, httpx2.TransportError) as error:
            fail(getattr(error, "code", "no-answer"), str(error), as_json=as_json)
    shown = ("register", "version", "owner", "sha256", "sm3", "changes")
    say(held if as_json else {name: held[name] for name in shown}, as_json=as_json)


@register.command("show")
def register_show(
    kind: Kind,
    version: Annotated[int | None, typer.Option(help="the newest where not given")] = None,
    save: Annotated[Path | None, typer.Option(dir_okay=False, help="write the whole answer here, to verify it")] = None,
    who: As = "baoshan-window",
    as_json: AsJson = False,
) -> None:
    """Show a version: hash, owner, log entry, anchor."""
    with client(who, as_json=as_json) as node:
        try:
            held = node.call("GET", f"/v1/registers/{kind}" + (f"/versions/{version}" if version else ""))
        except (ProblemError, httpx2.TransportError) as error:
            fail(getattr(error, "code", "no-answer"), str(error), as_json=as_json)
    if save:
        save.write_text(json.dumps(held, ensure_ascii=False, indent=1), "utf-8")
    if as_json:
        say(held, as_json=True)
        return
    shown = {name: held[name] for name in ("register", "name", "version", "owner", "published_at", "sha256", "sm3")}
    entry = {name: held["entry"][name] for name in ("entry_id", "state", "index", "anchored_at")}
    say({**shown, "entries": len(held["document"]["entries"]), **entry, "chain": held["chain"]["state"]}, as_json=False)


@register.command("verify")
def register_verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="what `register show --save` wrote")],
    trust_file: Annotated[
        Path | None, typer.Option("--trust", exists=True, help="trust file; else the pinned one")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a version without network: exit code 0 proven, 1 a step failed, 3 in the log but not anchored."""
    chosen = trust_file or (PINNED if PINNED.exists() else None)
    if chosen is None:
        fail("no-trust", "a trust file is needed: --trust FILE", as_json=as_json, exit_code=USAGE)
    held = read_trust(chosen, as_json=as_json)
    try:
        report = registerproof.verify(file.read_bytes(), held)
    except RegisterProofError as error:
        fail(error.code, str(error), as_json=as_json, step=error.fields["step"])
    say(
        {"verdict": report.verdict, "register": report.register, "version": report.version, "owner": report.owner,
         "published_at": report.published_at, "sha256": report.sha256, "logs": list(report.logs),
         "index": report.index, "anchored_at": report.anchored_at}, as_json=as_json,
    )  # fmt: skip
    if report.verdict != "proven":
        raise typer.Exit(UNKNOWN_TRUST)


def _newest(node: Client, kind: str) -> dict[str, Any] | None:
    try:
        return node.call("GET", f"/v1/registers/{kind}")
    except ProblemError as error:
        if error.code == "register-version-unknown":
            return None
        raise


def _lines(path: Path, *, as_json: bool) -> list[dict[str, Any]]:
    try:
        lines = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        fail("bad-entries", f"{path}: {error}", as_json=as_json, exit_code=USAGE)
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        fail("bad-entries", f"{path}: a JSON list of objects", as_json=as_json, exit_code=USAGE)
    return lines
