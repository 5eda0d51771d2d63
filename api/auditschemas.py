"""Bodies of requests of auditors, as OpenAPI shows them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.schemas import Code, Moment, Strict, Text, shown


class LookIn(Strict):
    """What an auditor wants to look at, and why."""

    model_config = shown(
        {"kind": "case", "value": "31011820261121000001", "cause": "2026 年第四季度调用抽查", "operator": "op-900"}
    )

    kind: Literal["case", "licence", "material", "department"]
    value: Annotated[Text, Field(description="case number, id of a licence or material, code of an organisation")]
    since: Annotated[Moment | None, Field(description="of what a department did")] = None
    until: Annotated[Moment | None, Field(description="of what a department did; not in it")] = None
    cause: Annotated[Text, Field(description="why; names nobody")]
    operator: Code
