"""What each kind of bundle must hold (docs/evidence.md, section 5): step 3 of `ledger.verify`. Pure.

A new kind is a new line in `ACTS`: which records, in which order, how far opened, and what binds them to one act. What
a single type of record must say beyond that is in `_FACTS` and `_PARTIES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger.envelope import is_time
from ledger.errors import LeafMismatchError
from ledger.strictjson import is_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from ledger.consentform import Why
    from ledger.envelope import Bundle, BundleEntry

_STEP: Final = 3
_NAME: Final = "record"

RENDITIONS: Final = frozenset({"copy", "data", "verify"})
"""What may leave in the place of a licence's original: a derived copy (加注件), its data, an answer."""
STATUSES: Final = frozenset({"01", "02", "03", "04", "05", "06", "07", "99"})
"""State of a licence: codes of the national licence library."""
OPERATIONS: Final = frozenset(f"{number:02}" for number in range(1, 11))
_ISSUING: Final = frozenset({"01", "02", "08", "09"})
"""Operations that make a new licence or a new version of one: issue, renewal, transfer in, change."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a kind must hold.

    Attributes:
        first: type of the first record.
        ends: types of which one may follow.
        opened: whether all parties must be open: a receipt that hides who asked is none. Two records, too, must be open
            to show that they are of one act.
        opened_beside: the same where the act stands beside the bundle's main one.
        binds: members of the parties that all records share.
        named: further texts that the first record's parties have, where they are open.
        sm3: whether digests must hold SM3 beside SHA-256.
        many: whether all records are of the first type, each of an act of its own.
        beside: acts that may stand beside this one when it is the bundle's kind; None of one that is no kind.
    """

    first: str
    ends: frozenset[str] = frozenset()
    opened: bool = False
    opened_beside: bool = False
    binds: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    sm3: bool = True
    many: bool = False
    beside: frozenset[str] | None = frozenset()


ACTS: Final[Mapping[str, Act]] = {
    "deposit": Act("material.deposited"),
    "use": Act(
        "use.intended",
        frozenset({"use.completed", "use.aborted"}),
        opened=True,
        binds=("use",),
        named=("requester",),
        beside=frozenset({"deposit", "grant", "licence", "derived", "key", "delegation", "earlier"}),
    ),
    "grant": Act(
        "grant.given",
        frozenset({"grant.withdrawn"}),
        opened_beside=True,
        binds=("grant",),
        beside=frozenset({"key", "delegation"}),
    ),
    "licence": Act(
        "licence.issued",
        frozenset({"licence.changed"}),
        binds=("licence", "licence_id"),
        named=("requester", "licence", "licence_id"),
    ),
    "derived": Act("licence.derived", opened_beside=True, named=("requester", "use", "copy", "licence", "licence_id")),
    "evidence": Act("evidence.anchored", sm3=False),
    "heads": Act("holder.heads"),
    "key": Act("key.enrolled", opened=True, opened_beside=True, named=("key", "terms"), many=True),
    "delegation": Act(
        "delegation.given",
        opened=True,
        opened_beside=True,
        named=("delegation", "terms", "holder", "delegate"),
        many=True,
        beside=frozenset({"key"}),
    ),
    "earlier": Act("use.intended", opened_beside=True, named=("use", "grant"), many=True, beside=None),
    "refusal": Act("ask.refused", opened=True, named=("ask", "terms"), beside=frozenset({"key", "delegation"})),
    "refused-use": Act("use.refused", opened=True, named=("requester", "said")),
}

GRANTED: Final = frozenset({"key", "delegation", "earlier"})
"""Acts that stand beside a use only together with its grant."""
KINDS: Final = {name: act.beside for name, act in ACTS.items()}

_WITH_DOCUMENT: Final = frozenset(
    {"material.deposited", "use.intended", "use.completed", "evidence.anchored", "licence.derived"}
)


def check(bundle: Bundle) -> tuple[str, ...]:
    """Check that the records are those of one act of the bundle's kind.

    Returns:
        types of the records that can be read, in the bundle's order.

    Raises:
        LeafMismatchError: they are not.
    """
    for name, entries in bundle.acts.items():
        act = ACTS[name]
        _check_act(name, act, entries, opened=act.opened if name == bundle.kind else act.opened_beside)
    if bundle.kind == "use":
        _check_beside(bundle)
        _check_earlier(bundle)
    if bundle.why is not None:
        _check_why(bundle.acts["refused-use"][0], bundle.why)
    return tuple(entry.fact["type"] for entry in bundle.entries if entry.fact is not None)


def digests_of(entry: BundleEntry) -> Mapping[str, str] | None:
    """The digests a record names; None where it names none or is mute."""
    return entry.fact.get("digests") if entry.fact is not None else None


def _check_act(name: str, act: Act, entries: Sequence[BundleEntry], *, opened: bool) -> None:
    if len(entries) > (2 if act.ends else 1) and not act.many:
        raise _refusal(f"not the records of a {name}")
    opened = opened or len(entries) > 1
    for place, entry in enumerate(entries):
        if entry.fact is None:
            continue
        _check_fact(entry.fact, act)
        if entry.fact["type"] not in (act.ends if place and not act.many else {act.first}):
            raise _refusal(f"not the records of a {name}")
        if entry.parties is None and opened:
            raise _refusal("parties must be open")
        if entry.parties is not None:
            _check_parties(entry.fact["type"], entry.parties, () if place and not act.many else act.named)
    for member in act.binds if opened else ():
        shared = [entry.parties.get(member) for entry in entries if entry.parties is not None]
        _one(shared, f"not one {name}")
    digests = [found for found in map(digests_of, entries) if found is not None]
    if not act.many and any(each != digests[0] for each in digests):
        raise _refusal("records of more than one document")


