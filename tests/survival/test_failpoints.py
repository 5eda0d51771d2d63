"""Points do nothing unless a test listens, and a node in service refuses to be listened to."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api import serve, worker
from ledger import failpoints
from ledger.failpoints import POINTS, VARIABLE, arm, reach

if TYPE_CHECKING:
    from types import ModuleType

    from tests.survival.recorder import Recorder

ROOT = Path(__file__).parents[2]
PACKAGES = ("ledger", "authz", "certs", "materials", "api")


def placed() -> set[str]:
    """Names in the code, as written."""
    names = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "failpoints.reach":
                    assert isinstance(node.args[0], ast.Constant), f"{path.name}: a point is named by a literal"
                    names.add(node.args[0].value)
    return names


class TestTable:
    def test_names_what_is_placed_and_nothing_else(self) -> None:
        assert placed() == set(POINTS)


class TestArm:
    def test_is_deaf_without_the_variable(self) -> None:
        arm({}, allowed=False)
        assert failpoints._hook is None
        reach("deposit.checked")

    @pytest.mark.parametrize("module", [serve, worker])
    def test_a_node_in_service_does_not_start_with_it(
        self, module: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("DATABASE_URL", "S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY", "CHAIN_URL"):
            monkeypatch.setenv(f"CAILIAN_{name}", "x")
        monkeypatch.setenv(VARIABLE, "/nowhere")
        monkeypatch.setattr("sys.argv", ["x"])
        with pytest.raises(RuntimeError, match="does not start with it"):
            module.main()

    def test_asks_and_goes_on(self, recorder: Recorder) -> None:
        recorder.clear()
        arm({VARIABLE: recorder.address}, allowed=True)
        try:
            reach("deposit.checked")
            with pytest.raises(RuntimeError, match="not in the table"):
                reach("deposit.forgotten")
        finally:
            arm({}, allowed=False)
        assert recorder.events == ["deposit.checked"]
