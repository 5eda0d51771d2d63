"""Errors of the evidence layer. Each carries a stable kebab-case `code`; `api/problems.py` maps it to HTTP."""

from __future__ import annotations

from typing import ClassVar


class LedgerError(Exception):
    """Root of everything `ledger` raises on bad data or failing parts.

    Keyword arguments become typed fields and the message; they never hold personal data (DESIGN 5).
    """

    code: ClassVar[str] = "ledger-error"

    def __init__(self, **fields: str | int) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in fields.items()) or self.code)
        self.fields = fields


class StorageFullError(LedgerError):
    """A disk has no room left; nothing was acknowledged."""

    code = "storage-full"


class NotCanonicalError(LedgerError):
    """A value outside the subset in which sorted compact JSON equals RFC 8785; `reason` names the rule."""

    code = "not-canonical"


class CommitmentError(LedgerError):
    """An opening does not open the leaf it came with."""

    code = "commitment-mismatch"


class ClearLeafError(LedgerError):
    """A leaf in clear is malformed, too long or of an unknown type; `reason` says which."""

    code = "clear-leaf-invalid"


class ProofError(LedgerError):
    """An inclusion or consistency proof does not lead to the root it is checked against."""

    code = "proof-invalid"


class NoteError(LedgerError):
    """A signed note or checkpoint is malformed, or carries no good signature of a key we trust."""

    code = "note-invalid"


class PromiseInvalidError(LedgerError):
    """A promise is malformed or not signed by the log's key."""

    code = "promise-invalid"


class EquivocationFormatError(LedgerError):
    """A file is no evidence of equivocation, or of an unknown version."""

    code = "equivocation-format"


class WitnessError(LedgerError):
    """A witness does not answer, refuses, or answers nonsense; `reason` says which. Never stops the log."""

    code = "witness-failed"


class LogMissingError(LedgerError):
    """The database holds no log. It is never created on the way: an empty database may be a lost one."""

    code = "log-missing"


class LogExistsError(LedgerError):
    """The database already holds a log."""

    code = "log-exists"


class LogMismatchError(LedgerError):
    """The database's log has another origin or key than the settings."""

    code = "log-mismatch"


class LogFrozenError(LedgerError):
    """The log is frozen and its successor is not open yet; nothing is recorded until then."""

    code = "log-frozen"


class LogNotFrozenError(LedgerError):
    """A successor was asked for while the log is open, or its last checkpoint is not signed and anchored yet."""

    code = "log-not-frozen"


class ShardNotFoundError(LedgerError):
    """No frozen log has this number."""

    code = "shard-not-found"


class LogBusyError(LedgerError):
    """Another process leads the log and does not end its unit."""

    code = "log-busy"


class LogDivergedError(LedgerError):
    """Tiles, head and checkpoints of the log contradict each other; nothing is signed until a person has looked."""

    code = "log-diverged"


class RollbackDetectedError(LedgerError):
    """The log is shorter than a head that was already published or anchored: an old backup was restored."""

    code = "log-rollback-detected"


class FsckStateError(LedgerError):
    """The file an fsck was to go on from is none, or not of this log."""

    code = "fsck-state-invalid"


class EntryNotFoundError(LedgerError):
    """No such entry, or none at that index yet."""

    code = "entry-not-found"


class InvalidKeptDocumentError(LedgerError):
    """A digest to be anchored, its reference or another member has no valid form; `member` says which."""

    code = "evidence-invalid"


class EntryNotPublishedError(LedgerError):
    """No published checkpoint covers the entry yet; ask again in a moment."""

    code = "entry-not-published"


class TileNotFoundError(LedgerError):
    """No such tile, or it is not that wide yet."""

    code = "tile-not-found"


class RecordErasedError(LedgerError):
    """The record's salts were destroyed; its entry stays in the log and says nothing."""

    code = "record-erased"


class ErasureRefusedError(LedgerError):
    """An erasure without reason, approved by who proposed it, unknown, or done before; `reason` says which."""

    code = "erasure-refused"


