"""`shard`, `keys` and `gaps`: ending a log, changing keys, looking for what is missing."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.output import USAGE, AsJson, err, fail, say
from api.errors import EdgeError
from api.stack.errors import StackError
from authz.errors import AuthzError
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.node import Node
    from api.stack.exchange import Exchange

shard = typer.Typer(help="Frozen logs and the one that follows.", no_args_is_help=True)
keys = typer.Typer(help="Rotation of the node's keys.", no_args_is_help=True)

Folder = Annotated[Path, typer.Option("--data-dir", help="folder of the exchange")]


@contextmanager
def standing(folder: Path, *, as_json: bool) -> Iterator[tuple[Exchange, Node]]:
    """The exchange in a folder and its node, with the parts started where they are not running.

    What they refuse ends the command with its code.
    """
    if not (folder / "port").exists():
        fail("no-exchange", f"{folder}: no exchange was ever up here; --data-dir", as_json=as_json, exit_code=USAGE)
    from api.node import Node  # loads the chain's libraries, two seconds
    from api.stack.exchange import Exchange

    exchange = Exchange(folder, demo=True)
    try:
        with err.status("looking", spinner="dots"), exchange.standing():
            node = Node(exchange.settings)
            try:
                yield exchange, node
            finally:
                node.close()
    except (LedgerError, AuthzError, EdgeError, StackError, OSError) as error:
        fail(getattr(error, "code", "cannot-look"), str(error), as_json=as_json)


@shard.command("list")
def shard_list(data_dir: Folder = Path("var"), as_json: AsJson = False) -> None:
    """Show the logs of this node, frozen ones first."""
    from api import handover

    with standing(data_dir, as_json=as_json) as (_, node):
        rows = handover.listing(node)
    if as_json:
        say({"logs": rows}, as_json=True)
        return
    for row in rows:
        say(row, as_json=False)


@shard.command("freeze")
def shard_freeze(data_dir: Folder = Path("var"), as_json: AsJson = False) -> None:
    """End the current log: it takes no entry any more. Deposits and uses wait until `cailian shard open`."""
    from api import handover

    with standing(data_dir, as_json=as_json) as (_, node):
        said = handover.freeze(node, lambda step: err.print(step) if not as_json else None)
    say(said, as_json=as_json)


@shard.command("abandon")
def shard_abandon(data_dir: Folder = Path("var"), as_json: AsJson = False) -> None:
    """End a log whose newest part was lost with the database (`log-rollback-detected`). Then `cailian shard open`."""
    from api import handover

    with standing(data_dir, as_json=as_json) as (_, node):
        said = handover.abandon(node, lambda step: err.print(step) if not as_json else None)
    say(said, as_json=as_json)


@shard.command("open")
def shard_open(
    origin: Annotated[str, typer.Argument(help="name of the new log, e.g. cailian.example/log/310199-2")],
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Open the log that follows the frozen one. Then start the node anew, and give out its new trust file."""
    from api import handover

    with standing(data_dir, as_json=as_json) as (exchange, node):
        said = handover.open_next(node, origin)
        exchange.remember_origin(origin)
    say(said, as_json=as_json)


@keys.command("rotate")
def keys_rotate(
    which: Annotated[str, typer.Argument(help="`log`, `token` or `wrapping`")],
    lost: Annotated[
        str | None, typer.Option(help="log only: verifier key of the lost key; node.json holds the one to take over")
    ] = None,
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Put a fresh key in the place of one. Start the node anew afterwards; old receipts stay good.

    After `wrapping` run `cailian keys rewrap` when every process of the node was started anew.
    """
    if which not in {"log", "token", "wrapping"} or (lost is not None and which != "log"):
        fail(
            "usage", "`cailian keys rotate log|token|wrapping`; --lost goes with log", as_json=as_json, exit_code=USAGE
        )
    from api import handover, keys as files

    with standing(data_dir, as_json=as_json) as (_, node):
        if which == "log":
            said = handover.rotate_log_key(node, lost)
        elif which == "token":
            files.rotate_token(node.settings.secrets_dir)
            said = {"token": "rotated", "next": "start the node anew; tokens of before stay good until they end"}
        else:
            files.rotate_wrapping(node.settings.secrets_dir)
            said = {"wrapping": "rotated", "next": "start the node anew, then `cailian keys rewrap`"}
    say(said, as_json=as_json)


@keys.command("rewrap")
def keys_rewrap(
    forget: Annotated[bool, typer.Option("--forget", help="then destroy the wrapping keys of before")] = False,
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Wrap every document's key under the current wrapping key; may be stopped and called again."""
    from api import handover, keys as files

    with standing(data_dir, as_json=as_json) as (_, node):
        said: dict[str, Any] = {"renewed": handover.rewrap(node)}
        if forget:
            said["forgotten"] = files.forget_wrapping(node.settings.secrets_dir)
    say(said, as_json=as_json)


def gaps(data_dir: Folder = Path("var"), as_json: AsJson = False) -> None:
    """List uses without outcome, entries past their deadline or without anchor. Exit code 1 where there are any."""
    from api import gaps as monitor

    with standing(data_dir, as_json=as_json) as (_, node), node.database.unit() as db:
        found = monitor.listing(db, node.clock.now(), node.settings)
    say(found, as_json=as_json)
    if found["gaps"]:
        raise typer.Exit(1)
