"""`proof`: one log entry proven in the format of strangers' tools (`.tlog-proof`, c2sp.org/tlog-proof)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import httpx2
import typer

from api.commands.checks import PINNED, read_trust
from api.commands.output import UNKNOWN_TRUST, USAGE, AsJson, fail, say
from ledger.errors import LedgerError
from ledger.note import Note, parse_checkpoint
from ledger.tlogproof import ENDING, TlogProof, check, verify as check_trusted

app = typer.Typer(help="Proofs of log entries for anybody's tools (.tlog-proof).", no_args_is_help=True)


@app.command()
def get(
    entry_id: Annotated[str, typer.Argument(help="the entry, as a receipt or a deposit's answer names it")],
    target: Annotated[Path | None, typer.Argument(help="file to write; else ENTRY_ID.tlog-proof here")] = None,
    node: Annotated[str, typer.Option(help="address of the node")] = "http://127.0.0.1:8080",
    as_json: AsJson = False,
) -> None:
    """Fetch the proof of an entry from a node."""
    try:
        answer = httpx2.get(f"{node}/v1/entries/{entry_id}/proof", timeout=30)
        answer.raise_for_status()
        held = TlogProof.parse(answer.content)
    except httpx2.HTTPStatusError as error:
        problem = error.response.json()
        fail(problem["code"], problem["detail"], as_json=as_json)
    except (httpx2.TransportError, LedgerError) as error:
        fail("no-proof", f"{node}: {type(error).__name__}", as_json=as_json)
    file = target or Path(f"{entry_id}{ENDING}")
    file.write_bytes(answer.content)
    say({"file": str(file), **_shown(held)}, as_json=as_json)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the .tlog-proof file")],
    entry: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="the entry's bytes; else those in the file")
    ] = None,
    trust_file: Annotated[
        Path | None, typer.Option("--trust", exists=True, help="trust file; else the pinned one")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a proof without network or database.

    Exit code 0: the entry is in a trusted log, under a checkpoint with its quorum of witnesses; 1: it is not shown; 3:
    it is in the checkpoint's tree, and there is no trust file to check the signatures against.
    """
    chosen = trust_file or (PINNED if PINNED.exists() else None)
    try:
        proof = TlogProof.parse(file.read_bytes())
        content = entry.read_bytes() if entry else proof.extra
        if content is None:
            fail("no-entry", "the file does not hold the entry; --entry FILE", as_json=as_json, exit_code=USAGE)
        if chosen:
            check_trusted(proof, content, read_trust(chosen, as_json=as_json))
        else:
            check(proof, content)
    except LedgerError as error:
        fail(error.code, str(error), as_json=as_json)
    entry_text = content.decode("ascii", "backslashreplace")
    verdict = "proven" if chosen else "consistent, trust unknown"
    say({**_shown(proof), "entry": entry_text, "verdict": verdict}, as_json=as_json)
    if not chosen:
        raise typer.Exit(UNKNOWN_TRUST)


def _shown(proof: TlogProof) -> dict[str, object]:
    note = Note.parse(proof.checkpoint)
    head = parse_checkpoint(note.text)
    return {"log": head.origin, "index": proof.index, "size": head.size, "signers": [s.name for s in note.signatures]}
