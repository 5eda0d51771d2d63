"""异议: a claim freezes, the issuer answers in time, and whoever relied on the licence hears of a correction."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from authz.errors import IdTokenRefusedError, NotPermittedError, SignerNotHolderError
from authz.noticekinds import NoticeKind
from authz.vault import digest_of
from authz.workdays import Workdays
from certs.errors import (
    CorrectionMissingError,
    DisputeClosedError,
    DisputeOpenError,
    InvalidRequestError,
    LicenceFrozenError,
    NotCurrentVersionError,
    UnknownDisputeError,
    UnknownLicenceError,
)
from certs.model import DisputeState, LicenceStatus, Operation
from ledger.db import Database
from ledger.ids import new_id
from tests.certs.shows import ANSWER_DAYS, Shows
from tests.certs.world import CHEN, FACES, XU

CLAIM = "住址登记有误,已于 2026 年 3 月迁入 5 号 101 室"
ANSWER = "经核对档案,登记无误"


@pytest.fixture
def shows(database: Database) -> Shows:
    return Shows(database)


@pytest.fixture
def card(shows: Shows) -> Any:
    """An identity card of 陈安澜."""
    return shows.issue("LT05")


def dispute(shows: Shows, licence: Any, person: Any = CHEN, **terms: Any) -> Any:
    request = shows.request("dispute", licence.id, **({"claim": CLAIM, "fields": ["address"]} | terms))
    with shows.database.unit() as db:
        return shows.disputes.open(db, request, shows.token(request.digest, person))


def answer(shows: Shows, held: Any, *, corrected: bool = False, **changes: Any) -> Any:
    whole = {"caller": shows.issuer, "answer": ANSWER, "operator": "bs-002"} | changes
    with shows.database.unit() as db:
        return shows.disputes.answer(db, whole.pop("caller"), held.id, corrected=corrected, **whole)


def withdraw(shows: Shows, held: Any, person: Any = CHEN) -> Any:
    request = shows.request("withdraw-dispute", held.id)
    with shows.database.unit() as db:
        return shows.disputes.withdraw(db, request, shows.token(request.digest, person))


def correct(shows: Shows, licence: Any) -> Any:
    face = FACES["LT05"] | {"address": "上海市宝山区示例路 1 弄 5 号 101 室"}
    return shows.issue(
        "LT05", operation=Operation.change, predecessor=licence.id, licence_no=licence.licence_no, face=face
    )


def use(shows: Shows, licence: Any, party: Any) -> None:
    """A use of a licence by a party, as another package records it."""
    row = """
INSERT INTO authz.use_ (id, client_id, key, jkt, party_id, operator, object_id, holder_id, holder_seq, mode, basis,
  case_no, item_code, cause, policies, policy_version, size, sha256, sm3, state, opened_at, closes_at, intent_entry_id)
