"""Identity codes: the checks of GB 11643 (citizens), GB 32100 (organisations) and GB 11714 (the code inside it).

Pure functions. A code that fails is refused before anything is stored or looked up: a mistyped digit would otherwise
make a second holder, and every material of the first would be lost to a search.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from authz.errors import InvalidIdentityError

PERSON: Final = "111"
ORGANISATION: Final = "001"

_PERSON_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PERSON_CHECK: Final = "10X98765432"
"""GB 11643-1999, 4.2 and table 1: weights 2^(17-i) mod 11, check character by remainder."""

_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
"""GB 32100-2015, 5 and annex A: digits and letters without I O S V Z; weights 3^i mod 31."""

_ORG_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ORG_VALUES: Final = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
"""GB 11714-1997, annex A."""

_PROVINCES: Final = frozenset(
    str(number)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
    for number in range(first, last + 1)
)
"""First two digits of a division code, GB/T 2260; 83 is used on permits of Taiwan residents, 91 abroad."""

_PERSON_FORM: Final = re.compile(r"[0-9]{17}[0-9X]")
_USCC_FORM: Final = re.compile(rf"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")
_OTHER: Final = re.compile(r"[0-9A-Z()\-]{3,64}")
_TYPE: Final = re.compile(r"[0-9]{3}|oidc")
_EARLIEST: Final = date(1850, 1, 1)


def check_code(type_: str, code: str) -> None:
    """Check an identity code by the rule of its type.

    Args:
        type_: three digits (DOMAIN c1) or `oidc`.
        code: the code, upper case.

    Raises:
        InvalidIdentityError: it fails; the field `problem` says which check, never the code.
    """
    if not _TYPE.fullmatch(type_):
        raise InvalidIdentityError(type="unknown", problem="type")
    if type_ == PERSON:
        check_person(code)
    elif type_ == ORGANISATION:
        check_organisation(code)
    elif type_ != "oidc" and not _OTHER.fullmatch(code):
        raise InvalidIdentityError(type=type_, problem="form")


def check_person(code: str) -> None:
    """Check a citizen identity number (GB 11643-1999): form, division, date of birth, check character.

    Divisions are checked by province only: towns were renamed and merged, and a number keeps its first division. The
    unused 310199 of our synthetic people passes like any other.

    Raises:
        InvalidIdentityError: one of the checks fails.
    """
    if not _PERSON_FORM.fullmatch(code):
        raise InvalidIdentityError(type=PERSON, problem="form")
    if code[:2] not in _PROVINCES:
        raise InvalidIdentityError(type=PERSON, problem="division")
    try:
        born = date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError as error:
        raise InvalidIdentityError(type=PERSON, problem="date") from error
    if born < _EARLIEST:
        raise InvalidIdentityError(type=PERSON, problem="date")
    total = sum(weight * int(digit) for weight, digit in zip(_PERSON_WEIGHTS, code, strict=False))
    if _PERSON_CHECK[total % 11] != code[17]:
        raise InvalidIdentityError(type=PERSON, problem="check")


def check_organisation(code: str) -> None:
    """Check a unified social credit code (GB 32100-2015) and the organisation code inside it (GB 11714-1997).

    Raises:
        InvalidIdentityError: one of the checks fails.
    """
    if not _USCC_FORM.fullmatch(code):
        raise InvalidIdentityError(type=ORGANISATION, problem="form")
    if code[2:4] not in _PROVINCES and code[2:4] != "10":  # 100000: registered with a central authority
        raise InvalidIdentityError(type=ORGANISATION, problem="division")
    inner = sum(weight * _ORG_VALUES[character] for weight, character in zip(_ORG_WEIGHTS, code[8:16], strict=True))
    if "0123456789X0"[11 - inner % 11] != code[16]:
        raise InvalidIdentityError(type=ORGANISATION, problem="organisation-check")
    values = (_USCC_ALPHABET.index(character) for character in code[:17])
    total = sum(weight * value for weight, value in zip(_USCC_WEIGHTS, values, strict=True))
    if _USCC_ALPHABET[-total % 31] != code[17]:
        raise InvalidIdentityError(type=ORGANISATION, problem="check")


_NUMBER_OF_A_PERSON: Final = re.compile(r"(?<![0-9])([0-9]{17}[0-9Xx]|1[3-9][0-9]{9})(?![0-9])")


def names_a_person(text: str) -> bool:
    """Whether free text holds what looks like an identity number or a mobile phone number."""
    return _NUMBER_OF_A_PERSON.search(text) is not None
