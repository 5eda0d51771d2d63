"""The state of every part, as an operator needs it: what was looked at, what was found, what to do (zh and en).

Each function looks at one part and never raises for a sick one: a part that cannot be asked is itself a finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.doctor.chain import ChainExpectation, check_chain
from api.doctor.log import check_log
from api.doctor.machine import check_clock, check_disk, check_versions
from api.doctor.model import Check, State
from api.doctor.postgres import check_postgres
from api.doctor.s3 import PROBE_BUCKET, check_fsync_rule, check_s3, check_worm
from api.doctor.worm import S3Access

if TYPE_CHECKING:
    from api.stack.model import Site

__all__ = [
    "PROBE_BUCKET",
    "ChainExpectation",
    "Check",
    "S3Access",
    "State",
    "check_chain",
    "check_clock",
    "check_disk",
    "check_fsync_rule",
    "check_log",
    "check_postgres",
    "check_s3",
    "check_versions",
    "check_worm",
    "examine_site",
]


def examine_site(site: Site, bucket: str, expected: ChainExpectation | None = None) -> list[Check]:
    """Everything about a running embedded stack. The probe's bucket must exist (`Stack.create_bucket`).

    Args:
        site: `Stack.site` or `api.stack.attach(data_dir)`.
        bucket: the bucket of the materials.
        expected: what the log was anchored on.
    """
    parts = site.parts
    admin = S3Access(parts.s3_endpoint, site.s3_admin.access_key, site.s3_admin.secret_key, parts.s3_region)
    return [
        *check_postgres(parts.database_url),
        *check_s3(admin, bucket),
        *check_fsync_rule(site.s3_doors, bucket),
        *check_worm(admin, site.s3_doors),
        *check_chain(parts.chain_url, expected),
        *check_clock(parts.database_url),
        *check_disk([site.data_dir]),
        *check_versions(),
    ]
