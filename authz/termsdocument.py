"""What holders sign: an object with one canonical form (RFC 8785), of which they sign the digest (DESIGN 7).

Grants, delegations and enrolments of keys are such terms. Each says how its document is written and read; that nothing
else passes for it, not another version, an unknown member or another spelling of a time, is decided here.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

from authz.errors import InvalidTermsError
from authz.vault import digest_of
from ledger.errors import NotCanonicalError
from ledger.record import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping


class SignedTerms(ABC):
    """Terms as they are shown, hashed and kept."""

    __slots__ = ()

    @abstractmethod
    def document(self) -> dict[str, Any]:
        """The terms as they are shown and hashed."""

    @classmethod
    @abstractmethod
    def _read(cls, document: Mapping[str, Any]) -> Self:
        """Terms from a document; whatever it raises on a wrong one is told as `InvalidTermsError`."""

    def encode(self) -> bytes:
        """The canonical bytes.

        Raises:
            InvalidTermsError: a text that has none.
        """
        try:
            return canonical(self.document())
        except NotCanonicalError as error:
            raise InvalidTermsError(term="encoding") from error

    @property
    def digest(self) -> str:
        """What is signed: SHA-256 of the canonical bytes, base64url."""
        return digest_of(self.encode())

    @classmethod
    def of(cls, document: Any) -> Self:
        """Read terms that somebody sent.

        Raises:
            InvalidTermsError: not terms of this version.
        """
        terms = cls._parsed(document)
        if terms.document() != document:
            raise InvalidTermsError(term="form")
        return terms

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Read stored terms.

        Raises:
            InvalidTermsError: not terms of this version, byte for byte.
        """
        try:
            document = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise InvalidTermsError(term="form") from error
        terms = cls._parsed(document)
        if terms.encode() != body:
            raise InvalidTermsError(term="form")
        return terms

    @classmethod
    def _parsed(cls, document: Any) -> Self:
        try:
            return cls._read(document)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidTermsError(term="form") from error
