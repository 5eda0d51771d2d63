"""The HTTP interface: one FastAPI application over one `Node`, wrapped in observation."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread
from fastapi import FastAPI

from api import definitionkeeper, metering, openapi, policykeeper, problems
from api.certificates import ClientCertificates
from api.demo import cards, inbox, oidc, world
from api.door import Door
from api.intake import Intake
from api.lean import Lean
from api.limits import BodyLimit
from api.metering import Released
from api.node import Node
from api.observe import Observe, configure_logs, reserve_metrics
from api.routes import (
    askbatches,
    assistances,
    assistrequests,
    auditing,
    automatic,
    breakglass,
    bundles,
    cases,
    catalogue,
    cessations,
    checklists,
    checks,
    ciba,
    circumstances,
    citizen,
    codes,
    commitments,
    console,
    definitions,
    delegations,
    deliveries,
    disputes,
    districts,
    docs,
    documents,
    duties,
    editing,
    entitlements,
    evidence,
    fetching,
    figures,
    firms,
    forms,
    gathering,
    grants,
    health,
    home,
    intake,
    keys,
    kiosk,
    letters,
    licences,
    linked,
    log,
    logview,
    materials,
    me,
    mine,
    notices,
    oauth,
    operations,
    outbox,
    parties,
    partyaccess,
    pictures,
    presentations,
    previews,
    projects,
    readings,
    refusals,
    registers,
    reviews,
    sampling,
    sandbox,
    session,
    shards,
    statuslists,
    uses,
    verifier,
    wallets,
    webhooks,
)
from api.settings import Settings
from api.tilecache import TileCache

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import ASGIApp

DESCRIPTION = """
区块链电子材料与电子证照共享交换。Deposit a document once; departments reuse it while a case of theirs is open, on a
holder's grant or a published duty; every use leaves a receipt that verifies offline.

Every call needs an access token (`POST /oauth/token`, `private_key_jwt`) and a DPoP proof; see `docs/integrate.md`.
Errors are problem documents (RFC 9457) with a stable `code`, in Chinese and English.
"""


ROUTES: Final = (
    health,
    log,
    logview,
    shards,
    docs,
    oauth,
    catalogue,
    definitions,
    editing,
    operations,
    outbox,
    verifier,
    statuslists,
    gathering,
    materials,
    pictures,
    intake,
    readings,
    licences,
    cases,
    checklists,
    bundles,
    projects,
    grants,
    askbatches,
    ciba,
    circumstances,
    citizen,
    cessations,
    delegations,
    keys,
    assistances,
    me,
    session,
    kiosk,
    mine,
    previews,
    notices,
    uses,
    evidence,
    refusals,
    registers,
    districts,
    fetching,
    figures,
    forms,
    reviews,
    webhooks,
    codes,
    presentations,
    deliveries,
    disputes,
    duties,
    sampling,
    breakglass,
    wallets,
    checks,
    documents,
    commitments,
    letters,
    assistrequests,
    automatic,
    entitlements,
    linked,
    parties,
    partyaccess,
    console,
    auditing,
    firms,
    home,
)
"""In this order: of two that fit an address the first answers, so `gathering` stands before `licences/{licence_id}`."""


def create_app(settings: Settings | None = None) -> ASGIApp:
    """Build the application; without settings they are read from the environment."""
    held = settings or Settings()  # type: ignore[call-arg]  # fields come from the environment
    configure_logs(held.log_level)
    reserve_metrics()
    app = interface()
    app.state.node = node = Node(held)
    app.state.door = Door(node.tokens, node.loop_database)
    app.state.intake = Intake(node.kept, node.answers, node.loop_database, node.refuse_when_overdue)
    problems.install(app)
    if held.demo:
        _demo(app, node)
    openapi.install(app)
    hot = uses.LEAN + evidence.LEAN + presentations.LEAN + oauth.LEAN + parties.LEAN
    served = BodyLimit(Lean(app, app, hot), limit=held.max_body)
    return TileCache(Observe(ClientCertificates(Released(served, node), held.proxy_networks)))


def interface() -> FastAPI:
    """The routes with no node behind them yet: enough to be described."""
    app = FastAPI(
        title="Cailian 材链",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    for routes in ROUTES:
        app.include_router(routes.router)
    return app


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What runs beside the requests, from before the first to after the last; a failed start leaves nothing open."""
    node: Node = app.state.node
    anyio.to_thread.current_default_thread_limiter().total_tokens = node.settings.threads
    app.state.streaming = anyio.CapacityLimiter(node.settings.threads)
    app.state.intakes = anyio.CapacityLimiter(2)
    stop = asyncio.Event()
    try:
        await anyio.to_thread.run_sync(policykeeper.refresh, node)
        await anyio.to_thread.run_sync(definitionkeeper.refresh, node)
        await anyio.to_thread.run_sync(metering.share, node)
        keeping = asyncio.gather(
            *(_look(partial(each.refresh, node), each.SECONDS, stop) for each in (policykeeper, definitionkeeper)),
            metering.keep(node, stop),
        )
        try:
            yield
        finally:
            stop.set()
            await keeping
    finally:
        await node.loop_database.close()
        node.close()


async def _look(look: Callable[[], None], seconds: float, stop: asyncio.Event) -> None:
    """Look every so often until told to stop; a look under way ends first, so that its connection is given back."""
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
        if not stop.is_set():
            await anyio.to_thread.run_sync(look)


def _demo(app: FastAPI, node: Node) -> None:
    """The login provider, the inbox and the sandbox of a demo node."""
    app.include_router(oidc.router(node.keys.login_key, node.settings.base_url, world.people(), world.staff()))
    app.include_router(inbox.router(node.settings.data_dir))
    app.include_router(sandbox.router)
    app.include_router(cards.router(world.WORLD["people"], node.keys.login_key, node.settings.base_url))
