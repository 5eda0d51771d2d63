"""Tests of `materials.figures`."""
