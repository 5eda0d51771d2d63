"""Webhooks: who is told what, signed so that others' libraries verify it, and where we never go."""

from __future__ import annotations

import json
import socket
import ssl
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hmac import compare_digest, digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from api import webhooks
from api.adapters.webhooks import HttpReceivers
from api.errors import (
    SettingsError,
    TooManyWebhooksError,
    UnknownWebhookError,
    WebhookFailedError,
    WebhookUrlRefusedError,
)
from api.reactions import Reactions
from api.webhooks import MOST, OVERLAP, Webhooks, signature
from authz.model import Mode
from certs.model import Operation
from ledger import outbox
from ledger.outbox import MAX_ATTEMPTS
from tests.materials.licences import LicenceWorld
from tests.materials.world import offline_objects

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.webhookrows import Webhook, WebhookMessage
    from ledger.db import Database

LOOPBACK = ["127.0.0.0/8"]


class Receiver:
    """A department's receiver: keeps what it gets, answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?tenant=7"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    held = Receiver()
    yield held
    held.close()


class Site(LicenceWorld):
    """A licence world that tells others."""

    def __init__(self, database: Database, objects: Any) -> None:
        super().__init__(database, objects)
        with database.unit() as db:
            db.execute(text("TRUNCATE api.webhook, api.webhook_message"))
        line = HttpReceivers(LOOPBACK, timeout=10)
        self.webhooks = Webhooks(database, self.authz, self.identity, line, self.clock)
        handlers = {webhooks.CHANGED: self.webhooks.fan_out, webhooks.KIND: self.webhooks.deliver}
        self.reactions = Reactions(database, handlers, self.clock)

    def add(self, url: str, party: str | None = None) -> Webhook:
        with self.database.unit() as db:
            return self.webhooks.register(db, party or self.qingpu.party_id, url, [webhooks.CHANGED], "qp-103")

    def react(self) -> None:
        """Deliver until nothing is due."""
        with ThreadPoolExecutor(1) as pool:
            while self.reactions.once(pool):
                pass

    def messages(self, held: Webhook) -> list[WebhookMessage]:
        with self.database.unit() as db:
            return self.webhooks.messages(db, held, before=None, limit=50)

    def secret(self, held: Webhook) -> str:
        with self.database.unit() as db:
            return self.webhooks.secret(self.webhooks.get(db, held.party_id, held.id))

    def used(self) -> Any:
        """A licence that Qingpu used."""
        licence = self.issue("LT01")
        case = self.open_case(applicant=self.firm, applicant_kind="organisation")
        self.open_use(licence.id, case, mode=Mode.verify)
        return licence


@pytest.fixture
def site(database: Database) -> Iterator[Site]:
    objects = offline_objects()
    yield Site(database, objects)
    objects.close()


def verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As a receiver verifies (Standard Webhooks 1.0), written from the text of the standard."""
    kind, key = secret.split("_", 1)
    assert kind == "whsec"
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    expected = b64encode(digest(b64decode(key), signed, "sha256")).decode()
    given = [each.split(",", 1) for each in headers["webhook-signature"].split(" ")]
    return any(version == "v1" and compare_digest(mac, expected) for version, mac in given)


class TestSignature:
    def test_is_that_of_the_standard(self) -> None:
        """The example of the specification's reference libraries."""
        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        body = b'{"test": 2432232314}'
        made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
        assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


class TestFanOut:
    def test_tells_who_used_the_licence(self, site: Site, receiver: Receiver) -> None:
        held, licence = site.add(receiver.url), site.used()
        site.react()
        receiver.got.clear()
        site.change(licence, Operation.suspend)
        site.react()
        [(headers, body)] = receiver.got
        told = json.loads(body)
        assert told["type"] == "licence.changed"
        assert {name: told["data"][name] for name in ("object_id", "status", "operation")} == {
            "object_id": licence.id,
            "status": "02",
            "operation": "03",
        }
        assert verify(site.secret(held), headers, body)
        assert [each.state for each in site.messages(held)][:1] == ["delivered"]

    def test_tells_nobody_else(self, site: Site, receiver: Receiver) -> None:
        site.add(receiver.url, site.baoshan.party_id)
        site.change(site.used(), Operation.suspend)
        site.react()
        assert receiver.got == []

    def test_tells_once_however_often_the_event_comes(self, site: Site, receiver: Receiver) -> None:
        held, licence = site.add(receiver.url), site.used()
        site.change(licence, Operation.suspend)
        with site.database.unit() as db:
            due = outbox.claim(db, 50, site.clock.now(), kinds=[webhooks.CHANGED])
        for each in (*due, *due):
            site.webhooks.fan_out(each)
        assert len(site.messages(held)) == len({each.key for each in due})

    def test_holds_ids_and_codes_only(self, site: Site, receiver: Receiver) -> None:
        site.add(receiver.url)
        site.change(site.used(), Operation.suspend)
        site.react()
        body = receiver.got[-1][1].decode()
        assert json.loads(body)["data"].keys() == {"object_id", "status", "operation", "at"}
        assert not any(name in body for name in ("青禾", "9131", "陈"))


