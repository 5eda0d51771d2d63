"""Reading canonical RLP (Yellow Paper, appendix B): one encoding for each value, nothing after it.

Flat on purpose: the caller takes one list apart at a time, so that nesting from outside never reaches Python's
recursion limit. `step` is the number of the verification step to name on failure.
"""

from __future__ import annotations

from ledger.errors import ChainProofError


def split(encoded: bytes, step: int) -> list[bytes]:
    """The items of one list, still encoded.

    Raises:
        ChainProofError: not exactly one canonical list.
    """
    is_list, at, end = _item(encoded, 0, step)
    if not is_list or end != len(encoded):
        raise ChainProofError(step=step, reason="rlp")
    items = []
    while at < end:
        _, _, after = _item(encoded, at, step)
        items.append(encoded[at:after])
        at = after
    if at != end:
        raise ChainProofError(step=step, reason="rlp")
    return items


def string(encoded: bytes, step: int) -> bytes:
    """The content of one string.

    Raises:
        ChainProofError: not exactly one canonical string.
    """
    is_list, start, end = _item(encoded, 0, step)
    if is_list or end != len(encoded):
        raise ChainProofError(step=step, reason="rlp")
    return encoded[start:]


def join(items: list[bytes]) -> bytes:
    """The list of items that are encoded already."""
    content = b"".join(items)
    if len(content) <= 55:
        return bytes([0xC0 + len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([0xF7 + len(size)]) + size + content


def encode(content: bytes) -> bytes:
    """A string."""
    if len(content) == 1 and content[0] < 0x80:
        return content
    if len(content) <= 55:
        return bytes([0x80 + len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([0xB7 + len(size)]) + size + content


def _item(data: bytes, at: int, step: int) -> tuple[bool, int, int]:
    """The item at a place: whether it is a list, where its content starts and ends."""
    if at >= len(data):
        raise ChainProofError(step=step, reason="rlp")
    first = data[at]
    if first < 0x80:  # a byte is its own encoding
        return False, at, at + 1
    is_list = first >= 0xC0
    length = first - (0xC0 if is_list else 0x80)
    start = at + 1
    if length > 55:  # the length follows in length - 55 bytes
        start += length - 55
        prefix = data[at + 1 : start]
        length = int.from_bytes(prefix, "big")
        if prefix[:1] == b"\0" or length <= 55:
            raise ChainProofError(step=step, reason="rlp")
    end = start + length
    if end > len(data) or (not is_list and length == 1 and data[start] < 0x80):
        raise ChainProofError(step=step, reason="rlp")
    return is_list, start, end