VALUES (CAST(:id AS uuid), 'c', CAST(:id AS text), 'j', :party, 'o', :licence, :holder, (random() * 1e9)::bigint, 'copy', 'open', 'C', 'I', 'x', '{}',
  'v', 1, 'a', 'b', 'open', now(), now(), CAST(:id AS uuid))"""
    holder = shows.holder(CHEN)
    with shows.database.unit() as db:
        db.execute(text(row), {"id": new_id(), "party": party.party_id, "licence": licence.id, "holder": holder})


class TestOpen:
    def test_freezes_the_licence_and_sets_a_time(self, shows: Shows, card: Any) -> None:
        held = dispute(shows, card)
        assert shows.get(card.id).frozen
        assert (held.state, held.fields) == (DisputeState.open, ("address",))
        assert held.due_at == Workdays().due(held.opened_at, ANSWER_DAYS)
        assert not held.is_overdue(shows.clock.now())

    def test_is_on_the_log_without_the_claim(self, shows: Shows, card: Any) -> None:
        request = shows.request("dispute", card.id, claim=CLAIM, fields=["address"])
        with shows.database.unit() as db:
            held = shows.disputes.open(db, request, shows.token(request.digest))
        fact, parties = shows.opened(held.entry_id)
        assert fact["type"] == "licence.disputed"
        assert (parties["licence"], parties["dispute"], parties["terms"]) == (card.id, held.id, request.digest)
        assert CLAIM not in str(parties)
        assert shows.holder(CHEN) not in str(parties)

    def test_the_claim_is_encrypted_and_the_issuer_reads_it(self, shows: Shows, card: Any) -> None:
        held = dispute(shows, card)
        assert shows.disputes.claim(held) == CLAIM
        with shows.database.unit() as db:
            row = db.execute(text("SELECT d::text FROM certs.dispute d")).scalar_one()
        assert CLAIM not in row
        assert CLAIM.encode().hex() not in row

    def test_users_hear_that_it_is_disputed(self, shows: Shows, card: Any) -> None:
        before = len(shows.messages())
        dispute(shows, card)
        assert [each["licence_id"] for each in shows.messages()[before:]] == [card.id]

    def test_one_stands_at_a_time(self, shows: Shows, card: Any) -> None:
        dispute(shows, card)
        with pytest.raises(DisputeOpenError):
            dispute(shows, card)

    def test_of_two_at_once_one_stands(self, shows: Shows, card: Any) -> None:
        def attempt(_: object) -> str:
            try:
                return str(dispute(shows, card).state.value)
            except DisputeOpenError as error:
                return error.code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(attempt, range(2))) == ["dispute-open", "open"]

    def test_takes_the_holders_signature_over_this_claim(self, shows: Shows, card: Any) -> None:
        with pytest.raises(SignerNotHolderError):
            dispute(shows, card, XU)
        request = shows.request("dispute", card.id, claim=CLAIM, fields=[])
        with shows.database.unit() as db, pytest.raises(IdTokenRefusedError):
            shows.disputes.open(db, request, shows.token(digest_of(b"something else")))
        assert not shows.get(card.id).frozen

    def test_a_request_serves_once(self, shows: Shows, card: Any) -> None:
        request = shows.request("dispute", card.id, claim=CLAIM, fields=[])
        token = shows.token(request.digest)
        with shows.database.unit() as db:
            held = shows.disputes.open(db, request, token)
        answer(shows, held)
        with shows.database.unit() as db, pytest.raises(InvalidRequestError):
            shows.disputes.open(db, request, token)

    def test_is_about_a_field_the_licence_has_and_the_newest_version(self, shows: Shows, card: Any) -> None:
        with pytest.raises(InvalidRequestError):
            dispute(shows, card, fields=["blood_group"])
        correct(shows, card)
        with pytest.raises(NotCurrentVersionError):
            dispute(shows, card)
        with pytest.raises(UnknownLicenceError):
            dispute(shows, replace(card, id=new_id()))


class TestAnswer:
    def test_rejected_thaws_the_licence(self, shows: Shows, card: Any) -> None:
        held = answer(shows, dispute(shows, card))
        assert (held.state, shows.disputes.answer_of(held)) == (DisputeState.rejected, ANSWER)
        assert not shows.get(card.id).frozen
        assert shows.get(card.id).status is LicenceStatus.valid
        fact, parties = shows.opened(held.answer_entry_id)
        assert fact["type"] == "licence.dispute-answered"
        assert (parties["outcome"], parties["overdue"], parties["disputed_entry"]) == ("rejected", False, held.entry_id)
        assert ANSWER not in str(parties)

    def test_nobody_uses_a_frozen_licence_by_another_way(self, shows: Shows, card: Any) -> None:
        shows.change(card, Operation.suspend)
        dispute(shows, card)
        with pytest.raises(LicenceFrozenError):
            shows.change(card, Operation.restore)
        answer(shows, dispute_of(shows))
        assert shows.change(card, Operation.restore).status is LicenceStatus.valid

    def test_corrected_needs_the_correction_first(self, shows: Shows, card: Any) -> None:
        held = dispute(shows, card)
        with pytest.raises(CorrectionMissingError):
            answer(shows, held, corrected=True)
        newer = correct(shows, card)
        assert not newer.frozen
        done = answer(shows, held, corrected=True)
        assert (done.state, done.successor_id) == (DisputeState.corrected, newer.id)
        assert not shows.get(card.id).frozen

    def test_the_end_of_the_licence_is_a_correction_too(self, shows: Shows, card: Any) -> None:
        held = dispute(shows, card, fields=[])
        shows.change(card, Operation.cancel, to=LicenceStatus.revoked)
        done = answer(shows, held, corrected=True)
        assert (done.state, done.successor_id) == (DisputeState.corrected, None)

    def test_is_the_issuers_registrars(self, shows: Shows, card: Any) -> None:
        held = dispute(shows, card)
        with pytest.raises(UnknownDisputeError):
            answer(shows, held, caller=shows.elsewhere, operator="qp-002")
        with pytest.raises(NotPermittedError):
            answer(shows, held, operator="window")
        assert shows.get(card.id).frozen

    def test_is_given_once(self, shows: Shows, card: Any) -> None:
        held = dispute(shows, card)
        answer(shows, held)
        for act in (lambda: answer(shows, held), lambda: withdraw(shows, held)):
            with pytest.raises(DisputeClosedError):
                act()
        with pytest.raises(UnknownDisputeError):
            answer(shows, replace(held, id=new_id()))

    def test_frees_the_way_for_another_dispute(self, shows: Shows, card: Any) -> None:
        answer(shows, dispute(shows, card))
        assert dispute(shows, card).state is DisputeState.open


class TestOverdue:
    def test_is_counted_shown_and_recorded_and_freezes_on(self, shows: Shows, card: Any) -> None:
        held = dispute(shows, card)
        shows.clock.pass_((held.due_at - shows.clock.now()).total_seconds() - 1)
        assert not held.is_overdue(shows.clock.now())
        shows.clock.pass_(1)
        assert held.is_overdue(shows.clock.now())
        with shows.database.unit() as db:
            assert shows.disputes.overdue(db) == 1
        assert shows.get(card.id).frozen
        done = answer(shows, held)
        assert shows.opened(done.answer_entry_id)[1]["overdue"] is True
        with shows.database.unit() as db:
            assert shows.disputes.overdue(db) == 0


class TestSignature:
    def test_is_kept_as_it_was_checked_and_the_log_says_of_what_kind(self, shows: Shows, card: Any) -> None:
        request = shows.request("dispute", card.id, claim=CLAIM, fields=[])
        token = shows.token(request.digest)
        with shows.database.unit() as db:
            held = shows.disputes.open(db, request, token)
            sealed = db.execute(text("SELECT id_token FROM certs.dispute")).scalar_one()
        assert shows.vault.open(bytes(sealed), f"dispute/id_token/{held.id}".encode()) == token
        parties = shows.opened(held.entry_id)[1]
        assert (parties["signer_kind"], parties["assurance"]) == ("oidc", 2)


class TestHolder:
    def test_is_told_of_the_answer_once_and_not_of_a_withdrawal(self, shows: Shows, card: Any) -> None:
        chen = shows.holder(CHEN)
        withdraw(shows, dispute(shows, card))
        with shows.database.unit() as db:
            assert shows.notices.of_holder(db, chen) == []
        held = answer(shows, dispute(shows, card))
        with shows.database.unit() as db:
            (notice,) = shows.notices.of_holder(db, chen)
        assert (notice.kind, notice.subject) == (NoticeKind.dispute_answered, held.id)


class TestWithdraw:
    def test_thaws_and_is_recorded(self, shows: Shows, card: Any) -> None:
        held = withdraw(shows, dispute(shows, card))
        assert held.state is DisputeState.withdrawn
        assert not shows.get(card.id).frozen
        parties = shows.opened(held.answer_entry_id)[1]
        assert (parties["outcome"], parties["requester"]) == ("withdrawn", None)

    def test_takes_the_holders_signature(self, shows: Shows, card: Any) -> None:
        held = dispute(shows, card)
        with pytest.raises(SignerNotHolderError):
            withdraw(shows, held, XU)


class TestCorrection:
    def test_tells_everybody_who_used_it_or_was_shown_it(self, shows: Shows, card: Any) -> None:
        use(shows, card, shows.elsewhere)
        use(shows, card, shows.elsewhere)
        shows.scan(shows.show(card, shows.hotel), shows.hotel)
        shows.try_scan(shows.show(card, shows.hotel), shows.police)
        held = dispute(shows, card)
        correct(shows, card)
        done = answer(shows, held, corrected=True)
        told = sorted([shows.elsewhere.party_id, shows.hotel.party_id])
        assert shows.messages()[-1]["parties"] == told
        assert shows.messages()[-1] | {"at": None} == {
            "licence_id": card.id,
            "status": "05",
            "operation": "09",
            "at": None,
            "dispute": held.id,
            "successor": done.successor_id,
            "parties": told,
        }
        with shows.database.unit() as db:
            assert shows.disputes.told(db, done) == (2, 0)
            assert shows.disputes.corrections(db, shows.police, limit=10) == []
            (found,) = shows.disputes.corrections(db, shows.hotel, limit=10)
        assert (found.subject_id, found.successor_id, found.fields) == (card.id, done.successor_id, ("address",))

    def test_tells_who_used_an_earlier_version(self, shows: Shows, card: Any) -> None:
        use(shows, card, shows.elsewhere)
        newer = correct(shows, card)
        held = dispute(shows, newer)
        newest = correct(shows, newer)
        use(shows, newest, shows.hotel)
        answer(shows, held, corrected=True)
        assert shows.messages()[-1]["parties"] == [shows.elsewhere.party_id]

    def test_tells_nobody_of_a_rejection(self, shows: Shows, card: Any) -> None:
        shows.scan(shows.show(card, shows.hotel), shows.hotel)
        answer(shows, dispute(shows, card))
        assert shows.count("certs.correction") == 0

    def test_notice_is_taken_once_and_by_who_was_told(self, shows: Shows, card: Any) -> None:
        shows.scan(shows.show(card, shows.hotel), shows.hotel)
        held = dispute(shows, card)
        correct(shows, card)
        done = answer(shows, held, corrected=True)
        with shows.database.unit() as db:
            shows.disputes.take_notice(db, shows.hotel, held.id)
            first = shows.disputes.corrections(db, shows.hotel, limit=1)[0].seen_at
            shows.disputes.take_notice(db, shows.hotel, held.id)
            assert shows.disputes.corrections(db, shows.hotel, limit=1)[0].seen_at == first
            assert shows.disputes.told(db, done) == (1, 1)
            with pytest.raises(UnknownDisputeError):
                shows.disputes.take_notice(db, shows.police, held.id)


class TestLists:
    def test_page_by_page_the_newest_first(self, shows: Shows, card: Any) -> None:
        held = [answer(shows, dispute(shows, card)) for _ in range(4)]
        last = dispute(shows, card)
        with shows.database.unit() as db:
            first = shows.disputes.of_party(db, shows.issuer, only_open=False, limit=2)
            second = shows.disputes.of_party(
                db, shows.issuer, only_open=False, after=(first[-1].opened_at, first[-1].id), limit=9
            )
            assert [each.id for each in first + second] == [last.id, *(each.id for each in reversed(held))]
            assert shows.disputes.of_party(db, shows.issuer, only_open=True, limit=9) == [last]
            assert shows.disputes.of_party(db, shows.elsewhere, only_open=False, limit=9) == []
            with pytest.raises(UnknownDisputeError):
                shows.disputes.of_issuer(db, shows.elsewhere, last.id)

    def test_of_a_holder(self, shows: Shows, card: Any) -> None:
        held = dispute(shows, card)
        chen, xu = shows.holder(CHEN), shows.holder(XU)
        with shows.database.unit() as db:
            assert shows.disputes.of_holder(db, chen) == [held]
            assert shows.disputes.of_holder(db, xu) == []


def dispute_of(shows: Shows) -> Any:
    """The one dispute that stands."""
    with shows.database.unit() as db:
        return shows.disputes.of_party(db, shows.issuer, only_open=True, limit=1)[0]
