"""A node whose wires and processes are the tests' to cut."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from sqlalchemy.engine import make_url

from tests.survival.acts import Acts
from tests.survival.lines import database_line, http_line
from tests.survival.recorder import Recorder, recording
from tests.survival.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.stack.model import Parts
    from ledger.db import Database
    from tests.conftest import Bucket


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    """Sees what the children do."""
    with tempfile.TemporaryDirectory(prefix="cailian") as folder, recording(Path(folder)) as held:
        yield held


@pytest.fixture(scope="module")
def site(
    parts: Parts, database: Database, s3: Bucket, recorder: Recorder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A node whose children reach PostgreSQL, S3 and the chain through lines that can be cut."""
    url, chain = make_url(database.url), urlsplit(parts.chain_url)
    with (
        closing(Site(parts, s3, database.url, tmp_path_factory.mktemp("site"))) as held,
        database_line((url.host or "", url.port or 0), recorder) as port,
        http_line(s3.endpoint, recorder, "s3") as s3_endpoint,
        http_line(chain.netloc, recorder, "chain") as chain_endpoint,
        http_line(held.witness_address, recorder, "witness") as witness_endpoint,
    ):
        held.reroute(
            database_url=url.set(host="127.0.0.1", port=port).render_as_string(hide_password=False),
            s3_endpoint=s3_endpoint,
            chain_url=f"http://{chain_endpoint}",
            witnesses=[each.replace(held.witness_address, witness_endpoint) for each in held.values["witnesses"]],
        )
        held.raise_children(recorder)
        yield held


@pytest.fixture(scope="module")
def acts(site: Site) -> Iterator[Acts]:
    """Clients of a running server."""
    site.start_http()
    with closing(Acts(site)) as held:
        held.begin()
        site.prove()
        yield held
    site.stop_http()
