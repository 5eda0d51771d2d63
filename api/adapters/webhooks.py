"""HTTP to receivers of webhooks, whose addresses are theirs to choose: so, a guard against reaching our own network.

The name is resolved here, every address is judged, and the connection goes to the very address that was judged: a name
that answers differently the next moment (DNS rebinding) gains nothing. Redirects are not followed, no credentials are
sent, and of the answer only the status is read (RELIABILITY H3). Private networks are closed unless the operator opened
them by setting, as for departments on the government extranet.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Timer
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_match_hostname import CertificateError

from api.errors import SettingsError, WebhookFailedError, WebhookUrlRefusedError
from ledger.db import outside_any_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_URL: Final = 500
_PORTS: Final = {"https": 443, "http": 80}
_NAT64: Final = ip_network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address."""


class HttpReceivers:
    """Posts webhooks.

    Args:
        networks: private networks that may be reached, as CIDR; only to these may plain HTTP be spoken.
        timeout: seconds for one delivery as a whole.

    Raises:
        SettingsError: one of the networks is none.
    """

    def __init__(self, networks: Sequence[str] = (), timeout: float = 10.0) -> None:
        try:
            self._networks = [ip_network(each) for each in networks]
        except ValueError as error:
            raise SettingsError(setting="webhook_networks", problem=str(error)) from error
        self._timeout = timeout

    def check(self, url: str) -> None:
        """Judge an address before it is registered; where its name leads is judged again at each delivery.

        Raises:
            WebhookUrlRefusedError: it is none we go to.
        """
        outside_any_unit("DNS")
        scheme, host, port, _ = _split(url)
        self._addresses(scheme, host, port)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Deliver once; the status that was answered.

        Raises:
            WebhookUrlRefusedError: the address leads where we do not go.
            WebhookFailedError: no answer.
        """
        return self.exchange(url, body, headers, 0)[0]

    def exchange(self, url: str, body: bytes, headers: Mapping[str, str], most: int) -> tuple[int, bytes]:
        """Send once; the status that was answered, and so much of its body and a byte more, if there is more.

        Args:
            most: bytes.

        Raises:
            WebhookUrlRefusedError: the address leads where we do not go.
            WebhookFailedError: no answer.
        """
        outside_any_unit("HTTP")
        scheme, host, port, target = _split(url)
        ends = time.monotonic() + self._timeout
        reason = "no address"
        for address in self._addresses(scheme, host, port):
            try:
                return self._exchange((scheme, host, address, port), (target, body, headers), ends, most)
            except (urllib3.exceptions.HTTPError, CertificateError, HTTPException, OSError) as error:
                reason = type(error).__name__
            if time.monotonic() >= ends:
                break
        raise WebhookFailedError(reason=reason)

    def _exchange(
        self,
        to: tuple[str, str, str, int],
        sending: tuple[str, bytes, Mapping[str, str]],
        ends: float,
        most: int,
    ) -> tuple[int, bytes]:
        (scheme, host, address, port), (target, body, headers) = to, sending
        left = max(0.1, ends - time.monotonic())
        line: HTTPConnection
        if scheme == "https":
            line = HTTPSConnection(address, port, timeout=left, server_hostname=host, assert_hostname=host)
        else:
            line = HTTPConnection(address, port, timeout=left)
        named = f"[{host}]" if ":" in host else host
        sent = {**headers, "Host": named if port == _PORTS[scheme] else f"{named}:{port}", "User-Agent": "cailian"}
        # The time-out is for each piece of an answer; who sends one byte at a time is hung up on.
        alarm = Timer(left, _hang_up, [line])
        alarm.start()
        try:
            line.request("POST", target, body=body, headers=sent, preload_content=False)
            answer = line.getresponse()
            given = answer.read(most + 1, decode_content=False) if most else b""
            if time.monotonic() >= ends:  # what was cut off reads like an answer with fewer headers, or a shorter body
                raise TimeoutError
            return int(answer.status), given
        finally:
            alarm.cancel()
            line.close()

    def _addresses(self, scheme: str, host: str, port: int) -> list[str]:
        """Where a name leads, if every one of its addresses is one we go to."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise WebhookUrlRefusedError(problem="the name does not resolve") from error
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        for each in addresses:
            held = _plain(ip_address(each.split("%", 1)[0]))
            opened = any(held.version == network.version and held in network for network in self._networks)
            if not opened and (scheme != "https" or not _is_public(held)):
                problem = "plain HTTP" if _is_public(held) else "an address that is not public"
                raise WebhookUrlRefusedError(problem=problem)
        return addresses


def _hang_up(line: HTTPConnection) -> None:
    if line.sock is not None:
        with suppress(OSError):  # it hung up first
            line.sock.shutdown(socket.SHUT_RDWR)


def _split(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and request target of an address of the one form we take."""
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise WebhookUrlRefusedError(problem="not an address")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WebhookUrlRefusedError(problem="not an address") from error
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise WebhookUrlRefusedError(problem="not an HTTPS address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise WebhookUrlRefusedError(problem="credentials or a fragment in the address")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme], target


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address an IPv6 address stands for, where it stands for one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast
