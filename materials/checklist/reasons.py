"""Why a route was refused: the vocabulary next to `authz.reasons`, no word in both.

A line's reason is a code of `WhyNot` where the checklist itself knows why, an obstacle of `materials.model.Obstacle`
where the material's own rule forbids it, and a code of `authz.reasons.Reason` where a use would be refused: said in the
same words as the use itself would be (DESIGN 7, "What is said").
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from authz.reasons import WORDING as USES, Reason
from materials.model import Obstacle


class WhyNot(StrEnum):
    """Reasons of the checklist's own."""

    not_foreseen = "not-foreseen"
    no_licence_type = "no-licence-type"
    no_licence = "no-licence"
    no_material = "no-material"
    level_too_low = "level-too-low"
    holder_unknown = "holder-unknown"
    not_shared = "not-shared"
    no_source = "no-source"
    source_unavailable = "source-unavailable"
    source_denies = "source-denies"
    source_unknowing = "source-unknowing"
    source_contradicts = "source-contradicts"
    answer_over = "answer-over"
    no_department = "no-department"
    department_refused = "department-refused"
    department_overdue = "department-overdue"
    request_withdrawn = "request-withdrawn"
    no_template = "no-template"
    source_missing = "source-missing"
    no_value = "no-value"
    commitment_barred = "commitment-barred"
    commitment_breached = "commitment-breached"
    commitment_other_scenario = "commitment-other-scenario"


_OWN: Final[dict[WhyNot, tuple[str, str]]] = {
    WhyNot.not_foreseen: ("事项未规定此途径", "The item does not foresee this route"),
    WhyNot.no_licence_type: ("此类材料没有电子证照", "There is no e-licence of this kind"),
    WhyNot.no_licence: ("证照库中没有持证主体的有效证照", "The library holds no licence of this holder"),
    WhyNot.no_material: ("材料库中没有可复用的材料", "The vault holds nothing that could be reused"),
    WhyNot.level_too_low: ("核验等级低于事项要求", "It was checked less thoroughly than the item demands"),
    WhyNot.holder_unknown: ("办件中没有该角色的人员", "The case names nobody in this role"),
    WhyNot.not_shared: ("项目成员未同意共享", "The project's member has not shared it"),
    WhyNot.no_source: ("没有可核验的数据源", "No source is connected that could answer"),
    WhyNot.source_unavailable: ("数据源未能及时应答", "The source did not answer in time"),
    WhyNot.source_denies: ("数据源核验不一致", "The source says no"),
    WhyNot.source_unknowing: ("数据源没有该主体的数据", "The source knows nothing of this holder"),
    WhyNot.source_contradicts: ("数据源前后应答矛盾", "The source contradicts its earlier answer"),
    WhyNot.answer_over: ("核验结果已过有效期", "The source's answer is too old"),
    WhyNot.no_department: ("没有可协助的部门", "No department is named that could assist"),
    WhyNot.department_refused: ("协助部门未予提供", "The assisting department refused"),
    WhyNot.department_overdue: ("协助部门逾期未答复", "The assisting department is overdue"),
    WhyNot.request_withdrawn: ("协助请求已撤回", "The request for assistance was withdrawn"),
    WhyNot.no_template: ("没有可生成的模板", "There is no template to make it from"),
    WhyNot.source_missing: ("生成所需的数据缺失", "Data the document is made from is missing"),
    WhyNot.no_value: ("来源中没有该字段的值", "The source has no value for the field"),
    WhyNot.commitment_barred: ("因违诺暂不适用告知承诺", "Commitments are barred after a breach"),
    WhyNot.commitment_breached: ("承诺未履行", "The commitment was not kept"),
    WhyNot.commitment_other_scenario: ("本情形不适用告知承诺", "Not in this scenario"),
}
_OBSTACLES: Final[dict[Obstacle, tuple[str, str]]] = {
    Obstacle.superseded: ("已被新版本取代", "Superseded by a newer version"),
    Obstacle.expired: ("已过有效期", "Its time is over"),
    Obstacle.not_yet_valid: ("尚未生效", "Not valid yet"),
    Obstacle.disputed: ("正在异议处理", "Under dispute"),
    Obstacle.withdrawn: ("已撤回", "Withdrawn"),
    Obstacle.destroyed: ("已销毁", "Destroyed"),
    Obstacle.other_matter: ("仅限原办件使用", "Made for another matter only"),
    Obstacle.other_project: ("属于其他项目", "Of another project"),
}


_TOLD: Final[dict[str, tuple[str, str]]] = {each.value: told for each, told in (*_OWN.items(), *_OBSTACLES.items())}


def wording(reason: str) -> tuple[str, str]:
    """A reason in Chinese and English.

    Raises:
        KeyError: a code of none of the three vocabularies.
    """
    if reason in _TOLD:
        return _TOLD[reason]
    if reason not in Reason.__members__.values():
        raise KeyError(reason)
    held = USES[Reason(reason)]
    return held.zh, held.en


_CONDITIONS: Final[dict[str, tuple[str, str]]] = {
    "consent": ("征得持有人授权", "The holder's consent"),
    "unchanged": ("持有人确认复用且内容未变", "The holder confirms that it is reused and nothing has changed"),
    "ask": ("向数据源或部门提出询问", "The question put to the source or department"),
    "make": ("由系统生成", "Made by the system"),
    "sign": ("签署承诺书", "The commitment signed"),
    "fetch": ("调用并取得", "Fetched by a use"),
    "verify": ("由工作人员核验", "Checked by staff"),
    "recheck-at-source": ("已向数据源复核", "Checked again at its source"),
    "end-unstated": ("未载明截止日期,确认仍有效", "It states no end; confirmed that it still holds"),
    "same-premises": ("确认为同一场所", "Confirmed: the same premises"),
    "same-vehicle": ("确认为同一车辆", "Confirmed: the same vehicle"),
    "same-project": ("确认为同一项目", "Confirmed: the same project"),
    "same-representative": ("确认法定代表人未变更", "Confirmed: the same legal representative"),
    "same-base-version": ("确认所修正的版本未变", "Confirmed: the same base version"),
}
ROUTES: Final[dict[str, tuple[str, str]]] = {
    "licence": ("调证", "Licence"),
    "check": ("核验", "Check"),
    "reuse": ("复用", "Reuse"),
    "assistance": ("行政协助", "Assistance"),
    "generated": ("系统生成", "Made by the system"),
    "commitment": ("告知承诺", "Commitment"),
    "upload": ("上传", "Upload"),
}
"""What routes are called, in Chinese and English."""


def condition_wording(condition: str) -> tuple[str, str]:
    """What is still to be confirmed or done, in Chinese and English.

    Raises:
        KeyError: no such condition.
    """
    return _CONDITIONS[condition]
