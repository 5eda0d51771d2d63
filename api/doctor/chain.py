"""The chain: which one it is, whether our contracts are on it, whether it makes blocks (RELIABILITY C3)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import urllib3
from eth_utils.crypto import keccak

from api.doctor.model import Check, State, ok
from ledger.qbft import MIX_HASH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WITHOUT_TRANSACTIONS: Final = False

HEAD_AGE_WARN_SECONDS: Final = 60
"""A QBFT chain makes a block every few seconds."""


@dataclass(frozen=True, slots=True)
class ChainExpectation:
    """What the log was anchored on; empty fields are not compared.

    Args:
        chain_id: EIP-155 number.
        genesis_hash: hash of block 0, hex with 0x.
        code: keccak-256 of the deployed code (hex with 0x) by contract address.
        knows_validators: whether this node checks seals against validators its operator named.
    """

    chain_id: int | None = None
    genesis_hash: str = ""
    code: Mapping[str, str] | None = None
    knows_validators: bool = False


def check_chain(url: str, expected: ChainExpectation | None = None) -> list[Check]:
    """Identity of the chain, code of the contracts, progress of blocks (RELIABILITY C3).

    Args:
        url: JSON-RPC address.
        expected: what the log was anchored on.
    """
    expected = expected or ChainExpectation()
    with urllib3.PoolManager(retries=False, timeout=5.0) as http:
        try:
            found = _ask_chain(http, url, tuple(expected.code or ()))
        except (urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError) as error:
            return [
                Check("chain", "reachable", State.FAIL, type(error).__name__,
                      "链节点连不上:存证锚定会滞后,检查节点进程与地址。",
                      "The chain node cannot be reached: anchoring lags behind; check the node and its address.")
            ]  # fmt: skip
    void_zh = "链已被重置或换成了别的链:此前的锚定失效,日志会重新锚定;生产环境须立即查明原因。"
    void_en = "The chain was reset or is another one: earlier anchors are void and the log anchors anew; find out why."
    checks = [ok("chain", "reachable", found.client)]
    for name, want, have in (
        ("chain id", str(expected.chain_id) if expected.chain_id is not None else "", str(found.chain_id)),
        ("genesis", expected.genesis_hash.lower(), found.genesis_hash.lower()),
    ):
        same = not want or want == have
        checks.append(ok("chain", name, have) if same else Check("chain", name, State.FAIL, have, void_zh, void_en))
    for address, want in (expected.code or {}).items():
        have = found.code[address]
        checks.append(
            ok("chain", f"code of {address}", have)
            if have.lower() == want.lower()
            else Check("chain", f"code of {address}", State.FAIL, have, void_zh, void_en)
        )
    return [*checks, *_judge_progress(found, expected)]


@dataclass(frozen=True, slots=True)
class _FoundChain:
    client: str
    chain_id: int
    genesis_hash: str
    head: int
    head_age: int
    sealed: bool
    code: dict[str, str]


def _ask_chain(http: urllib3.PoolManager, url: str, addresses: Sequence[str]) -> _FoundChain:
    def ask(method: str, *params: object) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return http.request("POST", url, json=body).json()["result"]

    head = ask("eth_getBlockByNumber", "latest", _WITHOUT_TRANSACTIONS)
    code = {address: bytes.fromhex(ask("eth_getCode", address, "latest")[2:]) for address in addresses}
    return _FoundChain(
        client=str(ask("web3_clientVersion")),
        chain_id=int(ask("eth_chainId"), 16),
        genesis_hash=str(ask("eth_getBlockByNumber", "0x0", _WITHOUT_TRANSACTIONS)["hash"]),
        head=int(head["number"], 16),
        head_age=int(time.time()) - int(head["timestamp"], 16),
        sealed=head["mixHash"] == f"0x{MIX_HASH.hex()}",
        code={address: f"0x{keccak(held).hex()}" if held else "no code" for address, held in code.items()},
    )


def _judge_progress(found: _FoundChain, expected: ChainExpectation) -> list[Check]:
    detail = f"block {found.head}, {found.head_age} s old"
    if not found.sealed:
        return [
            ok("chain", "blocks", f"{detail} (mined on demand)"),
            Check("chain", "finality", State.WARN, "not proven (development chain)",
                  "开发链没有验证者签名;生产环境使用 Besu QBFT(docker-compose.yml)。",
                  "A development chain has no validators' seals; use Besu QBFT in earnest (docker-compose.yml)."),
        ]  # fmt: skip
    if found.head_age > HEAD_AGE_WARN_SECONDS:
        return [
            Check("chain", "blocks", State.FAIL, detail, "链已停止出块:在线验证者须超过三分之二。",
                  "The chain makes no blocks: more than two thirds of the validators must be up.")
        ]  # fmt: skip
    if not expected.knows_validators:
        return [
            ok("chain", "blocks", detail),
            Check("chain", "finality", State.WARN, "validators unknown to this node",
                  "本节点未核验区块签封:请以 CAILIAN_CHAIN_VALIDATORS 指明验证者。",
                  "This node checks no seals: name the validators by CAILIAN_CHAIN_VALIDATORS."),
        ]  # fmt: skip
    return [ok("chain", "blocks", detail), ok("chain", "finality", "seals checked")]
