"""Face data (照面信息): checked against their type, committed to under a salt, encrypted at rest.

The face of a licence and the holders as they stood on it are one sealed value. Its digests go into the log and into the
row: they say that this face was recorded, and without the salt, which lies in the sealed value, nobody can guess it.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Self

from authz.errors import InvalidIdentityError
from authz.identifiers import PERSON, check_code, check_person
from certs.errors import FaceInvalidError, HolderKindError
from ledger.digests import digest
from ledger.record import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from authz.vault import IdentityVault
    from certs.licencetypes import FaceField, LicenceType
    from certs.model import Face

DOMAIN: Final = b"cailian/face/v1\0"
SALT_SIZE: Final = 16
MAX_TEXT: Final = 4000
"""Longest text of a field; scopes of business are long."""
MAX_LIST: Final = 200
MAX_HOLDERS: Final = 16
_VERSION: Final = 1
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
_OTHER_CODE: Final = re.compile(r"[0-9A-Z()\-]{3,64}")
ORGANISATION_TYPES: Final = frozenset({"001", "099"})
"""Code types of organisations (DOMAIN c1)."""

Holder = tuple[str, str, str]
"""Name, code type and code, as on the face."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a face says: the part of a licence that is about people.

    Attributes:
        holders: name, code type and code of each.
        face: face data.
        salt: 16 random bytes.
    """

    holders: tuple[Holder, ...]
    face: Face
    salt: bytes

    @classmethod
    def fresh(cls, holders: tuple[Holder, ...], face: Face) -> Self:
        """Content of a new licence, with a salt of its own."""
        return cls(holders, face, os.urandom(SALT_SIZE))

    def committed(self) -> bytes:
        """The bytes whose digests are recorded: domain, salt, canonical JSON."""
        return DOMAIN + self.salt + canonical(self._plain())

    def sha256(self) -> str:
        """SHA-256 of `committed`, hexadecimal."""
        return sha256(self.committed()).hexdigest()

    def digests(self) -> tuple[str, str]:
        """SHA-256 and SM3 of `committed`, hexadecimal."""
        summed = digest(self.committed())
        return summed.sha256.hex(), summed.sm3.hex()

    def shut(self, vault: IdentityVault, licence: str) -> bytes:
        """Encrypt for the row of one licence."""
        return vault.shut(json.dumps({"salt": self.salt.hex(), **self._plain()}, ensure_ascii=False), _place(licence))

    @classmethod
    def open(cls, vault: IdentityVault, sealed: bytes, licence: str) -> Self:
        """Decrypt what `shut` encrypted for the same licence.

        Raises:
            SealBrokenError: it belongs to another row, or was changed.
        """
        held = json.loads(vault.open(sealed, _place(licence)))
        face = {name: value if isinstance(value, str) else tuple(value) for name, value in held["face"].items()}
        holders = tuple((name, kind, code) for name, kind, code in held["holders"])
        return cls(holders, face, bytes.fromhex(held["salt"]))

    def _plain(self) -> dict[str, object]:
        face = {name: value if isinstance(value, str) else list(value) for name, value in self.face.items()}
        return {"face": face, "holders": [list(each) for each in self.holders], "v": _VERSION}


def _place(licence: str) -> bytes:
    return f"licence/face/{licence}".encode()


def check_face(
    kind: LicenceType, given: Mapping[str, str | Sequence[str]], lacking: Collection[str] = frozenset()
) -> Face:
    """Face data as they are kept: every text in NFC without blanks around it, empty ones left out.

    Args:
        lacking: fields that may be missing although the type demands them: it got them after the licence was issued.

    Raises:
        FaceInvalidError: a field the type does not know, a missing one, or one that is not what it must be. `field`
            names it, `problem` says what; the value is never repeated.
    """
    unknown = given.keys() - kind.by_name.keys()
    if unknown:
        raise FaceInvalidError(problem="unknown field", count=len(unknown))
    face: dict[str, str | tuple[str, ...]] = {}
    for field in kind.fields:
        value = _value(field, given.get(field.name, ""))
        if value:
            face[field.name] = value
        elif field.required and field.name not in lacking:
            raise FaceInvalidError(field=field.name, problem="missing")
    return face


def _value(field: FaceField, given: str | Sequence[str]) -> str | tuple[str, ...]:
    if isinstance(given, str) != (field.kind != "list"):
        if given == "":
            return ""
        raise FaceInvalidError(field=field.name, problem="a list where a text should be, or a text for a list")
    if isinstance(given, str):
        text = _text(field, given)
        if text:
            _CHECKS[field.kind](field, text)
        return text
    if len(given) > MAX_LIST:
        raise FaceInvalidError(field=field.name, problem="too many", limit=MAX_LIST)
    return tuple(_text(field, each) for each in given if each.strip())


def _text(field: FaceField, given: str) -> str:
    text = unicodedata.normalize("NFC", given).strip()
    if len(text) > MAX_TEXT or any(unicodedata.category(each) in {"Cc", "Cs", "Cf", "Co"} for each in text):
        raise FaceInvalidError(field=field.name, problem="too long, or characters that cannot be printed")
    return text


def _any(_field: FaceField, _text: str) -> None:
    """A field of no special form."""


def _date(field: FaceField, text: str) -> None:
    try:
        good = date.fromisoformat(text).isoformat() == text
    except ValueError:
        good = False
    if not good:
        raise FaceInvalidError(field=field.name, problem="not a date YYYY-MM-DD")


def _number(field: FaceField, text: str) -> None:
    if not _NUMBER.fullmatch(text):
        raise FaceInvalidError(field=field.name, problem="not a number")


def _id_code(field: FaceField, text: str) -> None:
    if re.fullmatch(r"\d{17}[\dXx]", text):
        try:
            check_person(text)
        except InvalidIdentityError as error:
            raise FaceInvalidError(field=field.name, problem="identity code fails its check") from error
    elif not _OTHER_CODE.fullmatch(text):
        raise FaceInvalidError(field=field.name, problem="not an identity code")


_CHECKS: Final[Mapping[str, Callable[[FaceField, str], None]]] = {
    "text": _any,
    "address": _any,
    "person_name": _any,
    "date": _date,
    "number": _number,
    "id_code": _id_code,
}


def check_holders(kind: LicenceType, holders: Sequence[Holder]) -> str:
    """Check who stands on a licence; the holder kind: person, organisation or mixed.

    Raises:
        HolderKindError: too many, twice the same, or of a kind the type is not for.
        InvalidIdentityError: a code fails its check.
    """
    if not 1 <= len(holders) <= (MAX_HOLDERS if kind.several_holders else 1):
        raise HolderKindError(problem="number of holders")
    if kind.mutual == "spouse" and len(holders) != 2:
        raise HolderKindError(problem="two holders are needed")
    for _, code_type, code in holders:
        check_code(code_type, code)
    if len({(code_type, code) for _, code_type, code in holders}) < len(holders):
        raise HolderKindError(problem="one holder twice")
    kinds = {"organisation" if code_type in ORGANISATION_TYPES else "person" for _, code_type, _ in holders}
    if not kinds <= set(kind.holder_kinds):
        raise HolderKindError(problem="kind of holder")
    return kinds.pop() if len(kinds) == 1 else "mixed"


def contradictions(holders: Sequence[Holder], face: Face) -> list[str]:
    """Fields of a face that contradict the identity code of its one holder (GB 11643: digits 7 to 14 and 17)."""
    if len(holders) != 1:
        return []
    name, code_type, code = holders[0]
    found = []
    if "name" in face and face["name"] != name:
        found.append("name")
    if code_type == PERSON:
        born = f"{code[6:10]}-{code[10:12]}-{code[12:14]}"
        if face.get("born_on", born) != born:
            found.append("born_on")
        sex = "男" if int(code[16]) % 2 else "女"
        if face.get("sex", sex) != sex:
            found.append("sex")
    return found
