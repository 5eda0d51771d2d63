"""Places where a test may stop the process dead: between every two acts that leave a trace (RELIABILITY D1).

A point is a name in `POINTS` and one line `failpoints.reach(...)` where the code passes it. Nothing happens there
unless the process was started with `CAILIAN_FAILPOINTS` naming a socket of the test that runs it; then the process says
the point's name and does as it is told: go on, or end at once as by `kill -9`. A node outside demo mode refuses to
start with the variable set.

The test asserts which points every act passes that a client or the worker repeats after a death, and that no two of
their durable acts (a commit, an S3 PUT, a sent transaction, a witness's answer) follow each other without a point
between them: a new step needs a new point.
"""

from __future__ import annotations

import os
import signal
import socket
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VARIABLE: Final = "CAILIAN_FAILPOINTS"
"""Names the UNIX socket at which a test listens."""
GO: Final = b"g"
DIE: Final = b"k"

POINTS: Final[Mapping[str, str]] = {
    "deposit.checked": "nothing is stored",
    "deposit.stored": "S3 holds the ciphertext, no row names it, its key is in memory only",
    "deposit.recorded": "rows and entry are written, not committed",
    "deposit.committed": "committed, not acknowledged",
    "intake.checked": "rows are judged, nothing is stored",
    "intake.stored": "S3 holds the ciphertext of a file, no row names it, its key is in memory only",
    "intake.recorded": "rows, materials and entries of a batch are written, not committed",
    "intake.committed": "committed, not acknowledged",
    "issue.asked": "who calls is known, nothing is written",
    "issue.planned": "a licence has its id and its place in a status list, nothing is made",
    "issue.half": "S3 holds the ciphertext of one of two files, no row names it, its key is in memory only",
    "issue.stored": "S3 holds the ciphertext of both files, no row names them, their keys are in memory only",
    "issue.recorded": "rows, entries, facts and message are written, not committed",
    "issue.committed": "committed, not acknowledged",
    "copy.made": "what a use of a licence delivers is in memory, nothing is stored",
    "copy.stored": "S3 holds the ciphertext of a copy, no row names it, its key is in memory only",
    "copy.recorded": "copy and entry are written, not committed",
    "copy.committed": "committed, nothing has left",
    "instalments.begun": "who asks for an act of several units is known, nothing is written",
    "check.asked": "the question is committed, nothing was put",
    "check.answered": "the source answered, nothing is kept of it",
    "check.recorded": "answer, use and entries are written, not committed",
    "check.committed": "committed, not acknowledged",
    "document.used": "the use of a licence for a document is committed, nothing of it is made",
    "document.read": "the licence's values were handed over and are in memory, nothing is set",
    "document.stored": "S3 holds the ciphertext of a document, no row names it, its key is in memory only",
    "document.recorded": "material, sources and entries are written, not committed",
    "document.committed": "committed, not acknowledged",
    "form.read": "values of a licence or material, and their use, are written, not committed",
    "form.used": "they are committed, the form is not filled",
    "form.recorded": "the form and its entry are written, not committed",
    "form.committed": "committed, not acknowledged",
    "grant.signed": "the holder's signature is checked, nothing is written",
    "grant.recorded": "grant and entry are written, not committed",
    "withdrawal.signed": "the holder's signature is checked, nothing is written",
    "withdrawal.recorded": "the end of the grant and its entry are written, not committed",
    "once.committed": "an act of one unit is committed with its answer, which is not given",
    "use.decided": "allowed, nothing is written",
    "use.recorded": "grant spent, use and intent written, not committed",
    "use.committed": "committed, not acknowledged",
    "fetch.passed": "the use stands, nothing is read",
    "fetch.read": "the document is in memory, nothing is written",
    "fetch.completed": "the completion is committed, no byte has left",
    "stream.piece": "a piece is about to be sent, earlier ones may have arrived",
    "stream.ended": "all was sent, nothing is written",
    "stream.completed": "the completion is committed",
    "evidence.sealed": "a group or a bulk request is sealed and promised, in memory only",
    "evidence.committed": "entries, indices and answers are committed, not acknowledged",
    "sequence.led": "this process leads, nothing is written",
    "sequence.indexed": "pending entries have indices, not committed",
    "sequence.grown": "tiles and head are written, not committed",
    "publish.led": "this process leads; entries may have indices and no checkpoint",
    "publish.checked": "the stored tree was recomputed, nothing is signed",
    "publish.signed": "a checkpoint is signed, nobody has seen it",
    "publish.stored": "the checkpoint is written, not committed",
    "publish.committed": "the checkpoint is committed",
    "cosign.asking": "the checkpoint waits for witnesses",
    "cosign.answered": "a witness cosigned, nothing is kept of it",
    "cosign.kept": "cosignatures are written, not committed",
    "cosign.committed": "cosignatures are committed",
    "anchor.identified": "which chain the anchors are on is committed",
    "anchor.looked": "the chain was asked, nothing is written",
    "anchor.built": "a transaction is signed, in memory only",
    "anchor.intended": "the intent is committed, nothing is sent",
    "anchor.sent": "the chain has the transaction",
    "anchor.proven": "the anchor is proven, in memory only",
    "anchor.confirmed": "the proof is committed",
}
"""Every point, and what is durable when a process dies there."""

_hook: Callable[[str], None] | None = None


def reach(point: str) -> None:
    """Pass a point. Costs one comparison where nobody listens.

    Args:
        point: a name of `POINTS`.
    """
    if _hook is not None:
        _hook(point)


def arm(environ: Mapping[str, str], *, allowed: bool) -> None:
    """Listen to the test that started this process, if one did. Called once, before anything is served.

    Args:
        environ: of the process.
        allowed: whether the node's settings permit it; only demo mode does.

    Raises:
        RuntimeError: the variable is set where it must not be.
    """
    global _hook  # noqa: PLW0603 - one process is stopped or none
    address = environ.get(VARIABLE)
    if not address:
        _hook = None
        return
    if not allowed:
        msg = f"{VARIABLE} is set: a node that is not a demonstration does not start with it"
        raise RuntimeError(msg)
    _hook = lambda point: _ask(address, point)  # noqa: E731


def _ask(address: str, point: str) -> None:
    """Say where we are and do as told. Without an answer the test is gone, and there is nobody left to go on for."""
    if point not in POINTS:
        msg = f"{point} is not in the table of points"
        raise RuntimeError(msg)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as test:
        test.connect(address)
        test.sendall(f"{os.getpid()} {point}\n".encode())
        answer = test.recv(1)
    if answer != GO:
        os.kill(os.getpid(), signal.SIGKILL)
