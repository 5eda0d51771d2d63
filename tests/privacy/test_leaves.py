"""Public bytes of all kinds of entries cannot be told apart (DESIGN 5, RELIABILITY P2, P4)."""

from __future__ import annotations

import base64
import itertools
import json
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from ledger import clear, kept
from ledger.record import SALTS_SIZE, Record, canonical, seal, seal_parts

ROOT = Path(__file__).parents[2]
SEALED = {
    "linked.left",
    "linked.abandoned",
    "linked.adopted",
    "linked.announced",
    "entitlement.handed-off",
    "entitlement.published",
    "entitlement.begun",
    "objection.answered",
    "objection.raised",
    "inquiry.answered",
    "automatic.resumed",
    "automatic.left",
    "automatic.decided",
    "automatic.begun",
    "access.answered",
    "access.ended",
    "access.provider-named",
    "access.requested",
    "ask.refused",
    "audit.looked",
    "break-glass.approved",
    "break-glass.opened",
    "break-glass.reviewed",
    "case.accepted",
    "case.amended",
    "case.closed",
    "case.opened",
    "case.sent-back",
    "case.submitted",
    "check.answered",
    "check.asked",
    "check.failed",
    "delegation.ended",
    "delegation.given",
    "duty.audit-answered",
    "duty.audit-closed",
    "duty.audited",
    "duty.delay-lifted",
    "duty.notice-delayed",
    "duty.sampled",
    "document.generated",
    "assistance.asked",
    "assistance.ended",
    "assistance.overdue",
    "commitment.signed",
    "commitment.ended",
    "commitment.fulfilled",
    "commitment.checked",
    "commitment.overdue",
    "document.sealed",
    "evidence.anchored",
    "form.changed",
    "form.filled",
    "grant.given",
    "grant.withdrawn",
    "holder.heads",
    "licence.changed",
    "key.enrolled",
    "key.revoked",
    "licence.derived",
    "licence.issued",
    "licence.searched",
    "licence.credential-given",
    "licence.presented",
    "licence.code-issued",
    "licence.code-voided",
    "licence.disputed",
    "licence.dispute-answered",
    "licence.delivered",
    "licence.delivery-opened",
    "log.key-changed",
    "material.deposited",
    "material.dispute-answered",
    "material.disputed",
    "material.read",
    "material.superseded",
    "material.withdrawn",
    "object.erased",
    "party.credential-added",
    "party.credential-retired",
    "outbox.replayed",
    "operator.login-given",
    "operator.login-taken",
    "party.limits-set",
    "party.registered",
    "party.resumed",
    "party.suspended",
    "project.created",
    "project.joined",
    "record.erased",
    "representation.ended",
    "representation.recorded",
    "reuse.confirmed",
    "review.made",
    "review.settled",
    "seal-key.enrolled",
    "seal-key.revoked",
    "use.aborted",
    "use.completed",
    "use.intended",
    "use.refused",
    "use.report-answered",
    "use.reported",
    "withdrawal.acknowledged",
}
"""Every type of record. A new one is added here, and so to the statistics below."""
CLEAR = {"district.checkpoint", "register.published"}

SAMPLES = 400
FORM = re.compile(rb'\{"c":"[A-Za-z0-9_-]{43}","v":1\}')
# Chi-square over 255 degrees of freedom: mean 255, deviation 22.6. Nine deviations never happen by chance, and salts
# are seeded, so that the same bytes are judged every time.
LIMIT = 255 + 9 * 22.6


def leaves(kind: str) -> list[bytes]:
    """Leaves of one type; what is in them is as telling as it can be: the same for all of a type."""
    rng = random.Random(kind)
    size = rng.choice([0, 10, 3000])
    record = Record({"type": kind, "time": "2026-11-21T04:00:00.000Z"}, {"case": "C-1", "more": "x" * size})
    return [seal(record, rng.randbytes(SALTS_SIZE)).leaf for _ in range(SAMPLES)]


