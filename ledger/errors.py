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


class ProofError(LedgerError):
    """An inclusion or consistency proof does not lead to the root it is checked against."""

    code = "proof-invalid"


class NoteError(LedgerError):
    """A signed note or checkpoint is malformed, or carries no good signature of a key we trust."""

    code = "note-invalid"


class PromiseInvalidError(LedgerError):
    """A promise is malformed or not signed by the log's key."""

    code = "promise-invalid"


class LogMissingError(LedgerError):
    """The database holds no log. It is never created on the way: an empty database may be a lost one."""

    code = "log-missing"


class LogExistsError(LedgerError):
    """The database already holds a log."""

    code = "log-exists"


class LogMismatchError(LedgerError):
    """The database's log has another origin or key than the settings."""

    code = "log-mismatch"


class LogDivergedError(LedgerError):
    """Tiles, head and checkpoints of the log contradict each other; nothing is signed until a person has looked."""

    code = "log-diverged"


class RollbackDetectedError(LedgerError):
    """The log is shorter than a head that was already published or anchored: an old backup was restored."""

    code = "log-rollback-detected"


class EntryNotFoundError(LedgerError):
    """No such entry, or none at that index yet."""

    code = "entry-not-found"


class TileNotFoundError(LedgerError):
    """No such tile, or it is not that wide yet."""

    code = "tile-not-found"


class RecordErasedError(LedgerError):
    """The record's salts were destroyed; its entry stays in the log and says nothing."""

    code = "record-erased"


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


class LogProofError(VerificationError):
    """The entry is not shown to be in the log of the checkpoint."""

    code = "bundle-log-proof"


class UntrustedLogError(VerificationError):
    """The checkpoint or promise is not signed by a log of the trust file, or lacks its witnesses."""

    code = "bundle-untrusted-log"


class AnchorMismatchError(VerificationError):
    """The chain section does not prove the checkpoint on the trusted chain and contract."""

    code = "bundle-anchor-mismatch"


class ChainError(LedgerError):
    """Root of everything that can go wrong between us and the chain."""

    code = "chain-error"


class ChainUnavailableError(ChainError):
    """The chain node does not answer, or answers nonsense; try again later."""

    code = "chain-unavailable"


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
