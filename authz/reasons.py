"""Why a use is refused: one vocabulary for requester, citizen and auditor, and the table of what is said to whom.

DESIGN 7, "What is said". A reason is about the *request* (the caller's own case, operator, wording: told always, since
it says nothing of the thing) or about the *thing* (told by the table in `visible_reason`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """Reason codes, the most telling first: a refusal names the first that holds."""

    cause_invalid = "cause-invalid"
    operator_role = "operator-role"
    case_not_yours = "case-not-yours"
    case_closed = "case-closed"
    item_mismatch = "item-mismatch"
    emergency_over = "emergency-over"
    presence_required = "presence-required"
    not_found = "not-found"
    share_denied = "share-denied"
    kind_not_allowed = "kind-not-allowed"
    status_superseded = "status-superseded"
    status_disputed = "status-disputed"
    status_expired = "status-expired"
    status_withdrawn = "status-withdrawn"
    status_destroyed = "status-destroyed"
    status_not_yet_valid = "status-not-yet-valid"
    status_suspended = "status-suspended"
    status_revoked = "status-revoked"
    status_cancelled = "status-cancelled"
    status_transferred = "status-transferred"
    status_permit_withdrawn = "status-permit-withdrawn"
    status_ended = "status-ended"
    unrelated_holder = "unrelated-holder"
    not_demanded = "not-demanded"
    grant_of_another = "grant-of-another"
    grant_altered = "grant-altered"
    grant_withdrawn = "grant-withdrawn"
    grant_used_up = "grant-used-up"
    grant_expired = "grant-expired"
    grant_not_yet_valid = "grant-not-yet-valid"
    grant_frequency = "grant-frequency"
    grant_representation = "grant-representation"
    grant_assurance = "grant-assurance"
    grant_key_new = "grant-key-new"
    grant_region = "grant-region"
    grant_purpose = "grant-purpose"
    grant_mode = "grant-mode"
    grant_fields = "grant-fields"
    grant_objects = "grant-objects"
    grant_stale = "grant-stale"
    grant_not_separate = "grant-not-separate"
    grant_joint = "grant-joint"
    emergency_scope = "emergency-scope"
    duty_scope = "duty-scope"
    access_required = "access-required"
    grant_required = "grant-required"
    ask_holder = "ask-holder"
    policy_error = "policy-error"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a reason says, and whether it is about the request itself (else about the thing asked for)."""

    zh: str
    en: str
    about_request: bool = False


