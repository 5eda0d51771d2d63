"""The demo's people, firms and departments, put in once by the ordinary services (`world.json`; all synthetic)."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from api.client import ClientKey
from api.keys import private_pem

if TYPE_CHECKING:
    from pathlib import Path

    from api.node import Node

WORLD: Final[dict[str, Any]] = json.loads(files("api.demo").joinpath("world.json").read_text("utf-8"))


def people() -> list[dict[str, str]]:
    """Demo people as the login page shows them."""
    return [{"sub": person["sub"], "name": person["name"]} for person in WORLD["people"]]