@pytest.fixture(scope="module")
def commitments() -> dict[str, bytes]:
    """All commitments of each type, joined."""
    return {
        kind: b"".join(base64.urlsafe_b64decode(json.loads(leaf)["c"] + "=") for leaf in leaves(kind))
        for kind in sorted(SEALED)
    }


def chi_square(one: bytes, other: bytes) -> float:
    """Two samples of equal size against each other, by byte value."""
    left, right = Counter(one), Counter(other)
    return sum((left[value] - right[value]) ** 2 / (left[value] + right[value]) for value in {*left, *right})


class TestTypes:
    def test_are_all_known_here(self) -> None:
        found = set()
        for package in ("ledger", "authz", "certs", "materials", "api"):
            for path in (ROOT / package).rglob("*.py"):
                text = path.read_text("utf-8")
                found |= set(re.findall(r'"type": "([a-z-]+\.[a-z-]+)"', text))
                found |= set(re.findall(r'^(?:TYPE|_[A-Z]+): Final = "([a-z-]+\.[a-z-]+)"', text, re.MULTILINE))
                found |= set(re.findall(r'_record\(\s*"([a-z-]+\.[a-z-]+)"', text))
                if '"type": f"{kind}.erased"' in text:
                    found |= {"object.erased", "record.erased"}
        assert found - CLEAR == SEALED

    def test_in_clear_are_registers_and_district_checkpoints_only(self) -> None:
        named = re.findall(
            r'^    type: ClassVar\[str\] = "([a-z.]+)"', Path(clear.__file__).read_text("utf-8"), re.MULTILINE
        )
        assert set(named) == CLEAR


class TestForm:
    @pytest.mark.parametrize("kind", sorted(SEALED))
    def test_is_the_same(self, kind: str) -> None:
        made = leaves(kind)
        assert {len(leaf) for leaf in made} == {57}
        assert all(FORM.fullmatch(leaf) for leaf in made)

    def test_is_the_same_on_the_lean_path(self) -> None:
        """Digests of kept documents are sealed without building a record: what comes out must be equal byte for byte."""
        rng = random.Random(5)
        document = kept.KeptDocument("R-1", "0" * 64)
        fact = kept._fact(document, "2026-11-21T04:00:00.000Z")
        parties = kept._parties(kept.Keeping("owner", "11310199XX00000C94", document))
        salts = rng.randbytes(SALTS_SIZE)
        record = Record(json.loads(fact), json.loads(parties))
        assert (canonical(record.fact), canonical(record.parties)) == (fact, parties)
        assert seal_parts(fact, parties, salts).leaf == seal(record, salts).leaf


class TestBytes:
    def test_are_uniform_for_every_type(self, commitments: dict[str, bytes]) -> None:
        even = bytes(range(256)) * (SAMPLES * 32 // 256)
        worst = max((2 * chi_square(raw, even), kind) for kind, raw in commitments.items())
        assert worst[0] < 2 * LIMIT, worst

    def test_do_not_differ_between_any_two_types(self, commitments: dict[str, bytes]) -> None:
        worst = max(
            (chi_square(commitments[one], commitments[other]), one, other)
            for one, other in itertools.combinations(commitments, 2)
        )
        assert worst[0] < LIMIT, worst

    def test_the_statistic_sees_a_type_byte(self, commitments: dict[str, bytes]) -> None:
        """One byte in 32 that said the type would be found."""
        marked = [
            b"".join(bytes([mark]) + raw[at + 1 : at + 32] for at in range(0, len(raw), 32))
            for mark, raw in ((1, commitments["use.intended"]), (2, commitments["use.refused"]))
        ]
        assert chi_square(*marked) > LIMIT

    def test_repeat_for_no_two_entries_of_equal_content(self, commitments: dict[str, bytes]) -> None:
        whole = b"".join(commitments.values())
        pieces = [whole[at : at + 32] for at in range(0, len(whole), 32)]
        assert len(set(pieces)) == len(pieces)
