"""Rules by which licences follow the change of another (免申即办), as data, checked when they are read.

A field *follows* another only where it said the same before the change: a permit whose person in charge is somebody
else keeps them. What needs a look at a place (premises, areas) is no field that may follow.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Self

from ledger.record import canonical
from materials.automatic.versions import NAME
from materials.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from certs.catalogue import LicenceCatalogue
    from certs.faces import Content

_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,40}")
_MEMBERS: Final = frozenset({"code", "version", "name", "name_en", "of", "objection_days", "then"})
_FOLLOWING: Final = frozenset({"text", "person_name"})
"""Kinds of field that may follow; an address is a place that somebody has looked at."""
MAX_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class LinkRule:
    """One rule.

    Attributes:
        of: LTnn whose change starts it.
        objection_days: working days for which the holder may object before anything is changed.
        then: by LTnn of the licence that follows: its field, and the field of the changed licence it follows.
        sha256: of the canonical JSON of its file, hexadecimal.
    """

    code: str
    version: str
    name: str
    name_en: str
    of: str
    objection_days: int
    then: Mapping[str, Mapping[str, str]]
    sha256: str


class LinkRules:
    """The rules of this node.

    Args:
        held: each of a code of its own.
        types: of licence, which every rule must fit.

    Raises:
        CatalogueError: a code is there twice, or a rule does not fit the types it names.
    """

    def __init__(self, held: list[LinkRule], types: LicenceCatalogue) -> None:
        self.by_code = {each.code: each for each in held}
        if len(self.by_code) != len(held):
            raise CatalogueError(problem="a linked rule is there twice")
        for rule in held:
            names = {each.name for each in types.type(rule.of).fields} | {NAME}
            for code, follow in rule.then.items():
                kind = types.type(code)
                able = {each.name for each in kind.fields if each.kind in _FOLLOWING and each.name != kind.object_field}
                if not set(follow) <= able | {NAME} or not set(follow.values()) <= names or kind.related:
                    raise CatalogueError(rule=rule.code, licence=code, problem="names what may not follow")

    @classmethod
    def load(cls, types: LicenceCatalogue) -> Self:
        """The rules that come with this version."""
        folder = files("materials.automatic.linked")
        paths = sorted((each for each in folder.iterdir() if each.name.endswith(".json")), key=lambda each: each.name)
        return cls([read_link(json.loads(each.read_text("utf-8"))) for each in paths], types)

    def of(self, type_code: str) -> list[LinkRule]:
        """Rules that a change of a type of licence starts."""
        return [each for each in self.by_code.values() if each.of == type_code]


def read_link(row: Mapping[str, Any]) -> LinkRule:
    """A rule from its file.

    Raises:
        CatalogueError: incomplete, or unknown members.
    """
    try:
        days = row["objection_days"]
        if row.keys() != _MEMBERS or not _CODE.fullmatch(row["code"]) or not row["then"]:
            raise CatalogueError(rule=str(row.get("code"))[:40], problem="members")
        if not isinstance(days, int) or not 1 <= days <= MAX_DAYS:
            raise CatalogueError(rule=row["code"], problem="objection_days")
        then = {each["licence"]: dict(each["follow"]) for each in row["then"]}
        named = {name: row[name] for name in ("code", "version", "name", "name_en", "of")}
    except (TypeError, KeyError, ValueError) as error:
        raise CatalogueError(rule=str(row.get("code"))[:40], problem="incomplete") from error
    if len(then) != len(row["then"]) or not all(then.values()):
        raise CatalogueError(rule=row["code"], problem="a licence is there twice, or follows nothing")
    return LinkRule(**named, objection_days=days, then=then, sha256=sha256(canonical(dict(row))).hexdigest())


def following(follow: Mapping[str, str], before: Content, after: Content, dependent: Content) -> dict[str, str]:
    """What a dependent licence says from now on, by field; nothing where the change does not concern it."""
    old, new, own = _values(before), _values(after), _values(dependent)
    return {
        field: new[source]
        for field, source in follow.items()
        if source in new and old.get(source) != new[source] and own.get(field) == old.get(source)
    }


def _values(content: Content) -> dict[str, str]:
    face = {name: value for name, value in content.face.items() if isinstance(value, str)}
    return face | {NAME: content.holders[0][0]}
