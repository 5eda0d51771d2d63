"""`witness`: run a witness (c2sp.org/tlog-witness), export what it caught, and check such evidence offline."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.commands.checks import PINNED, read_trust
from api.commands.output import FAILED, UNKNOWN_TRUST, AsJson, fail, out, say
from api.witness.errors import WitnessHomeError
from api.witness.home import MEMORY, read_logs, vkey
from api.witness.memory import Memory
from ledger.equivocation import MAX_SIZE, Equivocation, Kind, examine
from ledger.errors import LedgerError

app = typer.Typer(help="A witness: cosigns the checkpoints of logs it watches.", no_args_is_help=True)

_WORDS = {
    Kind.same_size: "日志签署了两棵大小相同而内容不同的树 · the log signed two trees of one size",
    Kind.inconsistent: "日志后签的树不包含先签的树 · the log signed a tree that does not contain one it signed before",
    Kind.unproven: "两个检查点可以同属一个诚实的日志 · both checkpoints could belong to one honest log",
}
Folder = Annotated[Path, typer.Option(help="the witness's folder: its key and its memory, made when missing")]
Name = Annotated[str, typer.Option(help="the witness's name, a URL without its scheme; it never changes")]


@app.command()
def serve(
    name: Name,
    data_dir: Folder = Path("witness"),
    log: Annotated[list[str] | None, typer.Option(help="verifier key of a log to watch; may be repeated")] = None,
    logs: Annotated[Path | None, typer.Option(exists=True, help="file with such keys, one a line")] = None,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on")] = 8090,
    as_json: AsJson = False,
) -> None:
    """Run a witness until stopped (Ctrl-C)."""
    from api.observe import configure_logs
    from api.witness.__main__ import serve as run  # loads the HTTP server

    configure_logs("info")
    try:
        watched = [*(log or ()), *(read_logs(logs) if logs else ())]
        say({"vkey": vkey(data_dir, name), "address": f"http://{host}:{port}", "logs": watched}, as_json=as_json)
        sys.stdout.flush()
        run(data_dir, name, watched, host=host, port=port)
    except (WitnessHomeError, LedgerError) as error:
        fail(error.code, str(error), as_json=as_json)


@app.command()
def key(name: Name, data_dir: Folder = Path("witness"), as_json: AsJson = False) -> None:
    """Show the witness's verifier key, for the settings of a node and for trust files."""
    try:
        say({"vkey": vkey(data_dir, name)}, as_json=as_json)
    except WitnessHomeError as error:
        fail(error.code, str(error), as_json=as_json)


@app.command()
def evidence(
    target: Annotated[Path, typer.Argument(file_okay=False, help="folder for the files, made when missing")],
    data_dir: Folder = Path("witness"),
    as_json: AsJson = False,
) -> None:
    """Write out the evidence this witness holds, one file each. Exit code 1 when some of it is proven."""
    if not (data_dir / MEMORY).exists():
        fail("no-witness", f"{data_dir}: no witness was ever here; --data-dir", as_json=as_json)
    try:
        memory = Memory(data_dir / MEMORY)
    except WitnessHomeError as error:
        fail(error.code, str(error), as_json=as_json)
    try:
        held = memory.evidence()
        target.mkdir(parents=True, exist_ok=True)
        files = {}
        for each in held:
            file = target / f"{each.kind}-{each.id}.json"
            file.write_text(memory.evidence_file(each.id) or "")
            files[str(file)] = {"log": each.origin, "kind": each.kind, "at": each.at}
    finally:
        memory.close()
    say(files, as_json=as_json)
    if any(each.kind != Kind.unproven for each in held):
        raise typer.Exit(FAILED)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="evidence of equivocation")],
    trust_file: Annotated[
        Path | None, typer.Option("--trust", exists=True, help="trust file; else the pinned one")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check evidence against a log with nothing but the file.

    Exit code 1: proven, the holder of that key signed two trees, whether or not the trust file knows the log; 2: no
    such evidence; 3: both checkpoints are signed, and nothing is proven.
    """
    chosen = trust_file or (PINNED if PINNED.exists() else None)
    trust = read_trust(chosen, as_json=as_json) if chosen else None
    try:
        with file.open("rb") as stream:
            held = Equivocation.parse(stream.read(MAX_SIZE + 1))
        found = examine(held)
    except LedgerError as error:
        fail(error.code, str(error), as_json=as_json, exit_code=2)
    known = None if trust is None else any(each.key == held.log for each in trust.keys(held.log.name))
    shown = {
        "log": held.log.name,
        "key": held.log.vkey,
        "trusted_log": known,
        "finding": found.kind.value,
        "older": {"size": found.older.size, "root": found.older.root.hex()},
        "newer": {"size": found.newer.size, "root": found.newer.root.hex()},
    }
    say(shown, as_json=as_json)
    if not as_json:
        colour = "yellow" if found.kind is Kind.unproven else "bold red"
        out.print(f"[{colour}]{_WORDS[found.kind]}[/{colour}]", highlight=False)
    raise typer.Exit(UNKNOWN_TRUST if found.kind is Kind.unproven else FAILED)
