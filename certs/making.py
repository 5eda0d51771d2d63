"""Making what a planned licence consists of: sealed PDF and OFD, credential, both files in the object store.

Runs outside any unit of work: it renders, may ask a hardware module, and stores. Nothing is recorded yet.
"""

from __future__ import annotations

import io
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from certs.credentials import sdjwt
from certs.drafts import Prepared
from certs.signing.model import Algorithm
from ledger import failpoints

if TYPE_CHECKING:
    from certs.credentials.publishing import StatusLists
    from certs.drafts import Plan
    from certs.files.maker import LicenceFiles
    from certs.signing.model import SealKeys
    from ledger.objects import ObjectStore

KEPT_YEARS: Final = 30
"""Lock of the files of a licence: the longer of the two dated retention periods (DOMAIN 0.4)."""


class Making:
    """Makes and stores files and credential.

    Args:
        files: makes the files.
        keys: seal keys of the issuers.
        lists: give the addresses of status lists.
        objects: stores the files.
        base_url: of the node, as credentials name it.
    """

    def __init__(
        self, files: LicenceFiles, keys: SealKeys, lists: StatusLists, objects: ObjectStore, base_url: str
    ) -> None:
        self._files = files
        self._keys = keys
        self._lists = lists
        self._objects = objects
        self._base_url = base_url

    def make(self, plan: Plan) -> Prepared:
        """Make everything, then store it.

        Raises:
            NoSealKeyError: the issuer has no key for one of the seals.
            StorageFullError, ObjectStoreUnavailableError: the files cannot be stored.
        """
        made = self._files.make(plan.sheet, plan.at)
        signer = self._keys.seal(plan.sheet.issuer_code, Algorithm.ES256, plan.at)
        list_id, index = plan.status_list
        credential = sdjwt.issue(
            plan.sheet,
            signer,
            base_url=self._base_url,
            holder_key=plan.draft.holder_key,
            status=(self._lists.uri(list_id), index),
            now=plan.at,
        )
        until = plan.at + timedelta(days=365.25 * KEPT_YEARS)
        pdf = self._objects.put(io.BytesIO(made.pdf), retain_until=until)
        failpoints.reach("issue.half")
        ofd = self._objects.put(io.BytesIO(made.ofd), retain_until=until)
        return Prepared(pdf, ofd, credential, sha256(credential.encode()).hexdigest())
