"""The description of the interface: whole, true, with examples that run; its page asks nobody else for anything."""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx2
import pytest
from pydantic import BaseModel

from api import (
    automaticschemas,
    caseschemas,
    consoleschemas,
    formschemas,
    intakeschemas,
    licenceschemas,
    partyschemas,
    problems,
    routeschemas,
    schemas,
    showschemas,
    signerschemas,
)
from api.openapi import UNKEYED
from api.stack.exchange import Exchange

MODELS = {
    name: held
    for name, held in (
        vars(schemas)
        | vars(automaticschemas)
        | vars(caseschemas)
        | vars(showschemas)
        | vars(licenceschemas)
        | vars(signerschemas)
        | vars(partyschemas)
        | vars(routeschemas)
        | vars(formschemas)
        | vars(intakeschemas)
        | vars(consoleschemas)
    ).items()
    if isinstance(held, type)
    and issubclass(held, BaseModel)
    and held not in {BaseModel, schemas.Strict, signerschemas.Signed}
}
OPEN = {
    ("get", "/v1/material-types"): "public register",
    ("get", "/v1/figures/public"): "whole months, without small groups",
    ("get", "/v1/items"): "public register",
    ("get", "/v1/items/{item_code}"): "public register",
    ("get", "/v1/items/{item_code}/definition"): "public register",
    ("get", "/v1/items/{item_code}/versions"): "versions of what is published",
    ("get", "/v1/items/{item_code}/versions/{version}/definition"): "a version of what was published",
    ("post", "/v1/items/{item_code}/questionnaire"): "a step through a public register, nothing kept",
    ("get", "/v1/bundles"): "public register",
    ("get", "/v1/bundles/{bundle_code}"): "public register",
    ("post", "/v1/bundles/{bundle_code}/questionnaire"): "a step through a public register, nothing kept",
    ("get", "/v1/licence-types"): "public register",
    ("get", "/v1/programmes"): "published rules",
    ("get", "/v1/linked-rules"): "published rules",
    ("get", "/v1/rounds/{round_id}/list"): "a public list, persons by masked names",
    ("get", "/v1/licence-types/{code}"): "public register",
    ("get", "/v1/licence-types/{code}/definition"): "public register",
    ("get", "/v1/licence-types/{code}/versions"): "versions of what is published",
    ("get", "/v1/licence-types/{code}/versions/{version}/definition"): "a version of what was published",
    ("get", "/v1/material-types/{code}/definition"): "public register",
    ("get", "/v1/material-types/{code}/versions"): "versions of what is published",
    ("get", "/v1/material-types/{code}/versions/{version}/definition"): "a version of what was published",
    ("get", "/v1/log"): "the log is public",
    ("get", "/v1/log/checkpoints"): "the log is public",
    ("get", "/v1/log/anchors/{size}"): "the log is public",
    ("get", "/v1/entries/{entry_id}"): "says nothing of the content",
    ("get", "/v1/entries/{entry_id}/proof"): "says nothing of the content",
    ("get", "/v1/registers"): "public register",
    ("get", "/v1/registers/{kind}"): "public register",
    ("get", "/v1/registers/{kind}/versions/{number}"): "public register",
    ("get", "/v1/registers/{kind}/versions/{number}/document"): "public register",
    ("get", "/v1/registers/{kind}/versions/{number}/proof"): "public register",
    ("post", "/v1/sandbox/tenants"): "a demo node only; nothing there is real",
    ("get", "/v1/districts"): "checkpoints are public",
    ("get", "/v1/districts/{division}"): "checkpoints are public",
    ("get", "/v1/districts/{division}/checkpoints/{size}"): "checkpoints are public",
    ("post", "/v1/districts/{division}/checkpoints"): "the signature under the checkpoint is the credential",
    ("post", "/v1/delegations"): "the ID token in the body is the login",
    ("get", "/v1/delegations/{delegation_id}"): "terms that name nobody",
    ("get", "/v1/delegations/{delegation_id}/end"): "canonical text, no data",
    ("post", "/v1/delegations/{delegation_id}/end"): "the ID token in the body is the login",
    ("get", "/v1/asks/{ask_id}"): "the holder reads it before any login",
    ("get", "/v1/ask-batches/{batch_id}"): "the holder reads it before any login",
    ("get", "/v1/ask-batches/{batch_id}/qr"): "a link to it, no data",
    ("get", "/v1/ask-batches/{batch_id}/answer"): "canonical text, no data",
    ("post", "/v1/ask-batches/{batch_id}/answer"): "the signature in the body is the login",
    ("get", "/v1/authorization-details/cailian_use"): "a published schema",
    ("post", "/v1/grants"): "the ID token in the body is the login",
    ("get", "/v1/grants/{grant_id}/withdrawal"): "canonical text, no data",
    ("post", "/v1/grants/{grant_id}/withdrawal"): "the ID token in the body is the login",
    ("get", "/v1/commitments/{commitment_id}/terms"): "canonical text that names nobody",
    ("post", "/v1/commitments/{commitment_id}/signature"): "the signature in the body is the login",
    ("post", "/v1/commitments/{commitment_id}/refusal"): "the signature in the body is the login",
    ("get", "/v1/commitments/{commitment_id}/qr"): "a link to it, no data",
    ("get", "/v1/my/commitments"): "the session's cookie is the login",
    ("get", "/v1/my/commitments/{commitment_id}"): "the session's cookie is the login",
    ("get", "/v1/my/commitments/{commitment_id}/pages/{page}"): "the session's cookie is the login",
    ("post", "/v1/login/token"): "the provider's code is the credential",
    ("post", "/v1/keys/offers"): "a fresh id, nothing stored",
    ("post", "/v1/keys/proposals"): "canonical text of what was sent",
    ("post", "/v1/keys"): "the ID token in the body is the login",
    ("get", "/v1/keys/{key_id}"): "the holder alone has the id; no personal data",
    ("get", "/v1/keys/{key_id}/revocation"): "canonical text, no data",
    ("post", "/v1/keys/{key_id}/revocation"): "the signature in the body is the login",
    ("post", "/v1/assisted-consents/withdrawal"): "the code on the slip is the credential",
    ("post", "/v1/holder-requests"): "canonical text, no data",
    ("post", "/v1/codes"): "the ID token in the body is the login",
    ("get", "/v1/codes/{code_id}"): "the holder's app alone has the id; no personal data",
    ("post", "/v1/codes/{code_id}/revocation"): "the ID token in the body is the login",
    ("post", "/v1/credentials"): "the ID token in the body is the login",
    ("get", "/v1/status-lists/{list_id}"): "signed, and given whole",
    ("get", "/v1/vct/{type_code}"): "public register",
    ("get", "/v1/vct/{type_code}/{version}"): "public register",
    ("get", "/v1/offline-kit"): "signed lists and certificates, all public",
    ("post", "/v1/me/consents"): "the ID token in the body is the login",
    ("post", "/v1/me/inquiries"): "the signature in the body is the login",
    ("post", "/v1/inquiries/{inquiry_id}/answer"): "the signature in the body is the login",
    ("post", "/v1/objections"): "the signature in the body is the login",
    ("get", "/v1/my/inquiries"): "the session's cookie is the login",
    ("post", "/v1/me/ledger"): "the ID token in the body is the login",
    ("post", "/v1/me/uses/{use_id}/evidence"): "the ID token in the body is the login",
    ("post", "/v1/me/refusals/{refusal_id}/evidence"): "the ID token in the body is the login",
    ("post", "/v1/me/lines/{line_id}/report"): "the ID token in the body is the login",
    ("post", "/v1/me/notices"): "the ID token in the body is the login",
    ("post", "/v1/my/session"): "the signature in the body is the login",
    ("get", "/v1/my/session"): "the session's cookie is the login",
    ("delete", "/v1/my/session"): "the session's cookie is the login",
    ("post", "/v1/my/consents"): "the session's cookie is the login",
    ("post", "/v1/my/kiosk-session"): "the reading of the identity card in the body is the login",
    ("post", "/v1/my/kiosk-codes"): "the session's cookie, and the reading in the body",
    ("get", "/v1/my/cases"): "the session's cookie is the login",
    ("get", "/v1/my/uses"): "the session's cookie is the login",
    ("get", "/v1/my/uses.csv"): "the session's cookie is the login",
    ("get", "/v1/my/uses/{use_id}/evidence"): "the session's cookie is the login",
    ("get", "/v1/my/uses/{use_id}/circumstances"): "the session's cookie is the login",
    ("get", "/v1/my/refusals/{refusal_id}/evidence"): "the session's cookie is the login",
    ("get", "/v1/my/cessations"): "the session's cookie is the login",
    ("get", "/v1/my/notices"): "the session's cookie is the login",
    ("get", "/v1/my/inbox"): "the session's cookie is the login",
    ("get", "/v1/my/delegations"): "the session's cookie is the login",
    ("get", "/v1/my/delegations/{delegation_id}/evidence"): "the session's cookie is the login",
    ("get", "/v1/my/licences"): "the session's cookie is the login",
    ("get", "/v1/my/licences/{licence_id}"): "the session's cookie is the login",
    ("get", "/v1/my/licences/{licence_id}/pages/{page}"): "the session's cookie is the login",
    ("get", "/v1/my/materials"): "the session's cookie is the login",
    ("get", "/v1/my/materials/{material_id}/pages/{page}"): "the session's cookie is the login",
    ("get", "/v1/my/asks/{ask_id}/preview"): "the session's cookie is the login",
    ("get", "/v1/my/asks/{ask_id}/things/{object_id}/pages/{page}"): "the session's cookie is the login",
    ("post", "/v1/console/session"): "the ID token in the body is the login",
    ("get", "/v1/console/session"): "the session's cookie is the login",
    ("delete", "/v1/console/session"): "the session's cookie is the login",
    ("post", "/v1/console/session/renewal"): "the session's cookie is the login",
    ("post", "/v1/inbox"): "the ID token in the body is the login",
    ("post", "/v1/deliveries/{delivery_id}/opening"): "the ID token in the body is the login",
    ("post", "/v1/disputes"): "the ID token in the body is the login",
    ("get", "/v1/duty-uses/sampling"): "the rate and the draws, counts only",
    ("get", "/v1/disputes/{dispute_id}/state"): "ids, times and names of fields, for whom has the id",
    ("post", "/v1/disputes/{dispute_id}/withdrawal"): "the ID token in the body is the login",
}
"""Operations under /v1 that take no access token, with the reason."""


