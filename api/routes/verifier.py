"""The page that verifies evidence on the reader's own device; its sources are in `web/verifier`.

Files, digests and verdicts never leave the browser. The policy below holds it to that: no connection, no form, no
frame, no inline script, and one Trusted Types policy, for the worker's address. The worker's program lies in the page
as text and is started from there, so that the page's own policy rules it, and a page that was kept on a disk is whole.

`cailian-verify.html` is the page as one file, for keeping: it brings its policy along, with its one script by hash. It
is handed over as a download, never shown here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

from api import browsers
from api.errors import NotFoundError

router = APIRouter(include_in_schema=False)

_BUILT: Final = Path(__file__).parents[2] / "web/verifier/dist/page"
_SERVED: Final = {
    "verify.html": "text/html; charset=utf-8",
    "verify.css": "text/css; charset=utf-8",
    "verify.js": "text/javascript; charset=utf-8",
    "cailian-verify.html": "text/html; charset=utf-8",
}
KEPT: Final = "cailian-verify.html"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; worker-src blob:; style-src 'self';"
    " img-src data:; connect-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types cailian",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",  # asked for again at each visit, answered by ETag: no reader keeps an old verifier
}


@router.get("/verify")
def page(request: Request) -> Response:
    """The verification page."""
    return _file(request, "verify.html")


@router.get("/verify/cailian-verify.html")
def kept(request: Request) -> Response:
    """The page as one file that works without a network."""
    answer = _file(request, KEPT)
    answer.headers["Content-Disposition"] = f'attachment; filename="{KEPT}"'
    return answer


@router.get("/verify/{name}")
def asset(request: Request, name: str) -> Response:
    """A file of the verification page."""
    return _file(request, name)


def _file(request: Request, name: str) -> Response:
    if name not in _SERVED or not (_BUILT / name).exists():
        raise NotFoundError
    return browsers.built(request, _BUILT / name, _SERVED[name], _HEADERS)
