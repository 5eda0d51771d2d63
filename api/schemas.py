"""Bodies of requests, as OpenAPI shows them. Unknown fields are refused; every model carries an example that runs."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic reads the annotation
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


def printable(given: str) -> str:
    """Text without control and formatting characters: PostgreSQL takes no NUL, and nobody sees the others.

    Raises:
        ValueError: it has some.
    """
    if not given.isprintable():
        msg = "not printable"
        raise ValueError(msg)
    return given


def _near(given: datetime) -> datetime:
    if not _FIRST_YEAR <= given.year <= _LAST_YEAR:
        msg = "year out of range"
        raise ValueError(msg)
    return given


_FIRST_YEAR, _LAST_YEAR = 1900, 2200

Code = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(printable)]
Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]
TypeCode = Annotated[str, Field(max_length=16), AfterValidator(printable)]
Moment = Annotated[AwareDatetime, AfterValidator(_near)]
"""A time with its zone, of the years 1900 to 2200: others cannot be brought to UTC or to PostgreSQL."""
FieldName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}(:clear)?$", description="masked, unless `:clear` stands behind it")
]
Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]

FIRM: Final[dict[str, Any]] = {
    "kind": "organisation",
    "name": "宝山青禾餐饮管理有限公司",
    "identifiers": [{"type": "001", "code": "91310113XX0000019X"}],
}
PERSON: Final[dict[str, Any]] = {
    "kind": "person",
    "name": "陈安澜",
    "identifiers": [{"type": "111", "code": "310199199001010018"}],
}


class Strict(BaseModel):
    """A body without unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def shown(*examples: dict[str, Any]) -> ConfigDict:
    """A model's settings with the examples that OpenAPI shows for it."""
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": list(examples)})


class IdentifierIn(Strict):
    """An identity code: `type` as in GB/T 36903 practice (111 identity card, 001 unified social credit code)."""

    type: Annotated[str, Field(pattern=r"^[0-9a-z_-]{1,32}$", examples=["001"])]
    country: Annotated[str, Field(pattern=r"^[0-9]{3}$", description="GB/T 2659 / ISO 3166 numeric")] = "156"
    code: Annotated[str, Field(min_length=1, max_length=64, examples=["91310113XX0000019X"])]


class HolderIn(Strict):
    """Whose material it is, or who applies."""

    model_config = shown(FIRM)

    kind: Literal["person", "organisation"]
    name: Text
    identifiers: Annotated[list[IdentifierIn], Field(min_length=1, max_length=8)]


class ClosingIn(Strict):
    """Who ends something."""

    model_config = shown({"operator": "qp-103"})

    operator: Code


class DepositIn(Strict):
    """The `metadata` part of a deposit."""

    model_config = shown(
        {
            "type_code": "CL015",
            "holder": FIRM,
            "operator": "bs-017",
            "channel": "counter",
            "verify_level": "staff_checked",
        }
    )

    type_code: Annotated[TypeCode, Field(description="material type, CL001 to CL057")]
    holder: HolderIn
    operator: Annotated[Code, Field(description="handle of the member of staff who takes it in")]
    channel: Literal["counter", "web", "app", "kiosk", "system"] = "counter"
    verify_level: Literal["self_declared", "staff_checked", "source_verified", "issuer_signed"] = "staff_checked"
    origin_case_no: Code | None = None
    project_code: Code | None = None
    share_in_project: bool = False
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    supersedes: Annotated[Uuid | None, Field(description="the version this one replaces")] = None


class EvidenceIn(Strict):
    """A document that its department keeps; `ledger.kept` reads it, this describes it."""

    model_config = shown({"reference": "QP-2026-0042", "sha256": "ab" * 32, "size": 48213})

    reference: Annotated[
        str,
        Field(
            pattern="^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$",
            description="your own number of the document; opaque, never personal data",
        ),
    ]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    sm3: Annotated[str | None, Field(pattern="^[0-9a-f]{64}$")] = None
    type_code: Annotated[
        str | None, Field(pattern="^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$", description="what it is, in your own code")
    ] = None
    size: Annotated[int | None, Field(ge=0, lt=2**53, description="bytes")] = None


