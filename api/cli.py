"""The command line, `cailian`. Each command is a module of `api/commands/`, loaded only when it is called."""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_group

_COMMANDS: Final = {
    "up": "lifecycle:up",
    "demo": "lifecycle:demo",
    "deposit": "calls:deposit",
    "fetch": "calls:fetch",
    "checklist": "checklist:checklist",
    "import": "importing:import_file",
    "gather": "gathering:gather",
    "intake": "intake:intake",
    "figures": "figures:figures",
    "verify": "checks:verify",
    "gaps": "shards:gaps",
    "backup": "keeping:backup",
    "restore": "keeping:restore",
    "erase": "keeping:erase",
    "canary": "keeping:canary",
    "audit": "auditing:audit",
    "fsck": "checks:fsck",
    "doctor": "checks:doctor",
    "curl": "calls:curl",
    "read": "reading:read",
    "bench": "bench:bench",
    "trust": "checks:trust",
    "proof": "proofs:app",
    "witness": "witness:app",
    "shard": "shards:shard",
    "keys": "shards:keys",
    "heads": "keeping:heads",
    "district": "districts:district",
    "register": "districts:register",
    "party": "parties:app",
    "policy": "policies:app",
    "licence": "licences:app",
    "item": "items:app",
    "material": "materialtypes:app",
    "present": "presenting:app",
    "seal": "seals:app",
    "source": "sources:app",
}
"""Where each is, in the order of the help: single commands, then groups of them."""


class _Modules(UserDict[str, Any]):
    """Commands by name; each is imported when it is asked for, since together they import all of the program."""

    def __getitem__(self, name: str) -> Any:
        held = super().__getitem__(name)
        if isinstance(held, str):
            held = self.data[name] = _load(name, *held.split(":"))
        return held


def _load(name: str, module: str, attribute: str) -> Any:
    """One command as Typer makes it of a function, or of a group."""
    held = getattr(import_module(f"api.commands.{module}"), attribute)
    alone = typer.Typer()
    if isinstance(held, typer.Typer):
        alone.add_typer(held, name=name)
    else:
        alone.command(name)(held)
    return get_group(alone).commands[name]


class _Commands(TyperGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Modules(_COMMANDS)

    def list_commands(self, _context: object) -> list[str]:
        """Their names, in the order of the help."""
        return list(self.commands)


app = typer.Typer(
    cls=_Commands,
    name="cailian",
    help="材链 Cailian: a blockchain-backed exchange for electronic materials and e-licences.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _nothing() -> None:
    """Make Typer see a group although no command is loaded yet."""


def main() -> None:
    """Run the program."""
    app()


if __name__ == "__main__":
    main()
