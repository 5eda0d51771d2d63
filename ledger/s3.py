"""The connection to S3 and the translation of its failures; the only user of the `minio` SDK in the running node."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from urllib3.exceptions import HTTPError, TimeoutError as HTTPTimeoutError

from ledger.errors import (
    LedgerError,
    ObjectDamagedError,
    ObjectMissingError,
    ObjectStoreUnavailableError,
    StorageFullError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_ABSENT: Final = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})
"""S3 error codes of a missing object; a GET of a delete marker answers `MethodNotAllowed`."""

_FULL: Final = frozenset({"InsufficientStorage", "InsufficientCapacity", "QuotaExceeded", "XMinioStorageFull"})
"""Error codes by which S3 servers say that they have no room."""

_FULL_WORDS: Final = ("no space left", "no writable volumes", "no free volumes", "insufficient storage", "quota")
"""Words in the message of a general error that mean the same (SeaweedFS, Ceph)."""


@dataclass(frozen=True, slots=True)
class S3Settings:
    """Where the documents lie.

    Attributes:
        endpoint: `host:port`.
        access_key: identity with Read, Write, List and the retention rights; not Admin.
        secret_key: its secret.
        region: region name that requests are signed for.
        bucket: a bucket with Object Lock.
        secure: speak TLS.
        connect_timeout: seconds to get a connection.
        read_timeout: seconds without a byte after which the server counts as hanging.
    """

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str
    bucket: str
    secure: bool = False
    connect_timeout: float = 3.0
    read_timeout: float = 15.0


def connect(settings: S3Settings, threads: int) -> Minio:
    """A client for so many threads. Nothing is sent yet.

    The SDK's own retries are off: it would send a PUT again without knowing whether the first one was stored.
    """
    pool = urllib3.PoolManager(
        num_pools=1,
        maxsize=threads,
        retries=False,
        timeout=urllib3.Timeout(connect=settings.connect_timeout, read=settings.read_timeout),
    )
    return Minio(
        settings.endpoint,
        settings.access_key,
        settings.secret_key,
        secure=settings.secure,
        region=settings.region,
        http_client=pool,
    )


@contextmanager
def failures(act: str) -> Iterator[None]:
    """Turn what the SDK and its HTTP client raise into our errors.

    Args:
        act: what is being done, for the error's field.

    Raises:
        StorageFullError: the store has no room.
        ObjectMissingError: the store has no such object or version.
        ObjectDamagedError: the object is shorter than the range we asked for.
        ObjectStoreUnavailableError: anything else.
    """
    try:
        yield
    except S3Error as error:
        raise _translated(act, error) from error
    except (ServerError, InvalidResponseError) as error:
        raise _by_status(act, error) from error
    except HTTPTimeoutError as error:
        raise ObjectStoreUnavailableError(act=act, reason="timeout") from error
    except (HTTPError, MinioException, OSError) as error:
        raise ObjectStoreUnavailableError(act=act, reason=type(error).__name__) from error


def _translated(act: str, error: S3Error) -> LedgerError:
    message = (error.message or "").lower()
    full = error.response.status == HTTPStatus.INSUFFICIENT_STORAGE or error.code in _FULL
    if full or any(words in message for words in _FULL_WORDS):
        return StorageFullError(part="object store")
    if error.code in _ABSENT:
        return ObjectMissingError(act=act)
    if error.code == "InvalidRange":  # what lies there is shorter than what we stored
        return ObjectDamagedError(act=act, reason="length")
    return ObjectStoreUnavailableError(act=act, reason=error.code or "unknown")


def _by_status(act: str, error: ServerError | InvalidResponseError) -> LedgerError:
    """An answer that is not S3's XML: a proxy in between, or a server in trouble."""
    status = error.status_code if isinstance(error, ServerError) else getattr(error, "_code", 0)
    if status == HTTPStatus.INSUFFICIENT_STORAGE:
        return StorageFullError(part="object store")
    return ObjectStoreUnavailableError(act=act, reason=f"status {status}")
