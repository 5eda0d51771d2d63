"""Bodies of requests about reviews."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from api.formschemas import Cause  # noqa: TC001 - pydantic reads it
from api.schemas import Code, Strict, printable, shown

PointCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Reason = Annotated[str, Field(min_length=2, max_length=1000), AfterValidator(printable)]


class ReviewIn(Strict):
    """A review to make."""

    model_config = shown({"cause": "食品经营许可新办预审", "operator": "qp-103"})

    operator: Code
    cause: Annotated[Cause, Field(description="why; told to the holder with each use that reads something for it")]


class SettlementIn(Strict):
    """What somebody decided about a finding."""

    model_config = shown(
        {
            "code": "same-address",
            "digest": "0" * 64,
            "verdict": "false-alarm",
            "reason": "同一建筑的新旧门牌,已核对门牌证明",
            "operator": "qp-103",
        }
    )

    operator: Code
    code: Annotated[PointCode, Field(description="of the check point")]
    digest: Annotated[Digest, Field(description="of the finding they saw; another by now is refused")]
    verdict: Annotated[
        Literal["resolved", "false-alarm"], Field(description="put right or explained; or the finding was wrong")
    ]
    reason: Annotated[Reason, Field(description="kept encrypted, for the department's own eyes")]