class TrustFileError(LedgerError):
    """A trust file is malformed, of an unknown version, or too weak to trust anything."""

    code = "trust-file-invalid"


class VerificationError(LedgerError):
    """A bundle failed a step of `ledger.verify`'s plan; `step` and `name` say which."""

    code = "verification-failed"

    def __init__(self, step: int, name: str, reason: str) -> None:
        super().__init__(step=step, name=name, reason=reason)
        self.step = step
        self.name = name
        self.reason = reason


class BundleFormatError(VerificationError):
    """The bundle is malformed or of a format, version, kind or section this program does not know."""

    code = "bundle-format"


class BundleTooLargeError(BundleFormatError):
    """The bundle is larger than any honest one."""

    code = "bundle-too-large"


class LeafMismatchError(VerificationError):
    """The opened record is not what the leaf commits to, or not what the kind of bundle demands."""

    code = "bundle-leaf-mismatch"


class DocumentMismatchError(VerificationError):
    """The document is not the one the record names."""

    code = "bundle-document-mismatch"


class OriginalGivenError(DocumentMismatchError):
    """The document is the untouched original of the copy, data or answer that was released."""

    code = "bundle-original-given"


class LogProofError(VerificationError):
    """The entry is not shown to be in the log of the checkpoint, or that checkpoint not in the log above."""

    code = "bundle-log-proof"


class UntrustedLogError(VerificationError):
    """The checkpoint or promise is not signed by a log of the trust file, or lacks its witnesses."""

    code = "bundle-untrusted-log"


class AnchorMismatchError(VerificationError):
    """The chain section does not prove the checkpoint on the trusted chain and contract."""

    code = "bundle-anchor-mismatch"


class ConsentError(LedgerError):
    """A part of a consent (a signature, an enrolment, terms) is not what it must be."""

    code = "consent-unsound"


class ConsentMismatchError(VerificationError):
    """The consent behind a record is not signed, enrolled, delegated or kept to as the record says."""

    code = "bundle-consent-mismatch"


class ChainError(LedgerError):
    """Root of everything that can go wrong between us and the chain."""

    code = "chain-error"


class ChainUnavailableError(ChainError):
    """The chain node does not answer, or answers nonsense; try again later."""

    code = "chain-unavailable"


class ChainBehindError(ChainUnavailableError):
    """The node knows fewer blocks of a final chain than we saw before: it is catching up; try again later."""

    code = "chain-behind"


class ChainContradictionError(ChainError):
    """The node's answers contradict each other: it errs or lies, and nothing it said is kept. `reason` says which."""

    code = "chain-contradiction"


class ChainRefusedError(ChainError):
    """The chain node or a contract refused a call; `reason` names the contract's error where there is one."""

    code = "chain-refused"


class ContractMissingError(ChainError):
    """There is no code, or other code than ours, at a contract's address: another chain, or one that was reset."""

    code = "contract-missing"


class LogNotRegisteredError(ChainError):
    """The log is not in the registry, so nothing can be anchored for it."""

    code = "log-not-registered"


class LogConflictError(ChainError):
    """The log is registered with another operator or another key."""

    code = "log-conflict"


class AnchorConflictError(ChainError):
    """The chain holds a root that our log does not extend: a restored older database, or two logs of one name."""

    code = "anchor-conflict"


class ChainProofError(ChainError):
    """The chain part of an evidence bundle does not prove its anchor; `step` is that of `ledger.chainproof`."""

    code = "chain-proof-invalid"


class ObjectStoreUnavailableError(LedgerError):
    """S3 does not answer, answers nonsense or refuses us; nothing was acknowledged. `reason` is S3's code or ours."""

    code = "object-store-unavailable"


class ObjectDamagedError(LedgerError):
    """What S3 holds or answered is not what we stored; no byte of it was given on."""

    code = "object-damaged"


class ObjectMissingError(LedgerError):
    """The database knows the object, S3 does not: an alarm, never an ordinary 404 (RELIABILITY O3)."""

    code = "object-missing"


