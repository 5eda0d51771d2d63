"""Rows of materials, PostgreSQL schema `materials`. Seen by the stores of this package only.

Holders, parties and objects belong to packages to the right: their ids are kept here without a foreign key. A module
names tables of those before it only: `cases`, `things`, `supply`, `readings`, `reviews`, `intakes`, `figures`,
`automatic`, `editing`.
"""

from materials.tables import automatic, cases, editing, figures, intakes, readings, reviews, supply, things
from materials.tables.base import metadata

__all__ = ["automatic", "cases", "editing", "figures", "intakes", "metadata", "readings", "reviews", "supply", "things"]
