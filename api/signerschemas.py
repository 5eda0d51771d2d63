"""Bodies of requests that a holder signed, of keys, and of consent at the counter; see `api.schemas`."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from api.schemas import FIRM, Code, HolderIn, Strict, Text, Uuid, shown
from authz.signers import write

_MAX_TOKEN: Final = 16_384
Base64url = Annotated[str, Field(min_length=1, max_length=8192, pattern=r"^[A-Za-z0-9_-]+$")]
IdToken = Annotated[
    str, Field(min_length=20, max_length=_MAX_TOKEN, description="whose `nonce` is the digest of what is signed")
]
Salt = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$", description="16 random bytes, base64url")]
SIGNED: Final = "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln"
SOME: Final = "019a0000-0000-7000-8000-000000000000"


class PasskeySignatureIn(Strict):
    """What `navigator.credentials.get()` gave for the digest as challenge (WebAuthn `toJSON()`, in our names)."""

    model_config = shown(
        {
            "kind": "passkey",
            "key_id": SOME,
            "client_data_json": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0",
            "authenticator_data": "SZYN5YgOjGh0NBcPZHZgW4",
            "signature": "MEUCIQ",
        }
    )

    kind: Literal["passkey"]
    key_id: Uuid
    client_data_json: Base64url
    authenticator_data: Base64url
    signature: Base64url


class HostAppSignatureIn(Strict):
    """What the city app signed with the key in its hardware, see docs/signers.md."""

    model_config = shown({"kind": "host_app", "key_id": SOME, "jws": SIGNED})

    kind: Literal["host_app"]
    key_id: Uuid
    jws: Annotated[str, Field(min_length=20, max_length=8192)]


class Signed(Strict):
    """Something a holder signed: by a login (`id_token`) or by an enrolled key (`signature`); exactly one of them."""

    id_token: IdToken | None = None
    signature: Annotated[PasskeySignatureIn | HostAppSignatureIn | None, Field(discriminator="kind")] = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.id_token is None) == (self.signature is None):
            msg = "exactly one of id_token and signature"
            raise ValueError(msg)
        return self

    @property
    def signed(self) -> str:
        """The signature as one text, whatever its kind."""
        return self.id_token or write(self.signature.model_dump() if self.signature else {})


class AnswerIn(Signed):
    """A holder's answer to a batch: which asks were ticked, and the signature over exactly that answer."""

    model_config = shown(
        {
            "approved": ["019a0000-0000-7000-8000-000000000000"],
            "id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln",
        }
    )

    approved: Annotated[list[Uuid], Field(max_length=50, description="ids of asks; the others are refused")]


class GrantIn(Signed):
    """A holder's answer: their signature over the digest of exactly what was asked."""

    model_config = shown(
        {"ask_id": "019a0000-0000-7000-8000-000000000000", "id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln"}
    )

    ask_id: Uuid


class WithdrawalIn(Signed):
    """A holder's signature alone: over the digest of a withdrawal, or of another end."""

    model_config = shown({"id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln"})


class ConsentsIn(Signed):
    """A request `inbox`, and what the phone remembers of what organisations were asked that its owner represents."""

    model_config = shown(
        {
            "request": {"v": 1, "type": "cailian/request", "action": "inbox", "id": SOME, "subject": SOME, "terms": {}},
            "id_token": SIGNED,
        }
    )

    request: Annotated[dict[str, Any], Field(max_length=16)]
    batches: Annotated[tuple[Uuid, ...], Field(max_length=50, description="ids of batches that were opened here")] = ()


class SessionIn(Signed):
    """A request `session`, signed: a login at this node's pages."""

    model_config = shown(
        {
            "request": {
                "v": 1,
                "type": "cailian/request",
                "action": "session",
                "id": SOME,
                "subject": SOME,
                "terms": {},
            },
            "id_token": SIGNED,
        }
    )

    request: Annotated[dict[str, Any], Field(max_length=16)]


class CardReadIn(Strict):
    """A request `session` or `print-code`, and the reading of an identity card for its digest (docs/signers.md, 7)."""

    model_config = shown(
        {
            "request": {
                "v": 1,
                "type": "cailian/request",
                "action": "session",
                "id": SOME,
                "subject": SOME,
                "terms": {},
            },
            "reading": SIGNED,
        }
    )

    request: Annotated[dict[str, Any], Field(max_length=16)]
    reading: Annotated[str, Field(min_length=20, max_length=8192, description="compact JWS by an operator's reader")]


class OpenedIn(Strict):
    """What a phone remembers of what organisations were asked that its owner represents."""

    model_config = shown({"batches": [SOME]})

    batches: Annotated[tuple[Uuid, ...], Field(max_length=50, description="ids of batches that were opened here")] = ()


class NamedIn(Strict):
    """Somebody whom terms name by a commitment, opened."""

    model_config = shown({"holder": FIRM, "salt": "3q2-796tvu_erb7v3q2-7w"})

    holder: HolderIn
    salt: Salt


