"""The second verifier (web/verifier) against the corpus, against the first one, and as the exchange serves it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import problems
from api.observe import Observe
from api.routes import verifier
from ledger.errors import OriginalGivenError, TrustFileError, VerificationError
from ledger.trust import Trust
from ledger.verify import load_bundle, verify
from tests.web import consentmutants, mutants, recordmutants
from tests.web.made import make

ROOT: Final = Path(__file__).parents[2]
BUNDLES: Final = ROOT / "tests/vectors/bundles"
TRUST: Final = BUNDLES / "trust.json"
GOOD: Final = BUNDLES / "good-use-with-deposit-and-grant.cailian.json"
CASES: Final = 4000
CONSENTS: Final = 600
LIMIT: Final = 900
"""Seconds after which a child is taken to hang; far above what any needs."""
_FAILED: Final = re.compile(r"^( *not ok \d+ .*?)^ *\.\.\.$", re.MULTILINE | re.DOTALL)
"""Of what `node --test` writes: a test that failed, and why."""


def node(*arguments: str | Path, limit: float = LIMIT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script and return what it wrote."""
    return subprocess.run(
        ["node", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
    )


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """The sources as they are now, bundled by the locked esbuild."""
    make("web/verifier/dist/.ready")


def passed(done: subprocess.CompletedProcess[str]) -> int:
    """Tests that a run of `node --test` passed; all of them, or the test fails with what those wrote that did not."""
    assert done.returncode == 0, "\n".join(_FAILED.findall(done.stdout)) or done.stdout[-9000:] + done.stderr[-2000:]
    return next(int(line.split()[-1]) for line in done.stdout.splitlines() if line.startswith("# pass"))


class TestCorpus:
    def test_every_run_ends_as_expected(self) -> None:
        done = node("--test", "--test-reporter=tap", "tests/web/corpus.test.mjs")
        assert passed(done) >= len(json.loads((BUNDLES / "expected.json").read_text())["runs"])

    def test_so_do_the_signed_ones_without_webcrypto(self) -> None:
        done = node("--test", "--test-reporter=tap", "tests/web/corpus.test.mjs", WITHOUT_WEBCRYPTO="1")
        assert passed(done) > 200


class TestParts:
    def test_hold_against_published_vectors_and_a_chain_that_ran(self) -> None:
        assert passed(node("--test", "--test-reporter=tap", "tests/web/parts.test.mjs")) > 20


def verdict_of(raw: bytes, trust_raw: bytes | None, document: bytes | None = None) -> dict[str, Any]:
    """What the Python verifier says, in the words of the corpus."""
    try:
        trust = None if trust_raw is None else Trust.parse(trust_raw)
    except TrustFileError:
        return {"trust": False}
    try:
        report = verify(load_bundle(raw), trust, None if document is None else io.BytesIO(document))
    except VerificationError as error:
        told = {"document_is": "original"} if isinstance(error, OriginalGivenError) else {}
        return {"failed": {"step": error.step, "name": error.name}, **told}
    steps = {step.name: step.state.value for step in report.steps}
    told = {"document_is": report.document_is} if report.document_is else {}
    return {"verdict": report.verdict.value, "steps": steps, "ignored": list(report.ignored), **told}


class TestMutants:
    def test_both_verifiers_say_the_same_of_each(self, tmp_path: Path) -> None:
        """Neither crashes, neither accepts what the other refuses, and both name the same step."""
        random = Random(20261121)  # a seed for tests, not a secret
        whole = [path.read_bytes() for path in sorted(BUNDLES.glob("good-*")) if path.stat().st_size < 40_000]
        promised = [raw for raw in whole if b'"promise"' in raw]  # few: they get a share, so that step 9 does
        trusts = [(BUNDLES / name).read_bytes() for name in ("trust.json", "trust-qbft.json")]
        steps = set()
        with (tmp_path / "cases.jsonl").open("w") as file:
            for turn in range(CASES):
                pool = promised if turn % 4 == 1 else whole
                raw, trust = pool[turn % len(pool)], random.choice((*trusts, trusts[0], None))
                mutant = (mutants.bytes_mutant, mutants.value_mutant, mutants.value_mutant)[turn % 3]
                if turn % 8 == 7 and trust is not None:
                    trust = mutant(random, trust)
                else:
                    raw = mutant(random, raw)
                wanted = verdict_of(raw, trust)
                steps.add(wanted.get("failed", {}).get("step"))
                case = {"bundle": mutants.text(raw), "trust": trust and mutants.text(trust), "wanted": wanted}
                file.write(json.dumps(case) + "\n")
        assert steps >= {None, 1, 2, 3, 5, 6, 7, 8, 9, 10}, "the mutants no longer reach every step"
        done = node("tests/web/differ.mjs", tmp_path / "cases.jsonl")
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]

    def test_both_judge_records_and_documents_alike(self, tmp_path: Path) -> None:
        random = Random(20261122)  # a seed for tests, not a secret
        whole = [path.read_text() for path in sorted(BUNDLES.glob("good-*")) if path.stat().st_size < 40_000]
        documents = [path.read_bytes() for path in sorted((BUNDLES / "documents").iterdir())]
        makers = recordmutants.RecordMutants([json.loads(each) for each in whole], random)
        steps: Counter[object] = Counter()
        with (tmp_path / "cases.jsonl").open("w") as file:
            for turn in range(CASES):
                raw = json.dumps(makers.make()).encode()
                document = random.choice(documents) if turn % 3 else None
                wanted = verdict_of(raw, None, document)
                steps[wanted.get("failed", {}).get("step")] += 1
                given = None if document is None else mutants.text(document)
                case = {"bundle": mutants.text(raw), "trust": None, "document": given, "wanted": wanted}
                file.write(json.dumps(case) + "\n")
        assert steps[3] > CASES / 4
        assert min(steps[step] for step in (None, 1, 4, 5)) > 10
        done = node("tests/web/differ.mjs", tmp_path / "cases.jsonl")
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]

    def test_both_judge_consents_alike(self, tmp_path: Path) -> None:
        random = Random(20261123)  # a seed for tests, not a secret
        trusts = [TRUST.read_bytes(), (BUNDLES / "trust-no-signers.json").read_bytes(), None]
        steps: Counter[object] = Counter()
        with (tmp_path / "cases.jsonl").open("w") as file:
            for turn in range(CONSENTS):
                raw, trust = json.dumps(consentmutants.make(random)).encode(), trusts[max(0, turn % 5 - 2)]
                wanted = verdict_of(raw, trust)
                steps[wanted.get("failed", {}).get("step")] += 1
                case = {"bundle": mutants.text(raw), "trust": trust and mutants.text(trust), "wanted": wanted}
                file.write(json.dumps(case) + "\n")
        assert min(steps[step] for step in (None, 12, 13, 14, 15)) > 5, steps
        done = node("tests/web/differ.mjs", tmp_path / "cases.jsonl")
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


