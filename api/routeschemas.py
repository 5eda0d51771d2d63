"""Bodies of requests about the routes of a checklist: checks, documents, commitments, requests to departments."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from api.schemas import Code, Strict, Text, TypeCode, Uuid, printable, shown
from api.signerschemas import Signed

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Of = Annotated[
    str,
    Field(
        pattern=r"^[a-z_]{1,31}(\.\d{1,2})?$",
        description="whom it is about: `applicant`, `legal_rep`, `agent`, or a role of the case's people, `seller.1`",
    ),
]
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
    of: Of = "applicant"
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


class CommitmentIn(Strict):
    """A commitment to propose to the applicant."""

    model_config = shown(
        {
            "kind": "commitment",
            "type_codes": ["CL040"],
            "statement": "已符合食品经营许可条件",
            "cause": "食品经营许可新办审查",
            "operator": "qp-103",
        }
    )

    kind: Annotated[Literal["commitment", "tolerant"], Field(description="commitment 告知承诺, tolerant 容缺受理")] = (
        "commitment"
    )
    type_codes: Annotated[
        list[TypeCode],
        Field(max_length=20, description="what will be owed; none only where the item demands the letter itself"),
    ]
    statement: Annotated[Value | None, Field(description="what the applicant adds to the letter")] = None
    cause: Text
    operator: Code


class CommitmentSignatureIn(Signed):
    """The holder's signature over a commitment's digest, by a login or an enrolled key."""

    model_config = shown({"id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln"})


class FulfilmentIn(Strict):
    """Something that was owed and is there now."""

    model_config = shown(
        {"type_code": "CL040", "material_id": "019a0000-0000-7000-8000-000000000000", "operator": "qp-103"}
    )

    type_code: TypeCode
    material_id: Uuid
    operator: Code


class PostCheckIn(Strict):
    """What the check after the decision found (批后核查)."""

    model_config = shown({"result": "kept", "finding": "现场核查,符合承诺内容", "operator": "qp-204"})

    result: Literal["kept", "breached"]
    finding: Value
    operator: Code


class AssistRequestIn(Strict):
    """A request to another department."""

    model_config = shown(
        {
            "type_code": "CL023",
            "to": "11310199XX0000211B",
            "question": "该经营场所是否登记为商业用房",
            "days": 2,
            "cause": "食品经营许可新办审查",
            "operator": "qp-103",
        }
    )

    type_code: Annotated[TypeCode, Field(description="material type the answer stands for")]
    to: Annotated[Code | None, Field(description="organisation code; that of the item where left out")] = None
    question: Value
    days: Annotated[int, Field(ge=1, le=60, description="working days it may take")] = 2
    of: Of = "applicant"
    cause: Text
    operator: Code


class AssistReplyIn(Strict):
    """The answer to a request, or its refusal."""

    model_config = shown(
        {"result": "yes", "words": "已登记为商业用房", "operator": "fg-011"},
        {
            "result": "material",
            "words": "附房屋使用证明",
            "material_id": "019a0000-0000-7000-8000-000000000000",
            "operator": "fg-011",
        },
        {"result": "refused", "words": "不属于本部门职责", "operator": "fg-011"},
    )

    result: Literal["yes", "no", "material", "refused"]
    words: Value
    material_id: Uuid | None = None
    operator: Code


class AssistWithdrawalIn(Strict):
    """A request taken back."""

    model_config = shown({"operator": "qp-103"})

    operator: Code


class DocumentSealIn(Signed):
    """The signature of an organisation for its seal on a document."""

    model_config = shown({"id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln", "operator": "bs-017"})

    operator: Code
