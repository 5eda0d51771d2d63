"""One manifest on its way in, from where its files lie; killed at any moment, the next run goes on.

Nothing is remembered here: which rows are in, the exchange says, so there is no state file to lose or to contradict it.
A run reads the manifest row by row beside the exchange's list of taken rows, cuts what is left into requests and keeps
few of them under way. A request that is not answered is sent again under its key; one that was cut off by a kill is
answered with `known` rows, or was never taken.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
import time
import uuid
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx2

from api.client import ProblemError
from api.intaking.report import Line, Report
from api.tarbody import ROWS
from materials.errors import MaterialsError
from materials.intake.errors import IntakeDuplicateError
from materials.intake.files import look, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from api.client import Client
    from materials.intake.files import Seen
    from materials.intake.manifest import Manifest, ManifestRow

BATCH: Final = 64
BATCH_BYTES: Final = 8 * 1024**2
"""Files of one request, and their bytes together; a larger file goes alone, and streamed."""
CHECKED: Final = 500
"""Rows of one request of a dry run."""
_PAGE: Final = 5000
_PIECE: Final = 1024**2
_BLOCK: Final = 512
_AGAIN: Final = frozenset({429, 502, 503, 504, 507})
_CREDENTIAL_TRIES: Final = 3


class IntakeStoppedError(Exception):
    """The intake cannot go on now; what was answered is in, and `resume` goes on. `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)  # both, so that it can cross to another process
        self.code = code

    def __str__(self) -> str:
        """What happened, for people."""
        return str(self.args[1])


@dataclass(slots=True)
class Progress:
    """How far a run is.

    Attributes:
        rows: of the manifest.
        done: rows that are answered.
        states: rows by state: good, taken, known, refused.
        codes: refused rows by code.
        bytes: of the files that were taken, or are good.
        waiting: why the exchange takes nothing at the moment; empty where it does.
    """

    rows: int
    done: int = 0
    states: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    waiting: str = ""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A row whose file was looked at."""

    row: ManifestRow
    file: Path
    seen: Seen

    def document(self) -> dict[str, Any]:
        """The row as the exchange reads it."""
        told = {"row": self.row.number, "file_name": self.file.name} | dict(self.row.given)
        return told | {"size": self.seen.size, "sha256": self.seen.sha256, "media_type": self.seen.media_type}

    @property
    def key(self) -> bytes:
        """What makes it the same document of the same type and holder."""
        given = self.row.given
        named = [given.get("type_code"), given.get("holder_code_type") or "001", str(given.get("holder_code")).upper()]
        return hashlib.sha256("\0".join(map(str, [self.seen.sha256, *named])).encode()).digest()[:16]


_Lines = list[tuple[Line, int]]
"""Lines of the report with the sizes of their files."""


class _Run:
    """What a dry run and an intake have in common.

    Args:
        client: who takes in.
        manifest: of the archive.
        operator: handle of the member of staff.
        report: file of the report.
        parallel: requests at once.
        patience: seconds an exchange that takes nothing is asked again.
    """

    def __init__(
        self,
        client: Client,
        manifest: Manifest,
        *,
        operator: str,
        report: Path,
        parallel: int = 2,
        patience: float = 300.0,
    ) -> None:
        self._client, self._manifest, self._operator = client, manifest, operator
        self._report, self._parallel, self._patience = report, parallel, patience
        self._root = manifest.file.resolve().parent
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._first: dict[bytes, int] = {}
        self._tell: Callable[[Progress], None] = lambda _: None
        self.digest, rows = manifest.measure()
        self.progress = Progress(rows)

    def _through(
        self, batches: Iterator[Sequence[ManifestRow]], job: Callable[[Sequence[ManifestRow]], _Lines]
    ) -> None:
        """Do the batches, few at once, and report them in order."""
        under_way: deque[Future[_Lines]] = deque()
        with Report(self._report) as report, ThreadPoolExecutor(self._parallel) as pool:
            try:
                for batch in batches:
                    under_way.append(pool.submit(job, batch))
                    if len(under_way) > self._parallel:
                        self._keep(report, under_way.popleft().result())
                while under_way:
                    self._keep(report, under_way.popleft().result())
            finally:
                self._stop.set()

    def _keep(self, report: Report, lines: _Lines) -> None:
        held = self.progress
        for line, size in lines:
            report.write(line)
            held.done += 1
            held.states[line.state] += 1
            held.bytes += size if line.state in {"good", "taken"} else 0
            if line.code:
                held.codes[line.code] += 1
        self._tell(held)

    def _look(self, rows: Sequence[ManifestRow]) -> tuple[list[_Ready], _Lines]:
        """The rows whose files are as they should be, and lines of the others."""
        ready: list[_Ready] = []
        lines: _Lines = []
        for row in rows:
            try:
                if row.problem is not None:
                    raise row.problem
                file = resolve(self._root, row.path)
                found = _Ready(row, file, look(file, row.given))
                with self._lock:
                    first = self._first.setdefault(found.key, row.number)
                if first != row.number:
                    raise IntakeDuplicateError(row=first)
                ready.append(found)
            except MaterialsError as error:
                lines.append((Line.refused(row.number, row.path, error), 0))
        return ready, lines

    def _answered(self, ready: Sequence[_Ready], lines: _Lines, answer: Sequence[dict[str, Any]]) -> _Lines:
        """Lines of a batch in the manifest's order."""
        told = {line["row"]: line for line in answer if "row" in line}
        for each in ready:
            number = each.row.number
            if number not in told:
                raise IntakeStoppedError("no-answer", f"the exchange said nothing of row {number}")
            lines.append((Line.told(number, each.row.path, told[number]), each.seen.size))
        return sorted(lines, key=lambda line: line[0].row)

    def _ask(self, act: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        """An answer; asks again as long as the exchange does not answer, or takes nothing for now."""
        ends, tries = time.monotonic() + self._patience, 0
        while True:
            pause = min(0.1 * 2**tries, 10.0)
            problem: Exception
            try:
                answer = act()
            except ProblemError as error:
                # 401 passes when the exchange has just restarted; otherwise asking on is of no use.
                if error.status not in _AGAIN and not (error.status == 401 and tries < _CREDENTIAL_TRIES):
                    raise IntakeStoppedError(error.code, str(error)) from error
                problem, why = error, error.code
            except httpx2.TransportError as error:
                problem, why = error, "no-answer"
            else:
                self.progress.waiting = ""
                return answer
            tries += 1
            self.progress.waiting = why
            self._tell(self.progress)
            if time.monotonic() > ends or self._stop.wait(pause):
                raise IntakeStoppedError(why, f"nothing taken for {self._patience:.0f} s: {problem}") from problem


class DryRun(_Run):
    """Checks every row of a manifest and its file; nothing is written but the report."""

    def run(self, tell: Callable[[Progress], None] = lambda _: None) -> Progress:
        """Check everything.

        Args:
            tell: is told how far it is.

        Raises:
            IntakeStoppedError: the exchange refused or did not answer for too long.
        """
        self._tell = tell
        self._through(self._batches(), self._check)
        return self.progress

    def _batches(self) -> Iterator[Sequence[ManifestRow]]:
        batch: list[ManifestRow] = []
        for row in self._manifest.rows():
            batch.append(row)
            if len(batch) == CHECKED:
                yield batch
                batch = []
        if batch:
            yield batch

    def _check(self, rows: Sequence[ManifestRow]) -> _Lines:
        ready, lines = self._look(rows)
        answer: list[dict[str, Any]] = []
        if ready:
            body = _listed(ready)
            answer = self._ask(lambda: self._client.check_rows(body, self._operator))
        return self._answered(ready, lines, answer)


class IntakeRun(_Run):
    """Takes a manifest in.

    Attributes:
        intake_id: at the exchange, once begun.
    """

    def __init__(self, client: Client, manifest: Manifest, **terms: Any) -> None:
        super().__init__(client, manifest, **terms)
        self.intake_id = ""
        self._known: dict[int, dict[str, Any]] = {}

    def run(self, tell: Callable[[Progress], None] = lambda _: None, *, resume: bool = False) -> Progress:
        """Take in what is left.

        Args:
            tell: is told how far it is.
            resume: go on with an intake that was begun before.

        Raises:
            IntakeStoppedError: it was begun before and `resume` was not said; or the exchange refused, or did not
                answer or took nothing for too long.
        """
        self._tell = tell
        begun = self._ask(lambda: [self._client.begin_intake(self.digest, self.progress.rows, self._operator)])[0]
        held = self._ask(lambda: [self._client.intake(begun["intake_id"])])[0]
        self.intake_id = str(held["intake_id"])
        if held["taken"] and not resume:
            raise IntakeStoppedError(
                "intake-begun", f"{held['taken']} of {held['rows']} rows of this manifest are in: go on with --resume"
            )
        self._through(self._batches(), self._take)
        return self.progress

    def _batches(self) -> Iterator[Sequence[ManifestRow]]:
        """Rows of one request each; what is in already comes along, to be reported."""
        batch: list[ManifestRow] = []
        count = size = 0
        taken = self._taken()
        known = next(taken, None)
        for row in self._manifest.rows():
            if known is not None and known["row"] == row.number:
                self._known[row.number] = known
                known = next(taken, None)
                more = 0
            else:
                more = self._size(row)
            if batch and (count + bool(more) > BATCH or size + more > BATCH_BYTES or len(batch) >= CHECKED):
                yield batch
                batch, count, size = [], 0, 0
            batch.append(row)
            count, size = count + bool(more), size + more
        if batch:
            yield batch

    def _taken(self) -> Iterator[dict[str, Any]]:
        """Rows that are in, by number."""
        after: int | None = 0
        while after is not None:
            page = self._ask(lambda after=after: [self._client.taken_rows(self.intake_id, after, _PAGE)])[0]  # type: ignore[misc]
            yield from page["rows"]
            after = page["next_after"]

    def _size(self, row: ManifestRow) -> int:
        try:
            return resolve(self._root, row.path).stat().st_size if row.problem is None else 0
        except (MaterialsError, OSError):
            return 0

    def _take(self, rows: Sequence[ManifestRow]) -> _Lines:
        known = [(row, self._known.pop(row.number)) for row in rows if row.number in self._known]
        ready, lines = self._look([row for row in rows if row.number not in {held.number for held, _ in known}])
        lines += [(Line.told(row.number, row.path, told | {"known": True}), 0) for row, told in known]
        answer: list[dict[str, Any]] = []
        if ready:
            key = f"intake-{uuid.uuid4()}"
            answer = self._ask(lambda: self._send(ready, key))
        return self._answered(ready, lines, answer)

    def _send(self, ready: Sequence[_Ready], key: str) -> list[dict[str, Any]]:
        listed = _listed(ready)
        sizes = [len(listed), *(each.seen.size for each in ready)]
        length = sum(_BLOCK + size + -size % _BLOCK for size in sizes) + 2 * _BLOCK
        pieces = _archive(listed, ready)
        body = pieces if length > 2 * BATCH_BYTES else b"".join(pieces)
        return self._client.take_rows(self.intake_id, body, length, key=key)


def _listed(ready: Sequence[_Ready]) -> bytes:
    return b"".join(json.dumps(each.document(), ensure_ascii=False).encode() + b"\n" for each in ready)


def _archive(listed: bytes, ready: Sequence[_Ready]) -> Iterator[bytes]:
    """The ustar archive of a request.

    A file that is gone or shorter than a moment ago is filled up with zeros: the exchange compares digests, so it
    refuses that row and takes the others.
    """
    yield from _member(ROWS, io.BytesIO(listed), len(listed))
    for each in ready:
        try:
            stream: Any = each.file.open("rb")
        except OSError:
            stream = io.BytesIO()
        with stream:
            yield from _member(str(each.row.number), stream, each.seen.size)
    yield bytes(2 * _BLOCK)


def _member(name: str, stream: Any, size: int) -> Iterator[bytes]:
    info = tarfile.TarInfo(name)
    info.size = size
    yield info.tobuf(tarfile.USTAR_FORMAT)
    left = size
    while left:
        piece = stream.read(min(left, _PIECE)) or bytes(min(left, _PIECE))
        left -= len(piece)
        yield piece
    yield bytes(-size % _BLOCK)
