"""The backchannel of OpenID CIBA 1.0: ask a holder with `authorization_details` (RFC 9396), and wait or be pinged."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Form, Request, Response, Security
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from api import metering
from api.node import node_of
from api.routes import edge
from api.routes.grants import wanted
from api.schemas import AskedIn, Code, FieldName, FrequencyIn, Strict, Text, TypeCode, Uuid, WebhookOperatorIn, shown
from authz.ciba import DETAIL_TYPE
from authz.errors import InvalidAuthorizationDetailsError, InvalidTermsError, UnknownUserIdError
from authz.limits import Cost
from authz.model import Act
from materials.asking import Request as Asked
from materials.errors import CaseClosedError, MaterialsError, UnknownCaseError

router = APIRouter(tags=["token"])

MAX_DETAILS: Final = 20


class AuthorizationDetail(Strict):
    """One object of `authorization_details` (RFC 9396, 2): what a holder is asked to allow."""

    model_config = shown(
        {
            "type": DETAIL_TYPE,
            "actions": ["copy"],
            "datatypes": ["CL022", "CL025"],
            "case_no": "31011820261121000001",
            "cause": "食品经营许可新办审查",
            "operator": "qp-103",
            "max_uses": 3,
            "valid_days": 30,
        }
    )

    type: Literal["cailian_use"]
    actions: Annotated[
        list[Literal["verify", "data", "copy"]],
        Field(min_length=1, max_length=1, description="how far a use may go; each includes the ones before it"),
    ]
    datatypes: Annotated[list[TypeCode], Field(default_factory=list, max_length=50, description="material types")]
    objects: Annotated[list[Uuid], Field(default_factory=list, max_length=50, description="materials and licences")]
    fields: Annotated[
        list[FieldName], Field(default_factory=list, max_length=50, description="needed for the action `data`")
    ]
    case_no: Annotated[Code, Field(description="an open case of yours; the same in every object")]
    cause: Annotated[Text, Field(description="the same in every object")]
    operator: Annotated[Code, Field(description="who asks; the same in every object")]
    max_uses: Annotated[int, Field(ge=1, le=1000)] = 1
    frequency: FrequencyIn | None = None
    fresh_days: Annotated[int | None, Field(ge=1, le=3660)] = None
    valid_days: Annotated[int, Field(ge=1, le=366)] = 30
    regions: Annotated[list[Annotated[str, Field(pattern=r"^[0-9]{6}$")]], Field(default_factory=list, max_length=50)]

    def wanted(self) -> AskedIn:
        """The object as an ask has it."""
        return AskedIn(
            objects=self.objects,
            type_codes=self.datatypes,
            fields=self.fields,
            mode=self.actions[0],
            max_uses=self.max_uses,
            valid_days=self.valid_days,
            frequency=self.frequency,
            fresh_days=self.fresh_days,
            regions=self.regions,
        )


class BackchannelIn(BaseModel):
    """An authentication request (OpenID CIBA 7.1); what it does not know is ignored, as OAuth wants it."""

    model_config = ConfigDict(frozen=True)

    client_assertion_type: Annotated[str, Field(max_length=128)] = ""
    client_assertion: Annotated[str, Field(max_length=8192)] = ""
    client_id: Annotated[str, Field(max_length=64, description="of a client that proves itself by certificate")] = ""
    scope: Annotated[str, Field(max_length=256, description="`openid use`")] = ""
    authorization_details: Annotated[
        str, Field(max_length=65_536, description="see /v1/authorization-details/cailian_use")
    ] = ""
    login_hint: Annotated[str, Field(max_length=128, description="`case:` and the number of an open case")] = ""
    login_hint_token: Annotated[str, Field(max_length=8192, description="not served")] = ""
    id_token_hint: Annotated[str, Field(max_length=8192, description="not served")] = ""
    binding_message: Annotated[str, Field(max_length=200, description="1 to 20 characters the holder sees too")] = ""
    client_notification_token: Annotated[str, Field(max_length=1030, description="to be pinged with")] = ""
    requested_expiry: Annotated[str, Field(max_length=16, description="seconds, 30 to 604800")] = ""
    user_code: Annotated[str, Field(max_length=64, description="not served")] = ""
    request: Annotated[str, Field(max_length=8192, description="not served")] = ""


class NotificationIn(WebhookOperatorIn):
    """Where this client is pinged."""

    model_config = shown({"url": "https://example.org/ciba", "operator": "qp-103"})

    url: Annotated[str, Field(min_length=1, max_length=500, description="public HTTPS address of your receiver")]


_DETAILS: TypeAdapter[list[AuthorizationDetail]] = TypeAdapter(
    Annotated[list[AuthorizationDetail], Field(min_length=1, max_length=MAX_DETAILS)]
)


@router.post(
    "/oauth/bc-authorize", summary="Ask a holder and wait (OpenID CIBA)", responses={400: {}, 401: {}, 429: {}}
)
def authorize(request: Request, response: Response, body: Annotated[BackchannelIn, Form()]) -> dict[str, Any]:
    """The applicant of the case is told, and answers in their own time; poll `/oauth/token` with the `auth_req_id`."""
    node = node_of(request)
    response.headers["Cache-Control"] = "no-store"
    form = body.model_dump()
    with node.database.unit() as db:  # of its own: what was spent stays spent, whatever comes of the request
        caller = node.tokens.client(db, form, edge.certificate(request))
    metering.charge_client(node, caller, Cost.asks)
    asked = node.ciba.read(form, caller)
    details = _read(body.authorization_details, asked.case_no)
    first = details[0]
    with node.database.unit() as db:
        try:
            things = tuple(wanted(each.wanted()) for each in details)
            asking = Asked(first.case_no, first.operator, first.cause, things, "ciba", asked.open_for, asked.binding)
            batch = node.asking.ask(db, caller, asking)
        except (UnknownCaseError, CaseClosedError) as error:
            raise UnknownUserIdError("case") from error
        except (MaterialsError, InvalidTermsError) as error:
            raise InvalidAuthorizationDetailsError("not to be asked") from error
        metering.further(node, caller, Cost.asks, len(batch.asks))
        return node.ciba.begin(db, caller, asked, batch)


def _read(text: str, case_no: str) -> list[AuthorizationDetail]:
    try:
        details = _DETAILS.validate_json(text)
    except ValidationError as error:
        raise InvalidAuthorizationDetailsError("form") from error
    if {(each.case_no, each.operator, each.cause) for each in details} != {
        (case_no, details[0].operator, details[0].cause)
    }:
        raise InvalidAuthorizationDetailsError("case_no, operator or cause")
    return details


@router.get("/v1/authorization-details/cailian_use", summary="The published type of `authorization_details`")
def published() -> dict[str, Any]:
    """Its JSON Schema (RFC 9396, 5.1)."""
    return AuthorizationDetail.model_json_schema()


@router.put(
    "/v1/backchannel/notification", summary="Say where this client is pinged", dependencies=[Security(edge.signed)]
)
def register(request: Request, body: NotificationIn) -> dict[str, str]:
    """The `backchannel_client_notification_endpoint` of OpenID CIBA 4; it replaces the one before."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    node.webhooks.check(body.url)
    with node.database.unit() as db:
        node.counter.let(db, caller, body.operator, Act.ask)
        node.ciba.register(db, caller.client_id, body.url, body.operator)
    return {"client_id": caller.client_id, "url": body.url, "mode": "ping"}


@router.delete(
    "/v1/backchannel/notification",
    status_code=204,
    summary="Ping this client no more",
    dependencies=[Security(edge.signed)],
    response_class=Response,
)
def remove(request: Request) -> Response:
    """Requests under way can still be polled."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        node.ciba.remove(db, caller.client_id)
    return Response(status_code=204)
