"""What many decisions of one caller read, in one statement and without a lock: for looking ahead only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from authz.store.accessrequests import MISSING_OF_WANTED
from authz.store.choice import DUTY_FITS, GRANT_FITS
from authz.store.grants import GRANT_COLUMNS, GRANT_WIDTH, as_grant
from authz.store.uses import DUTY_COLUMNS, Loaded, as_duty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ledger.steps import Steps

_WANTED: Final = {"dated": "w.dated", "sensitive": "w.sensitive", "modes": "w.modes", "fields": "w.fields"}
_LOAD: Final = f"""
WITH staff AS (
  SELECT roles FROM authz.operator WHERE party_id = %(party)s AND handle = %(operator)s AND enabled
), wanted AS (
  SELECT * FROM jsonb_to_recordset(%(wanted)s::jsonb)
    AS w (place integer, object uuid, type text, grantors uuid[], dated timestamptz, sensitive boolean, modes text[],
      fields text[])
)
SELECT staff.roles, held.*, duties.*, {MISSING_OF_WANTED} FROM wanted w LEFT JOIN staff ON true
LEFT JOIN LATERAL (
  SELECT {GRANT_COLUMNS}, g.id_token FROM authz.grant_ g
  WHERE g.grantee_id = %(party)s AND g.grantor_id = ANY(w.grantors) AND g.item_code = %(item)s
    AND (g.case_no IS NULL OR g.case_no = %(case)s) AND (w.object = ANY(g.objects) OR w.type = ANY(g.types))
  ORDER BY ({GRANT_FITS.format(**_WANTED)}) IS TRUE DESC,
    array_position(w.modes, g.mode), g.valid_to
  LIMIT 1) AS held ON true
LEFT JOIN LATERAL (
  SELECT {DUTY_COLUMNS} FROM authz.duty d JOIN authz.duty_version v ON v.version = d.version AND v.current
  WHERE d.org_code = %(org)s AND d.item_code = %(item)s AND w.type = ANY(d.types)
  ORDER BY ({DUTY_FITS.format(**_WANTED)}) DESC,
    array_position(ARRAY['copy', 'data', 'verify'], d.mode), d.id
  LIMIT 1) AS duties ON true
ORDER BY w.place"""
_DELIVERED: Final = """
SELECT DISTINCT ON (object_id) object_id::text, id::text, mode FROM authz.use_
WHERE case_no = %(case)s AND party_id = %(party)s::uuid AND state = 'delivered'
ORDER BY object_id, mode = 'copy' DESC, opened_at DESC"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing to look ahead for.

    Attributes:
        object_id: UUID; of nothing where there is none.
        grantors: whose grant could cover it.
        dated: as `Resource.dated`.
        modes: that would do, the best first.
        fields: asked for; none where whole documents are.
    """

    object_id: str
    type_code: str
    grantors: Sequence[str]
    dated: datetime | None
    sensitive: bool
    modes: Sequence[str]
    fields: Sequence[str]


def load(values: Mapping[str, Any], wanted: Sequence[Wanted]) -> Steps[list[Loaded]]:
    """What the decisions on several things read, in the order of the things.

    Args:
        values: `party`, `operator`, `org`, `item`, `case` and `now`.
    """
    rows = [
        {
            "place": place,
            "object": each.object_id,
            "type": each.type_code,
            "grantors": list(each.grantors),
            "dated": None if each.dated is None else each.dated.isoformat(),
            "sensitive": each.sensitive,
            "modes": list(each.modes),
            "fields": list(each.fields),
        }
        for place, each in enumerate(wanted)
    ]
    found = yield _LOAD, {**values, "wanted": json.dumps(rows)}
    return [_loaded(row) for row in found]


def delivered(case_no: str, party_id: str) -> Steps[dict[str, tuple[str, str]]]:
    """What was delivered in a case of a party: by thing the newest use and its mode, a copy before anything less."""
    rows = yield _DELIVERED, {"case": case_no, "party": party_id}
    return {row[0]: (row[1], row[2]) for row in rows}


def _loaded(row: Sequence[Any]) -> Loaded:
    grant, token, duty = row[1 : 1 + GRANT_WIDTH], row[1 + GRANT_WIDTH], row[2 + GRANT_WIDTH : -1]
    return Loaded(
        row[0],
        0,
        None,
        None if grant[0] is None else as_grant(grant),
        b"" if token is None else bytes(token),
        None if duty[0] is None else as_duty(duty),
        row[-1],
    )
