"""What a licence's credential says, and which part of it answers to which field name.

One naming for disclosure inside and outside: a grant, a fetch and a presentation all name fields as here, and the same
names are the claim paths of the type metadata.

    always visible   vct, vct#integrity, issuer_code, iat, nbf, exp, status, cnf
    one by one       licence_id, licence_no, version, issuer_name, issue_date, valid_from, valid_to, related_licence_id,
                     holders (each of them, and of each name, code and code type), every field of `face`
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from certs.model import Sheet

COMMON: Final = {
    "licence_id": ("证照标识", "Licence id"),
    "licence_no": ("证照编号", "Licence number"),
    "version": ("版本号", "Version"),
    "issuer_name": ("证照颁发机构", "Issuer"),
    "issue_date": ("颁发日期", "Date of issue"),
    "valid_from": ("有效期起始日期", "Valid from"),
    "valid_to": ("有效期截止日期", "Valid to"),
    "related_licence_id": ("关联证照标识", "Related licence id"),
}
"""Fields of every licence with their titles (GB/T 36903)."""
HOLDER: Final = {
    "holder_name": ("name", "持证主体名称", "Holder's name"),
    "holder_code": ("code", "持证主体代码", "Holder's code"),
    "holder_code_type": ("code_type", "持证主体代码类型", "Type of the holder's code"),
}
"""Fields of each holder: member of the object, titles."""


def common(sheet: Sheet) -> dict[str, Any]:
    """The members of `COMMON` that a sheet has."""
    held = {
        "licence_id": sheet.licence_id,
        "licence_no": sheet.licence_no,
        "version": sheet.version,
        "issuer_name": sheet.issuer_name,
        "issue_date": sheet.issue_date.isoformat(),
        "valid_from": sheet.valid_from.isoformat(),
        "valid_to": sheet.valid_to and sheet.valid_to.isoformat(),
        "related_licence_id": sheet.related_licence_id,
    }
    return {name: value for name, value in held.items() if value is not None}
