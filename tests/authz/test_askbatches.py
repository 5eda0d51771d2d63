"""Asking for several things at once: the notice, the ticks, the one signature, and what becomes of it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from authz.askbatches import AskBatch, AskBatches
from authz.consentnotice import Part, Purpose, Thing
from authz.delegationterms import Scope
from authz.errors import (
    AskClosedError,
    ConsentBundledError,
    IdTokenRefusedError,
    InvalidTermsError,
    SignerNotHolderError,
    UnknownAskError,
    UseRefusedError,
)
from authz.model import AskState, Grant, Mode
from authz.terms import CONSENT, SEPARATE, Frequency, GrantBody, answer
from authz.vault import digest_of
from tests.authz.world import CASE, CAUSE, ITEM, LEASE, World

LEASE_TYPE = Thing(None, "CL022", "房屋租赁合同", "Lease", 2)
HEALTH = Thing(None, "CL040", "健康证明", "Health certificate", 3)
DEED = Thing(None, "CL021", "不动产权证书", "Title deed", 3)
NOBODY = "00000000-0000-7000-8000-000000000000"


class Desk:
    """A department that asks, and a phone that answers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.batches = AskBatches(
            world.asks, world.grants, world.delegations, world.parties, world.notices, world.clock
        )

    def part(self, *things: Thing, **terms: Any) -> Part:
        now = self.world.clock.now()
        whole = {
            "item_code": ITEM,
            "case_no": CASE,
            "cause": CAUSE,
            "types": [thing.type_code for thing in things],
            "max_uses": 3,
            "valid_from": now,
            "valid_to": now.replace(year=2027),
            "basis": SEPARATE if any(thing.sensitive for thing in things) else CONSENT,
        }
        body = self.world.grants.propose(self.world.caller, self.world.firm, **(whole | terms))
        return Part(body, things, {"phone": ("电话", "Telephone")})

    def ask(self, *parts: Part, **how: Any) -> AskBatch:
        with self.world.database.unit() as db:
            return self.batches.create(
                db, self.world.caller, self.world.firm, "qp-103", Purpose("食品经营许可", "Food licence"), parts, **how
            )

    def three(self) -> AskBatch:
        return self.ask(self.part(LEASE_TYPE), self.part(HEALTH), self.part(DEED))

    def answer(self, batch: AskBatch, *approved: str, subject: str = "chen") -> tuple[AskBatch, list[Grant]]:
        with self.world.database.unit() as db:
            digest = self.batches.terms(self.batches.get(db, batch.id), approved)[1]
            return self.batches.answer(db, batch.id, approved, self.world.id_token(subject, digest))


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


class TestCreate:
    def test_every_ask_names_the_notice_that_was_kept(self, desk: Desk) -> None:
        batch = desk.three()
        notice = json.loads(batch.notice)
        assert batch.notice_digest == digest_of(batch.notice)
        assert {json.loads(ask.body)["notice"]["sha256"] for ask in batch.asks} == {batch.notice_digest}
        assert [each["ask"] for each in notice["asked"]] == [ask.id for ask in batch.asks]

    def test_notice_says_what_the_law_wants_said(self, desk: Desk) -> None:
        often = {"frequency": Frequency(2, "week"), "fresh_days": 90}
        part = desk.part(HEALTH, mode=Mode.data, fields=["phone:clear"], regions=["310100"], **often)
        notice = json.loads(desk.ask(part).notice)
        sentence = notice["asked"][0]["zh"]
        for said in ("健康证明", "读取", "电话(不脱敏)", "最多 3 次", "每周至多 2 次", "90 天", "310100", "单独同意"):
            assert said in sentence
        assert "Health certificate" in notice["asked"][0]["en"]
        assert notice["who"] == {"org": "11310118XX00000B0W", "name": "青浦区市场监督管理局", "division": "310118"}
        assert notice["why"] == {
            "item": ITEM, "item_name": "食品经营许可", "item_name_en": "Food licence", "case": CASE, "cause": CAUSE,
        }  # fmt: skip
        assert any("撤回" in right for right in notice["rights"]["zh"])
        assert "个人信息保护法" in notice["law"]["zh"]

    @pytest.mark.parametrize(
        ("things", "basis"), [((HEALTH, LEASE_TYPE), CONSENT), ((HEALTH, DEED), CONSENT), ((HEALTH,), CONSENT)]
    )
    def test_refuses_a_bundle(self, desk: Desk, things: Any, basis: str) -> None:
        with pytest.raises(ConsentBundledError):
            desk.ask(desk.part(*things, basis=basis))

    def test_refuses_parts_of_two_cases(self, desk: Desk) -> None:
        with pytest.raises(InvalidTermsError):
            desk.ask(desk.part(LEASE_TYPE), desk.part(DEED, case_no="other"))

    def test_tells_the_holder_unless_they_see_the_screen(self, desk: Desk) -> None:
        batch = desk.three()
        desk.ask(desk.part(LEASE_TYPE), channel="qr")
        with desk.world.database.unit() as db:
            assert [each.subject for each in desk.world.notices.of_holder(db, desk.world.firm)] == [batch.id]

    def test_screen_is_left_after_minutes(self, desk: Desk) -> None:
        batch = desk.ask(desk.part(LEASE_TYPE), channel="qr")
        desk.world.clock.pass_(15 * 60)
        with pytest.raises(AskClosedError):
            desk.answer(batch, batch.asks[0].id)


