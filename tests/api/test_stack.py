"""The embedded stack: real servers, real kills. Each class starts a stack of its own in a temporary directory."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import psutil
import psycopg
import pytest
import urllib3
from eth_account import Account
from minio import Minio

from api.stack import Process, StackBusyError
from api.stack.addresses import HOST, PortBook, is_free
from api.stack.chain import CHAIN_ID
from api.stack.errors import PartFailedError, StackDownError
from api.stack.keeper import Keeper
from api.stack.model import Command, Identity
from api.stack.postgres import Postgres
from api.stack.s3 import SOCKET_DIRECTORY, SOCKETS
from api.stack.spawn import Child
from api.stack.supervisor import LEFTOVER_SECONDS, Stack, attach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.stack import Parts

ROOT = Path(__file__).parents[2]
BUCKET = "stack-test"
SHORT = (False,)  # a block without its transactions


def eventually(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Wait for a condition; False when time is up."""
    pause, deadline = Event(), time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.02)
    return True


@contextmanager
def objects(parts: Parts) -> Iterator[Minio]:
    """An S3 client whose connections are closed afterwards."""
    http = urllib3.PoolManager(retries=False)
    yield Minio(
        parts.s3_endpoint,
        parts.s3_access_key,
        parts.s3_secret_key,
        secure=False,
        region=parts.s3_region,
        http_client=http,
    )
    http.clear()


def put(parts: Parts, key: str, content: bytes) -> None:
    with objects(parts) as client:
        client.put_object(BUCKET, key, io.BytesIO(content), len(content))


def get(parts: Parts, key: str) -> bytes:
    with objects(parts) as client:
        answer = client.get_object(BUCKET, key)
        try:
            return answer.read()
        finally:
            answer.close()
            answer.release_conn()


def sql(parts: Parts, statement: str) -> Any:
    address = parts.database_url.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True, connect_timeout=30) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def rpc(url: str, method: str, *params: object) -> Any:
    with urllib3.PoolManager(retries=False) as http:
        answer = http.request(
            "POST", url, json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, timeout=30
        )
        return answer.json()["result"]


def mine(parts: Parts) -> tuple[int, str]:
    """One more block; its number and hash."""
    rpc(parts.chain_url, "evm_mine")
    block = rpc(parts.chain_url, "eth_getBlockByNumber", "latest", *SHORT)
    return int(block["number"], 16), block["hash"]


def block_hash(parts: Parts, number: int) -> str | None:
    block = rpc(parts.chain_url, "eth_getBlockByNumber", hex(number), *SHORT)
    return block["hash"] if block else None