class PresenceIn(Strict):
    """How the applicant is there, and what proves it (DESIGN 7); each kind takes its own part."""

    model_config = shown(
        {"kind": "id_card_read", "card": {"type": "111", "code": "310199199001010018"}},
        {"kind": "live_code", "code": "CL1:310199:ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "counter": "3"},
    )

    kind: Literal["holder_login", "live_code", "id_card_read", "agent_grant", "none"]
    evidence: Annotated[
        str | None, Field(max_length=4096, description="what the terminal read; only its digest is kept")
    ] = None
    login_id: Annotated[Uuid | None, Field(description="holder_login: id of the presence that was signed")] = None
    id_token: Annotated[
        str | None, Field(min_length=20, max_length=16_384, description="holder_login: the signature over it")
    ] = None
    code: Annotated[str | None, Field(max_length=64, description="live_code: text of the scanned code")] = None
    counter: Annotated[Code | None, Field(description="live_code: where it was scanned")] = None
    card: Annotated[
        IdentifierIn | None, Field(description="id_card_read, agent_grant: the card that was read; not kept")
    ] = None
    delegation_id: Annotated[Uuid | None, Field(description="agent_grant: from the applicant to the agent")] = None


class SearchIn(Strict):
    """A search; its scope is required and sits in the body, so that no identity code is ever part of an address."""

    model_config = shown({"case_no": "31011820261121000001", "type_code": "CL022", "limit": 20}, {"own": True})

    case_no: Code | None = None
    project_code: Code | None = None
    own: Annotated[bool, Field(description="what the caller's organisation deposited")] = False
    holder: Annotated[IdentifierIn | None, Field(description="narrow to one holder, within the scope")] = None
    type_code: TypeCode | None = None
    cursor: Annotated[str | None, Field(max_length=200)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class FrequencyIn(Strict):
    """At most `count` uses in any one `unit` of time."""

    model_config = shown({"count": 1, "unit": "day"})

    count: Annotated[int, Field(ge=1, le=100)]
    unit: Literal["hour", "day", "week", "month"]


class AskedIn(Strict):
    """Things wanted under the same terms."""

    model_config = shown({"type_codes": ["CL022", "CL025"], "mode": "copy", "max_uses": 3, "valid_days": 30})

    objects: Annotated[list[Uuid], Field(max_length=50)] = []
    type_codes: Annotated[list[TypeCode], Field(max_length=50)] = []
    fields: Annotated[list[FieldName], Field(max_length=50, description="needed in mode `data`")] = []
    mode: Literal["verify", "data", "copy"] = "copy"
    max_uses: Annotated[int, Field(ge=1, le=1000)] = 1
    valid_days: Annotated[int, Field(ge=1, le=366)] = 30
    frequency: FrequencyIn | None = None
    fresh_days: Annotated[int | None, Field(ge=1, le=3660, description="nothing that is older than this")] = None
    regions: Annotated[
        list[Annotated[str, Field(pattern=r"^[0-9]{6}$")]],
        Field(max_length=50, description="division codes that may receive; your own where empty"),
    ] = []


class AskIn(AskedIn):
    """What a department asks a holder to allow by one consent."""

    model_config = shown(
        {
            "case_no": "31011820261121000001",
            "type_codes": ["CL022", "CL025"],
            "mode": "copy",
            "max_uses": 3,
            "valid_days": 30,
            "cause": "食品经营许可新办审查",
            "operator": "qp-103",
        }
    )

    case_no: Code
    cause: Text
    operator: Code
    channel: Annotated[
        Literal["app", "qr"], Field(description="app: the holder is told; qr: they scan your screen")
    ] = "app"
    of: Annotated[
        str,
        Field(
            pattern=r"^[a-z_]{1,31}(\.\d{1,2})?$",
            description="who is asked: `applicant`, `legal_rep`, `agent`, or a role of the case's people, `seller.1`",
        ),
    ] = "applicant"


class AskBatchIn(Strict):
    """What a department asks a holder to allow for a whole case: one notice, each sensitive thing ticked by itself."""

    model_config = shown(
        {
            "case_no": "31011820261121000001",
            "wanted": [
                {"type_codes": ["CL022", "CL025"], "mode": "copy", "max_uses": 3, "valid_days": 30},
                {"type_codes": ["CL040"], "mode": "verify", "frequency": {"count": 1, "unit": "day"}, "max_uses": 5},
            ],
            "cause": "食品经营许可新办审查",
            "operator": "qp-103",
            "channel": "qr",
        }
    )

    case_no: Code
    wanted: Annotated[list[AskedIn], Field(min_length=1, max_length=20)]
    cause: Text
    operator: Code
    channel: Literal["app", "qr"] = "app"
    of: Annotated[
        str,
        Field(
            pattern=r"^[a-z_]{1,31}(\.\d{1,2})?$",
            description="who is asked: `applicant`, `legal_rep`, `agent`, or a role of the case's people, `seller.1`",
        ),
    ] = "applicant"


class AcknowledgementIn(Strict):
    """What a recipient did after a withdrawal."""

    model_config = shown({"action": "deleted", "operator": "qp-103"})

    action: Literal["stopped", "deleted", "retained"]
    reason: Annotated[Text | None, Field(description="needed for `retained`: the law that wants it kept")] = None
    operator: Code


class UseIn(Strict):
    """A use of one object in one case."""

    model_config = shown(
        {
            "object_id": "019a0000-0000-7000-8000-000000000000",
            "mode": "copy",
            "case_no": "31011820261121000001",
            "item_code": "11310118XX00000B0W4310100101000",
            "cause": "食品经营许可新办审查",
            "operator": "qp-103",
        }
    )

    object_id: Annotated[Uuid, Field(description="a material or an e-licence")]
    mode: Literal["verify", "data", "copy"] = "copy"
    fields: Annotated[
        list[FieldName], Field(max_length=50, description="in mode `data`: what is wanted of a licence")
    ] = []
    case_no: Code
    item_code: Code
    cause: Text
    operator: Code
    grant_id: Uuid | None = None
    break_glass_id: Annotated[
        Uuid | None, Field(description="an approved emergency, as the only basis: POST /v1/break-glass")
    ] = None


class WebhookIn(Strict):
    """Where to tell what; messages have the Standard Webhooks form."""

    model_config = shown(
        {"url": "https://example.org/cailian", "events": ["licence.changed"], "operator": "qp-103"},
    )

    url: Annotated[str, Field(min_length=1, max_length=500, description="public HTTPS address of your receiver")]
    events: Annotated[
        list[
            Literal[
                "licence.changed",
                "material.changed",
                "grant.withdrawn",
                "assistance.changed",
                "commitment.changed",
                "break-glass.approved",
            ]
        ],
        Field(min_length=1, max_length=8),
    ] = ["licence.changed"]
    operator: Code


class WebhookOperatorIn(Strict):
    """Who does something to a webhook."""

    model_config = shown({"operator": "qp-103"})

    operator: Code


class ReplayIn(WebhookOperatorIn):
    """Which failed messages to send once more."""

    model_config = shown({"operator": "qp-103", "since": "2026-11-21T00:00:00Z"})

    since: Moment


class RepresentationIn(Strict):
    """A fact of representation, stated by the body that keeps it."""

    model_config = shown(
        {
            "organisation": FIRM,
            "person": PERSON,
            "kind": "legal_representative",
            "valid_from": "2026-11-21T00:00:00Z",
            "operator": "bs-002",
        }
    )

    organisation: HolderIn
    person: HolderIn
    kind: Literal["legal_representative"] = "legal_representative"
    valid_from: Moment
    valid_to: Moment | None = None
    operator: Code


class RegisterIn(Strict):
    """The next version of a register, as a whole; docs/registers-and-districts.md has the form of the entries."""

    model_config = shown(
        {
            "version": 1,
            "owner": "11310113XX00000A2R",
            "adopted_at": "2026-11-20T00:00:00Z",
            "operator": "bs-002",
            "entries": [
                {
                    "code": "SYS-310199-001",
                    "name": "食品经营许可审批系统",
                    "org": "11310118XX00000B0W",
                    "network": "government_extranet",
                    "protection_level": 3,
                    "state": "running",
                }
            ],
        }
    )

    version: Annotated[int, Field(ge=1, le=2**31 - 1, description="one more than the newest")]
    owner: Annotated[Code, Field(description="code of the organisation that answers for the content")]
    adopted_at: Annotated[Moment, Field(description="when the owner adopted it")]
    operator: Code
    entries: Annotated[list[dict[str, Any]], Field(max_length=10_000)]
