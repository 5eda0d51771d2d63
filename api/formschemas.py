"""Bodies of requests about forms."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from api.caseschemas import Word
from api.schemas import Code, Strict, printable, shown
from materials.connectors.port import MAX_VALUE

Value = Annotated[str, Field(min_length=1, max_length=MAX_VALUE), AfterValidator(printable)]
Cause = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]


Values = Annotated[
    dict[Word, Value | Annotated[list[Value], Field(min_length=1, max_length=200)] | None],
    Field(min_length=1, max_length=100, description="by field; null takes back what was stated"),
]


class FormIn(Strict):
    """A form to fill."""

    model_config = shown({"cause": "食品经营许可新办预填", "operator": "qp-103"})

    operator: Code
    cause: Annotated[Cause, Field(description="why; told to the holder with each use")]


class FormChangeIn(Strict):
    """What somebody states."""

    model_config = shown({"version": 1, "values": {"contact_name": "陈安澜"}, "by": "applicant", "operator": "qp-103"})

    operator: Code
    version: Annotated[int, Field(ge=1, le=2**31 - 1, description="of the form they saw")]
    values: Values
    by: Annotated[Literal["applicant", "window"], Field(description="who says so")] = "applicant"
