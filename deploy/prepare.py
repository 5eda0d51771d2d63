"""Last step of a deployment: schema, log, contracts. Looks first and does only what is missing; safe to run again."""

from __future__ import annotations

from api import bootstrap
from api.settings import Settings

if __name__ == "__main__":
    settings = Settings()  # type: ignore[call-arg]  # fields come from the environment
    bootstrap.prepare(settings, settings.data_dir / "clients")
