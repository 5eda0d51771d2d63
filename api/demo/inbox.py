"""The demo's message centre and SMS gateway: a file of what was told to demo people, and a route that shows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "demo-inbox.jsonl"
_SHOWN: Final = 100


class DemoInbox:
    """One channel into the file; implements `authz.ports.NoticeChannel`."""

    def __init__(self, folder: Path, channel: str) -> None:
        self._file = folder / FILE
        self._channel = channel

    def send(self, notice_id: str, to: str, words: tuple[str, str], link: str) -> None:
        """Append a line; one write, so that lines of several processes never mix."""
        line = {"id": notice_id, "channel": self._channel, "to": to, "zh": words[0], "en": words[1], "link": link}
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def messages(folder: Path, subject: str) -> list[dict[str, Any]]:
    """What a demo person was told, the newest first, by their login or telephone number."""
    try:
        lines = (folder / FILE).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = [json.loads(line) for line in reversed(lines)]
    return [each for each in found if each["to"].split(" ")[-1] == subject][:_SHOWN]


def router(folder: Path) -> APIRouter:
    """The page's data."""
    routes = APIRouter(prefix="/demo", tags=["demo login"])

    @routes.get("/inbox", summary="What a demo person was told")
    def inbox(sub: Annotated[str, Query(max_length=64)]) -> dict[str, Any]:
        return {"messages": messages(folder, sub)}

    return routes
