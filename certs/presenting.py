"""亮证 seen from the verifier: a scanned code becomes the fields of the verifier's scope and the status of this moment.

One unit of work, in steps since it is asked often: who may scan, the code, the licence with its status, the record for
both sides. Each rule with what it stops (RELIABILITY Z8):

1. The operator may scan, by a scenario of the organisation that is in force: a terminal without an office.
2. The code is one of ours: a guess, a code of another library.
3. A live code is for this organisation, and this counter where it named one: a screenshot sent elsewhere.
4. The code is not void and in its time: a revoked or replaced sheet, a screenshot of a minute ago.
5. A live code was not used: a second scan. The row is locked, so of two scans at once one comes second.
6. A printed code comes with the identity card of its holder: a found sheet.
7. The scenario has this type of licence.

What is refused is kept with the code, for its holder to see; the log has what was shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from authz.errors import ScenarioRefusedError
from certs import showing
from certs.errors import (
    CodeAudienceError,
    CodeExpiredError,
    CodeUsedError,
    CodeVoidError,
    IdentityCardMismatchError,
    IdentityCardRequiredError,
    NothingToShowError,
    PresentationRefusedError,
    UnknownCodeError,
    UnknownPresentationError,
)
from certs.lifecycle import has_begun, status_on
from certs.masks import bare
from certs.model import CodeKind, LicenceStatus, Presentation
from certs.store import codes, presentations as store
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record
from ledger.steps import together

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.model import Caller, Identifier, Scenario
    from authz.parties import Parties
    from authz.scenarios import Scenarios
    from certs.catalogue import LicenceCatalogue
    from certs.codetext import CodeTexts
    from certs.faces import Content
    from certs.licencetypes import LicenceType
    from certs.model import Code, Licence
    from certs.store.licences import LicenceStore
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.promise import Promise
    from ledger.steps import Steps

REPEATABLE_FOR: Final = timedelta(seconds=60)
"""How long a verifier whose line broke may ask again, with the same key, for what it was shown."""
COMPANY_TYPE: Final = "LT01"
"""What a company code shows where the verifier names nothing: the business licence."""
_LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Scan:
    """What a verifier asks.

    Attributes:
        code: text of the QR code.
        operator: handle.
        counter: where, in the verifier's own naming.
        scenario: code of its published scenario.
        identity: from the identity card beside a printed code.
        licence_type: which licence of a company, LTnn.
    """

    code: str = field(repr=False)
    operator: str
    counter: str
    scenario: str
    identity: Identifier | None = None
    licence_type: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a verifier sees.

    Attributes:
        kind: type of the licence.
        status: that holds now.
        values: of `presentation.fields`; none unless the licence is valid, begun and undisputed.
        holder: pairwise for the verifier.
        others: types of further licences behind a company code, within the scope.
        promise: the log's, for the record; only the first time.
    """

    presentation: Presentation
    licence: Licence
    kind: LicenceType
    status: LicenceStatus
    values: Mapping[str, str | list[str]]
    holder: str
    others: tuple[str, ...] = ()
    promise: Promise | None = None


Answer: TypeAlias = Seen | PresentationRefusedError | Presentation
Held: TypeAlias = "tuple[Licence, Content]"


