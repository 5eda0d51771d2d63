"""What an emergency covers: the applicant's things of the approved types, for who may then use them.

Nobody is there who could be searched for, and `none` shows nothing personal (DESIGN 7); two people's word stands in for
presence, and for the minutes it holds the department learns what there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.steps import run
from materials import store
from materials.store import Wanted

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.model import Emergency
    from certs.catalogue import LicenceCatalogue
    from certs.store.licences import LicenceStore

_LISTED: Final = 200


class UrgentThings:
    """Lists what an emergency covers.

    Args:
        licence_types, licences: e-licences that stand for the types.
    """

    def __init__(self, licence_types: LicenceCatalogue, licences: LicenceStore) -> None:
        self._licence_types = licence_types
        self._licences = licences

    def of(self, db: Connection, emergency: Emergency) -> list[dict[str, Any]]:
        """The newest 200 materials and 200 licences, by id and type; no values.

        Args:
            emergency: one that stands; the caller has looked.
        """
        holder, types = emergency.holder_id, emergency.types
        found: list[dict[str, Any]] = [
            {"object_id": each.id, "kind": "material", "type_code": each.type_code}
            for each in store.of_holder(db, holder, Wanted(types), after=None, limit=_LISTED)
        ]
        codes = {each.code: each.material_type for each in self._licence_types.types.values()}
        wanted = [code for code, material_type in codes.items() if material_type in types]
        licences = run(db, self._licences.of_holder(holder, wanted, limit=_LISTED)) if wanted else []
        return found + [
            {"object_id": each.id, "kind": "licence", "type_code": codes[each.type_code]} for each in licences
        ]
