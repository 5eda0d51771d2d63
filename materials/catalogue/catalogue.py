"""Reading the catalogue. Data, not code: a new type or item is a change of a file, with a new version."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Self

from materials.errors import CatalogueError, UnknownItemError, UnknownMaterialTypeError
from materials.model import Demand, Item, MaterialType, Validity, ValidityKind


class Catalogue:
    """Types and items of this node.

    Args:
        types: material types.
        items: service items; each may demand known types only.

    Raises:
        CatalogueError: a code is there twice, or an item demands an unknown type.
    """

    def __init__(self, types: list[MaterialType], items: list[Item]) -> None:
        self.types = {kind.code: kind for kind in types}
        self.items = {item.item_code: item for item in items}
        if len(self.types) != len(types) or len(self.items) != len(items):
            raise CatalogueError(problem="a code is there twice")
        for item in items:
            if unknown := item.types - self.types.keys():
                raise CatalogueError(item=item.item_code, demands=min(unknown))

    @classmethod
    def load(cls) -> Self:
        """The catalogue that comes with this version."""
        folder = files("materials.catalogue")
        types = json.loads(folder.joinpath("types.json").read_text("utf-8"))["types"]
        items = sorted(folder.joinpath("items").iterdir(), key=lambda path: path.name)
        return cls([_type(row) for row in types], [_item(json.loads(path.read_text("utf-8"))) for path in items])

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


def _type(row: dict[str, Any]) -> MaterialType:
    try:
        rule = row["validity"]
        validity = Validity(**(rule | {"kind": ValidityKind(rule["kind"])}))
        return MaterialType(**(row | {"validity": validity, "media_types": tuple(row["media_types"])}))
    except (TypeError, KeyError, ValueError) as error:
        raise CatalogueError(type=str(row.get("code")), problem="incomplete") from error


def _item(row: dict[str, Any]) -> Item:
    try:
        return Item(
            **(
                row
                | {
                    "applicant_kinds": tuple(row["applicant_kinds"]),
                    "scenarios": tuple((each["code"], each["name"]) for each in row["scenarios"]),
                    "demands": tuple(Demand(**each) for each in row["demands"]),
                    "generic": tuple(row["generic"]),
                }
            )
        )
    except (TypeError, KeyError) as error:
        raise CatalogueError(item=str(row.get("item_code")), problem="incomplete") from error
