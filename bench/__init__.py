"""Benchmarks: what the exchange costs over the raw parts below it, as ratios measured in one run.

Every ratio prints both absolutes; both sides do the same work with the same fsync and lock settings; the median of
five interleaved pairs is taken. `cailian bench` (or `make bench`) runs them all.
"""
