"""Consent: tokens a second, verified requests a second, one decision, and what a guarded use costs over a plain read.

Tokens and verified requests are driven by requests made beforehand (`bench.wire` says why), over HTTP against the
exchange as it is. A verified request is `GET /v1/usage`: one token, one proof's signature, one replay record, nothing
else. The decision is the policy engine with schema and policies parsed, as every use asks it.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from api.client import ClientKey
from authz.decider import Decider, GrantStanding
from authz.model import (
    Caller,
    CaseFacts,
    Grant,
    GrantState,
    Mode,
    Operator,
    PartyKind,
    Presence,
    Resource,
    Role,
    ShareClass,
    UseRequest,
)
from bench.wire import Shot, Signer

if TYPE_CHECKING:
    from bench.load import Target
    from bench.suite import Suite
    from bench.wire import Hit
    from bench.world import Bench

CLIENT: Final = "qingpu-market"
RUNS: Final = 3
CONNECTIONS: Final = 16
DECISIONS: Final = 20_000
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def measure(suite: Suite, bench: Bench, target: Target) -> None:
    """All four rows."""
    if not suite.wanted("consent"):
        return
    _rate(suite, bench, "consent: tokens issued", tokens, "/oauth/token", "POST", 300)
    _rate(suite, bench, "consent: verified requests", verified, "/v1/usage", "GET", 700)
    _decision(suite)
    work = target.work | {"database": bench.exchange.settings.database_url.get_secret_value()}
    name = "consent of a use adds over row and object, intl"
    suite.added(replace(target, work=work), name, "use-fetch", "row-get", 5)


def _rate(suite: Suite, bench: Bench, name: str, make: Any, path: str, method: str, least: int) -> None:
    base, client = bench.exchange.base_url, bench.exchange.client_files()[CLIENT]
    seconds = max(2.0, suite.seconds)
    shot = Shot(base, base, client, method, path, 1, CONNECTIONS, seconds, int(least * 6 * seconds))
    suite.load.send(make, replace(shot, count=200))  # connections and prepared statements are there by then
    runs: list[Hit] = [suite.load.send(make, shot) for _ in range(RUNS)]
    rate = statistics.median(run.rate for run in runs)
    late = statistics.median(run.at(0.99) for run in runs)
    shown = f"{rate:.0f}/s  (p99 {late:.1f} ms with {CONNECTIONS} connections)"
    suite.row(name, shown, f">= {least}/s", rate >= least, rate=rate, p99=late)


def tokens(shot: Shot) -> list[bytes]:
    """Whole token requests, each with an assertion and a proof of its own."""
    key, host = ClientKey(shot.client["key"]), urlsplit(shot.address).netloc
    head = f"POST {shot.path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    made = []
    for _ in range(shot.count):
        form = {"grant_type": "client_credentials", "client_assertion_type": _ASSERTION}
        body = urlencode(form | {"client_assertion": key.assertion(shot.client["client_id"], shot.base_url)})
        proof = key.proof("POST", shot.base_url + shot.path)
        made.append(f"{head}DPoP: {proof}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    return made


def verified(shot: Shot) -> list[bytes]:
    """Whole requests with one token and a fresh proof each."""
    signer, host = Signer(shot), urlsplit(shot.address).netloc
    head = f"GET {shot.path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: DPoP {signer.token}\r\n"
    return [f"{head}DPoP: {signer.proof()}\r\n\r\n".encode() for _ in range(shot.count)]


def _decision(suite: Suite) -> None:
    """One use on a grant, allowed: every policy is looked at."""
    decider, asked = Decider(), _asked()
    for _ in range(1000):
        assert decider.decide(*asked).allowed
    took = []
    gc.disable()
    try:
        for _ in range(DECISIONS):
            began = time.perf_counter()
            decider.decide(*asked)
            took.append(time.perf_counter() - began)
    finally:
        gc.enable()
    took.sort()
    late, middle = took[int(DECISIONS * 0.99)] * 1000, took[DECISIONS // 2] * 1000
    shown = f"p99 {late:.3f} ms, p50 {middle:.3f} ms"
    suite.row("consent: decision with cached policies", shown, "p99 < 0.5 ms", late < 0.5, p99=late, p50=middle)


def _asked() -> tuple[Any, ...]:
    now = datetime.now(UTC)
    item = "11310118XX00000B0W4310100101000"
    thing, holder, party = (f"{each * 8}-0000-7000-8000-{'0' * 12}" for each in "abc")
    body = json.dumps({"bench": os.urandom(8).hex()}).encode()
    grant = Grant(
        id=thing,
        digest="",
        body=body,
        grantor_id=holder,
        signer_id=holder,
        signer_kind="oidc",
        representation=None,
        grantee_id=party,
        item_code=item,
        case_no="31011820261121000001",
        mode=Mode.copy,
        objects=frozenset({thing}),
        types=frozenset(),
        fields=frozenset(),
        regions=frozenset({"310118"}),
        max_uses=3,
        uses_left=2,
        valid_from=now - timedelta(days=1),
        valid_to=now + timedelta(days=1),
        state=GrantState.active,
        entry_id=thing,
        given_at=now,
    )
    caller = Caller("c", party, PartyKind.government, "11310118XX00000B0W", "310118", frozenset({"use"}), "k")
    request = UseRequest(thing, Mode.copy, "31011820261121000001", item, "性能测试", "qp-103")
    resource = Resource(
        "material", thing, "CL022", ShareClass.conditional, 2, "active", holder, "310113", None, "other"
    )
    facts = CaseFacts(request.case_no, True, True, True, item, True, Presence.id_card_read, holder)
    operator = Operator(party, "qp-103", frozenset({Role.window}))
    standing = GrantStanding(grant, intact=True, represented=True)
    return caller, operator, request, resource, facts, standing, None, now
