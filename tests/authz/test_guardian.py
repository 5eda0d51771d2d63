"""A guardian consents for a child: at the grant, at every use, in the notices, and until the guardianship ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from authz.errors import SignerNotHolderError, UseRefusedError
from authz.model import HolderKind, Identifier
from authz.noticekinds import NoticeKind
from certs.model import RepresentationKind
from tests.authz.world import World

if TYPE_CHECKING:
    from authz.model import Use


class Family(World):
    """`World` with a child of whom 陈安澜 is the guardian."""

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        with database.unit() as db:
            self.child = self.holders.register(
                db, HolderKind.person, "陈小禾", [Identifier("111", "310199202006010038")]
            )
            self.guardianship = self.representations.record(
                db,
                organisation=self.child,
                person=self.chen,
                kind=RepresentationKind.guardian.value,
                valid_from=self.clock.now(),
                valid_to=None,
                source=self.baoshan.party_id,
                operator="bs-002",
            )
        self.clock.pass_(2)

    def of_child(self) -> Use:
        """A use of something of the child's, in the child's case."""
        resource = self.lease(holder_id=self.child, type_code="CL022")
        return self.use(resource, self.facts(applicant_holder_id=self.child))


@pytest.fixture
def world(database: Any) -> Family:
    return Family(database)


class TestGuardian:
    def test_gives_what_the_child_cannot_and_the_record_says_in_which_capacity(self, world: Family) -> None:
        grant = world.grant("chen", world.child)
        assert (grant.grantor_id, grant.signer_id, grant.representation) == (world.child, world.chen, "guardian")
        parties = world.record(grant.entry_id)[1]
        assert parties["representation"] == "guardian"
        assert parties["holder"] != parties["signer"]
        use = world.of_child()
        assert (use.grant_id, use.holder_id) == (grant.id, world.child)

    def test_nobody_else_does(self, world: Family) -> None:
        with pytest.raises(SignerNotHolderError):
            world.grant("xu", world.child)

    def test_withdraws_it_again(self, world: Family) -> None:
        grant = world.grant("chen", world.child)
        world.withdraw(grant.id, "chen")
        with pytest.raises(UseRefusedError) as refused:
            world.of_child()
        assert refused.value.code == "grant-withdrawn"

    def test_is_asked_at_every_use(self, world: Family) -> None:
        world.grant("chen", world.child)
        world.of_child()
        with world.database.unit() as db:
            world.representations.end(db, world.guardianship.id, source=world.baoshan.party_id, operator="bs-002")
        with pytest.raises(UseRefusedError) as refused:
            world.of_child()
        assert refused.value.code == "grant-representation"

    def test_the_childs_notices_are_the_childs(self, world: Family) -> None:
        world.grant("chen", world.child)
        with world.database.unit() as db:
            assert [each.kind for each in world.notices.of_holder(db, world.child)] == [NoticeKind.grant_given]
            assert world.notices.of_holder(db, world.chen) == []
