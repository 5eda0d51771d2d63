"""The HTTP interface: one FastAPI application over one `Node`, wrapped in observation."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from fastapi import FastAPI

from api import metering, openapi, policykeeper, problems
from api.certificates import ClientCertificates
from api.demo import inbox, oidc, world
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
    breakglass,
    bundles,
    cases,
    catalogue,
    cessations,
    checklists,
    checks,
    ciba,
    citizen,
    codes,
    commitments,
    console,
    delegations,
    deliveries,
    disputes,
    districts,
    docs,
    documents,
    duties,
    evidence,
    fetching,
    figures,
    firms,
    forms,
    gathering,
    grants,
    health,
    intake,
    keys,
    licences,
    log,
    materials,
    me,
    mine,
    notices,
    oauth,
    operations,
    parties,
    partyaccess,
    presentations,
    previews,
    projects,
    readings,
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
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp

DESCRIPTION = """
区块链电子材料与电子证照共享交换。Deposit a document once; departments reuse it while a case of theirs is open, on a
holder's grant or a published duty; every use leaves a receipt that verifies offline.

Every call needs an access token (`POST /oauth/token`, `private_key_jwt`) and a DPoP proof; see `docs/integrate.md`.
Errors are problem documents (RFC 9457) with a stable `code`, in Chinese and English.
"""


def create_app(settings: Settings | None = None) -> ASGIApp:
    """Build the application; without settings they are read from the environment."""
    held = settings or Settings()  # type: ignore[call-arg]  # fields come from the environment
    configure_logs(held.log_level)
    reserve_metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = held.threads
        app.state.streaming = anyio.CapacityLimiter(held.threads)
        app.state.intakes = anyio.CapacityLimiter(2)
        node = app.state.node
        await anyio.to_thread.run_sync(policykeeper.refresh, node)
        stop = asyncio.Event()
        await anyio.to_thread.run_sync(metering.share, node)
        keeping = asyncio.gather(policykeeper.keep(node, stop), metering.keep(node, stop))
        yield
        stop.set()
        await keeping
        await node.loop_database.close()
        node.close()

    app = FastAPI(
        title="Cailian 材链",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.node = Node(held)
    node = app.state.node
    app.state.door = Door(node.tokens, node.loop_database)
    app.state.intake = Intake(node.kept, node.answers, node.loop_database, node.refuse_when_overdue)
    problems.install(app)
    plain = (health, log, shards, docs, oauth, catalogue, operations, verifier, statuslists, gathering)
    for routes in (
        *plain,
        materials,
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
        citizen,
        cessations,
        delegations,
        keys,
        assistances,
        me,
        session,
        mine,
        previews,
        notices,
        uses,
        evidence,
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
        assistrequests,
        parties,
        partyaccess,
        console,
        firms,
    ):
        app.include_router(routes.router)
    if held.demo:
        login = oidc.router(app.state.node.keys.login_key, held.base_url, world.people(), world.staff())
        app.include_router(login)
        app.include_router(inbox.router(held.data_dir))
        app.include_router(sandbox.router)
    openapi.install(app)
    hot = uses.LEAN + evidence.LEAN + presentations.LEAN + oauth.LEAN + parties.LEAN
    served = BodyLimit(Lean(app, app, hot), limit=held.max_body)
    return TileCache(Observe(ClientCertificates(Released(served, node), held.proxy_networks)))
