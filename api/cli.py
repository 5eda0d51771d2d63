"""The command line, `cailian`. Each command is a module of `api/commands/`."""

from __future__ import annotations

import typer

from api.commands import (
    auditing,
    bench,
    calls,
    checklist,
    checks,
    districts,
    figures,
    gathering,
    importing,
    intake,
    items,
    keeping,
    licences,
    lifecycle,
    parties,
    policies,
    presenting,
    proofs,
    reading,
    seals,
    shards,
    sources,
    witness,
)

app = typer.Typer(
    name="cailian",
    help="材链 Cailian: a blockchain-backed exchange for electronic materials and e-licences.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(lifecycle.up)
app.command()(lifecycle.demo)
app.command()(calls.deposit)
app.command()(calls.fetch)
app.command()(checklist.checklist)
app.command("import")(importing.import_file)
app.command()(gathering.gather)
app.command()(intake.intake)
app.command()(figures.figures)
app.command()(checks.verify)
app.add_typer(checks.trust, name="trust")
app.add_typer(proofs.app, name="proof")
app.add_typer(witness.app, name="witness")
app.add_typer(shards.shard, name="shard")
app.add_typer(shards.keys, name="keys")
app.command()(shards.gaps)
app.command()(keeping.backup)
app.command()(keeping.restore)
app.command()(keeping.erase)
app.add_typer(keeping.heads, name="heads")
app.command()(keeping.canary)
app.add_typer(districts.district, name="district")
app.add_typer(districts.register, name="register")
app.add_typer(parties.app, name="party")
app.add_typer(policies.app, name="policy")
app.add_typer(licences.app, name="licence")
app.add_typer(items.app, name="item")
app.add_typer(presenting.app, name="present")
app.add_typer(seals.app, name="seal")
app.add_typer(sources.app, name="source")
app.command()(auditing.audit)
app.command()(checks.fsck)
app.command()(checks.doctor)
app.command()(calls.curl)
app.command()(reading.read)
app.command()(bench.bench)


def main() -> None:
    """Run the program."""
    app()


if __name__ == "__main__":
    main()
