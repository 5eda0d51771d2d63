"""What the records of a holder's yes and no have in common: who signed, in which capacity, over which terms.

`grant.given` and `ask.refused` name it alike, so that one rule checks both (docs/evidence.md, 8.3).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from authz.delegations import DELEGATE, above

if TYPE_CHECKING:
    from authz.holders import Holders
    from authz.signers import Signer
    from authz.terms import GrantBody


def signed(holders: Holders, digest: str, grantor_id: str, party_id: str, signer: Signer) -> dict[str, object]:
    """Who signed something about terms.

    Args:
        digest: of the terms.
        grantor_id: the holder they are about.
        party_id: whom they are for; knows holder and signer by pairwise ids.
    """
    return {
        "terms": digest,
        "holder": holders.pairwise(grantor_id, party_id),
        "signer": holders.pairwise(signer.holder_id, party_id),
        "representation": DELEGATE if signer.delegations else signer.representation,
        **({"delegations": list(signer.delegations)} if signer.delegations else {}),
        **above(holders, (signer.representation or "").partition(":")[2], grantor_id, signer.holder_id),
        **signer.told(),
    }


def decided(
    holders: Holders, body: GrantBody, grantor_id: str, signer: Signer, answer: bytes | None
) -> dict[str, object]:
    """Who decided on terms, and what the terms say.

    Args:
        answer: what was signed, where it decides on several terms: so the signature can be held against these.
    """
    told = signed(holders, body.digest, grantor_id, body.party_id, signer)
    told |= {"requester": body.org_code, "item": body.item_code, "case": body.case_no}
    told |= {"basis": body.basis, "notice": body.notice, "notice_sha256": body.notice_digest}
    return told if answer is None else told | {"answer": json.loads(answer)}
