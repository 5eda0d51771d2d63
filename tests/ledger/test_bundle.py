"""Bundles built from a real log and a real chain. What must not pass is the corpus's business (`test_corpus`)."""

from __future__ import annotations

import io
import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from ledger import bundle, chainproof, store, tables
from ledger.chain import Chain
from ledger.clear import DistrictCheckpoint, clear_leaf
from ledger.errors import ConsentMismatchError, EntryNotFoundError, OriginalGivenError, VerificationError
from ledger.note import NoteVerifier
from ledger.report import StepState, Verdict
from ledger.trust import LogKey, Trust
from ledger.verify import load_bundle, verify
from tests.ledger.chains import member_accounts, settle
from tests.ledger.corpus.logs import Log as MemoryLog
from tests.ledger.logs import ORIGIN, Log, digests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.chainproof import ChainIdentity
    from ledger.db import Database
    from ledger.report import Report

DOCUMENT = "公司章程 · articles of association\n".encode() * 5000
FACT = {"digests": digests(DOCUMENT), "size": len(DOCUMENT)}
CITY = "log.test/city"


class World:
    """A deposit, a grant and a use in a log that was anchored once, and the trust file of its reader."""

    def __init__(self, database: Database, chain_url: str) -> None:
        self.log = Log(database)
        self.log.append(300)
        use = {"use": "u-1", "case": "C-1", "requester": "11310199XX00000C1X", "grant": "g-1", "terms": "ab" * 32}
        self.deposit = self.log.record({"type": "material.deposited", **FACT})
        self.grant = self.log.record({"type": "grant.given"}, {"grant": "g-1", "terms": "ab" * 32})
        self.intended = self.log.record({"type": "use.intended", **FACT}, use)
        self.completed = self.log.record({"type": "use.completed", **FACT}, {"use": "u-1"})
        self.log.append(5)
        head = self.log.integrate()
        assert head is not None
        self.head = head
        self.identity = self._anchor(chain_url)
        self.log.append(7)
        self.log.integrate()
        self.trust = Trust((LogKey(self.log.key),), chain=self.identity)

    def _anchor(self, url: str) -> ChainIdentity:
        member, chain, log = secrets.token_bytes(32), Chain(url, secrets.token_bytes(32)), chainproof.log_id(ORIGIN)
        chain.deploy(member_accounts([member]), 1)
        chain.register_log(log, b"\x07" * 32, [member])
        settle(chain, chain.build_anchor_tx(log, 0, self.head.size, self.head.root, [], chain.nonce()))
        proof = chain.proof_of(log)
        with self.log.database.unit() as db:
            db.execute(
                insert(tables.anchor).values(
                    size=self.head.size, root=self.head.root, state="confirmed", proof=proof.section
                )
            )
        return chain.identity()

    def bundle(self, kind: str, *entries: str, **options: Any) -> dict[str, Any]:
        with self.log.database.unit() as db:
            return bundle.build(db, self.log.evidence, kind, entries, **options)


@pytest.fixture(scope="module")
def world(database: Database, chain_url: str) -> Iterator[World]:
    return World(database, chain_url)


def check(value: dict[str, Any], trust: Trust | None, document: bytes | None = None) -> Report:
    raw = json.dumps(value).encode()
    return verify(load_bundle(raw), trust, None if document is None else io.BytesIO(document))


def states(report: Report) -> dict[str, StepState]:
    return {step.name: step.state for step in report.steps}


