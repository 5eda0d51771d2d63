"""Steps 12 to 15 of `ledger.verify`: what a holder decided, alone or behind a use. Pure.

12. **signature**: a signature, kept whole, by a login, a key or staff that the trust file vouches for, signs the terms
    that the record names (or the answer that approves them), and the record says of it what is true; the same of a
    withdrawal, and of a refusal. Stops edited terms, and a consent that nobody gave. It does not stop who writes the
    records themselves and signs with a login of their own: that a login is the holder's is the node's word, said in
    the report.
13. **enrolment**: a login provider signed whose the key is, before it signed, and a day before for sensitive things.
    Stops a key that somebody put into the database.
14. **delegation**: who signed for another stands at the end of a chain of signed delegations, each within the one
    above it. Stops a power that was widened or made up.
15. **enforcement**: the use kept to every limit of the terms, counted from the evidence. Stops a limit that was lifted.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from ledger import consent, delegationcheck, enforcement
from ledger.delegationcheck import DELEGATE
from ledger.errors import ConsentError, ConsentMismatchError, NotCanonicalError
from ledger.signedterms import GrantTerms, digest_of, milliseconds
from ledger.strictjson import items, members, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ledger.consentform import Consent
    from ledger.envelope import Bundle, BundleEntry
    from ledger.report import Steps
    from ledger.trust import Trust

_NO_GRANT: Final = ("没有授权或拒绝", "no grant and no refusal")
_NOT_SHOWN: Final = ("证据包未出示签名", "the bundle shows no signature")
_NO_SIGNERS: Final = ("信任文件未列出可信的登录与签署方", "the trust file names no signers")
_ANSWER: Final = frozenset({"action", "approved", "batch", "notice", "refused", "v"})
_MAX_ANSWERED: Final = 200
_KINDS: Final = {
    "oidc": ("登录 {} 签署了这些条款", "login {} signed these terms"),
    "passkey": ("通行密钥签署了这些条款", "a passkey signed these terms"),
    "host_app": ("宿主应用中的密钥签署了这些条款", "a key in a city app signed these terms"),
    "counter": ("窗口两名工作人员陈述了同意", "two of the staff at a counter stated consent to these terms"),
}
"""What step 12 proves of who signed; whose login that is, no signature says."""
_REFUSED: Final = {
    "oidc": ("登录 {} 拒绝了这些条款", "login {} refused these terms"),
    "passkey": ("通行密钥签署了对这些条款的拒绝", "a passkey signed the refusal of these terms"),
    "host_app": ("宿主应用中的密钥签署了对这些条款的拒绝", "a key in a city app signed the refusal of these terms"),
    "counter": ("窗口两名工作人员陈述了拒绝", "two of the staff at a counter stated that these terms were refused"),
}
_NODE_SAYS: Final = (
    "该签署者即持有人或可代其签署的人，由本节点陈述，未经证明",
    "that this is the holder, or who may sign for them, is the node's word and not proven",
)


@dataclass(frozen=True, slots=True)
class _Grant:
    """A grant whose record is open and whose consent is shown; or a refusal, whose decision is.

    Attributes:
        refuses: whether the holder said no.
    """

    entry: BundleEntry
    parties: Mapping[str, Any]
    time: str
    consent: Consent
    withdrawn: BundleEntry | None
    refuses: bool


@dataclass(frozen=True, slots=True)
class _Held:
    """What step 12 found to hold."""

    grant: _Grant
    terms: GrantTerms
    signed: tuple[consent.Signed, ...]


def check(bundle: Bundle, trust: Trust | None, steps: Steps) -> None:
    """Steps 12 to 15.

    Raises:
        ConsentMismatchError: one does not hold.
    """
    held = _check_signature(bundle, trust, steps)
    _check_enrolment(bundle, held, trust, steps)
    _check_delegation(bundle, held, trust, steps)
    _check_enforcement(bundle, held, steps)


def _check_signature(bundle: Bundle, trust: Trust | None, steps: Steps) -> _Held | None:
    """12."""
    if _decided(bundle) is None:
        steps.skip(12, *_NO_GRANT)
        return None
    grant = _shown(bundle)
    if grant is None:
        steps.unproven(12, *_NOT_SHOWN)
        return None
    signers = trust.signers if trust else None
    with _step(12, "signature"):
        terms = GrantTerms.of(grant.consent.terms)
        _check_named(terms, grant)
        digest = _signed_digest(terms, grant)
        signed = [consent.check(grant.consent.signature, digest, grant.parties, grant.time, signers)]
        if grant.consent.withdrawal is not None:
            signed.append(_check_withdrawal(grant, terms, signed[0], grant.consent.withdrawal, trust))
    held = _Held(grant, terms, tuple(signed))
    if not all(each.proven for each in signed):
        steps.unproven(12, *_NO_SIGNERS)
    elif grant.withdrawn is not None and len(signed) == 1:
        steps.unproven(12, "证据包未出示撤回的签名", "the signature of the withdrawal is not shown")
    else:
        words = _REFUSED if grant.refuses else _KINDS
        # Of a key the login stands in its enrolment, which is looked at in step 13 and may be anything until then.
        login = signed[0].login if signed[0].said.kind == "oidc" else None
        zh, en = (each.format(login) for each in words[signed[0].said.kind])
        also = ("；撤回也有签名", "; the withdrawal is signed too") if len(signed) > 1 else ("", "")
        steps.ok(12, f"{zh}{also[0]}；{_NODE_SAYS[0]}", f"{en}{also[1]}; {_NODE_SAYS[1]}")
    return held


def _check_enrolment(bundle: Bundle, held: _Held | None, trust: Trust | None, steps: Steps) -> None:
    """13."""
    if held is None:
        decided = _decided(bundle)
        given = decided.parties if decided is not None else None
        if given is not None and given.get("signer_kind") in tuple(consent.KEY_KINDS):
            steps.unproven(13, *_NOT_SHOWN)
        else:
            steps.skip(13, "没有用到密钥", "no key signed")
        return
    keyed = [each for each in held.signed if each.enrolled is not None]
    if not keyed:
        steps.skip(13, "没有用到密钥", "no key signed")
        return
    with _step(13, "enrolment"):
        ages = [consent.check_enrolment(each, trust.signers if trust else None) for each in keyed]
        for each in keyed:
            _check_logged(bundle, each)
        use = bundle.acts["use"][0].parties if "use" in bundle.acts else None
        level = enforcement.level_of(use) if use is not None else None
        if level is not None and level >= enforcement.SENSITIVE and held.signed[0].enrolled is not None:
            _demand(ages[0] >= enforcement.KEY_WAITS, "a key that is too new for this level")
    if trust is None or trust.signers is None:
        steps.unproven(13, *_NO_SIGNERS)
        return
    hours = ages[0] // 3_600_000
    steps.ok(
        13,
        f"登录方签署了密钥归属：登录 {keyed[0].login}；签署时密钥已登记 {hours} 小时",
        f"a login provider signed that the key is of login {keyed[0].login}; it was {hours} h old when it signed",
    )


def _check_delegation(bundle: Bundle, held: _Held | None, trust: Trust | None, steps: Steps) -> None:
    """14."""
    given = _decided(bundle)
    parties = given.parties if given is not None else None
    entries = bundle.acts.get("delegation")
    if entries is None:
        if parties is not None and parties.get("representation") == DELEGATE:
            steps.unproven(14, "证据包未出示委托链", "the bundle does not show the chain")
        else:
            steps.skip(14, "没有委托", "no delegation")
        return
    if bundle.links is None or any(entry.fact is None for entry in entries):
        steps.unproven(14, *_NOT_SHOWN)
        return
    with _step(14, "delegation"):
        chain = delegationcheck.check(entries, bundle.links, trust.signers if trust else None)
        for each in chain.signed:
            _check_logged(bundle, each)
        bound = chain.bound
        if held is not None:
            grant = held.grant
            hangs = delegationcheck.check_grant(chain, held.terms, grant.parties, grant.time, refuses=grant.refuses)
            bound = hangs and bound
            use = bundle.acts["use"][0] if "use" in bundle.acts else None
            if use is not None and use.parties is not None and use.fact is not None:
                delegationcheck.check_use(chain, use.parties, use.fact["time"])
    if trust is None or trust.signers is None:
        steps.unproven(14, *_NO_SIGNERS)
    elif not bound or (given is not None and held is None):
        steps.unproven(
            14, "记录未说明签署人就是受托人", "the records do not say that each signer is the delegate above"
        )
    else:
        number = len(entries)
        steps.ok(
            14, f"{number} 级委托均已签署，逐级不超出上级", f"{number} signed delegations, each within the one above"
        )


def _check_enforcement(bundle: Bundle, held: _Held | None, steps: Steps) -> None:
    """15."""
    if bundle.kind != "use" or "grant" not in bundle.acts:
        steps.skip(15, "没有凭授权的调用", "no use by a grant")
        return
    use = bundle.acts["use"][0]
    if held is None or use.fact is None or use.parties is None:
        steps.unproven(15, *_NOT_SHOWN)
        return
    with _step(15, "enforcement"):
        grant = held.grant
        whole = enforcement.check(held.terms, held.signed[0].said, use, grant.entry, grant.withdrawn)
        number = enforcement.count(held.terms, use, bundle.acts.get("earlier", ()))
    if number is None or not whole:
        steps.unproven(15, "此前的调用或比对所需的内容未全部出示", "not everything there is to compare is shown")
        return
    most = held.terms.max_uses
    steps.ok(
        15,
        f"未超出授权的任何限制；第 {number} 次使用，共 {most} 次",
        f"within every limit of the grant; use {number} of {most}",
    )


def _decided(bundle: Bundle) -> BundleEntry | None:
    """The record of the holder's yes or no; None in a bundle without one. No kind has both."""
    entries = bundle.acts.get("grant") or bundle.acts.get("refusal")
    return None if entries is None else entries[0]


