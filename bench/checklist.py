"""The checklist of a ten-material item, over HTTP, with a vault of 10,000 and of 1,000,000 materials.

The firm of the case is known: it has a licence, materials of every type, and gave its consent. The rest of the vault
belongs to other holders and is copied from one deposit in the database, since a million deposits would take an hour.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, text

from api.client import Client, ProblemError
from api.demo.citizen import Citizen
from api.demo.licences import business, card

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bench.suite import Suite
    from bench.world import Bench

SMALL: Final = 10_000
LARGE: Final = 1_000_000
LOOKS: Final = 400
WARM: Final = 40
LIMIT: Final = 50.0
"""Milliseconds: the 99th of a hundred."""
RATIO: Final = 1.5
HOLDERS: Final = 20_000
ITEM: Final = "11310113XX00000A2R4310100102000"
ANSWERS: Final = {"central_air": "yes", "staff_contact": "yes", "agent": "yes"}
"""Ten lines: CL001, CL006, CL013, CL020, CL025, CL040, CL044, CL045, CL052, CL053."""
OWN: Final = ("CL025", "CL040", "CL044", "CL045", "CL052", "CL053")
CAUSE: Final = "公共场所卫生许可审查"
_FIRM: Final[dict[str, Any]] = {
    "kind": "organisation",
    "name": "宝山青禾餐饮管理有限公司",
    "identifiers": [{"type": "001", "code": "91310113XX0000019X"}],
}
_PDF: Final = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"xref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 3>>\nstartxref\n100\n% "
)
_FILL: Final = text("""
INSERT INTO materials.material (id, type_code, holder_id, version, status, object_id, file_name, media_type, size,
  sha256, sm3, division, party_id, operator, channel, verify_level, share_in_project, deposited_at, entry_id)
SELECT gen_random_uuid(), 'CL' || lpad((1 + n % 57)::text, 3, '0'),
  md5('holder ' || (n % :holders))::uuid, 1, 'active', gen_random_uuid(), m.file_name, m.media_type, m.size, m.sha256,
  m.sm3, m.division, m.party_id, m.operator, m.channel, m.verify_level, false, m.deposited_at, m.entry_id
FROM generate_series(1, :count) AS n, (SELECT * FROM materials.material ORDER BY id LIMIT 1) AS m""")


def measure(suite: Suite, bench: Bench) -> None:
    """Both sizes, on one exchange."""
    if not suite.wanted("checklist"):
        return
    engine = create_engine(bench.exchange.settings.database_url.get_secret_value())
    try:
        with bench.exchange.client("baoshan-window") as window:
            path = f"/v1/cases/{_case(suite, bench, window)}/checklist"
            timed = {}
            for size in (SMALL, LARGE):
                suite.tell(f"checklist: a vault of {size}")
                _fill(engine, size)
                timed[size] = _look(window, path)
    finally:
        engine.dispose()
    worst = {size: statistics.quantiles(took, n=100)[98] for size, took in timed.items()}
    middle = {size: statistics.median(took) for size, took in timed.items()}
    for size in timed:
        name, met = f"checklist of 10 materials, vault of {size:,}", worst[size] < LIMIT
        shown = f"p99 {worst[size]:.1f} ms, p50 {middle[size]:.1f} ms"
        suite.row(name, shown, f"p99 < {LIMIT:.0f} ms", met, p99=worst[size], p50=middle[size])
    ratio = middle[LARGE] / middle[SMALL]
    suite.row("checklist: large vault over small, p50", f"{ratio:.2f}", f"<= {RATIO}", ratio <= RATIO, ratio=ratio)


def _case(suite: Suite, bench: Bench, window: Client) -> str:
    """A case of a firm that is known and has consented; its number."""
    exchange = bench.exchange
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    until = today.replace(year=today.year + 20, day=min(today.day, 28)) - timedelta(days=1)
    wanted = (
        ("baoshan-market", business(today.isoformat())),
        ("shanghai-police", card(today.isoformat(), until.isoformat())),
    )
    for name, body in wanted:
        with exchange.client(name) as issuer:
            try:
                issuer.call("POST", "/v1/licences", body)
            except ProblemError as problem:
                if problem.status != 409:  # another benchmark issued it
                    raise
    for code in OWN:
        described = {"type_code": code, "holder": _FIRM, "operator": "bs-017", "channel": "counter"}
        path = suite.folder / f"checklist-{code}.pdf"
        path.write_bytes(_PDF + code.encode() + b"\n%%EOF\n")
        window.deposit(path, described | {"verify_level": "staff_checked"}, content_type="application/pdf")
    presence = {"kind": "id_card_read", "evidence": "bench"}
    case = {"item_code": ITEM, "answers": ANSWERS, "applicant": _FIRM, "presence": presence, "operator": "bs-017"}
    case_no = str(window.call("POST", "/v1/cases", case)["case_no"])
    with Citizen(exchange.base_url, "demo-person-chen") as chen:
        for of, codes in (("applicant", list(OWN)), ("legal_rep", ["CL006"])):
            things = [{"type_codes": codes, "mode": "copy", "max_uses": 9, "valid_days": 30}]
            asked = {"case_no": case_no, "wanted": things, "of": of, "cause": CAUSE, "operator": "bs-017"}
            batch = window.call("POST", "/v1/ask-batches", asked)
            chen.answer(batch["batch_id"], [ask["ask_id"] for ask in batch["asks"]])
    return case_no


def _fill(engine: Engine, size: int) -> None:
    """Let the vault hold so many materials."""
    with engine.begin() as db:
        held = int(db.execute(text("SELECT count(*) FROM materials.material")).scalar_one())
        db.execute(_FILL, {"count": size - held, "holders": HOLDERS})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("VACUUM ANALYZE materials.material"))


def _look(window: Client, path: str) -> list[float]:
    """Milliseconds of each look, one after the other, after some that nobody counts."""
    took = []
    for number in range(WARM + LOOKS):
        began = time.perf_counter()
        shown = window.call("GET", path)
        if number >= WARM:
            took.append((time.perf_counter() - began) * 1000)
        assert len(shown["lines"]) == 10, shown
    return took
