"""Materials, items and cases: deposit once, use many times (DESIGN 8)."""
