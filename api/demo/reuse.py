"""The demonstration's chapter on reuse: the same item for a firm the exchange knows, and for one it does not.

The window here knows nothing of the firm or the item: it works down the checklist, doing what each line still wants, in
whatever order the conditions allow, until nothing is outstanding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from api.checklisttable import table
from api.demo.citizen import Citizen
from materials.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Collection

    from api.client import Client
    from api.demo.story import Story
    from api.stack.exchange import Exchange

FOOD: Final = "11310118XX00000B0W4310100101000"
CAUSE: Final = "食品经营许可新办审查"
OWNER: Final = "11310113XX00000A2R"
OPERATOR: Final = "qp-103"
ANSWERS: Final = {"business": "restaurant", "tenure": "lease", "agent": "no", "commitment": "no"}
KNOWN: Final[dict[str, Any]] = {
    "kind": "organisation",
    "name": "宝山青禾餐饮管理有限公司",
    "identifiers": [{"type": "001", "code": "91310113XX0000019X"}],
}
STRANGER: Final[dict[str, Any]] = {
    "kind": "organisation",
    "name": "青浦云岫食品有限公司",
    "identifiers": [{"type": "001", "code": "91310118XX00000271"}],
}
PREMISES: Final = "上海市宝山区示例路 88 号"
FORMS: Final[dict[str, dict[str, Any]]] = {
    "CL025": {"premises": PREMISES},
    "CL051": {"rules": ["从业人员健康管理制度", "进货查验记录制度", "场所及设施清洗消毒制度"]},
    "CL053": {"equipment": ["冷藏柜 2 台", "消毒柜 1 台"], "process": ["验收", "粗加工", "烹饪", "备餐"]},
}
"""What the applicant states where a document is made."""
GIVEN: Final[dict[str, dict[str, str]]] = {"CL022": {"address": PREMISES}}
"""What a question to a source brings."""
MOST_ROUNDS: Final = 6
ACTS: Final = frozenset({"consent", "ask", "make", "fetch", "confirm"})
"""What a window can do; `confirm` stands for every condition that somebody states as a fact."""


def tell(story: Story, exchange: Exchange, baoshan: Client, qingpu: Client) -> None:
    """All steps of the chapter.

    Args:
        story: tells, times and keeps the steps.
        baoshan: where the firm handed in its equipment list, for another matter.
        qingpu: the department that runs the item.
    """
    with story.step("宝山窗口归集设备清单", "Baoshan takes in the equipment list, for another matter") as note:
        path, media_type = story.known["files"]["equipment"]
        note["material_id"] = story.deposit_file(baoshan, path, media_type, "CL053")["material_id"]
    with story.step("事项目录发布上链", "The items are published: in the log, and on the chain by name") as note:
        entries = Catalogue.load().entries()
        body = {"version": 1, "owner": OWNER, "adopted_at": "2026-01-01T00:00:00Z", "operator": "bs-002"}
        held = baoshan.call("POST", "/v1/registers/items", body | {"entries": entries})
        note |= {"items": len(entries), "sha256": held["sha256"]}
    with Citizen(exchange.base_url, "demo-person-chen") as chen:
        _known(story, qingpu, chen)
    with Citizen(exchange.base_url, "demo-person-lin") as lin:
        _stranger(story, qingpu, lin)


def _known(story: Story, qingpu: Client, chen: Citizen) -> None:
    with story.step("递进式问卷定情形,开办件", "A questionnaire finds the scenario; the case is opened") as note:
        note["asked"] = _questionnaire(story, qingpu)
        case = _open(qingpu, KNOWN)
        note |= {"case_no": case["case_no"], "scenario": case["scenario"]}
    window = _Window(story, qingpu, chen, case["case_no"])
    with story.step(
        "材料清单:逐项给出途径与理由", "The checklist: a route for each material, and why no better"
    ) as note:
        first = window.look()
        note |= {"states": first["states"], "routes": _routes(first)}
        show(story, first)
    with story.step("按清单办理:授权、核验、复用、生成", "Work down the list: consent, check, reuse, make") as note:
        note.update(window.work())
    with story.step("受理,清单随办件留存", "Accepted; the checklist is kept with the case") as note:
        held = qingpu.call("POST", f"/v1/cases/{window.case_no}/acceptance", {"operator": OPERATOR})
        kept = qingpu.call("GET", f"/v1/cases/{window.case_no}/checklist/kept")
        show(story, held["checklist"])
        story.expect(held["checklist"]["uploads"] == 0, "the firm had to hand something in")
        note |= {"uploads": held["checklist"]["uploads"], "due_at": held["due_at"], "checklist_sha256": kept["sha256"]}
        story.cases.append(_report(held["checklist"], known=True))


def _stranger(story: Story, qingpu: Client, lin: Citizen) -> None:
    with story.step("同一事项,平台不了解的企业", "The same item for a firm the exchange does not know") as note:
        window = _Window(story, qingpu, lin, _open(qingpu, STRANGER)["case_no"])
        note.update(window.work({"consent", "ask"}))
        shown = window.look()
        show(story, shown)
        asked = {line["line"]: line["refused"] for line in shown["lines"] if line["state"] == "missing"}
        story.expect(bool(asked), "an unknown firm is asked for nothing")
        note |= {"case_no": window.case_no, "states": shown["states"]}
        note["asked_for"] = {
            key: {each["route"]: each["en"] for each in why if each["code"] != "not-foreseen"}
            for key, why in asked.items()
        }
        story.cases.append(_report(shown, known=False))


class _Window:
    """Somebody at a counter who does what the checklist says."""

    def __init__(self, story: Story, client: Client, holder: Citizen, case_no: str) -> None:
        self._story, self._client, self._holder, self.case_no = story, client, holder, case_no
        self._path = f"/v1/cases/{case_no}"
        self._asking = {"cause": CAUSE, "operator": OPERATOR}

    def look(self) -> dict[str, Any]:
        """The checklist as it stands."""
        return self._client.call("GET", f"{self._path}/checklist")

    def work(self, acts: Collection[str] = ACTS) -> dict[str, Any]:
        """Do what is wanted until nothing is; how often each act was needed.

        Args:
            acts: what this window can do; whatever else is wanted stays.
        """
        done: dict[str, int] = {"rounds": 0}
        while not (shown := self.look())["complete"]:
            offered = [line for line in shown["lines"] if line["conditions"] and line["state"] == "offered"]
            wanted = {act: lines for act, lines in self._sorted(offered).items() if act in acts}
            if not wanted:
                break
            self._story.expect(done["rounds"] < MOST_ROUNDS, "the checklist does not come to an end")
            done["rounds"] += 1
            for act, lines in wanted.items():
                getattr(self, f"_{act}")(lines)
                done[act] = done.get(act, 0) + len(lines)
        return done

    @staticmethod
    def _sorted(lines: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        """Lines by what each wants next; a line that wants the holder's consent wants nothing else before it."""
        acts: dict[str, list[dict[str, Any]]] = {}
        for line in lines:
            first = line["conditions"][0]["code"]
            acts.setdefault(first if first in ACTS else "confirm", []).append(line)
        return acts

    def _consent(self, lines: list[dict[str, Any]]) -> None:
        """Ask everybody once for everything that is theirs."""
        for of in sorted({line["of"] for line in lines}):
            codes = [line["type_code"] for line in lines if line["of"] == of]
            wanted = [{"type_codes": codes, "mode": "copy", "max_uses": 8, "valid_days": 30}]
            body = {"case_no": self.case_no, "wanted": wanted, "of": of, **self._asking}
            batch = self._client.call("POST", "/v1/ask-batches", body)
            self._holder.answer(batch["batch_id"], [ask["ask_id"] for ask in batch["asks"]])

    def _confirm(self, lines: list[dict[str, Any]]) -> None:
        """The holder signs that what is reused has not changed."""
        confirmed = [
            {
                "line": line["line"],
                "material": line["evidence"]["material"],
                "conditions": [each["code"] for each in line["conditions"] if each["code"] != "fetch"],
            }
            for line in lines
        ]
        asked = self._client.call("POST", f"{self._path}/confirmations/terms", {"lines": confirmed})
        signed = {"operator": OPERATOR, "signature": self._holder.login(asked["digest"])}
        self._client.call("POST", f"{self._path}/confirmations", {"lines": confirmed} | signed)

    def _ask(self, lines: list[dict[str, Any]]) -> None:
        """Put the questions to their sources."""
        for line in lines:
            body = {"type_code": line["type_code"], "of": line["of"], "given": GIVEN.get(line["type_code"], {})}
            self._client.call("POST", f"{self._path}/checks", body | self._asking)

    def _make(self, lines: list[dict[str, Any]]) -> None:
        """Have the documents made."""
        for line in lines:
            body = {"type_code": line["type_code"], "form": FORMS[line["type_code"]]} | self._asking
            self._client.call("POST", f"{self._path}/documents", body)

    def _fetch(self, lines: list[dict[str, Any]]) -> None:
        """Use what is allowed, and take it."""
        common = {"case_no": self.case_no, "item_code": FOOD} | self._asking
        for line in lines:
            mode = {"mode": line["evidence"]["mode"]}
            if "use_code" in line["evidence"]:
                named = {"use_code": line["evidence"]["use_code"]}
                use = self._client.call("POST", "/v1/fetch", common | mode | named)
            else:
                use = self._client.use(object_id=line["evidence"]["material"], **common, **mode)
            self._client.download(use["use_id"], self._story.folder / "received" / f"reuse-{line['line']}")


