"""What of forms is kept encrypted, in clear and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from materials.forms.model import VERSION, FormLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from authz.vault import IdentityVault
    from materials.forms.model import Content
    from materials.forms.rows import FormRow, Known, SourceRow


class Opener:
    """Opens and shuts.

    Args:
        vault: the keys over identity.
    """

    def __init__(self, vault: IdentityVault) -> None:
        self._vault = vault

    @staticmethod
    def document(lines: Sequence[FormLine]) -> dict[str, Any]:
        """A form as it is kept."""
        return {"v": VERSION, "lines": [each.to_json() for each in lines]}

    def shut(self, document: Mapping[str, Any], case_no: str, version: int) -> bytes:
        """A form encrypted."""
        return self._vault.shut(json.dumps(document, ensure_ascii=False), _form_place(case_no, version))

    def lines(self, row: FormRow) -> tuple[FormLine, ...]:
        """The lines of a kept form."""
        held = json.loads(self._vault.open(row.body, _form_place(row.case_no, row.version)))
        return tuple(FormLine.of_json(each) for each in held["lines"])

    def shut_values(self, values: Mapping[str, Content], source_id: str) -> bytes:
        """Values that were read, encrypted."""
        return self._vault.shut(json.dumps(dict(values), ensure_ascii=False), _source_place(source_id))

    def read(self, row: SourceRow) -> dict[str, Content]:
        """Values that were read for a form, by field."""
        held: dict[str, Any] = json.loads(self._vault.open(row.body, _source_place(row.id)))
        return {name: _content(value) for name, value in held.items()}

    def known(self, known: Known) -> dict[str, Content]:
        """Values that staff vouched for, or that a document was made from, by field."""
        if known.kind == "generated":
            kept = json.loads(self._vault.open(known.body, f"generated/sources/{known.id}".encode()))
            slots: dict[str, Any] = kept["values"]
            return {name: _content(slot["value"]) for name, slot in slots.items() if slot.get("value")}
        held: dict[str, Any] = json.loads(self._vault.open(known.body, f"reading confirmed {known.id}".encode()))
        return {name: _content(value) for name, value in held.items() if value}


def _content(value: str | list[str]) -> Content:
    return value if isinstance(value, str) else tuple(value)


def _form_place(case_no: str, version: int) -> bytes:
    return f"case/form/{case_no}/{version}".encode()


def _source_place(source_id: str) -> bytes:
    return f"form/source/{source_id}".encode()
