"""Identity cards read at a kiosk, by the clock: the last day on a card is a day in China."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.demo.cards import KEY_ID, READER, reading
from api.demo.oidc import jwk
from authz.cards import CARD, CardReader, CardReadings
from authz.errors import CardRefusedError
from authz.signers import Assurance

if TYPE_CHECKING:
    from tests.authz.world import World

NODE = "https://node.example"
DIGEST = "A" * 43
CHEN = "310199199001010018"


class TestPerson:
    @pytest.mark.parametrize(
        ("last", "held"), [("2026-11-21", False), ("2026-11-22", True)], ids=["over-in-china", "last-day"]
    )
    def test_takes_a_card_to_the_end_of_its_last_day_in_china(self, world: World, last: str, held: bool) -> None:
        world.clock.at = datetime(2026, 11, 21, 17, tzinfo=UTC)  # in China the 22nd has begun
        key = ec.generate_private_key(ec.SECP256R1())
        pinned = CardReader(READER, {KEY_ID: jwk(key)}, {"none": Assurance.low})
        readings = CardReadings(NODE, {READER: pinned}, world.holders, world.clock)
        card = {"type": CARD, "code": CHEN, "valid_to": last}
        signed = reading(key, NODE, CHEN, DIGEST, card=card, iat=world.clock.seconds)
        with world.database.unit() as db:
            if held:
                assert readings.person(db, signed, DIGEST).holder_id == world.chen
                return
            with pytest.raises(CardRefusedError) as raised:
                readings.person(db, signed, DIGEST)
        assert raised.value.fields["check"] == "valid_to"
