"""One consent from enrolment to use in a log of its own, any part of which a case may change before it is recorded.

What is changed is then hashed, signed and logged like everything else: only the rule it breaks is broken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from ledger.clock import rfc3339
from ledger.record import canonical
from tests.ledger.corpus import signers
from tests.ledger.corpus.logs import START, Entry, Log, digests
from tests.ledger.corpus.signers import P256, PROVIDERS, WINDOW, b64url, digest_of, jws

ORIGIN: Final = "log.example/consents"
REQUESTER: Final = "11310199XX00000C1X"
DOCUMENT: Final = b"a material that was used by consent\n" * 20
GRANT: Final = "0192bbbb-0000-7000-8000-0000000000c1"
KEY: Final = "0192ffff-0000-7000-8000-00000000000"
LINK: Final = "0192dede-0000-7000-8000-00000000000"
OBJECT: Final = "0192cccc-0000-7000-8000-0000000000c1"
SECOND: Final = int(START.timestamp())
DAY: Final = 86_400
SUBJECT: Final = "person-7"
CODE: Final = "ABCDEFGHIJKLMNOP"

Change = Callable[[Any], Any]


def at(seconds: float) -> str:
    """A time as records spell it, from the log's beginning."""
    return rfc3339(START + timedelta(seconds=seconds))


def salt_of(name: str) -> bytes:
    """Sixteen bytes of a name."""
    return sha256(b"cailian corpus salt " + name.encode()).digest()[:16]


def commitment(code: str, type_: str, salt: bytes) -> str:
    """What stands for an identity code in terms."""
    return b64url(sha256(salt + canonical({"code": code, "country": "156", "type": type_})).digest())


