"""Reading the licence catalogue. Data, not code: a new type is a change of a file, with a new version."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Self

from certs.errors import LicenceCatalogueError, UnknownLicenceTypeError
from certs.licencetypes import (
    FaceField,
    LicenceType,
    LicenceValidity,
    LicenceValidityKind,
    RelatedRole,
)
from ledger.record import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TUPLES: Final = ("type_codes", "holder_kinds", "sharing", "presenting")


class LicenceCatalogue:
    """Types of e-licence of this node.

    Args:
        types: the types.
        version: of the catalogue as a whole.
        definitions: the canonical bytes of each type's file; what is published are their digests.

    Raises:
        LicenceCatalogueError: a code is there twice, or two types stand for one material.
    """

    def __init__(
        self, types: Sequence[LicenceType], version: str, definitions: Mapping[str, bytes] | None = None
    ) -> None:
        self.definitions = definitions or {}
        self.types = {each.code: each for each in types}
        self.version = version
        self._by_type_code = {code: each for each in types for code in each.type_codes}
        self._by_material = {each.material_type: each for each in types if each.material_type}
        if len(self.types) < len(types):
            raise LicenceCatalogueError(problem="a code is there twice")
        counted = Counter(code for each in types for code in each.type_codes)
        if twice := [code for code, count in counted.items() if count > 1]:
            raise LicenceCatalogueError(type_code=twice[0], problem="a code is there twice")
        if len(self._by_material) < sum(1 for each in types if each.material_type):
            raise LicenceCatalogueError(problem="two types for one material")

    @classmethod
    def load(cls) -> Self:
        """The catalogue that comes with this version."""
        folder = files("certs.catalogue")
        version = json.loads(folder.joinpath("version.json").read_text("utf-8"))["version"]
        paths = sorted(folder.joinpath("types").iterdir(), key=lambda path: path.name)
        rows = [json.loads(path.read_text("utf-8")) for path in paths]
        return cls([read_type(row) for row in rows], version, {row["code"]: canonical(row) for row in rows})

    def with_types(self, documents: Mapping[str, Mapping[str, Any]]) -> LicenceCatalogue:
        """This catalogue with other definitions of some types, by their code; it stays what it is.

        Raises:
            LicenceCatalogueError: one is incomplete or contradicts itself, or they do not go together.
        """
        types = self.types | {code: read_type(dict(document)) for code, document in documents.items()}
        held = dict(self.definitions) | {code: canonical(dict(document)) for code, document in documents.items()}
        return LicenceCatalogue(list(types.values()), self.version, held)

    def adopt(self, other: LicenceCatalogue) -> None:
        """Be as another one from now on, in every part of the process that looks at types of licence."""
        self.types, self.definitions = other.types, other.definitions
        self._by_type_code, self._by_material = other._by_type_code, other._by_material

    def type(self, code: str) -> LicenceType:
        """A type by its code LTnn.

        Raises:
            UnknownLicenceTypeError: there is none of that code.
        """
        try:
            return self.types[code]
        except KeyError:
            raise UnknownLicenceTypeError from None

    def of_type_code(self, type_code: str) -> LicenceType:
        """A type by a 21-character 证照类型代码.

        Raises:
            UnknownLicenceTypeError: none of ours has it.
        """
        try:
            return self._by_type_code[type_code]
        except KeyError:
            raise UnknownLicenceTypeError from None

    def entries(self) -> list[dict[str, Any]]:
        """The catalogue as entries of the register `licences`: publishing them anchors it.

        `sha256` is that of the canonical JSON (RFC 8785) of the type's whole definition.
        """
        return [
            {
                "code": each.code,
                "version": each.version,
                "licence_type_code": each.type_code,
                "name": each.name,
                "name_en": each.name_en,
                "org": each.defining_org,
                "share_class": each.share_class,
                "level": each.level,
                "fields": [field.name for field in each.fields],
                "sha256": sha256(self.definitions[each.code]).hexdigest(),
                **({"material_type": each.material_type} if each.material_type else {}),
            }
            for each in self.types.values()
        ]

    def for_material(self, material_type: str) -> LicenceType | None:
        """The type that stands for a material type CLnnn, if any."""
        return self._by_material.get(material_type)


def read_type(row: dict[str, Any]) -> LicenceType:
    """A type from its file.

    Raises:
        LicenceCatalogueError: a member is missing, unknown or wrong.
    """
    try:
        rule = row["validity"]
        validity = LicenceValidity(
            LicenceValidityKind(rule["kind"]), tuple(rule.get("years", ())), long=rule.get("long", False)
        )
        made = {name: tuple(row[name]) for name in _TUPLES}
        made["fields"] = tuple(FaceField(**each) for each in row["fields"])
        made["related"] = tuple(RelatedRole(**each) for each in row.get("related", ()))
        return LicenceType(**(row | made | {"validity": validity}))
    except (TypeError, KeyError, ValueError) as error:
        raise LicenceCatalogueError(type=str(row.get("code")), problem="incomplete") from error
