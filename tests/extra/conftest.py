"""Collected only when asked for by path: `make test-extra`."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make test` passes this folder by: Maven downloads, and not every machine has the tools."""
    asked = any(HERE in [path, *path.parents] for path in map(Path.absolute, map(Path, config.args)))
    return None if asked else True
