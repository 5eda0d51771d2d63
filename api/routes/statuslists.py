"""What a verifier of credentials fetches: status lists and the metadata of credential types. Public, like the log.

Nothing here says who asks for which licence: a list is always given whole. It is what holds at this moment; a verifier
may keep it for its `ttl`, and asks again cheaply by ETag.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Final

from fastapi import APIRouter, Request, Response

from api.errors import NotFoundError
from api.node import node_of
from api.schemas import Code
from certs.credentials import metadata, statuslist

router = APIRouter(prefix="/v1", tags=["credentials"])

_OPEN: Final = {"Access-Control-Allow-Origin": "*"}  # wallets and verifiers are pages of other origins


@router.get(
    "/status-lists/{list_id}",
    summary="A status list of credentials",
    response_class=Response,
    responses={200: {"content": {statuslist.MEDIA_TYPE: {"schema": {"type": "string"}}}}, 304: {"description": "same"}},
)
def status_list(request: Request, list_id: Code) -> Response:
    """The signed list (Token Status List), at the address a credential names in `status.status_list.uri`.

    Two bits for each credential: 0 valid, 1 invalid for good, 2 suspended.
    """
    node = node_of(request)
    with node.database.glance() as db:
        node.status_lists.look(db, list_id)
    token, tag = node.status_lists.tagged(list_id)
    headers = {"Cache-Control": "no-cache", "ETag": tag, **_OPEN}
    if tag in (each.strip() for each in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    return Response(token, headers=headers, media_type=statuslist.MEDIA_TYPE)


@router.get("/vct/{type_code}", summary="Metadata of a credential type")
def type_metadata(request: Request, type_code: str) -> Response:
    """What a wallet shows for each claim (SD-JWT VC Type Metadata). Credentials pin these bytes by `vct#integrity`."""
    return _metadata(request, type_code, "")


@router.get("/vct/{type_code}/{version}", summary="Metadata of a credential type that got fields")
def extended_metadata(request: Request, type_code: str, version: str) -> Response:
    """Of licences issued since a version of the type added fields to it; it extends what was before."""
    return _metadata(request, type_code, version)


def _metadata(request: Request, type_code: str, version: str) -> Response:
    node = node_of(request)
    kind = node.licence_types.types.get(type_code)
    if kind is None or version not in metadata.versions(kind):
        raise NotFoundError
    text = metadata.document(kind, node.settings.base_url, version)
    digest = b64encode(sha256(text).digest()).decode()
    return Response(text, headers={"ETag": f'"{digest}"', **_OPEN}, media_type="application/json")
