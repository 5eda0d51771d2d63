"""SD-JWT VC of a licence: issue, show part of it, check what is shown (RFC 9901; SD-JWT VC draft 25).

`verify` follows this plan; each block bears its number, beside it what it stops.
1. Form: one signed text, disclosures, at most one key binding; bounded sizes; strict JSON.
2. Header: `typ` is `dc+sd-jwt` (another kind of token), ES256 and nothing else, `x5c` present.
3. Issuer: the chain ends in a CA we trust, holds now and is not revoked; the signature is by its key (a changed claim).
4. The certificate is of the organisation that the credential names (a department issuing in another's name).
5. Time: `nbf` and `exp` (a licence out of its period).
6. Disclosures fit the signed digests one to one (smuggled, exchanged or doubled fields).
7. Key binding, where the credential has a key: signed by it, over exactly this presentation, for this verifier, now
   (a screenshot or copy shown by somebody else, a replay). A credential without a key proves what it says and not whose
   hands it is in; `Shown.is_bound` tells.

Status is no step here: fetch `Shown.status` and ask `certs.credentials.statuslist`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from authz import jose
from authz.jose import PublicKey
from certs.credentials import binding, claims, disclosures, jws, metadata
from certs.errors import CredentialNotCurrentError, InvalidCredentialError, UnknownCredentialFieldError
from certs.lifecycle import end_of, start_of
from certs.signing.x509 import Certificate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from certs.credentials.binding import Challenge
    from certs.model import Sheet
    from certs.signing.model import Signer, TrustedCas

TYPE: Final = "dc+sd-jwt"
MAX_SIZE: Final = 128 * 1024
MAX_FIELD: Final = 64
SKEW: Final = timedelta(seconds=60)
"""By how much clocks of issuer and verifier may differ."""
_MECHANICS: Final = frozenset({"cnf", "status", "vct", "vct#integrity"})


@dataclass(frozen=True, slots=True)
class Shown:
    """What a checked presentation says.

    Attributes:
        vct: type of the credential.
        issuer_code: organisation code of the issuer, from its certificate.
        claims: everything visible and disclosed; `holders`, `face` and the names of `claims.COMMON`.
        status: address of the status list and index in it.
        holder_key: thumbprint (RFC 7638) of the holder's key; None where the credential has none.
        is_bound: the presenter proved to hold that key.
    """

    vct: str
    issuer_code: str
    claims: Mapping[str, Any]
    status: tuple[str, int]
    holder_key: str | None
    is_bound: bool


def issue(
    sheet: Sheet,
    signer: Signer,
    *,
    base_url: str,
    holder_key: Mapping[str, str] | None,
    status: tuple[str, int],
    now: datetime,
) -> str:
    """Make the credential of a licence, with every disclosure: signed text, `~`, disclosures each with `~`.

    Args:
        sheet: what the face shows.
        signer: the issuer's key, ES256.
        base_url: of the node; the type's address begins with it.
        holder_key: public JWK of the holder's device; None for a credential without key binding.
        status: address of the status list and index in it.
        now: time of issue.

    Raises:
        InvalidCredentialError: the signer or the holder's key is of another algorithm, or the certificate runs out
            before the licence begins.
    """
    certificate = Certificate(signer.certificate)
    begins = max(start_of(sheet.valid_from), certificate.not_before)
    # The credential never outlives the certificate that verifiers check it by; a wallet fetches a fresh one before.
    ends = certificate.not_after
    if sheet.valid_to is not None:
        ends = min(ends, end_of(sheet.valid_to))
    if ends <= begins:
        raise InvalidCredentialError(reason="certificate ends before the licence begins")
    payload, opened = _payload(sheet)
    payload |= {
        "vct": metadata.vct(sheet.type, base_url),
        "vct#integrity": metadata.integrity(sheet.type, base_url),
        "issuer_code": sheet.issuer_code,
        "iat": int(now.timestamp()),
        "nbf": int(begins.timestamp()),
        "exp": int(ends.timestamp()),
        "status": {"status_list": {"idx": status[1], "uri": status[0]}},
    }
    if holder_key is not None:
        payload["cnf"] = {"jwk": dict(_holder_key(holder_key).jwk)}
    return "~".join([jws.sign(TYPE, payload, signer), *opened, ""])


def disclose(credential: str, fields: Collection[str]) -> str:
    """A presentation of some fields, without key binding (`binding.bind` adds it).

    Args:
        credential: as issued, all disclosures in it.
        fields: names of face fields, of `claims.COMMON` and `claims.HOLDER`; of several holders all are shown.

    Raises:
        InvalidCredentialError: not a credential.
        UnknownCredentialFieldError: the credential has no such field.
    """
    token, texts, bound = _split(credential)
    if bound is not None:
        raise InvalidCredentialError(reason="bound already")
    payload = jws.read(token, TYPE, _refuse, longest=MAX_SIZE).claims
    opened = {disclosures.digest_of(text): text for text in texts}
    face = _named(payload.get("face"), opened)
    top = _named(payload, opened)
    shown: dict[str, None] = {}  # a set in the order of insertion
    for field in fields:
        if field in face:
            shown[face[field]] = None
        elif field in top and field in claims.COMMON:
            shown[top[field]] = None
        elif field in claims.HOLDER and "holders" in top:
            shown |= dict.fromkeys(_of_holders(top["holders"], opened, claims.HOLDER[field][0]))
        else:
            raise UnknownCredentialFieldError(field=field if field.isascii() and len(field) < MAX_FIELD else "?")
    return "~".join([token, *shown, ""])


def verify(
    presentation: str,
    trusted: TrustedCas,
    *,
    at: datetime,
    challenge: Challenge | None = None,
) -> Shown:
    """Check a credential or a presentation of it by the plan above.

    Args:
        presentation: as received.
        trusted: the CAs believed, and what was revoked.
        at: the time.
        challenge: what the holder's device was asked to sign; None to look at a credential, whoever shows it.

    Raises:
        InvalidCredentialError: steps 1 to 4 and 6.
        InvalidSealCertificateError, SignerUntrustedError, SignerExpiredError, SignerRevokedError: step 3.
        CredentialNotCurrentError: step 5.
        HolderBindingError: step 7.
    """
    # 1, 2
    token, texts, bound = _split(presentation)
    held = jws.read(token, TYPE, _refuse, longest=MAX_SIZE)
    # 3
    issuer = jws.check(held, trusted, at, _refuse)
    # 4
    if not issuer.org_code or held.claims.get("issuer_code") != issuer.org_code:
        raise InvalidCredentialError(reason="issuer")
    # 5
    not_before, expires = (jose.number(held.claims, name, _refuse) for name in ("nbf", "exp"))
    if not not_before - SKEW.total_seconds() <= at.timestamp() < expires:
        raise CredentialNotCurrentError
    # 6
    revealed = disclosures.reveal(held.claims, texts)
    # 7
    confirmation = held.claims.get("cnf")
    key = None if confirmation is None else _confirmed(confirmation)
    is_bound = key is not None and challenge is not None
    if key is not None and challenge is not None:
        binding.check(bound, presentation[: presentation.rindex("~") + 1], key, challenge, at)
    elif bound is not None:
        raise InvalidCredentialError(reason="binding nobody asked for")
    return Shown(
        jose.text(held.claims, "vct", _refuse),
        issuer.org_code,
        {name: value for name, value in revealed.items() if name not in _MECHANICS},
        _status(held.claims.get("status")),
        None if key is None else key.thumbprint,
        is_bound,
    )


def _payload(sheet: Sheet) -> tuple[dict[str, Any], list[str]]:
    """The part of the payload that is disclosed one by one, and the disclosures."""
    holders, inner = [], []
    for name, code_type, code in sheet.holders:
        own = [disclosures.member(*each) for each in (("name", name), ("code_type", code_type), ("code", code))]
        inner += own
        holders.append(disclosures.element({"_sd": disclosures.digests(own)}))
    face = [disclosures.member(name, list(v) if isinstance(v, tuple) else v) for name, v in sheet.face.items()]
    top = [disclosures.member(name, value) for name, value in claims.common(sheet).items()]
    top.append(disclosures.member("holders", [{"...": each.digest} for each in holders]))
    payload = {
        "_sd_alg": disclosures.ALGORITHM,
        "_sd": disclosures.digests(top),
        "face": {"_sd": disclosures.digests(face)},
    }
    return payload, [each.disclosure for each in (*top, *holders, *inner, *face)]


def _named(holding: object, opened: Mapping[str, str]) -> dict[str, str]:
    """The disclosures of an object's members, by name."""
    hidden = holding.get("_sd", []) if isinstance(holding, dict) else []
    texts = [opened[digest] for digest in hidden if digest in opened]
    return {str(disclosures.read(text)[1]): text for text in texts}