def family(pid: int) -> list[psutil.Process]:
    """A process and all below it."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def all_gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def sockets_of(data_dir: Path) -> list[str]:
    """Socket files in the temporary folder that this stack's S3 server left; another stack's may end on a like port."""
    ports = PortBook(data_dir / "stack.json").read()
    names = [f"seaweedfs-{role}-{ports[role.replace('-', '.')]}.sock" for role in SOCKETS]
    return [name for name in names if (SOCKET_DIRECTORY / name).exists()]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="module")
def stack(data_dir: Path) -> Iterator[Stack]:
    with Stack(data_dir) as running:
        running.create_bucket(BUCKET)
        yield running


class TestUp:
    def test_serves_sql_objects_and_blocks(self, stack: Stack) -> None:
        put(stack.parts, "a", b"content")
        assert get(stack.parts, "a") == b"content"
        assert sql(stack.parts, "select 1 + 1") == 2
        number, _ = mine(stack.parts)
        assert number >= 1

    def test_postgres_is_durable_and_asks_for_a_password(self, stack: Stack) -> None:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert sql(stack.parts, f"show {setting}") == "on"
        address = stack.parts.database_url.replace("+psycopg", "")
        without = address.split("//")[0] + "//cailian:wrong@" + address.split("@")[1]
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(without, connect_timeout=30)

    @pytest.mark.parametrize(
        "statement",
        [
            "create role another superuser",
            "create database another",
            "select pg_read_file('postgresql.conf')",
            "copy (select 1) to program 'true'",
            "set session_replication_role = replica",
            "alter system set fsync = off",
        ],
    )
    def test_user_of_the_node_rules_over_its_own_database_only(self, stack: Stack, statement: str) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql(stack.parts, statement)

    def test_data_of_an_older_version_is_refused(self, tmp_path: Path) -> None:
        with (
            Stack(tmp_path) as older,
            psycopg.connect(older.site.database_admin_url.replace("+psycopg", ""), autocommit=True) as db,
        ):
            db.execute("drop database cailian")
            db.execute("create schema ledger")
        with pytest.raises(PartFailedError, match="older version"):
            Stack(tmp_path).up(only={"postgres"})

    def test_chain_takes_transactions_of_an_account_without_money(self, stack: Stack) -> None:
        account = Account.create()
        signed = account.sign_transaction(
            {"to": account.address, "value": 0, "gas": 21_000, "gasPrice": 0, "nonce": 0, "chainId": CHAIN_ID}
        )
        sent = rpc(stack.parts.chain_url, "eth_sendRawTransaction", "0x" + signed.raw_transaction.hex())
        assert eventually(lambda: rpc(stack.parts.chain_url, "eth_getTransactionReceipt", sent) is not None)

    def test_secrets_are_private_and_in_no_command_line(self, stack: Stack, data_dir: Path) -> None:
        files = [path for path in (data_dir / "secrets").rglob("*") if path.is_file()]
        assert {path.name for path in files} >= {"postgres.json", "s3.json", "s3-jwt.json", "security.toml"}
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        assert stat.S_IMODE((data_dir / "secrets").stat().st_mode) == 0o700
        held = [value for path in files if path.suffix == ".json" for value in _strings(json.loads(path.read_text()))]
        lines = [" ".join(one.cmdline()) for pid in stack.pids.values() for one in family(pid)]
        logs = "".join(path.read_text(errors="replace") for path in (data_dir / "log").glob("*.log"))
        for secret in (value for value in held if len(value) >= 20):
            assert not any(secret in line for line in lines)
            assert secret not in logs

    def test_runtime_identity_cannot_make_buckets(self, stack: Stack) -> None:
        with objects(stack.parts) as client, pytest.raises(Exception, match=r"AccessDenied|Access Denied"):
            client.make_bucket("not-for-the-node")

    def test_repr_shows_no_secret(self, stack: Stack) -> None:
        assert stack.parts.s3_secret_key not in repr(stack.site)
        assert stack.parts.database_url not in repr(stack.site)
        assert stack.site.database_admin_url not in repr(stack.site)


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in inner for text in _strings(item)]


class TestLock:
    def test_second_supervisor_on_one_directory_is_refused_at_once(self, stack: Stack, data_dir: Path) -> None:
        begun = time.monotonic()
        with pytest.raises(StackBusyError) as caught:
            Stack(data_dir).up()
        assert caught.value.fields["pid"] == os.getpid()
        assert time.monotonic() - begun < LEFTOVER_SECONDS  # it does not wait for the lock
        assert sql(stack.parts, "select 1") == 1

    def test_another_process_is_refused_with_a_clear_message(self, stack: Stack, data_dir: Path) -> None:
        assert stack.pids
        done = subprocess.run(
            [sys.executable, "-m", "api.stack", "--data-dir", str(data_dir)],
            cwd=ROOT, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert done.stderr.startswith("stack-busy:")
        assert str(os.getpid()) in done.stderr

    def test_attach_finds_the_running_stack(self, stack: Stack, data_dir: Path, tmp_path: Path) -> None:
        assert attach(data_dir) == stack.site
        assert attach(tmp_path) is None


class TestRestart:
    @pytest.mark.parametrize("name", ["postgres", "s3", "chain"])
    def test_killed_part_comes_back_with_its_data(self, stack: Stack, name: str) -> None:
        sql(stack.parts, f"create table kept_{name} as select 42 as answer")
        put(stack.parts, f"kept-{name}", b"x" * 200_000)
        number, digest = mine(stack.parts)
        assert eventually(lambda: _is_kept(stack, digest))
        before, killed = stack.restarts[name], stack.pids[name]
        os.kill(killed, signal.SIGKILL)
        assert stack.wait_restarted(name, before + 1, 90)
        assert stack.pids[name] != killed
        assert sql(stack.parts, f"select answer from kept_{name}") == 42
        assert get(stack.parts, f"kept-{name}") == b"x" * 200_000
        assert block_hash(stack.parts, number) == digest
        stack.check()

    def test_all_parts_killed_at_once_come_back(self, stack: Stack) -> None:
        before = stack.restarts
        for pid in stack.pids.values():
            os.kill(pid, signal.SIGKILL)
        for name, count in before.items():
            assert stack.wait_restarted(name, count + 1, 90), name
        assert sql(stack.parts, "select 1") == 1


def _is_kept(stack: Stack, digest: str) -> bool:
    state = json.loads((stack.site.data_dir / "chain" / "state.json").read_text())
    return bool(rpc(stack.parts.chain_url, "eth_getBlockByHash", digest, *SHORT)) and (
        state["best_block_number"] == int(rpc(stack.parts.chain_url, "eth_blockNumber"), 16)
    )


class TestAdd:
    def test_own_process_is_watched_and_gets_its_descriptor(self, stack: Stack, tmp_path: Path) -> None:
        with socket.create_server((HOST, 0)) as listener:
            port = listener.getsockname()[1]
            program = (
                "import socket,sys\n"
                "server = socket.socket(fileno=int(sys.argv[1]))\n"
                "while True:\n"
                "    connection, _ = server.accept()\n"
                "    connection.sendall(b'hello')\n"
                "    connection.close()\n"
            )

            def greets() -> bool:
                with socket.create_connection((HOST, port), timeout=10) as connection:
                    return connection.recv(5) == b"hello"

            stack.add(
                Process(
                    "greeter",
                    [sys.executable, "-c", program, str(listener.fileno())],
                    {},
                    ready=greets,
                    cwd=tmp_path,
                    pass_fds=(listener.fileno(),),
                )
            )
            assert greets()
            os.kill(stack.pids["greeter"], signal.SIGKILL)
            assert stack.wait_restarted("greeter", 1, 90)
            assert greets()

    def test_process_that_always_fails_is_named_with_its_output(self, tmp_path: Path) -> None:
        stack = Stack(tmp_path / "d")
        try:
            stack.up(only=("chain",))
            with pytest.raises(PartFailedError) as caught:
                stack.add(
                    Process("broken", [sys.executable, "-c", "print('no such luck'); exit(3)"], {}, lambda: False)
                )
            assert caught.value.fields["part"] == "broken"
            assert "no such luck" in str(caught.value.fields["log"])
        finally:
            stack.down()


class TestDown:
    def test_stop_leaves_no_process_and_no_socket_and_the_second_start_is_quick(self, tmp_path: Path) -> None:
        stack = Stack(tmp_path / "d")
        begun = time.monotonic()
        try:
            parts = stack.up()
            first = time.monotonic() - begun
            stack.create_bucket(BUCKET)
            put(parts, "a", b"content")
            sql(parts, "create table kept as select 42 as answer")
            number, digest = mine(parts)
            genesis = block_hash(parts, 0)
            processes = [one for pid in stack.pids.values() for one in family(pid)]
        finally:
            stack.down()
        assert all_gone(processes)
        assert sockets_of(tmp_path / "d") == []
        assert attach(tmp_path / "d") is None
        with pytest.raises(StackDownError):
            _ = stack.pids

        begun = time.monotonic()
        with Stack(tmp_path / "d") as again:
            # Nothing was left to be waited for; the first one made everything, so it measures the machine.
            assert time.monotonic() - begun < first + LEFTOVER_SECONDS / 2
            assert again.parts == parts
            assert get(parts, "a") == b"content"
            assert sql(parts, "select answer from kept") == 42
            assert block_hash(parts, number) == digest
            assert block_hash(parts, 0) == genesis

    def test_taken_port_is_replaced(self, tmp_path: Path) -> None:
        with Stack(tmp_path / "d") as stack:
            first = PortBook(tmp_path / "d" / "stack.json").read()
            assert not is_free(first["chain"])
            digest = block_hash(stack.parts, 0)
        with (
            socket.create_server((HOST, first["chain"])),
            socket.create_server((HOST, first["filer.grpc"])),
            Stack(tmp_path / "d") as stack,
        ):
            second = PortBook(tmp_path / "d" / "stack.json").read()
            assert second["chain"] != first["chain"]
            assert second["filer"] != first["filer"]
            assert second["postgres"] == first["postgres"]
            assert block_hash(stack.parts, 0) == digest
            stack.create_bucket(BUCKET)
            put(stack.parts, "a", b"content")


class TestSupervisorKilled:
    def test_every_child_ends_and_the_directory_can_be_used_at_once(self, tmp_path: Path) -> None:
        data_dir = tmp_path / "d"
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "api.stack", "--data-dir", str(data_dir), "--print-json"],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with supervisor:
            assert supervisor.stdout is not None
            told = json.loads(supervisor.stdout.readline())
            assert set(told["pids"]) == {"postgres", "s3", "chain"}
            children = psutil.Process(supervisor.pid).children(recursive=True)
            assert len(children) >= 3
            supervisor.kill()
        with Stack(data_dir) as stack:  # waits for the old servers by their lock
            assert all_gone(children)
            assert sql(stack.parts, "select 1") == 1
        assert sockets_of(data_dir) == []

    def test_interrupt_stops_cleanly(self, tmp_path: Path) -> None:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "api.stack", "--data-dir", str(tmp_path / "d"), "--print-json"],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with supervisor:
            assert supervisor.stdout is not None
            supervisor.stdout.readline()
            children = psutil.Process(supervisor.pid).children(recursive=True)
            supervisor.send_signal(signal.SIGINT)
            assert supervisor.wait(90) == 0
        assert all_gone(children)
        assert "database system is shut down" in (tmp_path / "d" / "log" / "postgres.log").read_text()

    def test_lifeline_ends_the_child_where_there_is_no_parent_death_signal(self, tmp_path: Path) -> None:
        program = (
            "import signal, sys\n"
            "from pathlib import Path\n"
            "from api.stack.model import Command\n"
            "from api.stack.spawn import Child\n"
            "command = Command((sys.executable, '-c', 'import signal; signal.pause()'), {})\n"
            "child = Child(command, signal.SIGTERM, Path(sys.argv[1]), lifeline=True)\n"
            "print(child.pid, flush=True)\n"
            "signal.pause()\n"
        )
        starter = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "log")], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        with starter:
            assert starter.stdout is not None
            child = psutil.Process(int(starter.stdout.readline()))
            assert child.is_running()
            starter.kill()
        assert eventually(lambda: all_gone([child]))

    def test_lifeline_watcher_leaves_when_the_child_ends(self, tmp_path: Path) -> None:
        def watchers() -> list[psutil.Process]:
            return [one for one in psutil.process_iter() if _mentions(one, str(tmp_path))]

        program = "import signal; signal.pause()"
        command = Command((sys.executable, "-c", program, str(tmp_path)), {})
        child = Child(command, signal.SIGTERM, tmp_path / "log", lifeline=True)
        assert eventually(lambda: len(watchers()) == 2)
        child.signal(signal.SIGKILL)
        assert child.wait(30)
        assert eventually(lambda: watchers() == [])


def _mentions(process: psutil.Process, text: str) -> bool:
    try:
        return text in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


class TestSettle:
    def test_closes_the_database_also_after_a_crash_before_it_was_closed(self, tmp_path: Path) -> None:
        port = PortBook(tmp_path / "stack.json").settle(["postgres"])["postgres"]
        server = Postgres(tmp_path / "pg", port, "a-password-of-this-test", "another-of-this-test")
        server.initialise()
        keeper = Keeper(tmp_path / "log")
        try:
            keeper.start([server])
            with psycopg.connect(server.admin_url.replace("+psycopg", ""), autocommit=True) as db:
                db.execute("create database cailian")  # open to everybody, as CREATE DATABASE makes it
                server.settle()
                row = db.execute("select has_database_privilege('public', 'cailian', 'connect')").fetchone()
                assert row == (False,)
        finally:
            keeper.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to drop its rights")
class TestIdentity:
    @pytest.mark.parametrize("identity", [Identity.USER_NAMESPACE, Identity.NOBODY])
    def test_postgres_runs_under_root(self, tmp_path: Path, identity: Identity) -> None:
        port = PortBook(tmp_path / "stack.json").settle(["postgres"])["postgres"]
        tmp_path.chmod(0o700)  # as closed as /root: nobody could not pass without the one right it keeps
        server = Postgres(tmp_path / "pg", port, "a-password-of-this-test", "another-of-this-test", identity)
        server.initialise()
        keeper = Keeper(tmp_path / "log")
        try:
            keeper.start([server])
            with psycopg.connect(server.admin_url.replace("+psycopg", ""), autocommit=True) as connection:
                row = connection.execute("select count(*) from pg_tables").fetchone()
                assert row is not None
                assert row[0] > 0
            owner = (tmp_path / "pg" / "data").stat().st_uid
            assert (owner == 0) is (identity is Identity.USER_NAMESPACE)
        finally:
            keeper.stop()
