"""The consent behind a use: whole bundles of each kind of signature, and one for each way to break steps 12 to 15."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from tests.ledger.corpus import signers
from tests.ledger.corpus.case import UNKNOWN, Case, Run, at, bad, changed, cut, encode, failed, flip64, held, put
from tests.ledger.corpus.consentlog import CODE, DAY, GRANT, KEY, LINK, SECOND, Story, at as time_at, salt_of
from tests.ledger.corpus.signers import P256, SMALL_RSA, b64url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.ledger.corpus.world import World

_NO_CHAIN: Final = {"chain": "skipped", "finality": "skipped"}
_CONSENT: Final = ("sections", "grant", "consent")
_LINKS: Final = ("sections", "delegation", "links")
_NONE: Final = {"signature": "skipped", "enrolment": "skipped", "delegation": "skipped", "enforcement": "skipped"}


def cases(_: World) -> Iterator[Case]:
    """All of them."""
    yield from _good()
    yield from _form()
    yield from _records()
    yield from _terms()
    yield from _logins()
    yield from _passkeys()
    yield from _host_apps()
    yield from _counter()
    yield from _withdrawals()
    yield from _enrolments()
    yield from _delegations()
    yield from _limits()
    yield from _counts()
    yield from _answers()


class _Flipped(signers.Sm2):
    """A key whose signatures have one bit wrong."""

    def sign(self, message: bytes) -> bytes:
        """R and S, not of this message."""
        raw = super().sign(message)
        return raw[:-1] + bytes([raw[-1] ^ 1])


def _set(**members: Any) -> Callable[[Any], Any]:
    """A change that sets members."""
    return lambda value: value | members


def _drop(name: str) -> Callable[[Any], Any]:
    """A change that leaves a member out."""
    return lambda value: {each: value[each] for each in value if each != name}


def _whole(name: str, value: Any, trust: str | None = "trust.json", verdict: str = "logged", **states: str) -> Case:
    usual = _NO_CHAIN | {"signature": "ok", "enforcement": "ok"} | states
    return Case(f"good-consent-{name}", encode(value), (held(verdict, trust, **usual),))


def _good() -> Iterator[Case]:
    for kid, kind in (("p1", "es256"), ("p2", "eddsa"), ("p3", "rs256")):
        yield _whole(f"by-login-{kind}", Story(provider=kid).bundle())
    keyed = {"enrolment": "ok"}
    passkey = Story("passkey").bundle()
    untrusted = {"signature": "unproven", "enrolment": "unproven"}
    runs: list[Run] = [
        held("logged", **_NO_CHAIN, signature="ok", enrolment="ok", enforcement="ok"),
        held("logged", "trust-no-signers.json", **_NO_CHAIN, **untrusted, enforcement="ok"),
        held(UNKNOWN, None, **_NO_CHAIN, **untrusted, enforcement="ok"),
        failed(12, "trust-no-passkeys.json"),
        failed(13, "trust-other-provider.json"),
    ]
    yield Case("good-consent-by-passkey", encode(passkey), tuple(runs[:3]))
    yield Case("consent-by-passkey-under-other-trust", encode(passkey), tuple(runs[3:]))
    yield _whole("by-host-app", Story("host_app").bundle(), **keyed)
    counter = Story("counter").bundle()
    yield _whole("at-counter", counter)
    gm = dict.fromkeys(("given_window_key", "given_reviewer_key"), lambda _: signers.WINDOW_SM2)
    yield _whole("at-counter-sm2", Story("counter", gm).bundle())
    flipped = {"given_window_key": lambda _: _Flipped("window")}
    yield bad("consent-counter-sm2-signature-flipped", 12, Story("counter", gm | flipped).bundle())
    yield _whole("at-counter-unchecked", counter, "trust-no-clients.json", signature="unproven")
    yield Case("consent-at-counter-of-another-system", encode(counter), (failed(12, "trust-other-clients.json"),))
    sensitive = {"use": _set(level=4)}
    yield _whole("by-passkey-of-level-4", Story("passkey", sensitive).bundle(), **keyed)
    yield _whole("by-login-of-level-4", Story("oidc", sensitive).bundle())
    yield _whole("in-a-batch", Story("passkey", batch=True).bundle(), **keyed)
    for links in (1, 2, 3):
        yield _whole(f"by-delegate-{links}", Story(links=links).bundle(), delegation="ok")
    opened = Story(links=1).bundle()
    identifier = {"code": "310199198001010001", "country": "156", "type": "111"}
    opened = put(opened, {"delegate": {"salt": b64url(salt_of("1")), "identifier": identifier}}, *_LINKS, 0, "opened")
    yield _whole("by-delegate-opened", opened, delegation="ok")
    yield _whole("third-use", Story(earlier=2).bundle())
    joint = {"grants": [{"grant": GRANT[:-1] + "9", "grant_use": 5}, {"grant": GRANT, "grant_use": 1}]}
    among = {"earlier": lambda held: held | joint | {"grant": GRANT[:-1] + "9", "grant_use": 5}}
    yield _whole("after-a-joint-use", Story(earlier=1, changes=among).bundle())
    several = Story("oidc", {"use": _set(grants=[{"grant": GRANT, "grant_use": 1}, {"grant": GRANT[:-1] + "9"}])})
    yield _whole("of-several-holders", several.bundle(), enforcement="unproven")
    yield _whole("earlier-not-shown", cut_section(Story(earlier=2).bundle(), "earlier"), enforcement="unproven")
    data = {"terms": _set(mode="data"), "use": _set(mode="data", fields=["name", "valid_to", "valid_to:clear"])}
    yield _whole("for-fields", Story("oidc", data).bundle())
    street = {"use": _set(division="310118101000")}
    yield _whole("for-a-subdistrict", Story("oidc", street).bundle())
    exact = {"terms": _set(objects=["0192cccc-0000-7000-8000-0000000000c1"], types=[])}
    yield _whole("for-one-object", Story("oidc", exact).bundle())
    for kind in ("oidc", "passkey"):
        enrolment = "ok" if kind == "passkey" else "skipped"
        yield _whole(f"withdrawn-{kind}", Story(kind, withdrawn=kind).bundle(), enrolment=enrolment)
    yield _whole("withdrawn-by-slip", Story("counter", withdrawn="slip").bundle())
    grant = Story("passkey", withdrawn="passkey").bundle("grant")
    yield _whole("grant", grant, **keyed, enforcement="skipped")
    chain = Story(links=3).bundle("delegation")
    yield _whole("delegation", chain, **_NONE | {"delegation": "ok"})
    yield _whole("key", Story("host_app").bundle("key"), **_NONE)
    yield from _unproven()


def _unproven() -> Iterator[Case]:
    """Whole, and saying less than the whole."""
    shut = {"signature": "unproven", "enforcement": "unproven"}
    base = Story("passkey", links=1).bundle()
    hidden = cut(base, *_CONSENT)
    yield _whole("not-shown", hidden, **shut, enrolment="unproven", delegation="unproven")
    chainless = cut_section(base, "delegation")
    yield _whole("chain-not-shown", chainless, enrolment="ok", delegation="unproven")
    yield _whole("links-not-shown", cut(base, *_LINKS), enrolment="ok", delegation="unproven")
    ended = Story("counter", withdrawn="slip").bundle()
    yield _whole("slip-not-shown", cut(ended, *_CONSENT, "withdrawal"), signature="unproven")
    old = {"use": lambda parties: _drop("division")(_drop("grant_use")(parties))}
    yield _whole("of-an-old-record", Story("oidc", old).bundle(), enforcement="unproven")
    loose = {"parties": _drop("above")}
    yield _whole("of-an-old-chain", Story(links=2, changes=loose).bundle(), delegation="unproven")
    erased = put(Story().bundle(), None, "sections", "grant", "entries", 0, "opening")
    yield _whole("erased", erased, verdict="mute", record="unproven", **shut)


def cut_section(value: Any, name: str) -> Any:
    """A bundle without a section."""
    return changed(value, lambda made: (made["sections"].pop(name), made["critical"].remove(name), None))


def _form() -> Iterator[Case]:
    base, opened = Story("passkey").bundle(), Story(links=2).bundle()
    opening = {"salt": b64url(bytes(16)), "identifier": {"code": "1", "country": "156", "type": "111"}}
    for name, value in {
        "unknown-member": put(base, 1, *_CONSENT, "more"),
        "is-a-list": put(base, [], *_CONSENT),
        "without-terms": cut(base, *_CONSENT, "terms"),
        "without-signature": cut(base, *_CONSENT, "signature"),
        "terms-are-text": put(base, "terms", *_CONSENT, "terms"),
        "signature-is-an-object": put(base, {}, *_CONSENT, "signature"),
        "signature-of-65537": put(base, "x" * 65_537, *_CONSENT, "signature"),
        "withdrawal-is-null": put(base, None, *_CONSENT, "withdrawal"),
        "member-of-a-key": put(base, [], "sections", "key", "links"),
        "one-link-too-few": changed(opened, lambda made: at(made, *_LINKS).pop()),
        "one-link-too-many": changed(opened, lambda made: at(made, *_LINKS).append(at(made, *_LINKS)[0])),
        "link-unknown-member": put(opened, 1, *_LINKS, 0, "more"),
        "opened-unknown-member": put(opened, {"holder": opening}, *_LINKS, 0, "opened"),
        "opened-salt-of-15": put(opened, {"delegate": opening | {"salt": "A" * 20}}, *_LINKS, 0, "opened"),
        "opened-code-is-a-number": put(
            opened,
            {"delegate": opening | {"identifier": {"code": 1, "country": "156", "type": "111"}}},
            *_LINKS,
            0,
            "opened",
        ),
        "key-beside-a-licence": put(base, "earlier", "kind"),
        "earlier-beside-a-grant": put(
            Story("passkey", earlier=1).bundle("grant"),
            at(Story(earlier=1).bundle(), "sections", "earlier"),
            "sections",
            "earlier",
        ),
    }.items():
        yield bad(f"consent-form-{name}", 1, value)


def _records() -> Iterator[Case]:
    base = Story("passkey", links=1, earlier=1).bundle()
    terms = ("sections", "grant", "entries", 0, "opening", "parties", "content", "terms")
    yield bad("consent-record-terms-edited", 2, put(base, "A" * 43, *terms))
    for name, value in {
        "key-without-a-grant": cut_section(cut_section(cut_section(base, "grant"), "delegation"), "earlier"),
        "earlier-without-a-grant": cut_section(Story(earlier=1).bundle(), "grant"),
        "delegation-shown-as-key": put(
            base, at(base, "sections", "delegation", "entries"), "sections", "key", "entries"
        ),
        "completion-shown-as-earlier": put(
            base, at(base, "sections", "grant", "entries"), "sections", "earlier", "entries"
        ),
        "earlier-of-another-grant": Story(earlier=1, changes={"earlier": _set(grant=GRANT[:-1] + "2")}).bundle(),
        "key-unnamed": Story("passkey", {"enrolled": _drop("key")}).bundle(),
        "link-without-holder": Story(links=1, changes={"link0_parties": _drop("holder")}).bundle(),
        "key-kept-shut": _shut(Story("passkey"), "key"),
        "delegation-kept-shut": _shut(Story(links=1), "delegation"),
        "earlier-kept-shut": _shut(Story(earlier=1), "earlier"),
    }.items():
        yield bad(f"consent-record-{name}", 3, value)


def _shut(story: Story, act: str) -> Any:
    shown = story.entries[act][0].shown(story.log.size, shut=True)
    return put(story.bundle(), shown, "sections", act, "entries", 0)


def _bad(step: int, kind: str, table: dict[str, dict[str, Any]], prefix: str = "", **more: Any) -> Iterator[Case]:
    """Stories that break a step by a change before anything was recorded."""
    for name, changes in table.items():
        yield bad(f"consent-{prefix}{name}", step, Story(kind, changes, **more).bundle())


def _terms() -> Iterator[Case]:
    """A database administrator edits what is shown, or what was signed never had that form."""
    base = Story("passkey").bundle()
    terms = (*_CONSENT, "terms")
    for name, value in {
        "edited-uses": put(base, 100, *terms, "max_uses"),
        "edited-period": put(base, time_at(300 * DAY), *terms, "valid_to"),
        "edited-mode": put(base, "data", *terms, "mode"),
        "edited-types": put(base, ["CL001", "CL002"], *terms, "types"),
        "edited-region": put(base, ["330000"], *terms, "regions"),
        "of-another-grant": put(base, at(Story(changes={"terms": _set(max_uses=9)}).bundle(), *terms), *terms),
    }.items():
        yield bad(f"consent-terms-{name}", 12, value)
    table: dict[str, dict[str, Any]] = {
        "of-version-1": {"terms": _set(v=1)},
        "of-version-true": {"terms": _set(v=True)},
        "unknown-member": {"terms": _set(more=1)},
        "without-notice": {"terms": _drop("types")},
        "with-a-parent": {"terms": _set(parent=GRANT)},
        "mode-unknown": {"terms": _set(mode="all")},
        "uses-negative": {"terms": _set(max_uses=-1)},
        "unit-unknown": {"terms": _set(frequency={"count": 1, "unit": "year"})},
        "region-of-five": {"terms": _set(regions=["31000"])},
        "time-to-the-second": {"terms": _set(valid_to="2026-12-21T04:00:00Z")},
        "holder-another": {"terms": _set(grantor={"holder": "h-8"})},
        "requester-another": {"parties": _set(requester="11310199XX00000D1B")},
        "case-another": {"parties": _set(case="C-2026-8")},
        "basis-another": {"parties": _set(basis="separate_consent")},
        "notice-another": {"parties": _set(notice_sha256="M" * 43)},
        "notice-unnamed": {"parties": _drop("notice_sha256")},
    }
    yield from _bad(12, "oidc", table, "terms-")


def _logins() -> Iterator[Case]:
    year = 365 * DAY
    yield from _bad(
        12,
        "oidc",
        {
            "edited": {"given_nonce": lambda _: "A" * 43},
            "without-nonce": {"given": _drop("nonce")},
            "at-another-provider": {"given": _set(iss="https://other.example")},
            "for-another-client": {"given": _set(aud="other")},
            "for-two-clients": {"given": _set(aud=[signers.AUDIENCE, "other"])},
            "without-subject": {"given": _drop("sub")},
            "too-old": {"given": _set(iat=SECOND - 600)},
            "from-later": {"given": _set(iat=SECOND + 600)},
            "auth-too-old": {"given": _set(auth_time=SECOND - year)},
            "iat-is-text": {"given": _set(iat="now")},
            "iat-with-fraction": {"given": lambda claims: claims | {"iat": claims["iat"] + 0.5}},
            "of-an-unknown-key": {"given_header": _set(kid="p9")},
            "of-another-of-its-keys": {"given_header": _set(kid="p2")},
            "without-kid": {"given_header": _drop("kid")},
            "by-a-stranger": {"given_key": lambda _: P256("stranger")},
            "with-its-own-key": {"given_header": _set(jwk=P256("stranger").jwk)},
            "of-alg-none": {"given_header": _set(alg="none")},
            "of-another-typ": {"given_header": _set(typ="at+jwt")},
            "of-low-assurance": {"given": _set(acr="sms")},
            "claimed-as-high": {"parties": _set(assurance=3)},
            "of-assurance-4": {"parties": _set(assurance=4)},
            "of-another-kind": {"parties": _set(signer_kind="passkey", signature={"sha256": "0" * 64}, key=KEY + "1")},
            "of-an-unknown-kind": {"parties": _set(signer_kind="pin")},
            "of-another-digest": {"parties": _set(id_token={"sha256": "0" * 64})},
            "of-a-digest-in-capitals": {"parties": lambda held: held | {"id_token": {"sha256": "AB" * 32}}},
        },
        "login-",
    )
    base = Story().bundle()
    signature = (*_CONSENT, "signature")
    token = at(base, *signature)
    header, claims, signed = token.split(".")
    for name, value in {
        "exchanged": put(base, at(Story(provider="p2").bundle(), *signature), *signature),
        "signature-flipped": put(base, f"{header}.{claims}.{flip64(signed)}", *signature),
        "is-a-passkeys": put(base, at(Story("passkey").bundle(), *signature), *signature),
        "of-two-parts": put(base, f"{header}.{claims}", *signature),
        "padded": put(base, token + "=", *signature),
    }.items():
        yield bad(f"consent-login-{name}", 12, value)


def _passkeys() -> Iterator[Case]:
    of_nobody = b64url(bytes(32) + b"\x05" + bytes(4))
    yield from _bad(
        12,
        "passkey",
        {
            "challenge-another": {"given_client": _set(challenge="A" * 43)},
            "type-create": {"given_client": _set(type="webauthn.create")},
            "origin-another": {"given_client": _set(origin="https://evil.example")},
            "origin-with-slash": {"given_client": _set(origin=signers.NODE + "/")},
            "origin-missing": {"given_client": _drop("origin")},
            "cross-origin": {"given_client": _set(crossOrigin=True)},
            "cross-origin-null": {"given_client": _set(crossOrigin=None)},
            "person-not-verified": {"given_data": lambda data: data[:32] + b"\x01" + data[33:]},
            "person-not-there": {"given_data": lambda data: data[:32] + b"\x04" + data[33:]},
            "of-another-site": {"given_data": lambda data: bytes(32) + data[32:]},
            "data-of-36": {"given_data": lambda data: data[:36]},
            "key-another": {"device": lambda _: P256("stranger")},
            "signature-empty": {"given_parts": _set(signature="")},
            "signature-is-joses": {"given_parts": _set(signature=b64url(bytes(64)))},
            "data-exchanged": {"given_parts": _set(authenticator_data=of_nobody)},
            "part-more": {"given_parts": _set(user_handle="AA")},
            "kept-as-another-kind": {"given_kept": _set(kind="host_app")},
            "kept-version-2": {"given_kept": _set(v=2)},
            "kept-an-hour-later": {"given_kept": _set(at=time_at(3600))},
            "kept-member-more": {"given_kept": _set(more=1)},
            "of-another-key": {"parties": _set(key=KEY + "2")},
            "of-p384": {"key_terms": lambda terms: terms | {"key": terms["key"] | {"crv": "P-384"}}},
            "at-an-untrusted-site": {"key_terms": _set(rp="other.example"), "given_data": _of_other_site},
        },
        "passkey-",
    )


def _of_other_site(data: bytes) -> bytes:
    return sha256(b"other.example").digest() + data[32:]


def _host_apps() -> Iterator[Case]:
    yield from _bad(
        12,
        "host_app",
        {
            "nonce-another": {"given": _set(nonce="A" * 43)},
            "for-another-node": {"given": _set(aud="https://other.example")},
            "of-another-app": {"given": _set(iss="other-app")},
            "person-not-verified": {"given": _set(uv="none")},
            "too-old": {"given": _set(iat=SECOND - 3600)},
            "kid-another": {"given_header": _set(kid=KEY + "2")},
            "typ-another": {"given_header": _set(typ="JWT")},
            "key-another": {"device": lambda _: P256("stranger")},
            "of-an-untrusted-app": {"key_terms": _set(rp="other-app"), "given": _set(iss="other-app")},
        },
        "app-",
    )


def _counter() -> Iterator[Case]:
    stranger = P256("stranger")
    yield from _bad(
        12,
        "counter",
        {
            "one-person-twice": {"given_reviewer": _set(operator="w-07")},
            "one-role-twice": {"given_reviewer": _set(role="window")},
            "of-other-terms": {"given_window": _set(terms="A" * 43), "given_reviewer": _set(terms="A" * 43)},
            "of-two-terms": {"given_reviewer": _set(terms="A" * 43)},
            "of-two-people": {"given_reviewer": _set(signer="h-8")},
            "of-another-person": {"given_window": _set(signer="h-8"), "given_reviewer": _set(signer="h-8")},
            "of-two-drawings": {"given_reviewer": _set(pad="cd" * 32)},
            "without-seeing-them": {
                "given_window": _set(identified_by="none"),
                "given_reviewer": _set(identified_by="none"),
            },
            "an-hour-before": {"given_window": _set(iat=SECOND - 3600)},
            "member-more": {"given_window": _set(more="1")},
            "by-a-stranger": {"given_reviewer_key": lambda _: stranger},
            "by-strangers": {"given_window_key": lambda _: stranger, "given_reviewer_key": lambda _: stranger},
            "for-another-node": {"given_window": _set(aud="x"), "given_reviewer": _set(aud="x")},
            "of-another-organisation": {"parties": _set(provider="11310199XX00000D1B")},
            "with-one-statement": {"given_kept": lambda kept: kept | {"statements": kept["statements"][:1]}},
            "statements-reordered": {"given_kept": lambda kept: kept | {"statements": kept["statements"][::-1]}},
            "of-high-assurance": {"parties": _set(assurance=3)},
            "without-slip": {"given_kept": _drop("slip")},
        },
        "counter-",
    )
    yield from _bad(15, "counter", {"of-level-3": {"use": _set(level=3)}}, "counter-")


def _withdrawals() -> Iterator[Case]:
    yield from _bad(
        12,
        "oidc",
        {
            "of-another-grant": {"withdrawn_nonce": lambda _: "A" * 43},
            "by-a-stranger": {"withdrawn_key": lambda _: P256("stranger")},
            "of-other-terms": {"ended": _set(terms="A" * 43)},
            "of-another-holder": {"ended": _set(holder="h-8")},
        },
        "withdrawal-",
        withdrawn="oidc",
    )
    slips: dict[str, dict[str, Any]] = {
        "code-another": {"slip": _set(code=CODE[::-1])},
        "code-is-a-number": {"slip": _set(code=1)},
        "an-hour-later": {"slip": _set(at=time_at(3600))},
    }
    yield from _bad(12, "counter", slips, "slip-", withdrawn="slip")
    yield bad("consent-slip-of-a-login", 12, Story("oidc", withdrawn="slip").bundle())
    alone = put(Story().bundle(), "eyJ", *_CONSENT, "withdrawal")
    yield bad("consent-withdrawal-without-its-record", 12, alone)
    yield bad("consent-use-after-the-withdrawal", 15, Story(withdrawn="oidc", late=True).bundle())


def _enrolments() -> Iterator[Case]:
    """A key that a database administrator inserts has no provider's signature, or that of somebody else's login."""
    stranger = P256("stranger")
    yield from _bad(
        13,
        "passkey",
        {
            "by-a-stranger": {"key_login_key": lambda _: stranger},
            "of-another-key": {"key_digest": lambda _: "A" * 43},
            "of-another-login": {"key_login": _set(sub="person-8")},
            "at-an-unknown-provider": {"key_login": _set(iss="https://other.example")},
            "for-another-client": {"key_login": _set(aud="other")},
            "with-another-salt": {"salt": lambda _: salt_of("another")},
            "after-the-signature": {"key_login": _set(iat=SECOND + 3600)},
            "of-low-assurance": {"key_login": _set(acr="sms")},
            "logged-with-other-terms": {"enrolled": _set(terms="A" * 43)},
            "logged-with-another-token": {"enrolled": _set(id_token={"sha256": "0" * 64})},
        },
        "key-",
    )
    for kind in ("passkey", "host_app"):
        fresh = Story(kind, {"use": _set(level=3)}, key_age=3600)
        yield bad(f"consent-key-too-new-for-level-3-{kind}", 13, fresh.bundle())
    yield bad("consent-key-of-a-delegate-inserted", 14, _inserted().bundle())


def _inserted() -> Story:
    """The last delegation signed by nobody a provider knows."""
    return Story(links=2, changes={"link1_key": lambda _: P256("stranger")})


def _delegations() -> Iterator[Case]:
    other = commitment_of_another()
    links: dict[str, dict[str, Any]] = {
        "items-wider": {"link0_terms": _set(items=["310199-9"]), "link1_terms": _set(items=["*"])},
        "types-wider": {"link0_terms": _set(types=["CL001"])},
        "mode-wider": {"link0_terms": _set(mode="verify")},
        "regions-wider": {"link0_terms": _set(regions=["310118"])},
        "longer": {"link1_terms": _set(valid_to=time_at(90 * DAY))},
        "earlier-than-its-parent": {
            "link0_terms": _set(valid_from=time_at(1)),
            "link1_terms": _set(valid_from=time_at(0)),
        },
        "levels-used-up": {"link0_terms": _set(levels=1), "link1_terms": _set(levels=1)},
        "without-its-beginning": {"link0_terms": _set(parent=LINK + "9")},
        "of-another-parent": {"link1_terms": _set(parent=LINK + "9")},
        "signed-by-nobody": {"link0_nonce": lambda _: "A" * 43},
        "signed-by-a-stranger": {"link0_key": lambda _: P256("stranger")},
        "to-somebody-else": {"link1_parties": lambda held: put(held, "delegate-in-9", "above", "delegate")},
        "of-another-principal": {"link1_parties": lambda held: put(held, "firm-in-9", "above", "holder")},
        "grant-by-somebody-else": {"parties": lambda held: put(held, "delegate-in-9", "above", "delegate")},
        "to-oneself": {"link0_terms": lambda terms: terms | {"delegate": terms["principal"]}},
        "terms-unknown-member": {"link0_terms": _set(more=1)},
        "over": {"link1_terms": _set(valid_to=time_at(0.5))},
        "grant-of-another-chain": {"parties": lambda held: held | {"delegations": held["delegations"][::-1]}},
        "grant-of-one-link": {"parties": lambda held: held | {"delegations": held["delegations"][:1]}},
        "grant-not-by-a-delegate": {"parties": _set(representation="legal_representative")},
        "grant-beyond-the-item": {"link1_terms": _set(items=["310199-8"])},
        "grant-beyond-the-type": {"link1_terms": _set(types=["CL022"])},
        "grant-beyond-the-mode": {"link1_terms": _set(mode="data")},
        "grant-beyond-the-region": {"link1_terms": _set(regions=["310118"])},
        "grant-beyond-the-period": {"link1_terms": _set(valid_to=time_at(5 * DAY))},
        "staff-signed": {"link0_parties": _set(signer_kind="counter", signature={"sha256": "0" * 64})},
    }
    yield from _bad(14, "oidc", links, "chain-", links=2)
    base = Story(links=2).bundle()
    opened = {"salt": b64url(salt_of("1")), "identifier": {"code": other, "country": "156", "type": "111"}}
    for name, value in {
        "terms-edited": put(base, "copy", *_LINKS, 1, "terms", "notice"),
        "link-exchanged": changed(base, lambda made: at(made, *_LINKS).reverse()),
        "opened-as-another": put(base, {"delegate": opened}, *_LINKS, 0, "opened"),
        "reordered": changed(
            base,
            lambda made: (at(made, *_LINKS).reverse(), at(made, "sections", "delegation", "entries").reverse(), None),
        ),
        "of-a-grant-without-one": _glued(),
    }.items():
        yield bad(f"consent-chain-{name}", 14, value)


def _glued() -> Any:
    """A chain beside a grant that its holder signed."""
    story = Story(links=1, changes={"parties": lambda held: held | {"representation": None}})
    return story.bundle()


def commitment_of_another() -> str:
    """An identity code that no terms commit to."""
    return "310199198001010099"


def _limits() -> Iterator[Case]:
    yield from _bad(
        15,
        "oidc",
        {
            "before-the-period": {"terms": _set(valid_from=time_at(3600))},
            "after-the-period": {"terms": _set(valid_to=time_at(2.5))},
            "in-a-wider-mode": {"terms": _set(mode="verify")},
            "in-an-unknown-mode": {"use": _set(mode="all")},
            "of-another-field": {"terms": _set(mode="data"), "use": _set(mode="data", fields=["name", "phone"])},
            "of-a-field-in-clear": {"terms": _set(mode="data"), "use": _set(mode="data", fields=["name:clear"])},
            "of-no-fields": {"terms": _set(mode="data"), "use": _set(mode="data", fields=None)},
            "in-another-case": {"use": _set(case="C-2026-8")},
            "for-another-item": {"use": _set(item="310199-8")},
            "of-another-type": {"use": _set(object_type="CL002")},
            "of-another-object": {
                "terms": _set(objects=["0192cccc-0000-7000-8000-0000000000c9"], types=[]),
            },
            "by-another-organisation": {"use": _set(requester="11310199XX00000D1B")},
            "in-another-region": {"use": _set(division="330100")},
            "in-a-region-of-seven": {"use": _set(division="3101180")},
            "of-a-stale-material": {"use": _set(dated=time_at(-31 * DAY))},
            "of-level-3-with-others": {"terms": _set(types=["CL001", "CL002"]), "use": _set(level=3)},
            "of-level-3-at-low-assurance": {"parties": _set(assurance=1), "use": _set(level=3)},
            "of-level-5": {"use": _set(level=5)},
        },
        "use-",
    )


def _counts() -> Iterator[Case]:
    earlier: dict[str, dict[str, Any]] = {
        "number-above-the-limit": {"terms": _set(max_uses=2)},
        "number-given-twice": {"use": _set(grant_use=2)},
        "earlier-number-given-twice": {"earlier": _set(grant_use=1)},
        "number-of-an-earlier-one-above": {"earlier": lambda held: held | {"grant_use": held["grant_use"] + 2}},
        "too-often": {"terms": _set(frequency={"count": 2, "unit": "day"})},
        "number-zero": {"use": _set(grant_use=0)},
        "number-is-text": {"use": _set(grant_use="3")},
        "earlier-unnumbered": {"earlier": _drop("grant_use")},
        "earlier-joint-unnumbered": {
            "earlier": lambda held: held | {"grant": GRANT[:-1] + "9", "grants": [{"grant": GRANT}]},
        },
    }
    yield from _bad(15, "oidc", earlier, "count-", earlier=2)


def _answers() -> Iterator[Case]:
    yield from _bad(
        12,
        "oidc",
        {
            "does-not-approve": {"answer": _set(approved=["B" * 43])},
            "refuses-too": {"answer": lambda held: held | {"refused": held["approved"]}},
            "to-another-notice": {"answer": _set(notice="M" * 43)},
            "of-another-action": {"answer": _set(action="refuse")},
            "of-version-2": {"answer": _set(v=2)},
            "unknown-member": {"answer": _set(more=1)},
            "edited": {"parties": lambda held: put(held, ["D" * 43], "answer", "refused")},
        },
        "answer-",
        batch=True,
    )


def trusts(base: dict[str, Any]) -> dict[str, Any]:
    """Whole trust files that differ in `signers`."""
    providers = ("signers", "providers")
    stranger = {"kid": "p1"} | P256("stranger").jwk
    return {
        "trust-no-signers": cut(base, "signers"),
        "trust-no-clients": put(base, None, "signers", "clients"),
        "trust-other-clients": put(base, [], "signers", "clients"),
        "trust-no-passkeys": put(base, None, "signers", "passkeys"),
        "trust-other-provider": put(base, [stranger], *providers, 0, "keys"),
        "trust-no-providers": put(base, [], *providers),
    }


def bad_trusts(base: dict[str, Any]) -> dict[str, Any]:
    """Trust files that must be refused for their `signers`, named by their defect."""
    provider, client = ("signers", "providers", 0), ("signers", "clients", 0)
    key = at(base, *provider, "keys", 0)
    small = {"kid": "p3", "kty": "RSA", "e": "AQAB", "n": b64url(SMALL_RSA.to_bytes(128))}
    return {
        "signers-null": put(base, None, "signers"),
        "signers-unknown-member": put(base, 1, "signers", "more"),
        "signers-without-audience": cut(base, "signers", "audience"),
        "signers-audience-empty": put(base, "", "signers", "audience"),
        "provider-twice": changed(base, lambda made: made["signers"]["providers"].append(at(made, *provider))),
        "provider-assurance-0": put(base, 0, *provider, "assurance"),
        "provider-assurance-4": put(base, 4, *provider, "assurance"),
        "provider-acr-is-text": put(base, "high", *provider, "acr", "face"),
        "provider-key-twice": put(base, [key, key], *provider, "keys"),
        "provider-key-without-kid": cut(base, *provider, "keys", 0, "kid"),
        "provider-key-with-alg": put(base, "ES256", *provider, "keys", 0, "alg"),
        "provider-key-private": put(base, "AA", *provider, "keys", 0, "d"),
        "provider-key-of-p384": put(base, "P-384", *provider, "keys", 0, "crv"),
        "provider-key-x-of-31": put(base, b64url(bytes(31)), *provider, "keys", 0, "x"),
        "provider-key-of-1024-bits": put(base, [small], *provider, "keys"),
        "provider-key-of-exponent-3": put(base, "Aw", *provider, "keys", 2, "e"),
        "provider-key-symmetric": put(base, {"kid": "p1", "kty": "oct", "k": "AA"}, *provider, "keys", 0),
        "origin-twice": put(base, [signers.NODE] * 2, "signers", "passkeys", "origins"),
        "client-twice": changed(base, lambda made: made["signers"]["clients"].append(at(made, *client))),
        "client-without-org": cut(base, *client, "org"),
        "host-apps-are-objects": put(base, [{}], "signers", "host_apps"),
    }
