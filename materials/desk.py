"""What every act of a department in a case needs: who is who, who may act, the log, the time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from authz.counter import Counter
    from authz.holders import Holders
    from authz.notices import Notices
    from authz.parties import Parties
    from authz.vault import IdentityVault
    from ledger.clock import Clock
    from ledger.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Desk:
    """Services that are always used together.

    Attributes:
        holders: names holders pairwise, knows their codes.
        parties: names organisations.
        counter: who may act.
        notices: tells holders.
        vault: encrypts, and makes keyed digests.
        evidence: the log.
        clock: tells the time.
    """

    holders: Holders
    parties: Parties
    counter: Counter
    notices: Notices
    vault: IdentityVault
    evidence: Evidence
    clock: Clock
