"""The job that reads: one page a message, so that its progress is seen and a worker that dies loses one page.

Each message is: look what is to be read (a unit), have the reader's process read that page (outside), keep it and write
the next page's message (a unit). Documents that cannot be read end their reading with the reason; a page over which
the process dies or takes too long is tried twice and then left out, so that one bad page does not hide the others.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ledger import outbox
from ledger.errors import ObjectErasedError, ObjectNotFoundError
from ledger.steps import run
from materials.reading.errors import ReaderFailedError, UnreadableError
from materials.reading.findings import find
from materials.reading.model import PageText, Source
from materials.reading.reader import STOPPED, Document, Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.clock import Clock
    from ledger.db import Database
    from ledger.objects import ObjectStore
    from ledger.outbox import Message
    from materials.model import Material
    from materials.reading.service import Readings

TRIES: Final = 2
"""How often a page is tried over which the process fails."""


class ReadingJobs:
    """Reads pages for the worker.

    Args:
        then: called with the material of a reading that has ended, in no unit: what was made of it before is made anew.
    """

    def __init__(
        self,
        database: Database,
        objects: ObjectStore,
        readings: Readings,
        reader: Reader,
        clock: Clock,
        then: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._objects = objects
        self._readings = readings
        self._reader = reader
        self._clock = clock
        self._then = then

    def page(self, message: Message) -> None:
        """Read the page that a message names.

        Raises:
            ReaderFailedError: the process failed for the first time over this page; it is tried again.
        """
        reading_id, number = str(message.body["reading"]), int(message.body["page"])
        if message.attempt >= outbox.MAX_ATTEMPTS:
            return self._failed(message, reading_id, "not-available")
        with self._database.glance() as db:
            plan = self._readings.plan(db, reading_id, number)
        if plan is None:
            return self._done(message)
        material, is_known = plan
        if not is_known:
            try:
                self._read(message, reading_id, number, material)
            except UnreadableError as error:
                return self._failed(message, reading_id, str(error.fields["problem"]))
            except (ObjectErasedError, ObjectNotFoundError):
                return self._failed(message, reading_id, "erased")
        return self._finish(message, reading_id)

    def _read(self, message: Message, reading_id: str, number: int, material: Material) -> None:
        def load() -> Document:
            return self._load(material)

        began = time.monotonic()
        pages = number
        try:
            pages = self._reader.pages(material.object_id, load)
            text = self._reader.page(material.object_id, number, load)
        except ReaderFailedError as error:
            if message.attempt < TRIES or error.fields["problem"] == STOPPED:
                raise
            if number == 1 and pages == number:  # it may be the opening that fails: nothing is known of more pages
                raise UnreadableError(problem=str(error.fields["problem"])) from error
            pages = max(pages, self._pages(reading_id))
            text = PageText(number, Source.unread, (), failure=str(error.fields["problem"]))
        milliseconds = round((time.monotonic() - began) * 1000)
        with self._database.unit() as db:
            self._readings.took(db, reading_id, pages, text, milliseconds)

    def _pages(self, reading_id: str) -> int:
        """How many pages the reading has, as an earlier page said."""
        with self._database.glance() as db:
            return self._readings.pages_of(db, reading_id)

    def _load(self, material: Material) -> Document:
        """The document out of the object store."""
        with self._database.glance() as db:
            stored = run(db, self._objects.lookup(material.object_id))
        return Document(bytes(self._objects.open(stored).read_all()), material.media_type)

    def _finish(self, message: Message, reading_id: str) -> None:
        """After the last page: what it all says."""
        with self._database.glance() as db:
            texts = self._readings.texts(db, reading_id)
        findings = find(texts) if texts else None
        with self._database.unit() as db:
            if findings is not None:
                self._readings.finish(db, reading_id, findings)
            outbox.done(db, message, self._clock.now())
        if findings is not None:
            self._ended(reading_id)

    def _failed(self, message: Message, reading_id: str, failure: str) -> None:
        with self._database.unit() as db:
            self._readings.fail(db, reading_id, failure)
            outbox.done(db, message, self._clock.now())
        self._ended(reading_id)

    def _ended(self, reading_id: str) -> None:
        with self._database.glance() as db:
            material_id = self._readings.material_of(db, reading_id)
        if material_id is not None:
            self._then(material_id)

    def _done(self, message: Message) -> None:
        with self._database.unit() as db:
            outbox.done(db, message, self._clock.now())
