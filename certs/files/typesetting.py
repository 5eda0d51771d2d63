"""Setting pages by Typst, with a Chinese font that comes with the install; licences and generated documents share it.

The compiler is kept: a page costs a few milliseconds then. It is one at a time; whoever needs more uses more processes.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import typst
import uharfbuzz

from certs.files.errors import NotRenderedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

FONTS: Final = Path(__file__).parents[2] / "web" / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
WEIGHTS: Final = ("400Regular", "700Bold")
PICTURE_DPI: Final = 200
_SPACES: Final = frozenset(" \n\t\u3000\u00a0")
_GETA: Final = "〓"
"""Printers' sign for a missing letter."""


class Typesetter:
    """Sets the templates of one folder.

    Args:
        templates: the folder; a template sees nothing outside it.
        fonts: folder of `@expo-google-fonts/noto-sans-sc`.

    Raises:
        NotRenderedError: the fonts are not installed.
    """

    def __init__(self, templates: Path, fonts: Path = FONTS) -> None:
        self.fonts = tuple(font for weight in WEIGHTS for font in sorted((fonts / weight).glob("*.ttf")))
        if len(self.fonts) != len(WEIGHTS):
            raise NotRenderedError(problem="fonts are missing: run `npm ci` in web/")
        folders = [str(font.parent) for font in self.fonts]
        self._templates = templates
        self._compiler = typst.Compiler(root=str(templates), font_paths=folders, ignore_system_fonts=True)
        self._lock = Lock()
        self._letters = frozenset.intersection(*(_letters(font) for font in self.fonts))

    def set(
        self,
        template: str,
        inputs: Mapping[str, str],
        *,
        at: datetime | None = None,
        standards: Iterable[str] = (),
        picture: bool = False,
    ) -> bytes:
        """Set one template.

        Args:
            template: name of its file.
            inputs: what it reads as `sys.inputs`.
            at: what the PDF says of when it was made.
            standards: of PDF, e.g. `a-3b`.
            picture: PNG at 200 dpi instead.

        Raises:
            NotRenderedError: the template fails or warns.
        """
        with self._lock:
            try:
                made, warnings = self._compiler.compile_with_warnings(
                    str(self._templates / template),
                    sys_inputs=dict(inputs),
                    format="png" if picture else "pdf",
                    ppi=PICTURE_DPI,
                    pdf_standards=list(standards),  # type: ignore[arg-type]
                    timestamp=None if at is None else at.replace(microsecond=0),
                )
            except RuntimeError as error:
                raise NotRenderedError(template=template, problem="compile") from error
        if warnings or not isinstance(made, bytes):
            raise NotRenderedError(template=template, problem="warning")
        return made

    def check_letters(self, shown: Any) -> None:
        """A missing glyph is an empty box to Typst, and no error: a name must never be printed so.

        Raises:
            NotRenderedError: a character that the fonts lack.
        """
        for text in _texts(shown):
            if self.printable(text) != text:
                raise NotRenderedError(problem="a character the fonts lack")

    def printable(self, text: str) -> str:
        """A text with the geta mark for what cannot be printed."""
        return "".join(each if each in _SPACES or ord(each) in self._letters else _GETA for each in text)


def _texts(shown: Any) -> Iterator[str]:
    """Every text in what a template is given."""
    if isinstance(shown, str):
        yield shown
    elif isinstance(shown, dict | list):
        for each in shown.values() if isinstance(shown, dict) else shown:
            yield from _texts(each)


def _letters(font: Path) -> frozenset[int]:
    return frozenset(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(font))).unicodes)
