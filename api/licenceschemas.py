"""Bodies of requests about licences, as OpenAPI shows them."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads the annotation
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from api.schemas import Code, Strict, Text, TypeCode, Uuid, shown

Reason = Annotated[
    str,
    Field(min_length=1, max_length=64, description="kebab-case code, e.g. inspection-found", examples=["unpaid-fine"]),
]
Operation = Literal["issue", "renew", "change", "transfer_in"]
Line = Annotated[str, Field(max_length=4000)]

BUSINESS: Final[dict[str, Any]] = {
    "type_code": "LT01",
    "licence_no": "29000000202611210001",
    "holders": [{"name": "宝山青禾餐饮管理有限公司", "code_type": "001", "code": "91310113XX0000019X"}],
    "face": {
        "entity_type": "有限责任公司(自然人投资或控股)",
        "legal_representative": "陈安澜",
        "registered_capital": "100万元整",
        "established_on": "2025-03-01",
        "domicile": "上海市宝山区示例路 88 号",
        "business_scope": "餐饮服务;食品销售",
        "registration_authority": "宝山区市场监督管理局",
    },
    "related": [
        {
            "role": "legal_representative",
            "person": {"name": "陈安澜", "code_type": "111", "code": "310199199001010018"},
        }
    ],
    "valid_from": "2026-11-21",
    "operator": "bs-002",
}


class LicenceHolderIn(Strict):
    """Somebody who stands on a licence, as its face names them."""

    model_config = shown(BUSINESS["holders"][0])

    name: Text
    code_type: Annotated[str, Field(pattern=r"^[0-9]{3}$", description="001 social credit code, 111 identity card")]
    code: Annotated[str, Field(min_length=1, max_length=64)]


class RelatedIn(Strict):
    """Somebody whom a licence names beside its holders; a fact of representation follows."""

    model_config = shown(BUSINESS["related"][0])

    role: Literal["legal_representative", "guardian"]
    person: LicenceHolderIn


class HolderKeyIn(Strict):
    """Public key of the holder's device, P-256 (RFC 7517): the credential is bound to it."""

    model_config = shown({"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43})

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
    y: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class LicenceIn(Strict):
    """A licence to issue, or the next version of one."""

    model_config = shown(BUSINESS)

    type_code: Annotated[TypeCode, Field(description="LT01 to LT26, see GET /v1/licence-types")]
    licence_no: Annotated[str, Field(min_length=1, max_length=64, description="the number printed on it")]
    holders: Annotated[tuple[LicenceHolderIn, ...], Field(min_length=1, max_length=16)]
    face: Annotated[
        dict[str, Line | Annotated[list[Line], Field(max_length=200)]], Field(description="fields of the type's face")
    ]
    valid_from: date
    valid_to: Annotated[date | None, Field(description="last day; leave out where there is none (长期)")] = None
    operator: Annotated[Code, Field(description="handle of a registrar of the issuer")]
    operation: Operation = "issue"
    predecessor: Annotated[Uuid | None, Field(description="the version before, for renew and change")] = None
    related: Annotated[tuple[RelatedIn, ...], Field(max_length=8)] = ()
    members: Annotated[tuple[Uuid, ...], Field(max_length=20, description="member licences, for a composite")] = ()
    origin_id: Annotated[
        str | None, Field(max_length=120, description="电子证照标识 at the authority it came from, for transfer_in")
    ] = None
    holder_key: HolderKeyIn | None = None


class LicenceStatusIn(Strict):
    """Something to be done to a licence."""

    model_config = shown(
        {"operation": "suspend", "reason": "inspection-found", "operator": "bs-002"},
        {"operation": "cancel", "status": "04", "reason": "closed-down", "operator": "bs-002"},
    )

    operation: Literal["suspend", "restore", "expire", "cancel", "undo_transfer", "other"]
    status: Annotated[
        Literal["01", "03", "04", "06", "07", "99"] | None,
        Field(description="for cancel: 03 撤销, 04 注销, 06 转出, 07 吊销; for other: 99, or 01 to end it"),
    ] = None
    reason: Reason
    operator: Annotated[Code, Field(description="handle of a registrar of the issuer")]