def _of_holders(holders: str, opened: Mapping[str, str], member: str) -> list[str]:
    """Every disclosure that shows one member of each holder."""
    shown = [holders]
    for each in disclosures.read(holders)[2]:
        element = opened[each["..."]]
        shown += [element, _named(disclosures.read(element)[1], opened)[member]]
    return shown


def _split(presentation: str) -> tuple[str, list[str], str | None]:
    """Signed text, disclosures, key binding or None."""
    if not isinstance(presentation, str) or len(presentation) > MAX_SIZE or not presentation.isascii():
        raise InvalidCredentialError(reason="size or characters")
    token, *rest = presentation.split("~")
    if not rest:
        raise InvalidCredentialError(reason="form")
    *texts, bound = rest
    return token, texts, bound or None


def _confirmed(confirmation: object) -> PublicKey:
    if not isinstance(confirmation, dict) or confirmation.keys() != {"jwk"}:
        raise InvalidCredentialError(reason="holder's key")
    return _holder_key(confirmation["jwk"])


def _holder_key(jwk: object) -> PublicKey:
    key = PublicKey.of(jwk, _refuse)
    if key.alg != jws.ALGORITHM.value:
        raise InvalidCredentialError(reason="holder's key")
    return key


def _status(given: object) -> tuple[str, int]:
    held = given.get("status_list") if isinstance(given, dict) else None
    if not isinstance(held, dict):
        raise InvalidCredentialError(reason="status")
    uri, index = held.get("uri"), held.get("idx")
    if not isinstance(uri, str) or type(index) is not int or index < 0:
        raise InvalidCredentialError(reason="status")
    return uri, index


def _refuse(reason: str) -> InvalidCredentialError:
    return InvalidCredentialError(reason=reason)
