"""A source of facts of the demo: another department's service that answers signed questions (docs/routes.md).

A process of its own (`python -m api.demo.source`), with its own key and its own data, which holds no code of the node's
but the form of question and answer. What it knows is in `world.json`, all synthetic.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import socket
import time
from base64 import urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.client import ClientKey

NAME: Final = "market"
CLIENT: Final = "cailian-demo"
MAX_QUESTION: Final = 16_384
SKEW_SECONDS: Final = 60


class QuestionRefusedError(Exception):
    """A question that is not the node's, not for us, or not fresh."""


class Answering:
    """What the source knows, and how it says so.

    Args:
        key: signs answers.
        asker: public JWK of the node's key.
        facts: by question and code of the subject: true, false, or values.
        name, client: who we are, and who may ask.
    """

    def __init__(
        self, key: ClientKey, asker: dict[str, str], facts: dict[str, Any], name: str = NAME, client: str = CLIENT
    ) -> None:
        self._key = key
        self._asker = jwt.PyJWK(asker | {"alg": "ES256"})
        self._facts = facts
        self._name = name
        self._client = client

    def answer(self, text: str) -> str:
        """The signed answer to a signed question.

        Raises:
            QuestionRefusedError: it is none of ours.
        """
        try:
            asked = jwt.decode(
                text,
                self._asker,
                ["ES256"],
                audience=self._name,
                issuer=self._client,
                leeway=SKEW_SECONDS,
                options={"require": ["iss", "aud", "iat", "exp", "jti"]},
            )
            result, values = self.known(asked["question"], asked["subject"]["code"], asked["given"])
        except (jwt.PyJWTError, KeyError, TypeError) as error:
            raise QuestionRefusedError from error
        digest = hashlib.sha256(text.encode()).digest()
        claims = {
            "iss": self._name,
            "aud": self._client,
            "iat": int(time.time()),
            "req": urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "question": asked["question"],
            "result": result,
            "values": values,
        }
        return self._key.sign(claims, "cailian-answer+jwt")

    def known(self, question: str, code: str, given: dict[str, str]) -> tuple[str, dict[str, str]]:
        """Result and values for a subject; a question about something beside it is answered for that."""
        held = self._facts.get(question, {}).get(code)
        if isinstance(held, dict) and given:
            held = held.get("|".join(given[name] for name in sorted(given)))
        if held is None:
            return "unknown", {}
        if isinstance(held, bool):
            return ("yes" if held else "no"), {}
        return "value", held


def handler(answering: Answering) -> type[BaseHTTPRequestHandler]:
    """What answers HTTP requests."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Say that we are there."""
            self._send(200, "text/plain", b"ok")

        def do_POST(self) -> None:
            """Answer a question."""
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > MAX_QUESTION:
                self._send(413, "text/plain", b"too large")
                return
            try:
                told = answering.answer(self.rfile.read(int(length)).decode("ascii", "replace"))
            except QuestionRefusedError:
                self._send(403, "text/plain", b"refused")
                return
            self._send(200, "application/jose", told.encode())

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: a line could hold what was asked."""

    return Handler


def serve(listener: socket.socket, answering: Answering) -> None:
    """Answer on a listening socket until stopped."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(answering), bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_address = listener.getsockname()
    server.serve_forever()


def key_file(path: Path) -> ClientKey:
    """A P-256 key in a file, made where there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = ec.generate_private_key(ec.SECP256R1())
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(pem)
    return ClientKey(path.read_text())


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m api.demo.source", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="with key.pem and asker.json")
    parser.add_argument("--fd", type=int, required=True, help="number of an inherited listening socket")
    given = parser.parse_args()
    facts = json.loads(files("api.demo").joinpath("world.json").read_text("utf-8"))["facts"]
    answering = Answering(
        key_file(given.folder / "key.pem"), json.loads((given.folder / "asker.json").read_text()), facts
    )
    serve(socket.socket(fileno=given.fd), answering)


if __name__ == "__main__":
    main()
