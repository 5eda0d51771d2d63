"""Codes: who may make which, what makes them void, and that they say nothing by themselves."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import text

from authz.errors import IdTokenRefusedError, SignerNotHolderError
from authz.model import Identifier
from certs import qr
from certs.codes import COMPANY_FOR, LIVE_FOR, PRINTED_FOR
from certs.codetext import CodeTexts
from certs.errors import (
    CodeKeyReusedError,
    CodeVoidError,
    InvalidRequestError,
    LicenceNotShownError,
    UnknownCodeError,
    UnknownLicenceError,
)
from certs.model import CodeKind, LicenceStatus, Operation, RepresentationKind
from certs.requests import HolderRequest
from ledger.db import Database
from ledger.ids import new_id
from tests.certs.shows import Shows
from tests.certs.world import CHEN, LIN, XU


@pytest.fixture
def shows(database: Database) -> Shows:
    return Shows(database)


@pytest.fixture
def card(shows: Shows) -> Any:
    """An identity card of 陈安澜."""
    return shows.issue("LT05")


def show(shows: Shows, request: HolderRequest, token: str) -> Any:
    with shows.database.unit() as db:
        return shows.codes.show(db, request, token)


def relate(shows: Shows, person: Any, kind: RepresentationKind) -> None:
    """State that a person stands in some relation to 陈安澜."""
    with shows.database.unit() as db:
        shows.representations.record(
            db,
            organisation=shows.holders.resolve(db, Identifier(CHEN[1], CHEN[2])),
            person=shows.holders.resolve(db, Identifier(person[1], person[2])),
            kind=kind.value,
            valid_from=shows.clock.now() - timedelta(days=1),
            valid_to=None,
            source=shows.issuer.party_id,
            operator="bs-002",
        )


class TestShow:
    def test_makes_a_code_for_sixty_seconds(self, shows: Shows, card: Any) -> None:
        request = shows.ask_to_show(card, shows.hotel, counter="3")
        code, shown = show(shows, request, shows.token(request.digest))
        assert (code.id, code.kind, code.licence_id) == (request.id, CodeKind.live, card.id)
        assert code.expires_at - code.made_at == LIVE_FOR == timedelta(seconds=60)
        assert (code.audience_org, code.audience_counter) == (shows.hotel.org_code, "3")
        assert shown == shows.texts.of(code.id)

    def test_the_same_request_gives_the_same_code_and_no_second_one(self, shows: Shows, card: Any) -> None:
        request = shows.ask_to_show(card, shows.hotel)
        token = shows.token(request.digest)
        assert show(shows, request, token) == show(shows, request, token)
        assert shows.count("certs.code") == 1

    def test_a_signature_makes_no_second_code_when_the_first_is_over(self, shows: Shows, card: Any) -> None:
        request = shows.ask_to_show(card, shows.hotel)
        token = shows.token(request.digest)
        show(shows, request, token)
        shows.clock.pass_(61)
        with pytest.raises(CodeVoidError):
            show(shows, request, token)

    @pytest.mark.parametrize(
        "change",
        [{"terms": {"org": "91310118XX00000271", "counter": None, "fields": ["name"]}}, {"id": "another"}],
    )
    def test_a_signature_is_good_for_its_request_alone(self, shows: Shows, card: Any, change: dict[str, Any]) -> None:
        signed = shows.ask_to_show(card, shows.hotel)
        document = signed.document() | (change if "terms" in change else {"id": new_id()})
        with pytest.raises(IdTokenRefusedError):
            show(shows, HolderRequest.read(document, "show"), shows.token(signed.digest))

    def test_an_old_login_is_refused(self, shows: Shows, card: Any) -> None:
        request = shows.ask_to_show(card, shows.hotel)
        token = shows.token(request.digest)
        shows.clock.pass_(301)
        with pytest.raises(IdTokenRefusedError):
            show(shows, request, token)

    @pytest.mark.parametrize("person", [LIN, XU])
    def test_nobody_shows_anothers_licence(self, shows: Shows, card: Any, person: Any) -> None:
        relate(shows, LIN, RepresentationKind.spouse)
        with pytest.raises(SignerNotHolderError):
            shows.show(card, shows.hotel, person)

    def test_a_guardian_shows_the_wards(self, shows: Shows, card: Any) -> None:
        relate(shows, LIN, RepresentationKind.guardian)
        assert shows.scan(shows.show(card, shows.hotel, LIN), shows.hotel).values

    def test_a_representative_shows_the_companys(self, shows: Shows) -> None:
        licence = shows.issue("LT01")
        assert shows.scan(shows.show(licence, shows.hotel), shows.hotel).licence.id == licence.id
        with pytest.raises(SignerNotHolderError):
            shows.show(licence, shows.hotel, XU)

    def test_each_of_several_holders_shows_it(self, shows: Shows) -> None:
        marriage = shows.issue("LT08")
        seen = [shows.scan(shows.show(marriage, shows.police, person), shows.police) for person in (CHEN, LIN)]
        pairwise = [shows.holders.pairwise(shows.holder(person), shows.police.party_id) for person in (CHEN, LIN)]
        assert [each.holder for each in seen] == pairwise

    @pytest.mark.parametrize("operation", [Operation.suspend, Operation.cancel])
    def test_what_is_not_valid_is_not_shown(self, shows: Shows, card: Any, operation: Operation) -> None:
        shows.change(card, operation, to=LicenceStatus.cancelled if operation is Operation.cancel else None)
        with pytest.raises(LicenceNotShownError):
            shows.show(card, shows.hotel)

    def test_what_is_disputed_or_superseded_is_not_shown(self, shows: Shows, card: Any) -> None:
        newer = shows.issue("LT05", operation=Operation.change, predecessor=card.id, licence_no=card.licence_no)
        with pytest.raises(LicenceNotShownError):
            shows.show(card, shows.hotel)
        with shows.database.unit() as db:
            shows.changes.freeze(db, newer.id, frozen=True)
        with pytest.raises(LicenceNotShownError):
            shows.show(newer, shows.hotel)

    def test_an_unknown_licence_or_field_is_refused(self, shows: Shows, card: Any) -> None:
        with pytest.raises(InvalidRequestError):
            shows.show(card, shows.hotel, fields=["ethnicity"])
        request = shows.request("show", new_id(), org=shows.hotel.org_code, counter=None, fields=None)
        with pytest.raises(UnknownLicenceError):
            show(shows, request, shows.token(request.digest))

    def test_somebody_elses_id_is_refused(self, shows: Shows, card: Any) -> None:
        taken = shows.ask_to_show(card, shows.hotel)
        show(shows, taken, shows.token(taken.digest))
        marriage = shows.issue("LT08")
        other = HolderRequest("show", taken.id, marriage.id, taken.terms)
        with pytest.raises(InvalidRequestError):
            show(shows, other, shows.token(other.digest, LIN))


class TestPrint:
    def test_makes_a_code_for_180_days_and_records_it(self, shows: Shows, card: Any) -> None:
        code, _ = shows.print_(card)
        assert (code.channel, code.expires_at - code.made_at) == ("app", PRINTED_FOR)
        assert timedelta(days=180) == PRINTED_FOR
        fact, parties = shows.opened(code.entry_id)
        assert fact["type"] == "licence.code-issued"
        assert (parties["code_kind"], parties["licence"], parties["channel"]) == ("printed", card.id, "app")
        assert shows.holder(CHEN) not in str(parties)

    @pytest.mark.parametrize("kind", [RepresentationKind.guardian, RepresentationKind.spouse])
    def test_a_relative_may_print(self, shows: Shows, card: Any, kind: RepresentationKind) -> None:
        relate(shows, LIN, kind)
        code, _ = shows.print_(card, LIN)
        assert (code.channel, code.holder_id, code.signer_id) == ("relative", shows.holder(CHEN), shows.holder(LIN))
        assert shows.opened(code.entry_id)[1]["representation"] == kind.value

    def test_a_stranger_may_not(self, shows: Shows, card: Any) -> None:
        with pytest.raises(SignerNotHolderError):
            shows.print_(card, XU)

    def test_is_for_people(self, shows: Shows) -> None:
        licence = shows.issue("LT01")
        with pytest.raises(SignerNotHolderError):
            shows.print_(licence)

    def test_the_one_before_is_void_and_named(self, shows: Shows, card: Any) -> None:
        first, _ = shows.print_(card)
        second, _ = shows.print_(card)
        with shows.database.unit() as db:
            old = shows.codes.get(db, first.id)
        assert old.void_reason == "reissued"
        assert shows.opened(second.entry_id)[1]["replaces"] == first.id


class TestPrintAtCounter:
    def make(self, shows: Shows, licence: Any, key: str = "k1", person: Any = CHEN, channel: str = "window") -> Any:
        holder_id = shows.holder(person)
        with shows.database.unit() as db:
            return shows.codes.print_at_counter(
                db,
                shows.issuer,
                "window",
                key=key,
                licence_id=licence.id,
                holder_id=holder_id,
                channel=channel,
            )

    @pytest.mark.parametrize("channel", ["window", "kiosk"])
    def test_prints_for_whose_card_was_read(self, shows: Shows, card: Any, channel: str) -> None:
        code, _ = self.make(shows, card, channel=channel)
        assert (code.channel, code.signer_id, code.party_id) == (channel, None, shows.issuer.party_id)
        parties = shows.opened(code.entry_id)[1]
        assert (parties["requester"], parties["operator"]) == (shows.issuer.org_code, "window")
        assert parties["holder"] == shows.holders.pairwise(shows.holder(CHEN), shows.issuer.party_id)

    def test_prints_nothing_of_somebody_elses(self, shows: Shows, card: Any) -> None:
        with pytest.raises(UnknownLicenceError):
            self.make(shows, card, person=XU)

    def test_the_same_key_gives_the_same_code(self, shows: Shows, card: Any) -> None:
        assert self.make(shows, card) == self.make(shows, card)
        assert self.make(shows, card, key="k2") != self.make(shows, card, key="k3")
        with pytest.raises(CodeKeyReusedError):
            self.make(shows, card, key="k3", channel="kiosk")

    def test_voids_what_the_holder_printed_at_home_and_the_holder_sees_both(self, shows: Shows, card: Any) -> None:
        mine, _ = shows.print_(card)
        shows.show(card, shows.hotel)
        other, _ = self.make(shows, card)
        chen, xu = shows.holder(CHEN), shows.holder(XU)
        with shows.database.unit() as db:
            held = shows.codes.of_holder(db, chen)
            assert shows.codes.of_holder(db, xu) == []
        assert [(each.id, each.void_reason) for each in held] == [(other.id, None), (mine.id, "reissued")]


class TestCompany:
    def test_is_made_by_the_legal_representative(self, shows: Shows) -> None:
        licence = shows.issue("LT01")
        code, _ = shows.company(licence)
        assert (code.kind, code.licence_id, code.expires_at - code.made_at) == (CodeKind.company, None, COMPANY_FOR)
        with pytest.raises(SignerNotHolderError):
            shows.company(licence, XU)

    def test_is_for_companies(self, shows: Shows, card: Any) -> None:
        with pytest.raises(InvalidRequestError):
            shows.company(card)


class TestVoid:
    def test_is_recorded_and_final(self, shows: Shows, card: Any) -> None:
        code, _ = shows.print_(card)
        assert shows.void(code).void_reason == "revoked"
        with pytest.raises(CodeVoidError):
            shows.void(code)
        with shows.database.unit() as db:
            entry = db.execute(text("SELECT void_entry_id::text FROM certs.code")).scalar_one()
        assert shows.opened(entry)[1]["issued_entry"] == code.entry_id

    def test_takes_the_holders_signature(self, shows: Shows, card: Any) -> None:
        code, _ = shows.print_(card)
        with pytest.raises(SignerNotHolderError):
            shows.void(code, XU)

    def test_knows_no_live_code(self, shows: Shows, card: Any) -> None:
        request = shows.ask_to_show(card, shows.hotel)
        code, _ = show(shows, request, shows.token(request.digest))
        with pytest.raises(UnknownCodeError):
            shows.void(code)


class TestForget:
    def test_removes_live_codes_that_nobody_scanned(self, shows: Shows, card: Any) -> None:
        shows.show(card, shows.hotel)
        scanned = shows.show(card, shows.hotel)
        shows.scan(scanned, shows.hotel)
        refused = shows.show(card, shows.hotel)
        shows.try_scan(refused, shows.police)
        shows.print_(card)
        shows.clock.pass_(86400)
        with shows.database.unit() as db:
            assert shows.codes.forget(db) == 0
        shows.clock.pass_(3600)
        with shows.database.unit() as db:
            assert shows.codes.forget(db) == 1
        assert shows.count("certs.code") == 3


class TestAtRest:
    def test_a_stolen_database_shows_no_code_and_no_name(self, shows: Shows, card: Any) -> None:
        live, (_, printed) = shows.show(card, shows.hotel), shows.print_(card)
        shows.scan(live, shows.hotel)
        with shows.database.unit() as db:
            tables = ("certs.code", "certs.presentation", "ledger.outbox")
            rows = str([db.execute(text(f"SELECT t::text FROM {name} t")).all() for name in tables])
        name, _, code = CHEN
        for secret in (live, live[11:], printed, printed[11:], name, code, "eyJ"):
            assert secret not in rows

    def test_other_keys_and_ids_give_other_codes(self) -> None:
        ids = [new_id() for _ in range(20)]
        one, other = CodeTexts(b"1" * 32, "310199"), CodeTexts(b"2" * 32, "310199")
        assert len({texts.of(each) for texts in (one, other) for each in ids}) == 40


class TestPicture:
    """What a scanner that is not ours reads."""

    def test_png_holds_the_text(self) -> None:
        code = CodeTexts(b"c" * 32, "310199").of(new_id())
        found = zxingcpp.read_barcodes(Image.open(BytesIO(qr.png(code))).convert("L"))
        assert [(each.text, each.format.name) for each in found] == [(code, "QRCode")]

    def test_is_small(self) -> None:
        """Upper-case letters, digits and colons need 5.5 bits each: 29 modules are enough, cheap to read off a screen."""
        picture = Image.open(BytesIO(qr.png(CodeTexts(b"c" * 32, "310199").of(new_id()), scale=1)))
        assert picture.size == (29 + 2 * qr.BORDER, 29 + 2 * qr.BORDER)

    def test_svg_stands_alone_and_asks_nobody(self) -> None:
        drawn = qr.svg("CL1:310199:" + "A" * 32)
        assert drawn.startswith("<svg")
        assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
        assert "<script" not in drawn
