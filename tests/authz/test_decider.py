"""The decision against a plain oracle: every combination, no difference (RELIABILITY Z1)."""

import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cedarpy
import pytest

from authz import policy
from authz.decider import Decider, GrantStanding, divisions_of, eligible_grantors
from authz.errors import NotPermittedError, PolicyError
from authz.model import (
    OVERSEEING,
    Act,
    Basis,
    Caller,
    CaseFacts,
    Duty,
    Emergency,
    Grant,
    GrantState,
    Mode,
    Operator,
    PartyKind,
    Presence,
    Resource,
    Role,
    ShareClass,
    UseRequest,
)
from authz.policy import PolicyBook
from authz.reasons import WORDING, Reason, visible_reason

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
DAY = timedelta(days=1)
DATED = NOW - 1.5 * DAY
DECIDER = Decider()
ACTORS = ("administrator-", "auditor-", "counter-", "reviewer-", "registrar-", "overseer-", "officer-")
"""How policies of `acts.cedar` begin; they are covered by their own matrix."""
STATUSES = (
    *("active", "superseded", "disputed", "expired", "withdrawn", "destroyed", "something new"),
    *("not-yet-valid", "suspended", "revoked", "cancelled", "transferred", "permit-withdrawn", "ended"),
)

CALLER = Caller("c", "party", PartyKind.government, "ORG", "310118", frozenset({"use"}), "jkt")
RESOURCE = Resource(
    "material",
    "thing",
    "CL022",
    ShareClass.conditional,
    2,
    "active",
    "holder",
    "310113",
    None,
    "depositor",
    False,
    DATED,
)
FACTS = CaseFacts("case", True, True, True, "item", True, Presence.id_card_read, "holder")
REQUEST = UseRequest("thing", Mode.copy, "case", "item", "食品经营许可审查", "op", None)
GRANT = Grant(
    "grant",
    "digest",
    b"",
    "holder",
    "signer",
    "oidc",
    None,
    "party",
    "item",
    None,
    Mode.copy,
    frozenset(),
    frozenset({"CL022"}),
    frozenset({"name"}),
    frozenset({"310000"}),
    3,
    3,
    NOW - DAY,
    NOW + DAY,
    GrantState.active,
    "entry",
    NOW - DAY,
)
DUTY = Duty(
    "duty", "v1", "ORG", "article", "item", frozenset({"CL022"}), Mode.copy, NOW - DAY, None, frozenset({"name"})
)


def signed_by_key(hours: int) -> Grant:
    """The grant, signed by a key of that age and a little."""
    since = GRANT.given_at - timedelta(hours=hours, minutes=59)
    return replace(GRANT, signer_kind="passkey", key_since=since)


