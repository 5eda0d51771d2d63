"""Sealed PDFs: what holds, and every way of tampering, each refused by its own code.

Other implementations' verdicts are in `test_pdf_outside.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import HTTPTimeStamper

from certs.errors import CertsError
from certs.files import pdf
from certs.files.check import check_ofd, check_pdf
from certs.files.errors import MalformedFileError, NotRenderedError, TimestampError
from certs.files.maker import LicenceFiles
from certs.files.parties import ANYBODY
from certs.signing.model import Algorithm, TrustedCas
from certs.signing.x509 import Certificate
from tests.certs.made import FIRM, LIBRARY, NOW, UNION, Files, files, stamp
from tests.certs.sealing import renderer
from tests.certs.sheets import ISSUER, TYPES, business, identity
from tests.certs.tsa import tsa


@pytest.fixture(scope="module")
def held() -> Files:
    return files()


@pytest.fixture(scope="module")
def contract(held: Files) -> tuple[bytes, bytes]:
    """A paper sealed by the firm alone, and by firm and union."""
    one = held.maker.countersign(renderer().face(business(), NOW), FIRM, NOW, place=1, final=False)
    return one, held.maker.countersign(one, UNION, NOW)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The same file with an incremental update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def overwrite_page(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    writer.update_container(page)


def annotate(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    box = generic.ArrayObject(map(generic.NumberObject, (10, 10, 300, 300)))
    note = generic.DictionaryObject({"/Type": generic.NameObject("/Annot"), "/Rect": box})
    note["/Subtype"] = generic.NameObject("/FreeText")
    note["/Contents"] = generic.TextStringObject("注册资本 1 亿元")
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page["/Annots"])


def retitle(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Lang"] = generic.TextStringObject("en")
    writer.update_root()


def drop_form(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/AcroForm"]
    writer.update_root()


def resaved(pdf: bytes, *, drop: bool) -> bytes:
    """What a PDF editor makes of it: written anew, with or without the form."""
    with pikepdf.open(BytesIO(pdf)) as document:
        if drop:
            document.flatten_annotations("all")  # takes the form with it
        out = BytesIO()
        document.save(out)
        return out.getvalue()


def flipped(pdf: bytes, within: bytes) -> bytes:
    place = pdf.index(within) + len(within) // 2
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


class TestMake:
    def test_holds_and_names_the_licence(self, held: Files) -> None:
        checked = check_pdf(held.made.pdf, held.trusted, NOW)
        assert [(seal.org_code, seal.at) for seal in checked.seals] == [(ISSUER, NOW)]
        assert checked.metadata["ZZBS"] == business().licence_id
        assert checked.metadata["KZ_legal_representative"] == "陈安澜"
        assert checked.metadata["CZZTDM"] == "91310199MA1XX0001A"
        assert not checked.is_copy

    def test_shows_every_field(self, held: Files) -> None:
        shown = text_of(held.made.pdf).replace("\r\n", "").replace("\n", "")
        for value in business().face.values():
            assert str(value).replace(" ", "") in shown.replace(" ", "")

    def test_shows_a_red_seal_over_the_issuers_name(self, held: Files) -> None:
        document = pypdfium2.PdfDocument(held.made.pdf)
        document.init_forms()
        page = document[0].render(scale=1, may_draw_forms=True).to_pil().convert("RGB")
        document.close()
        foot = page.crop((page.width // 2, page.height - 190, page.width, page.height - 60))
        red = sum(1 for r, g, b in foot.get_flattened_data() if r > 180 and g < 90 and b < 90)
        assert red > 800

    @pytest.mark.parametrize("code", sorted(TYPES))
    def test_every_template_takes_every_type(self, code: str) -> None:
        kind = TYPES[code]
        face = {
            field.name: ("甲", "乙") if field.kind == "list" else f"{field.title_zh}示例内容" for field in kind.fields
        }
        for sheet in (business, identity):
            pdf = renderer().face(sheet(type=kind, face=face), NOW)
            assert kind.name in text_of(pdf).replace(" ", "")

    def test_a_long_face_goes_on_on_another_page_and_the_seal_with_it(self, held: Files) -> None:
        made = held.maker.make(business(face=dict(business().face) | {"business_scope": "餐饮服务；" * 500}), NOW)
        document = pypdfium2.PdfDocument(made.pdf)
        try:
            assert len(document) > 1
            assert "颁发日期" in document[len(document) - 1].get_textpage().get_text_bounded()
        finally:
            document.close()
        check_pdf(made.pdf, held.trusted, NOW)

    @pytest.mark.parametrize(
        "name",
        ["\U000323af", "\ue000", "ꙮ", "甲\x00", "甲\x1c"],
        ids=["rare ideograph", "private use", "no Chinese", "nul", "control"],
    )
    def test_refuses_a_name_it_cannot_print(self, held: Files, name: str) -> None:
        with pytest.raises(NotRenderedError) as error:
            held.maker.make(business(holders=((name, "001", "9"),)), NOW)
        assert name not in str(error.value)

    def test_takes_no_markup_from_data(self, held: Files) -> None:
        name = '#panic() *粗* $x$ `y` #include("/etc/passwd")'
        pdf = renderer().face(business(holders=((name, "001", "9"),)), NOW)
        assert name.replace(" ", "") in text_of(pdf).replace(" ", "").replace("\r\n", "")

    def test_threads_do_not_disturb_each_other(self, held: Files) -> None:
        """A worker seals in several threads; PDFium and Typst bear only one."""
        with ThreadPoolExecutor(6) as threads:
            made = list(threads.map(lambda number: held.maker.make(business(licence_no=str(number)), NOW), range(12)))
        for number, each in enumerate(made):
            assert check_pdf(each.pdf, held.trusted, NOW).metadata["ZZBH"] == str(number)
            assert check_ofd(each.ofd, held.trusted, NOW).metadata["ZZBH"] == str(number)

    def test_the_same_face_gives_the_same_page(self) -> None:
        assert renderer().face(business(), NOW) == renderer().face(business(), NOW)


class TestTimestamp:
    def test_is_in_the_seal(self, held: Files) -> None:
        """A token of RFC 3161, here from a TSA in this process; over HTTP in tests/api/test_seals.py."""
        made = LicenceFiles(held.keys, lambda: tsa(NOW)).make(business(), NOW).pdf
        check_pdf(made, held.trusted, NOW)
        assert is_stamped(made)
        assert not is_stamped(held.made.pdf)

    def test_no_answer_means_no_seal(self, held: Files) -> None:
        silent = HTTPTimeStamper("http://127.0.0.1:1/", timeout=1)
        with pytest.raises(TimestampError):
            LicenceFiles(held.keys, lambda: silent).make(business(), NOW)


def is_stamped(pdf: bytes) -> bool:
    signature = PdfFileReader(BytesIO(pdf)).embedded_signatures[0]
    kinds = [each["type"].native for each in signature.signer_info["unsigned_attrs"]]
    return "signature_time_stamp_token" in kinds


class TestTampering:
    """The attacks of the issue, and those of pdf-insecurity.org that fit a licence."""

    @pytest.mark.parametrize("change", [overwrite_page, annotate, retitle])
    def test_incremental_update_after_sealing(self, held: Files, change: Callable) -> None:
        refused(held, updated(held.made.pdf, change), "changed-after-sealing")

    def test_bytes_behind_the_end(self, held: Files) -> None:
        refused(held, held.made.pdf + b"\n% more\n", "changed-after-sealing", "malformed-licence-file")

    def test_a_seal_dropped_by_an_update(self, held: Files) -> None:
        refused(held, updated(held.made.pdf, drop_form), "seal-missing")

    def test_a_seal_cut_off(self, held: Files) -> None:
        first = held.made.pdf.index(b"%%EOF") + 6
        refused(held, held.made.pdf[:first], "seal-missing")

    def test_written_anew_without_the_seal(self, held: Files) -> None:
        refused(held, resaved(held.made.pdf, drop=True), "seal-missing")

    def test_written_anew_with_it(self, held: Files) -> None:
        refused(held, resaved(held.made.pdf, drop=False), "changed-after-sealing", "malformed-licence-file")

    def test_a_changed_field(self, held: Files) -> None:
        """One byte of the attached metadata, which are compressed: somewhere in the middle of the file."""
        with pikepdf.open(BytesIO(held.made.pdf)) as document:
            stream = document.attachments["licence.json"].obj["/EF"]["/F"].read_raw_bytes()
        refused(held, flipped(held.made.pdf, stream), "licence-file-altered", "malformed-licence-file")

    def test_a_changed_letter(self, held: Files) -> None:
        with pikepdf.open(BytesIO(held.made.pdf)) as document:
            stream = document.pages[0].Contents.read_raw_bytes()
        refused(held, flipped(held.made.pdf, stream), "licence-file-altered")

    def test_a_changed_signature(self, held: Files) -> None:
        place = held.made.pdf.index(b"/Contents <") + 2500
        changed = held.made.pdf[:place] + b"0" + held.made.pdf[place + 1 :]
        if changed == held.made.pdf:
            changed = held.made.pdf[:place] + b"1" + held.made.pdf[place + 1 :]
        refused(held, changed, "seal-invalid", "malformed-licence-file", "signer-untrusted", "invalid-seal-certificate")

    @pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"PK\x03\x04" + bytes(50), bytes(1000)])
    def test_no_pdf_at_all(self, held: Files, data: bytes) -> None:
        refused(held, data, "malformed-licence-file")

    def test_any_flipped_bit_is_noticed(self, held: Files) -> None:
        pdf = held.made.pdf
        for place in range(7, len(pdf), len(pdf) // 40):
            with pytest.raises(CertsError):
                check_pdf(pdf[:place] + bytes([pdf[place] ^ 4]) + pdf[place + 1 :], held.trusted, NOW)

    def test_something_hidden_behind_the_signature(self, held: Files) -> None:
        end = held.made.pdf.index(b"0>", held.made.pdf.index(b"/Contents <"))
        refused(held, held.made.pdf[: end - 40] + b"d0" * 20 + held.made.pdf[end:], "changed-after-sealing")


class TestSigner:
    def test_unknown(self, held: Files) -> None:
        with pytest.raises(CertsError) as error:
            check_pdf(held.made.pdf, TrustedCas(()), NOW)
        assert error.value.code == "signer-untrusted"

    @pytest.mark.parametrize("days", [-60, 400])
    def test_not_good_at_that_time(self, held: Files, days: int) -> None:
        with pytest.raises(CertsError) as error:
            check_pdf(held.made.pdf, held.trusted, NOW + timedelta(days=days))
        assert error.value.code == ("signer-expired" if days > 0 else "seal-invalid")  # sealed in the future

    def test_expired_before_the_entry(self, held: Files) -> None:
        checked_at = NOW + timedelta(days=336)  # its certificate ends 335 days after the seal
        with pytest.raises(CertsError) as error:
            check_pdf(held.made.pdf, held.trusted, checked_at)
        assert error.value.code == "signer-expired"

    def test_revoked(self, held: Files) -> None:
        certificate = held.keys.seal(ISSUER, Algorithm.ES256, NOW).certificate
        print_of = Certificate(certificate).fingerprint
        roots = held.trusted.roots
        check_pdf(held.made.pdf, TrustedCas(roots, ((print_of, NOW + timedelta(days=1)),)), NOW)
        with pytest.raises(CertsError) as error:
            check_pdf(held.made.pdf, TrustedCas(roots, ((print_of, NOW),)), NOW)
        assert error.value.code == "signer-revoked"

    def test_of_another_organisation(self, held: Files) -> None:
        """Somebody with a good seal of their own prints a licence of somebody else's."""
        signer = held.keys.seal(FIRM, Algorithm.ES256, NOW)
        forged = pdf.seal(renderer().face(business(), NOW), signer, renderer().seal("甲", "9"), pdf.Spot(300, 100), NOW)
        refused(held, forged, "seal-missing")


