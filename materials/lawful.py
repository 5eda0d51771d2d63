"""Asking somebody else about a holder, as the decision on a use knows it: no second rule beside `authz`.

What a source or another department says of a holder is the holder's, as much as a document of the same type. So whether
it may be asked is decided as a use of something of that type would be. What it is answered with *is* that use, decided
once more, spent, and in the holder's ledger; so is a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from authz.errors import UseRefusedError
from authz.model import Resource, ShareClass, UseRequest
from ledger.digests import digest
from ledger.steps import execute, run, together

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.model import Caller, CaseFacts, Mode, Use
    from authz.uses import Uses
    from materials.model import Case, MaterialType

_NOBODY: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about somebody of a case.

    Attributes:
        id: of the question.
        holder_id: whom it is about.
        mode: `verify` for yes or no, `data` for values of `fields`.
        at: what is said is so now.
    """

    id: str
    holder_id: str
    mode: Mode
    cause: str
    operator: str
    at: datetime
    fields: tuple[str, ...] = ()


def as_use(case: Case, kind: MaterialType, asked: Asked) -> tuple[UseRequest, Resource]:
    """A question in a case, as a use of something of a type."""
    fields = tuple(sorted(set(asked.fields)))
    request = UseRequest(asked.id, asked.mode, case.case_no, case.item_code, asked.cause, asked.operator, None, fields)
    resource = Resource(
        kind="material",
        id=asked.id,
        type_code=kind.code,
        share_class=ShareClass(kind.share_class),
        level=kind.level,
        status="active",
        holder_id=asked.holder_id,
        division=case.division,
        project_id=None,
        depositor_party_id=_NOBODY,
        dated=asked.at,
    )
    return request, resource


@dataclass(frozen=True, slots=True)
class Wanted:
    """A use that a question would be: who asks for what, in which case."""

    caller: Caller
    request: UseRequest
    resource: Resource
    facts: CaseFacts


def check(db: Connection, uses: Uses, wanted: Wanted) -> None:
    """Let a question be put, if its use would be allowed now.

    Raises:
        UseRefusedError: it would not; record that with `Uses.refuse`.
    """
    resource = wanted.resource
    told = run(
        db,
        uses.foresee(wanted.caller, wanted.request, resource, wanted.facts, resource.type_code, resource.level),
    )
    if told.basis is None:
        said = told.said or ""
        raise UseRefusedError(said, reason=said, holder_id=resource.holder_id)


def answered(db: Connection, uses: Uses, wanted: Wanted, said: bytes, key: str) -> tuple[Use, dict[str, str]]:
    """Open the use that an answer is, and deliver it; the use, and its digests.

    Args:
        said: what was answered, whose digests the use bears.
        key: under which it is unique for the client.

    Raises:
        UnknownOperatorError: the caller's organisation has no such operator any more.
        UseRefusedError: the use is refused by now; nothing was written.
    """
    both = digest(said)
    digests = {"sha256": both.sha256.hex(), "sm3": both.sm3.hex()}
    opening = uses.open(wanted.caller, wanted.request, wanted.resource, wanted.facts, len(said), digests, key)
    use, writes = run(db, opening)
    execute(db, together(*writes))
    return run(db, uses.delivered(use.id, 0, use.size)), digests
