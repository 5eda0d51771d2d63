"""Sealed OFDs: what we write we read, what somebody changed we refuse, by its own code.

ofdrw, the reference reader in Java, opens them in tests/extra/test_ofdrw.py.
"""

from __future__ import annotations

import io
import re
import zipfile
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta

import pikepdf
import pytest
import uharfbuzz
from lxml import etree
from PIL import Image

from certs.errors import CertsError
from certs.files import ofd, ofdpage, ofdread
from certs.files.check import check_ofd
from certs.files.errors import MalformedFileError, NotRenderedError
from certs.files.ofdread import Package, digest
from certs.signing import eseal
from certs.signing.errors import MalformedSealError, SealInvalidError
from certs.signing.eseal import SealTerms, make_seal
from certs.signing.model import Algorithm, TrustedCas
from certs.signing.x509 import Certificate
from tests.certs.made import FIRM, NOW, UNION, Files, files
from tests.certs.sealing import renderer
from tests.certs.sheets import ISSUER, business, identity

SIGN = "Doc_0/Signs/Sign_0"
PAGE = "Doc_0/Pages/Page_0/Content.xml"


@pytest.fixture(scope="module")
def held() -> Files:
    return files()


@pytest.fixture(scope="module")
def contract(held: Files) -> tuple[bytes, bytes, bytes]:
    """An OFD without seal, with the firm's, with firm's and union's."""
    plain = unsealed(held.made.ofd)
    one = ofd.seal(plain, held.keys.seal(FIRM, Algorithm.SM2, NOW), ofd.Spot(40, 220), NOW)
    return plain, one, ofd.seal(one, held.keys.seal(UNION, Algorithm.SM2, NOW), ofd.Spot(120, 220), NOW)


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def unsealed(data: bytes) -> bytes:
    return zipped({name: content for name, content in parts_of(data).items() if "/Signs/" not in name})


def changed(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    parts = parts_of(data)
    assert old in parts[name]
    return zipped(parts | {name: parts[name].replace(old, new)})


def refused(held: Files, data: bytes, *codes: str, sealed_by: list[str] | None = None) -> None:
    with pytest.raises(CertsError) as error:
        check_ofd(data, held.trusted, NOW, sealed_by=sealed_by)
    assert error.value.code in codes


class TestWrite:
    def test_is_an_ofd_of_the_standard(self, held: Files) -> None:
        parts = parts_of(held.made.ofd)
        root = etree.fromstring(parts["OFD.xml"])
        assert root.tag == "{http://www.ofdspec.org/2016}OFD"
        assert root.get("DocType") == "OFD"
        assert {"Doc_0/Document.xml", "Doc_0/PublicRes.xml", PAGE, ofdread.SIGNATURES} <= parts.keys()

    def test_carries_the_licence_metadata(self, held: Files) -> None:
        metadata = Package.read(held.made.ofd).metadata
        assert metadata["ZZBS"] == business().licence_id
        assert metadata["CZZT"] == "上海示例餐饮管理有限公司"
        assert metadata["ZZYXQJZRQ"] == "长期"
        assert metadata["KZ_business_scope"] == business().face["business_scope"]

    def test_says_what_the_pdf_says(self, held: Files) -> None:
        page = etree.fromstring(parts_of(held.made.ofd)[PAGE])
        said = "".join(page.itertext("{*}TextCode")).replace(" ", "")
        for value in business().face.values():
            assert str(value).replace(" ", "") in said

    def test_object_ids_differ_and_stay_below_the_stated_one(self, held: Files) -> None:
        parts = parts_of(held.made.ofd)
        ids = [each for name in (PAGE, "Doc_0/PublicRes.xml", "Doc_0/Document.xml") for each in ids_in(parts[name])]
        most = int(etree.fromstring(parts["Doc_0/Document.xml"]).findtext("{*}CommonData/{*}MaxUnitID") or 0)
        assert len(set(ids)) == len(ids)
        assert max(ids) <= most

    def test_has_a_font_with_every_letter(self, held: Files) -> None:
        parts = parts_of(held.made.ofd)
        fonts = {
            font.get("ID"): uharfbuzz.Face(parts[f"Doc_0/Res/{font.findtext('{*}FontFile')}"]).unicodes
            for font in etree.fromstring(parts["Doc_0/PublicRes.xml"]).iter("{*}Font")
        }
        for text in etree.fromstring(parts[PAGE]).iter("{*}TextObject"):
            letters = {ord(letter) for letter in text.findtext("{*}TextCode") or ""} - {32, 0x3000}
            assert letters <= set(fonts[text.get("Font")])

    def test_every_letter_has_its_place(self, held: Files) -> None:
        for code in etree.fromstring(parts_of(held.made.ofd)[PAGE]).iter("{*}TextCode"):
            assert len((code.get("DeltaX") or "").split()) == len(code.text or "") - 1

    def test_an_identity_card_too(self, held: Files) -> None:
        made = held.maker.make(identity(), NOW).ofd
        assert check_ofd(made, held.trusted, NOW).metadata["CZZTDMLXDM"] == "111"

    def test_pages_go_on(self, held: Files) -> None:
        made = held.maker.make(business(face=dict(business().face) | {"business_scope": "餐饮服务；" * 500}), NOW).ofd
        assert len(Package.read(made).page_ids) > 1
        check_ofd(made, held.trusted, NOW)

    def test_refuses_what_pages_cannot_carry(self) -> None:
        """A template with a picture would leave it out of the OFD in silence."""
        pdf = page_with_picture()
        with pytest.raises(NotRenderedError):
            ofdpage.read(pdf)


def ids_in(xml: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb'(?<![A-Za-z])ID="(\d+)"', xml)]


