"""The corpus's world: three logs above each other, what happened in them, and where they are anchored."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ledger.clock import rfc3339
from ledger.record import canonical
from tests.ledger.corpus import consentlog, signers
from tests.ledger.corpus.licencelog import LicenceLog
from tests.ledger.corpus.logs import START, Entry, Log, clear_checkpoint, digests, signer, witness_key

FOLDER: Final = Path(__file__).parents[2] / "vectors" / "bundles"
CITY: Final = "log.example/310000"
DISTRICT: Final = "log.example/310199"
DELTA: Final = "log.example/delta"
WITNESSES: Final = ("witness.example/archives", "witness.example/audit", "witness.example/notary")
TWO: Final = WITNESSES[:2]
REQUESTER: Final = "11310199XX00000C1X"
LEASE: Final = "房屋租赁合同\nLease of a flat, signed by both.\n".encode() * 40
OTHER: Final = b"another document\n"
EMPTY: Final = b""
OLD_SIZE: Final = 3
"""Checkpoint of the city before anything that matters; anchored, so that the contract's storage has two slots."""

_USE: Final = {
    "use": "0192aaaa-0000-7000-8000-000000000001",
    "requester": REQUESTER,
    "operator": "w-07",
    "case": "C-2026-1",
    "item": "310199-1",
    "cause": "办理居住登记",
    "mode": "copy",
    "grant": "0192bbbb-0000-7000-8000-000000000001",
    "terms": "ab" * 32,
    "holder": "p-1",
    "holder_seq": 1,
    "holder_prev": None,
}
_GRANT: Final = {"grant": _USE["grant"], "terms": _USE["terms"], "requester": REQUESTER, "holder": "p-1"}
_DEPOSIT: Final = {
    "requester": "11310199XX00000D1B",
    "material": "0192cccc-0000-7000-8000-000000000001",
    "holder": "p-9",
}


