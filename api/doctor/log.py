"""The log as the node itself sees it: limits that are near, a canary that fell silent (DESIGN 10, RELIABILITY L6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.doctor.model import Check, State, ok

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_log(warnings: Sequence[str]) -> list[Check]:
    """What the node warns of, one finding each.

    Args:
        warnings: as `/readyz` names them.
    """
    if not warnings:
        return [ok("log", "lag", "below 70 % of every limit")]
    zh = "接近或已超过限额:查看后台进程、见证方与链节点;限额见 docs/settings.md。"
    en = "A limit is near or passed: look at the worker, the witnesses and the chain node (limits: docs/settings.md)."
    return [Check("log", "lag", State.WARN, each, zh, en) for each in warnings]
