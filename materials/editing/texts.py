"""Texts of definitions: read, compared, and where in them something is wrong. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from materials.editing.errors import DefinitionInvalidError
from materials.editing.words import in_chinese

if TYPE_CHECKING:
    from certs.errors import CertsError
    from materials.errors import MaterialsError

LARGEST: Final = 400_000
"""Characters of a definition."""
_QUOTED: Final = re.compile(r"'([^']+)'")
_CODE: Final = re.compile(r"CL\d{3}|LT\d{2}")
_READ: Final = frozenset({"zh", "en", "name", "name_en", "title_zh", "title_en", "version"})
"""Members that somebody reads, wherever in a definition they stand."""
_ITS_OWN: Final = frozenset({"item", "type", "problem"})
"""Members of an error that name the definition or say what is wrong, not where."""


def read(text: str) -> dict[str, Any]:
    """The JSON object that a text is.

    Raises:
        DefinitionInvalidError: it is none, with the line.
    """
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise invalid(1, "too deep") from error
    except ValueError as error:
        raise invalid(min(getattr(error, "lineno", 1), len(text.splitlines())), "not JSON") from error
    if not isinstance(document, dict):
        raise invalid(1, "not JSON")
    return document


def invalid(line: int, problem: str, **more: str | int) -> DefinitionInvalidError:
    """What is wrong with a text, in both languages."""
    return DefinitionInvalidError(line=line, problem=problem, problem_zh=in_chinese(problem), **more)


def located(text: str, error: MaterialsError | CertsError) -> DefinitionInvalidError:
    """What a catalogue refused, with the line of the text that it is about as far as that can be told."""
    said = {name: str(value) for name, value in error.fields.items() if name not in {"item", "problem"}}
    problem = str(error.fields.get("problem", "names what is not there"))
    return invalid(_line(text, error), problem, **(said | {"word": _word(error)}))


def silent(value: Any, path: str = "") -> str | None:
    """Path of the first member that is there to be read and says nothing, as `differences` writes it."""
    parts: list[tuple[str, str, Any]] = []
    if isinstance(value, dict):
        parts = [(name, f"{path}.{name}" if path else name, held) for name, held in value.items()]
    elif isinstance(value, list):
        parts = [("", f"{path}[{place}]", held) for place, held in enumerate(value, 1)]
    for name, place, held in parts:
        if name in _READ and not (isinstance(held, str) and held.strip()):
            return place
        if found := silent(held, place):
            return found
    return None


def differences(before: Any, after: Any, path: str = "") -> list[dict[str, Any]]:
    """Where two JSON values differ: path, before and after (None: was not there)."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = [*before, *(name for name in after if name not in before)]
        return [
            each
            for name in names
            for each in differences(before.get(name), after.get(name), f"{path}.{name}" if path else name)
        ]
    if isinstance(before, list) and isinstance(after, list):
        found = []
        for place in range(max(len(before), len(after))):
            was, now = (held[place] if place < len(held) else None for held in (before, after))
            found += differences(was, now, f"{path}[{place + 1}]")
        return found
    return [] if before == after else [{"path": path, "before": before, "after": after}]


def _word(error: MaterialsError | CertsError) -> str:
    """The member that Python says is missing or too much, where that is why; else nothing."""
    found = _QUOTED.findall(str(error.__cause__ or ""))
    return found[-1] if found else ""


def _line(text: str, error: MaterialsError | CertsError) -> int:
    """The line of what an error names: the last of its words that is written in the text, as a value or as a name."""
    words = [str(value) for name, value in error.fields.items() if name not in _ITS_OWN]
    words += [_word(error)] if _word(error) else []
    lines = text.splitlines()
    problem = str(error.fields.get("problem", ""))
    shapes = _CODE.findall(problem)
    shapes += [shape for word in [*reversed(words), problem] for shape in (f'"name": "{word}"', f'"{word}"') if word]
    for shape in shapes:
        found = next((place for place, line in enumerate(lines, 1) if shape in line), None)
        if found is not None:
            return found
    return 1
