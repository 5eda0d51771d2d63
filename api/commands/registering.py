"""Publishing what comes with the program as the next version of a register, for the commands that do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx2

from api.client import ProblemError
from api.commands.calls import client, refused
from api.commands.output import say
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def publish(
    kind: str, entries: Sequence[Mapping[str, Any]], by: tuple[str, str, str], key: str | None, *, as_json: bool
) -> None:
    """Publish entries as the next version of a register, and say what became of it.

    Args:
        by: the client, the code of the organisation that answers, a registrar's handle.
        key: Idempotency-Key, to try again safely.
    """
    who, owner, operator = by
    with client(who, as_json=as_json) as node:
        try:
            newest = int(node.call("GET", f"/v1/registers/{kind}")["version"])
        except ProblemError as problem:
            if problem.code != "register-version-unknown":
                refused(problem, as_json=as_json)
            newest = 0
        body = {"version": newest + 1, "owner": owner, "adopted_at": rfc3339(datetime.now(UTC)), "operator": operator}
        try:
            held = node.call("POST", f"/v1/registers/{kind}", body | {"entries": list(entries)}, key=key)
        except (ProblemError, httpx2.TransportError) as error:
            refused(error, as_json=as_json)
    say({name: held[name] for name in ("register", "version", "owner", "sha256", "changes")}, as_json=as_json)
