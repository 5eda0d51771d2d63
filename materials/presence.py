"""How the applicant of a case is there, and what proves it (DESIGN 7, "Presence").

| kind | proof |
|---|---|
| `holder_login` | a signature over `presence_terms`, made now, by the applicant or who represents them |
| `live_code` | a live code of the applicant's, or of who represents them, made for this organisation; it is spent |
| `id_card_read` | the card read is the applicant's, or of who represents them; without its code, staff state it |
| `agent_grant` | the agent's card, and a delegation from the applicant to the agent that stands for this item |
| `none` | nothing, and nothing personal is shown |

A bundle (一件事) is proven once for all its cases: the login names it, and the delegation must stand for every item.

An identity code read from a card is compared and forgotten. What was shown is kept as a keyed digest in the case's log
entry, and the holder is told of the case whatever the kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from authz.delegations import DELEGATE
from authz.delegationterms import Scope
from authz.errors import IdTokenRefusedError, KeyRefusedError, SignerNotHolderError
from authz.model import Identifier, Mode, Presence
from authz.terms import ACT_VERSION
from authz.vault import digest_of
from certs.errors import CertsError
from ledger.record import canonical
from ledger.steps import run
from materials.errors import PresenceRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import Connection

    from authz.delegations import Delegations
    from authz.holders import Holders
    from authz.model import Caller
    from authz.ports import RepresentationSource
    from authz.signatures import HolderSignatures
    from certs.presence import LiveCodes
    from ledger.clock import Clock


LEADS: Final = "legal_representative"
"""Capacity of who leads an organisation (`certs.model.RepresentationKind`)."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What shall prove a presence; each kind takes its own part.

    Attributes:
        login_id: id of the presence that was signed, chosen by the caller.
        signature: over the digest of `presence_terms`.
        code: text of a live code.
        counter: where the code was scanned, in the caller's own naming.
        card: what an identity card said.
        delegation_id: from the applicant to the agent.
    """

    login_id: str | None = None
    signature: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    counter: str | None = None
    card: Identifier | None = None
    delegation_id: str | None = None


def presence_terms(login_id: str, org_code: str, item_code: str) -> tuple[bytes, str]:
    """What an applicant signs to be there for an item, or a bundle by its code: canonical bytes, and their digest."""
    document = canonical({"action": "present", "id": login_id, "item": item_code, "org": org_code, "v": ACT_VERSION})
    return document, digest_of(document)


class Presences:
    """Checks proofs.

    Args:
        holders: whose card it is.
        signatures: who signed.
        representation: who stands for whom.
        delegations: which stand.
        live_codes: are spent.
        clock: tells the time.
    """

    def __init__(
        self,
        holders: Holders,
        signatures: HolderSignatures,
        representation: RepresentationSource,
        delegations: Delegations,
        live_codes: LiveCodes,
        clock: Clock,
    ) -> None:
        self._holders = holders
        self._signatures = signatures
        self._representation = representation
        self._delegations = delegations
        self._live_codes = live_codes
        self._clock = clock

    def check(
        self,
        db: Connection,
        caller: Caller,
        kind: Presence,
        proof: Proof,
        code: str,
        applicant_id: str,
        items: Collection[str] = (),
    ) -> str | None:
        """Check a proof; what shall be kept of it, as a keyed digest.

        Args:
            code: of the item or bundle that is applied for.
            items: of a bundle, those that are wanted; the item itself where empty.

        Raises:
            PresenceRefusedError: it does not hold; `check` names what failed.
        """
        check: dict[Presence, Callable[[], str | None]] = {
            Presence.holder_login: lambda: self._login(db, caller, proof, code, applicant_id),
            Presence.live_code: lambda: self._live_code(db, caller, proof, applicant_id),
            Presence.id_card_read: lambda: self._card(db, proof, applicant_id),
            Presence.agent_grant: lambda: self._agent(db, proof, items or (code,), applicant_id),
            Presence.none: lambda: None,
            Presence.proactive: lambda: None,
        }
        return check[kind]()

    def leaders(self, db: Connection, organisation_id: str) -> list[str]:
        """The legal representatives of an organisation, now."""
        now = self._clock.now()
        people = self._representation.representatives(db, organisation_id, now)
        return [each for each in people if LEADS in self._representation.kinds(db, each, organisation_id, now)]

    def _login(self, db: Connection, caller: Caller, proof: Proof, code: str, applicant_id: str) -> str:
        if proof.login_id is None or proof.signature is None:
            raise PresenceRefusedError(check="id_token")
        _, digest = presence_terms(proof.login_id, caller.org_code, code)
        try:
            self._signatures.check(db, proof.signature, digest, applicant_id)
        except (IdTokenRefusedError, KeyRefusedError, SignerNotHolderError) as error:
            raise PresenceRefusedError(check="id_token") from error
        return f"login {digest}"

    def _live_code(self, db: Connection, caller: Caller, proof: Proof, applicant_id: str) -> str:
        if proof.code is None:
            raise PresenceRefusedError(check="code")
        try:
            shown_by = self._live_codes.spend(db, caller, proof.code, proof.counter)
        except CertsError as error:
            raise PresenceRefusedError(check=error.code) from error
        self._stands_for(db, shown_by, applicant_id, "code")
        return f"code {proof.code}"

    def _card(self, db: Connection, proof: Proof, applicant_id: str) -> str | None:
        if proof.card is None:
            return None
        holder_id = self._holders.resolve(db, proof.card)
        if holder_id is None:
            raise PresenceRefusedError(check="card")
        self._stands_for(db, holder_id, applicant_id, "card")
        return f"card {holder_id}"

    def _agent(self, db: Connection, proof: Proof, items: Collection[str], applicant_id: str) -> str:
        agent = None if proof.card is None else self._holders.resolve(db, proof.card)
        if agent is None:
            raise PresenceRefusedError(check="card")
        if proof.delegation_id is None:
            raise PresenceRefusedError(check="delegation")
        scope = Scope(frozenset(items), frozenset(), Mode.verify, frozenset())
        chain = f"{DELEGATE}:{proof.delegation_id}"
        if not run(db, self._delegations.stands(chain, agent, applicant_id, scope, self._clock.now())):
            raise PresenceRefusedError(check="delegation")
        return f"agent {proof.delegation_id}"

    def _stands_for(self, db: Connection, person_id: str, applicant_id: str, check: str) -> None:
        if person_id != applicant_id and not self._representation.kinds(db, person_id, applicant_id, self._clock.now()):
            raise PresenceRefusedError(check=check)