class TestCommandLine:
    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return node("web/verifier/cli.mjs", *arguments)

    def test_says_proven_and_what_is_not(self) -> None:
        done = self.run("--trust", TRUST, GOOD, BUNDLES / "documents/lease.txt")
        assert done.returncode == 0
        assert "verdict: proven" in done.stdout
        assert "Chain finality is not proven" in done.stdout
        assert "11310199XX00000C1X" in done.stdout

    def test_names_the_failed_step(self) -> None:
        done = self.run("--trust", TRUST, BUNDLES / "inclusion-hash-flipped.cailian.json")
        assert done.returncode == 1
        assert " 5 ✗ inclusion" in done.stdout

    def test_without_trust_exits_with_3(self) -> None:
        done = self.run(GOOD)
        assert done.returncode == 3
        assert "verdict: consistent, trust unknown" in done.stdout

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("--trust", TRUST, "no-such-file"),
            ("--trust", GOOD, GOOD),
            ("--nonsense", GOOD),
            (GOOD, GOOD, GOOD),
        ],
    )
    def test_wrong_usage_exits_with_2(self, arguments: tuple[str | Path, ...]) -> None:
        done = self.run(*arguments)
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr


class TestPage:
    @pytest.fixture
    def client(self) -> TestClient:
        app = FastAPI()
        problems.install(app)
        app.include_router(verifier.router)
        return TestClient(Observe(app))

    @pytest.mark.parametrize("path", ["/verify", "/verify/verify.css", "/verify/verify.js"])
    def test_every_file_forbids_connections_and_inline_script(self, client: TestClient, path: str) -> None:
        answer = client.get(path)
        assert answer.status_code == 200
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["connect-src"] == policy["form-action"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["require-trusted-types-for"] == "'script'"
        assert answer.headers["cache-control"] == "no-cache"

    def test_names_no_other_host(self, client: TestClient) -> None:
        page = client.get("/verify").text
        assert set(re.findall(r"https?:[^\s'\"]+", page)) <= {"http://www.w3.org/2000/svg"}
        assert "<script>" not in page
        assert " style=" not in page

    @pytest.mark.parametrize(
        "name", ["verifier.js", "worker.js", "..%2f..%2fpackage.json", "verify.html.bak", "%2e%2e"]
    )
    def test_serves_nothing_else(self, client: TestClient, name: str) -> None:
        assert client.get(f"/verify/{name}").status_code == 404

    @pytest.mark.parametrize("coding", ["br", "gzip"])
    def test_goes_packed_to_a_browser_that_unpacks_it(self, client: TestClient, coding: str) -> None:
        plain = client.get("/verify", headers={"Accept-Encoding": "identity"})
        with client.stream("GET", "/verify", headers={"Accept-Encoding": f"deflate, {coding}"}) as answer:
            raw = b"".join(answer.iter_raw())
        assert [each.headers.get("content-encoding") for each in (plain, answer)] == [None, coding]
        assert answer.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
        unpack = {"br": "brotliDecompressSync", "gzip": "gunzipSync"}[coding]
        script = f'process.stdout.write(require("zlib").{unpack}(require("fs").readFileSync(0)))'
        assert (
            subprocess.run(["node", "-e", script], input=raw, capture_output=True, check=True).stdout == plain.content
        )
        assert len(raw) < len(plain.content) / 2

    def test_is_not_sent_again_while_it_is_the_same(self, client: TestClient) -> None:
        first = client.get("/verify", headers={"Accept-Encoding": "gzip"})
        kept = {"If-None-Match": f'"other", W/{first.headers["etag"]}'}
        again = client.get("/verify", headers={"Accept-Encoding": "gzip", **kept})
        assert (again.status_code, again.content) == (304, b"")
        same = ("etag", "cache-control", "content-security-policy", "vary")
        assert [again.headers[each] for each in same] == [first.headers[each] for each in same]
        assert client.get("/verify", headers={"Accept-Encoding": "identity", **kept}).status_code == 200
