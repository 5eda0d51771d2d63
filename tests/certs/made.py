"""Files that several test modules look at, made once."""

from __future__ import annotations

import atexit
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

from certs.files.maker import LicenceFiles
from certs.files.model import Made, Stamp
from certs.signing.model import TrustedCas
from tests.certs.sealing import DemoKeys
from tests.certs.sheets import POLICE, business

NOW = datetime(2026, 11, 21, 4, 0, 0, tzinfo=UTC)
LIBRARY = "11310199XX00000C94"
FIRM, UNION = "91310113XX0000019X", "81310113XX0000019U"


@dataclass(frozen=True)
class Files:
    keys: DemoKeys
    maker: LicenceFiles
    made: Made
    copy: bytes

    @property
    def trusted(self) -> TrustedCas:
        return self.keys.trusted


@cache
def files(at: datetime = NOW) -> Files:
    """A business licence in both formats, sealed, and a derived copy of it.

    Args:
        at: when; tools of others judge certificates by the day of today.
    """
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    keys = DemoKeys(Path(folder.name), at - timedelta(days=30), valid=timedelta(days=365))
    maker = LicenceFiles(keys)
    made = maker.make(business(), at)
    return Files(keys, maker, made, maker.derive(made.pdf, stamp(made.pdf, at), at))


def stamp(parent: bytes, at: datetime = NOW) -> Stamp:
    return Stamp(
        copy_id="0193f7c4-aaaa-7000-8000-000000000001",
        licence_id=business().licence_id,
        requester="宝山区行政服务中心",
        requester_code=POLICE,
        cause="办理食品经营许可新办",
        valid_from=at,
        valid_to=at + timedelta(days=30),
        maker="材链电子证照库",
        maker_code=LIBRARY,
        parent_sha256=sha256(parent).hexdigest(),
        parent_sm3="00" * 32,
    )
