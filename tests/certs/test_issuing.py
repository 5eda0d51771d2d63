"""Issuing: one act that writes all of a licence, or nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from authz.errors import InvalidIdentityError, NotPermittedError, UnknownOperatorError
from certs.credentials.statuslist import Status
from certs.errors import (
    CertsError,
    FaceInvalidError,
    HolderKindError,
    IssuerNotListedError,
    LicenceFrozenError,
    LicenceIdError,
    LicenceNoInvalidError,
    LicenceNoTakenError,
    LicenceOverlapError,
    LicencePeriodError,
    LicenceTransitionError,
    NotCurrentVersionError,
    RelatedPersonError,
    SecondLicenceError,
    UnknownLicenceError,
    UnknownLicenceTypeError,
)
from certs.facts import Related
from certs.licenceid import LicenceId
from certs.model import LicenceStatus, Operation
from certs.store import statuslists
from ledger.steps import run
from tests.certs.world import CHEN, FACES, FIRM, LIN, OTHER_FIRM, PREMISES, Library

TABLES = ("certs.licence", "certs.licence_holder", "certs.licence_event", "certs.representation", "ledger.entry")


def nothing_written(library: Library, before: dict[str, int]) -> bool:
    return {name: library.count(name) for name in TABLES} == before


def counts(library: Library) -> dict[str, int]:
    return {name: library.count(name) for name in TABLES}


class TestIssue:
    def test_writes_the_licence(self, library: Library) -> None:
        held = library.issue("LT01")
        assert (held.status, held.version, held.is_current_version) == (LicenceStatus.valid, 1, True)
        assert held.holder_ids == (library.holder(FIRM),)
        assert held.pdf is not None
        assert held.ofd is not None
        parsed = LicenceId.parse(held.licence_id)
        assert (parsed.type_code, parsed.issuer_code) == ("11100000MB0143028R901", "11310113XX00000A2R")

    def test_writes_the_entry(self, library: Library) -> None:
        held = library.issue("LT01")
        fact, parties = library.opened(held.entry_id)
        assert held.pdf is not None
        assert held.ofd is not None
        assert fact["type"] == "licence.issued"
        assert (fact["digests"], fact["size"]) == ({"sha256": held.pdf.sha256, "sm3": held.pdf.sm3}, held.pdf.size)
        assert parties == {
            "requester": "11310113XX00000A2R",
            "operator": "bs-002",
            "licence": held.id,
            "licence_id": held.licence_id,
            "licence_type": "LT01",
            "version": 1,
            "operation": "01",
            "predecessor": None,
            "holders": [library.holders.pairwise(held.holder_ids[0], library.issuer.party_id)],
            "ofd": {"sha256": held.ofd.sha256, "sm3": held.ofd.sm3},
            "credential": held.credential_sha256,
            "valid_from": held.valid_from.isoformat(),
            "valid_to": None,
        }

    def test_keeps_nothing_personal_in_clear(self, library: Library) -> None:
        library.issue("LT05", licence_no=CHEN[2])
        with library.database.unit() as db:
            rows = db.execute(text("SELECT to_jsonb(l) FROM certs.licence l")).scalars().all()
        shown = str(rows)
        for word in (CHEN[0], CHEN[2], PREMISES[:6]):
            assert word not in shown
            assert word.encode().hex() not in shown

    def test_reads_back_face_and_credential(self, library: Library) -> None:
        held = library.issue("LT05")
        with library.database.unit() as db:
            content, credential = run(db, library.store.content(held.id)), run(db, library.store.credential(held.id))
        assert content is not None
        assert (dict(content.face), content.holders) == (FACES["LT05"], (CHEN,))
        assert content.digests() == (held.face_sha256, held.face_sm3)
        assert credential is not None
        assert credential.endswith(held.id)

    def test_tells_users_and_history(self, library: Library) -> None:
        held = library.issue()
        assert [each["licence_id"] for each in library.messages()] == [held.id]
        with library.database.unit() as db:
            (event,) = run(db, library.store.events(held.id))
        assert (event.operation, event.status, event.entry_id) == (Operation.issue, LicenceStatus.valid, held.entry_id)

    def test_takes_a_licence_in_from_elsewhere(self, library: Library) -> None:
        origin = "1.2.156.3005.2.11100000MB0143028R999.11310113XX00000A2R.BS2026000000001.001.7"
        plan = library.plan(operation=Operation.transfer_in, origin_id=origin)
        assert plan.sheet.related_licence_id == origin
        assert library.opened(library.record(plan).entry_id)[1]["operation"] == "08"


class TestBadInput:
    @pytest.mark.parametrize(
        ("code", "changes", "error"),
        [
            ("LT01", {"type_code": "LT99"}, UnknownLicenceTypeError),
            ("LT01", {"operator": "window"}, NotPermittedError),
            ("LT01", {"operator": "nobody"}, UnknownOperatorError),
            ("LT01", {"licence_no": ""}, LicenceNoInvalidError),
            ("LT01", {"licence_no": "x" * 65}, LicenceNoInvalidError),
            ("LT01", {"holders": (CHEN,)}, HolderKindError),
            ("LT05", {"holders": (("陈安澜", "111", "310199199001010019"),)}, InvalidIdentityError),
            ("LT01", {"face": FACES["LT01"] | {"domicile": ""}}, FaceInvalidError),
            ("LT05", {"face": FACES["LT05"] | {"born_on": "1991-01-01"}}, FaceInvalidError),
            ("LT12", {"valid_to": None}, LicencePeriodError),
            ("LT12", {"valid_to": date(2027, 1, 1)}, LicencePeriodError),
            ("LT01", {"valid_to": date(2020, 1, 1)}, LicencePeriodError),
            ("LT01", {"related": ()}, RelatedPersonError),
            ("LT01", {"related": (Related("legal_representative", LIN),)}, RelatedPersonError),
            ("LT01", {"related": (Related("guardian", CHEN),)}, RelatedPersonError),
            ("LT01", {"operation": Operation.renew}, LicenceTransitionError),
            ("LT01", {"operation": Operation.suspend}, LicenceTransitionError),
            ("LT01", {"predecessor": "0194e5a0-0000-7000-8000-000000000001"}, LicenceTransitionError),
            (
                "LT01",
                {"operation": Operation.change, "predecessor": "0194e5a0-0000-7000-8000-000000000001"},
                UnknownLicenceError,
            ),
            ("LT01", {"operation": Operation.transfer_in, "origin_id": "1.2.3"}, LicenceIdError),
        ],
    )
    def test_is_refused_and_leaves_nothing(
        self, library: Library, code: str, changes: dict[str, Any], error: type[Exception]
    ) -> None:
        before = counts(library)
        with pytest.raises(error):
            library.plan(code, **changes)
        assert nothing_written(library, before)

    def test_a_type_the_organisation_does_not_issue(self, library: Library) -> None:
        with library.database.unit() as db:
            db.execute(text("DELETE FROM certs.issuer WHERE type_code = 'LT05'"))
        with pytest.raises(IssuerNotListedError):
            library.plan("LT05")


class TestSecondLicence:
    def test_is_refused_where_a_holder_has_one(self, library: Library) -> None:
        library.issue("LT01")
        with pytest.raises(SecondLicenceError):
            library.plan("LT01")

    def test_is_refused_from_another_issuer_too(self, library: Library) -> None:
        library.issue("LT01")
        with pytest.raises(SecondLicenceError):
            library.plan("LT01", library.elsewhere, operator="qp-002")

    def test_is_refused_while_the_first_is_suspended(self, library: Library) -> None:
        library.change(library.issue("LT01"), Operation.suspend)
        with pytest.raises(SecondLicenceError):
            library.plan("LT01")

    def test_is_let_after_the_first_was_cancelled(self, library: Library) -> None:
        library.change(library.issue("LT01"), Operation.cancel, to=LicenceStatus.cancelled)
        assert library.issue("LT01").version == 1

    def test_is_refused_for_the_same_premises(self, library: Library) -> None:
        library.issue("LT12")
        spaced = FACES["LT12"] | {"premises": PREMISES.replace("8", "８").replace("路", "路 ")}
        with pytest.raises(LicenceOverlapError):
            library.plan("LT12", face=spaced)

    def test_is_let_for_other_premises(self, library: Library) -> None:
        library.issue("LT12")
        assert library.issue("LT12", face=FACES["LT12"] | {"premises": "上海市宝山区另一路 1 号"})

    def test_number_stands_once(self, library: Library) -> None:
        library.issue("LT12", licence_no="JY23101139900011")
        other = FACES["LT12"] | {"premises": "上海市宝山区另一路 1 号"}
        with pytest.raises(LicenceNoTakenError):
            library.plan("LT12", licence_no="JY23101139900011", holders=(OTHER_FIRM,), face=other)

    def test_of_two_at_once_one_wins(self, library: Library) -> None:
        plans = [library.plan("LT01") for _ in range(4)]
        before = counts(library)

        def attempt(plan: Any) -> bool:
            try:
                library.record(plan)
            except SecondLicenceError:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(attempt, plans)) == [False, False, False, True]
        assert library.count("certs.licence") == before["certs.licence"] + 1

    def test_one_that_ran_out_makes_way(self, library: Library) -> None:
        old = library.issue("LT12")
        library.clock.at += timedelta(days=366 * 5)
        assert library.issue("LT12").status is LicenceStatus.valid
        ended = library.get(old.id)
        assert (ended.status, ended.status_reason) == (LicenceStatus.lapsed, "ran-out")
        assert library.opened(ended.changed_entry_id or "")[1]["operation"] == "04"


class TestVersions:
    def test_names_the_one_before(self, library: Library) -> None:
        old = library.issue("LT01")
        new = library.issue("LT01", operation=Operation.change, predecessor=old.id, licence_no=old.licence_no)
        ended = library.get(old.id)
        assert (new.version, new.predecessor_id, new.first_id) == (2, old.id, old.id)
        assert LicenceId.parse(new.licence_id) == LicenceId.parse(old.licence_id).next_version()
        assert (ended.status, ended.status_reason, ended.successor_id) == (LicenceStatus.lapsed, "superseded", new.id)
        assert not ended.is_current_version
        fact, parties = library.opened(ended.changed_entry_id or "")
        assert fact["type"] == "licence.changed"
        assert (parties["operation"], parties["status"], parties["issued_entry"]) == ("09", "05", old.entry_id)
        assert library.opened(new.entry_id)[1]["predecessor"] == old.id

    def test_ends_the_place_in_the_status_list(self, library: Library) -> None:
        old = library.issue("LT01")
        new = library.issue("LT01", operation=Operation.change, predecessor=old.id)
        assert shown(library, old) is Status.invalid
        assert shown(library, new) is Status.valid

    def test_has_one_successor(self, library: Library) -> None:
        old = library.issue("LT01")
        plans = [library.plan("LT01", operation=Operation.change, predecessor=old.id) for _ in range(2)]
        new = library.record(plans[0])
        with pytest.raises(NotCurrentVersionError) as refused:
            library.record(plans[1])
        assert refused.value.fields["current"] == new.id

    def test_renews_what_ran_out(self, library: Library) -> None:
        old = library.issue("LT12")
        library.clock.at += timedelta(days=366 * 5)
        assert library.issue("LT12", operation=Operation.renew, predecessor=old.id).version == 2

    @pytest.mark.parametrize(
        ("operation", "days", "error"),
        [
            (Operation.change, -1, LicenceOverlapError),
            (Operation.renew, 0, LicenceOverlapError),
            (Operation.renew, 1, LicenceOverlapError),
        ],
    )
    def test_refuses_a_period_that_overlaps(
        self, library: Library, operation: Operation, days: int, error: type[CertsError]
    ) -> None:
        old = library.issue("LT01")
        with pytest.raises(error):
            library.plan(
                "LT01", operation=operation, predecessor=old.id, valid_from=old.valid_from + timedelta(days=days)
            )

    def test_refuses_another_holder(self, library: Library) -> None:
        old = library.issue("LT01")
        with pytest.raises(HolderKindError):
            library.plan("LT01", operation=Operation.change, predecessor=old.id, holders=(OTHER_FIRM,))

    def test_refuses_a_suspended_one(self, library: Library) -> None:
        old = library.change(library.issue("LT01"), Operation.suspend)
        with pytest.raises(LicenceTransitionError):
            library.plan("LT01", operation=Operation.change, predecessor=old.id)

    def test_refuses_another_issuers(self, library: Library) -> None:
        old = library.issue("LT01")
        with pytest.raises(UnknownLicenceError):
            library.plan("LT01", library.elsewhere, operation=Operation.change, predecessor=old.id, operator="qp-002")

    def test_a_disputed_one_is_corrected_and_not_renewed(self, library: Library) -> None:
        old = library.issue("LT12")
        with library.database.unit() as db:
            library.changes.freeze(db, old.id, frozen=True)
        library.clock.at += timedelta(days=30)
        with pytest.raises(LicenceFrozenError):
            library.plan("LT12", operation=Operation.renew, predecessor=old.id)
        corrected = library.issue(
            "LT12", operation=Operation.change, predecessor=old.id, valid_from=old.valid_from, valid_to=old.valid_to
        )
        assert not corrected.frozen


def shown(library: Library, licence: Any) -> Status:
    """What the status list says."""
    list_id, index = licence.status_list
    with library.database.unit() as db:
        return Status(dict(statuslists.changes(db, list_id, None)[1]).get(index, 0))
