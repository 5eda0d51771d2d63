"""Reading the catalogue. Data, not code: a new type or item is a change of a file, with a new version."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from ledger.record import canonical
from materials.catalogue.bundles import Bundle, read_bundle
from materials.catalogue.reading import read_item
from materials.errors import CatalogueError, UnknownBundleError, UnknownItemError, UnknownMaterialTypeError
from materials.model import MaterialType, Validity, ValidityKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

    from materials.catalogue.items import Item


class Catalogue:
    """Types, items and bundles of this node.

    Args:
        types: material types.
        items: service items; each may demand known types only.
        bundles: 一件事; each joins known items only.
        definitions: canonical JSON of items by their code, where they were read from files.

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
    ) -> None:
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
        return cls([_type(row) for row in types], items, bundles, definitions)

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


def _type(row: dict[str, Any]) -> MaterialType:
    try:
        rule = row["validity"]
        validity = Validity(**(rule | {"kind": ValidityKind(rule["kind"])}))
        return MaterialType(**(row | {"validity": validity, "media_types": tuple(row["media_types"])}))
    except (TypeError, KeyError, ValueError) as error:
        raise CatalogueError(type=str(row.get("code")), problem="incomplete") from error
