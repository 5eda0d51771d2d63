"""Asking the sources of facts: signed JSON over HTTP, or a view of a department's front-end database (前置库).

**HTTP.** Question and answer are compact JWS (RFC 7515), each signed by its side's own key; TLS beside it, since what
travels is personal.

    POST url, Content-Type: application/jose
    {"typ": "cailian-question+jwt", "alg", "kid"} . {"iss": client, "aud": source, "iat", "exp", "jti": id of the check,
        "question", "subject": {"type", "country", "code"}, "given", "case", "item", "requester", "cause"}
    200, Content-Type: application/jose
    {"typ": "cailian-answer+jwt", "alg"} . {"iss": source, "aud": client, "iat", "req": SHA-256 of the question's text,
        "question", "result", "values", "as_of"}

`req` ties an answer to its question: an answer kept from before, or meant for another person, is refused.

**SQL.** One named view, one row for a subject, bound parameters, a read-only transaction with a statement timeout, by a
login role that may do nothing else. Identifiers come from the operator's file and are quoted all the same. The timeout
is the server's own; one that says nothing any more is cut off a second later, since it holds one of few threads.
"""

from __future__ import annotations

import json
import os
import re
import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from threading import Timer
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import sql

from api.adapters.webhooks import HttpReceivers
from api.client import ClientKey
from api.errors import WebhookFailedError, WebhookUrlRefusedError
from authz import jose
from authz.vault import base64url
from ledger.clock import parse_rfc3339, rfc3339
from ledger.db import outside_any_unit
from materials.connectors.errors import (
    ConnectorConfigError,
    SourceAnswerInvalidError,
    SourceSignatureError,
    SourceTimeoutError,
    SourceUnavailableError,
)
from materials.connectors.port import Answer, Kind, Result, judge
from materials.connectors.register import ConnectorRegister

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ledger.clock import Clock
    from materials.connectors.port import Connector, Question, QuestionKind
    from materials.connectors.register import Source

QUESTION: Final = "cailian-question+jwt"
ANSWER: Final = "cailian-answer+jwt"
MAX_ANSWER: Final = 64 * 1024
"""Bytes of an answer; ours have a few hundred."""
SKEW_SECONDS: Final = 60
FOLDER: Final = "sources"
"""Below the secrets: `NAME.pem` signs questions to a source, `NAME.dsn` is the address of a database."""
_OK: Final = 200
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_QUERY_CANCELLED: Final = "57014"


class HttpConnector:
    """Asks a source over HTTP.

    Args:
        source: `settings` has `url`, `client` (our name there), `answer_key` (the source's public JWK).
        key: signs questions.
        networks: private networks that may be reached, as for webhooks.
        clock: tells the time.

    Raises:
        ConnectorConfigError: a setting is missing, or the key is none.
    """

    def __init__(self, source: Source, key: ClientKey, networks: tuple[str, ...], clock: Clock) -> None:
        self._name = source.name
        self._timeout = source.timeout
        self._key = key
        self._clock = clock
        self._line = HttpReceivers(networks, source.timeout)
        try:
            self._url, self._client = str(source.settings["url"]), str(source.settings["client"])
            self._pinned = jose.PublicKey.of(source.settings["answer_key"], self._untrue)
        except (KeyError, SourceSignatureError) as error:
            raise ConnectorConfigError(source=source.name, problem=f"settings: {error}") from error

    def ask(self, question: Question) -> Answer:
        """As `Connector.ask`."""
        outside_any_unit("asking a source")
        asked = self._question(question)
        began = time.monotonic()
        headers = {"Content-Type": "application/jose", "Accept": "application/jose"}
        try:
            status, body = self._line.exchange(self._url, asked.encode(), headers, MAX_ANSWER)
        except WebhookUrlRefusedError as error:
            raise SourceUnavailableError(source=self._name, problem="address") from error
        except WebhookFailedError as error:
            if time.monotonic() - began >= self._timeout or "Timeout" in str(error.fields.get("reason")):
                raise SourceTimeoutError(source=self._name) from error
            raise SourceUnavailableError(source=self._name) from error
        if status != _OK:
            raise SourceUnavailableError(source=self._name, status=status)
        if len(body) > MAX_ANSWER or not body.isascii():
            raise SourceAnswerInvalidError(source=self._name, problem="size or encoding")
        return self._answer(question, asked, body.decode())

    def _question(self, question: Question) -> str:
        now = int(self._clock.now().timestamp())
        subject = question.subject
        claims = {
            "iss": self._client,
            "aud": self._name,
            "iat": now,
            "exp": now + SKEW_SECONDS,
            "jti": question.id,
            "question": question.kind.code,
            "subject": {"type": subject.type, "country": subject.country, "code": subject.code},
            "given": dict(question.given),
            "case": question.case_no,
            "item": question.item_code,
            "requester": question.requester,
            "cause": question.cause,
        }
        return self._key.sign(claims, QUESTION)

    def _answer(self, question: Question, asked: str, text: str) -> Answer:
        jws = jose.parse(text, self._untrue, longest=MAX_ANSWER)
        self._pinned.verify(jws, self._untrue)
        told = jws.claims
        if jws.header.get("typ") != ANSWER:
            raise self._untrue("typ")
        expected = {
            "iss": self._name,
            "aud": self._client,
            "req": base64url(sha256(asked.encode()).digest()),
            "question": question.kind.code,
        }
        if any(told.get(name) != value for name, value in expected.items()):
            raise self._untrue("it answers something else")
        if abs(self._clock.now().timestamp() - jose.number(told, "iat", self._untrue)) > SKEW_SECONDS:
            raise self._untrue("iat")
        result, values = judge(question.kind, told.get("result"), told.get("values"))
        return Answer(result, values, self._as_of(told.get("as_of")), text)

    def _as_of(self, given: object) -> datetime | None:
        if given is None:
            return None
        try:
            return parse_rfc3339(given if isinstance(given, str) else "")
        except ValueError as error:
            raise SourceAnswerInvalidError(source=self._name, problem="as_of") from error

    def _untrue(self, problem: str) -> SourceSignatureError:
        return SourceSignatureError(source=self._name, problem=problem)