class DelegationIn(Signed):
    """Signed terms of a delegation, with what opens their commitments."""

    model_config = shown(
        {
            "terms": {
                "v": 1,
                "type": "cailian/delegation",
                "id": "01940d2e-5e8a-7cc3-a3b9-0d6c9ab3f001",
                "parent": None,
                "principal": "o2gyBT8RT0dGQYQTV0lJrVwzWKPYzYt8N1OW3oCOvEs",
                "delegate": "Lr8nS9g5Wd6kNSAd3hGvWxSJXjLg0VvbSg1J2p6xvQM",
                "items": ["11310118XX00000B0W4310100101000"],
                "types": ["*"],
                "mode": "copy",
                "regions": ["310000"],
                "levels": 1,
                "valid_from": "2026-11-21T00:00:00.000Z",
                "valid_to": "2027-05-20T00:00:00.000Z",
                "notice": "2026-11",
            },
            "principal": {"holder": FIRM, "salt": "3q2-796tvu_erb7v3q2-7w"},
            "delegate": {
                "holder": {
                    "kind": "person",
                    "name": "徐行舟",
                    "identifiers": [{"type": "111", "code": "31019919900128027X"}],
                },
                "salt": "vu_erb7v3q2-796tvu_erQ",
            },
            "id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln",
        }
    )

    terms: Annotated[dict[str, Any], Field(max_length=32)]
    principal: NamedIn
    delegate: NamedIn


class KeyProposalIn(Strict):
    """A new key as the phone shows it; the answer is what to log in over."""

    model_config = shown(
        {
            "key_id": SOME,
            "kind": "host_app",
            "registration": {"key": {"kty": "EC", "crv": "P-256", "x": "..", "y": ".."}, "attestation": "eyJ.."},
            "holder": "o2gyBT8RT0dGQYQTV0lJrVwzWKPYzYt8N1OW3oCOvEs",
        }
    )

    key_id: Uuid
    kind: Literal["passkey", "host_app"]
    registration: Annotated[dict[str, Any], Field(max_length=16, description="see docs/signers.md")]
    holder: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9_-]{43}$",
            description="commitment to the login: SHA-256 over the salt and the canonical "
            '`{"code": "ISSUER SUBJECT", "country": "156", "type": "oidc"}`, base64url',
        ),
    ]


class KeyIn(Strict):
    """Terms of an enrolment with what registers the key, and the login over them."""

    model_config = shown(
        {
            "terms": {
                "v": 1,
                "type": "cailian/key",
                "id": SOME,
                "kind": "host_app",
                "holder": "o2gyBT8RT0dGQYQTV0lJrVwzWKPYzYt8N1OW3oCOvEs",
                "key": {"kty": "EC", "crv": "P-256", "x": "..", "y": ".."},
                "credential": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
                "rp": "city-app",
                "notice": "2026-11",
            },
            "salt": "3q2-796tvu_erb7v3q2-7w",
            "registration": {"key": {"kty": "EC", "crv": "P-256", "x": "..", "y": ".."}, "attestation": "eyJ.."},
            "id_token": SIGNED,
        }
    )

    terms: Annotated[dict[str, Any], Field(max_length=16)]
    salt: Salt
    registration: Annotated[dict[str, Any], Field(max_length=16)]
    id_token: IdToken


class AssistanceIn(Strict):
    """Somebody at the counter, and what they drew under the terms of an ask."""

    model_config = shown(
        {
            "ask_id": SOME,
            "operator": "qp-103",
            "person": {
                "kind": "person",
                "name": "陈安澜",
                "identifiers": [{"type": "111", "code": "310199199001010018"}],
            },
            "pad": "iVBORw0KGgo=",
        }
    )

    ask_id: Uuid
    operator: Code
    person: Annotated[HolderIn, Field(description="who is there, as their identity card or live code says")]
    pad: Annotated[str, Field(min_length=8, max_length=90_000, description="PNG of the drawn signature, base64")]


class CounterSignatureIn(Strict):
    """Somebody at the counter, and what they drew under a letter of commitment."""

    model_config = shown(
        {
            "operator": "qp-103",
            "person": {
                "kind": "person",
                "name": "陈安澜",
                "identifiers": [{"type": "111", "code": "310199199001010018"}],
            },
            "pad": "iVBORw0KGgo=",
        }
    )

    operator: Code
    person: Annotated[HolderIn, Field(description="who is there, as their identity card or live code says")]
    pad: Annotated[str, Field(min_length=8, max_length=90_000, description="PNG of the drawn signature, base64")]


class AssistanceStatementIn(Strict):
    """What one of the staff states, signed by your system's key."""

    model_config = shown({"operator": "qp-103", "statement": SIGNED})

    operator: Code
    statement: Annotated[str, Field(min_length=20, max_length=8192, description="compact JWS, see docs/signers.md")]


class SlipIn(Strict):
    """The code on a slip."""

    model_config = shown({"code": "ABCD-EFGH-IJKL-MNOP"})

    code: Text
