"""Bodies of requests of the console, as OpenAPI shows them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from api.schemas import Code, Strict, Uuid, printable, shown
from api.signerschemas import SIGNED, SOME, IdToken


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
