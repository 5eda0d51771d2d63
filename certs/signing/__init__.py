"""Seal and signing keys: algorithms, certificates, where private halves lie, rotation, revocation."""
