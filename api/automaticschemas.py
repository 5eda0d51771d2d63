"""Bodies of requests about automatic decisions, objections, programmes and linked changes; see `api.schemas`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.schemas import Code, Strict, Text, Uuid, shown

Period = Annotated[str, Field(pattern=r"^\d{4}(-\d{2})?$", description="year or month that is paid for")]


class AutomaticIn(Strict):
    """A case that is to be decided automatically."""

    model_config = shown(
        {"operator": "bs-017", "cause": "残疾人就业保障金申报"},
        {"operator": "bs-017", "registrar": "bs-002", "cause": "危货从业人员变更服务单位"},
    )

    operator: Annotated[Code, Field(description="who answers for it at your department")]
    registrar: Annotated[
        Code | None, Field(description="who answers for the licence, where the item changes one of yours")
    ] = None
    cause: Text


class ByIn(Strict):
    """Who does it."""

    model_config = shown({"operator": "bs-017"})

    operator: Code


class ObjectionAnswerIn(Strict):
    """The answer to an objection."""

    model_config = shown({"outcome": "rejected", "answer": "经核对数据来源,计算无误", "operator": "bs-017"})

    outcome: Literal["upheld", "rejected"]
    answer: Annotated[Text, Field(description="to the holder")]
    runs: Annotated[
        tuple[Uuid, ...],
        Field(max_length=100, description="of an upheld objection to a list: numbers on it that come off"),
    ] = ()
    operator: Code


class RoundIn(Strict):
    """A round of a programme."""

    model_config = shown({"period": "2026", "operator": "bs-017", "cause": "用人单位吸纳就业补贴免申即享"})

    period: Period
    operator: Code
    cause: Text
