"""Definitions of items, material types and licence types as they were published. Public, in every version."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Request, Response

from api.node import node_of
from api.schemas import Code
from ledger.clock import rfc3339

router = APIRouter(prefix="/v1", tags=["catalogue"])


@router.get("/items/{item_code}/definition", summary="One item as it is published")
def item(request: Request, item_code: Code) -> Response:
    """Canonical JSON (RFC 8785): what `sha256` in the register `items` is the digest of."""
    return _definition(request, "item", item_code)


@router.get("/items/{item_code}/versions", summary="Versions of an item")
def item_versions(request: Request, item_code: Code) -> dict[str, Any]:
    """The newest first, with the version of the register `items` that published it; all of them can be read."""
    return _versions(request, "item", item_code)


@router.get("/items/{item_code}/versions/{version}/definition", summary="A version of an item as it was published")
def item_version(request: Request, item_code: Code, version: Code) -> Response:
    """Canonical JSON (RFC 8785) of a version in force or not; `sha256` in the register is the digest of it."""
    return _definition(request, "item", item_code, version)


@router.get("/material-types/{code}/definition", summary="One material type as it is published")
def material_type(request: Request, code: Code) -> Response:
    """Canonical JSON (RFC 8785): what `sha256` in the register `materials` is the digest of."""
    return _definition(request, "material-type", code)


@router.get("/material-types/{code}/versions", summary="Versions of a material type")
def material_type_versions(request: Request, code: Code) -> dict[str, Any]:
    """The newest first, with the version of the register `materials` that published it; all of them can be read."""
    return _versions(request, "material-type", code)


@router.get("/material-types/{code}/versions/{version}/definition", summary="A version of a material type")
def material_type_version(request: Request, code: Code, version: Code) -> Response:
    """Canonical JSON (RFC 8785) of a version in force or not; `sha256` in the register is the digest of it."""
    return _definition(request, "material-type", code, version)


@router.get("/licence-types/{code}/definition", summary="One licence type as it is published")
def licence_type(request: Request, code: Code) -> Response:
    """Canonical JSON (RFC 8785): what `sha256` in the register `licences` is the digest of."""
    return _definition(request, "licence-type", code)


@router.get("/licence-types/{code}/versions", summary="Versions of a licence type")
def licence_type_versions(request: Request, code: Code) -> dict[str, Any]:
    """The newest first, with the version of the register `licences` that published it; all of them can be read."""
    return _versions(request, "licence-type", code)


@router.get("/licence-types/{code}/versions/{version}/definition", summary="A version of a licence type")
def licence_type_version(request: Request, code: Code, version: Code) -> Response:
    """Canonical JSON (RFC 8785) of a version in force or not; `sha256` in the register is the digest of it."""
    return _definition(request, "licence-type", code, version)


def _definition(request: Request, kind: str, code: str, version: str | None = None) -> Response:
    node = node_of(request)
    with node.database.glance() as db:
        body = node.editing.definition(db, kind, code, version)
    return Response(body, media_type="application/json", headers={"ETag": f'"{sha256(body).hexdigest()}"'})


def _versions(request: Request, kind: str, code: str) -> dict[str, Any]:
    node = node_of(request)
    with node.database.glance() as db:
        found = node.editing.versions(db, kind, code)
    return {
        "versions": [each | {"published_at": each["published_at"] and rfc3339(each["published_at"])} for each in found]
    }