GRANTS = {
    "none": None,
    "good": GrantStanding(GRANT, True, True),
    "altered": GrantStanding(GRANT, False, True),
    "not represented": GrantStanding(GRANT, True, False),
    "withdrawn": GrantStanding(replace(GRANT, state=GrantState.withdrawn), True, True),
    "used up": GrantStanding(replace(GRANT, uses_left=0), True, True),
    "expired": GrantStanding(replace(GRANT, valid_to=NOW), True, True),
    "not yet": GrantStanding(replace(GRANT, valid_from=NOW + timedelta(milliseconds=1)), True, True),
    "other party": GrantStanding(replace(GRANT, grantee_id="other"), True, True),
    "other holder": GrantStanding(replace(GRANT, grantor_id="other"), True, True),
    "other item": GrantStanding(replace(GRANT, item_code="other"), True, True),
    "other case": GrantStanding(replace(GRANT, case_no="other"), True, True),
    "this case": GrantStanding(replace(GRANT, case_no="case"), True, True),
    "other type": GrantStanding(replace(GRANT, types=frozenset({"CL025"})), True, True),
    "this object": GrantStanding(replace(GRANT, types=frozenset(), objects=frozenset({"thing"})), True, True),
    "other region": GrantStanding(replace(GRANT, regions=frozenset({"330000"})), True, True),
    "verify only": GrantStanding(replace(GRANT, mode=Mode.verify), True, True),
    "data": GrantStanding(replace(GRANT, mode=Mode.data), True, True),
    "other fields": GrantStanding(replace(GRANT, fields=frozenset()), True, True),
    "clear": GrantStanding(replace(GRANT, fields=frozenset({"name:clear"})), True, True),
    "at the counter": GrantStanding(replace(GRANT, signer_kind="counter"), True, True),
    "low assurance": GrantStanding(replace(GRANT, assurance=1), True, True),
    "high assurance": GrantStanding(replace(GRANT, assurance=3), True, True),
    "young key": GrantStanding(signed_by_key(23), True, True),
    "old key": GrantStanding(signed_by_key(24), True, True),
    "twice a day, once used": GrantStanding(
        replace(GRANT, frequency_count=2, frequency_seconds=86_400, recent=(NOW - DAY, NOW)), True, True
    ),
    "twice a day, used up": GrantStanding(
        replace(GRANT, frequency_count=2, frequency_seconds=86_400, recent=(NOW - DAY / 2, NOW)), True, True
    ),
    "nothing older than a day": GrantStanding(replace(GRANT, fresh_days=1), True, True),
    "nothing older than two days": GrantStanding(replace(GRANT, fresh_days=2), True, True),
    "of all holders": GrantStanding(GRANT, True, True, True),
    "not of all holders": GrantStanding(GRANT, True, True, False),
    "several things": GrantStanding(replace(GRANT, types=frozenset({"CL022", "CL025"})), True, True),
}
DUTIES = {
    "none": None,
    "good": DUTY,
    "other org": replace(DUTY, org_code="OTHER"),
    "other item": replace(DUTY, item_code="other"),
    "other type": replace(DUTY, types=frozenset()),
    "over": replace(DUTY, valid_to=NOW),
    "not yet": replace(DUTY, valid_from=NOW + timedelta(milliseconds=1)),
    "until tomorrow": replace(DUTY, valid_to=NOW + DAY),
    "verify only": replace(DUTY, mode=Mode.verify),
    "other fields": replace(DUTY, fields=frozenset()),
    "clear": replace(DUTY, fields=frozenset({"name:clear"})),
}
EMERGENCY = Emergency(
    "glass", "party", "case", "holder", frozenset({"CL022"}), Mode.copy, "op", NOW, "reviewer", "e", NOW + DAY
)
EMERGENCIES = {
    "not named": None,
    "good": EMERGENCY,
    "unknown": None,
    "not approved": replace(EMERGENCY, approved_by=None, ends_at=None),
    "approved by one person": replace(EMERGENCY, approved_by="op"),
    "over": replace(EMERGENCY, ends_at=NOW),
    "other party": replace(EMERGENCY, party_id="other"),
    "other case": replace(EMERGENCY, case_no="other"),
    "other holder": replace(EMERGENCY, holder_id="other"),
    "other operator": replace(EMERGENCY, opened_by="other"),
    "other type": replace(EMERGENCY, types=frozenset()),
    "verify only": replace(EMERGENCY, mode=Mode.verify),
}
RANK = {Mode.verify: 1, Mode.data: 2, Mode.copy: 3}


def has(basis: Any, field: str) -> bool:
    """Whether a basis names a field: who may see it without its mask may see it with it."""
    return field in basis.fields or f"{field}:clear" in basis.fields


def is_assured(grant: Any) -> bool:
    """Whether it is sure enough for level 3 who signed."""
    if grant.signer_kind == "counter" or grant.assurance < 2:
        return False
    return grant.key_since is None or grant.given_at - grant.key_since >= timedelta(hours=24)