class World:
    """Everything a case of the corpus is made from."""

    def __init__(self) -> None:
        self.city, self.district, self.delta = Log(CITY), Log(DISTRICT), Log(DELTA)
        self.acts: dict[str, Entry] = {}
        self.city.fill(OLD_SIZE)
        self._happen(self.city)
        self.local = self.district.add("material.deposited", _DEPOSIT, digests=digests(LEASE), size=len(LEASE))
        self.district.fill(6)
        self.district_size = self.district.size
        self.district_note = self.district.checkpoint(self.district_size)
        self.early = self.city.size
        self.own_index = self.city.add_leaf(clear_checkpoint(self.city.checkpoint(self.early), "310000"))
        self.clear_index = self.city.add_leaf(clear_checkpoint(self.district_note))
        self.malformed = self._malform(self.city)
        self.city.fill(45)
        self.size = self.city.size
        self.delta.fill(2)
        self.delta_index = self.delta.add_leaf(clear_checkpoint(self.city.checkpoint(self.size), "310000"))
        self.delta.fill(5)
        self.late = self.city.add("use.completed", {"use": _USE["use"]}, digests=digests(LEASE), size=len(LEASE))
        self.pending = self.city.add("material.deposited", _DEPOSIT, digests=digests(OTHER), size=len(OTHER))
        self.holders = Log("log.example/heads")
        heads = {"day": "2026-11-20", "count": 3, "root": "ef" * 32}
        self.heads = self.holders.add("holder.heads", {"requester": REQUESTER}, **heads)
        self.holders.add("evidence.anchored", {"requester": REQUESTER}, digests=digests(OTHER))
        self.single = Log("log.example/single")
        self.alone = self.single.add("evidence.anchored", {"requester": REQUESTER}, digests=digests(EMPTY), size=0)
        self.licences = LicenceLog()
        self.upper = Log("log.example/upper")
        self.upper_places = {name: self.upper.add_leaf(leaf) for name, leaf in upper_leaves(self.district_note).items()}

    def _happen(self, log: Log) -> None:
        lease = {"digests": digests(LEASE), "size": len(LEASE)}
        add, acts = log.add, self.acts
        acts["deposit"] = add("material.deposited", _DEPOSIT, **lease)
        acts["given"] = add("grant.given", _GRANT)
        acts["intended"] = add("use.intended", _USE, **lease)
        acts["completed"] = add("use.completed", {"use": _USE["use"], "holder": "p-1"}, **lease)
        acts["aborted"] = add("use.aborted", {"use": _USE["use"], "bytes": 7})
        acts["withdrawn"] = add("grant.withdrawn", _GRANT)
        acts["evidence"] = add(
            "evidence.anchored",
            {"requester": REQUESTER, "reference": "A-1"},
            digests={"sha256": digests(OTHER)["sha256"]},
        )
        acts["evidence-sm3"] = add(
            "evidence.anchored", {"requester": REQUESTER}, digests=digests(OTHER), size=len(OTHER)
        )

    def _malform(self, log: Log) -> dict[str, Entry]:
        """Records that are in the log as well as any, and no evidence of what they are shown as."""
        lease = {"digests": digests(LEASE), "size": len(LEASE)}
        other = {"digests": digests(OTHER), "size": len(OTHER)}
        add = log.add
        return {
            "refused": add("use.refused", {"requester": REQUESTER, "reason": "no-basis"}, **lease),
            "other-use": add("use.completed", {"use": "0192aaaa-0000-7000-8000-000000000002"}, **lease),
            "no-use": add("use.completed", {"case": "C-2026-1"}, **lease),
            "other-document": add("use.completed", {"use": _USE["use"]}, **other),
            "no-requester": add("use.intended", {name: _USE[name] for name in _USE if name != "requester"}, **lease),
            "other-deposit": add("material.deposited", _DEPOSIT, **other),
            "other-grant": add("grant.given", _GRANT | {"grant": "0192bbbb-0000-7000-8000-000000000002"}),
            "other-terms": add("grant.given", _GRANT | {"terms": "cd" * 32}),
            "other-withdrawn": add("grant.withdrawn", _GRANT | {"grant": "0192bbbb-0000-7000-8000-000000000002"}),
            "no-digests": add("material.deposited", _DEPOSIT, size=len(LEASE)),
            "no-sm3": add("material.deposited", _DEPOSIT, digests={"sha256": digests(LEASE)["sha256"]}),
            "upper-digest": add(
                "material.deposited", _DEPOSIT, digests={name: each.upper() for name, each in digests(LEASE).items()}
            ),
            "digests-are-text": add("evidence.anchored", {"requester": REQUESTER}, digests="sha256"),
            "third-digest": add(
                "evidence.anchored", {"requester": REQUESTER}, digests=digests(LEASE) | {"md5": "0" * 32}
            ),
            "wrong-sm3": add("material.deposited", _DEPOSIT, digests=digests(LEASE) | {"sm3": digests(OTHER)["sm3"]}),
            "wrong-size": add("material.deposited", _DEPOSIT, digests=digests(LEASE), size=len(LEASE) + 1),
            "negative-size": add("material.deposited", _DEPOSIT, digests=digests(LEASE), size=-1),
            "text-size": add("material.deposited", _DEPOSIT, digests=digests(LEASE), size="1"),
            "no-time": add("material.deposited", _DEPOSIT, **lease, time=None),
            "time-with-offset": add("material.deposited", _DEPOSIT, **lease, time="2026-11-21T12:00:00.000+08:00"),
            "time-31-november": add("material.deposited", _DEPOSIT, **lease, time="2026-11-31T04:00:00.000Z"),
            "time-to-the-second": add("material.deposited", _DEPOSIT, **lease, time="2026-11-21T04:00:00Z"),
        }

    @cached_property
    def recorded(self) -> dict[str, Any]:
        """What the chain said, recorded by `tests.ledger.corpus.chain`."""
        held: dict[str, Any] = json.loads((FOLDER / "chain.json").read_text())
        for anchor in held["anchors"]:
            log = next(log for log, _ in self.anchored() if log.origin == anchor["origin"])
            if anchor["root"] != log.root(anchor["size"]).hex():
                msg = "the logs are no longer those that were anchored: record the chain again"
                raise ValueError(msg)
        return held

    def chain_section(self, origin: str = CITY) -> dict[str, Any]:
        """The chain section of a log's newest anchor, to change."""
        found = [anchor["section"] for anchor in self.recorded["anchors"] if anchor["origin"] == origin]
        return json.loads(json.dumps(found[-1]))  # type: ignore[no-any-return]

    def anchored(self) -> list[tuple[Log, int]]:
        """What the chain holds, in the order in which it was anchored."""
        return [
            (self.city, OLD_SIZE),
            (self.district, self.district_size),
            (self.city, self.size),
            (self.delta, self.delta.size),
            (self.licences.log, self.licences.size),
        ]

    def superior(self) -> dict[str, Any]:
        """The city above the district."""
        leaf = self.city.leaves[self.clear_index].decode()
        note = self.city.checkpoint(self.size, *TWO)
        return {"leaf": leaf, **self.city.proof(self.clear_index, self.size), "checkpoint": note}

    def supreme(self) -> dict[str, Any]:
        """The delta above the city."""
        size, leaf = self.delta.size, self.delta.leaves[self.delta_index].decode()
        note = self.delta.checkpoint(size, *TWO)
        return {"leaf": leaf, **self.delta.proof(self.delta_index, size), "checkpoint": note}

    def bundle(
        self, kind: str, *names: str, beside: dict[str, list[str]] | None = None, chain: bool = True
    ) -> dict[str, Any]:
        """A good bundle of acts of the city, to change."""
        every = {**self.acts, **self.malformed}
        acts = {kind: list(names), **(beside or {})}
        sections: dict[str, Any] = {"log": {"origin": CITY, "checkpoint": self.city.checkpoint(self.size, *TWO)}}
        for name, held in acts.items():
            sections[name] = {"entries": [every[each].shown(self.size) for each in held]}
        if chain:
            sections["chain"] = self.chain_section()
        return envelope(kind, sections)

    def district_bundle(self) -> dict[str, Any]:
        """A good bundle of the district, proven through the city."""
        log = {"origin": DISTRICT, "checkpoint": self.district_note, "superiors": [self.superior()]}
        entries = [self.local.shown(self.district_size)]
        return envelope("deposit", {"log": log, "chain": self.chain_section(), "deposit": {"entries": entries}})

    def heads_bundle(self, *places: int) -> dict[str, Any]:
        """A bundle of kind `heads` with these entries of the log that holds one."""
        log = {"origin": self.holders.origin, "checkpoint": self.holders.checkpoint(2, *TWO)}
        entries = [self.holders.entries[place].shown(2) for place in places]
        return envelope("heads", {"log": log, "heads": {"entries": entries}})

    def licence_bundle(
        self, kind: str, *names: str, beside: dict[str, list[str]] | None = None, chain: bool = False
    ) -> dict[str, Any]:
        """A bundle of acts of the licence library's log; the issue of a licence beside a use is shut, if it is alone."""
        held, size = self.licences, self.licences.size
        sections: dict[str, Any] = {"log": {"origin": held.log.origin, "checkpoint": held.log.checkpoint(size, *TWO)}}
        for act, each in {kind: list(names), **(beside or {})}.items():
            shut = act == "licence" != kind and len(each) == 1
            sections[act] = {"entries": [held.entries[name].shown(size, shut=shut) for name in each]}
        if chain:
            sections["chain"] = self.chain_section(held.log.origin)
        return envelope(kind, sections)

    def upper_bundle(self, name: str) -> dict[str, Any]:
        """A bundle of the district under a log that holds its checkpoint well, and in many malformed leaves."""
        upper, place = self.upper, self.upper_places[name]
        leaf, note = upper.leaves[place].decode(), upper.checkpoint(upper.size, *TWO)
        superior = {"leaf": leaf, **upper.proof(place, upper.size), "checkpoint": note}
        log = {"origin": DISTRICT, "checkpoint": self.district_note, "superiors": [superior]}
        return envelope("deposit", {"log": log, "deposit": {"entries": [self.local.shown(self.district_size)]}})

    def trust(self) -> dict[str, Any]:
        """The trust file that fits, to change."""
        logs = [CITY, DISTRICT, DELTA, "log.example/single", "log.example/heads"]
        logs += [self.licences.log.origin, self.upper.origin, consentlog.ORIGIN]
        return {
            "format": "cailian-trust",
            "version": 1,
            "logs": [{"vkey": signer(origin).vkey} for origin in logs],
            "witnesses": {"quorum": 2, "vkeys": [witness_key(name).vkey for name in WITNESSES]},
            "chain": dict(self.recorded["chain"]),
            "signers": signers.trust(),
        }