def page_with_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (10, 10), "red").save(out, "PDF")
    with pikepdf.open(io.BytesIO(out.getvalue())) as document:
        again = io.BytesIO()
        document.save(again)
    return again.getvalue()


class TestCheck:
    def test_holds(self, held: Files) -> None:
        checked = check_ofd(held.made.ofd, held.trusted, NOW)
        assert [(seal.org_code, seal.at) for seal in checked.seals] == [(ISSUER, NOW)]
        assert not checked.is_copy

    def test_a_changed_letter(self, held: Files) -> None:
        refused(held, changed(held.made.ofd, PAGE, "陈安澜".encode(), "林知微".encode()), "licence-file-altered")

    def test_a_changed_field_of_the_metadata(self, held: Files) -> None:
        refused(held, changed(held.made.ofd, "OFD.xml", b"2026-11-21", b"2027-11-21"), "licence-file-altered")

    def test_a_changed_font(self, held: Files) -> None:
        """A font that draws another letter changes what is read."""
        parts = parts_of(held.made.ofd)
        name = "Doc_0/Res/font_0.ttf"
        refused(held, zipped(parts | {name: parts[name][:-1] + b"\1"}), "licence-file-altered")

    def test_a_part_taken_out(self, held: Files) -> None:
        parts = parts_of(held.made.ofd)
        del parts["Doc_0/Res/font_1.ttf"]
        refused(held, zipped(parts), "licence-file-altered")

    def test_a_part_added(self, held: Files) -> None:
        parts = parts_of(held.made.ofd) | {"Doc_0/Annots/Annotations.xml": b"<x/>"}
        refused(held, zipped(parts), "changed-after-sealing")

    def test_a_seal_taken_out(self, held: Files) -> None:
        refused(held, unsealed(held.made.ofd), "seal-missing")

    @pytest.mark.parametrize("name", ["SignedValue.dat", "Seal.esl"])
    def test_half_a_seal(self, held: Files, name: str) -> None:
        parts = parts_of(held.made.ofd)
        del parts[f"{SIGN}/{name}"]
        refused(held, zipped(parts), "seal-missing")

    def test_a_changed_list_of_what_is_covered(self, held: Files) -> None:
        """Whoever changes a page and its digest changes Signature.xml, which the seal is set on."""
        parts = parts_of(held.made.ofd)
        page = parts[PAGE].replace("陈安澜".encode(), "林知微".encode())
        old, new = (b64encode(digest(each)) for each in (parts[PAGE], page))
        signature = parts[f"{SIGN}/Signature.xml"].replace(old, new)
        refused(held, zipped(parts | {PAGE: page, f"{SIGN}/Signature.xml": signature}), "licence-file-altered")

    def test_a_picture_put_beside_the_seal(self, held: Files) -> None:
        other = held.keys.seal(FIRM, Algorithm.SM2, NOW).eseal
        refused(held, zipped(parts_of(held.made.ofd) | {f"{SIGN}/Seal.esl": other}), "licence-file-altered")

    def test_another_algorithm(self, held: Files) -> None:
        signature = changed(held.made.ofd, f"{SIGN}/Signature.xml", b"1.2.156.10197.1.401", b"2.16.840.1.101.3.4.2.1")
        refused(held, signature, "malformed-licence-file")

    def test_the_seal_of_another_licence(self, held: Files) -> None:
        other = parts_of(held.maker.make(business(licence_no="2"), NOW).ofd)
        mixed = {name: content for name, content in parts_of(held.made.ofd).items() if "/Signs/" not in name}
        mixed |= {name: content for name, content in other.items() if "/Signs/" in name}
        refused(held, zipped(mixed), "licence-file-altered")

    def test_every_flipped_byte_of_the_seal_is_noticed(self, held: Files) -> None:
        parts = parts_of(held.made.ofd)
        value = parts[f"{SIGN}/SignedValue.dat"]
        for place in range(0, len(value), len(value) // 30):
            broken = value[:place] + bytes([value[place] ^ 4]) + value[place + 1 :]
            with pytest.raises(CertsError):
                check_ofd(zipped(parts | {f"{SIGN}/SignedValue.dat": broken}), held.trusted, NOW)


class TestSigner:
    def test_unknown(self, held: Files) -> None:
        code_of(lambda: check_ofd(held.made.ofd, TrustedCas(()), NOW), "signer-untrusted")

    @pytest.mark.parametrize(("days", "code"), [(-1, "seal-invalid"), (400, "signer-expired")])
    def test_not_good_at_that_time(self, held: Files, days: int, code: str) -> None:
        code_of(lambda: check_ofd(held.made.ofd, held.trusted, NOW + timedelta(days=days)), code)

    def test_revoked(self, held: Files) -> None:
        fingerprint = Certificate(held.keys.seal(ISSUER, Algorithm.SM2, NOW).certificate).fingerprint
        revoked = TrustedCas(held.trusted.roots, ((fingerprint, NOW),))
        code_of(lambda: check_ofd(held.made.ofd, revoked, NOW), "signer-revoked")

    def test_of_another_organisation(self, held: Files) -> None:
        plain = unsealed(held.made.ofd)
        forged = ofd.seal(plain, held.keys.seal(FIRM, Algorithm.SM2, NOW), ofd.Spot(100, 200), NOW)
        refused(held, forged, "seal-missing")
        check_ofd(forged, held.trusted, NOW, sealed_by=[FIRM])


class TestTwoSeals:
    """Firm and union."""

    def test_both_hold(self, held: Files, contract: tuple[bytes, bytes, bytes]) -> None:
        checked = check_ofd(contract[2], held.trusted, NOW, sealed_by=[FIRM, UNION])
        assert [seal.org_code for seal in checked.seals] == [FIRM, UNION]

    def test_the_second_taken_out(self, held: Files, contract: tuple[bytes, bytes, bytes]) -> None:
        refused(held, contract[1], "seal-missing", sealed_by=[FIRM, UNION])

    def test_the_first_taken_out(self, held: Files, contract: tuple[bytes, bytes, bytes]) -> None:
        parts = {name: content for name, content in parts_of(contract[2]).items() if not name.startswith(SIGN)}
        listed = parts[ofdread.SIGNATURES]
        parts[ofdread.SIGNATURES] = re.sub(rb'<ofd:Signature ID="1"[^>]*/>', b"", listed)
        refused(held, zipped(parts), "seal-missing", sealed_by=[FIRM, UNION])

    def test_the_first_not_listed(self, held: Files, contract: tuple[bytes, bytes, bytes]) -> None:
        short = re.sub(rb'<ofd:Signature ID="1"[^>]*/>', b"", parts_of(contract[2])[ofdread.SIGNATURES])
        data = zipped(parts_of(contract[2]) | {ofdread.SIGNATURES: short})
        refused(held, data, "seal-missing", sealed_by=[FIRM, UNION])

    def test_a_part_added_between(self, held: Files, contract: tuple[bytes, bytes, bytes]) -> None:
        """The second party's seal covers what the first never saw."""
        wider = zipped(parts_of(contract[1]) | {"Doc_0/Annots/Annotations.xml": b"<x/>"})
        both = ofd.seal(wider, held.keys.seal(UNION, Algorithm.SM2, NOW), ofd.Spot(120, 220), NOW)
        refused(held, both, "changed-after-sealing", sealed_by=[FIRM, UNION])


class TestPackage:
    """A ZIP that somebody made to hurt."""

    @pytest.mark.parametrize(
        "name", ["../x", "/etc/x", "a//b", "Doc_0/../x", "C:x", "ofd.xml", "a\\b"], ids=lambda name: name
    )
    def test_refuses_names(self, held: Files, name: str) -> None:
        refused(held, zipped(parts_of(held.made.ofd) | {name: b"x"}), "malformed-licence-file")

    def test_refuses_a_name_twice(self, held: Files) -> None:
        out = io.BytesIO(held.made.ofd)
        with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(out, "a") as archive:
            archive.writestr("OFD.xml", b"<x/>")
        refused(held, out.getvalue(), "malformed-licence-file")

    def test_refuses_a_bomb(self, held: Files) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("OFD.xml", bytes(80 * 1024**2))
        refused(held, out.getvalue(), "malformed-licence-file")

    @pytest.mark.parametrize("wrap", [lambda data: b"MZ" + data, lambda data: data + b"%PDF"], ids=["before", "behind"])
    def test_refuses_bytes_beside_it(self, held: Files, wrap: Callable[[bytes], bytes]) -> None:
        """A file that is an OFD to us and something else to another reader."""
        refused(held, wrap(held.made.ofd), "malformed-licence-file")

    @pytest.mark.parametrize(
        "xml",
        [
            b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>',
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
            b"<x",
            b"",
            b"<x/>",
        ],
        ids=["outside entity", "entities", "broken", "empty", "other"],
    )
    def test_refuses_xml(self, held: Files, xml: bytes) -> None:
        refused(held, zipped(parts_of(held.made.ofd) | {"OFD.xml": xml}), "malformed-licence-file")

    def test_refuses_metadata_twice(self, held: Files) -> None:
        twice = b'<ofd:CustomData Name="ZZBS">1</ofd:CustomData><ofd:CustomData '
        data = changed(held.made.ofd, "OFD.xml", b"<ofd:CustomData ", twice)
        refused(held, data, "malformed-licence-file")

    @pytest.mark.parametrize("data", [b"", b"PK\x05\x06" + bytes(18), b"%PDF-1.7", b"PK\x03\x04" + bytes(60)])
    def test_refuses_what_is_none(self, held: Files, data: bytes) -> None:
        refused(held, data, "malformed-licence-file")

    def test_is_not_sealed_by_us(self, held: Files) -> None:
        with pytest.raises(MalformedFileError):
            ofd.seal(b"PK", held.keys.seal(ISSUER, Algorithm.SM2, NOW), ofd.Spot(0, 0), NOW)


class TestEseal:
    """GB/T 38540, 7.3, step by step."""

    def signed(self, held: Files, seal: bytes, *, org: str = ISSUER) -> bytes:
        return eseal.sign(seal, held.keys.seal(org, Algorithm.SM2, NOW), bytes(32), "/x", NOW)

    def test_carries_seal_picture_and_time(self, held: Files) -> None:
        signer = held.keys.seal(ISSUER, Algorithm.SM2, NOW)
        found = eseal.check(self.signed(held, signer.eseal), held.trusted, NOW)
        assert found.signer.org_code == ISSUER
        assert (found.data_hash, found.property_info, found.at) == (bytes(32), "/x", NOW)
        assert found.picture == renderer().seal(signer.org_name, ISSUER)
        assert found.seal_name == "青浦区市场监督管理局电子证照专用章"

    def test_a_borrowed_seal(self, held: Files) -> None:
        """A firm sets the issuer's seal with a key of its own."""
        borrowed = self.signed(held, held.keys.seal(ISSUER, Algorithm.SM2, NOW).eseal, org=FIRM)
        with pytest.raises(SealInvalidError):
            eseal.check(borrowed, held.trusted, NOW)

    def test_a_seal_somebody_made_for_themselves(self, held: Files) -> None:
        """The maker of a seal must be one that is trusted, and sign it."""
        signer = held.keys.seal(FIRM, Algorithm.SM2, NOW)
        picture = renderer().seal("市场监督管理局", "0")
        terms = SealTerms("x", "市场监督管理局", picture, NOW, NOW, NOW + timedelta(days=9))
        own = make_seal(terms, [signer.certificate], signer)
        found = eseal.check(self.signed(held, own, org=FIRM), held.trusted, NOW)
        assert found.signer.org_code == FIRM  # whose certificate it is counts, not what the picture says
        changed = own.replace("市场监督管理局".encode(), "市场监督管理屈".encode())
        with pytest.raises(SealInvalidError):
            eseal.check(self.signed(held, changed, org=FIRM), held.trusted, NOW)

    def test_a_seal_out_of_its_time(self, held: Files) -> None:
        signer = held.keys.seal(FIRM, Algorithm.SM2, NOW)
        terms = SealTerms("x", "章", b"png", NOW, NOW - timedelta(days=9), NOW - timedelta(days=1))
        late = self.signed(held, make_seal(terms, [signer.certificate], signer), org=FIRM)
        with pytest.raises(SealInvalidError):
            eseal.check(late, held.trusted, NOW)

    @pytest.mark.parametrize("value", [b"", b"\x30\x00", b"\x04\x02ab", bytes(100)])
    def test_no_structure(self, held: Files, value: bytes) -> None:
        with pytest.raises(MalformedSealError):
            eseal.check(value, held.trusted, NOW)

    def test_trailing_bytes(self, held: Files) -> None:
        value = self.signed(held, held.keys.seal(ISSUER, Algorithm.SM2, NOW).eseal)
        with pytest.raises(MalformedSealError):
            eseal.check(value + b"\0", held.trusted, NOW)


def code_of(act: Callable[[], object], code: str) -> None:
    with pytest.raises(CertsError) as error:
        act()
    assert error.value.code == code
