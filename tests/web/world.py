"""What is beside the phone in the tests of the citizen pages: departments that issue, deposit, use, scan, answer.

`Department` asks for consent; this one knows more acts, for the pages on which a person sees what is theirs.
"""

from __future__ import annotations

import base64
import io
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from PIL import Image, ImageDraw

from api.demo.licences import SCOPE
from ledger.clock import rfc3339
from tests.api.test_journey import until
from tests.web.department import CAUSE, Department

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.client import Client

COUNTER: Final = "3"
QINGPU: Final = "11310118XX00000B0W"


def lease() -> bytes:
    """A picture of a lease, PNG, different each time."""
    sheet = Image.new("RGB", (827, 1169), "white")
    drawing = ImageDraw.Draw(sheet)
    for line in range(24):
        drawing.rectangle((90, 150 + 38 * line, 90 + (53 * (line + 3)) % 560 + 90, 162 + 38 * line), fill=(60, 60, 60))
    drawing.text((90, 90), f"LEASE {uuid.uuid4()}", fill="black")
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


class World(Department):
    """A department with more acts.

    Args:
        client: of the asking department.
        open_case, deposit: as `Department`.
        issue: issues a licence by the name of what it is; its document.
        operations: client of the node's overseers.
        registrar: client of who publishes registers.
        trust: the trust file that people are given.
    """

    def __init__(
        self,
        client: Client,
        open_case: Callable[..., dict[str, Any]],
        deposit: Callable[[], str],
        issue: Callable[[str], dict[str, Any]],
        operations: Client,
        registrar: Client,
        trust: Path,
    ) -> None:
        super().__init__(client, open_case, deposit)
        self._issue = issue
        self._operations = operations
        self._registrar = registrar
        self._trusted = trust
        self._acts |= {
            "issue": self._issued,
            "use_lease": self._use_lease,
            "scan": self._scan,
            "publish": self._publish,
            "answer_reports": self._answer_reports,
            "ask_person": self._ask_person,
            "use_licence": self._use_licence,
            "read": self._read,
            "integrated": self._integrated,
            "trust": self._trust,
        }

    def _issued(self, what: str) -> dict[str, Any]:
        return self._issue(what)

    def _use_lease(self) -> dict[str, Any]:
        """Refused, for nobody consented."""
        case = self._open_case()
        return self._client.use(
            object_id=self._deposit(),
            mode="copy",
            case_no=case["case_no"],
            item_code=case["item_code"],
            cause=CAUSE,
            operator="qp-103",
        )

    def _use_licence(self, licence: str, batch: str) -> dict[str, Any]:
        """Use a licence in the case of a batch, and fetch what it delivers."""
        case = self._cases[batch]
        opened = self._client.use(
            object_id=licence,
            mode="copy",
            case_no=case["case_no"],
            item_code=case["item_code"],
            cause=CAUSE,
            operator="qp-103",
        )
        return {"use_id": opened["use_id"], "size": sum(map(len, self._client.chunks(opened["use_id"])))}

    def _scan(self, code: str) -> dict[str, Any]:
        body = {"code": code, "operator": "qp-103", "counter": COUNTER, "scenario": SCOPE["code"]}
        return self._client.call("POST", "/v1/presentations", body, key=str(uuid.uuid4()))

    def _integrated(self, use: str) -> dict[str, Any]:
        """Wait until the receipt of a use rests on the log alone; how many entries it shows."""

        def entries() -> int | None:
            sections = self._client.receipt(use)["sections"].values()
            held = [entry for section in sections for entry in section.get("entries", [])]
            return len(held) if all("index" in entry for entry in held) else None

        return {"entries": until(entries)}

    @staticmethod
    def _read(png: str) -> dict[str, Any]:
        """What a QR code says."""
        picture = cv2.imdecode(np.frombuffer(base64.b64decode(png), np.uint8), cv2.IMREAD_GRAYSCALE)
        text, _, _ = cv2.QRCodeDetector().detectAndDecode(
            cv2.copyMakeBorder(picture, *[40] * 4, cv2.BORDER_CONSTANT, value=255)
        )
        return {"text": text}

    def _trust(self) -> dict[str, Any]:
        return {"path": str(self._trusted)}

    def _publish(self) -> dict[str, Any]:
        """The scope of the counter, once."""
        owner, adopted = "11310113XX00000A2R", rfc3339(datetime.now(UTC))
        body = {"version": 1, "owner": owner, "adopted_at": adopted, "operator": "bs-002"}
        return self._registrar.call("POST", "/v1/registers/scenarios", body | {"entries": [SCOPE]})

    def _answer_reports(self) -> dict[str, Any]:
        waiting = self._operations.call("GET", "/v1/operations/reports?operator=op-900")["reports"]
        for each in waiting:
            body = {"answer": "经核查,该次调用有办件与授权", "operator": "op-900"}
            path = f"/v1/operations/reports/{each['report_id']}/answer"
            self._operations.call("POST", path, body, key=str(uuid.uuid4()))
        return {"answered": len(waiting)}

    def _ask_person(self, wanted: list[dict[str, Any]]) -> dict[str, Any]:
        """Ask the person themselves."""
        person = {
            "kind": "person",
            "name": "陈安澜",
            "identifiers": [{"type": "111", "code": "310199199001010018"}],
        }
        return self._asked(wanted, applicant=person)
