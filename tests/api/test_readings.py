"""Readings over HTTP on a whole exchange: asked for, read by the worker's own process, confirmed by staff."""

from __future__ import annotations

import json
import re
import shlex
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.client import ProblemError
from tests.api.conftest import FIRM, OTHER_FIRM, pdf, send_deposit
from tests.materials.reading.samples import FIRM_NAME, LESSOR, lease_pdf, licence_picture

if TYPE_CHECKING:
    from api.client import Client
    from api.stack.exchange import Exchange

FIRM_CODE = "91310113XX0000019X"
GUIDE = (Path(__file__).parents[2] / "docs/reading.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines()]
BODIES = dict(re.findall(r"`(\w+\.json)`, the body of `POST [^`]+`:\n\n```json\n(.*?)```", GUIDE, re.DOTALL))


def ask(client: Client, material_id: str, key: str | None = None) -> dict[str, Any]:
    path = f"/v1/materials/{material_id}/readings"
    return client.call("POST", path, {"operator": "bs-017"}, key=key or str(uuid.uuid4()))


def ended(client: Client, reading: dict[str, Any], seconds: float = 90) -> dict[str, Any]:
    """Wait until the worker has read it."""
    path = f"/v1/materials/{reading['material_id']}/readings/{reading['reading_id']}"
    until = time.monotonic() + seconds
    while (held := client.call("GET", path))["state"] == "queued":
        assert time.monotonic() < until, held
        time.sleep(0.1)
    return held


def confirm(client: Client, held: dict[str, Any], **changes: Any) -> dict[str, Any]:
    path = f"/v1/materials/{held['material_id']}/readings/{held['reading_id']}/confirmation"
    fields = {each["code"]: each["value"] for each in held["fields"]}
    body = {"type_code": held["type"]["type_code"], "fields": fields, "operator": "bs-017"} | changes
    return client.call("POST", path, body, key=str(uuid.uuid4()))


@pytest.fixture(scope="module")
def lease(baoshan: Client) -> dict[str, Any]:
    """A lease whose text was read."""
    made = send_deposit(baoshan, lease_pdf(), verify_level="self_declared")
    return ended(baoshan, ask(baoshan, made["material_id"]))


class TestReading:
    def test_of_a_pdf_takes_its_text(self, lease: dict[str, Any]) -> None:
        assert lease["state"] == "read"
        assert lease["type"]["type_code"] == "CL022"
        assert [page["source"] for page in lease["pages"]] == ["text"]
        fields = {each["code"]: each for each in lease["fields"]}
        assert fields["lessor"]["value"] == LESSOR
        assert fields["lessee"]["value"] == FIRM_NAME
        assert fields["ends_on"]["value"] == "2029-05-31"
        assert fields["lessor"]["page"] == 1
        x0, y0, x1, y1 = fields["lessor"]["box"]
        assert 0 <= x0 < x1 <= 10_000
        assert 0 <= y0 < y1 <= 2_500  # it stands in the upper quarter
        assert lease["contradictions"] == []

    def test_of_a_photograph_looks_at_it(self, baoshan: Client) -> None:
        made = send_deposit(
            baoshan, licence_picture(), type_code="CL001", file_name="licence.jpg", media_type="image/jpeg"
        )
        held = ended(baoshan, ask(baoshan, made["material_id"]))
        assert [page["source"] for page in held["pages"]] == ["ocr"]
        fields = {each["code"]: each for each in held["fields"]}
        assert fields["uscc"]["value"] == FIRM_CODE
        assert fields["uscc"]["confidence"] >= 97
        assert fields["name"]["value"] == FIRM_NAME

    def test_is_one_at_a_time_and_answers_a_repeated_key_alike(self, baoshan: Client) -> None:
        made = send_deposit(baoshan, lease_pdf())
        key = str(uuid.uuid4())
        first = ask(baoshan, made["material_id"], key)
        assert ask(baoshan, made["material_id"], key) == first
        ended(baoshan, first)

    def test_says_why_a_document_cannot_be_read(self, baoshan: Client) -> None:
        made = send_deposit(baoshan, pdf(str(uuid.uuid4())))  # a PDF in form, without any page
        held = ended(baoshan, ask(baoshan, made["material_id"]))
        assert (held["state"], held["failure"]) in {("failed", "damaged"), ("failed", "no-pages")}

    def test_is_for_the_depositor_only(self, baoshan: Client, qingpu: Client, lease: dict[str, Any]) -> None:
        path = f"/v1/materials/{lease['material_id']}/readings"
        for method, address, body in (
            ("GET", path, None),
            ("GET", f"{path}/{lease['reading_id']}", None),
            ("POST", path, {"operator": "qp-103"}),
        ):
            with pytest.raises(ProblemError) as refused:
                qingpu.call(method, address, body, key=str(uuid.uuid4()))
            assert refused.value.status in {403, 404}
        with pytest.raises(ProblemError) as absent:
            baoshan.call("GET", f"{path}/{uuid.uuid4()}")
        assert absent.value.code == "unknown-reading"


class TestGuide:
    def test_runs_line_by_line(
        self, exchange: Exchange, baoshan: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "var").symlink_to(exchange.folder)
        (tmp_path / "lease.pdf").write_bytes(lease_pdf())
        for name, body in BODIES.items():
            (tmp_path / name).write_text(body, "utf-8")
        known = {"MATERIAL_ID": send_deposit(baoshan, lease_pdf())["material_id"]}
        for line in COMMANDS:
            said = follow(line, known, exchange.base_url)
            if "reading_id" in said:
                known["READING_ID"] = said["reading_id"]
                ended(baoshan, said)
        assert said["state"] == "confirmed"


def follow(line: str, known: dict[str, str], base_url: str) -> dict[str, Any]:
    for word, value in known.items():
        line = line.replace(word, value)
    done = CliRunner().invoke(app, [*shlex.split(line.replace("http://127.0.0.1:8080", base_url))[1:], "--json"])
    assert done.exit_code == 0, f"{line}\n{done.output}"
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


class TestConfirmation:
    def test_raises_the_level_and_is_recorded_without_values(self, baoshan: Client) -> None:
        made = send_deposit(baoshan, lease_pdf(), verify_level="self_declared")
        held = ended(baoshan, ask(baoshan, made["material_id"]))
        done = confirm(baoshan, held)
        assert (done["state"], done["verify_level"]) == ("confirmed", "staff_checked")
        assert done["entry_id"]
        after = baoshan.call("GET", f"/v1/materials/{made['material_id']}")
        assert after["verify_level"] == "staff_checked"
        assert after["reusable_until"].startswith("2029-05-31T16:00")  # midnight here, as the lease says
        with pytest.raises(ProblemError) as again:
            confirm(baoshan, held)
        assert again.value.code == "reading-state"

    def test_of_another_type_is_refused(self, baoshan: Client, lease: dict[str, Any]) -> None:
        with pytest.raises(ProblemError) as refused:
            confirm(baoshan, lease, type_code="CL015", fields={"name": FIRM_NAME})
        assert (refused.value.code, refused.value.document["fields"]["problem"]) == (
            "reading-contradicted",
            "type-differs",
        )

    def test_of_an_impossible_value_is_refused(self, baoshan: Client, lease: dict[str, Any]) -> None:
        for field, value in (("ends_on", "2029-02-30"), ("rent", "plenty"), ("shoe_size", "43")):
            with pytest.raises(ProblemError) as refused:
                confirm(baoshan, lease, fields={field: value})
            assert (refused.value.code, refused.value.document["fields"]["field"]) == ("reading-field", field)

    def test_of_somebody_elses_licence_is_refused_for_good(self, baoshan: Client) -> None:
        made = send_deposit(
            baoshan,
            licence_picture(),
            type_code="CL001",
            file_name="licence.jpg",
            media_type="image/jpeg",
            holder=OTHER_FIRM,
        )
        held = ended(baoshan, ask(baoshan, made["material_id"]))
        assert {each["problem"] for each in held["contradictions"]} == {"holder-differs", "holder-name-differs"}
        with pytest.raises(ProblemError) as refused:
            confirm(baoshan, held, acknowledged=["holder-differs", "holder-name-differs"])
        assert refused.value.document["fields"]["problem"] == "holder-differs"

    def test_of_a_difference_wants_it_acknowledged(self, baoshan: Client) -> None:
        made = send_deposit(baoshan, lease_pdf(), valid_to="2027-05-31T16:00:00Z", holder=FIRM)
        held = ended(baoshan, ask(baoshan, made["material_id"]))
        assert [each["problem"] for each in held["contradictions"]] == ["valid-to-differs"]
        with pytest.raises(ProblemError) as refused:
            confirm(baoshan, held)
        assert refused.value.document["fields"]["problem"] == "valid-to-differs"
        assert confirm(baoshan, held, acknowledged=["valid-to-differs"])["state"] == "confirmed"
