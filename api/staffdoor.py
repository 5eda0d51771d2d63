"""The console's way into the routes every department calls: a member of staff's cookie in place of token and proof.

A cookie counts on the routes named here and on no other, so that a new route is closed to it until somebody thinks of
it: what a department's systems do for themselves (webhooks, keys, registers) stays theirs. Beyond this door there is
nothing of the console's own: the same scopes, roles, policies and idempotency hold (`authz.staff`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api import browsers

if TYPE_CHECKING:
    from starlette.requests import Request

    from api.node import Node
    from authz.model import Caller
    from ledger.steps import Steps

COOKIE: Final = "cailian-staff"
CONSOLE: Final = "console"
"""Value of the header `X-Cailian-Page`."""

_CASE: Final = "/v1/cases/{case_no}"
_MATERIAL: Final = "/v1/materials/{material_id}"
_PARTY: Final = "/v1/parties/{party_id}"
REACHED: Final = frozenset(
    {
        "/v1/cases",
        _CASE,
        *(
            f"{_CASE}/{each}"
            for each in (
                "people", "checklist", "checklist/kept", "confirmations", "answers", "submission", "acceptance",
                "send-backs", "again", "closing", "checks", "documents", "form", "review", "review/settlements",
                "assistance-requests", "commitments",
            )
        ),
        "/v1/commitments",
        *(f"/v1/commitments/{{commitment_id}}{each}" for each in ("", "/withdrawal")),
        "/v1/firms/search",
        "/v1/check-questions",
        "/v1/templates",
        "/v1/ask-batches",
        "/v1/materials",
        "/v1/page-pictures",
        _MATERIAL,
        f"{_MATERIAL}/readings",
        *(f"{_MATERIAL}/readings/{{reading_id}}{each}" for each in ("", "/confirmation", "/pages/{page}")),
        "/v1/uses",
        *(f"/v1/uses/{{use_id}}{each}" for each in ("", "/content", "/receipt", "/thumbnail")),
        "/v1/fetch",
        "/v1/presentations",
        "/v1/counter-signs/{counter}",
        "/v1/assistance-requests",
        "/v1/operations/gaps",
        *(f"/v1/operations/outbox{each}" for each in ("", "/messages", "/replay")),
        "/v1/operations/overdue-access",
        "/v1/parties",
        *(f"/v1/parties/{each}" for each in ("applications", "applications/{application_id}/decision", "statistics")),
        _PARTY,
        *(
            f"{_PARTY}/{each}"
            for each in (
                "suspension", "resumption", "limits", "logins", "logins/withdrawal", "access-requests", "self-checks",
            )
        ),
        "/v1/definition-checks",
        "/v1/definition-drafts",
        *(f"/v1/definition-drafts/{{draft_id}}/{each}" for each in ("publication", "removal")),
        "/v1/access-providers",
        "/v1/access-providers/{type_code}",
        "/v1/access-requests",
        *(f"/v1/access-requests/{{request_id}}{each}" for each in ("", "/answer", "/end")),
        "/v1/figures",
        "/v1/audit/looks",
        "/v1/audit/looks/{look_id}",
        "/v1/audit/looks/{look_id}/lines",
        "/v1/audit/looks/{look_id}/sums",
        "/v1/audit/looks/{look_id}/bundles/{version_id}",
        "/v1/audit/looks/{look_id}/refusals/{refusal_id}/evidence",
        "/v1/audit/entries",
    }
)  # fmt: skip
"""Paths as they are declared."""


def is_staff(request: Request) -> bool:
    """Whether a request comes with a cookie where one counts."""
    path = getattr(request.scope.get("route"), "path", "")
    return request.headers.get(browsers.PAGE) == CONSOLE and path in REACHED


def caller(node: Node, request: Request) -> Steps[Caller]:
    """Who asks, by the cookie.

    Raises:
        ForeignPageError: no page of this node.
        SessionOverError: nobody is logged in.
    """
    browsers.check_page(request, CONSOLE)
    held = yield from node.staff.read(kept_by(node, request))
    return held.caller


def kept_by(node: Node, request: Request) -> str:
    """What the browser kept; empty where nothing."""
    return browsers.cookie(request, node.settings, COOKIE)
