"""Loading Cedar policies: reviewed files, validated against the schema, each with an id, each refusal with a reason.

A set that fails any check does not load, so a node never runs on half of its rules (RELIABILITY Z3).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cedarpy

from authz.errors import PolicyError
from authz.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = Path(__file__).parent / "policies"
_SCHEMA: Final = "schema.cedarschema"


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """A loaded set of policies.

    Attributes:
        policies, schema: parsed once; parsing is most of an evaluation's cost (PERFORMANCE).
        names: our id of each policy, by the id Cedar answers with.
        reasons: the reason of each forbidding policy, by our id.
        version: SHA-256 over names and texts of all files, hexadecimal.
    """

    policies: cedarpy.PolicySet
    schema: cedarpy.Schema
    names: Mapping[str, str]
    reasons: Mapping[str, Reason]
    version: str


def load(folder: Path = FOLDER) -> PolicyBook:
    """Load the policies of a folder: `schema.cedarschema` and every `*.cedar`.

    Raises:
        PolicyError: a file is missing or unreadable, there is no policy, they do not parse or do not fit the schema, or
            a policy lacks its id or a known reason.
    """
    try:
        texts = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.cedar"))}
        schema_text = (folder / _SCHEMA).read_text("utf-8")
        policy_text = "\n".join(texts.values())
        schema = cedarpy.Schema.from_str(schema_text)
        policies = cedarpy.PolicySet.from_str(policy_text)
        checked = cedarpy.validate_policies(policy_text, schema)
        parsed = json.loads(cedarpy.policies_to_json_str(policy_text))
    except (OSError, ValueError) as error:
        raise PolicyError(problem="unreadable") from error
    if not checked.validation_passed:
        raise PolicyError(problem="not valid against the schema", policy=str(checked.errors[0].policy_id))
    names, reasons = _annotations(parsed)
    version = sha256()
    for name, text in (*texts.items(), (_SCHEMA, schema_text)):
        version.update(f"{name}\0{len(text)}\0{text}".encode())
    return PolicyBook(policies, schema, names, reasons, version.hexdigest())


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
