"""Nobody is found in public figures: small groups are left out, and subtraction does not bring them back."""

from __future__ import annotations

from hypothesis import given, strategies as st

from materials.figures.model import NOTHING, Counts
from materials.figures.small import LEAST, suppressed

PEOPLE = ("deposits", "archived", "cases", "intakes", "decided")
counts = st.fixed_dictionaries({name: st.integers(0, 40) for name in PEOPLE}).map(Counts)


def of(cases: int) -> Counts:
    return Counts({"cases": cases})


class TestSuppressed:
    def test_tells_large_groups_as_they_are(self) -> None:
        rows = [("a", of(10)), ("b", of(200))]
        assert suppressed(rows) == (rows, of(10) + of(200))

    def test_takes_a_second_along_where_one_is_too_small(self) -> None:
        shown, total = suppressed([("a", of(3)), ("b", of(50)), ("c", of(20)), ("d", of(0))])
        assert [key for key, held in shown if held is None] == ["a", "c"]
        assert total is not None

    def test_tells_nothing_where_the_whole_is_small(self) -> None:
        assert suppressed([("a", of(4)), ("b", of(5))]) == ([("a", None), ("b", None)], None)

    def test_tells_nothing_of_nobody(self) -> None:
        assert suppressed([]) == ([], NOTHING)

    @given(st.lists(counts, max_size=8))
    def test_what_is_left_out_cannot_be_had_by_subtraction(self, groups: list[Counts]) -> None:
        rows = [(str(number), held) for number, held in enumerate(groups)]
        shown, total = suppressed(rows)
        hidden = [held for (_, held), (_, told) in zip(rows, shown, strict=True) if told is None]
        for _, told in shown:
            assert told is None or all(told[name] == 0 or told[name] >= LEAST for name in PEOPLE)
        if total is None:
            assert all(told is None for _, told in shown)
            return
        rest = sum(hidden, NOTHING)
        if hidden and len(hidden) < len(rows):
            assert len(hidden) > 1
            assert all(rest[name] == 0 or rest[name] >= LEAST for name in PEOPLE)
        assert all(total[name] == 0 or total[name] >= LEAST for name in PEOPLE)