def _shown(bundle: Bundle) -> _Grant | None:
    refuses = "refusal" in bundle.acts
    entries, shown = (bundle.acts["refusal"], bundle.decision) if refuses else (bundle.acts["grant"], bundle.consent)
    given = entries[0]
    if shown is None or given.fact is None or given.parties is None:
        return None
    withdrawn = entries[1] if len(entries) > 1 and entries[1].fact is not None else None
    return _Grant(given, given.parties, given.fact["time"], shown, withdrawn, refuses)


def _check_named(terms: GrantTerms, grant: _Grant) -> None:
    """That the record is of these terms, and repeats them truly."""
    parties = grant.parties
    _demand(terms.digest == parties.get("terms"), "other terms than the record names")
    told = {
        "ask" if grant.refuses else "grant": terms.id,
        "holder": terms.holder,
        "requester": terms.org,
        "item": terms.item,
        "case": terms.case,
        "basis": terms.basis,
        "notice": terms.notice_version,
        "notice_sha256": terms.notice,
    }
    for name, value in told.items():
        _demand(name in parties and parties[name] == value, f"the record names another {name}")


def _signed_digest(terms: GrantTerms, grant: _Grant) -> str:
    """What was signed: the terms, or their refusal; or an answer that approves or refuses them together with others."""
    if "answer" not in grant.parties:
        return digest_of({"action": "refuse", "ask": terms.id, "v": 1}) if grant.refuses else terms.digest
    answer = members(grant.parties["answer"], _ANSWER, (), "answer")
    approved, refused = (
        [text(each, name) for each in items(answer[name], _MAX_ANSWERED, name)] for name in ("approved", "refused")
    )
    version = type(answer["v"]) is int and answer["v"] == 1
    _demand(version and answer["action"] == "answer", "unknown form of an answer")
    text(answer["batch"], "batch")
    meant, other = (refused, approved) if grant.refuses else (approved, refused)
    said = "refuse" if grant.refuses else "approve"
    _demand(terms.digest in meant and terms.digest not in other, f"an answer that does not {said} these terms")
    _demand(answer["notice"] == terms.notice and terms.notice is not None, "an answer to another notice")
    return digest_of(answer)


