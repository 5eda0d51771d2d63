"""Bundles whose records are wrong and sealed well: members, records and sections mixed up by a seeded generator.

`mutants` breaks files anywhere and seldom gets past their form; these nearly all reach the step about records, or the
one about the document.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from tests.web.mutants import seal_again

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

KINDS: Final = (
    *("deposit", "use", "grant", "licence", "derived", "evidence", "heads", "key", "delegation", "earlier"),
    *("refusal", "refused-use"),
)
ODD: Final = (None, True, 0, -1, 1, "", "01", "08", "copy", [], ["01"], {}, "ab" * 32, {"sha256": "ab" * 32})
SHUT: Final = {"commitment": "A" * 43 + "="}


def entries(bundle: Any) -> Iterator[Any]:
    """Every entry of every act."""
    for name in KINDS:
        yield from bundle["sections"].get(name, {}).get("entries", ())


def contents(entry: Any) -> Iterator[Any]:
    """What an entry shows: of its two parts those that are open."""
    for part in ("fact", "parties"):
        if entry["opening"] is not None and "content" in entry["opening"][part]:
            yield entry["opening"][part]["content"]


class RecordMutants:
    """Makes mutants of whole bundles, from members and entries of all of them.

    Args:
        bundles: as JSON.
        random: seeded.
    """

    def __init__(self, bundles: Sequence[Any], random: Random) -> None:
        self._bundles = bundles
        self._random = random
        self._entries = [entry for bundle in bundles for entry in entries(bundle)]
        self._members = [item for entry in self._entries for held in contents(entry) for item in held.items()]

    def make(self) -> Any:
        """One mutant, whose records fit their leaves."""
        made = deepcopy(self._random.choice(self._bundles))
        for _ in range(self._random.choice((1, 1, 2, 3))):
            act = self._random.choice([name for name in KINDS if name in made["sections"]])
            held = made["sections"][act]["entries"]
            if held and self._random.random() < 0.5:
                self._change_member(self._random.choice(held))
            else:
                self._change_act(made, held)
        seal_again(made)
        return made

    def _change_member(self, entry: Any) -> None:
        shown = [held for held in contents(entry) if held]
        if not shown:
            return
        held = self._random.choice(shown)
        name, (other, value) = self._random.choice(list(held)), self._random.choice(self._members)
        match self._random.randrange(5):
            case 0:
                del held[name]
            case 1:
                held[name] = deepcopy(self._random.choice(ODD))
            case 2:
                held[other] = deepcopy(value)
            case 3:
                held[name] = deepcopy(self._random.choice([value for each, value in self._members if each == name]))
            case _ if isinstance(held[name], dict) and held[name]:
                held[name][self._random.choice(list(held[name]))] = deepcopy(self._random.choice(ODD))

    def _change_act(self, bundle: Any, held: list[Any]) -> None:
        at, another = self._random.randrange(len(held) + 1), deepcopy(self._random.choice(self._entries))
        match self._random.randrange(6):
            case 0 if at < len(held):
                held[at]["opening"] = None
            case 1 if at < len(held) and held[at]["opening"] is not None:
                held[at]["opening"]["parties"] = dict(SHUT)
            case 2 if at < len(held):
                held[at] = another
            case 3 if len(held) > 1:
                del held[at % len(held)]
            case 4:
                name = self._random.choice(KINDS)
                bundle["sections"].setdefault(name, {"entries": [another]})
                bundle["kind"] = self._random.choice((name, bundle["kind"]))
            case _:
                held.insert(at, another)
