"""Figures (docs/figures.md): what was collected, reused and spared, made from the records and from nothing else."""
