"""Writing OFD (GB/T 33190-2016) and setting GB/T 38540 seals on it.

An OFD is a ZIP of XML parts. Licence metadata are CustomDatas of the document (GB/T 36905-2018). A seal is a folder
`Signs/Sign_N`: Signature.xml lists every other part with its SM3, Seal.esl is the seal, SignedValue.dat the seal
signature over Signature.xml [18]. The next seal covers the folders of those before it, so that none can be taken out.
The same face at the same moment gives the same bytes up to the signatures.
"""

from __future__ import annotations

import io
import zipfile
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import uharfbuzz
from lxml import etree

from certs.files import ofdpage, ofdread
from certs.files.errors import MalformedFileError
from certs.files.ofdread import digest
from certs.signing import eseal
from certs.signing.x509 import SM2_WITH_SM3, SM3

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from certs.files.ofdpage import Page, Pages
    from certs.signing.model import Signer

NAMESPACE: Final = "http://www.ofdspec.org/2016"
SEAL_MM: Final = 42.0
_FONTS: Final = ("Noto Sans SC", "Noto Sans SC Bold")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a seal stands: upper left corner on a page (index, -1 for the last), mm."""

    x: float
    y: float
    page: int = -1


class OfdWriter:
    """Writes OFDs with the fonts given.

    Args:
        fonts: regular and bold face, TrueType.
    """

    def __init__(self, fonts: Sequence[Path]) -> None:
        self._faces = [uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(font))) for font in fonts]

    def write(self, pages: Pages, title: str, author: str, metadata: Mapping[str, str], at: datetime) -> bytes:
        """Write an OFD without seals.

        Args:
            pages: what stands on its pages.
            title, author: of the document.
            metadata: its CustomDatas.
            at: when it is made.
        """
        ids = _Ids()
        fonts = {index: ids.next() for index in sorted(pages.letters)}
        parts: dict[str, bytes] = {}
        page_ids = []
        for number, page in enumerate(pages.pages):
            page_ids.append(ids.next())
            parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = _dump(_content(page, fonts, ids))
        for index, letters in pages.letters.items():
            parts[f"Doc_0/Res/font_{index}.ttf"] = ofdpage.subset(self._faces[index], letters)
        parts["Doc_0/PublicRes.xml"] = _dump(_resources(fonts))
        parts["Doc_0/Document.xml"] = _dump(_document(pages.pages[0], page_ids, ids.last))
        doc_id = sha256(repr(sorted(metadata.items())).encode() + at.isoformat().encode()).hexdigest()[:32]
        root = _element("OFD", Version="1.2", DocType="OFD")
        body = _sub(root, "DocBody")
        info = _sub(body, "DocInfo")
        for name, value in (("DocID", doc_id), ("Title", title), ("Author", author)):
            _sub(info, name, value)
        _sub(info, "CreationDate", at.astimezone(UTC).date().isoformat())
        _sub(info, "Creator", "Cailian")
        custom = _sub(info, "CustomDatas")
        for name, value in sorted(metadata.items()):
            _sub(custom, "CustomData", value, Name=name)
        _sub(body, "DocRoot", "Doc_0/Document.xml")
        _sub(body, "Signatures", f"/{ofdread.SIGNATURES}")
        parts[ofdread.ROOT] = _dump(root)
        return _zipped(parts)


def seal(ofd: bytes, signer: Signer, spot: Spot, at: datetime) -> bytes:
    """Set a seal on an OFD; seals that stand already are covered by it.

    Args:
        signer: an SM2 key with its electronic seal.
        spot: where the picture stands.
        at: when.

    Raises:
        MalformedFileError: not an OFD of ours.
    """
    package = ofdread.Package.read(ofd)
    parts = dict(package.parts)
    number = len(package.signatures)
    folder = f"Doc_0/Signs/Sign_{number}"
    covered = {name: content for name, content in parts.items() if name != ofdread.SIGNATURES}
    pages = package.page_ids
    if not pages:
        raise MalformedFileError(problem="no page")
    root = _element("Signature")
    info = _sub(root, "SignedInfo")
    _sub(info, "Provider", ProviderName="Cailian", Version="1.0", Company="Cailian")
    _sub(info, "SignatureMethod", SM2_WITH_SM3)
    _sub(info, "SignatureDateTime", at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ"))
    references = _sub(info, "References", CheckMethod=SM3)
    for name in sorted(covered):
        reference = _sub(references, "Reference", FileRef=f"/{name}")
        _sub(reference, "CheckValue", b64encode(digest(covered[name])).decode())
    boundary = f"{spot.x:.3f} {spot.y:.3f} {SEAL_MM} {SEAL_MM}"
    _sub(info, "StampAnnot", ID=str(number + 1), PageRef=pages[spot.page], Boundary=boundary)
    _sub(_sub(info, "Seal"), "BaseLoc", f"/{folder}/Seal.esl")
    _sub(root, "SignedValue", f"/{folder}/SignedValue.dat")
    path = f"{folder}/Signature.xml"
    parts[path] = _dump(root)
    parts[f"{folder}/Seal.esl"] = signer.eseal
    parts[f"{folder}/SignedValue.dat"] = eseal.sign(signer.eseal, signer, digest(parts[path]), f"/{path}", at)
    parts[ofdread.SIGNATURES] = _dump(_signatures(number + 1))
    return _zipped(parts)


class _Ids:
    """Object ids, unique in a document."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> str:
        self.last += 1
        return str(self.last)


