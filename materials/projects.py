"""Projects: who works on one thing together, and may rely on what the others handed in for it (DESIGN 8).

A project is a row with a code, a lead and members with roles. The department that opens it names its first members;
whoever joins later is there by the lead's signature, which is kept. What a member handed in reaches another member's
case by the lead's grant, or by the depositor's `share_in_project` (`authz.decider.eligible_grantors`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from authz.model import Act
from authz.vault import digest_of
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record, canonical
from ledger.steps import run
from materials import projectrows, store
from materials.errors import RoleInvalidError, UnknownProjectError
from materials.model import PROJECT_ROLES, Project

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from authz.model import Caller
    from authz.signatures import HolderSignatures
    from materials.desk import Desk
    from materials.model import Member


class Projects:
    """Projects and their members.

    Args:
        signatures: checks the lead's.
        desk: who acts, the log, the time.
    """

    def __init__(self, signatures: HolderSignatures, desk: Desk) -> None:
        self._signatures = signatures
        self._desk = desk

    def create(
        self,
        db: Connection,
        caller: Caller,
        *,
        code: str,
        name: str,
        lead: str,
        members: Mapping[str, str],
        operator: str,
    ) -> Project:
        """Create a project.

        Args:
            lead: holder who leads it; a member too.
            members: other holders, and as what.

        Raises:
            ProjectExistsError: the code is taken.
            RoleInvalidError: a role that projects do not know.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
        """
        self._desk.counter.let(db, caller, operator, Act.open_case)
        _check_roles(*members.values())
        at = self._desk.clock.now()
        project = Project(new_id(), code, name, lead, caller.party_id)
        projectrows.insert_project(db, project, members, at)
        roles = {**members, lead: "lead"}
        everybody = [
            {"holder": self._desk.holders.pairwise(holder, caller.party_id), "role": roles[holder]}
            for holder in sorted(roles)
        ]
        parties = {"requester": caller.org_code, "operator": operator, "project": project.id, "members": everybody}
        self._desk.evidence.append(db, Record({"type": "project.created", "time": rfc3339(at)}, parties))
        return project

    def terms(self, caller: Caller, project: Project, holder_id: str, role: str) -> tuple[bytes, str]:
        """What the lead signs to let somebody join: the canonical words, and their digest.

        Raises:
            RoleInvalidError: a role that projects do not know.
        """
        _check_roles(role)
        member = self._desk.holders.pairwise(holder_id, caller.party_id)
        document = canonical(
            {"action": "join-project", "member": member, "project": project.code, "role": role, "v": 1}
        )
        return document, digest_of(document)

    def join(
        self, db: Connection, caller: Caller, code: str, holder_id: str, role: str, operator: str, signature: str
    ) -> Project:
        """Let somebody join, by the lead's signature over `terms`.

        Raises:
            UnknownProjectError: no such project of the caller's.
            AlreadyMemberError, RoleInvalidError: as they say.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
        """
        self._desk.counter.let(db, caller, operator, Act.open_case)
        project = self.get(db, caller, code)
        terms, digest = self.terms(caller, project, holder_id, role)
        signer = self._signatures.check(db, signature, digest, project.lead_holder_id)
        at = self._desk.clock.now()
        name = self._desk.holders.pairwise
        parties = {
            "requester": caller.org_code,
            "operator": operator,
            "project": project.id,
            "terms": digest,
            "role": role,
            "member": name(holder_id, caller.party_id),
            "holder": name(project.lead_holder_id, caller.party_id),
            "signer": name(signer.holder_id, caller.party_id),
            **signer.told(),
        }
        record = Record({"type": "project.joined", "time": rfc3339(at)}, parties)
        entry_id = self._desk.evidence.append(db, record).entry_id
        kept = json.dumps({"terms": terms.decode(), "signature": signer.kept})
        proof = self._desk.vault.shut(kept, f"project/{project.id}/{holder_id}".encode())
        values = {"project_id": project.id, "holder_id": holder_id, "role": role, "joined_at": at}
        projectrows.join(db, values | {"proof": proof, "entry_id": entry_id})
        return project

    def get(self, db: Connection, caller: Caller, code: str) -> Project:
        """A project of the caller's organisation.

        Raises:
            UnknownProjectError: there is none; another organisation's looks the same.
        """
        project = run(db, store.project_by_code(code))
        if project is None or project.party_id != caller.party_id:
            raise UnknownProjectError
        return project

    @staticmethod
    def members(db: Connection, project: Project) -> list[Member]:
        """Who belongs to a project, the lead first."""
        return projectrows.members(db, project.id)


def _check_roles(*roles: str) -> None:
    if strange := sorted(set(roles) - PROJECT_ROLES):
        raise RoleInvalidError(role=strange[0])
