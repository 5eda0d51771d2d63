/** Organisations of the exchange as those see them who let them in: what the routes answer, and words for it. */

import type { Schemas } from "../../shared/client.ts";
import { pick } from "../../shared/pick.ts";

export type Party = Schemas["PartyOut"];
export type Kind = Party["kind"];
export type PartyInFull = Schemas["FullPartyOut"];
export type Application = Schemas["ApplicationOut"];
export type Access = Schemas["AccessOut"];
export type Report = Schemas["SelfCheckOut"];

type Words = Readonly<Record<string, readonly [string, string]>>;
const said = (table: Words) => (code: string): string => {
  const found = table[code];
  return found ? pick(...found) : code;
};

export const KINDS: readonly Kind[] = ["government", "enforcement", "social"];
export const kindName = said({
  government: ["政务部门", "Department"],
  enforcement: ["执法机构", "Enforcement body"],
  social: ["社会化主体", "Social party"],
});

/** What each kind may be let do (`authz.onboarding.SCOPES`); the exchange refuses anything else. */
export const SCOPES: Readonly<Record<Kind, readonly string[]>> = {
  government: ["case", "use", "present", "evidence", "deposit", "register", "issue", "gather", "dispute"],
  enforcement: ["case", "use", "present", "evidence", "deposit"],
  social: ["case", "use", "present", "evidence"],
};
export const scopeName = said({
  case: ["办件", "Cases"],
  use: ["用证", "Uses"],
  deposit: ["归集材料", "Deposits"],
  present: ["验码", "Presentations"],
  register: ["登记目录", "Registers"],
  issue: ["制发证照", "Issuing"],
  gather: ["归集证照", "Gathering"],
  dispute: ["异议处理", "Disputes"],
  evidence: ["存证", "Evidence"],
  oversee: ["监督", "Oversight"],
});

export const amountName = said({
  requests_a_minute: ["每分钟请求", "Requests a minute"],
  tokens_a_minute: ["每分钟令牌", "Tokens a minute"],
  requests: ["每日请求", "Requests a day"],
  searches: ["每日查询", "Searches a day"],
  asks: ["每日征询", "Asks a day"],
  uses: ["每日用证", "Uses a day"],
  presentations: ["每日验码", "Presentations a day"],
  bytes: ["每日字节", "Bytes a day"],
});

export const accessState = said({
  open: ["待答复", "Open"],
  overdue: ["已逾期", "Overdue"],
  approved: ["已同意", "Approved"],
  refused: ["已拒绝", "Refused"],
  ended: ["已终止", "Ended"],
});
export const accessTone: Readonly<Record<string, "success" | "warning" | "danger" | "info">> = {
  open: "warning", overdue: "danger", approved: "success", refused: "info", ended: "info",
};

/** Days until a day, negative where it is past. */
export const daysLeft = (due: string): number => Math.ceil((Date.parse(due) - Date.now()) / 86_400_000);
