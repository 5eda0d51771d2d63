"""A review from end to end: plan, read and ask by uses and checks, look at documents, evaluate and keep.

Every part is a short unit of its own (DESIGN 3); files are fetched and their seals checked outside any. A document of
this department that nobody has had read is put in the queue: the review says that it is being read, and the next one
knows what it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from authz.errors import AuthzError
from authz.model import Caller
from certs.errors import CertsError
from certs.files.check import check_ofd, check_pdf
from certs.files.parties import ANYBODY
from ledger.errors import ObjectErasedError, ObjectNotFoundError
from ledger.steps import run
from materials.errors import MaterialsError
from materials.review.model import Cause
from materials.review.papers import SEALABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from api.filling import FormFilling
    from api.node import Node
    from materials.model import Material
    from materials.review.gathering import Gathered
    from materials.review.model import Review
    from materials.review.service import Reviews


class Reviewing:
    """Reviews cases.

    Args:
        node: database, objects, readings and seals.
        reviews: plans, evaluates, keeps.
        filling: reads by uses, asks by checks.
    """

    def __init__(self, node: Node, reviews: Reviews, filling: FormFilling) -> None:
        self._node = node
        self._reviews = reviews
        self._filling = filling

    def review(
        self,
        caller: Caller,
        case_no: str,
        operator: str,
        cause: str,
        keep: Callable[[Connection, Review, Gathered], None],
    ) -> None:
        """Review a case by all that may be known of it now.

        Args:
            cause: as every use says.
            keep: called in the last unit.

        Raises:
            QuotaSpentError: the organisation has had its uses of the day.
            as `Reviews.plan`.
        """
        seen = self._plan(caller, case_no, operator)
        if self._filling.supply(caller, seen, operator, cause):
            seen = self._plan(caller, case_no, operator)
        if self._documents(caller, seen, operator):
            seen = self._plan(caller, case_no, operator)
        with self._node.database.unit() as db:
            keep(db, self._reviews.keep(db, caller, seen, operator, Cause.asked), seen)

    def after(self, caller: Caller, case_no: str, operator: str, cause: Cause) -> None:
        """Review a case that was just handed in or accepted, by what is known: nobody asked for a use.

        The act it follows has been done and answered for; what keeps a review from being made keeps it from nothing.
        """
        try:
            seen = self._plan(caller, case_no, operator)
            if self._documents(caller, seen, operator):
                seen = self._plan(caller, case_no, operator)
            with self._node.database.unit() as db:
                self._reviews.keep(db, caller, seen, operator, cause)
        except (AuthzError, MaterialsError):
            return  # no check points, closed meanwhile, or the operator may not search

    def remake(self, material_id: str) -> None:
        """A document was read, or vouched for: the review of the open case it was handed in for is made anew, if any.

        By what is known, in the name of who had the last one made; nobody is asked and nothing is used for it.
        """
        with self._node.database.glance() as db:
            stale = self._reviews.stale(db, material_id)
            party = None if stale is None else self._node.parties.party(db, stale[1])
        if stale is None or party is None:
            return
        caller = Caller("", party.id, party.kind, party.org_code, party.division, frozenset(), "")
        self.after(caller, stale[0], stale[2], Cause.automatic)

    def _plan(self, caller: Caller, case_no: str, operator: str) -> Gathered:
        with self._node.database.glance() as db:
            return self._reviews.plan(db, caller, case_no, operator)

    def _documents(self, caller: Caller, seen: Gathered, operator: str) -> bool:
        """Check seals and queue readings; whether there was anything, so that it is worth looking again."""
        for material in seen.unsealed:
            self._seals(material)
        self._read(caller, seen.unread, operator)
        return bool(seen.unsealed or seen.unread)

    def _read(self, caller: Caller, unread: Sequence[Material], operator: str) -> None:
        """Have documents read; one that cannot be is told by the review."""
        for material in unread:
            try:
                with self._node.database.unit() as db:
                    self._node.readings.ask(db, caller, material.id, operator)
            except (AuthzError, MaterialsError):
                continue

    def _seals(self, material: Material) -> None:
        """Check the seals of a document: those that hold are kept by whose they are, else what is wrong."""
        if material.media_type not in SEALABLE:
            return
        node = self._node
        try:
            with node.database.glance() as db:
                trusted = node.seal_register.trusted(db)
                stored = run(db, node.objects.lookup(material.object_id))
            data = bytes(node.objects.open(stored).read_all())
        except (ObjectErasedError, ObjectNotFoundError):
            return
        check = check_pdf if material.media_type == "application/pdf" else check_ofd
        seals: list[str] = []
        problem = ""
        try:
            seals = [each.org_code for each in check(data, trusted, node.clock.now(), sealed_by=ANYBODY).seals]
        except CertsError as error:
            problem = error.code
        with node.database.unit() as db:
            self._reviews.keep_seals(db, material, seals, problem)
