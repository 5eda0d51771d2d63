"""Templates of generated documents: what they name exists, what they print is never masked, each can be set."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from certs.catalogue import LicenceCatalogue
from certs.files.errors import NotRenderedError
from materials.catalogue import Catalogue
from materials.errors import CatalogueError
from materials.generated.errors import DocumentFormError, UnknownTemplateError
from materials.generated.model import Slot, Template, Value, weakest
from materials.generated.service import check_form
from materials.generated.setter import DocumentSetter
from materials.generated.templates import Templates

TEMPLATES = Templates.load()
LICENCES = LicenceCatalogue.load()
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
TEXT, LINES = "示例 88 号", ("第一行", "第二行")


@pytest.fixture(scope="module")
def setter() -> DocumentSetter:
    return DocumentSetter({kind.code: kind.name for kind in LICENCES.types.values()})


def filled(template: Template, *, optional: bool) -> dict[str, Value]:
    slots = [slot for slot in template.slots if slot.required or optional]
    return {slot.name: Value(LINES if slot.kind == "list" else TEXT, slot.sources[0], "e", "r") for slot in slots}


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)
    finally:
        document.close()


def test_every_item_that_names_a_template_has_it() -> None:
    wanted = {
        (demand.generate, demand.type_code)
        for item in Catalogue.load().items.values()
        for demand in item.demands
        if demand.generate is not None
    }
    assert {TEMPLATES.get(code, type_code).code for code, type_code in wanted} == {code for code, _ in wanted}


@pytest.mark.parametrize("code", sorted(TEMPLATES.by_code))
class TestEach:
    def test_names_types_and_fields_there_are(self, code: str) -> None:
        held = TEMPLATES.by_code[code]
        assert set(held.types) <= Catalogue.load().types.keys()
        for source in (each for slot in held.slots for each in slot.sources if each.startswith("LT")):
            kind, name = source.split(".")
            field = LICENCES.type(kind).field_of(name.removesuffix(":clear"))
            assert field is not None, source
            assert source.endswith(":clear") or (field.mask is None and field.level <= 2), "a masked value is no value"

    @pytest.mark.parametrize("optional", [False, True])
    def test_can_be_set(self, setter: DocumentSetter, code: str, optional: bool) -> None:
        template = TEMPLATES.by_code[code]
        made = setter.set(template, filled(template, optional=optional), "31011820261121000001", NOW)
        told = text_of(made)
        assert template.zh in told
        assert "31011820261121000001" in told
        assert "第二行" in told or not any(
            slot.kind == "list" and (slot.required or optional) for slot in template.slots
        )

    def test_carries_its_sources(self, setter: DocumentSetter, code: str) -> None:
        template = TEMPLATES.by_code[code]
        made = setter.set(template, filled(template, optional=True), "1", NOW)
        with pikepdf.open(BytesIO(made)) as pdf:
            attached = pdf.attachments["sources.json"].get_file().read_bytes().decode()
        for slot in template.slots:
            assert f'"field": "{slot.name}"' in attached


class TestSetter:
    def test_refuses_what_cannot_be_printed(self, setter: DocumentSetter) -> None:
        template = TEMPLATES.by_code["resolution"]
        values = filled(template, optional=False) | {"votes": Value("ཀ", "form.votes")}
        with pytest.raises(NotRenderedError):
            setter.set(template, values, "1", NOW)


class TestWeakest:
    @pytest.mark.parametrize(
        ("sources", "level"),
        [
            (["LT01.domicile", "LT04.union_name"], "issuer_signed"),
            (["LT01.domicile", "connector:tax.payroll.total", "case.date"], "source_verified"),
            (["LT01.domicile", "applicant.name"], "staff_checked"),
            (["LT01.domicile", "form.area"], "self_declared"),
        ],
    )
    def test_is_the_level_of_the_document(self, sources: list[str], level: str) -> None:
        assert weakest({source: Value("x", source) for source in sources}) == level


class TestForm:
    @pytest.mark.parametrize(
        "form",
        [{"name": "x"}, {"area": ""}, {"area": "a\nb"}, {"rooms": ()}, {"rooms": ("x",) * 201}, {"area": "x" * 501}],
    )
    def test_refuses(self, form: dict[str, str]) -> None:
        with pytest.raises(DocumentFormError):
            check_form(TEMPLATES.by_code["site-plan-cover"], form)


class TestTemplates:
    def test_refuses_a_type_the_template_does_not_make(self) -> None:
        with pytest.raises(UnknownTemplateError):
            TEMPLATES.get("resolution", "CL025")

    @pytest.mark.parametrize("source", ["LT1.x", "form.", "form.x y", "secret.x", "case.applicant", "LT01.name:masked"])
    def test_refuses_a_source_nobody_resolves(self, source: str) -> None:
        with pytest.raises(CatalogueError):
            Slot("x", "名", "Name", "text", (source,))
