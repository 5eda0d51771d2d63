"""送达: sent by a channel, opened at a time, both on the log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from authz.errors import IdTokenRefusedError, NotPermittedError, SignerNotHolderError
from authz.vault import digest_of
from certs.errors import DeliveryOpenedError, UnknownDeliveryError, UnknownLicenceError
from ledger.db import Database
from ledger.ids import new_id
from tests.certs.shows import Shows
from tests.certs.world import CHEN, FIRM, XU


@pytest.fixture
def shows(database: Database) -> Shows:
    return Shows(database)


@pytest.fixture
def card(shows: Shows) -> Any:
    """An identity card of 陈安澜."""
    return shows.issue("LT05")


def send(shows: Shows, licence: Any, channel: str = "app", **changes: Any) -> Any:
    whole = {"caller": shows.issuer, "holder": CHEN, "operator": "window"} | changes
    holder_id = shows.holder(whole["holder"])
    with shows.database.unit() as db:
        return shows.deliveries.send(
            db,
            whole["caller"],
            licence_id=licence.id,
            holder_id=holder_id,
            channel=channel,
            operator=whole["operator"],
        )


def open_(shows: Shows, sent: Any, person: Any = CHEN) -> Any:
    request = shows.request("open-delivery", sent.id)
    with shows.database.unit() as db:
        return shows.deliveries.open(db, request, shows.token(request.digest, person))


def handed_over(shows: Shows, sent: Any, caller: Any = None, operator: str = "window") -> Any:
    with shows.database.unit() as db:
        return shows.deliveries.handed_over(db, caller or shows.issuer, sent.id, operator)


class TestSend:
    @pytest.mark.parametrize("channel", ["app", "sms", "email", "post"])
    def test_waits_to_be_opened(self, shows: Shows, card: Any, channel: str) -> None:
        sent = send(shows, card, channel)
        assert (sent.channel, sent.opened_at, sent.opened_entry_id) == (channel, None, None)
        fact, parties = shows.opened(sent.entry_id)
        assert fact["type"] == "licence.delivered"
        assert (parties["delivery"], parties["channel"], parties["issued_entry"]) == (sent.id, channel, card.entry_id)
        assert shows.holder(CHEN) not in str(parties)

    def test_over_the_window_is_its_own_receipt(self, shows: Shows, card: Any) -> None:
        sent = send(shows, card, "window")
        assert sent.opened_by == "operator"
        fact, parties = shows.opened(sent.opened_entry_id)
        assert fact["type"] == "licence.delivery-opened"
        assert (parties["delivered_entry"], parties["operator"]) == (sent.entry_id, "window")

    def test_is_the_issuers_to_a_holder_of_it(self, shows: Shows, card: Any) -> None:
        with pytest.raises(UnknownLicenceError):
            send(shows, card, caller=shows.elsewhere)
        with pytest.raises(UnknownLicenceError):
            send(shows, card, holder=XU)
        with pytest.raises(UnknownLicenceError):
            send(shows, replace(card, id=new_id()))
        with pytest.raises(NotPermittedError):
            send(shows, card, operator="boss")


class TestOpen:
    def test_takes_the_holders_signature_and_the_time(self, shows: Shows, card: Any) -> None:
        sent = send(shows, card)
        shows.clock.pass_(3600)
        opened = open_(shows, sent)
        assert (opened.opened_by, opened.opened_at > sent.sent_at) == ("holder", True)
        _, parties = shows.opened(opened.opened_entry_id)
        assert (parties["delivered_entry"], parties["opened_by"], parties["operator"]) == (
            sent.entry_id,
            "holder",
            None,
        )
        assert parties["terms"]

    def test_by_a_representative(self, shows: Shows) -> None:
        sent = send(shows, shows.issue("LT01"), holder=FIRM)
        with pytest.raises(SignerNotHolderError):
            open_(shows, sent, XU)
        assert open_(shows, sent, CHEN).opened_by == "holder"

    def test_once(self, shows: Shows, card: Any) -> None:
        sent = send(shows, card)
        open_(shows, sent)
        with pytest.raises(DeliveryOpenedError):
            open_(shows, sent)

    def test_refuses_another_signature_and_another_delivery(self, shows: Shows, card: Any) -> None:
        sent = send(shows, card)
        request = shows.request("open-delivery", sent.id)
        with shows.database.unit() as db, pytest.raises(IdTokenRefusedError):
            shows.deliveries.open(db, request, shows.token(digest_of(b"another")))
        with pytest.raises(UnknownDeliveryError):
            open_(shows, replace(sent, id=new_id()))


class TestHandedOver:
    def test_by_post_when_the_slip_came_back(self, shows: Shows, card: Any) -> None:
        sent = send(shows, card, "post")
        assert handed_over(shows, sent).opened_by == "operator"
        with pytest.raises(DeliveryOpenedError):
            handed_over(shows, sent)

    def test_nobody_says_so_for_a_message_or_anothers_delivery(self, shows: Shows, card: Any) -> None:
        with pytest.raises(UnknownDeliveryError):
            handed_over(shows, send(shows, card, "sms"))
        sent = send(shows, card, "post")
        with pytest.raises(UnknownDeliveryError):
            handed_over(shows, sent, shows.elsewhere)
        with pytest.raises(NotPermittedError):
            handed_over(shows, sent, operator="boss")


class TestLists:
    def test_are_the_senders_and_the_holders(self, shows: Shows, card: Any) -> None:
        sent = [send(shows, card, channel) for channel in ("app", "post")]
        chen, xu = shows.holder(CHEN), shows.holder(XU)
        with shows.database.unit() as db:
            assert shows.deliveries.of_licence(db, shows.issuer, card.id) == sent[::-1]
            assert shows.deliveries.of_licence(db, shows.elsewhere, card.id) == []
            assert shows.deliveries.of_holder(db, chen) == sent[::-1]
            assert shows.deliveries.of_holder(db, xu) == []
