"""The real parts every test runs against: PostgreSQL, S3 and a chain node, started once per run.

`CAILIAN_TEST_STACK=FILE` reuses a stack that already runs (a JSON file with its addresses) and saves the start-up.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import os
import ssl
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpcore2
import httpx2
import pytest
from hypothesis import HealthCheck, settings
from minio import Minio
from sqlalchemy import create_engine, text

from api.stack.model import Parts
from api.stack.supervisor import Stack
from ledger.clock import SystemClock
from ledger.db import Database
from tests import order

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
"""No example is timed: how long one takes says something about the machine and nothing about the code."""

_WAIT: httpx2.Timeout = inspect.signature(httpx2.get).parameters["timeout"].default
_WAIT.connect = _WAIT.read = _WAIT.write = _WAIT.pool = 60.0
"""Requests of tests that name no time wait longer than httpx's own five seconds; where waiting is the point, they do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes share the tests, the longest files come first."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        order.longest_first(items)


_read_authorities = httpcore2.default_ssl_context


@functools.cache
def _authorities(*, _trust_env: bool = True, _places: tuple[str | None, ...] = ()) -> ssl.SSLContext:
    return _read_authorities(_trust_env=_trust_env)


httpcore2.default_ssl_context = lambda **how: _authorities(
    **how, _places=(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
)
"""Whom the machine trusts is read once and not for each of thousands of requests, which takes longer than they do."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A fresh bucket with Object Lock."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str
    bucket: str


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack | None]:
    """The embedded stack, started once per run; None when a running one is reused."""
    if "CAILIAN_TEST_STACK" in os.environ:
        yield None
        return
    with Stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def parts(stack: Stack | None) -> Parts:
    """The running stack's addresses; the database as its superuser, since tests make databases of their own."""
    if stack is None:
        return Parts(**json.loads(Path(os.environ["CAILIAN_TEST_STACK"]).read_text()))
    return replace(stack.parts, database_url=stack.site.database_admin_url)


@pytest.fixture(scope="session")
def template_database(parts: Parts) -> Iterator[str]:
    """A database holding every schema, from which each module copies its own."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    admin = create_engine(parts.database_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine = create_engine(parts.database_url.rsplit("/", 1)[0] + f"/{name}")
    with engine.begin() as connection:
        for package in ("ledger", "authz", "certs", "materials", "api"):
            try:
                metadata = importlib.import_module(f"{package}.tables").metadata
            except ModuleNotFoundError:
                continue
            connection.execute(text(f"create schema if not exists {package}"))
            metadata.create_all(connection)
    engine.dispose()
    yield name
    with admin.connect() as connection:
        connection.execute(text(f"drop database if exists {name} with (force)"))
    admin.dispose()


@pytest.fixture(scope="module")
def database(parts: Parts, template_database: str) -> Iterator[Database]:
    """A fresh database of this test module."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(parts.database_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name} template {template_database}"))
    database = Database(parts.database_url.rsplit("/", 1)[0] + f"/{name}")
    yield database
    database.close()
    with admin.connect() as connection:
        connection.execute(text(f"drop database if exists {name} with (force)"))
    admin.dispose()


@pytest.fixture(scope="module")
def s3(parts: Parts, stack: Stack | None) -> Bucket:
    """A fresh bucket with Object Lock."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    if stack is not None:
        stack.create_bucket(name)
        return Bucket(parts.s3_endpoint, parts.s3_access_key, parts.s3_secret_key, parts.s3_region, name)
    client = Minio(parts.s3_endpoint, parts.s3_access_key, parts.s3_secret_key, secure=False, region=parts.s3_region)
    client.make_bucket(name, object_lock=True)
    return Bucket(parts.s3_endpoint, parts.s3_access_key, parts.s3_secret_key, parts.s3_region, name)


@pytest.fixture(scope="session")
def chain_url(parts: Parts) -> str:
    """JSON-RPC address of the chain node."""
    return parts.chain_url


@pytest.fixture
def clock() -> SystemClock:
    """The machine's clock."""
    return SystemClock()