def _check_fact(fact: Mapping[str, Any], act: Act) -> None:
    if not isinstance(fact.get("type"), str) or not is_time(fact.get("time")):
        raise _refusal("a record without type or time")
    size = fact.get("size", 0)
    if type(size) is not int or size < 0:
        raise _refusal("size of the document")
    if "digests" in fact:
        _check_digests(fact["digests"], sm3=act.sm3)
    elif fact["type"] in _WITH_DOCUMENT:
        raise _refusal("a record without digests")
    if check := _FACTS.get(fact["type"]):
        check(fact)


def _check_parties(type_: str, parties: Mapping[str, Any], named: Sequence[str]) -> None:
    for member in named:
        _one([parties.get(member)], f"no {member}")
    if check := _PARTIES.get(type_):
        check(parties)


def _check_digests(digests: object, *, sm3: bool = True) -> None:
    allowed = [{"sha256", "sm3"}] if sm3 else [{"sha256", "sm3"}, {"sha256"}]
    if not isinstance(digests, dict) or digests.keys() not in allowed or not all(map(is_digest, digests.values())):
        raise _refusal("digests")


def _check_among(value: object, allowed: Collection[str], what: str) -> None:
    if not isinstance(value, str) or value not in allowed:
        raise _refusal(f"unknown {what}")


def _check_issued(fact: Mapping[str, Any]) -> None:
    """A licence has a file, or only a face: never both, or one could be shown for the other."""
    if ("digests" in fact) == ("face" in fact):
        raise _refusal("a licence has digests of its file, or else of its face")
    if "face" in fact:
        _check_digests(fact["face"])


def _check_derived(fact: Mapping[str, Any]) -> None:
    """What left is named, and its parent, and it is not that parent itself."""
    _check_among(fact.get("rendition"), RENDITIONS, "rendition")
    _check_digests(fact.get("parent"))
    if any(fact["parent"][name] == digest for name, digest in fact["digests"].items()):
        raise _refusal("the derived copy is the original")


def _check_issuing(parties: Mapping[str, Any]) -> None:
    _check_among(parties.get("operation"), _ISSUING, "operation")
    if parties.get("ofd") is not None:
        _check_digests(parties["ofd"])


def _check_changing(parties: Mapping[str, Any]) -> None:
    _check_among(parties.get("operation"), OPERATIONS, "operation")
    _check_among(parties.get("status"), STATUSES, "status")


_FACTS: Final[Mapping[str, Callable[[Mapping[str, Any]], None]]] = {
    "licence.issued": _check_issued,
    "licence.derived": _check_derived,
}
"""What the facts of a type say beside type, time, size and digests."""
_PARTIES: Final[Mapping[str, Callable[[Mapping[str, Any]], None]]] = {
    "licence.issued": _check_issuing,
    "licence.changed": _check_changing,
}
"""What the parties of a type say, where they are open."""


def _check_beside(bundle: Bundle) -> None:
    """That what stands beside a use is of this use, its document, its grant and its licence."""
    use, deposit, grant, licence, derived = (
        bundle.acts[name][0] if name in bundle.acts else None
        for name in ("use", "deposit", "grant", "licence", "derived")
    )
    document = digests_of(use) if use else None
    if document is not None:
        if deposit and deposit.fact is not None and digests_of(deposit) != document:
            raise _refusal("the deposit is of another document")
        if licence and licence.fact is not None and licence.fact.get("digests", licence.fact.get("face")) != document:
            raise _refusal("the licence is another")
        if derived and derived.fact is not None and derived.fact["parent"] != document:
            raise _refusal("the copy is of another document")
    _agree(grant, use, {"grant": "grant", "terms": "terms"}, "the grant is another")
    _agree(derived, use, {"use": "use", "requester": "requester"}, "the copy was made for another use")
    if use and use.parties is not None and "object" in use.parties:
        _agree(derived, use, {"licence": "object"}, "the copy is of another licence")
    _agree(derived, licence, {"licence": "licence", "licence_id": "licence_id"}, "the copy is of another licence")


def _check_earlier(bundle: Bundle) -> None:
    """What stands there for a grant has one, and the uses before this one are of the same."""
    if "grant" not in bundle.acts and GRANTED & bundle.acts.keys():
        raise _refusal("no grant to go with it")
    use = bundle.acts["use"][0].parties
    for entry in bundle.acts.get("earlier", ()):
        if entry.parties is None or use is None:
            continue
        grants = entry.parties.get("grants", [])
        named = [each.get("grant") for each in grants if isinstance(each, dict)] if isinstance(grants, list) else []
        if use.get("grant") not in [entry.parties.get("grant"), *named] or not isinstance(use.get("grant"), str):
            raise _refusal("an earlier use of another grant")


def _check_why(refused: BundleEntry, why: Why) -> None:
    """Why a use was refused is what its record committed to; of an erased one nobody can say."""
    if refused.parties is not None and refused.parties.get("why") != why.digest:
        raise _refusal("another reason than the record holds")


def _agree(one: BundleEntry | None, other: BundleEntry | None, names: Mapping[str, str], reason: str) -> None:
    """Two records say the same, as far as both are open."""
    if one is None or other is None or one.parties is None or other.parties is None:
        return
    for name, other_name in names.items():
        _one([one.parties.get(name), other.parties.get(other_name)], reason)


def _one(values: Sequence[object], reason: str) -> None:
    """All of them are one text."""
    if not all(isinstance(value, str) for value in values) or len(set(values)) > 1:
        raise _refusal(reason)


def _refusal(reason: str) -> LeafMismatchError:
    return LeafMismatchError(_STEP, _NAME, reason)
