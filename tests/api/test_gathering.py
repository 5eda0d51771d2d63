"""Gathering over HTTP and by the command's own reader: files of others, killed and sent again, nothing taken twice."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from sqlalchemy import Engine, create_engine, text

from api.client import Client, ImportStoppedError, ProblemError
from api.client.gathering import Gather
from api.client.mapping import MappingError, RowMapping
from certs.credentials import statuslist
from certs.offline import Kit
from ledger.trust import Trust
from ledger.verify import load_bundle, verify
from tests.api.test_journey import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.stack.exchange import Exchange

CAILIAN = Path(sys.executable).with_name("cailian")
REGISTRAR = "bm-002"
FIRM = {"name": "青浦云岫食品有限公司", "type": "001", "code": "91310118XX00000271"}
COLUMNS = {
    "licence_no": "许可证编号",
    "issued_on": {"column": "发证日期", "date": "%Y年%m月%d日"},
    "valid_to": {"column": "有效期至", "date": "%Y/%m/%d"},
    "status": {"column": "状态", "values": {"有效": "01", "注销": "04"}},
    "holders": [{"name": "经营者名称", "type": {"value": "001"}, "code": "代码"}],
    "face": {
        "business_kind": "主体业态",
        "business_items": "经营项目",
        "premises": "经营场所",
        "legal_representative": "负责人",
    },
}
MAPPING = {"type": "LT12", "encoding": "gb18030", "columns": COLUMNS}
HEAD = "许可证编号,发证日期,有效期至,状态,经营者名称,代码,主体业态,经营项目,经营场所,负责人"


@pytest.fixture(scope="module")
def engine(exchange: Exchange) -> Iterator[Engine]:
    made = create_engine(exchange.settings.database_url.get_secret_value())
    yield made
    made.dispose()


@pytest.fixture
def gathering(exchange: Exchange) -> Iterator[Client]:
    """A department that issues."""
    with exchange.client("baoshan-market") as client:
        yield client


@pytest.fixture
def run_name() -> str:
    return "G" + uuid.uuid4().hex[:10].upper()


def row(name: str, number: int = 0, **changes: Any) -> dict[str, Any]:
    face = {"business_kind": "食品销售经营者", "business_items": "预包装食品", "legal_representative": "林青"}
    face["premises"] = f"上海市青浦区试验路{name}号之{number}"
    whole = {"type": "LT12", "licence_no": f"{name}-{number}", "holders": [FIRM], "face": face}
    return whole | {"issued_on": "2024-05-06", "valid_to": "2029-05-05"} | changes


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in rows)


def table(name: str, *numbers: int) -> str:
    body = [
        f'{name}-{n},2024年05月06日,2029/05/05,有效,青浦云岫食品有限公司,91310118XX00000271,食品销售经营者,"预包装食品\n(含冷藏)",'
        f"试验路{name}号之{n},林青"
        for n in numbers
    ]
    return "\n".join([HEAD, *body]) + "\n"


class TestRoute:
    def test_takes_tells_and_counts(self, gathering: Client, run_name: str) -> None:
        before = gathering.call("GET", "/v1/licences/gathering")["whole"]
        given = lines(row(run_name), {"type": "LT12"}, row(run_name, 2, valid_to="2039-05-05")) + b'{"a":1,"a":2}\n'
        first, second, third, fourth, last = gathering.gather(given, operator=REGISTRAR)
        assert first.keys() == {"row", "licence", "licence_id", "flaw"}
        assert first["flaw"] == "late"
        assert (second["code"], second["flaw"]) == ("gather-incomplete", "incomplete")
        assert (third["code"], third["flaw"], third["title_zh"] != "") == ("licence-period", "inaccurate", True)
        assert (fourth["row"], fourth["code"]) == (4, "gather-row")
        assert (last["taken"], last["refused"]) == (1, 3)
        assert last["promise"]["signature"]
        whole = gathering.call("GET", "/v1/licences/gathering")["whole"]
        assert (whole["rows"] - before["rows"], whole["late"] - before["late"]) == (4, 1)
        assert 0 <= whole["compliance"] < 1

    def test_one_key_one_effect(self, gathering: Client, engine: Engine, run_name: str) -> None:
        key, given = f"key-{run_name}", lines(row(run_name))
        first = gathering.gather(given, operator=REGISTRAR, key=key)
        assert gathering.gather(given, operator=REGISTRAR, key=key) == first
        with pytest.raises(ProblemError) as refused:
            gathering.gather(lines(row(run_name, 1)), operator=REGISTRAR, key=key)
        assert refused.value.code == "idempotency-key-reused"
        with pytest.raises(ProblemError):
            gathering.gather(given, operator=REGISTRAR, key=key, dry_run="true")

    def test_the_same_rows_at_the_same_moment_are_taken_once(self, gathering: Client, run_name: str) -> None:
        given = lines(*(row(run_name, number) for number in range(20)))
        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(gathering.gather, given, operator=REGISTRAR, minimal=True) for _ in range(4)]
            told = [each.result() for each in asked]
        assert sum(each[-1]["taken"] for each in told) == 20
        codes = {row["code"] for each in told for row in each[:-1] if "code" in row}
        assert codes <= {"licence-no-taken", "licence-overlap"}

    def test_a_dry_run_writes_nothing(self, gathering: Client, engine: Engine, run_name: str) -> None:
        counted = text("SELECT (SELECT count(*) FROM certs.licence), (SELECT sum(rows) FROM certs.gathering)")
        with engine.connect() as db:
            before = db.execute(counted).one()
        told = gathering.gather(lines(row(run_name), "x"), operator=REGISTRAR, dry_run="true")
        assert told[0] == {"row": 1, "would": "take", "flaw": "late"}
        assert told[-1]["promise"] is None
        with engine.connect() as db:
            assert db.execute(counted).one() == before

    def test_since_leaves_a_backlog_alone(self, gathering: Client, run_name: str) -> None:
        first, _ = gathering.gather(lines(row(run_name)), operator=REGISTRAR, since="2025-01-01")
        assert "flaw" not in first

    @pytest.mark.parametrize(
        ("given", "operator", "code"),
        [(b"\n" * 10_001, REGISTRAR, "too-many-rows"), (b"{}\n", "nobody", "unknown-operator"), (b"{}\n", "", "operator-missing"), (b"{}\n", "bm-017", "unknown-operator")],
    )  # fmt: skip
    def test_refuses_a_whole_request(self, gathering: Client, given: bytes, operator: str, code: str) -> None:
        with pytest.raises(ProblemError) as refused:
            gathering.gather(given, operator=operator)
        assert refused.value.code == code

    @pytest.mark.parametrize("status", ["01", "04"])
    def test_what_was_gathered_can_be_proven(
        self, exchange: Exchange, gathering: Client, run_name: str, status: str
    ) -> None:
        licence = gathering.gather(lines(row(run_name, status=status)), operator=REGISTRAR)[0]["licence"]
        path = f"/v1/licences/{licence}/evidence"
        trust = Trust.from_json(exchange.trust())

        def anchored() -> dict[str, Any] | None:
            made = gathering.call("GET", path)
            return made if "chain" in made["sections"] else None

        report = verify(load_bundle(json.dumps(until(anchored)).encode()), trust)
        assert (report.verdict.value, report.kind) == ("proven", "licence")

    def test_refuses_a_client_without_the_scope(self, baoshan: Client) -> None:
        with pytest.raises(ProblemError) as refused:
            baoshan.gather(lines(row("A")), operator="bs-017")
        assert refused.value.status == 403


class TestGather:
    def test_reads_a_table_of_somebody_elses(self, gathering: Client, tmp_path: Path, run_name: str) -> None:
        file = tmp_path / "食品许可.csv"
        file.write_bytes(table(run_name, *range(7)).encode("gb18030"))
        work = Gather(gathering, file, RowMapping.of(MAPPING), operator=REGISTRAR, batch=3)
        held = work.run()
        assert (held.rows, held.taken, held.refused) == (7, 7, 0)
        assert held.figures["late"] == 7
        report = [json.loads(line) for line in work.refused_file.read_text().splitlines()]
        assert report == [{"row": number, "flaw": "late"} for number in range(1, 8)]

    def test_reads_a_json_list_with_members_of_members(self, gathering: Client, tmp_path: Path, run_name: str) -> None:
        file = tmp_path / "rows.json"
        plain = {"type": "LT12", "columns": {"licence_no": "no", "issued_on": "on", "valid_to": "to"}}
        plain["columns"] |= {"holders": [{"name": "who.name", "type": {"value": "001"}, "code": "who.code"}]}
        plain["columns"] |= {"face": {name: f"face.{name}" for name in row("A")["face"]}}
        given = row(run_name)
        file.write_text(
            json.dumps(
                [
                    {
                        "no": given["licence_no"],
                        "on": "2024-05-06",
                        "to": "2029-05-05",
                        "who": FIRM,
                        "face": given["face"],
                    }
                ]
            )
        )
        held = Gather(gathering, file, RowMapping.of(plain), operator=REGISTRAR).run()
        assert (held.taken, held.refused) == (1, 0)

    def test_goes_on_after_a_cut_and_takes_nothing_twice(
        self, exchange: Exchange, gathering: Client, engine: Engine, tmp_path: Path, run_name: str
    ) -> None:
        class Cut(Client):
            """Cut after the node did its work, once for each request."""

            def __init__(self, client: Client) -> None:
                super().__init__(client.base_url, client.client_id, client.key)
                self.cut: set[str] = set()

            def gather(self, rows: bytes, *, key: str | None = None, **terms: Any) -> list[dict[str, Any]]:
                answer = super().gather(rows, key=key, **terms)
                if key not in self.cut:
                    self.cut.add(str(key))
                    raise httpx2.ReadError("cut")
                return answer

        file = tmp_path / "rows.ndjson"
        file.write_bytes(lines(*(row(run_name, number) for number in range(25)), "no row"))
        with engine.connect() as db:
            before = db.execute(text("SELECT count(*) FROM certs.licence")).scalar_one()
        with Cut(gathering) as cutting:
            held = Gather(cutting, file, None, operator=REGISTRAR, batch=10).run()
        assert (held.taken, held.refused) == (25, 1)
        with engine.connect() as db:
            assert db.execute(text("SELECT count(*) FROM certs.licence")).scalar_one() == before + 25

    def test_another_mapping_is_another_file(self, gathering: Client, tmp_path: Path, run_name: str) -> None:
        file = tmp_path / "rows.ndjson"
        file.write_bytes(lines(row(run_name)))
        Gather(gathering, file, None, operator=REGISTRAR).run()
        with pytest.raises(ImportStoppedError, match="another file"):
            Gather(gathering, file, RowMapping.of(MAPPING), operator=REGISTRAR)

    def test_a_dry_run_begins_anew_each_time(self, gathering: Client, tmp_path: Path, run_name: str) -> None:
        file = tmp_path / "rows.ndjson"
        file.write_bytes(lines(row(run_name), "x"))
        for _ in range(2):
            held = Gather(gathering, file, None, operator=REGISTRAR, dry_run=True).run()
            assert (held.taken, held.refused) == (1, 1)

    def test_refuses_a_table_without_a_column_of_the_mapping(self, gathering: Client, tmp_path: Path) -> None:
        file = tmp_path / "rows.csv"
        file.write_text("a,b\n1,2\n")
        with pytest.raises(ImportStoppedError, match="许可证编号"):
            Gather(gathering, file, RowMapping.of(MAPPING), operator=REGISTRAR).run()

    def test_the_command_tells_the_figures(
        self, exchange: Exchange, gathering: Client, tmp_path: Path, run_name: str
    ) -> None:
        file, mapping = tmp_path / "rows.csv", tmp_path / "mapping.json"
        file.write_bytes(table(run_name, 0, 1).encode("gb18030"))
        mapping.write_text(json.dumps(MAPPING))
        who = exchange.folder / "clients" / "baoshan-market.json"
        done = subprocess.run(
            [
                CAILIAN,
                "gather",
                file,
                "--operator",
                REGISTRAR,
                "--mapping",
                mapping,
                "--dry-run",
                "--as",
                who,
                "--json",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        told = json.loads(done.stdout)
        assert (told["dry_run"], told["rows"], told["taken"], told["target"]) == (True, 2, 2, 0.976)


class TestRowMapping:
    def test_the_guide_s_is_one(self) -> None:
        guide = (Path(__file__).parents[2] / "docs/licences.md").read_text("utf-8")
        RowMapping.of(json.loads(guide.split("```json\n")[2].split("```")[0]))

    def test_maps_by_its_rules(self) -> None:
        rules = RowMapping.of(
            {
                "columns": {
                    "type": {"value": "LT10"},
                    "holders": [{"name": "a", "type": {"value": "111"}}, {"name": "b", "type": {"value": "111"}}],
                    "face": {"items": {"column": "i", "split": "、"}, "day": {"column": "d", "date": "%Y%m%d"}},
                }
            }
        )
        assert rules.row({"a": " 陈 ", "b": "", "i": "甲、 乙、", "d": "20240506"}) == {
            "type": "LT10",
            "holders": [{"name": "陈", "type": "111"}],
            "face": {"items": ["甲", "乙"], "day": "2024-05-06"},
        }

    def test_what_it_cannot_read_goes_on_as_it_is(self) -> None:
        rules = RowMapping.of(
            {"columns": {"a": {"column": "a", "date": "%Y"}, "b": {"column": "b", "values": {"x": "y"}}}}
        )
        assert rules.row({"a": "soon", "b": "z"}) == {"a": "soon", "b": "z"}

    @pytest.mark.parametrize(
        "bad",
        [[], {}, {"columns": []}, {"columns": {"a": 1}}, {"columns": {"a": {"column": 1}}}, {"columns": {}, "more": 1},
         {"columns": {}, "encoding": "klingon"}, {"columns": {"a": {"column": "a", "split": ""}}}, {"columns": {"a": [1]}}],
    )  # fmt: skip
    def test_refuses(self, bad: object) -> None:
        with pytest.raises(MappingError):
            RowMapping.of(bad)


class TestCredentialAddresses:
    def test_type_metadata_are_served_as_they_are_pinned(self, exchange: Exchange) -> None:
        answer = httpx2.get(f"{exchange.base_url}/v1/vct/LT01")
        assert answer.json()["vct"] == f"{exchange.base_url}/v1/vct/LT01"
        assert answer.headers["etag"] == f'"{b64encode(sha256(answer.content).digest()).decode()}"'
        assert httpx2.get(f"{exchange.base_url}/v1/vct/LT99").status_code == 404

    def test_a_suspension_is_in_the_list_at_once(
        self, exchange: Exchange, engine: Engine, gathering: Client, run_name: str
    ) -> None:
        licence = gathering.gather(lines(row(run_name)), operator=REGISTRAR)[0]["licence"]
        with engine.connect() as db:
            place = text("SELECT status_list_id, status_index FROM certs.licence WHERE id = :id")
            list_id, index = db.execute(place, {"id": licence}).one()
        address = f"{exchange.base_url}/v1/status-lists/{list_id}"
        kit = Kit.read(httpx2.get(f"{exchange.base_url}/v1/offline-kit").json())

        def status() -> int:
            answer = httpx2.get(address)
            assert answer.headers["content-type"] == statuslist.MEDIA_TYPE
            same = {"If-None-Match": answer.headers["etag"]}
            # Any worker; the tag holds for the hour, which may be over just now for one of them.
            assert 304 in {httpx2.get(address, headers=same).status_code for _ in range(8)}
            return statuslist.read(answer.text, address, kit.library, kit.trusted, datetime.now(UTC))[index]

        assert status() == 0
        for operation, wanted in (("suspend", 2), ("restore", 0)):
            body = {"operation": operation, "reason": "inspection-found", "operator": REGISTRAR}
            gathering.call("POST", f"/v1/licences/{licence}/status", body, key=str(uuid.uuid4()))
            assert status() == wanted

    def test_an_unknown_list_is_told(self, exchange: Exchange) -> None:
        answer = httpx2.get(f"{exchange.base_url}/v1/status-lists/nowhere")
        assert (answer.status_code, answer.json()["code"]) == (404, "status-list-unknown")
