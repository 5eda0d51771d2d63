"""What a run of `ledger.fsck` has found and where it stands, so that it can be stopped and resumed."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from ledger import merkle
from ledger.errors import FsckStateError, LogDivergedError
from ledger.tiles import Edge

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.model import LogHead

_FORMAT: Final = "cailian-fsck"
_VERSION: Final = 1
_MAX_DEFECTS: Final = 1000
"""More say nothing new; the count goes on."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is not as it must be: a kebab-case code and the place, e.g. `tile 0/000`."""

    code: str
    place: str


@dataclass(slots=True)
class FsckReport:
    """What was looked at, and what is wrong.

    Attributes:
        entries: leaves hashed, pending ones not counted.
        pending: entries without an index.
        records: records opened against their leaf.
        erased: indexed entries whose record is not there any more.
        clear: entries in clear, which have no record (`ledger.clear`).
        tiles: tiles compared.
        checkpoints: signatures and roots checked.
        anchors: confirmed anchors compared.
        objects: objects found in S3.
        defect_count: all defects; `defects` holds the first 1000.
        root: root over `entries`, hex.
    """

    entries: int = 0
    pending: int = 0
    records: int = 0
    erased: int = 0
    clear: int = 0
    tiles: int = 0
    checkpoints: int = 0
    anchors: int = 0
    objects: int = 0
    defect_count: int = 0
    root: str = ""
    defects: list[Defect] = field(default_factory=list)

    def defect(self, code: str, place: str) -> None:
        """Note a defect."""
        self.defect_count += 1
        if len(self.defects) < _MAX_DEFECTS:
            self.defects.append(Defect(code, place))

    def as_json(self) -> dict[str, Any]:
        """The report as JSON; `defects` as `code: place`."""
        figures = {name: getattr(self, name) for name in self.__slots__ if name != "defects"}
        return {**figures, "defects": [f"{each.code}: {each.place}" for each in self.defects]}


class Stack:
    """RFC 6962 root over leaves added one by one: the complete subtrees from left to right, largest first.

    Args:
        nodes: hashes of those subtrees.
        size: leaves below them.
    """

    def __init__(self, nodes: list[bytes], size: int) -> None:
        self.nodes = nodes
        self.size = size

    def append(self, leaf_hash: bytes) -> None:
        """Add a leaf."""
        self.nodes.append(leaf_hash)
        self.size += 1
        for _ in range((self.size & -self.size).bit_length() - 1):
            right = self.nodes.pop()
            self.nodes[-1] = merkle.node_hash(self.nodes[-1], right)

    def root(self) -> bytes:
        """Of the tree so far."""
        value: bytes | None = None
        for node in reversed(self.nodes):
            value = node if value is None else merkle.node_hash(node, value)
        return merkle.EMPTY_ROOT if value is None else value


class Progress:
    """A run between two pages.

    Attributes:
        stack, edge: the tree so far, by either way of making it.
        report: what was found.
    """

    def __init__(self, origin: str, stack: Stack, edge: Edge, report: FsckReport, path: Path | None) -> None:
        self._origin = origin
        self.stack = stack
        self.edge = edge
        self.report = report
        self._path = path

    @classmethod
    def begin(cls, head: LogHead, path: Path | None) -> Progress:
        """Go on where the file says, or begin.

        Raises:
            FsckStateError: the file is none of ours, of another log, or beyond the log's end (a restored backup).
        """
        if path is None or not path.exists():
            return cls(head.origin, Stack([], 0), Edge(0, {}), FsckReport(), path)
        try:
            held = json.loads(path.read_text())
            if (held["format"], held["version"], held["origin"]) != (_FORMAT, _VERSION, head.origin):
                raise FsckStateError(reason="of another log or version")
            size = held["size"]
            edge = Edge(size, {int(level): bytes.fromhex(row) for level, row in held["edge"].items()})
            stack = Stack([bytes.fromhex(node) for node in held["nodes"]], size)
            report = FsckReport(**(held["report"] | {"defects": [Defect(*each) for each in held["report"]["defects"]]}))
        except (ValueError, TypeError, KeyError, AttributeError, LogDivergedError) as error:
            raise FsckStateError(reason="not a state of fsck") from error
        if size > head.size or stack.root() != edge.root():
            raise FsckStateError(reason="not a state of this log", size=size)
        return cls(head.origin, stack, edge, report, path)

    @property
    def size(self) -> int:
        """Entries done."""
        return self.stack.size

    def save(self) -> None:
        """Keep the state, if it is to be kept."""
        if self._path is None:
            return
        rows = {tile.level: tile.hashes.hex() for tile in self.edge.tiles()}
        report = {each.name: getattr(self.report, each.name) for each in fields(self.report)}
        report["defects"] = [(each.code, each.place) for each in self.report.defects]
        state = {
            "format": _FORMAT,
            "version": _VERSION,
            "origin": self._origin,
            "size": self.size,
            "nodes": [node.hex() for node in self.stack.nodes],
            "edge": rows,
            "report": report,
        }
        fresh = self._path.with_name(self._path.name + ".new")
        with fresh.open("w") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._path)

    def end(self) -> None:
        """The run is over: its state is of no more use."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
