"""What would be released, shown before anybody decides: exactly that, to nobody else, and as no use."""

from __future__ import annotations

import io
import json
import uuid
from contextlib import ExitStack
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from PIL import Image, ImageChops

from api.demo.citizen import Citizen
from api.node import Node
from api.routes import previews
from authz.model import Identifier
from authz.signers import Assurance, Signer
from certs.files.model import Stamp
from ledger.ids import new_id
from ledger.steps import run
from materials import pages
from materials.errors import PagesBusyError
from tests.api.conftest import open_case, pdf, send_deposit
from tests.api.test_session import Page, business_licence, identity_card

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.client import Client
    from api.stack.exchange import Exchange

PERSON = {
    "kind": "person",
    "name": "陈安澜",
    "identifiers": [{"type": "111", "code": "310199199001010018"}],
}


@pytest.fixture
def chen(exchange: Exchange, legal_representative: Citizen) -> Iterator[Page]:
    with Page(exchange.base_url) as page:
        page.enter(legal_representative)
        yield page


@pytest.fixture(scope="module")
def card(police: Client) -> dict[str, Any]:
    wanted = identity_card("陈安澜", "310199199001010018")
    return police.call("POST", "/v1/licences", wanted, key=str(uuid.uuid4()))


@pytest.fixture(scope="module")
def business(market: Client) -> dict[str, Any]:
    return market.call("POST", "/v1/licences", business_licence(), key=str(uuid.uuid4()))


def ask(client: Client, **wanted: Any) -> dict[str, Any]:
    changes = {"applicant": PERSON} if wanted.pop("personal", False) else {}
    case = open_case(client, **changes)
    asked = {"type_codes": ["CL001"], "mode": "copy", "max_uses": 1, "valid_days": 7} | wanted
    return client.ask(case_no=case["case_no"], cause="食品经营许可新办审查", operator="qp-103", **asked)


