"""The kinds of definition that are edited here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from certs.errors import UnknownLicenceTypeError
from materials.editing import staying
from materials.editing.whole import ITEM, LICENCE_TYPE, MATERIAL_TYPE
from materials.errors import UnknownItemError, UnknownMaterialTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind.

    Attributes:
        name: as callers name it, one of `KINDS`.
        register: whose next version a publication is.
        member: of a definition; holds its code.
        unknown: what is raised for a code that is not there.
        stays: refuses what a new version may not change of the one in force.
        addable: codes that may be added; None where definitions come and go with the program only.
    """

    name: str
    register: str
    member: str
    unknown: Callable[[], Exception]
    stays: Callable[[Mapping[str, Any], Mapping[str, Any]], None]
    addable: re.Pattern[str] | None = None


KINDS: Final = {
    each.name: each
    for each in (
        Kind(ITEM, "items", "item_code", UnknownItemError, staying.item),
        Kind(
            MATERIAL_TYPE,
            "materials",
            "code",
            UnknownMaterialTypeError,
            staying.material_type,
            re.compile(r"CL\d{3}"),
        ),
        Kind(LICENCE_TYPE, "licences", "code", UnknownLicenceTypeError, staying.licence_type),
    )
}
"""By name. An item belongs to an organisation that was taken on to run it, a licence type has a template and issuers:
those come with the program. A material type is no more than its definition, and may be added."""
