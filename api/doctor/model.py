"""What the doctor says: findings without secrets or personal data, so that a report can be handed on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class State(StrEnum):
    """How a finding is to be read."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding.

    Args:
        part: what was looked at (postgres, s3, chain, clock, disk, versions).
        check: which property.
        state: ok, warn or fail.
        detail: what was found.
        zh: what to do, in Chinese; empty when nothing.
        en: the same in English.
    """

    part: str
    check: str
    state: State
    detail: str
    zh: str = ""
    en: str = ""

    def as_dict(self) -> dict[str, str]:
        """Plain values, for JSON."""
        return {name: str(value) for name, value in asdict(self).items()}


def ok(part: str, check: str, detail: str) -> Check:
    """A finding that needs nothing to be done."""
    return Check(part, check, State.OK, detail)