def show(story: Story, shown: dict[str, Any]) -> None:
    """A checklist as a table."""
    story.console.print(table(shown))


def _open(client: Client, firm: dict[str, Any]) -> dict[str, Any]:
    presence = {"kind": "id_card_read", "evidence": "demo reader 7"}
    case = {"item_code": FOOD, "answers": ANSWERS, "applicant": firm, "presence": presence, "operator": OPERATOR}
    return client.call("POST", "/v1/cases", case)


def _questionnaire(story: Story, client: Client) -> list[str]:
    """Answer one question at a time, as a page would; the questions."""
    answers: dict[str, str] = {}
    asked: list[str] = []
    while True:
        step = client.call("POST", f"/v1/items/{FOOD}/questionnaire", {"answers": answers})
        if step["next"] is None:
            story.expect(step["answers"] == ANSWERS, "the questionnaire asked something else")
            return asked
        code = step["next"]["code"]
        asked.append(step["next"]["zh"])
        answers[code] = ANSWERS[code]


def _routes(shown: dict[str, Any]) -> dict[str, str]:
    return {line["line"]: line["route"]["code"] if line["route"] else "none" for line in shown["lines"]}


def _report(shown: dict[str, Any], *, known: bool) -> dict[str, Any]:
    """What `report.json` keeps of a case."""
    return {
        "case_no": shown["case_no"],
        "item": shown["item"]["zh"],
        "known": known,
        "uploads": shown["uploads"],
        "lines": [
            {
                "line": line["line"],
                "material": line["name"],
                "state": line["state"],
                "route": line["route"]["code"] if line["route"] else None,
                "evidence": line["evidence"],
                "refused": {each["route"]: each["code"] for each in line["refused"]},
            }
            for line in shown["lines"]
        ],
    }
