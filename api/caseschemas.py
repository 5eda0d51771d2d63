"""Bodies of requests about items, cases, checklists, bundles and projects."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from api.schemas import FIRM, PERSON, Code, HolderIn, PresenceIn, Strict, Text, Uuid, shown

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")]
Answers = Annotated[
    dict[Word, Word],
    Field(max_length=60, description="answers by question, of GET /v1/items/{item_code}"),
]
People = Annotated[
    dict[Word, Annotated[list[HolderIn], Field(max_length=50)]],
    Field(max_length=10, description="others the case is about, by role of the item"),
]
LineKey = Annotated[str, Field(pattern=r"^CL\d{3}(\.[a-z_]{1,31}(\.\d{1,2})?)?$")]
Reason = Annotated[str, Field(max_length=40)]
FOOD: Final = "11310118XX00000B0W4310100101000"
ANSWERS: Final = {"business": "restaurant", "tenure": "lease", "agent": "no", "commitment": "no"}

CONFIRMED: Final[dict[str, Any]] = {
    "line": "CL025",
    "material": "019a0000-0000-7000-8000-000000000000",
    "conditions": ["unchanged", "same-premises"],
}


class QuestionnaireIn(Strict):
    """Answers so far."""

    model_config = shown({"answers": {"business": "restaurant", "tenure": "lease"}})

    answers: Answers = Field(default_factory=dict)


class CaseIn(Strict):
    """A case to open: by answers, or by the name of a scenario."""

    model_config = shown(
        {
            "item_code": FOOD,
            "answers": ANSWERS,
            "applicant": FIRM,
            "presence": {"kind": "id_card_read"},
            "operator": "qp-103",
        }
    )

    item_code: Code
    scenario: Code = "default"
    applicant: HolderIn
    presence: PresenceIn
    operator: Code
    project_code: Code | None = None
    answers: Answers | None = None
    people: People = Field(default_factory=dict)
    draft: Annotated[bool, Field(description="not handed in yet; nothing can be used in it")] = False


class AmendmentIn(Strict):
    """What changes in a case before its acceptance."""

    model_config = shown({"answers": ANSWERS, "operator": "qp-103"})

    operator: Code
    answers: Answers | None = None
    people: People = Field(default_factory=dict)


class ActIn(Strict):
    """Who does it."""

    model_config = shown({"operator": "qp-103"})

    operator: Code


class SendBackIn(Strict):
    """What the applicant is asked for, all at once."""

    model_config = shown({"lines": ["CL022"], "operator": "qp-103"})

    operator: Code
    lines: Annotated[list[LineKey], Field(min_length=1, max_length=60)]


class CaseClosingIn(Strict):
    """The end of a case, with its decision or without."""

    model_config = shown({"operator": "qp-103", "decision": "granted"})

    operator: Code
    decision: Literal["granted", "refused", "withdrawn"] | None = None
    result: Annotated[Uuid | None, Field(description="the licence or material that was issued")] = None


class AgainIn(Strict):
    """A new case from an old one."""

    model_config = shown({"operator": "qp-103", "presence": {"kind": "id_card_read"}})

    operator: Code
    presence: PresenceIn
    answers: Answers | None = None


class ConfirmedIn(Strict):
    """What is confirmed of one line."""

    model_config = shown(CONFIRMED)

    line: LineKey
    material: Uuid
    conditions: Annotated[list[Reason], Field(min_length=1, max_length=10)]


class ConfirmationTermsIn(Strict):
    """What the holder would sign."""

    model_config = shown({"lines": [CONFIRMED]})

    lines: Annotated[list[ConfirmedIn], Field(min_length=1, max_length=60)]


class ConfirmationIn(ConfirmationTermsIn):
    """Reuse confirmed, by the holder's signature or as stated at the counter."""

    model_config = shown({"lines": [CONFIRMED], "operator": "qp-103"})

    operator: Code
    signature: Annotated[
        str | None, Field(max_length=16_384, description="over the digest of .../confirmations/terms; None: stated")
    ] = None


class BundleIn(Strict):
    """An application for a bundle."""

    model_config = shown(
        {
            "applicant": PERSON,
            "presence": {"kind": "id_card_read"},
            "operator": "qp-103",
            "answers": {"married": "no"},
        }
    )

    applicant: HolderIn
    presence: PresenceIn
    operator: Code
    answers: Answers
    people: People = Field(default_factory=dict)
    items: list[Code] = Field(
        default_factory=list, max_length=20, description="members that are wanted; all where empty"
    )
    project_code: Code | None = None


Role = Literal["owner", "contractor", "designer", "supervisor", "operator", "member"]


class ProjectMemberIn(Strict):
    """A member, and as what."""

    model_config = shown({"holder": FIRM, "role": "contractor"})

    holder: HolderIn
    role: Role = "member"


class ProjectIn(Strict):
    """A project whose members share its materials."""

    model_config = shown(
        {
            "code": "2026-310118-03-01-000001",
            "name": "青浦云岫中央厨房",
            "lead": FIRM,
            "members": [],
            "operator": "qp-103",
        }
    )

    code: Code
    name: Text
    lead: HolderIn
    members: list[HolderIn | ProjectMemberIn] = Field(default_factory=list, max_length=100)
    operator: Code


class JoiningIn(Strict):
    """A member who joins later, by the lead's signature."""

    model_config = shown({"member": FIRM, "role": "contractor", "signature": "eyJ...", "operator": "qp-103"})

    member: HolderIn
    role: Role = "member"
    operator: Code
    signature: Annotated[str, Field(max_length=16_384, description="of the lead, over the digest of .../terms")]


class JoiningTermsIn(Strict):
    """Who would join."""

    model_config = shown({"member": FIRM, "role": "contractor"})

    member: HolderIn
    role: Role = "member"
