"""A demo citizen: logs in at the OpenID provider and signs what was asked by using its digest as the nonce."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx2

from authz.delegationterms import DelegationBody
from certs.requests import HolderRequest
from ledger.ids import new_id


class Citizen:
    """One demo person with a browser's worth of OpenID Connect.

    Args:
        base_url: the node.
        subject: which demo person.
    """

    def __init__(self, base_url: str, subject: str) -> None:
        self.base_url = base_url
        self.subject = subject
        self._http = httpx2.Client(timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def login(self, nonce: str) -> str:
        """An ID token over `nonce`: authorization code with PKCE (RFC 7636).

        Args:
            nonce: digest of what is signed, base64url.
        """
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        redirect = f"{self.base_url}/signed-in"
        asked = {
            "response_type": "code",
            "scope": "openid",
            "client_id": "cailian",
            "redirect_uri": redirect,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "state": secrets.token_urlsafe(12),
            "login_hint": self.subject,
        }
        answer = self._http.get(f"{self.base_url}/demo/oidc/authorize", params=asked)
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        token = self._http.post(f"{self.base_url}/demo/oidc/token", data=form)
        token.raise_for_status()
        return str(token.json()["id_token"])

    def approve(self, ask_id: str) -> dict[str, Any]:
        """Read what is asked, sign exactly that, hand it in; the grant."""
        asked = self._http.get(f"{self.base_url}/v1/asks/{ask_id}").raise_for_status().json()
        return self._send("/v1/grants", {"ask_id": ask_id, "id_token": self.login(asked["digest"])})

    def answer(self, batch_id: str, approved: list[str]) -> dict[str, Any]:
        """Approve some asks of a batch, refuse the others, by one signature."""
        path = f"{self.base_url}/v1/ask-batches/{batch_id}/answer"
        asked = self._http.get(path, params={"approved": approved}).raise_for_status().json()
        body = {"approved": approved, "id_token": self.login(asked["digest"])}
        return self._send(f"/v1/ask-batches/{batch_id}/answer", body)

    def withdraw(self, grant_id: str) -> dict[str, Any]:
        """Withdraw a grant; it ends for every use that is recorded after it."""
        path = f"/v1/grants/{grant_id}/withdrawal"
        asked = self._http.get(self.base_url + path).raise_for_status().json()
        return self._send(path, {"id_token": self.login(asked["digest"])})

    def delegate(
        self,
        terms: dict[str, Any],
        principal: tuple[dict[str, Any], bytes],
        delegate: tuple[dict[str, Any], bytes],
    ) -> dict[str, Any]:
        """Sign terms of a delegation and hand them in.

        Args:
            terms: whole, with their commitments.
            principal, delegate: a holder as requests name it, and the salt of its commitment.
        """
        signed = DelegationBody.of(terms)
        named = {
            role: {"holder": holder, "salt": base64.urlsafe_b64encode(salt).rstrip(b"=").decode()}
            for role, (holder, salt) in (("principal", principal), ("delegate", delegate))
        }
        return self._send("/v1/delegations", {"terms": terms, "id_token": self.login(signed.digest)} | named)

    def show(self, licence_id: str, org: str, counter: str) -> dict[str, Any]:
        """A live code for one licence at one counter."""
        wanted = {"action": "show", "subject": licence_id, "terms": {"org": org, "counter": counter, "fields": None}}
        asked = self._http.post(f"{self.base_url}/v1/holder-requests", json=wanted).raise_for_status().json()
        return self._send("/v1/codes", {"request": asked["request"], "id_token": self.login(asked["digest"])})

    def commitment(self, commitment_id: str) -> dict[str, Any]:
        """What a commitment says, as its holder reads it before signing."""
        return dict(self._http.get(f"{self.base_url}/v1/commitments/{commitment_id}/terms").raise_for_status().json())

    def commit(self, commitment_id: str) -> dict[str, Any]:
        """Read a commitment, sign exactly that, hand it in."""
        told = self.commitment(commitment_id)
        return self._send(f"/v1/commitments/{commitment_id}/signature", {"id_token": self.login(told["digest"])})

    def end_delegation(self, delegation_id: str) -> dict[str, Any]:
        """End a delegation, and what hangs below it."""
        path = f"/v1/delegations/{delegation_id}/end"
        asked = self._http.get(self.base_url + path).raise_for_status().json()
        return self._send(path, {"id_token": self.login(asked["digest"])})

    def inquiries(self, organisation: str | None = None) -> dict[str, Any]:
        """What waits for a yes or no of theirs, or of an organisation they represent, and what became of it.

        Args:
            organisation: its unified social credit code.
        """
        fresh = new_id()
        return self._ask("/v1/me/inquiries", HolderRequest("ledger", fresh, fresh, {"organisation": organisation}))

    def reply(self, inquiry: dict[str, Any], answer: str = "yes") -> dict[str, Any]:
        """Answer what was asked, by signing exactly that.

        Args:
            inquiry: of `inquiries`.
        """
        terms = {"answer": answer, "statement": inquiry["digest"]}
        request = HolderRequest("answer", new_id(), inquiry["inquiry_id"], terms)
        return self._ask(f"/v1/inquiries/{inquiry['inquiry_id']}/answer", request)

    def object_to(self, subject: str, claim: str) -> dict[str, Any]:
        """Object to a decision, a list or a change."""
        return self._ask("/v1/objections", HolderRequest("object", new_id(), subject, {"claim": claim}))

    def _ask(self, path: str, request: HolderRequest) -> dict[str, Any]:
        return self._send(path, {"request": request.document(), "id_token": self.login(request.digest)})

    def _send(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Idempotency-Key": secrets.token_urlsafe(16)}
        answer = self._http.post(self.base_url + path, json=body, headers=headers)
        answer.raise_for_status()
        return dict(answer.json())
