"""What a rule needs, taken from the facts: sure values, or the end of the rule with the reason. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from materials.review.facts import CLEAR
from materials.review.model import Outcome, State
from materials.review.rules import FORM, MATERIAL
from materials.review.words import Why

if TYPE_CHECKING:
    from collections.abc import Collection

    from materials.review.facts import Facts, Held, Known, Paper, Place


class Ended(Exception):  # noqa: N818 - no error: the rule has its outcome before it compares anything
    """A rule that ends with what it needs."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.why)
        self.outcome = outcome


class Taker:
    """Takes what rules need.

    Attributes:
        facts: all there are.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def values(
        self, source: str, *, silence: State = State.unclear, forgiven: Collection[str] = ()
    ) -> tuple[Known, ...]:
        """The values of a source, each of them sure.

        Args:
            silence: what it is for the rule if a document that was read well does not say it.
            forgiven: doubts that are no doubt for this rule.

        Raises:
            Ended: it has none, or one that is not sure.
        """
        held = self.facts.values.get(source, ())
        if source.startswith(MATERIAL):
            papers = self.papers(source.partition(".")[0])
            seen = {each.place.id for each in held}
            for paper in papers:
                if paper.id not in seen:
                    raise Ended(unsaid(paper, source, silence))
        elif source.startswith(FORM):
            self._form(source)
        elif source.startswith("LT"):
            self._asked_for(source.partition(".")[0], source)
        if not held or (source.startswith("LT") and source in self.facts.missing):  # of several persons one has none
            why = self.facts.missing.get(source, Why.no_value)
            silent = silence if source.startswith(FORM) and why == Why.empty else State.unclear
            raise Ended(Outcome(silent, why, (source,)))
        for each in held:
            if each.doubt and each.doubt not in forgiven:
                why = each.doubt if each.doubt in set(Why) else Why.doubtful
                raise Ended(Outcome(State.unclear, why, (source,), (each.place,), held))
        return held

    def papers(self, source: str) -> tuple[Paper, ...]:
        """The documents of a type.

        Args:
            source: `material:CL022`.

        Raises:
            Ended: there are none.
        """
        code = source.removeprefix(MATERIAL)
        if code not in self.facts.demanded:
            raise Ended(Outcome(State.not_applicable, Why.not_demanded, (source,)))
        held = self.facts.papers.get(code, ())
        if held:
            return held
        if code in self.facts.vouched:
            raise Ended(Outcome(State.not_applicable, Why.vouched, (source,)))
        if code in self.facts.owed:
            raise Ended(Outcome(State.not_applicable, Why.owed, (source,)))
        raise Ended(Outcome(State.unclear, self.facts.missing.get(source, Why.no_document), (source,)))

    def licences(self, code: str) -> tuple[Held, ...]:
        """The licences of a type.

        Raises:
            Ended: nobody may look at one, or there is none.
        """
        self._asked_for(code, code)
        held = self.facts.licences.get(code, ())
        if not held:
            raise Ended(Outcome(State.unclear, self.facts.missing.get(code, Why.no_value), (code,)))
        return held

    def complete(self, code: str) -> None:
        """Go on only if nobody lacks a licence of a type that several persons need.

        Raises:
            Ended: somebody does, or nobody may look at theirs yet.
        """
        if code in self.facts.missing:
            raise Ended(Outcome(State.unclear, self.facts.missing[code], (code,)))

    def check_of(self, code: str) -> str | None:
        """The check by which a source said yes to what a licence type stands for."""
        return self.facts.vouched.get(self.facts.stands_for.get(code, ""))

    def _form(self, source: str) -> None:
        if self.facts.form is None:
            raise Ended(Outcome(State.unclear, Why.no_form, (source,)))
        if source.split(".")[1] not in self.facts.form:
            raise Ended(Outcome(State.not_applicable, Why.not_demanded, (source,)))

    def _asked_for(self, code: str, source: str) -> None:
        """A licence of a type that the item does not ask for after these answers does not count."""
        material = self.facts.stands_for.get(code)
        if material is not None and material not in self.facts.demanded:
            raise Ended(Outcome(State.not_applicable, Why.not_demanded, (source,)))


def unread(paper: Paper) -> Why | None:
    """Why nobody can tell yet what a document says; None where it was read well."""
    if paper.reading == "queued":
        return Why.being_read
    if paper.reading == "failed":
        return Why.unreadable
    if paper.reading != "read":
        return Why.not_read
    if paper.other_type:
        return Why.other_type
    return Why.poor_image if not paper.clear or min(paper.clear) < CLEAR else None


def unsaid(paper: Paper, source: str, silence: State) -> Outcome:
    """What it is that a document has no value for a field."""
    why = unread(paper)
    place: tuple[Place, ...] = (paper.place,)
    return Outcome(State.unclear, why, (source,), place) if why else Outcome(silence, Why.not_stated, (source,), place)