class TestAnswer:
    def test_part_is_given_and_the_rest_refused(self, desk: Desk) -> None:
        batch = desk.three()
        done, given = desk.answer(batch, batch.asks[0].id, batch.asks[2].id)
        assert [ask.state for ask in done.asks] == [AskState.approved, AskState.refused, AskState.approved]
        assert [grant.types for grant in given] == [{"CL022"}, {"CL021"}]
        assert desk.world.types().count("grant.given") == 2
        assert desk.world.types().count("ask.refused") == 1

    def test_evidence_holds_the_signature_against_the_terms(self, desk: Desk) -> None:
        """The entry has the answer, whose digest is the nonce of the kept ID token and which names the terms."""
        batch = desk.three()
        _, (grant,) = desk.answer(batch, batch.asks[1].id)
        parties = desk.world.record(grant.entry_id)[1]
        document, digest = answer(
            batch.id, batch.notice_digest, [grant.digest], [batch.asks[0].digest, batch.asks[2].digest]
        )
        assert parties["answer"] == json.loads(document)
        assert (parties["terms"], parties["basis"]) == (grant.digest, SEPARATE)
        assert parties["notice_sha256"] == batch.notice_digest
        with desk.world.database.unit() as db:
            kept, _ = desk.world.grants.evidence_of(db, grant.id)
        assert desk.world.signatures.covers(kept, digest)
        assert not desk.world.signatures.covers(kept, grant.digest)

    def test_grant_is_used_and_an_altered_answer_is_noticed(self, desk: Desk) -> None:
        batch = desk.three()
        _, (grant,) = desk.answer(batch, batch.asks[0].id)
        assert desk.world.use(grant_id=grant.id)
        other = json.loads(grant.answer or b"")
        other["approved"], other["refused"] = other["refused"], other["approved"]
        for changed in (json.dumps(other).encode(), None):
            desk.world.run("UPDATE authz.grant_ SET answer = :a WHERE id = :id", a=changed, id=grant.id)
            with pytest.raises(UseRefusedError) as raised:
                desk.world.use(grant_id=grant.id)
            assert raised.value.reason == "grant-altered"

    def test_everything_refused(self, desk: Desk) -> None:
        batch = desk.three()
        done, given = desk.answer(batch)
        assert (given, {ask.state for ask in done.asks}) == ([], {AskState.refused})
        assert "grant.given" not in desk.world.types()

    def test_signature_is_over_these_ticks_and_no_others(self, desk: Desk) -> None:
        batch = desk.three()
        with desk.world.database.unit() as db:
            one = desk.batches.terms(batch, [batch.asks[0].id])[1]
            with pytest.raises(IdTokenRefusedError):
                desk.batches.answer(db, batch.id, [ask.id for ask in batch.asks], desk.world.id_token("chen", one))

    def test_once(self, desk: Desk) -> None:
        batch = desk.three()
        with desk.world.database.unit() as db:
            token = desk.world.id_token("chen", desk.batches.terms(batch, [batch.asks[0].id])[1])
        desk.answer(batch, batch.asks[0].id)
        with desk.world.database.unit() as db, pytest.raises(AskClosedError):
            desk.batches.answer(db, batch.id, [batch.asks[0].id], token)

    def test_what_was_answered_by_itself_is_left_out(self, desk: Desk) -> None:
        batch = desk.three()
        with desk.world.database.unit() as db:
            desk.world.asks.approve(db, batch.asks[0].id, desk.world.id_token("chen", batch.asks[0].digest))
        done, given = desk.answer(batch, batch.asks[1].id)
        assert [ask.state for ask in done.asks] == [AskState.approved, AskState.approved, AskState.refused]
        assert len(given) == 1

    def test_nobody_else_answers(self, desk: Desk) -> None:
        batch = desk.three()
        for ticked in ([], [batch.asks[0].id]):
            with pytest.raises(SignerNotHolderError):
                desk.answer(batch, *ticked, subject="xu")

    def test_unknown(self, desk: Desk) -> None:
        batch, other = desk.three(), desk.three()
        with desk.world.database.unit() as db:
            with pytest.raises(UnknownAskError):
                desk.batches.get(db, NOBODY)
            with pytest.raises(UnknownAskError):
                desk.batches.answer(db, NOBODY, [], "x" * 20)
            with pytest.raises(UnknownAskError):
                desk.batches.terms(batch, [other.asks[0].id])

    def test_changed_row_is_noticed(self, desk: Desk) -> None:
        batch = desk.three()
        body = batch.asks[0].body.replace(b'"max_uses":3', b'"max_uses":9')
        desk.world.run("UPDATE authz.ask SET body = :body WHERE id = :id", body=body, id=batch.asks[0].id)
        with pytest.raises(InvalidTermsError):
            desk.answer(batch, batch.asks[0].id)

    def test_holder_is_told_of_each_grant(self, desk: Desk) -> None:
        batch = desk.three()
        _, given = desk.answer(batch, batch.asks[0].id, batch.asks[1].id)
        with desk.world.database.unit() as db:
            told = [each for each in desk.world.notices.of_holder(db, desk.world.firm) if each.kind == "grant-given"]
        assert {each.subject for each in told} == {grant.id for grant in given}


