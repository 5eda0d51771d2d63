"""Setting a generated document: values and their sources into a Typst template, PDF/A out."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from certs.files.typesetting import Typesetter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from materials.generated.model import Template, Value

TEMPLATES: Final = Path(__file__).parent / "templates"


class DocumentSetter:
    """Sets documents; loads fonts when made.

    Args:
        names: Chinese names of licence types, for the list of sources.

    Raises:
        NotRenderedError: the fonts are not installed.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._setter = Typesetter(TEMPLATES)
        self._names = dict(names)

    def set(self, template: Template, values: Mapping[str, Value], case_no: str, at: datetime) -> bytes:
        """A document as PDF/A-3b. What the sources are stands at its end, and attached as `sources.json`.

        Args:
            values: by slot; a slot without one is left out by the template.
            at: when it is made.

        Raises:
            NotRenderedError: a character the fonts lack, or a template that fails.
        """
        made = at.astimezone(UTC)
        titles = {slot.name: slot.zh for slot in template.slots}
        traced = [
            {"title": titles[name], "from": self._said(each.source), "reference": each.reference or ""}
            for name, each in values.items()
        ]
        shown: dict[str, Any] = {
            "title": template.zh,
            "title_en": template.en,
            "case_no": case_no,
            "values": {name: each.document()["value"] for name, each in values.items()},
            "titles": titles,
            "sources": traced,
            "seals": [{"zh": each.zh, "en": each.en} for each in template.seals],
            "made": [made.year, made.month, made.day, made.hour, made.minute, made.second],
        }
        self._setter.check_letters(shown)
        attached = [{"field": name, "from": each.source, "entry": each.entry_id} for name, each in values.items()]
        inputs = {"doc": json.dumps(shown, ensure_ascii=False)}
        inputs["sources"] = json.dumps(attached, ensure_ascii=False, sort_keys=True)
        return self._setter.set(template.file, inputs, at=at, standards=["a-3b"])

    def _said(self, source: str) -> str:
        """A source in plain words."""
        head, _, _ = source.partition(".")
        if head in self._names:
            return f"电子证照《{self._names[head]}》"
        if source.startswith("connector:"):
            return "数据核验"
        return {"form": "申请人填报", "applicant": "申请人登记信息", "case": "办件", "letter": "承诺事项"}[head]
