"""What comes of rules: above all what is unclear, which is never taken for passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from materials.review.facts import Facts, Held, Known, Paper, Place, Seal
from materials.review.judging import judge
from materials.review.model import Outcome, State
from materials.review.rules import parse

TODAY = date(2026, 11, 20)
LEASE = "material:CL022"
ADDRESS = {"kind": "equal", "left": "form.premises", "right": f"{LEASE}.premises"}
SIGNED = {"kind": "signed", "of": LEASE, "by": f"{LEASE}.lessee", "at": f"{LEASE}.lessor", "side": "applicant"}
SEALED = {"kind": "sealed", "of": LEASE, "by": "applicant"}
STANDS = {"kind": "status", "of": "LT01", "equals": "01"}


def known(source: str, text: str, doubt: str = "", category: str = "text", paper: str = "m-1") -> Known:
    code = source.removeprefix("material:").partition(".")[0] if source.startswith("material:") else ""
    return Known(text, category, Place(source, paper if code else "", code), doubt)


def facts(*values: Known, **changes: Any) -> Facts:
    held: dict[str, tuple[Known, ...]] = {}
    for each in values:
        held[each.place.source] = (*held.get(each.place.source, ()), each)
    whole: dict[str, Any] = {
        "today": TODAY,
        "demanded": frozenset({"CL001", "CL022"}),
        "form": frozenset({"premises"}),
        "values": held,
        "papers": {"CL022": (Paper("m-1", "CL022", reading="read", clear=(100,)),)},
        "stands_for": {"LT01": "CL001"},
        "organisations": {"applicant": frozenset({"91"})},
    }
    return Facts(**(whole | changes))


def told(rule: dict[str, Any], held: Facts) -> tuple[str, str]:
    outcome: Outcome = judge(parse(rule), held)
    return outcome.state.value, str(outcome.why)


FORM = known("form.premises", "友谊路1588号", category="address")
READ = known(f"{LEASE}.premises", "上海市宝山区友谊路 1588 号", category="address")


class TestValues:
    def test_that_agree_pass_with_their_places(self) -> None:
        outcome = judge(parse(ADDRESS), facts(FORM, READ))
        assert outcome.state is State.passed
        assert [each.source for each in outcome.places] == ["form.premises", f"{LEASE}.premises"]

    @pytest.mark.parametrize(
        ("held", "why"),
        [
            (facts(FORM, replace(READ, doubt="low-confidence")), "low-confidence"),
            (facts(FORM, replace(READ, doubt="check-digit")), "doubtful"),
            (facts(FORM, papers={"CL022": (Paper("m-1", "CL022", reading="queued"),)}), "being-read"),
            (facts(FORM, papers={"CL022": (Paper("m-1", "CL022"),)}), "not-read"),
            (facts(FORM, papers={"CL022": (Paper("m-1", "CL022", reading="failed"),)}), "unreadable"),
            (facts(FORM, papers={"CL022": (Paper("m-1", "CL022", reading="read", clear=(30,)),)}), "poor-image"),
            (facts(FORM), "not-stated"),
            (facts(FORM, papers={}), "no-document"),
            (facts(READ, form=None), "no-form"),
            (facts(READ, missing={"form.premises": "conflict"}), "conflict"),
            (facts(FORM, papers={}, missing={LEASE: "consent"}), "consent"),
        ],
        ids=lambda held: held if isinstance(held, str) else "",
    )
    def test_that_are_missing_or_unsure_are_unclear(self, held: Facts, why: str) -> None:
        assert told(ADDRESS, held) == ("unclear", why)

    @pytest.mark.parametrize(
        ("held", "why"),
        [
            (facts(FORM, READ, demanded=frozenset()), "not-demanded"),
            (facts(FORM, papers={}, vouched={"CL022": "check"}), "vouched"),
            (facts(FORM, papers={}, owed=frozenset({"CL022"})), "owed"),
            (facts(READ, form=frozenset()), "not-demanded"),
        ],
        ids=["not-asked-for", "a-source-vouched", "owed", "no-such-field-now"],
    )
    def test_that_do_not_count_here_are_no_finding(self, held: Facts, why: str) -> None:
        assert told(ADDRESS, held) == ("not-applicable", why)

    def test_of_one_of_two_documents_do_not_speak_for_the_other(self) -> None:
        two = (Paper("m-1", "CL022", reading="read", clear=(100,)), Paper("m-2", "CL022"))
        assert told(ADDRESS, facts(FORM, READ, papers={"CL022": two})) == ("unclear", "not-read")

    def test_that_cannot_be_compared_are_unclear(self) -> None:
        rule = {"kind": "at-least", "left": "form.premises", "value": 3}
        assert told(rule, facts(known("form.premises", "若干"))) == ("unclear", "not-comparable")

    def test_that_a_good_reading_does_not_find_fail_where_they_must_be_there(self) -> None:
        rule = {"kind": "present", "of": [f"{LEASE}.premises"]}
        assert told(rule, facts()) == ("failed", "not-stated")
        poor = {"CL022": (Paper("m-1", "CL022", reading="read", clear=(30,)),)}
        assert told(rule, facts(papers=poor)) == ("unclear", "poor-image")


class TestEqualAll:
    RULE = {"kind": "equal-all", "of": ["form.premises", f"{LEASE}.premises", "material:CL025.address"]}  # noqa: RUF012

    def test_leaves_out_what_does_not_count(self) -> None:
        assert told(self.RULE, facts(FORM, READ)) == ("passed", "")

    def test_finds_a_difference_though_something_is_open(self) -> None:
        held = facts(FORM, replace(READ, text="友谊路1600号"), demanded=frozenset({"CL022", "CL025"}))
        assert told(self.RULE, held) == ("failed", "differs")

    def test_is_unclear_while_something_is_open(self) -> None:
        assert told(self.RULE, facts(FORM, READ, demanded=frozenset({"CL022", "CL025"}))) == ("unclear", "no-document")

    def test_of_one_source_alone_says_nothing(self) -> None:
        assert told(self.RULE, facts(FORM, papers={}, owed=frozenset({"CL022"}))) == ("not-applicable", "owed")


class TestSeals:
    @pytest.mark.parametrize(
        ("paper", "outcome"),
        [
            (Paper("m-1", "CL022", seals=(Seal("91"),)), ("passed", "")),
            (Paper("m-1", "CL022", seals=(Seal("92"),)), ("failed", "no-seal")),
            (Paper("m-1", "CL022", seals=(), seal_problem="seal-missing"), ("failed", "no-seal")),
            (Paper("m-1", "CL022", seals=(), seal_problem="licence-file-altered"), ("failed", "seal-broken")),
            (Paper("m-1", "CL022"), ("unclear", "seals-unchecked")),
        ],
        ids=["there", "a-strangers", "none", "altered", "unchecked"],
    )
    def test_of_an_organisation(self, paper: Paper, outcome: tuple[str, str]) -> None:
        assert told(SEALED, facts(papers={"CL022": (paper,)})) == outcome

    def test_of_nobody_the_case_names_are_unclear(self) -> None:
        paper = Paper("m-1", "CL022", seals=(Seal("91"),))
        held = facts(papers={"CL022": (paper,)}, organisations={"applicant": frozenset()})
        assert told(SEALED, held) == ("unclear", "nobody-named")

    def test_stand_for_the_signature_of_who_signed_for_them(self) -> None:
        paper = Paper("m-1", "CL022", reading="read", clear=(100,), seals=(Seal("91", by_signature=True),))
        assert told(SIGNED, facts(papers={"CL022": (paper,)})) == ("passed", "")
        without = replace(paper, seals=(Seal("91"),))
        assert told(SIGNED, facts(papers={"CL022": (without,)})) == ("failed", "not-signed")

    @pytest.mark.parametrize(
        ("name", "outcome"), [("陈安澜", ("passed", "")), ("徐行舟", ("failed", "other-signer"))], ids=["own", "other"]
    )
    def test_signature_is_of_who_is_named(self, name: str, outcome: tuple[str, str]) -> None:
        held = facts(known(f"{LEASE}.lessor", name), known(f"{LEASE}.lessee", "陈安澜"))
        assert told(SIGNED, held) == outcome

    def test_signature_that_was_looked_at_accuses_nobody(self) -> None:
        scan = {"CL022": (Paper("m-1", "CL022", reading="read", clear=(97,)),)}
        held = facts(known(f"{LEASE}.lessor", "陈安谰"), known(f"{LEASE}.lessee", "陈安澜"), papers=scan)
        assert told(SIGNED, held) == ("unclear", "low-confidence")


class TestLicences:
    def test_standing_or_not(self) -> None:
        for status, standing, state in (("01", "active", "passed"), ("02", "suspended", "failed")):
            held = facts(licences={"LT01": (Held("l-1", "LT01", status, standing),)})
            assert told(STANDS, held)[0] == state

    def test_under_dispute_does_not_stand(self) -> None:
        assert told(STANDS, facts(licences={"LT01": (Held("l-1", "LT01", "01", "disputed"),)})) == ("failed", "status")

    def test_nobody_may_look_at_yet_is_unclear(self) -> None:
        assert told(STANDS, facts(missing={"LT01": "consent"})) == ("unclear", "consent")

    def test_of_one_person_does_not_speak_for_another(self) -> None:
        one = {"LT01": (Held("l-1", "LT01", "01", "active"),)}
        assert told(STANDS, facts(licences=one, missing={"LT01": "no-licence"})) == ("unclear", "no-licence")
        rule = {"kind": "equal", "left": "form.premises", "right": "LT01.domicile"}
        held = facts(FORM, known("LT01.domicile", "牡丹江路1号"), missing={"LT01.domicile": "consent"})
        assert told(rule, held) == ("unclear", "consent")

    def test_its_register_vouched_for_stands(self) -> None:
        assert told(STANDS, facts(missing={"LT01": "consent"}, vouched={"CL001": "check"})) == ("passed", "")


class TestTime:
    RULE = {"kind": "in-time", "of": LEASE}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("changes", "outcome"),
        [
            ({"ends": date(2027, 1, 1)}, ("passed", "")),
            ({"ends": TODAY}, ("passed", "")),
            ({"ends": date(2026, 11, 19)}, ("failed", "expired")),
            ({"begins": date(2026, 12, 1), "ends": date(2027, 1, 1)}, ("failed", "not-yet-valid")),
            ({"standing": "withdrawn", "ends": date(2027, 1, 1)}, ("failed", "ended")),
            ({"endless": True}, ("passed", "")),
            ({}, ("unclear", "end-unknown")),
        ],
        ids=["in-time", "its-last-day", "over", "too-early", "withdrawn", "endless", "not-stated"],
    )
    def test_of_a_document(self, changes: dict[str, Any], outcome: tuple[str, str]) -> None:
        paper = replace(Paper("m-1", "CL022", reading="read", clear=(100,)), **changes)
        assert told(self.RULE, facts(papers={"CL022": (paper,)})) == outcome

    def test_reversed_days_fail_though_the_reading_doubts_them(self) -> None:
        rule = {"kind": "before", "left": f"{LEASE}.starts_on", "right": f"{LEASE}.ends_on"}
        days = (("starts_on", "2027-01-01"), ("ends_on", "2026-01-01"))
        values = [known(f"{LEASE}.{name}", day, "period-reversed", "day") for name, day in days]
        assert told(rule, facts(*values)) == ("failed", "out-of-order")


class TestFormula:
    RULE = {"kind": "formula", "of": "form.due", "formula": "payroll / heads * 2"}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("heads", "due", "outcome"),
        [
            ("3", "66.67", ("passed", "")),
            ("3", "66.70", ("failed", "formula-differs")),
            ("0", "0.00", ("unclear", "not-comparable")),
        ],
        ids=["to-the-cent", "other", "by-nothing"],
    )
    def test_is_computed_by_decimal(self, heads: str, due: str, outcome: tuple[str, str]) -> None:
        held = {"due": due, "heads": heads, "payroll": "100"}
        values = [known(f"form.{name}", text, category="amount") for name, text in held.items()]
        assert told(self.RULE, facts(*values, form=frozenset(held))) == outcome
