"""Everything `cailian bench` measures, in one run on one exchange per crypto profile."""

from __future__ import annotations

import platform
import shutil
import statistics
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bench import (
    browser,
    checklist,
    consent,
    evidence,
    flat,
    intake,
    licences,
    memory,
    pages,
    prefill,
    prereview,
    proofs,
    reading,
)
from bench.load import Load, Run, Target
from bench.world import Bench

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAIRS = 5
ALONE = ("flat", "proofs", "reading", "prefill", "prereview", "browser")
"""Benchmarks that need no exchange of a profile."""
SIZE = 200_000


@dataclass(slots=True)
class Suite:
    """One run of the benchmarks.

    Attributes:
        folder: where the exchange and the report go; made anew.
        seconds: length of one measured run.
        tell: is told what is going on.
        only: name of the one benchmark to run, or None.
    """

    folder: Path
    seconds: float
    tell: Callable[[str], None]
    only: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    load: Load = field(default_factory=Load)

    def row(self, name: str, shown: str, target: str, met: bool | None, **figures: Any) -> None:  # noqa: FBT001
        """Keep and tell one result."""
        self.rows.append({"name": name, "shown": shown, "target": target, "met": met, **figures})
        self.tell(f"{name}: {shown} (target {target})")

    def wanted(self, name: str) -> bool:
        """Whether this benchmark runs."""
        return self.only in (None, name)

    def pairs(self, target: Target, ours: str, raw: str, clients: int) -> tuple[list[Run], list[Run]]:
        """Five interleaved pairs: the order inside a pair changes, so that no side always runs first."""
        held: dict[str, list[Run]] = {ours: [], raw: []}
        for turn in range(PAIRS):
            for job in (ours, raw) if turn % 2 else (raw, ours):
                held[job].append(self.load.run(target, job, clients=clients, seconds=self.seconds))
        return held[ours], held[raw]

    def ratio(self, target: Target, name: str, ours: str, raw: str, least: float) -> None:
        """Throughput with eight clients as a share of the raw rate."""
        if not self.wanted(name.split(" ", maxsplit=1)[0]):
            return
        own, bare = self.pairs(target, ours, raw, clients=8)
        share = statistics.median(a.rate / b.rate for a, b in zip(own, bare, strict=True))
        rates = [statistics.median(part.rate for part in side) for side in (own, bare)]
        spread = [round(a.rate / b.rate, 3) for a, b in zip(own, bare, strict=True)]
        shown = f"{share:.3f}  ({rates[0]:.0f}/s over {rates[1]:.0f}/s raw)"
        self.row(name, shown, f">= {least}", share >= least, ratio=share, ours=rates[0], raw=rates[1], pairs=spread)

    def added(self, target: Target, name: str, ours: str, raw: str | None, most: float) -> None:
        """Milliseconds one lone client waits longer than for the raw operation."""
        if not self.wanted(name.split(" ", maxsplit=1)[0]):
            return
        if raw is None:
            alone = [self.load.run(target, ours, clients=1, seconds=self.seconds).at(0.5) for _ in range(3)]
            value, shown = statistics.median(alone), f"{statistics.median(alone):.1f} ms"
        else:
            own, bare = self.pairs(target, ours, raw, clients=1)
            value = statistics.median(a.at(0.5) - b.at(0.5) for a, b in zip(own, bare, strict=True))
            pair = [statistics.median(part.at(0.5) for part in side) for side in (own, bare)]
            shown = f"{value:.1f} ms  ({pair[0]:.1f} ms over {pair[1]:.1f} ms raw)"
        self.row(name, shown, f"<= {most} ms", value <= most, milliseconds=value)

    def profile(self, profile: str, *, full: bool = False) -> None:
        """Everything that depends on the crypto profile."""
        with Bench(self.folder / profile, profile) as bench:
            self.tell(f"profile {profile}: exchange up")
            target = bench.target(SIZE)
            self.ratio(target, f"deposit 200 kB, 8 clients, {profile}", "deposit", "raw-put", 0.35)
            self.ratio(target, f"use and fetch 200 kB, 8 clients, {profile}", "use-fetch", "raw-get", 0.30)
            self.added(target, f"deposit-alone adds, {profile}", "deposit", "raw-put", 12)
            self.added(target, f"use-alone adds, {profile}", "use-fetch", "raw-get", 8)
            self.added(target, f"guard-alone takes, {profile}", "use-only", None, 5)
            if self.wanted("memory"):
                grown = memory.upload(bench, 1024**3)
                shown = f"{grown.mebibytes:.0f} MiB  ({grown.rate:.0f} MB/s)"
                self.row(f"memory of a 1 GiB upload, {profile}", shown, "< 150 MiB", grown.mebibytes < 150)
            if profile == "intl":
                evidence.measure(self, bench)
                licences.measure(self, bench)
                consent.measure(self, bench, target)
                checklist.measure(self, bench)
                intake.measure(self, target, full=full)
                if self.wanted("pages"):
                    pages.measure(self, bench.exchange.base_url)
            if profile == "intl" and self.wanted("bulk"):
                held = bench.ledger_alone()
                met = held.entries_per_second >= 10_000 and held.worst_lag_seconds <= 2
                lag = f"integrated {held.worst_lag_seconds:.2f} s after its commit"
                shown = f"{held.entries_per_second:.0f} entries/s, {lag}"
                self.row("bulk: ledger alone", shown, ">= 10000/s, <= 2 s", met, **asdict(held))


def run_all(
    folder: Path, *, seconds: float, only: str | None, tell: Callable[[str], None], full: bool = False
) -> dict[str, Any]:
    """Run the benchmarks; rows with what was measured beside its target.

    Args:
        folder: made anew.
        seconds: length of one measured run.
        only: first word of a benchmark's name, or None for all.
        tell: is told each result as it comes.
        full: read every page of the labelled set, not 40 of them, and check a manifest of 100,000 rows.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    suite = Suite(folder, seconds, tell, only)
    try:
        for profile in ("intl", "gm") if only not in ALONE else ():
            suite.profile(profile, full=full)
            shutil.rmtree(folder / profile, ignore_errors=True)
        if suite.wanted("flat"):
            flat.measure(suite)
        if suite.wanted("proofs"):
            proofs.measure(suite)
        if suite.wanted("reading"):
            reading.measure(suite, full=full)
        if suite.wanted("prefill"):
            prefill.measure(suite)
        if suite.wanted("prereview"):
            prereview.measure(suite, full=full)
        if suite.wanted("browser"):
            browser.measure(suite)
    finally:
        suite.load.close()
    return {"machine": platform.machine(), "python": platform.python_version(), "size": SIZE, "rows": suite.rows}
