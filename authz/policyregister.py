"""Policies in force: the register `policies` (`ledger.registers`), published by a security officer.

A set of policies decides only what has been published: text, log entry and anchor of every version are public, and each
decision names its version. Publishing refuses a set that does not load, does not fit what this program asks of it, or
would let nobody publish the next one. A process that cannot load what is in force keeps the set it has and says so
(RELIABILITY Z3); before the first version the program's own files decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import product
from typing import TYPE_CHECKING, Final

from authz import policy, registerforms
from authz.decider import Decider, GrantStanding
from authz.errors import NotPermittedError, PolicyError, PolicySetRefusedError
from authz.model import (
    Act,
    Basis,
    Caller,
    CaseFacts,
    Duty,
    Grant,
    GrantState,
    Mode,
    Operator,
    PartyKind,
    Presence,
    Resource,
    Role,
    ShareClass,
    UseRequest,
)
from authz.reasons import Reason
from ledger import registers
from ledger.errors import UnknownRegisterVersionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.policy import PolicyBook
    from ledger.registers import Changes, Draft, Entry, Registers, RegisterVersion

KIND: Final = "policies"


@dataclass(frozen=True, slots=True)
class InForce:
    """What this process decides by.

    Attributes:
        register_version: published as; 0: the program's own files, not published.
        policy_version: SHA-256 of the set, as decisions name it.
        refused: a newer published version that this process cannot use; None where there is none.
    """

    register_version: int
    policy_version: str
    refused: int | None = None


class Policies:
    """Publishes sets of policies and keeps a decider at the newest.

    Args:
        registers: of the node.
        decider: to be kept.
    """

    def __init__(self, registers: Registers, decider: Decider) -> None:
        self._registers = registers
        self._decider = decider
        self.in_force = InForce(0, decider.version)

    def publish(self, db: Connection, draft: Draft) -> tuple[RegisterVersion, Changes]:
        """Publish a set; every process takes it up when it next refreshes.

        Raises:
            PolicySetRefusedError: the set is of no use; nothing changes.
            RegisterError: see `Registers.publish` and `registerforms.check`.
        """
        registerforms.check(KIND, draft.entries)
        try:
            check(policy.from_texts(texts_of(draft.entries)))
        except PolicyError as error:
            raise PolicySetRefusedError(**error.fields) from error
        return self._registers.publish(db, draft, registerforms.form_of(KIND).key_of)

    def refresh(self, db: Connection) -> bool:
        """Take up the newest published set; whether there was anything new.

        One indexed row is read where there is nothing new.
        """
        newest = next(iter(registers.heads(db, KIND, limit=1)), None)
        number = newest[0] if newest else 0
        if number in (self.in_force.register_version, self.in_force.refused):
            return False
        try:
            book = policy.from_texts(texts_of(registers.version(db, KIND, number).entries))
            check(book)
        except (PolicyError, UnknownRegisterVersionError):
            self.in_force = InForce(self.in_force.register_version, self._decider.version, number)
            return True
        self._decider.use(book)
        self.in_force = InForce(number, book.version)
        return True

    def warnings(self) -> list[str]:
        """That a published set cannot be used here, where it is so."""
        held = self.in_force
        if held.refused is None:
            return []
        return [f"policies version {held.refused} cannot be used; version {held.register_version} stays in force"]


def entries_of(texts: Mapping[str, str]) -> list[dict[str, str]]:
    """Files as entries of the register."""
    return [
        {"file": name, "sha256": sha256(text.encode()).hexdigest(), "text": text}
        for name, text in sorted(texts.items())
    ]


def texts_of(entries: Sequence[Entry]) -> dict[str, str]:
    """Entries of the register as files.

    Raises:
        PolicyError: a text is not the one its digest names.
    """
    for entry in entries:
        if sha256(entry["text"].encode()).hexdigest() != entry["sha256"]:
            raise PolicyError(problem="digest", file=entry["file"])
    return {entry["file"]: entry["text"] for entry in entries}


def check(book: PolicyBook) -> None:
    """Refuse a set that does not understand what this program asks, or that nobody could replace.

    Raises:
        PolicyError: it is such a set.
    """
    decider = Decider(book)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for mode, kind, basis in product(Mode, ("material", "licence"), Basis):
        decision = decider.decide(*_question(kind, mode, basis, now), now)
        if Reason.policy_error in decision.reasons:
            raise PolicyError(problem="does not understand this program's requests")
    officer = Operator("party", "officer", frozenset({Role.security_officer}))
    for act in Act:
        try:
            decider.permit(_CALLER, officer, act)
        except NotPermittedError:
            if act is Act.publish_policies:
                raise PolicyError(problem="nobody could publish the next set") from None


_CALLER: Final = Caller("client", "party", PartyKind.government, "organisation", "310199", frozenset(), "jkt")


def _question(
    kind: str, mode: Mode, basis: Basis, now: datetime
) -> tuple[Caller, Operator, UseRequest, Resource, CaseFacts, GrantStanding | None, Duty | None]:
    """A request with every member that one on this basis can have."""
    share = ShareClass.unconditional if basis is Basis.open else ShareClass.conditional
    resource = Resource(kind, "thing", "CL001", share, 1, "active", "holder", "310199", "project", "depositor")
    facts = CaseFacts("case", True, True, True, "item", True, Presence.holder_login, "holder", "project", "lead")
    grant = Grant(
        id="grant",
        digest="",
        body=b"",
        grantor_id="holder",
        signer_id="holder",
        signer_kind="oidc",
        representation=None,
        grantee_id="party",
        item_code="item",
        case_no="case",
        mode=Mode.copy,
        objects=frozenset({"thing"}),
        types=frozenset({"CL001"}),
        fields=frozenset({"name"}),
        regions=frozenset({"310199"}),
        max_uses=2,
        uses_left=1,
        valid_from=now - timedelta(days=1),
        valid_to=now + timedelta(days=1),
        state=GrantState.active,
        entry_id="entry",
        given_at=now,
    )
    duty = Duty(
        id="duty",
        version="1",
        org_code="organisation",
        article="article",
        item_code="item",
        types=frozenset({"CL001"}),
        mode=Mode.copy,
        valid_from=now - timedelta(days=1),
        valid_to=now + timedelta(days=1),
        fields=frozenset({"name"}),
    )
    operator = Operator("party", "window", frozenset({Role.window}))
    request = UseRequest("thing", mode, "case", "item", "cause", "window", None, ("name",))
    return (
        _CALLER,
        operator,
        request,
        resource,
        facts,
        GrantStanding(grant, intact=True, represented=True) if basis is Basis.grant else None,
        duty if basis is Basis.duty else None,
    )
