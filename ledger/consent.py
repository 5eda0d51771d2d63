"""A kept signature of a holder, checked without the node that kept it (docs/evidence.md, 8.3 and 8.4). Pure.

Four kinds (docs/signers.md): a login whose `nonce` is the digest (`oidc`), a passkey, a key behind a host app's bridge,
and two statements of staff at a counter. A key's signature comes with its enrolment, which a login provider signed: a
key that somebody put into the database has none. What the trust file must say is checked where there is one; what
needs none always is.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from ledger.envelope import is_time
from ledger.errors import ConsentError
from ledger.jws import Jws, Key
from ledger.record import SALT_SIZE, canonical
from ledger.signedterms import digest_of, milliseconds
from ledger.strictjson import base64url, integer, is_digest, items, members, read, text, unpadded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.signertrust import SignerTrust

KEY_KINDS: Final = frozenset({"passkey", "host_app"})
KINDS: Final = KEY_KINDS | {"oidc", "counter"}
HIGHEST: Final = 3
COUNTER_ASSURANCE: Final = 2
ROLES: Final = ("window", "reviewer")
"""Of the two who state consent at a counter, in this order."""
MAX_KEPT: Final = 65_536
_VERSION: Final = 1
_TAKEN_WITHIN: Final = 60_000
"""Milliseconds between taking a signature and the record of the act, which are one act."""
_AHEAD: Final = 10_000
"""How far the clock of whoever signed may be ahead."""
_FRESH: Final = 300_000 + _TAKEN_WITHIN
"""A login and the answer of an app are 5 minutes old at most when they are handed in."""
_COUNTER: Final = 1_800_000 + _FRESH
"""Two of the staff state within half an hour."""
_TYPES: Final = frozenset({"JWT", "jwt"})
_SHARED: Final = ("iss", "aud", "assistance", "terms", "signer", "identified_by", "pad")
_IDENTIFIED_BY: Final = frozenset({"id_card_read", "live_code"})
_VERIFIED_BY: Final = frozenset({"pin", "face", "fingerprint"})
_UP, _UV = 0x01, 0x04
"""Flags of authenticator data: the person was there, and was verified (Web Authentication Level 3, 6.1)."""
_DATA_SIZE: Final = 37
_MAX_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Said:
    """What a record says of the signature behind it."""

    kind: str
    provider: str
    assurance: int
    sha256: str
    key: str | None

    @classmethod
    def of(cls, parties: Mapping[str, Any]) -> Said:
        """Read the members.

        Raises:
            NotCanonicalError, ConsentError: they are not there.
        """
        kind = text(parties.get("signer_kind"), "signer_kind")
        if kind not in KINDS:
            raise ConsentError(reason="unknown kind of a signature")
        kept = members(parties.get("id_token" if kind == "oidc" else "signature"), {"sha256"}, (), "signature")
        assurance = integer(parties.get("assurance"), "assurance")
        if not is_digest(kept["sha256"]) or not 1 <= assurance <= HIGHEST:
            raise ConsentError(reason="what the record says of its signature")
        key = text(parties.get("key"), "key") if kind in KEY_KINDS else None
        return cls(kind, text(parties.get("provider"), "provider"), assurance, kept["sha256"], key)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A key's enrolment as it is kept with each of its signatures.

    Attributes:
        id: of the key.
        digest: of the terms, base64url.
        holder: commitment to the login.
        rp: relying party of a passkey; of a host app's key the app.
        salt: opens the commitment.
        login: the provider's token.
        token: the same as text.
    """

    id: str
    kind: str
    digest: str
    holder: str
    key: Key
    rp: str
    salt: bytes
    login: Jws
    token: str

    @classmethod
    def of(cls, value: object) -> Enrolled:
        """Read the member `enrolment`.

        Raises:
            NotCanonicalError, ConsentError: another form.
        """
        held = members(value, {"terms", "salt", "id_token"}, (), "enrolment")
        names = {"v", "type", "id", "kind", "holder", "key", "credential", "rp", "notice"}
        terms = members(held["terms"], names, (), "terms of the key")
        if terms["type"] != "cailian/key" or type(terms["v"]) is not int or terms["v"] != _VERSION:
            raise ConsentError(reason="unknown version of terms")
        told = {name: text(terms[name], name) for name in ("id", "kind", "holder", "credential", "rp", "notice")}
        key, salt = Key.of(terms["key"]), base64url(held["salt"], "salt")
        if key.alg != "ES256" or len(salt) != SALT_SIZE:
            raise ConsentError(reason="an enrolled key")
        token = text(held["id_token"], "id_token")
        return cls(
            told["id"],
            told["kind"],
            digest_of(terms),
            told["holder"],
            key,
            told["rp"],
            salt,
            Jws.parse(token),
            token,
        )


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that holds.

    Attributes:
        said: what the record says of it.
        at: time of the record, milliseconds since 1970.
        enrolled: of a key's signature.
        slip: SHA-256 of the code on the slip, of consent at a counter.
        proven: whether the trust file knows everybody who had to sign.
        token: of a login that signed itself.
    """

    said: Said
    at: int
    enrolled: Enrolled | None = None
    slip: str | None = None
    proven: bool = False
    token: Jws | None = None

    @property
    def login(self) -> str | None:
        """The login that signed, or that the key is enrolled for: subject and issuer; None of staff at a counter.

        Whose login that is no evidence says: that is the node's word.
        """
        token = self.enrolled.login if self.enrolled is not None else self.token
        return None if token is None else f"{printable(token.claim('sub'))} ({printable(token.claim('iss'))})"


def check(kept: str, digest: str, parties: Mapping[str, Any], time: str, trust: SignerTrust | None) -> Signed:
    """Check that a kept signature is the one a record names, and signs a digest.

    Args:
        kept: as text.
        digest: base64url of SHA-256.
        parties: of the record.
        time: of the record.
        trust: whose signatures count; None checks only what needs no trust.

    Raises:
        NotCanonicalError, ConsentError: it does not.
    """
    said, at = Said.of(parties), milliseconds(time)
    if sha256(kept.encode()).hexdigest() != said.sha256:
        raise ConsentError(reason="another signature than the record names")
    if said.kind == "oidc":
        login = Jws.parse(kept)
        check_login(login, digest, said, trust)
        for name in ("iat", "auth_time"):
            if name in login.claims or name == "iat":
                _within(at - 1000 * login.time(name), _FRESH, f"{name} of a login")
        return Signed(said, at, proven=trust is not None, token=login)
    held = read(kept.encode(), MAX_KEPT)
    if said.kind == "counter":
        return _counter(held, digest, said, at, parties, trust)
    return Signed(said, at, _keyed(held, said.kind, said.key, digest, at, trust), proven=trust is not None)


def check_taken(kept: str, kind: str, key: str, digest: str, time: str) -> None:
    """Check a key's signature when it is taken: what does not pass here would prove nothing later.

    Args:
        kept: as text, as it will be kept.
        kind: `passkey` or `host_app`.
        key: its id.
        digest: base64url of SHA-256.
        time: when it is taken, as records spell times.

    Raises:
        NotCanonicalError, ConsentError: verifiers of evidence would refuse it.
    """
    _keyed(read(kept.encode(), MAX_KEPT), kind, key, digest, milliseconds(time), None)


def check_slip(kept: str, parties: Mapping[str, Any], time: str, given: Signed) -> Signed:
    """Check that the code of a slip ended what two of the staff gave; who has the code needs no other signature.

    Args:
        kept, parties, time: of the withdrawal.
        given: how the grant was given.

    Raises:
        NotCanonicalError, ConsentError: it is not that slip's code.
    """
    said = Said.of(parties)
    if sha256(kept.encode()).hexdigest() != said.sha256:
        raise ConsentError(reason="another signature than the record names")
    held = members(read(kept.encode(), MAX_KEPT), {"v", "kind", "at", "code"}, (), "signature")
    _check_kept(held, "counter", milliseconds(time))
    if given.slip is None or sha256(text(held["code"], "code").encode()).hexdigest() != given.slip:
        raise ConsentError(reason="the code of another slip")
    return Signed(said, milliseconds(time), proven=given.proven)


def check_enrolment(signed: Signed, trust: SignerTrust | None) -> int:
    """Check that a login provider signed whose a key is.

    Returns:
        The key's age when it signed, in milliseconds.

    Raises:
        NotCanonicalError, ConsentError: it did not, or it signed something else.
    """
    held = signed.enrolled
    if held is None:
        raise ConsentError(reason="no key signed")
    check_login(held.login, held.digest, signed.said, trust)
    named = {"code": f"{held.login.claim('iss')} {held.login.claim('sub')}", "country": "156", "type": "oidc"}
    if unpadded(sha256(held.salt + canonical(named)).digest()) != held.holder:
        raise ConsentError(reason="a key that was enrolled for another login")
    age = signed.at - 1000 * held.login.time("iat")
    if age < -_AHEAD:
        raise ConsentError(reason="a key that was enrolled after it signed")
    return age


def check_login(login: Jws, digest: str, said: Said, trust: SignerTrust | None) -> None:
    """Check that a login signs a digest, and is of the provider and as sure as a record says.

    Raises:
        NotCanonicalError, ConsentError: it is not.
    """
    typ = login.header.get("typ", "JWT")
    if not isinstance(typ, str) or typ not in _TYPES:
        raise ConsentError(reason="typ of a login")
    if login.claims.get("nonce") != digest:
        raise ConsentError(reason="a login for something else")
    if login.claim("iss") != said.provider:
        raise ConsentError(reason="a login at another provider")
    login.claim("sub")
    if trust is not None and said.assurance > trust.provider(said.provider).check(login):
        raise ConsentError(reason="assurance")


def printable(text: str) -> str:
    """A text from evidence as it may be shown: it can neither drive a terminal nor look like something else."""
    cut = text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
    return "".join(each if each.isprintable() else f"\\u{{{ord(each):x}}}" for each in cut)


def _keyed(
    held: Mapping[str, Any], kind: str, key: str | None, digest: str, at: int, trust: SignerTrust | None
) -> Enrolled:
    """A key's signature over a digest; the enrolment that came with it."""
    _check_kept(members(held, {"v", "kind", "at", "enrolment", "signature"}, (), "signature"), kind, at)
    enrolled = Enrolled.of(held["enrolment"])
    if (enrolled.id, enrolled.kind) != (key, kind):
        raise ConsentError(reason="the signature of another key")
    if kind == "passkey":
        _passkey(held["signature"], digest, enrolled, trust)
    else:
        _host_app(held["signature"], digest, enrolled, at, trust)
    return enrolled


