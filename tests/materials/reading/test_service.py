"""Readings as rows: one at a time, page by page, confirmed once, forgotten in time, and what the log is told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from ledger import outbox
from materials.errors import MaterialNotActiveError, UnknownMaterialError
from materials.reading.errors import (
    ReadingContradictedError,
    ReadingRunningError,
    ReadingStateError,
    ReadingUnsupportedError,
    UnknownReadingError,
)
from materials.reading.findings import find
from materials.reading.model import ReadingState, Source
from materials.reading.service import KEPT, PAGE, Confirmation, Readings
from tests.materials.reading.lines import line, page

if TYPE_CHECKING:
    from collections.abc import Callable

    from materials.model import Material
    from materials.reading.service import Told
    from tests.materials.world import World

NUMBER = "310199199001010018"
CARD = page(
    line("姓名陈安澜", 1000, 1000),
    line("性别男", 1000, 1400),
    line("出生1990年1月1日", 1000, 1800),
    line(f"公民身份号码{NUMBER}", 1000, 2600),
    line("居民身份证", 2000, 4000, tall=300),
)
FIELDS = {"name": "陈安澜", "sex": "男", "born_on": "1990-01-01", "id_number": NUMBER}


@pytest.fixture
def readings(world: World) -> Readings:
    return Readings(world.desk)


@pytest.fixture
def card(world: World) -> Material:
    return world.deposit(type_code="CL006", verify_level="self_declared", media_type="image/jpeg")


@pytest.fixture
def ask(world: World, readings: Readings) -> Callable[..., Told]:
    def act(material: Material, caller: Any = None) -> Told:
        caller = caller or world.baoshan
        with world.database.unit() as db:
            return readings.ask(db, caller, material.id, world.operator(caller))

    return act


@pytest.fixture
def read(world: World, readings: Readings, ask: Callable[..., Told]) -> Callable[..., Told]:
    """Asked for and read, without a worker."""

    def act(material: Material, *pages: Any) -> Told:
        told = ask(material)
        for number, each in enumerate(pages or (CARD,), 1):
            with world.database.unit() as db:
                readings.took(db, told.held.id, len(pages or (CARD,)), replace(each, number=number), 12)
        with world.database.unit() as db:
            readings.finish(db, told.held.id, find(readings.texts(db, told.held.id) or []))
        with world.database.unit() as db:
            return readings.get(db, world.baoshan, material.id, told.held.id)

    return act


def confirm(world: World, readings: Readings, told: Told, **changes: Any) -> Told:
    whole: dict[str, Any] = {"type_code": "CL006", "fields": FIELDS, "acknowledged": (), "operator": "bs-017"}
    with world.database.unit() as db:
        given = Confirmation(**(whole | changes))
        return readings.confirm(db, world.baoshan, told.held.material_id, told.held.id, given)


def messages(world: World) -> list[outbox.Message]:
    with world.database.unit() as db:
        return outbox.claim(db, 20, world.clock.now(), kinds=[PAGE])


class TestAsking:
    def test_queues_the_first_page(self, world: World, ask: Callable[..., Told], card: Material) -> None:
        told = ask(card)
        assert (told.held.state, told.held.pages, told.held.pages_done) == (ReadingState.queued, None, 0)
        assert [each.body for each in messages(world)] == [{"reading": told.held.id, "page": 1}]

    def test_twice_is_refused_until_the_first_is_done(
        self, ask: Callable[..., Told], read: Callable[..., Told], card: Material
    ) -> None:
        read(card)
        ask(card)
        with pytest.raises(ReadingRunningError):
            ask(card)

    def test_is_for_the_depositor_of_what_stands(self, world: World, ask: Callable[..., Told], card: Material) -> None:
        with pytest.raises(UnknownMaterialError):
            ask(card, world.qingpu)
        with world.database.unit() as db:
            world.deposits.withdraw(db, world.baoshan, card.id, "bs-017")
        with pytest.raises(MaterialNotActiveError):
            ask(card)

    def test_of_a_drawing_file_is_refused(self, world: World, ask: Callable[..., Told]) -> None:
        drawing = world.deposit(type_code="CL025", media_type="image/vnd.dwg")
        with pytest.raises(ReadingUnsupportedError):
            ask(drawing)


class TestPages:
    def test_each_writes_the_next_ones_message_and_comes_once(
        self, world: World, readings: Readings, ask: Callable[..., Told], card: Material
    ) -> None:
        told = ask(card)
        messages(world)
        for _ in range(2):  # a worker that died after its commit reads the page again
            with world.database.unit() as db:
                readings.took(db, told.held.id, 3, CARD, 12)
        assert [each.body["page"] for each in messages(world)] == [2]
        with world.database.unit() as db:
            seen = readings.get(db, world.baoshan, card.id, told.held.id)
            assert readings.texts(db, told.held.id) is None  # not all are there
        assert (seen.held.pages, seen.held.pages_done, len(seen.pages)) == (3, 1, 1)

    def test_lie_encrypted_and_go_when_the_reading_ends(
        self, world: World, readings: Readings, ask: Callable[..., Told], card: Material
    ) -> None:
        told = ask(card)
        with world.database.unit() as db:
            readings.took(db, told.held.id, 1, CARD, 12)
            raw = bytes(db.execute(text("SELECT content FROM materials.reading_page")).scalar_one())
            assert NUMBER.encode() not in raw
            assert "陈安澜".encode() not in raw
            readings.finish(db, told.held.id, find([CARD]))
            assert db.execute(text("SELECT content FROM materials.reading_page")).scalar_one() is None
            raw = bytes(db.execute(text("SELECT findings FROM materials.reading")).scalar_one())
        assert NUMBER.encode() not in raw

    def test_that_could_not_be_read_are_named(self, read: Callable[..., Told], card: Material) -> None:
        lost = replace(CARD, source=Source.unread, lines=(), failure="took-too-long")
        told = read(card, lost, CARD)
        assert [page.failure for page in told.pages] == ["took-too-long", None]
        assert {each.code for each in told.findings.fields} >= {"name", "id_number"}
        assert {each.page for each in told.findings.fields} == {2}

    def test_come_no_more_after_a_failure(
        self, world: World, readings: Readings, ask: Callable[..., Told], card: Material
    ) -> None:
        told = ask(card)
        with world.database.unit() as db:
            readings.fail(db, told.held.id, "password")
            readings.took(db, told.held.id, 1, CARD, 12)
            assert readings.plan(db, told.held.id, 1) is None
            seen = readings.get(db, world.baoshan, card.id, told.held.id)
        assert (seen.held.state, seen.held.failure, seen.pages) == (ReadingState.failed, "password", ())


class TestConfirming:
    def test_writes_digests_and_no_value(
        self, world: World, readings: Readings, read: Callable[..., Told], card: Material
    ) -> None:
        told = confirm(world, readings, read(card), fields=FIELDS | {"name": "陈安澜", "ethnicity": "汉"})
        fact, parties = world.opened(told.held.entry_id)
        assert fact["type"] == "material.read"
        assert fact["digests"] == {"sha256": card.sha256, "sm3": card.sm3}
        assert parties["corrected"] == ["ethnicity"]  # it had not been read
        assert (parties["material"], parties["verify_level"]) == (card.id, "staff_checked")
        assert parties["read"] != parties["confirmed"]
        spoken = json.dumps([fact, parties], ensure_ascii=False)
        assert not [value for value in (NUMBER, "陈安澜", "1990-01-01") if value in spoken]
        assert told.confirmed == FIELDS | {"ethnicity": "汉"}

    def test_raises_the_level_and_never_lowers_it(
        self, world: World, readings: Readings, read: Callable[..., Told], card: Material
    ) -> None:
        assert confirm(world, readings, read(card)).held.verify_level == "staff_checked"
        best = world.deposit(type_code="CL006", verify_level="issuer_signed", media_type="image/jpeg")
        assert confirm(world, readings, read(best)).held.verify_level == "issuer_signed"

    def test_happens_once(self, world: World, readings: Readings, read: Callable[..., Told], card: Material) -> None:
        told = read(card)
        confirm(world, readings, told)
        with pytest.raises(ReadingStateError):
            confirm(world, readings, told)

    def test_of_a_card_of_somebody_else_is_refused(
        self, world: World, readings: Readings, read: Callable[..., Told]
    ) -> None:
        told = read(world.deposit(type_code="CL006", holder_id=world.xu, media_type="image/jpeg"))
        assert [(each.problem, each.grave) for each in told.contradictions] == [
            ("holder-differs", True),
            ("holder-name-differs", False),
        ]
        with pytest.raises(ReadingContradictedError):
            confirm(world, readings, told, acknowledged=("holder-differs", "holder-name-differs"))
        assert world.count("materials.reading WHERE state = 'confirmed'") == 0

    def test_of_one_that_ran_out_wants_it_said(
        self, world: World, readings: Readings, read: Callable[..., Told], card: Material
    ) -> None:
        told = read(card)
        with pytest.raises(ReadingContradictedError) as refused:
            confirm(world, readings, told, fields=FIELDS | {"valid_to": "2020-01-31"})
        assert refused.value.fields == {"problem": "expired", "field": "valid_to"}
        confirm(world, readings, told, fields=FIELDS | {"valid_to": "2020-01-31"}, acknowledged=("expired",))

    def test_by_another_department_finds_nothing(
        self, world: World, readings: Readings, read: Callable[..., Told], card: Material
    ) -> None:
        told = read(card)
        given = Confirmation("CL006", FIELDS, (), "qp-103")
        with world.database.unit() as db, pytest.raises(UnknownReadingError):
            readings.confirm(db, world.qingpu, card.id, told.held.id, given)


class TestForgetting:
    def test_what_nobody_confirmed_in_time(
        self, world: World, readings: Readings, read: Callable[..., Told], card: Material
    ) -> None:
        kept = confirm(world, readings, read(card))
        told = read(card)
        world.clock.pass_(KEPT.total_seconds() + 1)
        with world.database.unit() as db:
            readings.sweep(db)
            assert readings.get(db, world.baoshan, card.id, told.held.id).findings is None
        with pytest.raises(ReadingStateError, match="forgotten"):
            confirm(world, readings, told)
        with world.database.unit() as db:
            assert readings.get(db, world.baoshan, card.id, kept.held.id).confirmed == FIELDS

    def test_everything_with_the_documents_key(
        self, world: World, readings: Readings, read: Callable[..., Told], card: Material
    ) -> None:
        told = confirm(world, readings, read(card))
        with world.database.unit() as db:
            readings.forget(db, card.object_id)
            seen = readings.get(db, world.baoshan, card.id, told.held.id)
        assert (seen.findings, seen.confirmed) == (None, None)
