"""Seals from the command line, by the settings, and with a time-stamping authority over HTTP."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from asn1crypto import csr, pem, tsp
from pydantic import SecretStr
from typer.testing import CliRunner

from api.adapters import seals
from api.cli import app
from api.errors import SettingsError
from api.stack.exchange import Exchange
from certs.files.check import check_pdf
from certs.files.maker import LicenceFiles
from certs.signing import ca
from certs.signing.model import Algorithm
from certs.signing.providers import FileKeys
from certs.signing.x509 import Subject
from ledger.ids import new_id
from ledger.secrets import KeyRing
from tests.certs.made import NOW, files
from tests.certs.sheets import business
from tests.certs.test_pdf import is_stamped
from tests.certs.tsa import tsa

if TYPE_CHECKING:
    from collections.abc import Iterator

ORG, NAME = "11310199XX0000555A", "演示发证机关"


def cailian(exchange: Exchange, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run a command; what it says as JSON."""
    done = CliRunner().invoke(app, ["seal", *arguments, "--data-dir", str(exchange.folder), "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


class TestCommands:
    def test_make_rotate_and_revoke(self, exchange: Exchange) -> None:
        first = cailian(exchange, "new", ORG, NAME, "--by", "op-1")["made"]
        assert [key["algorithm"] for key in first] == ["ES256", "SM2"]
        second = cailian(exchange, "new", ORG, NAME, "--by", "op-1", "--algorithm", "SM2")["made"][0]
        cailian(exchange, "revoke", second["key"], "--reason", "key-compromise", "--by", "op-1")
        states = [key["state"] for key in cailian(exchange, "list", ORG)["keys"]]
        assert states == ["current", "retired", "revoked, key-compromise"]
        again = cailian(exchange, "revoke", second["key"], "--reason", "key-compromise", "--by", "op-1", code=1)
        assert again["code"] == "seal-key-ended"

    def test_refuse_other_words(self, exchange: Exchange) -> None:
        assert cailian(exchange, "revoke", new_id(), "--reason", "mood", "--by", "op-1", code=2)["code"] == "usage"
        done = cailian(exchange, "new", ORG, NAME, "--by", "op-1", "--algorithm", "RSA", code=2)
        assert done["code"] == "usage"

    def test_take_in_an_authoritys_certificate(self, exchange: Exchange, tmp_path: Path) -> None:
        """Request, certificate of a root of others, trust, install."""
        subject = Subject("另一发证机关", "11310199XX0000666B")
        asked = cailian(
            exchange, "request", subject.org_code, subject.name, "--algorithm", "ES256", "--out", str(tmp_path / "csr")
        )
        _, _, der = pem.unarmor((tmp_path / "csr").read_bytes())
        wanted = csr.CertificationRequest.load(der)["certification_request_info"]["subject_pk_info"]
        provider, key, now = FileKeys(tmp_path / "ca", KeyRing(b"k" * 32)), new_id(), datetime.now(UTC)
        root = ca.root(provider, key, Algorithm.ES256, now - timedelta(days=1))
        leaf = ca.DemoCa(provider, key, root).certify(subject, bytes(wanted["public_key"].native), now)
        (tmp_path / "root").write_bytes(root)
        (tmp_path / "leaf").write_bytes(pem.armor("CERTIFICATE", leaf))
        install = ("install", asked["key"], "--certificate", str(tmp_path / "leaf"), "--by", "op-1")
        assert cailian(exchange, *install, code=1)["code"] == "signer-untrusted"
        assert cailian(exchange, "trust", "--root", str(tmp_path / "root"))["trusted"] == "now"
        assert cailian(exchange, *install)["state"] == "current"

    def test_check_a_file(self, exchange: Exchange, tmp_path: Path) -> None:
        (tmp_path / "licence.pdf").write_bytes(files().made.pdf)
        said = cailian(exchange, "check", str(tmp_path / "licence.pdf"), code=1)
        assert said["code"] == "signer-untrusted"  # its root is not this node's


class TestProviders:
    def test_files_alone(self, exchange: Exchange) -> None:
        assert list(seals.providers(exchange.settings, KeyRing(b"k" * 32))) == ["file"]

    def test_a_module_comes_first(self, exchange: Exchange) -> None:
        more = {"pkcs11_module": Path("/lib/x.so"), "pkcs11_token": "t", "pkcs11_pin": SecretStr("1")}
        settings = exchange.settings.model_copy(update=more)
        assert list(seals.providers(settings, KeyRing(b"k" * 32))) == ["pkcs11", "file"]

    def test_a_module_needs_token_and_pin(self, exchange: Exchange) -> None:
        settings = exchange.settings.model_copy(update={"pkcs11_module": Path("/lib/x.so")})
        with pytest.raises(SettingsError):
            seals.providers(settings, KeyRing(b"k" * 32))


class Authority(BaseHTTPRequestHandler):
    """A time-stamping authority over HTTP (RFC 3161, 3.4)."""

    def do_POST(self) -> None:
        """Answer a request with a real token."""
        asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
        answer = tsa(NOW).request_tsa_response(asked).dump()
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def authority() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Authority)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


class TestTimestamps:
    def test_none_without_an_address(self, exchange: Exchange) -> None:
        assert seals.timestamps(exchange.settings) is None

    def test_over_http(self, exchange: Exchange, authority: str) -> None:
        settings = exchange.settings.model_copy(update={"tsa_url": authority})
        held = files()
        made = LicenceFiles(held.keys, seals.timestamps(settings)).make(business(), NOW).pdf
        assert is_stamped(made)
        check_pdf(made, held.trusted, NOW)
