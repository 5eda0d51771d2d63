"""All definitions, and whether they go together: with each other, and with what comes with the program.

Items, material types and licence types name each other; bundles, check points, programmes, linked changes and templates
name them. A publication of any kind is checked by the whole that comes of it, and so is what a process takes up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from certs import derived
from materials.automatic.entitled import Programmes
from materials.automatic.linkrules import LinkRules
from materials.automatic.versions import NAME
from materials.checklist.model import Route
from materials.errors import CatalogueError
from materials.generated.templates import Templates
from materials.review.service import check_licences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from certs.catalogue import LicenceCatalogue
    from materials.catalogue import Catalogue
    from materials.catalogue.items import Item

    Documents = Mapping[str, Mapping[str, Any]]

ITEM: Final = "item"
MATERIAL_TYPE: Final = "material-type"
LICENCE_TYPE: Final = "licence-type"
_OPENNESS: Final = "OCD"
"""Classes of sharing, the most open first."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Both catalogues.

    Attributes:
        catalogue: items, material types, bundles.
        licences: licence types.
    """

    catalogue: Catalogue
    licences: LicenceCatalogue

    def definitions(self, kind: str) -> Mapping[str, bytes]:
        """Canonical JSON of the definitions of a kind, by code."""
        held = self.catalogue
        return {ITEM: held.definitions, MATERIAL_TYPE: held.type_definitions, LICENCE_TYPE: self.licences.definitions}[
            kind
        ]

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """The definitions of a kind as entries of its register."""
        if kind == LICENCE_TYPE:
            return self.licences.entries()
        return self.catalogue.entries() if kind == ITEM else self.catalogue.type_entries()

    def changed(self, documents: Mapping[str, Documents]) -> Whole:
        """This whole with other definitions, by kind and code; it stays what it is.

        Raises:
            CatalogueError, LicenceCatalogueError: one is no definition of its kind, or they do not go together.
        """
        made = Whole(
            self.catalogue.changed(documents.get(ITEM, {}), documents.get(MATERIAL_TYPE, {})),
            self.licences.with_types(documents.get(LICENCE_TYPE, {})),
        )
        made.check()
        return made

    def check(self) -> None:
        """Check what no catalogue can check of itself.

        Raises:
            CatalogueError: they do not go together.
        """
        self._check_faces()
        check_licences(self.catalogue, self.licences)
        templates = Templates.load()
        for item in self.catalogue.items.values():
            self._check_item(item, templates)
        Programmes.load(self.catalogue)
        LinkRules.load(self.licences)

    def adopt(self, other: Whole, past: Iterable[Mapping[str, Any]]) -> None:
        """Be as another one from now on, in every part of the process."""
        self.licences.adopt(other.licences)
        self.catalogue.adopt(other.catalogue, past)

    def _check_faces(self) -> None:
        """A licence stands for the material that names it, and is never told more freely."""
        types = self.catalogue.types
        for kind in types.values():
            face = self.licences.for_material(kind.code)
            if (face.code if face else None) != kind.licence_type:
                code = kind.licence_type or (face.code if face else "")
                raise CatalogueError(
                    type=kind.code, licence=code, problem="licence and material do not name each other"
                )
            if face is None:
                continue
            if _OPENNESS.index(face.share_class) < _OPENNESS.index(kind.share_class) or face.level < kind.level:
                raise CatalogueError(
                    type=kind.code, licence=face.code, problem="the licence is freer than its material"
                )
        for face in self.licences.types.values():
            if face.material_type and face.material_type not in types:
                raise CatalogueError(licence=face.code, material_type=face.material_type, problem="no such material")

    def _check_item(self, item: Item, templates: Templates) -> None:
        """What an item names of licences and templates is there."""
        for demand in item.demands:
            held = templates.by_code.get(demand.generate or "")
            if Route.generated in demand.routes and (held is None or demand.type_code not in held.types):
                raise CatalogueError(item=item.item_code, generate=demand.generate or "", problem="no such template")
        for source in {source for field in item.fields for source in field.sources if source.startswith("LT")}:
            code, _, name = source.partition(".")
            face = self.licences.types.get(code)
            if face is None or name not in derived.sharable(face):
                raise CatalogueError(item=item.item_code, source=source, problem="no such shared field")
        result = None if item.automatic is None else item.automatic.result
        if result is not None:
            face = self.licences.types.get(result.licence)
            if face is None or not set(result.fields) <= face.by_name.keys() | {NAME}:
                raise CatalogueError(item=item.item_code, result=result.licence, problem="no such field of the licence")
