"""Drawing pages: a few at a time, and nobody waits long for a turn."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from materials import pages
from materials.errors import PagesBusyError


class TestTurn:
    def test_who_finds_them_all_taken_is_told_so(self) -> None:
        with ExitStack() as taken:
            for _ in range(2):
                taken.enter_context(pages.turn())
            with pytest.raises(PagesBusyError), pages.turn():
                pass

    def test_is_given_back_whatever_comes_of_it(self) -> None:
        for _ in range(3):
            with pytest.raises(ZeroDivisionError), pages.turn():
                raise ZeroDivisionError
        with pages.turn():
            pass
