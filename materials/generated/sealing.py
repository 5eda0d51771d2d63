"""Organisations' seals on a generated document: one place after another, each with its organisation's own signature.

A seal is set by the node with the organisation's key, so it is set only on a signature of the organisation itself (who
represents it) over document, place and organisation. Every seal is a new version of the document: what is signed is the
version that is there, and a version that was replaced takes none. The last seal closes the document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from authz.model import Act
from authz.terms import ACT_VERSION
from authz.vault import digest_of
from ledger.record import canonical
from ledger.steps import run
from materials import store
from materials.errors import MaterialNotActiveError
from materials.generated.errors import SealPlaceError, UnknownDocumentError
from materials.model import DepositMeta, MaterialStatus

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.model import Caller
    from authz.signatures import HolderSignatures
    from ledger.objects import StoredObject
    from materials.cases import Cases
    from materials.deposits import CheckedDeposit, Deposits
    from materials.desk import Desk
    from materials.generated.model import SealPlace, Template
    from materials.generated.rows import Generated
    from materials.generated.service import Documents
    from materials.model import Case, Material

APPLICANT: Final = "applicant"


@dataclass(frozen=True, slots=True)
class Sealing:
    """A seal about to be set.

    Attributes:
        index: of the place, from the right.
        holder_id, org_code: whose seal.
        terms: what its representative signs, canonical bytes.
        final: no other seal follows.
    """

    document: Generated
    material: Material
    template: Template
    place: SealPlace
    index: int
    holder_id: str
    org_code: str
    terms: bytes
    final: bool

    @property
    def digest(self) -> str:
        """What is signed."""
        return digest_of(self.terms)


@dataclass(frozen=True, slots=True)
class Signed:
    """A seal that its organisation has signed for.

    Attributes:
        signer_id: the person.
        signature: as it is kept.
    """

    sealing: Sealing
    checked: CheckedDeposit
    signer_id: str
    signature: str


class DocumentSeals:
    """Lets organisations seal documents.

    Args:
        documents: reads and writes them.
        cases: who the places' organisations are.
        deposits: makes a version.
        signatures: who signed.
        desk: who acts, the log, the time.
    """

    def __init__(
        self, documents: Documents, cases: Cases, deposits: Deposits, signatures: HolderSignatures, desk: Desk
    ) -> None:
        self._documents = documents
        self._cases = cases
        self._deposits = deposits
        self._signatures = signatures
        self._desk = desk

    def plan(self, db: Connection, caller: Caller, material_id: str, place: str) -> Sealing:
        """What a seal would be.

        Raises:
            UnknownDocumentError: none that the caller's organisation made.
            MaterialNotActiveError: the version was replaced; `current` names the one to seal.
            SealPlaceError: no such place, sealed already, or nobody to seal it; `problem` says which.
        """
        held = self._documents.get(db, caller, material_id)
        material = run(db, store.material(material_id))
        if material is None:
            raise UnknownDocumentError
        if material.status is not MaterialStatus.active:
            current = run(db, store.current_version(material.id))
            raise MaterialNotActiveError(status=material.status.value, current=current)
        template = self._documents.templates.get(held.template, held.type_code)
        index = next((number for number, each in enumerate(template.seals) if each.name == place), None)
        if index is None:
            raise SealPlaceError(problem="no such place")
        if place in held.seals:
            raise SealPlaceError(problem="sealed already")
        wanted = template.seals[index]
        holder_id = self._whose(db, self._cases.open_one(db, caller, held.case_no), wanted)
        codes = [each.code for each in self._desk.holders.identifiers(db, holder_id) if each.type == "001"]
        if not codes:
            raise SealPlaceError(problem="not an organisation")
        terms = {
            "v": ACT_VERSION,
            "action": "seal",
            "document": material.id,
            "sha256": material.sha256,
            "template": template.code,
            "place": place,
            "org": codes[0],
            "case": held.case_no,
        }
        final = len(held.seals) + 1 == len(template.seals)
        return Sealing(held, material, template, wanted, index, holder_id, codes[0], canonical(terms), final)

    def sign(
        self, db: Connection, caller: Caller, material_id: str, place: str, signature: str, operator: str
    ) -> Signed:
        """Check that the organisation signed for its seal, and that a version with it may be deposited.

        Raises:
            as `plan`; UnknownOperatorError, NotPermittedError: as they say.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
        """
        self._desk.counter.let(db, caller, operator, Act.deposit)
        sealing = self.plan(db, caller, material_id, place)
        signer = self._signatures.check(db, signature, sealing.digest, sealing.holder_id)
        old = sealing.material
        meta = DepositMeta(
            type_code=old.type_code,
            holder_id=old.holder_id,
            file_name=old.file_name,
            media_type=old.media_type,
            operator=operator,
            channel="system",
            verify_level=old.verify_level,
            origin_case_no=old.origin_case_no,
            supersedes=old.id,
        )
        return Signed(sealing, run(db, self._deposits.check(caller, meta)), signer.holder_id, signer.kept)

    def record(
        self, db: Connection, caller: Caller, signed: Signed, stored: StoredObject
    ) -> tuple[Material, Generated]:
        """Make the sealed file the document's current version.

        Raises:
            SupersedeRefusedError, CaseClosedError: another seal was quicker, or the case was closed meanwhile.
        """
        sealing, held = signed.sealing, signed.sealing.document
        material, _ = run(db, self._deposits.record(caller, signed.checked, stored))
        seals = (*held.seals, sealing.place.name)
        told = {
            "template": held.template,
            "template_version": held.template_version,
            "place": sealing.place.name,
            "sealed_by": sealing.org_code,
            "terms": sealing.digest,
            "signer": self._desk.holders.pairwise(signed.signer_id, caller.party_id),
            "before": held.material_id,
        }
        kept = self._documents.kept(held)
        kept["seals"][sealing.place.name] = {"terms": sealing.terms.decode(), "signature": signed.signature}
        return material, self._documents.write(db, caller, material, told, kept, seals)

    def _whose(self, db: Connection, case: Case, place: SealPlace) -> str:
        if place.whose == APPLICANT:
            return case.applicant_holder_id
        _, people = self._cases.answers(db, case)
        held = people.get(place.whose, [])
        if not held:
            raise SealPlaceError(problem=f"the case names nobody as {place.whose}")
        return held[0]