def picture(answer: httpx2.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-type"] == "image/png"
    return Image.open(io.BytesIO(answer.content)).convert("RGB")


class TestCopy:
    def test_of_a_licence_bears_the_remark_it_will_bear(
        self, chen: Page, qingpu: Client, business: dict[str, Any]
    ) -> None:
        asked = ask(qingpu)
        shown = chen.get(f"asks/{asked['ask_id']}/preview")
        thing = next(each for each in shown["things"] if each["object_id"] == business["licence_id"])
        assert (thing["released"], thing["remarked"], thing["drawn"]) == ("copy", True, True)
        firm = chen.get("session")["represents"][0]["on_behalf"]
        pages = f"/v1/my/asks/{asked['ask_id']}/things/{business['licence_id']}/pages"
        remarked = picture(chen.http.get(f"{pages}/1"))
        plain = picture(chen.http.get(f"/v1/my/licences/{business['licence_id']}/pages/1", params={"on_behalf": firm}))
        assert remarked.size == plain.size
        changed = ImageChops.difference(remarked, plain).convert("L").point(lambda value: 255 if value else 0)
        assert changed.histogram()[255] > remarked.width * remarked.height / 50  # the remark lies over the whole page
        assert chen.http.get(f"{pages}/2").json()["code"] == "preview-unavailable"

    def test_of_a_material_is_what_was_deposited(self, chen: Page, qingpu: Client, baoshan: Client) -> None:
        drawing = io.BytesIO()
        Image.new("RGB", (300, 200), (200, 30, 30)).save(drawing, "PNG")
        held = send_deposit(baoshan, drawing.getvalue(), file_name="lease.png", media_type="image/png")
        asked = ask(qingpu, type_codes=[], objects=[held["material_id"]])
        (thing,) = chen.get(f"asks/{asked['ask_id']}/preview")["things"]
        assert (thing["kind"], thing["released"], thing["remarked"]) == ("material", "copy", False)
        assert thing["file"]["sha256"] == sha256(drawing.getvalue()).hexdigest()
        answer = chen.http.get(f"/v1/my/asks/{asked['ask_id']}/things/{held['material_id']}/pages/1")
        assert answer.headers["x-pages"] == "1"
        assert picture(answer).getpixel((5, 5)) == (200, 30, 30)

    def test_of_a_file_that_cannot_be_drawn_is_said(self, chen: Page, qingpu: Client, baoshan: Client) -> None:
        held = send_deposit(baoshan, pdf("no pages"))
        asked = ask(qingpu, type_codes=[], objects=[held["material_id"]])
        answer = chen.http.get(f"/v1/my/asks/{asked['ask_id']}/things/{held['material_id']}/pages/1")
        assert (answer.status_code, answer.json()["code"]) == (422, "preview-unavailable")


class TestTurns:
    @pytest.mark.parametrize("stamped", [False, True])
    def test_no_page_is_read_or_drawn_without_one(
        self, exchange: Exchange, business: dict[str, Any], stamped: bool
    ) -> None:
        node = Node(exchange.settings)
        try:
            with node.database.glance() as db:
                licence = run(db, node.licences.get(business["licence_id"]))
            assert licence is not None
            now = node.clock.now()
            stamp = Stamp("", licence.licence_id, "", "", "", now, now, "材链", "", "", "") if stamped else None
            with ExitStack() as taken:
                for _ in range(2):
                    taken.enter_context(pages.turn())
                with pytest.raises(PagesBusyError):
                    previews.page_of(node, licence, 1, stamp)
            if stamp is None:
                assert previews.page_of(node, licence, 1, None).headers["x-pages"] == "1"
        finally:
            node.close()


class TestData:
    def test_shows_the_values_a_use_would_read(
        self, chen: Page, qingpu: Client, card: dict[str, Any], legal_representative: Citizen
    ) -> None:
        fields = ["address:clear", "born_on", "name"]
        asked = ask(qingpu, personal=True, type_codes=["CL006"], mode="data", fields=fields)
        (thing,) = chen.get(f"asks/{asked['ask_id']}/preview")["things"]
        told = {each["name"]: each["value"] for each in thing["fields"]}
        assert told == {
            "address:clear": "上海市宝山区示例路 1 弄 2 号 303 室",
            "born_on": "1990-**-**",
            "name": "陈**",
        }
        legal_representative.approve(asked["ask_id"])
        terms = asked["terms"]["purpose"]
        used = qingpu.use(
            object_id=card["licence_id"],
            mode="data",
            fields=fields,
            case_no=terms["case"],
            item_code=terms["item"],
            cause=terms["cause"],
            operator="qp-103",
        )

        read = json.loads(b"".join(qingpu.chunks(used["use_id"])))["fields"]
        assert read == {"address": told["address:clear"], "born_on": told["born_on"], "name": told["name"]}

    def test_of_a_mere_check_shows_no_value(self, chen: Page, qingpu: Client, card: dict[str, Any]) -> None:
        asked = ask(qingpu, personal=True, type_codes=["CL006"], mode="verify")
        (thing,) = chen.get(f"asks/{asked['ask_id']}/preview")["things"]
        assert (thing["released"], thing["status"]) == ("verify", "01")
        assert "fields" not in thing
        page = f"/v1/my/asks/{asked['ask_id']}/things/{card['licence_id']}/pages/1"
        assert chen.http.get(page).json()["code"] == "preview-unavailable"


class TestWho:
    def test_a_stranger_and_nobody_see_that_there_is_none(
        self, exchange: Exchange, qingpu: Client, business: dict[str, Any]
    ) -> None:
        asked = ask(qingpu)
        with Citizen(exchange.base_url, "demo-person-lin") as lin, Page(exchange.base_url) as page:
            assert page.http.get(f"/v1/my/asks/{asked['ask_id']}/preview").json()["code"] == "session-over"
            page.enter(lin)
            for path in ("preview", f"things/{business['licence_id']}/pages/1"):
                answer = page.http.get(f"/v1/my/asks/{asked['ask_id']}/{path}")
                absent = page.http.get(f"/v1/my/asks/{uuid.uuid4()}/{path}")
                assert (answer.status_code, answer.json()["code"]) == (404, "unknown-ask")
                assert absent.json()["code"] == "unknown-ask"

    def test_what_is_not_asked_is_not_shown(self, chen: Page, qingpu: Client, card: dict[str, Any]) -> None:
        asked = ask(qingpu)
        page = f"/v1/my/asks/{asked['ask_id']}/things/{card['licence_id']}/pages/1"
        assert chen.http.get(page).json()["code"] == "preview-unavailable"


class TestWeakLogin:
    @pytest.fixture
    def weak(self, exchange: Exchange) -> Iterator[Page]:
        """A page of the card's holder, whose login is worth little."""
        node = Node(exchange.settings)
        with node.database.unit() as db:
            person = node.holders.resolve(db, Identifier("111", "310199199001010018"))
            assert person is not None
            _, kept = node.sessions.begin(db, new_id(), Signer(person, None, "a provider", Assurance.low, ""))
        node.close()
        with Page(exchange.base_url) as page:
            page.http.cookies.set("cailian", kept)
            yield page

    def test_shows_what_is_sensitive_masked(self, weak: Page, chen: Page, card: dict[str, Any]) -> None:
        shown, clear = (each.get(f"licences/{card['licence_id']}") for each in (weak, chen))
        assert (shown["level"], shown["number"]) == (3, "3101**********0018")
        assert [each["value"] for each in shown["face"]] != [each["value"] for each in clear["face"]]
        assert "310199199001010018" not in json.dumps(shown)

    def test_draws_no_page_of_it(self, weak: Page, qingpu: Client, card: dict[str, Any]) -> None:
        asked = ask(qingpu, personal=True, type_codes=["CL006"], mode="copy")
        for path in (f"licences/{card['licence_id']}", f"asks/{asked['ask_id']}/things/{card['licence_id']}"):
            answer = weak.http.get(f"/v1/my/{path}/pages/1")
            assert (answer.status_code, answer.json()["code"]) == (403, "assurance-too-low")

    def test_previews_no_value_of_it(self, weak: Page, qingpu: Client, card: dict[str, Any]) -> None:
        asked = ask(qingpu, personal=True, type_codes=["CL006"], mode="data", fields=["name"])
        (thing,) = weak.get(f"asks/{asked['ask_id']}/preview")["things"]
        assert thing["closed"] == "assurance-too-low"
        assert "fields" not in thing


class TestNoUse:
    def test_spends_nothing_records_nothing_and_is_counted(
        self, exchange: Exchange, chen: Page, qingpu: Client, business: dict[str, Any]
    ) -> None:
        asked = ask(qingpu)
        firm = chen.get("session")["represents"][0]["on_behalf"]
        before, looks = chen.get(f"uses?on_behalf={firm}")["lines"], counted(exchange)
        chen.get(f"asks/{asked['ask_id']}/preview")
        picture(chen.http.get(f"/v1/my/asks/{asked['ask_id']}/things/{business['licence_id']}/pages/1"))
        assert chen.get(f"uses?on_behalf={firm}")["lines"] == before
        assert httpx2.get(f"{exchange.base_url}/v1/asks/{asked['ask_id']}").json()["state"] == "pending"
        assert counted(exchange) == looks + 2


def counted(exchange: Exchange) -> int:
    """Looks at previews, as the node's metrics tell them."""
    lines = httpx2.get(exchange.base_url + "/metrics").text.splitlines()
    found = [line for line in lines if line.startswith('cailian_own_looks_total{what="preview"}')]
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in found)
