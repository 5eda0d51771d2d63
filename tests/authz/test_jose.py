"""Public keys as they come in: one text for one key."""

import json
from base64 import urlsafe_b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from authz.errors import CredentialError, InvalidRegistrationError
from authz.jose import PublicKey
from authz.parties import read_key
from authz.vault import base64url
from ledger.jws import Key as TrustedKey
from tests.authz.world import Key

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
EC = Key().jwk
ED25519 = {
    name: value
    for name, value in json.loads(OKPAlgorithm.to_jwk(Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key())).items()
    if name in {"crv", "kty", "x"}
}  # fmt: skip


def rsa_jwk(exponent: int, bits: int) -> dict[str, str]:
    """A public key of RSA as far as anybody can see: nobody knows its factors, and there need be none."""
    numbers = {"n": 1 << bits - 1 | 1, "e": exponent}
    return {"kty": "RSA"} | {
        name: base64url(each.to_bytes(-(-each.bit_length() // 8))) for name, each in numbers.items()
    }


def other_last_bits(text: str) -> str:
    """The same 32 bytes: the last of 43 characters has two bits that stand for nothing."""
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) + 1]


def other_length(text: str) -> str:
    """The same number, with a zero before it."""
    return base64url(b"\0" + urlsafe_b64decode(text + "="))


SPELLINGS = {
    "last bits": other_last_bits,
    "padding": lambda text: text + "=",
    "space": lambda text: text + " ",
    "a zero before it": other_length,
}


class TestPublicKey:
    @pytest.mark.parametrize("jwk", [EC, ED25519], ids=["EC", "OKP"])
    def test_takes_what_a_trust_file_can_name(self, jwk: dict[str, str]) -> None:
        assert PublicKey.of(jwk, CredentialError).jwk == TrustedKey.of(jwk).jwk

    @pytest.mark.parametrize("spelling", SPELLINGS)
    @pytest.mark.parametrize("jwk", [EC, ED25519], ids=["EC", "OKP"])
    def test_refuses_another_spelling(self, jwk: dict[str, str], spelling: str) -> None:
        with pytest.raises(CredentialError):
            PublicKey.of(jwk | {"x": SPELLINGS[spelling](jwk["x"])}, CredentialError)

    def test_so_no_client_registers_one(self) -> None:
        assert read_key(EC)[1].jwk == EC
        with pytest.raises(InvalidRegistrationError):
            read_key(EC | {"y": other_last_bits(EC["y"])})

    @pytest.mark.parametrize("bits", [1024, 4104])
    def test_refuses_rsa_of_another_size(self, bits: int) -> None:
        with pytest.raises(CredentialError):
            PublicKey.of(rsa_jwk(65537, bits), CredentialError, rsa=True)

    def test_refuses_a_modulus_that_begins_with_zero(self) -> None:
        jwk = rsa_jwk(65537, 2048)
        longer = base64url(b"\0" + urlsafe_b64decode(jwk["n"] + "=="))  # 256 bytes are 342 characters
        assert PublicKey.of(jwk, CredentialError, rsa=True).alg == "RS256"
        with pytest.raises(CredentialError):
            PublicKey.of(jwk | {"n": longer}, CredentialError, rsa=True)
