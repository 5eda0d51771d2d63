"""Figures: what was collected, reused and spared, per item, department, district and day (docs/figures.md)."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response, Security

from api.errors import MalformedRequestError
from api.routes import edge
from api.schemas import Code
from authz.errors import AuthzError
from authz.model import Act
from materials.errors import UnknownItemError
from materials.figures.model import By, Counts, Scope
from materials.tables.figures import MEASURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from api.node import Node
    from materials.figures.service import Told

router = APIRouter(prefix="/v1/figures", tags=["figures"])
signed = [Security(edge.signed)]

OVERSEE: Final = "oversee"
_DAYS: Final = timedelta(days=30)
_LONGEST: Final = timedelta(days=3 * 366)
_MONTH: Final = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
PUBLIC: Final = ("cases", "materials", "reused", "spared")
"""Counts that are told in public, beside the shares."""
_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "JSON, or CSV where `Accept: text/csv` asks for it", "content": {"text/csv": {}}}
}
First = Annotated[date | None, Query(alias="from", description="first day, in China; 30 days before `to` if missing")]
Last = Annotated[date | None, Query(alias="to", description="last day; today if missing")]
Apart = Annotated[By | None, Query(description="told apart by; only the sum if missing")]


@router.get("", summary="Figures of your organisation, or of the node", dependencies=signed, responses=_CSV)
def figures(
    request: Request,
    first: First = None,
    last: Last = None,
    by: Apart = None,
    operator: Annotated[Code, Query(description="an overseer, for `everywhere`")] = "",
    *,
    everywhere: Annotated[bool, Query(description="of all organisations; needs scope `oversee`")] = False,
) -> Response:
    """Counts and shares from day to day, of your own organisation; for overseers of the node of all of them.

    `overdue` is how many open cases are past their promised day now. `through` is the newest day that is counted;
    counts of today grow.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, *((OVERSEE,) if everywhere else ()))
    until = last or node.figures.today()
    scope = Scope(first or until - _DAYS, until, by, None if everywhere else caller.party_id)
    if not timedelta(0) <= scope.last - scope.first <= _LONGEST:
        raise MalformedRequestError(places="from, to")
    with node.database.unit() as db:
        if everywhere:
            node.counter.let(db, caller, operator, Act.inspect)
        told = node.figures.tell(db, scope)
        named = _names(node, db, by)
        rows = [named(key) | _whole(counts) for key, counts in told.rows if counts is not None]
    total = _whole(told.total) if told.total is not None else {}
    shown = {"from": scope.first.isoformat(), "to": scope.last.isoformat(), "by": by and by.value}
    return _answer(request, shown | _rest(told) | {"rows": rows, "total": total})


@router.get("/public", summary="Figures that everybody may read", responses=_CSV)
def public_figures(
    request: Request,
    month: Annotated[str, Query(max_length=7, description="YYYY-MM, one that is over; the last one if missing")] = "",
    by: Annotated[Literal["item"] | None, Query(description="told apart by item; only the sum if missing")] = None,
) -> Response:
    """Shares of a whole month, without what could tell of a single applicant: small groups are `suppressed`."""
    node = edge.node_of(request)
    first, last = _month(month, node.figures.today())
    scope = Scope(first, last, By.item)
    with node.database.unit() as db:
        told = node.figures.tell_all(db, scope)
        named = _names(node, db, By.item)
        rows = [named(key) | _public(counts) for key, counts in told.rows] if by else []
    shown = {"from": first.isoformat(), "to": last.isoformat(), "by": by}
    return _answer(request, shown | {"rows": rows, "total": _public(told.total)})


def _names(node: Node, db: Connection, by: By | None) -> Callable[[str], dict[str, Any]]:
    """How a key is told: the code that people know, and a name."""

    def item(key: str) -> dict[str, Any]:
        try:
            return {"item": key, "name": node.catalogue.item(key).name if key else ""}
        except UnknownItemError:
            return {"item": key, "name": ""}

    def org(key: str) -> dict[str, Any]:
        try:
            party = node.parties.party(db, key)
        except AuthzError:
            return {"org": "", "name": ""}
        return {"org": party.org_code, "name": party.name}

    if by is By.item:
        return item
    if by is By.org:
        return org
    return lambda key: {by.value if by else "": key}


def _whole(counts: Counts) -> dict[str, Any]:
    held: dict[str, Any] = {name: counts[name] for name in MEASURES}
    held |= {"materials": counts.materials, "reused": counts.reused, "spared": counts.spared}
    return held | counts.shares()


def _public(counts: Counts | None) -> dict[str, Any]:
    """Counts and shares in whole percent, or that there is nothing to be told."""
    if counts is None:
        names = (*PUBLIC, *Counts({}).shares())
        return {"suppressed": True} | dict.fromkeys(names)
    whole = _whole(counts)
    shares = {name: None if share is None else round(share, 2) for name, share in counts.shares().items()}
    return {"suppressed": False} | {name: whole[name] for name in PUBLIC} | shares


def _rest(told: Told) -> dict[str, Any]:
    return {"overdue": told.overdue, "through": told.through and told.through.isoformat()}


def _month(text: str, today: date) -> tuple[date, date]:
    """First and last day of a month that is over; of the last such month where none is named.

    A month that goes on would be read day by day, and the difference would be a day's.

    Raises:
        MalformedRequestError: no month, or one that is not over.
    """
    this = today.replace(day=1)
    if not text:
        last = this - timedelta(days=1)
        return last.replace(day=1), last
    found = _MONTH.fullmatch(text)
    if found is None:
        raise MalformedRequestError(places="month")
    first = date(int(found[1]), int(found[2]), 1)
    if first >= this:
        raise MalformedRequestError(places="month", problem="not over yet")
    following = (first + timedelta(days=31)).replace(day=1)
    return first, following - timedelta(days=1)


def _answer(request: Request, held: dict[str, Any]) -> Response:
    if "text/csv" not in request.headers.get("accept", ""):
        return Response(edge.dump(held), media_type="application/json", headers={"Vary": "Accept"})
    lines = held["rows"] or [held["total"]]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    name = f"figures-{held['from']}-{held['to']}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv", headers=headers)
