"""The catalogue: 57 material types and the service items, read from data files and checked as a whole."""

from materials.catalogue.catalogue import Catalogue

__all__ = ["Catalogue"]