def oracle(  # noqa: C901, PLR0911, PLR0912 - one rule after the other, as a person would check them
    caller: Any, operator: Any, request: Any, resource: Any, facts: Any, standing: Any, duty: Any, emergency: Any
) -> Any:
    """Whether a use is lawful, and on which basis: DESIGN 7 once more, in plain Python."""
    if not operator.roles & {Role.window, Role.reviewer}:
        return None
    if not (facts.exists and facts.own_org and facts.open and facts.item_code == request.item_code):
        return None
    urgent = request.break_glass_id is not None
    if (facts.presence is Presence.none and not urgent) or not request.cause.strip():
        return None
    if resource is None or resource.status != "active" or resource.share_class is ShareClass.denied:
        return None
    if not facts.demanded and not urgent:
        return None
    grant = standing.grant if standing and not urgent else None
    project = resource.project_id is not None and resource.project_id == facts.project_id
    grantors = {resource.holder_id}
    if project:
        grantors.add(facts.project_lead_id)
        if resource.share_in_project:
            grantors.add(facts.applicant_holder_id)
    own = grant is not None and grant.grantee_id == caller.party_id and grant.grantor_id in grantors
    theirs = resource.holder_id == facts.applicant_holder_id
    near = theirs or (project and resource.share_in_project)
    another = resource.holder_id in facts.people
    social = caller.party_kind is PartyKind.social
    if social and resource.level >= 3:
        return None
    if urgent:
        if not theirs or social or emergency is None or emergency.approved_by in {None, emergency.opened_by}:
            return None
        if emergency.ends_at is None or emergency.ends_at <= NOW:
            return None
        ours = (emergency.party_id, emergency.case_no, emergency.opened_by, emergency.holder_id)
        if ours != (caller.party_id, request.case_no, operator.handle, facts.applicant_holder_id):
            return None
        good = resource.type_code in emergency.types and RANK[request.mode] <= RANK[emergency.mode]
        return Basis.emergency if good else None
    named = request.grant_id is not None
    plain = resource.share_class is ShareClass.unconditional
    if plain and (near or another) and resource.level <= 2 and not social and not named:
        return Basis.open
    covered = (
        own and (near or project or another) and (resource.id in grant.objects or resource.type_code in grant.types)
    )
    far = covered and RANK[request.mode] <= RANK[grant.mode]
    listed = far and (request.mode is not Mode.data or all(has(grant, each) for each in request.fields))
    placed = listed and grant.regions & {caller.division, caller.division[:4] + "00", caller.division[:2] + "0000"}
    meant = (
        placed
        and (resource.level <= 2 or is_assured(grant))
        and grant.item_code == request.item_code
        and grant.case_no in {None, request.case_no}
    )
    timely = meant and grant.valid_from <= NOW < grant.valid_to
    if timely and grant.frequency_count is not None:
        window = timedelta(seconds=grant.frequency_seconds)
        timely = len([at for at in grant.recent if at + window > NOW]) < grant.frequency_count
    if timely and grant.fresh_days is not None:
        timely = NOW - resource.dated <= timedelta(days=grant.fresh_days)
    timely = timely and (resource.level <= 2 or len(grant.objects | grant.types) == 1)
    asked = facts.presence is not Presence.proactive  # nobody applied: only what the law permits without asking
    stands = asked and timely and grant.uses_left > 0 and grant.state is GrantState.active
    if stands and standing.intact and standing.represented and standing.joint is not False:
        return Basis.grant
    if not near or duty is None or social or named:
        return None
    applies = duty.org_code == caller.org_code and duty.item_code == request.item_code
    applies = applies and resource.type_code in duty.types and RANK[request.mode] <= RANK[duty.mode]
    applies = applies and (request.mode is not Mode.data or all(has(duty, each) for each in request.fields))
    applies = applies and duty.valid_from <= NOW and (duty.valid_to is None or duty.valid_to > NOW)
    return Basis.duty if applies else None


AXES = {
    "kind": list(PartyKind),
    "roles": [
        {Role.window},
        {Role.reviewer},
        {Role.registrar},
        *({role} for role in sorted(OVERSEEING)),
        {Role.window, Role.registrar},
    ],
    "share": list(ShareClass),
    "level": [1, 2, 3, 4],
    "status": list(STATUSES),
    "presence": list(Presence),
    "case": ["good", "none", "another's", "closed", "other item"],
    "demanded": [True, False],
    "relation": [
        "applicant",
        "stranger",
        "of the people of the case",
        "project, shared",
        "project, not shared",
        "project, by its lead",
        "other project, shared",
        "absent",
    ],
    "mode": list(Mode),
    "fields": [("name",), ("name", "phone"), ("name:clear",)],
    "named": [False, True],
    "cause": ["审查", " "],
    "grant": list(GRANTS),
    "duty": list(DUTIES),
    "emergency": list(EMERGENCIES),
}


