"""What a verifier sees by a code, over every type, kind of code and kind of verifier."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from authz.model import Mode, PartyKind, Scenario
from certs import masks, showing
from certs.catalogue import LicenceCatalogue
from certs.licencetypes import LicenceType
from certs.model import Code, CodeKind

TYPES = LicenceCatalogue.load().types
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def code(kind: CodeKind, fields: tuple[str, ...] | None = None) -> Code:
    return Code("c", kind, "h", "l", "app", "s", None, None, None, fields, NOW, NOW + timedelta(days=1))


def scenario(kind: LicenceType, fields: tuple[str, ...] | None, mode: Mode = Mode.data) -> Scenario:
    return Scenario("S", "ORG", PartyKind.social, "p", frozenset({kind.code}), fields, mode, NOW, None, 1)


def every(kind: LicenceType) -> tuple[str, ...]:
    """Every field there is, in clear."""
    return tuple(name + masks.CLEAR for name in (*showing.presentable(kind), *kind.by_name))


def levels(kind: LicenceType, names: tuple[str, ...]) -> set[int]:
    return {kind.field_of(masks.bare(name)).level for name in names}


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
class TestSelected:
    @pytest.mark.parametrize("party", PartyKind)
    def test_paper_and_walls_show_little_whatever_the_scope(self, kind: LicenceType, party: PartyKind) -> None:
        scope = scenario(kind, every(kind))
        printed = showing.selected(kind, scope, code(CodeKind.printed), party)
        company = showing.selected(kind, scope, code(CodeKind.company), party)
        assert levels(kind, printed) <= {1}
        assert levels(kind, company) <= ({1} if party is PartyKind.social else {1, 2})

    def test_a_screen_shows_what_the_type_presents(self, kind: LicenceType) -> None:
        seen = showing.selected(kind, scenario(kind, every(kind)), code(CodeKind.live), PartyKind.social)
        assert {masks.bare(name) for name in seen} == set(showing.presentable(kind))

    def test_a_scope_without_fields_has_what_the_type_presents_masked(self, kind: LicenceType) -> None:
        seen = showing.selected(kind, scenario(kind, None), code(CodeKind.live), PartyKind.social)
        assert seen == kind.presenting

    def test_a_holder_narrows_and_never_widens(self, kind: LicenceType) -> None:
        chosen = code(CodeKind.live, ("holder_name", "issue_date"))
        assert showing.selected(kind, scenario(kind, ("issue_date",)), chosen, PartyKind.social) == ("issue_date",)

    def test_a_scope_that_verifies_sees_no_field(self, kind: LicenceType) -> None:
        scope = scenario(kind, every(kind), Mode.verify)
        assert showing.selected(kind, scope, code(CodeKind.live), PartyKind.government) == ()

    def test_is_covered_by_its_own_code_or_its_materials(self, kind: LicenceType) -> None:
        scope = scenario(kind, None)
        assert showing.covers(scope, kind)
        by_material = replace(scope, types=frozenset({kind.material_type} - {None}))
        assert showing.covers(by_material, kind) == (kind.material_type is not None)
        assert not showing.covers(replace(scope, types=frozenset({"LT99", "CL999"})), kind)
