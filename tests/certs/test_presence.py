"""A live code that proves presence: spent like a scan, for the organisation it was made for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from certs.errors import (
    CodeAudienceError,
    CodeExpiredError,
    CodeUsedError,
    UnknownCodeError,
)
from certs.presence import LiveCodes
from tests.certs.shows import Shows

if TYPE_CHECKING:
    from authz.model import Caller
    from ledger.db import Database


@pytest.fixture
def shows(database: Database) -> Shows:
    return Shows(database)


@pytest.fixture
def card(shows: Shows) -> Any:
    return shows.issue("LT05")


def spend(shows: Shows, text: str, caller: Caller | None = None, counter: str | None = "1") -> str:
    with shows.database.unit() as db:
        return LiveCodes(shows.texts, shows.clock).spend(db, caller or shows.police, text, counter)


class TestSpend:
    def test_names_the_holder_and_spends_the_code(self, shows: Shows, card: Any) -> None:
        text = shows.show(card, shows.police)
        assert spend(shows, text) in card.holder_ids
        with pytest.raises(CodeUsedError):
            spend(shows, text)
        with pytest.raises(CodeUsedError):
            shows.scan(text, shows.police)

    def test_what_was_scanned_proves_nothing_more(self, shows: Shows, card: Any) -> None:
        text = shows.show(card, shows.police)
        shows.scan(text, shows.police)
        with pytest.raises(CodeUsedError):
            spend(shows, text)

    def test_at_the_counter_it_was_made_for(self, shows: Shows, card: Any) -> None:
        with pytest.raises(CodeAudienceError):
            spend(shows, shows.show(card, shows.hotel))
        text = shows.show(card, shows.police, counter="3")
        for counter in ("4", None):
            with pytest.raises(CodeAudienceError):
                spend(shows, text, counter=counter)
        assert spend(shows, text, counter="3")

    def test_in_its_minute(self, shows: Shows, card: Any) -> None:
        text = shows.show(card, shows.police)
        shows.clock.pass_(60)
        with pytest.raises(CodeExpiredError):
            spend(shows, text)

    def test_no_printed_code(self, shows: Shows, card: Any) -> None:
        with pytest.raises(UnknownCodeError):
            spend(shows, shows.print_(card)[1])
