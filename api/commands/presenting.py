"""`present`: a verifier's terminal without a network (certs/offline.py)."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer

from api.commands.output import USAGE, AsJson, fail, say

app = typer.Typer(help="Verify what a holder's wallet shows, without a network (离线核验).", no_args_is_help=True)


@app.command("kit")
def take_kit(
    out: Annotated[Path, typer.Option(help="where to write it")] = Path("offline-kit.json"),
    url: Annotated[str, typer.Option(help="the node")] = "http://127.0.0.1:8080",
    as_json: AsJson = False,
) -> None:
    """Take a kit along: roots, revoked certificates, status lists; good for a day."""
    try:
        held = httpx2.get(f"{url}/v1/offline-kit", timeout=30).raise_for_status().json()
    except httpx2.HTTPError as error:
        fail("no-answer", f"{url}: {type(error).__name__}", as_json=as_json)
    out.write_text(json.dumps(held))
    shown = {"file": str(out), "made_at": held["made_at"], "status_lists": len(held["status_lists"])}
    say(shown, as_json=as_json)


@app.command()
def ask(
    audience: Annotated[str, typer.Option(help="organisation code of the verifier")],
    as_json: AsJson = False,
) -> None:
    """Make a challenge for the wallet to sign: show it as a QR code, use it once."""
    say({"audience": audience, "nonce": secrets.token_urlsafe(16)}, as_json=as_json)


@app.command()
def check(
    presentation: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="what the wallet gave")],
    audience: Annotated[str, typer.Option(help="as asked")],
    nonce: Annotated[str, typer.Option(help="as asked")],
    kit: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="from `present kit`")] = Path(
        "offline-kit.json"
    ),
    as_json: AsJson = False,
) -> None:
    """Check a presentation with the kit alone; exit code 0 good, 1 refused and why."""
    from certs.credentials.binding import Challenge
    from certs.errors import CertsError, InvalidKitError
    from certs.offline import Kit, check as check_offline

    try:
        held = Kit.read(json.loads(kit.read_text()))
    except (ValueError, AttributeError, InvalidKitError):
        fail("offline-kit-invalid", f"{kit}: not a kit", as_json=as_json, exit_code=USAGE)
    try:
        challenge = Challenge(audience, nonce)
        seen = check_offline(presentation.read_text().strip(), held, challenge, datetime.now(UTC))
    except CertsError as error:
        why: dict[str, Any] = dict(error.fields)
        fail(error.code, str(error), as_json=as_json, **why)
    shown = {"type": seen.shown.vct, "issuer": seen.shown.issuer_code, "status": "valid"}
    say(shown | {"status_at": seen.status_at.isoformat(), "claims": seen.shown.claims}, as_json=as_json)
