"""Bodies of requests on readings, as OpenAPI shows them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from api.schemas import Code, Strict, TypeCode, printable, shown

FieldCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Value = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(printable)]
Problem = Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,39}$")]


class ReadingIn(Strict):
    """Who has a document read."""

    model_config = shown({"operator": "bs-017"})

    operator: Annotated[Code, Field(description="handle of the member of staff who asks")]


class ReadingConfirmIn(Strict):
    """What staff vouch for after looking at the document."""

    model_config = shown(
        {
            "type_code": "CL022",
            "fields": {"lessor": "上海宝杨物业有限公司", "lessee": "宝山青禾餐饮管理有限公司", "ends_on": "2029-05-31"},
            "operator": "bs-017",
        }
    )

    type_code: Annotated[TypeCode, Field(description="what the document is")]
    fields: Annotated[
        dict[FieldCode, Value],
        Field(max_length=40, description="values as they stand on the document; what is left out is not confirmed"),
    ]
    acknowledged: Annotated[
        tuple[Problem, ...],
        Field(max_length=8, description="problems of `contradictions` that are right as they are"),
    ] = ()
    operator: Annotated[Code, Field(description="handle of the member of staff who looked")]
