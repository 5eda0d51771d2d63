"""The anchor worker on four real validators (RELIABILITY C4): one stops, two stop, they come back.

GoQuorum is on few machines; without it these tests are skipped, and `tests/ledger/test_anchor_survival.py` shows the
worker's side on a development node dressed as a sealed chain.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger import chainproof, qbft, store
from ledger.anchor import Anchorer, Step
from ledger.chain import Chain
from ledger.sequencer import create_log
from tests.ledger.anchoring import CLOCK, LOG, MEMBER, NOTE_KEY, ORIGIN, SIGNER, grow, states
from tests.ledger.chains import anchored_sizes, member_accounts
from tests.quorum.record import older_artefacts
from tests.quorum.validators import EXECUTABLE, Validators

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.db import Database

pytestmark = pytest.mark.skipif(
    not os.environ.get(EXECUTABLE), reason=f"{EXECUTABLE} names no GoQuorum geth: no real validators on this machine"
)


@pytest.fixture(scope="module")
def validators() -> Iterator[Validators]:
    """Four validators that make a block each second."""
    with Validators(os.environ[EXECUTABLE]) as chain:
        yield chain


@pytest.fixture(scope="module")
def chain(validators: Validators, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """Our contracts and our log on it, and an account that knows the validators."""
    with database.unit() as db:
        create_log(db, ORIGIN, SIGNER.key_id)
    known = tuple(sorted(seat.address for seat in validators.seats))
    chain = Chain(
        validators.seats[0].url,
        secrets.token_bytes(32),
        validators=(qbft.ValidatorSet(0, known),),
        artefacts=older_artefacts(Path(tmp_path_factory.mktemp("artefacts"))),
    )
    chain.deploy(member_accounts([MEMBER]), 1)
    chain.register_log(LOG, NOTE_KEY, [MEMBER])
    return chain


class Worker:
    """The worker of a process that starts anew at every round, so that nothing is kept but rows."""

    def __init__(self, database: Database, chain: Chain) -> None:
        self.database = database
        self.chain = chain

    def round(self) -> Step:
        """One round, an interval later."""
        CLOCK.turn()
        return Anchorer(self.database, self.chain, CLOCK, ORIGIN).run_once()

    def is_anchored(self, size: int) -> bool:
        """Whether a checkpoint is anchored, after one more round."""
        self.round()
        return states(self.database).get(size) == "confirmed"

    def sizes(self) -> list[int]:
        """Sizes anchored on the chain, each by one transaction of the account."""
        sizes = anchored_sizes(self.chain, self.chain._provider.endpoint_uri or "", LOG)
        assert self.chain.nonce() == 1 + len(sizes)  # deployment, then one each
        return sizes


@pytest.fixture
def worker(database: Database, chain: Chain) -> Worker:
    """The worker."""
    return Worker(database, chain)


class TestFourValidators:
    """In this order: the chain is one and remembers."""

    def test_anchors_under_seals(
        self, database: Database, chain: Chain, worker: Worker, validators: Validators
    ) -> None:
        checkpoint = grow(database)
        validators.until(lambda: worker.is_anchored(checkpoint.size))
        with database.unit() as db:
            row = store.anchor_over(db, checkpoint.size)
        assert row is not None
        proven = chainproof.verify(row.proof, chain.identity(), log=LOG, size=checkpoint.size, root=checkpoint.root)
        assert proven.seals is not None
        assert len(proven.seals.signers) >= 3
        assert worker.sizes() == [checkpoint.size]

    def test_tells_who_seals(self, chain: Chain, validators: Validators) -> None:
        believing = Chain(validators.seats[1].url, secrets.token_bytes(32))
        assert believing.validator_history() == chain.validator_history()

    def test_all_nodes_hold_the_same_block(self, chain: Chain, validators: Validators) -> None:
        """Each with seals of its own choice perhaps; the identity that we keep is theirs all the same."""
        height = validators.seats[0].height() - 1
        validators.until(lambda: min(seat.height() for seat in validators.seats) > height)
        assert len({Chain(seat.url, bytes([1]) * 32).block_hash(height) for seat in validators.seats}) == 1

    def test_one_stops_two_stop_they_come_back(
        self, database: Database, worker: Worker, validators: Validators
    ) -> None:
        before = worker.sizes()
        third, fourth = validators.seats[2:]
        fourth.stop()
        one_down = grow(database).size
        validators.until(lambda: worker.is_anchored(one_down))
        assert worker.sizes() == [*before, one_down]

        third.stop()
        height = validators.seats[0].height()
        stalled = grow(database).size
        for _ in range(3):
            assert worker.round() is Step.sent
        grow(database)
        newest = grow(database).size
        assert worker.round() is Step.sent
        assert validators.seats[0].height() <= height + 1  # a block may have been on its way
        assert states(database)[stalled] == "sending"

        validators.start(third)
        validators.until(lambda: worker.is_anchored(newest), seconds=90)
        validators.start(fourth)
        assert worker.sizes() == [*before, one_down, stalled, newest]
        assert set(states(database).values()) == {"confirmed"}
