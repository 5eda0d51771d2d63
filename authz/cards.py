"""Identity cards read at a kiosk: what an operator's reader states of the card that lies on it (docs/signers.md, 7).

A reader is a service on the kiosk itself. The page asks it to read a card *for a digest*; what it answers is signed by
a key of the operator that this node pins, so that the page, which carries it here, can neither make nor change it:

    {"typ": "cailian-card-reading+jwt", "kid"}
    {"iss": reader, "aud": node, "iat", "nonce": digest, "card": {"type", "code", "valid_to"}, "compared"}

`compared` is how the reader made sure that the card is that of who stands there: `none`, or `face`. How sure that is,
the pinned file says and not the reader. Steps, each with what it stops:

1. strict form, `kid` and algorithm of a pinned key of that reader: a reading made up by a page;
2. `typ`, `aud`: something else signed by that key, a reading for another node;
3. `iat`: a card that was taken away long ago;
4. `nonce`: a reading for something else;
5. the card is one of persons and not out of date.

Whose card it is, step 6, is the caller's (`authz.holders`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from authz import jose
from authz.errors import CardRefusedError, CredentialError, InvalidIdentityError, SignerNotHolderError
from authz.model import Identifier
from authz.signers import Signer, SignerKind
from authz.workdays import LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.signers import Assurance
    from ledger.clock import Clock

TYP: Final = "cailian-card-reading+jwt"
FRESH_SECONDS: Final = 60
AHEAD_SECONDS: Final = 10
CARD: Final = "111"
"""A resident's identity card, as DOMAIN's table of identifiers numbers it."""


@dataclass(frozen=True, slots=True)
class CardReader:
    """An operator's readers.

    Attributes:
        id: their identifier, compared byte for byte.
        keys: public keys as JWKs, by `kid`.
        assurance: how sure a reading is, by how the card was compared with who is there.
    """

    id: str
    keys: Mapping[str, Mapping[str, str]]
    assurance: Mapping[str, Assurance]


class CardReadings:
    """Takes readings.

    Args:
        audience: this node's base address.
        readers: those that count, by id.
        holders: finds the person behind a card.
        clock: tells the time.
    """

    def __init__(self, audience: str, readers: Mapping[str, CardReader], holders: Holders, clock: Clock) -> None:
        self._audience = audience
        self._readers = readers
        self._holders = holders
        self._clock = clock

    def person(self, db: Connection, reading: str, digest: str) -> Signer:
        """Whose card was read for a digest just now.

        Raises:
            CardRefusedError: a step fails; `check` names it.
            SignerNotHolderError: the card of somebody nobody knows.
        """
        try:
            reader, code, assurance = self._read(reading, digest, self._clock.now())
            identifier = Identifier(CARD, code)
        except CredentialError as error:
            raise CardRefusedError(check=error.reason) from error
        except InvalidIdentityError as error:
            raise CardRefusedError(check="code") from error
        person = self._holders.resolve(db, identifier)
        if person is None:
            raise SignerNotHolderError
        return Signer(person, None, reader, assurance, reading, SignerKind.id_card)

    def _read(self, reading: str, digest: str, now: datetime) -> tuple[str, str, Assurance]:
        error = CredentialError
        jws = jose.parse(reading, error)  # step 1
        reader = self._readers.get(jose.text(jws.claims, "iss", error))
        key = None if reader is None else reader.keys.get(jose.text(jws.header, "kid", error))
        if reader is None or key is None:
            raise error("reader")
        jose.PublicKey.of(dict(key), error).verify(jws, error)
        if jws.header.get("typ") != TYP or jws.claims.get("aud") != self._audience:  # step 2
            raise error("typ or aud")
        age = now.timestamp() - jose.number(jws.claims, "iat", error)
        if not -AHEAD_SECONDS <= age <= FRESH_SECONDS:  # step 3
            raise error("iat")
        if jws.claims.get("nonce") != digest:  # step 4
            raise error("nonce")
        card = jws.claims.get("card")
        if not isinstance(card, dict) or card.get("type") != CARD:  # step 5
            raise error("card")
        if (until := card.get("valid_to")) is not None and _day(until) < now.astimezone(LOCAL).date():
            raise error("valid_to")
        assurance = reader.assurance.get(str(jws.claims.get("compared")))
        if assurance is None:
            raise error("compared")
        return reader.id, jose.text(card, "code", error), assurance


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise CredentialError("valid_to") from None
