"""A source that does not answer as it should, in a process of its own: each question is answered with another fault.

python -m tests.api.liar FOLDER FD
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

import jwt

from api.demo.source import Answering, QuestionRefusedError, key_file, serve


class Liar(Answering):
    """Answers, faultily; `trickle` and `silent` never end within the time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(key_file(folder / "key.pem"), json.loads((folder / "asker.json").read_text()), {}, "liar")
        self._stranger = key_file(folder / "stranger.pem")
        self._last = ""
        self._count = 0

    def answer(self, text: str) -> str:
        question = str(jwt.decode(text, options={"verify_signature": False})["question"])
        fault = question.removeprefix("test.")
        self._facts = {question: {"91310113XX0000019X": _fact(fault, self._count)}}
        self._count += fault == "changing"
        if fault == "silent":
            threading.Event().wait(30)
        if fault == "refusing":
            raise QuestionRefusedError
        told = super().answer(text)
        if fault == "replayed":
            told, self._last = self._last or told, told
        if fault == "plain":
            return json.dumps({"result": "yes"})
        if fault == "long":
            return told + "A" * 70_000
        return self._altered(fault, told)

    def _altered(self, fault: str, told: str) -> str:
        claims: dict[str, Any] = jwt.decode(told, options={"verify_signature": False})
        changes = {
            "otherwise": {"question": "test.honest"},
            "another": {"iss": "market"},
            "elsewhere": {"aud": "somebody"},
            "old": {"iat": int(time.time()) - 3600},
            "result": {"result": "perhaps"},
            "more": {"result": "yes", "values": {"name": "陈安澜"}},
            "moment": {"as_of": "yesterday"},
        }
        if fault == "forged":
            return self._stranger.sign(claims, "cailian-answer+jwt")
        if fault == "unsigned":
            return jwt.encode(claims, None, "none")
        if fault == "typ":
            return self._key.sign(claims, "JWT")
        return self._key.sign(claims | changes[fault], "cailian-answer+jwt") if fault in changes else told


def _fact(fault: str, count: int) -> object:
    return {"name": ""} if fault == "empty" else count % 2 == 0


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[2])), Liar(Path(sys.argv[1])))
