"""Gathering licences from a file, that can be killed at any moment and goes on where it was (`api.client.bulk`).

Beside the file lie its state (`FILE.gather.json`) and the report (`FILE.gather-report.ndjson`): a line for each row
that was refused or came late, with number, code and the rule it breaks, never with what stands in the row. A dry run
judges every row against what the node holds and begins anew each time; that two batches of one file contradict each
other it cannot see.
"""

from __future__ import annotations

import csv
import io
import json
from typing import IO, TYPE_CHECKING, Any, Final

from api.client.bulk import Import, ImportStoppedError
from api.client.mapping import MappingError, RowMapping

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.client.bulk import _Batch
    from api.client.client import Client

BATCH: Final = 2000
_MAX_RECORD: Final = 1024 * 1024
"""Bytes of one row of CSV; a quote that is never closed must not swallow the file."""


class Gather(Import):
    """One file of licences on its way in.

    Args:
        client: who gathers; the issuer.
        file: NDJSON, CSV (`.csv`) or a JSON list (`.json`).
        mapping: how its columns become rows; None where it holds the node's own rows.
        operator: handle of a registrar.
        since: 归集起始时间, YYYY-MM-DD; older licences are a backlog and not judged late.
        dry_run: judge, write nothing.
        terms: as for `Import`.

    Raises:
        ImportStoppedError: the state beside the file is of another file, or the mapping names columns it has not.
    """

    NAME = "gather"
    REFUSED = ".gather-report.ndjson"
    MAX_LINE = 64 * 1024 + 1

    def __init__(
        self,
        client: Client,
        file: Path,
        mapping: RowMapping | None,
        *,
        operator: str,
        since: str | None = None,
        dry_run: bool = False,
        batch: int = BATCH,
        **terms: Any,
    ) -> None:
        self._mapping = mapping or RowMapping("utf-8-sig", {})
        self._query = {"operator": operator} | ({"since": since} if since else {})
        if dry_run:
            self.NAME = "gather-dry-run"
            self._query["dry_run"] = "true"
            file.with_name(f"{file.name}.{self.NAME}.json").unlink(missing_ok=True)
            file.with_name(file.name + self.REFUSED).unlink(missing_ok=True)
        if file.suffix.lower() == ".json":
            file = _as_lines(file, self._mapping.encoding)
        self.size = file.stat().st_size
        super().__init__(client, file, batch=batch, **terms)

    def _terms(self) -> bytes:
        """With another mapping the same file is another one: its batches are other requests."""
        return repr((self._mapping, sorted(self._query.items()))).encode()

    def _record(self, stream: IO[bytes]) -> bytes:
        """The next row: a quoted field of CSV may hold line breaks (RFC 4180, 2.6)."""
        line = stream.readline()
        if self._file.suffix.lower() == ".csv":
            while line.count(b'"') % 2 and len(line) < _MAX_RECORD and (more := stream.readline()):
                line += more
        return line

    def _maker(self) -> Callable[[bytes], bytes]:
        encoding, columns = self._mapping.encoding, bool(self._mapping.columns)
        if self._file.suffix.lower() != ".csv":
            return self._mapped if columns else lambda line: line.rstrip(b"\r\n")
        with self._file.open("rb") as stream:
            names = _fields(self._record(stream), encoding)
        if not columns:
            raise ImportStoppedError("bad-mapping", "a table needs a mapping file")
        if missing := self._mapping.columns_named() - set(names):
            raise ImportStoppedError("bad-mapping", f"not in the head line: {', '.join(sorted(missing))}")

        def make(line: bytes) -> bytes:
            values = _fields(line, encoding)
            if len(values) != len(names):
                return b'"not as many fields as the head line"'
            return _dump(self._mapping.row(dict(zip(names, values, strict=True))))

        return make

    def _mapped(self, line: bytes) -> bytes:
        try:
            given = json.loads(line.decode(self._mapping.encoding))
        except ValueError:
            return b'"no JSON"'
        return _dump(self._mapping.row(given)) if isinstance(given, dict) else b'"no object"'

    def _ask(self, body: bytes, key: str) -> list[dict[str, Any]]:
        return self._client.gather(body, key=key, minimal=True, **self._query)

    def _told(self, row: dict[str, Any], batch: _Batch) -> dict[str, Any]:
        return {**row, "row": batch.first + row["row"] - 1}


def _as_lines(file: Path, encoding: str) -> Path:
    """A JSON list as NDJSON beside it, so that it can be read on from any row."""
    try:
        rows = json.loads(file.read_text(encoding))
    except ValueError as error:
        raise ImportStoppedError("bad-file", f"{file}: not JSON") from error
    if not isinstance(rows, list):
        raise ImportStoppedError("bad-file", f"{file}: not a list")
    lines = file.with_name(file.name + ".ndjson")
    lines.write_bytes(b"".join(json.dumps(row, ensure_ascii=False).encode(encoding) + b"\n" for row in rows))
    return lines


def _fields(record: bytes, encoding: str) -> list[str]:
    text = record.decode(encoding, "replace").removeprefix("\ufeff")
    return next(csv.reader(io.StringIO(text, newline="")), [])


def _dump(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode()


__all__ = ["Gather", "MappingError", "RowMapping"]
