"""`/livez`, `/readyz`, `/metrics` and `/healthz` (what a person wants to know)."""

from __future__ import annotations

import os
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from api.node import node_of
from api.observe import registry

router = APIRouter(tags=["health"])


@router.get("/livez", summary="The process runs; looks at nothing else")
def livez() -> dict[str, str]:
    """Answer as long as the process can."""
    return {"status": "live"}


@router.get("/readyz", summary="Database, objects and log can be used", responses={503: {}})
def readyz(request: Request, response: Response) -> dict[str, Any]:
    """Each part with `ok` or what is wrong; 503 when one is not ready. Warnings name limits that are near."""
    node = node_of(request)
    parts = node.readiness()
    ready = all(state == "ok" for state in parts.values())
    response.status_code = 200 if ready else 503
    return {"status": "ready" if ready else "not ready", "parts": parts, "warnings": node.warnings()}


@router.get("/healthz", summary="Sizes, lags and states in figures")
def healthz(request: Request) -> dict[str, Any]:
    """Log size, pending entries, newest checkpoint and anchor, lag against its limits."""
    return node_of(request).health()


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """All workers' counters, and the log's figures read now."""
    held = registry
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        held = CollectorRegistry()
        MultiProcessCollector(held)  # type: ignore[no-untyped-call]
    now = CollectorRegistry()
    figures = node_of(request).health()["figures"]
    for name, value in figures.items():
        Gauge(f"cailian_{name}", name.replace("_", " "), registry=now).set(value)
    return Response(generate_latest(held) + generate_latest(now), media_type=CONTENT_TYPE_LATEST)
