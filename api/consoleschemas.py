"""Bodies of requests of the console, as OpenAPI shows them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from api.schemas import Code, Strict, Text, Uuid, printable, shown
from api.signerschemas import SIGNED, SOME, IdToken
from materials.editing import LARGEST

DefinitionKind = Literal["item", "material-type", "licence-type"]


class StaffSessionIn(Strict):
    """A login of a member of staff."""

    model_config = shown({"id": SOME, "id_token": SIGNED})

    id: Annotated[Uuid, Field(description="fresh; of the words that were signed")]
    id_token: IdToken


class StaffLoginIn(Strict):
    """Which account at a login provider is which operator."""

    model_config = shown(
        {"operator": "op-901", "handle": "qp-103", "issuer": "https://login.example.org", "subject": "248289761001"}
    )

    operator: Code
    handle: Code
    issuer: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(printable)]
    subject: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]


class StaffLoginEndIn(Strict):
    """Whose logins end."""

    model_config = shown({"operator": "op-901", "handle": "qp-103"})

    operator: Code
    handle: Code


class FirmSearchIn(Strict):
    """Organisations by the beginning of their name; in the body, since a name need not be part of an address."""

    model_config = shown({"beginning": "宝山青禾", "operator": "qp-103"})

    beginning: Annotated[str, Field(min_length=2, max_length=100), AfterValidator(printable)]
    operator: Code


class OutboxReplayIn(Strict):
    """Which deliveries begin anew, and why."""

    model_config = shown({"operator": "op-902", "kind": "webhook", "reason": "接收方已恢复,补发期间未送达的回调"})

    operator: Annotated[Code, Field(description="an administrator's handle")]
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]{0,63}$")]
    message_id: Annotated[int | None, Field(ge=1, lt=2**53, description="this one only; null: all of the kind")] = None
    reason: Annotated[Text, Field(description="goes into the log; names nobody")]


class DefinitionTextIn(Strict):
    """A definition, as it was typed."""

    model_config = shown({"kind": "item", "text": '{"item_code": "11310118XX00000B0W4310101101000"}'})

    kind: Annotated[DefinitionKind, Field(description="of what")]
    text: Annotated[str, Field(min_length=2, max_length=LARGEST, description="JSON")]


class DefinitionDraftIn(DefinitionTextIn):
    """A draft that is kept."""

    model_config = shown({"operator": "bs-002", "kind": "material-type", "text": '{"code": "CL022"}'})

    operator: Annotated[Code, Field(description="a registrar's handle")]


class DefinitionDraftDecisionIn(Strict):
    """Who gives a draft up."""

    model_config = shown({"operator": "bs-003"})

    operator: Annotated[Code, Field(description="a registrar's handle")]


class DefinitionPublicationIn(Strict):
    """Who publishes a draft, and what they looked at."""

    model_config = shown({"operator": "bs-003", "sha256": "0" * 64})

    operator: Annotated[Code, Field(description="a registrar's handle; another than who saved the draft")]
    sha256: Annotated[
        str, Field(pattern=r"^[0-9a-f]{64}$", description="of the draft's text as it was looked at; another is refused")
    ]