@dataclass
class Story:
    """A consent and its use.

    Attributes:
        kind: of the holder's signature.
        changes: by the name of the part, what a case does to it.
        links: how many delegations lead to the signer.
        earlier: how many uses of the grant there were before.
        batch: whether the terms were approved together with others.
        provider: `kid` of the key by which the provider signs.
        key_age: seconds between enrolment and the log's beginning.
        withdrawn: kind of signature that ended the grant; empty where it stands.
        late: whether the use came after that.
    """

    kind: str = "oidc"
    changes: Mapping[str, Change] = field(default_factory=dict)
    links: int = 0
    earlier: int = 0
    batch: bool = False
    provider: str = "p1"
    key_age: int = 2 * DAY
    withdrawn: str = ""
    late: bool = False

    def __post_init__(self) -> None:
        """Let it happen."""
        self.log = Log(ORIGIN)
        self.entries: dict[str, list[Entry]] = {}
        self.shown_links: list[dict[str, Any]] = []
        self.signatures: dict[str, str] = {}
        self.log.fill(2)
        if self.kind in {"passkey", "host_app"}:
            self._enrolled()
        for place in range(self.links):
            self._delegated(place)
        self.terms = self._change("terms", self._terms())
        self._given()
        for number in range(1, self.earlier + 1):
            self._used("earlier", number)
        acts = [lambda: self._used("use", self.earlier + 1), *([self._ended] if self.withdrawn else [])]
        for act in reversed(acts) if self.late else acts:
            act()
        self.log.fill(24)

    def _change(self, name: str, value: Any) -> Any:
        return self.changes[name](value) if name in self.changes else value

    def _now(self) -> int:
        return SECOND + self.log.size

    def _terms(self) -> dict[str, Any]:
        return {
            "v": 2,
            "type": "cailian/grant",
            "id": GRANT,
            "basis": "consent",
            "grantor": {"holder": "h-7"},
            "grantee": {"org": REQUESTER, "party": "0192abab-0000-7000-8000-000000000001"},
            "purpose": {"item": "310199-9", "case": "C-2026-9", "cause": "办理食品经营许可"},
            "objects": [],
            "types": ["CL001"],
            "fields": ["name", "valid_to:clear"],
            "mode": "copy",
            "max_uses": 3,
            "frequency": {"count": 3, "unit": "hour"},
            "fresh_days": 30,
            "valid_from": at(0),
            "valid_to": at(10 * DAY),
            "regions": ["310000"],
            "parent": None,
            "notice": {"version": "2026-11", "sha256": "N" * 43},
        }

    def login(self, nonce: str, name: str = "login", age: int = 5, subject: str = SUBJECT) -> str:
        """An ID token."""
        now = self._now() - age
        claims = {
            "iss": signers.ISSUER,
            "sub": subject,
            "aud": signers.AUDIENCE,
            "iat": now,
            "auth_time": now,
            "exp": now + 600,
            "nonce": nonce,
        }
        header = self._change(f"{name}_header", {"kid": self.provider, "typ": "JWT"})
        key = self._change(f"{name}_key", PROVIDERS[self.provider])
        return jws(key, header, self._change(name, claims))

    def _enrolled(self) -> None:
        device = self._change("enrolled_device", P256("device"))
        salt = self._change("salt", salt_of("enrolment"))
        thumbprint = b64url(sha256(canonical(device.jwk)).digest())
        terms = {
            "v": 1,
            "type": "cailian/key",
            "id": KEY + "1",
            "kind": self.kind,
            "holder": commitment(f"{signers.ISSUER} {SUBJECT}", "oidc", salt_of("enrolment")),
            "key": device.jwk,
            "credential": "credential-of-7" if self.kind == "passkey" else thumbprint,
            "rp": signers.SITE if self.kind == "passkey" else signers.APP,
            "notice": "2026-11",
        }
        terms = self._change("key_terms", terms)
        token = self.login(self._change("key_digest", digest_of(terms)), "key_login", self.key_age)
        self.enrolment = {"terms": terms, "salt": b64url(salt), "id_token": token}
        parties = {
            "key": terms["id"],
            "kind": self.kind,
            "terms": digest_of(terms),
            "holder": "h-of-the-key",
            "provider": signers.ISSUER,
            "assurance": 2,
            "id_token": {"sha256": sha256(token.encode()).hexdigest()},
        }
        self._add("key", "key.enrolled", self._change("enrolled", parties), time=at(-self.key_age + 1))

    def _kept(self, kind: str, digest: str, name: str) -> str:
        """A signature as it is kept."""
        if kind == "oidc":
            return self.login(self._change(f"{name}_nonce", digest), name)
        taken = rfc3339(START + timedelta(seconds=self.log.size - 1))
        if kind == "counter":
            staff = (("window", "w-07"), ("reviewer", "w-09"))
            statements = [self._stated(role, person, digest, name) for role, person in staff]
            kept = {
                "v": 1,
                "kind": "counter",
                "at": taken,
                "statements": statements,
                "slip": {"sha256": sha256(CODE.encode()).hexdigest()},
            }
        else:
            parts = self._passkey(digest, name) if kind == "passkey" else self._host_app(digest, name)
            kept = {"v": 1, "kind": kind, "at": taken, "enrolment": self.enrolment, "signature": parts}
        return canonical(self._change(f"{name}_kept", kept)).decode()

    def _passkey(self, digest: str, name: str) -> dict[str, Any]:
        told = {"type": "webauthn.get", "challenge": digest, "origin": signers.NODE, "crossOrigin": False}
        client = json.dumps(self._change(f"{name}_client", told)).encode()
        data = sha256(signers.SITE.encode()).digest() + bytes([0x05]) + bytes(4)
        data = self._change(f"{name}_data", data)
        signature = self._change("device", P256("device")).der(data + sha256(client).digest())
        parts = {"client_data_json": b64url(client), "authenticator_data": b64url(data), "signature": b64url(signature)}
        return dict(self._change(f"{name}_parts", parts))

    def _host_app(self, digest: str, name: str) -> dict[str, Any]:
        now = self._now() - 3
        claims = {"iss": signers.APP, "aud": signers.NODE, "iat": now, "nonce": digest, "uv": "face"}
        header = self._change(f"{name}_header", {"typ": "cailian-consent+jwt", "kid": KEY + "1"})
        return {"jws": jws(self._change("device", P256("device")), header, self._change(name, claims))}

    def _stated(self, role: str, person: str, digest: str, name: str) -> dict[str, Any]:
        claims = {
            "iss": signers.CLIENT,
            "aud": signers.NODE,
            "iat": self._now() - (600 if role == "window" else 3),
            "assistance": "0192a551-0000-7000-8000-000000000001",
            "terms": digest,
            "signer": "h-7",
            "identified_by": "id_card_read",
            "pad": "ab" * 32,
            "operator": person,
            "role": role,
        }
        claims = self._change(f"{name}_{role}", claims)
        key = self._change(f"{name}_{role}_key", WINDOW)
        return {"jws": jws(key, {"typ": "cailian-assistance+jwt", "kid": "w1"}, claims), "key": key.jwk}

    def _told(self, kind: str, kept: str) -> dict[str, Any]:
        told: dict[str, Any] = {
            "signer_kind": kind,
            "provider": REQUESTER if kind == "counter" else signers.ISSUER,
            "assurance": 2,
            "id_token" if kind == "oidc" else "signature": {"sha256": sha256(kept.encode()).hexdigest()},
        }
        return told | ({"key": KEY + "1"} if kind in {"passkey", "host_app"} else {})

    def _delegated(self, place: int) -> None:
        people = [commitment(f"31019919800101{who:04}", "111", salt_of(f"{who}")) for who in range(place, place + 2)]
        terms = {
            "v": 1,
            "type": "cailian/delegation",
            "id": LINK + str(place + 1),
            "parent": LINK + str(place) if place else None,
            "principal": commitment("91310199XX0000001A", "001", salt_of(f"firm {place}")),
            "delegate": people[1],
            "items": ["*"] if place == 0 else ["310199-8", "310199-9"],
            "types": ["*"] if place == 0 else ["CL001", "CL022"],
            "mode": "copy",
            "regions": ["310000"],
            "levels": 2 - place,
            "valid_from": at(0),
            "valid_to": at((40 - place) * DAY),
            "notice": "2026-11",
        }
        terms = self._change(f"link{place}_terms", terms)
        digest = digest_of(terms)
        kept = self.login(self._change(f"link{place}_nonce", digest), f"link{place}", subject=f"person-{place}")
        parties = {
            "delegation": terms["id"],
            "terms": digest,
            "holder": f"firm-in-{place}",
            "delegate": f"delegate-in-{place}",
            "signer": f"signer-in-{place}",
            "representation": None if place else "legal_representative",
            **self._told("oidc", kept),
            **self._above(place),
        }
        self._add("delegation", "delegation.given", self._change(f"link{place}_parties", parties))
        self.shown_links.append({"terms": terms, "signature": kept})

    def _above(self, place: int) -> dict[str, Any]:
        if place == 0:
            return {}
        upper = self.entries["delegation"][place - 1].record.parties
        return {"above": {name: upper.get(name) for name in ("delegation", "holder", "delegate")}}

    def _given(self) -> None:
        digest, answer = digest_of(self.terms), None
        if self.batch:
            answer = self._change(
                "answer",
                {
                    "action": "answer",
                    "approved": sorted([digest, "B" * 43]),
                    "batch": "0192ba7c-0000-7000-8000-000000000001",
                    "notice": self.terms["notice"]["sha256"],
                    "refused": ["C" * 43],
                    "v": 1,
                },
            )
        kept = self._kept(self.kind, digest if answer is None else digest_of(answer), "given")
        self.signatures["given"] = kept
        chain = [entry.record.parties["terms"] for entry in self.entries.get("delegation", [])]
        parties = {
            "grant": GRANT,
            "terms": digest,
            "holder": "h-7",
            "signer": "h-7",
            "representation": "delegate" if chain else None,
            **({"delegations": chain} if chain else {}),
            **self._above(self.links),
            **self._told(self.kind, kept),
            "requester": REQUESTER,
            "item": "310199-9",
            "case": "C-2026-9",
            "basis": "consent",
            "notice": "2026-11",
            "notice_sha256": self.terms["notice"]["sha256"],
            **({} if answer is None else {"answer": answer}),
        }
        self._add("grant", "grant.given", self._change("parties", parties), **self._change("given_fact", {}))

    def _used(self, name: str, number: int) -> None:
        parties = {
            "use": f"0192aaaa-0000-7000-8000-0000000000{number:02}",
            "basis": "grant",
            "grant": GRANT,
            "terms": digest_of(self.terms),
            "requester": REQUESTER,
            "division": "310118",
            "operator": "w-07",
            "case": "C-2026-9",
            "item": "310199-9",
            "cause": "办理食品经营许可",
            "mode": "copy",
            "fields": [],
            "object": OBJECT,
            "object_type": "CL001",
            "level": 2,
            "dated": at(-20 * DAY),
            "grant_use": number,
            "holder": "h-7",
            "holder_seq": number,
            "holder_prev": None,
        }
        fact = self._change(f"{name}_fact", {"digests": digests(DOCUMENT), "size": len(DOCUMENT)})
        self._add(name, "use.intended", self._change(name, parties), **fact)

    def _ended(self) -> None:
        digest = digest_of({"action": "withdraw", "grant": GRANT, "v": 1})
        if self.withdrawn == "slip":
            taken = rfc3339(START + timedelta(seconds=self.log.size - 1))
            kept = canonical(self._change("slip", {"v": 1, "kind": "counter", "at": taken, "code": CODE})).decode()
        else:
            kept = self._kept(self.withdrawn, digest, "withdrawn")
        told = self._told("counter" if self.withdrawn == "slip" else self.withdrawn, kept)
        told |= {"provider": "slip"} if self.withdrawn == "slip" else {}
        self.signatures["withdrawn"] = kept
        parties = {"grant": GRANT, "terms": digest_of(self.terms), "holder": "h-7", "signer": "h-7", **told}
        self._add("grant", "grant.withdrawn", self._change("ended", parties))

    def _add(self, act: str, type_: str, parties: dict[str, Any], **fact: Any) -> None:
        self.entries.setdefault(act, []).append(self.log.add(type_, parties, **fact))

    def bundle(self, kind: str = "use") -> dict[str, Any]:
        """The bundle of everything, to change."""
        size = self.log.size
        note = self.log.checkpoint(size, "witness.example/archives", "witness.example/audit")
        sections: dict[str, Any] = {"log": {"origin": ORIGIN, "checkpoint": note}}
        signed = {"key", "delegation"}
        beside = {"use": set(self.entries), "grant": signed, "refusal": signed}.get(kind, set())
        for act, held in self.entries.items():
            if act in {kind, *beside}:
                sections[act] = {"entries": [entry.shown(size) for entry in held]}
        if "grant" in sections:
            consent = {"terms": self.terms, "signature": self.signatures["given"]}
            consent |= {"withdrawal": self.signatures["withdrawn"]} if self.withdrawn else {}
            sections["grant"]["consent"] = consent
        if "delegation" in sections:
            sections["delegation"]["links"] = self.shown_links
        return {
            "format": "cailian-evidence",
            "version": 1,
            "kind": kind,
            "critical": sorted(sections),
            "sections": sections,
        }
