"""Bodies of requests that fetch licences; see `api.schemas`."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Base64Bytes, Field, model_validator

from api.schemas import Code, FieldName, IdentifierIn, Strict, Text, TypeCode, Uuid, shown

ASKING: Final[dict[str, Any]] = {
    "case_no": "31011820261121000001",
    "item_code": "11310118XX00000B0W4310100101000",
    "cause": "食品经营许可新办审查",
    "operator": "qp-103",
}
NUMBER: Final = {"type_code": "LT12", "licence_no": "JY23101139900011", "issuer_code": "11310113XX00000A2R"}
Mode = Literal["verify", "data", "copy"]
Fields = Annotated[
    list[FieldName], Field(default_factory=list, max_length=50, description="in mode `data`: what is wanted")
]


class AskingIn(Strict):
    """What every call says: no licence without item, case, cause and operator."""

    case_no: Code
    item_code: Code
    cause: Text
    operator: Code


class SelectorIn(Strict):
    """Which licence, in one of four ways; all of them in the body, so that no address holds an identity code."""

    identifier: Annotated[str | None, Field(max_length=120, description="电子证照标识, GB/T 36904")] = None
    use_code: Annotated[str | None, Field(max_length=200, description="用证码, from a search in this case")] = None
    type_code: Annotated[TypeCode | None, Field(description="LTnn or CLnnn: the one of the applicant or `holder`")] = (
        None
    )
    holder: Annotated[IdentifierIn | None, Field(description="whose, where not the applicant's")] = None
    licence_no: Annotated[
        str | None, Field(min_length=1, max_length=64, description="the number on it, with type_code and issuer_code")
    ] = None
    issuer_code: Annotated[str | None, Field(max_length=18, description="of the body that issued it")] = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_type = self.type_code is not None
        ways = (self.identifier is not None) + (self.use_code is not None) + by_type
        number_fits = (self.licence_no is None) == (self.issuer_code is None)
        if ways != 1 or not number_fits or (not by_type and (self.licence_no or self.holder)):
            msg = "name one licence: identifier, use_code, or type_code with holder or number"
            raise ValueError(msg)
        return self


class FetchIn(SelectorIn, AskingIn):
    """A use of the licence that the selector names."""

    model_config = shown(
        ASKING | {"type_code": "LT01", "mode": "copy"},
        ASKING | {"type_code": "CL006", "mode": "data", "fields": ["name", "address", "licence_no:clear"]},
        ASKING
        | {
            "type_code": "LT12",
            "licence_no": "JY23101139900011",
            "issuer_code": "11310113XX00000A2R",
            "mode": "verify",
        },
    )

    mode: Mode = "copy"
    fields: Fields
    grant_id: Uuid | None = None


class WantedIn(SelectorIn):
    """A row of a bulk request."""

    mode: Mode = "copy"
    fields: Fields
    grant_id: Uuid | None = None


class FetchBatchIn(AskingIn):
    """Many licences for one case; without `wanted`, every one that may be used there now."""

    model_config = shown(ASKING, ASKING | {"wanted": [{"type_code": "LT01"}, {"type_code": "LT05", "mode": "verify"}]})

    wanted: Annotated[list[WantedIn], Field(default_factory=list, max_length=50)]
    mode: Annotated[Mode, Field(description="where `wanted` is empty")] = "copy"
    fields: Fields


class FetchSearchIn(AskingIn):
    """What is there for a case."""

    model_config = shown(ASKING, ASKING | {"type_codes": ["LT01"], "mode": "verify"})

    mode: Mode = "copy"
    holder: Annotated[IdentifierIn | None, Field(description="whose, where not the applicant's")] = None
    type_codes: Annotated[
        list[TypeCode], Field(default_factory=list, max_length=50, description="LTnn or CLnnn; all demanded if empty")
    ]


class FileCheckIn(AskingIn):
    """A file somebody handed in: its digest, and it stays where it is; or itself, and its seals are checked too."""

    model_config = shown(ASKING | {"sha256": "ab" * 32}, ASKING | {"content": "JVBERi0xLjcK"})

    sha256: Annotated[str | None, Field(pattern="^[0-9a-f]{64}$")] = None
    content: Annotated[
        Base64Bytes | None, Field(description="PDF or OFD in base64, as far as the largest JSON body reaches")
    ] = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.sha256 is None) == (self.content is None):
            msg = "name a digest or give the file"
            raise ValueError(msg)
        return self
