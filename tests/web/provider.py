"""A login provider that is not the demo's: OpenID Connect with code, PKCE, a client secret and a key of its own.

It is what a province's would be to a node: another address, another issuer. It keeps its codes, lets each be redeemed
once, and can be told to answer wrongly.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from api.demo.oidc import jwk

if TYPE_CHECKING:
    from pathlib import Path

CLIENT: Final = "cailian-pages"
_KID: Final = "province-1"
APP: Final = "city-app"


class Provider:
    """Serves until it is left.

    Args:
        people: names by subject.

    Attributes:
        wrong: what it answers wrongly from now on: `state`, `nonce`, or nothing.
    """

    def __init__(self, people: dict[str, str]) -> None:
        self.people = people
        self.secret = secrets.token_urlsafe(24)
        self.wrong = ""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._servers = ec.generate_private_key(ec.SECP256R1())
        self._phone = ec.generate_private_key(ec.SECP256R1())
        self._codes: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                given = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                self._answer(*provider.authorize(given))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self._answer(*provider.token(self.headers.get("authorization", ""), form))

            def _answer(self, status: int, media_type: str, body: str) -> None:
                self.send_response(status)
                self.send_header("location" if status == 302 else "content-type", body if status == 302 else media_type)
                self.end_headers()
                self.wfile.write(b"" if status == 302 else body.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def issuer(self) -> str:
        """Its name and address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def pinned(self, folder: Path) -> Path:
        """The file by which an operator pins it (docs/signers.md)."""
        (folder / "secret").write_text(self.secret)
        login = {"authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token"}
        login |= {"method": "client_secret_basic", "secret_file": str(folder / "secret")}
        keys = [jwk(self._key) | {"kid": _KID}]
        held = {"issuer": self.issuer, "audience": CLIENT, "keys": keys, "assurance": "substantial", "login": login}
        app = {"id": APP, "keys": [jwk(self._servers) | {"kid": APP}]}
        path = folder / "signers.json"
        path.write_text(json.dumps({"providers": [held], "host_apps": [app]}))
        return path

    # The city app around the pages, as far as its bridge goes (docs/signers.md, section 4)

    def enrol(self, key_id: str, node: str) -> dict[str, Any]:
        """A key in the phone's hardware, attested by the app's servers."""
        self._phone = ec.generate_private_key(ec.SECP256R1())
        key = {name: value for name, value in jwk(self._phone).items() if name in {"crv", "kty", "x", "y"}}
        canonical = json.dumps(key, sort_keys=True, separators=(",", ":")).encode()
        thumbprint = base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()
        claims = {"iss": APP, "aud": node, "iat": int(time.time()), "nonce": key_id, "jkt": thumbprint}
        claims["storage"] = "secure_element"
        header = {"typ": "cailian-key-attestation+jwt", "kid": APP}
        return {"key": key, "attestation": jwt.encode(claims, self._servers, "ES256", header)}

    def sign(self, key_id: str, node: str, digest: str) -> dict[str, Any]:
        """What the app signs once the person was verified on a page of its own."""
        claims = {"iss": APP, "aud": node, "iat": int(time.time()), "nonce": digest, "uv": "face"}
        return {"jws": jwt.encode(claims, self._phone, "ES256", {"typ": "cailian-consent+jwt", "kid": key_id})}

    def authorize(self, given: dict[str, str]) -> tuple[int, str, str]:
        """The page on which somebody says who they are; then back to where they came from, with a code."""
        if given.get("client_id") != CLIENT or given.get("code_challenge_method") != "S256" or not given.get("nonce"):
            return 400, "text/plain", "no"
        if given.get("subject") is None:
            links = "".join(
                f'<p><a href="/authorize?{html.escape(urlencode(given | {"subject": sub}))}">{name}</a>'
                for sub, name in self.people.items()
            )
            head = '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><link rel="icon" href="data:,">'
            return 200, "text/html; charset=utf-8", f"{head}<title>省统一身份认证</title><h1>省统一身份认证</h1>{links}"
        code = secrets.token_urlsafe(24)
        self._codes[code] = given
        state = "other" if self.wrong == "state" else given["state"]
        answer = urlencode({"code": code, "state": state, "iss": self.issuer})
        return 302, "", f"{given['redirect_uri']}?{answer}"

    def token(self, authorization: str, form: dict[str, str]) -> tuple[int, str, str]:
        """The ID token for a code, once, for the client that knows its secret and the page that has the verifier."""
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or authorization != basic
            or challenge.rstrip(b"=").decode() != asked["code_challenge"]
            or form.get("redirect_uri") != asked["redirect_uri"]
        ):
            return 400, "application/json", '{"error": "invalid_grant"}'
        now = int(time.time())
        claims: dict[str, Any] = {"iss": self.issuer, "sub": asked["subject"], "aud": CLIENT, "iat": now}
        claims |= {"auth_time": now, "exp": now + 300, "nonce": "x" * 43 if self.wrong == "nonce" else asked["nonce"]}
        token = jwt.encode(claims, self._key, "ES256", {"kid": _KID, "typ": "JWT"})
        return 200, "application/json", json.dumps({"id_token": token, "access_token": "a", "token_type": "Bearer"})