def _content(page: Page, fonts: Mapping[int, str], ids: _Ids) -> etree._Element:
    root = _element("Page")
    _area(root, "Area", page)
    layer = _sub(_sub(root, "Content"), "Layer", ID=ids.next(), Type="Body")
    for stroke in page.strokes:
        held = _sub(layer, "PathObject", ID=ids.next(), Boundary=_numbers(stroke.box))
        if stroke.line is not None:
            held.set("LineWidth", f"{stroke.line:.3f}")
            _sub(held, "StrokeColor", Value=_numbers(stroke.colour))
        else:
            held.set("Stroke", "false")
        if stroke.fill is not None:
            held.set("Fill", "true")
            _sub(held, "FillColor", Value=_numbers(stroke.fill))
        _sub(held, "AbbreviatedData", stroke.data)
    for run in page.runs:
        box = ofdpage.box_of(run)
        held = _sub(layer, "TextObject", ID=ids.next(), Boundary=_numbers(box), Font=fonts[run.font])
        held.set("Size", f"{run.size:.3f}")
        _sub(held, "FillColor", Value=_numbers(run.colour))
        code = _sub(held, "TextCode", run.text, X="0", Y=f"{run.y - box[1]:.3f}")
        if len(run.x) > 1:
            code.set("DeltaX", ofdpage.steps_between(run.x))
    return root


def _resources(fonts: Mapping[int, str]) -> etree._Element:
    root = _element("Res", BaseLoc="Res")
    held = _sub(root, "Fonts")
    for index, object_id in fonts.items():
        font = _sub(held, "Font", ID=object_id, FontName=_FONTS[index], FamilyName=_FONTS[0], Charset="unicode")
        if index:
            font.set("Bold", "true")
        _sub(font, "FontFile", f"font_{index}.ttf")
    return root


def _document(first: Page, page_ids: Sequence[str], last: int) -> etree._Element:
    root = _element("Document")
    common = _sub(root, "CommonData")
    _sub(common, "MaxUnitID", str(last))
    _area(common, "PageArea", first)
    _sub(common, "PublicRes", "PublicRes.xml")
    pages = _sub(root, "Pages")
    for number, page_id in enumerate(page_ids):
        _sub(pages, "Page", ID=page_id, BaseLoc=f"Pages/Page_{number}/Content.xml")
    return root


def _signatures(count: int) -> etree._Element:
    root = _element("Signatures")
    _sub(root, "MaxSignId", str(count))
    for number in range(count):
        path = f"/Doc_0/Signs/Sign_{number}/Signature.xml"
        _sub(root, "Signature", ID=str(number + 1), Type="Seal", BaseLoc=path)
    return root


def _area(parent: etree._Element, name: str, page: Page) -> None:
    _sub(_sub(parent, name), "PhysicalBox", _numbers((0, 0, round(page.width, 3), round(page.height, 3))))


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{value:g}" for value in values)


def _element(name: str, **attributes: str) -> etree._Element:
    return etree.Element(f"{{{NAMESPACE}}}{name}", attributes, nsmap={"ofd": NAMESPACE})


def _sub(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    child.text = text
    return child


def _dump(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts, key=lambda name: (name != ofdread.ROOT, name)):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), parts[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()
