"""Queries over duty uses: what their holders are told and when, and which of them an auditor looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Statement, Steps

_DELAY: Final = """id::text, party_id::text, case_no, ground, article, decided_by, decided_at, until, entry_id::text,
  ended_by, ended_at, end_entry_id::text"""
_INSERT: Final = """
INSERT INTO authz.duty_use (use_id, party_id, entry_id, opened_at, delay_id)
VALUES (%(use)s, %(party)s, %(entry)s, %(at)s, %(delay)s)"""
# The delay that stands for a use: decided before it, by another person than who uses.
_STANDING: Final = f"""
SELECT {_DELAY} FROM authz.notice_delay
WHERE party_id = %(party)s AND case_no = %(case)s AND ended_at IS NULL AND until > %(now)s AND decided_by <> %(user)s
ORDER BY until DESC LIMIT 1 FOR SHARE"""
_INSERT_DELAY: Final = """
INSERT INTO authz.notice_delay (id, party_id, case_no, ground, article, decided_by, decided_at, until, entry_id)
VALUES (%(id)s, %(party)s, %(case)s, %(ground)s, %(article)s, %(operator)s, %(at)s, %(until)s, %(entry)s)"""
_GET_DELAY: Final = f"SELECT {_DELAY} FROM authz.notice_delay WHERE id = %(id)s"
_DELAY_OF: Final = f"""
SELECT {_DELAY} FROM authz.notice_delay WHERE id = (SELECT delay_id FROM authz.duty_use WHERE use_id = %(use)s)"""
_ARTICLE_OF: Final = """
SELECT d.article FROM authz.use_ u JOIN authz.duty d ON d.id = u.duty_id WHERE u.id = %(use)s"""
_OF_PARTY: Final = f"""
SELECT {_DELAY} FROM authz.notice_delay WHERE party_id = %(party)s AND (decided_at, id) < (%(at)s, %(id)s::uuid)
ORDER BY decided_at DESC, id DESC LIMIT %(limit)s"""
_STANDING_ALL: Final = f"""
SELECT {_DELAY}, (SELECT count(*) FROM authz.duty_use u WHERE u.delay_id = d.id) FROM authz.notice_delay d
WHERE ended_at IS NULL AND until > %(now)s ORDER BY until LIMIT %(limit)s"""
_END: Final = """
UPDATE authz.notice_delay SET ended_by = %(operator)s, ended_at = %(at)s, end_entry_id = %(entry)s WHERE id = %(id)s"""
_BRING_FORWARD: Final = """
UPDATE authz.notice n SET due_at = %(at)s
FROM authz.duty_use d JOIN authz.use_ u ON u.id = d.use_id CROSS JOIN LATERAL (
  SELECT u.holder_id UNION ALL SELECT h.holder_id FROM authz.use_holder h WHERE h.use_id = u.id) AS told (holder_id)
WHERE d.delay_id = %(id)s AND n.holder_id = told.holder_id AND n.kind = 'duty-use' AND n.subject = u.id::text
  AND n.due_at > %(at)s
RETURNING n.id::text"""

_UNDRAWN: Final = """
SELECT use_id::text, entry_id::text FROM authz.duty_use WHERE drawn_at IS NULL ORDER BY opened_at LIMIT %(limit)s
FOR UPDATE SKIP LOCKED"""
_DRAW: Final = """
INSERT INTO authz.duty_draw (id, checkpoint_size, root, note, seed, permille, uses, picked, at, entry_id)
VALUES (%(id)s, %(size)s, %(root)s, %(note)s, %(seed)s, %(permille)s, %(uses)s, %(picked)s, %(at)s, %(entry)s)"""
_DRAWN: Final = "UPDATE authz.duty_use SET drawn_at = %(at)s WHERE use_id = ANY(%(uses)s::uuid[])"
_PICK: Final = """
INSERT INTO authz.duty_sample (use_id, draw_id, party_id, picked_at, due_at)
SELECT u.use_id, %(draw)s::uuid, u.party_id, %(at)s, %(due)s FROM authz.duty_use u
WHERE u.use_id = ANY(%(uses)s::uuid[])"""
_SAMPLE: Final = """s.use_id::text, s.draw_id::text, s.party_id::text, s.picked_at, s.due_at, s.verdict, s.finding,
  s.judged_by, s.judged_at, s.entry_id::text, s.follow_due_at, s.answer, s.answered_by, s.answered_at,
  s.answer_entry_id::text, s.closed_by, s.closed_at, s.close_entry_id::text"""
_USED: Final = """u.object_id::text, u.duty_id::text, u.mode, u.operator, u.case_no, u.item_code, u.cause, u.opened_at,
  u.state, u.intent_entry_id::text, d.article, d.version"""
_FROM: Final = """FROM authz.duty_sample s JOIN authz.use_ u ON u.id = s.use_id
LEFT JOIN authz.duty d ON d.id = u.duty_id"""
_GET: Final = f"SELECT {_SAMPLE}, {_USED} {_FROM} WHERE s.use_id = %(id)s"
_WAITING: Final = f"""
SELECT {_SAMPLE}, {_USED} {_FROM} WHERE s.closed_at IS NULL AND (s.due_at, s.use_id) > (%(due)s, %(id)s::uuid)
ORDER BY s.due_at, s.use_id LIMIT %(limit)s"""
_FOLLOWED: Final = f"""
SELECT {_SAMPLE}, {_USED} {_FROM}
WHERE s.party_id = %(party)s AND s.follow_due_at IS NOT NULL AND s.closed_at IS NULL
ORDER BY s.follow_due_at LIMIT %(limit)s"""
_JUDGE: Final = """
UPDATE authz.duty_sample SET verdict = %(verdict)s, finding = %(finding)s, judged_by = %(operator)s,
  judged_at = %(at)s, entry_id = %(entry)s, follow_due_at = %(follow)s, closed_by = %(closed_by)s,
  closed_at = %(closed)s, close_entry_id = %(close_entry)s