class TestDeliver:
    def send(self, site: Site, receiver: Receiver) -> Webhook:
        held = site.add(receiver.url)
        with site.database.unit() as db:
            site.webhooks.test(db, held)
        return held

    def test_tries_again_with_the_same_id_and_body(self, site: Site, receiver: Receiver) -> None:
        receiver.answers = [(500, {})]
        held = self.send(site, receiver)
        site.react()
        assert [(each.state, each.last_error) for each in site.messages(held)] == [("pending", "http-500")]
        site.clock.pass_(6)
        site.react()
        first, second = receiver.got
        assert (first[0]["webhook-id"], first[1]) == (second[0]["webhook-id"], second[1])
        assert int(second[0]["webhook-timestamp"]) > int(first[0]["webhook-timestamp"])
        assert [(each.state, each.attempts) for each in site.messages(held)] == [("delivered", 2)]

    def test_gives_up_and_can_be_replayed(self, site: Site, receiver: Receiver) -> None:
        receiver.answers = [(503, {})] * MAX_ATTEMPTS
        held = self.send(site, receiver)
        began = site.clock.now() - timedelta(seconds=1)
        for _ in range(MAX_ATTEMPTS):
            site.react()
            site.clock.pass_(5 * 3600)
        assert [each.state for each in site.messages(held)] == ["failed"]
        with site.database.unit() as db:
            assert site.webhooks.replay_failed(db, held, began) == 1
        site.react()
        assert [each.state for each in site.messages(held)] == ["delivered"]
        assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1

    def test_replays_one_message(self, site: Site, receiver: Receiver) -> None:
        held = self.send(site, receiver)
        site.react()
        [message] = site.messages(held)
        for _ in range(2):
            with site.database.unit() as db:
                site.webhooks.replay(db, held, message.id)
            site.react()
        assert len(receiver.got) == 3
        with site.database.unit() as db, pytest.raises(UnknownWebhookError):
            site.webhooks.replay(db, held, site.firm)

    def test_stops_when_the_receiver_is_gone(self, site: Site, receiver: Receiver) -> None:
        receiver.answers = [(410, {})]
        held = self.send(site, receiver)
        site.react()
        with site.database.unit() as db:
            now = site.webhooks.get(db, held.party_id, held.id)
            assert (now.state, now.reason) == ("disabled", "gone")
            site.webhooks.test(db, held)
        site.react()
        assert len(receiver.got) == 1

    def test_follows_no_redirect(self, site: Site, receiver: Receiver) -> None:
        receiver.answers = [(307, {"Location": receiver.url})]
        held = self.send(site, receiver)
        site.react()
        assert len(receiver.got) == 1
        assert site.messages(held)[0].last_error == "http-307"

    def test_signs_with_both_secrets_for_a_day(self, site: Site, receiver: Receiver) -> None:
        held = site.add(receiver.url)
        older = site.secret(held)
        with site.database.unit() as db:
            site.webhooks.rotate(db, held)
            site.webhooks.test(db, held)
        newer = site.secret(held)
        site.react()
        site.clock.pass_(OVERLAP.total_seconds())
        with site.database.unit() as db:
            site.webhooks.test(db, held)
        site.react()
        (first, first_body), (second, second_body) = receiver.got
        assert verify(older, first, first_body)
        assert verify(newer, first, first_body)
        assert verify(newer, second, second_body)
        assert not verify(older, second, second_body)

    def test_who_was_suspended_meanwhile_hears_nothing_until_it_is_back(self, site: Site, receiver: Receiver) -> None:
        held = self.send(site, receiver)
        began = site.clock.now() - timedelta(seconds=1)
        with site.database.unit() as db:
            site.parties.disable_party(db, site.qingpu.party_id)
        site.react()
        assert receiver.got == []
        assert [(each.state, each.last_error) for each in site.messages(held)] == [("failed", "webhook-not-active")]
        with site.database.unit() as db:
            site.parties.enable_party(db, site.qingpu.party_id)
            assert site.webhooks.replay_failed(db, held, began) == 1
        site.react()
        assert len(receiver.got) == 1

    def test_a_removed_one_hears_nothing(self, site: Site, receiver: Receiver) -> None:
        held = self.send(site, receiver)
        with site.database.unit() as db:
            site.webhooks.set_state(db, held, "removed")
        site.react()
        assert receiver.got == []
        with site.database.unit() as db, pytest.raises(UnknownWebhookError):
            site.webhooks.get(db, held.party_id, held.id)


