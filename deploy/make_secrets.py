"""First step of a deployment, once: every secret, at random, into the volumes of those who need it, and of nobody else.

Runs as root in our image with the three secret volumes below the given folder. What is there already stays.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path

from api import keys
from api.settings import Settings
from api.stack.keyring import Keyring, write_private
from api.stack.s3 import PORTS, S3
from api.witness import home
from ledger.note import NoteSigner

POSTGRES_UID = 999
"""User of the image `postgres`, Debian variant, which reads the password file after it has dropped root."""
NODE_UID = 10001
"""User of our own image (deploy/Dockerfile)."""

STANDARD_PORTS = {"master": 9333, "volume": 9340, "filer": 8888, "s3": 8333, "admin": 23646}
"""The S3 server's own choice; gRPC is 10,000 higher."""


def ports() -> dict[str, int]:
    """Ports by name, as `api.stack.s3.S3` wants them."""
    return {
        full: STANDARD_PORTS[name] + offset for name in PORTS for full, offset in ((name, 0), (f"{name}.grpc", 10_000))
    }


WITNESS = "cailian.example/witness/compose"
"""Name of the witness that docker-compose.yml starts."""
WITNESS_URL = "http://witness:8090"


def main(root: Path) -> None:
    """Fill `root`/node, `root`/postgres, `root`/objects and `root`/witness."""
    node, postgres, objects, witness = (root / name for name in ("node", "postgres", "objects", "witness"))
    password = Keyring(postgres).slot("postgres", lambda: {"password": secrets.token_hex(24)})["password"]
    write_private(postgres / "password", password.encode())
    store = S3(Path("/nowhere"), ports(), Keyring(objects))
    store.write_configuration()
    store.close()
    origin = os.environ.get("CAILIAN_ORIGIN") or Settings.model_fields["origin"].default
    vkey = home.vkey(witness, WITNESS)
    write_private(witness / "logs", f"{NoteSigner(origin, keys.ensure(node).log_key).vkey}\n".encode())
    settings = {
        "CAILIAN_DATABASE_URL": f"postgresql+psycopg://postgres:{password}@postgres:5432/cailian",
        "CAILIAN_S3_ACCESS_KEY": store.node.access_key,
        "CAILIAN_S3_SECRET_KEY": store.node.secret_key,
        "CAILIAN_WITNESSES": json.dumps([f"{vkey} {WITNESS_URL}"]),
        "CAILIAN_WITNESS_QUORUM": "1",
    }
    for name, value in settings.items():
        write_private(node / name, value.encode())
    for folder, owner in ((postgres, POSTGRES_UID), (node, NODE_UID), (witness, NODE_UID)):
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner, owner)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
