"""The log of a licence library: a licence, what became of it, its uses, and what was released in its place."""

from __future__ import annotations

from typing import Any, Final

from tests.ledger.corpus.logs import Entry, Log, digests

LICENCE: Final = "证照：营业执照（PDF）\nBusiness licence, as issued.\n".encode() * 30
OFD: Final = "证照：营业执照（OFD）\nThe same in the other format.\n".encode() * 30
COPY: Final = "加注件：仅供办理食品经营许可\nDerived copy for one case only.\n".encode() * 30
DATA: Final = '{"name":"示例餐饮有限公司","valid_to":"2046-11-20"}'.encode()
ANSWER: Final = b'{"matches":true,"status":"01"}'
_FACE: Final = b"a salted face"

REQUESTER: Final = "11310199XX00000C1X"
_ISSUER: Final = "11310199XX00000D1B"
_ID: Final = "0192dddd-0000-7000-8000-00000000000"
_LICENCE_ID: Final = "1.2.156.3005.2.11100000MB0143028R999.11310113XX00000A2R.BS2026000000001.001.7"
_NEXT_ID: Final = "1.2.156.3005.2.11100000MB0143028R999.11310113XX00000A2R.BS2026000000001.002.5"
_OF: Final = {"licence": _ID + "1", "licence_id": _LICENCE_ID}
_ISSUED: Final = {
    "requester": _ISSUER,
    "operator": "fz-03",
    **_OF,
    "licence_type": "LT01",
    "version": 1,
    "operation": "01",
    "predecessor": None,
    "holders": ["p-1"],
    "ofd": digests(OFD),
    "credential": "ab" * 32,
    "valid_from": "2026-11-21",
    "valid_to": "2046-11-20",
}
_CHANGED: Final = {
    "requester": _ISSUER,
    "operator": "fz-03",
    **_OF,
    "operation": "03",
    "status": "02",
    "reason": "逾期未年报",
    "issued_entry": "01890000-0000-7000-8000-000000000002",
    "holders": ["p-1"],
}
_USE: Final = {
    "use": "0192aaaa-0000-7000-8000-000000000009",
    "requester": REQUESTER,
    "operator": "w-07",
    "case": "C-2026-9",
    "item": "310199-9",
    "cause": "办理食品经营许可",
    "mode": "copy",
    "grant": "0192bbbb-0000-7000-8000-000000000009",
    "terms": "cd" * 32,
    "object": _ID + "1",
    "holder": "p-7",
    "holder_seq": 1,
    "holder_prev": None,
}
_GRANT: Final = {name: _USE[name] for name in ("grant", "terms", "requester", "holder")}
_DERIVED: Final = {
    **{name: _USE[name] for name in ("requester", "operator", "use", "case", "item", "holder")},
    "copy": "0192eeee-0000-7000-8000-000000000001",
    **_OF,
    "valid_from": "2026-11-21T04:00:00.000Z",
    "valid_to": "2026-12-21T04:00:00.000Z",
}
_PDF: Final = {"digests": digests(LICENCE), "size": len(LICENCE)}


def _without(parties: dict[str, Any], name: str) -> dict[str, Any]:
    return {member: value for member, value in parties.items() if member != name}


