"""`docker-compose.yml` without an engine: what a parser and our own definitions can say about it."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from api import keys
from api.adapters import witnesses
from api.settings import Settings
from api.stack.addresses import HOST, PortBook
from api.stack.keeper import Keeper
from api.stack.keyring import Keyring
from api.stack.model import Command
from api.stack.postgres import SETTINGS as POSTGRES_SETTINGS
from api.stack.s3 import FLAGS, S3
from api.witness.home import read_logs
from deploy import make_secrets
from ledger import qbft
from ledger.note import NoteSigner

ROOT = Path(__file__).parents[2]
KEYS = {
    "image", "build", "environment", "volumes", "user", "entrypoint", "command", "network_mode", "restart",
    "stop_signal", "shm_size", "healthcheck", "depends_on", "working_dir", "networks", "ports",
}  # fmt: skip
CONDITIONS = {"service_healthy", "service_started", "service_completed_successfully"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return compose["services"]


class TestShape:
    def test_has_the_promised_services(self, services: dict[str, dict[str, Any]]) -> None:
        wanted = {
            "api",
            "worker",
            "postgres",
            "s3",
            "chain",
            "witness",
            *(f"validator-{number}" for number in range(1, 5)),
        }
        assert wanted <= services.keys()

    def test_uses_known_keys_only(self, compose: dict[str, Any], services: dict[str, dict[str, Any]]) -> None:
        assert {key for key in compose if not key.startswith("x-")} == {"name", "services", "networks", "volumes"}
        for name, service in services.items():
            assert service.keys() <= KEYS, name

    def test_images_are_pinned_by_a_full_version(self, services: dict[str, dict[str, Any]]) -> None:
        for name, service in services.items():
            assert re.fullmatch(r"[a-z0-9/.-]+:\d+\.\d+(\.\d+)?(-[a-z]+)?", service["image"]), name

    def test_base_images_are_pinned_and_sources_exist(self) -> None:
        lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
        stages = [line for line in lines if line.startswith("FROM ")]
        assert re.fullmatch(r"FROM node:\d+\.\d+\.\d+-[a-z]+-slim AS web", stages[0])
        assert re.fullmatch(r"FROM python:\d+\.\d+\.\d+-slim-[a-z]+", stages[-1])
        copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ")]
        assert {first for first, *_ in copied if first.startswith("--")} == {"--from=web"}
        sources = {source for words in copied if not words[0].startswith("--") for source in words}
        for source in sources:
            assert (ROOT / source).exists(), source
        ignored = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().split()
        assert {entry[1:] for entry in ignored if entry.startswith("!")} == sources

    def test_every_set_of_pages_that_is_served_is_built(self) -> None:
        building = json.loads((ROOT / "web" / "package.json").read_text())["scripts"]["build"].split()
        served = {
            folder
            for path in (ROOT / "api" / "routes").glob("*.py")
            for folder in re.findall(r'"(?:web/)?([a-z]+)/dist\b', path.read_text())
        }
        assert {"citizen", "console", "home", "verifier"} <= served
        for folder in served:
            assert folder in building or f"{folder}/build.mjs" in building, folder

    def test_dependencies_exist_and_can_be_met(self, services: dict[str, dict[str, Any]]) -> None:
        for name, service in services.items():
            for target, rule in service.get("depends_on", {}).items():
                assert target in services, (name, target)
                assert rule["condition"] in CONDITIONS
                if rule["condition"] == "service_healthy":
                    assert "healthcheck" in services[target], (name, target)
                if rule["condition"] == "service_completed_successfully":
                    assert services[target].get("restart", "no").split(":")[0] in {"no", "on-failure"}

    def test_dependencies_have_no_circle(self, services: dict[str, dict[str, Any]]) -> None:
        left = {name: set(service.get("depends_on", {})) for name, service in services.items()}
        while left:
            free = {name for name, needs in left.items() if not needs & left.keys()}
            assert free, f"circle among {sorted(left)}"
            left = {name: needs for name, needs in left.items() if name not in free}

    def test_volumes_are_declared_used_and_files_exist(
        self, compose: dict[str, Any], services: dict[str, dict[str, Any]]
    ) -> None:
        sources = {mount.split(":")[0] for service in services.values() for mount in service.get("volumes", [])}
        named = {source for source in sources if not source.startswith(".")}
        assert named == compose["volumes"].keys()
        for source in sources - named:
            assert (ROOT / source).exists()

    def test_networks_are_consistent(self, compose: dict[str, Any], services: dict[str, dict[str, Any]]) -> None:
        addresses = [s["networks"]["default"]["ipv4_address"] for s in services.values() if "networks" in s]
        assert len(set(addresses)) == len(addresses) == 5
        subnet = compose["networks"]["default"]["ipam"]["config"][0]["subnet"]
        assert subnet == "172.30.199.0/24"
        assert all(address.startswith("172.30.199.") for address in addresses)
        for service in services.values():
            mode = service.get("network_mode", "none")
            assert mode == "none" or mode.removeprefix("service:") in services
            assert not ("network_mode" in service and "networks" in service)

    def test_ports_are_bound_to_loopback(self, services: dict[str, dict[str, Any]]) -> None:
        ports = {port for service in services.values() for port in service.get("ports", [])}
        assert ports == {"127.0.0.1:8080:8080"}


class TestSettings:
    def test_every_name_is_a_setting(self, services: dict[str, dict[str, Any]]) -> None:
        known = {f"CAILIAN_{name.upper()}" for name in Settings.model_fields}
        used = {name for service in services.values() for name in service.get("environment", {}) if "CAILIAN" in name}
        text = (ROOT / "docker-compose.yml").read_text()
        assert used <= known
        assert set(re.findall(r"CAILIAN_[A-Z0-9_]+", text)) <= known

    def test_every_required_setting_is_given(self, services: dict[str, dict[str, Any]], tmp_path: Path) -> None:
        required = {f"CAILIAN_{name.upper()}" for name, field in Settings.model_fields.items() if field.is_required()}
        made = {path.name for path in _make_secrets(tmp_path).joinpath("node").iterdir()}
        for name in ("api", "worker", "prepare"):
            assert required <= services[name]["environment"].keys() | made, name

    def test_values_are_accepted(
        self, services: dict[str, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in [name for name in os.environ if name.startswith("CAILIAN_")]:
            monkeypatch.delenv(name)
        for name, value in services["api"]["environment"].items():
            monkeypatch.setenv(name, re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value))
        for path in _make_secrets(tmp_path).joinpath("node").glob("CAILIAN_*"):
            monkeypatch.setenv(path.name, path.read_text())
        settings = Settings()  # type: ignore[call-arg]
        assert settings.demo is False
        assert settings.s3_endpoint == "s3:8333"
        assert settings.chain_url == "http://chain:8545"
        [seat] = witnesses.seats(settings)
        command = services["witness"]["command"]
        assert seat.key.name == command[command.index("--name") + 1]
        assert seat.url == f"http://witness:{command[command.index('--port') + 1]}"
        assert settings.witness_quorum == 1

    def test_no_secret_stands_in_the_file(self, services: dict[str, dict[str, Any]]) -> None:
        for service in services.values():
            for name, value in service.get("environment", {}).items():
                assert not re.search("PASSWORD|SECRET|KEY", name) or value.startswith("/secrets/")

    def test_postgres_has_the_settings_of_the_embedded_one(self, services: dict[str, dict[str, Any]]) -> None:
        words = services["postgres"]["command"]
        given = dict(word.split("=", 1) for word in words[2::2])
        apart = {"listen_addresses", "unix_socket_directories"}  # a container's own network takes their place
        assert given == {name: value for name, value in POSTGRES_SETTINGS.items() if name not in apart}
        assert "--data-checksums" in services["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]

    def test_s3_has_the_flags_of_the_embedded_one(self, services: dict[str, dict[str, Any]]) -> None:
        assert set(FLAGS) <= set(services["s3"]["command"])


def _make_secrets(root: Path) -> Path:
    if not (root / "node").exists():
        if os.geteuid() == 0:
            make_secrets.main(root)
        else:
            pytest.skip("files are given to the images' users, which takes root")
    return root


class TestSecrets:
    def test_the_witness_is_told_the_node_s_log_and_nothing_else(self, tmp_path: Path) -> None:
        _make_secrets(tmp_path)
        [log] = read_logs(tmp_path / "witness" / "logs")
        signer = NoteSigner(Settings.model_fields["origin"].default, keys.load(tmp_path / "node").log_key)
        assert log == signer.vkey
        names = {path.name for path in (tmp_path / "witness").iterdir()}
        assert names == {"witness.json", "memory.sqlite", "logs"}

    def test_are_private_to_their_users_and_made_once(self, tmp_path: Path) -> None:
        _make_secrets(tmp_path)
        files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)
        assert (tmp_path / "postgres" / "password").stat().st_uid == make_secrets.POSTGRES_UID
        assert (tmp_path / "node" / "node.json").stat().st_uid == make_secrets.NODE_UID
        make_secrets.main(tmp_path)
        assert {path: path.read_bytes() for path in files} == files

    def test_entrypoint_hands_them_over_as_settings(self, tmp_path: Path) -> None:
        (tmp_path / "CAILIAN_S3_ACCESS_KEY").write_text("from-a-file\n")
        program = "import os; print(os.environ['CAILIAN_S3_ACCESS_KEY'])"
        done = subprocess.run(
            [sys.executable, ROOT / "deploy" / "entrypoint.py", "-c", program],
            env={"CAILIAN_SECRETS_DIR": str(tmp_path)}, capture_output=True, text=True, check=True, timeout=30,
        )  # fmt: skip
        assert done.stdout == "from-a-file\n"

    def test_s3_runs_with_the_files_command(self, services: dict[str, dict[str, Any]], tmp_path: Path) -> None:
        """The very command of the file, its folders and ports moved, serves what `prepare_s3` then prepares."""
        ports = PortBook(tmp_path / "stack.json").settle(["master", "volume", "filer", "s3", "admin"])
        keyring = Keyring(tmp_path / "secrets" / "objects")
        store = S3(tmp_path / "s3", ports, keyring)
        store.write_configuration()
        for name in ("s3", "data"):
            (tmp_path / name).mkdir()
        moved = [
            word.replace("/secrets/", f"{tmp_path}/secrets/").replace("=/data", f"={tmp_path}/data")
            for word in services["s3"]["command"]
            if word != "-ip.bind=0.0.0.0"
        ]
        flags = [
            f"-{name.replace('.grpc', '')}.port{'.grpc' if '.grpc' in name else ''}={port}"
            for name, port in ports.items()
        ]
        command = Command(
            (store.doors.binary, *moved, f"-ip.bind={HOST}", *flags),
            {"HOME": str(tmp_path)},
            cwd=store.doors.config_dir,
        )

        class FromFile(S3):
            def command(self) -> Command:
                return command

        server = FromFile(tmp_path / "s3", ports, keyring)
        keeper = Keeper(tmp_path / "log")
        try:
            keeper.start([server])
            server.require_fsync()
            server.create_bucket("cailian-materials")
            client = server.client(server.node)
            assert client.bucket_exists("cailian-materials")
        finally:
            keeper.stop()
            server.close()
            store.close()


class TestBesu:
    def test_genesis_is_free_of_gas_and_tolerates_one_fault(self, services: dict[str, dict[str, Any]]) -> None:
        given = json.loads((ROOT / "deploy" / "besu" / "qbft.json").read_text())
        config = given["genesis"]["config"]
        assert config["zeroBaseFee"] is True
        assert config["qbft"].keys() == {"blockperiodseconds", "epochlength", "requesttimeoutseconds"}
        assert "transitions" not in config  # validators stand in the block header, not in a contract
        assert given["blockchain"]["nodes"] == {"generate": True, "count": 4}
        assert given["genesis"]["mixHash"].startswith("0x63746963616c")
        for name in ("chain", *(f"validator-{number}" for number in range(1, 5))):
            command = services[name]["command"]
            assert "--min-gas-price=0" in command
            assert not any("price-bump" in word or "miner" in word for word in command)  # LIBRARIES.md 4

    def test_the_evm_runs_what_we_compile(self) -> None:
        config = json.loads((ROOT / "deploy" / "besu" / "qbft.json").read_text())["genesis"]["config"]
        compiled = json.loads((ROOT / "contracts" / "artefacts" / "Anchor.json").read_text())["compiler"]["settings"]
        assert config[f"{compiled['evmVersion']}Time"] == 0

    def test_script_gives_each_node_its_own_key(self, tmp_path: Path) -> None:
        """Run with a stand-in for the generator that writes the folders Besu writes (there is no Besu here)."""
        for folder in ("bin", "chain", "nodes/1", "nodes/2", "nodes/3", "nodes/4"):
            (tmp_path / folder).mkdir(parents=True)
        stand_in = tmp_path / "bin" / "besu"
        stand_in.write_text(
            "#!/bin/sh\n"
            'for word in "$@"; do case "$word" in --to=*) to=${word#--to=};; esac; done\n'
            f"zeros={'0' * 39}\n"
            'for n in a b c d; do own="$to/keys/0x$zeros$n"; mkdir -p "$own"; echo "0xprivate$n" >"$own/key";'
            ' echo "0xpublic$n" >"$own/key.pub"; done\n'
            'echo "{}" >"$to/genesis.json"\n'
        )
        stand_in.chmod(0o700)
        environment = {
            "PATH": f"{tmp_path / 'bin'}:{os.defpath}:/usr/bin:/bin",
            "CHAIN": str(tmp_path / "chain"),
            "NODES": str(tmp_path / "nodes"),
            "BESU_USER": f"{os.getuid()}:{os.getgid()}",
        }
        script = ROOT / "deploy" / "besu" / "generate.sh"
        for _ in range(2):
            subprocess.run(["/bin/sh", script], env=environment, check=True, timeout=30)
        nodes = json.loads((tmp_path / "chain" / "static-nodes.json").read_text())
        assert nodes == [f"enode://public{name}@172.30.199.1{n}:30303" for n, name in enumerate("abcd", start=1)]
        keys = [(tmp_path / "nodes" / str(number) / "key") for number in range(1, 5)]
        assert [key.read_text().strip() for key in keys] == [f"0xprivate{name}" for name in "abcd"]
        assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
        files = ["genesis.json", "static-nodes.json", "validators.json"]
        assert sorted(path.name for path in (tmp_path / "chain").iterdir()) == files
        (known,) = qbft.history_of(json.loads((tmp_path / "chain" / "validators.json").read_text()))
        assert (known.from_block, [each[-1] for each in known.validators]) == (0, [0xA, 0xB, 0xC, 0xD])
