"""Draws one page of a file that anybody may have made; a process of its own, run by `materials.pages`, never imported.

Reads the file from standard input, writes four bytes with the number of pages and a PNG to standard output. It takes
its limits upon itself before it reads the first byte: memory, time, no file to write, no process to start.

    python -I pagechild.py MEDIA_TYPE PAGE WIDTH
"""

from __future__ import annotations

import resource
import sys
from io import BytesIO

MEMORY = 1 << 30
SECONDS = 10
MOST_PIXELS = 60_000_000
"""Of a picture as it is stored: an A3 sheet at 600 dpi has 70 million, a phone's photograph 12 to 50."""
RENDERED = 9_000_000
"""Of a page as it is drawn, whatever its proportions."""


def _limit() -> None:
    caps = {resource.RLIMIT_AS: MEMORY, resource.RLIMIT_CPU: SECONDS, resource.RLIMIT_FSIZE: 0}
    for what, most in (caps | {resource.RLIMIT_CORE: 0}).items():
        resource.setrlimit(what, (most, most))


def main(media_type: str, page: int, width: int) -> None:
    """Draw a page, counted from 0."""
    import pypdfium2  # noqa: PLC0415 - within the limits: what a library maps counts too
    from PIL import Image, ImageOps  # noqa: PLC0415

    _limit()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    data = sys.stdin.buffer.read()
    if media_type == "application/pdf":
        document = pypdfium2.PdfDocument(data)
        count, held = len(document), document[page]
        scale = width / held.get_width()
        if width * held.get_height() * scale > RENDERED:
            raise SystemExit(3)
        drawn = held.render(scale=scale, may_draw_forms=True).to_pil()
    else:
        picture = Image.open(BytesIO(data))
        count = getattr(picture, "n_frames", 1)
        picture.seek(page)
        drawn = ImageOps.exif_transpose(picture.convert("RGB"))
        drawn.thumbnail((width, width * 2))
    out = BytesIO()
    drawn.convert("RGB").save(out, "PNG", optimize=False)
    sys.stdout.buffer.write(count.to_bytes(4) + out.getvalue())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