@pytest.fixture(scope="module")
def api(exchange: Exchange) -> dict[str, Any]:
    return dict(httpx2.get(exchange.base_url + "/openapi.json", timeout=60).json())


def operations(api: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, held) for path, methods in api["paths"].items() for method, held in methods.items()]


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(each) for each in value.values()))
    return set().union(*(references(each) for each in value)) if isinstance(value, list) else set()


class TestDescription:
    def test_is_openapi_3_1(self, api: dict[str, Any]) -> None:
        assert api["openapi"].startswith("3.1.")
        assert "材链" in api["info"]["title"]

    def test_refers_to_nothing_that_is_missing(self, api: dict[str, Any]) -> None:
        found = references(api)
        assert "#/components/schemas/DepositIn" in found
        for reference in found:
            at = api
            for part in reference.removeprefix("#/").split("/"):
                assert part in at, reference
                at = at[part]

    def test_sums_up_every_operation(self, api: dict[str, Any]) -> None:
        assert [(method, path) for method, path, held in operations(api) if not held.get("summary")] == []
        names = [held["operationId"] for _, _, held in operations(api)]
        assert len(names) == len(set(names))

    def test_shows_the_scheme_where_a_token_is_needed(self, api: dict[str, Any]) -> None:
        bare = {
            (method, path)
            for method, path, held in operations(api)
            if path.startswith("/v1/") and not held.get("security")
        }
        assert bare == OPEN.keys()
        assert api["components"]["securitySchemes"]["DPoP"]["scheme"] == "DPoP"

    def test_shows_problems_for_every_operation(self, api: dict[str, Any]) -> None:
        for method, path, held in operations(api):
            assert held["responses"]["default"] == {"$ref": "#/components/responses/Problem"}, (method, path)
            assert "422" not in held["responses"]
        media = api["components"]["responses"]["Problem"]["content"]
        assert media.keys() == {problems.MEDIA_TYPE}

    def test_describes_problems_as_they_are(self, exchange: Exchange, api: dict[str, Any]) -> None:
        shape = api["components"]["schemas"]["Problem"]
        assert set(shape["properties"]["code"]["enum"]) == problems.TABLE.keys()
        for path in ("/v1/cases/none", "/nowhere", "/v1/entries/none"):
            held = httpx2.get(exchange.base_url + path).json()
            assert set(shape["required"]) <= held.keys() <= shape["properties"].keys()