class TestAnchored:
    def test_a_deposit_is_proven_with_its_document(self, world: World) -> None:
        value = world.bundle("deposit", world.deposit)
        assert value["critical"] == ["chain", "deposit", "log"]
        report = check(value, world.trust, DOCUMENT)
        assert (report.verdict, report.trust, report.size) == (Verdict.proven, "checked", world.head.size)
        assert report.anchored_at is not None
        assert chainproof.FINALITY_NOT_PROVEN in report.steps[10].en
        assert json.loads(json.dumps(report.as_json()))["verdict"] == "proven"

    def test_a_use_binds_its_records_and_what_stands_beside(self, world: World) -> None:
        beside = {"deposit": [world.deposit], "grant": [world.grant]}
        report = check(world.bundle("use", world.intended, world.completed, beside=beside), world.trust, DOCUMENT)
        assert report.verdict is Verdict.proven
        assert [(record["act"], record["fact"]["type"]) for record in report.records] == [
            ("use", "use.intended"),
            ("use", "use.completed"),
            ("deposit", "material.deposited"),
            ("grant", "grant.given"),
        ]

    def test_parties_stay_shut_on_demand(self, world: World) -> None:
        shut = world.bundle("deposit", world.deposit, hide_parties=True)
        assert "C-1" not in json.dumps(shut)
        report = check(shut, world.trust, DOCUMENT)
        assert (report.verdict, report.records[0]["parties"]) == (Verdict.proven, None)

    def test_any_changed_byte_is_refused_or_leaves_the_same_meaning(self, world: World) -> None:
        value = world.bundle("use", world.intended, world.completed)
        raw = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        good = check(value, world.trust)
        for place in range(0, len(raw), 41):
            changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
            try:
                report = verify(load_bundle(changed), world.trust)
            except VerificationError:
                continue
            assert report.as_json() == good.as_json()


class TestWeaker:
    def test_without_trust_nothing_is_proven(self, world: World) -> None:
        report = check(world.bundle("use", world.intended), None, DOCUMENT)
        assert (report.verdict, report.trust, report.anchored_at) == (Verdict.unknown, "unknown", None)

    def test_before_anchoring_it_is_logged(self, world: World) -> None:
        new = world.log.record({"type": "material.deposited", "digests": digests(b"x")})
        world.log.integrate()
        value = world.bundle("deposit", new)
        assert "chain" not in value["sections"]
        assert check(value, world.trust, b"x").verdict is Verdict.logged

    def test_before_integration_it_is_promised_and_never_called_proven(self, world: World) -> None:
        new = world.log.record({"type": "material.deposited", "digests": digests(b"x")})
        value = world.bundle("deposit", new)
        assert value["sections"]["log"] == {"origin": ORIGIN}
        report = check(value, world.trust, b"x")
        assert (report.verdict, report.size) == (Verdict.promised, None)
        assert "not a proof" in report.steps[8].en

    def test_a_completion_that_pends_mixes_proof_and_promise(self, world: World) -> None:
        late = world.log.record({"type": "use.completed", **FACT}, {"use": "u-1"})
        report = check(world.bundle("use", world.intended, late), world.trust, DOCUMENT)
        assert report.verdict is Verdict.promised
        assert states(report)["chain"] is StepState.ok

    def test_an_erased_record_is_mute(self, world: World) -> None:
        entry = world.log.record({"type": "material.deposited", "digests": digests(b"x")})
        world.log.integrate()
        before = world.bundle("deposit", entry)
        with world.log.database.unit() as db:
            store.erase_record(db, entry)
        value = world.bundle("deposit", entry)
        assert value["sections"]["deposit"]["entries"][0]["opening"] is None
        report = check(value, world.trust)
        assert (report.verdict, report.records[0]["fact"]) == (Verdict.mute, None)
        assert check(before, world.trust, b"x").verdict is Verdict.logged  # whoever held an opening keeps it

    def test_an_unknown_entry_is_named(self, world: World) -> None:
        with pytest.raises(EntryNotFoundError):
            world.bundle("deposit", "01890000-0000-7000-8000-000000000000")


LICENCE = b"%PDF licence"
COPY = b"%PDF derived copy"


