"""Both connectors against real parts: a signing service in its own process, faulty in every way, and views in PostgreSQL."""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from api.adapters import connectors
from api.demo.source import CLIENT, key_file
from authz.model import Identifier
from ledger.clock import SystemClock
from ledger.db import Database
from materials.connectors.errors import (
    ConnectorConfigError,
    SourceAnswerInvalidError,
    SourceError,
    SourceSignatureError,
    SourceTimeoutError,
    SourceUnavailableError,
)
from materials.connectors.port import Answer, Question, Result
from materials.connectors.register import ConnectorRegister

ROOT = Path(__file__).parents[2]
FIRM = Identifier("001", "91310113XX0000019X")
FAULTS: dict[str, type[SourceError]] = {
    "silent": SourceTimeoutError,
    "refusing": SourceUnavailableError,
    "forged": SourceSignatureError,
    "unsigned": SourceSignatureError,
    "typ": SourceSignatureError,
    "otherwise": SourceSignatureError,
    "another": SourceSignatureError,
    "elsewhere": SourceSignatureError,
    "old": SourceSignatureError,
    "plain": SourceSignatureError,
    "long": SourceAnswerInvalidError,
    "result": SourceAnswerInvalidError,
    "more": SourceAnswerInvalidError,
    "moment": SourceAnswerInvalidError,
    "empty": SourceAnswerInvalidError,
}
HONEST = ("honest", "replayed", "changing")


def question(code: str, **more: Any) -> dict[str, Any]:
    whole = {"code": code, "zh": "问", "en": "Asked", "types": ["CL041"], "source": "liar", "kind": "yes-no"}
    return whole | {"valid_hours": 1} | more


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Answer]]:
    """Put a question to the faulty source."""
    folder = tmp_path_factory.mktemp("liar")
    secrets = folder / "secrets"
    ours = key_file(secrets / connectors.FOLDER / "liar.pem")
    theirs = key_file(folder / "key.pem")
    (folder / "asker.json").write_text(json.dumps(ours.public_jwk))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(16)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    argv = [sys.executable, "-m", "tests.api.liar", str(folder), str(listener.fileno())]
    process = subprocess.Popen(argv, cwd=ROOT, pass_fds=[listener.fileno()])
    kinds = [question(f"test.{fault}") for fault in (*FAULTS, *HONEST) if fault != "empty"]
    kinds.append(question("test.empty", kind="value", fields=[{"name": "name", "zh": "名", "en": "Name"}]))
    source = {"name": "liar", "kind": "http", "zh": "源", "en": "Source"}
    source |= {"url": address, "client": CLIENT, "answer_key": theirs.public_jwk}

    def line(timeout: float) -> tuple[ConnectorRegister, Any]:
        register = ConnectorRegister.read({"sources": [source | {"timeout": timeout}], "questions": kinds})
        return register, connectors.connect(register, secrets, ("127.0.0.0/8",), SystemClock())["liar"]

    patient, hurried = line(10), line(1.5)  # a fault must be seen as what it is, on a slow machine too
    urllib.request.urlopen(address, timeout=20).read()  # it listens from the start; this waits until it answers

    def act(code: str) -> Answer:
        register, source = hurried if code == "silent" else patient
        answer: Answer = source.ask(Question(str(uuid.uuid4()), register.questions[f"test.{code}"], FIRM, {}))
        return answer

    yield act
    process.terminate()
    process.wait(10)
    listener.close()


