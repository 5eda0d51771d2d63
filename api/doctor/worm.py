"""The WORM probe (RELIABILITY O2): what the object store refuses, tried for real and judged by the effect.

No promise of an S3 server is believed, and none of its error codes either: after every attempt the locked version must
still be there, byte for byte, with its retention. The ways around S3 are tried too: the plain HTTP interfaces behind
the S3 port and the server's shell over gRPC (LIBRARIES.md "Embedded servers"). All attempts aim at a bucket of their
own, so that a store that fails the probe loses nothing else.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE, ENABLED, GOVERNANCE
from minio.deleteobjects import DeleteObject
from minio.error import MinioException
from minio.retention import Retention
from minio.versioningconfig import SUSPENDED, VersioningConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.stack.model import S3Doors

LOCK_FOR: Final = timedelta(minutes=3)
"""Long enough for the probe, short enough that its objects can be cleared by the next one."""

PREFIX: Final = "worm-probe/"
CONTENT: Final = b"cailian worm probe: these bytes must survive every attempt"
SHELL_SECONDS: Final = 4.0
"""A shell without a certificate tries for ever; one that is let in answers within half a second."""


@dataclass(frozen=True, slots=True)
class S3Access:
    """How to reach an S3 server.

    Args:
        endpoint: `host:port`.
        access_key, secret_key: the identity; the stronger, the more the probe proves.
        region: region name.
        secure: speak TLS.
    """

    endpoint: str
    access_key: str
    secret_key: str
    region: str
    secure: bool = False

    def client(self, http: urllib3.PoolManager) -> Minio:
        """An SDK client on the given connections."""
        return Minio(
            self.endpoint,
            self.access_key,
            self.secret_key,
            secure=self.secure,
            region=self.region,
            http_client=http,
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt against locked data.

    Args:
        name: what was tried.
        refused: whether the data and its lock came through unharmed and the act was turned down.
        answer: what the server said, shortened.
    """

    name: str
    refused: bool
    answer: str


