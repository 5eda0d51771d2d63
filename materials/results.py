"""Results of cases: what a decision names must be what the item gives, stand, and be about somebody of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from materials import store
from materials.licence_uses import ACTIVE, standing
from materials.validity import status_at

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from certs.store.licences import LicenceStore
    from ledger.steps import Steps
    from materials.model import MaterialType


def is_result(
    licences: LicenceStore,
    kind: MaterialType,
    about: Collection[str],
    result_id: str,
    now: datetime,
    since: datetime | None = None,
) -> Steps[bool]:
    """Whether a licence or material can stand as a result.

    Args:
        kind: what the item gives.
        about: holders the case is about; a newborn is one only where the case names the child.
        since: what is older was there before the case, and is no result of it.
    """
    licence = yield from licences.get(result_id)
    if licence is not None:
        return (
            licence.type_code == kind.licence_type
            and standing(licence, now) == ACTIVE
            and not set(about).isdisjoint(licence.holder_ids)
            and (since is None or licence.issued_at >= since)
        )
    material = yield from store.material(result_id)
    return (
        material is not None
        and material.type_code == kind.code
        and status_at(material, kind, now).value == ACTIVE
        and material.holder_id in about
        and (since is None or material.deposited_at >= since)
    )
