"""The reader's own process: `python -m materials.reading.process`, spoken to through its standard input and output.

A stranger's PDF meets PDFium and a picture meets a neural network here and nowhere else: without the node's
environment, without leave to write files, with bounded memory and processor time, and whoever waits for a page kills it
when it hangs (`reader`). Each message is a JSON header behind its length (4 bytes, big-endian), `open` followed by the
document. It ends by itself when nobody asked for a while, so that its memory is not held for nothing.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import struct
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from materials.reading.document import Pages, open_document
from materials.reading.errors import UnreadableError
from materials.reading.model import PageText, Source

if TYPE_CHECKING:
    from materials.reading.model import Line
    from materials.reading.ocr import Ocr, Pixels

IDLE_SECONDS: Final = 90
PAGE_CPU_SECONDS: Final = 40.0
"""Processor time that one page may take, the loading of the models included (4 s); a dense page takes 10 s. Time by the
clock would punish a page for what else the machine does."""
MEMORY: Final = 6 * 1024**3
"""Bytes of address space; of these about 1 GB is ever used, the rest is what libraries reserve."""
HEADER: Final = struct.Struct(">I")
MAX_HEADER: Final = 16 * 1024**2


def write(pipe: BinaryIO, header: dict[str, Any], body: bytes = b"") -> None:
    """Send one message."""
    head = json.dumps(header, ensure_ascii=False).encode()
    pipe.write(HEADER.pack(len(head)) + head)
    pipe.write(body)
    pipe.flush()


def read_exactly(pipe: BinaryIO, size: int) -> bytes:
    """So many bytes.

    Raises:
        EOFError: the other side is gone.
    """
    held = bytearray()
    while len(held) < size:
        piece = pipe.read(size - len(held))
        if not piece:
            raise EOFError
        held += piece
    return bytes(held)


def read(pipe: BinaryIO) -> dict[str, Any]:
    """The header of the next message.

    Raises:
        EOFError: the other side is gone, or says what nobody could.
    """
    (size,) = HEADER.unpack(read_exactly(pipe, HEADER.size))
    if size > MAX_HEADER:
        raise EOFError
    held: dict[str, Any] = json.loads(read_exactly(pipe, size))
    return held


class _Eyes:
    """Loads the models when a picture is looked at for the first time."""

    def __init__(self) -> None:
        self._ocr: Ocr | None = None

    def look(self, picture: Pixels) -> tuple[Line, ...]:
        """Lines of a picture."""
        if self._ocr is None:
            from materials.reading.ocr import Ocr  # noqa: PLC0415 - a document with text never needs it

            self._ocr = Ocr()
        return self._ocr.read(picture)


def serve(inward: BinaryIO, outward: BinaryIO) -> None:
    """Answer until the other side is gone or has been silent for a while."""
    eyes = _Eyes()
    opened: Pages | None = None
    while select.select([inward], [], [], IDLE_SECONDS)[0]:
        asked = read(inward)
        signal.setitimer(signal.ITIMER_PROF, PAGE_CPU_SECONDS)  # its signal ends the process
        if asked["do"] == "open":
            content = read_exactly(inward, asked["size"])
            try:
                opened = open_document(content, asked["media_type"], eyes.look)
                write(outward, {"pages": opened.count})
            except UnreadableError as error:
                opened = None
                write(outward, {"failure": str(error.fields["problem"])})
        elif opened is not None:
            write(outward, _page(opened, asked["number"]).to_json())
        signal.setitimer(signal.ITIMER_PROF, 0)


def _page(opened: Pages, number: int) -> PageText:
    try:
        return opened.page(number)
    except UnreadableError as error:
        return PageText(number, Source.unread, (), failure=str(error.fields["problem"]))
    except MemoryError:
        return PageText(number, Source.unread, (), failure="too-large")


def main() -> None:
    """Bound what this process may do, and serve."""
    with suppress(ValueError, OSError):  # macOS bounds no address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    outward = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not be taken for an answer
    inward = os.fdopen(os.dup(0), "rb", buffering=0)
    with suppress(EOFError, BrokenPipeError):
        serve(inward, outward)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