class LicenceLog:
    """A log of its own, anchored like the city's; `entries` by name, the malformed ones among them."""

    def __init__(self) -> None:
        self.log = Log("log.example/licences")
        self.entries: dict[str, Entry] = {}
        self.log.fill(2)
        self._happen()
        self._malform_licences()
        self._malform_copies()
        self._malform_others()
        self.log.fill(100)
        self.size = self.log.size
        self._add("suspended-late", "licence.changed", _CHANGED)
        self._copy("copy-late", {})

    def _add(self, name: str, type_: str, parties: dict[str, Any], **fact: Any) -> None:
        self.entries[name] = self.log.add(type_, parties, **fact)

    def _copy(self, name: str, parties: dict[str, Any] | None, **fact: Any) -> None:
        """A record of what was released, with changes; None leaves a member of the fact out."""
        whole = {"rendition": "copy", "digests": digests(COPY), "size": len(COPY), "parent": digests(LICENCE)}
        self._add(name, "licence.derived", _DERIVED | (parties or {}), **(whole | fact))

    def _happen(self) -> None:
        add = self._add
        add("issued", "licence.issued", _ISSUED, **_PDF)
        add("given", "grant.given", _GRANT)
        add("intended", "use.intended", _USE, **_PDF)
        self._copy("copy", {})
        add("completed", "use.completed", {"use": _USE["use"], "holder": "p-7"}, **_PDF)
        add("suspended", "licence.changed", _CHANGED)
        add("restored", "licence.changed", _CHANGED | {"operation": "06", "status": "01", "reason": "已补报"})
        renewed = {"licence": _ID + "2", "licence_id": _NEXT_ID, "version": 2, "operation": "09"}
        add("new-version", "licence.issued", _ISSUED | renewed | {"predecessor": _ID + "1", "ofd": None}, **_PDF)
        gathered = {"licence": _ID + "3", "ofd": None, "credential": None, "valid_to": None}
        add("gathered", "licence.issued", _ISSUED | gathered, face=digests(_FACE))
        self._copy("data", {}, rendition="data", digests=digests(DATA), size=len(DATA))
        self._copy("answer", {}, rendition="verify", digests=digests(ANSWER), size=None)
        of_face = {"use": _USE["use"][:-1] + "8", "mode": "data", "object": _ID + "3", "grant": None, "terms": None}
        add("intended-face", "use.intended", _USE | of_face, digests=digests(_FACE))
        parties = {"use": of_face["use"], "licence": _ID + "3"}
        answer = {"rendition": "data", "digests": digests(DATA), "size": len(DATA), "parent": digests(_FACE)}
        self._copy("data-face", parties, **answer)

    def _malform_licences(self) -> None:
        sha256 = {"sha256": digests(LICENCE)["sha256"]}
        for name, parties, fact in (
            ("issued-of-nothing", {}, {}),
            ("issued-twofold", {}, _PDF | {"face": digests(_FACE)}),
            ("issued-without-sm3", {}, {"digests": sha256}),
            ("issued-face-without-sm3", {}, {"face": sha256}),
            ("issued-face-is-text", {}, {"face": "ab" * 32}),
            ("issued-size-as-text", {}, _PDF | {"size": "1"}),
            ("issued-without-time", {}, _PDF | {"time": None}),
            ("issued-by-suspension", {"operation": "03"}, _PDF),
            ("issued-by-a-list", {"operation": ["01"]}, _PDF),
            ("issued-requester-is-null", {"requester": None}, _PDF),
            ("issued-licence-is-a-number", {"licence": 1}, _PDF),
            ("issued-ofd-is-text", {"ofd": "ab" * 32}, _PDF),
            ("issued-ofd-without-sm3", {"ofd": sha256}, _PDF),
            ("issued-ofd-in-capitals", {"ofd": {name: each.upper() for name, each in digests(OFD).items()}}, _PDF),
            ("issued-another", {"licence": _ID + "4"}, {"digests": digests(OFD)}),
        ):
            self._add(name, "licence.issued", _ISSUED | parties, **fact)
        for name in ("requester", "licence_id", "operation"):
            self._add(f"issued-without-{name}", "licence.issued", _without(_ISSUED, name), **_PDF)
        for name, parties in (
            ("changed-another", {"licence": _ID + "4"}),
            ("changed-another-id", {"licence_id": _NEXT_ID}),
            ("changed-to-08", {"status": "08"}),
            ("changed-to-a-number", {"status": 2}),
            ("changed-to-a-list", {"status": ["02"]}),
            ("changed-by-11", {"operation": "11"}),
        ):
            self._add(name, "licence.changed", _CHANGED | parties)
        for name in ("licence", "status", "operation"):
            self._add(f"changed-without-{name}", "licence.changed", _without(_CHANGED, name))
        self._add("changed-with-digests", "licence.changed", _CHANGED, digests=digests(OFD))

    def _malform_copies(self) -> None:
        other, original = digests(OFD), digests(LICENCE)
        for name, fact in (
            ("copy-without-parent", {"parent": None}),
            ("copy-parent-is-text", {"parent": original["sha256"]}),
            ("copy-parent-without-sm3", {"parent": {"sha256": original["sha256"]}}),
            ("copy-parent-of-three", {"parent": original | {"size": 1}}),
            ("copy-of-another", {"parent": other}),
            ("copy-is-original", {"digests": original}),
            ("copy-with-sha256-of-original", {"digests": digests(COPY) | {"sha256": original["sha256"]}}),
            ("copy-with-sm3-of-original", {"digests": digests(COPY) | {"sm3": original["sm3"]}}),
            ("copy-without-digests", {"digests": None}),
            ("copy-without-sm3", {"digests": {"sha256": digests(COPY)["sha256"]}}),
            ("copy-without-rendition", {"rendition": None}),
            ("copy-called-original", {"rendition": "original"}),
            ("copy-rendition-is-a-list", {"rendition": ["copy"]}),
            ("copy-size-negative", {"size": -1}),
            ("copy-wrong-size", {"size": len(COPY) + 1}),
            ("copy-wrong-sm3", {"digests": digests(COPY) | {"sm3": digests(OFD)["sm3"]}}),
            ("copy-without-time", {"time": None}),
        ):
            self._copy(name, {}, **fact)
        for name, parties in (
            ("copy-other-use", {"use": _USE["use"][:-1] + "7"}),
            ("copy-other-requester", {"requester": _ISSUER}),
            ("copy-other-licence", {"licence": _ID + "4"}),
            ("copy-other-licence-id", {"licence_id": _NEXT_ID}),
            ("copy-requester-is-null", {"requester": None}),
            ("copy-copy-is-a-number", {"copy": 1}),
        ):
            self._copy(name, parties)
        fact = {"rendition": "copy", "digests": digests(COPY), "size": len(COPY), "parent": original}
        for name in ("use", "licence", "licence_id"):
            self._add(f"copy-without-{name}", "licence.derived", _without(_DERIVED, name), **fact)

    def _malform_others(self) -> None:
        """Gaps of older sections that need records of their own."""
        sized = {"digests": {"sha256": digests(DATA)["sha256"]}, "size": len(DATA)}
        self._add("evidence-sized", "evidence.anchored", {"requester": REQUESTER}, **sized)
        self._add("deposit", "material.deposited", {"requester": _ISSUER}, **_PDF)
        self._add("intended-without-use", "use.intended", _without(_USE, "use"), **_PDF)
        self._add("intended-terms-5", "use.intended", _USE | {"terms": 5}, **_PDF)
        self._add("intended-without-object", "use.intended", _without(_USE, "object"), **_PDF)
        self._add("deposit-with-ofd", "material.deposited", {"requester": _ISSUER, "ofd": digests(OFD)}, **_PDF)
        self._add("given-terms-5", "grant.given", _GRANT | {"terms": 5})
