"""Tests of `materials.intake`."""
