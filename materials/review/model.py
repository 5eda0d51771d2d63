"""Words of a pre-review: states, findings, what somebody decided about one, a review as it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from materials.review.facts import Known, Place

VERSION: Final = 1
"""Of the form in which a review is kept."""


class State(StrEnum):
    """What came of a check point."""

    passed = "passed"
    failed = "failed"
    unclear = "unclear"
    """A source is missing or not sure: somebody has to look. Never taken for passed."""
    not_applicable = "not-applicable"


class Verdict(StrEnum):
    """What staff decided about a finding."""

    resolved = "resolved"
    """It was right, and has been put right or explained."""
    false_alarm = "false-alarm"


class Cause(StrEnum):
    """Why a review was made."""

    asked = "asked"
    submitted = "submitted"
    accepted = "accepted"
    automatic = "automatic"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one rule.

    Attributes:
        why: of `materials.review.words`; empty where it passed.
        about: sources that the words name, in order.
        places: where to look.
        values: what was compared.
        more: what else the words say.
    """

    state: State
    why: str = ""
    about: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    values: tuple[Known, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check point, in words.

    Attributes:
        code: of the check point.
        rule: kind of its rule.
        zh, en: what was found.
        what_to_do: in Chinese and English; None where there is nothing to do.
        places: as JSON.
        values: what was compared: source and value.
        digest: SHA-256 of state, reason, places and values, hex: another digest is another finding.
    """

    code: str
    rule: str
    state: State
    why: str
    zh: str
    en: str
    what_to_do: tuple[str, str] | None
    places: tuple[Mapping[str, Any], ...]
    values: tuple[Mapping[str, str], ...] = field(repr=False)
    digest: str

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "code": self.code,
            "rule": self.rule,
            "state": self.state.value,
            "why": self.why,
            "zh": self.zh,
            "en": self.en,
            "what_to_do": None if self.what_to_do is None else list(self.what_to_do),
            "places": [dict(each) for each in self.places],
            "values": [dict(each) for each in self.values],
            "digest": self.digest,
        }

    @classmethod
    def of_json(cls, held: Mapping[str, Any]) -> Self:
        """What `to_json` made."""
        told = held["what_to_do"]
        return cls(
            **(
                dict(held)
                | {
                    "state": State(held["state"]),
                    "what_to_do": None if told is None else (told[0], told[1]),
                    "places": tuple(held["places"]),
                    "values": tuple(held["values"]),
                }
            )
        )


@dataclass(frozen=True, slots=True)
class Resolution:
    """What somebody decided about a finding.

    Attributes:
        digest: of the finding; it stands for that one only.
        reason: theirs.
    """

    code: str
    verdict: Verdict
    digest: str
    reason: str = field(repr=False)
    operator: str
    at: datetime
    entry_id: str


@dataclass(frozen=True, slots=True)
class Review:
    """The check points of a case as they came out.

    Attributes:
        version: 1 and up; each run makes one.
        findings: in the order of the item.
        resolutions: by check point; only such as stand for the finding that is there.
    """

    case_no: str
    item_code: str
    version: int
    cause: Cause
    as_of: datetime
    entry_id: str
    findings: tuple[Finding, ...]
    resolutions: Mapping[str, Resolution] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """Findings that failed, and that nobody has settled."""
        return tuple(each for each in self.findings if each.state is State.failed and each.code not in self.resolutions)

    @property
    def unclear(self) -> tuple[Finding, ...]:
        """Findings that somebody has to look at, and that nobody has settled."""
        return tuple(
            each for each in self.findings if each.state is State.unclear and each.code not in self.resolutions
        )

    @property
    def clean(self) -> bool:
        """Nothing failed and nothing is unclear."""
        return not (self.failed or self.unclear)

    def count(self, state: State) -> int:
        """How many came out in a state."""
        return sum(each.state is state for each in self.findings)

    def body(self) -> dict[str, Any]:
        """What is kept encrypted."""
        return {"v": VERSION, "findings": [each.to_json() for each in self.findings]}