def _check_withdrawal(
    grant: _Grant, terms: GrantTerms, given: consent.Signed, kept: str, trust: Trust | None
) -> consent.Signed:
    ended = grant.withdrawn
    if ended is None or ended.fact is None or ended.parties is None:
        raise ConsentError(reason="a withdrawal without its record")
    parties, time = ended.parties, ended.fact["time"]
    _demand(parties.get("terms") == terms.digest and parties.get("holder") == terms.holder, "another withdrawal")
    if consent.Said.of(parties).kind == "counter":
        return consent.check_slip(kept, parties, time, given)
    document = {"action": "withdraw", "grant": terms.id, "v": 1}
    return consent.check(kept, digest_of(document), parties, time, trust.signers if trust else None)


def _check_logged(bundle: Bundle, signed: consent.Signed) -> None:
    """That the log's record of an enrolment, where it is shown, is of this one."""
    enrolled = signed.enrolled
    for entry in bundle.acts.get("key", ()):
        if enrolled is None or entry.parties is None or entry.fact is None or entry.parties.get("key") != enrolled.id:
            continue
        named = members(entry.parties.get("id_token"), {"sha256"}, (), "id_token")["sha256"]
        same = (entry.parties.get("terms"), named) == (enrolled.digest, sha256(enrolled.token.encode()).hexdigest())
        _demand(same and milliseconds(entry.fact["time"]) <= signed.at, "the log holds another enrolment")


def _demand(holds: bool, reason: str) -> None:  # noqa: FBT001 - reads like an assertion
    if not holds:
        raise ConsentError(reason=reason)


@contextmanager
def _step(number: int, name: str) -> Iterator[None]:
    """What goes wrong inside is a failure of this step."""
    try:
        yield
    except (ConsentError, NotCanonicalError) as error:
        raise ConsentMismatchError(number, name, str(error.fields.get("reason", name))) from error
