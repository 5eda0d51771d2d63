"""Words and values of authorisation: who calls, what is used, under which terms, and what was decided.

Frozen values with their invariants in the constructor; nothing here knows the database. A *holder* is a person or an
organisation that materials are about; a *party* is an organisation that calls; a *client* is one system of a party
with its keys; an *operator* is a member of a party's staff, known by a handle only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from authz.errors import InvalidIdentityError
from authz.identifiers import check_code

if TYPE_CHECKING:
    from datetime import datetime

CHINA: Final = "156"
"""ISO 3166-1 numeric code; identity codes of other countries are other identifiers."""

CLEAR: Final = ":clear"
"""Suffix of a field that is asked, or granted, without its mask; who may have it so may have it masked too."""

MAX_CODE: Final = 255
"""Longest identity code; an OpenID Connect `sub` is at most 255 characters (Core 1.0, 2)."""


class PartyKind(StrEnum):
    """The three kinds of relying party (DESIGN 7)."""

    government = "government"
    enforcement = "enforcement"
    social = "social"


class HolderKind(StrEnum):
    """Who a material can be about."""

    person = "person"
    organisation = "organisation"


class Mode(StrEnum):
    """How far a use goes; each includes the ones before it."""

    verify = "verify"
    data = "data"
    copy = "copy"


class Basis(StrEnum):
    """What makes a use lawful: the holder's grant, a statutory duty, unconditional sharing, or an emergency."""

    grant = "grant"
    duty = "duty"
    open = "open"
    emergency = "emergency"


class ShareClass(StrEnum):
    """Sharing class: 无条件, 有条件, 不予共享."""

    unconditional = "O"
    conditional = "C"
    denied = "D"


class Presence(StrEnum):
    """How the applicant of a case is there (DESIGN 7)."""

    holder_login = "holder_login"
    live_code = "live_code"
    id_card_read = "id_card_read"
    agent_grant = "agent_grant"
    none = "none"
    proactive = "proactive"
    """Nobody applied: the department looks by itself, by a programme; no caller can say this of a case it opens."""


class Role(StrEnum):
    """What an operator may do. The first three are operating roles, the last three oversee; nobody has both."""

    window = "window"
    reviewer = "reviewer"
    registrar = "registrar"
    security_officer = "security_officer"
    auditor = "auditor"
    administrator = "administrator"


OVERSEEING: Final = frozenset({Role.security_officer, Role.auditor, Role.administrator})
"""Roles that exclude every other role (separation of duty, RELIABILITY 4.17)."""


class Act(StrEnum):
    """Acts at the counter that are judged by the operator's role, and the roles are in `policies/acts.cedar`."""

    deposit = "deposit"
    open_case = "open_case"
    close_case = "close_case"
    search = "search"
    ask = "ask"
    register = "register"
    inspect = "inspect"
    issue = "issue"
    publish_policies = "publish_policies"
    scan = "scan"
    assist = "assist"
    deliver = "deliver"
    countersign = "countersign"
    break_glass = "break_glass"
    approve_break_glass = "approve_break_glass"
    delay_notice = "delay_notice"
    answer_audit = "answer_audit"
    audit = "audit"
    onboard = "onboard"
    operate = "operate"


class UseState(StrEnum):
    """Where a use stands. Only `open` and `delivered` ones give content, within their time."""

    open = "open"
    delivered = "delivered"
    aborted = "aborted"


class GrantState(StrEnum):
    """Where a grant stands; used up and expired follow from its terms and are not states of the row."""

    active = "active"
    withdrawn = "withdrawn"


class AskState(StrEnum):
    """Where an ask stands; expired follows from its time."""

    pending = "pending"
    approved = "approved"
    refused = "refused"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identity code of a holder, checked when made.

    Attributes:
        type: holder code type (DOMAIN c1): `111` identity card, `001` unified social credit code, `414` passport, ...;
            `oidc` for a subject at an OpenID provider.
        code: the code itself, upper case; never shown by `repr`.
        country: ISO 3166-1 numeric.

    Raises:
        InvalidIdentityError: the code is not valid for its type.
    """

    type: str
    code: str = field(repr=False)
    country: str = CHINA

    def __post_init__(self) -> None:
        """Check the code by the rule of its type."""
        if not (len(self.country) == 3 and self.country.isascii() and self.country.isdigit()):
            raise InvalidIdentityError(type=self.type[:32], problem="country")
        if not self.code or len(self.code) > MAX_CODE or not self.code.isprintable():
            raise InvalidIdentityError(type=self.type[:32], problem="length")
        check_code(self.type, self.code)

    @classmethod
    def oidc(cls, issuer: str, subject: str) -> Self:
        """The identifier of a person at an OpenID provider: a subject means something at its issuer only."""
        return cls("oidc", f"{issuer} {subject}")


@dataclass(frozen=True, slots=True)
class Holder:
    """A person or an organisation, opened: the name is for the holder's own page and for whoever may see it."""

    id: str
    kind: HolderKind
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation that calls.

    Attributes:
        org_code: unified social credit code.
        division: division code (GB/T 2260), six digits.
    """

    id: str
    kind: PartyKind
    name: str
    org_code: str
    division: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request, as proven by its token and DPoP proof.

    Attributes:
        org_code: unified social credit code of the organisation.
        division: division code of the organisation (GB/T 2260), six digits.
        jkt: RFC 7638 thumbprint of the key that signed the proof; of a member of staff, their session.
        operator: the one operator they are (`authz.staff`); None for a system, which acts for any of its organisation.
    """

    client_id: str
    party_id: str
    party_kind: PartyKind
    org_code: str
    division: str
    scopes: frozenset[str]
    jkt: str
    operator: str | None = None

    def speaks_for(self, handle: str) -> bool:
        """Whether they may act as an operator of their organisation."""
        return self.operator is None or self.operator == handle


