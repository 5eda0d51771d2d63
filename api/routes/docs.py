"""The API page and the table of problems, served by us: no CDN, no inline script (DESIGN 10)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

from api import problems
from api.errors import NotFoundError

router = APIRouter(include_in_schema=False)

_ASSETS: Final = Path(__file__).parents[2] / "web/node_modules/swagger-ui-dist"
_SERVED: Final = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_SECURITY: Final = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
}
_PAGE: Final = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>Cailian 材链 · API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="icon" href="/docs/favicon-32x32.png"></head>
<body><div id="page"></div><script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script></body></html>"""
_START: Final = (
    'SwaggerUIBundle({url: "/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null,'
    ' defaultModelsExpandDepth: 0, docExpansion: "list"});'
)


@router.get("/docs")
def page() -> HTMLResponse:
    """The API page."""
    return HTMLResponse(_PAGE, headers=_SECURITY)


@router.get("/docs/problems")
def problem_table() -> HTMLResponse:
    """Every problem code with what to do; the `type` of a problem document points here."""
    return HTMLResponse(problems.page(), headers=_SECURITY)


@router.get("/docs/{name}")
def asset(name: str) -> Response:
    """A file of the API page."""
    if name == "start.js":
        return Response(_START, media_type="text/javascript")
    if name not in _SERVED or not (_ASSETS / name).exists():
        raise NotFoundError
    return FileResponse(_ASSETS / name, media_type=_SERVED[name], headers={"Cache-Control": "max-age=86400"})
