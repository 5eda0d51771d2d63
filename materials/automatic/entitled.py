"""Programmes of benefits that nobody has to apply for (免申即享), as data: who matches, by which rules, what is paid.

A programme belongs to a service item: its form says what is read, its types what may be read, and the published duty of
the department that runs the item (职责目录) on what basis. So a match can read no more than the item could.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Self

from ledger.record import canonical
from materials.automatic.errors import UnknownProgrammeError
from materials.automatic.rules import Automatic, read_rules
from materials.catalogue import expressions
from materials.catalogue.items import NUMERIC
from materials.errors import AnswerInvalidError, AnswersIncompleteError, CatalogueError, UnknownItemError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from materials.automatic.rules import Facts
    from materials.catalogue import Catalogue

_MEMBERS: Final = frozenset(
    {
        *("code", "version", "name", "name_en", "item_code", "answers", "legal_basis", "match", "rules"),
        *("amount", "most", "payee", "publicity_days", "willing_days"),
    }
)
_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,40}")
_LICENCE: Final = re.compile(r"LT\d{2}")
_CENT: Final = Decimal("0.01")
MAX_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Programme:
    """One programme.

    Attributes:
        item_code: of the item it belongs to; the department that runs that runs this.
        answers: of the item's questionnaire, for the cases that are opened.
        legal_basis: in Chinese and English.
        licence: LTnn of which one must stand, in the department's division.
        automatic: its rules; fields shown are those of the payee.
        amount: one line of arithmetic over the form (`materials.catalogue.expressions`).
        most: that is paid to one, yuan.
        payee: fields of the form that say where to pay.
        publicity_days, willing_days: working days for which the list is public, and for the answer.
    """

    code: str
    version: str
    name: str
    name_en: str
    item_code: str
    answers: Mapping[str, str]
    legal_basis: tuple[str, str]
    licence: str
    automatic: Automatic
    amount: str
    most: Decimal
    payee: tuple[str, ...]
    publicity_days: int
    willing_days: int

    def due(self, facts: Facts) -> str | None:
        """What is paid, yuan with two decimals, cut to the most; None where it cannot be computed or is nothing."""
        numbers: dict[str, Decimal] = {}
        for code in expressions.names(self.amount):
            held = facts.fields.get(code)
            if held is None or not isinstance(held.content, str) or not held.sourced:
                return None
            try:
                numbers[code] = Decimal(held.content.replace(",", ""))
            except ArithmeticError:
                return None
        found = expressions.evaluate(self.amount, numbers)
        if found is None or not found.is_finite() or found <= 0:
            return None
        return format(min(found, self.most).quantize(_CENT, ROUND_DOWN), "f")


class Programmes:
    """Programmes of this node.

    Args:
        held: each of a code of its own.

    Raises:
        CatalogueError: a code is there twice.
    """

    def __init__(self, held: list[Programme]) -> None:
        self.by_code = {each.code: each for each in held}
        self._by_rules = {each.automatic.sha256: each for each in held}
        if len(self.by_code) != len(held):
            raise CatalogueError(problem="a programme is there twice")

    @classmethod
    def load(cls, catalogue: Catalogue) -> Self:
        """The programmes that come with this version.

        Raises:
            CatalogueError: one is incomplete, or does not fit its item.
        """
        folder = files("materials.automatic.programmes")
        paths = sorted((each for each in folder.iterdir() if each.name.endswith(".json")), key=lambda each: each.name)
        return cls([read_programme(json.loads(each.read_text("utf-8")), catalogue) for each in paths])

    def get(self, code: str) -> Programme:
        """A programme.

        Raises:
            UnknownProgrammeError: there is none of that code.
        """
        try:
            return self.by_code[code]
        except KeyError:
            raise UnknownProgrammeError from None

    def by_rules(self, digest: str) -> Programme | None:
        """The programme whose rules have this digest; None where they were changed meanwhile."""
        return self._by_rules.get(digest)


def read_programme(row: Mapping[str, Any], catalogue: Catalogue) -> Programme:
    """A programme from its file.

    Raises:
        CatalogueError: incomplete, unknown members, or it names what its item does not have.
    """
    code = str(row.get("code"))
    try:
        return _programme(row, catalogue)
    except (UnknownItemError, AnswerInvalidError, AnswersIncompleteError) as error:
        raise CatalogueError(programme=code[:40], problem="item or answers") from error
    except (TypeError, KeyError, ValueError, ArithmeticError) as error:
        raise CatalogueError(programme=code[:40], problem="incomplete") from error


def _programme(row: Mapping[str, Any], catalogue: Catalogue) -> Programme:
    if row.keys() != _MEMBERS or not _CODE.fullmatch(row["code"]) or row["match"].keys() != {"licence"}:
        raise CatalogueError(programme=str(row.get("code"))[:40], problem="members")
    item = catalogue.item(row["item_code"])
    answers = item.checked(row["answers"])
    item.scenario_of(answers)
    forms = {each.code: each.kind for each in item.form(answers)}
    payee, amount = tuple(row["payee"]), row["amount"]
    rules = read_rules(row["rules"], forms, (), item.types)
    if any(rule.test["kind"] in {"confirmed", "supplied", "review"} for rule in rules):
        raise CatalogueError(programme=row["code"], problem="a rule that needs an application")
    read = expressions.names(amount)
    if not set(payee) | read <= forms.keys() or any(forms[code] not in NUMERIC for code in read):
        raise CatalogueError(programme=row["code"], problem="amount or payee")
    days = (row["publicity_days"], row["willing_days"])
    if not all(isinstance(each, int) and 1 <= each <= MAX_DAYS for each in days):
        raise CatalogueError(programme=row["code"], problem="days")
    if not _LICENCE.fullmatch(row["match"]["licence"]):
        raise CatalogueError(programme=row["code"], problem="match")
    digest = sha256(canonical(dict(row))).hexdigest()
    return Programme(
        code=row["code"],
        version=row["version"],
        name=row["name"],
        name_en=row["name_en"],
        item_code=item.item_code,
        answers=answers,
        legal_basis=(row["legal_basis"]["zh"], row["legal_basis"]["en"]),
        licence=row["match"]["licence"],
        automatic=Automatic((), row["willing_days"], rules, (*payee, *sorted(read)), None, digest),
        amount=amount,
        most=Decimal(row["most"]),
        payee=payee,
        publicity_days=row["publicity_days"],
        willing_days=row["willing_days"],
    )
