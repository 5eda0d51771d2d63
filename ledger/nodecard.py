"""Node cards: what one node must be told of another before it believes its log (DESIGN 9).

    {"format": "cailian-node", "version": 1, "division": "310113", "name": "...", "endpoint": "https://...",
     "origin": ..., "vkey": ..., "account": "0x.."}

Made by `cailian district card` on the node itself, carried by people (like a trust file, never by the line that it is
to secure), read by `cailian district add`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.clear import DIVISION
from ledger.errors import NodeCardError, NotCanonicalError, NoteError
from ledger.note import NoteVerifier
from ledger.strictjson import members, read, text

if TYPE_CHECKING:
    from typing import Any

FORMAT: Final = "cailian-node"
VERSION: Final = 1
_MAX_SIZE: Final = 16 * 1024
_MEMBERS: Final = {"format", "version", "division", "name", "endpoint", "origin", "vkey", "account"}
_ENDPOINT: Final = re.compile(r"(https://|http://(127\.0\.0\.1|localhost)(?=[:/]|$))[!-~]{0,200}")
_ACCOUNT: Final = re.compile(r"0x[0-9a-f]{40}")
_MAX_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class NodeCard:
    """A node's card.

    Attributes:
        division: division code it serves.
        name: for people.
        endpoint: HTTPS address; plain HTTP on loopback only.
        origin: name of its log.
        vkey: verifier key of the log.
        account: its account on the chain, 20 bytes.

    Raises:
        NodeCardError: an attribute is malformed, or the key is not one of the log.
    """

    division: str
    name: str
    endpoint: str
    origin: str
    vkey: str
    account: bytes

    def __post_init__(self) -> None:
        """Refuse a card that contradicts itself."""
        if not DIVISION.fullmatch(self.division):
            raise NodeCardError(reason="division")
        if not self.name.strip() or len(self.name) > _MAX_NAME or not self.name.isprintable():
            raise NodeCardError(reason="name")
        if not _ENDPOINT.fullmatch(self.endpoint):
            raise NodeCardError(reason="endpoint is not HTTPS")
        try:
            key = NoteVerifier.parse(self.vkey)
        except NoteError as error:
            raise NodeCardError(reason="vkey") from error
        if key.is_witness or key.name != self.origin:
            raise NodeCardError(reason="vkey is not the log's")
        if len(self.account) != 20 or not any(self.account):
            raise NodeCardError(reason="account")

    def to_json(self) -> dict[str, Any]:
        """The card's content."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "division": self.division,
            "name": self.name,
            "endpoint": self.endpoint,
            "origin": self.origin,
            "vkey": self.vkey,
            "account": "0x" + self.account.hex(),
        }

    @classmethod
    def parse(cls, raw: bytes) -> NodeCard:
        """Read a card.

        Raises:
            NodeCardError: not one, of an unknown version, or see the class.
        """
        try:
            value = members(read(raw, _MAX_SIZE), _MEMBERS, (), "card")
            if value["format"] != FORMAT or type(value["version"]) is not int or value["version"] != VERSION:
                raise NodeCardError(reason="not a node card of a version we know")
            plain = {name: text(value[name], name) for name in _MEMBERS - {"format", "version"}}
        except NotCanonicalError as error:
            raise NodeCardError(reason=str(error.fields["reason"])) from error
        if not _ACCOUNT.fullmatch(account := plain.pop("account")):
            raise NodeCardError(reason="account")
        return cls(**plain, account=bytes.fromhex(account[2:]))
