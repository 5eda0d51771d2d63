"""Whether a use kept to its grant: every limit held against the use's entry (docs/evidence.md, 8.6). Pure.

How often the grant was used is counted from the evidence: a use's record carries its number under the grant, and the
bundle shows the uses before it (section `earlier`). A number given twice, or one above the limit, is found out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger import signedterms
from ledger.envelope import is_time
from ledger.errors import ConsentError
from ledger.signedterms import milliseconds
from ledger.strictjson import integer, items, mapping, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger.consent import Said
    from ledger.envelope import BundleEntry
    from ledger.signedterms import GrantTerms

CLEAR: Final = ":clear"
"""Ending of a field that is given unmasked; who may have it so may have it masked."""
SENSITIVE: Final = 3
"""Level of security from which consent is to one thing alone (单独同意), and by a sure and seasoned signature."""
KEY_WAITS: Final = 24 * 3_600_000
"""Age that a key must have for such things, milliseconds."""
_DAY: Final = 86_400_000
_MAX_FIELDS: Final = 1000
_MAX_LEVEL: Final = 4
_MAX_HOLDERS: Final = 64


def level_of(parties: Mapping[str, Any]) -> int | None:
    """Level of security of what was used, 1 to 4; None in a record that does not say it.

    Raises:
        ConsentError: no level.
    """
    if "level" not in parties:
        return None
    level = integer(parties["level"], "level")
    if not 1 <= level <= _MAX_LEVEL:
        raise ConsentError(reason="level")
    return level


def check(terms: GrantTerms, said: Said, use: BundleEntry, given: BundleEntry, withdrawn: BundleEntry | None) -> bool:
    """Hold every limit but those on how often against a use.

    Args:
        terms: of the grant.
        said: what the grant's record says of its signature.
        use: the record `use.intended`, open.
        given, withdrawn: the records of the grant, open; `withdrawn` None where none is shown.

    Returns:
        Whether the record says all there is to compare.

    Raises:
        NotCanonicalError, ConsentError: the use goes beyond the grant.
    """
    parties, time = dict(use.parties or {}), str((use.fact or {})["time"])
    _check_order(use, given, withdrawn)
    mode = signedterms.rank(parties.get("mode"))
    good = {
        "period": terms.valid_from <= time < terms.valid_to,
        "mode": mode <= terms.mode,
        "fields": mode != signedterms.MODES["data"] or _gives(terms.fields, parties.get("fields")),
        "item": text(parties.get("item"), "item") == terms.item,
        "case": terms.case is None or parties.get("case") == terms.case,
        "objects": text(parties.get("object"), "object") in terms.objects
        or text(parties.get("object_type"), "object_type") in terms.types,
        "requester": parties.get("requester") == terms.org,
    }
    level, division = level_of(parties), parties.get("division")
    if level is not None and level >= SENSITIVE:
        good["level"] = said.kind != "counter" and said.assurance > 1
        good["one thing alone"] = len(terms.objects) + len(terms.types) == 1
    if division is not None:
        good["region"] = signedterms.lie_in([signedterms.division(division)], terms.regions)
    if terms.fresh_days is not None and "dated" in parties:
        if not is_time(parties["dated"]):
            raise ConsentError(reason="dated is not a time")
        good["freshness"] = milliseconds(time) - milliseconds(parties["dated"]) <= terms.fresh_days * _DAY
    for name, holds in good.items():
        if not holds:
            raise ConsentError(reason=f"the use goes beyond the grant: {name}")
    # A use that rests on the grants of several holders (共同同意) shows one of them: the rest is not compared.
    shown = level is not None and division is not None and "grants" not in parties
    return shown and (terms.fresh_days is None or "dated" in parties)


def count(terms: GrantTerms, use: BundleEntry, earlier: Sequence[BundleEntry]) -> int | None:
    """Count the uses of a grant up to this one.

    Args:
        use: the record `use.intended`, open.
        earlier: records of uses of the same grant before it.

    Returns:
        Which use this is, the first is 1; None where the bundle does not show all before it.

    Raises:
        NotCanonicalError, ConsentError: too many, too often, or a number given twice.
    """
    parties, time = dict(use.parties or {}), milliseconds(str((use.fact or {})["time"]))
    if "grant_use" not in parties:
        return None
    number = number_of(parties, terms.id)
    shown = [entry for entry in earlier if entry.fact is not None and entry.parties is not None]
    numbers = [number_of(dict(entry.parties or {}), terms.id) for entry in shown]
    if number > terms.max_uses or len(set(numbers)) != len(numbers) or any(each >= number for each in numbers):
        raise ConsentError(reason="the grant was used more often than it allows")
    times = [milliseconds(str((entry.fact or {})["time"])) for entry in shown]
    if terms.frequency is not None:
        allowed, seconds = terms.frequency
        if sum(at > time - 1000 * seconds for at in times) >= allowed:
            raise ConsentError(reason="the grant was used too often at a time")
    return number if len(numbers) == number - 1 else None


def number_of(parties: Mapping[str, Any], grant_id: str) -> int:
    """Which use of a grant a record is of: its own number, or that among the grants of several holders.

    Raises:
        NotCanonicalError, ConsentError: it does not say.
    """
    of = parties
    if parties.get("grant") != grant_id:
        named = [mapping(each, "grants") for each in items(parties.get("grants"), _MAX_HOLDERS, "grants")]
        found = [each for each in named if each.get("grant") == grant_id]
        of = found[0] if found else {}
    number = integer(of.get("grant_use"), "grant_use")
    if number == 0:
        raise ConsentError(reason="number of a use")
    return number


def _gives(given: Sequence[str], asked: object) -> bool:
    allowed = {*given, *(field.removesuffix(CLEAR) for field in given)}
    return {text(each, "field") for each in items(asked, _MAX_FIELDS, "fields")} <= allowed


def _check_order(use: BundleEntry, given: BundleEntry, withdrawn: BundleEntry | None) -> None:
    """The grant stands before the use, and its end after it: in the log where both are there, else by their times."""
    if not _before(given, use) or (withdrawn is not None and not _before(use, withdrawn)):
        raise ConsentError(reason="a use while the grant did not stand")


def _before(one: BundleEntry, other: BundleEntry) -> bool:
    if one.index is not None and other.index is not None:
        return one.index < other.index
    return str((one.fact or {})["time"]) <= str((other.fact or {})["time"])
