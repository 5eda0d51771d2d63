"""Second step of a deployment: the bucket with Object Lock and the fsync rule, as the S3 server's administrator.

Runs in the network of the S3 container (`network_mode: service:s3`), so that the server's inner interfaces, which only
members of its certificate circle may use, never have to leave it. Safe to run again.
"""

from __future__ import annotations

import sys
from pathlib import Path

from api.doctor import PROBE_BUCKET
from api.stack.keyring import Keyring
from api.stack.s3 import S3
from deploy.make_secrets import ports


def main(objects: Path, bucket: str) -> None:
    """Make the buckets of the materials and of the WORM probe."""
    store = S3(Path("/nowhere"), ports(), Keyring(objects))
    store.require_fsync()
    store.create_bucket(bucket)
    store.create_bucket(PROBE_BUCKET)
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
