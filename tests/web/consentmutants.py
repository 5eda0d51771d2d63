"""Consents of which one part went wrong before it was hashed, signed and logged: they reach steps 12 to 15.

`mutants` and `recordmutants` break a file; these break what happened, so that every hash and signature around the
broken part holds.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import NotCanonicalError
from tests.ledger.corpus.consentlog import Story
from tests.ledger.corpus.refusals import Refusal

if TYPE_CHECKING:
    from random import Random

ODD: Final = (None, True, 0, -1, 1, 2, 1.5, "", "01", "copy", [], ["CL001"], {}, "ab" * 32, "2026-11-21T04:00:09.000Z")
PLACES: Final = {
    "oidc": ("given_header", "given"),
    "passkey": ("key_terms", "key_login", "key_login_header", "enrolled", "given_client", "given_parts", "given_kept"),
    "host_app": ("key_terms", "key_login", "given", "given_header", "given_kept"),
    "counter": ("given_window", "given_reviewer", "given_kept"),
}
"""What a case may change, by the kind of signature."""
ALWAYS: Final = ("terms", "parties", "use", "use_fact", "ended", "earlier", "answer", "refused")
LINKS: Final = ("link0_terms", "link1_terms", "link0_parties", "link1_parties", "link0", "link1")


def make(random: Random) -> Any:
    """One bundle, broken in one or two places."""
    kind = random.choice(list(PLACES))
    links, earlier = random.choice((0, 0, 2)), random.choice((0, 1))
    places = [*PLACES[kind], *ALWAYS, *(LINKS if links else ())]
    changes = {place: lambda value: _mutant(random, value) for place in random.sample(places, random.choice((1, 1, 2)))}
    withdrawn = random.choice(("", "", kind if kind != "counter" else "slip"))
    batch, refused = random.random() < 0.3, random.random() < 0.25
    try:
        if refused:
            return Refusal(kind, changes, links, batch=batch).bundle()
        return Story(kind, changes, links, earlier, batch=batch, withdrawn=withdrawn).bundle()
    except (KeyError, TypeError, ValueError, AttributeError, NotCanonicalError):
        return make(random)  # what could not even be recorded


def _mutant(random: Random, value: Any) -> Any:
    made = deepcopy(value)
    held = made
    while isinstance(held, dict) and held:
        name = random.choice(list(held))
        if isinstance(held[name], dict) and held[name] and random.random() < 0.6:
            held = held[name]
            continue
        match random.randrange(4):
            case 0:
                del held[name]
            case 1:
                held[name] = deepcopy(random.choice(ODD))
            case 2:
                held[random.choice(("more", *held))] = deepcopy(held[name])
            case _:
                held[name] = _near(random, held[name])
        return made
    return made


def _near(random: Random, value: Any) -> Any:
    """A value that is almost the same."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + random.choice((-7200, -400, -20, -1, 1, 20, 400))
    if isinstance(value, str):
        at = random.randrange(len(value) + 1)
        return value[:at] + random.choice("019AZaz_-") + value[at + random.choice((0, 1)) :]
    return json.loads(json.dumps(value))[: random.randrange(2)] if isinstance(value, list) else value
