"""QR codes (ISO/IEC 18004) of what a holder shows, as SVG and PNG; `segno` draws them."""

from __future__ import annotations

import io
from typing import Final

import segno

BORDER: Final = 4
"""Modules of quiet zone (ISO/IEC 18004, 9.1)."""
_ERROR: Final = "m"
"""15 % may be lost: a scratched screen, a folded sheet."""


def svg(text: str, scale: int = 8) -> str:
    """A QR code as SVG without declaration, to stand in a page.

    Args:
        text: upper-case letters, digits and ` $%*+-./:` make the smallest code (alphanumeric mode).
        scale: pixels of a module.
    """
    drawn = io.BytesIO()
    segno.make_qr(text, error=_ERROR).save(drawn, "svg", scale=scale, border=BORDER, xmldecl=False, svgns=True)
    return drawn.getvalue().decode()


def png(text: str, scale: int = 8) -> bytes:
    """A QR code as PNG, black on white; as `svg`."""
    drawn = io.BytesIO()
    segno.make_qr(text, error=_ERROR).save(drawn, "png", scale=scale, border=BORDER)
    return drawn.getvalue()
