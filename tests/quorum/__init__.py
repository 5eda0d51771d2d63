"""A real chain of four QBFT validators on this machine."""
