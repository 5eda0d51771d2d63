"""Bodies of requests about organisations: joining, credentials, access, limits, the sandbox."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from api.schemas import Code, Strict, Text, TypeCode, shown
from authz.clientcertificates import MAX_SIZE

Division = Annotated[str, Field(pattern=r"^[0-9]{6}$", description="GB/T 2260")]
Pem = Annotated[str, Field(max_length=MAX_SIZE, description="one X.509 certificate, PEM")]
Jwk = Annotated[dict[str, Annotated[str, Field(max_length=1024)]], Field(max_length=12, description="RFC 7517, public")]
Scope = Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]
Phone = Annotated[str, Field(pattern=r"^[0-9+ -]{3,20}$")]

_KEY: Final[dict[str, Any]] = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}


class ContactIn(Strict):
    """Who answers for the organisation. Kept encrypted, shown to those who onboard."""

    model_config = shown({"name": "示例联系人", "phone": "021-00000000", "email": "open@example.org"})

    name: Text
    phone: Phone
    email: Annotated[str, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+$")]


class FirstOperatorIn(Strict):
    """A member of staff to begin with."""

    model_config = shown({"handle": "qb-001", "roles": ["window"]})

    handle: Code
    roles: Annotated[list[Literal["window", "reviewer", "registrar"]], Field(min_length=1, max_length=3)]


class ApplicationIn(Strict):
    """An organisation that wants to join, with one of its systems."""

    model_config = shown(
        {
            "operator": "op-901",
            "kind": "social",
            "name": "青浦示例银行(演示)",
            "org_code": "91310118XX0000502U",
            "division": "310118",
            "client_id": "qingpu-bank",
            "scopes": ["present"],
            "keys": [_KEY],
            "operators": [{"handle": "qb-001", "roles": ["window"]}],
            "contact": {"name": "示例联系人", "phone": "021-00000000", "email": "open@example.org"},
            "basis": "应用场景 SCN-310118-101 合作协议",
        }
    )

    operator: Code
    kind: Literal["government", "enforcement", "social"]
    name: Text
    org_code: Annotated[str, Field(max_length=18, description="unified social credit code")]
    division: Division
    client_id: Code
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=12)]
    keys: Annotated[tuple[Jwk, ...], Field(max_length=8)] = ()
    certificates: Annotated[tuple[Pem, ...], Field(max_length=8)] = ()
    operators: Annotated[
        tuple[FirstOperatorIn, ...], Field(max_length=50, description="none where a further system of yours joins")
    ] = ()
    contact: ContactIn
    basis: Text


class ApplicationDecisionIn(Strict):
    """What another person decides."""

    model_config = shown({"operator": "op-902", "decision": "approve"})

    operator: Code
    decision: Literal["approve", "refuse"]
    reason: Text | None = None


class StandingIn(Strict):
    """Why an organisation is suspended or let in again; names nobody."""

    model_config = shown({"operator": "op-901", "reason": "密钥疑似泄露,暂停调用"})

    operator: Code
    reason: Text


class LimitsIn(Strict):
    """Limits apart from those of the organisation's kind; null: as its kind."""

    model_config = shown({"operator": "op-901", "limits": {"uses": 1000, "bytes": None}})

    operator: Code
    limits: Annotated[dict[str, int | None], Field(min_length=1, max_length=16)]


class CredentialAddIn(Strict):
    """A further key or certificate of the calling client: one of the two."""

    model_config = shown({"jwk": _KEY})

    jwk: Jwk | None = None
    certificate: Pem | None = None


class ProviderIn(Strict):
    """Who answers for a conditionally shared type; null: nobody, and nothing need be asked."""

    model_config = shown({"operator": "op-901", "org_code": "11310113XX00000A2R"})

    operator: Code
    org_code: Annotated[str, Field(max_length=18)] | None


class AccessIn(Strict):
    """A request to use a conditionally shared type (有条件共享) for one item or scenario."""

    model_config = shown(
        {
            "operator": "qp-103",
            "type_code": "CL022",
            "item_code": "11310118XX00000B0W4310100101000",
            "purpose": "食品经营许可审查时复用租赁合同",
            "basis": "食品经营许可和备案管理办法",
        }
    )

    operator: Code
    type_code: TypeCode
    item_code: Code
    purpose: Text
    basis: Text


class AccessAnswerIn(Strict):
    """What the provider answers."""

    model_config = shown({"operator": "bs-002", "decision": "approve"})

    operator: Code
    decision: Literal["approve", "refuse"]
    reason: Text | None = None


class AccessEndIn(Strict):
    """Why an approved access ends."""

    model_config = shown({"operator": "bs-002", "reason": "事项调整,不再需要"})

    operator: Code
    reason: Text
