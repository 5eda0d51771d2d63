"""Verifying what a holder's wallet shows without a network: SD-JWT VC, key binding and a status list taken along.

Pure. While it has a network a terminal takes a *kit*: the roots it may believe, revoked certificates, and every status
list as signed. Without one it asks the wallet to sign for this verifier and a nonce of its own, and checks:

1. the credential and the fields disclosed (`sdjwt.verify` 1 to 6): a forged or changed licence, a smuggled field;
2. the key binding over this nonce and audience: a screenshot, a copied file, what was shown to somebody else;
3. the status list of the credential, from the kit, signed and not older than a day: a kit nobody renewed;
4. the status in it: a licence suspended or ended before the kit was taken.

What happened after the kit was taken no terminal without a network can know; `Seen.status_at` says how old that is.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from certs.credentials import sdjwt, statuslist
from certs.errors import HolderBindingError, InvalidKitError, InvalidStatusListError
from certs.signing.model import TrustedCas
from ledger.clock import parse_rfc3339, rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from certs.credentials.binding import Challenge

VERSION: Final = 1
KIND: Final = "cailian/offline-kit"


@dataclass(frozen=True, slots=True)
class Kit:
    """What a terminal takes along.

    Attributes:
        made_at: when it was taken.
        library: code of the organisation whose status lists count.
        trusted: roots and revoked certificates.
        lists: signed status lists by their address.
    """

    made_at: datetime
    library: str
    trusted: TrustedCas
    lists: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """The kit as a file."""
        return {
            "v": VERSION,
            "type": KIND,
            "made_at": rfc3339(self.made_at),
            "library": self.library,
            "roots": [b64encode(each).decode() for each in self.trusted.roots],
            "revoked": [[held.hex(), rfc3339(at)] for held, at in self.trusted.revoked],
            "status_lists": dict(self.lists),
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read a kit.

        Raises:
            InvalidKitError: not one of this version.
        """
        try:
            if (document["v"], document["type"]) != (VERSION, KIND):
                raise InvalidKitError
            revoked = tuple((bytes.fromhex(held), parse_rfc3339(at)) for held, at in document["revoked"])
            roots = tuple(b64decode(each, validate=True) for each in document["roots"])
            lists = {str(uri): str(token) for uri, token in document["status_lists"].items()}
            return cls(parse_rfc3339(document["made_at"]), str(document["library"]), TrustedCas(roots, revoked), lists)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise InvalidKitError from error


@dataclass(frozen=True, slots=True)
class Seen:
    """What a terminal sees without a network.

    Attributes:
        shown: type, issuer and disclosed claims.
        status_at: the moment whose status was looked at.
    """

    shown: sdjwt.Shown
    status_at: datetime


def check(presentation: str, kit: Kit, challenge: Challenge, at: datetime) -> Seen:
    """Check a presentation by the plan above.

    Args:
        presentation: from the wallet: SD-JWT, disclosures, KB-JWT.
        kit: taken along.
        challenge: what this verifier asked the wallet to sign, once.
        at: the terminal's time.

    Raises:
        InvalidCredentialError, CredentialNotCurrentError: steps 1 and 4.
        SealError: the certificate of the issuer or of the list, see `sdjwt.verify`.
        HolderBindingError: step 2; a credential without a key cannot be shown offline.
        InvalidStatusListError: step 3, also where the kit has no such list.
    """
    shown = sdjwt.verify(presentation, kit.trusted, at=at, challenge=challenge)  # 1
    if not shown.is_bound:
        raise HolderBindingError(reason="no key")  # 2
    token = kit.lists.get(shown.status[0])
    if token is None:
        raise InvalidStatusListError(reason="not in the kit")  # 3
    statuslist.check(shown.status, statuslist.read(token, shown.status[0], kit.library, kit.trusted, at))  # 3, 4
    return Seen(shown, kit.made_at)
