"""Refusals: of an ask by its holder, and of a use by the node; whole ones, and one for each way to break them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from ledger.consentform import why_digest
from tests.ledger.corpus import signers
from tests.ledger.corpus.case import Case, bad, cut, encode, held, put
from tests.ledger.corpus.consentlog import DAY, GRANT, OBJECT, ORIGIN, REQUESTER, SECOND, Story, at as time_at, salt_of
from tests.ledger.corpus.logs import Log, digests
from tests.ledger.corpus.signers import P256, b64url, digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.ledger.corpus.consentlog import Change
    from tests.ledger.corpus.world import World

_NO_CHAIN: Final = {"chain": "skipped", "finality": "skipped"}
_DECISION: Final = ("sections", "refusal", "decision")
_WHY: Final = ("sections", "refused-use", "why")
_OPENING: Final = ("entries", 0, "opening")


@dataclass
class Refusal(Story):
    """What was asked is refused, by itself or together with what was approved."""

    def _given(self) -> None:
        digest, answer = digest_of(self.terms), None
        signed = self._change("refused", {"action": "refuse", "ask": self.terms["id"], "v": 1})
        if self.batch:
            answer = {"action": "answer", "approved": ["B" * 43], "batch": "0192ba7c-0000-7000-8000-000000000001"}
            answer |= {"notice": self.terms["notice"]["sha256"], "refused": sorted([digest, "C" * 43]), "v": 1}
            answer = self._change("answer", answer)
        kept = self._kept(self.kind, digest_of(signed if answer is None else answer), "given")
        self.signatures["given"] = kept
        chain = [entry.record.parties["terms"] for entry in self.entries.get("delegation", [])]
        parties = {
            "ask": GRANT,
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
        self._add("refusal", "ask.refused", self._change("parties", parties), **self._change("given_fact", {}))

    def _used(self, name: str, number: int) -> None:
        """Nothing: what was refused is not used."""

    def bundle(self, kind: str = "refusal") -> dict[str, Any]:
        """The bundle of everything, to change."""
        made = super().bundle(kind)
        if "refusal" in made["sections"]:
            made["sections"]["refusal"]["decision"] = {"terms": self.terms, "signature": self.signatures["given"]}
        return made


def refused_use(changes: Mapping[str, Change] | None = None, *, why: bool = True) -> dict[str, Any]:
    """The bundle of a refused use, to change.

    Args:
        changes: what a case does to `content`, `parties` or `fact` before they are recorded.
        why: whether the bundle shows why.
    """
    log, change = Log(ORIGIN), changes or {}
    log.fill(3)

    def part(name: str, value: Any) -> Any:
        return change[name](value) if name in change else value

    content = {"holder": "h-7", "policies": ["grants"], "reason": "grant-used-up"}
    parties = {
        "requester": REQUESTER,
        "client": signers.CLIENT,
        "operator": "w-07",
        "case": "C-2026-9",
        "item": "310199-9",
        "mode": "copy",
        "object": OBJECT,
        "said": "grant-used-up",
        "policy_version": "p1",
        "why": why_digest(salt_of("why"), content),
    }
    entry = log.add("use.refused", part("parties", parties), **part("fact", {}))
    log.fill(24)
    note = log.checkpoint(log.size, "witness.example/archives", "witness.example/audit")
    section: dict[str, Any] = {"entries": [entry.shown(log.size)]}
    if why:
        section["why"] = {"salt": b64url(salt_of("why")), "content": part("content", content)}
    sections = {"log": {"origin": ORIGIN, "checkpoint": note}, "refused-use": section}
    whole = {"format": "cailian-evidence", "version": 1, "kind": "refused-use"}
    return whole | {"critical": sorted(sections), "sections": sections}


def cases(_: World) -> Iterator[Case]:
    """All of them."""
    yield from _good()
    yield from _form()
    yield from _records()
    yield from _signatures()
    yield from _chains()


def _set(**members: Any) -> Change:
    return lambda value: value | members


def _drop(name: str) -> Change:
    return lambda value: {each: value[each] for each in value if each != name}


def _whole(name: str, value: Any, trust: str | None = "trust.json", verdict: str = "logged", **states: str) -> Case:
    return Case(f"good-{name}", encode(value), (held(verdict, trust, **_NO_CHAIN | {"signature": "ok"} | states),))


def _good() -> Iterator[Case]:
    untrusted = held("consistent, trust unknown", None, **_NO_CHAIN, signature="unproven")
    by_login = Refusal().bundle()
    runs = (held("logged", **_NO_CHAIN, signature="ok"), untrusted)
    yield Case("good-refusal-by-login", encode(by_login), runs)
    yield _whole("refusal-by-passkey", Refusal("passkey").bundle(), enrolment="ok")
    yield _whole("refusal-by-host-app", Refusal("host_app").bundle(), enrolment="ok")
    yield _whole("refusal-at-counter", Refusal("counter").bundle())
    yield _whole("refusal-in-a-batch", Refusal(batch=True).bundle())
    yield _whole("refusal-by-delegate", Refusal(links=2).bundle(), delegation="ok")
    # Who may give something for the item may refuse all of it: a delegate who was asked for more than they may give.
    wider = {"terms": _set(types=["CL009"], regions=["330000"], valid_to=time_at(90 * DAY))}
    yield _whole("refusal-by-delegate-of-more", Refusal(changes=wider, links=2).bundle(), delegation="ok")
    hidden = cut(Refusal("passkey", links=1).bundle(), *_DECISION)
    shut = {"signature": "unproven", "enrolment": "unproven", "delegation": "unproven"}
    yield _whole("refusal-not-shown", hidden, **shut)
    erased = put(by_login, None, "sections", "refusal", *_OPENING)
    yield _whole("refusal-erased", erased, verdict="mute", leaf="skipped", record="unproven", signature="unproven")
    none = {"signature": "skipped"}
    yield _whole("refused-use", refused_use(), **none)
    yield _whole("refused-use-as-its-requester-sees-it", refused_use(why=False), **none)
    nothing = {"content": _set(holder=None)}
    nobody = why_digest(salt_of("why"), {"holder": None, "policies": ["grants"], "reason": "grant-used-up"})
    yield _whole("refused-use-of-nothing", refused_use(nothing | {"parties": _set(why=nobody)}), **none)
    mute = put(refused_use(), None, "sections", "refused-use", *_OPENING)
    yield _whole("refused-use-erased", mute, verdict="mute", leaf="skipped", record="unproven", **none)


def _form() -> Iterator[Case]:
    base, use = Refusal().bundle(), refused_use()
    beside = put(base, use["sections"]["refused-use"], "sections", "refused-use")
    grant = put(base, Story().bundle()["sections"]["grant"], "sections", "grant")
    for name, value in {
        "refusal-form-unknown-member": put(base, 1, *_DECISION, "more"),
        "refusal-form-is-null": put(base, None, *_DECISION),
        "refusal-form-without-terms": cut(base, *_DECISION, "terms"),
        "refusal-form-without-signature": cut(base, *_DECISION, "signature"),
        "refusal-form-terms-are-text": put(base, "terms", *_DECISION, "terms"),
        "refusal-form-signature-of-65537": put(base, "x" * 65_537, *_DECISION, "signature"),
        "refusal-form-with-a-withdrawal": put(base, "x", *_DECISION, "withdrawal"),
        "refusal-form-consent-for-a-decision": put(
            base, base["sections"]["refusal"]["decision"], "sections", "refusal", "consent"
        ),
        "refusal-beside-a-refused-use": beside,
        "refusal-beside-a-grant": grant,
        "refused-use-form-why-unknown-member": put(use, 1, *_WHY, "more"),
        "refused-use-form-why-is-text": put(use, "grant-used-up", *_WHY),
        "refused-use-form-salt-of-15": put(use, b64url(bytes(15)), *_WHY, "salt"),
        "refused-use-form-salt-padded": put(use, b64url(bytes(16)) + "==", *_WHY, "salt"),
        "refused-use-form-reason-is-null": put(use, None, *_WHY, "content", "reason"),
        "refused-use-form-without-holder": cut(use, *_WHY, "content", "holder"),
        "refused-use-form-holder-is-a-number": put(use, 7, *_WHY, "content", "holder"),
        "refused-use-form-policies-are-text": put(use, "grants", *_WHY, "content", "policies"),
        "refused-use-form-of-65-policies": put(use, ["p"] * 65, *_WHY, "content", "policies"),
        "refused-use-form-content-unknown-member": put(use, 1, *_WHY, "content", "more"),
    }.items():
        yield bad(name, 1, value)


def _records() -> Iterator[Case]:
    base, use = Refusal().bundle(), refused_use()
    parties = ("opening", "parties", "content")
    entry = ("sections", "refused-use", "entries", 0)
    yield bad("refusal-record-edited", 2, put(base, "C-2026-8", "sections", "refusal", "entries", 0, *parties, "case"))
    yield bad("refused-use-record-said-edited", 2, put(use, "not-found", *entry, *parties, "said"))
    story = Refusal()
    shut = story.entries["refusal"][0].shown(story.log.size, shut=True)
    several = put(base, [base["sections"]["refusal"]["entries"][0]] * 2, "sections", "refusal", "entries")
    given = Story().bundle()["sections"]["grant"]["entries"]
    for name, value in {
        "refusal-record-kept-shut": put(base, shut, "sections", "refusal", "entries", 0),
        "refusal-record-twice": several,
        "refusal-record-is-a-grant": put(base, given, "sections", "refusal", "entries"),
        "refusal-record-is-a-refused-use": put(
            base, use["sections"]["refused-use"]["entries"], "sections", "refusal", "entries"
        ),
        "refusal-record-without-ask": Refusal(changes={"parties": _drop("ask")}).bundle(),
        "refusal-record-terms-are-a-number": Refusal(changes={"parties": _set(terms=7)}).bundle(),
        "refusal-record-time-missing": Refusal(changes={"given_fact": _set(time=None)}).bundle(),
        "refused-use-record-without-requester": refused_use({"parties": _drop("requester")}),
        "refused-use-record-without-said": refused_use({"parties": _drop("said")}),
        "refused-use-record-digests-are-text": refused_use({"fact": _set(digests="sha256")}),
        "refused-use-record-is-a-use": put(
            use, Story().bundle()["sections"]["use"]["entries"], "sections", "refused-use", "entries"
        ),
        "refused-use-reason-edited": put(use, "grant-withdrawn", *_WHY, "content", "reason"),
        "refused-use-holder-edited": put(use, "h-8", *_WHY, "content", "holder"),
        "refused-use-holder-hidden": put(use, None, *_WHY, "content", "holder"),
        "refused-use-policies-edited": put(use, [], *_WHY, "content", "policies"),
        "refused-use-salt-another": put(use, b64url(bytes(16)), *_WHY, "salt"),
        "refused-use-reason-never-recorded": refused_use({"parties": _drop("why")}),
    }.items():
        yield bad(name, 3, value)
    lease = put(use, use["sections"]["refused-use"], "sections", "refused-use")
    yield bad("refused-use-with-a-document", 4, lease, document="documents/lease.txt")
    dated = {"digests": digests(b"something else\n"), "size": 15}
    yield bad(
        "refused-use-with-another-document", 4, refused_use({"fact": _set(**dated)}), document="documents/lease.txt"
    )


def _signatures() -> Iterator[Case]:
    """What was signed is another thing, or by nobody who counts, or the record says of it what is not true."""
    base = Refusal("passkey").bundle()
    terms = (*_DECISION, "terms")
    approval = {"answer": lambda held: held | {"approved": held["refused"], "refused": ["B" * 43]}}
    both = {"answer": lambda held: held | {"approved": held["refused"]}}
    for name, value in {
        "terms-edited": put(base, 100, *terms, "max_uses"),
        "terms-of-version-1": Refusal(changes={"terms": _set(v=1)}).bundle(),
        "terms-of-another-holder": Refusal(changes={"terms": _set(grantor={"holder": "h-8"})}).bundle(),
        "of-another-ask": Refusal(changes={"parties": _set(ask=GRANT[:-1] + "2")}).bundle(),
        "of-another-requester": Refusal(changes={"parties": _set(requester="11310199XX00000D1B")}).bundle(),
        "of-another-case": Refusal(changes={"parties": _set(case="C-2026-8")}).bundle(),
        "of-another-notice": Refusal(changes={"parties": _set(notice_sha256="M" * 43)}).bundle(),
        "that-is-an-approval": Refusal(changes={"given_nonce": lambda _: digest_of(Refusal().terms)}).bundle(),
        "that-is-a-withdrawal": Refusal(
            changes={"refused": lambda _: {"action": "withdraw", "grant": GRANT, "v": 1}}
        ).bundle(),
        "of-version-2": Refusal(changes={"refused": _set(v=2)}).bundle(),
        "answer-that-approves": Refusal(changes=approval, batch=True).bundle(),
        "answer-that-approves-too": Refusal(changes=both, batch=True).bundle(),
        "answer-without-it": Refusal(changes={"answer": _set(refused=["B" * 43])}, batch=True).bundle(),
        "answer-to-another-notice": Refusal(changes={"answer": _set(notice="M" * 43)}, batch=True).bundle(),
        "too-old": Refusal(changes={"given": _set(iat=SECOND - 600)}).bundle(),
        "by-a-stranger": Refusal(changes={"given_key": lambda _: P256("stranger")}).bundle(),
        "of-another-digest": Refusal(changes={"parties": _set(id_token={"sha256": "0" * 64})}).bundle(),
        "claimed-as-high": Refusal(changes={"parties": _set(assurance=3)}).bundle(),
        "by-another-passkey": Refusal("passkey", {"device": lambda _: P256("stranger")}).bundle(),
        "at-counter-of-another-person": Refusal("counter", {"parties": _set(signer="h-9")}).bundle(),
    }.items():
        yield bad(f"refusal-signature-{name}", 12, value)
    inserted = {"key_login_key": lambda _: P256("stranger")}
    yield bad("refusal-key-inserted", 13, Refusal("passkey", inserted).bundle())
    yield bad("refusal-key-without-issuer", 13, Refusal("passkey", {"key_login": _drop("iss")}).bundle())
    other = {"sha256": sha256(b"another token").hexdigest()}
    yield bad(
        "refusal-key-logged-with-another-token", 13, Refusal("passkey", {"enrolled": _set(id_token=other)}).bundle()
    )


def _chains() -> Iterator[Case]:
    for name, changes in {
        "of-another-item": {"link1_terms": _set(items=["310199-8"])},
        "over": {"link1_terms": _set(valid_to=time_at(3))},
        "of-one-link": {"parties": lambda held: held | {"delegations": held["delegations"][:1]}},
        "not-by-a-delegate": {"parties": _set(representation=None)},
        "by-somebody-else": {"parties": lambda held: put(held, "delegate-in-9", "above", "delegate")},
        "terms-edited": {"link0_nonce": lambda _: "A" * 43},
    }.items():
        yield bad(f"refusal-chain-{name}", 14, Refusal(changes=changes, links=2).bundle())