class Probe:
    """One run of the probe.

    Args:
        access: server and identity.
        bucket: a bucket with Object Lock that holds nothing but probe objects.
        doors: addresses behind the S3 port, where they are known.
    """

    def __init__(self, access: S3Access, bucket: str, doors: S3Doors | None = None) -> None:
        self._access = access
        self._bucket = bucket
        self._doors = doors
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=3, read=10))
        self._client = access.client(self._http)
        self._key = f"{PREFIX}{uuid.uuid4().hex}"
        self._until = datetime.now(UTC) + LOCK_FOR
        self._version = ""

    def run(self) -> list[Attempt]:
        """Lock one object, try everything against it, and report attempt by attempt.

        Raises:
            MinioException, urllib3.exceptions.HTTPError: the locked object could not even be written.
        """
        try:
            self._clear_expired()
            self._version = self._put()
            attempts = [self._judge(name, act) for name, act in self._acts()]
            if self._doors is not None:
                attempts += [self._judge(name, act) for name, act in self._door_acts(self._doors)]
            return attempts
        finally:
            self._http.clear()

    def _acts(self) -> list[tuple[str, Callable[[], str | None]]]:
        """Attempts through S3. An act returns None when it was turned down without an error, else what was let pass."""
        sooner = Retention(COMPLIANCE, datetime.now(UTC) + timedelta(seconds=5))
        weaker = Retention(GOVERNANCE, self._until)
        return [
            ("delete version", self._delete_version),
            ("batch delete", lambda: self._batch_delete(bypass=False)),
            ("delete with bypass", lambda: self._batch_delete(bypass=True)),
            ("shorten retention", lambda: self._retain(sooner)),
            ("downgrade to governance", lambda: self._retain(weaker)),
            ("suspend versioning", self._suspend),
            ("overwrite", self._overwrite),
            ("delete without version", self._delete_marker),
            ("delete bucket", self._delete_bucket),
        ]

    def _door_acts(self, doors: S3Doors) -> list[tuple[str, Callable[[], str | None]]]:
        """Attempts behind S3's back, without any credential."""
        bucket = f"/buckets/{self._bucket}"
        versions = f"{bucket}/{self._key}.versions?recursive=true"
        plain = self._plain
        return [
            ("filer: list over HTTP", lambda: plain("GET", doors.filer, f"{bucket}/")),
            ("filer: delete over HTTP", lambda: plain("DELETE", doors.filer, versions)),
            ("filer: read its rules over HTTP", lambda: plain("GET", doors.filer, "/etc/seaweedfs/filer.conf")),
            ("master: delete collection", lambda: plain("GET", doors.master, f"/col/delete?collection={self._bucket}")),
            ("master: vacuum", lambda: plain("GET", doors.master, "/vol/vacuum")),
            ("volume: unsigned delete", lambda: plain("DELETE", doors.volume, "/1,0100000000", wants={401, 403})),
            ("shell without certificate", lambda: self._shell(doors)),
        ]

    def _judge(self, name: str, act: Callable[[], str | None]) -> Attempt:
        try:
            passed = act()
            answer = passed or "no effect"
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            passed, answer = None, getattr(error, "code", None) or type(error).__name__
        harm = self._harm()
        return Attempt(name, refused=passed is None and harm is None, answer=f"{answer}; {harm}" if harm else answer)

    def _harm(self) -> str | None:
        """What happened to the locked version; None when it is whole and locked as before."""
        try:
            response = self._client.get_object(self._bucket, self._key, version_id=self._version)
            try:
                content = response.read()
            finally:
                response.close()
                response.release_conn()
            if content != CONTENT:
                return "the locked bytes changed"
            held = self._client.get_object_retention(self._bucket, self._key, version_id=self._version)
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            return f"the locked version is gone ({getattr(error, 'code', None) or type(error).__name__})"
        if held is None or held.mode != COMPLIANCE or held.retain_until_date < self._until - timedelta(seconds=1):
            return "the lock is weaker than before"
        return None

    def _put(self) -> str:
        written = self._client.put_object(
            self._bucket, self._key, io.BytesIO(CONTENT), len(CONTENT), retention=Retention(COMPLIANCE, self._until)
        )
        return written.version_id or ""

    def _delete_version(self) -> str:
        self._client.remove_object(self._bucket, self._key, version_id=self._version)
        return "accepted"

    def _batch_delete(self, *, bypass: bool) -> str | None:
        targets = [DeleteObject(self._key, self._version)]
        # Errors appear only while the answer is read through.
        refused = list(self._client.remove_objects(self._bucket, targets, bypass_governance_mode=bypass))
        return None if refused else "accepted"

    def _retain(self, retention: Retention) -> str:
        self._client.set_object_retention(self._bucket, self._key, retention, version_id=self._version)
        return "accepted"

    def _suspend(self) -> str | None:
        self._client.set_bucket_versioning(self._bucket, VersioningConfig(SUSPENDED))
        if self._client.get_bucket_versioning(self._bucket).status == ENABLED:
            return None
        self._client.set_bucket_versioning(self._bucket, VersioningConfig(ENABLED))
        return "accepted"

    def _overwrite(self) -> str | None:
        """Allowed, as long as it makes a new version and leaves the old one alone."""
        written = self._client.put_object(self._bucket, self._key, io.BytesIO(b"other"), 5)
        return None if written.version_id and written.version_id != self._version else "replaced in place"

    def _delete_marker(self) -> None:
        """Allowed, as long as it only lays a marker on top; `_harm` looks at the version below."""
        self._client.remove_object(self._bucket, self._key)

    def _delete_bucket(self) -> str:
        self._client.remove_bucket(self._bucket)
        return "accepted"

    def _plain(
        self, method: str, address: str, path: str, wants: frozenset[int] | set[int] = frozenset()
    ) -> str | None:
        """A request without credentials; refused when turned away, or when the path is not served at all."""
        with self._http.request(method, f"http://{address}{path}", preload_content=False) as answer:
            turned_away = answer.status in (wants or {401, 403, 404, 405, 501})
            return None if turned_away else f"HTTP {answer.status}"

    def _shell(self, doors: S3Doors) -> str | None:
        """List the buckets as anybody on this machine could: no certificate, no configuration."""
        try:
            done = subprocess.run(
                [doors.binary, "shell", *doors.shell_targets()],
                input=b"fs.ls /buckets/\n",
                cwd="/",
                env={"PATH": os.defpath, "HOME": "/nonexistent"},
                capture_output=True,
                check=False,
                timeout=SHELL_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return None
        return "buckets listed" if self._bucket.encode() in done.stdout else None

    def _clear_expired(self) -> None:
        """Remove what earlier probes left; what is still locked stays for the next one."""
        with contextlib.suppress(MinioException, urllib3.exceptions.HTTPError):
            for old in self._client.list_objects(self._bucket, prefix=PREFIX, recursive=True, include_version=True):
                with contextlib.suppress(MinioException):
                    self._client.remove_object(self._bucket, str(old.object_name), version_id=old.version_id)
