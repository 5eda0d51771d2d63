"""The reader's process: kept, ended, killed; what it gets of ours; what it sees on a page that lies upside down."""

from __future__ import annotations

import io
import os
import signal

import psutil
import pytest
from PIL import Image

from materials.reading.errors import ReaderFailedError, UnreadableError
from materials.reading.findings import find
from materials.reading.model import Source
from materials.reading.reader import Document, Reader
from tests.materials.reading.samples import LESSOR, lease_pdf, licence_picture


class Loads:
    """Gives a document and counts how often it was asked."""

    def __init__(self, content: bytes, media_type: str = "application/pdf") -> None:
        self.document = Document(content, media_type)
        self.count = 0

    def __call__(self) -> Document:
        self.count += 1
        return self.document


@pytest.fixture
def reader():
    with Reader() as held:
        yield held


class TestProcess:
    def test_keeps_a_document_open_as_long_as_it_is_asked_for(self, reader: Reader) -> None:
        one, other = Loads(lease_pdf()), Loads(lease_pdf())
        assert reader.pages("one", one) == 1
        text = reader.page("one", 1, one)
        assert any(LESSOR in line.text for line in text.lines)
        assert one.count == 1
        reader.page("other", 1, other)
        reader.page("one", 1, one)
        assert (one.count, other.count) == (2, 1)

    def test_knows_nothing_of_the_node(self, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CAILIAN_S3_SECRET_KEY", "very-secret")
        reader.pages("one", Loads(lease_pdf()))
        assert not {name for name in psutil.Process(reader.pid).environ() if name.startswith("CAILIAN")}

    def test_may_write_no_file(self, reader: Reader) -> None:
        reader.pages("one", Loads(lease_pdf()))
        assert psutil.Process(reader.pid).rlimit(psutil.RLIMIT_FSIZE) == (0, 0)

    def test_that_died_is_named_and_started_anew(self, reader: Reader) -> None:
        load = Loads(lease_pdf())
        reader.pages("one", load)
        os.kill(reader.pid or 0, signal.SIGSTOP)
        os.kill(reader.pid or 0, signal.SIGKILL)
        psutil.Process(reader.pid).wait(10)
        assert reader.page("one", 1, load).source is Source.text
        assert load.count == 2

    def test_that_hangs_is_killed(self) -> None:
        load = Loads(lease_pdf())
        with Reader() as held:
            held.pages("one", load)
            os.kill(held.pid or 0, signal.SIGSTOP)
            held._seconds = 0.2
            with pytest.raises(ReaderFailedError) as refused:
                held.page("one", 1, load)
            assert refused.value.fields["problem"] == "took-too-long"
            assert held.pid is None

    def test_is_stopped_in_the_middle_of_a_page(self, reader: Reader) -> None:
        load = Loads(lease_pdf())
        reader.pages("one", load)
        reader.close()
        with pytest.raises(ReaderFailedError) as refused:
            reader.page("one", 1, load)
        assert refused.value.fields["problem"] == "stopped"
        assert reader.pid is None

    def test_goes_on_after_a_document_that_cannot_be_read(self, reader: Reader) -> None:
        with pytest.raises(UnreadableError):
            reader.pages("bad", Loads(b"%PDF-1.7\nnothing"))
        assert reader.pages("good", Loads(lease_pdf())) == 1


class TestLooking:
    def test_at_a_page_upside_down_finds_the_places_on_it(self, reader: Reader) -> None:
        page = Image.open(io.BytesIO(licence_picture()))
        head = page.crop((0, 0, page.width, page.height * 2 // 5)).rotate(180)
        turned = io.BytesIO()
        head.save(turned, "JPEG", quality=85)
        text = reader.page("one", 1, Loads(turned.getvalue(), "image/jpeg"))
        findings = find([text])
        fields = {each.code: each for each in findings.fields}
        assert findings.guess.type_code == "CL001"
        assert fields["uscc"].value == "91310113XX0000019X"
        assert fields["uscc"].box.y0 > fields["legal_representative"].box.y0  # on a page that lies on its head