WORDING: Final[dict[Reason, Wording]] = {
    Reason.cause_invalid: Wording("事由为空或含个人信息", "The cause is empty or names a person", about_request=True),
    Reason.operator_role: Wording("经办人无此权限", "The operator's role does not permit this", about_request=True),
    Reason.case_not_yours: Wording("本单位没有此办件", "Your organisation has no such case", about_request=True),
    Reason.case_closed: Wording("办件已办结", "The case is closed", about_request=True),
    Reason.item_mismatch: Wording("事项与办件不一致", "The item is not the case's item", about_request=True),
    Reason.emergency_over: Wording(
        "没有可用的紧急授权:未经第二人批准、已到期或不属于本办件与经办人",
        "No emergency to rest on: not approved by a second person, over, or of another case or operator",
        about_request=True,
    ),
    Reason.presence_required: Wording("申请人不在场", "The applicant is not present", about_request=True),
    Reason.not_found: Wording("没有此材料", "There is no such thing"),
    Reason.share_denied: Wording("不予共享", "This is not shared"),
    Reason.kind_not_allowed: Wording("此类用证单位不可使用该级别材料", "Not available to a party of this kind"),
    Reason.status_superseded: Wording("已被新版本取代", "Superseded by a newer version"),
    Reason.status_disputed: Wording("正在异议处理", "Under dispute"),
    Reason.status_expired: Wording("已过有效期", "Expired"),
    Reason.status_withdrawn: Wording("已撤回", "Withdrawn by its depositor or holder"),
    Reason.status_destroyed: Wording("已销毁", "Destroyed"),
    Reason.status_not_yet_valid: Wording("证照尚未生效", "The licence is not valid yet"),
    Reason.status_suspended: Wording("证照已暂扣", "The licence is suspended"),
    Reason.status_revoked: Wording("证照已撤销", "The licence was revoked"),
    Reason.status_cancelled: Wording("证照已注销", "The licence was cancelled"),
    Reason.status_transferred: Wording("证照已办理转出", "The licence was transferred out"),
    Reason.status_permit_withdrawn: Wording("证照已吊销", "The licence was taken away as a penalty"),
    Reason.status_ended: Wording("证照已失去效力", "The licence has ended"),
    Reason.unrelated_holder: Wording("非申请人或同一项目的材料", "Neither the applicant's nor of the same project"),
    Reason.not_demanded: Wording("该事项不需要此类材料", "The item does not demand this type"),
    Reason.grant_of_another: Wording(
        "授权不属于该持有人或本单位", "The grant is of another holder or for another party"
    ),
    Reason.grant_altered: Wording("授权记录与持有人签署的不一致", "The grant's row is not what the holder signed"),
    Reason.grant_withdrawn: Wording("授权已撤回", "The grant was withdrawn"),
    Reason.grant_used_up: Wording("授权次数已用完", "The grant is used up"),
    Reason.grant_expired: Wording("授权已过期", "The grant has expired"),
    Reason.grant_not_yet_valid: Wording("授权尚未生效", "The grant is not yet valid"),
    Reason.grant_frequency: Wording("已达到授权的使用频次", "The grant allows no more uses for now"),
    Reason.grant_representation: Wording("授权人已不再代表持有人", "Who signed no longer represents the holder"),
    Reason.grant_assurance: Wording(
        "授权的签署方式不足以使用该级别材料", "The way the grant was signed is not enough for a thing of this level"
    ),
    Reason.grant_key_new: Wording(
        "签署所用密钥启用未满24小时,不可用于该级别材料",
        "The key that signed was less than 24 hours old, too new for a thing of this level",
    ),
    Reason.grant_region: Wording("授权不含本地区", "The grant does not cover this region"),
    Reason.grant_purpose: Wording("授权用于其他事项或办件", "The grant is for another item or case"),
    Reason.grant_mode: Wording("授权不含此使用方式", "The grant does not cover this mode of use"),
    Reason.grant_fields: Wording("授权不含所请求字段", "The grant does not cover these fields"),
    Reason.grant_objects: Wording("授权不含此材料", "The grant does not cover this thing"),
    Reason.grant_stale: Wording("材料早于授权允许的时限", "The thing is older than the grant allows"),
    Reason.grant_not_separate: Wording("敏感材料须单独同意", "A thing this sensitive needs a consent of its own"),
    Reason.grant_joint: Wording("尚待其他持有人同意", "Another holder's consent is missing"),
    Reason.emergency_scope: Wording("紧急授权不含此类材料或方式", "The emergency does not cover this type or mode"),
    Reason.duty_scope: Wording("职责目录未列明", "The duty entry does not cover this"),
    Reason.access_required: Wording(
        "提供部门尚未同意本单位使用此类材料",
        "Who answers for this type has not approved your organisation's access",
        about_request=True,
    ),
    Reason.grant_required: Wording("需要持有人授权", "The holder's grant is needed"),
    Reason.ask_holder: Wording("请向持有人申请授权", "Ask the holder"),
    Reason.policy_error: Wording("策略求值出错,按拒绝处理", "A policy failed to evaluate; refused"),
}

_ORDER: Final = {reason: place for place, reason in enumerate(Reason)}

DISCLOSED_LEVEL: Final = 2
"""Up to this security level the full reason is told inside the caller's open case (DESIGN 7)."""


def most_telling(reasons: set[Reason]) -> tuple[Reason, ...]:
    """Reasons in the order of the vocabulary."""
    return tuple(sorted(reasons, key=_ORDER.__getitem__))


def visible_reason(
    reason: Reason, *, level: int | None, in_own_open_case: bool, present: bool, consented: bool
) -> Reason:
    """What the caller is told of a refusal (DESIGN 7, "What is said").

    | where                        | level of the thing     | before consent | after consent |
    |------------------------------|------------------------|----------------|---------------|
    | outside an open case of one's own | any, or no such thing | `not-found`    | `not-found`   |
    | inside, applicant not present     | any, or no such thing | `presence-required` | `presence-required` |
    | inside, present                   | 1, 2                  | the reason     | the reason    |
    | inside, present                   | 3, 4, or no such thing | `ask-holder`  | the reason    |

    A reason about the request itself is told everywhere: it does not depend on the thing.

    Args:
        reason: what is so.
        level: security level of the thing; None where there is no such thing, whose level nobody knows.
        in_own_open_case: the request names an open case of the caller's organisation.
        present: the applicant is there in one of the ways of DESIGN 7.
        consented: the holder gave the caller a grant that names this thing or its type, whatever became of it.
    """
    if WORDING[reason].about_request:
        return reason
    if not in_own_open_case:
        return Reason.not_found
    if not present:
        return Reason.presence_required
    if level is not None and level <= DISCLOSED_LEVEL:
        return reason
    return reason if consented else Reason.ask_holder