class TestHttp:
    def test_takes_an_honest_answer(self, asking: Callable[[str], Answer]) -> None:
        held = asking("honest")
        assert (held.result, held.values) == (Result.yes, {})
        assert held.proof.count(".") == 2

    @pytest.mark.parametrize("fault", FAULTS)
    def test_refuses(self, asking: Callable[[str], Answer], fault: str) -> None:
        began = time.monotonic()
        with pytest.raises(FAULTS[fault]) as refused:
            asking(fault)
        assert type(refused.value) is FAULTS[fault]
        assert time.monotonic() - began < 20  # its time is 1.5 s; the one that says nothing would take 30

    def test_refuses_the_answer_to_an_earlier_question(self, asking: Callable[[str], Answer]) -> None:
        assert asking("replayed").result is Result.yes
        with pytest.raises(SourceSignatureError, match="something else"):
            asking("replayed")

    def test_does_not_go_where_the_operator_did_not_open(self, tmp_path: Path) -> None:
        key = key_file(tmp_path / connectors.FOLDER / "liar.pem")
        source = {"name": "liar", "kind": "http", "zh": "源", "en": "Source", "timeout": 1}
        source |= {"url": "http://127.0.0.1:9/", "client": CLIENT, "answer_key": key.public_jwk}
        register = ConnectorRegister.read({"sources": [source], "questions": [question("test.honest")]})
        line = connectors.connect(register, tmp_path, (), SystemClock())["liar"]
        with pytest.raises(SourceUnavailableError, match="address"):
            line.ask(Question(str(uuid.uuid4()), register.questions["test.honest"], FIRM, {}))

    def test_key_that_others_can_read_is_refused(self, tmp_path: Path) -> None:
        key = key_file(tmp_path / connectors.FOLDER / "liar.pem")
        (tmp_path / connectors.FOLDER / "liar.pem").chmod(0o644)
        source = {"name": "liar", "kind": "http", "zh": "源", "en": "Source", "timeout": 1}
        source |= {"url": "http://127.0.0.1:9/", "client": CLIENT, "answer_key": key.public_jwk}
        register = ConnectorRegister.read({"sources": [source], "questions": []})
        with pytest.raises(ConnectorConfigError, match="chmod"):
            connectors.connect(register, tmp_path, (), SystemClock())

    def test_is_not_asked_inside_a_unit(self, asking: Callable[[str], Answer], database: Database) -> None:
        with database.unit(), pytest.raises(RuntimeError, match="inside an open unit"):
            asking("honest")


VIEWS = {
    "lease": {"match": {"uscc": "subject", "address": "address"}, "yes": "stands", "as_of": "recorded_at"},
    "wages": {"match": {"uscc": "subject"}, "values": {"head_count": "head_count"}},
    "twice": {"match": {"uscc": "subject"}, "values": {"head_count": "head_count"}},
    "slow": {"match": {"uscc": "subject"}, "yes": "stands"},
    "base": {"match": {"uscc": "subject"}},
    "absent": {"match": {"uscc": "subject"}},
}
_FRONT = """
CREATE SCHEMA front;
CREATE TABLE front.base (uscc text, address text, stands boolean, recorded_at timestamptz, head_count int);
INSERT INTO front.base VALUES ('91310113XX0000019X', '示例路 88 号', true, now(), 42);
CREATE VIEW front.lease AS SELECT * FROM front.base;
CREATE VIEW front.wages AS SELECT * FROM front.base;
CREATE VIEW front.twice AS SELECT * FROM front.base UNION ALL SELECT * FROM front.base;
CREATE VIEW front.slow AS SELECT * FROM front.base WHERE pg_sleep(20) IS NOT NULL;
"""


@pytest.fixture(scope="module")
def front(database: Database) -> Iterator[str]:
    """A schema with views, and the address of a login role that reads them."""
    role = f"front_{uuid.uuid4().hex[:8]}"
    own = database.url.replace("+psycopg", "")
    name = own.rsplit("/", 1)[1]
    with psycopg.connect(own, autocommit=True) as db:
        db.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'front'")
        db.execute(f"GRANT CONNECT ON DATABASE {name} TO {role}")
        db.execute(_FRONT)
        db.execute(f"GRANT USAGE ON SCHEMA front TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA front TO {role}")
    there = psycopg.conninfo.conninfo_to_dict(own)
    yield psycopg.conninfo.make_conninfo(**(there | {"user": role, "password": "front"}))
    with psycopg.connect(own, autocommit=True) as db:
        db.execute("DROP SCHEMA front CASCADE")
        db.execute(f"REVOKE ALL ON DATABASE {name} FROM {role}")
        db.execute(f"DROP ROLE {role}")


@pytest.fixture
def looking(front: str, tmp_path: Path) -> Callable[..., Answer]:
    """Put a question to a view."""
    (tmp_path / connectors.FOLDER).mkdir()
    secret = tmp_path / connectors.FOLDER / "front.dsn"
    secret.write_text(front)
    secret.chmod(0o600)
    kinds = []
    for name, view in VIEWS.items():
        more: dict[str, Any] = {"source": "front", "view": {"view": f"front.{name}"} | view}
        if "values" in view:
            more |= {"kind": "value", "fields": [{"name": "head_count", "zh": "人数", "en": "Staff"}]}
        if "address" in view["match"]:
            more |= {"given": [{"name": "address", "zh": "地址", "en": "Address"}]}
        kinds.append(question(f"front.{name}", **more))

    def act(code: str, subject: str = FIRM.code, **given: str) -> Answer:
        source = {"name": "front", "kind": "sql", "zh": "前置库", "en": "Front", "timeout": 1 if code == "slow" else 10}
        register = ConnectorRegister.read({"sources": [source], "questions": kinds})
        line = connectors.connect(register, tmp_path, (), SystemClock())["front"]
        about = Identifier("001", subject)
        return line.ask(Question(str(uuid.uuid4()), register.questions[f"front.{code}"], about, given))

    return act


