"""Backup and restore of a node's database, so that what was erased stays erased (RELIABILITY R1, DESIGN 4.1, 5).

A backup is a folder:

    main.dump        everything but the rows of `ledger.secret`: keep as long as you like
    secret.dump      wrapped data keys and salts: keep for days, not years, since in it the erased is not erased
    erasures.json    what was erased until then, by id: keep the newest one apart from all backups
    manifest.json    when, which log, its size and root, SHA-256 of each file, how it is encrypted

Both dumps are of one moment (an exported snapshot). Objects are not in it: they lie in S3 under lock and version, and
are ciphertext. Nor are the node's keys (`node.json`), without which neither backup nor objects can be read. With a key
file the dumps are sealed chunk by chunk like documents, so a damaged or cut one is found out before a byte is restored.

A restore wants an empty database. It ends by erasing again what the erasure list names, before anything serves.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, Final

import psycopg
from sqlalchemy import make_url

from api.errors import BackupInvalidError
from ledger import erasure, store
from ledger.clock import rfc3339
from ledger.db import Database
from ledger.errors import LedgerError
from ledger.ids import new_id
from ledger.sealing import CHUNK, DataKey, Layout, Opener, Profile, Sealer
from ledger.secrets import KeyRing
from materials.reading import store as readings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from ledger.clock import Clock

FORMAT: Final = "cailian-backup"
VERSION: Final = 1
MAIN: Final = "main.dump"
SECRET: Final = "secret.dump"  # noqa: S105 - a file name
ERASURES: Final = "erasures.json"
MANIFEST: Final = "manifest.json"
_KIND: Final = "backup"
_PIECE: Final = 1024**2
_GROUP: Final = 16
_SCHEMAS: Final = ("ledger", "authz", "certs", "materials", "api")


@dataclass(frozen=True, slots=True)
class _File:
    """A dump as the manifest tells it; `key` is its wrapped data key where it is sealed, `id` what that is bound to."""

    name: str
    sha256: str
    size: int
    id: str | None = None
    key: str | None = None


class Tools:
    """`pg_dump` and `pg_restore`, which must be of the server's version or newer.

    Args:
        folder: where they lie; None: wherever PATH finds them.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def run(self, name: str, arguments: Sequence[str], url: str, out: IO[bytes] | None = None) -> None:
        """Run a tool against a database; its password travels in the environment, never in argv.

        Raises:
            BackupInvalidError: the tool is missing or failed; the message holds its last line.
        """
        found = shutil.which(name, path=str(self._folder) if self._folder else None)
        if found is None:
            raise BackupInvalidError(reason=f"{name} is not installed")
        at = make_url(url)
        where = {
            "PGHOST": at.host or "",
            "PGPORT": str(at.port or 5432),
            "PGUSER": at.username or "",
            "PGPASSWORD": at.password or "",
            "PGDATABASE": at.database or "",
        }
        done = subprocess.run(  # noqa: S603 - the tools of the database, arguments of our own
            [found, *arguments],
            env={**os.environ, **where},
            stdout=out or subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise BackupInvalidError(reason=f"{name}: {said[-1][:200] if said else done.returncode}")


def make(url: str, folder: Path, clock: Clock, tools: Tools, *, key: bytes | None = None) -> dict[str, Any]:
    """Write a backup.

    Args:
        url: SQLAlchemy address of the database.
        folder: made; must not exist.
        clock: tells the time.
        tools: of PostgreSQL.
        key: secret of at least 32 bytes to seal the dumps with; None writes them in clear.

    Returns:
        The manifest.

    Raises:
        BackupInvalidError: a tool failed, or there is no log.
        FileExistsError: the folder exists.
    """
    folder.mkdir(parents=True, mode=0o700)
    ring = KeyRing(key) if key is not None else None
    database = Database(url, pool_size=2)
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as moment:
        moment.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = str(moment.execute("SELECT pg_export_snapshot()").fetchone()[0])  # type: ignore[index]  # one row
        common = ["--format=custom", f"--snapshot={snapshot}", "--no-owner", "--no-privileges"]
        wanted = {
            MAIN: [*common, "--exclude-table-data=ledger.secret", *(f"--schema={name}" for name in _SCHEMAS)],
            SECRET: [*common, "--data-only", "--table=ledger.secret"],
        }
        wanted[MAIN].append("--schema=ledger_*")
        files = []
        for name, arguments in wanted.items():
            with (folder / name).open("xb") as out:
                tools.run("pg_dump", arguments, url, out)
            files.append(_seal(folder, name, ring))
        head = moment.execute("SELECT origin, size, root FROM ledger.log").fetchone()
    with database.unit() as db:  # newer than the snapshot is as good: an erasure list only grows
        listed = erasure.erased(db)
    database.close()
    if head is None:
        raise BackupInvalidError(reason="the database holds no log")
    (folder / ERASURES).write_text(json.dumps(listed, indent=1) + "\n")
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "at": rfc3339(clock.now()),
        "log": head[0],
        "size": head[1],
        "root": head[2].hex(),
        "files": [{name: getattr(each, name) for name in _File.__slots__} for each in files],
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def restore(
    url: str, folder: Path, tools: Tools, *, key: bytes | None = None, erasures: Path | None = None
) -> dict[str, Any]:
    """Restore a backup into an empty database, and erase again what was erased since.

    Args:
        url: SQLAlchemy address of a database without our schemas.
        folder: the backup.
        tools: of PostgreSQL.
        key: what it was sealed with.
        erasures: the newest erasure list; None takes the backup's own, which knows nothing of what came after.

    Returns:
        Log, size and root of the backup, and how many keys and salts were erased again.

    Raises:
        BackupInvalidError: incomplete, damaged, sealed with another key, the database is not empty, or a tool failed.
    """
    manifest = _manifest(folder)
    files = {each["name"]: _File(**each) for each in manifest["files"]}
    for name in (MAIN, SECRET):  # all of it before the first row of any of it
        if not (folder / name).exists() or _digest(folder / name) != files[name].sha256:
            raise BackupInvalidError(reason=f"{name} is not what the manifest names")
    listed = _listed(erasures or folder / ERASURES)
    database = Database(url, pool_size=2)
    try:
        with database.unit() as db:
            held = db.exec_driver_sql("SELECT to_regclass('ledger.log')").scalar_one()
        if held is not None:
            raise BackupInvalidError(reason="the database is not empty")
        for name in (MAIN, SECRET):
            with _opened(folder, files[name], key) as plain:
                tools.run("pg_restore", ["--exit-on-error", "--no-owner", "--dbname", _name(url), str(plain)], url)
        with database.unit() as db:
            again = erasure.again(db, listed)
            _forget_readings(db, listed)
            head = store.log_head(db)
    finally:
        database.close()
    if head is None or (head.size, head.root.hex()) != (manifest["size"], manifest["root"]):
        raise BackupInvalidError(reason="the log is not the manifest's")
    return {"log": head.origin, "size": head.size, "root": head.root.hex(), "erased_again": again}


def _forget_readings(db: Connection, listed: list[dict[str, str]]) -> None:
    """Forget again what was read in erased documents; a backup of an older version holds no readings."""
    if db.exec_driver_sql("SELECT to_regclass('materials.reading')").scalar_one() is None:
        return
    for each in listed:
        if each["kind"] == erasure.Kind.object:
            readings.forget_values(db, each["id"])


def _name(url: str) -> str:
    return make_url(url).database or ""


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        held = json.loads((folder / MANIFEST).read_text())
        if (held["format"], held["version"]) != (FORMAT, VERSION):
            raise BackupInvalidError(reason="another format")
        if {each["name"] for each in held["files"]} != {MAIN, SECRET}:
            raise BackupInvalidError(reason="files")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupInvalidError(reason="manifest") from error
    return dict(held)


def _listed(path: Path) -> list[dict[str, str]]:
    try:
        held = json.loads(path.read_text())
        names = ("kind", "id", "proposed_at", "erased_at", "entry_id")
        return [{name: str(each[name]) for name in names} for each in held]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupInvalidError(reason="erasure list") from error


def _seal(folder: Path, name: str, ring: KeyRing | None) -> _File:
    """Seal a dump in place where there is a key; what the manifest says of it."""
    path = folder / name
    if ring is None:
        return _File(name, _digest(path), path.stat().st_size)
    data_key, owner = DataKey.fresh(Profile.INTL), new_id()
    sealed = path.with_suffix(".sealed")
    sealer = Sealer(data_key, owner)
    with path.open("rb") as plain, sealed.open("xb") as out:
        while piece := plain.read(_PIECE):
            out.write(sealer.update(piece))
        out.write(sealer.finish())
        out.flush()
        os.fsync(out.fileno())
    size = path.stat().st_size
    sealed.replace(path)
    wrapped = base64.b64encode(ring.wrap(_KIND, owner, data_key)).decode()
    return _File(name, _digest(path), size, owner, wrapped)


@contextmanager
def _opened(folder: Path, file: _File, key: bytes | None) -> Iterator[Path]:
    """A dump in clear; what was unsealed is gone after the block."""
    path = folder / file.name
    if file.key is None or file.id is None:
        yield path
        return
    if key is None:
        raise BackupInvalidError(reason=f"{file.name} is sealed; give its key")
    with TemporaryDirectory(dir=folder) as scratch:
        plain = Path(scratch) / file.name
        try:
            _unseal(path, plain, KeyRing(key).unwrap(_KIND, file.id, base64.b64decode(file.key)), file)
        except LedgerError as error:
            raise BackupInvalidError(reason=f"{file.name} does not open with this key") from error
        yield plain


def _unseal(path: Path, plain: Path, data_key: DataKey, file: _File) -> None:
    opener = Opener(data_key, file.id or "", Layout(file.size, CHUNK))
    span = opener.layout.cover(0, file.size)
    with path.open("rb") as sealed, plain.open("xb") as out:
        for group in opener.groups(span, _GROUP):
            out.write(opener.open_span(group, sealed.read(group.sealed_end - group.sealed_start)))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
