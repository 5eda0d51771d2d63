"""Taking districts in and suspending them: first our own database, then the chain, each step repeatable.

The database says whom we listen to; the chain says it to everybody, by k of n members. What the chain does not hold yet
is shown as such, and the same command goes on from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger import districts, registry
from ledger.nodecard import NodeCard
from ledger.registry import Act, NodeStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.node import Node


def card(node: Node, name: str) -> NodeCard:
    """Our own card, for the city that is to take us in."""
    settings = node.settings
    return NodeCard(settings.division, name, settings.base_url, settings.origin, node.signer.vkey, node.chain.account)


def add(node: Node, held: NodeCard, *, replace: bool = False, members: Sequence[bytes] = ()) -> dict[str, Any]:
    """Take a district in and register node and log on the chain.

    Args:
        node: the city's.
        held: the district's card, checked by people.
        replace: let the division go on with another log or key.
        members: keys of further members of the registry at hand.

    Raises:
        DistrictExistsError: the division has another log or key.
        ChainError: the chain refused or does not answer; the district is taken in, the command may be repeated.
    """
    with node.database.unit() as db:
        changed = node.districts.add(db, held, replace=replace)
        state = districts.district(db, held.division).state
    acts = _record(node, held, NodeStatus.active if state == "active" else NodeStatus.suspended, members)
    return {"division": held.division, "origin": held.origin, "changed": changed, "state": state, **acts}


def set_state(node: Node, division: str, state: str, *, members: Sequence[bytes] = ()) -> dict[str, Any]:
    """Suspend a district or let it in again (`suspended`, `active`), here at once, then on the chain.

    Raises:
        UnknownDistrictError: no such district.
        ChainError: see `add`.
    """
    with node.database.unit() as db:
        held = node.districts.set_state(db, division, state).card
    return {"division": division, "state": state, **_record(node, held, NodeStatus(state), members)}


def on_chain(node: Node, held: NodeCard) -> dict[str, Any]:
    """What the chain says of a district now.

    Raises:
        ChainError: it does not answer.
    """
    standing, registered = registry.status_of(node.chain, held)
    return {"node_on_chain": standing.value, "log_on_chain": registered}


def _record(node: Node, held: NodeCard, status: NodeStatus, members: Sequence[bytes]) -> dict[str, Any]:
    acts = (
        registry.record_node(node.chain, held, status, members=members),
        registry.register_log(node.chain, held, members=members),
    )
    done = Act.recorded if set(acts) == {Act.recorded} else Act.approved
    with node.database.unit() as db:
        districts.note_chain_state(db, held.division, done.value)
    return {"node_on_chain": acts[0].value, "log_on_chain": acts[1].value}