@dataclass(frozen=True, slots=True)
class Operator:
    """A member of a party's staff."""

    party_id: str
    handle: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Resource:
    """What a use asks for, as plain values from the package that owns it.

    Attributes:
        kind: `material` or `licence`.
        status: `active`, or why not: expired, superseded, disputed, withdrawn, destroyed; of licences also
            not-yet-valid, suspended, revoked, cancelled, transferred, permit-withdrawn, ended.
        level: security level 1 to 4.
        holder_id: whom it is about.
        depositor_party_id: which organisation put it in.
        share_in_project: the depositor allowed the other members of its project to rely on it (DESIGN 8).
        dated: when what it says was so: it was issued, or taken in. A grant may ask for something fresh.
        co_holders: further holders, each of whose consent a grant needs too (`authz.jointconsent`).
    """

    kind: str
    id: str
    type_code: str
    share_class: ShareClass
    level: int
    status: str
    holder_id: str
    division: str
    project_id: str | None
    depositor_party_id: str
    share_in_project: bool = False
    dated: datetime | None = None
    co_holders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the decision must know of the case; the owner of cases answers.

    Attributes:
        exists: there is such a case.
        own_org: it is a case of the caller's organisation.
        item_code: the case's item; None where there is no case. A use must name the same.
        demanded: the item version may demand the resource's type.
        applicant_holder_id: who applies.
        project_lead_id: holder that leads the project, whose grant covers the members' materials.
        people: other holders the case is about (legal representative, shareholders, parents): each by their own grant.
    """

    case_no: str
    exists: bool
    open: bool
    own_org: bool
    item_code: str | None
    demanded: bool
    presence: Presence
    applicant_holder_id: str | None = None
    project_id: str | None = None
    project_lead_id: str | None = None
    people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UseRequest:
    """What the caller asks.

    Attributes:
        cause: 用证事由, free text; may not hold an identity code or a phone number.
        operator: handle.
        grant_id: the grant to use; the best one is looked for where None.
        fields: what is wanted in mode `data`, masked unless the name ends in `CLEAR`.
        break_glass_id: the approved emergency to rest on, and nothing else.
    """

    object_id: str
    mode: Mode
    case_no: str
    item_code: str
    cause: str
    operator: str
    grant_id: str | None = None
    fields: tuple[str, ...] = ()
    break_glass_id: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant as enforced; the terms the holder signed are in `body`, byte for byte.

    Attributes:
        digest: SHA-256 of `body`, base64url: what the holder signed.
        grantor_id: the holder whose materials may be used.
        signer_id: the person who signed: the grantor, or who represents it.
        representation: kind of representation that makes the signer stand for the grantor; None where they are one.
        grantee_id: the party that may use.
        entry_id: log entry `grant.given`.
        assurance: how sure it is who signed (`authz.signers.Assurance`).
        key_since: when the key that signed was enrolled; None where no key did.
        frequency_count, frequency_seconds: at most so many uses in so long a time; None where only `max_uses` counts.
        fresh_days: nothing older than that is covered.
        recent: times of the last `frequency_count` uses, the oldest first.
        answer: what was signed, where that names several terms (`authz.terms.answer`).
    """

    id: str
    digest: str
    body: bytes
    grantor_id: str
    signer_id: str
    signer_kind: str
    representation: str | None
    grantee_id: str
    item_code: str
    case_no: str | None
    mode: Mode
    objects: frozenset[str]
    types: frozenset[str]
    fields: frozenset[str]
    regions: frozenset[str]
    max_uses: int
    uses_left: int
    valid_from: datetime
    valid_to: datetime
    state: GrantState
    entry_id: str
    given_at: datetime
    withdrawn_at: datetime | None = None
    withdrawal_entry_id: str | None = None
    assurance: int = 2
    key_since: datetime | None = None
    frequency_count: int | None = None
    frequency_seconds: int | None = None
    fresh_days: int | None = None
    recent: tuple[datetime, ...] = ()
    answer: bytes | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """An entry of the published duty catalogue (职责目录): who may use what without consent, and by which article."""

    id: str
    version: str
    org_code: str
    article: str
    item_code: str
    types: frozenset[str]
    mode: Mode
    valid_from: datetime
    valid_to: datetime | None
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Emergency:
    """Use in an emergency as two people of one organisation allowed it (`authz.breakglass`).

    Attributes:
        holder_id: whose things; the applicant of the case.
        types: material types.
        opened_by, approved_by: handles of two operators in two roles.
        approval_entry_id: log entry `break-glass.approved`.
        ends_at: minutes after the approval; None before it.
    """

    id: str
    party_id: str
    case_no: str
    holder_id: str
    types: frozenset[str]
    mode: Mode
    opened_by: str
    opened_at: datetime
    approved_by: str | None
    approval_entry_id: str | None
    ends_at: datetime | None

    def stands(self, at: datetime) -> bool:
        """Whether it was approved by somebody else, and has not run out."""
        approved = self.approved_by is not None and self.approved_by != self.opened_by
        return approved and self.ends_at is not None and at < self.ends_at


