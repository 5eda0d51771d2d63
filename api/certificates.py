"""The client's TLS certificate, as the proxy in front of us tells it (RFC 8705, RFC 9440).

TLS ends at the proxy, so the certificate comes in a header, `Client-Cert`: as RFC 9440 writes it (base64 of the DER
between colons), or as URL-encoded PEM, which is what nginx and Envoy can write. Whoever may set that header may be any
client, so it counts only on connections from the networks the operator named (`CAILIAN_PROXY_NETWORKS`); from anywhere
else it is refused, not ignored: somebody tries something, or the proxy's address is not configured. The proxy must
remove the header where a client sends it; a request with two of them is refused.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.requests import Request

from api import problems
from api.errors import EdgeError
from authz.clientcertificates import MAX_SIZE, thumbprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

HEADER: Final = b"client-cert"
STATE: Final = "client_certificate"
"""Where in a request's state the thumbprint is; absent where there was no certificate."""


class CertificateNotFromProxyError(EdgeError):
    """A client certificate header that did not come from the configured proxy, came twice, or cannot be read."""

    code = "certificate-not-from-proxy"


class ClientCertificates:
    """ASGI layer: takes the header off, and leaves the certificate's thumbprint in the request's state.

    Args:
        app: what is behind it.
        networks: CIDR blocks of the proxies; empty: none is trusted.
    """

    def __init__(self, app: ASGIApp, networks: Sequence[str]) -> None:
        self._app = app
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(ip_network(each) for each in networks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http":
            given = [value for name, value in scope["headers"] if name == HEADER]
            if given:
                held = _thumbprint(given[0]) if len(given) == 1 and self._trusts(scope) else None
                if held is None:
                    await problems.respond(Request(scope), CertificateNotFromProxyError.code)(scope, receive, send)
                    return
                scope["state"][STATE] = held
        await self._app(scope, receive, send)

    def _trusts(self, scope: Scope) -> bool:
        peer = scope.get("client")
        if not peer or not self._networks:
            return False
        try:
            address = ip_address(peer[0])
        except ValueError:
            return False
        return any(address in network for network in self._networks)


@lru_cache(1024)
def _thumbprint(header: bytes) -> str | None:
    """The thumbprint of the certificate in a header; None where it holds none."""
    if len(header) > 2 * MAX_SIZE:
        return None
    try:
        if header[:1] == b":" and header[-1:] == b":":
            held = x509.load_der_x509_certificate(b64decode(header[1:-1], validate=True))
        else:
            held = x509.load_pem_x509_certificate(unquote_to_bytes(header))
    except (ValueError, binascii.Error):
        return None
    return thumbprint(held.public_bytes(Encoding.DER))