class Licence:
    """A licence in the log, its suspension, a use of it, and the derived copy that left."""

    def __init__(self, database: Database) -> None:
        self.log = Log(database)
        pdf = {"digests": digests(LICENCE), "size": len(LICENCE)}
        issuer = {
            "requester": "11310199XX00000D1B",
            "licence": "l-1",
            "licence_id": "1.2.156.3005.2",
            "holders": ["i-1"],
        }
        use = {"requester": "11310199XX00000C1X", "use": "u-1", "object": "l-1", "holder": "r-1"}
        copy = {"requester": use["requester"], "use": "u-1", "copy": "c-1", "holder": "r-1"}
        copy |= {name: issuer[name] for name in ("licence", "licence_id")}
        made = {"rendition": "copy", "digests": digests(COPY), "size": len(COPY), "parent": digests(LICENCE)}
        record = self.log.record
        self.issued = record({"type": "licence.issued", **pdf}, issuer | {"operation": "01", "ofd": None})
        self.changed = record({"type": "licence.changed"}, issuer | {"operation": "03", "status": "02"})
        self.intended = record({"type": "use.intended", **pdf}, use)
        self.derived = record({"type": "licence.derived", **made}, copy)
        self.completed = record({"type": "use.completed", **pdf}, {"use": "u-1"})
        self.log.integrate()
        self.trust = Trust((LogKey(self.log.key),))

    def bundle(self, kind: str, *entries: str, **options: Any) -> dict[str, Any]:
        with self.log.database.unit() as db:
            return bundle.build(db, self.log.evidence, kind, entries, **options)


@pytest.fixture(scope="class")
def library(database: Database) -> Licence:
    return Licence(database)


class TestLicence:
    def test_is_shown_with_its_newest_state(self, library: Licence) -> None:
        report = check(library.bundle("licence", library.issued, library.changed), library.trust, LICENCE)
        assert (report.verdict, report.document_is) == (Verdict.logged, "original")
        assert [record["fact"]["type"] for record in report.records] == ["licence.issued", "licence.changed"]

    def test_receipt_holds_the_copy_and_keeps_the_issuers_handles_shut(self, library: Licence) -> None:
        beside = {"licence": [library.issued], "derived": [library.derived]}
        value = library.bundle("use", library.intended, library.completed, beside=beside)
        assert value["critical"] == ["derived", "licence", "log", "use"]
        assert "i-1" not in json.dumps(value)
        report = check(value, library.trust, COPY)
        assert (report.verdict, report.document_is) == (Verdict.logged, "copy")
        with pytest.raises(OriginalGivenError):
            check(value, library.trust, LICENCE)

    def test_change_beside_a_use_is_bound_by_open_parties(self, library: Licence) -> None:
        value = library.bundle("use", library.intended, beside={"licence": [library.issued, library.changed]})
        assert check(value, library.trust).records[1]["parties"]["licence"] == "l-1"


class Consent:
    """A grant, the enrolment of the key that signed it, and a use."""

    def __init__(self, database: Database) -> None:
        self.log = Log(database)
        record, pdf = self.log.record, {"digests": digests(LICENCE), "size": len(LICENCE)}
        self.key = record({"type": "key.enrolled"}, {"key": "k-1", "terms": "e" * 43})
        self.given = record({"type": "grant.given"}, {"grant": "g-1", "terms": "t" * 43})
        use = {"use": "u-1", "requester": "r-1", "grant": "g-1", "terms": "t" * 43}
        self.first = record({"type": "use.intended", **pdf}, use | {"grant_use": 1})
        self.intended = record({"type": "use.intended", **pdf}, use | {"use": "u-2", "grant_use": 2})
        self.log.integrate()
        self.trust = Trust((LogKey(self.log.key),))
        self.shown = {"grant": {"consent": {"terms": {}, "signature": "eyJ"}}}

    def bundle(self, **beside: list[str]) -> dict[str, Any]:
        members = {name: held for name, held in self.shown.items() if name in beside}
        with self.log.database.unit() as db:
            return bundle.build(db, self.log.evidence, "use", [self.intended], beside=beside, members=members)