@dataclass(frozen=True, slots=True)
class Scenario:
    """An entry of the published register of application scenarios (应用场景): a verifier's scope.

    Attributes:
        org_code: the verifier.
        types: what it may see, as licence types LTnn or as the material types CLnnn they stand for.
        fields: what of them, in mode `data`, `:clear` behind what it may see without its mask; None: what the type of
            licence presents, masked.
        version: of the register.
    """

    code: str
    org_code: str
    party_kind: PartyKind
    purpose: str
    types: frozenset[str]
    fields: tuple[str, ...] | None
    mode: Mode
    valid_from: datetime
    valid_to: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A stored proposal a department makes to a holder.

    Attributes:
        body: canonical bytes of the terms; what is shown and signed.
        digest: SHA-256 of `body`, base64url.
        operator: handle of who asked.
        grant_id: the grant it led to.
        batch_id: what was asked together with it, under one notice.
        joint_id: the first holder's ask, of an ask to another holder of the same thing.
    """

    id: str
    party_id: str
    grantor_id: str
    operator: str
    body: bytes
    digest: str
    state: AskState
    created_at: datetime
    expires_at: datetime
    grant_id: str | None = None
    batch_id: str | None = None
    joint_id: str | None = None


@dataclass(frozen=True, slots=True)
class Cessation:
    """What a recipient has to do after a withdrawal.

    Attributes:
        uses: how many uses the grant had.
        due_at: by when it says what it did.
        action, reason, operator, entry_id: what it said; None until then.
    """

    grant_id: str
    party_id: str
    uses: int
    asked_at: datetime
    due_at: datetime
    acknowledged_at: datetime | None
    action: str | None
    reason: str | None
    operator: str | None
    entry_id: str | None

    def state(self, now: datetime) -> str:
        """`acknowledged`, `overdue` or `open`."""
        if self.acknowledged_at is not None:
            return "acknowledged"
        return "overdue" if now >= self.due_at else "open"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided and why.

    Attributes:
        basis: the lawful basis when allowed, else None.
        grant_id: the grant to spend, when that is the basis.
        duty_id: the duty entry, when that is the basis.
        policies: ids of the policies that decided.
        reasons: reason codes of a refusal, the most telling first; empty when allowed.
        policy_version: SHA-256 of schema and policies, hexadecimal.
        emergency_id: the break-glass, when that is the basis.
    """

    allowed: bool
    basis: Basis | None
    grant_id: str | None
    duty_id: str | None
    policies: tuple[str, ...]
    reasons: tuple[str, ...]
    policy_version: str
    emergency_id: str | None = None


@dataclass(frozen=True, slots=True)
class Foresight:
    """What a use would be answered now.

    Attributes:
        basis: the lawful basis it would rest on; None where it would be refused.
        said: what its refusal would say.
        mode: how far the use could go.
    """

    basis: Basis | None
    said: str | None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """An allowed use.

    Attributes:
        size: bytes of the object.
        sha256, sm3: its digests, hexadecimal.
        closes_at: content is given until then.
        intent_entry_id: log entry `use.intended`.
        intent_promise: the log's signed promise for it, as JSON; only on the value `open` returns.
        outcome_entry_id: log entry `use.completed` or `use.aborted`.
        uses_left: what the grant still allows; only on the value `open` returns.
    """

    id: str
    client_id: str
    jkt: str
    party_id: str
    operator: str
    object_id: str
    holder_id: str
    mode: Mode
    basis: Basis
    grant_id: str | None
    duty_id: str | None
    case_no: str
    item_code: str
    cause: str
    policies: tuple[str, ...]
    policy_version: str
    size: int
    sha256: str
    sm3: str
    state: UseState
    opened_at: datetime
    closes_at: datetime
    intent_entry_id: str
    delivered_at: datetime | None = None
    outcome_entry_id: str | None = None
    intent_promise: dict[str, object] | None = None
    uses_left: int | None = None
    emergency_id: str | None = None


@dataclass(frozen=True, slots=True)
class UseEvent:
    """A line of an object's history: `used`, `completed`, `aborted` or `refused`, with its log entry.

    Attributes:
        reason: the true reason of a refusal; for the owner of the history, not for callers.
    """

    kind: str
    at: datetime
    entry_id: str
    party_id: str
    case_no: str
    use_id: str | None = None
    basis: str | None = None
    grant_id: str | None = None
    reason: str | None = None
