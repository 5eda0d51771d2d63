"""The answers that our pages read: in the description, in the committed types, and as they really are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from api import answers, openapi
from api.answers import ANSWERS
from api.app import interface

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return openapi.complete(interface().openapi())


class TestDescribe:
    def test_names_the_answer_of_every_operation(self, description: dict[str, Any]) -> None:
        for (method, path), (status, model) in ANSWERS.items():
            shown = description["paths"][path][method]["responses"][str(status)]
            if model is not None:
                reference = shown["content"]["application/json"]["schema"]["$ref"]
                assert reference == f"#/components/schemas/{model.__name__}"

    def test_says_the_status_that_the_route_declares(self, description: dict[str, Any]) -> None:
        """Where FastAPI knows another success, the table would be beside the truth."""
        for (method, path), (status, model) in ANSWERS.items():
            known = {each for each in description["paths"][path][method]["responses"] if each.startswith("2")}
            others = known - {str(status), "204"} if model is not None else set()
            assert others <= ({"200"} if status != 200 and path == "/v1/my/session" else set()), (method, path, known)


class TestOfPages:
    def test_holds_what_it_refers_to_and_nothing_that_pages_do_not_send(self, description: dict[str, Any]) -> None:
        held = answers.of_pages(description)
        assert {(method, path) for path, methods in held["paths"].items() for method in methods} == ANSWERS.keys()
        text = str(held)
        for name in held["components"]["schemas"]:
            assert f"#/components/schemas/{name}" in text, name
        assert "'DPoP'" not in text


class TestTypes:
    def test_are_those_of_the_description(self) -> None:
        """Where this fails, run `make types` and commit what it wrote."""
        done = subprocess.run(
            ["node", "web/types.mjs", "--check"],
            cwd=ROOT,
            env=os.environ | {"PYTHON": sys.executable},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


class TestCheck:
    GOOD: ClassVar = {"request": {"v": 1}, "digest": "A" * 43}

    def test_takes_what_has_more(self) -> None:
        answers.check("post", "/v1/holder-requests", self.GOOD | {"more": True})

    @pytest.mark.parametrize("bad", [{"request": {}}, {"request": {}, "digest": 3}, [], None], ids=str)
    def test_refuses_what_has_less_or_other(self, bad: object) -> None:
        with pytest.raises(ValidationError):
            answers.check("post", "/v1/holder-requests", bad)
