"""Why a decision is what it is, policy by policy: for reviewers of a policy, before and after it is published.

The decision itself names only the policies that decided it. Here each policy is evaluated alone: a `forbid` beside one
policy that permits everything, so that its condition shows. Slow, and never on the way of a request.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import cedarpy

from authz.decider import evaluate
from authz.errors import InvalidTermsError
from authz.reasons import WORDING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from authz.policy import PolicyBook
    from authz.reasons import Reason, Wording

SITUATION: Final[Mapping[str, Mapping[str, Any]]] = {
    "party": {"kind": "government", "org": "11310118XX00000B0W", "divisions": ["310000", "310100", "310118"]},
    "thing": {"exists": True, "ref": "a", "type": "CL022", "share": "C", "level": 2, "status": "active"},
    "use": {
        "basis": "grant",
        "now": 1_000,
        "mode": 3,
        "fields": [],
        "cause_valid": True,
        "roles": ["window"],
        "item": "item",
        "case_no": "case",
        "case_org": True,
        "case_open": True,
        "case_item": "item",
        "demanded_by_item": True,
        "presence": "id_card_read",
        "related": True,
    },
    "grant": {
        "own": True,
        "intact": True,
        "represented": True,
        "state": "active",
        "uses_left": 1,
        "valid_from": 0,
        "valid_to": 2_000,
        "item": "item",
        "mode": 3,
        "objects": ["a"],
        "types": [],
        "fields": [],
        "regions": ["310118"],
        "things": 1,
        "signer": "oidc",
        "assurance": 2,
    },
    "duty": {
        "org": "11310118XX00000B0W",
        "item": "item",
        "types": ["CL022"],
        "fields": [],
        "mode": 3,
        "valid_from": 0,
    },
}
"""A use that is allowed on each of its bases (an open one where `thing.share` is `O`), in the words of the schema."""

_OPTIONAL: Final = frozenset(
    {
        *("grant.case", "grant.key_hours", "grant.frequency", "grant.recent", "grant.fresh_after"),
        *("thing.dated", "duty.valid_to"),
    }
)
_ACTIONS: Final = {1: "verify", 2: "data", 3: "copy"}
_ALLOW_ALL: Final = "permit (principal, action, resource);"


@dataclass(frozen=True, slots=True)
class Line:
    """One policy and what it says to one request.

    Attributes:
        policy: its id.
        effect: `permit` or `forbid`.
        holds: whether it applies and its condition holds; None where it errs.
        wording: what its refusal says; None for a policy that permits.
    """

    policy: str
    effect: str
    holds: bool | None
    wording: Wording | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A whole answer.

    Attributes:
        allowed: the decision on this basis.
        reasons: why not.
        lines: every policy of the set.
    """

    allowed: bool
    reasons: tuple[Reason, ...]
    lines: tuple[Line, ...]


def situation(changes: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The allowed use with some of its facts changed.

    Args:
        changes: `part.name` to a value, JSON or plain text, e.g. `thing.level` to `3`.

    Raises:
        InvalidTermsError: no such fact.
    """
    made = {part: dict(deepcopy(facts)) for part, facts in SITUATION.items()}
    for path, value in changes.items():
        part, _, name = path.partition(".")
        if name not in made.get(part, {}) and path not in _OPTIONAL:
            raise InvalidTermsError(term=path[:64])
        try:
            made[part][name] = json.loads(value)
        except ValueError:
            made[part][name] = value
    return made


def answer(book: PolicyBook, facts: Mapping[str, Mapping[str, Any]]) -> Explanation:
    """Decide on a situation and say what each policy says to it."""
    entities = [
        {"uid": {"type": "Party", "id": "party"}, "attrs": dict(facts["party"]), "parents": []},
        {"uid": {"type": "Thing", "id": "thing"}, "attrs": dict(facts["thing"]), "parents": []},
    ]
    context = dict(facts["use"])
    if context["basis"] in {"grant", "duty"}:
        context[context["basis"]] = dict(facts[context["basis"]])
    action = _ACTIONS.get(context["mode"], "copy")
    allowed, _, reasons = evaluate(book, action, entities, context)
    return Explanation(allowed, tuple(sorted(reasons)), tuple(explain(book, action, entities, context)))


def explain(
    book: PolicyBook, action: str, entities: list[dict[str, Any]], context: Mapping[str, Any]
) -> Iterator[Line]:
    """What each policy of a set says to one request.

    Args:
        action: e.g. `copy`.
        entities: principal and resource, as the decision gives them to Cedar.
        context: likewise.
    """
    asked = {
        "principal": entities[0]["uid"],
        "action": {"type": "Action", "id": action},
        "resource": entities[1]["uid"],
        "context": dict(context),
    }
    text = "\n".join(book.texts[name] for name in sorted(book.texts) if name.endswith(".cedar"))
    for cedar_id, policy in json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].items():
        alone = {"staticPolicies": {"this": policy}, "templates": {}, "templateLinks": []}
        one = cedarpy.policies_from_json_str(json.dumps(alone))
        forbids = policy["effect"] == "forbid"
        answer = cedarpy.is_authorized(asked, f"{_ALLOW_ALL}\n{one}" if forbids else one, entities, book.schema)
        holds = None if answer.diagnostics.errors else answer.allowed is not forbids
        name = book.names[cedar_id]
        yield Line(name, policy["effect"], holds, WORDING[book.reasons[name]] if forbids else None)
