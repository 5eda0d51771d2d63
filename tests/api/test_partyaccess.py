"""Lists of access requests: however long, the organisations in them are read at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import event

from api.routes import partyaccess
from tests.authz.test_accessrequests import Desk

if TYPE_CHECKING:
    from api.node import Node
    from ledger.db import Database


class TestDocuments:
    def test_ask_the_database_once(self, database: Database) -> None:
        desk = Desk(database)
        found = [desk.ask(item_code=f"item-{number}") for number in range(5)]
        asked: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            asked.append(statement)

        node = cast("Node", desk.world)  # parties and a clock are all that is looked at
        with database.unit() as db:
            event.listen(database.engine, "before_cursor_execute", note)
            try:
                shown: list[dict[str, Any]] = partyaccess.documents(node, db, found)
            finally:
                event.remove(database.engine, "before_cursor_execute", note)
        assert len(asked) == 1
        assert [each["access_request_id"] for each in shown] == [each.id for each in found]
        assert {(each["org_code"], each["provider_code"]) for each in shown} == {
            ("11310118XX00000B0W", "11310113XX00000A2R")
        }