@dataclass(frozen=True, slots=True)
class View:
    """How a question reads a view: `{"view": "schema.name", "match": {...}, "yes": column, "values": {...}}`.

    Attributes:
        schema, name: of the view.
        match: column by what it must equal: `subject`, `subject_type`, or a name the question brings.
        yes: for yes or no: a boolean column; that there is a row means yes where None.
        values: column by field of the answer.
        as_of: column with the moment the row speaks of.
    """

    schema: str
    name: str
    match: Mapping[str, str]
    yes: str | None
    values: Mapping[str, str]
    as_of: str | None

    @classmethod
    def read(cls, kind: QuestionKind, row: Mapping[str, Any]) -> View:
        """Read one.

        Raises:
            ConnectorConfigError: a name is none, no column is the subject, or a field has no column.
        """
        schema, _, name = str(row.get("view", "")).partition(".")
        held = cls(schema, name, row.get("match", {}), row.get("yes"), row.get("values", {}), row.get("as_of"))
        columns = [*held.match, *held.values.values(), *(each for each in (held.yes, held.as_of) if each)]
        if not all(isinstance(each, str) and _NAME.fullmatch(each) for each in (schema, name, *columns)):
            raise ConnectorConfigError(question=kind.code, problem="names of view and columns: a-z, 0-9, _")
        given = {"subject", "subject_type", *(each.name for each in kind.given)}
        if "subject" not in held.match.values() or not set(held.match.values()) <= given:
            raise ConnectorConfigError(question=kind.code, problem="match")
        if held.values.keys() != set(kind.names):
            raise ConnectorConfigError(question=kind.code, problem="values")
        return held


