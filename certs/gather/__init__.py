"""Bulk gathering (归集) of licences that were issued elsewhere or before: rows in, quality judged, licences written."""

from certs.gather.rows import Flaw, GatheredRow, Refusal
from certs.gather.service import Gathered, Gathering

__all__ = ["Flaw", "Gathered", "GatheredRow", "Gathering", "Refusal"]