class TestTwoSeals:
    """Firm and union on one collective contract."""

    def test_both_hold(self, held: Files, contract: tuple[bytes, bytes]) -> None:
        checked = check_pdf(contract[1], held.trusted, NOW, sealed_by=[FIRM, UNION])
        assert [seal.org_code for seal in checked.seals] == [FIRM, UNION]

    def test_are_told_where_anybody_may_seal(self, held: Files, contract: tuple[bytes, bytes]) -> None:
        for document, sealed in zip(contract, ([FIRM], [FIRM, UNION]), strict=True):
            checked = check_pdf(document, held.trusted, NOW, sealed_by=ANYBODY)
            assert [seal.org_code for seal in checked.seals] == sealed
        between = held.maker.countersign(updated(contract[0], annotate), UNION, NOW)
        refused(held, between, "changed-after-sealing", sealed_by=list(ANYBODY))

    def test_one_cut_off(self, held: Files, contract: tuple[bytes, bytes]) -> None:
        assert contract[1].startswith(contract[0])
        refused(held, contract[0], "seal-missing", sealed_by=[FIRM, UNION])

    def test_a_stranger_sealed_too(self, held: Files, contract: tuple[bytes, bytes]) -> None:
        stranger = held.maker.countersign(contract[0], ISSUER, NOW)
        refused(held, stranger, "seal-missing", sealed_by=[FIRM, UNION])
        refused(held, contract[1], "seal-unexpected", sealed_by=[FIRM])

    @pytest.mark.parametrize("change", [overwrite_page, annotate])
    def test_a_change_between_the_seals(self, held: Files, contract: tuple[bytes, bytes], change: Callable) -> None:
        """The second party seals what the first never saw: the first seal no longer speaks for the whole."""
        between = held.maker.countersign(updated(contract[0], change), UNION, NOW)
        refused(held, between, "changed-after-sealing", sealed_by=[FIRM, UNION])

    def test_no_third_after_the_last(self, held: Files, contract: tuple[bytes, bytes]) -> None:
        with pytest.raises(MalformedFileError):
            held.maker.countersign(contract[1], ISSUER, NOW)

    def test_none_on_a_licence(self, held: Files) -> None:
        with pytest.raises(MalformedFileError):
            held.maker.countersign(held.made.pdf, FIRM, NOW)


