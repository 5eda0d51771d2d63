"""Random indices without a table of free ones: a secret permutation of a list's places.

Numbers are given out in order, which costs nothing and never collides; the permutation scatters them, so that an index
says nothing about when its licence was issued. It is a balanced Feistel network over HMAC-SHA-256 (Luby and Rackoff;
ten rounds, as NIST SP 800-38G takes for FF1), 20 bits wide: exactly the places of one list.
"""

from __future__ import annotations

import hmac
from typing import Final

from certs.credentials.statuslist import CAPACITY

_ROUNDS: Final = 10
_HALF: Final = (CAPACITY.bit_length() - 1) // 2
_MASK: Final = (1 << _HALF) - 1
KEY_SIZE: Final = 32


def place(number: int, key: bytes) -> int:
    """The index of the `number`-th place of a list.

    Args:
        number: 0 to `CAPACITY` - 1.
        key: of the list, 32 random bytes.

    Raises:
        ValueError: a number outside the list.
    """
    if not 0 <= number < CAPACITY:
        msg = "no place of the list"
        raise ValueError(msg)
    left, right = number >> _HALF, number & _MASK
    for turn in range(_ROUNDS):
        mixed = hmac.digest(key, bytes([turn]) + right.to_bytes(4), "sha256")
        left, right = right, left ^ int.from_bytes(mixed[:4]) & _MASK
    return left << _HALF | right