def _passkey(value: object, digest: str, enrolled: Enrolled, trust: SignerTrust | None) -> None:
    """Web Authentication Level 3, 7.2."""
    parts = members(value, {"client_data_json", "authenticator_data", "signature"}, (), "signature")
    client_data, data, signature = (
        base64url(parts[name], name) for name in ("client_data_json", "authenticator_data", "signature")
    )
    told = read(client_data, MAX_KEPT)
    if told.get("type") != "webauthn.get" or told.get("challenge") != digest:
        raise ConsentError(reason="a passkey's signature of something else")
    if told.get("crossOrigin", False) is not False:
        raise ConsentError(reason="a passkey asked for inside another page")
    text(told.get("origin"), "origin")
    if len(data) < _DATA_SIZE or data[:32] != sha256(enrolled.rp.encode()).digest():
        raise ConsentError(reason="a passkey of another site")
    if data[32] & (_UP | _UV) != _UP | _UV:
        raise ConsentError(reason="a passkey that did not verify the person")
    enrolled.key.verify_raw(data + sha256(client_data).digest(), signature)
    if trust is not None and (enrolled.rp != trust.rp_id or told["origin"] not in trust.origins):
        raise ConsentError(reason="a site that is not in the trust file")


def _host_app(value: object, digest: str, enrolled: Enrolled, at: int, trust: SignerTrust | None) -> None:
    """docs/signers.md, section 4."""
    jws = Jws.parse(members(value, {"jws"}, (), "signature")["jws"])
    enrolled.key.verify(jws)
    if (jws.header.get("typ"), jws.header.get("kid")) != ("cailian-consent+jwt", enrolled.id):
        raise ConsentError(reason="header of an app's signature")
    if (jws.claims.get("iss"), jws.claims.get("nonce")) != (enrolled.rp, digest):
        raise ConsentError(reason="an app's signature of something else")
    if jws.claim("uv") not in _VERIFIED_BY:
        raise ConsentError(reason="an app that did not verify the person")
    audience = jws.claim("aud")
    _within(at - 1000 * jws.time("iat"), _FRESH, "iat of an app's signature")
    if trust is not None and (enrolled.rp not in trust.host_apps or audience != trust.audience):
        raise ConsentError(reason="an app that is not in the trust file")


