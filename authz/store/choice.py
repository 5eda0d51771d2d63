"""Which of several grants or duty entries a decision tries: one rule for opening a use and for looking ahead.

Conditions as SQL over a grant `g` and a duty entry `d`; in braces what is wanted: `dated`, `sensitive`, `modes` that
would do, and the `fields` asked for, none where whole documents are. They only choose: the policy decides on what was
chosen (`authz.decider`), and where nothing fits its refusal explains the best of the rest.
"""

from __future__ import annotations

from typing import Final

from authz.model import CLEAR

_SERVES: Final = f"""{{table}}.mode = ANY({{{{modes}}}}) AND NOT EXISTS (SELECT FROM unnest({{{{fields}}}}) f
      WHERE f <> ALL({{table}}.fields) AND f || '{CLEAR}' <> ALL({{table}}.fields))"""
GRANT_FITS: Final = f"""g.state = 'active' AND g.uses_left > 0 AND %(now)s >= g.valid_from AND %(now)s < g.valid_to
    AND {_SERVES.format(table="g")}
    AND (g.frequency_count IS NULL OR cardinality(g.recent) < g.frequency_count
      OR g.recent[1] <= %(now)s - g.frequency_seconds * interval '1 second')
    AND (g.fresh_days IS NULL OR {{dated}} >= %(now)s - g.fresh_days * interval '1 day')
    AND (NOT {{sensitive}} OR cardinality(g.objects) + cardinality(g.types) = 1)"""
DUTY_FITS: Final = f"""{_SERVES.format(table="d")}
    AND d.valid_from <= %(now)s AND (d.valid_to IS NULL OR d.valid_to > %(now)s)"""
