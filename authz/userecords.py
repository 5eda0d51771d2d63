"""What the log and the rows hold of a use: who, what for, on which basis, and the holder's chain (DESIGN 4.6, 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from authz.identifiers import names_a_person
from authz.model import Basis
from authz.refusals import shut_why
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from authz.decider import GrantStanding
    from authz.errors import UseRefusedError
    from authz.holders import Holders
    from authz.model import Caller, Decision, Emergency, Grant, Operator, Resource, Use, UseRequest
    from authz.store.uses import Loaded

_LOGGED: Final = 64
"""Longest piece of a refused request that its record repeats."""


def basis_of(
    held: Loaded, decision: Decision, joint: Sequence[GrantStanding], emergency: Emergency | None
) -> dict[str, Any]:
    """What makes a use lawful, with the version of it.

    Of several grants, `grants` names all, the one that is spent for the applicant first: joint consent. `grant_use` is
    which use of a grant this is, so that a receipt shows how often it was used (docs/evidence.md, 8.6).
    """
    told: dict[str, Any] = {"basis": None if decision.basis is None else decision.basis.value}
    if decision.basis is Basis.grant and held.grant is not None:
        told |= {"grant": held.grant.id, "terms": held.grant.digest, "given_entry": held.grant.entry_id}
        told["grant_use"] = _number(held.grant)
        if joint:
            every = [held.grant, *(each.grant for each in joint)]
            told["grants"] = [
                {"grant": g.id, "terms": g.digest, "given_entry": g.entry_id, "grant_use": _number(g)} for g in every
            ]
    if decision.basis is Basis.duty and held.duty is not None:
        told |= {"duty": held.duty.id, "duties": held.duty.version, "article": held.duty.article}
    if decision.basis is Basis.emergency and emergency is not None:
        told |= {"break_glass": emergency.id, "approved_entry": emergency.approval_entry_id}
    return told


def intended(
    holders: Holders,
    caller: Caller,
    operator: Operator,
    request: UseRequest,
    resource: Resource,
    held: Loaded,
    decision: Decision,
) -> dict[str, Any]:
    """What a receipt binds beside the basis: requester, role, case, purpose, and the holder's chain."""
    return {
        "requester": caller.org_code,
        "division": caller.division,
        "client": caller.client_id,
        "operator": operator.handle,
        "operator_roles": sorted(operator.roles),
        "case": request.case_no,
        "item": request.item_code,
        "cause": request.cause,
        "mode": request.mode.value,
        "fields": sorted(request.fields),
        "object": resource.id,
        "object_type": resource.type_code,
        "level": resource.level,
        **({} if resource.dated is None else {"dated": rfc3339(resource.dated)}),
        "policies": list(decision.policies),
        "policy_version": decision.policy_version,
        "holder": holders.pairwise(resource.holder_id, caller.party_id),
        "holder_seq": held.use_seq + 1,
        "holder_prev": None if held.use_head is None else held.use_head.hex(),
    }


def _number(grant: Grant) -> int:
    """Which use of a grant this will be; its row is locked, so nobody else takes the same number."""
    return grant.max_uses - grant.uses_left + 1


def outcome(holders: Holders, use: Use) -> dict[str, Any]:
    """What the end of a use binds."""
    return {
        "use": use.id,
        "client": use.client_id,
        "case": use.case_no,
        "grant": use.grant_id,
        "intended": use.intent_entry_id,
        "holder": holders.pairwise(use.holder_id, use.party_id),
    }


def refused(
    holders: Holders, caller: Caller, request: UseRequest, refusal: UseRefusedError, policy_version: str
) -> tuple[dict[str, Any], bytes]:
    """What was asked by whom and what was said, without values; and what opens the reason (`authz.refusals`)."""
    holder_id = refusal.holder_id
    content = {
        "holder": None if holder_id is None else holders.pairwise(holder_id, caller.party_id),
        "policies": list(refusal.policies),
        "reason": refusal.reason,
    }
    why, kept = shut_why(content)
    return {
        "requester": caller.org_code,
        "client": caller.client_id,
        "operator": safe(request.operator),
        "case": safe(request.case_no),
        "item": safe(request.item_code),
        "mode": request.mode.value,
        "object": request.object_id,
        **({} if request.break_glass_id is None else {"break_glass": request.break_glass_id}),
        "said": refusal.code,
        "policy_version": policy_version,
        "why": why,
    }, kept


def row(use: Use, key: str, seq: int, head: bytes) -> dict[str, Any]:
    """A use as `store.uses.open_use` writes it."""
    return {
        "id": use.id,
        "client": use.client_id,
        "key": key,
        "jkt": use.jkt,
        "party": use.party_id,
        "operator": use.operator,
        "object": use.object_id,
        "holder": use.holder_id,
        "seq": seq,
        "head": head,
        "mode": use.mode.value,
        "basis": use.basis.value,
        "grant": use.grant_id,
        "duty": use.duty_id,
        "emergency": use.emergency_id,
        "case": use.case_no,
        "item": use.item_code,
        "cause": use.cause,
        "policies": list(use.policies),
        "policy_version": use.policy_version,
        "size": use.size,
        "sha256": use.sha256,
        "sm3": use.sm3,
        "at": use.opened_at,
        "closes": use.closes_at,
        "entry": use.intent_entry_id,
    }


def safe(text: str) -> str:
    """A piece of a refused request as its record may repeat it: short, and no identity or phone number in it."""
    return "(withheld)" if names_a_person(text) or not text.isprintable() else text[:_LOGGED]
