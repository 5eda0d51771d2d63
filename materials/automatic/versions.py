"""The next version of a licence that something else changes: the same licence, with some fields taken from elsewhere.

What is not named stays as it is: holders by their codes, number, period. Issuing judges the draft like any other, so a
value that does not fit the type, a licence that is disputed, suspended or no longer current is refused there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from certs.drafts import Draft
from certs.model import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from certs.faces import Content
    from certs.model import Licence

NAME: Final = "holder_name"
"""Stands for the name of the licence's one holder, which is no field of the face."""


def draft_of(held: Licence, content: Content, fields: Mapping[str, str], operator: str) -> Draft:
    """The draft of a licence's next version.

    Args:
        held, content: the current version.
        fields: what changes, by name of the face, or `holder_name`.
        operator: handle of the issuer's registrar.
    """
    holders = content.holders
    if NAME in fields:
        holders = tuple((fields[NAME], *each[1:]) for each in holders[:1]) + holders[1:]
    face = dict(content.face) | {name: value for name, value in fields.items() if name != NAME}
    return Draft(
        type_code=held.type_code,
        licence_no=held.licence_no,
        holders=holders,
        face=face,
        valid_from=held.valid_from,
        valid_to=held.valid_to,
        operator=operator,
        operation=Operation.change,
        predecessor=held.id,
    )


def differing(content: Content, fields: Mapping[str, str]) -> dict[str, str]:
    """Of fields, those that say something else than the licence does."""
    now = dict(content.face) | {NAME: content.holders[0][0]}
    return {name: value for name, value in fields.items() if now.get(name) != value}
