"""Figures."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid

from materials.tables.base import metadata
from materials.tables.cases import case

OF_CASE: Final = (
    *("by_licence", "by_check", "by_reuse", "by_assistance", "by_generated", "by_commitment", "by_upload"),
    *("avoidable", "fields", "prefilled"),
)
"""What one accepted case counts for; docs/figures.md defines each."""

MEASURES: Final = (
    *("deposits", "archived", "cases"),
    *OF_CASE,
    *("intakes", "first_pass", "second_back", "decided", "in_time", "in_law"),
)
"""What is counted for a day."""


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


figure_case: Final = Table(
    "figure_case",
    metadata,
    Column("case_no", Text, ForeignKey(case.c.case_no), primary_key=True),
    Column("day", Date, nullable=False),
    *(_count(name) for name in OF_CASE),
    Index("ix_figure_case_day", "day"),
)
"""What an accepted case counts for (docs/figures.md): read once from its kept checklist and its form."""

figure_day: Final = Table(
    "figure_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("item_code", Text, primary_key=True),
    Column("party_id", Uuid(as_uuid=False), primary_key=True),
    Column("division", Text, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in MEASURES),
    Index("ix_figure_day_party_id_day", "party_id", "day"),
)
"""Figures of a day, by item (empty where a deposit belongs to no case), organisation and division. Made from
the records, and made anew from them at any time (`materials.figures`)."""
