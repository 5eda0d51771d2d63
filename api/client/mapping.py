"""Mapping files: how the columns of somebody's table become the rows the node gathers.

    {"type": "LT12", "encoding": "gb18030",
     "columns": {"licence_no": "许可证编号",
                 "issued_on": {"column": "发证日期", "date": "%Y年%m月%d日"},
                 "status": {"column": "状态", "values": {"有效": "01", "注销": "04"}},
                 "holders": [{"name": "经营者名称", "type": {"value": "001"}, "code": "统一社会信用代码"}],
                 "face": {"premises": "经营场所", "business_items": {"column": "经营项目", "split": "、"}}}}

Of a JSON row `a.b` names a member of a member. What a rule cannot read (a date of another form, a word that `values`
does not have) goes on as it is: the node refuses the row and says where.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

_MEMBERS: Final = {"type", "encoding", "columns"}
_RULE: Final = {"column", "value", "date", "values", "split"}


class MappingError(Exception):
    """The mapping file is not one; the message says where."""


@dataclass(frozen=True, slots=True)
class RowMapping:
    """A mapping, ready to be used.

    Attributes:
        encoding: of the file.
        columns: rules by the members of a row.
        type: type of every row, or empty where a column says it.
    """

    encoding: str
    columns: Mapping[str, Any]
    type: str = ""

    @classmethod
    def of(cls, value: object) -> Self:
        """Read the JSON of a mapping file.

        Raises:
            MappingError: an unknown member, or a rule of another form.
        """
        if not isinstance(value, dict) or not value.keys() <= _MEMBERS or not isinstance(value.get("columns"), dict):
            raise MappingError(f"members are {', '.join(sorted(_MEMBERS))}; columns is an object")
        encoding, type_ = value.get("encoding", "utf-8-sig"), value.get("type", "")
        try:
            "".encode(encoding)
        except (LookupError, TypeError) as error:
            raise MappingError(f"encoding {encoding!r} is not known") from error
        _check(value["columns"], "columns")
        return cls(encoding, value["columns"], str(type_))

    def columns_named(self) -> set[str]:
        """Every column that a rule reads."""
        return set(_named(self.columns))

    def row(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The node's row of one of the file's; what is empty is left out."""
        made = _made(self.columns, given) or {}
        return ({"type": self.type} if self.type else {}) | made


def _check(rule: object, where: str) -> None:
    if isinstance(rule, str):
        return
    if isinstance(rule, list):
        for number, each in enumerate(rule):
            _check(each, f"{where}[{number}]")
        return
    if not isinstance(rule, dict):
        raise MappingError(f"{where}: a column's name, or an object")
    if _is_rule(rule):
        if "column" in rule and not isinstance(rule["column"], str):
            raise MappingError(f"{where}: column is a name")
        if not isinstance(rule.get("values", {}), dict) or not isinstance(rule.get("date", ""), str):
            raise MappingError(f"{where}: values is an object, date a format of strptime")
        if "split" in rule and not (isinstance(rule["split"], str) and rule["split"]):
            raise MappingError(f"{where}: split is a text")
        return
    for name, each in rule.items():
        _check(each, f"{where}.{name}")


def _is_rule(rule: Mapping[str, Any]) -> bool:
    return rule.keys() <= _RULE and ("column" in rule) != ("value" in rule)


def _named(rule: Any) -> list[str]:
    if isinstance(rule, str):
        return [rule]
    if isinstance(rule, list):
        return [name for each in rule for name in _named(each)]
    if _is_rule(rule):
        return [rule["column"]] if "column" in rule else []
    return [name for each in rule.values() for name in _named(each)]


def _made(rule: Any, given: Mapping[str, Any]) -> Any:
    """What a rule makes of a row: None where there is nothing."""
    if isinstance(rule, str):
        return _found(rule, given)
    if isinstance(rule, list):
        return [made for each in rule if (made := _made(each, given))] or None
    if not _is_rule(rule):
        made = {name: value for name, each in rule.items() if (value := _made(each, given)) is not None}
        # A holder of whom only constants are left is no holder: the columns of a second one are often empty.
        return (
            made
            if any(isinstance(value, list | dict) or not _is_constant(rule[n]) for n, value in made.items())
            else None
        )
    if "value" in rule:
        return rule["value"]
    value = _found(rule["column"], given)
    if not isinstance(value, str):
        return value
    value = rule.get("values", {}).get(value, value)
    if "date" in rule:
        value = _date(value, rule["date"])
    return [part.strip() for part in value.split(rule["split"]) if part.strip()] if "split" in rule else value


def _is_constant(rule: Any) -> bool:
    return isinstance(rule, dict) and "value" in rule and _is_rule(rule)


def _found(column: str, given: Mapping[str, Any]) -> Any:
    value: Any = given.get(column)
    if value is None and "." in column:
        value = given
        for name in column.split("."):
            value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, str):
        value = " ".join(value.splitlines()).strip()  # a face has no line breaks; tables often do
    return None if value in ("", None) else value


def _date(value: str, form: str) -> str:
    try:
        return datetime.strptime(value, form).date().isoformat()  # noqa: DTZ007 - a day of a register, in no zone
    except ValueError:
        return value
