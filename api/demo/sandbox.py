"""The sandbox (联调沙箱): where a newcomer's system tries everything before it joins, and a report on what it did.

A node in demo mode is the sandbox: its log, its keys and its people are synthetic, and nothing of it counts anywhere
else. A *tenant* is a client of its own with keys of its own and a member of staff of its own, at the demo department
whose item it tries. The holder it asks answers by the tenant's own call: consent is signed by the demo login, as the
holder's telephone would have it signed.

The report is what this node saw the client do, not what the client says: the calls really ran, or the step is open.
The receipt is verified by the trust file an auditor would get from this node.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from api import bootstrap
from api.demo import oidc, world
from authz.errors import UnknownAskError, UnknownPartyError
from authz.model import Identifier, Role
from authz.store import selfchecks as store
from ledger.errors import LedgerError
from ledger.ids import new_id
from ledger.verify import load_bundle, verify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from api.node import Node
    from authz.model import Caller, Grant

DEPARTMENT: Final = "11310118XX00000B0W"
ITEM: Final = "11310118XX00000B0W4310100101000"
"""The demo department at which tenants try its item, and that item."""
SCOPES: Final = ("deposit", "case", "use", "present", "evidence")
PREFIX: Final = "sandbox-"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the report.

    Attributes:
        passed: whether it was seen.
        zh, en: what it is, and how to do it.
        seen: what was seen: an id, a state, or why not.
    """

    name: str
    passed: bool
    zh: str
    en: str
    seen: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt proves by this node's own trust file.

    Attributes:
        uses: ids; none where it does not hold.
        said: the verdict, or why not.
    """

    uses: frozenset[str]
    said: str


def operator_of(client_id: str) -> str:
    """Handle of a tenant's member of staff."""
    return "op-" + client_id.removeprefix(PREFIX)


def open_tenant(
    node: Node, db: Connection, keys: Sequence[Mapping[str, str]], certificates: Sequence[str]
) -> dict[str, Any]:
    """A fresh tenant with these public keys or certificates: what it needs for its first calls.

    Raises:
        InvalidRegistrationError, InvalidCertificateError: they are none.
    """
    client_id = PREFIX + secrets.token_hex(6)
    party = node.parties.party_of(db, DEPARTMENT)
    node.parties.register_client(db, client_id, party.id, keys, SCOPES, certificates)
    node.parties.register_operator(db, party.id, operator_of(client_id), [Role.window])
    firm = world.WORLD["firms"][0]
    identifiers = [{"type": "001", "code": firm["code"]}]
    return {
        "client_id": client_id,
        "base_url": node.settings.base_url,
        "organisation": party.name,
        "org_code": party.org_code,
        "operator": operator_of(client_id),
        "scopes": list(SCOPES),
        "item_code": ITEM,
        "type_code": "CL022",
        "applicant": {"kind": "organisation", "name": firm["name"], "identifiers": identifiers},
    }


def approve(node: Node, db: Connection, caller: Caller, ask_id: str) -> Grant:
    """Answer a tenant's ask as its holder would, by the demo login.

    Raises:
        UnknownAskError: not an ask of this tenant, or of nobody of the demo.
    """
    ask = node.asks.get(db, ask_id)
    if (ask.party_id, ask.operator) != (caller.party_id, operator_of(caller.client_id)):
        raise UnknownAskError
    provider = oidc.DemoProvider(node.keys.login_key, node.settings.base_url, world.people())
    return node.asks.approve(db, ask.id, provider.id_token(_signer(node, db, ask.grantor_id), ask.digest))


def _signer(node: Node, db: Connection, holder_id: str) -> str:
    """The demo person who signs for a holder: the person, or the firm's legal representative."""
    signers = {("111", each["code"]): each["sub"] for each in world.WORLD["people"]}
    signers |= {("001", each["code"]): each["legal_representative"] for each in world.WORLD["firms"]}
    for (kind, code), subject in signers.items():
        if node.holders.resolve(db, Identifier(kind, code)) == holder_id:
            return str(subject)
    raise UnknownAskError


def read(node: Node, receipt: Mapping[str, Any] | None) -> Receipt:
    """Verify a receipt as an auditor would, by this node's own trust file. Outside any unit: it asks the chain."""
    if receipt is None:
        return Receipt(frozenset(), "none")
    try:
        report = verify(load_bundle(json.dumps(receipt, ensure_ascii=False).encode()), bootstrap.trusted(node))
    except LedgerError as error:
        return Receipt(frozenset(), error.code)
    if report.log != node.settings.origin:
        return Receipt(frozenset(), "of another log")
    uses = (each["parties"].get("use") for each in report.records if each["act"] == "use" and each["parties"])
    return Receipt(frozenset(uses), report.verdict.value)


def check(node: Node, db: Connection, caller: Caller, receipt: Receipt, sha256: str | None) -> dict[str, Any]:
    """The report on a tenant, kept.

    Args:
        receipt: of its use, as the client fetched and kept it, and `read` found it.
        sha256: of the document, as the client computed it over the bytes it received, hexadecimal.

    Raises:
        UnknownPartyError: the caller is no tenant.
    """
    if not caller.client_id.startswith(PREFIX):
        raise UnknownPartyError
    kinds = {each.name: each.kind for each in node.parties.credentials(db, caller.client_id)}
    by = kinds.get(caller.jkt.removeprefix("x5t#S256:"), "DPoP")
    held = store.seen(db, caller.client_id, caller.party_id, operator_of(caller.client_id))
    delivered = None if held.use_id is None else node.uses.get(db, caller, held.use_id)
    proven = held.use_id in receipt.uses
    why = receipt.said if proven or not receipt.uses else "of another use"
    agrees = delivered is not None and sha256 == delivered.sha256
    steps = (
        Step("token", True, "以私钥断言或证书取得令牌", "a token, by private_key_jwt or certificate", by),
        Step(
            "ask", held.ask_id is not None, "已征求授权 POST /v1/asks", "a holder was asked: POST /v1/asks", held.ask_id
        ),
        Step(
            "refusal",
            held.refused > 0,
            "同意之前先试用一次,应被拒绝 POST /v1/uses",
            "a use before the consent, which must be refused: POST /v1/uses",
            str(held.refused),
        ),
        Step("consent", held.grant_id is not None, "持有人已同意", "the holder consented", held.grant_id),
        Step(
            "use",
            held.used_grant_id is not None,
            "凭授权用证 POST /v1/uses",
            "a use on that consent: POST /v1/uses",
            held.use_id,
        ),
        Step(
            "delivery",
            held.use_state == "delivered",
            "取回全部内容 GET /v1/uses/{id}/content",
            "its whole content was fetched: GET /v1/uses/{id}/content",
            held.use_state,
        ),
        Step("digest", agrees, "所收内容的 sha256 一致", "the sha256 of what was received agrees", sha256),
        Step("receipt", proven, "回执可验证,且属于该次用证", "the receipt verifies, and is of that use", why),
    )
    report = {"passed": all(step.passed for step in steps), "steps": [asdict(step) for step in steps]}
    report_id = new_id()
    store.keep(db, report_id, caller.client_id, report, node.clock.now())
    return {"report_id": report_id, "client_id": caller.client_id, **report}