WHERE use_id = %(id)s"""
_ANSWER: Final = """
UPDATE authz.duty_sample SET answer = %(answer)s, answered_by = %(operator)s, answered_at = %(at)s,
  answer_entry_id = %(entry)s
WHERE use_id = %(id)s"""
_CLOSE: Final = """
UPDATE authz.duty_sample SET closed_by = %(operator)s, closed_at = %(at)s, close_entry_id = %(entry)s
WHERE use_id = %(id)s"""
_COUNT: Final = """
SELECT count(*) FILTER (WHERE judged_at IS NULL), count(*) FILTER (WHERE
  (judged_at IS NULL AND due_at <= %(now)s) OR (judged_at IS NOT NULL AND answered_at IS NULL
    AND follow_due_at <= %(now)s))
FROM authz.duty_sample WHERE closed_at IS NULL"""
_DRAWS: Final = """
SELECT id::text, split_part(note, chr(10), 1), checkpoint_size, encode(root, 'hex'), encode(seed, 'hex'), permille,
  uses, picked, at, entry_id::text
FROM authz.duty_draw ORDER BY at DESC LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class Delay:
    """A decision that the holder of a case's duty uses is told later.

    Attributes:
        ground: why, one word of a list.
        article: the law that lets it.
        decided_by: handle; never who uses.
        until: when the holder is told at the latest.
        ended_by, ended_at: it was lifted before.
    """

    id: str
    party_id: str
    case_no: str
    ground: str
    article: str
    decided_by: str
    decided_at: datetime
    until: datetime
    entry_id: str
    ended_by: str | None
    ended_at: datetime | None
    end_entry_id: str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A duty use that was drawn for an auditor, and what became of it.

    Attributes:
        due_at: by when it is judged.
        finding, answer: encrypted text.
        follow_due_at: by when the organisation answers; None where it has nothing to.
        article, duties: law and version of the catalogue the use rested on.
    """

    use_id: str
    draw_id: str
    party_id: str
    picked_at: datetime
    due_at: datetime
    verdict: str | None
    finding: bytes | None
    judged_by: str | None
    judged_at: datetime | None
    entry_id: str | None
    follow_due_at: datetime | None
    answer: bytes | None
    answered_by: str | None
    answered_at: datetime | None
    answer_entry_id: str | None
    closed_by: str | None
    closed_at: datetime | None
    close_entry_id: str | None
    object_id: str
    duty_id: str | None
    mode: str
    operator: str
    case_no: str
    item_code: str
    cause: str
    opened_at: datetime
    state: str
    intent_entry_id: str
    article: str | None
    duties: str | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should have been judged, or answered, by now."""
        if self.closed_at is not None:
            return False
        if self.judged_at is None:
            return now >= self.due_at
        return self.answered_at is None and self.follow_due_at is not None and now >= self.follow_due_at


# The unit of a duty use


def inserting(values: Mapping[str, Any]) -> Statement:
    """What keeps a duty use for its notice and for the draw."""
    return _INSERT, values


def standing(party_id: str, case_no: str, user: str, now: datetime) -> Steps[Delay | None]:
    """The delay that holds for a use of `user` in a case; it does not end before the use is recorded."""
    rows = yield _STANDING, {"party": party_id, "case": case_no, "user": user, "now": now}
    return Delay(*rows[0]) if rows else None


# Delays


def insert_delay(db: Connection, values: Mapping[str, Any]) -> None:
    """Store a delay."""
    db.exec_driver_sql(_INSERT_DELAY, dict(values))


