"""`deposit`, `fetch` and `curl`: signed calls to a running node, as a department's system makes them.

Who calls is a *client file*: JSON with `base_url`, `client_id` and `key` (PEM), mode 0600. `cailian up` leaves one for
each demo department in `var/clients/`. Identity codes go in a metadata file or standard input, never in arguments.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import sys
import uuid
from pathlib import Path
from threading import Event
from typing import Annotated

import httpx2
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

from api.client import Client, CutOffError, ProblemError
from api.commands.output import USAGE, AsJson, err, fail, say

As = Annotated[str, typer.Option("--as", help="client file, or the name of a demo client (var/clients/NAME.json)")]
TRIES = 20


def client(name: str, *, as_json: bool) -> Client:
    """The client a file describes."""
    path = Path(name) if name.endswith(".json") else Path("var/clients") / f"{name}.json"
    try:
        held = json.loads(path.read_text())
        return Client(held["base_url"], held["client_id"], held["key"])
    except FileNotFoundError:
        fail(
            "no-client-file",
            f"{path}: not there; `cailian up` makes those of the demo",
            as_json=as_json,
            exit_code=USAGE,
        )
    except (ValueError, KeyError):
        fail("bad-client-file", f"{path}: needs base_url, client_id and key", as_json=as_json, exit_code=USAGE)


def deposit(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the document")],
    metadata: Annotated[str, typer.Option(help="JSON file as docs/integrate.md describes; - for standard input")],
    content_type: Annotated[str, typer.Option(help="media type of the document")] = "application/pdf",
    key: Annotated[str | None, typer.Option(help="Idempotency-Key, to make a repetition safe")] = None,
    who: As = "baoshan-window",
    as_json: AsJson = False,
) -> None:
    """Deposit a document and print its receipt."""
    try:
        described = json.loads(sys.stdin.read() if metadata == "-" else Path(metadata).read_text())
    except (OSError, ValueError) as error:
        fail("bad-metadata", str(error), as_json=as_json, exit_code=USAGE)
    with client(who, as_json=as_json) as node, err.status("depositing", spinner="dots"):
        try:
            held = node.deposit(file, described, content_type=content_type, key=key)
        except (ProblemError, httpx2.TransportError) as error:
            refused(error, as_json=as_json)
    say(held, as_json=as_json)


def fetch(
    object_id: Annotated[str, typer.Argument(help="the material or e-licence")],
    target: Annotated[Path, typer.Argument(dir_okay=False, help="file to write; a part that is there is kept")],
    case_no: Annotated[str, typer.Option(help="an open case of yours that demands this type")],
    item_code: Annotated[str, typer.Option(help="its item")],
    cause: Annotated[str, typer.Option(help="why, in words the holder will read")],
    operator: Annotated[str, typer.Option(help="handle of the person who asks")],
    receipt: Annotated[Path | None, typer.Option(help="write the receipt here")] = None,
    key: Annotated[str | None, typer.Option(help="Idempotency-Key; give it again to go on with the same use")] = None,
    who: As = "qingpu-market",
    as_json: AsJson = False,
) -> None:
    """Use a material or e-licence in a case: ask, download with resumption, keep the receipt."""
    request = {"object_id": object_id, "mode": "copy", "case_no": case_no, "item_code": item_code}
    with client(who, as_json=as_json) as node:
        try:
            use = node.use(**request, cause=cause, operator=operator, key=key)
            _download(node, use, target)
            _whole(node.call("GET", f"/v1/uses/{use['use_id']}")["delivers"], target, as_json=as_json)
            if receipt:
                receipt.write_text(json.dumps(node.receipt(use["use_id"]), ensure_ascii=False, indent=1))
        except (ProblemError, httpx2.TransportError, CutOffError) as error:
            refused(error, as_json=as_json)
    say({**use, "file": str(target)}, as_json=as_json)


def _download(node: Client, use: dict[str, object], target: Path) -> None:
    pause = Event()
    columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=err, transient=True) as progress, target.open("ab") as file:
        task = progress.add_task("downloading", total=None, completed=file.tell())
        for attempt in range(TRIES):
            try:
                for chunk in node.chunks(str(use["use_id"]), file.tell()):
                    file.write(chunk)
                    progress.update(task, advance=len(chunk))
            except httpx2.TransportError:
                if attempt == TRIES - 1:
                    raise
                pause.wait(min(2.0, 0.1 * 2**attempt))
            except ProblemError as problem:
                if problem.code != "range-not-satisfiable":  # which says that all of it is here
                    raise
                return
            else:
                return


def _whole(delivers: dict[str, str], target: Path, *, as_json: bool) -> None:
    """Compare the file's digest with that of what was delivered: what was there before may be of another document."""
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != delivers["sha256"]:
        fail("digest-mismatch", f"{target} is not the document of the use; remove it and fetch again", as_json=as_json)


def curl(
    method: Annotated[str, typer.Argument(help="GET, POST, ...")],
    path: Annotated[str, typer.Argument(help="path on the node, e.g. /v1/items")],
    data: Annotated[
        str | None, typer.Option("--data", "-d", help="JSON body; @FILE reads a file, - standard input")
    ] = None,
    show: Annotated[bool, typer.Option("--print", help="print the signed curl command instead of sending it")] = False,
    key: Annotated[
        str | None, typer.Option(help="Idempotency-Key of a POST or PATCH; a fresh one where none is given")
    ] = None,
    who: As = "qingpu-market",
    as_json: AsJson = False,
) -> None:
    """Sign one request and send it (or print it as a curl command, good for a minute)."""
    body = _body(data, as_json=as_json)
    with client(who, as_json=as_json) as node:
        try:
            if show:
                headers = node.headers(method, path) | ({"Content-Type": "application/json"} if body else {})
                headers |= {"Idempotency-Key": key or str(uuid.uuid4())} if method in {"POST", "PATCH"} else {}
                parts = ["curl", "-sS", "-X", method, node.base_url + path]
                parts += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
                sys.stdout.write(shlex.join(parts + (["--data", body] if body else [])) + "\n")
                return
            say(node.call(method, path, json.loads(body) if body else None, key=key), as_json=True)
        except (ProblemError, httpx2.TransportError) as error:
            refused(error, as_json=as_json)


def _body(data: str | None, *, as_json: bool) -> str | None:
    """The body `--data` names, which must be JSON."""
    try:
        body = sys.stdin.read() if data == "-" else Path(data[1:]).read_text() if data and data[0] == "@" else data
        if body:
            json.loads(body)
    except (OSError, ValueError) as error:
        fail("bad-data", str(error), as_json=as_json, exit_code=USAGE)
    return body


def refused(error: Exception, *, as_json: bool) -> None:
    """Say why a call failed, and leave."""
    if isinstance(error, ProblemError):
        fail(error.code, str(error), as_json=as_json, problem=error.document)
    if isinstance(error, CutOffError):
        fail("cut-off", f"{error}; run the same command again to go on", as_json=as_json)
    fail("no-answer", f"{error}; is the node up? `cailian up`, `cailian doctor`", as_json=as_json)
