"""Shapes of bulk intake's requests."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas import Code, Strict, shown
from materials.intake.model import MAX_ROWS


class IntakeIn(Strict):
    """A manifest to be taken in."""

    model_config = shown({"manifest_sha256": "ab" * 32, "rows": 500, "operator": "bs-017"})

    manifest_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="digest of the manifest's bytes")]
    rows: Annotated[int, Field(ge=1, le=MAX_ROWS, description="rows of the manifest, the head line not counted")]
    operator: Annotated[Code, Field(description="handle of the member of staff who takes the archive in")]
