"""`up` and `demo`: a whole exchange in one folder."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from threading import Event
from typing import Annotated

import typer
from rich.panel import Panel

from api.commands.output import USAGE, AsJson, err, fail, out, say
from api.stack.errors import StackError

BANNER = (
    "演示模式:人员、机构、密钥均为虚构,内置登录不可用于生产\n"
    "Demo mode: people, departments and keys are made up; the built-in login must never be used in earnest"
)


def up(
    data_dir: Annotated[Path, typer.Option(help="where the exchange keeps its data")] = Path("var"),
    port: Annotated[int, typer.Option(help="port of the HTTP interface; 0 picks a free one")] = 8080,
    workers: Annotated[int, typer.Option(help="HTTP processes")] = 2,
    profile: Annotated[str, typer.Option(help="crypto profile: intl (AES-256-GCM) or gm (SM4-GCM)")] = "intl",
    more: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=VALUE, a setting of docs/settings.md by its name in lower case; kept"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Start everything, wait until it answers, run until stopped (Ctrl-C); the data stays."""
    from api.stack.exchange import Exchange  # loads the chain's libraries, two seconds

    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    exchange = Exchange(data_dir, demo=True, port=port, workers=workers, crypto_profile=profile)
    try:
        exchange.remember(dict(each.split("=", 1) for each in more or []))
    except ValueError as error:
        fail("bad-setting", f"--set NAME=VALUE: {error}", as_json=as_json, exit_code=USAGE)
    try:
        with err.status("starting", spinner="dots") as status:
            address = exchange.up(lambda part: status.update(f"starting {part}"))
        trust = data_dir / "trust.json"
        trust.write_text(json.dumps(exchange.trust(), indent=1))
        if as_json:
            say({"address": address, "docs": f"{address}/docs", "data": str(data_dir)}, as_json=True)
        else:
            out.print(Panel(BANNER, style="bold white on red"))
            clients = data_dir / "clients"
            say({"citizens": f"{address}/m/", "console": f"{address}/console/",
                 "auditors, verifier": f"{address}/auditor/   {address}/verify",
                 "logins": "\n".join(_logins())}, as_json=False)  # fmt: skip
            say({"address": address, "API": f"{address}/docs", "log": f"{address}/log/checkpoint",
                 "clients": str(clients), "trust": str(trust), "stop": "Ctrl-C"}, as_json=False)  # fmt: skip
        while not stop.wait(1.0):
            exchange.stack.check()
    except (StackError, OSError) as error:
        fail(getattr(error, "code", "cannot-start"), str(error), as_json=as_json)
    finally:
        exchange.down()


def _logins() -> list[str]:
    """Whom one may be: at the built-in provider a click is a login."""
    from api.demo import world  # as above

    return [
        *(f"{each['name']} /m/" for each in world.people()),
        *(f"{each['name']} {each['page']}" for each in world.staff()),
    ]


def demo(
    data_dir: Annotated[Path, typer.Option(help="folder made anew for the demonstration")] = Path("var/demo"),
    as_json: AsJson = False,
) -> None:
    """Bring up a fresh exchange, do its main job, prove it, stop. What it made stays in var/demo/."""
    from api.demo.story import Story  # as above

    if not as_json:
        out.print(Panel(BANNER, style="bold white on red"))
    story = Story(data_dir, err if as_json else out)
    try:
        report = story.run()
    except Exception as error:  # noqa: BLE001 - whatever failed, the demonstration says so and exits 1
        fail("demo-failed", f"{type(error).__name__}: {error}", as_json=as_json, steps=story.steps)
    if as_json:
        say(report, as_json=True)
    else:
        done = f"\n[bold green]{len(report['steps'])} steps, {report['seconds']} s.[/bold green]"
        out.print(f"{done} Look at {data_dir}/ and check again:")
        files = f"{data_dir}/evidence/use-lease.cailian.json {data_dir}/received/lease.pdf"
        out.print(f"  .venv/bin/cailian verify --trust {data_dir}/trust.json {files}", highlight=False)
