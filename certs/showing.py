"""What a verifier sees of a licence that is shown: its scope, cut to what the holder shows and to the kind of code.

Pure. A field is seen where all of these name it: the verifier's scenario, the holder's choice, and the type's
`presenting` fields or those that every licence has. Masks are on unless the scenario names a field with `:clear`
(`certs.masks`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz.model import Mode, PartyKind
from certs import masks
from certs.licencetypes import BASE_FIELDS
from certs.lifecycle import day_of
from certs.model import CodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from authz.model import Party, Scenario
    from certs.faces import Content
    from certs.licencetypes import LicenceType
    from certs.model import Code, Licence, LicenceStatus

PRINTED_LEVEL: Final = 1
"""What a sheet of paper anybody may find shows, even beside the identity card."""
COMPANY_LEVEL: Final[Mapping[PartyKind, int]] = {
    PartyKind.government: 2,
    PartyKind.enforcement: 2,
    PartyKind.social: 1,
}
"""What a sign on a wall shows, by who scans it: nobody of the company is there to agree."""
_ALL_LEVELS: Final = 4


def presentable(kind: LicenceType) -> tuple[str, ...]:
    """Names of every field that a presentation of a type may show."""
    return (*BASE_FIELDS[kind.is_personal], *kind.presenting)


def covers(scenario: Scenario, kind: LicenceType) -> bool:
    """Whether a verifier's scope has a type at all."""
    return kind.code in scenario.types or kind.material_type in scenario.types


def selected(kind: LicenceType, scenario: Scenario, code: Code, party_kind: PartyKind) -> tuple[str, ...]:
    """What one verifier sees by one code: names of fields in order, `:clear` behind those without mask.

    Args:
        kind: of the licence.
        scenario: the verifier's scope; without fields of its own it has what the type presents, masked.
        code: what the holder shows.
        party_kind: of the verifier.
    """
    if scenario.mode is Mode.verify:
        return ()
    asked = kind.presenting if scenario.fields is None else scenario.fields
    clear = {masks.bare(each): masks.is_clear(each) for each in asked}
    highest = {CodeKind.live: _ALL_LEVELS, CodeKind.printed: PRINTED_LEVEL}.get(code.kind, COMPANY_LEVEL[party_kind])
    names = []
    for name in presentable(kind):
        field = kind.field_of(name)
        if field is not None and name in clear and (code.fields is None or name in code.fields):
            names += [name + masks.CLEAR if clear[name] else name] if field.level <= highest else []
    return tuple(names)


def values(
    kind: LicenceType,
    names: tuple[str, ...],
    licence: Licence,
    content: Content,
    issuer: Party | None,
    status: LicenceStatus,
) -> dict[str, str | list[str]]:
    """The values of selected fields, masked; what the licence does not have is left out.

    Args:
        names: from `selected`.
        content: the opened face of the licence.
        issuer: who issued it; None where no field names it.
        status: that holds now.
    """
    held = {**content.face, **_base(kind, licence, content, issuer, status)}
    found = {}
    for each in names:
        name = masks.bare(each)
        field, value = kind.field_of(name), held.get(name)
        if field is not None and value is not None:
            found[name] = masks.shown(field, value, Mode.data, clear=masks.is_clear(each))
    return found


def _base(
    kind: LicenceType, licence: Licence, content: Content, issuer: Party | None, status: LicenceStatus
) -> dict[str, str | tuple[str, ...] | None]:
    """Values of `licencetypes.BASE_FIELDS`."""
    names, code_types, codes = zip(*content.holders, strict=True)
    return {
        "licence_id": licence.licence_id,
        "licence_name": kind.name,
        "licence_no": licence.licence_no,
        "holder_name": _one_or_all(names),
        "holder_code": _one_or_all(codes),
        "holder_code_type": _one_or_all(code_types),
        "issuer_name": None if issuer is None else issuer.name,
        "issuer_code": None if issuer is None else issuer.org_code,
        "issue_date": day_of(licence.issued_at).isoformat(),
        "valid_from": licence.valid_from.isoformat(),
        "valid_to": None if licence.valid_to is None else licence.valid_to.isoformat(),
        "status": status.value,
    }


def _one_or_all(values: tuple[str, ...]) -> str | tuple[str, ...]:
    return values[0] if len(values) == 1 else values
