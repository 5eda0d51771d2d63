"""Bulk import of evidence from a file, that can be killed at any moment and goes on where it was.

A file of one document a line (NDJSON, or CSV with a head line naming the members) is cut into batches by line numbers
alone, so the same file always gives the same batches. Each is one request under an Idempotency-Key made from the
file's digest and the batch's number: sent twice, it has one effect, and the second gets the first's answer. Beside the
file lie its state (`FILE.import.json`: how far the answers have come) and the refused rows (`FILE.refused.ndjson`).

The state is written before a batch is asked and after its answer was kept. A batch asked and not answered is asked
again with the same key. The node remembers keys for a day; after `MEMORY` an unanswered batch is *in doubt*, and a
person decides (`in_doubt`).
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from threading import Event
from typing import IO, TYPE_CHECKING, Any, Final

import httpx2

from api.client.client import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from api.client.client import Client

MEMORY: Final = 20 * 3600
"""Seconds for which the node surely remembers a key; it says a day."""
BATCH: Final = 5000
MAX_LINE: Final = 1025
"""Bytes; the node refuses longer rows, so the rest of one is not sent. With `BATCH` this bounds a request to 5 MB..."""
_MAX_BODY: Final = 3_900_000
"""... and this to less than the 4 MiB it takes: fewer rows are sent where rows are long."""
_VERSION: Final = 1
_CREDENTIAL_TRIES: Final = 3
_AGAIN: Final = frozenset({429, 502, 503, 504, 507})


class ImportStoppedError(Exception):
    """The import cannot go on now; what was answered is kept, and the same call goes on. `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class State:
    """How far an import has come; written as JSON beside the file.

    Attributes:
        sha256: digest of the file.
        batch: most rows of a batch.
        done: batches answered, from the first on without a gap.
        asked: batches that may have been sent.
        offset: bytes of the file the answered batches cover.
        rows: lines they cover.
        taken: rows the node took.
        refused: rows it did not.
        refused_bytes: length of the file of refused rows.
        at: when a batch was last asked, seconds since 1970.
        complete: whether the whole file is answered.
        figures: what else the node counts, added up.
    """

    sha256: str
    batch: int
    done: int = 0
    asked: int = 0
    offset: int = 0
    rows: int = 0
    taken: int = 0
    refused: int = 0
    refused_bytes: int = 0
    at: float = 0.0
    complete: bool = False
    figures: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Batch:
    number: int
    first: int
    lines: list[bytes]
    body: bytes
    offset: int


class Import:
    """One file on its way in.

    Args:
        client: who imports.
        file: NDJSON, or CSV where its name ends so.
        batch: rows of a request; fixed by the first start.
        parallel: requests under way at once.
        patience: seconds a node that does not answer is tried again.
        in_doubt: what to do with batches too old for the node to remember: None stops, `send` risks doubles, `skip`
            risks gaps.

    Raises:
        ImportStoppedError: the state beside the file is of another file.
    """

    NAME = "import"
    """Of the act, in the state's file name and in Idempotency-Keys."""
    REFUSED = ".refused.ndjson"
    MAX_LINE = MAX_LINE

    def __init__(
        self,
        client: Client,
        file: Path,
        *,
        batch: int = BATCH,
        parallel: int = 2,
        patience: float = 300.0,
        in_doubt: str | None = None,
    ) -> None:
        self._client, self._file = client, file
        self._parallel, self._patience, self._in_doubt = parallel, patience, in_doubt
        self._state_file = file.with_name(f"{file.name}.{self.NAME}.json")
        self.refused_file = file.with_name(file.name + self.REFUSED)
        self._stop = Event()
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
        digest.update(self._terms())
        self.state = self._load(digest.hexdigest(), batch)

    def run(self, tell: Callable[[State], None] = lambda _: None) -> State:
        """Import what is left.

        Args:
            tell: is told the state after every answered batch.

        Raises:
            ImportStoppedError: the node refused or did not answer for too long, or batches are in doubt.
        """
        if self.state.complete:
            return self.state
        with self.refused_file.open("ab") as refused, ThreadPoolExecutor(self._parallel) as pool:
            refused.truncate(self.state.refused_bytes)
            under_way: deque[tuple[_Batch, Future[list[dict[str, Any]]]]] = deque()
            try:
                for batch in self._batches():
                    if self._passes_over(batch):
                        continue
                    self._write(replace(self.state, asked=max(self.state.asked, batch.number + 1), at=time.time()))
                    under_way.append((batch, pool.submit(self._send, batch)))
                    if len(under_way) >= self._parallel:
                        self._keep(*under_way.popleft(), refused, tell)
                while under_way:
                    self._keep(*under_way.popleft(), refused, tell)
            finally:
                self._stop.set()
        self._write(replace(self.state, complete=True))
        return self.state

    def _batches(self) -> Iterator[_Batch]:
        """The batches that are not answered yet."""
        make = self._maker()
        with self._file.open("rb") as stream:
            if self._file.suffix.lower() == ".csv" and not self.state.offset:
                self._record(stream)
            elif self.state.offset:
                stream.seek(self.state.offset)
            number, first, offset = self.state.done, self.state.rows + 1, stream.tell()
            while True:
                lines: list[bytes] = []
                rows: list[bytes] = []
                size = 0
                while (
                    len(lines) < self.state.batch
                    and size < _MAX_BODY - self.MAX_LINE
                    and (line := self._record(stream))
                ):
                    lines.append(line)
                    rows.append(make(line)[: self.MAX_LINE])
                    size += len(rows[-1]) + 1
                    offset += len(line)
                if not lines:
                    return
                yield _Batch(number, first, lines, b"\n".join(rows) + b"\n", offset)
                number, first = number + 1, first + len(lines)

    def _terms(self) -> bytes:
        """What else than the file makes its batches."""
        return b""

    def _record(self, stream: IO[bytes]) -> bytes:
        """The next row of the file with its line end."""
        return stream.readline()

    def _maker(self) -> Callable[[bytes], bytes]:
        """What makes the node's row of a file's."""
        return self._csv() if self._file.suffix.lower() == ".csv" else _line

    def _ask(self, body: bytes, key: str) -> list[dict[str, Any]]:
        """One request."""
        return self._client.anchor_many(body, key=key, minimal=True)

    def _told(self, row: dict[str, Any], batch: _Batch) -> dict[str, Any]:
        """What is written down of a refused row."""
        given = batch.lines[row["row"] - 1].decode("utf-8", "replace").rstrip("\r\n")
        return {**row, "row": batch.first + row["row"] - 1, "given": given[:2000]}

    def _csv(self) -> Callable[[bytes], bytes]:
        with self._file.open("rb") as stream:
            names = _fields(stream.readline().decode("utf-8-sig", "replace"))

        def make(line: bytes) -> bytes:
            values = _fields(line.decode("utf-8", "replace"))
            if len(values) != len(names):
                return b'"not as many fields as the head line"'
            row: dict[str, Any] = {name: value for name, value in zip(names, values, strict=True) if value}
            if row.get("size", "").isdecimal():
                row["size"] = int(row["size"])
            return json.dumps(row, ensure_ascii=False).encode()

        return make

    def _passes_over(self, batch: _Batch) -> bool:
        """Decide on a batch that was asked before, too long ago for the node to remember."""
        if batch.number >= self.state.asked or time.time() - self.state.at < MEMORY or self._in_doubt == "send":
            return False
        if self._in_doubt == "skip":
            taken = self.state.taken + len(batch.lines)
            last = batch.first + len(batch.lines) - 1
            self._write(replace(self.state, done=batch.number + 1, offset=batch.offset, rows=last, taken=taken))
            return True
        last = batch.first + len(batch.lines) - 1
        raise ImportStoppedError(
            "import-in-doubt",
            f"rows {batch.first} to {last} were sent more than {MEMORY // 3600} h ago and not answered: look one of "
            "them up by its reference, then go on with in-doubt `skip` (they are there) or `send` (they are not)",
        )

    def _send(self, batch: _Batch) -> list[dict[str, Any]]:
        """The lines of the answer; asks again as long as the node does not answer."""
        key = f"{self.NAME}-{self.state.sha256[:40]}-{self.state.batch}-{batch.number}"
        ends, tries = time.monotonic() + self._patience, 0
        while True:
            problem: Exception
            try:
                return self._ask(batch.body, key)
            except ProblemError as error:
                # 401 passes when the node has just restarted; otherwise asking on is of no use.
                if error.status not in _AGAIN and not (error.status == 401 and tries < _CREDENTIAL_TRIES):
                    raise ImportStoppedError(error.code, str(error)) from error
                problem = error
            except httpx2.TransportError as error:
                problem = error
            tries += 1
            if time.monotonic() > ends or self._stop.wait(min(0.1 * 2**tries, 10.0)):
                raise ImportStoppedError("no-answer", f"no answer for rows from {batch.first} on") from problem

    def _keep(
        self,
        batch: _Batch,
        answer: Future[list[dict[str, Any]]],
        refused: IO[bytes],
        tell: Callable[[State], None],
    ) -> None:
        *rows, last = answer.result()
        for row in rows:
            refused.write(json.dumps(self._told(row, batch), ensure_ascii=False).encode() + b"\n")
        refused.flush()
        os.fsync(refused.fileno())
        figures = {name: self.state.figures.get(name, 0) + count for name, count in last.get("figures", {}).items()}
        self._write(
            replace(
                self.state,
                done=batch.number + 1,
                offset=batch.offset,
                rows=batch.first + len(batch.lines) - 1,
                taken=self.state.taken + last["taken"],
                refused=self.state.refused + last["refused"],
                refused_bytes=refused.tell(),
                figures=figures,
            )
        )
        tell(self.state)

    def _load(self, digest: str, batch: int) -> State:
        try:
            held = json.loads(self._state_file.read_text())
        except FileNotFoundError:
            return State(digest, batch)
        except ValueError:
            held = {}
        if held.pop("version", None) != _VERSION or held.get("sha256") != digest:
            raise ImportStoppedError("other-file", f"{self._state_file} is of another file; move it away to begin anew")
        return State(**held)

    def _write(self, state: State) -> None:
        """Keep the state; it is there whole or as it was before."""
        fresh = self._state_file.with_name(self._state_file.name + ".new")
        with fresh.open("w") as file:
            json.dump({"version": _VERSION, **asdict(state)}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._state_file)
        self.state = state


def _line(line: bytes) -> bytes:
    return line.rstrip(b"\r\n")


def _fields(line: str) -> list[str]:
    """The fields of one line of CSV (RFC 4180); none of ours holds a line break."""
    return next(csv.reader([line.rstrip("\r\n")]), [])