class TestKeeping:
    def test_limits_how_many_there_are(self, site: Site) -> None:
        for _ in range(MOST):
            site.add("https://example.org/")
        with pytest.raises(TooManyWebhooksError):
            site.add("https://example.org/")

    def test_another_organisation_sees_nothing(self, site: Site) -> None:
        held = site.add("https://example.org/")
        with site.database.unit() as db, pytest.raises(UnknownWebhookError):
            site.webhooks.get(db, site.baoshan.party_id, held.id)
        with site.database.unit() as db:
            assert site.webhooks.of_party(db, site.baoshan.party_id) == []

    def test_keeps_the_secret_encrypted(self, site: Site) -> None:
        held = site.add("https://example.org/")
        with site.database.unit() as db:
            row = db.execute(text("SELECT secret FROM api.webhook")).scalar_one()
        assert site.secret(held).removeprefix("whsec_").encode() not in bytes(row)

    def test_forgets_after_thirty_days(self, site: Site, receiver: Receiver) -> None:
        held = site.add(receiver.url)
        with site.database.unit() as db:
            site.webhooks.test(db, held)
        site.react()
        site.clock.pass_(31 * 86400)
        with site.database.unit() as db:
            site.webhooks.forget(db)
        assert site.messages(held) == []


class TestReactions:
    def test_goes_on_when_one_cannot_be_delivered(self, site: Site) -> None:
        seen: list[str] = []

        def handle(message: outbox.Message) -> None:
            seen.append(message.key)
            if message.key == "bad":
                raise WebhookFailedError(reason="x")
            with site.database.unit() as db:
                outbox.done(db, message, site.clock.now())

        with site.database.unit() as db:
            db.execute(text("TRUNCATE ledger.outbox"))
            for key in ("bad", "good"):
                outbox.emit(db, "thing", key, {}, site.clock.now())
        stop = Event()
        loop = Reactions(site.database, {"thing": handle}, site.clock)
        with ThreadPoolExecutor(1) as pool:
            assert loop.once(pool) == 2
            assert loop.once(pool) == 0
        assert seen == ["bad", "good"]
        stop.set()
        loop.run(stop)
        with site.database.unit() as db:
            row = db.execute(text("SELECT last_error, done_at FROM ledger.outbox WHERE key = 'bad'")).one()
        assert tuple(row) == ("webhook-failed", None)

    def test_leaves_kinds_it_does_not_know(self, site: Site) -> None:
        with site.database.unit() as db:
            db.execute(text("TRUNCATE ledger.outbox"))
            outbox.emit(db, "unheard-of", "k", {}, site.clock.now())
        site.react()
        with site.database.unit() as db:
            assert db.execute(text("SELECT attempts FROM ledger.outbox")).scalar_one() == 0


REFUSED = {
    "https://localhost/": "an address that is not public",
    "https://127.0.0.1/": "an address that is not public",
    "https://[::1]/": "an address that is not public",
    "https://169.254.169.254/latest/meta-data/": "an address that is not public",
    "https://10.1.2.3/": "an address that is not public",
    "https://100.64.0.1/": "an address that is not public",
    "https://[::ffff:127.0.0.1]/": "an address that is not public",
    "https://[64:ff9b::7f00:1]/": "an address that is not public",
    "https://[2002:7f00:1::]/": "an address that is not public",
    "https://0.0.0.0/": "an address that is not public",
    "https://2130706433/": "an address that is not public",
    "https://224.0.0.1/": "an address that is not public",
    "http://93.184.215.14/": "plain HTTP",
    "ftp://93.184.215.14/": "not an HTTPS address",
    "https://user:secret@93.184.215.14/": "credentials or a fragment in the address",
    "https://93.184.215.14/#part": "credentials or a fragment in the address",
    "https://93.184.215.14:0/": "not an HTTPS address",
    "https://93.184.215.14:99999/": "not an address",
    "https://no-such-name.invalid/": "the name does not resolve",
    "https://exa mple.org/": "not an address",
    "https://" + "a" * 500: "not an address",
    "/hook": "not an HTTPS address",
}


