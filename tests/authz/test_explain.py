"""Policy by policy: the explanation agrees with the decision, and names every policy that holds."""

from __future__ import annotations

import pytest

from authz import explain, policy
from authz.errors import InvalidTermsError
from authz.reasons import Reason

BOOK = policy.load()


class TestAnswer:
    @pytest.mark.parametrize("basis", ["grant", "duty"])
    def test_the_situation_as_it_stands_is_allowed(self, basis: str) -> None:
        found = explain.answer(BOOK, explain.situation({"use.basis": basis}))
        assert found.allowed
        assert {line.policy for line in found.lines if line.holds} == {f"use-by-{basis}"}
        assert {line.policy for line in found.lines} == set(BOOK.names.values())

    def test_every_policy_that_refuses_is_named_with_its_words(self) -> None:
        found = explain.answer(BOOK, explain.situation({"thing.status": "disputed", "use.case_open": "false"}))
        assert not found.allowed
        assert set(found.reasons) == {Reason.status_disputed, Reason.case_closed}
        refusing = {line.policy: line.wording for line in found.lines if line.effect == "forbid" and line.holds}
        assert set(refusing) == {"status-disputed", "case-is-open"}
        assert refusing["case-is-open"].zh == "办件已办结"  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        "changes",
        [
            {"thing.level": "4", "party.kind": "social"},
            {"grant.uses_left": "0"},
            {"grant.regions": '["320000"]'},
            {"thing.share": "O", "use.basis": "open"},
            {"use.presence": "none", "use.related": "false"},
            {"use.roles": '["auditor"]'},
            {"grant.case": "another"},
        ],
    )
    def test_agrees_with_the_decision(self, changes: dict[str, str]) -> None:
        found = explain.answer(BOOK, explain.situation(changes))
        permits = any(line.holds for line in found.lines if line.effect == "permit")
        forbids = {BOOK.reasons[line.policy] for line in found.lines if line.effect == "forbid" and line.holds}
        assert found.allowed is (permits and not forbids)
        assert set(found.reasons) == forbids

    def test_policy_that_errs_is_told_and_denies(self) -> None:
        texts = dict(BOOK.texts)
        texts["acts.cedar"] += (
            '\n@id("bad") @reason("cause-invalid") forbid (principal, action == Action::"copy", resource)'
            " when { context.now * 9223372036854775807 > 0 };"
        )
        found = explain.answer(policy.from_texts(texts), explain.situation({}))
        assert not found.allowed
        assert [line.policy for line in found.lines if line.holds is None] == ["bad"]


class TestSituation:
    @pytest.mark.parametrize("path", ["thing.colour", "nothing.level", "level", "use.grant"])
    def test_fact_that_does_not_exist_is_refused(self, path: str) -> None:
        with pytest.raises(InvalidTermsError):
            explain.situation({path: "1"})

    def test_leaves_the_default_alone(self) -> None:
        explain.situation({"thing.level": "4"})["use"]["roles"].append("auditor")
        assert explain.SITUATION["thing"]["level"] == 2
        assert explain.SITUATION["use"]["roles"] == ["window"]