def delay(db: Connection, delay_id: str, *, lock: bool = False) -> Delay | None:
    """A delay."""
    row = db.exec_driver_sql(_GET_DELAY + (" FOR UPDATE" if lock else ""), {"id": delay_id}).first()
    return None if row is None else Delay(*row)


def delay_of(db: Connection, use_id: str) -> Delay | None:
    """The delay under which a duty use was told later."""
    row = db.exec_driver_sql(_DELAY_OF, {"use": use_id}).first()
    return None if row is None else Delay(*row)


def article_of(db: Connection, use_id: str) -> str | None:
    """The law of the duty that a use rested on."""
    row = db.exec_driver_sql(_ARTICLE_OF, {"use": use_id}).first()
    return None if row is None else str(row[0])


def delays_of(db: Connection, party_id: str, before: tuple[datetime, str], limit: int) -> list[Delay]:
    """An organisation's delays before a place, the newest first."""
    values = {"party": party_id, "at": before[0], "id": before[1], "limit": limit}
    return [Delay(*row) for row in db.exec_driver_sql(_OF_PARTY, values)]


def standing_delays(db: Connection, now: datetime, limit: int) -> list[tuple[Delay, int]]:
    """Delays that stand, the next to run out first, each with how many uses it holds back."""
    rows = db.exec_driver_sql(_STANDING_ALL, {"now": now, "limit": limit})
    return [(Delay(*row[:-1]), int(row[-1])) for row in rows]


def end_delay(db: Connection, delay_id: str, operator: str, at: datetime, entry_id: str) -> list[str]:
    """Lift a delay; the notices that are due now because of it."""
    db.exec_driver_sql(_END, {"id": delay_id, "operator": operator, "at": at, "entry": entry_id})
    return [row[0] for row in db.exec_driver_sql(_BRING_FORWARD, {"id": delay_id, "at": at})]


# The draw


def undrawn(db: Connection, limit: int) -> list[tuple[str, str]]:
    """(use, log entry) of duty uses that no draw has seen, the oldest first, locked."""
    return [(row[0], row[1]) for row in db.exec_driver_sql(_UNDRAWN, {"limit": limit})]


def draw(db: Connection, values: Mapping[str, Any], uses: Sequence[str], picked: Sequence[str], due: datetime) -> None:
    """Store a draw, what it saw and what it picked."""
    db.exec_driver_sql(_DRAW, dict(values))
    db.exec_driver_sql(_DRAWN, {"uses": list(uses), "at": values["at"]})
    given = {"draw": values["id"], "uses": list(picked), "at": values["at"], "due": due}
    db.exec_driver_sql(_PICK, given)


def draws(db: Connection, limit: int) -> list[tuple[Any, ...]]:
    """(id, log, checkpoint size, root, seed, permille, uses, picked, at, entry) of draws, the newest first."""
    return [tuple(row) for row in db.exec_driver_sql(_DRAWS, {"limit": limit})]


# The audit


def sample(db: Connection, use_id: str, *, lock: bool = False) -> Sample | None:
    """A sample."""
    row = db.exec_driver_sql(_GET + (" FOR UPDATE OF s" if lock else ""), {"id": use_id}).first()
    return None if row is None else _sample(row)


def waiting(db: Connection, after: tuple[datetime, str], limit: int) -> list[Sample]:
    """Samples that are not closed, the most urgent first."""
    values = {"due": after[0], "id": after[1], "limit": limit}
    return [_sample(row) for row in db.exec_driver_sql(_WAITING, values)]


def followed(db: Connection, party_id: str, limit: int) -> list[Sample]:
    """What an organisation has to answer, or has answered, until the auditor closes it."""
    return [_sample(row) for row in db.exec_driver_sql(_FOLLOWED, {"party": party_id, "limit": limit})]


def judge(db: Connection, values: Mapping[str, Any]) -> None:
    """Keep a verdict."""
    db.exec_driver_sql(_JUDGE, dict(values))


def answer(db: Connection, values: Mapping[str, Any]) -> None:
    """Keep an organisation's answer."""
    db.exec_driver_sql(_ANSWER, dict(values))


def close(db: Connection, values: Mapping[str, Any]) -> None:
    """The auditor has done with it."""
    db.exec_driver_sql(_CLOSE, dict(values))


def count(db: Connection, now: datetime) -> tuple[int, int]:
    """How many samples wait for a verdict, and how many wait for somebody too long."""
    row = db.exec_driver_sql(_COUNT, {"now": now}).one()
    return int(row[0]), int(row[1])


def _sample(row: Sequence[Any]) -> Sample:
    values = list(row)
    values[6], values[11] = (None if each is None else bytes(each) for each in (values[6], values[11]))
    return Sample(*values)
