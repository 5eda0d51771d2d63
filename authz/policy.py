"""Loading Cedar policies: reviewed files, validated against the schema, each with an id, each refusal with a reason.

A set that fails any check does not load, so a node never runs on half of its rules (RELIABILITY Z3).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cedarpy

from authz.errors import PolicyError
from authz.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = Path(__file__).parent / "policies"
SCHEMA: Final = "schema.cedarschema"


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """A loaded set of policies.

    Attributes:
        policies, schema: parsed once; parsing is most of an evaluation's cost (PERFORMANCE).
        names: our id of each policy, by the id Cedar answers with.
        reasons: the reason of each forbidding policy, by our id.
        version: SHA-256 over names and texts of all files, hexadecimal.
        texts: the files, by name.
    """

    policies: cedarpy.PolicySet
    schema: cedarpy.Schema
    names: Mapping[str, str]
    reasons: Mapping[str, Reason]
    version: str
    texts: Mapping[str, str] = field(default_factory=dict)


def load(folder: Path = FOLDER) -> PolicyBook:
    """Load the policies of a folder: `schema.cedarschema` and every `*.cedar`.

    Raises:
        PolicyError: as `read` and `from_texts`.
    """
    return from_texts(read(folder))


def read(folder: Path) -> dict[str, str]:
    """The files of a folder that make a set of policies, by name.

    Raises:
        PolicyError: the folder or its schema cannot be read.
    """
    try:
        paths = [*sorted(folder.glob("*.cedar")), folder / SCHEMA]
        return {path.name: path.read_text("utf-8") for path in paths}
    except (OSError, ValueError) as error:
        raise PolicyError(problem="unreadable") from error


def from_texts(texts: Mapping[str, str]) -> PolicyBook:
    """Make a set of policies of its files.

    Args:
        texts: `schema.cedarschema` and any number of `*.cedar`, by name.

    Raises:
        PolicyError: a file of another kind, no schema, no policy; they do not parse or do not fit the schema; a policy
            lacks its id or a known reason.
    """
    names = sorted(name for name in texts if name != SCHEMA)
    if SCHEMA not in texts or not all(name.endswith(".cedar") for name in names):
        raise PolicyError(problem="files")
    policy_text = "\n".join(texts[name] for name in names)
    try:
        schema = cedarpy.Schema.from_str(texts[SCHEMA])
        policies = cedarpy.PolicySet.from_str(policy_text)
        checked = cedarpy.validate_policies(policy_text, schema)
        parsed = json.loads(cedarpy.policies_to_json_str(policy_text))
    except ValueError as error:
        raise PolicyError(problem="unreadable") from error
    if not checked.validation_passed:
        raise PolicyError(problem="not valid against the schema", policy=str(checked.errors[0].policy_id))
    ids, reasons = _annotations(parsed)
    version = sha256()
    for name in (*names, SCHEMA):
        version.update(f"{name}\0{len(texts[name])}\0{texts[name]}".encode())
    return PolicyBook(policies, schema, ids, reasons, version.hexdigest(), dict(texts))


def _annotations(parsed: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Reason]]:
    names: dict[str, str] = {}
    reasons: dict[str, Reason] = {}
    if parsed["templates"] or parsed["templateLinks"]:
        raise PolicyError(problem="templates")
    for cedar_id, policy in parsed["staticPolicies"].items():
        held = policy.get("annotations", {})
        name = held.get("id")
        if not name or name in names.values():
            raise PolicyError(problem="no id, or an id used twice", policy=cedar_id)
        names[cedar_id] = name
        if policy["effect"] == "forbid":
            if held.get("reason") not in set(Reason):
                raise PolicyError(problem="unknown reason", policy=name)
            reasons[name] = Reason(held["reason"])
    if len(reasons) == len(names):
        raise PolicyError(problem="no policy permits anything")
    return names, reasons
