"""PostgreSQL: reachable, new enough, and durable in the settings on which "acknowledged" rests."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from api.doctor.model import Check, State, ok

MINIMUM_POSTGRES: Final = 160000
"""Version 16, as `server_version_num` (DESIGN 3)."""

_SAFE: Final = {"on", "remote_write", "remote_apply"}
_DURABILITY: Final[dict[str, tuple[State, str, str]]] = {
    "fsync": (
        State.FAIL,
        "断电会丢失已确认的数据:在 postgresql.conf 中设 fsync=on 并重启。",
        "A power cut loses acknowledged data: set fsync=on in postgresql.conf and restart.",
    ),
    "synchronous_commit": (
        State.FAIL,
        "已确认的提交可能丢失:设 synchronous_commit=on。",
        "Acknowledged commits can be lost: set synchronous_commit=on.",
    ),
    "full_page_writes": (
        State.FAIL,
        "断电可能留下半页数据:设 full_page_writes=on(仅写时复制文件系统可关闭)。",
        "A power cut can leave torn pages: set full_page_writes=on (off only on copy-on-write file systems).",
    ),
    "data_checksums": (
        State.WARN,
        "磁盘位翻转不会被发现:停库后运行 pg_checksums --enable。",
        "Flipped bits on disk go unnoticed: stop the server and run pg_checksums --enable.",
    ),
}


def check_postgres(database_url: str) -> list[Check]:
    """Version, and the settings on which "acknowledged" rests.

    Args:
        database_url: SQLAlchemy or plain PostgreSQL address.
    """
    try:
        with psycopg.connect(plain_address(database_url), connect_timeout=5) as connection:
            shown = {
                name: str(ask(connection, f"show {name}"))
                for name in ("server_version_num", "server_version", *_DURABILITY)
            }
    except psycopg.Error as error:
        return [
            Check(
                "postgres", "reachable", State.FAIL, type(error).__name__,
                "数据库连不上:检查进程是否在运行、地址和口令是否正确(日志在 data/log/postgres.log)。",
                "The database cannot be reached: is it running, are address and password right (log/postgres.log)?",
            )
        ]  # fmt: skip
    checks = [ok("postgres", "reachable", "yes")]
    version = shown["server_version"]
    if int(shown["server_version_num"]) >= MINIMUM_POSTGRES:
        checks.append(ok("postgres", "version", version))
    else:
        checks.append(
            Check(
                "postgres",
                "version",
                State.FAIL,
                version,
                "升级到 PostgreSQL 16 以上。",
                "Upgrade to PostgreSQL 16 or later.",
            )
        )
    for name, (state, zh, en) in _DURABILITY.items():
        value = shown[name]
        checks.append(ok("postgres", name, value) if value in _SAFE else Check("postgres", name, state, value, zh, en))
    return checks


def plain_address(database_url: str) -> str:
    """A SQLAlchemy address as libpq reads it."""
    return database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def ask(connection: psycopg.Connection[Any], statement: str) -> Any:
    """The one value a statement answers."""
    row = connection.execute(statement.encode()).fetchone()
    if row is None:
        msg = "no row"
        raise psycopg.DataError(msg)
    return row[0]