def build(cell: Any) -> Any:
    """A cell of the matrix as arguments of the decision."""
    caller = replace(CALLER, party_kind=cell["kind"])
    operator = Operator("party", "op", frozenset(cell["roles"]))
    resource = replace(RESOURCE, share_class=cell["share"], level=cell["level"], status=cell["status"])
    facts = replace(FACTS, presence=cell["presence"], demanded=cell["demanded"])
    case = {
        "good": {},
        "none": {"exists": False, "own_org": False, "open": False, "item_code": None},
        "another's": {"own_org": False},
        "closed": {"open": False},
        "other item": {"item_code": "other"},
    }
    facts = replace(facts, **case[cell["case"]])
    standing = GRANTS[cell["grant"]]
    relation = cell["relation"]
    if relation != "applicant":
        facts = replace(facts, applicant_holder_id="applicant")
    if relation == "of the people of the case":
        facts = replace(facts, people=frozenset({"holder"}))
    if relation.startswith("project"):
        facts = replace(facts, project_id="p", project_lead_id="lead")
        resource = replace(resource, project_id="p", share_in_project=relation == "project, shared")
    if relation == "other project, shared":
        facts = replace(facts, project_id="p", project_lead_id="lead")
        resource = replace(resource, project_id="q", share_in_project=True)
    if relation == "project, by its lead" and standing and standing.grant.grantor_id == "holder":
        standing = replace(standing, grant=replace(standing.grant, grantor_id="lead"))
    if relation == "project, shared" and standing and standing.grant.grantor_id == "holder":
        standing = replace(standing, grant=replace(standing.grant, grantor_id="applicant"))
    fields = cell["fields"] if cell["mode"] is Mode.data else ()
    request = replace(
        REQUEST,
        mode=cell["mode"],
        fields=fields,
        cause=cell["cause"],
        grant_id="grant" if cell["named"] else None,
        break_glass_id=None if cell["emergency"] == "not named" else "glass",
    )
    return caller, operator, request, None if relation == "absent" else resource, facts, standing, DUTIES[cell["duty"]]


GOOD = {
    "kind": PartyKind.government,
    "roles": {Role.window},
    "share": ShareClass.conditional,
    "level": 2,
    "status": "active",
    "presence": Presence.id_card_read,
    "case": "good",
    "demanded": True,
    "relation": "applicant",
    "mode": Mode.copy,
    "fields": ("name",),
    "named": False,
    "cause": "审查",
    "grant": "good",
    "duty": "none",
    "emergency": "not named",
}


def decided(cell: Any, decider: Decider = DECIDER) -> Any:
    """The decision on a cell."""
    return decider.decide(*build(cell), NOW, EMERGENCIES[cell["emergency"]])


def compare(cell: Any) -> Any:
    decision = decided(cell)
    expected = oracle(*build(cell), EMERGENCIES[cell["emergency"]])
    assert decision.basis is expected, (cell, decision)
    assert decision.allowed is (expected is not None)
    assert (decision.grant_id is not None) is (expected is Basis.grant)
    assert (decision.duty_id is not None) is (expected is Basis.duty)
    assert (decision.emergency_id is not None) is (expected is Basis.emergency)
    if expected is None:
        assert decision.reasons
        assert "policy-error" not in decision.reasons, cell
        assert set(decision.reasons) <= set(Reason)
    else:
        assert decision.policies == (
            {
                Basis.grant: "use-by-grant",
                Basis.duty: "use-by-duty",
                Basis.open: "use-of-open",
                Basis.emergency: "use-in-emergency",
            }[expected],
        )
        assert decision.reasons == ()
    return expected


