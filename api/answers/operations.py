"""Answers to who keeps a node: organisations, access, deliveries (`api.routes.parties`, `partyaccess`, `outbox`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.answers.base import Answer, Moment

PartyKind = Literal["government", "enforcement", "social"]
Standing = Literal["waiting", "failing", "dead"]


class PartyOut(Answer):
    """An organisation of the exchange."""

    party_id: str
    kind: PartyKind
    name: str
    org_code: str
    division: str
    state: Literal["active", "suspended"]


class PartiesOut(Answer):
    """Organisations of the exchange."""

    parties: list[PartyOut]


class ContactOut(Answer):
    """Whom to call."""

    name: str
    phone: str
    email: str


class CredentialOut(Answer):
    """A key or certificate of a client."""

    name: str
    kind: str
    thumbprint: str
    created_at: Moment
    not_after: Moment | None


class ClientOut(Answer):
    """A client of an organisation."""

    client_id: str
    scopes: list[str]
    credentials: list[CredentialOut]


class UsedOut(Answer):
    """What an organisation used of one thing, and may."""

    what: str
    used: int
    limit: int
    until: Moment


class FullPartyOut(PartyOut):
    """An organisation with its clients and what it used."""

    contact: ContactOut | None
    clients: list[ClientOut]
    usage: list[UsedOut]


class ApplicationOut(Answer):
    """An application to join."""

    application_id: str
    state: Literal["filed", "open", "approved", "refused"]
    kind: PartyKind
    name: str
    org_code: str
    division: str
    client_id: str
    scopes: list[str]
    operators: dict[str, list[str]]
    basis: str
    keys: list[str]
    certificates: list[str]
    filed_by: str
    filed_at: Moment
    decided_by: str | None
    decided_at: Moment | None
    reason: str | None
    party_id: str | None


class StaffLoginOut(Answer):
    """The account of a member of staff was given or taken away."""

    party_id: str
    handle: str


class ApplicationsOut(Answer):
    """Applications to join."""

    applications: list[ApplicationOut]


class CountedOut(Answer):
    """What organisations of a kind used on a day."""

    kind: PartyKind
    day: str
    what: str
    amount: int
    organisations: int


class StatisticsOut(Answer):
    """What organisations used, by kind and day."""

    statistics: list[CountedOut]


class TriedOut(Answer):
    """A step that an organisation's system tried in the sandbox."""

    name: str
    passed: bool
    zh: str
    en: str
    seen: str | None = None


class SelfCheckOut(Answer):
    """What an organisation's system tried in the sandbox."""

    report_id: str
    client_id: str
    passed: bool
    at: Moment
    steps: list[TriedOut]


class SelfChecksOut(Answer):
    """What an organisation's systems tried in the sandbox."""

    reports: list[SelfCheckOut]


class AccessOut(Answer):
    """A request for a conditionally shared type (有条件共享)."""

    access_request_id: str
    state: Literal["open", "overdue", "approved", "refused", "ended"]
    organisation: str
    org_code: str
    kind: PartyKind
    provider: str
    provider_code: str
    type_code: str
    item_code: str
    purpose: str
    basis: str
    asked_at: Moment
    due_at: Moment
    answered_at: Moment | None
    reason: str | None
    entry_id: str
    answer_entry_id: str | None


class AccessesOut(Answer):
    """What an organisation asked for, and what it is asked for."""

    asked: list[AccessOut]
    to_answer: list[AccessOut]


class OverdueOut(Answer):
    """Access requests that nobody answered in time."""

    access_requests: list[AccessOut]


class ProviderOut(Answer):
    """Who decides on the access to a type."""

    type_code: str
    org_code: str
    organisation: str


class ProvidersOut(Answer):
    """Who decides on the access to which type."""

    providers: list[ProviderOut]


class PileOut(Answer):
    """Deliveries of a kind that stand alike."""

    kind: str
    standing: Standing
    messages: int
    oldest: Moment
    attempts: int


class PilesOut(Answer):
    """What is to be delivered, by kind."""

    kinds: list[PileOut]


class MessageOut(Answer):
    """One delivery; never what is in it."""

    message_id: int
    kind: str
    standing: Standing
    attempts: int
    created_at: Moment
    next_at: Moment | None
    given_up_at: Moment | None
    error: str | None


class MessagesOut(Answer):
    """A page of deliveries."""

    messages: list[MessageOut]
    next: int | None


class ReplayedOut(Answer):
    """Deliveries that begin anew."""

    kind: str
    messages: Annotated[int, Field(description="how many")]
