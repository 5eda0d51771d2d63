/** What the exchange answers, as far as the console shows it; member names as `docs/` has them. */

export interface Said {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
}

export interface Identifier {
  readonly type: string;
  readonly country?: string;
  readonly code: string;
}

export interface Holder {
  readonly kind: "person" | "organisation";
  readonly name: string;
  readonly identifiers: readonly Identifier[];
}

export interface Item {
  readonly item_code: string;
  readonly version: string;
  readonly name: string;
  readonly name_en: string;
  readonly applicant_kinds: readonly Holder["kind"][];
  readonly promise_days: number;
}

export interface ItemInFull extends Item {
  readonly roles: Readonly<Record<string, { readonly zh: string; readonly en: string }>>;
  readonly scenarios_in_full: readonly Said[];
}

export interface Question extends Said {
  readonly help: { readonly zh: string; readonly en: string };
  readonly choices: readonly Said[];
}

export interface Step {
  readonly next: Question | null;
  readonly left: number;
  readonly answers: Readonly<Record<string, string>>;
  readonly scenario?: Said;
  readonly materials?: readonly { readonly type_code: string; readonly name: string; readonly name_en: string; readonly need: string; readonly whose: string }[];
}

export interface Case {
  readonly case_no: string;
  readonly item_code: string;
  readonly scenario: string;
  readonly presence: string;
  readonly operator: string;
  readonly state: "draft" | "open" | "closed";
  readonly stage: string;
  readonly opened_at: string;
  readonly accepted_at: string | null;
  readonly due_at: string | null;
  readonly statutory_due_at: string | null;
  readonly send_backs: number;
  readonly closed_at: string | null;
  readonly decision: string | null;
  readonly entry_id: string;
}

export interface Line {
  readonly line: string;
  readonly type_code: string;
  readonly name: string;
  readonly name_en: string;
  readonly of: string;
  readonly need: "required" | "optional";
  readonly state: "supplied" | "offered" | "waiting" | "owed" | "missing";
  readonly route: Said | null;
  readonly evidence: Readonly<Record<string, string>>;
  readonly conditions: readonly Said[];
  readonly refused: readonly (Said & { readonly route: string })[];
}

export interface Checklist {
  readonly case_no: string;
  readonly item_code: string;
  readonly item: { readonly zh: string; readonly en: string };
  readonly at: string;
  readonly complete: boolean;
  readonly uploads: number;
  readonly states: Readonly<Record<Line["state"], number>>;
  readonly lines: readonly Line[];
}

export interface Batch {
  readonly batch_id: string;
  readonly state: "pending" | "answered" | "expired";
  readonly link: string;
  readonly expires_at: string;
  readonly asks: readonly { readonly ask_id: string; readonly state: string }[];
}

export interface Place {
  readonly page: number;
  /** Ten-thousandths of the page's width and height: x0, y0, x1, y1. */
  readonly box: readonly [number, number, number, number];
}

export interface FieldRead extends Place {
  readonly code: string;
  readonly name_zh?: string;
  readonly name_en?: string;
  readonly value: string;
  readonly confidence: number;
  readonly problems: readonly string[];
}

export interface Reading {
  readonly reading_id: string;
  readonly material_id: string;
  readonly state: "queued" | "read" | "failed" | "confirmed";
  readonly progress: { readonly pages: number | null; readonly done: number };
  readonly failure: string | null;
  readonly verify_level: string | null;
  readonly type?: { readonly type_code: string | null; readonly confidence: number } | null;
  readonly fields?: readonly FieldRead[];
  readonly missing?: readonly string[];
  readonly contradictions?: readonly { readonly problem: string; readonly field: string | null; readonly can_be_acknowledged: boolean }[];
  readonly confirmed?: Readonly<Record<string, string>> | null;
}

export interface Candidate {
  readonly value: string | readonly string[];
  readonly kind: string;
  readonly source: string;
  readonly entry_id: string | null;
  readonly as_of: string;
  readonly freshness: { readonly live: boolean; readonly age_days: number };
  readonly outdated: boolean;
}

export interface FormLine {
  readonly code: string;
  readonly name: string;
  readonly name_en: string;
  readonly kind: string;
  readonly state: string;
  readonly value: string | readonly string[] | null;
  readonly source: { readonly kind: string; readonly source?: string; readonly by?: string; readonly entry_id: string | null; readonly as_of: string } | null;
  readonly candidates: readonly Candidate[];
  readonly missing: readonly (Said & { readonly source: string })[];
}

export interface Form {
  readonly version: number;
  readonly complete: boolean;
  readonly prefilled: number;
  readonly total: number;
  readonly fields: readonly FormLine[];
  readonly asks?: readonly { readonly source: string; readonly type_code: string; readonly fields: readonly string[]; readonly of: string }[];
}

export interface Finding {
  readonly code: string;
  readonly rule?: unknown;
  readonly state: "passed" | "failed" | "unclear" | "not-applicable";
  readonly zh: string;
  readonly en: string;
  readonly what_to_do?: { readonly zh: string; readonly en: string } | null;
  readonly places: readonly { readonly material_id?: string; readonly type?: string; readonly field?: string; readonly page?: number }[];
  readonly digest: string;
  readonly values?: readonly Readonly<Record<string, unknown>>[];
  readonly resolution: { readonly verdict: "resolved" | "false-alarm"; readonly operator: string; readonly at: string; readonly reason?: string } | null;
}

export interface Review {
  readonly clean: boolean;
  readonly findings: readonly Finding[];
  readonly as_of: string;
}

/** How a state looks. */
export const tones = {
  supplied: "success", offered: "primary", waiting: "warning", owed: "warning", missing: "danger",
  passed: "success", failed: "danger", unclear: "warning", "not-applicable": "info",
} as const;