class SqlConnector:
    """Asks a view of a front-end database.

    Args:
        source: only `timeout` counts.
        dsn: address with the login role.
        views: by code of question.
    """

    def __init__(self, source: Source, dsn: str, views: Mapping[str, View]) -> None:
        self._name = source.name
        self._timeout = source.timeout
        self._dsn = dsn
        self._views = dict(views)

    def ask(self, question: Question) -> Answer:
        """As `Connector.ask`."""
        outside_any_unit("asking a source")
        view = self._views[question.kind.code]
        wait = round(self._timeout * 1000)
        options = f"-c default_transaction_read_only=on -c statement_timeout={wait} -c lock_timeout={wait}"
        began = time.monotonic()
        try:
            db = psycopg.connect(
                self._dsn, connect_timeout=max(2, round(self._timeout)), options=options, application_name="cailian"
            )
            with _cut_off(db, self._timeout + 1), db:
                db.read_only = True
                rows = self._rows(db, view, question)
        except psycopg.Error as error:
            # PostgreSQL's own text could repeat a value: only its state is told.
            silent = error.sqlstate is None and time.monotonic() - began > self._timeout
            if silent or error.sqlstate == _QUERY_CANCELLED or isinstance(error, psycopg.errors.ConnectionTimeout):
                raise SourceTimeoutError(source=self._name) from None
            raise SourceUnavailableError(source=self._name, state=error.sqlstate or "none") from None
        if len(rows) > 1:
            raise SourceAnswerInvalidError(source=self._name, problem="more than one row")
        return self._answer(question.kind, view, rows[0] if rows else None)

    def _rows(self, db: psycopg.Connection[Any], view: View, question: Question) -> list[dict[str, Any]]:
        kind = db.execute(
            "SELECT c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = %s",
            (view.schema, view.name),
        ).fetchone()
        if kind is None or kind[0] not in {"v", "m", b"v", b"m"}:
            raise SourceUnavailableError(source=self._name, problem="no such view")
        columns = [*view.values.values(), *(each for each in (view.yes, view.as_of) if each)]
        given = {"subject": question.subject.code, "subject_type": question.subject.type, **question.given}
        wanted = sql.SQL("SELECT {} FROM {} WHERE {} LIMIT 2").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)) if columns else sql.SQL("1 AS present"),
            sql.Identifier(view.schema, view.name),
            sql.SQL(" AND ").join(sql.SQL("{} = %s").format(sql.Identifier(column)) for column in view.match),
        )
        cursor = db.execute(wanted, [given[name] for name in view.match.values()])
        names = [each.name for each in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _answer(self, kind: QuestionKind, view: View, row: dict[str, Any] | None) -> Answer:
        if row is None:
            result = Result.no if kind.kind is Kind.yes_no else Result.unknown
            return Answer(result, {}, None, "{}")
        shown = {name: _text(value) for name, value in row.items()}
        said = Result.value
        if kind.kind is Kind.yes_no:
            flag = row[view.yes] if view.yes else True
            if not isinstance(flag, bool):
                raise SourceAnswerInvalidError(source=self._name, problem="the column is not true or false")
            said = Result.yes if flag else Result.no
        values = {} if said is Result.no else {name: shown[column] for name, column in view.values.items()}
        result, values = judge(kind, said.value, values)
        moment = row.get(view.as_of) if view.as_of else None
        as_of = moment if isinstance(moment, datetime) and moment.tzinfo is not None else None
        return Answer(result, values, as_of, json.dumps(shown, ensure_ascii=False, sort_keys=True))


@contextmanager
def _cut_off(db: psycopg.Connection[Any], seconds: float) -> Iterator[None]:
    """End the line of a connection once its time is over; whoever waits on it then gets an error.

    The socket is shut, not closed: its number stays taken while another thread may wait on it.
    """
    line = socket.socket(fileno=os.dup(db.fileno()))

    def end() -> None:
        with suppress(OSError):  # over in this very moment
            line.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, end)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        line.close()


def _text(value: object) -> str:
    """A column's value as answers write it."""
    if isinstance(value, datetime):
        return rfc3339(value) if value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return "" if value is None else str(value)


def read(path: Path | None) -> ConnectorRegister:
    """The operator's file of sources and questions; an empty register where there is none.

    Raises:
        ConnectorConfigError: it cannot be read.
    """
    if path is None:
        return ConnectorRegister.empty()
    try:
        return ConnectorRegister.read(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise ConnectorConfigError(file=path.name, problem="unreadable") from error


def connect(
    register: ConnectorRegister, secrets: Path, networks: tuple[str, ...], clock: Clock
) -> dict[str, Connector]:
    """What asks each source, by name. Nothing is reached yet.

    Args:
        secrets: folder with `sources/NAME.pem` and `sources/NAME.dsn`.
        networks: private networks that may be reached.

    Raises:
        ConnectorConfigError: a source's settings or secret are missing or malformed.
    """
    made: dict[str, Connector] = {}
    for source in register.sources.values():
        if source.kind == "http":
            made[source.name] = HttpConnector(source, _key(secrets, source.name), networks, clock)
            continue
        asked = [each for each in register.questions.values() if each.source == source.name]
        views = {each.code: View.read(each, register.views[each.code]) for each in asked}
        made[source.name] = SqlConnector(source, _secret(secrets / FOLDER / f"{source.name}.dsn"), views)
    return made


def _key(secrets: Path, name: str) -> ClientKey:
    try:
        return ClientKey(_secret(secrets / FOLDER / f"{name}.pem"))
    except ValueError as error:
        raise ConnectorConfigError(source=name, problem="key") from error


def _secret(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise ConnectorConfigError(file=path.name, problem="readable by others; chmod 600 it")
        return path.read_text().strip()
    except OSError as error:
        raise ConnectorConfigError(file=path.name, problem="missing; `cailian source key` makes a key") from error
