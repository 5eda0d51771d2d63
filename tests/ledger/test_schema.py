"""The published JSON Schemas against the corpus: they take in what is well-formed, and refuse what has another shape."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.ledger.corpus.world import FOLDER

SCHEMAS: Final = Path(__file__).parents[2] / "docs" / "schema"
MANIFEST: Final = json.loads((FOLDER / "expected.json").read_text())
BEYOND: Final = re.compile(
    r"json-.*|form-(base64-with-other-last-bits|checkpoint-without-proof|proof-without-checkpoint|leaf-with-newline)"
    r"|form-(critical-section-.*|section-of-an-act-.*)|note-(root-with-other-last-bits|signature-of-four.*|size-of-2.*)"
    r"|(licence|derived)-(beside-.*|with-.*-beside|critical-and-missing)"
    r"|promise-time-(in-year-0|on-30-february|with-leap-second)"
    r"|consent-form-(one-link-too-.*|earlier-beside-a-grant)|refusal-beside-.*"
)
"""What no schema can say: how JSON is spelled, other last bits, what members mean to each other, the calendar."""
TYPES: Final = {"object": dict, "array": list, "string": str, "null": type(None)}
NOTES: Final = {"$schema", "$id", "$defs", "title", "description"}


class Schema:
    """A schema of draft 2020-12, with the keywords that ours use; any other is an error."""

    def __init__(self, name: str) -> None:
        self.root: dict[str, Any] = json.loads((SCHEMAS / name).read_text())

    def accepts(self, value: Any) -> bool:
        return self._holds(self.root, value)

    def _holds(self, schema: dict[str, Any], value: Any) -> bool:
        return all(self._keyword(name, held, schema, value) for name, held in schema.items() if name not in NOTES)

    def _keyword(self, name: str, held: Any, schema: dict[str, Any], value: Any) -> bool:  # noqa: C901, PLR0911 -- a table
        match name:
            case "$ref":
                return self._holds(self.root["$defs"][held.removeprefix("#/$defs/")], value)
            case "type" if held == "integer":
                return type(value) is int
            case "type":
                return isinstance(value, TYPES[held])
            case "const":
                return type(value) is type(held) and value == held
            case "enum":
                return isinstance(value, str) and value in held
            case "oneOf":
                return sum(self._holds(each, value) for each in held) == 1
            case "allOf":
                return all(self._holds(each, value) for each in held)
            case "if":
                return not self._holds(held, value) or self._holds(schema["then"], value)
            case "then":
                return True
        if isinstance(value, dict):
            return self._member(name, held, schema, value)
        if isinstance(value, list):
            return self._items(name, held, value)
        if isinstance(value, str):
            return {"pattern": lambda: bool(re.search(held, value)), "maxLength": lambda: len(value) <= held}[name]()
        bounds = {"minimum": lambda: value >= held, "maximum": lambda: value <= held}
        return bounds[name]() if isinstance(value, int) else True

    def _member(self, name: str, held: Any, schema: dict[str, Any], value: dict[str, Any]) -> bool:
        match name:
            case "required":
                return value.keys() >= set(held)
            case "properties":
                return all(self._holds(each, value[member]) for member, each in held.items() if member in value)
            case "additionalProperties":
                return value.keys() <= schema["properties"].keys()
            case "propertyNames":
                return all(self._holds(held, member) for member in value)
            case "dependentRequired":
                return all(value.keys() >= set(needed) for member, needed in held.items() if member in value)
        raise KeyError(name)

    def _items(self, name: str, held: Any, value: list[Any]) -> bool:
        match name:
            case "items":
                return all(self._holds(held, each) for each in value)
            case "minItems":
                return len(value) >= held
            case "maxItems":
                return len(value) <= held
            case "uniqueItems":
                return len({json.dumps(each) for each in value}) == len(value)
        raise KeyError(name)


BUNDLE: Final = Schema("evidence-bundle-v1.schema.json")
TRUST: Final = Schema("trust-v1.schema.json")
STEPS: Final = {run["bundle"]: run.get("failed", {}).get("step") for run in MANIFEST["runs"]}


def content(name: str) -> Any:
    """A file of the corpus as a lenient reader sees it."""
    return json.loads((FOLDER / name).read_bytes())


class TestBundleSchema:
    @pytest.mark.parametrize("name", [name for name, step in STEPS.items() if step not in {1, 10, 11}])
    def test_takes_in_what_is_well_formed(self, name: str) -> None:
        assert BUNDLE.accepts(content(name))

    @pytest.mark.parametrize(
        "name", [name for name, step in STEPS.items() if step == 1 and not BEYOND.fullmatch(name[:-13])]
    )
    def test_refuses_another_shape(self, name: str) -> None:
        assert not BUNDLE.accepts(content(name))


class TestTrustSchema:
    @pytest.mark.parametrize("name", [held["trust"] for held in MANIFEST["trust_files"] if held["accepted"]])
    def test_takes_in_what_is_whole(self, name: str) -> None:
        assert TRUST.accepts(content(name))

    @pytest.mark.parametrize(
        "defect",
        [
            "version-0",
            "version-2",
            "format",
            "unknown-member",
            "no-logs",
            "until-size-negative",
            "until-size-null",
            "quorum-negative",
            "quorum-true",
            "witness-twice",
            "chain-without-qbft",
            "chain-id-zero",
            "address-of-19",
            "address-with-space",
            "hash-in-capitals",
            "qbft-empty",
            "qbft-no-validators",
            "qbft-validator-twice",
            "qbft-height-negative",
            "signers-null",
            "signers-unknown-member",
            "signers-without-audience",
            "signers-audience-empty",
            "provider-assurance-0",
            "provider-assurance-4",
            "provider-key-without-kid",
            "provider-key-with-alg",
            "provider-key-private",
            "provider-key-of-p384",
            "provider-key-x-of-31",
            "provider-key-of-1024-bits",
            "provider-key-of-exponent-3",
            "provider-key-symmetric",
            "origin-twice",
            "client-without-org",
            "host-apps-are-objects",
        ],
    )
    def test_refuses_another_shape(self, defect: str) -> None:
        assert not TRUST.accepts(content(f"bad-trust-{defect}.json"))
