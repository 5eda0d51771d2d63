"""Type metadata of a credential (SD-JWT VC 4): what a wallet shows for each claim, and the digest that pins it.

A type's metadata is one fixed text, made from the catalogue. `vct#integrity` in the credential is the W3C Subresource
Integrity string of exactly these bytes, so nobody between wallet and us can rename a field.

Credentials that are out pin the bytes of their day for as long as they run. So what a type says at first stays, names
and titles with it (`certs.catalogue`); a type that gets a field gets a text of its own beside the first, which extends
it as the standard has it: `/v1/vct/LT19`, then `/v1/vct/LT19/2026.2` with `"extends": ".../v1/vct/LT19"`.
"""

from __future__ import annotations

import json
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from certs.credentials.claims import COMMON, HOLDER
from certs.licencetypes import order

if TYPE_CHECKING:
    from certs.licencetypes import LicenceType


def vct(type_: LicenceType, base_url: str, version: str | None = None) -> str:
    """The type as a credential names it: the address of its metadata.

    Args:
        base_url: of the node, without a slash at the end.
        version: that added fields, empty for the first; the last one without.
    """
    version = type_.extended if version is None else version
    return f"{base_url}/{type_.vct.lstrip('/')}" + (f"/{version}" if version else "")


def versions(type_: LicenceType) -> list[str]:
    """Versions that have metadata of their own, in their order: those that added fields; the first is empty."""
    return sorted({each.since for each in type_.fields} | {""}, key=order)


@lru_cache(maxsize=256)
def document(type_: LicenceType, base_url: str, version: str | None = None) -> bytes:
    """The metadata of a type, UTF-8 JSON.

    Args:
        version: of `versions`; the last one without.
    """
    version = type_.extended if version is None else version
    fields = [each for each in type_.fields if order(each.since) <= order(version)]
    claims = [_claim([name], titles) for name, titles in COMMON.items()]
    claims += [_claim(["holders"], ("持证主体", "Holders")), _claim(["holders", None], ("持证主体", "Holder"))]
    claims += [_claim(["holders", None, name], (zh, en)) for name, zh, en in HOLDER.values()]
    claims += [_claim(["face", each.name], (each.title_zh, each.title_en)) for each in fields]
    whole: dict[str, Any] = {
        "vct": vct(type_, base_url, version),
        "name": type_.name_en,
        "description": f"{type_.name} ({type_.type_code})",
        "display": [{"locale": "zh-CN", "name": type_.name}, {"locale": "en", "name": type_.name_en}],
        "claims": claims,
    }
    if version:
        held = versions(type_)
        before = held[held.index(version) - 1]
        whole |= {"extends": vct(type_, base_url, before), "extends#integrity": integrity(type_, base_url, before)}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@lru_cache(maxsize=256)
def integrity(type_: LicenceType, base_url: str, version: str | None = None) -> str:
    """`vct#integrity`: `sha256-` and the base64 of the digest (W3C Subresource Integrity)."""
    return "sha256-" + b64encode(sha256(document(type_, base_url, version)).digest()).decode()


def _claim(path: list[str | None], titles: tuple[str, str]) -> dict[str, Any]:
    # Newer drafts say `locale`, older ones `lang`; wallets of both kinds are met.
    display = [
        {"locale": locale, "lang": locale, "label": label}
        for locale, label in zip(("zh-CN", "en"), titles, strict=True)
    ]
    return {"path": path, "sd": "always", "display": display}
