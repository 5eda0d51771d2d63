"""A department's window as a browser test drives it: it asks for consent, uses what was granted, looks at grants.

The browser's script is in another language and holds no keys; so it posts `{"act", ...}` here, on loopback.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, Self

from api.client import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.client import Client

CAUSE: Final = "食品经营许可新办审查"
LEASE: Final = "CL022"
IDENTITY: Final = "CL006"
HEALTH: Final = "CL040"


class Department:
    """Serves what `do` does until it is left.

    Args:
        client: of the asking department.
        open_case: opens a case of the item.
        deposit: deposits a lease of the applicant's; its id.
        verify: what both verifiers say of a bundle, offline.
    """

    def __init__(
        self,
        client: Client,
        open_case: Callable[..., dict[str, Any]],
        deposit: Callable[[], str],
        verify: Callable[[dict[str, Any]], Any] | None = None,
    ) -> None:
        self._client = client
        self._open_case = open_case
        self._deposit = deposit
        self._verify = verify
        self._cases: dict[str, dict[str, Any]] = {}
        self._acts: dict[str, Callable[..., dict[str, Any]]] = {
            "ask": self._ask,
            "ask_one": self._ask_one,
            "use": self._use,
            "batch": self._batch,
            "proof": self._proof,
        }
        department = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                try:
                    status, answer = 200, department.do(**asked)
                except ProblemError as error:
                    status, answer = error.status, error.document
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def do(self, act: str, **given: Any) -> dict[str, Any]:
        """One act: `ask`, `ask_one`, `use`, `batch`, `proof`."""
        return self._acts[act](**given)

    def _ask(self) -> dict[str, Any]:
        """Ask for a whole case: an ordinary thing, and two sensitive ones."""
        lease = {"type_codes": [LEASE], "mode": "copy", "max_uses": 2, "valid_days": 30}
        identity = {"type_codes": [IDENTITY], "mode": "data", "fields": ["name", "address:clear"], "max_uses": 1}
        health = {"type_codes": [HEALTH], "mode": "verify", "max_uses": 5, "frequency": {"count": 1, "unit": "day"}}
        health |= {"fresh_days": 365, "regions": ["310118", "310113"]}
        return self._asked([lease, identity, health])

    def _ask_one(self, types: list[str] | None = None) -> dict[str, Any]:
        """Ask for one thing."""
        return self._asked([{"type_codes": types or [LEASE], "mode": "copy", "max_uses": 1, "valid_days": 7}])

    def _asked(self, wanted: list[dict[str, Any]], **case_of: Any) -> dict[str, Any]:
        case = self._open_case(**case_of)
        batch = self._client.ask_batch(
            case_no=case["case_no"], cause=CAUSE, operator="qp-103", wanted=wanted, channel="qr"
        )
        self._cases[batch["batch_id"]] = case | {"lease": self._deposit()}
        return batch

    def _use(self, batch: str) -> dict[str, Any]:
        """Use the lease of a case and read it whole."""
        case = self._cases[batch]
        opened = self._client.use(
            object_id=case["lease"],
            mode="copy",
            case_no=case["case_no"],
            item_code=case["item_code"],
            cause=CAUSE,
            operator="qp-103",
        )
        return {"basis": opened["basis"], "size": sum(map(len, self._client.chunks(opened["use_id"])))}

    def _proof(self, refusal: str) -> dict[str, Any]:
        """The proof of a refusal, as this department gets it, and what both verifiers say of it."""
        assert self._verify is not None
        shown = self._client.call("GET", f"/v1/refusals/{refusal}/evidence")
        return {"kind": shown["kind"], "said": self._verify(shown)}

    def _batch(self, batch: str) -> dict[str, Any]:
        """A batch as it stands, and its grants as their grantee sees them."""
        held = self._client.call("GET", f"/v1/ask-batches/{batch}")
        given = [each["grant_id"] for each in held["asks"] if each["grant_id"]]
        return held | {"grants": [self._client.call("GET", f"/v1/grants/{each}") for each in given]}
