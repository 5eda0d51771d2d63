/** Words of states and codes that several parts show. What stands in one place only, stands there. */

import { pick } from "../../shared/pick.ts";

export { pick };

const table = (held: Readonly<Record<string, readonly [string, string]>>) => (code: string): string => {
  const found = held[code];
  return found ? pick(found[0], found[1]) : code;
};

export const stageName = table({
  draft: ["草稿", "Draft"],
  intake: ["收件中", "Intake"],
  accepted: ["已受理", "Accepted"],
  granted: ["准予", "Granted"],
  refused: ["不予", "Refused"],
  withdrawn: ["已撤回", "Withdrawn"],
  closed: ["已办结", "Closed"],
});

export const lineState = table({
  supplied: ["已具备", "There"],
  offered: ["可办理", "Can be had"],
  waiting: ["等待中", "Waiting"],
  owed: ["容缺", "Owed"],
  missing: ["需提交", "To hand in"],
});

export const whose = (of: string): string => {
  if (of === "applicant") return "";
  const [role = "", place] = of.split(".");
  const names = table({ legal_rep: ["法定代表人", "legal representative"], agent: ["代办人", "agent"] });
  return place === undefined ? names(role) : `${names(role)} ${Number(place) + 1}`;
};

export const roleName = table({
  window: ["窗口", "Window"],
  reviewer: ["审核", "Reviewer"],
  registrar: ["登记", "Registrar"],
  auditor: ["审计", "Auditor"],
  security_officer: ["安全管理", "Security officer"],
  administrator: ["系统管理", "Administrator"],
});

export const presenceName = table({
  holder_login: ["申请人登录", "Logged in"],
  live_code: ["亮码", "Live code"],
  id_card_read: ["身份证读卡", "Identity card read"],
  agent_grant: ["代办人到场", "Agent there"],
  none: ["未到场", "Not there"],
});

export const sourceKind = table({
  licence: ["证照", "Licence"],
  material: ["材料", "Material"],
  check: ["核验", "Check"],
  connector: ["数据源", "Source"],
  case: ["办件", "Case"],
  applicant: ["申请人填报", "Applicant"],
  answer: ["问卷", "Questionnaire"],
  last_case: ["上次办件", "Last case"],
  computed: ["自动计算", "Computed"],
  window: ["窗口填报", "Window"],
});

export const problemName = table({
  "check-digit": ["校验位不符", "check digit is wrong"],
  "not-a-date": ["不是日期", "not a date"],
  "contradicts-id-number": ["与证件号码不一致", "contradicts the identity number"],
  "amounts-differ": ["大小写金额不一致", "amounts differ"],
  "period-reversed": ["起止日期颠倒", "period is reversed"],
  "type-differs": ["识别出的类型与提交的类型不同", "it looks like another type"],
  "holder-differs": ["证件号码与申请人不一致", "another holder's code"],
  "holder-name-differs": ["名称与申请人不一致", "another holder's name"],
  "valid-to-differs": ["截止日期与提交时不同", "another last day"],
  expired: ["已过期", "it is over"],
});
