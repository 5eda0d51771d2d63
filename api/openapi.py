"""What FastAPI cannot know of our interface: problem documents, DPoP, Idempotency-Key, the streamed body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from api import answers, problems
from api.schemas import DepositIn, EvidenceIn

if TYPE_CHECKING:
    from fastapi import FastAPI

Json = dict[str, Any]

UNKEYED: Final = frozenset(
    {
        "/v1/bundles/{bundle_code}/questionnaire",
        "/v1/cases/{case_no}/confirmations/terms",
        "/v1/fetch/file-check",
        "/v1/fetch/search",
        "/v1/firms/search",
        "/v1/console/session",
        "/v1/console/session/renewal",
        "/v1/intakes/check",
        "/v1/definition-checks",
        "/v1/items/{item_code}/questionnaire",
        "/v1/materials/search",
        "/v1/page-pictures",
        "/v1/projects/{code}/members/terms",
        "/v1/districts/{division}/checkpoints",
        "/v1/holder-requests",
        "/v1/codes",
        "/v1/credentials",
        "/v1/inbox",
        "/v1/me/notices",
        "/v1/login/token",
        "/v1/keys/offers",
        "/v1/keys/proposals",
        "/v1/assisted-consents/{assistance_id}/statements",
        "/v1/assisted-consents/withdrawal",
        "/v1/assisted-signatures/{assisted_id}/statements",
        "/v1/me/consents",
        "/v1/me/inquiries",
        "/v1/my/consents",
        "/v1/my/kiosk-session",
        "/v1/my/kiosk-codes",
        "/v1/my/session",
        "/v1/me/ledger",
        "/v1/me/uses/{use_id}/evidence",
        "/v1/me/refusals/{refusal_id}/evidence",
    }
)
"""POST routes under /v1 that change nothing when repeated and so take no Idempotency-Key."""

_REF: Final = "#/components/schemas/"
_PROBLEM: Final[Json] = {
    "title": "Problem",
    "description": "RFC 9457. `code` is stable and listed at /docs/problems; texts are for people.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "title_zh", "detail_zh", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(problems.TABLE)},
        "detail": {"type": "string"},
        "title_zh": {"type": "string"},
        "detail_zh": {"type": "string"},
        "request_id": {"type": "string"},
        "error": {"type": "string", "description": "the code again where it is one of OAuth (RFC 6749 5.2)"},
        "fields": {"type": "object", "description": "what the advice speaks of; never personal data"},
    },
    "examples": [problems.document("grant-required", "019a0000-0000-7000-8000-000000000000", {})],
}
_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "a fresh one for each new act, the same one for its retries",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
_PROOF: Final[Json] = {
    "name": "DPoP",
    "in": "header",
    "required": True,
    "description": "proof for this request (RFC 9449 4.2); docs/integrate.md, section 1",
    "schema": {"type": "string"},
}


def install(app: FastAPI) -> None:
    """Let the application show the whole description."""
    generate = app.openapi

    def whole() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = complete(generate())
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]  # the way FastAPI documents


def complete(description: Json) -> Json:
    """Add to FastAPI's description what it cannot know.

    Args:
        description: OpenAPI 3.1, changed in place.
    """
    parts = description["components"]
    schemas = parts["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):  # we answer with problem documents
        schemas.pop(name, None)
    deposit = DepositIn.model_json_schema(ref_template=_REF + "{model}")
    schemas |= deposit.pop("$defs", {}) | {"DepositIn": deposit, "Problem": _PROBLEM}
    schemas["EvidenceIn"] = EvidenceIn.model_json_schema(ref_template=_REF + "{model}")
    parts["responses"] = {
        "Problem": {
            "description": "Refused, or failed: a problem document",
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": _REF + "Problem"}}},
        }
    }
    if "DPoP" in parts.get("securitySchemes", {}):
        parts["securitySchemes"]["DPoP"]["scheme"] = "DPoP"  # RFC 9449 12.3 registers it beside Bearer
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            _complete_operation(path, method, operation)
    answers.describe(description)
    return description


def _complete_operation(path: str, method: str, operation: Json) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    for status in [status for status in responses if status >= "400" and path != "/readyz"]:
        responses[status] = {"$ref": "#/components/responses/Problem"}
    responses["default"] = {"$ref": "#/components/responses/Problem"}
    headers = operation.setdefault("parameters", [])
    if operation.get("security") or path == "/oauth/token":
        headers.append(_PROOF)
    if method in {"post", "patch"} and path.startswith("/v1/") and path not in UNKEYED:
        headers.append(_KEY)
