"""Asking somebody else about a holder, as the decision on a use knows it: no second rule beside `authz`.

What a source or another department says of a holder is the holder's, as much as a document of the same type. So whether
it may be asked is decided as a use of something of that type would be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from authz.model import Resource, ShareClass, UseRequest

if TYPE_CHECKING:
    from datetime import datetime

    from authz.model import Mode
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
