"""Asking somebody else about a holder, as the decision on a use knows it: no second rule beside `authz`.

What a source or another department says of a holder is the holder's, as much as a document of the same type. So whether
it may be asked is decided as a use of something of that type would be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz.model import Resource, ShareClass, UseRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from authz.model import Mode
    from materials.model import Case, MaterialType

_NOBODY: Final = "00000000-0000-0000-0000-000000000000"


def as_use(
    case: Case,
    kind: MaterialType,
    asked_id: str,
    *,
    mode: Mode,
    cause: str,
    operator: str,
    now: datetime,
    fields: Sequence[str] = (),
) -> tuple[UseRequest, Resource]:
    """A question about the applicant of a case, as a use of something of a type.

    Args:
        asked_id: of the question.
        mode: `verify` for yes or no, `data` for values of `fields`.
        now: what is said is so now.
    """
    request = UseRequest(
        asked_id, mode, case.case_no, case.item_code, cause, operator, None, tuple(sorted(set(fields)))
    )
    resource = Resource(
        kind="material",
        id=asked_id,
        type_code=kind.code,
        share_class=ShareClass(kind.share_class),
        level=kind.level,
        status="active",
        holder_id=case.applicant_holder_id,
        division=case.division,
        project_id=None,
        depositor_party_id=_NOBODY,
        dated=now,
    )
    return request, resource