def envelope(kind: str, sections: dict[str, Any]) -> dict[str, Any]:
    """The bundle around sections, all of them critical."""
    return {
        "format": "cailian-evidence",
        "version": 1,
        "kind": kind,
        "critical": sorted(sections),
        "sections": sections,
    }


def upper_leaves(note: str) -> dict[str, bytes]:
    """Clear leaves of one checkpoint: a whole one, and malformed ones that lie in the tree as well as it does."""
    whole = clear_checkpoint(note)
    clear = {"type": "district.checkpoint", "time": rfc3339(START), "district": "310199", "checkpoint": note}

    def spelled(content: dict[str, Any], version: object = 1) -> bytes:
        return canonical({"clear": content, "v": version})

    return {
        "whole": whole,
        "with-space": whole.replace(b'"v":1', b'"v": 1'),
        "with-other-order": b'{"v":1,' + whole[1:-7] + b"}",
        "with-newline": whole + b"\n",
        "with-escaped-letter": whole.replace(b'"type"', b'"\\u0074ype"', 1),
        "with-a-name-twice": whole.replace(b'"v":1', b'"v":1,"v":1'),
        "with-an-unknown-member": spelled(clear | {"more": 1}),
        "with-an-unknown-member-outside": canonical({"clear": clear, "more": 1, "v": 1}),
        "with-a-member-of-empty-name": spelled(clear | {"": 1}),
        "of-version-2": spelled(clear, 2),
        "of-version-true": spelled(clear, True),
        "of-another-type": spelled(clear | {"type": "district.checkpoint2"}),
        "of-a-district-of-7-digits": spelled(clear | {"district": "3101990"}),
        "of-a-district-as-number": spelled(clear | {"district": 310199}),
        "without-district": spelled({name: each for name, each in clear.items() if name != "district"}),
        "of-a-time-to-the-second": spelled(clear | {"time": "2026-11-21T04:00:00Z"}),
        "of-a-time-on-31-november": spelled(clear | {"time": "2026-11-31T04:00:00.000Z"}),
        "of-a-note-without-signature": spelled(clear | {"checkpoint": note.split("\n\n", maxsplit=1)[0] + "\n\n"}),
        "of-a-note-as-object": spelled(clear | {"checkpoint": {"note": note}}),
    }
