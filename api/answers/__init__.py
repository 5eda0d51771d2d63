"""What the answers are that our own pages read: shown in the interface's description, and typed in `web/shared`.

Routes make their answers as plain documents; FastAPI, which sees `Response`, can say nothing of them. This table does,
for each operation the pages call. `make types` writes the TypeScript of exactly these operations, and tests hold both
sides to it: `tests/api/test_answers.py` the description and the committed types, `tests/web/browser/answers.mjs` every
answer that the pages get while they are played through.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from api.answers import auditor, catalogue, citizen, consent, console, operations

if TYPE_CHECKING:
    from api.answers.base import Answer

Json = dict[str, Any]

_REF: Final = "#/components/schemas/"
_CASE: Final = "/v1/cases/{case_no}"
_DEFINITIONS: Final = "/v1/definition-drafts"
_LOOK: Final = "/v1/audit/looks/{look_id}"
_OUTBOX: Final = "/v1/operations/outbox"
_PARTY: Final = "/v1/parties/{party_id}"
_READINGS: Final = "/v1/materials/{material_id}/readings"

ANSWERS: Final[dict[tuple[str, str], tuple[int, type[Answer] | None]]] = {
    # the citizen pages
    ("post", "/v1/holder-requests"): (200, consent.RequestOut),
    ("get", "/v1/ask-batches/{batch_id}"): (200, consent.BatchOut),
    ("post", "/v1/ask-batches/{batch_id}/answer"): (200, consent.BatchOut),
    ("post", "/v1/grants/{grant_id}/withdrawal"): (200, consent.GrantOut),
    ("post", "/v1/keys/offers"): (201, consent.OfferOut),
    ("post", "/v1/keys/proposals"): (200, consent.ProposalOut),
    ("post", "/v1/keys"): (201, consent.KeyOut),
    ("post", "/v1/keys/{key_id}/revocation"): (200, consent.KeyOut),
    ("post", "/v1/delegations"): (201, consent.DelegationOut),
    ("post", "/v1/delegations/{delegation_id}/end"): (200, consent.DelegationOut),
    ("post", "/v1/codes"): (201, citizen.MadeCodeOut),
    ("get", "/v1/codes/{code_id}"): (200, citizen.ScannedCodeOut),
    ("post", "/v1/my/session"): (201, citizen.SessionOut),
    ("get", "/v1/my/session"): (200, citizen.SessionOut),
    ("delete", "/v1/my/session"): (204, None),
    ("post", "/v1/my/consents"): (200, consent.ConsentsOut),
    ("get", "/v1/my/uses"): (200, citizen.LedgerOut),
    ("get", "/v1/my/notices"): (200, citizen.NoticesOut),
    ("get", "/v1/my/uses/{use_id}/circumstances"): (200, citizen.CircumstancesOut),
    ("get", "/v1/my/cessations"): (200, citizen.CessationsOut),
    ("get", "/v1/my/inbox"): (200, citizen.InboxOut),
    ("get", "/v1/my/inquiries"): (200, citizen.InquiriesOut),
    ("get", "/v1/my/delegations"): (200, consent.OwnDelegationsOut),
    ("get", "/v1/my/licences"): (200, citizen.LicencesOut),
    ("get", "/v1/my/licences/{licence_id}"): (200, citizen.FullLicenceOut),
    ("get", "/v1/my/materials"): (200, citizen.MaterialsOut),
    ("get", "/v1/my/asks/{ask_id}/preview"): (200, citizen.PreviewOut),
    ("get", "/v1/my/commitments"): (200, citizen.LettersOut),
    ("get", "/v1/my/commitments/{commitment_id}"): (200, citizen.LetterOut),
    # the kiosk
    ("post", "/v1/my/kiosk-session"): (201, citizen.SessionOut),
    ("post", "/v1/my/kiosk-codes"): (201, citizen.MadeCodeOut),
    ("get", "/v1/my/cases"): (200, citizen.ReceiptsOut),
    # the console
    ("post", "/v1/console/session"): (201, console.StaffOut),
    ("get", "/v1/console/session"): (200, console.StaffOut),
    ("delete", "/v1/console/session"): (204, None),
    ("post", "/v1/console/session/renewal"): (200, console.StaffOut),
    ("get", "/v1/items"): (200, console.ItemsOut),
    ("get", "/v1/items/{item_code}"): (200, console.FullItemOut),
    ("post", "/v1/items/{item_code}/questionnaire"): (200, console.StepOut),
    ("post", "/v1/firms/search"): (200, console.FirmsOut),
    ("get", "/v1/cases"): (200, console.CasesOut),
    ("post", "/v1/cases"): (201, console.CaseOut),
    ("get", _CASE): (200, console.CaseOut),
    ("post", f"{_CASE}/submission"): (200, console.CaseOut),
    ("post", f"{_CASE}/acceptance"): (200, console.CaseOut),
    ("post", f"{_CASE}/send-backs"): (200, console.CaseOut),
    ("post", f"{_CASE}/closing"): (200, console.CaseOut),
    ("get", f"{_CASE}/commitments"): (200, console.CommitmentsOut),
    ("post", f"{_CASE}/commitments"): (201, console.CommitmentOut),
    ("post", f"{_CASE}/documents"): (201, console.DocumentOut),
    ("post", "/v1/commitments/{commitment_id}/withdrawal"): (200, console.CommitmentOut),
    ("post", f"{_CASE}/assistance-requests"): (201, console.AssistanceOut),
    ("get", f"{_CASE}/people"): (200, console.PeopleOut),
    ("get", f"{_CASE}/checklist"): (200, console.ChecklistOut),
    ("get", f"{_CASE}/checklist/kept"): (200, console.KeptChecklistOut),
    ("post", f"{_CASE}/confirmations"): (201, console.ChecklistOut),
    ("get", f"{_CASE}/form"): (200, console.FormOut),
    ("post", f"{_CASE}/form"): (201, console.FormOut),
    ("patch", f"{_CASE}/form"): (200, console.FormOut),
    ("get", f"{_CASE}/review"): (200, console.ReviewOut),
    ("post", f"{_CASE}/review"): (201, console.ReviewOut),
    ("post", f"{_CASE}/review/settlements"): (200, console.ReviewOut),
    ("post", f"{_CASE}/checks"): (201, console.CheckOut),
    ("post", "/v1/ask-batches"): (201, consent.BatchOut),
    ("get", "/v1/check-questions"): (200, console.CheckQuestionsOut),
    ("get", "/v1/templates"): (200, console.TemplatesOut),
    ("post", "/v1/materials"): (201, console.DepositedOut),
    ("get", _READINGS): (200, console.ReadingsOut),
    ("post", _READINGS): (202, console.ReadingOut),
    ("get", f"{_READINGS}/{{reading_id}}"): (200, console.FullReadingOut),
    ("post", f"{_READINGS}/{{reading_id}}/confirmation"): (200, console.ReadingOut),
    ("post", "/v1/uses"): (201, console.UseOut),
    ("post", "/v1/fetch"): (201, console.UseOut),
    ("post", "/v1/presentations"): (201, console.SeenOut),
    ("get", "/v1/counter-signs/{counter}"): (200, console.SignOut),
    ("get", "/v1/registers/{kind}"): (200, console.RegisterOut),
    ("get", "/v1/figures"): (200, console.FiguresOut),
    ("get", "/v1/operations/gaps"): (200, console.GapsOut),
    # the console, for who keeps the node
    ("get", "/v1/parties"): (200, operations.PartiesOut),
    ("get", "/v1/parties/applications"): (200, operations.ApplicationsOut),
    ("post", "/v1/parties/applications"): (201, operations.ApplicationOut),
    ("post", "/v1/parties/applications/{application_id}/decision"): (200, operations.ApplicationOut),
    ("get", "/v1/parties/statistics"): (200, operations.StatisticsOut),
    ("get", _PARTY): (200, operations.FullPartyOut),
    ("post", f"{_PARTY}/suspension"): (200, operations.PartyOut),
    ("post", f"{_PARTY}/resumption"): (200, operations.PartyOut),
    ("post", f"{_PARTY}/limits"): (200, operations.PartyOut),
    ("post", f"{_PARTY}/logins"): (200, operations.StaffLoginOut),
    ("post", f"{_PARTY}/logins/withdrawal"): (200, operations.StaffLoginOut),
    ("get", f"{_PARTY}/access-requests"): (200, operations.AccessesOut),
    ("get", f"{_PARTY}/self-checks"): (200, operations.SelfChecksOut),
    ("get", "/v1/access-requests"): (200, operations.AccessesOut),
    ("post", "/v1/access-requests"): (201, operations.AccessOut),
    ("post", "/v1/access-requests/{request_id}/answer"): (200, operations.AccessOut),
    ("post", "/v1/access-requests/{request_id}/end"): (200, operations.AccessOut),
    ("get", "/v1/access-providers"): (200, operations.ProvidersOut),
    ("get", "/v1/operations/overdue-access"): (200, operations.OverdueOut),
    ("get", _OUTBOX): (200, operations.PilesOut),
    ("get", f"{_OUTBOX}/messages"): (200, operations.MessagesOut),
    ("post", f"{_OUTBOX}/replay"): (202, operations.ReplayedOut),
    # the editors
    ("get", "/v1/material-types"): (200, catalogue.TypesOut),
    ("get", "/v1/licence-types"): (200, catalogue.LicenceTypesOut),
    ("get", "/v1/items/{item_code}/versions"): (200, catalogue.DefinitionVersionsOut),
    ("get", "/v1/material-types/{code}/versions"): (200, catalogue.DefinitionVersionsOut),
    ("get", "/v1/licence-types/{code}/versions"): (200, catalogue.DefinitionVersionsOut),
    ("post", "/v1/definition-checks"): (200, catalogue.DefinitionCheckOut),
    ("get", _DEFINITIONS): (200, catalogue.DefinitionDraftsOut),
    ("post", _DEFINITIONS): (201, catalogue.DefinitionDraftOut),
    ("post", f"{_DEFINITIONS}/{{draft_id}}/publication"): (200, catalogue.DefinitionPublishedOut),
    ("post", f"{_DEFINITIONS}/{{draft_id}}/removal"): (200, catalogue.DroppedDraftOut),
    # the auditor's pages
    ("get", "/v1/audit/looks"): (200, auditor.LooksOut),
    ("post", "/v1/audit/looks"): (201, auditor.LookOut),
    ("get", _LOOK): (200, auditor.LookOut),
    ("get", f"{_LOOK}/lines"): (200, auditor.LookPageOut),
    ("get", f"{_LOOK}/sums"): (200, auditor.SumsOut),
    ("get", "/v1/audit/entries"): (200, auditor.OpenedEntriesOut),
    ("get", "/v1/log"): (200, auditor.LogOut),
    ("get", "/v1/log/checkpoints"): (200, auditor.CheckpointsOut),
    ("get", "/v1/log/anchors/{size}"): (200, auditor.AnchorProofOut),
    # the node
    ("get", "/readyz"): (200, console.ReadyOut),
    ("get", "/healthz"): (200, console.HealthOut),
}
"""By method and path as it is declared: the status of success, and what comes with it."""


def describe(description: Json) -> None:
    """Put the answers into a description.

    Args:
        description: OpenAPI 3.1, changed in place.
    """
    models = sorted({model for _, model in ANSWERS.values() if model is not None}, key=lambda each: each.__name__)
    _, held = models_json_schema([(each, "validation") for each in models], ref_template=_REF + "{model}")
    schemas = description["components"]["schemas"]
    schemas |= held["$defs"]
    for (method, path), (status, model) in ANSWERS.items():
        responses = description["paths"][path][method]["responses"]
        answer = responses.setdefault(str(status), {"description": "done"})
        if model is None:
            responses.pop("200", None)  # which FastAPI takes for granted
        else:
            answer.setdefault("content", {})["application/json"] = {"schema": {"$ref": _REF + model.__name__}}


def of_pages(description: Json) -> Json:
    """The part of a whole description that the pages use, without what only departments' systems send.

    Args:
        description: OpenAPI 3.1 with answers.
    """
    paths: Json = {}
    for method, path in ANSWERS:
        operation = dict(description["paths"][path][method])
        operation["parameters"] = [each for each in operation.get("parameters", []) if each.get("name") != "DPoP"]
        operation["responses"] = {
            status: held for status, held in operation["responses"].items() if status.startswith("2")
        }
        operation.pop("security", None)
        paths.setdefault(path, {})[method] = operation
    schemas = description["components"]["schemas"]
    wanted: Json = {}
    found = _references(paths)
    while found:
        name = found.pop()
        wanted[name] = schemas[name]
        found |= _references(wanted[name]) - wanted.keys()
    held = {name: wanted[name] for name in sorted(wanted)}
    return {name: description[name] for name in ("openapi", "info")} | {"paths": paths, "components": {"schemas": held}}


def check(method: str, path: str, document: object) -> None:
    """Hold an answer to the table.

    Args:
        method, path: as in `ANSWERS`.
        document: parsed JSON.

    Raises:
        pydantic.ValidationError: it lacks a member, or has one of another kind.
    """
    model = ANSWERS[method, path][1]
    if model is not None:
        TypeAdapter(model).validate_json(json.dumps(document))


def _references(value: object) -> set[str]:
    if isinstance(value, dict):
        own = value.get("$ref")
        names = {own.removeprefix(_REF)} if isinstance(own, str) and own.startswith(_REF) else set()
        return names.union(*(_references(each) for each in value.values()))
    return set().union(*map(_references, value)) if isinstance(value, list) else set()


__all__ = ["ANSWERS", "check", "describe", "of_pages"]
