"""Reading the templates: `templates/*.json` say what each takes, the Typst file of the same name sets it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Self

from materials.errors import CatalogueError
from materials.generated.errors import UnknownTemplateError
from materials.generated.model import SealPlace, Slot, Template
from materials.reading import fieldrules


class Templates:
    """The templates of this version.

    Args:
        templates: no code twice.

    Raises:
        CatalogueError: one is malformed or there twice.
    """

    def __init__(self, templates: list[Template]) -> None:
        self.by_code = {each.code: each for each in templates}
        if len(self.by_code) != len(templates):
            raise CatalogueError(problem="a template is there twice")

    @classmethod
    def load(cls) -> Self:
        """The templates that come with this version."""
        folder = files("materials.generated").joinpath("templates")
        paths = sorted((path for path in folder.iterdir() if path.name.endswith(".json")), key=lambda path: path.name)
        return cls([_template(json.loads(path.read_text("utf-8"))) for path in paths])

    def get(self, code: str, type_code: str) -> Template:
        """A template for a material type.

        Raises:
            UnknownTemplateError: there is none.
        """
        held = self.by_code.get(code)
        if held is None or type_code not in held.types:
            raise UnknownTemplateError(template=code[:40], type=type_code)
        return held


def _template(row: dict[str, Any]) -> Template:
    try:
        slots = tuple(Slot(**(each | {"sources": tuple(each["sources"])})) for each in row["slots"])
        for slot in slots:
            if slot.reads and not any(fieldrules.rules().field(code, slot.reads) for code in row["types"]):
                raise CatalogueError(template=str(row["code"]), slot=slot.name, problem="nobody reads that")
        seals = tuple(SealPlace(**each) for each in row.get("seals", ()))
        return Template(**(row | {"types": tuple(row["types"]), "slots": slots, "seals": seals}))
    except (KeyError, TypeError) as error:
        raise CatalogueError(template=str(row.get("code")), problem="incomplete") from error
