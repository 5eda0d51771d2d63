"""What a checklist reads of this package, each thing in one statement however long the list is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from materials.checklist.facts import AssistFact, CheckFact, LetterFact, OwedFact, PassedOn
from materials.commitmentrows import BARS
from materials.store import CASE_COLUMNS, CASE_WIDTH, MATERIAL_COLUMNS, as_case, as_material

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Statement, Steps
    from materials.model import Case, Material

OWN_LIMIT: Final = 4
"""Active materials of one type and holder that are looked at: the newest ones; of another member of the project so many
that are shared in it, and that are not."""

_CASE: Final = f"""
SELECT {CASE_COLUMNS}, c.answers, p.lead_holder_id::text,
  (SELECT r.bundle_code FROM materials.bundle_run r WHERE r.id = c.bundle_run_id),
  ARRAY(SELECT jsonb_build_array(role, number, holder_id) FROM materials.case_person
    WHERE case_no = c.case_no ORDER BY role, number),
  ARRAY(SELECT jsonb_build_array(line, object_id, conditions) FROM materials.confirmation WHERE case_no = c.case_no),
  ARRAY(SELECT jsonb_build_array(o.item_code, o.case_no, o.decision, o.result_id,
      ARRAY(SELECT holder_id FROM materials.case_person WHERE case_no = o.case_no)) FROM materials.case_ o
    WHERE o.bundle_run_id = c.bundle_run_id AND o.case_no <> c.case_no)
FROM materials.case_ c LEFT JOIN materials.project p ON p.id = c.project_id
WHERE c.case_no = %(case)s AND c.party_id = %(party)s::uuid"""

# A holder's newest active versions, and the newest that is none any more: it explains why there is nothing. Of each
# other member of the project the newest that is shared in it, and that is not, so that nobody's many hide another's.
_MATERIALS: Final = f"""
SELECT w.place, {MATERIAL_COLUMNS}
FROM unnest(%(places)s::int[], %(holders)s::uuid[], %(types)s::text[], %(shared)s::bool[])
  AS w (place, holder, type, shared) CROSS JOIN LATERAL (
    (SELECT * FROM materials.material WHERE holder_id = w.holder AND type_code = w.type AND status = 'active'
      ORDER BY id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT * FROM materials.material WHERE holder_id = w.holder AND type_code = w.type AND status <> 'active'
      ORDER BY id DESC LIMIT 1)
    UNION ALL
    (SELECT theirs.* FROM materials.project_member p CROSS JOIN (VALUES (true), (false)) AS s (shared)
      CROSS JOIN LATERAL (SELECT * FROM materials.material WHERE project_id = p.project_id AND type_code = w.type
        AND holder_id = p.holder_id AND share_in_project = s.shared AND status = 'active'
        ORDER BY id DESC LIMIT %(limit)s) AS theirs
      WHERE w.shared AND p.project_id = %(project)s::uuid AND p.holder_id <> w.holder)
  ) AS m
UNION
SELECT n.place, {MATERIAL_COLUMNS} FROM unnest(%(named_places)s::int[], %(named)s::uuid[]) AS n (place, id)
  JOIN materials.material m ON m.id = n.id"""

# Of several answers to one question the newest that still stands counts, whatever failed since: an attempt that came to
# nothing says nothing. Only a source that contradicted itself is not believed in what it said before.
_ROUTES: Final = f"""
SELECT 'check', type_code, holder_id::text, id::text, state, result, failure, valid_until, source, entry_id::text, NULL,
  question
FROM (SELECT DISTINCT ON (type_code, holder_id, question) * FROM (
    SELECT *, max(answered_at) FILTER (WHERE failure = 'source-contradicts')
      OVER (PARTITION BY type_code, holder_id, question) AS doubted
    FROM materials.data_check WHERE case_no = %(case)s) AS asked
  ORDER BY type_code, holder_id, question,
    (state = 'answered' AND valid_until > %(now)s AND answered_at > COALESCE(doubted, '-infinity')) DESC,
    asked_at DESC, id DESC) AS checks
UNION ALL
SELECT 'assist', type_code, holder_id::text, id::text, state, result, NULL, due_at, '', NULL, material_id::text, ''
FROM (SELECT DISTINCT ON (type_code, holder_id) * FROM materials.assist_request WHERE case_no = %(case)s
  ORDER BY type_code, holder_id, asked_at DESC, id DESC) AS requests
UNION ALL
SELECT 'owed', o.type_code, c.holder_id::text, c.id::text,
  CASE WHEN o.fulfilled_at IS NOT NULL THEN 'fulfilled' WHEN c.state = 'breached' THEN 'breached'
    WHEN o.due_at <= %(now)s THEN 'overdue' ELSE 'owed' END,
  NULL, NULL, o.due_at, '', NULL, o.material_id::text, ''
FROM materials.commitment c JOIN materials.owed o ON o.commitment_id = c.id
WHERE c.case_no = %(case)s AND c.state NOT IN ('proposed','declined','withdrawn')
UNION ALL
SELECT 'letter', '', holder_id::text, id::text, state, NULL, NULL, NULL, '', NULL, letter_id::text, ''
FROM materials.commitment WHERE case_no = %(case)s
UNION ALL
SELECT 'barred', '', holder_id::text, '', state, NULL, NULL, COALESCE(barred_until, '9999-01-01Z'), '', NULL, NULL, ''
FROM materials.commitment WHERE {BARS}"""

_CONFIRM: Final = """
INSERT INTO materials.confirmation (id, case_no, line, object_id, conditions, stated_by, signer_id, signature, operator,
  at, entry_id)