class Presentations:
    """Answers scans.

    Args:
        texts: of the codes.
        licences, catalogue: what is shown.
        scenarios, parties, holders: who asks, who issued, whose it is.
        evidence: the log.
        clock: tells the time.
    """

    def __init__(
        self,
        texts: CodeTexts,
        licences: LicenceStore,
        catalogue: LicenceCatalogue,
        scenarios: Scenarios,
        parties: Parties,
        holders: Holders,
        evidence: Evidence,
        clock: Clock,
    ) -> None:
        self._texts = texts
        self._licences = licences
        self._catalogue = catalogue
        self._scenarios = scenarios
        self._parties = parties
        self._holders = holders
        self._evidence = evidence
        self._clock = clock

    def scan(self, caller: Caller, scan: Scan, key: str, fingerprint: bytes) -> Steps[Answer]:
        """Show what a code shows, or say why not: the refusal is an answer here, since it is kept in the same unit.

        Most requests are the first of their key, so one before is looked for only when this one is refused.

        Args:
            key: Idempotency-Key; the writing fails by `store.is_repeated` where it was used before.
            fingerprint: SHA-256 of the request.

        Returns:
            What is seen; or the refusal; or, of a request sent again, the record of the first, for `again`.

        Raises:
            UnknownOperatorError, NotPermittedError, ScenarioRefusedError: rules 1 and 7; nothing is kept.
        """
        scenario = yield from self._scenarios.for_scan(caller, scan.operator, scan.scenario)  # 1
        asked: dict[str, Any] = {
            "client": caller.client_id,
            "key": key,
            "party": caller.party_id,
            "operator": scan.operator,
        }
        asked |= {"counter": scan.counter, "scenario": scenario.code, "fingerprint": fingerprint}
        code = None
        try:
            code = yield from codes.by_lookup(self._texts.lookup(scan.code))
            if code is None:
                raise UnknownCodeError  # 2
            yield from self._admit(caller, scan, code)
            held, others = yield from self._behind(scan, code, scenario)
        except PresentationRefusedError as refusal:
            if (before := (yield from store.by_key(caller.client_id, key))) is not None:
                return before
            if code is not None:
                yield together(store.insert(self._refused(refusal, code, asked)), codes.refuse(code.id))
            return refusal
        return (yield from self._show(caller, code, held, scenario, others, asked))

    def again(self, caller: Caller, before: Presentation) -> Steps[Seen]:
        """What a verifier was shown, once more; status and time are of now.

        Args:
            before: found by the verifier's own key.

        Raises:
            CodeExpiredError: that was too long ago.
        """
        held = (yield from self._licences.with_content(before.licence_id)) if before.licence_id else None
        if held is None or self._clock.now() >= before.at + REPEATABLE_FOR:
            raise CodeExpiredError
        return (yield from self._seen(caller, before, *held))

    def find(self, client_id: str, key: str) -> Steps[Presentation | None]:
        """What was shown for a client's key."""
        return store.by_key(client_id, key)

    def of_party(self, db: Connection, caller: Caller, presentation_id: str) -> Presentation:
        """What the caller's organisation was shown: names of fields, no values.

        Raises:
            UnknownPresentationError: there is none; another organisation's looks the same.
        """
        found = store.of_party(db, presentation_id, caller.party_id)
        if found is None:
            raise UnknownPresentationError
        return found

    @staticmethod
    def of_code(db: Connection, code_id: str) -> list[Presentation]:
        """The newest 200 scans of a code, refused ones too; for its holder."""
        return store.of_code(db, code_id, _LISTED)

    @staticmethod
    def of_holder(db: Connection, holder_id: str) -> list[Presentation]:
        """The newest 200 scans of a holder's codes, refused ones too."""
        return store.of_holder(db, holder_id, _LISTED)

    def _admit(self, caller: Caller, scan: Scan, code: Code) -> Steps[None]:
        """Rules 3 to 6."""
        live = code.kind is CodeKind.live
        here = code.audience_counter in {None, scan.counter}
        if live and not (code.audience_org == caller.org_code and here):
            raise CodeAudienceError  # 3
        if code.voided_at is not None:
            raise CodeVoidError  # 4
        if code.used_at is not None:
            raise CodeUsedError  # 5
        if self._clock.now() >= code.expires_at:
            raise CodeExpiredError  # 4
        if code.kind is CodeKind.printed:
            if scan.identity is None:
                raise IdentityCardRequiredError  # 6
            if (yield from self._holders.owner(scan.identity)) != code.holder_id:
                raise IdentityCardMismatchError

    def _behind(self, scan: Scan, code: Code, scenario: Scenario) -> Steps[tuple[Held, tuple[str, ...]]]:
        """The licence to show, locked against a change of status, and which others there are. Rule 7."""
        others: tuple[str, ...] = ()
        if code.licence_id is not None:
            found = yield from self._licences.with_content(code.licence_id, lock="share")
        else:
            wanted = scan.licence_type or COMPANY_TYPE
            held = yield from store.types_of_company(code.holder_id)
            kinds = (self._catalogue.type(each) for each in held)
            # A type that is conditional by now is no longer shown by a sign on a wall.
            others = tuple(kind.code for kind in kinds if kind.share_class == "O" and showing.covers(scenario, kind))
            found = (yield from self._of_company(code.holder_id, wanted)) if wanted in others else None
            others = tuple(each for each in others if each != wanted)
        if found is None:
            raise NothingToShowError
        licence = found[0]
        if code.kind is CodeKind.printed and not licence.is_current_version:
            raise CodeVoidError  # the licence was reissued, so must be the sheet
        if not showing.covers(scenario, self._catalogue.type(licence.type_code)):
            raise ScenarioRefusedError
        return found, others

    def _of_company(self, holder_id: str, type_code: str) -> Steps[Held | None]:
        newest = yield from self._licences.of_holder(holder_id, [type_code], limit=1)
        return (yield from self._licences.with_content(newest[0].id, lock="share")) if newest else None

    def _show(
        self,
        caller: Caller,
        code: Code,
        held: Held,
        scenario: Scenario,
        others: tuple[str, ...],
        asked: Mapping[str, Any],
    ) -> Steps[Seen]:
        now, licence = self._clock.now(), held[0]
        kind = self._catalogue.type(licence.type_code)
        status = status_on(licence, now)
        is_good = status is LicenceStatus.valid and not licence.frozen and has_begun(licence, now)
        names = showing.selected(kind, scenario, code, caller.party_kind) if is_good else ()
        shown = Presentation(
            id=new_id(),
            code_id=code.id,
            code_kind=code.kind.value,
            holder_id=code.holder_id,
            licence_id=licence.id,
            client_id=caller.client_id,
            key=asked["key"],
            party_id=caller.party_id,
            operator=asked["operator"],
            counter=asked["counter"],
            scenario=scenario.code,
            reason=None,
            fields=names,
            status=status.value,
            at=now,
            entry_id=None,
            fingerprint=asked["fingerprint"],
        )
        seen = yield from self._seen(caller, shown, *held)
        parties = {
            "requester": caller.org_code,
            "operator": shown.operator,
            "counter": shown.counter,
            "scenario": scenario.code,
            "scenarios": scenario.version,
            "presentation": shown.id,
            "licence": licence.id,
            "licence_id": licence.licence_id,
            "fields": list(names),
            "status": status.value,
            "holder": seen.holder,
            "code_kind": code.kind.value,
        }
        record = Record({"type": "licence.presented", "time": rfc3339(now)}, parties)
        promise, writes = self._evidence.prepare(record)
        row = {**asked, "id": shown.id, "code": code.id, "holder": code.holder_id, "licence": licence.id}
        row |= {"reason": None, "fields": list(names), "status": status.value, "at": now, "entry": promise.entry_id}
        spent = [codes.use(code.id, now)] if code.kind is CodeKind.live else []
        yield together(store.insert(row), *spent, *writes)
        recorded = replace(shown, entry_id=promise.entry_id)
        return replace(seen, presentation=recorded, others=others, promise=promise)

    def _seen(self, caller: Caller, shown: Presentation, licence: Licence, content: Content) -> Steps[Seen]:
        """What the fields of a presentation say now."""
        now = self._clock.now()
        kind = self._catalogue.type(licence.type_code)
        status = status_on(licence, now)
        values: Mapping[str, str | list[str]] = {}
        if shown.fields and status is LicenceStatus.valid and not licence.frozen:
            # The issuer's name costs a question of its own, so it is asked where it is seen.
            names_issuer = any(bare(each) in {"issuer_name", "issuer_code"} for each in shown.fields)
            issuer = (yield from self._parties.known(licence.issuer_party_id)) if names_issuer else None
            values = showing.values(kind, shown.fields, licence, content, issuer, status)
        holder = self._holders.pairwise(shown.holder_id, caller.party_id)
        return Seen(shown, licence, kind, status, values, holder)

    def _refused(self, refusal: PresentationRefusedError, code: Code, asked: Mapping[str, Any]) -> dict[str, Any]:
        row = {**asked, "id": new_id(), "code": code.id, "holder": code.holder_id, "licence": code.licence_id}
        row |= {"reason": refusal.code}
        return row | {"fields": [], "status": None, "at": self._clock.now(), "entry": None}
