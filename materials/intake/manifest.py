"""Manifests of an archive: a table (CSV) or JSON lines, read row by row, never whole (docs/intake.md).

A manifest is data of somebody else: what it names is compared and looked up, and no path of it leads out of its folder
(`materials.intake.files`).
"""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final

from materials.intake.errors import IntakeRowError
from materials.intake.model import MAX_ROWS
from materials.intake.rows import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PATH: Final = "path"
COLUMNS: Final = (MEMBERS - {"row"}) | {PATH}
NEEDED: Final = (PATH, "type_code", "holder_name", "holder_code")
MAX_LINE: Final = 16 * 1024
"""Bytes; a quote that is never closed must not swallow the file."""


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One row as it stands there.

    Attributes:
        number: from 1.
        path: of its file, relative to the manifest's folder; empty where the row cannot be read.
        given: the other members that have a value.
        problem: why it cannot be read.
    """

    number: int
    path: str
    given: Mapping[str, Any] = field(default_factory=dict, repr=False)
    problem: IntakeRowError | None = None


class Manifest:
    """One manifest.

    Args:
        file: a table where its name ends in `.csv`, JSON lines otherwise.
        encoding: of its text, `utf-8` (with or without a byte order mark) or `gb18030`.

    Raises:
        IntakeRowError: the head line of the table misses a column or has an unknown one; or no such encoding.
    """

    def __init__(self, file: Path, encoding: str = "utf-8") -> None:
        if encoding not in {"utf-8", "gb18030"}:
            raise IntakeRowError(member="encoding", problem="utf-8 or gb18030")
        self.file = file
        self._encoding = "utf-8-sig" if encoding == "utf-8" else encoding
        self._is_table = file.suffix.lower() == ".csv"

    def measure(self) -> tuple[str, int]:
        """SHA-256 of its bytes in hexadecimal, and how many rows it has.

        Raises:
            IntakeRowError: none, or too many.
        """
        with self.file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        count = sum(1 for _ in self.rows())
        if not 0 < count <= MAX_ROWS:
            raise IntakeRowError(member="rows", problem=f"{count}, not 1 to {MAX_ROWS}")
        return digest, count

    def rows(self) -> Iterator[ManifestRow]:
        """Every row in order; empty lines count for nothing.

        Raises:
            IntakeRowError: as when made.
        """
        with self.file.open("rb") as stream:
            yield from self._table(stream) if self._is_table else self._lines(stream)

    def _texts(self, stream: IO[bytes]) -> Iterator[str]:
        first = True
        while line := stream.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                raise IntakeRowError(member="line", problem=f"over {MAX_LINE} bytes")
            text = line.decode(self._encoding if first else self._encoding.removesuffix("-sig"), "replace")
            yield text
            first = False

    def _table(self, stream: IO[bytes]) -> Iterator[ManifestRow]:
        csv.field_size_limit(MAX_LINE)
        records = csv.reader(self._texts(stream))
        try:
            names = [name.strip() for name in next(records, [])]
            _check_head(names)
            number = 0
            for record in records:
                if not any(record):
                    continue
                number += 1
                if len(record) != len(names):
                    problem = IntakeRowError(member="row", problem=f"{len(record)} fields, not {len(names)}")
                    yield ManifestRow(number, "", problem=problem)
                else:
                    yield _row(number, dict(zip(names, (value.strip() for value in record), strict=True)))
        except csv.Error as error:
            raise IntakeRowError(member="line", problem="no CSV from here on", line=records.line_num) from error

    def _lines(self, stream: IO[bytes]) -> Iterator[ManifestRow]:
        number = 0
        for text in self._texts(stream):
            if not text.strip():
                continue
            number += 1
            try:
                given = json.loads(text, object_pairs_hook=_unique)
            except (ValueError, RecursionError):
                given = None
            if not isinstance(given, dict):
                problem = IntakeRowError(member="row", problem="not one JSON object with each member once")
                yield ManifestRow(number, "", problem=problem)
            else:
                yield _row(number, given)


def _check_head(names: list[str]) -> None:
    for name in NEEDED:
        if name not in names:
            raise IntakeRowError(member=name, problem="not in the head line")
    if unknown := [name for name in names if name not in COLUMNS]:
        raise IntakeRowError(member=unknown[0][:32], problem="a column that no row has")
    if len(set(names)) != len(names):
        raise IntakeRowError(member="head line", problem="a column twice")


def _row(number: int, given: dict[str, Any]) -> ManifestRow:
    held = {name: value for name, value in given.items() if value not in ("", None)}
    path = held.pop(PATH, "")
    if unknown := sorted(held.keys() - COLUMNS):
        return ManifestRow(number, "", problem=IntakeRowError(member=unknown[0][:32], problem="no such member"))
    if not (path and isinstance(path, str)):
        return ManifestRow(number, "", problem=IntakeRowError(member=PATH, problem="missing"))
    if isinstance(size := held.get("size"), str):
        if not (size.isascii() and size.isdigit() and len(size) < 16):
            return ManifestRow(number, path, problem=IntakeRowError(member="size", problem="not a number of bytes"))
        held["size"] = int(size)
    return ManifestRow(number, path, held)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        msg = "a member twice"
        raise ValueError(msg)
    return value