VALUES (%(id)s, %(case)s, %(line)s, %(object)s, %(conditions)s, %(stated_by)s, %(signer)s, %(signature)s, %(operator)s,
  %(at)s, %(entry)s)
ON CONFLICT (case_no, line, object_id, conditions) DO NOTHING RETURNING 1"""
_KEEP: Final = """
INSERT INTO materials.kept_checklist (case_no, body, digest, kept_at, entry_id)
VALUES (%(case)s, %(body)s, %(digest)s, %(at)s, %(entry)s)"""
_KEPT: Final = """
SELECT body, digest, kept_at, entry_id::text FROM materials.kept_checklist WHERE case_no = %(case)s"""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case with all that its checklist needs of it.

    Attributes:
        answers: encrypted.
        bundle_code: of the bundle that it was applied for in.
        people: holders by role, in order.
        confirmed: what was confirmed, by line and thing.
        siblings: the other cases of its bundle, by item.
    """

    case: Case
    answers: bytes | None
    lead_holder_id: str | None
    bundle_code: str | None
    people: dict[str, list[str]]
    confirmed: dict[tuple[str, str], frozenset[str]]
    siblings: dict[str, PassedOn]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Materials wanted for a line.

    Attributes:
        place: of the line.
        shared: also those of the case's project.
        named: others, by id.
    """

    place: int
    holder_id: str
    type_code: str
    shared: bool
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RouteRows:
    """What the other routes did in a case, by type and holder; checks by question too, letters by their material."""

    checks: dict[tuple[str, str, str], CheckFact]
    assists: dict[tuple[str, str], AssistFact]
    owed: dict[tuple[str, str], OwedFact]
    letters: dict[str, LetterFact]
    barred_until: datetime | None

    def kept(self, type_code: str, holder_id: str) -> str | None:
        """The material that a commitment was kept with."""
        owed = self.owed.get((type_code, holder_id))
        return None if owed is None else owed.material_id

    def answer(self, type_code: str, holder_id: str) -> str | None:
        """The material that a department answered with."""
        assist = self.assists.get((type_code, holder_id))
        return None if assist is None else assist.material_id

    def named(self, type_code: str, holder_id: str) -> tuple[str, ...]:
        """Both."""
        found = (self.kept(type_code, holder_id), self.answer(type_code, holder_id))
        return tuple(each for each in found if each is not None)


@dataclass(frozen=True, slots=True)
class Kept:
    """A checklist as it was kept at acceptance; `body` is encrypted."""

    body: bytes
    digest: bytes
    kept_at: datetime
    entry_id: str


def case_row(case_no: str, party_id: str) -> Steps[CaseRow | None]:
    """A case of one organisation."""
    rows = yield _CASE, {"case": case_no, "party": party_id}
    if not rows:
        return None
    row = rows[0]
    answers, lead, bundle, named, confirmed, siblings = row[CASE_WIDTH:]
    people: dict[str, list[str]] = {}
    for role, _, holder in named:
        people.setdefault(role, []).append(holder)
    conditions: dict[tuple[str, str], frozenset[str]] = {}
    for line, thing, stated in confirmed:
        conditions[line, thing] = conditions.get((line, thing), frozenset()) | frozenset(stated)
    return CaseRow(
        as_case(row[:CASE_WIDTH]),
        None if answers is None else bytes(answers),
        lead,
        bundle,
        people,
        conditions,
        {each[0]: PassedOn(each[1], each[2], each[3], people=frozenset(each[4])) for each in siblings},
    )


def materials(wanted: Sequence[Wanted], project_id: str | None) -> Steps[list[tuple[int, Material]]]:
    """What the vault holds for lines, with the place of the line."""
    values: dict[str, Any] = {
        "places": [each.place for each in wanted],
        "holders": [each.holder_id for each in wanted],
        "types": [each.type_code for each in wanted],
        "shared": [each.shared and project_id is not None for each in wanted],
        "project": project_id,
        "limit": OWN_LIMIT,
        "named_places": [each.place for each in wanted for _ in each.named],
        "named": [thing for each in wanted for thing in each.named],
    }
    rows = yield _MATERIALS, values
    return [(row[0], as_material(row[1:])) for row in rows]


def routes(case_no: str, applicant_id: str, now: datetime) -> Steps[RouteRows]:
    """Checks, requests and commitments of a case, and whether the applicant is barred from commitments."""
    rows = yield _ROUTES, {"case": case_no, "holder": applicant_id, "now": now}
    found = RouteRows({}, {}, {}, {}, None)
    barred: list[datetime] = []
    for kind, code, holder, thing, state, result, failure, until, source, entry, material, question in rows:
        match kind:
            case "check":
                found.checks[code, holder, question] = CheckFact(thing, state, result, failure, until, source, entry)
            case "assist":
                found.assists[code, holder] = AssistFact(thing, state, result, until, material)
            case "owed":
                found.owed[code, holder] = OwedFact(thing, state, until, material)
            case "letter":
                found.letters[material] = LetterFact(thing, state)
            case _:
                barred.append(until)
    return replace(found, barred_until=max(barred, default=None))


def confirm(values: dict[str, Any]) -> Statement:
    """What writes a confirmation; no row where there is one already."""
    return _CONFIRM, values


def keep(db: Connection, values: dict[str, Any]) -> None:
    """Keep a checklist."""
    db.exec_driver_sql(_KEEP, values)


def kept(db: Connection, case_no: str) -> Kept | None:
    """The checklist as it was kept at the acceptance of a case."""
    row = db.exec_driver_sql(_KEPT, {"case": case_no}).first()
    return None if row is None else Kept(bytes(row[0]), bytes(row[1]), row[2], row[3])