class TestMatrix:
    def test_every_pair_of_values_around_a_lawful_use(self) -> None:
        """Every value of every axis against every value of every other, the rest lawful."""
        found = set()
        for one, two in itertools.combinations(AXES, 2):
            for first, second in itertools.product(AXES[one], AXES[two]):
                found.add(compare(GOOD | {one: first, two: second}))
        assert found == {None, *Basis}

    def test_every_grant_with_every_duty_mode_share_and_kind(self) -> None:
        axes = ("grant", "duty", "mode", "share", "kind")
        for values in itertools.product(*(AXES[axis] for axis in axes)):
            compare(GOOD | dict(zip(axes, values, strict=True)))

    def test_everything_at_random(self) -> None:
        rng = random.Random(20261121)
        for _ in range(3000):
            cell = {axis: rng.choice(values) if rng.random() < 0.35 else GOOD[axis] for axis, values in AXES.items()}
            compare(cell)

    def test_every_value_of_every_enum_is_in_the_matrix(self) -> None:
        assert set(AXES["kind"]) == set(PartyKind)
        assert {role for roles in AXES["roles"] for role in roles} == set(Role)
        assert set(AXES["presence"]) == set(Presence)
        assert set(AXES["mode"]) == set(Mode)
        assert set(AXES["share"]) == set(ShareClass)

    def test_every_policy_decides_somewhere(self) -> None:
        """A policy that no cell needs is dead or untested."""
        by_duty = GOOD | {"grant": "none", "mode": Mode.data}
        seen = set(decided(by_duty | {"duty": "other fields"}).policies)
        for one, two in itertools.combinations(AXES, 2):
            for first, second in itertools.product(AXES[one], AXES[two]):
                seen |= set(decided(GOOD | {one: first, two: second}).policies)
        assert set(DECIDER._book.names.values()) - ACTS - seen == set()


ACTS = {name for name in DECIDER._book.names.values() if name.startswith(ACTORS)}
CASES = {
    "grant-required": {"grant": "none"},
    "grant-altered": {"grant": "altered"},
    "grant-representation": {"grant": "not represented"},
    "grant-withdrawn": {"grant": "withdrawn"},
    "grant-used-up": {"grant": "used up"},
    "grant-expired": {"grant": "expired"},
    "grant-not-yet-valid": {"grant": "not yet"},
    "grant-of-another": {"grant": "other party"},
    "grant-purpose": {"grant": "other case"},
    "grant-objects": {"grant": "other type"},
    "grant-assurance": {"grant": "at the counter", "level": 3},
    "grant-key-new": {"grant": "young key", "level": 3},
    "grant-region": {"grant": "other region"},
    "grant-mode": {"grant": "verify only"},
    "grant-fields": {"grant": "other fields", "mode": Mode.data},
    "grant-frequency": {"grant": "twice a day, used up"},
    "grant-stale": {"grant": "nothing older than a day"},
    "grant-not-separate": {"grant": "several things", "level": 3},
    "grant-joint": {"grant": "not of all holders"},
    "emergency-over": {"emergency": "over"},
    "emergency-scope": {"emergency": "other type"},
    "duty-scope": {"grant": "none", "duty": "over"},
    "not-demanded": {"demanded": False},
    "unrelated-holder": {"relation": "stranger"},
    "share-denied": {"share": ShareClass.denied},
    "kind-not-allowed": {"kind": PartyKind.social, "level": 3},
    "status-superseded": {"status": "superseded"},
    "status-disputed": {"status": "disputed"},
    "status-expired": {"status": "expired"},
    "status-withdrawn": {"status": "withdrawn"},
    "status-destroyed": {"status": "destroyed"},
    "status-not-yet-valid": {"status": "not-yet-valid"},
    "status-suspended": {"status": "suspended"},
    "status-revoked": {"status": "revoked"},
    "status-cancelled": {"status": "cancelled"},
    "status-transferred": {"status": "transferred"},
    "status-permit-withdrawn": {"status": "permit-withdrawn"},
    "status-ended": {"status": "ended"},
    "not-found": {"relation": "absent"},
    "case-not-yours": {"case": "none"},
    "case-closed": {"case": "closed"},
    "item-mismatch": {"case": "other item"},
    "presence-required": {"presence": Presence.none},
    "operator-role": {"roles": {Role.auditor}},
    "cause-invalid": {"cause": " "},
}


class TestReasons:
    @pytest.mark.parametrize("reason", CASES)
    def test_names_the_reason(self, reason: Any) -> None:
        assert decided(GOOD | CASES[reason]).reasons[0] == reason

    def test_every_reason_has_a_case_or_is_no_reason_of_a_policy(self) -> None:
        assert set(Reason) - set(CASES) == {"ask-holder", "policy-error", "access-required"}

    def test_every_reason_is_worded_in_both_languages(self) -> None:
        assert set(WORDING) == set(Reason)
        assert all(wording.zh and wording.en for wording in WORDING.values())

    def test_missing_grant_that_was_named(self) -> None:
        assert decided(GOOD | {"grant": "none", "named": True}).reasons == ("grant-of-another",)


