"""What the node knows of types and items. Public: an integrator reads it before having a client."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from api.node import node_of

router = APIRouter(prefix="/v1", tags=["catalogue"])


@router.get("/material-types", summary="The material types")
def material_types(request: Request) -> dict[str, Any]:
    """All 57 types with sharing class, security level, validity rule and allowed media types."""
    kinds = node_of(request).catalogue.types.values()
    return {
        "types": [
            {
                "type_code": kind.code,
                "name": kind.name,
                "name_en": kind.name_en,
                "issuer": kind.issuer,
                "licence_type": kind.licence_type,
                "share_class": kind.share_class,
                "level": kind.level,
                "validity": {
                    name: value
                    for name in ("kind", "months", "days", "same", "live")
                    if (value := getattr(kind.validity, name))
                },
                "media_types": kind.media_types,
            }
            for kind in kinds
        ]
    }


@router.get("/items", summary="The service items and what each may demand")
def items(request: Request) -> dict[str, Any]:
    """Items with scenarios, demanded types and the generic list."""
    return {
        "items": [
            {
                "item_code": item.item_code,
                "version": item.version,
                "name": item.name,
                "name_en": item.name_en,
                "division": item.division,
                "scenarios": [each.code for each in item.scenarios],
                "applicant_kinds": item.applicant_kinds,
                "promise_days": item.limits.promised,
                "demands": sorted(item.types),
                "materials": item.generic,
            }
            for item in node_of(request).catalogue.items.values()
        ]
    }
