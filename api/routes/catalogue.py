"""What the node knows of types, items and bundles. Public: an integrator reads it before having a client."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request

from api.caseschemas import QuestionnaireIn
from api.node import node_of
from api.schemas import Code
from materials.checklist.reasons import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from materials.catalogue import Catalogue
    from materials.catalogue.bundles import Bundle
    from materials.catalogue.items import Demand, FormField, Item, Question

router = APIRouter(prefix="/v1", tags=["catalogue"])


@router.get("/material-types", summary="The material types")
def material_types(request: Request) -> dict[str, Any]:
    """All types with sharing class, security level, validity rule and allowed media types."""
    kinds = node_of(request).catalogue.types.values()
    return {
        "types": [
            {
                "type_code": kind.code,
                "version": kind.version,
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
                "retention_years": kind.retention_years,
                "media_types": kind.media_types,
            }
            for kind in kinds
        ]
    }


@router.get("/items", summary="The service items and what each may demand")
def items(request: Request) -> dict[str, Any]:
    """Items with scenarios, demanded types and the generic list."""
    return {"items": [_brief(item) for item in node_of(request).catalogue.items.values()]}


@router.get("/items/{item_code}", summary="One item in full")
def one_item(request: Request, item_code: Code) -> dict[str, Any]:
    """Questionnaire, scenarios, materials with their routes, form, check points, limits and commitment rule."""
    catalogue = node_of(request).catalogue
    item = catalogue.item(item_code)
    rule = item.commitment
    return _brief(item) | {
        "limits": {"statutory": item.limits.statutory, "promised": item.limits.promised, "unit": "working days"},
        "gives": item.gives,
        "sha256": sha256(catalogue.definitions[item.item_code]).hexdigest(),
        "roles": {role: {"zh": names[0], "en": names[1]} for role, names in item.roles.items()},
        "questions": [_question(each) for each in item.questions],
        "scenarios_in_full": [
            {"code": each.code, "zh": each.name, "en": each.name_en, "answers": dict(each.answers)}
            for each in item.scenarios
        ],
        "materials_in_full": _demands(catalogue, item.demands),
        "fields": _fields(item.fields),
        "check_points": [
            {"code": each.code, "zh": each.zh, "en": each.en, "rule": dict(each.rule)} for each in item.check_points
        ],
        "commitment": None
        if rule is None
        else {
            "scenarios": rule.scenarios,
            "post_check_days": rule.post_check_days,
            "barred_days": rule.barred_days,
            "most_owed": rule.most_owed,
        },
    }


@router.post("/items/{item_code}/questionnaire", summary="The next question, or the scenario")
def questionnaire(request: Request, item_code: Code, body: QuestionnaireIn) -> dict[str, Any]:
    """One step of the questionnaire: give the answers so far, get the next question.

    After the last one: the scenario and what it demands. Nothing is kept, and no client is needed.
    """
    catalogue = node_of(request).catalogue
    item = catalogue.item(item_code)
    answers = item.checked(body.answers)
    return (
        _step(item.open_questions(answers))
        | (
            {}
            if item.open_questions(answers)
            else {
                "scenario": _scenario(item, answers),
                "materials": _demands(catalogue, item.demanded(answers)),
                "fields": _fields(item.form(answers)),
            }
        )
        | {"answers": answers}
    )


@router.get("/bundles", summary="The bundles")
def bundles(request: Request) -> dict[str, Any]:
    """Bundles (一件事): several items applied for together."""
    return {"bundles": [_bundle(each) for each in node_of(request).catalogue.bundles.values()]}


@router.get("/bundles/{bundle_code}", summary="One bundle in full")
def one_bundle(request: Request, bundle_code: Code) -> dict[str, Any]:
    """Its questionnaire and form, every question and field once, and what its members pass on to each other."""
    catalogue = node_of(request).catalogue
    bundle = catalogue.bundle(bundle_code)
    return _bundle(bundle) | {
        "questions": [_question(each) for each in bundle.questions(catalogue.items)],
        "fields": _fields(bundle.fields(catalogue.items)),
        "passes": [{"from": each.giver, "gives": each.gives, "to": each.taker} for each in bundle.passes],
    }


@router.post("/bundles/{bundle_code}/questionnaire", summary="A bundle's next question, or its set of materials")
def bundle_questionnaire(request: Request, bundle_code: Code, body: QuestionnaireIn) -> dict[str, Any]:
    """As the questionnaire of an item; the set of materials names each once, with the member that demands it first."""
    catalogue = node_of(request).catalogue
    bundle = catalogue.bundle(bundle_code)
    answers: dict[str, str] = {}
    for item in (catalogue.item(code) for code in bundle.items):
        answers |= item.checked(bundle.answers_for(item, body.answers))
    bundle.refuse_strangers(catalogue.items, body.answers)
    left = bundle.open_questions(catalogue.items, answers)
    if left:
        return _step(left) | {"answers": answers}
    demands = bundle.demands(catalogue.items, answers)
    wanted = _demands(catalogue, [demand for demand, _ in demands])
    materials = [row | {"item_code": code} for row, (_, code) in zip(wanted, demands, strict=True)]
    return _step(()) | {"materials": materials, "answers": answers}


def _brief(item: Item) -> dict[str, Any]:
    return {
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


def _bundle(bundle: Bundle) -> dict[str, Any]:
    return {
        "bundle_code": bundle.code,
        "version": bundle.version,
        "name": bundle.name,
        "name_en": bundle.name_en,
        "applicant_kinds": bundle.applicant_kinds,
        "items": bundle.items,
    }


def _step(left: tuple[Question, ...]) -> dict[str, Any]:
    return {"next": _question(left[0]) if left else None, "left": len(left)}


def _scenario(item: Item, answers: Mapping[str, str]) -> dict[str, str]:
    held = item.scenario_of(answers)
    return {"code": held.code, "zh": held.name, "en": held.name_en}


def _question(each: Question) -> dict[str, Any]:
    return {
        "code": each.code,
        "zh": each.zh,
        "en": each.en,
        "help": {"zh": each.help_zh, "en": each.help_en},
        "choices": [{"code": choice.code, "zh": choice.zh, "en": choice.en} for choice in each.choices],
    }


def _demands(catalogue: Catalogue, demands: Iterable[Demand]) -> list[dict[str, Any]]:
    return [
        {
            "type_code": each.type_code,
            "name": catalogue.type(each.type_code).name,
            "name_en": catalogue.type(each.type_code).name_en,
            "need": each.need,
            "whose": each.whose,
            "routes": [
                {"code": route.value, "zh": ROUTES[route.value][0], "en": ROUTES[route.value][1]}
                for route in each.routes
            ],
            "owed_days": each.owed_days,
        }
        for each in demands
    ]


def _fields(fields: Iterable[FormField]) -> list[dict[str, Any]]:
    return [
        {"code": each.code, "zh": each.zh, "en": each.en, "kind": each.kind, "sources": each.sources} for each in fields
    ]