class TestExamples:
    @pytest.mark.parametrize("name", MODELS)
    def test_are_what_the_model_takes(self, name: str) -> None:
        model = MODELS[name]
        if name == "IdentifierIn":
            properties = model.model_json_schema()["properties"]
            examples = [{field: properties[field]["examples"][0] for field in ("type", "code")}]
        else:
            examples = model.model_json_schema()["examples"]
        assert examples
        for example in examples:
            model.model_validate(example)

    def test_are_shown(self, api: dict[str, Any]) -> None:
        for name in MODELS.keys() - {"IdentifierIn"}:
            assert api["components"]["schemas"][name]["examples"], name


class TestIdempotencyKey:
    def test_is_asked_for_exactly_where_it_is_shown(self, exchange: Exchange, api: dict[str, Any]) -> None:
        """Every POST and PATCH is sent its example without a key: those that show the header must miss it."""
        shown, missed = set(), set()
        callers = [exchange.client(name) for name in ("baoshan-window", "baoshan-market", "cailian-operations")]
        for method, path, held in operations(api):
            if method not in {"post", "patch"} or not path.startswith("/v1/") or path == "/v1/materials":
                continue
            if any(each.get("name") == "Idempotency-Key" for each in held["parameters"]):
                shown.add((method, path))
            real = re.sub(r"\{\w+\}", str(uuid.uuid4()), path)
            body = {}
            if "application/json" in held.get("requestBody", {}).get("content", {}):
                reference = held["requestBody"]["content"]["application/json"]["schema"]["$ref"]
                body = api["components"]["schemas"][reference.rpartition("/")[2]]["examples"][0]
            for caller in callers:  # between them they have every scope
                headers = caller.headers(method.upper(), real)
                answer = httpx2.request(method.upper(), exchange.base_url + real, json=body, headers=headers)
                if answer.is_error and answer.json()["code"] == "idempotency-key-missing":
                    missed.add((method, path))
        for caller in callers:
            caller.close()
        assert shown == missed
        assert ("patch", "/v1/cases/{case_no}/form") in shown
        assert len(shown) >= 8
        assert not {path for _, path in shown} & UNKEYED


class TestPage:
    def test_loads_from_this_node_alone(self, exchange: Exchange) -> None:
        with httpx2.Client(base_url=exchange.base_url) as web:
            page = web.get("/docs")
            assert page.headers["content-type"].startswith("text/html")
            policy = page.headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "unsafe-eval" not in policy
            assert "script-src" not in policy  # so 'self' holds, and inline scripts do not run
            named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
            assert len(named) == 4
            for address in named:
                assert address.startswith("/docs/")
                assert web.get(address).status_code == 200, address
            assert "<script>" not in page.text
            assert '"/openapi.json"' in web.get("/docs/start.js").text
            assert "http" not in web.get("/docs/start.js").text

    def test_serves_no_other_file(self, exchange: Exchange) -> None:
        for name in ("package.json", "..%2fpackage.json", "swagger-ui.css.map", "index.html"):
            assert httpx2.get(f"{exchange.base_url}/docs/{name}").status_code == 404
