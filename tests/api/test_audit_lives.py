"""What an auditor sees of a licence that is shown, delivered, used and disputed, and of a document that is erased."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from api.node import Node
from authz.model import Role
from ledger import erasure
from ledger.errors import VerificationError
from ledger.steps import run
from ledger.trust import Trust
from ledger.verify import load_bundle, verify
from materials import store
from tests.api.conftest import market, pdf, police
from tests.api.test_auditing import SECRETS, Auditor, key, node_auditor
from tests.api.test_journey import until, with_chain
from tests.api.test_presentations import CHEN, SCENARIO, Holder, card, chen, refused, scan, scenario
from tests.api.test_session import business_licence

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.client import Client
    from api.stack.exchange import Exchange

__all__ = ["card", "chen", "market", "node_auditor", "police", "scenario"]
QINGPU = "11310118XX00000B0W"


@pytest.fixture(scope="module")
def shown(chen: Holder, qingpu: Client, card: dict[str, Any]) -> dict[str, Any]:
    """A licence whose live code was refused at another counter, and then shown."""
    code = chen.show(card["licence_id"])["code"]
    assert refused(lambda: scan(qingpu, code, counter="4")) == "code-other-counter"
    return scan(qingpu, code)


@pytest.fixture(scope="module")
def issuers(exchange: Exchange, node_auditor: Auditor, police: Client, card: dict[str, Any]) -> Auditor:
    """An auditor of the organisation that issued the licence."""
    code = node_auditor.lines(node_auditor.look("licence", card["licence_id"]))["versions"][0]["org_code"]
    node = Node(exchange.settings)
    with node.database.unit() as db:
        party = node.parties.party_of(db, code)
        node.parties.register_operator(db, party.id, "ga-900", [Role.auditor])
    node.close()
    return Auditor(police, "ga-900")


class TestPresented:
    def test_is_in_a_licences_life_with_who_what_and_by_which_code(
        self, node_auditor: Auditor, card: dict[str, Any], shown: dict[str, Any]
    ) -> None:
        page = node_auditor.lines(node_auditor.look("licence", card["licence_id"]))
        lines = [each for each in page["lines"] if each["kind"] in {"presented", "scan-refused"}]
        assert [each["kind"] for each in lines] == ["scan-refused", "presented"]
        assert {(each["org_code"], each["operator"], each["code_kind"]) for each in lines} == {
            (QINGPU, "qp-103", "live")
        }
        missed, seen = lines
        assert missed["entry"] is None
        assert missed["reason_text"]["zh"]
        assert seen["entry"]["entry_id"] == shown["entry_id"]
        assert (seen["scenario"], seen["state"], seen["type_code"]) == (SCENARIO, "01", "LT05")
        assert seen["fields"] == shown["fields"]
        told = json.dumps(page, ensure_ascii=False)
        assert not [each for each in SECRETS if each in told]

    def test_comes_page_by_page(self, node_auditor: Auditor, card: dict[str, Any], shown: dict[str, Any]) -> None:
        look = node_auditor.look("licence", card["licence_id"])
        first = node_auditor.lines(look, limit=1)
        rest = node_auditor.lines(look, first["next_cursor"], limit=1)
        assert [each["kind"] for each in first["lines"]] == ["01", "scan-refused"]
        assert [each["kind"] for each in rest["lines"]] == ["presented"]
        assert rest["next_cursor"] is None

    def test_is_what_the_verifier_did(self, node_auditor: Auditor, shown: dict[str, Any]) -> None:
        look = node_auditor.look("department", QINGPU)
        lines = node_auditor.lines(look, only="scans")["lines"]
        assert [each["kind"] for each in lines[:2]] == ["presented", "scan-refused"]
        assert lines[0]["id"] == shown["presentation_id"]

    def test_to_its_issuers_auditor_names_no_others_staff(
        self, issuers: Auditor, card: dict[str, Any], shown: dict[str, Any]
    ) -> None:
        look = issuers.look("licence", card["licence_id"])
        assert look["scope"] == "organisation"
        seen = next(each for each in issuers.lines(look)["lines"] if each["kind"] == "presented")
        assert (seen["org_code"], seen["operator"], seen["scenario"]) == (QINGPU, None, SCENARIO)
        assert seen["id"] != shown["presentation_id"]
        assert refused(lambda: issuers.look("department", QINGPU)) == "unknown-party"


class TestDelivered:
    def test_is_in_a_licences_life(self, node_auditor: Auditor, police: Client, card: dict[str, Any]) -> None:
        body = {"licence_id": card["licence_id"], "holder": CHEN, "channel": "app", "operator": "ga-002"}
        sent = police.call("POST", "/v1/deliveries", body, key=key())
        lines = node_auditor.lines(node_auditor.look("licence", card["licence_id"]))["lines"]
        delivered = [each for each in lines if each["kind"] == "delivered"]
        assert [(each["state"], each["entry"]["entry_id"]) for each in delivered] == [("app", sent["entry_id"])]

    def test_comes_page_by_page_with_its_receipt(
        self, node_auditor: Auditor, police: Client, card: dict[str, Any]
    ) -> None:
        body = {"licence_id": card["licence_id"], "holder": CHEN, "channel": "window", "operator": "ga-002"}
        sent = [police.call("POST", "/v1/deliveries", body, key=key())["entry_id"] for _ in range(3)]
        look, seen, cursor = node_auditor.look("licence", card["licence_id"]), [], ""
        while cursor is not None:
            page = node_auditor.lines(look, cursor, limit=1)
            walked = [each for each in page["lines"] if each["kind"] in {"delivered", "receipted"}]
            assert len(walked) <= 1
            seen += walked
            cursor = page["next_cursor"]
        assert [each["entry"]["entry_id"] for each in seen if each["kind"] == "delivered"][-3:] == sent
        assert len([each for each in seen if each["kind"] == "receipted"]) == 3
        assert len({each["id"] for each in seen}) == len(seen)


class TestErased:
    def test_is_in_a_materials_life_and_on_its_version(
        self, exchange: Exchange, node_auditor: Auditor, deposit: Callable[..., dict[str, Any]]
    ) -> None:
        material = deposit()["material_id"]
        node = Node(exchange.settings)
        with node.database.unit() as db:
            held = run(db, store.material(material))
            assert held is not None
            kind, clock = erasure.Kind.object, node.clock
            erasure.propose(db, kind, held.object_id, "retention ended", "op-1", clock)
            done = erasure.approve(db, node.evidence, kind, held.object_id, "op-2", clock)
        node.close()
        page = node_auditor.lines(node_auditor.look("material", material))
        assert [each["kind"] for each in page["lines"]] == ["deposited", "erased"]
        assert page["lines"][1]["entry"]["entry_id"] == done.entry_id
        assert page["versions"][0]["erased_at"] == page["lines"][1]["at"]

    def test_a_licence_with_a_file_left_is_not_erased(
        self, exchange: Exchange, node_auditor: Auditor, market: Client
    ) -> None:
        licence = market.call("POST", "/v1/licences", business_licence(), key=key())["licence_id"]
        node = Node(exchange.settings)
        with node.database.unit() as db:
            held = run(db, node.licences.get(licence))
        assert held is not None
        files = [each.object_id for each in (held.pdf, held.ofd) if each is not None]
        told = []
        for file in files:
            with node.database.unit() as db:
                erasure.propose(db, erasure.Kind.object, file, "retention ended", "op-1", node.clock)
                erasure.approve(db, node.evidence, erasure.Kind.object, file, "op-2", node.clock)
            page = node_auditor.lines(node_auditor.look("licence", licence))
            told.append(
                (len([each for each in page["lines"] if each["kind"] == "erased"]), page["versions"][0]["erased_at"])
            )
        node.close()
        assert [count for count, _ in told] == [1, 2]
        assert told[0][1] is None
        assert told[1][1] is not None


class TestBundles:
    def test_prove_how_a_version_came_in_and_keep_the_parties_shut(
        self,
        exchange: Exchange,
        node_auditor: Auditor,
        card: dict[str, Any],
        deposit: Callable[..., dict[str, Any]],
    ) -> None:
        document, trust = pdf("taken away"), Trust.from_json(exchange.trust())
        material = deposit(document)["material_id"]
        for kind, value, act in (("material", material, "deposit"), ("licence", card["licence_id"], "licence")):
            path = bundle_of(node_auditor.look(kind, value), value)
            held = until(lambda path=path: with_chain(node_auditor.client.call("GET", path)))
            (entry,) = held["sections"][act]["entries"]
            assert held["kind"] == act
            assert entry["opening"]["parties"].keys() == {"commitment"}
            bundle = load_bundle(json.dumps(held).encode())
            if act == "deposit":
                verify(bundle, trust, io.BytesIO(document))
                with pytest.raises(VerificationError):
                    verify(bundle, trust, io.BytesIO(document + b" "))
            else:
                verify(bundle, trust)

    def test_are_of_what_the_look_is_about(self, node_auditor: Auditor, deposit: Callable[..., dict[str, Any]]) -> None:
        one, other = (deposit()["material_id"] for _ in range(2))
        look = node_auditor.look("material", one)
        assert refused(lambda: node_auditor.client.call("GET", bundle_of(look, other))) == "unknown-material"
        whole = node_auditor.look("department", QINGPU)
        assert refused(lambda: node_auditor.client.call("GET", bundle_of(whole, one))) == "unknown-material"


def bundle_of(look: dict[str, Any], version: str) -> str:
    return f"/v1/audit/looks/{look['look_id']}/bundles/{version}?operator=op-900"