class TestHttpReceivers:
    @pytest.mark.parametrize("url", REFUSED)
    def test_refuses(self, url: str) -> None:
        with pytest.raises(WebhookUrlRefusedError) as caught:
            HttpReceivers().check(url)
        assert caught.value.fields["problem"] == REFUSED[url]

    def test_lets_public_addresses_pass(self) -> None:
        HttpReceivers().check("https://93.184.215.14:8443/hook")

    def test_lets_pass_what_the_operator_opened(self) -> None:
        HttpReceivers(["10.1.0.0/16"]).check("http://10.1.2.3/")
        with pytest.raises(WebhookUrlRefusedError):
            HttpReceivers(["10.1.0.0/16"]).check("https://10.2.2.3/")

    def test_refuses_a_setting_that_is_no_network(self) -> None:
        with pytest.raises(SettingsError):
            HttpReceivers(["10.1.0.0/99"])

    def test_goes_where_the_name_led_when_it_was_judged(self, receiver: Receiver, monkeypatch: Any) -> None:
        """A name that answers differently the next moment (DNS rebinding): one look, and that address is dialled."""
        port = receiver.server.server_port
        looks: list[str] = []

        def resolve(host: str, *_: object, **__: object) -> list[Any]:
            looks.append(host)
            address = "127.0.0.1" if len(looks) == 1 else "169.254.169.254"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        line = HttpReceivers(LOOPBACK, timeout=10)
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *a, **k: resolve(host) if host == "rebind.test" else real(host, *a, **k)
        )
        assert line.post(f"http://rebind.test:{port}/", b"{}", {}) == 204
        assert looks == ["rebind.test"]
        assert receiver.got[0][0]["host"] == f"rebind.test:{port}"
        with pytest.raises(WebhookUrlRefusedError):
            line.post(f"http://rebind.test:{port}/", b"{}", {})

    def test_hangs_up_on_who_answers_byte_by_byte(self) -> None:
        """Every byte comes in time, the answer never does."""
        ended = Event()
        with socket.create_server(("127.0.0.1", 0)) as server:

            def drip() -> None:
                line, _ = server.accept()
                with line, suppress(OSError):
                    line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                    while not ended.wait(0.05):
                        line.sendall(b"x")

            thread = Thread(target=drip)
            thread.start()
            with pytest.raises(WebhookFailedError):
                HttpReceivers(LOOPBACK, timeout=0.5).post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
            ended.set()
            thread.join()

    def test_believes_only_a_certificate_of_the_name(self, tmp_path: Path, monkeypatch: Any) -> None:
        """The connection goes to an address; the certificate must still be that of the name, by a trusted root."""
        certificate = self.certificate(tmp_path, "hook.test")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        held = Receiver()
        held.server.socket = context.wrap_socket(held.server.socket, server_side=True)
        port = held.server.server_port
        here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)
        line = HttpReceivers(LOOPBACK, timeout=10)
        with pytest.raises(WebhookFailedError):
            line.post(f"https://hook.test:{port}/", b"{}", {})  # nobody trusts its root
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert line.post(f"https://hook.test:{port}/", b"{}", {}) == 204
        with pytest.raises(WebhookFailedError):
            line.post(f"https://other.test:{port}/", b"{}", {})
        held.close()

    def certificate(self, folder: Path, name: str) -> Path:
        """A self-signed certificate of a name, with its key, in one file."""
        key, subject = (
            ec.generate_private_key(ec.SECP256R1()),
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
        )
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        path = folder / "certificate.pem"
        plain = serialization.NoEncryption()
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
        return path

    def test_refuses_a_name_with_one_address_inside(self, monkeypatch: Any) -> None:
        both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in ("93.184.215.14", "10.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
        with pytest.raises(WebhookUrlRefusedError):
            HttpReceivers().check("https://mixed.test/")

    def test_says_when_nobody_answers(self) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            with pytest.raises(WebhookFailedError):
                HttpReceivers(LOOPBACK, timeout=1).post(f"http://127.0.0.1:{port}/", b"{}", {})