class TestVisibleReason:
    @pytest.mark.parametrize("reason", [reason for reason in Reason if not WORDING[reason].about_request])
    @pytest.mark.parametrize("level", [None, 1, 2, 3, 4])
    def test_table(self, reason: Any, level: Any) -> None:
        for inside, present, consented in itertools.product([False, True], repeat=3):
            said = visible_reason(reason, level=level, in_own_open_case=inside, present=present, consented=consented)
            if not inside:
                expected = Reason.not_found
            elif not present:
                expected = Reason.presence_required
            elif level in {1, 2} or consented:
                expected = reason
            else:
                expected = Reason.ask_holder
            assert said is expected

    @pytest.mark.parametrize("reason", [reason for reason in Reason if WORDING[reason].about_request])
    def test_reasons_about_the_request_are_told_always(self, reason: Any) -> None:
        for inside, present, consented in itertools.product([False, True], repeat=3):
            said = visible_reason(reason, level=None, in_own_open_case=inside, present=present, consented=consented)
            assert said is reason


def book(text: str, schema: str | None = None) -> PolicyBook:
    """A set of policies that did not come from files."""
    parsed = cedarpy.Schema.from_str(schema or (policy.FOLDER / "schema.cedarschema").read_text())
    policies = cedarpy.PolicySet.from_str(text)
    return PolicyBook(policies, parsed, {f"policy{n}": f"p{n}" for n in range(9)}, {}, "v")


class TestErrors:
    ALLOW = "permit (principal, action, resource);"

    def test_policies_that_allow_everything_would_allow(self) -> None:
        assert decided(GOOD, Decider(book(self.ALLOW))).allowed

    def test_erroring_forbid_denies(self) -> None:
        # Cedar skips the policy that errors and the rest allows: exactly what the wrapper must catch.
        text = self.ALLOW + " forbid (principal, action, resource) when { context.missing };"
        engine = cedarpy.is_authorized(
            {"principal": 'Party::"a"', "action": 'Action::"copy"', "resource": 'Thing::"b"', "context": {}},
            cedarpy.PolicySet.from_str(text),
            [],
        )
        assert engine.allowed
        decision = decided(GOOD, Decider(book(text)))
        assert not decision.allowed
        assert decision.reasons == ("policy-error",)

    def test_erroring_permit_denies_though_another_permits(self) -> None:
        text = self.ALLOW + " permit (principal, action, resource) when { context.missing };"
        assert not decided(GOOD, Decider(book(text))).allowed

    def test_request_that_does_not_fit_the_schema_denies(self) -> None:
        schema = (policy.FOLDER / "schema.cedarschema").read_text().replace('"related": Bool,', '"related": Long,')
        decision = decided(GOOD, Decider(book(self.ALLOW, schema)))
        assert decision.reasons == ("policy-error",)

    def test_exception_of_the_engine_denies(self) -> None:
        broken = PolicyBook(None, None, {}, {}, "v")
        assert decided(GOOD, Decider(broken)).reasons == ("policy-error",)

    def test_overflow_denies(self) -> None:
        text = self.ALLOW + " forbid (principal, action, resource) when { context.now * 9223372036854775807 > 0 };"
        assert decided(GOOD, Decider(book(text))).reasons == ("policy-error",)

    def test_no_policy_denies(self) -> None:
        assert not decided(GOOD, Decider(book(""))).allowed


