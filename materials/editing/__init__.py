"""Definitions of items, material types and licence types: edited by one person, published by another."""

from materials.editing.service import Editing
from materials.editing.texts import LARGEST, differences

__all__ = ["LARGEST", "Editing", "differences"]
