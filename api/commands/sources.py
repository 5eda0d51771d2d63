"""`cailian source`: keys by which this node asks the sources of facts, and whether the file that names them holds."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from api.commands.output import AsJson, fail, say
from materials.connectors.errors import ConnectorConfigError

app = typer.Typer(help="Sources of facts (数据核验): keys, and the file that names them.", no_args_is_help=True)

Secrets = Annotated[Path, typer.Option(help="the node's secrets, CAILIAN_SECRETS_DIR")]


@app.command()
def key(
    name: Annotated[str, typer.Argument(help="name of the source, as in the file")],
    secrets_dir: Secrets = Path("var/secrets"),
    as_json: AsJson = False,
) -> None:
    """Make the key that signs questions to a source, where there is none; its public half is for the source."""
    from cryptography.hazmat.primitives.asymmetric import ec

    from api.adapters.connectors import FOLDER
    from api.client import ClientKey
    from api.keys import private_pem
    from materials.connectors.register import is_name

    if not is_name(name):
        fail("connectors-invalid", "a name is a-z, 0-9 and -, at most 40 characters", as_json=as_json)
    path = secrets_dir / FOLDER / f"{name}.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        pem = private_pem(ec.generate_private_key(ec.SECP256R1()))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(pem)
    held = ClientKey(path.read_text())
    say({"file": str(path), "public_jwk": held.public_jwk, "kid": held.thumbprint}, as_json=as_json)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, help="the file CAILIAN_CONNECTORS names")],
    secrets_dir: Secrets = Path("var/secrets"),
    as_json: AsJson = False,
) -> None:
    """Read the file of sources and questions as the node would, with its keys; nothing is asked."""
    from api.adapters import connectors
    from ledger.clock import SystemClock

    try:
        register = connectors.read(file)
        connectors.connect(register, secrets_dir, (), SystemClock())
    except ConnectorConfigError as error:
        fail(error.code, json.dumps(error.fields, ensure_ascii=False), as_json=as_json)
    asked = {code: list(kind.types) for code, kind in register.questions.items()}
    say({"sources": sorted(register.sources), "questions": asked}, as_json=as_json)
