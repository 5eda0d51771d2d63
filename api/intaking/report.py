"""The report of an intake: a table with a line for each row, in the manifest's order (docs/intake.md)."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from api import problems

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from materials.errors import MaterialsError

COLUMNS: Final = (
    *("row", "path", "state", "code", "fields", "problem_zh", "problem", "advice_zh", "advice"),
    *("material_id", "entry_id", "sha256"),
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""First characters that a spreadsheet takes for a formula (OWASP, CSV Injection)."""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one row.

    Attributes:
        state: `good` (dry run), `taken`, `known` (taken before), `refused`.
        code, fields: why it was refused.
    """

    row: int
    path: str
    state: str
    code: str = ""
    fields: str = ""
    material_id: str = ""
    entry_id: str = ""
    sha256: str = ""

    @classmethod
    def refused(cls, row: int, path: str, error: MaterialsError) -> Self:
        """From the error that refused it here."""
        return cls(row, path, "refused", error.code, _fields(error.fields))

    @classmethod
    def told(cls, row: int, path: str, answer: dict[str, Any]) -> Self:
        """From what the exchange said of it."""
        if "code" in answer:
            return cls(row, path, "refused", str(answer["code"]), _fields(answer.get("fields", {})))
        if "would" in answer:
            return cls(row, path, "good")
        state = "known" if answer.get("known") else "taken"
        return cls(row, path, state, "", "", answer["material_id"], answer["entry_id"], answer["sha256"])


class Report:
    """Writes the report; it is there whole when the run is over, and as a `.part` until then.

    Args:
        file: where it goes; with a byte order mark, by which spreadsheets know UTF-8.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._part = file.with_name(file.name + ".part")
        self._stream = self._part.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._stream)
        self._writer.writerow(COLUMNS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        if kind is None:
            self._part.replace(self.file)

    def write(self, line: Line) -> None:
        """Add a line."""
        said = problems.TABLE.get(line.code)
        words = (said.title_zh, said.title_en, said.advice_zh, said.advice_en) if said else ("",) * 4
        path = f"'{line.path}" if line.path.startswith(_FORMULA) else line.path
        self._writer.writerow(
            [line.row, path, line.state, line.code, line.fields, *words, line.material_id, line.entry_id, line.sha256]
        )


def _fields(given: Any) -> str:
    return ", ".join(f"{name}={value}" for name, value in given.items())
