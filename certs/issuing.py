"""Issuing (同步制发): one act makes record, files, credential and log entry of a licence, or of its next version.

Three steps, since nothing outside runs inside a unit of work. `plan` judges the draft and gives out id and status
place; `certs.making` makes files and credential and stores them; `record` judges again under locks and writes all of it
in one unit, whose commit is the acknowledgement. What is refused leaves nothing: a number or place given out is not
used again, a stored file without its row can never be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError

from authz.identifiers import check_code
from authz.model import Act, HolderKind, Identifier
from certs import composite, drafts, faces
from certs.drafts import ISSUED, Judged, Plan
from certs.errors import (
    FaceInvalidError,
    HolderKindError,
    IssuerNotListedError,
    LicenceFrozenError,
    LicenceNoTakenError,
    LicenceOverlapError,
    LicenceTransitionError,
    NotCurrentVersionError,
    SecondLicenceError,
    UnknownLicenceError,
)
from certs.faces import ORGANISATION_TYPES, Content
from certs.facts import check_related, stated
from certs.licenceid import LicenceId
from certs.lifecycle import MAKES, MAKES_VERSION, check_new_version, day_of, status_on
from certs.model import LicenceEvent, LicenceStatus, Operation, Sheet
from certs.store import composites, issuers, statuslists
from certs.store.licences import NewLicence, refusal
from ledger import outbox
from ledger.ids import new_id
from ledger.objects import ObjectStore
from ledger.steps import execute, run, together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.holders import Holders
    from authz.model import Caller
    from authz.parties import Parties
    from certs.catalogue import LicenceCatalogue
    from certs.changes import Changes
    from certs.drafts import Draft, Prepared
    from certs.faces import Holder
    from certs.facts import Fact
    from certs.licencetypes import LicenceType
    from certs.model import Face, Licence
    from certs.store.licences import LicenceStore
    from ledger.clock import Clock
    from ledger.evidence import Evidence, Promise
    from ledger.steps import Statement

VERSIONED: Final = "licence.versioned"
"""Kind of the outbox message that a licence has a changed version, for what follows it."""


class Issuing:
    """Issues licences and their versions."""

    def __init__(
        self,
        catalogue: LicenceCatalogue,
        licences: LicenceStore,
        changes: Changes,
        evidence: Evidence,
        holders: Holders,
        parties: Parties,
        counter: Counter,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._licences = licences
        self._changes = changes
        self._evidence = evidence
        self._holders = holders
        self._parties = parties
        self._counter = counter
        self._clock = clock

    def plan(self, db: Connection, caller: Caller, draft: Draft) -> Plan:
        """Judge a draft and give it its id and its place in a status list; nothing else is written.

        Raises:
            UnknownOperatorError, NotPermittedError, UnknownLicenceTypeError, IssuerNotListedError: as they say.
            LicenceNoInvalidError, HolderKindError, InvalidIdentityError: the number, the holders.
            FaceInvalidError, RelatedPersonError, CompositeMembersError: what stands on its face.
            LicencePeriodError, LicenceOverlapError: its period.
            SecondLicenceError, LicenceNoTakenError: one is there already.
            UnknownLicenceError, NotCurrentVersionError, LicenceTransitionError, LicenceFrozenError: the version before.
        """
        judged, now = self._judge(db, caller, draft), self._clock.now()
        issuer = self._parties.party(db, caller.party_id)
        before, origin = judged.before, draft.origin_id
        if before is not None:
            licence_id = LicenceId.parse(before.licence_id).next_version()
        else:
            serial = f"{caller.division}{day_of(now).year}{run(db, issuers.next_serial()):09d}"
            licence_id = LicenceId.make(judged.kind.type_code, issuer.org_code, serial)
        sheet = Sheet(
            type=judged.kind,
            licence_id=str(licence_id),
            licence_no=draft.licence_no,
            version=licence_id.version,
            issuer_name=issuer.name,
            issuer_code=issuer.org_code,
            holders=draft.holders,
            face=judged.face,
            issue_date=day_of(now),
            valid_from=draft.valid_from,
            valid_to=judged.valid_to,
            related_licence_id=before.licence_id if before else origin and str(LicenceId.parse(origin)),
        )
        content = Content.fresh(draft.holders, judged.face)
        return Plan(new_id(), now, draft, sheet, content, statuslists.allocate(db, 1, now)[0])

    def record(self, db: Connection, caller: Caller, plan: Plan, prepared: Prepared) -> tuple[Licence, Promise]:
        """Write a planned licence whose files are stored; the caller's commit is the acknowledgement.

        Raises:
            As `plan`, where something changed meanwhile.
            RepresentationOverlapError: another authority says that somebody else leads the firm.
        """
        draft = plan.draft
        holder_ids = tuple(self._register(db, each) for each in draft.holders)
        people = [(each.kind, self._register(db, each.person)) for each in draft.related]
        judged = self._judge(db, caller, draft, lock=True)
        if judged.before is not None:
            self._changes.supersede(db, judged.before, draft.operation, draft.operator)
        pairwise = [self._holders.pairwise(each, caller.party_id) for each in holder_ids]
        promise = self._evidence.append(db, drafts.issued(plan, judged, prepared, caller.org_code, pairwise))
        licence = drafts.licence(plan, judged, prepared, caller, holder_ids, promise.entry_id)
        slot = self._licences.slot(judged.kind, plan.content)
        new = NewLicence(licence, caller.org_code, plan.content, slot, prepared.credential)
        stored = [*ObjectStore.record(prepared.pdf), *ObjectStore.record(prepared.ofd)]
        self._insert(db, judged.kind, together(*stored, *self._licences.insert(new)))
        if judged.before is not None:
            execute(db, self._licences.succeed(judged.before.id, licence.id))
        if judged.members:
            execute(db, composites.add(licence.id, [each.first_id for each in judged.members]))
        self._follow(db, licence, draft, stated(judged.kind, holder_ids, draft.holders, people))
        return licence, promise

    def _follow(self, db: Connection, licence: Licence, draft: Draft, facts: Sequence[Fact]) -> None:
        """What comes with a written licence: its history, facts of representation, and who must hear of it."""
        event = LicenceEvent(
            licence.issued_at,
            draft.operation,
            licence.status,
            ISSUED,
            licence.issuer_party_id,
            draft.operator,
            licence.entry_id,
        )
        execute(db, self._licences.event(licence.id, event))
        self._changes.facts.apply(db, licence, facts, draft.operator)
        self._changes.tell(db, licence, licence.status, draft.operation, licence.entry_id)
        self._changes.settle_composites(db, licence.first_id)
        if draft.operation is Operation.change:
            outbox.emit(db, VERSIONED, licence.id, {"licence_id": licence.id}, self._clock.now())

    # Judging

    def _judge(self, db: Connection, caller: Caller, draft: Draft, *, lock: bool = False) -> Judged:
        """Everything that can be wrong with a draft.

        Args:
            lock: in the unit that writes: what was judged stays so until it ends, and what ran out is written down.
        """
        self._counter.let(db, caller, draft.operator, Act.issue)
        kind = self._catalogue.type(draft.type_code)
        if not run(db, issuers.issues(caller.party_id, kind.code)):
            raise IssuerNotListedError(type=kind.code)
        drafts.check_number(draft.licence_no)
        holder_kind = faces.check_holders(kind, draft.holders)
        holders = [self._holders.resolve(db, Identifier(code_type, code)) for _, code_type, code in draft.holders]
        before = self._predecessor(db, caller, draft, "update" if lock else "")
        if before is not None and list(before.holder_ids) != holders:
            raise HolderKindError(problem="not the holders of the version before")
        members = self._members(db, draft, holders, "share" if lock else "")
        latest = composite.check_members(kind, self._catalogue, members, self._clock.now())
        valid_to = draft.valid_to or latest
        if latest is not None and valid_to is not None and valid_to > latest:
            raise LicenceOverlapError(problem="outlives a member")
        kind.validity.check(draft.valid_from, valid_to, carried=before is not None)
        judged = Judged(kind, holder_kind, before, tuple(members), self._face(db, draft, members), valid_to)
        self._refuse_rivals(db, caller, draft, judged, [each for each in holders if each], lapse=lock)
        return judged

    def _predecessor(self, db: Connection, caller: Caller, draft: Draft, lock: str) -> Licence | None:
        """The version that a renewal or change replaces, checked; None for a new licence."""
        makes_version = draft.operation in MAKES_VERSION
        if not (makes_version or draft.operation in MAKES) or makes_version != (draft.predecessor is not None):
            raise LicenceTransitionError(operation=draft.operation.value, problem="predecessor")
        if draft.predecessor is None:
            return None
        held = run(db, self._licences.get(draft.predecessor, lock=lock))
        if held is None or held.issuer_party_id != caller.party_id or held.type_code != draft.type_code:
            raise UnknownLicenceError
        if held.successor_id is not None:
            raise NotCurrentVersionError(current=held.successor_id)
        now = self._clock.now()
        check_new_version(draft.operation, status_on(held, now))
        if held.frozen and draft.operation is not Operation.change:  # a dispute is answered by a corrected version
            raise LicenceFrozenError
        # The next version holds from its issue: one that began later would leave days without a licence.
        if draft.valid_from > day_of(now):
            raise LicenceOverlapError(problem="begins after today")
        again = draft.operation is Operation.renew and draft.valid_from == held.valid_from
        if again or draft.valid_from < held.valid_from:
            raise LicenceOverlapError(problem="begins before the version it replaces")
        return held

    def _members(self, db: Connection, draft: Draft, holders: Sequence[str | None], lock: str) -> list[Licence]:
        found = []
        for each in draft.members[: composite.MAX_MEMBERS + 1]:
            held = run(db, self._licences.get(each, lock=lock))
            # A licence of somebody else must not show by another refusal whether it exists.
            if held is None or set(held.holder_ids) != set(holders):
                raise UnknownLicenceError
            found.append(held)
        return found

    def _face(self, db: Connection, draft: Draft, members: Sequence[Licence]) -> Face:
        kind, given = self._catalogue.type(draft.type_code), dict(draft.face)
        if kind.composite:
            given["members"] = composite.listed(self._catalogue, members)
        face = faces.check_face(kind, given, self._lacking(db, kind, draft))
        wrong = faces.contradictions(draft.holders, face)
        if wrong:
            raise FaceInvalidError(field=wrong[0], problem="contradicts the holder")
        check_related(kind, face, draft.related)
        for each in draft.related:
            check_code(each.person[1], each.person[2])
        return face

    def _lacking(self, db: Connection, kind: LicenceType, draft: Draft) -> frozenset[str]:
        """Fields that the type got since the licence was issued: a change goes on without them, a renewal does not."""
        if not kind.extended or draft.predecessor is None or draft.operation is not Operation.change:
            return frozenset()
        content = run(db, self._licences.content(draft.predecessor))
        held = content.face if content is not None else {}
        return frozenset(each.name for each in kind.fields if each.since and each.name not in held)

    def _refuse_rivals(
        self, db: Connection, caller: Caller, draft: Draft, judged: Judged, holders: Sequence[str], *, lapse: bool
    ) -> None:
        """Refuse a second standing licence; one whose time ran out makes way, and in the unit it is written down."""
        kind, now = judged.kind, self._clock.now()
        mac = self._licences.number_mac(kind.code, caller.org_code, draft.licence_no)
        slot = self._licences.slot(kind, Content.fresh(draft.holders, judged.face))
        for rival in run(db, self._licences.rivals(mac, holders, slot)):
            if judged.before is not None and rival.id == judged.before.id:
                continue
            if status_on(rival, now) is LicenceStatus.lapsed:
                held = run(db, self._licences.get(rival.id, lock="update")) if lapse else None
                if held is not None and held.status.is_standing:
                    self._changes.lapse(db, held)
                continue
            if rival.licence_no == draft.licence_no and rival.issuer_party_id == caller.party_id:
                raise LicenceNoTakenError
            raise SecondLicenceError if kind.unique_per_holder else LicenceOverlapError(problem="same object")

    def _register(self, db: Connection, holder: Holder) -> str:
        name, code_type, code = holder
        kind = HolderKind.organisation if code_type in ORGANISATION_TYPES else HolderKind.person
        return self._holders.register(db, kind, name, [Identifier(code_type, code)])

    @staticmethod
    def _insert(db: Connection, kind: LicenceType, statement: Statement) -> None:
        try:
            execute(db, statement)
        except IntegrityError as error:
            known = refusal(error.orig, kind) if isinstance(error.orig, UniqueViolation) else None
            if known is not None:
                raise known from error
            raise
