"""Bodies of requests about showing, delivering and disputing licences; see `api.schemas`."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from api.schemas import Code, HolderIn, IdentifierIn, Strict, Text, Uuid, shown
from api.signerschemas import Signed

SOME: Final = "019a0000-0000-7000-8000-000000000000"
SIGNED: Final = "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln"
SHOW: Final[dict[str, Any]] = {
    "v": 1,
    "type": "cailian/request",
    "action": "show",
    "id": SOME,
    "subject": SOME,
    "terms": {"org": "11310118XX00000B0W", "counter": "3", "fields": None},
}

Counter = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="your name of the place")]
LicenceTypeCode = Annotated[str, Field(pattern=r"^LT[0-9]{2}$")]


class HolderRequestIn(Strict):
    """What a holder is about to ask; the answer is what to sign."""

    model_config = shown({"action": "show", "subject": SOME, "terms": SHOW["terms"]})

    action: Annotated[str, Field(max_length=32)]
    subject: Annotated[Uuid, Field(description="the licence, code, delivery or dispute it is about")]
    terms: Annotated[dict[str, Any], Field(default_factory=dict)]


class SignedIn(Signed):
    """A request as the holder saw it, and their signature over its digest: a login, or an enrolled key's."""

    model_config = shown(
        {"request": SHOW, "id_token": SIGNED},
        {"request": SHOW, "signature": {"kind": "host_app", "key_id": SOME, "jws": SIGNED}},
    )

    request: Annotated[dict[str, Any], Field(max_length=16)]


class CounterCodeIn(Strict):
    """A printed code made at a kiosk or window for whoever's identity card was read there."""

    model_config = shown(
        {
            "licence_id": SOME,
            "identity": {"type": "111", "code": "310199199001010018"},
            "channel": "window",
            "operator": "bs-017",
        }
    )

    licence_id: Uuid
    identity: Annotated[IdentifierIn, Field(description="from the identity card that was read")]
    channel: Literal["kiosk", "window"]
    operator: Code


class ScanIn(Strict):
    """A code that was scanned."""

    model_config = shown(
        {"code": "CL1:310199:" + "A" * 32, "operator": "qp-103", "counter": "3", "scenario": "SCN-310199-002"}
    )

    code: Annotated[str, Field(max_length=64, description="text of the QR code")]
    operator: Code
    counter: Counter
    scenario: Annotated[Code, Field(description="of the published register `scenarios`: your scope")]
    identity: Annotated[IdentifierIn | None, Field(description="with a printed code: from the identity card")] = None
    licence_type: Annotated[LicenceTypeCode | None, Field(description="with a company code; LT01 if missing")] = None


class DeliveryIn(Strict):
    """A licence that is sent to one of its holders."""

    model_config = shown(
        {
            "licence_id": SOME,
            "holder": {
                "kind": "person",
                "name": "陈安澜",
                "identifiers": [{"type": "111", "code": "310199199001010018"}],
            },
            "channel": "app",
            "operator": "bs-017",
        }
    )

    licence_id: Uuid
    holder: HolderIn
    channel: Literal["app", "sms", "email", "post", "window"]
    operator: Code


class ReceiptIn(Strict):
    """That a holder got a delivery otherwise than by opening it: who saw it."""

    model_config = shown({"operator": "bs-017"})

    operator: Code


class DisputeAnswerIn(Strict):
    """The issuer's answer to a dispute."""

    model_config = shown({"outcome": "rejected", "answer": "经核对档案,登记无误", "operator": "bs-002"})

    outcome: Annotated[
        Literal["rejected", "corrected"],
        Field(description="corrected: after the licence was changed; everybody who used it is told"),
    ]
    answer: Annotated[Text, Field(description="to the holder")]
    operator: Code


class LedgerIn(Signed):
    """A page of one's ledger, or all of it."""

    model_config = shown(
        {"request": SHOW | {"action": "ledger", "terms": {"organisation": None}}, "id_token": SIGNED},
        {
            "request": SHOW | {"action": "ledger", "terms": {"organisation": "91310113XX0000019X"}},
            "id_token": SIGNED,
            "format": "csv",
        },
    )

    request: Annotated[dict[str, Any], Field(max_length=16)]
    cursor: Annotated[str | None, Field(max_length=400)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    format: Literal["json", "csv"] = "json"


class ReportAnswerIn(Strict):
    """The answer to a holder's report."""

    model_config = shown({"answer": "经核查,该次调用有办件与授权,详见证据包", "operator": "op-900"})

    answer: Annotated[Text, Field(description="to the holder")]
    operator: Code
