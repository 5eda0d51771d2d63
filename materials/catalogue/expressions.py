"""What a computed field of a form is computed by: one line of arithmetic in the item file, read as data.

    0 if head_count <= 30 else max(0, head_count * 0.015 - disabled_workers) * payroll / head_count

Numbers, names of other fields, `+ - * /`, comparisons of two values, `a if b else c`, `min` and `max`. Python's parser
reads the line, and nothing of it is ever run: each node is one of those, or the line is refused. Decimal arithmetic of
28 digits; without powers no value can grow out of bounds.
"""

from __future__ import annotations

import ast
import operator
from decimal import Decimal, DecimalException
from functools import cache
from typing import TYPE_CHECKING, Final

from materials.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_LENGTH: Final = 300
"""Characters; a person has to be able to check it against the rule it stands for."""
_LARGEST: Final = 10**15
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Decimal, Decimal], bool]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS: Final[dict[str, Callable[..., Decimal]]] = {"min": min, "max": max}


@cache
def parse(line: str) -> ast.expr:
    """Read an expression.

    Raises:
        CatalogueError: it is none.
    """
    try:
        if len(line) > MAX_LENGTH:
            raise CatalogueError(expression=line[:40], problem="too long")
        body = ast.parse(line, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CatalogueError(expression=line[:40], problem="form") from error
    _check(body)
    return body


def names(line: str) -> frozenset[str]:
    """Fields that an expression reads.

    Raises:
        CatalogueError: it is no expression.
    """
    body = parse(line)
    called = {id(node.func) for node in ast.walk(body) if isinstance(node, ast.Call)}
    return frozenset(node.id for node in ast.walk(body) if isinstance(node, ast.Name) and id(node) not in called)


def evaluate(line: str, values: Mapping[str, Decimal]) -> Decimal | None:
    """What an expression comes to; None where a value is missing, or nothing can be computed (division by zero).

    Raises:
        CatalogueError: it is no expression.
    """
    if not names(line) <= values.keys():
        return None
    try:
        return _number(parse(line), values)
    except DecimalException:
        return None


def _check(node: ast.expr) -> None:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and value < _LARGEST:
            return
        case ast.Name():
            return
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            _check(inner)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _ARITHMETIC:
            _check(left)
            _check(right)
        case ast.IfExp(test=ast.Compare(left=left, ops=[sign], comparators=[right]), body=then, orelse=other) if (
            type(sign) in _COMPARISONS
        ):
            for each in (left, right, then, other):
                _check(each)
        case ast.Call(func=ast.Name(id=name), args=[_, _, *_] as given, keywords=[]) if name in _FUNCTIONS:
            for each in given:
                _check(each)
        case _:
            raise CatalogueError(expression=ast.unparse(node)[:40], problem="not arithmetic")


def _number(node: ast.expr, values: Mapping[str, Decimal]) -> Decimal:
    match node:
        case ast.Constant(value=value):
            return Decimal(repr(value))
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(operand=inner):
            return -_number(inner, values)
        case ast.BinOp(left=left, op=sign, right=right):
            return _ARITHMETIC[type(sign)](_number(left, values), _number(right, values))
        case ast.IfExp(test=ast.Compare(left=left, ops=[sign], comparators=[right]), body=then, orelse=other):
            holds = _COMPARISONS[type(sign)](_number(left, values), _number(right, values))
            return _number(then if holds else other, values)
        case ast.Call(func=ast.Name(id=name), args=given):
            return _FUNCTIONS[name](*(_number(each, values) for each in given))
    raise CatalogueError(expression=ast.unparse(node)[:40], problem="not arithmetic")
