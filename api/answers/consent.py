"""Answers about asking, consenting and what a holder signs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from api.answers.base import Answer, Kind, Mode, Moment, Object, Texts


class FrequencyOut(Answer):
    """How often at most."""

    count: int
    unit: Literal["hour", "day", "week", "month"]


class GrantorOut(Answer):
    """Who is asked, as a commitment."""

    holder: str


class GranteeOut(Answer):
    """Who asks."""

    org: str
    party: str


class PurposeOut(Answer):
    """For what."""

    item: str
    case: str | None
    cause: str


class NoticeNamed(Answer):
    """Which notice was shown."""

    version: str
    sha256: str


class TermsOut(Answer):
    """The canonical terms of a grant; the digest over exactly these members is what is signed."""

    v: int
    type: str
    id: str
    basis: Literal["consent", "separate_consent"]
    grantor: GrantorOut
    grantee: GranteeOut
    purpose: PurposeOut
    objects: list[str]
    types: list[str]
    fields: list[str]
    mode: Mode
    max_uses: int
    frequency: FrequencyOut | None
    fresh_days: int | None
    valid_from: Moment
    valid_to: Moment
    regions: list[str]
    parent: None
    notice: NoticeNamed


class JointHolderOut(Answer):
    """One of several holders; who of the others refused is not told."""

    name: str
    you: bool
    state: Literal["signed", "missing", "expired", "refused", "closed", "withdrawn"]


class JointOut(Answer):
    """Of a thing held together: how far the others' consent has come, and whose is missing."""

    holders: int
    approved: int
    state: Literal["waiting-for-you", "waiting-for-others", "complete", "refused", "withdrawn", "expired"]
    people: list[JointHolderOut]


class AskOut(Answer):
    """One consent that is asked for."""

    ask_id: str
    state: Literal["pending", "approved", "refused", "expired"]
    terms: TermsOut
    digest: str
    created_at: Moment
    expires_at: Moment
    grant_id: str | None
    batch_id: str | None
    joint: JointOut | None = None


class ThingOut(Answer):
    """A thing that is asked for: one by its id, or whatever there is of a type; it has the one member or the other."""

    object: str = ""
    type: str = ""
    name: str
    name_en: str
    level: int


class FieldNamed(Answer):
    """A field and its title."""

    name: str
    zh: str
    en: str


class AskedOut(Answer):
    """What the notice says of one ask."""

    ask: str
    basis: str
    things: list[ThingOut]
    fields: list[FieldNamed]
    zh: str
    en: str


class WhoOut(Answer):
    """Who asks, by name."""

    org: str
    name: str
    division: str


class WhyOut(Answer):
    """For what, by name."""

    item: str
    item_name: str
    item_name_en: str
    case: str | None
    cause: str


class LawOut(Answer):
    """On which law."""

    zh: str
    en: str


class NoticeOut(Answer):
    """The canonical notice that is read before anything is signed."""

    version: str
    batch: str
    who: WhoOut
    why: WhyOut
    binding: str | None
    asked: list[AskedOut]
    law: LawOut
    rights: Texts
    confirms: Object | None = None


class GrantOut(Answer):
    """A grant as it stands."""

    grant_id: str
    state: Literal["active", "expired", "used_up", "withdrawn", "suspended"]
    digest: str
    terms: TermsOut
    uses_left: int
    max_uses: int
    valid_from: Moment
    valid_to: Moment
    given_at: Moment
    withdrawn_at: Moment | None
    entry_id: str


class BatchOut(Answer):
    """What is asked together, and after an answer the grants that it gave."""

    batch_id: str
    state: Literal["pending", "answered", "expired"]
    channel: str
    notice: NoticeOut
    notice_digest: str
    asks: list[AskOut]
    link: str
    created_at: Moment
    expires_at: Moment
    grants: list[GrantOut] | None = None


class ConsentsOut(Answer):
    """What waits for a holder, and what they gave."""

    batches: list[BatchOut]
    grants: list[GrantOut]


class RequestOut(Answer):
    """A request to sign, and its digest."""

    request: Object
    digest: str


class OfferOut(Answer):
    """A fresh key's id, and what a browser makes a passkey with (`parseCreationOptionsFromJSON`)."""

    key_id: str
    public_key: dict[str, Any]


class ProposalOut(Answer):
    """Terms of an enrolment, and the digest to log in over."""

    terms: Object
    digest: str


class KeyOut(Answer):
    """An enrolled key."""

    key_id: str
    kind: Literal["passkey", "host_app"]
    state: Literal["active", "revoked"]
    enrolled_at: Moment
    full_from: Moment
    revoked_at: Moment | None


class DelegationTermsOut(Answer):
    """The canonical terms of a delegation."""

    v: int
    type: str
    id: str
    parent: str | None
    principal: str
    delegate: str
    items: list[str]
    types: list[str]
    mode: Mode
    regions: list[str]
    levels: int
    valid_from: Moment
    valid_to: Moment
    notice: str


class DelegationOut(Answer):
    """A delegation as it stands; it names nobody."""

    delegation_id: str
    state: Literal["active", "ended", "expired"]
    terms: DelegationTermsOut
    digest: str
    chain: list[str]
    given_at: Moment
    ended_at: Moment | None
    entry_id: str


class LinkOut(Answer):
    """One link of a chain of delegations, by name."""

    delegation_id: str
    giver: str = Field(alias="from")
    to: str
    ended: bool


class OwnDelegationOut(DelegationOut):
    """A delegation as those who have a part in it see it."""

    principal: str
    principal_kind: Kind
    principal_code: str | None
    links: list[LinkOut]
    yours: Literal["given", "taken", "represented"]


class OwnDelegationsOut(Answer):
    """Delegations one has a part in."""

    delegations: list[OwnDelegationOut]
