"""Rows that name a project, or the version they replace, against what is here."""

from __future__ import annotations

import pytest

from authz.model import HolderKind, Identifier
from ledger.steps import run
from materials import store
from materials.intake.model import Kept, Stored
from materials.intake.service import Intakes
from materials.model import Material, MaterialStatus
from tests.materials.intake.test_rows import ROW
from tests.materials.world import World, stored

FIRM = "91310113XX0000019X"


class Archive:
    """An archive of Baoshan's in a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.intakes = Intakes(world.catalogue, world.deposits, world.desk)
        with world.database.unit() as db:
            self.intake = self.intakes.open(db, world.baoshan, "ab" * 32, 10, "bs-017")

    def take(self, *rows: dict[str, object]) -> Kept:
        """Take rows in whose files were stored."""
        given = []
        for number, row in enumerate(rows, 1):
            held = stored()
            given.append((ROW | {"row": number, "sha256": held.sha256, "size": held.size} | row, held))
        read = self.intakes.read([row for row, _ in given], "bs-017")
        files = [Stored(row, held) for row, (_, held) in zip(read, given, strict=True)]  # type: ignore[arg-type]
        with self.world.database.unit() as db:
            return self.intakes.keep(db, self.world.baoshan, self.intake, "bs-017", files)

    def material(self, material_id: str) -> Material:
        with self.world.database.unit() as db:
            found = run(db, store.material(material_id))
        assert found is not None
        return found


@pytest.fixture
def archive(world: World) -> Archive:
    with world.database.unit() as db:
        world.holders.register(db, HolderKind.organisation, ROW["holder_name"], [Identifier("001", FIRM)])
    return Archive(world)


class TestKeep:
    def test_a_row_replaces_the_version_it_names(self, archive: Archive) -> None:
        old = archive.world.deposit(holder_id=archive.world.firm)
        kept = archive.take({"supersedes": old.id})
        (taken,) = kept.taken
        new, before = archive.material(taken.material_id), archive.material(old.id)
        assert (new.version, new.supersedes) == (2, old.id)
        assert (before.status, before.superseded_by) == (MaterialStatus.superseded, new.id)
        parties = archive.world.opened(taken.entry_id)[1]
        assert (parties["supersedes"], parties["version"]) == (old.id, 2)

    def test_what_may_not_be_replaced_is_refused_by_row(self, archive: Archive) -> None:
        old = archive.world.deposit(holder_id=archive.world.firm)
        other = archive.world.deposit(holder_id=archive.world.xu)
        nobody = "019a0000-0000-7000-8000-000000000000"
        kept = archive.take(
            {"supersedes": old.id}, {"supersedes": old.id}, {"supersedes": other.id}, {"supersedes": nobody}
        )
        assert [each.number for each in kept.taken] == [1]
        assert {each.number: each.code for each in kept.refused} == dict.fromkeys((2, 3, 4), "supersede-refused")

    def test_a_row_counts_as_its_projects(self, archive: Archive) -> None:
        project = archive.world.project(archive.world.firm, code="P-7")
        kept = archive.take({"project": "P-7"}, {"project": "P-8"})
        (taken,) = kept.taken
        assert archive.material(taken.material_id).project_id == project.id
        assert [(each.number, each.code) for each in kept.refused] == [(2, "unknown-project")]
