"""The edge: HTTP, command line, workers, settings, wiring; the only package that knows them all (DESIGN 2)."""
