"""From the JSON of an item file to an `Item`; whatever is missing or too much is a `CatalogueError`."""

from __future__ import annotations

from typing import Any

from materials.automatic.rules import Automatic, read
from materials.catalogue.conditions import parse
from materials.catalogue.items import (
    CheckPoint,
    Choice,
    CommitmentRule,
    Demand,
    FormField,
    Item,
    Limits,
    Question,
    Scenario,
)
from materials.checklist.model import Route
from materials.errors import CatalogueError


def read_item(row: dict[str, Any]) -> Item:
    """An item from its file.

    Raises:
        CatalogueError: incomplete, unknown members, or contradicting itself.
    """
    try:
        rule = row.get("commitment")
        fields = read_fields(row.get("fields", ()))
        demands = tuple(_demand(each) for each in row["demands"])
        return Item(
            **(
                row
                | {
                    "applicant_kinds": tuple(row["applicant_kinds"]),
                    "limits": Limits(**row["limits"]),
                    "scenarios": tuple(Scenario(**(each | _when(each))) for each in row["scenarios"]),
                    "demands": demands,
                    "questions": read_questions(row.get("questions", ())),
                    "fields": fields,
                    "check_points": tuple(CheckPoint(**each) for each in row.get("check_points", ())),
                    "commitment": None if rule is None else _rule(rule),
                    "automatic": _automatic(row, fields, demands),
                    "generic": tuple(row["generic"]),
                    "roles": {code: _names(names) for code, names in row.get("roles", {}).items()},
                }
            )
        )
    except (TypeError, KeyError, ValueError) as error:
        raise CatalogueError(item=str(row.get("item_code")), problem="incomplete") from error


def read_questions(rows: Any) -> tuple[Question, ...]:
    """The steps of a questionnaire."""
    return tuple(
        Question(**(each | _when(each) | {"choices": tuple(Choice(**choice) for choice in each["choices"])}))
        for each in rows
    )


def read_fields(rows: Any) -> tuple[FormField, ...]:
    """The fields of a form."""
    return tuple(FormField(**(each | _when(each) | {"sources": tuple(each["sources"])})) for each in rows)


def _names(held: Any) -> tuple[str, str]:
    """In Chinese and in English, and no more."""
    if not isinstance(held, list):
        raise TypeError
    zh, en = held
    return zh, en


def _when(row: dict[str, Any]) -> dict[str, Any]:
    return {"when": parse(row.get("when"))}


def _demand(row: dict[str, Any]) -> Demand:
    return Demand(**(row | _when(row) | {"routes": tuple(Route(each) for each in row["routes"])}))


def _automatic(row: dict[str, Any], fields: tuple[FormField, ...], demands: tuple[Demand, ...]) -> Automatic | None:
    given = row.get("automatic")
    if given is None:
        return None
    forms = {each.code: each.kind for each in fields}
    return read(given, forms, set(row.get("roles", {})), {each.type_code for each in demands})


def _rule(row: dict[str, Any]) -> CommitmentRule:
    return CommitmentRule(**(row | {"scenarios": tuple(row["scenarios"])}))
