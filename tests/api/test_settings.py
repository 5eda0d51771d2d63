"""Settings are documented, read from the environment alone, and carry no default secret."""

from __future__ import annotations

import os
import re
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr, ValidationError

from api.settings import Settings, environment
from api.stack.exchange import Exchange

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/settings.md").read_text("utf-8")
ROW = re.compile(r"^\| `CAILIAN_(\w+)` \| (?:(required)|`(.*?)`) \| (.+) \|$", re.MULTILINE)
NEEDED = {
    "database_url": "postgresql+psycopg://u:s3cret@127.0.0.1/cailian",
    "s3_endpoint": "127.0.0.1:9",
    "s3_access_key": "node",
    "s3_secret_key": "s3cret",
    "chain_url": "http://127.0.0.1:8545",
}
UNREAD = {
    "workers": "how many processes share the socket is decided by who starts them",
}
"""Settings that no module reads, with the reason."""


class TestDocs:
    def test_name_every_setting_in_the_order_of_the_source(self) -> None:
        documented = PAGE.split("## Not settings")[0]
        assert [name.lower() for name, *_ in ROW.findall(documented)] == list(Settings.model_fields)

    @pytest.mark.parametrize("name", Settings.model_fields)
    def test_tell_default_and_meaning(self, name: str) -> None:
        rows = {row[0].lower(): row[1:] for row in ROW.findall(PAGE)}
        required, default, meaning = rows[name]
        field = Settings.model_fields[name]
        assert bool(required) == field.is_required()
        if not required:
            assert default == (str(field.default).lower() if isinstance(field.default, bool) else str(field.default))
        assert meaning == field.description

    def test_every_name_that_the_deployment_sets_is_one(self) -> None:
        known = {f"CAILIAN_{name.upper()}" for name in Settings.model_fields}
        set_there = set(
            re.findall(r"^\s*(CAILIAN_\w+):", (ROOT / "docker-compose.yml").read_text("utf-8"), re.MULTILINE)
        )
        assert set_there
        assert set_there <= known


class TestSettings:
    def test_are_all_read_by_somebody(self) -> None:
        sources = "".join(
            path.read_text("utf-8") for path in (ROOT / "api").rglob("*.py") if path.name != "settings.py"
        )
        unread = {name for name in Settings.model_fields if not re.search(rf"\b(settings|held)\.{name}\b", sources)}
        assert unread == UNREAD.keys()

    def test_come_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in environment(NEEDED | {"use_window": 60, "demo": True}).items():
            monkeypatch.setenv(name, value)
        held = Settings()
        assert (held.use_window, held.demo, held.s3_access_key) == (60, True, "node")

    @pytest.mark.parametrize("missing", NEEDED)
    def test_have_no_default_for_addresses_and_secrets(self, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
        for name in [name for name in os.environ if name.startswith("CAILIAN_")]:
            monkeypatch.delenv(name)
        with pytest.raises(ValidationError) as caught:
            Settings(**{name: value for name, value in NEEDED.items() if name != missing})
        assert [each["loc"] for each in caught.value.errors()] == [(missing,)]

    def test_hide_secrets_when_printed(self) -> None:
        held = Settings(**NEEDED)
        assert "s3cret" not in repr(held) + str(held) + held.model_dump_json()
        assert isinstance(held.database_url, SecretStr)

    def test_cannot_be_changed_while_the_node_runs(self) -> None:
        with pytest.raises(ValidationError):
            Settings(**NEEDED).demo = True

    def test_are_not_demo_unless_told(self) -> None:
        assert Settings(**NEEDED).demo is False

    def test_refuse_to_be_written_under_unknown_names(self) -> None:
        with pytest.raises(ValueError, match="surprise"):
            environment({"surprise": 1})


class TestMaxBody:
    @pytest.mark.parametrize("path", ["/v1/grants", "/v1/uses", "/oauth/token"])
    def test_refuses_a_larger_body_without_asking_who_sends_it(self, exchange: Exchange, path: str) -> None:
        large = b"x" * (exchange.settings.max_body + 1)
        for content in (large, iter([large[:1000], large[1000:]])):
            headers = {
                "Content-Type": "application/json" if path != "/oauth/token" else "application/x-www-form-urlencoded"
            }
            answer = httpx2.post(exchange.base_url + path, content=content, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
