/** Organisations of the exchange as those see them who let them in: what the routes answer, and words for it. */

import { pick } from "../../shared/pick.ts";

export type Kind = "government" | "enforcement" | "social";

export interface Party {
  readonly party_id: string;
  readonly kind: Kind;
  readonly name: string;
  readonly org_code: string;
  readonly division: string;
  readonly state: "active" | "suspended";
}

export interface Credential {
  readonly name: string;
  readonly kind: string;
  readonly thumbprint: string;
  readonly created_at: string;
  readonly not_after: string | null;
}

export interface PartyInFull extends Party {
  readonly contact: { readonly name: string; readonly phone: string; readonly email: string } | null;
  readonly clients: readonly { readonly client_id: string; readonly scopes: readonly string[]; readonly credentials: readonly Credential[] }[];
  readonly usage: readonly { readonly what: string; readonly used: number; readonly limit: number; readonly until: string }[];
}

export interface Application {
  readonly application_id: string;
  readonly state: "filed" | "open" | "approved" | "refused";
  readonly kind: Kind;
  readonly name: string;
  readonly org_code: string;
  readonly client_id: string;
  readonly scopes: readonly string[];
  readonly operators: Readonly<Record<string, readonly string[]>>;
  readonly basis: string;
  readonly keys: readonly string[];
  readonly certificates: readonly string[];
  readonly filed_by: string;
  readonly filed_at: string;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly reason: string | null;
  readonly party_id: string | null;
}

export interface Access {
  readonly access_request_id: string;
  readonly state: "open" | "overdue" | "approved" | "refused" | "ended";
  readonly organisation: string;
  readonly org_code: string;
  readonly provider: string;
  readonly type_code: string;
  readonly item_code: string;
  readonly purpose: string;
  readonly basis: string;
  readonly asked_at: string;
  readonly due_at: string;
  readonly answered_at: string | null;
  readonly reason: string | null;
}

export interface Report {
  readonly report_id: string;
  readonly client_id: string;
  readonly passed: boolean;
  readonly at: string;
  readonly steps: readonly { readonly name: string; readonly passed: boolean; readonly zh: string; readonly en: string; readonly seen?: string | null }[];
}

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
