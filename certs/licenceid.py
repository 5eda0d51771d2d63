"""电子证照标识, the id of an e-licence (GB/T 36904): `1.2.156.3005.2.<type>.<issuer>.<serial>.<version>.<check>`.

Pure functions. The check character is ISO 7064 MOD 37,36 over type, issuer, serial and version joined without dots. It
finds every single wrong character and every swap of two neighbours, so a mistyped id is refused before it is looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Self

from authz.errors import InvalidIdentityError
from authz.identifiers import check_organisation
from certs.errors import LicenceIdError

ARC: Final = "1.2.156.3005.2"
"""Object identifier arc of e-licences (GB/T 36904)."""
MAX_VERSION: Final = 999

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}
_FORM: Final = re.compile(
    r"1\.2\.156\.3005\.2\.([0-9A-Z]{18}\d{3})\.([0-9A-Z]{18}|\d{6})\.([0-9A-Z]{1,32})\.(\d{3})\.([0-9A-Z])"
)
_SERIAL: Final = re.compile(r"[0-9A-Z]{1,32}")


def check_character(body: str) -> str:
    """The check character of a text of 0-9 and A-Z, by ISO 7064 MOD 37,36 (hybrid system, clause 9)."""
    product = 36
    for character in body:
        total = (product + _VALUES[character]) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(37 - product) % 36]


@dataclass(frozen=True, slots=True)
class LicenceId:
    """An id in its parts.

    Attributes:
        type_code: 证照类型代码, 21 characters.
        issuer_code: 颁发机构代码: a unified social credit code; in old ids of other places a division of six digits.
        serial: 流水号, up to 32 characters.
        version: 1 to 999.
    """

    type_code: str
    issuer_code: str
    serial: str
    version: int

    @classmethod
    def make(cls, type_code: str, issuer_code: str, serial: str, version: int = 1) -> Self:
        """An id this node gives out.

        Raises:
            LicenceIdError: the issuer is not named by a unified social credit code, or a part has a wrong form.
        """
        try:
            check_organisation(issuer_code)
        except InvalidIdentityError as error:
            raise LicenceIdError(problem="issuer") from error
        if not _SERIAL.fullmatch(serial) or not 1 <= version <= MAX_VERSION or len(type_code) != 21:
            raise LicenceIdError(problem="form")
        return cls(type_code, issuer_code, serial, version)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read and check an id, given out here or elsewhere.

        Raises:
            LicenceIdError: its form or its check character is wrong.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise LicenceIdError(problem="form")
        type_code, issuer, serial, version, check = found.groups()
        if check_character(type_code + issuer + serial + version) != check:
            raise LicenceIdError(problem="check")
        if version == "000":
            raise LicenceIdError(problem="version")
        return cls(type_code, issuer, serial, int(version))

    def next_version(self) -> Self:
        """The id of the version after this one.

        Raises:
            LicenceIdError: there are 999 already.
        """
        if self.version == MAX_VERSION:
            raise LicenceIdError(problem="version")
        return replace(self, version=self.version + 1)

    @property
    def body(self) -> str:
        """What the check character covers."""
        return f"{self.type_code}{self.issuer_code}{self.serial}{self.version:03d}"

    def __str__(self) -> str:
        middle = f"{self.type_code}.{self.issuer_code}.{self.serial}.{self.version:03d}"
        return f"{ARC}.{middle}.{check_character(self.body)}"
