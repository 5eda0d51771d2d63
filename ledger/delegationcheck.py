"""A chain of delegations, checked from plain JSON (docs/evidence.md, 8.5). Pure.

1. Each link's record names the terms shown, and its delegator's signature signs them (`ledger.consent`).
2. Each link hangs below the one before it, gives no more, and was given while that one held; `levels` counts down.
3. Whoever signed a link is whom the link above named: by the pairwise ids of its record. The commitments in the terms
   stay shut, but for those that whoever made the bundle opens.
4. The grant was signed by the end of the chain, and neither it nor the use goes beyond what the chain gives.

That the first delegator represented the principal is the node's word: the record says in which capacity.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ledger import consent
from ledger.errors import ConsentError
from ledger.record import canonical
from ledger.signedterms import DelegationTerms, lie_in, rank, within
from ledger.strictjson import items, members, text, unpadded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger.consentform import Link
    from ledger.envelope import BundleEntry
    from ledger.signedterms import GrantTerms
    from ledger.signertrust import SignerTrust

DELEGATE = "delegate"
_ABOVE = frozenset({"delegation", "holder", "delegate"})


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain that holds.

    Attributes:
        terms: of each link, the first one first.
        parties: of each link's record.
        signed: each link's signature.
        bound: whether every record says whom the link above named.
    """

    terms: tuple[DelegationTerms, ...]
    parties: tuple[Mapping[str, Any], ...]
    signed: tuple[consent.Signed, ...]
    bound: bool


def check(entries: Sequence[BundleEntry], links: Sequence[Link], trust: SignerTrust | None) -> Chain:
    """1 to 3, of entries that are all open.

    Raises:
        NotCanonicalError, ConsentError: a link does not hold.
    """
    terms, parties, signed, times = [], [], [], []
    for entry, link in zip(entries, links, strict=True):
        if entry.fact is None or entry.parties is None:
            raise ConsentError(reason="a delegation that is not shown")
        found = DelegationTerms.of(link.terms)
        if (found.digest, found.id) != (entry.parties.get("terms"), entry.parties.get("delegation")):
            raise ConsentError(reason="terms of another delegation")
        held = consent.check(link.signature, found.digest, entry.parties, entry.fact["time"], trust)
        if held.said.kind == "counter":
            raise ConsentError(reason="a delegation that staff signed")
        if held.enrolled is not None:
            consent.check_enrolment(held, trust)
        _check_opened(found, link)
        terms.append(found)
        parties.append(entry.parties)
        signed.append(held)
        times.append(entry.fact["time"])
    if terms[0].parent is not None:
        raise ConsentError(reason="a chain without its beginning")
    for (upper, given), (lower, time) in pairwise(zip(terms, times, strict=True)):
        if lower.parent != upper.id or time < given:
            raise ConsentError(reason="a delegation that hangs below another")
        upper.check_child(lower)
    for found, time in zip(terms, times, strict=True):
        if time >= found.valid_to or found.principal == found.delegate:
            raise ConsentError(reason="a delegation that was over, or to oneself")
    hanging = [_hangs(lower, upper) for upper, lower in pairwise(parties)]  # each of them: a wrong one raises
    return Chain(tuple(terms), tuple(parties), tuple(signed), all(hanging))


def check_grant(
    chain: Chain, terms: GrantTerms, parties: Mapping[str, Any], time: str, *, refuses: bool = False
) -> bool:
    """4, of a grant, or of a refusal.

    Args:
        terms: of the grant.
        parties, time: of its record.
        refuses: whether the terms were refused: who may give something for the item may say no to anything of it.

    Returns:
        Whether the record says that its signer is the end of the chain.

    Raises:
        NotCanonicalError, ConsentError: it is not of this chain, or goes beyond it.
    """
    last = chain.terms[-1]
    named = [text(each, "delegations") for each in items(parties.get("delegations"), len(chain.terms), "delegations")]
    if parties.get("representation") != DELEGATE or named != [each.digest for each in chain.terms]:
        raise ConsentError(reason="a grant of another chain")
    good = {"period": last.holds_at(time), "item": within([terms.item], last.items)}
    if not refuses:
        good |= {
            "end": terms.valid_to <= last.valid_to,
            "types": within(terms.types, last.types),
            "mode": terms.mode <= last.mode,
            "regions": lie_in(terms.regions, last.regions),
        }
    _demand(good, "the grant goes beyond the delegation")
    return _hangs(parties, chain.parties[-1])


def check_use(chain: Chain, parties: Mapping[str, Any], time: str) -> None:
    """4, of a use.

    Raises:
        ConsentError: it goes beyond the chain.
    """
    last = chain.terms[-1]
    good = {
        "period": last.holds_at(time),
        "item": within([text(parties.get("item"), "item")], last.items),
        "types": within([text(parties.get("object_type"), "object_type")], last.types),
        "mode": rank(parties.get("mode")) <= last.mode,
    }
    _demand(good, "the use goes beyond the delegation")


def _hangs(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> bool:
    """3. Whether a record says whom the link above named; old ones do not.

    Raises:
        ConsentError: it names somebody else.
    """
    if "above" not in lower:
        return False
    above = members(lower["above"], _ABOVE, (), "above")
    if any(text(above[name], name) != upper.get(name) for name in _ABOVE):
        raise ConsentError(reason="somebody else than the delegate signed")
    return True


def _check_opened(terms: DelegationTerms, link: Link) -> None:
    for name, opened in link.opened.items():
        told = unpadded(sha256(opened.salt + canonical(dict(opened.identifier))).digest())
        if told != getattr(terms, name):
            raise ConsentError(reason=f"the opening of another {name}")


def _demand(good: Mapping[str, bool], reason: str) -> None:
    for name, holds in good.items():
        if not holds:
            raise ConsentError(reason=f"{reason}: {name}")
