"""Asking the other holders too, where a thing is held together and its type takes the consent of each.

What the applicant is asked, every further holder of the same licence is asked in a batch of their own, under a notice
of their own, in the same unit. The department is not told: that there is a wife or a co-owner is nothing it may know
before anybody consented. It learns by `grant-joint`, once the applicant did, that somebody else's consent is missing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ledger.steps import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from authz.askbatches import AskBatch, AskBatches
    from authz.consentnotice import Part, Purpose, Thing
    from authz.grants import Grants
    from authz.model import Caller
    from certs.catalogue import LicenceCatalogue
    from certs.model import Licence
    from certs.store.licences import LicenceStore

_LOOKED_AT: Final = 50
"""Licences of one type among which those held together are looked for."""


class JointAsking:
    """Puts what an applicant is asked to those who hold it with them.

    Args:
        licence_types, licences: what takes joint consent, and who holds it.
        grants, batches: make terms, keep them.
    """

    def __init__(
        self, licence_types: LicenceCatalogue, licences: LicenceStore, grants: Grants, batches: AskBatches
    ) -> None:
        self._licence_types = licence_types
        self._licences = licences
        self._grants = grants
        self._batches = batches

    def ask_others(
        self,
        db: Connection,
        caller: Caller,
        operator: str,
        purpose: Purpose,
        batch: AskBatch,
        parts: Sequence[Part],
    ) -> list[AskBatch]:
        """Ask every further holder; the batches that were made.

        Args:
            batch: what the first holder is asked, by `parts` in the same order.
        """
        asked: dict[str, list[tuple[Part, str]]] = {}
        for part, ask in zip(parts, batch.asks, strict=True):
            for thing in part.things:
                for other in self._others(db, batch.grantor_id, thing):
                    objects, types = ((thing.object_id,), ()) if thing.object_id else ((), (str(thing.type_code),))
                    terms = self._grants.for_another(caller, replace(part.terms, objects=objects, types=types), other)
                    asked.setdefault(other, []).append((replace(part, terms=terms, things=(thing,)), ask.id))
        return [
            self._batches.create(
                db,
                caller,
                other,
                operator,
                purpose,
                [part for part, _ in pairs],
                joint={part.terms.id: first for part, first in pairs},
            )
            for other, pairs in sorted(asked.items())
        ]

    def _others(self, db: Connection, holder_id: str, thing: Thing) -> list[str]:
        """Who holds a thing together with a holder, where its type takes the consent of each."""
        return sorted({each for held in self._meant(db, holder_id, thing) for each in held.holder_ids} - {holder_id})

    def _meant(self, db: Connection, holder_id: str, thing: Thing) -> Iterator[Licence]:
        joint = {each.code: each.material_type for each in self._licence_types.types.values() if each.joint_consent}
        if thing.object_id is not None:
            held = run(db, self._licences.get(thing.object_id))
            if held is not None and held.type_code in joint and holder_id in held.holder_ids:
                yield held
            return
        codes = [code for code, material_type in joint.items() if material_type == thing.type_code]
        if codes:
            yield from run(db, self._licences.of_holder(holder_id, codes, limit=_LOOKED_AT))
