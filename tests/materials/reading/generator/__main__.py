"""`python -m tests.materials.reading.generator`: write the manifest anew. The seeds follow from the plan below alone."""

from __future__ import annotations

import json

from tests.materials.reading.generator.keytypes import MAKERS
from tests.materials.reading.generator.others import KINDS
from tests.materials.reading.generator.pages import MANIFEST

_FORMS = (("office", 150), ("phone", 150), ("text", 0), ("office", 200), ("clean", 120), ("phone", 180))
_COUNTS = {"dev": (12, 1), "held": (30, 3)}
"""Pages of a type whose fields are read, and of any other."""


def main() -> None:
    """Write `manifest.json`."""
    rows = []
    for split, (many, few) in _COUNTS.items():
        base = 10_000 if split == "dev" else 500_000
        for place, code in enumerate(sorted([*MAKERS, *KINDS])):
            for number in range(many if code in MAKERS else few):
                form, dpi = _FORMS[(number + place) % len(_FORMS)]
                rows.append([f"{split}-{code}-{number:02d}", code, base + place * 1000 + number, form, dpi, split])
    text = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    MANIFEST.write_text(
        '{"version": 1, "columns": ["id", "type_code", "seed", "form", "dpi", "split"], "pages": [\n' + text + "\n]}\n"
    )


if __name__ == "__main__":
    main()
