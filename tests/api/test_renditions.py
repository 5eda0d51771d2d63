"""What a use of a licence delivers: made from real files, sealed, stored, recorded once, and never the original."""

from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from api.renditions import Renditions
from authz.errors import UnknownUseError, UseClosedError
from authz.model import Mode
from certs.drafts import Prepared
from certs.files.check import check_pdf
from certs.files.maker import LicenceFiles
from certs.model import Operation
from certs.store import copies
from ledger.objects import ObjectStore
from ledger.s3 import S3Settings
from ledger.sealing import Profile
from ledger.secrets import KeyRing
from ledger.steps import run
from tests.certs.sealing import DemoKeys
from tests.materials.licences import LicenceWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from authz.model import Use
    from certs.model import Licence
    from certs.store.copies import Copy
    from ledger.db import Database
    from tests.conftest import Bucket

LIBRARY = ("宝山区行政服务中心", "11310113XX00000A2R")


class Site(LicenceWorld):
    """A licence world with files, seals and an object store."""

    def __init__(self, database: Database, objects: ObjectStore, folder: Path) -> None:
        super().__init__(database, objects)
        self.objects = objects
        self.keys = DemoKeys(folder, self.clock.at)
        self.files = LicenceFiles(self.keys)
        self.renditions = Renditions(
            database, objects, self.authz, self.licence_uses, self.parties, self.files, LIBRARY, self.clock
        )

    def issue_with_files(self, code: str = "LT01") -> tuple[Licence, bytes]:
        """Issue a licence with real files; it and its sealed PDF."""
        plan = self.plan(code)
        made = self.files.make(plan.sheet, plan.at)
        until = plan.at.replace(year=2056)
        pdf, ofd = (self.objects.put(BytesIO(each), retain_until=until) for each in (made.pdf, made.ofd))
        with self.database.unit() as db:
            licence = self.issuing.record(db, self.baoshan, plan, Prepared(pdf, ofd, "eyJ.e30.c2ln~", "ab" * 32))[0]
        return licence, made.pdf

    def make(self, use: Use) -> None:
        self.renditions.make(use.id, self.qingpu)

    def copy(self, use: Use) -> Copy:
        with self.database.unit() as db:
            held = run(db, copies.of_use(use.id))
        assert held is not None
        return held

    def content(self, use: Use) -> bytes:
        """The stored bytes that a use delivers."""
        with self.database.unit() as db:
            object_id = run(db, self.uses.object_of(use))
            assert object_id is not None
            stored = run(db, self.objects.lookup(object_id))
        return bytes(self.objects.open(stored).read_all())


@pytest.fixture
def site(database: Database, s3: Bucket, tmp_path: Path) -> Iterator[Site]:
    settings = S3Settings(s3.endpoint, s3.access_key, s3.secret_key, s3.region, s3.bucket)
    objects = ObjectStore(settings, KeyRing(b"k" * 32), profile=Profile.INTL, threads=2)
    yield Site(database, objects, tmp_path)
    objects.close()


@pytest.fixture
def open_use(site: Site) -> Callable[..., Use]:
    """Open a use of a licence in a fresh case of the firm."""

    def act(licence: Licence, **changes: Any) -> Use:
        case = site.open_case(applicant=licence.holder_ids[0], applicant_kind="organisation")
        return site.open_use(licence.id, case, **changes)

    return act