@pytest.fixture(scope="class")
def consented(database: Database) -> Consent:
    return Consent(database)


class TestConsent:
    def test_stands_beside_its_entries(self, consented: Consent) -> None:
        value = consented.bundle(grant=[consented.given], key=[consented.key], earlier=[consented.first])
        assert value["critical"] == ["earlier", "grant", "key", "log", "use"]
        assert value["sections"]["grant"]["consent"] == consented.shown["grant"]["consent"]
        with pytest.raises(ConsentMismatchError) as raised:
            check(value, consented.trust, LICENCE)
        assert (raised.value.step, raised.value.name) == (12, "signature")

    def test_key_and_earlier_uses_go_with_a_grant_only(self, consented: Consent) -> None:
        value = consented.bundle(key=[consented.key], earlier=[consented.first])
        assert value["critical"] == ["log", "use"]
        states = {step.name: step.state.value for step in check(value, consented.trust, LICENCE).steps}
        assert {states[name] for name in ("signature", "enrolment", "delegation", "enforcement")} == {"skipped"}

    def test_without_what_was_signed_nothing_is_proven(self, consented: Consent) -> None:
        value = consented.bundle(grant=[consented.given])
        del value["sections"]["grant"]["consent"]
        states = {step.name: step.state.value for step in check(value, consented.trust, LICENCE).steps}
        assert (states["signature"], states["enforcement"]) == ("unproven", "unproven")


class Superior:
    """A district's log, whose newest checkpoint the city holds; only an older one is anchored by the district itself."""

    def __init__(self, database: Database, chain_url: str) -> None:
        self.world = World(database, chain_url)
        self.late = self.world.log.record({"type": "material.deposited", "digests": digests(b"x")})
        self.world.log.integrate()
        with database.unit() as db:
            newest = store.newest_published(db)
        assert newest is not None
        city = MemoryLog(CITY)
        city.fill(3)
        index = city.add_leaf(clear_leaf(DistrictCheckpoint(datetime(2026, 11, 21, tzinfo=UTC), "310199", newest.note)))
        city.fill(6)
        proof = {"leaf": city.leaves[index].decode(), **city.proof(index, 6), "checkpoint": city.checkpoint(6)}
        with database.unit() as db:
            row = {"size": newest.head.size, "note": newest.note, "proof": proof, "sent_at": newest.at}
            db.execute(insert(tables.superior).values(**row))
        key = LogKey(NoteVerifier.parse(city.signer.vkey))
        self.trust = replace(self.world.trust, logs=(*self.world.trust.logs, key))


@pytest.fixture(scope="class")
def held(database: Database, chain_url: str) -> Superior:
    return Superior(database, chain_url)


class TestUnderASuperior:
    def test_own_anchor_goes_before_a_superior_that_is_not_anchored(self, held: Superior) -> None:
        report = check(held.world.bundle("deposit", held.world.deposit), held.trust)
        assert (report.verdict, report.superiors) == (Verdict.proven, ())

    def test_what_only_the_superior_holds_is_shown_through_it(self, held: Superior) -> None:
        value = held.world.bundle("deposit", held.late)
        report = check(value, held.trust, b"x")
        assert (report.verdict, report.superiors) == (Verdict.logged, (CITY,))
        with pytest.raises(VerificationError) as refused:
            check(value, held.world.trust, b"x")
        assert (refused.value.step, refused.value.name) == (7, "superiors")

    def test_a_superior_that_is_anchored_goes_before_all(self, held: Superior) -> None:
        held.world.log.run('UPDATE ledger.superior SET chain = \'{"of": "the city"}\', anchored_at = now()')
        value = held.world.bundle("deposit", held.world.deposit)
        assert value["sections"]["chain"] == {"of": "the city"}
        assert len(value["sections"]["log"]["superiors"]) == 1
