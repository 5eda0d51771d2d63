"""Seal keys in a PKCS #11 module, tried on SoftHSM2."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from certs.files.check import check_ofd, check_pdf
from certs.files.maker import LicenceFiles
from certs.signing.errors import SealKeyUnreadableError
from certs.signing.model import Algorithm, Signer, TrustedCas
from certs.signing.pkcs11 import Pkcs11Keys
from certs.signing.providers import FileKeys
from certs.signing.workshop import Workshop
from certs.signing.x509 import Certificate, Subject, as_der, verify
from ledger.ids import new_id
from ledger.secrets import KeyRing
from tests.certs.sealing import renderer
from tests.certs.sheets import ISSUER, business

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
ORG = Subject("青浦区市场监督管理局", ISSUER)


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SoftHSM2 with one token."""
    found = next((Path(path) for path in MODULES if Path(path).exists()), None)
    tool = shutil.which("softhsm2-util")
    if found is None or tool is None:
        pytest.skip("SoftHSM2 is not on this machine")
    pytest.importorskip("pkcs11")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    arguments = ["--init-token", "--free", "--label", "seals", "--pin", "1234", "--so-pin", "5678"]
    subprocess.run([tool, *arguments], check=True, capture_output=True)
    return found


@pytest.fixture
def keys(module: Path) -> Iterator[Pkcs11Keys]:
    held = Pkcs11Keys(module, "seals", "1234")
    yield held
    held.close()


class TestPkcs11Keys:
    def test_sign(self, keys: Pkcs11Keys) -> None:
        key = new_id()
        public = keys.generate(key, Algorithm.ES256)
        signature = keys.sign(key, Algorithm.ES256, b"data")
        assert verify(Algorithm.ES256, public, b"data", as_der(Algorithm.ES256, signature))
        assert not verify(Algorithm.ES256, public, b"other", as_der(Algorithm.ES256, signature))

    def test_sign_after_the_session_ended(self, keys: Pkcs11Keys) -> None:
        key = new_id()
        keys.generate(key, Algorithm.ES256)
        keys.close()
        assert len(keys.sign(key, Algorithm.ES256, b"data")) == 64

    def test_private_halves_do_not_leave(self, keys: Pkcs11Keys) -> None:
        import pkcs11  # noqa: PLC0415 - only where it is installed

        key = new_id()
        keys.generate(key, Algorithm.ES256)
        held = keys._session.get_key(label=key, object_class=pkcs11.ObjectClass.PRIVATE_KEY)
        with pytest.raises(pkcs11.PKCS11Error):
            held[pkcs11.Attribute.VALUE]

    def test_destroyed_is_gone(self, keys: Pkcs11Keys) -> None:
        key = new_id()
        keys.generate(key, Algorithm.ES256)
        keys.destroy(key)
        with pytest.raises(SealKeyUnreadableError):
            keys.sign(key, Algorithm.ES256, b"data")

    def test_no_sm2(self, keys: Pkcs11Keys) -> None:
        with pytest.raises(SealKeyUnreadableError):
            keys.generate(new_id(), Algorithm.SM2)

    def test_a_wrong_pin_opens_nothing(self, module: Path) -> None:
        with pytest.raises(SealKeyUnreadableError):
            Pkcs11Keys(module, "seals", "0000").generate(new_id(), Algorithm.ES256)


class TestWorkshop:
    def test_licences_are_sealed_from_the_module(self, keys: Pkcs11Keys, tmp_path: Path) -> None:
        """P-256 in the module, SM2 beside it in files: root, seal and signature."""
        workshop = Workshop({keys.name: keys, "file": FileKeys(tmp_path, KeyRing(b"k" * 32))})
        cas = {algorithm: workshop.demo_ca(algorithm, NOW - timedelta(days=1)) for algorithm in Algorithm}
        assert (cas[Algorithm.ES256].provider, cas[Algorithm.SM2].provider) == ("pkcs11", "file")
        picture = renderer().seal(ORG.name, ORG.org_code)

        class Keys:
            def __init__(self) -> None:
                self.made = {
                    algorithm: workshop.make(ORG, ca, picture, NOW - timedelta(hours=1))
                    for algorithm, ca in cas.items()
                }

            def seal(self, org_code: str, algorithm: str, at: datetime) -> Signer:
                new = self.made[Algorithm(algorithm)]
                return workshop.signer(new.as_key(Certificate(new.certificate), at, new_id()))

        made = LicenceFiles(Keys()).make(business(), NOW)
        trusted = TrustedCas(tuple(ca.certificate for ca in cas.values()))
        check_pdf(made.pdf, trusted, NOW)
        check_ofd(made.ofd, trusted, NOW)