class TestDerive:
    """加注件."""

    def test_is_a_file_of_its_own(self, held: Files) -> None:
        checked = check_pdf(held.copy, held.trusted, NOW)
        assert checked.is_copy
        assert [seal.org_code for seal in checked.seals] == [LIBRARY]
        assert held.copy != held.made.pdf
        assert held.made.pdf not in held.copy

    def test_names_parent_cause_requester_and_period(self, held: Files) -> None:
        metadata, said = check_pdf(held.copy, held.trusted, NOW).metadata, stamp(held.made.pdf)
        assert metadata["YJSHA256"] == said.parent_sha256
        assert (metadata["JZJZZSY"], metadata["JZJSYZ"], metadata["JZJZZZ"]) == (
            said.cause,
            said.requester,
            said.maker,
        )
        assert metadata["JZJYXQJZSJ"] == said.valid_to.isoformat()
        assert metadata["ZZBS"] == business().licence_id

    def test_its_metadata_say_nothing_of_the_holder(self, held: Files) -> None:
        told = json.dumps(dict(check_pdf(held.copy, held.trusted, NOW).metadata), ensure_ascii=False)
        assert "陈安澜" not in told
        assert "91310199MA1XX0001A" not in told

    def test_shows_the_remark(self, held: Files) -> None:
        shown = text_of(held.copy).replace("\r\n", "").replace(" ", "")
        assert "不是原件" in shown
        assert "0193f7c4-aaaa-7000-8000-000000000001" in shown
        assert shown.count("加注件非原件") > 7

    def test_a_cause_that_cannot_be_printed_is_in_the_metadata(self, held: Files) -> None:
        odd = replace(stamp(held.made.pdf), cause="办理🙂事项")
        copy = held.maker.derive(held.made.pdf, odd, NOW)
        assert check_pdf(copy, held.trusted, NOW).metadata["JZJZZSY"] == "办理🙂事项"
        assert "办理〓事项" in text_of(copy).replace(" ", "")

    def test_is_refused_as_its_issuers(self, held: Files) -> None:
        refused(held, held.copy, "seal-missing", sealed_by=[ISSUER])

    def test_a_remark_taken_off_is_noticed(self, held: Files) -> None:
        refused(held, updated(held.copy, overwrite_page), "changed-after-sealing")

    @pytest.mark.parametrize("data", [b"", b"%PDF-1.7 ..."])
    def test_refuses_what_is_no_licence(self, held: Files, data: bytes) -> None:
        with pytest.raises(MalformedFileError):
            held.maker.derive(data, stamp(data), NOW)

    def test_refuses_a_pdf_without_metadata(self, held: Files) -> None:
        out = BytesIO()
        with pikepdf.new() as document:
            document.add_blank_page()
            document.save(out)
        with pytest.raises(MalformedFileError):
            held.maker.derive(out.getvalue(), stamp(b""), NOW)


class TestThumbnail:
    def test_is_a_small_picture(self, held: Files) -> None:
        picture = Image.open(BytesIO(held.maker.thumbnail(held.made.pdf)))
        assert (picture.format, picture.width) == ("PNG", 480)

    def test_refuses_what_is_no_pdf(self, held: Files) -> None:
        with pytest.raises(MalformedFileError):
            held.maker.thumbnail(b"no")


def refused(held: Files, data: bytes, *codes: str, sealed_by: list[str] | None = None) -> None:
    with pytest.raises(CertsError) as error:
        check_pdf(data, held.trusted, NOW, sealed_by=sealed_by)
    assert error.value.code in codes
