"""Type metadata of a credential (SD-JWT VC 4): what a wallet shows for each claim, and the digest that pins it.

A type's metadata is one fixed text, made from the catalogue. `vct#integrity` in the credential is the W3C Subresource
Integrity string of exactly these bytes, so nobody between wallet and us can rename a field.
"""

from __future__ import annotations

import json
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from certs.credentials.claims import COMMON, HOLDER

if TYPE_CHECKING:
    from certs.licencetypes import LicenceType


def vct(type_: LicenceType, base_url: str) -> str:
    """The type as a credential names it: the address of its metadata.

    Args:
        base_url: of the node, without a slash at the end.
    """
    return f"{base_url}/{type_.vct.lstrip('/')}"


@lru_cache(maxsize=256)
def document(type_: LicenceType, base_url: str) -> bytes:
    """The metadata of a type, UTF-8 JSON."""
    claims = [_claim([name], titles) for name, titles in COMMON.items()]
    claims += [_claim(["holders"], ("持证主体", "Holders")), _claim(["holders", None], ("持证主体", "Holder"))]
    claims += [_claim(["holders", None, name], (zh, en)) for name, zh, en in HOLDER.values()]
    claims += [_claim(["face", each.name], (each.title_zh, each.title_en)) for each in type_.fields]
    whole = {
        "vct": vct(type_, base_url),
        "name": type_.name_en,
        "description": f"{type_.name} ({type_.type_code})",
        "display": [{"locale": "zh-CN", "name": type_.name}, {"locale": "en", "name": type_.name_en}],
        "claims": claims,
    }
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@lru_cache(maxsize=256)
def integrity(type_: LicenceType, base_url: str) -> str:
    """`vct#integrity`: `sha256-` and the base64 of the digest (W3C Subresource Integrity)."""
    return "sha256-" + b64encode(sha256(document(type_, base_url)).digest()).decode()


def _claim(path: list[str | None], titles: tuple[str, str]) -> dict[str, Any]:
    # Newer drafts say `locale`, older ones `lang`; wallets of both kinds are met.
    display = [
        {"locale": locale, "lang": locale, "label": label}
        for locale, label in zip(("zh-CN", "en"), titles, strict=True)
    ]
    return {"path": path, "sd": "always", "display": display}