class TestTerms:
    """Frequency, freshness and separate consent in the terms themselves."""

    def body(self, desk: Desk, **terms: Any) -> GrantBody:
        return desk.part(LEASE_TYPE, **terms).terms

    def test_reads_what_it_wrote(self, desk: Desk) -> None:
        body = self.body(desk, frequency=Frequency(1, "hour"), fresh_days=7, basis=SEPARATE)
        body = replace(body, notice_digest="A" * 43)
        assert GrantBody.decode(body.encode()) == body

    @pytest.mark.parametrize(
        ("changes", "term"),
        [
            ({"fresh_days": 0}, "fresh_days"),
            ({"fresh_days": 3661}, "fresh_days"),
            ({"basis": "statutory_duty"}, "basis"),
            ({"basis": SEPARATE, "objects": (LEASE,)}, "basis"),
            ({"notice_digest": "short"}, "notice"),
        ],
    )
    def test_refuses(self, desk: Desk, changes: Any, term: str) -> None:
        body = self.body(desk)
        with pytest.raises(InvalidTermsError) as raised:
            replace(body, **changes)
        assert raised.value.fields == {"term": term}

    @pytest.mark.parametrize(("count", "unit"), [(0, "day"), (101, "day"), (True, "day"), (1, "fortnight")])
    def test_refuses_frequency(self, count: Any, unit: str) -> None:
        with pytest.raises(InvalidTermsError):
            Frequency(count, unit)

    def test_refuses_terms_of_another_version(self, desk: Desk) -> None:
        body = self.body(desk).encode()
        with pytest.raises(InvalidTermsError):
            GrantBody.decode(body.replace(b'"v":2', b'"v":1'))


class TestDelegate:
    def test_answers_for_the_principal_within_the_scope(self, desk: Desk) -> None:
        """The scope of an answer is that of everything it approves."""
        batch = desk.three()
        seen: list[Scope] = []
        signer = desk.world.delegations.signer

        def look(db: Any, signature: str, digest: str, grantor: str, scope: Scope) -> Any:
            seen.append(scope)
            return signer(db, signature, digest, grantor, scope)

        desk.world.delegations.signer = look  # type: ignore[method-assign]
        desk.answer(batch, batch.asks[0].id, batch.asks[1].id)
        assert seen[0].types == {"CL022", "CL040"}
        assert seen[0].items == {ITEM}
