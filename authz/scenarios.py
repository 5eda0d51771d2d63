"""Application scenarios (应用场景) in force: which fields of which licences a verifier may see when a holder shows one.

A verifier's scope is an entry of the register `scenarios` (`ledger.registers`): publishing a version of it is the only
way to change what is in force, and both happen in one unit. No entry of one's own, no verification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from authz import registerforms
from authz.errors import ScenarioRefusedError, UnknownOperatorError
from authz.model import Act, Mode, Operator, PartyKind, Role, Scenario
from authz.store import scenarios as store
from ledger.clock import parse_rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.model import Caller
    from ledger.clock import Clock
    from ledger.registers import Changes, Draft, Registers, RegisterVersion
    from ledger.steps import Steps

KIND: Final = "scenarios"


class Scenarios:
    """Publishes and asks the register of scenarios."""

    def __init__(self, registers: Registers, counter: Counter, clock: Clock) -> None:
        self._registers = registers
        self._counter = counter
        self._clock = clock

    def publish(self, db: Connection, draft: Draft) -> tuple[RegisterVersion, Changes]:
        """Publish a version of the register and put it in force; it replaces the one before as a whole.

        Args:
            draft: of kind `scenarios`.

        Raises:
            RegisterError: see `Registers.publish` and `registerforms.check`; nothing changes.
        """
        registerforms.check(KIND, draft.entries)
        published, changes = self._registers.publish(db, draft, registerforms.form_of(KIND).key_of)
        store.put_in_force(db, (read(entry, published.version) for entry in draft.entries))
        return published, changes

    def for_scan(self, caller: Caller, operator: str, code: str) -> Steps[Scenario]:
        """The scope in which an operator may scan what holders show: a scenario of the organisation that holds now.

        Args:
            operator: handle.
            code: of the scenario.

        Raises:
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            ScenarioRefusedError: no such scenario; another organisation's looks the same.
        """
        roles, found = yield from store.scope(caller, operator, code)
        if roles is None or not caller.speaks_for(operator):
            raise UnknownOperatorError
        self._counter.permit(caller, Operator(caller.party_id, operator, frozenset(map(Role, roles))), Act.scan)
        now = self._clock.now()
        if (
            found is None
            or found.party_kind is not caller.party_kind
            or now < found.valid_from
            or (found.valid_to is not None and now >= found.valid_to)
        ):
            raise ScenarioRefusedError
        return found


def read(line: Mapping[str, Any], version: int) -> Scenario:
    """Read a line of the register that fits its form."""
    return Scenario(
        code=line["code"],
        org_code=line["org"],
        party_kind=PartyKind(line["party_kind"]),
        purpose=line["purpose"],
        types=frozenset(line["types"]),
        fields=tuple(line["fields"]) if "fields" in line else None,
        mode=Mode(line["mode"]),
        valid_from=parse_rfc3339(line["valid_from"]),
        valid_to=parse_rfc3339(line["valid_to"]) if "valid_to" in line else None,
        version=version,
    )
