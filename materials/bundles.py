"""Applying for a bundle (一件事): one questionnaire, one form and one set of materials, a case for each member.

The cases are opened in one unit, in the order in which they are run, and share the applicant, the people and the
answers; that the applicant is there is proven once for all of them. A result that one member passes on is seen by the
others' checklists: until the earlier case is decided they wait for it, and then it is there (`materials.checklist`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ledger.ids import new_id
from materials import bundlerows
from materials.errors import AnswerInvalidError, ApplicantKindError, UnknownBundleError, UnknownItemError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.model import Caller
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.catalogue.bundles import Bundle
    from materials.desk import Desk
    from materials.model import Case
    from materials.openings import Opening


@dataclass(frozen=True, slots=True)
class Application:
    """What a bundle is applied for with.

    Attributes:
        opening: what all cases share; its item, scenario, answers and people are not looked at.
        items: the members that are wanted; all where empty. A firm that exists already leaves its registration out.
    """

    bundle_code: str
    opening: Opening
    answers: Mapping[str, str] = field(repr=False)
    people: Mapping[str, Sequence[str]] = field(default_factory=dict)
    items: tuple[str, ...] = ()


class Bundles:
    """Opens the cases of bundles.

    Args:
        catalogue: bundles and items.
        cases: opens each.
        desk: the time.
    """

    def __init__(self, catalogue: Catalogue, cases: Cases, desk: Desk) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._desk = desk

    def open(self, db: Connection, caller: Caller, application: Application) -> tuple[str, list[Case]]:
        """Open a case for each wanted member; the id of the application, and the cases in their order.

        Raises:
            UnknownBundleError, UnknownItemError: no such bundle, or a member it does not have.
            ApplicantKindError: it is not open to this kind of applicant.
            AnswerInvalidError: an answer to a question nobody asks.
            Others as `Cases.open`.
        """
        bundle = self._catalogue.bundle(application.bundle_code)
        wanted = [code for code in bundle.items if not application.items or code in application.items]
        if not wanted or set(application.items) - set(bundle.items):
            raise UnknownItemError
        if application.opening.applicant_kind not in bundle.applicant_kinds:
            raise ApplicantKindError(kinds=", ".join(bundle.applicant_kinds))
        items = [self._catalogue.item(code) for code in wanted]
        asked = {question.code for item in items for question in item.questions}
        if strange := sorted(set(application.answers) - asked):
            raise AnswerInvalidError(question=strange[0], problem="unknown question")
        shown = self._cases.present(db, caller, application.opening, bundle.code, wanted)
        run_id, at = new_id(), self._desk.clock.now()
        bundlerows.insert_run(
            db, run_id, bundle.code, bundle.version, application.opening.applicant_id, caller.party_id, at
        )
        opened = []
        for item in items:
            opening = replace(
                application.opening,
                item_code=item.item_code,
                answers=bundle.answers_for(item, application.answers),
                people={role: held for role, held in application.people.items() if role in item.roles},
                bundle_run_id=run_id,
                shown=shown,
            )
            opened.append(self._cases.open(db, caller, opening))
        return run_id, opened

    def get(self, db: Connection, caller: Caller, run_id: str) -> tuple[Bundle, list[Case]]:
        """An application for a bundle at the caller's, with its cases in the order of the bundle.

        Raises:
            UnknownBundleError: there is none; another organisation's looks the same.
        """
        found = bundlerows.get(db, run_id, caller.party_id)
        if found is None or found[0] not in self._catalogue.bundles:
            raise UnknownBundleError
        bundle = self._catalogue.bundle(found[0])
        place = {code: number for number, code in enumerate(bundle.items)}
        cases = [self._cases.get(db, caller, number) for number in found[1]]
        return bundle, sorted(cases, key=lambda case: place.get(case.item_code, len(place)))
