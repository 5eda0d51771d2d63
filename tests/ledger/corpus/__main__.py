"""Makes the corpus of bundles, the same bytes at every run.

python -m tests.ledger.corpus
"""

from __future__ import annotations

from tests.ledger.corpus.make import files
from tests.ledger.corpus.world import FOLDER


def main() -> None:
    """Write every file, and remove what no case makes any more."""
    made = files()
    for path in FOLDER.rglob("*"):
        if (
            path.is_file()
            and str(path.relative_to(FOLDER)) not in made
            and path.name not in {"chain.json", "README.md"}
        ):
            path.unlink()
    for name, content in made.items():
        path = FOLDER / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