class TestCopy:
    def test_is_a_sealed_file_of_its_own(self, site: Site, open_use: Callable[..., Use]) -> None:
        licence, original = site.issue_with_files()
        use = open_use(licence)
        site.make(use)
        copy, made = site.copy(use), site.content(use)
        assert made[:5] == b"%PDF-"
        assert sha256(made).hexdigest() == copy.sha256
        assert copy.sha256 != sha256(original).hexdigest() == use.sha256
        told = check_pdf(made, site.keys.trusted, site.clock.now())
        assert told is not None
        fact, parties = site.opened(copy.entry_id or "")
        assert fact["digests"] == {"sha256": copy.sha256, "sm3": copy.sm3}
        assert fact["parent"]["sha256"] == use.sha256
        assert (parties["copy"], parties["use"]) == (copy.id, use.id)

    def test_is_recognised_by_its_digest_and_so_is_the_original(self, site: Site, open_use: Callable[..., Use]) -> None:
        licence, original = site.issue_with_files()
        use = open_use(licence)
        site.make(use)
        case, copied = site.open_case(), sha256(site.content(use)).hexdigest()
        with site.database.glance() as db:
            for digest, what in ((copied, "derived"), (use.sha256, "original")):
                found = site.fetching.recognise(db, site.qingpu, site.asking(case), digest)
                assert (found.what, found.status, found.standing) == (what, "01", "active")
            changed = sha256(original + b"\n").hexdigest()
            assert site.fetching.recognise(db, site.qingpu, site.asking(case), changed).what == "unknown"

    def test_has_a_thumbnail(self, site: Site, open_use: Callable[..., Use]) -> None:
        licence, _ = site.issue_with_files()
        use = open_use(licence)
        site.make(use)
        assert site.renditions.thumbnail(site.content(use))[:8] == b"\x89PNG\r\n\x1a\n"

    def test_is_made_once_however_often_it_is_asked_for(self, site: Site, open_use: Callable[..., Use]) -> None:
        licence, _ = site.issue_with_files()
        use = open_use(licence)
        site.make(use)
        first = site.copy(use)
        site.make(use)
        assert site.copy(use) == first

    def test_sets_what_the_use_delivers(self, site: Site, open_use: Callable[..., Use]) -> None:
        """The use is whole when the copy was delivered, whatever the size of the original."""
        licence, _ = site.issue_with_files()
        use = open_use(licence)
        site.make(use)
        size = len(site.content(use))
        with site.database.unit() as db:
            assert run(db, site.authz.delivered(use.id, 0, size - 1)).state.value == "open"
            assert run(db, site.authz.delivered(use.id, size - 1, size)).state.value == "delivered"


class TestDocument:
    def test_holds_named_fields_and_nothing_else(self, site: Site, open_use: Callable[..., Use]) -> None:
        licence = site.issue("LT01")
        use = open_use(licence, mode=Mode.data, fields=("business_scope", "holder_name"))
        site.make(use)
        told = json.loads(site.content(use))
        assert told["fields"] == {"business_scope": "餐饮服务", "holder_name": "宝山青禾餐饮管理有限公司"}
        assert told["parent"]["sha256"] == use.sha256
        assert (told["type"], told["status"], told["copy"]) == ("cailian/licence-data", "01", site.copy(use).id)
        assert told["requester"]["code"] == site.qingpu.org_code
        assert "上海市宝山区示例路" not in site.content(use).decode()

    def test_masks_what_was_not_granted_in_clear(self, site: Site) -> None:
        card, case = site.issue("LT05"), site.open_case()
        site.grant(case, types=["CL006"], mode=Mode.data, fields=["name", "address", "born_on:clear", "licence_no"])
        wanted = ("address", "born_on:clear", "licence_no", "name")
        use = site.open_use(card.id, case, mode=Mode.data, fields=wanted)
        site.make(use)
        told = json.loads(site.content(use))
        assert told["fields"]["name"] == "陈**"
        assert told["fields"]["address"] == "上海市宝山区***"
        assert told["fields"]["born_on"] == "1990-01-01"
        assert told["clear"] == ["born_on"]
        assert "陈安澜" not in site.content(use).decode()

    def test_of_a_verification_holds_no_field(self, site: Site, open_use: Callable[..., Use]) -> None:
        use = open_use(site.issue("LT01"), mode=Mode.verify)
        site.make(use)
        told = json.loads(site.content(use))
        assert told["type"] == "cailian/licence-verify"
        assert "fields" not in told
        assert told["status"] == "01"


class TestMake:
    def test_refuses_when_the_licence_was_suspended_meanwhile(self, site: Site, open_use: Callable[..., Use]) -> None:
        licence = site.issue("LT01")
        use = open_use(licence, mode=Mode.verify)
        site.change(licence, Operation.suspend)
        with pytest.raises(UseClosedError):
            site.make(use)
        assert site.copy(use).made_at is None

    def test_refuses_another_client(self, site: Site, open_use: Callable[..., Use]) -> None:
        use = open_use(site.issue("LT01"), mode=Mode.verify)
        with pytest.raises(UnknownUseError):
            site.renditions.make(use.id, site.baoshan)

    def test_refuses_when_the_time_is_over(self, site: Site, open_use: Callable[..., Use]) -> None:
        use = open_use(site.issue("LT01"), mode=Mode.verify)
        site.clock.pass_(901)
        with pytest.raises(UseClosedError):
            site.make(use)
