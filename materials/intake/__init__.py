"""Bulk intake of an existing archive: a manifest of files, checked row by row, taken in batch by batch."""
