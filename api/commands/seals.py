"""`cailian seal`: keys that seal for organisations, and whether the seals of a file hold."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime  # noqa: TC003 - Typer reads it
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.output import USAGE, AsJson, fail, say
from api.commands.shards import Folder, standing
from certs.errors import CertsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.node import Node
    from certs.signing.model import SealKey

app = typer.Typer(help="Seals of organisations: keys, certificates, revocation, checks.", no_args_is_help=True)

Organisation = Annotated[str, typer.Argument(help="unified social credit code")]
Name = Annotated[str, typer.Argument(help="name as on the seal")]
AlgorithmName = Annotated[str, typer.Option("--algorithm", help="ES256 (PDF, credentials) or SM2 (OFD)")]
By = Annotated[str, typer.Option("--by", help="your handle")]
File = Annotated[Path, typer.Option(exists=True, dir_okay=False)]


@app.command()
def new(
    org_code: Organisation,
    org_name: Name,
    by: By,
    algorithm: AlgorithmName = "",
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Give an organisation new keys, certified by this node's demo root; the keys of before retire."""
    from api import seals
    from certs.signing.model import Algorithm

    with _standing(data_dir, as_json=as_json) as node:
        wanted = [_algorithm(algorithm, as_json=as_json)] if algorithm else list(Algorithm)
        made = [seals.renew(node, org_code, org_name, each, operator=by) for each in wanted]
    say({"made": [_shown(key) for key in made]}, as_json=as_json)


@app.command()
def request(
    org_code: Organisation,
    org_name: Name,
    algorithm: AlgorithmName,
    out: Annotated[Path, typer.Option(help="where the request goes, PKCS #10 in PEM")],
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Make a key and a request for its certificate, to be taken to a licensed authority."""
    from asn1crypto import pem

    from certs.signing.x509 import Subject

    with _standing(data_dir, as_json=as_json) as node:
        wanted = _algorithm(algorithm, as_json=as_json)
        key_id, made = node.seal_workshop.request(Subject(org_name, org_code), wanted)
    out.write_bytes(pem.armor("CERTIFICATE REQUEST", made))
    say({"key": key_id, "request": str(out), "next": f"cailian seal install {key_id} ..."}, as_json=as_json)


@app.command()
def install(
    key_id: Annotated[str, typer.Argument(help="from `seal request`")],
    certificate: File,
    by: By,
    chain: Annotated[list[Path] | None, typer.Option(exists=True, help="certificates above it, nearest first")] = None,
    eseal: Annotated[Path | None, typer.Option(exists=True, help="electronic seal (GB/T 38540) of an SM2 key")] = None,
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Take in the certificate an authority gave; the key becomes its organisation's current one."""
    with _standing(data_dir, as_json=as_json) as node:
        above = [_der(path) for path in chain or []]
        seal = b"" if eseal is None else eseal.read_bytes()
        made = node.seal_workshop.install(key_id, _der(certificate), above, seal)
        with node.database.unit() as db:
            key = node.seal_register.enrol(db, made, operator=by)
    say(_shown(key), as_json=as_json)


@app.command()
def trust(root: File, data_dir: Folder = Path("var"), as_json: AsJson = False) -> None:
    """Trust an authority's root certificate."""
    from certs.signing.model import SealCa
    from certs.signing.x509 import Certificate
    from ledger.ids import new_id

    with _standing(data_dir, as_json=as_json) as node:
        held = Certificate(_der(root))
        with node.database.unit() as db:
            added = node.seal_register.trust(db, SealCa(new_id(), held.algorithm, held.der))
    say({"root": held.org_name, "trusted": "now" if added else "before"}, as_json=as_json)


@app.command("list")
def list_keys(org_code: Organisation, data_dir: Folder = Path("var"), as_json: AsJson = False) -> None:
    """Show every key an organisation ever had."""
    with _standing(data_dir, as_json=as_json) as node, node.database.unit() as db:
        keys = [_shown(key) for key in node.seal_register.of(db, org_code)]
    say({"keys": keys}, as_json=as_json)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="see `seal list`")],
    reason: Annotated[str, typer.Option(help="key-compromise, affiliation-changed, superseded, ...")],
    by: By,
    since: Annotated[datetime | None, typer.Option(help="from when on its seals are not believed; else now")] = None,
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Revoke a key for good; its private half is destroyed."""
    from api import seals
    from certs.signing.register import REASONS

    if reason not in REASONS:
        fail("usage", f"--reason {' | '.join(sorted(REASONS))}", as_json=as_json, exit_code=USAGE)
    with _standing(data_dir, as_json=as_json) as node:
        moment = None if since is None else since.astimezone()
        key = seals.revoke(node, key_id, reason=reason, operator=by, since=moment)
    say({"revoked": key.id, "organisation": key.org_code, "algorithm": key.algorithm.value}, as_json=as_json)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a licence, PDF or OFD")],
    at: Annotated[datetime | None, typer.Option(help="when it was on record; else now")] = None,
    by: Annotated[
        list[str] | None, typer.Option("--by", help="organisation that must have sealed; repeat for several parties")
    ] = None,
    data_dir: Folder = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Check the seals of a licence, or of a paper of several parties: exit code 0 when they hold, else 1 and why."""
    from certs.files.check import check_ofd, check_pdf

    with _standing(data_dir, as_json=as_json) as node:
        with node.database.unit() as db:
            trusted = node.seal_register.trusted(db)
        data, moment = file.read_bytes(), node.clock.now() if at is None else at.astimezone()
        checked = (check_pdf if data.startswith(b"%PDF-") else check_ofd)(data, trusted, moment, sealed_by=by)
    seals = [{"organisation": seal.org_name, "code": seal.org_code, "at": seal.at} for seal in checked.seals]
    say({"seals": seals, "copy": checked.is_copy, "licence_id": checked.metadata.get("ZZBS")}, as_json=as_json)


@contextmanager
def _standing(folder: Path, *, as_json: bool) -> Iterator[Node]:
    with standing(folder, as_json=as_json) as (_, node):
        try:
            yield node
        except CertsError as error:
            fail(error.code, str(error), as_json=as_json)


def _algorithm(name: str, *, as_json: bool) -> Any:
    from certs.signing.model import Algorithm

    if name not in set(Algorithm):
        fail("usage", f"--algorithm {' | '.join(Algorithm)}", as_json=as_json, exit_code=USAGE)
    return Algorithm(name)


def _der(path: Path) -> bytes:
    """A certificate's bytes, from PEM or DER."""
    from asn1crypto import pem

    held = path.read_bytes()
    return bytes(pem.unarmor(held)[2]) if pem.detect(held) else held


def _shown(key: SealKey) -> dict[str, object]:
    state = "current" if key.retired_at is None else "retired"
    return {
        "key": key.id,
        "algorithm": key.algorithm.value,
        "provider": key.provider,
        "valid_to": key.valid_to,
        "state": state if key.revoked_at is None else f"revoked, {key.revoked_reason}",
    }