def _counter(
    held: Mapping[str, Any], digest: str, said: Said, at: int, parties: Mapping[str, Any], trust: SignerTrust | None
) -> Signed:
    """docs/signers.md, section 5: two statements of one thing, by two people in two roles."""
    members(held, {"v", "kind", "at", "statements", "slip"}, (), "signature")
    _check_kept(held, "counter", at)
    slip = members(held["slip"], {"sha256"}, (), "slip")["sha256"]
    if not is_digest(slip):
        raise ConsentError(reason="slip")
    both = items(held["statements"], len(ROLES), "statements", least=len(ROLES))
    made = [members(each, {"jws", "key"}, (), "statement") for each in both]
    stated = [(Jws.parse(each["jws"]), Key.of(each["key"])) for each in made]
    for (jws, key), role, longest in zip(stated, ROLES, (_COUNTER, _FRESH), strict=True):
        key.verify(jws)
        members(jws.claims, {*_SHARED, "iat", "operator", "role"}, (), "statement")
        if jws.header.get("typ") != "cailian-assistance+jwt" or jws.claim("role") != role:
            raise ConsentError(reason="role of a statement")
        _within(at - 1000 * jws.time("iat"), longest, "iat of a statement")
    first, second = (jws for jws, _ in stated)
    if any(first.claim(name) != second.claim(name) for name in _SHARED) or first.claim("terms") != digest:
        raise ConsentError(reason="statements of something else")
    if first.claim("operator") == second.claim("operator"):
        raise ConsentError(reason="one person stated twice")
    if first.claim("identified_by") not in _IDENTIFIED_BY or not is_digest(first.claim("pad")):
        raise ConsentError(reason="how staff knew the person")
    told = (first.claim("signer"), said.provider)
    if told != (parties.get("signer"), parties.get("requester")) or said.assurance > COUNTER_ASSURANCE:
        raise ConsentError(reason="what the record says of the person at the counter")
    _check_client(stated, said, trust)
    return Signed(said, at, slip=slip, proven=trust is not None and trust.clients is not None)


def _check_client(stated: list[tuple[Jws, Key]], said: Said, trust: SignerTrust | None) -> None:
    """That a department's system, whose keys the trust file names, signed both statements."""
    if trust is None or trust.clients is None:
        return
    client, audience = (stated[0][0].claim(name) for name in ("iss", "aud"))
    trusted = trust.clients.get(client)
    if trusted is None or trusted.org != said.provider or audience != trust.audience:
        raise ConsentError(reason="a system that is not in the trust file")
    known = [dict(key.jwk) for key in trusted.keys]
    if any(dict(key.jwk) not in known for _, key in stated):
        raise ConsentError(reason="a system's key that is not in the trust file")


def _check_kept(held: Mapping[str, Any], kind: str, at: int) -> None:
    if type(held["v"]) is not int or held["v"] != _VERSION or held["kind"] != kind or not is_time(held["at"]):
        raise ConsentError(reason="unknown form of a signature")
    if abs(at - milliseconds(held["at"])) > _TAKEN_WITHIN:
        raise ConsentError(reason="a signature that was taken at another time")


def _within(age: int, longest: int, what: str) -> None:
    if not -_AHEAD <= age <= longest:
        raise ConsentError(reason=what)
