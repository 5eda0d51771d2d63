"""What a new version of a definition may not change, since somebody relies on it. Pure.

Of a licence type everything that standing licences show, and that their credentials pin: names and titles, fields and
their kinds and order, type codes, template, the address of the metadata. And no field is told more freely than those
who hold such a licence were promised: its level may not fall, its mask may not go, it is not shared or presented from
now on where it was not. What is to be told more freely is a field of another name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from materials.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Mapping

    Document = Mapping[str, Any]

_LICENCE: Final = (
    "name", "name_en", "defining_org", "material_type", "template", "vct", "composite", "mutual", "object_field",
    "related",
)  # fmt: skip
_FIELD: Final = ("kind", "title_zh", "title_en", "since")


def item(_before: Document, _after: Document) -> None:
    """Cases go on by the version they were handed in under: nothing has to stay."""


def material_type(_before: Document, _after: Document) -> None:
    """What is held keeps the day until which it is locked; class and level hold from the next use on."""


def licence_type(before: Document, after: Document) -> None:
    """Refuse a version of a licence type that standing licences could not live with.

    Raises:
        CatalogueError: it changes what must stay.
    """
    for name in _LICENCE:
        if before.get(name) != after.get(name):
            raise CatalogueError(member=name, problem="standing licences rely on it")
    if before["type_codes"][0] != after["type_codes"][0] or not set(before["type_codes"]) <= set(after["type_codes"]):
        raise CatalogueError(member="type_codes", problem="a type code goes")
    if not set(before["holder_kinds"]) <= set(after["holder_kinds"]):
        raise CatalogueError(member="holder_kinds", problem="a kind of holder goes")
    if before["several_holders"] and not after["several_holders"]:
        raise CatalogueError(member="several_holders", problem="standing licences rely on it")
    _fields(before, after)
    old = {each["name"] for each in before["fields"]}
    for use in ("sharing", "presenting"):
        more = sorted((set(after[use]) - set(before[use])) & old)
        if more:
            raise CatalogueError(member=use, field=more[0], problem="told more freely than was promised")


def _fields(before: Document, after: Document) -> None:
    now = {each["name"]: each for each in after["fields"]}
    old = [each["name"] for each in before["fields"]]
    for was in before["fields"]:
        name = was["name"]
        if name not in now:
            raise CatalogueError(member="fields", field=name, problem="a field goes")
        for member in _FIELD:
            if was.get(member, "") != now[name].get(member, ""):
                raise CatalogueError(part=member, field=name, problem="standing licences show it so")
        if now[name]["level"] < was["level"] or (was.get("mask") and was["mask"] != now[name].get("mask")):
            raise CatalogueError(field=name, problem="told more freely than was promised")
    if [each["name"] for each in after["fields"] if each["name"] in old] != old:
        raise CatalogueError(member="fields", problem="fields in another order")
    for each in after["fields"]:
        if each["name"] not in old and each.get("since") != after["version"]:
            raise CatalogueError(field=each["name"], problem="a field that is added says since which version")
