"""PDFium, one caller at a time: the library is not for two threads at once, not even on two documents."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

import pypdfium2

from certs.files.errors import MalformedFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK: Final = Lock()


@contextmanager
def opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """A PDF, open until the block ends; nobody else uses PDFium meanwhile.

    Raises:
        MalformedFileError: not a PDF, or no such page.
    """
    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(pdf)
            try:
                yield document
            finally:
                document.close()
        except (pypdfium2.PdfiumError, IndexError) as error:
            raise MalformedFileError(problem="not a PDF, or one without pages") from error
