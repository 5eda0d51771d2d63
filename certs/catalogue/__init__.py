"""The licence catalogue: 25 types and the composite, read from data files and checked as a whole."""

from certs.catalogue.catalogue import LicenceCatalogue
from certs.licencetypes import FaceField, LicenceType

__all__ = ["FaceField", "LicenceCatalogue", "LicenceType"]
