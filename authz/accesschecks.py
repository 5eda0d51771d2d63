"""Whether a use that would be allowed is held back, since who answers for its type has not approved the access.

Judged last, of what is allowed otherwise: so the answer tells nobody of a thing they may not know of. Not of what the
caller itself put in, nor in an emergency that two people opened.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from authz.model import Basis, ShareClass
from authz.reasons import Reason

if TYPE_CHECKING:
    from authz.model import Caller, Decision, Resource


def held_back(caller: Caller, resource: Resource | None, decision: Decision, *, missing: bool) -> Decision:
    """The decision, or a refusal in its place.

    Args:
        missing: somebody answers for the type, and did not approve the caller's access to it for the item
            (`authz.store.accessrequests.MISSING`).
    """
    if not missing or resource is None or decision.basis not in {Basis.grant, Basis.duty}:
        return decision
    if resource.depositor_party_id == caller.party_id or resource.share_class is not ShareClass.conditional:
        return decision
    return replace(
        decision, allowed=False, basis=None, grant_id=None, duty_id=None, reasons=(Reason.access_required.value,)
    )
