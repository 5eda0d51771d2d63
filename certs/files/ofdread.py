"""Reading an OFD that somebody hands in: a ZIP nobody vouches for, so every limit is checked before it is trusted."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree

from certs.files.errors import MalformedFileError
from ledger.digests import sm3

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = "OFD.xml"
SIGNATURES: Final = "Doc_0/Signs/Signatures.xml"
"""The list of seals: the one part that no seal covers, since the next seal changes it."""
_SPACE: Final = "{http://www.ofdspec.org/2016}"
_END: Final = 22
"""Bytes of the end record of a ZIP without comment (APPNOTE 4.3.16)."""
_MOST_PARTS: Final = 500
_MOST_BYTES: Final = 64 * 1024**2
_MOST_SEALS: Final = 20
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


@dataclass(frozen=True, slots=True)
class SignatureXml:
    """A part Signature.xml: what it covers (SM3 in base64 by part), where its value and seal lie."""

    path: str
    method: str
    check_method: str
    covers: Mapping[str, str]
    value: str
    seal: str


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of an OFD and what the seal check needs of them."""

    parts: Mapping[str, bytes]
    title: str
    metadata: Mapping[str, str]
    page_ids: tuple[str, ...]
    signatures: tuple[SignatureXml, ...]

    @classmethod
    def read(cls, ofd: bytes) -> Package:
        """Read an OFD.

        Raises:
            MalformedFileError: not a ZIP, too large, an odd or repeated name, or parts unlike their names.
        """
        parts = _unzipped(ofd)
        root = _parse(parts, ROOT)
        bodies = root.findall(f"{_SPACE}DocBody")
        if root.tag != f"{_SPACE}OFD" or len(bodies) != 1:
            raise MalformedFileError(part=ROOT)
        info = bodies[0].find(f"{_SPACE}DocInfo")
        document = _parse(parts, _text(bodies[0], "DocRoot").removeprefix("/"))
        metadata: dict[str, str] = {}
        for held in root.iter(f"{_SPACE}CustomData"):
            name = held.get("Name", "")
            if name in metadata:
                raise MalformedFileError(part=ROOT, problem="metadata twice")
            metadata[name] = held.text or ""
        pages = tuple(page.get("ID", "") for page in document.iter(f"{_SPACE}Page"))
        title = "" if info is None else _text(info, "Title")
        return cls(parts, title, metadata, pages, _signatures(parts, bodies[0]))


def digest(content: bytes) -> bytes:
    """SM3, 32 bytes."""
    hasher = sm3()
    hasher.update(content)
    return hasher.digest()


def _signatures(parts: Mapping[str, bytes], body: etree._Element) -> tuple[SignatureXml, ...]:
    if SIGNATURES not in parts:
        return ()
    if _text(body, "Signatures").removeprefix("/") != SIGNATURES:
        raise MalformedFileError(part=ROOT, problem="signatures")
    listed = _parse(parts, SIGNATURES).findall(f"{_SPACE}Signature")
    if not 0 < len(listed) <= _MOST_SEALS:
        raise MalformedFileError(part=SIGNATURES)
    return tuple(_signature(parts, held.get("BaseLoc", "").removeprefix("/")) for held in listed)


def _signature(parts: Mapping[str, bytes], path: str) -> SignatureXml:
    root = _parse(parts, path)
    info = root.find(f"{_SPACE}SignedInfo")
    references = None if info is None else info.find(f"{_SPACE}References")
    seal = None if info is None else info.find(f"{_SPACE}Seal")
    if root.tag != f"{_SPACE}Signature" or info is None or references is None or seal is None:
        raise MalformedFileError(part=path)
    covers: dict[str, str] = {}
    for held in references.findall(f"{_SPACE}Reference"):
        name = held.get("FileRef", "").removeprefix("/")
        if name in covers:
            raise MalformedFileError(part=path, problem="a part twice")
        covers[name] = _text(held, "CheckValue")
    value, place = _text(root, "SignedValue"), _text(seal, "BaseLoc")
    method, check = _text(info, "SignatureMethod"), references.get("CheckMethod", "")
    return SignatureXml(path, method, check, covers, value.removeprefix("/"), place.removeprefix("/"))


def _unzipped(ofd: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(ofd)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            names = [entry.filename for entry in entries]
            if len(entries) > _MOST_PARTS or sum(entry.file_size for entry in entries) > _MOST_BYTES:
                raise MalformedFileError(problem="too large")
            if min((entry.header_offset for entry in entries), default=0) or ofd[-_END : -_END + 4] != b"PK\x05\x06":
                raise MalformedFileError(problem="something before or behind the ZIP")
            if len({name.lower() for name in names}) < len(names) or not all(map(_plain, names)):
                raise MalformedFileError(problem="names of parts")
            # Reading stops at the size an entry states, so that none can grow past the sum checked above.
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error) as error:
        raise MalformedFileError(problem="not a ZIP") from error


def _plain(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and ".." not in name.split("/")


def _parse(parts: Mapping[str, bytes], name: str) -> etree._Element:
    """Parse a part without entities, document types or network."""
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
        root = etree.fromstring(parts[name], parser)
    except (KeyError, etree.XMLSyntaxError, ValueError) as error:
        raise MalformedFileError(part="a part that should be there") from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise MalformedFileError(problem="document type")
    return root


def _text(parent: etree._Element, name: str) -> str:
    found = parent.findall(f"{_SPACE}{name}")
    if len(found) > 1:
        raise MalformedFileError(problem="an element twice")
    return (found[0].text or "").strip() if found else ""
