"""Policies in force: published sets are taken up, useless ones refused, what cannot be loaded changes nothing (Z3)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from authz import policy, policyregister
from authz.decider import Decider
from authz.errors import NotPermittedError, PolicyError, PolicySetRefusedError
from authz.model import Act, Operator, Role
from authz.policyregister import KIND, Policies, entries_of, texts_of
from ledger import registers
from ledger.db import Database
from ledger.errors import RegisterInvalidError
from ledger.registers import Draft, Registers
from tests.authz.test_decider import CALLER
from tests.ledger.logs import Log

OWNER = "11310113XX00000A2R"
OURS = policy.read(policy.FOLDER)
NO_OFFICER = OURS | {"acts.cedar": OURS["acts.cedar"].replace('"security_officer"', '"nobody"')}
NO_WINDOW = OURS | {"acts.cedar": OURS["acts.cedar"].replace('context.roles.contains("window")', "false")}
OTHER_SCHEMA = OURS | {
    policy.SCHEMA: OURS[policy.SCHEMA].replace('"related": Bool,', '"related": Bool,\n  "weather": String,')
}


class World:
    def __init__(self, database: Database) -> None:
        self.log = Log(database)
        self.database = database
        self.registers = Registers(self.log.evidence, self.log.clock, "310199")
        self.decider = Decider()
        self.policies = self.process()

    def process(self) -> Policies:
        """What another process of the node keeps."""
        return Policies(self.registers, self.decider)

    def publish(self, texts: dict[str, str], version: int = 1) -> str:
        draft = Draft(KIND, version, OWNER, self.log.clock.now(), entries_of(texts))
        with self.database.unit() as db:
            return self.policies.publish(db, draft)[0].sha256

    def refresh(self) -> bool:
        with self.database.unit() as db:
            return self.policies.refresh(db)

    def window_may_deposit(self) -> bool:
        try:
            self.decider.permit(CALLER, Operator("party", "w", frozenset({Role.window})), Act.deposit)
        except NotPermittedError:
            return False
        return True


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


class TestRefresh:
    def test_published_set_decides_and_its_version_is_named(self, world: World) -> None:
        assert not world.refresh()
        world.publish(NO_WINDOW)
        assert world.window_may_deposit()
        assert world.refresh()
        assert not world.window_may_deposit()
        assert world.policies.in_force.register_version == 1
        assert world.decider.version == policy.from_texts(NO_WINDOW).version == world.policies.in_force.policy_version
        assert not world.refresh()

    def test_newest_of_several_is_taken(self, world: World) -> None:
        world.publish(NO_WINDOW)
        world.publish(OURS, 2)
        assert world.refresh()
        assert world.policies.in_force.register_version == 2
        assert world.window_may_deposit()

    @pytest.mark.parametrize(
        "harm",
        [{"acts.cedar": "permit (principal, action"}, {policy.SCHEMA: "entity ;"}, {"uses.cedar": OURS["uses.cedar"] + " "}],
    )  # fmt: skip
    def test_set_that_cannot_be_used_leaves_the_old_one_in_force(self, world: World, harm: dict[str, str]) -> None:
        world.publish(NO_WINDOW)
        world.refresh()
        before = world.decider.version
        with world.database.unit() as db:  # past every check, as a program of another version might have written it
            held = registers.version(db, KIND, 1)
            document = json.loads(held.document)
            for entry in document["entries"]:
                entry["text"] = harm.get(entry["file"], entry["text"])
            row = {"doc": json.dumps(document).encode(), "sha": b"\1" * 32, "v": 2}
            db.execute(
                text(
                    "insert into ledger.register_version select (jsonb_populate_record(v, jsonb_build_object("
                    "'version', cast(:v as int), 'entry_id', gen_random_uuid()))).* from ledger.register_version v"
                ),
                {"v": 2},
            )
            db.execute(
                text("update ledger.register_version set document = :doc, sha256 = :sha where version = :v"), row
            )
        assert world.refresh()
        assert world.decider.version == before
        assert not world.window_may_deposit()
        assert world.policies.in_force == policyregister.InForce(1, before, 2)
        assert world.policies.warnings() == ["policies version 2 cannot be used; version 1 stays in force"]
        assert not world.refresh()
        world.publish(OURS, 3)
        assert world.refresh()
        assert world.policies.warnings() == []


class TestPublish:
    @pytest.mark.parametrize(
        ("texts", "problem"),
        [
            (NO_OFFICER, "nobody could publish the next set"),
            (OTHER_SCHEMA, "does not understand this program's requests"),
            (OURS | {"extra.cedar": "permit (principal, action, resource);"}, "no id, or an id used twice"),
            ({name: held for name, held in OURS.items() if name != policy.SCHEMA}, "files"),
            ({policy.SCHEMA: OURS[policy.SCHEMA]}, "unreadable"),
        ],
    )
    def test_useless_set_is_refused_and_nothing_is_stored(
        self, world: World, texts: dict[str, str], problem: str
    ) -> None:
        with pytest.raises(PolicySetRefusedError) as raised:
            world.publish(texts)
        assert raised.value.fields["problem"] in {problem, "no policy permits anything"}
        with world.database.unit() as db:
            assert registers.heads(db, KIND) == []

    def test_text_that_names_a_person_is_refused(self, world: World) -> None:
        named = OURS | {"acts.cedar": OURS["acts.cedar"] + "\n// 310199199001010018"}
        with pytest.raises(RegisterInvalidError):
            world.publish(named)

    def test_text_of_another_digest_is_refused(self) -> None:
        entries: list[dict[str, Any]] = entries_of(OURS)
        with pytest.raises(PolicyError):
            texts_of([entries[0] | {"text": entries[0]["text"] + " "}])


class TestInForce:
    def test_starts_at_the_program_s_own(self, world: World) -> None:
        assert world.policies.in_force == policyregister.InForce(0, policy.load().version)
        assert replace(world.policies.in_force, refused=4).refused == 4