@contextmanager
def silent(front: str) -> Iterator[str]:
    """The address of a database that lets one client in, and says nothing from its first question on, for 15 s."""
    there = psycopg.conninfo.conninfo_to_dict(front)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            server = socket.create_connection((str(there["host"]), int(str(there["port"]))))
            with client, server:
                asked = b""
                while b"pg_class" not in asked:
                    for held in select.select([client, server], [], [], 15)[0]:
                        if not (data := held.recv(65536)):
                            return
                        asked = data if held is client else asked
                        (server if held is client else client).sendall(data)
                select.select([client], [], [], 15)

        thread = threading.Thread(target=serve)
        thread.start()
        yield psycopg.conninfo.make_conninfo(**(there | {"port": listener.getsockname()[1]}))
        thread.join()


class TestSql:
    def test_yes_with_its_moment(self, looking: Callable[..., Answer]) -> None:
        held = looking("lease", address="示例路 88 号")
        assert held.result is Result.yes
        assert held.as_of is not None

    def test_no_row_is_no(self, looking: Callable[..., Answer]) -> None:
        assert looking("lease", address="示例路 89 号").result is Result.no
        assert looking("lease", address="' OR true --").result is Result.no

    def test_values(self, looking: Callable[..., Answer]) -> None:
        assert looking("wages").values == {"head_count": "42"}
        assert looking("wages", "91310118XX00000271").result is Result.unknown

    @pytest.mark.parametrize(
        ("view", "error"),
        [
            ("twice", SourceAnswerInvalidError),
            ("slow", SourceTimeoutError),
            ("base", SourceUnavailableError),  # a table is no view
            ("absent", SourceUnavailableError),
        ],
    )
    def test_refuses(self, looking: Callable[..., Answer], view: str, error: type[SourceError]) -> None:
        with pytest.raises(error) as refused:
            looking(view)
        assert type(refused.value) is error
        assert FIRM.code not in str(refused.value)

    def test_one_that_goes_silent_is_cut_off(self, front: str, looking: Callable[..., Answer], tmp_path: Path) -> None:
        began = time.monotonic()
        with silent(front) as address:
            (tmp_path / connectors.FOLDER / "front.dsn").write_text(address)
            with pytest.raises(SourceTimeoutError):
                looking("slow")  # its time is 1 s
        assert time.monotonic() - began < 10

    def test_reader_cannot_write(self, front: str) -> None:
        with psycopg.connect(front) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(sql.SQL("DELETE FROM front.base"))


class TestRegister:
    @pytest.mark.parametrize(
        "change",
        [
            {"sources": [{"name": "a", "kind": "ftp", "zh": "a", "en": "a", "timeout": 1}]},
            {"sources": [{"name": "a", "kind": "http", "zh": "a", "en": "a", "timeout": 60}]},
            {"sources": [{"name": "a", "kind": "http", "zh": "a", "en": "a"}]},
            {"questions": [question("test.x", source="b")]},
            {"questions": [question("test.x", source="a", view={})]},
            {"questions": [question("test.x", source="a"), question("test.x", source="a")]},
            {"questions": [question("test.x", source="a", kind="value")]},
            {"questions": [question("Test", source="a")]},
        ],
    )
    def test_refuses(self, change: dict[str, Any]) -> None:
        whole: dict[str, Any] = {
            "sources": [{"name": "a", "kind": "http", "zh": "a", "en": "a", "timeout": 1}],
            "questions": [],
        }
        with pytest.raises(ConnectorConfigError):
            ConnectorRegister.read(whole | change)

    @pytest.mark.parametrize(
        "view",
        [
            {"view": "front.x; DROP TABLE y", "match": {"uscc": "subject"}},
            {"view": "front.x", "match": {"uscc = uscc --": "subject"}},
            {"view": "front.x", "match": {}},
            {"view": "front.x", "match": {"uscc": "subject", "address": "nothing"}},
            {"view": "front.x", "match": {"uscc": "subject"}, "values": {"more": "column"}},
        ],
    )
    def test_refuses_a_view(self, view: dict[str, Any]) -> None:
        source = {"name": "a", "kind": "sql", "zh": "a", "en": "a", "timeout": 1}
        register = ConnectorRegister.read(
            {"sources": [source], "questions": [question("test.x", source="a", view=view)]}
        )
        with pytest.raises(ConnectorConfigError):
            connectors.View.read(register.questions["test.x"], register.views["test.x"])
