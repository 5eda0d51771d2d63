"""Bodies of requests about uses that no holder was asked about: delays, audits, emergencies; see `api.schemas`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from api.schemas import Code, Strict, Text, shown

MaterialTypeCode = Annotated[str, Field(pattern=r"^CL[0-9]{3}$")]


class DelayIn(Strict):
    """A decision that the holder of a case's duty uses is told later."""

    model_config = shown(
        {
            "case_no": "31011820261121000001",
            "ground": "investigation",
            "article": "行政处罚法 第五十四条",
            "until": "2026-12-31T16:00:00Z",
            "operator": "qp-204",
        }
    )

    case_no: Code
    ground: Literal["investigation", "public-safety", "protection-of-a-person", "state-secret"]
    article: Annotated[Text, Field(description="the law that lets it")]
    until: Annotated[AwareDatetime, Field(description="at most 180 days from now")]
    operator: Annotated[Code, Field(description="a reviewer, who is not the one who uses")]


class ActedIn(Strict):
    """Who does it."""

    model_config = shown({"operator": "qp-204"})

    operator: Code


class VerdictIn(Strict):
    """What an auditor says of a sampled duty use."""

    model_config = shown(
        {"verdict": "unclear", "finding": "办件中未见与该材料对应的审查要点,请说明", "operator": "op-900"}
    )

    verdict: Literal["lawful", "unclear", "unlawful"]
    finding: Annotated[Text, Field(description="to the organisation")]
    operator: Code


class AuditAnswerIn(Strict):
    """What the organisation says to a finding."""

    model_config = shown({"answer": "系现场核查所需,补充情况说明已入卷", "operator": "qp-204"})

    answer: Text
    operator: Annotated[Code, Field(description="a reviewer, who did not make the use")]


class BreakGlassIn(Strict):
    """What is needed in an emergency, and why."""

    model_config = shown(
        {
            "case_no": "31011820261121000001",
            "types": ["CL022"],
            "mode": "verify",
            "ground": "life-or-health",
            "reason": "群体性食源性疾病处置,须立即核实经营场所",
            "operator": "qp-103",
        }
    )

    case_no: Annotated[Code, Field(description="an open case of yours; its applicant's things are meant")]
    types: Annotated[list[MaterialTypeCode], Field(min_length=1, max_length=10)]
    mode: Literal["verify", "data", "copy"] = "verify"
    ground: Annotated[
        Literal["life-or-health", "property", "public-health"], Field(description="个人信息保护法, article 13(4)")
    ]
    reason: Text
    operator: Annotated[Code, Field(description="at the window; this operator alone may use")]


class ReviewIn(Strict):
    """What a third person says of an emergency afterwards."""

    model_config = shown({"verdict": "justified", "finding": "与突发事件报告一致", "operator": "op-900"})

    verdict: Literal["justified", "unjustified"]
    finding: Text
    operator: Code
