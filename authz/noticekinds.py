"""What holders are told of, and in which words (`authz.notices`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime


class NoticeKind(StrEnum):
    """What a holder is told of."""

    ask = "ask"
    case_opened = "case-opened"
    case_accepted = "case-accepted"
    case_sent_back = "case-sent-back"
    grant_given = "grant-given"
    grant_withdrawn = "grant-withdrawn"
    key_enrolled = "key-enrolled"
    key_revoked = "key-revoked"
    counter_consent = "counter-consent"
    duty_use = "duty-use"
    break_glass = "break-glass"
    dispute_answered = "dispute-answered"
    commitment_asked = "commitment-asked"
    commitment_signed = "commitment-signed"
    commitment_withdrawn = "commitment-withdrawn"
    commitment_overdue = "commitment-overdue"
    commitment_breached = "commitment-breached"
    assistance_asked = "assistance-asked"
    joint_refused = "joint-refused"
    delegation_given = "delegation-given"
    delegation_ended = "delegation-ended"
    inquiry_asked = "inquiry-asked"
    automatic_decided = "automatic-decided"
    automatic_left = "automatic-left"
    entitlement_listed = "entitlement-listed"
    entitlement_handed = "entitlement-handed"
    linked_announced = "linked-announced"
    linked_changed = "linked-changed"


WORDING: Final[dict[NoticeKind, tuple[str, str]]] = {
    NoticeKind.ask: ("{org}请您授权使用材料,请查看后决定", "{org} asks for your consent; read it and decide"),
    NoticeKind.case_opened: (
        "{org}以您的名义开立了办件;如非您本人或代理人办理,请提出异议",
        "{org} opened a case in your name; dispute it if neither you nor your agent did",
    ),
    NoticeKind.case_accepted: ("{org}已受理您的办件", "{org} accepted your case"),
    NoticeKind.case_sent_back: (
        "{org}请您补充办件材料,请一次补齐",
        "{org} asks for what is missing in your case; hand it in at once",
    ),
    NoticeKind.grant_given: (
        "您已授权{org}使用材料;您可随时撤回",
        "You gave {org} consent; you may withdraw it at any time",
    ),
    NoticeKind.grant_withdrawn: ("对{org}的授权已撤回", "The consent given to {org} was withdrawn"),
    NoticeKind.key_enrolled: (
        "您的账户登记了新的签名密钥;如非您本人操作,请立即注销",
        "A new signing key was enrolled for you; revoke it at once if that was not you",
    ),
    NoticeKind.key_revoked: ("您的一把签名密钥已注销", "One of your signing keys was revoked"),
    NoticeKind.counter_consent: (
        "您在{org}窗口作出了授权;如非您本人办理,请撤回",
        "Consent was given for you at a counter of {org}; withdraw it if that was not you",
    ),
    NoticeKind.duty_use: ("{org}依法定职责使用了您的材料", "{org} used something of yours under a statutory duty"),
    NoticeKind.break_glass: (
        "{org}在紧急情况下使用了您的材料,经两人批准",
        "{org} used something of yours in an emergency, on the approval of two people",
    ),
    NoticeKind.delegation_given: (
        "有一项涉及您的委托生效;如非您本人办理,请立即终止",
        "A delegation that concerns you was given; end it at once if that was not you",
    ),
    NoticeKind.delegation_ended: ("有一项涉及您的委托已终止", "A delegation that concerns you was ended"),
    NoticeKind.joint_refused: (
        "{org}的申请需多位持有人同意,其中一位未同意,申请已终止",
        "{org} asked for the consent of several holders; one of them refused, so nothing waits for you any more",
    ),
    NoticeKind.dispute_answered: ("您的异议已有答复", "Your dispute was answered"),
    NoticeKind.commitment_asked: (
        "{org}请您签署承诺书,请阅读全文后决定",
        "{org} asks you to sign a letter of commitment; read all of it, then decide",
    ),
    NoticeKind.commitment_signed: (
        "您向{org}签署了承诺书;受理之前可以撤回,如非您本人办理请立即撤回",
        "A letter of commitment to {org} was signed for you; take it back before acceptance if that was not you",
    ),
    NoticeKind.commitment_withdrawn: (
        "您向{org}签署的承诺书已撤回",
        "The letter of commitment to {org} was taken back",
    ),
    NoticeKind.commitment_overdue: (
        "您向{org}承诺补交的材料已逾期,请尽快补交",
        "What you promised {org} is overdue; hand it in as soon as you can",
    ),
    NoticeKind.commitment_breached: (
        "{org}核查认定您未履行承诺,一定期限内不再适用告知承诺",
        "{org} found that you broke a commitment; no other is taken from you for some time",
    ),
    NoticeKind.assistance_asked: (
        "{org}就您的办件请其他部门协助核实或提供材料",
        "{org} asked another department about a material of your case",
    ),
    NoticeKind.inquiry_asked: (
        "{org}有一事项请您确认,请查看后答复",
        "{org} asks you to confirm something; read it and answer",
    ),
    NoticeKind.automatic_decided: (
        "{org}已自动办结您的申请,回执可在办件中查看;如有异议可申请人工复核",
        "{org} granted your application automatically; see the receipt, or object and a person looks again",
    ),
    NoticeKind.automatic_left: (
        "您的申请转由{org}工作人员办理",
        "Your application goes on with a person at {org}",
    ),
    NoticeKind.entitlement_listed: (
        "{org}免申即享名单已公示,您在名单内;请查看并确认是否享受",
        "{org} published a list you are on; you need not apply, only say whether you want it",
    ),
    NoticeKind.entitlement_handed: (
        "{org}已将您的补贴移交支付",
        "{org} handed your benefit over for payment",
    ),
    NoticeKind.linked_announced: (
        "因您的证照变更,{org}将随之变更相关许可;如不同意请在期限内提出异议",
        "Because a licence of yours changed, {org} will change a permit with it; object in time if you do not agree",
    ),
    NoticeKind.linked_changed: (
        "{org}已随证照变更为您换发相关许可",
        "{org} changed your permit along with your licence",
    ),
}
"""What each kind says, in Chinese and English; `{org}` is the organisation's name."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice.

    Attributes:
        subject: what it is about: the id of an ask, grant, key or use, or a case number.
        party_id: the organisation whose act it tells; None where there is none.
        due_at: seen and told from then on.
    """

    id: str
    holder_id: str
    kind: NoticeKind
    subject: str
    party_id: str | None
    created_at: datetime
    due_at: datetime
    read_at: datetime | None

    def words(self, org: str) -> tuple[str, str]:
        """What it says, in Chinese and English.

        Args:
            org: name of the organisation.
        """
        zh, en = WORDING[self.kind]
        return zh.format(org=org), en.format(org=org)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where one person is told by one channel; `to` is personal and goes to that channel only."""

    person_id: str
    channel: str
    to: str
