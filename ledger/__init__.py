"""Evidence: the object store, the log and its proofs, the chain (DESIGN 4 to 6)."""
