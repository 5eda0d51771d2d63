"""Bodies of requests about the routes of a checklist: checks, documents, commitments, requests to departments."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from api.schemas import Code, Strict, Text, TypeCode, printable, shown

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Value = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(printable)]


class CheckIn(Strict):
    """A question to the source of a fact."""

    model_config = shown(
        {"type_code": "CL041", "cause": "食品经营许可新办审查", "operator": "qp-103"},
        {
            "type_code": "CL022",
            "given": {"address": "上海市宝山区示例路 88 号"},
            "cause": "食品经营许可新办审查",
            "operator": "qp-103",
        },
    )

    type_code: Annotated[TypeCode, Field(description="material type the answer stands for")]
    question: Annotated[
        str | None, Field(pattern=r"^[a-z][a-z0-9.-]{0,80}$", description="the item's own question where left out")
    ] = None
    given: Annotated[dict[Name, Value], Field(max_length=16, description="what the question must bring")] = Field(
        default_factory=dict
    )
    cause: Text
    operator: Code


Line = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(printable)]


class DocumentIn(Strict):
    """A document to make from a template."""

    model_config = shown(
        {
            "type_code": "CL025",
            "form": {"area": "120", "rooms": ["就餐区", "操作区", "清洗区"]},
            "cause": "食品经营许可新办审查",
            "operator": "qp-103",
        }
    )

    type_code: Annotated[TypeCode, Field(description="material type the document becomes")]
    template: Annotated[
        str | None, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$", description="the item's own template where left out")
    ] = None
    form: Annotated[
        dict[Name, Value | Annotated[list[Line], Field(min_length=1, max_length=200)]],
        Field(max_length=64, description="what the applicant states; GET /v1/templates lists what each takes"),
    ] = Field(default_factory=dict)
    cause: Text
    operator: Code
