"""What each kind of bundle must hold (docs/evidence.md, section 5): step 3 of `ledger.verify`. Pure.

A new kind is a new line in `ACTS`: which records, in which order, how far opened, and what binds them to one act.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger.envelope import is_time
from ledger.errors import LeafMismatchError
from ledger.strictjson import is_digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger.envelope import Bundle, BundleEntry

_STEP: Final = 3
_NAME: Final = "record"


@dataclass(frozen=True, slots=True)
class Act:
    """What a kind must hold.

    Attributes:
        first: type of the first record.
        ends: types of which one may follow.
        opened: whether all parties must be open: a receipt that hides who asked is none.
        binds: member of the parties that two records share; they must be open to show it.
        sm3: whether digests must hold SM3 beside SHA-256.
        beside: acts that may stand beside this one when it is the bundle's kind.
    """

    first: str
    ends: frozenset[str] = frozenset()
    opened: bool = False
    binds: str = ""
    sm3: bool = True
    beside: frozenset[str] = frozenset()


ACTS: Final[Mapping[str, Act]] = {
    "deposit": Act("material.deposited"),
    "use": Act(
        "use.intended",
        frozenset({"use.completed", "use.aborted"}),
        opened=True,
        binds="use",
        beside=frozenset({"deposit", "grant"}),
    ),
    "grant": Act("grant.given", frozenset({"grant.withdrawn"}), binds="grant"),
    "evidence": Act("evidence.anchored", sm3=False),
    "heads": Act("holder.heads"),
}

KINDS: Final = {name: act.beside for name, act in ACTS.items()}

_WITH_DOCUMENT: Final = frozenset({"material.deposited", "use.intended", "use.completed", "evidence.anchored"})


def check(bundle: Bundle) -> tuple[str, ...]:
    """Check that the records are those of one act of the bundle's kind.

    Returns:
        types of the records that can be read, in the bundle's order.

    Raises:
        LeafMismatchError: they are not.
    """
    for name, entries in bundle.acts.items():
        _check_act(name, ACTS[name], entries)
    if bundle.kind == "use":
        _check_beside(bundle)
    return tuple(entry.fact["type"] for entry in bundle.entries if entry.fact is not None)


def digests_of(entry: BundleEntry) -> Mapping[str, str] | None:
    """The digests a record names; None where it names none or is mute."""
    return entry.fact.get("digests") if entry.fact is not None else None


def _check_act(name: str, act: Act, entries: Sequence[BundleEntry]) -> None:
    if len(entries) > (2 if act.ends else 1):
        raise _refusal(f"not the records of a {name}")
    for place, entry in enumerate(entries):
        if entry.fact is None:
            continue
        _check_fact(entry.fact, act)
        if entry.fact["type"] not in (act.ends if place else {act.first}):
            raise _refusal(f"not the records of a {name}")
        if (act.opened or len(entries) > 1) and entry.parties is None:
            raise _refusal("parties must be open")
    if name == "use" and entries[0].parties is not None and not isinstance(entries[0].parties.get("requester"), str):
        raise _refusal("no requester")
    if act.binds and len(entries) > 1:
        _one([entry.parties.get(act.binds) for entry in entries if entry.parties is not None], f"more than one {name}")
    digests = [found for found in map(digests_of, entries) if found is not None]
    if any(each != digests[0] for each in digests):
        raise _refusal("records of more than one document")


def _check_fact(fact: Mapping[str, Any], act: Act) -> None:
    if not isinstance(fact.get("type"), str) or not is_time(fact.get("time")):
        raise _refusal("a record without type or time")
    size, digests = fact.get("size", 0), fact.get("digests")
    if type(size) is not int or size < 0:
        raise _refusal("size of the document")
    if "digests" not in fact:
        if fact["type"] in _WITH_DOCUMENT:
            raise _refusal("a record without digests")
        return
    allowed = [{"sha256", "sm3"}] if act.sm3 else [{"sha256", "sm3"}, {"sha256"}]
    if not isinstance(digests, dict) or digests.keys() not in allowed or not all(map(is_digest, digests.values())):
        raise _refusal("digests")


def _check_beside(bundle: Bundle) -> None:
    """That the deposit and the grant beside a use are those of this use."""
    use = bundle.acts["use"][0]
    for entry in bundle.acts.get("deposit", ()):
        if entry.fact is not None and use.fact is not None and digests_of(entry) != digests_of(use):
            raise _refusal("the deposit is of another document")
    for place, entry in enumerate(bundle.acts.get("grant", ())):
        if entry.fact is None:
            continue
        if entry.parties is None:
            raise _refusal("parties must be open")
        if place == 0 and use.parties is not None:
            for member in ("grant", "terms"):
                _one([entry.parties.get(member), use.parties.get(member)], "the grant is another")


def _one(values: Sequence[object], reason: str) -> None:
    if not all(isinstance(value, str) for value in values) or len(set(values)) > 1:
        raise _refusal(reason)


def _refusal(reason: str) -> LeafMismatchError:
    return LeafMismatchError(_STEP, _NAME, reason)
