"""The demo's reader of identity cards: it speaks as one on a counter's own machine does (`web/shared/cardreader.ts`).

For a kiosk it signs what it read, over a digest, as an operator's reader does (`authz.cards`); it compares no face.
Which card is put on is chosen; the cards are those of the demo's people. A node that is not in demo mode has no such
routes, and its pages refuse such a reader.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, Final

import jwt
from fastapi import APIRouter, Query, Response

from authz.cards import CARD, TYP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

PREFIX: Final = "/demo/card-reader"
READER: Final = "demo-card-reader"
KEY_ID: Final = "demo-card-reader-1"
_VALID_TO: Final = "2036-01-01"
_PRIVATE: Final = {"Cache-Control": "private, no-store"}


def reading(key: EllipticCurvePrivateKey, node: str, code: str, nonce: str, **changed: object) -> str:
    """What a reader states of a card, signed.

    Args:
        node: base address of whom it is for.
        code: on the card.
        nonce: digest of what it is for.
        changed: claims that say otherwise.
    """
    card = {"type": CARD, "code": code, "valid_to": _VALID_TO}
    claims = {"iss": READER, "aud": node, "iat": int(time.time()), "nonce": nonce, "card": card, "compared": "none"}
    return jwt.encode(claims | changed, key, "ES256", {"kid": KEY_ID, "typ": TYP})


def router(people: Sequence[dict[str, str]], key: EllipticCurvePrivateKey, node: str) -> APIRouter:
    """The reader.

    Args:
        people: demo people, each with `sub`, `name` and `code`.
        key: with which it signs.
        node: base address of the node.
    """
    routes = APIRouter(prefix=PREFIX, tags=["demo login"])
    held = {person["sub"]: person for person in people}

    @routes.get("/cards", summary="Cards of the demo")
    def cards() -> dict[str, Any]:
        return {"cards": [{"id": person["sub"], "name": person["name"]} for person in people]}

    @routes.get("/card", summary="Read a card of the demo", responses={204: {"description": "no card was put on"}})
    def card(
        response: Response,
        card: Annotated[str, Query(max_length=64)] = "",
        nonce: Annotated[str, Query(max_length=43, pattern=r"^([A-Za-z0-9_-]{43})?$")] = "",
    ) -> Any:
        person = held.get(card)
        if person is None:
            return Response(status_code=204, headers=_PRIVATE)
        response.headers.update(_PRIVATE)
        evidence = reading(key, node, person["code"], nonce) if nonce else f"demo reader, {card}"
        return {"name": person["name"], "code": person["code"], "valid_to": _VALID_TO, "evidence": evidence}

    return routes
