"""The committed artefacts are what the sources give, and what runs on a chain is what is committed."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.contracts.conftest import artefact

if TYPE_CHECKING:
    from tests.contracts.conftest import Deployment

ROOT = Path(__file__).parents[2]


class TestBuild:
    """`node contracts/build.mjs --check`."""

    def test_rebuilds_byte_for_byte(self) -> None:
        subprocess.run(["node", "contracts/build.mjs", "--check"], cwd=ROOT, check=True)

    @pytest.mark.parametrize("name", ["Anchor", "Registry"])
    def test_names_compiler_and_settings(self, name: str) -> None:
        compiler = artefact(name)["compiler"]
        assert compiler["version"].startswith("0.8.37+")
        assert compiler["settings"]["evmVersion"] == "shanghai"
        assert compiler["settings"]["optimizer"]["enabled"]

    def test_the_registry_fits_a_chain(self) -> None:
        assert len(artefact("Registry")["deployedBytecode"]) // 2 < 24_576  # EIP-170


class TestDeployment:
    """Code on the chain."""

    def test_is_the_committed_code(self, deployment: Deployment) -> None:
        """Byte for byte: no immutables, no metadata hash, so one code hash serves every trust file."""
        for name, contract in (("Anchor", deployment.anchor), ("Registry", deployment.registry)):
            code = contract.node.rpc("eth_getCode", contract.address, "latest")
            assert code == artefact(name)["deployedBytecode"]