class ObjectNotFoundError(LedgerError):
    """No such object."""

    code = "object-not-found"


class ObjectErasedError(LedgerError):
    """The object's key was destroyed; its content is gone for good."""

    code = "object-erased"


class SecretUnreadableError(LedgerError):
    """A wrapped key cannot be unwrapped: wrong key-encryption key, unknown version, or damaged. `reason` says which."""

    code = "secret-unreadable"


class RegisterConflictError(ChainError):
    """The chain holds another hash or owner for a published version of a register; needs a person."""

    code = "register-conflict"


class RegisterError(LedgerError):
    """Root of what is wrong with a version of a register that somebody wants to publish or see."""

    code = "register-error"


class UnknownRegisterError(RegisterError):
    """There is no register of that kind."""

    code = "register-unknown"


class UnknownRegisterVersionError(RegisterError):
    """The register has no such version, or none yet."""

    code = "register-version-unknown"


class RegisterVersionError(RegisterError):
    """The version is not the next one; `expected` is."""

    code = "register-version-gap"


class RegisterUnchangedError(RegisterError):
    """Entries and owner are those of the version before."""

    code = "register-unchanged"


class RegisterInvalidError(RegisterError):
    """Entries are not what the kind demands; `count`, and the first of them in `problems` and `problems_zh`."""

    code = "register-invalid"


class RegisterTimeError(RegisterError):
    """The version was adopted in the future, or before the version it follows."""

    code = "register-time"


class RegisterProofError(RegisterError):
    """A published version does not verify; `step` of `ledger.registerproof` and `reason` say why."""

    code = "register-proof-invalid"


class DistrictError(LedgerError):
    """Root of what is wrong between a district's log and this one."""

    code = "district-error"


class UnknownDistrictError(DistrictError):
    """No district with that division code, or the checkpoint is of another log than the district's."""

    code = "district-unknown"


class DistrictExistsError(DistrictError):
    """The division, or the log, is a district with other properties already."""

    code = "district-exists"


class DistrictSuspendedError(DistrictError):
    """The district is suspended; its checkpoints are not taken."""

    code = "district-suspended"


class NodeCardError(DistrictError):
    """A node card is malformed, or its parts do not belong together; `reason` says which."""

    code = "node-card-invalid"


class CheckpointRequestError(DistrictError):
    """The request is not `old <size>`, proof lines, an empty line and a checkpoint (tlog-witness)."""

    code = "checkpoint-malformed"


class CheckpointUnsignedError(DistrictError):
    """The checkpoint bears no good signature of the district's log key."""

    code = "checkpoint-unsigned"


class CheckpointSizeError(DistrictError):
    """The proof starts from another size than the newest accepted one; `size` is that."""

    code = "checkpoint-old-size"


class CheckpointRollbackError(DistrictError):
    """The checkpoint is smaller than the newest accepted one, whose `size` is given."""

    code = "checkpoint-rollback"


class CheckpointForkError(DistrictError):
    """The district signed another root for a size already accepted; kept as evidence."""

    code = "checkpoint-fork"


class CheckpointInconsistentError(DistrictError):
    """The proof does not show that the checkpoint only adds to the newest accepted one; kept as evidence."""

    code = "checkpoint-inconsistent"


class CheckpointTooSoonError(DistrictError):
    """The newest accepted checkpoint of this district is younger than the least interval; `seconds` to wait."""

    code = "checkpoint-too-soon"


class SuperiorError(LedgerError):
    """Root of what goes wrong between a district and its superior, on the district's side."""

    code = "superior-error"


class SuperiorUnavailableError(SuperiorError):
    """The superior does not answer, or answers nonsense; the next round tries again."""

    code = "superior-unavailable"


class SuperiorRefusedError(SuperiorError):
    """The superior refused our checkpoint; `reason` is its code."""

    code = "superior-refused"


class SuperiorProofError(SuperiorError):
    """What the superior answered does not prove that it holds our checkpoint; nothing of it was kept."""

    code = "superior-proof-invalid"
