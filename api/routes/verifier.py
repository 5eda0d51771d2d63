"""The page that verifies evidence on the reader's own device; its sources are in `web/verifier`.

Files, digests and verdicts never leave the browser. The policy below holds it to that: no connection, no form, no
frame, no inline script, and one Trusted Types policy, for the worker's address. It goes with every file, because a
worker is ruled by the policy it was itself served with.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from api.errors import NotFoundError

router = APIRouter(include_in_schema=False)

_BUILT: Final = Path(__file__).parents[2] / "web/verifier/dist/page"
_SERVED: Final = {
    "verify.html": "text/html; charset=utf-8",
    "verify.css": "text/css; charset=utf-8",
    "verify.js": "text/javascript; charset=utf-8",
    "worker.js": "text/javascript; charset=utf-8",
}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self';"
    " img-src data:; connect-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types cailian",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",  # asked for again at each visit, answered by ETag: no reader keeps an old verifier
}


@router.get("/verify")
def page() -> Response:
    """The verification page."""
    return _file("verify.html")


@router.get("/verify/{name}")
def asset(name: str) -> Response:
    """A file of the verification page."""
    return _file(name)


def _file(name: str) -> Response:
    if name not in _SERVED or not (_BUILT / name).exists():
        raise NotFoundError
    return FileResponse(_BUILT / name, media_type=_SERVED[name], headers=_HEADERS)
