"""Facts of representation follow from current licences, and end with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from authz.model import HolderKind, Identifier
from certs.errors import RelatedPersonError, RepresentationOverlapError
from certs.facts import Related
from certs.model import LicenceStatus, Operation
from tests.certs.world import CHEN, FACES, FIRM, HOLDERS, LIN, Library

CHILD = HOLDERS["LT09"][0]


def kinds(library: Library, person: tuple[str, str, str], holder: tuple[str, str, str]) -> tuple[str, ...]:
    one, other = library.holder(person), library.holder(holder)
    with library.database.unit() as db:
        return library.representations.kinds(db, one, other, library.clock.now())


class TestLegalRepresentative:
    def test_follows_from_a_business_licence(self, library: Library) -> None:
        library.issue("LT01")
        assert kinds(library, CHEN, FIRM) == ("legal_representative",)

    def test_changes_with_the_licence(self, library: Library) -> None:
        old = library.issue("LT01")
        library.issue(
            "LT01",
            operation=Operation.change,
            predecessor=old.id,
            face=FACES["LT01"] | {"legal_representative": LIN[0]},
            related=(Related("legal_representative", LIN),),
        )
        assert kinds(library, CHEN, FIRM) == ()
        assert kinds(library, LIN, FIRM) == ("legal_representative",)

    def test_goes_on_with_a_version_that_says_the_same(self, library: Library) -> None:
        old = library.issue("LT01")
        library.issue("LT01", operation=Operation.change, predecessor=old.id)
        assert kinds(library, CHEN, FIRM) == ("legal_representative",)
        assert library.count("certs.representation") == 1

    def test_stays_while_the_licence_is_suspended(self, library: Library) -> None:
        library.change(library.issue("LT01"), Operation.suspend)
        assert kinds(library, CHEN, FIRM) == ("legal_representative",)

    @pytest.mark.parametrize("to", [LicenceStatus.revoked, LicenceStatus.cancelled, LicenceStatus.withdrawn_permit])
    def test_ends_with_the_licence(self, library: Library, to: LicenceStatus) -> None:
        library.change(library.issue("LT01"), Operation.cancel, to=to)
        assert kinds(library, CHEN, FIRM) == ()

    def test_takes_over_what_the_issuer_stated_by_itself(self, library: Library) -> None:
        stated(library, CHEN, library.issuer.party_id)
        held = library.issue("LT01")
        assert library.count("certs.representation") == 1
        library.change(held, Operation.cancel, to=LicenceStatus.cancelled)
        assert kinds(library, CHEN, FIRM) == ()

    def test_leaves_to_another_authority_what_it_says_too(self, library: Library) -> None:
        stated(library, CHEN, library.elsewhere.party_id)
        held = library.issue("LT01")
        assert library.count("certs.representation") == 1
        library.change(held, Operation.cancel, to=LicenceStatus.cancelled)
        assert kinds(library, CHEN, FIRM) == ("legal_representative",)

    def test_replaces_whom_the_issuer_stated_by_itself(self, library: Library) -> None:
        stated(library, LIN, library.issuer.party_id)
        library.issue("LT01")
        assert kinds(library, LIN, FIRM) == ()
        assert kinds(library, CHEN, FIRM) == ("legal_representative",)

    def test_is_refused_against_another_authority(self, library: Library) -> None:
        stated(library, LIN, library.elsewhere.party_id)
        with pytest.raises(RepresentationOverlapError):
            library.issue("LT01")
        assert library.count("certs.licence") == 0


class TestGuardians:
    def test_are_the_parents_until_the_child_is_of_age(self, library: Library) -> None:
        library.issue("LT09")
        assert kinds(library, CHEN, CHILD) == kinds(library, LIN, CHILD) == ("guardian",)
        with library.database.unit() as db:
            ends = set(db.execute(text("SELECT valid_to FROM certs.representation")).scalars())
        assert ends == {datetime(2044, 5, 31, 16, tzinfo=UTC)}
        library.clock.at += timedelta(days=366 * 18)
        assert kinds(library, CHEN, CHILD) == ()

    def test_end_with_the_certificate(self, library: Library) -> None:
        library.change(library.issue("LT09"), Operation.cancel, to=LicenceStatus.revoked)
        assert kinds(library, LIN, CHILD) == ()

    def test_must_be_on_the_face(self, library: Library) -> None:
        with pytest.raises(RelatedPersonError):
            library.plan("LT09", related=(Related("guardian", ("徐行舟", "111", "31019919900128027X")),))
        with pytest.raises(RelatedPersonError):
            library.plan("LT09", related=(Related("guardian", (LIN[0], "111", "31019919900128027X")),))


class TestMutual:
    def test_spouses(self, library: Library) -> None:
        held = library.issue("LT08")
        assert kinds(library, CHEN, LIN) == kinds(library, LIN, CHEN) == ("spouse",)
        library.change(held, Operation.cancel, to=LicenceStatus.cancelled, reason="divorced")
        assert kinds(library, CHEN, LIN) == ()

    def test_owners(self, library: Library) -> None:
        library.issue("LT10")
        assert kinds(library, CHEN, LIN) == kinds(library, LIN, CHEN) == ("co_owner",)

    def test_one_owner_has_nobody_beside_them(self, library: Library) -> None:
        library.issue("LT10", holders=(CHEN,), face=FACES["LT10"] | {"right_holders": [CHEN[0]]})
        assert library.count("certs.representation") == 0


def stated(library: Library, person: tuple[str, str, str], source: str) -> None:
    """A fact an authority stated by itself, before there was a licence here."""
    with library.database.unit() as db:
        firm = library.holders.register(db, HolderKind.organisation, FIRM[0], [Identifier(*FIRM[1:])])
        someone = library.holders.register(db, HolderKind.person, person[0], [Identifier(*person[1:])])
        library.representations.record(
            db,
            organisation=firm,
            person=someone,
            kind="legal_representative",
            valid_from=library.clock.now(),
            valid_to=None,
            source=source,
            operator="bs-002",
        )
