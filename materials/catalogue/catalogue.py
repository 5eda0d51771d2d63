"""Reading the catalogue. Data, not code: a new type or item is a change of a file, with a new version."""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from ledger.record import canonical
from materials.catalogue.bundles import Bundle, read_bundle
from materials.catalogue.reading import read_item
from materials.errors import CatalogueError, UnknownBundleError, UnknownItemError, UnknownMaterialTypeError
from materials.model import CaseState, MaterialType, Validity, ValidityKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.resources.abc import Traversable

    from materials.catalogue.items import Item
    from materials.model import Case


class Catalogue:
    """Types, items and bundles of this node.

    Args:
        types: material types.
        items: service items; each may demand known types only.
        bundles: 一件事; each joins known items only.
        definitions: canonical JSON of items by their code, where they were read from files.
        type_definitions: the same of material types.
        past: items as they were before, by code and version.

    Raises:
        CatalogueError: a code is there twice, an item demands an unknown type or fills its form from one it does not
            demand, a bundle does not fit its items.
    """

    def __init__(
        self,
        types: list[MaterialType],
        items: list[Item],
        bundles: list[Bundle] | None = None,
        definitions: Mapping[str, bytes] = MappingProxyType({}),
        past: Mapping[tuple[str, str], Item] = MappingProxyType({}),
        type_definitions: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self.past = past
        self.type_definitions = type_definitions
        self.definitions = definitions
        self.types = {kind.code: kind for kind in types}
        self.items = {item.item_code: item for item in items}
        self.bundles = {bundle.code: bundle for bundle in bundles or []}
        if (len(self.types), len(self.items), len(self.bundles)) != (len(types), len(items), len(bundles or [])):
            raise CatalogueError(problem="a code is there twice")
        for item in items:
            wanted = item.types | ({item.gives} if item.gives else set())
            if unknown := wanted - self.types.keys():
                raise CatalogueError(item=item.item_code, demands=min(unknown))
            self._check_sources(item)
        for bundle in self.bundles.values():
            bundle.check(self.items)

    def _check_sources(self, item: Item) -> None:
        """Refuse a form that would be filled from what the item does not demand: no use of that is ever allowed."""
        licences = {self.types[code].licence_type for code in item.types}
        for each in item.fields:
            for source in each.sources:
                code, _, _ = source.removeprefix("material:").partition(".")
                known = code in item.types if code.startswith("CL") else code in licences
                if code.startswith(("CL", "LT")) and not known:
                    raise CatalogueError(item=item.item_code, field=each.code, source=source)

    @classmethod
    def load(cls) -> Self:
        """The catalogue that comes with this version."""
        folder = files("materials.catalogue")
        types = json.loads(folder.joinpath("types.json").read_text("utf-8"))["types"]
        held = _documents(folder.joinpath("items"))
        items = [read_item(document) for document in held]
        bundles = [read_bundle(document) for document in _documents(folder.joinpath("bundles"))]
        definitions = {str(document["item_code"]): canonical(document) for document in held}
        kinds = [read_material_type(row) for row in types]
        return cls(kinds, items, bundles, definitions, type_definitions={row["code"]: canonical(row) for row in types})

    def changed(
        self,
        items: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
        types: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    ) -> Catalogue:
        """This catalogue with other definitions of some items and material types, by their code; it stays what it is.

        Raises:
            CatalogueError: one is incomplete or contradicts itself, or items, types and bundles do not go together.
        """
        held = self.items | {code: read_item(dict(document)) for code, document in items.items()}
        kinds = self.types | {code: read_material_type(dict(document)) for code, document in types.items()}
        return Catalogue(
            list(kinds.values()),
            list(held.values()),
            list(self.bundles.values()),
            dict(self.definitions) | {code: canonical(dict(document)) for code, document in items.items()},
            self.past,
            dict(self.type_definitions) | {code: canonical(dict(document)) for code, document in types.items()},
        )

    def adopt(self, other: Catalogue, past: Iterable[Mapping[str, Any]] = ()) -> None:
        """Be as another one from now on, in every part that looks at items and types; for the whole process at once.

        Args:
            past: definitions of items that were in force before. Of those that this version of the program reads no
                more, the cases go by the item in force.
        """
        held = {}
        for document in past:
            with suppress(CatalogueError):
                item = read_item(dict(document))
                held[item.item_code, item.version] = item
        self.types, self.type_definitions = other.types, other.type_definitions  # first: items demand them
        self.past, self.items, self.definitions = held, other.items, other.definitions

    def entries(self) -> list[dict[str, Any]]:
        """The items as entries of the register `items`: publishing them anchors it.

        `sha256` is that of the canonical JSON (RFC 8785) of the item's whole definition.
        """
        return [
            {
                "code": each.item_code,
                "version": each.version,
                "name": each.name,
                "name_en": each.name_en,
                "org": each.org_code,
                "promised": each.limits.promised,
                "statutory": each.limits.statutory,
                "types": sorted(each.types),
                "sha256": sha256(self.definitions[each.item_code]).hexdigest(),
            }
            for each in self.items.values()
        ]

    def type_entries(self) -> list[dict[str, Any]]:
        """The material types as entries of the register `materials`; what is kept for ever has no `retention_years`.

        `sha256` is that of the canonical JSON (RFC 8785) of the type's whole definition.
        """
        return [
            {
                "code": each.code,
                "version": each.version,
                "name": each.name,
                "name_en": each.name_en,
                "issuer": each.issuer,
                "share_class": each.share_class,
                "level": each.level,
                "sha256": sha256(self.type_definitions[each.code]).hexdigest(),
                **({"retention_years": each.retention_years} if each.retention_years else {}),
                **({"licence_type": each.licence_type} if each.licence_type else {}),
            }
            for each in self.types.values()
        ]

    def type(self, code: str) -> MaterialType:
        """A material type.

        Raises:
            UnknownMaterialTypeError: there is none of that code.
        """
        try:
            return self.types[code]
        except KeyError:
            raise UnknownMaterialTypeError from None

    def item(self, code: str) -> Item:
        """A service item.

        Raises:
            UnknownItemError: there is none of that code.
        """
        try:
            return self.items[code]
        except KeyError:
            raise UnknownItemError from None

    def at(self, code: str, version: str) -> Item:
        """A service item as it was in a version; the one in force where nobody knows that version any more.

        Raises:
            UnknownItemError: there is none of that code.
        """
        item = self.item(code)
        return item if item.version == version else self.past.get((code, version), item)

    def of(self, case: Case) -> Item:
        """The item of a case: as it was when the case was handed in, whatever was published since.

        A draft goes by the item in force.

        Raises:
            UnknownItemError: there is none of that code.
        """
        return (
            self.item(case.item_code) if case.state is CaseState.draft else self.at(case.item_code, case.item_version)
        )

    def bundle(self, code: str) -> Bundle:
        """A bundle.

        Raises:
            UnknownBundleError: there is none of that code.
        """
        try:
            return self.bundles[code]
        except KeyError:
            raise UnknownBundleError from None


def _documents(folder: Traversable) -> list[dict[str, Any]]:
    """JSON files of a folder in the order of their names."""
    paths = sorted(folder.iterdir(), key=lambda path: path.name)
    return [json.loads(path.read_text("utf-8")) for path in paths if path.name.endswith(".json")]


def read_material_type(row: dict[str, Any]) -> MaterialType:
    """A material type from its definition.

    Raises:
        CatalogueError: a member is missing, unknown or wrong.
    """
    try:
        rule = row["validity"]
        validity = Validity(**(rule | {"kind": ValidityKind(rule["kind"])}))
        return MaterialType(**(row | {"validity": validity, "media_types": tuple(row["media_types"])}))
    except (TypeError, KeyError, ValueError) as error:
        raise CatalogueError(type=str(row.get("code")), problem="incomplete") from error