ALLOWED = {
    Act.deposit: {Role.window},
    Act.open_case: {Role.window},
    Act.close_case: {Role.window, Role.reviewer},
    Act.search: {Role.window, Role.reviewer},
    Act.ask: {Role.window, Role.reviewer},
    Act.register: {Role.registrar},
    Act.issue: {Role.registrar},
    Act.scan: {Role.window, Role.reviewer},
    Act.assist: {Role.window},
    Act.deliver: {Role.window, Role.registrar},
    Act.countersign: {Role.reviewer},
    Act.break_glass: {Role.window},
    Act.approve_break_glass: {Role.reviewer},
    Act.delay_notice: {Role.reviewer},
    Act.answer_audit: {Role.reviewer},
    Act.audit: {Role.auditor},
    Act.inspect: {Role.security_officer, Role.auditor, Role.administrator},
    Act.publish_policies: {Role.security_officer},
    Act.onboard: {Role.security_officer, Role.administrator},
    Act.operate: {Role.administrator},
}


class TestPermit:
    @pytest.mark.parametrize("act", Act)
    @pytest.mark.parametrize("role", Role)
    def test_matrix(self, act: Any, role: Any) -> None:
        operator = Operator("party", "op", frozenset({role}))
        if role in ALLOWED[act]:
            DECIDER.permit(CALLER, operator, act)
        else:
            with pytest.raises(NotPermittedError):
                DECIDER.permit(CALLER, operator, act)


BROKEN = {
    "syntax": "permit (",
    "unknown attribute": '@id("x") permit (principal, action == Action::"copy", resource) when { context.grnt };',
    "unknown action": '@id("x") permit (principal, action == Action::"own", resource);',
    "wrong type": '@id("x") permit (principal, action == Action::"copy", resource) when { context.now == "1" };',
    "no id": "permit (principal, action, resource);",
    "id used twice": '@id("use-by-grant") permit (principal, action, resource);',
    "no reason": '@id("x") forbid (principal, action, resource);',
    "unknown reason": '@id("x") @reason("because") forbid (principal, action, resource);',
    "template": '@id("x") permit (principal == ?principal, action, resource);',
}


class TestLoad:
    def copy(self, folder: Path) -> Path:
        for path in policy.FOLDER.iterdir():
            (folder / path.name).write_text(path.read_text())
        return folder

    def test_version_changes_with_every_file(self, tmp_path: Path) -> None:
        self.copy(tmp_path)
        versions = {policy.load(tmp_path).version}
        for path in sorted(tmp_path.iterdir()):
            path.write_text(path.read_text() + "\n// changed\n")
            versions.add(policy.load(tmp_path).version)
        assert len(versions) == 1 + len(list(tmp_path.iterdir()))

    @pytest.mark.parametrize("case", BROKEN)
    def test_refuses(self, tmp_path: Path, case: Any) -> None:
        (self.copy(tmp_path) / "zz.cedar").write_text(BROKEN[case])
        with pytest.raises(PolicyError):
            policy.load(tmp_path)

    @pytest.mark.parametrize("name", ["schema.cedarschema", "uses.cedar"])
    def test_refuses_when_a_file_is_gone(self, tmp_path: Path, name: Any) -> None:
        (self.copy(tmp_path) / name).unlink()
        if name == "uses.cedar":
            for path in tmp_path.glob("*.cedar"):
                path.unlink()
        with pytest.raises(PolicyError):
            policy.load(tmp_path)

    def test_refuses_an_empty_set_and_one_that_only_forbids(self, tmp_path: Path) -> None:
        self.copy(tmp_path)
        for path in tmp_path.glob("*.cedar"):
            path.write_text("")
        with pytest.raises(PolicyError):
            policy.load(tmp_path)
        (tmp_path / "a.cedar").write_text('@id("x") @reason("not-found") forbid (principal, action, resource);')
        with pytest.raises(PolicyError):
            policy.load(tmp_path)


class TestHelpers:
    def test_divisions(self) -> None:
        assert divisions_of("310118") == ["310000", "310100", "310118"]
        assert divisions_of("310000") == ["310000"]

    def test_eligible_grantors(self) -> None:
        shared = replace(RESOURCE, project_id="p", share_in_project=True)
        facts = replace(FACTS, project_id="p", project_lead_id="lead", applicant_holder_id="applicant")
        assert eligible_grantors(RESOURCE, facts) == ("holder",)
        assert eligible_grantors(shared, facts) == ("holder", "lead", "applicant")
        assert eligible_grantors(replace(shared, share_in_project=False), facts) == ("holder", "lead")
        assert eligible_grantors(shared, replace(facts, project_id=None)) == ("holder",)
