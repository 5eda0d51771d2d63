"""Filling a form from end to end: plan, read each thing by a use, put the questions that are left, keep.

Every part is a short unit of its own (DESIGN 3). A thing that is refused by the time it is read gives no value, and the
refusal is recorded as any other; the form says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from authz.errors import AuthzError, UseRefusedError
from authz.limits import Cost
from authz.onboardingerrors import QuotaSpentError
from certs.errors import CertsError
from ledger import failpoints
from ledger.steps import execute
from materials.checks import Asking
from materials.errors import MaterialsError, UnknownMaterialError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from api.checking import Checking
    from authz.limits import Meter
    from authz.model import Caller
    from authz.uses import Uses
    from ledger.db import Database
    from materials.checkrows import Check
    from materials.forms.model import Form
    from materials.forms.plans import Plan, Seen, Thing
    from materials.forms.reader import FormReader
    from materials.forms.service import Forms


class FormFilling:
    """Fills forms.

    Args:
        database: for units of its own.
        forms: plans and keeps.
        reader: reads licences and materials.
        uses: records refusals.
        checking: puts questions to sources.
        meter: what is read counts as a use.
    """

    def __init__(
        self, database: Database, forms: Forms, reader: FormReader, uses: Uses, checking: Checking, meter: Meter
    ) -> None:
        self._database = database
        self._forms = forms
        self._reader = reader
        self._uses = uses
        self._checking = checking
        self._meter = meter

    def fill(
        self,
        caller: Caller,
        case_no: str,
        operator: str,
        cause: str,
        keep: Callable[[Connection, Form, Plan], None],
    ) -> None:
        """Fill the form of a case.

        Args:
            cause: as every use says.
            keep: called in the last unit.

        Raises:
            QuotaSpentError: the organisation has had its uses of the day; what was read before counts when it is
                filled again.
            as `Forms.plan` and `Forms.keep`.
        """
        plan = self._plan(caller, case_no, operator)
        for thing in plan.things:
            self._read(caller, plan, thing, operator, cause)
        if plan.things:
            plan = self._plan(caller, case_no, operator)
        for code, type_code in plan.questions:
            self._ask(caller, Asking(case_no, type_code, cause, operator, code))
        if plan.questions:
            plan = self._plan(caller, case_no, operator)
        with self._database.unit() as db:
            keep(db, self._forms.keep(db, caller, plan, operator), plan)
            failpoints.reach("form.recorded")
        failpoints.reach("form.committed")

    def supply(self, caller: Caller, seen: Seen, operator: str, cause: str) -> bool:
        """Read and ask everything that may be read and asked for a case, not for its form alone.

        Returns:
            Whether there was anything, so that it is worth looking again.

        Raises:
            QuotaSpentError: as `fill`.
        """
        for thing in seen.things:
            self._read(caller, seen, thing, operator, cause)
        for code, type_code in seen.questions:
            self._ask(caller, Asking(seen.row.case.case_no, type_code, cause, operator, code))
        return bool(seen.things or seen.questions)

    def _plan(self, caller: Caller, case_no: str, operator: str) -> Plan:
        with self._database.glance() as db:
            return self._forms.plan(db, caller, case_no, operator)

    def _read(self, caller: Caller, seen: Seen, thing: Thing, operator: str, cause: str) -> None:
        self._meter.charge(caller.party_id, caller.party_kind, (Cost.uses,))
        request = self._reader.request(seen, thing, operator, cause)
        try:
            with self._database.unit() as db:
                self._reader.read(db, caller, thing, request)
                failpoints.reach("form.read")
            failpoints.reach("form.used")
        except UseRefusedError as refusal:
            with self._database.unit() as db:
                execute(db, self._uses.refuse(caller, request, refusal))
        except (CertsError, UnknownMaterialError):
            return  # nothing was written; the next plan says why there is no value

    def _ask(self, caller: Caller, asking: Asking) -> None:
        def kept(_db: Connection, _check: Check) -> None:
            """The check itself is all that is kept."""

        try:
            self._checking.ask(caller, asking, kept)
        except QuotaSpentError:
            raise
        except (AuthzError, MaterialsError):
            return  # it may not be asked any more; the next plan says why
