"""A CA and issuers of the tests' own, with real keys, and a licence type to issue by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certs.licencetypes import FaceField, LicenceType, LicenceValidity, LicenceValidityKind
from certs.model import Sheet
from certs.signing import x509
from certs.signing.model import Algorithm, TrustedCas

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
LIBRARY = "11310113XX00000A2R"
ISSUER = "11310118XX00000B0W"


@dataclass(frozen=True)
class TestSigner:
    """A P-256 key and its certificate."""

    __test__ = False

    key: ec.EllipticCurvePrivateKey
    org_code: str
    org_name: str
    certificate: bytes
    chain: tuple[bytes, ...]
    kid: str = "0194e5a0-0000-7000-8000-000000000001"
    algorithm: Algorithm = Algorithm.ES256

    def sign(self, data: bytes) -> bytes:
        return sign(self.key, data)


def sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


@dataclass
class TestCa:
    """A root, an authority below it, and whom it certified."""

    __test__ = False

    now: datetime = NOW
    root: TestSigner = field(init=False)
    middle: TestSigner = field(init=False)

    def __post_init__(self) -> None:
        self.root = self._make("测试根", "", None, is_ca=True)
        self.middle = self._make("测试 CA", "", self.root, is_ca=True)

    @property
    def trusted(self) -> TrustedCas:
        return TrustedCas((self.root.certificate,))

    def issuer(self, org_code: str = ISSUER, name: str = "青浦区市场监督管理局", **terms: Any) -> TestSigner:
        return self._make(name, org_code, self.middle, **terms)

    def _make(
        self,
        name: str,
        org_code: str,
        above: TestSigner | None,
        *,
        is_ca: bool = False,
        begins: timedelta = timedelta(days=-30),
        lasts: timedelta = timedelta(days=365 * 3),
    ) -> TestSigner:
        key = ec.generate_private_key(ec.SECP256R1())
        public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        terms = x509.Terms(self.now + begins, self.now + begins + lasts, is_ca)
        signing = key if above is None else above.key
        der = x509.certificate(
            x509.Subject(name, org_code),
            Algorithm.ES256,
            public,
            terms,
            issuer=None if above is None else x509.Certificate(above.certificate),
            sign=lambda data: sign(signing, data),
        )
        return TestSigner(key, org_code, name, der, () if above is None else (above.certificate, *above.chain))


TYPE = LicenceType(
    code="LT05",
    version="2026.1",
    name="居民身份证",
    name_en="Resident identity card",
    type_codes=("11310000XX0000001A005",),
    defining_org="11310000XX0000001A",
    issuer="公安局",
    material_type="CL006",
    holder_kinds=("person",),
    several_holders=True,
    validity=LicenceValidity(LicenceValidityKind.dated),
    share_class="C",
    level=3,
    unique_per_holder=True,
    sharing=("name",),
    presenting=("name",),
    fields=(
        FaceField("name", "姓名", "Name", "person_name", True, 1, "name"),
        FaceField("sex", "性别", "Sex", "text", True, 1),
        FaceField("address", "住址", "Address", "address", True, 3, "address"),
        FaceField("scope", "范围", "Scope", "list", False, 1),
    ),
    template="card",
    vct="v1/vct/LT05",
)


def sheet(**changes: Any) -> Sheet:
    whole: dict[str, Any] = {
        "type": TYPE,
        "licence_id": "1.2.156.3005.2.11100000MB0143028R999.11310113XX00000A2R.BS2026000000001.001.7",
        "licence_no": "310199199001010018",
        "version": 1,
        "issuer_name": "青浦区市场监督管理局",
        "issuer_code": ISSUER,
        "holders": (("陈安澜", "111", "310199199001010018"),),
        "face": {"name": "陈安澜", "sex": "女", "address": "上海市试验区一号", "scope": ("甲", "乙")},
        "issue_date": date(2026, 11, 20),
        "valid_from": date(2026, 11, 20),
        "valid_to": date(2036, 11, 19),
    }
    return Sheet(**(whole | changes))
