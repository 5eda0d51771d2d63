"""The demo's people, firms and departments, put in once by the ordinary services (`world.json`; all synthetic)."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from api import seals
from api.client import ClientKey
from api.demo import oidc
from api.keys import private_pem
from authz import policy, policyregister
from authz.errors import UnknownPartyError
from authz.model import HolderKind, Identifier, PartyKind, Role
from certs.store import issuers
from ledger.registers import Draft
from ledger.steps import execute

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from api.node import Node

WORLD: Final[dict[str, Any]] = json.loads(files("api.demo").joinpath("world.json").read_text("utf-8"))
OPERATIONS: Final = "11310199XX00000C94"
"""Code of the organisation that runs the demo's node."""
_ROLES: Final = {
    "window": "窗口", "reviewer": "审核", "registrar": "登记", "auditor": "审计", "security_officer": "安全管理",
    "administrator": "系统管理",
}  # fmt: skip


def people() -> list[dict[str, str]]:
    """Demo people as the login page shows them."""
    return [{"sub": person["sub"], "name": person["name"]} for person in WORLD["people"]]


def staff() -> list[dict[str, str]]:
    """Demo members of staff, as the login page shows them, by organisation and handle, and which page is theirs."""
    return [
        {
            "sub": staff_subject(each["handle"]),
            "name": f"{department['name']} · {each['handle']} · {_roles(each)}",
            "page": "/auditor/" if "auditor" in each["roles"] else "/console/",
        }
        for department in WORLD["departments"]
        for each in department["operators"]
    ]


def staff_subject(handle: str) -> str:
    """The subject with which a member of staff logs in; handles are told apart across the demo's departments."""
    return f"demo-staff-{handle}"


def _roles(operator: dict[str, Any]) -> str:
    return "、".join(_ROLES[each] for each in operator["roles"])


def populate(node: Node, clients: Path) -> None:
    """Put in what is missing of the demo world, and write a client file for each department.

    Args:
        node: in demo mode.
        clients: folder for the files; each keeps its key from one start to the next.
    """
    departments = WORLD["departments"]
    files = {each["client_id"]: _client_file(node, clients, each["client_id"]) for each in departments}
    with node.database.unit() as db:
        try:
            node.parties.party_of(db, departments[0]["code"])
        except UnknownPartyError:
            _populate(node, db, files)
        for person in WORLD["people"]:  # the provider is named by the node's address, which may be another this time
            holder_id = node.holders.resolve(db, Identifier("111", person["code"]))
            login = Identifier.oidc(oidc.issuer(node.settings.base_url), person["sub"])
            if holder_id is not None:
                node.holders.link(db, holder_id, login)
        _staff_logins(node, db)
    _seals(node)


def _populate(node: Node, db: Connection, files: dict[str, ClientKey]) -> None:
    """Everything in one unit: the demo world is there as a whole or not at all."""
    for department in WORLD["departments"]:
        party_id = node.parties.register_party(
            db,
            kind=PartyKind.government,
            name=department["name"],
            org_code=department["code"],
            division=department["division"],
        )
        client_id = department["client_id"]
        node.parties.register_client(db, client_id, party_id, [files[client_id].public_jwk], department["scopes"])
        for operator in department["operators"]:
            roles = [Role(role) for role in operator["roles"]]
            node.parties.register_operator(db, party_id, operator["handle"], roles)
        execute(db, issuers.add(party_id, department.get("issues", []), node.clock.now()))
    people = {}
    for person in WORLD["people"]:
        identifier = Identifier("111", person["code"])
        people[person["sub"]] = node.holders.register(db, HolderKind.person, person["name"], [identifier])
    _publish_policies(node, db)
    registrar = WORLD["departments"][0]
    for firm in WORLD["firms"]:
        organisation = node.holders.register(
            db, HolderKind.organisation, firm["name"], [Identifier("001", firm["code"])]
        )
        node.representations.record(
            db,
            organisation=organisation,
            person=people[firm["legal_representative"]],
            kind="legal_representative",
            valid_from=node.clock.now(),
            valid_to=None,
            source=node.parties.party_of(db, registrar["code"]).id,
            operator=registrar["operators"][1]["handle"],
        )


def _staff_logins(node: Node, db: Connection) -> None:
    """With which logins staff come to the console, at the provider's present address."""
    issuer = oidc.issuer(node.settings.base_url)
    for department in WORLD["departments"]:
        party_id = node.parties.party_of(db, department["code"]).id
        for each in department["operators"]:
            node.staff.register(db, party_id, each["handle"], issuer, staff_subject(each["handle"]))


def _seals(node: Node) -> None:
    """Seal keys for who issues licences, for the library, and for firms that seal contracts: made once, in no unit."""
    for department in WORLD["departments"]:
        if "issues" in department or department["code"] == node.settings.library_code:
            seals.ensure(node, department["code"], department["name"])
    for firm in WORLD["firms"]:
        if firm.get("seals"):
            seals.ensure(node, firm["code"], firm["name"])


def _publish_policies(node: Node, db: Connection) -> None:
    """The program's own policies as version 1: what decides is on the log from the first decision on."""
    entries = policyregister.entries_of(policy.read(policy.FOLDER))
    node.policies.publish(db, Draft(policyregister.KIND, 1, OPERATIONS, node.clock.now(), entries))


def _client_file(node: Node, folder: Path, client_id: str) -> ClientKey:
    """The key of a department's client, made once; its file names the node's present address."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{client_id}.json"
    if path.exists():
        pem = str(json.loads(path.read_text())["key"])
    else:
        pem = private_pem(ec.generate_private_key(ec.SECP256R1()))
    held = {"base_url": node.settings.base_url, "client_id": client_id, "key": pem}
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(held, file, indent=1)
    fresh.rename(path)
    return ClientKey(pem)
