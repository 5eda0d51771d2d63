"""What this node's own pages share: how they are served, which of them asks, and the cookie a session is kept in.

The policy allows scripts, styles and connections of this node alone, no inline script, no frame around the page (what
is covered cannot be read), and the Trusted Types policy of the framework. Other sites cannot ride on a cookie: it is
`SameSite=Strict`, every request with it needs the header `X-Cailian-Page`, which no form and no image sends and which
another origin's script may not, and one that a browser itself calls cross-site is refused.

Built files go out as `web/pack.mjs` packed them, and not again while they stay the same. No secret stands in them, so
that their packed size tells none; what the exchange answers is never packed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi.responses import Response

from api.demo import cards, oidc
from api.errors import ForeignPageError, NotFoundError

if TYPE_CHECKING:
    from fastapi import Request

    from api.node import Node
    from api.settings import Settings

PAGE: Final = "x-cailian-page"
BUILT: Final = Path(__file__).parents[1] / "web"
FRESH: Final = {"Cache-Control": "no-cache"}
PRIVATE: Final = {"Cache-Control": "private, no-store", "Vary": "Cookie"}
_FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_NEAR: Final = frozenset({"same-origin", "none"})
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_PACKED: Final = {"br": ".br", "gzip": ".gz"}
"""Content codings (RFC 9110, 8.4.1) by what their files end with, the smaller first."""


def policy(*more: str, trusted_types: str = "vue", reader: str = "", camera: bool = False) -> dict[str, str]:
    """Headers of a set of pages.

    Args:
        more: further directives of its Content-Security-Policy.
        trusted_types: policies its scripts may make.
        reader: origin of the reader of identity cards on the machine itself; empty: none.
        camera: whether its pages may ask for the camera.
    """
    directives = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:", "font-src 'self'",
        f"connect-src 'self' {reader}".rstrip(), *more, "form-action 'none'", "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", f"trusted-types {trusted_types}",
    ]  # fmt: skip
    return {
        "Content-Security-Policy": "; ".join(directives),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": f"camera=({'self' if camera else ''}), microphone=(), geolocation=(), "
        "publickey-credentials-get=(self)",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",  # for web views that know no frame-ancestors
    }


@dataclass(frozen=True, slots=True)
class Pages:
    """A set of pages as it was built.

    Attributes:
        folder: below `web/`.
        headers: from `policy`.
    """

    folder: str
    headers: dict[str, str]

    def page(self, request: Request) -> Response:
        """The one page; what is shown is behind `#`."""
        return self.file(request, "index.html")

    def file(self, request: Request, name: str) -> Response:
        """A file beside the page.

        Raises:
            NotFoundError: no such file, or of no kind that pages have.
        """
        return self._file(request, BUILT / self.folder, name, FRESH)

    def asset(self, request: Request, name: str) -> Response:
        """A file whose name says its content.

        Raises:
            NotFoundError: as `file`.
        """
        return self._file(request, BUILT / self.folder / "assets", name, _FOREVER)

    def _file(self, request: Request, folder: Path, name: str, kept: dict[str, str]) -> Response:
        path = folder / name
        media_type = _TYPES.get(path.suffix)
        if media_type is None or not _NAME.fullmatch(name) or not path.is_file():
            raise NotFoundError
        return built(request, path, media_type, self.headers | kept)


def built(request: Request, path: Path, media_type: str, headers: dict[str, str]) -> Response:
    """A built file as this browser takes it; 304 (RFC 9110, 13.1.2) where it has it already.

    Its tag is its content's: builds that set all times alike still differ by it.
    """
    asked = request.headers
    taken = {each.strip() for each in asked.get("accept-encoding", "").split(",")}
    headers = headers | {"Vary": "Accept-Encoding"}
    for coding, suffix in _PACKED.items():
        packed = path.with_name(path.name + suffix)
        if coding in taken and packed.is_file():
            path = packed
            headers["Content-Encoding"] = coding
            break
    content = path.read_bytes()
    headers["ETag"] = f'"{sha256(content).hexdigest()}"'
    if headers["ETag"] in (each.strip().removeprefix("W/") for each in asked.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def login_of(node: Node) -> dict[str, str] | None:
    """Where people log in; the demo's provider is named by paths, whatever host the page has. None where nowhere.

    The code of a provider that the operator pinned is exchanged by this node, which has the secret.
    """
    settings = node.settings
    if settings.demo:
        return {
            "client_id": oidc.CLIENT_ID,
            "issuer": oidc.issuer(settings.base_url),
            "authorize": f"{oidc.PREFIX}/authorize",
            "token": f"{oidc.PREFIX}/token",
        }
    provider = node.login_client
    if provider is None:
        return None
    return {
        "client_id": provider.client_id,
        "issuer": provider.issuer,
        "authorize": provider.authorization_endpoint,
        "token": "/v1/login/token",
    }


def reader_of(node: Node) -> dict[str, str] | None:
    """Where a counter's or kiosk's page reads identity cards; in demo mode the demo's reader. None where nowhere."""
    settings = node.settings
    if settings.card_reader:
        return {"kind": "loopback", "url": settings.card_reader}
    return {"kind": "demo", "url": cards.PREFIX} if settings.demo else None


def check_page(request: Request, page: str) -> None:
    """Refuse what another site made a browser send.

    Args:
        page: which of our pages may ask.

    Raises:
        ForeignPageError: it is another site's, or no page at all.
    """
    if request.headers.get(PAGE) != page or request.headers.get("sec-fetch-site", "none") not in _NEAR:
        raise ForeignPageError


def cookie_name(settings: Settings, name: str) -> str:
    """What a cookie is called: with the prefix that ties it to this host wherever TLS allows it."""
    return f"__Host-{name}" if _is_secure(settings) else name


def cookie(request: Request, settings: Settings, name: str) -> str:
    """What the browser kept under a name; empty where nothing."""
    return request.cookies.get(cookie_name(settings, name), "")


def set_cookie(answer: Response, settings: Settings, name: str, kept: str, seconds: int) -> None:
    """Give a browser something to keep that no script reads."""
    answer.set_cookie(
        cookie_name(settings, name),
        kept,
        max_age=seconds,
        path="/",
        secure=_is_secure(settings),
        httponly=True,
        samesite="strict",
    )


def drop_cookie(answer: Response, settings: Settings, name: str) -> None:
    """Take it back."""
    answer.delete_cookie(
        cookie_name(settings, name), path="/", secure=_is_secure(settings), httponly=True, samesite="strict"
    )


def _is_secure(settings: Settings) -> bool:
    return settings.base_url.startswith("https:")
