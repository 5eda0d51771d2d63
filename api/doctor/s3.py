"""The object store: reachable, with versions and Object Lock, synced, and proven by the WORM probe."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Final

import urllib3
from minio.error import MinioException, S3Error

from api.doctor.model import Check, State, ok
from api.doctor.worm import Probe, S3Access

if TYPE_CHECKING:
    from api.stack.model import S3Doors

PROBE_BUCKET: Final = "cailian-worm-probe"
"""Made by the admin identity; holds nothing but probe objects."""

FSYNC_COMMAND: Final = "fs.configure -locationPrefix=/buckets/ -fsync -apply"


def check_s3(access: S3Access, bucket: str) -> list[Check]:
    """Reachability, and whether the bucket has versions and Object Lock.

    Args:
        access: server and an identity that may read the bucket's settings.
        bucket: the bucket of the materials.
    """
    http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=3, read=10))
    client = access.client(http)
    try:
        if not client.bucket_exists(bucket):
            return [
                Check("s3", "bucket", State.FAIL, f"{bucket} does not exist",
                      "用管理身份建桶并开启 Object Lock;`cailian up` 会自动完成。",
                      "Make the bucket with Object Lock as the admin identity; `cailian up` does it by itself.")
            ]  # fmt: skip
        checks = [ok("s3", "reachable", "yes"), ok("s3", "bucket", bucket)]
        versions = client.get_bucket_versioning(bucket).status
        checks.append(
            ok("s3", "versioning", str(versions))
            if versions == "Enabled"
            else Check(
                "s3", "versioning", State.FAIL, str(versions), "开启桶的版本控制。", "Turn on versioning of the bucket."
            )
        )
        try:
            client.get_object_lock_config(bucket)
            checks.append(ok("s3", "object lock", "Enabled"))
        except S3Error as error:
            checks.append(
                Check("s3", "object lock", State.FAIL, str(error.code),
                      "对象锁只能在建桶时开启:新建带 Object Lock 的桶并迁移。",
                      "Object Lock can only be set when a bucket is made: make a new one with it and move.")
            )  # fmt: skip
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        detail = str(getattr(error, "code", None) or type(error).__name__)
        return [
            Check("s3", "reachable", State.FAIL, detail,
                  "对象存储连不上或拒绝了身份:检查地址、密钥和进程(日志在 data/log/s3.log)。",
                  "The object store cannot be reached or refused the identity: check address, keys and log/s3.log.")
        ]  # fmt: skip
    finally:
        http.clear()
    return checks


def check_fsync_rule(doors: S3Doors, bucket: str) -> list[Check]:
    """Whether the filer syncs every object below the bucket before it acknowledges (SeaweedFS).

    Args:
        doors: the server's addresses and this node's certificates.
        bucket: the bucket of the materials.
    """
    try:
        done = subprocess.run(
            [doors.binary, "shell", *doors.shell_targets()],
            input=b"fs.configure\n",
            cwd=doors.config_dir,
            env={"PATH": os.defpath, "HOME": str(doors.config_dir)},
            capture_output=True,
            check=False,
            timeout=15,
        )
        rules = json.loads(done.stdout)["locations"]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
        return [
            Check("s3", "fsync rule", State.WARN, f"cannot be read ({type(error).__name__})",
                  "在 weed shell 中运行 fs.configure 核对。", "Check by running fs.configure in weed shell.")
        ]  # fmt: skip
    path = f"/buckets/{bucket}/"
    matching = [rule for rule in rules if path.startswith(rule["locationPrefix"])]
    decisive = max(matching, key=lambda rule: len(rule["locationPrefix"]), default=None)
    if decisive and decisive["fsync"]:
        return [ok("s3", "fsync rule", f"on, prefix {decisive['locationPrefix']}")]
    return [
        Check("s3", "fsync rule", State.FAIL, "off",
              f"断电会丢失已确认的对象:在 weed shell 中运行 {FSYNC_COMMAND}。",
              f"A power cut loses acknowledged objects: run {FSYNC_COMMAND} in weed shell.")
    ]  # fmt: skip


def check_worm(access: S3Access, doors: S3Doors | None = None, bucket: str = PROBE_BUCKET) -> list[Check]:
    """Run the WORM probe (`worm.py`); the last finding sums it up.

    Args:
        access: server and identity; with an administrator's it proves most.
        doors: addresses behind the S3 port, where they are known.
        bucket: a bucket with Object Lock used for nothing else; must exist.
    """
    zh = "此对象存储不能防止删除:不得声明 WORM;更换或加固对象存储。"
    en = "This object store does not prevent deletion: claim no WORM, and replace or harden it."
    try:
        attempts = Probe(access, bucket, doors).run()
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        detail = f"not proven: probe could not start ({getattr(error, 'code', None) or type(error).__name__})"
        return [Check("s3", "WORM", State.FAIL, detail, zh, en)]
    checks = [
        ok("s3", f"WORM: {one.name}", f"refused ({one.answer})")
        if one.refused
        else Check("s3", f"WORM: {one.name}", State.FAIL, f"NOT refused ({one.answer})", zh, en)
        for one in attempts
    ]
    failed = [one.name for one in attempts if not one.refused]
    if failed:
        return [*checks, Check("s3", "WORM", State.FAIL, f"not proven: {', '.join(failed)}", zh, en)]
    return [*checks, ok("s3", "WORM", f"proven: {len(attempts)} attempts refused")]
