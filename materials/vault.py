"""Looking into the vault: within a scope, never across it.

Scopes: an open case of the caller's organisation (what its item demands, of its applicant or shared in its project),
or what the organisation itself deposited. Before a holder has consented, a case never lists anything of level 3 or
more: whether such a thing exists is already an answer (DESIGN 7).
"""

from __future__ import annotations

import base64
import binascii
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authz.model import Presence
from authz.reasons import DISCLOSED_LEVEL
from ledger.steps import run
from materials import store
from materials.errors import CursorInvalidError, PresenceRequiredError, UnknownMaterialError
from materials.store import Wanted

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from authz.grants import Grants
    from authz.model import Caller
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.model import Case, Material


@dataclass(frozen=True, slots=True)
class Page:
    """One page of materials, newest first, and the cursor of the next."""

    materials: tuple[Material, ...]
    next_cursor: str | None


class Vault:
    """Reads materials for those who may know of them."""

    def __init__(self, catalogue: Catalogue, cases: Cases, grants: Grants) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._grants = grants

    def deposited(
        self,
        db: Connection,
        caller: Caller,
        *,
        holder_id: str | None = None,
        type_code: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page:
        """What the caller's organisation deposited.

        Raises:
            CursorInvalidError: the cursor is not one of ours.
        """
        after = _after(cursor)
        found = store.deposited_by(
            db, caller.party_id, holder_id=holder_id, type_code=type_code, after=after, limit=limit + 1
        )
        return _page(found, limit)

    def in_case(
        self,
        db: Connection,
        caller: Caller,
        case_no: str,
        *,
        type_code: str | None = None,
        shared: bool = False,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page:
        """What is there for a case of the caller's organisation.

        Args:
            type_code: one type only.
            shared: what the case's project shares, instead of the applicant's own.
            cursor: from the page before.
            limit: materials in a page.

        Raises:
            UnknownCaseError, CaseClosedError: no such open case of the caller's organisation.
            PresenceRequiredError: the applicant is not there; only the item's generic list may be shown.
            CursorInvalidError: the cursor is not one of ours.
        """
        case = self._cases.open_one(db, caller, case_no)
        if case.presence == Presence.none:
            raise PresenceRequiredError
        asked = {type_code} if type_code else self._catalogue.types.keys()
        wanted = self._tellable(db, case, asked)
        after = _after(cursor)
        if shared:
            found = (
                store.of_project(db, case.project_id, wanted, after=after, limit=limit + 1) if case.project_id else []
            )
        else:
            found = store.of_holder(db, case.applicant_holder_id, wanted, after=after, limit=limit + 1)
        return _page(found, limit)

    def get(self, db: Connection, caller: Caller, material_id: str, case_no: str | None = None) -> Material:
        """One material: one's own deposit, or what an open case lets one know.

        Raises:
            UnknownMaterialError: there is none, or the caller may not know; the two look the same.
        """
        found = run(db, store.material(material_id))
        if found is None:
            raise UnknownMaterialError
        if found.party_id == caller.party_id:
            return found
        if case_no is None:
            raise UnknownMaterialError
        case = self._cases.open_one(db, caller, case_no)
        applicants = found.holder_id == case.applicant_holder_id
        shared = found.share_in_project and case.project_id is not None and found.project_id == case.project_id
        if case.presence == Presence.none or not (applicants or shared):
            raise UnknownMaterialError
        wanted = self._tellable(db, case, {found.type_code})
        if found.type_code not in wanted.types and not (found.id in wanted.named and found.type_code in wanted.within):
            raise UnknownMaterialError
        return found

    def _tellable(self, db: Connection, case: Case, asked: Collection[str]) -> Wanted:
        """What the case's item demands and may be told: before consent up to a level, after it what it names."""
        demanded = self._catalogue.of(case).types & set(asked)
        open_ = {code for code in demanded if self._catalogue.type(code).level <= DISCLOSED_LEVEL}
        if open_ == demanded:
            return Wanted(open_)
        types, things = self._grants.consented(
            db, case.party_id, case.applicant_holder_id, case.item_code, case.case_no
        )
        return Wanted(open_ | (demanded & types), things, demanded)


def _page(found: list[Material], limit: int) -> Page:
    more = len(found) > limit
    shown = found[:limit]
    cursor = base64.urlsafe_b64encode(uuid.UUID(shown[-1].id).bytes).rstrip(b"=").decode() if more else None
    return Page(tuple(shown), cursor)


def _after(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    try:
        return str(uuid.UUID(bytes=base64.urlsafe_b64decode(cursor + "==")))
    except (ValueError, binascii.Error) as error:
        raise CursorInvalidError from error
