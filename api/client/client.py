"""Calls of a department system, one method a route. Errors are the node's own problem documents (RFC 9457)."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import httpx2

from api.client.signing import ClientKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

Json = dict[str, Any]
_REFRESH_BEFORE = 30  # seconds before its end at which a token is replaced


class ProblemError(Exception):
    """The node refused. `code` is stable; `document` is the whole problem (RFC 9457) in Chinese and English."""

    def __init__(self, status: int, document: Json) -> None:
        super().__init__(f"{status} {document.get('code')}: {document.get('detail') or document.get('title')}")
        self.status = status
        self.code = str(document.get("code", "unknown"))
        self.document = document


class CutOffError(Exception):
    """A download ended early; `received` bytes are kept in the file, call again to go on."""

    def __init__(self, received: int) -> None:
        super().__init__(f"cut off after {received} bytes")
        self.received = received


class Client:
    """One relying party's client.

    Args:
        base_url: the node's address.
        client_id: as registered.
        key: its private key, PEM or `ClientKey`.
        timeout: seconds for any one step of the network.
    """

    def __init__(self, base_url: str, client_id: str, key: str | ClientKey, *, timeout: float = 60.0) -> None:
        self.base_url = base_url.rstrip("/")
        self.client_id = client_id
        self.key = key if isinstance(key, ClientKey) else ClientKey(key)
        self._http = httpx2.Client(timeout=timeout, trust_env=False)
        self._token = ""
        self._token_ends = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # The wire

    def token(self) -> str:
        """An access token with at least half a minute left."""
        if time.monotonic() > self._token_ends - _REFRESH_BEFORE:
            url = f"{self.base_url}/oauth/token"
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": self.key.assertion(self.client_id, self.base_url),
            }
            answer = self._http.post(url, data=form, headers={"DPoP": self.key.proof("POST", url)})
            held = self._read(answer)
            self._token = held["access_token"]
            self._token_ends = time.monotonic() + held["expires_in"]
        return self._token

    def headers(self, method: str, path: str) -> dict[str, str]:
        """Authorization and DPoP headers for one request."""
        token = self.token()
        proof = self.key.proof(method, self.base_url + path.split("?", maxsplit=1)[0], token)
        return {"Authorization": f"DPoP {token}", "DPoP": proof}

    def call(self, method: str, path: str, body: Json | None = None, *, key: str | None = None) -> Json:
        """Send one signed request and read its JSON.

        Args:
            method: HTTP method.
            path: path with query.
            body: JSON body.
            key: Idempotency-Key; a fresh one for a POST or PATCH where None. Give your own to make retries safe.

        Raises:
            ProblemError: the node refused.
        """
        headers = self.headers(method, path)
        if method in {"POST", "PATCH"}:
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        return self._read(self._http.request(method, self.base_url + path, json=body, headers=headers))

    def post_form(self, path: str, form: dict[str, str], *, proof: bool = False) -> Json:
        """Send a form to one of the node's OAuth endpoints, authenticated by a client assertion.

        Args:
            proof: send a DPoP proof along, for an endpoint that gives a token.

        Raises:
            ProblemError: the node refused.
        """
        url = self.base_url + path
        signed = {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.key.assertion(self.client_id, self.base_url),
        }
        headers = {"DPoP": self.key.proof("POST", url)} if proof else {}
        return self._read(self._http.post(url, data=signed | form, headers=headers))

    @staticmethod
    def _read(answer: httpx2.Response) -> Json:
        try:
            document = answer.json() if answer.content else {}
        except ValueError:
            document = {"code": "unreadable-answer", "title": answer.text[:200]}
        if answer.is_error:
            raise ProblemError(answer.status_code, document)
        return dict(document)

    # Deposits

    def deposit(self, file: Path, metadata: Json, *, content_type: str, key: str | None = None) -> Json:
        """Deposit a file; it is streamed, never held in memory.

        Args:
            file: the document.
            metadata: as `docs/integrate.md` describes.
            content_type: media type; the node checks that the content is of that type.
            key: Idempotency-Key.
        """
        path = "/v1/materials"
        with file.open("rb") as stream:
            parts: list[tuple[str, tuple[str | None, IO[bytes] | bytes, str]]] = [
                ("metadata", (None, json.dumps(metadata).encode(), "application/json")),
                ("file", (file.name, stream, content_type)),
            ]
            headers = self.headers("POST", path) | {"Idempotency-Key": key or str(uuid.uuid4())}
            return self._read(self._http.post(self.base_url + path, files=parts, headers=headers))

    def material(self, material_id: str) -> Json:
        """What is known of one material."""
        return self.call("GET", f"/v1/materials/{material_id}")

    def search(self, **scope: Any) -> Json:
        """Find materials within a scope: `case_no`, `project_code` or `own=True`, narrowed by `type_code`."""
        return self.call("POST", "/v1/materials/search", scope)

    def provenance(self, material_id: str) -> Json:
        """The life of one material as a timeline."""
        return self.call("GET", f"/v1/materials/{material_id}/provenance")

    def evidence(self, material_id: str) -> Json:
        """The evidence bundle of a deposit."""
        return self.call("GET", f"/v1/materials/{material_id}/evidence")

    # Digests of documents that stay with the department

    def anchor(self, *, key: str | None = None, **document: Any) -> Json:
        """Anchor one digest: `reference`, `sha256`, optionally `sm3`, `type_code`, `size`."""
        return self.call("POST", "/v1/evidence", document, key=key)

    def anchor_many(self, rows: bytes, *, key: str | None = None, minimal: bool = False) -> list[Json]:
        """Anchor many: NDJSON, one document a line.

        Args:
            rows: at most 10,000 lines and 4 MiB.
            key: Idempotency-Key; give your own to make retries safe.
            minimal: be told refused rows only.

        Returns:
            One object for each (refused) row, then `taken`, `refused` and `promise`.
        """
        return self._many("/v1/evidence", rows, {}, key, minimal=minimal)

    def gather(
        self, rows: bytes, *, operator: str, key: str | None = None, minimal: bool = False, **terms: str
    ) -> list[Json]:
        """Gather licences (归集): NDJSON, one a line, as docs/licences.md describes them.

        Args:
            rows: at most 10,000 lines and 4 MiB.
            operator: handle of a registrar.
            key: Idempotency-Key; give your own to make retries safe.
            minimal: be told refused and late rows only.
            terms: `since` (YYYY-MM-DD), `dry_run` (true).

        Returns:
            One object for each (refused or late) row, then the figures and the promise.
        """
        return self._many("/v1/licences/gathering", rows, {"operator": operator, **terms}, key, minimal=minimal)

    def _many(self, path: str, rows: bytes, query: dict[str, str], key: str | None, *, minimal: bool) -> list[Json]:
        headers = self.headers("POST", path) | {"Content-Type": "application/x-ndjson"}
        headers |= {"Idempotency-Key": key or str(uuid.uuid4())} | ({"Prefer": "return=minimal"} if minimal else {})
        answer = self._http.post(self.base_url + path, params=query, content=rows, headers=headers)
        if answer.is_error:
            self._read(answer)
        return [json.loads(line) for line in answer.text.splitlines()]

    # Bulk intake of an archive (docs/intake.md)

    def begin_intake(self, manifest_sha256: str, rows: int, operator: str) -> Json:
        """The intake of a manifest, begun where there is none: `intake_id`, `taken`, ..."""
        body = {"manifest_sha256": manifest_sha256, "rows": rows, "operator": operator}
        return self.call("POST", "/v1/intakes", body)

    def intake(self, intake_id: str) -> Json:
        """How far an intake is."""
        return self.call("GET", f"/v1/intakes/{intake_id}")

    def taken_rows(self, intake_id: str, after: int = 0, limit: int = 1000) -> Json:
        """Rows that are taken, by number, beyond one."""
        return self.call("GET", f"/v1/intakes/{intake_id}/rows?after={after}&limit={limit}")

    def check_rows(self, rows: bytes, operator: str) -> list[Json]:
        """Have rows judged, nothing written: NDJSON; one object for each, then the sums."""
        return self._many("/v1/intakes/check", rows, {"operator": operator}, None, minimal=False)

    def take_rows(self, intake_id: str, body: bytes | Iterator[bytes], length: int, *, key: str) -> list[Json]:
        """Have rows taken with their files.

        Args:
            intake_id: of the intake.
            body: an ustar archive: `rows.ndjson`, then a file for each row, named by its number.
            length: of the body in bytes.
            key: Idempotency-Key, the same for every try.

        Returns:
            One object for each row, then `taken`, `known`, `refused` and `promise`.
        """
        path = f"/v1/intakes/{intake_id}/rows"
        headers = self.headers("POST", path) | {"Content-Type": "application/x-tar", "Content-Length": str(length)}
        answer = self._http.post(self.base_url + path, content=body, headers=headers | {"Idempotency-Key": key})
        if answer.is_error:
            self._read(answer)
        return [json.loads(line) for line in answer.text.splitlines()]

    # Cases, asks, uses

    def open_case(self, **case: Any) -> Json:
        """Open a case: `item_code`, `scenario`, `applicant`, `presence`, `operator`, optionally `project_code`."""
        return self.call("POST", "/v1/cases", case)

    def close_case(self, case_no: str, operator: str) -> Json:
        """Close a case; nothing can be used in it afterwards."""
        return self.call("POST", f"/v1/cases/{case_no}/closing", {"operator": operator})

    def ask(self, **wanted: Any) -> Json:
        """Ask the holder: `case_no`, `cause`, `operator`, `objects`, `mode`, `max_uses`, `valid_days`."""
        return self.call("POST", "/v1/asks", wanted)

    def assist(self, **wanted: Any) -> Json:
        """Begin a consent at the counter: `ask_id`, `operator`, `person`, `pad` (PNG, base64)."""
        return self.call("POST", "/v1/assisted-consents", wanted)

    def state(self, begun: Json, operator: str, role: str) -> Json:
        """State what one of the staff saw; with the second statement the grant is given, and the answer has the slip.

        Args:
            begun: what `assist` answered.
            role: `window` of the first, `reviewer` of the second.
        """
        signed = self.key.statement(self.client_id, self.base_url, dict(begun["statement"]), operator, role)
        path = f"/v1/assisted-consents/{begun['assistance_id']}/statements"
        return self.call("POST", path, {"operator": operator, "statement": signed})

    def state_letter(self, begun: Json, operator: str, role: str) -> Json:
        """State what one of the staff saw of a letter signed at the counter; with the second statement it is signed.

        Args:
            begun: what `POST /v1/commitments/{commitment_id}/assisted-signatures` answered.
            role: `window` of the first, `reviewer` of the second.
        """
        signed = self.key.statement(self.client_id, self.base_url, dict(begun["statement"]), operator, role)
        path = f"/v1/assisted-signatures/{begun['assisted_id']}/statements"
        return self.call("POST", path, {"operator": operator, "statement": signed})

    def ask_batch(self, **wanted: Any) -> Json:
        """Ask the holder for a whole case: `case_no`, `cause`, `operator`, `wanted`, optionally `channel`."""
        return self.call("POST", "/v1/ask-batches", wanted)

    def use(self, *, key: str | None = None, **request: Any) -> Json:
        """Ask for a use: `object_id`, `mode`, `case_no`, `item_code`, `cause`, `operator`, optionally `grant_id`."""
        return self.call("POST", "/v1/uses", request, key=key)

    def chunks(self, use_id: str, start: int = 0) -> Iterator[bytes]:
        """The document's bytes from `start` on, checked by the node chunk by chunk.

        Raises:
            ProblemError: the use is closed, withdrawn or not yours.
        """
        path = f"/v1/uses/{use_id}/content"
        headers = self.headers("GET", path) | ({"Range": f"bytes={start}-"} if start else {})
        with self._http.stream("GET", self.base_url + path, headers=headers) as answer:
            if answer.is_error:
                answer.read()
                self._read(answer)
            yield from answer.iter_bytes()

    def download(self, use_id: str, target: Path | str, *, stop_after: int | None = None) -> Path:
        """Download the document of a use into a file, going on where an earlier call was cut off.

        Args:
            use_id: from `use`.
            target: file to write; what it holds already is kept and the rest fetched.
            stop_after: hang up after that many bytes (to try the resumption).

        Raises:
            CutOffError: the connection ended early; call again.
        """
        target = Path(target)
        have = target.stat().st_size if target.exists() else 0
        with target.open("ab") as file:
            try:
                for chunk in self.chunks(use_id, have):
                    file.write(chunk)
                    have += len(chunk)
                    if stop_after is not None and have >= stop_after:
                        raise CutOffError(have)
            except httpx2.TransportError as error:
                raise CutOffError(have) from error
            except ProblemError as problem:
                if problem.code != "range-not-satisfiable":  # which says that all of it is here
                    raise
        return target

    def receipt(self, use_id: str) -> Json:
        """The receipt of a use: an evidence bundle that `cailian verify` checks offline."""
        return self.call("GET", f"/v1/uses/{use_id}/receipt")
