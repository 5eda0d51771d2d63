"""Queries over reviews, and what they read of readings. What is encrypted stays so here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Steps

_REVIEW: Final = "case_no, version, item_code, cause, body, reviewed_at, entry_id::text"
_NEWEST: Final = f"SELECT {_REVIEW} FROM materials.review WHERE case_no = %(case)s ORDER BY version DESC LIMIT 1"
_INSERT: Final = """
INSERT INTO materials.review (case_no, version, party_id, holder_id, item_code, operator, cause, body, passed, failed,
  unclear, skipped, reviewed_at, entry_id)
VALUES (%(case)s, %(version)s, %(party)s, %(holder)s, %(item)s, %(operator)s, %(cause)s, %(body)s, %(passed)s,
  %(failed)s, %(unclear)s, %(skipped)s, %(at)s, %(entry)s)"""
# A document's values stand in reviews of cases that are about its holder, or of its project.
_TOUCHED: Final = """
SELECT r.case_no, r.version, r.body, m.id::text, m.type_code FROM materials.material m
JOIN materials.case_ c ON c.applicant_holder_id = m.holder_id OR c.case_no = m.origin_case_no
  OR c.project_id = m.project_id
  OR EXISTS (SELECT 1 FROM materials.case_person p WHERE p.case_no = c.case_no AND p.holder_id = m.holder_id)
JOIN materials.review r ON r.case_no = c.case_no
WHERE m.object_id = %(object)s FOR UPDATE OF r"""
_REWRITE: Final = "UPDATE materials.review SET body = %(body)s WHERE case_no = %(case)s AND version = %(version)s"
_STALE: Final = """
SELECT r.case_no, r.party_id::text, r.operator FROM materials.material m
JOIN materials.review r ON r.case_no = m.origin_case_no JOIN materials.case_ c ON c.case_no = r.case_no
WHERE m.id = %(material)s AND c.state = 'open' AND c.party_id = m.party_id
ORDER BY r.version DESC LIMIT 1"""
_RESOLVE: Final = """
INSERT INTO materials.review_resolution (id, case_no, version, code, verdict, finding, reason, operator, at, entry_id)
VALUES (%(id)s, %(case)s, %(version)s, %(code)s, %(verdict)s, %(finding)s, %(reason)s, %(operator)s, %(at)s,
  %(entry)s)"""
_RESOLUTIONS: Final = """
SELECT DISTINCT ON (code) id::text, code, verdict, finding, reason, operator, at, entry_id::text
FROM materials.review_resolution WHERE case_no = %(case)s ORDER BY code, at DESC, id DESC"""
# What staff confirmed of a material goes before a newer reading nobody looked at.
_READINGS: Final = """
SELECT DISTINCT ON (material_id) material_id::text, id::text, state, failure, findings, confirmed
FROM materials.reading WHERE material_id = ANY(%(ids)s::uuid[])
ORDER BY material_id, (state = 'confirmed') DESC, reading.id DESC"""
_SEALS: Final = """
SELECT material_id::text, seals, problem FROM materials.paper_seals WHERE material_id = ANY(%(ids)s::uuid[])"""
_KEEP_SEALS: Final = """
INSERT INTO materials.paper_seals (material_id, seals, problem, checked_at)
VALUES (%(material)s, %(seals)s, %(problem)s, %(at)s)
ON CONFLICT (material_id) DO UPDATE SET seals = EXCLUDED.seals, problem = EXCLUDED.problem,
  checked_at = EXCLUDED.checked_at"""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review; `body` is encrypted."""

    case_no: str
    version: int
    item_code: str
    cause: str
    body: bytes
    reviewed_at: datetime
    entry_id: str


@dataclass(frozen=True, slots=True)
class ResolutionRow:
    """What somebody decided; `reason` is encrypted."""

    id: str
    code: str
    verdict: str
    finding: bytes
    reason: bytes
    operator: str
    at: datetime
    entry_id: str


@dataclass(frozen=True, slots=True)
class ReadRow:
    """What was read of a material; both encrypted."""

    material_id: str
    id: str
    state: str
    failure: str | None
    findings: bytes | None
    confirmed: bytes | None


@dataclass(frozen=True, slots=True)
class SealRow:
    """Seals found on a document: organisations whose seal holds, and what the check of the file said else."""

    material_id: str
    seals: tuple[str, ...]
    problem: str


def newest(case_no: str) -> Steps[ReviewRow | None]:
    """The newest review of a case."""
    rows = yield _NEWEST, {"case": case_no}
    if not rows:
        return None
    case_no, version, item, cause, body, at, entry = rows[0]
    return ReviewRow(case_no, version, item, cause, bytes(body), at, entry)


def insert(db: Connection, values: Mapping[str, Any]) -> None:
    """Write a review."""
    db.exec_driver_sql(_INSERT, dict(values))


def resolve(db: Connection, values: Mapping[str, Any]) -> None:
    """Write what somebody decided about a finding."""
    db.exec_driver_sql(_RESOLVE, dict(values))


def resolutions(case_no: str) -> Steps[list[ResolutionRow]]:
    """The newest decision about each check point of a case."""
    rows = yield _RESOLUTIONS, {"case": case_no}
    return [
        ResolutionRow(number, code, verdict, bytes(finding), bytes(reason), operator, at, entry)
        for number, code, verdict, finding, reason, operator, at, entry in rows
    ]


def readings(material_ids: Sequence[str]) -> Steps[dict[str, ReadRow]]:
    """What was read of materials."""
    rows = yield _READINGS, {"ids": list(material_ids)}
    return {row[0]: ReadRow(*row[:4], *(None if each is None else bytes(each) for each in row[4:])) for row in rows}


def seals(material_ids: Sequence[str]) -> Steps[dict[str, SealRow]]:
    """What the check of documents' seals said."""
    rows = yield _SEALS, {"ids": list(material_ids)}
    return {row[0]: SealRow(row[0], tuple(row[1]), row[2]) for row in rows}


def keep_seals(db: Connection, values: Mapping[str, Any]) -> None:
    """Keep what the check of a document's seals said."""
    db.exec_driver_sql(_KEEP_SEALS, dict(values))


def touched(db: Connection, object_id: str) -> list[tuple[str, int, bytes, str, str]]:
    """Reviews that may hold values of a stored document, locked: case, version, body, the material and its type."""
    found = db.exec_driver_sql(_TOUCHED, {"object": object_id})
    return [(case, version, bytes(body), material, code) for case, version, body, material, code in found]


def rewrite(db: Connection, case_no: str, version: int, body: bytes) -> None:
    """Put another body in a review's place."""
    db.exec_driver_sql(_REWRITE, {"case": case_no, "version": version, "body": body})


def stale(db: Connection, material_id: str) -> tuple[str, str, str] | None:
    """The newest review of the open case a material was handed in for: case, organisation, operator."""
    row = db.exec_driver_sql(_STALE, {"material": material_id}).first()
    return None if row is None else (row[0], row[1], row[2])
