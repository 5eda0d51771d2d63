"""Rows of authorisation, PostgreSQL schema `authz`. Seen by the stores of this package only.

What was signed or hashed is `bytea`. Identity codes, names and ID tokens are ciphertext (DESIGN 5); codes are found by
a keyed HMAC. A module names tables of those before it only: `people`, `parties`, `consent`, `duty`, `uses`,
`oversight`, `notices`.
"""

from authz.tables import consent, duty, notices, oversight, parties, people, uses
from authz.tables.base import metadata
from authz.tables.uses import heads, heads_tile

__all__ = ["consent", "duty", "heads", "heads_tile", "metadata", "notices", "oversight", "parties", "people", "uses"]
