"""`backup`, `restore`, `erase`, `heads` and `canary`: keeping what must stay, losing what must go, and showing both."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from api.commands.output import UNKNOWN_TRUST, USAGE, AsJson, fail, say
from api.commands.shards import Folder, standing
from authz.errors import AuthzError
from ledger.errors import LedgerError
from ledger.trust import Trust

heads = typer.Typer(help="Daily heads of the holders' uses: prove one, find what was left out.", no_args_is_help=True)
KeyFile = Annotated[Path | None, typer.Option("--key-file", exists=True, help="file of at least 32 secret bytes")]


def backup(
    folder: Annotated[Path, typer.Argument(help="folder to make")],
    key_file: KeyFile = None,
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Write a backup of the database. Objects stay in S3, keys in `node.json`: keep both in other ways."""
    from api import backup as backups
    from api.stack.postgres import binaries

    key = key_file.read_bytes() if key_file else None
    with standing(data_dir, as_json=as_json) as (_, node):
        said = backups.make(node.database.url, folder, node.clock, backups.Tools(binaries()), key=key)
    say(said, as_json=as_json)


def restore(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="folder that `backup` made")],
    erasures: Annotated[
        Path | None, typer.Option(exists=True, help="newest erasures.json; else the backup's own, with a warning")
    ] = None,
    key_file: KeyFile = None,
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Restore a backup into an empty database, erasing again what was erased since. Then run `cailian fsck`."""
    from api import backup as backups
    from api.stack.postgres import binaries

    key = key_file.read_bytes() if key_file else None
    with standing(data_dir, as_json=as_json) as (_, node):
        said = backups.restore(node.database.url, folder, backups.Tools(binaries()), key=key, erasures=erasures)
    if erasures is None:
        said["warning"] = "erasures after this backup are not known here; give --erasures FILE"
    say(said, as_json=as_json)


def erase(
    kind: Annotated[str, typer.Argument(help="`object` or `record`; `list` shows what waits for approval")],
    which: Annotated[str, typer.Argument(help="object id, or entry id of the record")] = "",
    propose: Annotated[str, typer.Option(help="why: proposes the erasure")] = "",
    approve: Annotated[bool, typer.Option("--approve", help="carries out what another person proposed")] = False,
    by: Annotated[str, typer.Option(help="your handle")] = "",
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Destroy the key of a document or the salts of a record: one person proposes, another approves. For good."""
    from ledger import erasure

    if kind != "list" and (kind not in set(erasure.Kind) or not which or not by or bool(propose) == approve):
        usage = "`cailian erase object|record ID --by HANDLE`, and --propose WHY or --approve"
        fail("usage", usage, as_json=as_json, exit_code=USAGE)
    said: dict[str, object]
    with standing(data_dir, as_json=as_json) as (_, node), node.database.unit() as db:
        if kind == "list":
            rows = [(each.kind, each.id, each.reason, each.proposer) for each in erasure.proposed(db)]
            said = {"proposed": [dict(zip(("kind", "id", "reason", "by"), row, strict=True)) for row in rows]}
        elif approve:
            done = erasure.approve(db, node.evidence, erasure.Kind(kind), which, by, node.clock)
            if kind == erasure.Kind.object:  # and what was read in it
                node.readings.forget(db, which)
                node.routes.reviews.forget(db, which)
            said = {"erased": which, "kind": kind, "entry_id": done.entry_id}
        else:
            erasure.propose(db, erasure.Kind(kind), which, propose, by, node.clock)
            said = {"proposed": which, "kind": kind, "next": "another person: `cailian erase` with --approve"}
    say(said, as_json=as_json)


@heads.command("show")
def heads_show(
    holder: Annotated[str, typer.Argument(help="holder id")],
    day: Annotated[str, typer.Argument(help="day, e.g. 2026-11-20")],
    file: Annotated[Path | None, typer.Option("--out", help="file to write the proof to")] = None,
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """The proof that a holder's last use by the end of a day was this one."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        fail("usage", "a day is YYYY-MM-DD", as_json=as_json, exit_code=USAGE)
    with standing(data_dir, as_json=as_json) as (_, node), node.database.unit() as db:
        proof = node.heads.prove(db, holder, wanted)
    if file:
        file.write_text(json.dumps(proof, indent=1) + "\n")
        say({"written": str(file), "day": day, "seq": proof["seq"]}, as_json=as_json)
    else:
        say(proof, as_json=True)


@heads.command("check")
def heads_check(
    proof: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="what `heads show` wrote")],
    receipts: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="receipts of the same holder")],
    trust: Annotated[Path, typer.Option("--trust", exists=True, help="trust file")],
    as_json: AsJson = False,
) -> None:
    """Compare receipts with a proven head, offline: what is missing, newer than it, or contradicts it.

    Exit code 0: nothing found; 1: a proof does not hold, or the node left something out; 3: only numbers without
    receipt, which others may hold.
    """
    from authz import omission

    try:
        trusted = Trust.load(trust)
        proven = omission.open_proof(proof.read_bytes(), trusted)
        held = [omission.open_receipt(each.read_bytes(), trusted) for each in receipts]
    except (LedgerError, AuthzError) as error:
        fail(error.code, str(error), as_json=as_json)
    found = omission.compare(held, proven)
    said = {
        "day": proven.day.isoformat(),
        "head": proven.head.seq,
        "verdict": proven.verdict,
        "receipts": [each.seq for each in held],
        "found": [f"{each.kind} {each.seq}" for each in found],
    }
    say(said, as_json=as_json)
    if found:
        raise typer.Exit(1 if any(each.kind != "missing" for each in found) else UNKNOWN_TRUST)


def canary(
    client: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="client file with scope evidence")],
    trust: Annotated[Path, typer.Option("--trust", exists=True, help="trust file")],
    once: Annotated[bool, typer.Option("--once", help="one round only")] = False,
    as_json: AsJson = False,
) -> None:
    """Submit a digest through the public interface every minute and verify its receipt, as a stranger would."""
    from api.canary import SECONDS, Canary, CanaryError
    from api.client import Client

    held = json.loads(client.read_text())
    bird, stop = Canary(Client(held["base_url"], held["client_id"], held["key"]), Trust.load(trust)), Event()
    while True:
        try:
            say(bird.fly(stop), as_json=as_json)
        except CanaryError as error:
            if once:
                fail("canary", str(error), as_json=as_json)
            say({"failed": str(error)}, as_json=as_json)
        if once:
            return
        stop.wait(SECONDS)
